"""How a report is shown on a terminal, and as JSON: amounts with the decimals of their currency, dates as ISO text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import StringIO
from typing import Any

import pandas as pd
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from addin.report import Report
from rules.money import from_minor
from rules.row import Language

LONGEST = 40  # rows of a table on a terminal; --json has them all
PAGE = 160  # characters of a line
NARROW = 24  # a column of no more characters keeps its cells on one line: dates, amounts, ids
FOLDED = 12  # characters that a wider one is left at least
GAP = 3  # characters between two columns


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows with amounts as exact decimal text and dates as ISO text; `open_minor` becomes `open`."""
    rows: list[dict[str, Any]] = []
    for record in frame.astype(object).where(frame.notna(), None).to_dict("records"):
        row: dict[str, Any] = {}
        for name, value in record.items():
            key = str(name)
            if key.endswith("_minor"):
                row[key.removesuffix("_minor")] = None if value is None else str(from_minor(int(value), str(record.get("currency", ""))))
            elif isinstance(value, pd.Timestamp):
                row[key] = value.date().isoformat()
            else:
                row[key] = value if isinstance(value, int | str | bool | None) else str(value)
        rows.append(row)
    return rows


def as_json(report: Report, language: Language) -> str:
    """The whole report as one JSON object: sentence, changed, facts, tables, findings."""
    found = [{"severity": str(f.severity), "code": f.code, "place": f.place, "text": f.text(language)} for f in report.findings]
    tables = {name: plain(frame) for name, frame in report.tables.items()}
    whole = {"sentence": report.sentence, "changed": report.changed, "failed": report.failed, **report.facts, "tables": tables, "findings": found}
    return json.dumps(whole, ensure_ascii=False, indent=1, default=str)


def as_text(report: Report, language: Language, *, dry_run: bool = False, options: Mapping[str, str] | None = None) -> str:
    """The sentence first, then the tables, then the findings. `options`: what to type about a finding, by its code."""
    out = Console(file=StringIO(), width=PAGE, highlight=False, markup=False, emoji=False)
    out.print(("Dry run, nothing was written. " if dry_run else "") + report.sentence, soft_wrap=True)
    for name, frame in report.tables.items():
        if len(frame):
            out.print(_table(name, frame))
    for finding in report.findings[:LONGEST]:
        text = finding.text(language)
        place = "" if not finding.place or text.startswith(finding.place) else f"{finding.place}: "
        option = f" ({options[finding.code]})" if options and finding.code in options else ""
        out.print(f"{finding.severity}: {place}{text}{option}", soft_wrap=True)
    if len(report.findings) > LONGEST:
        where = "see the sheet Findings, or --json" if report.changed else "--json lists them all"  # what wrote nothing left the sheet as it was
        out.print(f"… and {len(report.findings) - LONGEST:,} more findings: {where}.")
    file = out.file
    assert isinstance(file, StringIO)
    return file.getvalue().rstrip()


def _table(name: str, frame: pd.DataFrame) -> Table:
    """The first rows as a table; cells are shown as they are, whatever brackets they hold."""
    shown = Table(title=Text(name), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    rows = plain(frame.head(LONGEST))
    used = [c for c in rows[0] if any(row[c] not in (None, "") for row in rows)]
    amounts = {str(c).removesuffix("_minor") for c in frame.columns if str(c).endswith("_minor")}
    cells = {c: ["" if row[c] is None else f"{row[c]}" for row in rows] for c in used}
    widths = {c: max(cell_len(text) for text in (c, *cells[c])) for c in used}
    least = sum((width if width <= NARROW else FOLDED) + GAP for width in widths.values())
    for column in used:
        numeric = column in amounts or all(isinstance(row[column], int) for row in rows)
        whole = least <= PAGE and widths[column] <= NARROW
        shown.add_column(Text(column), justify="right" if numeric else "left", overflow="fold", no_wrap=whole)
    for row in zip(*cells.values(), strict=True):
        shown.add_row(*(Text(text) for text in row))
    if len(frame) > LONGEST:
        shown.caption = f"… and {len(frame) - LONGEST:,} more rows: --json has them all"
    return shown
