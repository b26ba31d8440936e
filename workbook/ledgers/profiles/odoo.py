"""Odoo: the list of invoices, journal items with their residual, and the open items and aged balances of the OCA reports; en, fr, de."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from rules.errors import LedgerError
from workbook.ledgers.grid import Grid
from workbook.ledgers.headings import normal
from workbook.ledgers.profiles.columns import added, under
from workbook.ledgers.profiles.profile import Profile
from workbook.ledgers.words import TOTALS

DEPTH, LEAST_BUCKETS = 20, 3
PARTNER = (
    "invoice partner display name|partner|partenaire|partner id|customer|client|kunde|"
    "partner display name|partner name|nom du partenaire|nom d affichage du partenaire de la facture|nom d affichage du partenaire|"
    "anzeigename des rechnungspartners|rechnungspartner|anzeigename des partners"
)
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
DUE = "amount due|montant du|amount residual|falliger betrag|offener betrag"
TOTAL = "total|amount total|total in currency|total en devise|gesamt|gesamtbetrag"
TOTAL_SIGNED = "total signed|total signe|amount total signed|gesamt mit vorzeichen|gesamtbetrag mit vorzeichen|total ttc signe|total signe ttc"
KIND = "type|move type|type de piece|type de mouvement"
NUMBER = "number|numero|nummer|name|invoice number"
NEGATIVE = r"^\s*[(\-−]|-\s*$"
BALANCE = "balance|solde|original|ursprunglich|montant initial"
FOREIGN_BALANCE = "amount currency|amount in currency|montant en devise|betrag in wahrung|cur original|dev originale|whrg ursprunglich"


def documents(grid: Grid, header: int) -> Grid:
    """Amounts in the currency of the document, with the sign that only the columns in the company's currency carry.

    Where neither these nor a type of document tell, the credit notes of a list are numbered with R before the journal of its invoices.
    """
    due, signed, kind, number = (under(grid, header, names) for names in (DUE, SIGNED, KIND, NUMBER))
    if due is None:
        return grid
    if signed is not None:
        total = under(grid, header, TOTAL)
        made = {"dunning open": due} | ({} if total is None else {"dunning original": total})
        minus = signed.str.contains(NEGATIVE)
        return added(
            grid, header, {name: texts.where(~minus | texts.str.contains(NEGATIVE) | (texts == ""), "-" + texts) for name, texts in made.items()}
        )
    if kind is None and number is not None:
        journal = number.str.extract("^([A-Z]+)")[0]
        back = journal.str.startswith("R", na=False) & journal.str[1:].isin(journal.dropna())
        return added(grid, header, {"dunning kind": pd.Series("", index=number.index).mask(back, "out_refund")}) if back.any() else grid
    return grid


ODOO_INVOICES = Profile(
    "odoo_invoices",
    "Odoo",
    marks=(
        (PARTNER, SIGNED, "number|numero|nummer|name"),
        (PARTNER, STATE, DUE, "number|numero|nummer|name"),
        (STATE, f"{DUE}|{SIGNED}", "number|numero|nummer|name", "invoice bill date|date de facturation|rechnungsdatum|invoice date"),
    ),
    fields={
        "payer": "partner reference|partenaire reference|partner ref|reference partenaire|partner id ref|partner referenz",
        "payer_name": PARTNER,
        "document": NUMBER,
        "document_date": "invoice bill date|invoice date|date de facturation|date de facture|rechnungsdatum|date|datum",
        "due_date": "due date|date d echeance|invoice date due|falligkeitsdatum|falligkeit",
        "open_minor": f"dunning open|{DUE}|{SIGNED}",
        "original_minor": f"dunning original|total in currency signed|total en devise signe|{TOTAL}|{TOTAL_SIGNED}",
        "currency": f"{CURRENCY}|invoice currency",
        "kind": f"dunning kind|{KIND}",
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
    prepared=documents,
)  # fmt: skip


def residual(grid: Grid, header: int) -> Grid:
    """What is open and what was at first: in foreign currency where a line has one, else in the company's."""
    own, foreign, currency = under(grid, header, RESIDUAL), under(grid, header, FOREIGN), under(grid, header, CURRENCY)
    if own is None or foreign is None or currency is None:
        return grid
    abroad = (currency != "") & (foreign != "")
    if not abroad.iloc[header + 1 :].any():
        return grid
    opened = foreign.where(abroad, own)
    made = {"dunning open": opened, "dunning currency": currency.where(abroad, "")}
    if (balance := _balance(grid, header)) is not None:
        whole = under(grid, header, FOREIGN_BALANCE)
        made["dunning original"] = balance.where(~abroad, opened if whole is None else whole.where(whole != "", opened))
    return added(grid, header, made)


def _balance(grid: Grid, header: int) -> pd.Series | None:
    """What a line was at first, in the company's currency: its own column, else debit or credit."""
    balance, debit, credit = (under(grid, header, names) for names in (BALANCE, "debit|soll", "credit|haben"))
    if balance is not None or debit is None or credit is None:
        return balance
    return debit.where(debit.str.contains("[1-9]"), "-" + credit)


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
        "original_minor": f"dunning original|{BALANCE}",
        "currency": f"dunning currency|{CURRENCY}",
        "kind": "move type|type",
        "reference": "ref|reference|label|libelle|referenz",
    },
    ignored=f"{FOREIGN}|{FOREIGN_BALANCE}|account|account id|compte|konto|journal|full reconcile id|matching number",
    company_amounts=f"{RESIDUAL}|{BALANCE}",
    kinds={"out_invoice": "invoice", "out_refund": "credit", "entry": "other"},
    settled={"reconciled|lettre|rapproche|full reconcile id": "true|1|vrai|wahr|yes|oui",
             "status|state|statut|etat": "draft|cancel|cancelled|brouillon|annulé|annulée|entwurf"},
    local=True,
    signed=True,
    prepared=residual,
)  # fmt: skip

