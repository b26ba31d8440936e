"""What kind of file an export is, decided on its content: container, encoding, separator, quoting; out come cells, all of them text.

`sniff` answers a `Grid`: every record of the file in order, with the number under which the user finds it. Nothing is left out here.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import fastexcel
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
from lxml import etree

from rules.errors import LedgerError
from rules.findings import Finding
from rules.model import Severity
from workbook import guard

SEPARATORS = (";", ",", "\t", "|")
SAMPLE = 1 << 18  # bytes on which separator and code page are decided
MOST_FIELDS = 1_000
LONGEST_QUOTE = 50  # lines a quoted field may span; more is a quote that was never closed
SEP_LINE = re.compile(rb"\A\s*\"?sep=(.)\"?\s*\n", re.IGNORECASE)
CONTROLS = bytes([*range(1, 9), 11, 12, *range(14, 32), 127])
NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*\shidden=[\"'](?:1|true)")
LETTERS = frozenset("àâäáãåæçéèêëíîïìñóôöòõøœßúûüùýÿÀÂÄÁÃÅÆÇÉÈÊËÍÎÏÌÑÓÔÖÒÕØŒÚÛÜÙÝŸŠšŽž")
FRENCH_OR_GERMAN = frozenset("àâäçéèêëîïôöœßùûüÿÀÂÄÇÉÈÊËÎÏÔÖŒÙÛÜŸ")
OPENING = frozenset("‚„")
MARKS = frozenset("–—‘’“”…€•™‹›†‰")
_LETTER = np.zeros(256, dtype=np.int64)
_LETTER[ord("a") : ord("z") + 1], _LETTER[ord("A") : ord("Z") + 1] = 1, 2


@dataclass(frozen=True)
class Grid:
    """All records of an export as text, before anything is understood.

    `cells`: columns 0, 1, 2 …, blank text for an empty cell, cells trimmed; `fields`: how many fields each record has; `numbers`: the row the
    user sees. `sheet` is "" for text files; `encoding` and `separator` are "" for sheets.
    """

    path: Path
    container: str
    cells: pd.DataFrame
    fields: np.ndarray
    numbers: np.ndarray
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    findings: list[Finding] = field(default_factory=list[Finding])

    @property
    def file(self) -> str:
        """The name of the export."""
        return self.path.name

    def place(self, row: int) -> str:
        """Where the user finds the record at position `row`."""
        return f"{self.sheet}!{self.numbers[row]}" if self.sheet else f"{self.file} row {self.numbers[row]}"


def sniff(path: Path) -> list[Grid]:
    """The tables a file may hold: one for text, one per visible sheet that is not empty for .xlsx. Raises LedgerError."""
    guard.check_text_or_package(path, LedgerError)
    with path.open("rb") as stream:
        head = stream.read(1024)
    if head[:2] == b"PK":
        return _sheets(path)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<", b"mime-version")):
        raise LedgerError(f"{path.name} is a web page or XML file, whatever its name says. Open it in Excel and save it as .xlsx or .csv.")
    if start.startswith(b"%pdf"):
        raise LedgerError(f"{path.name} is a PDF. Export the open items as .xlsx or .csv.")
    return [_text(path)]


# ---------------------------------------------------------------------------------------------------------------- text


def _text(path: Path) -> Grid:
    raw, encoding, findings = decoded(path.read_bytes(), path.name)
    for line_end in (b"\r\r\n", b"\r\n", b"\r"):
        raw = raw.replace(line_end, b"\n") if line_end in raw else raw
    clean = raw.translate(None, CONTROLS)
    for odd in NO_CHARACTERS:
        clean = clean.replace(odd, b"") if odd in clean else clean
    if found := len(raw) - len(clean):
        raw = clean
        findings.append(Finding("export_controls", Severity.WARNING, place=path.name, values={"count": found}))
    if not raw.strip():
        raise LedgerError(f"{path.name} is empty: it holds nothing but blanks. Export it again; nothing was changed.")
    stated = SEP_LINE.match(raw)
    separator = stated[1].decode("latin-1") if stated else _separator(raw[:SAMPLE], path.name)
    cells, fields = split(raw, separator)
    return Grid(path, "csv", cells, fields, np.arange(1, len(cells) + 1), encoding, separator, findings=findings)


def decoded(raw: bytes, name: str) -> tuple[bytes, str, list[Finding]]:
    """The text as UTF-8 bytes, the encoding it came in, and what was noticed. Byte-order mark first, then the pattern of NULs, then the letters."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if raw.startswith(mark):
            return _recoded(raw[len(mark) :], encoding, name), encoding, []
    head = np.frombuffer(raw[:SAMPLE], dtype=np.uint8)
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) > 3 and (head[first::2] == 0).mean() > 0.5 and (head[1 - first :: 2] == 0).mean() < 0.05:
            return _recoded(raw, encoding, name), encoding, []
    findings: list[Finding] = []
    if nuls := raw.count(0):
        raw = raw.replace(b"\0", b"")
        findings.append(Finding("export_controls", Severity.WARNING, place=name, values={"count": nuls}))
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        encoding = _code_page(raw)
        text = raw.decode(encoding, errors="replace")
        if encoding == "cp850" or "\ufffd" in text:
            word = max(re.findall(r"\w*[^\x00-\x7f]\w*", text[: 4 * SAMPLE]), key=len, default="")
            findings.append(Finding("export_encoding", Severity.WARNING, place=name, values={"encoding": encoding, "sample": word}))
        return text.encode("utf-8"), encoding, findings
    return raw, "utf-8", findings


