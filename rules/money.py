"""Money: integer minor units of a currency, their decimals (ISO 4217), and the one rounding, half up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

DECIMALS: dict[str, int] = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
DIGITS = 15  # of an amount in minor units: what a number of a sheet keeps exactly


def decimals(currency: str) -> int:
    """How many decimals an amount of `currency` has: 2 unless ISO 4217 says otherwise."""
    return DECIMALS.get(currency, 2)


def decimals_of(currencies: pd.Series) -> npt.NDArray[np.int64]:
    """The decimals of each row's currency: one look-up per distinct currency."""
    codes, distinct = pd.factorize(currencies)
    return np.array([decimals(str(c)) for c in distinct] or [2], dtype="int64")[codes]


def fits(amount: Decimal, currency: str) -> bool:
    """Whether `amount` is a finite number of at most 15 digits in minor units; decimals beyond the currency's are not looked at."""
    return amount.is_finite() and (not amount or amount.adjusted() + decimals(currency) < DIGITS)


def half_up(amount: Decimal) -> int:
    """The whole number nearest to `amount`; halves go away from zero."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_minor(amount: Decimal, currency: str) -> int:
    """Minor units of `amount`, rounded half up."""
    return half_up(amount.scaleb(decimals(currency)))


def from_minor(minor: int, currency: str) -> Decimal:
    """`minor` as an amount with the currency's decimals: 873471 USD is Decimal("8734.71")."""
    return Decimal(minor).scaleb(-decimals(currency))


def scaled(minor: npt.NDArray[np.int64], numerator: int, denominator: int) -> npt.NDArray[np.int64]:
    """Each amount x numerator / denominator, rounded half up (away from zero): exact, in whole numbers that cannot overflow."""
    largest = int(np.abs(minor).max(initial=0))
    exact = minor if 2 * largest * abs(numerator) + denominator < 2**63 else minor.astype(object)
    rounded = (2 * abs(exact) * abs(numerator) + denominator) // (2 * denominator)
    return (np.where(minor < 0, -rounded, rounded) * (1 if numerator >= 0 else -1)).astype("int64")
