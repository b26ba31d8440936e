"""Cells as they stand in the XML of a sheet: where they are in an old one, and how new ones are written, whole columns at a time."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from openpyxl.formula.translate import Translator, TranslatorError

from workbook.cells import Cells

STYLE = re.compile(r'\bs="(\d+)"')
FORMULA = re.compile(r"<f\b([^>]*?)(?:/>|>(.*?)</f>)", re.S)
_TENS = 10 ** np.arange(1, 8)
_STYLED, _TYPED = (int.from_bytes(word, "little") for word in (b' s="', b' t="'))
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


class Marks:
    """Where the rows and cells of a piece of a sheet begin and end, and their numbers; found for all of them at once."""

    def __init__(self, block: bytes) -> None:
        self._block = block + bytes(64)
        self._text = text = np.frombuffer(self._block, np.uint8)
        tags = np.flatnonzero(text == ord("<"))
        first, second = text[tags + 1], text[tags + 2]
        self.rows = tags[(first == ord("r")) & (second == ord("o"))]
        self.cells = tags[(first == ord("c")) & (second == ord(" "))]
        closings = tags[(first == ord("/")) & (second == ord("r")) & (text[tags + 3] == ord("o"))]
        self.sound = b"<!" not in block and not block[: self.rows[0] if len(self.rows) else len(block)].strip()
        self.sound &= _all_begin(text, self.rows, 5, b'r="') and _all_begin(text, self.cells, 3, b'r="')
        if not self.sound:
            return
        self.numbers = np.array([int(block[at + 8 : block.index(b'"', at + 8)]) for at in self.rows.tolist()], np.int64)
        self.row_ends = np.append(self.rows[1:], len(block))
        stops = np.sort(np.concatenate([self.cells, self.rows, closings, [len(block)]]))
        self.cell_ends = stops[np.searchsorted(stops, self.cells) + 1]
        self.row_of_cell = np.searchsorted(self.rows, self.cells) - 1
        self.columns = np.zeros(len(self.cells), np.int64)
        for step in range(6, 9):
            letter = text[self.cells + step]
            self.columns = np.where((letter >= ord("A")) & (letter <= ord("Z")), self.columns * 26 + letter - 64, self.columns)

    def styles(self, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
        """The style id of the chosen cells; 0 for a cell that names none."""
        columns, rows = self.columns[chosen], self.numbers[self.row_of_cell[chosen]]
        starts = self.cells[chosen]
        at = starts + 8 + (columns > 26) + (columns > 702) + np.searchsorted(_TENS, rows, "right")
        closed = self._text[at] == ord('"')
        words = self._eight(at)
        typed = np.flatnonzero(words & 0xFFFFFFFF == _TYPED)
        if len(typed):  # the type of the cell stands before its style
            for length in (1, 3, 9):  # of s, str, inlineStr
                at[typed] += np.where(self._text[at[typed] + 5 + length] == ord('"'), 5 + length, 0)
                typed = typed[words[typed] == self._eight(at[typed])]
            words = self._eight(at)
        letters = words.view(np.uint8).reshape(-1, 8).T.copy()
        figures = (letters[4:] >= 48) & (letters[4:] <= 57)
        one, two, three = (f for f in figures[:3])
        value = letters[4:7].astype(np.int32) - 48
        found = np.where(three & two, value[0] * 100 + value[1] * 10 + value[2], np.where(two, value[0] * 10 + value[1], value[0]))
        end = letters[4:][np.where(two, np.where(three, 3, 2), 1), np.arange(len(at))]
        styled = closed & (words & 0xFFFFFFFF == _STYLED) & one & (end == ord('"'))
        bare = closed & ((letters[0] == ord(">")) | (letters[0] == ord("/")))
        found[bare] = 0
        for n in np.flatnonzero(~(styled | bare)).tolist():
            named = STYLE.search(self._block[starts[n] : self._block.index(b">", starts[n])].decode())
            found[n] = int(named[1]) if named else 0
        return found

    def _eight(self, quotes: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """The eight letters behind each of these places, as one number each."""
        eights: npt.NDArray[Any] = np.ndarray(len(self._block) - 7, "<u8", self._block, strides=1)
        return eights[quotes + 1]


def _all_begin(text: npt.NDArray[np.uint8], places: npt.NDArray[np.int64], after: int, word: bytes) -> bool:
    return all(bool((text[places + n] == letter).all()) for n, letter in enumerate(word, after))


class Line:
    """The pieces of a line of XML, each a constant or an array with one piece per row; constants side by side are one."""

    def __init__(self) -> None:
        self.pieces: list[Any] = []

    def add(self, *pieces: Any) -> None:
        """More of the line."""
        for piece in pieces:
            if isinstance(piece, str) and self.pieces and isinstance(self.pieces[-1], str):
                self.pieces[-1] += piece
            else:
                self.pieces.append(piece)

    def joined(self) -> memoryview:
        """All lines one after another, as they lie in the buffer of the array that Arrow made of them."""
        pieces = [pa.scalar(p, pa.large_string()) if isinstance(p, str) else p for p in self.pieces]
        lines = pc.binary_join_element_wise(*pieces, pa.scalar("", pa.large_string()))
        _, offsets, content = lines.buffers()
        return memoryview(content)[: int(np.frombuffer(offsets, "int64")[len(lines)])]


def translated(formula: str, source: str, target: str) -> str:
    """The formula of cell `source` as it is in cell `target`: relative references move along; one that leaves the sheet is lost, as in Excel."""
    try:
        return formula if source == target else Translator("=" + formula, origin=source).translate_formula(target)[1:]
    except TranslatorError:
        return "#REF!"


def _text(value: str) -> str:
    """A text as it stands in XML: Excel reads `_x000D_` as a carriage return, so a literal one has its underscore written so."""
    return escape(_ESCAPED.sub("_x005F_", value)).replace("\r", "_x000D_")


def of_cells(cells: Cells) -> Callable[[int, int], list[Any]]:
    """The pieces of the cells of a filled column, from behind their style on; a text is never anything but a text, whatever it begins with."""
    coded = isinstance(cells.text, pa.DictionaryArray)
    space = ' xml:space="preserve"' if not cells.number and _spaced(cells.text.dictionary if coded else cells.text) else ""
    opening, closing = ("><v>", "</v></c>") if cells.number else (f' t="inlineStr"><is><t{space}>', "</t></is></c>")
    if coded:
        words = pa.array([opening + _text(w) + closing for w in cells.text.dictionary.to_pylist()] + ["/>"], pa.large_string())
        codes = pc.fill_null(pc.cast(cells.text.indices, pa.int64()), len(words) - 1)
        return lambda low, high: [words.take(codes[low:high])]
    text = cells.text if cells.number else _texts(cells.text)

    def of(low: int, high: int) -> list[Any]:
        part = text[low:high]
        if not part.null_count:
            return [opening, part, closing]
        whole = pc.binary_join_element_wise(*(pa.scalar(p, pa.large_string()) if isinstance(p, str) else p for p in (opening, part, closing, "")))
        return [pc.fill_null(whole, "/>")]

    return of


def _spaced(text: pa.Array) -> bool:
    """Whether a text begins or ends with white space, which readers drop unless told otherwise."""
    lengths = pc.binary_length(text), pc.binary_length(pc.ascii_trim_whitespace(text))
    return pc.any(pc.not_equal(*lengths)).as_py() is True


def _texts(text: pa.Array) -> pa.Array:
    """A column of texts as they stand in XML; columns without special characters are not copied."""
    content = text.buffers()[2]
    plain = content.to_pybytes() if content is not None else b""
    for found, instead in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        if found.encode() in plain:
            text = pc.replace_substring(text, found, instead)
    if b"_x" in plain:
        masked = pc.fill_null(pc.match_substring_regex(text, "_x[0-9A-Fa-f]{4}_"), False)
        text = pc.replace_with_mask(text, masked, pa.array([_ESCAPED.sub("_x005F_", t) for t in text.filter(masked).to_pylist()], text.type))
    return pc.replace_substring(text, "\r", "_x000D_") if b"\r" in plain else text


def with_value(cell: str, value: str | int | float) -> str:
    """A single cell (from behind the row number of its reference on) with another value; a formula stays."""
    start = cell.index(">")
    opening = re.sub(r'\st="[^"]*"', "", cell[:start].rstrip("/"))
    formula = FORMULA.search(cell)
    if formula:
        kind, content = (' t="str"', _text(value)) if isinstance(value, str) else ("", f"{value}")
        return f"{opening}{kind}>{formula[0]}<v>{content}</v></c>"
    if isinstance(value, str):
        return f'{opening} t="inlineStr"><is><t xml:space="preserve">{_text(value)}</t></is></c>' if value else f"{opening}/>"
    return f"{opening}><v>{value}</v></c>"
