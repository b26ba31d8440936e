"""Refuses hostile and damaged files before any reader sees them: streaming, with bounded memory.

`check_package` looks at every part of an .xlsx package, because the fast reader allocates a sheet from its first to its last cell and would end
the whole process on two cells that lie a million rows apart. `check_archive` looks at other packed files, `check_ole` at those of old Office
programs, `check_text` at text exports. All are silent or raise.
"""

from __future__ import annotations

import mmap
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from isal import isal_zlib

from rules.errors import DunningError, LedgerError, WorkbookError
from workbook.extent import MAX_GRID, SPARSE_GRID, SPARSENESS, Extent, sensible

MAX_FILE = 1 << 30  # bytes on disk
MAX_PARTS = 10_000
MAX_INFLATED = 6 << 30  # bytes of all parts together; 1,048,576 lines of 40 columns are about 3 GB
MAX_RATIO = 200  # of a part larger than SMALL; sheets reach 20 to 40, a bomb 1,000
SMALL = 1 << 22
MAX_TEXT = 1 << 20  # bytes between two tags of a sheet or of its texts; the 32,767 letters that a cell holds take 400,000 at most
CHUNK = 1 << 18  # bytes looked at together: few enough to stay in the cache of a processor

ZIP = (b"PK\3\4", b"PK\5\6", b"PK\7\x08")  # and not "PK", which a list may begin with: the key of a posting
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DECLARATION = re.compile(rb"<!(?!--|\[CDATA\[)")
GLOBALS = re.compile(rb"\x09\x08(?:\x10\0\0\x06|\x08\0\0\x05)\x05\0")  # how the workbook stream of an .xls begins, BIFF8 and BIFF5
FILEPASS = 0x2F
PROTECTED = "{name} is protected by a password. Save a copy without password (File, Info, Protect Workbook) and use that copy."


@dataclass(frozen=True)
class Caps:
    """How much an import may hold: bytes on disk, bytes unpacked, places between the first and the last cell of a sheet."""

    file: int = MAX_FILE
    unpacked: int = MAX_INFLATED
    cells: int = MAX_GRID


CAPS = Caps()


@contextmanager
def refusing(path: Path, refuse: type[DunningError]) -> Iterator[None]:
    """What the system or a damaged file says, as a sentence."""
    try:
        yield
    except FileNotFoundError as missing:
        raise refuse(f"{path.name} was not found in {path.resolve().parent}. Check the name and the folder.") from missing
    except IsADirectoryError as folder:
        raise refuse(f"{path.name} is a folder. Choose the file inside.") from folder
    except PermissionError as locked:
        raise refuse(f"{path.name} cannot be opened: close it in the program that holds it, or ask for the right to read it.") from locked
    except OSError as trouble:
        raise refuse(f"{path.name} cannot be read ({trouble.strerror}). Copy it to a folder of this computer and choose it there.") from trouble
    except (zipfile.BadZipFile, zlib.error, isal_zlib.error, struct.error, EOFError, NotImplementedError) as damaged:
        raise refuse(f"{path.name} is damaged or incomplete. {_way_on(refuse)}") from damaged


def _way_on(refuse: type[DunningError]) -> str:
    return "Take the newest file of the folder backups." if refuse is WorkbookError else "Export it again; nothing was changed."


def head(path: Path, refuse: type[DunningError] = LedgerError, caps: Caps = CAPS) -> bytes:
    """The first bytes of a file that is there, not empty and not too large."""
    with refusing(path, refuse):
        about = path.stat()
        if not (stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode)):  # a pipe would be waited for, a device has no end
            raise refuse(f"{path.name} is not a file. Save the export in a file, and choose that.")
        with path.open("rb") as stream:
            start = stream.read(1 << 16)
    if not start:
        raise refuse(f"{path.name} is empty (0 bytes). {_way_on(refuse)}")
    if (size := about.st_size) > caps.file:
        raise refuse(f"{path.name} has {size:,} bytes; at most {caps.file:,} are read (setting Largest export). Export open items only.")
    return start


def check_package(path: Path, refuse: type[DunningError] = WorkbookError, caps: Caps = CAPS) -> None:
    """Raise `refuse` unless `path` is an .xlsx package that readers can open safely."""
    start = head(path, refuse, caps)
    if start.startswith(OLE):
        with path.open("rb") as stream:
            if _holds(stream, "EncryptedPackage"):
                raise refuse(PROTECTED.format(name=path.name))
        raise refuse(f"{path.name} is in the old .xls format. Open it in Excel and save it as Excel workbook (.xlsx).")
    if not start.startswith(ZIP):
        raise refuse(f"{path.name} is not an Excel workbook (.xlsx), whatever its name says. Export or save it as .xlsx.")
    with refusing(path, refuse), path.open("rb") as stream:
        parts = _directory(stream, path.name, refuse, caps)
        if kind_of(parts) not in ("xlsx", "xlsb"):
            raise refuse(f"{path.name} is a zip archive, but not an Excel workbook. Unpack it and choose the file inside.")
        _check_parts(stream, parts, path.name, refuse, caps)


