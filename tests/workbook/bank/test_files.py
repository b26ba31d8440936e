"""Payments as a table: what banks and cash books call their columns, in three languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.errors import LedgerError
from tests.workbook.bank.test_camt import read, shown, written

GERMAN = (
    "Kontoauszug\n\nBuchungstag;Valutadatum;Auftraggeber/Begünstigter;Verwendungszweck;Betrag;Währung\n"
    "04.03.2026;05.03.2026;Müller GmbH;RE 1930571;1.990,00;EUR\n04.03.2026;04.03.2026;Papier AG;Büro;-99,00;EUR\n;;;Endsaldo;1.891,00;EUR\n"
)
FRENCH = (
    "Date opération;Date valeur;Libellé;Débit;Crédit\n16/03/2026;17/03/2026;VIR LEFEVRE FA-2026-0101;;1200,00\n16/03/2026;16/03/2026;LOYER;800,00;\n"
)
RECORD = "payer,document,date,currency,amount,reference\n00017,F1,2026-03-04,EUR,200.00,bank 7\n"


@pytest.mark.parametrize(
    ("text", "then"),
    [
        (GERMAN, [("03-04", "03-05", "EUR", 199000, "Müller GmbH", "RE 1930571")]),
        (FRENCH, [("03-16", "03-17", "EUR", 120000, "", "VIR LEFEVRE FA-2026-0101")]),
        (RECORD, [("03-04", "03-04", "EUR", 20000, "", "F1 bank 7 00017")]),
    ],
)
def test_the_columns_are_found_by_their_headings(tmp_path: Path, text: str, then: list[tuple[object, ...]]) -> None:
    found = read(written(tmp_path, text, "bank.csv"))

    assert then == shown(found, "booked_on", "date", "currency", "received_minor", "debtor", "text")


@pytest.mark.parametrize(
    "text",
    [
        "Buchungstag;Umsatz;S/H;Verwendungszweck\n04.03.2026;1.000,00;S;Miete\n04.03.2026;200,00;H;F1\n",
        "Buchungstag;Verwendungszweck;Umsatz;\n04.03.2026;Miete;1.000,00;S\n04.03.2026;F1;200,00;H\n",
        "Date,Amount,Type,Text\n04.03.2026,1000.00,DEBIT,rent\n04.03.2026,200.00,CREDIT,F1\n",
        "Date;Montant;Sens;Libellé\n04/03/2026;1000,00;Débit;loyer\n04/03/2026;200,00;Crédit;F1\n",
        "Date,Amount,Type,Text\n04.03.2026,-1000.00,DEBIT,rent\n04.03.2026,200.00,CREDIT,F1\n",
    ],
)
def test_amounts_without_signs_go_the_way_that_a_column_marks(tmp_path: Path, text: str) -> None:
    found = read(written(tmp_path, text, "bank.csv"), date_order="dmy")

    assert [(20000, "F1")] == shown(found, "received_minor", "text")
    assert found.money_out == 1


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("Buchungstag;Betrag;Soll;Haben;Verwendungszweck\n15.01.2026;100,00;;100,00;F1\n15.01.2026;-9,00;-9,00;;x\n", (10000, "", "F1")),
        ("Buchungsdatum;Avisierungstext;Gutschrift in EUR;Lastschrift in EUR\n15.01.2026;F1;100.00;\n15.01.2026;x;;-9.00\n", (10000, "", "F1")),
        ("Date,Type,Description,Value,Balance\n15/01/2026,BAC,F1,100.00,1.00\n15/01/2026,D/D,x,-9.00,1.00\n", (10000, "", "F1")),
        ("Details,Posting Date,Description,Amount\nCREDIT,15/01/2026,F1,100.00\nDEBIT,15/01/2026,x,-9.00\n", (10000, "", "F1 CREDIT")),
        ("Datum;Buchungstext;Verwendungszweck;Betrag\n15.01.2026;Gutschrift;F1;100,00\n15.01.2026;Soll;x;-9,00\n", (10000, "", "F1 Gutschrift")),
        ("Date operation;Libelle operation;Montant operation\n15-01-2026;F1;100,00\n15-01-2026;x;-9,00\n", (10000, "", "F1")),
        ("Booking Date,Partner Name,Amount (EUR)\n2026-01-15,Dupont,100.00\n2026-01-15,x,-9.00\n", (10000, "Dupont", "")),
    ],
)  # fmt: skip
def test_downloads_of_banks(tmp_path: Path, text: str, then: tuple[object, ...]) -> None:
    found = read(written(tmp_path, text, "bank.csv"), date_order="" if "/" not in text else "dmy")

    assert [then] == shown(found, "received_minor", "debtor", "text")
    assert found.money_out == 1


def test_a_mark_that_nobody_knows_refuses_its_row(tmp_path: Path) -> None:
    found = read(written(tmp_path, "Buchungstag;Umsatz;S/H\n04.03.2026;1.000,00;X\n04.03.2026;200,00;H\n", "bank.csv"))

    assert ["bank_currency", "bank_entry"] == [f.code for f in found.findings]
    assert [(20000,)] == shown(found, "received_minor")


def test_a_document_of_its_own_is_a_structured_reference(tmp_path: Path) -> None:
    references = read(written(tmp_path, RECORD, "bank.csv")).entries.references

    assert [(0, "F1"), (0, "bank 7")] == list(references[["at", "number"]].itertuples(index=False, name=None))


@pytest.mark.parametrize("heading", ["KID", "OCR", "Viitenumero", "QR-Referenz", "Communication structurée", "Creditor reference"])
def test_references_are_found_by_what_countries_call_them(tmp_path: Path, heading: str) -> None:
    references = read(written(tmp_path, f"Date,Amount,{heading}\n2026-03-04,200.00,00190000042\n", "bank.csv")).entries.references

    assert ["00190000042"] == list(references["number"])


def test_a_currency_that_is_not_named_is_told(tmp_path: Path) -> None:
    assert ["bank_currency"] == [f.code for f in read(written(tmp_path, FRENCH, "bank.csv")).findings]


@pytest.mark.parametrize(
    "text",
    [
        "Buchungstag;Status;Betrag;Verwendungszweck\n04.03.2026;Gebucht;200,00;F1\n04.03.2026;Vorgemerkt;90,00;F2\n",
        "Date completed (UTC),State,Amount,Description\n2026-03-04,COMPLETED,200.00,F1\n2026-03-04,PENDING,90.00,F2\n",
        "Buchungstag;Betrag;Verwendungszweck;Info\n04.03.2026;200,00;F1;Umsatz gebucht\n04.03.2026;90,00;F2;Umsatz vorgemerkt\n",
    ],
)
def test_what_is_not_booked_yet_is_left_out_and_counted(tmp_path: Path, text: str) -> None:
    found = read(written(tmp_path, text, "bank.csv"))

    assert [(20000, "F1")] == shown(found, "received_minor", "text")
    assert (1, ["bank_not_booked"]) == (found.not_booked, [f.code for f in found.findings if f.code != "bank_currency"])


def test_a_text_in_several_columns_is_read_whole(tmp_path: Path) -> None:
    text = "Buchungsdatum;Währung;Gutschrift;Beschreibung1;Beschreibung2\n2026-03-04;CHF;80.00;Swiss AG;F1\n"

    assert [("Swiss AG F1",)] == shown(read(written(tmp_path, text, "bank.csv")), "text")


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("Date,Amount,Text\n04.03.2026,USD 200.00,F1\n", "USD"),
        ("Date,Amount,Text\n04.03.2026,200.00 £,F1\n", "GBP"),
        ("Date,Amount (USD),Text\n04.03.2026,200.00,F1\n", "USD"),
        ("Date,Amount EUR,Text\n04.03.2026,200.00,F1\n", "EUR"),
        ("Date,Betrag €,Text\n04.03.2026,200.00,F1\n", "EUR"),
        ("Date,Money in CHF,Text\n04.03.2026,200.00,F1\n", "CHF"),
        ("Date;Libellé;Débit euros;Crédit euros\n04.03.2026;F1;;200,00\n", "EUR"),
        ("Datum;Avisierungstext;Gutschrift in CHF;Lastschrift in CHF\n04.03.2026;F1;200.00;\n", "CHF"),
        ("Account currency,USD,\nDate,Amount,Text\n04.03.2026,200.00,F1\n", "USD"),
        ("Date,Amount,Currency,Text\n04.03.2026,200.00,€,F1\n", "EUR"),
    ],
)
def test_the_currency_stands_in_a_column_beside_the_amount_in_its_heading_or_above(tmp_path: Path, text: str, currency: str) -> None:
    found = read(written(tmp_path, text, "bank.csv"))

    assert [(currency, 20000)] == shown(found, "currency", "received_minor")
    assert [] == found.findings


def test_a_payment_in_two_currencies_is_refused_alone(tmp_path: Path) -> None:
    found = read(written(tmp_path, "Date,Amount,Currency,Text\n04.03.2026,USD 200.00,EUR,F1\n04.03.2026,5.00,EUR,F2\n", "bank.csv"))

    assert [("bank_entry", "bank.csv row 2")] == [(f.code, f.place) for f in found.findings]
    assert [("EUR", 500)] == shown(found, "currency", "received_minor")


@pytest.mark.parametrize("text", ["Date,Amount,Text\n04.03.2026,$200.00,F1\n", "Date,Amount,Currency,Text\n04.03.2026,200.00,$,F1\n"])
def test_dollars_of_no_country_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(LedgerError, match=r"bank\.csv row 2 is in dollars .* Add a column Currency"):
        read(written(tmp_path, text, "bank.csv"))


def test_a_row_that_cannot_be_read_is_told_with_its_place(tmp_path: Path) -> None:
    found = read(written(tmp_path, RECORD + "00017,F2,2026-02-30,EUR,1.00,x\n00017,F3,2026-03-05,EUR,abc,y\n", "bank.csv"))

    assert [("bank_entry", "bank.csv row 3"), ("bank_entry", "bank.csv row 4")] == [(f.code, f.place) for f in found.findings]
    assert 1 == len(found.entries.lines)


def test_dates_that_can_be_read_two_ways_are_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, "Date,Amount,Currency,Text\n03/04/2026,10.00,EUR,x\n", "bank.csv")

    with pytest.raises(LedgerError, match="3 April or 4 March 2026"):
        read(path)
    assert [("04-03",)] == shown(read(path, date_order="dmy"), "booked_on")


def test_the_same_row_twice_is_two_payments(tmp_path: Path) -> None:
    lines = read(written(tmp_path, RECORD + RECORD.splitlines()[1] + "\n", "bank.csv")).entries.lines

    assert (2, 2) == (len(lines), lines["receipt"].nunique())


def test_a_list_of_open_items_is_not_taken_for_payments(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="a list of open items, not of payments"):
        read(written(tmp_path, "Date,Num,Customer,Due date,Amount,Open balance\n2026-03-04,1,A,2026-04-04,10.00,10.00\n", "ledger.csv"))
