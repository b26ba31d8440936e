"""Headings: every title of our own sheets is understood, exact beats contained, and doubts are asked."""

import pandas as pd
import pytest

from rules import model
from rules.errors import LedgerError
from rules.row import LANGUAGES, column
from workbook.ledgers import headings, mapping
from workbook.ledgers.profiles.registry import GENERIC
from workbook.ledgers.unclear import Unclear


def mapped(table, said=None, sheet=False):
    names = list(table)
    cells = pd.DataFrame({at: pd.Series(table[name], dtype="str") for at, name in enumerate(names)})
    columns = mapping.mapped(names, cells, said or {}, GENERIC, sheet=sheet)
    mapping.complete(columns, names, cells, said or {}, GENERIC, sheet=sheet)
    return {field: names[at] for field, at in columns.items()}


BASE = {"Payer": ["1", "2"], "Document": ["A1", "A2"], "Due date": ["2026-01-13", ""], "Open": ["1.00", "2.00"]}


def but(**changes):
    return {k: v for k, v in (BASE | {k.replace("_", " "): v for k, v in changes.items()}).items() if v}


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("N° pièce", "no piece"),
        ("Nº  Facture", "no facture"),
        ("InvoiceDate", "invoice date"),
        ("customerID", "customer id"),
        ("isOpen", "is open"),
        ("document_create_date.1", "document create date 1"),
        ("Straße/Nr.", "strasse nr"),
        ("S/H", "s h"),
        ("PYNO", "pyno"),
        ("\u00a0Échéance ", "echeance"),
        ("Beleg-\nfeld 1", "belegfeld 1"),
        ("Soll-\n/Haben", "soll haben"),
    ],
)
def test_headings_are_compared_without_what_does_not_matter(heading, expected):
    assert expected == headings.normal(heading)


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_of_our_own_ledger_are_understood(language):
    values = {
        "document_date": "2026-01-13",
        "due_date": "2026-01-13",
        "open_minor": "5.00",
        "original_minor": "6.00",
        "currency": "EUR",
        "instalment": "1",
    }
    titles = {field: column(model.OpenItem, field).titles[language] for field in headings.ITEM_FIELDS}

    assert titles == mapped({title: [values.get(field, "x")] for field, title in titles.items()})


def test_a_flag_called_open_is_not_the_open_amount():
    found = mapped(but(Open=["Yes", "No"], Remaining_Amount=["1.00", "0.00"]))

    assert ("Open", "Remaining Amount") == (found["is_open"], found["open_minor"])


def test_exact_beats_contained():
    found = mapped(but(Open=None, Net_open_amount_in_EUR=["9", "9"], Open_amount=["1", "2"]))

    assert found["open_minor"] == "Open amount"


def test_contained_is_enough_when_nothing_is_exact():
    assert mapped(but(Open=None, Open_amount_in_EUR=["9", "9"]))["open_minor"] == "Open amount in EUR"


def test_a_column_that_cannot_be_a_date_is_not_the_due_date():
    found = mapped(but(Due_date=None, Arrears_after_net_due_date=["111", "59"], Net_due_date=["20260113", "0"]))

    assert found["due_date"] == "Net due date"


def test_an_empty_column_gives_way_to_a_filled_one_of_lower_rank():
    found = mapped(but(Document_date=["", ""], Posting_date=["2026-01-01", "2026-01-02"]))

    assert found["document_date"] == "Posting date"


def test_two_columns_of_equal_rank_with_different_content_are_asked_about():
    with pytest.raises(Unclear) as asked:
        mapped(but(Open=None, Amount=["12.50", "3.00"], Balance=["0.00", "3.00"]))

    assert 'Two columns could be the open amount: "Amount" (column D, e.g. 12.50) and "Balance" (column E, e.g. 0.00). Say which.' == str(asked.value)
    assert ("open_minor", ["Amount", "Balance"]) == (asked.value.asked, [choice.value for choice in asked.value.choices])


