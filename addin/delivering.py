"""Delivered: what became of letters enters the history; one that failed or came back is taken back with level, date, count and claimed fee."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from addin.entering import Entered, alone, commit, entered, fees_of, reassess, stage
from addin.report import Report, count
from rules.delivery import delivered
from rules.errors import HistoryError
from rules.merge import claimed
from rules.model import AssessedItem, Delivery, HistoryEntry
from rules.standing import UNDELIVERED
from rules.ways import Way
from workbook.book import Book
from workbook.journal import ISSUED, Journal


def deliver(
    book: Book, state: Delivery, as_of: date, *, run: str = "", letters: Sequence[str] = (), note: str = "", dry_run: bool = False
) -> Report:  # fmt: skip
    """Marks letters, or all of a run, as printed, sent, failed or returned. The same twice changes nothing.

    Without run and letters: the last run, when the state is printed or sent. `letters`: their numbers or file names. Raises HistoryError for a letter
    that is not there or was taken back, and when a letter that failed or came back is no longer the last of its lines.
    """
    with alone(book, dry_run=dry_run) as journal:
        files = _files(journal, run, letters, state)
        before = _fees(book)
        what = _staged(book, journal, files, state, as_of, note, by_name=bool(letters))
        unclaimed = before - _fees(book)
        changed = book.save() if dry_run else commit(book, journal, what)
    return _report(what, files, state, unclaimed, changed=changed)


def _fees(book: Book) -> int:
    """How many claimed fees are on the ledger."""
    return int(claimed(book.read(AssessedItem)).sum())


def _files(journal: Journal, run: str, letters: Sequence[str], state: Delivery) -> list[str]:
    """The files of the letters asked for."""
    issued = [r for r in journal.records if r.kind == ISSUED]
    if not issued:
        raise HistoryError("No letter was issued yet. Issue first.")
    if letters:
        known = {name: str(r.facts["file"]) for r in issued for name in (r.facts["letter"], r.facts["file"], Path(r.facts["file"]).name)}
        for letter in letters:
            if letter not in known:
                raise HistoryError(
                    f"There is no issued letter {letter!r}. Take its number from the letter, such as {issued[-1].facts['letter']}, or its file from "
                    "the column Letter of the history."
                )
        return list(dict.fromkeys(known[letter] for letter in letters))
    if not run and state in UNDELIVERED:
        raise HistoryError(f"Say which letter is {state}, or which whole run.", Way("letters", text=True), Way("run", text=True))
    wanted = run or issued[-1].run
    files = [str(r.facts["file"]) for r in issued if r.run == wanted]
    if not files:
        raise HistoryError(f"There is no issued run {run!r}. The last one is {issued[-1].run}.")
    return files


def _staged(
    book: Book, journal: Journal, files: Sequence[str], state: Delivery, as_of: date, note: str, *, by_name: bool
) -> Entered | None:  # fmt: skip
    """The entries on the sheets, with every line as it stands after them; None when all was told already."""
    history = book.read(HistoryEntry)
    entries = delivered(history, files, state, as_of, note)
    if by_name:
        _refuse_taken_back(history, files, state)
    if entries.empty:
        return None
    taken = history[history["entry"].isin(entries["undoes"].dropna())]
    what = entered(book, journal, as_of, entries, fees=fees_of(history, taken, journal))
    stage(book, what)
    if len(taken):
        reassess(book, journal, as_of)
    return what


def _refuse_taken_back(history: pd.DataFrame, files: Sequence[str], state: Delivery) -> None:
    """HistoryError for a letter named by hand that counts no more, unless the same was told of it already."""
    gone = history[history["letter"].isin(list(files)) & history["entry"].isin(history["undoes"].dropna())]
    left = history[history["letter"].isin(list(files)) & ~history["entry"].isin(history["undoes"].dropna()) & (history["event"] == "letter")]
    for row in gone[~gone["letter"].isin(left.loc[left["level"] > 0, "letter"])].drop_duplicates("letter").to_dict("records"):
        back = history[history["undoes"] == row["entry"]].iloc[0]
        if back["delivery"] != state:
            how = f"marked as {back['delivery']}" if back["delivery"] in UNDELIVERED else "taken back"
            raise HistoryError(
                f"The letter {row['letter']} was {how} on {back['date'].date()} and no longer counts, so it cannot be marked as {state}. If that was "
                "wrong, propose and issue it again."
            )


def _report(what: Entered | None, files: Sequence[str], state: Delivery, unclaimed: int, *, changed: bool) -> Report:
    told = 0 if what is None else what.entries["letter"].nunique()
    left = len(files) - told
    sentence = f"{count(told, 'letter')} marked as {state}."
    if what is not None and state in UNDELIVERED:
        lines = int((what.entries["level_before"] > 0).sum())
        sentence += f" Level, date and count of {count(lines, 'line')} are what they were before."
        sentence += f" No longer claimed: {count(unclaimed, 'fee')}." if unclaimed else ""
    if left:
        sentence += f" Marked so before, or taken back: {count(left, 'letter')}." + ("" if told else " Nothing changed.")
    entries = 0 if what is None else len(what.entries)
    facts = {"run": what.number if what else "", "letters": told, "left": left, "entries": entries, "fees": unclaimed}
    return Report(sentence, facts, changed=changed)
