"""The worksheet functions: DUN_LEVEL and its like, on one cell, on a range, on whole columns; every answer is the one of the macros.

A document, or a range of them, says which lines are meant; tables that are not given come from the workbook the formula stands in. An unknown
document is #N/A, a wrong input #VALUE!, and DUN_WHY says why. Errors leave here as texts, and the generated VBA (`addin.wrappers`) makes real ones of
them: what a cell shows is a number, a date, a word of ours, or an error, never a text in place of a number.

The workbook is read once per recalculation. Excel tells no function when one begins, but within one the calls follow each other at once, and a person
or a macro needs longer than `PAUSE` to change a cell: after a pause everything is read anew. Tables given as ranges are told apart by their content.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import xlwings as xw
from xlwings.conversion import Accessor, CleanDataFromReadStage, Ensure2DStage, Pipeline, ReadValueFromRangeStage

from rules.errors import ConfigError, DunningError

if TYPE_CHECKING:
    from addin.asking import Answers, Given
    from workbook.book import Book

CATEGORY = "Dunning"
PAUSE = 0.3  # seconds without a call after which a recalculation is over
LONG = 1_000  # rows from which a range is read as far as its sheet is used
WRONG = "#VALUE!"


# ---------------------------------------------------------------------------------------------------------------- cells in and out


@dataclass(frozen=True)
class Block:
    """The cells of an argument: as many rows as its sheet uses, and the shape it has in the formula."""

    values: list[list[Any]]
    rows: int
    columns: int

    @property
    def one(self) -> Any:
        """The value of a single cell. Raises ConfigError for several."""
        if self.rows * self.columns != 1:
            raise ConfigError("A single cell is expected, and a range was given. Give ranges for the lines and the tables alone.")
        return self.values[0][0]

    def flat(self) -> Iterator[Any]:
        """The cells that were read, row by row."""
        return (value for row in self.values for value in row)

    def shaped(self, answers: list[Any]) -> list[list[Any]]:
        """Answers, one for each cell of `flat`, in the shape of the argument; beyond the cells that were read there is nothing."""
        width = self.columns
        made = [answers[at : at + width] for at in range(0, len(answers), width)]
        return made + [[""] * width] * (self.rows - len(made))


class Cells(Accessor):
    """How arguments and answers of the functions pass between Excel and Python."""

    @classmethod
    def reader(cls, options: dict[str, Any]) -> Pipeline:
        """A range or a value as a `Block`: errors as their texts, dates as dates, None where a cell is empty."""
        stages = [_used_rows, ReadValueFromRangeStage(options), Ensure2DStage(), CleanDataFromReadStage({"err_to_str": True}), _block]
        return Pipeline(stages)

    @classmethod
    def writer(cls, options: dict[str, Any]) -> Pipeline:
        """Rows of cells as Excel takes them."""
        return Pipeline([_dates])


def _used_rows(c: Any) -> None:
    """Of a whole column no more is read than its sheet uses."""
    if c.range is None:
        return
    rows, width = c.meta["shape"] = c.range.shape
    if rows >= LONG:
        on_sheet = c.range.sheet.used_range
        used = on_sheet.row + on_sheet.shape[0] - c.range.row
        if used < 1:
            c.range, c.value = None, [[None] * width]
        elif used < rows:
            c.range = c.range[:used, :]


def _block(c: Any) -> None:
    rows, width = c.meta.get("shape") or (len(c.value), len(c.value[0]))
    c.value = Block(c.value, rows, width)


def _dates(c: Any) -> None:
    """Dates as the dates of Excel, so that a cell shows one; the rest is as it is."""
    prepared = c.engine.impl.prepare_xl_data_element
    c.value = [[prepared(v, {}) if isinstance(v, datetime) else v for v in row] for row in c.value]


# ---------------------------------------------------------------------------------------------------------------- the workbook of a formula


class Calling:
    """The workbook a formula stands in."""

    def __init__(self, book: xw.Book) -> None:
        self.book, self.name = book, str(book.name)

    def tables(self) -> Book:
        """Its tables. Raises WorkbookError when it is no dunning workbook."""
        from workbook.live import LiveBook

        return LiveBook(self.book, Path())

    def day_shown(self) -> Any:
        """What its sheet Home shows as the as-of date, or None."""
        with suppress(Exception):
            return self.book.names["dunning.home.as_of"].refers_to_range.value
        return None

    @property
    def date1904(self) -> bool:
        """Whether its serial numbers of days count from 1904."""
        with suppress(Exception):
            return bool(self.book.api.Date1904)
        return False


def calling() -> Calling:
    """The workbook of the formula that Excel computes now."""
    return Calling(xw.Book.caller())


@dataclass
class Recalculation:
    """What was read and computed since the last pause, and the last reason of each workbook."""

    clock: Callable[[], float] = time.monotonic
    last: float = 0.0
    known: dict[Any, Any] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        """A call begins: after a pause nothing is known any more."""
        if self.clock() - self.last > PAUSE:
            self.known.clear()

    def end(self) -> None:
        """A call ends."""
        self.last = self.clock()

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What `make` answers, asked once; a refusal is remembered like an answer."""
        if key not in self.known:
            try:
                self.known[key] = make()
            except DunningError as refused:
                self.known[key] = refused
        if isinstance(self.known[key], DunningError):
            raise self.known[key]
        return self.known[key]


