"""One part with tags, compiled once, and its XML for one letter: straight from the filled text where that is sure, else parsed and mended."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import Template as JinjaTemplate
from jinja2 import TemplateError as JinjaError
from jinja2.runtime import Context, new_context
from lxml import etree

from letter_templates.contract import Part
from letter_templates.language import STEPS, TooLong, environment, near, straight_environment
from letter_templates.package import W
from letter_templates.properties import DECLARATION
from letter_templates.sources import DOCUMENT, Source
from letter_templates.straight import PICTURE, shortened, straight
from rules.errors import TemplateError

LETTER_LIMIT = 20 << 20  # characters of one part of one letter: 40,000 lines make about as much
STEP_LIMIT = 2_000_000  # rounds of loops in one letter, a second or two: each line in a loop of its own and one within
FIRST_PICTURE = 1001  # as docxtpl numbers them


@dataclass(frozen=True)
class Filler:
    """A part ready to be filled. `empty`: what to shorten in its text, see `straight`; None when the text must be parsed and mended."""

    template: str
    source: Source
    code: JinjaTemplate
    empty: tuple[str, ...] | None
    pictures: bool
    contract: type[Part]

    @classmethod
    def of(cls, source: Source, template: str, contract: type[Part]) -> Filler:
        """The part of `source`, of the template named `template`."""
        one_line = environment().parse(source.text.replace("\n", ""))
        empty = straight(one_line, tables=source.part == DOCUMENT)
        code = (environment() if empty is None else straight_environment()).from_string(source.text)
        return cls(template, source, code, empty, source.part == DOCUMENT and "<wp:docPr" in source.text, contract)

    def fill(self, context: Context) -> str:
        """The XML of the part. Raises TemplateError for a field that the letter does not have, and when the letter grows without end."""
        text = self._text(context)
        if self.empty is None:
            return etree.tostring(self._mended(text.replace("\n", "")), encoding="unicode")
        text = shortened(text, self.empty)
        if self.pictures:
            numbers = iter(range(FIRST_PICTURE, FIRST_PICTURE + len(text)))
            text = PICTURE.sub(lambda found: f"{found[1]}{next(numbers)}", text)
        return text

    def _text(self, context: Context) -> str:
        pieces, left = list[str](), LETTER_LIMIT
        try:
            for piece in self._pieces(context):
                pieces.append(piece)
                left -= len(piece)
                if left < 0:
                    raise TooLong
        except TooLong:
            payer = context.parent.get("payer", {}).get("number", "")
            raise TemplateError(
                f"{self.template}: the letter to {payer} grows beyond {LETTER_LIMIT >> 20} MB, or its loops go round more than {STEP_LIMIT:,} times. "
                "Look at its loops."
            ) from None
        except TypeError as trouble:
            raise TemplateError(
                f"{self.template}: a tag compares or joins things that do not go together ({trouble}), in the paragraph: "
                f"“{self.source.paragraph(_line_of(trouble))}”. Correct it in Word.") from trouble  # fmt: skip
        except JinjaError as trouble:
            field = (re.findall(r"'([^']*)'", str(trouble)) or [str(trouble)])[-1]
            raise TemplateError(
                f"{self.template}: the field “{field}” is not in the letter. Nearest known: {near(field, self.contract)}. It stands in the "
                f"paragraph: “{self.source.paragraph(_line_of(trouble))}”. Correct it in Word.") from trouble  # fmt: skip
        return "".join(pieces)

    def _pieces(self, context: Context) -> Any:
        try:
            yield from self.code.root_render_func(context)
        except TooLong:
            raise
        except Exception:
            self.code.environment.handle_exception()  # says the line of the template, not of the code made of it

    def _mended(self, xml: str) -> etree._Element:
        """The filled text, parsed; tables whose rows have other columns than their grid are mended as docxtpl does it, pictures numbered."""
        try:
            root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as trouble:
            raise TemplateError(
                f"{self.template}: what the template makes of {self.source.part} is not a Word document ({trouble}). Give each {{%p … %}} a "
                "paragraph of its own and each {%tr … %} a table row of its own.") from trouble  # fmt: skip
        if self.source.part == DOCUMENT:
            word = DocxTemplate(io.BytesIO())
            if any(map(_crooked, root.iter(f"{W}tbl"))):
                root = word.fix_tables(xml)
            word.docx_ids_index = FIRST_PICTURE - 1
            word.fix_docpr_ids(root)
        return root


def context_of(values: dict[str, Any]) -> Context:
    """The values of a letter as all parts of its template take them, with the steps its loops may have together."""
    return new_context(straight_environment(), None, {}, values | {STEPS: [STEP_LIMIT]}, shared=True)


def as_part(xml: str) -> bytes:
    """The text of a part as it stands in the file."""
    return (DECLARATION + xml).encode()


def _crooked(table: etree._Element) -> bool:
    grid = table.find(f"{W}tblGrid")
    widest = most = 0
    for row in table.iter(f"{W}tr"):
        cells = row.findall(f"{W}tc")
        spans = (cell.find(f"{W}tcPr/{W}gridSpan") for cell in cells)
        widest = max(widest, sum(1 if span is None else int(span.get(f"{W}val", "1")) for span in spans))
        most = max(most, len(cells))
    columns = 0 if grid is None else len(grid.findall(f"{W}gridCol"))
    return columns != widest or columns < most


def _line_of(trouble: BaseException) -> int:
    """The line of the source on which a tag failed: the innermost place of the traceback that lies in a template."""
    line, place = 1, trouble.__traceback__
    while place:
        if place.tb_frame.f_code.co_filename == "<template>":
            line = place.tb_lineno
        place = place.tb_next
    return line
