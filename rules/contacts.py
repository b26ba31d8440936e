"""What was said and agreed, as it stands on a date: promises, follow-ups and plans, who is called, and what a person should look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from rules.dates import day, days
from rules.findings import Finding
from rules.model import AssessedItem, FollowUp, Outcome, Plan, PlanState, Promise, PromiseState, Reason, Severity
from rules.money import from_minor
from rules.plans import folded, lines_of_plans, paid_so_far, plan_states, unfolded
from rules.records import received
from rules.ruleset import Bools, Ints, Place, Ruleset
from rules.standing import last_contact_with, payer_key, positions

NOT_CALLED = (
    Reason.SETTLED, Reason.CREDIT, Reason.PLANNED, Reason.NO_METHOD, Reason.HANDED_OVER, Reason.PAYER_BLOCKED, Reason.BLOCKED, Reason.DISPUTED,
    Reason.PROMISED, Reason.TOLERANCE,
)  # fmt: skip


@dataclass(frozen=True)
class Contacts:
    """Frames of the row models as they stand on a date: states brought up to date, the instalments of running plans in the ledger."""

    ledger: pd.DataFrame
    promises: pd.DataFrame
    plans: pd.DataFrame
    instalments: pd.DataFrame
    follow_ups: pd.DataFrame


def current(
    ledger: pd.DataFrame, promises: pd.DataFrame, plans: pd.DataFrame, instalments: pd.DataFrame, follow_ups: pd.DataFrame, payments: pd.DataFrame,
    as_of: date, before: pd.DataFrame | None = None,
) -> Contacts:  # fmt: skip
    """Everything agreed, as it stands on `as_of`; doing it twice changes nothing.

    What a person typed stays: a promise kept or broken, a plan kept or broken, a follow-up done. `before`: the ledger before an import, for what
    people typed on instalments.
    """
    whole = folded(ledger)
    if len(plans):
        instalments = instalments.assign(paid_minor=paid_so_far(plans, instalments, payments))
        lines = unfolded(ledger if before is None else whole, plans, instalments, as_of, before)
        plans = plans.assign(state=plan_states(whole, plans, instalments, as_of))
    else:
        lines = whole
    if len(promises):
        promises = promises.assign(state=promise_states(whole, promises, payments, as_of))
    if len(follow_ups):
        follow_ups = follow_ups.assign(done=follow_ups["done"] | ~_open(whole, follow_ups))
    return Contacts(lines, promises, plans, instalments, follow_ups)


# ---------------------------------------------------------------------------------------------------------------- promises and follow-ups


def covered(ledger: pd.DataFrame, told: pd.DataFrame) -> tuple[Ints, Ints]:
    """Which lines each contact is about: positions in the ledger and in `told`, one pair per line and contact.

    A contact that names no document is about the lines of its payer with a document date not after it; a promise in a currency, about that alone.
    """
    if not len(told) or not len(ledger):
        return np.zeros(0, dtype="int64"), np.zeros(0, dtype="int64")
    key = payer_key(told)
    lines = np.flatnonzero(positions(payer_key(ledger), key) >= 0)
    left = pd.DataFrame({"key": payer_key(ledger.iloc[lines]).to_numpy(), "line": lines})
    both = left.merge(pd.DataFrame({"key": key.to_numpy(), "told": np.arange(len(told))}), on="key")
    line, at = both["line"].to_numpy(), both["told"].to_numpy()
    document, dated = told["document"].to_numpy(dtype=object)[at], days(ledger["document_date"])[line]
    fits = np.where(document == "", np.isnat(dated) | (dated <= days(told["date"])[at]), document == ledger["document"].to_numpy(dtype=object)[line])
    if "currency" in told:
        currency = told["currency"].to_numpy(dtype=object)[at]
        fits = fits & ((currency == "") | (currency == ledger["currency"].to_numpy(dtype=object)[line]))
    return line[fits.astype(bool)], at[fits.astype(bool)]


def _open(ledger: pd.DataFrame, told: pd.DataFrame) -> Bools:
    """Which contacts are about a line with something still to pay."""
    line, at = covered(ledger, told)
    owing = np.zeros(len(told), dtype=bool)
    owing[at[ledger["open_minor"].to_numpy()[line] > 0]] = True
    return owing


def promise_states(ledger: pd.DataFrame, promises: pd.DataFrame, payments: pd.DataFrame, as_of: date) -> pd.Series:
    """State of each promise on `as_of` (same index); one that is kept or broken stays so.

    Kept when nothing it covers is open, or its amount came in from the day after it was made until its day and tolerance; else broken when these
    are over.
    """
    until = days(promises["until"]) + promises["tolerance_days"].to_numpy(dtype="int64")
    amount = promises["amount_minor"].fillna(0).to_numpy(dtype="int64")
    kept = ~_open(ledger, promises) | ((amount > 0) & (_came_in(promises, payments, until) >= amount))
    waiting = (promises["state"] == PromiseState.OPEN).to_numpy()
    state = promises["state"].astype("str").mask(waiting & ~kept & (day(as_of) > until), str(PromiseState.BROKEN))
    return state.mask(waiting & kept, str(PromiseState.KEPT)).astype("category")


def _came_in(promises: pd.DataFrame, payments: pd.DataFrame, until: np.ndarray) -> Ints:
    """What was paid on each promise after it was made, until its last day."""
    paid, payments = np.zeros(len(promises), dtype="int64"), received(payments)
    line, at = covered(payments.assign(document_date=np.datetime64("NaT", "s")), promises)
    on = days(payments["date"])[line]
    in_time = (on > days(promises["date"])[at]) & (on <= until[at])
    np.add.at(paid, at[in_time], payments["amount_minor"].to_numpy()[line[in_time]])
    return paid


def promised_until(ledger: pd.DataFrame, promises: pd.DataFrame, payments: pd.DataFrame, as_of: date) -> pd.Series:
    """Last day, tolerance included, of the open promise that covers each line on `as_of` (same index), datetime64[s]; NaT where there is none."""
    until = np.full(len(ledger), np.datetime64("NaT", "D"))
    if len(promises):
        waiting = promises[(promise_states(ledger, promises, payments, as_of) == PromiseState.OPEN).to_numpy()]
        line, at = covered(ledger, waiting)
        last = days(waiting["until"]) + waiting["tolerance_days"].to_numpy(dtype="int64")
        np.fmax.at(until, line, last[at])
    return pd.Series(until.astype("datetime64[s]"), index=ledger.index)


# ---------------------------------------------------------------------------------------------------------------- what a person should look at


def contact_findings(told: Contacts, as_of: date, place: Place) -> list[Finding]:
    """Broken promises and plans while something of them is open, plans that cannot be told apart, disputes and follow-ups whose day has passed.

    `told` as `current` gives it for the date; `place` says where a row of a table stands.
    """
    ledger, today, found = folded(told.ledger), day(as_of), list[Finding]()

    def say(code: str, where: str, who: pd.Series, **values: object) -> None:
        document = str(who["document"])
        about = str(who["payer"]) + (f", {document}" if document else "")
        found.append(Finding(code, Severity.WARNING, place=where, values={"about": about} | values))

    if len(told.promises):
        broken = (told.promises["state"] == PromiseState.BROKEN).to_numpy() & _open(ledger, told.promises)
        for at in np.flatnonzero(broken):
            row = told.promises.iloc[at]
            say("promise_broken", place(Promise, int(at), "until"), row, until=row["until"].date())
    if len(told.plans):
        line = lines_of_plans(ledger, told.plans, told.instalments)
        owing = (line >= 0) & (np.append(ledger["open_minor"].to_numpy(), 0)[line] > 0)
        broken, unclear = (told.plans["state"] == PlanState.BROKEN) & owing, (told.plans["state"] == PlanState.RUNNING) & (line == -2)
        for code, which in (("plan_broken", broken), ("plan_unclear", unclear)):
            for at in np.flatnonzero(which):
                row = told.plans.iloc[at]
                say(code, place(Plan, int(at), "plan"), row, plan=row["plan"])
    if len(told.follow_ups):
        passed = ~told.follow_ups["done"].to_numpy(dtype=bool) & (days(told.follow_ups["action_date"]) < today)
        for at in np.flatnonzero(passed):
            row = told.follow_ups.iloc[at]
            say("follow_up_passed", place(FollowUp, int(at), "action_date"), row, date=row["action_date"].date())
    review = days(told.ledger["dispute_review"]) < today
    for at in np.flatnonzero(review & (told.ledger["dispute"].astype("str") != "").to_numpy() & (told.ledger["open_minor"] > 0).to_numpy()):
        row = told.ledger.iloc[at]
        say("dispute_review_passed", place(AssessedItem, int(at), "dispute_review"), row, date=row["dispute_review"].date())
    return found


def call_list(
    assessed: pd.DataFrame, payers: pd.DataFrame, history: pd.DataFrame, calls: pd.DataFrame, follow_ups: pd.DataFrame, ruleset: Ruleset, as_of: date
) -> pd.DataFrame:
    """One row per payer to be called on `as_of`, the largest overdue amount first.

    A payer is on it for lines that are overdue and not held, disputed, promised or handed over, and off it while a follow-up is open whose action
    date is still to come. Columns: company, payer, payer_name, phone, analyst, amounts (a text: each currency's amount), overdue_minor (in company
    currency, as far as Config has rates), days_overdue (of the oldest), level (the highest), last_contact, follow_up (its action date).
    """
    due = (assessed["days_overdue"] > 0) & (assessed["open_minor"] > 0) & ~assessed["reason_code"].isin([str(r) for r in NOT_CALLED])
    lines, waiting = assessed[due], follow_ups[~follow_ups["done"].astype(bool)]
    later = waiting[days(waiting["action_date"]) > day(as_of)]
    lines = lines[positions(payer_key(lines), payer_key(later)) < 0]
    key = payer_key(lines)
    worth, _ = ruleset.worth(lines["open_minor"].to_numpy(), lines["currency"])
    by_payer = lines.assign(worth=worth).groupby(key.to_numpy(), sort=False)
    made = by_payer.agg(
        company=("company", "first"), payer=("payer", "first"), payer_name=("payer_name", "first"), overdue_minor=("worth", "sum"),
        days_overdue=("days_overdue", "max"), level=("level", "max"),
    )  # fmt: skip
    made["amounts"] = _sums(lines).reindex(made.index)
    known = payers[["name", "phone", "analyst"]].astype("str")
    at = positions(pd.Series(made.index, dtype="str"), payer_key(payers))
    for name in known:
        made[name] = np.append(known[name].to_numpy(dtype=object), "")[at]
    made["payer_name"] = made.pop("name").where(lambda name: name != "", made["payer_name"])
    reached = calls[calls["outcome"] != Outcome.NOT_REACHED]
    called = reached.groupby(payer_key(reached).to_numpy())["date"].max().reindex(made.index).to_numpy("datetime64[s]")
    made["last_contact"] = np.fmax(last_contact_with(pd.Series(made.index, dtype="str"), history), called)
    made["follow_up"] = waiting.groupby(payer_key(waiting).to_numpy())["action_date"].min().reindex(made.index).to_numpy("datetime64[s]")
    order = ["company", "payer", "payer_name", "phone", "analyst", "amounts", "overdue_minor", "days_overdue", "level", "last_contact", "follow_up"]
    return made.sort_values(["overdue_minor", "days_overdue", "payer"], ascending=[False, False, True])[order].reset_index(drop=True)


def _sums(lines: pd.DataFrame) -> pd.Series:
    """What the lines of each payer have open, as one text: 1200.00 EUR, 80.00 GBP."""
    sums = (
        lines.groupby([payer_key(lines).to_numpy(), lines["currency"].to_numpy()])["open_minor"].sum().rename_axis(["key", "currency"]).reset_index()
    )
    sums["text"] = [f"{from_minor(int(n), str(c))} {c}" for n, c in zip(sums["open_minor"], sums["currency"], strict=True)]
    return sums.groupby("key")["text"].agg(", ".join)
