"""What the rest of the toolkit gets from an export: open items, payers, and totals that tie to the file."""

from __future__ import annotations

import pandas as pd

from rules import model
from rules.row import columns, typed
from rules.standing import KEY
from workbook.ledgers.headings import PAYER_FIELDS
from workbook.ledgers.rows import EXPONENT
from workbook.ledgers.table import Table


def items(table: Table, judgement: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """The open items in file order, with the columns and dtypes of `OpenItem`; `source` says where each stands."""
    at = judgement.index[judgement["kind"] == "item"]
    found = lines.loc[at].copy()
    grid, number = table.grid, judgement.loc[at, "number"].astype("str")
    found["source"] = f"{grid.sheet}!" + number if grid.sheet else f"{grid.file} row " + number
    found["payer_name"] = found["payer_name"].where(found["payer_name"] != "", found["payer"])
    return typed(found.reset_index(drop=True), model.OpenItem)


def unread(judgement: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Company, payer, document, instalment of the rejected rows that name a document; a payer shortened by Excel is blank, as a missing one."""
    found = lines.loc[judgement.index[judgement["kind"] == "rejected"], list(KEY)]
    found = found[(found["document"] != "") & ~found["document"].str.contains(EXPONENT)].reset_index(drop=True)
    return found.assign(payer=found["payer"].where(~found["payer"].str.contains(EXPONENT), ""))


def payers(table: Table, judgement: pd.DataFrame, lines: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row per company and payer, in order of appearance, named as on the newest document; and the payers that have several names.

    The second frame: company, payer, name (the one kept), names (how many).
    """
    known = lines.loc[judgement.index[judgement["kind"].isin(["item", "settled", "zero", "duplicate"])]]
    extra = {f: table.texts(f).loc[known.index] for f in PAYER_FIELDS if f in table.columns}
    known = known[["company", "payer", "payer_name", "document_date", "due_date", "kind"]].assign(**extra)
    key = ["company", "payer"]
    open_ones = judgement.loc[known.index, "kind"] == "item"
    known = known[open_ones.groupby([known[k] for k in key]).transform("any")]
    order = known[key].drop_duplicates()
    dated = known.sort_values("document_date", kind="stable", na_position="first")
    latest = dated.drop_duplicates(key, keep="last").set_index(key)
    for field in ("payer_name", *extra):
        filled = dated[dated[field] != ""].drop_duplicates(key, keep="last").set_index(key)[field]
        latest[field] = filled.reindex(latest.index).fillna("").astype("str")
    latest = latest.loc[pd.MultiIndex.from_frame(order)].reset_index()
    made = latest.rename(columns={"payer_name": "name"}).drop(columns=["document_date", "due_date", "kind"])
    made["name"] = made["name"].where(made["name"] != "", made["payer"])
    if "country" in made:
        made["country"] = made["country"].str.upper().where(made["country"].str.fullmatch("[A-Za-z]{2}"), "")
    if "language" in made:
        made["language"] = made["language"].str.lower().where(made["language"].str.lower().isin(["en", "fr", "de"]), "")
    names = known[known["payer_name"] != ""].groupby(key, sort=False)["payer_name"].nunique().rename("names").reset_index()
    variants = names[names["names"] > 1].merge(made[[*key, "name"]], on=key)
    flags = {c.name: c.default for c in columns(model.Payer) if c.name not in made}
    return typed(made.assign(**{k: v for k, v in flags.items() if isinstance(v, bool)}), model.Payer), variants


def totals(judgement: pd.DataFrame, lines: pd.DataFrame, readable: pd.Series) -> pd.DataFrame:
    """Per currency: lines and open_minor of the items, and what else the file's open column holds, so that it adds up to `file_minor`.

    Columns: currency, lines, open_minor, settled_minor, duplicate_minor, rejected_minor, file_minor, unread (lines whose amount could not be read).
    """
    kind = judgement.loc[lines.index, "kind"]
    amount = lines["open_minor"].where(readable & (kind != "total"), 0)
    currencies = pd.Index(lines["currency"].unique(), name="currency")

    def of(which: str) -> pd.Series:
        return amount[kind == which].groupby(lines["currency"]).sum().reindex(currencies, fill_value=0).astype("int64")

    found = pd.DataFrame({
        "lines": (kind == "item").groupby(lines["currency"]).sum().reindex(currencies),
        "open_minor": of("item"), "settled_minor": of("settled"), "duplicate_minor": of("duplicate"), "rejected_minor": of("rejected"),
        "file_minor": amount.groupby(lines["currency"]).sum().reindex(currencies),
        "unread": (~readable).groupby(lines["currency"]).sum().reindex(currencies),
    })  # fmt: skip
    return found.astype("int64").reset_index()
