"""Bank statements reach the ledger: exact receipts at once, the others when a person says so, each once whatever happens between."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from addin import paying, recording, sheets, verifying
from addin.cli import app
from addin.report import Report
from rules import model
from rules.errors import LedgerError
from rules.row import LANGUAGES, Language, typed
from tests.addin.office import FIRST, Office
from tests.addin.test_crash import Killed, deadly
from workbook.file import FileBook

SAMPLES = Path(__file__).parents[1] / "workbook" / "bank" / "samples"
DAY = date(2026, 3, 9)
LINES = (
    "00017;Lefèvre & Fils;3 rue A;75011;Paris;FR;fr;FA-2026-0101;Invoice;2026-01-02;2026-02-01;EUR;1200.00;1200.00;",
    "00017;Lefèvre & Fils;3 rue A;75011;Paris;FR;fr;FA-2026-0102;Invoice;2026-01-20;2026-02-20;EUR;300.00;250.50;",
    "00017;Lefèvre & Fils;3 rue A;75011;Paris;FR;fr;AV-2026-0103;Credit;2026-02-10;2026-02-10;EUR;-50.50;-50.50;",
    "00018;Müller GmbH;Weg 1;80331;München;DE;de;FA-2026-0201;Invoice;2026-01-05;2026-02-04;EUR;990.00;990.00;",
    "00019;Hall Ltd;1 High St;BS1;Bristol;GB;en;FA-2026-0301;Invoice;2026-02-25;2026-03-27;GBP;75.00;75.00;",
)
CSV = "date,amount,currency,name,text\n"


@pytest.fixture(scope="module")
def imported(empty: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = empty.moved(tmp_path_factory.mktemp("imported") / "office")
    office.import_(*LINES)
    return office


@pytest.fixture
def office(imported: Office, tmp_path: Path) -> Office:
    return imported.moved(tmp_path / "office")


def take(office: Office, *names: str, as_of: date = DAY, **how: Any) -> Report:
    return paying.take_payments(FileBook.open(office.path, dry_run=how.pop("dry_run", False)), [SAMPLES / n for n in names], as_of, **how)


def bank(office: Office, *lines: str, as_of: date = DAY, **how: Any) -> Report:
    path = office.folder / "bank.csv"
    path.write_text(CSV + "\n".join(lines) + "\n", encoding="utf-8")
    return paying.take_payments(office.book(), [path], as_of, **how)


def left(office: Office) -> dict[str, int]:
    ledger = office.book().read(model.AssessedItem)
    return dict(zip(ledger["document"], ledger["open_minor"], strict=True))


def payments(office: Office) -> list[tuple[str, int, str]]:
    frame = office.book().read(model.Payment)
    return [(r.document, r.amount_minor, str(r.date.date())) for r in frame.itertuples()]


def states(office: Office) -> list[str]:
    return list(office.book().read(model.Receipt)["state"])


def decide(office: Office, at: int, **cells: Any) -> None:
    """What a person types on a row of the sheet."""
    book = office.book()
    sheet = book.read(model.Receipt).astype({"state": "str", "match": "str"})
    for name, value in cells.items():
        sheet.loc[at, name] = value
    book.replace(model.Receipt, typed(sheet, model.Receipt))
    book.save()


def test_exact_receipts_are_applied_and_the_others_wait(office: Office) -> None:
    report = take(office, "v2_batch.xml")

    assert {"receipts": 3, "applied": 2, "proposed": 0, "not_found": 1, "in_export": 0, "known": 0, "money_out": 1, "not_booked": 1} == {
        name: report.facts[name] for name in ("receipts", "applied", "proposed", "not_found", "in_export", "known", "money_out", "not_booked")
    }
    assert [("FA-2026-0101", 120000, "2026-03-04"), ("FA-2026-0201", 99000, "2026-03-04")] == payments(office)
    assert (0, 0, 25050) == tuple(left(office)[d] for d in ("FA-2026-0101", "FA-2026-0201", "FA-2026-0102"))
    assert ["applied", "open", "applied"] == states(office)
    assert not verifying.verify(office.book()).failed


@pytest.mark.parametrize("sample", ["v2_batch.xml", "v4_two_statements.xml", "v8_references.xml"])
def test_the_same_statement_twice_changes_nothing(office: Office, sample: str) -> None:
    take(office, sample)
    before = office.files()
    again = take(office, sample)

    assert (False, before) == (again.changed, office.files())
    assert "Nothing changed" in again.sentence


@pytest.mark.parametrize(
    "table",
    ["Date;Debit;Credit;Text\n2026-03-04;;1200.00;FA-2026-0101\n2026-03-05;80.00;;fees\n2026-03-06;990.00;;returned FA-2026-0201\n",
     "Date;Debit;Credit;Text\n2026-03-04;;1200.00;FA-2026-0101\n2026-03-05;-80.00;;fees\n2026-03-06;;-990.00;returned FA-2026-0201\n",
     "Date;Amount;Text\n2026-03-04;1200.00;FA-2026-0101\n2026-03-05;-80.00;fees\n2026-03-06;-990.00;returned FA-2026-0201\n"],
    ids=["in a column of its own", "with a minus in the columns of both", "with a minus"],
)  # fmt: skip
def test_money_out_of_a_table_is_left_out_and_counted(office: Office, table: str) -> None:
    path = office.folder / "bank.csv"
    path.write_text(table, encoding="utf-8")

    assert "1 new receipt - applied 1, money that went out, left out 2." in paying.take_payments(office.book(), [path], DAY).sentence


def test_a_dry_run_writes_nothing(office: Office) -> None:
    before = office.files()
    report = take(office, "v2_batch.xml", dry_run=True)

    assert (2, before) == (report.facts["applied"], office.files())


def test_until_when_payments_are_in_is_kept(office: Office) -> None:
    told = [sheets.payments_until(office.book())]
    take(office, "v2_batch.xml")
    told.append(sheets.payments_until(office.book()))
    take(office, "v4_two_statements.xml", as_of=date(2026, 3, 4))
    told.append(sheets.payments_until(office.book()))
    office.import_(*LINES, as_of=date(2026, 3, 20))
    told.append(sheets.payments_until(office.book()))

    assert [FIRST, date(2026, 3, 4), date(2026, 3, 4), date(2026, 3, 20)] == told


def test_what_a_person_corrects_is_applied_with_apply(office: Office) -> None:
    bank(office, "2026-03-04,89.50,EUR,Jeanne Dubois,merci", "2026-03-04,1000.00,EUR,,FA-2026-0101")
    decide(office, 0, document="FA-2026-0102", state="apply")
    decide(office, 1, state="apply")
    report = paying.take_payments(office.book(), [], DAY, apply=True)

    assert 2 == report.facts["decided"]
    assert [("FA-2026-0102", 8950, "2026-03-04"), ("FA-2026-0101", 100000, "2026-03-04")] == payments(office)
    assert (20000, 16100) == (left(office)["FA-2026-0101"], left(office)["FA-2026-0102"])
    assert [("00017", "applied")] * 2 == list(office.book().read(model.Receipt)[["payer", "state"]].itertuples(index=False, name=None))
    assert not paying.take_payments(office.book(), [], DAY, apply=True).changed


def test_one_receipt_is_divided_by_a_second_row(office: Office) -> None:
    bank(office, "2026-03-04,300.00,EUR,Dubois,merci")
    book = office.book()
    row = book.read(model.Receipt).astype({"state": "str", "match": "str"}).assign(state="apply")
    book.replace(model.Receipt, typed(row.assign(document="FA-2026-0102", amount_minor=25050), model.Receipt))
    book.append(model.Receipt, typed(row.assign(document="FA-2026-0101", amount_minor=4950), model.Receipt))
    book.save()
    paying.take_payments(office.book(), [], DAY, apply=True)

    assert [("FA-2026-0102", 25050), ("FA-2026-0101", 4950)] == [p[:2] for p in payments(office)]


@pytest.mark.parametrize(
    ("cells", "cell", "said"),
    [
        ({"document": "FA-2026-0101", "amount_minor": 200000}, "L2", "2000.00 EUR of this receipt would be applied, but 1300.00 EUR came"),
        ({"document": "FA-2026-0102", "amount_minor": 30000}, "L2", "more than the 250.50 open"),
        ({"document": "FA-2026-9999", "payer": "00017"}, "J2", "there is no document"),
        ({"document": "FA-2026-9999"}, "J2", "the ledger has no document 'FA-2026-9999'. Enter the number of an open document, and its payer."),
        ({"document": "TWIN-1"}, "I2", "the payer is missing, and several have a document 'TWIN-1': 00018, 00019. Enter the account number"),
        ({"document": "FA-2026-0101", "payer": "99"}, "I2", "there is no payer '99'"),
        ({"document": "FA-2026-0301"}, "C2", "the line is in GBP"),
        ({"document": "", "payer": "00017"}, "J2", "no document is named"),
        ({"document": "FA-2026-0101", "amount_minor": -5}, "L2", "amount is -0.05; expected an amount above 0."),
        ({"document": "AV-2026-0103", "amount_minor": 5050}, "L2", "expected an amount below 0, for the document is a credit"),
        ({"document": "AV-2026-0103", "amount_minor": -5050}, "L2", "more of credits would be used than this receipt pays"),
    ],
)
def test_what_cannot_be_applied_is_refused_with_its_cell_and_nothing_is(office: Office, cells: dict[str, Any], cell: str, said: str) -> None:
    twins = (LINES[3].replace("FA-2026-0201", "TWIN-1"), LINES[4].replace("FA-2026-0301", "TWIN-1"))
    office.import_(*LINES, *twins)
    bank(office, "2026-03-04,1300.00,EUR,Dubois,merci")
    decide(office, 0, **cells, state="apply")
    before = office.files()
    with pytest.raises(LedgerError, match=said) as refused:
        paying.take_payments(office.book(), [], DAY, apply=True)

    assert str(refused.value).startswith(f"'Bank receipts'!{cell} (20260304-")
    assert before == office.files()


def test_a_receipt_less_a_credit_settles_both_and_the_next_export_counts_nothing_twice(office: Office) -> None:
    net = "2026-03-04,1149.50,EUR,Lefevre,FA-2026-0101 less AV-2026-0103"
    report = bank(office, net)
    after_receipt = left(office)
    office.import_(*LINES, as_of=date(2026, 3, 5))  # not posted yet
    office.import_(LINES[1], *LINES[3:], as_of=date(2026, 3, 12))  # posted

    assert (1, 0, 0) == (report.facts["applied"], after_receipt["FA-2026-0101"], after_receipt["AV-2026-0103"])
    assert [("FA-2026-0101", 120000, "2026-03-04"), ("AV-2026-0103", -5050, "2026-03-04")] == payments(office)


def test_a_credit_that_a_person_adds_is_used_whole_and_the_document_gets_the_rest(office: Office) -> None:
    bank(office, "2026-03-04,200.00,EUR,Lefevre,FA-2026-0102")
    book = office.book()
    row = book.read(model.Receipt).astype({"state": "str", "match": "str"}).assign(state="apply", amount_minor=0)
    book.replace(model.Receipt, typed(row, model.Receipt))
    book.append(model.Receipt, typed(row.assign(document="AV-2026-0103"), model.Receipt))
    book.save()
    paying.take_payments(office.book(), [], DAY, apply=True)

    assert [("FA-2026-0102", 25050), ("AV-2026-0103", -5050)] == [p[:2] for p in payments(office)]
    assert (0, 0) == (left(office)["FA-2026-0102"], left(office)["AV-2026-0103"])


def test_money_that_went_back_is_never_applied(office: Office) -> None:
    take(office, "v4_two_statements.xml")
    sheet = office.book().read(model.Receipt)
    at = int(sheet.index[sheet["received_minor"] < 0][0])
    decide(office, at, state="apply", amount_minor=99000)

    with pytest.raises(LedgerError, match="never applied"):
        paying.take_payments(office.book(), [], DAY, apply=True)


def test_a_receipt_that_was_applied_is_not_applied_again_by_any_way(office: Office) -> None:
    take(office, "v2_batch.xml")
    decide(office, 0, state="apply")
    paying.take_payments(office.book(), [], DAY, apply=True)
    book = office.book()
    book.replace(model.Receipt, book.read(model.Receipt).iloc[:0])  # somebody clears the sheet
    book.save()
    take(office, "v2_batch.xml")

    assert 2 == len(payments(office))
    assert ["open"] == states(office)


def test_a_statement_the_export_knows_is_told_and_not_applied(office: Office) -> None:
    office.import_(*LINES[1:], as_of=date(2026, 3, 20))
    report = take(office, "v2_batch.xml", as_of=date(2026, 3, 20))

    assert (3, 0) == (report.facts["in_export"] + report.facts["unposted"], report.facts["applied"])
    assert [("import", "FA-2026-0101")] == list(office.book().read(model.Payment)[["source", "document"]].itertuples(index=False, name=None))
    assert {"receipts_in_export", "receipts_unposted"} <= {f.code for f in report.findings}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("2026-03-01,1200.00,EUR,,FA-2026-0101", "receipts_unposted"),
        ("2026-03-01,1000.00,EUR,,FA-2026-0101", "receipts_in_export"),
        ("2026-03-04,1000.00,EUR,,FA-2026-0101", "receipts_open"),
    ],
)
def test_one_receipt_gets_one_verdict(office: Office, line: str, code: str) -> None:
    assert [code] == [f.code for f in bank(office, line).findings if f.code.startswith("receipts_")]


def test_money_that_went_back_does_not_wait_for_a_decision_as_well(office: Office) -> None:
    found = {f.code: f.values["count"] for f in take(office, "v4_two_statements.xml").findings if f.code in ("receipts_open", "receipts_back")}
    sheet = office.book().read(model.Receipt)
    waiting = sheet[sheet["state"].astype("str") == "open"].drop_duplicates("receipt")

    assert {"receipts_open": int((waiting["received_minor"] > 0).sum()), "receipts_back": 1} == found


def test_what_was_not_found_is_found_when_the_next_import_has_its_document(office: Office) -> None:
    line = "2026-03-20,42.00,EUR,Dubois,FA-2026-0777"
    bank(office, line, as_of=date(2026, 3, 20))
    before = states(office)
    office.import_(*LINES, LINES[3].replace("0201", "0777").replace("990.00", "42.00"), as_of=date(2026, 3, 10))
    bank(office, line, as_of=date(2026, 3, 20))

    assert (["open"], ["applied"]) == (before, states(office))
    assert 0 == left(office)["FA-2026-0777"]


def test_what_a_receipt_paid_and_the_next_export_has_open_is_told(office: Office) -> None:
    bank(office, "2026-03-04,990.00,EUR,,FA-2026-0201")
    report = office.import_(*LINES, as_of=date(2026, 3, 5))
    again = office.import_(*LINES, as_of=date(2026, 3, 5))

    told = [[f.values["count"] for f in r.findings if f.code == "paid_open_again"] for r in (report, again)]
    assert [[1], []] == told
    assert 99000 == left(office)["FA-2026-0201"]
    assert "paid_open_again" in set(office.book().read(model.FindingRow)["code"])


def test_later_receipts_are_left_for_a_later_date(office: Office) -> None:
    early = bank(office, "2026-03-04,250.50,EUR,,FA-2026-0102", "2026-03-08,990.00,EUR,,FA-2026-0201", as_of=date(2026, 3, 5))
    late = bank(office, "2026-03-04,250.50,EUR,,FA-2026-0102", "2026-03-08,990.00,EUR,,FA-2026-0201")

    assert (1, 1, 1, 1) == (early.facts["applied"], early.facts["later"], late.facts["applied"], late.facts["known"])


def test_a_gap_between_ledger_and_statement_is_told(office: Office) -> None:
    text = (SAMPLES / "v2_batch.xml").read_text(encoding="utf-8").replace("2026-03-0", "2026-03-2")
    (office.folder / "late.xml").write_text(text, encoding="utf-8")
    report = paying.take_payments(office.book(), [office.folder / "late.xml"], date(2026, 3, 31))

    assert [date(2026, 3, 3), date(2026, 3, 22)] == next(list(f.values.values()) for f in report.findings if f.code == "receipts_gap")


def test_a_receipt_and_a_recorded_payment_do_the_same(office: Office, imported: Office, tmp_path: Path) -> None:
    other = imported.moved(tmp_path / "other")
    path = other.folder / "day.csv"
    path.write_text("payer,document,date,currency,amount\n00018,FA-2026-0201,2026-03-04,EUR,990.00\n", encoding="utf-8")
    recording.record(other.book(), path, DAY, table="payments")
    bank(office, "2026-03-04,990.00,EUR,,FA-2026-0201")
    mine, theirs = (o.book().read(model.AssessedItem) for o in (office, other))

    assert theirs.to_dict("records") == mine.to_dict("records")


PLAN = """
[[plans]]
plan = "M"
payer = "00018"
document = "FA-2026-0201"
agreed_on = 2026-03-03
[[plans.instalments]]
due_date = 2026-03-20
currency = "EUR"
amount = 490.00
[[plans.instalments]]
due_date = 2026-04-20
currency = "EUR"
amount = 500.00
"""


def test_an_instalment_of_a_plan_is_paid_and_the_plan_goes_on(office: Office) -> None:
    path = office.folder / "plan.toml"
    path.write_text(PLAN, encoding="utf-8")
    recording.record(office.book(), path, DAY)
    bank(office, "2026-03-08,490.00,EUR,Müller GmbH,1. Rate FA-2026-0201")
    decide(office, 0, state="apply")
    paying.take_payments(office.book(), [], DAY, apply=True)
    book = office.book()
    lines = book.read(model.AssessedItem)

    assert [("", 0), ("M/2", 50000)] == [(r.instalment, r.open_minor) for r in lines[lines["document"] == "FA-2026-0201"].itertuples()]
    assert [49000, 0] == list(book.read(model.Instalment)["paid_minor"])
    assert [("FA-2026-0201", 49000, "2026-03-08")] == payments(office)


@pytest.mark.parametrize("after", [False, True])
def test_cut_off_at_the_save_and_run_again_everything_is_there_once(
    office: Office, imported: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    whole = imported.moved(tmp_path / "whole")
    take(whole, "v2_batch.xml")
    with monkeypatch.context() as patch:
        deadly(patch, 0, after=after)
        with contextlib.suppress(Killed):
            take(office, "v2_batch.xml")
    take(office, "v2_batch.xml")

    assert (payments(whole), left(whole), states(whole)) == (payments(office), left(office), states(office))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_told_is_whole_in_every_language(office: Office, language: Language) -> None:
    late = "2026-03-30,1.00,EUR,,x"
    early = ("2026-03-01,1200.00,EUR,,FA-2026-0101", "2026-03-01,2.00,EUR,,y")
    told = [*bank(office, *early, "2026-03-04,1.00,,,x", late).findings, *take(office, "v8_references.xml").findings]
    told += take(office, "v4_two_statements.xml").findings

    assert {"receipts_unposted", "receipts_in_export", "receipts_later", "bank_currency", "bank_entry", "bank_balance", "bank_decimals"} <= {
        f.code for f in told
    }
    assert {"bank_batch", "receipts_open", "receipts_back"} <= {f.code for f in told}
    assert [] == [f.code for f in told if "{" in f.text(language)]


def test_a_workbook_without_a_ledger_is_refused(empty: Office, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="no ledger yet"):
        take(empty.moved(tmp_path / "new"), "v2_batch.xml")


def test_the_workbook_itself_is_no_statement(office: Office) -> None:
    with pytest.raises(LedgerError, match="this workbook itself"):
        paying.take_payments(office.book(), [office.path], DAY)


def test_the_command_line_reads_and_applies(office: Office) -> None:
    done = CliRunner().invoke(app, ["payments", str(office.path), str(SAMPLES / "v2_batch.xml"), "--as-of", "2026-03-09"])
    nothing = CliRunner().invoke(app, ["payments", str(office.path)])
    applied = CliRunner().invoke(app, ["payments", str(office.path), "--apply", "--as-of", "2026-03-09", "--json"])

    assert (0, 2, 0) == (done.exit_code, nothing.exit_code, applied.exit_code)
    assert "3 new receipts - applied 2, without a document 1, money that went out, left out 1." in " ".join(done.output.split())
    assert "give a bank statement, or --apply" in nothing.output


def test_an_export_of_a_day_before_a_payment_does_not_open_the_line_again(office: Office) -> None:
    """It cannot know of the money yet; nor does the next one find it a second time."""
    office.import_(*LINES)
    bank(office, "2026-03-08,250.50,EUR,,FA-2026-0102")
    office.import_(*LINES, as_of=date(2026, 3, 5))
    between = left(office)["FA-2026-0102"]
    office.import_(*[line for line in LINES if "0102" not in line], as_of=date(2026, 3, 8))

    assert (0, [("FA-2026-0102", 25050, "2026-03-08")]) == (between, payments(office))
