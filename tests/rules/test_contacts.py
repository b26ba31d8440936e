"""What was said and agreed holds until its day, and what it holds back comes again at the level where it stopped."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import model
from rules.calls import called
from rules.contacts import Contacts, call_list, contact_findings, current, promised_until
from rules.merge import PERSONS
from rules.plans import folded, unfolded
from rules.row import Row, empty, to_frame
from rules.ruleset import by_name
from tests.rules.world import AS_OF, item, rules, run
from tests.table import Case, cases

CASES = cases(Path(__file__).parents[1] / "cases" / "contacts.md")
OWED = {"document_date": date(2026, 1, 2), "original_minor": 10000}
DUES = (("1", 3000, date(2026, 3, 10)), ("2", 3000, date(2026, 4, 10)), ("3", 2000, date(2026, 5, 10)))


def rows(row_model: type[Row], *records: dict[str, Any]) -> pd.DataFrame:
    """The frame of these records; what they leave out has the default of the model."""
    return to_frame([row_model(**record) for record in records], row_model)


def promise(**fields: Any) -> dict[str, Any]:
    return {"payer": "1", "document": "F1", "date": date(2026, 3, 2), "until": date(2026, 3, 10), "amount_minor": None, "tolerance_days": 3} | fields


def plan(**fields: Any) -> dict[str, Any]:
    return {"plan": "P", "payer": "1", "document": "F1", "agreed_on": date(2026, 3, 2), "tolerance_days": 3, "state": "running"} | fields


def instalments(*dues: tuple[str, int, date], **fields: Any) -> list[dict[str, Any]]:
    return [{"plan": "P", "instalment": n, "due_date": on, "currency": "EUR", "amount_minor": amount} | fields for n, amount, on in dues or DUES]


def paid(amount: int | None, on: date | None, **fields: Any) -> pd.DataFrame:
    payment = {"payer": "1", "document": "F1", "date": on, "currency": "EUR", "amount_minor": amount} | fields
    return rows(model.Payment, *([payment] if amount else []))


def told(ledger: pd.DataFrame, as_of: date, payments: pd.DataFrame | None = None, **given: list[dict[str, Any]]) -> Contacts:
    models = {"promises": model.Promise, "plans": model.Plan, "instalments": model.Instalment, "follow_ups": model.FollowUp}
    frames = {name: rows(m, *given.get(name, [])) for name, m in models.items()}
    return current(ledger, **frames, payments=empty(model.Payment) if payments is None else payments, as_of=as_of)


# ---------------------------------------------------------------------------------------------------------------- promises


@pytest.mark.parametrize("case", CASES["Promises"], ids=str)
def test_a_promise_holds_until_its_day_and_tolerance(case: Case) -> None:
    ledger = rows(model.AssessedItem, item(open_minor=case.open, **OWED))
    made = promise(document=case.covers or "", amount_minor=case.amount, state=case.typed)
    payments = paid(case.paid, case.paid_on)
    state = told(ledger, case.as_of, payments, promises=[made]).promises["state"][0]
    until = promised_until(ledger, rows(model.Promise, made), payments, case.as_of)[0]

    assert (case.state, case.until) == (state, None if pd.isna(until) else until.date())


def test_a_promise_of_a_payer_covers_what_was_there_when_it_was_made_and_the_latest_decides() -> None:
    ledger = rows(
        model.OpenItem, item(document="old", document_date=date(2026, 3, 2)), item(document="new", document_date=date(2026, 3, 3)),
        item(document="undated"), item(document="foreign", currency="USD"), item(document="theirs", payer="2"),
    )  # fmt: skip
    promises = rows(model.Promise, promise(document="", currency="EUR"), promise(document="old", until=date(2026, 3, 20)))
    until = promised_until(ledger, promises, empty(model.Payment), date(2026, 3, 5))

    assert ["2026-03-23", "", "2026-03-13", "", ""] == until.dt.strftime("%Y-%m-%d").fillna("").tolist()


def test_a_broken_promise_is_named_while_something_is_open_and_the_letters_go_on_at_the_same_level() -> None:
    ledger = rows(model.AssessedItem, item(**OWED))
    found = contact_findings(told(ledger, AS_OF, promises=[promise(), promise(document="F9", state="broken")]), AS_OF, by_name)
    letters = [{"event": "letter", "date": "2026-02-20", "payer": "1", "document": "F1", "level": 2, "reminders": 2, "method": "standard"}]
    waiting, due = (
        run([item(**OWED)], rules=rules(), as_of=day, history=letters, promises=[promise()]).ledger for day in (date(2026, 3, 13), date(2026, 3, 14))
    )

    assert [("promise_broken", "Promise, row 1, until")] == [(f.code, f.place) for f in found]
    assert [("promised", 3), ("due", 3)] == [(frame["reason_code"][0], frame["next_level"][0]) for frame in (waiting, due)]


# ---------------------------------------------------------------------------------------------------------------- plans


@pytest.mark.parametrize("case", CASES["Plans"], ids=str)
def test_the_instalments_of_a_running_plan_stand_for_the_invoice(case: Case) -> None:
    ledger = rows(model.AssessedItem, item(open_minor=case.open, **OWED), item(document="other"))
    now = told(ledger, case.as_of, paid(case.paid, case.paid_on), plans=[plan(state=case.typed)], instalments=instalments())
    expected = [
        ("", case.rest),
        *((f"P/{n}", n_open) for n, n_open in zip("123", (case.first, case.second, case.third), strict=True) if n_open),
        ("", 10000),
    ]

    assert case.state == now.plans["state"][0]
    assert expected == list(zip(now.ledger["instalment"], now.ledger["open_minor"], strict=True))


def test_an_instalment_has_its_own_due_date_and_level_and_bears_what_its_invoice_does() -> None:
    ledger = rows(model.AssessedItem, item(**OWED, method="strict", law="FR", level_cap=2, note="mine", dispute="no", level=2, reference="PO 1"))
    line = told(ledger, AS_OF - timedelta(30), plans=[plan()], instalments=instalments()).ledger.iloc[1]
    shown = ["document", "instalment", "kind", "due_date", "original_minor", "method", "law", "level_cap", "note", "dispute", "level", "reference"]

    assert ["F1", "P/1", "instalment", pd.Timestamp(2026, 3, 10), 3000, "strict", "FR", 2, "", "", 0, "PO 1"] == line[shown].tolist()


def test_what_people_typed_on_an_instalment_stays_also_through_an_import() -> None:
    plans, dues = rows(model.Plan, plan()), rows(model.Instalment, *instalments())
    as_of = date(2026, 3, 3)
    ledger = unfolded(rows(model.AssessedItem, item(**OWED)), plans, dues, as_of)
    ledger.loc[2, ["note", "level"]] = ["call first", 1]
    again = unfolded(ledger, plans, dues, as_of)
    imported = unfolded(rows(model.AssessedItem, item(**OWED, open_minor=9000)), plans, dues, as_of, before=ledger)

    pd.testing.assert_frame_equal(ledger, again)
    assert [("call first", 1), ("call first", 1)] == [(frame["note"][2], frame["level"][2]) for frame in (again, imported)]


@pytest.mark.parametrize(
    ("plans", "dues", "items"),
    [
        ([plan()], [], [item(**OWED)]),
        ([plan()], instalments(currency="USD"), [item(**OWED)]),
        ([plan()], [*instalments(DUES[0]), *instalments(DUES[1], currency="USD")], [item(**OWED)]),
        ([plan()], instalments(), [item(**OWED), item(**OWED, instalment="2")]),
    ],
    ids=["no instalments", "another currency", "two currencies", "two lines"],
)
def test_a_plan_that_cannot_be_told_has_no_effect_and_says_so(plans: list[Any], dues: list[Any], items: list[Any]) -> None:
    ledger = rows(model.AssessedItem, *items)
    now = told(ledger, AS_OF, plans=plans, instalments=dues)

    pd.testing.assert_frame_equal(ledger, now.ledger)
    assert ["running"] == list(now.plans["state"])
    assert ["plan_unclear"] == [f.code for f in contact_findings(now, AS_OF, by_name)]


def test_of_two_plans_for_one_document_the_first_holds() -> None:
    as_of, second = date(2026, 3, 3), plan(plan="Q")
    now = told(
        rows(model.AssessedItem, item(**OWED)),
        as_of,
        plans=[plan(), second],
        instalments=[*instalments(), *instalments(DUES[0]), *instalments(DUES[0], plan="Q")],
    )

    assert [("plan_unclear", "Plan, row 2, plan")] == [(f.code, f.place) for f in contact_findings(now, as_of, by_name)]
    assert {"", "P/1", "P/2", "P/3"} == set(now.ledger["instalment"])


def test_a_plan_after_a_broken_one_holds() -> None:
    as_of = date(2026, 3, 3)
    plans, dues = [plan(plan="O", state="broken"), plan()], [*instalments(plan="O"), *instalments()]
    now = told(rows(model.AssessedItem, item(**OWED)), as_of, plans=plans, instalments=dues)

    assert ["", "P/1", "P/2", "P/3"] == list(now.ledger["instalment"])
    assert ["plan_broken"] == [f.code for f in contact_findings(now, as_of, by_name)]


def monthly(amounts: list[int]) -> list[tuple[str, int, date]]:
    """Instalments of these amounts from 10 March on, and a last small one."""
    return [(str(n), amount, date(2026, 3, 10) + timedelta(30 * n)) for n, amount in enumerate([*amounts, 1])]


AMOUNTS = st.lists(st.integers(1, 5000), max_size=4)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-5000, 20000), st.sampled_from(["EUR", "USD"]), AMOUNTS, st.integers(0, 9000)), max_size=5), st.integers(0, 90))
def test_folding_and_unfolding_never_change_what_is_open(documents: list[tuple[int, str, list[int], int]], after: int) -> None:
    """Σ open per currency is the same; folding gives the invoices back; unfolding twice is unfolding once."""
    ledger = rows(model.AssessedItem, *(item(document=f"F{n}", open_minor=o, currency=c) for n, (o, c, _, _) in enumerate(documents)))
    plans = rows(model.Plan, *(plan(plan=f"P{n}", document=f"F{n}") for n in range(len(documents))))
    dues = rows(
        model.Instalment,
        *(due for n, (_, c, amounts, _) in enumerate(documents) for due in instalments(*monthly(amounts), plan=f"P{n}", currency=c)),
    )
    payments = pd.concat(
        [paid(p or None, date(2026, 3, 3), document=f"F{n}", currency=c) for n, (_, c, _, p) in enumerate(documents)] or [paid(None, None)]
    )
    as_of = date(2026, 3, 1) + timedelta(after)
    follow_ups, promises = empty(model.FollowUp), empty(model.Promise)
    once = current(ledger, promises, plans, dues, follow_ups, payments.reset_index(drop=True), as_of)
    twice = current(once.ledger, promises, once.plans, once.instalments, follow_ups, payments.reset_index(drop=True), as_of)

    assert ledger.groupby("currency")["open_minor"].sum().to_dict() == once.ledger.groupby("currency")["open_minor"].sum().to_dict()
    assert ledger["open_minor"].tolist() == folded(once.ledger)["open_minor"].tolist()
    assert (once.ledger["open_minor"][once.ledger["instalment"] != ""] > 0).all()
    pd.testing.assert_frame_equal(once.ledger, twice.ledger)
    pd.testing.assert_frame_equal(once.plans, twice.plans)
    pd.testing.assert_frame_equal(once.instalments, twice.instalments)


def test_every_column_a_person_fills_is_kept_or_inherited_on_an_instalment() -> None:
    typed_in = {
        "method": "m", "law": "FR", "agreed_due_date": date(2026, 4, 1), "block": "b", "block_until": AS_OF, "dispute": "d", "dispute_review": AS_OF,
        "manual_level": 2, "level_cap": 3, "manual_reason": "r", "note": "n",
    }  # fmt: skip
    plans, dues = rows(model.Plan, plan()), rows(model.Instalment, *instalments(DUES[0]))
    ledger = unfolded(rows(model.AssessedItem, item(**OWED)), plans, dues, date(2026, 3, 3))
    said = rows(model.AssessedItem, item(**typed_in))[list(PERSONS)]
    line = ledger.iloc[[1]].reset_index(drop=True).assign(**{name: said[name] for name in PERSONS})
    again = unfolded(pd.concat([ledger.iloc[[0]], line], ignore_index=True), plans, dues, date(2026, 3, 3))

    assert set(PERSONS) == set(typed_in)
    assert said.iloc[0].tolist() == again[list(PERSONS)].iloc[1].tolist()


# ---------------------------------------------------------------------------------------------------------------- follow-ups, disputes, calls


@pytest.mark.parametrize("case", CASES["Follow-ups"], ids=str)
def test_a_follow_up_closes_itself_and_is_named_when_its_day_has_passed(case: Case) -> None:
    note = {"payer": "1", "document": case.covers or "", "date": date(2026, 3, 2), "action_date": case.action_date, "done": case.typed == "True"}
    now = told(rows(model.AssessedItem, item(open_minor=case.open, **OWED)), case.as_of, follow_ups=[note])

    assert case.done == str(now.follow_ups["done"][0])
    assert [case.finding] * bool(case.finding) == [f.code for f in contact_findings(now, case.as_of, by_name)]


@pytest.mark.parametrize(("review", "code"), [(date(2026, 3, 30), ["dispute_review_passed"]), (AS_OF, []), (None, [])])
def test_a_dispute_whose_review_has_passed_is_named(review: date | None, code: list[str]) -> None:
    ledger = rows(model.AssessedItem, item(dispute="d", dispute_review=review), item(document="F2", dispute="d", dispute_review=review, open_minor=0))

    assert code == [f.code for f in contact_findings(told(ledger, AS_OF), AS_OF, by_name)]


@pytest.mark.parametrize("case", CASES["Calls"], ids=str)
def test_what_a_call_does_to_a_line(case: Case) -> None:
    ledger = rows(
        model.AssessedItem,
        item(
            days_overdue=58, reason_code=case.reason, level=case.level, reminders=case.level, last_reminder=case.last, next_level=case.next,
            level_cap=case.cap,
        ),
        item(document="F2", days_overdue=0, reason_code="not_due", next_level=1),
        item(document="F3", payer="2", days_overdue=58, reason_code="due", next_level=1),
    )  # fmt: skip
    call = rows(model.Call, {"payer": "1", "date": AS_OF, "outcome": case.outcome, "counts": case.counts == "True", "note": "said"})
    by_phone = rules(
        f'[[methods]]\nmethod = "standard"\nphone_counts = {str(case.by_phone).lower()}\n[[methods]]\nmethod = "none"\nfollow_up = false'
    )
    entries = called(call, ledger, empty(model.Payer), by_phone)
    expected = [] if case.entry is None else [("F1", "call", case.level, case.entry, case.reminders, "standard", 10000, "said")]
    shown = entries[["document", "event", "level_before", "level", "reminders", "method", "open_minor", "note"]]

    assert expected == list(shown.itertuples(index=False, name=None))


def test_a_call_about_one_document_leaves_the_others_and_two_calls_on_a_day_count_once() -> None:
    lines = [item(document=d, days_overdue=9, reason_code="due", next_level=1) for d in ("F1", "F2")]
    about = [{"payer": "1", "date": AS_OF, "document": d} for d in ("F2", "")]
    entries = called(rows(model.Call, *about), rows(model.AssessedItem, *lines), empty(model.Payer), rules())

    assert [("F2", 1, 1), ("F1", 1, 1), ("F2", 0, 0)] == list(entries[["document", "level", "reminders"]].itertuples(index=False, name=None))


def test_the_call_list_has_who_is_overdue_and_not_off_it() -> None:
    late = {"days_overdue": 10, "reason_code": "waiting"}
    ledger = rows(
        model.AssessedItem,
        item(**late, payer_name="Export's name", level=1),
        item(**late | {"days_overdue": 40}, document="F2", currency="GBP", open_minor=500, level=3),
        item(**late, payer="2"), item(**late, payer="3", open_minor=90000), item(payer="4", days_overdue=9, reason_code="promised"),
        item(payer="5", days_overdue=0, reason_code="not_due"), item(payer="6", days_overdue=9, reason_code="disputed"),
    )  # fmt: skip
    follow_ups = rows(
        model.FollowUp,
        {"payer": "1", "date": AS_OF, "action_date": AS_OF}, {"payer": "1", "date": AS_OF, "action_date": AS_OF + timedelta(1), "done": True},
        {"payer": "2", "date": AS_OF, "action_date": AS_OF + timedelta(1)},
    )  # fmt: skip
    calls = rows(model.Call, *({"payer": "1", "date": day, "outcome": o} for day, o in ((date(2026, 3, 20), "reached"), (AS_OF, "not_reached"))))
    payers = rows(model.Payer, {"payer": "1", "name": "Lefèvre", "phone": "+33 1", "analyst": "AB"})
    listed = call_list(ledger, payers, empty(model.HistoryEntry), calls, follow_ups, rules(), AS_OF)

    assert [
        ("3", "", "", "", "900.00 EUR", 90000, 10, 0, "", ""),
        ("1", "Lefèvre", "+33 1", "AB", "100.00 EUR, 5.00 GBP", 10000, 40, 3, "2026-03-20", "2026-03-31"),
    ] == [tuple("" if pd.isna(v) else str(v.date()) if isinstance(v, pd.Timestamp) else v for v in row[1:]) for row in listed.itertuples(index=False)]


def test_nobody_to_call_is_an_empty_list() -> None:
    frames = (empty(m) for m in (model.AssessedItem, model.Payer, model.HistoryEntry, model.Call, model.FollowUp))

    assert 0 == len(call_list(*frames, rules(), AS_OF))
