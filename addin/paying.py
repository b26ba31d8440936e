"""Payments: the receipts of bank statements go onto their sheet; what they pay exactly is applied at once, the rest when a person says so.

Applied is a row of the sheet Payments and less open on the ledger, by the same code as a recorded payment. A receipt has the same number in whatever
file it comes again, so that a statement read twice changes nothing; a payment carries the number as its reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from addin.entering import reassess
from addin.recording import Given, check_names, pay, unfold
from addin.report import Report, count
from addin.runs import ready
from addin.sheets import caps_of, day_of, exported_on, fact, note_facts, payments_until, show_findings
from rules.dates import working_day
from rules.errors import LedgerError
from rules.findings import Finding
from rules.merge import stacked
from rules.model import AssessedItem, Event, HistoryEntry, Match, Payer, Payment, Receipt, ReceiptState, Severity
from rules.money import from_minor
from rules.plans import folded
from rules.receipts import matched, payable, quoted, undecided
from rules.row import Row, empty, typed
from rules.standing import KEY, document_key, in_force, joined, positions, text_key
from rules.ways import Way
from rules.written import Amount, first_few
from workbook.bank import Statements, only, read_statements
from workbook.book import Book

SHOWN = ["date", "currency", "received_minor", "debtor", "match", "payer", "document", "amount_minor", "state", "why"]
ADVICE = "Correct the sheet of the bank receipts, or set the state of the row back to open."


def take_payments(
    book: Book, paths: Sequence[Path], as_of: date, *, apply: bool = False, date_order: str = "", decimal_mark: str = ""
) -> Report:  # fmt: skip
    """Reads bank statements onto the sheet of the receipts and applies what is exact; `apply`: what people set to "apply" as well.

    Raises LedgerError when a file cannot be read, when there is no ledger yet, or naming the rows that cannot be applied: then nothing is.
    """
    journal = ready(book)
    last = day_of(fact(book, "ledger_as_of"))
    if last is None:
        raise LedgerError("The workbook has no ledger yet. Import it first, so that payments can find their documents.", Way("", of="import"))
    before, until = book.read(AssessedItem), payments_until(book) or last
    decided = _apply(book, np.flatnonzero(book.read(Receipt)["state"].astype("str") == ReceiptState.APPLY), as_of) if apply else 0
    facts, rows, findings, exact = {"decided": decided}, empty(Receipt).assign(verdict=""), list[Finding](), 0
    sentence = f"Applied as decided: {count(decided, 'row')} of the receipts."
    if paths:
        read = _read(book, paths, as_of, date_order, decimal_mark)
        rows, known, late = _new_rows(book, read, as_of, last)
        facts |= _facts(rows, known, late, read)
        sentence = f"{_sentence(facts, paths)} {sentence}" if decided else _sentence(facts, paths)
        exact = _apply(book, _put(book, rows), as_of)
        findings = [*read.findings, *_later(late, as_of), *_gap(read, until, book.settings().company_country)]
        until = max(until, min(read.last or until, as_of))
        note_facts(book, {"payments_until": until.isoformat()})
    if len(rows) or decided:
        findings += _remarks(book, rows, last, until)
        show_findings(book, "payments", findings, as_of)
    if decided or exact:
        unfold(book, as_of, before)
        reassess(book, journal, as_of)
    changed = book.save()
    table = rows.assign(state=_states(book, rows))[SHOWN]
    return Report(sentence if changed else f"{sentence} Nothing changed.", facts, {"receipts": table}, findings, changed)


def _read(book: Book, paths: Sequence[Path], as_of: date, date_order: str, decimal_mark: str) -> Statements:
    if mine := [path for path in paths if path.resolve() == (book.folder / book.name).resolve()]:
        raise LedgerError(f"{mine[0].name} is this workbook itself. Give the statement of the bank.")
    book.progress("read", 0, 1)
    company, caps = book.settings().company_currency, caps_of(book)
    read = read_statements(paths, caps=caps, as_of=as_of, company_currency=company, date_order=date_order, decimal_mark=decimal_mark)
    book.progress("read", 1, 1)
    return read


# ---------------------------------------------------------------------------------------------------------------- onto the sheet


def _new_rows(book: Book, read: Statements, as_of: date, last: date) -> tuple[pd.DataFrame, int, int]:
    """Rows for the receipts that are not on the sheet, or stand there with nothing found; how many others stand there; how many came later."""
    sheet, ledger, lines = book.read(Receipt), book.read(AssessedItem), read.entries.lines
    again = undecided(sheet)
    sure = lines["receipt"].isin({*sheet["receipt"][~again], *book.read(Payment)["reference"]})
    late = (lines["booked_on"] > pd.Timestamp(as_of)) | (lines["date"] > pd.Timestamp(as_of))
    items, history = payable(ledger), in_force(book.read(HistoryEntry))
    letters = quoted(items, history[history["event"] == Event.LETTER])
    rows = matched(only(read.entries, ~sure & ~late), items, book.read(Payer), letters, last, book.language, exported_on(book, items["company"]))
    silent = (rows["match"].astype("str") == Match.NONE) & (rows["state"].astype("str") == ReceiptState.OPEN)
    rows = rows[~(silent & rows["receipt"].isin(sheet["receipt"]))].reset_index(drop=True)
    return rows, int((~late).sum()) - rows["receipt"].nunique(), int(late.sum())


def _put(book: Book, rows: pd.DataFrame) -> np.ndarray:
    """Puts new rows on the sheet, in place of those on which nothing was found; answers the positions of those to apply."""
    if not len(rows):
        return np.zeros(0, dtype="int64")
    sheet = book.read(Receipt)
    kept = sheet[~sheet["receipt"].isin(rows["receipt"])]
    whole = stacked([kept, rows], Receipt)
    book.replace(Receipt, whole)
    new = np.arange(len(whole)) >= len(kept)
    return np.flatnonzero(new & (whole["state"].astype("str") == ReceiptState.APPLY).to_numpy())


# ---------------------------------------------------------------------------------------------------------------- applied


@dataclass(kw_only=True)
class OnSheet(Given):
    """Rows of the sheet of the receipts that are to be applied. `at`: their positions; `where`: their numbers."""

    book: Book
    at: np.ndarray

    def place(self, row_model: type[Row], at: int, column: str) -> str:
        """The cell, and the receipt it belongs to."""
        return f"{self.book.place(Receipt, int(self.at[at]), column or 'document')} ({self.where[row_model][at]})"


def _apply(book: Book, at: np.ndarray, as_of: date) -> int:
    """Applies rows of the sheet: payments on theirs, less open on the ledger; answers how many. Raises LedgerError naming those that cannot be."""
    if not len(at):
        return 0
    sheet, ledger = book.read(Receipt), folded(book.read(AssessedItem))
    rows = _completed(sheet.iloc[at].reset_index(drop=True), sheet, ledger)
    payments = typed(rows[[*KEY, "date", "currency", "amount_minor"]].assign(reference=rows["receipt"], source=rows["file"]), Payment)
    there = [*KEY, "reference"]
    known = text_key(payments, there).isin(set(text_key(book.read(Payment), there))).to_numpy()
    given = OnSheet({Payment: payments[~known].reset_index(drop=True)}, {Payment: list(rows["receipt"][~known])}, [], book=book, at=at[~known])
    _check(book, given, rows[~known].reset_index(drop=True), ledger, as_of)
    given.refuse_wrong(ADVICE)
    check_names(book, given)
    given.refuse_wrong(ADVICE)
    if not known.all():
        pay(book, given, ledger)
    given.refuse_wrong(ADVICE)
    state = sheet["state"].astype("object").to_numpy(copy=True)
    state[at] = str(ReceiptState.APPLIED)
    changed = {name: sheet[name].astype("object").to_numpy(copy=True) for name in (*KEY, "amount_minor")}
    for name, cells in changed.items():
        cells[at] = rows[name].to_numpy(dtype=object)
    book.replace(Receipt, typed(sheet.assign(state=state, **changed), Receipt))
    return int((~known).sum())


def _completed(rows: pd.DataFrame, sheet: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Rows with what a person may leave out: company and payer, when the document tells them; the amount, when it is what is left and open."""
    lacking = ~document_key(rows).isin(document_key(ledger)).to_numpy() & (rows["company"] == "").to_numpy()
    for names in (["payer", "document"], ["document"]):
        of = ledger.drop_duplicates(KEY[:3])
        mine, key = joined(rows, names), joined(of, names)
        there = positions(mine, key[~key.duplicated(keep=False)])
        usable = lacking & (there >= 0) & ((rows["payer"] == "").to_numpy() | ("payer" in names)) & (rows["document"] != "").to_numpy()
        one = of[~key.duplicated(keep=False).to_numpy()]
        for name in ("company", "payer"):
            rows[name] = pd.Series(np.where(usable, np.append(one[name].to_numpy(dtype=object), "")[there], rows[name]), dtype="str")
        lacking &= ~usable
    used = sheet["amount_minor"].where(sheet["state"].astype("str").isin([ReceiptState.APPLY, ReceiptState.APPLIED]), 0)
    left = rows["received_minor"] - used.groupby(sheet["receipt"]).sum().reindex(rows["receipt"]).to_numpy()
    there, blank = positions(document_key(rows), document_key(ledger)), (rows["amount_minor"] == 0).to_numpy()
    owed = pd.Series(np.append(ledger["open_minor"].to_numpy(), 0)[there], index=rows.index)
    left -= owed.where(blank, 0).clip(upper=0).groupby(rows["receipt"]).transform("sum")  # a credit is used whole
    said = np.where(there >= 0, np.minimum(left.clip(lower=0), owed), left)
    return rows.assign(amount_minor=rows["amount_minor"].where(~blank, said))