now = Recalculation()


def _answers(as_of: Block | None, given: Mapping[str, Block | None]) -> Answers:
    """What the rules say on a day: of the sheets, or of ranges in their place."""
    from addin.asking import Answers, without_workbook

    workbook = calling()
    ranges: Given = {name: block.values for name, block in given.items() if block is not None}
    content = tuple((name, tuple(map(tuple, rows))) for name, rows in ranges.items())
    try:
        book = now.once(workbook.name, workbook.tables)
    except DunningError:
        if not ranges:
            raise
        book = now.once((workbook.name, content), lambda: without_workbook(ranges))
    day = _day(as_of, workbook)
    return now.once((workbook.name, day, content), lambda: Answers(book, day, ranges))


def _day(as_of: Block | None, workbook: Calling) -> date:
    """The as-of date: the one given, else the one on the sheet Home, else today."""
    from addin.asking import day_given

    if as_of is not None and as_of.one is not None:
        return day_given(as_of.one, workbook.date1904)
    if shown := now.once((workbook.name, "day"), workbook.day_shown):
        return day_given(shown, workbook.date1904)
    from addin.commands import today

    return today()


# ---------------------------------------------------------------------------------------------------------------- the policy, once


def answered(ask: Callable[..., list[list[Any]]]) -> Callable[..., list[list[Any]]]:
    """A refusal becomes #VALUE!, its reason is kept for DUN_WHY; a fault of ours goes to the log as well."""

    @wraps(ask)
    def call(*values: Any) -> list[list[Any]]:
        now.begin()
        try:
            return ask(*values)
        except DunningError as refused:
            return _refused(str(refused))
        except Exception:
            return _refused(f"This is a fault of the program, not of your formula; the details are in {_logged()}.")
        finally:
            now.end()

    return call


def _refused(reason: str) -> list[list[Any]]:
    with suppress(Exception):
        now.why[calling().name] = reason
    return [[WRONG]]


def _logged() -> Path:
    from addin.ribbon import log_file

    log = log_file()
    with suppress(OSError):
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} worksheet function\n{traceback.format_exc()}\n")
    return log


def _keys(first: Block, beside: Mapping[str, Block | None]) -> dict[str, list[str | None] | None]:
    """The texts that identify lines: those of the first argument, and of the others beside it, cell by cell; a single cell stands for all."""
    from addin.asking import ERRORS, cell_text

    read = len(first.values) * first.columns
    made: dict[str, list[str | None] | None] = {}
    for name, block in beside.items():
        if block is None:
            made[name] = None
        elif block.rows * block.columns == 1:
            made[name] = [cell_text(block.one)] * read
        elif (block.rows, block.columns) == (first.rows, first.columns):
            texts = [cell_text(v) for v in block.flat()][:read]
            made[name] = texts + [None] * (read - len(texts))
        else:
            asked, has = f"{first.rows} x {first.columns}", f"{block.rows} x {block.columns}"
            raise ConfigError(f"The range given as {name} has {has} cells, the first one {asked}. Give one cell, or as many as the first has.")
    for values in made.values():
        if values is not None:
            values[:] = [None if v in ERRORS else v for v in values]
    return made


