"""What was said and agreed with payers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from addin.cli.frame import Day, DryRun, Json, Workbook, app, day, run


@app.command()
def record(
    path: Workbook,
    file: Annotated[Path, typer.Argument(help="What happened: a TOML file, or a CSV for one table.", show_default=False)],
    as_of: Day = None,
    table: Annotated[str, typer.Option(help="What the rows of a CSV are: payments, calls, promises, blocks, …")] = "",
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Record payments, calls, promises, plans, follow-ups, blocks, disputes, levels, caps and due dates from a file: all of it, or nothing.

    Amounts have a decimal point, dates are 2026-03-31. What the workbook has already is left out: the same file twice changes nothing. A payment
    reduces what is open when it is dated after the last import; a call may count as a reminder, by its method.
    """
    from addin import recording

    when = day(as_of)
    run(path, lambda book: recording.record(book, file, when, table=table, dry_run=dry_run), json=json, dry_run=dry_run)


@app.command()
def calls(path: Workbook, as_of: Day = None, json: Json = False) -> None:
    """List the payers to call: something overdue, nobody has promised it or put the call off; the largest amount first. Writes nothing."""
    from addin import commands

    when = day(as_of)
    run(path, lambda book: commands.calls(book, when), json=json)
