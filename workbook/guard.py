"""Refuses hostile and damaged files before any reader sees them: streaming, with bounded memory.

`check_package` looks at every part of an .xlsx package, because the fast reader allocates a sheet from its first to its last cell and would end
the whole process on two cells that lie a million rows apart. `check_text` looks at a text export. Both are silent or raise.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from isal import isal_zlib

from rules.errors import DunningError, LedgerError, WorkbookError

MAX_FILE = 1 << 30  # bytes on disk
MAX_PARTS = 10_000
MAX_INFLATED = 6 << 30  # bytes of all parts together; 1,048,576 lines of 40 columns are about 3 GB
MAX_RATIO = 200  # of a part larger than SMALL; sheets reach 20 to 40, a bomb 1,000
SMALL = 1 << 22
MAX_GRID = 100_000_000  # cells between the first and the last of a sheet: about 3 GB in the reader
SPARSE_GRID = 10_000_000  # a grid up to this size may be as empty as it likes,
SPARSENESS = 10  # a larger one has at most so many places for each cell
FAR = 1 << 40  # the row of a coordinate that is none
MAX_TEXT = 1 << 30
CHUNK = 1 << 20  # bytes looked at together: few enough to stay in the cache of a processor

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DECLARATION = re.compile(rb"<!(?!--|\[CDATA\[)")
CELL = re.compile(rb"<(?:[\w.-]+:)?(row|c)[\s/>]")
SPACED = re.compile(rb" r *= *\"")
PREFIXED = re.compile(rb"<[^<>\s]*:(?:row|c)[\s/>]")
COORDINATE = re.compile(rb"(?<![\w.:\x80-\xff-])r=")
SPACED_COORDINATE = re.compile(rb"(?<![\w.:\x80-\xff-])r\s+=")
PLAIN = bytes.maketrans(b"\t\r\n'", b'   "')
NAMED, NAMED_ROW, OW = (int.from_bytes(word, "little") for word in (b' r="', b'<row r="', b"ow"))


def check_package(path: Path, refuse: type[DunningError] = WorkbookError) -> None:
    """Raise `refuse` unless `path` is an .xlsx package that readers can open safely."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            _check(stream, size, path.name, refuse)
    except FileNotFoundError as missing:
        raise refuse(f"{path.name} was not found in {path.resolve().parent}. Check the name and the folder.") from missing
    except PermissionError as locked:
        raise refuse(f"{path.name} cannot be opened: close it in the program that holds it, then try again.") from locked
    except (zipfile.BadZipFile, zlib.error, isal_zlib.error, struct.error, EOFError, NotImplementedError) as damaged:
        raise refuse(f"{path.name} is damaged or incomplete ({damaged}). Save or export it again and try once more.") from damaged


