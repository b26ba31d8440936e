"""`dunning live`: the commands of the ribbon typed at a prompt, on the workbook that is open in Excel; for PCs on which Office may start no programs.

Python was started by the user and reaches Excel from outside, so no rule against programs that Office starts applies. What a macro would ask is
asked at the prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import xlwings as xw

from addin.controls import BY_VERB, CONTROLS, GROUPS
from addin.ribbon import ANSWER, VERBS, folder_of
from addin.show import as_text
from rules.errors import DunningError, WorkbookError
from rules.row import Language
from rules.words import text
from workbook.ledgers.unclear import Unclear
from workbook.live import LiveBook, excel, progress_in_status_bar


@dataclass(frozen=True)
class Prompt:
    """The person at the keyboard. `ask`: question and default to answer, "" for none; `say`: shows words."""

    ask: Callable[[str, str], str]
    say: Callable[[str], None]
    today: Callable[[], date]


class Instead:
    """An object of Excel with some attributes replaced; reading or setting any other reaches the object itself."""

    def __init__(self, inner: Any, **own: Any) -> None:
        vars(self).update(own, _inner=inner)

    def __getattr__(self, name: str) -> Any:
        """An attribute that was not replaced."""
        return getattr(self._inner, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._inner, name, value)


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
    found = [book for book in books if wanted in (book.name.casefold(), str(book.fullname).replace("\\", "/").casefold())]
    found = found or [book for book in books if wanted.rpartition("/")[2] == book.name.casefold()]
    if not found:
        raise WorkbookError(
            f"{name} is not open in Excel. Open are: {', '.join(book.name for book in books)}. Open it, then run `dunning live` again."
        )
    return found[0]


def talk(book: xw.Book, prompt: Prompt) -> None:
    """Runs one command after the other until the answer is empty; what is refused is said, and the next one asked for."""
    language = language_of(book)
    prompt.say(f"Attached to {book.name}. Type a command; `help` lists them, Enter alone ends.")
    while typed := " ".join(prompt.ask("dunning", "").split()).removeprefix("dunning ").casefold():
        if typed == "help":
            prompt.say(listed(language))
        elif typed not in VERBS:
            prompt.say(f"{typed!r} is no command. `help` lists them.")
        else:
            try:
                prompt.say(perform(book, typed, prompt, language))
            except DunningError as refused:
                prompt.say(str(refused))


def perform(book: xw.Book, verb: str, prompt: Prompt, language: Language = "en") -> str:
    """Asks what the command needs, runs it on the open workbook, and answers with its report as text. Raises DunningError where it is refused."""
    given: dict[str, str] = {}
    for ask in BY_VERB[verb].asks:
        kind, _, name = ask.partition(":")
        given[name] = prompt.ask(text(language, "ribbon", f"ask_{name}"), prompt.today().isoformat() if kind == "date" else "").strip()
        if not given[name]:
            return "Nothing was done."
        if kind in ("open", "save"):
            given[name] = given[name].strip('"')  # as Explorer copies a path

    def alert(question: str, *_: object, **__: object) -> str:
        return "ok" if prompt.ask(f"{question} (yes, no)", "no").casefold() in ("yes", "y", "oui", "o", "ja", "j") else "cancel"

    target: Any = Instead(book, app=Instead(book.app, alert=alert))
    if not BY_VERB[verb].anywhere:
        target = LiveBook(target, folder_of(book))
        target.progress = progress_in_status_bar(book.app, lambda what: f"dunning {verb}: {what}")
    try:
        while True:
            try:
                report = VERBS[verb](target, given)
                break
            except Unclear as unclear:
                choices = {str(at): choice for at, choice in enumerate(unclear.choices, start=1)}
                lines = [str(unclear), *(f"  {at}: {choice.shown}" for at, choice in choices.items())]
                answer = prompt.ask("\n".join(lines) + "\n", "").strip()
                if not answer:
                    return "Nothing was done."
                given[f"{ANSWER}{unclear.asked}"] = choices[answer].value if answer in choices else answer
    finally:
        with excel(book.name):
            book.app.status_bar = None
    return as_text(report, language) if report else "Nothing was done."


def listed(language: Language) -> str:
    """All commands with what they do, by group."""
    lines: list[str] = []
    for group in GROUPS:
        lines.append(text(language, "ribbon", f"group_{group}"))
        lines += [f"  {c.verb:<16} {text(language, 'ribbon', f'tip_{c.key}')}" for c in CONTROLS if c.group == group]
    return "\n".join(lines)


def language_of(book: xw.Book) -> Language:
    """The language of a dunning workbook; English for any other, from which a new one can be made."""
    try:
        return LiveBook(book, folder_of(book)).language
    except WorkbookError:
        return "en"
