"""What the command line does with an option can be reached from the ribbon: it asks, and the same command runs again with the answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rules.model import AssessedItem, HistoryEntry, Payer, Profile, Proposal
from tests.addin.office import LINES
from tests.office.desk import Desk

pytestmark = pytest.mark.office

DAY, LATER = "2026-03-02", "2026-03-04"


@pytest.fixture
def imported(desk: Desk) -> Desk:
    desk.click("import", export=desk.office.export(), as_of=DAY)
    return desk


def test_an_older_export_is_taken_after_a_yes_and_after_a_no_nothing_is_changed(imported: Desk) -> None:
    older = {"export": imported.office.folder / "ledger.csv", "as_of": "2026-03-01"}
    asked = imported.click("import", "no", **older)
    kept = list(imported.live().read(AssessedItem)["document"])

    assert "but the ledger in the workbook is of 2026-03-02" in asked
    assert "--" not in asked
    assert "The export is of a day before the ledger's" in imported.click("import", "yes", **older)
    assert kept == list(imported.live().read(AssessedItem)["document"])
    assert [] == imported.names()


def test_open_proposals_are_replaced_after_a_yes(imported: Desk) -> None:
    imported.click("propose", as_of=DAY)
    asked = imported.click("propose", "yes", as_of=LATER)
    proposals = imported.live().read(Proposal)

    assert asked.startswith("3 letters proposed as of 2026-03-04")
    assert {LATER} == {str(day.date()) for day in proposals["as_of"]}
    assert "Take back the proposals that are still open" in imported.app.alerts[-2][0]


def test_strangers_of_an_address_file_are_added_after_a_yes(imported: Desk) -> None:
    file = imported.office.folder / "addresses.csv"
    file.write_text("payer;name;email\n77777;Newcomer;n@example.org\n", encoding="utf-8")
    imported.click("payers", "yes", file=file, as_of=DAY)

    assert "77777" in set(imported.live().read(Payer)["payer"])


def test_a_list_without_a_payers_column_is_read_by_the_one_that_was_chosen(imported: Desk) -> None:
    file = imported.office.folder / "addresses.csv"
    file.write_text("who;town;email\n00017;Lille;a@example.org\n", encoding="utf-8")
    imported.click("payers", file=file, as_of=DAY)

    assert "1: who\n2: town\n3: email" in imported.question()
    assert "of the sheet Payers filled" in imported.answer("payers", "1")
    assert [] == imported.names()


def test_statements_are_written_for_everybody_or_for_one_payer(imported: Desk) -> None:
    imported.click("statements", as_of=DAY)

    assert "none is due" in imported.question()
    assert "2: Write those of one payer?" in imported.question()
    imported.answer("statements", "2")
    assert "Account number of the payer" == imported.question()
    assert imported.answer("statements", "00017").startswith("1 statement of account")
    imported.click("statements", as_of=DAY)
    assert imported.answer("statements", "1").startswith("4 statements of account")


def test_the_reminder_before_one_that_was_taken_back_is_taken_back_after_a_yes(imported: Desk) -> None:
    for day in (DAY, "2026-03-20"):
        imported.click("propose", as_of=day)
        imported.click("review")
        imported.click("issue", "yes")
    undone = {"payer": "00017", "reason": "wrong", "as_of": "2026-03-21"}
    imported.click("undo", **undone)
    counted = len(imported.live().read(HistoryEntry))
    imported.click("undo", "no", **undone)

    assert counted == len(imported.live().read(HistoryEntry))
    assert "is taken back" in imported.click("undo", "yes", **undone)
    assert "Take back the reminder before it as well?" in imported.app.alerts[-2][0]
    assert counted < len(imported.live().read(HistoryEntry))


def test_the_line_of_a_document_that_two_payers_have_is_chosen(desk: Desk) -> None:
    twin = LINES[0].replace("00017;", "00099;", 1)
    desk.click("import", export=desk.office.export(*LINES, twin), as_of=DAY)
    desk.click("explain", document="F1", as_of=DAY)

    assert "1: 00017\n2: 00099" in desk.question()
    assert desk.answer("explain", "2").startswith("F1 of 00099")


def says(desk: Desk, *choices: str) -> str:
    """Answers to the questions of Import with, one after the other; what was said last."""
    desk.click("import with", export=desk.office.folder / "ledger.csv", as_of=DAY)
    return [desk.answer("import with", choice) for choice in choices][-1]


@pytest.mark.parametrize(
    ("choices", "holds"),
    [
        (("2", "EUR 2389.99", "1"), lambda said, desk: "difference 0.01" in said),
        (("2", "EUR 2390.00 GBP 155,00", "1"), lambda said, desk: said.startswith("6 open items")),
        (("4", "FR01", "1"), lambda said, desk: {"FR01"} == set(desk.live().read(AssessedItem)["company"])),
        (("5", "monthly list", "1"), lambda said, desk: "monthly list" in set(desk.live().read(Profile)["source"])),
    ],
    ids=["a control total that differs", "one that agrees", "the company", "a name of the source"],
)
def test_what_an_export_does_not_say_is_said_before_it_is_imported(
    desk: Desk, choices: tuple[str, ...], holds: Callable[[str, Desk], bool]
) -> None:  # fmt: skip
    desk.office.export()

    assert holds(says(desk, *choices), desk)
    assert [] == desk.names()


def test_a_day_to_come_is_asked_about_before_anything_is_written(desk: Desk) -> None:
    asked = desk.click("import", "no", export=desk.office.export(), as_of="2999-03-02")

    assert asked.startswith("The as-of date 2999-03-02 is still to come")
    assert desk.live().read(AssessedItem).empty
