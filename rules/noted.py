"""Payments that an import notes: what an export shows less open than the ledger did, so that a past day can be told as it was."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from rules.matching import SAME_DOCUMENT
from rules.merge import Merge
from rules.model import Payment
from rules.row import typed
from rules.standing import KEY, document_key, item_key, joined, positions, text_key

OF_LINE = (*KEY, "currency")
FOUND = "import"  # source of a payment that an export told by what was no longer open


def noted(merged: Merge, before: pd.DataFrame, payments: pd.DataFrame, since: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Payments for what the export shows less open than the ledger did, dated as of the import: rows of `Payment`.

    Negative for what it shows used of a credit, and for what is open again: so a past day can be told as it was. Payments recorded `since` the last
    import are off the ledger already; what is open again because the export does not have them yet was not taken back. Of a line that left the
    ledger and is back no more is open again than was paid on it. No more than the original amount leaves, when it is known: what was recorded and
    the last export did not have yet is not counted again. No more was paid on a document than all its lines have less open, and no more is open
    again than they have more: what one instalment lost and another gained was not paid, nor a document that went on in another currency.
    """
    changes = _amounts(merged, before, payments)
    was, now = (changes[name].astype("int64").to_numpy() for name in ("old_open_minor", "new_open_minor"))
    at = positions(item_key(changes), item_key(before))
    original = np.append(before["original_minor"].to_numpy(), 0)[at]
    known, unbooked = (
        some.groupby(joined(some, OF_LINE).to_numpy())["amount_minor"].sum().reindex(joined(changes, OF_LINE)).fillna(0).to_numpy(dtype="int64")
        for some in (payments, since)
    )
    sign = np.where(np.select([original != 0, was != 0], [original, was], default=now) < 0, -1, 1)  # a credit is told as its mirror image
    less, original, now, known, unbooked = (sign * some for some in (was - now, original, now, known, unbooked))
    amount = np.where((less > 0) & (original > 0), np.minimum(less, original - now - known).clip(min=0), less)
    amount = sign * np.where(less < 0, np.minimum(less + unbooked.clip(min=0), 0), amount)
    owed = (was > 0) & (at >= 0)
    amount[owed] = _of_documents(amount[owed], before.iloc[at[owed]], before, merged.ledger)
    found = changes[[*KEY, "currency"]].assign(date=pd.Timestamp(as_of), amount_minor=amount, source=FOUND)
    return typed(found[amount != 0], Payment)


def _amounts(merged: Merge, before: pd.DataFrame, payments: pd.DataFrame) -> pd.DataFrame:
    """The changes of lines of which more or less is open than before; with 0 before, those of lines that had left, paid, and are back."""
    changes = merged.changes[merged.changes["new_open_minor"].notna()]
    new = changes["old_open_minor"].isna()
    other = changes[~new & (changes["old_open_minor"] != changes["new_open_minor"]).fillna(False)]
    here = positions(item_key(other), item_key(merged.ledger)) >= 0
    other = other[~((other["new_open_minor"] == 0) & here).to_numpy(dtype=bool)]  # went on in another currency
    back = changes[new] if len(payments) else changes.iloc[:0]
    back = back[(positions(joined(back, OF_LINE), joined(payments, OF_LINE)) >= 0) & (positions(item_key(back), item_key(before)) < 0)]
    paid_on = payments["date"].groupby(joined(payments, OF_LINE).to_numpy()).max().reindex(joined(back, OF_LINE)).to_numpy()
    dated = np.append(merged.ledger["document_date"].to_numpy(), np.datetime64("NaT", "s"))[positions(item_key(back), item_key(merged.ledger))]
    return pd.concat([other, back[~(dated > paid_on)].assign(old_open_minor=0)])  # of a later day: another document of this number


def _of_documents(amount: np.ndarray, lines: pd.DataFrame, before: pd.DataFrame, ledger: pd.DataFrame) -> np.ndarray:
    """Amounts of `lines` of the ledger `before`, of each document no more than its lines to be paid add up to less, or more, now."""
    theirs = document_key(lines)
    parts = [frame[positions(document_key(frame), theirs) >= 0] for frame in (before, ledger)]
    owed, owing = (part["open_minor"].clip(lower=0).groupby(text_key(part, SAME_DOCUMENT).to_numpy()).sum() for part in parts)
    document = text_key(lines, SAME_DOCUMENT).to_numpy()
    less = (owed - owing.reindex(owed.index).fillna(0)).reindex(document).to_numpy()
    told = pd.Series(np.where(np.sign(amount) == np.sign(less), amount, 0))
    room = pd.Series(less).abs() - (told.abs().groupby(document).cumsum() - told.abs())
    return (told.clip(-1, 1) * told.abs().clip(upper=room.clip(lower=0))).to_numpy(dtype="int64")
