"""The border between frames and the cells of a sheet: typed columns become cells, cells become typed columns, whole columns at a time.

A cell holds an amount as the number a person reads (1234.50), a date as a serial, a flag and a word of a closed list in the language of the
workbook. Texts come back in any of the three languages. What does not fit is not guessed: all such cells are named in one WorkbookError.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rules import words
from rules.errors import WorkbookError
from rules.money import DIGITS, decimals, decimals_of
from rules.row import COMPANY, Column, Kind, Language, Row, Word, columns, typed

Bools = npt.NDArray[np.bool_]
Where = Callable[[int, str], str]  # row of the frame and name of the column -> `Config!D7`

LONGEST = 32_767  # characters of a cell
FIRST_DAY, LAST_DAY = np.datetime64("1904-01-01"), np.datetime64("9999-12-31")  # what both date systems of Excel can hold
EPOCH = {False: np.datetime64("1899-12-30"), True: np.datetime64("1904-01-01")}
NAMED = 10  # cells that a message names
LETTER_CODES = {"[A-Z]{2}": "a country code of two capital letters, such as FR", "[A-Z]{3}": "a currency code of three capital letters, such as EUR"}

_ILLEGAL = bytes(b for b in range(32) if b not in b"\t\n\r")  # in XML
_NONCHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_PARTS = pa.array([""] + [f".{k:0{d}d}" for d in range(1, 5) for k in range(10**d)], pa.large_string())  # what stands behind the units
_FIRST_PART = np.array([0, 1, 11, 111, 1111])  # where the parts with so many decimals begin


class Flag(Word):
    """Yes or no, as a cell shows them."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True)
class Cells:
    """One column on its way into a sheet: the text of each cell, null where it is empty; and whether the texts are numbers."""

    text: pa.Array  # large_string, or a dictionary of it
    number: bool


@dataclass(frozen=True)
class Misfit:
    """A cell that does not fit its column."""

    row: int
    column: Column
    found: str
    expected: str


# ---------------------------------------------------------------------------------------------------------------- frame to cells


def written(frame: pd.DataFrame, model: type[Row], language: Language, company: str, date1904: bool = False) -> dict[str, Cells]:
    """The cells of a typed and fitting frame, by name of the column; `company` is the company currency."""
    return {c.name: _written(frame, c, language, company, date1904) for c in columns(model)}


def _written(frame: pd.DataFrame, c: Column, language: Language, company: str, date1904: bool) -> Cells:
    values = frame[c.name]
    if c.kind is Kind.MONEY:
        return Cells(_amounts(values, _decimals(frame, c, company)), number=True)
    if c.kind is Kind.DAY:
        days = values.to_numpy("datetime64[D]")
        return Cells(pc.cast(pa.array((days - EPOCH[date1904]).astype("int64"), mask=np.isnat(days)), pa.large_string()), number=True)
    if c.kind is Kind.INT:
        return Cells(pc.cast(pa.array(values), pa.large_string()), number=True)
    if c.kind is Kind.DECIMAL:
        return Cells(pa.array([None if v is None or pd.isna(v) else format(v, "f") for v in values], pa.large_string()), number=True)
    if c.kind is Kind.FLAG:
        return _of_words(values.to_numpy("int8"), [words.shown(language, Flag.NO), words.shown(language, Flag.YES)])
    if c.kind is Kind.CODE:
        codes = [str(code) for code in values.cat.categories]
        return _of_words(values.cat.codes.to_numpy(), [words.shown(language, c.word(code)) if c.word and code else code for code in codes])
    text = _strings(values)
    return Cells(pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.large_string()), text), number=False)


def _of_words(codes: npt.NDArray[Any], shown: list[str]) -> Cells:
    """A column of few words; a code below 0, or the word "", is an empty cell."""
    blank = np.array([not word for word in shown] + [True])[codes]  # code -1 takes the last
    return Cells(pa.DictionaryArray.from_arrays(pa.array(codes.astype("int32"), mask=blank), pa.array(shown, pa.large_string())), number=False)


def _amounts(values: pd.Series, places: npt.NDArray[np.int64]) -> pa.Array:
    """Decimal texts of minor units: exact, by integers and text alone."""
    missing = values.isna().to_numpy()
    minor = values.fillna(0).to_numpy("int64")
    unit = 10**places
    whole, part = np.divmod(np.abs(minor), unit)
    sign = pa.array(["", "-"], pa.large_string()).take(pa.array((minor < 0).astype("int8"), mask=missing))
    return pc.binary_join_element_wise(
        sign, pc.cast(pa.array(whole), pa.large_string()), _PARTS.take(pa.array(_FIRST_PART[places] + part)), pa.scalar("", pa.large_string())
    )


