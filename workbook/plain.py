"""A plain workbook of texts, such as Word reads for its mail merge: headings in the first row, every cell a text and nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime

import xlsxwriter

TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
LONGEST = 32_767  # characters of a cell


def plain_workbook(sheet: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """One sheet of these rows; the same rows give the same bytes."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, **TEXT}) as book:
        book.set_properties({"created": datetime(1980, 1, 1)})
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        page = book.add_worksheet(sheet)
        page.freeze_panes(1, 0)
        page.set_column(0, len(headings) - 1, 18, text)
        for number, row in enumerate([headings, *rows]):
            for column, value in enumerate(row):
                page.write_string(number, column, value[:LONGEST], text if number else bold)
    return target.getvalue()
