"""From ledger to assessment: the level, the next action date and the reason of every open item on the as-of date."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from rules.contacts import promised_until
from rules.dates import Days, after, day, days, month_end
from rules.errors import ConfigError
from rules.model import Clock, Credits, DocumentKind, LastLevel, Mode, PlanState, Reason
from rules.records import Records
from rules.ruleset import MODES, Bools, Ints, Ruleset
from rules.standing import document_key, payer_key, positions, standing

BUCKETS = ("not_due", "1-30", "31-60", "61-90", "90+")
REASONS = tuple(Reason)
Ladder = list[tuple[Bools, Reason]]
_NEVER = np.datetime64("NaT", "D")
# The next date is open where nobody knows the day on which the reason ends, and is none where nothing comes next.
_TO_COLLECT = (Reason.WAITING, Reason.COLLECT, Reason.COLLECT_NOT_ALLOWED)
_OPEN_END = (Reason.DISPUTED, Reason.TOLERANCE, Reason.METHOD_CHANGED)
_SILENT = (
    Reason.CREDIT, Reason.CREDIT_NOT_DUE, Reason.CREDIT_FOLLOWS, Reason.CREDIT_IGNORED, Reason.PLANNED, Reason.SETTLED, Reason.NO_METHOD,
    Reason.HANDED_OVER, Reason.COLLECT, Reason.COLLECT_NOT_ALLOWED, Reason.STOPPED,
)  # fmt: skip


def assess(records: Records, ruleset: Ruleset, as_of: date) -> pd.DataFrame:
    """One row per open item, same index as the ledger: where it stands, what comes next, and why or why not.

    Pure and whole-column. Columns: those that `AssessedItem` adds to `OpenItem` but for the text of the reason, and the facts the text and the
    proposal need (effective `due`, position of method and payer, …). Item-level reasons only: `propose` turns DUE into what the whole letter
    decides. Raises ConfigError for a method that Config does not have.
    """
    ledger, today = records.ledger, day(as_of)
    found = standing(ledger, records.history)
    found["due"] = ledger["agreed_due_date"].where(ledger["agreed_due_date"].notna(), ledger["due_date"])
    found["payer_at"] = positions(payer_key(ledger), payer_key(records.payer_rows.iloc[:-1]))
    found["method_at"] = methods_of(records, found["payer_at"].to_numpy(), ruleset)
    found["promised"] = promised_until(ledger, records.promises, records.payments, as_of).to_numpy()
    found["plan"] = _plans(records)
    due = days(found["due"])
    found["days_overdue"] = np.where(np.isnat(due), 0, (today - due).astype("int64"))
    found["bucket"] = _bucket(due, found["days_overdue"].to_numpy())
    found["by_hand"] = ledger["manual_level"].notna().to_numpy()
    found["next_level"] = _next_level(ledger, found, ruleset)
    found["overdue_from"] = (due + ruleset.grace[found["method_at"]]).astype("datetime64[s]")
    found["next_date"] = _action_date(found, ruleset).astype("datetime64[s]")
    found["ended"] = _ended(found, ruleset)
    return _answered(records, found, ladder(records, found, ruleset, as_of), ruleset)


def methods_of(records: Records, payer_at: Ints, ruleset: Ruleset) -> Ints:
    """Position of each item's method: the item's own, else the payer's, else the default of the settings.

    `payer_at`: position of each item's payer in `records.payer_rows`. Raises ConfigError for a method that Config does not have.
    """
    ledger = records.ledger
    own = ledger["method"].astype("category")
    payers = records.payer_rows["method"].astype("category")
    names = pd.Index([*own.cat.categories, *payers.cat.categories, ruleset.settings.default_method])
    at_payer = np.where(payers.cat.codes < 0, len(names), payers.cat.codes.astype("int64") + len(own.cat.categories)).astype("int64")
    named = np.where(own.cat.codes < 0, len(names), own.cat.codes.astype("int64")).astype("int64")
    blank = np.append(names == "", True)
    named = np.where(blank[named], at_payer[payer_at], named)
    named = np.where(blank[named], len(names) - 1, named)
    known = np.array([ruleset.position.get(str(name), -1) for name in names], dtype="int64")
    method = known[named]
    if (method < 0).any():
        row = int(np.argmax(method < 0))
        item = ledger.iloc[row]
        raise ConfigError(
            f"The document {item['document']!r} of the payer {item['payer']!r} falls under the method {names[named[row]]!r}, which is not in the "
            f"table Methods on Config. Methods there: {', '.join(ruleset.position)}. Correct it on the sheet Ledger or Payers, or add it to Config."
        )
    return method


def _plans(records: Records) -> pd.Series:
    """Name of the running plan whose instalments took the place of what was open on a line, else ""."""
    ledger, running = records.ledger, records.plans[records.plans["state"] == PlanState.RUNNING]
    if not len(running):
        return pd.Series("", index=ledger.index, dtype="str")
    at = positions(document_key(ledger), document_key(running))
    emptied = (at >= 0) & (ledger["kind"] != DocumentKind.INSTALMENT).to_numpy() & (ledger["open_minor"] == 0).to_numpy()
    return pd.Series(np.where(emptied, running["plan"].to_numpy()[at], ""), index=ledger.index, dtype="str")


def _bucket(due: Days, overdue: Ints) -> pd.Categorical[str]:
    at = np.select([np.isnat(due) | (overdue <= 0), overdue <= 30, overdue <= 60, overdue <= 90], [0, 1, 2, 3], default=4)
    return pd.Categorical.from_codes(at, categories=pd.Index(BUCKETS))


def _next_level(ledger: pd.DataFrame, found: pd.DataFrame, ruleset: Ruleset) -> Ints:
    """The last level + 1, or the one set by hand; at most the highest of the method and the cap of the line."""
    level = np.where(found["by_hand"], ledger["manual_level"].fillna(0).to_numpy(dtype="int64"), found["level"].to_numpy() + 1)
    most = np.minimum(ruleset.highest[found["method_at"]], ledger["level_cap"].fillna(9).to_numpy(dtype="int64"))
    return np.minimum(level, most)


def _action_date(found: pd.DataFrame, ruleset: Ruleset) -> Days:
    """First day on which the next reminder may go, by the method's clock; never before the item is overdue or again on the same day."""
    method, level = found["method_at"].to_numpy(), found["next_level"].to_numpy()
    due, last, deadline = days(found["due"]), days(found["last_contact"]), days(found["last_deadline"])
    wait, unit = ruleset.days[method, level], ruleset.units[method, level]
    first = (found["level"] == 0).to_numpy()
    after_due, after_last = after(due, wait, unit), after(np.where(first, due, last), wait, unit)
    mode = ruleset.modes[method, level]
    ticked = np.full(len(found), _NEVER)
    for clock in {m.clock for m in ruleset.methods}:
        if clock is Clock.LATER_OF_BOTH:
            ticks = np.fmax(after_last, deadline)
        elif clock is Clock.LAST_REMINDER:
            ticks = after_last
        elif clock is Clock.LAST_DEADLINE:
            strict = ruleset.grace[method] - ruleset.of_methods("grace_days")[method]
            ticks = after(np.where(np.isnat(deadline), np.where(first, due, last), deadline), wait, unit) + strict
        elif clock is Clock.DUE_DATE:
            ticks = after_due
        else:
            by_due, by_month = (mode == MODES.index(m) for m in (Mode.DAYS_AFTER_DUE, Mode.END_OF_MONTH_AFTER_DUE))
            ticks = np.where(by_due, after_due, np.where(by_month, month_end(after_due), after_last))
        ticked = np.where(ruleset.having("clock", clock)[method], ticks, ticked)
    return np.where(np.isnat(due), _NEVER, np.fmax(np.fmax(ticked, days(found["overdue_from"])), days(found["last_reminder"]) + 1))


