"""What a call does to the lines it is about: it may count as a reminder, and it always moves the date of the last contact."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rules.assess import methods_of
from rules.dates import days
from rules.model import Event, HistoryEntry, Outcome, Reason
from rules.records import Records
from rules.row import empty, typed
from rules.ruleset import Ints, Ruleset
from rules.standing import KEY, payer_key, positions

ASKED_FOR = (
    Reason.DUE, Reason.JOINED, Reason.WAITING, Reason.LOCKED, Reason.GATE, Reason.BELOW_LEVEL_MINIMUM, Reason.BELOW_MINIMUM, Reason.CREDIT_BALANCE,
    Reason.PAYER_TOLERANCE, Reason.PAYER_INTERVAL, Reason.NO_RATE, Reason.NOT_SELECTED,
)  # fmt: skip


def called(calls: pd.DataFrame, assessed: pd.DataFrame, payers: pd.DataFrame, ruleset: Ruleset) -> pd.DataFrame:
    """The history entries of calls (rows of `Call`) of one day; `assessed` are the lines as of that day. Their entry and run are not set.

    One entry per call and line that is overdue and not held, disputed, promised, planned or handed over, of the payer or of the one document named;
    none for a call that did not reach the payer. A call counts where method and call let it: level and count of the line rise by one, at most to the
    highest level and the cap of the line. It does not count twice on a day, not before the last reminder, and not when the series is over: then
    its level is 0, and it moves the last contact alone.
    """
    line, at = _lines(calls, assessed)
    if not len(line):
        return empty(HistoryEntry)
    lines, call = assessed.iloc[line].reset_index(drop=True), calls.iloc[at].reset_index(drop=True)
    records = Records(lines, payers)
    method = methods_of(records, positions(payer_key(lines), payer_key(records.payer_rows.iloc[:-1])), ruleset)
    level, last = lines["level"].to_numpy(), days(lines["last_reminder"])
    cap = np.minimum(ruleset.highest[method], lines["level_cap"].fillna(9).to_numpy(dtype="int64"))
    counts = call["counts"].to_numpy(dtype=bool) & (ruleset.of_methods("phone_counts")[method] > 0)
    counts &= (lines["next_level"] > 0).to_numpy() & (np.isnat(last) | (last < days(call["date"])))
    counts[counts] = ~pd.Series(line[counts]).duplicated().to_numpy()
    told = lines[[*KEY, "currency", "open_minor"]].assign(
        event=str(Event.CALL),
        date=call["date"],
        method=pd.Categorical.from_codes(method, categories=pd.Index([m.method for m in ruleset.methods])),
        level_before=level,
        level=np.where(counts, np.maximum(level, np.minimum(level + 1, cap)), 0),
        reminders=lines["reminders"] + counts,
        note=call["note"],
    )
    return typed(told, HistoryEntry)


def _lines(calls: pd.DataFrame, assessed: pd.DataFrame) -> tuple[Ints, Ints]:
    """Positions of the lines and of the calls about them, in the order of the calls."""
    asked = (assessed["days_overdue"] > 0) & (assessed["open_minor"] > 0) & assessed["reason_code"].isin([str(r) for r in ASKED_FOR])
    lines = np.flatnonzero(asked)
    reached = np.flatnonzero(calls["outcome"] != Outcome.NOT_REACHED)
    left = pd.DataFrame({"key": payer_key(calls.iloc[reached]).to_numpy(), "call": reached})
    both = left.merge(pd.DataFrame({"key": payer_key(assessed.iloc[lines]).to_numpy(), "line": lines}), on="key")
    line, at = both["line"].to_numpy(), both["call"].to_numpy()
    document = calls["document"].to_numpy(dtype=object)[at]
    fits = (document == "") | (document == assessed["document"].to_numpy(dtype=object)[line])
    return line[fits], at[fits]