def _check(book: Book, given: Given, rows: pd.DataFrame, ledger: pd.DataFrame, as_of: date) -> None:
    """What only a receipt can have wrong: no document, nobody who paid, money that went back, more than came, a day after the as-of date."""
    back, nothing = (rows["received_minor"] <= 0).to_numpy(), (rows["document"] == "").to_numpy()
    said = "money that went back is never applied. Take the payment back in the accounting system, and import the ledger again"
    given.refuse(Payment, np.flatnonzero(back), f"{said}.", "received_minor")
    given.refuse(Payment, np.flatnonzero(nothing & ~back), "no document is named. Enter the number of the document it pays.")
    rest = ~back & ~nothing
    nobody = (rows["payer"] == "").to_numpy() & rest
    for i in np.flatnonzero(nobody):
        document = str(rows["document"].iloc[i])
        theirs = ledger[ledger["document"] == document].drop_duplicates(KEY[:2])
        if theirs.empty:
            given.refuse(Payment, [i], f"the ledger has no document {document!r}. Enter the number of an open document, and its payer.")
        else:
            said = f"the payer is missing, and several have a document {document!r}: {first_few(theirs['payer'])}"
            given.refuse(Payment, [i], f"{said}. Enter the account number of the one who paid.", "payer")
    rest &= ~nobody
    said = "nothing is applied: the receipt is spent, or the document has nothing open. Enter the amount, or set the state of the row to dismissed."
    given.refuse(Payment, np.flatnonzero((rows["amount_minor"] == 0).to_numpy() & rest), said, "amount_minor")
    after = (rows["date"] > pd.Timestamp(as_of)).to_numpy()
    given.refuse(Payment, np.flatnonzero(after & rest), f"it came after the as-of date {as_of}. Correct the as-of date.", "date")
    payments = book.read(Payment)
    spent = payments.groupby("reference")["amount_minor"].sum().reindex(rows["receipt"]).fillna(0).to_numpy()
    asked = rows.groupby("receipt")["amount_minor"].transform("sum").to_numpy() + spent
    for i in np.flatnonzero((asked > rows["received_minor"].to_numpy()) & rest):
        currency = str(rows["currency"].iloc[i])
        much, came = (f"{from_minor(int(v), currency)} {currency}" for v in (asked[i], rows["received_minor"].iloc[i]))
        given.refuse(Payment, [i], f"{much} of this receipt would be applied, but {came} came. Correct the amounts of its rows.", "amount_minor")
    credit = np.append(ledger["open_minor"].to_numpy(), 0)[positions(document_key(rows), document_key(ledger))] < 0
    said = "more of credits would be used than this receipt pays. Correct the amounts of its rows, or add the document that the credit is used for."
    given.refuse(Payment, np.flatnonzero((asked < 0) & credit & rest), said, "amount_minor")


