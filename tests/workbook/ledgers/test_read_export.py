"""An export becomes open items: every row ends as something, every cent is accounted for."""

import re
from datetime import date, datetime, timedelta

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import model
from rules.errors import LedgerError
from rules.row import column, columns
from rules.words import catalogue
from tests.workbook.ledgers.exports import AS_OF, HEAD, TWO, codes, kinds, read, sheet
from workbook.ledgers import Layout, Unclear, read_export
from workbook.ledgers.headings import SYNONYMS


def is_the_two(export):
    items = export.items
    return (list(items["payer"]), list(items["payer_name"]), list(items["open_minor"]), list(items["due_date"].dt.strftime("%Y-%m-%d"))) == (
        ["0001", "0002"],
        ["Société Génération", "Müller & Söhne"],
        [123456, 9900],
        ["2026-02-11", "2026-02-12"],
    )


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TWO.encode("utf-8"), "utf-8"),
        (b"\xef\xbb\xbf" + TWO.encode("utf-8"), "utf-8-sig"),
        (TWO.encode("cp1252"), "cp1252"),
        (TWO.encode("cp850"), "cp850"),
        (b"\xff\xfe" + TWO.replace(";", "\t").encode("utf-16-le"), "utf-16-le"),
        (b"\xfe\xff" + TWO.replace(";", "\t").encode("utf-16-be"), "utf-16-be"),
        (TWO.replace(";", "\t").encode("utf-16-le"), "utf-16-le"),
        (TWO.replace(";", "|").encode("utf-8"), "utf-8"),
        ("\n".join(",".join(f'"{c}"' for c in line.split(";")) for line in TWO.splitlines()).encode(), "utf-8"),
        (("sep=;\n" + TWO).encode("utf-8"), "utf-8"),
        (TWO.replace("\n", "\r\n").encode("utf-8"), "utf-8"),
        (TWO.replace("\n", "\r").encode("utf-8"), "utf-8"),
        (TWO.replace("\n", "\r\r\n").encode("utf-8"), "utf-8"),
        (TWO.replace("\n", ";\n").encode("utf-8"), "utf-8"),
        (TWO.replace("\n0", ";\n0").encode("utf-8"), "utf-8"),
        (TWO.rstrip().encode("utf-8"), "utf-8"),
        (TWO.replace("\n", "\n\n").replace("\n000", "\n;;;;;\n000").encode("utf-8"), "utf-8"),
        (TWO.replace("Société", "\x07Société\0").encode("utf-8"), "utf-8"),
        (TWO.replace("0001;", '="0001";').encode("utf-8"), "utf-8"),
    ],
    ids=str,
)
def test_form_does_not_matter(tmp_path, content, encoding):
    export = read(tmp_path, content)

    assert is_the_two(export)
    assert encoding == export.layout.encoding


def test_latin_9_is_told_from_cp1252_by_its_letters(tmp_path):
    export = read(tmp_path, TWO.replace("Société", "Cœur €uro").encode("iso8859-15"))

    assert ("iso8859-15", "Cœur €uro Génération") == (export.layout.encoding, export.items["payer_name"][0])


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Fälligkeit – Teil 1 – Teil 2 – Teil 3", "cp1252"),
        ("Zusatz – Art – Inhalt – Menge", "cp1252"),
        ("Lyon–Paris", "cp1252"),
        ("2020–2021", "cp1252"),
        ("l’usine et l’entrepôt", "cp1252"),
        ("l’usine d’à côté", "cp1252"),
        ("„Fälle“ und ‚Preise‘", "cp1252"),
        ("the “best” of ‘all’", "cp1252"),
        ("80 € de frais", "cp1252"),
        ("Cœur de Noël…", "cp1252"),
        ("Øster Åby", "cp1252"),
        ("Société Générale", "cp850"),
        ("payé", "cp850"),
        ("pièces livrées à Orléans", "cp850"),
        ("août", "cp850"),
        ("FRANÇAIS", "cp850"),
        ("maître", "cp850"),
        ("Müller & Söhne, Straße", "cp850"),
        ("Ärger über Öl", "cp850"),
    ],
)
def test_dashes_and_quotes_are_told_from_letters_by_where_they_stand(tmp_path, text, encoding):
    export = read(tmp_path, TWO.replace("Müller & Söhne", "Miller").replace("Société Génération", text).encode(encoding))

    assert (encoding, text) == (export.layout.encoding, export.items["payer_name"][0])


