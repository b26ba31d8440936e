"""What is open: which column says it, in which currency, and with which sign."""

import re

import pytest

from tests.workbook.ledgers.exports import AS_OF, HEAD, aged, codes, kinds, read, sheet
from workbook.ledgers import Unclear, read_export


def test_unsigned_balances_take_the_sign_beside_them(tmp_path):
    export = read(
        tmp_path,
        (
            "Konto;Beschriftung;Belegfeld 1;Belegdatum;Fälligkeit;Betrag Soll;Betrag Haben;S/H;Saldo\n"
            "10017;Müller;R1;12.09.2025;12.10.2025;3.310,00;;S;1.310,00\n10017;Müller;G1;20.11.2025;;;450,00;H;450,00\n"
        ),
    )

    assert [131000, -45000] == list(export.items["open_minor"])
    assert [331000, -45000] == list(export.items["original_minor"])


def test_debit_and_credit_columns_make_one_amount(tmp_path):
    export = read(
        tmp_path,
        "Client;Pièce;Date d'échéance;Débit;Crédit\n1;A;13/02/2026;10,00;\n1;B;13/02/2026;-;4,00\n1;C;13/02/2026;1,00;1,00\n1;D;13/02/2026;;\n",
    )

    assert [1000, -400] == list(export.items["open_minor"])
    assert ["header", "item", "item", "zero", "rejected"] == kinds(export)


@pytest.mark.parametrize(
    ("balances", "opened"),
    [(("5,00", "3,00"), [500, -200]), (("5,00", "2,00"), [500, -200]), (("4,00", "1,00"), [400, -100])],
    ids=["running", "the same", "what is left"],
)
def test_a_balance_beside_debit_and_credit_is_read_when_it_can_be_what_is_left(tmp_path, balances, opened):
    rows = f"1;A;13/02/2026;5,00;;{balances[0]}\n1;B;13/02/2026;;2,00;{balances[1]}\n"
    export = read(tmp_path, "Client;Pièce;Échéance;Débit;Crédit;Solde\n" + rows)

    assert opened == list(export.items["open_minor"])
    assert ("3,00" not in balances) is ("open_minor" in export.layout.fields)


def test_what_was_paid_is_taken_off_the_amount_of_the_invoice(tmp_path):
    export = read(
        tmp_path, "Client;Facture;Échéance;Montant TTC;Déjà réglé\n1;A;13/02/2026;10,00;4,00\n1;B;13/02/2026;5,00;\n1;C;13/02/2026;5,00;5,00\n"
    )

    assert [600, 500] == list(export.items["open_minor"])
    assert [1000, 500] == list(export.items["original_minor"])


def test_credits_without_sign_are_turned_by_their_type_and_said(tmp_path):
    export = read(tmp_path, "Payer;Document;Type;Due date;Open\n1;A;Invoice;13/02/2026;10,00\n1;B;Credit memo;13/02/2026;4,00\n")

    assert [1000, -400] == list(export.items["open_minor"])
    assert "export_credits_turned" in codes(export)


@pytest.mark.parametrize(
    ("amount", "column", "said", "expected"),
    [
        ("100,00 USD", "", "", "USD"),
        ("USD 100,00", "", "", "USD"),
        ("£ 100,00", "", "", "GBP"),
        ("100,00 H CHF", "", "", "CHF"),
        ("100,00 TTC", "", "", "EUR"),
        ("100,00 H", "", "", "EUR"),
        ("100,00 USD", "USD", "", "USD"),
        ("$100,00", "USD", "", "USD"),
        ("$100,00", "", "CAD", "CAD"),
        ("100,00", "$", "CAD", "CAD"),
        ("100,00", "€", "", "EUR"),
    ],
)
def test_the_currency_beside_an_amount_is_that_of_its_line(tmp_path, amount, column, said, expected):
    items = read(
        tmp_path, f"{HEAD};Currency\n1;X;A;13/01/2026;12/02/2026;{amount};{column}\n2;Y;B;13/01/2026;12/02/2026;5,00;EUR\n", currency=said
    ).items

    assert [expected, "EUR"] == list(items["currency"])


def test_currencies_are_summed_apart(tmp_path):
    export = read(
        tmp_path,
        "Payer,Document,Due date,Currency,Open\n1,A,2026-01-13,EUR,1.50\n1,B,2026-01-13,JPY,350000\n1,C,2026-01-13,TND,1.2345\n1,D,2026-01-13,??,9\n",
    )

    assert {"EUR": 150, "JPY": 350000, "TND": 1235, "??": 0} == dict(zip(export.totals["currency"], export.totals["open_minor"], strict=True))
    assert {"export_decimals", "export_row_currency"} <= codes(export)


def test_text_in_a_sheet_that_could_be_thousands_is_asked_about_but_numbers_are_not(tmp_path):
    head = ["Payer", "Document", "Due date", "Open"]
    asked = sheet(tmp_path, [head, ["1", "A", "2026-01-13", "1.234"], ["1", "B", "2026-01-13", "12.500"]])
    with pytest.raises(Unclear, match="which sign stands before the decimals"):
        read_export(asked, as_of=AS_OF, company_currency="TND")

    plain = sheet(tmp_path, [head, ["1", "A", "2026-01-13", 1.234], ["1", "B", "2026-01-13", 12.5]])
    assert [1234, 12500] == list(read_export(plain, as_of=AS_OF, company_currency="TND").items["open_minor"])


