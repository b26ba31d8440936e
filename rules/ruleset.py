"""What the Config sheet means: methods, levels, currencies as one checked, frozen object, and as arrays for whole-column work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from rules.dates import UNITS
from rules.errors import ConfigError
from rules.model import (
    Currency,
    Fee,
    Level,
    MailText,
    Method,
    Mode,
    OverdueTest,
    Rate,
    ReasonCode,
    Regime,
    Selection,
    Settings,
    Term,
)
from rules.money import decimals, scaled
from rules.row import Row, empty, to_rows

Place = Callable[[type[Row], int, str], str]  # row model, row from 0, column -> "Config!D7"
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
MODES = tuple(Mode)


def by_name(model: type[Row], row: int, column: str) -> str:
    """A place in words, for rules that do not come from a workbook."""
    return f"{model.__name__}, row {row + 1}, {column}"


@dataclass(frozen=True)
class Ruleset:
    """The rules in force. Arrays are indexed by the position of the method in `methods`, then by level (0 is never used)."""

    settings: Settings
    methods: tuple[Method, ...]
    levels: tuple[Level, ...]
    currencies: tuple[Currency, ...] = ()
    reasons: tuple[ReasonCode, ...] = ()
    fees: tuple[Fee, ...] = ()
    regimes: tuple[Regime, ...] = ()
    rates: tuple[Rate, ...] = ()
    selections: tuple[Selection, ...] = ()
    terms: tuple[Term, ...] = ()
    mail_texts: tuple[MailText, ...] = ()

    @cached_property
    def position(self) -> dict[str, int]:
        """Method id to position."""
        return {m.method: i for i, m in enumerate(self.methods)}

    @cached_property
    def steps(self) -> dict[tuple[str, int], Level]:
        """(method, level) to its row."""
        return {(step.method, step.level): step for step in self.levels}

    @cached_property
    def highest(self) -> Ints:
        """Number of levels of each method."""
        return np.array([max((s.level for s in self.levels if s.method == m.method), default=0) for m in self.methods], dtype="int64")

    @cached_property
    def grace(self) -> Ints:
        """Days from the due date to the first day that counts as overdue, of each method."""
        return np.array([m.grace_days + (m.overdue_test is OverdueTest.STRICTLY_AFTER) for m in self.methods], dtype="int64")

    def of_methods(self, attribute: str) -> Ints:
        """A whole-number or yes/no attribute of each method."""
        return np.array([getattr(m, attribute) for m in self.methods], dtype="int64")

    def having(self, attribute: str, value: object) -> Bools:
        """Which methods have this value of an attribute."""
        return np.array([getattr(m, attribute) == value for m in self.methods], dtype=bool)

    def of_levels(self, value: Callable[[Level], int]) -> Ints:
        """A whole number of each step, as an array [method, level]."""
        found = np.zeros((len(self.methods), 11), dtype="int64")
        for step in self.levels:
            found[self.position[step.method], step.level] = value(step)
        return found

    @cached_property
    def days(self) -> Ints:
        """Days of each step."""
        return self.of_levels(lambda step: step.days)

    @cached_property
    def units(self) -> Ints:
        """Position in `UNITS` of the unit of each step's days."""
        return self.of_levels(lambda step: UNITS.index(step.unit))

    @cached_property
    def modes(self) -> Ints:
        """Position in `MODES` of each step's mode."""
        return self.of_levels(lambda step: MODES.index(step.mode))

    def rate(self, currency: str) -> Decimal | None:
        """Company currency for one unit of `currency`; None when Config does not say."""
        if currency == self.settings.company_currency:
            return Decimal(1)
        return next((c.rate for c in self.currencies if c.currency == currency), None)

    def worth(self, minor: Ints, currency: pd.Series) -> tuple[Ints, Bools]:
        """Amounts in minor units of the company currency, half up, and whether Config has a rate for their currency (0 where it has none)."""
        company = self.settings.company_currency
        codes, distinct = pd.factorize(currency)
        found, known = np.zeros(len(minor), dtype="int64"), np.zeros(len(minor), dtype=bool)
        for at, name in enumerate(distinct):
            if (rate := self.rate(str(name))) is not None:
                here = codes == at
                ratio = Fraction(rate) * Fraction(10) ** (decimals(company) - decimals(str(name)))
                try:
                    found[here], known[here] = scaled(minor[here], ratio.numerator, ratio.denominator), True
                except OverflowError:
                    raise ConfigError(
                        f"An amount in {name} comes to more than 18 digits in {company}. Correct the rate of {name} in the table Currencies."
                    ) from None
        return found, known


