"""Odoo: the list of invoices, journal items with their residual, and the open items and aged balances of the OCA reports; en, fr, de."""

from __future__ import annotations

from workbook.ledgers.grid import Grid
from workbook.ledgers.profiles.columns import added, under
from workbook.ledgers.profiles.profile import Profile

PARTNER = "invoice partner display name|partner|partenaire|partner id|customer|client|kunde|partner display name|partner name|nom du partenaire"
SIGNED = (
    "amount due signed|montant du signe|amount residual signed|falliger betrag mit vorzeichen|offener betrag mit vorzeichen|fallig mit vorzeichen"
)
PAID = "paid|in payment|in_payment|reversed|payé|payée|en paiement|en cours de paiement|extourné|extournée|bezahlt|in zahlung|storniert"
STATE = "payment status|payment state|etat du paiement|etat de paiement|statut du paiement|statut de paiement|zahlungsstatus"
RESIDUAL = "amount residual|residual amount|montant residuel|restbetrag|residual|residuel"
FOREIGN = (
    "amount residual currency|residual amount in currency|montant residuel en devise|montant residuel en devises|restbetrag in wahrung|"
    "cur residual|residuel dev|"
    "residuel en devise|whrg restbetrag|restbetrag whrg"
)
CURRENCY = "currency|devise|wahrung|currency id|cur|dev|whrg"

ODOO_INVOICES = Profile(
    "odoo_invoices",
    "Odoo",
    marks=(
        (PARTNER, SIGNED, "number|numero|nummer|name"),
        (PARTNER, STATE, "amount due|montant du|falliger betrag|offener betrag|amount residual", "number|numero|nummer|name"),
    ),
    fields={
        "payer": "partner reference|partenaire reference|partner ref|reference partenaire|partner id ref|partner referenz",
        "payer_name": PARTNER,
        "document": "number|numero|nummer|name|invoice number",
        "document_date": "invoice bill date|invoice date|date de facturation|date de facture|rechnungsdatum|date|datum",
        "due_date": "due date|date d echeance|invoice date due|falligkeitsdatum|falligkeit",
        "open_minor": f"{SIGNED}|amount due|montant du|amount residual|falliger betrag|offener betrag",
        "original_minor": "total signed|total signe|amount total signed|gesamt mit vorzeichen|gesamtbetrag mit vorzeichen|total|amount total|"
                          "total ttc signe",
        "currency": f"{CURRENCY}|invoice currency",
        "kind": "type|move type|type de piece|type de mouvement",
        "reference": "reference|ref|payment reference|source document|origine|referenz|reference de paiement",
        "terms": "payment terms|conditions de paiement|invoice payment term id|zahlungsbedingungen",
        "level": "compteur des relances client|customer reminder counter|reminder counter|overdue reminder counter",
        "last_reminder": "derniere relance|last reminder|overdue reminder last date|date de derniere relance|letzte mahnung",
        "dispute": "facture en litige|disputed|in dispute",
        "block": "desactiver les relances|disable reminders|no overdue reminder",
    },
    ignored="activity|activite|journal|company|societe|tax excluded signed|untaxed amount signed|montant hors taxe signe",
    kinds={"out_invoice": "invoice", "out_refund": "credit", "out_receipt": "invoice", "customer invoice": "invoice",
           "customer credit note": "credit",
           "facture client": "invoice", "avoir client": "credit", "kundenrechnung": "invoice", "kundengutschrift": "credit"},
    settled={STATE: PAID, "status|state|statut|etat": "draft|cancel|cancelled|brouillon|annulé|annulée|entwurf|abgebrochen|storniert"},
    documents_only=True,
)  # fmt: skip


def residual(grid: Grid, header: int) -> Grid:
    """One column of what is open: in foreign currency where the line has one, else in the company's."""
    own, foreign, currency = under(grid, header, RESIDUAL), under(grid, header, FOREIGN), under(grid, header, CURRENCY)
    if own is None or foreign is None or currency is None:
        return grid
    abroad = (currency != "") & (foreign != "")
    return added(grid, header, {"dunning open": foreign.where(abroad, own), "dunning currency": currency.where(abroad, "")})


ODOO_MOVE_LINES = Profile(
    "odoo_move_lines",
    "Odoo",
    marks=((PARTNER, f"{RESIDUAL}|{FOREIGN}", "date maturity|due date|date d echeance|falligkeitsdatum", "debit|soll", "credit|haben"),
           (PARTNER, f"{RESIDUAL}|{FOREIGN}", "date maturity|due date|date d echeance|falligkeitsdatum",
            "move name|journal entry|piece comptable|ecriture comptable|move id|buchungssatz", "account|account id|compte|konto|reconciled|lettre")),
    fields={
        "payer": "partner reference|partner id ref|partenaire reference|partner ref",
        "payer_name": PARTNER,
        "document": "move name|number|numero|journal entry|piece comptable|ecriture comptable|move id|buchungssatz|name|nummer",
        "document_date": "invoice date|date de facturation|date|datum",
        "due_date": "date maturity|due date|date d echeance|falligkeitsdatum",
        "open_minor": f"dunning open|{RESIDUAL}",
        "original_minor": "balance|solde",
        "currency": "dunning currency",
        "kind": "move type|type",
        "reference": "ref|reference|label|libelle|referenz",
    },
    ignored=f"{FOREIGN}|{CURRENCY}|account|account id|compte|konto|journal|amount currency|montant en devise|full reconcile id|matching number",
    kinds={"out_invoice": "invoice", "out_refund": "credit", "entry": "other"},
    settled={"reconciled|lettre|rapproche|full reconcile id": "true|1|vrai|wahr|yes|oui",
             "status|state|statut|etat": "draft|cancel|cancelled|brouillon|annulé|annulée|entwurf"},
    local=True,
    signed=True,
    prepared=residual,
)  # fmt: skip

ODOO_OPEN_ITEMS = Profile(
    "odoo_open_items",
    "Odoo (OCA)",
    marks=(
        ("entry|move", "residual", "due date", "partner", "journal"),
        ("piece|ecriture", "residuel|montant residuel", "date d echeance|echeance", "partenaire", "journal"),
        ("buchung|buchungssatz", "restbetrag|rest", "falligkeit|fallig|falligkeitsdatum", "partner", "journal"),
    ),
    fields={
        "payer_name": "partner|partenaire",
        "document": "entry|piece|ecriture|buchung|buchungssatz|move",
        "document_date": "date|datum",
        "due_date": "due date|date d echeance|echeance|falligkeit|fallig|falligkeitsdatum",
        "open_minor": "dunning open|residual|residuel|montant residuel|restbetrag|rest",
        "original_minor": "dunning original|original|ursprunglich|montant initial",
        "currency": "dunning currency",
        "reference": "ref label|ref libelle|ref titel|ref bezeichnung|reference",
    },
    ignored=f"{FOREIGN}|{CURRENCY}|account|compte|konto|journal|cur original|dev originale|whrg ursprunglich",
    sections="payer",
    local=True,
    signed=True,
    prepared=residual,
)  # fmt: skip
