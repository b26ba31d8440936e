"""What a letter says: formats by language and country, sums, addresses, clean names."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letter_templates import context, contract, formats
from letter_templates.contract import Letter
from rules.errors import ConfigError, HistoryError
from rules.money import from_minor
from tests.table import table


@pytest.mark.parametrize(
    ("language", "country", "currency", "minor", "number", "money"),
    [
        ("fr", "FR", "EUR", 123450, "1\u202f234,50", "1\u202f234,50\u00a0€"),
        ("fr", "LU", "EUR", 123450, "1.234,50", "1.234,50\u00a0€"),
        ("fr", "JP", "JPY", 123450, "123\u202f450", "123\u202f450\u00a0JPY"),
        ("de", "DE", "EUR", -123450, "-1.234,50", "-1.234,50\u00a0€"),
        ("fr", "CH", "CHF", 123450, "1\u202f234.50", "1\u202f234.50\u00a0CHF"),
        ("fr", "CH", "KWD", 1234500, "1\u202f234.500", "1\u202f234.500\u00a0KWD"),
        ("fr", "CA", "USD", 123450, "1\u00a0234,50", "1\u00a0234,50\u00a0USD"),
        ("de", "CH", "JPY", 123450, "123’450", "¥\u00a0123’450"),
        ("en", "IE", "EUR", 123450, "1,234.50", "€1,234.50"),
        ("en", "IE", "GBP", -123450, "-1,234.50", "-£1,234.50"),
        ("en", "GB", "JPY", 123450, "123,450", "JPY\u00a0123,450"),
        ("en", "US", "USD", 123450, "1,234.50", "$1,234.50"),
        ("de", "AT", "EUR", 123450, "1.234,50", "€\u00a01.234,50"),
        ("de", "CH", "CHF", 123450, "1’234.50", "CHF\u00a01’234.50"),
        ("en", "GB", "GBP", 123450, "1,234.50", "£1,234.50"),
        ("en", "KW", "KWD", 1234500, "1,234.500", "KWD\u00a01,234.500"),
        ("en", "IQ", "IQD", 1234500, "1,234.500", "IQD\u00a01,234.500"),
        ("en", "GB", "EUR", 0, "0.00", "€0.00"),
        ("fr", "FR", "GBP", 123450, "1\u202f234,50", "1\u202f234,50\u00a0GBP"),
        ("fr", "BE", "USD", -123450, "-1\u202f234,50", "-1\u202f234,50\u00a0USD"),
    ],
)
def test_amounts_follow_language_country_and_currency(language, country, currency, minor, number, money):
    locale = formats.locale_of(language, country)

    assert (number, money) == (formats.amount(minor, currency, locale), formats.money(minor, currency, locale))


@pytest.mark.parametrize("case", table("""
language | country | habits
en       | -       | en_GB
en       | FR      | en_GB
en       | DE      | en_GB
en       | CH      | en_GB
en       | JP      | en_GB
en       | ZZ      | en_GB
en       | GB      | en_GB
en       | US      | en_US
en       | IE      | en_IE
en       | CA      | en_CA
en       | AU      | en_AU
en       | NZ      | en_NZ
en       | ZA      | en_ZA
en       | IN      | en_IN
fr       | -       | fr_FR
fr       | DE      | fr_FR
fr       | BE      | fr_BE
fr       | CH      | fr_CH
fr       | LU      | fr_LU
fr       | CA      | fr_CA
de       | -       | de_DE
de       | FR      | de_DE
de       | AT      | de_AT
de       | CH      | de_CH
de       | LU      | de_LU
de       | LI      | de_LI
"""), ids=str)  # fmt: skip
def test_a_country_shapes_a_letter_only_in_a_language_it_speaks(case):
    assert case.habits == str(formats.locale_of(case.language, case.country or ""))


def test_an_english_letter_of_a_french_company_to_a_payer_of_no_country_is_written_in_english(letters):
    assert letters.context(language="en", lines=1, country="", currency="USD", company={"company_country": "FR"})["amount_due"] == "USD\u00a01,234.50"


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_an_amount_is_never_rounded(minor, currency):
    shown = formats.amount(minor, currency, formats.locale_of("en", "GB"))

    assert from_minor(minor, currency) == Decimal(shown.replace(",", ""))


@pytest.mark.parametrize(
    ("language", "country", "long", "short"),
    [
        ("fr", "FR", "1er\u00a0mars\u00a02026", "01/03/2026"),
        ("fr", "CH", "1er\u00a0mars\u00a02026", "01.03.2026"),
        ("de", "DE", "1.\u00a0März\u00a02026", "01.03.2026"),
        ("en", "GB", "1\u00a0March\u00a02026", "1 Mar 2026"),
        ("en", "US", "March\u00a01,\u00a02026", "Mar 1, 2026"),
        ("en", "JP", "1\u00a0March\u00a02026", "1 Mar 2026"),
    ],
)
def test_dates_follow_language_and_country(language, country, long, short):
    locale = formats.locale_of(language, country)

    assert (long, short) == (formats.long_date(date(2026, 3, 1), locale), formats.short_date(date(2026, 3, 1), locale))


def test_a_missing_date_is_blank():
    assert formats.short_date(None, formats.locale_of("fr", "FR")) == ""


@pytest.mark.parametrize(
    ("payer", "expected"),
    [
        ({"country": "FR", "postal_code": "33300", "city": "Bordeaux"}, ["33300 Bordeaux"]),
        ({"country": "GB", "postal_code": "M1 2AB", "city": "Manchester"}, ["Manchester", "M1 2AB", "ROYAUME-UNI"]),
        ({"country": "US", "postal_code": "62704", "city": "Springfield", "region": "IL"}, ["Springfield IL 62704", "ÉTATS-UNIS"]),
        ({"country": "DE", "postal_code": "01067", "city": "Dresden"}, ["01067 Dresden", "ALLEMAGNE"]),
        ({"country": "", "postal_code": "", "city": ""}, []),
    ],
)
def test_addresses_follow_the_payers_country_and_name_it_abroad(letters, payer, expected):
    made = letters.context(contact="Mme Roux", **payer)["payer"]["address_lines"]

    assert ["Établissements Lefèvre", "Mme Roux", "4 quai de Bacalan", *expected] == made


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Acme\aThis letter is void.", "AcmeThis letter is void."),
        ("Acme\x0cpage\nline\ttab", "Acme page line tab"),
        ("X</w:t></w:r></w:p>", "X</w:t></w:r></w:p>"),
        ("\u202eevil\u200b\ufeff", "evil"),
        ("e\u0301 \ud800 \ufffe", "é"),
        ("A\u00a0B", "A\u00a0B"),
    ],
)
def test_names_are_one_printable_line(raw, expected):
    assert expected == formats.clean(raw)


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text):
    once = formats.clean(text)

    assert once == formats.clean(once)


def test_a_context_is_text_yes_no_and_lists_only(letters):
    made = letters.context(credits=2, fee=500, interest=10, lump_sum=4000, held=1, not_due=1)

    assert made == json.loads(json.dumps(made))
    assert {str, bool, list, dict} >= {type(value) for value in _values(made)}


def _values(value):
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _values(inner)


def test_lines_stand_oldest_first_and_credits_apart(letters):
    proposal, lines, payer, settings = letters.rows(lines=3, credits=2)
    made = context.letter_context(proposal, lines[::-1], payer, settings, previous=None, letter_id="L")

    assert ["FA-1000", "FA-1001", "FA-1002"] == [line["document"] for line in made["lines"]]
    assert [("AV-0", True), ("AV-1", False)] == [(credit["document"], credit["is_payment"]) for credit in made["credits"]]


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({}, []),
        ({"credits": 1}, ["has_credits"]),
        ({"fee": 4000}, ["has_fee"]),
        ({"interest": 12}, ["has_interest", "has_line_interest", "has_interest_table"]),
        ({"lump_sum": 4000}, ["has_lump_sum"]),
        ({"held": 1}, ["has_held"]),
        ({"not_due": 1}, ["has_not_due"]),
    ],
)
def test_a_letter_says_what_it_charges_and_lists(letters, wishes, said):
    made = letters.context(**wishes)
    asked = ("has_credits", "has_fee", "has_interest", "has_line_interest", "has_interest_table", "has_lump_sum", "has_held", "has_not_due")

    assert said == [name for name in asked if made[name]]


def test_interest_changed_by_hand_is_not_itemised(letters):
    proposal, lines, payer, settings = letters.rows(interest=10)
    less = proposal.model_copy(update={"interest_minor": 5, "total_minor": proposal.total_minor - 15})
    made = context.letter_context(less, lines, payer, settings, previous=None, letter_id="L", periods=letters.periods(lines))

    assert (True, False, False, []) == (made["has_interest"], made["has_line_interest"], made["has_interest_table"], made["interest_periods"])


def test_interest_is_itemised_by_line_and_period_and_adds_up_to_the_cent(letters):
    """The line earns 0.35; its periods, each rounded down for show, make 0.34: the cent goes to one of them."""
    made = letters.context(language="de", lines=1, interest=35)

    assert [
        ("FA-1000", "1.234,50", "12,40", "02.01.2026", "31.01.2026", "30", "0,18"),
        ("FA-1000", "1.234,50", "12,15", "01.02.2026", "02.03.2026", "30", "0,17"),
    ] == [tuple(period.values()) for period in made["interest_periods"]]
    assert "0,35" == made["totals"]["interest"]


def test_periods_that_are_not_those_of_the_line_are_refused(letters):
    proposal, lines, payer, settings = letters.rows(lines=1, interest=35)
    wrong = [replace(period, interest_minor=16) for period in letters.periods(lines)]

    with pytest.raises(HistoryError, match=r"FA-1000.*its interest is 35 minor units, its periods make 32"):
        context.letter_context(proposal, lines, payer, settings, previous=None, letter_id="L", periods=wrong)


def test_a_line_without_its_periods_beside_others_with_theirs_is_refused(letters):
    proposal, lines, payer, settings = letters.rows(lines=2, interest=35)

    with pytest.raises(HistoryError, match="FA-1001"):
        context.letter_context(proposal, lines, payer, settings, previous=None, letter_id="L", periods=letters.periods(lines[:1]))


def test_two_instalments_of_a_document_have_periods_of_their_own(letters):
    proposal, lines, payer, settings = letters.rows(lines=2, interest=10)
    lines = [line.model_copy(update={"document": "FA-1", "instalment": str(3 - at)}) for at, line in enumerate(lines, start=1)]
    made = context.letter_context(proposal, lines, payer, settings, previous=None, letter_id="L", periods=letters.periods(lines))

    assert ["FA-1/2", "FA-1/2", "FA-1/1", "FA-1/1"] == [period["document"] for period in made["interest_periods"]]


@pytest.mark.parametrize(
    ("instalment", "printed"), [("", "FA-1"), ("2", "FA-1/2"), ("2026-02-14", "FA-1"), ("2026-02-14/2", "FA-1/2"), ("2026-02", "FA-1/2026-02")]
)
def test_a_date_that_the_import_took_for_an_instalment_is_not_printed_as_one(letters, instalment, printed):
    proposal, lines, payer, settings = letters.rows(lines=1)
    lines = [lines[0].model_copy(update={"document": "FA-1", "instalment": instalment}), *lines[1:]]
    made = context.letter_context(proposal, lines, payer, settings, previous=None, letter_id="L")

    assert (printed, printed) == (made["lines"][0]["document"], made["payment_reference"])


def test_held_and_not_yet_due_items_stand_apart_and_in_no_sum(letters):
    made, without = letters.context(credits=1, held=2, not_due=1), letters.context(credits=1)

    assert (["LI-0", "LI-1"], ["NE-0"]) == ([item["document"] for item in made["held"]], [item["document"] for item in made["not_due"]])
    assert (without["lines"], without["credits"], without["totals"]) == (made["lines"], made["credits"], made["totals"])


@pytest.mark.parametrize("amount", ["overdue_minor", "credits_minor", "lump_sum_minor", "total_minor", "fee_minor", "interest_minor"])
def test_a_letter_that_does_not_add_up_is_refused(letters, amount):
    proposal, lines, payer, settings = letters.rows(credits=1, fee=400, interest=10, lump_sum=4000, held=1)
    wrong = proposal.model_copy(update={amount: getattr(proposal, amount) + 1})

    with pytest.raises(HistoryError, match="Make the proposal again"):
        context.letter_context(wrong, lines, payer, settings, previous=None, letter_id="L")


def test_a_line_says_what_it_is_charged(letters):
    proposal, lines, payer, settings = letters.rows(lines=1, fee=250, interest=10, lump_sum=4000)
    lines = [line.model_copy(update={"fee_minor": 250}) for line in lines]
    line = context.letter_context(proposal, lines, payer, settings, previous=None, letter_id="L")["lines"][0]

    assert ("2,50", "0,10", "40,00") == (line["fee"], line["interest"], line["lump_sum"])


@pytest.mark.parametrize(
    ("rate", "language", "written"), [("12.15", "fr", "12,15"), ("8", "de", "8,00"), ("9.125", "en", "9.125"), ("-0.5", "en", "-0.50")]
)
def test_a_rate_has_two_decimals_or_as_many_as_it_needs(rate, language, written):
    assert written == formats.percent(Decimal(rate), formats.locale_of(language, ""))


def test_a_language_without_letters_is_refused(letters):
    proposal, lines, payer, settings = letters.rows()

    with pytest.raises(ConfigError, match="es"):
        context.letter_context(proposal.model_copy(update={"language": "es"}), lines, payer, settings, previous=None, letter_id="L")


def test_one_invoice_is_its_own_payment_reference(letters):
    assert ("FA-1000", "0000010017/R20260302-4f1c") == (
        letters.context(lines=1)["payment_reference"],
        letters.context(lines=1, credits=1)["payment_reference"],
    )


def test_no_field_is_hidden_behind_a_word_of_the_template_language():
    names = {name for part in _parts(Letter) for name in part.model_fields}

    assert set() == names & {*dir(dict), "loop", "true", "false", "none", "self"}


def test_every_field_has_a_meaning_and_an_example():
    fields = [(part.__name__, name, field) for part in _parts(Letter) for name, field in part.model_fields.items()]
    blank = [(part, name) for part, name, f in fields if not contract.part_of(f.annotation)[0] and not (f.examples and f.description)]

    assert [] == blank


def _parts(part):
    yield part
    for field in part.model_fields.values():
        inner, _ = contract.part_of(field.annotation)
        if inner:
            yield from _parts(inner)


def test_payments_may_be_known_until_a_day_before_the_letter(letters):
    proposal, lines, payer, settings = letters.rows()
    made = context.letter_context(proposal, lines, payer, settings, previous=None, letter_id="L", payments_until=date(2026, 2, 28))

    assert ("28\u00a0février\u00a02026", "2\u00a0mars\u00a02026") == (made["as_of"], made["date"])
