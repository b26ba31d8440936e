"""Companies with exports of their own: what an export does not speak of stays, and each company's ledger is of the day of its own export."""

from datetime import date

import pandas as pd
import pytest

from addin import importing, paying, recording
from addin.report import Report
from addin.sheets import payments_until
from rules.errors import LedgerError
from rules.model import AssessedItem, FindingRow, LedgerChange
from tests.addin.office import Office
from workbook.ledgers import Answers, Unclear

HEAD = "Company;Payer;Name;Document;Document date;Due date;Currency;Open"
NAMELESS = HEAD.removeprefix("Company;")
OURS = ("FR1;1001;Hall Ltd;F1;2026-01-10;2026-02-09;EUR;100.00", "FR1;1002;Meyer AG;F2;2026-01-10;2026-02-09;EUR;80.00")
THEIRS = ("DE1;1001;Hall Ltd;F1;2026-01-12;2026-02-11;EUR;40.00", "DE1;1003;Zed Oy;F3;2026-01-12;2026-02-11;EUR;30.00")
MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)


def import_(office: Office, *lines: str, as_of: date, head: str = HEAD, name: str = "ledger.csv", scope: str = "", **wishes: object) -> Report:
    answers = Answers(scope=scope, company=str(wishes.pop("company", "")))
    return importing.import_ledger(office.book(), office.export(*lines, head=head, name=name), as_of, answers=answers, **wishes)


def ledger(office: Office) -> list[tuple[str, str, int]]:
    found = office.book().read(AssessedItem)
    return sorted(zip(found["company"].astype(str), found["document"], found["open_minor"], strict=True))


def test_an_export_of_one_company_asks_what_becomes_of_the_others(office: Office) -> None:
    import_(office, *OURS, *THEIRS, as_of=MONDAY)
    with pytest.raises(Unclear, match=r"lines of DE1 only, and the ledger has 2 lines of FR1.*so that they were paid") as question:
        import_(office, *THEIRS, as_of=TUESDAY)

    assert ("scope", ["own", "whole"]) == (question.value.asked, [choice.value for choice in question.value.choices])


def test_lines_of_other_companies_stay_and_the_answer_is_remembered(office: Office) -> None:
    import_(office, *OURS, *THEIRS, as_of=MONDAY)
    import_(office, *THEIRS, as_of=TUESDAY, scope="own")
    report = import_(office, THEIRS[0], as_of=WEDNESDAY, confirmed=True)

    assert [("DE1", "F1", 4000), ("FR1", "F1", 10000), ("FR1", "F2", 8000)] == ledger(office)
    assert {"paid": 1, "unchanged": 1} == {change: count for change, count in report.facts["changes"].items() if count}
    assert 2 == report.facts["elsewhere"]
    assert ["other_companies"] == [f.code for f in report.findings if f.code == "other_companies"]


def test_an_export_of_the_whole_ledger_pays_the_companies_it_lacks(office: Office) -> None:
    import_(office, *OURS, *THEIRS, as_of=MONDAY)
    import_(office, *THEIRS, as_of=TUESDAY, scope="whole")

    assert [("DE1", "F1", 4000), ("DE1", "F3", 3000)] == ledger(office)


def test_what_people_typed_on_lines_of_other_companies_stays(office: Office) -> None:
    import_(office, *OURS, *THEIRS, as_of=MONDAY)
    book = office.book()
    lines = book.read(AssessedItem)
    book.replace(AssessedItem, lines.assign(note=(lines["company"].astype(str) + " " + lines["document"])))
    book.save()
    import_(office, *THEIRS, as_of=TUESDAY, scope="own")
    import_(office, *OURS, as_of=TUESDAY)

    assert {"FR1 F1", "FR1 F2", "DE1 F1", "DE1 F3"} == set(office.book().read(AssessedItem)["note"])


def test_one_file_per_company_asks_of_which_company_a_file_without_one_is(office: Office) -> None:
    """Two companies on one system: their files look the same, so that nothing in them tells one from the other."""
    ours, theirs = ([line.partition(";")[2] for line in lines] for lines in (OURS, THEIRS))
    import_(office, *ours, as_of=MONDAY, head=NAMELESS, company="FR1")
    import_(office, *theirs, as_of=MONDAY, head=NAMELESS, company="DE1", scope="own")
    with pytest.raises(Unclear, match=r"were of several: FR1, DE1\. Say it") as question:
        import_(office, *ours, as_of=TUESDAY, head=NAMELESS)

    assert ["FR1", "DE1"] == [choice.value for choice in question.value.choices]
    import_(office, *ours, as_of=TUESDAY, head=NAMELESS, company="FR1")
    assert 4 == len(ledger(office))


def test_an_export_without_company_is_not_taken_for_a_company_of_its_own(office: Office) -> None:
    import_(office, *OURS, as_of=MONDAY)
    with pytest.raises(Unclear, match="does not say of which company it is, and the ledger has lines of companies: FR1"):
        import_(office, *(line.partition(";")[2] for line in OURS), as_of=TUESDAY, head=NAMELESS, name="other.csv")


