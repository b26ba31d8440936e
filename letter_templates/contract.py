"""The contract: every field a letter template may use, with its meaning and an example.

All values are finished text in the payer's language and after the payer's country, or a yes/no, or a list of these.
"""

from __future__ import annotations

from typing import Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field


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
    interest: str = says("Default interest of this line, without currency sign", "10,39")
    fee: str = says("Fee charged for this line, without currency sign; part of the fee of the letter", "0,00")
    lump_sum: str = says("Fixed compensation for this document, without currency sign", "40,00")


class Credit(Part):
    """One credit or unapplied payment that is deducted."""

    document: str = says("Number of the document", "AV-2026-0012")
    document_date: str = says("Date of the document; may be blank", "20/01/2026")
    open: str = says("Amount deducted: negative, without currency sign", "-150,00", wanted="warning")
    original: str = says("Amount of the document: negative, without currency sign", "-150,00")
    is_payment: bool = says("Yes for a payment not yet applied, no for a credit note", False)


class Period(Part):
    """One period of interest on a line: of one rate and one balance."""

    document: str = says("Number of the document, with its instalment if it has several", "FA-2026-0107")
    base: str = says("Amount that bears interest, without currency sign", "1 200,00")
    rate: str = says("Percent per year, without percent sign", "12,15")
    date_from: str = says("First day that bears interest", "05/02/2026")
    date_to: str = says("Last day that bears interest", "02/03/2026")
    days: str = says("Days of interest", "26")
    interest: str = says("Interest of the period, without currency sign", "10,39")


class Listed(Part):
    """One item that is listed only: it is in no sum of the letter."""

    document: str = says("Number of the document, with its instalment if it has several", "FA-2026-0131")
    document_date: str = says("Date of the document; may be blank", "03/02/2026")
    due_date: str = says("Due date; may be blank", "05/03/2026")
    original: str = says("Amount of the document, without currency sign", "300,00")
    open: str = says("Still open, without currency sign", "300,00")


class Totals(Part):
    """The sums of the letter, without currency sign: overdue + credits + fee + interest + lump sum = total."""

    overdue: str = says("Sum of the lines", "1 200,00")
    credits: str = says("Sum of the credits: negative", "-150,00")
    fee: str = says("Reminder fee: of the letter and of its lines", "0,00")
    interest: str = says("Sum of the interest", "10,39")
    lump_sum: str = says("Sum of the fixed compensations", "40,00")
    total: str = says("To pay", "1 100,39", wanted="error", instead="Letter.amount_due")


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
    has_interest_table: bool = says("Yes when that interest is shown period by period", True)
    interest_periods: list[Period]
    has_lump_sum: bool = says("Yes when fixed compensation is claimed", True)
    totals: Totals
    has_held: bool = says("Yes when items that are held, disputed or promised are listed", False)
    held: list[Listed]
    has_not_due: bool = says("Yes when items that are not yet overdue are listed", True)
    not_due: list[Listed]
    amount_due: str = says("The total to pay with its currency sign: the one sum of the text", "1 100,39 €")
    currency: str = says("Currency of the letter, ISO code", "EUR")
    has_bank: bool = says("Yes when there is an IBAN to pay to", True)
    bank: Bank
    payment_reference: str = says("What the payer should quote with the payment", "0000010017/R20260302-4f1c", wanted="warning")
    has_contact: bool = says("Yes when there is a name, a phone or an e-mail to turn to", True)
    contact: Contact
    has_signatory: bool = says("Yes when there is a name to stand under the letter", True)
    signatory: str = says("Name under the letter: the signatory, else your company; may be blank", "Claire Morel")


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
            one = name.removesuffix("s") if name.endswith("s") else "item"
            rows += [f"| `{{%tr for {one} in {prefix}{name} %}}` | {inner.__doc__} | |", *_reference(inner, f"{one}.")]
        else:
            rows += _reference(inner, f"{prefix}{name}.")
    return rows
