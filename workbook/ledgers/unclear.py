"""A question that an export leaves open: what is asked, which answers there are, and the sentence that names the option to give."""

from __future__ import annotations

from dataclasses import dataclass

from rules.errors import LedgerError

NO_COLUMN = "-"  # the answer "there is no such column"


@dataclass(frozen=True)
class Choice:
    """One answer: `value` goes into `Answers`, `shown` is what a person reads."""

    value: str
    shown: str


class Unclear(LedgerError):  # noqa: N818 - the field says it so
    """What cannot be known from the file is asked once, and the answer remembered for the source.

    `asked`: a field such as "open_minor", or "date_order", "decimal_mark", "currency", "company", "sheet", "member", "profile", "allocation",
    "receivables", "scope". No `choices`: any text answers. str() is the question and the option that answers it.
    """

    def __init__(self, sentence: str, asked: str, choices: tuple[Choice, ...] = ()) -> None:
        super().__init__(sentence)
        self.asked, self.choices = asked, choices
