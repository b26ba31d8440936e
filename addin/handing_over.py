"""Hand-over: cases on the sheet Collection are decided; what is to leave for an agency or a lawyer does, with its file, and gets no letters any more.

The files are written first, then the journal knows, then the workbook follows in one save: cut off anywhere, the same command finishes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from addin.documents import Writer, copies_of, payer_of, payers_by_key
from addin.entering import Entered, alone, commit, entered, reassess, stage
from addin.planning import periods_of
from addin.report import Report, count
from addin.runs import letter_folder, ready
from addin.sheets import payments_until, records_of, rules_of, run_of, settle, show_findings
from letter_templates.copies import Copies
from letter_templates.hand_over import hand_over_context
from letter_templates.names import document_name
from rules.assess import assess
from rules.charges import line_charges
from rules.collection import leaving
from rules.errors import ConfigError
from rules.findings import Finding
from rules.model import AssessedItem, CollectionCase, CollectionDecision, Event, HistoryEntry, Payer, Reason, Severity
from rules.review import letter_key, within
from rules.row import to_rows, typed
from rules.ruleset import Ruleset
from rules.standing import KEY, in_force, item_key, positions
from rules.statements import ACCOUNT, account_key
from rules.ways import Way
from rules.written import Amount
from workbook.book import Book
from workbook.journal import Journal
from workbook.writing import durable

FOLDER = "hand-over"
NAMED = 20  # missing enclosures that a finding names


@dataclass
class Over:
    """What is handed over: the lines with their claims and the credits deducted from them, one file for each payer and currency, and what a person
    should look at.
    """

    lines: pd.DataFrame  # AssessedItem with interest_minor, lump_sum_minor, fee_minor (0 on credits), file, sha256
    findings: list[Finding] = field(default_factory=list[Finding])


def hand_over(book: Book, as_of: date, *, dry_run: bool = False) -> Report:
    """Hands over the cases decided so: a file per payer and currency, and one history entry per line.

    What stands to the payer's credit is deducted and leaves with the cases, as the method says of credits. A case that is no longer one (paid,
    disputed, promised, blocked since) stays and is named in a finding; so do the cases of a payer whose credits cover them.
    """
    with alone(book, dry_run=dry_run) as journal:
        over = _chosen(book, as_of)
        what = None
        if len(over.lines) and not dry_run:
            book.check_writable()
            what = _staged(book, journal, over, as_of)
        show_findings(book, "hand-over", over.findings, as_of)
        return _report(over, changed=commit(book, journal, what), dry_run=dry_run)


def decide(
    book: Book, decision: CollectionDecision, *, payers: Sequence[str] = (), everything: bool = False, level: int | None = None, currency: str = "",
    at_least: Decimal | None = None, at_most: Decimal | None = None, note: str = "",
) -> Report:  # fmt: skip
    """Sets the decision of the cases on the sheet Collection that are not handed over yet: of some payers or all, by level, currency, open amount."""
    ready(book)
    cases = book.read(CollectionCase)
    waiting = cases["handed_over_on"].isna()
    if unknown := sorted(set(payers) - set(cases.loc[waiting, "payer"])):
        raise ConfigError(f"There is no case of the payer {unknown[0]!r} to decide. Take the number from the column Payer of the sheet Collection.")
    if not (payers or everything):
        raise ConfigError("Say whose cases: all, or some payers.")
    chosen = waiting & within(cases, "open_minor", level, currency, at_least, at_most)
    if payers:
        chosen &= cases["payer"].isin(list(payers))
    decided = cases.assign(
        decision=cases["decision"].astype(object).mask(chosen, str(decision)),
        decision_note=cases["decision_note"].mask(chosen, note) if note else cases["decision_note"],
    )
    book.replace(CollectionCase, typed(decided, CollectionCase))
    changed, number = book.save(), int(chosen.sum())
    ways: tuple[Way, ...] = ()
    sentence = f"{count(number, 'case')} on the sheet Collection set to {str(decision).replace('_', ' ')}."
    if not waiting.any():
        sentence, ways = (
            "There is no case on the sheet Collection. Propose first: lines that have had their last letter come there.",
            (Way("", of="propose"),),
        )
    elif number and decision is CollectionDecision.HAND_OVER:
        sentence, ways = f"{sentence} Hand them over next: they leave with their file.", (Way("", of="hand-over"),)
    return Report(sentence + ("" if changed else " Nothing changed."), {"decided": number}, changed=changed, ways=ways)


def _chosen(book: Book, as_of: date) -> Over:
    """The lines of the cases that are decided and still are cases."""
    rules, cases = rules_of(book), book.read(CollectionCase)
    wanted = cases[(cases["decision"] == CollectionDecision.HAND_OVER) & cases["handed_over_on"].isna()]
    settle(book, as_of)
    ledger = run_of(book, rules, as_of, alone=True).ledger
    at = positions(item_key(wanted), item_key(ledger))
    found = ledger.iloc[at[at >= 0]].reset_index(drop=True)
    still = (found["reason_code"] == Reason.COLLECT).to_numpy()
    told = [{"document": d, "payer": p, "reason": r} for d, p, r in found.loc[~still, ["document", "payer", "reason"]].itertuples(index=False)]
    gone = wanted[at < 0]
    told += [{"document": d, "payer": p, "reason": "–"} for d, p in gone[["document", "payer"]].itertuples(index=False)]
    findings = [Finding("case_over", Severity.WARNING, book.name, values) for values in told]
    leave = leaving(found[still], ledger)
    findings += [_covered(book, row) for row in leave.covered.to_dict("records")]
    claimed = leave.lines.assign(**_claims(book, leave.lines, rules, as_of))
    whole = pd.concat([claimed, leave.credits.assign(interest_minor=0, lump_sum_minor=0, fee_minor=0)], ignore_index=True)
    return Over(whole.assign(file="", sha256=""), findings)


def _covered(book: Book, account: dict[Any, Any]) -> Finding:
    """That the credits of an account come to as much as its cases."""
    claim, credits = Amount(account["claim_minor"], account["currency"]), Amount(-account["credits_minor"], account["currency"])
    values = {"payer": account["payer"], "count": account["lines"], "claim": claim, "credits": credits}
    return Finding("case_covered", Severity.WARNING, book.name, values)


def _claims(book: Book, lines: pd.DataFrame, rules: Ruleset, as_of: date) -> dict[str, pd.Series]:
    """Interest and lump sum of the lines to the day, at the level they reached; the fees that their letters charged for each."""
    records = records_of(book)
    mine = records.only(positions(item_key(lines), item_key(records.ledger)))
    charged, _ = line_charges(mine, assess(mine, rules, as_of), lines["level"].to_numpy(), rules, as_of)
    entries = in_force(records.history)
    fees = entries.groupby(item_key(entries).to_numpy())["fee_minor"].sum() if len(entries) else pd.Series(dtype="int64")
    claimed = fees.reindex(item_key(lines).to_numpy()).fillna(0).astype("int64")
    made = {name: pd.Series(charged[name].to_numpy(), index=lines.index) for name in ("interest_minor", "lump_sum_minor")}
    return made | {"fee_minor": pd.Series(claimed.to_numpy(), index=lines.index)}


def _staged(book: Book, journal: Journal, over: Over, as_of: date) -> Entered:
    """The files of the cases, then their entries on the sheets."""
    rules, history = rules_of(book), in_force(book.read(HistoryEntry))
    lines, copies = over.lines, copies_of(book)
    shown = periods_of(book, _as_lines(lines, as_of), rules, as_of)
    payers = payers_by_key(to_rows(book.read(Payer), Payer))
    accounts = lines.groupby(account_key(lines).to_numpy(), sort=False)
    for number, (_, mine) in enumerate(accounts, start=1):
        first = mine.iloc[0]
        payer, claims = payer_of(payers, first["company"], first["payer"], first["payer_name"]), mine[mine["open_minor"] > 0]
        stem = document_name(f"H{as_of:%Y%m%d}", payer.payer, payer.name, company=payer.company, parts=(first["currency"],)).removesuffix(".docx")
        writer = Writer(book, f"{FOLDER}/{stem}")
        told = history[positions(item_key(history), item_key(claims)) >= 0]
        folder, missing = letter_folder(book) / writer.where, list[str]()
        enclosed = [*_letters(book, told, folder, missing), *_invoices(copies, claims, folder, missing)]
        if missing:
            shown_files = ", ".join(missing[:NAMED]) + (" …" if len(missing) > NAMED else "")
            values = {"payer": payer.payer, "folder": writer.where, "count": len(missing), "files": shown_files}
            over.findings.append(Finding("enclosure_missing", Severity.WARNING, writer.where, values))
        key = letter_key(_as_lines(claims, as_of)).iloc[0]
        context = hand_over_context(
            payer, to_rows(typed(mine, AssessedItem), AssessedItem), to_rows(told, HistoryEntry), shown.get(key, ()), book.settings(), day=as_of,
            currency=first["currency"], letter_id="-".join(filter(None, (f"H{as_of:%Y%m%d}", payer.payer, first["currency"]))),
            interest_minor=int(mine["interest_minor"].sum()), lump_sum_minor=int(mine["lump_sum_minor"].sum()),
            fee_minor=int(mine["fee_minor"].sum()), enclosures=enclosed, payments_until=payments_until(book),
        )  # fmt: skip
        made = writer.write("hand_over", context, payer, f"H{as_of:%Y%m%d}", first["currency"])
        lines.loc[mine.index, ["file", "sha256"]] = [made.file, made.sha256]
        book.progress("hand-over", number, len(accounts))
    what = entered(book, journal, as_of, _entries(lines, as_of))
    stage(book, what)
    reassess(book, journal, as_of)
    return what


def _as_lines(lines: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The lines as the interest of letters is asked for: keyed as those of one letter per payer and currency."""
    return lines.assign(run=f"H{as_of:%Y%m%d}", part="")


