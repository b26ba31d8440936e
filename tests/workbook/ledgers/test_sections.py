"""Headings and payers that stand in rows of their own, and tables that follow each other."""

import pytest

from rules.errors import LedgerError
from tests.workbook.ledgers.exports import HEAD, TWO, codes, kinds, read

GROUPS = """
Customer;Customer;Document;;Dates;Dates;Amounts;
No;Name;No;Type;Document;Due;Currency;Open
C1;Meyer;D1;Invoice;12/01/2026;13/02/2026;EUR;10,00
C2;Hall;D2;Invoice;12/01/2026;13/02/2026;EUR;5,00
"""


WRAPPED = """
Date;Ref. No.;Party's Name;Opening;Pending;Due on;Overdue
;;;Amount;Amount;;by days
12-Jan-26;D1;C1;10.00;10.00;13-Feb-26;16
12-Jan-26;D2;C2;5.00;5.00;13-Feb-26;16
"""


MERGED = """
Client;;Facture;;;Montant;;
Code;Nom;N°;Date;Échéance;Facturé;Réglé;Reste dû
C1;Meyer;D1;12/01/2026;13/02/2026;12,50;2,50;10,00
C2;Hall;D2;12/01/2026;13/02/2026;5,00;;5,00
"""


@pytest.mark.parametrize(("text", "names"), [(GROUPS, ["Meyer", "Hall"]), (WRAPPED, ["C1", "C2"]), (MERGED, ["Meyer", "Hall"])])
def test_headings_over_two_rows_are_read_together(tmp_path, text, names):
    items = read(tmp_path, text).items

    assert (["C1", "C2"], names, ["D1", "D2"]) == (list(items["payer"]), list(items["payer_name"]), list(items["document"]))
    assert [1000, 500] == list(items["open_minor"])


def test_an_account_that_all_customers_share_is_that_of_the_general_ledger(tmp_path):
    text = TWO.replace("Payer;", "Compte;").replace("\n0001;", "\n411000;").replace("\n0002;", "\n411000;")

    assert ["Société Génération", "Müller & Söhne"] == list(read(tmp_path, text).items["payer"])


def test_payers_that_stand_on_their_first_line_alone_are_those_of_the_lines_below(tmp_path):
    rows = "1;A;F1;12/01/2026;13/02/2026;1,00\n;;F2;12/01/2026;13/02/2026;2,00\n2;B;F3;12/01/2026;13/02/2026;3,00\n;;F4;12/01/2026;13/02/2026;4,00\n"
    export = read(tmp_path, f"{HEAD}\n{rows}")

    assert ["1", "1", "2", "2"] == list(export.items["payer"])
    assert ["A", "A", "B", "B"] == list(export.items["payer_name"])


@pytest.mark.parametrize(
    ("payers", "why"),
    [
        (["1", "", "2", "3", "4", "5"], "one alone may have been forgotten"),
        (["1", "1", "", "2", "2", ""], "payers stand on more than their first line"),
        (["", "1", "", "2", "", "3"], "the first line names nobody"),
    ],
)
def test_a_payer_that_is_missing_is_not_guessed(tmp_path, payers, why):
    rows = "".join(f"{payer};;F{n};12/01/2026;13/02/2026;1,00\n" for n, payer in enumerate(payers))
    export = read(tmp_path, f"{HEAD}\n{rows}")

    assert ["rejected" if payer == "" else "item" for payer in payers] == kinds(export)[1:], why


def test_a_second_table_with_headings_of_its_own_is_not_read_as_the_first(tmp_path):
    second = "Supplier;Name;Bill No;Bill date;Due date;Open amount\nS1;X;77;12/01/2026;11/02/2026;500,00\n"

    with pytest.raises(LedgerError, match=r"row 5 has the headings of a second table \(Supplier, Name, Bill No, Bill date …\)"):
        read(tmp_path, f"{TWO};;;;;\n{second}")


