"""What each row of an export is: line, sum, furniture, repeat, or rejected with its reason."""

import zipfile

import pandas as pd
import pytest

from rules.errors import LedgerError
from rules.standing import SEPARATOR
from rules.written import Amount
from tests.workbook.ledgers.exports import AS_OF, HEAD, TWO, aged, codes, kinds, read, sheet
from workbook.ledgers import read_export


def test_report_furniture_is_set_aside_and_its_total_checked(tmp_path):
    export = read(
        tmp_path,
        (
            "Balance âgée\nSociété X;;;;;Page 1\nArrêtée au;31/01/2026\n\n"
            + HEAD
            + "\n0001;A;900001;12/01/2026;11/02/2026;1 234,56\n;;;;Sous-total;1 234,56\n"
            + HEAD
            + "\n0002;Total Gaz;900002;13/01/2026;12/02/2026;99,00\nTotal général;;;;;1 333,56\nImprimé le 01/02/2026 09:12\n"
        ),
    )

    expected = "furniture furniture furniture blank header item total header item total furniture".split()
    assert expected == kinds(export)
    assert "export_total_agrees" in codes(export)


def test_a_total_that_differs_is_a_warning(tmp_path):
    export = read(tmp_path, TWO + "Total;;;;;1 400,00\n")
    found = next(f for f in export.findings if f.code == "export_total_differs")

    assert (Amount(140_000, "EUR"), Amount(133_356, "EUR")) == (found.values["stated"], found.values["sum"])


def test_a_total_is_told_with_the_decimals_of_its_currency(tmp_path):
    export = read(tmp_path, "Payer;Document;Due date;Currency;Open\n1;A;13/01/2026;TND;1234,567\n;;Total;TND;1234,567\n")
    found = next(f for f in export.findings if f.code == "export_total_agrees")

    assert [True] * 3 == [said in found.text(language) for language, said in (("en", "1,234.567"), ("fr", "234,567"), ("de", "1.234,567"))]


SUBTOTALS = """St|Konto|Name|Belegnr|Belegdatum|Fällig|Währung|Betrag
@|10|A|R1|12.01.2026|11.02.2026|EUR|100,00
@|10|A|R2|13.01.2026|12.02.2026|EUR|50,00
{star}|10|||||EUR|150,00
@|20|B|R3|13.01.2026|12.02.2026|EUR|30,00
@|20|B|R4|13.01.2026||EUR|20,00-
{star}|20|||||EUR|10,00
@|20|B|R5|13.01.2026|12.02.2026|USD|7,00
{star}|20|||||USD|7,00
{star}{star}||||||EUR|160,00
"""


@pytest.mark.parametrize("star", ["*", "", "Saldo"])
def test_the_sums_of_payers_within_a_list_are_totals_and_not_counted_again(tmp_path, star):
    export = read(tmp_path, SUBTOTALS.format(star=star))

    assert "header item item total item item total item total total".split() == kinds(export)
    assert {"EUR": 16000, "USD": 700} == dict(zip(export.totals["currency"], export.totals["file_minor"], strict=True))
    assert not [finding.text("en") for finding in export.findings if finding.severity == "error"]


def test_sums_are_not_counted_among_the_rows_without_currency(tmp_path):
    export = read(tmp_path, SUBTOTALS.format(star="*").replace("USD", "EUR").replace("EUR", "").replace("160,00", "167,00"))

    assert [5] == [finding.values["count"] for finding in export.findings if finding.code == "export_currency"]


def test_a_marked_sum_that_does_not_add_up_is_a_total_and_an_unmarked_one_is_rejected(tmp_path):
    marked, plain = (read(tmp_path, SUBTOTALS.format(star=star).replace("150,00", "151,00")) for star in ("*", ""))

    assert ("total", "rejected", "document") == (kinds(marked)[3], kinds(plain)[3], plain.rows["reason"][3])


