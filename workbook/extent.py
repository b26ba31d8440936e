"""How far the cells of a sheet reach and how many there are, counted in pieces of its XML without a parser.

Whole-column on the bytes: a million rows are looked at in the time it takes to unpack them.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt

MAX_GRID = 100_000_000  # cells between the first and the last of a sheet: about 3 GB in the reader
SPARSE_GRID = 10_000_000  # a grid up to this size may be as empty as it likes,
SPARSENESS = 10  # a larger one has at most so many places for each cell
FAR = 1 << 40  # the row of a coordinate that is none
CELL = re.compile(rb"<(?:[\w.-]+:)?(row|c)[\s/>]")
SPACED = re.compile(rb" r *= *\"")
PREFIXED = re.compile(rb"<[^<>\s]*:(?:row|c)[\s/>]")
COORDINATE = re.compile(rb"(?<![\w.:\x80-\xff-])r=")
SPACED_COORDINATE = re.compile(rb"(?<![\w.:\x80-\xff-])r\s+=")
PLAIN = bytes.maketrans(b"\t\r\n'", b'   "')
NAMED, NAMED_ROW, OW = (int.from_bytes(word, "little") for word in (b' r="', b'<row r="', b"ow"))


class Extent:
    """How far the cells of one sheet reach, and how many there are; fed with pieces of its XML that end before a tag; at most `most` places."""

    def __init__(self, most: int = MAX_GRID) -> None:
        self.most = most
        self.rows = self.columns = self.cells = 0
        self.in_sheet, self._regular = False, True
        self._row_tags = self._in_row = 0

    def add(self, xml: bytes) -> None:
        """Count the cells of a piece."""
        self.in_sheet = self.in_sheet or b"sheetData" in xml
        if not self.in_sheet:
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

    def places(self) -> int:
        """How many cells there could be between the first and the last."""
        return self.rows * self.columns

    def sensible(self) -> bool:
        """Whether a reader that allocates the whole rectangle would stay within reason."""
        return sensible(self.places(), self.cells, self.most)


def sensible(places: int, cells: int, most: int) -> bool:
    """Whether so many places are within reason for so many cells: few places may be empty as they like, many must be used."""
    return places <= min(most, max(SPARSE_GRID, SPARSENESS * cells))


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
