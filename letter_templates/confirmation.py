"""What the confirmation of a promise to pay and of a payment plan says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from letter_templates.contract import PlanConfirmation, PlannedInstalment, PromiseConfirmation
from letter_templates.document import by_age, document_fields, listed, name_of, numbered, payable_fields, writing
from letter_templates.formats import clean
from letter_templates.wording import document_name
from rules.errors import ConfigError, HistoryError
from rules.model import AssessedItem, Instalment, Payer, Plan, Promise, Settings


def promise_context(
    promise: Promise, items: Sequence[AssessedItem], payer: Payer, settings: Settings,
    *, day: date, letter_id: str, payments_until: date | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What the confirmation of a promise says, in the fields of `PromiseConfirmation`; text, yes/no and lists only.

    `items`: the open lines it is about, in the currency of the promise, credits that are deducted among them; without an amount of its own the
    promise is for their sum. Raises ConfigError when they are none or in several currencies, or for a language without templates; HistoryError when
    the sum promised is not above zero.
    """
    currencies = {promise.currency} if promise.currency else {item.currency for item in items}
    if len(currencies) != 1 or any(item.currency not in currencies for item in items) or not items:
        raise ConfigError(
            f"Promise of payer {promise.payer} of {promise.date}: a confirmation is about open lines in one currency, these are in "
            f"{', '.join(sorted({item.currency for item in items})) or 'none'}. Fill the columns Document and Currency of the promise."
        )
    w = writing(payer, settings, currencies.pop())
    ordered = sorted(items, key=by_age)
    owed = sum(item.open_minor for item in ordered)
    amount = owed if promise.amount_minor is None else promise.amount_minor
    if amount <= 0:
        raise HistoryError(
            f"Promise of payer {promise.payer} of {promise.date}: the lines it is about come to {w.money(amount)}. There is nothing to confirm."
        )
    reference = numbered(ordered[0].document, ordered[0].instalment) if len(ordered) == 1 else clean(payer.payer)
    made = PromiseConfirmation(
        **document_fields(
            w, payer, settings, name=name_of(payer, ordered[0].payer_name), day=day, number=letter_id,
            called=document_name(w.language, "promise_confirmation"), payments_until=payments_until),
        **payable_fields(w, settings, reference, amount),
        said_on=w.long(promise.date), promised_for=w.long(promise.until), amount=w.money(amount), has_rest=owed > amount,
        rest=w.money(max(owed - amount, 0)), is_single=len(ordered) == 1, lines=[listed(item, w) for item in ordered], open_total=w.amount(owed),
    )  # fmt: skip
    return made.model_dump()


def plan_context(
    plan: Plan, instalments: Sequence[Instalment], payer: Payer, settings: Settings,
    *, day: date, letter_id: str, payments_until: date | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What the confirmation of a payment plan says, in the fields of `PlanConfirmation`; text, yes/no and lists only.

    `instalments`: all of the plan, in any order. The QR code pays the first one that is still open. Raises ConfigError when there are none, or in
    several currencies, or for a language without templates.
    """
    currencies = {instalment.currency for instalment in instalments}
    if len(currencies) != 1:
        raise ConfigError(
            f"Plan {plan.plan}: its instalments are in {', '.join(sorted(currencies)) or 'no currency, for there are none'}; expected is one "
            "currency. Correct its rows on the sheet of instalments."
        )
    w = writing(payer, settings, currencies.pop())
    ordered = sorted(instalments, key=lambda i: (i.due_date, i.instalment))
    left = [i.amount_minor - i.paid_minor for i in ordered]
    paid = sum(i.paid_minor for i in ordered)
    made = PlanConfirmation(
        **document_fields(
            w, payer, settings, name=name_of(payer), day=day, number=letter_id, called=document_name(w.language, "plan_confirmation"),
            payments_until=payments_until),
        **payable_fields(w, settings, clean(plan.document), next((minor for minor in left if minor > 0), 0)),
        plan=clean(plan.plan), document=clean(plan.document), agreed_on=w.long(plan.agreed_on), is_single=len(ordered) == 1,
        instalments=[
            PlannedInstalment(
                number=clean(i.instalment), due_date=w.short(i.due_date), amount=w.amount(i.amount_minor), paid=w.amount(i.paid_minor),
                open=w.amount(minor))
            for i, minor in zip(ordered, left, strict=True)],
        count=str(len(ordered)), total=w.money(sum(i.amount_minor for i in ordered)), first_date=w.long(ordered[0].due_date),
        last_date=w.long(ordered[-1].due_date), has_paid=paid > 0, paid_total=w.amount(paid), open_total=w.amount(sum(left)),
    )  # fmt: skip
    return made.model_dump()
