"""What became of letters: printed and sent are only told; failed and returned take the letter back, as if it had never been."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from rules.errors import HistoryError
from rules.model import Delivery, Event, HistoryEntry
from rules.row import typed
from rules.standing import UNDELIVERED, in_force, item_key, positions
from rules.undo import undo_entries


def delivered(history: pd.DataFrame, letters: Sequence[str], state: Delivery, as_of: date, note: str = "") -> pd.DataFrame:
    """The history entries (number and run not set) that tell the state of `letters` (their files); none for a letter of which it is told already.

    Printed and sent: one entry per letter, which counts for nothing. Failed and returned: one per line, naming the entry it takes back. Letters that
    were taken back before are passed over. Raises HistoryError for a state of a day before the letter, and when a letter that failed or came back is
    no longer the last of one of its lines.
    """
    standing = in_force(history)
    mine = standing[(standing["event"] == Event.LETTER) & standing["letter"].isin(list(letters))]
    mine = mine[mine["letter"].isin(mine.loc[mine["level"] > 0, "letter"])]
    mine = mine[(mine["letter"].map(states(history)) != str(state)).to_numpy()]
    early = mine[mine["date"] > pd.Timestamp(as_of)]
    if len(early):
        row = early.iloc[0]
        told = f"The letter {row['letter']} is of {row['date'].date()}; it was not {state} on {as_of}, before that. Correct the as-of date."
        raise HistoryError(told)
    if state in UNDELIVERED:
        _refuse_later(standing, mine, state)
        return typed(undo_entries(history, mine, note or str(state), as_of).assign(event=str(Event.DELIVERY), delivery=str(state)), HistoryEntry)
    each = mine[mine["level"] > 0].drop_duplicates("letter")[["company", "payer", "currency", "method", "channel", "letter"]]
    told = each.assign(event=str(Event.DELIVERY), date=pd.Timestamp(as_of), delivery=str(state), note=note)
    return typed(told, HistoryEntry).reset_index(drop=True)


def states(history: pd.DataFrame) -> dict[str, str]:
    """What was last told of each letter, by its file; letters of which nothing was told are not in it."""
    told = history[history["event"] == Event.DELIVERY].sort_values("entry", kind="stable").drop_duplicates("letter", keep="last")
    return dict(zip(told["letter"].astype("str"), told["delivery"].astype("str"), strict=True))


def telling(history: pd.DataFrame) -> pd.Series:
    """Entries that tell of a letter's way and change nothing."""
    return (history["event"] == Event.DELIVERY) & history["undoes"].isna()


def _refuse_later(standing: pd.DataFrame, mine: pd.DataFrame, state: Delivery) -> None:
    """HistoryError when a later reminder or a hand-over stands on a line of the letters."""
    counting = standing[(standing["level"] > 0) | (standing["event"] == Event.HAND_OVER)]
    last = counting[~item_key(counting).duplicated(keep="last").to_numpy()]
    lines = mine[mine["level"] > 0]
    at = positions(item_key(lines), item_key(last))
    later = last.iloc[at][(last["entry"].to_numpy()[at] != lines["entry"].to_numpy())] if len(lines) else last.iloc[:0]
    if len(later):
        row = later.iloc[0]
        first = lines[(item_key(lines) == item_key(later.iloc[:1]).iloc[0]).to_numpy()].iloc[0]
        what = "it was handed over to collection" if row["event"] == Event.HAND_OVER else f"it has a later reminder of {row['date'].date()}"
        raise HistoryError(
            f"The letter {first['letter']} cannot be taken back as {state}: its document {row['document']!r} is past it, {what}. If that one did not "
            "arrive either, tell of it first; the other documents can be taken back one by one: undo, for a document."
        )