def _entries(lines: pd.DataFrame, as_of: date) -> pd.DataFrame:
    kept = lines[[*KEY, "currency", "open_minor", "interest_minor", "fee_minor", "lump_sum_minor", "level", "reminders", "sha256"]]
    return typed(
        kept.assign(event=str(Event.HAND_OVER), date=pd.Timestamp(as_of), level_before=lines["level"], letter=lines["file"]), HistoryEntry
    )  # fmt: skip


def _letters(book: Book, told: pd.DataFrame, folder: Path, missing: list[str]) -> list[str]:
    """Copies of the letters that were sent about the lines, as they were sent; one that is not there as it was is `missing`."""
    letters = told[(told["event"] == Event.LETTER) & (told["letter"] != "")].drop_duplicates("letter")
    names: list[str] = []
    for file, sha256 in letters[["letter", "sha256"]].itertuples(index=False):
        path = letter_folder(book) / file
        content = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(content).hexdigest() != sha256:
            missing.append(path.name)
            continue
        names.append(_enclosed(folder, path.name, content))
    return names


def _invoices(copies: Copies | None, lines: pd.DataFrame, folder: Path, missing: list[str]) -> list[str]:
    """Copies of the invoices, found by their number; one that is not certain is left out and `missing`."""
    names: list[str] = []
    for line in lines.drop_duplicates("document").to_dict("records") if copies else ():
        dates = [d.date() for d in (line["document_date"], line["due_date"]) if not pd.isna(d)]
        found = copies.of(line["document"], (line["payer"], line["company"]), dates)
        if found.file is None:
            missing.append(str(line["document"]))
        else:
            names.append(_enclosed(folder, found.file.name, found.file.read_bytes()))
    return names


def _enclosed(folder: Path, name: str, content: bytes) -> str:
    durable(folder / name, content)
    return name


def _report(over: Over, *, changed: bool, dry_run: bool) -> Report:
    told = over.lines[[*KEY, "currency", "open_minor", "interest_minor", "lump_sum_minor", "fee_minor", "file"]]
    sums = ["open_minor", "interest_minor", "lump_sum_minor", "fee_minor"]
    totals = over.lines.groupby("currency", observed=True)[sums].sum().reset_index()
    files = over.lines.groupby(ACCOUNT, observed=True).ngroups
    credits = int((over.lines["open_minor"] < 0).sum())
    lines, written = count(len(over.lines) - credits, "line"), count(files, "file")
    sentence = f"To be handed over: {lines}, with {written}." if dry_run else f"{lines} handed over, {written} written."
    sentence += f" Deducted, and leaving with them: {count(credits, 'credit')}." if credits else ""
    if over.lines.empty:
        sentence = "Nothing to hand over: no case on the sheet Collection is set to hand over and still is one."
    facts = {"lines": len(over.lines) - credits, "credits": credits, "files": files}
    return Report(sentence, facts, {"handed over": told, "totals": totals}, over.findings, changed)
