"""What a late claim has earned up to a day: the daily balance times the rate of the day, exact to the minor unit, for whole columns at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import pandas as pd

from rules.accrual import PERIODS, Balances, earned
from rules.dates import Days, days, working_day
from rules.errors import ConfigError, RateMissing
from rules.model import AppliesTo, Reading, Regime, Start
from rules.rates import EPOCH, curve, held, number
from rules.ruleset import Bools, Ints, Ruleset


def interest(claims: pd.DataFrame, payments: pd.DataFrame, ruleset: Ruleset, as_of: date) -> pd.Series:
    """Interest of each claim up to and including `as_of`, in minor units of its currency; int64, the index of `claims`.

    `claims`: open_minor (what is open on `as_of`, after the payments), due, regime ("" = none), customer_type, country, region (of the payer), notice
    (date of the letter that puts in default; NaT = none). `payments`: at (position in `claims`), date, amount_minor; what was paid bears interest
    until and including its date.

    The days run from the day after the start (due date, due date moved to a working day, notice) to `as_of`. The row of the regime in force on the
    first of these days says how they are read, counted, compounded and rounded; the rate of a day follows the row in force on that day. A claim that
    is not positive, not yet late, or of a kind of customer for which the regime has no row bears nothing. Raises RateMissing for the first day that
    needs a rate the table does not have, ConfigError for a regime that is not there.
    """
    total = np.zeros(len(claims), dtype="int64")
    for group in _groups(claims, payments, ruleset, as_of):
        total[group.at] = earned(group)
    return pd.Series(total, index=claims.index, name="interest_minor")


def periods(claims: pd.DataFrame, payments: pd.DataFrame, ruleset: Ruleset, as_of: date) -> pd.DataFrame:
    """How `interest` comes about: one row for each time of one rate, one balance and one length of the year; made for few claims.

    Columns: at (position in `claims`), date_from and date_to (both bear interest), days (as counted: 30 for any whole month of 30E/360), base_minor
    (with what was capitalised), rate (Decimal, percent per year), interest_minor (rounded for show; it adds up to `interest` when the regime rounds
    per period or per day). The rows of a claim follow each other without a gap, but for rate_on_payment_date: there each payment is a row of its
    own, from the first interest day on, at the rate of its day.
    """
    shown: list[pd.DataFrame] = []
    for group in _groups(claims, payments, ruleset, as_of):
        earned(group, shown)
    if not shown:
        return pd.DataFrame({name: pd.Series(dtype="object" if name == "rate" else "int64") for name in PERIODS})
    return pd.concat(shown, ignore_index=True).sort_values(["at", "date_from", "date_to"], kind="stable", ignore_index=True)


def terms_of(claims: pd.DataFrame, payments: pd.DataFrame, ruleset: Ruleset, as_of: date) -> dict[int, Regime]:
    """The row of its regime that rules each claim that bears interest, by its position. Raises as `interest` does."""
    return {int(at): group.terms for group in _groups(claims, payments, ruleset, as_of) for at in group.at}


def used_rates(claims: pd.DataFrame, payments: pd.DataFrame, ruleset: Ruleset, as_of: date) -> list[int]:
    """Positions in `ruleset.rates` of the rows from which the interest of these claims comes, in order. Raises as `interest` does."""
    groups = _groups(claims, payments, ruleset, as_of)
    return sorted({row for group in groups for step in group.needed.tolist() for row in group.steps[step].rows})


def lump_sums(claims: pd.DataFrame, payments: pd.DataFrame, ruleset: Ruleset, as_of: date) -> pd.Series:
    """Name of the fee that is the fixed compensation of each claim that bears interest, "" for the others; same index. Raises as `interest` does."""
    named = np.full(len(claims), "", dtype=object)
    for group in _groups(claims, payments, ruleset, as_of):
        named[group.at] = group.terms.lump_sum
    return pd.Series(named, index=claims.index, dtype="str")


def _groups(claims: pd.DataFrame, payments: pd.DataFrame, ruleset: Ruleset, as_of: date) -> list[Balances]:
    """The claims that bear interest, by the parameters that hold for them. Raises RateMissing with a line for each group that lacks a rate."""
    due, opened, today = days(claims["due"]), claims["open_minor"].to_numpy(dtype="int64"), number(as_of)
    bears = (opened > 0) & (due < np.datetime64(today, "D"))
    paid = payments["at"].to_numpy(dtype="int64"), days(payments["date"]).astype("int64"), payments["amount_minor"].to_numpy(dtype="int64")
    groups: list[Balances] = []
    for law, of_law in _laws(claims, ruleset):
        positions = np.flatnonzero(of_law & bears)
        steps = curve(law, ruleset.rates)
        for terms, first, at in _in_force(claims, positions, law, ruleset):
            late = first < today
            at, start = at[late], first[late]
            if not len(at):
                continue
            of = np.full(len(claims), -1)
            of[at] = np.arange(len(at))
            origin, payer = int(start.min()), of[paid[0]]
            counts = (payer >= 0) & (paid[1] > start[payer])
            owner = np.concatenate([np.arange(len(at)), payer[counts]])
            until = np.concatenate([np.full(len(at), today), np.minimum(paid[1][counts], today)]) - origin
            amount = np.concatenate([opened[at], paid[2][counts]])
            groups.append(Balances(terms, steps, origin, at, start - origin, today - origin, owner, until, amount))
    if missing := [said for group in groups if (said := _missing(group, claims, ruleset))]:
        raise RateMissing("\n".join(dict.fromkeys(missing)))
    return groups


def _laws(claims: pd.DataFrame, ruleset: Ruleset) -> Iterator[tuple[list[Regime], Bools]]:
    """The rows of a regime for one kind of customer, oldest first, with the claims they hold for; of a kind without a row nothing.

    A kind has its own rows, or those for business if it is public, or those for all.
    """
    names, regimes = pd.factorize(claims["regime"])
    kinds, types = pd.factorize(claims["customer_type"])
    for i, name in enumerate(regimes):
        if name and not any(row.regime == name for row in ruleset.regimes):
            raise ConfigError(
                f"Interest of a line is to follow the regime {name!r}, which is not in the table Interest regimes on Config. "
                "Add it there, or correct the governing law of the line, its payer or its level."
            )
        for j, kind in enumerate(types):
            if law := law_of(name, kind, ruleset):
                yield law, (names == i) & (kinds == j)


def law_of(regime: str, kind: str, ruleset: Ruleset) -> list[Regime]:
    """The rows of a regime that hold for one kind of customer, oldest first; none for a kind without a row."""
    rows = sorted((row for row in ruleset.regimes if row.regime == regime), key=lambda row: row.valid_from)
    order = [kind, *([AppliesTo.BUSINESS] if kind == AppliesTo.PUBLIC else []), AppliesTo.ALL]
    return next((found for who in order if (found := [row for row in rows if row.applies_to == who])), [])


def _in_force(claims: pd.DataFrame, at: Ints, law: Sequence[Regime], ruleset: Ruleset) -> Iterator[tuple[Regime, Ints, Ints]]:
    """For each row of a law the claims it rules, as (row, day before the first interest day, positions).

    It is the newest row that is in force on the first interest day that it gives itself; before them all, the oldest.
    """
    starts = [_start(claims, at, row, ruleset) for row in law]
    ruled = np.zeros(len(at), dtype="int64")
    for i, (row, start) in enumerate(zip(law, starts, strict=True)):
        ruled[start + 1 >= np.datetime64(row.valid_from, "D")] = i
    for i, (row, start) in enumerate(zip(law, starts, strict=True)):
        its = (ruled == i) & ~np.isnat(start)
        if its.any():
            yield row, start[its].astype("int64"), at[its]


def _start(claims: pd.DataFrame, at: Ints, row: Regime, ruleset: Ruleset) -> Days:
    """The day before the first interest day of the claims `at`; NaT for a claim without the notice it needs."""
    due = days(claims["due"])[at]
    if row.start is Start.AFTER_NOTICE:
        due = np.maximum(due, days(claims["notice"])[at])
    if row.start is Start.AFTER_WORKING_DAY:
        country, countries = pd.factorize(claims["country"].to_numpy(dtype=object)[at])
        region, regions = pd.factorize(claims["region"].to_numpy(dtype=object)[at])
        of_day = due.astype("int64")
        of, distinct = pd.factorize((of_day * len(countries) + country) * len(regions) + region)
        one = np.zeros(len(distinct), dtype="int64")
        one[of] = np.arange(len(due))  # any claim of each day and place
        home = ruleset.settings.company_country
        rolled = [working_day(date.fromordinal(int(of_day[i]) + EPOCH), str(countries[country[i]]) or home, str(regions[region[i]])) for i in one]
        due = np.array(rolled, dtype="datetime64[D]")[of]
    return due + row.start_days


def _missing(group: Balances, claims: pd.DataFrame, ruleset: Ruleset) -> str:
    """What to say about the first day without a rate; "" when there is none."""
    lacking = [i for i in group.needed.tolist() if group.steps[i].rate is None]
    if not lacking:
        return ""
    if group.terms.reading is Reading.FLOATING:
        asked = np.maximum(group.start + 1, group.steps[lacking[0]].start - group.origin)
        asked = np.where(group.step[asked] == lacking[0], asked, group.end + 1)
    else:
        asked = np.where(np.isin(group.step[group.read], lacking), group.read, group.end + 1)
    which = int(asked.argmin())
    line = claims.iloc[int(group.at[group.owner[which]])]
    day, lacks = group.dates[asked[which]], group.steps[int(group.step[asked[which]])].lacks
    who = f"the line of document {line['document']} due on {line['due']:%Y-%m-%d}" if "document" in line else f"a line due on {line['due']:%Y-%m-%d}"
    if not lacks:
        return (
            f"The regime {group.terms.regime!r} has no row in force on {day}, and {who} bears interest on that day. Its first row is valid from "
            f"{group.terms.valid_from}. Add a row for the time before to the table Interest regimes on Config."
        )
    return (
        f"The regime {group.terms.regime!r} needs the reference rate {lacks!r} for {day}, first of all for {who}. The table Rates on Config has it "
        f"{held(lacks, ruleset.rates)}. Add the rate in force on {day} to the table Rates, with its source and the last day you verified it for."
    )
