"""The packaged Word templates, made from their words: `python -m letter_templates.masters` writes fr/, en/, de/ and the README's fields anew.

A4; the address stands in the window of the country's envelopes; everything has a named style, so that a person changes a font once.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from letter_templates import layout, tables
from letter_templates.contract import field_reference
from letter_templates.package import packed, read_parts, zipped
from letter_templates.render import core_properties
from letter_templates.wording import LETTERS, wording
from rules.row import LANGUAGES

WIDTH, LEFT, HEADER = 165, 25, 10  # mm: text between the margins of A4, left margin, head of the page to the letterhead
FONT = "Arial"
README, MARKS = Path(__file__).parent / "README.md", ("<!-- fields: begin -->", "<!-- fields: end -->")


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
    "fr": Window(50, 0, 45, (78, 7, 80), 2),  # at the right, 110 mm from the left edge
    "en": Window(50, 0, 42, (85, 15, 65), 0),
}


@dataclass(frozen=True)
class Style:
    """One named paragraph style: size in points, spacing in points, what else differs from the text of the letter."""

    size: float = 10
    before: float = 0
    after: float = 0
    bold: bool = False
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT
    keep: bool = False
    grey: bool = False


STYLES = {
    "Letter Text": Style(after=7),
    "Letter Company": Style(size=15, bold=True),
    "Letter Company Address": Style(size=8.5, grey=True),
    "Letter Return Address": Style(size=7, grey=True, after=2),
    "Letter Address": Style(size=10.5),
    "Letter Note": Style(size=9, bold=True, after=3),
    "Letter Reference": Style(size=8.5, after=1),
    "Letter Date": Style(before=6, after=16, keep=True),
    "Letter Subject": Style(size=11, bold=True, after=12, keep=True),
    "Letter Table Title": Style(size=9, bold=True, before=4, after=3, keep=True),
    "Letter Table Head": Style(size=8.5, bold=True, keep=True),
    "Letter Table Head Amount": Style(size=8.5, bold=True, align=WD_ALIGN_PARAGRAPH.RIGHT, keep=True),
    "Letter Table": Style(size=9),
    "Letter Table Amount": Style(size=9, align=WD_ALIGN_PARAGRAPH.RIGHT),
    "Letter Sum": Style(size=9, align=WD_ALIGN_PARAGRAPH.RIGHT, keep=True),
    "Letter Total": Style(size=10, bold=True, align=WD_ALIGN_PARAGRAPH.RIGHT),
    "Letter Small": Style(size=8.5, before=5, after=8),
    "Letter Bank": Style(size=9, keep=True),
    "Letter Closing": Style(before=4, after=34, keep=True),
    "Letter Signatory": Style(),
    "Letter Footer": Style(size=8, grey=True),
    "Letter Space": Style(size=5),
    "Letter Gap": Style(size=1),
}


def master(language: str, letter: str) -> bytes:
    """One packaged template as a .docx file: the same bytes for the same words."""
    words = wording(language)
    document = docx.Document()
    _strip(document)
    _styles(document, words["locale"])
    _page(document, language, words["label"])
    _window(document, language, words["label"])
    text = words["letter"][letter]
    layout.paragraph(document, "{{ place_and_date }}", "Letter Date").paragraph_format.left_indent = Mm(85) if language == "fr" else None
    layout.paragraph(document, text["subject"], "Letter Subject")
    layout.paragraph(document, words["label"]["salutation"], "Letter Text")
    _text(document, text["before"])
    tables.lines(document, words["label"], with_level=letter != "reminder")
    layout.paragraph(document, words["label"]["as_of"], "Letter Small")
    tables.interest(document, words["label"])
    _text(document, text["after"])
    _text(document, [{"if": "has_credits", "text": words["label"]["credits_note"]}])
    tables.bank(document, words["label"])
    _text(document, [{"if": "has_contact", "text": words["label"]["dispute"], "else": words["label"]["dispute_reply"]}])
    for listed in ("held", "not_due"):
        tables.listed(document, words["label"], listed)
    layout.paragraph(document, words["label"]["closing"], "Letter Closing")
    layout.paragraph(document, "{{ signatory }}", "Letter Signatory")
    return _packed(document, {"language": language, "level_name": text["name"]})


def _packed(document: Document, context: dict[str, Any]) -> bytes:
    saved = io.BytesIO()
    document.save(saved)
    parts = read_parts(saved.getvalue(), "master")
    parts["docProps/core.xml"] = core_properties(context, {})
    return zipped([packed(name, content) for name, content in parts.items()])


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


def _styles(document: Document, locale: str) -> None:
    normal = document.styles["Normal"]
    _font(normal, FONT, 10)
    normal.paragraph_format.space_after = normal.paragraph_format.space_before = Pt(0)
    normal.paragraph_format.line_spacing = 1.1
    normal.paragraph_format.widow_control = True
    for lang in document.styles.element.iter(qn("w:lang")):
        lang.set(qn("w:val"), locale)
    for name, wish in STYLES.items():
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style, style.quick_style = normal, True
        style.font.size, style.font.bold = Pt(wish.size), wish.bold
        shape = style.paragraph_format
        shape.space_before, shape.space_after, shape.alignment, shape.keep_with_next = Pt(wish.before), Pt(wish.after), wish.align, wish.keep
        if wish.grey:
            style.font.color.rgb = RGBColor(0x55, 0x55, 0x55)
        if name == "Letter Gap":
            shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(1)


def _font(style: Any, name: str, size: float) -> None:
    style.font.name, style.font.size = name, Pt(size)
    fonts = style.element.rPr.rFonts
    for script in ("w:cs", "w:eastAsia"):
        fonts.set(qn(script), name)


def _page(document: Document, language: str, label: dict[str, str]) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin, section.top_margin, section.bottom_margin = Mm(LEFT), Mm(20), Mm(25), Mm(22)
    section.header_distance, section.footer_distance = Mm(HEADER), Mm(9)
    section.different_first_page_header_footer = True
    head = section.first_page_header
    letterhead = layout.grid(head.add_table(1, 1, Mm(WIDTH)), [WIDTH])
    layout.height(letterhead.rows[0], WINDOWS[language].top - HEADER - 0.4, exact=True)
    cell = letterhead.rows[0].cells[0]
    layout.write(cell.paragraphs[0], "{{ sender.name }}", "Letter Company")
    layout.paragraph(cell, "{{ sender.address }}", "Letter Company Address")
    head._element.remove(head.paragraphs[0]._element)  # the empty paragraph a new header begins with would push the window down
    layout.paragraph(head, "", "Letter Gap")
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


def _window(document: Document, language: str, label: dict[str, str]) -> None:
    window = WINDOWS[language]
    table = layout.grid(document.add_table(2 if window.above else 1, 3), list(window.columns))
    references = table.cell(0, 2 - window.address)
    if window.above:
        layout.height(table.rows[0], window.above)
        notes = table.cell(0, window.address)
        notes.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.BOTTOM  # next to the address
        layout.write(notes.paragraphs[0], "{{ sender.line }}", "Letter Return Address")
        _when(notes, "is_registered", label["registered"], "Letter Note")
        layout.paragraph(notes, "", "Letter Gap")
        references = references.merge(table.cell(1, 2 - window.address))
    layout.height(table.rows[-1], window.height)
    address = table.cell(len(table.rows) - 1, window.address)
    layout.write(address.paragraphs[0], "{%p for line in payer.address_lines %}", "Letter Address")
    layout.paragraph(address, "{{ line }}", "Letter Address")
    layout.paragraph(address, "{%p endfor %}", "Letter Address")
    layout.paragraph(address, "", "Letter Gap")
    layout.write(references.paragraphs[0], label["customer"], "Letter Reference")
    if not window.above:
        _when(references, "is_registered", label["registered"], "Letter Note", first=True)
    layout.paragraph(references, label["letter"], "Letter Reference")
    for field in ("name", "phone", "email"):
        _when(references, f"contact.{field}", label["contact" if field == "name" else field], "Letter Reference")
    layout.paragraph(references, "", "Letter Gap")


def _text(document: Document, paragraphs: list[dict[str, str]]) -> None:
    for paragraph in paragraphs:
        if "if" in paragraph:
            layout.paragraph(document, f"{{%p if {paragraph['if']} %}}", "Letter Text")
        layout.paragraph(document, paragraph["text"], "Letter Text")
        if "else" in paragraph:
            layout.paragraph(document, f"{{%p elif {paragraph['else_if']} %}}" if "else_if" in paragraph else "{%p else %}", "Letter Text")
            layout.paragraph(document, paragraph["else"], "Letter Text")
        if "if" in paragraph:
            layout.paragraph(document, "{%p endif %}", "Letter Text")


def _when(place: Any, condition: str, text: str, style: str, *, first: bool = False) -> None:
    made = [layout.paragraph(place, words, style) for words in (f"{{%p if {condition} %}}", text, "{%p endif %}")]
    if first:
        for paragraph in reversed(made):
            place.paragraphs[0]._element.addprevious(paragraph._element)
            place._element.insert(place._element.index(place.paragraphs[0]._element), paragraph._element)


def readme() -> str:
    """`letter_templates/README.md` with the fields as the contract has them now."""
    head, tail = README.read_text(encoding="utf-8").split(MARKS[0])
    return f"{head}{MARKS[0]}\n{field_reference()}\n{MARKS[1]}{tail.split(MARKS[1])[1]}"


def main() -> None:
    """Write all packaged templates beside this module, and the fields into the README."""
    README.write_text(readme(), encoding="utf-8", newline="\n")
    for language in LANGUAGES:
        for letter in LETTERS:
            path = Path(__file__).parent / language / f"{letter}.docx"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(master(language, letter))


if __name__ == "__main__":
    main()
