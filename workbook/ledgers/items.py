"""What the rest of the toolkit gets from an export: open items, payers, and totals that tie to the file."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rules import model
from rules.model import DueSource
from rules.row import columns, typed
from rules.standing import KEY, coded, joined, payer_key
from rules.unread import unread_rows
from workbook.ledgers.headings import PAYER_FIELDS
from workbook.ledgers.rows import EXPONENT, cut, errors, levels
from workbook.ledgers.table import Table
from workbook.ledgers.whole import among, picked, spelled, worded
from workbook.ledgers.words import CURRENCIES

SUMS = {"open": "item", "settled": "settled", "duplicate": "duplicate", "rejected": "rejected"}  # what is summed apart: kind of record
MOVED = ("quote", "fields")  # why a row was rejected of which no cell is known to stand in its column


def items(table: Table, judgement: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """The open items in file order, with the columns and dtypes of `OpenItem`; `source` says where each stands."""
    at = among(judgement.index, judgement["kind"] == "item")
    found = picked(lines, at)
    if "source" not in found:
        found = found.assign(source=table.grid.origin + picked(judgement["number"], at).astype("str"))
    if "due_source" not in found:
        sources = [str(s) for s in DueSource]
        given = [(str(DueSource.EXPORT), found["due_date"].notna())]
        found = found.assign(due_source=spelled(worded(sources, given, default=str(DueSource.NONE), index=at)))
    found = found.assign(payer_name=found["payer_name"].where(found["payer_name"] != "", found["payer"]))
    return typed(found.reset_index(drop=True), model.OpenItem)


def taken(judgement: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """KEY, level (0 = only a date is known) and last_reminder of the items whose export says a level or the date of a reminder."""
    told = [c for c in ("level", "last_reminder") if c in lines]
    found = picked(lines[[*KEY, *told]], among(judgement.index, judgement["kind"] == "item"))
    found = found.assign(**{c: v for c, v in {"level": -1, "last_reminder": np.datetime64("NaT", "s")}.items() if c not in found})
    if found["level"].dtype.kind != "i":
        found["level"] = levels(found["level"].astype("str"))
    found = found[(found["level"] >= 0) | found["last_reminder"].notna()].reset_index(drop=True)
    return found.assign(level=found["level"].clip(lower=0).astype("int64"), last_reminder=found["last_reminder"].astype("datetime64[s]"))


def unread(table: Table, judgement: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """The rejected rows as `rules.unread` takes them: what Excel has shortened or could not compute is blank; columns that moved are in `cells`."""
    reason = judgement.loc[judgement["kind"] == "rejected", "reason"]
    found = lines.reindex(reason.index)
    for field in ("payer", "document") if len(found) else ():
        spoilt = lines.index[cut(table, field, lines[field])]
        found[field] = found[field].mask(found[field].str.contains(EXPONENT) | errors(found[field]) | found.index.isin(spoilt), "")
    moved = reason.index[reason.isin(MOVED)]
    if len(moved):
        cells = table.grid.cells.loc[moved].astype("str")
        found["cells"] = joined(cells, list(cells.columns)).reindex(found.index)
    if "open_minor" in found:
        found["open_minor"] = found["open_minor"].mask(found["open_minor"] == 0)
    return unread_rows(found)


def payers(table: Table, judgement: pd.DataFrame, lines: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row per company and payer, in order of appearance, named as on the newest document; and the payers that have several names.

    The second frame: company, payer, name (the one kept), names (how many).
    """
    known = picked(lines, among(judgement.index, judgement["kind"].isin(["item", "settled", "zero", "duplicate"])))
    is_open = picked(judgement["kind"] == "item", known.index).to_numpy(dtype=bool)
    if not is_open.all():  # who has nothing open is no payer of this ledger
        codes = coded(payer_key(known))
        known = known[np.isin(codes, codes[is_open])]
    codes, key = coded(payer_key(known)), ["company", "payer"]
    by_day = np.argsort(known["document_date"].to_numpy().view("int64"), kind="stable")  # no date is the smallest number

    def newest(of: np.ndarray) -> np.ndarray:
        """Position of the newest row of each payer among the rows `of`; -1 where a payer has none."""
        found = np.full(codes.max(initial=-1) + 1, -1)
        order = by_day if of.all() else by_day[of[by_day]]
        found[codes[order]] = order
        return found

    made = known[key].iloc[newest(np.ones(len(known), bool))].reset_index(drop=True)
    for field in ("payer_name", *(f for f in PAYER_FIELDS if f in known or f in table.columns)):
        texts = known[field] if field in known else picked(table.texts(field), known.index)
        at = newest((texts != "").to_numpy(dtype=bool))
        made[field] = texts.iloc[at].reset_index(drop=True).astype("str").where(at >= 0, "")
    made = made.rename(columns={"payer_name": "name"})
    made["name"] = made["name"].where(made["name"] != "", made["payer"])
    if "country" in made:
        made["country"] = made["country"].str.upper().where(made["country"].str.fullmatch("[A-Za-z]{2}"), "")
    if "language" in made:
        made["language"] = made["language"].str.lower().where(made["language"].str.lower().isin(["en", "fr", "de"]), "")
    named = (known["payer_name"] != "").to_numpy(dtype=bool)
    own = coded(known["payer_name"])[named]
    pairs = pd.unique(codes[named] * (own.max(initial=0) + 1) + own) // (own.max(initial=0) + 1)
    variants = made[[*key, "name"]].assign(names=np.bincount(pairs, minlength=len(made)))
    variants = variants[variants["names"] > 1].reset_index(drop=True)
    flags = {c.name: c.default for c in columns(model.Payer) if c.name not in made}
    return typed(made.assign(**{k: v for k, v in flags.items() if isinstance(v, bool)}), model.Payer), variants


def totals(judgement: pd.DataFrame, lines: pd.DataFrame, readable: pd.Series) -> pd.DataFrame:
    """Per currency: lines and open_minor of the items, and what else the file's open column holds, so that it adds up to `file_minor`.

    Columns: currency, lines, open_minor, settled_minor, duplicate_minor, rejected_minor, file_minor, unread (lines whose amount could not be read).
    Lines whose columns have moved, so that another text stands for the currency, are in no sum.
    """
    known = lines["currency"].isin(CURRENCIES) | (picked(judgement["reason"], lines.index) != "fields")
    if not known.all():
        lines, readable = lines[known], readable[known]
    kind = picked(judgement["kind"], lines.index)
    amount = lines["open_minor"].where(readable & (kind != "total"), 0)
    codes, currencies = pd.factorize(lines["currency"])

    def summed(values: pd.Series) -> np.ndarray:
        return values.groupby(codes).sum().reindex(range(len(currencies)), fill_value=0).to_numpy("int64")

    return pd.DataFrame({
        "currency": currencies, "lines": summed(kind == "item"),
        **{f"{name}_minor": summed(amount.where(kind == which, 0)) for name, which in SUMS.items()},
        "file_minor": summed(amount), "unread": summed(~readable),
    })  # fmt: skip
