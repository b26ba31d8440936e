"""Which column of an export is which field: synonyms in English, French and German, ranked; what the user said goes first.

Headings are compared without case, accents and punctuation. Exact beats contained; of two columns with different content that could equally be
one field none is taken: the user is asked, and the answer is remembered for the source.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import pandas as pd

from rules import model
from rules.errors import LedgerError
from rules.row import column
from workbook.ledgers import dates
from workbook.ledgers.words import NO, SIGNS, YES

SYNONYMS: dict[str, tuple[str, ...]] = {
    "company": (
        "company code|cocd|buchungskreis|bukrs|company|societe|code societe|business code|divi|legal entity|entity|mandant|gesellschaft|"
        "cpy 0|dataareaid|empr",
        "branch|site|etablissement|filiale|niederlassung",
        "country code",
    ),
    "payer": (
        "payer id|payer no|payer number|payeur|code payeur|regulierer|pyno|bpr 0|bill to|bill to customer|bill to customer no|head office",
        "customer no|customer number|customer id|customer code|customer account|customer account number|cust number|cust no|cust id|kunnr|"
        "account number|account no|account code|client no|client number|client id|client code|code client|no client|n client|numero client|"
        "numero de client|compte client|compte tiers|code tiers|no tiers|numero tiers|tiers|comp aux num|ct num|debitor|debitoren nr|"
        "debitorennr|debitorennummer|debitor nr|kunden nr|kundennr|kundennummer|kundenkonto|personenkonto|personenkontonummer|debtor|"
        "debtor no|debtor number|debtor id|a c|party|partner id|partner no",
        "account|konto|compte|no compte|n compte|numero de compte|contact account number|cuno|conta|klant|debiteur",
        "client|customer|kunde|name or account",
    ),
    "payer_name": (
        "payer name|customer name|customer full name|name customer|customer name 1|customer name1|name 1|nom 1|nom client|nom du client|"
        "nom tiers|nom du tiers|raison sociale|intitule tiers|debitorenname|kundenname|name des kunden|comp aux lib|party name|partner name|"
        "firmenname|debtor name|client name",
        "intitule|libelle tiers|bezeichnung|beschriftung|partenaire|partner|contact|company name",
        "customer|client|kunde|tiers|debitor",
    ),
    "document": (
        "document no|document number|document nr|document id|doc no|doc id|doc number|invoice no|invoice number|invoice nr|invoice|"
        "invoice num|inv no|bill no|beleg nr|belegnr|belegnummer|rechnungs nr|rechnungsnr|rechnungsnummer|rechnung nr|rechnung|no piece|"
        "n piece|numero piece|numero de piece|no de piece|n de piece|no facture|n facture|facture|numero facture|numero de facture|"
        "no de facture|n de facture|no document|n document|numero de document|no doc|cino|num 0|belnr|belegfeld 1|voucher no|voucher number|"
        "numero|number|piece ref",
        "num|no|nr|ref no|voucher|entry|invoice id|move name|reference piece",
    ),
    "instalment": (
        "instalment no|installment|installment no|echeance n|no echeance|numero d echeance|raten nr|ratennr|dudlig 0|schedule line|schn",
        "itm|buzei|line item",
    ),
    "kind": (
        "document type|doc type|type de piece|type piece|type document|type de document|belegart|transaction type|voucher type|"
        "typ des postens|blart|typ|invoice type|nature",
    ),
    "document_date": (
        "doc date|date piece|date de la piece|date document|date de document|bldat|document create date 1|piece date",
        "invoice date|date facture|date de facture|date de facturation|rechnungsdatum|ivdt|invoice bill date|bill date|issue date|"
        "date emission|date d emission|ausstellungsdatum",
        "document create date|create date|transaction date|voucher date",
        "posting date|pstng date|buchungsdatum|date comptabilisation|date de comptabilisation|date comptable|date ecriture|ecriture date|"
        "budat",
        "date|datum",
    ),
    "due_date": (
        "net due date|net due dt|due in date|due dt|due on|due|date echeance|date d echeance|date de l echeance|echeance nette|"
        "date d echeance nette|fallig|fallig am|falligkeitsdatum|nettofalligkeit|nettofall|netto falligkeit|faellig|faellig am|faelligkeit|"
        "faelligkeitsdatum|dudt|duddat 0|netdt|date maturity|maturity date|maturity|payment due date|invoice due date|zahlbar bis|"
        "ec echeance|date limite de paiement|vencliquid",
    ),
    "currency": (
        "currency code|invoice currency|document currency|doc currency|transaction currency|curr|code devise|devise piece|devise de la piece|"
        "monnaie|wahrungscode|wahrg|whrg|waehrung|wkz|belegwahrung|wahrungskennung|cucd|cur 0|waers|ccy|iso currency|idevise|cur",
        "local currency|lcurr|devise interne|hauswahrung|hwaer|devise societe|company currency",
    ),
    "open_minor": (
        "open amount|open balance|amount open|outstanding|outstanding amount|outstanding balance|remaining amount|remaining|"
        "remaining balance|amount due|amount outstanding|amount remaining|balance due|total open amount|solde restant|solde restant du|"
        "solde du|solde ouvert|reste du|reste a payer|reste a regler|restant du|montant ouvert|montant du|montant restant|montant restant du|"
        "montant non regle|residuel|montant residuel|residual|amount residual|amount due signed|montant du signe|offener betrag|"
        "offener saldo|restbetrag|noch offen|ocua|pending amount|saldo offen|unpaid amount|open amt",
        "balance|amount|montant|saldo|betrag|amount in doc curr|amount in document currency|montant en devise piece|betrag in belegwahrung",
        "invoice amount|invoiced amount|invoice total|total|total amount|montant ttc|montant facture|total ttc|ttc|original amount|"
        "rechnungsbetrag|bruttobetrag|gross amount|total signed|total signe|montant initial|ursprungsbetrag",
        "amount in local currency|amt in loc cur|amount in local cur|montant en devise interne|betrag in hauswahrung|betrag in hw|"
        "remaining amt lcy|remaining amount lcy|balance lcy|montant ouvert ds|restbetrag mw|dmbtr|oamt",
    ),
    "original_minor": (
        "original amount|invoice amount|invoiced amount|invoice total|montant facture|montant d origine|montant origine|rechnungsbetrag|cuam|"
        "original balance|ursprunglich",
        "amount|montant|betrag|total|total amount|montant ttc|total ttc|ttc|gross amount|bruttobetrag|total signed|total signe",
    ),
    "debit": (
        "debit|debits|soll|betrag soll|umsatz soll|montant debit|debit amount|sollbetrag",
    ),
    "credit": (
        "credit|credits|haben|betrag haben|umsatz haben|montant credit|credit amount|habenbetrag",
    ),
    "sign": (
        "s h|soll haben|soll haben kennzeichen|soll haben kz|soll haben kennzeichen des saldos|sens|sns 0|dr cr|d c|debit credit|"
        "debit credit indicator",
    ),
    "settled_on": (
        "clear date|clearing date|cleared on|settled date|settlement date|settled on|paid date|date paid|paid on|date de lettrage|"
        "date lettrage|date let|ausgleichsdatum|bezahlt am|augdt",
    ),
    "cleared_by": (
        "clearing document|clrng doc|ausgleichsbeleg|piece de rapprochement|augbl|doccompens",
    ),
    "is_open": (
        "is open|open|ouvert|offen",
    ),
    "dispute": (
        "disputed|in dispute|is disputed|dispute status|dispute code|en litige|statut litige|facture en litige|reklamation|reklamiert",
    ),
    "block": (
        "dunning block|dunn block|reminder block|on hold|bloc relance|blocage relance|arret relance|en attente|abwarten|mahn zahlsperre|rmbl|"
        "mansp",
    ),
    "terms": (
        "payment terms|payment term|terms of payment|cust payment terms|payment terms code|conditions de paiement|condition de paiement|"
        "cond paiement|modalites de paiement|zahlungsbedingungen|zahlungsziel|zbed|payt|tepy|zterm",
    ),
    "reference": (
        "external document no|customer reference|your reference|po number|po no|purchase order|customer po|customer lpo|order number|"
        "no doc externe|n doc externe|externe belegnummer|bestellnummer|auftragsnummer|votre reference|reference client|no commande|xblnr|ref",
        "assignment|zuordnung|affectation|zuonr|invoice reference|belegfeld 2",
        "text|texte|libelle|description|designation|buchungstext|memo",
    ),
    "level": (
        "dunning level|reminder level|level|niveau|stufe|mahnstufe|niveau relance|niveau de relance|niv rappel|last issued reminder level|"
        "niveau derniere relance emise|letzte mahnstufe|nombre de relances|rmqt|levfup 0|dunn|mst|mahns|ec rappel",
    ),
    "last_reminder": (
        "last dunned|last reminder|derniere relance|date relance|date derniere relance|mahndatum|mahndatum 1|letzte mahnung|lrdt|datfup 0|"
        "madat|l mahnung",
    ),
    "address": (
        "street|rue|strasse|address 1|adresse 1|address line 1|strasse und hausnummer|postal address",
    ),
    "postal_code": (
        "zip|zip code|postcode|postleitzahl|cp",
    ),
    "city": (
        "town|stadt|localite|commune",
    ),
    "region": (
        "state|canton|kanton|bundesland",
    ),
    "country": (
        "country code|code pays|landerkennzeichen|lkz|land",
    ),
    "language": (
        "language code|code langue|sprachkennzeichen",
    ),
    "contact": (
        "contact name|contact person|customer contact",
    ),
    "email": (
        "email|mail|email address|e mail address|adresse e mail|adresse mail|courriel",
    ),
    "phone": (
        "phone number|telephone number|tel|mobile|telefonnummer",
    ),
}

ITEM_FIELDS = (
    "company", "payer", "payer_name", "document", "instalment", "kind", "document_date", "due_date", "currency", "original_minor", "open_minor",
    "reference", "terms", "block", "dispute",
)  # fmt: skip
PAYER_FIELDS = ("address", "postal_code", "city", "region", "country", "language", "contact", "email", "phone")
HELPERS = ("debit", "credit", "sign", "settled_on", "cleared_by", "is_open", "level", "last_reminder")
AMOUNTS = ("open_minor", "original_minor", "debit", "credit")
DATES = ("document_date", "due_date", "settled_on")
ASKED = frozenset({"company", "payer", "document", "document_date", "due_date", "currency", "open_minor", "original_minor", "settled_on"})
CONTAINED = frozenset({"payer", "payer_name", "document", "document_date", "due_date", "currency", "open_minor", "original_minor"})
LOCAL_AMOUNT, LOCAL_CURRENCY, NAME_AS_PAYER = 3, 1, 3  # ranks with a meaning of their own
SPOKEN = {
    "company": "the company", "payer": "the payer's account", "document": "the document number", "document_date": "the document date",
    "due_date": "the due date", "currency": "the currency", "open_minor": "the open amount", "original_minor": "the original amount",
    "settled_on": "the settlement date",
}  # fmt: skip

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z]|[A-Z]{2}$)")


@cache
def normal(heading: str) -> str:
    """A heading without case, accents, punctuation and camel humps: "N° pièce" is "no piece", "InvoiceDate" is "invoice date"."""
    text = unicodedata.normalize("NFKC", _CAMEL.sub(" ", heading.strip())).replace("°", "o ").casefold()
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^0-9a-z]+", " ", text).split())


@cache
def ranks() -> dict[str, dict[str, int]]:
    """For every field its synonyms with their rank, 0 the best; our own sheet titles are among them."""
    found: dict[str, dict[str, int]] = {}
    for name, groups in SYNONYMS.items():
        own = model.OpenItem if name in ITEM_FIELDS else model.AssessedItem if name in ("level", "last_reminder") else model.Payer
        titles = column(own, name).titles.values() if name in own.model_fields else ()
        found[name] = {normal(title): 0 for title in (*titles, name, name.removesuffix("_minor")) if name != "is_open"}
        for rank, group in enumerate(groups):
            for synonym in group.split("|"):
                found[name].setdefault(synonym, rank)
    return found


def understood(cells: Sequence[str]) -> int:
    """How many different fields the cells of a record name exactly: the record of headings names most."""
    words = {normal(cell) for cell in cells if cell}
    return sum(any(word in synonyms for word in words) for synonyms in ranks().values())


def contained(field: str, heading: str) -> int | None:
    """How loosely a heading contains a synonym of `field` ("Open amount (EUR)"): words that are too many; None when it does not."""
    words = normal(heading)
    spare = [
        len(words.split()) - len(synonym.split())
        for synonym, rank in ranks()[field].items()
        if rank < 2 and (" " in synonym or len(synonym) > 7) and f" {synonym} " in f" {words} "
    ]
    return min(spare, default=None)


def letter(position: int) -> str:
    """The letters of a column as Excel shows them: 0 is A, 27 is AB."""
    name = ""
    position += 1
    while position:
        position, digit = divmod(position - 1, 26)
        name = chr(65 + digit) + name
    return name


# ---------------------------------------------------------------------------------------------------------------- what a column holds


def _share(values: pd.Series, test: Callable[[pd.Series], pd.Series]) -> float:
    return float(test(values).mean())


def _switches(values: pd.Series) -> bool:
    return bool(values.str.casefold().isin(YES | NO).all())


def fits(field: str, values: pd.Series, sheet: bool) -> bool:
    """Whether filled cells of a column can be values of `field` at all; `values` are distinct texts, at least one."""
    if field in AMOUNTS:
        return _share(values, lambda v: v.str.contains(r"\d")) >= 0.5 and _share(values, lambda v: v.str.contains(r"\d[/:]\d|[a-z]{4}")) < 0.2
    if field in DATES:
        return _share(values, lambda v: dates.looks_like_a_date(v, sheet)) >= 0.5
    if field == "is_open":
        return _switches(values)
    if field == "sign":
        return bool(values.str.casefold().isin(list(SIGNS)).all())
    if field == "currency":
        return _share(values, lambda v: v.str.fullmatch(r"[A-Za-z]{3}|[€$£¥]|[Ee][Uu][Rr][Oo]")) >= 0.5
    if field in ("country", "language"):
        return _share(values, lambda v: v.str.fullmatch(r"[A-Za-z]{2}")) >= 0.5
    if field == "email":
        return _share(values, lambda v: v.str.contains("@", regex=False)) >= 0.5
    if field == "instalment":
        return _share(values, lambda v: v.str.fullmatch(r"[\w/ -]{1,12}")) == 1
    return True


# ---------------------------------------------------------------------------------------------------------------- the map


def field_named(name: str) -> str:
    """The field a user names: `open` and `open_minor` are the same. Raises LedgerError listing the fields."""
    known = (*ITEM_FIELDS, *PAYER_FIELDS, *HELPERS)
    for candidate in (name.strip().casefold().replace(" ", "_"), name.strip().casefold() + "_minor"):
        if candidate in known:
            return candidate
    raise LedgerError(f"There is no field {name!r}. The fields are: {', '.join(k.removesuffix('_minor') for k in known)}.")


def mapped(headings: list[str], cells: pd.DataFrame, said: Mapping[str, str], *, sheet: bool) -> dict[str, int]:
    """Field -> position of its column. `cells` are the records under the headings. Raises LedgerError with the question and how to answer it."""
    chosen = {field_named(name): _position(heading, headings) for name, heading in said.items()}
    values = {at: pd.Series(cells[at].unique()[:2000], dtype="str") for at in range(len(headings))}
    values = {at: v[v != ""] for at, v in values.items()}
    rank = ranks()

    def candidates(field: str, how: Callable[[str], int | None]) -> list[tuple[bool, int, int]]:
        free = [at for at, heading in enumerate(headings) if heading and at not in chosen.values()]
        found = [(how(headings[at]), at) for at in free]
        return sorted((not len(values[at]), r, at) for r, at in found if r is not None and (not len(values[at]) or fits(field, values[at], sheet)))

    def choose(field: str, found: list[tuple[bool, int, int]]) -> None:
        best = [at for empty, r, at in found if (empty, r) == found[0][:2]]
        if len(best) > 1 and field in ASKED and any(not cells[best[0]].equals(cells[at].rename(best[0])) for at in best[1:]):
            raise LedgerError(_question(field, [headings[at] for at in best[:2]], best[:2], [values[at] for at in best[:2]]))
        chosen[field] = best[0]

    def local() -> bool:  # an amount in local currency must not be read in the document's
        return "open_minor" in chosen and rank["open_minor"].get(normal(headings[chosen["open_minor"]])) == LOCAL_AMOUNT

    first = ("is_open", "debit", "credit", "sign")
    order = (*first, *(f for f in SYNONYMS if f not in (*first, "currency")), "currency")
    for field in order:
        if field in chosen or (field == "original_minor" and "open_minor" not in chosen):
            continue
        if field == "currency" and local():
            found = [c for c in candidates(field, lambda h: rank["currency"].get(normal(h))) if c[1] == LOCAL_CURRENCY]
        elif field == "payer":
            found = [c for c in candidates(field, lambda h: rank["payer"].get(normal(h))) if c[1] < NAME_AS_PAYER]
        elif field in ("open_minor", "original_minor") and {"debit", "credit"} <= set(chosen):  # beside such a pair a "Solde" is a running balance,
            signed = field == "open_minor" and "sign" in chosen  # unless a sign says what it is
            found = [c for c in candidates(field, lambda h, f=field: rank[f].get(normal(h))) if c[1] == 0 or (c[1] == 1 and signed)]
        else:
            found = candidates(field, lambda h, f=field: rank[f].get(normal(h)))
        if found:
            choose(field, found)
    for field in (f for f in order if f in CONTAINED and f not in chosen):
        if (field in ("open_minor", "original_minor") and {"debit", "credit"} <= set(chosen)) or (field == "currency" and local()):
            continue
        if found := candidates(field, lambda h, f=field: contained(f, h)):
            choose(field, found)
    if "payer" not in chosen and "payer_name" in chosen:
        chosen["payer"] = chosen["payer_name"]  # QuickBooks, Xero and Odoo know their customers by name
    _complete(chosen, headings)
    return chosen


def _position(heading: str, headings: list[str]) -> int:
    for same in (lambda h: h == heading.strip(), lambda h: normal(h) == normal(heading)):
        if found := [at for at, h in enumerate(headings) if same(h)]:
            return found[0]
    raise LedgerError(f'There is no column "{heading}" in the export. Its headings are: {_listed(headings)}.')


def _listed(headings: list[str]) -> str:
    return ", ".join(f'"{h}"' for h in headings if h)


def _question(field: str, headings: list[str], at: list[int], values: list[pd.Series]) -> str:
    shown = [
        f'"{heading}" (column {letter(position)}{f", e.g. {value.iloc[0]}" if len(value) else ""})'
        for heading, position, value in zip(headings, at, values, strict=True)
    ]
    return f'Two columns could be {SPOKEN[field]}: {shown[0]} and {shown[1]}. Say which: --map {field.removesuffix("_minor")}="{headings[1]}".'


def _complete(chosen: Mapping[str, int], headings: list[str]) -> None:
    missing = [f for f in ("payer", "document") if f not in chosen]
    if "open_minor" not in chosen and not {"debit", "credit"} <= set(chosen):
        missing.append("open_minor")
    if "due_date" not in chosen and "terms" not in chosen:
        missing.append("due_date")
    if missing:
        field = missing[0]
        raise LedgerError(
            f"No column of the export was recognised as {SPOKEN[field]}. Its headings are: {_listed(headings)}."
            f' Say which one it is: --map {field.removesuffix("_minor")}="…".'
        )