def test_rows_are_numbered_as_the_user_sees_them(tmp_path):
    export = read(tmp_path, "Balance âgée\n\n" + TWO)

    assert ["ledger.csv row 4", "ledger.csv row 5"] == list(export.items["source"])
    assert 3 == export.layout.header_row
    assert ["furniture", "blank", "header", "item", "item"] == kinds(export)


def test_items_have_the_columns_of_the_model(tmp_path):
    export = read(tmp_path, TWO)

    for frame, row in ((export.items, model.OpenItem), (export.payers, model.Payer)):
        assert {c.name: c.dtype for c in columns(row)} == frame.dtypes.astype(str).to_dict()


def test_where_the_columns_of_every_row_moved_a_cell_that_does_not_fit_is_shown(tmp_path):
    with pytest.raises(Unclear, match=r'"Open amount" is no column of amounts: .* such as “12/02/2026”'):
        read(tmp_path, f"{HEAD}\n" + "".join(f"4;C;D;90000{n};13/01/2026;12/02/2026;12,00\n" for n in range(3)))


def test_no_date_is_no_due_date(tmp_path):
    export = read(tmp_path, TWO + "3;C;900003;00/00/0000;99/99/9999;5,00\n")

    assert (True, "none") == (export.items["due_date"].isna()[2], export.items["due_source"][2])


def test_an_impossible_document_date_is_left_empty_and_said(tmp_path):
    export = read(tmp_path, TWO + "3;C;900003;31/04/2026;12/05/2026;5,00\n")

    assert export.items["document_date"].isna()[2]
    assert "export_document_date" in codes(export)


def test_texts_that_look_like_formulas_stay_texts(tmp_path):
    export = read(
        tmp_path, HEAD + '\n1;=cmd|\'/C calc\'!A0;=1+1;13/01/2026;12/02/2026;1,00\n2;-Dupont;"\t=HYPERLINK(""x"")";13/01/2026;12/02/2026;1,00\n'
    )

    assert ["=cmd|'/C calc'!A0", "-Dupont"] == list(export.items["payer_name"])
    assert ["=1+1", '=HYPERLINK("x")'] == list(export.items["document"])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "0 bytes"),
        (b" \r\n \r\n", "nothing but blanks"),
        (b"Payer\n1\n", "one column only"),
        (b"a;b\n1;2\n", "no row of headings"),
        (b"<html><table></table></html>", "web page"),
        (b"%PDF-1.7 ....", "PDF"),
        (b"\xff\xfea\0;\0\x00\xd8", "no row of headings"),
    ],
)
def test_what_cannot_be_an_export_is_explained(tmp_path, content, says):
    with pytest.raises(LedgerError, match=says):
        read(tmp_path, content)


