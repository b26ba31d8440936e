"""What a reviewer's decision means: which proposals are sent, and what a changed level does to letter and lines."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd

from rules.assess import assess
from rules.charges import COLUMNS, letter_fees, line_charges
from rules.errors import ConfigError
from rules.letters import GROUP, summed
from rules.model import Decision, DocumentKind, Level, LineSection, Proposal, ProposalLine, ProposalState
from rules.money import to_minor
from rules.propose import deadline
from rules.records import Records
from rules.row import column, typed
from rules.ruleset import Ruleset
from rules.standing import SEPARATOR, item_key, joined, positions

PART = [*GROUP, "part"]
LETTER = ["run", *PART]


def letter_key(frame: pd.DataFrame) -> pd.Series:
    """One text per row that identifies the proposal a row belongs to: run, company, payer, currency, part."""
    return joined(frame, LETTER)


def is_open(proposals: pd.DataFrame) -> pd.Series:
    """Which proposals wait for a decision or for their issue."""
    return proposals["state"] == ProposalState.OPEN


def carried(fresh: pd.DataFrame, lines: pd.DataFrame, before: pd.DataFrame, lines_before: pd.DataFrame) -> pd.DataFrame:
    """`fresh` proposals with what a reviewer decided on the open proposals `before` of the same payer, currency and part.

    A hold stays a hold, with its note. "Send" stays, with a fee or interest typed, where the letter would be word for word what it was; one
    that became another letter is open again. "Drop" meant the old run alone.
    """
    known = before.drop_duplicates(PART, keep="last").set_index(PART)
    at = known.index.get_indexer(pd.MultiIndex.from_frame(fresh[PART]))
    if not len(known) or not len(fresh):
        return fresh
    old = known.reset_index().iloc[np.where(at >= 0, at, 0)].set_axis(fresh.index)
    found = pd.Series(at >= 0, index=fresh.index)
    same = found & (old[_CONTENT].astype(object) == fresh[_CONTENT].astype(object)).all(axis=1)
    same &= _listed(fresh, lines) == _listed(old, lines_before)
    hold, send = found & (old["decision"] == Decision.HOLD), same & (old["decision"] == Decision.SEND)
    kept = fresh.assign(decision=fresh["decision"].astype(object).mask(hold, str(Decision.HOLD)).mask(send, str(Decision.SEND)))
    kept["decision_note"] = fresh["decision_note"].mask(hold | send, old["decision_note"])
    for typed_in in ("fee_minor", "interest_minor"):
        kept[typed_in] = fresh[typed_in].mask(send, old[typed_in])
    return typed(_totalled(kept), Proposal)


_CONTENT = ["as_of", "level", "overdue_minor", "credits_minor", "template", "language", "channel", "deadline"]


def _listed(proposals: pd.DataFrame, lines: pd.DataFrame) -> pd.Series:
    """What stands on each letter, as one text: its items with level and open amount."""
    items = item_key(lines) + SEPARATOR + lines["level"].astype("str") + SEPARATOR + lines["open_minor"].astype("str")
    of_letter = items.sort_values().groupby(letter_key(lines)).agg("\n".join)
    return letter_key(proposals).map(of_letter).fillna("")


def _totalled(proposals: pd.DataFrame) -> pd.DataFrame:
    """Open proposals with the total their parts make."""
    parts = ["overdue_minor", "credits_minor", *COLUMNS]
    return proposals.assign(total_minor=proposals["total_minor"].mask(is_open(proposals), proposals[parts].sum(axis=1)))


def relevelled(proposals: pd.DataFrame, lines: pd.DataFrame, records: Records, ruleset: Ruleset) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Proposals and lines after a reviewer changed the level of a letter (sheet or command).

    The lines that spoke for the letter take the new level, others at most it; template, channel, deadline, fee, interest and lump sum follow unless
    they were changed as well; totals follow what was typed. Raises ConfigError for a change without a note, to a level the method does not have, and
    for a proposal without lines.
    """
    proposals, lines = proposals.astype({"template": "object", "channel": "object"}), lines.copy()
    key, line_key = letter_key(proposals), letter_key(lines)
    spoke, now = (lines.groupby(line_key)[level].max().reindex(key).set_axis(proposals.index) for level in ("proposed_level", "level"))
    waiting = is_open(proposals)
    lump = lines.groupby(line_key)["lump_sum_minor"].sum().reindex(key).set_axis(proposals.index).fillna(0)
    proposals["lump_sum_minor"] = proposals["lump_sum_minor"].mask(waiting, lump.astype("int64"))  # follows its lines, nobody types it
    if (waiting & spoke.isna()).any():
        row = proposals[waiting & spoke.isna()].iloc[0]
        raise ConfigError(f"{_who(row)} has no lines on the sheet of proposal lines: its run, payer or currency was changed. Propose again.")
    for at in proposals.index[waiting & (proposals["level"] != spoke)]:
        _refuse_level(proposals.loc[at], int(spoke[at]), ruleset)
    changed = proposals[waiting & (proposals["level"] != now)]
    charged = _charged(proposals.loc[changed.index].assign(level=now[changed.index].astype("int64")), lines, records, ruleset)[0]
    speaks = lines["proposed_level"] == line_key.map(dict(zip(key[changed.index], spoke[changed.index], strict=True)))
    after = line_key.map(dict(zip(key[changed.index], changed["level"], strict=True)))
    mine = after.notna() & (lines["proposed_level"] > 0)
    lines["level"] = lines["level"].mask(mine, after.where(speaks, np.minimum(lines["proposed_level"], after)))
    sums, charges = _charged(proposals.loc[changed.index], lines, records, ruleset)
    lines["regime"] = lines["regime"].astype(object)  # other levels may follow other regimes
    lines.loc[charges.index, [*COLUMNS, "regime"]] = charges.astype({"regime": object})
    for name in COLUMNS:
        untouched = changed.index[proposals.loc[changed.index, name] == charged[name]]
        proposals.loc[untouched, name] = sums.loc[untouched, name]
    places = records.payer_rows.set_index(["company", "payer"])[["country", "region"]]
    for at, before_level in zip(changed.index, now[changed.index], strict=True):
        row = proposals.loc[at]
        was, new = (_step(row, int(level), ruleset) for level in (before_level, row["level"]))
        country, region = places.loc[(row["company"], row["payer"])] if (row["company"], row["payer"]) in places.index else ("", "")
        dates = [pd.Timestamp(deadline(row["as_of"].date(), s.deadline_days, country, region, ruleset)) for s in (was, new)]
        for follows, old, fresh in (
            ("template", was.template, new.template),
            ("channel", str(was.channel), str(new.channel)),
            ("deadline", *dates),
        ):
            if row[follows] == old:
                proposals.loc[at, follows] = fresh
    return typed(_totalled(proposals), Proposal), typed(lines, ProposalLine)


