"""Workbook and journal tell the same story, or nothing may change: the gate before every command that writes."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

from addin.sheets import day_of, fact, folder_of
from rules.errors import HistoryError
from rules.findings import Finding
from rules.model import Event, HistoryEntry, Severity
from workbook.book import Book
from workbook.journal import ENTERED, ISSUED, PLANNED, START, Journal

JOURNAL = "journal.jsonl"
PLAN, TEMPLATES = "plan.json", "templates"  # in the folder of a run: what its letters say, and what they were made with
# Events of the history that have a record in the journal.
TOLD = (Event.LETTER, Event.CALL, Event.UNDO, Event.DELIVERY, Event.TAKE_OVER, Event.HAND_OVER)


def letter_folder(book: Book) -> Path:
    """Where runs and the journal lie."""
    return folder_of(book, "letter_folder")


def journal_of(book: Book) -> Journal:
    """The journal of the workbook, read and checked."""
    return Journal(letter_folder(book) / JOURNAL)


def refuse_contradictions(book: Book, journal: Journal) -> None:
    """HistoryError when workbook and journal cannot both be right."""
    for finding in contradictions(book, journal):
        raise HistoryError(f"{finding.place}: {finding.text('en')}")


def ready(book: Book) -> Journal:
    """The journal, when the workbook may be changed. Raises HistoryError when the two contradict each other or a run is missing in the workbook."""
    journal = journal_of(book)
    refuse_contradictions(book, journal)
    for run in missing(book, journal):
        raise HistoryError(Finding("run_unfinished", Severity.ERROR, values={"run": run}).text("en"))
    return journal


def altered(folder: Path, journal: Journal, run: str) -> list[Path]:
    """The files a run is made of, its plan and templates, that are gone from its folder or are not as they were planned."""
    facts = journal.of_run(run, PLANNED)[0].facts
    expected = {PLAN: facts["plan"], **{f"{TEMPLATES}/{name}": sha256 for name, sha256 in facts["templates"].items()}}
    return [path for name, sha256 in expected.items() if not has_hash(path := folder / run / name, sha256)]


def has_hash(path: Path, sha256: str) -> bool:
    """Whether a file is there and has this hash."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def missing(book: Book, journal: Journal) -> list[str]:
    """Runs, calls and undone letters that this workbook does not hold, in their order: cut off, or after this copy of the workbook was saved."""
    told, whole = _told(book), journal.committed() | {r.run for r in journal.records if r.kind == ENTERED}
    return [run for run in journal.begun() if run not in told or run not in whole]


def _told(book: Book) -> dict[str, int]:
    """Lines of letters, calls and undone letters in the history, by run."""
    history = book.read(HistoryEntry)
    return {str(run): int(n) for run, n in history[history["event"].isin([str(e) for e in TOLD])].groupby("run").size().items()}


def contradictions(book: Book, journal: Journal) -> list[Finding]:
    """Where workbook and journal cannot both be right."""
    gone = [*_other_folder(book, journal), *_no_journal(book, journal)]
    return gone[:1] or [*_other_workbook(book, journal), *_other_head(book, journal), *_other_runs(book, journal)]


def _error(code: str, place: str, **values: object) -> Finding:
    return Finding(code, Severity.ERROR, place=place, values=values)


def _other_folder(book: Book, journal: Journal) -> list[Finding]:
    """The setting was changed, and the journal stayed where it was."""
    before = fact(book, "letter_folder")
    if journal.records or not before or not (book.folder / before / JOURNAL).exists():
        return []
    return [_error("letters_elsewhere", book.name, before=before, now=book.settings().letter_folder)]


def _no_journal(book: Book, journal: Journal) -> list[Finding]:
    """The letter folder was lost, or its journal."""
    count = fact(book, "journal_records") or "0"
    if journal.path.exists() or count == "0":
        return []
    return [_error("journal_missing", str(journal.path), expected=count)]


def _other_workbook(book: Book, journal: Journal) -> list[Finding]:
    """The journal is that of another workbook."""
    mine = fact(book, "workbook")
    foreign = [r.run for r in journal.records if r.kind in (PLANNED, ENTERED) and r.facts.get("workbook") != mine]
    return [_error("journal_foreign", journal.path.name, run=foreign[0])] if foreign else []


def _other_runs(book: Book, journal: Journal) -> list[Finding]:
    """The history holds other lines of a run than were issued, or other calls and undone letters than were entered."""
    expected: dict[str, int] = {}
    for record in journal.records:
        if record.kind in (ISSUED, ENTERED):
            lines = len(record.facts["entries"]) if record.kind == ENTERED else int(record.facts["lines"])
            expected[record.run] = expected.get(record.run, 0) + lines
    told = _told(book)
    begun = journal.begun()
    last_told = max((at for at, run in enumerate(begun) if run in told), default=0)
    gone = {run: 0 for run in begun[:last_told] if run not in told}  # an older copy of the workbook lacks the last runs, never one in between
    return [_error("history_differs", run, found=n, expected=expected.get(run, 0)) for run, n in (told | gone).items() if n != expected.get(run, 0)]


def _other_head(book: Book, journal: Journal) -> list[Finding]:
    """The head the workbook remembers must stand in the journal."""
    count, head = fact(book, "journal_records") or "0", fact(book, "journal_head") or START
    heads = [START, *(r.hash for r in journal.records)]
    if count.isdigit() and int(count) < len(heads) and heads[int(count)] == head:
        return []
    return [_error("journal_cut", journal.path.name, found=len(journal.records), expected=count)]


def refuse_earlier(journal: Journal, as_of: date) -> None:
    """HistoryError when `as_of` lies before the last issued run."""
    last = journal.last_as_of()
    if last and as_of.isoformat() < last:
        raise HistoryError(
            f"The as-of date {as_of} lies before the last issued run of {last}. A run is never dated before the last one; "
            "to look at that date without writing, simulate it."
        )


def earliest(book: Book, journal: Journal, as_of: date) -> date:
    """The first date, from `as_of` on, that a new proposal may have: not before the ledger, not before the last run."""
    return max(as_of, *(day_of(text) or as_of for text in (journal.last_as_of(), fact(book, "ledger_as_of"))))
