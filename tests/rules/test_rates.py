"""The law that is shipped: what each country's rates come to in each half-year, how long they are known, and that nothing is left unsaid."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rules.config_text import TABLES, from_toml, preset, to_toml
from rules.errors import ConfigError, RateMissing
from rules.fees import charges
from rules.interest import interest, lump_sums, periods
from rules.model import Confidence, Fee, Rate, Regime
from rules.rates import COUNTRIES, curve, held, statutory
from rules.row import empty, to_rows
from rules.ruleset import Ruleset, ruleset
from tests.rules.claims import frame, minor, payments
from tests.table import Case, cases

LAW = cases(Path(__file__).parents[1] / "cases" / "statutory.md")
CONSUMER = "_consumer"
CURRENCY = {"GB": "GBP", "NO": "NOK"}
DAY = timedelta(days=1)


def shipped(*countries: str) -> Ruleset:
    standing, frames = from_toml(preset("plain"))
    return ruleset(standing, {model: (frames | statutory(*countries)).get(model, empty(model)) for model in TABLES.values()})


ALL = shipped(*COUNTRIES)
RATES = {name: [rate for rate in ALL.rates if rate.series == name] for name in dict.fromkeys(rate.series for rate in ALL.rates)}


def rate_on(day: date, regime: str, customer: str) -> Decimal | None:
    """The rate that a claim that fell due shortly before bears on a day; None when it is not known."""
    due = pd.Timestamp(day)
    claims = frame({"regime": regime, "customer_type": customer, "due": due, "notice": due})
    try:
        return periods(claims, payments(), ALL, day + 9 * DAY)["rate"].iloc[-1]
    except RateMissing:
        return None


HALVES: list[tuple[date, str, Any]] = [
    (getattr(row, "from"), column, cell) for row in LAW["Rate of each half-year"] for column, cell in vars(row).items() if column != "from"
]


@pytest.mark.parametrize("column", dict.fromkeys(column for _, column, _ in HALVES))
def test_the_rate_of_each_half_year_is_the_one_published(column: str) -> None:
    customer = "consumer" if column.endswith(CONSUMER) else "business"
    expected = {day: cell and Decimal(str(cell)) for day, name, cell in HALVES if name == column}

    assert expected == {day: rate_on(day, column.removesuffix(CONSUMER), customer) for day in expected}


@pytest.mark.parametrize("case", LAW["One rate for the whole delay"], ids=str)
def test_one_rate_for_the_whole_delay(case: Case) -> None:
    claims = frame({"regime": case.regime, "customer_type": case.customer, "due": case.due})

    assert [Decimal(case.rate)] == periods(claims, payments(), ALL, case.as_of)["rate"].tolist()


@pytest.mark.parametrize("case", LAW["Interest"], ids=str)
def test_interest_under_the_law(case: Case) -> None:
    claims = frame({"regime": case.regime, "customer_type": case.customer, "due": case.due, "open_minor": minor(case.open)})

    assert minor(case.interest) == interest(claims, payments(), ALL, case.as_of).item()


@pytest.mark.parametrize("case", LAW["Lump sums"], ids=str)
def test_lump_sums(case: Case) -> None:
    claims = frame({"regime": case.regime, "customer_type": case.customer, "due": case.day - DAY, "open_minor": minor(case.open)})
    fee = lump_sums(claims, payments(), ALL, case.day + 9 * DAY)
    found = charges(fee, claims["open_minor"], pd.Series([CURRENCY.get(case.regime, "EUR")]), ALL)

    assert [(minor(case.lump_sum or 0), False, False)] == list(found.itertuples(index=False, name=None))


def test_the_german_base_rate_is_that_of_the_ecb_less_0_88() -> None:
    expected = {rate.valid_from: rate.rate - Decimal("0.88") for rate in RATES["EU_MRO"]}

    assert expected == {rate.valid_from: rate.rate for rate in RATES["DE_BASE"]}


def test_the_austrian_base_rate_moves_by_half_a_point_at_least() -> None:
    rates = [rate.rate for rate in RATES["AT_BASE"]]

    assert [] == [after - before for before, after in pairwise(rates) if 0 < abs(after - before) < Decimal("0.5")]


def test_the_swedish_reference_rate_comes_in_half_points() -> None:
    assert {Decimal(0)} == {rate.rate % Decimal("0.5") for rate in RATES["SE_REFERENCE"]}


@pytest.mark.parametrize("series", RATES)
def test_a_series_begins_in_2018_has_no_gap_and_ends_no_later_than_known(series: str) -> None:
    rows = RATES[series]

    assert [date(2018, 1, 1), *(row.verified_until + DAY for row in rows[:-1] if row.verified_until)] == [row.valid_from for row in rows]
    assert rows[-1].verified_until
    assert rows[-1].verified_until <= date(2026, 12, 31)


def test_a_rate_that_is_not_known_for_sure_says_so() -> None:
    unsure = [rate for rate in ALL.rates[::-1] if rate.confidence is not Confidence.HIGH]
    doubted = {(rate.series, rate.confidence): rate.valid_from for rate in unsure}

    expected = {
        ("EU_MRO", "medium"): date(2026, 7, 1),
        ("DE_BASE", "medium"): date(2026, 7, 1),
        ("AT_BASE", "medium"): date(2024, 7, 1),
        ("NL_STATUTORY", "low"): date(2025, 1, 1),
        ("DK_LENDING", "low"): date(2024, 7, 1),
        ("NO_DEFAULT", "medium"): date(2024, 7, 1),
    }
    assert expected == doubted


def test_every_regime_and_every_rate_names_its_source() -> None:
    rows = [*ALL.regimes, *ALL.rates]

    assert [] == [row for row in rows if not row.source.strip() or "http" in row.source]


def test_a_country_brings_only_what_its_regimes_name() -> None:
    frames = statutory("FR")

    assert {"FR", "FR_CONTRACT"} == {row.regime for row in to_rows(frames[Regime], Regime)}
    assert {"EU_MRO", "FR_LEGAL"} == {row.series for row in to_rows(frames[Rate], Rate)}
    assert {"EU_40"} == {row.fee for row in to_rows(frames[Fee], Fee)}


def test_a_country_named_twice_comes_once_and_none_brings_nothing() -> None:
    assert len(statutory("DE")[Regime]) == len(statutory("DE", "DE")[Regime])
    assert [0, 0, 0] == [len(table) for table in statutory().values()]


def test_a_country_without_rules_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"'US'; there are some for AT, BE, .*, SE\. Choose"):
        statutory("FR", "US")


def test_the_law_goes_out_as_text_and_comes_in_again() -> None:
    standing, _ = from_toml(preset("plain"))
    frames = statutory(*COUNTRIES)
    _, again = from_toml(to_toml(standing, frames))

    for model, table in frames.items():
        assert to_rows(table, model) == to_rows(again[model], model)


def test_the_rate_in_force_does_not_depend_on_the_order_of_the_table() -> None:
    law = [row for row in ALL.regimes if row.regime == "FR_CONTRACT"]
    one, other = curve(law, ALL.rates), curve(law, ALL.rates[::-1])

    assert [(step.start, step.rate) for step in one] == [(step.start, step.rate) for step in other]


def test_how_long_a_series_is_known_is_said_in_words() -> None:
    open_ended = [Rate(series="a", valid_from=date(2026, 1, 1), rate=Decimal(1)), Rate(series="a", valid_from=date(2025, 1, 1), rate=Decimal(2))]

    assert "from 2018-01-01 to 2026-06-30" == held("FR_LEGAL", ALL.rates)
    assert "from 2025-01-01 on" == held("a", open_ended)
    assert "for no day" == held("b", open_ended)
