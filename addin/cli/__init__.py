"""The command line: the same verbs as the ribbon, on the closed workbook file."""

from __future__ import annotations

import sys

import typer

from addin.cli.frame import app

from addin.cli import basics, ledger, payments, runs, letters, documents, contacts, rules, excel  # isort: skip  # each registers its commands, in the order of the help


def main() -> None:
    """Run the command line; turn every error into a sentence and an exit code."""
    from rules.errors import DunningError

    try:
        app(prog_name="dunning")
    except DunningError as refused:
        from addin.cli.options import refusal

        typer.secho(refusal(refused), err=True, fg="red" if sys.stderr.isatty() else None)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        typer.echo("Interrupted. What was finished stays; run the command again.", err=True)
        raise SystemExit(130) from None
    except Exception:  # the one wall between a fault of ours and the user: a sentence here, the traceback in the log
        from addin.log import logged

        log = logged("dunning " + " ".join(sys.argv[1:]))
        typer.echo(f"This is a fault of the program, not of your file; the details are in {log}. Run `dunning verify`.", err=True)
        raise SystemExit(70) from None


__all__ = ["app", "basics", "contacts", "documents", "excel", "ledger", "letters", "main", "payments", "rules", "runs"]