def test_a_line_without_document_but_with_a_date_is_rejected_whatever_its_amount(tmp_path):
    export = read(tmp_path, SUBTOTALS.format(star="").replace("10|||||EUR", "10||||11.02.2026|EUR"))

    assert ("rejected", "document") == (kinds(export)[3], export.rows["reason"][3])


def test_duplicates_and_instalments(tmp_path):
    export = read(
        tmp_path,
        HEAD
        + "\n"
        + "\n".join(
            [
                "1;X;A1;12/01/2026;11/02/2026;10,00",
                "1;X;A1;12/01/2026;11/02/2026;10,00",
                "1;X;A2;12/01/2026;11/02/2026;5,00",
                "1;X;A2;12/01/2026;13/03/2026;5,00",
                "2;Y;A1;12/01/2026;11/02/2026;7,00",
                "2;Y;A1;12/01/2026;11/02/2026;8,00",
            ]
        ),
    )

    assert ["header", "item", "duplicate", "item", "item", "item", "rejected"] == kinds(export)
    assert ["", "2026-02-11", "2026-03-13", ""] == list(export.items["instalment"])
    assert ["invoice", "instalment", "instalment", "invoice"] == list(export.items["kind"])
    assert {"export_duplicates", "export_row_key"} <= codes(export)
    total = export.totals.iloc[0]
    assert (2700, 1000, 800, 4500) == (total["open_minor"], total["duplicate_minor"], total["rejected_minor"], total["file_minor"])


REPEATED = [
    "1;X;A1;12/01/2026;11/02/2026;10,00",
    "1;X;A1;12/01/2026;11/02/2026;10,00",
    "1;X;A2;12/01/2026;11/02/2026;5,00",
    "1;X;A2;12/01/2026;13/03/2026;5,00",
    "1;X;A2;12/01/2026;13/03/2026;5,00",
    "1;X;A1;12/01/2026;11/02/2026;10,00",
    "2;Y;A3;12/01/2026;11/02/2026;0,00",
    "2;Y;A3;12/01/2026;11/02/2026;0,00",
]


@pytest.mark.parametrize(
    ("said", "instalments", "asked"),
    [
        ("", ["A1", "A2 2026-02-11", "A2 2026-03-13"], (3, 6, 7)),
        ("leave", ["A1", "A2 2026-02-11", "A2 2026-03-13"], (3, 6, 7)),
        ("keep", ["A1", "A1 2", "A2 2026-02-11", "A2 2026-03-13", "A2 2026-03-13/2", "A1 3"], ()),
    ],
)
def test_repeated_rows_are_left_out_or_kept_with_a_number(tmp_path, said, instalments, asked):
    export = read(tmp_path, "\n".join([HEAD, *REPEATED]), repeats=said)

    assert instalments == [f"{d} {i}".strip() for d, i in zip(export.items["document"], export.items["instalment"], strict=True)]
    assert asked == export.repeats
    assert ("export_repeats_kept" if said == "keep" else "export_duplicates") in codes(export)
    assert 4500 == export.totals["file_minor"].sum()


def test_a_repeat_of_a_rejected_row_and_one_whose_number_is_taken_are_never_kept(tmp_path):
    rows = ["1;X;A;12/01/2026;11/02/2026;1,00;", "1;X;A;12/01/2026;11/02/2026;2,00;", "1;X;A;12/01/2026;11/02/2026;2,00;"]
    rows += ["1;X;B;12/01/2026;11/02/2026;2,00;", "1;X;B;12/01/2026;11/02/2026;2,00;", "1;X;B;12/01/2026;11/03/2026;2,00;2"]
    export = read(tmp_path, "\n".join([f"{HEAD};Instalment", *rows]), repeats="keep")

    assert ["header", "item", "rejected", "duplicate", "item", "duplicate", "item"] == kinds(export)


@pytest.mark.parametrize("total", ["20,00", "45,00"])
def test_where_a_printed_total_says_what_counts_nothing_is_asked_of_repeats(tmp_path, total):
    export = read(tmp_path, "\n".join([HEAD, *REPEATED, f"Total;;;;;{total}"]))

    assert () == export.repeats


