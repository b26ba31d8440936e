"""Workbooks that carry macros: the empty one a VBA project is made for, the add-in's own with its sheet of texts, and what one of ours needs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import xlsxwriter

MACROS = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_PLAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
TEXTS = "ui"  # title and code name of the sheet of texts


@dataclass(frozen=True)
class Macros:
    """What a workbook gets that carries its own commands. `project`: code names of its sheets to vbaProject.bin; `buttons`: macro to caption, for the
    sheet Home; `finished`: the package to the package with its ribbon."""

    project: Callable[[Sequence[str]], bytes]
    texts: Mapping[str, str]
    buttons: Mapping[str, str]
    finished: Callable[[bytes], bytes]


def empty_shell(sheets: Sequence[str]) -> bytes:
    """The least workbook with sheets of these code names, as one that may hold macros."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_vba_name("ThisWorkbook")
        for name in sheets:
            book.add_worksheet(name[:31]).set_vba_name(name)
    made = io.BytesIO()
    with zipfile.ZipFile(target) as before, zipfile.ZipFile(made, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            after.writestr(name, content.replace(_PLAIN, MACROS) if name == "[Content_Types].xml" else content)
    return made.getvalue()


def workbook_of_texts(texts: Mapping[str, str], project: bytes) -> bytes:
    """A workbook with macros and one sheet of texts, key beside text; the same bytes for the same input."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"title": "Dunning", "created": datetime(1980, 1, 1)})
        add_texts(book, texts)
        book.set_vba_name("ThisWorkbook")
        book.add_vba_project(io.BytesIO(project), is_stream=True)
    return target.getvalue()


def add_texts(book: xlsxwriter.Workbook, texts: Mapping[str, str]) -> xlsxwriter.worksheet.Worksheet:
    """The sheet of texts that the macros show."""
    sheet = book.add_worksheet(TEXTS)
    sheet.set_vba_name(TEXTS)
    for row, (key, value) in enumerate(texts.items()):
        sheet.write_string(row, 0, key)
        sheet.write_string(row, 1, value)
    return sheet
