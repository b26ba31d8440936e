"""What a reviewer's decision means: which proposals are sent, and what a changed level does to letter and lines."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rules.errors import ConfigError
from rules.model import Decision, Proposal, ProposalLine, ProposalState
from rules.propose import GROUP
from rules.row import typed
from rules.ruleset import Ruleset
from rules.standing import joined

LETTER = ["run", *GROUP]


def letter_key(frame: pd.DataFrame) -> pd.Series:
    """One text per row that identifies the proposal a row belongs to: run, company, payer, currency."""
    return joined(frame, LETTER)


def is_open(proposals: pd.DataFrame) -> pd.Series:
    """Which proposals wait for a decision or for their issue."""
    return proposals["state"] == ProposalState.OPEN


def carried(fresh: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """`fresh` proposals with the decisions and notes that open proposals of the same payer and currency had before."""
    known = before.drop_duplicates(GROUP, keep="last").set_index(GROUP)
    at = known.index.get_indexer(pd.MultiIndex.from_frame(fresh[GROUP]))
    found = at >= 0
    kept = fresh.copy()
    for column in ("decision", "decision_note"):
        old = known[column].astype(object).to_numpy()
        kept[column] = np.where(found, old[np.where(found, at, 0)], fresh[column].astype(object)) if len(old) else fresh[column]
    return typed(kept, Proposal)


def relevelled(proposals: pd.DataFrame, lines: pd.DataFrame, ruleset: Ruleset) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Proposals and lines after a reviewer changed the level of a letter (sheet or command).

    The lines that spoke for the letter take the new level, others at most it; template and channel follow unless they were changed as well; totals
    follow a fee or interest that was typed. Raises ConfigError for a change without a note, or to a level the method does not have.
    """
    proposals, lines = proposals.astype({"template": "object", "channel": "object"}), lines.copy()
    key, line_key = letter_key(proposals), letter_key(lines)
    spoke = lines.groupby(line_key)["level"].max().reindex(key).to_numpy()
    for at in map(int, np.flatnonzero((proposals["level"].to_numpy() != spoke) & is_open(proposals).to_numpy())):
        row = proposals.iloc[at]
        method, level, before = str(row["method"]), int(row["level"]), int(spoke[at])
        who = f"The proposal for {row['payer_name'] or row['payer']} ({row['currency']})"
        if (method, level) not in ruleset.steps:
            highest = ruleset.highest[ruleset.position[method]]
            raise ConfigError(f"{who} was set to level {level}; the method {method!r} has levels 1 to {highest}. Choose one of these.")
        if not row["decision_note"]:
            raise ConfigError(
                f"{who} was changed from level {before} to {level} without a reason. Write the reason into the column Why, or set level {before}."
            )
        was, now = ruleset.steps[method, before], ruleset.steps[method, level]
        if row["template"] == was.template:
            proposals.loc[proposals.index[at], "template"] = now.template
        if row["channel"] == was.channel:
            proposals.loc[proposals.index[at], "channel"] = str(now.channel)
        mine = (line_key == key.iloc[at]).to_numpy() & (lines["level"] > 0).to_numpy()
        lines.loc[mine, "level"] = np.where(lines.loc[mine, "level"] == before, level, np.minimum(lines.loc[mine, "level"], level))
    parts = ["overdue_minor", "credits_minor", "fee_minor", "interest_minor"]
    proposals["total_minor"] = proposals["total_minor"].mask(is_open(proposals), proposals[parts].sum(axis=1))
    return typed(proposals, Proposal), typed(lines, ProposalLine)


def to_send(proposals: pd.DataFrame) -> pd.DataFrame:
    """The open proposals a human decided to send."""
    return proposals[is_open(proposals) & (proposals["decision"] == Decision.SEND)]
