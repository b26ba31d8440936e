"""Xero: Aged Receivables Detail; contacts in rows of their own, credit notes and overpayments without number."""

from __future__ import annotations

from workbook.ledgers.profiles.profile import Profile

XERO = Profile(
    "xero",
    "Xero",
    marks=(
        ("invoice number|number", "invoice date|date", "due date", "total|outstanding|outstanding total", "older|1 month|2 months|current"),
        ("invoice number", "invoice reference", "total|outstanding"),
    ),
    fields={
        "payer": "contact account number|account number",
        "payer_name": "contact|contact name",
        "document": "invoice number|number",
        "kind": "source|type|transaction type",
        "document_date": "invoice date|date",
        "due_date": "due date",
        "open_minor": "total|outstanding|outstanding total|balance due",
        "original_minor": "invoice total|gross",
        "reference": "invoice reference|reference",
        "currency": "currency|currency code",
        "phone": "phone",
        "email": "email",
        "contact": "primary person",
    },
    ignored="expected date|mobile|contact group|outstanding tax|older|current",
    kinds={"receivable invoice": "invoice", "receivable credit note": "credit", "receivable overpayment": "payment",
           "receivable prepayment": "payment",
           "credit note": "credit", "overpayment": "payment"},
    sections="payer",
    local=True,
    signed=True,
    numberless=True,
    documents_only=True,
)  # fmt: skip
