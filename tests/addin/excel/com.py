"""Excel's COM as xlwings meets it, without Windows: xlwings' own module for Windows over empty modules, and sheets of cells in place of Excel."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock, patch

import xlwings as xw

MISSING = -2147352572  # what an optional argument is that the formula leaves out
ERRORS = {"#N/A": -2146826246, "#VALUE!": -2146826273, "#DIV/0!": -2146826281}  # as COM passes errors of cells
RANGE = "{00020846-0000-0000-C000-000000000046}"


class ComTime(datetime):
    """A date as pywin32 gives it: with a time zone."""

    @classmethod
    def of(cls, day: Any) -> ComTime:
        return cls(day.year, day.month, day.day, tzinfo=UTC)


class ComSheet:
    """A sheet: its cells as rows of values; every cell beyond them is empty."""

    def __init__(self, *rows: tuple[Any, ...]) -> None:
        self.rows = rows
        self.read = 0  # cells that were asked for
        self.Parent = SimpleNamespace(Application=SimpleNamespace(Hwnd=1))

    def Cells(self, row: int, column: int) -> tuple[int, int]:  # noqa: N802 - Excel calls it so
        return row, column

    def Range(self, first: tuple[int, int], last: tuple[int, int]) -> ComRange:  # noqa: N802
        return ComRange(self, *first, *last)

    @property
    def UsedRange(self) -> ComRange:  # noqa: N802
        return ComRange(self, 1, 1, max(len(self.rows), 1), max((len(row) for row in self.rows), default=1))

    def column(self, number: int) -> ComRange:
        """A whole column."""
        return ComRange(self, 1, number, 1_048_576, number)

    def all(self) -> ComRange:
        return self.UsedRange


class ComRange:
    """A range, as far as xlwings asks one."""

    def __init__(self, sheet: ComSheet, row: int, column: int, last_row: int, last_column: int) -> None:
        self.Worksheet, self.Row, self.Column = sheet, row, column
        self.Rows, self.Columns = SimpleNamespace(Count=last_row - row + 1), SimpleNamespace(Count=last_column - column + 1)
        described = SimpleNamespace(GetTypeAttr=lambda: SimpleNamespace(iid=RANGE))
        self._oleobj_ = SimpleNamespace(GetTypeInfo=lambda: described)

    @property
    def Value(self) -> Any:  # noqa: N802
        height, width, sheet = self.Rows.Count, self.Columns.Count, self.Worksheet
        sheet.read += height * width
        held = [[self._cell(r, c) for c in range(width)] for r in range(height)]
        return held[0][0] if height == width == 1 else tuple(tuple(row) for row in held)

    def _cell(self, row: int, column: int) -> Any:
        rows = self.Worksheet.rows
        at, beside = self.Row + row - 1, self.Column + column - 1
        value = rows[at][beside] if at < len(rows) and beside < len(rows[at]) else None
        if isinstance(value, str) and value in ERRORS:
            return ERRORS[value]
        return ComTime.of(value) if hasattr(value, "year") else value


class Excel:
    """Calls worksheet functions as the VBA of the add-in does, through xlwings' own conversion."""

    def __init__(self, udfs: Any) -> None:
        self.udfs = udfs

    def call(self, name: str, *arguments: Any) -> Any:
        """What the generated VBA gets: a value, or rows of values."""
        given = tuple(
            MISSING if a is None else ERRORS.get(a, a) if isinstance(a, str) else ComTime.of(a) if hasattr(a, "year") else a for a in arguments
        )
        made = self.udfs.call_udf("addin.udfs", name, given, None, ComSheet().all())
        return made[0][0] if len(made) == len(made[0]) == 1 else made


def _module(name: str, **content: Any) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(content)
    return made


@contextmanager
def excel() -> Iterator[Excel]:
    """An Excel for functions; xlwings is as before afterwards."""

    class Nothing:
        pass

    utc = SimpleNamespace(utc=lambda: UTC)
    client = _module("win32com.client", Dispatch=lambda found: found, CDispatch=Nothing, DispatchBaseClass=Nothing, DispatchEx=Nothing)
    client.CoClassBaseClass = Nothing
    stubs = {
        "pythoncom": _module("pythoncom", CoInitialize=list, __file__=""),
        "pywintypes": _module("pywintypes", TimeType=ComTime, com_error=OSError, IID=str),
        "win32com": _module("win32com", client=client), "win32com.client": client, "win32timezone": _module("win32timezone", TimeZoneInfo=utc),
        **{name: _module(name) for name in ("win32api", "win32con", "win32gui")},
        "win32process": _module("win32process", GetWindowThreadProcessId=lambda window: (0, window)),
        "xlwings.com_server": _module("xlwings.com_server", loop=None),
    }  # fmt: skip
    mine = [*stubs, "xlwings.udfs", "xlwings._xlwindows"]
    before = {name: sys.modules.pop(name, None) for name in mine}
    engines, named, active = list(xw.engines), dict(xw.engines.engines_by_name), xw.engines.active
    try:
        sys.modules.update(stubs)
        with patch.multiple(ctypes, create=True, windll=MagicMock(), oledll=MagicMock(), PyDLL=MagicMock()):
            windows = import_module("xlwings._xlwindows")
        windows.cleanup = lambda: None  # no process of Excel to look for at the end
        xw.engines.add(xw.Engine(impl=windows.engine))
        from addin import udfs

        found = import_module("xlwings.udfs")
        udfs.declared(found.xlfunc)
        yield Excel(found)
    finally:
        xw.engines.engines, xw.engines.engines_by_name = engines, named
        xw.engines.active = active
        for name, module in before.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module
        for name in ("_xlwindows", "udfs", "com_server"):
            vars(xw).pop(name, None)