def check_archive(path: Path, refuse: type[DunningError] = LedgerError, caps: Caps = CAPS) -> str:
    """What a packed file is (`kind_of`), after raising `refuse` for one that cannot be unpacked safely.

    The parts of an office document are looked into; the files of a plain zip are looked at when each is opened.
    """
    with refusing(path, refuse), path.open("rb") as stream:
        parts = _directory(stream, path.name, refuse, caps)
        kind = kind_of(parts)
        if kind != "zip":
            _check_parts(stream, parts, path.name, refuse, caps)
    return kind


def kind_of(parts: list[zipfile.ZipInfo]) -> str:
    """Which document the parts make: xlsx, xlsb, docx, pptx, odf, numbers; zip for any other files."""
    names = {part.filename.replace("\\", "/").casefold() for part in parts}
    if "[content_types].xml" in names and "content.xml" not in names:  # with both, readers would disagree about what it is
        if any(name.startswith("xl/") for name in names):
            return "xlsb" if "xl/workbook.bin" in names else "xlsx"
        return "docx" if any(name.startswith("word/") for name in names) else "pptx" if any(name.startswith("ppt/") for name in names) else "zip"
    if "mimetype" in names and ("content.xml" in names or "encrypted-package" in names):
        return "odf"
    return "numbers" if any(name.endswith(".iwa") or name == "index.zip" for name in names) else "zip"


def check_ole(path: Path, refuse: type[DunningError] = LedgerError) -> None:
    """Raise `refuse` unless a file of the old Office programs is an .xls workbook without password."""
    with refusing(path, refuse), path.open("rb") as stream:
        if _holds(stream, "EncryptedPackage") or _has_password(stream):
            raise refuse(PROTECTED.format(name=path.name))
        if _holds(stream, "WordDocument"):
            raise refuse(f"{path.name} is a Word document. Export the list as .xlsx or .csv.")
        if not (_holds(stream, "Workbook") or _holds(stream, "Book") or _holds(stream, "WORKBOOK") or _holds(stream, "BOOK")):
            raise refuse(f"{path.name} is a file of an Office program, but holds no Excel workbook, or is damaged. Export it again as .xlsx or .csv.")


def _holds(stream: BinaryIO, name: str) -> bool:
    """Whether a compound file has a stream of this name: entries of its directory begin at multiples of 128."""
    wanted = (name + "\0").encode("utf-16-le")
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as file:
        at = file.find(wanted)
        while at >= 0 and at % 128:
            at = file.find(wanted, at + 1)
        return at >= 0


def _has_password(stream: BinaryIO) -> bool:
    """Whether the workbook stream of an .xls says in its first records that the others are encrypted."""
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as file:
        for found in GLOBALS.finditer(file):
            at = found.start()
            if at % 64:
                continue
            for _ in range(8):
                record = file[at : at + 4]
                if len(record) < 4:
                    break
                number, length = struct.unpack("<HH", record)
                if number == FILEPASS:
                    return True
                at += 4 + length
    return False


def check_text(path: Path, refuse: type[DunningError] = LedgerError, caps: Caps = CAPS) -> None:
    """Raise `refuse` unless `path` is a file of reasonable size that holds text."""
    start = head(path, refuse, caps)
    odd = sum(start.count(bytes([c])) for c in [*range(1, 9), *range(14, 32)])
    if odd > 16 and odd * 50 > len(start):
        raise refuse(f"{path.name} is not a text file. Expected: an export as csv, txt or xlsx.")


def check_markup(path: Path, refuse: type[DunningError] = LedgerError) -> None:
    """Raise `refuse` when an XML file declares a document type or entities: exports do not, attacks do."""
    with refusing(path, refuse), path.open("rb") as stream:
        kept = b""
        while piece := stream.read(CHUNK):
            chunk = kept + piece.replace(b"\0", b"")
            if b"<!D" in chunk or b"<!E" in chunk:
                raise refuse(f"{path.name} declares entities, as attacks do and exports do not. It is refused.")
            kept = chunk[-2:]


def unpack(path: Path, stream: BinaryIO, part: zipfile.ZipInfo, target: Path, refuse: type[DunningError] = LedgerError) -> None:
    """Write a file of the archive `path`, open as `stream`, to `target`; never more than the directory declares."""
    with refusing(path, refuse), target.open("wb") as out:
        for piece in unpacked(stream, part):
            out.write(piece)


