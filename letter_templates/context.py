"""What the letter of one proposal says, in the fields of the contract.

The dictionary is kept in the plan of a run and can be written as a letter later by a program that knows nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from letter_templates.contract import Credit, Letter, Line, Totals
from letter_templates.document import Writing, by_age, document_fields, listed, name_of, numbered, payable_fields, writing
from letter_templates.formats import clean
from letter_templates.interest import InterestPeriod, adding_up, in_order, notes, shown
from letter_templates.wording import level_name
from rules.errors import HistoryError
from rules.model import AssessedItem, Channel, DocumentKind, LineSection, Payer, Proposal, ProposalLine, Settings


def letter_context(
    proposal: Proposal, lines: list[ProposalLine], payer: Payer, settings: Settings,
    *, previous: date | None, letter_id: str, payments_until: date | None = None, periods: Sequence[InterestPeriod] = (), later_costs_minor: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """What the letter of `proposal` says, in the fields of `Letter`; text, yes/no and lists only, so that it can be kept as JSON.

    `lines` may stand in any order: overdue items come out oldest first, credits, held and not yet due ones apart. `previous` is the date of the
    last letter about these lines, None when there was none or it is not known; `payments_until` the day the payments in the ledger reach to, None
    when that is the date of the letter; `periods` how the interest of the lines comes about, shown when it makes up the interest of the letter;
    `later_costs_minor` the fee that the next letter would charge. Raises ConfigError for a language without letters, HistoryError when the sums of
    the proposal are not those of its lines, or the interest of a line not that of its periods.
    """
    w = writing(payer, settings, proposal.currency, language=proposal.language, place="Proposal")
    _adds_up(proposal, lines)
    ordered = sorted(lines, key=by_age)
    due = [line for line in ordered if line.section == LineSection.DUE]
    credits = [credit(line, w) for line in ordered if line.section == LineSection.CREDIT]
    held = [listed(line, w) for line in ordered if line.section == LineSection.ON_HOLD]
    not_due = [listed(line, w) for line in ordered if line.section == LineSection.NOT_DUE]
    by_line = proposal.interest_minor == sum(line.interest_minor for line in due) != 0
    made = _of_lines(due, periods) if by_line else []
    run, single = clean(proposal.run), len(due) == 1
    reference = numbered(due[0].document, due[0].instalment) if single and not credits else f"{clean(payer.payer)}/{run}"
    letter = Letter(
        **document_fields(
            w, payer, settings, name=name_of(payer, proposal.payer_name), day=proposal.as_of, number=letter_id,
            called=level_name(w.language, proposal.template, proposal.level), payments_until=payments_until),
        **payable_fields(w, settings, reference, proposal.total_minor),
        run=run, level=str(proposal.level), deadline=w.long(proposal.deadline), has_previous=previous is not None, previous_date=w.long(previous),
        is_registered=proposal.channel == Channel.REGISTERED, is_single=single, lines=[_line(line, w) for line in due],
        has_credits=bool(credits), credits=credits, has_fee=proposal.fee_minor != 0, has_interest=proposal.interest_minor != 0,
        has_line_interest=by_line, has_interest_table=bool(made), interest_periods=[shown(row, w) for row in made], interest_notes=notes(made, w),
        has_lump_sum=proposal.lump_sum_minor != 0, has_later_costs=later_costs_minor > 0,
        later_costs=w.money(later_costs_minor) if later_costs_minor > 0 else "",
        totals=Totals(
            overdue=w.amount(proposal.overdue_minor), credits=w.amount(proposal.credits_minor), fee=w.amount(proposal.fee_minor),
            interest=w.amount(proposal.interest_minor), lump_sum=w.amount(proposal.lump_sum_minor), total=w.amount(proposal.total_minor)),
        has_held=bool(held), held=held, has_not_due=bool(not_due), not_due=not_due, amount_due=w.money(proposal.total_minor),
    )  # fmt: skip
    return letter.model_dump()


def credit(line: ProposalLine | AssessedItem, w: Writing) -> Credit:
    """A credit or unapplied payment as a deduction."""
    return Credit(
        document=numbered(line.document, line.instalment), document_date=w.short(line.document_date), open=w.amount(line.open_minor),
        original=w.amount(line.original_minor), is_payment=line.kind == DocumentKind.PAYMENT,
    )  # fmt: skip


def _adds_up(proposal: Proposal, lines: list[ProposalLine]) -> None:
    """Held and not yet due lines are in no sum; a reviewer may have changed fee and interest of the letter, but not its lump sum."""
    overdue = sum(line.open_minor for line in lines if line.section == LineSection.DUE)
    credits = sum(line.open_minor for line in lines if line.section == LineSection.CREDIT)
    lump_sum = sum(line.lump_sum_minor for line in lines if line.section == LineSection.DUE)
    made = (overdue, credits, lump_sum, overdue + credits + proposal.fee_minor + proposal.interest_minor + lump_sum)
    said = (proposal.overdue_minor, proposal.credits_minor, proposal.lump_sum_minor, proposal.total_minor)
    if made != said:
        raise HistoryError(
            f"Proposal of payer {proposal.payer} in {proposal.currency}: overdue, credits, lump sum and total are {_and(said)} minor units, "
            f"its lines, fee and interest make {_and(made)}. A letter must add up. Make the proposal again.")  # fmt: skip


def _and(amounts: tuple[int, ...]) -> str:
    return ", ".join(map(str, amounts[:-1])) + f" and {amounts[-1]}"


def _of_lines(due: list[ProposalLine], periods: Sequence[InterestPeriod]) -> list[InterestPeriod]:
    """The periods in the order of the lines; those of each line make its interest."""
    of_line = {key: list(rows) for key, rows in groupby(in_order(periods), key=lambda p: (p.document, p.instalment))}
    made: list[InterestPeriod] = []
    for line in due if periods else ():
        rows = of_line.get((line.document, line.instalment), []) if line.interest_minor else []
        right = adding_up(rows, line.interest_minor)
        if right is None:
            raise HistoryError(
                f"Document {line.document} of payer {line.payer}: its interest is {line.interest_minor} minor units, its periods make "
                f"{sum(row.interest_minor for row in rows)}. A letter must add up. Make the proposal again.")  # fmt: skip
        made += right
    return made


def _line(line: ProposalLine, w: Writing) -> Line:
    return Line(
        document=numbered(line.document, line.instalment), document_date=w.short(line.document_date), due_date=w.short(line.due_date),
        days_overdue=str(line.days_overdue),
        original=w.amount(line.original_minor), paid=w.amount(max(line.original_minor - line.open_minor, 0)), open=w.amount(line.open_minor),
        level=str(line.level), interest=w.amount(line.interest_minor), fee=w.amount(line.fee_minor), lump_sum=w.amount(line.lump_sum_minor),
    )  # fmt: skip
