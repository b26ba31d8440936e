"""What is doubtful about the rules: each finding with the smallest Config that has it, and one that nearly has."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from rules.check import check
from rules.findings import Finding
from rules.model import Fee, Rate, Regime
from rules.rates import COUNTRIES, statutory
from rules.row import LANGUAGES, to_rows
from rules.ruleset import by_name
from rules.words import catalogue
from tests.rules.world import AS_OF, rules

BASE = '[[methods]]\nmethod = "standard"\n'


def config(method: str = "", *levels: str) -> str:
    """TOML of one method with these levels, of 0, 20, 40 … days and one day to pay unless they say otherwise; two when none are given."""
    text = f'[[methods]]\nmethod = "standard"\n{method}\n'
    for number, level in enumerate(levels or ("", ""), start=1):
        usual = {"days": 20 * (number - 1), "deadline_days": 1}
        told = "".join(f"{name} = {value}\n" for name, value in usual.items() if not re.search(rf"^{name} =", level, re.MULTILINE))
        text += f'[[levels]]\nmethod = "standard"\nlevel = {number}\ntemplate = "reminder"\n{told}{level}\n'
    return text


def beside(*tables: str) -> str:
    """These rows beside two levels that use none of them."""
    return config() + "".join(tables)


def bears(*tables: str) -> str:
    """These rows beside two levels of which the second charges interest by the regime R."""
    return config("", "", 'regime = "R"') + "".join(tables)


def fee(**fields: object) -> str:
    """A band of the fee f in EUR, of 5.00 from zero on, unless said otherwise."""
    return row("fees", {"fee": "f", "currency": "EUR", "amount": 5, **fields})


def regime(**fields: object) -> str:
    """A row of the regime R by the series S, from 2020 on, unless said otherwise."""
    return row("regimes", {"regime": "R", "valid_from": "2020-01-01", "series": "S", "margin": 5, **fields})


def rate(valid_from: str, verified_until: str = "", **fields: object) -> str:
    """A rate of the series S."""
    until = {"verified_until": verified_until} if verified_until else {}
    return row("rates", {"series": "S", "valid_from": valid_from, "rate": 2, **until, **fields})


def row(table: str, fields: dict[str, object]) -> str:
    """One row of a table as TOML."""
    days = ("valid_from", "verified_until", "valid_on")
    text = {k: v if k in days else str(v).lower() if isinstance(v, bool) else f'"{v}"' if isinstance(v, str) else v for k, v in fields.items()}
    return f"[[{table}]]\n" + "".join(f"{k} = {v}\n" for k, v in text.items())


def said(toml: str, as_of: date = AS_OF) -> list[str]:
    """Severity, code and place of each finding."""
    return [f"{f.severity} {f.code.removeprefix('config_')} @ {f.place}" for f in check(rules(toml), by_name, as_of)]


HELD = rate("2020-01-01")
DUE, LEVEL = 'clock = "due_date"', 'clock = "level"'
LAST, LATER = 'clock = "last_reminder"', 'clock = "later_of_both"'
MONTHS = 'mode = "end_of_month_after_due"'
AFTER = 'mode = "days_after_last_reminder"'

DOUBTFUL = {
    "levels beyond the most reminders": (
        config("maximum_reminders = 1"),
        config("maximum_reminders = 2"),
        "warning levels_unreached @ Method, row 1, maximum_reminders",
    ),
    "more reminders than levels": (
        config("maximum_reminders = 3"),
        config('maximum_reminders = 3\nlast_level = "repeat"'),
        "note maximum_unused @ Method, row 1, maximum_reminders",
    ),
    "a method that does not remind": (
        config("maximum_reminders = 3"),
        config("maximum_reminders = 3\nfollow_up = false"),
        "note maximum_unused @ Method, row 1, maximum_reminders",
    ),
    "a mode nobody reads": (config("", "", MONTHS), config(LEVEL, "", MONTHS), "note mode_unread @ Level, row 2, mode"),
    "days shorter than the deadline before": (
        config("", "deadline_days = 10", "days = 9"),
        config("", "deadline_days = 10", "days = 10"),
        "note days_unread @ Level, row 2, days",
    ),
    "no days, the deadline alone": (
        config("", "deadline_days = 10", "days = 9"),
        config("", "deadline_days = 10", "days = 0"),
        "note days_unread @ Level, row 2, days",
    ),
    "weeks are longer": (
        config("", "deadline_days = 10", "days = 1\nunit = 'weeks'"),
        config("", "deadline_days = 10", "days = 2\nunit = 'weeks'"),
        "note days_unread @ Level, row 2, days",
    ),
    "the deadline does not count": (
        config("", "deadline_days = 10", "days = 9"),
        config(LAST, "deadline_days = 10", "days = 9"),
        "note days_unread @ Level, row 2, days",
    ),
    "a later level due earlier": (
        config(DUE, "days = 10", "days = 9"),
        config(DUE, "days = 10", "days = 11"),
        "warning due_backwards @ Level, row 2, days",
    ),
    "a later level due on the same day": (
        config(DUE, "days = 10", "days = 10"),
        config(LAST, "days = 10", "days = 10"),
        "warning due_backwards @ Level, row 2, days",
    ),
    "the same by the levels' own clock": (
        config(LEVEL, "days = 10", "days = 10"),
        config(LEVEL, "days = 10", f"days = 10\n{AFTER}"),
        "warning due_backwards @ Level, row 2, days",
    ),
    "month ends": (
        config(LEVEL, f"days = 10\n{MONTHS}", f"days = 5\n{MONTHS}"),
        config(LEVEL, f"days = 10\n{MONTHS}", "days = 5"),
        "warning due_backwards @ Level, row 2, days",
    ),
    "a longer payer interval": (
        config(f"{LAST}\npayer_interval_days = 21"),
        config(f"{LAST}\npayer_interval_days = 20"),
        "note interval_wins @ Method, row 1, payer_interval_days",
    ),
    "longer than the deadline too": (
        config(f"{LATER}\npayer_interval_days = 25", "deadline_days = 24", "days = 0"),
        config(f"{LATER}\npayer_interval_days = 25", "deadline_days = 25", "days = 0"),
        "note interval_wins @ Method, row 1, payer_interval_days",
    ),
    "gate days without the gate": (
        config("gate_days = 5"),
        config('gate_days = 5\ngate = "oldest_item"'),
        "note gate_days_unread @ Method, row 1, gate_days",
    ),
    "no fall-back from nothing": (
        config("fall_back = false"),
        config("fall_back = false", "", "minimum = 10"),
        "note fall_back_unread @ Method, row 1, fall_back",
    ),
    "no fall-back from a percentage": (
        config("fall_back = false"),
        config("fall_back = false", "minimum_percent = 5"),
        "note fall_back_unread @ Method, row 1, fall_back",
    ),
    "fees claimed and none there": (
        config("claim_fees = true"),
        config("claim_fees = true", 'line_fee = "f"') + fee(),
        "note no_fee @ Method, row 1, claim_fees",
    ),
    "a fee minimum and no fee of letters": (
        config("fee_minimum = 50", 'line_fee = "f"') + fee(),
        config("fee_minimum = 50", 'fee = "f"') + fee(),
        "note no_fee @ Method, row 1, fee_minimum_minor",
    ),
    "two bands from one amount": (
        beside(fee(**{"from": 10}) + fee(**{"from": 10.00})),
        beside(fee(**{"from": 10}) + fee(currency="GBP", **{"from": 10})),
        "error band_twice @ Fee, row 2, from_minor",
    ),
    "bands of two kinds": (
        beside(fee() + fee(accumulated=True, **{"from": 9}) + fee(accumulated=True, **{"from": 99})),
        beside(fee(accumulated=True) + fee(accumulated=True, **{"from": 9}) + fee(currency="GBP")),
        "warning bands_mixed @ Fee, row 2, accumulated",
    ),
    "at least more than at most": (
        beside(fee(least=10, most=9.99)),
        beside(fee(least=10, most=10)),
        "error least_above_most @ Fee, row 1, least_minor",
    ),
    "a fee for letters in other currencies only": (
        config("", 'fee = "f"') + fee(currency="GBP"),
        beside(fee(currency="GBP")),
        "warning fee_currency @ Fee, row 1, currency",
    ),
    "a lump sum for one currency of two": (
        bears(regime(lump_sum="f") + HELD + fee(currency="GBP") + row("currencies", {"currency": "USD", "rate": 1, "valid_on": AS_OF})),
        bears(regime(lump_sum="f") + HELD + fee(currency="GBP") + row("currencies", {"currency": "GBP", "rate": 1, "valid_on": AS_OF})),
        "note fee_currency @ Fee, row 1, currency",
    ),
    "a regime twice": (
        beside(regime() + regime() + HELD),
        beside(regime() + regime(applies_to="consumer") + HELD),
        "error regime_twice @ Regime, row 2, valid_from",
    ),
    "a regime to come": (
        bears(regime(valid_from="2026-04-01") + HELD),
        bears(regime(valid_from="2026-03-31") + HELD),
        "warning regime_future @ Regime, row 1, valid_from",
    ),
    "a notice that is never sent": (
        bears(regime(start="after_notice", notice_level=3) + HELD),
        bears(regime(start="after_notice", notice_level=2) + HELD),
        "warning notice_level @ Regime, row 1, notice_level",
    ),
    "a rate twice": (
        beside(rate("2026-01-01") + rate("2026-01-01", rate=3)),
        beside(rate("2026-01-01") + rate("2026-01-01", series="T")),
        "error rate_twice @ Rate, row 2, valid_from",
    ),
    "verified until before it begins": (
        beside(rate("2026-01-01", "2025-12-31")),
        beside(rate("2026-01-01", "2026-01-01")),
        "error verified_before @ Rate, row 1, verified_until",
    ),
    "verified into the next rate": (
        beside(rate("2026-01-01") + rate("2025-07-01", "2026-01-01")),
        beside(rate("2026-01-01") + rate("2025-07-01", "2025-12-31")),
        "warning rates_overlap @ Rate, row 2, verified_until",
    ),
    "days between two rates": (
        beside(rate("2025-07-01", "2025-12-30") + rate("2026-01-01")),
        beside(rate("2025-07-01") + rate("2026-01-01")),
        "warning rates_gap @ Rate, row 1, verified_until",
    ),
    "rates that begin later": (
        bears(regime() + rate("2026-04-01")),
        beside(regime() + rate("2026-04-01")),
        "warning rates_begin @ Rate, row 1, valid_from",
    ),
    "rates that have ended": (
        bears(regime() + rate("2025-01-01", "2025-12-31") + rate("2026-01-01", "2026-03-30")),
        bears(regime() + rate("2025-01-01", "2025-12-31") + rate("2026-01-01", "2026-05-01")),
        "warning rates_expired @ Rate, row 2, verified_until",
    ),
    "rates nobody uses": (
        bears(regime() + rate("2026-01-01", "2026-03-30")),
        beside(regime() + rate("2026-01-01", "2026-03-30")),
        "warning rates_expired @ Rate, row 1, verified_until",
    ),
    "the floor has ended": (
        bears(regime(floor_series="T") + HELD + rate("2026-01-01", "2026-03-30", series="T")),
        bears(regime(floor_series="T") + HELD + rate("2026-01-01", "2026-06-30", series="T")),
        "warning rates_expired @ Rate, row 2, verified_until",
    ),
    "a series of a row that is out of force": (
        bears(regime() + rate("2020-01-01", "2025-12-31")),
        bears(regime() + regime(valid_from="2026-01-01", series="T") + rate("2020-01-01", "2025-12-31") + rate("2026-01-01", series="T")),
        "warning rates_expired @ Rate, row 1, verified_until",
    ),
    "rates that end soon": (
        bears(regime() + rate("2026-01-01", "2026-03-31")),
        bears(regime() + rate("2026-01-01", "2026-05-01")),
        "note rates_end @ Rate, row 1, verified_until",
    ),
    "a doubtful rate": (
        bears(regime() + rate("2026-01-01", confidence="low")),
        bears(regime() + rate("2026-01-01", confidence="high")),
        "warning rate_doubtful @ Rate, row 1, confidence",
    ),
    "a rate that may be doubted": (
        bears(regime() + rate("2026-01-01", confidence="medium")),
        bears(regime() + rate("2026-01-01") + rate("2026-04-01", confidence="medium")),
        "note rate_doubtful @ Rate, row 1, confidence",
    ),
    "an exchange rate without a date": (
        beside(row("currencies", {"currency": "GBP", "rate": 1.2})),
        beside(row("currencies", {"currency": "EUR", "rate": 1})),
        "note currency_undated @ Currency, row 1, valid_on",
    ),
    "an old exchange rate": (
        beside(row("currencies", {"currency": "GBP", "rate": 1.2, "valid_on": "2025-12-28"})),
        beside(row("currencies", {"currency": "GBP", "rate": 1.2, "valid_on": "2025-12-29"})),
        "note currency_old @ Currency, row 1, valid_on",
    ),
    "a selection that cannot be used": (
        beside(row("selections", {"selection": "s", "field": "levle", "value": "2"})),
        beside(row("selections", {"selection": "s", "field": "level", "value": "2"})),
        "warning selection @ Selection, row 1, field",
    ),
}


@pytest.mark.parametrize(("toml", "nearly", "finding"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_is_doubtful_is_said_with_its_cell_and_nothing_else_is(toml: str, nearly: str, finding: str) -> None:
    assert ([finding], []) == (said(toml), said(nearly))


def test_the_plain_rules_are_beyond_doubt() -> None:
    assert [] == check(rules(), by_name, AS_OF, lambda template, language: True)


def test_the_plain_ladder_counted_from_the_due_date_goes_backwards() -> None:
    """The days of its levels are meant from letter to letter."""
    levels = [f'[[levels]]\nmethod = "standard"\nlevel = {n}\ndays = {d}\ntemplate = "reminder"\n' for n, d in enumerate((0, 14, 14, 10), start=1)]

    assert ["warning due_backwards @ Level, row 3, days", "warning due_backwards @ Level, row 4, days"] == said(BASE + DUE + "\n" + "".join(levels))


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_dates_of_the_shipped_law_follow_each_other(country: str) -> None:
    """Nothing overlaps, nothing is there twice, no day is missing between two rates."""
    frames, plain = statutory(country), rules()
    fees, regimes, rates = (tuple(to_rows(frames[table], table)) for table in (Fee, Regime, Rate))
    law = replace(plain, fees=fees, regimes=regimes, rates=rates)

    assert [] == [(f.code, f.place) for f in check(law, by_name, AS_OF)]


@pytest.mark.parametrize(
    ("there", "found"),
    [
        ({"en", "fr", "de"}, []),
        ({"en"}, [("note", "reminder", "fr, de")]),
        ({"fr", "de"}, [("error", "reminder", "en")]),
        (set(), [("error", "reminder", "en, fr, de")]),
    ],
)
def test_a_missing_template_is_an_error_in_the_language_of_the_letters(there: set[str], found: list[tuple[str, str, str]]) -> None:
    """Once for each template, however many levels name it; the others are asked for only when a payer has that language."""
    findings = check(rules(config()), by_name, AS_OF, lambda template, language: language in there)

    assert found == [(str(f.severity), f.values["template"], f.values["languages"]) for f in findings]
    assert {"Level, row 1, template"} >= {f.place for f in findings}


@pytest.mark.parametrize(
    ("toml", "owed", "found"),
    [
        (config("minimum = 10"), {"USD": 3, "EUR": 9, "CHF": 1}, [(4, "CHF, USD")]),
        (config("", "minimum = 10"), {"USD": 3}, [(3, "USD")]),
        (config("minimum = 10"), {"EUR": 9}, []),
        (config("minimum = 10"), {}, []),
        (config("minimum = 10") + '[[currencies]]\ncurrency = "USD"\nrate = 0.9\nvalid_on = "2026-03-31"\n', {"USD": 3}, []),
        (config(), {"USD": 3}, []),
    ],
)
def test_a_currency_of_the_ledger_without_a_rate_is_told_when_a_minimum_needs_it(
    toml: str, owed: dict[str, int], found: list[tuple[int, str]]
) -> None:
    findings = check(rules(toml), by_name, AS_OF, owed=owed)

    assert found == [(f.values["count"], f.values["currencies"]) for f in findings if f.code == "config_currency_missing"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_has_its_words(language: str) -> None:
    """Their placeholders are filled; no word waits for a finding that nobody makes."""
    template: list[Finding] = check(rules(config()), by_name, AS_OF, lambda template, language: False)
    rated: list[Finding] = check(rules(config("minimum = 10")), by_name, AS_OF, owed={"USD": 1})
    findings = [f for toml, _, _ in DOUBTFUL.values() for f in check(rules(toml), by_name, AS_OF)] + template + rated

    assert [] == [f.code for f in findings if "{" in f.text(language)]
    assert {f.code for f in findings} == {code for code in catalogue(language)["finding"] if code.startswith("config_")}
