"""Spreadsheets of the kinds no library here writes, made by hand for the tests: .ods and .xlsb, honest and hostile."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

OFFICE = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
TEXT = 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'


def ods(path: Path, rows: str, manifest: str = "", kind: str = "spreadsheet") -> Path:
    """An .ods with one sheet `Open` whose rows are the given XML."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        made.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
        made.writestr(
            "content.xml",
            f"<?xml version='1.0'?><office:document-content {OFFICE} {TEXT}><office:body><office:spreadsheet><table:table table:name='Open'>"
            f"{rows}</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return path


def ods_row(*cells: str, repeated: int = 1) -> str:
    """A row of text cells."""
    inside = "".join(f"<table:table-cell office:value-type='string'><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
    return f"<table:table-row table:number-rows-repeated='{repeated}'>{inside}</table:table-row>"


def xlsb(path: Path, cells: list[tuple[int, int, str | float]], mask: str = "") -> Path:
    """An .xlsb with one sheet `Open` and these cells: row, column, value; and with a number format."""

    def record(number: int, content: bytes = b"") -> bytes:
        head = bytes([number & 0x7F | 0x80, number >> 7]) if number > 0x7F else bytes([number])
        length = bytearray()
        left = len(content)
        while True:
            length.append(left & 0x7F | (0x80 if left > 0x7F else 0))
            left >>= 7
            if not left:
                return head + bytes(length) + content

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    rows = sorted({row for row, _, _ in cells})
    last = max(row for row, _, _ in cells), max(column for _, column, _ in cells)
    sheet = record(129) + record(148, struct.pack("<IIII", 0, last[0], 0, last[1])) + record(145)
    for row in rows:
        sheet += record(0, struct.pack("<IIHHBI", row, 0, 300, 0, 0, 0))
        for _, column, value in sorted(c for c in cells if c[0] == row):
            place = struct.pack("<II", column, 0)
            sheet += record(6, place + wide(value)) if isinstance(value, str) else record(5, place + struct.pack("<d", value))
    sheet += record(146) + record(130)
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Open")) + record(144) + record(132)
    link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        if mask:
            formats = record(615, struct.pack("<I", 1)) + record(44, struct.pack("<H", 164) + wide(mask))
            made.writestr("xl/styles.bin", formats + record(617, struct.pack("<I", 0)))
        made.writestr("xl/workbook.bin", book)
        made.writestr("xl/worksheets/sheet1.bin", sheet)
        made.writestr(
            "xl/_rels/workbook.bin.rels",
            "<?xml version='1.0'?><Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>"
            f"<Relationship Id='rId1' Type='{link}' Target='worksheets/sheet1.bin'/></Relationships>",
        )
    return path
