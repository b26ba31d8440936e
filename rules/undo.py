"""What an undo takes back, and what stands again after it; the history itself is never changed."""

from __future__ import annotations

from datetime import date

import pandas as pd

from rules.errors import ConfigError, HistoryError
from rules.model import AssessedItem, Event, HistoryEntry
from rules.row import typed
from rules.standing import KEY, in_force, item_key, positions
from rules.ways import Way, one_of


def taken_back(
    history: pd.DataFrame, payer: str, as_of: date, *, company: str | None = None, document: str = "", instalment: str = "", currency: str = "",
    again: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """The entries an undo takes back: those of the last letter, counted call or take-over of the payer, on the lines chosen.

    `company`: its code, "" for lines without one; None when the payer is of one company alone, else ConfigError names them.
    Raises HistoryError when there is none, when a later reminder or a hand-over stands on one of its lines, when `as_of` lies before it, and when the
    last thing that happened to the lines was an undo, unless `again`.
    """
    narrowed = {"document": document, "instalment": instalment, "currency": currency}
    mine = (history["payer"] == payer) & ((history["company"] == company) if company is not None else True)
    for name, value in narrowed.items():
        if value:
            mine &= history[name] == value
    chosen = history[mine]
    if chosen.empty:
        known = ", ".join(sorted(set(history.loc[history["payer"] == payer, "document"]))[:9])
        told = f" Documents of this payer there: {known}." if known else ""
        asked = " ".join(v for v in ((company or "") and f"of the company {company!r}", *narrowed.values()) if v)
        raise HistoryError(f"The history has nothing about the payer {payer!r} {asked}.".replace(" .", ".") + told)
    companies = sorted(set(chosen["company"]))
    if len(companies) > 1:
        named = ", ".join(c or "(empty)" for c in companies)
        raise ConfigError(f"The payer {payer!r} is in the history of {len(companies)} companies: {named}. Say which.", one_of("company", companies))
    standing = in_force(history)
    standing = standing[standing["entry"].isin(chosen["entry"])]
    counting = standing[(standing["level"] > 0) | (standing["event"] == Event.HAND_OVER)]
    last = counting[~item_key(counting).duplicated(keep="last").to_numpy()]
    reminders = last[last["event"].isin([str(Event.LETTER), str(Event.CALL), str(Event.TAKE_OVER)])]
    if reminders.empty:
        if (last["event"] == Event.HAND_OVER).any():
            raise HistoryError(f"The lines of the payer {payer!r} were handed over to collection: no letter before that can be taken back.")
        raise HistoryError(f"There is no letter and no counted call to the payer {payer!r}, and no take-over, that could be taken back.")
    latest = reminders.iloc[int(reminders["entry"].to_numpy().argmax())]
    same = ["run", "letter"] if latest["event"] == Event.TAKE_OVER else ["run", "letter", "date"]  # a list has the date of each line
    whole = standing[(standing[same] == latest[same]).all(axis=1)]
    later = last[item_key(last).isin(item_key(whole)) & (last["entry"] > whole["entry"].max())]
    if len(later):
        row = later.iloc[-1]
        what = "was handed over to collection" if row["event"] == Event.HAND_OVER else f"has a later reminder of {row['date'].date()}"
        raise HistoryError(
            f"The document {row['document']!r} {what}; the letter of {latest['date'].date()} is no longer its last. Name a document whose "
            "last letter it is.",
            one_of("document", list(dict.fromkeys(whole.loc[~item_key(whole).isin(item_key(later)) & (whole["level"] > 0), "document"]))),
        )
    happened = chosen[(chosen["event"] != Event.DELIVERY) | chosen["undoes"].notna()]
    row = happened.iloc[int(happened["entry"].to_numpy().argmax())]
    if row["event"] in (Event.UNDO, Event.DELIVERY) and not again:
        raise HistoryError(
            f"A reminder to the payer {payer!r} was already taken back on {row['date'].date()}. The one before it is of {latest['date'].date()}, "
            f"level {latest['level']}; that can be taken back as well.",
            Way("again"),
        )
    if latest["date"].date() > as_of:
        raise HistoryError(f"The letter is of {latest['date'].date()}; it cannot be taken back on {as_of}, before that. Correct the as-of date.")
    key = item_key(last[last["entry"].isin(whole["entry"])])
    return whole[(whole["level"] == 0).to_numpy() | item_key(whole).isin(key).to_numpy()]


def undo_entries(history: pd.DataFrame, taken: pd.DataFrame, reason: str, as_of: date) -> pd.DataFrame:
    """One history entry (number and run not set) per entry taken back, with the level and count that stand again."""
    standing = in_force(history)
    before = standing[(standing["level"] > 0) & ~standing["entry"].isin(taken["entry"])]
    last = before[~item_key(before).duplicated(keep="last").to_numpy()]
    again = last.set_index(item_key(last).to_numpy())[["level", "reminders"]].reindex(item_key(taken)).fillna(0).astype("int64")
    kept = taken[[*KEY, "currency", "open_minor", "method", "channel", "letter"]]
    return typed(
        kept.assign(
            event=str(Event.UNDO), date=pd.Timestamp(as_of), level_before=taken["level"], level=again["level"].to_numpy(),
            reminders=again["reminders"].to_numpy(), undoes=taken["entry"], note=reason,
        ),
        HistoryEntry,
    ).reset_index(drop=True)  # fmt: skip


def levels_back(ledger: pd.DataFrame, history: pd.DataFrame, entries: pd.DataFrame) -> pd.DataFrame:
    """The ledger (rows of `AssessedItem`) with the levels set by hand that the letters taken back by `entries` had used up.

    A level typed since then stays. The reason of the old level is not in the history: that of the undo stands in its place.
    """
    used = history[history["entry"].isin(entries["undoes"].dropna()) & history["manual_level"].notna()]
    used = used[~item_key(used).duplicated(keep="last").to_numpy()]
    at = positions(item_key(ledger), item_key(used))
    back = (at >= 0) & ledger["manual_level"].isna().to_numpy()
    if not back.any():
        return ledger
    why = entries.set_index("undoes")["note"].reindex(used["entry"].astype("Int64")).to_numpy(dtype=object)
    level, reason = ledger["manual_level"].copy(), ledger["manual_reason"].astype("object")
    level[back], reason[back] = used["manual_level"].to_numpy()[at[back]], why[at[back]]
    return typed(ledger.assign(manual_level=level, manual_reason=reason), AssessedItem)
