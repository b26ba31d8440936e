"""What balances earn over days: rate of the day x balance of the day, in whole numbers that cannot overflow, for all claims at once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rules.dates import UNITS, Days, after
from rules.model import DayCount, Reading, Regime, Rounding, Unit
from rules.rates import EXACT, Step
from rules.ruleset import Ints

Exact = npt.NDArray[Any]  # whole numbers: int64 where it is proved that they fit, else Python's own
BASIS = {DayCount.ACT_365: 365, DayCount.ACT_360: 360, DayCount.ACT_ACT: 365 * 366, DayCount.THIRTY_360: 360}
PERIODS = ("at", "date_from", "date_to", "days", "base_minor", "rate", "interest_minor")


@dataclass(frozen=True)
class Balances:
    """Claims that the same parameters hold for. Days are numbers from `origin`, the earliest day before a first interest day."""

    terms: Regime
    steps: tuple[Step, ...]
    origin: int  # days since 1970
    at: Ints  # positions of the claims
    start: Ints  # last day without interest, of each claim
    end: int
    owner: Ints  # the parts of the daily balance: whose (position in `at`), until when they bear interest, how much; what is open comes first
    until: Ints
    amount: Ints

    @cached_property
    def step(self) -> Ints:
        """Position in `steps` of each day."""
        return np.searchsorted([s.start for s in self.steps], self.origin + np.arange(self.end + 1), side="right") - 1

    @cached_property
    def read(self) -> Ints:
        """The day whose rate each part gets, unless each day has its own."""
        return self.start[self.owner] + 1 if self.terms.reading is Reading.FIXED_AT_DEFAULT else self.until

    @cached_property
    def needed(self) -> Ints:
        """Positions in `steps` of what these claims need."""
        return np.unique(self.step[1:] if self.terms.reading is Reading.FLOATING else self.step[self.read])

    @cached_property
    def dates(self) -> Days:
        """Each day as a date."""
        return np.datetime64(self.origin, "D") + np.arange(self.end + 1)

    @cached_property
    def size(self) -> Ints:
        """What a day counts, in parts of `BASIS` years; but for 30E/360, where the days themselves are counted."""
        if self.terms.day_count is not DayCount.ACT_ACT:
            return np.ones(self.end + 1, dtype="int64")
        year = self.dates.astype("datetime64[Y]")
        return np.where((year + 1).astype("datetime64[D]") - year.astype("datetime64[D]") == np.timedelta64(366, "D"), 365, 366)

    @cached_property
    def count(self) -> Ints:
        """Running sum of what the days count; the interest days (a, b] count count[b] - count[a]."""
        if self.terms.day_count is not DayCount.THIRTY_360:
            return np.cumsum(self.size)
        month = self.dates.astype("datetime64[M]")
        return 30 * month.astype("int64") + np.minimum((self.dates - month.astype("datetime64[D]")).astype("int64") + 1, 30)

    @cached_property
    def scale(self) -> int:
        """Decimals of the rates."""
        return max(0, *(-int((self.steps[i].rate or Decimal(0)).as_tuple().exponent) for i in self.needed))

    def whole(self, step: int) -> int:
        """The rate of a step in units of its last decimal."""
        return int((self.steps[step].rate or Decimal(0)).scaleb(self.scale, EXACT))

    @cached_property
    def over(self) -> int:
        """Balance x rate x count is interest in so many parts of a minor unit."""
        return BASIS[self.terms.day_count] * 100 * 10**self.scale

    @cached_property
    def exact(self) -> str:
        """The dtype in which nothing can overflow, from the largest balance, the highest rate and the longest time."""
        rate = max(self.whole(i) for i in self.needed)
        balance = int(self.amount.max()) * int(np.bincount(self.owner).max())
        return "int64" if 2 * balance * rate * int(self.count[-1] - self.count[0]) + self.over < 2**63 else "object"

    @cached_property
    def rate(self) -> Exact:
        """The rate of each day as a whole number of `scale` decimals; 0 where nobody needs it."""
        known = {int(i): self.whole(i) for i in self.needed}
        return np.array([known.get(i, 0) for i in range(len(self.steps))], dtype=self.exact)[self.step]

    @cached_property
    def grown(self) -> Exact:
        """Running sum of rate x count over the days."""
        return np.cumsum(np.concatenate([np.zeros(1, dtype=self.exact), self.rate[1:] * np.diff(self.count)]))

    def growth(self, first: Ints, last: Ints, read: Ints) -> Exact:
        """Rate x count over the days (first, last]."""
        if self.terms.reading is Reading.FLOATING:
            return self.grown[last] - self.grown[first]
        return self.rate[read] * (self.count[last] - self.count[first])

    @cached_property
    def cuts(self) -> Ints:
        """Days after which the rate or the length of the year changes."""
        changed = self.size[2:] != self.size[1:-1]
        if self.terms.reading is Reading.FLOATING:
            changed |= self.rate[2:] != self.rate[1:-1]
        return np.flatnonzero(changed) + 1

    def year_end(self, year: int) -> Ints:
        """The last day of each claim's interest year (1 is the first), at most `end`; without compounding there is one year without end."""
        if not self.terms.compounds:
            return np.full(len(self.start), self.end)
        months = np.full(len(self.start), 12 * year)
        anniversary = after(self.dates[self.start], months, np.full(len(months), UNITS.index(Unit.MONTHS)))
        return np.minimum(anniversary.astype("int64") - self.origin, self.end)


