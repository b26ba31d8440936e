"""A question that an export leaves open: what is asked, and which answers there are."""

from __future__ import annotations

from rules.errors import LedgerError
from rules.ways import Choice, Way

NO_COLUMN = "-"  # the answer "there is no such column"


class Unclear(LedgerError):  # noqa: N818 - the field says it so
    """What cannot be known from the file is asked once, and the answer remembered for the source.

    `asked`: a field such as "open_minor", or "date_order", "decimal_mark", "currency", "company", "sheet", "member", "profile", "allocation",
    "receivables", "repeats", "scope". No `choices`: any text answers. str() is the question and the option that answers it.
    """

    def __init__(self, sentence: str, asked: str, choices: tuple[Choice, ...] = ()) -> None:
        super().__init__(sentence, Way(asked, choices, text=True))
        self.asked, self.choices = asked, choices


__all__ = ["NO_COLUMN", "Choice", "Unclear"]
