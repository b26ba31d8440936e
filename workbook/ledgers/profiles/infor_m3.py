"""Infor M3: ARS200 and ListDataAsCSV; headings are field codes or their texts."""

from __future__ import annotations

from workbook.ledgers.profiles.profile import Profile

REMINDED = (
    "number of payment reminders|no of payment reminders|payment reminders|number of reminders|nombre de relances|nb relances|anzahl mahnungen|"
    "anzahl zahlungserinnerungen|last reminder date|date derniere relance|letztes mahndatum|payment reminder stop|arret relance|mahnstopp|"
    "transaction code|trans code|code transaction|code de transaction|transaktionscode|rmqt|trcd"
)

INFOR_M3 = Profile(
    "infor_m3",
    "Infor M3 ARS200",
    marks=(
        ("pyno|cuno", "cino", "ivdt|dudt"),
        ("payer|payeur|zahler|regulierer", "invoice number|invoice no|inv no|no facture|n facture|numero facture|rechnungsnummer|"
                                           "rechnungsnr", REMINDED),
    ),
    fields={
        "company": "divi|division|division societe|cono|company",
        "payer": "pyno|payer|payeur|zahler|regulierer|cuno|customer number|customer no|customer|no client|numero client|kundennummer",
        "payer_name": "payer name|nom payeur|name zahler|pynm|customer name|nom client|kundenname|cunm",
        "document": "cino|invoice number|invoice no|inv no|no facture|n facture|numero facture|numero de facture|rechnungsnummer|rechnungsnr",
        "kind": "trcd|transaction code|trans code|code transaction|code de transaction|transaktionscode",
        "document_date": "ivdt|invoice date|inv date|date facture|date de facture|rechnungsdatum",
        "due_date": "dudt|due date|date echeance|date d echeance|falligkeitsdatum",
        "currency": "cucd|currency|currency code|devise|code devise|wahrung|wahrungscode",
        "open_minor": "ocua|outstanding amount|outstanding amount foreign currency|outstanding currency amount|remaining amount|montant restant|"
                      "montant en cours|reste du|montant ouvert|offener betrag|oamt|outstanding amount local currency",
        "original_minor": "cuam|currency amount|foreign currency amount|invoice amount|montant devise|montant en devise|wahrungsbetrag|"
                          "rechnungsbetrag",
        "paid_minor": "pcua|paid amount|montant paye|bezahlter betrag",
        "terms": "tepy|payment terms|terms of payment|condition de paiement|conditions de paiement|zahlungsbedingung",
        "level": "rmqt|number of payment reminders|no of payment reminders|payment reminders|number of reminders|nombre de relances|nb relances|"
                 "anzahl mahnungen|anzahl zahlungserinnerungen",
        "last_reminder": "lrdt|last reminder date|last reminder|date derniere relance|derniere relance|letztes mahndatum",
        "block": "rmbl|payment reminder stop|reminder stop|payment reminder block|arret relance|stop relance|mahnstopp|mahnsperre",
        "dispute": "dnre|debit note reason|dispute code|motif de litige|code litige",
        "reference": "cuor|customer order number|your reference|yref|votre reference|ihre referenz",
    },
    ignored="inyr|invoice year|annee facture|rechnungsjahr|clst|rmst|sptc",
    kinds={"10": "invoice", "20": "payment", "12": "other", "30": "other"},
    settled={"reco|reconciliation code|code rapprochement|abstimmcode": "9"},
    signed=True,
    hints={"open_minor": "The export has no outstanding amount (OCUA): LstInvoices and SearchInvoices give headings of invoices only. "
                         "Export the list of ARS200 with its columns, or read the amounts with GetInvTotInfo."},
)  # fmt: skip
