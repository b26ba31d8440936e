"""What a fee or a lump sum comes to: the bands of the table Fees on an amount, in its currency or converted."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd

from rules.errors import ConfigError
from rules.model import Fee
from rules.money import decimals, scaled
from rules.ruleset import Ints, Ruleset


def charges(fee: pd.Series, amount: pd.Series, currency: pd.Series, ruleset: Ruleset) -> pd.DataFrame:
    """What the fee named on each row charges on the row's amount: `fee_minor`, `converted`, `no_rate`; same index.

    `fee` is a name of the table Fees, "" for none; `amount` is in minor units of `currency`. An amount that is not above zero bears nothing, not
    even a fixed fee from zero on: there is nothing to be reminded of. The row of the currency with the largest `from` that the amount reaches
    is its band; its fixed part and its percentage are added, then brought to `most` and to `least` (which wins where they contradict). An
    accumulated band adds what all bands below it charge, each on the part of the amount within it, each within its own bounds.

    Without a row in the currency, those of the company currency hold: the amount is converted at the rate on Config to the minor unit of the
    company currency, as for a minimum, and what they charge is converted back (`converted`). Without a rate nothing is charged (`no_rate`).
    Exact; rounded once, half up, to the minor unit of `currency`. Business Central charges so ("Single Dynamic", "Accumulated Dynamic" of its
    Additional Fee Setup), where a maximum of zero is none: here it is an empty cell. Raises ConfigError for a rate that leaves no sensible amount.
    """
    found = pd.DataFrame({"fee_minor": np.int64(0), "converted": False, "no_rate": False}, index=fee.index)
    minor, converted, no_rate = (found[c].to_numpy(copy=True) for c in found)
    owed = amount.to_numpy(dtype="int64")
    (at_fee, fees), (at_currency, currencies) = pd.factorize(fee.astype("str")), pd.factorize(currency.astype("str"))
    bears = (owed > 0) & (fee.astype("str") != "").to_numpy()
    pair = np.where(bears, at_fee * len(currencies) + at_currency, -1)
    for one in np.unique(pair[bears]):
        name, letters = str(fees[one // len(currencies)]), str(currencies[one % len(currencies)])
        rows = np.flatnonzero(pair == one)
        bands, base, ratio = _bands(name, letters, ruleset), owed[rows], Fraction(1)
        own = bool(bands)
        try:
            if not own and (bands := _bands(name, ruleset.settings.company_currency, ruleset)):
                rate = ruleset.rate(letters)
                if rate is None:
                    no_rate[rows] = True
                    continue
                ratio = Fraction(rate) * Fraction(10) ** (decimals(ruleset.settings.company_currency) - decimals(letters))
                base = scaled(base, ratio.numerator, ratio.denominator)
            parts, share = _charged(bands, base)
            minor[rows] = scaled(parts, (share / ratio).numerator, (share / ratio).denominator)
        except OverflowError:
            raise ConfigError(
                f"The fee {name!r} comes to more than 18 digits on an amount in {letters}. "
                f"Correct its rows in the table Fees on Config, or the rate of {letters} in the table Currencies."
            ) from None
        converted[rows] = (minor[rows] > 0) & (not own)
    return pd.DataFrame({"fee_minor": minor, "converted": converted, "no_rate": no_rate}, index=fee.index)


def _bands(fee: str, currency: str, ruleset: Ruleset) -> list[Fee]:
    """The rows of a fee in a currency, by the amount from which they hold."""
    return sorted((f for f in ruleset.fees if f.fee == fee and f.currency == currency), key=lambda f: f.from_minor)


def _charged(bands: list[Fee], base: Ints) -> tuple[Ints, Fraction]:
    """What the bands charge on each amount, in shares of a minor unit (Python's whole numbers where int64 might not do), and how large one is."""
    finest = max([0, *(-int(b.percent.as_tuple().exponent) for b in bands)])  # decimals of the percentages
    unit = 10 ** (finest + 2)
    most = int(base.max(initial=1))
    high = sum(
        max(b.amount_minor * unit + most * int(b.percent.scaleb(finest)), (b.least_minor or 0) * unit, (b.most_minor or 0) * unit) for b in bands
    )
    exact = base if high < 2**62 else base.astype(object)
    last = np.searchsorted([b.from_minor for b in bands], base, side="right") - 1
    total = np.zeros_like(exact)
    below = np.zeros_like(exact)
    for at, band in enumerate(bands):
        percent = int(band.percent.scaleb(finest))
        within = exact - band.from_minor if at + 1 == len(bands) else np.minimum(exact, bands[at + 1].from_minor) - band.from_minor
        below = below + np.where(last >= at, _bounded(band, band.amount_minor * unit + within * percent, unit), 0)
        here = last == at
        total = np.where(here, below if band.accumulated else _bounded(band, band.amount_minor * unit + exact * percent, unit), total)
    return total, Fraction(1, unit)


def _bounded(band: Fee, charge: Ints, unit: int) -> Ints:
    if band.most_minor is not None:
        charge = np.minimum(charge, band.most_minor * unit)
    return charge if band.least_minor is None else np.maximum(charge, band.least_minor * unit)