def test_two_columns_of_equal_content_need_no_question():
    assert mapped(but(Open=None, Amount=["12.50", "3.00"], Balance=["12.50", "3.00"]))["open_minor"] == "Amount"


def test_beside_what_was_paid_the_balance_is_open_and_the_amount_the_whole():
    found = mapped(but(Open=None, Amount=["12.50", "3.00"], Paid=["10.00", ""], Balance=["2.50", "3.00"]))

    assert ("Balance", "Amount") == (found["open_minor"], found["original_minor"])


def test_the_answer_is_taken():
    table = but(Open=None, Amount=["12.50", "3.00"], Balance=["0.00", "3.00"])
    found = mapped(table, {"open": "balance"})

    assert ("Balance", "Amount") == (found["open_minor"], found["original_minor"])


@pytest.mark.parametrize(
    ("gone", "field", "says"),
    [
        ("Payer", "payer", 'payer\'s account. Its headings are: "Document", "Due date", "Open". Say which one it is.'),
        ("Document", "document", "the document number"),
        ("Due date", "due_date", "the due date"),
        ("Open", "open_minor", "the open amount"),
    ],
)
def test_a_missing_column_lists_the_headings_and_is_asked_about(gone, field, says):
    with pytest.raises(Unclear) as asked:
        mapped(but(**{gone: None}))

    assert field == asked.value.asked
    assert says in str(asked.value)


def test_terms_may_stand_for_the_due_date():
    assert "due_date" not in mapped(but(Due_date=None, Payment_terms=["N30", "N30"]))


def test_without_account_numbers_the_name_tells_payers_apart():
    found = mapped(but(Payer=None, Customer_full_name=["A", "B"]))

    assert found["payer"] == found["payer_name"] == "Customer full name"


def test_a_local_amount_takes_the_local_currency():
    found = mapped(but(Open=None, Amount_in_local_currency=["1", "2"], Document_currency=["USD", "USD"], Local_currency=["EUR", "EUR"]))

    assert found["currency"] == "Local currency"


def test_an_amount_in_the_currency_of_the_document_goes_before_a_local_one():
    found = mapped(but(Open=None, Open_amount_in_local_currency=["1", "2"], Open_amount_in_invoice_currency=["3", "4"], Currency=["USD", "USD"]))

    assert (found["open_minor"], found["currency"]) == ("Open amount in invoice currency", "Currency")


def test_amounts_read_beside_each_other_are_in_one_currency():
    found = mapped(but(Open=None, Remaining_amount_LCY=["1", "2"], Original_amount=["3", "4"], Currency=["USD", "USD"]))

    assert found["open_minor"] == "Remaining amount LCY"
    assert not {"original_minor", "currency"} & set(found)
    assert found["document_currency"] == "Currency"


@pytest.mark.parametrize(
    ("said", "says"), [({"colour": "Open"}, "no field 'colour'. The fields are: company, payer"), ({"open": "Solde"}, 'no column "Solde"')]
)
def test_wrong_answers_are_explained(said, says):
    with pytest.raises(LedgerError, match=says):
        mapped(BASE, said)


def test_columns_have_the_letters_of_excel():
    assert ["A", "Z", "AA", "XFD"] == [headings.letter(at) for at in (0, 25, 26, 16383)]