# ---------------------------------------------------------------------------------------------------------------- what is told


def _states(book: Book, rows: pd.DataFrame) -> Any:
    """The states of new rows as they stand on the sheet now."""
    return book.read(Receipt)["state"].astype("str").tail(len(rows)).to_numpy() if len(rows) else rows["state"]


def _facts(rows: pd.DataFrame, known: int, late: int, read: Statements) -> dict[str, Any]:
    """How many receipts there are of each fate."""
    unposted = _unposted(rows).to_numpy(dtype=bool)
    by = rows.assign(unposted=unposted).drop_duplicates("receipt")
    state, found = by["state"].astype("str"), by["match"].astype("str") != Match.NONE
    waits = state == ReceiptState.OPEN
    return {
        "receipts": len(by), "applied": int((state == ReceiptState.APPLY).sum()), "proposed": int((waits & found).sum()),
        "not_found": int((waits & ~found).sum()), "in_export": int(((state == ReceiptState.DISMISSED) & ~by["unposted"]).sum()),
        "unposted": int(by["unposted"].sum()), "known": known, "later": late,
        "money_out": read.money_out, "not_booked": read.not_booked,
    }  # fmt: skip


def _sentence(facts: dict[str, Any], paths: Sequence[Path]) -> str:
    said = {
        "applied": "applied", "proposed": "proposed", "not_found": "without a document", "in_export": "in the export already",
        "unposted": "to be posted",
        "known": "known already",
        "later": "after the as-of date, left out",
        "money_out": "money that went out, left out",
    }  # fmt: skip
    parts = [f"{text} {facts[name]:,}" for name, text in said.items() if facts[name]]
    told = f"{', '.join(path.name for path in paths)}: {count(facts['receipts'], 'new receipt')}{' - ' if parts else ''}{', '.join(parts)}."
    return told + (" Decide the others on the sheet, then apply them." if facts["proposed"] or facts["not_found"] else "")


