"""What happened, as a text: the tables of a TOML file, or the rows of a CSV for one of them, as checked rows."""

from __future__ import annotations

import csv
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from rules import model
from rules.config_text import listed, parsed, row_of
from rules.errors import ConfigError
from rules.row import Code, Day, Id, Kind, Row, col, columns
from rules.ways import one_of


class OnLine(Row):
    """What a person says about a document, or one instalment of it: it goes into the columns of the ledger that people fill."""

    company: Id = col("Company | Société | Buchungskreis", "Company code of the creditor, if there are several.", "")
    payer: Id = col("Payer | Payeur | Zahler", "Account number of the payer.", min_length=1)
    document: Id = col("Document | Pièce | Beleg", "Number of the document.", min_length=1)
    instalment: Id = col("Instalment | Échéance n° | Rate", "Line of the document; empty = all of them.", "")


class Block(OnLine):
    """No letters until a day; without a document for all lines of the payer. Without a reason the block is lifted."""

    document: Id = col("Document | Pièce | Beleg", "Number of the document; empty = the payer.", "")
    reason: Code = col("Reason | Motif | Grund", "Reason code for a block; empty lifts it.", "")
    until: Day | None = col("Until | Jusqu'au | Bis", "Last day; empty = until lifted.", None)


class Dispute(OnLine):
    """A line is disputed; without a reason the dispute is settled."""

    reason: Code = col("Reason | Motif | Grund", "Reason code for a dispute; empty settles it.", "")
    review: Day | None = col("Review | Revue | Wiedervorlage", "When to look at it again.", None)


class ManualLevel(OnLine):
    """The level of the next letter; 0 takes it back."""

    level: int = col("Level | Niveau | Stufe", "Level of the next letter; 0 = by the rules.", ge=0, le=9)
    reason: Code = col("Reason | Motif | Grund", "Reason code for a level.", "")


class Cap(OnLine):
    """The highest level of a line; 0 takes it back."""

    level: int = col("Level | Niveau | Stufe", "Never above this level; 0 = no cap.", ge=0, le=9)


class AgreedDueDate(OnLine):
    """Another due date, agreed with the payer; without one that of the export holds again."""

    due_date: Day | None = col("Due date | Échéance | Fälligkeit", "Last day to pay.", None)


TABLES: dict[str, type[Row]] = {
    "payments": model.Payment, "calls": model.Call, "promises": model.Promise, "plans": model.Plan, "instalments": model.Instalment,
    "follow_ups": model.FollowUp, "blocks": Block, "disputes": Dispute, "levels": ManualLevel, "caps": Cap, "due_dates": AgreedDueDate,
}  # fmt: skip
Events = dict[str, list[Row]]
Places = dict[str, list[str]]  # of each row of each table, for messages


def from_toml(source: str, company: str) -> tuple[Events, Places]:
    """The rows of every table the text names, and where each stands. `company` is the company currency.

    A plan may carry its instalments, as rows under [[plans.instalments]], numbered in their order. Raises ConfigError naming table, row and field.
    """
    found = parsed(source)
    unknown = [name for name in found if name not in TABLES]
    if unknown:
        raise ConfigError(f"{unknown[0]!r} is not a table of what can be recorded. Known tables: {', '.join(TABLES)}.")
    given = {name: list(enumerate(listed(name, rows), start=1)) for name, rows in found.items()}
    numbered = {name: [(f"{name}, row {at}", row) for at, row in rows] for name, rows in given.items()}
    agreed: list[tuple[str, Any]] = []
    plans: list[tuple[str, Any]] = []
    for where, plan in numbered.get("plans", []):
        if isinstance(plan, dict) and "instalments" in plan:
            named = cast("dict[str, Any]", plan)
            for n, row in enumerate(listed("plans.instalments", named["instalments"]), start=1):
                of_plan = {"plan": named.get("plan", ""), "instalment": str(n)}
                agreed.append((f"{where}, instalment {n}", of_plan | cast("dict[str, Any]", row) if isinstance(row, dict) else row))
            plans.append((where, {key: value for key, value in named.items() if key != "instalments"}))
        else:
            plans.append((where, plan))
    if plans:
        numbered |= {"plans": plans, "instalments": [*agreed, *numbered.get("instalments", [])]}
    return _rows(numbered, company)


def from_csv(source: str, table: str, company: str) -> tuple[Events, Places]:
    """The rows of a text with a heading row, separated by comma, semicolon or tab: names as in the TOML, dates 2026-03-31, a decimal point.

    An empty cell is a field that is not given. Raises ConfigError naming line and field.
    """
    if table not in TABLES:
        raise ConfigError(f"Say which rows the CSV holds: one of {', '.join(TABLES)}.", one_of("table", list(TABLES)))
    lines = source.splitlines()
    separator = max(",;\t", key=(lines[0] if lines else "").count)
    rows = list(csv.reader(lines, delimiter=separator))
    head = [name.strip() for name in rows[0]] if rows else []
    exact = {c.name.removesuffix("_minor") for c in columns(TABLES[table]) if c.kind in (Kind.MONEY, Kind.DECIMAL)}
    numbered: list[tuple[str, Any]] = []
    for at, cells in enumerate(rows[1:], start=2):
        where = f"{table}, line {at}"
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(head):
            raise ConfigError(f"{where}: {len(cells)} fields; the heading row has {len(head)}. Correct the separators and give the file again.")
        given = {name: cell.strip() for name, cell in zip(head, cells, strict=True) if cell.strip()}
        numbered.append((where, {name: _number(cell) if name in exact else cell for name, cell in given.items()}))
    return _rows({table: numbered}, company)


def _number(cell: str) -> Decimal | str:
    try:
        return Decimal(cell)
    except InvalidOperation:
        return cell  # for the row to refuse


def _rows(numbered: dict[str, list[tuple[str, Any]]], company: str) -> tuple[Events, Places]:
    events = {name: [row_of(where, row, TABLES[name], company) for where, row in rows] for name, rows in numbered.items()}
    return events, {name: [where for where, _ in rows] for name, rows in numbered.items()}
