"""A person at the open workbook: clicks buttons of the ribbon, answers, types into cells, saves."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import xlwings as xw
from typer.testing import CliRunner

from addin import ribbon
from addin.cli import app as command_line
from rules.row import Row
from tests.addin.office import Office
from tests.office.engine import App
from workbook.file import FileBook
from workbook.live import LiveBook
from workbook.tables import TABLES

MODELS = [t.model for t in TABLES]


class Desk:
    """An office whose workbook is open."""

    def __init__(self, app: App, office: Office) -> None:
        self.app, self.office = app, office
        self.open()

    def open(self, path: Path | None = None, **how: Any) -> xw.Book:
        """Open the workbook of the office, or another one; buttons act on it from now on."""
        self.book = xw.App(impl=self.app).books.open(path or self.office.path, **how)
        self.book.set_mock_caller()
        return self.book

    def click(self, verb: str, *answers: str, **asked: object) -> str:
        """Click a button: what the macros ask is put into hidden names, then Python runs. `answers` to message boxes. Answers what was said."""
        for name, value in asked.items():
            self.book.names.add(ribbon.ARGUMENT + name.replace("__", "."), '="' + str(value).replace('"', '""') + '"')
        return self.again(verb, *answers)

    def again(self, verb: str, *answers: str) -> str:
        """Run the verb with the names as they are."""
        self.app.answers = list(answers)
        before = len(self.app.alerts)
        ribbon.main(verb)
        return self.app.alerts[-1][0] if len(self.app.alerts) > before else ""

    def question(self) -> str:
        """The question that was left for the macro, as it shows it."""
        left = {n.name: _content(n) for n in self.book.names if n.name.startswith(ribbon.QUESTION)}
        pieces = [left[name] for name in sorted((n for n in left if ".text." in n), key=lambda n: int(n.rpartition(".")[2]))]
        return "".join(pieces).replace(" | ", "\n")

    def answer(self, verb: str, typed: str, *answers: str) -> str:
        """What the macro does with the answer to a question: the number of a choice stands for it; then the verb runs once more."""
        left = {n.name.removeprefix(ribbon.QUESTION): _content(n) for n in self.book.names if n.name.startswith(ribbon.QUESTION)}
        for name in list(self.book.names):
            if name.name.startswith(ribbon.QUESTION):
                name.delete()
        return self.click(verb, *answers, **{f"answer.{left['asked']}": left.get(f"choice.{typed}", typed)})

    def live(self) -> LiveBook:
        """The workbook as commands see it."""
        return LiveBook(self.book, self.office.folder)

    def cell(self, model: type[Row], row: int, column: str) -> Any:
        """The cell of a field, rows counted from 0."""
        bound = self.live()._where(model)
        return self.book.sheets[bound.table.sheet].impl.uno.getCellByPosition(bound.columns[column] - 1, bound.table.first + row - 1)

    def type(self, model: type[Row], row: int, column: str, value: str | float | date) -> None:
        """Put a value into a cell, as a person does."""
        cell = self.cell(model, row, column)
        if isinstance(value, date):
            cell.setValue((value - date(1899, 12, 30)).days)
        elif isinstance(value, str):
            cell.setString(value)
        else:
            cell.setValue(value)

    def names(self) -> list[str]:
        """The hidden names of arguments and questions that are left."""
        return sorted(n.name for n in self.book.names if n.name.startswith(("dunning.arg.", "dunning.question.")))

    def saved(self) -> Office:
        """The workbook as it is now, saved into a folder of its own."""
        folder = self.office.folder.parent / f"saved {len(list(self.office.folder.parent.iterdir()))}"
        folder.mkdir()
        self.book.impl.save(str(folder / self.office.path.name))
        return Office(folder)


def _content(name: xw.Name) -> str:
    return str(name.refers_to)[2:-1].replace('""', '"')


def frames(office: Office) -> dict[str, pd.DataFrame]:
    """All rows of all tables of a closed workbook, by the name of the model."""
    book = FileBook.open(office.path)
    return {model.__name__: book.read(model) for model in MODELS}


def differences(left: dict[str, pd.DataFrame], right: dict[str, pd.DataFrame]) -> list[str]:
    """Every cell in which two workbooks differ."""
    found: list[str] = []
    for name in left:
        a, b = (frame[name].astype(object).where(frame[name].notna(), None) for frame in (left, right))
        if len(a) != len(b):
            found.append(f"{name}: {len(a)} rows and {len(b)} rows")
            continue
        for column in a:
            found += [f"{name} {row} {column}: {x!r} and {y!r}" for row, (x, y) in enumerate(zip(a[column], b[column], strict=True)) if x != y]
    return found


def dunning(office: Office, command: str, *words: object) -> str:
    """A command on the closed workbook of an office; `command` may have two words."""
    answer = CliRunner().invoke(command_line, [*command.split(), str(office.path), *map(str, words)])
    assert not answer.exit_code, answer.exception
    return answer.output
