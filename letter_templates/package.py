"""The .docx file as a package of parts: read with suspicion, written so that the same parts always give the same bytes."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from rules.errors import TemplateError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of encrypted and of old Office files
FILE_LIMIT, PART_LIMIT, TOTAL_LIMIT, PART_COUNT = 10 << 20, 20 << 20, 40 << 20, 500  # a letter with a large logo is 1 MB
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
CODE_PARTS = re.compile(r"vbaProject|vbaData|activeX|oleObject|/embeddings/|/afchunk", re.IGNORECASE)
FIELDS = frozenset(
    {
        "PAGE",
        "NUMPAGES",
        "SECTION",
        "SECTIONPAGES",
        "TITLE",
        "SUBJECT",
        "KEYWORDS",
        "AUTHOR",
        "DOCPROPERTY",
        "STYLEREF",
        "REF",
        "PAGEREF",
        "NOTEREF",
        "SEQ",
        "SYMBOL",
        "HYPERLINK",
        "EQ",
        "ADVANCE",
        "FORMTEXT",
        "FORMCHECKBOX",
        "FORMDROPDOWN",
        "DISPLAYBARCODE",
    }
)  # what Word may compute in a letter: nothing that reads a file, starts a program, or changes the letter's date when it is opened


def part_xml(root: etree._Element) -> bytes:
    """A part of a document as Word writes it."""
    return etree.tostring(root, encoding="UTF-8", standalone=True)


def read_parts(content: bytes, name: str) -> dict[str, bytes]:
    """The parts of a Word document by name, in the order of the file. Raises TemplateError for what no letter template needs."""
    if len(content) > FILE_LIMIT:
        raise TemplateError(f"{name}: the file has {len(content) >> 20} MB; at most {FILE_LIMIT >> 20} MB are read. Use a smaller logo.")
    if content.startswith(OLE):
        raise TemplateError(
            f"{name}: the file is protected by a password, or is an old Word document (.doc). Open it in Word, remove the password (File, Info, "
            "Protect Document) and save it as .docx."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = dict(_inflated(archive, name))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, struct.error) as trouble:
        raise TemplateError(f"{name}: this is not a Word document (.docx), or it is damaged. Open it in Word and save it as .docx.") from trouble
    _refuse(parts, name)
    return parts


def _inflated(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, bytes]]:
    entries = archive.infolist()
    names = [entry.filename.lower() for entry in entries]
    if len(entries) > PART_COUNT or len(set(names)) < len(names):
        raise TemplateError(f"{name}: the file has {len(entries)} parts, some perhaps twice; a Word document has fewer, each once. Do not use it.")
    total = 0
    for entry in entries:
        path = entry.filename
        if not path.isascii() or path.startswith("/") or "\\" in path or ".." in path.split("/") or ":" in path or entry.flag_bits & 1:
            raise TemplateError(f"{name}: part {path!r} is encrypted or lies outside the document. Do not use this file.")
        with archive.open(entry) as stream:
            content = stream.read(PART_LIMIT + 1)
        total += len(content)
        if len(content) > PART_LIMIT or total > TOTAL_LIMIT:
            raise TemplateError(f"{name}: part {path!r} unpacks to more than a letter needs ({PART_LIMIT >> 20} MB). Do not use this file.")
        if not path.endswith("/"):
            yield path, content


def parsed(content: bytes, name: str, part: str) -> etree._Element:
    """The XML of a part. Raises TemplateError for declarations of types or entities, other encodings and damage."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\x00" in content[:200]:
        raise TemplateError(f"{name}: part {part} declares entities or is in an encoding Word does not write. Do not use this file.")
    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as trouble:
        raise TemplateError(f"{name}: part {part} is damaged ({trouble}). Open the template in Word and save it again.") from trouble


