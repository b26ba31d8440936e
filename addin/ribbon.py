"""The ribbon: one line per button. A click runs the command of the command line on the open workbook, and says one sentence.

What the macros asked arrives in hidden names of the workbook (dunning.arg.*). A question of a reader goes back the same way (dunning.question), and
the macro asks it and clicks again.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xlwings as xw

from addin.controls import BY_VERB
from addin.log import logged
from addin.ways import Given, chosen, with_ways
from rules.errors import ConfigError, DunningError, WorkbookError

if TYPE_CHECKING:
    import pandas as pd

    from addin.report import Report
    from rules.row import Language
    from workbook.ledgers.unclear import Unclear
    from workbook.live import LiveBook

ARGUMENT, QUESTION, ANSWER = "dunning.arg.", "dunning.question.", "answer."
ARGUMENTS = re.compile(r"dunning\.arg(\d*)\.(.+)")  # a long answer goes on in dunning.arg2.…, dunning.arg3.…
PIECE = 200  # characters of a text that a defined name holds
LONGEST = 900  # characters of a message box
TITLE = 31  # characters of the title of a sheet
SHOWN_ROWS = 10_000  # of a table that goes into a workbook of its own
WEEKS = 8  # of the calendar
TEXT, AMOUNT, DAY = "@", "#,##0.00", "m/d/yyyy"  # number formats; Excel shows the last as the short date of the user's Windows


def main(verb: str) -> None:
    """What a button runs: the verb's command on the workbook that called. Every error becomes a sentence; the traceback goes to the log."""
    book = xw.Book.caller()
    try:
        run(verb, book)
    except DunningError as refused:
        clear(book)
        _say(book, verb, str(refused), language_of(book), failed=True)
    except Exception:
        clear(book)
        language = language_of(book)
        _say(book, verb, _text(language, "fault", log=logged(f"ribbon {verb}")), language, failed=True)
    finally:
        quiet(book.app)


def run(verb: str, book: xw.Book) -> None:
    """Run one verb and say what came of it; raises DunningError where it is refused."""
    from workbook.ledgers.unclear import Unclear
    from workbook.live import LiveBook, excel, progress_in_status_bar

    control = BY_VERB[verb]
    with excel(book.name):
        given = arguments(book)
    if control.anywhere:
        report = VERBS[verb](book, given)
        clear(book)
        _done(book, verb, report)
        return
    live = LiveBook(book, Path())
    live.folder = folder_of(book)  # asked second: that a workbook is none of ours says more than that it has no folder
    live.progress = progress_in_status_bar(book.app, lambda what: f"{title(verb, live.language)}: {progress_text(what, live.language)}")
    try:
        report = with_ways(verb, partial(VERBS[verb], live), given, live.language, lambda question: _agreed(book, question))
    except Unclear as unclear:
        _ask(book, unclear, verb)
        return
    clear(book)
    if report is not None:
        _done(book, verb, report, live.language)


def _agreed(book: xw.Book, question: str) -> bool:
    return book.app.alert(question[:LONGEST], title="Dunning", buttons="yes_no", mode="info") == "yes"


def folder_of(book: xw.Book) -> Path:
    """Where letters and journal lie: beside the workbook; for one in the cloud that has no folder here, in the user's documents.

    Raises WorkbookError for a workbook that was never saved.
    """
    try:
        path = Path(str(book.fullname))
    except Exception:  # xlwings finds no folder of this computer for the address of a workbook in the cloud
        folder = Path.home() / "Documents" / "Dunning" / Path(book.name).stem
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    if not path.parent.is_absolute():
        raise WorkbookError(_text(language_of(book), "never_saved", book=book.name))
    return path.parent


# ---------------------------------------------------------------------------------------------------------------- what was asked


def arguments(book: xw.Book) -> dict[str, str]:
    """What the macros put into the workbook's hidden names, by name."""
    given: dict[str, str] = {}
    parts = [(int(part[1] or 1), part[2], name) for name in book.names if (part := ARGUMENTS.fullmatch(name.name))]
    for _, key, name in sorted(parts, key=lambda found: found[0]):
        given[key] = given.get(key, "") + str(name.refers_to).removeprefix('="').removesuffix('"').replace('""', '"')
    return given


def clear(book: xw.Book) -> None:
    """Take the hidden names away again."""
    with suppress(Exception):  # they do no harm, and what is being said must be said
        for name in list(book.names):
            if ARGUMENTS.fullmatch(name.name) or name.name.startswith(QUESTION):
                name.delete()


