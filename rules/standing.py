"""Where each open item stands: its level, count, last reminder and last contact, as the History tells them; the Ledger only shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rules.model import Delivery, Event

KEY = ("company", "payer", "document", "instalment")
SEPARATOR = "\x1f"
_COUNTING = (Event.LETTER, Event.CALL, Event.TAKE_OVER, Event.HAND_OVER)
UNDELIVERED = (Delivery.FAILED, Delivery.RETURNED)
_CONTACTS = (Event.LETTER, Event.CALL)
LETTERS = [str(Event.LETTER), str(Event.TAKE_OVER)]  # ours, and those of another tool
_TEXT = pa.large_string()
Positions = npt.NDArray[np.int64]


def joined(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """One text per row out of several text columns, different for different rows."""
    parts = [_array(frame[column].astype("str")) for column in columns]
    made = pc.call_function("binary_join_element_wise", [*parts, pa.scalar(SEPARATOR, _TEXT)], pc.JoinOptions(null_handling="replace"))
    return pd.Series(made, index=frame.index, dtype="str")


def text_key(frame: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    """The cells of several columns, dates and amounts among them, as one text per row."""
    texts = {n: frame[n].dt.strftime("%Y-%m-%d").fillna("") if frame[n].dtype.kind == "M" else frame[n] for n in names}
    return joined(pd.DataFrame(texts).astype("str"), names)


def _array(texts: pd.Series) -> pa.Array:
    """A column of texts in one piece; one that was read in parts has several."""
    made = pa.array(texts)
    return (made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made).cast(_TEXT)


def positions(keys: pd.Series, among: pd.Series) -> Positions:
    """For each key its first position in `among`; -1 where it is not there."""
    found = pc.call_function("index_in", [_array(keys)], pc.SetLookupOptions(_array(among)))
    return found.fill_null(-1).to_numpy(zero_copy_only=False).astype("int64")


def coded(keys: pd.Series) -> Positions:
    """The number of each key, the same for equal keys, in the order in which they come first."""
    return pc.call_function("dictionary_encode", [_array(keys)]).indices.to_numpy(zero_copy_only=False).astype("int64")


def item_key(frame: pd.DataFrame) -> pd.Series:
    """One text per row that identifies the open item: company, payer, document, instalment."""
    return joined(frame, KEY)


def payer_key(frame: pd.DataFrame) -> pd.Series:
    """One text per row that identifies the payer: company and payer."""
    return joined(frame, KEY[:2])


def document_key(frame: pd.DataFrame) -> pd.Series:
    """One text per row that identifies the document: company, payer and document."""
    return joined(frame, KEY[:3])


def in_force(history: pd.DataFrame) -> pd.DataFrame:
    """The entries that count, in their order: delivered (as far as is known) and not undone. An undo, or the news that a letter failed or came back,
    names the entry it takes back.
    """
    entries = history.sort_values("entry", kind="stable")
    counting = entries[entries["event"].isin([str(e) for e in _COUNTING]) & ~entries["delivery"].isin([str(d) for d in UNDELIVERED])]
    undone = entries["undoes"].dropna()
    return counting[~counting["entry"].isin(undone)] if len(undone) else counting


def standing(ledger: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """Level, reminders, last_reminder, last_contact, last_deadline, last_method and handed_over of every ledger row (same index).

    Whole-column: the last counting entry in force of each item decides, its deadline is the last one printed; items without an entry stand at level
    0. The last contact is that reminder, or a later call that did not count (an entry of level 0).
    """
    entries = in_force(history)
    handed, entries = entries[entries["event"] == Event.HAND_OVER], entries[entries["event"] != Event.HAND_OVER]
    counted, calls = entries[entries["level"] > 0], entries[(entries["level"] == 0) & (entries["event"] == Event.CALL)]
    key = item_key(counted)
    last = ~key.duplicated(keep="last")
    deadline = counted["deadline"].groupby(key.to_numpy()).ffill() if counted["deadline"].isna().any() else counted["deadline"]
    keys = item_key(ledger) if len(entries) or len(handed) else pd.Series("", index=ledger.index, dtype="str")
    at = positions(keys, key[last])
    found = at >= 0

    def taken(values: pd.Series, blank: Any) -> np.ndarray:
        known = values[last].to_numpy()
        return np.where(found, known[at], blank) if len(known) else np.full(len(ledger), blank)

    nat = np.datetime64("NaT", "s")
    reminded = taken(counted["date"], nat).astype("datetime64[s]")
    contact = reminded
    if len(calls):
        called = calls.groupby(item_key(calls).to_numpy())["date"].max()
        there = positions(keys, pd.Series(called.index, dtype="str"))
        contact = np.fmax(reminded, np.where(there >= 0, called.to_numpy("datetime64[s]")[there], nat))
    methods = counted["method"].astype("category")
    return pd.DataFrame(
        {
            "level": taken(counted["level"], 0).astype("int64"),
            "reminders": taken(counted["reminders"], 0).astype("int64"),
            "last_reminder": reminded,
            "last_contact": contact,
            "last_deadline": taken(deadline, nat).astype("datetime64[s]"),
            "last_method": pd.Categorical.from_codes(taken(methods.cat.codes, -1).astype("int64"), categories=methods.cat.categories),
            "handed_over": positions(keys, item_key(handed)) >= 0,
        },
        index=ledger.index,
    )


def last_contact_with(payers: pd.Series, history: pd.DataFrame) -> np.ndarray:
    """Date of the last letter in force to each payer, or of a later call (keys as of `payer_key`), datetime64[s], NaT when there was none."""
    contacts = in_force(history)
    contacts = contacts[contacts["event"].isin([str(e) for e in _CONTACTS])]
    latest = contacts.groupby(payer_key(contacts).to_numpy())["date"].max() if len(contacts) else pd.Series(dtype="datetime64[s]")
    return latest.reindex(payers).to_numpy(dtype="datetime64[s]")


def noticed(ledger: pd.DataFrame, history: pd.DataFrame, level: int) -> np.ndarray:
    """Date of the first letter in force of at least this level about each item, datetime64[s], NaT when there was none.

    A letter of another tool counts, with the date that was taken over: the first one may have been earlier, never later.
    """
    entries = in_force(history)
    letters = entries[entries["event"].isin(LETTERS) & (entries["level"] >= level)]
    first = letters.groupby(item_key(letters).to_numpy())["date"].min() if len(letters) else pd.Series(dtype="datetime64[s]")
    return first.reindex(item_key(ledger)).to_numpy(dtype="datetime64[s]")


def charged(lines: pd.DataFrame, history: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which lines (KEY and `level`) have had a fee of their own at that level: a document pays it once."""
    entries = in_force(history)
    paid = entries[entries["fee_minor"] > 0]
    if not len(paid) or not len(lines):
        return np.zeros(len(lines), dtype=bool)
    levelled = [frame.assign(level=frame["level"].astype("str")) for frame in (lines, paid)]
    document = [joined(frame, [*KEY[:3], "level"]) for frame in levelled]
    return positions(document[0], document[1]) >= 0


def compensated(lines: pd.DataFrame, history: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Lines whose document has its lump sum on another line: that one claimed it on an earlier letter, and goes on claiming it."""
    entries = in_force(history)
    claimed = entries[entries["lump_sum_minor"] > 0]
    if not len(claimed) or not len(lines):
        return np.zeros(len(lines), dtype=bool)
    return (positions(document_key(lines), document_key(claimed)) >= 0) & (positions(item_key(lines), item_key(claimed)) < 0)
