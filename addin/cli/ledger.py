"""What comes in from the accounting system, and where every line stands."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from addin.cli.frame import NONE, Day, DryRun, Json, Workbook, amount, app, day, pairs, run

if TYPE_CHECKING:
    from workbook.ledgers import Answers
    from workbook.ledgers.unclear import Unclear

Map = Annotated[list[str], typer.Option("--map", help='Which heading is which column: --map open="Amount due". May be repeated.')]
DateOrder = Annotated[str, typer.Option(help="Order of day, month and year when the file leaves it open: dmy, mdy or ymd.")]


@app.command("import")
def import_(
    path: Workbook,
    exports: Annotated[
        list[Path],
        typer.Argument(metavar="EXPORT...", help="The ledger export; of postings (FEC, DATEV) several years.", show_default=False),
    ],
    as_of: Day = None,
    field: Map = NONE,
    currency: Annotated[str, typer.Option(help="Currency of the amounts, when the export has no such column.")] = "",
    company: Annotated[str, typer.Option(help="Company code, when the export has no such column.")] = "",
    date_order: DateOrder = "",
    decimal_mark: Annotated[str, typer.Option(help="Decimal mark when the export leaves it open: . or ,")] = "",
    profile: Annotated[str, typer.Option(help="Read it as the export of this system, such as sap_fbl5n, whatever it looks like.")] = "",
    sheet: Annotated[str, typer.Option(help="The sheet of an Excel file.")] = "",
    member: Annotated[str, typer.Option(help="The file inside a zip.")] = "",
    allocation: Annotated[str, typer.Option(help="Payments in a ledger without lettering: oldest (pay the oldest first) or none.")] = "",
    receivables: Annotated[str, typer.Option(help="Accounts of customers in a ledger of postings: 411,413.")] = "",
    repeats: Annotated[str, typer.Option(help="Rows equal to an earlier one: keep (they are lines of their own) or leave (out).")] = "",
    scope: Annotated[
        str, typer.Option(help="When the ledger has lines of other companies: own (the export covers the companies it has) or whole (all were paid).")
    ] = "",
    source: Annotated[
        str,
        typer.Option(help="Name under which answers and layout are remembered on Config; else its system, or its file name."),
    ] = "",
    control: Annotated[
        list[str], typer.Option(help="Control total: --control EUR=1234.56; a difference refuses the import. May be repeated.")
    ] = NONE,
    confirm_paid: Annotated[bool, typer.Option("--confirm-paid", help="Take an export in which most lines of the ledger are gone.")] = False,
    older: Annotated[
        bool, typer.Option("--older", help="Take an export of a day before the ledger's: it takes no line away and opens nothing again.")
    ] = False,
    accept_layout: Annotated[bool, typer.Option("--accept-layout", help="Take a layout that is not the one remembered, and remember it.")] = False,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Enter levels and reminder dates of the export into the history, for lines never reminded here.")
    ] = False,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Read a ledger export into the sheet Ledger and say on every line what happens next.

    The lines are merged by company, payer, document and instalment: levels, blocks, disputes, notes and dates typed by hand stay. What the export
    no longer has was paid; the sheet Changes names every difference. Rows that cannot be read are listed with their number and the reason on the
    sheet Findings. What the export leaves open is asked once and remembered; --dry-run shows how it is read and what would change.
    """
    from addin import importing
    from workbook.ledgers import Answers

    said = pairs(field, 'name="heading"')
    answers = Answers(
        said, currency.upper(), company, date_order.lower(), decimal_mark, profile, sheet, member, allocation.lower(), receivables, repeats.lower(),
        scope.lower(),
    )  # fmt: skip
    controls = {name.upper(): amount(value) for name, value in pairs(control, "CURRENCY=amount").items()}
    when = day(as_of)
    wishes = {"source": source, "control": controls, "confirmed": confirm_paid, "older": older, "take_over": take_over}

    def importing_with(answers: Answers) -> None:
        run(
            path,
            lambda book: importing.import_ledger(
                book, exports, when, answers=answers, accept_layout=accept_layout, dry_run=dry_run, **wishes,
            ),
            json=json, dry_run=dry_run,
        )  # fmt: skip

    _asking(importing_with, answers, json=json)


