"""A real word processor reads the letters: the text of the PDF, and the address where the window is."""

import re
import subprocess

import pytest

from letter_templates.render import Template, masters


@pytest.mark.office
def test_a_letter_becomes_a_pdf_with_its_text_and_the_address_in_the_window(letters, tmp_path):
    path = tmp_path / "letter.docx"
    path.write_bytes(Template.load(masters() / "de" / "final_notice.docx").render(letters.context(language="de", template="final_notice", lines=40)))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, path], check=True, capture_output=True)
    pdf = tmp_path / "letter.pdf"
    said = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    placed = subprocess.run(["pdftotext", "-bbox", "-l", "1", pdf, "-"], check=True, capture_output=True, text=True).stdout
    x, y = map(float, re.search(r'xMin="([\d.]+)" yMin="([\d.]+)"[^>]*>Müller<', placed).groups())

    assert 2 == said.count("Tage")  # the head of the table comes again on the second page
    assert all(words in said for words in ("Letzte Mahnung", "Müller & Söhne GmbH", "49.387,80", "FA-1039", "Seite 2 von 2"))
    assert (25, 62) == (round(x * 25.4 / 72), int(y * 25.4 / 72))  # mm from the left and top edge: DIN 5008, form B
