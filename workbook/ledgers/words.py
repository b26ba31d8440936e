"""Words that exports use in cells: yes and no, kinds of documents, signs, totals, months; in English, French and German."""

from __future__ import annotations

from rules.model import DocumentKind

YES = frozenset({"yes", "y", "true", "1", "x", "oui", "o", "vrai", "ja", "j", "wahr"})
NO = frozenset({"no", "n", "false", "0", "non", "faux", "nein", "falsch", "-", "none", "aucun", "keine"})

SIGNS = {"s": 1, "d": 1, "dr": 1, "debit": 1, "débit": 1, "soll": 1, "1": 1, "+": 1, "+1": 1,
         "h": -1, "c": -1, "k": -1, "cr": -1, "credit": -1, "crédit": -1, "haben": -1, "-1": -1, "-": -1}  # fmt: skip

_KINDS = {
    DocumentKind.INVOICE: "rv dr rf inv invoice sales invoice bill facture fact fa fac rechnung re rg debit note note de débit belastung si",
    DocumentKind.INSTALMENT: "ins instalment installment échéance echeance rate teilzahlung",
    DocumentKind.CREDIT: "dg crn cn credit memo credit note credit avoir av gutschrift gs sc note de crédit rechnungskorrektur storno",
    DocumentKind.PAYMENT: "dz pay payment payment entry receipt règlement reglement paiement rgt acompte zahlung zahlungseingang anzahlung sr sa",
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


KINDS = {word: str(kind) for kind, text in _KINDS.items() for word in _words(text)} | {str(kind): str(kind) for kind in DocumentKind}

TOTALS = r"(?:sous[ -]?|sub[ -]?|zwischen|grand |gesamt|end)?(?:total|totaux|summe|gesamt|gesamtsumme|saldo gesamt|solde final|partner[ -]endsaldo)\b"

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
