"""Hostile and damaged packages are refused with a sentence; honest ones pass."""

import os
import struct
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from rules.errors import LedgerError, WorkbookError
from workbook import extent, guard
from workbook.guard import check_package, check_text, head

TYPES = "<?xml version='1.0'?><Types/>"
SHEET = "xl/worksheets/sheet1.xml"


def package(folder: Path, rows: str, parts: dict[str, str | bytes] | None = None) -> Path:
    path = folder / "book.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", TYPES)
        made.writestr("xl/workbook.xml", "<workbook/>")
        if SHEET not in (parts or {}):
            made.writestr(SHEET, f"<?xml version='1.0'?><worksheet><sheetData>{rows}</sheetData></worksheet>")
        for name, content in (parts or {}).items():
            made.writestr(name, content)
    return path


def real(folder: Path) -> Path:
    path = folder / "real.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Payer", "Document", "Due", "Open"])
        sheet.write_row(1, 0, ["0001", "A<!b", 46000, 12.5])
        sheet.write_comment("A1", "r = 12")
    return path


def test_an_honest_workbook_passes(tmp_path):
    assert check_package(real(tmp_path)) is None


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row>',
        "<row r='1'><c r='A1'/></row><row\nr = '1048576'><c\tr=  'XFD1048576'/></row>",
        '<x:row r="1048576"><x:c r="XFD1"/></x:row>',
        '<row r="1"><c r="XFD1"/><c r="A1048576"/></row>',
        '<row r="1048576"/><row>' + "<c/>" * 300 + "</row>",
        '<row><c r="A4294967295"/></row>',
        '<row><c r="A1.000000000000000"/></row>',
        '<c r="a1"/><c r="xfd1048576"/>',
        '<row r="1"><c r="A1" r="XFD1048576"/></row>',
        '<row r="1"><c r="A1"\nr="XFD1048576"/></row>',
        '<row r="1"><c r="A1" s="1" r ="XFD1048576"/></row>',
        '<row r="1"><c r="A1"/><c s="1" r="XFD1048576"/></row>',
        '<row r="1"><c r="A1"/><c' + " " * 5000 + 'r="XFD1048576"/></row>',
        '<row r="1"><é:c r="XFD1048576"/></row>',
        '<row r="1"><c r="a1"/><c r="XFD1048576"/></row>',
        "<row/>" * 20_000 + "<row>" + "<c/>" * 16_000 + "</row>",
    ],
)
def test_a_sheet_whose_few_cells_lie_far_apart_is_refused(tmp_path, rows):
    with pytest.raises(WorkbookError, match=r"Delete the empty rows"):
        check_package(package(tmp_path, rows))


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1048576"><c r="A1048576"/></row>',
        "<row><c/><c/></row>" * 100_000,
        "".join(f'<row r="{r}"><c r="A{r}"/><c r="ZZ{r}"/></row>' for r in range(1, 10_000)),
    ],
)
def test_tall_or_wide_but_sensible_sheets_pass(tmp_path, rows):
    assert check_package(package(tmp_path, rows)) is None


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"xl/styles.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}, "entities"),
        ({"xl/styles.xml": " " * 9_000_000 + "<!DOCTYPE a><a/>"}, "far more"),
        ({"xl/styles.xml": "<a/>".encode("utf-16")}, "encoding"),
        ({"xl/theme.xml": b"<a>" + bytes(9_000_000)}, "far more"),
        ({"../evil.xml": "<a/>"}, "outside"),
        ({"/evil.xml": "<a/>"}, "outside"),
        ({"XL/Workbook.xml": "<a/>"}, "doubled"),
    ],
)
def test_hostile_parts_are_refused(tmp_path, parts, says):
    with pytest.raises(WorkbookError, match=says):
        check_package(package(tmp_path, "", parts))


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("xl/sharedStrings.xml", "<sst><si><t>{}</t></si></sst>"),
        (SHEET, "<worksheet><sheetData><row><c t='inlineStr'><is><t>{}</t></is></c></row></sheetData></worksheet>"),
    ],
)
def test_a_cell_with_more_text_than_excel_knows_is_refused(tmp_path, part, says):
    longest, endless = "&quot;" * 32_767, "x" * 3_000_000
    other = {"customXml/item1.xml": f"<DataMashup>{endless}</DataMashup>"}
    path = package(tmp_path, "", {part: says.format(longest)} | other)
    assert check_package(path) is None

    with pytest.raises(WorkbookError, match="far more text"):
        check_package(package(tmp_path, "", {part: says.format(endless)} | other))


def test_a_sheet_that_holds_its_cells_many_times_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(guard, "SPARSE_GRID", 1_000)
    once = '<row r="1"><c r="A1"/><c r="B1"/></row>'
    assert check_package(package(tmp_path, once * 501)) is None

    with pytest.raises(WorkbookError, match="1,004 cells in 2 places"):
        check_package(package(tmp_path, once * 502))


