"""Worksheet functions as Excel calls them, through xlwings' own conversion: cells, ranges, blanks, errors, dates, French; the macro's answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from addin import commands, importing, issuing, recalculation
from addin.recalculation import Recalculation
from addin.sample import CONFIG, DAYS, export
from addin.udfs import FUNCTIONS
from rules import model
from rules.row import columns, typed
from tests.addin.excel.com import ComSheet, Excel, excel
from tests.addin.excel.formulas import Formulas, Standing, as_range, down, sheet_rows
from tests.addin.office import FIRST, SECOND, Office
from tests.table import Case, table
from workbook.file import FileBook

OF_LINES = ("DUN_LEVEL", "DUN_NEXT_LEVEL", "DUN_NEXT_DATE", "DUN_REASON", "DUN_INTEREST", "DUN_FEE", "DUN_DAYS_OVERDUE", "DUN_BUCKET")
ON_LEDGER = {
    "DUN_DAYS_OVERDUE": "days_overdue", "DUN_BUCKET": "bucket", "DUN_LEVEL": "level", "DUN_NEXT_LEVEL": "next_level", "DUN_NEXT_DATE": "next_date",
    "DUN_REASON": "reason",
}  # fmt: skip
CHARGED = """
[[fees]]
fee = "letter"
currency = "EUR"
amount = 12.50
[[levels]]
method = "standard"
level = 1
days = 0
template = "reminder"
[[levels]]
method = "standard"
level = 2
days = 14
template = "firm_reminder"
fee = "letter"
line_fee = "letter"
regime = "contract"
[[regimes]]
regime = "contract"
valid_from = 2020-01-01
margin = 9.5
"""


@pytest.fixture(scope="module")
def called() -> Iterator[Excel]:
    with excel() as made:
        yield made


@pytest.fixture(scope="module")
def issued(ready: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The small office three weeks after its first letters."""
    office = ready.moved(tmp_path_factory.mktemp("formulas") / "office")
    office.issue()
    commands.assess(office.book(), SECOND)
    return office


@pytest.fixture
def ask(called: Excel, issued: Office, monkeypatch: pytest.MonkeyPatch) -> Formulas:
    """Formulas in the workbook of the small office."""
    return standing_in(called, Standing(issued.path, SECOND), monkeypatch)


def standing_in(called: Excel, workbook: Standing, monkeypatch: pytest.MonkeyPatch) -> Formulas:
    monkeypatch.setattr(recalculation, "calling", lambda: workbook)
    monkeypatch.setattr(recalculation, "now", Recalculation())
    return Formulas(called, workbook)


