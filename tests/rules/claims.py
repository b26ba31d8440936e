"""Claims and what was paid on them, as the interest rules want them, made in one line each."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd


def minor(amount: object) -> int:
    return int(Decimal(str(amount)) * 100)


def frame(*lines: dict[str, Any]) -> pd.DataFrame:
    """Claims of these lines: an open 36 500.00 of a German business, unless said otherwise."""
    usual = {"document": "F1", "open_minor": 3650000, "currency": "EUR", "customer_type": "business", "country": "DE", "region": "", "notice": None}
    claims = pd.DataFrame([usual | line for line in lines])
    return claims.assign(due=pd.to_datetime(claims["due"]).astype("datetime64[s]"), notice=pd.to_datetime(claims["notice"]).astype("datetime64[s]"))


def payments(*paid: tuple[int, date, int]) -> pd.DataFrame:
    made = pd.DataFrame(list(paid), columns=["at", "date", "amount_minor"]).astype({"at": "int64", "amount_minor": "int64"})
    return made.assign(date=pd.to_datetime(made["date"]).astype("datetime64[s]"))