def _ask(book: xw.Book, unclear: Unclear, verb: str) -> None:
    """Leave a reader's question to the macro: its words in pieces, and what the answer is called; the answers so far stay.

    On Windows the macro waits and looks; on a Mac it has long returned, and is called.
    """
    lines = [str(unclear), *(f"{at}: {choice.shown}" for at, choice in enumerate(unclear.choices, start=1))]
    words = "\n".join(lines)[:LONGEST].replace('"', "'").replace("\n", " | ")
    left = {f"text.{at // PIECE}": words[at : at + PIECE] for at in range(0, len(words), PIECE)}
    left |= {f"choice.{at}": choice.value for at, choice in enumerate(unclear.choices, start=1)} | {"asked": unclear.asked}
    for name, value in left.items():
        made = book.names.add(QUESTION + name, '="' + value.replace('"', '""') + '"')
        with suppress(Exception):  # a name that shows for the moment of a question is no reason to stop
            made.api.Visible = False
    if sys.platform == "darwin":
        book.app.macro("DunningAsk")(verb)


def _day(given: Given, name: str = "as_of") -> date:
    text = given.get(name, "")
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ConfigError(f"{text!r} is not a date written as year-month-day, such as 2026-03-31. Click again and correct it.") from None


def _path(given: Given, name: str) -> Path:
    path = Path(given.get(name, ""))
    if not given.get(name):
        raise ConfigError("No file was chosen. Click again and choose one.")
    return path


def _new_path(given: Given, name: str, *endings: str) -> Path:
    """The file to make: what was typed, with the first of the endings when it has none of them. Raises WorkbookError for one that is there."""
    path = _path(given, name)
    if path.suffix.casefold() not in endings:
        path = path.with_name(path.name + endings[0])
    if path.exists():
        raise WorkbookError(f"{path} exists already and is not overwritten. Click again and choose another name.")
    if not path.parent.is_dir():
        raise WorkbookError(f"There is no folder {path.parent}. Click again and choose another one.")
    return path


# ---------------------------------------------------------------------------------------------------------------- what is said


def title(verb: str, language: Language) -> str:
    """What the button of a verb says."""
    from rules.words import text

    return text(language, "ribbon", f"label_{BY_VERB[verb].key}")


def progress_text(what: str, language: Language) -> str:
    """What a command is at, in words for the status bar; a bar that lacks a word must not stop the command."""
    from rules.words import catalogue

    return str(catalogue(language)["progress"].get(what, what))


def language_of(book: xw.Book) -> Language:
    """The language of a dunning workbook; English for any other, and for one that cannot be read now."""
    from workbook.live import LiveBook

    try:
        return LiveBook(book, Path()).language
    except Exception:  # what is to be said must be said
        return "en"


def _text(language: Language, key: str, **values: object) -> str:
    from rules.words import text

    return text(language, "excel", key, **values)


def _say(book: xw.Book, verb: str, words: str, language: Language, *, failed: bool = False) -> None:
    quiet(book.app)
    book.app.alert(words[:LONGEST], title=f"Dunning: {title(verb, language)}", mode="critical" if failed else "info")


def quiet(app: xw.App) -> None:
    """Give the status bar back to Excel."""
    with suppress(Exception):  # refused while a cell is edited, and no reason to say nothing
        app.status_bar = False


def _done(book: xw.Book, verb: str, report: Report, language: Language = "en") -> None:
    """One sentence, how many findings there are to look at, and the tables of an answer that is nothing but tables in a workbook of their own."""
    words, tables = report.sentence, report.tables if verb in TABLES else {}
    if report.findings and verb in ON_SHEET:
        words += "\n\n" + _text(language, "findings_on_sheet", count=len(report.findings))
    elif report.findings:
        tables = tables | {"findings": _listed(report, language)}
    if shown := {title: frame for title, frame in tables.items() if len(frame)}:
        _show_tables(book.app, shown, language)
    book.activate()
    _say(book, verb, words, language, failed=report.failed)


def _listed(report: Report, language: Language) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([{"severity": str(f.severity), "place": f.place, "text": f.text(language)} for f in report.findings])


