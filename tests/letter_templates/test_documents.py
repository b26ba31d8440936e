"""What statements, confirmations and hand-overs say: sums, ages, what is refused; the code of a transfer; how interest is explained."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letter_templates import epc
from letter_templates.contract import CONTRACTS
from letter_templates.document import writing
from letter_templates.interest import InterestPeriod, adding_up, notes
from rules.errors import ConfigError, HistoryError
from rules.model import DayCount, Payer, Regime, Settings
from tests.letter_templates import documents
from tests.letter_templates.conftest import AS_OF
from tests.table import table


@pytest.mark.parametrize("document", sorted(CONTRACTS))
def test_a_context_is_what_its_contract_says_and_can_be_kept_as_json(document):
    made = documents.EVERYTHING[document]("fr")

    assert made == json.loads(json.dumps(made))
    assert made == CONTRACTS[document].model_validate(made).model_dump()


@pytest.mark.parametrize("case", table("""
days | age
-1   | not_due
0    | not_due
1    | days_30
30   | days_30
31   | days_60
60   | days_60
61   | days_90
90   | days_90
91   | older
"""), ids=str)  # fmt: skip
def test_an_invoice_stands_under_its_age(case):
    made = documents.statement("en", documents.items(1, late=int(case.days)))

    assert [case.age, "balance"] == [age for age, amount in made["ageing"].items() if amount != "0.00"]
    assert (case.age != "not_due") == made["has_overdue"]


def test_an_agreed_due_date_counts_and_a_missing_one_is_not_overdue():
    late, later = documents.items(2, late=40)
    agreed = late.model_copy(update={"agreed_due_date": AS_OF})
    undated = late.model_copy(update={"due_date": None, "document": "X"})
    made = documents.statement("en", [agreed, undated, later])

    assert ("2,469.00", "1,234.51") == (made["ageing"]["not_due"], made["ageing"]["days_30"])


@given(st.lists(st.integers(-(10**9), 10**9).filter(bool), max_size=9), st.integers(-200, 400))
def test_the_ages_and_the_credits_make_the_balance(amounts, late):
    lines = [item.model_copy(update={"open_minor": minor}) for item, minor in zip(documents.items(9, late=late), amounts, strict=False)]
    ages = documents.statement("en", lines)["ageing"]
    minor = {age: int(Decimal(text.replace(",", "")).scaleb(2)) for age, text in ages.items()}

    assert sum(amounts) == minor["balance"] == sum(minor.values()) - minor["balance"]


def test_a_statement_is_of_one_payer_and_currency():
    with pytest.raises(HistoryError, match=r"FA-1000.*one currency"):
        documents.statement("en", documents.items(1, currency="USD"))


def test_a_promise_without_an_amount_is_for_everything_it_is_about():
    whole, part = documents.promise("en"), documents.promise("en", amount_minor=100_000)

    assert ("€2,469.01", False) == (whole["amount"], whole["has_rest"])
    assert ("€1,000.00", "€1,469.01") == (part["amount"], part["rest"])


@pytest.mark.parametrize(
    ("given_lines", "said", "error"),
    [
        ([], {}, ConfigError),
        (documents.items(1) + documents.items(1, currency="USD"), {}, ConfigError),
        (documents.items(1), {"currency": "USD"}, ConfigError),
        (documents.items(1, credits=3), {}, HistoryError),
    ],
)
def test_a_promise_that_cannot_be_confirmed_is_refused(given_lines, said, error):
    with pytest.raises(error, match="Promise of payer 0000010017"):
        documents.promise("en", given_lines, **said)


def test_a_plan_lists_its_instalments_in_order_and_the_code_pays_the_first_that_is_open():
    made = documents.plan("en", 3, paid=1, company={"payment_qr": True})

    assert ["1", "2", "3"] == [part["number"] for part in made["instalments"]]
    assert ("€1,234.50", "411.50", "823.00") == (made["total"], made["paid_total"], made["open_total"])
    assert "EUR411.50" in made["payment_qr"].split("\n")


def test_a_plan_without_instalments_is_refused():
    with pytest.raises(ConfigError, match="PLAN-7"):
        documents.plan("en", 0)


def test_a_claim_adds_up_and_tells_what_was_done_in_order():
    made = documents.EVERYTHING["hand_over"]("en")

    assert ("2,469.01", "-500.00", "24.70", "80.00", "10.00", "2,083.71") == tuple(made["totals"].values())
    assert [("Call", ""), ("Letter, level 1", "Letter"), ("Letter, level 2", "Registered letter, sent")] == [
        (step["event"], step["delivery"]) for step in made["history"]
    ]
    assert "2\u00a0November\u00a02025" == made["oldest_due_date"]


def test_a_claim_file_is_written_in_the_language_of_the_company():
    assert "de" == documents.hand_over("fr", company={"letter_language": "de"})["language"]


def test_interest_of_a_claim_that_its_periods_do_not_make_is_refused():
    lines = documents.items(2, late=120)

    with pytest.raises(HistoryError, match=r"9999 minor units, its periods make 2470"):
        documents.hand_over("en", lines, periods=documents.periods(lines), interest_minor=9999)


# ---------------------------------------------------------------------------------------------------------------- the code of a transfer

COMPANY = Settings(company_name="Lefort", bank_iban="FR76 3000 4000 0312 3456 7890 143", bank_bic="BNPAFRPP", payment_qr=True)


def test_the_code_says_what_the_guidelines_ask_for_line_by_line():
    said = epc.payload(COMPANY, "EUR", 110_039, "FA-1000")

    assert ["BCD", "002", "1", "SCT", "BNPAFRPP", "Lefort", "FR7630004000031234567890143", "EUR1100.39", "", "", "FA-1000"] == said.split("\n")


@pytest.mark.parametrize(
    ("company", "currency", "minor"),
    [
        ({"payment_qr": False}, "EUR", 100),
        ({}, "GBP", 100),
        ({}, "EUR", 0),
        ({}, "EUR", -100),
        ({}, "EUR", 100_000_000_000),
        ({"company_name": ""}, "EUR", 100),
        ({"bank_iban": ""}, "EUR", 100),
        ({"bank_iban": "FR7630004000031234567890144"}, "EUR", 100),
    ],
)
def test_there_is_no_code_for_what_cannot_be_transferred(company, currency, minor):
    assert "" == epc.payload(COMPANY.model_copy(update=company), currency, minor, "FA-1000")


def test_names_and_references_cannot_add_lines_to_the_code_and_are_cut_to_its_lengths():
    said = epc.payload(COMPANY.model_copy(update={"company_name": "A\nB" * 60, "bank_bic": "no bic"}), "EUR", 1, "wx\nyz" * 99).split("\n")

    assert (11, "", 70, 140) == (len(said), said[4], len(said[5]), len(said[10]))


# ---------------------------------------------------------------------------------------------------------------- how interest is explained


def explained(language, **terms):
    row = Regime(regime="R", valid_from=date(2018, 1, 1), **terms)
    period = InterestPeriod("FA-1", "", 100_000, Decimal("12.15"), date(2026, 1, 1), AS_OF, 61, 2030, row)
    return notes([period, period], writing(Payer(payer="1"), Settings(letter_language=language), "EUR"))


@pytest.mark.parametrize(
    ("language", "terms", "said"),
    [
        ("de", {"series": "DE_BASE", "margin": 9}, "9 Prozentpunkte über dem Basiszinssatz"),
        ("de", {"series": "AT_BASE", "margin": Decimal("9.2")}, "9,2 Prozentpunkte über dem österreichischen Basiszinssatz"),
        ("fr", {"series": "EU_MRO", "margin": 10}, "majoré de 10 points de pourcentage"),
        ("en", {"series": "GB_BANK_RATE", "margin": 8}, "8 percentage points above the Bank of England"),
        ("en", {"series": "FR_LEGAL"}, "Rate per year: the French legal interest rate."),
        ("en", {"compounds": True}, "bears interest itself from the anniversary on"),
        ("en", {"series": "EU_MRO", "margin": 8, "round_up_to": Decimal("0.5")}, "rounded up to a multiple of 0.5"),
        ("fr", {"day_count": DayCount.ACT_ACT}, "365 ou de 366 jours"),
    ],
)
def test_the_words_under_the_table_say_how_the_interest_is_made_each_thing_once(language, terms, said):
    made = explained(language, **terms)

    assert 1 == sum(said in note for note in made)


@pytest.mark.parametrize("terms", [{}, {"series": "MY_OWN", "margin": 3}, {"series": "EU_MRO", "margin": 10, "floor_series": "FR_LEGAL"}])
def test_a_rate_that_is_not_just_points_above_a_known_one_is_not_explained_as_such(terms):
    assert ["Exact days, a year of 365 days."] == explained("en", **terms)


@pytest.mark.parametrize("language", ["en", "fr", "de"])
@pytest.mark.parametrize("count", DayCount)
def test_every_way_to_count_days_has_its_words(language, count):
    assert 1 == len(explained(language, day_count=count))


def period(rate: str, base: int, days: int, interest: int) -> InterestPeriod:
    return InterestPeriod("F1", "", base, Decimal(rate), date(2025, 7, 1), date(2025, 7, 1) + timedelta(days - 1), days, interest)


def test_minor_units_left_over_go_where_rounding_lost_them():
    """10.436 and 99.303 are 109.739, 10.617 and 99.800 are 110.417: whoever reckons a row again finds less than a minor unit."""
    lost, won = [period("6.27", 231, 263, 10), period("6.27", 2198, 263, 99)], [period("6.27", 235, 263, 11), period("6.27", 2209, 263, 100)]

    assert [11, 99] == [row.interest_minor for row in adding_up(lost, 110) or []]
    assert [10, 100] == [row.interest_minor for row in adding_up(won, 110) or []]


def test_more_than_rounding_leaves_is_not_the_interest_of_these_periods():
    rows = documents.periods(documents.items(2, late=120), interest=10)

    assert 21 == sum(row.interest_minor for row in adding_up(rows, 21) or [])
    assert adding_up(rows, 23) is None
