"""Frames become cells and cells become frames without loss; what does not fit is named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.errors import WorkbookError
from rules.model import AssessedItem, Currency, Method, Payer, Promise, Proposal, Regime
from rules.row import LANGUAGES, Kind, Row, columns, to_frame
from tests.table import Case, table
from workbook.cells import Cells, equal, fitted, understood, written

COMPANY = "EUR"


def where(row: int, column: str) -> str:
    return f"{column}[{row}]"


def shown(cells: Cells) -> list[str | None]:
    return cells.text.to_pylist()


def item(**values: Any) -> AssessedItem:
    return AssessedItem(**{"payer": "0001", "document": "D1", "currency": "EUR", "open_minor": 100} | values)


def raw(model: type[Row], *rows: dict[str, str]) -> dict[str, pa.Array]:
    """Cells as a reader gives them: texts, null where empty."""
    return {c.name: pa.array([row.get(c.name) for row in rows], pa.large_string()) for c in columns(model)}


def read(model: type[Row], *rows: dict[str, str], date1904: bool = False) -> pd.DataFrame:
    return understood(raw(model, *rows), model, COMPANY, where, date1904=date1904)


ITEM = {"payer": "0001", "document": "D1", "currency": "EUR", "open_minor": "1"}


@pytest.mark.parametrize("case", table("""
currency | minor           | cell
EUR      | 123450          | 1234.50
EUR      | -5              | -0.05
EUR      | 0               | 0.00
EUR      | 999999999999999 | 9999999999999.99
JPY      | 5000            | 5000
KWD      | 1234            | 1.234
KWD      | -1              | -0.001
CLF      | 12345           | 1.2345
"""), ids=lambda case: f"{case.minor} {case.currency}")  # fmt: skip
def test_an_amount_has_exactly_the_decimals_of_its_currency(case: Case) -> None:
    frame = to_frame([item(currency=case.currency, open_minor=case.minor)], AssessedItem)

    assert [str(case.cell)] == shown(written(frame, AssessedItem, "en", COMPANY)["open_minor"])


def test_an_amount_in_company_currency_has_the_decimals_of_the_company() -> None:
    frame = to_frame([Payer(payer="1", limit_minor=5000), Payer(payer="2")], Payer)

    assert ["5000", None] == shown(written(frame, Payer, "en", "JPY")["limit_minor"])


@pytest.mark.parametrize(("date1904", "serials"), [(False, ["46053", None]), (True, ["44591", None])])
def test_a_date_is_a_serial_of_the_workbooks_date_system(date1904: bool, serials: list[str | None]) -> None:
    frame = to_frame([item(due_date=date(2026, 1, 31)), item()], AssessedItem)

    assert serials == shown(written(frame, AssessedItem, "en", COMPANY, date1904)["due_date"])
    assert [date(2026, 1, 31)] == list(read(AssessedItem, ITEM | {"due_date": str(serials[0])}, date1904=date1904)["due_date"].dt.date)


def test_words_and_flags_are_written_in_the_language_of_the_workbook() -> None:
    frame = to_frame([Payer(payer="1", collection_allowed=False)], Payer)
    kind = to_frame([item(kind="invoice")], AssessedItem)

    assert [["No"], ["Non"], ["Nein"]] == [shown(written(frame, Payer, language, COMPANY)["collection_allowed"]) for language in LANGUAGES]
    assert [["invoice"], ["facture"], ["Rechnung"]] == [shown(written(kind, AssessedItem, language, COMPANY)["kind"]) for language in LANGUAGES]


@pytest.mark.parametrize(("cell", "flag"), [("Yes", True), ("non", False), ("JA ", True), ("true", True), ("false", False), ("0", False), ("", True)])
def test_a_flag_is_read_in_any_language_and_as_a_boolean_and_by_default(cell: str, flag: bool) -> None:
    assert [flag] == list(read(Payer, {"payer": "1", "collection_allowed": cell})["collection_allowed"])


def test_a_word_is_read_in_any_language_and_by_its_code() -> None:
    rows = [ITEM | {"kind": word} for word in ("facture", "Rechnung", "INVOICE", "invoice", "")]

    assert ["invoice"] * 5 == list(read(AssessedItem, *rows)["kind"].astype(str))


def test_codes_of_an_untranslated_list_are_read_whatever_their_case() -> None:
    assert ["last_deadline"] == list(read(Method, {"method": "m", "clock": "Last_Deadline"})["clock"].astype(str))


def test_an_empty_cell_has_the_default_of_its_column() -> None:
    found = read(Method, {"method": "m"}).iloc[0]

    assert (0, True, "later_of_both", "collect") == (found["minimum_minor"], found["follow_up"], found["clock"], found["last_level"])


@pytest.mark.parametrize("case", table("""
cell                | currency | minor
1234.5              | EUR      | 123450
-0.05               | EUR      | -5
1234,50             | EUR      | 123450
1234.50000          | EUR      | 123450
0.30000000000000004 | EUR      | 30
1234.5600000000002  | EUR      | 123456
5000                | JPY      | 5000
1.234               | KWD      | 1234
+7                  | EUR      | 700
"""), ids=str)  # fmt: skip
def test_an_amount_is_read_exactly(case: Case) -> None:
    others = [ITEM | {"currency": "KWD", "open_minor": "0.001"}, ITEM | {"currency": "JPY", "open_minor": "3"}]
    found = read(AssessedItem, ITEM | {"currency": case.currency, "open_minor": str(case.cell)}, *others)

    assert [case.minor, 1, 3] == list(found["open_minor"])


@pytest.mark.parametrize("case", table("""
column        | cell                | expected
open_minor    | abc                 | found «abc»; expected an amount with at most 2 decimals (EUR)
open_minor    | 12.345              | found «12.345»; expected an amount with at most 2 decimals (EUR)
open_minor    | 1e3                 | found «1e3»
open_minor    | 1,234               | found «1,234»
open_minor    | 12345678901234567.8 | found «12345678901234567.8»
open_minor    | -                   | the cell is empty; expected an amount
due_date      | 31.01.2026          | found «31.01.2026»; expected a date
due_date      | 1900-01-05 00:00:00 | expected a date
due_date      | 2026-02-30 00:00:00 | found «2026-02-30 00:00:00»
kind          | Bestellung          | found «Bestellung»; expected one of: invoice,
level         | 1.5                 | found «1.5»; expected a whole number
level         | 10                  | found «10»; expected a whole number, not below 0, not above 9
manual_level  | 0                   | found «0»; expected a whole number, not below 1, not above 9
payer         | -                   | the cell is empty; expected a text: Account number of the payer.
currency      | Euro                | found «Euro»; expected a currency code of three capital letters, such as EUR.
"""), ids=lambda case: f"{case.column} {case.cell}")  # fmt: skip
def test_a_cell_that_does_not_fit_is_named_with_what_was_found_and_what_is_expected(case: Case) -> None:
    cells = {k: v for k, v in (ITEM | {case.column: None if case.cell is None else str(case.cell)}).items() if v is not None}
    with pytest.raises(WorkbookError) as refused:
        read(AssessedItem, ITEM, cells)

    assert f"{case.column}[1]" in str(refused.value)
    assert case.expected in str(refused.value)


@pytest.mark.parametrize("case", table("""
cell       | expected
15/06/2020 | text that only looks like one: type it again as your Excel writes dates, so that it stands at the right, or type 2020-06-15.
5.6.2020   | or type 2020-06-05.
05/06/2020 | or type 2020-06-30 for 30 June.
31.02.2026 | and month 2 of 2026 has 28 days: type the day that is meant.
45/06/2020 | or type 2020-06-30 for 30 June.
15 June    | and this is text: type it as your Excel writes dates, or as 2020-06-15.
3          | expected a date from 1904 on.
"""), ids=str)  # fmt: skip
def test_a_text_that_looks_like_a_date_is_called_a_text(case: Case) -> None:
    with pytest.raises(WorkbookError) as refused:
        read(AssessedItem, ITEM | {"due_date": str(case.cell)})

    assert str(refused.value).endswith(str(case.expected))


def test_a_text_in_iso_order_is_a_date() -> None:
    found = read(AssessedItem, ITEM | {"due_date": "2020-06-15"}, ITEM | {"due_date": "44000"}, ITEM | {"due_date": " 2020-06-05 "})

    assert [date(2020, 6, 15), date(2020, 6, 18), date(2020, 6, 5)] == list(found["due_date"].dt.date)


@pytest.mark.parametrize("case", table("""
column   | cell    | expected
language | it      | found «it»; expected en, fr or de, or nothing.
country  | Italy   | found «Italy»; expected a country code of two capital letters, such as FR, or nothing.
limit    | 1 000   | expected an amount with at most 2 decimals (EUR), typed as a plain number: no blanks, no thousands separators, no signs
limit    | 1000 €  | no signs of currency or percent.
limit    | 1.234   | expected an amount with at most 2 decimals (EUR).
"""), ids=lambda case: f"{case.column} {case.cell}")  # fmt: skip
def test_the_message_names_what_may_be_typed(case: Case) -> None:
    column = "limit_minor" if case.column == "limit" else str(case.column)
    with pytest.raises(WorkbookError) as refused:
        read(Payer, {"payer": "1", column: str(case.cell)})

    assert str(case.expected) in str(refused.value)


def test_a_missing_word_that_has_no_default_is_refused() -> None:
    with pytest.raises(WorkbookError, match=r"valid_from\[0\]"):
        read(Regime, {"regime": "r"})


def test_a_rate_must_be_above_its_bound() -> None:
    with pytest.raises(WorkbookError, match=r"rate\[0\].*above 0"):
        read(Currency, {"currency": "USD", "rate": "0"})


def test_a_rate_is_read_as_an_exact_decimal() -> None:
    assert [Decimal("0.92"), Decimal("11.62")] == list(
        read(Currency, {"currency": "USD", "rate": "0.92"}, {"currency": "SEK", "rate": "11.620000000000001"})["rate"]
    )


def test_of_many_cells_the_first_ten_are_named_and_the_rest_counted() -> None:
    with pytest.raises(WorkbookError) as refused:
        read(AssessedItem, *[ITEM | {"open_minor": "x"}] * 25)
    said = str(refused.value)

    assert (10, "… and 15 more.") == (said.count("found «x»"), said.splitlines()[-1])


def test_control_characters_and_lone_surrogates_are_dropped() -> None:
    texts = {"payer": ["00\x071"], "payer_name": ["a\ud800b\ufffe"], "document": ["D\x0b1"], "currency": ["EUR"]}
    found = fitted(pd.DataFrame(texts, dtype=object).assign(open_minor=1), AssessedItem, where).iloc[0]

    assert ("001", "ab", "D1") == (found["payer"], found["payer_name"], found["document"])


def test_a_text_longer_than_a_cell_is_refused_not_cut() -> None:
    longest = to_frame([item(note="x" * 32_767)], AssessedItem)
    wide = to_frame([item(note="\U0001f600" * 16_384)], AssessedItem)  # two units each, as Excel counts

    assert equal(longest, fitted(longest, AssessedItem, where))
    with pytest.raises(WorkbookError, match=r"note\[0\].*32,768 characters"):
        fitted(wide, AssessedItem, where)


@pytest.mark.parametrize("values", [{"payer": ""}, {"level": 12}, {"open_minor": 10**15}, {"kind": "order"}, {"due_date": date(1900, 1, 1)}], ids=str)
def test_what_could_not_be_read_again_is_not_written(values: dict[str, Any]) -> None:
    frame = to_frame([item()], AssessedItem).astype({"kind": "str"}).assign(**{k: [v] for k, v in values.items()})
    with pytest.raises(WorkbookError, match=next(iter(values))):
        fitted(frame, AssessedItem, where)


def test_missing_texts_become_empty_and_absent_columns_their_default() -> None:
    given = pd.DataFrame({"payer": ["1"], "document": ["D"], "currency": ["EUR"], "open_minor": [1], "note": [None], "block": pd.Categorical([None])})
    found = fitted(given, AssessedItem, where).iloc[0]

    assert ("", "", "invoice") == (found["note"], found["block"], found["kind"])


def test_frames_with_the_same_words_in_another_order_of_categories_are_equal() -> None:
    one = to_frame([item(block="a"), item(block="b")], AssessedItem)
    other = one.assign(block=one["block"].cat.set_categories(["b", "a"]))

    assert equal(one, other)
    assert not equal(one, other.assign(block=pd.Categorical(["b", "a"])))


texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=12) | st.sampled_from(
    ["=1+1", "'x", "_x0041_", "007", "\r\n", "]]>", " a ", "+1", "@", "1e3"]
)
codes = texts.filter(lambda code: code.strip() == code)  # a code of spaces is none
days = st.none() | st.dates(date(1904, 1, 2), date(9999, 12, 31))
items = st.fixed_dictionaries({
    "payer": texts.filter(bool), "document": texts.filter(bool), "note": texts, "block": codes, "due_date": days, "level": st.integers(0, 9),
    "currency": st.sampled_from(["EUR", "JPY", "KWD", "CLF"]), "open_minor": st.integers(1 - 10**15, 10**15 - 1),
    "manual_level": st.none() | st.integers(1, 9),
})  # fmt: skip


@settings(max_examples=60)
@given(st.lists(items, min_size=1, max_size=6), st.sampled_from(LANGUAGES), st.booleans())
def test_what_is_written_is_what_is_read(rows: list[dict[str, Any]], language: Any, date1904: bool) -> None:
    given = fitted(pd.DataFrame(rows), AssessedItem, where)
    cells = {name: pa.array(shown(column), pa.large_string()) for name, column in written(given, AssessedItem, language, COMPANY, date1904).items()}
    found = understood(cells, AssessedItem, COMPANY, where, language, date1904)

    assert equal(given, found)
    assert dict(given.dtypes.astype(str)) == dict(found.dtypes.astype(str))


def test_every_model_survives_an_empty_frame() -> None:
    for model in (Payer, Proposal, Promise, Currency):
        assert all(len(cells.text) == 0 for cells in written(fitted(pd.DataFrame(), model, where), model, "en", COMPANY).values())
        assert Kind.DAY not in {c.kind for c in columns(model) if read(model)[c.name].dtype != "datetime64[s]"}
