"""Dates of an export: each column read as a whole, never cell by cell; the order of day and month is proved or asked for.

Impossible dates (31/04, 29/02/2025) are never rolled over: they are unreadable. What exporters write for "no date" (0, 00000000, 99/99/9999,
1900-01-01) is no date.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

import numpy as np
import pandas as pd

from workbook.ledgers.unclear import Choice, Unclear
from workbook.ledgers.whole import holds, passing
from workbook.ledgers.words import MONTHS

NONE = frozenset({
    "", "0", "0.0", "00000000", "00000000.0", "00/00/0000", "00.00.0000", "0000-00-00", "99/99/9999", "99.99.9999", "99999999", "99991231",
    "9999-12-31", "31/12/9999", "12/31/9999", "31.12.9999", "1900-01-01",
    "01/01/1900", "1/1/1900", "01.01.1900", "19000101", "1/0/1900", "00/01/1900", "0001-01-01", "01/01/0001", "1/1/0001", "01.01.0001", "-", "--",
})  # fmt: skip
TIME = r"(?:[T ]\s*[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:\s*[AaPp][Mm])?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
YEAR_FIRST = rf"^([0-9]{{4}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{1,2}}){TIME}$"
COMPACT = r"^([0-9]{4})([0-9]{2})([0-9]{2})(?:\.0+)?$"
NUMERIC = rf"^([0-9]{{1,2}})([-/. ])([0-9]{{1,2}})[-/. ]([0-9]{{4}}|[0-9]{{2}}){TIME}$"
DAY_NAME = r"^([0-9]{1,2})(?:er)?[-/. ]*([^\W\d_]{3,9})\.?[-/., ]*([0-9]{4}|[0-9]{2})$"
NAME_DAY = r"^([^\W\d_]{3,9})\.?[-/. ]*([0-9]{1,2})[-/., ]+([0-9]{4}|[0-9]{2})$"
ORDERS = {"dmy": "day", "mdy": "month", "ymd": "year"}  # order -> what stands first in it
SIX = r"^(?:[0-9]{2}(?:0[1-9]|1[0-2])[0-9]{2}|(?:0[1-9]|1[0-2])[0-9]{4})$"  # 310326, 260331, 033126
SERIAL = r"^[0-9]{5}(?:\.[0-9]+)?$"
DAY_NUMBER = r"^(?:3[5-9]|4[0-9]|5[0-4])[0-9]{3}$"  # how Excel counts the days of 1995 to 2050, where it was saved as text
SHAPES = "|".join(f"(?:{shape.replace('(', '(?:').replace('(?:?:', '(?:')})" for shape in (YEAR_FIRST, COMPACT, NUMERIC, DAY_NAME, NAME_DAY))
IN_ORDER = 0.98  # of the lines fall due on or after their document date when the order is right
OUR_TIME = (10, 5)  # years before and after the as-of date in which days with two figures for the year are when their order is right


@dataclass(frozen=True)
class Dates:
    """One column read: days (NaT where there is none), which cells could not be read, the order of day and month ("" when it did not matter)."""

    days: pd.Series
    unreadable: pd.Series
    order: str
    short_years: tuple[int, int] | None  # first and last year that two digits stand for
    counted: pd.Series  # which cells of a text were numbers of days


def printed(values: pd.Series) -> pd.Series:
    """For each text whether it has the shape of a date, or of what stands for none."""
    return passing(values, lambda texts: texts.str.contains(SHAPES) | _none(texts))


def looks_like_a_date(values: pd.Series, sheet: bool) -> pd.Series:
    """For each cell of a column of dates whether it can be one: printed, in six figures, or counted in days as Excel does."""
    figures = f"{SIX}|{SERIAL if sheet else DAY_NUMBER}"
    return passing(values, lambda texts: texts.str.contains(f"{SHAPES}|{figures}") | _none(texts))


def _none(values: pd.Series) -> pd.Series:
    """Which texts stand for no date, whatever the time of day beside them."""
    return (values.str.replace(rf"{TIME}$", "", regex=True) if holds(values, b":") else values).isin(NONE)


def read(
    columns: Mapping[str, pd.Series], headings: Mapping[str, str], *, said: str, as_of: date, sheet: bool, proofs: Sequence[str] = ()
) -> dict[str, Dates]:
    """The date columns of one export. `columns`: field -> texts; `said`: the order the user gave, or ""; `proofs`: other texts of the file in which a
    date may stand that shows its order. Raises Unclear when it must ask.
    """
    parsed = {name: _Parsed(texts, as_of, sheet) for name, texts in columns.items()}
    order = said or _order(parsed, headings, proofs)
    return {name: p.read(order) for name, p in parsed.items()}


class _Parsed:
    """The distinct texts of a column taken apart; what is left to say is which of two numbers is the day."""

    def __init__(self, texts: pd.Series, as_of: date, sheet: bool) -> None:
        self.codes, distinct = pd.factorize(texts)
        self.index = texts.index
        self.texts = pd.Series(distinct, dtype="str")
        five, six = self.texts.str.fullmatch("[0-9]{5}"), self.texts.str.contains(SIX)
        if 0 < five.sum() < six.sum():  # 70326 among 100326 has lost its zero
            self.texts = self.texts.mask(five, "0" + self.texts)
            six = self.texts.str.contains(SIX)
        size = len(self.texts)
        self.fixed = np.full(size, np.datetime64("NaT", "D"))
        self.none = _none(self.texts).to_numpy()
        self.last_year, self.our_time = as_of.year + 20, (as_of.year - OUR_TIME[0], as_of.year + OUR_TIME[1])
        self.short = False
        for shape, at in ((YEAR_FIRST, (0, 1, 2)), (COMPACT, (0, 1, 2))):
            found = self._numbers(shape)
            if found is not None:
                rows, parts = found
                self.fixed[rows] = _days(*(parts[i] for i in at))
        for shape, name_at, day_at in ((DAY_NAME, 1, 0), (NAME_DAY, 0, 1)):
            self._named(shape, name_at, day_at)
        serial = self.texts.str.contains(SERIAL if sheet else DAY_NUMBER).to_numpy() & ~self.none
        numbers = pd.to_numeric(self.texts[serial]).astype("int64").to_numpy()
        self.fixed[serial] = np.datetime64("1899-12-30", "D") + numbers
        self.counted = serial & (not sheet)
        self.six = six.to_numpy() & ~self.none
        parts = self.texts.where(~six, self.texts.str.replace("^(..)(..)(..)$", r"\1-\2-\3", regex=True)).str.extract(NUMERIC)
        self.numeric = parts[0].notna().to_numpy() & ~self.none
        numbers = [parts[at].where(self.numeric, "0").astype("int64").to_numpy() for at in (0, 2, 3)]
        self.first, self.second = numbers[0], numbers[1]
        self.two_figures = self.numeric & (parts[3].str.len() == 2).fillna(False).to_numpy(dtype=bool)
        self.third, self.third_short = self._full_years(numbers[2], self.two_figures), numbers[2]
        self.dotted = self.numeric & (parts[1] == ".").fillna(False).to_numpy(dtype=bool)

    def _full_years(self, years: np.ndarray, two_digits: np.ndarray) -> np.ndarray:
        self.short = self.short or bool(two_digits.any())
        century = self.last_year // 100 * 100
        full = np.where(years <= self.last_year % 100, century + years, century - 100 + years)
        return np.where(two_digits, full, years)

    def _numbers(self, shape: str) -> tuple[np.ndarray, list[np.ndarray]] | None:
        parts = self.texts.str.extract(shape)
        rows = parts[0].notna().to_numpy() & ~self.none
        if not rows.any():
            return None
        return rows, [parts.loc[rows, i].astype("int64").to_numpy() for i in parts]

    def _named(self, shape: str, name_at: int, day_at: int) -> None:
        parts = self.texts.str.extract(shape)
        month = parts[name_at].str.casefold().map(MONTHS)
        rows = month.notna().to_numpy() & ~self.none
        if rows.any():
            year, day = parts.loc[rows, 2], parts.loc[rows, day_at].astype("int64").to_numpy()
            full = self._full_years(year.astype("int64").to_numpy(), (year.str.len() == 2).to_numpy(dtype=bool))
            self.fixed[rows] = _days(full, month[rows].astype("int64").to_numpy(), day)

    def evidence(self) -> tuple[int, int, int]:
        """Distinct texts that can only be day first, that can only be month first, and that read differently either way."""
        day_first = self.numeric & ((self.first > 12) & (self.second <= 12) | self.dotted)
        month_first = self.numeric & (self.second > 12) & (self.first <= 12)
        return int(day_first.sum()), int(month_first.sum()), int((self.numeric & ~day_first & ~month_first & (self.first != self.second)).sum())

    def undecided(self, orders: Sequence[str]) -> tuple[str, list[date]] | None:
        """The first text that is another day in each of these orders, and these days; None when there is none."""
        made = np.array([self.distinct(order) for order in orders])
        apart = np.flatnonzero(self.numeric & ~np.isnat(made).any(axis=0) & (np.diff(np.sort(made, axis=0), axis=0) != np.timedelta64(0)).all(axis=0))
        return (str(self.texts[apart[0]]), made[:, apart[0]].astype(object).tolist()) if len(apart) else None

    def likely(self, order: str) -> bool:
        """Whether dates with two figures for the year are days of our time under an order."""
        days = self.distinct(order)[self.two_figures]
        years = days.astype("datetime64[Y]").astype("int64") + 1970
        return bool((~np.isnat(days) & (years >= self.our_time[0]) & (years <= self.our_time[1])).mean() >= IN_ORDER)

    def days(self, order: str) -> np.ndarray:
        """The day of each row under an order."""
        return self.distinct(order)[self.codes]

    def distinct(self, order: str) -> np.ndarray:
        """The day of each distinct text under an order."""
        made = self.fixed.copy()
        day, month, year = self.first, self.second, self.third
        if order == "mdy":
            day, month = month, day
        if order == "ymd":
            year, month, day = 2000 + self.first, self.second, self.third_short
        made[self.numeric] = _days(year[self.numeric], month[self.numeric], day[self.numeric])
        return made

    def read(self, order: str) -> Dates:
        days = self.days(order or "dmy")
        none = self.none[self.codes]
        years = (self.last_year - 99, self.last_year) if self.short else None
        return Dates(
            pd.Series(days.astype("datetime64[s]"), index=self.index), pd.Series(np.isnat(days) & ~none, index=self.index),
            order if self.numeric.any() else "", years, pd.Series(self.counted[self.codes], index=self.index),
        )  # fmt: skip


def _days(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Calendar days; NaT for a day that does not exist."""
    plausible = (year >= 1901) & (year <= 2200) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    first = ((np.where(plausible, year, 2000) - 1970) * 12 + np.where(plausible, month, 1) - 1).astype("datetime64[M]")
    made = first.astype("datetime64[D]") + (np.where(plausible, day, 1) - 1)
    return np.where(plausible & (made.astype("datetime64[M]") == first), made, np.datetime64("NaT", "D"))


