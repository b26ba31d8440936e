"""Each system's export becomes the items that stand beside it: profiles are found from the content, and what they declare is what is read."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from rules.errors import LedgerError
from rules.money import from_minor
from rules.standing import item_key
from rules.written import Amount
from workbook.ledgers import Answers, Unclear, read_export

SAMPLES = Path(__file__).parent / "samples" / "systems"
AS_OF = date(2026, 1, 31)
FOUND = {
    "sap_fbl5n_blocks_en.txt": "sap_fbl5n", "sap_fbl5n_tab_fr.xls": "sap_fbl5n", "sap_fbl5n_pt.csv": "sap_fbl5n", "infor_m3_texts_fr.csv": "infor_m3",
    "infor_ln_document.csv": "infor_ln", "infor_ln_fr.csv": "infor_ln", "infor_ln_tables.csv": "infor_ln",
    "business_central_en.csv": "business_central",
    "business_central_de.csv": "business_central", "d365_open_transactions.csv": "d365", "odoo_invoices_en.csv": "odoo_invoices",
    "odoo_invoices_currencies.csv": "odoo_invoices", "odoo_invoices_signed.csv": "odoo_invoices", "odoo_invoices_unsigned.csv": "odoo_invoices",
    "odoo_move_lines.csv": "odoo_move_lines", "odoo_oca_open_items_fr.csv": "odoo_open_items", "erpnext_grouped.csv": "erpnext",
    "quickbooks_online.csv": "quickbooks_online", "quickbooks_desktop.csv": "quickbooks_desktop", "xero_aged_receivables.csv": "xero",
    "tally_bills_receivable.csv": "tally", "sage50_aged_debtors.csv": "sage50", "sage100_interrogation_tiers.csv": "sage100_print",
    "sage_x3_gaccdudate.csv": "sage_x3", "datev_opos.csv": "datev_opos", "generic_sections_de.csv": "generic",
    "sage100_payers_fixed.txt": "sage100_print",
    "sage100_aged_fixed.txt": "sage100_print", "sage100_accounts_fixed.txt": "sage100_print", "sap_without_bars.txt": "sap_fbl5n",
    "odoo_aged_receivable.csv": "odoo_aged", "sage100_rowspan.xls": "sage100_print", "quickbooks_online_fr.csv": "quickbooks_online",
    "erpnext_de.csv": "erpnext", "odoo_invoices_fr.csv": "odoo_invoices", "generic_two_row_headings_de.csv": "generic",
    "generic_dos_print.txt": "generic", "netsuite_invoices.csv": "generic", "xero_invoice_lines.csv": "generic", "sage200_aged.csv": "generic",
    "sap_fbl5n_pages_us.txt": "sap_fbl5n", "sap_fbl5n_two_companies_de.txt": "sap_fbl5n",
    "sap_fbl5n_accounts_below_fr.csv": "sap_fbl5n", "sage100_running_balance.csv": "sage100_print",
}  # fmt: skip


def shown(export, fields):
    """The items as the expected files write them."""
    taken = dict(zip(item_key(export.taken), export.taken[["level", "last_reminder"]].itertuples(index=False), strict=True))
    made = []
    for key, item in zip(item_key(export.items), export.items.to_dict("records"), strict=True):
        level, last = taken.get(key, ("", None))
        item |= {"level": level, "last_reminder": last}
        made.append({field: text(item, field) for field in fields})
    return made


def text(item, field):
    value = item[f"{field}_minor"] if field in ("open", "original") else item[field]
    if field in ("open", "original"):
        return f"{from_minor(int(value), item['currency']):f}"
    return str(value)[:10].replace("NaT", "").replace("None", "") if field.endswith(("date", "reminder", "until")) else str(value)


def expected(name):
    with (SAMPLES / f"{name}.expected.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("name", sorted(FOUND))
def test_a_sample_gives_the_items_beside_it(name):
    items = expected(name)
    export = read_export(SAMPLES / name, as_of=AS_OF, company_currency="EUR")

    assert items == shown(export, list(items[0]))
    assert FOUND[name] == export.profile
    assert not [f.text("en") for f in export.findings if f.severity == "error"]


def test_every_sample_is_tried():
    assert sorted(FOUND) == sorted(f.name for f in SAMPLES.iterdir() if not f.name.endswith(".expected.csv"))


@pytest.mark.parametrize("name", sorted(n for n in FOUND if n.endswith(".csv")))
def test_a_sample_reads_the_same_as_a_workbook_of_texts(name, tmp_path):
    """What a person pastes into Excel: every cell a text, no types to help."""
    with (SAMPLES / name).open(encoding="utf-8", newline="") as lines:
        head = lines.read(4096)
        lines.seek(0)
        rows = list(csv.reader(lines, delimiter=";" if head.count(";") > head.count(",") else ","))
    path = tmp_path / "pasted.xlsx"
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Sheet1")
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(at, column, cell)
    items = expected(name)
    export = read_export(path, as_of=AS_OF, company_currency="EUR")

    assert items == shown(export, list(items[0]))
    assert FOUND[name] == export.profile


@pytest.mark.parametrize("name", sorted(n for n in FOUND if n.endswith(".csv") and "blocks" not in n))
def test_a_sample_can_be_read_with_its_profile_forced(name):
    items = expected(name)
    export = read_export(SAMPLES / name, as_of=AS_OF, company_currency="EUR", answers=Answers(profile=FOUND[name]))

    assert items == shown(export, list(items[0]))


def test_whole_document_numbers_take_nothing_from_an_unnamed_column_beside_them(tmp_path):
    rows = (SAMPLES / "infor_ln_document.csv").read_text(encoding="utf-8").replace(";SLS;", ";SLS10000;").replace(";SLC;", ";SLC10000;")
    path = tmp_path / "ledger.csv"
    path.write_text(rows.replace("SLS10000;2", "SLS10001;2"), encoding="utf-8")

    assert {"SLS10000", "SLS10001", "SLC10000"} == set(read_export(path, as_of=AS_OF, company_currency="EUR").items["document"])


def test_a_partner_of_odoo_may_be_called_total(tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_text((SAMPLES / "odoo_aged_receivable.csv").read_text(encoding="utf-8").replace("Deco Addict", "Total Energies"), encoding="utf-8")
    items = read_export(path, as_of=AS_OF, company_currency="EUR").items

    assert ["Azure Interior", "Azure Interior", "Total Energies"] == list(items["payer"])


def test_a_line_above_the_first_partner_of_an_aged_report_is_rejected(tmp_path):
    head, line = ",Invoice Date,Amount Currency,Currency,Account,At Date,1-30,31-60,61-90,91-120,Older,Total", ",2026-03-12,100,EUR,411100,100,,,,,,"
    path = tmp_path / "aged.csv"
    path.write_text(f"{head}\nINV/1{line}\nAzure Interior,,,,,100,,,,,,100\nINV/2{line}\n", encoding="utf-8")
    export = read_export(path, as_of=AS_OF, company_currency="EUR")

    assert "odoo_aged" == export.profile
    assert [("Azure Interior", "INV/2")] == list(zip(export.items["payer"], export.items["document"], strict=True))
    assert ["export_row_payer"] == [f.code for f in export.findings if f.severity == "error"]


@pytest.mark.parametrize("headings", ["Transaction Type;Document", "Document;N° de document"])
def test_a_document_of_infor_ln_is_its_journal_and_its_number(tmp_path, headings):
    path = tmp_path / "ledger.csv"
    lines = [f"{journal};26000{n};BP1;12/01/2026;13/02/2026;EUR;{n}.00" for n, journal in enumerate(("SLS", "SLC", "SLS"), 1)]
    path.write_text("\n".join([f"{headings};Pay-by Business Partner;Document Date;Due Date;Currency;Balance", *lines]), encoding="utf-8")
    export = read_export(path, as_of=AS_OF, company_currency="EUR")

    assert ("infor_ln", ["SLS 260001", "SLC 260002", "SLS 260003"]) == (export.profile, list(export.items["document"]))


def test_a_profile_that_does_not_exist_is_answered_with_those_that_do():
    with pytest.raises(LedgerError, match="sap_fbl5n"):
        read_export(SAMPLES / "datev_opos.csv", as_of=AS_OF, company_currency="EUR", answers=Answers(profile="sapp"))


@pytest.mark.parametrize("name", sorted(FOUND))
def test_what_is_open_is_what_the_file_adds_up_to(name):
    export = read_export(SAMPLES / name, as_of=AS_OF, company_currency="EUR")
    totals = export.totals
    rest = totals["settled_minor"] + totals["duplicate_minor"] + totals["rejected_minor"]

    assert list(totals["file_minor"]) == list(totals["open_minor"] + rest)
    assert int(export.items["open_minor"].sum()) == int(totals["open_minor"].sum())


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("xero_aged_receivables.csv", "export_total_differs"),
        ("xero_aged_receivables.csv", "export_payer_by_section"),
        ("xero_aged_receivables.csv", "export_documents_only"),
        ("quickbooks_online.csv", "export_unnumbered"),
        ("quickbooks_desktop.csv", "export_total_agrees"),
        ("sage100_interrogation_tiers.csv", "export_total_agrees"),
        ("odoo_invoices_en.csv", "export_documents_only"),
    ],
)
def test_what_a_system_is_known_for_is_told(name, code):
    assert code in {f.code for f in read_export(SAMPLES / name, as_of=AS_OF, company_currency="EUR").findings}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sap_fbl5n_blocks_en.txt", "SAP FBL5N. sap_fbl5n_blocks_en.txt: utf-8 text, every field at its place in the line"),
        ("sap_fbl5n_tab_fr.xls", "fields separated by tab"),
        ("xero_aged_receivables.csv", "payer = rows of their own"),
    ],
)
def test_the_layout_names_the_system_and_says_how_its_fields_stand(name, said):
    assert said in read_export(SAMPLES / name, as_of=AS_OF, company_currency="EUR").layout.sentence()


def test_a_sum_of_a_payer_that_differs_is_told_with_its_row(tmp_path):
    path = tmp_path / "desktop.csv"
    path.write_text((SAMPLES / "quickbooks_desktop.csv").read_text(encoding="utf-8").replace("974.50", "975.50"), encoding="utf-8")
    found = [f.values for f in read_export(path, as_of=AS_OF, company_currency="EUR").findings if f.code == "export_subtotals_differ"]

    assert [(1, 5, Amount(97550, "EUR"), Amount(97450, "EUR"))] == [(f["count"], f["row"], f["stated"], f["sum"]) for f in found]


@pytest.mark.parametrize(
    ("text", "asked", "value"),
    [
        ("Client;Facture;Échéance;Montant A;Montant B\n1;A;13/02/2026;1,00;2,00\n", "open_minor", "Montant B"),
        ("Client;Facture;Solde\n1;A;1,00\n", "due_date", "-"),
        ("Client;Facture;Échéance;Solde\n1;A;03/02/2026;1,00\n", "date_order", "dmy"),
        ("Client;Facture;Échéance;Solde\n1;A;13/02/2026;1.234\n", "decimal_mark", ","),
        ("Client;Échéance;Solde;Texte\n1;13/02/2026;1,00;F1\n", "document", "Texte"),
    ],
)
def test_what_cannot_be_known_is_asked_once_with_its_answers(tmp_path, text, asked, value):
    path = tmp_path / "ledger.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Unclear) as question:
        read_export(path, as_of=AS_OF, company_currency="EUR")
    given = Answers(**{asked: value}) if hasattr(Answers(), asked) else Answers(fields={asked: value})

    assert (asked, True) == (question.value.asked, value in [choice.value for choice in question.value.choices])
    assert 1 == len(read_export(path, as_of=AS_OF, company_currency="EUR", answers=given).items)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Client;Facture;Échéance;Solde\n1;A;Feb-26;1,00\n", "holds months such as Feb-26 instead of dates: Excel has damaged the column"),
        ("Client;Facture;Échéance;Solde\n1;A;13/02/2026;douze\n", "“douze”. Correct it in the export, or say which column is the open amount"),
    ],
)
def test_a_column_that_is_named_as_wanted_but_holds_something_else_is_told(tmp_path, text, says):
    path = tmp_path / "ledger.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LedgerError, match=says):
        read_export(path, as_of=AS_OF, company_currency="EUR")


def test_a_layout_of_which_no_heading_is_known_is_asked_about_column_by_column(tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_text("Mandatsnr;Wer;Vorgang;Spätestens;Noch zu zahlen\n7;Müller;A-1;14.02.2026;1.200,50\n", encoding="utf-8")
    said = {"payer": "Mandatsnr", "document": "Vorgang", "open_minor": "Noch zu zahlen", "due_date": "Spätestens"}
    for known, asked in enumerate(said):
        with pytest.raises(Unclear) as question:
            read_export(path, as_of=AS_OF, company_currency="EUR", answers=Answers(dict(list(said.items())[:known])))

        assert (asked, True) == (question.value.asked, said[asked] in [choice.value for choice in question.value.choices])

    export = read_export(path, as_of=AS_OF, company_currency="EUR", answers=Answers(said))
    assert [("7", "A-1", 120050)] == list(export.items[["payer", "document", "open_minor"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(("heading", "amount"), [("Open amount", "1,23,456.50"), ("Open amount", "12,34,567.00")])
def test_lakh_and_crore_are_groups_of_figures(tmp_path, heading, amount):
    path = tmp_path / "ledger.csv"
    path.write_text(f'Customer,Document,Due date,{heading}\n1,A,13/02/2026,"{amount}"\n', encoding="utf-8")

    assert [int(amount.replace(",", "").replace(".", ""))] == list(read_export(path, as_of=AS_OF, company_currency="EUR").items["open_minor"])


def test_of_two_sheets_with_open_items_one_is_asked_for(tmp_path):
    path = tmp_path / "two.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, amount in (("Nord", 5), ("Süd", 7)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Payer", "Document", "Due date", "Open amount"])
            sheet.write_row(1, 0, ["1", "A", "2026-01-13", amount])
    with pytest.raises(Unclear) as question:
        read_export(path, as_of=AS_OF, company_currency="EUR")

    assert ("sheet", ["Nord", "Süd"]) == (question.value.asked, [c.value for c in question.value.choices])
    assert [700] == list(read_export(path, as_of=AS_OF, company_currency="EUR", answers=Answers(sheet="Süd")).items["open_minor"])


def test_a_hidden_sheet_is_offered_when_nothing_else_holds_open_items(tmp_path):
    path = tmp_path / "hidden.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Cover").write(0, 0, "Aged receivables")
        sheet = book.add_worksheet("CustomerAgingData")
        sheet.hide()
        sheet.write_row(0, 0, ["CustomerNumber", "DocumentType", "DocumentNo", "DueDate", "RemainingAmount(LCY)", "OriginalAmount"])
        sheet.write_row(1, 0, ["C1", "Invoice", "PSI1", "2026-01-13", 5, 9])
    with pytest.raises(Unclear) as question:
        read_export(path, as_of=AS_OF, company_currency="EUR")
    export = read_export(path, as_of=AS_OF, company_currency="EUR", answers=Answers(sheet="CustomerAgingData"))

    assert ("sheet", ["CustomerAgingData"]) == (question.value.asked, [c.value for c in question.value.choices])
    assert ("business_central", [500]) == (export.profile, list(export.items["open_minor"]))


@pytest.mark.parametrize(
    ("title", "currency"), [("Open items in USD", "USD"), ("Devise : CHF", "CHF"), ("Liste (GBP)", "GBP"), ("Société ABC", "EUR")]
)
def test_a_title_that_names_the_currency_is_believed(tmp_path, title, currency):
    path = tmp_path / "ledger.csv"
    path.write_text(f"{title};;;\nClient;Facture;Échéance;Solde\n1;A;13/02/2026;1,00\n", encoding="utf-8")

    assert [currency] == list(read_export(path, as_of=AS_OF, company_currency="EUR").items["currency"])


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("As of January 31, 2026", False),
        ("As of January 30, 2026", True),
        ("Arrêté au 31/01/2026", False),
        ("Stichtag: 28.02.2026", True),
        ("Page 1", False),
    ],
)
def test_a_title_of_another_day_than_the_as_of_date_is_told(tmp_path, title, told):
    path = tmp_path / "ledger.csv"
    path.write_text(f'"{title}";;;\nClient;Facture;Échéance;Solde\n1;A;13/02/2026;1,00\n', encoding="utf-8")

    assert told is ("export_as_of" in {f.code for f in read_export(path, as_of=AS_OF, company_currency="EUR").findings})


def test_a_number_that_excel_has_cut_is_no_document(tmp_path):
    path = tmp_path / "ledger.csv"
    rows = "".join(f"1;{n}0000;13/02/2026;1,00\n" for n in (1234567890123450, 2234567890123450, 3234567890123450))
    path.write_text("Client;Facture;Échéance;Solde\n" + rows, encoding="utf-8")

    assert ["", "digits", "digits", "digits"] == list(read_export(path, as_of=AS_OF, company_currency="EUR").rows["reason"])


def test_amounts_are_exact_to_the_last_cent():
    assert Decimal("12100.80") == sum(Decimal(i["open"]) for i in expected("sap_fbl5n_blocks_en.txt"))
