"""The sheet a packaged template is written on: A4, letterhead with the logo, address in the window of the country's envelopes, page x of y."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import docx
from docx.document import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Mm

from letter_templates import layout, marks
from letter_templates.styles import add_styles

WIDTH, LEFT, HEADER = 165, 25, 10  # mm: text between the margins of A4, left margin, head of the page to the letterhead
LOGO = 13  # mm: side of the logo


@dataclass(frozen=True)
class Window:
    """Where the address stands for the envelopes of a country, in mm: its zone's top, what stands above it in the zone, the columns of the zone."""

    top: float
    above: float
    height: float
    columns: tuple[float, float, float]
    address: int  # which column is the address; the other outer one has the references


WINDOWS = {
    "de": Window(45, 17.7, 27.3, (85, 15, 65), 0),  # DIN 5008 form B: zone at 45 mm, its first 17.7 mm for return address and notes
    "fr": Window(50, 0, 40, (78, 7, 80), 2),  # at the right, 110 mm from the left edge
    "en": Window(50, 0, 38, (85, 15, 65), 0),
}


def sheet(words: dict[str, Any], language: str, *, to: str = "", letter: bool = True) -> Document:
    """An empty document with styles, head and foot, window and references.

    `to`: a text that stands in the window instead of the payer's address; `letter`: it may go out registered, and says so then.
    """
    document, label = docx.Document(), words["label"]
    _strip(document)
    add_styles(document, words["locale"])
    _page(document, language, label)
    _window(document, language, label, to=to, registered=letter)
    return document


def _strip(document: Document) -> None:
    """Leave out what the empty document of python-docx carries and a letter does not need: pictures of itself, other styles, lists."""
    for rels in (document.part.rels, document.part.package.rels):
        for key in [key for key, link in rels.items() if link.reltype.endswith(("/thumbnail", "/stylesWithEffects", "/customXml", "/numbering"))]:
            del rels[key]
    styles = document.styles.element
    for style in styles.findall(qn("w:style")):
        if style.get(qn("w:styleId")) not in {"Normal", "DefaultParagraphFont", "TableNormal", "NoList"}:
            styles.remove(style)
    for setting in document.settings.element.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")


def _page(document: Document, language: str, label: dict[str, str]) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin, section.top_margin, section.bottom_margin = Mm(LEFT), Mm(20), Mm(25), Mm(17)
    section.header_distance, section.footer_distance = Mm(HEADER), Mm(9)
    section.different_first_page_header_footer = True
    _letterhead(section.first_page_header, WINDOWS[language].top - HEADER - 0.4)
    layout.write(section.header.paragraphs[0], label["next_page"], "Letter Footer")
    for foot in (section.first_page_footer, section.footer):
        paragraph = layout.write(foot.paragraphs[0], "{{ sender.line }}\t", "Letter Footer")
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(WIDTH), WD_TAB_ALIGNMENT.RIGHT)
        layout.border(paragraph, "top")
        for piece in re.split(r"({\w+})", label["page"]):
            if piece in ("{page}", "{pages}"):
                layout.field(paragraph, "PAGE" if piece == "{page}" else "NUMPAGES")
            else:
                paragraph.add_run(piece)


def _letterhead(head: Any, height: float) -> None:
    table = layout.grid(head.add_table(1, 2, Mm(WIDTH)), [LOGO + 5, WIDTH - LOGO - 5])
    layout.height(table.rows[0], height, exact=True)
    mark, name = table.rows[0].cells
    layout.picture(layout.write(mark.paragraphs[0], "", "Letter Company"), marks.logo(), LOGO, marks.LOGO)
    layout.write(name.paragraphs[0], "{{ sender.name }}", "Letter Company")
    layout.paragraph(name, "{{ sender.address }}", "Letter Company Address")
    head._element.remove(head.paragraphs[0]._element)  # the empty paragraph a new header begins with would push the window down
    layout.paragraph(head, "", "Letter Gap")


def _window(document: Document, language: str, label: dict[str, str], *, to: str, registered: bool) -> None:
    window = WINDOWS[language]
    table = layout.grid(document.add_table(2 if window.above else 1, 3), list(window.columns))
    references = table.cell(0, 2 - window.address)
    if window.above:
        layout.height(table.rows[0], window.above)
        notes = table.cell(0, window.address)
        notes.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.BOTTOM  # next to the address
        layout.write(notes.paragraphs[0], "{{ sender.line }}", "Letter Return Address")
        if registered:
            layout.when(notes, "is_registered", label["registered"], "Letter Note")
        layout.paragraph(notes, "", "Letter Gap")
        references = references.merge(table.cell(1, 2 - window.address))
    layout.height(table.rows[-1], window.height)
    address = table.cell(len(table.rows) - 1, window.address)
    if to:
        layout.write(address.paragraphs[0], to, "Letter Address")
    else:
        layout.write(address.paragraphs[0], "{%p for line in payer.address_lines %}", "Letter Address")
        layout.paragraph(address, "{{ line }}", "Letter Address")
        layout.paragraph(address, "{%p endfor %}", "Letter Address")
    layout.paragraph(address, "", "Letter Gap")
    layout.write(references.paragraphs[0], label["customer"] if not to else "", "Letter Reference" if not to else "Letter Gap")
    if registered and not window.above:
        layout.when(references, "is_registered", label["registered"], "Letter Note", first=True)
    layout.paragraph(references, label["letter"], "Letter Reference")
    for field in ("name", "phone", "email"):
        layout.when(references, f"contact.{field}", label["contact" if field == "name" else field], "Letter Reference")
    layout.paragraph(references, "", "Letter Gap")
