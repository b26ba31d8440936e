"""Ledgers of any size for measuring: an invented export of open items in one currency, whole-column and by seed.

`python -m benchmarks.ledgers 200000 20000 1 ledger.csv` writes one.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

AS_OF = pd.Timestamp("2026-03-02")
COUNTRIES = np.array(["FR", "DE", "GB", "IE", "CH", "US", "BE"])
LANGUAGES = np.array(["fr", "de", "en", "en", "de", "en", "fr"])


def ledger(lines: int, payers: int, seed: int) -> pd.DataFrame:
    """An export of `lines` open items of `payers` payers: about half is overdue on `AS_OF`, one in twenty is a credit.

    Amounts are in whole units with two decimals, dates are text in ISO order; the currency is not in the file.
    """
    chance = np.random.default_rng(seed)
    who = np.sort(chance.integers(0, payers, lines))
    number = pd.Series(who + 100_000).astype("str")
    country = who % len(COUNTRIES)
    credit = chance.random(lines) < 0.05
    dated = AS_OF - pd.to_timedelta(chance.integers(0, 75, lines), unit="D")
    days = np.where(credit, 0, chance.choice([14, 30, 45, 60], lines, p=[0.1, 0.6, 0.15, 0.15]))
    cents = np.round(np.exp(chance.normal(6.5, 1.1, lines)) * 100).astype("int64") + 100
    left = np.where(chance.random(lines) < 0.1, cents // 2, cents)
    sign = np.where(credit, -1, 1)
    return pd.DataFrame({
        "Company": "10",
        "Customer no": number,
        "Customer name": "Payer " + number + " Trading",
        "Address": pd.Series(who % 180 + 1).astype("str") + " Market Street",
        "Postal code": pd.Series(who % 80_000 + 10_000).astype("str"),
        "City": "Springbrook",
        "Country": COUNTRIES[country],
        "Language": LANGUAGES[country],
        "E-mail": "accounts@payer-" + number + ".example",
        "Invoice number": pd.Series(np.arange(lines) + 4_000_000).astype("str"),
        "Type": np.where(credit, "credit", "invoice"),
        "Invoice date": dated.strftime("%Y-%m-%d"),
        "Due date": (dated + pd.to_timedelta(days, unit="D")).strftime("%Y-%m-%d"),
        "Original amount": pd.Series(cents * sign / 100).map("{:.2f}".format),
        "Open amount": pd.Series(left * sign / 100).map("{:.2f}".format),
        "Reference": pd.Series(chance.integers(10_000, 99_999, lines)).astype("str"),
        "Terms": pd.Series(days).astype("str"),
    })  # fmt: skip


def write(lines: int, payers: int, seed: int, path: Path) -> None:
    """Write `ledger(lines, payers, seed)` as a comma-separated export."""
    ledger(lines, payers, seed).to_csv(path, index=False)


if __name__ == "__main__":
    write(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
