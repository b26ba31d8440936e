"""How the interest of a document comes about: its periods, which add up to what is charged, and the words that explain them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from letter_templates import formats
from letter_templates.document import Writing, numbered
from letter_templates.parts import Period
from letter_templates.wording import wording
from rules.model import Regime


@dataclass(frozen=True)
class InterestPeriod:
    """Interest of one line at one rate on one balance: a row of `rules.interest.periods`, with the document it belongs to.

    `rate` is percent per year; `date_from` and `date_to` both bear interest; amounts are in minor units of the document's currency. `terms` is the
    row of the interest regime that rules the line, so that the document can say how the interest is made.
    """

    document: str
    instalment: str
    base_minor: int
    rate: Decimal
    date_from: date
    date_to: date
    days: int
    interest_minor: int
    terms: Regime | None = None


def in_order(periods: Sequence[InterestPeriod]) -> list[InterestPeriod]:
    """The periods by document and day."""
    return sorted(periods, key=lambda p: (p.document, p.instalment, p.date_from, p.date_to))


def adding_up(periods: Sequence[InterestPeriod], interest_minor: int) -> list[InterestPeriod] | None:
    """The periods with the minor units that rounding each for show has left: the one that earns most takes them.

    None when more is left than rounding leaves: then these are not the periods of that interest.
    """
    rows = list(periods)
    left = interest_minor - sum(row.interest_minor for row in rows)
    if abs(left) > len(rows):
        return None
    if left:
        most = max(range(len(rows)), key=lambda at: rows[at].interest_minor)
        rows[most] = replace(rows[most], interest_minor=rows[most].interest_minor + left)
    return rows


def shown(period: InterestPeriod, w: Writing) -> Period:
    """One period as a row of the table."""
    return Period(
        document=numbered(period.document, period.instalment), base=w.amount(period.base_minor), rate=formats.percent(period.rate, w.locale),
        date_from=w.short(period.date_from), date_to=w.short(period.date_to), days=str(period.days), interest=w.amount(period.interest_minor),
    )  # fmt: skip


def notes(periods: Sequence[InterestPeriod], w: Writing) -> list[str]:
    """How the interest in the table is made, each thing once: points above which reference rate, length of the year, compounding if there is any."""
    words = wording(w.language)["interest"]
    terms = list({id(period.terms): period.terms for period in periods if period.terms}.values())
    said = [_reference(row, w, words) for row in terms]
    said += [str(words["rounded"]).format(step=formats.points(row.round_up_to, w.locale)) for row in terms if row.round_up_to]
    said += [str(words["day_count"][row.day_count.value]) for row in terms]
    said += [str(words["compounds"]) for row in terms if row.compounds]
    return list(dict.fromkeys(filter(None, said)))


def _reference(row: Regime, w: Writing, words: dict[str, dict[str, str]]) -> str:
    """The points over the reference rate; "" for a rate without one or with a floor, and for one the words have no name for."""
    name = "" if row.floor_series else words["series"].get(row.series, "")
    return str(words["rate"]["points" if row.margin else "alone"]).format(points=formats.points(row.margin, w.locale), name=name) if name else ""
