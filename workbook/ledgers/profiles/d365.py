"""Dynamics 365 Finance & Operations: open transactions, the collections grid and the entities behind them."""

from __future__ import annotations

from workbook.ledgers.profiles.profile import Profile

VOUCHER = "voucher|n document comptable|document justificatif|justificatif|n document|no document|beleg|no de document comptable"
PAYER = "customer account|customer account number|account num|accountnum|compte client|debitorenkonto|customeraccount"
BALANCE = (
    "balance|balance in transaction currency|transaction balance|amount not settled|open amount|solde|solde en devise de transaction|saldo|"
    "amount open|remaining amount"
)

AMOUNT = (
    "amount in transaction currency|amount cur|amountcur|montant en devise de transaction|montant dans la devise de la transaction|"
    "betrag in transaktionswahrung"
)

D365 = Profile(
    "d365",
    "Dynamics 365 Finance",
    marks=((PAYER, VOUCHER, f"{BALANCE}|{AMOUNT}", f"{AMOUNT}|facture|invoice|rechnung"),),
    fields={
        "company": "data area id|dataareaid|company|legal entity|company accounts|entite juridique|juristische person|societe",
        "payer": PAYER,
        "payer_name": "name|customer name|organization name|nom|nom du client|debitorenname",
        "document": "invoice|invoice number|invoice id|facture|numero de facture|rechnung|rechnungsnummer",
        "kind": "transaction type|trans type|type de transaction|transaktionstyp|buchungsart",
        "document_date": "date|transaction date|invoice date|trans date|document date|date de la transaction|datum",
        "due_date": "due date|date d echeance|falligkeitsdatum",
        "currency": "currency|currency code|transaction currency|devise|wahrung",
        "open_minor": f"{BALANCE}|{AMOUNT}",
        "original_minor": f"{AMOUNT}|original amount",
        "level": "collection letter code|collection letter|collection letter sequence|code de lettre de relance|code lettre de relance|"
                 "mahnschreibencode|"
                 "mahnungscode",
        "last_reminder": "collection letter date|date de lettre de relance|mahnschreibendatum",
        "dispute": "status|dispute status|statut|collection status",
        "reference": "payment reference|customer reference|customer requisition|reference|description|document",
        "settled_on": "closed|last settlement date|date de cloture",
    },
    ignored="follow up date|reason|amount|days past due|aging bucket",
    instead={"document": VOUCHER},
    kinds={"sales order": "invoice", "free text invoice": "invoice", "customer": "invoice", "project": "invoice", "commande client": "invoice",
           "payment": "payment", "paiement": "payment", "zahlung": "payment", "interest": "fee", "collection letter": "fee", "fee": "fee",
           "settlement": "other", "exchange adjustment": "other", "general journal": "other"},
    signed=True,
)  # fmt: skip
