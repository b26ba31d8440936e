"""What the cells of a column can be: amounts, dates, codes, switches."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from workbook.ledgers import dates
from workbook.ledgers.headings import AMOUNTS, DATES
from workbook.ledgers.whole import all_over
from workbook.ledgers.words import ERRORS, MONTHS, NO, SIGNS, YES

UNTOLD = rf"{ERRORS}|^="  # cells that say nothing of what their column holds: errors, formulas that were never computed
LOOKED = 2_000  # cells that decide what a column can hold
CODE = r"[\w*#/.-]{1,12}"  # of lettering
DAYS = (
    r"^(?:[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[T ].*)?|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}(?: .*)?)$"  # what no number or payer is, all down a column
)
PRICES = r"^[-+(]?(?!(?:19|20)[0-9]{2}[.,])[0-9][0-9.,' \u00a0\u202f]*[.,](?!2[0-9])[0-9]{2}[-)]?$"  # 2026.15 and 15.26 may be numbers


def telling(cells: pd.Series) -> pd.Series:
    """The filled cells of a column that say what it holds, at most `LOOKED` from all over it."""
    filled = cells[cells != ""].astype("str")
    filled = filled[~filled.str.contains(UNTOLD)]
    return all_over(filled, LOOKED)


def _share(values: pd.Series, test: Callable[[pd.Series], pd.Series]) -> float:
    """The share of cells that pass, or of different ones where that is more: one wrong text may stand on many lines, one right amount too."""
    passed = test(values)
    return max(float(passed.mean()), float(passed[~values.duplicated()].mean()))


def _switches(values: pd.Series) -> bool:
    return bool(values.str.casefold().isin(YES | NO).all())


def fits(field: str, values: pd.Series, sheet: bool) -> bool:
    """Whether the filled cells of a column can be values of `field` at all; at least one is needed."""
    if field in AMOUNTS:
        return _share(values, lambda v: v.str.contains(r"\d") & ~v.str.contains(r"\d[/:]\d|[a-z]{4}")) >= 0.5
    if field in DATES:
        return _share(values, lambda v: dates.looks_like_a_date(v, sheet)) >= 0.5
    if field in ("payer", "document"):
        return _share(values, lambda v: v.str.contains(DAYS)) < 1 and _share(values, lambda v: v.str.contains(PRICES)) < 0.5
    if field in ("is_open", "is_paid"):
        return _switches(values)
    if field == "lettering":
        return not _switches(values) and _share(values, lambda v: v.str.fullmatch(CODE)) == 1
    if field == "sign":
        return _share(values, lambda v: v.str.casefold().str.removesuffix(".0").isin(list(SIGNS))) >= 0.5
    if field == "currency":
        return _share(values, lambda v: v.str.fullmatch(r"[A-Za-z]{3}|[€$£¥]|[Ee][Uu][Rr][Oo]")) >= 0.5
    if field in ("country", "language"):
        return _share(values, lambda v: v.str.fullmatch(r"[A-Za-z]{2}")) >= 0.5
    if field == "email":
        return _share(values, lambda v: v.str.contains("@", regex=False)) >= 0.5
    if field == "instalment":
        return _share(values, lambda v: v.str.fullmatch(r"[\w/ -]{1,12}")) == 1
    return True


def damage(values: pd.Series) -> str:
    """What Excel has made of a column of dates: times, or months; "" for anything else."""
    month = values.str.extract(r"^([^\W\d_]{3,9})\.?[- ][0-9]{2}$")[0].str.casefold().isin(list(MONTHS))
    return "times" if values.str.fullmatch(r"[0-9]{1,2}:[0-9]{2}(?:[.:][0-9]+)?").all() else "months" if month.all() else ""
