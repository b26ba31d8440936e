"""Payment plans in the ledger: a running plan shows its unpaid instalments as lines of their own, and folds back into the invoice.

A plan covers one line of the ledger: that of its document, in the currency of its instalments. A line a plan made is known by its source.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from rules.dates import day, days
from rules.merge import COMPUTED, PERSONS, chosen, stacked
from rules.model import AssessedItem, DocumentKind, OpenItem, PlanState
from rules.records import received
from rules.row import typed
from rules.ruleset import Bools, Ints
from rules.standing import KEY, document_key, item_key, joined, positions

MADE = "instalment of plan "  # how the source of a line begins that a plan made
INHERITED = ("method", "law", "level_cap")  # what people typed on the invoice and a new instalment takes over
DOCUMENT = [*KEY[:3], "currency"]


def of_plan(ledger: pd.DataFrame) -> Bools:
    """Which lines of the ledger a plan made."""
    made = (ledger["kind"] == DocumentKind.INSTALMENT).to_numpy(dtype=bool, copy=True)
    if made.any():
        made[made] = ledger["source"][made].str.startswith(MADE).to_numpy(dtype=bool)
    return made


def folded(ledger: pd.DataFrame) -> pd.DataFrame:
    """The ledger as the accounting system has it: what is open on instalments stands on their invoice again.

    The open sum per currency stays. An instalment whose invoice is not in the ledger stays as it is.
    """
    made = of_plan(ledger)
    if not made.any():
        return ledger
    stays = np.flatnonzero(~made)
    at = positions(joined(ledger[made], DOCUMENT), joined(ledger.iloc[stays], DOCUMENT))
    amount = ledger["open_minor"].to_numpy(copy=True)
    np.add.at(amount, stays[at[at >= 0]], amount[made][at >= 0])
    gone = made.copy()
    gone[made] = at >= 0
    return ledger.assign(open_minor=amount)[~gone].reset_index(drop=True)


def unfolded(ledger: pd.DataFrame, plans: pd.DataFrame, instalments: pd.DataFrame, as_of: date, before: pd.DataFrame | None = None) -> pd.DataFrame:
    """The ledger with the unpaid instalments of every plan that runs on `as_of` as lines after their invoice, which keeps the rest.

    The open sum per currency stays, and so does what people typed on instalments that are there already, in `ledger` or in `before`, the ledger
    before an import. Unfolding what is unfolded changes nothing.
    """
    whole = folded(ledger)
    if not len(plans) or not len(instalments):
        return whole
    due = schedule(whole, plans, instalments)
    state = plan_states(whole, plans, instalments, as_of).to_numpy()
    due = due[(state == PlanState.RUNNING)[due["plan_at"]] & (due["open_minor"] > 0).to_numpy()]
    if not len(due):
        return whole
    at, row_model = due["line_at"].to_numpy(), AssessedItem if "level" in whole else OpenItem
    own = [name for name in (*PERSONS, *COMPUTED) if name in whole]
    lines = whole.iloc[at].drop(columns=[name for name in own if name not in INHERITED]).reset_index(drop=True)
    lines = lines.assign(
        instalment=due["instalment"].to_numpy(),
        kind=str(DocumentKind.INSTALMENT),
        due_date=due["due_date"].to_numpy(),
        original_minor=due["amount_minor"].to_numpy(),
        open_minor=due["open_minor"].to_numpy(),
        source=MADE + due["plan"].astype("str").to_numpy(dtype=object),
    )
    lines = _known(typed(lines, row_model), ledger if before is None else before, own)
    rest = whole["open_minor"].to_numpy(copy=True)
    np.subtract.at(rest, at, due["open_minor"].to_numpy())
    every = stacked([whole.assign(open_minor=rest), lines], row_model)
    order = np.lexsort((np.arange(len(every)), np.concatenate([np.arange(len(whole)), at])))
    return every.iloc[order].reset_index(drop=True)


def _known(lines: pd.DataFrame, before: pd.DataFrame, own: list[str]) -> pd.DataFrame:
    """New lines of instalments with what people typed on them, and what was said of them, when they were there before."""
    old = before[of_plan(before)].reset_index(drop=True)
    at = positions(item_key(lines), item_key(old))
    if (at < 0).all():
        return lines
    there = old.iloc[np.where(at >= 0, at, 0)].reset_index(drop=True)
    return lines.assign(**{name: chosen(at >= 0, there[name], lines[name]) for name in own if name in there})


def schedule(ledger: pd.DataFrame, plans: pd.DataFrame, instalments: pd.DataFrame) -> pd.DataFrame:
    """The instalments of the plans that can be told apart, oldest first within their plan; `ledger` is folded.

    Columns: plan, `plan_at`, `line_at` (position of the invoice; -1 when it has left the ledger), instalment ("<plan>/<n>"), due_date, amount_minor,
    open_minor: what is unpaid, never more than the invoice has open; what is missing there was paid on the oldest.
    """
    at = positions(instalments["plan"].astype("str"), plans["plan"])
    line = lines_of_plans(ledger, plans, instalments)
    usable = (at >= 0) & (line[at] >= -1)
    due = instalments[usable].assign(plan_at=at[usable], line_at=line[at[usable]])
    due = _oldest_first(due).reset_index(drop=True)
    plan = due["plan_at"].to_numpy()
    owed = np.append(ledger["open_minor"].to_numpy(), 0)[due["line_at"]].clip(min=0)
    unpaid = (due["amount_minor"] - due["paid_minor"]).clip(lower=0)
    whole, so_far = unpaid.groupby(plan).transform("sum"), unpaid.groupby(plan).cumsum()
    settled = ((whole - owed).clip(lower=0) - (so_far - unpaid)).clip(lower=0)
    due["open_minor"] = (unpaid - np.minimum(settled, unpaid)).astype("int64")
    due["instalment"] = due["plan"].astype("str") + "/" + due["instalment"]
    return due[["plan", "plan_at", "line_at", "instalment", "due_date", "amount_minor", "open_minor"]]


def lines_of_plans(ledger: pd.DataFrame, plans: pd.DataFrame, instalments: pd.DataFrame) -> Ints:
    """For each plan the position of the line it covers in the folded ledger; -1 when its document has left it, -2 when it cannot be told.

    It cannot when the plan has no instalments, when its name or its document is that of an earlier plan that is not over, when the document has
    several lines, or when the line is in another currency.
    """
    key = document_key(ledger[ledger["document"].isin(plans["document"])])
    wanted = document_key(plans)
    at = pd.Series(np.flatnonzero(ledger["document"].isin(plans["document"])), dtype="int64")
    there = positions(wanted, key)
    line = np.where(there >= 0, np.append(at.to_numpy(), -1)[there], -1)
    double = wanted.isin(key[key.duplicated()]).to_numpy()
    currency = instalments["currency"].groupby(instalments["plan"].astype("str").to_numpy()).agg(["first", "nunique"]).reindex(plans["plan"])
    found = np.append(ledger["currency"].to_numpy(dtype=object), "")[line]
    other = (currency["nunique"] != 1).to_numpy() | ((line >= 0) & (currency["first"].to_numpy() != found))
    over = (plans["state"] != PlanState.RUNNING).to_numpy()
    second = plans["plan"].duplicated().to_numpy() | (~over & wanted.where(~over).duplicated().to_numpy())
    return np.where(double | other | second, -2, line)


def plan_states(ledger: pd.DataFrame, plans: pd.DataFrame, instalments: pd.DataFrame, as_of: date) -> pd.Series:
    """State of each plan on `as_of` (same index): what a person or an earlier day said is over stays so.

    Broken when an instalment is open more than the plan's tolerance after its due date; kept when nothing of it is open. `ledger` is folded.
    """
    due = schedule(ledger, plans, instalments)
    at, unpaid = due["plan_at"].to_numpy(), (due["open_minor"] > 0).to_numpy()
    late = unpaid & (days(due["due_date"]) + plans["tolerance_days"].to_numpy(dtype="int64")[at] < day(as_of))
    left, broken = np.bincount(at[unpaid], minlength=len(plans)), np.bincount(at[late], minlength=len(plans)) > 0
    running = (plans["state"] == PlanState.RUNNING).to_numpy()
    kept = (np.bincount(at, minlength=len(plans)) > 0) & (left == 0)
    state = plans["state"].astype("str").mask(running & kept, str(PlanState.KEPT)).mask(running & broken, str(PlanState.BROKEN))
    return state.astype("category")


def paid_so_far(plans: pd.DataFrame, instalments: pd.DataFrame, payments: pd.DataFrame) -> pd.Series:
    """What is paid of each instalment (same index): payments on the plan's document since the day it was agreed, the oldest instalment first.

    Never less than the instalment already says: a payment may be known that stands on no other sheet.
    """
    payments = received(payments)
    if not len(payments) or not len(instalments):
        return instalments["paid_minor"]
    at = positions(document_key(payments), document_key(plans))
    counts = (at >= 0) & (days(payments["date"]) >= days(plans["agreed_on"])[at]) if len(plans) else at >= 0
    came = np.zeros(len(plans) + 1, dtype="int64")
    np.add.at(came, at[counts], payments["amount_minor"].to_numpy()[counts])
    due = _oldest_first(instalments.assign(plan_at=positions(instalments["plan"].astype("str"), plans["plan"])))
    amount = due["amount_minor"].to_numpy()
    earlier = due.groupby("plan_at")["amount_minor"].cumsum().to_numpy() - amount
    paid = np.clip(came[due["plan_at"]] - earlier, 0, amount)
    return pd.Series(np.maximum(paid, due["paid_minor"].to_numpy()), index=due.index, dtype="int64").reindex(instalments.index)


def _oldest_first(instalments: pd.DataFrame) -> pd.DataFrame:
    """By plan, then due date, then number."""
    numbered = instalments.assign(number=pd.to_numeric(instalments["instalment"], errors="coerce"))
    return numbered.sort_values(["plan_at", "due_date", "number", "instalment"], kind="stable").drop(columns="number")
