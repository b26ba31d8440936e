"""How the interest of a document comes about: its periods, which add up to what is charged, and the words that explain them."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from letter_templates import formats
from letter_templates.document import Writing, numbered
from letter_templates.parts import Period
from letter_templates.wording import wording
from rules.model import DayCount, Regime


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
    """The periods with the minor units that rounding each for show has left: one each for those that lost, or won, most by it (largest remainder).

    None when more is left than rounding leaves: then these are not the periods of that interest.
    """
    rows = list(periods)
    left = interest_minor - sum(row.interest_minor for row in rows)
    if abs(left) > len(rows):
        return None
    sign = 1 if left > 0 else -1
    for at in sorted(range(len(rows)), key=lambda at: sign * (rows[at].interest_minor - _earned(rows[at])))[: abs(left)]:
        rows[at] = replace(rows[at], interest_minor=rows[at].interest_minor + sign)
    return rows


def _earned(row: InterestPeriod) -> Decimal:
    """The interest of a period before it is rounded, in minor units; a period is of one rate, one balance and one length of the year."""
    counted = row.terms.day_count if row.terms else DayCount.ACT_365
    leap = counted is DayCount.ACT_ACT and isleap(row.date_from.year)
    year = 366 if leap else 360 if counted in (DayCount.ACT_360, DayCount.THIRTY_360) else 365
    return row.base_minor * row.rate * row.days / (100 * year)


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
