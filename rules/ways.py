"""Ways on: what a command that was refused, or did less than it could, does when a person says one thing more.

A use case offers them, with its error or its report. The command line names the option; ribbon and prompt ask, and run the command again.
"""

from __future__ import annotations

from dataclasses import dataclass

YES = "yes"
EMPTY = "-"  # the answer that stands for an empty cell


@dataclass(frozen=True)
class Choice:
    """One answer: `value` is what the command is told, `shown` what a person reads."""

    value: str
    shown: str


@dataclass(frozen=True)
class Way:
    """The command again, with one thing said. `name`: the argument of the use case that says it.

    `text`: it takes a text, any or one of `choices`; else it is said by yes. `of`: the command it belongs to, when that is another one, which is
    not asked about but named: the sentence says the step in words, and a terminal what to type; without a name that command as it is.
    """

    name: str
    choices: tuple[Choice, ...] = ()
    text: bool = False
    of: str = ""


def one_of(name: str, values: tuple[str, ...] | list[str]) -> Way:
    """A text to choose from what there is; an empty one is chosen by `EMPTY`."""
    return Way(name, tuple(Choice(value or EMPTY, value or "(empty)") for value in values), text=True)