def _show_tables(app: xw.App, tables: Mapping[str, pd.DataFrame], language: Language) -> None:
    """Tables in a new workbook: amounts are numbers and days dates, to be added up and sorted; the rest stays text. Nobody has to keep it."""
    from addin.show import plain
    from rules.row import columns
    from workbook.tables import TABLES

    titles = {c.name: c.titles[language] for t in reversed(TABLES) for c in columns(t.model)}
    shown = app.books.add()
    for at, (name, frame) in enumerate(tables.items()):
        sheet = shown.sheets[0] if at == 0 else shown.sheets.add(after=shown.sheets[-1])
        sheet.name = re.sub(r"[][*?/\\:]", "-", name)[:TITLE]
        head, rows = [str(column) for column in frame], plain(frame.head(SHOWN_ROWS))
        formats = {column: _format(column, frame[column].dtype.kind) for column in head}
        for number, number_format in enumerate(formats.values(), start=1):
            sheet.range((1, number)).number_format = TEXT
            sheet.range((2, number), (len(rows) + 1, number)).number_format = number_format
        cells = [[_cell(row[column.removesuffix("_minor")], formats[column]) for column in head] for row in rows]
        sheet.range((1, 1), (len(rows) + 1, len(head))).value = [[titles.get(column, column) for column in head], *cells]
        sheet.autofit("columns")


def _format(column: str, kind: str) -> str:
    """The number format of a column by its name and the kind of its dtype."""
    return AMOUNT if column.endswith("_minor") else DAY if kind == "M" else "General" if kind in "iuf" else TEXT


def _cell(value: Any, number_format: str) -> Any:
    """A cell of a column with this format."""
    if value is None:
        return None
    made: dict[str, Callable[[Any], Any]] = {AMOUNT: float, DAY: datetime.fromisoformat, TEXT: str}
    return made.get(number_format, lambda same: same)(value)


# ---------------------------------------------------------------------------------------------------------------- the verbs


def _import(book: LiveBook, given: Given) -> Report:
    from addin import importing

    return importing.import_ledger(book, _path(given, "export"), _day(given), answers=_answers(given), **chosen(given))


def _answers(given: Given) -> Any:
    """What was answered to the questions of a reader: of the file as a whole, or which heading is which column."""
    from dataclasses import fields

    from workbook.ledgers import Answers

    said = {name.removeprefix(ANSWER): value for name, value in given.items() if name.startswith(ANSWER)}
    whole = {f.name for f in fields(Answers)} - {"fields"}
    return Answers(fields={n: v for n, v in said.items() if n not in whole}, **{n: v for n, v in said.items() if n in whole})


def _issue(book: LiveBook, given: Given) -> Report | None:
    """Asks first, with letters and money; nothing happens on Cancel. A run that was cut off was decided upon and is finished without a question."""
    from addin import issuing, runs

    if not runs.missing(book, runs.journal_of(book)):
        waiting = issuing.pending(book)
        if waiting.facts["letters"] and book.book.app.alert(_question(book, waiting), title="Dunning", buttons="ok_cancel", mode="info") != "ok":
            return None
    return issuing.issue(book, **chosen(given))


def _question(book: LiveBook, waiting: Report) -> str:
    """How many letters and how much money, in the language of the workbook."""
    from babel.numbers import format_currency

    from rules.money import from_minor
    from rules.words import text

    sums = waiting.tables["letters"].groupby("currency", observed=True)["total_minor"].sum()
    money = ", ".join(format_currency(from_minor(int(v), str(c)), str(c), locale=book.language) for c, v in sums.items())
    letters = text(book.language, "ribbon", "letters", count=waiting.facts["letters"])
    return text(book.language, "ribbon", "question_issue", letters=letters, sums=money)


def _new(book: xw.Book, given: Given) -> Report:
    """In the language of the ribbon; with ribbon and macros of its own when the name that was chosen ends in .xlsm."""
    from addin import commands
    from rules.row import LANGUAGES

    path = _new_path(given, "book", ".xlsx", ".xlsm")
    language = next((known for known in LANGUAGES if known == given.get("language")), "en")
    macros = None
    if path.suffix.casefold() == ".xlsm":
        from addin.xlam import own_macros

        macros = own_macros(language)
    report = commands.new(path, language, macros=macros)
    book.app.books.open(str(path))
    return report


def _text_file(given: Given) -> str:
    from addin.texts import text_of

    return text_of(_path(given, "file"))


def _config_export(book: LiveBook, given: Given) -> Report:
    from addin import commands
    from addin.report import Report

    path = _new_path(given, "rules", ".toml")
    try:
        path.write_text(commands.config_export(book), encoding="utf-8")
    except OSError as refused:
        raise WorkbookError(f"{path} could not be written ({refused.strerror}). Click again and choose a folder in which you may write.") from None
    return Report(f"The rules of {book.name} are in {path}.")


