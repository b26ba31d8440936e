"""What headings exports use for our fields, in English, French and German, some in Dutch, Spanish, Italian and Portuguese: ranked groups, the best
first. Written as `headings.normal` makes them: lower case, no accents, no punctuation. Those of one system alone stand in its profile.
"""

from __future__ import annotations

import re

LOCAL = re.compile(  # in a heading of amounts: they are in the company's currency
    r"\b(?:lcy|accounted|base amount|(?:functional|local|home) (?:amount|balance)|(?:amount|balance) (?:local|base|home)|ds|mw|dmbtr|oamt|amtloc|"
    r"payloc|loc(?:al)? cur(?:r|rency)?|lc|(?:base|home|functional|company(?: code)?) currency|co ?cd cr?cy|"
    r"dev(?:ise)? (?:interne|int|locale|fonctionnelle|de base|de tenue|(?:de )?(?:la )?societe)|"
    r"(?:haus|landes|basis|bukrs|buchungskreis)wahr\w*|bukrs wahr|hw|lw|lokale valuta|lv|"
    r"moeda interna|mi|(?:due|total|residual|du|betrag|gesamt|fallig) (?:signed|signe|mit vorzeichen))\b"
)

FOREIGN = re.compile(  # in a heading of amounts: they are in the currency of the document
    r"\b(?:(?:in )?(?:foreign|transaction|trans?|document|doc|invoice|entered|orig(?:inal)?) (?:currency|curr?)|foreign|txn|entered|fcy|"
    r"(?:in )?(?:fremd|beleg|transaktions)wahrung|(?:in )?(?:fc|fw|bw|dc|tc)|(?:en )?dev(?:ise)? piece|"
    r"(?:en )?devise(?: (?:etrangere|document))?|curr?)\b"
)

CODE = re.compile(r"\b[A-Z]{3}\b|[€£]")  # in a heading of amounts: perhaps their currency

LINES = frozenset(  # headings of an export that has a row for every line of an invoice, each with the amounts of the whole
    "quantity|qty|unit price|unit amount|line amount|line total|item price|item total|menge|einzelpreis|positionsbetrag|quantite|qte|prix unitaire|"
    "montant ligne|total ligne".split("|")
)


def _numbers(owners: str, words: str) -> str:
    """What names a number in either order: customer no, no client."""
    return "|".join(f"{a} {b}" for one in owners.split() for word in words.split() for a, b in ((one, word), (word, one)))


NUMBERS = "no nr num number nummer n numero"
PAYER_NUMBERS = _numbers("customer cust client account acct debtor kunde kunden kd debitor debitoren tiers", f"{NUMBERS} id code")
DOCUMENT_NUMBERS = _numbers("invoice inv bill document doc facture fact piece rechnung rechnungs rg re beleg voucher", NUMBERS)

