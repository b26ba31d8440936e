"""May a payer order: exposure against limit and cover, overdue, dunning level and review, decided by the rating; one reasoned answer per payer.

What a rating says for a stage of an order, and what comes of it:

    never_hold      goes, whatever stands open
    warn            goes; with a warning when anything below is found
    check           held when exposure is above limit or cover, overdue above the payer's tolerance, or a line at the last level of its method
    hold_overdue    held when overdue is above the payer's tolerance or a line at the last level; the rest is a warning
    hold            held always

A review that is late holds when the rating says so, else it is a warning. Where the exposure is not known, because Config has no rate of a currency,
a person has to check. An answer of `never_hold` means that nothing holds the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from rules.assess import methods_of
from rules.model import CreditAction, CreditDecision, Rating
from rules.records import Records
from rules.row import Language, typed
from rules.ruleset import Bools, Ints, Ruleset
from rules.standing import payer_key, positions
from rules.words import text
from rules.written import amount_text, day_text


class Stage(StrEnum):
    """When the order desk asks; each is a column of `Rating`."""

    ORDER = "at_order"
    RELEASE = "at_release"
    DELIVERY = "at_delivery"


FOUND = ("no_rate", "limit", "insured", "overdue", "last_level", "review_late", "review_never")  # in the order in which the reason tells them
HOLDING = {CreditAction.CHECK: ("limit", "insured", "overdue", "last_level"), CreditAction.HOLD_OVERDUE: ("overdue", "last_level")}
REVIEW = ("review_late", "review_never")


def credit_decisions(
    records: Records, assessed: pd.DataFrame, ratings: Sequence[Rating], ruleset: Ruleset, as_of: date, stage: Stage = Stage.ORDER,
    orders: pd.Series | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Rows of `CreditDecision`: the payers of `records`, in their order, then those that are in the ledger alone.

    `assessed`: rows of `AssessedItem`, those of the ledger of `records`. `orders`: open orders in minor units of company currency by `payer_key`; who
    is not in it has none. A payer without a rating, or with one that Config does not have, is checked. Lines are overdue from the day after the due
    date; credits lower the exposure, not what is overdue.
    """
    payers = _payers(records, assessed)
    of, n = positions(payer_key(assessed), payer_key(payers)), len(payers)
    worth, known = ruleset.worth(assessed["open_minor"].to_numpy(), assessed["currency"])
    days, level = assessed["days_overdue"].to_numpy(), assessed["level"].to_numpy()
    late = (days > 0) & (worth > 0)
    made = payers[["company", "payer", "rating", "limit_minor", "insured_minor"]].assign(
        payer_name=_names(payers, assessed, of),
        open_minor=_summed(of, worth, n),
        orders_minor=0 if orders is None else payer_key(payers).map(orders).fillna(0).astype("int64"),
        overdue_minor=_summed(of[late], worth[late], n),
        level=_largest(of, level, n),
    )
    exposure = (made["open_minor"] + made["orders_minor"]).to_numpy()
    last = _last_level(records, assessed, ruleset)
    by_rating = [_rating(str(name), ratings) for name in payers["rating"]]
    due = [_review_due(rating, day) for rating, day in zip(by_rating, payers["last_review"], strict=True)]
    reviewed = payers["last_review"].notna().to_numpy()
    overrun = np.array([day is not None and day < as_of for day in due], dtype=bool)
    found: dict[str, Bools] = {
        "no_rate": _largest(of, (~known).astype("int64"), n) > 0,
        "limit": (payers["limit_minor"].notna() & (exposure > payers["limit_minor"].fillna(0))).to_numpy(dtype=bool),
        "insured": (payers["insured_minor"].notna() & (exposure > payers["insured_minor"].fillna(0))).to_numpy(dtype=bool),
        "overdue": (made["overdue_minor"] > payers["due_tolerance_minor"]).to_numpy(),
        "last_level": _largest(of, last.astype("int64"), n) > 0,
        "review_late": overrun & reviewed,
        "review_never": overrun & ~reviewed,
    }
    missing = assessed.loc[~known, "currency"].groupby(of[~known]).agg(lambda names: ", ".join(sorted(set(names))))
    decided = [_decided(rating, stage, tuple(what for what in FOUND if found[what][at])) for at, rating in enumerate(by_rating)]  # one per payer
    language, company = ruleset.settings.language, ruleset.settings.company_currency
    said = made.assign(exposure_minor=exposure, tolerance_minor=payers["due_tolerance_minor"], currencies=missing.reindex(range(n)).fillna(""))
    facts = [{**fact, "due": day} for fact, day in zip(said.to_dict("records"), due, strict=True)]
    reasons = [_reason(*answer, fact, language, company) for answer, fact in zip(decided, facts, strict=True)]
    return typed(made.assign(action=[str(action) for action, _, _ in decided], reason=reasons), CreditDecision)


