"""SAP customer line items (FBL5N, FBL5H): unconverted list, "spreadsheet" text, or .xlsx; the columns are the user's own layout."""

from __future__ import annotations

from workbook.ledgers.profiles.profile import Profile

DOCUMENT = (
    "document number|documentno|document no|doc no|doc number|belegnummer|belegnr|beleg nr|no piece|n piece|no de piece|numero de piece|numero piece|"
    "no doc|no documento|documentnummer|documentnr|belnr"
)
IN_DOCUMENT = (
    "amount in doc curr|amount in document currency|amount in doc crcy|amount in dc|amt in dc|"
    "amt in doc cur|amt doc curr|amt in doc curr|betrag in belegwahrung|"
    "betrag in bw|betrag belegwahrung|betrag in belegwahr|montant en devise piece|montant en devise de la piece|montant devise piece|"
    "mont dev piece|montante em moeda do documento|mont em md|bedrag in documentvaluta|bedrag in dv|wrbtr"
)
IN_LOCAL = (
    "amount in local currency|amount in local cur|amt in loc cur|amt in loc curr|amount in lc|amt in lc|"
    "amount in loc curr|amount in company code currency|"
    "betrag in hauswahrung|betrag in hw|betrag hauswahrung|betrag in hauswahr|montant en devise interne|montant devise interne|mont dev interne|"
    "mont dev int|montant en devise de societe|mont em mi|montante em moeda interna|bedrag in lokale valuta|bedrag in lv|dmbtr"
)

SAP_FBL5N = Profile(
    "sap_fbl5n",
    "SAP FBL5N",
    marks=((DOCUMENT, f"{IN_DOCUMENT}|{IN_LOCAL}"),),
    fields={
        "company": "company code|cocd|buchungskreis|bukr|bukrs|buk|societe|ste|empr|empresa|bedrijfsnummer|bedrijf|bedrijfsnr",
        "payer": "account|customer|customer account|konto|debitor|debitorenkonto|compte|client|compte client|conta|cliente|klant|debiteur|kunnr|"
                 "head office|"
                 "zentrale|siege",
        "payer_name": "name 1|customer name1|customer name 1|name|nom 1|nom|nome 1|nome|naam 1|naam|customer name|name1",
        "document": DOCUMENT,
        "instalment": "itm|item|line item|pos|position|buzei|poste|pst|item no",
        "kind": "document type|type|ty|doc type|belegart|art|bela|blart|type de piece|type piece|typ|tp|tipo|tipo de documento|documentsoort|srt",
        "document_date": "document date|doc date|belegdatum|belegdat|date de la piece|date piece|date pce|date de piece|data doc|data documento|"
                         "documentdatum|bldat|posting date|pstng date|buchungsdatum|buchdatum|date comptable|dte cptable|data lanc|boekingsdatum|"
                         "budat",
        "due_date": "net due date|net due dt|net due|nettofalligkeit|nettofalligk|nettofall|netto falligkeit|netto falligk|falligkeit netto|"
                    "echeance nette|"
                    "date d echeance nette|ech nette|echeance|vencliquid|vencimento liquido|netto vervaldatum|netto vervaldat|netdt",
        "currency": "document currency|doc currency|curr|crcy|currency|belegwahrung|wahrung|wahrg|devise piece|devise de la piece|devise|dev piece|"
                    "moeda|moeda do documento|documentvaluta|valuta|waers",
        "open_minor": f"{IN_DOCUMENT}|{IN_LOCAL}",
        "reference": "assignment|zuordnung|affectation|atribuicao|toewijzing|zuonr|reference|referenz|referencia|referentie|ref key 3|"
                     "reference key 3|"
                     "referenzschlussel 3|chvrefer 3|billing document|billdoc|faktura|text|texte|texto|tekst",
        "terms": "terms of payment|payt|pay terms|payment terms|zahlungsbedingung|zahlungsbed|zbed|conditions de paiement|cond paiement|cond pmt|"
                 "condicoes de pagamento|cpgt|betalingsconditie|zterm",
        "level": "dunning level|dunn|dl|dunn level|mahnstufe|mst|mahnst|niveau de relance|niv relance|niv rel|nivel de advertencia|aanmaanniveau|"
                 "mahns",
        "last_reminder": "last dunned|last dunned on|last dunning|lastdunned|letzte mahnung|l mahnung|letzte mahng|derniere relance|dern relance|"
                         "ultima advertencia|laatste aanmaning|madat",
        "block": "dunning block|db|dunn block|mahnsperre|ms|mahnsp|blocage relance|blocage de relance|bloc rel|bloqueio advertencia|mansp",
        "cleared_by": "clearing document|clrng doc|clearing doc|clrng doc no|ausgleichsbeleg|ausglbeleg|ausgl beleg|piece de rapprochement|"
                      "piece rapprochement|pce rappr|doccompens|documento de compensacao|vereffeningsdocument|augbl",
        "settled_on": "clearing date|clearing|clrng date|ausgleichsdatum|ausgleich|date de rapprochement|date rapprochement|date rappr|compensac|"
                      "data compensacao|vereffening|vereffeningsdatum|augdt",
        "special": "special g l ind|special g l indicator|sp g l|sgl ind|special gl|sonderhauptbuchkennzeichen|sonderhauptbuch kennz|shbkz|shb|"
                   "code cgs|indicateur cgs|cgs|umskz",
    },
    ignored="branch|branch account|filiale|payment block|zahlsperre|blocage paiement|st|status",
    kinds={"rv": "invoice", "dr": "invoice", "rf": "invoice", "dg": "credit", "rg": "credit", "dz": "payment", "zp": "payment", "zv": "payment",
           "da": "other", "ab": "other", "sa": "other", "sb": "other", "kg": "other", "kr": "other"},
    signed=True,
)  # fmt: skip