def test_sap_style_flat_file(tmp_path):
    export = read(
        tmp_path,
        (
            "business_code,cust_number,name_customer,clear_date,buisness_year,doc_id,posting_date,document_create_date,document_create_date.1,due_in_date,"
            "invoice_currency,document type,total_open_amount,baseline_create_date,cust_payment_terms,invoice_id,isOpen\n"
            "U001,0200706844,WINC co,,2020.0,1930571429.0,2020-02-27,20200226,20200227,20200313.0,USD,RV,8734.71,20200227.0,NAA8,1930571429.0,1\n"
            "U001,0200706844,WINC us,,2020.0,1930571430.0,2020-02-28,20200226,20200228,20200314.0,USD,DG,-10.5,20200227.0,NAA8,1930571430.0,1\n"
            "U001,0200706844,WINC us,2026-02-28 00:00:00,2020.0,1930571431.0,2020-02-28,20200226,20200228,20200314.0,USD,RV,7.0,20200227.0,NAA8,,0\n"
            "U001,0200706844,WINC us,2026-03-02 00:00:00,2020.0,1930571432.0,2020-02-28,20200226,20200228,20200314.0,USD,RV,9.0,20200227.0,NAA8,,0\n"
        ),
    )
    first = export.items.iloc[0]

    assert ("U001", "0200706844", "1930571429", "USD", 873471, 873471, "NAA8", "invoice") == (
        first.company,
        first.payer,
        first.document,
        first.currency,
        first.open_minor,
        first.original_minor,
        first.terms,
        first.kind,
    )
    assert (pd.Timestamp("2020-02-27"), pd.Timestamp("2020-03-13")) == (first.document_date, first.due_date)
    assert ["header", "item", "item", "settled", "item"] == kinds(export)
    assert "credit" == export.items["kind"][1]
    assert ["WINC us"] == list(export.payers["name"])
    assert "export_names" in codes(export)


def test_french_headings_words_and_blocks(tmp_path):
    export = read(
        tmp_path,
        (
            "Société;Code client;Raison sociale;N° pièce;Type;Date pièce;Échéance;Devise;"
            "Montant initial;Solde;Niveau relance;Blocage;Litige;Conditions\n"
            "100;0010;Lefèvre;001;Facture;12/09/2025;12/10/2025;EUR;12 450,80;2 450,80;2;A;N;N30\n"
            "100;0010;Lefèvre;002;Avoir;20/11/2025;;EUR;-450,00;-450,00;0;;O;\n100;0010;Lefèvre;003;Règlement;05/01/2026;;jpy;-1000;-1 000;0;0;N;\n"
        ).encode("cp1252"),
    )
    items = export.items

    assert ["invoice", "credit", "payment"] == list(items["kind"])
    assert [1245080, -45000, -1000] == list(items["original_minor"])
    assert [245080, -45000, -1000] == list(items["open_minor"])
    assert (["A", "", ""], ["", "dispute", ""]) == (list(items["block"]), list(items["dispute"]))
    assert "export_level_unused" in codes(export)


@pytest.mark.parametrize(
    "head", ["Account Ref;Name;Inv No;Inv Date;Due;Gross;Paid;Balance", "Konto-Nr.;Name;Re-Nr.;Re-Datum;Fällig;Brutto;Bezahlt;Offener Betrag"]
)
def test_short_headings_of_small_companies(tmp_path, head):
    found = read(tmp_path, f"{head}\nA1;Acme;1001;13/01/2026;12/02/2026;1100,00;100,00;1000,00\n").items.iloc[0]

    assert ("A1", "Acme", "1001", "2026-01-13") == (found.payer, found.payer_name, found.document, str(found.document_date.date()))
    assert (110000, 100000) == (found.original_minor, found.open_minor)


def test_payers_get_what_the_export_knows_of_them(tmp_path):
    export = read(
        tmp_path,
        (
            "Payer,Name,Document,Document date,Due date,Open,Country,Language,E-mail,City\n"
            "1,Old,A,2026-01-01,2026-02-01,1.00,fr,FR,a@b.fr,Lyon\n2,Two,B,2026-01-01,2026-02-01,1.00,DE,,,\n1,New,C,2026-01-05,2026-02-01,1.00,,,,\n"
        ),
    )
    first = export.payers.iloc[0]

    assert ["1", "2"] == list(export.payers["payer"])
    assert ("New", "FR", "fr", "a@b.fr", "Lyon") == (first["name"], first.country, first.language, first.email, first.city)
    assert bool(export.payers["collection_allowed"].all()) is column(model.Payer, "collection_allowed").default


