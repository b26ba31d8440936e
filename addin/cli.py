"""The command line: the same verbs as the ribbon, on the closed workbook file."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
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


def main() -> None:
    """Run the command line; turn every error into a sentence and an exit code."""
    from rules.errors import DunningError

    try:
        app(prog_name="dunning")
    except DunningError as refused:
        typer.secho(str(refused), err=True, fg="red" if sys.stderr.isatty() else None)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        typer.echo("Interrupted. What was finished stays; run the command again.", err=True)
        raise SystemExit(130) from None
    except Exception:  # the one wall between a fault of ours and the user: a sentence here, the traceback in the log
        log = Path(typer.get_app_dir("dunning")) / "dunning.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        logger, file = logging.getLogger("dunning"), logging.FileHandler(log, encoding="utf-8")
        file.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        logger.addHandler(file)
        logger.exception("dunning %s", " ".join(sys.argv[1:]))
        logger.removeHandler(file)
        file.close()
        typer.echo(f"This is a fault of the program, not of your file; the details are in {log}. Run `dunning verify`.", err=True)
        raise SystemExit(70) from None


# ---------------------------------------------------------------------------------------------------------------- the frame of a command


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
    from addin.show import as_json, as_text

    typer.echo(as_json(report, language) if json else as_text(report, language, dry_run=dry_run))
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


# ---------------------------------------------------------------------------------------------------------------- commands


@app.command()
def new(
    path: Annotated[Path, typer.Argument(help="Where to make the workbook, for instance Dunning.xlsx.", show_default=False)],
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
    answer(commands.new(path, chosen, _text(config) if config else "", preset.lower()), json=json)


def _text(path: Path) -> str:
    from rules.errors import ConfigError

    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path} is not there. Give the path of a TOML file in UTF-8.") from None
    except (OSError, UnicodeDecodeError) as wrong:
        raise ConfigError(f"{path} cannot be read as text ({wrong}). Give the path of a TOML file in UTF-8.") from None


@app.command("import")
def import_(
    path: Workbook,
    export: Annotated[Path, typer.Argument(help="The ledger export: csv, txt or xlsx.", show_default=False)],
    as_of: Day = None,
    field: Annotated[list[str], typer.Option("--map", help='Which heading is which column: --map open="Amount due". May be repeated.')] = NONE,
    currency: Annotated[str, typer.Option(help="Currency of the amounts, when the export has no such column.")] = "",
    company: Annotated[str, typer.Option(help="Company code, when the export has no such column.")] = "",
    date_order: Annotated[str, typer.Option(help="Order of day, month and year when the export leaves it open: dmy, mdy or ymd.")] = "",
    decimal_mark: Annotated[str, typer.Option(help="Decimal mark when the export leaves it open: . or ,")] = "",
    source: Annotated[str, typer.Option(help="Name of this kind of export: answers given once are remembered on Config under it.")] = "",
    control: Annotated[
        list[str], typer.Option(help="Control total: --control EUR=1234.56; a difference refuses the import. May be repeated.")
    ] = NONE,
    confirm_paid: Annotated[bool, typer.Option("--confirm-paid", help="Take an export in which most lines of the ledger are gone.")] = False,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Read a ledger export into the sheet Ledger and say on every line what happens next.

    The lines are merged by company, payer, document and instalment: levels, blocks, disputes, notes and dates typed by hand stay. What the export
    no longer has was paid. Rows that cannot be read are listed with their number and the reason on the sheet Findings.
    """
    from addin import importing
    from workbook.ledgers import Answers

    answers = Answers(pairs(field, 'name="heading"'), currency.upper(), company, date_order.lower(), decimal_mark)
    controls = {name.upper(): amount(value) for name, value in pairs(control, "CURRENCY=amount").items()}
    when = day(as_of)
    run(
        path,
        lambda book: importing.import_ledger(book, export, when, answers=answers, source=source, control=controls, confirmed=confirm_paid),
        json=json,
        dry_run=dry_run,
    )


