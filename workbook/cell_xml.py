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
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


class Marks:
    """Where the rows and cells of a piece of a sheet begin and end, and their numbers; found for all of them at once."""

    def __init__(self, block: bytes) -> None:
        text = np.frombuffer(block + b"\0" * 16, np.uint8)
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


def of_cells(cells: Cells, style: str) -> Callable[[int, int], list[Any]]:
    """The pieces of the cells of a filled column; a text is never anything but a text, whatever it begins with."""
    coded = isinstance(cells.text, pa.DictionaryArray)
    space = ' xml:space="preserve"' if not cells.number and _spaced(cells.text.dictionary if coded else cells.text) else ""
    opening, closing = (f'"{style}><v>', "</v></c>") if cells.number else (f'"{style} t="inlineStr"><is><t{space}>', "</t></is></c>")
    blank = f'"{style}/>'
    if coded:
        words = pa.array([opening + _text(w) + closing for w in cells.text.dictionary.to_pylist()] + [blank], pa.large_string())
        codes = pc.fill_null(pc.cast(cells.text.indices, pa.int64()), len(words) - 1)
        return lambda low, high: [words.take(codes[low:high])]
    text = cells.text if cells.number else _texts(cells.text)

    def of(low: int, high: int) -> list[Any]:
        part = text[low:high]
        if not part.null_count:
            return [opening, part, closing]
        whole = pc.binary_join_element_wise(*(pa.scalar(p, pa.large_string()) if isinstance(p, str) else p for p in (opening, part, closing, "")))
        return [pc.fill_null(whole, blank)]

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
