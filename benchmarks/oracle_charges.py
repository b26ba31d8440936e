"""What one line or letter bears: fees, lump sums and default interest, one at a time in exact fractions. The charges of `benchmarks.oracle`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from rules.errors import RateMissing
from rules.model import AppliesTo, CustomerType, DayCount, Fee, Rate, Reading, Regime, Rounding
from rules.ruleset import Ruleset

ONE_DAY = timedelta(days=1)
DECIMALS = {"JPY": 0, "KWD": 3, "TND": 3}  # of the currencies that are tried; all others have two


def half_up(amount: Fraction) -> int:
    return -floor(-amount + Fraction(1, 2)) if amount < 0 else floor(amount + Fraction(1, 2))


def unit(currency: str) -> int:
    return 10 ** DECIMALS.get(currency, 2)


def worth(rules: Ruleset, currency: str) -> Fraction | None:
    """Minor units of the company currency for one minor unit of `currency`; None when Config does not say."""
    company = rules.settings.company_currency
    if currency == company:
        return Fraction(1)
    for row in rules.currencies:
        if row.currency == currency:
            return Fraction(row.rate) * unit(company) / unit(currency)
    return None


# ------------------------------------------------------------------------------------------------------------------------- fees


def of_bands(bands: Sequence[Fee], base: int) -> Fraction:
    """What the bands of one fee in one currency charge on `base`."""
    reached = sorted((b for b in bands if b.from_minor <= base), key=lambda b: b.from_minor)
    if not reached:
        return Fraction(0)
    if not reached[-1].accumulated:
        return of_band(reached[-1], base)
    ends = [*(b.from_minor for b in reached[1:]), base]
    return sum((of_band(band, end - band.from_minor) for band, end in zip(reached, ends, strict=True)), Fraction(0))


def of_band(band: Fee, base: int) -> Fraction:
    charge = band.amount_minor + Fraction(band.percent) / 100 * base
    if band.least_minor is not None:
        charge = max(charge, Fraction(band.least_minor))
    if band.most_minor is not None:
        charge = min(charge, Fraction(band.most_minor))
    return Fraction(charge)


def charge(rules: Ruleset, fee: str, base: int, currency: str) -> int:
    """The fee on `base`, both in `currency`: by its own rows, else by those of the company currency, there and back at the Config rate."""
    own = [row for row in rules.fees if row.fee == fee and row.currency == currency]
    if own:
        return half_up(of_bands(own, base))
    company, rate = [row for row in rules.fees if row.fee == fee and row.currency == rules.settings.company_currency], worth(rules, currency)
    if not company or rate is None:
        return 0
    return half_up(of_bands(company, half_up(base * rate)) / rate)


# --------------------------------------------------------------------------------------------------------------------- interest


def regime_rows(rules: Ruleset, regime: str, customer: str) -> list[Regime]:
    """The dated rows of a regime for one type of payer, oldest first."""
    rows = [row for row in rules.regimes if row.regime == regime]
    wanted = [customer, AppliesTo.BUSINESS, AppliesTo.ALL] if customer == CustomerType.PUBLIC else [customer, AppliesTo.ALL]
    for applies_to in wanted:
        if mine := [row for row in rows if row.applies_to == applies_to]:
            return sorted(mine, key=lambda row: row.valid_from)
    return []


def row_on(rows: Sequence[Regime], day: date) -> Regime | None:
    started = [row for row in rows if row.valid_from <= day]
    return started[-1] if started else None


def series_on(rates: Iterable[Rate], series: str, day: date) -> Fraction:
    known = sorted((r for r in rates if r.series == series and r.valid_from <= day), key=lambda r: r.valid_from)
    if not known or (known[-1].verified_until is not None and day > known[-1].verified_until):
        raise RateMissing(f"{series} has no rate on {day}")
    return Fraction(known[-1].rate)


def rate_on(rules: Ruleset, rows: Sequence[Regime], day: date) -> Fraction:
    """Percent per year on a day; 0 before the first row of the regime."""
    row = row_on(rows, day)
    if row is None:
        return Fraction(0)
    rate = Fraction(row.margin) + (series_on(rules.rates, row.series, day) if row.series else 0)
    if row.round_up_to:
        rate = ceil(rate / Fraction(row.round_up_to)) * Fraction(row.round_up_to)
    if row.floor_series:
        rate = max(rate, Fraction(row.floor_factor) * series_on(rules.rates, row.floor_series, day))
    return rate


@dataclass(frozen=True)
class Part:
    """An amount that was owed until and including a day."""

    amount: int
    until: date


def interest(rules: Ruleset, rows: Sequence[Regime], parts: Sequence[Part], start: date, end: date) -> int:
    """Interest of one line in minor units, for the days after `start` until and including `end`."""
    owed = [Part(p.amount, min(p.until, end)) for p in parts if min(p.until, end) > start]
    if not rows or not owed:
        return 0
    terms = row_on(rows, start + ONE_DAY) or rows[0]
    if terms.reading == Reading.RATE_ON_PAYMENT_DATE:
        fixed = [(rate_on(rules, rows, part.until), part) for part in owed]
        return half_up(sum((accrued(rules, rows, terms, [part], start, lambda _, r=rate: r) for rate, part in fixed), Fraction(0)))
    if terms.reading == Reading.FIXED_AT_DEFAULT:
        rate = rate_on(rules, rows, start + ONE_DAY)
        return half_up(accrued(rules, rows, terms, owed, start, lambda _: rate))
    return half_up(accrued(rules, rows, terms, owed, start, lambda day: rate_on(rules, rows, day)))


def accrued(
    rules: Ruleset, rows: Sequence[Regime], terms: Regime, parts: Sequence[Part], start: date, rate_of: Callable[[date], Fraction]
) -> Fraction:
    """The sum over stretches of days on which balance, rate and year are the same."""
    end = max(p.until for p in parts)
    birthdays = set(anniversaries(start, end)) if terms.compounds else set[date]()
    cuts = {start, end, *(p.until for p in parts), *birthdays, *changes(rules, rows), *(date(y, 12, 31) for y in range(start.year, end.year + 1))}
    total, joined, period, same = Fraction(0), Fraction(0), Fraction(0), None
    for since, until in pairwise(sorted(c for c in cuts if start <= c <= end)):
        rate, base = rate_of(until), sum(p.amount for p in parts if p.until >= until) + joined
        share = year_share(terms.day_count, until)
        if terms.rounding == Rounding.PER_DAY:
            total += half_up(base * rate / 100 * share) * day_number(terms.day_count, since, until)
        elif terms.rounding == Rounding.PER_PERIOD:
            if (rate, base) != same:
                total, period, same = total + half_up(period), Fraction(0), (rate, base)
            period += base * rate / 100 * share * day_number(terms.day_count, since, until)
        else:
            total += base * rate / 100 * share * day_number(terms.day_count, since, until)
        if until in birthdays:
            total, period, same = total + half_up(period), Fraction(0), None
            joined = total
    return total + half_up(period)


def changes(rules: Ruleset, rows: Sequence[Regime]) -> Iterator[date]:
    """Last days of a constant rate, as far as rows can tell."""
    yield from (row.valid_from - ONE_DAY for row in rows)
    series = {name for row in rows for name in (row.series, row.floor_series)}
    for rate in rules.rates:
        if rate.series in series:
            yield rate.valid_from - ONE_DAY
            if rate.verified_until:
                yield rate.verified_until


def anniversaries(start: date, end: date) -> Iterator[date]:
    for year in range(start.year + 1, end.year + 1):
        birthday = start.replace(year=year, day=28) if (start.month, start.day) == (2, 29) and not leap(year) else start.replace(year=year)
        if birthday <= end:
            yield birthday


def leap(year: int) -> bool:
    return (date(year, 12, 31) - date(year, 1, 1)).days == 365


def year_share(count: DayCount, day: date) -> Fraction:
    """A day as a share of the year it lies in."""
    days = {DayCount.ACT_365: 365, DayCount.ACT_ACT: 365 + leap(day.year), DayCount.ACT_360: 360, DayCount.THIRTY_360: 360}
    return Fraction(1, days[count])


def day_number(count: DayCount, since: date, until: date) -> int:
    """Interest days after `since` until and including `until`."""
    if count == DayCount.THIRTY_360:
        return 360 * (until.year - since.year) + 30 * (until.month - since.month) + min(until.day, 30) - min(since.day, 30)
    return (until - since).days
