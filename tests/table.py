"""A table an accountant can read, as the cases of a test."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace


class Case(SimpleNamespace):
    """One row of a table; shown by its first column."""

    def __str__(self) -> str:
        return str(next(iter(vars(self).values())))


def table(text: str) -> list[Case]:
    """The rows of a table whose cells are separated by `|`; "-" is an empty cell, ISO dates are dates, whole numbers (007 is none) int."""
    head, *rows = [line.strip().strip("|") for line in text.strip().splitlines() if line.strip() and not set(line.strip()) <= set("-| ")]
    names = [name.strip().replace(" ", "_") for name in head.split("|")]
    return [Case(**dict(zip(names, (value(cell.strip()) for cell in row.split("|")), strict=True))) for row in rows]


def cases(path: Path) -> dict[str, list[Case]]:
    """The tables of a markdown file by the heading they stand under."""
    sections = re.split(r"^#+ +(.+)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    tables = {head: "\n".join(re.findall(r"^\|.*$", body, re.MULTILINE)) for head, body in zip(sections[1::2], sections[2::2], strict=True)}
    return {head: table(rows) for head, rows in tables.items() if rows}


def value(cell: str) -> object:
    """What a cell says."""
    if cell == "-":
        return None
    if len(cell) == 10 and cell[4] == cell[7] == "-":
        return date.fromisoformat(cell)
    return int(cell) if re.fullmatch(r"-?(0|[1-9][0-9]*)", cell) else cell
