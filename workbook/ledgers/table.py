"""The table of an export: a grid whose headings are known, and what each of its records is before anything is typed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workbook.ledgers import dates
from workbook.ledgers.grid import Grid
from workbook.ledgers.headings import normal
from workbook.ledgers.profiles.profile import Profile
from workbook.ledgers.words import FURNITURE, TOTALS

ENDS = rf"(?i)^\s*(?:{TOTALS}|{FURNITURE})"


@dataclass(frozen=True)
class Table:
    """A grid whose headings are known. `columns`: field -> position; `header`: position of the record of headings in the grid, of its last one where
    the headings stand in two, `top` the first. `groups`: positions of the rows that hold what their neighbours have in common.
    """

    grid: Grid
    header: int
    headings: list[str]
    columns: dict[str, int]
    profile: Profile
    top: int
    groups: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))

    def texts(self, field: str) -> pd.Series:
        """The cells of a field, over all records of the grid."""
        return self.grid.cells[self.columns[field]]

    def heading(self, field: str) -> str:
        """The heading of a field, as it stands in the export; "" for what stands in rows of its own."""
        return self.headings[self.columns[field]]

    def column(self, heading: str) -> pd.Series | None:
        """The cells under a heading written as `headings.normal` makes it."""
        found = [at for at, h in enumerate(self.headings) if h and normal(h) == heading]
        return self.grid.cells[found[0]] if found else None

    @property
    def preamble(self) -> list[str]:
        """The filled cells above the headings."""
        return [str(c) for row in self.grid.cells.iloc[: self.top].itertuples(index=False) for c in row if c]


def repeated(grid: Grid, header: int, positions: list[int]) -> pd.Series:
    """Which records after the headings repeat them: in more than half of the columns at `positions` that have a heading."""
    named = [at for at in positions if at in grid.cells and grid.cells[at].iloc[header]]
    same = sum((grid.cells[at] == grid.cells[at].iloc[header]).astype("int64") for at in named)
    return (same * 2 > len(named)) & (np.arange(len(grid.cells)) > header) if named else pd.Series(False, index=grid.cells.index)


def amounts_filled(table: Table) -> pd.Series:
    """Which records have something in a column of amounts that decides what is open."""
    found = [table.texts(f) for f in ("open_minor", "debit", "credit", "original_minor") if f in table.columns]
    return pd.Series(np.logical_or.reduce([(a != "").to_numpy() for a in found]), index=table.grid.cells.index)


def classified(table: Table) -> pd.Series:
    """For each record of the grid: furniture, blank, header, group, total, or "" for a line of the ledger."""
    grid, columns = table.grid, table.columns
    cells = grid.cells
    position = np.arange(len(cells))
    blank = (cells == "").all(axis=1)
    header = repeated(grid, table.header, sorted(set(columns.values()))) | ((position >= table.top) & (position <= table.header))
    if table.top < table.header:
        header |= repeated(grid, table.top, sorted(set(columns.values())))
    payer, document = table.texts("payer"), table.texts("document")
    own = [table.texts(f) for f in ("open_minor", "debit", "credit") if f in columns] or [table.texts("original_minor")]
    filled = pd.Series(np.logical_or.reduce([(a != "").to_numpy() for a in own]), index=cells.index)
    keyless = (payer == "") | (document == "")
    if table.heading("payer") == "":  # carried from a row of its own, so on every row
        keyless = document == ""
        payer = payer.where(~keyless, "")
    ends = pd.Series(pc.match_substring_regex(pa.array(document, pa.string()), ENDS).to_numpy(zero_copy_only=False), index=cells.index)
    keyless |= ends
    undated = table.texts("due_date") == "" if "due_date" in columns else pd.Series(True, index=cells.index)
    bare = ~filled & undated
    suspect = keyless | bare
    named, foot, dated = (pd.Series(False, index=cells.index) for _ in range(3))
    if suspect.any():
        some = cells.loc[suspect, list(range(len(table.headings)))]
        named[suspect] = np.logical_or.reduce([some[at].str.contains(rf"(?i)^\s*{TOTALS}").to_numpy() for at in some])
        foot[suspect] = np.logical_or.reduce([some[at].str.contains(rf"(?i)^\s*{FURNITURE}").to_numpy() for at in some])
        days = [columns[f] for f in ("document_date", "due_date") if f in columns]
        if days:
            dated[suspect] = np.logical_or.reduce([dates.looks_like_a_date(some[at], bool(grid.sheet)) & (some[at] != "") for at in days])
    total = keyless & filled & ~dated & (named | ((payer == "") & (document == "")))
    furniture = ~dated & ((foot & suspect) | (keyless & bare & ~_swallowed(table, bare & keyless)))
    group = np.zeros(len(cells), bool)
    group[table.groups] = True
    rest = np.select(
        [position < table.top, blank, header, group, furniture & foot, total, furniture],
        ["furniture", "blank", "header", "group", "furniture", "total", "furniture"], default="",
    )  # fmt: skip
    rest[(position < table.top) & blank.to_numpy()] = "blank"
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
