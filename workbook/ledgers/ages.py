"""What is open where it stands in columns by age alone: each line has its amount in the column of its age."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from workbook.ledgers.grid import Grid
from workbook.ledgers.headings import normal
from workbook.ledgers.profiles.columns import added
from workbook.ledgers.profiles.profile import COMPUTED
from workbook.ledgers.words import AGES, OUTER_AGES

LEAST = 2  # columns of ages beside each other
MOST = 0.98  # of the lines have one amount among them


def opened(grid: Grid, header: int, names: list[str], body: pd.Index) -> Grid | None:
    """The grid with a column of what each line has among its ages, headed by the first and the last of them; None where that is not one amount.

    `names`: the headings; `body`: records that are lines. Cells with several amounts, such as sums, hold all of them.
    """
    words = [normal(name) for name in names]
    ages = [re.fullmatch(AGES, word) is not None for word in words]
    runs = "".join("a" if age else "o" if word in OUTER_AGES else "." for age, word in zip(ages, words, strict=True))
    run = next((m for m in re.finditer("[ao]+", runs) if m[0].count("a") >= LEAST), None)
    if run is None or not len(body):
        return None
    columns = [grid.cells[at].where(grid.cells[at].str.contains("[1-9]"), "") for at in range(*run.span())]
    filled = np.sum([(column != "").to_numpy("int64") for column in columns], axis=0)
    if (filled[body.to_numpy()] == 1).mean() < MOST:
        return None
    texts = columns[0]
    for column in columns[1:]:
        texts = texts.where(column == "", texts.where(texts == "", texts + " + ") + column)
    return added(grid, header, {f"{COMPUTED}{names[run.start()]} … {names[run.end() - 1]}": texts})