def _refuse(parts: dict[str, bytes], name: str) -> None:
    if "[Content_Types].xml" not in parts or "word/document.xml" not in parts:
        raise TemplateError(f"{name}: this is not a Word document. Save the template in Word as .docx.")
    for part, content in parts.items():
        if CODE_PARTS.search(part):
            raise TemplateError(f"{name}: the template carries a program or an embedded file ({part}). Remove it in Word and save as .docx.")
        if not part.endswith((".xml", ".rels")):
            continue
        root = parsed(content, name, part)
        if part.endswith(".rels"):
            _refuse_links(root, name)
        elif part == "[Content_Types].xml":
            kinds = {node.get("PartName"): node.get("ContentType", "") for node in root}
            if kinds.get("/word/document.xml") != DOCUMENT or any("macroEnabled" in kind or "vbaProject" in kind for kind in kinds.values()):
                raise TemplateError(f"{name}: this is a Word template or a document with macros. Save it in Word as an ordinary .docx.")
        elif part.startswith("word/"):
            _refuse_fields(root, name)


def _refuse_links(relationships: etree._Element, name: str) -> None:
    for link in relationships:
        kind, target = link.get("Type", "").rpartition("/")[2], link.get("Target", "")
        if kind == "aFChunk":
            raise TemplateError(f"{name}: the template contains another document ({target}). Copy its text into the template instead.")
        if link.get("TargetMode") != "External" or (kind == "hyperlink" and re.match(r"(https?|mailto):", target, re.IGNORECASE)):
            continue
        if kind == "attachedTemplate":
            raise TemplateError(
                f"{name}: the template is attached to another one ({target}), which Word would load with every letter. In Word: Developer, "
                "Document Template, replace the name by Normal, save.")  # fmt: skip
        raise TemplateError(f"{name}: the template refers to something outside itself ({kind}: {target}). Put it into the document, or remove it.")


def _refuse_fields(root: etree._Element, name: str) -> None:
    codes: list[str] = []
    open_fields: list[list[str]] = []
    for node in root.iter(f"{W}fldChar", f"{W}instrText", f"{W}fldSimple", f"{W}altChunk", f"{W}subDoc"):
        if node.tag == f"{W}fldSimple":
            codes.append(node.get(f"{W}instr", ""))
        elif node.tag == f"{W}instrText":
            (open_fields[-1] if open_fields else codes).append(node.text or "")
        elif node.tag != f"{W}fldChar":
            raise TemplateError(f"{name}: the template contains another document. Copy its text into the template instead.")
        elif node.get(f"{W}fldCharType") == "begin":
            open_fields.append([])
        elif node.get(f"{W}fldCharType") == "separate" and open_fields:
            codes.append("".join(open_fields[-1]))
            open_fields[-1] = ["PAGE"]  # what follows up to its end is the field's result
        elif open_fields:
            codes.append("".join(open_fields.pop()))
    for code in [*codes, *("".join(rest) for rest in open_fields)]:
        word = (code.split() or [""])[0].upper()
        if word not in FIELDS:
            raise TemplateError(
                f"{name}: the Word field {{ {code.strip()} }} is not allowed in a letter; allowed are {', '.join(sorted(FIELDS))}. For dates and "
                "texts use the fields of letter_templates/README.md.")  # fmt: skip


@dataclass(frozen=True)
class Packed:
    """One part as it stands in a zip file: its entry, and its line of the directory but for the place of the entry between them."""

    entry: bytes
    line: bytes
    name: bytes


def packed(name: str, content: bytes, level: int = 6) -> Packed:
    """`content` compressed under `name`, dated 1 January 1980."""
    squeeze, path = zlib.compressobj(level, zlib.DEFLATED, -15), name.encode("ascii")
    body = squeeze.compress(content) + squeeze.flush()
    common = struct.pack("<5H3L2H", 20, 0, 8, 0, 0x21, zlib.crc32(content), len(body), len(content), len(path), 0)
    line = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<3HL", 0, 0, 0, 0)
    return Packed(b"".join((b"PK\x03\x04", common, path, body)), line, path)


def zipped(parts: list[Packed]) -> bytes:
    """A zip file of the parts in this order: equal parts give equal bytes."""
    entries, directory, place = list[bytes](), list[bytes](), 0
    for part in parts:
        entries.append(part.entry)
        directory += (part.line, place.to_bytes(4, "little"), part.name)
        place += len(part.entry)
    listed = b"".join(directory)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(parts), len(parts), len(listed), place, 0)
    return b"".join((*entries, listed, end))


def zip_of(path: Path) -> bytes:
    """The bytes of a file, at most as many as are worth reading."""
    with path.open("rb") as stream:
        return stream.read(FILE_LIMIT + 1)