def _directory(stream: BinaryIO, name: str, refuse: type[DunningError], caps: Caps) -> list[zipfile.ZipInfo]:
    """The parts of a package whose directory promises nothing dangerous."""
    try:
        with zipfile.ZipFile(stream) as package:
            parts = package.infolist()
    except UnicodeDecodeError as damaged:
        raise zipfile.BadZipFile("the name of a part is damaged") from damaged
    if len(parts) > MAX_PARTS:
        raise refuse(f"{name} has {len(parts):,} files inside; an Excel workbook has a few dozen. It is refused.")
    seen: set[str] = set()
    for part in parts:
        inside = part.filename.replace("\\", "/").casefold()
        if inside.startswith("/") or ".." in inside.split("/") or re.match("[a-z]:", inside) or inside in seen:
            raise refuse(f"{name} has a part that is doubled or points outside the file ({part.filename!r}). It is refused; export it again.")
        seen.add(inside)
        if part.flag_bits & 0x1:
            raise refuse(PROTECTED.format(name=name))
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise refuse(f"{name} is packed in a way that is not read ({part.filename!r}). Unpack it, or open it in Excel, and save it again.")
        if part.file_size > SMALL and part.file_size > MAX_RATIO * part.compress_size:
            raise refuse(f"{name} unpacks to far more than a file of its size holds (part {part.filename!r}). It is refused; export it again.")
    inflated = sum(part.file_size for part in parts)
    if inflated > caps.unpacked:
        raise refuse(f"{name} would unpack to {inflated:,} bytes; at most {caps.unpacked:,} are read (setting Largest unpacked). Split the export.")
    return parts


def _check_parts(stream: BinaryIO, parts: list[zipfile.ZipInfo], name: str, refuse: type[DunningError], caps: Caps) -> None:
    cells = texts = 0
    for part in parts:
        if not part.is_dir():
            held = _check_part(stream, part, name, refuse, caps)
            cells, texts = cells + held[0], texts + held[1]
    if not sensible(texts, cells, MAX_GRID):
        raise refuse(f"{name} has {texts:,} texts for {cells:,} cells: more than a file of its size needs. Open it in Excel and save it again.")


def unpacked(stream: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
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


def _check_part(stream: BinaryIO, part: zipfile.ZipInfo, name: str, refuse: type[DunningError], caps: Caps) -> tuple[int, int]:
    """How many cells a part holds, and how many texts that cells share."""
    extent, kept, first, text = Extent(caps.cells), b"", True, True
    shared, texts, bare = False, 0, 0  # whether it holds texts, how many, and how many bytes ago its last tag began
    for piece in unpacked(stream, part):
        chunk = kept + piece
        if first:
            start = chunk[:4]
            if start[:2] in (b"\xff\xfe", b"\xfe\xff") or start in (b"<\0?\0", b"\0<\0?"):
                raise refuse(f"{name} has a part in an encoding Excel does not write ({part.filename!r}). Open it in Excel and save it again.")
            if not start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
                text = False  # a picture, a macro project, a binary sheet: unpacked to see that its size is true
            first = False
        if not text:
            continue
        if b"!" in chunk and DECLARATION.search(chunk):
            raise refuse(f"{name} declares entities in {part.filename!r}, as attacks do and workbooks do not. It is refused.")
        shared = shared or (not extent.in_sheet and (b"<sst" in chunk or b":sst" in chunk))
        opened, bare = bare + piece.find(b"<"), bare + len(piece) if b"<" not in piece else len(piece) - piece.rfind(b"<")
        if max(opened, bare) > MAX_TEXT and (shared or extent.in_sheet):
            raise refuse(f"{name} has a cell with far more text than Excel knows ({part.filename!r}). It is refused; export it again.")
        cut = chunk.rfind(b"<")
        cut = max(cut if len(chunk) - cut < 4096 and cut > 0 else len(chunk) - 32, 0)
        extent.add(chunk[:cut])
        texts += chunk.count(b"<si", 0, cut) + chunk.count(b":si", 0, cut) if shared else 0
        kept = chunk[cut:]
    extent.add(kept)
    if extent.cells > extent.places() + SPARSE_GRID:
        raise refuse(f"{name}: a sheet has {extent.cells:,} cells in {extent.places():,} places ({part.filename!r}). It is refused; export it again.")
    if extent.sensible():
        return extent.cells, texts
    if extent.places() <= SPARSENESS * extent.cells:
        raise refuse(
            f"{name}: a sheet has {extent.places():,} places for cells ({part.filename!r}); at most {caps.cells:,} are read (setting Largest sheet)."
            " Export fewer lines or columns, or a csv."
        )
    raise refuse(
        f"{name}: a sheet reaches to row {extent.rows:,} and column {extent.columns:,}, but only {extent.cells:,} of its cells are used"
        f" ({part.filename!r}). Delete the empty rows below and the empty columns beside the table, save, and try again."
    )
