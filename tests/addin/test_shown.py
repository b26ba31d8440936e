"""What a click shows: tables that can be added up and sorted, in the workbook's language, and the thing that was made; Excel is a fake."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from addin.report import Report
from addin.shown import made_by, open_in_its_program, show_tables
from rules.row import LANGUAGES
from rules.words import catalogue


class Sheet:
    """A sheet that notes what is written to it, and the number formats of its columns below the heading."""

    def __init__(self) -> None:
        self.name, self.formats, self.value = "Sheet1", dict[int, str](), list[list[Any]]()

    def range(self, first: tuple[int, int], last: tuple[int, int]) -> Any:
        sheet = self

        class Block:
            def __setattr__(self, name: str, value: Any) -> None:
                if name == "value":
                    sheet.value = value
                elif first[0] > 1:
                    sheet.formats[first[1]] = value

        return Block()

    def autofit(self, axis: str) -> None:
        pass


class Sheets(list[Sheet]):
    """The sheets of a new workbook."""

    def add(self, after: Sheet) -> Sheet:
        self.append(Sheet())
        return self[-1]


def shown(language: Any, **tables: pd.DataFrame) -> Sheets:
    sheets = Sheets([Sheet()])
    show_tables(SimpleNamespace(books=SimpleNamespace(add=lambda: SimpleNamespace(sheets=sheets))), tables, language)  # type: ignore[arg-type]
    return sheets


CALLS = pd.DataFrame(
    {
        "payer": ["00017", "00018"], "payer_name": ["Lefèvre", "'t Hooft"], "currency": ["EUR", "JPY"], "overdue_minor": [145050, 900],
        "level": pd.array([1, None], dtype="Int64"), "last_contact": pd.to_datetime(["2026-03-02", None]), "as_of": [date(2026, 3, 2)] * 2,
    }
)  # fmt: skip


def test_amounts_are_numbers_days_are_dates_and_ids_stay_texts() -> None:
    (sheet,) = shown("en", calls=CALLS)

    assert ["00017", "Lefèvre", "EUR", 1450.5, 1, datetime(2026, 3, 2), datetime(2026, 3, 2)] == sheet.value[1]
    assert ["00018", "''t Hooft", "JPY", 900.0, None, None, datetime(2026, 3, 2)] == sheet.value[2]
    assert ["@", "@", "@", "#,##0.00#", "General", "m/d/yyyy", "m/d/yyyy"] == list(sheet.formats.values())


@pytest.mark.parametrize(
    ("language", "heads"),
    [("fr", ["Payeur", "Dernier contact", "Événement"]), ("de", ["Zahler", "Letzter Kontakt", "Ereignis"])],
    ids=["fr", "de"],
)
def test_titles_headings_and_words_of_closed_lists_are_in_the_language_of_the_workbook(language: Any, heads: list[str]) -> None:
    first, second = shown(language, calls=CALLS, **{"reasons 2026-03-02": pd.DataFrame({"event": ["letter"]})})
    event = catalogue(language)["value"]["Event"]["letter"]

    assert heads[:2] == [first.value[0][0], first.value[0][5]]
    assert [heads[2], event] == [second.value[0][0], second.value[1][0]]
    assert [catalogue(language)["answer_table"][name] for name in ("calls", "reasons")] == [first.name, second.name.removesuffix(" 2026-03-02")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_are_titles_of_excel(language: Any) -> None:
    assert [] == [title for title in catalogue(language)["answer_table"].values() if len(title) > 20 or set(title) & set("[]*?/\\:")]


@pytest.mark.parametrize(
    ("facts", "made"),
    [
        ({"file": "a/L1.docx"}, "a/L1.docx"), ({"files": ["a/L1.docx"]}, "a/L1.docx"), ({"files": ["a/1.docx", "a/2.docx"]}, "a"),
        ({"folder": "a/pdf"}, "a/pdf"), ({"files": []}, None), ({}, None),
    ],
    ids=str,
)  # fmt: skip
def test_what_was_made_is_the_one_file_else_the_folder(facts: dict[str, Any], made: str | None) -> None:
    assert (made if made is None else Path(made)) == made_by(Report("Done.", facts))


@pytest.mark.parametrize(("system", "started"), [("win32", ["x.docx"]), ("darwin", [["/usr/bin/open", "x.docx"]]), ("linux", [])])
def test_a_file_is_opened_where_excel_runs_and_a_kind_without_a_program_is_left(system: str, started: list[Any]) -> None:
    seen: list[Any] = []
    open_in_its_program(Path("x.docx"), system, lambda what, **_: seen.append(what))

    def fail(what: Any, **_: Any) -> None:
        raise OSError("no program")

    open_in_its_program(Path("x.docx"), system, fail)

    assert started == seen