def test_answers_are_used(tmp_path):
    text = "Payer;Document;Due date;Amount;Balance\n1;A;05/06/2026;1.234;2.345\n"
    export = read(tmp_path, text, fields={"open": "Balance"}, currency="CHF", company="C9", date_order="mdy", decimal_mark=",")
    item = export.items.iloc[0]

    assert ("CHF", "C9", 234500, 123400, pd.Timestamp("2026-05-06")) == (
        item.currency,
        item.company,
        item.open_minor,
        item.original_minor,
        item.due_date,
    )


def test_a_sheet_with_dates_serials_and_texts(tmp_path):
    path = sheet(
        tmp_path,
        [
            ["Open items"],
            [],
            HEAD.split(";"),
            ["0001", "A", "900001", datetime(2026, 1, 12), datetime(2026, 2, 11), 1234.56],
            ["0002", "B", "900002", 46035, 46065, 99],
            ["0003", "C", "900003", "13/01/2026", "11/02/2026", "1 234,56"],
            ["Total", None, None, None, None, 2568.12],
        ],
        name="Offene Posten",
        hidden=[HEAD.split(";"), ["9", "OLD", "9", datetime(2020, 1, 1), datetime(2020, 1, 31), 999]],
    )
    export = read_export(path, as_of=AS_OF, company_currency="EUR")

    assert [123456, 9900, 123456] == list(export.items["open_minor"])
    assert ["2026-02-11", "2026-02-12", "2026-02-11"] == list(export.items["due_date"].dt.strftime("%Y-%m-%d"))
    assert ["Offene Posten!4", "Offene Posten!5", "Offene Posten!6"] == list(export.items["source"])
    assert {"export_currency", "export_hidden_sheets", "export_total_agrees"} == codes(export)


def test_hidden_rows_are_read_and_said(tmp_path):
    path = tmp_path / "ledger.xlsx"
    with xlsxwriter.Workbook(path) as book:
        made = book.add_worksheet()
        for at, line in enumerate(TWO.splitlines()):
            made.write_row(at, 0, line.split(";"))
        made.set_row(2, None, None, {"hidden": True})
    export = read_export(path, as_of=AS_OF, company_currency="EUR")

    assert is_the_two(export)
    assert "export_hidden_rows" in codes(export)


def test_of_several_sheets_the_one_that_says_most_is_read(tmp_path):
    path = tmp_path / "ledger.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Cover").write_row(0, 0, ["Name", "Date"])
        made = book.add_worksheet("Items")
        for at, line in enumerate(TWO.splitlines()):
            made.write_row(at, 0, line.split(";"))
    export = read_export(path, as_of=AS_OF, company_currency="EUR")

    assert "Items" == export.layout.sheet


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_layout_is_told_in_words(tmp_path, language):
    export = read(tmp_path, TWO)

    assert "Open amount" in export.layout.sentence(language)
    assert "ledger.csv" in export.layout.sentence(language)
    assert all(heading in export.layout.sentence(language) for heading in HEAD.split(";"))
    assert all(finding.text(language) for finding in export.findings)


@pytest.mark.parametrize(
    ("container", "separator", "said"),
    [
        ("csv", ";", "utf-8 text with fields separated by ;, headings in row 1."),
        ("csv", "\t", "utf-8 text with fields separated by tab, headings in row 1."),
        ("list", "", "utf-8 text, every field at its place in the line, headings in row 1."),
        ("html", "", "web page, headings in row 1."),
        ("mhtml", "", "web page, headings in row 1."),
        ("saft", "", "XML file."),
    ],
)
def test_the_layout_says_what_kind_of_file_it_is(container, separator, said):
    sentence = Layout("ledger", container, "utf-8", separator, "", 1).sentence()

    assert f"ledger: {said}" == sentence[: len(said) + 8]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "company = countryCode, payer = customerID,"),
        ("fr", "société = countryCode, payeur = customerID,"),
        ("de", "Buchungskreis = countryCode, Zahler = customerID,"),
    ],
)
def test_the_layout_names_the_column_that_decides_which_companies_there_are(tmp_path, language, said):
    export = read(tmp_path, "countryCode,customerID,invoiceNumber,DueDate,InvoiceAmount\n391,A,1,1/31/2026,5.00\n")

    assert said in export.layout.sentence(language)


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_every_field_of_an_export_has_a_word_in_the_layout(tmp_path, language):
    fields = {name: f"[{name}]" for name in SYNONYMS}
    said = Layout("ledger.csv", "csv", "utf-8", ";", "", 1, fields).sentence(language)

    assert [] == [name for name in fields if (f" = [{name}]" in said) is (name in ("level", "last_reminder"))]


