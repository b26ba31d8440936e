"""The letters of a run on paper: one file to print, or a PDF each.

Both lie in the folder of the run and can be made again from what lies there; nothing counts or changes the workbook.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from addin.batches import Batch, Issued, batch
from addin.report import Report, count
from letter_templates.bundle import bundled
from letter_templates.pdf import converter, pdfs
from workbook.book import Book
from workbook.writing import removed, renewed

PDF = "pdf"  # the folder in that of the run


def print_file(book: Book, run: str = "", *, channel: str = "", payers: Sequence[str] = (), as_pdf: bool = False) -> Report:
    """One Word file with all letters of a run, in the order of the run, each with pages of its own; `as_pdf`: the same as PDF beside it."""
    made = batch(book, run, channel, payers).some()
    program = converter() if as_pdf else None
    files = [made.file("print", ".docx")]
    if renewed(files[0], bundled(_read(book, made.letters), made.run, made.as_of)):
        removed(files[0].with_suffix(".pdf"))  # it was made of other letters
    if program is not None:
        with tempfile.TemporaryDirectory(prefix="dunning-") as place:
            source = Path(place) / files[0].name
            source.write_bytes(bundled(_read(book, made.letters), made.run, made.as_of, by_reference=program.by_reference))
            for _, content in pdfs([source], program):
                files.append(made.file("print", ".pdf"))
                renewed(files[1], content)
    said = f"to print, {' and '.join(str(file) for file in files)}."
    return Report(made.told(said), made.facts(files=[str(file) for file in files]))


def _read(book: Book, letters: Sequence[Issued]) -> Iterator[bytes]:
    for number, letter in enumerate(letters, start=1):
        yield letter.content()
        book.progress("print", number, len(letters))


def pdf_files(book: Book, run: str = "", *, channel: str = "", payers: Sequence[str] = ()) -> Report:
    """One PDF per letter of a run, in the folder `pdf` of the run; those that are there stay, so that a cut-off call goes on where it was."""
    made = batch(book, run, channel, payers).some()
    fresh = as_pdf_files(book, made)
    there = len(made.letters) - fresh
    said = f"{count(fresh, 'PDF')} written to {made.folder / PDF}" + (f"; {there:,} were there already." if there else ".")
    return Report(made.told(said), made.facts(written_now=fresh, folder=str(made.folder / PDF)))


def pdf_of(made: Batch, letter: Issued) -> Path:
    """Where the PDF of a letter lies."""
    return made.folder / PDF / f"{letter.path.stem}.pdf"


def as_pdf_files(book: Book, made: Batch) -> int:
    """Makes the PDF files that are not there; answers how many."""
    left = {letter.path: letter for letter in made.letters if not pdf_of(made, letter).exists()}
    if not left:
        return 0
    there, total = len(made.letters) - len(left), len(made.letters)
    for path, content in pdfs(list(left), converter(), lambda done: book.progress("pdf", there + done, total)):
        renewed(pdf_of(made, left[path]), content)
    return len(left)
