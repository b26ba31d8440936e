"""Words that exports use in cells: yes and no, kinds of documents, signs, totals, months; in English, French and German."""

from __future__ import annotations

from babel import Locale

from rules.model import DocumentKind

CURRENCIES = frozenset(Locale("en").currencies)
SYMBOLS = {"€": "EUR", "EURO": "EUR", "£": "GBP", "¥": "JPY"}
YES = frozenset({"yes", "y", "true", "1", "x", "oui", "o", "vrai", "ja", "j", "wahr"})
NO = frozenset({"no", "n", "false", "0", "non", "faux", "nein", "falsch", "-", "none", "aucun", "keine"})

ERRORS = (  # what a cell shows that could not be computed, in the languages of Excel
    r"^#(?:N/?A|NV|REF!|BEZUG!|NAME\?|NOM\?|VALUE!|VALEUR!|WERT!|DIV/0!|NULL!|NUL!|NUM!|NOMBRE!|ZAHL!|ERROR!|SPILL!|GETTING_DATA|#+)$"
)
UNDISPUTED = frozenset({"not disputed", "promise to pay", "resolved", "nicht strittig", "erledigt", "sans litige", "résolu", "non contesté"})
CLOSED = frozenset(  # states of a document in which nobody owes it
    "draft void voided cancelled canceled deleted reversed paid closed settled entwurf storniert bezahlt ausgeglichen beglichen brouillon annulé "
    "annulée "
    "payé payée réglé réglée soldé soldée lettré lettrée".split()
)

SIGNS = {"s": 1, "d": 1, "dr": 1, "debit": 1, "débit": 1, "soll": 1, "1": 1, "+": 1, "+1": 1,
         "h": -1, "c": -1, "k": -1, "cr": -1, "credit": -1, "crédit": -1, "haben": -1, "-1": -1, "-": -1}  # fmt: skip

_KINDS = {
    DocumentKind.INVOICE: "rv dr rf inv invoice sales invoice bill facture fact fa fac ft fc rechnung rechnungen ar re rg debit note "
    "note de débit belastung si",
    DocumentKind.INSTALMENT: "ins instalment installment échéance echeance rate teilzahlung",
    DocumentKind.CREDIT: "dg crn cn credit memo credit note credit_note credit avoir av avc gutschrift gu gs sc note de crédit "
    "rechnungskorrektur storno",
    DocumentKind.PAYMENT: "dz pay payment payment entry receipt règlement reglement paiement rgt reg rgl acompte avance deposit overpayment "
    "prepayment virement zahlung zahlungseingang anzahlung überweisung sr sa",
    DocumentKind.FEE: "reminder finance charge memo finance charge relance intérêts mahngebühr zinsrechnung zinsen frais de relance",
    DocumentKind.OTHER: "da ab journal entry journal od opération diverse umbuchung",
}
_PHRASES = ("sales invoice", "debit note", "note de débit", "credit memo", "credit note", "note de crédit", "payment entry", "finance charge memo",
            "finance charge", "frais de relance", "journal entry", "opération diverse")  # fmt: skip


def _words(text: str) -> list[str]:
    found = [phrase for phrase in _PHRASES if phrase in text]
    for phrase in found:
        text = text.replace(phrase, "")
    return [*found, *text.split()]


KINDS = {one: str(kind) for kind, text in _KINDS.items() for word in _words(text) for one in (word, f"{word}s" if len(word) > 3 else word)}
KINDS |= {str(kind): str(kind) for kind in DocumentKind}