def _payers(records: Records, assessed: pd.DataFrame) -> pd.DataFrame:
    """The payers with a row of their own, then those of the ledger without one, with the defaults."""
    rows = records.payer_rows
    known, default = rows.iloc[:-1], rows.iloc[[-1]]
    owing = assessed[["company", "payer"]].drop_duplicates()
    owing = owing[positions(payer_key(owing), payer_key(known)) < 0]
    strangers = default.loc[default.index.repeat(len(owing))].assign(company=owing["company"].to_numpy(), payer=owing["payer"].to_numpy())
    return pd.concat([known, strangers], ignore_index=True) if len(strangers) else known.reset_index(drop=True)


def _names(payers: pd.DataFrame, assessed: pd.DataFrame, of: Ints) -> pd.Series:
    """The name of each payer, of the ledger where the payers' sheet has none."""
    told = assessed["payer_name"].groupby(of).first().reindex(range(len(payers))).fillna("")
    return payers["name"].where(payers["name"] != "", told)


def _summed(of: Ints, values: Ints, n: int) -> Ints:
    total = np.zeros(n, dtype="int64")
    np.add.at(total, of, values)
    return total


def _largest(of: Ints, values: Ints, n: int) -> Ints:
    most = np.zeros(n, dtype="int64")
    np.maximum.at(most, of, values)
    return most


def _last_level(records: Records, assessed: pd.DataFrame, ruleset: Ruleset) -> Bools:
    """Lines that owe and stand at the last level of their method."""
    at = positions(payer_key(records.ledger), payer_key(records.payer_rows.iloc[:-1]))
    highest = ruleset.highest[methods_of(records, at, ruleset)]
    return (highest > 0) & (assessed["level"].to_numpy() >= highest) & (assessed["open_minor"].to_numpy() > 0)


def _rating(name: str, ratings: Sequence[Rating]) -> Rating:
    """The rating of that name; one that checks where there is none."""
    return next((rating for rating in ratings if rating.rating == name), Rating(rating=name or "–"))


def _review_due(rating: Rating, last: Any) -> date | None:
    """Day on which the review was or is due: one that never was is due always; None without a rhythm."""
    if not rating.review_days:
        return None
    return date.min if pd.isna(last) else last.date() + timedelta(days=rating.review_days)


def _decided(rating: Rating, stage: Stage, found: tuple[str, ...]) -> tuple[CreditAction, str, tuple[str, ...]]:
    """What the order desk does, the sentence about the rating when it decides alone, and what was found."""
    says: CreditAction = getattr(rating, stage)
    if says is CreditAction.NEVER_HOLD:
        return CreditAction.NEVER_HOLD, "never", found
    if says is CreditAction.HOLD:
        return CreditAction.HOLD, "always", found
    holding = (*HOLDING.get(says, ()), *(REVIEW if rating.late_review_holds else ()))
    if any(what in holding for what in found):
        return CreditAction.HOLD, "", found
    if "no_rate" in found and says is CreditAction.CHECK:
        return CreditAction.CHECK, "", found
    return (CreditAction.WARN, "", found) if found else (CreditAction.NEVER_HOLD, "clear", found)


def _reason(action: CreditAction, alone: str, found: tuple[str, ...], fact: dict[Any, Any], language: Language, company: str) -> str:
    """The sentences of an answer in the reader's language, what decides first."""

    def amount(name: str) -> str:
        value = fact[name]
        return "–" if pd.isna(value) else amount_text(int(value), company, language)

    values = {name: amount(f"{name}_minor") for name in ("exposure", "limit", "insured", "overdue", "tolerance")}
    values |= {"rating": fact["rating"], "level": fact["level"], "currencies": fact["currencies"]}
    values["date"] = day_text(fact["due"], language) if fact["due"] not in (None, date.min) else ""
    return " ".join(text(language, "credit", key, **values) for key in (*([alone] if alone else []), *found))
