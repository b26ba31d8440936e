"""The rules a second time, line by line in plain Python: slow, with no column in sight, written from the contract and not from the engine.

Tests and benchmarks hold `rules.assess` and `rules.propose` against it. Texts (reasons in words, warnings) are not its business.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from typing import Any

import holidays
import pandas as pd

from benchmarks.oracle_charges import ONE_DAY, Part, charge, half_up, interest, regime_rows, row_on, worth
from rules.model import (
    Clock,
    Credits,
    CustomerType,
    Delivery,
    DocumentKind,
    Event,
    Gate,
    Grouping,
    LastLevel,
    Level,
    LineLevel,
    LineSection,
    Method,
    Mode,
    OverdueTest,
    PlanState,
    PromiseState,
    ProposalState,
    Reason,
    Start,
    Unit,
)  # fmt: skip
from rules.records import Records
from rules.ruleset import Ruleset

Record = dict[str, Any]
Key = tuple[str, str, str, str]  # company, payer, document, instalment
HELD = (Reason.BLOCKED, Reason.DISPUTED, Reason.PROMISED)
NOT_ARRIVED = (Delivery.FAILED, Delivery.RETURNED)
GATED = (Reason.DUE, Reason.WAITING, Reason.IN_GRACE)
EARLY = (Reason.NOT_DUE, Reason.IN_GRACE)


@dataclass(eq=False)
class Line:
    """One line of the ledger and what is found out about it."""

    item: Record
    payer: Record
    method: Method | None
    due: date | None
    level: int = 0
    reminders: int = 0
    last_reminder: date | None = None
    last_deadline: date | None = None
    last_method: str = ""
    contact: date | None = None
    next_level: int = 0
    next_date: date | None = None
    days_overdue: int = 0
    reason: Reason = Reason.DUE
    interest: int = 0
    fee: int = 0
    lump_sum: int = 0
    regime: str = ""

    @property
    def key(self) -> Key:
        return key_of(self.item)

    @property
    def account(self) -> tuple[str, str, str]:
        return self.item["company"], self.item["payer"], self.item["currency"]

    @property
    def open(self) -> int:
        return self.item["open_minor"]

    @property
    def goes(self) -> bool:
        return self.reason in (Reason.DUE, Reason.JOINED)

    @property
    def manual(self) -> bool:
        return bool(self.item["manual_level"] and self.item["manual_reason"])

    @property
    def order(self) -> tuple[Any, ...]:
        return self.due or date.max, self.item["document"], self.item["instalment"]

    @property
    def part(self) -> str:
        assert self.method
        return {Grouping.PAYER_CURRENCY: "", Grouping.INVOICE: self.item["document"]}.get(self.method.grouping, f"L{self.next_level}")


@dataclass(eq=False)
class Letter:
    """Lines that would go out together, and the credits they bear."""

    account: tuple[str, str, str]
    part: str
    lines: list[Line]
    credits: list[Line] = field(default_factory=list)

    @property
    def first(self) -> Line:
        """The line that speaks for the letter: the highest level, then the oldest."""
        return min(self.lines, key=lambda line: (-line.next_level, *line.order))

    @property
    def oldest(self) -> int:
        return max(line.days_overdue for line in self.lines)

    @property
    def net(self) -> int:
        return sum(line.open for line in [*self.lines, *self.credits])

    @property
    def rank(self) -> tuple[int, int, str]:
        return -self.first.next_level, -self.oldest, self.part


@dataclass(frozen=True)
class Answer:
    """What a run says; the rows carry the names of the row models."""

    ledger: list[Record]  # in the order of the ledger given
    proposals: list[Record]
    lines: list[Record]
    collection: list[Record]


def run(records: Records, rules: Ruleset, as_of: date, standing_open: pd.DataFrame, run_id: str, selected: Collection[Key] | None = None) -> Answer:
    """Assess and propose; `selected` are the keys of the lines the run is narrowed to (None: all)."""
    told = {name: plain(getattr(records, name)) for name in ("ledger", "payers", "history", "payments", "promises", "plans")}
    told["payments"] = [p for p in told["payments"] if p["amount_minor"] > 0]  # what was used of a credit is no money
    payers = {(p["company"], p["payer"]): p for p in told["payers"]}
    forced = in_force(told["history"])
    by_line: dict[Key, list[Record]] = defaultdict(list)
    by_payer: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for entry in forced:
        by_line[key_of(entry)].append(entry)
        by_payer[entry["company"], entry["payer"]].append(entry)
    lines = [line_of(item, payers, rules) for item in told["ledger"]]
    promised = promised_lines(lines, told["promises"], told["payments"], as_of)
    planned = {(p["company"], p["payer"], p["document"]) for p in told["plans"] if p["state"] == PlanState.RUNNING}
    for line in lines:
        stand(line, by_line[line.key])
        assess(line, by_line[line.key], rules, as_of, promised=promised.get(id(line)), planned=line.key[:3] in planned)
    locked = {(p["company"], p["payer"], p["currency"]) for p in plain(standing_open) if p["state"] == ProposalState.OPEN and p["run"] != run_id}
    for line in lines:
        if line.reason is Reason.DUE and selected is not None and line.key not in selected:
            line.reason = Reason.NOT_SELECTED
        elif line.reason is Reason.DUE and line.account in locked:
            line.reason = Reason.LOCKED
    accounts: dict[tuple[str, str, str], list[Line]] = defaultdict(list)
    for line in lines:
        accounts[line.account].append(line)
    letters: list[Letter] = []
    for account in accounts.values():
        joinable = [line for line in account if selected is None or line.key in selected]
        gate(account, joinable, as_of)
        level_minimums(account, rules)
        letters += letters_of(account, as_of)
    letters = decided(letters, lines, rules, by_payer, as_of)
    parts = payments_by_line(told["payments"])
    claim(letters, by_line, parts, rules, as_of)
    proposals, proposed = [], []
    for letter in sorted(letters, key=lambda made: (*made.account, made.part)):
        proposal, rows = written(letter, accounts[letter.account], letters, rules, as_of, run_id)
        proposals.append(proposal)
        proposed += rows
    return Answer([shown(line) for line in lines], proposals, proposed, [shown(line) for line in lines if line.reason is Reason.COLLECT])


def plain(frame: pd.DataFrame) -> list[Record]:
    """The rows as dicts of plain values: dates are dates, what is missing is None."""
    columns = {str(name): [value_of(v) for v in frame[name].astype(object)] for name in frame.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def value_of(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    return value.date() if isinstance(value, pd.Timestamp) else value


def key_of(row: Record) -> Key:
    return row["company"], row["payer"], row["document"], row["instalment"]


# ------------------------------------------------------------------------------------------------------------------- one line


def in_force(history: list[Record]) -> list[Record]:
    """What happened and was not taken back, in order; a letter that did not arrive never counted."""
    undone = {e["undoes"] for e in history if e["event"] == Event.UNDO}
    happened = [e for e in history if e["event"] != Event.UNDO and e["entry"] not in undone and e["delivery"] not in NOT_ARRIVED]
    return sorted(happened, key=lambda e: e["entry"])


def line_of(item: Record, payers: dict[tuple[str, str], Record], rules: Ruleset) -> Line:
    payer = payers.get((item["company"], item["payer"]), {})
    name = item["method"] or payer.get("method") or rules.settings.default_method
    return Line(item, payer, next((m for m in rules.methods if m.method == name), None), item["agreed_due_date"] or item["due_date"])


def stand(line: Line, entries: list[Record]) -> None:
    """Level, count, last reminder and last deadline from the history of the line."""
    counting = [e for e in entries if e["level"] > 0 and e["event"] in (Event.LETTER, Event.CALL, Event.TAKE_OVER)]
    for entry in counting:
        line.level, line.reminders, line.last_reminder, line.last_method = entry["level"], entry["reminders"], entry["date"], entry["method"]
        if entry["deadline"]:
            line.last_deadline = entry["deadline"]
    calls = [e["date"] for e in entries if e["event"] == Event.CALL]
    if line.last_reminder:
        line.contact = max([line.last_reminder, *calls])


def assess(line: Line, entries: list[Record], rules: Ruleset, as_of: date, *, promised: date | None, planned: bool) -> None:
    """Next level, its day, and the first rule of the ladder that holds."""
    method = line.method
    line.days_overdue = (as_of - line.due).days if line.due else 0
    handed_over = any(e["event"] == Event.HAND_OVER for e in entries)
    if line.open < 0:
        line.reason = Reason.CREDIT
    elif line.open == 0:
        line.reason = Reason.PLANNED if planned else Reason.SETTLED
    elif method is None or not method.follow_up:
        line.reason = Reason.NO_METHOD
    elif line.due is None:
        line.reason = Reason.NO_DUE_DATE
        line.next_level = 0 if series_ended(line, method, rules) else next_level(line, method, rules)
    else:
        overdue_from = first_overdue(line.due, method)
        ended = series_ended(line, method, rules)
        if not ended:
            line.next_level = next_level(line, method, rules)
            tomorrow = line.last_reminder + ONE_DAY if line.last_reminder else overdue_from
            line.next_date = max(overdue_from, tomorrow, clock(line, method, step(rules, method, line.next_level)))
        elif method.last_level is LastLevel.COLLECT and not method_changed(line):
            line.next_date = line.last_deadline + ONE_DAY if line.last_deadline else None
        line.reason = ladder(line, method, rules, as_of, overdue_from, ended=ended, handed_over=handed_over, promised=promised is not None)
        line.next_date = held_back(line, promised)
        line.next_level = 0 if handed_over else line.next_level


def ladder(line: Line, method: Method, rules: Ruleset, as_of: date, overdue_from: date, *, ended: bool, handed_over: bool, promised: bool) -> Reason:
    rate = worth(rules, line.item["currency"])
    small = rate is not None and half_up(line.open * rate) <= rules.settings.line_tolerance_minor
    collects = ended and method.last_level is LastLevel.COLLECT
    after_deadline = line.last_deadline is None or as_of > line.last_deadline
    tests = [
        (handed_over, Reason.HANDED_OVER),
        (blocked(line.payer, as_of), Reason.PAYER_BLOCKED),
        (blocked(line.item, as_of), Reason.BLOCKED),
        (bool(line.item["dispute"]), Reason.DISPUTED),
        (promised, Reason.PROMISED),
        (line.days_overdue <= 0 and as_of < overdue_from, Reason.NOT_DUE),
        (as_of < overdue_from, Reason.IN_GRACE),
        (small and not line.manual, Reason.TOLERANCE),
        (method_changed(line), Reason.METHOD_CHANGED),
        (collects and after_deadline, Reason.COLLECT if line.payer.get("collection_allowed", True) else Reason.COLLECT_NOT_ALLOWED),
        (ended and not collects, Reason.STOPPED),
        (ended, Reason.WAITING),
        (line.next_date is not None and as_of < line.next_date, Reason.WAITING),
    ]
    return next((reason for holds, reason in tests if holds), Reason.DUE)


def blocked(row: Record, as_of: date) -> bool:
    return bool(row.get("block")) and (row.get("block_until") is None or as_of <= row["block_until"])


def method_changed(line: Line) -> bool:
    """The last reminder was of another method; a level set by hand is the decision that is asked for."""
    return bool(line.level and line.last_method and line.method and line.last_method != line.method.method and not line.manual)


def first_overdue(due: date, method: Method) -> date:
    return due + timedelta(method.grace_days + (method.overdue_test is OverdueTest.STRICTLY_AFTER))


def highest(rules: Ruleset, method: Method) -> int:
    return sum(row.method == method.method for row in rules.levels)


def step(rules: Ruleset, method: Method, level: int) -> Level:
    return next(row for row in rules.levels if row.method == method.method and row.level == level)


def series_ended(line: Line, method: Method, rules: Ruleset) -> bool:
    if line.manual:
        return False
    cap, top = line.item["level_cap"], highest(rules, method)
    endless = method.last_level is LastLevel.REPEAT or (cap is not None and cap < top and line.level == cap)
    most = method.maximum_reminders or (None if endless else top)
    return most is not None and line.reminders >= most


def next_level(line: Line, method: Method, rules: Ruleset) -> int:
    top = highest(rules, method)
    return min(line.item["manual_level"] if line.manual else line.level + 1, top, line.item["level_cap"] or top)


def clock(line: Line, method: Method, row: Level) -> date:
    """First day on which the clock of the method lets this level go."""
    assert line.due
    since_contact = later(line.contact or line.due, row.days, row.unit)
    if method.clock is Clock.LAST_REMINDER:
        return since_contact
    if method.clock is Clock.LATER_OF_BOTH:
        return max(since_contact, line.last_deadline) if line.last_deadline else since_contact
    if method.clock is Clock.LAST_DEADLINE:
        return later(line.last_deadline or line.contact or line.due, row.days, row.unit) + ONE_DAY * (
            method.overdue_test is OverdueTest.STRICTLY_AFTER
        )
    if method.clock is Clock.LEVEL and row.mode is Mode.DAYS_AFTER_LAST_REMINDER:
        return since_contact
    if method.clock is Clock.LEVEL and row.mode is Mode.END_OF_MONTH_AFTER_DUE:
        day = later(line.due, row.days, row.unit)
        return day.replace(day=monthrange(day.year, day.month)[1])
    return later(line.due, row.days, row.unit)


def later(day: date, count: int, unit: Unit) -> date:
    if unit is not Unit.MONTHS:
        return day + timedelta(count * (7 if unit is Unit.WEEKS else 1))
    years, month = divmod(day.month - 1 + count, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def held_back(line: Line, promised: date | None) -> date | None:
    """The next date of a line, not before what holds it ends; None when that has no end."""
    ends = {Reason.PAYER_BLOCKED: line.payer.get("block_until"), Reason.BLOCKED: line.item["block_until"], Reason.PROMISED: promised}
    if line.reason in (Reason.DISPUTED, Reason.TOLERANCE, Reason.METHOD_CHANGED, Reason.HANDED_OVER):
        return None
    if line.reason not in ends:
        return line.next_date
    end = ends[line.reason]
    return max(line.next_date, end + ONE_DAY) if line.next_date and end else None


def promised_lines(lines: list[Line], promises: list[Record], payments: list[Record], as_of: date) -> dict[int, date]:
    """Identities of the lines an open promise covers, and the last day it holds them."""
    by_payer: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        by_payer[line.key[:2]].append(line)
    held: dict[int, date] = {}
    for promise in promises:
        who, last = (promise["company"], promise["payer"]), promise["until"] + timedelta(promise["tolerance_days"])
        covered = [line for line in by_payer[who] if line.open > 0 and covers(promise, line.item)]
        came = sum(
            p["amount_minor"]
            for p in payments
            if (p["company"], p["payer"]) == who
            and promise["document"] in ("", p["document"])
            and promise["currency"] in ("", p["currency"])
            and promise["date"] < p["date"] <= min(last, as_of)
        )
        paid = promise["amount_minor"] is not None and came >= promise["amount_minor"]
        if promise["state"] == PromiseState.OPEN and not paid and promise["date"] <= as_of <= last:
            held |= {id(line): max(last, held.get(id(line), last)) for line in covered}
    return held


def covers(promise: Record, item: Record) -> bool:
    if promise["currency"] not in ("", item["currency"]):
        return False
    if promise["document"]:
        return promise["document"] == item["document"]
    return item["document_date"] is None or item["document_date"] <= promise["date"]


# ----------------------------------------------------------------------------------------------------------- one payer, currency


def gate(account: list[Line], joinable: list[Line], as_of: date) -> None:
    """The oldest line of payer and currency decides for the others, where the method says so."""
    group = [line for line in account if line.method and line.method.gate is Gate.OLDEST_ITEM and line.next_level and line.reason in GATED]
    overdue = [line for line in group if line.days_overdue > 0]
    first = min((line.due for line in overdue if line.due), default=None)
    opens = False
    for line in overdue:
        if line.due == first and line.method and line.due and line.reason is Reason.DUE:
            opens |= as_of >= line.due + timedelta(line.method.grace_days + line.method.gate_days)
    for line in group:
        if not opens and line.reason is Reason.DUE:
            line.reason = Reason.GATE
        elif opens and line.reason is not Reason.DUE and line in overdue and line in joinable and (line.last_reminder or as_of - ONE_DAY) < as_of:
            line.reason = Reason.JOINED


def level_minimums(account: list[Line], rules: Ruleset) -> None:
    """From the highest level down: lines of a level that comes to too little fall, or are on no letter."""
    rate = worth(rules, account[0].item["currency"])
    all_open = sum(line.open for line in account if line.open > 0)
    for level in range(9, 0, -1):
        there = [line for line in account if line.goes and line.next_level == level]
        total = sum(line.open for line in there)
        for line in there:
            assert line.method
            row = step(rules, line.method, level)
            enough = rate is None or half_up(total * rate) >= row.minimum_minor
            if line.manual or (enough and Fraction(total) * 100 >= Fraction(row.minimum_percent) * all_open and (rate or not row.minimum_minor)):
                continue
            if rate is None and row.minimum_minor:
                line.reason = Reason.NO_RATE
            elif line.method.fall_back and level - 1 >= max(line.level, 1):
                line.next_level -= 1
            else:
                line.reason = Reason.BELOW_LEVEL_MINIMUM


def letters_of(account: list[Line], as_of: date) -> list[Letter]:
    """The letters of one payer and currency with the credits they bear; letters that credits cover are not among them."""
    grouped: dict[str, list[Line]] = defaultdict(list)
    for line in account:
        if line.goes:
            grouped[line.part].append(line)
    letters = sorted((Letter(lines[0].account, part, lines) for part, lines in grouped.items()), key=lambda made: made.rank)
    open_documents = {line.item["document"] for line in account if line.open > 0}
    pool: list[Line] = []
    for credit in (line for line in account if line.reason is Reason.CREDIT):
        mode = credit.method.credits if credit.method else Credits.NET
        if mode is Credits.IGNORE:
            credit.reason = Reason.CREDIT_IGNORED
        elif mode is Credits.NET_OVERDUE and not credit_due(credit, as_of):
            credit.reason = Reason.CREDIT_NOT_DUE
        elif mode is Credits.FOLLOW_INVOICE and credit.item["reference"] in open_documents:
            credit.reason = Reason.CREDIT_FOLLOWS
            if there := bearer(letters, credit.item["reference"]):
                there.credits.append(credit)
        else:
            pool.append(credit)
    pooled = sum(credit.open for credit in pool)
    bearing = next((letter for letter in letters if letter.net + pooled > 0), None)
    if bearing:
        bearing.credits += pool
    kept = [letter for letter in letters if letter.net > 0 and (bearing or not pool)]
    for letter in letters:
        for line in letter.lines:
            line.reason = line.reason if letter in kept else Reason.CREDIT_BALANCE
    for credit in (credit for letter in kept for credit in letter.credits):
        credit.reason = Reason.CREDIT
    return kept


def bearer(letters: list[Letter], document: str) -> Letter | None:
    """The letter on which the first line of a document is."""
    found = [(line.order, n) for n, letter in enumerate(letters) for line in letter.lines if line.item["document"] == document]
    return letters[min(found)[1]] if found else None


def credit_due(credit: Line, as_of: date) -> bool:
    day = credit.due or credit.item["document_date"]
    return credit.item["kind"] == DocumentKind.PAYMENT or (
        day is not None and credit.method is not None and as_of >= first_overdue(day, credit.method)
    )


# -------------------------------------------------------------------------------------------------------------- all letters


def decided(letters: list[Letter], lines: list[Line], rules: Ruleset, by_payer: dict[tuple[str, str], list[Record]], as_of: date) -> list[Letter]:
    """The letters that are left when rates, tolerance, minimum and interval have been asked."""
    owed: dict[tuple[str, str], int] = defaultdict(int)
    nets: dict[tuple[str, str, str], int] = defaultdict(int)
    for line in lines:
        if line.goes or line.reason in (Reason.CREDIT, Reason.CREDIT_BALANCE):
            nets[line.account] += line.open
    unknown = {account[:2] for account in nets if worth(rules, account[2]) is None}
    for account, net in nets.items():
        owed[account[:2]] += half_up(net * (worth(rules, account[2]) or 0))
    kept: list[Letter] = []
    for letter in letters:
        who, method, rate = letter.account[:2], letter.first.method, worth(rules, letter.account[2])
        assert method
        contacts = [e["date"] for e in by_payer[who] if e["event"] in (Event.LETTER, Event.CALL)]
        again = max(contacts) + timedelta(method.payer_interval_days) if contacts and method.payer_interval_days else None
        reason = None
        tolerance = rules.settings.payer_tolerance_minor
        if rate is None and method.minimum_minor:
            reason = Reason.NO_RATE
        elif tolerance and who not in unknown and owed[who] <= tolerance:
            reason = Reason.PAYER_TOLERANCE
        elif half_up(letter.net * (rate or 0)) < method.minimum_minor:
            reason = Reason.BELOW_MINIMUM
        elif again and as_of < again:
            reason = Reason.PAYER_INTERVAL
        if reason is None:
            kept.append(letter)
            continue
        for line in letter.lines:
            line.reason = reason
            if again and reason is Reason.PAYER_INTERVAL and line.next_date:
                line.next_date = max(line.next_date, again)
        for credit in letter.credits:
            follows = credit.method and credit.method.credits is Credits.FOLLOW_INVOICE
            documents = {line.item["document"] for line in letter.lines}
            credit.reason = Reason.CREDIT_FOLLOWS if follows and credit.item["reference"] in documents else Reason.CREDIT
    for letter in letters:
        level = letter.first.next_level
        for line in letter.lines:
            if line.method and line.method.line_level is LineLevel.LETTER:
                line.next_level = max(line.next_level, min(level, line.item["level_cap"] or level, highest(rules, line.method)))
    return kept


def payments_by_line(payments: Iterable[Record]) -> dict[tuple[Key, str], list[Part]]:
    found: dict[tuple[Key, str], list[Part]] = defaultdict(list)
    for payment in payments:
        found[key_of(payment), payment["currency"]].append(Part(payment["amount_minor"], payment["date"]))
    return found


def within(paid: list[Part], line: Line) -> list[Part]:
    """Payments, the latest first, as far as the document has room for them beside what is open."""
    if line.item["original_minor"] <= 0:
        return paid
    room, found = max(line.item["original_minor"] - line.open, 0), []
    for part in sorted(paid, key=lambda part: part.until, reverse=True):
        if taken := min(part.amount, room):
            found.append(Part(taken, part.until))
            room -= taken
    return found


def claim(letters: list[Letter], by_line: dict[Key, list[Record]], parts: dict[tuple[Key, str], list[Part]], rules: Ruleset, as_of: date) -> None:
    """Fee per line, interest and lump sum of the lines that go out."""
    compensated: set[tuple[Any, ...]] = set()
    charged: set[tuple[Any, ...]] = set()
    earlier: dict[tuple[Any, ...], set[Key]] = defaultdict(set)
    for key, entries in by_line.items():
        for entry in entries:
            if entry["lump_sum_minor"] > 0:
                earlier[*key[:2], entry["currency"], key[2]].add(key)
        charged |= {(key[:3], e["level"]) for e in entries if e["fee_minor"] > 0}
    for line in sorted((line for letter in letters for line in letter.lines), key=lambda line: line.order):
        if line.item["kind"] == DocumentKind.FEE:
            continue
        assert line.method
        assert line.due
        row, entries = step(rules, line.method, line.next_level), by_line[line.key]
        if row.line_fee and (line.key[:3], line.next_level) not in charged:
            line.fee = charge(rules, row.line_fee, line.open, line.item["currency"])
            if line.fee:
                charged.add((line.key[:3], line.next_level))
        if not row.regime:
            continue
        line.regime = line.item["law"] or line.payer.get("law") or row.regime
        rows = regime_rows(rules, line.regime, line.payer.get("customer_type", CustomerType.BUSINESS))
        start = interest_start(line, rows, entries, rules)
        if start is None or start >= as_of:
            continue
        owed = [*within(parts[line.key, line.item["currency"]], line), Part(line.open, as_of)]
        line.interest = interest(rules, rows, owed, start, as_of)
        terms, document = row_on(rows, start + ONE_DAY) or rows[0], (*line.account, line.item["document"])
        if terms.lump_sum and document not in compensated and (document not in earlier or line.key in earlier[document]):
            compensated.add(document)
            line.lump_sum = charge(rules, terms.lump_sum, line.item["original_minor"] or line.open, line.item["currency"])


def interest_start(line: Line, rows: list[Any], entries: list[Record], rules: Ruleset) -> date | None:
    """The day after which interest runs; None when it does not."""
    if not rows or line.due is None:
        return None
    terms, start = row_on(rows, line.due + ONE_DAY) or rows[0], line.due
    if terms.start is Start.AFTER_WORKING_DAY:
        start = working_day(start, *seat(line.payer, rules))
    elif terms.start is Start.AFTER_NOTICE:
        notices = [e["date"] for e in entries if e["event"] in (Event.LETTER, Event.TAKE_OVER) and e["level"] >= terms.notice_level]
        if not notices:
            return None
        start = max(start, min(notices))
    return start + timedelta(terms.start_days)


def seat(payer: Record, rules: Ruleset) -> tuple[str, str]:
    return payer.get("country") or rules.settings.company_country, payer.get("region") or ""


@cache
def calendar(country: str, region: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country, subdiv=region or None)


def working_day(day: date, country: str, region: str) -> date:
    while not calendar(country, region).is_working_day(day):
        day += ONE_DAY
    return day


# --------------------------------------------------------------------------------------------------------------------- rows


def written(letter: Letter, account: list[Line], letters: list[Letter], rules: Ruleset, as_of: date, run_id: str) -> tuple[Record, list[Record]]:
    """The rows of one proposal and of its lines."""
    first, (company, payer, currency) = letter.first, letter.account
    method, rate = first.method, worth(rules, currency)
    assert method
    row = step(rules, method, first.next_level)
    fee = 0
    if row.fee and half_up(letter.net * (rate or 0)) >= method.fee_minimum_minor:
        base = sum(line.open for line in [*letter.lines, *letter.credits] if line.item["kind"] != DocumentKind.FEE)
        fee = charge(rules, row.fee, base, currency) if base > 0 else 0
    overdue, credits = (sum(line.open for line in those) for those in (letter.lines, letter.credits))
    fee += sum(line.fee for line in letter.lines)
    borne, lump = sum(line.interest for line in letter.lines), sum(line.lump_sum for line in letter.lines)
    proposal = {
        "run": run_id, "as_of": as_of, "company": company, "payer": payer, "currency": currency, "part": letter.part, "level": first.next_level,
        "method": method.method, "template": row.template, "language": first.payer.get("language") or rules.settings.letter_language,
        "channel": row.channel, "deadline": working_day(as_of + timedelta(row.deadline_days), *seat(first.payer, rules)),
        "lines": len(letter.lines) + len(letter.credits), "overdue_minor": overdue, "credits_minor": credits, "fee_minor": fee,
        "interest_minor": borne,
        "lump_sum_minor": lump, "total_minor": overdue + credits + fee + borne + lump, "days_overdue": letter.oldest,
    }  # fmt: skip
    rows = [proposed(line, LineSection.DUE, letter.part, line.next_level) for line in letter.lines]
    rows += [proposed(line, LineSection.CREDIT, letter.part, 0) for line in letter.credits]
    if letter is min((other for other in letters if other.account == letter.account), key=lambda other: other.rank):
        listed = [(line, LineSection.ON_HOLD) for line in account if line.reason in HELD and method.include_on_hold]
        listed += [(line, LineSection.NOT_DUE) for line in account if line.reason in EARLY and method.include_not_due]
        rows += [proposed(line, section, letter.part, 0) for line, section in listed]
    return proposal, rows


def proposed(line: Line, section: LineSection, part: str, level: int) -> Record:
    company, payer, currency = line.account
    charged = section is LineSection.DUE
    return {
        "company": company, "payer": payer, "currency": currency, "part": part, "section": section, "document": line.item["document"],
        "instalment": line.item["instalment"], "days_overdue": line.days_overdue, "open_minor": line.open, "reminders": line.reminders,
        "interest_minor": line.interest * charged, "fee_minor": line.fee * charged, "lump_sum_minor": line.lump_sum * charged,
        "level_before": line.level, "level": level, "proposed_level": level,
    }  # fmt: skip


def shown(line: Line) -> Record:
    return {
        "company": line.key[0], "payer": line.key[1], "document": line.key[2], "instalment": line.key[3], "level": line.level,
        "open_minor": line.open, "reminders": line.reminders, "last_reminder": line.last_reminder, "last_deadline": line.last_deadline,
        "days_overdue": line.days_overdue, "bucket": bucket(line), "next_level": line.next_level, "next_date": line.next_date,
        "reason_code": line.reason,
    }  # fmt: skip


def bucket(line: Line) -> str:
    days = line.days_overdue
    return "not_due" if days <= 0 else "1-30" if days <= 30 else "31-60" if days <= 60 else "61-90" if days <= 90 else "90+"
