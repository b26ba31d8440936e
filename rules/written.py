"""How values are written in sentences, in the language of the reader: amounts with their currency, days, and the word that goes with a number."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from rules.money import from_minor
from rules.row import Language

if TYPE_CHECKING:
    import pandas as pd

GLUED = re.compile(r"(?<=[A-Z]{3})(?=\d)")
NAMED = 5  # of many, so many are named
LOCALES: dict[Language, str] = {"en": "en_GB", "fr": "fr_FR", "de": "de_DE"}


@dataclass(frozen=True)
class Amount:
    """An amount in minor units of a currency, as a value of a text: `1 234,50 €`."""

    minor: int
    currency: str


@dataclass(frozen=True)
class Some:
    """A few of many, named: `3, 7, 12 …`. As a number it is how many there are in all."""

    named: tuple[str, ...]
    count: int

    def __str__(self) -> str:
        """The named ones, with a mark where there are more."""
        return ", ".join(self.named) + (" …" if self.count > len(self.named) else "")


def first_few(several: Sequence[Any] | pd.Series[Any] | pd.Index, name: Callable[[Any], object] = str) -> Some:
    """The first few of several, to be named in a sentence by `name`."""
    return Some(tuple(str(name(one)) for one in islice(several, NAMED)), len(several))


def amount_text(minor: int, currency: str, language: Language) -> str:
    """An amount with its currency as a sentence carries it, a code of letters apart: £1,234.50, CHF 1,234.50."""
    from babel.numbers import format_currency  # loaded when something is written, not when a click begins

    return GLUED.sub("\u00a0", format_currency(from_minor(minor, currency), currency, locale=LOCALES[language]))


def day_text(day: date, language: Language) -> str:
    """A day as a sentence carries it: 12 March 2026, 12 mars 2026, 12. März 2026."""
    from rules.dates import long_date

    return long_date(day, LOCALES[language])


@dataclass(frozen=True)
class Written:
    """A value as a text of a language takes it: an amount, a day or a number in its words, anything else as it is."""

    value: Any
    language: Language

    def __format__(self, spec: str) -> str:
        value = self.value
        if "|" in spec:  # the word that goes with the number
            one, several = spec.split("|")
            return one if _number(value) in ((0, 1) if self.language == "fr" else (1,)) else several
        if isinstance(value, tuple):
            return ", ".join(format(Written(one, self.language), spec) for one in value)
        if isinstance(value, Amount):
            return amount_text(value.minor, value.currency, self.language)
        return day_text(value, self.language) if isinstance(value, date) else format(value, spec)

    def __repr__(self) -> str:
        """As the value is shown in quotes: `{typed!r}`."""
        return repr(self.value)


def _number(value: Any) -> int:
    """How many a value is: facts of a workbook are texts, and one that somebody has overwritten is no number."""
    if isinstance(value, Some):
        return value.count
    return int(value) if not isinstance(value, str) or value.isdecimal() else 0