BUCKETS = r"^(?:at date|not due.*|a la date|non echu.*|nicht fallig.*|zum datum|[0-9]+ [0-9]+|older|plus ancien(?:ne|s)?|alter|altere)$"
DATE = "invoice date|due date|date de facturation|date de facture|date d echeance|rechnungsdatum|falligkeitsdatum|fallig am"
SUM = "total|gesamt|summe|gesamtsumme"


def finds_aged(grid: Grid) -> int | None:
    """The record of headings of the report: nothing above the names, a date, three ageing buckets at least, the total."""
    for at, cells in enumerate(grid.cells.head(DEPTH).itertuples(index=False)):
        names = [normal(str(cell)) for cell in cells]
        dated, summed = (any(name in of.split("|") for name in names) for of in (DATE, SUM))
        if not names[0] and dated and summed and sum(bool(re.match(BUCKETS, name)) for name in names) >= LEAST_BUCKETS:
            return at
    return None


def unfolded(grid: Grid, header: int) -> Grid:
    """The lines below each partner with what is open: their total is empty, their amount stands in the bucket of their age.

    Raises LedgerError for a report whose partners were not unfolded.
    """
    cells, names = grid.cells, [normal(str(cell)) for cell in grid.cells.iloc[header]]
    name, total = cells[0], cells[next(at for at, heading in enumerate(names) if heading in SUM.split("|"))]
    buckets = [cells[at].where(cells[at].str.contains("[1-9]"), "") for at, heading in enumerate(names) if re.match(BUCKETS, heading)]
    filled = sum((bucket != "").astype("int64") for bucket in buckets)
    below = pd.Series(np.arange(len(cells)) > header, index=cells.index)
    line = below & (name != "") & (total == "") & (filled > 0)
    headed = below & (total != "") & line.shift(-1, fill_value=False)  # whatever it is called: Total Energies
    summed = below & (total != "") & ~headed & name.str.contains(rf"(?i)^(?:{TOTALS})")
    if not line.any():
        raise LedgerError(f"{grid.file} shows partners and their totals only. Unfold all lines of the report, then export it again.")
    opened = buckets[0]
    for bucket in buckets[1:]:
        opened = opened.where(opened != "", bucket)
    return added(grid, header, {
        "dunning partner": name.where(headed).ffill().fillna("").where(line, ""), "dunning document": name.where(line, ""),
        "dunning open": opened.where(line & (filled == 1), "").mask(summed, total),
    })  # fmt: skip


ODOO_AGED = Profile(
    "odoo_aged",
    "Odoo Aged Receivable",
    finds=finds_aged,
    fields={
        "payer_name": "dunning partner",
        "document": "dunning document",
        "document_date": "invoice date|date de facturation|date de facture|rechnungsdatum",
        "due_date": "due date|date d echeance|falligkeitsdatum|fallig am",
        "open_minor": "dunning open",
        "currency": CURRENCY,
    },
    ignored=f"account|compte|konto|journal|expected date|exp date|amount currency|{SUM}|at date|older",
    company_amounts="dunning open",
    undated=True,
    local=True,
    signed=True,
    prepared=unfolded,
)  # fmt: skip


def finds_partner_ledger(grid: Grid) -> int | None:
    """The record of headings of the report: nothing above the names, a journal, a matching number, debit, credit and a running balance."""
    wanted = ("jrnl|journal", "matching|matching number|lettrage|numero de lettrage|abstimmung|abstimmnummer", "debit|soll", "credit|haben",
              "balance|solde|saldo")  # fmt: skip
    for at, cells in enumerate(grid.cells.head(DEPTH).itertuples(index=False)):
        names = [normal(str(cell)) for cell in cells]
        if not names[0] and all(any(name in of.split("|") for name in names) for of in wanted):
            return at
    return None


def refused(grid: Grid, header: int) -> Grid:
    """Raises LedgerError: the balance of a line is a running one, and what is left of a line matched in part is not in the report."""
    raise LedgerError(
        f"{grid.file} is Odoo's Partner Ledger, which does not say what is left of a line that was paid in part. Export the report Aged Receivable "
        "with all lines unfolded, or the list of journal items with Residual Amount, filtered by unreconciled."
    )


ODOO_PARTNER_LEDGER = Profile("odoo_partner_ledger", "Odoo Partner Ledger", finds=finds_partner_ledger, prepared=refused)

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
        "original_minor": f"dunning original|{BALANCE}",
        "currency": f"dunning currency|{CURRENCY}",
        "reference": "ref label|ref libelle|ref titel|ref bezeichnung|reference",
    },
    ignored=f"{FOREIGN}|{FOREIGN_BALANCE}|account|compte|konto|journal",
    company_amounts=f"{RESIDUAL}|{BALANCE}|rest",
    sections="payer",
    local=True,
    signed=True,
    prepared=residual,
)  # fmt: skip
