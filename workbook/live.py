"""The open workbook: `Book` over the Excel that a person works in. One bulk read and one bulk write per table; Excel is left as it was found."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import xlwings as xw

from rules import model as nouns
from rules.errors import WorkbookError
from rules.row import Kind, Language, Row, columns
from rules.words import text
from workbook.cell_xml import translated
from workbook.cells import EPOCH, Cells, understood, written
from workbook.package import CELL, Place, letters, number
from workbook.staged import KEYS, Bound, Staged, followed
from workbook.tables import SCHEMA, table

UNDO = "Undo the change (Ctrl+Z), or open the newest file of the folder backups."
ROWS = 1_048_576  # of a sheet
NAMED = 10  # cells that a message names
FORMATTED = "@"  # the number format of a cell that takes everything for text
TEXTS = (Kind.ID, Kind.TEXT, Kind.CODE, Kind.FLAG)
ERROR_TEXTS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
ERROR_NUMBERS = range(-2146826300, -2146826200)  # how Excel hands over the errors that xlwings has no text for, such as #SPILL!
BUSY = (-2146777998, -2147418111, -2147417846)  # Excel says no while a cell is being edited or a dialog is open
TRIES = 500  # of a call that Excel refuses because it is busy: a moment; xlwings alone would try for ever

Column = list[Any]


@dataclass(frozen=True)
class LiveTable:
    """A table of the open workbook: where it stands. Rows and columns count from 1; `last` is its last row with data."""

    table: xw.main.Table
    sheet: str
    header: int
    first_column: int
    last_column: int
    last: int
    totals: bool

    @property
    def first(self) -> int:
        """The first row with data."""
        return self.header + 1


class LiveBook(Staged[LiveTable]):
    """A dunning workbook that is open in Excel. Nothing is changed before `save`; what enters the history is saved to disk with it."""

    def __init__(self, book: xw.Book, folder: Path) -> None:
        super().__init__(folder, book.name)
        self.book = book
        self._shown: dict[Place, str | int | float] = {}
        self._bound: dict[type[Row], Bound[LiveTable]] = {}
        self._standing: dict[str, list[LiveTable]] = {}
        self.language: Language = "en"  # until it is known
        with excel(self.name):
            self._names = {name.name: name for name in book.names}
            self._check_schema()
            self.language = self._language()

    def _check_schema(self) -> None:
        if "dunning.schema" not in self._names:
            raise WorkbookError(f"{self.name} is not a dunning workbook. Open one, or make one with the button New workbook.")
        if (found := str(self._names["dunning.schema"].refers_to).lstrip("=").strip('"')) != SCHEMA:
            raise WorkbookError(
                f"{self.name} was made by another version of dunning (its tables have version {found}, expected is {SCHEMA}). "
                "Use the program it was made with, or make a new workbook and import the ledger again."
            )

    # ------------------------------------------------------------------------------------------------------------ where things stand

    def _place(self, name: str) -> Place | None:
        said = str(self._names[name].refers_to) if name in self._names else ""
        parts = CELL.match(said.removeprefix("="))
        if parts is None or "#REF!" in said:
            return None
        sheet = parts["quoted"].replace("''", "'") if parts["quoted"] else parts["plain"]
        return Place(sheet, int(parts["row"]), number(parts["letters"]))

    def _where(self, model: type[Row]) -> Bound[LiveTable]:
        if model not in self._bound:
            with excel(self.name, self.language):
                wanted, found = table(model), dict[str, Place]()
                for c in columns(model):
                    place = self._place(wanted.cell_name(c))
                    if place is None:
                        raise WorkbookError(
                            f"{self.name}: the column «{c.titles['en']}» of the table {wanted.excel_name} is missing; it, or its sheet, was deleted. "
                            f"{UNDO}"
                        )
                    found[c.name] = place
                self._bound[model] = Bound(self._table_at(found, wanted.excel_name), {name: place.column for name, place in found.items()})
        return self._bound[model]

    def _table_at(self, found: dict[str, Place], name: str) -> LiveTable:
        start = next(iter(found.values()))
        for stands in self._tables(start.sheet):
            if stands.header == start.row and stands.first_column <= start.column <= stands.last_column:
                break
        else:
            raise WorkbookError(
                f"{self.name}: {start} is no longer the heading of an Excel table (table {name} was turned into a range, or its header row was "
                f"switched off). {UNDO}"
            )
        inside = range(stands.first_column, stands.last_column + 1)
        astray = [p for p in found.values() if (p.sheet, p.row) != (stands.sheet, stands.header) or p.column not in inside]
        if astray or len({p.column for p in found.values()}) < len(found):
            raise WorkbookError(f"{self.name}: the column at {(astray or list(found.values()))[0]} was moved out of the table {name}. {UNDO}")
        return stands

    def _tables(self, sheet: str) -> list[LiveTable]:
        """The tables of a sheet that have a heading."""
        if sheet not in self._standing:
            made: list[LiveTable] = []
            for found in self.book.sheets[sheet].tables:
                heading, whole, totals = found.header_row_range, found.range, bool(found.show_totals)
                if heading is not None:
                    (rows, count), column = whole.shape, heading.column
                    last = heading.row + max(rows - 1 - totals, 1)
                    made.append(LiveTable(found, sheet, heading.row, column, column + count - 1, last, totals))
            self._standing[sheet] = made
        return self._standing[sheet]

    def _block(self, stands: LiveTable, first: int, last: int, from_column: int, to_column: int) -> xw.Range:
        return self.book.sheets[stands.sheet].range((first, from_column), (last, to_column))

    # ------------------------------------------------------------------------------------------------------------ reading

    def _in_file(self, model: type[Row]) -> pd.DataFrame:
        if model not in self._frames:
            bound = self._where(model)
            stands = bound.table
            with excel(self.name, self.language):
                values = _values(self._block(stands, stands.first, stands.last, stands.first_column, stands.last_column))
            cells = {name: [row[column - stands.first_column] for row in values] for name, column in bound.columns.items()}
            filled = np.array([any(v not in (None, "") for v in row) for row in zip(*cells.values(), strict=True)], dtype=bool)
            rows = np.flatnonzero(filled)
            shown = ((row, name, column[row]) for row in rows for name, column in cells.items())
            wrong = [(bound.place(int(row), name), cell.text) for row, name, cell in shown if isinstance(cell, Wrong)]
            if wrong:
                named = ", ".join(f"{place} ({error})" for place, error in wrong[:NAMED])
                more = f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
                raise WorkbookError(text(self.language, "excel", "errors", book=self.name, cells=named + more))
            texts = {name: pa.array([_text(column[row]) for row in rows], pa.large_string()) for name, column in cells.items()}
            self._frames[model] = understood(
                texts, model, self._company(model), lambda row, name: str(bound.place(int(rows[row]), name)), self._spoken(model)
            )
            self._rows[model] = rows
        return self._frames[model]

    # ------------------------------------------------------------------------------------------------------------ changing

    def show(self, name: str, value: str | int | float) -> None:
        """Put a value into the cell named `dunning.home.<name>` at the next save; a formula there computes it and is left alone."""
        with excel(self.name, self.language):
            place = self._place(f"dunning.home.{name}")
            if place is None:
                raise WorkbookError(f"{self.name}: the cell with the name dunning.home.{name} is missing; it, or its sheet, was deleted. {UNDO}")
            cell = self._cell(place)
            if str(cell.formula).startswith("=") or (cell.value or "") == value:
                self._shown.pop(place, None)
            else:
                self._shown[place] = value

    def _cell(self, place: Place) -> xw.Range:
        return self.book.sheets[place.sheet].range((place.row, place.column))

    # ------------------------------------------------------------------------------------------------------------ saving

    def check_writable(self) -> None:
        """Raise WorkbookError when what is to be counted could not be saved: a read-only workbook, or a cell being edited."""
        with excel(self.name, self.language):
            if _says(self.book, "ReadOnly", "read_only"):
                raise WorkbookError(text(self.language, "excel", "read_only", book=self.name))
            self.book.app.screen_updating = self.book.app.screen_updating  # a write that changes nothing: refused while a cell is edited

    def save(self) -> bool:
        """Write what waits, all of it or nothing; to disk as well when the history grew. False when there was nothing to change."""
        if not self._staged and not self._shown:
            return False
        self._bound, self._standing = {}, {}  # where things stand now
        with excel(self.name, self.language):
            moves = {model: self._theirs(model, frame) for model, frame in self._staged.items()}
            self._refuse()
            with still(self.book.app):
                self._write_all(moves)
            recalculate(self.book.app)
        for model, frame in self._staged.items():
            self._frames[model], self._rows[model] = frame, np.arange(len(frame))
        self._staged, self._shown, self._bound, self._standing = {}, {}, {}, {}
        return True

    def _refuse(self) -> None:
        """WorkbookError for what would fail half-way, or destroy something."""
        sheets = {*(self._where(model).table.sheet for model in self._staged), *(place.sheet for place in self._shown)}
        for sheet in sorted(sheets):
            if _says(self.book.sheets[sheet], "ProtectContents", "protect_contents"):
                raise WorkbookError(text(self.language, "excel", "protected", sheet=sheet))
        for model, frame in self._staged.items():
            stands, name = self._where(model).table, table(model).excel_name
            after = _end(stands, frame)
            if after > ROWS:
                raise WorkbookError(
                    f"{self.name}: table {name} would need {len(frame):,} rows, and a sheet has {ROWS:,}. Keep one workbook per company."
                )
            if stands.totals and after != stands.last:
                place = Place(stands.sheet, stands.last + 1, stands.first_column)
                raise WorkbookError(text(self.language, "excel", "totals", place=place, table=name, row=after))
            if (used := min(after, self._used(stands.sheet))) > stands.last:
                below = _values(self._block(stands, stands.last + 1, used, stands.first_column, stands.last_column))
                for row, values in enumerate(below, stands.last + 1):
                    if any(v is not None for v in values):
                        place = Place(stands.sheet, row, stands.first_column)
                        raise WorkbookError(text(self.language, "excel", "below", place=place, table=name, row=after))

    def _used(self, sheet: str) -> int:
        """The last row of a sheet that holds anything."""
        return self.book.sheets[sheet].used_range.last_cell.row

    def _write_all(self, moves: dict[type[Row], tuple[dict[int, Column], dict[int, Column]]]) -> None:
        """Every table, every shown cell, the file on the disk; where Excel refuses half-way, what was written is put back."""
        begun: list[type[Row]] = []
        shown = {place: self._cell(place).value for place in self._shown}
        try:
            for done, (model, frame) in enumerate(self._staged.items(), start=1):
                self.progress("save", done, len(self._staged))
                begun.append(model)
                self._write(model, frame, moves[model][1])
            for place, value in self._shown.items():
                self._cell(place).value = _typed(value)
            if nouns.HistoryEntry in self._staged:
                self.book.save()
        except Exception:
            self._bound, self._standing = {}, {}
            for model in begun:
                with suppress(Exception):
                    self._write(model, self._in_file(model), moves[model][0])
            for place, value in shown.items():
                with suppress(Exception):
                    self._cell(place).value = _typed(value)
            raise

    def _write(self, model: type[Row], frame: pd.DataFrame, theirs: dict[int, Column]) -> None:
        """The rows of one table: its size first, then each run of our columns in one write, then the cells of people's own columns."""
        bound = self._where(model)
        stands, count = bound.table, max(len(frame), 1)
        before, after = stands.last, _end(stands, frame)
        _unfiltered(stands.table)
        if after != before:
            stands.table.resize(self._block(stands, stands.header, after, stands.first_column, stands.last_column))
        if after < before:
            self._block(stands, after + 1, before, stands.first_column, stands.last_column).clear_contents()
        cells = written(frame, model, self.language, self._company(model))
        kinds = {c.name: c.kind for c in columns(model)}
        made = {column: _for_excel(cells[name], kinds[name], count) for name, column in bound.columns.items()}
        as_text = {column for name, column in bound.columns.items() if kinds[name] in TEXTS}
        for run in _runs(as_text):
            self._block(stands, stands.first, after, run[0], run[-1]).number_format = FORMATTED
        for run in _runs(made):
            block = self._block(stands, stands.first, after, run[0], run[-1])
            block.value = [list(row) for row in zip(*(made[column] for column in run), strict=True)]
        for column in as_text:
            if any(v is not None and v.startswith("'") for v in made[column]):
                _bare(self._block(stands, stands.first, after, column, column), made[column])
        for column, contents in theirs.items():
            block = self._block(stands, stands.first, after, column, column)
            _put_formulas(block, [[_typed(c)] for c in contents])
            _bare(block, [_typed(c) for c in contents])

    def _theirs(self, model: type[Row], frame: pd.DataFrame) -> tuple[dict[int, Column], dict[int, Column]]:
        """The columns that people added, as they are and as they shall be: each cell goes with its row, in a table without a key it stays.

        Nothing when no row moves or goes, and of a column in which every row has the same formula: Excel fills it.
        """
        bound = self._where(model)
        stands = bound.table
        own = [c for c in range(stands.first_column, stands.last_column + 1) if c not in bound.columns.values()]
        if not own:
            return {}, {}
        stay, rows = np.arange(len(frame)), self._rows_of(model)
        come = np.where(stay < len(rows), stay, -1)
        if model in KEYS:
            come = np.append(rows, -1)[followed(self._in_file(model), frame, list(KEYS[model]))]
        fresh = (come < 0) & (stay > stands.last - stands.first)
        if ((come == stay) | fresh).all() and np.isin(rows, come).all():
            return {}, {}
        before, after = dict[int, Column](), dict[int, Column]()
        for column in own:
            contents = _contents(self._block(stands, stands.first, stands.last, column, column))
            if not _calculated(contents, column, stands.first):
                before[column], after[column] = (_followed(contents, at, column, stands.first) for at in (rows, come))
        return before, after

    def _rows_of(self, model: type[Row]) -> npt.NDArray[np.int64]:
        self._in_file(model)
        return self._rows[model]


