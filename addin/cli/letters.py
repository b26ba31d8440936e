"""The letters: their templates, what is made of them to send them, and what became of them."""

from __future__ import annotations

from typing import Annotated

import typer

from addin.cli.frame import NONE, Day, DryRun, Json, Workbook, app, day, run, templates

Run = Annotated[str, typer.Option("--run", help="Number of an issued run, such as R20260302-4f1c09. Without it: the last run.", show_default=False)]
Channel = Annotated[str, typer.Option("--channel", help="Only letters that go by letter, registered or email.", show_default=False)]
Payers = Annotated[list[str], typer.Option("--payer", help="Only letters to this payer. May be repeated.", show_default=False)]


def a_channel(text: str) -> str:
    """A channel typed on the command line."""
    from rules.model import Channel as Known

    if text and text not in list(Known):
        raise typer.BadParameter(f"{text!r} is no channel; known are {', '.join(Known)}")
    return text


@templates.command("check")
def templates_check(path: Workbook, json: Json = False) -> None:
    """Name every unknown, misspelt or missing field and every unsafe part of the templates the levels use. Exit code 1 when there is one."""
    from addin import commands

    run(path, commands.templates_check, json=json)


@app.command("print")
def print_(
    path: Workbook,
    number: Run = "",
    channel: Channel = "",
    payer: Payers = NONE,
    pdf: Annotated[bool, typer.Option("--pdf", help="The same as PDF too; by Word, else by LibreOffice.")] = False,
    json: Json = False,
) -> None:
    """Put all letters of a run into one Word file to print, each with page numbers of its own.

    Nothing is counted. When they are printed, say so with **delivered --printed**.
    """
    from addin.printing import print_file

    run(path, lambda book: print_file(book, number, channel=a_channel(channel), payers=payer, as_pdf=pdf), json=json)


@app.command("pdf")
def pdf_(path: Workbook, number: Run = "", channel: Channel = "", payer: Payers = NONE, json: Json = False) -> None:
    """Make a PDF of each letter of a run, by Word where it is installed, else by LibreOffice. A call that was cut off goes on where it was."""
    from addin.printing import pdf_files

    run(path, lambda book: pdf_files(book, number, channel=a_channel(channel), payers=payer), json=json)


@app.command("mail")
def mail(path: Workbook, number: Run = "", channel: Channel = "", payer: Payers = NONE, json: Json = False) -> None:
    """Write an e-mail draft (.eml) for each letter of a run whose payer has an address: the letter attached, with copies of its invoices.

    Outlook opens them as drafts: read, change, send. Nothing is sent by this program. When they are sent, say so with **delivered --sent**.
    """
    from addin.mailing import mail_drafts

    run(path, lambda book: mail_drafts(book, number, channel=a_channel(channel), payers=payer), json=json)


@app.command("merge-table")
def merge_table(path: Workbook, number: Run = "", channel: Channel = "", payer: Payers = NONE, json: Json = False) -> None:
    """Write the letters of a run as a table (.xlsx and .csv) for the mail merge of your own Word document: a row per letter, a column per field."""
    from addin.merging import merge_table

    run(path, lambda book: merge_table(book, number, channel=a_channel(channel), payers=payer), json=json)


@app.command()
def delivered(
    path: Workbook,
    number: Annotated[str, typer.Option("--run", help="All letters of this run. Without it and --letter: the last run.", show_default=False)] = "",
    letter: Annotated[list[str], typer.Option("--letter", help="Number or file name of a letter. May be repeated.", show_default=False)] = NONE,
    printed: Annotated[bool, typer.Option("--printed", help="They were printed.")] = False,
    sent: Annotated[bool, typer.Option("--sent", help="They were posted or e-mailed.")] = False,
    failed: Annotated[bool, typer.Option("--failed", help="They could not be sent: level, date and count go back.")] = False,
    returned: Annotated[bool, typer.Option("--returned", help="They came back: level, date and count go back.")] = False,
    note: Annotated[str, typer.Option(help="Your words, kept in the history.")] = "",
    as_of: Day = None,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Tell what became of letters: --printed, --sent, --failed or --returned. A letter that did not arrive never raises a level.

    One that failed or came back is taken back, with the fee it claimed, and is proposed again. Nothing is deleted: the history gets rows more.
    """
    from addin import delivering
    from rules.model import Delivery

    told = {Delivery.PRINTED: printed, Delivery.SENT: sent, Delivery.FAILED: failed, Delivery.RETURNED: returned}
    given = [state for state, said in told.items() if said]
    if len(given) != 1:
        raise typer.BadParameter("give exactly one of --printed, --sent, --failed and --returned")
    if number and letter:
        raise typer.BadParameter("give --run or --letter, not both")
    when = day(as_of)
    run(
        path,
        lambda book: delivering.deliver(book, given[0], when, run=number, letters=letter, note=note, dry_run=dry_run),
        json=json, dry_run=dry_run,
    )  # fmt: skip
