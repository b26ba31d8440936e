"""The engine and the oracle of the benchmarks, written apart, say the same of random worlds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from benchmarks import oracle
from rules.assess import assess
from rules.errors import RateMissing
from rules.model import Reason
from rules.propose import Run, propose
from rules.words import text
from tests.benchmarks.worlds import World, made

KEY = ("company", "payer", "document", "instalment")
LETTER = ("company", "payer", "currency", "part")
SHOWN = (
    "level", "reminders", "last_reminder", "last_deadline", "days_overdue", "bucket", "next_level", "next_date", "reason_code",
)  # fmt: skip
NEXT = ("next_level", "next_date")  # of lines that have a next step
NO_NEXT = (
    Reason.NO_METHOD, Reason.NO_DUE_DATE, Reason.SETTLED, Reason.HANDED_OVER, Reason.DISPUTED, Reason.METHOD_CHANGED, Reason.TOLERANCE,
)  # fmt: skip
PROPOSED = (
    "level", "method", "template", "language", "channel", "deadline", "lines", "overdue_minor", "credits_minor", "fee_minor", "interest_minor",
    "lump_sum_minor", "total_minor", "days_overdue",
)  # fmt: skip
LISTED = (
    "section", "days_overdue", "open_minor", "reminders", "interest_minor", "fee_minor", "lump_sum_minor", "level_before", "level", "proposed_level",
)  # fmt: skip


def by_engine(world: World) -> Run:
    found = assess(world.records, world.rules, world.as_of)
    return propose(world.records, found, world.standing_open, world.rules, world.as_of, "R2", world.selection)


def by_oracle(world: World) -> oracle.Answer:
    return oracle.run(world.records, world.rules, world.as_of, world.standing_open, "R2", world.selected)


def goes_on(row: dict[str, Any]) -> bool:
    """Whether a line has a next step whose level and day are worth comparing."""
    return row["reason_code"] not in NO_NEXT and (row["next_level"] > 0 or row["reason_code"] in (Reason.WAITING, Reason.COLLECT))


def keyed(rows: list[dict[str, Any]], key: tuple[str, ...], columns: tuple[str, ...]) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {tuple(row[k] for k in key): {c: str(row[c]) for c in columns if c not in NEXT or goes_on(row)} for row in rows}


def tables(said: Run | oracle.Answer) -> dict[str, dict[tuple[Any, ...], dict[str, Any]]]:
    """What a run says, by the key of each row."""
    ledger, proposals, lines, collection = (
        oracle.plain(table) if isinstance(table, pd.DataFrame) else table for table in (said.ledger, said.proposals, said.lines, said.collection)
    )
    if isinstance(said, oracle.Answer):
        ledger = [row | {"bucket": text("en", "bucket", row["bucket"])} for row in ledger]
    return {
        "ledger": keyed(ledger, KEY, SHOWN),
        "proposals": keyed(proposals, LETTER, PROPOSED),
        "lines": keyed(lines, (*LETTER, "document", "instalment"), LISTED),
        "collection": keyed(collection, KEY, ("level", "open_minor")),
    }


def differences(expected: oracle.Answer, actual: Run) -> list[str]:
    """One sentence for each value in which they differ."""
    found: list[str] = []
    theirs = tables(actual)
    for table, rows in tables(expected).items():
        for key in sorted(rows.keys() | theirs[table].keys()):
            ours, engine = rows.get(key), theirs[table].get(key)
            if ours is None or engine is None:
                found.append(f"{table} {key}: only the {'engine' if ours is None else 'oracle'} has it")
            else:
                found += [f"{table} {key} {name}: oracle {ours[name]}, engine {engine.get(name)}" for name in ours if ours[name] != engine.get(name)]
    return found


@pytest.mark.parametrize("seed", range(60))
def test_the_engine_and_the_oracle_agree(seed: int) -> None:
    world = made(seed)

    assert [] == differences(by_oracle(world), by_engine(world))


def test_a_rate_that_is_not_known_stops_both() -> None:
    world = next(w for w in map(made, range(20)) if any(p["interest_minor"] for p in by_oracle(w).proposals))
    late = tuple(rate.model_copy(update={"valid_from": world.as_of}) for rate in world.rules.rates[:1])
    regimes = tuple(row.model_copy(update={"series": late[0].series, "floor_series": ""}) for row in world.rules.regimes)
    known = replace(world, rules=replace(world.rules, rates=late, regimes=regimes))

    for run in (by_oracle, by_engine):
        with pytest.raises(RateMissing):
            run(known)
