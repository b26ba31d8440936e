"""Templates made ready once and letters written from them: the same letter as docxtpl writes, from parts prepared beforehand."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import Template as JinjaTemplate
from jinja2 import TemplateError as JinjaError
from lxml import etree

from letter_templates.contract import Letter, Part
from letter_templates.formats import clean
from letter_templates.language import TAG, Reading, Trouble, environment, missing, near
from letter_templates.package import Packed, W, packed, parsed, read_parts, zip_of, zipped
from letter_templates.properties import CORE, core_properties
from rules.errors import TemplateError
from rules.findings import Finding
from rules.model import Severity
from rules.row import LANGUAGES

LETTER_LIMIT = 20 << 20  # characters of one part of one letter: 40,000 lines make about as much
FILLED = (RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER)
LINE = re.compile(r"(?=<w:p[ >])|(?<=</w:p>)(?={%)|(?<=</w:tr>)(?={%)")
LISTING = re.compile("[\t\n\x07\x0c]")
RICH = re.compile(r"{{-?(?:r|p|tr|tc)\s")  # docxtpl's tags for formatted text, which no field of the contract is


@dataclass(frozen=True)
class _Source:
    """One part with tags, as text: a paragraph per line, so that the number of a line leads back to the words a person sees."""

    part: str
    text: str

    def paragraph(self, line: int) -> str:
        lines = self.text.split("\n")
        return _words(lines[min(line, len(lines)) - 1])


@dataclass(frozen=True)
class Template:
    """A Word template, checked and compiled. `digest` is the SHA-256 of the file, so that a run can say what it was made with."""

    name: str
    digest: str
    parts: dict[str, Packed | None]  # in the order of the letter; None: made anew for each letter
    sources: tuple[_Source, ...]
    compiled: tuple[JinjaTemplate, ...]
    contract: type[Part]

    @classmethod
    def load(cls, path: Path, contract: type[Part] = Letter) -> Template:
        """The template in `path`. Raises TemplateError when it is missing, unsafe, not a Word document, or has a tag that cannot be filled."""
        content, name = _content(path)
        sources, parts = _sources(content, name)
        for source in sources:
            for trouble in Reading(source.text, contract).troubles:
                raise TemplateError(_finding(trouble, source, name).text("en"))
        changing = {source.part for source in sources} | {CORE}
        ready = {part: None if part in changing else packed(part, inside) for part, inside in parts.items()}
        compiled = tuple(environment().from_string(source.text) for source in sources)
        return cls(name, hashlib.sha256(content).hexdigest(), ready, sources, compiled, contract)

    def render(self, context: dict[str, Any], properties: dict[str, str] | None = None) -> bytes:
        """The letter as a .docx file: the same bytes for the same context and properties.

        `context` is what `letter_context` answers; `properties` (run, letter, journal head …) are kept in the keywords of the
        file. Raises TemplateError when the template asks for a field that the context does not have.
        """
        context = _cleaned(context)
        made = {source.part: self._part(source, code, context) for source, code in zip(self.sources, self.compiled, strict=True)}
        made[CORE] = core_properties(context, properties or {})
        return zipped([ready or packed(part, made[part]) for part, ready in self.parts.items()])

    def _part(self, source: _Source, code: JinjaTemplate, context: dict[str, Any]) -> bytes:
        pieces: list[str] = []
        length = 0
        try:
            for piece in code.generate(context):
                pieces.append(piece)
                length += len(piece)
                if length > LETTER_LIMIT:
                    raise TemplateError(f"{self.name}: the letter to {_payer(context)} grows beyond {LETTER_LIMIT >> 20} MB. Look at its loops.")
        except TypeError as trouble:
            raise TemplateError(
                f"{self.name}: a tag compares or joins things that do not go together ({trouble}), in the paragraph: "
                f"“{source.paragraph(_line_of(trouble))}”. Correct it in Word.") from trouble  # fmt: skip
        except JinjaError as trouble:
            field = (re.findall(r"'([^']*)'", str(trouble)) or [str(trouble)])[-1]
            raise TemplateError(
                f"{self.name}: the field “{field}” is not in the letter. Nearest known: {near(field, self.contract)}. It stands in the paragraph: "
                f"“{source.paragraph(_line_of(trouble))}”. Correct it in Word.") from trouble  # fmt: skip
        root = _mended("".join(pieces).replace("\n", ""), self.name, source.part)
        return etree.tostring(root, encoding="UTF-8", standalone=True)


def check_template(path: Path, contract: type[Part] = Letter) -> list[Finding]:
    """What is wrong with a template, for a person to mend in Word: unknown fields, unsafe tags, broken syntax, missing essentials."""
    try:
        content, name = _content(path)
        sources, parts = _sources(content, name)
    except TemplateError as trouble:
        return [Finding("template_refused", Severity.ERROR, place=_short(path), values={"problem": str(trouble)})]
    found: list[Finding] = []
    used: set[str] = set()
    for source in sources:
        reading = Reading(source.text, contract)
        used |= reading.used
        found += [_finding(trouble, source, name) for trouble in reading.troubles]
    for part, inside in parts.items():
        if part.startswith("word/") and part.endswith(".xml"):
            filled = any(source.part == part for source in sources)
            found += [_placed(code, name, text) for code, text in _misplaced(parsed(inside, name, part), filled)]
    if not any(finding.code == "template_syntax" for finding in found):
        found += [
            Finding("template_missing_field", Severity(weight), place=name, values={"template": name, "field": written})
            for written, weight in missing(contract, used)
        ]
    return found


def template_path(folder: Path, language: str, name: str) -> Path:
    """Where the template `name` of a language lies: in the user's folder, else among the packaged ones. Raises TemplateError that lists them."""
    if re.fullmatch(r"[\w][\w .-]*", name) and language in LANGUAGES:
        for place in (folder, masters()):
            if (path := place / language / f"{name}.docx").is_file():
                return path
    there = sorted({path.stem for place in (folder, masters()) for path in (place / language).glob("*.docx") if not path.name.startswith("~$")})
    raise TemplateError(
        f"There is no template “{name}” in language “{language}”. In {folder / language} and among the packaged ones there are: "
        f"{', '.join(there) or 'none'}. Correct the column Template of the level, or put {name}.docx into the folder.")  # fmt: skip


