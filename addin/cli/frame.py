"""The frame of every command: opens the workbook, shows progress, answers; and the options and words all commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from addin.report import Report
    from workbook.file import FileBook

app = typer.Typer(
    name="dunning", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="markdown",
    help="Dunning on a closed workbook: import a ledger export, propose reminders, review them, issue Word letters, keep the history.\n\n"
    "The order of a working day: **import**, **propose**, **review**, **issue**. Every command may be run twice: the second time changes nothing. "
    "A refused command says why, changes nothing, and ends with exit code 1.",
)  # fmt: skip
config = typer.Typer(no_args_is_help=True, help="The rules on the sheet Config as one TOML text: to review, compare and version them.")
templates = typer.Typer(no_args_is_help=True, help="The Word templates of the letters.")
app.add_typer(config, name="config")
app.add_typer(templates, name="templates")

NONE: list[str] = []  # an option that may be repeated and was not given; typer copies it


def a_day(text: str) -> date:
    """A date typed on the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date of the calendar written as year-month-day, such as 2026-03-31") from None


Workbook = Annotated[Path, typer.Argument(help="The dunning workbook (.xlsx).", show_default=False)]
Day = Annotated[
    date | None,
    typer.Option(
        "--as-of", parser=a_day, metavar="DATE", help="As-of date, 2026-03-02. Without it: today, and the answer says so.", show_default=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help="The whole answer as JSON on standard output; no progress bars.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Do everything but write: say what would happen.")]


@contextmanager
def opened(path: Path, *, json: bool, dry_run: bool = False) -> Iterator[FileBook]:
    """The workbook with a progress bar; on a dry run its `save` writes nothing."""
    from workbook.file import FileBook

    book = FileBook.open(path, dry_run=dry_run)
    if json or not sys.stderr.isatty():
        yield book
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def advance(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        book.progress = advance
        yield book


def day(given: date | None) -> date:
    """The as-of date that was given, else today."""
    from addin.commands import today

    now = today()
    if given:
        if given > now:
            typer.echo(f"As-of date: {given}, which is still to come: once letters are issued, no run can be dated before it.", err=True)
        return given
    typer.echo(f"As-of date: {now} (today).", err=True)
    return now


def answer(report: Report, *, json: bool, language: str = "en", dry_run: bool = False) -> None:
    """Show a report: the sentence, its tables and findings; exit code 1 when it failed."""
    from addin.cli.options import FINDINGS, spoken
    from addin.show import as_json, as_text

    report = spoken(report)
    typer.echo(as_json(report, language) if json else as_text(report, language, dry_run=dry_run, options=FINDINGS))
    if report.failed:
        raise typer.Exit(1)


def run(path: Path, command: Callable[[FileBook], Report], *, json: bool, dry_run: bool = False) -> None:
    """Open, run, answer."""
    with opened(path, json=json, dry_run=dry_run) as book:
        report = command(book)
    answer(report, json=json, language=book.language, dry_run=dry_run)


def amount(text: str) -> Decimal:
    """An amount typed on the command line, with a decimal point."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise typer.BadParameter(f"{text!r} is not an amount; write it with a decimal point, such as 1234.56")
    return found


def pairs(given: list[str], what: str) -> dict[str, str]:
    """`name=value` options as a dictionary."""
    found: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise typer.BadParameter(f"{one!r}: expected {what}")
        found[name.strip()] = value.strip()
    return found
