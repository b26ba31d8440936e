"""Calls and undone letters enter the history: one record in the journal first, then the workbook in one save; what was cut off is told again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from addin.report import Report, count
from addin.runs import earliest, journal_of, missing, ready, refuse_contradictions
from addin.sheets import fact, note_facts, rules_of, run_of, settle, show_figures, show_run
from rules.merge import CLAIMED, claimed
from rules.model import AssessedItem, Call, CollectionCase, Event, HistoryEntry
from rules.propose import Run
from rules.row import columns, empty, to_frame, to_rows, typed
from rules.standing import in_force, item_key, positions, text_key
from rules.undo import levels_back
from workbook.book import Book
from workbook.journal import ENTERED, ISSUED, Journal

NAMED = 10  # payers; more are counted


@dataclass(frozen=True)
class Entered:
    """What one record of the journal tells: numbered history entries, the calls they come from, the letters whose fee is claimed no more."""

    number: str
    as_of: date
    entries: pd.DataFrame  # HistoryEntry
    calls: pd.DataFrame  # Call
    fees: tuple[str, ...] = ()


def entered(
    book: Book, journal: Journal, as_of: date, entries: pd.DataFrame, calls: pd.DataFrame | None = None, fees: tuple[str, ...] = ()
) -> Entered:  # fmt: skip
    """Entries that follow those of the history, under the number of the record to come."""
    history = book.read(HistoryEntry)
    number = f"E{as_of:%Y%m%d}-{len(journal.records) + 1:04}"
    first = int(history["entry"].max()) + 1 if len(history) else 1
    numbered = typed(entries.assign(entry=first + np.arange(len(entries)), run=number), HistoryEntry)
    return Entered(number, as_of, numbered, empty(Call) if calls is None else calls, fees)


def stage(book: Book, what: Entered) -> None:
    """Puts it on the sheets: the entries, the calls that are not there yet.

    What an undone letter did to the ledger goes with it: unpaid fees it claimed leave, levels set by hand that it used up come back.
    """
    if what.entries["undoes"].notna().any():
        book.replace(AssessedItem, levels_back(book.read(AssessedItem), book.read(HistoryEntry), what.entries))
    book.append(HistoryEntry, what.entries)
    if (what.entries["event"] == Event.HAND_OVER).any():
        book.replace(CollectionCase, _handed_over(book.read(CollectionCase), what.entries))
    book.append(Call, new_calls(book, what.calls))
    if what.fees:
        ledger = book.read(AssessedItem)
        theirs = claimed(ledger) & ledger["source"].isin([CLAIMED + letter for letter in what.fees]).to_numpy()
        untouched = (ledger["open_minor"] == ledger["original_minor"]).to_numpy()
        book.replace(AssessedItem, ledger[~(theirs & untouched)].reset_index(drop=True))


def _handed_over(cases: pd.DataFrame, entries: pd.DataFrame) -> pd.DataFrame:
    """The cases with day and file of what was handed over."""
    over = entries[entries["event"] == Event.HAND_OVER]
    at = positions(item_key(cases), item_key(over))
    day, file = (np.where(at >= 0, over[column].to_numpy(dtype=object)[at], None) for column in ("date", "letter"))
    said = cases["handed_over_on"].where(at < 0, pd.to_datetime(pd.Series(day, index=cases.index)))
    return typed(cases.assign(handed_over_on=said, file=cases["file"].where(at < 0, pd.Series(file, index=cases.index))), CollectionCase)


def new_calls(book: Book, calls: pd.DataFrame) -> pd.DataFrame:
    """Those that are not on the sheet."""
    names = [c.name for c in columns(Call)]
    return calls[~text_key(calls, names).isin(text_key(book.read(Call), names))]


def reassess(book: Book, journal: Journal, as_of: date) -> Run:
    """Brings what was agreed up to the date and shows every line as of it; not before the ledger and the last run."""
    shown = earliest(book, journal, as_of)
    settle(book, shown)
    run = run_of(book, rules_of(book), shown)
    show_run(book, run, shown)
    show_figures(book)
    return run


def fees_of(history: pd.DataFrame, taken: pd.DataFrame, journal: Journal) -> tuple[str, ...]:
    """The letters of which nothing stands any more: the fee they claimed goes with them."""
    standing = in_force(history)
    left = set(standing.loc[~standing["entry"].isin(taken["entry"]) & (standing["level"] > 0), "letter"])
    gone = {str(letter) for letter in taken["letter"] if letter and letter not in left}
    return tuple(str(r.facts["letter"]) for r in journal.records if r.kind == ISSUED and r.facts["file"] in gone)


def commit(book: Book, journal: Journal, what: Entered | None) -> bool:
    """The record, then the workbook, which knows the record; without entries the workbook alone."""
    if what is not None and len(what.entries):
        book.check_writable()
        entries, calls = (
            [row.model_dump(mode="json", exclude_defaults=True) for row in to_rows(frame, model)]
            for frame, model in ((what.entries, HistoryEntry), (what.calls, Call))
        )
        facts = {"workbook": fact(book, "workbook"), "as_of": what.as_of.isoformat(), "entries": entries, "calls": calls, "fees": list(what.fees)}
        journal.append(ENTERED, what.number, **facts)
        _note_head(book, journal)
    return book.save()


def _note_head(book: Book, journal: Journal) -> None:
    note_facts(
        book, {"journal_records": str(len(journal.records)), "journal_head": journal.head, "letter_folder": str(book.settings().letter_folder)}
    )


def tell_again(book: Book, journal: Journal, number: str) -> Report:
    """Enters what the journal tells under this number and the workbook does not hold, and saves."""
    facts = journal.of_run(number, ENTERED)[0].facts
    entries = to_frame([HistoryEntry.model_validate(e) for e in facts["entries"]], HistoryEntry)
    calls = to_frame([Call.model_validate(c) for c in facts["calls"]], Call)
    as_of = date.fromisoformat(facts["as_of"])
    stage(book, Entered(number, as_of, entries, calls, tuple(facts["fees"])))
    reassess(book, journal, as_of)
    _note_head(book, journal)
    changed = book.save()
    payers = sorted(set(entries["payer"]))
    who = f"the payer {', '.join(payers)}" if len(payers) < NAMED else count(len(payers), "payer")
    sentence = f"What was entered as {number} about {who} was not yet in this workbook and is now ({len(entries)} history lines)."
    return Report(sentence, {"run": number, "entries": len(entries), "letters": 0, "resumed": True}, changed=changed)


@contextmanager
def alone(book: Book, *, dry_run: bool) -> Iterator[Journal]:
    """The journal for what is about to be entered, with no other program beside this one and nothing untold; a dry run only looks at it."""
    if dry_run:
        yield ready(book)
        return
    refuse_contradictions(book, journal_of(book))
    with journal_of(book).alone() as journal:
        refuse_contradictions(book, journal)
        finish(book, journal)
        yield journal


def finish(book: Book, journal: Journal) -> list[Report]:
    """Tells the workbook what it does not hold, as long as these are calls and undone letters; a letter run is for `issue`. Raises HistoryError."""
    late = missing(book, journal)
    if late and all(journal.of_run(number, ENTERED) for number in late):
        return [tell_again(book, journal, number) for number in late]
    ready(book)
    return []
