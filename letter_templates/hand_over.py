"""What the file of a hand-over says: the assignment of a claim to a collection agency or lawyer, its interest, and what was done about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from letter_templates.context import credit
from letter_templates.contract import ClaimEvent, ClaimLine, ClaimTotals, HandOver
from letter_templates.document import Writing, by_age, document_fields, due_of, name_of, numbered, writing
from letter_templates.formats import clean
from letter_templates.interest import InterestPeriod, adding_up, in_order, notes
from letter_templates.interest import shown as shown_period
from letter_templates.wording import document_name, wording
from rules.errors import HistoryError
from rules.model import AssessedItem, Delivery, Event, HistoryEntry, Payer, Settings
from rules.words import shown


def hand_over_context(
    payer: Payer, items: Sequence[AssessedItem], history: Sequence[HistoryEntry], periods: Sequence[InterestPeriod], settings: Settings,
    *, day: date, currency: str, letter_id: str, interest_minor: int = 0, lump_sum_minor: int = 0, fee_minor: int = 0,
    enclosures: Sequence[str] = (), payments_until: date | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What the claim file says, in the fields of `HandOver`; text, yes/no and lists only. It is written in the language of the company's letters.

    `items`: the lines handed over (positive) and the credits deducted (negative), of one payer and currency. `history`: what is in force about these
    lines, in any order. `periods`: how `interest_minor` comes about, or none. `enclosures`: names of the files beside it. Raises ConfigError for a
    language without templates, HistoryError for an item of another payer or currency and when the interest is not that of the periods.
    """
    strange = [i for i in items if i.currency != currency or i.payer != payer.payer]
    if strange:
        raise HistoryError(
            f"The hand-over of payer {payer.payer} in {currency} has the document {strange[0].document} of payer {strange[0].payer} in "
            f"{strange[0].currency}. A claim file is of one payer and one currency."
        )
    rows = adding_up(in_order(periods), interest_minor) if periods else []
    if rows is None:
        raise HistoryError(
            f"The hand-over of payer {payer.payer}: its interest is {interest_minor} minor units, its periods make "
            f"{sum(p.interest_minor for p in periods)}. A claim must add up. Hand over again."
        )
    w = writing(payer, settings, currency, language=settings.letter_language)
    ordered = sorted(items, key=by_age)
    claims, credits = [i for i in ordered if i.open_minor > 0], [i for i in ordered if i.open_minor < 0]
    principal, deducted = sum(i.open_minor for i in claims), sum(i.open_minor for i in credits)
    total = principal + deducted + interest_minor + lump_sum_minor + fee_minor
    told, due = _told(history, w), [d for i in claims if (d := due_of(i))]
    made = HandOver(
        **document_fields(
            w, payer, settings, name=name_of(payer, ordered[0].payer_name if ordered else ""), day=day, number=letter_id,
            called=document_name(w.language, "hand_over"), payments_until=payments_until),
        is_single=len(claims) == 1, payer_phone=clean(payer.phone), payer_email=clean(payer.email), lines=[_claim(i, day, w) for i in claims],
        has_credits=bool(credits), credits=[credit(i, w) for i in credits], has_interest=interest_minor != 0, has_interest_table=bool(rows),
        interest_periods=[shown_period(row, w) for row in rows], interest_notes=notes(rows, w), has_lump_sum=lump_sum_minor != 0,
        has_fee=fee_minor != 0,
        totals=ClaimTotals(
            principal=w.amount(principal), credits=w.amount(deducted), interest=w.amount(interest_minor), lump_sum=w.amount(lump_sum_minor),
            fee=w.amount(fee_minor), total=w.amount(total)),
        amount_due=w.money(total), oldest_due_date=w.long(min(due, default=None)), has_history=bool(told), history=told,
        has_enclosures=bool(enclosures), enclosures=[clean(name) for name in enclosures],
    )  # fmt: skip
    return made.model_dump()


def _claim(item: AssessedItem, day: date, w: Writing) -> ClaimLine:
    due = due_of(item)
    return ClaimLine(
        document=numbered(item.document, item.instalment), document_date=w.short(item.document_date), due_date=w.short(due),
        days_overdue=str(max((day - due).days, 0)) if due else "", original=w.amount(item.original_minor),
        paid=w.amount(max(item.original_minor - item.open_minor, 0)), open=w.amount(item.open_minor), level=str(item.level),
    )  # fmt: skip


def _told(history: Sequence[HistoryEntry], w: Writing) -> list[ClaimEvent]:
    """What happened, oldest first; how a letter went out is what was last said of it."""
    label = wording(w.language)["label"]
    ordered = sorted(history, key=lambda entry: (entry.date, entry.entry))
    delivered = {entry.letter: entry.delivery for entry in ordered if entry.event == Event.DELIVERY}
    told: list[ClaimEvent] = []
    for entry in ordered:
        if entry.event in (Event.UNDO, Event.DELIVERY):
            continue
        called = shown(w.language, entry.event)
        state, out = delivered.get(entry.letter, entry.delivery), [shown(w.language, entry.channel)] if entry.event == Event.LETTER else []
        if out and state != Delivery.WRITTEN:
            out.append(shown(w.language, state))
        told.append(
            ClaimEvent(
                date=w.short(entry.date), event=_begun(label["of_level"].format(called, entry.level) if entry.level else called),
                document=numbered(entry.document, entry.instalment), deadline=w.short(entry.deadline), delivery=_begun(", ".join(out)),
                letter=clean(PurePosixPath(entry.letter).name), note=clean(entry.note))
        )  # fmt: skip
    return told


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
