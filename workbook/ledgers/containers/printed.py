"""Lists as a screen or a printer shows them, saved without conversion: columns that stand one below the other, between bars (SAP) or blanks.

They are cut where the bars of the headings stand, never at every bar: a text may hold one. Without bars they are cut where all lines are blank.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from workbook.ledgers.grid import trimmed

GAPPED = re.compile(r"^\s*(?:[-=]{2,}\s+){2,}[-=]{2,}\s*$")  # a line of dashes below each heading
WORDS = re.compile(r"\S+(?: \S+)*")  # blanks of two and more are between columns
RUNS = re.compile(r"\S+(?: (?![0-9(+-])\S+)*")
DATED = re.compile(r"(?<![0-9])[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{2,4}(?![0-9])")
PRICED = re.compile(r"[-+(]?[0-9]{1,3}(?:[ .,'\u00a0\u202f]?[0-9]{3})*[.,][0-9]{2,3}[-+)]?")
LEAST, DEPTH, SAMPLED = 4, 60, 5_000  # columns of a list; lines in which its headings stand, and that show its columns
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


# ---------------------------------------------------------------------------------------------------------------- without bars


@dataclass(frozen=True)
class Print:
    """A list printed for a line printer: where each column begins, and where its headings stand (first and last line)."""

    starts: tuple[int, ...]
    headings: tuple[int, int]


def aligned(text: str) -> Print | None:
    """The columns of a list whose fields stand one below the other with blanks between; None when a text is none.

    A line of dashes below the headings shows them; else they are what is blank in all lines with a date or an amount, and in the headings.
    """
    if "\t" in text:
        return None
    lines = [line.rstrip() for line in text.split("\n")[:SAMPLED]]
    for at, line in enumerate(lines[:DEPTH]):
        words = WORDS.findall(line)
        if (
            len(words) < LEAST
            or any(mark in line for mark in ";|")
            or line.count(",") >= len(words)
            or sum(any(c.isdigit() for c in w) for w in words)
        ):
            continue
        body = [later for later in lines[at + 1 :] if DATED.search(later) and PRICED.search(later)]
        if not body:
            continue
        last = at
        ruled = next((below for below in lines[at + 1 : at + 3] if GAPPED.match(below)), None)
        if ruled is None and at + 1 < len(lines) and (below := lines[at + 1]) and below not in body and not any(c.isdigit() for c in below):
            last = at + 1 if len(WORDS.findall(below)) >= 2 and not RULE.match(below) else at
        if ruled:
            return Print(tuple(match.start() for match in re.finditer("[-=]+", ruled)), (at, at))
        starts = _starts(lines[at : last + 1], body)
        if len(starts) >= LEAST:
            return Print(starts, (at, last))
    return None


def _starts(headings: list[str], body: list[str]) -> tuple[int, ...]:
    """Where columns begin: every part has a heading and values; a part that lacks one of them belongs to the nearer of its neighbours."""
    width = max(map(len, [*headings, *body]))
    named, filled = (
        np.logical_or.reduce([np.frombuffer(line.ljust(width).encode("utf-32-le"), np.uint32) != 32 for line in of]) for of in (headings, body)
    )
    either = np.concatenate([[False], named | filled, [False]]).astype(np.int8)
    begins, ends = np.flatnonzero(np.diff(either) == 1), np.flatnonzero(np.diff(either) == -1)
    parts = [[int(b), int(e), bool(named[b:e].any()), bool(filled[b:e].any())] for b, e in zip(begins, ends, strict=True)]
    while (at := next((i for i, part in enumerate(parts) if not (part[2] and part[3])), None)) is not None and len(parts) > 1:
        part = parts.pop(at)
        gaps = [part[0] - parts[at - 1][1] if at else width, parts[at][0] - part[1] if at < len(parts) else width]
        lacks = [
            at > 0 and parts[at - 1][2:] != part[2:] and not all(parts[at - 1][2:]),
            at < len(parts) and parts[at][2:] != part[2:] and not all(parts[at][2:]),
        ]
        before = gaps[0] < gaps[1] or (gaps[0] == gaps[1] and lacks[0] and not lacks[1])
        other = parts[at - 1] if before else parts[at]
        other[:] = [min(other[0], part[0]), max(other[1], part[1]), other[2] or part[2], other[3] or part[3]]
    return tuple(part[0] for part in parts)


def cut_aligned(text: str, found: Print) -> tuple[pd.DataFrame, np.ndarray]:
    """The cells of such a list, and how many fields each record has.

    A line that does not keep to the columns, or a text that they would part between two words, is cut where blanks are.
    """
    lines = pd.Series(text.removesuffix("\n").split("\n"), dtype="str").str.rstrip()
    ruled = lines.str.contains(RULE.pattern) | lines.str.contains(GAPPED.pattern)
    lines = lines.where(~ruled, "")
    edges = [(left, right) for left, right in pairwise([0, *found.starts[1:], None])]
    cells = pd.DataFrame({at: lines.str.slice(left, right) for at, (left, right) in enumerate(edges)}, index=lines.index)
    titles = set(lines[found.headings[0] : found.headings[1] + 1])
    worded = ~(lines.isin(titles) | lines.str.contains(DATED.pattern) | lines.str.contains(PRICED.pattern))  # a blank there parts two words
    torn = np.logical_or.reduce([
        lines.str[start - 1 : start + 1].str.fullmatch(r"\S\S") | (worded & lines.str[start - 2 : start + 2].str.contains(r"^(?:\S \S|.\S \S)"))
        for start in found.starts[1:]
    ])  # fmt: skip
    for at in np.flatnonzero(torn):
        cells.loc[at] = _placed(lines[at], found.starts)
    return trimmed(cells), np.full(len(lines), len(found.starts))


def _placed(line: str, starts: tuple[int, ...]) -> list[str]:
    """The words of a line, each run of them in the column in which it ends, a run that reaches over several in the first."""
    made = [""] * len(starts)
    for word in RUNS.finditer(line):
        column = int(np.searchsorted(starts, word.start(), side="right")) - 1
        if PRICED.fullmatch(word[0]) or DATED.fullmatch(word[0]):
            column = int(np.searchsorted(starts, word.end() - 1, side="right")) - 1
        column = max(column, 0)
        made[column] = f"{made[column]} {word[0]}".strip()
    return made
