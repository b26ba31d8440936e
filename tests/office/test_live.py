"""The open workbook: texts stay texts, people's columns follow their rows, formulas compute, and each table is read and written once."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import xlwings as xw

from addin import importing
from rules.model import AssessedItem, Payer
from tests.addin.office import FIRST, LINES, Office
from tests.office.desk import Desk, differences, frames
from tests.office.test_day import HOSTILE
from workbook.file import FileBook

pytestmark = pytest.mark.office

DAY = FIRST.isoformat()


@pytest.mark.parametrize("literal", [False, True], ids=["an apostrophe goes", "an apostrophe stays in a cell of texts"])
def test_every_text_survives_whatever_excel_does_with_an_apostrophe(desk: Desk, literal: bool) -> None:
    desk.app.literal = literal
    desk.click("import", export=desk.office.export(*LINES, *HOSTILE), as_of=DAY)
    payers = desk.live().read(Payer).set_index("payer")

    assert ["'t Hooft BV", "-5 % & more"] == payers.loc[["00123", "00124"], "name"].tolist()
    assert ["=1+1", "1e5"] == payers.loc[["00123", "00124"], "address"].tolist()
    assert ["TRUE", "#N/A"] == payers.loc[["00123", "00124"], "city"].tolist()
    assert [] == desk.app.hazards


def test_formulas_on_home_compute_what_was_imported(desk: Desk) -> None:
    desk.click("import", export=desk.office.export(), as_of=DAY)
    home = desk.live()._place("dunning.home.open_lines")
    assert home is not None

    assert len(LINES) == desk.book.sheets[home.sheet].range((home.row, home.column)).value


def test_each_table_is_read_once_and_written_once(desk: Desk) -> None:
    export = desk.office.export()
    desk.app.calls.clear()
    desk.click("import", export=export, as_of=DAY)
    ledger = [call for call in desk.app.calls if "Ledger!" in call and ":" in call]

    assert ["read", "write"] == [call.split()[0] for call in ledger if not call.startswith("format")]


def test_what_functions_of_the_sheets_show_is_computed_anew_once_a_command_changed_something(desk: Desk) -> None:
    export = desk.office.export()
    counted = []
    for verb, asked in (("import", {"export": export, "as_of": DAY}), ("history", {"payer": "00017"})):
        desk.app.calls.clear()
        desk.click(verb, **asked)
        counted.append(desk.app.calls.count("CalculateFull"))

    assert [1, 0] == counted


def test_most_of_the_ledger_gone_is_asked_about_and_a_yes_imports_it(desk: Desk) -> None:
    """The refusal has a way on; inside Excel it is a question, not an option to type."""
    desk.click("import", export=desk.office.export(), as_of=DAY)
    fewer = desk.office.export("00009;New;;;;FR;fr;N1;Invoice;2026-01-02;2026-02-01;EUR;5.00;5.00;")
    refused = desk.click("import", "no", export=fewer, as_of=DAY)
    standing = len(desk.live().read(AssessedItem))
    taken = desk.click("import", "yes", export=fewer, as_of=DAY)
    question = desk.app.alerts[-2][0]

    assert (len(LINES), 1) == (standing, len(desk.live().read(AssessedItem)))
    assert "it can be taken all the same" in refused
    assert taken.startswith("1 open item")
    assert question.endswith("Import it all the same? What is missing counts as paid.")
    assert "--" not in question


def test_an_answer_of_tables_can_be_added_up_and_sorted(desk: Desk) -> None:
    """Amounts are numbers, days dates, account numbers texts that keep their zeros; headings are those of the sheets."""
    desk.click("import", export=desk.office.export(), as_of="2026-03-20")
    desk.click("calls", as_of="2026-03-20")
    shown = next(b for b in desk.app.opened if b.name != desk.office.path.name)
    heads, first, *_ = xw.Book(impl=shown).sheets[0].used_range.value

    assert {"Payer", "Company"} < set(heads)
    assert ("00017", [1450.5]) == (first[heads.index("Payer")], [v for v in first if isinstance(v, float) and v > 1000])
    assert [] == desk.app.hazards


def test_a_filter_of_the_user_is_lifted_before_rows_are_written(desk: Desk) -> None:
    desk.app.filtered = {"tblLedger", "tblPayers"}
    desk.click("import", export=desk.office.export(), as_of=DAY)

    assert set() == desk.app.filtered


def own_columns(office: Office) -> dict[str, tuple[object, ...]]:
    """The cells of the columns Remark, Level again and Rough, by document."""
    sheet = openpyxl.load_workbook(office.path)["Ledger"]
    heads = [cell.value for cell in sheet[1]]
    at = [heads.index(name) for name in ("Document", "Remark", "Again", "Rough")]
    rows = ([row[n].value for n in at] for row in sheet.iter_rows(min_row=2) if row[at[0]].value)
    return {row[0]: tuple(row[1:]) for row in rows}


def test_columns_of_a_person_follow_their_rows_as_in_a_closed_file(desk: Desk) -> None:
    desk.click("import", export=desk.office.export(), as_of=DAY)
    bound = desk.live()._where(AssessedItem)
    sheet, amount = desk.book.sheets["Ledger"].impl.uno, bound.columns["open_minor"]
    for at, head in enumerate(("Remark", "Again", "Rough")):
        sheet.Columns.insertByIndex(amount + at, 1)
        sheet.Columns.getByIndex(amount + at).NumberFormat = 0
        sheet.getCellByPosition(amount + at, 0).setString(head)
    desk.book.impl.known.clear()
    letter = sheet.Columns.getByIndex(amount - 1).Name
    for row in range(2, len(LINES) + 2):
        sheet.getCellByPosition(amount, row - 1).setString(f"{'00' if row % 2 else '='}{row}")
        sheet.getCellByPosition(amount + 1, row - 1).setFormula(f"={letter}{row}*2")
        sheet.getCellByPosition(amount + 2, row - 1).setFormula(f"={letter}{row}*{row}")
    closed = desk.saved()
    before = own_columns(closed)
    fewer = desk.office.export(LINES[5], LINES[0], LINES[3], "00009;New;;;;FR;fr;N1;Invoice;2026-01-02;2026-02-01;EUR;5.00;5.00;", LINES[4])

    said = desk.click("import", export=fewer, as_of=DAY)
    importing.import_ledger(FileBook.open(closed.path), fewer, FIRST)
    live = desk.saved()

    assert said.startswith("5 open items")
    assert [] == differences(frames(closed), frames(live))
    assert before["F5"][0] == own_columns(live)["F5"][0]
    assert [own_columns(closed)[d] for d in ("F1", "F3", "F4", "F5")] == [own_columns(live)[d] for d in ("F1", "F3", "F4", "F5")]
    assert (None, None) == own_columns(live)["N1"][::2]
    assert [] == desk.app.hazards


def test_a_question_is_left_in_names_and_its_answer_goes_on(desk: Desk) -> None:
    export = desk.office.export(
        "00017;Ann;;;;FR;fr;F1;Invoice;02/01/2026;03/02/2026;EUR;10.00;10.00;", "00017;Ann;;;;FR;fr;F2;Invoice;03/01/2026;04/02/2026;EUR;5;5;"
    )
    silent = desk.click("import", export=export, as_of=DAY)
    asked = {name.name: name.refers_to for name in desk.book.names if name.name.startswith("dunning.question.")}
    question = asked["dunning.question.asked"].strip('="')
    said = desk.click("import", **{f"answer__{question}": "dmy"})

    assert "" == silent
    assert "date_order" == question
    assert "dmy" in [value.strip('="') for name, value in asked.items() if ".choice." in name]
    assert said.startswith("2 open items of 1 payer read.")
    assert [] == desk.names()


def test_a_new_workbook_is_made_and_opened(desk: Desk, tmp_path: Path) -> None:
    said = desk.click("new", book=tmp_path / "Another", language="en")

    assert said.startswith("Another.xlsx is ready")
    assert "Another.xlsx" in [book.name for book in desk.app.opened]
