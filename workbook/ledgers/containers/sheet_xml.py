"""What the fast reader does not tell of an .xlsx sheet: hidden rows, formulas without value, number-format masks, merged cells.

One pass over the XML in pieces, by patterns: most sheets have nothing of this, and a piece without the telling word is not looked into.
"""

from __future__ import annotations

import itertools
import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import unescape

from lxml import etree
from openpyxl.utils import column_index_from_string, get_column_letter

from rules.errors import LedgerError
from workbook.guard import unpacked

HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*\shidden=[\"'](?:1|true)")
FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
UNCALCULATED = re.compile(
    rb"<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>([^<]*)</(?:\w+:)?f>)\s*(<(?:\w+:)?v\s*(?:/>|></(?:\w+:)?v>))?\s*</(?:\w+:)?c>"
)
MERGED = re.compile(rb"mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})[\"']")
TAG = re.compile(rb"<((?:\w+:)?)(row|c)(?=[\s/>])([^>]*)")
ROW = re.compile(rb"\sr\s*=\s*[\"']([0-9]{1,7})[\"']")
VALUED = re.compile(rb"\sr=[\"']([A-Z]{1,3})[0-9]+[\"'](?:[^>]*[^/])?>\s*<(?:\w+:)?(?:v>[^<]|is[ >])")
PLACE = re.compile(rb"(?:^|\s)r=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
TYPE = re.compile(rb"(?:^|\s)t=[\"'](\w+)[\"']")
LONG = re.compile(
    rb"<(?:\w+:)?c\s([^>]*)>\s*(?:<(?:\w+:)?f[^<]*</(?:\w+:)?f>\s*)?<(?:\w+:)?v>"
    rb"(?:[0-9]{16,}|[0-9.]+[eE]\+?(?:1[5-9]|[2-9][0-9]))[.0-9]*</"
)
LONGEST_MASK = 255  # letters of a number format
MASK = re.compile(r'(?:0|-| |\\.|"[^"]*")+')
LONGEST_ROW = 1 << 23  # bytes; 16,384 cells with long texts: a longer one is looked at in pieces
MOST_MERGED = 1 << 20  # rectangles: one for each line of a full sheet
LARGEST_TREE = 1 << 26  # bytes of a part that is parsed as a whole: a tree takes ten times as much; 64,000 formats of cells are 20 MB
LITERAL = re.compile(r'\\(.)|"([^"]*)"')

Rectangle = tuple[int, int, int, int]  # first row, first column, last row, last column, from 0


@dataclass
class Book:
    """The parts of a package: sheet name -> part, and style number -> mask of zeros."""

    parts: dict[str, str]
    masks: dict[int, str]


@dataclass
class Seen:
    """What one sheet holds beside its values; rows and columns from 0.

    `long`: see `long_numbers`. `shown`: place -> (value in the file, what Excel shows) of masked numbers and of formulas without value (value "").
    """

    hidden: int = 0
    formulas: int = 0
    first_column: int = 1 << 14
    shown: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict[tuple[int, int], tuple[str, str]])
    merged: list[Rectangle] = field(default_factory=list[Rectangle])
    long: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])


def book(path: Path) -> Book:
    """Where the sheets of a workbook lie and which of its styles are masks.

    Raises etree.XMLSyntaxError and KeyError for a damaged one, LedgerError for one that says far more about itself than Excel does.
    """
    with zipfile.ZipFile(path) as package:
        names = {name.replace("\\", "/").casefold(): name for name in package.namelist()}

        def tree(part: str) -> etree._Element:
            entry = package.getinfo(names[part])
            if (size := entry.file_size) > LARGEST_TREE:
                raise LedgerError(f"{path.name} has {size:,} bytes in {part}, far more than Excel writes. Open it in Excel and save it again.")
            return etree.fromstring(package.read(entry))

        sheets, links = tree("xl/workbook.xml"), tree("xl/_rels/workbook.xml.rels")
        styles = tree("xl/styles.xml") if "xl/styles.xml" in names else None
    targets = {link.get("Id"): link.get("Target", "") for link in links.iter("{*}Relationship")}
    parts: dict[str, str] = {}
    for sheet in sheets.iter("{*}sheet"):
        target = next((targets.get(value, "") for key, value in sheet.items() if key.endswith("}id")), "").removeprefix("/")
        target = target if target.casefold().startswith("xl/") else posixpath.normpath(f"xl/{target}")
        if target.casefold() in names:
            parts[sheet.get("name", "")] = names[target.casefold()]
    return Book(parts, {} if styles is None else _masks(styles))


def _masks(styles: etree._Element) -> dict[int, str]:
    formats = {tag.get("numFmtId", ""): tag.get("formatCode", "").split(";")[0] for tag in styles.iter("{*}numFmt")}
    used = styles.find("{*}cellXfs")
    codes = [] if used is None else [formats.get(tag.get("numFmtId", ""), "") for tag in used.iterchildren("{*}xf")]
    return {at: code for at, code in enumerate(codes) if is_mask(code)}


def is_mask(code: str) -> bool:
    """Whether a number format shows whole numbers with zeros in front: 000000, 00-000."""
    return len(code) <= LONGEST_MASK and bool(MASK.fullmatch(code)) and LITERAL.sub("", code).count("0") > 1