def _remarks(book: Book, rows: pd.DataFrame, last: date, until: date) -> list[Finding]:
    """What a person should look at: receipts to decide, chargebacks, documents that the accounting system has not posted as paid."""
    sheet = book.read(Receipt)
    undone = sheet[(sheet["state"].astype("str") == ReceiptState.OPEN) & (sheet["date"] > pd.Timestamp(last))]
    back, unposted, early = undone["received_minor"] < 0, _unposted(rows), rows["state"].astype("str") == ReceiptState.DISMISSED
    made = [
        ("receipts_open", Severity.WARNING, undone[~back].drop_duplicates("receipt"), {"until": until}),
        ("receipts_back", Severity.WARNING, undone[back], {}),
        ("receipts_unposted", Severity.WARNING, rows[unposted], {"ledger": last}),
        ("receipts_in_export", Severity.NOTE, rows[early & ~unposted], {"ledger": last}),
    ]
    return [
        Finding(code, severity, values={"count": frame["receipt"].nunique(), **_called(frame.iloc[0]), **more})
        for code, severity, frame, more in made if len(frame)
    ]  # fmt: skip


def _unposted(rows: pd.DataFrame) -> pd.Series[Any]:
    """Rows of receipts that the export should have and has not: their documents still have just the amount open."""
    return (rows["verdict"] == "unposted").groupby(rows["receipt"]).transform("any")


def _later(late: int, as_of: date) -> list[Finding]:
    """A note when receipts came after the as-of date."""
    return [Finding("receipts_later", Severity.NOTE, values={"count": late, "as_of": as_of})] if late else []


def _called(row: pd.Series) -> dict[str, Any]:
    """A receipt in words: day, amount, name."""
    return {"date": row["date"].date(), "amount": Amount(int(row["received_minor"]), str(row["currency"])), "debtor": row["debtor"] or row["receipt"]}


def _gap(read: Statements, until: date, country: str) -> list[Finding]:
    """A warning when working days lie between what the ledger knows and the first statement: a statement is missing."""
    following = working_day(until + timedelta(days=1), country)
    if read.first is None or read.first <= following:
        return []
    values = {"first": following, "last": read.first - timedelta(days=1)}
    return [Finding("receipts_gap", Severity.WARNING, values=values)]
