"""Which rate a regime has on each day, and the law that is shipped: regimes, reference rates and lump sums of each country (`statutory/`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Context, Decimal, localcontext
from functools import cache
from pathlib import Path

import pandas as pd

from rules.config_text import Frames, from_toml
from rules.errors import ConfigError
from rules.model import Fee, Rate, Regime
from rules.row import Row, typed

STATUTORY = Path(__file__).parent / "statutory"
COUNTRIES = tuple(sorted(file.stem.upper() for file in STATUTORY.glob("*.toml")))
EPOCH = date(1970, 1, 1).toordinal()
EXACT = Context(prec=80)  # digits: more than any sum or product of two cells has


@dataclass(frozen=True)
class Step:
    """What holds from day `start` (a number, 0 is 1 January 1970) until the next step begins.

    `rate` is in percent per year and never below 0; `rows` are the positions in the table Rates that make it. Without a rate, `lacks` is the series
    that does not know the day, or "" when no row of the regime is in force yet.
    """

    start: int
    rate: Decimal | None
    rows: tuple[int, ...] = ()
    lacks: str = ""


def number(day: date) -> int:
    """Days since 1 January 1970."""
    return day.toordinal() - EPOCH


def curve(law: Sequence[Regime], rates: Sequence[Rate]) -> tuple[Step, ...]:
    """The rate of a law on every day, in order: `law` are its rows for one kind of payer, `rates` the whole table.

    The rate of a day is series + margin of the row in force, rounded up, but not below the floor. A reference rate holds until the day before the
    next row of its series, and never past its own `verified_until`: a day beyond is a step without a rate, so nobody carries an old rate forward.
    """
    named = {row.series for row in law} | {row.floor_series for row in law}
    series = [rate for rate in rates if rate.series in named]
    changes = {number(date.min), *(number(dated.valid_from) for dated in [*law, *series])}
    changes |= {number(rate.verified_until) + 1 for rate in series if rate.verified_until}
    return tuple(_step(day, law, rates) for day in sorted(changes))


def _step(day: int, law: Sequence[Regime], rates: Sequence[Rate]) -> Step:
    at = _begun(enumerate(law), day)
    if at is None:
        return Step(day, None)
    row, used = law[at], dict[str, int]()
    for series in filter(None, dict.fromkeys((row.series, row.floor_series))):
        known = _begun(((i, rate) for i, rate in enumerate(rates) if rate.series == series), day)
        until = None if known is None else rates[known].verified_until
        if known is None or (until and number(until) < day):
            return Step(day, None, lacks=series)
        used[series] = known
    with localcontext(EXACT):
        rate = (rates[used[row.series]].rate if row.series else Decimal(0)) + row.margin
        if row.round_up_to:
            rate = (rate / row.round_up_to).to_integral_value(ROUND_CEILING) * row.round_up_to
        if row.floor_series:
            rate = max(rate, rates[used[row.floor_series]].rate * row.floor_factor)
        return Step(day, max(rate, Decimal(0)), tuple(used.values()))


def _begun(rows: Iterable[tuple[int, Rate | Regime]], day: int) -> int | None:
    """Position of the row that began last, not after `day`."""
    return max(((number(row.valid_from), i) for i, row in rows if number(row.valid_from) <= day), default=(0, None))[1]


def held(series: str, rates: Sequence[Rate]) -> str:
    """From when until when the table knows a series, in words: "from 2018-01-01 to 2026-06-30"."""
    spans: list[tuple[date, date | None]] = []
    rows = sorted((rate for rate in rates if rate.series == series), key=lambda rate: rate.valid_from)
    for row, after in zip(rows, [*rows, None][1:], strict=True):
        until = row.verified_until
        if after and (until is None or until >= after.valid_from):
            until = date.fromordinal(after.valid_from.toordinal() - 1)
        if spans and (before := spans[-1][1]) and before.toordinal() + 1 == row.valid_from.toordinal():
            spans[-1] = (spans[-1][0], until)
        else:
            spans.append((row.valid_from, until))
    return " and ".join(f"from {start} to {end}" if end else f"from {start} on" for start, end in spans) or "for no day"


@cache
def _shipped() -> dict[str, Frames]:
    """The tables of every country's file."""
    return {country: from_toml((STATUTORY / f"{country.lower()}.toml").read_text(encoding="utf-8"))[1] for country in COUNTRIES}


def statutory(*countries: str) -> Frames:
    """The tables Regimes, Rates and Fees of these countries, for Config: their regimes with every series and lump sum these name.

    A series or lump sum that several countries share stands in one file and comes with each. Raises ConfigError for an unknown country.
    """
    unknown = [country for country in countries if country not in COUNTRIES]
    if unknown:
        known = ", ".join(COUNTRIES)
        raise ConfigError(f"No statutory rules are there for {unknown[0]!r}; there are some for {known}. Choose among these, or type your own.")
    regimes = _all_of(Regime, countries)
    rates, fees = _all_of(Rate, COUNTRIES), _all_of(Fee, COUNTRIES)
    named = {str(name) for column in ("series", "floor_series") for name in regimes[column]}
    return {
        Fee: _only(fees, fees["fee"].isin({str(name) for name in regimes["lump_sum"]}), Fee),
        Regime: regimes,
        Rate: _only(rates, rates["series"].isin(named), Rate),
    }


def _all_of(model: type[Row], countries: Sequence[str]) -> pd.DataFrame:
    frames = [_shipped()[country][model] for country in dict.fromkeys(countries) if model in _shipped()[country]]
    return typed(pd.concat([f.astype(object) for f in frames], ignore_index=True) if frames else pd.DataFrame(), model)


def _only(frame: pd.DataFrame, rows: pd.Series, model: type[Row]) -> pd.DataFrame:
    return typed(frame[rows].reset_index(drop=True), model)
