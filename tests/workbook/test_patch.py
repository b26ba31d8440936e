"""A patched workbook has the new rows and nothing else is different."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import fastexcel
import numpy as np
import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import PatternFill

from rules.errors import WorkbookError
from rules.model import AssessedItem, Currency, Payer, Setting, Total
from rules.row import Row
from tests.workbook.books import LEDGER, REMARK, ROUGH, TWICE, UNKNOWN, Spot, edited, make, spots
from tests.workbook.repair import faults
from workbook.cell_xml import Marks
from workbook.cells import Cells
from workbook.package import Package, Place, area, letters, number
from workbook.patch import CHAIN, patch
from workbook.sheet import Fill
from workbook.tables import table

ROWS = 3  # that the ledger of books.py has


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make(tmp_path / "Dunning.xlsx")


def text(*values: str | None) -> Cells:
    return Cells(pa.array(values, pa.large_string()), number=False)


def numbers(*values: int | None) -> Cells:
    return Cells(pa.array([None if v is None else str(v) for v in values], pa.large_string()), number=True)


def filled(package: Package, model: type[Row], rows: int, follow: list[int] | None = None, spot: Spot | None = None, **columns: Cells) -> Fill:
    """The table of a model with these columns filled, and all its other fields emptied."""
    spot = spot or next(s for s in spots() if s.model is model)
    found = next(t for t in package.tables if t.name == table(model).excel_name)
    blank = text(*[None] * rows)
    cells = {spot.column(name) + 1: columns.get(name, blank) for name in spot.order if name not in spot.own.values()}
    return Fill(found, cells, rows, None if follow is None else lambda: np.array(follow, np.int64))


def patched(path: Path, *fills: Any, values: dict[Place, Any] | None = None) -> Path:
    """The workbook at `path` after the patch; each fill is a function of the package."""
    package, out = Package(path.read_bytes(), path.name), path.with_name("patched.xlsx")
    with out.open("wb") as stream:
        patch(package, stream, [fill(package) for fill in fills], values or {})
    return out


def column(path: Path, spot: Spot, name: str) -> list[Any]:
    """What openpyxl reads below the heading of a column."""
    sheet = openpyxl.load_workbook(path)[spot.sheet]
    return [sheet.cell(row, spot.column(name) + 1).value for row in range(spot.row + 2, sheet.max_row + 1)]


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def new_faults(old: Path, made: Path) -> list[str]:
    """What Excel would repair in the patched workbook and not in the old one."""

    def kind(fault: str) -> str:
        return re.sub(r"[A-Z]+\d+", "", fault)

    known = {kind(fault) for fault in faults(old)}
    return [fault for fault in faults(made) if kind(fault) not in known]


def ledger(rows: int, follow: list[int] | None = None, **columns: Cells) -> Any:
    return lambda package: filled(package, AssessedItem, rows, follow, **columns)


# ---------------------------------------------------------------------------------------------------------------- what stays


def test_every_part_but_those_of_the_table_stays_byte_for_byte_as_it_was_compressed(path: Path) -> None:
    made = patched(path, ledger(5, document=text(*"ABCDE")))
    old, new = Package(path.read_bytes()), Package(made.read_bytes())
    same = {n for n in new.zip.namelist() if old.packed(old.zip.getinfo(n)) == new.packed(new.zip.getinfo(n))}

    assert old.zip.namelist() == [*new.zip.namelist(), CHAIN]
    assert {"xl/worksheets/sheet2.xml", "xl/tables/table2.xml", "xl/workbook.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"} == {
        *new.zip.namelist()
    } - same
    assert set(UNKNOWN) <= same


def test_a_patched_workbook_needs_no_repair(path: Path) -> None:
    grown = patched(path, ledger(50, document=text(*["D"] * 50)), values={Place("Home", 1, 2): "x"})

    assert [] == new_faults(path, grown)


def test_excel_computes_everything_when_it_opens_the_file(path: Path) -> None:
    made = parts(patched(path, ledger(1)))

    assert b'fullCalcOnLoad="1"' in made["xl/workbook.xml"]
    assert CHAIN not in made
    assert b"calcChain" not in made["[Content_Types].xml"] + made["xl/_rels/workbook.xml.rels"]


def test_a_workbook_without_a_setting_for_computing_gets_one(path: Path) -> None:
    edited(path, "xl/workbook.xml", '<calcPr calcId="124519" fullCalcOnLoad="1"/>', "")

    assert b'</definedNames><calcPr fullCalcOnLoad="1"/>' in parts(patched(path, ledger(1)))["xl/workbook.xml"]


# ---------------------------------------------------------------------------------------------------------------- rows of a table


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, 60])
def test_a_table_grows_and_shrinks_to_its_rows_and_keeps_one_when_emptied(path: Path, rows: int) -> None:
    documents = [f"D{n}" for n in range(rows)]
    made = patched(path, ledger(rows, document=text(*documents), open_minor=numbers(*range(rows))))
    last = max(rows, 1) + 1
    sheet = openpyxl.load_workbook(made)["My ledger"]

    assert f"A1:{letters(len(LEDGER.order))}{last}" == sheet.tables["tblLedger"].ref == sheet.tables["tblLedger"].autoFilter.ref
    assert documents == [value for value in column(made, LEDGER, "document") if value is not None]
    assert list(range(rows)) == [value for value in column(made, LEDGER, "open_minor") if value is not None]
    assert [] == new_faults(path, made)


def coloured(path: Path, *places: tuple[str, int]) -> Path:
    """The workbook with a fill of the user's own in these cells of the ledger (field, row), each in another colour; the first is yellow."""
    book = openpyxl.load_workbook(path)
    for (name, row), colour in zip(places, ("00FFFF00", "00FF0000", "0000FF00"), strict=False):
        book["My ledger"].cell(row, LEDGER.column(name) + 1).fill = PatternFill("solid", fgColor=colour)
    book.save(path)
    return path


