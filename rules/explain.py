"""Why a line is on a letter or not: every test in the order in which the rules ask, with what it looked at and the cell that decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from rules.assess import REASONS, assess, ladder
from rules.charges import interest_periods
from rules.interest import law_of
from rules.letters import OF, letter_tests, letters
from rules.model import AssessedItem, Currency, Gate, Level, Method, OpenItem, Payer, Rate, Reading, Reason, Regime, Selection, Settings
from rules.questions import OF_LETTER, ORDER, TESTS, TITLES
from rules.rates import curve, number
from rules.reasons import Facts
from rules.records import Records
from rules.row import Kind, Language, Row, column
from rules.ruleset import Ints, Ruleset
from rules.select import selected
from rules.simulate import PART, Simulated, simulated
from rules.standing import item_key, joined, payer_key
from rules.words import shown, text
from rules.written import amount_text

Cell = tuple[type[Row], int, str]  # row model, row from 0, column: the front end says where it stands


@dataclass(frozen=True)
class Asked:
    """One test of the ladder, in the language of the workbook: what it looked at, the cell that decides it, and its answer.

    `answer`: None when it was not asked, because an earlier one had decided or the line stands on no letter. A yes that does not decide is that of a
    line which joins the oldest one.
    """

    reason: Reason
    question: str
    inputs: tuple[tuple[str, str], ...]
    cell: Cell | None
    setting: str
    value: str
    answer: bool | None
    decides: bool


@dataclass(frozen=True)
class Period:
    """A time of one rate and one balance; `cells`: the row of the regime, then those of the reference rates."""

    date_from: date
    date_to: date
    days: int
    base_minor: int
    rate: Decimal
    interest_minor: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Explanation:
    """All about one line on one date.

    `line`: row of `AssessedItem`; `on_letter` and `letter`: rows of `ProposalLine` and `Proposal`, None when it is on no letter.
    `periods`: how its interest comes about. `lacks`: why interest and lump sum are not known, or "".
    """

    asked: tuple[Asked, ...]
    line: pd.Series
    on_letter: pd.Series | None
    letter: pd.Series | None
    periods: tuple[Period, ...]
    lacks: str


def explain(
    records: Records, row: int, standing_open: pd.DataFrame, ruleset: Ruleset, as_of: date, selection: Sequence[Selection] = ()
) -> Explanation:
    """The whole ladder for the line at position `row` of the ledger. Only the lines of its payer are looked at: no other decides about it."""
    key = payer_key(records.ledger)
    rows = np.flatnonzero(key == key.iloc[row])
    mine, at = records.about(rows), int(np.searchsorted(rows, row))
    told = simulated(mine, ruleset, as_of, standing_open, selection)
    line = _Line(mine, at, row, standing_open, ruleset, as_of, selection)
    on_letter, letter = _on_letter(told, at)
    periods = _periods(line, on_letter) if on_letter is not None and not told.lacks else ()
    return Explanation(line.asked(), told.run.ledger.iloc[at], on_letter, letter, periods, told.lacks)


class _Line:
    """One line among those of its payer, and the letter it speaks for."""

    def __init__(
        self, records: Records, at: int, row: int, standing_open: pd.DataFrame, ruleset: Ruleset, as_of: date, selection: Sequence[Selection]
    ) -> None:
        self.records, self.at, self.row, self.ruleset, self.as_of = records, at, row, ruleset, as_of
        self.language: Language = ruleset.settings.language
        self.whole = assess(records, ruleset, as_of)
        mask = selected(selection, records.ledger, self.whole, records.payers, ruleset.settings) if selection else None
        self.made = letters(records, self.whole, standing_open, ruleset, as_of, mask)
        self.ledger: Any = records.ledger.iloc[at]
        self.found: Any = self.whole.iloc[at]
        self.letter = int(self.made.of_line[at])
        self.selection = "; ".join(f"{c.field} {c.test} {c.value}" for c in selection)
        self.locking = standing_open
        self.facts = Facts(records, self.whole, ruleset, self.language)

    def asked(self) -> tuple[Asked, ...]:
        """Every test, in order."""
        decided = REASONS[int(self.made.code[self.at])]
        here = ORDER.index(decided)
        answers = self._answers
        made: list[Asked] = []
        for place, reason in enumerate(ORDER):
            answer = True if place == here else answers[reason] if place < here else None
            cell = self._cell(reason)
            setting, value = ("", "") if cell is None else (column(cell[0], cell[2]).titles[self.language], self._cell_text(cell))
            inputs = self._inputs(reason) if answer is not None else ()
            made.append(Asked(reason, text(self.language, "explain", reason), inputs, cell, setting, value, answer, place == here))
        return tuple(made)

    @cached_property
    def _answers(self) -> dict[Reason, bool | None]:
        """What each test says before one of them decides; those of a letter say nothing of a line that is on none."""
        alone = np.array([self.at])
        items = {why: bool(test[0]) for test, why in ladder(self.records.only(alone), self.whole.iloc[alone], self.ruleset, self.as_of)}
        its_own = REASONS[int(self.whole["reason_code"].cat.codes.iloc[self.at])]  # of a line that joined, not the last word
        asked = {why: items[why] if ORDER.index(why) <= ORDER.index(its_own) else None for why in ORDER if why in items}
        answers: dict[Reason, bool | None] = {**dict.fromkeys(ORDER, False), **asked, **dict.fromkeys(OF_LETTER)}
        if self.letter >= 0:
            of_letter = [(why, bool(test[self.letter])) for test, why in letter_tests(self.made.frame, self.ruleset, self.as_of)]
            answers |= {Reason.CREDIT_BALANCE: self._frame["reason"] == OF[Reason.CREDIT_BALANCE], **dict(of_letter)}
        return answers

    @cached_property
    def _frame(self) -> Any:
        return self.made.frame.iloc[self.letter]

    # ------------------------------------------------------------------------------------------------------------ what a test looks at

    def _inputs(self, reason: Reason) -> tuple[tuple[str, str], ...]:
        told = [(self._title(name), self._fact(name)) for name in TESTS[reason].facts]
        return tuple((title, value or "–") for place, (title, value) in enumerate(told) if value or not place)

    def _title(self, name: str) -> str:
        titled = TITLES[name]
        return text(self.language, "ladder", titled) if isinstance(titled, str) else column(*titled).titles[self.language]

    def _fact(self, name: str) -> str:
        """A fact as a person reads it, "" when there is none."""
        currency = str(self.ledger["currency"])
        if name in ("overdue_minor", "credits_minor", "net"):
            return self._amount(self._frame["net_minor" if name == "net" else name], currency) if self.letter >= 0 else ""
        if name in ("payer_last", "payer_next"):
            return self._plain(self._frame[name]) if self.letter >= 0 and not pd.isna(self._frame["payer_last"]) else ""
        if name == "payer_owes":
            return self._owed() if self.letter >= 0 else ""
        if name == "level_sum":
            return self._amount(self._of_level(), currency)
        if name == "open_minor":
            return self._amount(self.ledger[name], currency)
        if name == "collection_allowed":
            return self._plain(bool(self.records.payer_rows[name].iloc[int(self.found["payer_at"])]))
        if name == "selection":
            return self.selection
        if name == "run":
            return self._locked_by()
        if name == "next_level":
            return str(self._level)
        if name in ("block_until", "dispute_review", "payer_block_until") and not self._fact(name.rpartition("_")[0]):
            return ""
        value = self.ledger[name] if name in ("kind", "document_date", "manual_level") else self.facts.of(name, np.array([self.at]))[0]
        if name == "kind":
            return shown(self.language, next(w for w in column(OpenItem, "kind").word or () if w == value))
        if isinstance(value, np.datetime64):
            value = pd.Timestamp(value)
        timed = name in ("block_until", "dispute_review", "payer_block_until")
        return str(self.facts.written(name, value, currency)) if timed or (isinstance(value, str) and value) else self._plain(value)

    def _plain(self, value: Any) -> str:
        """A yes or no, a date, a number; "" for what is missing."""
        if isinstance(value, bool | np.bool_):
            return text(self.language, "ladder", "yes" if value else "no")
        return "" if pd.isna(value) or value == "" else str(self.facts.written("", value, ""))

    def _amount(self, minor: Any, currency: str) -> str:
        return amount_text(int(minor), currency, self.language)

    def _owed(self) -> str:
        """What the payer owes net over all currencies, in company currency; "" when Config lacks a rate for it, and nothing can be tested."""
        return self._amount(self._frame["owes_minor"], self.ruleset.settings.company_currency) if self._frame["owes_known"] else ""

    def _of_level(self) -> int:
        """What the lines of the level come to in this currency, with those that a letter refused."""
        if self.made.short_minor[self.at]:
            return int(self.made.short_minor[self.at])
        of: Ints = self.records.ledger["open_minor"].to_numpy()
        here = (self.made.of_line >= 0) & (of > 0) & (self.made.group == self.made.group[self.at]) & (self.made.level == self._level)
        return int(of[here].sum())

    def _locked_by(self) -> str:
        if not len(self.locking):
            return ""
        keys = ["company", "payer", "currency"]
        its = self.locking[(joined(self.locking, keys) == joined(self.records.ledger.iloc[[self.at]], keys).iloc[0]).to_numpy()]
        return str(its["run"].iloc[0]) if len(its) else ""

    # ------------------------------------------------------------------------------------------------------------ the cell that decides

    @cached_property
    def _level(self) -> int:
        """Level of the letter that is asked about; of the last one when none follows."""
        return int(self.made.level[self.at]) or int(self.found["level"])

    def _cell(self, reason: Reason) -> Cell | None:
        """The cell that decides a test, None where no cell does or the row is not there."""
        decided_in = TESTS[reason].column
        if decided_in is None:
            return None
        row_model, name = decided_in
        speaks = int(self._frame["method_at"]) if self.letter >= 0 and reason in OF_LETTER else int(self.found["method_at"])
        method = self.ruleset.methods[speaks]
        if name == "gate" and method.gate is Gate.OLDEST_ITEM:
            name = "gate_days"
        if row_model is Level:
            step = self.ruleset.steps.get((method.method, self._level))
            if step is None or (reason is Reason.WAITING and self.found["ended"]):
                return (Method, speaks, "last_level")
            name = "minimum_percent" if name == "minimum_minor" and not step.minimum_minor and step.minimum_percent else name
            return (Level, self.ruleset.levels.index(step), name)
        if row_model is Currency:
            at = [c.currency for c in self.ruleset.currencies]
            return (Currency, at.index(str(self.ledger["currency"])), name) if self.ledger["currency"] in at else None
        if row_model is Payer:
            at = int(self.found["payer_at"])
            return (Payer, at, name) if at >= 0 else None
        rows: dict[type[Row], int] = {Method: speaks, AssessedItem: self.row, Settings: 0}
        return (row_model, rows[row_model], name)

    def _cell_text(self, cell: Cell) -> str:
        """What stands in the cell, as a person reads it."""
        row_model, at, name = cell
        rules = self.ruleset
        tables: dict[type[Row], Sequence[Row]] = {
            Settings: [rules.settings], Method: rules.methods, Level: rules.levels, Currency: rules.currencies,
        }  # fmt: skip
        if row_model in tables:
            value = getattr(tables[row_model][at], name)
        else:
            value = self.ledger[name] if row_model is AssessedItem else self.records.payer_rows[name].iloc[at]
        if column(row_model, name).kind is Kind.MONEY:
            return self._amount(value, self.ruleset.settings.company_currency)
        return self._plain(str(value) if isinstance(value, str) else value) or "–"


def _on_letter(told: Simulated, at: int) -> tuple[pd.Series | None, pd.Series | None]:
    """The line as it stands on a letter, and the letter."""
    key = item_key(told.run.ledger.iloc[[at]]).iloc[0]
    its = np.flatnonzero(item_key(told.run.lines) == key)
    if not len(its):
        return None, None
    line = told.run.lines.iloc[int(its[0])]
    letter = np.flatnonzero(joined(told.run.proposals, PART) == joined(told.run.lines.iloc[its[:1]], PART).iloc[0])
    return line, told.run.proposals.iloc[int(letter[0])]


def _periods(line: _Line, on_letter: Any) -> tuple[Period, ...]:
    """The interest of the line by period, with the cells of the regime and of the rates that each comes from."""
    alone, ruleset = np.array([line.at]), line.ruleset
    level = np.array([int(on_letter["level"])])
    told = interest_periods(line.records.only(alone), line.whole.iloc[alone], level, ruleset, line.as_of).to_dict("records")
    if not told:
        return ()
    kind = str(line.records.payer_rows["customer_type"].iloc[int(line.found["payer_at"])])
    law = law_of(str(on_letter["regime"]), kind, ruleset)
    steps, first = curve(law, ruleset.rates), told[0]["date_from"].date()
    reading = _in_force(law, first).reading
    made: list[Period] = []
    for period in told:
        start, end = period["date_from"].date(), period["date_to"].date()
        asked = {Reading.FLOATING: start, Reading.RATE_ON_PAYMENT_DATE: end}.get(reading, first)
        step = max((step for step in steps if step.start <= number(asked)), key=lambda step: step.start)
        regime = Regime, ruleset.regimes.index(_in_force(law, asked)), "margin"
        rates = tuple((Rate, row, "rate") for row in step.rows)
        made.append(
            Period(start, end, int(period["days"]), int(period["base_minor"]), period["rate"], int(period["interest_minor"]), (regime, *rates))
        )
    return tuple(made)


def _in_force(law: Sequence[Regime], on: date) -> Regime:
    """The row of a law that holds on a day; before them all, the oldest."""
    return next((row for row in reversed(law) if row.valid_from <= on), law[0])
