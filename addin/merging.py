"""The letters of a run for Word's own mail merge: a row a letter, for a Word document of the user's own."""

from __future__ import annotations

from collections.abc import Sequence

from addin.batches import batch
from addin.mailing import recipients_of
from addin.report import Report
from letter_templates.merge import as_csv, merge_rows
from workbook.book import Book
from workbook.plain import plain_workbook
from workbook.writing import renewed


def merge_table(book: Book, run: str = "", *, channel: str = "", payers: Sequence[str] = ()) -> Report:
    """The letters of a run as a table for Word's own mail merge: a workbook of texts, and the same as CSV."""
    made = batch(book, run, channel, payers).some()
    recipients, _ = recipients_of(book, made.letters)
    beside = [{"file": letter.file, "channel": letter.channel, "email": "; ".join(recipients.get(letter.number, []))} for letter in made.letters]
    headings, rows = merge_rows([letter.context for letter in made.letters], beside)
    files = [made.file("merge", suffix) for suffix in (".xlsx", ".csv")]
    renewed(files[0], plain_workbook("merge", headings, ([row.get(name, "") for name in headings] for row in rows)))
    renewed(files[1], as_csv(headings, rows, "," if book.language == "en" else ";"))
    said = f"a row each in {files[0]}, and the same in {files[1].name}."
    return Report(made.told(said), made.facts(columns=len(headings), files=[str(file) for file in files]))