def ruleset(settings: Settings, frames: Mapping[type[Row], pd.DataFrame], place: Place = by_name) -> Ruleset:
    """The checked rules of the Config tables; one that is left out is empty.

    Raises ConfigError naming every cell that contradicts another: unknown or double methods, gaps in the levels, double currencies, a fee, regime
    or series that is named and not there. What is only doubtful is for `rules.check`.
    """
    rules = Ruleset(
        settings,
        tuple(to_rows(frames.get(Method, empty(Method)), Method)),
        tuple(to_rows(frames.get(Level, empty(Level)), Level)),
        tuple(to_rows(frames.get(Currency, empty(Currency)), Currency)),
        tuple(to_rows(frames.get(ReasonCode, empty(ReasonCode)), ReasonCode)),
        tuple(to_rows(frames.get(Fee, empty(Fee)), Fee)),
        tuple(to_rows(frames.get(Regime, empty(Regime)), Regime)),
        tuple(to_rows(frames.get(Rate, empty(Rate)), Rate)),
        tuple(to_rows(frames.get(Selection, empty(Selection)), Selection)),
        tuple(to_rows(frames.get(Term, empty(Term)), Term)),
        tuple(to_rows(frames.get(MailText, empty(MailText)), MailText)),
    )
    wrong = [*_methods(rules, place), *_levels(rules, place), *_doubles(rules, place), *_references(rules, place)]
    if wrong:
        raise ConfigError("\n".join(wrong))
    return rules


def _methods(rules: Ruleset, place: Place) -> list[str]:
    wrong: list[str] = []
    known = {m.method for m in rules.methods}
    default = rules.settings.default_method
    if default not in known:
        names = ", ".join(sorted(known)) or "none"
        wrong.append(f"The setting default_method names the method {default!r}; the table Methods on Config has: {names}. Choose one of them.")
    for i, method in enumerate(rules.methods):
        if method.follow_up and not any(s.method == method.method for s in rules.levels):
            where = place(Method, i, "method")
            wrong.append(f"{where}: the method {method.method!r} reminds but has no level. Add its levels to the table Levels, or set Reminds to No.")
    for i, step in enumerate(rules.levels):
        if step.method not in known:
            where = place(Level, i, "method")
            wrong.append(
                f"{where}: the level belongs to the method {step.method!r}, which is not in the table Methods. Add it there, or correct the name."
            )
    return wrong


def _levels(rules: Ruleset, place: Place) -> list[str]:
    wrong: list[str] = []
    for method in rules.methods:
        rows = sorted((s.level, i) for i, s in enumerate(rules.levels) if s.method == method.method)
        for expected, (level, row) in enumerate(rows, start=1):
            if level != expected:
                where = place(Level, row, "level")
                what = "is there twice" if level < expected else f"comes without level {expected}"
                wrong.append(
                    f"{where}: level {level} of the method {method.method!r} {what}. Levels are numbered 1, 2, 3 … without a gap: correct the number."
                )
                break
    return wrong


def _doubles(rules: Ruleset, place: Place) -> list[str]:
    wrong: list[str] = []
    keyed: list[tuple[type[Row], str, list[str]]] = [
        (Method, "method", [m.method for m in rules.methods]),
        (Currency, "currency", [c.currency for c in rules.currencies]),
        (ReasonCode, "code", [r.code for r in rules.reasons]),
        (Term, "terms", [t.terms for t in rules.terms]),
    ]
    for model, column, keys in keyed:
        for i, key in enumerate(keys):
            if key in keys[:i]:
                wrong.append(f"{place(model, i, column)}: {key!r} is already in row {keys.index(key) + 1} of the table. Delete one of the two rows.")
    return wrong


def _references(rules: Ruleset, place: Place) -> list[str]:
    """Fees, regimes and series that a cell names and no table has."""
    fees, regimes, series = {f.fee for f in rules.fees}, {r.regime for r in rules.regimes}, {r.series for r in rules.rates}
    named: list[tuple[type[Row], int, str, str, set[str], str]] = []
    for i, step in enumerate(rules.levels):
        named += [(Level, i, "fee", step.fee, fees, "Fees"), (Level, i, "line_fee", step.line_fee, fees, "Fees")]
        named += [(Level, i, "regime", step.regime, regimes, "Interest regimes")]
    for i, regime in enumerate(rules.regimes):
        named += [(Regime, i, "series", regime.series, series, "Rates"), (Regime, i, "floor_series", regime.floor_series, series, "Rates")]
        named += [(Regime, i, "lump_sum", regime.lump_sum, fees, "Fees")]
    return [
        f"{place(model, row, column)}: {name!r} is not in the table {table} on Config. Add it there, or correct the name."
        for model, row, column, name, known, table in named
        if name and name not in known
    ]
