"""Templates made ready once and letters written from them: the same letter as docxtpl writes, from parts prepared beforehand."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import etree

from letter_templates.contract import CONTRACTS, Letter, Part
from letter_templates.filling import Filler, as_part, context_of
from letter_templates.formats import clean
from letter_templates.inserted import by_docxtpl, inserted
from letter_templates.language import CONDITIONS, TAG, Reading, Trouble, missing, plain_fields
from letter_templates.package import Packed, W, packed, parsed, zip_of, zipped
from letter_templates.pictures import FIELD, places, qr_code
from letter_templates.properties import CORE, core_properties
from letter_templates.sources import DOCUMENT, Source, sources_of
from rules.errors import TemplateError
from rules.findings import Finding
from rules.model import Severity
from rules.row import LANGUAGES

RICH = re.compile(r"{{-?(?:r|p|tr|tc)\s")  # docxtpl's tags for formatted text, which no field of the contract is
WHOLE = re.compile(rf"^\s*{{{{p\s+{CONDITIONS}\s*}}}}\s*$")  # but for the document that is inserted
INSERTED = re.compile(rf"{{[{{%][^}}]*\b{CONDITIONS}\b")
UNREADABLE = ("template_syntax", "template_unclosed", "template_unopened")  # of the rest of such a part nothing is known
KEPT = 32  # templates that stay ready: issuing reads each twice, to plan and to write, and has five letters in three languages at most
SQUEEZE = 3  # level of compression: a quarter of the time of 6, for files larger by one part in fifty


@dataclass(frozen=True)
class _Ready:
    """What the bytes of a template make of it, whoever asks: `Template` without the files it inserts."""

    parts: dict[str, Packed | None]
    fillers: tuple[Filler, ...]
    codes: tuple[str, ...]
    inserted: set[str]  # fields that insert a file


@lru_cache(KEPT)
def _ready(content: bytes, name: str, contract: type[Part]) -> _Ready:
    sources, parts = sources_of(content, name)
    readings = [Reading(source.text, contract) for source in sources]
    for source, reading in zip(sources, readings, strict=True):
        for trouble in reading.troubles:
            raise TemplateError(_finding(trouble, source, name).text("en"))
    changing = {CORE, *(source.part for source in sources)}
    ready = {part: None if part in changing else packed(part, inside) for part, inside in parts.items()}
    fillers = tuple(Filler.of(source, name, contract) for source in sources)
    return _Ready(ready, fillers, places(parts, name), set[str]().union(*(reading.inserted for reading in readings)))


@dataclass(frozen=True)
class Template:
    """A Word template, checked and compiled."""

    name: str
    content: bytes
    contract: type[Part]
    parts: dict[str, Packed | None]  # in the order of the letter; None: made anew for each letter
    fillers: tuple[Filler, ...]
    codes: tuple[str, ...]  # the parts with the picture of a QR code
    files: dict[str, bytes]  # what only docxtpl inserts, by field
    _last: dict[str, tuple[str, Packed]] = field(default_factory=dict[str, tuple[str, Packed]])  # head and foot: often the same again

    @classmethod
    def load(cls, path: Path, contract: type[Part] | None = None) -> Template:
        """The template in `path`; without `contract`, in that of its name.

        Raises TemplateError when it is missing, unsafe, not a Word document, has a tag that cannot be filled, or inserts a file that is not there.
        """
        content, name = _content(path)
        return cls.of(content, name, contract or CONTRACTS.get(path.stem, Letter), lambda fields: inserted(fields, path, name))

    @classmethod
    def of(cls, content: bytes, name: str, contract: type[Part], files: Callable[[set[str]], dict[str, bytes]]) -> Template:
        """The template in the bytes of a file; `files` answers what its fields insert."""
        ready = _ready(content, name, contract)
        return cls(name, content, contract, ready.parts, ready.fillers, ready.codes, files(ready.inserted))

    @property
    def digest(self) -> str:
        """SHA-256 of the file, so that a run can say what it was made with."""
        return hashlib.sha256(self.content).hexdigest()

    def __reduce__(self) -> tuple[Any, ...]:
        """For another process: made ready there, from the same bytes."""
        return _again, (self.content, self.name, self.contract, self.files)

    def render(self, context: dict[str, Any], properties: dict[str, str] | None = None) -> bytes:
        """The letter as a .docx file: the same bytes for the same context and properties.

        `context` is what `letter_context` answers; `properties` (run, letter, journal head …) are kept in the keywords of the
        file. Raises TemplateError when the template asks for a field that the context does not have.
        """
        if self.files or any(filler.empty is None for filler in self.fillers):  # else each value is cleaned where it is printed
            context = _cleaned(context) | {FIELD: context.get(FIELD, "")}
        shared = context_of(context | dict.fromkeys(self.files, " "))
        made = {filler.source.part: self._squeezed(filler.source.part, filler.fill(shared)) for filler in self.fillers}
        if self.files:  # filled all the same: so faults are named alike, and a letter without end is stopped
            inner = by_docxtpl(self.content, self.files, context, self.name)
            made = {part: packed(part, inside, SQUEEZE) for part, inside in inner.items()}
        if payload := context.get(FIELD):
            made |= {part: packed(part, qr_code(payload), SQUEEZE) for part in self.codes}
        made[CORE] = packed(CORE, core_properties(context, properties or {}), SQUEEZE)
        return zipped([made.get(part, ready) for part, ready in (self.parts | made if self.files else self.parts).items()])

    def _squeezed(self, part: str, xml: str) -> Packed:
        last = self._last.get(part)
        if last is None or last[0] != xml:
            last = self._last[part] = (xml, packed(part, as_part(xml), SQUEEZE))
        return last[1]


def _again(content: bytes, name: str, contract: type[Part], files: dict[str, bytes]) -> Template:
    return Template.of(content, name, contract, lambda _: files)


def check_template(path: Path, contract: type[Part] | None = None) -> list[Finding]:
    """What is wrong with a template, for a person to mend in Word: unknown fields, unsafe tags, broken syntax, missing essentials."""
    contract = contract or CONTRACTS.get(path.stem, Letter)
    try:
        content, name = _content(path)
        sources, parts = sources_of(content, name)
        places(parts, name)
    except TemplateError as trouble:
        return [Finding("template_refused", Severity.ERROR, place=_short(path), values={"problem": str(trouble)})]
    found: list[Finding] = []
    used, inserting = set[str](), set[str]()
    for source in sources:
        reading = Reading(source.text, contract)
        used |= reading.used
        inserting |= reading.inserted
        found += [_finding(trouble, source, name) for trouble in reading.troubles]
    try:
        inserted(inserting, path, name)
    except TemplateError as trouble:
        found.append(Finding("template_refused", Severity.ERROR, place=name, values={"problem": str(trouble)}))
    for part, inside in parts.items():
        if part.startswith("word/") and part.endswith(".xml"):
            filled = any(source.part == part for source in sources)
            root = parsed(inside, name, part)
            found += [_placed(code, name, text) for code, text in _misplaced(root, filled, body=part == DOCUMENT)]
            found += [_typed(name, what, field, text) for text in _paragraphs(root) for what, field in plain_fields(text, contract)] if filled else []
    if not any(finding.code in UNREADABLE for finding in found):
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


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _cleaned(inner) for key, inner in value.items()}
    return [_cleaned(inner) for inner in value] if isinstance(value, list) else value


def _misplaced(root: etree._Element, filled: bool, *, body: bool) -> Iterator[tuple[str, str]]:
    """Tags that take text away, that need formatted text, or that stand where nothing is filled, each with the words around it.

    `{%p … %}` takes its whole paragraph away, `{%tr … %}` its row, `{%tc … %}` its cell, with every other word in them.
    """
    for kind in ("p", "tr", "tc"):
        for node in root.iter(f"{W}{kind}"):
            text = "".join(piece.text or "" for piece in node.iter(f"{W}t"))
            if not filled:
                if kind == "p" and TAG.search(text):
                    yield "template_unfilled", text
            elif kind == "p" and INSERTED.search(text):
                if not body or not (WHOLE.search(text) or "{%" in text):
                    yield "template_inserted", text
            elif kind == "p" and RICH.search(text):
                yield "template_rich", text
            elif re.search(rf"{{%-?{kind}\s", text) and TAG.sub("", text).strip():
                yield "template_lost_text", text


def _paragraphs(root: etree._Element) -> Iterator[str]:
    for node in root.iter(f"{W}p"):
        yield "".join(piece.text or "" for piece in node.iter(f"{W}t"))


def _typed(name: str, what: str, field: str, paragraph: str) -> Finding:
    values = {"template": name, "what": what, "field": field, "paragraph": paragraph[:200]}
    return Finding("template_plain_field", Severity.ERROR, place=name, values=values)


def _placed(code: str, name: str, paragraph: str) -> Finding:
    return Finding(code, Severity.ERROR, place=name, values={"template": name, "paragraph": paragraph[:200]})


def _finding(trouble: Trouble, source: Source, name: str) -> Finding:
    values = {"template": name, "what": trouble.what, "near": trouble.near, "paragraph": source.paragraph(trouble.line)}
    return Finding(trouble.code, Severity.ERROR, place=name, values=values)
