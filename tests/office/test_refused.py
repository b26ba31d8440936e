"""What Excel or a person has put in the way ends in one sentence, with the workbook as it was and Excel as it was found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rules.errors import WorkbookError
from rules.model import AssessedItem, HistoryEntry
from tests.addin.office import Office
from tests.office.desk import Desk, differences, frames
from workbook.tables import table

pytestmark = pytest.mark.office

FIRST = "2026-03-02"
FAULT = "This is a fault of the program, not of your workbook; the details are in "


@pytest.fixture
def office(ready: Office, tmp_path: Path) -> Office:
    """An office with three letters set to send, and a ledger of which one line more is still to import."""
    office = ready.moved(tmp_path / "office")
    office.export(*(office.folder / "ledger.csv").read_text().splitlines()[1:], "00020;New;;;;FR;fr;N1;Invoice;2026-01-02;2026-02-01;EUR;5.00;5.00;")
    return office


def sheet_of(desk: Desk, model: type) -> object:
    return desk.book.sheets[desk.live()._where(model).table.sheet].impl.uno


def protect(desk: Desk) -> None:
    sheet_of(desk, AssessedItem).protect("")


def edit(desk: Desk) -> None:
    desk.app.editing = True


def write_below(desk: Desk) -> None:
    sheet = sheet_of(desk, AssessedItem)
    sheet.getCellByPosition(3, 7).setString("my sum")


def show_an_error(desk: Desk) -> None:
    desk.cell(AssessedItem, 1, "open_minor").setFormula("=NA()")


def break_off(desk: Desk) -> None:
    desk.app.breaks = ["tblFindings", "tblLedger"]


WRONG: list[tuple[Callable[[Desk], None], str]] = [
    (protect, "The sheet Ledger is protected. Unprotect it (Review > Unprotect Sheet) and click again. Nothing was changed."),
    (edit, "Excel is busy: a cell of Dunning.xlsx is being edited, or a dialog is open. Finish that (Enter or Esc) and click again."),
    (write_below, "Ledger!A8: a cell with content stands below table tblLedger, which has to grow to row 8."),
    (show_an_error, "Dunning.xlsx: cells show an error instead of a value: Ledger!"),
    (break_off, FAULT),
]


@pytest.mark.parametrize(("wrong", "said"), WRONG, ids=[w.__name__ for w, _ in WRONG])
def test_what_is_in_the_way_is_said_and_nothing_changes(desk: Desk, wrong: Callable[[Desk], None], said: str) -> None:
    before = frames(desk.office)
    wrong(desk)
    words = desk.click("import", export=desk.office.folder / "ledger.csv", as_of=FIRST)
    desk.app.editing = False
    if wrong is show_an_error:
        desk.type(AssessedItem, 1, "open_minor", 250.5)

    assert words.startswith(said)
    assert "Traceback" not in words
    assert [] == differences(before, frames(desk.saved()))
    assert (True, "automatic", False) == (desk.app.screen_updating, desk.app.calculation, desk.app.status_bar)
    assert [] == desk.names()


def test_the_traceback_of_a_fault_is_in_the_log(desk: Desk, tmp_path: Path) -> None:
    break_off(desk)
    desk.click("import", export=desk.office.folder / "ledger.csv", as_of=FIRST)

    assert "ComError" in (tmp_path / ".dunning" / "dunning.log").read_text(encoding="utf-8")


@pytest.mark.parametrize(("language", "words"), [("fr", "Rien n'a été changé."), ("de", "Es wurde nichts geändert.")])
def test_what_excel_refuses_is_said_in_the_language_of_the_workbook(desk: Desk, language: str, words: str) -> None:
    live = desk.live()
    live.language = language  # type: ignore[assignment]
    desk.app.editing = True
    with pytest.raises(WorkbookError, match=words):
        live.check_writable()
    desk.app.editing = False


def test_a_deleted_sheet_is_named(desk: Desk) -> None:
    desk.book.sheets["Findings"].impl.book.doc.Sheets.removeByName("Findings")
    desk.book.impl.known.clear()

    assert desk.click("import", export=desk.office.folder / "ledger.csv", as_of=FIRST).startswith(
        "Dunning.xlsx: the column «Severity» of the table tblFindings is missing; it, or its sheet, was deleted."
    )


def test_a_workbook_of_other_people_is_left_alone(desk: Desk) -> None:
    desk.book.app.books.add().set_mock_caller()

    assert desk.again("assess").startswith("Book1 is not a dunning workbook.")


def test_a_read_only_workbook_gets_no_history_and_no_letters(desk: Desk) -> None:
    desk.book.close()
    desk.open(read_only=True)
    before = desk.office.files()
    words = desk.click("issue", "yes")

    assert words.startswith("Dunning.xlsx is read-only. Save it under another name or in a folder of your own. Nothing was changed.")
    assert {n: c for n, c in before.items() if "~lock" not in n} == {n: c for n, c in desk.office.files().items() if "~lock" not in n}


def test_no_leaves_everything_as_it_was_and_yes_issues(desk: Desk) -> None:
    silence = desk.click("issue", "no")

    assert "Go on?" in silence
    assert "€" in silence
    assert not (desk.office.folder / "letters").exists()
    assert "3 letters of the run" in desk.click("issue", "yes")


def test_an_issue_that_was_cut_off_in_the_workbook_is_finished_without_another_question(desk: Desk) -> None:
    desk.app.breaks = [table(HistoryEntry).excel_name]
    cut = desk.click("issue", "yes")
    lines = len(desk.live().read(HistoryEntry))
    finished = desk.click("issue")

    assert cut.startswith(FAULT)
    assert 0 == lines
    assert "was not yet in this workbook and is now (0 letters had been missing)" in finished
    assert 5 == len(frames(desk.office)["HistoryEntry"])  # what enters the history is on the disk at once
