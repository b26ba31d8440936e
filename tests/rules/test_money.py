from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.money import from_minor, half_up, to_minor
from tests.rules.world import rules


@pytest.mark.parametrize(("amount", "expected"), [("2.5", 3), ("-2.5", -3), ("2.4999", 2), ("0.5", 1), ("-0.4", 0), ("266.5", 267)])
def test_halves_go_away_from_zero(amount: str, expected: int) -> None:
    """2.665 EUR is 2.67, never 2.66."""
    assert expected == half_up(Decimal(amount))


@pytest.mark.parametrize(("amount", "currency", "expected"), [("12.50", "EUR", 1250), ("12", "JPY", 12), ("1.234", "KWD", 1234)])
def test_minor_units_follow_the_currency(amount: str, currency: str, expected: int) -> None:
    """Two decimals unless ISO 4217 says otherwise."""
    assert expected == to_minor(Decimal(amount), currency)


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_amounts_survive_both_ways(minor: int, currency: str) -> None:
    """Minor units to amount and back is the same number."""
    assert minor == to_minor(from_minor(minor, currency), currency)


def test_conversion_rounds_once() -> None:
    """20.00 GBP at 1.25 is 25.00 EUR; 399 JPY at 0.005 is 2.00 EUR (1.995 half up)."""
    ruleset = rules('[[currencies]]\ncurrency = "GBP"\nrate = 1.25\n[[currencies]]\ncurrency = "JPY"\nrate = 0.005\n')
    worth, known = ruleset.worth(np.array([2000, 399]), pd.Series(["GBP", "JPY"]))

    assert ([2500, 200], [True, True]) == (worth.tolist(), known.tolist())