def check_text(path: Path, refuse: type[DunningError] = LedgerError) -> None:
    """Raise `refuse` unless `path` is a file of reasonable size that holds text."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(1 << 16)
    except FileNotFoundError as missing:
        raise refuse(f"{path.name} was not found in {path.resolve().parent}. Check the name and the folder.") from missing
    except (PermissionError, IsADirectoryError) as locked:
        raise refuse(f"{path.name} cannot be opened: it is a folder, another program holds it, or you have no right to read it.") from locked
    if size == 0:
        raise refuse(f"{path.name} is empty (0 bytes). Export it again; nothing was changed.")
    if size > MAX_TEXT:
        raise refuse(f"{path.name} has {size:,} bytes; at most {MAX_TEXT:,} are read. Export fewer lines, for example open items only.")
    odd = sum(head.count(bytes([c])) for c in [*range(1, 9), *range(14, 32)])
    if odd > 16 and odd * 50 > len(head):
        raise refuse(f"{path.name} is not a text file. Expected: an export as csv, txt or xlsx.")


def check_text_or_package(path: Path, refuse: type[DunningError] = LedgerError) -> None:
    """The check that fits the first bytes of the file, whatever its name says."""
    try:
        with path.open("rb") as stream:
            head = stream.read(8)
    except OSError:
        head = b""
    (check_package if head[:2] == b"PK" or head == OLE else check_text)(path, refuse)


def _check(stream: BinaryIO, size: int, name: str, refuse: type[DunningError]) -> None:
    head = stream.read(8)
    if not head:
        raise refuse(f"{name} is empty (0 bytes).")
    if head == OLE:
        stream.seek(0)
        start = stream.read(1 << 22)
        if "EncryptedPackage".encode("utf-16-le") in start:
            raise refuse(f"{name} is protected by a password. Save a copy without password (File, Info, Protect Workbook) and use that copy.")
        raise refuse(f"{name} is in the old .xls format. Open it in Excel and save it as Excel workbook (.xlsx).")
    if head[:2] != b"PK":
        raise refuse(f"{name} is not an Excel workbook (.xlsx), whatever its name says. Export or save it as .xlsx.")
    if size > MAX_FILE:
        raise refuse(f"{name} has {size:,} bytes; at most {MAX_FILE:,} are read.")
    stream.seek(0)
    with zipfile.ZipFile(stream) as package:
        parts = package.infolist()
    _check_directory(parts, name, refuse)
    for part in parts:
        if not part.is_dir():
            _check_part(stream, part, name, refuse)


def _check_directory(parts: list[zipfile.ZipInfo], name: str, refuse: type[DunningError]) -> None:
    if len(parts) > MAX_PARTS:
        raise refuse(f"{name} has {len(parts):,} parts inside; an Excel workbook has a few dozen. It is refused.")
    seen: set[str] = set()
    for part in parts:
        inside = part.filename.replace("\\", "/").casefold()
        if inside.startswith("/") or ".." in inside.split("/") or ":" in inside or inside in seen:
            raise refuse(f"{name} has a part that is doubled or points outside the file ({part.filename!r}). It is refused; export it again.")
        seen.add(inside)
        if part.flag_bits & 0x1:
            raise refuse(f"{name} is protected by a password. Save a copy without password and use that copy.")
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise refuse(f"{name} is packed in a way Excel does not use ({part.filename!r}). Open it in Excel and save it again.")
        if part.file_size > SMALL and part.file_size > MAX_RATIO * part.compress_size:
            raise refuse(_bomb(name, part))
    if "[content_types].xml" not in seen or not any(p.startswith("xl/") for p in seen):
        raise refuse(f"{name} is a zip archive, but not an Excel workbook. Unpack it and choose the file inside.")
    inflated = sum(part.file_size for part in parts)
    if inflated > MAX_INFLATED:
        raise refuse(f"{name} would unpack to {inflated:,} bytes; at most {MAX_INFLATED:,} are read. Split the export.")


def _bomb(name: str, part: zipfile.ZipInfo) -> str:
    return f"{name} unpacks to far more than a workbook of its size holds (part {part.filename!r}). It is refused; export it again."


def _inflated(stream: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The content of a part in pieces of bounded size, never more than its directory entry declares."""
    stream.seek(max(part.header_offset, 0))
    header = stream.read(30)
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    name = stream.read(name_length).decode("utf-8" if part.flag_bits & 0x800 else "cp437", errors="replace")
    if header[:4] != b"PK\x03\x04" or name.split("\0")[0] != part.orig_filename.split("\0")[0]:  # readers would disagree about what this part is
        raise zipfile.BadZipFile(f"part {part.filename!r} is not where the directory says")
    stream.seek(extra_length, 1)
    left, made = part.compress_size, 0
    unpack = isal_zlib.decompressobj(-15) if part.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0 and (packed := stream.read(min(left, CHUNK // 4))):
        left -= len(packed)
        while packed:
            piece = unpack.decompress(packed, CHUNK) if unpack else packed
            packed = unpack.unconsumed_tail if unpack else b""
            made += len(piece)
            if made > part.file_size:
                raise zipfile.BadZipFile(f"part {part.filename!r} is larger than the directory says")
            yield piece
    if made != part.file_size:
        raise zipfile.BadZipFile(f"part {part.filename!r} ends too early")


def _check_part(stream: BinaryIO, part: zipfile.ZipInfo, name: str, refuse: type[DunningError]) -> None:
    extent, kept, first = Extent(), b"", True
    for piece in _inflated(stream, part):
        chunk = kept + piece
        if first:
            start = chunk[:4]
            if start[:2] in (b"\xff\xfe", b"\xfe\xff") or start in (b"<\0?\0", b"\0<\0?"):
                raise refuse(f"{name} has a part in an encoding Excel does not write ({part.filename!r}). Open it in Excel and save it again.")
            if not start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
                return  # a picture, a macro project, printer settings: readers of sheets do not look inside
            first = False
        if b"!" in chunk and DECLARATION.search(chunk):
            raise refuse(f"{name} declares entities in {part.filename!r}, as attacks do and workbooks do not. It is refused.")
        cut = chunk.rfind(b"<")
        cut = cut if len(chunk) - cut < 4096 and cut > 0 else len(chunk) - 32
        extent.add(chunk[: max(cut, 0)])
        kept = chunk[max(cut, 0) :]
    extent.add(kept)
    if not extent.sensible():
        raise refuse(
            f"{name}: a sheet reaches to row {extent.rows:,} and column {extent.columns:,}, but only {extent.cells:,} of its cells are used"
            f" ({part.filename!r}). Delete the empty rows below and the empty columns beside the table, save, and try again."
        )


class Extent:
    """How far the cells of one sheet reach, and how many there are; fed with pieces of its XML that end before a tag."""

    def __init__(self) -> None:
        self.rows = self.columns = self.cells = 0
        self._in_sheet, self._regular = False, True
        self._row_tags = self._in_row = 0

    def add(self, xml: bytes) -> None:
        """Count the cells of a piece."""
        self._in_sheet = self._in_sheet or b"sheetData" in xml
        if not self._in_sheet:
            return
        found = _regular(xml) if self._regular else None
        if found is not None:
            column, row, cells = found
            self.rows, self.columns, self.cells = max(self.rows, row), max(self.columns, column), self.cells + cells
            return
        self._regular = False  # what is odd may go on in the next piece
        column, row, named = _farthest(xml.translate(PLAIN))
        self.rows, self.columns = max(self.rows, row), max(self.columns, column)
        cells = named
        if xml.count(b"<c") > named or b":c" in xml:
            cells = sum(tag != b"row" for tag in CELL.findall(xml))
        self.cells += cells
        if cells > named:  # cells without coordinates stand one after the other
            for tag in CELL.finditer(xml):
                if tag[1] == b"row":
                    self._row_tags, self._in_row = self._row_tags + 1, 0
                else:
                    self._in_row += 1
                    self.columns = max(self.columns, self._in_row)
            self.rows = max(self.rows, self._row_tags)

    def sensible(self) -> bool:
        """Whether a reader that allocates the whole rectangle would stay within reason."""
        grid = self.rows * self.columns
        return grid <= SPARSE_GRID or grid <= min(MAX_GRID, SPARSENESS * self.cells)


def _regular(xml: bytes) -> tuple[int, int, int] | None:
    """Farthest column, farthest row and number of the cells of a piece as Excel writes it; None when any cell or row is written in another way.

    Excel writes the coordinates first: `<c r="B7"`, `<row r="7"`. Whole-column: the tags are found two letters at a time, what follows is compared
    eight letters at a time.
    """
    if not xml.startswith(b"<"):  # a tag may have begun before
        return None
    if b":" in xml and (b":c" in xml or b":row" in xml) and PREFIXED.search(xml):
        return None
    padded = xml + bytes(32)
    eights: npt.NDArray[Any] = np.ndarray(len(padded) - 7, "<u8", padded, strides=1)
    cells, rows = _tags(xml, b"<c"), _tags(xml, b"<r")
    word = eights[cells + 2]
    named = word & 0xFFFFFFFF == NAMED
    if not named.all():
        if _ends_name(word[~named] & 0xFF).any():
            return None
        cells, word = cells[named], word[named]
    column, letters = np.zeros(len(word), np.int32), np.zeros(len(word), np.uint8)
    going = np.ones(len(word), bool)
    for letter in word.view(np.uint8).reshape(-1, 8)[:, 4:7].T.copy():
        going &= (letter & 0xDF) - np.uint8(65) < 26  # unsigned: what comes before A is large
        column, letters = np.where(going, column * 26 + (letter & 31), column), letters + going
    word = eights[rows]
    rows, word = rows[word >> 16 & 0xFFFF == OW], word[word >> 16 & 0xFFFF == OW]
    named = word == NAMED_ROW
    if not letters.all() or _ends_name(word[~named] >> 32 & 0xFF).any():
        return None
    text = np.frombuffer(xml, np.uint8)
    equals = text[1:] == 61
    if np.count_nonzero(equals & (text[:-1] == 114)) != (many := len(cells) + int(named.sum())) and len(COORDINATE.findall(xml)) != many:
        return None  # of two coordinates in one tag, the reader takes the last
    if (equals & (text[:-1] <= 32)).any() and SPACED_COORDINATE.search(xml):
        return None
    figures = eights[cells + 6 + letters]
    last = _largest_number(np.concatenate([figures[:1], figures[1:][figures[1:] != figures[:-1]], eights[rows[named] + 8]]))
    return None if last is None else (int(column.max(initial=0)), last, len(cells))


def _tags(xml: bytes, opening: bytes) -> npt.NDArray[np.int64]:
    """Where the two bytes of `opening` stand."""
    wanted = int.from_bytes(opening, "little")
    even, odd = (np.flatnonzero(np.frombuffer(xml, "<u2", (len(xml) - start) // 2, start) == wanted) * 2 + start for start in (0, 1))
    return np.concatenate([even, odd])


def _ends_name(letter: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Whether the letter after `<c` or `<row` ends the name of the tag: otherwise it is another tag, such as `<col`."""
    return (letter <= 32) | (letter == 47) | (letter == 62)


def _largest_number(words: npt.NDArray[Any]) -> int | None:
    """The largest of the numbers that these words of eight letters begin with; None when one is not closed by a quote after its figures."""
    number, going = np.zeros(len(words), np.uint64), np.ones(len(words), bool)
    for step in range(0, 64, 8):
        letter = words >> step & 0xFF
        figure = going & (letter - 48 < 10)
        if (going & ~figure & (letter != 34)).any() or (step == 0 and not figure.all()):
            return None
        number, going = np.where(figure, number * 10 + (letter - 48), number), figure
    return None if going.any() else int(number.max(initial=0))


def _farthest(xml: bytes) -> tuple[int, int, int]:
    """Farthest column, farthest row and number of the cells whose coordinates ` r="…"` stand in a piece; whole-column."""
    text = np.frombuffer(xml + b'"' * 16, dtype=np.uint8)
    quote = np.flatnonzero(text == 34)
    before = text[quote[:-16] - 1]
    opens = np.flatnonzero(before == 61)
    if (before == 32).any() or (text[quote[opens] - 2] == 32).any():
        tight = SPACED.sub(b' r="', xml)
        if tight != xml:
            return _farthest(tight)
    at, ends = quote[opens] + 1, quote[opens + 1]
    named = (text[at - 3] == 114) & (text[at - 4] == 32) & (at > 3)
    at, length = at[named], (ends - at)[named]
    letters = np.zeros(len(at), np.int64)
    for step in range(3):
        letters += (letters == step) & (text[at + step] >= 65) & (text[at + step] <= 122)
    figure = text[at + letters]
    sound = (figure >= 48) & (figure <= 57)
    at, letters, length = at[sound], letters[sound], length[sound]
    cells = letters > 0
    column = _largest(text, at[cells], letters[cells])
    row = _largest(text, at + letters, length - letters)
    return sum((c & 31) * 26**place for place, c in enumerate(reversed(column))), (int(row) if row.isdigit() else FAR if row else 0), int(cells.sum())


def _largest(text: np.ndarray, at: np.ndarray, length: np.ndarray) -> bytes:
    """The largest of the words that begin `at`: the longest, and of these the last in the alphabet."""
    if not len(at):
        return b""
    longest = int(length.max())
    at, word = at[length == longest], bytearray()
    for step in range(longest):
        here = text[at + step]
        word.append(int(here.max()))
        at = at[here == word[-1]]
    return bytes(word)
