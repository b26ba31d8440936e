"""What every document to a payer says: who writes to whom, when, where to pay, whom to ask; and how its amounts and dates are written."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel import Locale

from letter_templates import epc, formats
from letter_templates.formats import clean
from letter_templates.parts import Bank, Contact, Listed, Recipient, Sender
from rules.errors import ConfigError
from rules.model import AssessedItem, CustomerType, Payer, ProposalLine, Settings
from rules.row import LANGUAGES

WINDOW_LINES, WINDOW_WIDTH = 6, 42  # lines of the narrowest window of the packaged templates, and characters of a line there (10.5 points)
DATED = re.compile(r"^\d{4}-\d\d-\d\d/?")  # what the import calls an instalment that has no number: its date


@dataclass(frozen=True)
class Writing:
    """How one document is written: its language, the habits of the payer's country, its currency."""

    language: str
    locale: Locale
    currency: str

    def amount(self, minor: int) -> str:
        """An amount without currency sign."""
        return formats.amount(minor, self.currency, self.locale)

    def money(self, minor: int) -> str:
        """An amount with its currency sign."""
        return formats.money(minor, self.currency, self.locale)

    def short(self, day: date | None) -> str:
        """A date for a table; blank for none."""
        return formats.short_date(day, self.locale)

    def long(self, day: date | None) -> str:
        """A date for a sentence; blank for none."""
        return formats.long_date(day, self.locale) if day else ""


def writing(payer: Payer, settings: Settings, currency: str, *, language: str = "", place: str = "Payers") -> Writing:
    """How a document to `payer` is written. Raises ConfigError for a language without templates; `place` is the sheet it says so of."""
    spoken = language or payer.language or settings.letter_language
    if spoken not in LANGUAGES:
        raise ConfigError(
            f"{place}, payer {payer.payer}, Language: there are no letters in “{spoken}”. Expected: en, fr or de. Correct the payer's Language."
        )
    return Writing(spoken, formats.locale_of(spoken, payer.country or settings.company_country), currency)


def document_fields(
    w: Writing, payer: Payer, settings: Settings, *, name: str, day: date, number: str, called: str, payments_until: date | None
) -> dict[str, Any]:
    """The fields of `parts.Document`. `name`: of the payer; `called`: the document's name in its language."""
    contact, signatory = _contact(settings), clean(settings.signatory) or clean(settings.company_name)
    return {
        "language": w.language, "letter": clean(number), "level_name": called, "date": w.long(day), "iso_date": day.isoformat(),
        "place_and_date": formats.place_and_date(clean(settings.company_city), day, w.locale), "as_of": w.long(payments_until or day),
        "sender": _sender(settings), "payer": _recipient(payer, name, settings), "currency": w.currency,
        "has_contact": bool(contact.line), "contact": contact, "has_signatory": bool(signatory), "signatory": signatory,
    }  # fmt: skip


def payable_fields(w: Writing, settings: Settings, reference: str, amount_minor: int) -> dict[str, Any]:
    """The fields that `parts.Payable` adds: where to pay, what to quote, and a QR code that pays `amount_minor`."""
    iban, code = clean(settings.bank_iban), epc.payload(settings, w.currency, amount_minor, reference)
    return {
        "has_bank": bool(iban), "bank": Bank(name=clean(settings.bank_name), iban=formats.grouped_iban(iban), bic=clean(settings.bank_bic)),
        "payment_reference": reference, "has_payment_qr": bool(code), "payment_qr": code,
    }  # fmt: skip


def numbered(document: str, instalment: str) -> str:
    """The number of a document, with its instalment if it has several; a date that stands for one is left out: the payer has it beside it."""
    return "/".join(filter(None, (clean(document), DATED.sub("", clean(instalment)))))


def listed(item: ProposalLine | AssessedItem, w: Writing) -> Listed:
    """An item as a line of a list; a due date that was agreed counts instead of the document's."""
    return Listed(
        document=numbered(item.document, item.instalment), document_date=w.short(item.document_date), due_date=w.short(due_of(item)),
        original=w.amount(item.original_minor), open=w.amount(item.open_minor),
    )  # fmt: skip


def due_of(item: ProposalLine | AssessedItem) -> date | None:
    """The last day to pay: the agreed one if there is one. A proposal has the agreed day as its due date already."""
    return item.agreed_due_date or item.due_date if isinstance(item, AssessedItem) else item.due_date


def by_age(item: ProposalLine | AssessedItem) -> tuple[date, str, str]:
    """The order of items on a document: oldest first."""
    return due_of(item) or item.document_date or date.max, item.document, item.instalment


def name_of(payer: Payer, otherwise: str = "") -> str:
    """The payer's name, else another one, else the account number."""
    return clean(payer.name) or clean(otherwise) or clean(payer.payer)


def lines_in_window(payer: Payer, settings: Settings) -> int:
    """How many lines the payer's name and address take in the window of the packaged templates; a long piece is broken."""
    return sum(max(len(textwrap.wrap(line, WINDOW_WIDTH)), 1) for line in _recipient(payer, name_of(payer), settings).address_lines)


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


def _recipient(payer: Payer, name: str, settings: Settings) -> Recipient:
    country = payer.country or settings.company_country
    town = formats.town_lines(clean(payer.postal_code), clean(payer.city), clean(payer.region), country)
    contact, abroad = clean(payer.contact), formats.country_line(country, settings.company_country)
    lines = [name, *([contact] if contact else []), *_pieces(payer.address), *town, *([abroad] if abroad else [])]
    return Recipient(
        number=clean(payer.payer), name=name, contact=contact, address_lines=lines, country=country,
        is_business=payer.customer_type == CustomerType.BUSINESS, is_consumer=payer.customer_type == CustomerType.CONSUMER,
        is_public=payer.customer_type == CustomerType.PUBLIC,
    )  # fmt: skip