def test_an_answer_about_repeats_is_keep_or_leave(tmp_path):
    with pytest.raises(LedgerError, match=r"'maybe' is unknown. Expected: keep"):
        read(tmp_path, TWO, repeats="maybe")


@pytest.mark.parametrize(
    ("row", "reason", "says"),
    [
        ("0003;C;900003;13/01/2026;12/02/2026;12,00;5", "fields", "fields in the row: 7, headings: 6"),
        ("0003;C;900003;13/01/2026", "fields", "fields in the row: 4, headings: 6"),
        (";C;900003;13/01/2026;12/02/2026;12,00", "payer", "payer is missing"),
        ("0003;C;;13/01/2026;12/02/2026;12,00", "document", "document number"),
        ("1,93E+09;C;900003;13/01/2026;12/02/2026;12,00", "exponent", "1,93E+09"),
        ("0003;C;900003;13/01/2026;12/02/2026;", "amount", "no amount"),
        ("0003;C;900003;13/01/2026;12/02/2026;12.50", "amount", "12.50"),
        ("0003;C;900003;13/01/2026;31/04/2026;12,00", "due_date", "31/04/2026"),
        ("0003;C;900003;13/01/2026;12/02/2026;#N/A", "amount", "#N/A"),
        ("0003;C;900003;13/01/2026;12/02/2026;٣", "amount", "٣"),
        ("0003;C;900003;13/01/2026;12/02/2026;" + "9" * 40, "amount", "9" * 40),
        ("0003;C;900003;13/01/2026;١٢/02/2026;12,00", "due_date", "١٢/02/2026"),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason_and_number(tmp_path, row, reason, says):
    export = read(tmp_path, TWO + row + "\n")
    found = next(f for f in export.findings if f.place.startswith("ledger.csv row 4"))

    assert ["header", "item", "item", "rejected"] == kinds(export)
    assert reason == export.rows["reason"][3]
    assert says in found.text("en")


@pytest.mark.parametrize(("short", "whole", "kind"), [(12, 20, "item"), (12, 200, "rejected"), (3, 3, "rejected")])
def test_rows_that_end_early_are_read_where_a_program_leaves_out_what_is_empty_at_the_end(tmp_path, short, whole, kind):
    lines = [f"0001;A;9{at:05};13/01/2026;12/02/2026;12,00" + (";" if at < whole else "") for at in range(short + whole)]
    export = read(tmp_path, "\n".join([TWO.splitlines()[0] + ";Sperre", *lines, ""]))

    assert ["header", *["item"] * whole, *[kind] * short] == kinds(export)
    assert [short] * (kind == "item") == [f.values["count"] for f in export.findings if f.code == "export_short_rows"]


def test_a_date_that_is_none_in_any_order_asks_nothing(tmp_path):
    export = read(tmp_path, f"{HEAD}\n1;A;F1;2026-01-12;99/98/2026;1,00\n2;B;F2;2026-01-12;2026-02-12;2,00\n")

    assert ["header", "rejected", "item"] == kinds(export)
    assert "due_date" == export.rows["reason"][1]


def test_a_total_in_other_figures_is_no_total(tmp_path):
    assert not {"export_total_differs", "export_total_agrees"} & codes(read(tmp_path, TWO + "Total;;;;;٣\n"))


@pytest.mark.parametrize(("cell", "reason"), [("NaN", "amount"), ("inf", "amount"), ("1E+300", "amount"), ("1E+999", "amount")])
def test_a_sheet_with_a_number_that_is_none_rejects_the_row(tmp_path, cell, reason):
    path = sheet(tmp_path, [["Payer", "Document", "Due date", "Open"], ["1", "A", "2026-01-13", 5.5], ["1", "B", "2026-01-13", 123456.5]])
    changed = tmp_path / "changed.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<v>123456.5</v>", f"<v>{cell}</v>".encode()))
    export = read_export(changed, as_of=AS_OF, company_currency="EUR")

    assert [("header", ""), ("item", ""), ("rejected", reason)] == list(zip(export.rows["kind"], export.rows["reason"], strict=True))