def masters() -> Path:
    """The folder of the packaged templates: one subfolder per language."""
    return Path(__file__).parent


def copy_masters(to: Path) -> list[Path]:
    """Put the packaged templates into `to`, one subfolder per language; a file that is there already stays as it is. Answers the new files."""
    made: list[Path] = []
    for master in sorted(path for language in LANGUAGES for path in (masters() / language).glob("*.docx")):
        copy = to / master.parent.name / master.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if not copy.exists():
            shutil.copyfile(master, copy)
            made.append(copy)
    return made


def _content(path: Path) -> tuple[bytes, str]:
    try:
        return zip_of(path), _short(path)
    except OSError as trouble:
        raise TemplateError(f"{_short(path)}: the template cannot be read ({trouble.strerror}). Close it in Word, or put it back.") from trouble


def _short(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _sources(content: bytes, name: str) -> tuple[list[_Source], dict[str, bytes]]:
    """The parts with tags, made ready for Jinja by docxtpl, and all parts of the document as a letter will have them."""
    read_parts(content, name)
    word = DocxTemplate(io.BytesIO(content))
    try:
        word.init_docx()
    except (KeyError, ValueError, AttributeError, PackageNotFoundError) as trouble:
        raise TemplateError(f"{name}: parts of the document are missing ({trouble}). Open the template in Word and save it again.") from trouble
    word.core_properties.title = ""  # makes the part where there is none
    document = word.docx.part
    texts = {"word/document.xml": word.xml_to_string(document.element)}
    for link in document.rels.values():
        if link.reltype in FILLED and not link.is_external:
            texts[str(link.target_part.partname).lstrip("/")] = word.get_part_xml(link.target_part)
    for part in document.package.iter_parts():
        if part.content_type == CONTENT_TYPE.WML_FOOTNOTES:
            texts[str(part.partname).lstrip("/")] = word.xml_to_string(parsed(part.blob, name, "footnotes"))
    saved = io.BytesIO()
    word.docx.save(saved)
    sources = [_Source(part, LINE.sub("\n", _broken(word, _literal(word.patch_xml(xml))))) for part, xml in texts.items()]
    return sources, read_parts(saved.getvalue(), name)


def _literal(xml: str) -> str:
    """docxtpl's way to write braces that are no tag, `{_{`, as Jinja's: so that the same characters in a payer's name stay what they are."""
    for written, meant in (("{_{", "{{"), ("}_}", "}}"), ("{_%", "{%"), ("%_}", "%}")):
        xml = xml.replace(written, "{{ '" + meant + "' }}")
    return xml


def _broken(word: DocxTemplate, xml: str) -> str:
    """Line breaks and tabs that stand in the text of the template itself, as Word's; those of a letter's fields are gone by then."""
    return word.resolve_listing(xml) if LISTING.search(xml) else xml


def _mended(xml: str, name: str, part: str) -> etree._Element:
    """The rendered part, parsed; tables whose rows have other columns than their grid are mended as docxtpl does it, pictures numbered."""
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as trouble:
        raise TemplateError(
            f"{name}: what the template makes of {part} is not a Word document ({trouble}). Give each {{%p … %}} a paragraph of its own and each "
            "{%tr … %} a table row of its own.") from trouble  # fmt: skip
    if part == "word/document.xml":
        word = DocxTemplate(io.BytesIO())
        if any(map(_crooked, root.iter(f"{W}tbl"))):
            root = word.fix_tables(xml)
        word.docx_ids_index = 1000
        word.fix_docpr_ids(root)
    return root


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


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _cleaned(inner) for key, inner in value.items()}
    return [_cleaned(inner) for inner in value] if isinstance(value, list) else value