def _order(parsed: Mapping[str, _Parsed], headings: Mapping[str, str], proofs: Sequence[str]) -> str:
    """The order all columns of the file are written in: the one that gives days of our time where the year has two figures, else proved by a day
    after the 12th, else by due dates that follow document dates, else asked.
    """
    short = [p for p in parsed.values() if p.two_figures.any()]
    likely = [order for order in ORDERS if all(p.likely(order) for p in short)] if short else []
    if likely == ["ymd"]:
        return "ymd"
    if "ymd" in likely and any(p.six.any() for p in short):
        if best := _following(parsed, likely):
            return best
        return _asked(parsed, headings, "", likely)
    day_first, month_first, either = (sum(counts) for counts in zip(*(p.evidence() for p in parsed.values()), strict=True)) if parsed else (0, 0, 0)
    if day_first and month_first and either and min(day_first, month_first) * 10 > max(day_first, month_first):
        return _asked(parsed, headings, "Some dates have the day first and others the month first. ")
    if day_first or month_first:
        return "dmy" if day_first >= month_first else "mdy"
    if not either:
        return "dmy" if any(p.numeric.any() for p in parsed.values()) else ""
    if best := _following(parsed, ("dmy", "mdy")):
        return best
    shown = {order for text in proofs for order in proved(text)}
    if len(shown) == 1:
        return shown.pop()
    return _asked(parsed, headings, "")