# ---------------------------------------------------------------------------------------------------------------- the macro's answers


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company in French, with fees and interest: one round of letters issued, the next one proposed."""
    path = tmp_path_factory.mktemp("sample") / "Relances.xlsx"
    first, then, _ = DAYS
    commands.new(path, "fr", CONFIG.read_text(encoding="utf-8"))
    commands.config_import(FileBook.open(path), CHARGED)
    importing.import_ledger(FileBook.open(path), export(first), first, source="sample")
    commands.propose(FileBook.open(path), first)
    commands.review(FileBook.open(path), model.Decision.SEND, everything=True)
    issuing.issue(FileBook.open(path))
    importing.import_ledger(FileBook.open(path), export(then), then, source="sample")
    commands.propose(FileBook.open(path), then)
    return path


def test_every_answer_about_the_sample_ledger_is_the_cell_of_the_macro(called: Excel, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = standing_in(called, Standing(sample, DAYS[1]), monkeypatch)
    ledger, lines, proposals, history = (
        sheet_rows(sample, m, "fr") for m in (model.AssessedItem, model.ProposalLine, model.Proposal, model.HistoryEntry)
    )
    documents, payers, instalments, companies = (down(*(row[name] for row in ledger)) for name in ("document", "payer", "instalment", "company"))
    beside = (payers, None, instalments, companies)

    for name, field in ON_LEDGER.items():
        assert [row[field] if row[field] is not None else "" for row in ledger] == ask.column(name, documents, *beside), name
    interest, fees = (ask.column(name, documents, *beside) for name in ("DUN_INTEREST", "DUN_FEE"))
    assert [_charged(lines, row, "interest_minor") for row in ledger] == interest
    assert [sum(p["fee_minor"] for p in proposals)] == [pytest.approx(sum(fees))]
    of_payer: dict[Any, float] = defaultdict(float)
    for row, fee in zip(ledger, fees, strict=True):
        of_payer[row["company"], row["payer"], row["currency"]] += fee
    told = {(p["company"], p["payer"], p["currency"]): p["fee_minor"] for p in proposals}
    assert {key: pytest.approx(fee) for key, fee in told.items() if fee} == {key: fee for key, fee in of_payer.items() if fee}
    letters = {(e["company"], e["payer"], e["document"], e["instalment"]): e for e in history if e["level"]}
    mine = [letters.get((row["company"], row["payer"], row["document"], row["instalment"]), {}) for row in ledger]
    headings = {c.name: c.titles["fr"] for c in columns(model.HistoryEntry)} | {"date": None}
    for field in ("date", "level", "letter", "deadline", "open_minor"):
        heading = headings[field]
        answers = ask.column("DUN_LAST_LETTER", documents, payers, heading, None, instalments, companies)
        assert ["" if row.get(field) is None else row[field] for row in mine] == answers, heading
    assert (len(ledger), True, True, True) == (len(interest), sum(interest) > 0, sum(fees) > 0, any(mine))


def _charged(lines: list[dict[str, Any]], item: dict[str, Any], field: str) -> float:
    """What the proposed letters charge for an item."""
    names = ("company", "payer", "document", "instalment")
    return float(sum(row[field] or 0 for row in lines if all(row[n] == item[n] for n in names)))


def test_the_reasons_of_a_french_workbook_are_french(called: Excel, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = standing_in(called, Standing(sample, DAYS[1]), monkeypatch)
    document = next(row for row in sheet_rows(sample, model.AssessedItem, "fr") if row["level"] == 1)
    words = ask("DUN_REASON", document["document"], document["payer"])

    assert "retard" in words
    assert document["reason"] == words


# ---------------------------------------------------------------------------------------------------------------- cells, ranges, columns


@pytest.mark.parametrize("case", table("""
function           | overdue    | not due
DUN_DAYS_OVERDUE   | 47         | -7
DUN_BUCKET         | 31-60 days | not due
DUN_LEVEL          | 1          | 0
DUN_NEXT_LEVEL     | 2          | 1
DUN_NEXT_DATE      | 2026-03-16 | 2026-04-02
DUN_INTEREST       | 0          | 0
DUN_FEE            | 0          | 0
DUN_LAST_LETTER    | 2026-03-02 | -
"""), ids=str)  # fmt: skip
def test_a_document_is_answered_by_a_value(ask: Formulas, case: Case) -> None:
    of_f1, of_f5 = (ask(case.function, document) or None for document in ("F1", "F5"))

    assert (case.overdue or None, case.not_due or None) == (of_f1, of_f5)


def test_blanks_stay_blank_errors_stay_errors_and_unknown_documents_are_na(ask: Formulas) -> None:
    documents = down("F1", None, "#DIV/0!", "F9", "", "F3")

    assert [1, "", "#DIV/0!", "#N/A", "", 1] == ask.column("DUN_LEVEL", documents)
    assert "There is no document 'F9' in the ledger." == ask.why()
    assert [47, "", "#DIV/0!", "#N/A", "", 44] == ask.column("DUN_DAYS_OVERDUE", documents)


@pytest.mark.parametrize("name", OF_LINES)
def test_a_whole_column_costs_what_its_sheet_uses_and_its_heading_is_no_document(ask: Formulas, name: str) -> None:
    sheet = ComSheet(("No.", "Payer"), ("F1", "00017"), (None, None), ("F3", "00018"))
    answer = ask(name, sheet.column(1), sheet.column(2))
    alone = [ask(name, document) for document in ("F1", "F3")]

    assert (1_048_576, ["", alone[0], "", alone[1], ""]) == (len(answer), [row[0] for row in answer[:5]])
    assert {""} == {row[0] for row in answer[5:]}
    assert 8 == sheet.read, "two columns of four rows were read, not a million"
    assert "" == ask.why()


def test_a_row_of_documents_is_answered_by_a_row_and_a_block_by_a_block(ask: Formulas) -> None:
    assert [[1, 1, 0]] == ask("DUN_LEVEL", ComSheet(("F1", "F3", "F5")).all())
    assert [[1, 1], [0, ""]] == ask("DUN_LEVEL", ComSheet(("F1", "F3"), ("F5", None)).all())


def test_numbers_of_documents_that_excel_holds_as_numbers_are_found(called: Excel, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.import_("00017;Ann;;;;FR;fr;4711;Invoice;2026-01-02;2026-02-01;EUR;10;10;")
    ask = standing_in(called, Standing(office.path, FIRST), monkeypatch)

    assert [29, 29] == [ask("DUN_DAYS_OVERDUE", 4711.0), ask("DUN_DAYS_OVERDUE", "4711")]


@pytest.mark.parametrize("case", table("""
case                   | given      | days | bucket
a date                 | 2026-02-01 | 47   | 31-60 days
due that day           | 2026-03-20 | 0    | not due
the day after          | 2026-03-19 | 1    | 1-30 days
not yet                | 2026-04-01 | -12  | not due
"""), ids=str)  # fmt: skip
def test_a_plain_due_date_needs_no_document(ask: Formulas, case: Case) -> None:
    given = down(case.given).Value
    assert (case.days, case.bucket) == (ask("DUN_DAYS_OVERDUE", given), ask("DUN_BUCKET", given))


def test_dates_and_documents_may_stand_in_one_column(ask: Formulas) -> None:
    assert [47, 47, ""] == ask.column("DUN_DAYS_OVERDUE", down("F1", date(2026, 2, 1), None))


def test_a_column_of_dates_works_in_any_workbook(called: Excel, monkeypatch: pytest.MonkeyPatch) -> None:
    """The heading above it is no document; another text is an unknown one."""
    ask = standing_in(called, Standing(None), monkeypatch)
    column = ComSheet(("Due",), (date(2026, 2, 1),)).column(1)

    assert ["", 27] == ask.column("DUN_DAYS_OVERDUE", column, None, date(2026, 2, 28))[:2]
    assert ["#N/A", 27] == ask.column("DUN_DAYS_OVERDUE", down("F1", date(2026, 2, 1)), None, date(2026, 2, 28))


@pytest.mark.parametrize(
    ("day", "from_1904", "expected"),
    [(date(2026, 3, 2), False, 29), ("2026-03-02", False, 29), (46083.0, False, 29), (44621.0, True, 29)],
    ids=["a date", "a text", "TODAY() as its number", "a workbook that counts from 1904"],
)
def test_the_as_of_date_is_given_in_any_way_excel_gives_one(ask: Formulas, day: Any, from_1904: bool, expected: int) -> None:
    ask.workbook.date1904 = from_1904

    assert expected == ask("DUN_DAYS_OVERDUE", "F1", None, day)


def test_without_an_as_of_date_it_is_the_one_of_home_and_without_that_today(ask: Formulas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "today", lambda: date(2026, 4, 1))
    of_home = ask("DUN_DAYS_OVERDUE", "F1")
    monkeypatch.setattr(recalculation, "now", Recalculation())
    ask.workbook.shown = None

    assert (47, 59) == (of_home, ask("DUN_DAYS_OVERDUE", "F1"))


def test_before_the_last_letter_the_answer_is_what_was_known_then(ask: Formulas) -> None:
    assert (0, 1) == (ask("DUN_LEVEL", "F1", None, date(2026, 3, 1)), ask("DUN_LEVEL", "F1", None, SECOND))


# ---------------------------------------------------------------------------------------------------------------- wrong input


@pytest.mark.parametrize(
    ("name", "arguments", "answer", "reason"),
    [
        ("DUN_LEVEL", ("F9",), "#N/A", "There is no document 'F9' in the ledger."),
        ("DUN_LAST_LETTER", ("F9",), "#N/A", "There is no document 'F9' in ledger and history."),
        ("DUN_CREDIT", ("9",), "#N/A", "There is no payer '9' on the sheets Payers and Ledger."),
        ("DUN_LEVEL", ("F1", None, "soon"), "#VALUE!", "'soon' is not a date. Give the cell of a date, or DATE(2026,3,31)."),
        ("DUN_LEVEL", ("F1", None, down(SECOND, SECOND)), "#VALUE!", "A single cell is expected, and a range was given."),
        ("DUN_LEVEL", (down("F1", "F2"), down("1", "2", "3")), "#VALUE!", "The range given as payer has 3 x 1 cells, the first one 2 x 1."),
        ("DUN_LAST_LETTER", ("F1", None, "Colour"), "#VALUE!", "'Colour' is no heading of the sheet Reminder history, such as "),
        ("DUN_CREDIT", ("00017", None, "harvest"), "#VALUE!", "'harvest' is no stage of an order. Expected: order, release or delivery."),
        ("DUN_CREDIT", ("00017", None, None, "yes"), "#VALUE!", "'yes' is neither TRUE nor FALSE. Give TRUE for the reason in words."),
        (
            "DUN_LEVEL",
            ("F1", 17.0),
            "#N/A",
            "There is no document 'F1', payer '17' in the ledger. Near to it: payer '00017'; put it in quotation marks",
        ),
        (
            "DUN_DAYS_OVERDUE",
            (46054.0,),
            "#N/A",
            "There is no document '46054' in the ledger. A due date has to stand in a cell that is formatted as a date.",
        ),
        *((name, (None, "00017"), "#VALUE!", "No document") for name in ("DUN_LEVEL", "DUN_DAYS_OVERDUE", "DUN_LAST_LETTER")),
        ("DUN_CREDIT", (None,), "#VALUE!", "No payer was given."),
        ("DUN_CREDIT", ("00017", "much"), "#VALUE!", "'much' is not an amount of open orders. Give numbers in EUR."),
        ("DUN_LEVEL", ("F1", *(None,) * 4, down("Payer", "00017")), "#VALUE!", "The range given as ledger has no column Document, Currency, Open."),
    ],
    ids=lambda v: v if isinstance(v, str) and v[:3] == "DUN" else "",
)
def test_wrong_input_is_an_error_of_excel_and_dun_why_says_the_reason(
    ask: Formulas, name: str, arguments: tuple[Any, ...], answer: str, reason: str
) -> None:
    assert answer == ask(name, *arguments)
    assert reason == ask.why()[: len(reason)]
    assert (ask.why(), "") == (ask("DUN_WHY", answer), ask("DUN_WHY", 1))


def test_a_document_that_stands_twice_asks_for_the_payer(called: Excel, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    twice = "{};Ann;;;;FR;fr;R1;Invoice;2026-01-02;{};EUR;10;10;"
    office.import_(twice.format("00017", "2026-02-01"), twice.format("00018", "2026-02-02"))
    ask = standing_in(called, Standing(office.path, FIRST), monkeypatch)

    assert "#VALUE!" == ask("DUN_DAYS_OVERDUE", "R1")
    assert "There are several lines with document 'R1' in the ledger. Give company or payer or instalment as well." == ask.why()
    assert [29, 28] == ask.column("DUN_DAYS_OVERDUE", down("R1", "R1"), down("00017", "00018"))


def test_in_a_workbook_of_other_people_the_tables_must_be_given(called: Excel, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = standing_in(called, Standing(None), monkeypatch)

    assert "#VALUE!" == ask("DUN_LEVEL", "F1")
    assert "Dunning.xlsx is not a dunning workbook." == ask.why()


def test_a_fault_of_ours_is_an_error_of_excel_with_its_traceback_in_the_log(ask: Formulas, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(ask.workbook, "day_shown", lambda: 1 / 0)

    assert "#VALUE!" == ask("DUN_LEVEL", "F1")
    assert ask.why().startswith("This is a fault of the program, not of your formula; the details are in ")
    assert "ZeroDivisionError" in (tmp_path / ".dunning" / "dunning.log").read_text(encoding="utf-8")


def test_a_missing_rate_is_a_reason_and_no_zero(called: Excel, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    rate = '[[rates]]\nseries = "own"\nvalid_from = 2020-01-01\nrate = 1.5\nverified_until = 2026-02-28\n'
    at_once = CHARGED.replace('template = "reminder"', 'template = "reminder"\nregime = "contract"')
    commands.config_import(office.book(), at_once.replace("margin = 9.5", 'margin = 8\nseries = "own"') + rate)
    office.import_(as_of=date(2026, 2, 20))
    ask = standing_in(called, Standing(office.path, FIRST), monkeypatch)

    assert "#VALUE!" == ask("DUN_INTEREST", "F1")
    assert "rate" in ask.why()


# ---------------------------------------------------------------------------------------------------------------- tables given as ranges


def test_tables_given_as_ranges_take_the_place_of_the_sheets(ask: Formulas, issued: Office) -> None:
    """A method with a longer grace, a ledger with another due date; the sheets stay what they are."""
    methods = sheet_rows(issued.path, model.Method, "en")
    ledger = sheet_rows(issued.path, model.AssessedItem, "en")
    patient = as_range([row | {"grace_days": 40} for row in methods], model.Method, "en")
    later = as_range([row | {"due_date": date(2026, 3, 1)} for row in ledger], model.AssessedItem, "fr")
    sheet = ask("DUN_NEXT_DATE", "F5")

    assert (date(2026, 4, 2), date(2026, 5, 7)) == (sheet, ask("DUN_NEXT_DATE", "F5", *(None,) * 7, patient))
    assert (47, 19) == (ask("DUN_DAYS_OVERDUE", "F1"), ask("DUN_DAYS_OVERDUE", "F1", *(None,) * 4, later))
    assert sheet == ask("DUN_NEXT_DATE", "F5")


def test_with_ledger_methods_and_levels_as_ranges_any_workbook_will_do(called: Excel, issued: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = standing_in(called, Standing(None, name="Other.xlsx"), monkeypatch)
    ledger, methods, levels, history = (
        as_range(sheet_rows(issued.path, m, "en"), m, "en") for m in (model.AssessedItem, model.Method, model.Level, model.HistoryEntry)
    )
    given = (SECOND, None, None, ledger, None, history, methods, levels)

    assert [1, 1, 0] == ask.column("DUN_LEVEL", down("F1", "F3", "F5"), None, *given)
    assert date(2026, 3, 16) == ask("DUN_NEXT_DATE", "F1", None, *given)


@pytest.mark.parametrize("case", table("""
case                   | rating | limit | orders | stage    | action     | words
under the limit        | check  | 5000  | -      | order    | never hold | Nothing holds: exposure €1,400.00, limit €5,000.00
over it by the orders  | check  | 1500  | 100.01 | order    | hold       | Exposure €1,500.01 is above the limit of €1,500.00.
over it at delivery    | check  | 1000  | -      | delivery | never hold | The rating B never holds.
"""), ids=str)  # fmt: skip
def test_credit_is_decided_by_rating_limit_and_orders(
    called: Excel, issued: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    office = issued.moved(tmp_path / "office")
    book = office.book()
    rating = {"rating": ["B"], "name": ["Ordinary"], "at_order": [case.rating], "at_release": ["check"], "at_delivery": ["never_hold"]}
    book.replace(model.Rating, typed(pd.DataFrame(rating), model.Rating))
    payers = book.read(model.Payer)
    terms = {"rating": "B", "limit_minor": int(case.limit) * 100, "due_tolerance_minor": 10_000_000}
    book.replace(model.Payer, typed(payers.assign(**terms), model.Payer))
    book.save()
    ask = standing_in(called, Standing(office.path, SECOND), monkeypatch)

    orders = float(case.orders) if case.orders else None
    assert case.action == ask("DUN_CREDIT", "00017", orders, case.stage)
    assert ask("DUN_CREDIT", "00017", orders, case.stage, True).startswith(case.words)


def test_orders_stand_beside_their_payers_and_several_of_one_payer_add_up(ask: Formulas) -> None:
    payers = down("00017", "00018", "00017", None)

    assert 4 == len(ask.column("DUN_CREDIT", payers, down(10.0, None, 20.0, None)))
    assert "#VALUE!" == ask("DUN_CREDIT", payers, down(10.0, 20.0))
    assert "The open orders have 2 x 1 cells, the payers 4 x 1. Give one amount for each." == ask.why()


# ---------------------------------------------------------------------------------------------------------------- one recalculation


def test_one_recalculation_opens_the_workbook_once_and_the_next_one_anew(ask: Formulas, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.1, 0.2, 0.3, 5.0, 5.1]).__next__
    monkeypatch.setattr(recalculation, "now", Recalculation(clock=clock, last=-9.0))
    for _ in range(2):
        ask("DUN_LEVEL", "F1")
    first = ask.workbook.opened
    ask("DUN_LEVEL", "F1")

    assert (1, 2) == (first, ask.workbook.opened)


def test_every_function_of_the_add_in_is_asked_here(ask: Formulas) -> None:
    assert set(FUNCTIONS) == {*OF_LINES, "DUN_LAST_LETTER", "DUN_CREDIT", "DUN_WHY"}
