"""What the worksheet functions ask of a workbook: the macro's answer for every line, found by document, and tables given as ranges instead of sheets.

A range comes as rows of cells as Excel gives them: None where a cell is empty, an error as its text (#N/A). Answers are such cells as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from addin.sheets import TOLD, records_of, refuse_wrong_rows, rules_of, run_number, settle
from rules import model
from rules.assess import assess
from rules.config_text import TABLES
from rules.credit import Stage, credit_decisions
from rules.errors import ConfigError
from rules.model import AssessedItem, Event, HistoryEntry, LineSection, OpenItem, Payer, Proposal
from rules.money import decimals_of, to_minor
from rules.presets import preset
from rules.records import Records
from rules.review import is_open
from rules.row import LANGUAGES, Language, Row, columns, to_rows, typed
from rules.ruleset import Ruleset, ruleset
from rules.simulate import Simulated, simulated
from rules.standing import KEY, SEPARATOR, in_force, item_key, joined, payer_key, positions
from rules.words import shown, text
from workbook.book import Book
from workbook.cells import EPOCH, understood
from workbook.memory import MemoryBook

Rows = Sequence[Sequence[Any]]
Found = npt.NDArray[Any]
ASKED = (model.Setting, model.About, AssessedItem, Payer, HistoryEntry, Proposal, model.FollowUp, *TOLD, *TABLES.values())
NOT_FOUND, WRONG = "#N/A", "#VALUE!"
DOUBLE, NOTHING = -2, -3  # in place of a position: several have the key; nothing was asked
EARLY, LATE = 36_526, 73_051  # the numbers of the days from 2000 to 2099 in a cell
ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
GIVEN: dict[str, type[Row]] = {
    "ledger": AssessedItem, "payers": Payer, "history": HistoryEntry,
    **{name: TABLES[name] for name in ("methods", "levels", "fees", "regimes", "rates", "ratings")},
}  # fmt: skip
NEEDED: dict[type[Row], frozenset[str]] = {  # of tables that may be given without all their columns
    AssessedItem: frozenset({"payer", "document", "currency", "open_minor"}),
    HistoryEntry: frozenset({"event", "date", "payer", "document", "level"}),
}
Given = Mapping[str, Rows]


# ---------------------------------------------------------------------------------------------------------------- cells


def cell_text(value: Any) -> str | None:
    """A cell as text: whole numbers without a point, dates as 2026-01-31, None for an empty one."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value).strip()