def _recoded(raw: bytes, encoding: str, name: str) -> bytes:
    if encoding.startswith("utf-16"):
        raw = raw[: len(raw) // 2 * 2]
    try:
        text = raw.decode(encoding.removesuffix("-sig"))
    except UnicodeDecodeError as broken:
        raise LedgerError(f"{name} says it is {encoding} text, but byte {broken.start:,} does not fit. It is damaged: export it again.") from broken
    return text.replace("\0", "").encode("utf-8")


def _code_page(raw: bytes) -> str:
    """Of the single-byte encodings of Western Europe, the one that makes letters within words of the high bytes, and marks between words."""
    text = np.frombuffer(raw, dtype=np.uint8)
    at = np.flatnonzero(text >= 128)
    around = _LETTER[np.pad(text, 1)]
    seen = np.bincount((text[at] * np.int64(9)) + around[at] * 3 + around[at + 2])

    def score(encoding: str) -> float:
        made = {code: bytes([code // 9]).decode(encoding, errors="replace") for code in np.flatnonzero(seen).tolist()}
        return sum(int(seen[code]) * _worth(character, code // 3 % 3, code % 3) for code, character in made.items())

    return max(("cp1252", "iso8859-15", "cp850"), key=score)  # the first of equals


def _worth(character: str, before: int, after: int) -> float:
    """How likely a character is between two others: 0 no letter, 1 a small one, 2 a capital. A – of cp1252 is an û of cp850: the place decides."""
    if character == "\ufffd" or "\x80" <= character <= "\x9f":
        return -5
    inside = bool(before and after)
    if character in LETTERS:
        jumps = before == 1 and (character.isupper() or after == 2)  # a capital within a word: maŒtre, LyonûParis
        return -1 if jumps else (1 if character in FRENCH_OR_GERMAN else 0.5) if before or after else 0
    if character in OPENING:
        return -1 if before else 1
    if character in MARKS:
        return 1 if not inside or character == "’" or (character in "–—" and after == 2) else 0 if character in "–—" else -1
    return 0 if character in "\xa0°º«»" else -1


def _separator(sample: bytes, name: str) -> str:
    """The separator under which most of the sample stands in records of one length."""
    best, cells = "", 0
    for separator in SEPARATORS:
        counts = _fields(sample, separator)[1]
        lengths, often = np.unique(counts[counts > 1], return_counts=True)
        if len(lengths) and (found := int((lengths * often).max())) > cells:
            best, cells = separator, found
    if not best:
        line = sample.split(b"\n", 1)[0].decode("utf-8", errors="replace")[:60]
        raise LedgerError(
            f"{name} has one column only: no semicolon, comma, tab or bar separates its fields (row 1 reads {line!r})."
            " Export a table with headings such as Customer, Document, Due date, Open amount."
        )
    return best


def _fields(raw: bytes, separator: str) -> tuple[np.ndarray, np.ndarray, bool]:
    """Where each record ends (after its line break), how many fields it has, and whether every quote stands where quotes may."""
    text = np.frombuffer(raw, dtype=np.uint8)
    breaks, between = text == 10, text == ord(separator)
    sound = True
    if b'"' in raw:
        quotes = text == 34
        inside = np.cumsum(quotes, dtype=np.uint8) & 1
        at = np.flatnonzero(quotes)
        edge = breaks | between | quotes
        opens, closes = at[0::2], at[1::2]
        sound = len(at) % 2 == 0 and bool(edge[opens[opens > 0] - 1].all()) and bool(edge[closes[closes < len(text) - 1] + 1].all())
        breaks, between = breaks & (inside == 0), between & (inside == 0)
    ends = np.flatnonzero(breaks) + 1
    if not len(ends) or ends[-1] < len(text):
        ends = np.append(ends, len(text))
    separators = np.searchsorted(np.flatnonzero(between), ends)
    return ends, np.diff(separators, prepend=0) + 1, sound


def split(raw: bytes, separator: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Records and fields of a text, in order: those of the usual length in one sweep, the others one by one."""
    ends, fields, sound = _fields(raw, separator)
    if not sound:
        return _split_carefully(raw, separator)
    starts = np.append(0, ends[:-1])
    lengths, often = np.unique(fields, return_counts=True)
    width = int(lengths[np.argmax(lengths * often)])
    usual = fields == width
    odd = np.flatnonzero(~usual)
    body = raw
    if len(odd):
        body = np.frombuffer(raw, dtype=np.uint8)[np.repeat(usual, ends - starts)].tobytes()
    table = pyarrow.csv.read_csv(
        pa.BufferReader(body),
        pyarrow.csv.ReadOptions(column_names=[str(i) for i in range(width)], block_size=1 << 26),
        pyarrow.csv.ParseOptions(delimiter=separator, newlines_in_values=b'"' in body, ignore_empty_lines=False),
        pyarrow.csv.ConvertOptions(column_types={str(i): pa.string() for i in range(width)}, strings_can_be_null=False),
    )
    cells = table.to_pandas()
    cells.columns = range(width)
    cells.index = np.flatnonzero(usual)
    if len(odd):
        lines = [next(csv.reader(io.StringIO(raw[starts[i] : ends[i]].decode("utf-8")), delimiter=separator), [])[:MOST_FIELDS] for i in odd]
        cells = pd.concat([cells, _padded(lines, odd)]).sort_index()
    return trimmed(cells), fields


def _split_carefully(raw: bytes, separator: str) -> tuple[pd.DataFrame, np.ndarray]:
    """For texts with a quote in the middle of a field or one that is never closed: such a quote damages its own row only."""
    text = raw.decode("utf-8")
    csv.field_size_limit(1 << 20)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        records = []
    if not records or any(cell.count("\n") > LONGEST_QUOTE for record in records for cell in record):
        records = [next(csv.reader([line], delimiter=separator), []) for line in text.split("\n")]
        records = records[:-1] if not records[-1] else records
    fields = np.array([max(len(record), 1) for record in records])
    return trimmed(_padded([record[:MOST_FIELDS] for record in records], np.arange(len(records)))), fields


def _padded(records: list[list[str]], at: np.ndarray) -> pd.DataFrame:
    width = max(map(len, records), default=0)
    return pd.DataFrame([[*record, *[""] * (width - len(record))] for record in records], index=at, columns=range(width), dtype="str")


# ---------------------------------------------------------------------------------------------------------------- sheets


def _sheets(path: Path) -> list[Grid]:
    try:
        reader = fastexcel.read_excel(path)
        grids: list[Grid] = []
        hidden: list[str] = []
        for name in reader.sheet_names:
            sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            if sheet.visible != "visible":
                hidden.append(name)
            elif sheet.height and sheet.width:
                grids.append(_sheet(path, name, sheet.to_arrow().to_pandas()))
    except (fastexcel.FastExcelError, etree.XMLSyntaxError, KeyError) as unreadable:
        raise LedgerError(f"{path.name} cannot be read as an Excel workbook ({unreadable}). Open it in Excel and save it again.") from unreadable
    if not grids:
        raise LedgerError(f"{path.name} has no visible sheet with anything on it. Export it again; nothing was changed.")
    if hidden:
        grids[0].findings.append(Finding("export_hidden_sheets", Severity.NOTE, place=path.name, values={"sheets": ", ".join(hidden)}))
    return grids


def _sheet(path: Path, name: str, cells: pd.DataFrame) -> Grid:
    cells.columns = range(cells.shape[1])
    cells = trimmed(cells)
    findings: list[Finding] = []
    control = f"[{chr(1)}-{chr(8)}{chr(11)}{chr(12)}{chr(14)}-{chr(31)}{chr(127)}{chr(0xFFFE)}{chr(0xFFFF)}]"
    count = 0
    for column in cells:
        if (hit := cells[column].str.contains(control)).any():
            count += int(hit.sum())
            cells[column] = cells[column].str.replace(control, "", regex=True)
    if count:
        findings.append(Finding("export_controls", Severity.WARNING, place=f"{path.name}, {name}", values={"count": count}))
    if len(cells) in (65_536, 1_048_576):
        findings.append(Finding("export_full", Severity.WARNING, place=f"{path.name}, {name}", values={"rows": len(cells)}))
    if hidden := hidden_rows(path, name):
        findings.append(Finding("export_hidden_rows", Severity.NOTE, place=f"{path.name}, {name}", values={"count": hidden}))
    fields = np.full(len(cells), cells.shape[1])
    return Grid(path, "xlsx", cells, fields, np.arange(1, len(cells) + 1), sheet=name, findings=findings)


def hidden_rows(path: Path, sheet: str) -> int:
    """How many rows of a sheet are hidden or filtered away; they are read like the others."""
    with zipfile.ZipFile(path) as package:
        book = etree.fromstring(package.read("xl/workbook.xml"))
        links = etree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
        ids = [value for tag in book.iter("{*}sheet") if tag.get("name") == sheet for key, value in tag.items() if key.endswith("}id")]
        targets = [link.get("Target", "") for link in links.iter("{*}Relationship") if link.get("Id") in ids]
        part = targets[0].removeprefix("/") if targets else ""
        part = part if part.startswith("xl/") else f"xl/{part}"
        if part not in package.namelist():
            return 0
        count, kept = 0, b""
        with package.open(part) as stream:
            while piece := stream.read(1 << 22):
                kept += piece
                cut = kept.rfind(b"<") if kept.rfind(b"<") > 0 else len(kept)
                count += len(HIDDEN_ROW.findall(kept[:cut])) if b"hidden=" in kept else 0
                kept = kept[cut:]
        return count


def holds_numbers(grid: Grid, column: int, first: int) -> bool:
    """Whether every filled cell of a sheet's column, from the record at position `first` on, is a number and not text that looks like one."""
    found = fastexcel.read_excel(grid.path).load_sheet(grid.sheet, header_row=None, skip_rows=first, use_columns=[column], schema_sample_rows=None)
    return found.to_arrow().schema.types[0] in (pa.float64(), pa.int64())


def trimmed(cells: pd.DataFrame) -> pd.DataFrame:
    """All cells as text without blanks around them; an empty cell is "". `="0012"`, a spreadsheet's way to keep zeros, is 0012."""
    made = {}
    for column in cells:
        text = cells[column].astype("str").fillna("").str.strip()
        if text.str.startswith('="').any():
            text = text.str.replace(r'^="([^"]*)"$', r"\1", regex=True)
        made[column] = text
    return pd.DataFrame(made, index=cells.index)