def masked(mask: str, digits: str) -> str:
    """A whole number as Excel shows it under a mask: 00-000 makes 00-012 of 12."""
    slots = LITERAL.sub("", mask).count("0")
    left = iter(digits.zfill(slots))
    surplus = "".join(next(left) for _ in range(max(len(digits) - slots, 0)))
    pieces = re.findall(r'\\.|"[^"]*"|.', mask)
    first = next(at for at, piece in enumerate(pieces) if piece == "0")
    made = (next(left) if piece == "0" else LITERAL.sub(r"\1\2", piece) for piece in pieces)
    return "".join((surplus if at == first else "") + text for at, text in enumerate(made))


def seen(path: Path, part: str, masks: dict[int, str]) -> Seen:
    """One pass over the XML of a sheet."""
    found = Seen()
    styled = re.compile(
        rb"<(?:\w+:)?c\s([^>]*\bs=[\"'](" + b"|".join(str(style).encode() for style in masks) + rb")[\"'][^>]*)>\s*<(?:\w+:)?v>([0-9]+)</"
    )
    for rows in _rows(path, part):
        _look(rows, found, masks, styled)
    return found


def long_numbers(path: Path, part: str) -> list[tuple[int, int]]:
    """The places of numbers with more figures than a sheet keeps: the last ones of what a reader makes of them were in no cell."""
    found: list[tuple[int, int]] = []
    for rows in _rows(path, part):
        for attributes in LONG.findall(rows):
            kind, place = TYPE.search(attributes), PLACE.search(attributes)
            if place and (not kind or kind[1] == b"n"):
                found.append((int(place[2]) - 1, column_index_from_string(place[1].decode()) - 1))
    return found


def _rows(path: Path, part: str) -> Iterator[bytes]:
    """The XML of a sheet in pieces of whole rows, in which every cell says its place."""
    pieces = _cut(path, part)
    for first in pieces:
        if cells := [tag[3] for tag in TAG.finditer(first) if tag[2] == b"c"]:
            whole = itertools.chain([first], pieces)  # as in the first cells, so in the others: it is one program that writes them
            yield from whole if all(map(PLACE.search, cells)) else _placed(whole)
        else:
            yield first


def _placed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces with the place of every cell: one that says none stands after the one before."""
    row = column = 0

    def place(tag: re.Match[bytes]) -> bytes:
        nonlocal row, column
        if tag[2] == b"row":
            said = ROW.search(tag[3])
            row, column = int(said[1]) if said else row + 1, 0
            return tag[0]
        if said := PLACE.search(tag[3]):
            row, column = int(said[2]), column_index_from_string(said[1].decode())
            return tag[0]
        column += 1
        return b'<%sc r="%s%d"%s' % (tag[1], get_column_letter(column).encode(), row, tag[3])

    for piece in pieces:
        yield TAG.sub(place, piece)


def _cut(path: Path, part: str) -> Iterator[bytes]:
    """The XML of a sheet in pieces of whole rows."""
    with path.open("rb") as stream:
        with zipfile.ZipFile(stream) as package:
            entry = package.getinfo(part)
        kept = b""
        for piece in unpacked(stream, entry):
            before = max(len(kept) - 4, 0)  # no row begins in what was kept, but at its very start
            kept += piece
            cut = kept.rfind(b"<row", before)
            if cut < 0 and (prefixed := kept.rfind(b":row", before)) > 0:
                cut = kept.rfind(b"<", 0, prefixed)
            if cut <= 0 and len(kept) > LONGEST_ROW:
                cut = kept.rfind(b"<", 1) if b"<" in kept[1:] else len(kept)
            if cut > 0:
                yield kept[:cut]
                kept = kept[cut:]
        yield kept


def _look(xml: bytes, found: Seen, masks: dict[int, str], styled: re.Pattern[bytes]) -> None:
    if b"hidden=" in xml:
        found.hidden += len(HIDDEN_ROW.findall(xml))
    if b"mergeCell " in xml and len(found.merged) < MOST_MERGED:
        found.merged += [
            (int(top) - 1, column_index_from_string(left.decode()) - 1, int(bottom) - 1, column_index_from_string(right.decode()) - 1)
            for left, top, right, bottom in MERGED.findall(xml)
        ]
    if (b"<f" in xml or b":f" in xml) and (formulas := len(FORMULA.findall(xml))):
        found.formulas += formulas
        for attributes, formula, value in UNCALCULATED.findall(xml):
            kind = TYPE.search(attributes)
            if not (kind and kind[1] == b"str" and value):  # a formula whose result is empty text is calculated
                _place(found, attributes, "", "=" + unescape(formula.decode("utf-8", "replace"), {"&quot;": '"', "&apos;": "'"}))
    if masks:
        for attributes, style, value in styled.findall(xml):
            kind = TYPE.search(attributes)
            if not kind or kind[1] == b"n":
                _place(found, attributes, value.decode(), masked(masks[int(style)], value.decode()))
    if found.first_column > 26:
        columns = (column_index_from_string(letters.decode()) - 1 for letters in set(VALUED.findall(xml)))
        found.first_column = min([found.first_column, *columns])
        return
    for column in range(found.first_column):
        if re.search(rb"\sr=[\"']" + bytes([65 + column]) + rb"[0-9]+[\"'](?:[^>]*[^/])?>\s*<(?:\w+:)?(?:v>[^<]|is[ >])", xml):
            found.first_column = column
            break


def _place(found: Seen, attributes: bytes, value: str, shown: str) -> None:
    place = PLACE.search(attributes)
    if place:
        found.shown[int(place[2]) - 1, column_index_from_string(place[1].decode()) - 1] = value, shown
