"""A text cut into records and fields: records of one length together, by the fast reader; those that are damaged or rare one by one.

Quotes are looked at line by line where they are not sound throughout, so that one that is closed nowhere, or in another row, damages its row only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from rules.errors import LedgerError
from rules.findings import Finding
from rules.model import Severity
from rules.written import first_few
from workbook.guard import Caps
from workbook.ledgers.containers.letters import counted
from workbook.ledgers.grid import UNCLOSED, trimmed
from workbook.ledgers.whole import PART

MOST_FIELDS = 1_000
KEPT_FIELDS = 64  # of a record longer than the others so many fields are kept, or twice the usual number
RARE = 100  # so many records of one length, at most, are cut one by one
BREAK, QUOTE = ord("\n"), ord('"')
LONGEST_QUOTE = 1 << 14  # bytes of a quoted field; more is a quote that was never closed
LONGEST_RECORD = 1 << 20  # bytes; more is no line of a list
QUOTED = re.compile(rb'"(?P<inner>[^"]*(?:""[^"]*)*)"')
MOST_DAMAGED = 1_000  # rows with a quote that is never closed; in a text with more of them an unsound row does not quote
AMOUNT = re.compile(r"[+-]?[0-9][0-9 .,]*[+-]?")

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Records:
    """Where each record ends (after its line break), how many fields it has or `UNCLOSED`, and whether quotes quote in it.

    `cut`: position of a record -> its fields, for those that are cut already.
    """

    ends: Numbers
    fields: Numbers
    quoted: Flags
    cut: Mapping[int, list[str]]


def counts(raw: bytes, separator: str, *, quoted: bool = True) -> tuple[Numbers, Numbers, bool]:
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


def split(raw: bytes, separator: str, name: str, caps: Caps) -> tuple[pd.DataFrame, Numbers]:
    """The fields of a text, a row for each record, and how many each has. Raises LedgerError for too many."""
    _check_size(2, counted(raw, b"\n"), name, caps)
    if b'"' not in raw and (even := _even(raw, separator, name, caps)) is not None:
        return trimmed(even), np.full(len(even), even.shape[1])
    ends, fields, sound = counts(raw, separator)
    if sound and not _swallowing(raw, separator, ends, _usual(fields)):
        records = Records(ends, fields, np.full(len(ends), b'"' in raw), {})
    else:
        records = _line_by_line(raw, separator)
    return _gathered(raw, separator, records, name, caps), records.fields


def split_entries(raw: bytes, separator: str, headings: list[str], name: str, caps: Caps) -> tuple[pd.DataFrame, Numbers, list[Finding]]:
    """As `split`, for a file of accounting entries (FEC): nothing is quoted there, so that a separator may stand within the text of an entry.

    Such a line has more fields than there are headings: the surplus goes back into the text, and a finding says so.
    """
    ends, fields, _ = counts(raw, separator, quoted=False)
    at = headings.index("ecriturelib")
    amount = next((headings.index(word) for word in ("debit", "montant") if word in headings), at + 1)
    cut, rejoined = dict[int, list[str]](), list[int]()
    for row in np.flatnonzero((fields > len(headings)) & (fields != _usual(fields))).tolist():
        line = _alone(raw, ends, row, separator, 0, quoted=False)
        surplus = len(line) - len(headings)
        shifted = AMOUNT.fullmatch(line[amount + surplus].strip()) and not AMOUNT.fullmatch(line[amount].strip() or "0")
        if shifted or any(line[len(headings) :]):
            line = [*line[:at], separator.join(line[at : at + surplus + 1]), *line[at + surplus + 1 :]]
            rejoined.append(row)
        cut[row] = line
    cells = _gathered(raw, separator, Records(ends, fields, np.zeros(len(ends), bool), cut), name, caps)
    if not rejoined:
        return cells, fields, []
    fields[rejoined] = len(headings)
    rows = first_few([row + 1 for row in rejoined])
    return cells, fields, [Finding("export_rejoined", Severity.WARNING, place=name, values={"count": len(rejoined), "rows": rows})]


def _even(raw: bytes, separator: str, name: str, caps: Caps) -> pd.DataFrame | None:
    """All records of a text without quotes that all have as many fields as the first; None when they do not."""
    width, tall = raw[: raw.find(b"\n") if b"\n" in raw else len(raw)].count(separator.encode()) + 1, counted(raw, b"\n") + (not raw.endswith(b"\n"))
    if width == 1 or counted(raw, separator.encode()) != (width - 1) * tall:
        return None
    _check_size(width, tall, name, caps)
    try:
        return _table(raw, separator, width, tall, quoted=False)
    except pa.ArrowInvalid:
        return None


def _check_size(width: int, tall: int, name: str, caps: Caps) -> None:
    """Raise LedgerError for more columns or cells than are read."""
    if width > MOST_FIELDS:
        raise LedgerError(f"{name} has {width:,} columns; at most {MOST_FIELDS:,} are read. Export the columns of the open items only.")
    if width * tall > caps.cells:
        raise LedgerError(f"{name} has {width * tall:,} cells; at most {caps.cells:,} are read (setting Largest sheet). Export open items only.")


def _table(body: bytes, separator: str, width: int, tall: int, *, quoted: bool) -> pd.DataFrame:
    """`tall` records of one length by the fast reader. Raises ArrowInvalid when one is longer or shorter."""
    broken = quoted and counted(body, b"\n") > tall  # line breaks within quotes keep the reader from working on several parts at once
    table = pyarrow.csv.read_csv(
        pa.BufferReader(body),
        pyarrow.csv.ReadOptions(column_names=[str(i) for i in range(width)], block_size=1 << 26),
        pyarrow.csv.ParseOptions(delimiter=separator, quote_char='"' if quoted else False, newlines_in_values=broken, ignore_empty_lines=False),
        pyarrow.csv.ConvertOptions(column_types={str(i): pa.large_string() for i in range(width)}, strings_can_be_null=False),
    )
    return pd.DataFrame({at: pd.Series(table.column(at), dtype="str") for at in range(width)})  # as pandas keeps texts itself: nothing is copied


def _swallowing(raw: bytes, separator: str, ends: Numbers, width: int) -> bool:
    """Whether a record of several lines is made of lines that each have all fields of one: two quotes that belong to two rows would swallow them."""
    if counted(raw, b"\n") <= len(ends):
        return False
    lines, fields, _ = counts(raw, separator, quoted=False)
    record = np.searchsorted(ends, lines)
    held, whole = np.bincount(record), np.bincount(record, weights=fields == width)
    return bool(((held > 1) & (whole * 2 > held)).any())


def _line_by_line(raw: bytes, separator: str) -> Records:
    """The records of a text whose quotes are not sound throughout: those of lines without a quoted field or with sound ones are lines."""
    ends, fields, quoted, doubtful = _lines(raw, separator)
    starts, first, cut = np.append(0, ends[:-1]), np.ones(len(ends), bool), dict[int, list[str]]()
    damaged, end, width = 0, 0, _usual(fields)
    for line in np.flatnonzero(doubtful).tolist():
        if starts[line] < end:
            continue
        cut[line], end, sound = _record(raw, int(starts[line]), separator, width, quoted=damaged < MOST_DAMAGED)
        fields[line] = len(cut[line]) if sound else UNCLOSED
        damaged += not sound
        if end > ends[line]:  # the record goes on in the next lines
            last = int(np.searchsorted(ends, end))
            ends[line], first[line + 1 : last + 1] = ends[last], False
    places = np.cumsum(first) - 1
    return Records(ends[first], fields[first], quoted[first], {int(places[line]): found for line, found in cut.items()})


def _lines(raw: bytes, separator: str) -> tuple[Numbers, Numbers, Flags, Flags]:
    """Of each line its end, the number of its fields, whether one is quoted, and whether its quotes are not sound; whole-column, in parts."""
    edge = np.zeros(256, bool)
    edge[[BREAK, ord(separator), QUOTE]] = True
    parts = list[tuple[npt.NDArray[Any], ...]]()
    start = 0
    while start < len(raw):
        stop = raw.find(b"\n", start + PART) + 1 or len(raw)
        text = np.frombuffer(b"\n" + raw[start:stop] + (b"" if raw[stop - 1] == BREAK else b"\n"), np.uint8)
        breaks, quotes, between = (np.flatnonzero(text == mark) for mark in (BREAK, QUOTE, ord(separator)))
        line, of = np.searchsorted(breaks, quotes) - 1, np.searchsorted(breaks, between) - 1
        before = np.searchsorted(quotes, breaks)  # quotes before each line
        opens = (np.arange(len(quotes)) - before[line]) % 2 == 0
        odd = np.where(opens, ~edge[text[quotes - 1]], ~edge[text[quotes + 1]])
        quoted = _any(line[(text[quotes - 1] == BREAK) | (text[quotes - 1] == ord(separator))], len(breaks) - 1)
        within = quoted[of] & ((np.searchsorted(quotes, between) - before[of]) % 2 == 1)
        fields = np.bincount(of[~within], minlength=len(breaks) - 1) + 1
        doubtful = quoted & (_any(line[odd], len(breaks) - 1) | (np.diff(before) % 2 == 1))
        parts.append((np.minimum(start + breaks[1:], len(raw)), fields, quoted, doubtful))
        start = stop
    ends, fields, quoted, doubtful = (np.concatenate(some) for some in zip(*parts, strict=True))
    return ends, fields, quoted, doubtful


def _any(lines: Numbers, many: int) -> Flags:
    """Which of so many lines are among `lines`."""
    found = np.zeros(many, bool)
    found[lines] = True
    return found


def _record(raw: bytes, start: int, separator: str, width: int, *, quoted: bool) -> tuple[list[str], int, bool]:
    """The fields of the record at `start`, where it ends, and whether all its quotes are closed.

    It reads on over lines while quoted, but for lines most of which have the `width` of a record by themselves.
    """
    at, between = start, separator.encode()

    def swallows(end: int) -> bool:
        line_end = raw.find(b"\n", end)
        lines = raw[start : line_end if line_end >= 0 else len(raw)].split(b"\n")
        return len(lines) > 1 and sum(line.count(between) + 1 == width for line in lines) * 2 > len(lines)

    bare = re.compile(rb"[^" + re.escape(between) + rb"\n]*")
    record, sound, end = list[str](), True, between
    while end == between:
        found = QUOTED.match(raw, at, at + LONGEST_QUOTE) if quoted and raw[at : at + 1] == b'"' else None
        if found and raw[found.end() : found.end() + 1] in (between, b"\n", b"") and not swallows(found.end()):
            field = found["inner"].replace(b'""', b'"')
        else:
            found = bare.match(raw, at)
            assert found  # a field may be empty
            field = found[0]
            sound &= not field.startswith(b'"') or field.count(b'"') % 2 == 0
            if len(field) > 1 and field[:1] == field[-1:] == b'"':
                field = field[1:-1]
        record.append(field.decode("utf-8"))
        at, end = found.end() + 1, raw[found.end() : found.end() + 1]
    return record, min(at, len(raw)), sound


def _gathered(raw: bytes, separator: str, records: Records, name: str, caps: Caps) -> pd.DataFrame:
    """The fields of all records in order: those of one length together, rare ones and those much longer than usual each by itself."""
    ends, fields, quoted = records.ends, records.fields, records.quoted
    width = _usual(fields)
    _check_size(width, len(ends), name, caps)
    letters = np.diff(ends, prepend=0)
    if (longest := int(letters.max())) > LONGEST_RECORD:
        raise LedgerError(
            f"{name} row {int(letters.argmax()) + 1} has {longest:,} letters: it is no line of a list, or a quotation mark is not closed."
            " Export it again; nothing was changed."
        )
    most = min(max(2 * width, KEPT_FIELDS), MOST_FIELDS)
    lengths, often = np.unique(fields, return_counts=True)
    together = np.isin(fields, [width, *lengths[(often > RARE) & (lengths <= most)]])
    together[list(records.cut)] = False
    tables = list[pd.DataFrame]()
    for length in np.unique(fields[together]).tolist():
        for quote in (False, True):
            alike = together & (fields == length) & (quoted == quote)
            if (tall := int(np.count_nonzero(alike))) == 0:
                continue
            body = raw if tall == len(ends) else np.frombuffer(raw, np.uint8)[np.repeat(alike, letters)].tobytes()
            try:
                tables.append(_table(body, separator, length, tall, quoted=quote).set_index(np.flatnonzero(alike)))
            except pa.ArrowInvalid:
                together &= ~alike
    if apart := np.flatnonzero(~together).tolist():
        lines = [records.cut.get(row) or _alone(raw, ends, row, separator, width, quoted=bool(quoted[row])) for row in apart]
        wide = min(max(map(len, lines)), most)
        tables.append(pd.DataFrame([[*line[:wide], *[""] * (wide - len(line))] for line in lines], index=apart, dtype="str"))
    return trimmed(tables[0] if len(tables) == 1 else pd.concat(tables).sort_index().reset_index(drop=True))


def _usual(fields: Numbers) -> int:
    """The number of fields of the records that hold most of them."""
    lengths, often = np.unique(fields, return_counts=True)
    return int(lengths[np.argmax(lengths * often)])


def _alone(raw: bytes, ends: Numbers, row: int, separator: str, width: int, *, quoted: bool) -> list[str]:
    """The fields of one record."""
    text = raw[ends[row - 1] if row else 0 : ends[row]]
    return _record(text, 0, separator, width, quoted=quoted)[0] if quoted else text.removesuffix(b"\n").decode("utf-8").split(separator)