def colours(path: Path, name: str) -> list[str | None]:
    sheet = openpyxl.load_workbook(path)["My ledger"]
    found = [sheet.cell(row, LEDGER.column(name) + 1).fill for row in range(2, sheet.max_row + 1)]
    return [None if fill.fill_type is None else {"FFFF00": "yellow", "FF0000": "red", "00FF00": "green"}.get(fill.fgColor.rgb[2:]) for fill in found]


def test_a_users_colours_go_where_their_rows_go_and_nowhere_else(path: Path) -> None:
    coloured(path, ("document", 2), ("document", 4), ("due_date", 3))
    made = patched(path, ledger(5, [-1, 2, -1, 0, -1], document=text(*"ABCDE"), due_date=numbers(*[46053] * 5)))

    assert [None, "red", None, "yellow", None] == colours(made, "document")
    assert [None] * 5 == colours(made, "due_date")
    assert [*"ABCDE"] == column(made, LEDGER, "document")
    assert [] == new_faults(path, made)


def test_a_colour_stays_on_numbers_words_blanks_and_formulas(path: Path) -> None:
    coloured(path, ("open_minor", 2), ("note", 2), (TWICE, 2))
    made = patched(path, ledger(3, [2, 0, 1], open_minor=numbers(1, 2, 3)))

    assert ["yellow", "red", "green"] == [colours(made, name)[1] for name in ("open_minor", "note", TWICE)]
    assert [None, None] == colours(made, TWICE)[::2]
    assert [1, 2, 3] == column(made, LEDGER, "open_minor")


def test_without_a_key_colours_stay_in_their_rows_and_do_not_spread(path: Path) -> None:
    coloured(path, ("document", 2), ("document", 4))

    assert ["yellow", None, "red", None, None] == colours(patched(path, ledger(5)), "document")


def test_where_the_rows_come_from_is_asked_only_when_there_is_something_to_bring(tmp_path: Path) -> None:
    plain = Spot(Payer, "Payers", [{"payer": str(n)} for n in range(3)])
    asked: list[bool] = []

    def follow() -> Any:
        asked.append(True)
        return np.arange(3)

    def fill(package: Package) -> Fill:
        return replace(filled(package, Payer, 3, spot=plain), follow=follow)

    path = make(tmp_path / "plain.xlsx", [plain])
    patched(path, fill)
    assert not asked
    edited(path, "xl/worksheets/sheet1.xml", '<row r="3"', '<row r="3" ht="40" customHeight="1"')
    patched(path, fill)

    assert [True] == asked


