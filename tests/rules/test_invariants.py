from datetime import date, timedelta

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from rules.model import Reason
from rules.review import letter_key
from tests.rules.world import AS_OF, item, reminded, rules, run

RULES = rules('[[currencies]]\ncurrency = "GBP"\nrate = 1.25\n', line_tolerance_minor=100)
DAYS = st.dates(date(2025, 10, 1), date(2026, 6, 1))
ITEMS = st.lists(
    st.fixed_dictionaries(
        {
            "payer": st.sampled_from(["1", "2", "3"]),
            "currency": st.sampled_from(["EUR", "GBP", "JPY"]),
            "open_minor": st.integers(-100_000, 100_000),
            "due_date": st.none() | DAYS,
            "dispute": st.sampled_from(["", "", "", "dispute"]),
            "block": st.sampled_from(["", "", "", "agreed"]),
        }
    ),
    max_size=25,
)
LETTERS = st.lists(st.tuples(st.integers(0, 24), st.integers(1, 4), st.dates(date(2026, 1, 1), AS_OF)), max_size=10, unique_by=lambda x: x[0])


def world(items: list[dict[str, object]], letters: list[tuple[int, int, date]]) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """The items with document numbers, and history entries for some of them."""
    numbered = [item(**(i | {"document": f"D{n}"})) for n, i in enumerate(items)]
    told = [
        reminded(level, on, on + timedelta(days=10), payer=numbered[n]["payer"], document=f"D{n}", currency=numbered[n]["currency"])
        for n, level, on in letters
        if n < len(numbered)
    ]
    return numbered, told


@given(items=ITEMS, letters=LETTERS)
def test_sums_tie_and_every_line_has_one_reason(items: list[dict[str, object]], letters: list[tuple[int, int, date]]) -> None:
    """Σ ledger = Σ letters + Σ left out, per currency; a letter's totals are the sums of its lines; every line says why."""
    numbered, history = world(items, letters)
    found = run(numbered, rules=RULES, history=history)
    on_letter = found.ledger["reason_code"].isin([Reason.DUE])
    by_currency = found.ledger.groupby("currency")["open_minor"].sum()

    assert (found.ledger["reason"] != "").all()
    assert sum(on_letter) == (found.lines["level"] > 0).sum()
    assert by_currency.to_dict() == found.totals.set_index("currency")["open_minor"].to_dict()
    sums = found.lines.groupby(letter_key(found.lines))["open_minor"].sum()
    assert sums.to_dict() == dict(zip(letter_key(found.proposals), found.proposals["total_minor"], strict=True))
    assert (found.proposals["total_minor"] > 0).all()


@given(items=ITEMS, letters=LETTERS)
def test_order_of_rows_never_matters(items: list[dict[str, object]], letters: list[tuple[int, int, date]]) -> None:
    """The same lines in another order give the same answer on every line and the same letters."""
    numbered, history = world(items, letters)
    there, back = run(numbered, rules=RULES, history=history), run(numbered[::-1], rules=RULES, history=history)
    one, other = (found.ledger.sort_values("document").reset_index(drop=True) for found in (there, back))

    pd.testing.assert_frame_equal(one, other, check_categorical=False)
    pd.testing.assert_frame_equal(there.proposals, back.proposals, check_categorical=False)
    pd.testing.assert_frame_equal(there.lines, back.lines, check_categorical=False)


@given(items=ITEMS, letters=LETTERS)
def test_level_rises_by_one_step_of_an_event(items: list[dict[str, object]], letters: list[tuple[int, int, date]]) -> None:
    """The level shown is that of the history; a letter raises it by one at most, and never lowers it."""
    numbered, history = world(items, letters)
    found = run(numbered, rules=RULES, history=history)
    told = {(h["payer"], h["document"]): h["level"] for h in history}
    lines = found.lines[found.lines["level"] > 0]

    assert [told.get((p, d), 0) for p, d in zip(found.ledger["payer"], found.ledger["document"], strict=True)] == list(found.ledger["level"])
    assert (lines["level"] - lines["level_before"]).between(0, 1).all()
