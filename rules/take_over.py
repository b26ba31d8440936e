"""Levels and dates of reminders that another tool sent enter the history, so that the first run does not restart everybody at level 1.

Only lines that this workbook never reminded are taken over. What was taken over before is replaced when the list now says otherwise, so that a
corrected list corrects; the same list twice changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from rules.assess import methods_of
from rules.dates import day, days
from rules.model import Event, HistoryEntry
from rules.records import Records
from rules.references import plain
from rules.row import typed
from rules.ruleset import Ruleset
from rules.standing import KEY, in_force, item_key, payer_key, positions

FATES = ("taken", "known", "reminded", "level_0", "absent", "ambiguous", "later")
NEVER = np.datetime64("0001-01-01", "D")


@dataclass(frozen=True)
class Taken:
    """`entries`: rows of `HistoryEntry`, number and run not set. `fates`: for each row of the list one of FATES.

    taken: a line, or several, was taken over. known: as it was taken over before, or another row of the list says more of the line. reminded: the
    line has reminders of this workbook, which count. level_0: never reminded. absent: nothing of it is open. ambiguous: several payers have the
    document. later: reminded after the as-of date. `lowered`: rows whose level is above the highest of the method, which stands in its place.
    `undated`: rows taken over as of the as-of date.
    """

    entries: pd.DataFrame
    fates: pd.Series
    lowered: int
    undated: int


def taken_over(listed: pd.DataFrame, ledger: pd.DataFrame, payers: pd.DataFrame, history: pd.DataFrame, rules: Ruleset, as_of: date) -> Taken:
    """What a list of levels means for the lines of the ledger (rows of `AssessedItem`).

    `listed`: company, payer, document, instalment, level (Int64), last_reminder; company, payer and instalment may be blank: any. Of several rows
    about a line the highest level counts, of those the latest. A row without a date counts from `as_of`. Whole-column.
    """
    listed = listed.reset_index(drop=True)
    about = _lines(listed, ledger)
    line, row = about["line"].to_numpy(), about["row"].to_numpy()
    level, when = listed["level"].fillna(0).to_numpy("int64")[row], days(listed["last_reminder"])[row]
    method = methods_of(Records(ledger, payers), positions(payer_key(ledger), payer_key(payers)), rules)[line]
    capped = np.minimum(level, rules.highest[method])

    standing = in_force(history)
    standing = standing[(standing["level"] > 0) | (standing["event"] == Event.HAND_OVER)]
    last = standing[~item_key(standing).duplicated(keep="last").to_numpy()]
    at = positions(item_key(ledger), item_key(last))[line]
    event = np.append(last["event"].to_numpy(dtype=object), "")[at]
    was, on = np.append(last["level"].to_numpy(), 0)[at], np.append(days(last["date"]), NEVER)[at]
    fate = np.select(
        [about["several"], (at >= 0) & (event != Event.TAKE_OVER), capped <= 0, when > day(as_of), (was == capped) & ((on == when) | np.isnat(when))],
        ["ambiguous", "reminded", "level_0", "later", "known"], default="taken",
    )  # fmt: skip
    about = about.assign(
        level=level, date=when.astype("datetime64[s]"), capped=capped, fate=fate, undoes=np.append(last["entry"].to_numpy(), 0)[at],
        order=np.where(np.isnat(when), NEVER, when).astype("datetime64[s]"),
    )  # fmt: skip
    best = about[about["fate"].isin(["taken", "known"])].sort_values(["level", "order", "row"], kind="stable").drop_duplicates("line", keep="last")
    chosen = best[best["fate"] == "taken"].sort_values("line")
    about["fate"] = about["fate"].mask((about["fate"] == "taken") & ~about.index.isin(chosen.index), "known")
    ranked = about.sort_values("fate", key=lambda fates: fates.map(FATES.index), kind="stable").drop_duplicates("row").set_index("row")["fate"]
    silent = pd.Series(np.where(listed["level"].fillna(0) > 0, "absent", "level_0"), index=listed.index)
    fates = ranked.reindex(listed.index).fillna(silent).astype("str")
    return Taken(_entries(ledger, chosen, as_of), fates, int((chosen["capped"] < chosen["level"]).sum()), int(chosen["date"].isna().sum()))


def _entries(ledger: pd.DataFrame, chosen: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """One entry per line; it names the earlier take-over of the line that it replaces."""
    lines, level = ledger.iloc[chosen["line"]].reset_index(drop=True), chosen["capped"].to_numpy("int64")
    made = lines[[*KEY, "currency", "open_minor"]].assign(
        event=str(Event.TAKE_OVER),
        date=chosen["date"].fillna(pd.Timestamp(as_of)).to_numpy("datetime64[s]"),
        level=level,
        reminders=level,
        undoes=chosen["undoes"].astype("Int64").mask(chosen["undoes"] == 0).array,
    )
    return typed(made, HistoryEntry)


def _lines(listed: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """line, row: positions of the lines with something to pay and of the rows about them; several: the row names no payer, and several have it.

    They are equal in document, and in company, payer and instalment where the row names them. Documents and payers are also equal but for blanks,
    marks, case and leading zeros, where no line is spelled as the row is; a row that then means two documents is of several.
    """
    rows, lines = np.flatnonzero(listed["document"] != ""), np.flatnonzero(ledger["open_minor"] > 0)
    left = pd.DataFrame({"document": plain(listed["document"].iloc[rows]).to_numpy(), "row": rows})
    right = pd.DataFrame({"document": plain(ledger["document"].iloc[lines]).to_numpy(), "line": lines})
    both = left[left["document"] != ""].merge(right, on="document")
    row, line = both["row"].to_numpy("int64"), both["line"].to_numpy("int64")
    document = ledger["document"].to_numpy(dtype=object)[line]
    payer = listed["payer"].to_numpy(dtype=object)[row]
    spelled = (listed["document"].to_numpy(dtype=object)[row] == document) & ((payer == "") | (payer == ledger["payer"].to_numpy(dtype=object)[line]))
    fits = np.ones(len(both), dtype=bool)
    rows_said, lines_have = (frame.assign(payer=plain(frame["payer"])) for frame in (listed, ledger))
    for name in ("company", "payer", "instalment"):
        said = rows_said[name].to_numpy(dtype=object)[row]
        fits &= (said == "") | (said == lines_have[name].to_numpy(dtype=object)[line])
    fits &= spelled | ~pd.Series(spelled & fits).groupby(row).transform("any").to_numpy(dtype=bool)
    made = pd.DataFrame({"line": line, "row": row, "whose": payer_key(ledger).to_numpy()[line], "document": document})[fits].reset_index(drop=True)
    meant = made.groupby("row")[["whose", "document"]].transform("nunique")
    return made[["line", "row"]].assign(several=(meant > 1).any(axis=1))
