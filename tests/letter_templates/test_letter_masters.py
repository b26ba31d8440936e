"""The packaged letters: what their words make, what they say in full and at the least, and nothing that is not so."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from letter_templates.context import letter_context
from letter_templates.masters import README, master, readme
from letter_templates.render import Template, check_template, masters
from letter_templates.wording import DOCUMENTS, LETTERS, wording
from rules.model import Regime
from tests.letter_templates import documents
from tests.workbook.sdk import verdict

GOLDEN = Path(__file__).parent / "golden"
ALL = [(language, letter) for language in ("en", "fr", "de") for letter in LETTERS]
OTHERS = [(language, document) for language in ("en", "fr", "de") for document in DOCUMENTS]
FULL = {
    "lines": 3,
    "credits": 2,
    "fee": 4000,
    "interest": 1235,
    "lump_sum": 4000,
    "held": 1,
    "not_due": 2,
    "channel": "registered",
    "contact": "Mme Roux",
}
COMPANY = (
    "company_name", "company_address", "company_city", "bank_name", "bank_iban", "bank_bic", "contact_name", "contact_phone", "contact_email",
    "signatory",
)  # fmt: skip
TERMS = {
    "fr": Regime(regime="FR", valid_from=date(2018, 1, 1), series="EU_MRO", margin=Decimal(10)),
    "de": Regime(regime="DE", valid_from=date(2018, 1, 1), series="DE_BASE", margin=Decimal(9)),
    "en": Regime(regime="NL", valid_from=date(2018, 1, 1), series="EU_MRO", margin=Decimal(8), compounds=True),
}
BLANK = dict.fromkeys(COMPANY, "")
ABROAD = {
    "fr": [{"currency": "CHF", "country": "CH"}, {"currency": "EUR", "country": "LU"}, {"currency": "JPY", "country": "JP"}],
    "de": [{"currency": "CHF", "country": "CH"}, {"currency": "EUR", "country": "AT"}, {"currency": "USD", "country": "US"}],
    "en": [{"currency": "GBP"}, {"currency": "EUR", "country": "IE"}, {"currency": "KWD", "country": "KW"}],
}
KNOWN = [(), *[(name,) for name in COMPANY], ("contact_phone", "contact_email"), ("company_name", "contact_email"), ("bank_iban", "bank_bic")]
ORPHAN = re.compile(r"^\s*[,.;:]|\s[,.]|[,:;]\s*[,.:;]|[:;]\s*$|\s{2}|\( ?\)")


def text(letters, language, letter, **wishes):
    return letters.text(Template.load(masters() / language / f"{letter}.docx").render(letters.context(language=language, template=letter, **wishes)))


def made_of(letters, language, document, context):
    return letters.text(Template.load(masters() / language / f"{document}.docx").render(context))


@pytest.mark.generated
@pytest.mark.parametrize(("language", "letter"), ALL + OTHERS)
def test_a_packaged_template_is_what_its_words_make(language, letter):
    assert master(language, letter) == (masters() / language / f"{letter}.docx").read_bytes()


@pytest.mark.generated
def test_the_readme_lists_the_fields():
    assert readme() == README.read_text(encoding="utf-8")


@pytest.mark.parametrize(("language", "letter"), ALL)
def test_a_letter_reads_as_agreed(letters, language, letter):
    full = text(letters, language, letter, terms=TERMS[language], **FULL)
    bare = text(letters, language, letter, lines=1, previous=None)
    consumer = text(letters, language, letter, lines=2, customer_type="consumer", interest=10)
    unknown = text(letters, language, letter, lines=1, company=BLANK)
    forty = text(letters, language, letter, lines=40)
    credits = text(letters, language, letter, lines=1, credits=9)
    abroad = "".join(text(letters, language, letter, fee=4000, **wishes) for wishes in ABROAD[language])
    sections = {
        "everything": full, "one line, nothing else, no earlier letter": bare, "a consumer": consumer, "a company without data": unknown,
        "forty lines": forty, "credits": credits, "other currencies and countries": abroad,
    }  # fmt: skip
    actual = "".join(f"=== {what}\n{said}" for what, said in sections.items())

    assert letters.golden(GOLDEN / f"{language}_{letter}.txt", actual) == actual


@pytest.mark.parametrize(("language", "document"), OTHERS)
def test_a_document_reads_as_agreed(letters, language, document):
    full = made_of(letters, language, document, documents.EVERYTHING[document](language))
    bare = made_of(letters, language, document, documents.LITTLE[document](language))
    unknown = made_of(letters, language, document, documents.LITTLE[document](language, company=BLANK))
    many = "".join(made_of(letters, language, document, context) for context in documents.MANY[document](language))
    actual = f"=== everything\n{full}=== as little as there can be\n{bare}=== a company without data\n{unknown}=== many, credits, currencies\n{many}"

    assert letters.golden(GOLDEN / f"{language}_{document}.txt", actual) == actual


@pytest.mark.parametrize(("language", "document"), OTHERS)
def test_a_document_of_a_company_without_data_leaves_no_punctuation_behind(letters, language, document):
    content = Template.load(masters() / language / f"{document}.docx").render(documents.LITTLE[document](language, company=BLANK))

    assert [] == [line for line in letters.paragraphs(content) if ORPHAN.search(line)]


@pytest.mark.parametrize(("language", "document"), ALL + OTHERS)
def test_a_packaged_template_passes_the_check_of_its_contract(language, document):
    assert [] == check_template(masters() / language / f"{document}.docx")


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: "+".join(known) or "nothing")
@pytest.mark.parametrize(("language", "letter"), ALL)
def test_a_company_of_which_little_is_known_leaves_no_punctuation_behind(letters, language, letter, known):
    context = letters.context(language=language, template=letter, company={name: "" for name in COMPANY if name not in known})
    said = letters.paragraphs(Template.load(masters() / language / f"{letter}.docx").render(context))
    salutation = wording(language)["label"]["salutation"]
    closings = ["Yours faithfully,"] if language == "en" and {"company_name", "signatory"} & {*known} else []

    assert [] == [line for line in said if ORPHAN.search(line)]
    assert [salutation, *closings] == [line for line in said if line.endswith(",")]


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({}, "please reply to this letter."),
        ({"company_name": "Harcourt"}, "please reply to this letter."),
        ({"contact_phone": "020 7"}, "ask about it: 020 7."),
        ({"company_name": "Harcourt", "contact_phone": "020 7"}, "ask about it: Harcourt, 020 7."),
        ({"contact_name": "Ann", "contact_email": "a@b.uk"}, "ask about it: Ann, a@b.uk."),
        ({}, "Please quote with your payment: FA-1000"),
        ({"bank_iban": "GB29NWBK60161331926819"}, "Payment reference\tFA-1000"),
        ({"company_name": "Harcourt"}, "Yours faithfully,; Harcourt | \n"),
        ({}, "\n2 March 2026\n"),
        ({}, "or write to us before then"),
        ({"contact_phone": "020 7"}, "or call us before then"),
    ],
)
def test_what_is_known_of_the_company_is_what_the_letter_says(letters, known, said):
    made = text(letters, "en", "firm_reminder", lines=1, company={**BLANK, **known})

    assert said in made.replace("\u00a0", " ")


@pytest.mark.parametrize(("language", "letter"), ALL)
def test_without_interest_fee_and_lump_sum_nothing_is_said_of_them(letters, language, letter):
    said = text(letters, language, letter).lower()
    words = {
        "en": ("interest", " fee", "lump sum", "fixed"),
        "fr": ("pénalité", "frais", "indemnité", "l441"),
        "de": ("zins", "gebühr", "pauschale"),
    }[language]

    assert [] == [word for word in words if word in said]


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_no_level_repeats_a_sentence_of_another(language):
    paragraphs = [entry for letter in LETTERS for block in ("before", "after") for entry in wording(language)["letter"][letter][block]]
    entries = [entry for paragraph in paragraphs for entry in paragraph.get("sentences", [paragraph])]
    said = [entry[key] for entry in entries for key in ("text", "else") if key in entry]

    assert len(said) == len(set(said))


@pytest.mark.parametrize(("language", "letter"), [pair for pair in ALL if pair[1] not in ("courtesy", "reminder")])
def test_a_later_letter_names_the_date_of_the_one_before_if_there_was_one(letters, language, letter):
    day = {"en": "1\u00a0February\u00a02026", "fr": "1er\u00a0février\u00a02026", "de": "1.\u00a0Februar\u00a02026"}[language]

    assert (True, False) == (day in text(letters, language, letter), day in text(letters, language, letter, previous=None))


@pytest.mark.parametrize(
    ("wishes", "cited"),
    [
        ({"interest": 10}, ["L441-10"]),
        ({"lump_sum": 4000}, ["L441-10", "D441-5"]),
        ({"interest": 10, "lump_sum": 4000, "customer_type": "consumer"}, []),
        ({"interest": 10, "lump_sum": 4000, "customer_type": "public"}, []),
        ({"interest": 10, "lump_sum": 4000, "country": "BE"}, []),
        ({"interest": 10, "lump_sum": 4000, "company": {"company_country": "BE"}}, []),
    ],
)
def test_the_french_formal_notice_cites_the_code_only_from_a_french_company_to_a_french_business(letters, wishes, cited):
    said = text(letters, "fr", "formal_notice", **wishes)

    assert cited == [article for article in ("L441-10", "D441-5") if article in said]
    assert "mettons en demeure" in said


FREE = {"en": "free of charge", "fr": "gratuit", "de": "kostenfrei"}


@pytest.mark.parametrize("language", ["en", "fr", "de"])
@pytest.mark.parametrize(
    ("country", "wishes", "free"),
    [
        ("NL", {}, True),
        ("BE", {}, True),
        ("FR", {}, False),
        ("NL", {"customer_type": "business"}, False),
        ("BE", {"customer_type": "business"}, False),
        ("NL", {"fee": 500}, False),
        ("BE", {"fee": 500}, False),
        ("BE", {"interest": 10}, False),
        ("NL", {"lump_sum": 4000}, False),
    ],
)
def test_the_first_reminder_of_a_dutch_or_belgian_consumer_is_free_and_says_so(letters, language, country, wishes, free):
    said = text(letters, language, "reminder", **{"customer_type": "consumer", "country": country, "lines": 1, **wishes})

    assert free == (FREE[language] in said)


@pytest.mark.parametrize("country", ["NL", "BE"])
@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_free_letter_names_the_costs_that_would_follow_only_if_there_are_any(letters, language, country):
    wishes = {"customer_type": "consumer", "country": country, "lines": 1}
    costs = letters.context(language=language, later=4000, **wishes)["later_costs"]

    assert [True, False] == [costs in text(letters, language, "reminder", later=later, **wishes) for later in (4000, 0)]


@pytest.mark.parametrize(
    ("language", "company", "country", "kind", "words"),
    [
        ("fr", "FR", "FR", "consumer", "1344-1"),
        ("fr", "FR", "FR", "business", ""),
        ("fr", "FR", "BE", "consumer", ""),
        ("de", "DE", "DE", "consumer", "§ 286 BGB"),
        ("de", "DE", "DE", "business", ""),
        ("de", "AT", "DE", "consumer", ""),
        ("en", "GB", "GB", "consumer", "Reply Form back to Harcourt Supplies Ltd"),
        ("en", "GB", "GB", "business", "Practice Direction on Pre-Action Conduct"),
        ("en", "GB", "IE", "consumer", ""),
    ],
)
def test_a_formal_notice_says_what_the_payers_law_asks_for(letters, language, company, country, kind, words):
    said = text(letters, language, "formal_notice", company={"company_country": company}, country=country, customer_type=kind)
    every = ("1344-1", "§ 286 BGB", "Reply Form back to Harcourt Supplies Ltd", "Practice Direction on Pre-Action Conduct")

    assert ([words] if words else []) == [one for one in every if one in said.replace("\u00a0", " ")]


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_a_courtesy_note_shows_neither_levels_nor_days_overdue(letters, language):
    label = wording(language)["label"]
    said = text(letters, language, "courtesy")

    assert [] == [label[name] for name in ("level", "days_overdue") if label[name] in said]


def test_a_statement_in_the_payers_favour_names_no_account_to_pay_to(letters):
    owing, owed = (made_of(letters, "en", "statement", documents.statement("en", documents.items(1, credits=n))) for n in (0, 4))

    assert (True, False) == ("IBAN" in owing, "IBAN" in owed)


def test_the_code_is_on_a_letter_only_when_it_is_wished_for_and_possible(letters):
    said = [
        "The QR code" in text(letters, "en", "reminder", company={"payment_qr": wished}, currency=currency)
        for wished, currency in ((True, "EUR"), (False, "EUR"), (True, "GBP"))
    ]

    assert [True, False, False] == said


@pytest.mark.parametrize(("language", "letter"), ALL)
def test_interest_changed_by_hand_has_no_table_and_no_word_of_one(letters, language, letter):
    proposal, lines, payer, settings = letters.rows(language=language, template=letter, interest=10)
    less = proposal.model_copy(update={"interest_minor": 5, "total_minor": proposal.total_minor - 15})
    made = letter_context(less, lines, payer, settings, previous=None, letter_id="L", periods=letters.periods(lines))
    said = letters.text(Template.load(masters() / language / f"{letter}.docx").render(made)).lower()

    assert [] == [word for word in ("12,15", "12.15", "rates", "taux", "satz", "sätze") if word in said]


@pytest.mark.parametrize(("language", "letter"), ALL)
def test_what_is_listed_only_stands_under_a_title_that_says_so(letters, language, letter):
    made = {name: text(letters, language, letter, **{name: 1}) for name in ("held", "not_due")}
    title = wording(language)["label"]

    assert [True, True] == [f"{title[name]}\n" in made[name] for name in made]
    assert [False, False] == [title["not_due"] in made["held"], title["held"] in made["not_due"]]


@pytest.mark.parametrize(("language", "words"), [("fr", "recommandée"), ("de", "Einschreiben"), ("en", "registered post")])
def test_registered_mail_says_so(letters, language, words):
    said = [words in text(letters, language, "formal_notice", channel=channel) for channel in ("registered", "letter")]

    assert [True, False] == said


@pytest.mark.parametrize(("language", "letter"), ALL)
def test_a_letter_is_a_document_by_the_rules_of_word(letters, language, letter, tmp_path):
    path, wishes = tmp_path / "letter.docx", {**FULL, "company": {"payment_qr": True}}
    path.write_bytes(Template.load(masters() / language / f"{letter}.docx").render(letters.context(language=language, template=letter, **wishes)))

    assert [] == verdict(path)


@pytest.mark.parametrize(("language", "document"), OTHERS)
def test_a_document_is_one_by_the_rules_of_word(language, document, tmp_path):
    path = tmp_path / "document.docx"
    path.write_bytes(Template.load(masters() / language / f"{document}.docx").render(documents.EVERYTHING[document](language)))

    assert [] == verdict(path)
