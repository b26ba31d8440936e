"""What the letter of one proposal says, in the fields of the contract.

The dictionary is kept in the plan of a run and can be written as a letter later by a program that knows nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from babel import Locale

from letter_templates import formats
from letter_templates.contract import Bank, Contact, Credit, Letter, Line, Listed, Period, Recipient, Sender, Totals
from letter_templates.formats import clean
from letter_templates.wording import level_name
from rules.errors import ConfigError, HistoryError
from rules.model import Channel, CustomerType, LineSection, Payer, Proposal, ProposalLine, Settings
from rules.row import LANGUAGES

Amount = Callable[[int], str]


@dataclass(frozen=True)
class InterestPeriod:
    """Interest of one line at one rate on one balance: a row of `rules.interest.periods`, with the document it belongs to.

    `rate` is percent per year; `date_from` and `date_to` both bear interest; amounts are in minor units of the letter's currency.
    """

    document: str
    instalment: str
    base_minor: int
    rate: Decimal
    date_from: date
    date_to: date
    days: int
    interest_minor: int


def letter_context(
    proposal: Proposal, lines: list[ProposalLine], payer: Payer, settings: Settings,
    *, previous: date | None, letter_id: str, payments_until: date | None = None, periods: Sequence[InterestPeriod] = (),
) -> dict[str, Any]:  # fmt: skip
    """What the letter of `proposal` says, in the fields of `Letter`; text, yes/no and lists only, so that it can be kept as JSON.

    `lines` may stand in any order: overdue items come out oldest first, credits, held and not yet due ones apart. `previous` is the date of the
    last letter about these lines, None when there was none or it is not known; `payments_until` the day the payments in the ledger reach to, None
    when that is the date of the letter; `periods` how the interest of the lines comes about, shown when it makes up the interest of the letter.
    Raises ConfigError for a language without letters, HistoryError when the sums of the proposal are not those of its lines, or the interest of a
    line not that of its periods.
    """
    language = proposal.language or payer.language or settings.letter_language
    country = payer.country or settings.company_country
    if language not in LANGUAGES:
        raise ConfigError(
            f"Proposal, payer {proposal.payer}, Language: there are no letters in “{language}”. Expected: en, fr or de. Correct the payer's Language."
        )
    _adds_up(proposal, lines)
    locale, currency = formats.locale_of(language, country), proposal.currency

    def amount(minor: int) -> str:
        return formats.amount(minor, currency, locale)

    ordered = sorted(lines, key=lambda line: (line.due_date or line.document_date or date.max, line.document, line.instalment))
    due = [line for line in ordered if line.section == LineSection.DUE]
    overdue = [_line(line, amount, locale) for line in due]
    credits = [_credit(line, amount, locale) for line in ordered if line.section == LineSection.CREDIT]
    held = [_listed(line, amount, locale) for line in ordered if line.section == LineSection.ON_HOLD]
    not_due = [_listed(line, amount, locale) for line in ordered if line.section == LineSection.NOT_DUE]
    by_line = proposal.interest_minor == sum(line.interest_minor for line in due) != 0
    shown = [_period(row, amount, locale) for row in _shown(due, periods)] if by_line else []
    contact, iban, signatory = _contact(settings), clean(settings.bank_iban), clean(settings.signatory) or clean(settings.company_name)
    city, run, number = clean(settings.company_city), clean(proposal.run), clean(proposal.payer)
    single = len(overdue) == 1
    letter = Letter(
        language=language, run=run, letter=clean(letter_id), level=str(proposal.level),
        level_name=level_name(language, proposal.template, proposal.level),
        date=formats.long_date(proposal.as_of, locale), iso_date=proposal.as_of.isoformat(),
        place_and_date=formats.place_and_date(city, proposal.as_of, locale), as_of=formats.long_date(payments_until or proposal.as_of, locale),
        deadline=formats.long_date(proposal.deadline, locale), has_previous=previous is not None,
        previous_date=formats.long_date(previous, locale) if previous else "", is_registered=proposal.channel == Channel.REGISTERED,
        sender=_sender(settings), payer=_recipient(payer, clean(payer.name) or clean(proposal.payer_name) or number, country, settings),
        is_single=single, lines=overdue, has_credits=bool(credits), credits=credits,
        has_fee=proposal.fee_minor != 0, has_interest=proposal.interest_minor != 0,
        has_line_interest=by_line, has_interest_table=bool(shown), interest_periods=shown, has_lump_sum=proposal.lump_sum_minor != 0,
        totals=Totals(
            overdue=amount(proposal.overdue_minor), credits=amount(proposal.credits_minor), fee=amount(proposal.fee_minor),
            interest=amount(proposal.interest_minor), lump_sum=amount(proposal.lump_sum_minor), total=amount(proposal.total_minor)),
        has_held=bool(held), held=held, has_not_due=bool(not_due), not_due=not_due,
        amount_due=formats.money(proposal.total_minor, currency, locale), currency=currency,
        has_bank=bool(iban), bank=Bank(name=clean(settings.bank_name), iban=formats.grouped_iban(iban), bic=clean(settings.bank_bic)),
        payment_reference=overdue[0].document if single and not credits else f"{number}/{run}",
        has_contact=bool(contact.line), contact=contact, has_signatory=bool(signatory), signatory=signatory,
    )  # fmt: skip
    return letter.model_dump()


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


def _shown(due: list[ProposalLine], periods: Sequence[InterestPeriod]) -> list[InterestPeriod]:
    """The periods in the order of the lines. Of a line that is rounded once, the period that earns most takes the cents left: the table adds up."""
    of_line = {key: list(rows) for key, rows in groupby(sorted(periods, key=_order), key=lambda p: (p.document, p.instalment))}
    shown: list[InterestPeriod] = []
    for line in due if periods else ():
        rows = of_line.get((line.document, line.instalment), []) if line.interest_minor else []
        left = line.interest_minor - sum(row.interest_minor for row in rows)
        if abs(left) > len(rows):
            raise HistoryError(
                f"Document {line.document} of payer {line.payer}: its interest is {line.interest_minor} minor units, its periods make "
                f"{line.interest_minor - left}. A letter must add up. Make the proposal again.")  # fmt: skip
        if left:
            most = max(range(len(rows)), key=lambda at: rows[at].interest_minor)
            rows[most] = replace(rows[most], interest_minor=rows[most].interest_minor + left)
        shown += rows
    return shown


def _order(period: InterestPeriod) -> tuple[str, str, date, date]:
    return period.document, period.instalment, period.date_from, period.date_to


def _line(line: ProposalLine, amount: Amount, locale: Locale) -> Line:
    return Line(
        document=_document(line), document_date=formats.short_date(line.document_date, locale), due_date=formats.short_date(line.due_date, locale),
        days_overdue=str(line.days_overdue), original=amount(line.original_minor), open=amount(line.open_minor), level=str(line.level),
        interest=amount(line.interest_minor), fee=amount(line.fee_minor), lump_sum=amount(line.lump_sum_minor),
    )  # fmt: skip


def _credit(line: ProposalLine, amount: Amount, locale: Locale) -> Credit:
    return Credit(
        document=_document(line), document_date=formats.short_date(line.document_date, locale), open=amount(line.open_minor),
        original=amount(line.original_minor), is_payment=line.kind == "payment",
    )  # fmt: skip


def _listed(line: ProposalLine, amount: Amount, locale: Locale) -> Listed:
    return Listed(
        document=_document(line), document_date=formats.short_date(line.document_date, locale), due_date=formats.short_date(line.due_date, locale),
        original=amount(line.original_minor), open=amount(line.open_minor),
    )  # fmt: skip


def _period(period: InterestPeriod, amount: Amount, locale: Locale) -> Period:
    return Period(
        document=_document(period), base=amount(period.base_minor), rate=formats.percent(period.rate, locale),
        date_from=formats.short_date(period.date_from, locale), date_to=formats.short_date(period.date_to, locale), days=str(period.days),
        interest=amount(period.interest_minor),
    )  # fmt: skip


def _document(line: ProposalLine | InterestPeriod) -> str:
    return "/".join(filter(None, (clean(line.document), clean(line.instalment))))


def _pieces(text: str) -> list[str]:
    return [piece for piece in map(clean, text.replace("\n", ",").split(",")) if piece]


def _sender(settings: Settings) -> Sender:
    name, lines = clean(settings.company_name), _pieces(settings.company_address)
    return Sender(
        name=name, address=", ".join(lines), address_lines=lines, line=", ".join(filter(None, (name, *lines))), city=clean(settings.company_city),
        country=settings.company_country,
    )  # fmt: skip


def _contact(settings: Settings) -> Contact:
    name, phone, email = clean(settings.contact_name), clean(settings.contact_phone), clean(settings.contact_email)
    known = (name or clean(settings.company_name), phone, email) if name or phone or email else ()
    return Contact(name=name, phone=phone, email=email, line=", ".join(filter(None, known)))


def _recipient(payer: Payer, name: str, country: str, settings: Settings) -> Recipient:
    town = formats.town_lines(clean(payer.postal_code), clean(payer.city), clean(payer.region), country)
    contact, abroad = clean(payer.contact), formats.country_line(country, settings.company_country)
    lines = [name, *([contact] if contact else []), *_pieces(payer.address), *town, *([abroad] if abroad else [])]
    return Recipient(
        number=clean(payer.payer), name=name, contact=contact, address_lines=lines, country=country,
        is_business=payer.customer_type == CustomerType.BUSINESS, is_consumer=payer.customer_type == CustomerType.CONSUMER,
        is_public=payer.customer_type == CustomerType.PUBLIC,
    )  # fmt: skip
