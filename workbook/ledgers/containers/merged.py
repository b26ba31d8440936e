"""Merged cells: what the whole block says is said in each of its rows, and over each of the headings below it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

HEADINGS_WITHIN = 60  # rows from the top in which headings of two rows are looked for
AMOUNT = r"^-?[0-9]+[.,][0-9]+$"


def spread(cells: pd.DataFrame, merged: Iterable[tuple[int, int, int, int]]) -> pd.DataFrame:
    """The cells with merged ones filled; rectangles are first row, first column, last row, last column.

    Down: in blocks of one column, such as a payer beside its documents, but not where the blocks hold amounts (a sum is not to be counted on each
    line). Across: over headings of a second row. Rectangles that overlap cannot come from a spreadsheet: then nothing is filled.
    """
    rows, columns = cells.shape
    clipped = ((top, left, min(bottom, rows - 1), min(right, columns - 1)) for top, left, bottom, right in merged)
    inside = [(t, left, b, r) for t, left, b, r in clipped if 0 <= t <= b and 0 <= left <= r]
    if not inside or sum((b - t + 1) * (r - left + 1) for t, left, b, r in inside) > rows * columns:
        return cells
    cells = cells.copy()
    for column in {left for t, left, b, r in inside if left == r and b > t}:
        blocks = [(t, b) for t, left, b, r in inside if left == r == column and b > t]
        if cells[column].iloc[[t for t, _ in blocks]].str.contains(AMOUNT).any():
            continue
        source = np.arange(rows)
        for top, bottom in blocks:
            source[top : bottom + 1] = top
        cells[column] = cells[column].take(source).set_axis(cells.index)
    for top, left, bottom, right in inside:
        if right > left and bottom + 1 < min(rows, HEADINGS_WITHIN) and (cells.iloc[bottom + 1, left : right + 1] != "").sum() > 1:
            cells.iloc[top, left : right + 1] = cells.iloc[top, left]
    return cells
