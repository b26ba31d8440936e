"""What an .xlsx package says about itself (sheets, defined names, tables), and how a new package is made from it by copying parts as they are."""

from __future__ import annotations

import copy
import io
import posixpath
import re
import struct
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from isal import isal_zlib
from lxml import etree

from rules.errors import WorkbookError

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
WORKBOOK = "xl/workbook.xml"
CELL = re.compile(r"^(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^'!]+))!\$?(?P<letters>[A-Z]{1,3})\$?(?P<row>\d+)$")
FEED = 1 << 18  # compressed bytes inflated at a time
LEVEL = 1  # of deflate: levels 2 and 3 make the file at most 8 % smaller and are slower


def letters(column: int) -> str:
    """The letters of a column counted from 1: 28 is AB."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def number(letters: str) -> int:
    """The column of its letters: AB is 28."""
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found


def area(reference: str) -> tuple[int, int, int, int]:
    """First row, first column, last row, last column of `B2:D9` or `B2`; a whole column or row reaches from 1 to 0. ValueError for anything else."""
    first, _, last = reference.replace("$", "").partition(":")
    corners: list[int] = []
    for corner in (first, last or first):
        parts = re.fullmatch(r"([A-Z]*)(\d*)", corner)
        if parts is None or not corner:
            raise ValueError(reference)
        corners += [int(parts[2] or 0), number(parts[1])]
    return corners[0] or 1, corners[1] or 1, corners[2], corners[3]


@dataclass(frozen=True)
class Place:
    """One cell: sheet by its title, row and column counted from 1. As text it is what a person types to go there."""

    sheet: str
    row: int
    column: int

    def __str__(self) -> str:
        plain = re.fullmatch(r"[^\W\d][\w.]*", self.sheet)
        title = self.sheet if plain else "'" + self.sheet.replace("'", "''") + "'"
        return f"{title}!{letters(self.column)}{self.row}"


@dataclass(frozen=True)
class ExcelTable:
    """A table of a sheet: where it stands, and the formulas of its calculated columns. Rows and columns count from 1."""

    part: str
    name: str
    sheet: str
    header: int  # row of the headings; 0 when the table shows none
    first_column: int
    last_column: int
    last: int  # last row with data; at least the one below the headings
    totals: int  # rows of totals below it
    filtered: bool  # rows may be hidden by its filter
    formulas: Mapping[int, str] = field(default_factory=dict[int, str])  # column to formula text without "="
    arrays: frozenset[int] = frozenset()  # columns whose formula is an array formula

    @property
    def first(self) -> int:
        """The first row with data."""
        return self.header + 1


def parsed(content: bytes) -> etree._Element:
    """The root of an XML part; entities and network are off."""
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True))


class Package:
    """An .xlsx file as it was read: its bytes and its directory. Raises WorkbookError when it is no workbook."""

    def __init__(self, content: bytes, name: str = "The workbook") -> None:
        self.content, self.name = content, name
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(content))
            book = parsed(self.part(WORKBOOK))
            relations = self._relations(WORKBOOK)
            self.sheets: dict[str, str] = {}  # title to part, worksheets only
            for sheet in book.iterfind(f"{MAIN}sheets/{MAIN}sheet"):
                kind, target = relations[str(sheet.get(RELATION + "id"))]
                if kind == "worksheet":
                    self.sheets[str(sheet.get("name"))] = target
            names = book.iterfind(f"{MAIN}definedNames/{MAIN}definedName")
            self.names = {str(n.get("name")): n.text or "" for n in names if n.get("localSheetId") is None}  # not those of a single sheet
            properties = book.find(f"{MAIN}workbookPr")
            self.date1904 = properties is not None and properties.get("date1904") in ("1", "true")
            self.tables = tuple(self._table(title, target) for title, part in self.sheets.items() for target in self._tables_of(part))
        except (zipfile.BadZipFile, isal_zlib.error, etree.XMLSyntaxError, KeyError, ValueError, AttributeError, TypeError, EOFError) as trouble:
            raise WorkbookError(
                f"{name} cannot be read as an Excel workbook (.xlsx): it is damaged, or another kind of file with that ending. "
                "Open it in Excel and save it as an Excel workbook, or take the newest file of the folder backups."
            ) from trouble

    def part(self, name: str) -> bytes:
        """The content of a part; KeyError when there is none."""
        return self.zip.read(name)

    def blocks(self, name: str) -> Iterator[bytes]:
        """The content of a part in pieces of a few megabytes. Raises WorkbookError when it is damaged."""
        entry, packed = self.zip.getinfo(name), self.packed(self.zip.getinfo(name))
        unpack = isal_zlib.decompressobj(-15) if entry.compress_type == zipfile.ZIP_DEFLATED else None
        crc = 0
        for start in range(0, len(packed), FEED):
            block = unpack.decompress(packed[start : start + FEED]) if unpack else bytes(packed[start : start + FEED])
            crc = isal_zlib.crc32(block, crc)
            yield block
        if crc != entry.CRC:
            raise WorkbookError(f"{self.name} is damaged (part {name}). Take the newest file of the folder backups.")

    def packed(self, entry: zipfile.ZipInfo) -> memoryview:
        """The content of a part as it is compressed in the file."""
        name_size, extra_size = struct.unpack_from("<HH", self.content, entry.header_offset + 26)
        start = entry.header_offset + 30 + name_size + extra_size
        return memoryview(self.content)[start : start + entry.compress_size]

    def place(self, name: str) -> Place | None:
        """The cell a defined name stands for; None when the name is missing or its cell was deleted."""
        found = CELL.match(self.names.get(name, ""))
        if found is None:
            return None
        sheet = found["quoted"].replace("''", "'") if found["quoted"] else found["plain"]
        return Place(sheet, int(found["row"]), number(found["letters"])) if sheet in self.sheets else None

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        folder, base = posixpath.split(part)
        name = posixpath.join(folder, "_rels", base + ".rels")
        if name not in self.zip.NameToInfo:
            return {}
        found: dict[str, tuple[str, str]] = {}
        for relation in parsed(self.part(name)):
            target = str(relation.get("Target"))
            whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[str(relation.get("Id"))] = (str(relation.get("Type")).rsplit("/", 1)[-1], whole)
        return found

    def _tables_of(self, part: str) -> list[str]:
        return [target for kind, target in self._relations(part).values() if kind == "table"]

    def _table(self, sheet: str, part: str) -> ExcelTable:
        root = parsed(self.part(part))
        top, left, bottom, right = area(str(root.get("ref")))
        totals = int(root.get("totalsRowCount", "0"))
        formulas, arrays = dict[int, str](), set[int]()
        for column, declared in enumerate(root.iterfind(f"{MAIN}tableColumns/{MAIN}tableColumn"), left):
            formula = declared.find(f"{MAIN}calculatedColumnFormula")
            if formula is not None:
                formulas[column] = formula.text or ""
                if formula.get("array") in ("1", "true"):
                    arrays.add(column)
        shows_header = root.get("headerRowCount", "1") != "0"
        filtered = root.find(f"{MAIN}autoFilter/{MAIN}filterColumn") is not None
        return ExcelTable(
            part, str(root.get("displayName")), sheet, top if shows_header else 0, left, right, max(bottom - totals, top + 1), totals, filtered,
            formulas, frozenset(arrays),
        )  # fmt: skip


class Deflated:
    """A part on its way into a package: compressed as it is written, so that a large sheet never stands in memory as a whole."""

    def __init__(self, content: bytes = b"") -> None:
        self.crc, self.size, self.chunks = 0, 0, list[bytes]()
        self._press = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -15)
        if content:
            self.write(content)

    def write(self, content: bytes | memoryview) -> None:
        """Add to the part."""
        self.crc = isal_zlib.crc32(content, self.crc)
        self.size += len(content)
        self.chunks.append(self._press.compress(content))

    def close(self) -> None:
        """No more will come."""
        self.chunks.append(self._press.flush())


def rewrite(package: Package, out: BinaryIO, replaced: Mapping[str, Deflated], dropped: Collection[str] = ()) -> None:
    """Write the package again with some parts replaced and some left out; all others are copied as they are compressed, in their order."""
    with zipfile.ZipFile(out, "w") as made:
        for old in package.zip.infolist():
            if old.filename in dropped:
                continue
            entry = copy.copy(old)
            entry.header_offset, entry.extra = out.tell(), b""
            entry.flag_bits &= ~0x08  # sizes stand in the header, not behind the content
            new = replaced.get(old.filename)
            if new is None:
                pieces: list[bytes] | list[memoryview] = [package.packed(old)]
            else:
                new.close()
                entry.CRC, entry.file_size, entry.compress_type, pieces = new.crc, new.size, zipfile.ZIP_DEFLATED, new.chunks
                entry.compress_size = sum(map(len, pieces))
            out.write(entry.FileHeader())
            for piece in pieces:
                out.write(piece)
            made.filelist.append(entry)
            made.NameToInfo[entry.filename] = entry
            made.start_dir = out.tell()
