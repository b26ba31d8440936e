"""What holds whatever the settings: sums tie, every line has one reason, no level rises without cause, order never matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import model
from rules.assess import assess
from rules.model import Level, Method, Reason
from rules.propose import Run, propose
from rules.records import Records
from rules.review import letter_key
from rules.row import LANGUAGES, empty
from rules.ruleset import Ruleset
from rules.standing import document_key, item_key, positions
from tests.rules.world import AS_OF, item, reminded, rules, world

PLAIN = rules(
    """
    [[currencies]]
    currency = "GBP"
    rate = 1.25
    [[fees]]
    fee = "letter"
    currency = "EUR"
    amount = 5.00
    [[fees]]
    fee = "line"
    currency = "EUR"
    percent = 1
    [[regimes]]
    regime = "contract"
    valid_from = 2020-01-01
    margin = 8
    lump_sum = "letter"
    """
)
HELD = (Reason.BLOCKED, Reason.DISPUTED, Reason.PROMISED, Reason.PAYER_BLOCKED)
AMOUNTS = st.sampled_from([0, 0, 5_000, 20_000])
DATES = st.dates(date(2025, 10, 1), date(2026, 6, 1))


def words(enum: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(list(enum))


METHODS = st.builds(
    Method, method=st.just("standard"), grace_days=st.integers(0, 10), overdue_test=words(model.OverdueTest), clock=words(model.Clock),
    grouping=words(model.Grouping), line_level=words(model.LineLevel), gate=words(model.Gate), gate_days=st.integers(0, 40),
    credits=words(model.Credits),
    minimum_minor=AMOUNTS, fall_back=st.booleans(), maximum_reminders=st.integers(0, 5), last_level=words(model.LastLevel),
    payer_interval_days=st.sampled_from([0, 0, 10]), phone_counts=st.booleans(), include_on_hold=st.booleans(), include_not_due=st.booleans(),
    fee_minimum_minor=AMOUNTS, claim_fees=st.booleans(),
)  # fmt: skip
STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "days": st.integers(0, 30), "unit": words(model.Unit), "mode": words(model.Mode), "deadline_days": st.integers(0, 20),
            "minimum_minor": AMOUNTS,
            "minimum_percent": st.sampled_from([Decimal(0), Decimal(0), Decimal(40)]), "fee": st.sampled_from(["", "letter"]),
            "line_fee": st.sampled_from(["", "line"]), "regime": st.sampled_from(["", "contract"]),
        }
    ),
    min_size=1, max_size=4,
)  # fmt: skip
ITEMS = st.lists(
    st.fixed_dictionaries(
        {
            "payer": st.sampled_from(["1", "2"]),
            "currency": st.sampled_from(["EUR", "EUR", "GBP", "JPY"]),
            "open_minor": st.integers(1, 100_000) | st.integers(-50_000, 20_000),
            "kind": st.sampled_from(["invoice", "credit", "payment"]),
            "due_date": st.none() | DATES,
            "agreed_due_date": st.none() | st.none() | DATES,
            "reference": st.sampled_from(["", "D0", "D1"]),
            "dispute": st.sampled_from(["", "", "", "dispute"]),
            "block": st.sampled_from(["", "", "", "agreed"]),
            "method": st.sampled_from(["", "", "", "", "none"]),
            "manual_level": st.none() | st.none() | st.integers(1, 4),
            "level_cap": st.none() | st.none() | st.integers(1, 4),
        }
    ),
    max_size=12,
)
EVENTS = st.sampled_from(["letter", "letter", "call", "hand_over"])
LETTERS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 4), st.dates(date(2026, 1, 1), AS_OF), EVENTS), max_size=8)
PROMISED = st.lists(st.integers(0, 11), max_size=2)


class World(NamedTuple):
    """What is told, and the rules."""

    records: Records
    rules: Ruleset

    def run(self) -> Run:
        """What the rules say of it."""
        return propose(self.records, assess(self.records, self.rules, AS_OF), empty(model.Proposal), self.rules, AS_OF, "R1")


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A ledger of two payers with its history, under any method."""
    method, steps = draw(METHODS), draw(STEPS)
    levels = tuple(Level(method="standard", level=n, template="reminder", **step) for n, step in enumerate(steps, start=1))
    items = [item(**fields) | {"document": f"D{n}"} for n, fields in enumerate(draw(ITEMS))]
    told = sorted((on, n, level, event) for n, level, on, event in draw(LETTERS) if n < len(items) and level <= len(levels))
    history = [
        reminded(level, on, on + timedelta(days=10), event=event, run=f"R{on}", reminders=max(level, 1), method="standard", payer=items[n]["payer"],
                 document=f"D{n}", currency=items[n]["currency"])
        for on, n, level, event in told if level or event == "call"
    ]  # fmt: skip
    promises = [{"payer": items[n]["payer"], "document": f"D{n}", "date": date(2026, 3, 1), "until": AS_OF} for n in draw(PROMISED) if n < len(items)]
    tolerances = {"line_tolerance_minor": draw(st.sampled_from([0, 500])), "payer_tolerance_minor": draw(st.sampled_from([0, 500]))}
    ruled = replace(PLAIN, methods=(method, PLAIN.methods[1]), levels=levels, settings=PLAIN.settings.model_copy(update=tolerances))
    return World(world(items, history=history, promises=promises), ruled)


