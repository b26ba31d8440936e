"""Statements of account: who gets one, of which lines, and that they tie to the ledger."""

from datetime import date

import pytest

from rules.model import Statement
from rules.statements import accounts, due_for, of_payers, open_on
from tests.rules.world import item, rows, world

AS_OF = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, (True, 58)),
        ({"due_date": "2026-03-31"}, (True, 0)),
        ({"due_date": "2026-03-30"}, (True, 1)),
        ({"due_date": None}, (True, 0)),
        ({"agreed_due_date": "2026-03-21"}, (True, 10)),
        ({"document_date": "2026-03-31"}, (True, 58)),
        ({"document_date": "2026-04-01"}, (False, 0)),
        ({"open_minor": 0}, (False, 0)),
        ({"open_minor": -500, "kind": "credit"}, (True, 58)),
    ],
)
def test_a_statement_shows_what_is_open_on_its_day(fields, expected) -> None:
    """Later documents and settled ones are not on it; overdue is what was due before the day, by the agreed date where there is one."""
    lines = open_on(world([item(**fields)]), AS_OF)

    assert expected == (len(lines) == 1, int(lines["overdue_days"].sum()))


def test_there_is_one_account_for_each_payer_and_currency_and_credits_are_never_overdue() -> None:
    items = [
        item(),
        item(document="C1", open_minor=-2500),
        item(document="F2", currency="GBP"),
        item(document="F3", payer="2", due_date="2026-05-01"),
    ]
    found = accounts(open_on(world(items), AS_OF))

    told = found[["payer", "currency", "open_minor", "overdue_minor", "lines"]].itertuples(index=False, name=None)

    assert [("1", "EUR", 7500, 10000, 2), ("1", "GBP", 10000, 10000, 1), ("2", "EUR", 10000, 0, 1)] == list(told)


@pytest.mark.parametrize(
    ("days", "last", "expected"),
    [
        (0, None, False),
        (30, None, True),
        (30, "2026-03-01", True),
        (30, "2026-03-02", False),
        (30, "2026-04-02", True),  # one of a later day says nothing of this one
    ],
)
def test_a_statement_is_due_when_the_interval_has_passed(days, last, expected) -> None:
    records = world([item()], payers=[{"payer": "1", "statement_days": days}])
    found = accounts(open_on(records, AS_OF))
    before = rows(Statement, *([{"date": last, "payer": "1", "currency": "EUR", "open_minor": 1}] if last else []))

    assert [expected] == list(due_for(found, records.payers, before, AS_OF))


def test_a_payer_without_a_row_is_never_due_but_can_be_named() -> None:
    records = world([item()])
    found = accounts(open_on(records, AS_OF))

    assert ([False], [True]) == (list(due_for(found, records.payers, rows(Statement), AS_OF)), list(of_payers(found, ["1"])))