def day_given(value: Any, date1904: bool = False) -> date:
    """The day a cell or a formula means: a date, its serial number (TODAY() comes as one), or 2026-01-31. Raises ConfigError."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 2_958_466:  # the last day Excel knows
        return (EPOCH[date1904] + np.timedelta64(int(value), "D")).item()
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise ConfigError(f"{value!r} is not a date. Give the cell of a date, or DATE(2026,3,31).") from None


def frame_given(name: str, rows: Rows, company: str, language: Language) -> pd.DataFrame:
    """The typed frame of a range whose first row holds our headings, in any of the three languages; other columns are left aside.

    Raises ConfigError when a column that is needed is missing, WorkbookError naming the cells that do not fit.
    """
    row_model = GIVEN[name]
    titled = {title.casefold(): c.name for c in columns(row_model) for title in (c.name, *c.titles.values())}
    heads = [(cell_text(head) or "").casefold() for head in rows[0]] if rows else []
    at = {titled[head]: number for number, head in reversed(list(enumerate(heads))) if head in titled}
    needed = NEEDED.get(row_model, frozenset(c.name for c in columns(row_model) if c.required))
    missing = [c.titles[language] for c in columns(row_model) if c.name in needed - set(at)]
    if missing:
        raise ConfigError(f"The range given as {name} has no column {', '.join(missing)}. Give the whole table, its headings in the first row.")
    body = [row for row in rows[1:] if any(value not in (None, "") for value in row)]
    if wrong := next((value for row in body for value in row if value in ERRORS), None):
        raise ConfigError(f"The range given as {name} holds the error {wrong}. Correct it first.")
    blank = pa.nulls(len(body), pa.large_string())
    cells = {c.name: pa.array([cell_text(row[at[c.name]]) for row in body], pa.large_string()) if c.name in at else blank for c in columns(row_model)}
    if row_model is HistoryEntry and "entry" not in at:  # entries without numbers are in their order
        cells["entry"] = pa.array([str(number) for number in range(1, len(body) + 1)], pa.large_string())
    titles = {c.name: c.titles[language] for c in columns(row_model)}
    return understood(cells, row_model, company, lambda row, column: f"{name}, row {row + 2}, {titles[column]}", language)


# ---------------------------------------------------------------------------------------------------------------- the workbook


class Asked(MemoryBook):
    """A copy of what the sheets say, with ranges in place of some of them: what is computed on it touches no sheet."""

    def __init__(self, book: Book, given: Given) -> None:
        self._book, self._ranges = book, frozenset(GIVEN[name] for name in given)
        company = book.settings().company_currency
        frames = {GIVEN[name]: frame_given(name, rows, company, book.language) for name, rows in given.items()}
        super().__init__({m: frames[m] if m in frames else book.read(m) for m in ASKED}, book.folder, book.language)
        self.name = book.name

    def place(self, row_model: type[Row], row: int, column: str) -> str:
        """Where a row stands: on its sheet, or in the range that was given."""
        if row_model in self._ranges:
            return super().place(row_model, row, column).split("!")[-1]
        return self._book.place(row_model, row, column)


def without_workbook(given: Given) -> MemoryBook:
    """What is known where no dunning workbook is open: nothing but the ranges. Raises ConfigError without a ledger, methods and levels."""
    lacking = [name for name in ("ledger", "methods", "levels") if name not in given]
    if lacking:
        raise ConfigError(
            f"This is not a dunning workbook. Use the function in one, or give it the tables it needs as ranges; not given: {', '.join(lacking)}."
        )
    method = frame_given("methods", given["methods"], "EUR", "en")["method"].tolist()
    first = pd.DataFrame({"setting": ["default_method"], "value": method[:1]}) if method else pd.DataFrame({"setting": [], "value": []})
    return MemoryBook({model.Setting: typed(first, model.Setting)})


class Answers:
    """What the rules answer for every line on one day: as the commands compute it, over the sheets or the ranges given in their place."""

    def __init__(self, book: Book, as_of: date, given: Given) -> None:
        self.book: Book = Asked(book, given)
        self.as_of, self.language = as_of, book.language
        self.rules: Ruleset = rules_of(self.book)
        self._cells: dict[str, Found] = {}
        self._decided: dict[Stage, Known] = {}

    @cached_property
    def records(self) -> Records:
        """Ledger, payers, history and what was agreed, as of the day: for one before the last letter, what was known then."""
        settle(self.book, self.as_of, ahead=True)
        refuse_wrong_rows(self.book, self.rules)
        records = records_of(self.book)
        letters = records.history.loc[records.history["event"] == Event.LETTER, "date"]
        return records.on(self.as_of) if len(letters) and pd.Timestamp(self.as_of) < letters.max() else records

    @cached_property
    def told(self) -> Simulated:
        """The run of the day; open proposals of other runs lock their lines."""
        records, proposals = self.records, self.book.read(Proposal)
        others = proposals[is_open(proposals) & (proposals["run"] != run_number(self.book, self.as_of))]
        return simulated(records, self.rules, self.as_of, others)

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """The lines as the sheet Ledger shows them: rows of `AssessedItem`."""
        return self.told.run.ledger

    def of_lines(self, name: str) -> Found:
        """The answer of each line, as cells: a column of `AssessedItem`, or interest or fee. Raises ConfigError where a rate is missing."""
        if name == "interest" and self.told.lacks:
            raise ConfigError(self.told.lacks)
        if name not in self._cells:
            self._cells[name] = self._charged(f"{name}_minor") if name in ("interest", "fee") else cells_of(self.ledger[name])
        return self._cells[name]

    @cached_property
    def lines(self) -> Known:
        """The lines of the ledger, to be found by their keys; in the order of `ledger`."""
        return Known(self.records.ledger)

    def _charged(self, column: str) -> Found:
        """What the letters of the day claim for each line; the fee of a letter as a whole stands with its first line, so that columns add up."""
        run, minor = self.told.run, np.zeros(len(self.ledger), dtype="int64")
        lines, letter = run.lines, ["company", "payer", "currency", "part"]
        at = positions(item_key(lines), item_key(self.ledger))
        np.add.at(minor, at, lines[column].to_numpy())
        if column == "fee_minor" and len(run.proposals):
            due = lines[(lines["section"] == LineSection.DUE).to_numpy()]
            of_lines = due.groupby(joined(due, letter).to_numpy())[column].sum()
            own = run.proposals[column].to_numpy() - joined(run.proposals, letter).map(of_lines).fillna(0).astype("int64").to_numpy()
            first = due[~joined(due, letter).duplicated()]
            of_letter = pd.Series(own, index=joined(run.proposals, letter).to_numpy())
            np.add.at(minor, positions(item_key(first), item_key(self.ledger)), of_letter[joined(first, letter).to_numpy()].to_numpy())
        return amounts(minor, self.ledger["currency"])

    @cached_property
    def letters(self) -> Known:
        """The last letter in force about each line that has one: entries of the history."""
        entries = in_force(self.records.history)
        letters = entries[((entries["event"] == Event.LETTER) & (entries["level"] > 0)).to_numpy()]
        return Known(letters[~item_key(letters).duplicated(keep="last").to_numpy()])

    def of_letters(self, name: str) -> Found:
        """The cells of a column of `letters`."""
        key, last = f"letter {name}", self.letters.frame
        if key not in self._cells:
            self._cells[key] = amounts(last[name].to_numpy(), last["currency"]) if name.endswith("_minor") else cells_of(last[name])
        return self._cells[key]

    def credit(self, stage: Stage, orders: pd.Series | None = None) -> Known:
        """A row of `CreditDecision` for each payer; `orders` in minor units of company currency by `payer_key`."""
        if orders is None and stage in self._decided:
            return self._decided[stage]
        ratings = to_rows(self.book.read(model.Rating), model.Rating)
        made = Known(credit_decisions(self.records, self.ledger, ratings, self.rules, self.as_of, stage, orders))
        if orders is None:
            self._decided[stage] = made
        return made

    def orders_of(self, decisions: pd.DataFrame, at: npt.NDArray[np.int64], values: Sequence[Any]) -> pd.Series:
        """Open orders for `credit`: each value is of the payer at that position of `decisions`, several add up. Raises ConfigError for no amount."""
        company, minor = self.rules.settings.company_currency, np.zeros(len(values), dtype="int64")
        for place, value in enumerate(values):
            if value is None or at[place] == NOTHING:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
                raise ConfigError(f"{value!r} is not an amount of open orders. Give numbers in {company}.")
            minor[place] = to_minor(Decimal(repr(value)) if isinstance(value, float) else Decimal(value), company)
        found = at >= 0
        return pd.Series(minor[found], index=payer_key(decisions).to_numpy()[at[found]]).groupby(level=0).sum()


def cells_of(values: pd.Series) -> Found:
    """A column of a frame as cells: numbers, texts, dates, "" where there is nothing."""
    if values.dtype.kind == "M":
        given = [None if v is None else datetime(v.year, v.month, v.day) for v in values.to_numpy("datetime64[D]").tolist()]
    else:
        given = values.astype(object).where(values.notna(), None).tolist()
    made = np.empty(len(given), dtype=object)
    made[:] = ["" if v is None else v for v in given]
    return made


def amounts(minor: Found, currency: pd.Series) -> Found:
    """Minor units as the numbers a cell shows."""
    return (minor / 10.0 ** decimals_of(currency)).astype(object)


# ---------------------------------------------------------------------------------------------------------------- finding


@dataclass(frozen=True)
class Sought:
    """The position of each thing asked for, -1 = not there, -2 = not clear, -3 = nothing asked; the first trouble in words."""

    at: npt.NDArray[np.int64]
    trouble: str

    def cells(self, answers: Found) -> Found:
        """The answer for each: blank for blank, the error where there is none."""
        return np.concatenate([answers, np.array(["", WRONG, NOT_FOUND], dtype=object)])[self.at]


class Known:
    """Rows that are looked for by their keys; each index is made once, so that ten thousand cells cost ten thousand looks."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._at: dict[tuple[str, ...], dict[str, int]] = {}

    def sought(self, keys: Mapping[str, Sequence[str | None] | None], what: str, *, headed: bool = False) -> Sought:
        """The rows with these keys; a key column that is None is not asked about. `what` names the sheet in the reason.

        `headed`: what is asked is a whole column, so that its first cell, if it is not there, is a heading and not asked.
        """
        asked = {name: values for name, values in keys.items() if values is not None}
        names, rows = tuple(asked), list(zip(*asked.values(), strict=True))
        index = self._index(names)
        at = np.array([index.get(SEPARATOR.join(v or "" for v in row), -1) if row[0] else NOTHING for row in rows], dtype="int64")
        if headed and len(at) and at[0] == -1:
            at[0] = NOTHING
        wrong = np.flatnonzero((at == -1) | (at == DOUBLE))
        if not len(wrong):
            return Sought(at, "")
        first = int(wrong[0])
        said = ", ".join(f"{name} {value or ''!r}" for name, value in zip(names, rows[first], strict=True))
        if at[first] == -1:
            return Sought(at, f"There is no {said} {what}.{self._near(names, rows[first])}")
        others = [name for name in KEY if name not in names and name != "document"]
        return Sought(at, f"There are several lines with {said} {what}. Give {' or '.join(others) or 'one of them'} as well.")

    def _index(self, names: tuple[str, ...]) -> dict[str, int]:
        if names not in self._at:
            index: dict[str, int] = {}
            for place, key in enumerate(joined(self.frame, names).tolist()):
                index[key] = DOUBLE if key in index else place
            self._at[names] = index
        return self._at[names]

    def _near(self, names: tuple[str, ...], row: Sequence[str | None]) -> str:
        """What a person may have meant: a number that lost its zeros when it was typed, or a date in a cell that is not formatted as one."""
        for name, value in zip(names, row, strict=True):
            if value and value.isdigit():
                near = next((known for known in self.frame[name].unique() if known != value and known.lstrip("0") == value.lstrip("0")), "")
                if near:
                    return f" Near to it: {name} {near!r}; put it in quotation marks, or format the cell as text."
                if name == "document" and EARLY <= int(value) < LATE:
                    return " A due date has to stand in a cell that is formatted as a date."
        return ""