PAYMENT_TEXT = (
    r"(?i)^(?:vir|virt|virement|ch[eè]que|chq|prlv|pr[eé]l[eè]vement|lcr|rgt|rglt|reg|r[eè]glement|encaissement|remise|acompte|payment|receipt|bacs"
    r"|wire|transfer|zahlung|zahlungseingang|[uü]berweisung|lastschrift|scheck|anzahlung)\b"
)
TOTALS = (
    r"(?:sous[ -]?|sub[ -]?|zwischen|grand |gesamt|end|report |net "
    r")?(?:totals?|totaux|totales|sommes?|summen?|gesamt|gesamtsumme|gesamtbetrag|cumul"
    r"|(?:saldo|solde|balance)$"
    r"|(?:konto|gesamt|end)saldo|saldo gesamt|solde (?:final|du compte|du tiers|du partenaire|client)|partner[ -]endsaldo"
    r"|(?:final|closing) balance|balance due"
    r"|ending (?:partner )?(?:cumul )?balance|[aà] reporter|[uü]ebertrag|[uü]bertrag|carried forward|brought forward)\b"
)
FURNITURE = (
    r"(?:(?:page|seite|blatt)\s*:?\s*[0-9]|.*\b(?:page|seite|blatt)\s*:?\s*[0-9]+(?:\s*(?:of|von|sur|de|/)\s*[0-9]+)?$"
    r"|(?:printed|imprim|edit[eé]|[eé]dit[eé]|gedruckt|erstellt am|run date|druckdatum)|percent(?:age)? of "
    r"total"
    r"|pourcentage|prozent|turnover|credit limit|plafond|[0-9]+ (?:rows|lignes|zeilen|records)\b)"
)
BUCKETS = (
    r"^(?:\W*(?:current|actuel|courant|aktuell|not (?:yet )?due|non [eé]chu|nicht f[aä]llig|noch nicht f[aä]llig|a [eé]choir|[aà] [eé]choir|older|"
    r"plus ancien|[aä]lter|overdue|past due|[eé]chu|f[aä]llig|[uü]berf[aä]llig|en retard)\b[^A-Za-z]*"
    r"|[^A-Za-z]*(?:>|<|<=|≤|[0-9]+)[^A-Za-z]*(?:or more |and over |and above |et plus |oder mehr |et [0-9]+ |to [0-9]+ |bis [0-9]+ |[aà] [0-9]+ )?"
    r"(?:days?|jours?|j|tage?|months?|mois|monate?)\b.*|(?:[eé]ch|de|von|from|over|plus de|[uü]ber|mehr als|more than|between|"
    r"entre)\.? ?[<>≤]?=? ?[0-9]+\b.*(?:days?|jours?|tagen?|mois|months?|monaten?).*)$"
)
AGES = (  # headings such as 31 - 60 days, Over 90, > 120 Tage, written as `headings.normal` makes them
    r"(?:over |plus de |uber |mehr als |more than |older than |ab |von |de |from )?[0-9]{1,3}(?: (?:to|a|bis|and))?(?: [0-9]{1,3})?"
    r"(?: (?:days?|d|jours?|j|tage?|tagen|plus|et plus|and over|and more|or more|und mehr|past due|overdue))*"
)
OUTER_AGES = frozenset(  # headings beside them that say no days
    "current|not due|not yet due|future|non echu|a echoir|actuel|courant|nicht fallig|noch nicht fallig|aktuell|older|plus ancien|alter".split("|")
)
LABELS = {
    "payer": "a/c|a/c ref|account|account no|account number|customer|customer no|customer account|client|code client|n° client|compte|n° compte|"
             "compte tiers|tiers|code tiers|konto|kontonummer|debitor|debitorennr|kunde|kundennr|kundennummer|bp",
    "company": "company code|cocd|buchungskreis|société|code société|empresa|bedrijfsnummer|division|divisie",
    "payer_name": "name|nom|intitulé|raison sociale|libellé|bezeichnung",
    "contact": "contact|ansprechpartner|interlocuteur",
    "phone": "tel|telephone|phone|tél|téléphone|telefon",
    "currency": "currency|devise|monnaie|währung|curr",
}  # fmt: skip

_MONTHS = (
    "jan january janvier janv januar jänner",
    "feb february février fevrier févr fevr fév februar",
    "mar march mars märz mrz mär maerz",
    "apr april avril avr",
    "may mai",
    "jun june juin juni",
    "jul july juillet juil juli",
    "aug august août aout",
    "sep sept september septembre",
    "oct october octobre okt oktober",
    "nov november novembre",
    "dec december décembre decembre déc dez dezember",
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
