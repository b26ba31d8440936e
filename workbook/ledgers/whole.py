"""Whole columns, cheaply: rows that follow each other are picked without a copy, words are made from tests, bytes are asked before texts are.

A usual export is one block of lines under its headings, and most of what could be wrong with it is nowhere in it: that is seen at once here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

Rows = TypeVar("Rows", pd.Series, pd.DataFrame)
UNEVEN = (b"  ", b"\t", b"\n", b"\r", b"\x0b", b"\x0c", "\xa0".encode())
PART = 1 << 18  # bytes looked at together: few enough for the cache of a processor
BLANK = np.zeros(256, bool)  # bytes that begin or end a blank: those of ASCII, and all a blank of other alphabets may begin or end with
BLANK[[*range(9, 14), *range(28, 33)]] = BLANK[0x80:0xC0] = BLANK[[0xC2, 0xE1, 0xE2, 0xE3]] = True


def among(index: pd.Index, flags: Any) -> pd.Index:
    """The labels of `index` that are flagged; a range of them where they follow each other."""
    flagged = np.asarray(flags, dtype=bool)
    count = int(np.count_nonzero(flagged))
    first = int(flagged.argmax()) if count else 0
    return index[first : first + count] if flagged[first : first + count].all() else index[flagged]


def picked(rows: Rows, at: pd.Index) -> Rows:
    """`rows.loc[at]`, for labels that are all there; a range of them is a view."""
    own = rows.index
    if isinstance(own, pd.RangeIndex) and isinstance(at, pd.RangeIndex) and own.step == at.step == 1:
        return rows if at.equals(own) else rows.iloc[at.start - own.start : at.stop - own.start]
    return rows if at is own else rows.loc[at]


def all_over(rows: Rows, most: int) -> Rows:
    """At most so many rows from all over, one of each stretch of equal length: not always its first, or pages and groups could fall in step."""
    stretch = -(-len(rows) // most)
    if stretch < 2:
        return rows
    at = np.arange(0, len(rows), stretch)
    at += np.random.default_rng(0).integers(0, stretch, len(at))
    return rows.iloc[np.minimum(at, len(rows) - 1)]


def worded(words: Sequence[str], tests: Sequence[tuple[str, Any]], *, default: str, index: pd.Index) -> pd.Series:
    """For each row the word of the first test that holds; a category of the `words`, which takes one byte a row."""
    codes = np.full(len(index), words.index(default), np.int8)
    for word, test in reversed(tests):
        codes[np.asarray(test, dtype=bool)] = words.index(word)
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(words, dtype="str")), index=index)


def spelled(words: pd.Series) -> pd.Series:
    """The words of a category as texts."""
    return pd.Series(words.cat.categories, dtype="str").take(words.cat.codes.to_numpy()).set_axis(words.index)


def by_distinct(texts: pd.Series, change: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """A column of texts changed, where each depends on nothing but itself: `change` is given every text once."""
    codes, distinct = pd.factorize(texts)
    return change(pd.Series(distinct, dtype="str")).astype("str").take(codes).set_axis(texts.index)


def passing(texts: pd.Series, test: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """Which texts pass a test that depends on nothing but each of them: it is given every text once."""
    codes, distinct = pd.factorize(texts)
    return pd.Series(test(pd.Series(distinct, dtype="str")).to_numpy(dtype=bool)[codes], index=texts.index)


def pieces(texts: pd.Series) -> Iterator[tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]]:
    """The letters of a column of texts in UTF-8, and where each text begins, the end of the last one behind; in pieces as they lie in memory."""
    array = pa.array(texts.array)
    for chunk in array.chunks if isinstance(array, pa.ChunkedArray) else [array]:
        wide = chunk.cast(pa.large_string())
        _, places, letters = wide.buffers()
        if letters is None or not letters.size:
            continue
        begins = np.frombuffer(places, np.int64)[wide.offset : wide.offset + len(wide) + 1]
        yield np.frombuffer(letters, np.uint8), begins


def extremes(texts: pd.Series) -> tuple[int, int]:
    """The least and the largest byte of a column of texts; 255 and 0 where all are empty."""
    own = [letters[begins[0] : begins[-1]] for letters, begins in pieces(texts)]
    return min((int(part.min(initial=255)) for part in own), default=255), max((int(part.max(initial=0)) for part in own), default=0)


def holds(texts: pd.Series, *sequences: bytes) -> bool:
    """Whether one of some sequences of bytes stands in a column: yes may be wrong, when two neighbouring texts make it together; no is not."""
    overlap = max(map(len, sequences)) - 1
    for letters, begins in pieces(texts):
        for start in range(int(begins[0]), int(begins[-1]), PART):
            part = letters[start : min(start + PART + overlap, int(begins[-1]))].tobytes()
            if any(sequence in part for sequence in sequences):
                return True
    return False


def one_line(texts: pd.Series) -> pd.Series:
    """The texts without line breaks, tabs and blanks that follow each other."""
    if holds(texts, *UNEVEN) and (uneven := texts.str.contains(r"\s\s|[\t\n\r\x{a0}]")).any():
        texts = texts.where(~uneven, texts[uneven].str.replace(r"\s+", " ", regex=True))
    return texts


def longest(texts: pd.Series) -> int:
    """The bytes of the longest text."""
    return max((int(np.diff(begins).max(initial=0)) for _, begins in pieces(texts)), default=0)


def edged(texts: pd.Series) -> bool:
    """Whether a text may begin or end with a blank: yes may be wrong, no is not."""
    for letters, begins in pieces(texts):
        own = letters[begins[0] : begins[-1]]
        if own.min(initial=255) > ord(" ") and own.max(initial=0) < 0x80:
            continue
        first, last = begins[:-1], begins[1:] - 1
        filled = first <= last
        if BLANK[letters[first[filled]]].any() or BLANK[letters[last[filled]]].any():
            return True
    return False
