"""Take-over: the levels and reminder dates of another tool, from the columns of an export or from an old list, enter the history.

Journaled first, like calls and undone letters; the same list twice changes nothing, a corrected list corrects. Lines this workbook reminded itself
stay as they are.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from addin.entering import Entered, alone, commit, entered, reassess, stage
from addin.report import Report, count
from addin.sheets import caps_of, rules_of, show_findings
from rules.errors import LedgerError
from rules.findings import Finding
from rules.model import AssessedItem, HistoryEntry, Payer, Severity
from rules.standing import KEY
from rules.take_over import FATES, Taken, taken_over
from workbook.book import Book
from workbook.journal import Journal
from workbook.ledgers.lists import read_list

SPOKEN = {
    "taken": "taken over", "known": "already taken over", "reminded": "reminded by this workbook since", "level_0": "without a level",
    "absent": "not among the open lines", "ambiguous": "of several payers", "later": "reminded after the as-of date",
}  # fmt: skip
LEVELS = ("company", "payer", "payer_name", "document", "instalment", "level", "last_reminder")


def take_over(book: Book, path: Path, as_of: date, *, fields: dict[str, str] | None = None, date_order: str = "", dry_run: bool = False) -> Report:
    """Takes over an old list: payer, document, level, date of the last reminder. `fields`: our field -> heading in the list.

    Raises LedgerError when the list names no document or no level; Unclear for what must be asked.
    """
    with alone(book, dry_run=dry_run) as journal:
        listed = read_list(path, LEVELS, needed=("document", "level"), said=fields or {}, date_order=date_order, as_of=as_of, caps=caps_of(book))
        if not len(book.read(AssessedItem)):
            raise LedgerError("The ledger is empty: import the export of the open items first, then take over their levels.")
        rows = listed.rows[~listed.unreadable].reset_index(drop=True)
        what, taken = taken_onto(book, journal, rows, as_of)
        findings = [*listed.findings, *findings_of(taken, rows, path.name)]
        run = reassess(book, journal, as_of)
        show_findings(book, "take-over", findings, as_of)
        changed = book.save() if dry_run else commit(book, journal, what)
    facts = {
        "rows": len(listed.rows),
        "unreadable": int(listed.unreadable.sum()),
        "fates": fates(taken),
        "run": what.number if what else "",
        "layout": listed.layout,
    }
    told = taken.entries[[*KEY, "currency", "open_minor", "level", "date"]]
    return Report(sentence(taken, changed=changed), facts, {"taken over": told, "lines by level": levels(run.ledger)}, findings, changed)


def taken_onto(book: Book, journal: Journal, listed: pd.DataFrame, as_of: date) -> tuple[Entered | None, Taken]:
    """Puts a list of levels into the history of the book, under the number of the record to come; None when there is nothing to enter."""
    frames = [book.read(model) for model in (AssessedItem, Payer, HistoryEntry)]
    taken = taken_over(listed, *frames, rules_of(book), as_of)
    if not len(taken.entries):
        return None, taken
    what = entered(book, journal, as_of, taken.entries)
    stage(book, what)
    return what, taken


def fates(taken: Taken) -> dict[str, int]:
    """How many rows of the list met each fate."""
    counted = taken.fates.value_counts()
    return {fate: int(counted[fate]) for fate in FATES if fate in counted}


def sentence(taken: Taken, *, changed: bool) -> str:
    """What the take-over did, in one sentence or two."""
    rest = ", ".join(f"{SPOKEN[fate]} {n:,}" for fate, n in fates(taken).items() if fate != "taken")
    said = f"The levels of {count(len(taken.entries), 'line')} are taken over." if len(taken.entries) else "No level was taken over."
    said += f" Other rows of the list: {rest}." if rest else ""
    return said + ("" if changed else " Nothing changed.")


def levels(ledger: pd.DataFrame) -> pd.DataFrame:
    """Lines with something to pay, and how much per currency, at each level."""
    counted = ledger[ledger["open_minor"] > 0].groupby(["level", "currency"], observed=True)["open_minor"].agg(lines="size", open_minor="sum")
    return counted.reset_index()


def findings_of(taken: Taken, listed: pd.DataFrame, place: str) -> list[Finding]:
    """What a person should look at: levels too high, rows without a date, rows that cannot be what they say."""
    values = {"lowered": taken.lowered, "undated": taken.undated}
    made = [Finding(f"take_over_{name}", Severity.NOTE, place=place, values={"count": n}) for name, n in values.items() if n]
    for fate in ("later", "ambiguous"):
        at = taken.fates.index[taken.fates == fate]
        if len(at):
            values = {"count": len(at), "document": listed["document"].iloc[int(at[0])]}
            made.append(Finding(f"take_over_{fate}", Severity.WARNING, place=place, values=values))
    return made
