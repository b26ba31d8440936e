"""Selection: conditions on the columns of Ledger and Payers."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rules import model
from rules.errors import ConfigError
from rules.model import AssessedItem, Payer, Selection, Settings
from rules.money import to_minor
from rules.row import Kind, Row, column, columns
from rules.select import canonical, conditions_of, named, selected
from rules.standing import payer_key, positions
from tests.rules.world import rows, rules
from tests.table import Case, cases

TABLES = cases(Path(__file__).parents[1] / "cases" / "selection.md")
COMPUTED = ["level", "days_overdue", "bucket", "last_reminder", "reason_code"]


def record(row_model: type[Row], case: Case) -> dict[str, Any]:
    """A row of the tables as the model has it: amounts in minor units, yes and no as flags, ids as text."""
    made: dict[str, Any] = {}
    for cell, value in vars(case).items():
        name = f"{cell}_minor" if f"{cell}_minor" in row_model.model_fields else cell
        if value is None or name not in row_model.model_fields:
            continue
        kind = column(row_model, name).kind
        if kind is Kind.MONEY:
            value = to_minor(Decimal(str(value)), getattr(case, "currency", "EUR"))
        made[name] = value == "yes" if kind is Kind.FLAG else str(value) if kind in (Kind.ID, Kind.TEXT, Kind.CODE) else value
    return made


LEDGER = rows(AssessedItem, *(record(AssessedItem, case) for case in TABLES["Lines"]))
PAYERS = rows(Payer, *(record(Payer, case) for case in TABLES["Payers"]))
FOUND = LEDGER[COMPUTED].assign(payer_at=positions(payer_key(LEDGER), payer_key(PAYERS)))
OPEN_ITEMS = LEDGER.drop(columns=COMPUTED)  # what the rules compute is not read from the ledger


def kept(conditions: tuple[Selection, ...]) -> list[int]:
    """Numbers of the lines that fulfil the conditions."""
    held = selected(conditions, OPEN_ITEMS, FOUND, PAYERS, Settings())
    return [case.line for case, holds in zip(TABLES["Lines"], held, strict=True) if holds]


@pytest.mark.parametrize("case", TABLES["Kept"], ids=str)
def test_a_condition_keeps(case: Case) -> None:
    """Which lines, and how the condition is written down."""
    conditions = conditions_of([case.condition])

    assert (str(case.lines).split(), case.canonical) == ([str(line) for line in kept(conditions)], canonical(conditions))


@pytest.mark.parametrize("case", TABLES["Kept"], ids=str)
def test_what_is_written_down_can_be_typed_again(case: Case) -> None:
    """A proposal says how to narrow a run like its own."""
    assert case.canonical == canonical(conditions_of([case.canonical]))


@pytest.mark.parametrize("case", TABLES["Refused"], ids=str)
def test_what_does_not_fit_is_refused(case: Case) -> None:
    """Which condition, what was found, what is expected: when it is typed, not when it is used."""
    with pytest.raises(ConfigError) as refused:
        conditions_of([case.condition])

    assert case.said in str(refused.value)


def test_all_conditions_must_hold() -> None:
    conditions = conditions_of(["currency=EUR", "level>=1", "payer.country=FR"])

    assert [1] == kept(conditions)
    assert "currency = EUR, level >= 1, payer.country = FR" == canonical(conditions)


def test_the_order_and_the_language_of_conditions_do_not_matter_to_their_text() -> None:
    """The text is part of the identity of a run."""
    one, other = ["level>=2", "country=FR;BE", "open>=5"], ["payeur.pays=BE;FR", "Solde >= 5.00", "Stufe>= 02", "level>=2"]

    assert canonical(conditions_of(one)) == canonical(conditions_of(other))


def test_no_condition_keeps_everything() -> None:
    assert ([1, 2, 3, 4, 5], "") == (kept(()), canonical(()))


def test_an_empty_ledger_has_nothing_to_keep() -> None:
    conditions = conditions_of(["level>=2", "country=FR", "open>5", "payer_name contains x", "due_date>2026-01-01"])

    assert [] == list(selected(conditions, OPEN_ITEMS.iloc[:0], FOUND.iloc[:0], PAYERS.iloc[:0], Settings()))


def test_the_ledger_keeps_its_own_index() -> None:
    """The answer is by position."""
    ledger, found = (frame.set_axis(range(50, 55)) for frame in (OPEN_ITEMS, FOUND))

    assert [True, False, False, False, True] == list(selected(conditions_of(["level>=2"]), ledger, found, PAYERS, Settings()))


@pytest.mark.parametrize(("row_model", "name"), [(m, c.name) for m in (AssessedItem, Payer) for c in columns(m) if c.name != "reason"])
def test_every_test_on_every_column_works_or_is_refused_with_a_sentence(row_model: type[Row], name: str) -> None:
    """Whatever is typed, nobody meets a traceback."""
    found = pd.concat([FOUND, LEDGER[[c.name for c in columns(AssessedItem) if c.name not in FOUND]]], axis=1)
    field = ("payer." if row_model is Payer else "") + name.removesuffix("_minor")
    value, answers = sample(name, column(row_model, name).kind), dict[model.Test, object]()
    for test in model.Test:
        try:
            answers[test] = len(selected([Selection(selection="s", field=field, test=test, value=value)], LEDGER, found, PAYERS, Settings()))
        except ConfigError as refused:
            answers[test] = f"cannot be tested with {test}; its tests are" in str(refused)

    assert {5, True} >= set(answers.values())
    assert 5 == answers[model.Test.EQUALS] == answers[model.Test.DIFFERS]


@pytest.mark.parametrize(("row_model", "prefix"), [(AssessedItem, ""), (Payer, "payer.")])
def test_every_heading_finds_its_column(row_model: type[Row], prefix: str) -> None:
    """In all three languages; on Ledger without a prefix, on Payers with one."""
    for c in columns(row_model):
        if c.name != "reason":
            value, names = sample(c.name, c.kind), [prefix + title.upper() for title in c.titles.values()]
            found = {canonical([Selection(selection="s", field=name, value=value)]).split(" =")[0] for name in names}

            assert {prefix + c.name.removesuffix("_minor")} == found


def sample(name: str, kind: Kind) -> str:
    """A value that the column takes."""
    codes = {"kind": "fee", "customer_type": "public", "bucket": "1-30", "reason_code": "due", "currency": "EUR", "country": "FR", "language": "fr"}
    codes["due_source"] = "terms"
    return codes.get(name, {Kind.DAY: "2026-03-01", Kind.FLAG: "yes", Kind.INT: "2", Kind.MONEY: "2.50"}.get(kind, "x"))


SAVED = """
[[selections]]
selection = "Paris"
field = "Analyst"
value = "Anna"

[[selections]]
selection = "Paris"
field = "level"
test = ">="
value = "2"

[[selections]]
selection = "big"
field = "open"
test = ">="
value = "1200"
"""


def test_a_saved_selection_is_all_its_rows() -> None:
    ruleset = rules(SAVED)

    assert "level >= 2, payer.analyst = Anna" == canonical(named("paris", ruleset))
    assert [1] == kept(named("Paris", ruleset))


@pytest.mark.parametrize(("toml", "known"), [(SAVED, "there: Paris, big."), ("", "there: none.")])
def test_an_unknown_selection_is_refused_with_those_there_are(toml: str, known: str) -> None:
    with pytest.raises(ConfigError, match="There is no selection 'Lyon'") as refused:
        named("Lyon", rules(toml))

    assert known in str(refused.value)