def sums_tie_and_every_line_is_in_or_out(told: World, run: Run) -> None:
    """Σ ledger = Σ assessment = Σ letters + Σ left out, per currency; a letter is the sum of its parts and of its lines; no line stands twice."""
    lines, letters = run.lines, run.proposals
    counted = lines[lines["section"].isin(["due", "credit"])]
    on_letter = run.ledger["reason_code"].isin([Reason.DUE, Reason.JOINED])
    carried = item_key(run.ledger).isin(item_key(counted))
    parts = letters[["overdue_minor", "credits_minor", "fee_minor", "interest_minor", "lump_sum_minor"]].sum(axis=1)
    sums = counted.groupby(letter_key(counted))["open_minor"].sum()

    assert told.records.ledger["open_minor"].tolist() == run.ledger["open_minor"].tolist()
    assert run.ledger.groupby("currency")["open_minor"].sum().to_dict() == run.totals.set_index("currency")["open_minor"].to_dict()
    assert not item_key(lines).duplicated().any()
    assert set(item_key(run.ledger)[on_letter]) == set(item_key(lines)[lines["section"] == "due"])
    assert run.ledger.loc[carried, "open_minor"].sum() == (letters["overdue_minor"] + letters["credits_minor"]).sum()
    assert sums.to_dict() == dict(zip(letter_key(letters), letters["overdue_minor"] + letters["credits_minor"], strict=True))
    assert parts.tolist() == letters["total_minor"].tolist()
    assert (letters["overdue_minor"] + letters["credits_minor"] > 0).all()
    assert (lines.loc[lines["section"].isin(["on_hold", "not_due"]), ["level", "interest_minor", "fee_minor", "lump_sum_minor"]] == 0).all(axis=None)


def a_level_rises_by_one_step_unless_a_person_or_a_rule_says_otherwise(told: World, run: Run) -> None:
    """The next level is one more, but for a manual level, a cap, a fall-back, a last letter again, one level for all lines."""
    (method, *_), ledger = told.rules.methods, told.records.ledger
    lines = run.lines[run.lines["section"] == "due"]
    at = positions(item_key(lines), item_key(ledger))
    hand, cap = ledger["manual_level"].notna().to_numpy()[at], ledger["level_cap"].fillna(9).to_numpy(dtype="int64")[at]
    up = (lines["level"] - lines["level_before"]).to_numpy()
    highest, whole = len(told.rules.levels), method.line_level is model.LineLevel.LETTER

    assert lines["level"].between(1, highest).all()
    assert whole or (lines["level"].to_numpy() <= cap).all()
    assert whole or (up[~hand] <= 1).all()
    assert whole or ((up[~hand] >= 0) | (lines["level"].to_numpy() == cap)[~hand]).all()
    assert (lines.loc[~hand & (up < 1), "level_before"] > 0).all()


def a_held_line_is_never_asked_for_and_grouping_is_kept(told: World, run: Run) -> None:
    """Held, disputed, promised, handed over or settled lines are in no sum; one letter holds one payer and currency, one level or one document."""
    method = told.rules.methods[0]
    why = run.ledger.set_index(item_key(run.ledger))["reason_code"]
    lines = run.lines[run.lines["section"] == "due"]
    ledger = told.records.ledger
    held = ledger["dispute"].astype("str").ne("") | ledger["block"].astype("str").ne("") | (ledger["open_minor"] <= 0)

    assert not set(item_key(ledger)[held]) & set(item_key(lines))
    assert not why[item_key(lines)].isin([*HELD, Reason.HANDED_OVER, Reason.SETTLED, Reason.NOT_DUE]).any()
    assert not letter_key(run.proposals).duplicated().any()
    letters = lines.groupby(letter_key(lines))
    if method.grouping is model.Grouping.PAYER_LEVEL_CURRENCY:
        assert (letters["level"].nunique() == 1).all()
    if method.grouping is model.Grouping.INVOICE:
        assert document_key(lines).groupby(letter_key(lines).to_numpy()).nunique().eq(1).all()
    if method.line_level is model.LineLevel.LETTER:
        assert (letters["level"].nunique() == 1).all()


@settings(max_examples=50)
@given(worlds())
def test_what_holds_for_every_run(told: World) -> None:
    """Sums, levels and letters, whatever is set on the method and its levels."""
    run = told.run()

    sums_tie_and_every_line_is_in_or_out(told, run)
    a_level_rises_by_one_step_unless_a_person_or_a_rule_says_otherwise(told, run)
    a_held_line_is_never_asked_for_and_grouping_is_kept(told, run)


@settings(max_examples=8)
@given(worlds())
def test_every_line_has_a_reason_in_three_languages(told: World) -> None:
    """One reason, one sentence without a gap in it, in whatever language."""
    for language in LANGUAGES:
        run = World(told.records, replace(told.rules, settings=told.rules.settings.model_copy(update={"language": language}))).run()

        assert run.ledger["reason_code"].isin([str(why) for why in Reason]).all()
        assert (run.ledger["reason"].str.len() > 10).all()
        assert not run.ledger["reason"].str.contains(r"[{}]|NaT|nan|None|<NA>", regex=True).any()


@settings(max_examples=12)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(told: World, shuffle: Any) -> None:
    """The same lines in another order give the same answer on every line, the same letters and the same charges; and so does the same order."""
    order = list(range(len(told.records.ledger)))
    shuffle.shuffle(order)
    other = World(replace(told.records, ledger=told.records.ledger.iloc[order].reset_index(drop=True)), told.rules)
    there, again, back = told.run(), told.run(), other.run()
    one, two = (run.ledger.assign(at=item_key(run.ledger)).sort_values("at", ignore_index=True) for run in (there, back))

    pd.testing.assert_frame_equal(one, two, check_categorical=False)
    for name in ("proposals", "lines", "totals"):
        pd.testing.assert_frame_equal(getattr(there, name), getattr(back, name), check_categorical=False)
        pd.testing.assert_frame_equal(getattr(there, name), getattr(again, name))
    pd.testing.assert_frame_equal(there.ledger, again.ledger)