def _delivered(book: LiveBook, given: Given) -> Report:
    """Of one letter, or of all of the last run; the state by its number in the question or by its word in any language."""
    from addin import delivering
    from rules.model import Delivery
    from rules.row import LANGUAGES
    from rules.words import text, understood

    told = [d for d in Delivery if d is not Delivery.WRITTEN]
    said = given.get("state", "").strip().casefold()
    numbered = {str(at): str(state) for at, state in enumerate(told, start=1)}
    state = numbered.get(said, understood(Delivery).get(said, ""))
    if state not in map(str, told):
        raise ConfigError(f"{said!r} is not a state of delivery. Expected: 1 printed, 2 sent, 3 failed or 4 returned.")
    letter = given.get("letters", "").strip()
    everything = letter.casefold() in [text(language, "ribbon", "default_letters") for language in LANGUAGES]
    return delivering.deliver(book, Delivery(state), _day(given), letters=[] if everything else [letter])


def _of(module: str, function: str, *names: str) -> Callable[[LiveBook, Given], Report]:
    """A verb that is a use case with the answers as its arguments, in order: dates as dates, files as paths."""

    def verb(book: LiveBook, given: Given) -> Report:
        from importlib import import_module

        values = [_day(given) if n == "as_of" else _path(given, n) if n in ("file", "export", "statement") else given.get(n, "") for n in names]
        return getattr(import_module(f"addin.{module}"), function)(book, *values, **chosen(given))

    return verb


def _review(book: LiveBook, given: Given) -> Report:
    from addin import commands
    from rules.model import Decision

    return commands.review(book, Decision.SEND, everything=True)


def _simulate(book: LiveBook, given: Given) -> Report:
    from addin import simulating

    return simulating.simulate(book, [_day(given)])


def _calendar(book: LiveBook, given: Given) -> Report:
    from addin import simulating

    return simulating.upcoming(book, _day(given), WEEKS, "monday")


def _payments(book: LiveBook, given: Given) -> Report:
    from addin import paying

    return paying.take_payments(book, [_path(given, "statement")], _day(given), apply=False)


def _apply_payments(book: LiveBook, given: Given) -> Report:
    from addin import paying

    return paying.take_payments(book, [], _day(given), apply=True)


def _history(book: LiveBook, given: Given) -> Report:
    from addin import commands

    return commands.history(book, payer=given.get("payer", ""))


def _config_import(book: LiveBook, given: Given) -> Report:
    from addin import commands

    return commands.config_import(book, _text_file(given))


def _config_compare(book: LiveBook, given: Given) -> Report:
    from addin import simulating

    return simulating.compare(book, _text_file(given), _day(given))


def _config_law(book: LiveBook, given: Given) -> Report:
    from addin import setup

    return setup.law(book, re.split(r"[\s,;]+", given.get("countries", "").upper().strip()))


VERBS: dict[str, Callable[[Any, Given], Report | None]] = {
    "import": _import,
    "assess": _of("commands", "assess", "as_of"),
    "payments": _payments,
    "payments apply": _apply_payments,
    "payers": _of("addresses", "fill_payers", "file", "as_of"),
    "take-over": _of("taking_over", "take_over", "file", "as_of"),
    "propose": _of("commands", "propose", "as_of"),
    "review": _review,
    "explain": _of("explaining", "explain_item", "document", "as_of"),
    "simulate": _simulate,
    "calendar": _calendar,
    "issue": _issue,
    "preview": _of("reprinting", "preview", "payer"),
    "print": _of("dispatching", "print_file"),
    "pdf": _of("dispatching", "pdf_files"),
    "mail": _of("dispatching", "mail_drafts"),
    "merge-table": _of("dispatching", "merge_table"),
    "delivered": _delivered,
    "undo": _of("undoing", "undo", "payer", "reason", "as_of"),
    "reprint": _of("reprinting", "reprint", "letter"),
    "statements": _of("stating", "state", "as_of"),
    "calls": _of("commands", "calls", "as_of"),
    "record": _of("recording", "record", "file", "as_of"),
    "confirm": _of("confirming", "confirm", "as_of"),
    "history": _history,
    "hand-over": _of("handing_over", "hand_over", "as_of"),
    "verify": _of("verifying", "verify"),
    "new": _new,
    "config check": _of("commands", "config_check", "as_of"),
    "templates check": _of("commands", "templates_check"),
    "config export": _config_export,
    "config import": _config_import,
    "config compare": _config_compare,
    "config law": _config_law,
}
TABLES = frozenset({"explain", "simulate", "calendar", "calls", "history", "config compare", "statements"})  # answers that are tables
ON_SHEET = frozenset({"import", "assess", "payments", "payments apply", "payers", "take-over", "propose", "hand-over"})  # findings on their sheet