# ---------------------------------------------------------------------------------------------------------------- cells


@dataclass(frozen=True)
class Formula:
    """A formula in a cell, with its sign of equality."""

    text: str


@dataclass(frozen=True)
class Wrong:
    """An error that a cell shows, such as #N/A; not a text that reads the same."""

    text: str


def _values(block: xw.Range) -> list[list[Any]]:
    """The cells of a block, row by row, in one read; in a second one where a text reads like an error."""
    values = block.options(ndim=2, err_to_str=True).value
    if any(v in ERROR_TEXTS for row in values for v in row if isinstance(v, str)):
        plain = block.options(ndim=2).value  # without the texts of errors, an error is nothing
        both = (zip(*rows, strict=True) for rows in zip(values, plain, strict=True))
        values = [[Wrong(v) if isinstance(v, str) and w is None else v for v, w in row] for row in both]
    return [[Wrong("an error") if type(v) is int and v in ERROR_NUMBERS else v for v in row] for row in values]


def _text(value: Any) -> str | None:
    """A cell's value as the text that `workbook.cells` understands."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    return str(value)


def _for_excel(cells: Cells, kind: Kind, count: int) -> Column:
    """The cells of a column as Excel takes them: numbers, dates, texts, None where there is nothing."""
    array = cells.text.dictionary_decode() if isinstance(cells.text, pa.DictionaryArray) else cells.text
    given = array.to_pylist()
    made: Column
    if kind is Kind.DAY:
        days = [None if v is None else int(v) for v in given]
        made = [None if v is None else (EPOCH[False] + np.timedelta64(v, "D")).astype("datetime64[s]").item() for v in days]
    elif cells.number:
        made = [None if v is None else float(v) for v in given]
    else:
        made = [f"'{v}" if v is not None and v.startswith("'") else v for v in given]  # the first apostrophe is a sign, not a character
    return made + [None] * (count - len(made))


def _typed(value: Any) -> Any:
    """A value for a cell that may not be formatted as text: a text with the apostrophe that keeps it one."""
    if isinstance(value, Formula | Wrong):
        return value.text
    return f"'{value}" if isinstance(value, str) and value else value


def _bare(block: xw.Range, given: Column) -> None:
    """Where a cell formatted as text kept the apostrophe that should have made it a text: the text as it is."""
    kept = [row[0] for row in _values(block)]
    if any(isinstance(v, str) and v == found for v, found in zip(given, kept, strict=True) if isinstance(v, str) and v.startswith("'")):
        block.value = [[v[1:] if isinstance(v, str) and v.startswith("'") else v] for v in given]


def _formulas(block: xw.Range) -> Any:
    """The formulas of a block as they were typed: `formula` would show those of arrays with an @, and change what they compute."""
    try:
        return block.formula2
    except Exception:  # an Excel before 365 has no such formulas
        return block.formula


def _put_formulas(block: xw.Range, rows: list[list[Any]]) -> None:
    try:
        block.formula2 = rows
    except Exception:  # as above; what Excel refuses for another reason it refuses again
        block.formula = rows


def _contents(block: xw.Range) -> Column:
    """What stands in the cells of one column: formulas as such, constants by their value."""
    found = _formulas(block)
    formulas = [row[0] if isinstance(row, list | tuple) else row for row in found] if isinstance(found, list | tuple) else [found]
    return [Formula(str(f)) if str(f).startswith("=") and f != value else value for f, (value,) in zip(formulas, _values(block), strict=True)]


def _calculated(contents: Sequence[Any], column: int, first: int) -> bool:
    """Whether every cell has the formula of the first one, moved to its row."""
    return all(isinstance(c, Formula) for c in contents) and all(c == _moved(contents[0], column, first, first + at) for at, c in enumerate(contents))


def _followed(contents: Column, come: npt.NDArray[np.int64], column: int, first: int) -> Column:
    """The cells of a column in their new rows, by the old row of each, -1 = none; a table keeps one row."""
    return [_moved(contents[at], column, first + at, first + to) if at >= 0 else None for to, at in enumerate(come.tolist())] or [None]


def _moved(content: Any, column: int, from_row: int, to_row: int) -> Any:
    """The content of a cell in another row: relative references of a formula go with it."""
    if not isinstance(content, Formula):
        return content
    return Formula("=" + translated(content.text[1:], f"{letters(column)}{from_row}", f"{letters(column)}{to_row}"))


def _end(stands: LiveTable, frame: pd.DataFrame) -> int:
    """The last row of the table once it holds the frame; an empty table keeps one blank row."""
    return stands.header + max(len(frame), 1)


def _runs(found: Iterator[int] | set[int] | dict[int, Any]) -> Iterator[list[int]]:
    """Columns that stand side by side."""
    run: list[int] = []
    for column in sorted(found):
        if run and column != run[-1] + 1:
            yield run
            run = []
        run.append(column)
    if run:
        yield run


# ---------------------------------------------------------------------------------------------------------------- Excel


def _unfiltered(found: xw.main.Table) -> None:
    """Show every row: Excel writes past the rows that a filter hides."""
    if found.show_autofilter and any(criterion.type != "none" for criterion in found.autofilter.criteria):
        found.autofilter.clear()


def _is_busy(trouble: BaseException) -> bool:
    """Whether Excel refused because a cell is being edited or a dialog is open."""
    details = [a for part in trouble.args for a in (part if isinstance(part, tuple) else (part,))]
    lost = isinstance(trouble, AttributeError) and re.match(r"(Excel|<unknown>)\.", str(trouble))  # how pywin32 says the same
    return bool(lost) or getattr(trouble, "hresult", None) in BUSY or any(a in BUSY for a in details if isinstance(a, int))


def _says(thing: xw.Book | xw.Sheet, windows: str, mac: str) -> bool:
    """A property of Excel that xlwings does not have."""
    return bool(getattr(thing.api, mac).get() if sys.platform == "darwin" else getattr(thing.api, windows))


@contextmanager
def excel(name: str, language: Language = "en") -> Iterator[None]:
    """Turns what Excel says when it refuses into a sentence."""
    if windows := getattr(xw, "_xlwindows", None):
        windows.N_COM_ATTEMPTS = TRIES
    try:
        yield
    except WorkbookError:
        raise
    except Exception as trouble:
        if _is_busy(trouble):
            raise WorkbookError(text(language, "excel", "busy", book=name)) from trouble
        raise


@contextmanager
def still(app: xw.App) -> Iterator[None]:
    """While many cells are written: no screen updates, no recalculation; both come back whatever happens."""
    screen, calculation = app.screen_updating, app.calculation
    try:
        app.screen_updating, app.calculation = False, "manual"
        yield
    finally:
        for name, value in (("calculation", calculation), ("screen_updating", screen)):
            with suppress(Exception):  # the one must not keep the other from coming back
                setattr(app, name, value)


def recalculate(app: xw.App) -> None:
    """Worksheet functions read whole tables, of which Excel does not know that they changed: computed anew, unless the user computes by hand."""
    with suppress(Exception):  # a Mac has neither this call nor the functions
        if app.calculation == "automatic":
            app.api.CalculateFull()


def progress_in_status_bar(app: xw.App, said: Callable[[str], str]) -> Callable[[str, int, int], None]:
    """A progress that Excel's status bar shows: what, and how far, in steps of a tenth."""
    last: dict[str, int] = {}

    def advance(what: str, done: int, total: int) -> None:
        tenth = 10 * done // total if total else 10
        if last.get(what) != tenth:
            last[what] = tenth
            with suppress(Exception):  # a bar that cannot be written stops nothing
                app.status_bar = f"{said(what)} {10 * tenth} %"

    return advance
