"""Which state of which table is marked how: conditional formats that always add bold, italic or a strike to a colour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rules import model
from rules.money import DECIMALS
from rules.row import Column, Kind, Language, Word, columns
from rules.words import shown
from workbook import look
from workbook.tables import Table

GOOD = {"bold": True, "font_color": look.GREEN_INK, "bg_color": look.GREEN}
BAD = {"bold": True, "font_color": look.RED_INK, "bg_color": look.RED}
CARE = {"bold": True, "font_color": look.AMBER_INK, "bg_color": look.AMBER}
HELD = {"italic": True, "font_color": look.AMBER_INK, "bg_color": look.AMBER}
GONE = {"font_strikeout": True, "font_color": look.GREY}
DONE = {"italic": True, "font_color": look.GREY}
NEXT = {"bold": True, "font_color": look.NAVY}
STEP = {"font_color": look.AMBER_INK, "bg_color": look.AMBER}

HOLDS = (
    model.Reason.NO_METHOD, model.Reason.NO_DUE_DATE, model.Reason.HANDED_OVER, model.Reason.PAYER_BLOCKED, model.Reason.BLOCKED,
    model.Reason.DISPUTED, model.Reason.PROMISED, model.Reason.METHOD_CHANGED, model.Reason.COLLECT_NOT_ALLOWED, model.Reason.NO_RATE,
)  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """`test` holds for the cell of `seen` in the same row -> the cell of `column` gets `style`. `{cell}` in the test is that cell."""

    column: str
    seen: str
    test: str
    style: dict[str, Any]


def _is(language: Language, column: str, member: Word, style: dict[str, Any]) -> Mark:
    return Mark(column, column, f'{{cell}}="{shown(language, member)}"', style)


def _decision(language: Language, send: Word, hold: Word, drop: Word) -> list[Mark]:
    return [_is(language, "decision", send, GOOD), _is(language, "decision", hold, HELD), _is(language, "decision", drop, GONE)]


def _of_table(row: type[model.Row], language: Language) -> list[Mark]:
    if row is model.AssessedItem:
        held = "OR(" + ",".join(f'{{cell}}="{code}"' for code in HOLDS) + ")"
        found = [Mark("days_overdue", "days_overdue", "AND(ISNUMBER({cell}),{cell}>0)", {"bold": True, "font_color": look.RED_INK})]
        found += [Mark("level", "level", "{cell}=1", STEP), Mark("level", "level", "{cell}=2", CARE)]
        found += [Mark("level", "level", "AND(ISNUMBER({cell}),{cell}>2)", BAD)]
        for column in ("reason_code", "reason", "next_level", "next_date"):
            found += [Mark(column, "reason_code", f'{{cell}}="{why}"', NEXT) for why in model.REMINDED]
        found += [Mark(column, "reason_code", held, HELD) for column in ("reason_code", "reason")]
        return found
    if row is model.Proposal:
        found = _decision(language, model.Decision.SEND, model.Decision.HOLD, model.Decision.DROP)
        found += [_is(language, "state", s, DONE) for s in (model.ProposalState.ISSUED, model.ProposalState.CLOSED)]
        return [*found, Mark("warning", "warning", "LEN({cell})>0", CARE)]
    if row is model.CollectionCase:
        return _decision(language, model.CollectionDecision.HAND_OVER, model.CollectionDecision.HOLD, model.CollectionDecision.DROP)
    if row is model.HistoryEntry:
        return [_is(language, "delivery", d, BAD) for d in (model.Delivery.FAILED, model.Delivery.RETURNED)]
    if row is model.FindingRow:
        return [_is(language, "severity", model.Severity.ERROR, BAD), _is(language, "severity", model.Severity.WARNING, CARE)]
    return []


def _decimals(cells: tuple[Column, ...]) -> Iterator[Mark]:
    """Amounts of a row whose currency has no decimals, or three, or four."""
    money = [c.name for c in cells if c.kind is Kind.MONEY and c.unit == model.ROW]
    for digits, shape in look.MONEY_BY_DECIMALS.items():
        listed = "".join(f"|{code}" for code, d in DECIMALS.items() if d == digits)
        for name in money:
            yield Mark(name, "currency", f'ISNUMBER(SEARCH("|"&{{cell}}&"|","{listed}|"))', {"num_format": shape})


def marks(table: Table, language: Language) -> list[Mark]:
    """All marks of a table, the more specific first."""
    return [*_of_table(table.model, language), *_decimals(columns(table.model))]
