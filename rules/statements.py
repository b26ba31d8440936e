"""Which payers get a statement of account on a day, of which lines, and that it ties to the ledger."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd

from rules.dates import day, days
from rules.records import Records
from rules.standing import item_key, joined, payer_key, positions

ACCOUNT = ["company", "payer", "currency"]  # one statement each


def account_key(frame: pd.DataFrame) -> pd.Series:
    """One text per row that identifies the account a statement is of: company, payer, currency."""
    return joined(frame, ACCOUNT)


def open_on(records: Records, as_of: date) -> pd.DataFrame:
    """The lines that stand on statements of a day: everything open, dated that day or before; their `due` and `overdue_days`, index kept.

    A line without a document date is on it: nobody knows that it is later. Overdue is what was due before the day, whatever the grace.
    """
    ledger = records.ledger
    lines = ledger[(ledger["open_minor"] != 0).to_numpy() & ~(days(ledger["document_date"]) > day(as_of))]
    due = lines["agreed_due_date"].where(lines["agreed_due_date"].notna(), lines["due_date"])
    late = (pd.Timestamp(as_of) - due).dt.days
    return lines.assign(due=due, overdue_days=late.where(late > 0, 0).fillna(0).astype("int64"))


def accounts(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per company, payer and currency of the lines of `open_on`: `ACCOUNT`, payer_name, open_minor, overdue_minor, lines; in that order."""
    owed = (lines["overdue_days"] > 0) & (lines["open_minor"] > 0)
    told = lines.assign(overdue_minor=lines["open_minor"].where(owed, 0), lines=1)
    sums = {
        "payer_name": ("payer_name", "first"),
        "open_minor": ("open_minor", "sum"),
        "overdue_minor": ("overdue_minor", "sum"),
        "lines": ("lines", "sum"),
    }
    return told.groupby(ACCOUNT, observed=True, sort=True).agg(**sums).reset_index()


def due_for(found: pd.DataFrame, payers: pd.DataFrame, statements: pd.DataFrame, as_of: date) -> np.ndarray:
    """Which accounts are due for a statement: their payer gets one every so many days, and the last one is as many days old, or there was none."""
    at = positions(payer_key(found), payer_key(payers))
    every = np.append(payers["statement_days"].to_numpy(dtype="int64"), 0)[at]
    before = statements[days(statements["date"]) <= day(as_of)]
    last = before.groupby(account_key(before).to_numpy())["date"].max() if len(before) else pd.Series(dtype="datetime64[s]")
    since = (pd.Timestamp(as_of) - last.reindex(account_key(found).to_numpy())).dt.days
    return (every > 0) & (since.isna().to_numpy() | (since.to_numpy() >= every))


def of_payers(found: pd.DataFrame, payers: Collection[str]) -> np.ndarray:
    """Which accounts belong to these payers."""
    return found["payer"].isin(list(payers)).to_numpy()


def balances(records: Records, as_of: date) -> pd.Series[int]:
    """The balance of the ledger on a day, per currency, by another way than line by line: what is open now of all documents dated until then, plus
    all that was paid since (negative: used of credits), on lines that have left the ledger as well.
    """
    ledger, since = records.ledger, records.payments[days(records.payments["date"]) > day(as_of)]
    later = days(ledger["document_date"]) > day(as_of)
    paid = since[positions(item_key(since), item_key(ledger[later])) < 0].rename(columns={"amount_minor": "open_minor"})
    told = pd.concat([frame[["currency", "open_minor"]].astype({"currency": "str"}) for frame in (ledger[~later], paid)], ignore_index=True)
    return told.groupby("currency")["open_minor"].sum()
