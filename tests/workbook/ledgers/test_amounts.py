"""Amounts: exact minor units by text; the decimal mark is decided for the whole file or asked for."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.errors import LedgerError
from workbook.ledgers import amounts


def read(texts, decimals=2, said="", numbers=()):
    column = pd.Series(texts, dtype="str")
    flags = pd.Series([text in numbers for text in texts])
    found, mark = amounts.read({"open": column}, {"open": "Open"}, np.full(len(texts), decimals), said=said, numbers={"open": flags})
    return found["open"], mark


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.234,56-", -123456),
        ("-1.234,56", -123456),
        ("(1.234,56)", -123456),
        ("EUR (1.234,56)", -123456),
        ("€ (1.234,56)", -123456),
        ("1.234,56 CR", -123456),
        ("1.234,56 C", -123456),
        ("1.234,56 H", -123456),
        ("1.234,56 DR", 123456),
        ("1.234,56 D", 123456),
        ("1.234,56 S", 123456),
        ("+1.234,56", 123456),
        ("1 234,56", 123456),
        ("1\u00a0234,56", 123456),
        ("1\u202f234,56", 123456),
        ("1'234,56", 123456),
        ("1’234,56", 123456),
        ("1.234,56 €", 123456),
        ("€ 1.234,56", 123456),
        ("EUR 1.234,56", 123456),
        ("1.234,56 EUR", 123456),
        ("1234,5", 123450),
        ("1.234", 123400),
        ("0,00", 0),
        ("\u22121.234,56", -123456),
        ("1.234.567,89", 123456789),
        (",5", 50),
        ("12", 1200),
        ("-€ 5,00", -500),
        ("1 234", 123400),
    ],
)
def test_ways_to_write_an_amount_with_a_decimal_comma(text, expected):
    found, mark = read([text, "7,77"])

    assert expected == found.minor[0]
    assert not found.unreadable[0]
    assert mark == ","


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234.56", 123456),
        ("1234.56", 123456),
        ("-0.01", -1),
        ("$1,061,026.06", 106102606),
        ("1'234.50", 123450),
        ("0.123", 12),
        ("12345678901.00", 1234567890100),
    ],
)
def test_ways_to_write_an_amount_with_a_decimal_point(text, expected):
    found, mark = read([text, "7.77"])

    assert expected == found.minor[0]
    assert mark == "."


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "1.2.3,4",
        "12,34,56",
        "1,93E+09",
        "NaN",
        "inf",
        "--1,00",
        "(1,00",
        "-1,00-",
        "1,00 XX",
        "#N/A",
        "-",
        "1e5",
        "12 34,00",
        "99999999999999,00",
        "1.23,45",
        "0x10",
        "١٢,00",
        "١٢",
        "๑๒",
        "1٣",
        "１２",
        "1²",
        "¼",
        "9" * 19,
        "9" * 400,
        "1e400",
        "-inf",
    ],
)
def test_anything_else_is_unreadable_not_zero(text):
    found, _ = read([text, "7,77"])

    assert [True, False] == list(found.unreadable)


@pytest.mark.parametrize(
    ("text", "decimals", "expected"),
    [
        ("9999999999999.99", 2, 999999999999999),
        ("999999999999.999", 3, 999999999999999),
        ("1000000000000.000", 3, None),
        ("99999999999.9999", 4, 999999999999999),
        ("-100000000000.0000", 4, None),
        ("9999999999999", 0, 9999999999999),
        ("9999999999999.999", 2, None),
    ],
)
def test_an_amount_has_no_more_digits_than_a_cell_keeps(text, decimals, expected):
    found, _ = read([text, "7.77"], decimals)

    assert (expected or 0, expected is None) == (found.minor[0], found.unreadable[0])


@pytest.mark.parametrize(("text", "expected"), [("-{}1.234,56{}EUR{}", -123456), ("770.{}-{}340,82{}", None)])
@pytest.mark.parametrize("blank", [" ", "\u00a0", "\n"])
def test_blanks_without_end_are_a_few_blanks(text, expected, blank):
    open_amount, _ = read([text.format(blank * 400, blank * 400, blank * 400), "1,00"])

    assert ([expected is None, False], expected or 0) == (list(open_amount.unreadable), open_amount.minor[0])


def test_blank_is_blank():
    found, _ = read(["", "7,77"])

    assert [True, False] == list(found.blank)
    assert not found.unreadable.any()


def test_a_column_of_thousands_or_three_decimals_is_asked_about():
    with pytest.raises(LedgerError, match=r'"Open".*1.234 is 1234 or.*before the decimals'):
        read(["1.234", "12.500", "7"])


@pytest.mark.parametrize(("said", "expected"), [(",", [123400, 1250000]), (".", [123, 1250])])
def test_what_the_user_said_wins(said, expected):
    found, _ = read(["1.234", "12.500"], said=said)

    assert expected == list(found.minor)


def test_one_provable_cell_decides_for_its_column():
    assert [123400, 350] == list(read(["1.234", "3,50"])[0].minor)
    assert [123, 350] == list(read(["1.234", "3.50"])[0].minor)


def test_in_a_mixed_column_the_minority_and_the_doubtful_are_unreadable():
    found, _ = read(["1.10", "2.20", "3.30", "4,40", "1.234"])

    assert [False, False, False, True, True] == list(found.unreadable)


@pytest.mark.parametrize(("decimals", "expected"), [(0, 1235), (2, 123457), (3, 1234567)])
def test_decimals_follow_the_currency_and_lost_ones_are_named(decimals, expected):
    found, _ = read(["1234.567"], decimals)

    assert expected == found.minor[0]
    assert (decimals < 3) == found.rounded[0]


def test_numbers_of_a_sheet_have_a_point_beside_texts_with_a_comma():
    found, _ = read(["1234.56", "99", "1 234,56", "1.234"], numbers={"1234.56", "99", "1.234"})

    assert [123456, 9900, 123456, 123] == list(found.minor)


def test_what_binary_fractions_leave_behind_is_no_decimal():
    found, _ = read(["0.30000000000000004", "1234.5599999999999"])

    assert [30, 123456] == list(found.minor)
    assert not found.rounded.any()


@given(
    st.lists(st.integers(-(10**14), 10**14), min_size=1, max_size=20), st.sampled_from([(",", "."), (".", ","), (",", " "), (".", "'"), (",", "")])
)
def test_written_amounts_read_back_exactly(minors, style):
    mark, thousands = style
    texts = [("-" if m < 0 else "") + f"{abs(m) // 100:,}".replace(",", thousands) + f"{mark}{abs(m) % 100:02d}" for m in minors]
    found, _ = read(texts, said=mark)

    assert minors == list(found.minor)
