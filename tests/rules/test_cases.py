"""The tables of tests/cases that say what a rule answers: each case is a small ledger, what happened to it, and what is expected of it.

Rows of the same case are one ledger. A column is named after the field it fills or asks for:

- a field of the ledger (`open`, `block until`, …), `setting …`, `method …` (of the first method), `payer …`: what is told;
- `sent`: the history of the line, `letter 1 on 2026-03-01 until 2026-03-11; call 0 on 2026-03-05`, after which may stand
  `of` a method, `count` of reminders, `currency`, and `hand 1` for a level that was set by hand;
- `promised`: the day for which the payer promised, on 1 January, to pay the line;
- a column that only the assessment has (`next level`, `next date`, `reason`): what is expected. `reason` is its code, `text` its sentence;
- `letter …` and `line …`: what is expected of the letter the line stands on, and of the line there; "-" when it stands on none.

The TOML of a section stands over the plain preset. "-" is an empty cell; a line is the `item()` of
`world.py` unless its cells say otherwise, and a date "none" is missing. The as-of date is 31 March 2026 unless there is one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rules.model import AssessedItem, Method, OpenItem, Payer, Proposal, ProposalLine, Settings
from rules.money import from_minor, to_minor
from rules.propose import Run
from rules.review import letter_key
from rules.row import Kind, Row, column
from rules.ruleset import Ruleset
from rules.standing import KEY, item_key
from tests.rules.world import AS_OF, item, rules, run
from tests.table import Case, table

CASES = Path(__file__).parents[1] / "cases"
FILES = (
    "overdue", "clocks", "levels", "last_level", "grouping", "gate", "credits", "minimums", "blocks", "methods", "listed", "deadlines",
    "reasons", "peers",
)  # fmt: skip
PREFIXED: dict[str, type[Row]] = {"setting": Settings, "method": Method, "payer": Payer, "letter": Proposal, "line": ProposalLine}
ASKED = (AssessedItem, Proposal, ProposalLine)
WORDS = {"due": "due_date", "agreed": "agreed_due_date", "text": "reason", "reason": "reason_code"}
BY_ITSELF = ("case", "as_of", "sent", "promised")
ENTRY = {"on": "date", "until": "deadline", "of": "method", "count": "reminders", "currency": "currency"}


def sections(name: str) -> Iterator[tuple[str, str, list[Case]]]:
    """Heading, TOML and rows of each section of a file that has a table."""
    text = (CASES / f"{name}.md").read_text(encoding="utf-8")
    found = re.split(r"^#+ +(.+)\n", text, flags=re.MULTILINE)
    for head, body in zip(found[1::2], found[2::2], strict=True):
        if rows := re.findall(r"^\|.*$", body, re.MULTILINE):
            yield head, "\n".join(re.findall(r"^```toml\n(.*?)^```", body, re.MULTILINE | re.DOTALL)), table("\n".join(rows))


def meaning(heading: str) -> tuple[type[Row], str] | None:
    """The model and the field a heading names; `AssessedItem` for what only the assessment has."""
    prefix, _, rest = heading.partition("_")
    for row_model, text in ((PREFIXED.get(prefix), rest), (OpenItem, heading), (AssessedItem, heading)):
        for name in (WORDS.get(text, text), f"{text}_minor"):
            if row_model is not None and name in row_model.model_fields:
                return row_model, name
    return None


def told(case: Case, row_model: type[Row]) -> dict[str, Any]:
    """What the cells of one row tell of a model."""
    given: dict[str, Any] = {}
    for heading, cell in vars(case).items():
        if cell is not None and heading not in BY_ITSELF and (means := meaning(heading)) and means[0] is row_model:
            given[means[1]] = read(cell, *means, str(getattr(case, "currency", None) or "EUR"))
    return given


def read(cell: Any, row_model: type[Row], name: str, currency: str) -> Any:
    """A cell as the field wants it: amounts in the currency of the row, or of the company."""
    kind = column(row_model, name).kind
    if kind is Kind.DAY and cell == "none":
        return None
    if kind is Kind.MONEY:
        return to_minor(Decimal(str(cell)), currency if column(row_model, name).unit == "currency" else "EUR")
    if kind is Kind.FLAG:
        return {"yes": True, "no": False}[cell]
    return str(cell) if kind in (Kind.ID, Kind.TEXT, Kind.CODE) else cell


def history(case: Case, of: dict[str, Any]) -> list[dict[str, Any]]:
    """The history entries of one row."""
    entries: list[dict[str, Any]] = []
    for text in (getattr(case, "sent", None) or "").split(";"):
        if words := text.split():
            more = {ENTRY[key]: value for key, value in zip(words[2::2], words[3::2], strict=True)}
            key = {name: of[name] for name in (*KEY, "currency")} | {"method": "", "deadline": None}
            entry = key | {"event": words[0], "level": int(words[1]), "reminders": words[1], "run": more["date"]} | more
            entries.append(entry | {"reminders": int(entry["reminders"])})
    return sorted(entries, key=lambda entry: entry["date"])


@dataclass(frozen=True)
class Worked:
    """A case, and what it shares with others: its rules and its day."""

    name: str
    rows: list[Case]
    under: tuple[str, str, str, date]  # TOML, what is set on method and settings as JSON, as-of date

    def __str__(self) -> str:
        return self.name


def worked() -> Iterator[Worked]:
    """Every case of every file, named after the file, the section and itself."""
    for name in FILES:
        for head, toml, rows in sections(name):
            for case, same in groupby(rows, key=str):
                lines = list(same)
                given = (json.dumps(told(lines[0], row_model), default=str) for row_model in (Method, Settings))
                yield Worked(f"{name}: {head}: {case}", lines, (toml, *given, getattr(lines[0], "as_of", None) or AS_OF))


ALL = list(worked())


@cache
def config(toml: str, on_settings: str) -> Ruleset:
    """The rules of a section."""
    return rules(toml, **json.loads(on_settings))


@cache
def answered(under: tuple[str, str, str, date]) -> Run:
    """One run over all cases with these rules and this day: each is a company of its own, named after it."""
    toml, on_method, on_settings, as_of = under
    ruled, method = config(toml, on_settings), json.loads(on_method)
    if method:
        ruled = replace(ruled, methods=(Method.model_validate(ruled.methods[0].model_dump() | method), *ruled.methods[1:]))
    lines = [(case, OpenItem(**item(**told(case, OpenItem) | {"company": w.name})).model_dump()) for w in ALL if w.under == under for case in w.rows]
    payers: dict[tuple[str, str], dict[str, Any]] = {}
    for case, line in lines:
        key = {"company": line["company"], "payer": line["payer"]}
        payers.setdefault((line["company"], line["payer"]), key).update(told(case, Payer))
    entries = sorted((entry for case, line in lines for entry in history(case, line)), key=lambda entry: entry["date"])
    promises = [
        {name: line[name] for name in ("company", "payer", "document")} | {"date": "2026-01-01", "until": case.promised}
        for case, line in lines
        if getattr(case, "promised", None)
    ]
    owing = [Payer(**payer).model_dump() for payer in payers.values()]
    return run([line for _, line in lines], rules=ruled, as_of=as_of, history=entries, payers=owing, promises=promises)


def shown(found: pd.Series | None, row_model: type[Row], name: str) -> Any:
    """What was found, as the cell of a table says it."""
    value = None if found is None else found[name]
    if found is None or pd.isna(value) or value == "":
        return None
    kind = column(row_model, name).kind
    if kind is Kind.MONEY:
        return str(from_minor(int(value), str(found["currency"])))
    return value.date() if isinstance(value, pd.Timestamp) else (int(value) if kind is Kind.INT else str(value).replace("\u00a0", " "))


@pytest.mark.parametrize("worked", ALL, ids=str)
def test_the_rules_answer_what_the_tables_say(worked: Worked) -> None:
    found = answered(worked.under)
    ledger, lines, letters = (frame[frame["company"] == worked.name] for frame in (found.ledger, found.lines, found.proposals))
    asked = {heading: means for heading in vars(worked.rows[0]) if heading not in BY_ITSELF and (means := meaning(heading)) and means[0] in ASKED}
    line_of = {key: lines.iloc[at] for at, key in enumerate(item_key(lines))}
    letter_of = {key: letters.iloc[at] for at, key in enumerate(letter_key(letters))}
    on_letter = dict(zip(item_key(lines), letter_key(lines), strict=True))
    actual: list[dict[str, Any]] = []
    for at, key in enumerate(item_key(ledger)):
        source = {AssessedItem: ledger.iloc[at], ProposalLine: line_of.get(key), Proposal: letter_of.get(on_letter.get(key, ""))}
        actual.append({heading: shown(source[row_model], row_model, name) for heading, (row_model, name) in asked.items()})
    expected = [{heading: as_shown(vars(case)[heading], *asked[heading]) for heading in asked} for case in worked.rows]
    assert asked

    assert expected == actual


def as_shown(cell: Any, row_model: type[Row], name: str) -> Any:
    """An expected cell; what is a text there stays one here."""
    return cell if cell is None or column(row_model, name).kind in (Kind.INT, Kind.DAY) else str(cell)


def test_every_column_says_something() -> None:
    """A heading that names no field would be a table that tests nothing."""
    found = [(name, head, heading) for name in FILES for head, _, rows in sections(name) for heading in vars(rows[0])]

    assert [] == [where for where in found if where[2] not in BY_ITSELF and meaning(where[2]) is None]