def _ended(found: pd.DataFrame, ruleset: Ruleset) -> Bools:
    """No level of the method is left, or it has sent its most reminders; a level set by hand asks for one more."""
    method = found["method_at"].to_numpy()
    most, repeats = ruleset.of_methods("maximum_reminders")[method], ruleset.having("last_level", LastLevel.REPEAT)[method]
    worn_out = (most > 0) & (found["reminders"].to_numpy() >= most)
    through = ~repeats & (found["level"].to_numpy() >= ruleset.highest[method])
    return (worn_out | through) & ~found["by_hand"].to_numpy()


def _blocked(reason: Bools, until: pd.Series, today: np.datetime64) -> Bools:
    """A block with a reason holds until its last day, or until it is removed."""
    last_day = days(until)
    return reason & (np.isnat(last_day) | (today <= last_day))


def _filled(codes: pd.Series) -> Bools:
    """Which cells of a column of codes hold one."""
    of = codes.astype("category").cat
    filled = np.append(of.categories.astype("str") != "", False)
    return filled[of.codes.to_numpy()]


def _tolerated(ledger: pd.DataFrame, found: pd.DataFrame, ruleset: Ruleset) -> Bools:
    """Open amounts up to the line tolerance of the settings, converted; a currency without a rate has no tolerance. A manual level ignores it."""
    tolerance = ruleset.settings.line_tolerance_minor
    if not tolerance:
        return np.zeros(len(ledger), dtype=bool)
    worth, known = ruleset.worth(ledger["open_minor"].to_numpy(), ledger["currency"])
    return known & (worth <= tolerance) & ~found["by_hand"].to_numpy()


def _method_changed(found: pd.DataFrame, ruleset: Ruleset) -> Bools:
    """The last reminder was of another method, and nobody has set a level by hand: the series cannot go on by itself."""
    before = found["last_method"].cat
    at = np.array([ruleset.position.get(str(name), -2) if name else -1 for name in before.categories] + [-1], dtype="int64")[before.codes.to_numpy()]
    return (at != -1) & (at != found["method_at"].to_numpy()) & ~found["by_hand"].to_numpy()


