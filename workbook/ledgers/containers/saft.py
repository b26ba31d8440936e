"""Standard audit files (SAF-T): customers, their postings, invoices and receipts as one table of text, read as a stream.

Elements are known by their local names, so that every version and country of the format reads alike. A document type or an entity is refused before
the parser sees it; what is not about a customer is dropped as it passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
from lxml import etree

from rules.errors import LedgerError
from rules.findings import Finding
from rules.model import Severity
from workbook.guard import Caps
from workbook.ledgers.grid import Grid, trimmed

COLUMNS = (
    "Record", "Company", "CustomerID", "CustomerName", "AccountID", "JournalID", "JournalType", "DocumentNo", "DocumentType", "Status", "Date",
    "DueDate", "Settles", "Description", "Amount", "CurrencyCode", "Address", "PostalCode", "City", "Country", "Email", "Phone", "TermsDays",
    "FreeMonth",
)  # fmt: skip
CUSTOMER, OPENING, CLOSING, POSTING, INVOICE, RECEIPT = "customer", "opening", "closing", "posting", "invoice", "receipt"
ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
PIECE = 1 << 20
Values = dict[str, str]


def is_audit_file(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a SAF-T."""
    return re.search(rb"<(?:\w+:)?AuditFile[\s>]", head.replace(b"\0", b"")) is not None


def grids(path: Path, caps: Caps) -> list[Grid]:
    """One grid: a heading record of `COLUMNS`, then a record for each customer, balance, posting, invoice and receipt line, numbered by XML line.

    Raises LedgerError for a file that is too large, damaged, or declares entities.
    """
    _guarded(path, caps)
    rows: list[list[str]] = []
    lines: list[int] = []
    places = len(COLUMNS)
    try:
        with path.open("rb") as stream:
            for record in _records(stream):
                rows += [[values.get(name, "") for name in COLUMNS] for _, values in record]
                lines += [line for line, _ in record]
                if len(rows) * places > caps.cells:
                    raise LedgerError(f"{path.name} has more than {caps.cells:,} values about customers. Export a shorter period.")
    except etree.XMLSyntaxError as damaged:
        raise LedgerError(f"{path.name} is a damaged or incomplete audit file ({damaged.msg}). Export it again; nothing was changed.") from damaged
    if not rows:
        raise LedgerError(f"{path.name} is an audit file without customers. Export it with customers and their postings or invoices.")
    cells = pd.DataFrame([COLUMNS, *rows], columns=range(places), dtype="str")
    cells, found = _clean(trimmed(cells))
    findings = [Finding("export_controls", Severity.WARNING, place=path.name, values={"count": found})] if found else []
    return [Grid(path, "saft", cells, np.full(len(cells), places), np.array([1, *lines]), encoding="xml", findings=findings)]


def _guarded(path: Path, caps: Caps) -> None:
    """Refuse a file that is too large or declares what it may not, whatever its encoding."""
    if (size := path.stat().st_size) > caps.file:
        raise LedgerError(f"{path.name} has {size:,} bytes; at most {caps.file:,} are read. Export a shorter period.")
    kept = b""
    with path.open("rb") as stream:
        while piece := stream.read(PIECE):
            text = kept + piece.replace(b"\0", b"")
            if ENTITIES.search(text):
                raise LedgerError(f"{path.name} declares entities or a document type, as attacks do and audit files do not. It is refused.")
            kept = text[-16:]


def _records(stream: BinaryIO) -> Iterator[list[tuple[int, Values]]]:
    """What each customer, transaction, invoice and receipt of the file says; each is forgotten once it was read."""
    known: Values = {}  # what was said before: currency, journal, account of a customer
    inside = ""
    for event, element in etree.iterparse(
        stream, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    ):
        name = _local(element)
        if event == "start":
            inside = inside or (name if name in READERS else "")
        elif inside == name:
            yield READERS[name](element, known)
            inside = ""
            _forget(element)
        elif not inside:
            if name in ("JournalID", "Type") and _local(element.getparent()) == "Journal":
                known[name] = _text(element)
            elif name == "Journal":
                known |= {"JournalID": "", "Type": ""}
            _forget(element)