def _decimals(frame: pd.DataFrame, c: Column, company: str) -> npt.NDArray[np.int64]:
    """The decimals of each row's amount: of the company currency, or of the currency in the column that the unit names."""
    if c.unit == COMPANY or c.unit not in frame:
        return np.full(len(frame), decimals(company), "int64")
    return decimals_of(frame[c.unit].astype("str"))


def _strings(values: pd.Series) -> pa.Array:
    """The texts of a column without nulls."""
    text = pa.array(values.astype("str"), from_pandas=True)
    text = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    return pc.fill_null(pc.cast(text, pa.large_string()), "")


# ---------------------------------------------------------------------------------------------------------------- what a book can hold


def fitted(frame: pd.DataFrame, model: type[Row], where: Where, language: Language = "en") -> pd.DataFrame:
    """`frame` as a workbook holds it: the columns and dtypes of the model, rows counted from 0, no missing texts, no characters that XML forbids.

    Raises WorkbookError when a value could not be written, or not be read again.
    """
    if not len(frame):
        return _nothing(model)
    frame = frame.reset_index(drop=True)
    for c in columns(model):
        if c.kind in (Kind.ID, Kind.TEXT, Kind.CODE) and c.name in frame and frame[c.name].dtype == object:
            frame[c.name] = [_NONCHARACTERS.sub("", v) if isinstance(v, str) else v for v in frame[c.name]]
    frame = typed(frame, model)
    for c in columns(model):
        if c.kind in (Kind.ID, Kind.TEXT, Kind.CODE):
            frame[c.name] = _legal(frame[c.name])
    _refuse(_misfits(frame, model, language), where, language)
    return frame


