"""Reading lists beside the ledger, in any container: addresses of payers, levels of an old dunning list. Few columns, one row each, no sums.

The table is found and its columns are named as in an export; what a person says goes first, what is open is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from rules.errors import LedgerError
from rules.findings import Finding
from rules.model import Payer, Severity
from rules.row import columns
from rules.written import first_few
from workbook.guard import CAPS, Caps
from workbook.ledgers import dates
from workbook.ledgers.containers import opened
from workbook.ledgers.grid import Grid
from workbook.ledgers.headings import letter, normal, ranks
from workbook.ledgers.rows import levels, names_level
from workbook.ledgers.unclear import Choice, Unclear

DEPTH = 60  # records among which the headings are looked for
DATES = ("last_reminder", "last_review", "block_until")
KEYS = ("payer", "document")  # what a row must name to be one
LEAST = 2  # fields that a row of headings names at least


@dataclass(frozen=True)
class Listed:
    """A list that was read: the rows that name what is needed.

    `rows`: a text column per field, but for dates (datetime64[s]) and `level` (Int64); a cell that cannot be read is empty, and `unreadable` says of
    which rows. `numbers`: the rows as the user sees them. `layout`: field -> heading. `unused`: headings that are no field,
    and have something below them.
    """

    rows: pd.DataFrame
    numbers: pd.Series
    unreadable: pd.Series
    layout: dict[str, str]
    unused: list[str]
    findings: list[Finding]


def read_list(
    path: Path, fields: Sequence[str], *, needed: Sequence[str], said: Mapping[str, str], date_order: str, as_of: date, caps: Caps = CAPS
) -> Listed:  # fmt: skip
    """The rows of a list with these fields, where they name what is `needed`. `said`: field -> heading.

    A field the list does not have is blank. A list without a payer's number knows payers by name. Raises LedgerError, and Unclear for what is open.
    """
    asked = {_named(name, fields): heading for name, heading in said.items()}
    grid, header = _located(opened(path, caps), fields, asked)
    headings = [str(cell) for cell in grid.cells.iloc[header]]
    body = grid.cells.iloc[header + 1 :]
    body = body[(body != "").any(axis=1) & ~(body == grid.cells.iloc[header]).all(axis=1)]
    chosen = _mapped(grid, headings, body, fields, asked)
    named = next((chosen[name] for name in ("payer_name", "name") if name in chosen), None)
    if "payer" not in chosen and named is not None:
        chosen["payer"] = named  # QuickBooks, Xero and Odoo know their customers by name
    for name in needed:
        if name not in chosen:
            raise Unclear(_missing(grid, name, headings), name, tuple(Choice(h, h) for h in headings if h))
    cells = {name: body[chosen[name]] if name in chosen else pd.Series("", index=body.index, dtype="str") for name in fields}
    dated = {name: cells[name] for name in DATES if name in chosen}
    days = dates.read(dated, {n: headings[chosen[n]] for n in dated}, said=date_order, as_of=as_of, sheet=bool(grid.sheet))
    rows, wrong = pd.DataFrame(cells), dict[str, pd.Series]()
    for name in [n for n in DATES if n in fields]:
        rows[name] = days[name].days if name in days else pd.Series(np.datetime64("NaT", "s"), index=body.index)
    wrong |= {name: read.unreadable for name, read in days.items()}
    if "level" in fields:
        level = levels(cells["level"])
        wrong["level"] = ~names_level(cells["level"], level)
        rows["level"] = level.astype("Int64").mask(level < 0)
    keys = [name for name in needed if name in KEYS]
    keyed = (rows[keys] != "").all(axis=1)
    unreadable = pd.Series(np.logical_or.reduce([np.zeros(len(rows), dtype=bool), *(w.to_numpy(dtype=bool) for w in wrong.values())]), rows.index)
    numbers = pd.Series(grid.numbers, index=grid.cells.index)[body.index]
    findings = [*grid.findings, *(_finding(grid, headings[chosen[n]], cells[n][w & keyed], numbers) for n, w in wrong.items() if (w & keyed).any())]
    if not keyed.all():
        values = {"count": int((~keyed).sum()), "rows": first_few(numbers[~keyed])}
        findings.append(Finding("list_no_key", Severity.NOTE, place=grid.file, values=values))
    layout = {name: headings[where] for name, where in chosen.items()}
    unused = [h for where, h in enumerate(headings) if h and where not in chosen.values() and (body[where] != "").any()]
    kept = (frame[keyed].reset_index(drop=True) for frame in (rows, numbers, unreadable))
    return Listed(*kept, layout, unused, findings)


@cache
def _synonyms(field: str) -> dict[str, int]:
    """The normal headings of a field with their rank, 0 the best."""
    own = {c.name: c for c in columns(Payer)}
    titles = (field, field.removesuffix("_minor"), *own[field].titles.values()) if field in own else (field,)
    return {normal(title): 0 for title in titles} | ranks().get("payer_name" if field == "name" else field, {})


def _named(name: str, fields: Sequence[str]) -> str:
    """The field a person names: `limit` and `limit_minor` are the same."""
    wanted = name.strip().casefold().replace(" ", "_")
    if wanted in fields or f"{wanted}_minor" in fields:
        return wanted if wanted in fields else f"{wanted}_minor"
    raise LedgerError(f"There is no field {name!r} in such a list. The fields are: {', '.join(f.removesuffix('_minor') for f in fields)}.")


def _located(grids: list[Grid], fields: Sequence[str], asked: Mapping[str, str]) -> tuple[Grid, int]:
    """The grid and the position of the record that names most fields."""
    wanted, known = {normal(heading) for heading in asked.values()}, [_synonyms(name) for name in fields]

    def score(row: tuple[str, ...]) -> int:
        words = {normal(str(cell)) for cell in row if cell}
        return sum(not words.isdisjoint(synonyms) for synonyms in known) + len(words & wanted)

    found = [(score(row), -at, grid) for grid in grids for at, row in enumerate(grid.cells.head(DEPTH).itertuples(index=False))]
    best, at, grid = max(found, key=lambda f: f[:2], default=(0, 0, None))
    if grid is None or best < LEAST:
        file = grids[0].file if grids else "the file"
        titles = "Customer number, Name, Address" if "address" in fields else "Customer number, Invoice number, Level, Last reminder"
        raise LedgerError(f"{file}: no row of headings was found in the first {DEPTH} rows. Expected are headings such as {titles}.")
    return grid, -at


def _mapped(grid: Grid, headings: list[str], body: pd.DataFrame, fields: Sequence[str], asked: Mapping[str, str]) -> dict[str, int]:
    """Field -> position of its column: what was said, then the best synonym; two columns that differ and are equally good are asked about."""
    chosen: dict[str, int] = {}
    for name, heading in asked.items():
        same = [at for at, h in enumerate(headings) if h and normal(h) == normal(heading)]
        if not same:
            raise LedgerError(f'There is no column "{heading}" in {grid.file}. Its headings are: {_listed(headings)}.')
        chosen[name] = same[0]
    for name in fields:
        if name in chosen:
            continue
        synonyms = _synonyms(name)
        ranked = [(synonyms[normal(h)], at) for at, h in enumerate(headings) if at not in chosen.values() and normal(h) in synonyms]
        best = [at for rank, at in ranked if rank == min(ranked)[0]]
        if not best:
            continue
        first, *others = best
        other = next((at for at in others if not body[at].equals(body[first].rename(at))), None)
        if other is not None:
            shown = " and ".join(f'"{headings[at]}" (column {letter(at)})' for at in (first, other))
            choices = tuple(Choice(headings[at], headings[at]) for at in (first, other))
            raise Unclear(f"{grid.file}: two columns could be {_spoken(name)}: {shown}. Say which.", name, choices)
        chosen[name] = first
    return chosen


def _spoken(name: str) -> str:
    return {"payer": "the payer's number", "document": "the document number", "level": "the level", "payer_name": "the payer's name"}.get(
        name, f"the field {name.removesuffix('_minor').replace('_', ' ')}"
    )


def _missing(grid: Grid, name: str, headings: list[str]) -> str:
    return f"{grid.file}: no column was recognised as {_spoken(name)}. Its headings are: {_listed(headings)}. Say which one it is."


def _listed(headings: list[str]) -> str:
    return ", ".join(f'"{h}"' for h in headings if h)


def _finding(grid: Grid, heading: str, cells: pd.Series, numbers: pd.Series) -> Finding:
    values = {"count": len(cells), "heading": heading, "found": str(cells.iloc[0]), "rows": first_few(numbers[cells.index])}
    return Finding("list_unreadable", Severity.ERROR, place=grid.file, values=values)
