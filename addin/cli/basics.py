"""A new workbook, its set-up, and the sample company."""

from __future__ import annotations

import sys
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from addin.cli.frame import Day, DryRun, Json, Workbook, answer, app, day
from addin.texts import text_of


@app.command()
def new(
    path: Annotated[Path, typer.Argument(help="Dunning.xlsx, or Dunning.xlsm with its own ribbon and macros.", show_default=False)],
    language: Annotated[str, typer.Option(help="Language of sheets and reasons: en, fr or de.")] = "en",
    preset: Annotated[str, typer.Option(help="Rules to begin with: plain, fr, de, uk or eu. `dunning setup` asks for yours.")] = "plain",
    config: Annotated[Path | None, typer.Option(help="TOML with your company and rules, laid over the preset.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Make a new workbook, and the letter templates beside it.

    The plain rules: five days' grace, then four letters, no fee and no interest. The others add the interest and lump sum of a country's law. Nothing
    is overwritten: an existing file is refused.
    """
    from addin import commands
    from rules.presets import PRESETS
    from rules.row import LANGUAGES

    if preset.lower() not in PRESETS:
        raise typer.BadParameter(f"{preset!r}: expected {', '.join(PRESETS[:-1])} or {PRESETS[-1]}", param_hint="--preset")

    chosen = next((known for known in LANGUAGES if known == language), None)
    if chosen is None:
        raise typer.BadParameter(f"{language!r}: expected en, fr or de", param_hint="--language")
    macros = None
    if path.suffix.casefold() == ".xlsm":
        from addin.xlam import own_macros

        macros = own_macros(chosen)
    answer(commands.new(path, chosen, text_of(config) if config else "", preset.lower(), macros), json=json)


@app.command()
def setup(
    path: Workbook,
    answers: Annotated[
        Path | None,
        typer.Option(help="TOML with the answers, - for standard input: nothing is asked, what it leaves out has its default.", show_default=False),
    ] = None,
    as_of: Day = None,
    force: Annotated[bool, typer.Option("--force", help="Replace rows of Config that were typed by hand.")] = False,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Ask about a dozen questions, write the rules onto the sheet Config, and show the letters they mean for three of your invoices.

    The methods of the preset become what you answered; methods, regimes, rates and fees of your own stay. Before a row that was typed by hand is
    replaced you are asked; with --answers it takes --force. Ctrl-C changes nothing.
    """
    import tomllib

    from addin import setup as setting_up
    from rules import words
    from rules.errors import ConfigError
    from workbook.file import FileBook

    when = day(as_of)
    book = FileBook.open(path, dry_run=dry_run)
    say = partial(typer.echo, err=json)
    try:
        if answers is None:
            ask = partial(typer.prompt, err=json)
            made = setting_up.asked_for(book, lambda title, default: ask(title, default=default, show_default=bool(default)), say)
        else:
            text = sys.stdin.read() if str(answers) == "-" else text_of(answers)
            try:
                made = setting_up.told_by(book, tomllib.loads(text, parse_float=Decimal))
            except tomllib.TOMLDecodeError as wrong:
                raise ConfigError(f"The answers are not TOML: {wrong}. Correct that place and try again.") from None
        for warning in setting_up.warnings(made.answers, book.language):
            typer.echo(warning, err=True)
        if made.lost and answers is None and not force:
            say("\n".join([words.text(book.language, "setup", "lost"), *(f"  {row}" for row in made.lost)]))
            force = typer.confirm(words.text(book.language, "setup", "replace"), err=json, abort=True)
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("\n" + words.text(book.language, "setup", "left"), err=True)
        raise typer.Exit(130) from None
    answer(setting_up.write(book, made, when, force=force), json=json, language=book.language, dry_run=dry_run)


@app.command()
def demo(folder: Annotated[Path, typer.Argument(help="An empty or new folder.")] = Path("demo")) -> None:
    """Make a sample company and run the whole path for three dates: import, propose, review, issue, verify."""
    from addin.demo import demo as play

    for line in play(folder):
        typer.echo(line)
