"""The next export meets the ledger: what people typed and what was sent stays, what was paid leaves, and every difference is named.

An item that a row of the export may be about which could not be read is not paid: it stays as it was. So does a fee that a letter claimed, until
the export carries it or nothing of it is open, and so do the lines of companies that the export does not speak of.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rules.matching import matched
from rules.model import AssessedItem, DocumentKind, LedgerChange, OpenItem, Payer
from rules.row import Kind, Row, columns, typed
from rules.standing import KEY, Positions, document_key, item_key, joined, payer_key, positions, text_key
from rules.unread import held

PERSONS = (
    "method", "law", "agreed_due_date", "block", "block_until", "dispute", "dispute_review", "manual_level", "level_cap", "manual_reason", "note",
)  # fmt: skip
ADDRESS = ("address", "postal_code", "city", "region", "country", "email")  # where letters go
COMPUTED = tuple(c.name for c in columns(AssessedItem) if c.name not in OpenItem.model_fields)
FILLED_BY_EXPORT = ("block", "dispute")  # where the person's cell is empty
CHANGES = (
    "new", "paid", "part_paid", "credit_used", "increased", "due_date_changed", "payer_changed", "settled", "unread", "unchanged",
)  # fmt: skip
GONE = ("paid", "credit_used", "settled")  # of a line that is no longer there; settled: nothing of it was open any more
CLAIMED = "fee of letter "  # how the source of a fee begins that a letter claimed; its number follows


@dataclass(frozen=True)
class Merge:
    """What an import makes of the ledger.

    `ledger`: the items of the new export in its order, then the old ones whose row could not be read, the fees claimed, and the lines of other
    companies; columns of `AssessedItem`.
    `changes`: one row per item of the ledger without those of other companies ("unread" for what could not be read), then one per item that is no
    longer in it (one of GONE), then one more, without amounts, for each further change of an item; with KEY, payer_name, currency, change, old_payer,
    old_open_minor, new_open_minor (Int64), old_due_date, new_due_date. A document whose currency changed is paid in the old one and new in the other.
    `summary`: per change and currency the count and both open amounts. `lost`: KEY and PERSONS of the items that left with something a person typed.
    """

    ledger: pd.DataFrame
    changes: pd.DataFrame
    summary: pd.DataFrame
    lost: pd.DataFrame


def merge(old: pd.DataFrame, new: pd.DataFrame, unread: pd.DataFrame | None = None, companies: Collection[str] | None = None) -> Merge:
    """The ledger after an import: `old` rows of `AssessedItem`, `new` rows of `OpenItem`.

    `unread`: rows of the export that could not be read, as of `rules.unread`.
    `companies`: those that the export speaks of; None = all.
    """
    old, new = typed(old, AssessedItem).reset_index(drop=True), typed(new, OpenItem).reset_index(drop=True)
    elsewhere = old.iloc[:0]
    if companies is not None:
        of_others = ~old["company"].isin(list(companies)).to_numpy(dtype=bool)
        elsewhere, old = old[of_others], old[~of_others].reset_index(drop=True)
    match, moved = matched(old, new)
    left = np.ones(len(old), dtype=bool)
    left[match[match >= 0]] = False
    stays = left & claimed(old) & (old["open_minor"] != 0).to_numpy(dtype=bool)
    if unread is not None and len(unread):
        stays[left] |= held(unread, old[left])
    known = match >= 0
    before = old.iloc[np.where(known, match, 0)].reset_index(drop=True) if len(old) else old.reindex(range(len(new)))
    ledger = typed(new, AssessedItem)
    if known.any():
        ledger["instalment"] = ledger["instalment"].where(~known, before["instalment"])
        for name in (*PERSONS, *COMPUTED):
            kept = known
            if name in FILLED_BY_EXPORT:
                kept = known & (before[name].astype("str") != "").to_numpy()
            ledger[name] = chosen(kept, before[name], ledger[name])
    changes = _changes(old, before, ledger, match, moved, stays)
    rest = [frame for frame in (old[stays], elsewhere) if len(frame)]
    whole = stacked([ledger, *rest], AssessedItem) if rest else typed(ledger, AssessedItem)
    return Merge(whole, changes, _summary(changes), _lost(old[left & ~stays]))


def merge_payers(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """The payers after an import: empty cells filled from the export, filled ones left alone, new payers at the end, nobody removed."""
    old, new = typed(old, Payer).reset_index(drop=True), typed(new, Payer).reset_index(drop=True)
    key = ["company", "payer"]
    new = new.drop_duplicates(key)
    here = pd.Index(payer_key(new)).get_indexer(pd.Index(payer_key(old)))
    filled = old.copy()
    if len(new) and len(old):
        said = new.iloc[np.where(here >= 0, here, 0)].reset_index(drop=True)
        for c in columns(Payer):
            if c.kind in (Kind.FLAG, Kind.INT) or c.name in key:
                continue  # yes and no and counts have no empty cell
            empty = filled[c.name].isna().to_numpy() if c.optional else (filled[c.name].astype("str") == "").to_numpy()
            filled[c.name] = chosen(~(empty & (here >= 0)), filled[c.name], said[c.name])
    added = new[~payer_key(new).isin(payer_key(old))]
    return stacked([filled, added], Payer)


def chosen(first: npt.NDArray[np.bool_], yes: pd.Series[Any], no: pd.Series[Any]) -> pd.Series[Any]:
    """`yes` where `first`, else `no`; codes become text on the way, because two lists of categories do not mix."""
    if isinstance(yes.dtype, pd.CategoricalDtype) or isinstance(no.dtype, pd.CategoricalDtype):
        yes, no = yes.astype("str"), no.astype("str")
    return yes.where(first, no)


def stacked(frames: list[pd.DataFrame], model: type[Row]) -> pd.DataFrame:
    """The frames one below the other, as one of the model; codes become text on the way."""
    codes = {c.name: "str" for c in columns(model) if c.dtype == "category"}
    return typed(pd.concat([frame.astype(codes) for frame in frames], ignore_index=True), model)


def claimed(ledger: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which lines are fees that a letter claimed, not documents of an export."""
    fee = (ledger["kind"] == DocumentKind.FEE).to_numpy(dtype=bool, copy=True)
    if fee.any():
        fee[fee] = ledger["source"][fee].str.startswith(CLAIMED).to_numpy(dtype=bool)
    return fee


