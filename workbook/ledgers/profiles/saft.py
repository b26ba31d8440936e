"""SAF-T, the standard audit file: open items of the customers, from postings (Norway and others) or from invoices and receipts (Portugal).

Postings name no document that they settle: the oldest is paid off first, and we say so. Invoices and receipts name it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd

from rules.findings import Finding
from rules.model import DueSource, Severity
from rules.money import to_minor
from rules.written import Amount
from workbook.ledgers.answers import Asked
from workbook.ledgers.containers.saft import CLOSING as CLOSING_BALANCE
from workbook.ledgers.containers.saft import CUSTOMER, INVOICE, POSTING, RECEIPT
from workbook.ledgers.containers.saft import OPENING as OPENING_BALANCE
from workbook.ledgers.grid import Grid
from workbook.ledgers.posted import Book, Posted, posted
from workbook.ledgers.postings import LATER, MONEY, OPENING, SALES
from workbook.ledgers.profiles.profile import Profile
from workbook.ledgers.table import Table
from workbook.ledgers.years import by_year

PAID_AT_ISSUE, CREDIT_NOTE, CANCELLED = "FR", "NC", "A"
CREDIT_WORDS = r"(?i)kredit ?t?nota|credit (?:note|memo)|gutschrift|nota de cr[eé]dito"
NUMBER = r"^-?[0-9]+(?:\.[0-9]+)?$"
FIELDS = {
    "payer": "CustomerID", "payer_name": "CustomerName", "account": "AccountID", "company": "Company", "document": "DocumentNo",
    "posting_date": "Date",
    "reference": "Description", "amount": "Amount", "currency": "CurrencyCode",
}  # fmt: skip
ADDRESS = {"address": "Address", "postal_code": "PostalCode", "city": "City", "country": "Country", "email": "Email", "phone": "Phone"}


def finds(grid: Grid) -> int | None:
    """The headings that the container gives."""
    return 0 if grid.container == "saft" else None


def postings(tables: Sequence[Table], asked: Asked) -> Posted:
    """The open items of the customers."""
    issued = pd.concat([_issued(table) for table in tables])
    books = by_year([_book(table, issued) for table in tables])
    bare = all(book.made["group"].eq("").all() for book in books)
    made = posted(books, asked, lettered=False, unlettered=False, oldest_first=asked.answers.allocation == "" and bare)
    return replace(made, findings=[*made.findings, *_closing(books[-1].table, made)])


def _issued(table: Table) -> pd.Series:
    """The numbers of the invoices, credit and debit notes of a file."""
    at = {heading: position for position, heading in enumerate(table.headings)}
    return table.grid.cells.loc[table.grid.cells[at["Record"]] == INVOICE, at["DocumentNo"]]


def _book(table: Table, issued: pd.Series) -> Book:
    cells = table.grid.cells
    at = {heading: position for position, heading in enumerate(table.headings)}
    record, kind, status = cells[at["Record"]], cells[at["DocumentType"]], cells[at["Status"]]
    documents = bool(len(issued))
    used = record.isin([INVOICE, RECEIPT] if documents else [POSTING, OPENING_BALANCE])
    paid = used & ((status == CANCELLED) | (kind == PAID_AT_ISSUE))
    settles = cells[at["Settles"]]
    absent = used & ~paid & (settles != "") & ~settles.isin(issued)
    kinds = pd.Series("elsewhere", index=cells.index, dtype="str").mask(used & ~paid & ~absent, "")
    kinds.iloc[table.header] = "header"
    rows = kinds.index[kinds == ""]
    mine = cells.loc[rows]
    opening = record[rows] == OPENING_BALANCE
    number, day = mine[at["DocumentNo"]], mine[at["Date"]]
    first = min((d for d in day if d), default="")
    note = (kind[rows] == CREDIT_NOTE) | mine[at["Description"]].str.contains(CREDIT_WORDS)
    debit = ~mine[at["Amount"]].str.startswith("-")
    made = {
        "document": number.where(~opening, "opening").where(opening | (number != ""), day), "posting_date": day.where(day != "", first),
        "group": settles[rows].where(settles[rows] != "", number.where(record[rows] == INVOICE, "")),
        "side": pd.Series(np.where((kind[rows] == CREDIT_NOTE) & debit, -1, 1), index=rows),
        "nature": pd.Series(np.select([opening, note | (record[rows] == INVOICE)], [OPENING, SALES], default=MONEY), index=rows, dtype="str"),
    }  # fmt: skip
    about = cells[record == CUSTOMER].drop_duplicates(at["CustomerID"], keep="last").set_index(at["CustomerID"])
    for field, heading in (*ADDRESS.items(), ("payer_name", "CustomerName"), ("days", "TermsDays"), ("free", "FreeMonth")):
        made[field] = about[at[heading]].reindex(mine[at["CustomerID"]]).fillna("").set_axis(rows).astype("str")
    due, source = mine[at["DueDate"]], DueSource.EXPORT
    if not (due != "").any():
        due, source = _due(made["posting_date"], made["days"], made["free"]), DueSource.TERMS
    made["due_date"] = due.where(~opening & debit, "")
    columns = {field: at[heading] for field, heading in FIELDS.items() if field not in made}
    findings = [
        Finding(code, Severity.NOTE, place=table.grid.file, values={"count": int(some.sum())})
        for code, some in (("export_postings_cancelled", paid), ("export_postings_absent", absent)) if some.any()
    ]  # fmt: skip
    shown = {
        "payer": at["CustomerID"],
        "payer_name": at["CustomerName"],
        "document": at["DocumentNo"],
        "document_date": at["Date"],
        "original_minor": at["Amount"],
    }
    return Book(replace(table, columns=shown), kinds, columns, made, ".", order="ymd", due_source=source, findings=findings)


def _due(day: pd.Series, days: pd.Series, free: pd.Series) -> pd.Series:
    """Due dates by the terms that the file states of the customer: days, counted from the end of the month where the month is free."""
    known = days.str.contains(r"^[0-9]{1,3}$") & day.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}")
    base = pd.to_datetime(day.where(known, "2000-01-01").str[:10], format="%Y-%m-%d", errors="coerce")
    ends = base + pd.offsets.MonthEnd(0)
    due = base.where(~free.str.casefold().isin(["true", "1"]), ends) + pd.to_timedelta(pd.to_numeric(days.where(known, "0")), unit="D")
    return due.dt.strftime("%Y-%m-%d").where(known & due.notna(), "").astype("str")


def _closing(table: Table, made: Posted) -> list[Finding]:
    """Whether the closing balances that the file states are the sums of its postings; silent when it holds postings of later days."""
    at = {heading: position for position, heading in enumerate(table.headings)}
    cells = table.grid.cells
    stated = cells[(cells[at["Record"]] == CLOSING_BALANCE) & cells[at["Amount"]].str.contains(NUMBER)]
    if not len(stated) or (cells[at["Record"]] == INVOICE).any() or (made.judgement["kind"] == LATER).any() or not len(made.lines):
        return []
    currency = str(made.lines["currency"].iloc[0])
    own = made.lines["source"].str.startswith(table.grid.origin)
    mine = made.lines[made.lines["company"].isin(made.lines.loc[own, "company"].unique())]
    minor = pd.Series([to_minor(Decimal(amount), currency) for amount in stated[at["Amount"]]], index=stated.index)
    expected = minor.groupby(stated[at["CustomerID"]], sort=False).sum()
    sums = mine.groupby("payer")["open_minor"].sum().reindex(expected.index, fill_value=0)
    wrong = expected.index[sums != expected]
    if not len(wrong):
        return []
    first = wrong[0]
    values = {
        "count": len(wrong), "payer": str(first), "stated": Amount(int(expected[first]), currency), "sum": Amount(int(sums[first]), currency),
    }  # fmt: skip
    return [Finding("export_postings_closing", Severity.WARNING, place=table.grid.file, values=values)]


SAFT = Profile(name="saft", system="SAF-T", finds=finds, signed=True, undated=True, postings=postings)
