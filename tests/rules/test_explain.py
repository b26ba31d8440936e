"""The ladder of one line: every test in the order of the rules, what it looked at, the cell that decides."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from rules import model
from rules.assess import assess, ladder
from rules.explain import Explanation, explain
from rules.letters import letter_tests, letters
from rules.model import Level, Method, Payer, Rate, Reason, Regime, Settings
from rules.questions import OF_LETTER, ORDER, TESTS, TITLES
from rules.row import LANGUAGES, Row, column, empty
from rules.select import conditions_of
from rules.words import catalogue
from tests.rules.world import AS_OF, item, reminded, rows, rules, run, world

METHOD = '[[methods]]\nmethod = "standard"\nname = "Standard"\n'
LAST = reminded(4, "2026-03-01", "2026-03-10")
OTHER = '[[methods]]\nmethod = "standard"\n[[methods]]\nmethod = "other"\n[[levels]]\nmethod = "other"\nlevel = 1\ntemplate = "reminder"\n'
STANDARD = '[[levels]]\nmethod = "standard"\nlevel = 1\ntemplate = "reminder"\n'
GATED = METHOD + 'gate = "oldest_item"\n'
PLANNED: dict[str, Any] = {
    "plans": [{"plan": "P", "payer": "1", "document": "F1", "agreed_on": "2026-03-01"}],
    "items": [item(open_minor=0)],
}
LOCKING = {"run": "R1", "as_of": "2026-03-30", "payer": "1", "currency": "EUR", "level": 1, "deadline": "2026-04-09"}
PROMISE = {"payer": "1", "document": "F1", "date": "2026-03-25", "until": "2026-04-10"}

# For each reason the smallest ledger in which it decides about the first line.
WORLDS: dict[Reason, dict[str, Any]] = {
    Reason.CREDIT: {"items": [item(open_minor=-500), item(document="F2")]},
    Reason.CREDIT_NOT_DUE: {"items": [item(kind="credit", open_minor=-500, due_date="2026-05-01")], "toml": METHOD + 'credits = "net_overdue"\n'},
    Reason.CREDIT_FOLLOWS: {
        "items": [item(open_minor=-500, reference="F2"), item(document="F2", due_date="2026-05-01")], "toml": METHOD + 'credits = "follow_invoice"\n',
    },
    Reason.CREDIT_IGNORED: {"items": [item(open_minor=-500)], "toml": METHOD + 'credits = "ignore"\n'},
    Reason.PLANNED: PLANNED,
    Reason.SETTLED: {"items": [item(open_minor=0)]},
    Reason.NO_METHOD: {"items": [item(method="none")]},
    Reason.NO_DUE_DATE: {"items": [item(due_date=None)]},
    Reason.HANDED_OVER: {"history": [LAST, LAST | {"event": "hand_over", "date": "2026-03-20"}]},
    Reason.PAYER_BLOCKED: {"payers": [{"payer": "1", "block": "insolvency"}]},
    Reason.BLOCKED: {"items": [item(block="agreed", block_until="2026-04-15")]},
    Reason.DISPUTED: {"items": [item(dispute="dispute")]},
    Reason.PROMISED: {"promises": [PROMISE]},
    Reason.NOT_DUE: {"items": [item(due_date="2026-04-01")]},
    Reason.IN_GRACE: {"items": [item(due_date="2026-03-28")]},
    Reason.TOLERANCE: {"settings": {"line_tolerance_minor": 10000}},
    Reason.METHOD_CHANGED: {"history": [reminded(1, "2026-03-01", method="other")], "toml": OTHER + STANDARD},
    Reason.COLLECT: {"history": [LAST]},
    Reason.COLLECT_NOT_ALLOWED: {"history": [LAST], "payers": [{"payer": "1", "collection_allowed": False}]},
    Reason.STOPPED: {"history": [LAST], "toml": METHOD + 'last_level = "stop"\n'},
    Reason.WAITING: {"history": [reminded(1, "2026-03-25", "2026-04-04")]},
    Reason.NOT_SELECTED: {"selection": ["currency=GBP"]},
    Reason.LOCKED: {"proposals": [LOCKING]},
    Reason.GATE: {"items": [item(due_date="2026-03-01"), item(document="F2")], "toml": METHOD + 'gate = "oldest_item"\ngate_days = 90\n'},
    Reason.BELOW_LEVEL_MINIMUM: {"toml": METHOD + STANDARD + "minimum = 200.00\n"},
    Reason.CREDIT_BALANCE: {"items": [item(), item(document="C1", open_minor=-20000)]},
    Reason.NO_RATE: {"items": [item(currency="GBP")], "toml": METHOD + "minimum = 10.00\n"},
    Reason.PAYER_TOLERANCE: {"settings": {"payer_tolerance_minor": 10000}},
    Reason.BELOW_MINIMUM: {"toml": METHOD + "minimum = 200.00\n"},
    Reason.PAYER_INTERVAL: {"history": [reminded(1, "2026-03-28", document="F9")], "toml": METHOD + "payer_interval_days = 10\n"},
    Reason.JOINED: {"items": [item(due_date="2026-03-30"), item(document="F2")], "toml": GATED + "grace_days = 5\n"},
    Reason.DUE: {},
}  # fmt: skip
UNLIKE = {Reason.NO_DUE_DATE: ("–",)}  # the one answer that is about what is missing


def explained(
    *, items: list[dict[str, Any]] | None = None, toml: str = "", settings: dict[str, Any] | None = None,
    proposals: list[dict[str, Any]] | None = None, selection: list[str] | None = None, as_of: date = AS_OF, row: int = 0, **told: Any,
) -> Explanation:  # fmt: skip
    """The ladder of the line `row` of these items, an invoice of 100.00 EUR unless said otherwise."""
    standing = rows(model.Proposal, *(proposals or []))
    return explain(world(items or [item()], **told), row, standing, rules(toml, **(settings or {})), as_of, conditions_of(selection or []))


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_can_be_explained(reason: Reason) -> None:
    """It is the one that decides, all before it say no, none after it is asked, and the first fact it names is there."""
    told = explained(**WORLDS[reason])
    here = [asked.decides for asked in told.asked].index(True)
    before = {asked.reason: asked.answer for asked in told.asked[:here]}
    joins = {Reason.IN_GRACE} if reason is Reason.JOINED else set()

    assert (reason, 1, str(reason)) == (told.asked[here].reason, sum(asked.decides for asked in told.asked), told.line["reason_code"])
    assert joins == {why for why, answer in before.items() if answer}
    assert [None] * len(told.asked[here + 1 :]) == [asked.answer for asked in told.asked[here + 1 :]]
    assert UNLIKE.get(reason, ()) == tuple(value for _, value in told.asked[here].inputs if value == "–")


@pytest.mark.parametrize("reason", Reason)
def test_the_explanation_agrees_with_the_run(reason: Reason) -> None:
    """Reason, sentence, next level and next date are those of the whole run."""
    case = dict(WORLDS[reason])
    items, toml, settings = case.pop("items", [item()]), case.pop("toml", ""), case.pop("settings", {})
    whole = run(items, rules=rules(toml, **settings), selection=conditions_of(case.pop("selection", [])), **case)
    told = explained(**WORLDS[reason])

    assert whole.ledger.iloc[0].to_dict() == told.line.to_dict() or whole.ledger.iloc[[0]].equals(told.line.to_frame().T.astype(whole.ledger.dtypes))


def test_no_reason_is_without_its_test() -> None:
    """A new reason must say what it looks at, be asked by the engine, and stand in the order in which the engine asks."""
    toml = OTHER.replace('method = "standard"\n', 'method = "standard"\ncredits = "net_overdue"\n', 1).replace(
        'method = "other"\n', 'method = "other"\ncredits = "ignore"\n', 1
    )
    every, told = rules(toml + STANDARD), world([item()])
    found = assess(told, every, AS_OF)
    frame = letters(told, found, empty(model.Proposal), every, AS_OF).frame
    items, of_letter = ([why for _, why in tests] for tests in (ladder(told, found, every, AS_OF), letter_tests(frame, every, AS_OF)))
    between = {
        Reason.CREDIT_FOLLOWS,
        Reason.NOT_SELECTED,
        Reason.LOCKED,
        Reason.GATE,
        Reason.BELOW_LEVEL_MINIMUM,
        Reason.CREDIT_BALANCE,
        Reason.JOINED,
    }

    assert set(Reason) == set(ORDER) == set(WORLDS) == {*items, *of_letter, *between, Reason.DUE}
    assert [why for why in ORDER if why in items] == items
    assert [why for why in ORDER if why in of_letter] == of_letter == [why for why in OF_LETTER if why is not Reason.CREDIT_BALANCE]
    assert [why for why in Reason if why not in ORDER[:4]] == list(ORDER[4:])


def test_every_fact_has_a_title_and_every_cell_a_column() -> None:
    """In all three languages; a test without a fact explains nothing."""
    facts = {fact for test in TESTS.values() for fact in test.facts}
    columns = [test.column for test in TESTS.values() if test.column]

    assert [] == [why for why, test in TESTS.items() if not test.facts]
    assert set(TITLES) == facts
    assert [] == [title for title in TITLES.values() for lang in LANGUAGES if isinstance(title, str) and title not in catalogue(lang)["ladder"]]
    assert columns == [(row_model, column(row_model, name).name) for row_model, name in columns]


@pytest.mark.parametrize(
    ("reason", "cell", "value"),
    [
        (Reason.NO_METHOD, (Method, 1, "follow_up"), "no"),
        (Reason.PAYER_BLOCKED, (Payer, 0, "block"), "insolvency"),
        (Reason.IN_GRACE, (Method, 0, "grace_days"), "5"),
        (Reason.TOLERANCE, (Settings, 0, "line_tolerance_minor"), "€100.00"),
        (Reason.STOPPED, (Method, 0, "last_level"), "stop"),
        (Reason.WAITING, (Level, 1, "days"), "14"),
        (Reason.GATE, (Method, 0, "gate_days"), "90"),
        (Reason.BELOW_LEVEL_MINIMUM, (Level, 0, "minimum_minor"), "€200.00"),
        (Reason.BELOW_MINIMUM, (Method, 0, "minimum_minor"), "€200.00"),
        (Reason.PAYER_INTERVAL, (Method, 0, "payer_interval_days"), "10"),
        (Reason.SETTLED, None, ""),
    ],
    ids=str,
)
def test_the_cell_that_decides_is_named_with_its_value(reason: Reason, cell: tuple[type[Row], int, str] | None, value: str) -> None:
    decided = next(asked for asked in explained(**WORLDS[reason]).asked if asked.decides)

    assert (cell, value) == (decided.cell, decided.value)


def test_facts_are_written_as_a_person_reads_them() -> None:
    """Dates long, amounts with their currency, reasons by their names; in the language of the workbook."""
    blocked = explained(**WORLDS[Reason.BLOCKED])
    french = explained(**WORLDS[Reason.BELOW_MINIMUM], settings={"language": "fr"})
    texts = [dict(next(asked for asked in told.asked if asked.decides).inputs) for told in (blocked, french)]

    assert {"Block": "Agreement with the payer", "Blocked until": "until 15 April 2026"} == texts[0]
    assert {"Net": "100,00\xa0€"} == texts[1]


def test_a_line_among_many_payers_is_its_own() -> None:
    """Only its payer's lines decide; the cell on the sheet is that of its row in the whole ledger."""
    items = [item(payer=str(n), document=f"F{n}") for n in range(5)] + [item(payer="3", document="G", dispute="dispute")]
    told = explained(items=items, row=5)
    decided = next(asked for asked in told.asked if asked.decides)

    assert ("G", (model.AssessedItem, 5, "dispute")) == (told.line["document"], decided.cell)


