"""Infor LN: open items of tfacr2520m000 in words, or rows of the tables tfacr200 and tfacr201.

The payer is the pay-by partner, who is reminded; the invoice-to partner has the credit limit.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbook.ledgers.grid import Grid
from workbook.ledgers.headings import normal
from workbook.ledgers.profiles.columns import added, under
from workbook.ledgers.profiles.profile import Profile

PARTNER = (
    "tiers payeur|tiers facture|pay by business partner|pay by bp|invoice to business partner|invoice to bp|invoice to partner|zahlungspflichtiger|"
    "zahlungspartner|rechnungsempfanger|rechnungspartner|handelspartner zahlung|handelspartner rechnung|pfbp|itbp"
)

JOURNAL = "document journal|transaction type|type de transaction|vorgangsart|ttyp"
DOCUMENT = "document|beleg"
CODE, MOST = "[A-Za-z0-9]{1,3}", 0.9  # a journal of LN; the share of lines that says that a column holds them: headings are repeated, pages titled
NUMBER = "no de document|n document|no document|document no|document number|belegnummer|belegnr|ninv"


def numbered(grid: Grid, header: int) -> Grid:
    """Every journal counts from 1: the document is its journal and its number."""
    journal, number, document = (under(grid, header, names) for names in (JOURNAL, NUMBER, DOCUMENT))
    if number is None and (both := _under_one(grid, header)):
        journal, number = both
    if number is None and _coded(journal, document, header):
        number = document
    elif journal is None and _coded(document, number, header):
        journal = document
    if journal is None or number is None:
        return grid
    return added(grid, header, {"dunning document": (journal + " " + number).where((journal != "") & (number != ""), number)})


def _under_one(grid: Grid, header: int) -> tuple[pd.Series, pd.Series] | None:
    """Journal and number where one heading, Document, stands over both; None where it does not."""
    names = [normal(str(cell)) for cell in grid.cells.iloc[header]]
    at = next((at for at, name in enumerate(names[:-1]) if name in DOCUMENT.split("|") and names[at + 1] in ("", name)), None)
    if at is None:
        return None
    journal, number = grid.cells[at], grid.cells[at + 1]
    return (journal, number) if _coded(journal, number, header) else None


def _coded(journal: pd.Series | None, number: pd.Series | None, header: int) -> bool:
    """Whether one column holds journals and the other numbers."""
    if journal is None or number is None:
        return False
    lines = (np.arange(len(number)) > header) & (journal != "") & (number != "")
    parts = journal[lines].str.fullmatch(CODE) & number[lines].str.fullmatch("[0-9]+")
    return bool(len(parts)) and bool(parts.mean() > MOST)


INFOR_LN = Profile(
    "infor_ln",
    "Infor LN",
    marks=(
        (PARTNER, "no de document|n document|no document|document|document no|document number|belegnummer|belegnr|beleg",
         "solde|solde dev facturation|solde devise facturation|balance|balance amount|balance in invoice currency|saldo|saldo in rechnungswahrung"),
        ("ttyp", "ninv", "balc"),
        ("itbp|pfbp|bpid", "ninv", "balc|balh 1"),
    ),
    fields={
        "company": "societe financiere|societe|financial company|company|finanzfirma|firma|comp|ncmp",
        "payer": PARTNER.replace("tiers payeur|tiers facture", "tiers payeur|pfbp|pay by business partner|pay by bp|tiers facture"),
        "payer_name": "nom du tiers payeur|nom tiers payeur|pay by business partner name|nom du tiers facture|nom tiers facture|nom|name|nama|"
                      "invoice to business partner name|name des rechnungsempfangers",
        "document": f"dunning document|{NUMBER}|document|beleg",
        "instalment": "no programme|n programme|no de programme|no prog|n prog|programme|prog|no echeancier|echeancier|schedule no|schedule number|"
                      "schedule|schedule line|zahlungsplan|planposition|schn|no de ligne|n ligne|no ligne|line|line no|position|line number|zeile",
        "kind": "type de document|type document|document type|belegart|tdoc type|trec",
        "document_date": "date de document|date du document|date document|document date|belegdatum|docd|invoice date|date de facture",
        "due_date": "date d echeance|date echeance|due date|falligkeitsdatum|falligkeit|dued",
        "currency": "devise|devise facturation|devise de facturation|currency|invoice currency|wahrung|rechnungswahrung|ccur",
        "open_minor": "solde dev facturation|solde devise facturation|solde|balance in invoice currency|balance amount|balance|"
                      "saldo in rechnungswahrung|saldo|balc",
        "original_minor": "montant dev facturation|montant devise facturation|montant|amount in invoice currency|amount|betrag in rechnungswahrung|"
                          "betrag|amnt",
        "reference": "commande|order|orno|reference|reference client|customer reference|referenz",
        "cleared_by": "docn",  # the table holds a row for each receipt as well: it names its own document, the invoice has none
    },
    ignored="solde devise societe|solde dev societe|montant dev societe|montant devise societe|balance in company currency|"
            "amount in company currency|"
            "betrag in firmenwahrung|saldo in firmenwahrung|amth 1",
    kinds={"facture client": "invoice", "sales invoice": "invoice", "kundenrechnung": "invoice", "verkaufsrechnung": "invoice",
           "règlement non affecté": "payment", "reglement non affecte": "payment", "unallocated receipt": "payment", "unallocated cash": "payment",
           "nicht zugeordneter zahlungseingang": "payment", "avance": "payment", "advance receipt": "payment", "anzahlung": "payment",
           "avoir": "credit", "credit note": "credit", "gutschrift": "credit", "correction": "other", "korrektur": "other",
           "différence de change": "other", "différence de règlement": "other", "currency difference": "other", "payment difference": "other",
           "kursdifferenz": "other", "zahlungsdifferenz": "other"},
    signed=True,
    prepared=numbered,
)  # fmt: skip
