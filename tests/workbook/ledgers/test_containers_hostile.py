"""Files that would end or fill the process are refused with a sentence, read within it; damaged, protected and foreign ones are named."""

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from rules.errors import LedgerError
from tests.workbook.ledgers.containers import ods, ods_row, xlsb
from workbook.guard import OLE, Caps
from workbook.ledgers.containers import apart, archive, opened, sheet_xml

SAMPLES = Path(__file__).with_name("samples")
TABLE = b"Payer;Document;Open\n1;A;10,00\n"


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def test_an_xlsb_with_two_cells_far_apart_ends_its_own_process_only(tmp_path):
    path = xlsb(tmp_path / "far.xlsb", [(0, 0, "a"), (1_048_575, 16_383, "z")])

    with pytest.raises(LedgerError, match=r"more memory|cannot be read"):
        opened(path)


def test_an_ods_that_repeats_a_row_without_end_ends_its_own_process_only(tmp_path):
    cell = "<table:table-cell office:value-type='string' table:number-columns-repeated='16384'><text:p>x</text:p></table:table-cell>"
    path = ods(tmp_path / "far.ods", f"<table:table-row table:number-rows-repeated='1048576'>{cell}</table:table-row>")

    with pytest.raises(LedgerError, match=r"more memory|cannot be read"):
        opened(path, Caps(cells=1_000_000))


def test_an_old_sheet_with_two_cells_as_far_apart_as_they_can_be_is_read():
    (grid,) = opened(SAMPLES / "far.xls")

    assert (65_536, 256) == grid.cells.shape
    assert "export_full" in {finding.code for finding in grid.findings}


def test_an_old_sheet_beyond_the_memory_of_the_settings_is_refused(monkeypatch):
    monkeypatch.setattr(apart, "BASE", 300 << 20)

    with pytest.raises(LedgerError, match=r"more memory|cannot be read"):
        opened(SAMPLES / "far.xls", Caps(cells=1_000))


@pytest.mark.parametrize("line", ["x" * 2_000_000, '"' * 2_000_000])
def test_a_line_of_millions_of_letters_is_refused(tmp_path, line):
    path = tmp_path / "a.csv"
    path.write_text(f"{TABLE.decode()}{line}\n2;B;20,00\n")

    with pytest.raises(LedgerError, match=r"row 3 has 2,000,00\d letters"):
        opened(path)


def test_a_text_of_more_lines_than_a_list_may_have_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(TABLE + b"\n" * 50)

    with pytest.raises(LedgerError, match="at most 100 are read"):
        opened(path, Caps(cells=100))


@pytest.mark.parametrize("index", ['ss:Index="1048577"', 'ss:Index="999999999"'])
def test_a_spreadsheet_in_xml_that_reaches_too_far_is_refused(tmp_path, index):
    path = tmp_path / "far.xls"
    path.write_text(
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
        ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="A"><Table>'
        f'<Row {index}><Cell ss:Index="16000"><Data ss:Type="String">x</Data></Cell></Row></Table></Worksheet></Workbook>'
    )

    with pytest.raises(LedgerError, match="rows"):
        opened(path)


def test_a_spreadsheet_in_xml_with_a_row_that_does_not_end_is_refused(tmp_path):
    path = tmp_path / "wide.xls"
    path.write_text(
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
        ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="A"><Table><Row>' + "<Cell/>" * 16_385
    )

    with pytest.raises(LedgerError, match=r"16,385 columns; Excel knows 16,384"):
        opened(path)


def test_a_sparse_spreadsheet_in_xml_is_refused(tmp_path):
    path = tmp_path / "sparse.xml"
    row = '<Row><Cell ss:Index="16000"><Data ss:Type="String">x</Data></Cell></Row>'
    path.write_text(
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
        f' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="A"><Table>{row * 2_000}</Table></Worksheet></Workbook>'
    )

    with pytest.raises(LedgerError, match="hardly a cell"):
        opened(path)


def test_a_web_page_with_endless_spans_is_refused(tmp_path):
    path = tmp_path / "wide.html"
    path.write_text("<html><table>" + "<tr><td colspan=1000>x</td></tr>" * 20_000 + "</table></html>")

    with pytest.raises(LedgerError, match="hardly a cell"):
        opened(path)


@pytest.mark.parametrize("start", ["<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]>", "<?xml version='1.0'?>" + " " * 70_000 + "<!DOCTYPE a>"])
def test_entities_in_an_xml_file_are_refused(tmp_path, start):
    path = tmp_path / "a.xml"
    path.write_text(start + "<AuditFile>&b;</AuditFile>")

    with pytest.raises(LedgerError, match="entities"):
        opened(path)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"a.csv": bytes(20_000_000)}, "far more"),
        ({"../a.csv": TABLE}, "outside"),
        ({"C:/a.csv": TABLE}, "outside"),
        ({"__MACOSX/._a.csv": b"x"}, "no file in it"),
        ({"a.pdf": b"%PDF-1.7"}, "a PDF"),
        ({f"{n}.csv": TABLE for n in range(201)}, "at most 200"),
    ],
)
def test_hostile_and_useless_archives_are_refused(tmp_path, files, says):
    with pytest.raises(LedgerError, match=says):
        opened(zipped(tmp_path / "a.zip", files))


