"""What the rules say, why, and what others would say; the rules as text."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from addin.cli.frame import Day, DryRun, Json, Workbook, a_day, app, config, day, opened, run
from addin.texts import text_of


@app.command()
def explain(
    path: Workbook,
    item: Annotated[str, typer.Argument(help="Number of the document.", show_default=False)],
    as_of: Day = None,
    payer: Annotated[str | None, typer.Option(help="Whose line, when several payers have the document.", show_default=False)] = None,
    instalment: Annotated[str | None, typer.Option(help="Which line of the document.", show_default=False)] = None,
    company: Annotated[str | None, typer.Option(help="Whose document, when several companies have it.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Say why a line is on a letter or not: every test the rules ask, in order, what it looked at, the cell that decides, and its answer.

    The test marked <== decided. Those after it were not asked. Of a line on a letter it shows how fee and interest come about. Writes nothing.
    """
    from addin import explaining

    when = day(as_of)
    run(path, lambda book: explaining.explain_item(book, item, when, payer=payer, instalment=instalment, company=company), json=json)


@app.command()
def simulate(
    path: Workbook,
    as_of: Annotated[list[date], typer.Option("--as-of", parser=a_day, metavar="DATE", help="A date to look at; may be repeated.")],
    method: Annotated[str, typer.Option(help="Put every line under this method, and show what that changes.")] = "",
    json: Json = False,
) -> None:
    """Say what runs at some dates would contain, each from the workbook as it is. Writes nothing.

    A date in the past is looked at with what was known then: what was sent later is not, and what was paid later is open again.
    """
    from addin import simulating

    run(path, lambda book: simulating.simulate(book, as_of, method), json=json)


@app.command()
def calendar(
    path: Workbook,
    weeks: Annotated[int, typer.Option(min=1, max=520, help="How many runs, one a week.")] = 8,
    weekday: Annotated[str, typer.Option(help="Day of the week of the runs.")] = "monday",
    start: Annotated[
        date | None, typer.Option("--from", parser=a_day, metavar="DATE", help="No run before this date. Without it: today.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Say which letters the next weekly runs would make, each after the former, as if nobody paid and every letter were sent. Writes nothing."""
    from addin import simulating

    if weekday.lower() not in simulating.WEEKDAYS:
        raise typer.BadParameter(f"{weekday!r}: expected {', '.join(simulating.WEEKDAYS[:-1])} or sunday", param_hint="--weekday")
    first = day(start)
    run(path, lambda book: simulating.upcoming(book, first, weeks, weekday.lower()), json=json)


@config.command("export")
def config_export(
    path: Workbook,
    to: Annotated[Path | None, typer.Argument(help="The TOML file to write; without it the text is printed.", show_default=False)] = None,
) -> None:
    """Write the rules on the sheet Config as TOML."""
    from addin import commands

    with opened(path, json=False) as book:
        text = commands.config_export(book)
    if to is None:
        typer.echo(text, nl=False)
    else:
        to.write_text(text, encoding="utf-8")
        typer.echo(f"The rules of {path.name} are in {to}.")


@config.command("import")
def config_import(
    path: Workbook,
    source: Annotated[Path, typer.Argument(help="The TOML file.", show_default=False)],
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Put rules from TOML onto the sheet Config: the tables and settings it names; the rest stays. Checked before anything changes."""
    from addin import commands

    run(path, lambda book: commands.config_import(book, text_of(source)), json=json, dry_run=dry_run)


@config.command("compare")
def config_compare(
    path: Workbook,
    source: Annotated[Path, typer.Argument(help="The TOML file with the other rules.", show_default=False)],
    as_of: Day = None,
    json: Json = False,
) -> None:
    """Say what other rules would change: lines by reason before and after, letters and money. Tables the TOML does not name stay. Writes nothing."""
    from addin import simulating

    when = day(as_of)
    run(path, lambda book: simulating.compare(book, text_of(source), when), json=json)


@config.command("law")
def config_law(
    path: Workbook,
    countries: Annotated[list[str], typer.Argument(help="Codes of two letters: FR DE GB … , or EU.", show_default=False)],
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Add the statutory interest regimes, reference rates and lump sums of countries to the sheet Config, or renew them. Your own rows stay."""
    from addin import setup as setting_up

    run(path, lambda book: setting_up.law(book, countries), json=json, dry_run=dry_run)


@config.command("check")
def config_check(path: Workbook, as_of: Day = None, json: Json = False) -> None:
    """Name what is doubtful in the rules or will bite, cell by cell: levels never reached, rates that end. Exit code 1 when a run would be wrong."""
    from addin import commands

    when = day(as_of)
    run(path, lambda book: commands.config_check(book, when), json=json)