def test_heights_and_hidden_rows_go_with_the_rows_of_a_table_alone_on_its_sheet(tmp_path: Path) -> None:
    spot = Spot(Payer, "Payers", [{"payer": str(n)} for n in range(3)])
    path = make(tmp_path / "heights.xlsx", [spot])
    edited(path, "xl/worksheets/sheet1.xml", '<row r="2"', '<row r="2" ht="40" customHeight="1"')
    edited(path, "xl/worksheets/sheet1.xml", '<row r="3"', '<row r="3" hidden="1"')
    moved = openpyxl.load_workbook(patched(path, lambda package: filled(package, Payer, 4, [1, -1, 0, -1], spot=spot)))["Payers"]
    shrunk = openpyxl.load_workbook(patched(path, lambda package: filled(package, Payer, 1, [2], spot=spot)))["Payers"]

    def rows(sheet: Any) -> list[tuple[float | None, bool]]:
        return [(sheet.row_dimensions[row].height, sheet.row_dimensions[row].hidden) for row in range(2, 6)]

    assert [(None, True), (None, False), (40, False), (None, False)] == rows(moved)
    assert [(None, False)] * 4 == rows(shrunk)


@pytest.mark.parametrize("kind", ["s", "n", "str", "inlineStr"])
@pytest.mark.parametrize("style", [0, 7, 42, 365, 1234, 60_000])
@pytest.mark.parametrize("column", ["B", "ZZ", "AAA"])
@pytest.mark.parametrize("row", [1, 10, 9_999, 1_048_576])
def test_the_style_of_a_cell_is_read_in_any_order_of_its_attributes(row: int, column: str, style: int, kind: str) -> None:
    named = f' s="{style}"'
    ways = [f'{named} t="{kind}"><v>1</v></c>', f' t="{kind}"{named}><v>1</v></c>', f"{named}/>", f' cm="1"{named} t="{kind}"/>', f"{named}></c>"]
    bare = [f' t="{kind}"><v>1</v></c>', "/>", "><v>5</v></c>", ' vm="1"/>']
    cells = "".join(f'<c r="{column}{row}"{rest}' for rest in ways + bare)
    marks = Marks(f'<row r="{row}">{cells}</row>'.encode())

    assert [style] * 5 + [0] * 4 == marks.styles(np.ones(9, bool)).tolist()


def test_new_cells_look_like_most_of_their_column(path: Path) -> None:
    sheet = openpyxl.load_workbook(patched(path, ledger(9, open_minor=numbers(*range(9)), due_date=numbers(*[46053] * 9))))["My ledger"]
    money, day = LEDGER.column("open_minor") + 1, LEDGER.column("due_date") + 1

    assert {"#,##0.00"} == {sheet.cell(row, money).number_format for row in range(2, 11)}
    assert {datetime(2026, 1, 31)} == {sheet.cell(row, day).value for row in range(2, 11)}


def test_new_cells_of_an_empty_column_look_like_the_column(path: Path) -> None:
    part, note = "xl/worksheets/sheet2.xml", LEDGER.column("note") + 1
    day = re.findall(f'<c r="{LEDGER.cell("due_date", 2)}" s="(.+?)"', parts(path)[part].decode())[0]
    edited(path, part, "<sheetData>", f'<cols><col min="{note}" max="{note}" width="9" style="{day}"/></cols><sheetData>')
    sheet = openpyxl.load_workbook(patched(path, ledger(2, note=text("a", None))))["My ledger"]

    assert [("a", "mm-dd-yy"), (None, "mm-dd-yy")] == [(sheet.cell(row, note).value, sheet.cell(row, note).number_format) for row in (2, 3)]