def _forget(element: etree._Element) -> None:
    """Give back the memory of an element and of those before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


# ---------------------------------------------------------------------------------------------------------------- one element each


def _header(element: etree._Element, known: Values) -> list[tuple[int, Values]]:
    """Nothing to list: company and currency are kept for what follows."""
    known["company"] = _first(element, "RegistrationNumber", "TaxRegistrationNumber", "CompanyID")
    known["currency"] = _first(element, "DefaultCurrencyCode", "CurrencyCode")
    year, month = _first(element, "PeriodStartYear"), _first(element, "PeriodStart")
    known["start"] = _first(element, "SelectionStartDate", "StartDate") or (f"{year}-{month.zfill(2)}-01" if year and month else "")
    return []


def _whole(known: Values) -> Values:
    """What holds for the whole file."""
    return {"CurrencyCode": known.get("currency", ""), "Company": known.get("company", "")}


def _customer(element: etree._Element, known: Values) -> list[tuple[int, Values]]:
    """The customer with the first address, then opening and closing balance of each account (Norway 1.30 has several)."""
    accounts = [element, *(child for child in _children(element) if _local(child) == "BalanceAccount")]
    address = next((child for child in _children(element) if _local(child) in ("Address", "BillingAddress")), None)
    contact = _within(element, "Contact")
    terms = _within(element, "PaymentTerms")
    of = {
        "CustomerID": _first(element, "CustomerID"),
        "CustomerName": _own(element, "Name") or _own(element, "CompanyName"),
        "AccountID": next((account for holder in accounts if (account := _own(holder, "AccountID"))), ""),
        **_whole(known),
    }
    said = {"Record": CUSTOMER, **of}
    if address is not None:
        street = " ".join(p for p in (_own(address, "StreetName"), _own(address, "Number")) if p)
        said |= {
            "Address": street or _own(address, "AddressDetail"),
            "PostalCode": _own(address, "PostalCode"),
            "City": _own(address, "City"),
            "Country": _own(address, "Country"),
        }
    for of_whom in (element, contact):
        if of_whom is not None:
            said["Email"] = said.get("Email") or _own(of_whom, "Email")
            said["Phone"] = said.get("Phone") or _own(of_whom, "Telephone")
    if terms is not None:
        said |= {"TermsDays": _own(terms, "Days"), "FreeMonth": _own(terms, "FreeBillingMonth")}
    known["account of " + of["CustomerID"]] = of["AccountID"]
    line = element.sourceline or 0
    balances = [
        (line, {**of, "AccountID": _own(holder, "AccountID"), "Record": record, "Amount": amount, "Date": known.get("start", "")})
        for holder in accounts for record, when in ((OPENING, "Opening"), (CLOSING, "Closing")) if (amount := _balance(holder, when))
    ]  # fmt: skip
    return [(line, said), *balances]


def _transaction(element: etree._Element, known: Values) -> list[tuple[int, Values]]:
    """The lines of a transaction that name a customer."""
    made: list[tuple[int, Values]] = []
    day, text = _own(element, "TransactionDate"), _own(element, "Description")
    whole = _own(element, "CustomerID")  # Portugal names the customer of the transaction, not of the line
    for line in element.iter("{*}Line", "{*}DebitLine", "{*}CreditLine"):
        customer, account = _own(line, "CustomerID") or whole, _own(line, "AccountID")
        if not customer or (customer == whole and account != known.get("account of " + customer)):
            continue  # a line of a customer's transaction on another account: the sale, the tax
        debit, credit = _amount(line, "DebitAmount"), _amount(line, "CreditAmount")
        made.append(
            (
                line.sourceline or 0,
                {
                    "Record": POSTING,
                    "CustomerID": customer,
                    "AccountID": account,
                    "JournalID": known.get("JournalID", ""),
                    "JournalType": known.get("Type", ""),
                    "DocumentNo": _own(line, "ReferenceNumber") or _own(line, "SourceDocumentID") or _own(element, "TransactionID"),
                    "Date": day or _own(line, "ValueDate"),
                    "DueDate": _own(line, "DueDate"),
                    "Description": _own(line, "Description") or text,
                    "Amount": debit or _negative(credit),
                    **_whole(known),
                },
            )
        )
    return made


def _invoice(element: etree._Element, known: Values) -> list[tuple[int, Values]]:
    """An invoice, credit or debit note with its total; `Settles`: the document it refers to, when it is one."""
    references = {_text(r) for r in element.iter("{*}Reference") if _text(r)}
    return [
        (
            element.sourceline or 0,
            {
                "Record": INVOICE,
                "CustomerID": _own(element, "CustomerID"),
                "DocumentNo": _own(element, "InvoiceNo"),
                "DocumentType": _own(element, "InvoiceType"),
                "Status": _first(element, "InvoiceStatus"),
                "Date": _own(element, "InvoiceDate"),
                "DueDate": _first(element, "DueDate", "PaymentDueDate"),
                "Settles": next(iter(references)) if len(references) == 1 else "",
                "Amount": _first(element, "GrossTotal"),
                **_whole(known),
            },
        )
    ]


def _payment(element: etree._Element, known: Values) -> list[tuple[int, Values]]:
    """Each document that a receipt settles; one record without such when it names none."""
    of = {
        "Record": RECEIPT,
        "CustomerID": _own(element, "CustomerID"),
        "DocumentNo": _own(element, "PaymentRefNo"),
        "DocumentType": _own(element, "PaymentType"),
        "Status": _first(element, "PaymentStatus"),
        "Date": _own(element, "TransactionDate"),
        **_whole(known),
    }
    made: list[tuple[int, Values]] = []
    for line in element.iter("{*}Line"):
        amount = _negative(_amount(line, "CreditAmount")) or _amount(line, "DebitAmount")
        documents = [_text(d) for d in line.iter("{*}OriginatingON")]
        made.append((line.sourceline or 0, {**of, "Settles": documents[0] if len(documents) == 1 else "", "Amount": amount}))
    return made or [(element.sourceline or 0, {**of, "Amount": _negative(_first(element, "GrossTotal"))})]


READERS = {"Header": _header, "Customer": _customer, "Transaction": _transaction, "Invoice": _invoice, "Payment": _payment}

# ---------------------------------------------------------------------------------------------------------------- elements


def _local(element: etree._Element | None) -> str:
    return "" if element is None or not isinstance(element.tag, str) else element.tag.rpartition("}")[2]


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()


def _children(element: etree._Element) -> list[etree._Element]:
    return [child for child in element if isinstance(child.tag, str)]


def _own(element: etree._Element, name: str) -> str:
    """The text of the child of that name."""
    return next((_text(child) for child in element if _local(child) == name), "")


def _first(element: etree._Element, *names: str) -> str:
    """The first text below an element under the first of the names that has one."""
    return next((text for name in names for found in element.iter("{*}" + name) if (text := _text(found))), "")


def _within(element: etree._Element, name: str) -> etree._Element | None:
    return next(element.iter("{*}" + name), None)


def _amount(line: etree._Element, name: str) -> str:
    """The amount of a side: in an element of its own, or in its `Amount`."""
    side = next((child for child in line if _local(child) == name), None)
    return "" if side is None else _own(side, "Amount") or _text(side)


def _balance(element: etree._Element, when: str) -> str:
    return _own(element, f"{when}DebitBalance") or _negative(_own(element, f"{when}CreditBalance"))


def _negative(amount: str) -> str:
    return "" if not amount else amount[1:] if amount.startswith("-") else f"-{amount}"


def _clean(cells: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Texts on one line; how many held control characters (XML allows few)."""
    found = 0
    for column in cells:
        odd = cells[column].str.contains(r"[\x7f-\x9f]")
        found += int(odd.sum())
        cells[column] = cells[column].str.replace(r"[\x7f-\x9f]", "", regex=True).str.replace(r"\s+", " ", regex=True)
    return cells, found