@app.command()
def assess(path: Workbook, as_of: Day = None, json: Json = False, dry_run: DryRun = False) -> None:
    """Say on every line of the ledger its level, the next possible reminder and the reason, as of a date."""
    from addin import commands

    when = day(as_of)
    run(path, lambda book: commands.assess(book, when), json=json, dry_run=dry_run)


@app.command()
def propose(
    path: Workbook,
    as_of: Day = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Take back open proposals and propose again. Holds stay, and sends whose letter is still the same."),
    ] = False,
    select: Annotated[str, typer.Option(help="Only lines of a selection saved on Config, by its name.")] = "",
    where: Annotated[
        list[str], typer.Option(help='Only lines for which this holds: --where "level>=2", --where "payer.country=FR;BE". May be repeated.')
    ] = NONE,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Propose one letter per payer and currency on the sheet Proposal, for review.

    Nothing is written or counted. Proposing twice gives the same proposal. Lines of a proposal that is still open are locked.
    """
    from addin import commands

    when = day(as_of)
    run(path, lambda book: commands.propose(book, when, replace=replace, selection=select, where=where), json=json, dry_run=dry_run)


@app.command()
def review(
    path: Workbook,
    send: Annotated[list[str], typer.Option(help="Payers to send to, or all.")] = NONE,
    hold: Annotated[list[str], typer.Option(help="Payers to hold: the proposal stays, no letter now; or all.")] = NONE,
    drop: Annotated[list[str], typer.Option(help="Payers to drop from this run; or all.")] = NONE,
    level: Annotated[int | None, typer.Option(help="Only proposals at this level.", show_default=False)] = None,
    currency: Annotated[str, typer.Option(help="Only proposals in this currency.")] = "",
    at_least: Annotated[str | None, typer.Option(help="Only totals from this amount.", show_default=False)] = None,
    at_most: Annotated[str | None, typer.Option(help="Only totals up to this amount.", show_default=False)] = None,
    set_level: Annotated[int | None, typer.Option(help="Change the level of the letters; needs --note.", show_default=False)] = None,
    note: Annotated[str, typer.Option(help="Your reason, kept with the proposal and in the history.")] = "",
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Decide on open proposals: --send, --hold or --drop, by payer or all, narrowed by level, currency or amount.

    The same can be done by hand in the column Decision of the sheet Proposal.
    """
    from addin import commands
    from rules.model import Decision

    given = [(d, names) for d, names in ((Decision.SEND, send), (Decision.HOLD, hold), (Decision.DROP, drop)) if names]
    if len(given) != 1:
        raise typer.BadParameter("give exactly one of --send, --hold and --drop")
    decision, names = given[0]
    everything = names == ["all"]
    bounds = [amount(b) if b is not None else None for b in (at_least, at_most)]
    run(
        path,
        lambda book: commands.review(
            book, decision, payers=[] if everything else names, everything=everything, level=level, currency=currency.upper(),
            at_least=bounds[0], at_most=bounds[1], note=note, new_level=set_level,
        ),
        json=json, dry_run=dry_run,
    )  # fmt: skip


@app.command()
def issue(path: Workbook, json: Json = False, dry_run: DryRun = False) -> None:
    """Write the letters of the proposals set to send, and enter them in the history.

    This is the act that counts: levels and reminder dates move now. If it is cut off, run it again: it finishes, and writes nothing twice.
    """
    from addin import issuing

    run(path, issuing.pending if dry_run else issuing.issue, json=json, dry_run=dry_run)