def test_conditional_formats_and_validations_cover_the_rows_of_the_table(path: Path) -> None:
    money, level = letters(LEDGER.column("open_minor") + 1), letters(LEDGER.column("level") + 1)
    for rows in (1, 3, 40):
        sheet = openpyxl.load_workbook(patched(path, ledger(rows)))["My ledger"]
        ends = "" if rows == 1 else f":{{0}}{rows + 1}"

        assert [f"{money}2{ends.format(money)}"] == [str(c.sqref) for c in sheet.conditional_formatting]
        assert [f"{level}2{ends.format(level)}"] == [str(v.sqref) for v in sheet.data_validations.dataValidation]


def test_a_format_of_part_of_the_column_and_one_of_whole_columns_are_left_alone(path: Path) -> None:
    ranges = '<protectedRanges><protectedRange name="p" sqref="A2 A2:A3 A:A B2:B4 Z90"/></protectedRanges>'
    edited(path, "xl/worksheets/sheet2.xml", "</sheetData>", "</sheetData>" + ranges)
    made = parts(patched(path, ledger(9)))["xl/worksheets/sheet2.xml"]

    assert b'sqref="A2 A2:A3 A:A B2:B10 Z90"' in made


def test_heights_of_rows_and_cells_beside_the_table_stay_in_their_rows(path: Path) -> None:
    beside = LEDGER.col + len(LEDGER.order) + 2
    for rows in (1, 2, 30):
        sheet = openpyxl.load_workbook(patched(path, ledger(rows, document=text(*["D"] * rows))))["My ledger"]

        assert (33, "stays in its row", "=1+1") == (sheet.row_dimensions[2].height, sheet.cell(3, beside).value, sheet.cell(3, beside + 1).value)


def test_a_filter_shows_everything_again_and_a_sort_order_is_forgotten(path: Path) -> None:
    condition = '<filterColumn colId="1"><filters><filter val="0001"/></filters></filterColumn>'
    condition += '<filterColumn colId="2" hiddenButton="1"/></autoFilter>'
    sorting = '<sortState ref="A2:A4"><sortCondition ref="A2:A4"/></sortState>'
    whole = f'<autoFilter ref="A1:{letters(len(LEDGER.order))}4"'
    edited(path, "xl/tables/table2.xml", whole + "/>", whole + ">" + condition + sorting)
    edited(path, "xl/worksheets/sheet2.xml", '<row r="4"', '<row r="4" hidden="1"')
    made = patched(path, ledger(3, document=text(*"ABC")))
    shown = parts(made)["xl/tables/table2.xml"]

    assert not openpyxl.load_workbook(made)["My ledger"].row_dimensions[4].hidden
    assert (False, False, True) == (b"filters" in shown, b"sortState" in shown, b"hiddenButton" in shown)


def test_a_row_that_the_user_hid_stays_hidden(path: Path) -> None:
    edited(path, "xl/worksheets/sheet2.xml", '<row r="4"', '<row r="4" hidden="1"')

    assert openpyxl.load_workbook(patched(path, ledger(3)))["My ledger"].row_dimensions[4].hidden


def test_the_insert_row_of_an_emptied_table_becomes_a_row(path: Path) -> None:
    edited(path, "xl/tables/table2.xml", 'displayName="tblLedger"', 'displayName="tblLedger" insertRow="1"')

    assert b"insertRow" not in parts(patched(path, ledger(1)))["xl/tables/table2.xml"]


# ---------------------------------------------------------------------------------------------------------------- a user's own columns


def test_cells_of_a_users_column_go_where_their_row_goes(path: Path) -> None:
    made = patched(path, ledger(4, [1, -1, 0, 2], document=text("D2", "new", "D1", "D3")))

    assert [7, None, "call Ann", None] == column(made, LEDGER, REMARK)


def test_without_a_key_cells_of_a_users_column_stay_in_their_rows(path: Path) -> None:
    assert ["call Ann", 7] == column(patched(path, ledger(2)), LEDGER, REMARK)[:2]


def test_a_users_formula_that_moves_refers_to_its_new_row(path: Path) -> None:
    made = patched(path, ledger(3, [2, 0, 1]))

    assert ["=H2*2+$A$1", "=H3*2", "=H4*2"] == column(made, LEDGER, ROUGH)


