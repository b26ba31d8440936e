"""Documents to payers beside the letters of a run; a letter to look at, and one again."""

from pathlib import Path
from typing import Annotated

import typer

from addin.cli.frame import NONE, Day, DryRun, Json, Workbook, app, day, run


@app.command()
def preview(
    path: Workbook,
    payer: Annotated[str, typer.Argument(help="Account number of the payer.", show_default=False)],
    currency: Annotated[str, typer.Option(help="Only the letter in this currency.")] = "",
    json: Json = False,
) -> None:
    """Write the letter of a payer's open proposal to look at, into the folder preview of the letter folder. Nothing counts."""
    from addin import reprinting

    run(path, lambda book: reprinting.preview(book, payer, currency=currency.upper()), json=json)


@app.command()
def reprint(
    path: Workbook,
    letter: Annotated[str, typer.Argument(help="Number of the letter, or its file name.", show_default=False)],
    to: Annotated[Path | None, typer.Option(help="Folder for it. Without it: where it was.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Write an issued letter again, byte for byte, from the folder of its run. Nothing counts."""
    from addin import reprinting

    run(path, lambda book: reprinting.reprint(book, letter, to), json=json)


@app.command()
def statements(
    path: Workbook,
    as_of: Day = None,
    payer: Annotated[list[str], typer.Option(help="Only this payer, due or not. May be repeated.")] = NONE,
    everybody: Annotated[bool, typer.Option("--all", help="Everybody who has something open, due or not.")] = False,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Write statements of account: for payers whose interval has passed, one per currency, as of any date.

    The interval is the column Statement every of the sheet Payers. Each statement ties to the ledger; the answer shows it per currency.
    """
    from addin import stating

    when = day(as_of)
    run(path, lambda book: stating.state(book, when, payers=payer, everybody=everybody, dry_run=dry_run), json=json, dry_run=dry_run)


@app.command()
def confirm(path: Workbook, as_of: Day = None, json: Json = False, dry_run: DryRun = False) -> None:
    """Write the confirmations of promises and payment plans that have none yet."""
    from addin import confirming

    when = day(as_of)
    run(path, lambda book: confirming.confirm(book, when, dry_run=dry_run), json=json, dry_run=dry_run)


@app.command("hand-over")
def hand_over(path: Workbook, as_of: Day = None, json: Json = False, dry_run: DryRun = False) -> None:
    """Hand over to collection what was decided so on the sheet Collection: a file for each payer and currency, and an entry in the history.

    The file holds the assignment with the claim, the letters that were sent, and copies of the invoices. Lines handed over get no more letters.
    """
    from addin import handing_over

    when = day(as_of)
    run(path, lambda book: handing_over.hand_over(book, when, dry_run=dry_run), json=json, dry_run=dry_run)
