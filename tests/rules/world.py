"""A small ledger, its history and its rules, made in one line each, for the tests of the rules."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from rules import model
from rules.assess import assess
from rules.config_text import TABLES, from_toml, preset
from rules.propose import Run, propose
from rules.row import Row, empty, typed
from rules.ruleset import Ruleset, ruleset

AS_OF = date(2026, 3, 31)


def rows(row_model: type[Row], *records: dict[str, Any]) -> pd.DataFrame:
    """The frame of these records; dates may be dates or ISO text."""
    frame = pd.DataFrame(list(records) or None, columns=None if records else [])
    for name in frame.columns:
        if name.endswith("date") or name in {"deadline", "last_reminder", "block_until", "as_of", "dispute_review"}:
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
) -> Run:  # fmt: skip
    """Assess and propose over these rows."""
    entries = [entry | {"entry": n} for n, entry in enumerate(history or [], start=1)]
    ledger, told = rows(model.AssessedItem, *items), rows(model.HistoryEntry, *entries)
    found = assess(ledger, rows(model.Payer, *(payers or [])), told, rules, as_of)
    return propose(ledger, found, told, rows(model.Proposal, *(proposals or [])), rules, as_of, run_id)