def test_a_shared_formula_that_moves_is_written_out(path: Path) -> None:
    at = letters(LEDGER.column(ROUGH) + 1)
    edited(path, "xl/worksheets/sheet2.xml", "<f>H2*2</f>", f'<f t="shared" ref="{at}2:{at}3" si="0">H2*2</f>')
    edited(path, "xl/worksheets/sheet2.xml", "<f>H3*2</f>", '<f t="shared" si="0"/>')
    made = patched(path, ledger(2, [1, 0]))

    assert ["=H2*2", "=H3*2"] == column(made, LEDGER, ROUGH)[:2]
    assert b"shared" not in parts(made)["xl/worksheets/sheet2.xml"]


def test_a_shared_formula_beside_the_table_survives_the_loss_of_its_first_cell(path: Path) -> None:
    note, beside = LEDGER.column("note") + 1, LEDGER.col + len(LEDGER.order) + 3
    edited(path, "xl/worksheets/sheet2.xml", "<f>1+1</f>", '<f t="shared" si="0"/>')
    first = f'<c r="{letters(note)}2"><f t="shared" ref="{letters(note)}2:{letters(beside)}3" si="0">A1+1</f><v>1</v></c>'
    edited(path, "xl/worksheets/sheet2.xml", '</row><row r="3"', first + '</row><row r="3"')
    moved = f"={letters(beside - note + 1)}2+1"

    assert moved == openpyxl.load_workbook(patched(path, ledger(3)))["My ledger"].cell(3, beside).value


def test_a_calculated_column_is_filled_down_for_excel_to_compute(path: Path) -> None:
    made = patched(path, ledger(5, document=text(*"ABCDE")))
    sheet = openpyxl.load_workbook(made, data_only=True)["My ledger"]

    assert ["=tblLedger[[#This Row],[level]]*2"] * 5 == column(made, LEDGER, TWICE)
    assert {None} == {sheet.cell(row, LEDGER.column(TWICE) + 1).value for row in range(2, 7)}


def test_a_calculated_column_with_plain_references_follows_its_rows(path: Path) -> None:
    edited(path, "xl/worksheets/sheet2.xml", "<f>tblLedger[[#This Row],[level]]*2</f>", "<f>Z2&amp;Z1</f>")

    assert ["=Z2&Z1", "=Z3&Z2", "=Z4&Z3", "=Z5&Z4"] == column(patched(path, ledger(4)), LEDGER, TWICE)


# ---------------------------------------------------------------------------------------------------------------- several tables, single cells


@pytest.mark.parametrize(("settings_rows", "currencies"), [(1, 5), (5, 1), (3, 3), (0, 4), (2, 0)])
def test_tables_side_by_side_are_filled_in_one_pass(path: Path, settings_rows: int, currencies: int) -> None:
    names, codes = [f"s{n}" for n in range(settings_rows)], [f"C{n}" for n in range(currencies)]
    made = patched(
        path,
        lambda package: filled(package, Setting, settings_rows, setting=text(*names)),
        lambda package: filled(package, Currency, currencies, currency=text(*codes), rate=numbers(*range(currencies))),
        ledger(2, document=text("X", "Y")),
    )
    by_model = {s.model: s for s in spots()}

    assert names == [v for v in column(made, by_model[Setting], "setting") if v]
    assert codes == [v for v in column(made, by_model[Currency], "currency") if v]
    assert ["X", "Y"] == column(made, LEDGER, "document")[:2]
    assert [] == new_faults(path, made)


def test_of_two_tables_side_by_side_one_alone_may_change(path: Path) -> None:
    made = patched(path, lambda package: filled(package, Currency, 6, currency=text(*"ABCDEF")))
    by_model = {s.model: s for s in spots()}

    assert ["company_currency", "language", "backups"] == column(made, by_model[Setting], "setting")[:3]
    assert list("ABCDEF") == column(made, by_model[Currency], "currency")
    assert [] == new_faults(path, made)