def _lost(gone: pd.DataFrame) -> pd.DataFrame:
    """KEY and PERSONS of the rows that carry something a person typed."""
    filled = np.logical_or.reduce([gone[name].notna() & (gone[name].astype("str") != "") for name in PERSONS])
    return gone.loc[filled, [*KEY, *PERSONS]].reset_index(drop=True)


def renamed(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Payers whose name in the export is not the one on the sheet: company, payer, old_name, new_name. The sheet keeps its name."""
    both = old[["company", "payer", "name"]].merge(new[["company", "payer", "name"]], on=["company", "payer"], suffixes=("_old", "_new"))
    other = both[(both["name_old"] != "") & (both["name_new"] != "") & (both["name_old"] != both["name_new"])]
    return other.rename(columns={"name_old": "old_name", "name_new": "new_name"}).reset_index(drop=True)


def readdressed(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Cells of addresses that the export fills otherwise than the sheet, which keeps its own: company, payer, column, old, new.

    Case and blanks make no difference.
    """
    at = positions(payer_key(new), payer_key(old))
    theirs, ours = new[at >= 0].reset_index(drop=True), old.iloc[at[at >= 0]].reset_index(drop=True)
    parts: list[pd.DataFrame] = []
    for name in ADDRESS:
        now, was = theirs[name].astype("str"), ours[name].astype("str")
        other = (was != "") & (now != "") & (was != now)
        was, now = was[other], now[other]
        other = was.str.casefold().str.split().str.join(" ") != now.str.casefold().str.split().str.join(" ")
        parts.append(theirs.loc[other.index[other], ["company", "payer"]].assign(column=name, old=was[other], new=now[other]))
    return pd.concat(parts, ignore_index=True)


def renumbered(old: pd.DataFrame, merged: Merge) -> pd.DataFrame:
    """Documents that are gone while one alike but for its number is new: company, payer, document, to. `old`: the ledger before the merge.

    Alike are payer, dates, currency, original and open amount, and no other line that is gone or new has the same.
    """
    alike = ["company", "payer", "document_date", "due_date", "currency", "original_minor", "open_minor"]
    gone, new = (merged.changes[merged.changes["change"] == change] for change in ("paid", "new"))
    if gone.empty or new.empty:
        return gone[["company", "payer", "document"]].assign(to="").iloc[:0]
    parts: list[pd.DataFrame] = []
    for changes, lines in ((gone, old), (new, merged.ledger)):
        of = lines[(positions(item_key(lines), item_key(changes)) >= 0) & (lines["document_date"].notna() | lines["due_date"].notna())]
        parts.append(of[["company", "payer", "document"]].assign(key=text_key(of, alike)).drop_duplicates("key", keep=False))
    both = parts[0].merge(parts[1][["document", "key"]].rename(columns={"document": "to"}), on="key")
    return both.loc[both["document"] != both["to"], ["company", "payer", "document", "to"]].drop_duplicates(ignore_index=True)


def _changes(
    old: pd.DataFrame, before: pd.DataFrame, ledger: pd.DataFrame, match: Positions, moved: npt.NDArray[np.bool_], stays: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    known = match >= 0
    same_currency = known & (before["currency"] == ledger["currency"]).to_numpy(dtype=bool)
    was, now = before["open_minor"].abs(), ledger["open_minor"].abs()
    less, credit = (now < was).to_numpy(dtype=bool), (before["open_minor"] < 0).to_numpy(dtype=bool)
    due = (before["due_date"] != ledger["due_date"]) & ~(before["due_date"].isna() & ledger["due_date"].isna())
    ladder = {
        "new": ~same_currency,
        "part_paid": less & ~credit,
        "credit_used": less & credit,
        "increased": ~less & (before["open_minor"] != ledger["open_minor"]).to_numpy(dtype=bool),
        "payer_changed": moved,
        "due_date_changed": due.to_numpy(dtype=bool),
    }
    shared = [*KEY, "payer_name", "currency"]
    here = ledger[shared].assign(
        change=np.select(list(ladder.values()), list(ladder), default="unchanged"),
        old_payer=before["payer"].where(same_currency, ""),
        old_open_minor=before["open_minor"].astype("Int64").where(same_currency),
        new_open_minor=ledger["open_minor"].astype("Int64"),
        old_due_date=before["due_date"].where(same_currency),
        new_due_date=ledger["due_date"],
    )
    gone = np.ones(len(old), dtype=bool)
    gone[match[same_currency]] = False
    left = pd.concat([old[stays], old[gone & ~stays]])
    here_still, owed = np.arange(len(left)) < stays.sum(), left["open_minor"].to_numpy()
    others = left[shared].assign(
        change=np.select(
            [here_still & claimed(left), here_still, owed < 0, owed == 0], ["unchanged", "unread", "credit_used", "settled"], default="paid"
        ),
        old_payer=left["payer"],
        old_open_minor=left["open_minor"].astype("Int64"),
        new_open_minor=left["open_minor"].astype("Int64").where(here_still, 0),
        old_due_date=left["due_date"],
        new_due_date=left["due_date"].where(here_still),
    )
    none = pd.Series(pd.NA, index=here.index, dtype="Int64")
    further = here.assign(old_open_minor=none, new_open_minor=none)
    more = [further[ladder[n] & same_currency & (here["change"] != n).to_numpy()].assign(change=n) for n in ("payer_changed", "due_date_changed")]
    made = pd.concat([here, others, *more], ignore_index=True)
    made["change"] = pd.Categorical(made["change"], categories=list(CHANGES))
    return made


def change_rows(changes: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """What an import changed, as rows of `LedgerChange` in the order of CHANGES: `changes` of a merge without what stayed as it was."""
    made = changes[changes["change"] != "unchanged"].sort_values("change", kind="stable", ignore_index=True)
    gone, moved = made["new_open_minor"].eq(0).fillna(False) & made["change"].isin(GONE), made["change"] == "payer_changed"
    return typed(
        made.assign(
            imported_on=pd.Timestamp(as_of), change=made["change"].astype("str"), old_payer=made["old_payer"].where(moved, ""),
            new_open_minor=made["new_open_minor"].mask(gone), new_due_date=made["new_due_date"].mask(gone),
        ),
        LedgerChange,
    )  # fmt: skip


def moves(changes: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """What moved to another payer, by the `changes` of a merge: company, payer (before), document, to; "" is everything about that payer.

    A document of which lines stay with the payer before, or that went to several, has not moved; nor a payer who keeps a line of the `ledger`.
    """
    moved = changes[(changes["change"] == "payer_changed").to_numpy()]
    found = moved[["company", "old_payer", "document", "payer"]].set_axis(["company", "payer", "document", "to"], axis=1).drop_duplicates()
    parts: list[pd.DataFrame] = []
    for frame, names in ((found, KEY[:3]), (found.assign(document="").drop_duplicates(), KEY[:2])):
        one = ~frame.duplicated(list(names), keep=False).to_numpy()
        parts.append(frame[one & (positions(joined(frame, names), joined(ledger, names)) < 0)])
    return pd.concat(parts, ignore_index=True)


def followed(told: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    """Rows that name company, payer and document, under the payer to whom it moved (`moved`: of `moves`)."""
    at = positions(document_key(told), document_key(moved))
    to = np.append(moved["to"].to_numpy(dtype=object), "")[at]
    return told.assign(payer=pd.Series(np.where(at >= 0, to, told["payer"]), index=told.index, dtype="str"))


def less_paid_later(items: pd.DataFrame, payments: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The items of an export of `as_of` (rows of `OpenItem`) less what came in, or was used of a credit, later (rows of `Payment`), which it cannot
    know; never beyond 0.
    """
    later = payments[(payments["date"] > pd.Timestamp(as_of)).to_numpy()]
    if later.empty:
        return items
    came = later.groupby(item_key(later).to_numpy())["amount_minor"].sum().reindex(item_key(items)).fillna(0).to_numpy(dtype="int64")
    said = items["open_minor"].to_numpy()
    return items.assign(open_minor=np.where(said > 0, np.maximum(said - came.clip(min=0), 0), np.minimum(said - came.clip(max=0), 0)))


def older(standing: pd.DataFrame, items: pd.DataFrame, payments: pd.DataFrame, as_of: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What an export of a day before the ledger's still adds: its items (rows of `OpenItem`), and KEY of the lines that are to stay without it.

    `standing`: the ledger, `payments`: rows of `Payment`. What came in after `as_of` is off its items, of two open amounts the one nearer to zero
    holds, of two due dates the ledger's, and an item paid off since is left out. So the export neither takes a later line away nor opens again what
    was paid.
    """
    left = less_paid_later(items, payments, as_of)["open_minor"].to_numpy()
    at = positions(item_key(items), item_key(standing))
    alike = (at >= 0) & (np.append(standing["currency"].to_numpy(dtype=object), "")[at] == items["currency"].to_numpy(dtype=object))
    said = items["open_minor"].to_numpy()
    there = np.append(standing["open_minor"].to_numpy(), 0)[at]
    known = payments.groupby(item_key(payments).to_numpy())["amount_minor"].sum().reindex(item_key(items)).fillna(0).to_numpy(dtype="int64")
    gone = (at < 0) & (np.sign(said) * (said - known) <= 0)  # was in the ledger, and a later export showed it paid off
    now = np.where(alike, np.where(np.abs(there) < np.abs(said), there, said), np.where(gone, 0, left))
    due = items["due_date"].mask(at >= 0, pd.Series(standing["due_date"].to_numpy()[at], index=items.index)) if len(standing) else items["due_date"]
    rest = items.assign(open_minor=now, due_date=due)[(now != 0) | alike].reset_index(drop=True)
    return rest, standing.loc[positions(item_key(standing), item_key(items)) < 0, list(KEY)]


def _summary(changes: pd.DataFrame) -> pd.DataFrame:
    """Per change and currency: count, old_open_minor, new_open_minor; in the order of CHANGES."""
    amounts = changes[["change", "currency"]].assign(count=1)
    amounts[["old_open_minor", "new_open_minor"]] = changes[["old_open_minor", "new_open_minor"]].fillna(0).astype("int64")
    return amounts.groupby(["change", "currency"], observed=True, sort=True).sum().reset_index()