def _charged(proposals: pd.DataFrame, lines: pd.DataFrame, records: Records, ruleset: Ruleset) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What Config charges on these proposals with their lines at the levels they have: the sums of each, and the charges of each line."""
    of = positions(letter_key(lines), letter_key(proposals))
    at = positions(item_key(lines), item_key(records.ledger))
    due = (of >= 0) & (at >= 0) & (lines["section"] == LineSection.DUE).to_numpy()
    charges = pd.DataFrame(columns=[*COLUMNS, "regime"], index=lines.index[:0])
    sums = pd.DataFrame(0, columns=COLUMNS, index=proposals.index)
    if not due.any():
        return sums, charges
    if proposals["as_of"].nunique() > 1:  # two open runs: each is charged up to its own day
        parts = [_charged(part, lines, records, ruleset) for _, part in proposals.groupby("as_of")]
        return pd.concat([part[0] for part in parts]).reindex(proposals.index), pd.concat([part[1] for part in parts])
    mine = records.only(at[due])
    as_of = proposals["as_of"].iloc[0].date()
    charged, _ = line_charges(mine, assess(mine, ruleset, as_of), lines["level"].to_numpy(dtype="int64")[due], ruleset, as_of)
    charges = charged[[*COLUMNS, "regime"]].set_axis(lines.index[due])
    for name in COLUMNS:
        sums[name] = summed(of[due], charged[name].to_numpy(), len(proposals))
    earlier = due & (lines["kind"] == DocumentKind.FEE).to_numpy()
    method = np.array([ruleset.position[str(name)] for name in proposals["method"]], dtype="int64")
    fee_lines = summed(of[earlier], lines["open_minor"].to_numpy()[earlier], len(proposals))
    fees = letter_fees(proposals, method, proposals["level"].to_numpy(dtype="int64"), fee_lines, ruleset)
    sums["fee_minor"] += fees["fee_minor"].to_numpy()
    return sums, charges


def _who(row: pd.Series) -> str:
    return f"The proposal for {row['payer_name'] or row['payer']} ({row['currency']})"


def _step(row: pd.Series, level: int, ruleset: Ruleset) -> Level:
    """The step of a letter's method at a level."""
    method = str(row["method"])
    if (method, level) not in ruleset.steps:
        highest = ruleset.highest[ruleset.position[method]] if method in ruleset.position else 0
        raise ConfigError(
            f"{_who(row)} is at level {level}; on Config the method {method!r} has {highest} levels. Choose another level, or propose again."
        )
    return ruleset.steps[method, level]


def _refuse_level(row: pd.Series, proposed: int, ruleset: Ruleset) -> None:
    """ConfigError for a level that is not the proposed one and has no reason."""
    if not row["decision_note"]:
        why = column(Proposal, "decision_note").titles[ruleset.settings.language]
        raise ConfigError(
            f"{_who(row)} was changed from level {proposed} to {row['level']} without a reason. "
            f"Write the reason into the column {why}, or set level {proposed}."
        )


def to_send(proposals: pd.DataFrame) -> pd.DataFrame:
    """The open proposals a human decided to send."""
    return proposals[is_open(proposals) & (proposals["decision"] == Decision.SEND)]


def within(
    frame: pd.DataFrame, amount: str, level: int | None = None, currency: str = "", at_least: Decimal | None = None, at_most: Decimal | None = None
) -> pd.Series[bool]:
    """Which rows (`level`, `currency` and the column `amount`, in minor units) are of this level and currency, and between these amounts."""
    chosen = pd.Series(True, index=frame.index)
    if level is not None:
        chosen &= frame["level"] == level
    if currency:
        chosen &= frame["currency"] == currency
    for bound, test in ((at_least, "ge"), (at_most, "le")):
        if bound is not None:
            limits = frame["currency"].map(lambda c, bound=bound: to_minor(bound, str(c)))
            chosen &= getattr(frame[amount], test)(limits)
    return chosen
