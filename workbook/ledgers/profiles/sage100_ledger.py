"""Sage 100 Comptabilité, the table of postings F_ECRITUREC: open items from the lines of customers, with their due dates and reminder levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from workbook.ledgers.answers import Asked
from workbook.ledgers.grid import Grid
from workbook.ledgers.headings import normal
from workbook.ledgers.posted import Book, Posted, decimal_mark, posted
from workbook.ledgers.postings import ADVANCE, MONEY, OPENING, OTHER, SALES
from workbook.ledgers.profiles.fec import MONEY_CODE, OPENING_CODE, ROOTS, SALES_CODE, VARIOUS_CODE
from workbook.ledgers.profiles.profile import Profile
from workbook.ledgers.table import Table
from workbook.ledgers.years import by_year

NAMES = {
    "account": "cgnum", "payer": "ctnum", "document": "ecpiece", "second": "ecrefpiece", "reference": "ecintitule", "due_date": "ececheance",
    "amount": "ecmontant", "side": "ecsens", "group": "eclettrage", "lettered": "eclettre", "level": "ecrappel", "last_reminder": "ecdaterelance",
    "journal": "jonum", "posting_date": "ecdate", "month": "jmdate", "day": "ecjour", "opening": "ecantype", "entry": "ecno",
    "company_name": "ctintitule",
}  # fmt: skip
DEPTH = 20


def finds(grid: Grid) -> int | None:
    """The position of the record of headings: customer, side and amount under the names of the table."""
    for at, cells in enumerate(grid.cells.head(DEPTH).itertuples(index=False)):
        if {"ctnum", "ecsens", "ecmontant"} <= {squeezed(str(cell)) for cell in cells}:
            return at
    return None


def squeezed(heading: str) -> str:
    """A heading without case, accents, blanks, underlines and the name of its table."""
    return normal(heading.rpartition(".")[2]).replace(" ", "")


def postings(tables: Sequence[Table], asked: Asked) -> Posted:
    """The open items of the customers: lines whose ledger account is one of customers, or all with a customer where accounts are not exported."""
    return posted(by_year([_book(table, asked) for table in tables]), asked)


def _book(table: Table, asked: Asked) -> Book:
    at = {
        field: position
        for position, heading in reversed(list(enumerate(table.headings)))
        for field, name in NAMES.items()
        if squeezed(heading) == name
    }
    cells = table.grid.cells
    payer = cells[at["payer"]]
    kept = payer != ""
    if "account" in at:
        roots = tuple(root.strip() for root in asked.answers.receivables.split(",") if root.strip()) or ROOTS
        kept &= cells[at["account"]].str.startswith(roots)
    kinds = pd.Series("elsewhere", index=cells.index, dtype="str").mask((cells == "").all(axis=1), "blank").mask(kept, "")
    kinds.iloc[: table.header + 1] = ["furniture"] * table.header + ["header"]
    rows = kinds.index[kinds == ""]

    def texts(name: str) -> pd.Series:
        return cells.loc[rows, at[name]] if name in at else pd.Series("", index=rows, dtype="str")

    made = {
        "side": pd.Series(np.where(texts("side").isin(["1", "1.0"]), -1, 1), index=rows),
        "nature": _natures(texts("journal"), texts("account"), texts("opening")),
    }
    if "posting_date" not in at or not (texts("posting_date") != "").any():
        made["posting_date"] = _days(texts("month"), texts("day"))
    document, invoice = texts("document"), texts("second")  # EC_Piece numbers the entry, EC_RefPiece is the number of the invoice
    invoiced = (invoice != "") & (made["nature"].isin([SALES, OPENING]) | (document == ""))
    made["document"] = invoice.where(invoiced, document)
    made["document"] = made["document"].where(made["document"] != "", (texts("journal") + " " + texts("entry")).str.strip())
    if "group" in at and "lettered" in at:  # a code beside "not lettered" is one that was taken back
        made["group"] = texts("group").where(~texts("lettered").isin(["0", "0.0", "Non", "False"]), "")
    if "company_name" in at:
        made["payer_name"] = texts("company_name")
    columns = {
        field: position
        for field, position in at.items()
        if field in ("account", "payer", "reference", "due_date", "amount", "group", "level", "last_reminder", "posting_date", "document")
    }
    shown = {field: at[field] for field in ("payer", "document", "due_date", "reference", "sign", "level", "last_reminder") if field in at}
    found = replace(table, columns=shown | {"original_minor": at["amount"]})
    return Book(found, kinds, columns, made, decimal_mark(texts("amount")))


def _days(month: pd.Series, day: pd.Series) -> pd.Series:
    """Day and month stand apart: 2026-03-01 or 01/03/2026, and 17."""
    iso = month.str.extract(r"^(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-")
    printed = month.str.extract(r"^[0-9]{1,2}[/.](?P<m>[0-9]{1,2})[/.](?P<y>[0-9]{4})")
    year, number = iso["y"].fillna(printed["y"]).fillna(""), iso["m"].fillna(printed["m"]).fillna("")
    whole = day.str.removesuffix(".0")
    return (year + "-" + number.str.zfill(2) + "-" + whole.str.zfill(2)).where((year != "") & (whole != ""), "").astype("str")


def _natures(journal: pd.Series, account: pd.Series, opening: pd.Series) -> pd.Series:
    """What a line is by the code of its journal; lines brought forward say so themselves."""
    found: Mapping[str, str] = {OPENING: OPENING_CODE, SALES: SALES_CODE, MONEY: MONEY_CODE}
    tests = [
        account.str.startswith("419"),
        ~opening.isin(["", "0", "0.0"]),
        *(journal.str.contains(f"(?i){code}") for code in (*found.values(), VARIOUS_CODE)),
    ]
    return pd.Series(
        np.select([t.to_numpy(dtype=bool) for t in tests], [ADVANCE, OPENING, *found, MONEY], default=OTHER), index=journal.index, dtype="str"
    )


SAGE100_LEDGER = Profile(name="sage100_ledger", system="Sage 100 F_ECRITUREC", finds=finds, signed=True, postings=postings)
