"""The closed workbook: `Book` on an .xlsx file that no program has open, saved whole or not at all, with its earlier versions kept."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import fastexcel
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from filelock import FileLock, Timeout

from rules.errors import WorkbookError
from rules.row import Row, columns
from workbook import guard
from workbook.cells import understood, written
from workbook.package import ExcelTable, Package, Place
from workbook.patch import patch
from workbook.sheet import Fill
from workbook.staged import KEYS, Bound, Staged, followed
from workbook.tables import SCHEMA, table
from workbook.writing import patiently, settle

BACKUPS = "backups"
WAIT = 10  # seconds for another dunning command that is just saving
UNDO = "Undo the change in Excel and save, or take the newest file of the folder backups."
ERRORS = {"NA": "#N/A", "Ref": "#REF!", "Div0": "#DIV/0!", "Name": "#NAME?", "Value": "#VALUE!", "Num": "#NUM!", "Null": "#NULL!"}


@dataclass(frozen=True)
class Grid:
    """The cells of a sheet as texts: the columns asked for by their number, rows from the first of the sheet; and the cells that show an error."""

    columns: dict[int, pa.Array]
    errors: dict[tuple[int, int], str]

    def cells(self, column: int, first: int, last: int) -> pa.Array:
        """The cells from row `first` to row `last`, null where there is nothing."""
        if column not in self.columns:
            return pa.nulls(last - first + 1, pa.large_string())
        found = self.columns[column][first - 1 : last]
        missing = last - first + 1 - len(found)
        return pa.concat_arrays([found, pa.nulls(missing, pa.large_string())]) if missing else found


class FileBook(Staged[ExcelTable]):
    """A dunning workbook in a file. Nothing is written before `save`; with `dry_run`, nothing at all."""

    def __init__(self, path: Path, content: bytes, *, dry_run: bool = False) -> None:
        super().__init__(path.parent, path.name)
        self.path, self.dry_run = path, dry_run
        self._shown: dict[Place, str | int | float] = {}
        self._take(content)
        self.language = self._language()

    @classmethod
    def open(cls, path: Path, *, dry_run: bool = False) -> FileBook:
        """The workbook at `path`. Raises WorkbookError when there is none, or when the file is not a dunning workbook of this version."""
        if path.is_dir():
            raise WorkbookError(f"{path} is a folder. Give the workbook itself, such as {path / 'Dunning.xlsx'}.")
        guard.check_package(path)
        path = path.resolve()
        return cls(path, path.read_bytes(), dry_run=dry_run)

    def _take(self, content: bytes) -> None:
        """Go on from this content of the file."""
        self._package = Package(content, self.name)
        self._stat = self.path.stat()
        self._reader: fastexcel.ExcelReader | None = None
        self._grids: dict[str, Grid] = {}
        self._bound: dict[type[Row], Bound] = {}
        schema = self._package.names.get("dunning.schema")
        if schema is None:
            raise WorkbookError(f"{self.name} is not a dunning workbook. Make one with `dunning new`, or choose another file.")
        if schema.strip('"') != SCHEMA:
            raise WorkbookError(
                f"{self.name} was made by another version of dunning (its tables have version {schema.strip(chr(34))}, expected is {SCHEMA}). "
                "Use the program it was made with, or make a new workbook with `dunning new` and import the ledger again."
            )

    # ------------------------------------------------------------------------------------------------------------ where things stand

    def _where(self, model: type[Row]) -> Bound:
        """The table of a model, found by the names of its header cells. Raises WorkbookError when a column is missing."""
        if model not in self._bound:
            wanted, found = table(model), dict[str, Place]()
            for c in columns(model):
                place = self._package.place(wanted.cell_name(c))
                if place is None:
                    raise WorkbookError(
                        f"{self.name}: the column «{c.titles['en']}» of the table {wanted.excel_name} is missing; it, or its sheet, was deleted "
                        f"(the name {wanted.cell_name(c)} stands for no cell). {UNDO}"
                    )
                found[c.name] = place
            self._bound[model] = Bound(self._table_at(found, wanted.excel_name), {name: place.column for name, place in found.items()})
        return self._bound[model]

    def _table_at(self, found: dict[str, Place], name: str) -> ExcelTable:
        start = next(iter(found.values()))
        for t in self._package.tables:
            if t.header and (t.sheet, t.header) == (start.sheet, start.row) and t.first_column <= start.column <= t.last_column:
                break
        else:
            raise WorkbookError(
                f"{self.name}: {start} is no longer the heading of an Excel table (table {name} was turned into a range, or its header row was "
                f"switched off). {UNDO}"
            )
        astray = [p for p in found.values() if (p.sheet, p.row) != (t.sheet, t.header) or not t.first_column <= p.column <= t.last_column]
        if astray or len({p.column for p in found.values()}) < len(found):
            raise WorkbookError(f"{self.name}: the column at {(astray or list(found.values()))[0]} was moved out of the table {name}. {UNDO}")
        return t

    def _grid(self, sheet: str) -> Grid:
        """The cells of our tables and names on a sheet, read once."""
        if sheet not in self._grids:
            named = (self._package.place(name) for name in self._package.names if name.startswith("dunning."))
            wanted, seen = {place.column - 1 for place in named if place and place.sheet == sheet}, list[int]()

            def chosen(column: fastexcel.ColumnInfoNoDtype) -> bool:
                seen.append(column.absolute_index)
                return column.absolute_index in wanted

            try:
                self._reader = self._reader or fastexcel.read_excel(self._package.content)
                loaded = self._reader.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string", use_columns=chosen)
                batch, trouble = cast("fastexcel.ExcelSheet", loaded).to_arrow_with_errors()
            except fastexcel.FastExcelError as damaged:
                raise WorkbookError(
                    f"{self.name}: the sheet {sheet} cannot be read, it is damaged. Open the workbook in Excel and save it, or take the newest "
                    "file of the folder backups."
                ) from damaged
            kept = [at + 1 for at in sorted(set(seen)) if at in wanted]
            cells = {at: pc.cast(batch.column(n), pa.large_string()) for n, at in enumerate(kept)}
            errors = dict[tuple[int, int], str]()
            for error in trouble.errors if trouble else ():
                shown = re.search(r"Error\((\w+)\)", error.detail)
                errors[error.position[0] + 1, error.position[1] + 1 + min(seen)] = ERRORS.get(shown[1], "an error") if shown else "an error"
            self._grids[sheet] = Grid(cells, errors)
        return self._grids[sheet]

    # ------------------------------------------------------------------------------------------------------------ reading

    def _in_file(self, model: type[Row]) -> pd.DataFrame:
        if model not in self._frames:
            bound = self._where(model)
            grid, stands = self._grid(bound.table.sheet), bound.table
            wrong = sorted((r, c) for r, c in grid.errors if stands.first <= r <= stands.last and c in bound.columns.values())
            if wrong:
                named = ", ".join(f"{Place(stands.sheet, r, c)} ({grid.errors[r, c]})" for r, c in wrong[:10])
                more = f" and {len(wrong) - 10} more" if len(wrong) > 10 else ""
                raise WorkbookError(f"{self.name}: cells show an error instead of a value: {named}{more}. Correct them, save and run again.")
            cells = {name: grid.cells(column, stands.first, stands.last) for name, column in bound.columns.items()}
            filled = np.zeros(stands.last - stands.first + 1, bool)
            for column in cells.values():
                filled |= pc.fill_null(pc.not_equal(column, ""), False).to_numpy(zero_copy_only=False)
            rows = np.flatnonzero(filled)
            if len(rows) < len(filled):
                cells = {name: column.take(pa.array(rows)) for name, column in cells.items()}
            company = self._company(model)
            self._frames[model] = understood(
                cells, model, company, lambda row, name: str(bound.place(int(rows[row]), name)), self._spoken(model), self._package.date1904
            )
            self._rows[model] = rows
            if sum(t.sheet == stands.sheet for t in self._package.tables) == 1:
                del self._grids[stands.sheet]
        return self._frames[model]

    # ------------------------------------------------------------------------------------------------------------ changing

    def show(self, name: str, value: str | int | float) -> None:
        """Put a value into the cell named `dunning.home.<name>`; a formula there keeps and shows it as its value."""
        place = self._package.place(f"dunning.home.{name}")
        if place is None:
            raise WorkbookError(f"{self.name}: the cell with the name dunning.home.{name} is missing; it, or its sheet, was deleted. {UNDO}")
        grid = self._grid(place.sheet)
        found = grid.cells(place.column, place.row, place.row)[0].as_py()
        if (place.row, place.column) not in grid.errors and _says(found, value):
            self._shown.pop(place, None)
        else:
            self._shown[place] = value

    # ------------------------------------------------------------------------------------------------------------ saving

    def check_writable(self) -> None:
        """Raise WorkbookError when `save` would be refused: the file is open elsewhere, read-only, gone, or changed since it was read."""
        excel, office = self.folder / f"~${self.name}", self.folder / f".~lock.{self.name}#"
        for mark, program in ((excel, "Excel"), (office, "LibreOffice")):
            if mark.exists():
                raise WorkbookError(
                    f"{self.name} is open in {program}. Close it there and run again; if nobody has it open, delete the file {mark.name} beside it. "
                    "Nothing was changed."
                )
        try:
            now = self.path.stat()
        except FileNotFoundError:
            raise WorkbookError(f"{self.path} was moved or deleted since it was read. Nothing was changed; run again on the file.") from None
        if not now.st_mode & 0o222 or not os.access(self.path, os.W_OK) or not os.access(self.folder, os.W_OK):
            raise WorkbookError(f"{self.path} is read-only, or you may not write into its folder. Allow it, or work on a copy. Nothing was changed.")
        same = (now.st_size, now.st_mtime_ns) == (self._stat.st_size, self._stat.st_mtime_ns)
        if not same or self.path.read_bytes() != self._package.content:
            raise WorkbookError(f"{self.name} was changed by someone else since it was read. Nothing was written; run again.")

    def save(self) -> bool:
        """Write what was staged, all or nothing, and keep the earlier version in the folder backups; False when there was nothing to change."""
        if not self._staged and not self._shown:
            return False
        if self.dry_run:
            return True
        fills = [self._fill(model, frame) for model, frame in self._staged.items()]
        kept = self.settings().backups
        self.check_writable()
        with self._alone():
            fresh = self.path.with_name(f".{self.name}.new")
            try:
                with fresh.open("wb") as out:
                    patch(self._package, out, fills, self._shown, self.progress)
                    out.flush()
                    os.fsync(out.fileno())
                shutil.copymode(self.path, fresh)
                self.check_writable()
                self._back_up(kept)
                _put(fresh, self.path)
            except OSError as trouble:
                raise WorkbookError(f"{self.path} could not be saved ({trouble.strerror or trouble}). It is as it was before.") from trouble
            finally:
                fresh.unlink(missing_ok=True)
        self._go_on()
        return True

    def _fill(self, model: type[Row], frame: pd.DataFrame) -> Fill:
        bound = self._where(model)
        cells = written(frame, model, self.language, self._company(model), self._package.date1904)
        filled = {bound.columns[name]: column for name, column in cells.items()}
        others = set(range(bound.table.first_column, bound.table.last_column + 1)) - {*filled, *bound.table.formulas}
        if model not in KEYS or not (others or model in self._frames):  # in a table that cannot be read only a user's cells are worth a refusal
            return Fill(bound.table, filled, len(frame))

        def follow() -> npt.NDArray[np.int64]:
            come = followed(self._in_file(model), frame, list(KEYS[model]))
            return np.append(self._rows[model], -1)[come]

        return Fill(bound.table, filled, len(frame), follow)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While no other dunning command saves this workbook."""
        lock = FileLock(self.folder / f".{self.name}.lock", timeout=WAIT)
        try:
            with lock:
                yield
        except Timeout:
            raise WorkbookError(f"{self.name} is being saved by another dunning command. Nothing was changed; run again when it has ended.") from None

    def _back_up(self, kept: int) -> None:
        """Copy the file as it is into the folder backups, under a running number; the oldest copies go."""
        folder = self.folder / BACKUPS
        folder.mkdir(exist_ok=True)
        numbered = re.compile(re.escape(self.path.stem) + r" (\d+)" + re.escape(self.path.suffix))
        found = sorted((int(m[1]), p) for p in folder.iterdir() if (m := numbered.fullmatch(p.name)))
        number = found[-1][0] + 1 if found else 1
        fresh = folder / f".{self.name}.new"  # cut off, it would be the newest backup
        shutil.copy2(self.path, fresh)
        _put(fresh, folder / f"{self.path.stem} {number:04d}{self.path.suffix}")
        for _, old in found[: max(len(found) + 1 - kept, 0)]:
            old.unlink(missing_ok=True)

    def _go_on(self) -> None:
        """The file now holds what was staged."""
        for model, frame in self._staged.items():
            self._frames[model], self._rows[model] = frame, np.arange(len(frame))
        self._staged, self._shown = {}, {}
        self._take(self.path.read_bytes())


def _says(found: str | None, value: str | int | float) -> bool:
    """Whether a cell holds the value already."""
    if isinstance(value, str):
        return (found or "") == value
    try:
        return found is not None and float(found) == value
    except ValueError:
        return False


def _put(fresh: Path, path: Path) -> None:
    """Put the new file in the place of the old one, lastingly."""
    try:
        patiently(lambda: fresh.replace(path))
    except PermissionError:
        raise WorkbookError(f"{path.name} is held by another program. Close it there and run again. Nothing was changed.") from None
    settle(path.parent)
