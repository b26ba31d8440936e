"""Business Central and NAV: Customer Ledger Entries in English, French and German; aged receivables of its Excel reports."""

from __future__ import annotations

from workbook.ledgers.profiles.profile import Profile

DOCUMENT = "document no|no document|n document|no de document|belegnr|belegnummer"
PAYER = "customer no|customer number|no client|n client|no du client|debitorennr|debitornr|debitorennummer|debitorenr"
OPEN = (
    "remaining amount|montant ouvert|montant restant|restbetrag|restbetrag mw|remaining amt lcy|remaining amount lcy|montant ouvert ds|"
    "montant restant ds"
)

BUSINESS_CENTRAL = Profile(
    "business_central",
    "Business Central",
    marks=((DOCUMENT, PAYER, OPEN),),
    fields={
        "payer": PAYER,
        "payer_name": "customer name|nom du client|nom client|debitorenname|debitorname",
        "document": DOCUMENT,
        "kind": "document type|type document|type de document|belegart",
        "document_date": "document date|date document|date du document|belegdatum|posting date|date comptabilisation|date de comptabilisation|"
                         "buchungsdatum",
        "due_date": "due date|date d echeance|date echeance|falligkeitsdatum|fallig am",
        "currency": "currency code|code devise|wahrungscode",
        "open_minor": OPEN,
        "original_minor": "original amount|montant initial|montant d origine|ursprungsbetrag|urspr betrag|amount|montant|betrag|original amt lcy",
        "is_open": "open|ouvert|offen",
        "level": "last issued reminder level|niveau derniere relance emise|dernier niveau de relance emis|niveau derniere relance|letzte mahnstufe|"
                 "letzte registr mahnstufe|zuletzt registr mahnstufe",
        "block": "on hold|en attente|suspendu|abwarten",
        "dispute": "dispute status|statut litige|statut du litige|reklamationsstatus|streitstatus",
        "reference": "external document no|no doc externe|n doc externe|no document externe|externe belegnummer|externe belegnr|your reference|"
                     "votre reference|ihre referenz",
    },
    ignored="description|designation|beschreibung|entry no|no sequence|n sequence|lfd nr|reversed|contrepasse|storniert|debit amount|credit amount|"
            "montant debit|montant credit|sollbetrag|habenbetrag",
    kinds={"finance charge memo": "fee", "reminder": "fee", "intérêts": "fee", "relance": "fee", "zinsrechnung": "fee", "mahnung": "fee",
           "refund": "other", "remboursement": "other", "erstattung": "other"},
    settled={"reversed|contrepasse|storniert": "yes|oui|ja|true|vrai|wahr"},
    local=True,
    signed=True,
)  # fmt: skip
