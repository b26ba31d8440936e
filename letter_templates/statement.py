"""What a statement of account says: everything open in one currency, its ages, the balance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from letter_templates.contract import Ageing, StatementLine, StatementOfAccount
from letter_templates.document import Writing, by_age, document_fields, due_of, name_of, numbered, payable_fields, writing
from letter_templates.formats import clean
from letter_templates.wording import document_name
from rules.errors import HistoryError
from rules.model import AssessedItem, DocumentKind, Payer, Settings

AGES = {"days_30": 30, "days_60": 60, "days_90": 90}  # days overdue at most; beyond is older


def statement_context(
    payer: Payer, items: Sequence[AssessedItem], settings: Settings, *, as_of: date, currency: str, payments_until: date | None, statement_id: str
) -> dict[str, Any]:
    """What the statement of account says, in the fields of `StatementOfAccount`; text, yes/no and lists only.

    `items`: everything open on `as_of` in `currency`, credits and payments negative, in any order; they come out oldest first. Overdue is what was
    due before `as_of`, whatever the grace; an agreed due date counts. Credits and unapplied payments stand apart from the ages, whatever their date.
    Raises ConfigError for a language without templates, HistoryError for an item of another payer or currency.
    """
    strange = [i for i in items if i.currency != currency or i.payer != payer.payer]
    if strange:
        raise HistoryError(
            f"The statement of payer {payer.payer} in {currency} has the document {strange[0].document} of payer {strange[0].payer} in "
            f"{strange[0].currency}. A statement is of one payer and one currency."
        )
    w = writing(payer, settings, currency)
    ordered = sorted(items, key=by_age)
    ages = dict.fromkeys(("not_due", *AGES, "older", "credits"), 0)
    for item in ordered:
        ages[_age(item, as_of)] += item.open_minor
    balance, overdue = sum(ages.values()), sum(ages[age] for age in (*AGES, "older"))
    statement = StatementOfAccount(
        **document_fields(
            w, payer, settings, name=name_of(payer, ordered[0].payer_name if ordered else ""), day=as_of, number=statement_id,
            called=document_name(w.language, "statement"), payments_until=payments_until),
        **payable_fields(w, settings, clean(payer.payer), min(overdue, balance)),
        lines=[_line(item, as_of, w) for item in ordered], has_lines=bool(ordered), has_credits=any(i.open_minor < 0 for i in ordered),
        has_overdue=overdue > 0, ageing=Ageing(**{age: w.amount(minor) for age, minor in ages.items()}, balance=w.amount(balance)),
        overdue=w.money(overdue), balance=w.money(abs(balance)), is_in_credit=balance < 0,
    )  # fmt: skip
    return statement.model_dump()


def _late(item: AssessedItem, as_of: date) -> int:
    """Days overdue; 0 for what is not, and for credits and payments."""
    due = due_of(item)
    return max((as_of - due).days, 0) if due and item.open_minor > 0 else 0


def _age(item: AssessedItem, as_of: date) -> str:
    if item.open_minor < 0:
        return "credits"
    late = _late(item, as_of)
    return next((age for age, most in AGES.items() if late <= most), "older") if late else "not_due"


def _line(item: AssessedItem, as_of: date, w: Writing) -> StatementLine:
    late, payment = _late(item, as_of), item.kind == DocumentKind.PAYMENT
    return StatementLine(
        document=numbered(item.document, item.instalment), document_date=w.short(item.document_date), due_date=w.short(due_of(item)),
        days_overdue=str(late) if late else "",
        original=w.amount(item.original_minor), open=w.amount(item.open_minor), is_credit=item.open_minor < 0 and not payment,
        is_payment=item.open_minor < 0 and payment,
    )  # fmt: skip
