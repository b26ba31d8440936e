"""Items written the way each accounting system writes them: rows of cells, dates and amounts not yet formatted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

Cell = str | date | int | None  # an int is an amount in cents
Rows = list[list[Cell]]
KINDS = ("invoice", "credit", "payment")


@dataclass(frozen=True)
class Made:
    """One item to be written; cents are what the payer owes."""

    payer: str
    name: str
    document: str
    kind: str
    day: date
    due: date
    cents: int
    paid: int


@dataclass(frozen=True)
class Layout:
    """How a system lists items. `by_name`: it knows payers by name alone; `shuffled`: the user may order its columns. `untyped`: it does
    not tell payments from credit notes.
    """

    profile: str
    rows: Callable[[Sequence[Made]], Rows]
    by_name: bool = False
    shuffled: bool = False
    undated: bool = False
    untyped: bool = False


def flat(headings: str, cells: Callable[[Made], list[Cell]]) -> Callable[[Sequence[Made]], Rows]:
    return lambda made: [[*headings.split("|")], *(cells(m) for m in made)]


def words(invoice: str, credit: str, payment: str) -> Callable[[Made], str]:
    return lambda m: dict(zip(KINDS, (invoice, credit, payment), strict=True))[m.kind]


def by_payer(made: Sequence[Made]) -> list[tuple[Made, list[Made]]]:
    groups = [list(lines) for _, lines in groupby(sorted(made, key=lambda m: m.payer), key=lambda m: m.payer)]
    return [(lines[0], lines) for lines in groups]


def total(lines: Sequence[Made]) -> int:
    return sum(m.cents for m in lines)


def quickbooks_online(made: Sequence[Made]) -> Rows:
    kind = words("Invoice", "Credit Memo", "Payment")
    rows: Rows = [["A/R Aging Detail"], ["My Company"], [], ["", *"Date|Transaction type|Num|Customer|Due date|Amount|Open balance".split("|")]]
    half = len(made) // 2 + 1
    for bucket, lines in (("91 or more days past due", made[:half]), ("CURRENT", made[half:])):
        rows += [[bucket], *(["", m.day, kind(m), m.document, m.name, m.due, m.cents + m.paid, m.cents] for m in lines)]
        rows.append([f"Total for {bucket}", "", "", "", "", "", sum(m.cents + m.paid for m in lines), total(lines)])
    return [*rows, ["TOTAL", "", "", "", "", "", sum(m.cents + m.paid for m in made), total(made)]]


def quickbooks_desktop(made: Sequence[Made]) -> Rows:
    kind = words("Invoice", "Credit Memo", "Payment")
    rows: Rows = [["", *"Type|Date|Num|P. O. #|Terms|Due Date|Aging|Open Balance".split("|")]]
    for first, lines in by_payer(made):
        rows += [[first.name], *(["", kind(m), m.day, m.document, "", "", m.due, "", m.cents] for m in lines)]
        rows.append([f"Total {first.name}", *[""] * 7, total(lines)])
    return [*rows, ["TOTAL", *[""] * 7, total(made)]]


def xero(made: Sequence[Made]) -> Rows:
    heading = "Invoice Date|Due Date|Invoice Number|Invoice Reference|Current|< 1 Month|1 Month|Older|Total".split("|")
    rows: Rows = [["Aged Receivables Detail"], ["My Company"], [], [*heading], []]
    for first, lines in by_payer(made):
        rows += [[first.name], *([m.day, m.due, m.document, "", "", "", m.cents, "", m.cents] for m in lines)]
        rows += [[f"Total {first.name}", *[""] * 5, total(lines), "", total(lines)], []]
    return [*rows, ["Total", *[""] * 5, total(made), "", total(made)]]


def sage50(made: Sequence[Made]) -> Rows:
    kind = words("SI", "SC", "SR")
    rows: Rows = [["Aged Debtors Analysis (Detailed)"]]
    for first, lines in by_payer(made):
        rows += [
            ["A/C:", first.payer, "Name:", first.name, "Contact:", "", "Tel:", ""],
            [*"No|Type|Date|Ref|Details|Balance|Current|Older".split("|")],
        ]
        rows += [[str(at), kind(m), m.day, m.document, "", m.cents, m.cents, ""] for at, m in enumerate(lines, 100)]
        rows.append(["", "", "", "", "Totals:", total(lines), total(lines), ""])
    return rows


def sage100(made: Sequence[Made]) -> Rows:
    rows: Rows = [["Balance âgée des tiers"], [*"N° compte|Intitulé|Date|N° pièce|Référence|Échéance|Débit|Crédit|Niv. rappel".split("|")]]
    for first, lines in by_payer(made):
        rows += [[m.payer, m.name, m.day, m.document, "", m.due, m.cents if m.cents > 0 else "", -m.cents if m.cents < 0 else "", ""] for m in lines]
        rows.append([f"Total {first.payer}", "", "", "", "", "", total(lines), "", ""])
    return [*rows, ["Total général", "", "", "", "", "", total(made), "", ""]]


def oca(made: Sequence[Made]) -> Rows:
    heading = "Date|Buchung|Journal|Konto|Partner|Ref - Titel|Fälligkeit|Ursprünglich|Restbetrag|Whrg.".split("|")
    rows: Rows = [["Offene Posten - Firma - EUR"], []]
    for first, lines in by_payer(made):
        rows += [[first.name], [*heading]]
        rows += [[m.day, m.document, "RG", "1400", m.name, "", m.due, m.cents + m.paid, m.cents, ""] for m in lines]
        rows.append(["Partner-Endsaldo", *[""] * 6, total(lines) + sum(m.paid for m in lines), total(lines), ""])
    return rows


sap = words("RV", "DG", "DZ")
bc = words("Facture", "Avoir", "Paiement")
LAYOUTS = (
    Layout("sap_fbl5n", flat(
        "Company Code|Account|Name 1|Document Number|Document Type|Document Date|Net due date|Curr.|Amount in doc. curr.|Clearing Document",
        lambda m: ["1000", m.payer, m.name, m.document, sap(m), m.day, m.due, "EUR", m.cents, ""]), shuffled=True),
    Layout("sap_fbl5n", flat(
        "Buchungskreis|Konto|Name 1|Belegnummer|Belegart|Belegdatum|Nettofälligkeit|Betrag in Hauswährung|Mahnstufe",
        lambda m: ["1000", m.payer, m.name, m.document, sap(m), m.day, m.due, m.cents, "1"]), shuffled=True),
    Layout("infor_m3", flat(
        "DIVI|PYNO|CUNO|CINO|INYR|TRCD|IVDT|DUDT|CUCD|CUAM|OCUA|RMQT",
        lambda m: ["100", m.payer, "X", m.document, "2025", "20" if m.kind == "payment" else "10", m.day, m.due, "EUR",
                   m.cents + m.paid, m.cents, "0"]),
        shuffled=True),
    Layout("infor_ln", flat(
        "N° de document|N° programme|Tiers payeur|Type de document|Date de document|Date d'échéance|Devise|Montant|Solde",
        lambda m: [m.document, "1", m.payer, words("Facture client", "Avoir", "Règlement non affecté")(m), m.day, m.due, "EUR",
                   m.cents + m.paid, m.cents]),
        shuffled=True),
    Layout("business_central", flat(
        "Date document|Type document|N° document|N° client|Nom du client|Code devise|Montant initial|Montant ouvert|Date d'échéance|Ouvert",
        lambda m: [m.day, bc(m), m.document, m.payer, m.name, "", m.cents + m.paid, m.cents, m.due, "Oui"]), shuffled=True),
    Layout("d365", flat(
        "Customer account|Name|Voucher|Invoice|Date|Due date|Currency|Amount in transaction currency|Balance",
        lambda m: [m.payer, m.name, m.document if m.kind == "payment" else "V", "" if m.kind == "payment" else m.document, m.day, m.due, "EUR",
                   m.cents + m.paid, m.cents]), shuffled=True),
    Layout("odoo_invoices", flat(
        "Numéro|Partenaire|Date de facturation|Date d'échéance|Référence|Total signé|Montant dû signé|Devise|État du paiement",
        lambda m: [m.document, m.name, m.day, m.due, "", m.cents + m.paid, m.cents, "EUR", "Non payé"]), by_name=True, shuffled=True, untyped=True),
    Layout("odoo_move_lines", flat(
        "date|move_name|partner_id|date_maturity|debit|credit|amount_residual|reconciled",
        lambda m: [m.day, m.document, m.name, m.due, max(m.cents + m.paid, 0), max(-m.cents - m.paid, 0), m.cents, "False"]),
        by_name=True, shuffled=True, untyped=True),
    Layout("odoo_open_items", oca, by_name=True, untyped=True),
    Layout("erpnext", flat(
        "Posting Date|Party|Customer Name|Voucher Type|Voucher No|Due Date|Invoiced Amount|Paid Amount|Outstanding Amount|Currency",
        lambda m: [m.day, m.payer, m.name, words("Sales Invoice", "Journal Entry", "Payment Entry")(m), m.document, m.due, m.cents + m.paid, m.paid,
                   m.cents, "EUR"]), shuffled=True),
    Layout("quickbooks_online", quickbooks_online, by_name=True),
    Layout("quickbooks_desktop", quickbooks_desktop, by_name=True),
    Layout("xero", xero, by_name=True, untyped=True),
    Layout("sage50", sage50, undated=True),
    Layout("sage100_print", sage100, untyped=True),
    Layout("sage_x3", flat(
        "CPY_0|TYP_0|NUM_0|DUDLIG_0|BPR_0|DUDDAT_0|CUR_0|SNS_0|AMTCUR_0|PAYCUR_0|FLGCLE_0",
        lambda m: ["S", words("FAC", "AVC", "REG")(m), m.document, "1", m.payer, m.due, "EUR", "1" if m.cents > 0 else "-1",
                   abs(m.cents + m.paid),
                   abs(m.paid), "1"]), shuffled=True, untyped=True),
    Layout("datev_opos", flat(
        "Konto|Beschriftung|Belegfeld 1|Belegdatum|Fälligkeit|Betrag Soll|Betrag Haben|S/H|Saldo|Mahnstufe|Buchungstext",
        lambda m: [m.payer, m.name, m.document, m.day, m.due, m.cents + m.paid if m.cents > 0 else "", -m.cents - m.paid if m.cents < 0 else "",
                   "S" if m.cents > 0 else "H", abs(m.cents), "", words("Rechnung", "Gutschrift", "Zahlung")(m)]), shuffled=True),
    Layout("generic", flat(
        "Code client|Raison sociale|N° facture|Date facture|Échéance|Montant TTC|Déjà réglé",
        lambda m: [m.payer, m.name, m.document, m.day, m.due, m.cents + m.paid, m.paid]), shuffled=True, untyped=True),
)  # fmt: skip
