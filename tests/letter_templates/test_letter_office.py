"""A real word processor reads the letters: the text of the PDF, and the address where the window is."""

import re
import subprocess
from pathlib import Path

import pytest

from letter_templates.render import Template, masters
from letter_templates.wording import DOCUMENTS, LETTERS, wording
from tests.letter_templates import documents
from tests.letter_templates.test_letter_masters import TERMS

CLOSING = {"en": "Yours faithfully,", "fr": "nos salutations distinguées.", "de": "Mit freundlichen Grüßen"}
CONSEQUENCE = {"en": "take steps to recover it", "fr": "engagerons le recouvrement", "de": "Beitreibung der Forderung"}


def _pdfs(folder: Path, contents: dict[str, bytes]) -> dict[str, str]:
    """The documents as text, page by page after form feeds; all converted in one go."""
    paths = [folder / f"{name}.docx" for name in contents]
    for path in paths:
        path.write_bytes(contents[path.stem])
    profile = f"-env:UserInstallation=file://{folder}/profile"
    subprocess.run(["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", folder, *paths], check=True, capture_output=True)
    return {name: _text(folder / f"{name}.pdf", "-layout") for name in contents}


def _text(pdf: Path, *how: str) -> str:
    return subprocess.run(["pdftotext", *how, pdf, "-"], check=True, capture_output=True, text=True).stdout


def _plain(text: str) -> str:
    """The text with all kinds of blanks and breaks alike."""
    return " ".join(text.split())


@pytest.mark.office
def test_a_letter_becomes_a_pdf_with_its_text_and_the_address_in_the_window(letters, tmp_path):
    content = Template.load(masters() / "de" / "final_notice.docx").render(letters.context(language="de", template="final_notice", lines=40))
    said = _pdfs(tmp_path, {"letter": content})["letter"]
    placed = _text(tmp_path / "letter.pdf", "-bbox", "-l", "1")
    x, y = map(float, re.search(r'xMin="([\d.]+)" yMin="([\d.]+)"[^>]*>Müller<', placed).groups())

    assert 2 == said.count("Tage")  # the head of the table comes again on the second page
    assert all(words in said for words in ("Letzte Mahnung", "Müller & Söhne GmbH", "49.387,80", "FA-1039", "Seite 2 von 2"))
    assert (25, 62) == (round(x * 25.4 / 72), int(y * 25.4 / 72))  # mm from the left and top edge: DIN 5008, form B


def _pages(text: str) -> list[str]:
    return text.rstrip("\f").split("\f")


@pytest.mark.office
@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_one_line_with_everything_on_it_is_asked_for_and_signed_on_one_page(letters, language, tmp_path):
    wishes = {"lines": 1, "credits": 2, "fee": 4000, "channel": "registered", "contact": "Mme Roux", "company": {"payment_qr": True}}
    charges = {letter: {} if letter == "courtesy" else {"interest": 1235, "lump_sum": 4000, "terms": TERMS[language]} for letter in LETTERS}
    made = {
        letter: Template.load(masters() / language / f"{letter}.docx").render(
            letters.context(language=language, template=letter, held=1, not_due=2, **wishes, **charges[letter]))
        for letter in LETTERS
    }  # fmt: skip
    said = _pdfs(tmp_path, made)
    signed = {letter: _pages(text)[0].partition(CLOSING[language])[2] for letter, text in said.items()}

    assert [] == [letter for letter, rest in signed.items() if "Claire Morel" not in rest]


@pytest.mark.office
@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_no_page_ends_with_a_heading_and_none_begins_with_the_greeting(letters, language, tmp_path):
    """However many lines there are: the end of the letter stays together, with the last of the text before it."""
    notice, label = Template.load(masters() / language / "formal_notice.docx"), wording(language)["label"]
    wishes = {"language": language, "template": "formal_notice", "company": {"payment_qr": True}, "not_due": 3}
    counts = {f"many{count}": {"lines": count, "interest": 10 if count % 2 else 0} for count in range(6, 31)}
    said = _pdfs(tmp_path, {name: notice.render(letters.context(**wishes, **more)) for name, more in counts.items()})
    ends = {
        (name, at): [line.strip() for line in page.splitlines() if line.strip()]
        for name, text in said.items()
        for at, page in enumerate(_pages(text))
    }
    headings = (label["document"], label["interest_line"], label["not_due"])
    signed = {name: next(page for page in _pages(text) if CLOSING[language] in page) for name, text in said.items()}

    assert [] == [place for place, lines in ends.items() if lines[-2].startswith(headings)]
    assert [] == [name for name, page in signed.items() if CONSEQUENCE[language] not in page or "IBAN" not in page or "Claire Morel" not in page]


@pytest.mark.office
@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_other_documents_become_pdfs_of_a_page_or_two_with_their_sums(language, tmp_path):
    made = {name: documents.EVERYTHING[name](language) for name in DOCUMENTS}
    said = _pdfs(tmp_path, {name: Template.load(masters() / language / f"{name}.docx").render(context) for name, context in made.items()})
    sums = {"statement": "balance", "promise_confirmation": "amount", "plan_confirmation": "total", "hand_over": "amount_due"}

    assert [] == [name for name, text in said.items() if _plain(made[name][sums[name]]) not in _plain(text) or text.count("\f") > 2]