def _payer(context: dict[str, Any]) -> str:
    return str(context.get("payer", {}).get("number", ""))


def _line_of(trouble: BaseException) -> int:
    """The line of the source on which a tag failed: the innermost place of the traceback that lies in a template."""
    line, place = 1, trouble.__traceback__
    while place:
        if place.tb_frame.f_code.co_filename == "<template>":
            line = place.tb_lineno
        place = place.tb_next
    return line


def _words(xml: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", xml).split())[:200]


def _misplaced(root: etree._Element, filled: bool) -> Iterator[tuple[str, str]]:
    """Tags that take text away, that need formatted text, or that stand where nothing is filled, each with the words around it.

    `{%p … %}` takes its whole paragraph away, `{%tr … %}` its row, `{%tc … %}` its cell, with every other word in them.
    """
    for kind in ("p", "tr", "tc"):
        for node in root.iter(f"{W}{kind}"):
            text = "".join(piece.text or "" for piece in node.iter(f"{W}t"))
            if not filled:
                if kind == "p" and TAG.search(text):
                    yield "template_unfilled", text
            elif kind == "p" and RICH.search(text):
                yield "template_rich", text
            elif re.search(rf"{{%-?{kind}\s", text) and TAG.sub("", text).strip():
                yield "template_lost_text", text


def _placed(code: str, name: str, paragraph: str) -> Finding:
    return Finding(code, Severity.ERROR, place=name, values={"template": name, "paragraph": paragraph[:200]})


def _finding(trouble: Trouble, source: _Source, name: str) -> Finding:
    values = {"template": name, "what": trouble.what, "near": trouble.near, "paragraph": source.paragraph(trouble.line)}
    return Finding(trouble.code, Severity.ERROR, place=name, values=values)
