"""What the Config sheet means: methods, levels, currencies as one checked, frozen object, and as arrays for whole-column work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from rules.errors import ConfigError
from rules.model import Clock, Currency, LastLevel, Level, Method, Mode, OverdueTest, ReasonCode, Settings
from rules.money import converted
from rules.row import Row, to_rows

Place = Callable[[type[Row], int, str], str]  # row model, row from 0, column -> "Config!D7"
Ints = npt.NDArray[np.int64]
CLOCKS, MODES, LAST_LEVELS = tuple(Clock), tuple(Mode), tuple(LastLevel)


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
    reasons: tuple[ReasonCode, ...] = field(default=())

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

    @cached_property
    def clocks(self) -> Ints:
        """Position of each method's clock in `CLOCKS`."""
        return np.array([CLOCKS.index(m.clock) for m in self.methods], dtype="int64")

    @cached_property
    def last_levels(self) -> Ints:
        """Position in `LAST_LEVELS` of what each method does after its last level."""
        return np.array([LAST_LEVELS.index(m.last_level) for m in self.methods], dtype="int64")

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
    def modes(self) -> Ints:
        """Position in `MODES` of each step's mode."""
        return self.of_levels(lambda step: MODES.index(step.mode))

    def rate(self, currency: str) -> Decimal | None:
        """Company currency for one unit of `currency`; None when Config does not say."""
        if currency == self.settings.company_currency:
            return Decimal(1)
        return next((c.rate for c in self.currencies if c.currency == currency), None)

    def in_company_currency(self, minor: int, currency: str) -> int | None:
        """`minor` of `currency` in minor units of the company currency; None without a rate."""
        rate = self.rate(currency)
        return None if rate is None else converted(minor, currency, self.settings.company_currency, rate)


def ruleset(settings: Settings, frames: Mapping[type[Row], pd.DataFrame], place: Place = by_name) -> Ruleset:
    """The checked rules of the Config tables `Method`, `Level`, `Currency`, `ReasonCode`.

    Raises ConfigError naming every cell that contradicts another: unknown or double methods, gaps in the levels, double currencies.
    """
    rules = Ruleset(
        settings,
        tuple(to_rows(frames[Method], Method)),
        tuple(to_rows(frames[Level], Level)),
        tuple(to_rows(frames[Currency], Currency)),
        tuple(to_rows(frames[ReasonCode], ReasonCode)),
    )
    wrong = [*_methods(rules, place), *_levels(rules, place), *_doubles(rules, place)]
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
    ]
    for model, column, keys in keyed:
        for i, key in enumerate(keys):
            if key in keys[:i]:
                wrong.append(f"{place(model, i, column)}: {key!r} is already in row {keys.index(key) + 1} of the table. Delete one of the two rows.")
    return wrong
