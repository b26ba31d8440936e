"""The contracts: every field a template may use, with its meaning and an example; one contract for letters, one for each other document.

All values are finished text in the payer's language and after the payer's country, or a yes/no, or a list of these.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from letter_templates.parts import Document, Listed, Part, Payable, Period, part_of, says


class Line(Part):
    """One overdue item on the letter."""

    document: str = says("Number of the document, with its instalment if it has several", "FA-2026-0107", wanted="error")
    document_date: str = says("Date of the document; may be blank", "05/01/2026")
    due_date: str = says("Due date; may be blank", "04/02/2026", wanted="warning")
    days_overdue: str = says("Days overdue on the date of the letter", "26")
    original: str = says("Amount of the document, without currency sign", "1 200,00")
    paid: str = says("Amount of the document less what is open, without currency sign", "0,00")
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


class Totals(Part):
    """The sums of the letter, without currency sign: overdue + credits + fee + interest + lump sum = total."""

    overdue: str = says("Sum of the lines", "1 200,00")
    credits: str = says("Sum of the credits: negative", "-150,00")
    fee: str = says("Reminder fee: of the letter and of its lines", "0,00")
    interest: str = says("Sum of the interest", "10,39")
    lump_sum: str = says("Sum of the fixed compensations", "40,00")
    total: str = says("To pay", "1 100,39", wanted="error", instead="Letter.amount_due")


class Letter(Payable):
    """Everything one letter can say."""

    run: str = says("Number of the run", "R20260302-4f1c")
    level: str = says("Level of the letter", "2")
    deadline: str = says("The date until which the letter asks for payment", "12 mars 2026", wanted="error")
    has_previous: bool = says("Yes when an earlier letter is known", True)
    previous_date: str = says("Date of the previous letter; blank when none is known", "10 février 2026")
    is_registered: bool = says("Yes when the letter goes out registered", False)
    is_single: bool = says("Yes when there is exactly one line", False)
    lines: list[Line]
    has_credits: bool = says("Yes when credits or payments are deducted", True)
    credits: list[Credit]
    has_fee: bool = says("Yes when a fee is charged", False)
    has_interest: bool = says("Yes when interest is charged", True)
    has_line_interest: bool = says("Yes when the interest of the lines makes up that interest: no after it was changed by hand", True)
    has_interest_table: bool = says("Yes when that interest is shown period by period", True)
    interest_periods: list[Period]
    interest_notes: list[str] = says(
        "How the interest in the table is made: reference rate and points, year of the day count, compounding; may be empty",
        ["Taux : 10 points au-dessus du taux de refinancement de la BCE.", "Année de 365 jours."])  # fmt: skip
    has_lump_sum: bool = says("Yes when fixed compensation is claimed", True)
    has_later_costs: bool = says("Yes when the next letter would charge a fee", False)
    later_costs: str = says("The fee the next letter would charge, with its currency sign; blank when none", "40,00 €")
    totals: Totals
    has_held: bool = says("Yes when items that are held, disputed or promised are listed", False)
    held: list[Listed]
    has_not_due: bool = says("Yes when items that are not yet overdue are listed", True)
    not_due: list[Listed]
    amount_due: str = says("The total to pay with its currency sign: the one sum of the text", "1 100,39 €")


class StatementLine(Part):
    """One open document of the account: an invoice, or a credit or payment with a negative amount."""

    document: str = says("Number of the document, with its instalment if it has several", "FA-2026-0107", wanted="error")
    document_date: str = says("Date of the document; may be blank", "05/01/2026")
    due_date: str = says("Due date; may be blank", "04/02/2026")
    days_overdue: str = says("Days overdue on the date of the statement; blank when it is not overdue, and for credits and payments", "26")
    original: str = says("Amount of the document, without currency sign", "1 200,00")
    open: str = says("Still open, without currency sign", "1 200,00", wanted="error")
    is_credit: bool = says("Yes for a credit note", False)
    is_payment: bool = says("Yes for a payment not yet applied", False)


class Ageing(Part):
    """The balance by age, without currency sign: the five ages + credits = balance."""

    not_due: str = says("Not overdue on the date of the statement, or without a due date", "300,00")
    days_30: str = says("1 to 30 days overdue", "1 200,00")
    days_60: str = says("31 to 60 days overdue", "0,00")
    days_90: str = says("61 to 90 days overdue", "0,00")
    older: str = says("More than 90 days overdue", "0,00")
    credits: str = says("Credits and unapplied payments: negative", "-150,00")
    balance: str = says("All of it", "1 350,00", wanted="error", instead="StatementOfAccount.balance")


class StatementOfAccount(Payable):
    """Everything a statement of account can say."""

    lines: list[StatementLine]
    has_lines: bool = says("Yes when something is open", True)
    has_credits: bool = says("Yes when there are credits or unapplied payments", True)
    has_overdue: bool = says("Yes when something is overdue", True)
    ageing: Ageing
    overdue: str = says("Overdue, with its currency sign; credits are not deducted", "1 200,00 €")
    balance: str = says("Balance on the date of the statement, with its currency sign; without minus when in the payer's favour", "1 350,00 €")
    is_in_credit: bool = says("Yes when the balance is in the payer's favour", False)


class PromiseConfirmation(Payable):
    """Everything the confirmation of a promise to pay can say."""

    said_on: str = says("Day on which the payment was promised", "2 mars 2026")
    promised_for: str = says("Day for which the payment was promised", "16 mars 2026", wanted="error")
    amount: str = says("Amount promised, with its currency sign", "1 200,00 €", wanted="error")
    has_rest: bool = says("Yes when more is open than was promised", False)
    rest: str = says("What stays open after the promised payment, with its currency sign", "0,00 €")
    is_single: bool = says("Yes when it is about exactly one item", True)
    lines: list[Listed]
    open_total: str = says("Sum of the items the promise is about, without currency sign", "1 200,00")


class PlannedInstalment(Part):
    """One instalment of the plan."""

    number: str = says("1, 2, 3 …", "1")
    due_date: str = says("Last day to pay", "31/03/2026", wanted="error")
    amount: str = says("To pay on that day, without currency sign", "400,00", wanted="error")
    paid: str = says("Paid so far, without currency sign", "0,00")
    open: str = says("Still to pay, without currency sign", "400,00")


class PlanConfirmation(Payable):
    """Everything the confirmation of a payment plan can say."""

    plan: str = says("Name of the plan", "PLAN-7")
    document: str = says("Document the plan replaces", "FA-2026-0107", wanted="warning")
    agreed_on: str = says("Day of the agreement", "2 mars 2026")
    is_single: bool = says("Yes when there is exactly one instalment", False)
    instalments: list[PlannedInstalment]
    count: str = says("How many instalments there are", "3")
    total: str = says("Sum of the instalments, with its currency sign", "1 200,00 €")
    first_date: str = says("Due date of the first instalment", "31 mars 2026")
    last_date: str = says("Due date of the last instalment", "31 mai 2026")
    has_paid: bool = says("Yes when something is paid already", False)
    paid_total: str = says("Paid so far, without currency sign", "0,00")
    open_total: str = says("Still to pay, without currency sign", "1 200,00")


class ClaimLine(Part):
    """One claim that is handed over."""

    document: str = says("Number of the document, with its instalment if it has several", "FA-2026-0107", wanted="error")
    document_date: str = says("Date of the document; may be blank", "05/01/2026")
    due_date: str = says("Due date; may be blank", "04/02/2026")
    days_overdue: str = says("Days overdue on the day of the hand-over", "96")
    original: str = says("Amount of the document, without currency sign", "1 200,00")
    paid: str = says("Amount of the document less what is open, without currency sign", "0,00")
    open: str = says("Still open, without currency sign", "1 200,00", wanted="error")
    level: str = says("Last level sent; 0 = none", "4")


class ClaimEvent(Part):
    """One thing that was done about one claim, oldest first."""

    date: str = says("Day", "10/02/2026")
    event: str = says("What was done: letter of a level, call, and so on", "Lettre, niveau 2")
    document: str = says("Document it was about, with its instalment", "FA-2026-0107")
    deadline: str = says("Deadline the letter printed; may be blank", "20/02/2026")
    delivery: str = says("How it went out and whether it arrived; blank for a call", "Recommandé, envoyé")
    letter: str = says("File of the letter; may be blank", "R20260210-1a2b_0000010017_EUR_L2_Lefevre.docx")
    note: str = says("Note; may be blank", "Promet de rappeler")


class ClaimTotals(Part):
    """The sums of the claim, without currency sign: principal + credits + interest + lump sum + fee = total."""

    principal: str = says("Sum of the claims", "1 200,00")
    credits: str = says("Credits and unapplied payments: negative", "-150,00")
    interest: str = says("Default interest up to the day of the hand-over", "38,30")
    lump_sum: str = says("Fixed compensation", "40,00")
    fee: str = says("Reminder fees", "0,00")
    total: str = says("All of it", "1 128,30", wanted="error", instead="HandOver.amount_due")


class HandOver(Document):
    """Everything the assignment of a claim to a collection agency or lawyer, with its claim file, can say. Its address is not known: write it in."""

    is_single: bool = says("Yes when there is exactly one claim", False)
    payer_phone: str = says("Phone of the payer; may be blank", "+33 5 56 00 00 00")
    payer_email: str = says("E-mail of the payer; may be blank", "compta@lefevre.example")
    lines: list[ClaimLine]
    has_credits: bool = says("Yes when credits or payments are deducted", True)
    credits: list[Credit]
    has_interest: bool = says("Yes when interest is claimed", True)
    has_interest_table: bool = says("Yes when that interest is shown period by period", True)
    interest_periods: list[Period]
    interest_notes: list[str] = says("How the interest in the table is made; may be empty", ["Année de 365 jours."])
    has_lump_sum: bool = says("Yes when fixed compensation is claimed", True)
    has_fee: bool = says("Yes when reminder fees are claimed", False)
    totals: ClaimTotals
    amount_due: str = says("The total claimed, with its currency sign", "1 128,30 €")
    oldest_due_date: str = says("Due date of the oldest claim, for the limitation period; may be blank", "4 février 2026")
    has_history: bool = says("Yes when letters or calls are listed", True)
    history: list[ClaimEvent]
    has_enclosures: bool = says("Yes when files lie beside the claim file", True)
    enclosures: list[str] = says("Files that lie beside the claim file", ["FA-2026-0107.pdf"])


CONTRACTS: Mapping[str, type[Part]] = {
    "statement": StatementOfAccount, "promise_confirmation": PromiseConfirmation, "plan_confirmation": PlanConfirmation, "hand_over": HandOver,
}  # fmt: skip
"""Which templates, by name, are of another document than a letter: all others speak `Letter`."""


def field_reference(contract: type[Part] = Letter, *, but_for: type[Part] | None = None) -> str:
    """The fields of `contract` as a Markdown table: how to write the field in Word, what it says, an example.

    Without those it has in common with the contract `but_for`.
    """
    known = but_for.model_fields if but_for else {}
    wanted = {name for name, field in contract.model_fields.items() if name not in known or known[name].annotation != field.annotation}
    return "\n".join(["| field | says | example |", "|---|---|---|", *_reference(contract, "", wanted)])


def _reference(part: type[Part], prefix: str, wanted: Collection[str] | None = None) -> list[str]:
    rows: list[str] = []
    for name, field in part.model_fields.items():
        if wanted is not None and name not in wanted:
            continue
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
