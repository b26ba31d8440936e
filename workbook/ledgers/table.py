"""The table of an export: a grid whose headings are known, and what each of its records is before anything is typed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workbook.ledgers import dates
from workbook.ledgers.grid import Grid
from workbook.ledgers.headings import normal
from workbook.ledgers.profiles.profile import COMPUTED, Profile
from workbook.ledgers.whole import picked, worded
from workbook.ledgers.words import FURNITURE, TOTALS

KINDS = ("", "blank", "furniture", "header", "group", "total", "item", "settled", "zero", "duplicate", "rejected")  # what a record can be
REJECTED = 50  # rejected rows that get a finding of their own; the others share one
OUTSIDE = ("blank", "furniture", "header")  # kinds of records that are no rows of the list
HABIT, HABITUAL = 10, 0.1  # more short records than this, and than this share of the lines, are the way of a program and no damage
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
        """The heading of a field, as it stands in the export, or the name of what was computed; "" for what stands in rows of its own."""
        return self.headings[self.columns[field]].removeprefix(COMPUTED)

    def column(self, heading: str) -> pd.Series | None:
        """The cells under a heading written as `headings.normal` makes it."""
        found = [at for at, h in enumerate(self.headings) if h and normal(h) == heading]
        return self.grid.cells[found[0]] if found else None

    @property
    def preamble(self) -> list[str]:
        """The filled cells above the headings."""
        return [str(c) for row in self.grid.cells.iloc[: self.top].itertuples(index=False) for c in row if c]


def shifted(grid: Grid, header: int, headings: list[str], at: pd.Index, carried: Collection[int] = ()) -> pd.Series:
    """Which of the records `at` have columns that moved: cells beyond the headings (but for the columns `carried`), or fewer fields than headings.

    Where many have fewer, the program leaves out empty fields at the end of a line, as Excel does in blocks of 16 rows: these have not moved.
    """
    named = _named(headings)
    surplus = picked(grid.cells[[c for c in grid.cells if c >= named and c not in carried]], at)
    moved = (surplus != "").any(axis=1) if surplus.shape[1] else pd.Series(False, index=at)
    few = short(grid, header, headings, at)
    return moved if few.sum() > max(HABIT, HABITUAL * len(at)) else moved | few


def short(grid: Grid, header: int, headings: list[str], at: pd.Index) -> pd.Series:
    """Which of the records `at` have fewer fields than there are headings."""
    return picked(pd.Series(grid.fields, index=grid.cells.index), at) < min(grid.fields[header], _named(headings))


def _named(headings: list[str]) -> int:
    """How many columns there are up to the last one with a heading."""
    return max((column for column, heading in enumerate(headings) if heading), default=-1) + 1


def repeated(grid: Grid, header: int, positions: list[int]) -> pd.Series:
    """Which records after the headings repeat them: in more than half of the columns at `positions` that have a heading."""
    named = [at for at in positions if at in grid.cells and grid.cells[at].iloc[header]]
    if not named:
        return pd.Series(False, index=grid.cells.index)
    first, rest = named[: (len(named) + 1) // 2], named[(len(named) + 1) // 2 :]  # more than half are equal only if one of the first half is
    suspect = np.flatnonzero(np.logical_or.reduce([(grid.cells[at] == grid.cells[at].iloc[header]).to_numpy(bool) for at in first]))
    suspect = suspect[suspect > header]
    same = sum((grid.cells[at].iloc[suspect] == grid.cells[at].iloc[header]).to_numpy("int64") for at in (*first, *rest))
    found = np.zeros(len(grid.cells), bool)
    found[suspect[same * 2 > len(named)]] = True
    return pd.Series(found, index=grid.cells.index)


def reprinted(cells: pd.DataFrame, top: int) -> pd.Series:
    """Which records repeat one that stands above the headings: the title of the next page."""
    found = pd.Series(False, index=cells.index)
    for title in cells.iloc[:top].drop_duplicates().to_dict("records"):
        first, *others = [(at, cell) for at, cell in title.items() if cell] or [("", "")]
        if others:
            alike = cells[first[0]] == first[1]
            if alike.iloc[top:].any():
                found |= alike & np.logical_and.reduce([(cells[at] == cell).to_numpy() for at, cell in others])
    return found & (np.arange(len(cells)) >= top)


def classified(table: Table) -> pd.Series:
    """For each record of the grid one of `KINDS`: furniture, blank, header, group, total, or "" for a line of the ledger."""
    grid, columns = table.grid, table.columns
    cells = grid.cells
    position = np.arange(len(cells))
    header = repeated(grid, table.header, sorted(set(columns.values()))) | ((position >= table.top) & (position <= table.header))
    if table.top < table.header:
        header |= repeated(grid, table.top, sorted(set(columns.values())))
    payer, document = table.texts("payer"), table.texts("document")
    blank = np.zeros(len(cells), bool)
    unnamed = np.flatnonzero(document == "")
    blank[unnamed] = (cells.iloc[unnamed] == "").to_numpy().all(axis=1)
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
    whole = table.texts("original_minor") != "" if "original_minor" in columns else filled
    total = keyless & (filled | (named & whole)) & ~dated & (named | ((payer == "") & (document == "")))
    furniture = ~dated & ((foot & suspect) | (keyless & bare))
    group = np.zeros(len(cells), bool)
    group[table.groups] = True
    above = position < table.top
    carried = [at for at in columns.values() if not table.headings[at]]
    page = reprinted(cells.drop(columns=carried), table.top)
    return worded(KINDS, [
        ("blank", blank), ("furniture", above), ("header", header), ("group", group), ("furniture", (furniture & foot) | page), ("total", total),
        ("furniture", furniture),
    ], default="", index=cells.index)  # fmt: skip
