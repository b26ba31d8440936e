"""ERPNext: the report Accounts Receivable."""

from __future__ import annotations

from workbook.ledgers.profiles.profile import Profile

ERPNEXT = Profile(
    "erpnext",
    "ERPNext",
    marks=(("voucher type|type de piece|belegtyp|belegart|beleg art", "voucher no|voucher number|no de piece|no piece|belegnr|beleg nr",
            "party|customer|partie|partei|tiers|client|kunde",
            "outstanding amount|outstanding|montant en souffrance|montant du|ausstehender betrag|ausstehend"),),
    fields={
        "payer": "party|customer|partie|partei|tiers|client|kunde",
        "payer_name": "customer name|party name|nom du client|kundenname",
        "document": "voucher no|voucher number|no de piece|no piece|belegnr|beleg nr",
        "kind": "voucher type|type de piece|belegtyp|belegart|beleg art",
        "document_date": "posting date|date de comptabilisation|buchungsdatum",
        "due_date": "due date|date d echeance|falligkeitsdatum",
        "open_minor": "outstanding amount|outstanding|montant en souffrance|montant du|ausstehender betrag|ausstehend",
        "original_minor": "invoiced amount|montant facture|rechnungsbetrag|in rechnung gestellter betrag",
        "paid_minor": "paid amount|montant paye|gezahlter betrag|bezahlter betrag",
        "reference": "customer lpo|po no|customer po|bon de commande client|kundenbestellung",
        "currency": "currency|devise|wahrung",
        "terms": "payment terms template|payment terms",
    },
    ignored="invoice grand total|credit note|note de credit|gutschrift|payment term|party type|receivable account|customer contact|"
            "future payment amount",
    kinds={"sales invoice": "invoice", "payment entry": "payment", "journal entry": "other", "facture de vente": "invoice",
           "écriture de paiement": "payment", "ausgangsrechnung": "invoice", "zahlung": "payment", "buchungssatz": "other"},
    signed=True,
)  # fmt: skip
