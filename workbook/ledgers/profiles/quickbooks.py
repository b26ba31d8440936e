"""QuickBooks Online (A/R Aging Detail, sections by age) and Desktop (Open Invoices, sections by customer); customers are known by name."""

from __future__ import annotations

from workbook.ledgers.profiles.profile import Profile

KINDS = {"invoice": "invoice", "credit memo": "credit", "payment": "payment", "journal entry": "other", "general journal": "other",
         "deposit": "payment",
         "facture": "invoice", "note de crédit": "credit", "avoir": "credit", "paiement": "payment", "statement charge": "invoice",
         "sales receipt": "payment", "refund": "other", "expense": "other", "check": "other", "cheque": "other"}  # fmt: skip

QUICKBOOKS_ONLINE = Profile(
    "quickbooks_online",
    "QuickBooks Online",
    marks=(
        ("date", "transaction type", "num|no|number", "open balance"),
        ("date", "type de transaction|type d operation|type d opération", "num|no|numero", "solde ouvert|solde impaye|solde d ouverture|"
            "solde en souffrance|solde du"),
        ("datum", "transaktionstyp|vorgangstyp|transaktionsart", "nr|nummer|num", "offener saldo|offener betrag"),
    ),
    fields={
        "payer_name": "customer full name|customer|customer name|name|client|nom complet du client|nom du client|kunde|kundenname",
        "document": "num|no|number|numero|nr|nummer",
        "kind": "transaction type|type de transaction|type d operation|transaktionstyp|vorgangstyp|transaktionsart",
        "document_date": "date|datum",
        "due_date": "due date|date d echeance|falligkeitsdatum|echeance",
        "open_minor": "open balance|solde ouvert|solde impaye|solde d ouverture|solde en souffrance|solde du|offener saldo|offener betrag",
        "original_minor": "amount|montant|betrag",
        "terms": "terms|conditions|modalites|bedingungen",
        "reference": "memo description|memo|p o number|po number",
    },
    ignored="location|class|department|past due|emplacement|classe",
    company_amounts="open balance|solde ouvert|solde impaye|solde d ouverture|solde en souffrance|solde du|offener saldo|offener betrag|amount|"
                    "montant|betrag",
    kinds=KINDS,
    sections="bucket",
    local=True,
    signed=True,
    empty_is_zero=True,
    numberless=True,
)  # fmt: skip

QUICKBOOKS_DESKTOP = Profile(
    "quickbooks_desktop",
    "QuickBooks Desktop",
    marks=(
        ("type", "date", "num", "open balance", "due date|aging|terms"),
        ("type", "date", "num|no", "solde ouvert|solde impaye", "echeance|date d echeance|conditions"),
    ),
    fields={
        "payer_name": "name|customer|nom|client",
        "document": "num|no",
        "kind": "type",
        "document_date": "date",
        "due_date": "due date|date d echeance|echeance",
        "open_minor": "open balance|solde ouvert|solde impaye",
        "original_minor": "amount|montant",
        "reference": "p o|p o number|po no|memo",
        "terms": "terms|conditions",
    },
    ignored="class|aging|age",
    kinds=KINDS,
    sections="payer",
    local=True,
    signed=True,
    empty_is_zero=True,
    numberless=True,
)  # fmt: skip
