"""Sage 50: Aged Debtors Analysis (Detailed); each customer has a line of labels above its lines, there is no due date."""

from __future__ import annotations

from workbook.ledgers.profiles.profile import Profile

SAGE50 = Profile(
    "sage50",
    "Sage 50",
    marks=(("no|tran no|transaction no", "type|tp", "date", "ref|reference", "details|description", "balance|outstanding"),),
    fields={
        "payer": "a c|a c ref|account|account ref|account reference",
        "payer_name": "name|customer name|account name",
        "document": "ref|reference|invoice no",
        "kind": "type|tp",
        "document_date": "date",
        "due_date": "due date|due|date due",
        "open_minor": "balance|outstanding",
        "original_minor": "amount|gross amount|net amount",
        "reference": "details|description",
    },
    ignored="future|current|older|period 1|period 2|period 3|no|tran no|transaction no|days",
    instead={"document": "no"},
    kinds={"si": "invoice", "sc": "credit", "sr": "payment", "sa": "payment", "sd": "credit", "sp": "other", "jd": "other", "jc": "other"},
    sections="payer",
    undated=True,
    local=True,
)