def test_more_shared_texts_than_a_workbook_needs_are_refused(tmp_path, monkeypatch):
    texts = {"xl/sharedStrings.xml": "<sst>" + "<si/>" * 1_001 + "</sst>"}
    monkeypatch.setattr(extent, "SPARSE_GRID", 1_000)
    assert check_package(package(tmp_path, "<row><c/></row>" * 101, texts)) is None

    with pytest.raises(WorkbookError, match="1,001 texts for 100 cells"):
        check_package(package(tmp_path, "<row><c/></row>" * 100, texts))


def test_an_entity_cut_by_the_reading_window_is_still_seen(tmp_path):
    text = "".join(f"<a b='{n:08d}{n * 7919 % 10**8:08d}'/>" for n in range(160_000))
    for shift in range(0, 40, 3):
        path = package(tmp_path, "", {"xl/a.xml": "<a>" + "x" * shift + text + "<!ENTITY e 'f'></a>"})
        with pytest.raises(WorkbookError, match="entities"):
            check_package(path)


def test_a_part_larger_than_declared_is_refused(tmp_path):
    raw = bytearray(package(tmp_path, "<row r='1'/>" * 50).read_bytes())
    at = raw.index(b"PK\x01\x02", raw.index(b"PK\x01\x02", raw.index(b"PK\x01\x02") + 1) + 1)
    raw[at + 24 : at + 28] = struct.pack("<I", 10)
    path = tmp_path / "lies.xlsx"
    path.write_bytes(raw)

    with pytest.raises(WorkbookError, match="damaged"):
        check_package(path)


def test_a_truncated_package_is_refused(tmp_path):
    path = real(tmp_path)
    path.write_bytes(path.read_bytes()[:-200])

    with pytest.raises(WorkbookError, match="damaged"):
        check_package(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(632) + "EncryptedPackage\0".encode("utf-16-le"), "password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old .xls"),
        (b"Payer;Document\n", "not an Excel workbook"),
        (b"", "empty"),
    ],
)
def test_what_is_no_package_is_named(tmp_path, content, says):
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)

    with pytest.raises(LedgerError, match=says):
        check_package(path, LedgerError)


def test_an_encrypted_part_is_refused(tmp_path):
    raw = bytearray(package(tmp_path, "").read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path = tmp_path / "locked.xlsx"
    path.write_bytes(raw)

    with pytest.raises(WorkbookError, match="password"):
        check_package(path)


def test_a_damaged_name_in_the_directory_is_damage_and_each_kind_of_file_has_its_way_on(tmp_path):
    raw = bytearray(package(tmp_path, "", {"xl/ä.xml": "<a/>"}).read_bytes())
    at = raw.rindex("xl/ä".encode())
    raw[at + 3] = 0xB0
    path = tmp_path / "named.xlsx"
    for content, says in ((raw, "named.xlsx is damaged or incomplete"), (b"", "named.xlsx is empty")):
        path.write_bytes(content)
        for refuse, way_on in ((WorkbookError, "folder backups"), (LedgerError, "Export it again")):
            with pytest.raises(refuse, match=f"{says}.* {way_on}"):
                check_package(path, refuse)


def test_a_zip_of_other_files_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("ledger.csv", "Payer;Document")

    with pytest.raises(WorkbookError, match="Unpack it"):
        check_package(path)


def test_a_missing_file_is_named(tmp_path):
    for check in (check_package, check_text):
        with pytest.raises(WorkbookError, match=r"gone.csv was not found"):
            check(tmp_path / "gone.csv", WorkbookError)


@pytest.mark.skipif(os.name != "posix", reason="pipes and loops among files")
def test_what_the_system_does_not_open_is_a_sentence(tmp_path):
    loop = tmp_path / "loop.csv"
    loop.symlink_to(loop)
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")

    for name, says in (("loop.csv", "cannot be read"), ("x" * 300, "cannot be read"), ("folder.csv", "is a folder"), ("pipe.csv", "is not a file")):
        with pytest.raises(LedgerError, match=says):
            head(tmp_path / name)


@pytest.mark.parametrize(("content", "says"), [(b"", "0 bytes"), (bytes(range(1, 32)) * 40, "not a text file")])
def test_texts_that_are_none_are_refused(tmp_path, content, says):
    path = tmp_path / "a.csv"
    path.write_bytes(content)

    with pytest.raises(LedgerError, match=says):
        check_text(path)


def test_a_text_in_two_bytes_per_letter_passes(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("Payer\tDocument\n1\t2\n".encode("utf-16"))

    assert check_text(path) is None