def _following(parsed: Mapping[str, _Parsed], orders: Sequence[str]) -> str:
    """The one order in which due dates follow document dates; "" when none or several are."""
    if not {"document_date", "due_date"} <= set(parsed):
        return ""
    fitting = dict[str, float]()
    for order in orders:
        document, due = parsed["document_date"].days(order), parsed["due_date"].days(order)
        both = ~np.isnat(document) & ~np.isnat(due)
        fitting[order] = float((due >= document)[both].mean()) if both.any() else 0.0
    found = [order for order, share in fitting.items() if share >= IN_ORDER]
    return found[0] if len(found) == 1 else ""


def proved(text: str) -> list[str]:
    """The orders that dates within a text such as "As of 01/31/2026" can only be written in."""
    found = re.findall(r"(?<![0-9])([0-9]{1,2})[-/.]([0-9]{1,2})[-/.](?:[0-9]{4}|[0-9]{2})(?![0-9])", text)
    return ["dmy" if int(a) > 12 else "mdy" for a, b in found if (int(a) > 12) != (int(b) > 12)]


def _asked(parsed: Mapping[str, _Parsed], headings: Mapping[str, str], why: str, orders: Sequence[str] = ("dmy", "mdy")) -> str:
    """The first of the orders where no text is another day in any other of them, as 99/98/2026 is none. Raises Unclear where one is."""
    asked = ((some, n, *told) for some in (orders, *combinations(orders, 2)) for n, p in parsed.items() if (told := p.undecided(some)))
    if not (found := next(asked, None)):
        return orders[0]
    orders, name, text, days = found
    spoken = [f"{day.day} {calendar.month_name[day.month]}" for day in days]
    years = [f" {day.year}" for day in days]
    shown = " or ".join(day + (year if len(set(years)) > 1 else "") for day, year in zip(spoken, years, strict=True))
    raise Unclear(
        f'{why}The dates of "{headings[name]}" can be read {"two" if len(orders) == 2 else "three"} ways: {text} is {shown}'
        f"{years[0] if len(set(years)) == 1 else ''}. Say which.",
        "date_order",
        tuple(Choice(o, f"{ORDERS[o]} first: {text} is {day}{year}") for o, day, year in zip(orders, spoken, years, strict=True)),
    )