LAW = """
[[regimes]]
regime = "law"
valid_from = 2020-01-01
margin = 10
series = "ECB"
[[rates]]
series = "ECB"
valid_from = 2025-07-01
rate = 2.00
verified_until = 2025-12-31
[[rates]]
series = "ECB"
valid_from = 2026-01-01
rate = 2.50
verified_until = 2026-06-30
[[fees]]
fee = "five"
currency = "EUR"
amount = 5.00
[[levels]]
method = "standard"
level = 1
template = "reminder"
regime = "law"
fee = "five"
"""


def test_a_line_on_a_letter_shows_how_its_interest_comes_about() -> None:
    """One period per rate and balance, each with the row of the regime and that of the rate: 5 days of 600.00, then 16 of 100.00 at 12 %."""
    paid = [{"payer": "1", "document": "F1", "date": "2025-12-20", "currency": "EUR", "amount_minor": 50000}]
    told = explained(items=[item(due_date="2025-12-15", open_minor=10000)], toml=LAW, payments=paid)
    periods = [(p.date_from.isoformat(), p.days, p.base_minor, str(p.rate), p.interest_minor) for p in told.periods]
    cells = [[(row_model.__name__, row) for row_model, row, _ in p.cells] for p in told.periods]

    assert [("2025-12-16", 5, 60000, "12.00", 99), ("2025-12-21", 11, 10000, "12.00", 36), ("2026-01-01", 90, 10000, "12.50", 308)] == periods
    assert [[("Regime", 0), ("Rate", 0)], [("Regime", 0), ("Rate", 0)], [("Regime", 0), ("Rate", 1)]] == cells
    assert {(Regime, "margin"), (Rate, "rate")} == {(row_model, name) for p in told.periods for row_model, _, name in p.cells}
    assert told.on_letter is not None
    assert told.letter is not None
    assert (443, 500) == (told.on_letter["interest_minor"], told.letter["fee_minor"])


def test_a_rate_that_is_missing_leaves_the_ladder_whole() -> None:
    """The letter is explained without interest, and what lacks is said."""
    told = explained(toml=LAW, as_of=date(2026, 7, 2))

    assert (Reason.DUE, ()) == (next(asked.reason for asked in told.asked if asked.decides), told.periods)
    assert "'ECB' for 2026-07-01" in told.lacks
    assert told.letter is not None
    assert (0, 500) == (told.letter["interest_minor"], told.letter["fee_minor"])


def test_no_row_is_changed_by_being_explained() -> None:
    told = world([item(), item(document="F2")])
    before = told.ledger.copy()
    explain(told, 1, empty(model.Proposal), rules(), AS_OF)

    assert before.equals(told.ledger)
    assert np.array_equal(before.index, told.ledger.index)
