"""The contract: every field a letter template may use, with its meaning and an example, and the letter of one proposal in these fields.

All values are finished text in the payer's language and after the payer's country, or a yes/no, or a list of these: the dictionary is kept
in the plan of a run and can be written as a letter later by a program that knows nothing else.
"""

from __future__ import annotations

from datetime import date
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field

from letter_templates import formats
from letter_templates.formats import clean
from letter_templates.wording import level_name
from rules.errors import ConfigError, HistoryError
from rules.model import Channel, CustomerType, Payer, Proposal, ProposalLine, Settings
from rules.row import LANGUAGES


class Part(BaseModel):
    """A group of fields: text, yes/no, lists, further groups; nothing else and nothing missing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def says(description: str, example: Any, *, wanted: str = "", instead: str = "") -> Any:
    """A field of the contract. `wanted`: "error" when a letter without it is none, "warning" when it is one that invites a call.

    `instead` is the field that serves as well, as `Group.field`.
    """
    return Field(description=description, examples=[example], json_schema_extra={"wanted": wanted, "instead": instead})


class Sender(Part):
    """The company that writes."""

    name: str = says("Your company's name", "Lefort Distribution SAS", wanted="error")
    address: str = says("Your address on one line; may be blank", "12 rue des Docks, 69009 Lyon")
    address_lines: list[str] = says("Your address, line by line", ["12 rue des Docks", "69009 Lyon"])
    line: str = says("Your name and address on one line, blank ones left out", "Lefort Distribution SAS, 12 rue des Docks, 69009 Lyon")
    city: str = says("Place of letters; may be blank", "Lyon")
    country: str = says("Your country, ISO code of two letters", "FR")


class Recipient(Part):
    """The payer the letter goes to."""

    number: str = says("Account number of the payer", "0000010017")
    name: str = says("Name of the payer", "Établissements Lefèvre")
    contact: str = says("Person in accounts payable; may be blank", "Mme Roux")
    address_lines: list[str] = says(
        "The whole address for the window, line by line: name, contact, street, town, country if abroad",
        ["Établissements Lefèvre", "Mme Roux", "4 quai de Bacalan", "33300 Bordeaux"], wanted="error")  # fmt: skip
    country: str = says("Country of the payer, ISO code of two letters", "FR")
    is_business: bool = says("Yes when the payer is a business", True)
    is_consumer: bool = says("Yes when the payer is a consumer", False)
    is_public: bool = says("Yes when the payer is a public body", False)


class Bank(Part):
    """Where to pay."""

    name: str = says("Name of the bank; may be blank", "Banque du Rhône")
    iban: str = says("IBAN in groups of four; may be blank", "FR76 3000 4000 0312 3456 7890 143", wanted="warning")
    bic: str = says("BIC; may be blank", "BNPAFRPP")


class Contact(Part):
    """Whom the payer may call or write to."""

    name: str = says("Name; may be blank", "Claire Morel")
    phone: str = says("Phone; may be blank", "+33 4 72 00 00 00")
    email: str = says("E-mail; may be blank", "compta@lefort.example")
    line: str = says(
        "Name (yours if there is none), phone and e-mail on one line, blank ones left out; blank when there are none",
        "Claire Morel, +33 4 72 00 00 00, compta@lefort.example")  # fmt: skip


class Line(Part):
    """One overdue item on the letter."""

    document: str = says("Number of the document, with its instalment if it has several", "FA-2026-0107", wanted="error")
    document_date: str = says("Date of the document; may be blank", "05/01/2026")
    due_date: str = says("Due date; may be blank", "04/02/2026", wanted="warning")
    days_overdue: str = says("Days overdue on the date of the letter", "26")
    original: str = says("Amount of the document, without currency sign", "1 200,00")
    open: str = says("Still open, without currency sign", "1 200,00", wanted="error")
    level: str = says("Level of this line: how many reminders it will have had", "1")
    interest: str = says("Default interest of this line, without currency sign", "7,42")


class Credit(Part):
    """One credit or unapplied payment that is deducted."""

    document: str = says("Number of the document", "AV-2026-0012")
    document_date: str = says("Date of the document; may be blank", "20/01/2026")
    open: str = says("Amount deducted: negative, without currency sign", "-150,00", wanted="warning")
    original: str = says("Amount of the document: negative, without currency sign", "-150,00")
    is_payment: bool = says("Yes for a payment not yet applied, no for a credit note", False)


class Totals(Part):
    """The sums of the letter, without currency sign: overdue + credits + fee + interest = total."""

    overdue: str = says("Sum of the lines", "1 200,00")
    credits: str = says("Sum of the credits: negative", "-150,00")
    fee: str = says("Reminder fee", "0,00")
    interest: str = says("Sum of the interest", "7,42")
    total: str = says("To pay", "1 057,42", wanted="error", instead="Letter.amount_due")


class Letter(Part):
    """Everything one letter can say."""

    language: str = says("Language of the letter", "fr")
    run: str = says("Number of the run", "R20260302-4f1c")
    letter: str = says("Number of the letter", "R20260302-4f1c_0000010017_EUR_L2")
    level: str = says("Level of the letter", "2")
    level_name: str = says("Name of the level in the letter's language", "Relance ferme")
    date: str = says("Date of the letter", "2 mars 2026")
    iso_date: str = says("Date of the letter for machines", "2026-03-02")
    place_and_date: str = says("Place and date, as they stand above a letter", "Lyon, le 2 mars 2026", wanted="warning", instead="Letter.date")
    as_of: str = says("Payments are included until this date", "2 mars 2026", wanted="warning")
    deadline: str = says("The date until which the letter asks for payment", "12 mars 2026", wanted="error")
    has_previous: bool = says("Yes when an earlier letter is known", True)
    previous_date: str = says("Date of the previous letter; blank when none is known", "10 février 2026")
    is_registered: bool = says("Yes when the letter goes out registered", False)
    sender: Sender
    payer: Recipient
    is_single: bool = says("Yes when there is exactly one line", False)
    lines: list[Line]
    has_credits: bool = says("Yes when credits or payments are deducted", True)
    credits: list[Credit]
    has_fee: bool = says("Yes when a fee is charged", False)
    has_interest: bool = says("Yes when interest is charged", True)
    has_line_interest: bool = says("Yes when the interest of the lines makes up that interest: no after it was changed by hand", True)
    totals: Totals
    amount_due: str = says("The total to pay with its currency sign: the one sum of the text", "1 057,42 €")
    currency: str = says("Currency of the letter, ISO code", "EUR")
    has_bank: bool = says("Yes when there is an IBAN to pay to", True)
    bank: Bank
    payment_reference: str = says("What the payer should quote with the payment", "0000010017/R20260302-4f1c", wanted="warning")
    has_contact: bool = says("Yes when there is a name, a phone or an e-mail to turn to", True)
    contact: Contact
    has_signatory: bool = says("Yes when there is a name to stand under the letter", True)
    signatory: str = says("Name under the letter: the signatory, else your company; may be blank", "Claire Morel")


def letter_context(
    proposal: Proposal, lines: list[ProposalLine], payer: Payer, settings: Settings,
    *, previous: date | None, letter_id: str, payments_until: date | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What the letter of `proposal` says, in the fields of `Letter`; text, yes/no and lists only, so that it can be kept as JSON.

    `lines` may stand in any order: overdue items come out oldest first, credits after them. `previous` is the date of the last letter about
    these lines, None when there was none or it is not known; `payments_until` the day the payments in the ledger reach to, None when that is
    the date of the letter. Raises ConfigError for a language without letters, HistoryError when the sums of the proposal are not those of its
    lines.
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
    overdue = [_line(line, amount, locale) for line in ordered if line.open_minor >= 0]
    credits = [_credit(line, amount, locale) for line in ordered if line.open_minor < 0]
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
        has_line_interest=proposal.interest_minor == sum(line.interest_minor for line in lines) != 0,
        totals=Totals(
            overdue=amount(proposal.overdue_minor), credits=amount(proposal.credits_minor), fee=amount(proposal.fee_minor),
            interest=amount(proposal.interest_minor), total=amount(proposal.total_minor)),
        amount_due=formats.money(proposal.total_minor, currency, locale), currency=currency,
        has_bank=bool(iban), bank=Bank(name=clean(settings.bank_name), iban=formats.grouped_iban(iban), bic=clean(settings.bank_bic)),
        payment_reference=overdue[0].document if single and not credits else f"{number}/{run}",
        has_contact=bool(contact.line), contact=contact, has_signatory=bool(signatory), signatory=signatory,
    )  # fmt: skip
    return letter.model_dump()


def _adds_up(proposal: Proposal, lines: list[ProposalLine]) -> None:
    overdue = sum(line.open_minor for line in lines if line.open_minor >= 0)
    credits = sum(line.open_minor for line in lines if line.open_minor < 0)
    total = overdue + credits + proposal.fee_minor + proposal.interest_minor
    if (overdue, credits, total) != (proposal.overdue_minor, proposal.credits_minor, proposal.total_minor):
        raise HistoryError(
            f"Proposal of payer {proposal.payer} in {proposal.currency}: overdue, credits and total are {proposal.overdue_minor}, "
            f"{proposal.credits_minor} and {proposal.total_minor} minor units, its lines, fee and interest make {overdue}, {credits} and {total}. "
            "A letter must add up. Make the proposal again.")  # fmt: skip


def _line(line: ProposalLine, amount: Any, locale: Any) -> Line:
    return Line(
        document=_document(line), document_date=formats.short_date(line.document_date, locale), due_date=formats.short_date(line.due_date, locale),
        days_overdue=str(line.days_overdue), original=amount(line.original_minor), open=amount(line.open_minor), level=str(line.level),
        interest=amount(line.interest_minor),
    )  # fmt: skip


def _credit(line: ProposalLine, amount: Any, locale: Any) -> Credit:
    return Credit(
        document=_document(line), document_date=formats.short_date(line.document_date, locale), open=amount(line.open_minor),
        original=amount(line.original_minor), is_payment=line.kind == "payment",
    )  # fmt: skip


def _document(line: ProposalLine) -> str:
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


def part_of(annotation: Any) -> tuple[type[Part] | None, bool]:
    """What a field holds: its group of fields, if it is one, and whether it is a list."""
    many = get_origin(annotation) is list
    inner = get_args(annotation)[0] if many else annotation
    return (inner if isinstance(inner, type) and issubclass(inner, Part) else None), many


def field_reference(contract: type[Part] = Letter) -> str:
    """The fields of `contract` as a Markdown table: how to write the field in Word, what it says, an example."""
    return "\n".join(["| field | says | example |", "|---|---|---|", *_reference(contract, "")])


def _reference(part: type[Part], prefix: str) -> list[str]:
    rows: list[str] = []
    for name, field in part.model_fields.items():
        inner, many = part_of(field.annotation)
        if inner is None:
            example = (field.examples or [""])[0]
            shown = "yes" if example is True else "no" if example is False else " · ".join(example) if many else example
            tag = f"{prefix}{name}" if not many else f"for line in {prefix}{name}"
            written = f"`{{%p {tag} %}}`" if many else f"`{{% if {tag} %}}`" if isinstance(example, bool) else f"`{{{{ {tag} }}}}`"
            rows.append(f"| {written} | {field.description} | {shown} |")
        elif many:
            one = name.removesuffix("s")
            rows += [f"| `{{%tr for {one} in {prefix}{name} %}}` | {inner.__doc__} | |", *_reference(inner, f"{one}.")]
        else:
            rows += _reference(inner, f"{prefix}{name}.")
    return rows