@app.command("take-over")
def take_over(
    path: Workbook,
    old: Annotated[Path, typer.Argument(help="The list: document, level, perhaps payer and date of the last reminder.", show_default=False)],
    as_of: Day = None,
    field: Map = NONE,
    date_order: DateOrder = "",
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Take over levels and dates of reminders that another tool sent, from an old list in any format an export may have.

    Lines that were reminded from this workbook stay as they are. The same list twice changes nothing; a corrected list corrects. Do it before the
    first run: else everybody starts at level 1. `dunning undo` takes it back, payer by payer.
    """
    from addin import taking_over
    from workbook.ledgers import Answers

    when = day(as_of)

    def taking(answers: Answers) -> None:
        run(
            path,
            lambda book: taking_over.take_over(book, old, when, fields=dict(answers.fields), date_order=answers.date_order, dry_run=dry_run),
            json=json, dry_run=dry_run,
        )  # fmt: skip

    _asking(taking, Answers(pairs(field, 'name="heading"'), date_order=date_order.lower()), json=json)


@app.command()
def payers(
    path: Workbook,
    addresses: Annotated[Path, typer.Argument(help="The list: payer number, and name, address, country, e-mail, terms …", show_default=False)],
    add: Annotated[bool, typer.Option("--add", help="Add payers who are neither on the sheet Payers nor in the ledger.")] = False,
    as_of: Day = None,
    field: Map = NONE,
    date_order: DateOrder = "",
    decimal_mark: Annotated[str, typer.Option(help="Decimal mark of limits when the file leaves it open: . or ,")] = "",
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Fill empty cells of the sheet Payers from an address file in any format an export may have.

    Filled cells stay: what the file says otherwise is shown. No payer is removed.
    """
    from addin import addresses as filling
    from workbook.ledgers import Answers

    when = day(as_of)

    def fill(answers: Answers) -> None:
        run(
            path,
            lambda book: filling.fill_payers(
                book, addresses, when, add=add, fields=dict(answers.fields), date_order=answers.date_order, decimal_mark=answers.decimal_mark
            ),
            json=json, dry_run=dry_run,
        )  # fmt: skip

    _asking(fill, Answers(pairs(field, 'name="heading"'), date_order=date_order.lower(), decimal_mark=decimal_mark), json=json)


def _asking(act: Callable[[Answers], None], answers: Answers, *, json: bool) -> None:
    """Acts; what the file leaves open is asked on a terminal, and it acts again with the answer. Elsewhere the question is the error."""
    from workbook.ledgers.unclear import Unclear

    while True:
        try:
            return act(answers)
        except Unclear as question:
            if json or not (sys.stdin.isatty() and sys.stderr.isatty()):
                raise
            asked, value = question.asked, _answer(question)
        if asked in {f.name for f in fields(answers)} - {"fields"}:
            answers = replace(answers, **{asked: value})
        else:
            answers = replace(answers, fields={**answers.fields, asked: value})


def _answer(question: Unclear) -> str:
    """What a person answers on the terminal: one of the numbered choices, or any text where there are none."""
    typer.echo(str(question), err=True)
    for number, choice in enumerate(question.choices, start=1):
        typer.echo(f"  {number}  {choice.shown}", err=True)
    if not question.choices:
        return str(typer.prompt("Your answer", err=True)).strip()
    while True:
        number = typer.prompt(f"Your answer, 1 to {len(question.choices)}", type=int, err=True)
        if 1 <= number <= len(question.choices):
            return question.choices[number - 1].value


@app.command()
def assess(path: Workbook, as_of: Day = None, json: Json = False, dry_run: DryRun = False) -> None:
    """Say on every line of the ledger its level, the next possible reminder and the reason, as of a date."""
    from addin import commands

    when = day(as_of)
    run(path, lambda book: commands.assess(book, when), json=json, dry_run=dry_run)