def test_each_company_may_be_of_its_own_day(office: Office) -> None:
    """The German export is newer; the French one of the day before is not old, and what was paid counts by the company's own day."""
    import_(office, *OURS, *THEIRS, as_of=MONDAY)
    import_(office, *THEIRS, as_of=WEDNESDAY, scope="own")
    until = payments_until(office.book())
    import_(office, *OURS, as_of=TUESDAY)

    assert (MONDAY, TUESDAY) == (until, payments_until(office.book()))
    with pytest.raises(LedgerError, match="is of 2026-03-02, but the ledger in the workbook is of 2026-03-03"):
        import_(office, *OURS, as_of=MONDAY)


def test_a_payment_counts_when_the_export_of_its_company_cannot_have_it(office: Office) -> None:
    import_(office, *OURS, *THEIRS, as_of=MONDAY)
    import_(office, *THEIRS, as_of=WEDNESDAY, scope="own")
    office.folder.joinpath("paid.csv").write_text(
        "company,payer,document,date,amount,currency\nFR1,1001,F1,2026-03-03,60.00,EUR\nDE1,1001,F1,2026-03-03,15.00,EUR\n", encoding="utf-8"
    )
    recording.record(office.book(), office.folder / "paid.csv", WEDNESDAY, table="payments")

    assert [("DE1", "F1", 4000), ("DE1", "F3", 3000), ("FR1", "F1", 4000), ("FR1", "F2", 8000)] == ledger(office)


def test_a_bank_receipt_counts_when_the_export_of_its_company_cannot_have_it(office: Office) -> None:
    import_(office, OURS[1], *THEIRS, as_of=MONDAY)
    import_(office, *THEIRS, as_of=WEDNESDAY, scope="own")
    path = office.folder / "bank.csv"
    path.write_text("Date;Amount;Currency;Name;Text\n2026-03-03;80.00;EUR;Meyer AG;F2\n2026-03-03;30.00;EUR;Zed Oy;F3\n", encoding="utf-8")
    receipts = paying.take_payments(office.book(), [path], WEDNESDAY).tables["receipts"]

    assert {"F2": "applied", "F3": "dismissed"} == dict(zip(receipts["document"], receipts["state"].astype(str), strict=True))
    assert [("DE1", "F1", 4000), ("DE1", "F3", 3000), ("FR1", "F2", 0)] == ledger(office)


def test_a_scope_nobody_knows_is_refused(office: Office) -> None:
    import_(office, *OURS, *THEIRS, as_of=MONDAY)
    with pytest.raises(LedgerError, match=r"The scope 'mine' is unknown. Expected: own"):
        import_(office, *THEIRS, as_of=TUESDAY, scope="mine")


def test_a_ledger_of_one_export_keeps_no_days_of_companies(office: Office) -> None:
    import_(office, *OURS, *THEIRS, as_of=MONDAY)
    import_(office, *OURS, *THEIRS, as_of=TUESDAY)

    assert TUESDAY == payments_until(office.book())
    assert pd.Series(office.book().read(AssessedItem)["company"].astype(str)).nunique() == 2


def test_what_was_told_of_another_companys_export_stays_until_its_next(office: Office) -> None:
    """Findings and changes: who imports two exports on a morning finds those of both; the same file again leaves them."""
    spoilt = THEIRS[1].replace("30.00", "thirty")
    import_(office, *OURS, as_of=MONDAY, name="fr.csv")
    import_(office, *THEIRS, as_of=MONDAY, name="de.csv", scope="own")
    import_(office, OURS[0], as_of=TUESDAY, name="fr.csv", scope="own")
    import_(office, THEIRS[0].replace("40.00", "15.00"), spoilt, as_of=TUESDAY, name="de.csv")

    def told() -> tuple[list[str], list[tuple[str, str]]]:
        book = office.book()
        findings, changes = book.read(FindingRow), book.read(LedgerChange)
        return sorted(set(findings["code"])), list(zip(changes["change"].astype(str), changes["document"], strict=True))

    both = [("paid", "F2"), ("part_paid", "F1"), ("unread", "F3")]
    assert (["export_row_amount", "kept_unread", "other_companies"], both) == told()
    import_(office, OURS[0], as_of=TUESDAY, name="fr.csv")
    assert ("export_row_amount" in told()[0], sorted(both)) == (True, sorted(told()[1]))
    import_(office, *OURS, as_of=MONDAY, name="fr.csv", older=True)
    assert ("export_row_amount" in told()[0], sorted(both[1:])) == (True, sorted(told()[1]))
    import_(office, *THEIRS, as_of=WEDNESDAY, name="de.csv")
    assert (["other_companies"], [("increased", "F1")]) == told()
