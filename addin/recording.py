"""Record: what happened is read from a file, checked as a whole against the ledger, and put on its sheets; calls enter the history.

A payment dated after the ledger reduces what is open; one of the ledger's own day or before is in the export already, and tells interest alone when
the money came: it takes the place of what an import found missing. What stands on its sheet already is left out and said so, so that the same file
twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from addin.entering import Entered, commit, entered, finish, new_calls, reassess, stage
from addin.report import Report, count
from addin.runs import journal_of, ready, refuse_contradictions
from addin.sheets import exported_on, rules_of, run_of, settle
from rules.calls import called
from rules.contacts import current
from rules.errors import ConfigError, LedgerError
from rules.events_text import TABLES, AgreedDueDate, Block, Cap, Dispute, Events, ManualLevel, Places, from_csv, from_toml
from rules.model import AssessedItem, Call, Event, FollowUp, HistoryEntry, Instalment, Payer, Payment, Plan, Promise, ReasonUse
from rules.money import from_minor
from rules.noted import FOUND
from rules.plans import folded, lines_of_plans, of_plan
from rules.row import Row, columns, to_frame, typed
from rules.standing import KEY, document_key, item_key, payer_key, positions, text_key
from workbook.book import Book
from workbook.journal import Journal

USES = {Block: ReasonUse.BLOCK, Dispute: ReasonUse.DISPUTE, ManualLevel: ReasonUse.LEVEL}
SAID: dict[type[Row], dict[str, str]] = {  # column of the ledger -> field of the row
    Block: {"block": "reason", "block_until": "until"}, Dispute: {"dispute": "reason", "dispute_review": "review"},
    ManualLevel: {"manual_level": "level", "manual_reason": "reason"}, Cap: {"level_cap": "level"}, AgreedDueDate: {"agreed_due_date": "due_date"},
}  # fmt: skip
STATED = {"state", "done", "paid_minor", "source", "confirmation"}  # columns the program brings up to date: no part of what makes two rows the same


def record(book: Book, path: Path, as_of: date, *, table: str = "", dry_run: bool = False) -> Report:
    """Records the events of a TOML file, or the rows of a CSV for one table: all of them, or none when one is wrong.

    Raises ConfigError for a row that is not written as expected, LedgerError for one that does not fit the ledger.
    """
    events, places = _read(book, path, table)
    if dry_run:
        return _recorded(book, ready(book), events, places, path.name, as_of, dry_run=True)
    refuse_contradictions(book, journal_of(book))
    with journal_of(book).alone() as journal:
        refuse_contradictions(book, journal)
        finish(book, journal)
        return _recorded(book, journal, events, places, path.name, as_of, dry_run=False)


def _read(book: Book, path: Path, table: str) -> tuple[Events, Places]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"{path} is not there. Give the path of a TOML or CSV file in UTF-8.") from None
    except (OSError, UnicodeDecodeError) as wrong:
        raise ConfigError(f"{path} cannot be read as text ({wrong}). Give the path of a TOML or CSV file in UTF-8.") from None
    company = book.settings().company_currency
    return from_csv(text, table, company) if table or path.suffix.casefold() == ".csv" else from_toml(text, company)


@dataclass
class Given:
    """The rows of the file that are new, by their model; what is wrong with them; how many were there before."""

    frames: dict[type[Row], pd.DataFrame]
    where: dict[type[Row], list[str]]
    wrong: list[str]
    known: int = 0

    def refuse(self, row_model: type[Row], at: Sequence[int] | np.ndarray, text: str, column: str = "") -> None:
        """Notes the same fault of some rows. `column`: where it stands, when it is one."""
        self.wrong += [f"{self.place(row_model, int(i), column)}: {text}" for i in at]

    def place(self, row_model: type[Row], at: int, column: str) -> str:
        """Where the reader finds a row, or a cell of it."""
        return self.where[row_model][at]

    def refuse_wrong(self, advice: str = "Correct the file and give it again.") -> None:
        """LedgerError with everything that is wrong."""
        if self.wrong:
            raise LedgerError("\n".join(self.wrong) + f"\nNothing was recorded. {advice}")

    def without(self, row_model: type[Row], there: np.ndarray) -> None:
        """Leaves out rows that are there already."""
        self.known += int(there.sum())
        self.where[row_model] = [w for w, gone in zip(self.where[row_model], there, strict=True) if not gone]
        self.frames[row_model] = self.frames[row_model][~there].reset_index(drop=True)


def _recorded(book: Book, journal: Journal, events: Events, places: Places, source: str, as_of: date, *, dry_run: bool) -> Report:
    given = Given({m: to_frame(events.get(name, []), m) for name, m in TABLES.items()}, {m: places.get(name, []) for name, m in TABLES.items()}, [])
    given.frames[Payment] = given.frames[Payment].assign(source=source)
    rows = sum(len(frame) for frame in given.frames.values())
    check_names(book, given)
    _check_reasons(book, given)
    _check_dates(given, as_of)
    given.refuse_wrong()
    _leave_out_known(book, given)
    given.refuse_wrong()
    ledger = _said_on_lines(book, given)
    pay(book, given, folded(ledger))
    _agree(book, given)
    given.refuse_wrong()
    for row_model in (Promise, Plan, Instalment, FollowUp):
        book.append(row_model, given.frames[row_model])
    unfold(book, as_of, ledger)
    what = _call(book, journal, given, as_of)
    reassess(book, journal, as_of)
    changed = book.save() if dry_run else commit(book, journal, what)
    return _said(given, rows, what, changed)


def _said(given: Given, rows: int, what: Entered | None, changed: bool) -> Report:
    sizes = {name: len(given.frames[m]) for name, m in TABLES.items() if len(given.frames[m])}
    facts = {"rows": rows, "recorded": sizes, "known": given.known}
    sentence = "Nothing changed."
    if changed:
        sentence = "Recorded: " + (", ".join(count(n, name.replace("_", " ").removesuffix("s")) for name, n in sizes.items()) or "nothing new") + "."
    if given.known:
        sentence += (
            f" Left out, because the workbook has them already: {count(given.known, 'row')} (a second payment of one day needs its own reference)."
        )
    if what is not None:
        counted = int((what.entries["level"] > 0).sum())
        facts |= {"run": what.number, "counted": counted, "not_counted": len(what.entries) - counted}
        sentence += f" By the calls {count(counted, 'line')} rose a level; without counting: {len(what.entries) - counted:,}."
    return Report(sentence, facts, changed=changed)


# ---------------------------------------------------------------------------------------------------------------- does it fit the workbook


def check_names(book: Book, given: Given) -> None:
    """Payers, documents and instalments must be there; the fault names what is."""
    ledger, payers = book.read(AssessedItem), book.read(Payer)
    known = set(payer_key(ledger)) | set(payer_key(payers))
    for row_model, frame in given.frames.items():
        if row_model is Instalment or frame.empty:
            continue
        stranger = ~payer_key(frame).isin(known).to_numpy()
        for at in np.flatnonzero(stranger):
            payer, company = str(frame["payer"].iloc[at]), str(frame["company"].iloc[at])
            if theirs := sorted({*ledger["company"][ledger["payer"] == payer], *payers["company"][payers["payer"] == payer]}):
                named = ", ".join(repr(c) if c else "none" for c in theirs)
                said = f"the payer {payer!r} is of another company ({named}) than the row says ({repr(company) if company else 'none'}). Correct it."
                given.refuse(row_model, [at], said, "company")
                continue
            near = get_close_matches(payer, {*ledger["payer"], *payers["payer"]}, n=5)
            said = f"Payers like it: {', '.join(near)}." if near else f"The ledger has {ledger['payer'].nunique():,} payers, none like it."
            given.refuse(row_model, [at], f"there is no payer {payer!r}{f' in the company {company!r}' if company else ''}. {said}", "payer")
        for names in (KEY[:3], KEY):
            if names[-1] not in frame:
                continue
            named = (frame[names[-1]] != "").to_numpy() & (frame["document"] != "").to_numpy() & ~stranger
            absent = named & ~text_key(frame, names).isin(set(text_key(ledger, names))).to_numpy()
            for at in np.flatnonzero(absent):
                above = ledger[text_key(ledger, names[:-1]) == text_key(frame.iloc[[at]], names[:-1]).iloc[0]]
                there = ", ".join(repr(v) for v in above[names[-1]].unique()[:9]) or "none"
                given.refuse(row_model, [at], f"there is no {names[-1]} {frame[names[-1]].iloc[at]!r}. The ledger has here: {there}.", names[-1])
            stranger = stranger | absent


def _check_reasons(book: Book, given: Given) -> None:
    """Reason codes must be on Config, for their use; a level needs one."""
    rules = rules_of(book)
    for row_model, use in USES.items():
        codes = {r.code for r in rules.reasons if r.use is use}
        reason = given.frames[row_model]["reason"].astype("str")
        for at in np.flatnonzero((reason != "") & ~reason.isin(codes)):
            said = f"Known: {', '.join(sorted(codes)) or 'none'}; add it to the table Reasons on Config, or choose one of these"
            given.refuse(row_model, [at], f"reason is {reason.iloc[at]!r}, which is no reason for a {use} on Config. {said}.")
    levels = given.frames[ManualLevel]
    given.refuse(ManualLevel, np.flatnonzero((levels["level"] > 0) & (levels["reason"].astype("str") == "")), "a level set by hand needs a reason.")


def _check_dates(given: Given, as_of: date) -> None:
    """Nothing has happened after the as-of date; a promise or plan looks ahead."""
    for row_model in (Payment, Call, Promise, FollowUp):
        frame = given.frames[row_model]
        for at in np.flatnonzero(frame["date"] > pd.Timestamp(as_of)):
            given.refuse(row_model, [at], f"date is {frame['date'].iloc[at].date()}, after the as-of date {as_of}. Correct it, or the as-of date.")
    for row_model, name in ((Promise, "until"), (FollowUp, "action_date")):
        frame = given.frames[row_model]
        given.refuse(row_model, np.flatnonzero(frame[name] < frame["date"]), f"{name} lies before date.")
    nameless = given.frames[Promise]["amount_minor"].notna() & (given.frames[Promise]["currency"] == "")
    given.refuse(Promise, np.flatnonzero(nameless), "an amount needs its currency.")


def _leave_out_known(book: Book, given: Given) -> None:
    """Rows that stand on their sheet already are left out; the same row twice in the file is refused."""
    for row_model in (Payment, Call, Promise, FollowUp, Plan, Instalment):
        names = [c.name for c in columns(row_model) if c.name not in STATED]
        fresh, old = given.frames[row_model], book.read(row_model)
        key = text_key(fresh, names)
        given.refuse(row_model, np.flatnonzero(key.duplicated()), "the same row stands in the file before. Remove one, or tell them apart.")
        there = key.isin(set(text_key(old, names))).to_numpy()
        if row_model is Call:
            there = there & ~_taken_back(book, fresh)
        unique = {Plan: ["plan"], Instalment: ["plan", "instalment"]}.get(row_model)
        if unique:
            taken = text_key(fresh, unique).isin(set(text_key(old, unique))).to_numpy() | text_key(fresh, unique).duplicated().to_numpy()
            given.refuse(row_model, np.flatnonzero(taken & ~there), f"its {' and '.join(unique)} is taken by another row. Give it another name.")
        if not given.wrong:
            given.without(row_model, there)


def _taken_back(book: Book, calls: pd.DataFrame) -> np.ndarray:
    """Which calls are in the history and were all taken back there: the sheet Calls has them still, and they may be recorded again."""
    history, names = book.read(HistoryEntry), ["company", "payer", "date", "note"]
    told = history[history["event"] == Event.CALL]
    undone = told["entry"].isin(history["undoes"].dropna())
    stand, fell = (told[which] for which in (~undone, undone))
    taken = np.zeros(len(calls), dtype=bool)
    for document in (False, True):  # a call about one document, or about the payer
        keys = [text_key(frame, [*names, "document"] if document else names) for frame in (calls, fell, stand)]
        taken |= (keys[0].isin(keys[1]) & ~keys[0].isin(keys[2])).to_numpy() & ((calls["document"] != "").to_numpy() == document)
    return taken


# ---------------------------------------------------------------------------------------------------------------- what it does


def _said_on_lines(book: Book, given: Given) -> pd.DataFrame:
    """The ledger with blocks, disputes, levels, caps and due dates on their lines; blocks of a payer stand on the sheet Payers."""
    ledger = book.read(AssessedItem)
    for row_model, said in SAID.items():
        frame = given.frames[row_model]
        to_payer = (frame["document"] == "").to_numpy()
        _block_payers(book, frame[to_payer])
        frame = frame[~to_payer].reset_index(drop=True)
        if frame.empty:
            continue
        left = pd.DataFrame({"key": document_key(frame), "row": np.arange(len(frame)), "wanted": frame["instalment"]})
        there = np.flatnonzero(document_key(ledger).isin(left["key"]))
        lines = pd.DataFrame({"key": document_key(ledger.iloc[there]).to_numpy(), "line": there, "has": ledger["instalment"].to_numpy()[there]})
        both = left.merge(lines, on="key")
        both = both[(both["wanted"] == "") | (both["wanted"] == both["has"])].drop_duplicates("line", keep="last")
        for column, field in said.items():
            values = frame[field].iloc[both["row"]]
            if field == "level":
                values = values.astype("Int64").mask(values == 0)
            elif field != "reason" and "reason" in said.values():
                values = values.mask((frame["reason"].astype("str") == "").iloc[both["row"]])
            cells = ledger[column].astype("object").to_numpy(copy=True)
            cells[both["line"]] = values.astype("object").to_numpy()
            kind = next(c for c in columns(AssessedItem) if c.name == column)
            ledger[column] = pd.Series(cells, index=ledger.index).astype(kind.dtype)
    return ledger


def _block_payers(book: Book, blocks: pd.DataFrame) -> None:
    """Puts blocks on the sheet Payers, which gets a row for a payer it does not have."""
    if blocks.empty:
        return
    payers = book.read(Payer)
    blocks = blocks.drop_duplicates(["company", "payer"], keep="last")
    fresh = blocks[~payer_key(blocks).isin(payer_key(payers))]
    payers = pd.concat([payers.astype({"block": "str"}), typed(fresh[["company", "payer"]], Payer)], ignore_index=True)
    at, reason = positions(payer_key(blocks), payer_key(payers)), blocks["reason"].astype("str")
    block, until = payers["block"].astype("object"), payers["block_until"].copy()
    block.iloc[at], until.iloc[at] = reason.to_numpy(), blocks["until"].mask(reason == "").to_numpy()
    book.replace(Payer, typed(payers.assign(block=block, block_until=until), Payer))


def pay(book: Book, given: Given, ledger: pd.DataFrame) -> None:
    """Payments on their sheet, and off the lines of the folded ledger when they are later than it."""
    payments, before = given.frames[Payment], book.read(Payment)
    if len(payments):
        whole = book.read(AssessedItem)
        to_plan = item_key(payments).isin(item_key(whole[of_plan(whole)])).to_numpy()
        double = document_key(ledger)[document_key(ledger).duplicated()]
        several = (
            (payments["instalment"] == "").to_numpy() & document_key(payments).isin(double).to_numpy() & ~item_key(payments).isin(item_key(ledger))
        )
        given.refuse(Payment, np.flatnonzero(several), "the document has several lines: name the instalment that was paid.", "instalment")
        at = np.where(to_plan | ~item_key(payments).isin(item_key(ledger)), positions(document_key(payments), document_key(ledger)),
                      positions(item_key(payments), item_key(ledger)))  # fmt: skip
        payments = payments.assign(instalment=ledger["instalment"].to_numpy()[at])
        owed, whole = (ledger[name].to_numpy()[at] for name in ("open_minor", "original_minor"))
        sign = np.where(np.where(owed != 0, owed, whole) < 0, -1, 1)
        wrong = sign * payments["amount_minor"].to_numpy() <= 0
        for i in np.flatnonzero(wrong):
            amount = from_minor(int(payments["amount_minor"].iloc[i]), str(payments["currency"].iloc[i]))
            said = "above 0" if sign[i] > 0 else "below 0, for the document is a credit: what is used of it"
            given.refuse(Payment, [i], f"amount is {amount:f}; expected an amount {said}.", "amount_minor")
        other = payments["currency"].to_numpy() != ledger["currency"].to_numpy()[at]
        for i in np.flatnonzero(other):
            given.refuse(Payment, [i], f"currency is {payments['currency'].iloc[i]}; the line is in {ledger['currency'].iloc[at[i]]}.", "currency")
        last = exported_on(book, payments["company"])
        later = ((payments["date"] > last) | last.isna()).to_numpy()
        amount, open_minor = payments["amount_minor"].to_numpy(), ledger["open_minor"].to_numpy(copy=True)
        for i in np.flatnonzero(later & ~other & ~wrong):
            left, currency = int(open_minor[at[i]]), str(payments["currency"].iloc[i])
            if abs(amount[i]) > abs(left):
                said = f"{from_minor(int(amount[i]), currency)} {currency} is more than the {from_minor(left, currency)} open. Correct the amount"
                advice = "; enter what is too much as a payment in the accounting system" if sign[i] > 0 else ""
                given.refuse(Payment, [i], f"{said}{advice}.", "amount_minor")
            else:
                open_minor[at[i]] -= amount[i]
        ledger = ledger.assign(open_minor=open_minor)
        before = _displaced(before, payments[~later])
        given.frames[Payment] = payments
    book.replace(AssessedItem, ledger)
    book.replace(Payment, typed(pd.concat([before.astype({"source": "str"}), payments], ignore_index=True), Payment))


def unfold(book: Book, as_of: date, before: pd.DataFrame) -> None:
    """The instalments of running plans in the ledger again, after payments; `before`: the ledger with what people typed on them."""
    told = current(book.read(AssessedItem), *(book.read(m) for m in (Promise, Plan, Instalment, FollowUp, Payment)), as_of, before=before)
    book.replace(AssessedItem, typed(told.ledger, AssessedItem))


def _displaced(before: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """The payments without what an import found on the same line and is now told with its own date: the money came in once."""
    amount = before["amount_minor"].to_numpy(copy=True)
    found, key = ((before["source"] == FOUND) & (before["amount_minor"] > 0)).to_numpy(), item_key(before)
    for mine, on, came in zip(item_key(told), told["date"], told["amount_minor"], strict=True):
        for at in np.flatnonzero(found & (key == mine).to_numpy() & (before["date"] >= on).to_numpy()):
            part = min(int(amount[at]), int(came))
            amount[at] -= part
            came -= part
    return before.assign(amount_minor=amount)[amount != 0].reset_index(drop=True)


def _agree(book: Book, given: Given) -> None:
    """A new plan must be one that can be told, and ask for no more than is open."""
    fresh = given.frames[Plan]
    plans = pd.concat([book.read(Plan).astype({"state": "str"}), fresh.astype({"state": "str"})], ignore_index=True)
    dues = pd.concat([book.read(Instalment), given.frames[Instalment]], ignore_index=True)
    nameless = ~given.frames[Instalment]["plan"].astype("str").isin(set(plans["plan"]))
    given.refuse(Instalment, np.flatnonzero(nameless), "there is no plan of this name, in the file or on the sheet Plans.")
    if fresh.empty:
        return
    ledger = folded(book.read(AssessedItem))
    line = lines_of_plans(ledger, plans, dues)[len(plans) - len(fresh) :]
    why = "the plan has no instalments, or several currencies, or its document has another running plan, several lines or another currency."
    given.refuse(Plan, np.flatnonzero(line < 0), why)
    asked = dues.groupby(dues["plan"].astype("str"))["amount_minor"].sum().reindex(fresh["plan"]).to_numpy()
    for at in np.flatnonzero((line >= 0) & (asked > np.append(ledger["open_minor"].to_numpy(), 0)[line])):
        currency, left = str(ledger["currency"].iloc[line[at]]), int(ledger["open_minor"].iloc[line[at]])
        said = f"its instalments come to {from_minor(int(asked[at]), currency)} {currency}"
        given.refuse(Plan, [at], f"{said}, but the document has {from_minor(left, currency)} open.")


def _call(book: Book, journal: Journal, given: Given, as_of: date) -> Entered | None:
    """The calls on their sheet, and what they do to the lines as of their day into the history; None when that is nothing."""
    calls = given.frames[Call].sort_values("date", kind="stable")
    rules, payers = rules_of(book), book.read(Payer)
    settle(book, as_of)
    history, parts = book.read(HistoryEntry), list[pd.DataFrame]()
    for day, of_day in calls.groupby("date"):
        assessed = run_of(book, rules, pd.Timestamp(day).date(), alone=True).ledger
        part = called(of_day.reset_index(drop=True), assessed, payers, rules)
        if len(part):
            parts.append(part)
            book.replace(HistoryEntry, pd.concat([history, entered(book, journal, as_of, pd.concat(parts)).entries], ignore_index=True))
    book.replace(HistoryEntry, history)
    if not parts:
        book.append(Call, new_calls(book, calls))
        return None
    what = entered(book, journal, as_of, pd.concat(parts, ignore_index=True), calls)
    stage(book, what)
    return what
