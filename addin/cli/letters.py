"""The letters and their templates."""

from __future__ import annotations

from addin.cli.frame import Json, Workbook, run, templates


@templates.command("check")
def templates_check(path: Workbook, json: Json = False) -> None:
    """Name every unknown, misspelt or missing field and every unsafe part of the templates the levels use. Exit code 1 when there is one."""
    from addin import commands

    run(path, commands.templates_check, json=json)
