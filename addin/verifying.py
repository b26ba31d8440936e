"""Verify: journal, letters, history and counters tell the same story; a finding for every place where they do not."""

from __future__ import annotations

from addin.report import Report, count
from addin.runs import altered, contradictions, has_hash, journal_of, letter_folder, missing
from rules import model
from rules.findings import Finding
from rules.model import Event, HistoryEntry, Severity
from rules.row import to_rows
from rules.standing import KEY, item_key, standing
from workbook.book import Book
from workbook.journal import ENTERED, ISSUED, Journal


def verify(book: Book) -> Report:
    """Checks everything that a run leaves behind against everything else."""
    journal = journal_of(book)
    findings = contradictions(book, journal)
    if not findings or journal.records:  # without its journal nothing can be said of single letters
        findings += [*_runs_whole(book, journal), *_letters_agree(book, journal), *_entries_agree(book, journal)]
    findings += _counters_agree(book)
    findings += [Finding("run_unfinished", Severity.WARNING, place=run, values={"run": run}) for run in missing(book, journal)]
    letters = sum(r.kind == ISSUED for r in journal.records)
    errors = sum(f.severity is Severity.ERROR for f in findings)
    told = len(book.read(HistoryEntry))
    sentence = f"{count(len(journal.records), 'journal record')}, {count(letters, 'letter')} and {count(told, 'history line')} checked: "
    sentence += f"{count(errors, 'contradiction')}." if errors else "they agree."
    return Report(sentence, {"records": len(journal.records), "letters": letters, "errors": errors}, findings=findings, failed=bool(findings))


def _error(code: str, place: str, **values: object) -> Finding:
    return Finding(code, Severity.ERROR, place=place, values=values)


def _runs_whole(book: Book, journal: Journal) -> list[Finding]:
    """The plan and the templates of every run lie in its folder as they were: else none of its letters can be made again."""
    folder, found = letter_folder(book), list[Finding]()
    for run in journal.planned():
        for path in altered(folder, journal, run):
            code = "letter_source_changed" if path.exists() else "letter_source_missing"
            found.append(_error(code, path.relative_to(folder).as_posix(), run=run))
    return found


def _letters_agree(book: Book, journal: Journal) -> list[Finding]:
    """Every issued letter is on the disk as it was written and in the history; every history entry has its letter."""
    folder, history, late = letter_folder(book), book.read(HistoryEntry), set(missing(book, journal))
    letters = history[history["event"] == Event.LETTER]
    told = {str(f): (str(h), int(n)) for f, h, n in letters.groupby(["letter", "sha256"]).size().reset_index().itertuples(index=False)}
    found: list[Finding] = []
    for record in (r for r in journal.records if r.kind == ISSUED):
        file, sha256 = str(record.facts["file"]), str(record.facts["sha256"])
        path = folder / file
        if not has_hash(path, sha256):
            found.append(_error("letter_changed" if path.exists() else "letter_missing", file, letter=str(record.facts["letter"])))
        if record.run not in late and told.get(file) != (sha256, int(record.facts["lines"])):
            found.append(_error("letter_not_in_history", file))
        told.pop(file, None)
    return found + [_error("history_without_letter", file) for file in sorted(told)]


def _entries_agree(book: Book, journal: Journal) -> list[Finding]:
    """Calls and undone letters stand in the history as they were entered."""
    late = set(missing(book, journal))
    expected = {e["entry"]: e for r in journal.records if r.kind == ENTERED and r.run not in late for e in r.facts["entries"]}
    history = book.read(HistoryEntry)
    told = {e.entry: e.model_dump(mode="json", exclude_defaults=True) for e in to_rows(history[history["entry"].isin(expected)], HistoryEntry)}
    return [_error("entry_differs", str(entry), entry=entry) for entry, fact in expected.items() if told.get(entry) != fact]


def _counters_agree(book: Book) -> list[Finding]:
    """Level and count on the sheet Ledger are what the history says."""
    ledger = book.read(model.AssessedItem)
    stands = standing(ledger, book.read(HistoryEntry))
    wrong = ledger[(ledger["level"] != stands["level"]) | (ledger["reminders"] != stands["reminders"])]
    found: list[Finding] = []
    for row, item in zip(wrong.index, wrong[list(KEY)].to_dict("records"), strict=True):
        place = book.place(model.AssessedItem, int(ledger.index.get_loc(row)), "level")
        found.append(_error("counter_differs", place, document=item["document"], found=int(ledger["level"][row]), expected=int(stands["level"][row])))
    doubles = ledger[item_key(ledger).duplicated()]
    return found + [_error("item_twice", str(d), document=d) for d in doubles["document"]]
