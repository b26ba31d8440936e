"""Lists beside the ledger: few columns, found by their headings, read as a whole; what is open is asked."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from rules.errors import LedgerError
from workbook.ledgers.lists import Listed, read_list
from workbook.ledgers.unclear import Unclear

LEVELS = ("company", "payer", "payer_name", "document", "instalment", "level", "last_reminder")


def read(
    tmp_path: Path, *lines: str, said: dict[str, str] | None = None, date_order: str = "", needed: tuple[str, ...] = ("document", "level")
) -> Listed:
    path = tmp_path / "list.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_list(path, LEVELS, needed=needed, said=said or {}, date_order=date_order, as_of=date(2026, 3, 31))


@pytest.mark.parametrize(
    ("cell", "level"),
    [
        ("2", 2),
        ("2.0", 2),
        ("2,00", 2),
        ("Mahnstufe 2", 2),
        ("2. Mahnung", 2),
        ("relance n° 3", 3),
        ("", None),
        ("0", 0),
        ("-", None),
        ("keine", None),
    ],
)
def test_a_level_is_a_digit_with_or_without_words(tmp_path: Path, cell: str, level: int | None) -> None:
    found = read(tmp_path, "Beleg;Mahnstufe", f"F1;{cell}")

    assert [level] == [None if pd.isna(v) else v for v in found.rows["level"]]
    assert [] == found.findings


@pytest.mark.parametrize("cell", ["often", "12", "2-3", "-1"])
def test_what_is_no_level_is_named_with_its_row(tmp_path: Path, cell: str) -> None:
    found = read(tmp_path, "Beleg;Mahnstufe", "F0;1", f"F1;{cell}")

    assert [("list_unreadable", cell, "3")] == [(f.code, f.values["found"], str(f.values["rows"])) for f in found.findings]
    assert [False, True] == list(found.unreadable)


def test_a_title_blank_rows_repeated_headings_and_sums_are_no_rows(tmp_path: Path) -> None:
    found = read(tmp_path, "Dunning list of 2026;;", ";;", "Payer;Invoice;Level", "1;F1;2", ";;", "Payer;Invoice;Level", "1;F2;1", "Total;;3")

    assert ["F1", "F2"] == list(found.rows["document"])
    assert [4, 7] == list(found.numbers)
    assert [("list_no_key", 1)] == [(f.code, f.values["count"]) for f in found.findings]


def test_a_list_without_numbers_knows_payers_by_name(tmp_path: Path) -> None:
    found = read(tmp_path, "Customer name;Invoice;Level", "Hall Ltd;F1;2")

    assert ["Hall Ltd"] == list(found.rows["payer"])


def test_of_two_columns_that_differ_none_is_taken(tmp_path: Path) -> None:
    lines = ("Invoice;Mahnstufe;Level", "F1;1;2")
    with pytest.raises(Unclear, match=r'two columns could be the level: "Mahnstufe" \(column B\) and "Level" \(column C\)\. Say which') as asked:
        read(tmp_path, *lines)

    assert ("level", ["Mahnstufe", "Level"]) == (asked.value.asked, [c.value for c in asked.value.choices])
    assert [2] == list(read(tmp_path, *lines, said={"level": "Level"}).rows["level"])


def test_two_columns_that_are_equal_are_one(tmp_path: Path) -> None:
    assert [1] == list(read(tmp_path, "Invoice;Mahnstufe;Level", "F1;1;1").rows["level"])


def test_dates_that_read_two_ways_are_asked(tmp_path: Path) -> None:
    lines = ("Invoice;Level;Last reminder", "F1;1;02/03/2026")
    with pytest.raises(Unclear, match="2 March or 3 February 2026"):
        read(tmp_path, *lines)

    assert [date(2026, 2, 3)] == [d.date() for d in read(tmp_path, *lines, date_order="mdy").rows["last_reminder"]]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"levle": "Level"}, "There is no field 'levle'.*The fields are: company, payer"),
        ({"level": "Stage"}, 'There is no column "Stage".*"Invoice", "Level"'),
    ],
)
def test_what_was_said_wrongly_is_named(tmp_path: Path, said: dict[str, str], sentence: str) -> None:
    with pytest.raises(LedgerError, match=sentence):
        read(tmp_path, "Invoice;Level", "F1;1", said=said)
