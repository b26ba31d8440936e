"""How a report is shown on a terminal, and as JSON: amounts with the decimals of their currency, dates as ISO text."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table

from addin.report import Report
from rules.money import from_minor
from rules.row import Language

LONGEST = 40  # rows of a table on a terminal; --json has them all


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows with amounts as exact decimal text and dates as ISO text; `open_minor` becomes `open`."""
    rows: list[dict[str, Any]] = []
    for record in frame.astype(object).where(frame.notna(), None).to_dict("records"):
        row: dict[str, Any] = {}
        for name, value in record.items():
            key = str(name)
            if key.endswith("_minor") and value is not None:
                row[key.removesuffix("_minor")] = str(from_minor(int(value), str(record.get("currency", ""))))
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


def as_text(report: Report, language: Language, *, dry_run: bool = False) -> str:
    """The sentence first, then the tables, then the findings."""
    out = Console(file=StringIO(), width=160, highlight=False)
    out.print(("Dry run, nothing was written. " if dry_run else "") + report.sentence, soft_wrap=True, markup=False)
    for name, frame in report.tables.items():
        if len(frame):
            out.print(_table(name, frame))
    for finding in report.findings[:LONGEST]:
        out.print(f"{finding.severity}: {finding.place + ': ' if finding.place else ''}{finding.text(language)}", soft_wrap=True, markup=False)
    if len(report.findings) > LONGEST:
        out.print(f"… and {len(report.findings) - LONGEST:,} more findings: see the sheet Findings, or --json.")
    file = out.file
    assert isinstance(file, StringIO)
    return file.getvalue().rstrip()


def _table(name: str, frame: pd.DataFrame) -> Table:
    shown = Table(title=name, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    rows = plain(frame.head(LONGEST))
    used = [c for c in rows[0] if any(row[c] not in (None, "") for row in rows)]
    amounts = {str(c).removesuffix("_minor") for c in frame.columns if str(c).endswith("_minor")}
    for column in used:
        numeric = column in amounts or all(isinstance(row[column], int) for row in rows)
        shown.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        shown.add_row(*("" if row[c] is None else f"{row[c]}" for c in used))
    if len(frame) > LONGEST:
        shown.caption = f"… and {len(frame) - LONGEST:,} more rows: --json has them all"
    return shown
