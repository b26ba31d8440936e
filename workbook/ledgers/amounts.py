"""Amounts of an export: each column read as a whole into exact minor units, by text, never through a float.

A whitelist says what an amount may look like: 1.234,56- · (1 234,56) · 1'234.50 CR · -12 · EUR 99,00. Whether comma or point is the decimal mark
is decided once for all amount columns of the file, or asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from string import ascii_letters

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rules.money import DIGITS
from workbook.ledgers.unclear import Choice, Unclear

BLANKS = "[\u00a0\u2007\u2009\u202f]"
MINUS = "[\u2212\u2013\ufe63\uff0d]"
SIGNED = r"^\s*(?:(?:[A-Z]{3}|[€$£¥])\s*(?=\())?(?P<open>\()?\s*(?P<sign>[-+])?\s*(?:[A-Za-z]{3}(?![A-Za-z])|[€$£¥])?\s*(?P<inner>[-+])?\s*"
SIGNED += r"(?P<body>[0-9][0-9.,' ’]*|[.,][0-9]+)"
SIGNED += r"\s*(?:[A-Z]{3}(?![A-Za-z])|[€$£¥])?\s*(?P<after>[-+]|CR|DR|Cr|Dr|cr|dr|[CDHS])?\s*(?P<close>\))?"
SIGNED += r"\s*(?:[A-Z]{3}|[€$£¥])?\s*$"
AROUND = f" +-()€$£¥{ascii_letters}"  # what may stand around the figures of an amount of that form
GROUPED = r"^(?:[0-9]{1,3}(?:[' ][0-9]{3})+|[0-9]{1,2}(?:'[0-9]{2})+'[0-9]{3})(?:\.[0-9]*)?$"  # by thousands, or lakh and crore
PLAIN = r"^-?[0-9]+(?:\.[0-9]+)?$"
NEGATIVE = ("-", "CR", "Cr", "cr", "C", "H")
MOST_DIGITS = 13  # before the decimal mark
NANO = 9  # decimals kept before rounding
PROBED = 1_000  # cells looked at before the whole column is
NOISE = 20  # nano units: what a binary fraction leaves behind


@dataclass(frozen=True)
class Amounts:
    """One column read: minor units (0 where there is none), which cells are blank, which could not be read, which had decimals to round away."""

    minor: pd.Series
    blank: pd.Series
    unreadable: pd.Series
    rounded: pd.Series


def read(
    columns: Mapping[str, pd.Series], headings: Mapping[str, str], decimals: np.ndarray, *, said: str, numbers: Mapping[str, pd.Series]
) -> tuple[dict[str, Amounts], str]:
    """The amount columns of one export and their decimal mark ("" when no cell has one).

    `decimals`: of each row's currency. `said`: the mark the user gave, or "". `numbers`: which cells are numbers of a sheet, not texts. Raises
    Unclear when the mark must be asked for.
    """
    with ThreadPoolExecutor() as threads:
        parsed = dict(zip(columns, threads.map(_parsed, columns.values(), [numbers[name] for name in columns]), strict=True))
    mark, mixed = said, False
    if not said:
        points, commas = (sum(p.evidence[i] for p in parsed.values()) for i in (0, 1))
        mark, mixed = ("." if points >= commas else ","), bool(points and commas)
        doubtful = next((name for name, p in parsed.items() if p.doubtful.any()), None)
        if doubtful is not None and points == commas:
            text = str(columns[doubtful][parsed[doubtful].doubtful].iloc[0])
            whole = text.replace(".", "").replace(",", "").strip()
            raise Unclear(
                f'The amounts of "{headings[doubtful]}" can be read two ways: {text} is {whole} or a number with three decimals.'
                " Say which sign stands before the decimals.",
                "decimal_mark", (Choice(",", "a comma before the decimals: 1.234,56"), Choice(".", "a point before the decimals: 1,234.56")),
            )  # fmt: skip
        mark = mark if points or commas else ""
    with ThreadPoolExecutor() as threads:
        made = threads.map(lambda p: p.read(mark, decimals, mixed), parsed.values())
        return dict(zip(parsed, made, strict=True)), mark


def difference(more: Amounts, less: Amounts) -> Amounts:
    """One column less another, cell by cell: debit less credit, the original amount less what was paid."""
    return Amounts(more.minor - less.minor, more.blank & less.blank, more.unreadable | less.unreadable, more.rounded | less.rounded)


def _parsed(texts: pd.Series, number: pd.Series) -> _Plain | _Parsed:
    """A column of figures as programs write them, which is most of them, or one that must be taken apart."""
    for mark in (".", ","):
        shape = rf"^(?:-?[0-9]{{1,{MOST_DIGITS}}}(?:[{mark}][0-9]{{1,2}})?)?$"
        if all(some.str.contains(shape).all() for some in (texts.head(PROBED), texts)):
            return _Plain(texts, number, mark)
    return _Parsed(texts, number)


class _Plain:
    """A column in which every cell is blank or figures with at most two decimals, no thousands and perhaps a minus before them."""

    def __init__(self, texts: pd.Series, number: pd.Series, mark: str) -> None:
        self.texts, self.number, self.mark = texts, number, mark
        self.cells = pa.array(texts, pa.string())
        at = np.asarray(pc.find_substring(self.cells, mark))
        self.decimals = np.where(at < 0, 0, np.asarray(pc.binary_length(self.cells)) - at - 1)
        proofs = int(((at >= 0) & ~number.to_numpy(dtype=bool)).sum())
        self.evidence = (proofs, 0) if mark == "." else (0, proofs)
        self.doubtful = pd.Series(False, index=texts.index)

    def read(self, mark: str, decimals: np.ndarray, mixed: bool) -> Amounts:
        if mixed or mark not in ("", self.mark) or (self.decimals > decimals).any():
            return _Parsed(self.texts, self.number).read(mark, decimals, mixed)
        blank = self.texts == ""
        digits = pc.replace_substring(self.cells, self.mark, "")
        digits = pc.if_else(pc.equal(digits, ""), "0", digits) if blank.any() else digits
        minor = _whole_numbers(digits) * 10 ** (decimals - self.decimals)
        sound = np.abs(minor) < 10**DIGITS
        none = pd.Series(False, index=self.texts.index)
        return Amounts(pd.Series(np.where(sound, minor, 0), index=self.texts.index), blank, pd.Series(~sound, index=self.texts.index), none)


class _Parsed:
    """The texts of a column taken apart into sign and figures."""

    def __init__(self, texts: pd.Series, number: pd.Series) -> None:
        self.index, self.number = texts.index, number
        self.blank = texts == ""
        plain = texts.str.contains(PLAIN)
        self.negative = texts.str.startswith("-")
        self.body = texts.str.removeprefix("-").where(plain, "")
        self.shaped = plain.copy()
        rest = ~(plain | self.blank)
        if rest.any():
            tidy = texts[rest].str.replace(BLANKS, " ", regex=True).str.replace(r"\s{3,}", "  ", regex=True).str.replace(MINUS, "-", regex=True)
            codes, forms = pd.factorize(tidy.str.replace("[0-9]", "0", regex=True))  # texts that differ in their figures alone have the same parts
            parts = pd.Series(forms, dtype="str").str.extract(SIGNED)
            brackets = parts["open"].notna()
            signs = parts[["sign", "inner", "after"]].notna().sum(axis=1) + brackets
            shaped = parts["body"].notna() & (brackets == parts["close"].notna()) & (signs <= 1)
            negative = (parts["sign"] == "-") | (parts["inner"] == "-") | brackets | parts["after"].isin(NEGATIVE)
            self.shaped[rest], self.negative[rest] = shaped.to_numpy()[codes], negative.to_numpy()[codes]
            self.body[rest] = tidy.str.strip(AROUND).str.replace("[’]", "'", regex=True).where(self.shaped[rest], "")
        body = self.body.where(~number, "")  # a number of a sheet says nothing about how texts are written
        points, commas = body.str.count(r"\."), body.str.count(",")
        point_last, comma_last = body.str.contains(r"\.[0-9]*$"), body.str.contains(r",[0-9]*$")
        single_point, single_comma = (points == 1) & (commas == 0), (commas == 1) & (points == 0)
        three = body.str.contains(r"^[1-9][0-9]{0,2}[.,][0-9]{3}$")  # 1.234: thousands or three decimals
        self.doubtful = three
        spaced = body.str.contains("[ ']")
        by_commas, by_points = body.str.contains(r"^[0-9]{1,3}(?:,[0-9]{3}){2,}$"), body.str.contains(r"^[0-9]{1,3}(?:\.[0-9]{3}){2,}$")
        self.points = (single_point & ~three) | ((points == 1) & (commas > 0) & point_last) | by_commas | (single_point & spaced)
        self.commas = (single_comma & ~three) | ((commas == 1) & (points > 0) & comma_last) | by_points | (single_comma & spaced)
        self.evidence = int(self.points.sum()), int(self.commas.sum())

    def read(self, mark: str, decimals: np.ndarray, mixed: bool) -> Amounts:
        shaped = self.shaped.copy()
        body = self.body.where(~self.number, "")
        if mixed:  # both marks prove themselves somewhere: what could be either is not guessed
            shaped &= ~((self.commas if mark == "." else self.points) | self.doubtful)
        if mark == ",":
            body = body.str.replace(".", "'", regex=False).str.replace(",", ".", regex=False)
        elif body.str.contains(",", regex=False).any():
            body = body.str.replace(",", "'", regex=False)
        if (grouped := body.str.contains("[' ]")).any():
            shaped &= ~grouped | body.str.contains(GROUPED)
            body = body.str.replace("[' ]", "", regex=True)
        body = body.where(~self.number, self.body)
        pointed = body.str.contains(".", regex=False)
        shaped &= body.str.contains(r"^[0-9]*\.?[0-9]*$") & (body.str.find(".").where(pointed, body.str.len()) <= MOST_DIGITS)
        body = body.where(shaped, "0")
        pieces = pc.extract_regex(pa.array(body, pa.string()), pattern=r"^(?P<whole>[0-9]*)\.?(?P<fraction>[0-9]*)$")
        whole = _whole_numbers(pc.utf8_lpad(pc.struct_field(pieces, "whole"), 1, "0"))
        fraction = _whole_numbers(pc.utf8_rpad(pc.utf8_slice_codeunits(pc.struct_field(pieces, "fraction"), 0, NANO), NANO, "0"))
        step = 10 ** (NANO - decimals)
        kept, lost = np.divmod(fraction + step // 2, step)
        minor = whole * 10**decimals + kept
        rounded = np.abs(lost - step // 2) > NOISE
        minor = np.where(self.negative.to_numpy(dtype=bool), -minor, minor)
        shaped &= np.abs(minor) < 10**DIGITS
        usable = shaped.to_numpy(dtype=bool) & ~self.blank.to_numpy(dtype=bool)
        return Amounts(
            pd.Series(np.where(usable, minor, 0), index=self.index), self.blank, ~shaped & ~self.blank, pd.Series(rounded & usable, index=self.index)
        )


def _whole_numbers(digits: pa.Array | pa.ChunkedArray) -> np.ndarray:
    return np.asarray(pc.cast(digits, pa.int64()))
