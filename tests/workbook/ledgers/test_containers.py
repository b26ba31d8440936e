"""Whatever a ledger comes in, its cells come out as text: encodings, separators, sheets, web pages, archives, and the damage met in each."""

import subprocess
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from rules.errors import LedgerError
from rules.row import LANGUAGES
from rules.written import Some
from tests.workbook.ledgers.containers import ods, ods_row, xlsb
from workbook.ledgers.containers import opened
from workbook.ledgers.grid import Grid

SAMPLES = Path(__file__).with_name("samples")
TEXT = "Payer;Name;Open\n1;Société Générale;10,00\n2;Müller;20,00\n"
ROWS = [["Payer", "Name", "Open"], ["1", "Société Générale", "10,00"], ["2", "Müller", "20,00"]]


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def rows(grid: Grid) -> list[list[str]]:
    return grid.cells.to_numpy().tolist()


def told(grid: Grid) -> dict[str, dict[str, Any]]:
    for finding in grid.findings:
        assert all(finding.text(language) for language in LANGUAGES)
    return {finding.code: finding.values for finding in grid.findings}


def test_a_list_may_begin_with_the_letters_that_packed_files_begin_with(tmp_path):
    (grid,) = opened(written(tmp_path / "a.csv", b"PK;Payer\n01;1\n"))

    assert [["PK", "Payer"], ["01", "1"]] == rows(grid)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "iso8859-15"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_encoding_and_line_end_do_not_matter(tmp_path, encoding, end):
    (grid,) = opened(written(tmp_path / "a.csv", TEXT.replace("\n", end).encode(encoding)))

    assert ROWS == rows(grid)
    assert {} == told(grid)


@pytest.mark.parametrize(("end", "encoding"), [("\x85", "latin-1"), ("\x85", "utf-8"), ("\u2028", "utf-8")])
def test_lines_that_end_as_on_a_mainframe_are_lines(tmp_path, end, encoding):
    (grid,) = opened(written(tmp_path / "a.csv", TEXT.replace("\n", end).encode(encoding)))

    assert ROWS == rows(grid)


@pytest.mark.parametrize("mark", ["\ufeff", "\u200b"])
def test_characters_without_width_are_no_part_of_a_number(tmp_path, mark):
    (grid,) = opened(written(tmp_path / "a.csv", TEXT.replace("\n2;", f"\n{mark}2;").encode()))

    assert ROWS == rows(grid)
    assert {"export_controls": {"count": 1}} == told(grid)


def test_lines_that_were_quoted_as_a_whole_are_taken_apart(tmp_path):
    lines = ['Payer,Name,"Open"', '1,Société Générale,"10,00"', '2,Müller,"20,00"']
    (grid,) = opened(written(tmp_path / "a.csv", "".join('"' + line.replace('"', '""') + '"\n' for line in lines).encode()))

    assert ROWS == rows(grid)


@pytest.mark.parametrize("encoding", ["cp850", "mac-roman"])
def test_the_letters_of_dos_and_of_a_mac_are_recognised_and_said(tmp_path, encoding):
    (grid,) = opened(written(tmp_path / "a.csv", TEXT.encode(encoding)))

    assert ROWS == rows(grid)
    assert {"export_encoding": {"encoding": encoding, "sample": "Générale"}} == told(grid)


def test_a_few_lines_of_another_encoding_are_decoded_apart_and_said(tmp_path):
    content = "Payer;Name\n1;Société\n2;Générale\n".encode() + "3;Müller–Süß\n".encode("cp1252") + "4;Éric\n".encode()
    (grid,) = opened(written(tmp_path / "a.csv", content))

    assert [["Payer", "Name"], ["1", "Société"], ["2", "Générale"], ["3", "Müller–Süß"], ["4", "Éric"]] == rows(grid)
    assert {"export_mixed_encoding": {"count": 1, "rows": Some(("4",), 1), "encoding": "cp1252", "sample": "Müller–Süß"}} == told(grid)


