"""What the contracts of all documents are made of: a field with its meaning and example, and the groups of fields they share."""

from __future__ import annotations

from typing import Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A group of fields: text, yes/no, lists, further groups; nothing else and nothing missing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def says(description: str, example: Any, *, wanted: str = "", instead: str = "") -> Any:
    """A field of the contract. `wanted`: "error" when a document without it is none, "warning" when it is one that invites a call.

    `instead` is the field that serves as well: its name in the same group, or `Group.field`.
    """
    return Field(description=description, examples=[example], json_schema_extra={"wanted": wanted, "instead": instead})


def part_of(annotation: Any) -> tuple[type[Part] | None, bool]:
    """What a field holds: its group of fields, if it is one, and whether it is a list."""
    many = get_origin(annotation) is list
    inner = get_args(annotation)[0] if many else annotation
    return (inner if isinstance(inner, type) and issubclass(inner, Part) else None), many


class Sender(Part):
    """The company that writes."""

    name: str = says("Your company's name", "Lefort Distribution SAS", wanted="error")
    address: str = says("Your address on one line; may be blank", "12 rue des Docks, 69009 Lyon")
    address_lines: list[str] = says("Your address, line by line", ["12 rue des Docks", "69009 Lyon"])
    line: str = says("Your name and address on one line, blank ones left out", "Lefort Distribution SAS, 12 rue des Docks, 69009 Lyon")
    city: str = says("Place of letters; may be blank", "Lyon")
    country: str = says("Your country, ISO code of two letters", "FR")


class Recipient(Part):
    """The payer the document is about; it goes to the payer, but for the file of a hand-over."""

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


class Listed(Part):
    """One item that is listed only: it is in no sum of the letter."""

    document: str = says("Number of the document, with its instalment if it has several", "FA-2026-0131")
    document_date: str = says("Date of the document; may be blank", "03/02/2026")
    due_date: str = says("Due date; may be blank", "05/03/2026")
    original: str = says("Amount of the document, without currency sign", "300,00")
    open: str = says("Still open, without currency sign", "300,00")


class Period(Part):
    """One period of interest on a line: of one rate and one balance."""

    document: str = says("Number of the document, with its instalment if it has several", "FA-2026-0107")
    base: str = says("Amount that bears interest, without currency sign; where interest compounds, with the interest added to it", "1 200,00")
    rate: str = says("Percent per year, without percent sign", "12,15")
    date_from: str = says("First day that bears interest", "05/02/2026")
    date_to: str = says("Last day that bears interest", "02/03/2026")
    days: str = says("Days of interest", "26")
    interest: str = says("Interest of the period, without currency sign", "10,39")


class Document(Part):
    """What every document to or about a payer can say."""

    language: str = says("Language of the document", "fr")
    letter: str = says("Number of the document", "R20260302-4f1c-0001")
    level_name: str = says("What the document is called: the name of the level, a statement of account …", "Relance ferme")
    date: str = says("Date of the document", "2 mars 2026")
    iso_date: str = says("Date of the document for machines", "2026-03-02")
    place_and_date: str = says("Place and date, as they stand above a letter", "Lyon, le 2 mars 2026", wanted="warning", instead="date")
    as_of: str = says("Payments are included until this date", "2 mars 2026", wanted="warning")
    sender: Sender
    payer: Recipient
    currency: str = says("Currency of the document, ISO code", "EUR")
    has_contact: bool = says("Yes when there is a name, a phone or an e-mail to turn to", True)
    contact: Contact
    has_signatory: bool = says("Yes when there is a name to stand under the document", True)
    signatory: str = says("Name under the document: the signatory, else your company; may be blank", "Claire Morel")


class Payable(Document):
    """What a document that asks for or expects a payment can say besides."""

    has_bank: bool = says("Yes when there is an IBAN to pay to", True)
    bank: Bank
    payment_reference: str = says("What the payer should quote with the payment", "0000010017/R20260302-4f1c", wanted="warning")
    has_payment_qr: bool = says("Yes when a QR code for the transfer is wished for and possible: euros, IBAN, something to pay", False)
    payment_qr: str = says(
        "What the QR code says, in lines; it is shown by the picture whose alternative text is payment_qr", "BCD 002 1 SCT BNPAFRPP …"
    )
