"""Which lines a run is narrowed to: conditions on the columns of Ledger and Payers, typed or saved by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from difflib import get_close_matches
from functools import cache

import numpy as np
import pandas as pd

from rules.dates import day, days
from rules.errors import ConfigError
from rules.model import AssessedItem, Payer, Reason, Selection, Settings, Test
from rules.money import DIGITS, decimals, decimals_of
from rules.records import Records
from rules.row import COMPANY, LANGUAGES, Column, Kind, Row, column, columns
from rules.ruleset import Bools, Ints, Ruleset
from rules.words import catalogue, understood

TYPED = "typed"  # name of the conditions that are not saved
NUMBERS = (Kind.DAY, Kind.INT, Kind.MONEY)
ORDERED = (Test.AT_LEAST, Test.AT_MOST, Test.MORE, Test.LESS)
UNTOLD = "reason"  # the sentence is written after the selection; its code is there before
_CONDITION = re.compile(
    r'\s*(?:"(?P<quoted>[^"]+)"|(?P<field>[^"<>=]+?))\s*(?P<test><>|>=|<=|=|<|>|\bcontains\b)(?P<value>.*)', re.DOTALL | re.IGNORECASE
)
_ALTERNATIVE = re.compile(r'\s*"((?:[^"]|"")*)"\s*(?=;|$)|([^;]+)')
_FORMS = {Kind.DAY: r"\d{4}-\d\d-\d\d", Kind.INT: r"[+-]?\d{1,15}", Kind.MONEY: r"[+-]?\d{1,15}(\.\d{1,9})?"}
_EXPECTED = {
    Kind.DAY: "a date written as year-month-day, such as 2026-03-31",
    Kind.INT: "a whole number, such as 2",
    Kind.MONEY: f"an amount with a decimal point, such as 1234.50, of at most {DIGITS} digits",
}


@dataclass(frozen=True)
class _Condition:
    """A condition that was understood: its values as the rules write them, "" for empty."""

    model: type[Row]
    column: Column
    test: Test
    values: tuple[str, ...]

    def __str__(self) -> str:
        field = ("payer." if self.model is Payer else "") + _name(self.column)
        return f"{field} {self.test} {';'.join(sorted(map(_quoted, set(self.values))))}"


def conditions_of(texts: Iterable[str]) -> tuple[Selection, ...]:
    """Conditions as they are typed: `level>=2`, `country=FR;BE`, `"Days overdue" > 30`, `payer_name contains "Lef"`. Raises ConfigError."""
    found: list[Selection] = []
    for text in texts:
        parts = _CONDITION.fullmatch(text)
        if parts is None:
            raise ConfigError(
                f"The condition {text!r} was not understood. Expected is a column, a test and a value, such as level>=2 or country=FR;BE. "
                f"Tests: {', '.join(Test)}."
            )
        field = (parts["quoted"] or parts["field"]).strip()
        found.append(Selection(selection=TYPED, field=field, test=Test(parts["test"].lower()), value=parts["value"].strip()))
    canonical(found)  # a person who types is told at once
    return tuple(found)


def named(name: str, ruleset: Ruleset) -> tuple[Selection, ...]:
    """The conditions of a saved selection. Raises ConfigError with the names there are."""
    found = tuple(s for s in ruleset.selections if s.selection.casefold() == name.strip().casefold())
    if not found:
        known = ", ".join(dict.fromkeys(s.selection for s in ruleset.selections)) or "none"
        raise ConfigError(f"There is no selection {name!r} in the table Selections on Config; there: {known}. Choose one of them, or add it there.")
    return found


def canonical(conditions: Iterable[Selection]) -> str:
    """One text for all ways to write the same conditions: `level >= 2, payer.country = BE;FR`. Each part can be typed. Raises ConfigError."""
    return ", ".join(sorted({str(_understood(c)) for c in conditions}))


def selected(conditions: Sequence[Selection], ledger: pd.DataFrame, found: pd.DataFrame, payers: pd.DataFrame, settings: Settings) -> Bools:
    """Which rows of the ledger fulfil every condition.

    Columns that the rules compute are read from `found`, what `rules.assess.assess` answered for these `ledger` and `payers`; an amount is
    compared in the currency of its row. Empty is equal to the empty value only, different from every other, and neither more nor less than any.
    Raises ConfigError for a column that is not there, a test that the column does not allow, and a value that does not fit it.
    """
    holds = np.ones(len(ledger), dtype=bool)
    known, at = Records(ledger, payers).payer_rows, found["payer_at"].to_numpy()
    for condition in map(_understood, conditions):
        if condition.model is Payer:
            holds &= _holding(condition, known[condition.column.name], known, settings)[at]
        else:
            name = condition.column.name
            holds &= _holding(condition, found[name] if name in found else ledger[name], ledger, settings)
    return holds


# ---------------------------------------------------------------------------------------------------------------- what was typed


def _name(c: Column) -> str:
    return c.name.removesuffix("_minor")


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


@cache
def _fields() -> dict[str, tuple[type[Row], Column]]:
    """Every column by each of its names: field names, then headings in three languages; those of Ledger go before those of Payers."""
    known: dict[str, tuple[type[Row], Column]] = {}
    prefixes = [column(Payer, "payer").name, *column(Payer, "payer").titles.values()]
    for model in (AssessedItem, Payer):
        told = [c for c in columns(model) if c.name != UNTOLD]
        names = [(_name(c), c) for c in told] + [(c.titles[language], c) for c in told for language in LANGUAGES]
        for name, c in names:
            known.setdefault(_folded(name), (model, c))
            if model is Payer:
                for prefix in prefixes:
                    known.setdefault(_folded(f"{prefix}.{name}"), (model, c))
    return known


@cache
def _closed(model: type[Row], name: str) -> dict[str, str]:
    """The words that a column may hold, by each way to write them (casefolded); empty when it holds other things."""
    c = column(model, name)
    if c.word is not None:
        return understood(c.word)
    if c.kind is Kind.FLAG:
        return {key: key for key in ("yes", "no")} | {w.casefold(): k for s in LANGUAGES for k, w in catalogue(s)["value"]["Flag"].items()}
    if name == "bucket":
        return {w.casefold(): k for s in LANGUAGES for k, w in [(k, v) for k, t in catalogue(s)["bucket"].items() for v in (k, t)]}
    return {str(r): str(r) for r in Reason} if name == "reason_code" else {}


def _understood(given: Selection) -> _Condition:
    """The condition of a row. Raises ConfigError that says which one, what was found, what is expected."""
    said = f"The condition {f'{given.field} {given.test} {given.value}'.strip()!r}"
    fields = _fields()
    if _folded(given.field) not in fields:
        near = get_close_matches(_folded(given.field), fields, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]!r}?" if near else "Take the name or the heading of a column of Ledger or Payers."
        raise ConfigError(f"{said}: there is no column {given.field!r} on Ledger and Payers to select by. {hint}")
    model, c = fields[_folded(given.field)]
    closed = bool(_closed(model, c.name))
    tests = [Test.EQUALS, Test.DIFFERS] if closed else [t for t in Test if t is not Test.CONTAINS]
    if not closed and c.kind not in NUMBERS:
        tests = [Test.EQUALS, Test.DIFFERS, Test.CONTAINS]
    if given.test not in tests:
        raise ConfigError(f"{said}: the column {_name(c)} cannot be tested with {given.test}; its tests are {', '.join(tests)}. Choose one of them.")
    values = _alternatives(given.value)
    if given.test in ORDERED and len(values) > 1:
        raise ConfigError(f"{said}: found are {len(values)} values; {given.test} expects one. Keep one of them, or use =.")
    return _Condition(model, c, given.test, tuple(_fitting(said, value, model, c, given.test) for value in values))


def _alternatives(value: str) -> list[str]:
    """The values between the semicolons; one in double quotes stands as it is, so that it may hold a semicolon or be empty."""
    found: list[str] = []
    for quoted, plain in _ALTERNATIVE.findall(value):
        if plain.strip():
            found.append(plain.strip())
        elif not plain:
            found.append(quoted.replace('""', '"'))
    return found or [""]


def _quoted(value: str) -> str:
    plain = value and value == value.strip() and not set(value) & set(';,"')
    return value if plain else '"' + value.replace('"', '""') + '"'


def _fitting(said: str, value: str, model: type[Row], c: Column, test: Test) -> str:
    """A value as the rules write it. Raises ConfigError when it does not fit the column."""
    closed = _closed(model, c.name)
    if not value:
        may_be_empty = c.optional or (c.kind not in NUMBERS and not closed)
        if may_be_empty and test in (Test.EQUALS, Test.DIFFERS):
            return ""
        why = f"{test} needs a value" if may_be_empty else f"the column {_name(c)} is never empty"
        raise ConfigError(f"{said}: {why}. Expected is {_expected(c, closed)}.")
    made = _made(value, c, closed)
    if made is None or (test is not Test.CONTAINS and not re.search(_pattern(model, c), made)):
        raise ConfigError(f"{said}: found is {value!r}; the column {_name(c)} expects {_expected(c, closed)}.")
    return made


def _made(value: str, c: Column, closed: dict[str, str]) -> str | None:
    if closed:
        return closed.get(_folded(value))
    if c.kind not in NUMBERS:
        return value
    if not re.fullmatch(_FORMS[c.kind], value, re.ASCII):
        return None
    if c.kind is not Kind.DAY:
        return str(int(value)) if c.kind is Kind.INT else f"{Decimal(value).normalize():f}"
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return None


def _pattern(model: type[Row], c: Column) -> str:
    """What the model asks of a text; nothing, when it asks nothing."""
    return next((m.pattern for m in model.model_fields[c.name].metadata if getattr(m, "pattern", None)), "")


def _expected(c: Column, closed: dict[str, str]) -> str:
    if closed:
        return f"one of {', '.join(dict.fromkeys(closed.values()))}"
    return _EXPECTED.get(c.kind, f"a text as it stands in that column: {c.help.removesuffix('.')}")


# ---------------------------------------------------------------------------------------------------------------- whole columns


def _holding(condition: _Condition, values: pd.Series, frame: pd.DataFrame, settings: Settings) -> Bools:
    """Which values fulfil the condition."""
    if condition.test is Test.DIFFERS:
        return ~_holding(replace(condition, test=Test.EQUALS), values, frame, settings)
    if condition.column.kind in NUMBERS:
        return np.logical_or.reduce([_compared(condition, value, values, frame, settings) for value in condition.values])
    if condition.column.kind is Kind.FLAG:
        return np.isin(values.to_numpy(dtype=bool), [value == "yes" for value in condition.values])
    return _texts(condition, values)


def _compared(condition: _Condition, value: str, values: pd.Series, frame: pd.DataFrame, settings: Settings) -> Bools:
    """Dates and numbers; an amount is compared in the minor units of its row, exactly."""
    missing = values.isna().to_numpy()
    if not value:
        return missing
    if condition.column.kind is Kind.DAY:
        numbers = days(values).astype("int64")
        low = high = np.full(len(values), day(date.fromisoformat(value)).astype("int64"))
    else:
        numbers = values.fillna(0).to_numpy(dtype="int64")
        low, high = (_units(condition.column, value, rounding, frame, settings) for rounding in (ROUND_FLOOR, ROUND_CEILING))
    if condition.test is Test.EQUALS:
        holds = (numbers == low) & (low == high)
    elif condition.test is Test.AT_LEAST:
        holds = numbers >= high
    elif condition.test is Test.MORE:
        holds = numbers > low
    else:
        holds = numbers <= low if condition.test is Test.AT_MOST else numbers < high
    return holds & ~missing


def _units(c: Column, value: str, rounding: str, frame: pd.DataFrame, settings: Settings) -> Ints:
    """The number that each row is compared with: of an amount the minor units of the row's currency, down or up to a whole one."""
    if c.kind is Kind.INT:
        return np.full(len(frame), int(value))
    places = np.full(len(frame), decimals(settings.company_currency)) if c.unit == COMPANY else decimals_of(frame[c.unit].astype("str"))
    scaled = [int(Decimal(value).scaleb(n).to_integral_value(rounding)) for n in range(5)]  # no currency has more than four decimals
    return np.array([min(max(n, -(2**62)), 2**62) for n in scaled])[places]


def _texts(condition: _Condition, values: pd.Series) -> Bools:
    """Texts regardless of case, ids as they are; one look at each word of a column of few words."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        words = pd.Series([*values.cat.categories.astype("str"), ""], dtype="str")  # code -1 takes the last
        return _texts(condition, words)[values.cat.codes.to_numpy()]
    text, wanted = values.astype("str").fillna(""), list(condition.values)
    if condition.column.kind is not Kind.ID:
        text, wanted = text.str.casefold(), [value.casefold() for value in wanted]
    if condition.test is Test.EQUALS:
        return text.isin(wanted).to_numpy(dtype=bool)
    return np.logical_or.reduce([text.str.contains(value, regex=False).to_numpy(dtype=bool) for value in wanted])
