"""The packaged letters: what their words make, what they say in full and at the least, and nothing that is not so."""

from pathlib import Path

import pytest

from letter_templates.masters import README, master, readme
from letter_templates.render import Template, masters
from letter_templates.wording import LETTERS, wording
from tests.workbook.sdk import verdict

GOLDEN = Path(__file__).parent / "golden"
ALL = [(language, letter) for language in ("en", "fr", "de") for letter in LETTERS]
FULL = {"lines": 3, "credits": 2, "fee": 4000, "interest": 1234, "channel": "registered", "contact": "Mme Roux"}


def text(letters, language, letter, **wishes):
    return letters.text(Template.load(masters() / language / f"{letter}.docx").render(letters.context(language=language, template=letter, **wishes)))


@pytest.mark.generated
@pytest.mark.parametrize(("language", "letter"), ALL)
def test_a_packaged_template_is_what_its_words_make(language, letter):
    assert master(language, letter) == (masters() / language / f"{letter}.docx").read_bytes()


@pytest.mark.generated
def test_the_readme_lists_the_fields():
    assert readme() == README.read_text(encoding="utf-8")


@pytest.mark.parametrize(("language", "letter"), ALL)
def test_a_letter_reads_as_agreed(letters, language, letter):
    full = text(letters, language, letter, **FULL)
    bare = text(letters, language, letter, lines=1, previous=None)
    consumer = text(letters, language, letter, lines=2, customer_type="consumer", interest=10)
    actual = f"=== everything\n{full}=== one line, nothing else, no earlier letter\n{bare}=== a consumer\n{consumer}"

    assert letters.golden(GOLDEN / f"{language}_{letter}.txt", actual) == actual


@pytest.mark.parametrize(("language", "letter"), ALL)
def test_without_interest_and_fee_nothing_is_said_of_them(letters, language, letter):
    said = text(letters, language, letter).lower()
    words = {"en": ("interest", " fee"), "fr": ("pénalité", "frais", "l441"), "de": ("zins", "gebühr", "prozentpunkt")}[language]

    assert [] == [word for word in words if word in said]


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_no_level_repeats_a_sentence_of_another(language):
    entries = [entry for letter in LETTERS for block in ("before", "after") for entry in wording(language)["letter"][letter][block]]
    said = [entry[key] for entry in entries for key in ("text", "else") if key in entry]

    assert len(said) == len(set(said))


@pytest.mark.parametrize(("language", "letter"), [pair for pair in ALL if pair[1] != "reminder"])
def test_a_later_letter_names_the_date_of_the_one_before_if_there_was_one(letters, language, letter):
    date = {"en": "1\u00a0February 2026", "fr": "1er\u00a0février 2026", "de": "1.\u00a0Februar 2026"}[language]

    assert (True, False) == (date in text(letters, language, letter), date in text(letters, language, letter, previous=None))


def test_the_french_formal_notice_cites_the_code_only_to_a_business(letters):
    cited = ["L441-10" in text(letters, "fr", "formal_notice", interest=10, customer_type=kind) for kind in ("business", "consumer", "public")]

    assert [True, False, False] == cited
    assert "mettons en demeure" in text(letters, "fr", "formal_notice")


@pytest.mark.parametrize(("language", "words"), [("fr", "recommandée"), ("de", "Einschreiben"), ("en", "registered post")])
def test_registered_mail_says_so(letters, language, words):
    said = [words in text(letters, language, "formal_notice", channel=channel) for channel in ("registered", "letter")]

    assert [True, False] == said


@pytest.mark.parametrize(("language", "letter"), ALL)
def test_a_letter_is_a_document_by_the_rules_of_word(letters, language, letter, tmp_path):
    path = tmp_path / "letter.docx"
    path.write_bytes(Template.load(masters() / language / f"{letter}.docx").render(letters.context(language=language, template=letter, **FULL)))

    assert [] == verdict(path)
