"""The ribbon: one line per button. A click runs the command of the command line on the open workbook, and says one sentence.

What the macros asked arrives in hidden names of the workbook (dunning.arg.*). A question with choices goes back the same way (dunning.question), and
the macro asks it and clicks again; one of yes or no is asked here.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xlwings as xw

from addin.controls import BY_VERB
from addin.log import logged
from addin.ways import OWN, Given, Question, arguments_of, told, with_ways
from rules.errors import ConfigError, DunningError, WorkbookError
from rules.ways import YES, Way

if TYPE_CHECKING:
    from decimal import Decimal

    import pandas as pd

    from addin.report import Report
    from rules.row import Language
    from workbook.live import LiveBook

ARGUMENT, QUESTION = "dunning.arg.", "dunning.question."
ARGUMENTS = re.compile(r"dunning\.arg(\d*)\.(.+)")  # a long answer goes on in dunning.arg2.…, dunning.arg3.…
PIECE = 200  # characters of a text that a defined name holds
LONGEST = 900  # characters of a message box
WEEKS = 8  # of the calendar
EARLIEST = 1990  # year of an as-of date; an earlier one is a slip


class Left(Exception):  # noqa: N818 - no error: a question was left to the macro
    """The macro asks, and clicks again."""


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
    from workbook.live import LiveBook, excel, progress_in_status_bar

    control = BY_VERB[verb]
    with excel(book.name):
        given = arguments(book)
    if control.anywhere:
        report = VERBS[verb](book, given)
        clear(book)
        _done(book, verb, report, language_of(book))
        return
    live = LiveBook(book, Path())
    live.folder = folder_of(book)  # asked second: that a workbook is none of ours says more than that it has no folder
    live.progress = progress_in_status_bar(book.app, lambda what: f"{title(verb, live.language)}: {progress_text(what, live.language)}")
    asked: list[str] = []

    def ask(question: Question) -> str:
        asked.append(question.words)
        if question.yes:
            answer = book.app.alert(question.words[:LONGEST], title=f"Dunning: {title(verb, live.language)}", buttons="yes_no", mode="info")
            return YES if answer == "yes" else ""
        _leave(book, question, verb)
        raise Left

    try:
        report = with_ways(partial(VERBS[verb], live), given, live.language, ask)
    except Left:
        return
    clear(book)
    if report is not None:
        _done(book, verb, report, live.language, said=any(words.startswith(report.sentence) for words in asked))


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


def _leave(book: xw.Book, question: Question, verb: str) -> None:
    """Leave a question to the macro: its words in pieces, and what the answer is called; the answers so far stay.

    On Windows the macro waits and looks; on a Mac it has long returned, and is called.
    """
    words = question.lines()[:LONGEST].replace('"', "'").replace("\n", " | ")
    left = {f"text.{at // PIECE}": words[at : at + PIECE] for at in range(0, len(words), PIECE)}
    left |= {f"choice.{at}": choice.value for at, choice in enumerate(question.choices, start=1)} | {"asked": question.asked}
    for name, value in left.items():
        made = book.names.add(QUESTION + name, '="' + value.replace('"', '""') + '"')
        with suppress(Exception):  # a name that shows for the moment of a question is no reason to stop
            made.api.Visible = False
    if sys.platform == "darwin":
        book.app.macro("DunningAsk")(verb)


def _day(given: Given, *, ahead: bool = False) -> date:
    """The as-of date. Raises ConfigError for none, for a slip, and once for a day to come, unless the command may look `ahead`."""
    from addin.commands import today

    text = given.get("as_of", "")
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise ConfigError(f"{text!r} is not a date written as year-month-day, such as 2026-03-31. Click again and correct it.") from None
    if day.year < EARLIEST:
        raise ConfigError(f"The as-of date {day} is too long ago to be meant. Click again and correct it.")
    if not ahead and day > today() and "future" not in told(given):
        raise ConfigError(f"The as-of date {day} is still to come; once letters are issued, no run can be dated before it.", Way("future"))
    return day


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


def _done(book: xw.Book, verb: str, report: Report, language: Language = "en", *, said: bool = False) -> None:
    """One sentence, how many findings there are to look at, and the tables of an answer that is nothing but tables in a workbook of their own.

    What was made to be looked at is opened after it. `said`: the sentence was said with a question, and is not said again.
    """
    from addin.shown import made_by, open_in_its_program, show_tables

    words, tables = report.sentence, report.tables if verb in TABLES else {}
    if report.findings and verb in ON_SHEET:
        words += "\n\n" + _text(language, "findings_on_sheet", count=len(report.findings))
    elif report.findings:
        tables = tables | {"findings": _listed(report, language)}
    if shown := {title: frame for title, frame in tables.items() if len(frame)}:
        show_tables(book.app, shown, language)
    book.activate()
    if not said:
        _say(book, verb, words, language, failed=report.failed)
    if verb in OPENS and (made := made_by(report)):
        open_in_its_program(made)


def _listed(report: Report, language: Language) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([{"severity": str(f.severity), "place": f.place, "text": f.text(language)} for f in report.findings])


# ---------------------------------------------------------------------------------------------------------------- the verbs


def _import(book: LiveBook, given: Given) -> Report:
    from addin import importing

    path, day = _path(given, "export"), _day(given)
    wish, answers = _wishes(given)
    return importing.import_ledger(book, path, day, answers=answers, **wish)


def _wishes(given: Given) -> tuple[dict[str, Any], Any]:
    """How the export is to be taken, and what was said of it: of the file as a whole, or which heading is which column."""
    from dataclasses import fields

    from addin.importing import Wish
    from workbook.ledgers import Answers

    wish, whole, headings = dict[str, Any](), dict[str, str](), dict[str, str]()
    for name, value in told(given).items():
        if name in {f.name for f in fields(Wish)}:
            wish[name] = _control(value) if name == "control" else value if name == "source" else True
        elif name in {f.name for f in fields(Answers)}:
            whole[name] = value.upper() if name == "currency" else "oldest" if (name, value) == ("allocation", YES) else value
        elif name not in OWN:
            headings[name] = value
    return wish, Answers(fields=headings, **whole)


def _control(said: str) -> dict[str, Decimal]:
    """Control totals as they are typed: EUR 2390.00 GBP 80,00. Raises ConfigError for what is none."""
    from decimal import Decimal

    words = re.split(r"[\s=;]+", said.strip().strip(";"))
    pairs = list(zip(words[::2], words[1::2], strict=False))
    if len(words) % 2 or not all(re.fullmatch("[A-Za-z]{3}", c) and re.fullmatch(r"[-+]?\d+(\.\d{1,3}|,\d{1,2})?", a) for c, a in pairs):
        raise ConfigError(
            f"{said!r} is no control total. Expected: currency and amount, without a sign between thousands, such as EUR 2390.00 GBP 80.00."
        )
    return {currency.upper(): Decimal(amount.replace(",", ".")) for currency, amount in pairs}


def _import_with(book: LiveBook, given: Given) -> Report:
    """Import after what a person has to say of the export: each is asked for, until they say go."""
    from rules.words import text

    said = told(given)
    if "go" not in said:
        words = text(book.language, "ways", "import_with", file=_path(given, "export").name)
        if kept := ", ".join(v if v != YES else text(book.language, "ways", n).rstrip(" ?") for n, v in said.items() if n not in OWN):
            words = text(book.language, "ways", "import_said", words=words, said=kept)
        raise ConfigError(words, *(Way(name, text=name in ("control", "currency", "company", "source")) for name in WISHES))
    return _import(book, given)


def _issue(book: LiveBook, given: Given) -> Report:
    """Asks first, with letters and money; nothing happens on No. A run that was cut off was decided upon and is finished without a question."""
    from addin import issuing, runs

    wish = arguments_of(issuing.issue, given)
    if "sure" not in told(given) and not runs.missing(book, runs.journal_of(book)):
        waiting = issuing.pending(book, **wish)
        if waiting.facts["letters"]:
            raise ConfigError(_question(book, waiting), Way("sure"))
    return issuing.issue(book, **wish)


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
    wish: dict[str, Any] = {} if everything else {"letters": [letter]}
    return delivering.deliver(book, Delivery(state), _day(given), **wish | arguments_of(delivering.deliver, given))


def _of(module: str, function: str, *names: str, ahead: bool = False) -> Callable[[LiveBook, Given], Report]:
    """A verb that is a use case with the answers as its arguments, in order: dates as dates, files as paths. `ahead`: of a day to come as well."""

    def verb(book: LiveBook, given: Given) -> Report:
        from importlib import import_module

        values = [_day(given, ahead=ahead) if n == "as_of" else _path(given, n) if n == "file" else given.get(n, "") for n in names]
        act = getattr(import_module(f"addin.{module}"), function)
        return act(book, *values, **arguments_of(act, given))

    return verb


def _review(book: LiveBook, given: Given) -> Report:
    from addin import commands
    from rules.model import Decision

    return commands.review(book, Decision.SEND, everything=True)


def _simulate(book: LiveBook, given: Given) -> Report:
    from addin import simulating

    return simulating.simulate(book, [_day(given, ahead=True)])


def _calendar(book: LiveBook, given: Given) -> Report:
    from addin import simulating

    return simulating.upcoming(book, _day(given, ahead=True), WEEKS, "monday")


def _payments(book: LiveBook, given: Given) -> Report:
    from addin import paying

    return paying.take_payments(book, [_path(given, "statement")], _day(given), **arguments_of(paying.take_payments, given))


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

    return simulating.compare(book, _text_file(given), _day(given, ahead=True))


def _config_law(book: LiveBook, given: Given) -> Report:
    from addin import setup

    return setup.law(book, re.split(r"[\s,;]+", given.get("countries", "").upper().strip()))


def _doctor(book: xw.Book, given: Given) -> Report:
    from addin.doctor import report
    from addin.machine import Machine

    return report(Machine.here())


VERBS: dict[str, Callable[[Any, Given], Report | None]] = {
    "import": _import,
    "import with": _import_with,
    "assess": _of("commands", "assess", "as_of"),
    "payments": _payments,
    "payments apply": _apply_payments,
    "payers": _of("addresses", "fill_payers", "file", "as_of"),
    "take-over": _of("taking_over", "take_over", "file", "as_of"),
    "propose": _of("commands", "propose", "as_of"),
    "review": _review,
    "explain": _of("explaining", "explain_item", "document", "as_of", ahead=True),
    "simulate": _simulate,
    "calendar": _calendar,
    "issue": _issue,
    "preview": _of("reprinting", "preview", "payer"),
    "print": _of("printing", "print_file"),
    "pdf": _of("printing", "pdf_files"),
    "mail": _of("mailing", "mail_drafts"),
    "merge-table": _of("merging", "merge_table"),
    "delivered": _delivered,
    "undo": _of("undoing", "undo", "payer", "reason", "as_of"),
    "reprint": _of("reprinting", "reprint", "letter"),
    "statements": _of("stating", "state", "as_of"),
    "calls": _of("commands", "calls", "as_of", ahead=True),
    "record": _of("recording", "record", "file", "as_of"),
    "confirm": _of("confirming", "confirm", "as_of"),
    "history": _history,
    "hand-over": _of("handing_over", "hand_over", "as_of"),
    "verify": _of("verifying", "verify"),
    "new": _new,
    "config check": _of("commands", "config_check", "as_of", ahead=True),
    "templates check": _of("commands", "templates_check"),
    "config export": _config_export,
    "config import": _config_import,
    "config compare": _config_compare,
    "config law": _config_law,
    "excel doctor": _doctor,
}
WISHES = ("go", "control", "currency", "company", "source", "take_over", "allocation")  # what can be said of an export before it is read
TABLES = frozenset({"explain", "simulate", "calendar", "calls", "history", "config compare", "statements", "excel doctor"})  # answers that are tables
OPENS = frozenset({"preview", "reprint", "print", "pdf", "mail", "merge-table"})  # what they make is opened
# their findings stand on the sheet Findings
ON_SHEET = frozenset({"import", "import with", "assess", "payments", "payments apply", "payers", "take-over", "propose", "hand-over"})
