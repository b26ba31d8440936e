"""What a click shows beside its sentence: tables in a workbook of their own, and the letter, file or folder that was made."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import xlwings as xw

from addin.report import Report
from rules.money import from_minor
from rules.row import Column, Language, columns
from rules.words import catalogue, shown
from workbook.tables import TABLES

TITLE = 31  # characters of the title of a sheet
MOST = 10_000  # rows of a table that are shown
AMOUNT, DAY, NUMBER, TEXT = "#,##0.00#", "m/d/yyyy", "General", "@"  # as Excel's file stores them: the second is the short date of the user's PC


def show_tables(app: xw.App, tables: Mapping[str, pd.DataFrame], language: Language) -> None:
    """Tables in a new workbook, which nobody has to keep: amounts and counts as numbers, days as dates, ids and words as texts.

    Headings and titles are those of the workbook's language.
    """
    made = app.books.add()
    for at, (title, frame) in enumerate(tables.items()):
        sheet = made.sheets[0] if at == 0 else made.sheets.add(after=made.sheets[-1])
        sheet.name = _title(title, language)
        listed = [_column(frame.head(MOST), str(name), language) for name in frame.columns]
        for number, (_, kind, _) in enumerate(listed, start=1):
            sheet.range((1, number), (1, number)).number_format = TEXT
            sheet.range((2, number), (len(frame.head(MOST)) + 1, number)).number_format = kind
        rows = [[heading for heading, _, _ in listed], *map(list, zip(*(cells for _, _, cells in listed), strict=True))]
        sheet.range((1, 1), (len(rows), len(listed))).value = rows
        sheet.autofit("columns")


def _title(name: str, language: Language) -> str:
    """The title of a sheet: of a name such as `reasons 2026-03-02` its first word in the language."""
    first, blank, rest = name.partition(" ")
    return re.sub(r"[][*?/\\:]", "-", catalogue(language)["answer_table"].get(first, first) + blank + rest)[:TITLE]


def _column(frame: pd.DataFrame, name: str, language: Language) -> tuple[str, str, list[Any]]:
    """Heading, number format and cells of one column."""
    cells = frame[name].astype(object).where(frame[name].notna(), None).tolist()
    field = _fields().get(name)
    heading = catalogue(language)["answer_column"].get(name) or (field.titles[language] if field else name.replace("_", " "))
    if name.endswith("_minor"):
        currencies = frame["currency"].astype(str) if "currency" in frame else [""] * len(frame)
        return heading, AMOUNT, [None if v is None else float(from_minor(int(v), c)) for v, c in zip(cells, currencies, strict=True)]
    if any(isinstance(v, date) for v in cells):
        return heading, DAY, [None if v is None else datetime(v.year, v.month, v.day) for v in cells]
    if pd.api.types.is_integer_dtype(frame[name]):
        return heading, NUMBER, [None if v is None else int(v) for v in cells]
    said = {str(member): shown(language, member) for member in field.word or ()} if field else {}
    return heading, TEXT, [None if v is None or v == "" else _literal(said.get(str(v), str(v))) for v in cells]


def _literal(text: str) -> str:
    """A text for a cell that is formatted as one: of two apostrophes at its beginning Excel takes the first for a sign."""
    return f"'{text}" if text.startswith("'") else text


@cache
def _fields() -> dict[str, Column]:
    """Every column of every sheet, by its name."""
    return {column.name: column for table in reversed(TABLES) for column in columns(table.model)}


# ---------------------------------------------------------------------------------------------------------------- files


def made_by(report: Report) -> Path | None:
    """What a report says it made: the one file, else the folder of all; None when it names none."""
    facts = report.facts
    files = [Path(file) for file in facts.get("files", [facts["file"]] if "file" in facts else [])]
    if len(files) == 1:
        return files[0]
    return files[0].parent if files else Path(facts["folder"]) if "folder" in facts else None


def open_in_its_program(path: Path, system: str = sys.platform, start: Callable[..., object] | None = None) -> None:
    """Opens a file in the program of its kind, or a folder in the window of files, on Windows and on a Mac; elsewhere nothing happens."""
    with suppress(OSError):  # no program for its kind: the box has said where it is
        if system == "win32":
            (start or os.startfile)(str(path))  # type: ignore[attr-defined]
        elif system == "darwin":
            (start or subprocess.run)(["/usr/bin/open", str(path)], check=False)
