"""Ways on, asked of a person: a refusal or a report that offers ways on becomes a question, and its answer an argument of the command.

The use case decides which ways there are; on the command line each is an option. Ribbon and prompt ask here, and run the command again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rules.errors import DunningError
from rules.ways import EMPTY, YES, Choice, Way

if TYPE_CHECKING:
    from addin.report import Report
    from rules.row import Language

ANSWER = "answer."
BETWEEN = "way."  # the answer to a question between several ways: name=yes, or name= when a text is still to be asked for
OWN = ("future", "go", "sure")  # what a front end asks for itself; no argument of a use case
Given = Mapping[str, str]


@dataclass(frozen=True)
class Question:
    """What a person is asked. `asked`: the name of the answer. `yes`: by yes or no; else one of `choices`, or any text."""

    words: str
    asked: str
    choices: tuple[Choice, ...] = ()
    yes: bool = False

    def lines(self) -> str:
        """The words, and the choices by their numbers."""
        return "\n".join([self.words, *(f"{at}: {choice.shown}" for at, choice in enumerate(self.choices, start=1))])

    def answer(self, typed: str) -> str:
        """The value of a choice for its number; else what was typed."""
        return {str(at): choice.value for at, choice in enumerate(self.choices, start=1)}.get(typed, typed)


Ask = Callable[[Question], str]


def with_ways(run: Callable[[Given], Report | None], given: Given, language: Language, ask: Ask) -> Report | None:
    """Runs the command; while its refusal or its report has a way on, asks, and runs it again with the answer.

    `ask` answers "" for no: then the report stands, and of a refusal nothing is left to say (None). Raises what is refused without a way on.
    """
    while True:
        said = told(given)
        question = next((Question(_words(language, f"ask_{name}"), name) for name, value in said.items() if not value), None)
        report: Report | None = None
        if question is None:
            try:
                report = run(given)
            except DunningError as refused:
                question = _question(str(refused), refused.ways, given, language)
                if question is None:
                    raise
            else:
                question = _question(report.sentence, report.ways, given, language) if report else None
                if question is None:
                    return report
        answer = ask(question)
        if not answer:
            return report
        given = {**given, ANSWER + question.asked: answer}


def told(given: Given) -> dict[str, str]:
    """What was answered, by name; "" for a text that is still to be asked for."""
    found: dict[str, str] = {}
    for key, value in given.items():
        if key.startswith(ANSWER):
            name = key.removeprefix(ANSWER)
            if name.startswith(BETWEEN):
                name, equals, value = value.partition("=")
                if not equals:
                    continue
            found[name] = value or found.get(name, "")
    return found


def arguments_of(function: Callable[..., Any], given: Given) -> dict[str, Any]:
    """What was answered as arguments of a use case; what is none of them is a heading of a list: `fields`, our column -> heading."""
    takes, made, headings = signature(function).parameters, dict[str, Any](), dict[str, str]()
    for name, value in told(given).items():
        if name in OWN:
            continue
        if name not in takes:
            headings[name] = value
        elif takes[name].default is False:
            made[name] = True
        elif takes[name].default == ():
            made[name] = [value]
        else:
            made[name] = Path(value) if name == "to" else "" if value == EMPTY else value
    return made | ({"fields": headings} if headings else {})


def _question(sentence: str, ways: tuple[Way, ...], given: Given, language: Language) -> Question | None:
    """The question that the ways on make; None when there is none, or each was taken already."""
    open_ = [way for way in ways if not way.of and way.name not in told(given)]
    if not open_:
        return None
    first = open_[0]
    if first.text and (first.choices or len(open_) == 1):
        return Question(sentence, first.name, first.choices)
    if len(open_) == 1:
        return Question(f"{sentence}\n\n{_words(language, first.name)}", first.name, yes=True)
    number = sum(key.startswith(ANSWER + BETWEEN) for key in given)
    choices = tuple(Choice(f"{way.name}={'' if way.text else YES}", _words(language, way.name)) for way in open_)
    return Question(sentence, f"{BETWEEN}{number}", choices)


def _words(language: Language, key: str) -> str:
    from rules.words import text  # loaded when something is to be asked

    return text(language, "ways", key)
