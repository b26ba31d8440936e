"""A small ledger, its history and its rules, made in one line each, for the tests of the rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from rules import model
from rules.assess import assess
from rules.config_text import TABLES, from_toml, preset
from rules.propose import Run, propose
from rules.records import Records
from rules.row import Kind, Row, column, empty, typed
from rules.ruleset import Ruleset, ruleset

AS_OF = date(2026, 3, 31)


def rows(row_model: type[Row], *records: dict[str, Any]) -> pd.DataFrame:
    """The frame of these records; dates may be dates or ISO text."""
    frame = pd.DataFrame(list(records) or None, columns=None if records else [])
    for name in frame.columns:
        if column(row_model, name).kind is Kind.DAY:
            frame[name] = pd.to_datetime(frame[name])
    return typed(frame, row_model) if records else empty(row_model)


def item(**fields: Any) -> dict[str, Any]:
    """An open invoice of 100.00 EUR of payer 1, due on 1 February 2026, unless said otherwise."""
    return {"company": "", "payer": "1", "document": "F1", "currency": "EUR", "open_minor": 10000, "due_date": "2026-02-01"} | fields


def reminded(level: int, on: date | str, deadline: date | str | None = None, **fields: Any) -> dict[str, Any]:
    """The history entry of a letter about the document of `item()`."""
    entry = {"event": "letter", "date": on, "run": f"R{on}", "payer": "1", "document": "F1", "currency": "EUR", "level": level, "reminders": level}
    return entry | {"deadline": deadline} | fields


def rules(toml: str = "", **settings: Any) -> Ruleset:
    """The plain preset with `toml` and `settings` over it."""
    standing, frames = from_toml(preset("plain"))
    if toml:
        standing, given = from_toml(toml, standing)
        frames |= given
    return ruleset(standing.model_copy(update=settings), {m: frames.get(m, empty(m)) for m in TABLES.values()})


def run(
    items: list[dict[str, Any]], *, rules: Ruleset, as_of: date = AS_OF, history: list[dict[str, Any]] | None = None,
    payers: list[dict[str, Any]] | None = None, proposals: list[dict[str, Any]] | None = None, run_id: str = "R2",
    selection: Sequence[model.Selection] = (), **told: list[dict[str, Any]],
) -> Run:  # fmt: skip
    """Assess and propose over these rows; `told`: payments, promises, plans, instalments."""
    records = world(items, history=history, payers=payers, **told)
    found = assess(records, rules, as_of)
    return propose(records, found, rows(model.Proposal, *(proposals or [])), rules, as_of, run_id, selection)


def world(
    items: list[dict[str, Any]], *, history: list[dict[str, Any]] | None = None, payers: list[dict[str, Any]] | None = None,
    payments: list[dict[str, Any]] | None = None, promises: list[dict[str, Any]] | None = None, plans: list[dict[str, Any]] | None = None,
    instalments: list[dict[str, Any]] | None = None,
) -> Records:  # fmt: skip
    """These rows as the rules want them; history entries are numbered in their order."""
    entries = [{"entry": n} | entry for n, entry in enumerate(history or [], start=1)]
    tables = (model.Payer, payers), (model.HistoryEntry, entries), (model.Payment, payments), (model.Promise, promises)
    agreed = (model.Plan, plans), (model.Instalment, instalments)
    return Records(rows(model.AssessedItem, *items), *(rows(row_model, *(given or [])) for row_model, given in (*tables, *agreed)))
