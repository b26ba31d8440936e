"""Letters for the tests of this folder: one company and one payer per language, and the text of a letter as a person reads it."""

import io
import os
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from letter_templates.context import InterestPeriod, letter_context
from rules.model import Payer, Proposal, ProposalLine, Settings

COMPANIES = {
    "fr": ("Lefort Distribution SAS", "12 rue des Docks, 69009 Lyon", "FR", "Lyon"),
    "de": ("Brandt Werkzeuge GmbH", "Hafenstraße 7, 50735 Köln", "DE", "Köln"),
    "en": ("Harcourt Supplies Ltd", "Unit 4, Dock Road, Leeds LS10 1AB", "GB", "Leeds"),
}
PAYERS = {
    "fr": {"name": "Établissements Lefèvre", "address": "4 quai de Bacalan", "postal_code": "33300", "city": "Bordeaux", "country": "FR"},
    "de": {"name": "Müller & Söhne GmbH", "address": "Am Markt 12, Hinterhaus", "postal_code": "01067", "city": "Dresden", "country": "DE"},
    "en": {"name": "O’Neill & Sons Ltd", "address": "14 Mill Lane", "postal_code": "M1 2AB", "city": "Manchester", "country": "GB"},
}
LEVELS = {"courtesy": 1, "reminder": 1, "firm_reminder": 2, "formal_notice": 3, "final_notice": 4}
AS_OF = date(2026, 3, 2)


def rows(
    language="fr", template="firm_reminder", lines=2, credits=0, fee=0, interest=0, lump_sum=0, held=0, not_due=0, currency="EUR", channel="letter",
    company=None, **payer,
):  # fmt: skip
    """The rows of one letter: proposal, lines, payer, settings. `company`: what Config says of the company, where it differs.

    `interest` and `lump_sum` are of each line, `lines`, `credits`, `held` and `not_due` say how many there are.
    """
    name, address, country, city = COMPANIES[language]
    settings = Settings(
        company_name=name, company_address=address, company_country=country, company_city=city, bank_name="Banque du Rhône",
        bank_iban="FR7630004000031234567890143", bank_bic="BNPAFRPP", contact_name="Claire Morel", contact_phone="+33 4 72 00 00 00",
        contact_email="compta@lefort.example", signatory="Claire Morel",
    ).model_copy(update=company or {})  # fmt: skip
    who = Payer(payer="0000010017", **{**PAYERS[language], **payer})
    key = {"run": "R20260302-4f1c", "payer": "0000010017", "currency": currency}
    made = [
        ProposalLine(
            document=f"FA-{1000 + i}", document_date=AS_OF - timedelta(90 - i), due_date=AS_OF - timedelta(60 - i), days_overdue=60 - i,
            original_minor=200_000, open_minor=123_450 + i, interest_minor=interest, lump_sum_minor=lump_sum, level=LEVELS[template], **key)
        for i in range(lines)
    ]  # fmt: skip
    made += [
        ProposalLine(
            document=f"AV-{i}", kind="credit" if i % 2 else "payment", section="credit", document_date=AS_OF, original_minor=-500, open_minor=-500,
            **key)
        for i in range(credits)
    ]  # fmt: skip
    overdue, deducted = sum(line.open_minor for line in made if line.open_minor > 0), -500 * credits
    made += [
        ProposalLine(
            document=f"{prefix}-{i}", section=section, document_date=AS_OF - timedelta(20 - i), due_date=AS_OF + timedelta(10 + i),
            original_minor=30_000, open_minor=30_000, **key)
        for section, prefix, count in (("on_hold", "LI", held), ("not_due", "NE", not_due)) for i in range(count)
    ]  # fmt: skip
    total = overdue + deducted + fee + (interest + lump_sum) * lines
    proposal = Proposal(
        as_of=AS_OF, level=LEVELS[template], template=template, language=language, channel=channel, deadline=date(2026, 3, 12), overdue_minor=overdue,
        credits_minor=deducted, fee_minor=fee, interest_minor=interest * lines, lump_sum_minor=lump_sum * lines, total_minor=total, **key,
    )  # fmt: skip
    return proposal, made, who, settings


def periods_of(lines):
    """The interest of each line in two periods, with a rate that changes on the first of February."""
    turn = date(2026, 2, 1)
    return [
        InterestPeriod(line.document, line.instalment, line.open_minor, rate, first, last, (last - first).days + 1, interest)
        for line in lines if line.interest_minor
        for rate, first, last, interest in (
            (Decimal("12.4"), line.due_date + timedelta(1), turn - timedelta(1), line.interest_minor // 2),
            (Decimal("12.15"), turn, AS_OF, line.interest_minor // 2))
    ]  # fmt: skip


def letter(previous=date(2026, 2, 1), terms=None, later=0, **wishes):
    """The context of one letter. `terms`: the row of the interest regime; `later`: the fee of the next letter."""
    proposal, lines, payer, settings = rows(**wishes)
    periods = [replace(period, terms=terms) for period in periods_of(lines)]
    return letter_context(
        proposal, lines, payer, settings, previous=previous, letter_id="R20260302-4f1c_0000010017_EUR_L2", periods=periods, later_costs_minor=later
    )


def text_of(content: bytes) -> str:
    """The letter as text: head, body, foot; a line per paragraph, a line per table row with its cells apart."""
    document = docx.Document(io.BytesIO(content))
    section = document.sections[0]
    return "\n".join(_texts(section.first_page_header) + _texts(document) + _texts(section.first_page_footer)) + "\n"


def _texts(place) -> list[str]:
    found = []
    for block in place.iter_inner_content():
        if isinstance(block, Paragraph):
            found.append(block.text)
        elif isinstance(block, Table):
            for row in block._tbl.tr_lst:
                cells = ["; ".join(filter(None, (Paragraph(p, None).text for p in cell.p_lst))) for cell in row.tc_lst]
                found.append(" | ".join(cells))
    return [line for line in found if line.strip(" |")]


def paragraphs_of(content: bytes) -> list[str]:
    """Every paragraph of the letter that says something, those in cells and in the heads and feet of all pages too."""
    document = docx.Document(io.BytesIO(content))
    section = document.sections[0]
    places = (section.first_page_header, section.header, document.element.body, section.first_page_footer, section.footer)
    roots = [getattr(place, "_element", place) for place in places]
    texts = [Paragraph(node, None).text for root in roots for node in root.iter(qn("w:p"))]
    return [text for text in texts if text.strip()]


def golden(path: Path, actual: str) -> str:
    """What the golden file says; with RENEW_GOLDENS=1 it is written first."""
    if os.environ.get("RENEW_GOLDENS") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(actual, encoding="utf-8", newline="\n")
    return path.read_text(encoding="utf-8")


class Letters:
    """What the tests of this folder are given."""

    rows = staticmethod(rows)
    context = staticmethod(letter)
    text = staticmethod(text_of)
    paragraphs = staticmethod(paragraphs_of)
    golden = staticmethod(golden)
    periods = staticmethod(periods_of)


@pytest.fixture(scope="session")
def letters():
    return Letters


@pytest.fixture
def template_of(tmp_path):
    """Makes a Word template of paragraphs."""

    def make(*paragraphs: str) -> Path:
        document = docx.Document()
        for paragraph in paragraphs:
            document.add_paragraph(paragraph)
        path = tmp_path / "fr" / "own.docx"
        path.parent.mkdir(exist_ok=True)
        document.save(str(path))
        return path

    return make
