"""A real word processor reads the letters: the text of the PDF, and the address where the window is."""

import re
import subprocess
from pathlib import Path

import pytest

from letter_templates.render import Template, masters
from letter_templates.wording import DOCUMENTS
from tests.letter_templates import documents


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


@pytest.mark.office
def test_the_greeting_never_stands_alone_on_a_page_and_one_line_needs_one_page(letters, tmp_path):
    """However many lines there are: the end of the letter stays together."""
    notice = Template.load(masters() / "en" / "formal_notice.docx")
    contents = {"one": notice.render(letters.context(language="en", template="formal_notice", lines=1, fee=4000))}
    for count in range(8, 24, 3):
        wishes = {"language": "en", "template": "formal_notice", "lines": count, "company": {"payment_qr": True}}
        contents[f"many{count}"] = notice.render(letters.context(**wishes))
    said = _pdfs(tmp_path, contents)
    pages = {name: text.rstrip("\f").split("\f") for name, text in said.items()}

    assert 1 == len(pages["one"])
    assert [] == [name for name, texts in pages.items() if not ("question about it" in texts[-1] and "Yours faithfully" in texts[-1])]


@pytest.mark.office
@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_other_documents_become_pdfs_of_a_page_or_two_with_their_sums(language, tmp_path):
    made = {name: documents.EVERYTHING[name](language) for name in DOCUMENTS}
    said = _pdfs(tmp_path, {name: Template.load(masters() / language / f"{name}.docx").render(context) for name, context in made.items()})
    sums = {"statement": "balance", "promise_confirmation": "amount", "plan_confirmation": "total", "hand_over": "amount_due"}

    assert [] == [name for name, text in said.items() if _plain(made[name][sums[name]]) not in _plain(text) or text.count("\f") > 2]
