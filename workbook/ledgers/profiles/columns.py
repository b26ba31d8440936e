"""Columns that a system leaves to be computed from others, added to a grid by whole columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from workbook.ledgers.grid import Grid
from workbook.ledgers.headings import normal


def under(grid: Grid, header: int, headings: str) -> pd.Series | None:
    """The first column whose heading is one of `headings`, "a|b"; None when there is none."""
    names = {normal(str(cell)): at for at, cell in reversed(list(enumerate(grid.cells.iloc[header]))) if cell}
    return next((grid.cells[names[h]] for h in headings.split("|") if h in names), None)


def added(grid: Grid, header: int, columns: Mapping[str, pd.Series]) -> Grid:
    """The grid with further columns, each under its heading; above the headings they are empty."""
    cells = grid.cells.copy(deep=False)
    for heading, texts in columns.items():
        column = texts.astype("str").copy()
        column.iloc[: header + 1] = ""
        column.iloc[header] = heading
        cells[max(cells) + 1] = column
    return replace(grid, cells=cells)