@app.command()
def record(
    path: Workbook,
    file: Annotated[Path, typer.Argument(help="What happened: a TOML file, or a CSV for one table.", show_default=False)],
    as_of: Day = None,
    table: Annotated[str, typer.Option(help="What the rows of a CSV are: payments, calls, promises, blocks, …")] = "",
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Record payments, calls, promises, plans, follow-ups, blocks, disputes, levels, caps and due dates from a file: all of it, or nothing.

    Amounts have a decimal point, dates are 2026-03-31. What the workbook has already is left out: the same file twice changes nothing. A payment
    reduces what is open when it is dated after the last import; a call may count as a reminder, by its method.
    """
    from addin import recording

    when = day(as_of)
    run(path, lambda book: recording.record(book, file, when, table=table, dry_run=dry_run), json=json, dry_run=dry_run)


@app.command()
def undo(
    path: Workbook,
    payer: Annotated[str, typer.Option(help="Whose last letter or counted call is taken back.")],
    reason: Annotated[str, typer.Option(help="Why: a reason code for an undo, when Config has some; else your words.")],
    company: Annotated[str | None, typer.Option(help="Company of the payer, when several have one of this number.", show_default=False)] = None,
    document: Annotated[str, typer.Option(help="Only for this document.")] = "",
    instalment: Annotated[str, typer.Option(help="Only for this line of the document.")] = "",
    currency: Annotated[str, typer.Option(help="Only letters in this currency.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Take back one more, after one was taken back.")] = False,
    as_of: Day = None,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Take back the last letter or counted call: level, date and count of its lines are what they were before it.

    Nothing is deleted: the history gets a row more for every line. Refused when a later letter or a hand-over stands on one of the lines.
    """
    from addin import undoing

    when = day(as_of)
    run(
        path,
        lambda book: undoing.undo(
            book, payer, reason, when, company=company, document=document, instalment=instalment, currency=currency.upper(), again=again,
            dry_run=dry_run,
        ),
        json=json, dry_run=dry_run,
    )  # fmt: skip


@app.command()
def calls(path: Workbook, as_of: Day = None, json: Json = False) -> None:
    """List the payers to call: something overdue, nobody has promised it or put the call off; the largest amount first. Writes nothing."""
    from addin import commands

    when = day(as_of)
    run(path, lambda book: commands.calls(book, when), json=json)


@app.command()
def history(
    path: Workbook,
    payer: Annotated[str, typer.Option(help="Only this payer.")] = "",
    document: Annotated[str, typer.Option(help="Only this document.")] = "",
    json: Json = False,
) -> None:
    """Show what was sent, to whom, when and at which level."""
    from addin import commands

    run(path, lambda book: commands.history(book, payer=payer, document=document), json=json)


@app.command()
def verify(path: Workbook, json: Json = False) -> None:
    """Check that journal, letters, history and counters tell the same story. Exit code 1 when they do not."""
    from addin import verifying

    run(path, verifying.verify, json=json)


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

    run(path, lambda book: commands.config_import(book, _text(source)), json=json, dry_run=dry_run)


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
    run(path, lambda book: simulating.compare(book, _text(source), when), json=json)


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
            text = sys.stdin.read() if str(answers) == "-" else _text(answers)
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


@config.command("check")
def config_check(path: Workbook, as_of: Day = None, json: Json = False) -> None:
    """Name what is doubtful in the rules or will bite, cell by cell: levels never reached, rates that end. Exit code 1 when a run would be wrong."""
    from addin import commands

    when = day(as_of)
    run(path, lambda book: commands.config_check(book, when), json=json)


@templates.command("check")
def templates_check(path: Workbook, json: Json = False) -> None:
    """Name every unknown, misspelt or missing field and every unsafe part of the templates the levels use. Exit code 1 when there is one."""
    from addin import commands

    run(path, commands.templates_check, json=json)


@app.command()
def demo(folder: Annotated[Path, typer.Argument(help="An empty or new folder.")] = Path("demo")) -> None:
    """Make a sample company and run the whole path for three dates: import, propose, review, issue, verify."""
    from addin.demo import demo as play

    for line in play(folder):
        typer.echo(line)


if __name__ == "__main__":
    main()
