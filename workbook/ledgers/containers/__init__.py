"""What kind of file an export is, decided on its content: out come its tables as grids of text.

`opened` answers a `Grid` for each table. Nothing is left out here: every record stands in its grid, with the number under which the user finds it.
"""

from __future__ import annotations

import re
from pathlib import Path

from rules.errors import LedgerError
from rules.ways import Way
from workbook import guard
from workbook.guard import CAPS, Caps
from workbook.ledgers.containers import apart, archive, markup, saft, spreadsheet_xml, text, xlsx
from workbook.ledgers.grid import Grid

FOREIGN = {
    b"%PDF": "a PDF. A printed page holds no table: export the open items as .xlsx or .csv",
    b"{\\rtf": "a text document (RTF). Export the list as .xlsx or .csv",
    b"\x89PNG": "a picture. Export the list as .xlsx or .csv",
    b"\xff\xd8\xff": "a picture. Export the list as .xlsx or .csv",
    b"GIF8": "a picture. Export the list as .xlsx or .csv",
    b"II*\0": "a picture. Export the list as .xlsx or .csv",
    b"MM\0*": "a picture. Export the list as .xlsx or .csv",
    b"\x1f\x8b": "packed (gzip). Unpack it and choose the file inside",
    b"7z\xbc\xaf": "packed (7-Zip). Unpack it and choose the file inside",
    b"Rar!": "packed (RAR). Unpack it and choose the file inside",
    b"\x09\x00\x04\x00": "in a format of Excel from before 1995. Open it in Excel and save it as .xlsx",
    b"\x09\x02\x06\x00": "in a format of Excel from before 1995. Open it in Excel and save it as .xlsx",
    b"\x09\x04\x06\x00": "in a format of Excel from before 1995. Open it in Excel and save it as .xlsx",
    b"\x09\x08": "a damaged .xls workbook. Export it again, or open it in Excel and save it as .xlsx",
    b"SQLite format 3": "a database. Export the list as .xlsx or .csv",
    b'{"': "a JSON file. Export the list as .xlsx or .csv",
    b'[{"': "a JSON file. Export the list as .xlsx or .csv",
}
OFFICE = {"docx": "a Word document", "pptx": "a presentation", "numbers": "an Apple Numbers file"}
WEB = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|style|title|table|div|center)\b")
MAIL = re.compile(rb"^mime-version:", re.MULTILINE)
ROOT = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)([^>]*)")
BLANKS = b"\xef\xbb\xbf\xff\xfe \t\r\n"


def opened(path: Path, caps: Caps = CAPS, *, sheet: str = "", member: str = "") -> list[Grid]:
    """The tables a file may hold: one for text, one per visible sheet, table of a web page or file of a zip. Raises LedgerError.

    With `sheet` that sheet only, hidden or not; with `member` that file of a zip only.
    """
    if path.name.startswith("~$"):
        raise LedgerError(f"{path.name} is the mark Excel leaves beside a file that is open. Choose {path.name[2:]} itself.")
    start = guard.head(path, LedgerError, caps)
    before = path.stat()
    grids = _grids(path, start, caps, sheet, member)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise LedgerError(f"{path.name} was changed while it was read: another program still writes it. Wait until it has finished.")
    return grids


def _grids(path: Path, start: bytes, caps: Caps, sheet: str, member: str) -> list[Grid]:
    if start.startswith(guard.ZIP):
        return _packed(path, caps, sheet, member)
    if start.startswith(guard.OLE):
        guard.check_ole(path, LedgerError)
        return apart.read(path, "xls", caps, sheet)
    for signature, what in FOREIGN.items():
        if start.startswith(signature):
            raise LedgerError(f"{path.name} is {what}.")
    plain = start[:4096].replace(b"\0", b"").lstrip(BLANKS).lower()
    if MAIL.search(plain):
        return markup.mhtml(path, caps)
    if plain.startswith(b"<"):
        return _marked_up(path, plain, caps, sheet)
    guard.check_text(path, LedgerError, caps)
    return [text.read(path, caps)]


def _packed(path: Path, caps: Caps, sheet: str, member: str) -> list[Grid]:
    kind = guard.check_archive(path, LedgerError, caps)
    with guard.refusing(path, LedgerError):  # a part may still be damaged inside
        if kind == "xlsx":
            return xlsx.read(path, sheet)
        if kind in ("xlsb", "odf"):
            return apart.read(path, "ods" if kind == "odf" else kind, caps, sheet)
        if kind == "zip":
            return archive.read(path, lambda file: opened(file, caps, sheet=sheet), caps, member)
    raise LedgerError(f"{path.name} is {OFFICE[kind]}. Export the list as .xlsx or .csv.")


def _marked_up(path: Path, plain: bytes, caps: Caps, sheet: str) -> list[Grid]:
    root = ROOT.search(plain)
    name, attributes = (root[1], root[2]) if root else (b"", b"")
    if name == b"html" or WEB.match(plain) or (not plain.startswith(b"<?xml") and WEB.search(plain)):
        return markup.html(path, caps)
    guard.check_markup(path, LedgerError)
    if name == b"auditfile":
        return saft.grids(path, caps)
    if name == b"workbook" and b"urn:schemas-microsoft-com:office:spreadsheet" in attributes:
        return spreadsheet_xml.read(path, caps, sheet)
    if name == b"document" and (b"camt.05" in attributes or b"bktocstmr" in plain):
        raise LedgerError(f"{path.name} is a bank statement, not a ledger. Read it as a bank statement.", Way("", of="payments"))
    kind = name.decode(errors="replace") or "no root"
    raise LedgerError(f"{path.name} is an XML file of a kind that is not known ({kind}). Export it as .xlsx or .csv.")


__all__ = ["CAPS", "Caps", "opened"]