def _legal(values: pd.Series) -> pd.Series:
    """A column of texts without missing ones and without characters that XML forbids."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        plain = "".join(map(str, values.cat.categories))
        if values.isna().any() or _NONCHARACTERS.search(plain):
            return _legal(values.astype("str")).astype("category")
        return values
    if values.isna().any():
        values = values.fillna("")
    content = _strings(values).buffers()[2]
    plain = content.to_pybytes() if content is not None else b""
    if len(plain.translate(None, _ILLEGAL)) == len(plain) and b"\xef\xbf\xbe" not in plain and b"\xef\xbf\xbf" not in plain:
        return values
    return values.map(lambda text: _NONCHARACTERS.sub("", text)).astype("str")


@cache
def _limits(model: type[Row]) -> dict[str, dict[str, Any]]:
    """The bounds of each field as declared: ge, gt, le, min_length, pattern."""
    known = ("ge", "gt", "le", "min_length", "pattern")
    return {
        name: {k: getattr(m, k) for m in info.metadata for k in known if getattr(m, k, None) is not None} for name, info in model.model_fields.items()
    }


def _misfits(frame: pd.DataFrame, model: type[Row], language: Language) -> list[Misfit]:
    """The values of a typed frame that break what the model says of their column."""
    found: list[Misfit] = []
    for c in columns(model):
        limits, values = _limits(model)[c.name], frame[c.name]
        if c.kind in (Kind.ID, Kind.TEXT):
            found += _texts_that_do_not_fit(values, c, limits)
        elif c.kind is Kind.CODE:
            for code, at in _places_of(values):
                expected = ""
                if c.choices and code not in c.choices:
                    expected = _one_of(c, language)
                elif not c.choices and ((c.required and not code) or ("pattern" in limits and not re.search(limits["pattern"], code))):
                    expected = _shape(c, limits)
                if expected:
                    found += [Misfit(int(row), c, code, expected) for row in at]
        elif c.kind is Kind.DAY:
            days = values.to_numpy("datetime64[D]")
            bad = ((days < FIRST_DAY) | (days > LAST_DAY)) & ~np.isnat(days)
            bad |= np.isnat(days) & (not c.optional)
            found += [Misfit(int(row), c, str(days[row]) if not np.isnat(days[row]) else "", _expected(c)) for row in np.flatnonzero(bad)]
        elif c.kind in (Kind.INT, Kind.MONEY, Kind.DECIMAL):
            found += _numbers_that_do_not_fit(values, c, limits)
    return found


def _places_of(values: pd.Series) -> list[tuple[str, npt.NDArray[np.int64]]]:
    """Each word of a column of codes with its rows."""
    codes = values.cat.codes.to_numpy()
    return [(str(word), np.flatnonzero(codes == k)) for k, word in enumerate(values.cat.categories)]


def _texts_that_do_not_fit(values: pd.Series, c: Column, limits: dict[str, Any]) -> list[Misfit]:
    text = _strings(values)
    found: list[Misfit] = []
    if c.required or limits.get("min_length"):
        found += [Misfit(int(row), c, "", _shape(c, limits)) for row in np.flatnonzero(pc.equal(text, "").to_numpy(zero_copy_only=False))]
    if "pattern" in limits:
        codes, distinct = pd.factorize(values)
        wrong = np.array([not re.search(limits["pattern"], str(word)) and bool(word or not c.required) for word in distinct] or [False])
        found += [Misfit(int(row), c, str(values.iloc[row]), _shape(c, limits)) for row in np.flatnonzero(wrong[codes])]
    for row in np.flatnonzero(pc.greater(pc.binary_length(text), LONGEST).to_numpy(zero_copy_only=False)):
        size = len(text[int(row)].as_py().encode("utf-16-le")) // 2
        if size > LONGEST:
            found.append(Misfit(int(row), c, f"a text of {size:,} characters", f"at most {LONGEST:,} characters, which is what a cell can hold"))
    return found


def _numbers_that_do_not_fit(values: pd.Series, c: Column, limits: dict[str, Any]) -> list[Misfit]:
    missing = values.isna().to_numpy()
    if c.kind is Kind.DECIMAL:
        given = [Decimal(0) if gone else Decimal(v) for v, gone in zip(values, missing, strict=True)]
        bad = np.array([not v.is_finite() or len(v.normalize().as_tuple().digits) > DIGITS for v in given], dtype=bool)
        number: npt.NDArray[Any] = np.array([float(v) for v in given])
    else:
        number = values.fillna(0).to_numpy("int64")
        bad = np.abs(number) >= 10**DIGITS
    for name, outside in (("ge", np.less), ("gt", np.less_equal), ("le", np.greater)):
        if name in limits:
            bad |= outside(number, float(limits[name]) if c.kind is Kind.DECIMAL else int(limits[name]))
    bad = (bad & ~missing) | (missing & (not c.optional))
    return [Misfit(int(row), c, "" if missing[row] else _shown_number(values.iloc[row], c), _expected(c, limits)) for row in np.flatnonzero(bad)]


def _shown_number(value: Any, c: Column) -> str:
    return f"{value} (in the smallest unit of the currency)" if c.kind is Kind.MONEY else str(value)


def _one_of(c: Column, language: Language) -> str:
    shown = [words.shown(language, c.word(code)) for code in c.choices] if c.word else list(c.choices)
    return "one of: " + ", ".join(shown)


def _shape(c: Column, limits: dict[str, Any]) -> str:
    """What a text or code should be, said by its pattern: the words allowed, or so many capital letters; else by the help of its column."""
    pattern = str(limits.get("pattern", "")).removeprefix("^").removesuffix("$")
    nothing = ", or nothing" if pattern.endswith(")?") else ""
    plain = pattern.removesuffix("?").removeprefix("(").removesuffix(")")
    if plain in LETTER_CODES:
        return LETTER_CODES[plain] + nothing
    if re.fullmatch(r"\w+(\|\w+)+", plain):
        *others, last = plain.split("|")
        return f"{', '.join(others)} or {last}{nothing}"
    return f"a text: {c.help}"


def _retyped(c: Column, found: str) -> str:
    """How to type again what looks right and is text: a date as Excel takes it for one, a number without signs and blanks."""
    found = found.strip()
    if c.kind is Kind.DAY and (parts := re.fullmatch(r"(\d{1,2})([./-])(\d{1,2})[./-](\d{4})", found)):
        day, month = int(parts[1]), int(parts[3])
        sure = day <= 31 and month <= 12 and (day > 12 or day == month or parts[2] == ".")
        if sure and day > monthrange(int(parts[4]), month)[1]:
            return f", and month {month} of {parts[4]} has {monthrange(int(parts[4]), month)[1]} days: type the day that is meant"
        iso = f"{parts[4]}-{month:02}-{day:02}" if sure else f"{parts[4]}-06-30 for 30 June"
        return f", and this is text that only looks like one: type it again as your Excel writes dates, so that it stands at the right, or type {iso}"
    if c.kind is Kind.DAY and not re.match(r"\d{4}-\d\d-\d\d|[\d.]+$", found):
        return ", and this is text: type it as your Excel writes dates, or as 2020-06-15"
    if c.kind in (Kind.MONEY, Kind.INT, Kind.DECIMAL) and not re.fullmatch(r"[-+]?\d+([.,]\d+)?", found):
        return ", typed as a plain number: no blanks, no thousands separators, no signs of currency or percent"
    return ""


def _expected(c: Column, limits: dict[str, Any] | None = None, currency: str = "") -> str:
    """What a cell of the column should hold, for a message."""
    what = {
        Kind.MONEY: f"an amount with at most {decimals(currency)} decimals" + (f" ({currency})" if currency else ""), Kind.DAY: "a date from 1904 on",
        Kind.INT: "a whole number", Kind.DECIMAL: f"a number of at most {DIGITS} digits", Kind.FLAG: "yes or no",
    }.get(c.kind, c.help)  # fmt: skip
    for name, phrase in (("ge", "not below {}"), ("gt", "above {}"), ("le", "not above {}")):
        if limits and name in limits:
            what += ", " + phrase.format(limits[name])
    return what


def _refuse(misfits: list[Misfit], where: Where, language: Language) -> None:
    """Name the first cells that do not fit, in the order of the sheet."""
    if not misfits:
        return

    def sentence(m: Misfit) -> str:
        found = f"found «{m.found[:60]}»" if m.found else "the cell is empty"
        return f"{where(m.row, m.column.name)} ({m.column.titles[language]}): {found}; expected {m.expected.rstrip('.')}."

    lines = [sentence(m) for m in sorted(misfits, key=lambda m: m.row)[:NAMED]]
    more = [f"… and {len(misfits) - NAMED} more."] if len(misfits) > NAMED else []
    count = "One cell does" if len(misfits) == 1 else f"{len(misfits)} cells do"
    raise WorkbookError("\n".join([f"{count} not fit. Nothing was changed; correct what is named, save the workbook and try again.", *lines, *more]))


# ---------------------------------------------------------------------------------------------------------------- cells to frame


def understood(
    cells: Mapping[str, pa.Array], model: type[Row], company: str, where: Where, language: Language = "en", date1904: bool = False
) -> pd.DataFrame:
    """The typed frame of cells given as texts, null where a cell is empty: numbers as they are, dates as `2026-01-31 00:00:00` or as serials.

    Raises WorkbookError naming the cells that do not fit.
    """
    if not len(cells[columns(model)[0].name]):
        return _nothing(model)
    return _understood(cells, model, company, where, language, date1904)


def _nothing(model: type[Row]) -> pd.DataFrame:
    """The frame of a table without rows, as most tables of a workbook are: made once, not at every look."""
    return _made_of_nothing(model).copy(deep=False)


@cache
def _made_of_nothing(model: type[Row]) -> pd.DataFrame:
    return _understood({c.name: pa.nulls(0, pa.large_string()) for c in columns(model)}, model, "", lambda row, name: name, "en", False)


def _understood(cells: Mapping[str, pa.Array], model: type[Row], company: str, where: Where, language: Language, date1904: bool) -> pd.DataFrame:
    made, misfits = dict[str, pd.Series](), list[Misfit]()
    amounts_last = sorted(columns(model), key=lambda c: c.kind is Kind.MONEY)  # their currency stands in another column
    for c in amounts_last:
        text = pc.cast(cells[c.name], pa.large_string())
        if c.kind in (Kind.ID, Kind.TEXT):
            made[c.name] = pd.Series(pd.array(pc.fill_null(text, ""), dtype="str"))
            continue
        blank = _blank(text)
        if c.kind in (Kind.CODE, Kind.FLAG):
            made[c.name], bad = _coded(text, blank, c)
        elif c.kind is Kind.DAY:
            made[c.name], bad = _days(text, blank, c, date1904)
        elif c.kind is Kind.MONEY:
            places = _decimals(pd.DataFrame({c.unit: made[c.unit]} if c.unit in made else {}, index=range(len(text))), c, company)
            made[c.name], bad = _minor(text, blank, places, c)
        else:
            made[c.name], bad = _numbers(text, blank, c)
        if c.required and not (c.kind is Kind.CODE and not c.choices):
            bad |= blank
        for row in np.flatnonzero(bad):
            currency = (str(made[c.unit].iloc[row]) if c.unit in made else company) if c.kind is Kind.MONEY else ""
            expected = _one_of(c, language) if c.kind is Kind.CODE else _expected(c, None, currency)
            found = "" if blank[row] else str(text[int(row)])
            misfits.append(Misfit(int(row), c, found, expected + (_retyped(c, found) if found else "")))
    frame = typed(pd.DataFrame({c.name: made[c.name] for c in columns(model)}), model)
    named = {(m.row, m.column.name) for m in misfits}
    for m in _misfits(frame, model, language):
        if (m.row, m.column.name) not in named:
            misfits.append(replace(m, found=m.found and str(cells[m.column.name][m.row])))  # as it stands in the cell
    _refuse(misfits, where, language)
    return frame


def _blank(text: pa.Array) -> Bools:
    empty = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(text), ""), True)
    return empty.to_numpy(zero_copy_only=False).astype(bool)


def _coded(text: pa.Array, blank: Bools, c: Column) -> tuple[pd.Series, Bools]:
    """A column of codes or flags: one look-up per distinct word."""
    encoded = pc.fill_null(text, "").dictionary_encode()
    shown: list[str] = encoded.dictionary.to_pylist()
    default = ("" if c.required else str(c.default)) if c.kind is Kind.CODE else Flag.YES if c.default is True else Flag.NO
    known = words.understood(Flag) | {"true": "yes", "false": "no", "1": "yes", "0": "no"} if c.kind is Kind.FLAG else _known(c)
    codes = [(default if not word.strip() else known.get(word.strip().casefold()) if known else word) for word in shown]
    bad = np.array([code is None for code in codes] or [False])[encoded.indices.to_numpy()] & ~blank
    if c.kind is Kind.FLAG:
        return pd.Series(np.array([code == "yes" for code in codes] or [False])[encoded.indices.to_numpy()]), bad
    if c.choices:  # a placeholder where the word is not known or missing: those cells are refused anyway
        codes = [code or c.choices[0] for code in codes]
    distinct = sorted({code for code in codes if code is not None})
    order = np.array([distinct.index(code) for code in codes if code is not None] or [0])
    return pd.Series(pd.Categorical.from_codes(order[encoded.indices.to_numpy()], pd.Index(distinct, dtype="str"))), bad


def _known(c: Column) -> dict[str, str]:
    """Cell text to code of a closed list; empty when the column takes any code."""
    return words.understood(c.word) if c.word else {choice.casefold(): choice for choice in c.choices}


def _plain(text: pa.Array, blank: Bools, places: int) -> tuple[pa.Array, Bools]:
    """Numbers as texts that Arrow casts exactly, null where there is none, and which cells are no numbers of at most `places` decimals.

    A decimal comma is understood where it cannot be a thousands separator; what Excel's arithmetic leaves behind the 15th digit is rounded away,
    as Excel does when it shows the number.
    """
    text = pc.if_else(pa.array(blank), pa.scalar(None, pa.large_string()), pc.utf8_trim_whitespace(text))
    text = pc.replace_substring_regex(text, r"^([-+]?\d+),(\d{1,2})$", r"\1.\2")
    fits = rf"^[-+]?\d{{1,18}}(\.\d{{1,{places}}}0*)?$" if places else r"^[-+]?\d{1,18}(\.0+)?$"
    exact = pc.fill_null(pc.match_substring_regex(text, fits), False)
    noisy = pc.and_(pc.fill_null(pc.match_substring_regex(text, r"^[-+]?\d+\.\d+$"), False), pc.invert(exact))
    text = pc.replace_with_mask(text, noisy, pa.array([_rounded(t, places) for t in text.filter(noisy).to_pylist()], pa.large_string()))
    exact = pc.fill_null(pc.match_substring_regex(text, fits), False)
    bad = ~exact.to_numpy(zero_copy_only=False) & ~blank
    return pc.if_else(exact, text, pa.scalar(None, pa.large_string())), bad


def _rounded(number: str, places: int) -> str:
    """The number with the digits that Excel keeps, unless they change more than what arithmetic leaves behind."""
    if len(number) <= DIGITS:
        return number
    kept = Decimal(f"{float(number):.{DIGITS}g}")
    harmless = places == DIGITS or abs(Decimal(number) - kept) < Decimal(1).scaleb(-places - 1)
    return format(kept, "f") if harmless else number


def _scaled(text: pa.Array, blank: Bools, places: int) -> tuple[npt.NDArray[np.int64], Bools]:
    """Each number times 10 to the power of `places` (0 where there is none), and which cells are no such numbers. Exact: no float is met."""
    bad = np.zeros(len(text), bool)
    try:
        if pc.any(pc.match_substring(text, "e", ignore_case=True)).as_py():  # Arrow would take 1e3 for a number
            raise pa.ArrowInvalid
        exact = pc.cast(text, pa.decimal128(38, places))
    except pa.ArrowInvalid:
        plain, bad = _plain(text, blank, places)
        exact = pc.cast(plain, pa.decimal128(38, places))
    halves = np.frombuffer(pc.fill_null(exact, Decimal(0)).buffers()[1], "int64", 2 * len(text)) if len(text) else np.zeros(0, "int64")
    low, high = halves[::2], halves[1::2]
    return low.copy(), bad | (high != low >> 63)


def _numbers(text: pa.Array, blank: Bools, c: Column) -> tuple[pd.Series, Bools]:
    """A column of whole numbers or of decimals."""
    if c.kind is Kind.INT:
        number, bad = _scaled(text, blank, 0)
        return _with_default(number, blank, c), bad
    plain, bad = _plain(text, blank, DIGITS)
    blanks = None if c.optional else c.default if not c.required else Decimal(0)
    return pd.Series([blanks if t is None else Decimal(_rounded(t, DIGITS)) for t in plain.to_pylist()], dtype="object"), bad


def _minor(text: pa.Array, blank: Bools, places: npt.NDArray[np.int64], c: Column) -> tuple[pd.Series, Bools]:
    """A column of amounts in minor units, each with the decimals of its currency."""
    minor, bad = np.zeros(len(text), "int64"), np.zeros(len(text), bool)
    for digits in np.unique(places).tolist():
        at = np.flatnonzero(places == digits)
        minor[at], bad[at] = _scaled(text.take(pa.array(at)), blank[at], digits)
    return _with_default(minor, blank, c), bad


def _with_default(number: npt.NDArray[np.int64], blank: Bools, c: Column) -> pd.Series:
    if c.optional:
        return pd.Series(pd.arrays.IntegerArray(number, blank))
    return pd.Series(np.where(blank, c.default or 0, number))


def _days(text: pa.Array, blank: Bools, c: Column, date1904: bool) -> tuple[pd.Series, Bools]:
    """A column of dates: date cells, serials, and texts written 2026-01-31; a time of day is dropped."""
    bad = np.zeros(len(text), bool)
    text = pc.if_else(pa.array(blank), pa.scalar(None, pa.large_string()), pc.utf8_trim_whitespace(text))
    try:
        days = pc.cast(text, pa.timestamp("s")).to_numpy(zero_copy_only=False).astype("datetime64[D]")
    except pa.ArrowInvalid:
        dated = pc.fill_null(pc.match_substring_regex(text, r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([ T][\d:]+)?(\.\d+)?$"), False)
        serial = pc.fill_null(pc.match_substring_regex(text, r"^\d{1,7}(\.\d+)?$"), False)
        found = [pd.to_datetime(t[:10], errors="coerce").to_datetime64() for t in text.filter(dated).to_pylist()]
        days = np.full(len(text), np.datetime64("NaT"), "datetime64[D]")
        days[dated.to_numpy(zero_copy_only=False)] = np.array(found, "datetime64[D]")
        whole = pc.replace_substring_regex(text.filter(serial), r"\..*", "").cast(pa.int64()).to_numpy()
        days[serial.to_numpy(zero_copy_only=False)] = EPOCH[date1904] + whole
        bad = np.isnat(days) & ~blank
    if not c.optional and not c.required:
        days = np.where(blank, np.datetime64(c.default), days)
    return pd.Series(days.astype("datetime64[s]")), bad


# ---------------------------------------------------------------------------------------------------------------- whole frames


def equal(left: pd.DataFrame, right: pd.DataFrame) -> bool:
    """Whether two fitting frames of one model say the same, whatever the order of their categories."""

    def plain(values: pd.Series) -> pd.Series:
        values = values.reset_index(drop=True)
        return values.astype("str") if isinstance(values.dtype, pd.CategoricalDtype) else values

    return len(left) == len(right) and all(plain(left[name]).equals(plain(right[name])) for name in left)
