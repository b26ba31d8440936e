"""What goes with the e-mail of a letter: copies of the invoices it reminds of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import pandas as pd

from addin.batches import Issued
from letter_templates.copies import Copies
from letter_templates.mail import Attachment
from rules.findings import Finding
from rules.model import AssessedItem, Severity
from rules.standing import item_key
from workbook.book import Book

LARGEST = 20 << 20  # bytes of attachments that go with one e-mail


def due_dates(book: Book, letters: Sequence[Issued]) -> dict[str, list[date]]:
    """Document date and due date of the lines of the letters, by the key of the line, as far as they are on the ledger."""
    asked = pd.DataFrame([entry for letter in letters for entry in letter.entries])
    ledger = book.read(AssessedItem)
    mine = ledger[item_key(ledger).isin(set(item_key(asked)))] if len(asked) else ledger.iloc[:0]
    days = mine[["document_date", "due_date"]].itertuples(index=False, name=None)
    return {key: [day.date() for day in pair if pd.notna(day)] for key, pair in zip(item_key(mine), days, strict=True)}


def enclosed(copies: Copies, letter: Issued, dates: dict[str, list[date]]) -> tuple[list[Attachment], list[Finding]]:
    """Copies of the documents of a letter, and those that are missing, unclear or too large."""
    reminded = pd.DataFrame([entry for entry in letter.entries if entry["level"] > 0])
    days: dict[str, list[date]] = defaultdict(list)
    for document, key in zip(reminded["document"], item_key(reminded), strict=True):
        days[str(document)] += dates.get(key, [])
    files: list[Attachment] = []
    doubts: dict[str, list[str]] = defaultdict(list)
    size = 0
    for document, known in days.items():
        found = copies.of(document, letter.payer, known)
        if found.file is not None and size + found.file.stat().st_size <= LARGEST:
            files.append(Attachment(found.file.name, found.file.read_bytes()))
            size += len(files[-1].content)
        elif found.file is not None:
            doubts["copy_too_large"].append(document)
        elif found.several or found.near:
            doubts["copy_unclear"].append(f"{document}: {', '.join(file.name for file in (found.several or found.near)[:3])}")
        else:
            doubts["copy_missing"].append(document)
    values = {"letter": letter.number, "payer": letter.payer[1], "folder": copies.folder.name}
    found_wanting = [Finding(code, Severity.WARNING, letter.file, values | {"documents": "; ".join(what)}) for code, what in doubts.items()]
    return files, found_wanting
