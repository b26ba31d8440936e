"""Money that came in, from bank statements."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from addin.cli.frame import Day, DryRun, Json, Workbook, app, day, run

NO_FILES: list[Path] = []


@app.command()
def payments(
    path: Workbook,
    files: Annotated[
        list[Path], typer.Argument(help="Bank statements: camt.053, a zip of them, or a table as csv or xlsx.", show_default=False)
    ] = NO_FILES,
    as_of: Day = None,
    apply: Annotated[bool, typer.Option("--apply", help="Apply the rows of the sheet Bank receipts whose state is apply.")] = False,
    date_order: Annotated[str, typer.Option(help="Order of day, month and year when a table leaves it open: dmy, mdy or ymd.")] = "",
    decimal_mark: Annotated[str, typer.Option(help="Decimal mark when a table leaves it open: . or ,")] = "",
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Read bank statements: what pays a document exactly is applied at once, everything else is proposed on the sheet Bank receipts.

    Exact is a reference, an end-to-end id or a number in the text that names a document, with just the amount that is open. Correct payer, document
    and amount of the others on the sheet, set them to apply, and run the command with --apply. The same statement twice changes nothing; what was
    booked by the day of the ledger is in the export already; money that went back is never applied.
    """
    from addin import paying

    if not files and not apply:
        raise typer.BadParameter("give a bank statement, or --apply", param_hint="FILES")
    when = day(as_of)
    run(
        path,
        lambda book: paying.take_payments(book, files, when, apply=apply, date_order=date_order, decimal_mark=decimal_mark),
        json=json, dry_run=dry_run,
    )  # fmt: skip
