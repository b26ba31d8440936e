"""The named styles of the packaged templates: a person changes a font or a space once, in Word, for a whole template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

FONT = "Arial"
RIGHT = WD_ALIGN_PARAGRAPH.RIGHT


@dataclass(frozen=True)
class Style:
    """One named paragraph style: size in points, spacing in points, what else differs from the text of the letter."""

    size: float = 10
    before: float = 0
    after: float = 0
    bold: bool = False
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT
    keep: bool = False  # with the next paragraph, on one page
    grey: bool = False
    inset: float = 0  # mm kept free at the right, so that a full column does not touch the next
    tab: float = 0  # mm: where what follows a tab begins; the lines of the paragraph stay on one page


STYLES = {
    "Letter Text": Style(after=4),
    "Letter Last": Style(after=4, keep=True),
    "Letter Company": Style(size=15, bold=True),
    "Letter Company Address": Style(size=8.5, grey=True),
    "Letter Return Address": Style(size=7, grey=True, after=2),
    "Letter Address": Style(size=10.5),
    "Letter Note": Style(size=9, bold=True, after=3),
    "Letter Reference": Style(size=8.5, after=1),
    "Letter Date": Style(before=4, after=9, keep=True),
    "Letter Subject": Style(size=11, bold=True, after=7, keep=True),
    "Letter Table Title": Style(size=9, bold=True, before=4, after=3, keep=True),
    "Letter Annex Title": Style(size=9, bold=True, before=16, after=3, keep=True),
    "Letter Table Head": Style(size=8.5, bold=True, keep=True),
    "Letter Table Head Amount": Style(size=8.5, bold=True, align=RIGHT, keep=True),
    "Letter Table": Style(size=9, inset=1),
    "Letter Table Amount": Style(size=9, align=RIGHT),
    "Letter Sum": Style(size=9, align=RIGHT, keep=True),
    "Letter Total": Style(size=10, bold=True, align=RIGHT, keep=True),
    "Letter Small": Style(size=8.5, before=3, after=4),
    "Letter Bank": Style(size=9, before=3, after=5, keep=True, tab=38),
    "Letter Code": Style(size=7.5, after=4, grey=True, keep=True),
    "Letter Closing": Style(before=2, after=20, keep=True),
    "Letter Signatory": Style(),
    "Letter Footer": Style(size=8, grey=True),
    "Letter Space": Style(size=5, keep=True),
    "Letter Gap": Style(size=1, keep=True),
    "Letter Picture": Style(size=1, align=RIGHT, keep=True),
}


def add_styles(document: Document, locale: str) -> None:
    """Gives the document its styles, its font and the language its spelling is checked in."""
    normal = document.styles["Normal"]
    _font(normal, FONT, 10)
    normal.paragraph_format.space_after = normal.paragraph_format.space_before = Pt(0)
    normal.paragraph_format.line_spacing = 1.05
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
        if wish.inset:
            shape.right_indent = Mm(wish.inset)
        if wish.tab:
            shape.tab_stops.add_tab_stop(Mm(wish.tab))
            shape.keep_together = True
        if name == "Letter Gap":
            shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(1)


def _font(style: Any, name: str, size: float) -> None:
    style.font.name, style.font.size = name, Pt(size)
    fonts = style.element.rPr.rFonts
    for script in ("w:cs", "w:eastAsia"):
        fonts.set(qn(script), name)
