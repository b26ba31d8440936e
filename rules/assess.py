"""From ledger to assessment: the level, the next action date and the reason of every open item on the as-of date."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from rules.dates import Days, day, days
from rules.errors import ConfigError
from rules.model import Clock, LastLevel, Mode, Payer, Reason
from rules.money import from_minor, to_minor
from rules.row import typed
from rules.ruleset import CLOCKS, LAST_LEVELS, MODES, Ruleset
from rules.standing import payer_key, standing

BUCKETS = ("not_due", "1-30", "31-60", "61-90", "90+")
REASONS = tuple(Reason)
Bools = npt.NDArray[np.bool_]
_NEVER = np.datetime64("NaT", "D")
_OPEN_END = [REASONS.index(r) for r in (Reason.DISPUTED, Reason.TOLERANCE, Reason.METHOD_CHANGED)]  # nobody knows the day on which it ends


def assess(ledger: pd.DataFrame, payers: pd.DataFrame, history: pd.DataFrame, ruleset: Ruleset, as_of: date) -> pd.DataFrame:
    """One row per open item, same index as `ledger`: where it stands, what comes next, and why or why not.

    Pure and whole-column. Columns: those that `AssessedItem` adds to `OpenItem` but for the text of the reason, and the facts
    the text and the proposal need (effective `due`, `method`, payer's columns with the prefix `payer_`). Item-level reasons only:
    `propose` turns DUE into what the whole letter decides. Raises ConfigError for a method that Config does not have.
    """
    today = day(as_of)
    found = standing(ledger, history)
    found["due"] = ledger["agreed_due_date"].where(ledger["agreed_due_date"].notna(), ledger["due_date"])
    found = pd.concat([found, _of_payers(ledger, payers)], axis=1)
    found["method_at"] = _methods(ledger, found, ruleset)
    due = days(found["due"])
    found["days_overdue"] = np.where(np.isnat(due), 0, (today - due).astype("int64"))
    found["bucket"] = _bucket(due, found["days_overdue"].to_numpy()).set_axis(found.index)
    found["next_level"] = _next_level(ledger, found, ruleset)
    found["overdue_from"] = (due + ruleset.grace[found["method_at"]]).astype("datetime64[s]")
    action = _action_date(found, ruleset)
    found["next_date"] = action.astype("datetime64[s]")
    return _reasons(ledger, found, ruleset, today, action)


def _of_payers(ledger: pd.DataFrame, payers: pd.DataFrame) -> pd.DataFrame:
    """The payers' columns that decide, one row per ledger row; a payer without a row has the defaults."""
    wanted = ["method", "block", "block_until", "collection_allowed", "country", "region", "language", "name", "address", "city"]
    known = payers.drop_duplicates(["company", "payer"])
    at = pd.Index(payer_key(known)).get_indexer(pd.Index(payer_key(ledger)))
    codes = [c for c in wanted if isinstance(known[c].dtype, pd.CategoricalDtype)]
    default = typed(pd.DataFrame(index=[0]), Payer)[wanted].astype(dict.fromkeys(codes, "str"))
    rows = pd.concat([known[wanted].astype(dict.fromkeys(codes, "str")), default], ignore_index=True)  # position -1 is the default
    return rows.iloc[at].set_axis(ledger.index).add_prefix("payer_")


def _methods(ledger: pd.DataFrame, found: pd.DataFrame, ruleset: Ruleset) -> npt.NDArray[np.int64]:
    """Position of each item's method: the item's own, else the payer's, else the default of the settings."""
    own, payers = ledger["method"].astype(object), found["payer_method"].astype(object)
    names = own.where(own.fillna("") != "", payers)
    names = names.where(names.fillna("") != "", ruleset.settings.default_method)
    codes, distinct = pd.factorize(names)
    for at, name in enumerate(distinct):
        if name not in ruleset.position:
            row = int(np.argmax(codes == at))
            item = ledger.iloc[row]
            known = ", ".join(ruleset.position)
            raise ConfigError(
                f"The document {item['document']!r} of the payer {item['payer']!r} falls under the method {name!r}, which is not in the table "
                f"Methods on Config. Methods there: {known}. Correct the method on the sheet Ledger or Payers, or add it to Config."
            )
    return np.array([ruleset.position[n] for n in distinct] or [0], dtype="int64")[codes]


def _bucket(due: Days, overdue: npt.NDArray[np.int64]) -> pd.Series:
    at = np.select([np.isnat(due) | (overdue <= 0), overdue <= 30, overdue <= 60, overdue <= 90], [0, 1, 2, 3], default=4)
    return pd.Series(pd.Categorical.from_codes(at, categories=pd.Index(BUCKETS)))


def _next_level(ledger: pd.DataFrame, found: pd.DataFrame, ruleset: Ruleset) -> npt.NDArray[np.int64]:
    """min(count + 1, highest), never below a level already sent; a manual level above what was sent takes its place."""
    method, level = found["method_at"].to_numpy(), found["level"].to_numpy()
    count = np.maximum(found["reminders"].to_numpy(), level)
    step = np.minimum(count + 1, ruleset.highest[method])
    manual = ledger["manual_level"].fillna(0).to_numpy(dtype="int64")
    return np.where(manual > level, np.minimum(manual, ruleset.highest[method]), step)


def _action_date(found: pd.DataFrame, ruleset: Ruleset) -> Days:
    """First day on which the next reminder may go, by the method's clock; never before the item is overdue or again on the same day."""
    method, level = found["method_at"].to_numpy(), found["next_level"].to_numpy()
    due, last, deadline = days(found["due"]), days(found["last_reminder"]), days(found["last_deadline"])
    wait = ruleset.days[method, level]
    first = np.isnat(last)
    after_due, after_last = due + wait, np.where(first, due, last) + wait
    month_end = (after_due.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    strict = ruleset.grace[method] - ruleset.of_methods("grace_days")[method]
    after_deadline = np.where(np.isnat(deadline), after_last, deadline + wait + strict)
    mode = ruleset.modes[method, level]
    by_mode = np.select(
        [mode == MODES.index(Mode.DAYS_AFTER_DUE), mode == MODES.index(Mode.END_OF_MONTH_AFTER_DUE)], [after_due, month_end], default=after_last
    )
    clock = ruleset.clocks[method]
    by_clock = {
        Clock.LATER_OF_BOTH: np.fmax(after_last, deadline),
        Clock.LAST_REMINDER: after_last,
        Clock.LAST_DEADLINE: after_deadline,
        Clock.DUE_DATE: after_due,
        Clock.LEVEL: by_mode,
    }
    ticked = np.select([clock == CLOCKS.index(c) for c in by_clock], list(by_clock.values()), default=np.datetime64("NaT"))
    earliest = np.where(first, days(found["overdue_from"]), np.fmax(days(found["overdue_from"]), last + 1))
    return np.where(np.isnat(due), np.datetime64("NaT"), np.fmax(ticked, earliest))


def _blocked(reason: pd.Series, until: pd.Series, today: np.datetime64) -> Bools:
    last_day = days(until)
    return (reason.astype(object).fillna("").to_numpy() != "") & (np.isnat(last_day) | (today <= last_day))


def _tolerated(ledger: pd.DataFrame, ruleset: Ruleset) -> Bools:
    """Open amounts up to the line tolerance of the settings, converted; a currency without a rate has no tolerance."""
    tolerance = ruleset.settings.line_tolerance_minor
    if not tolerance:
        return np.zeros(len(ledger), dtype=bool)
    codes, distinct = pd.factorize(ledger["currency"])
    limits: list[int] = []
    for currency in distinct:
        rate = ruleset.rate(str(currency))
        company = ruleset.settings.company_currency
        limits.append(-1 if rate is None else to_minor(from_minor(tolerance, company) / rate, str(currency)))
    return ledger["open_minor"].to_numpy() <= np.array(limits or [-1], dtype="int64")[codes]


def _method_changed(ledger: pd.DataFrame, found: pd.DataFrame, ruleset: Ruleset) -> Bools:
    """The last reminder was of another method, and nobody has set a level by hand: the series cannot go on by itself."""
    names = np.array([m.method for m in ruleset.methods], dtype=object)[found["method_at"].to_numpy()]
    before = found["last_method"].to_numpy()
    return (before != "") & (before != names) & ledger["manual_level"].isna().to_numpy()


def _reasons(ledger: pd.DataFrame, found: pd.DataFrame, ruleset: Ruleset, today: np.datetime64, action: Days) -> pd.DataFrame:
    """The ladder: the first test that holds gives the reason. The order is that of `Reason` and of the documentation."""
    method, amount, due = found["method_at"].to_numpy(), ledger["open_minor"].to_numpy(), days(found["due"])
    highest = ruleset.highest[method]
    all_sent = np.maximum(found["level"].to_numpy(), found["reminders"].to_numpy()) >= highest
    after = ruleset.last_levels[method]
    ended = all_sent & (after != LAST_LEVELS.index(LastLevel.REPEAT))
    collecting = ended & (after == LAST_LEVELS.index(LastLevel.COLLECT))
    deadline = days(found["last_deadline"])
    last_deadline_over = np.isnat(deadline) | (today > deadline)
    ladder: list[tuple[Bools, Reason]] = [
        (amount < 0, Reason.CREDIT),
        (amount == 0, Reason.SETTLED),
        (ruleset.of_methods("follow_up")[method] == 0, Reason.NO_METHOD),
        (np.isnat(due), Reason.NO_DUE_DATE),
        (found["handed_over"].to_numpy(), Reason.HANDED_OVER),
        (_blocked(found["payer_block"], found["payer_block_until"], today), Reason.PAYER_BLOCKED),
        (_blocked(ledger["block"], ledger["block_until"], today), Reason.BLOCKED),
        (ledger["dispute"].astype(object).fillna("").to_numpy() != "", Reason.DISPUTED),
        ((today <= due) & (today < days(found["overdue_from"])), Reason.NOT_DUE),
        (today < days(found["overdue_from"]), Reason.IN_GRACE),
        (_tolerated(ledger, ruleset), Reason.TOLERANCE),
        (_method_changed(ledger, found, ruleset), Reason.METHOD_CHANGED),
        (collecting & last_deadline_over & found["payer_collection_allowed"].to_numpy(dtype=bool), Reason.COLLECT),
        (collecting & last_deadline_over, Reason.COLLECT_NOT_ALLOWED),
        (ended & ~collecting, Reason.STOPPED),
        (ended | (today < action), Reason.WAITING),
    ]
    code = np.select([test for test, _ in ladder], [REASONS.index(why) for _, why in ladder], default=REASONS.index(Reason.DUE))
    found["reason_code"] = pd.Categorical.from_codes(code, categories=pd.Index([str(r) for r in REASONS]))
    never = [Reason.CREDIT, Reason.SETTLED, Reason.NO_METHOD, Reason.HANDED_OVER, Reason.COLLECT, Reason.COLLECT_NOT_ALLOWED, Reason.STOPPED]
    silent = np.isin(code, [REASONS.index(r) for r in never]) | ended
    found["all_sent"] = all_sent
    found["next_level"] = np.where(silent, 0, found["next_level"])
    found["next_date"] = np.select(
        [silent, np.isin(code, _OPEN_END), code == REASONS.index(Reason.PAYER_BLOCKED), code == REASONS.index(Reason.BLOCKED)],
        [
            np.where(collecting, deadline + 1, _NEVER),
            _NEVER,
            np.maximum(days(found["payer_block_until"]) + 1, action),
            np.maximum(days(ledger["block_until"]) + 1, action),
        ],
        default=action,
    ).astype("datetime64[s]")
    return found
