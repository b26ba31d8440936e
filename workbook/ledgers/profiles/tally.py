"""Tally: Bills Receivable, its headings over one row or two."""

from __future__ import annotations

from workbook.ledgers.profiles.profile import Profile

TALLY = Profile(
    "tally",
    "Tally",
    marks=(("ref no", "pending amount|pending", "due on", "date"),),
    fields={
        "payer_name": "party s name|party name|partys name|party",
        "document": "ref no",
        "document_date": "date",
        "due_date": "due on",
        "open_minor": "pending amount|pending",
        "original_minor": "opening amount|opening|bill amount",
    },
    ignored="overdue by days|overdue",
    sections="payer",
    local=True,
)