@pytest.mark.parametrize(("heading", "currency"), [("Open (USD)", "USD"), ("Open GBP", "GBP"), ("Offen £", "GBP"), ("Open", "EUR")])
def test_the_heading_of_what_is_open_may_name_its_currency(tmp_path, heading, currency):
    text = f"Payer;Document;Due date;{heading}\n1;F1;13/02/2026;10.00\n"

    assert [currency] == list(read(tmp_path, text).items["currency"])


def test_credits_and_payments_in_the_plural_are_made_negative(tmp_path):
    lines = [f"1;F{at};{kind};13/02/2026;10.00" for at, kind in enumerate(("Invoices", "Credit Memos", "Payments"))]
    export = read(tmp_path, "\n".join(["Payer;Document;Type;Due date;Open", *lines]))

    assert [("invoice", 1000), ("credit", -1000), ("payment", -1000)] == list(zip(export.items["kind"], export.items["open_minor"], strict=True))


@pytest.mark.parametrize("word", ["Saldo", "Solde", "Balance"])
def test_a_balance_below_the_lines_of_a_payer_is_a_sum(tmp_path, word):
    lines = ["10100 Huber", "R1;12.01.2026;13.02.2026;1,00", f"{word};;;1,00", "10200 Jahn", "R2;12.01.2026;13.02.2026;2,00", f"{word};;;2,00"]
    export = read(tmp_path, "\n".join(["Rechnung;Datum;Fällig;Offen", *lines]))

    assert ["header", "group", "item", "total", "group", "item", "total"] == kinds(export)


@pytest.mark.parametrize("heading", ["Amount", "Original amount", "Remarks"])
def test_what_is_open_may_stand_by_age_alone(tmp_path, heading):
    whole = "" if heading == "Remarks" else "100.00"
    text = aged(f"{whole};40.00;0.00;", f"{whole};;;100.00", f"{whole};;(7.50);", heading=heading, after="Total;;;;300.00;40.00;-7.50;100.00\n")
    export = read(tmp_path, text)

    assert ([4000, 10000, -750], ["header", "item", "item", "item", "total"]) == (list(export.items["open_minor"]), kinds(export))
    assert "Current … 31 and over" == export.layout.fields["open_minor"]


def test_an_amount_goes_before_ages_where_documents_are_in_several_currencies(tmp_path):
    text = aged("100.00;92.00;;", "50.00;;;50.00").replace("date;Amount", "date;Currency;Amount").replace("2026;100", "2026;USD;100")
    export = read(tmp_path, text.replace("2026;50.00", "2026;EUR;50.00"))

    assert [("USD", 10000), ("EUR", 5000)] == list(zip(export.items["currency"], export.items["open_minor"], strict=True))


def test_a_column_of_amounts_is_no_document_number(tmp_path):
    text = "Code client;Facturé;N°;Échéance;Reste dû\nC1;1 200,50;F1;13/02/2026;10,00\nC2;7,25;F2;13/02/2026;7,25\n"

    assert ["F1", "F2"] == list(read(tmp_path, text).items["document"])


def test_a_document_number_may_look_like_an_amount(tmp_path):
    text = "Payer;Invoice no;Due date;Open\nC1;2026.15;13/02/2026;10,00\nC2;16.26;13/02/2026;7,25\n"

    assert ["2026.15", "16.26"] == list(read(tmp_path, text).items["document"])


@pytest.mark.parametrize("cell", ["#REF!", "see file", "#NAME?"])
def test_the_amount_of_the_invoice_is_not_taken_where_the_open_one_cannot_be_read(tmp_path, cell):
    text = f"Payer;Document No;Due date;Invoice amount;Open amount\n1;F1;2026-02-11;100.00;{cell}\n1;F2;2026-02-11;50.00;{cell}\n"

    with pytest.raises(Unclear, match=f'"Open amount" is no column of amounts: .* such as “{re.escape(cell)}”') as asked:
        read(tmp_path, text)

    assert asked.value.asked == "open_minor"
    assert [10000, 5000] == list(read(tmp_path, text, fields={"open_minor": "Invoice amount"}).items["open_minor"])


def test_rows_that_fall_in_step_do_not_say_what_a_column_holds(tmp_path):
    lines = [f"{at % 7};F{at};2026-02-11;{at + 1}.50;{'none' if at % 10 == 0 else f'{at + 1}.25'}" for at in range(40_000)]
    export = read(tmp_path, "\n".join(["Payer;Document No;Due date;Invoice amount;Open amount", *lines]))

    assert export.items["open_minor"].sum() == sum((at + 1) * 100 + 25 for at in range(40_000) if at % 10)
    assert kinds(export).count("rejected") == 4_000


@pytest.mark.parametrize(("heading", "yes", "no"), [("Paid", "Yes", "No"), ("Bezahlt", "ja", "nein"), ("Réglé", "Oui", "Non")])
def test_a_column_that_says_paid_or_not_is_no_amount(tmp_path, heading, yes, no):
    text = f"{HEAD};{heading}\n1;A;F1;12/01/2026;13/02/2026;1,00;{no}\n1;A;F2;12/01/2026;13/02/2026;2,00;{yes}\n"

    assert ["header", "item", "settled"] == kinds(read(tmp_path, text))
