"""DATEV EXTF: open items of the debtors by Belegfeld 1, from batches of postings and master data."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rules.errors import LedgerError
from workbook.ledgers import Export, read_export

FIRST = '"EXTF";700;{category};"{name}";9;20250306102500000;;"XY";"";"";1001;456;{begins};4;20250101;20251231;"";"";1;;0;"EUR"'
HEAD = "Umsatz (ohne Soll/Haben-Kz);Soll/Haben-Kennzeichen;WKZ Umsatz;Konto;Gegenkonto (ohne BU-Schlüssel);Belegdatum;"
HEAD += "Belegfeld 1;Belegfeld 2;Buchungstext"
LINES = """
1190,00;S;;10000;8400;1501;R1;140225;Honorar
200,00;S;;8400;10000;2001;G1;;Gutschrift
500,00;H;;10000;1200;302;R1;;Teilzahlung
300,00;S;;10001;8400;3112;R2;;Wartung
300,00;S;;1200;10001;0201;R2;;Zahlung
50,00;H;;10001;1200;0301;;;Zahlung ohne Angabe
70,00;S;;10001;10000;0401;U1;;Umbuchung
99,00;H;;70001;1200;0401;L1;;Lieferant
"""


def batch(folder: Path, lines: str = LINES, name: str = "EXTF_Buchungsstapel.csv", begins: str = "20250101", head: str = HEAD) -> Path:
    path = folder / name
    first = FIRST.format(category=21, name="Buchungsstapel", begins=begins)
    path.write_bytes("\r\n".join([first, head, *lines.split("\n")[1:-1], ""]).encode("cp1252"))
    return path


def masters(folder: Path) -> Path:
    path = folder / "EXTF_Stammdaten.csv"
    head = "Konto;Name (Adressatentyp Unternehmen);Name (Adressatentyp natürl. Person);Vorname (Adressatentyp natürl. Person);Straße;Postleitzahl;Ort"
    lines = ['10000;"Müller GmbH";"";"";"Hauptstraße 1";"50667";"Köln"', '10001;"";"Mustermann";"Sabine";"";"";""']
    path.write_bytes("\r\n".join([FIRST.format(category=16, name="Debitoren/Kreditoren", begins="20250101"), head, *lines, ""]).encode("cp1252"))
    return path


def read(*paths: Path) -> Export:
    return read_export(list(paths), as_of=date(2025, 12, 31), company_currency="EUR")


def shown(export: Export) -> list[str]:
    return [" ".join(f"{i.payer} {i.document} {i.kind} {i.open_minor / 100:.2f}".split()) for i in export.items.itertuples()]


def test_postings_of_one_document_are_netted_on_the_side_of_the_debtor(tmp_path: Path) -> None:
    export = read(batch(tmp_path))

    assert export.profile == "datev_extf"
    assert shown(export) == [
        "10000 R1 invoice 690.00", "10000 G1 credit -200.00", "10001 Zahlung ohne Angabe payment -50.00", "10001 U1 invoice 70.00",
        "10000 U1 payment -70.00",
    ]  # fmt: skip
    assert export.rows["kind"].value_counts().to_dict() == {"item": 5, "settled": 3, "furniture": 1, "header": 1, "elsewhere": 1}
    assert set(export.items["company"]) == {"456"}


def test_dates_take_the_year_of_the_first_line_and_due_dates_stand_in_belegfeld_2(tmp_path: Path) -> None:
    items = read(batch(tmp_path)).items.set_index("document")

    assert str(items.loc["R1", "document_date"].date()) == "2025-01-15"
    assert (str(items.loc["R1", "due_date"].date()), items.loc["R1", "due_source"]) == ("2025-02-14", "export")
    assert items.loc["G1", "due_source"] == "none"


def test_in_a_business_year_that_begins_in_july_january_is_of_the_next_year(tmp_path: Path) -> None:
    items = read(batch(tmp_path, "\n10,00;S;;10000;8400;1507;A;;x\n10,00;S;;10000;8400;1501;B;;x\n", begins="20240701")).items

    assert [str(day.date()) for day in items["document_date"]] == ["2024-07-15", "2025-01-15"]


def test_names_and_addresses_come_from_the_master_data_given_along(tmp_path: Path) -> None:
    payers = read(batch(tmp_path), masters(tmp_path)).payers.set_index("payer")

    assert payers["name"].to_dict() == {"10000": "Müller GmbH", "10001": "Sabine Mustermann"}
    assert payers.loc["10000", ["address", "postal_code", "city"]].tolist() == ["Hauptstraße 1", "50667", "Köln"]


def test_a_reversal_on_the_same_side_takes_its_posting_back(tmp_path: Path) -> None:
    lines = "\n500,00;S;;10000;8400;1501;R1;;Honorar;0\n500,00;S;;10000;8400;1601;R1;;Storno;G\n80,00;S;;10000;8400;1701;R2;;Honorar;\n"

    assert ["10000 R2 invoice 80.00"] == shown(read(batch(tmp_path, lines, head=f"{HEAD};Generalumkehr")))


def test_master_data_alone_hold_no_postings(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="holds no postings"):
        read(masters(tmp_path))


def test_a_batch_without_its_keys_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="missing: Belegfeld 1"):
        read(batch(tmp_path, head=HEAD.replace("Belegfeld 1", "Feld")))


@pytest.mark.parametrize(
    "head", [HEAD.replace("WKZ Umsatz;", ""), "Umsatz;Soll/Haben;Konto;Gegenkonto;Belegdatum;Belegfeld 1;Belegfeld 2;Buchungstext"]
)
def test_a_batch_without_a_column_of_currencies_is_in_that_of_its_first_line(tmp_path: Path, head: str) -> None:
    items = read(batch(tmp_path, "\n1190,00;S;10000;8400;1501;R1;140225;Honorar\n", head=head)).items

    assert [("R1", "EUR", 119000)] == list(zip(items["document"], items["currency"], items["open_minor"], strict=True))


JANUARY, FEBRUARY = "\n10,00;S;;10000;8400;1501;R1;;Rechnung\n", "\n20,00;S;;10000;8400;1502;R2;;Rechnung\n"
RECEIPT = "\n10,00;H;;10000;1200;1501;R1;;Zahlung\n"


@pytest.mark.parametrize(("one", "other"), [(LINES, LINES), (JANUARY + FEBRUARY[1:], FEBRUARY), (JANUARY, JANUARY + FEBRUARY[1:])])
def test_a_batch_given_twice_or_within_another_is_refused(tmp_path: Path, one: str, other: str) -> None:
    files = batch(tmp_path, one, "EXTF_a.csv"), batch(tmp_path, other, "EXTF_b.csv")

    with pytest.raises(LedgerError, match=r"EXTF_a.csv and EXTF_b.csv hold the same postings: [0-9]+. Give each file once"):
        read(*files)


def test_two_batches_of_the_same_days_are_read_together_where_their_postings_differ(tmp_path: Path) -> None:
    export = read(batch(tmp_path, JANUARY + FEBRUARY[1:], "EXTF_a.csv"), batch(tmp_path, RECEIPT, "EXTF_b.csv"))

    assert shown(export) == ["10000 R2 invoice 20.00"]


FULL = (
    "Umsatz (ohne Soll/Haben-Kz);Soll/Haben-Kennzeichen;WKZ Umsatz;Basis-Umsatz;WKZ Basis-Umsatz;Konto;Gegenkonto (ohne BU-Schlüssel);BU-Schlüssel;"
)
FULL += "Belegdatum;Belegfeld1;Belegfeld2;Skonto;Buchungstext;Fälligkeit;Generalumkehr (GU)"


def full(folder: Path, lines: str, name: str = "EXTF_Buchungsstapel.csv") -> Path:
    return batch(folder, lines, name, head=FULL)


def test_a_discount_that_a_payment_took_settles_its_document_too(tmp_path: Path) -> None:
    export = read(full(tmp_path, """