def earned(balances: Balances, shown: list[pd.DataFrame] | None = None) -> Ints:
    """Interest of each claim of the group; its periods are added to `shown`.

    One turn for each year at whose end interest is capitalised; `carried` is what the years before have earned, in 1/over minor units.
    """
    once = balances.terms.rounding is Rounding.ONCE
    total = np.zeros(len(balances.at), dtype="int64")
    live, carried, over = np.arange(len(balances.at)), np.zeros(len(balances.at), dtype=balances.exact), 1
    owner, until, amount, read, start = balances.owner, balances.until, balances.amount.astype(balances.exact), balances.read, balances.start
    year = 1
    while len(live):
        end = balances.year_end(year)
        last = np.minimum(until, end[owner])
        rounded = _half_up(carried, over)
        if not once or shown is not None:
            pieces = _pieces(balances, live, (start[live], end[live]), rounded, (np.searchsorted(live, owner), last, amount, read))
            if shown is not None:
                shown.append(pieces.drop(columns="of").assign(at=balances.at[live][pieces["of"]])[list(PERIODS)])
            if not once:
                np.add.at(carried, pieces["of"].to_numpy(), pieces["interest_minor"].to_numpy())
        if once:
            new = amount * balances.growth(start[owner], last, read)
            capital = carried * balances.growth(start[live], end[live], read[: len(live)])
            carried = carried * balances.over + capital + new[: len(live)] * over
            np.add.at(carried, np.searchsorted(live, owner[len(live) :]), new[len(live) :] * over)
            over *= balances.over
        done = end[live] == balances.end
        total[live[done]] = _half_up(carried[done], over)
        live, carried, start = live[~done], carried[~done].astype(object), end
        late = until > start[owner]
        owner, until, amount, read, year = owner[late], until[late], amount[late].astype(object), read[late], year + 1
    return total


def _half_up(parts: Exact, over: int) -> Exact:
    """Whole minor units nearest to parts / over, none of them negative."""
    return parts if over == 1 else (2 * parts + over) // (2 * over)


def _pieces(balances: Balances, live: Ints, window: tuple[Ints, Ints], capital: Exact, parts: tuple[Ints, Ints, Exact, Ints]) -> pd.DataFrame:
    """The periods of one rate and one balance within one window of days (start, end] of each live claim: `of` (position in `live`) and `PERIODS`.

    A run is cut at every change of rate and after every payment. There is one run for each claim, or for each part when each has its own rate.
    """
    (start, end), (owner, last, amount, read) = window, parts
    each = balances.terms.reading is Reading.RATE_ON_PAYMENT_DATE
    of, run = (owner, np.arange(len(owner))) if each else (np.arange(len(live)), owner)
    first, final = start[of], last if each else end
    low, high = np.searchsorted(balances.cuts, first, side="right"), np.searchsorted(balances.cuts, final, side="left")
    among = np.repeat(np.arange(len(of)), high - low)
    cut = balances.cuts[np.arange(len(among)) - np.repeat(np.cumsum(high - low) - high, high - low)]
    runs = np.concatenate([np.arange(len(live)), run, among])
    ends = np.concatenate([final[: len(live)], last, cut])
    falls = np.concatenate([capital, amount, np.zeros(len(among), dtype="int64")])  # what bears interest until then and not beyond
    order = np.lexsort((ends, runs))
    runs, ends, falls = runs[order], ends[order], falls[order]
    new = np.flatnonzero(np.r_[True, (runs[1:] != runs[:-1]) | (ends[1:] != ends[:-1])])
    runs, ends, falls = runs[new], ends[new], np.add.reduceat(falls, new)
    fallen = np.cumsum(falls)  # may wrap around over all claims; the differences within one are exact
    base = fallen[np.searchsorted(runs, runs, side="right") - 1] - fallen + falls
    begins = np.where(np.r_[True, runs[1:] != runs[:-1]], first[runs], np.r_[0, ends[:-1]])
    rate = balances.rate[ends if balances.terms.reading is Reading.FLOATING else read[runs]]
    size, count = balances.size[ends], balances.count[ends] - balances.count[begins]
    if balances.terms.rounding is Rounding.PER_DAY:
        grown = _half_up(base * rate * size, balances.over) * (count // size)
    else:
        grown = _half_up(base * rate * count, balances.over)
    found: dict[str, Any] = {
        "of": of[runs], "date_from": balances.dates[begins] + 1, "date_to": balances.dates[ends], "days": count // size,
        "base_minor": base.astype("int64"), "rate": [Decimal(int(r)).scaleb(-balances.scale, EXACT) for r in rate],
        "interest_minor": grown.astype("int64"),
    }  # fmt: skip
    return pd.DataFrame(found)