@pytest.mark.parametrize("row", ["1001 Hall Ltd;;;;;", "1001;Hall Ltd;;;;"])
def test_a_payer_in_a_row_of_its_own_under_its_heading_holds_for_the_lines_below(tmp_path, row):
    head, second = "Customer no;Customer name;Document No;Doc date;Due date;Open amount", row.replace("1001", "1002").replace("Hall", "Weber")
    lines = [head, row, ";;F1;12/01/2026;11/02/2026;100,00", ";;F2;13/01/2026;12/02/2026;50,00", "Total 1001;;;;;150,00", second]
    export = read(tmp_path, "\n".join([*lines, ";;F3;13/01/2026;12/02/2026;7,00", "Total 1002;;;;;7,00"]))

    said = export.items[["payer", "payer_name", "document", "open_minor"]].to_numpy().tolist()
    assert said == [["1001", "Hall Ltd", "F1", 10000], ["1001", "Hall Ltd", "F2", 5000], ["1002", "Weber Ltd", "F3", 700]]
    assert "export_payer_by_section" in codes(export)


@pytest.mark.parametrize("last", [",Balance due,,100.00", ",,Closing balance,100.00"])
def test_the_balance_of_a_statement_is_no_line_of_the_next_payer(tmp_path, last):
    """A statement for each customer, and the first one's name above the headings, where no label says whose it is."""
    statement = "{},,,\nDate,Document,Debit,Credit\n13/01/2026,{},100.00,\n" + f"{last}\n"
    export = read(tmp_path, statement.format("Acme", "F1") + statement.format("Beta", "F2"), fields={"due_date": "-"})

    assert [("Acme", "F1"), ("Beta", "F2")] == list(zip(export.items["payer"], export.items["document"], strict=True))
    assert [] == [f.code for f in export.findings if f.severity == "error"]


def test_sections_that_begin_with_the_number_of_the_customer_are_number_and_name(tmp_path):
    text = "Rechnung;Datum;Fällig;Offen\n10100 Huber\nR1;12.01.2026;13.02.2026;1,00\n10200 Jahn\nR2;12.01.2026;13.02.2026;2,00\n"
    export = read(tmp_path, text)

    assert [("10100", "Huber"), ("10200", "Jahn")] == list(zip(export.items["payer"], export.items["payer_name"], strict=True))


def test_a_currency_in_a_row_of_its_own_is_that_of_the_lines_below(tmp_path):
    lines = ["EUR", "1;F1;13/02/2026;1.00", "Total EUR;;;1.00", "USD", "1;F2;13/02/2026;2.00", "2;F3;13/02/2026;3.00", "Total USD;;;5.00"]
    export = read(tmp_path, "\n".join(["Payer;Invoice no;Due date;Open", *lines]))

    assert [("F1", "EUR"), ("F2", "USD"), ("F3", "USD")] == list(zip(export.items["document"], export.items["currency"], strict=True))


@pytest.mark.parametrize("title", ["Offene Posten Muster GmbH Seite {}", "Offene Posten Muster GmbH"])
def test_the_title_of_the_next_page_is_no_payer(tmp_path, title):
    head, lines = "Rechnung;Datum;Fällig;Offen", [f"R{n};12.01.2026;13.02.2026;{n},00" for n in range(1, 5)]
    export = read(tmp_path, "\n".join([title.format(1), head, "Huber", *lines[:2], title.format(2), head, lines[2], "Jahn", lines[3]]))

    assert ["Huber", "Huber", "Huber", "Jahn"] == list(export.items["payer"])


def test_lines_before_the_first_payer_are_not_those_of_the_payer_below_them(tmp_path):
    first, second, third = (f"R{n};12.01.2026;13.02.2026;{n + 1},00" for n in range(3))
    export = read(tmp_path, "\n".join(["Rechnung;Datum;Fällig;Offen", first, "Huber GmbH;;;", second, "Jahn;;;", third]))

    assert [("Huber GmbH", "R1"), ("Jahn", "R2")] == list(zip(export.items["payer"], export.items["document"], strict=True))
    assert "export_row_payer" in codes(export)


def test_headings_in_a_second_language_begin_no_second_table(tmp_path):
    export = read(tmp_path, TWO.replace("\n", "\nZahler;Bezeichnung;Belegnummer;Belegdatum;Fällig;Offener Betrag\n", 1))

    assert ["item", "item"] == kinds(export)[2:]