# ---------------------------------------------------------------------------------------------------------------- answers that need no line


def overdue_of(due: Sequence[date], as_of: date, language: Language) -> pd.DataFrame:
    """days_overdue and bucket of plain due dates, by the rules that speak about lines; one answer for each distinct date."""
    number, distinct = pd.factorize(np.array(due, dtype="datetime64[s]"))
    lines = pd.DataFrame({"document": [str(n) for n in range(len(distinct))], "due_date": distinct, "payer": "", "currency": "EUR", "open_minor": 1})
    found = assess(Records(typed(lines, OpenItem)), ruleset(*preset("plain")), as_of)
    bucket = found["bucket"].cat.rename_categories(lambda b: text(language, "bucket", str(b))).astype("str")
    return found.assign(bucket=bucket)[["days_overdue", "bucket"]].iloc[number].reset_index(drop=True)


def stage_given(value: Any) -> Stage:
    """The stage of an order that a text names: order, release, delivery, or a heading of the table Ratings. Raises ConfigError."""
    said = (cell_text(value) or "order").casefold()
    by_title = {c.titles[language].casefold(): c.name for c in columns(model.Rating) for language in LANGUAGES if c.name.startswith("at_")}
    by_title |= {str(stage).removeprefix("at_"): str(stage) for stage in Stage}
    if said not in by_title:
        raise ConfigError(f"{value!r} is no stage of an order. Expected: order, release or delivery.")
    return Stage(by_title[said])


def history_column(value: Any) -> str:
    """The column of the history that a heading names, in any language; the date when none is named. Raises ConfigError."""
    said = (cell_text(value) or "date").casefold()
    for c in columns(HistoryEntry):
        if said in (c.name, *(title.casefold() for title in c.titles.values())):
            return c.name
    some = ", ".join(c.titles["en"] for c in columns(HistoryEntry)[-6:])
    raise ConfigError(f"{value!r} is no heading of the sheet Reminder history, such as {some}.")


def action_text(decisions: pd.DataFrame, language: Language) -> Found:
    """What the order desk does, in the words of the workbook."""
    said = {str(action): shown(language, action) for action in model.CreditAction}
    return cells_of(decisions["action"].astype("str").map(said))
