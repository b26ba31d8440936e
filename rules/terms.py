"""Due dates from terms of payment, for items whose export carries none: by the line's code, else the payer's terms, else the setting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rules.dates import Days, days, month_end
from rules.errors import ConfigError
from rules.model import DocumentKind, DueSource, EndOfMonth, OpenItem, Term
from rules.row import typed
from rules.standing import payer_key, positions

DATED = (DocumentKind.INVOICE, DocumentKind.INSTALMENT, DocumentKind.FEE)  # a credit or a balance brought forward falls due by no terms


@dataclass(frozen=True)
class Dated:
    """`items`: as given, with due dates and where each comes from. `by_terms`: how many terms dated. `unknown`: code -> lines it leaves undated."""

    items: pd.DataFrame
    by_terms: int
    unknown: dict[str, int]


def dated(items: pd.DataFrame, payers: pd.DataFrame, terms: Sequence[Term], default: str = "") -> Dated:
    """Due dates of the items (rows of `OpenItem`) that have a document date alone.

    `payers`: rows of `Payer`; `default`: the setting default_terms. A code on the line that is not in the table dates nothing by itself: the payer's
    terms may, the setting does not, for it would be a guess. Codes are compared without case and outer blanks. Raises ConfigError when the setting
    names terms that are not there.
    """
    known = _normal(pd.Series([t.terms for t in terms], dtype="str"))
    if default and not (known == _normal(pd.Series([default]))[0]).any():
        there = ", ".join(t.terms for t in terms) or "none"
        raise ConfigError(
            f"The setting default_terms names the terms {default!r}; the table Terms of payment on Config has: {there}. Choose one of them, "
            "or add it there."
        )
    wanting = (items["due_date"].isna() & items["document_date"].notna() & items["kind"].isin([str(k) for k in DATED])).to_numpy(dtype=bool)
    lines = items[wanting]
    at, said = positions(_normal(lines["terms"]), known), _normal(lines["terms"])
    payer = positions(payer_key(lines), payer_key(payers))
    theirs = _normal(pd.Series(np.append(payers["terms"].astype("str").to_numpy(dtype=object), "")[payer], index=lines.index, dtype="str"))
    at = np.where(at < 0, positions(theirs, known), at)
    silent = ((said == "") & (theirs == "")).to_numpy(dtype=bool)
    at = np.where(silent & (at < 0) & bool(default), positions(_normal(pd.Series([default])), known)[0], at)
    due = np.full(len(items), np.datetime64("NaT", "D"))
    due[wanting] = _due(days(lines["document_date"]), at, terms)
    named = lines["terms"].str.strip().where(said != "", theirs)[(at < 0) & ~silent]
    made = items.assign(
        due_date=items["due_date"].where(~wanting, due.astype("datetime64[s]")),
        due_source=np.select(
            [items["due_date"].notna(), ~np.isnat(due)], [str(DueSource.EXPORT), str(DueSource.TERMS)], default=str(DueSource.NONE)
        ),
    )  # fmt: skip
    return Dated(typed(made, OpenItem), int((at >= 0).sum()), {str(k): int(n) for k, n in named.value_counts().items()})


def _due(start: Days, at: npt.NDArray[np.int64], terms: Sequence[Term]) -> Days:
    """Start + the days of the terms at these positions; NaT where there are none. "before" begins at the month's end, "after" ends there."""
    count = np.array([*(t.days for t in terms), 0], dtype="int64")[at]
    ends = np.array([*(str(t.end_of_month) for t in terms), ""])[at]
    begun = np.where(ends == EndOfMonth.BEFORE, month_end(start), start) + count
    due = np.where(ends == EndOfMonth.AFTER, month_end(begun), begun)
    return np.where(at >= 0, due, np.datetime64("NaT", "D"))


def _normal(codes: pd.Series) -> pd.Series:
    return codes.astype("str").str.strip().str.casefold()
