"""An export becomes open items: every row ends as something, every cent is accounted for."""

import re
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import model
from rules.errors import LedgerError
from rules.row import column, columns
from rules.standing import SEPARATOR
from rules.words import catalogue
from rules.written import Amount
from workbook.ledgers import Answers, Layout, Unclear, read_export
from workbook.ledgers.headings import SYNONYMS

AS_OF = date(2026, 3, 1)
HEAD = "Payer;Name;Document No;Doc date;Due date;Open amount"
TWO = f"{HEAD}\n0001;Société Génération;900001;12/01/2026;11/02/2026;1 234,56\n0002;Müller & Söhne;900002;13/01/2026;12/02/2026;99,00\n"


def read(folder: Path, text: str | bytes, name: str = "ledger.csv", **answers):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return read_export(path, as_of=AS_OF, company_currency="EUR", answers=Answers(**answers))


def sheet(folder: Path, rows: list[list[object]], name: str = "Sheet1", hidden: list[list[object]] | None = None) -> Path:
    path = folder / "ledger.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        made = book.add_worksheet(name)
        for at, row in enumerate(rows):
            made.write_row(at, 0, row)
        if hidden is not None:
            other = book.add_worksheet("old")
            other.hide()
            for at, row in enumerate(hidden):
                other.write_row(at, 0, row)
    return path


def kinds(export):
    return list(export.rows["kind"])


def codes(export):
    return {finding.code for finding in export.findings}


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


def test_where_the_columns_of_every_row_moved_a_cell_that_does_not_fit_is_shown(tmp_path):
    with pytest.raises(Unclear, match=r'"Open amount" is no column of amounts: .* such as “12/02/2026”'):
        read(tmp_path, f"{HEAD}\n" + "".join(f"4;C;D;90000{n};13/01/2026;12/02/2026;12,00\n" for n in range(3)))


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


def test_a_header_without_rows_gives_no_items_and_says_so(tmp_path):
    export = read(tmp_path, HEAD)

    assert 0 == len(export.items) == len(export.payers)
    assert {"export_no_items"} == codes(export)


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


@pytest.mark.parametrize(
    "head", ["Account Ref;Name;Inv No;Inv Date;Due;Gross;Paid;Balance", "Konto-Nr.;Name;Re-Nr.;Re-Datum;Fällig;Brutto;Bezahlt;Offener Betrag"]
)
def test_short_headings_of_small_companies(tmp_path, head):
    found = read(tmp_path, f"{head}\nA1;Acme;1001;13/01/2026;12/02/2026;1100,00;100,00;1000,00\n").items.iloc[0]

    assert ("A1", "Acme", "1001", "2026-01-13") == (found.payer, found.payer_name, found.document, str(found.document_date.date()))
    assert (110000, 100000) == (found.original_minor, found.open_minor)


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


def test_a_row_that_names_two_currencies_is_rejected(tmp_path):
    export = read(tmp_path, f"{HEAD};Currency\n1;X;A;13/01/2026;12/02/2026;100,00 USD;EUR\n2;Y;B;13/01/2026;12/02/2026;5,00 €;EUR\n")

    assert [("header", ""), ("rejected", "currencies"), ("item", "")] == list(zip(export.rows["kind"], export.rows["reason"], strict=True))


def test_currencies_are_summed_apart(tmp_path):
    export = read(
        tmp_path,
        "Payer,Document,Due date,Currency,Open\n1,A,2026-01-13,EUR,1.50\n1,B,2026-01-13,JPY,350000\n1,C,2026-01-13,TND,1.2345\n1,D,2026-01-13,??,9\n",
    )

    assert {"EUR": 150, "JPY": 350000, "TND": 1235, "??": 0} == dict(zip(export.totals["currency"], export.totals["open_minor"], strict=True))
    assert {"export_decimals", "export_row_currency"} <= codes(export)


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