1000,00;S;;;;10000;8400;;1501;R1;;;Rechnung;;
980,00;H;;;;10000;1200;;2001;R1;;20,00;Zahlung;;
500,00;S;;;;10001;8400;;1501;R2;;15,00;Rechnung, abzüglich Skonto;;
"""))  # fmt: skip

    assert shown(export) == ["10001 R2 invoice 500.00"]


def test_a_discount_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    found = [f for f in read(full(tmp_path, "\n980,00;H;;;;10000;1200;;2001;R1;;2x;Zahlung;;\n")).findings if f.code == "export_row_amount"]

    assert [f.values["found"] for f in found] == ["980,00 / 2x"]


def test_a_key_of_correction_takes_a_posting_back(tmp_path: Path) -> None:
    export = read(full(tmp_path, """
1000,00;S;;;;10000;8400;3;1501;R1;;;Rechnung;;0
1000,00;S;;;;10000;8400;23;1601;R1;;;Generalumkehr;;
300,00;S;;;;10000;8400;40;1601;R2;;;Aufhebung der Automatik;;0
300,00;S;;;;10000;8400;80;1701;R2;;;Generalumkehr dazu;;
70,00;S;;;;10000;8400;9;1701;R3;;;Rechnung;;
"""))  # fmt: skip

    assert shown(export) == ["10000 R3 invoice 70.00"]


def test_the_column_of_due_dates_goes_before_the_second_document_number(tmp_path: Path) -> None:
    items = read(full(tmp_path, """
1000,00;S;;;;10000;8400;;1501;R1;150225;;Rechnung;28022025;
1000,00;S;;;;10000;8400;;5012025;R2;;;Rechnung;4022025;
1000,00;S;;;;10000;8400;;1501;R3;150225;;Rechnung;;
""")).items  # fmt: skip

    assert [str(i.due_date.date()) for i in items.itertuples()] == ["2025-02-28", "2025-02-04", "2025-02-15"]


def test_an_invoice_in_dollars_that_euros_paid_is_settled_in_euros_whatever_batch_the_payment_is_in(tmp_path: Path) -> None:
    invoices = "\n1000,00;S;USD;909,09;EUR;10000;8400;;1501;R1;;;Rechnung;;\n500,00;S;USD;454,55;EUR;10000;8400;;1501;R2;;;Rechnung;;\n"
    payment = "\n900,00;H;EUR;;;10000;1200;;2002;R1;;;Zahlung;;\n"
    export = read(full(tmp_path, invoices, "EXTF_1.csv"), full(tmp_path, payment, "EXTF_2.csv"))

    assert [(i.document, i.currency, i.open_minor) for i in export.items.itertuples()] == [("R1", "EUR", 909), ("R2", "USD", 50000)]