def test_single_cells_get_their_value_and_a_formula_keeps_itself(path: Path) -> None:
    made = patched(path, values={Place("Home", 1, 2): "=2 & <3>", Place("Home", 2, 2): np.int64(12), Place("Home", 3, 2): 1.5})
    formulas, shown = openpyxl.load_workbook(made)["Home"], openpyxl.load_workbook(made, data_only=True)["Home"]

    assert ("s", "=2 & <3>", "=COUNTA(Home!Z1:Z9)", 1.5) == (shown["B1"].data_type, shown["B1"].value, formulas["B2"].value, shown["B3"].value)
    assert (12, True, True) == (shown["B2"].value, shown["B1"].font.bold, shown["B2"].font.bold)
    assert [] == new_faults(path, made)


def test_a_formula_may_show_a_text(path: Path) -> None:
    made = patched(path, values={Place("Home", 2, 2): "a\r<b>"})

    assert "a_x000D_<b>" == openpyxl.load_workbook(made, data_only=True)["Home"]["B2"].value


def test_single_cells_and_a_table_of_one_sheet_change_together(path: Path) -> None:
    values = {Place("Home", 1, 2): "now", Place("Home", 40, 9): 3}
    made = patched(path, lambda package: filled(package, Total, 4, currency=text(*"ABCD")), values=values)
    sheet = openpyxl.load_workbook(made)["Home"]

    assert ("now", 3, "beside the table", list("ABCD")) == (
        sheet["B1"].value, sheet["I40"].value, sheet["M7"].value, [sheet.cell(row, 2).value for row in range(7, 11)],
    )  # fmt: skip
    assert "40" == sheet.calculate_dimension().split(":")[1].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def test_whoever_waits_is_told_how_far_it_is(path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    package = Package(path.read_bytes())
    patch(package, io.BytesIO(), [filled(package, Payer, 45_000, payer=text(*["1"] * 45_000))], {}, lambda *step: told.append(step))

    assert ("Payers", 45_001, 45_001) == told[-1]
    assert sorted(set(told)) == told
    assert len(told) > 2


# ---------------------------------------------------------------------------------------------------------------- what is refused


def test_a_cell_below_the_table_is_not_overwritten(path: Path) -> None:
    edited(path, "xl/worksheets/sheet2.xml", "</sheetData>", '<row r="9"><c r="D9" t="inlineStr"><is><t>mine</t></is></c></row></sheetData>')

    assert "mine" == openpyxl.load_workbook(patched(path, ledger(7)))["My ledger"]["D9"].value
    with pytest.raises(WorkbookError, match=r"'My ledger'!D9: a cell with content stands below table tblLedger, which has to grow to row 9"):
        patched(path, ledger(8))


def test_a_totals_row_is_not_moved(tmp_path: Path) -> None:
    spot = Spot(Currency, "Config", [{"currency": "USD", "rate": 1}, {}], options={"total_row": True})
    path = make(tmp_path / "totals.xlsx", [spot])
    package = Package(path.read_bytes())

    assert (2, 1) == (package.tables[0].last, package.tables[0].totals)
    same = patched(path, lambda package: filled(package, Currency, 1, spot=spot, currency=text("EUR")))
    assert "A1:C3" == openpyxl.load_workbook(same)["Config"].tables["tblCurrencies"].ref
    with pytest.raises(WorkbookError, match=r"Config!A3: the totals row .* would then end in row 3"):
        patched(path, lambda package: filled(package, Currency, 2, spot=spot))


def test_merged_cells_below_the_table_are_not_covered(path: Path) -> None:
    edited(path, "xl/worksheets/sheet2.xml", "</sheetData>", '</sheetData><mergeCells count="1"><mergeCell ref="C7:D8"/></mergeCells>')

    assert [] == new_faults(path, patched(path, ledger(5)))
    with pytest.raises(WorkbookError, match=r"'My ledger'!C7: merged cells"):
        patched(path, ledger(6))


def test_a_named_cell_inside_a_table_is_not_set(path: Path) -> None:
    with pytest.raises(WorkbookError, match=r"'My ledger'!A3: a named cell lies inside table tblLedger"):
        patched(path, ledger(3), values={Place("My ledger", 3, 1): 1})


def test_more_rows_than_a_sheet_has_are_refused(path: Path) -> None:
    with pytest.raises(WorkbookError, match="1,048,576"):
        patched(path, lambda package: Fill(filled(package, AssessedItem, 0).table, {}, 1_048_576))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<c r="B2"', "<c"),
        ('<row r="2"', "<row"),
        ('<row r="3"', '<row r="2"'),
        ("<sheetData>", "<sheetData><!-- x -->"),
        ('encoding="UTF-8"', 'encoding="UTF-16"'),
        ("<sheetData>", "<sheets>"),
    ],
)
def test_a_sheet_in_an_unusual_form_is_left_alone(path: Path, old: str, new: str) -> None:
    edited(path, "xl/worksheets/sheet2.xml", old, new)
    with pytest.raises(WorkbookError, match="cannot be changed safely"):
        patched(path, ledger(1))


