"""The worksheet functions: DUN_LEVEL and its like, on one cell, on a range, on whole columns; every answer is the one of the macros.

A document, or a range of them, says which lines are meant; tables that are not given come from the workbook the formula stands in. An unknown
document is #N/A, a wrong input #VALUE!, and DUN_WHY says why. Errors leave here as texts, and the generated VBA (`addin.wrappers`) makes real ones of
them: what a cell shows is a number, a date, a word of ours, or an error, never a text in place of a number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

import xlwings as xw

from addin import recalculation
from addin.formula_cells import Block, Cells
from addin.recalculation import answered, answers_on, day_asked
from rules.errors import ConfigError, DunningError

CATEGORY = "Dunning"


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
        recalculation.now.why[recalculation.calling().name] = trouble
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
History = Annotated[Cells, {"doc": "Table with headings to use in place of the sheet Reminder history."}]
Methods = Annotated[Cells, {"doc": "Table with headings to use in place of Methods on the sheet Config."}]
Levels = Annotated[Cells, {"doc": "Table with headings to use in place of Levels on the sheet Config."}]
Fees = Annotated[Cells, {"doc": "Table with headings to use in place of Fees on the sheet Config."}]
Regimes = Annotated[Cells, {"doc": "Table with headings to use in place of Interest regimes on the sheet Config."}]
Rates = Annotated[Cells, {"doc": "Table with headings to use in place of Rates on the sheet Config."}]
Ratings = Annotated[Cells, {"doc": "Table with headings to use in place of Ratings on the sheet Config."}]
Heading = Annotated[Cells, {"doc": "Heading of the sheet Reminder history to look up, such as Letter or Deadline; left out: the date."}]
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
        if document is None:
            raise ConfigError("No document and no due date was given. Give one, or a range of them, as the first argument.")
        dated = [isinstance(v, datetime) for v in document.flat()]
        if not any(dated):
            return _lines(answer, keys, as_of, {"ledger": ledger})
        return _due_dates(answer, document, dated, keys, as_of, ledger)

    return _function(name, help, ask)


def _lines(answer: str, keys: dict[str, Block | None], as_of: Block | None, given: Mapping[str, Block | None]) -> list[list[Any]]:
    document = keys["document"]
    if document is None:
        raise ConfigError("No document was given. Give its number, or a range of them, as the first argument.")
    answers = answers_on(as_of, given)
    found = answers.lines.sought(_keys(document, keys), "in the ledger", headed=document.headed)
    return _shown(document, found.cells(answers.of_lines(answer)), found.trouble)


def _due_dates(
    answer: str, document: Block, dated: list[bool], keys: dict[str, Block | None], as_of: Block | None, ledger: Block | None
) -> list[list[Any]]:  # fmt: skip
    """Plain dates by themselves; documents among them by their lines."""
    from addin.asking import NOT_FOUND, cells_of, overdue_of

    workbook = recalculation.calling()
    language = "en"
    with suppress(DunningError):
        language = recalculation.now.once(workbook.name, workbook.tables).language
    of_dates = iter(cells_of(overdue_of([v for v in document.flat() if isinstance(v, datetime)], day_asked(as_of, workbook), language)[answer]))
    others = [None if is_date else value for value, is_date in zip(document.flat(), dated, strict=True)]
    if document.headed:
        others[0] = None
    rest = Block([others[at : at + document.columns] for at in range(0, len(others), document.columns)], document.rows, document.columns)
    of_lines = [""] * len(others)
    if any(v is not None for v in others):
        try:
            of_lines = [v for row in _lines(answer, keys | {"document": rest}, as_of, {"ledger": ledger}) for v in row]
        except DunningError as refused:  # the heading above a column of dates, in a workbook that knows no documents
            recalculation.now.why[workbook.name] = str(refused)
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
    from addin.asking import DOUBLE, NOTHING, history_column

    if document is None:
        raise ConfigError("No document was given. Give its number, or a range of them, as the first argument.")
    answers, column = answers_on(as_of, {"history": history}), history_column(heading.one if heading else None)
    keys = _keys(document, {"document": document, "payer": payer, "instalment": instalment, "company": company})
    found = answers.letters.sought(keys, "in the history", headed=document.headed)
    open_now = answers.lines.sought(keys, "in ledger and history", headed=document.headed)
    found.at[(found.at == -1) & (open_now.at != -1)] = NOTHING  # open, and never reminded: nothing to show, and no error
    trouble = open_now.trouble if (found.at == -1).any() else found.trouble if (found.at == DOUBLE).any() else ""
    return _shown(document, found.cells(answers.of_letters(column)), trouble)


DUN_LAST_LETTER = _function(
    "DUN_LAST_LETTER", "Looks up the last letter about a document in the history: its date, or what stands there under another heading.", _last_letter
)


def _credit(
    payer: PayersAsked, orders: Orders = None, stage: StageAsked = None, in_words: InWords = None, as_of: AsOf = None, company: Companies = None,
    ledger: Ledger = None, payers: PayerTable = None, history: History = None, methods: Methods = None, levels: Levels = None,
    ratings: Ratings = None,
) -> Cells:  # fmt: skip
    from addin.asking import action_text, cells_of, stage_given

    if payer is None:
        raise ConfigError("No payer was given. Give the account number, or a range of them, as the first argument.")
    given = {"ledger": ledger, "payers": payers, "history": history, "methods": methods, "levels": levels, "ratings": ratings}
    answers, at_stage = answers_on(as_of, given), stage_given(stage.one if stage else None)
    keys = _keys(payer, {"payer": payer, "company": company})
    decisions = answers.credit(at_stage)
    found = decisions.sought(keys, "on the sheets Payers and Ledger", headed=payer.headed)
    if orders is not None:
        decisions = answers.credit(at_stage, answers.orders_of(decisions.frame, found.at, _amounts(payer, orders)))
    told = cells_of(decisions.frame["reason"]) if _wished(in_words) else action_text(decisions.frame, answers.language)
    return _shown(payer, found.cells(told), found.trouble)


def _wished(in_words: Block | None) -> bool:
    """Whether the reason is wanted in words. Raises ConfigError for what is neither TRUE nor FALSE."""
    if in_words is None or in_words.one is None:
        return False
    if not isinstance(in_words.one, bool):
        raise ConfigError(f"{in_words.one!r} is neither TRUE nor FALSE. Give TRUE for the reason in words.")
    return in_words.one


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
    return [[recalculation.now.why.get(recalculation.calling().name, "")]]


DUN_WHY = _function("DUN_WHY", "The reason of the last error that a function of this add-in gave in this workbook.", _why)

declared(xw.func)