def test_an_archive_in_an_archive_is_refused(tmp_path):
    inner = zipped(tmp_path / "inner.zip", {"a.csv": TABLE}).read_bytes()

    with pytest.raises(LedgerError, match=r"another archive \(inner.zip\)"):
        opened(zipped(tmp_path / "outer.zip", {"inner.zip": inner, "a.csv": TABLE}))


def test_the_unpacked_files_are_gone_afterwards(tmp_path):
    with archive.members(zipped(tmp_path / "a.zip", {"x/a.csv": TABLE})) as files:
        assert [("x/a.csv", TABLE)] == [(name, file.read_bytes()) for name, file in files]
    assert not files[0][1].exists()


@pytest.mark.parametrize(
    ("caps", "content", "says"),
    [
        (Caps(file=10), TABLE, "at most 10 are read"),
        (Caps(cells=5), TABLE, "at most 5 are read"),
    ],
)
def test_the_caps_of_the_settings_hold(tmp_path, caps, content, says):
    path = tmp_path / "a.csv"
    path.write_bytes(content)

    with pytest.raises(LedgerError, match=says):
        opened(path, caps)


def test_the_cap_of_unpacked_bytes_holds(tmp_path):
    with pytest.raises(LedgerError, match="unpack to"):
        opened(zipped(tmp_path / "a.zip", {"a.csv": TABLE}), Caps(unpacked=10))


def test_a_password_is_named_in_every_container(tmp_path):
    old = bytearray((SAMPLES / "old.xls").read_bytes())
    at = old.index(b"\x09\x08\x10\0\0\x06\x05\0")
    at += 4 + old[at + 2]
    old[at : at + 2] = b"\x2f\0"
    made = {
        "old.xls": bytes(old),
        "new.xlsx": OLE + bytes(632) + "EncryptedPackage\0".encode("utf-16-le"),
        "open.ods": ods(tmp_path / "t.ods", ods_row("x"), "<encryption-data/>").read_bytes(),
    }
    for name, content in made.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(LedgerError, match="protected by a password"):
            opened(path)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b" \r\n \r\n", "nothing but blanks"),
        ("~$a.xlsx", b"x" * 165, "Choose a.xlsx itself"),
        ("a.csv", b"%PDF-1.4 ...", "a PDF"),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(50), "a picture"),
        ("a.csv", b"\x1f\x8b\x08" + bytes(50), "gzip"),
        ("a.xls", b"\x09\x08\x10\0\0\x06" + bytes(50), "damaged .xls"),
        ("a.xls", OLE + bytes(504) + "WordDocument\0".encode("utf-16-le"), "Word document"),
        ("a.xls", OLE + bytes(2_000), "no Excel workbook"),
        ("a.xls", OLE + bytes(504) + "Workbook\0".encode("utf-16-le"), "cannot be read"),
        ("a.json", b'{"rows": []}', "JSON"),
        ("a.xml", b"<?xml version='1.0'?><order/>", "not known"),
        ("a.xml", b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.02'><BkToCstmrStmt/></Document>", "as a bank statement"),
        ("a.html", b"<html><body>Hello</body></html>", "without a table"),
        ("a.xls", OLE + bytes(504) + "Workbook\0".encode("utf-16-le"), "is damaged. Open"),
        ("a.xlsx", b"PK\x03\x04" + bytes(100), "damaged"),
        ("a.xml", b"<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'><Worksheet>", "damaged"),
    ],
)
def test_what_is_no_ledger_is_named(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(LedgerError, match=says):
        opened(path)


def test_a_part_whose_checksum_is_wrong_is_named(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write(0, 0, "x")
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02", raw.index(b"xl/styles.xml", raw.index(b"PK\x01\x02")) - 60) + 16] ^= 0xFF
    path.write_bytes(raw)

    with pytest.raises(LedgerError, match="damaged"):
        opened(path)


def test_a_sheet_with_a_stray_cell_thousands_of_columns_to_the_right_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("List").write(0, 0, "Payer")
        book.add_worksheet("Notes").write(0, 16_383, "x")
        book.worksheets()[1].write(0, 0, "y")

    with pytest.raises(LedgerError, match=r"the sheet Notes reaches to column 16,384; at most 1,000 .* which sheet"):
        opened(path)
    assert ["List"] == [grid.sheet for grid in opened(path, sheet="List")]


def test_of_a_workbook_with_thousands_of_sheets_one_has_to_be_named(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for n in range(1, 502):
            book.add_worksheet(f"S{n}").write(0, 0, n)

    with pytest.raises(LedgerError, match=r"501 sheets; at most 500 .* which sheet"):
        opened(path)
    assert ["S501"] == [grid.sheet for grid in opened(path, sheet="S501")]


def test_a_workbook_that_says_too_much_about_itself_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet_xml, "LARGEST_TREE", 100)
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write(0, 0, "x")

    with pytest.raises(LedgerError, match=r"bytes in xl/workbook.xml, far more"):
        opened(path)


def test_documents_of_other_programs_are_named(tmp_path):
    word = zipped(tmp_path / "a.docx", {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})
    text = ods(tmp_path / "a.odt", "", kind="text")

    for path, says in ((word, "a Word document"), (text, "not a spreadsheet")):
        with pytest.raises(LedgerError, match=says):
            opened(path)
