"""Text exports: encoding, separator and quoting are found in the content; out come records of text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from rules.errors import LedgerError
from rules.findings import Finding
from rules.model import Severity
from rules.written import first_few
from workbook.guard import CAPS, Caps
from workbook.ledgers.containers import printed
from workbook.ledgers.containers.letters import counted, decoded
from workbook.ledgers.grid import UNCLOSED, Grid, cleaned, trimmed
from workbook.ledgers.whole import PART

SEPARATORS = (";", ",", "\t", "|")
SPREADSHEET = (";", ",")  # between fields that a spreadsheet saves, quoting those that need it
SAMPLE = 1 << 18  # bytes on which separator and code page are decided
MOST_FIELDS = 1_000
BREAK, QUOTE = ord("\n"), ord('"')
LONGEST_QUOTE = 1 << 14  # letters of a quoted field; more is a quote that was never closed
QUOTED = re.compile(r'"(?P<inner>[^"]*(?:""[^"]*)*)"')
WRAPPED = re.compile(rb'^"(?P<inner>[^"\n]*(?:""[^"\n]*)*)"$', re.MULTILINE)  # a line that is one quoted field
MOST_DAMAGED = 1_000  # rows with a quote that is never closed; a text with more of them does not quote
SEP_LINE = re.compile(rb"\A\s*\"?sep=(.)\"?\s*\n", re.IGNORECASE)
ENTRIES = {"journalcode", "ecriturenum", "comptenum", "ecriturelib"}  # headings by which a French file of accounting entries is known
TREASURY = re.compile(rb"FIC.{5}[A-Z]{3}.{4}[ 0-9]{13}[.,][0-9]{2}[A-Z]{3}[0-3][0-9][01][0-9](?:19|20)[0-9]{2}")  # Sage X3 EXPCASDUD
AMOUNT = re.compile(r"[+-]?[0-9][0-9 .,]*[+-]?")


def read(path: Path, caps: Caps = CAPS) -> Grid:
    """The records of a text export. The guard must have passed the file. Raises LedgerError."""
    raw, encoding, findings = decoded(path.read_bytes(), path.name)
    if not raw or raw.isspace():
        raise LedgerError(f"{path.name} is empty: it holds nothing but blanks. Export it again; nothing was changed.")
    if TREASURY.match(raw):
        raise LedgerError(
            f"{path.name} is Sage X3's export to treasury (EXPCASDUD). It has no fixed place for payer and document number, so that nobody can be "
            "reminded by it. Export the open items instead: a list of GACCDUDATE with the columns BPR, NUM, DUDDAT, CUR, SNS, AMTCUR and PAYCUR."
        )
    if printed.is_list(raw[:SAMPLE]):
        cells, fields = printed.cut(raw)
        separator, container = "", "list"
    elif layout := printed.aligned(raw[:SAMPLE].decode("utf-8", errors="replace")):
        cells, fields = printed.cut_aligned(raw.decode("utf-8"), layout)
        separator, container = "", "list"
    else:
        raw = _unwrapped(raw)
        stated = SEP_LINE.match(raw)
        separator, container = stated[1].decode("latin-1") if stated else _separator(raw[:SAMPLE], path.name), "csv"
        first = raw[: raw.find(b"\n") if b"\n" in raw else len(raw)].decode("utf-8").split(separator)
        entries = [heading.strip().casefold() for heading in first]
        if set(entries) >= ENTRIES and not _quotes(raw, separator):
            cells, fields, rejoined = split_entries(raw, separator, entries, path.name, caps)
            findings += rejoined
        else:
            cells, fields = split(raw, separator, path.name, caps)
    if not raw.isascii():  # no control character is left here, so that letters decoded twice are all there is to clean
        cells, found = cleaned(cells, path.name)
        findings += found
    return Grid(path, container, cells, fields, np.arange(1, len(cells) + 1), encoding, separator, findings=findings)


def _unwrapped(raw: bytes) -> bytes:
    """A text in which whole lines were quoted once more, as a spreadsheet saves lines that it held in one column: without these quotes."""
    if not raw.startswith(b'"') or not WRAPPED.match(raw) or any((_fields(raw[:SAMPLE], s)[1] > 1).any() for s in SEPARATORS):
        return raw
    return WRAPPED.sub(lambda line: line["inner"].replace(b'""', b'"'), raw)


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


def _fields(raw: bytes, separator: str, *, quoted: bool = True) -> tuple[np.ndarray, np.ndarray, bool]:
    """Where each record ends (after its line break), how many fields it has, and whether every quote stands where quotes may."""
    between, edge = ord(separator), np.zeros(256, bool)
    edge[[BREAK, between, QUOTE]] = True
    quoted = quoted and b'"' in raw
    text = np.frombuffer(raw, dtype=np.uint8)
    ends, separators, quotes, sound = [np.empty(0, np.int64)], [np.empty(0, np.int64)], 0, True
    seen = 0  # separators and line breaks
    for start in range(0, len(text), PART):
        part = text[start : start + PART]
        breaks = part == BREAK
        marks = breaks | (part == between)
        if quoted and len(at := np.flatnonzero(quote := part == QUOTE)):
            opens, closes = start + at[quotes % 2 :: 2], start + at[1 - quotes % 2 :: 2]
            sound &= bool(edge[text[opens[opens > 0] - 1]].all() and edge[text[closes[closes < len(text) - 1] + 1]].all())
            marks &= (np.cumsum(quote, dtype=np.uint8) + quotes % 2) & 1 == 0
            quotes += len(at)
        elif quotes % 2:
            continue  # within a quote from end to end
        marked = np.flatnonzero(marks)
        last = np.flatnonzero(breaks[marked])
        ends.append(start + marked[last] + 1)
        separators.append(seen + last)
        seen += len(marked)
    end, before = np.concatenate(ends), np.concatenate(separators)
    if not len(end) or end[-1] < len(text):
        end, before = np.append(end, len(text)), np.append(before, seen)
    return end, np.diff(before - np.arange(len(before)), prepend=0) + 1, sound and quotes % 2 == 0


def _quotes(raw: bytes, separator: str) -> bool:
    """Whether a file of accounting entries was saved again by a program that quotes, as spreadsheets do with "1200,00" between commas."""
    return separator in SPREADSHEET and b'"' in raw and _fields(raw, separator)[2]


def split(raw: bytes, separator: str, name: str, caps: Caps = CAPS) -> tuple[pd.DataFrame, np.ndarray]:
    """Records and fields of a text, in order: those of the usual length in one sweep, the others one by one. Raises LedgerError for too many."""
    if b'"' not in raw and (even := _even(raw, separator, name, caps)) is not None:
        return trimmed(even), np.full(len(even), even.shape[1])
    ends, fields, sound = _fields(raw, separator)
    if not sound:
        return _split_carefully(raw, separator)
    try:
        return _swept(raw, separator, ends, fields, name, caps)
    except pa.ArrowInvalid:  # a quoted field longer than the sweep looks at once
        return _split_carefully(raw, separator)


def _even(raw: bytes, separator: str, name: str, caps: Caps) -> pd.DataFrame | None:
    """All records of a text without quotes that all have as many fields as the first; None when they do not."""
    width, tall = raw[: raw.find(b"\n") if b"\n" in raw else len(raw)].count(separator.encode()) + 1, counted(raw, b"\n") + (not raw.endswith(b"\n"))
    if width == 1 or counted(raw, separator.encode()) != (width - 1) * tall:
        return None
    _check_size(width, tall, name, caps)
    try:
        return _table(raw, separator, width, tall, quote=False)
    except pa.ArrowInvalid:
        return None


def _check_size(width: int, tall: int, name: str, caps: Caps) -> None:
    """Raise LedgerError for more columns or cells than are read."""
    if width > MOST_FIELDS:
        raise LedgerError(f"{name} has {width:,} columns; at most {MOST_FIELDS:,} are read. Export the columns of the open items only.")
    if width * tall > caps.cells:
        raise LedgerError(f"{name} has {width * tall:,} cells; at most {caps.cells:,} are read (setting Largest sheet). Export open items only.")


def _table(body: bytes, separator: str, width: int, tall: int, *, quote: bool) -> pd.DataFrame:
    """`tall` records of one length by the fast reader. Raises ArrowInvalid when one is longer or shorter."""
    broken = quote and counted(body, b"\n") > tall  # line breaks within quotes keep the reader from working on several parts at once
    table = pyarrow.csv.read_csv(
        pa.BufferReader(body),
        pyarrow.csv.ReadOptions(column_names=[str(i) for i in range(width)], block_size=1 << 26),
        pyarrow.csv.ParseOptions(delimiter=separator, quote_char='"' if quote else False, newlines_in_values=broken, ignore_empty_lines=False),
        pyarrow.csv.ConvertOptions(column_types={str(i): pa.large_string() for i in range(width)}, strings_can_be_null=False),
    )
    return pd.DataFrame({at: pd.Series(table.column(at), dtype="str") for at in range(width)})  # as pandas keeps texts itself: nothing is copied


def split_entries(raw: bytes, separator: str, headings: list[str], name: str, caps: Caps = CAPS) -> tuple[pd.DataFrame, np.ndarray, list[Finding]]:
    """As `split`, for a file of accounting entries (FEC): nothing is quoted there, so that a separator may stand within the text of an entry.

    Such a line has more fields than there are headings: the surplus goes back into the text, and a finding says so.
    """
    ends, fields, _ = _fields(raw, separator, quoted=False)
    at = headings.index("ecriturelib")
    amount = next((headings.index(word) for word in ("debit", "montant") if word in headings), at + 1)
    rejoined: list[int] = []

    def whole(line: list[str], number: int) -> list[str]:
        surplus = len(line) - len(headings)
        shifted = surplus > 0 and AMOUNT.fullmatch(line[amount + surplus].strip()) and not AMOUNT.fullmatch(line[amount].strip() or "0")
        if not shifted and not (surplus > 0 and any(line[len(headings) :])):
            return line
        rejoined.append(number)
        return [*line[:at], separator.join(line[at : at + surplus + 1]), *line[at + surplus + 1 :]]

    cells, fields = _swept(raw, separator, ends, fields, name, caps, whole)
    if not rejoined:
        return cells, fields, []
    fields = fields.copy()
    fields[np.array(rejoined) - 1] = len(headings)
    return cells, fields, [Finding("export_rejoined", Severity.WARNING, place=name, values={"count": len(rejoined), "rows": first_few(rejoined)})]


def _swept(
    raw: bytes,
    separator: str,
    ends: np.ndarray,
    fields: np.ndarray,
    name: str,
    caps: Caps,
    whole: Callable[[list[str], int], list[str]] | None = None,
) -> tuple[pd.DataFrame, np.ndarray]:
    """The records of the usual length by the fast reader; of the others, each by itself, `whole` may make another of fields and number."""
    starts = np.append(0, ends[:-1])
    lengths, often = np.unique(fields, return_counts=True)
    width = int(lengths[np.argmax(lengths * often)])
    _check_size(width, len(ends), name, caps)
    usual = fields == width
    odd = np.flatnonzero(~usual)
    body = raw
    if len(odd):
        body = np.frombuffer(raw, dtype=np.uint8)[np.repeat(usual, ends - starts)].tobytes()
    cells = _table(body, separator, width, int(np.count_nonzero(usual)), quote=not whole)
    if len(odd):
        cells.index = np.flatnonzero(usual)
        texts = [raw[starts[i] : ends[i]].decode("utf-8") for i in odd]
        if whole:
            lines = [whole(line.rstrip("\n").split(separator), int(i) + 1)[:MOST_FIELDS] for i, line in zip(odd, texts, strict=True)]
        else:
            csv.field_size_limit(1 << 20)
            lines = [next(csv.reader(io.StringIO(line), delimiter=separator), [])[:MOST_FIELDS] for line in texts]
        cells = pd.concat([cells, _padded(lines, odd)]).sort_index().reset_index(drop=True)
    return trimmed(cells), fields


def _split_carefully(raw: bytes, separator: str) -> tuple[pd.DataFrame, np.ndarray]:
    """For texts with a quote in the middle of a field or one that is never closed: such a quote damages its own row only (`UNCLOSED`)."""
    text = raw.decode("utf-8")
    bare, ends = re.compile(rf"[^{re.escape(separator)}\n]*"), (separator, "\n", "")
    records, fields = list[list[str]](), list[int]()
    at, damaged = 0, 0
    while at < len(text):
        record, sound, end = list[str](), True, separator
        while end == separator:
            quoted = QUOTED.match(text, at, at + LONGEST_QUOTE) if text[at : at + 1] == '"' and damaged < MOST_DAMAGED else None
            if quoted and text[quoted.end() : quoted.end() + 1] in ends:
                record.append(quoted["inner"].replace('""', '"'))
                at = quoted.end()
            else:
                found = bare.match(text, at)
                assert found  # a field may be empty
                record.append(_unquoted(found[0]))
                sound &= not found[0].startswith('"') or found[0].count('"') % 2 == 0
                at = found.end()
            end = text[at : at + 1]
            at += 1
        records.append(record[:MOST_FIELDS])
        fields.append(len(record) if sound else UNCLOSED)
        damaged += not sound
    return trimmed(_padded(records, np.arange(len(records)))), np.array(fields)


def _unquoted(field: str) -> str:
    """A field without the quotes around it, whatever quotes stand in it."""
    return field[1:-1] if len(field) > 1 and field[0] == field[-1] == '"' else field


def _padded(records: list[list[str]], at: np.ndarray) -> pd.DataFrame:
    width = max(map(len, records), default=0)
    return pd.DataFrame([[*record, *[""] * (width - len(record))] for record in records], index=at, columns=range(width), dtype="str")
