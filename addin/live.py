"""`dunning live`: the commands of the ribbon on the workbook that is open in Excel, for PCs on which Office may start no programs.

Python was started by the user and reaches Excel from outside, so no rule against programs that Office starts applies. What a macro would ask is
asked at a prompt (`talk`), or in a window (`addin.live_window`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Protocol

import xlwings as xw

from addin.controls import BY_VERB, CONTROLS, GROUPS
from addin.log import logged
from addin.ribbon import VERBS, folder_of, language_of, progress_text, quiet, title
from addin.show import as_text
from addin.ways import Question, with_ways
from rules.errors import DunningError, WorkbookError
from rules.row import Language
from rules.ways import YES
from rules.words import catalogue, text
from workbook.live import LiveBook, progress_in_status_bar


class Person(Protocol):
    """Who works with it, at a keyboard or at a window; "" is no answer."""

    def ask(self, question: str, default: str) -> str:
        """A line of text."""
        ...

    def pick(self, question: str, *, new: bool) -> str:
        """A file that is there, or one to make."""
        ...

    def agree(self, question: str) -> bool:
        """Yes or no."""
        ...

    def say(self, words: str) -> None:
        """Shows words."""
        ...

    def today(self) -> date:
        """The day on which it works."""
        ...


@dataclass(frozen=True)
class Prompt:
    """A person at a terminal. `line`: question and default to answer."""

    line: Callable[[str, str], str]
    show: Callable[[str], None]
    day: Callable[[], date]

    def ask(self, question: str, default: str) -> str:
        """A line of text."""
        return self.line(question, default).strip()

    def pick(self, question: str, *, new: bool) -> str:
        """The path of a file, as Explorer copies it."""
        return self.line(question, "").strip().strip('"')

    def agree(self, question: str) -> bool:
        """Yes in any of the three languages; everything else is no."""
        return self.line(f"{question} (yes, no)", "no").strip().casefold() in ("yes", "y", "oui", "o", "ja", "j")

    def say(self, words: str) -> None:
        """Shows words."""
        self.show(words)

    def today(self) -> date:
        """The day on which it works."""
        return self.day()


def open_books() -> list[xw.Book]:
    """The workbooks that are open in Excel, the active one first. Raises WorkbookError where Excel cannot be reached."""
    try:
        return [book for app in xw.apps for book in sorted(app.books, key=lambda b: b.name != app.books.active.name)]
    except xw.XlwingsError:
        raise WorkbookError("`dunning live` reaches Excel on Windows and on the Mac. Here, use the commands on the closed workbook.") from None


def attach(name: str, books: Sequence[xw.Book]) -> xw.Book:
    """The open workbook of this name or path; without a name the active one. Raises WorkbookError when there is none."""
    if not books:
        raise WorkbookError("Excel has no workbook open. Open yours in Excel, then run `dunning live` again.")
    if not name:
        return books[0]
    wanted = name.replace("\\", "/").casefold()
    found = [book for book in books if wanted in (book.name.casefold(), _path(book))]
    found = found or [book for book in books if wanted.rpartition("/")[2] == book.name.casefold()]
    if not found:
        raise WorkbookError(
            f"{name} is not open in Excel. Open are: {', '.join(book.name for book in books)}. Open it, then run `dunning live` again."
        )
    return found[0]


def _path(book: xw.Book) -> str:
    """Where a workbook lies, or "" for one in the cloud that has no folder here."""
    with suppress(Exception):
        return str(book.fullname).replace("\\", "/").casefold()
    return ""


def talk(book: xw.Book, person: Person) -> None:
    """Runs one command after the other until the answer is empty; what is refused is said, and the next one asked for."""
    language = language_of(book)
    person.say(text(language, "live", "attached", book=book.name))
    while typed := " ".join(person.ask("dunning", "").split()).removeprefix("dunning ").casefold():
        if typed == "help":
            person.say(listed(language))
        elif typed not in VERBS:
            person.say(text(language, "live", "no_command", typed=typed))
        else:
            person.say(performed(book, typed, person, language))


def performed(book: xw.Book, verb: str, person: Person, language: Language) -> str:
    """What a command answers, or why it is refused; of a fault of ours the traceback goes to the log."""
    try:
        return perform(book, verb, person, language)
    except DunningError as refused:
        return str(refused)
    except Exception:
        return text(language, "excel", "fault", log=logged(f"dunning live {verb}"))


def perform(book: xw.Book, verb: str, person: Person, language: Language = "en") -> str:
    """Asks what the command needs, runs it on the open workbook, and answers with its report as text. Raises DunningError where it is refused."""
    given = asked(verb, person, language)
    if given is None:
        return text(language, "live", "nothing")

    def ask(question: Question) -> str:
        if question.yes:
            return YES if person.agree(question.words) else ""
        return question.answer(person.ask(question.lines() + "\n", ""))

    target: Any = book
    if not BY_VERB[verb].anywhere:
        target = LiveBook(book, folder_of(book))
        target.progress = progress_in_status_bar(book.app, lambda what: f"{title(verb, language)}: {progress_text(what, language)}")
    try:
        report = with_ways(partial(VERBS[verb], target), given, language, ask)
    finally:
        quiet(book.app)
    return as_text(report, language) if report else text(language, "live", "nothing")


def asked(verb: str, person: Person, language: Language) -> dict[str, str] | None:
    """The answers to what a command asks, by name; None when one is left empty."""
    words, given = catalogue(language)["ribbon"], dict[str, str]()
    for control in BY_VERB[verb].asks:
        kind, _, name = control.partition(":")
        question = words.get(f"ask_{name}", "")
        if kind == "ui":
            given[name] = language
        elif kind in ("open", "save"):
            given[name] = person.pick(question, new=kind == "save")
        else:
            given[name] = person.ask(question, person.today().isoformat() if kind == "date" else words.get(f"default_{name}", ""))
        if not given[name]:
            return None
    return given


def listed(language: Language) -> str:
    """All commands with what they do, by group."""
    lines: list[str] = []
    for group in GROUPS:
        lines.append(text(language, "ribbon", f"group_{group}"))
        lines += [f"  {c.verb:<16} {text(language, 'ribbon', f'tip_{c.key}')}" for c in CONTROLS if c.group == group]
    return "\n".join(lines)
