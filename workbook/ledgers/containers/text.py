"""Text exports: encoding, separator and quoting are found in the content; out come records of text."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from rules.errors import LedgerError
from workbook.guard import CAPS, Caps
from workbook.ledgers.containers import printed, records
from workbook.ledgers.containers.letters import decoded
from workbook.ledgers.grid import Grid, cleaned

SEPARATORS = (";", ",", "\t", "|")
SPREADSHEET = (";", ",")  # between fields that a spreadsheet saves, quoting those that need it
SAMPLE = 1 << 18  # bytes on which separator and code page are decided
WRAPPED = re.compile(rb'^"(?P<inner>[^"\n]*(?:""[^"\n]*)*)"$', re.MULTILINE)  # a line that is one quoted field
SEP_LINE = re.compile(rb"\A\s*\"?sep=(.)\"?\s*\n", re.IGNORECASE)
ENTRIES = {"journalcode", "ecriturenum", "comptenum", "ecriturelib"}  # headings by which a French file of accounting entries is known
TREASURY = re.compile(rb"FIC.{5}[A-Z]{3}.{4}[ 0-9]{13}[.,][0-9]{2}[A-Z]{3}[0-3][0-9][01][0-9](?:19|20)[0-9]{2}")  # Sage X3 EXPCASDUD


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
            cells, fields, rejoined = records.split_entries(raw, separator, entries, path.name, caps)
            findings += rejoined
        else:
            cells, fields = records.split(raw, separator, path.name, caps)
    if not raw.isascii():  # no control character is left here, so that letters decoded twice are all there is to clean
        cells, found = cleaned(cells, path.name)
        findings += found
    return Grid(path, container, cells, fields, np.arange(1, len(cells) + 1), encoding, separator, findings=findings)


def _unwrapped(raw: bytes) -> bytes:
    """A text in which whole lines were quoted once more, as a spreadsheet saves lines that it held in one column: without these quotes."""
    if not raw.startswith(b'"') or not WRAPPED.match(raw) or any((records.counts(raw[:SAMPLE], s)[1] > 1).any() for s in SEPARATORS):
        return raw
    return WRAPPED.sub(lambda line: line["inner"].replace(b'""', b'"'), raw)


def _separator(sample: bytes, name: str) -> str:
    """The separator under which most of the sample stands in records of one length."""
    best, cells = "", 0
    for separator in SEPARATORS:
        counts = records.counts(sample, separator)[1]
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


def _quotes(raw: bytes, separator: str) -> bool:
    """Whether a file of accounting entries was saved again by a program that quotes, as spreadsheets do with "1200,00" between commas."""
    return separator in SPREADSHEET and b'"' in raw and records.counts(raw, separator)[2]
