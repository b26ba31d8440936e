"""Rows that repeat an earlier one cell by cell: asked about once, kept or left out, and remembered for the source."""

from datetime import date

import pytest

from addin import importing
from addin.report import Report
from rules.model import AssessedItem, Payment
from tests.addin.office import Office
from workbook.ledgers import Answers, Unclear

HEAD = "Payer;Name;Document;Document date;Due date;Currency;Open"
HALL = "1001;Hall Ltd;F1;2026-01-10;2026-02-09;EUR;100.00"
MEYER = "1002;Meyer AG;F2;2026-01-10;2026-02-09;EUR;80.00"
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def import_(office: Office, *lines: str, as_of: date = MONDAY, repeats: str = "") -> Report:
    return importing.import_ledger(office.book(), office.export(*lines, head=HEAD), as_of, answers=Answers(repeats=repeats))


def ledger(office: Office) -> list[tuple[str, str, int]]:
    found = office.book().read(AssessedItem)
    return sorted(zip(found["document"], found["instalment"], found["open_minor"], strict=True))


@pytest.mark.parametrize(
    ("lines", "says"), [((HALL, HALL), "has row 3, which repeats an"), ((HALL, HALL, HALL), r"has 2 rows \(3, 4\) that repeat an")]
)
def test_repeated_rows_are_asked_about_and_nothing_is_imported(office: Office, lines: tuple[str, ...], says: str) -> None:
    with pytest.raises(Unclear, match=says) as question:
        import_(office, *lines, MEYER)

    assert ("repeats", ["keep", "leave"]) == (question.value.asked, [choice.value for choice in question.value.choices])
    assert [] == ledger(office)


@pytest.mark.parametrize(
    ("said", "expected"),
    [("keep", [("F1", "", 10000), ("F1", "2", 10000), ("F2", "", 8000)]), ("leave", [("F1", "", 10000), ("F2", "", 8000)])],
)
def test_the_answer_is_remembered_for_the_source(office: Office, said: str, expected: list[tuple[str, str, int]]) -> None:
    import_(office, HALL, HALL, MEYER, repeats=said)
    import_(office, HALL, HALL, MEYER, as_of=TUESDAY)

    assert expected == ledger(office)


def test_a_kept_line_that_is_gone_was_paid(office: Office) -> None:
    import_(office, HALL, HALL, MEYER, repeats="keep")
    import_(office, HALL, MEYER, as_of=TUESDAY)

    assert [("F1", "", 10000), ("F2", "", 8000)] == ledger(office)
    assert [10000] == list(office.book().read(Payment)["amount_minor"])


def test_where_the_printed_total_leaves_them_out_nothing_is_asked(office: Office) -> None:
    import_(office, HALL, HALL, "Total;;;;;EUR;100.00")

    assert [("F1", "", 10000)] == ledger(office)
