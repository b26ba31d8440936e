"""Undo: the last letter or counted call of a payer or a document is taken back; level, date and count are what they were before it."""

from __future__ import annotations

from datetime import date
from typing import Any

from addin.entering import Entered, commit, entered, fees_of, finish, reassess, stage
from addin.report import Report, count
from addin.runs import journal_of, ready, refuse_contradictions
from addin.sheets import rules_of
from rules.errors import HistoryError
from rules.model import Event, HistoryEntry, ReasonUse
from rules.ruleset import Ruleset
from rules.standing import KEY
from rules.undo import taken_back, undo_entries
from workbook.book import Book
from workbook.journal import Journal


def undo(
    book: Book, payer: str, reason: str, as_of: date, *, company: str | None = None, document: str = "", instalment: str = "", currency: str = "",
    again: bool = False, dry_run: bool = False,
) -> Report:  # fmt: skip
    """Takes back the last reminder of the lines chosen: of all that the last letter or counted call to the payer was about, or of one document.

    `company` tells payers of one number in several companies apart.
    A second undo in a row would take back the reminder before: only with `again`. One that was cut off is finished, and nothing more is taken back.
    """
    chosen = {"company": company, "document": document, "instalment": instalment, "currency": currency}
    _refuse_reason(reason, rules_of(book))
    if dry_run:
        journal = ready(book)
        return _report(book, _staged(book, journal, payer, reason, as_of, chosen, again=again), changed=book.save())
    refuse_contradictions(book, journal_of(book))
    with journal_of(book).alone() as journal:
        refuse_contradictions(book, journal)
        if finished := finish(book, journal):
            return finished[-1]
        what = _staged(book, journal, payer, reason, as_of, chosen, again=again)
        return _report(book, what, changed=commit(book, journal, what))


def _staged(book: Book, journal: Journal, payer: str, reason: str, as_of: date, chosen: dict[str, Any], *, again: bool) -> Entered:
    """The undo on the sheets, with every line as it stands after it."""
    history = book.read(HistoryEntry)
    taken = taken_back(history, payer, as_of, **chosen, again=again)
    what = entered(book, journal, as_of, undo_entries(history, taken, reason, as_of), fees=fees_of(history, taken, journal))
    stage(book, what)
    reassess(book, journal, as_of)
    return what


def _report(book: Book, what: Entered, *, changed: bool) -> Report:
    first, lines = what.entries.iloc[0], int((what.entries["level_before"] > 0).sum())
    history = book.read(HistoryEntry)
    event, payer = history.loc[history["entry"] == first["undoes"], "event"].iloc[0], first["payer"]
    said = {Event.LETTER: f"letter {first['letter']} to", Event.CALL: "call to", Event.TAKE_OVER: "take-over of"}[Event(event)]
    sentence = f"The {said} the payer {payer} is taken back for {count(lines, 'line')}: level, date and count are as they were before it."
    told = what.entries[[*KEY, "currency", "level_before", "level", "reminders", "undoes"]]
    return Report(sentence, {"run": what.number, "lines": lines, "letter": str(first["letter"])}, {"undone": told}, changed=changed)


def _refuse_reason(reason: str, rules: Ruleset) -> None:
    codes = [r.code for r in rules.reasons if r.use is ReasonUse.UNDO]
    if codes and reason not in codes:
        raise HistoryError(f"The reason {reason!r} is not one for an undo on Config. Known reasons: {', '.join(codes)}. Choose one, or add it there.")
    if not reason.strip():
        raise HistoryError("An undo needs a reason: say why the letter is taken back.")