def test_text_in_a_sheet_that_could_be_thousands_is_asked_about_but_numbers_are_not(tmp_path):
    head = ["Payer", "Document", "Due date", "Open"]
    asked = sheet(tmp_path, [head, ["1", "A", "2026-01-13", "1.234"], ["1", "B", "2026-01-13", "12.500"]])
    with pytest.raises(Unclear, match="which sign stands before the decimals"):
        read_export(asked, as_of=AS_OF, company_currency="TND")

    plain = sheet(tmp_path, [head, ["1", "A", "2026-01-13", 1.234], ["1", "B", "2026-01-13", 12.5]])
    assert [1234, 12500] == list(read_export(plain, as_of=AS_OF, company_currency="TND").items["open_minor"])


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


AGED = "Customer no;Invoice no;Invoice date;Due date;{};Current;1 - 30 days;31 and over\n"


def aged(*lines, heading="Amount", after=""):
    return AGED.format(heading) + "".join(f"C{n};F{n};12/01/2026;13/02/2026;{line}\n" for n, line in enumerate(lines)) + after


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


def test_a_line_with_amounts_of_several_ages_is_rejected_alone(tmp_path):
    export = read(tmp_path, aged(*["100.00;;;100.00"] * 60, "100.00;30.00;;70.00"))

    assert 60 == len(export.items)
    assert ["“30.00 + 70.00” in “Current … 31 and over” cannot be read as an amount"] == [
        f.text("en").removeprefix("Rejected: ").split(".  ")[0].split(". Correct")[0] for f in export.findings if f.code == "export_row_amount"
    ]


def test_a_column_of_amounts_is_no_document_number(tmp_path):
    text = "Code client;Facturé;N°;Échéance;Reste dû\nC1;1 200,50;F1;13/02/2026;10,00\nC2;7,25;F2;13/02/2026;7,25\n"

    assert ["F1", "F2"] == list(read(tmp_path, text).items["document"])


def test_a_document_number_may_look_like_an_amount(tmp_path):
    text = "Payer;Invoice no;Due date;Open\nC1;2026.15;13/02/2026;10,00\nC2;16.26;13/02/2026;7,25\n"

    assert ["2026.15", "16.26"] == list(read(tmp_path, text).items["document"])


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


def test_the_lines_of_an_invoice_count_once_and_are_no_instalments(tmp_path):
    lines = "1;A;F1;12/01/2026;13/02/2026;600,00;10;50\n1;A;F1;12/01/2026;13/02/2026;600,00;1;100\n2;B;F2;12/01/2026;13/02/2026;9,00;1;9\n"
    export = read(tmp_path, f"{HEAD};Quantity;Rate\n{lines}", repeats="keep")

    assert ["header", "item", "duplicate", "item"] == kinds(export)
    assert [("F1", ""), ("F2", "")] == list(zip(export.items["document"], export.items["instalment"], strict=True))
    assert () == export.repeats


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


def test_a_number_that_lost_its_last_figures_is_told_from_a_text_beside_it(tmp_path):
    rest = ["2026-02-13", 100]
    rows = [["Payer", "Document", "Due date", "Open"], ["1", "A1", *rest], ["1", 12345678901234567890, *rest], ["1", "12345678901234567", *rest]]
    export = read_export(sheet(tmp_path, rows), as_of=AS_OF, company_currency="EUR")

    assert ["", "", "digits", ""] == list(export.rows["reason"])
    assert ["A1", "12345678901234567"] == list(export.items["document"])


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


@pytest.mark.parametrize(("heading", "yes", "no"), [("Paid", "Yes", "No"), ("Bezahlt", "ja", "nein"), ("Réglé", "Oui", "Non")])
def test_a_column_that_says_paid_or_not_is_no_amount(tmp_path, heading, yes, no):
    text = f"{HEAD};{heading}\n1;A;F1;12/01/2026;13/02/2026;1,00;{no}\n1;A;F2;12/01/2026;13/02/2026;2,00;{yes}\n"

    assert ["header", "item", "settled"] == kinds(read(tmp_path, text))


def test_headings_in_a_second_language_begin_no_second_table(tmp_path):
    export = read(tmp_path, TWO.replace("\n", "\nZahler;Bezeichnung;Belegnummer;Belegdatum;Fällig;Offener Betrag\n", 1))

    assert ["item", "item"] == kinds(export)[2:]
