"""Dates: one order for the whole file, proved or asked for; nothing impossible is rolled over."""

from datetime import date

import pandas as pd
import pytest

from rules.errors import LedgerError
from workbook.ledgers import dates

AS_OF = date(2026, 3, 1)


def read(document, due=None, said="", sheet=False):
    columns = {"document_date": pd.Series(document, dtype="str")}
    if due:
        columns["due_date"] = pd.Series(due, dtype="str")
    return dates.read(columns, {"document_date": "Doc date", "due_date": "Due date"}, said=said, as_of=AS_OF, sheet=sheet)


def shown(found):
    return [str(day.date()) if pd.notna(day) else "" for day in found.days]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-12", "2026-01-12"),
        ("2026/1/5", "2026-01-05"),
        ("20260112", "2026-01-12"),
        ("20260112.0", "2026-01-12"),
        ("2026-01-12 00:00:00", "2026-01-12"),
        ("2026-01-12T08:15:00Z", "2026-01-12"),
        ("12.01.2026", "2026-01-12"),
        ("13/01/26", "2026-01-13"),
        ("31/12/47", "1947-12-31"),
        ("31/12/46", "2046-12-31"),
        ("1-Apr-26", "2026-04-01"),
        ("12 janvier 2026", "2026-01-12"),
        ("1er août 2026", "2026-08-01"),
        ("3. März 2026", "2026-03-03"),
        ("Dec 24, 2025", "2025-12-24"),
        ("13/01/2026 05:06", "2026-01-13"),
    ],
)
def test_ways_to_write_a_date(text, expected):
    found = read([text])["document_date"]

    assert [expected] == shown(found)
    assert not found.unreadable.any()


@pytest.mark.parametrize("text", [
    "", "0", "0.0", "00000000", "00/00/0000", "99/99/9999", "1900-01-01", "31.12.9999", "1900-01-01 00:00:00", "1/1/1900 12:00:00 AM",
    "9999-12-31T00:00:00Z", "31/12/9999 00:00", "01/01/0001 00:00:00",
])  # fmt: skip
def test_what_exporters_write_for_no_date_is_none(text):
    found = read([text, "13/01/2026"])["document_date"]

    assert ["", "2026-01-13"] == shown(found)
    assert not found.unreadable.any()


@pytest.mark.parametrize(
    "text", ["31/04/2026", "29/02/2025", "2026-02-30", "20261301", "'12/01/2026", "05:23.4", "soon", "34999", "55000", "9" * 400]
)
def test_impossible_dates_are_unreadable_and_never_rolled_over(text):
    found = read([text, "13/01/2026"])["document_date"]

    assert ["", "2026-01-13"] == shown(found)
    assert [True, False] == list(found.unreadable)


@pytest.mark.parametrize("sheet", [False, True])
@pytest.mark.parametrize("text", ["٤٦٠٣٥", "١٣/٠١/٢٠٢٦", "13/01/202٦", "２０２６0113", "٣ Jan 2026", "Jan ٣, 2026", "2026-01-٣", "2026-01-12 ٠٨:15"])
def test_figures_of_other_scripts_are_unreadable(text, sheet):
    found = read([text, "13/01/2026"], sheet=sheet)["document_date"]

    assert ["", "2026-01-13"] == shown(found)
    assert [True, False] == list(found.unreadable)


@pytest.mark.parametrize("text", ["NaN", "inf", "-1", "1e+300", "99999999999", "0.5", "60", "46035." + "9" * 400])
def test_numbers_of_a_sheet_that_are_no_serial_are_unreadable(text):
    found = read([text, "13/01/2026"], sheet=True)["document_date"]

    assert [len(text) < 400, False] == list(found.unreadable)


def test_a_number_of_days_is_a_date_and_in_a_text_only_of_our_time():
    """Excel counts 1 January 2026 as 46023; in a text the days of 1995 to 2050 are believed, and pointed out."""
    found = read(["46023", "13/01/2026"])["document_date"]

    assert ["2026-01-01", "2026-01-13"] == shown(found)
    assert [True, False] == list(found.counted)
    assert ["1954-10-03", ""] == shown(read(["20000", "46035.5"], sheet=True)["document_date"])[:1] + shown(read(["20000"])["document_date"])


def test_one_day_after_the_twelfth_decides_for_all_columns():
    found = read(["1/2/2026", "1/3/2026"], ["1/3/2026", "1/13/2026"])

    assert ["2026-01-02", "2026-01-03"] == shown(found["document_date"])
    assert found["due_date"].order == found["document_date"].order == "mdy"


def test_due_dates_that_follow_document_dates_decide():
    found = read(["12/01/2026", "10/01/2026"], ["11/02/2026", "09/02/2026"])

    assert ["2026-01-12", "2026-01-10"] == shown(found["document_date"])
    assert found["due_date"].order == "dmy"


def test_points_between_figures_mean_day_first():
    assert ["2026-02-01"] == shown(read(["01.02.2026"])["document_date"])


def test_without_evidence_the_user_is_asked_with_both_readings():
    with pytest.raises(LedgerError, match=r'"Doc date".*05/06/2026 is 5 June or 6 May 2026'):
        read(["05/06/2026"])


def test_contradicting_evidence_is_asked_about():
    with pytest.raises(LedgerError, match="others the month first"):
        read(["13/01/2026", "01/13/2026", "02/03/2026"])


@pytest.mark.parametrize(("said", "expected"), [("dmy", "2026-06-05"), ("mdy", "2026-05-06"), ("ymd", "")])
def test_what_the_user_said_wins(said, expected):
    assert [expected] == shown(read(["05/06/2026"], said=said)["document_date"])


def test_year_first_in_two_digits_when_said():
    assert ["2026-01-12"] == shown(read(["26/01/12"], said="ymd")["document_date"])


@pytest.mark.parametrize(
    ("texts", "order", "expected"),
    [
        (["310126", "050226"], "dmy", ["2026-01-31", "2026-02-05"]),
        (["013126", "020526"], "mdy", ["2026-01-31", "2026-02-05"]),
        (["260131", "260205"], "ymd", ["2026-01-31", "2026-02-05"]),
        (["26-01-31", "26-02-05", "25-12-09"], "ymd", ["2026-01-31", "2026-02-05", "2025-12-09"]),
        (["310126", "150226", "50226"], "dmy", ["2026-01-31", "2026-02-15", "2026-02-05"]),
    ],
)
@pytest.mark.parametrize("sheet", [False, True])
def test_the_order_of_two_figures_each_is_the_one_that_gives_days_of_our_time(texts, order, expected, sheet):
    found = read(texts, sheet=sheet)["document_date"]

    assert (order, expected) == (found.order, shown(found))


def test_six_figures_that_are_days_of_our_time_in_several_orders_are_asked_about():
    with pytest.raises(LedgerError, match=r'"Doc date" can be read two ways: 200126 is 20 January 2026 or 26 January 2020\. Say which') as asked:
        read(["200126"])

    assert ["dmy", "ymd"] == [choice.value for choice in asked.value.choices]


def test_six_figures_are_decided_by_due_dates_that_follow():
    assert ["2026-01-20"] == shown(read(["200126"], ["190226"])["document_date"])


def test_the_same_day_and_month_need_no_question():
    assert ["2026-02-02"] == shown(read(["02/02/2026"])["document_date"])


def test_two_digit_years_are_stated():
    assert (1947, 2046) == read(["13/01/26"])["document_date"].short_years
    assert read(["13/01/2026"])["document_date"].short_years is None