def test_rejected_rows_are_told_with_what_can_be_read_of_them(tmp_path):
    """Numbers that Excel shortened are blank; a row whose columns have moved is told with all its cells."""
    rows = [
        "0003;C;900003;13/01/2026;31/04/2026;12,00",
        ";C;900004;13/01/2026;12/02/2026;12,00",
        "1,93E+09;C;900005;13/01/2026;12/02/2026;12,00",
        "#N/A;C;900006;13/01/2026;12/02/2026;12,00",
        "0003;C;1,93E+09;13/01/2026;12/02/2026;12,00",
        "0003;C;#REF!;13/01/2026;12/02/2026;12,00",
        "0003;C;;13/01/2026;12/02/2026;12,00",
        "0001;C;900001;12/01/2026;11/02/2026;12,00",
    ]
    unread = read(tmp_path, TWO + "\n".join(rows)).unread

    assert [("0003", "900003"), ("", "900004"), ("", "900005"), ("", "900006"), *[("0003", "")] * 3, ("0001", "900001")] == list(
        zip(unread["payer"], unread["document"], strict=True)
    )
    moved = "".join(f"1;X;B{n};13/01/2026;12/02/2026;1,00\n" for n in range(9)) + "4;900006;13/01/2026;12/02/2026;12,00\n"
    assert ["4", "900006", "13/01/2026"] == read(tmp_path, f"{HEAD}\n{moved}").unread["cells"].iloc[0].split(SEPARATOR)[:3]
    assert ["2026-02-12", 1200, ""] == [str(unread["due_date"][4])[:10], unread["open_minor"][4], unread["cells"][4]]
    assert read(tmp_path, TWO).unread.empty


@pytest.mark.parametrize(
    ("payer", "document", "reason", "known"),
    [
        ("1", 12345678901234567890, "digits", ("1", "")),
        (9234567890123456789, "F1", "digits", ("", "F1")),
        ("", 12345678901234567890, "payer", ("", "")),
        ("1,93E+09", 12345678901234567890, "exponent", ("", "")),
        ("#N/A", 12345678901234567890, "digits", ("", "")),
    ],
)
def test_figures_that_a_sheet_made_up_stand_for_no_payer_and_no_document(tmp_path, payer, document, reason, known):
    rest = ["2026-02-13", 100]
    good = [1 if isinstance(payer, int) else "1", 4711 if isinstance(document, int) else "A", *rest]
    path = sheet(tmp_path, [["Payer", "Document", "Due date", "Open"], [payer, document, *rest], good])
    export = read_export(path, as_of=AS_OF, company_currency="EUR")

    assert ["", reason, ""] == list(export.rows["reason"])
    assert [known] == list(zip(export.unread["payer"], export.unread["document"], strict=True))


@pytest.mark.parametrize("good", [1, 9])
@pytest.mark.parametrize("end", ["", ";"])
def test_a_row_whose_columns_moved_does_not_say_what_a_column_holds(tmp_path, good, end):
    rows = "".join(f"1;X;B{n};13/01/2026;12/02/2026;1,00{end}\n" for n in range(good))
    export = read(tmp_path, f"{HEAD}\n4;C;D;900006;13/01/2026;12/02/2026;12,00\n{rows}")

    assert ["header", "rejected", *["item"] * good] == kinds(export)
    assert ["", "fields", *[""] * good] == list(export.rows["reason"])


def test_many_rejected_rows_share_a_finding(tmp_path):
    export = read(tmp_path, TWO + "".join(f"1;X;B{n};13/01/2026;12/02/2026;?\n" for n in range(80)))

    assert 80 == kinds(export).count("rejected")
    assert 51 == sum(f.severity == "error" for f in export.findings)
    assert 80 == export.totals["unread"].sum()


