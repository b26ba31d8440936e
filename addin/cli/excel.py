"""Inside Excel: the add-in built, installed, removed, examined; and the prompt for PCs on which Office may start no programs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from addin.cli.frame import Json, answer, app

if TYPE_CHECKING:
    from rules.row import Language

excel = typer.Typer(no_args_is_help=True, help="The add-in for Excel: the tab Dunning, its macros and worksheet functions.")
app.add_typer(excel, name="excel")

Spoken = Annotated[str, typer.Option(help="Language of the ribbon and its dialogs: en, fr or de.")]


def _language(given: str) -> Language:
    from rules.row import LANGUAGES

    found = next((known for known in LANGUAGES if known == given), None)
    if found is None:
        raise typer.BadParameter(f"{given!r}: expected en, fr or de", param_hint="--language")
    return found


@excel.command()
def build(
    language: Spoken = "en",
    to: Annotated[Path, typer.Option("--to", help="A folder, or the name of the file.")] = Path("Dunning.xlam"),
    json: Json = False,
) -> None:
    """Build Dunning.xlam from its texts, on any system; the same version gives the same bytes."""
    from addin import install

    answer(install.build_to(to, _language(language)), json=json)


@excel.command()
def install(language: Spoken = "en", json: Json = False) -> None:
    """Put the add-in where Excel opens it, for you alone: no administrator, no registry. Running it again renews it.

    Writes the add-in, a file that tells its macros which Python to start, and compiled bytecode; all of it is listed, and `uninstall` removes it.
    """
    from addin import install as installing
    from addin.machine import Machine

    answer(installing.install(Machine.here(), _language(language)), json=json)


@excel.command()
def uninstall(json: Json = False) -> None:
    """Remove what `install` wrote. Files that were changed since are left, and named; your workbooks and letters are not touched."""
    from addin import install as installing
    from addin.machine import Machine

    answer(installing.uninstall(Machine.here()), json=json)


@excel.command()
def doctor(json: Json = False) -> None:
    """Say why the tab is not there or a button does nothing: what was found, what is expected, what to do. Exit code 1 when something is wrong."""
    from addin import doctor as examining
    from addin.machine import Machine

    machine = Machine.here()
    if not json:
        typer.echo("\n".join(map(str, examining.examine(machine))))
    answer(replace(examining.report(machine), tables={}), json=json)


@app.command()
def live(
    book: Annotated[str, typer.Argument(help="Name of the open workbook; without it the active one.", show_default=False)] = "",
    window: Annotated[bool, typer.Option("--window", help="A small window in place of the prompt.")] = False,
) -> None:
    """Run the commands of the ribbon from here, on the workbook that is open in Excel: for PCs on which Office may start no programs."""
    from addin import live as at_prompt
    from addin.commands import today

    if window:
        from addin.live_window import show

        show(book)
        return

    def ask(question: str, default: str) -> str:
        return str(typer.prompt(question, default=default, show_default=bool(default)))

    try:
        at_prompt.talk(at_prompt.attach(book, at_prompt.open_books()), at_prompt.Prompt(ask, typer.echo, today))
    except typer.Abort:
        typer.echo("")
