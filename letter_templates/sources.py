"""A template file made ready for filling: all its parts as a letter will have them, and those with tags as text."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate

from letter_templates.package import parsed, read_parts
from rules.errors import TemplateError

DOCUMENT = "word/document.xml"
FILLED = (RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER)
LINE = re.compile(r"(?=<w:p[ >])|(?<=</w:p>)(?={%)|(?<=</w:tr>)(?={%)")
LISTING = re.compile("[\t\n\x07\x0c]")
TEXT_LIMIT, TAG_LIMIT = 4 << 20, 2000  # of one part: docxtpl may read the text once for each tag; a letter has 100 kB and a hundred tags


@dataclass(frozen=True)
class Source:
    """One part with tags, as text: a paragraph per line, so that the number of a line leads back to the words a person sees."""

    part: str
    text: str

    def paragraph(self, line: int) -> str:
        """The words of the paragraph on this line, tags included."""
        lines = self.text.split("\n")
        return " ".join(re.sub(r"<[^>]*>", "", lines[min(line, len(lines)) - 1]).split())[:200]


@lru_cache(4)  # a template is checked, then loaded
def sources_of(content: bytes, name: str) -> tuple[tuple[Source, ...], Mapping[str, bytes]]:
    """The parts that docxtpl fills, made ready for Jinja by it, and all parts of the document. Raises TemplateError for what is no template."""
    read_parts(content, name)
    word = DocxTemplate(io.BytesIO(content))
    try:
        word.init_docx()
    except (KeyError, ValueError, AttributeError, PackageNotFoundError) as trouble:
        raise TemplateError(f"{name}: parts of the document are missing ({trouble}). Open the template in Word and save it again.") from trouble
    word.core_properties.title = ""  # makes the part where there is none
    document = word.docx.part
    texts = {DOCUMENT: word.xml_to_string(document.element)}
    for link in document.rels.values():
        if link.reltype in FILLED and not link.is_external:
            texts[str(link.target_part.partname).lstrip("/")] = word.get_part_xml(link.target_part)
    for part in document.package.iter_parts():
        if part.content_type == CONTENT_TYPE.WML_FOOTNOTES:
            texts[str(part.partname).lstrip("/")] = word.xml_to_string(parsed(part.blob, name, "footnotes"))
    for part, xml in texts.items():
        tags = len(re.findall("{[{%#]", re.sub(r"(?<={)(?:<[^>]*>)+", "", xml)))
        if len(xml) > TEXT_LIMIT or tags > TAG_LIMIT:
            raise TemplateError(
                f"{name}: {part} has {len(xml) >> 20} MB of text and layout and {tags} tags; a letter has at most {TEXT_LIMIT >> 20} MB and "
                f"{TAG_LIMIT} tags. Repeat rows with {{%tr for … %}} instead of writing each.")  # fmt: skip
    saved = io.BytesIO()
    word.docx.save(saved)
    sources = tuple(Source(part, LINE.sub("\n", _broken(word, _literal(word.patch_xml(xml))))) for part, xml in texts.items())
    return sources, MappingProxyType(read_parts(saved.getvalue(), name))


def _literal(xml: str) -> str:
    """docxtpl's way to write braces that are no tag, `{_{`, as Jinja's: so that the same characters in a payer's name stay what they are."""
    for written, meant in (("{_{", "{{"), ("}_}", "}}"), ("{_%", "{%"), ("%_}", "%}")):
        xml = xml.replace(written, "{{ '" + meant + "' }}")
    return xml


def _broken(word: DocxTemplate, xml: str) -> str:
    """Line breaks and tabs that stand in the text of the template itself, as Word's; those of a letter's fields are gone by then."""
    return word.resolve_listing(xml) if LISTING.search(xml) else xml
