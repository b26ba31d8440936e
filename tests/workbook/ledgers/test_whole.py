"""Whole columns: what is picked without a copy is what pandas would pick, and bytes never deny what texts hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbook.ledgers.whole import PART, all_over, among, by_distinct, edged, holds, longest, passing, picked, spelled, worded

TEXTS = st.lists(st.text(alphabet="aé \t\xa0\u2009€1\x85", max_size=4), max_size=8)


def column(texts: list[str], start: int = 0) -> pd.Series:
    """The texts as a column that was cut out of a longer one."""
    return pd.Series(["before ", *texts, " behind"], index=pd.RangeIndex(start, start + len(texts) + 2), dtype="str").iloc[1:-1]


@given(st.lists(st.booleans(), max_size=12), st.integers(0, 5))
def test_rows_are_picked_as_by_their_labels(flags: list[bool], start: int) -> None:
    rows = pd.Series(range(len(flags)), index=pd.RangeIndex(start, start + len(flags)), dtype="int64")
    at = among(rows.index, flags)

    pd.testing.assert_series_equal(rows.loc[rows.index[np.array(flags, bool)]], picked(rows, at), check_index_type=False)


def test_rows_that_follow_each_other_are_a_view() -> None:
    rows = pd.Series(range(6))

    assert isinstance(among(rows.index, [False, True, True, False, False, False]), pd.RangeIndex)
    assert np.shares_memory(rows.to_numpy(), picked(rows, among(rows.index, rows.between(1, 4))).to_numpy())


@pytest.mark.parametrize(
    ("first", "second", "word"), [(True, True, "low"), (False, True, "high"), (True, False, "low"), (False, False, "none")], ids=str
)
def test_the_first_test_that_holds_gives_the_word(first: bool, second: bool, word: str) -> None:
    made = worded(("none", "low", "high"), [("low", [first]), ("high", [second])], default="none", index=pd.RangeIndex(1))

    assert [word] == made.tolist() == spelled(made).tolist()


@given(TEXTS)
def test_no_blank_at_an_edge_is_overlooked(texts: list[str]) -> None:
    found = column(texts)

    assert edged(found) or (found.str.strip() == found).all()


@given(TEXTS, st.sampled_from(["a", "é", " ", "€1", "\xa0"]))
def test_no_sequence_is_overlooked(texts: list[str], wanted: str) -> None:
    found = column(texts)

    assert holds(found, wanted.encode()) or not found.str.contains(wanted, regex=False).any()


@pytest.mark.parametrize("before", [1, 2, 3])
def test_a_sequence_that_begins_in_one_part_and_ends_in_the_next_is_not_overlooked(before: int) -> None:
    found = column(["a" * (PART - before) + "€1" + "a" * PART])

    assert holds(found, "€1".encode())


@given(TEXTS)
def test_texts_are_changed_as_if_each_were_by_itself(texts: list[str]) -> None:
    found = column(texts)

    pd.testing.assert_series_equal(found.str.upper(), by_distinct(found, lambda distinct: distinct.str.upper()))


def test_what_stands_outside_a_part_of_a_column_is_not_held() -> None:
    assert not holds(column(["a", "b"]), b"before")
    assert not edged(column(["a", "b"]))


@given(TEXTS)
def test_the_longest_text_is_measured_in_bytes(texts: list[str]) -> None:
    assert max((len(t.encode()) for t in texts), default=0) == longest(column(texts))


@given(TEXTS)
def test_a_test_is_asked_once_for_each_text_and_holds_for_all_its_rows(texts: list[str]) -> None:
    rows = column(texts)
    asked: list[str] = []

    def short(distinct: pd.Series) -> pd.Series:
        asked.extend(distinct)
        return distinct.str.len() < 2

    assert [len(text) < 2 for text in texts] == passing(rows, short).tolist()
    assert len(asked) == len(set(texts))


@pytest.mark.parametrize(("rows", "most", "taken"), [(0, 3, 0), (3, 3, 3), (7, 3, 3), (1_000, 100, 100), (1_001, 100, 91)])
def test_rows_from_all_over_are_one_of_each_stretch(rows: int, most: int, taken: int) -> None:
    found = all_over(pd.Series(range(rows)), most)

    assert len(found) == taken
    assert len(set(found % 10)) > 5 or rows < 1_000  # not always the first of its stretch
