"""What a container holds before anything is understood: the records of a table in order, all of them text."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from rules.findings import Finding
from rules.model import Severity
from workbook.ledgers.whole import edged, extremes, holds

NO_WIDTH = f"{chr(0x200B)}{chr(0x2060)}{chr(0xFEFF)}"
CONTROL = f"[{chr(1)}-{chr(8)}{chr(11)}{chr(12)}{chr(14)}-{chr(31)}{chr(127)}{chr(0xFFFE)}{chr(0xFFFF)}{NO_WIDTH}]"
UNCLOSED = 0  # fields of a record in which a quote is never closed: where one ends is not known
GARBLED = "[ÃÂâ]."  # how UTF-8 looks that was read as Windows-1252: Ã©, Â°, â€™


@dataclass(frozen=True)
class Grid:
    """All records of an export as text, before anything is understood.

    `cells`: columns 0, 1, 2 …, blank text for an empty cell, cells trimmed; `fields`: how many fields each record has, or `UNCLOSED`; `numbers`: the
    row the user sees. `sheet` is "" where cells are what somebody printed (text, web pages), and names the sheet where cells are typed: dates in ISO
    order, numbers with a point. `encoding` and `separator` are "" for sheets. `member`: the file inside a zip. `numeric`: columns of a sheet in which
    everything that looks like thousands (1.234) is a number. `long`: column -> records whose cell is a number with more figures than a sheet keeps.
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
    member: str = ""
    numeric: frozenset[int] = frozenset()
    long: Mapping[int, frozenset[int]] = field(default_factory=dict[int, frozenset[int]])

    @property
    def file(self) -> str:
        """The name of the export."""
        return self.path.name

    @property
    def origin(self) -> str:
        """What stands before the number of a row where the user is told about it: `Sheet1!` or `ledger.csv row `."""
        inside = f"{self.member}, " if self.member else ""
        return f"{inside}{self.sheet}!" if self.sheet else f"{self.member or self.file} row "

    def place(self, row: int) -> str:
        """Where the user finds the record at position `row`."""
        return f"{self.origin}{self.numbers[row]}"

    def lines_above(self, row: int) -> list[str]:
        """The records above the one at position `row` that hold something, each as one line of text."""
        return [" ".join(str(c) for c in cells if c) for cells in self.cells.iloc[:row].itertuples(index=False) if any(cells)]


def trimmed(cells: pd.DataFrame) -> pd.DataFrame:
    """All cells as text without blanks around them; an empty cell is "". `="0012"`, a spreadsheet's way to keep zeros, is 0012."""
    with ThreadPoolExecutor() as threads:
        made = threads.map(_trimmed, [cells[column] for column in cells])
        return pd.DataFrame(dict(zip(cells, made, strict=True)), index=cells.index)


def _trimmed(column: pd.Series) -> pd.Series:
    text = column.astype("str").fillna("")
    text = text.str.strip() if edged(text) else text
    return text.str.replace(r'^="([^"]*)"$', r"\1", regex=True) if holds(text, b'="') else text


def cleaned(cells: pd.DataFrame, place: str) -> tuple[pd.DataFrame, list[Finding]]:
    """The cells without characters that cannot be typed, and what was noticed about their letters."""
    count, wrong = 0, 0
    sample = ("", "")
    for column in cells:
        text = cells[column]
        controls, garbled = _suspicious(text)
        if controls and (hit := text.str.contains(CONTROL)).any():
            count += int(hit.sum())
            cells[column] = text = text.str.replace(CONTROL, "", regex=True)
        if garbled and (hit := text.str.contains(GARBLED)).any() and (pairs := [pair for cell in text[hit] if (pair := misread(cell))]):
            wrong, sample = wrong + len(pairs), sample if wrong else pairs[0]
    found: list[Finding] = []
    if count:
        found.append(Finding("export_controls", Severity.WARNING, place=place, values={"count": count}))
    if wrong:
        found.append(Finding("export_misread", Severity.WARNING, place=place, values={"count": wrong, "sample": sample[0], "meant": sample[1]}))
    return cells, found


def _suspicious(text: pd.Series) -> tuple[bool, bool]:
    """Whether the bytes of a column may hold control characters, and letters that were decoded twice: most columns hold neither."""
    least, most = extremes(text)
    if least >= ord(" ") and most < 0x7F:
        return False, False
    return least < ord(" ") or holds(text, b"\x7f", b"\xef\xbf", *(c.encode() for c in NO_WIDTH)), holds(text, b"\xc3\x83", b"\xc3\x82", b"\xc3\xa2")


def misread(text: str) -> tuple[str, str] | None:
    """A word whose letters were decoded twice (FranÃ§ois) with what was meant (François); None when there is none."""
    for word in text.split():
        for encoding in ("cp1252", "latin-1"):
            try:
                meant = word.encode(encoding).decode("utf-8")
            except UnicodeError:
                continue
            if meant != word:
                return word, meant
    return None
