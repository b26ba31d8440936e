"""What happened goes onto its sheets as a whole or not at all, once, and the lines say at once what follows."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from addin import commands, recording, undoing, verifying
from addin.report import Report
from rules import model
from rules.errors import ConfigError, DunningError, HistoryError, LedgerError
from rules.row import Row
from tests.addin.office import FIRST, LINES, SECOND, Office
from tests.addin.test_crash import Killed, deadly
from workbook.file import FileBook
from workbook.ledgers import Answers

DAY = date(2026, 3, 3)


@pytest.fixture
def office(imported: Office) -> Office:
    """An office with its ledger of 2 March."""
    return imported


def record(office: Office, text: str, as_of: date = DAY, *, name: str = "day.toml", **how: Any) -> Report:
    path = office.folder / name
    path.write_text(text, encoding="utf-8")
    return recording.record(FileBook.open(office.path, dry_run=how.get("dry_run", False)), path, as_of, **how)


def shown(office: Office, row_model: type[Row], *names: str) -> list[Any]:
    frame = office.book().read(row_model)[list(names)]
    dated = {n: frame[n].dt.strftime("%Y-%m-%d").fillna("") for n in names if frame[n].dtype.kind == "M"}
    return [row if len(names) > 1 else row[0] for row in frame.assign(**dated).itertuples(index=False, name=None)]


def line(office: Office, document: str, *names: str, instalment: str = "") -> list[Any]:
    ledger = office.book().read(model.AssessedItem)
    at = ledger[(ledger["document"] == document) & (ledger["instalment"] == instalment)].iloc[0]
    return [None if pd.isna(at[n]) else str(at[n].date()) if isinstance(at[n], pd.Timestamp) else at[n] for n in names]


PAYMENT = '[[payments]]\npayer = "00017"\ndocument = "F1"\ndate = 2026-03-03\ncurrency = "EUR"\namount = 200.00\nreference = "bank 7"\n'


def test_a_payment_after_the_export_reduces_what_is_open_and_the_same_file_twice_changes_nothing(office: Office) -> None:
    first = record(office, PAYMENT)
    again = record(office, PAYMENT)

    assert [100000] == line(office, "F1", "open_minor")
    assert [("00017", "F1", "2026-03-03", 20000, "bank 7", "day.toml")] == shown(
        office, model.Payment, "payer", "document", "date", "amount_minor", "reference", "source"
    )
    assert (True, 0, False, 1) == (first.changed, first.facts["known"], again.changed, again.facts["known"])


def test_a_payment_of_everything_settles_the_line(office: Office) -> None:
    record(office, PAYMENT.replace("200.00", "1200.00"))

    assert [0, "settled"] == line(office, "F1", "open_minor", "reason_code")


def test_a_payment_the_export_knows_tells_interest_alone_when_it_came(office: Office) -> None:
    record(office, PAYMENT.replace("2026-03-03", "2026-03-02"))

    assert [120000] == line(office, "F1", "open_minor")
    assert [20000] == shown(office, model.Payment, "amount_minor")


def test_what_an_import_found_missing_gives_way_to_the_payment_that_tells_its_day(office: Office) -> None:
    office.import_(*(text.replace("1200.00;1200.00", "1200.00;700.00") for text in LINES), as_of=date(2026, 3, 9))
    found = shown(office, model.Payment, "date", "amount_minor", "source")
    record(office, PAYMENT, date(2026, 3, 9))

    assert [("2026-03-09", 50000, "import")] == found
    assert [("2026-03-09", 30000, "import"), ("2026-03-03", 20000, "day.toml")] == shown(office, model.Payment, "date", "amount_minor", "source")
    assert [70000] == line(office, "F1", "open_minor")


def test_a_csv_says_the_same(office: Office) -> None:
    text = "payer;document;date;currency;amount;reference\n00017;F1;2026-03-03;EUR;200.00;bank 7\n\n00018;F4;2026-03-03;GBP;1;\n"
    report = record(office, text, table="payments", name="bank.csv")

    assert {"payments": 2} == report.facts["recorded"]
    assert [100000] == line(office, "F1", "open_minor")


CALL = '[[calls]]\npayer = "00017"\ndate = 2026-03-20\noutcome = "reached"\nnote = "pays soon"\n'
EVERYTHING = """
[[calls]]
payer = "00018"
date = 2026-03-03
by = "AB"
note = "will look into it"
[[follow_ups]]
payer = "00018"
document = "F3"
date = 2026-03-03
action_date = 2026-03-10
[[promises]]
payer = "00017"
document = "F1"
date = 2026-03-03
until = 2026-03-10
[[plans]]
plan = "M"
payer = "00018"
document = "F3"
agreed_on = 2026-03-03
[[plans.instalments]]
due_date = 2026-03-20
currency = "EUR"
amount = 500.00
[[plans.instalments]]
due_date = 2026-04-20
currency = "EUR"
amount = 400
[[blocks]]
payer = "00019"
reason = "agreed"
until = 2026-05-01
[[blocks]]
payer = "00017"
document = "F2"
reason = "insolvency"
[[disputes]]
payer = "00018"
document = "F4"
reason = "dispute"
review = 2026-04-01
[[levels]]
payer = "00017"
document = "F1"
level = 2
reason = "decision"
[[caps]]
payer = "00017"
document = "F1"
level = 3
[[due_dates]]
payer = "00019"
document = "F5"
due_date = 2026-04-15
"""


def test_everything_has_its_place(office: Office) -> None:
    report = record(office, EVERYTHING)

    assert [9000] == line(office, "F3", "open_minor")
    assert [50000, "2026-03-20", "instalment", "not_due"] == line(office, "F3", "open_minor", "due_date", "kind", "reason_code", instalment="M/1")
    assert [40000] == line(office, "F3", "open_minor", instalment="M/2")
    assert ["promised", 2, "decision", 3] == line(office, "F1", "reason_code", "manual_level", "manual_reason", "level_cap")
    assert ["blocked", "insolvency", None] == line(office, "F2", "reason_code", "block", "block_until")
    assert ["disputed", "dispute", "2026-04-01"] == line(office, "F4", "reason_code", "dispute", "dispute_review")
    assert ["payer_blocked", "2026-04-15"] == line(office, "F5", "reason_code", "agreed_due_date")
    assert ("00019", "agreed", "2026-05-01") in shown(office, model.Payer, "payer", "block", "block_until")
    assert [("M", "1", 50000), ("M", "2", 40000)] == shown(office, model.Instalment, "plan", "instalment", "amount_minor")
    assert 12 == report.facts["rows"]
    assert not verifying.verify(office.book()).failed
    assert not record(office, EVERYTHING).changed


def test_what_was_said_on_a_line_is_taken_back_by_an_empty_reason(office: Office) -> None:
    record(office, EVERYTHING)
    record(
        office,
        '[[blocks]]\npayer = "00019"\n[[blocks]]\npayer = "00017"\ndocument = "F2"\n[[disputes]]\npayer = "00018"\ndocument = "F4"\n'
        '[[levels]]\npayer = "00017"\ndocument = "F1"\nlevel = 0\n[[caps]]\npayer = "00017"\ndocument = "F1"\nlevel = 0\n'
        '[[due_dates]]\npayer = "00019"\ndocument = "F5"\n',
    )

    assert ["", None] == line(office, "F2", "block", "block_until")
    assert ["", None] == line(office, "F4", "dispute", "dispute_review")
    assert [None, "", None] == line(office, "F1", "manual_level", "manual_reason", "level_cap")
    assert [None] == line(office, "F5", "agreed_due_date")
    assert {("", "")} == set(shown(office, model.Payer, "block", "block_until"))


def test_a_row_without_the_company_of_its_payer_is_told_which_it_is(office: Office) -> None:
    from addin import importing

    export = office.export("A;1;F1;2026-02-01;9.00", "B;1;F1;2026-02-01;9.00", head="Company;Payer;Document;Due date;Open")
    importing.import_ledger(office.book(), export, FIRST, source="two", answers=Answers(scope="whole"), confirmed=True)

    with pytest.raises(LedgerError, match=r"the payer '1' is of another company \('A', 'B'\) than the row says \(none\)"):
        record(office, '[[promises]]\npayer = "1"\ndate = 2026-03-02\nuntil = 2026-03-09\n')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PAYMENT.replace("00017", "00077"), r"payments, row 1: there is no payer '00077'\. Payers like it: 00017"),
        (PAYMENT.replace('"F1"', '"F9"'), r"payments, row 1: there is no document 'F9'\. The ledger has here: 'F1', 'F2', 'C1'"),
        (PAYMENT.replace("F1", "F3"), "there is no document 'F3'. The ledger has here: 'F1', 'F2', 'C1'"),
        (PAYMENT + 'instalment = "2"\n', "there is no instalment '2'. The ledger has here: ''"),
        (PAYMENT.replace("200.00", "1200.01"), "1200.01 EUR is more than the 1200.00 open"),
        (PAYMENT.replace("F1", "C1"), "amount is 200.00; expected an amount below 0, for the document is a credit"),
        (PAYMENT.replace("EUR", "USD"), "currency is USD; the line is in EUR"),
        (PAYMENT.replace("2026-03-03", "2026-03-04"), "date is 2026-03-04, after the as-of date 2026-03-03"),
        (PAYMENT.replace("200.00", '"200,00"'), r"payments, row 1: amount is '200,00'; expected an amount such as 25\.00"),
        (PAYMENT.replace("200.00", "-1"), "payments, row 1: amount is -1.00; expected an amount above 0"),
        (PAYMENT.replace('currency = "EUR"\n', ""), r"payments, row 1: currency is missing; expected: ISO code"),
        (PAYMENT.replace("2026-03-03", '"10/09/2025"'), r"date is '10/09/2025'; expected a date written 2025-09-10 \(without quotes\)"),
        (PAYMENT.replace('"00017"', "1001"), r'payer is 1001; expected text in quotes: "1001"'),
        (PAYMENT.replace('"EUR"', '"Euro"'), "currency is 'Euro'; expected an ISO code of three capital letters, such as EUR"),
        (PAYMENT.replace('"00017"', '""'), r"payer is empty; expected: Whom|payer is empty; expected: Who paid"),
        (CALL.replace('"reached"', '"spoke"'), "outcome is 'spoke'; expected one of reached, not_reached, promised, disputed"),
        (PAYMENT.replace("amount", "amonut"), "payments, row 1: 'amonut' is not a name of this table. Did you mean 'amount'"),
        (PAYMENT.replace("payments", "payment"), "'payment' is not a table of what can be recorded. Known tables: payments, calls"),
        (PAYMENT.replace("[[payments]]", "[payments]"), r"payments is .*; expected rows, each under a line \[\[payments\]\]"),
        (PAYMENT + PAYMENT, "payments, row 2: the same row stands in the file before"),
        (
            PAYMENT + PAYMENT.replace("bank 7", "bank 8").replace("200.00", "1000.01"),
            "row 2: 1000.01 EUR is more than the 1000.00 EUR open|1000.01 EUR is",
        ),
        (
            EVERYTHING.replace('"agreed"', '"insolvence"'),
            "blocks, row 1: reason is 'insolvence', which is no reason for a block on Config. Known: agreed, ins",
        ),
        (EVERYTHING.replace('"agreed"', '"dispute"'), "'dispute', which is no reason for a block"),
        (EVERYTHING.replace('level = 2\nreason = "decision"', "level = 2"), "levels, row 1: a level set by hand needs a reason"),
        (EVERYTHING.replace("level = 2", "level = 9"), "is above the highest level, 4"),
        (EVERYTHING.replace("amount = 400", "amount = 490.01"), "plans, row 1: its instalments come to 990.01 EUR, but the document has 990.00 open"),
        (
            EVERYTHING.replace('currency = "EUR"\namount = 400', 'currency = "GBP"\namount = 400'),
            "plans, row 1: the plan has no instalments, or several",
        ),
        (EVERYTHING.replace("amount = 400", "amount = 0"), "plans, row 1, instalment 2: amount is 0.00; expected an amount above 0"),
        (EVERYTHING.replace("until = 2026-03-10", "until = 2026-03-02"), "promises, row 1: until lies before date"),
        (EVERYTHING.replace("until = 2026-03-10", "until = 2026-03-10\namount = 5"), "promises, row 1: an amount needs its currency"),
        ('[[instalments]]\nplan = "X"\ninstalment = "1"\ndue_date = 2026-04-01\ncurrency = "EUR"\namount = 1\n', "there is no plan of this name"),
        ("payer = ", "The text is not TOML"),
    ],
    ids=range(32),
)
def test_a_wrong_row_is_refused_with_its_place_and_nothing_changes(office: Office, text: str, said: str) -> None:
    good = '[[follow_ups]]\npayer = "00017"\ndate = 2026-03-01\naction_date = 2026-03-09\n'
    before = office.files()
    with pytest.raises(DunningError, match=said):
        record(office, good + text)
    office.folder.joinpath("day.toml").unlink()

    assert before == {name: content for name, content in office.files().items() if not name.startswith("letters")}


@pytest.mark.parametrize(
    ("text", "table", "said"),
    [
        ("payer,date\n1,2\n", "", "Say which rows the CSV holds"),
        ("payer,document\n00017,F1,x\n", "payments", "payments, line 2: 3 fields; the heading row has 2"),
        ("payer,document,date,currency,amount\n00017,F1,2026-03-03,EUR,1.5.0\n", "payments", "line 2: amount is '1.5.0'; expected an amount"),
        ("payer,document,date,currency,amount\n00017,F1,3/3/2026,EUR,1\n", "payments", "line 2: date is '3/3/2026'"),
    ],
)
def test_a_wrong_csv_is_refused_with_its_line(office: Office, text: str, table: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        record(office, text, table=table, name="x.csv")


def test_a_file_that_is_not_there_is_said_so(office: Office) -> None:
    with pytest.raises(ConfigError, match=r"nofile\.toml is not there"):
        recording.record(office.book(), office.folder / "nofile.toml", DAY)


def test_all_faults_are_said_at_once(office: Office) -> None:
    with pytest.raises(LedgerError) as refused:
        record(office, PAYMENT.replace("00017", "x") + PAYMENT.replace("F1", "y"))

    assert 3 == len(str(refused.value).splitlines())


def test_a_plan_taken_over_an_import_keeps_what_people_typed_and_counts_what_was_paid(office: Office) -> None:
    record(office, EVERYTHING)
    book = office.book()
    ledger = book.read(model.AssessedItem)
    ledger.loc[(ledger["instalment"] == "M/2"), "note"] = "watch"
    book.replace(model.AssessedItem, ledger)
    book.save()
    office.import_(*(text.replace("990.00;990.00", "990.00;490.00") for text in LINES), as_of=SECOND)

    assert ["", "M/2"] == [i for d, i in shown(office, model.AssessedItem, "document", "instalment") if d == "F3"]
    assert ["watch", 40000] == line(office, "F3", "note", "open_minor", instalment="M/2")
    assert [50000, 0] == shown(office, model.Instalment, "paid_minor")
    assert not verifying.verify(office.book()).failed
    office.import_(*(text.replace("990.00;990.00", "990.00;490.00") for text in LINES), as_of=date(2026, 4, 24))
    assert ["broken"] == shown(office, model.Plan, "state")
    assert [49000] == line(office, "F3", "open_minor")
    assert "plan_broken" in shown(office, model.FindingRow, "code")


def test_a_payment_of_an_instalment_goes_to_its_invoice(office: Office) -> None:
    record(office, EVERYTHING)
    record(office, PAYMENT.replace("00017", "00018").replace('"F1"', '"F3"\ninstalment = "M/1"').replace("200.00", "500.00"))

    assert [("F3", "")] == shown(office, model.Payment, "document", "instalment")
    assert [("", 9000), ("M/2", 40000)] == [
        (i, n) for d, i, n in shown(office, model.AssessedItem, "document", "instalment", "open_minor") if d == "F3"
    ]


def test_a_broken_promise_is_found_by_the_next_command(office: Office) -> None:
    record(office, EVERYTHING)
    office.import_(as_of=SECOND)

    assert ["broken"] == shown(office, model.Promise, "state")
    assert {"promise_broken", "follow_up_passed"} <= set(shown(office, model.FindingRow, "code"))


# ---------------------------------------------------------------------------------------------------------------- calls


def test_a_call_counts_on_the_overdue_lines_of_the_payer_and_the_history_tells_it(office: Office) -> None:
    office.propose()
    office.send_all()
    office.issue()
    report = record(office, CALL, SECOND)
    told = [("call", "F1", 2, 2), ("call", "F2", 2, 2)]

    assert told == shown(office, model.HistoryEntry, "event", "document", "level", "reminders")[-2:]
    assert [2, 2, "2026-03-20"] == line(office, "F1", "level", "reminders", "last_reminder")
    assert (2, 0) == (report.facts["counted"], report.facts["not_counted"])
    assert not record(office, CALL, SECOND).changed
    assert "Recorded: 1 call. By the calls 2 lines rose a level; without counting: 0." == report.sentence
    assert not verifying.verify(office.book()).failed
    office.propose(date(2026, 4, 20))
    office.send_all()
    office.issue()
    assert [3] == line(office, "F1", "level")
    assert not verifying.verify(office.book()).failed


def test_a_call_that_was_undone_may_be_recorded_again(office: Office) -> None:
    record(office, CALL, SECOND)
    undoing.undo(office.book(), "00017", "wrong payer", SECOND)
    again = record(office, CALL, SECOND)

    assert ("Recorded: 1 call.", 0) == (again.sentence.split(" By")[0], again.facts["known"])
    assert ["call", "call", "undo", "undo", "call", "call"] == shown(office, model.HistoryEntry, "event")
    assert ["pays soon"] == shown(office, model.Call, "note")
    assert [1, 1] == line(office, "F1", "level", "reminders")
    assert not record(office, CALL, SECOND).changed
    assert not verifying.verify(office.book()).failed


def test_the_answer_says_what_was_recorded_or_that_nothing_changed(office: Office) -> None:
    text = '[[caps]]\npayer = "00017"\ndocument = "F1"\nlevel = 3\n[[due_dates]]\npayer = "00019"\ndocument = "F5"\ndue_date = 2026-04-15\n'
    first, again = record(office, PAYMENT + text), record(office, text)

    assert ("Recorded: 1 payment, 1 cap, 1 due date.", "Nothing changed.") == (first.sentence, again.sentence)


def test_a_call_that_reached_nobody_stands_on_its_sheet_alone(office: Office) -> None:
    record(office, CALL.replace('"reached"', '"not_reached"'), SECOND)

    assert 0 == len(office.book().read(model.HistoryEntry))
    assert ["not_reached"] == shown(office, model.Call, "outcome")
    assert not (office.folder / "letters" / "journal.jsonl").exists()


def test_a_dry_run_says_all_and_writes_nothing(office: Office) -> None:
    record(office, CALL, SECOND, dry_run=True)
    before = office.files()
    report = record(office, CALL, SECOND, dry_run=True)

    assert 2 == report.facts["counted"]
    assert before == office.files()


STEPS = 2  # the record, the workbook
BOTH = CALL + PAYMENT


@pytest.mark.parametrize(("at", "after"), [(at, after) for at in range(STEPS) for after in (False, True)])
def test_a_recording_cut_off_anywhere_is_finished_by_recording_again(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, after: bool
) -> None:
    """Killed at every operation, then recorded again: each entry once, each payment once, the call once."""
    smooth = office.moved(tmp_path / "smooth")
    record(smooth, BOTH, SECOND)
    with monkeypatch.context() as patch:
        deadly(patch, at, after=after)
        with contextlib.suppress(Killed):
            record(office, BOTH, SECOND)
    record(office, BOTH, SECOND)

    for row_model in (model.HistoryEntry, model.Call, model.Payment, model.AssessedItem):
        assert smooth.book().read(row_model).to_dict("records") == office.book().read(row_model).to_dict("records")
    assert not verifying.verify(office.book()).failed


def test_the_steps_of_a_recording_are_all_tried(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    deadly(monkeypatch, STEPS, after=False)

    assert 2 == record(office, BOTH, SECOND).facts["counted"]


def test_while_a_call_is_missing_in_the_workbook_nothing_else_may_change_it(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        deadly(patch, 0, after=True)
        with pytest.raises(Killed):
            record(office, CALL, SECOND)
    for command in (office.import_, office.propose):
        with pytest.raises(HistoryError, match="is not in this workbook"):
            command(as_of=SECOND)


# ---------------------------------------------------------------------------------------------------------------- payments an import finds


def test_what_is_missing_in_the_next_export_was_paid_then(office: Office) -> None:
    later = [text.replace("1200.00;1200.00", "1200.00;1000.00").replace("-50.50;-50.50", "-50.50;-10.00") for text in LINES if ";F3;" not in text]
    office.import_(*later, as_of=SECOND)
    once = shown(office, model.Payment, "document", "date", "currency", "amount_minor", "source")
    office.import_(*later, as_of=SECOND)

    found = [("F1", 20000), ("C1", -4050), ("F3", 99000)]  # what was used of a credit stands there too

    assert [(document, "2026-03-20", "EUR", amount, "import") for document, amount in found] == once
    assert once == shown(office, model.Payment, "document", "date", "currency", "amount_minor", "source")


@pytest.mark.parametrize(
    ("exports", "expected"),
    [
        (["1000.00"], [20000]),
        (["900.00"], [20000, 10000]),
        (["1200.00"], [20000]),
        (["1200.00", "1000.00"], [20000]),
        (["1200.00", "900.00"], [20000, 10000]),
    ],
    ids=["as recorded", "and more", "not yet booked", "booked later", "booked later and more"],
)
def test_a_payment_that_was_recorded_is_not_found_a_second_time(office: Office, exports: list[str], expected: list[int]) -> None:
    record(office, PAYMENT)
    for n, left in enumerate(exports):
        office.import_(*(text.replace("1200.00;1200.00", f"1200.00;{left}") for text in LINES), as_of=date(2026, 3, 10 + n))

    assert expected == shown(office, model.Payment, "amount_minor")


def test_a_document_that_goes_on_in_another_currency_was_not_paid(office: Office) -> None:
    office.import_(*(text.replace("2026-02-04;GBP", "2026-02-04;USD") for text in LINES), as_of=SECOND)

    assert [] == shown(office, model.Payment, "amount_minor")


def test_the_call_list_leaves_out_who_is_to_be_called_later_and_writes_nothing(office: Office) -> None:
    everybody = commands.calls(office.book(), DAY).tables["calls"]
    record(office, '[[follow_ups]]\npayer = "00017"\ndate = 2026-03-03\naction_date = 2026-03-20\nnote = "calls back"\n')
    later = commands.calls(office.book(), DAY).tables["calls"]

    assert set(everybody["payer"]) - {"00017"} == set(later["payer"])
    assert "00017" in set(everybody["payer"])
