"""What each test of the ladder looks at, and the column that decides it: the declaration behind the explanation of a line."""

from __future__ import annotations

from dataclasses import dataclass

from rules.model import AssessedItem, Currency, HistoryEntry, Level, Method, OpenItem, Payer, Plan, Promise, Proposal, Reason, Settings
from rules.row import Row


@dataclass(frozen=True)
class Test:
    """What a test looks at, by the names of `TITLES`, and the column that decides it; "" facts are not shown."""

    facts: tuple[str, ...]
    column: tuple[type[Row], str] | None = None


# In the order in which the rules ask: of the four about credits, the plain one last.
TESTS: dict[Reason, Test] = {
    Reason.CREDIT_NOT_DUE: Test(("open_minor", "kind", "due", "document_date"), (Method, "credits")),
    Reason.CREDIT_FOLLOWS: Test(("open_minor", "reference"), (Method, "credits")),
    Reason.CREDIT_IGNORED: Test(("open_minor",), (Method, "credits")),
    Reason.CREDIT: Test(("open_minor",)),
    Reason.PLANNED: Test(("plan", "open_minor")),
    Reason.SETTLED: Test(("open_minor",)),
    Reason.NO_METHOD: Test(("method",), (Method, "follow_up")),
    Reason.NO_DUE_DATE: Test(("due",), (AssessedItem, "agreed_due_date")),
    Reason.HANDED_OVER: Test(("handed_over",)),
    Reason.PAYER_BLOCKED: Test(("payer_block", "payer_block_until"), (Payer, "block")),
    Reason.BLOCKED: Test(("block", "block_until"), (AssessedItem, "block")),
    Reason.DISPUTED: Test(("dispute", "dispute_review"), (AssessedItem, "dispute")),
    Reason.PROMISED: Test(("promised",)),
    Reason.NOT_DUE: Test(("due", "overdue_from"), (Method, "overdue_test")),
    Reason.IN_GRACE: Test(("days_overdue", "overdue_from"), (Method, "grace_days")),
    Reason.TOLERANCE: Test(("open_minor", "manual_level"), (Settings, "line_tolerance_minor")),
    Reason.METHOD_CHANGED: Test(("last_method", "method", "manual_level"), (AssessedItem, "method")),
    Reason.COLLECT: Test(("level", "reminders", "last_deadline", "collection_allowed"), (Method, "last_level")),
    Reason.COLLECT_NOT_ALLOWED: Test(("level", "reminders", "last_deadline"), (Payer, "collection_allowed")),
    Reason.STOPPED: Test(("level", "reminders"), (Method, "last_level")),
    Reason.WAITING: Test(("level", "last_contact", "last_deadline", "due", "next_date"), (Level, "days")),
    Reason.NOT_SELECTED: Test(("selection",)),
    Reason.LOCKED: Test(("run",)),
    Reason.GATE: Test(("oldest", "oldest_days"), (Method, "gate")),
    Reason.BELOW_LEVEL_MINIMUM: Test(("level_sum",), (Level, "minimum_minor")),
    Reason.CREDIT_BALANCE: Test(("overdue_minor", "credits_minor", "net"), (Method, "credits")),
    Reason.NO_RATE: Test(("currency",), (Currency, "rate")),
    Reason.PAYER_TOLERANCE: Test(("payer_owes",), (Settings, "payer_tolerance_minor")),
    Reason.BELOW_MINIMUM: Test(("net",), (Method, "minimum_minor")),
    Reason.PAYER_INTERVAL: Test(("payer_last", "payer_next"), (Method, "payer_interval_days")),
    Reason.JOINED: Test(("oldest", "oldest_days"), (Method, "gate")),
    Reason.DUE: Test(("days_overdue", "next_level", "next_date"), (Level, "level")),
}
TITLES: dict[str, tuple[type[Row], str] | str] = {
    **{name: (OpenItem, name) for name in (
        "open_minor", "kind", "document_date", "reference", "method", "block", "block_until", "dispute", "dispute_review", "manual_level", "currency",
    )},
    **{name: (AssessedItem, name) for name in ("days_overdue", "level", "reminders", "last_deadline", "next_level", "next_date")},
    "due": (OpenItem, "due_date"), "plan": (Plan, "plan"), "promised": (Promise, "until"),
    "payer_block": (Payer, "block"), "payer_block_until": (Payer, "block_until"), "collection_allowed": (Payer, "collection_allowed"),
    "overdue_minor": (Proposal, "overdue_minor"), "credits_minor": (Proposal, "credits_minor"), "selection": (Proposal, "selection"),
    "run": (HistoryEntry, "run"), "payer_next": (AssessedItem, "next_date"),
    **{name: name for name in (
        "overdue_from", "last_contact", "last_method", "handed_over", "oldest", "oldest_days", "net", "payer_owes", "payer_last", "level_sum",
    )},
}  # fmt: skip
ORDER = tuple(TESTS)
OF_LETTER = (Reason.CREDIT_BALANCE, Reason.NO_RATE, Reason.PAYER_TOLERANCE, Reason.BELOW_MINIMUM, Reason.PAYER_INTERVAL)