def test_a_quote_that_is_never_closed_damages_its_own_row_only(tmp_path):
    rows = "".join(f"1;X;B{n};13/01/2026;12/02/2026;1,00\n" for n in range(60))
    export = read(tmp_path, HEAD + '\n1;"X;B;13/01/2026;12/02/2026;1,00\n' + rows)

    assert ["header", "rejected", *["item"] * 60] == kinds(export)


@pytest.mark.parametrize("begins", ['1;"Y; Z"', '"1";Y', "1;Y"])
def test_a_quote_that_is_never_closed_swallows_no_row_and_names_its_document(tmp_path, begins):
    export = read(
        tmp_path, f'{HEAD}\n1;"X;B;13/01/2026;12/02/2026;1,00\n{begins};C;13/01/2026;12/02/2026;1,00\n2;"Q\nR";D;13/01/2026;12/02/2026;1,00\n'
    )

    assert [("header", ""), ("rejected", "quote"), ("item", ""), ("item", "")] == list(zip(export.rows["kind"], export.rows["reason"], strict=True))
    assert (["C", "D"], ["B"]) == (list(export.items["document"]), list(export.unread["document"]))
    assert 100 == export.totals["rejected_minor"].sum()


@pytest.mark.parametrize(
    ("opening", "closing", "kept"),
    [
        ('"X', 'Pipe 12"', ["A", "C", "D", "E", "F"]),  # together they are one quoted text from row to row
        ('"X', '"', ["A", "C", "D", "F"]),
        ('"', '"', ["A", "C", "D", "F"]),  # the same as above
    ],
)
def test_two_quotes_that_belong_to_two_rows_swallow_none_between(tmp_path, opening, closing, kept):
    names = {"A": '"Q; R\nS"', "B": opening, "C": "X", "D": "X", "E": closing, "F": "X"}
    lines = "".join(f"1;{name};{document};13/01/2026;12/02/2026;{ord(document)},00\n" for document, name in names.items())
    export = read(tmp_path, f"{HEAD}\n{lines}")

    assert kept == list(export.items["document"])
    assert [ord(document) * 100 for document in kept] == list(export.items["open_minor"])
    assert sorted(set(names) - set(kept)) == sorted(export.unread["document"])


def test_quotes_within_a_quoted_text_are_letters(tmp_path):
    export = read(tmp_path, f'{HEAD}\n1;"The "X" Ltd";B;13/01/2026;12/02/2026;1,00\n2;"Say ""Y""";C;13/01/2026;12/02/2026;1,00\n')

    assert ['The "X" Ltd', 'Say "Y"'] == list(export.items["payer_name"])


def test_quoted_separators_line_breaks_and_inches_are_text(tmp_path):
    export = read(tmp_path, HEAD + '\n1;"X; ""Y""\nZ";B;13/01/2026;12/02/2026;1,00\n2;5" pipe;C;13/01/2026;12/02/2026;1,00\n')

    assert ['X; "Y" Z', '5" pipe'] == list(export.items["payer_name"])


def test_a_header_without_rows_gives_no_items_and_says_so(tmp_path):
    export = read(tmp_path, HEAD)

    assert 0 == len(export.items) == len(export.payers)
    assert {"export_no_items"} == codes(export)


@pytest.mark.parametrize("state", ["Draft", "VOID", "Paid", "Entwurf", "Storniert", "Brouillon", "Annulée"])
def test_a_document_whose_status_says_that_nobody_owes_it_is_not_open(tmp_path, state):
    text = f"{HEAD};Status\n1;A;F1;12/01/2026;13/02/2026;1,00;Overdue\n1;A;F2;12/01/2026;13/02/2026;2,00;{state}\n"

    assert ["header", "item", "settled"] == kinds(read(tmp_path, text))