def _free_credits(ledger: pd.DataFrame, found: pd.DataFrame) -> Bools:
    """Credits that were not deducted from what was handed over to collection."""
    return (ledger["open_minor"] < 0).to_numpy() & ~found["handed_over"].to_numpy()


def _credits(ledger: pd.DataFrame, found: pd.DataFrame, ruleset: Ruleset, today: np.datetime64) -> Ladder:
    """Credits that are not deducted, by what the method of the credit says."""
    credit, method = _free_credits(ledger, found), found["method_at"].to_numpy()
    ladder: Ladder = []
    if (overdue_only := ruleset.having("credits", Credits.NET_OVERDUE)).any():
        falls_due = np.where(np.isnat(days(found["due"])), days(ledger["document_date"]), days(found["due"])) + ruleset.grace[method]
        waits = overdue_only[method] & (today < falls_due) & (ledger["kind"] != DocumentKind.PAYMENT).to_numpy()
        ladder.append((credit & waits, Reason.CREDIT_NOT_DUE))
    if (ignored := ruleset.having("credits", Credits.IGNORE)).any():
        ladder.append((credit & ignored[method], Reason.CREDIT_IGNORED))
    return ladder


def ladder(records: Records, found: pd.DataFrame, ruleset: Ruleset, as_of: date) -> Ladder:
    """The tests of an item and the reason each gives; the first that holds is the answer, none is DUE. The order is that of the documentation."""
    ledger, today, method = records.ledger, day(as_of), found["method_at"].to_numpy()
    amount, due, overdue_from = ledger["open_minor"].to_numpy(), days(found["due"]), days(found["overdue_from"])
    ended = found["ended"].to_numpy()
    collecting = ended & ruleset.having("last_level", LastLevel.COLLECT)[method]
    deadline, promised = days(found["last_deadline"]), days(found["promised"])
    deadline_over = np.isnat(deadline) | (today > deadline)
    payers, at = records.payer_rows, found["payer_at"].to_numpy()
    payer_blocked = _blocked((payers["block"] != "").to_numpy(), payers["block_until"], today)[at]
    return [
        *_credits(ledger, found, ruleset, today),
        (_free_credits(ledger, found), Reason.CREDIT),
        ((found["plan"] != "").to_numpy(), Reason.PLANNED),
        (amount == 0, Reason.SETTLED),
        (ruleset.having("follow_up", False)[method] & (amount > 0), Reason.NO_METHOD),
        (np.isnat(due) & (amount > 0), Reason.NO_DUE_DATE),
        (found["handed_over"].to_numpy(), Reason.HANDED_OVER),
        (payer_blocked, Reason.PAYER_BLOCKED),
        (_blocked(_filled(ledger["block"]), ledger["block_until"], today), Reason.BLOCKED),
        (_filled(ledger["dispute"]), Reason.DISPUTED),
        (today <= promised, Reason.PROMISED),
        ((today <= due) & (today < overdue_from), Reason.NOT_DUE),
        (today < overdue_from, Reason.IN_GRACE),
        (_tolerated(ledger, found, ruleset), Reason.TOLERANCE),
        (_method_changed(found, ruleset), Reason.METHOD_CHANGED),
        (collecting & deadline_over & payers["collection_allowed"].to_numpy(dtype=bool)[at], Reason.COLLECT),
        (collecting & deadline_over, Reason.COLLECT_NOT_ALLOWED),
        (ended & ~collecting, Reason.STOPPED),
        (ended | (today < days(found["next_date"])), Reason.WAITING),
    ]


def _answered(records: Records, found: pd.DataFrame, tests: Ladder, ruleset: Ruleset) -> pd.DataFrame:
    """`found` with the reason the ladder gives, and level and date of what comes next after it."""
    position = {why: np.int8(at) for at, why in enumerate(REASONS)}
    code = np.select([test for test, _ in tests], [position[why] for _, why in tests], default=position[Reason.DUE])
    found["reason_code"] = pd.Categorical.from_codes(code, categories=pd.Index([str(r) for r in REASONS]))
    action, ended = days(found["next_date"]), found["ended"].to_numpy()
    silent = np.isin(code, [position[why] for why in _SILENT]) | ended
    collecting = ended & ruleset.having("last_level", LastLevel.COLLECT)[found["method_at"].to_numpy()]
    payer_block = records.payer_rows["block_until"].to_numpy()[found["payer_at"]].astype("datetime64[D]")
    found["next_level"] = np.where(silent, 0, found["next_level"])
    found["next_date"] = np.select(
        [
            silent,
            np.isin(code, [position[why] for why in _OPEN_END]),
            *(code == position[why] for why in (Reason.PAYER_BLOCKED, Reason.BLOCKED, Reason.PROMISED)),
        ],
        [
            np.where(collecting & np.isin(code, [position[why] for why in _TO_COLLECT]), days(found["last_deadline"]) + 1, _NEVER),
            _NEVER,
            np.maximum(payer_block + 1, action),
            np.maximum(days(records.ledger["block_until"]) + 1, action),
            np.maximum(days(found["promised"]) + 1, action),
        ],
        default=action,
    ).astype("datetime64[s]")
    return found
