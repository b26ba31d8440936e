"""One recalculation of Excel: the workbook of a formula, what was read and computed for it, and why a function refused.

The workbook is read once per recalculation. Excel tells no function when one begins, but within one the calls follow each other at once, and a person
or a macro needs longer than `PAUSE` to change a cell: after a pause everything is read anew. Tables given as ranges are told apart by their content.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xlwings as xw

from addin.log import logged
from rules.errors import DunningError

if TYPE_CHECKING:
    from addin.asking import Answers, Given
    from addin.formula_cells import Block
    from workbook.book import Book

PAUSE = 0.3  # seconds without a call after which a recalculation is over
WRONG = "#VALUE!"


class Calling:
    """The workbook a formula stands in."""

    def __init__(self, book: xw.Book) -> None:
        self.book, self.name = book, str(book.name)

    def tables(self) -> Book:
        """Its tables. Raises WorkbookError when it is no dunning workbook."""
        from workbook.live import LiveBook

        return LiveBook(self.book, Path())

    def day_shown(self) -> Any:
        """What its sheet Home shows as the as-of date, or None."""
        with suppress(Exception):
            return self.book.names["dunning.home.as_of"].refers_to_range.value
        return None

    @property
    def date1904(self) -> bool:
        """Whether its serial numbers of days count from 1904."""
        with suppress(Exception):
            return bool(self.book.api.Date1904)
        return False


def calling() -> Calling:
    """The workbook of the formula that Excel computes now."""
    return Calling(xw.Book.caller())


@dataclass
class Recalculation:
    """What was read and computed since the last pause, and the last reason of each workbook."""

    clock: Callable[[], float] = time.monotonic
    last: float = 0.0
    known: dict[Any, Any] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        """A call begins: after a pause nothing is known any more."""
        if self.clock() - self.last > PAUSE:
            self.known.clear()

    def end(self) -> None:
        """A call ends."""
        self.last = self.clock()

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What `make` answers, asked once; a refusal is remembered like an answer."""
        if key not in self.known:
            try:
                self.known[key] = make()
            except DunningError as refused:
                self.known[key] = refused
        if isinstance(self.known[key], DunningError):
            raise self.known[key]
        return self.known[key]


now = Recalculation()


def answers_on(as_of: Block | None, given: Mapping[str, Block | None]) -> Answers:
    """What the rules say on a day: of the sheets, or of ranges in their place."""
    from addin.asking import Answers, without_workbook

    workbook = calling()
    ranges: Given = {name: block.values for name, block in given.items() if block is not None}
    content = tuple((name, tuple(map(tuple, rows))) for name, rows in ranges.items())
    try:
        book = now.once(workbook.name, workbook.tables)
    except DunningError:
        if not ranges:
            raise
        book = now.once((workbook.name, content), lambda: without_workbook(ranges))
    day = day_asked(as_of, workbook)
    return now.once((workbook.name, day, content), lambda: Answers(book, day, ranges))


def day_asked(as_of: Block | None, workbook: Calling) -> date:
    """The as-of date: the one given, else the one on the sheet Home, else today."""
    from addin.asking import day_given

    if as_of is not None and as_of.one is not None:
        return day_given(as_of.one, workbook.date1904)
    if shown := now.once((workbook.name, "day"), workbook.day_shown):
        return day_given(shown, workbook.date1904)
    from addin.commands import today

    return today()


def answered(ask: Callable[..., list[list[Any]]]) -> Callable[..., list[list[Any]]]:
    """A refusal becomes #VALUE!, its reason is kept for DUN_WHY; a fault of ours goes to the log as well."""

    @wraps(ask)
    def call(*values: Any) -> list[list[Any]]:
        now.begin()
        try:
            return ask(*values)
        except DunningError as refused:
            return _refused(str(refused))
        except Exception:
            return _refused(f"This is a fault of the program, not of your formula; the details are in {logged('worksheet function')}.")
        finally:
            now.end()

    return call


def _refused(reason: str) -> list[list[Any]]:
    with suppress(Exception):
        now.why[calling().name] = reason
    return [[WRONG]]
