"""How amounts, days and numbers are written in the sentences of each language."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rules.row import Language
from rules.words import text
from rules.written import Amount, Written, first_few


@pytest.mark.parametrize(
    ("value", "en", "fr", "de"),
    [
        (Amount(123450, "EUR"), "€1,234.50", "1\u202f234,50\xa0€", "1.234,50\xa0€"),
        (Amount(-5050, "EUR"), "-€50.50", "-50,50\xa0€", "-50,50\xa0€"),
        (Amount(1234500, "KWD"), "KWD\xa01,234.500", "1\u202f234,500\xa0KWD", "1.234,500\xa0KWD"),
        ((Amount(100, "EUR"), Amount(200, "GBP")), "€1.00, £2.00", "1,00\xa0€, 2,00\xa0£GB", "1,00\xa0€, 2,00\xa0£"),
        (date(2026, 3, 1), "1 March 2026", "1er mars 2026", "1. März 2026"),
        (12345, "12345", "12345", "12345"),
        ("INV-1", "INV-1", "INV-1", "INV-1"),
    ],
)
def test_a_value_is_written_as_its_language_does(value: Any, en: str, fr: str, de: str) -> None:
    said: dict[Language, str] = {"en": en, "fr": fr, "de": de}

    assert said == {language: f"{Written(value, language)}" for language in said}


@pytest.mark.parametrize(
    ("number", "en", "fr", "de"),
    [(0, "0 rows", "0 ligne", "0 Zeilen"), (1, "1 row", "1 ligne", "1 Zeile"), (2, "2 rows", "2 lignes", "2 Zeilen")],
)
def test_a_number_chooses_its_word(number: int, en: str, fr: str, de: str) -> None:
    n = {language: Written(number, language) for language in ("en", "fr", "de")}

    assert [en, fr, de] == [f"{n['en']} {n['en']:row|rows}", f"{n['fr']} {n['fr']:ligne|lignes}", f"{n['de']} {n['de']:Zeile|Zeilen}"]


@pytest.mark.parametrize(
    ("several", "said"), [([3], "row 3"), ([3, 4], "rows 3, 4"), ([1, 2, 3, 4, 5], "rows 1, 2, 3, 4, 5"), (range(1, 8), "rows 1, 2, 3, 4, 5 …")]
)
def test_of_several_the_first_five_are_named(several: Any, said: str) -> None:
    few = Written(first_few(several), "en")

    assert said == f"{few:row|rows} {few}"


def test_a_number_that_a_journal_keeps_as_text_chooses_its_word_too() -> None:
    said = [text("en", "finding", "journal_missing", expected=expected).split(";")[1].split(".")[0] for expected in ("1", 1, "12")]

    assert [" the workbook remembers 1 record of it"] * 2 + [" the workbook remembers 12 records of it"] == said