@pytest.mark.parametrize(
    ("headings_", "expected"),
    [
        (("Total", "Total amount due (EUR)"), "Total amount due (EUR)"),
        (("Amount", "Outstanding %"), "Amount"),
        (("Amount", "Days outstanding"), "Amount"),
        (("Amount Remaining", "Amount Remaining (Foreign Currency)"), "Amount Remaining (Foreign Currency)"),
        (("Base amount due", "Txn amount due"), "Txn amount due"),
        (("Outstanding Accounted Amount", "Outstanding Entered Amount"), "Outstanding Entered Amount"),
        (("Solde", "Solde devise"), "Solde devise"),
        (("Total", "InvoiceAmountPaid", "InvoiceAmountDue"), "InvoiceAmountDue"),
        (("Amount due now", "Balance"), "Balance"),
        (("Total", "Overdue balance due"), "Total"),
        (("Amount", "Credit limit balance", "Unpaid invoices", "Outstanding discount"), "Amount"),
        (("Solde (EUR)",), "Solde (EUR)"),
        (("Betr. in HW", "Betr. in BW"), "Betr. in BW"),
        (("Open EUR", "Open FC"), "Open FC"),
        (("Balance EUR", "Balance"), "Balance"),
        (("Saldo LW", "Saldo FW"), "Saldo FW"),
        (("Amount (LCY)", "Remaining Amt. (LCY)"), "Remaining Amt. (LCY)"),
        (("Betrag (BuKrs-Währ.)", "Betrag (Transaktionswährung)"), "Betrag (Transaktionswährung)"),
        (("Original Debit Amount", "Original Credit Amount", "Remaining Amount"), "Remaining Amount"),
    ],
)
def test_of_several_amounts_the_one_that_says_it_is_open_and_the_documents(headings_, expected):
    table = {h: [f"{at}.00", f"{at + 5}.00"] for at, h in enumerate(headings_, 1)}

    assert expected == mapped(but(Open=None) | table | {"Currency": ["EUR", "USD"]})["open_minor"]


def test_an_amount_in_the_documents_currency_that_is_not_on_every_line_is_left_alone():
    found = mapped(but(Open=None) | {"Solde": ["1.00", "2.00"], "Solde devise": ["", "3.00"], "Devise": ["", "USD"]})

    assert ("Solde", "Devise") == (found["open_minor"], found["document_currency"])


def test_an_amount_whose_heading_names_a_currency_is_not_in_that_of_the_document():
    found = mapped(but(Open=None) | {"Open EUR": ["1.00", "2.00"], "Currency": ["EUR", "USD"]})

    assert ("Open EUR", "Currency") == (found["open_minor"], found["document_currency"])


@pytest.mark.parametrize("heading", ["Kd-Nr", "Kunde Nr.", "Cust. No", "N° client", "Client code", "Acct No", "Debitor-Nr"])
def test_numbers_of_payers_go_before_their_names(heading):
    found = mapped(but(Payer=None) | {"Kunde": ["A", "B"], heading: ["1", "2"]})

    assert (heading, "Kunde") == (found["payer"], found["payer_name"])


def test_a_reference_of_the_customer_is_no_payer():
    found = mapped(but(Payer=None) | {"Réf. client": ["PO-1", "PO-2"], "Tiers": ["A", "B"]})

    assert "Tiers" == found["payer"]


def test_of_two_columns_called_the_same_one_can_be_chosen_by_its_letter():
    names, cells = (
        ["Partner no", "Partner no", "Document", "Due date", "Open"],
        pd.DataFrame({0: ["B1"], 1: ["7"], 2: ["A"], 3: ["2026-01-13"], 4: ["1.00"]}),
    )
    with pytest.raises(Unclear) as asked:
        mapping.mapped(names, cells, {}, GENERIC, sheet=False)

    assert ["column A", "column B"] == [choice.value for choice in asked.value.choices]
    assert 1 == mapping.mapped(names, cells, {"payer": "column B"}, GENERIC, sheet=False)["payer"]


def test_what_is_open_by_age_alone_needs_a_column_of_the_whole():
    with pytest.raises(LedgerError, match=r"by age alone"):
        mapped(but(Open=None) | {"1-30": ["1.00", "0.00"], "31-60": ["0.00", "2.00"]})


def test_what_a_document_is_worth_is_not_its_number():
    found = mapped(but(Document=None) | {"Reference": ["R1", "R2"], "Document Value": ["120.00", "12.00"]})

    assert ("Reference", "Document Value") == (found["document"], found["original_minor"])
