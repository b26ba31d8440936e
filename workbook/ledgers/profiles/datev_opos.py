"""DATEV open items (OPOS) of Kanzlei-Rechnungswesen; the balance is unsigned, with Soll or Haben beside it."""

from __future__ import annotations

from workbook.ledgers.profiles.profile import Profile

PAYER = "konto|personenkonto|personenkontonummer|kontonummer|kto nr|konto nr|debitor|debitorenkonto|kto"
DOCUMENT = "belegfeld 1|belegfeld1|rechnungsnr|rechnungs nr|rechnungsnummer|beleg feld 1|belegnummer|belegnr"
SALDO = "saldo|offener saldo|offener betrag|op saldo|saldo offen|offener posten|restbetrag"

DATEV_OPOS = Profile(
    "datev_opos",
    "DATEV OPOS",
    marks=(
        (PAYER, "belegfeld 1|belegfeld1|beleg feld 1", f"{SALDO}|betrag soll|umsatz soll|soll", "falligkeit|falligkeitsdatum|fallig|fallig am|"
            "mahnstufe|falligk"),
        (PAYER, DOCUMENT, f"{SALDO}|betrag soll|umsatz soll|soll", "falligkeit|falligkeitsdatum|fallig|fallig am|falligk", "mahnstufe|"
            "mahn zahlsperre|s h|soll haben kennzeichen|mst"),
    ),
    fields={
        "payer": PAYER,
        "payer_name": "beschriftung|kontobeschriftung|name|kontobezeichnung|bezeichnung|firmenname|kurzbezeichnung|kontenbeschriftung",
        "document": DOCUMENT,
        "kind": "typ des postens|postentyp|op art|buchungstext|text",
        "document_date": "belegdatum|rechnungsdatum|datum|beleg dat",
        "due_date": "falligkeit|falligkeitsdatum|fallig|fallig am|falligk|netto falligkeit",
        "currency": "wahrungskennung|wahrung|wkz|wkz umsatz",
        "open_minor": SALDO,
        "original_minor": "rechnungsbetrag|urspr betrag|ursprungsbetrag|betrag|umsatz",
        "debit": "betrag soll|umsatz soll|soll|soll betrag",
        "credit": "betrag haben|umsatz haben|haben|haben betrag",
        "sign": "s h|s h kz|sh|soll haben kennzeichen|soll haben|soll haben kz|soll haben kennzeichen des saldos|s h saldo|s h kennz",
        "reference": "belegfeld 2|belegfeld2|beleg feld 2",
        "level": "mahnstufe|mst|mahnst",
        "last_reminder": "mahndatum|letztes mahndatum|mahndatum 1|letzte mahnung",
        "block": "mahn zahlsperre|mahnsperre|mahn und zahlsperre|zahl mahnsperre",
        "block_until": "temporare mahnsperre|temporaere mahnsperre|temp mahnsperre",
        "terms": "zahlungsbedingung|zahlungskondition|zahlbed",
    },
    ignored="falligkeitstage|veranlagungsjahr|keine zinsberechnung|skonto|zahlsperre",
    reminded=("mahndatum 1", "mahndatum 2", "mahndatum 3"),
    kinds={"invoice": "invoice", "credit_note": "credit", "credit_note_by_revocation": "credit", "deposit": "payment", "payment": "payment",
           "cash_discount": "credit", "generalreversal": "credit", "ausgangsrechnung": "invoice", "rechnungsausgang": "invoice", "skonto": "credit",
           "zahlungseingang": "payment", "anzahlung": "payment", "mahngebühr": "fee", "zinsen": "fee"},
    settled={"ausgleichs kennzeichen|ausgleichskennzeichen|ausgeglichen": "ja|j|x|a|1|true|wahr"},
    local=True,
)  # fmt: skip
