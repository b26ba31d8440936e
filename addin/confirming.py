"""Confirmations: what was promised or agreed goes back to the payer in writing, once."""

from __future__ import annotations

from datetime import date

import pandas as pd

from addin.documents import Writer, payer_of, payers_by_key
from addin.report import Report, count
from addin.runs import ready
from addin.sheets import payments_until, records_of, refuse_wrong_rows, rules_of
from addin.window import beyond_window
from letter_templates.confirmation import plan_context, promise_context
from rules.model import AssessedItem, Instalment, Payer, Plan, PlanState, Promise, PromiseState
from rules.records import Records
from rules.row import Row, to_rows, typed
from rules.simulate import settled
from rules.standing import payer_key, positions
from workbook.book import Book

FOLDER = "confirmations"


def confirm(book: Book, as_of: date, *, dry_run: bool = False) -> Report:
    """Writes a confirmation of every open promise and every running plan that has none, and notes its file beside it."""
    ready(book)
    refuse_wrong_rows(book, rules_of(book))
    records = settled(records_of(book), as_of)
    writer = Writer(book, FOLDER, dry_run=dry_run)
    told = [*_confirmed(book, Promise, PromiseState.OPEN, records, writer, as_of), *_confirmed(book, Plan, PlanState.RUNNING, records, writer, as_of)]
    changed = book.save()
    shown = pd.DataFrame(told, columns=["what", "company", "payer", "document", "file"])
    sentence = f"{count(len(told), 'confirmation')} written." if told else "Every open promise and every running plan is confirmed already."
    return Report(sentence, {"confirmations": len(told)}, {"confirmations": shown}, beyond_window(book, shown), changed)


def _confirmed(
    book: Book, row_model: type[Row], state: PromiseState | PlanState, records: Records, writer: Writer, as_of: date
) -> list[dict[str, str]]:  # fmt: skip
    """Writes those of one sheet; promises whose lines are paid meanwhile have nothing to confirm and stay as they are."""
    frame = book.read(row_model)
    waiting = frame[(frame["state"] == state) & (frame["confirmation"] == "")]
    payers = payers_by_key(to_rows(records.payers[positions(payer_key(records.payers), payer_key(waiting)) >= 0], Payer))
    ledger = records.ledger[positions(payer_key(records.ledger), payer_key(waiting)) >= 0]
    lines, none = dict(iter(ledger.groupby(payer_key(ledger).to_numpy()))), ledger.iloc[:0]
    made: dict[int, str] = {}
    told: list[dict[str, str]] = []
    for at, key, row in zip(waiting.index, payer_key(waiting), to_rows(waiting, row_model), strict=True):
        mine = lines.get(key, none)
        payer = payer_of(payers, row.company, row.payer, next(iter(mine["payer_name"].astype("str")), ""))
        context = _of_promise(book, row, payer, mine, as_of) if isinstance(row, Promise) else _of_plan(book, row, payer, records, as_of)
        if context is None:
            continue
        name = "promise_confirmation" if row_model is Promise else "plan_confirmation"
        document = writer.write(name, context, payer, f"C{as_of:%Y%m%d}-{_agreed(row)}", row.document)
        made[at] = document.file
        who = {"company": payer.company, "payer": payer.payer, "document": row.document}
        told.append({"what": row_model.__name__.lower(), **who, "file": document.file})
        book.progress("confirmations", len(told), len(waiting))
    if made:
        files = frame["confirmation"].astype("object")
        files[list(made)] = list(made.values())
        book.replace(row_model, typed(frame.assign(confirmation=files), row_model))
    return told


def _agreed(row: Promise | Plan) -> str:
    return row.plan if isinstance(row, Plan) else f"{row.until:%Y%m%d}"


def _reference(row: Promise | Plan, as_of: date) -> str:
    """What the confirmation is called in answers to it: no other payer's, and no other document's, has it."""
    return "-".join(filter(None, (f"C{as_of:%Y%m%d}", row.payer, row.document, _agreed(row))))


def _of_promise(book: Book, promise: Promise, payer: Payer, lines: pd.DataFrame, as_of: date) -> dict[str, object] | None:
    """The lines a promise is about: of its document or all of the payer (`lines`), in its currency."""
    mine = lines[(lines["open_minor"] > 0).to_numpy()]
    mine = mine[mine["document"] == promise.document] if promise.document else mine
    mine = mine[mine["currency"] == promise.currency] if promise.currency else mine
    if mine.empty:
        return None
    items = to_rows(typed(mine, AssessedItem), AssessedItem)
    return promise_context(
        promise, items, payer, book.settings(), day=as_of, letter_id=_reference(promise, as_of), payments_until=payments_until(book)
    )  # fmt: skip


def _of_plan(book: Book, plan: Plan, payer: Payer, records: Records, as_of: date) -> dict[str, object] | None:
    its = to_rows(records.instalments[records.instalments["plan"] == plan.plan], Instalment)
    if not its:
        return None
    return plan_context(plan, its, payer, book.settings(), day=as_of, letter_id=_reference(plan, as_of), payments_until=payments_until(book))