@pytest.mark.parametrize("day", ["2026-01-12 00:00:00", "2026-01-12", "12.01.2026"])
def test_a_column_of_nothing_but_days_is_no_document_number(tmp_path, day):
    with pytest.raises(Unclear, match="the document number"):
        read(tmp_path, f"Payer;Document;Due date;Open\n1;{day};13/02/2026;10,00\n")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Documents dated after the as-of date 1 March 2026: 2, first B of 2 March 2026 (row 3)."),
        ("fr", "Pièces datées après la date d'arrêté du 1er mars 2026 : 2, première B du 2 mars 2026 (ligne 3)."),
        ("de", "Belege mit Datum nach dem Stichtag 1. März 2026: 2, erster B vom 2. März 2026 (Zeile 3)."),
    ],
)
def test_documents_after_the_as_of_date_are_kept_and_said(tmp_path, language, said):
    rows = ["1;X;A;05/03/2026;04/04/2026;1,00", "1;X;B;02/03/2026;01/04/2026;1,00", "1;X;C;01/03/2026;31/03/2026;1,00"]
    export = read(tmp_path, "\n".join([HEAD, *rows]))
    found = next(finding for finding in export.findings if finding.code == "export_later")

    assert (["A", "B", "C"], "note") == (list(export.items["document"]), found.severity)
    assert found.text(language).startswith(said)


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_a_count_stands_where_no_word_must_agree_with_it(language):
    """One reads as well as many: no noun or verb follows the number."""
    texts = {code: text for code, text in catalogue(language)["finding"].items() if code.startswith("export_") and code != "export_row_key"}

    assert [] == [code for code, text in texts.items() if re.search(r"\{(count|expected|names)\} \w", text)]


LINES = st.lists(
    st.tuples(
        st.integers(-(10**9), 10**9).filter(bool),
        st.integers(-800, 400),
        st.integers(0, 90),
        st.sampled_from(["Müller & Söhne", 'A "B"; C, D', "Œuvre", "=1+1"]),
    ),
    min_size=1,
    max_size=15,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    LINES,
    st.sampled_from(";,\t|"),
    st.sampled_from([".", ","]),
    st.sampled_from(["", " ", "\u202f", "'"]),
    st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d.%m.%y"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_was_written_is_read_back(tmp_path, lines, separator, mark, thousands, dates, encoding, end):
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if separator in cell or '"' in cell else cell

    records = [["Customer no", "Customer name", "Invoice no", "Invoice date", "Due date", "Amount due"]]
    day = date(2026, 1, 31)  # a day after the twelfth proves the order
    for at, (minor, shift, term, name) in enumerate([(100, 0, 0, "Anchor"), *lines]):
        amount = ("-" if minor < 0 else "") + f"{abs(minor) // 100:,}".replace(",", thousands) + f"{mark}{abs(minor) % 100:02d}"
        written = day + timedelta(days=shift)
        records.append([f"{at:06d}", name, f"D{at}", written.strftime(dates), (written + timedelta(days=term)).strftime(dates), amount])
    text = end.join(separator.join(quoted(cell) for cell in record) for record in records)
    items = read(tmp_path, text.encode(encoding)).items

    assert [minor for minor, *_ in lines] == list(items["open_minor"])[1:]
    assert [day + timedelta(days=shift + term) for _, shift, term, _ in lines] == [d.date() for d in items["due_date"]][1:]
    assert [name for *_, name in lines] == list(items["payer_name"])[1:]
    assert [record[0] for record in records[1:]] == list(items["payer"])
