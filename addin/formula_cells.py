"""The cells of a formula: how arguments and answers of the worksheet functions pass between Excel and Python, on xlwings' own way of conversion.

Of a whole column no more is read than its sheet uses; its shape in the formula is kept, so that an answer fills it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xlwings.conversion import Accessor, CleanDataFromReadStage, Ensure2DStage, Pipeline, ReadValueFromRangeStage

from rules.errors import ConfigError

LONG = 1_000  # rows from which a range is read as far as its sheet is used
WHOLE = 65_536  # rows of a whole column, in a workbook of the oldest format


@dataclass(frozen=True)
class Block:
    """The cells of an argument: as many rows as its sheet uses, and the shape it has in the formula."""

    values: list[list[Any]]
    rows: int
    columns: int

    @property
    def one(self) -> Any:
        """The value of a single cell. Raises ConfigError for several."""
        if self.rows * self.columns != 1:
            raise ConfigError("A single cell is expected, and a range was given. Give ranges for the lines and the tables alone.")
        return self.values[0][0]

    @property
    def headed(self) -> bool:
        """Whether it is a whole column, whose first cell may be a heading."""
        return self.rows >= WHOLE

    def flat(self) -> Iterator[Any]:
        """The cells that were read, row by row."""
        return (value for row in self.values for value in row)

    def shaped(self, answers: list[Any]) -> list[list[Any]]:
        """Answers, one for each cell of `flat`, in the shape of the argument; beyond the cells that were read there is nothing."""
        width = self.columns
        made = [answers[at : at + width] for at in range(0, len(answers), width)]
        return made + [[""] * width] * (self.rows - len(made))


class Cells(Accessor):
    """How arguments and answers of the functions pass between Excel and Python."""

    @classmethod
    def reader(cls, options: dict[str, Any]) -> Pipeline:
        """A range or a value as a `Block`: errors as their texts, dates as dates, None where a cell is empty."""
        stages = [_used_rows, ReadValueFromRangeStage(options), Ensure2DStage(), CleanDataFromReadStage({"err_to_str": True}), _block]
        return Pipeline(stages)

    @classmethod
    def writer(cls, options: dict[str, Any]) -> Pipeline:
        """Rows of cells as Excel takes them."""
        return Pipeline([_dates])


def _used_rows(c: Any) -> None:
    """Of a whole column no more is read than its sheet uses."""
    if c.range is None:
        return
    rows, width = c.meta["shape"] = c.range.shape
    if rows >= LONG:
        on_sheet = c.range.sheet.used_range
        used = on_sheet.row + on_sheet.shape[0] - c.range.row
        if used < 1:
            c.range, c.value = None, [[None] * width]
        elif used < rows:
            c.range = c.range[:used, :]


def _block(c: Any) -> None:
    rows, width = c.meta.get("shape") or (len(c.value), len(c.value[0]))
    c.value = Block(c.value, rows, width)


def _dates(c: Any) -> None:
    """Dates as the dates of Excel, so that a cell shows one; the rest is as it is."""
    prepared = c.engine.impl.prepare_xl_data_element
    c.value = [[prepared(v, {}) if isinstance(v, datetime) else v for v in row] for row in c.value]
