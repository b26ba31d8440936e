"""Lists as a screen shows them, saved without conversion (SAP): columns between bars that stand one below the other, lines of dashes between.

They are cut where the bars of the headings stand, never at every bar: a text may hold one.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pandas as pd

from workbook.ledgers.grid import trimmed

RULE = re.compile(r"^\|?[-=+]{5,}[-=+|]*\s*$")


def is_list(sample: bytes) -> bool:
    """Whether most lines of a text begin with a bar or are drawn of dashes, and some are."""
    lines = [line for line in sample.decode("utf-8", "replace").split("\n")[:2_000] if line.strip()]
    barred = sum(line.startswith("|") and line.rstrip().endswith("|") for line in lines)
    rules = sum(RULE.match(line) is not None for line in lines)
    return rules > 0 and barred > 1 and (barred + rules) * 2 > len(lines)


def cut(raw: bytes) -> tuple[pd.DataFrame, np.ndarray]:
    """The cells between the bars, without the empty first column that a line begins with, and how many fields each record has.

    Lines of dashes are blank records; other lines without bars (titles) are records of one field.
    """
    lines = pd.Series(raw.decode("utf-8").removesuffix("\n").split("\n"), dtype="str").str.rstrip()
    barred = lines.str.startswith("|") & ~lines.str.contains(RULE.pattern)
    bars = _bars(lines, barred)
    made = {}
    for at, (left, right) in enumerate(pairwise(bars)):
        made[at] = lines.str.slice(left + 1, right).where(barred, "")
    cells = pd.DataFrame(made, index=lines.index)
    cells[0] = cells[0].where(barred, lines.where(~lines.str.contains(RULE.pattern), ""))
    return trimmed(cells), np.where(barred, len(bars) - 1, 1)


def _bars(lines: pd.Series, barred: pd.Series) -> list[int]:
    """Where the bars of the headings stand: the first line between two of dashes, or else the places that nearly all barred lines share."""
    rule = lines.str.contains(RULE.pattern)
    framed = barred & rule.shift(1, fill_value=False) & rule.shift(-1, fill_value=False)
    headings = [line for line in lines[framed].head(50) if line.count("|") > 2]
    if headings:
        return [at for at, letter in enumerate(headings[0]) if letter == "|"]
    sample = lines[barred].head(2_000)
    counts = Counter(at for line in sample for at, letter in enumerate(line) if letter == "|")
    return sorted(at for at, often in counts.items() if often * 20 >= len(sample) * 19)
