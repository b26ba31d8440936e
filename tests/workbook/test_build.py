"""A new workbook: sound, the same every time, bound by names, ready to be filled."""

from __future__ import annotations

import csv
import hashlib
import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from addin.cli import app
from rules import model
from rules.errors import WorkbookError
from rules.row import LANGUAGES, Kind, Language, Row, columns, to_frame
from rules.words import help_text, shown, text
from tests.workbook.repair import faults
from tests.workbook.sdk import verdict
from workbook.build import build
from workbook.build_home import STEPS
from workbook.settings import setting_rows
from workbook.tables import CONFIG, SCHEMA, TABLES, Table, table

DAY = date(2026, 4, 7)


def rows(language: Language) -> dict[type[Row], pd.DataFrame]:
    """Rows with what cells spoil easily: leading zeros, signs, currencies without decimals and with three, texts that look like formulas."""
    common = {"payer_name": "=1+1", "due_date": DAY, "reason": "1-2", "note": "TRUE"}
    items = [
        model.AssessedItem(
            payer=f"{n % 3:06d}",
            document=f"{n:08d}",
            currency=("EUR", "JPY", "KWD")[n % 3],
            open_minor=-500 if n == 4 else 123450,
            days_overdue=n - 2,
            reason_code="due" if n > 3 else "blocked",
            level=n % 4,
            **common,
        )
        for n in range(6)
    ]
    proposals = [
        model.Proposal(run="r1", as_of=DAY, payer=str(n), currency="EUR", decision=decision, level=1, deadline=DAY, state=state)
        for n, decision in enumerate(model.Decision)
        for state in (model.ProposalState.OPEN, model.ProposalState.OPEN, model.ProposalState.ISSUED)
    ]
    letter = {"event": model.Event.LETTER, "date": DAY, "run": "r0", "currency": "EUR"}
    history = [model.HistoryEntry(entry=n + 1, payer=str(n // 2), letter=f"r0/{n // 2}.docx", **letter) for n in range(4)]
    return {
        model.Setting: setting_rows(model.Settings(language=language, company_name="Contoso & Co")),
        model.Method: to_frame([model.Method(method="standard", name="Standard", follow_up=False)], model.Method),
        model.AssessedItem: to_frame(items, model.AssessedItem),
        model.Proposal: to_frame(proposals, model.Proposal),
        model.HistoryEntry: to_frame(history, model.HistoryEntry),
        model.Total: to_frame([model.Total(currency=c, open_minor=5) for c in ("EUR", "JPY")], model.Total),
    }


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    return request.param


@pytest.fixture(scope="module")
def filled(language: Language, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp(language) / "Dunning.xlsx"
    build(path, language, rows(language))
    return path


@pytest.fixture(scope="module")
def opened(filled: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(filled)


def heading(book: openpyxl.Workbook, placed: Table, column: str) -> tuple[Worksheet, int, int]:
    """Sheet, row and column of the heading, by its defined name."""
    c = next(c for c in columns(placed.model) if c.name == column)
    ((sheet, cell),) = book.defined_names[placed.cell_name(c)].destinations
    col, row, _, _ = range_boundaries(cell.replace("$", ""))
    return book[sheet], row, col


def below(book: openpyxl.Workbook, row_model: type[Row], column: str, row: int = 0) -> openpyxl.cell.Cell:
    """The cell of a row of a table."""
    sheet, at, col = heading(book, table(row_model), column)
    return sheet.cell(at + 1 + row, col)


def rule(book: openpyxl.Workbook, row_model: type[Row], column: str, row: int = 0) -> openpyxl.worksheet.datavalidation.DataValidation:
    """What the cell accepts."""
    cell = below(book, row_model, column, row)
    (found,) = [v for v in cell.parent.data_validations.dataValidation if cell.coordinate in v.sqref]
    return found


# ---------------------------------------------------------------------------------------------------------------- the file


def test_it_is_sound(filled: Path) -> None:
    assert [] == faults(filled)


def test_it_is_sound_without_a_row(language: Language, tmp_path: Path) -> None:
    build(tmp_path / "new.xlsx", language, {})

    assert [] == faults(tmp_path / "new.xlsx")


def test_microsofts_own_validator_finds_nothing(filled: Path) -> None:
    assert [] == verdict(filled)


def test_two_builds_are_the_same_whatever_the_hour_the_zone_and_the_hash_seed(tmp_path: Path) -> None:
    """A workbook in a test or a backup can be compared byte by byte."""
    script = "import sys; from pathlib import Path; from workbook.build import build; build(Path(sys.argv[1]), 'de', {})"
    found = []
    for seed, zone in (("1", "UTC"), ("2", "Pacific/Auckland")):
        path = tmp_path / seed / "Dunning.xlsx"
        path.parent.mkdir()
        subprocess.run([sys.executable, "-c", script, str(path)], env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone}, check=True)
        found.append(hashlib.sha256(path.read_bytes()).hexdigest())

    assert found[0] == found[1]


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "Dunning.xlsx"
    path.write_bytes(b"somebody's work")

    with pytest.raises(WorkbookError, match="exists already"):
        build(path, "en", {})

    assert b"somebody's work" == path.read_bytes()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match="nowhere"):
        build(tmp_path / "nowhere" / "Dunning.xlsx", "en", {})


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match="could not be written"):
        build(tmp_path / f"{'D' * 300}.xlsx", "en", {})


def test_rows_that_would_not_be_read_again_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    bad = to_frame([model.Method(method="standard")], model.Method).assign(grace_days=-1)

    with pytest.raises(WorkbookError, match="grace_days"):
        build(tmp_path / "Dunning.xlsx", "en", {model.Method: bad})

    assert [] == list(tmp_path.iterdir())


# ---------------------------------------------------------------------------------------------------------------- names and tables


def test_every_column_is_bound_by_a_hidden_name_on_its_translated_heading(opened: openpyxl.Workbook, language: Language) -> None:
    for placed in TABLES:
        for c in columns(placed.model):
            sheet, row, col = heading(opened, placed, c.name)

            assert c.titles[language] == sheet.cell(row, col).value
            assert text(language, "sheet", placed.sheet) == sheet.title


def test_all_names_are_hidden_and_the_schema_is_one_of_them(opened: openpyxl.Workbook) -> None:
    assert [] == [name for name, found in opened.defined_names.items() if not found.hidden]
    assert f'"{SCHEMA}"' == opened.defined_names["dunning.schema"].value


def test_tables_keep_their_names_in_every_language(opened: openpyxl.Workbook) -> None:
    assert {t.excel_name for t in TABLES} == {name for sheet in opened for name in sheet.tables}


def test_nothing_stands_beneath_a_table(opened: openpyxl.Workbook) -> None:
    for sheet in opened:
        for found in sheet.tables.values():
            left, _, right, bottom = range_boundaries(found.ref)
            cells = sheet.iter_rows(bottom + 1, max(bottom + 1, sheet.max_row), left, right)

            assert [] == [c.coordinate for row in cells for c in row if c.value is not None]


def test_what_nothing_fills_yet_is_hidden(opened: openpyxl.Workbook, language: Language) -> None:
    asleep = {text(language, "sheet", t.sheet) for t in TABLES if t.dormant and t not in CONFIG}
    config = opened[text(language, "sheet", "config")]
    hidden = {col for span in config.column_dimensions.values() if span.hidden for col in range(span.min, span.max + 1)}

    assert asleep == {sheet.title for sheet in opened if sheet.sheet_state == "hidden"}
    for placed in CONFIG:
        for c in columns(placed.model):
            _, _, col = heading(opened, placed, c.name)

            assert placed.dormant == (col in hidden)


def test_only_tables_that_stand_alone_have_filter_buttons(opened: openpyxl.Workbook) -> None:
    """A filter on Config would hide rows of the neighbours."""
    filtered = {t.excel_name for t in TABLES if t not in CONFIG and t.sheet not in ("home", "about")}

    assert filtered == {found.name for sheet in opened for found in sheet.tables.values() if found.autoFilter}


# ---------------------------------------------------------------------------------------------------------------- cells


def test_cells_are_what_a_person_reads(opened: openpyxl.Workbook, language: Language) -> None:
    """Amounts are numbers, dates are dates, and a text stays the text it is."""
    item = {c.name: below(opened, model.AssessedItem, c.name, 1) for c in columns(model.AssessedItem)}

    assert ("000001", "=1+1", "00000001", "1-2", "TRUE") == tuple(item[n].value for n in ("payer", "payer_name", "document", "reason", "note"))
    assert {"s"} == {item[n].data_type for n in ("payer", "payer_name", "document", "reason", "note")}
    assert (123450, "JPY") == (item["open_minor"].value, item["currency"].value)
    assert 1234.5 == below(opened, model.AssessedItem, "open_minor", 0).value
    assert 123.45 == below(opened, model.AssessedItem, "open_minor", 2).value
    assert datetime(2026, 4, 7) == item["due_date"].value
    assert item["last_reminder"].value is None
    assert shown(language, model.DocumentKind.INVOICE) == item["kind"].value
    assert text(language, "value", "Flag")["no"] == below(opened, model.Method, "follow_up").value


def test_number_formats_follow_the_kind(opened: openpyxl.Workbook) -> None:
    expected = {Kind.ID: "@", Kind.TEXT: "@", Kind.CODE: "@", Kind.FLAG: "@", Kind.MONEY: "#,##0.00", Kind.DAY: "mm-dd-yy", Kind.INT: "0"}
    for placed in TABLES:
        for c in columns(placed.model):
            assert expected.get(c.kind, "0.00####") == below(opened, placed.model, c.name).number_format


def test_cells_for_people_are_unlocked_and_yellow_and_the_others_are_not(opened: openpyxl.Workbook) -> None:
    for placed in TABLES:
        for c in columns(placed.model):
            cell = below(opened, placed.model, c.name)

            assert (c.name in placed.typed) == (not cell.protection.locked)
            assert (c.name in placed.typed) == (cell.fill.start_color.rgb == "FFFFFBE5")


def test_every_heading_carries_the_help(opened: openpyxl.Workbook, language: Language) -> None:
    for placed in TABLES:
        for c in columns(placed.model):
            sheet, row, col = heading(opened, placed, c.name)

            assert help_text(language, c.help) in sheet.cell(row, col).comment.text


# ---------------------------------------------------------------------------------------------------------------- what a cell accepts


def test_every_column_for_people_says_what_it_wants(opened: openpyxl.Workbook, language: Language) -> None:
    for placed in TABLES:
        for c in columns(placed.model):
            if c.name in placed.typed and placed.model is not model.Setting:
                assert help_text(language, c.help) in rule(opened, placed.model, c.name).prompt


def test_closed_lists_are_dropdowns_of_translated_words(opened: openpyxl.Workbook, language: Language) -> None:
    words = ",".join(shown(language, d) for d in model.Decision)

    assert ("list", f'"{words}"') == (rule(opened, model.Proposal, "decision").type, rule(opened, model.Proposal, "decision").formula1)
    assert f'"{",".join(text(language, "value", "Flag").values())}"' == rule(opened, model.Method, "follow_up").formula1
    assert '"strictly_after,on_or_after"' == rule(opened, model.Method, "overdue_test").formula1


def test_references_are_dropdowns_of_the_keys_on_config(opened: openpyxl.Workbook, language: Language) -> None:
    (key,) = [c.titles[language] for c in columns(model.ReasonCode) if c.name == "code"]

    assert "dunning.list.reasons" == rule(opened, model.AssessedItem, "block").formula1
    assert f"tblReasons[{key}]" == opened.defined_names["dunning.list.reasons"].value
    for placed in TABLES:
        for c in columns(placed.model):
            if c.refers and c.name in placed.typed:
                assert rule(opened, placed.model, c.name).formula1 in opened.defined_names


def test_numbers_and_dates_are_bounded(opened: openpyxl.Workbook) -> None:
    level, grace = rule(opened, model.Proposal, "level"), rule(opened, model.Method, "grace_days")
    minimum = rule(opened, model.Method, "minimum_minor")

    assert ("whole", "1", "9") == (level.type, level.formula1, level.formula2)
    assert ("whole", "0", "365") == (grace.type, grace.formula1, grace.formula2)
    assert ("decimal", "0") == (minimum.type, minimum.formula1)
    assert "date" == rule(opened, model.Proposal, "deadline").type


def test_settings_with_few_answers_are_dropdowns(opened: openpyxl.Workbook) -> None:
    names = [str(n) for n in setting_rows(model.Settings())["setting"]]

    assert '"en,fr,de"' == rule(opened, model.Setting, "value", names.index("language")).formula1
    assert "dunning.list.methods" == rule(opened, model.Setting, "value", names.index("default_method")).formula1


def test_rules_and_marks_cover_all_rows_of_the_table(opened: openpyxl.Workbook, language: Language) -> None:
    """A writer makes them grow with the table only where they reach from its first to its last row."""
    ledger = opened[text(language, "sheet", "ledger")]
    spans = [*(str(v.sqref) for v in ledger.data_validations.dataValidation), *(str(c.sqref) for c in ledger.conditional_formatting)]

    assert {(2, 7)} == {range_boundaries(span)[1::2] for span in spans}


# ---------------------------------------------------------------------------------------------------------------- paper and Home


def test_tables_print_landscape_with_their_headings_and_page_numbers(opened: openpyxl.Workbook) -> None:
    for sheet in opened:
        assert "landscape" == sheet.page_setup.orientation
        assert "&P" in sheet.oddFooter.right.text
        assert "&A" in sheet.oddFooter.left.text
    for placed in TABLES:
        if placed not in CONFIG and placed.sheet != "home":
            sheet = heading(opened, placed, columns(placed.model)[0].name)[0]

            assert "$1:$1" == sheet.print_title_rows
            assert (0, True) == (sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage)


def test_home_says_what_to_do_in_commands_that_exist(opened: openpyxl.Workbook, language: Language) -> None:
    home = opened[text(language, "sheet", "home")]
    lines = [str(c.value) for row in home.iter_rows() for c in row if str(c.value).startswith("dunning ")]

    assert list(STEPS) == [line.split()[1] for line in lines]
    assert set(STEPS) <= {c.name or c.callback.__name__ for c in app.registered_commands if c.callback}
    assert {"Dunning.xlsx"} == {line.split()[2] for line in lines}


def test_home_leads_to_every_visible_sheet(opened: openpyxl.Workbook, language: Language) -> None:
    home = opened[text(language, "sheet", "home")]
    targets = {c.hyperlink.location.partition("!")[0].strip("'") for row in home.iter_rows() for c in row if c.hyperlink}

    assert {s.title for s in opened if s.sheet_state == "visible"} - {home.title} == targets


def test_home_has_the_cells_that_commands_fill(opened: openpyxl.Workbook) -> None:
    expected = {"as_of", "last_import", "last_run", "journal_note"} | {
        "open_lines", "overdue_lines", "overdue_payers", "due_lines", "to_review", "to_send", "held", "letters",
    }  # fmt: skip

    assert {f"dunning.home.{name}" for name in expected} == {name for name in opened.defined_names if name.startswith("dunning.home.")}


FIGURES = {"open_lines": 6, "overdue_lines": 2, "overdue_payers": 2, "due_lines": 2, "to_review": 2, "to_send": 2, "held": 2, "letters": 2}


def test_the_figures_on_home_are_right_before_anything_computes_them(filled: Path) -> None:
    book = openpyxl.load_workbook(filled, data_only=True)
    found = {}
    for name in FIGURES:
        ((sheet, cell),) = book.defined_names[f"dunning.home.{name}"].destinations
        found[name] = book[sheet][cell.replace("$", "")].value

    assert FIGURES == found


@pytest.mark.office
def test_a_spreadsheet_computes_the_same_figures_and_lists(filled: Path, tmp_path: Path, language: Language) -> None:
    """openpyxl leaves the computed values away, so LibreOffice has to find them."""
    book = openpyxl.load_workbook(filled)
    home = book[text(language, "sheet", "home")]
    for row in home.iter_rows():
        for cell in row:
            if cell.value is not None and not str(cell.value).startswith("="):
                cell.value = None
    for found in list(home.tables):
        del home.tables[found]
    home["A1"] = "=COUNTA(dunning.list.methods)"
    book.save(tmp_path / "bare.xlsx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "csv", "--outdir", str(tmp_path), str(tmp_path / "bare.xlsx")]
    subprocess.run(command, check=True, capture_output=True)
    with (tmp_path / "bare.csv").open(encoding="utf-8", newline="") as file:
        found = [cell for row in csv.reader(file) for cell in row if cell]

    assert ["1", "Contoso & Co", *(str(FIGURES[name]) for name in FIGURES if name not in ("overdue_payers", "letters"))] == found
