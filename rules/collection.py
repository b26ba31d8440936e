"""What leaves with the cases for collection: their lines, less what stands to the payer's credit."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from rules.model import Reason
from rules.standing import joined, positions
from rules.statements import ACCOUNT, account_key


@dataclass(frozen=True)
class Leaving:
    """Rows of the assessed ledger that leave for collection, and the accounts that keep their cases because their credits cover them.

    `covered`: `ACCOUNT`, lines, claim_minor, credits_minor (negative), net_minor (not above 0).
    """

    lines: pd.DataFrame
    credits: pd.DataFrame
    covered: pd.DataFrame


def leaving(cases: pd.DataFrame, ledger: pd.DataFrame) -> Leaving:
    """What leaves when `cases`, rows of the assessed `ledger`, are handed over: a claim is net of credits, as a letter is."""
    credits = _deducted(cases, ledger)
    net = _net(cases, credits)
    covered = net[net["net_minor"] <= 0].reset_index(drop=True)
    over = account_key(covered)
    lines, credits = (frame[positions(account_key(frame), over) < 0].reset_index(drop=True) for frame in (cases, credits))
    return Leaving(lines, credits, covered)


def _deducted(cases: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """The credits that are deducted from the cases: those of payer and currency that a letter would deduct, and those that follow one of them."""
    mine = ledger[positions(account_key(ledger), account_key(cases)) >= 0]
    follows = positions(joined(mine, [*ACCOUNT, "reference"]), joined(cases, [*ACCOUNT, "document"])) >= 0
    taken = (mine["reason_code"] == Reason.CREDIT).to_numpy() | ((mine["reason_code"] == Reason.CREDIT_FOLLOWS).to_numpy() & follows)
    return mine[taken]


def _net(cases: pd.DataFrame, credits: pd.DataFrame) -> pd.DataFrame:
    """One row per account of the cases."""
    sums = cases.groupby(ACCOUNT, observed=True)["open_minor"].agg(lines="size", claim_minor="sum")
    sums["credits_minor"] = credits.groupby(ACCOUNT, observed=True)["open_minor"].sum().reindex(sums.index).fillna(0).astype("int64")
    return sums.assign(net_minor=sums["claim_minor"] + sums["credits_minor"]).reset_index()
