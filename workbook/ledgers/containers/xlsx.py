"""Excel workbooks: one grid per visible sheet, by the fast reader after the guard's scan; what it leaves out is put back from the XML."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fastexcel
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from lxml import etree

from rules.errors import LedgerError
from rules.findings import Finding
from rules.model import Severity
from workbook.ledgers.containers import sheet_xml
from workbook.ledgers.containers.merged import spread
from workbook.ledgers.containers.sheet_xml import Seen
from workbook.ledgers.grid import Grid, cleaned, trimmed

DOUBTFUL = r"^-?[0-9]{1,3}\.[0-9]{3}$"  # a number, or thousands that somebody typed
LONG = "^[0-9]{16,}$"  # a number that lost its last figures, or the text of one
ERROR = re.compile(r"Error\((\w+)\)")
HELD = re.compile(r"'\w+\(\"?(.*?)\"?\)'$")
ERRORS = {"Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!", "Ref": "#REF!", "Value": "#VALUE!"}
ENDINGS = (".xlsx", ".xlsm")
WIDEST = 1_000  # columns: what a column holds is looked at column by column
SHEETS = 500  # looked at, when none is named
FULL = (65_536, 1_048_576)  # the last row of an .xls and of an .xlsx sheet


def read(path: Path, only: str = "") -> list[Grid]:
    """The visible sheets that are not empty, or the one named `only`, hidden or not. The guard must have passed the file. Raises LedgerError."""
    try:
        book = sheet_xml.book(path)
        reader = fastexcel.read_excel(path if path.suffix.lower() in ENDINGS else path.read_bytes())  # by path it believes the name
        if len(reader.sheet_names) > SHEETS and not only:
            raise LedgerError(f"{path.name} has {len(reader.sheet_names):,} sheets; at most {SHEETS} are looked at. Say which sheet it is.")
        grids: list[Grid] = []
        hidden: list[str] = []
        with ThreadPoolExecutor(1) as beside:  # the fast reader leaves the other core to the pass over the XML
            for name in reader.sheet_names:
                if name not in book.parts or (only and name != only):
                    continue  # a sheet of macros, or a chart
                seen = beside.submit(sheet_xml.seen, path, book.parts[name], book.masks)
                sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
                if sheet.visible != "visible" and name != only:
                    hidden.append(name)
                elif sheet.height and sheet.width:
                    batch, errors = sheet.to_arrow_with_errors()
                    wrong = [(*error.position, error.detail) for error in errors.errors] if errors else []
                    numeric = doubtful_numbers(reader, name, batch)
                    told = seen.result()
                    if any(_shaped(texts, LONG, 16).any() for texts in batch.columns):
                        told.long = beside.submit(sheet_xml.long_numbers, path, book.parts[name]).result()
                    grids.append(sheet_grid(path, "xlsx", name, batch, wrong, numeric, told))
    except (fastexcel.FastExcelError, etree.XMLSyntaxError, KeyError) as unreadable:
        raise LedgerError(
            f"{path.name} cannot be read as an Excel workbook: it is damaged, or not as Excel writes them. Open it in Excel and save it again."
        ) from unreadable
    return visible(path, grids, hidden, only)


def visible(path: Path, grids: list[Grid], hidden: list[str], only: str = "") -> list[Grid]:
    """The grids of the visible sheets, the first of which tells which sheets are hidden. Raises LedgerError when there is none."""
    if only and only not in {grid.sheet for grid in grids}:
        raise LedgerError(f"{path.name} has no sheet {only} with anything on it. Choose another sheet.")
    if not grids:
        raise LedgerError(f"{path.name} has no visible sheet with anything on it. Export it again; nothing was changed.")
    if hidden:
        grids[0].findings.append(Finding("export_hidden_sheets", Severity.NOTE, place=path.name, values={"sheets": ", ".join(hidden)}))
    return grids


def doubtful_numbers(reader: fastexcel.ExcelReader, sheet: str, batch: pa.RecordBatch) -> frozenset[int]:
    """The columns with cells such as 1.234 that are numbers from there on, and not text that looks like them."""
    found: list[int] = []
    for column, texts in enumerate(batch.columns):
        doubtful = _shaped(texts, DOUBTFUL, 5)
        if doubtful.any():
            rest = reader.load_sheet(sheet, header_row=None, skip_rows=int(doubtful.argmax()), use_columns=[column], schema_sample_rows=None)
            if rest.to_arrow().schema.types[0] in (pa.float64(), pa.int64()):
                found.append(column)
    return frozenset(found)


def _shaped(texts: pa.Array, shape: str, fewest: int) -> npt.NDArray[np.bool_]:
    """Which texts are of a shape that has so many letters; the texts of most columns are shorter."""
    if (pc.max(pc.binary_length(texts)).as_py() or 0) < fewest:
        return np.zeros(len(texts), bool)
    return np.asarray(pc.match_substring_regex(texts, shape).fill_null(False))


def sheet_grid(
    path: Path, container: str, name: str, batch: pa.RecordBatch, wrong: Iterable[tuple[int, int, str]], numeric: frozenset[int], seen: Seen
) -> Grid:
    """The grid of a sheet: `wrong` has row, column and description of the cells that hold an error value."""
    if batch.num_columns > WIDEST:
        raise LedgerError(
            f"{path.name}: the sheet {name} reaches to column {batch.num_columns:,}; at most {WIDEST:,} are read. Delete the columns beside the"
            " table, save and try again; or say which sheet it is, if it is another."
        )
    cells = batch.to_pandas()
    cells.columns = range(cells.shape[1])
    cells, found = cleaned(trimmed(cells), f"{path.name}, {name}")
    cells = _patched(cells, [(row, column, "", _error(said)) for row, column, said in wrong])
    left = seen.first_column
    if seen.shown:
        cells = _patched(cells, [(row, column - left, was, now) for (row, column), (was, now) in seen.shown.items()])
    if seen.merged:
        cells = spread(cells, [(top, first - left, bottom, last - left) for top, first, bottom, last in seen.merged])
    place = f"{path.name}, {name}"
    if len(cells) in FULL:
        found.append(Finding("export_full", Severity.WARNING, place=place, values={"rows": len(cells)}))
    if seen.hidden:
        found.append(Finding("export_hidden_rows", Severity.NOTE, place=place, values={"count": seen.hidden}))
    if seen.formulas:
        found.append(Finding("export_formulas", Severity.NOTE, place=place, values={"count": seen.formulas}))
    fields = np.full(len(cells), cells.shape[1])
    long = defaultdict[int, set[int]](set)
    for row, column in seen.long:
        long[column - left].add(row)
    return Grid(
        path, container, cells, fields, np.arange(1, len(cells) + 1), sheet=name, findings=found, numeric=numeric,
        long={column: frozenset(rows) for column, rows in long.items()},
    )  # fmt: skip


def _error(said: str) -> str:
    """What a cell that is neither text, number nor date holds, as Excel shows it: an error value, or a length of time."""
    if named := ERROR.search(said):
        return ERRORS.get(named[1], "#ERROR!")
    held = HELD.search(said)
    return held[1] if held else "#ERROR!"


def _patched(cells: pd.DataFrame, patches: list[tuple[int, int, str, str]]) -> pd.DataFrame:
    """The cells with `now` at row and column where they say `was`."""
    by_column: defaultdict[int, list[tuple[int, str, str]]] = defaultdict(list)
    for row, column, was, now in patches:
        if row < len(cells) and 0 <= column < cells.shape[1]:
            by_column[column].append((row, was, now))
    for column, changes in by_column.items():
        at = np.array([row for row, _, _ in changes])
        texts = cells[column].to_numpy(dtype=object).copy()
        fits = texts[at] == np.array([was for _, was, _ in changes], dtype=object)
        texts[at[fits]] = np.array([now for _, _, now in changes], dtype=object)[fits]
        cells[column] = pd.Series(texts, index=cells.index, dtype="str")
    return cells
