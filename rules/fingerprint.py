"""The identity of a run: a hash over what decides it, the same for the same inputs in any order of rows."""

from __future__ import annotations

import hashlib
from datetime import date

import numpy as np
import pandas as pd

from rules.model import Currency, Instalment, Level, Method, OpenItem, Payer, Payment, Plan, Promise, Rate, Regime
from rules.row import Row, columns

# What people may still correct between proposal and issue without changing who is reminded, and how.
_FREE: dict[type[Row], frozenset[str]] = {
    OpenItem: frozenset({"payer_name", "note", "source", "manual_reason", "due_source"}),
    Payer: frozenset(c.name for c in columns(Payer))
    - {"company", "payer", "country", "region", "language", "method", "law", "customer_type", "block", "block_until", "collection_allowed"},
    Payment: frozenset({"reference", "source"}),
    Promise: frozenset({"by", "note", "state", "confirmation"}),  # states follow from the date
    Plan: frozenset({"state", "confirmation"}),
    Instalment: frozenset({"paid_minor"}),
    Method: frozenset({"name"}),
    Level: frozenset({"name"}),
    Currency: frozenset({"valid_on"}),
    Regime: frozenset({"source"}),
    Rate: frozenset({"source", "confidence"}),
}
_SELECTABLE = (OpenItem, Payer)  # any column of these may stand in a selection


def fingerprint(frames: dict[type[Row], pd.DataFrame], *, narrowed: bool = False) -> str:
    """SHA-256 over the deciding columns of the frames, over all of ledger and payers when a selection looks at them, in any order of rows."""
    total = hashlib.sha256()
    for row_model, frame in frames.items():
        free = frozenset[str]() if narrowed and row_model in _SELECTABLE else _FREE.get(row_model, frozenset())
        deciding = [c.name for c in columns(row_model) if c.name not in free]
        rows = pd.util.hash_pandas_object(frame[deciding], index=False).to_numpy(dtype="uint64")
        total.update(row_model.__name__.encode())
        total.update(np.sort(rows).tobytes())
    return total.hexdigest()


def run_id(as_of: date, inputs: str, selection: str = "") -> str:
    """Id of the run of `as_of` over inputs with this fingerprint, narrowed to a selection: R20260302-4f1c09."""
    if selection:
        inputs = hashlib.sha256(f"{inputs} {selection}".encode()).hexdigest()
    return f"R{as_of:%Y%m%d}-{inputs[:6]}"
