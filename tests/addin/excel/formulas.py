"""Formulas in a workbook that is open in an Excel of the test's own making: functions are called through xlwings' own conversion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl

from rules.errors import WorkbookError
from rules.row import Row, columns
from tests.addin.excel.com import ComRange, ComSheet, Excel
from workbook.book import Book
from workbook.file import FileBook
from workbook.tables import table


@dataclass
class Standing:
    """The workbook that formulas stand in: a closed one in place of the open one; without a path, one that is not of dunning."""

    path: Path | None
    shown: Any = None
    name: str = "Dunning.xlsx"
    date1904: bool = False
    opened: int = 0

    def tables(self) -> Book:
        self.opened += 1
        if self.path is None:
            raise WorkbookError(f"{self.name} is not a dunning workbook.")
        return FileBook.open(self.path)

    def day_shown(self) -> Any:
        return self.shown


class Formulas:
    """Asks functions, and after each the reason of an error."""

    def __init__(self, excel: Excel, workbook: Standing) -> None:
        self.excel, self.workbook = excel, workbook

    def __call__(self, name: str, *arguments: Any) -> Any:
        """A value, or rows of values; dates as dates."""
        answer = self.excel.call(name, *arguments)
        if not isinstance(answer, list):
            return _day(answer)
        return [row if row == [""] else [_day(v) for v in row] for row in answer]  # of a whole column there are a million empty ones

    def column(self, name: str, *arguments: Any) -> list[Any]:
        """The first column of an answer that is a range."""
        return [row[0] for row in self(name, *arguments)]

    def why(self) -> str:
        return str(self.excel.call("DUN_WHY"))


def _day(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value


def down(*values: Any) -> ComRange:
    """A range of cells below each other."""
    return ComSheet(*((v,) for v in values)).all()


def sheet_rows(path: Path, model: type[Row], language: str) -> list[dict[str, Any]]:
    """The rows of a table as its sheet shows them, read by another program: field to the value of the cell, None where it is empty."""
    titles = {c.titles[language]: c.name for c in columns(model)}  # type: ignore[index]
    for sheet in openpyxl.load_workbook(path, data_only=True):
        if table(model).excel_name in sheet.tables:
            rows = sheet[sheet.tables[table(model).excel_name].ref]
            heads = [titles[str(cell.value)] for cell in rows[0]]
            return [dict(zip(heads, (_day(cell.value) for cell in row), strict=True)) for row in rows[1:]]
    raise AssertionError(f"no sheet has the table of {model.__name__}")


def as_range(rows: list[dict[str, Any]], model: type[Row], language: str) -> ComRange:
    """The same rows as a range with headings, as a formula gives a table."""
    heads = {c.name: c.titles[language] for c in columns(model)}  # type: ignore[index]
    return ComSheet(tuple(heads[name] for name in rows[0]), *(tuple(row.values()) for row in rows)).all()
