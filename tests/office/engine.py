"""An engine of xlwings over LibreOffice: what the ribbon does to Excel, it does here to a real spreadsheet.

It answers as xlwings' engine for Windows does (values of `Range.Value`, numbers of errors, KeyError for an unknown kind of message box), and keeps to
rules of Excel that LibreOffice does not have: a leading apostrophe makes a text and goes, a table that grows fills its calculated columns. Whatever
Excel would have taken for something else than it is (00123, 1-2, =x, TRUE) is noted in `App.hazards`, with its cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import xlwings as xw
from xlwings import base_classes

from tests.office.soffice import import_uno
from workbook.package import letters, number

EPOCH = datetime(1899, 12, 30)
VALUES = 1 | 2 | 4 | 16  # com.sun.star.sheet.CellFlags: numbers, dates, texts, formulas
DATES = 2
DATE_FORMAT = 2  # com.sun.star.util.NumberFormat
ERRORS = {502: -2146826273, 503: -2146826252, 519: -2146826273, 524: -2146826265, 525: -2146826259, 532: -2146826281, 32767: -2146826246}
EDITING = -2146777998  # Excel's answer while a cell is being edited
SHEET_OF = re.compile(r"^\$?(?P<sheet>'(?:[^']|'')+'|[^.'\"]+)\.(?P<cell>\$[A-Z]+\$\d+)$")
CONVERTED = re.compile(  # what Excel does not take for a text
    r"[=+@-].*|'.*|\s*[(]?\s*[$€£]?\s*[-+]?\d[\d.,\s'’]*(e[-+]?\d+)?\s*[%€$£)]?\s*|\s*\d{1,4}\s*[-/.]\s*\d{1,2}(\s*[-/.]\s*\d{1,4})?(\s.*)?"
    r"|\d{1,2}[-. /]?(jan|feb|fe|mar|mär|apr|avr|ma|jun|jui|jul|aug|aou|aoû|sep|oct|okt|nov|dec|déc|dez)\w*\.?[-. /]?\d{0,4}|\d{1,2}:\d{2}.*"
    r"|\d+ \d+/\d+|true|false|vrai|faux|wahr|falsch|#(n/a|ref!|value!|name\?|num!|div/0!|null!)",
    re.IGNORECASE | re.DOTALL,
)


class ComError(Exception):
    """What pywin32 raises: number, words in the language of the user's Windows, details with Excel's own number."""

    def __init__(self, words: str, own: int) -> None:
        super().__init__(-2147352567, "Une exception s’est produite.", (0, "Microsoft Excel", words, "xlmain11.chm", 0, own), None)
        self.hresult = -2147352567


class Engine:
    """The engine; `xw.Engine(impl=Engine(desktop))`. One LibreOffice is one app."""

    name, type = "libreoffice", "desktop"

    def __init__(self, desktop: Any) -> None:
        self.desktop = desktop
        self.apps = Apps(self)

    @staticmethod
    def prepare_xl_data_element(value: Any, options: Any) -> Any:
        return "" if value is None or value != value else value

    @staticmethod
    def clean_value_data(data: Any, datetime_builder: Any, empty_as: Any, number_builder: Any, err_to_str: bool) -> list[list[Any]]:
        return [[_clean(value, datetime_builder, empty_as, number_builder, err_to_str) for value in row] for row in data]


CELL_ERRORS = {
    -2146826281: "#DIV/0!", -2146826246: "#N/A", -2146826259: "#NAME?", -2146826288: "#NULL!", -2146826252: "#NUM!", -2146826265: "#REF!",
    -2146826273: "#VALUE!",
}  # fmt: skip


def _clean(value: Any, datetime_builder: Any, empty_as: Any, number_builder: Any, err_to_str: bool) -> Any:
    if value in ("", None):
        return empty_as
    if isinstance(value, datetime):
        return datetime_builder(value.year, value.month, value.day, hour=value.hour, minute=value.minute, second=value.second)
    if number_builder is not None and isinstance(value, float):
        return number_builder(value)
    if isinstance(value, int) and value in CELL_ERRORS:
        return CELL_ERRORS[value] if err_to_str else None
    return value


class Apps(base_classes.Apps):
    def __init__(self, engine: Engine) -> None:
        self.app = App(engine)

    def keys(self) -> list[int]:
        return [self.app.pid]

    def __iter__(self) -> Iterator[App]:
        return iter([self.app])

    def __len__(self) -> int:
        return 1

    def __getitem__(self, pid: int) -> App:
        return self.app


class App(base_classes.App):
    """Also what a test wants to know: `alerts` shown and the `answers` to give to them, `status` texts, `hazards`, `calls` that Excel would get."""

    pid = 1
    visible = True
    version = "16.0"
    selection = None
    display_alerts = True

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.opened: list[Book] = []
        self.forget()

    def forget(self) -> None:
        """Begin anew: nothing was said and done yet."""
        self.alerts: list[tuple[str, str]] = []
        self.answers: list[str] = []
        self.status: list[Any] = []
        self.hazards: list[str] = []
        self.calls: list[str] = []
        self.editing = False  # whether a cell is being edited
        self.breaks: list[str] = []  # tables whose next write breaks off
        self.filtered: set[str] = set()  # tables of which a filter hides rows
        self.literal = False  # whether an apostrophe stays in a cell that is formatted as text
        self._screen, self._calculation = True, "automatic"

    @property
    def api(self) -> SimpleNamespace:
        """What xlwings has no name for."""
        return SimpleNamespace(CalculateFull=lambda: self.calls.append("CalculateFull"))

    @property
    def screen_updating(self) -> bool:
        return self._screen

    @screen_updating.setter
    def screen_updating(self, value: bool) -> None:
        self.refuse_editing()
        self._screen = value

    @property
    def calculation(self) -> str:
        return self._calculation

    @calculation.setter
    def calculation(self, value: str) -> None:
        self.refuse_editing()
        self._calculation = value
        for book in self.opened:
            book.doc.enableAutomaticCalculation(value == "automatic")
            if value == "automatic":
                book.doc.calculate()

    @property
    def status_bar(self) -> Any:
        return self.status[-1] if self.status else False

    @status_bar.setter
    def status_bar(self, value: Any) -> None:
        if value is None:
            raise TypeError("Excel shows the word it is given; False gives the bar back")
        self.status.append(value)

    @property
    def books(self) -> Books:
        return Books(self)

    def activate(self, steal_focus: bool = False) -> None:
        pass

    def calculate(self) -> None:
        for book in self.opened:
            book.doc.calculateAll()

    def alert(self, prompt: str, title: str, buttons: str, mode: str | None, callback: Any) -> str:
        {None: 0, "info": 1, "critical": 2}[mode]
        {None: 0, "ok": 1, "ok_cancel": 2, "yes_no": 3, "yes_no_cancel": 4}[buttons]
        self.alerts.append((prompt, title))
        return self.answers.pop(0) if buttons != "ok" else "ok"

    def refuse_editing(self) -> None:
        """As Excel does while a cell is being edited."""
        if self.editing:
            raise ComError("", EDITING)


class Books(base_classes.Books):
    app: Any = None

    def __init__(self, app: App) -> None:
        self.app = app

    @property
    def active(self) -> Book:
        return self.app.opened[-1]

    def __iter__(self) -> Iterator[Book]:
        return iter(self.app.opened)

    def __len__(self) -> int:
        return len(self.app.opened)

    def __call__(self, name_or_index: int | str) -> Book:
        if isinstance(name_or_index, int):
            return self.app.opened[name_or_index - 1]
        for book in self.app.opened:
            if book.name == name_or_index:
                return book
        raise KeyError(name_or_index)

    def open(self, fullname: str, update_links: Any = None, read_only: Any = None, *others: Any) -> Book:
        Path(fullname).with_name(f".~lock.{Path(fullname).name}#").unlink(missing_ok=True)
        return self._loaded(Path(fullname).as_uri(), Hidden=True, ReadOnly=bool(read_only))

    def add(self) -> Book:
        return self._loaded("private:factory/scalc", Hidden=True)

    def _loaded(self, url: str, **properties: Any) -> Book:
        doc = self.app.engine.desktop.loadComponentFromURL(url, "_blank", 0, _properties(**properties))
        book = Book(self.app, doc)
        self.app.opened.append(book)
        return book


def _struct(name: str, **values: Any) -> Any:
    made = import_uno().createUnoStruct(f"com.sun.star.{name}")
    for key, value in values.items():
        setattr(made, key, value)
    return made


def _properties(**values: Any) -> tuple[Any, ...]:
    return tuple(_struct("beans.PropertyValue", Name=name, Value=value) for name, value in values.items())


class Book(base_classes.Book):
    app: Any = None  # a property of the base that an attribute takes the place of, here and below
    name = ""

    def __init__(self, app: App, doc: Any) -> None:
        self.app, self.doc = app, doc
        self.name = Path(self.fullname).name
        self.added: dict[str, str] = {}  # names that were added since it was opened
        self.known: dict[str, str] = {}  # what a name stands for, once asked; a test that moves columns or sheets empties it
        self.formats: dict[int, tuple[str, bool]] = {}  # number format: its text, and whether it shows dates

    @property
    def api(self) -> SimpleNamespace:
        return SimpleNamespace(ReadOnly=bool(self.doc.isReadonly()), FullName=self.fullname)

    @property
    def fullname(self) -> str:
        return import_uno().fileUrlToSystemPath(self.doc.getURL()) if self.doc.getURL() else "Book1"

    @property
    def sheets(self) -> Sheets:
        return Sheets(self)

    @property
    def names(self) -> Names:
        return Names(self)

    @cached_property
    def tables(self) -> list[tuple[int, Any]]:
        """The tables with the number of their sheet; nobody makes one while it is open."""
        ranges = self.doc.DatabaseRanges
        found = [ranges.getByName(name) for name in ranges.ElementNames]
        return [(uno.DataArea.Sheet, uno) for uno in found]

    def activate(self) -> None:
        self.app.opened.remove(self)
        self.app.opened.append(self)

    def save(self, path: str | None = None, password: str | None = None) -> None:
        self.app.refuse_editing()
        self.app.calls.append("save")
        if path is None:
            self.doc.store()
        else:
            self.doc.storeToURL(Path(path).absolute().as_uri(), _properties(FilterName="Calc MS Excel 2007 XML", Overwrite=True))

    def close(self) -> None:
        self.app.opened.remove(self)
        self.doc.close(True)

    def format_of(self, key: int) -> tuple[str, bool]:
        """The number format as a text, and whether it shows dates."""
        if key not in self.formats:
            found = self.doc.NumberFormats.getByKey(key)
            self.formats[key] = (found.FormatString, bool(found.Type & DATE_FORMAT))
        return self.formats[key]

    def key_of(self, text: str) -> int:
        """The number format with this text."""
        formats, locale = self.doc.NumberFormats, _struct("lang.Locale", Language="en", Country="US")
        key = formats.queryKey(text, locale, False)
        return key if key >= 0 else formats.addNew(text, locale)


class Sheets(base_classes.Sheets):
    def __init__(self, book: Book) -> None:
        self.book = book

    def __call__(self, name_or_index: int | str) -> Sheet:
        found = self.book.doc.Sheets
        if isinstance(name_or_index, int):
            return Sheet(self.book, found.getByIndex(name_or_index - 1))
        if not found.hasByName(name_or_index):
            raise ComError("L’indice n’appartient pas à la sélection.", -2147352565)
        return Sheet(self.book, found.getByName(name_or_index))

    def __len__(self) -> int:
        return self.book.doc.Sheets.Count

    def __iter__(self) -> Iterator[Sheet]:
        return (self(at) for at in range(1, len(self) + 1))

    def add(self, before: Sheet | None = None, after: Sheet | None = None, name: str | None = None) -> Sheet:
        at = len(self) if after is None else after.index
        self.book.doc.Sheets.insertNewByName(name or f"Sheet{len(self) + 1}", at)
        return self(at + 1)


class Sheet(base_classes.Sheet):
    book: Any = None

    def __init__(self, book: Book, uno: Any) -> None:
        self.book, self.uno = book, uno

    @property
    def api(self) -> SimpleNamespace:
        return SimpleNamespace(ProtectContents=bool(self.uno.isProtected()))

    @property
    def name(self) -> str:
        return self.uno.Name

    @name.setter
    def name(self, value: str) -> None:
        self.uno.Name = value

    @property
    def index(self) -> int:
        return self.uno.RangeAddress.Sheet + 1

    def range(self, first: Any, last: Any = None) -> Range:
        if isinstance(first, str):
            parts = re.fullmatch(r"\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?", first)
            assert parts is not None, first
            first, last = (int(parts[2]), number(parts[1])), (int(parts[4]), number(parts[3])) if parts[3] else None
        if isinstance(first, tuple) and len(first) == 4:
            return Range(self, *first)
        row, column = _corner(first)
        bottom, right = _corner(last, low=True) if last is not None else _corner(first, low=True)
        return Range(self, row, column, bottom - row + 1, right - column + 1)

    @property
    def tables(self) -> Tables:
        return Tables(self)

    def activate(self) -> None:
        pass

    def autofit(self, axis: str | None = None) -> None:
        self.uno.Columns.OptimalWidth = True

    @property
    def used_range(self) -> Range:
        cursor = self.uno.createCursor()
        cursor.gotoEndOfUsedArea(False)
        return self.range((1, 1), (cursor.RangeAddress.EndRow + 1, cursor.RangeAddress.EndColumn + 1))


def _corner(given: Any, *, low: bool = False) -> tuple[int, int]:
    if isinstance(given, Range):
        return (given.row + given.high - 1, given.column + given.wide - 1) if low else (given.row, given.column)
    return given[0], given[1]


class Range(base_classes.Range):
    sheet: Any = None
    row, column = 0, 0

    def __init__(self, sheet: Sheet, row: int, column: int, rows: int = 1, columns: int = 1) -> None:
        self.sheet, self.row, self.column, self.high, self.wide = sheet, row, column, rows, columns
        self.options: Any = {}
        self.uno = sheet.uno.getCellRangeByPosition(column - 1, row - 1, column + columns - 2, row + rows - 2)

    @property
    def api(self) -> Any:
        return self.uno

    @property
    def app(self) -> App:
        return self.sheet.book.app

    @property
    def shape(self) -> tuple[int, int]:
        return self.high, self.wide

    def __len__(self) -> int:
        return self.high * self.wide

    def __call__(self, *at: int) -> Range:
        row, column = at if len(at) == 2 else divmod(at[0] - 1, self.wide)
        return Range(self.sheet, self.row + row - 1, self.column + column - 1) if len(at) == 2 else self(row + 1, column + 1)

    def get_address(self, row_absolute: bool = True, column_absolute: bool = True, external: bool = False) -> str:
        return f"${letters(self.column)}${self.row}:${letters(self.column + self.wide - 1)}${self.row + self.high - 1}"

    @property
    def address(self) -> str:
        return self.get_address()

    # ------------------------------------------------------------------------------------------------------------ reading

    @property
    def raw_value(self) -> Any:
        self._called("read")
        found = [list(row) for row in self.uno.getDataArray()]
        for row, column in self._of(self.uno.queryContentCells(DATES)):
            if isinstance(found[row][column], float):
                found[row][column] = EPOCH + timedelta(days=found[row][column])
        for row, values in enumerate(found):
            for column, value in enumerate(values):
                if value is None:
                    found[row][column] = ERRORS[self.uno.getCellByPosition(column, row).getError()]
                elif value == "":
                    found[row][column] = None
        return found[0][0] if len(self) == 1 else tuple(tuple(row) for row in found)

    def _of(self, found: Any) -> Iterator[tuple[int, int]]:
        """The cells of these ranges, counted from the first of this one."""
        for area in found.RangeAddresses:
            for row in range(area.StartRow, area.EndRow + 1):
                for column in range(area.StartColumn, area.EndColumn + 1):
                    yield row - self.row + 1, column - self.column + 1

    @property
    def formula(self) -> Any:
        self._called("read")
        values, formulas = self.uno.getDataArray(), self.uno.getFormulaArray()
        made = [[_as_formula(f, v) for f, v in zip(*rows, strict=True)] for rows in zip(formulas, values, strict=True)]
        return made[0][0] if len(self) == 1 else tuple(tuple(row) for row in made)

    # ------------------------------------------------------------------------------------------------------------ writing

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        self._write([[data] * self.wide] * self.high if not isinstance(data, list | tuple) else data)

    @formula.setter
    def formula(self, data: Any) -> None:
        rows = [[data] * self.wide] * self.high if not isinstance(data, list | tuple) else data
        formulas = {(r, c): f for r, row in enumerate(rows) for c, f in enumerate(row) if isinstance(f, str) and f.startswith("=")}
        self._write([["" if (r, c) in formulas else _typed(value) for c, value in enumerate(row)] for r, row in enumerate(rows)])
        for (row, column), formula in formulas.items():
            self.uno.getCellByPosition(column, row).setFormula(formula.replace(",", ";"))

    def _write(self, rows: Any) -> None:
        self._called("write")
        self._refuse_protected()
        for table in self.sheet.tables:
            if table.name in self.app.breaks and table.range.row < self.row <= table.range.row + table.range.high:
                self.app.breaks.remove(table.name)
                raise ComError("Mémoire insuffisante.", -2147024882)
        kinds = [self._kind(column) for column in range(self.wide)]
        self.uno.setDataArray(tuple(tuple(self._taken(v, r, c, kinds) for c, v in enumerate(row)) for r, row in enumerate(rows)))

    def _kind(self, column: int) -> str | None:
        """The number format of a column of the range, None where its cells differ."""
        key = self.uno.getCellRangeByPosition(column, 0, column, self.high - 1).NumberFormat
        return None if key is None else self.sheet.book.format_of(key)[0]

    def _taken(self, value: Any, row: int, column: int, kinds: list[str | None]) -> Any:
        """What Excel makes of a value that is put into a cell."""
        if isinstance(value, datetime | date):
            if not self._dated(row, column):
                self.uno.getCellByPosition(column, row).NumberFormat = self.sheet.book.key_of("yyyy\\-mm\\-dd")
            return float((datetime(value.year, value.month, value.day) - EPOCH).days)
        kind = kinds[column]
        if kind is None:
            kind = self.sheet.book.format_of(self.uno.getCellByPosition(column, row).NumberFormat)[0]
        if isinstance(value, bool | int | float):
            if kind == "@":
                self._hazard(row, column, value)
            return float(value)
        if kind == "@":
            return value if self.app.literal else value.removeprefix("'")
        if value.startswith("'"):
            return value[1:]
        if value and CONVERTED.fullmatch(value):
            self._hazard(row, column, value)
        return value

    def _dated(self, row: int, column: int) -> bool:
        return self.sheet.book.format_of(self.uno.getCellByPosition(column, row).NumberFormat)[1]

    def _hazard(self, row: int, column: int, value: Any) -> None:
        self.app.hazards.append(f"{self.sheet.name}!{letters(self.column + column)}{self.row + row}: {value!r}")

    def clear_contents(self) -> None:
        self._called("write")
        self._refuse_protected()
        self.uno.clearContents(VALUES)

    @property
    def number_format(self) -> str | None:
        self._called("read")
        key = self.uno.NumberFormat
        return None if key is None else self.sheet.book.format_of(key)[0]

    @number_format.setter
    def number_format(self, value: str) -> None:
        self._called("format")
        self._refuse_protected()
        self.uno.NumberFormat = self.sheet.book.key_of(value)

    def _called(self, what: str) -> None:
        self.app.refuse_editing()
        self.app.calls.append(f"{what} {self.sheet.name}!{self.address.replace('$', '')}")

    def _refuse_protected(self) -> None:
        if self.sheet.uno.isProtected():
            raise ComError("La cellule ou le graphique que vous essayez de modifier se trouve sur une feuille protégée.", -2146827284)


def _as_formula(formula: str, value: Any) -> str:
    """A cell as `Range.Formula` says it: a formula, or a value as it would be typed."""
    if isinstance(value, str) and (not formula.startswith("=") or value == formula):
        return value
    if isinstance(value, float) and not formula.startswith("="):
        return str(int(value)) if value.is_integer() else repr(value)
    return formula.replace(";", ",")


def _typed(value: Any) -> Any:
    """What Excel makes of a constant that is written as a formula."""
    if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) and not re.fullmatch(r"-?0\d+", value):
        return float(value)
    return value


class Tables(base_classes.Collection):
    def __init__(self, sheet: Sheet) -> None:
        self.found = [Table(sheet, uno) for at, uno in sheet.book.tables if at == sheet.index - 1]

    def __call__(self, key: int | str) -> Table:
        return self.found[key - 1] if isinstance(key, int) else next(t for t in self.found if t.name == key)

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Table]:
        return iter(self.found)


class Table(base_classes.Table):
    parent: Any = None

    def __init__(self, sheet: Sheet, uno: Any) -> None:
        self.parent, self.uno = sheet, uno

    @property
    def api(self) -> Any:
        return self.uno

    @property
    def name(self) -> str:
        return self.uno.Name

    @property
    def range(self) -> Range:
        area = self.uno.DataArea
        return self.parent.range((area.StartRow + 1, area.StartColumn + 1), (area.EndRow + 1, area.EndColumn + 1))

    @property
    def header_row_range(self) -> Range:
        whole = self.range
        return Range(self.parent, whole.row, whole.column, 1, whole.wide)

    @property
    def show_totals(self) -> bool:
        return bool(self.uno.TotalsRow)

    @property
    def show_autofilter(self) -> bool:
        return bool(self.uno.AutoFilter)

    @property
    def autofilter(self) -> SimpleNamespace:
        """What a person chose to see is told by a test, in `App.filtered`."""
        app = self.parent.book.app
        chosen = {"field": 1, "type": "values" if self.name in app.filtered else "none"}
        return SimpleNamespace(criteria=[chosen], clear=lambda field: app.filtered.discard(self.name))

    def resize(self, to: xw.Range) -> None:
        """Excel's Resize: what stands beneath becomes part of the table, and a calculated column is filled down."""
        self.parent.book.app.calls.append(f"resize {self.name}")
        self.parent.book.app.refuse_editing()
        before, after = self.range, to.impl
        assert (before.row, before.column, before.wide) == (after.row, after.column, after.wide)
        self.uno.setDataArea(after.uno.RangeAddress)
        for column in range(after.wide if after.high > before.high else 0):
            old = Range(self.parent, before.row + 1, before.column + column, before.high - 1)
            if all(row[0].startswith("=") for row in old.uno.getFormulaArray()):
                new = Range(self.parent, after.row + 1, after.column + column, after.high - 1)
                new.uno.fillAuto(import_uno().Enum("com.sun.star.sheet.FillDirection", "TO_BOTTOM"), before.high - 1)


