"""Documents that are no letter of a level, for the tests of this folder: a statement, confirmations, a hand-over."""

from datetime import timedelta
from decimal import Decimal

from letter_templates.confirmation import plan_context, promise_context
from letter_templates.hand_over import hand_over_context
from letter_templates.interest import InterestPeriod
from letter_templates.statement import statement_context
from rules.model import AssessedItem, HistoryEntry, Instalment, Plan, Promise
from tests.letter_templates.conftest import AS_OF, rows

NUMBER = "0000010017"


def people(language="fr", company=None, **payer):
    """Payer and settings."""
    *_, who, settings = rows(language=language, company={"letter_language": language, **(company or {})}, **payer)
    return who, settings


def items(count=2, credits=0, currency="EUR", late=20):
    """Invoices, each 30 days later due than the one before, the first `late` days ago; and credits."""
    made = [
        AssessedItem(
            payer=NUMBER, document=f"FA-{1000 + i}", document_date=AS_OF - timedelta(late + 30 - 30 * i), due_date=AS_OF - timedelta(late - 30 * i),
            currency=currency, original_minor=200_000, open_minor=123_450 + i, level=3)
        for i in range(count)
    ]  # fmt: skip
    return made + [
        AssessedItem(
            payer=NUMBER, document=f"AV-{i}", kind="credit" if i % 2 else "payment", document_date=AS_OF, currency=currency, original_minor=-50_000,
            open_minor=-50_000)
        for i in range(credits)
    ]  # fmt: skip


def statement(language="fr", given=None, currency="EUR", company=None, **payer):
    """The context of a statement."""
    who, settings = people(language, company, **payer)
    lines = items(currency=currency) if given is None else given
    return statement_context(who, lines, settings, as_of=AS_OF, currency=currency, payments_until=AS_OF - timedelta(2), statement_id="S20260302-1")


def promise(language="fr", given=None, company=None, **said):
    """The context of the confirmation of a promise."""
    who, settings = people(language, company)
    wish = Promise(**{"payer": NUMBER, "date": AS_OF, "until": AS_OF + timedelta(14), **said})
    return promise_context(wish, items() if given is None else given, who, settings, day=AS_OF, letter_id="P20260302-1")


def plan(language="fr", count=3, paid=0, company=None):
    """The context of the confirmation of a plan."""
    who, settings = people(language, company)
    parts = [
        Instalment(plan="PLAN-7", instalment=str(i + 1), due_date=AS_OF + timedelta(30 * (i + 1)), currency="EUR", amount_minor=41_150,
                   paid_minor=41_150 if i < paid else 0)
        for i in range(count)
    ]  # fmt: skip
    agreed = Plan(plan="PLAN-7", payer=NUMBER, document="FA-1000", agreed_on=AS_OF)
    return plan_context(agreed, parts[::-1], who, settings, day=AS_OF, letter_id="Q20260302-1")


def history():
    """A call and two letters about one document; of the second it was later said that it was sent."""
    common = {"payer": NUMBER, "document": "FA-1000"}
    return [
        HistoryEntry(
            entry=3, event="letter", date=AS_OF - timedelta(20), level=2, channel="registered", letter="R2/b.docx", deadline=AS_OF, **common
        ),
        HistoryEntry(entry=1, event="call", date=AS_OF - timedelta(60), note="Asks for a copy", **common),
        HistoryEntry(entry=2, event="letter", date=AS_OF - timedelta(40), level=1, letter="R1/a.docx", deadline=AS_OF - timedelta(30), **common),
        HistoryEntry(entry=4, event="delivery", date=AS_OF - timedelta(19), delivery="sent", letter="R2/b.docx", **common),
    ]


def periods(lines, interest=1_235):
    """One period of interest for each invoice."""
    return [
        InterestPeriod(i.document, "", i.open_minor, Decimal("12.15"), i.due_date + timedelta(1), AS_OF, (AS_OF - i.due_date).days, interest)
        for i in lines
        if i.open_minor > 0
    ]


def hand_over(language="fr", given=None, company=None, **more):
    """The context of a hand-over."""
    who, settings = people(language, company)
    lines = items(late=120) if given is None else given
    told = {"history": history(), "periods": (), **more}
    return hand_over_context(
        who, lines, told.pop("history"), told.pop("periods"), settings, day=AS_OF, currency="EUR", letter_id="H20260302-1", **told
    )


EVERYTHING = {
    "statement": lambda language: statement(language, items(5, credits=2, late=100), contact="Mme Roux"),
    "promise_confirmation": lambda language: promise(language, amount_minor=100_000),
    "plan_confirmation": lambda language: plan(language, paid=1),
    "hand_over": lambda language: hand_over(
        language, items(2, credits=1, late=120), periods=periods(items(2, late=120)), interest_minor=2_470, lump_sum_minor=8_000, fee_minor=1_000,
        enclosures=["FA-1000.pdf", "b.docx"]),
}  # fmt: skip
MANY = {
    "statement": lambda language: [
        statement(language, items(40, credits=4, late=600)), statement(language, items(1, credits=9)),
        statement(language, items(3, credits=1, late=60, currency="JPY"), currency="JPY"),
    ],
    "promise_confirmation": lambda language: [promise(language, items(40, late=900)), promise(language, items(2, currency="CHF"))],
    "plan_confirmation": lambda language: [plan(language, 40, paid=3)],
    "hand_over": lambda language: [
        hand_over(
            language, items(40, credits=2, late=1300), periods=periods(items(40, late=1300)), interest_minor=40 * 1_235, lump_sum_minor=160_000,
            enclosures=[f"FA-{1000 + i}.pdf" for i in range(40)]),
    ],
}  # fmt: skip
LITTLE = {
    "statement": lambda language, company=None: statement(language, [], company=company),
    "promise_confirmation": lambda language, company=None: promise(language, items(1), company=company),
    "plan_confirmation": lambda language, company=None: plan(language, 1, company=company),
    "hand_over": lambda language, company=None: hand_over(language, items(1), history=(), company=company),
}