def test_a_sheet_that_was_damaged_on_the_disk_is_refused(path: Path) -> None:
    package = Package(path.read_bytes())
    entry = package.zip.getinfo("xl/worksheets/sheet2.xml")
    entry.CRC ^= 1
    with pytest.raises(WorkbookError, match="damaged"):
        patch(package, io.BytesIO(), [filled(package, AssessedItem, 1)], {})


# ---------------------------------------------------------------------------------------------------------------- any text, any shape

awkward = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=10) | st.sampled_from(
    ["=1+1", "'x", "_x0041_", "_x0041_x0042_", "_x005F_", "007", "a\r\nb", "]]>", " a ", "\t", "<a&b>", "+1", "-1", "@x", "😀", "TRUE", "#N/A"]
)


@settings(max_examples=40)
@given(st.lists(awkward | st.none(), min_size=1, max_size=12))
def test_any_text_is_read_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, values: list[str | None]) -> None:
    path = make(tmp_path_factory.mktemp("any") / "any.xlsx", [Spot(Currency, "Config", [{"currency": "USD"}])])
    cells = {"currency": text(*values), "rate": numbers(*range(len(values)))}
    made = patched(path, lambda package: filled(package, Currency, len(values), spot=Spot(Currency, "Config"), **cells))
    read = fastexcel.read_excel(made).load_sheet("Config", dtypes="string").to_arrow()

    assert values == read.column("currency").to_pylist()
    assert {None, "s", "n"} >= {cell.data_type if cell.value is not None else None for cell in openpyxl.load_workbook(made)["Config"]["A"]}
    assert [] == new_faults(path, made)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=5))
def test_any_growing_and_shrinking_leaves_what_is_around(tmp_path_factory: pytest.TempPathFactory, sizes: list[tuple[int, int]]) -> None:
    path = make(tmp_path_factory.mktemp("sizes") / "sizes.xlsx")
    for left, right in sizes:
        names, codes = [f"s{n}" for n in range(left)], [f"C{n}" for n in range(right)]
        made = patched(
            path,
            lambda package, names=names: filled(package, Setting, len(names), setting=text(*names)),
            lambda package, codes=codes: filled(package, Currency, len(codes), currency=text(*codes)),
        )
        sheet = openpyxl.load_workbook(made)["Config"]

        assert names == [sheet.cell(row, 1).value for row in range(5, 5 + left)]
        assert codes == [sheet.cell(row, 7).value for row in range(5, 5 + right)]
        assert all(sheet.cell(row, col).value is None for col, size in ((1, left), (7, right)) for row in range(5 + size, 20))
        assert [] == new_faults(path, made)
        made.replace(path)


@pytest.mark.parametrize(("name", "place"), [("A", 1), ("Z", 26), ("AB", 28), ("XFD", 16384)])
def test_columns_have_letters(name: str, place: int) -> None:
    assert (name, place) == (letters(place), number(name))


@pytest.mark.parametrize(("reference", "corners"), [("B2:D9", (2, 2, 9, 4)), ("$B$2", (2, 2, 2, 2)), ("A:C", (1, 1, 0, 3)), ("3:4", (3, 1, 4, 0))])
def test_references_have_corners(reference: str, corners: tuple[int, ...]) -> None:
    assert corners == area(reference)
