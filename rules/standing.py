"""Where each open item stands: its level, count and last reminder, as the History tells them; the Ledger only shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from rules.model import Event

KEY = ("company", "payer", "document", "instalment")
SEPARATOR = "\x1f"
_COUNTING = (Event.LETTER, Event.CALL, Event.TAKE_OVER, Event.HAND_OVER)


def joined(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """One text per row out of several text columns, different for different rows."""
    key = frame[columns[0]]
    for column in columns[1:]:
        key = key + SEPARATOR + frame[column]
    return key


def item_key(frame: pd.DataFrame) -> pd.Series:
    """One text per row that identifies the open item: company, payer, document, instalment."""
    return joined(frame, KEY)


def payer_key(frame: pd.DataFrame) -> pd.Series:
    """One text per row that identifies the payer: company and payer."""
    return joined(frame, KEY[:2])


def in_force(history: pd.DataFrame) -> pd.DataFrame:
    """The entries that count and were not undone, in their order. An undo names the run whose letter it takes back."""
    entries = history.sort_values("entry", kind="stable")
    undone = entries[entries["event"] == Event.UNDO]
    counting = entries[entries["event"].isin([str(e) for e in _COUNTING])]
    if undone.empty:
        return counting
    return counting[~joined(counting, [*KEY, "run"]).isin(set(joined(undone, [*KEY, "run"])))]


def standing(ledger: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """Level, reminders, last_reminder, last_deadline, last_method and handed_over of every ledger row (same index).

    Whole-column: the last entry in force of each item decides, its deadline is the last one printed; items without an entry stand at level 0.
    """
    entries = in_force(history)
    entries = entries[entries["level"] > 0]
    entries = entries.assign(deadline=entries.groupby(list(KEY), observed=True)["deadline"].ffill(), method=entries["method"].astype("str"))
    last = entries.drop_duplicates(list(KEY), keep="last")
    at = pd.Index(item_key(last)).get_indexer(pd.Index(item_key(ledger))) if len(last) else np.full(len(ledger), -1)
    found = at >= 0
    nat = np.datetime64("NaT", "s")

    def taken(column: str, blank: Any) -> np.ndarray:
        values = last[column].to_numpy()
        return np.where(found, values[np.where(found, at, 0)], blank) if len(values) else np.full(len(ledger), blank)

    return pd.DataFrame(
        {
            "level": taken("level", 0).astype("int64"),
            "reminders": taken("reminders", 0).astype("int64"),
            "last_reminder": taken("date", nat).astype("datetime64[s]"),
            "last_deadline": taken("deadline", nat).astype("datetime64[s]"),
            "last_method": taken("method", "").astype(object),
            "handed_over": taken("event", "").astype(object) == Event.HAND_OVER,
        },
        index=ledger.index,
    )


def last_letter_to(payers: pd.Series, history: pd.DataFrame) -> np.ndarray:
    """Date of the last letter in force to each payer (keys as of `payer_key`), datetime64[s], NaT when there was none."""
    letters = in_force(history)
    letters = letters[letters["event"] == Event.LETTER]
    latest = letters.groupby(payer_key(letters))["date"].max() if len(letters) else pd.Series(dtype="datetime64[s]")
    return latest.reindex(payers).to_numpy(dtype="datetime64[s]")