SYNONYMS: dict[str, tuple[str, ...]] = {
    "company": (
        "company code|cocd|buchungskreis|bukrs|company|societe|code societe|business code|divi|legal entity|entity|mandant|gesellschaft|"
        "dataareaid|empr|firma|nom societe|code soc|soc",
        "branch|site|etablissement|filiale|niederlassung",
        "country code",
    ),
    "payer": (
        "payer id|payer no|payer number|payeur|code payeur|n payeur|regulierer|zahler|pyno|bill to|bill to customer|bill to customer no|pay by|"
        "pay by business partner|head office|siege|zentrale",
        "customer account|customer account number|kunnr|numero de client|compte client|compte tiers|comp aux num|ct num|debitor|debitorennr|"
        "debitorennummer|kundennr|kundennummer|kundenkonto|personenkonto|personenkontonummer|debtor|debitornr|debitornummer|debitorenkonto|"
        "konto nr|kontonummer|a c|a c ref|account ref|partner id|partner id ref|partner id id|partner no|identifiant client|n compte client|"
        "no compte client|numero compte|tiers facture|tiers payeur|klantnr|klantnummer|n de compte|no de compte|compte auxiliaire|auxiliaire|"
        "no client facture|debtor account|debtor ref|codigo cliente|cod cliente|codice cliente|relatiecode|klantcode"
        f"|{PAYER_NUMBERS}",
        "tiers|party|cliente|address number|address no",
        "account|konto|compte|no compte|n compte|numero de compte|contact account number|cuno|conta|klant|debiteur",
        "client|customer|kunde|name or account|ref client",
    ),
    "payer_name": (
        "payer name|customer name|customer full name|name customer|customer name 1|customer name1|name 1|nom 1|nom client|nom du client|"
        "nom tiers|nom du tiers|raison sociale|intitule tiers|debitorenname|kundenname|name des kunden|comp aux lib|party name|partner name|"
        "firmenname|debtor name|client name|account name|party s name|nom du payeur|name des debitors|kontobezeichnung|kontoname|nome|naam|"
        "relatienaam|klantnaam|ragione sociale|razon social|matchcode|kontobeschriftung|nom auxiliaire|libelle du compte|intitule du tiers",
        "intitule|libelle tiers|libelle compte|bezeichnung|beschriftung|partenaire|partner|contact|kontakt|kontaktname|contact name|company name|"
        "alpha name|denomination|"
        "invoice partner display name|partner id name|partner id display name",
        "customer|client|kunde|tiers|debitor|cliente",
    ),
    "document": (
        "document id|doc id|invoice|belegnr|belegnummer|rechnungsnr|rechnungsnummer|rgnr|rechnung|numero de piece|no de piece|n de piece|facture|"
        "numero de facture|no de facture|n de facture|numero de document|cino|num 0|belnr|belegfeld 1|numero|number|piece ref|op nr|op nummer|"
        "reference facture|ref facture|invoice ref|no de la facture|inv|document|invoice cm|inv ref|buchungsbeleg|journal entry|doc|"
        "piece comptable|ecriture comptable|factuurnummer|numero fattura|numero documento|n documento|numero factura|n factura|documento"
        f"|{DOCUMENT_NUMBERS}",
        "num|no|nr|ref no|voucher|entry|invoice id|move name|reference piece|piece|beleg|rechnung no|transaction|transaction number|"
        "transaction no|transaction num|trans no|reference nbr|ref nbr|reference number|tran number|tran no|entry no|our ref|id no|ref piece|"
        "no doc|n doc",
        "ref|reference",
    ),
    "instalment": (
        "instalment no|installment|installment no|echeance n|no echeance|n echeance|numero d echeance|raten nr|ratennr|schedule line|pay item|"
        "no ligne echeance|n ligne echeance|ligne echeance",
        "itm|buzei|line item",
    ),
    "kind": (
        "document type|doc type|type de piece|type piece|type document|type de document|belegart|transaction type|voucher type|"
        "typ des postens|blart|typ|invoice type|nature|art|tran type|trans type|doc type code|tipo|ty",
    ),
    "document_date": (
        "doc date|document date|date piece|date de la piece|date document|date de document|bldat|document create date 1|piece date",
        "invoice date|date facture|date de facture|date de facturation|rechnungsdatum|ivdt|invoice bill date|bill date|issue date|"
        "date emission|date d emission|emis|emis le|emise le|ausgestellt|ausgestellt am|ausstellungsdatum|"
        "rechnungs datum|re datum|rg datum|date fact|inv date|date de la facture|datefacture|date facturation|date issued|issued|issued on|"
        "date of issue|date of invoice|factuurdatum|fecha factura|fecha de factura|data documento|data doc|data fattura|data fatura|fecha de emision",
        "document create date|create date|transaction date|voucher date",
        "posting date|pstng date|buchungsdatum|date comptabilisation|date de comptabilisation|date comptable|date ecriture|ecriture date|budat",
        "date|datum|data|fecha|date utc",
    ),
    "due_date": (
        "net due date|net due dt|due in date|due dt|due on|due|date echeance|date d echeance|date de l echeance|echeance nette|"
        "date d echeance nette|fallig|fallig am|falligkeitsdatum|nettofalligkeit|nettofall|netto falligkeit|faellig|faellig am|faelligkeit|"
        "faelligkeitsdatum|dudt|duddat 0|netdt|date maturity|maturity date|maturity|payment due date|invoice due date|zahlbar bis|"
        "date limite de paiement|vencliquid|netto vervaldatum|vervaldatum|vencimento|vencimiento|date d exigibilite|"
        "exigibilite|exigible|exigible le|due by|pay by date|"
        "falligkeit netto|faelligk|falligk|dateecheance|echeances|date ech|dt echeance|date due|net due|payment due|payment due on|due date utc|"
        "ech nette|verfalldatum|verfall|verfalltag|fecha vencimiento|fecha de vencimiento|data scadenza|scadenza|data venc|data vencimento|"
        "vervaldag|netto fall",
    ),
    "currency": (
        "currency code|invoice currency|document currency|doc currency|transaction currency|curr|code devise|devise piece|devise de la piece|"
        "monnaie|iso code|waehr|wahr|moeda|valuta|currency iso|wahrungscode|wahrg|whrg|waehrung|wkz|belegwahrung|wahrungskennung|cucd|cur 0|waers|"
        "ccy|iso currency|idevise|cur|whg|moneda|divisa|transaktionswahrung|dev",
        "local currency|lcurr|local curr|devise interne|hauswahrung|hauswahr|hwahrung|hwahr|hwaer|devise societe|company currency",
    ),
    "open_minor": (
        "open amount|open balance|amount open|outstanding|outstanding amount|outstanding balance|remaining amount|remaining|"
        "remaining balance|amount due|amount outstanding|amount remaining|balance due|total open amount|solde restant|solde restant du|"
        "solde du|solde ouvert|reste du|reste a payer|reste a regler|restant du|montant ouvert|montant du|montant restant|montant restant du|"
        "montant non regle|residuel|montant residuel|residual|amount residual|offener betrag|"
        "offener saldo|restbetrag|noch offen|ocua|pending amount|saldo offen|unpaid amount|open amt|open amount doc curr|amount unpaid|os amount|"
        "solde a payer|montant restant a payer|reste a encaisser|encours|impaye|montant impaye|offen betrag|"
        "betrag offen|offener rechnungsbetrag|op betrag|"
        "op saldo|restforderung|offene forderung|total due|outstanding value|rest amount|rest|restsaldo|amt due|bal o s|balance o s|amount o s|"
        "o s amount|"
        "os balance|o s|bal due|open bal|montant restant a regler|"
        "reste|solde a regler|a encaisser|net due amount|current balance|invoice balance|balance outstanding|unpaid|unpaid balance|still open|"
        "outst|outst amt|outst amount|outstanding amt|remaining amt|current trx amount|solde impaye|openstaand bedrag|openstaand|pendiente|"
        "importe pendiente|saldo pendiente|residuo|importo residuo|saldo residuo|valor pendente|valor em aberto|em aberto",
        "balance|amount|montant|saldo|betrag|betr|amt|mnt|amount in doc curr|"
        "amount in document currency|montant en devise piece|betrag in belegwahrung",
        "amount in local currency|amt in loc cur|amount in local cur|montant en devise interne|betrag in hauswahrung|betrag in hw|"
        "remaining amt lcy|remaining amount lcy|balance lcy|montant ouvert ds|restbetrag mw|dmbtr|oamt|amount due signed|montant du signe",
        "invoice amount|invoiced amount|invoice total|total|total amount|montant ttc|montant facture|total ttc|ttc|original amount|"
        "rechnungsbetrag|bruttobetrag|gross amount|gross|brutto|total signed|total signe|montant initial|ursprungsbetrag",
    ),
    "original_minor": (
        "original amount|invoice amount|invoiced amount|invoice total|montant facture|montant d origine|montant origine|rechnungsbetrag|cuam|"
        "original balance|original amt|document value|inv amt|inv amount|amount original|ursprunglich|original trx amount|"
        "factuurbedrag|valor total",
        "amount|montant|betrag|bedrag|importe|importo|valor|total|total amount|"
        "montant ttc|total ttc|ttc|gross amount|bruttobetrag|gross|brutto|total signed|total signe",
    ),
    "paid_minor": (
        "paid|paid amount|amount paid|paid to date|payments|payments received|received|montant regle|montant paye|regle|paye|deja regle|deja paye|"
        "encaisse|montant encaisse|reglement recu|acomptes|zahlung|zahlungen|bisher bezahlt|bez|rec d|invoice amount paid|total paid|"
        "allocated value|settled amount|settle amount|amount settled|bezahlt|"
        "bezahlter betrag|gezahlt|bereits bezahlt|zahlbetrag|pcua|betaald|cobrado|pagado|incassato|pagato|pago",
    ),
    "debit": ("debit|debits|soll|betrag soll|umsatz soll|montant debit|debit amount|sollbetrag",),
    "credit": ("credit|credits|haben|betrag haben|umsatz haben|montant credit|credit amount|habenbetrag",),
    "sign": (
        "s h|soll haben|soll haben kennzeichen|soll haben kz|soll haben kennzeichen des saldos|sens|sns 0|dr cr|d c|debit credit|"
        "debit credit indicator",
    ),
    "settled_on": (
        "clear date|clearing date|cleared on|settled date|settlement date|settled on|paid date|date paid|paid on|date de lettrage|"
        "date lettrage|date let|ausgleichsdatum|bezahlt am|augdt",
    ),
    "cleared_by": ("clearing document|clrng doc|ausgleichsbeleg|piece de rapprochement|augbl|doccompens",),
    "lettering": (
        "lettrage|let|code lettrage|code de lettrage|lettre|numero de lettrage|no lettrage|n lettrage|lettering|matching|matching number|matching no|"
        "matching code|auszifferung|ausziffern|auszifferungskennzeichen|abstimmung|abstimmnummer",
    ),
    "is_open": ("is open|open|ouvert|offen",),
    "is_paid": ("paid|is paid|settled|bezahlt|ist bezahlt|paye|payee|regle|reglee",),
    "status": (
        "status|invoice status|document status|doc status|payment status|statut|etat|statut facture|statut de la facture|etat facture|"
        "etat de la facture|statut de paiement|statut paiement|rechnungsstatus|belegstatus|zahlungsstatus",
    ),
    "special": (
        "special g l ind|special g l indicator|sp g l|sg|shb kennzeichen|sonderhauptbuch kennz|sonderhauptbuchkennzeichen|shbk|code cgs|"
        "indicateur cgs|umskz",
    ),
    "dispute": (
        "dispute|litige|strittig|disputed|in dispute|is disputed|dispute status|dispute code|en litige|statut litige|facture en litige|"
        "reklamation|reklamiert",
    ),
    "block": (
        "dunning block|dunn block|reminder block|on hold|bloc relance|blocage relance|arret relance|en attente|abwarten|mahn zahlsperre|rmbl|"
        "mansp|mahnsperre|zahl mahnsperre|blocage|blocage relances|bloque|no reminders|reminder stop|relance bloquee|ms",
    ),
    "block_until": (
        "blocked until|dunning block until|temporare mahnsperre|temporaere mahnsperre|mahnsperre bis|bloque jusqu au|blocage jusqu au|bldt",
    ),
    "terms": (
        "payment terms|payment term|terms of payment|cust payment terms|payment terms code|conditions de paiement|condition de paiement|"
        "zahlungskondition|zahlungsbed|zahlbed|conditions reglement|conditions de reglement|cond reglement|terms code|"
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
        "niveau derniere relance emise|stade de relance|letzte mahnstufe|nombre de relances|rmqt|levfup 0|dunn|mst|mahns|ec rappel|"
        "niv relance|rappel|niveau rappel|niveau de rappel|nb relances|relances|stade relance|reminders|reminder count|reminders sent|"
        "anzahl mahnungen|mahnungen|collection letter|collection letter code|collection letter sequence|dunning lev|compteur des relances client",
    ),
    "last_reminder": (
        "last dunned|last reminder|derniere relance|date relance|date derniere relance|mahndatum|mahndatum 1|letzte mahnung|lrdt|datfup 0|"
        "madat|l mahnung|last dunning|last dunning date|last reminder date|date de derniere relance|date du dernier rappel|dernier rappel|"
        "letztes mahndatum|datum der letzten mahnung|last collection letter|date rappel|reminder date|follow up date",
    ),
    "address": ("street|rue|strasse|address 1|adresse 1|address line 1|strasse und hausnummer|postal address",),
    "postal_code": ("zip|zip code|postcode|postleitzahl|cp",),
    "city": ("town|stadt|localite|commune",),
    "region": ("state|canton|kanton|bundesland",),
    "country": ("country code|code pays|landerkennzeichen|lkz|land",),
    "language": ("language code|code langue|sprachkennzeichen",),
    "contact": ("contact name|contact person|customer contact",),
    "email": ("email|mail|email address|e mail address|adresse e mail|adresse mail|courriel",),
    "phone": ("phone number|telephone number|tel|mobile|telefonnummer",),
}