class Names(base_classes.Names):
    """The names of a workbook; those that a program adds are kept beside it, for LibreOffice takes no name with a dot but from a file."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.uno = book.doc.NamedRanges

    def _all(self) -> list[str]:
        return [*self.uno.ElementNames, *self.book.added]

    def __call__(self, name_or_index: int | str) -> Name:
        name = self._all()[name_or_index - 1] if isinstance(name_or_index, int) else name_or_index
        if not self.contains(name):
            raise ComError("Erreur définie par l’application ou par l’objet", -2146827284)
        return Name(self, name)

    def snapshot(self) -> list[tuple[str, Name]]:
        return [(name, Name(self, name)) for name in self._all()]

    def contains(self, name_or_index: int | str) -> bool:
        return name_or_index in self._all()

    def __len__(self) -> int:
        return len(self._all())

    def add(self, name: str, refers_to: str) -> Name:
        assert re.fullmatch(r"[A-Za-z_][\w.]*", name), name
        assert len(refers_to) <= 255 + len('=""'), refers_to
        self.book.added[name] = refers_to
        return Name(self, name)


class Name(base_classes.Name):
    api: Any = SimpleNamespace()
    name = ""

    def __init__(self, names: Names, name: str) -> None:
        self.names, self.name = names, name

    def delete(self) -> None:
        if self.names.book.added.pop(self.name, None) is None:
            self.names.uno.removeByName(self.name)

    @property
    def refers_to(self) -> str:
        if self.name in self.names.book.added:
            return self.names.book.added[self.name]
        known = self.names.book.known
        if self.name not in known:
            known[self.name] = self.names.uno.getByName(self.name).Content
        content = known[self.name]
        parts = SHEET_OF.match(content)
        if parts is None or "#REF!" in content:
            return "=#REF!$A$1" if "#REF!" in content else "=" + content
        sheet = parts["sheet"]
        return f"={sheet}!{parts['cell']}" if sheet.startswith("'") or re.fullmatch(r"\w+", sheet) else f"='{sheet}'!{parts['cell']}"