def test_invoices_settled_after_the_as_of_date_are_open(tmp_path):
    export = read(
        tmp_path,
        (
            "countryCode,customerID,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate,DaysLate\n"
            "391,0379-NEVHP,0000611365,1/2/2026,2/1/2026,55.94,No,2/15/2026,0\n391,0379-NEVHP,0000611366,1/26/2026,2/25/2026,61.74,Yes,3/3/2026,6\n"
            "391,0379-NEVHP,0000611367,1/26/2026,2/25/2026,1.00,No,3/1/2026,6\n391,0379-NEVHP,0000611368,1/26/2026,2/25/2026,2.00,No,,6\n"
        ),
    )

    assert ["header", "settled", "item", "settled", "item"] == kinds(export)
    assert ["dispute", ""] == list(export.items["dispute"])
    assert ["391", "0379-NEVHP", "0000611366", "0379-NEVHP", "EUR"] == list(
        export.items.loc[0, ["company", "payer", "document", "payer_name", "currency"]]
    )
    assert export.items["due_date"][0] == pd.Timestamp("2026-02-25")
    assert "export_currency" in codes(export)
    assert {"mdy"} == set(export.layout.date_orders.values())


@pytest.mark.parametrize(
    ("headings", "cells", "says"),
    [
        ("Débit;Crédit", "?;", "“?” in “Débit / Crédit”"),
        ("Débit;Crédit", ";", "no amount in “Débit / Crédit”"),
        ("Montant TTC;Déjà réglé", "5,00;x", "“5,00 / x” in “Montant TTC / Déjà réglé”"),
    ],
)
def test_an_amount_of_two_columns_is_rejected_with_both(tmp_path, headings, cells, says):
    export = read(tmp_path, f"Client;Facture;Échéance;{headings}\n1;A;13/02/2026;1,00;2,00\n1;B;13/02/2026;{cells}\n")

    assert [True] == [says in f.text("en") for f in export.findings if f.severity == "error"]


def test_a_row_that_names_two_currencies_is_rejected(tmp_path):
    export = read(tmp_path, f"{HEAD};Currency\n1;X;A;13/01/2026;12/02/2026;100,00 USD;EUR\n2;Y;B;13/01/2026;12/02/2026;5,00 €;EUR\n")

    assert [("header", ""), ("rejected", "currencies"), ("item", "")] == list(zip(export.rows["kind"], export.rows["reason"], strict=True))


def test_a_line_with_amounts_of_several_ages_is_rejected_alone(tmp_path):
    export = read(tmp_path, aged(*["100.00;;;100.00"] * 60, "100.00;30.00;;70.00"))

    assert 60 == len(export.items)
    assert ["“30.00 + 70.00” in “Current … 31 and over” cannot be read as an amount"] == [
        f.text("en").removeprefix("Rejected: ").split(".  ")[0].split(". Correct")[0] for f in export.findings if f.code == "export_row_amount"
    ]


def test_the_lines_of_an_invoice_count_once_and_are_no_instalments(tmp_path):
    lines = "1;A;F1;12/01/2026;13/02/2026;600,00;10;50\n1;A;F1;12/01/2026;13/02/2026;600,00;1;100\n2;B;F2;12/01/2026;13/02/2026;9,00;1;9\n"
    export = read(tmp_path, f"{HEAD};Quantity;Rate\n{lines}", repeats="keep")

    assert ["header", "item", "duplicate", "item"] == kinds(export)
    assert [("F1", ""), ("F2", "")] == list(zip(export.items["document"], export.items["instalment"], strict=True))
    assert () == export.repeats


def test_a_number_that_lost_its_last_figures_is_told_from_a_text_beside_it(tmp_path):
    rest = ["2026-02-13", 100]
    rows = [["Payer", "Document", "Due date", "Open"], ["1", "A1", *rest], ["1", 12345678901234567890, *rest], ["1", "12345678901234567", *rest]]
    export = read_export(sheet(tmp_path, rows), as_of=AS_OF, company_currency="EUR")

    assert ["", "", "digits", ""] == list(export.rows["reason"])
    assert ["A1", "12345678901234567"] == list(export.items["document"])
