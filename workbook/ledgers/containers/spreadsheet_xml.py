"""Workbooks as XML of Excel 2003 (SpreadsheetML), which programs call .xls or .xml: read as a stream, typed like the sheets of an .xlsx."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from lxml import etree

from rules.errors import LedgerError
from rules.findings import Finding
from rules.model import Severity
from workbook.extent import sensible
from workbook.guard import Caps
from workbook.ledgers.containers.merged import spread
from workbook.ledgers.containers.sheet_xml import MASK, masked
from workbook.ledgers.containers.xlsx import DOUBTFUL, visible
from workbook.ledgers.grid import Grid, cleaned, trimmed

S = "{urn:schemas-microsoft-com:office:spreadsheet}"
X = "{urn:schemas-microsoft-com:office:excel}"
TALLEST, WIDEST = 1 << 20, 1 << 14


@dataclass
class Sheet:
    """A worksheet as far as it has been read; rows and columns from 0."""

    name: str
    row: int = -1
    column: int = -1
    width: int = 0
    cells: int = 0
    rows: list[dict[int, str]] = field(default_factory=list[dict[int, str]])
    merged: list[tuple[int, int, int, int]] = field(default_factory=list[tuple[int, int, int, int]])
    texts: set[int] = field(default_factory=set[int])  # columns with text that looks like thousands
    doubtful: set[int] = field(default_factory=set[int])
    hidden_rows: int = 0
    formulas: int = 0
    hidden: bool = False


def read(path: Path, caps: Caps, only: str = "") -> list[Grid]:
    """The visible sheets that are not empty, or the one named `only`, hidden or not. The guard must have passed the file. Raises LedgerError."""
    grids: list[Grid] = []
    hidden: list[str] = []
    masks: dict[str, str] = {}
    sheet = Sheet("")
    wanted = [S + tag for tag in ("Worksheet", "Row", "Cell", "NumberFormat")] + [X + "Visible"]
    try:
        with path.open("rb") as stream:
            for event, element in etree.iterparse(
                stream, events=("start", "end"), tag=wanted, resolve_entities=False, no_network=True, load_dtd=False
            ):
                if event == "start":
                    if element.tag == S + "Worksheet":
                        sheet = Sheet(element.get(S + "Name", ""))
                    elif element.tag == S + "Row":
                        _open_row(sheet, element, path.name)
                    continue
                if element.tag == S + "NumberFormat":
                    _note_mask(masks, element)
                elif element.tag == X + "Visible":
                    sheet.hidden = "hidden" in (element.text or "").lower()
                elif element.tag == S + "Cell":
                    _add(sheet, element, masks, path.name, caps)
                elif element.tag == S + "Row":
                    while (before := element.getprevious()) is not None:
                        element.getparent().remove(before)
                    element.clear()
                elif only and sheet.name != only:
                    continue
                elif sheet.hidden and not only:
                    hidden.append(sheet.name)
                elif any(any(row.values()) for row in sheet.rows):
                    grids.append(_grid(path, sheet))
    except etree.XMLSyntaxError as damaged:
        raise LedgerError(f"{path.name} is damaged or incomplete ({damaged.msg}). Export it again; nothing was changed.") from damaged
    return visible(path, grids, hidden, only)


def _note_mask(masks: dict[str, str], element: etree._Element) -> None:
    style, code = element.getparent(), element.get(S + "Format", "").split(";")[0]
    if style is not None and MASK.fullmatch(code) and code.count("0") > 1:
        masks[style.get(S + "ID", "")] = code


def _open_row(sheet: Sheet, element: etree._Element, name: str) -> None:
    said = _number(element.get(S + "Index"))
    sheet.row = said - 1 if said else sheet.row + 1
    sheet.column = -1
    sheet.hidden_rows += element.get(S + "Hidden") == "1"
    if sheet.row >= TALLEST:
        raise LedgerError(f"{name}: a sheet says it has {sheet.row:,} rows; Excel knows {TALLEST:,}. Export it again.")
    sheet.rows += [{} for _ in range(sheet.row + 1 - len(sheet.rows))]


def _add(sheet: Sheet, cell: etree._Element, masks: dict[str, str], name: str, caps: Caps) -> None:
    said = _number(cell.get(S + "Index"))
    sheet.column = said - 1 if said else sheet.column + 1
    at, across, down = sheet.column, _number(cell.get(S + "MergeAcross")), _number(cell.get(S + "MergeDown"))
    sheet.column += across
    sheet.cells, sheet.width = sheet.cells + 1, max(sheet.width, at + 1)
    if at >= WIDEST:
        raise LedgerError(f"{name}: a sheet says it has {at + 1:,} columns; Excel knows {WIDEST:,}. Export it again.")
    if not sensible(sheet.width * len(sheet.rows), sheet.cells, caps.cells):
        raise LedgerError(
            f"{name}: a sheet reaches to row {len(sheet.rows):,} and column {sheet.width:,}, but hardly a cell of it is used. Delete the empty rows"
            " below and the empty columns beside the table, save, and try again."
        )
    if across or down:
        sheet.merged.append((sheet.row, at, sheet.row + down, at + across))
    value, formula = cell.find(S + "Data"), cell.get(S + "Formula")
    sheet.formulas += formula is not None
    text = "".join(value.itertext()) if value is not None else formula or ""
    kind = value.get(S + "Type", "") if value is not None else ""
    if kind == "DateTime":
        text = text.replace("T", " ").removesuffix(".000")
    elif kind == "Number" and text.isdigit() and (mask := masks.get(cell.get(S + "StyleID", ""))):
        text = masked(mask, text)
    if re.match(DOUBTFUL, text):
        (sheet.doubtful if kind == "Number" else sheet.texts).add(at)
    sheet.rows[sheet.row][at] = text


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 10 else 0


def _grid(path: Path, sheet: Sheet) -> Grid:
    width = sheet.width
    frame = pd.DataFrame([[row.get(at, "") for at in range(width)] for row in sheet.rows], columns=range(width), dtype="str")
    place = f"{path.name}, {sheet.name}"
    cells, found = cleaned(spread(trimmed(frame), sheet.merged), place)
    if sheet.hidden_rows:
        found.append(Finding("export_hidden_rows", Severity.NOTE, place=place, values={"count": sheet.hidden_rows}))
    if sheet.formulas:
        found.append(Finding("export_formulas", Severity.NOTE, place=place, values={"count": sheet.formulas}))
    numeric = frozenset(sheet.doubtful - sheet.texts)
    return Grid(
        path,
        "spreadsheetml",
        cells,
        np.full(len(cells), width),
        np.arange(1, len(cells) + 1),
        sheet=sheet.name or "1",
        findings=found,
        numeric=numeric,
    )
