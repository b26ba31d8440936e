"""What comes in from the accounting system, and where every line stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from addin.cli.frame import NONE, Day, DryRun, Json, Workbook, amount, app, day, pairs, run


@app.command("import")
def import_(
    path: Workbook,
    export: Annotated[Path, typer.Argument(help="The ledger export: csv, txt or xlsx.", show_default=False)],
    as_of: Day = None,
    field: Annotated[list[str], typer.Option("--map", help='Which heading is which column: --map open="Amount due". May be repeated.')] = NONE,
    currency: Annotated[str, typer.Option(help="Currency of the amounts, when the export has no such column.")] = "",
    company: Annotated[str, typer.Option(help="Company code, when the export has no such column.")] = "",
    date_order: Annotated[str, typer.Option(help="Order of day, month and year when the export leaves it open: dmy, mdy or ymd.")] = "",
    decimal_mark: Annotated[str, typer.Option(help="Decimal mark when the export leaves it open: . or ,")] = "",
    source: Annotated[str, typer.Option(help="Name of this kind of export: answers given once are remembered on Config under it.")] = "",
    control: Annotated[
        list[str], typer.Option(help="Control total: --control EUR=1234.56; a difference refuses the import. May be repeated.")
    ] = NONE,
    confirm_paid: Annotated[bool, typer.Option("--confirm-paid", help="Take an export in which most lines of the ledger are gone.")] = False,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Read a ledger export into the sheet Ledger and say on every line what happens next.

    The lines are merged by company, payer, document and instalment: levels, blocks, disputes, notes and dates typed by hand stay. What the export
    no longer has was paid. Rows that cannot be read are listed with their number and the reason on the sheet Findings.
    """
    from addin import importing
    from workbook.ledgers import Answers

    answers = Answers(pairs(field, 'name="heading"'), currency.upper(), company, date_order.lower(), decimal_mark)
    controls = {name.upper(): amount(value) for name, value in pairs(control, "CURRENCY=amount").items()}
    when = day(as_of)
    run(
        path,
        lambda book: importing.import_ledger(book, export, when, answers=answers, source=source, control=controls, confirmed=confirm_paid),
        json=json,
        dry_run=dry_run,
    )


@app.command()
def assess(path: Workbook, as_of: Day = None, json: Json = False, dry_run: DryRun = False) -> None:
    """Say on every line of the ledger its level, the next possible reminder and the reason, as of a date."""
    from addin import commands

    when = day(as_of)
    run(path, lambda book: commands.assess(book, when), json=json, dry_run=dry_run)