def _shown(first: Block, cells: Any, trouble: str) -> list[list[Any]]:
    """The answers in the shape of the first argument; an error in a cell of it stays that error."""
    from addin.asking import ERRORS

    if trouble:
        now.why[calling().name] = trouble
    answers = [asked if asked in ERRORS else answer for asked, answer in zip(first.flat(), cells.tolist(), strict=True)]
    return first.shaped(answers)


# ---------------------------------------------------------------------------------------------------------------- what the wizard says of arguments

Documents = Annotated[Cells, {"doc": "Document number, or a range or column of them."}]
Dues = Annotated[Cells, {"doc": "Document number or due date (the cell of a date), or a range or column of them."}]
PayersAsked = Annotated[Cells, {"doc": "Account number of the payer, or a range or column of them."}]
PayersBeside = Annotated[Cells, {"doc": "Payers beside the documents, where document numbers repeat."}]
AsOf = Annotated[Cells, {"doc": "As-of date; left out: the date on the sheet Home."}]
Instalments = Annotated[Cells, {"doc": "Instalments beside the documents, where a document has several lines."}]
Companies = Annotated[Cells, {"doc": "Company codes beside the documents, where several companies share numbers."}]
Ledger = Annotated[Cells, {"doc": "Table with headings to use in place of the sheet Ledger."}]
PayerTable = Annotated[Cells, {"doc": "Table with headings to use in place of the sheet Payers."}]
History = Annotated[Cells, {"doc": "Table with headings to use in place of the sheet History."}]
Methods = Annotated[Cells, {"doc": "Table with headings to use in place of Methods on the sheet Config."}]
Levels = Annotated[Cells, {"doc": "Table with headings to use in place of Levels on the sheet Config."}]
Fees = Annotated[Cells, {"doc": "Table with headings to use in place of Fees on the sheet Config."}]
Regimes = Annotated[Cells, {"doc": "Table with headings to use in place of Interest regimes on the sheet Config."}]
Rates = Annotated[Cells, {"doc": "Table with headings to use in place of Rates on the sheet Config."}]
Ratings = Annotated[Cells, {"doc": "Table with headings to use in place of Ratings on the sheet Config."}]
Heading = Annotated[Cells, {"doc": "Heading of the sheet History to look up, such as Letter or Deadline; left out: the date."}]
Orders = Annotated[Cells, {"doc": "Open orders of the payer in company currency, one amount for each payer; left out: none."}]
StageAsked = Annotated[Cells, {"doc": "Stage of the order: order, release or delivery; left out: order."}]
InWords = Annotated[Cells, {"doc": "TRUE: the reason in words in place of the action."}]
Answer = Annotated[Cells, {"doc": "The cell you ask about; an answer that is no error has no reason."}]

FUNCTIONS: dict[str, Callable[..., list[list[Any]]]] = {}
VOLATILE = ("DUN_WHY",)


def _function(name: str, help: str, ask: Callable[..., list[list[Any]]]) -> Callable[..., list[list[Any]]]:
    """A worksheet function under its name, with the help that the Function Wizard shows."""
    ask.__name__ = ask.__qualname__ = name
    ask.__doc__ = help
    FUNCTIONS[name] = answered(ask)
    return FUNCTIONS[name]


def declared(declare: Callable[..., Any]) -> None:
    """Declares every function to xlwings by its decorator `declare`."""
    for name, function in FUNCTIONS.items():
        declare(function, category=CATEGORY, volatile=name in VOLATILE)


