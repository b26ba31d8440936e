"""What would happen: at other dates, under other rules, week after week as if every letter were sent. Pure; nothing is written anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from rules.assess import assess
from rules.collection import leaving
from rules.contacts import current
from rules.errors import RateMissing
from rules.letters import GROUP
from rules.merge import CLAIMED, stacked
from rules.model import AssessedItem, DocumentKind, Event, FollowUp, HistoryEntry, Proposal, Reason, Selection
from rules.propose import Run, propose
from rules.records import Records
from rules.row import empty, typed
from rules.ruleset import Ruleset
from rules.standing import KEY, item_key, joined, positions

RUN = "simulation"
PART = [*GROUP, "part"]
SUMS = ["fee_minor", "interest_minor", "lump_sum_minor", "total_minor"]
UNKNOWN = ["interest_minor", "lump_sum_minor"]  # what nobody can say without the rate of the day
MOST_LETTERS = 20  # of one line in a schedule: more than any series with an end has


@dataclass(frozen=True)
class Simulated:
    """A run, and why it is without interest and lump sums: what `RateMissing` says of its date, or "" when they are known."""

    run: Run
    lacks: str


def simulated(
    records: Records, ruleset: Ruleset, as_of: date, standing_open: pd.DataFrame | None = None, selection: Sequence[Selection] = ()
) -> Simulated:  # fmt: skip
    """The run of a date. Where a rate is missing it goes on without interest and lump sums: which letters go does not depend on them."""
    found, proposals = assess(records, ruleset, as_of), empty(Proposal) if standing_open is None else standing_open
    try:
        return Simulated(propose(records, found, proposals, ruleset, as_of, RUN, selection), "")
    except RateMissing as missing:
        without = replace(ruleset, levels=tuple(step.model_copy(update={"regime": ""}) for step in ruleset.levels))
        return Simulated(propose(records, found, proposals, without, as_of, RUN, selection), str(missing))


def settled(records: Records, as_of: date) -> Records:
    """The records with promises and plans as they stand on a date."""
    told = current(records.ledger, records.promises, records.plans, records.instalments, empty(FollowUp), records.payments, as_of)
    return replace(records, ledger=told.ledger, promises=told.promises, plans=told.plans, instalments=told.instalments)


def under(records: Records, method: str) -> Records:
    """The records with every line under one method, as if what was sent under others had been sent under it."""
    return replace(
        records,
        ledger=records.ledger.assign(method=pd.Categorical([method] * len(records.ledger))),
        history=records.history.assign(method=pd.Categorical([method] * len(records.history))),
    )


# ---------------------------------------------------------------------------------------------------------------- two runs beside each other


@dataclass(frozen=True)
class Comparison:
    """What differs between two runs over the same lines.

    `reasons`: before, after, lines; only what changed. `letters`: currency, level, letters_before, letters_after, total_before_minor,
    total_after_minor, difference_minor; `money`: the same per currency. `lines`: those whose reason, next level or next date differs, with both.
    """

    reasons: pd.DataFrame
    letters: pd.DataFrame
    money: pd.DataFrame
    lines: pd.DataFrame


def compared(before: Run, after: Run) -> Comparison:
    """What a change of the rules does: `after` against `before`, both over the same ledger, row by row."""
    asked = ["reason_code", "next_level", "next_date"]
    old, new = (run.ledger[asked].astype({"reason_code": "str"}).rename(columns={"reason_code": "reason"}) for run in (before, after))
    same = (old["reason"] == new["reason"]) & (old["next_level"] == new["next_level"])
    same &= (old["next_date"] == new["next_date"]) | (old["next_date"].isna() & new["next_date"].isna())
    at = np.flatnonzero(~same.to_numpy())
    lines = before.ledger[["company", "payer", "payer_name", *KEY[2:], "currency", "open_minor"]].iloc[at]
    for name in old:
        lines = lines.assign(**{f"{name}_before": old[name].iloc[at], f"{name}_after": new[name].iloc[at]})
    moved = lines[lines["reason_before"] != lines["reason_after"]]
    reasons = moved.groupby(["reason_before", "reason_after"]).size().rename("lines").rename_axis(["before", "after"]).reset_index()
    letters, money = _beside(before, after, ["currency", "level"]), _beside(before, after, ["currency"])
    return Comparison(reasons, letters, money, lines.reset_index(drop=True))


def _beside(before: Run, after: Run, keys: list[str]) -> pd.DataFrame:
    """Letters and money of both runs by these keys."""
    parts = [run.proposals.groupby(keys)["total_minor"].agg(letters="size", total="sum") for run in (before, after)]
    both = parts[0].add_suffix("_before").join(parts[1].add_suffix("_after"), how="outer").fillna(0).astype("int64").sort_index().reset_index()
    both = both.rename(columns={f"total_{when}": f"total_{when}_minor" for when in ("before", "after")})
    both["difference_minor"] = both["total_after_minor"] - both["total_before_minor"]
    return both[[*keys, "letters_before", "letters_after", "total_before_minor", "total_after_minor", "difference_minor"]]


def letters_of(told: Simulated) -> pd.DataFrame:
    """Letters and money of a run: currency, level, letters, lines, net_minor and `SUMS`; interest and lump sums NA where a rate is missing."""
    proposals = told.run.proposals.assign(letters=1, net_minor=told.run.proposals["overdue_minor"] + told.run.proposals["credits_minor"])
    sums = proposals.groupby(["currency", "level"])[["letters", "lines", "net_minor", *SUMS]].sum().reset_index()
    sums[UNKNOWN] = sums[UNKNOWN].astype("Int64")
    if told.lacks:
        sums[UNKNOWN] = pd.NA
    return sums


# ---------------------------------------------------------------------------------------------------------------- one run after the other


@dataclass(frozen=True)
class Calendar:
    """What the runs of some dates make, each after the former.

    `letters`: as_of, then the columns of `letters_of`. `collection`: as_of, currency, lines, open_minor less credits. `lacks`: the first date on
    which interest is not known, and why; none when it is known throughout.
    """

    letters: pd.DataFrame
    collection: pd.DataFrame
    lacks: tuple[date, str] | None


def calendar(records: Records, ruleset: Ruleset, dates: Sequence[date], progress: Callable[[int, int], None] = lambda done, total: None) -> Calendar:
    """The runs of these dates, as if nobody paid, every letter were sent and every case for collection handed over on its date with its credits.

    From the first date without a rate on, the letters are without interest and lump sums.
    """
    letters: list[pd.DataFrame] = []
    cases: list[pd.DataFrame] = []
    lacks: tuple[date, str] | None = None
    for done, as_of in enumerate(sorted(dates)):
        progress(done, len(dates))
        records = settled(records, as_of)
        told = simulated(records, ruleset, as_of)
        letters.append(letters_of(told).assign(as_of=as_of))
        handed = _handed_over(told.run).groupby("currency", observed=True)["open_minor"]
        cases.append(handed.agg(lines=lambda amounts: (amounts > 0).sum(), open_minor="sum").reset_index().assign(as_of=as_of))
        lacks = lacks or ((as_of, told.lacks) if told.lacks else None)
        records = issued(records, told.run, ruleset, as_of)
    return Calendar(_dated(letters), _dated(cases), lacks)


def _dated(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """One below the other, the date first."""
    whole = pd.concat(frames, ignore_index=True)
    return whole[["as_of", *whole.columns.drop("as_of")]]


def _handed_over(run: Run) -> pd.DataFrame:
    """The lines of the ledger that leave for collection, and the credits that leave with them."""
    leave = leaving(run.ledger[(run.ledger["reason_code"] == Reason.COLLECT).to_numpy()], run.ledger)
    return pd.concat([leave.lines, leave.credits], ignore_index=True)


def issued(records: Records, run: Run, ruleset: Ruleset, as_of: date) -> Records:
    """The records after every letter of a run went out and every case was handed over: history, levels set by hand, fees that were claimed."""
    lines, proposals = run.lines, run.proposals
    its = proposals.iloc[positions(joined(lines, PART), joined(proposals, PART))].set_axis(lines.index)
    reminded = lines["level"] > 0
    ledger, keys = records.ledger, item_key(records.ledger)
    at = positions(item_key(lines), keys)
    spent = np.zeros(len(ledger), dtype=bool)
    spent[at[reminded]] = True
    told = ["currency", "open_minor", "interest_minor", "fee_minor", "lump_sum_minor", "level_before", "level"]
    sent = lines[[*KEY, *told]].assign(
        event=str(Event.LETTER), date=pd.Timestamp(as_of), run=f"{RUN} {as_of}", method=lines["method"].astype("str"),
        reminders=lines["reminders"] + reminded, deadline=its["deadline"].where(reminded), channel=its["channel"].astype("str"),
    )  # fmt: skip
    sent["manual_level"] = ledger["manual_level"].iloc[at].set_axis(lines.index).where(reminded)
    over = _handed_over(run)
    handed = over[[*KEY, "currency", "open_minor", "level", "reminders"]].assign(
        event=str(Event.HAND_OVER), date=pd.Timestamp(as_of), level_before=over["level"]
    )
    entries = stacked([records.history, _numbered(records, sent), _numbered(records, handed, len(sent))], HistoryEntry)
    claims = _claims(proposals, ruleset, as_of)
    ledger = ledger.assign(manual_level=ledger["manual_level"].mask(spent))
    return replace(records, history=entries, ledger=stacked([ledger, claims], AssessedItem) if len(claims) else ledger)


def _numbered(records: Records, entries: pd.DataFrame, after: int = 0) -> pd.DataFrame:
    last = int(records.history["entry"].max()) if len(records.history) else 0
    return typed(entries.assign(entry=np.arange(len(entries)) + 1 + last + after), HistoryEntry)


def _claims(proposals: pd.DataFrame, ruleset: Ruleset, as_of: date) -> pd.DataFrame:
    """The fees that become lines of the ledger, by the method of their letter."""
    claiming = {method.method for method in ruleset.methods if method.claim_fees}
    its = proposals[proposals["method"].isin(claiming) & (proposals["fee_minor"] > 0)]
    number = (f"{RUN} {as_of} " + its.index.astype("str")).to_numpy(dtype=object)
    claimed = its[["company", "payer", "payer_name", "currency"]].assign(
        document=number, kind=str(DocumentKind.FEE), document_date=its["as_of"], due_date=its["deadline"],
        original_minor=its["fee_minor"], open_minor=its["fee_minor"], source=CLAIMED + number, method=its["method"].astype("str"),
    )  # fmt: skip
    return typed(claimed, AssessedItem).reset_index(drop=True)


def schedule(records: Records, ruleset: Ruleset, rows: Sequence[int], as_of: date) -> pd.DataFrame:
    """The letters still to come about some lines (positions in the ledger), each by itself, as if nobody paid.

    One row per letter, then one that says how the series ends, with level 0: company, payer, document, instalment, currency, date, level, deadline,
    overdue_minor, `SUMS` (interest and lump sum NA from the first date without a rate), reason: why the letter goes, or why none follows. A series
    that repeats its last letter for ever ends with its first repetition.
    """
    made = pd.DataFrame([entry for row in rows for entry in _series(records.about(np.array([row])), ruleset, as_of)])
    return made.astype({name: "Int64" for name in ["overdue_minor", *SUMS] if name in made})


def _series(records: Records, ruleset: Ruleset, as_of: date) -> list[dict[str, Any]]:
    """What comes for the one line of the ledger."""
    line, made = records.ledger.iloc[0], list[dict[str, Any]]()
    who: dict[str, Any] = {name: line[name] for name in [*KEY, "currency"]}
    while True:
        told = simulated(records, ruleset, as_of)
        answer, letters = told.run.ledger.iloc[0], told.run.proposals
        if len(letters):
            letter = letters.iloc[0]
            sums = {name: None if told.lacks and name in UNKNOWN else int(letter[name]) for name in SUMS}
            level, deadline = int(letter["level"]), letter["deadline"]
            made.append(who | {"date": as_of, "level": level, "deadline": deadline, "overdue_minor": int(letter["overdue_minor"]), **sums})
            made[-1]["reason"] = answer["reason"]
            records = issued(records, told.run, ruleset, as_of).only(np.array([0]))
            told = simulated(records, ruleset, as_of)
            answer = told.run.ledger.iloc[0]
        later = answer["next_date"]
        over = pd.isna(later) or later.date() <= as_of or answer["reason_code"] == Reason.COLLECT
        if over or len(made) == MOST_LETTERS or _repeats(made, ruleset, records):
            return [*made, who | {"date": None if pd.isna(later) else later.date(), "level": 0, "reason": answer["reason"]}]
        as_of = later.date()


def _repeats(made: list[dict[str, Any]], ruleset: Ruleset, records: Records) -> bool:
    """Whether the last two letters are of one level, and so will be all others: the last of a method that repeats, or the cap of the line."""
    if len(made) < 2 or made[-1]["level"] != made[-2]["level"]:
        return False
    return not ruleset.methods[ruleset.position[str(records.history["method"].iloc[-1])]].maximum_reminders
