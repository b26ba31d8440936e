"""Two flat lists of invoices that are passed around as samples: one as a warehouse draws it from SAP, one with the day each invoice was settled."""

from __future__ import annotations

from workbook.ledgers.profiles.profile import Profile

SAP_FLAT = Profile(
    "sap_flat",
    "SAP (flat list)",
    marks=(("business code", "cust number", "doc id|invoice id", "total open amount"),),
    fields={
        "company": "business code",
        "payer": "cust number",
        "payer_name": "name customer",
        "document": "doc id|invoice id",
        "kind": "document type",
        "document_date": "document create date 1|document create date|posting date",
        "due_date": "due in date",
        "currency": "invoice currency",
        "open_minor": "total open amount",
        "settled_on": "clear date",
        "terms": "cust payment terms",
    },
    ignored="posting id|area business|buisness year|baseline create date",
    kinds={"rv": "invoice", "x2": "other"},
    signed=True,
)

IBM_LIST = Profile(
    "ibm_list",
    "IBM list of invoices",
    marks=(("country code", "customer id", "invoice number", "invoice amount", "settled date"),),
    fields={
        "company": "country code",
        "payer": "customer id",
        "document": "invoice number",
        "document_date": "invoice date",
        "due_date": "due date",
        "open_minor": "invoice amount",
        "settled_on": "settled date",
        "dispute": "disputed",
    },
    ignored="paperless date|days to settle|days late",
)