def _of_lines(name: str, answer: str, help: str) -> Callable[..., list[list[Any]]]:
    """A function that answers a column about lines."""

    def ask(
        document: Documents, payer: PayersBeside = None, as_of: AsOf = None, instalment: Instalments = None, company: Companies = None,
        ledger: Ledger = None, payers: PayerTable = None, history: History = None, methods: Methods = None, levels: Levels = None,
        fees: Fees = None, regimes: Regimes = None, rates: Rates = None,
    ) -> Cells:  # fmt: skip
        given = {"ledger": ledger, "payers": payers, "history": history, "methods": methods, "levels": levels, "fees": fees, "regimes": regimes}
        keys = {"document": document, "payer": payer, "instalment": instalment, "company": company}
        return _lines(answer, keys, as_of, given | {"rates": rates})

    return _function(name, help, ask)


def _of_dues(name: str, answer: str, help: str) -> Callable[..., list[list[Any]]]:
    """A function that answers a column about lines, or about plain due dates."""

    def ask(document: Dues, payer: PayersBeside = None, as_of: AsOf = None, instalment: Instalments = None, company: Companies = None, ledger: Ledger = None) -> Cells:  # fmt: skip  # noqa: E501
        keys = {"document": document, "payer": payer, "instalment": instalment, "company": company}
        dated = [isinstance(v, datetime) for v in document.flat()]
        if not any(dated):
            return _lines(answer, keys, as_of, {"ledger": ledger})
        return _due_dates(answer, document, dated, keys, as_of, ledger)

    return _function(name, help, ask)


def _lines(answer: str, keys: dict[str, Block | None], as_of: Block | None, given: Mapping[str, Block | None]) -> list[list[Any]]:
    from addin.asking import sought

    document = keys["document"]
    assert document is not None
    answers = _answers(as_of, given)
    found = sought(answers.ledger, _keys(document, keys), "in the ledger")
    return _shown(document, found.cells(answers.of_lines(answer)), found.trouble)


def _due_dates(
    answer: str, document: Block, dated: list[bool], keys: dict[str, Block | None], as_of: Block | None, ledger: Block | None
) -> list[list[Any]]:  # fmt: skip
    """Plain dates by themselves; documents among them by their lines."""
    from addin.asking import NOT_FOUND, cells_of, overdue_of

    workbook = calling()
    language = "en"
    with suppress(DunningError):
        language = now.once(workbook.name, workbook.tables).language
    of_dates = iter(cells_of(overdue_of([v for v in document.flat() if isinstance(v, datetime)], _day(as_of, workbook), language)[answer]))
    others = [None if is_date else value for value, is_date in zip(document.flat(), dated, strict=True)]
    rest = Block([others[at : at + document.columns] for at in range(0, len(others), document.columns)], document.rows, document.columns)
    of_lines = [""] * len(others)
    if any(v is not None for v in others):
        try:
            of_lines = [v for row in _lines(answer, keys | {"document": rest}, as_of, {"ledger": ledger}) for v in row]
        except DunningError as refused:  # the heading above a column of dates, in a workbook that knows no documents
            now.why[workbook.name] = str(refused)
            of_lines = ["" if v is None else NOT_FOUND for v in others]
    return document.shaped([next(of_dates) if is_date else line for is_date, line in zip(dated, of_lines, strict=False)])


# ---------------------------------------------------------------------------------------------------------------- the functions

