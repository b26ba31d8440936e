"""Fees: bands on amounts, exactly, in the currency of the letter."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.errors import ConfigError
from rules.fees import charges
from rules.model import Fee
from rules.money import from_minor, half_up, to_minor
from rules.ruleset import Ruleset
from tests.rules.world import rules
from tests.table import Case, cases

TABLES = cases(Path(__file__).parents[1] / "cases" / "fees.md")
CASES = TABLES["Charges"]
RATES = "".join(f'[[currencies]]\ncurrency = "{c}"\nrate = {r}\n' for c, r in (("GBP", "1.25"), ("JPY", "0.0062"), ("KWD", "3.00")))


def bands() -> Ruleset:
    """The rules with the table Bands."""
    toml = RATES
    for row in TABLES["Bands"]:
        toml += f'[[fees]]\nfee = "{row.fee}"\ncurrency = "{row.currency}"\naccumulated = {"true" if row.accumulated == "yes" else "false"}\n'
        amounts = {"from": getattr(row, "from"), "amount": row.amount, "percent": row.percent, "least": row.least, "most": row.most}
        toml += "".join(f"{name} = {amount}\n" for name, amount in amounts.items() if amount is not None)
    return rules(toml)


RULES = bands()


def test_charges() -> None:
    """All cases at once, as one column, and their order and index are kept."""
    index = pd.RangeIndex(7, 7 + len(CASES))
    fee = pd.Series([case.fee or "" for case in CASES], index=index, dtype="category")
    currency = pd.Series([case.currency for case in CASES], index=index, dtype="str")
    amount = pd.Series([to_minor(Decimal(case.amount), case.currency) for case in CASES], index=index)
    found = charges(fee, amount, currency, RULES)
    said = ["converted" if c else "no rate" if n else None for c, n in zip(found["converted"], found["no_rate"], strict=True)]

    expected = {case.case: (str(case.charged), case.said) for case in CASES}
    assert expected == {
        case.case: (str(from_minor(minor, case.currency)), word) for case, minor, word in zip(CASES, found["fee_minor"], said, strict=True)
    }
    assert index.equals(found.index)
    assert ["int64", "bool", "bool"] == [str(kind) for kind in found.dtypes]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_row_alone_is_charged_as_in_a_column(case: Case) -> None:
    """Neighbours have no say."""
    minor = to_minor(Decimal(case.amount), case.currency)
    found = charges(pd.Series([case.fee or ""]), pd.Series([minor]), pd.Series([case.currency]), RULES)

    assert Decimal(str(case.charged)) == from_minor(int(found["fee_minor"].iloc[0]), case.currency)


def test_no_rows_no_charges() -> None:
    none = pd.Series(dtype="str")
    found = charges(none, pd.Series(dtype="int64"), none, RULES)

    assert (0, ["fee_minor", "converted", "no_rate"]) == (len(found), list(found))


def test_a_rate_that_leaves_no_sensible_amount_is_refused() -> None:
    """What a letter could not print is an error of Config, named with its cell."""
    absurd = rules('[[currencies]]\ncurrency = "IDR"\nrate = 0.00000000000001\n[[fees]]\nfee = "x"\ncurrency = "EUR"\namount = 9999999.99\n')
    with pytest.raises(ConfigError, match="the rate of IDR in the table Currencies"):
        charges(pd.Series(["x"]), pd.Series([10**14]), pd.Series(["IDR"]), absurd)


amounts = st.integers(0, 10**15 - 1)
parts = st.builds(
    Fee,
    fee=st.just("f"), currency=st.just("EUR"), from_minor=st.integers(0, 10**7), amount_minor=st.integers(0, 10**5),
    percent=st.decimals(0, 100, places=4), least_minor=st.none() | st.integers(0, 500), most_minor=st.none() | st.integers(500, 10**6),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(parts, min_size=1, max_size=4, unique_by=lambda f: f.from_minor), st.booleans(), st.lists(amounts, min_size=1, max_size=5))
def test_the_column_says_what_the_rule_says(rows: list[Fee], accumulated: bool, owed: list[int]) -> None:
    """Against the rule written out for one amount in exact decimals."""
    fees = sorted((f.model_copy(update={"accumulated": accumulated}) for f in rows), key=lambda f: f.from_minor)

    def one(base: int) -> int:
        reached = [f for f in fees if f.from_minor <= base and base > 0]
        ends = [f.from_minor for f in fees[1:]] + [base]
        on = [(f, min(base, end) - f.from_minor) for f, end in zip(fees, ends, strict=True) if f in reached]
        on = on if accumulated else [(f, base) for f in reached[-1:]]
        total = Decimal(0)
        for band, part in on:
            charge = band.amount_minor + part * band.percent / 100
            charge = charge if band.most_minor is None else min(charge, Decimal(band.most_minor))
            total += charge if band.least_minor is None else max(charge, Decimal(band.least_minor))
        return half_up(total)

    ruleset = Ruleset(RULES.settings, RULES.methods, RULES.levels, fees=tuple(fees))
    found = charges(pd.Series(["f"] * len(owed)), pd.Series(owed, dtype="int64"), pd.Series(["EUR"] * len(owed)), ruleset)

    assert [one(base) for base in owed] == list(found["fee_minor"])
