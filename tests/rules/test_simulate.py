"""What would happen: past dates, another method, other rules, week after week."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from rules.model import HistoryEntry
from rules.records import Records
from rules.ruleset import Ruleset
from rules.simulate import calendar, compared, issued, schedule, settled, simulated, under
from tests.rules.world import AS_OF, item, reminded, rules, run, world

FIRST = '[[levels]]\nmethod = "standard"\nlevel = 1\ntemplate = "reminder"\n'
TWO = FIRST + '{first}[[levels]]\nmethod = "standard"\nlevel = 2\ndays = 14\ntemplate = "final_notice"\n'
STANDARD = '[[methods]]\nmethod = "standard"\nname = "Standard"\n'
LAW = """
[[regimes]]
regime = "law"
valid_from = 2020-01-01
margin = 7.3
series = "ECB"
[[rates]]
series = "ECB"
valid_from = 2026-01-01
rate = 0
verified_until = 2026-04-10
"""


def mondays(count: int) -> list[date]:
    """So many Mondays from 6 April 2026 on."""
    return [date(2026, 4, 6) + timedelta(weeks=n) for n in range(count)]


def reason(told: Records, ruleset: Ruleset, as_of: date) -> str:
    """Reason of the first line."""
    return str(simulated(told, ruleset, as_of).run.ledger["reason_code"].iloc[0])


# ---------------------------------------------------------------------------------------------------------------- what was known on a day

PROMISE = {"payer": "1", "document": "F1", "date": "2026-03-10", "until": "2026-03-20", "tolerance_days": 0, "state": "broken"}
LATER = reminded(1, "2026-03-15", "2026-03-25")
UNDONE = LATER | {"event": "undo", "date": "2026-03-18", "undoes": 1, "level": 0, "reminders": 0}


@pytest.mark.parametrize(
    ("told", "on", "expected"),
    [
        ({"history": [LATER]}, date(2026, 3, 14), "due"),
        ({"history": [LATER]}, date(2026, 3, 15), "waiting"),
        ({"history": [LATER, UNDONE]}, date(2026, 3, 17), "waiting"),
        ({"promises": [PROMISE]}, date(2026, 3, 9), "due"),
        ({"promises": [PROMISE]}, date(2026, 3, 20), "promised"),
        ({"promises": [PROMISE]}, date(2026, 3, 21), "due"),
    ],
)  # fmt: skip
def test_a_past_day_knows_nothing_of_what_came_later(told: dict[str, Any], on: date, expected: str) -> None:
    """Letters, undos and promises from their day on; a promise broken since is open until it ran out."""
    assert expected == reason(settled(world([item()], **told).on(on), on), rules(), on)


def test_what_was_paid_later_is_open_again_and_later_documents_are_not_there() -> None:
    """The payment of the 10th counts from the 10th; what cleared a line that has left the ledger is counted as gone."""
    payment = {"payer": "1", "document": "F1", "date": "2026-03-10", "currency": "EUR", "amount_minor": 2500}
    told = world([item(), item(document="F2", document_date="2026-03-15")], payments=[payment, payment | {"document": "F0"}])
    past, now = told.on(date(2026, 3, 9)), told.on(date(2026, 3, 10))

    assert ([("F1", 12500)], [("F1", 10000)]) == tuple(list(zip(r.ledger["document"], r.ledger["open_minor"], strict=True)) for r in (past, now))
    assert (0, 2) == (len(past.payments), len(now.payments))
    assert (1, 0) == (len(told.gone(date(2026, 3, 9))), len(told.gone(date(2026, 3, 10))))


def test_a_plan_of_later_is_folded_back_and_one_broken_since_runs_again() -> None:
    """Before it was agreed the invoice stands by itself; while it ran, its instalments stood in its place."""
    plan = {"plan": "P", "payer": "1", "document": "F1", "agreed_on": "2026-03-01", "state": "broken"}
    due = [{"plan": "P", "instalment": str(n), "due_date": f"2026-0{n + 3}-01", "currency": "EUR", "amount_minor": 5000} for n in (1, 2)]
    told = world([item()], plans=[plan], instalments=due)
    lines = [settled(told.on(on), on).ledger for on in (date(2026, 2, 28), date(2026, 3, 31), date(2026, 5, 20))]

    assert [[10000], [0, 5000, 5000], [10000]] == [frame["open_minor"].tolist() for frame in lines]


# ---------------------------------------------------------------------------------------------------------------- one run after the other


def test_the_calendar_goes_on_from_letter_to_letter_to_collection() -> None:
    """Each run finds what the former sent; a line goes to collection once."""
    told = calendar(world([item(), item(payer="2", due_date="2026-04-20")]), rules(STANDARD + TWO.format(first="")), mondays(8))

    assert [("2026-04-06", 1, 1), ("2026-04-20", 2, 1), ("2026-04-27", 1, 1), ("2026-05-11", 2, 1)] == [
        (str(row["as_of"]), row["level"], row["letters"]) for row in told.letters.to_dict("records")
    ]
    assert [("2026-05-04", 1, 10000), ("2026-05-25", 1, 10000)] == [
        (str(row["as_of"]), row["lines"], row["open_minor"]) for row in told.collection.to_dict("records")
    ]
    assert told.lacks is None


@pytest.mark.parametrize(("credit", "collection", "letters"), [
    (-4000, ("2026-04-06", 1, 6000), [(1, 10000), (2, 10000)]),
    (-10000, None, []),
])  # fmt: skip
def test_a_credit_leaves_with_its_case_in_the_calendar_or_keeps_it(credit: int, collection: Any, letters: list[tuple[int, int]]) -> None:
    """What was deducted from a claim is deducted from no later letter; a credit that covers the claim keeps it, and is still there for letters."""
    told = world(
        [item(), item(document="C", open_minor=credit), item(document="F3", due_date="2026-04-20")],
        history=[reminded(2, "2026-03-01", "2026-03-10")],
    )
    made = calendar(told, rules(STANDARD + TWO.format(first="")), mondays(6))
    over = [(str(row["as_of"]), row["lines"], row["open_minor"]) for row in made.collection.to_dict("records")]

    assert collection == (over[0] if over else None)
    assert letters == [(row["level"], row["net_minor"]) for row in made.letters.to_dict("records")]


def test_the_calendar_goes_on_without_interest_where_the_rate_ends() -> None:
    """65 days of 100.00 at 7.3 % are 1.28 on 7 April; from the next letter on nobody knows, and the date and the rate are named."""
    told = calendar(world([item()]), rules(LAW + STANDARD + TWO.format(first='regime = "law"\n') + 'regime = "law"\n'), mondays(4))
    interest = [
        None if value is None else int(value)
        for value in told.letters["interest_minor"].astype(object).where(told.letters["interest_minor"].notna(), None)
    ]

    assert [128, None] == interest
    assert told.lacks is not None
    assert date(2026, 4, 20) == told.lacks[0]
    assert "'ECB' for 2026-04-11" in told.lacks[1]


def test_an_open_promise_of_the_future_breaks_in_the_calendar() -> None:
    """Nobody pays: the letter comes on the first run after the promise ran out."""
    promise = {"payer": "1", "document": "F1", "date": "2026-03-30", "until": "2026-04-14", "tolerance_days": 0}
    told = calendar(world([item()], promises=[promise]), rules(), mondays(3))

    assert ["2026-04-20"] == [str(day) for day in told.letters["as_of"]]


def test_the_calendar_of_no_letters_has_its_columns() -> None:
    told = calendar(world([item(due_date="2027-01-01")]), rules(), mondays(2))

    assert (0, 0, "as_of") == (len(told.letters), len(told.collection), told.letters.columns[0])


def test_what_is_issued_leaves_the_history_of_letters_and_hand_overs() -> None:
    """A level set by hand is spent, a claimed fee becomes a line, a case is handed over with the credit; numbers go on."""
    fee = '[[fees]]\nfee = "five"\ncurrency = "EUR"\namount = 5.00\n' + STANDARD + "claim_fees = true\n" + TWO.format(first='fee = "five"\n')
    every = rules(fee)
    old = reminded(2, "2026-03-01", "2026-03-10", document="F2")
    told = world([item(manual_level=1, manual_reason="decision"), item(document="F2"), item(document="C", open_minor=-100)], history=[old])
    after = issued(told, simulated(told, every, AS_OF).run, every, AS_OF)
    written = after.history.fillna({"manual_level": 0}).to_dict("records")[1:]
    entries = {(e["document"], str(e["event"])): (e["entry"], e["level"], e["reminders"], e["manual_level"] == 1) for e in written}

    assert {
        ("F1", "letter"): (2, 1, 1, True),
        ("C", "letter"): (3, 0, 0, False),
        ("F2", "hand_over"): (4, 2, 2, False),
        ("C", "hand_over"): (5, 0, 0, False),
    } == entries
    assert after.ledger["manual_level"].isna().all()
    assert [("fee", 500)] == [(str(line["kind"]), line["open_minor"]) for line in after.ledger.iloc[3:].to_dict("records")]
    assert list(HistoryEntry.model_fields) == list(after.history.columns)


# ---------------------------------------------------------------------------------------------------------------- one line to its end


def series(told: Records, ruleset: Ruleset, rows: list[int], as_of: date = AS_OF) -> list[tuple[Any, ...]]:
    """Document, date, level and fee of each entry."""
    made = schedule(told, ruleset, rows, as_of)
    return [(row["document"], str(row["date"]), row["level"]) for row in made.to_dict("records")]


def test_the_schedule_of_a_line_ends_with_collection() -> None:
    """The letters, the deadlines and fees printed on them, and the day after the last deadline."""
    every = rules('[[fees]]\nfee = "five"\ncurrency = "EUR"\namount = 5.00\n' + STANDARD + TWO.format(first='fee = "five"\n'))
    made = schedule(world([item(), item(document="F2", due_date="2026-05-01")]), every, [1, 0], AS_OF)

    assert [("F2", "2026-05-02", 1), ("F2", "2026-05-16", 2), ("F2", "2026-05-27", 0)] == [
        (row["document"], str(row["date"]), row["level"]) for row in made.to_dict("records")[:3]
    ]
    assert ["2026-05-12", "2026-05-26"] == [day.date().isoformat() for day in made["deadline"].iloc[:2]]
    assert [(500, 10500), (0, 10000)] == list(zip(made["fee_minor"].iloc[:2], made["total_minor"].iloc[:2], strict=True))
    assert made["reason"].iloc[2].endswith("proposed for collection.")
    assert (["F2"] * 3 + ["F1"] * 3) == made["document"].tolist()


@pytest.mark.parametrize(
    ("line", "toml", "expected"),
    [
        ({"level_cap": 1}, "", [("2026-03-31", 1), ("2026-04-10", 1), ("2026-04-20", 0)]),
        ({}, STANDARD + 'last_level = "stop"\n', [("2026-03-31", 1), ("2026-04-14", 2), ("None", 0)]),
        ({}, STANDARD + 'last_level = "repeat"\nmaximum_reminders = 3\n', [("2026-03-31", 1), ("2026-04-14", 2), ("2026-04-28", 2), ("None", 0)]),
        ({}, STANDARD + 'last_level = "repeat"\n', [("2026-03-31", 1), ("2026-04-14", 2), ("2026-04-28", 2), ("2026-05-12", 0)]),
        ({"block": "agreed", "block_until": "2026-04-30"}, "", [("2026-05-01", 1), ("2026-05-15", 2), ("2026-05-27", 0)]),
        ({"dispute": "dispute"}, "", [("None", 0)]),
        ({"open_minor": -100}, "", [("None", 0)]),
    ],
    ids=["cap", "stop", "at most", "for ever", "blocked until", "disputed", "credit"],
)  # fmt: skip
def test_a_schedule_has_an_end(line: dict[str, Any], toml: str, expected: list[tuple[str, int]]) -> None:
    """Where the series ends, or nobody knows how it goes on, is its last row; an endless one ends with its first repetition."""
    told = series(world([item(**line)]), rules((toml or STANDARD) + TWO.format(first="")), [0])

    assert expected == [(day, level) for _, day, level in told]


# ---------------------------------------------------------------------------------------------------------------- side by side


def test_two_runs_side_by_side() -> None:
    """Lines that move, counted by reason; letters and money with their difference; what stays is not listed."""
    items = [item(), item(document="F2", due_date="2026-03-28"), item(payer="2", currency="GBP", document="G1")]
    before, after = (run(items, rules=rules(STANDARD + f"grace_days = {n}\n")) for n in (5, 0))
    told = compared(before, after)

    assert [("in_grace", "due", 1)] == list(told.reasons.itertuples(index=False, name=None))
    assert [("EUR", 1, 1, 1, 10000, 20000, 10000), ("GBP", 1, 1, 1, 10000, 10000, 0)] == list(told.letters.itertuples(index=False, name=None))
    assert [("EUR", 1, 1, 10000, 20000, 10000), ("GBP", 1, 1, 10000, 10000, 0)] == list(told.money.itertuples(index=False, name=None))
    assert ["F1", "F2", "G1"] == told.lines["document"].tolist()  # the first day on which they were due moves, too


def test_the_same_run_twice_differs_in_nothing() -> None:
    told = compared(run([item()], rules=rules()), run([item()], rules=rules()))

    assert (0, 0, [0]) == (len(told.reasons), len(told.lines), told.money["difference_minor"].tolist())


def test_every_line_under_one_method() -> None:
    """The line's own method, the payer's and the default give way; what was sent under another counts as sent under it."""
    toml = STANDARD + TWO.format(first="") + '[[methods]]\nmethod = "none"\nfollow_up = false\n[[methods]]\nmethod = "other"\n'
    every = rules(
        toml + '[[levels]]\nmethod = "other"\nlevel = 1\ntemplate = "reminder"\n[[levels]]\nmethod = "other"\nlevel = 2\ntemplate = "reminder"\n'
    )
    told = world(
        [item(method="none"), item(payer="2", document="G")],
        history=[reminded(1, "2026-03-01", "2026-03-10", payer="2", document="G", method="standard")],
    )
    made = simulated(under(told, "other"), every, AS_OF).run.ledger

    assert [("due", 1), ("due", 2)] == list(zip(made["reason_code"].astype(str), made["next_level"], strict=True))