DUN_DAYS_OVERDUE = _of_dues(
    "DUN_DAYS_OVERDUE",
    "days_overdue",
    "Days a document, or a due date, is overdue on the as-of date; negative when it is not yet due, 0 without a due date.",
)
DUN_BUCKET = _of_dues("DUN_BUCKET", "bucket", "Ageing bucket of a document, or of a due date, on the as-of date.")
DUN_LEVEL = _of_lines("DUN_LEVEL", "level", "Level of the last reminder of a document; 0 when there was none.")
DUN_NEXT_LEVEL = _of_lines("DUN_NEXT_LEVEL", "next_level", "Level of the next reminder of a document; 0 when none follows.")
DUN_NEXT_DATE = _of_lines(
    "DUN_NEXT_DATE", "next_date", "First day on which the next reminder of a document may go; empty when none follows or nobody knows the day."
)
DUN_REASON = _of_lines("DUN_REASON", "reason", "Why a document is, or is not, on a letter of the as-of date, in words.")
DUN_INTEREST = _of_lines(
    "DUN_INTEREST",
    "interest",
    "Default interest that a letter of the as-of date claims for a document, in its currency; 0 when it is on no letter.",
)
DUN_FEE = _of_lines(
    "DUN_FEE",
    "fee",
    "Fee that a letter of the as-of date claims for a document, in its currency. The fee of a whole letter stands with its first document, so that a "
    "column of fees adds up.",
)


def _last_letter(
    document: Documents, payer: PayersBeside = None, heading: Heading = None, as_of: AsOf = None, instalment: Instalments = None,
    company: Companies = None, history: History = None,
) -> Cells:  # fmt: skip
    from addin.asking import history_column, sought

    answers = _answers(as_of, {"history": history})
    letters, cells = answers.last_letters(history_column(heading.one if heading else None))
    keys = _keys(document, {"document": document, "payer": payer, "instalment": instalment, "company": company})
    found, open_now = sought(letters, keys, "in the history"), sought(answers.records.ledger, keys, "in ledger and history")
    found.at[(found.at == -1) & (open_now.at != -1)] = -3  # open, and never reminded: nothing to show, and no error
    return _shown(document, found.cells(cells), open_now.trouble if (found.at == -1).any() else found.trouble if (found.at == -2).any() else "")


DUN_LAST_LETTER = _function(
    "DUN_LAST_LETTER", "Looks up the last letter about a document in the history: its date, or what stands there under another heading.", _last_letter
)


def _credit(
    payer: PayersAsked, orders: Orders = None, stage: StageAsked = None, in_words: InWords = None, as_of: AsOf = None, company: Companies = None,
    ledger: Ledger = None, payers: PayerTable = None, history: History = None, methods: Methods = None, levels: Levels = None,
    ratings: Ratings = None,
) -> Cells:  # fmt: skip
    from addin.asking import action_text, cells_of, sought, stage_given

    given = {"ledger": ledger, "payers": payers, "history": history, "methods": methods, "levels": levels, "ratings": ratings}
    answers, at_stage = _answers(as_of, given), stage_given(stage.one if stage else None)
    keys = _keys(payer, {"payer": payer, "company": company})
    decisions = answers.credit(at_stage, None)
    found = sought(decisions, keys, "on the sheets Payers and Ledger")
    if orders is not None:
        decisions = answers.credit(at_stage, answers.orders_of(decisions, found.at, _amounts(payer, orders)))
    told = cells_of(decisions["reason"]) if in_words and in_words.one is True else action_text(decisions, answers.language)
    return _shown(payer, found.cells(told), found.trouble)


def _amounts(payer: Block, orders: Block) -> list[Any]:
    """The open orders beside the payers."""
    if (orders.rows, orders.columns) != (payer.rows, payer.columns):
        raise ConfigError(
            f"The open orders have {orders.rows} x {orders.columns} cells, the payers {payer.rows} x {payer.columns}. Give one amount for each."
        )
    read = len(payer.values) * payer.columns
    amounts = list(orders.flat())[:read]
    return amounts + [None] * (read - len(amounts))


DUN_CREDIT = _function(
    "DUN_CREDIT",
    "Whether a payer may order, by its rating, exposure (open items and open orders), overdue, level and review: what the order desk does, or why.",
    _credit,
)


def _why(answer: Answer = None) -> Cells:
    from addin.asking import ERRORS

    if answer is not None and not any(value in ERRORS for value in answer.flat()):
        return [[""]]
    return [[now.why.get(calling().name, "")]]


DUN_WHY = _function("DUN_WHY", "The reason of the last error that a function of this add-in gave in this workbook.", _why)

declared(xw.func)