STRAY = [
    ('"A ""B"" C";1', ["A \"B\" C", "1"], 2), ('3" pipe;1', ['3" pipe', "1"], 2), ('"A "B" C";1', ['A "B" C', "1"], 2), ('"A;B";1', ["A;B", "1"], 2),
    ('"A;1', ['"A', "1"], 0), ('"A\nB";"C "D" E"', ["A\nB", 'C "D" E'], 2),
]  # fmt: skip


@pytest.mark.parametrize("many", [1, 300])
def test_a_stray_quote_changes_its_own_record_only(tmp_path, many):
    lines = [line for line, _, _ in STRAY for _ in range(many)]
    (grid,) = opened(written(tmp_path / "a.csv", "\n".join(["Name;Open", *lines, "last;2", ""]).encode()))

    assert [["Name", "Open"], *[cells for _, cells, _ in STRAY for _ in range(many)], ["last", "2"]] == rows(grid)
    assert [2, *[fields for _, _, fields in STRAY for _ in range(many)], 2] == grid.fields.tolist()


def test_one_very_long_record_does_not_make_the_others_as_long(tmp_path):
    (grid,) = opened(written(tmp_path / "a.csv", ("a;b\n" + "1;2\n" * 500 + "x;" * 900 + "\n3;4\n").encode()))

    assert (503, 64) == grid.cells.shape
    assert [2, 901, 2] == grid.fields[-3:].tolist()
    assert ["3", "4", ""] == rows(grid)[-1][:3]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_letters_decoded_twice_are_said_and_kept(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        path.write_text("Payer;Name\n1;FranÃ§ois\n", encoding="utf-8")
    else:
        with xlsxwriter.Workbook(path) as book:
            book.add_worksheet().write_column(0, 0, ["Name", "FranÃ§ois"])
    (grid,) = opened(path)

    assert "FranÃ§ois" in rows(grid)[1]
    assert {"export_misread": {"count": 1, "sample": "FranÃ§ois", "meant": "François"}} == told(grid)


def test_letters_that_only_look_garbled_are_left_alone(tmp_path):
    (grid,) = opened(written(tmp_path / "a.csv", "Payer;Name\n1;SÃO PAULO Â\n2;CHÂTEAU\n3;Hâ\n".encode()))

    assert {} == told(grid)


@pytest.mark.parametrize(
    ("content", "count"),
    [
        (b"a;b\n1;x\x07y\0\n", 2),
        ("\ufeffa;b\n1;xy\n".encode("utf-16-le").replace(b"x\0", b"x\0\x00\xd8"), 1),
        (b"a;b\n1;x\xed\xa0\x80y\n", 1),
        ("a;b\n1;x\ufffey\uffff\n".encode(), 2),
    ],
)
def test_characters_that_cannot_be_typed_are_taken_out_and_said(tmp_path, content, count):
    (grid,) = opened(written(tmp_path / "a.csv", content))

    assert [["a", "b"], ["1", "xy"]] == rows(grid)
    assert {"export_controls": {"count": count}} == told(grid)


ENTRIES = "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|EcritureLib|Debit|Credit|Idevise"


@pytest.mark.parametrize(
    ("line", "cells", "said"),
    [
        ('VE|Ventes|1|20260101|411|Clients|Pneu 12" x|10,00|0,00|', ['Pneu 12" x', "10,00"], {}),
        ('VE|Ventes|1|20260101|411|Clients|"Le Bon|10,00|0,00|', ['"Le Bon', "10,00"], {}),
        ("VE|Ventes|1|20260101|411|Clients|A|B|10,00|0,00|", ["A|B", "10,00"], {"export_rejoined": {"count": 1, "rows": Some(("2",), 1)}}),
        ("VE|Ventes|1|20260101|411|Clients|A|B|C|10,00|0,00|EUR", ["A|B|C", "10,00"], {"export_rejoined": {"count": 1, "rows": Some(("2",), 1)}}),
        ("VE|Ventes|1|20260101|411|Clients|A|10,00|0,00||", ["A", "10,00"], {}),
    ],
)
def test_nothing_is_quoted_in_a_file_of_accounting_entries(tmp_path, line, cells, said):
    other = "VE|Ventes|1|20260101|707|Ventes|Vente|0,00|10,00|"
    (grid,) = opened(written(tmp_path / "fec.txt", "\n".join([ENTRIES, line, other, other, ""]).encode()))

    assert cells == rows(grid)[1][6:8]
    assert said == told(grid)


LIST = """
31.01.2026          Liste          1

-----------------------------------------
|  St|Konto |Name       |Belegnr|   Betrag|
-----------------------------------------
|@5B |10017 |Lefèvre & F|9000123| 1.450,80|
|@5B |10018 |Rohr | Stab|9000124|   450,0-|
-----------------------------------------
|*   |10017 |           |       | 1.000,80|
"""


def test_a_list_of_sap_is_cut_where_the_headings_have_their_bars(tmp_path):
    (grid,) = opened(written(tmp_path / "list.txt", LIST.encode("cp1252")))

    assert "list" == grid.container
    assert ["St", "Konto", "Name", "Belegnr", "Betrag"] == rows(grid)[4]
    assert ["@5B", "10018", "Rohr | Stab", "9000124", "450,0-"] == rows(grid)[7]
    assert ["*", "10017", "", "", "1.000,80"] == rows(grid)[9]
    assert ["", "", "", "", ""] == rows(grid)[3]


def workbook(path: Path, **options: Any) -> Path:
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet("Open")
        mask, day, code = (book.add_format({"num_format": form}) for form in ("0000000000", "dd/mm/yyyy", '"C"000-00'))
        sheet.merge_range("C1:D1", "Amount")
        sheet.write_row(1, 1, ["Customer", "Original", "Open", "Due", "Code"])
        sheet.merge_range("B3:B4", "Lefèvre")
        sheet.write_number("A3", 12345, mask)
        sheet.write_number("C3", 1930571429)
        sheet.write_formula("D3", "=1/0", None, "#DIV/0!")
        sheet.write_datetime("E3", datetime(2026, 1, 31), day)
        sheet.write_number("F3", 1234, code)
        sheet.write_formula("D4", '=C3&"x"', None, "")
        sheet.write_number("A4", 7, mask)
        sheet.write("C4", "#N/A")
        sheet.write_number("F4", 123456, code)
        sheet.set_row(3, None, None, {"hidden": True})
        book.add_worksheet("Old").hide()
        hidden = book.get_worksheet_by_name("Old")
        assert hidden
        hidden.write(0, 0, "secret")
    return path


@pytest.mark.parametrize("options", [{}, {"date_1904": True}])
def test_a_sheet_shows_what_excel_shows(tmp_path, options):
    (grid,) = opened(workbook(tmp_path / "ledger.csv", **options))

    assert [
        ["", "", "Amount", "Amount", "", ""],
        ["", "Customer", "Original", "Open", "Due", "Code"],
        ["0000012345", "Lefèvre", "1930571429", "#DIV/0!", "2026-01-31 00:00:00", "C012-34"],
        ["0000000007", "Lefèvre", "#N/A", '=C3&"x"', "", "C1234-56"],
    ] == rows(grid)
    assert {"export_hidden_rows": {"count": 1}, "export_formulas": {"count": 2}, "export_hidden_sheets": {"sheets": "Old"}} == told(grid)


def test_a_hidden_sheet_is_read_when_it_is_named(tmp_path):
    path = workbook(tmp_path / "ledger.xlsx")

    assert [["secret"]] == rows(opened(path, sheet="Old")[0])
    with pytest.raises(LedgerError, match="no sheet Gone"):
        opened(path, sheet="Gone")


def bare(path: Path, sheet: str, masks: Sequence[str] = ()) -> Path:
    """A workbook whose sheet has the given XML; its styles from the second on are these masks."""
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr(
            "xl/workbook.xml",
            "<workbook xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'"
            " xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships'>"
            "<sheets><sheet name='A' sheetId='1' r:id='a'/></sheets></workbook>",
        )
        made.writestr(
            "xl/_rels/workbook.xml.rels",
            "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='a' Target='worksheets/sheet1.xml'"
            " Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet'/></Relationships>",
        )
        made.writestr(
            "_rels/.rels",
            "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='b' Target='xl/workbook.xml'"
            " Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument'/></Relationships>",
        )
        made.writestr("xl/worksheets/sheet1.xml", f"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'>{sheet}</worksheet>")
        codes = "".join(f"<numFmt numFmtId='{at}' formatCode='{code}'/>" for at, code in enumerate(masks, 170))
        styles = "<xf/>" + "".join(f"<xf numFmtId='{at}'/>" for at in range(170, 170 + len(masks)))
        made.writestr(
            "xl/styles.xml",
            "<styleSheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'>"
            f"<numFmts>{codes}</numFmts><cellXfs>{styles}</cellXfs></styleSheet>",
        )
    return path


def test_a_formula_that_was_never_calculated_is_its_text_and_the_dimension_may_lie(tmp_path):
    cells = '<c r="C3"><v>1</v></c><c r="D3"><f>C3*2</f><v></v></c><c r="E3"><f>A1&amp;B1</f></c><c r="F3"><v>4</v></c>'
    path = bare(tmp_path / "a.xlsx", f'<dimension ref="A1"/><sheetData><row r="3">{cells}</row></sheetData>')

    assert ["1", "=C3*2", "=A1&B1", "4"] == rows(opened(path)[0])[2]


@pytest.mark.parametrize(
    ("said", "cell", "column"),
    [
        ("as Excel writes them", '<c r="{}{}" s="1"><v>{}</v></c>', "A"),
        ("far to the right", '<c r="{}{}" s="1"><v>{}</v></c>', "AE"),
        ("with blanks between the tags", '<c r="{}{}" s="1">\n  <v>{}</v>\n</c>', "C"),
        ("without places", '<c s="1"><v>{2}</v></c>', "A"),
    ],
)
def test_numbers_are_as_excel_shows_them_wherever_and_however_their_cells_are_written(tmp_path, said, cell, column):
    lines = "".join(f"<row>{cell.format(column, row, row + 10)}</row>" for row in range(1, 4))
    path = bare(tmp_path / f"{said}.xlsx", f"<sheetData>{lines}</sheetData>", masks=["0000"])

    assert [["0011"], ["0012"], ["0013"]] == [row[-1:] for row in rows(opened(path)[0])]


@pytest.mark.parametrize(("was", "now"), [("xl/worksheets", "xl\\worksheets"), ("worksheets/sheet1.xml'", "/xl/worksheets/sheet1.xml'")])
def test_the_parts_of_a_workbook_may_be_named_in_other_ways(tmp_path, was, now):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(bare(tmp_path / "b.xlsx", "<sheetData><row><c><v>1</v></c></row></sheetData>")) as plain, zipfile.ZipFile(path, "w") as made:
        for name in plain.namelist():
            made.writestr(name.replace(was, now), plain.read(name).replace(was.encode(), now.encode()))

    assert [["1"]] == rows(opened(path)[0])


def test_a_sum_merged_over_its_lines_is_not_repeated(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_column("A1", ["Document", "1", "2"])
        sheet.write("B1", "Balance")
        sheet.merge_range("B2:B3", "")
        sheet.write_number("B2", 12.5)

    assert ["Balance", "12.5", ""] == [row[1] for row in rows(opened(path)[0])]


@pytest.mark.parametrize("container", ["xls", "ods", "xlsb"])
def test_old_and_open_spreadsheets_are_read(tmp_path, container):
    path = SAMPLES / "old.xls"
    if container == "ods":
        number = "<table:table-cell office:value-type='float' office:value='1234.56'><text:p>1234,56</text:p></table:table-cell>"
        day = "<table:table-cell office:value-type='date' office:date-value='2026-02-11T00:00:00'><text:p>11/02/26</text:p></table:table-cell>"
        first = ods_row("0001", "Société Générale", "900001").replace("</table:table-row>", f"{day}{number}</table:table-row>")
        path = ods(tmp_path / "a.xls", ods_row("Payer", "Name", "Document", "Due", "Open") + first)
    if container == "xlsb":
        heads = [(0, at, text) for at, text in enumerate(["Payer", "Name", "Document", "Due", "Open"])]
        cells = [(1, 0, "0001"), (1, 1, "Société Générale"), (1, 2, "900001"), (1, 3, "2026-02-11 00:00:00"), (1, 4, 1234.56)]
        path = xlsb(tmp_path / "a.xlsx", [*heads, *cells])
    (grid,) = opened(path)

    assert (container, "Open") == (grid.container, grid.sheet)
    assert ["Payer", "Name", "Document", "Due", "Open"] == rows(grid)[0]
    assert ["0001", "Société Générale", "900001", "2026-02-11 00:00:00", "1234.56"] == rows(grid)[1]


@pytest.mark.parametrize("container", ["xls", "ods", "xlsb"])
@pytest.mark.parametrize(("mask", "told_so"), [("000000", True), ("0.00", False)])
def test_zeros_in_front_that_only_a_format_shows_are_warned_about(tmp_path, container, mask, told_so):
    path = written(tmp_path / "a.xls", (SAMPLES / "masked.xls").read_bytes().replace(b"000000", mask.ljust(6).encode()))
    if container == "ods":
        style = f'<number:number number:min-integer-digits="{len(mask.partition(".")[0])}"/>'
        path = ods(tmp_path / "a.ods", style + ods_row("Payer", "Name") + ods_row("101", "A"))
    if container == "xlsb":
        path = xlsb(tmp_path / "a.xlsb", [(0, 0, "Payer"), (1, 0, 101.0)], mask)
    (grid,) = opened(path)

    assert ({"export_masks": {"container": container}} if told_so else {}) == told(grid)


def test_an_old_sheet_keeps_its_error_values_and_its_hidden_sheet(tmp_path):
    (grid,) = opened(SAMPLES / "old.xls")

    assert ["0002", "Müller & Söhne", "900002", "2026-02-12 00:00:00", "#DIV/0!"] == rows(grid)[2]
    assert {"export_hidden_sheets": {"sheets": "Hidden"}} == told(grid)
    assert [["x"]] == rows(opened(SAMPLES / "old.xls", sheet="Hidden")[0])


PAGE = """<html><head><meta charset="windows-1252"></head><body><table><tr><td>Menu</td></tr></table>
<table><tr><th rowspan=2>Payer</th><th colspan="2">Amount</th></tr><tr><th>Open<br>now</th><th>Due</th></tr>
<tr><td rowspan="2">Société &amp; Cie</td><td>1&nbsp;234,56</td><td>11/02/2026</td></tr>
<tr><td>-</td><td><b>12</b>/02/2026</td></tr></table></body></html>"""
TABLE = [
    ["Payer", "Amount", "Amount"],
    ["Payer", "Open now", "Due"],
    ["Société & Cie", "1\xa0234,56", "11/02/2026"],
    ["Société & Cie", "-", "12/02/2026"],
]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-16"])
def test_a_web_page_gives_its_tables_whatever_its_name_and_encoding(tmp_path, encoding):
    page = PAGE if encoding == "cp1252" else PAGE.replace("windows-1252", encoding)
    grids = opened(written(tmp_path / "a.xls", page.encode(encoding)))

    assert [[["Menu"]], TABLE] == [rows(grid) for grid in grids]


@pytest.mark.parametrize(
    ("ending", "whole"),
    [("</table></body></html>", True), ("</TABLE>", True), ("</body></html>", True), ("", False), ("<tr><td>3</td><td>1,0", False)],
)
def test_a_web_page_that_ends_within_a_table_is_incomplete(tmp_path, ending, whole):
    path = written(tmp_path / "a.xls", f"<html><body><table><tr><td>Payer</td><td>Open</td></tr><tr><td>2</td><td>1,00</td></tr>{ending}".encode())
    if whole:
        assert [["Payer", "Open"], ["2", "1,00"]] == rows(opened(path)[0])
        return

    with pytest.raises(LedgerError, match="in the middle of a table"):
        opened(path)


def test_a_table_printed_on_several_pages_is_one(tmp_path):
    page = "<html>" + "".join(f"<table><tr><th>Payer</th><th>Open</th></tr><tr><td>{n}</td><td>1,00</td></tr></table>" for n in (1, 2)) + "</html>"
    (grid,) = opened(written(tmp_path / "a.xls", page.encode()))

    assert [["Payer", "Open"], ["1", "1,00"], ["Payer", "Open"], ["2", "1,00"]] == rows(grid)


def test_a_web_archive_gives_the_tables_of_its_pages(tmp_path):
    quoted = PAGE.replace("=", "=3D").replace("é", "=E9")
    part = "--b\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n"
    mail = f'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="b"\n\n{part}{quoted}\n--b--\n'
    grids = opened(written(tmp_path / "a.xls", mail.encode("ascii")))

    assert TABLE == rows(grids[-1])


SPREADSHEET = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:x="urn:schemas-microsoft-com:office:excel"><Styles><Style ss:ID="s1"><NumberFormat ss:Format="00000000"/></Style></Styles>
<Worksheet ss:Name="Open"><Table><Row>
<Cell><Data ss:Type="String">Payer</Data></Cell><Cell ss:Index="3"><Data ss:Type="String">Due</Data></Cell></Row>
<Row ss:Index="3" ss:Hidden="1">
<Cell ss:StyleID="s1" ss:MergeDown="1"><Data ss:Type="Number">1234</Data></Cell>
<Cell><Data ss:Type="Number">1.234</Data></Cell>
<Cell><Data ss:Type="DateTime">2026-02-11T00:00:00.000</Data></Cell></Row>
<Row><Cell ss:Index="2" ss:Formula="=R1C1"/><Cell><Data ss:Type="Error">#REF!</Data></Cell></Row>
</Table></Worksheet><Worksheet ss:Name="Old"><Table><Row><Cell><Data ss:Type="String">x</Data></Cell></Row></Table>
<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions></Worksheet></Workbook>"""


def test_a_spreadsheet_in_xml_of_2003_is_read(tmp_path):
    (grid,) = opened(written(tmp_path / "a.xls", SPREADSHEET.encode()))

    assert [["Payer", "", "Due"], ["", "", ""], ["00001234", "1.234", "2026-02-11 00:00:00"], ["00001234", "=R1C1", "#REF!"]] == rows(grid)
    assert ("Open", frozenset({1})) == (grid.sheet, grid.numeric)
    assert {"export_hidden_rows": {"count": 1}, "export_formulas": {"count": 1}, "export_hidden_sheets": {"sheets": "Old"}} == told(grid)


def test_an_archive_gives_the_tables_of_its_files_and_tells_which_it_could_not_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        for name in ("x/fr.csv", "open 10:30.csv", "notes.pdf", "__MACOSX/._fr.csv", ".hidden"):
            made.writestr(name, b"%PDF" if name.endswith("pdf") else TEXT.encode())
    grids = opened(tmp_path / "a.zip")

    assert ["x/fr.csv", "open 10:30.csv"] == [grid.member for grid in grids]
    assert "x/fr.csv row 2" == grids[0].place(1)
    assert "notes.pdf" == told(grids[0])["export_member_refused"]["file"]
    assert ["open 10:30.csv"] == [grid.member for grid in opened(tmp_path / "a.zip", member="open 10:30.csv")]


@pytest.mark.office
@pytest.mark.parametrize("container", ["xls", "ods"])
def test_what_an_office_program_saves_is_read_alike(tmp_path, container):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("Open").write_row(0, 0, ["Société", 12.5, "0001"])
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", container, "--outdir", tmp_path, tmp_path / "a.xlsx"], check=True, capture_output=True
    )
    (grid,) = opened(tmp_path / f"a.{container}")

    assert [["Société", "12.5", "0001"]] == rows(grid)
