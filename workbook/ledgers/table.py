"""Where the table stands in an export: which sheet, which record holds the headings, which record is what before anything is typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rules.errors import LedgerError
from workbook.ledgers import headings
from workbook.ledgers.sniff import Grid
from workbook.ledgers.words import TOTALS

DEPTH = 60  # records among which the headings are looked for


@dataclass(frozen=True)
class Table:
    """A grid whose headings are known. `columns`: field -> position; `header`: position of the record of headings in the grid."""

    grid: Grid
    header: int
    headings: list[str]
    columns: dict[str, int]

    def texts(self, field: str) -> pd.Series:
        """The cells of a field, over all records of the grid."""
        return self.grid.cells[self.columns[field]]

    def heading(self, field: str) -> str:
        """The heading of a field, as it stands in the export."""
        return self.headings[self.columns[field]]


def located(grids: list[Grid], said: Mapping[str, str]) -> Table:
    """The table of the export: of several sheets the one whose headings say most. Raises LedgerError when no record looks like headings."""
    found = [(*_header(grid, said), grid) for grid in grids]
    score, header, grid = max(found, key=lambda f: f[0])
    if score < 2:
        first = next((" | ".join(c for c in row if c) for row in grid.cells.head(DEPTH).itertuples(index=False) if any(row)), "")
        raise LedgerError(
            f"{grid.file}: no row of headings was found in the first {DEPTH} rows (the first filled row reads: {first[:120]})."
            " Export with headings such as Customer, Document, Due date, Open amount."
        )
    names = [str(cell) for cell in grid.cells.iloc[header]]
    body = grid.cells.iloc[header + 1 :]
    return Table(grid, header, names, headings.mapped(names, body[~_structural(body, header, grid)], said, sheet=bool(grid.sheet)))


def _header(grid: Grid, said: Mapping[str, str]) -> tuple[int, int]:
    """How many fields the best record names, and its position; the first of equals."""
    wanted = {headings.normal(heading) for heading in said.values()}
    scores = [
        headings.understood([str(c) for c in row]) + sum(headings.normal(str(c)) in wanted for c in row if c)
        for row in grid.cells.head(DEPTH).itertuples(index=False)
    ]
    best = int(np.argmax(scores)) if scores else 0
    return (scores[best] if scores else 0), best


def _structural(body: pd.DataFrame, header: int, grid: Grid) -> pd.Series:
    """Records that are blank or repeat the headings: they say nothing about what a column holds."""
    repeated = pd.Series(True, index=body.index)
    for column, heading in grid.cells.iloc[header].items():
        repeated &= body[column] == heading
    return repeated | (body == "").all(axis=1)


def classified(table: Table) -> pd.Series:
    """For each record of the grid: furniture, blank, header, total, or "" for a line of the ledger."""
    grid, columns = table.grid, table.columns
    cells = grid.cells
    position = np.arange(len(cells))
    blank = (cells == "").all(axis=1)
    key = sorted(set(columns.values()))
    same = sum((cells[at] == table.headings[at]).astype("int64") for at in key)
    repeated = (same * 2 > len(key)) & (position > table.header)
    payer, document = table.texts("payer"), table.texts("document")
    amounts = [table.texts(f) for f in ("open_minor", "debit", "credit") if f in columns]
    filled = pd.Series(np.logical_or.reduce([(a != "").to_numpy() for a in amounts]), index=cells.index)
    undated = table.texts("due_date") == "" if "due_date" in columns else pd.Series(True, index=cells.index)
    keyless = (payer == "") | (document == "")
    named = pd.Series(False, index=cells.index)
    if keyless.any():
        some = cells[keyless]
        named[keyless] = np.logical_or.reduce([some[at].str.match(rf"(?i)\s*{TOTALS}").to_numpy() for at in some])
    total = keyless & filled & (named | ((payer == "") & (document == "")))
    furniture = ~filled & undated & keyless & ~_swallowed(table, ~filled & undated & keyless)
    rest = np.select(
        [position < table.header, blank, (position == table.header) | repeated, total, furniture],
        ["furniture", "blank", "header", "total", "furniture"], default="",
    )  # fmt: skip
    rest[(position < table.header) & blank.to_numpy()] = "blank"
    return pd.Series(rest, index=cells.index, dtype="str")


def _swallowed(table: Table, suspects: pd.Series) -> pd.Series:
    """Short records in which an unclosed quote has made one cell of several: lines that are to be rejected, not furniture."""
    grid = table.grid
    found = pd.Series(False, index=suspects.index)
    short = suspects.index[suspects & (grid.fields < grid.fields[table.header])]
    if grid.separator and len(short):
        cells = grid.cells.loc[short]
        found[short] = np.logical_or.reduce([(cells[at].str.count(f"[{grid.separator}]") > 1).to_numpy() for at in cells])
    return found
