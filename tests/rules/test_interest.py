"""Default interest: worked examples, a second implementation that counts day by day in fractions, and what must hold for any schedule."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.errors import ConfigError, RateMissing
from rules.interest import interest, lump_sums, periods, used_rates
from rules.model import Rate, Regime
from rules.ruleset import Ruleset
from tests.rules.claims import frame, minor, payments
from tests.rules.world import rules
from tests.table import Case, cases

TABLES = cases(Path(__file__).parents[1] / "cases" / "interest.md")
DAY = timedelta(days=1)
NAMES = {"rounded_up_to": "round_up_to", "floor": "floor_series", "floor_times": "floor_factor"}
Paid = tuple[date, int]


def given_in(row: Case, names: dict[str, str]) -> dict[str, Any]:
    """The fields of a table row that are not at their default."""
    told = {names.get(k, k): v for k, v in vars(row).items() if v is not None}
    return {k: v == "yes" if k == "compounds" else str(v) if isinstance(v, int) else v for k, v in told.items()}


RATES = tuple(Rate.model_validate(given_in(row, {})) for row in TABLES["Rates"])
REGIMES = tuple(Regime.model_validate(given_in(row, NAMES)) for row in TABLES["Regimes"])
RULES = replace(rules(), regimes=REGIMES, rates=RATES)


def line(case: Case) -> dict[str, Any]:
    told = {"regime": case.regime or "", "due": case.due, "open_minor": minor(getattr(case, "open", "36500.00"))}
    told |= {"country": getattr(case, "country", "DE") or "", "region": getattr(case, "region", None) or ""}
    return told | {"notice": getattr(case, "notice", None), "customer_type": getattr(case, "type", "business")}


def paid_on(case: Case) -> list[Paid]:
    told = (part.split(" on ") for part in (getattr(case, "paid", None) or "").split(";") if part.strip())
    return [(date.fromisoformat(day.strip()), minor(amount.strip())) for amount, day in told]


EXAMPLES = [case for rows in TABLES.values() for case in rows if hasattr(case, "interest")]


@pytest.mark.parametrize("case", EXAMPLES, ids=str)
def test_examples(case: Case) -> None:
    found = interest(frame(line(case)), payments(*((0, *part) for part in paid_on(case))), RULES, case.as_of)

    assert minor(case.interest) == found.item()


def test_examples_of_one_day_together_in_the_order_and_with_the_index_of_the_claims() -> None:
    today = [case for case in EXAMPLES if case.as_of == date(2026, 3, 31)][::-1]
    paid = [(at, *part) for at, case in enumerate(today) for part in paid_on(case)]
    claims = frame(*(line(case) for case in today))
    claims.index = claims.index + 7

    expected = pd.Series([minor(case.interest) for case in today], index=claims.index, name="interest_minor")
    pd.testing.assert_series_equal(expected, interest(claims, payments(*paid[::-1]), RULES, date(2026, 3, 31)))


@pytest.mark.parametrize("case", TABLES["No rate"], ids=str)
def test_a_day_without_a_rate_is_named(case: Case) -> None:
    if case.says is None:
        assert interest(frame(line(case)), payments(), RULES, case.as_of).item() > 0
        return

    with pytest.raises(ConfigError) as stopped:
        interest(frame(line(case)), payments(), RULES, case.as_of)
    assert case.says in str(stopped.value)
    assert isinstance(stopped.value, RateMissing) == (case.regime != "other")


def test_every_regime_that_lacks_a_rate_is_named_at_once() -> None:
    claims = frame({"regime": "table ends", "due": date(2026, 6, 1)}, {"regime": "floor ends", "due": date(2026, 6, 1)})

    with pytest.raises(RateMissing) as stopped:
        interest(claims, payments(), RULES, date(2026, 12, 31))
    assert ["'table ends'", "'floor ends'"] == [said.split()[2] + " " + said.split()[3] for said in str(stopped.value).splitlines()]


def test_what_is_not_late_needs_no_rate() -> None:
    claims = frame({"regime": "table ends", "due": date(2026, 12, 31)}, {"regime": "table ends", "due": date(2026, 6, 1), "open_minor": -1})

    assert [0, 0] == interest(claims, payments((1, date(2026, 7, 1), 5)), RULES, date(2026, 12, 31)).tolist()


def test_no_claims_bear_no_interest() -> None:
    none = frame({"regime": "ten", "due": date(2026, 3, 21)}).iloc[:0]

    assert [] == interest(none, payments(), RULES, date(2026, 3, 31)).tolist()
    assert [] == periods(none, payments(), RULES, date(2026, 3, 31)).to_dict("records")
    assert [] == used_rates(none, payments(), RULES, date(2026, 3, 31))


def test_the_periods_of_a_letter_say_from_when_to_when_on_what_and_at_which_rate() -> None:
    claims = frame({"regime": "floating", "due": date(2025, 12, 31)}, {"regime": "floating", "due": date(2025, 12, 29)})
    found = periods(claims, payments((1, date(2026, 1, 2), 3650000)), RULES, date(2026, 1, 3))

    shown = [(p.at, f"{p.date_from:%d.%m.}-{p.date_to:%d.%m.}", p.days, p.base_minor, str(p.rate), p.interest_minor) for p in found.itertuples()]
    expected = [
        (0, "01.01.-03.01.", 3, 3650000, "11.00", 3300),
        (1, "30.12.-31.12.", 2, 7300000, "10.00", 4000),
        (1, "01.01.-02.01.", 2, 7300000, "11.00", 4400),
        (1, "03.01.-03.01.", 1, 3650000, "11.00", 1100),
    ]
    assert expected == shown


def test_the_periods_of_compounding_show_what_was_capitalised() -> None:
    found = periods(frame({"regime": "yearly", "due": date(2025, 3, 31)}), payments(), RULES, date(2027, 4, 1))

    expected = [(365, 3650000, 365000), (365, 4015000, 401500), (1, 4416500, 1210)]
    assert expected == list(found[["days", "base_minor", "interest_minor"]].itertuples(index=False, name=None))


def test_used_rates_are_those_of_the_days_that_bear_interest() -> None:
    def used(regime: str, due: date, *paid: Paid) -> list[tuple[str, Decimal]]:
        at = used_rates(frame({"regime": regime, "due": due}), payments(*((0, *part) for part in paid)), RULES, date(2026, 1, 31))
        return [(RATES[i].series, RATES[i].rate) for i in at]

    assert [("base", Decimal(2)), ("base", Decimal(3))] == used("floating", date(2025, 12, 30))
    assert [("base", Decimal(3))] == used("floating", date(2025, 12, 31))
    assert [("base", Decimal(2))] == used("at default", date(2025, 12, 30))
    assert [("base", Decimal(3))] == used("at payment", date(2025, 12, 30))
    assert [("base", Decimal(2)), ("base", Decimal(3))] == used("at payment", date(2025, 12, 1), (date(2025, 12, 30), 1))
    assert [("legal", Decimal(3))] == used("sixteen", date(2025, 12, 30))
    assert [] == used("ten", date(2025, 12, 30))


def test_the_lump_sum_is_that_of_the_row_in_force_on_the_first_interest_day() -> None:
    rows = [Regime(regime="R", valid_from=date(2020 + 6 * i, 1, 1), margin=Decimal(5), lump_sum=name) for i, name in enumerate(("old", "new"))]
    due = [date(2025, 12, 30), date(2025, 12, 31), date(2026, 5, 1)]
    found = lump_sums(frame(*({"regime": "R", "due": day} for day in due)), payments(), replace(RULES, regimes=tuple(rows)), date(2026, 3, 31))

    assert ["old", "new", ""] == found.tolist()


# ---------------------------------------------------------------------------------------------------------------- any schedule


@dataclass(frozen=True)
class Schedule:
    """Claims under one regime, what was paid on them, and the rates."""

    law: tuple[Regime, ...]
    rates: tuple[Rate, ...]
    claims: tuple[tuple[int, date], ...]  # open, due
    paid: tuple[tuple[int, date, int], ...]
    as_of: date

    @property
    def rules(self) -> Ruleset:
        return replace(RULES, regimes=self.law, rates=self.rates)

    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        return frame(*({"regime": "R", "due": due, "open_minor": amount} for amount, due in self.claims)), payments(*self.paid)


def percents(low: int, high: int) -> st.SearchStrategy[Decimal]:
    """Rates of up to two decimals, now and then of six."""
    return st.sampled_from([10**2, 10**2, 10**6]).flatmap(lambda parts: st.integers(low * parts, high * parts).map(lambda n: Decimal(n) / parts))


dates = st.dates(date(2023, 6, 1), date(2026, 12, 31))
due_dates = st.one_of(st.dates(date(2023, 6, 1), date(2025, 12, 31)), st.just(date(2024, 2, 29)))
as_of_dates = st.dates(date(2024, 12, 1), date(2026, 12, 31))
amounts = st.one_of(st.integers(1, 10**6), st.integers(1, 10**14))


@st.composite
def schedules(draw: st.DrawFn, **fixed: st.SearchStrategy[Any]) -> Schedule:
    def series(name: str) -> list[Rate]:
        days = [date(2000, 1, 1), *draw(st.lists(dates, max_size=3, unique=True))]
        return [Rate(series=name, valid_from=day, rate=draw(percents(-2, 15))) for day in days]

    words = {
        "reading": st.sampled_from(["floating", "floating", "fixed_at_default", "rate_on_payment_date"]),
        "day_count": st.sampled_from(["act/365", "act/act", "act/360", "30E/360"]),
        "rounding": st.sampled_from(["once", "once", "per_period", "per_day"]),
        "compounds": st.booleans(),
        "start_days": st.sampled_from([0, 0, 30]),
    } | fixed
    rows: list[Regime] = []
    for day in [date(2000, 1, 1), *draw(st.lists(dates, max_size=1))]:
        row: dict[str, Any] = {name: draw(words[name]) for name in words}
        row |= {"series": draw(st.sampled_from(["", "a"])), "floor_series": draw(st.sampled_from(["", "b"])), "floor_factor": draw(percents(0, 3))}
        row |= {"margin": draw(percents(0, 12)), "round_up_to": draw(st.sampled_from([Decimal(0), Decimal("0.5"), Decimal("0.25"), Decimal("0.3")]))}
        rows.append(Regime.model_validate({"regime": "R", "valid_from": day} | row))
    claims = draw(st.lists(st.tuples(amounts, due_dates), min_size=1, max_size=3))
    paid = draw(st.lists(st.tuples(st.integers(0, len(claims) - 1), dates, amounts), max_size=4))
    return Schedule(tuple(rows), (*series("a"), *series("b")), tuple(claims), tuple(paid), draw(as_of_dates))


def half_up(exact: Fraction) -> int:
    return int(exact + Fraction(1, 2))


def anniversary(start: date, years: int) -> date:
    day = 28 if (start.month, start.day) == (2, 29) and not isleap(start.year + years) else start.day
    return date(start.year + years, start.month, day)


def counted(day: date, count: str) -> tuple[int, int]:
    """How many days a day counts, and how many the year has."""
    if count == "30E/360":
        before = day - DAY
        return 360 * (day.year - before.year) + 30 * (day.month - before.month) + min(day.day, 30) - min(before.day, 30), 360
    return 1, {"act/365": 365, "act/360": 360, "act/act": 366 if isleap(day.year) else 365}[count]


def rate_of(day: date, schedule: Schedule) -> Fraction:
    def known(name: str) -> Fraction:
        return Fraction(max((r.valid_from, r.rate) for r in schedule.rates if r.series == name and r.valid_from <= day)[1]) if name else Fraction(0)

    row = max((r for r in schedule.law if r.valid_from <= day), key=lambda r: r.valid_from)
    rate, step = known(row.series) + Fraction(row.margin), Fraction(row.round_up_to)
    if step:
        rate = -(-rate // step) * step
    return max(rate, known(row.floor_series) * Fraction(row.floor_factor) if row.floor_series else Fraction(0), Fraction(0))


def start_of(due: date, schedule: Schedule) -> tuple[Regime, date]:
    """The row that rules a claim, and the day before its first interest day."""
    rows = sorted(schedule.law, key=lambda row: row.valid_from)
    row = next((row for row in rows[::-1] if due + timedelta(row.start_days) + DAY >= row.valid_from), rows[0])
    return row, due + timedelta(row.start_days)


def day_by_day(at: int, schedule: Schedule) -> int:
    """Interest of one claim, one day after the other."""
    amount, due = schedule.claims[at]
    row, start = start_of(due, schedule)
    days = [start + timedelta(n) for n in range(1, (schedule.as_of - start).days + 1)]
    parts = [(schedule.as_of, amount), *((day, paid) for owner, day, paid in schedule.paid if owner == at)]
    capital, years, earned = Fraction(0), 1, Fraction(0)

    def runs(day: date) -> Iterator[tuple[int, Fraction, Fraction]]:
        """Number, balance and rate of what bears interest on a day."""
        bears = [(n, min(until, schedule.as_of), Fraction(a)) for n, (until, a) in enumerate(parts) if day <= until]
        if row.reading == "rate_on_payment_date":
            yield from ((n, a + (capital if n == 0 else 0), rate_of(until, schedule)) for n, until, a in bears)
        else:
            rate = rate_of(start + DAY if row.reading == "fixed_at_default" else day, schedule)
            yield 0, sum((a for _, _, a in bears), capital), rate

    pieces: dict[int, list[tuple[Fraction, Fraction, int, int]]] = {}

    def settle() -> Fraction:
        """What the days since the last anniversary have earned."""
        total = Fraction(0)
        for run in pieces.values():
            for (base, rate, year), group in groupby(run, key=lambda p: (p[0], p[1], p[3])):
                count = sum(n for _, _, n, _ in group)
                of_day = base * rate / 100 / year
                total += {"once": of_day * count, "per_period": half_up(of_day * count), "per_day": half_up(of_day) * count}[row.rounding]
        pieces.clear()
        return total

    for day in days:
        for number, base, rate in runs(day):
            pieces.setdefault(number, []).append((base, rate, *counted(day, row.day_count)))
        if row.compounds and day == anniversary(start, years):
            earned += settle()
            capital, years = earned, years + 1
    return half_up(earned + settle())


@settings(max_examples=150)
@given(schedules())
def test_the_engine_agrees_with_counting_day_by_day(schedule: Schedule) -> None:
    found = interest(*schedule.frames(), schedule.rules, schedule.as_of)

    assert [day_by_day(at, schedule) for at in range(len(schedule.claims))] == found.tolist()


@settings(max_examples=60)
@given(schedules(), st.randoms())
def test_the_order_of_rows_never_matters(schedule: Schedule, chance: Any) -> None:
    claims, paid = schedule.frames()
    order = chance.sample(range(len(claims)), len(claims))
    moved = paid.assign(at=paid["at"].map({was: now for now, was in enumerate(order)})).sample(frac=1, random_state=chance.randrange(2**32))
    law, rates = chance.sample(schedule.law, len(schedule.law)), chance.sample(schedule.rates, len(schedule.rates))
    shuffled = replace(schedule.rules, regimes=tuple(law), rates=tuple(rates))

    expected = interest(claims, paid, schedule.rules, schedule.as_of).iloc[order]
    assert expected.tolist() == interest(claims.iloc[order], moved, shuffled, schedule.as_of).tolist()


@settings(max_examples=60)
@given(schedules(reading=st.sampled_from(["floating", "fixed_at_default"])))
def test_periods_follow_each_other_and_no_day_is_lost(schedule: Schedule) -> None:
    found = periods(*schedule.frames(), schedule.rules, schedule.as_of)

    for at, (_, due) in enumerate(schedule.claims):
        row, start = start_of(due, schedule)
        its = found[found["at"] == at]
        days = [start + timedelta(n) for n in range(1, (schedule.as_of - start).days + 1)]
        assert sum(counted(day, row.day_count)[0] for day in days) == its["days"].sum()
        assert days == [day.date() for p in its.itertuples() for day in pd.date_range(p.date_from, p.date_to)]
        assert (its["date_from"] <= its["date_to"]).all()


def exact(schedule: Schedule) -> dict[int, Fraction]:
    """The interest of each claim before it is rounded, from its periods."""
    total = dict.fromkeys(range(len(schedule.claims)), Fraction(0))
    for p in periods(*schedule.frames(), schedule.rules, schedule.as_of).itertuples():
        year = counted(p.date_to.date(), start_of(schedule.claims[p.at][1], schedule)[0].day_count)[1]
        total[p.at] += Fraction(p.base_minor) * Fraction(p.rate) * p.days / 100 / year
    return total


SIMPLE = {"compounds": st.just(False), "rounding": st.just("once"), "start_days": st.just(0)}


@settings(max_examples=60)
@given(schedules(**SIMPLE))
def test_the_periods_of_a_line_add_up_to_its_interest(schedule: Schedule) -> None:
    found = interest(*schedule.frames(), schedule.rules, schedule.as_of)

    assert [half_up(total) for total in exact(schedule).values()] == found.tolist()


@settings(max_examples=60)
@given(schedules(rounding=st.sampled_from(["per_period", "per_day"])))
def test_rounded_periods_add_up_to_the_interest(schedule: Schedule) -> None:
    claims, paid = schedule.frames()
    found = periods(claims, paid, schedule.rules, schedule.as_of).groupby("at")["interest_minor"].sum()

    assert interest(claims, paid, schedule.rules, schedule.as_of).tolist() == found.reindex(range(len(claims)), fill_value=0).tolist()


@settings(max_examples=60)
@given(schedules(**SIMPLE), amounts)
def test_interest_is_linear_in_the_principal_before_rounding(schedule: Schedule, more: int) -> None:
    alone = replace(schedule, paid=(), claims=tuple((more, due) for _, due in schedule.claims))
    both = replace(schedule, claims=tuple((amount + more, due) for amount, due in schedule.claims))

    assert {at: total + exact(alone)[at] for at, total in exact(schedule).items()} == exact(both)


@settings(max_examples=60)
@given(schedules(**SIMPLE, reading=st.just("floating"), day_count=st.sampled_from(["act/365", "act/act", "30E/360"])), dates)
def test_interest_is_additive_in_time_before_rounding(schedule: Schedule, between: date) -> None:
    (amount, due), middle = schedule.claims[0], min(between, schedule.as_of)
    whole = replace(schedule, law=schedule.law[:1], claims=((amount, due),), paid=())
    first = replace(whole, as_of=middle)
    second = replace(whole, claims=((amount, max(due, middle)),))

    assert exact(whole)[0] == exact(first)[0] + exact(second)[0]
