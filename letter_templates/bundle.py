"""One Word file to print a run from: each letter a section of its own, its pages counted by themselves, its head, foot and pictures kept."""

from __future__ import annotations

import hashlib
import io
import posixpath
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.oxml.ns import nsmap
from lxml import etree

from letter_templates.looks import Looks, part_xml
from letter_templates.package import DOCUMENT, W
from letter_templates.properties import CORE, core_properties

R = f"{{{nsmap['r']}}}"
W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
BODY, RELS, TYPES = "word/document.xml", "_rels/.rels", "[Content_Types].xml"
PACKAGE_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
PACKAGE_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
SPACES = {"w": nsmap["w"], "r": nsmap["r"], "wp": nsmap["wp"], "w14": W14}
LINKED, FIELDS, MARKS, DRAWN, UNIQUE, REMARKS, CONTROLS, NOTED, ANCHORED = (
    etree.XPath(path, namespaces=SPACES)
    for path in (
        ".//@r:*", ".//w:fldChar | .//w:instrText | .//w:fldSimple", ".//w:bookmarkStart", ".//wp:docPr", ".//@w14:paraId | .//@w14:textId",
        ".//w:commentRangeStart | .//w:commentRangeEnd | .//w:r[w:commentReference]", ".//w:sdtPr/w:id",
        ".//w:footnoteReference | .//w:endnoteReference", ".//w:hyperlink[@w:anchor]")
)  # fmt: skip
BESIDE = {  # parts of the first letter that all share
    RELATIONSHIP_TYPE.SETTINGS: "word/settings.xml", RELATIONSHIP_TYPE.THEME: "word/theme/theme1.xml",
    RELATIONSHIP_TYPE.FONT_TABLE: "word/fontTable.xml",
}  # fmt: skip
NOTES = {"footnote": (RELATIONSHIP_TYPE.FOOTNOTES, CONTENT_TYPE.WML_FOOTNOTES), "endnote": (RELATIONSHIP_TYPE.ENDNOTES, CONTENT_TYPE.WML_ENDNOTES)}
AFTER_NUMBERS = "cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid printerSettings sectPrChange".split()
AFTER_EVEN = (
    "bookFoldRevPrinting bookFoldPrinting bookFoldPrintingSheets drawingGridHorizontalSpacing drawingGridVerticalSpacing noPunctuationKerning "
    "characterSpacingControl savePreviewPicture updateFields footnotePr endnotePr compat rsids themeFontLang clrSchemeMapping shapeDefaults "
    "decimalSymbol listSeparator"
).split()
NAME = 40  # characters of a bookmark's name in Word


def bundled(letters: Iterable[bytes], title: str, day: date, *, by_reference: bool = False) -> bytes:
    """The letters (.docx) in one .docx, in their order: each begins on a new page with the number 1, and “page x of y” counts its own pages.

    Word counts the pages of a section with the field SECTIONPAGES. LibreOffice does not know it: `by_reference` has the last page of each letter
    referred to instead, which LibreOffice computes and Word only when fields are updated. Letters with several sections are always counted so.
    The same letters give the same bytes. Styles of templates that differ are kept apart; settings are those of the first letter.
    """
    bundle = _Bundle(by_reference)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        with archive.open(_dated(BODY), "w", force_zip64=True) as stream:
            for piece in bundle.body(letters):
                stream.write(piece)
        bundle.parts[CORE] = (core_properties({"letter": title, "iso_date": day.isoformat()}, {}), CONTENT_TYPE.OPC_CORE_PROPERTIES)
        for name, content in bundle.rest():
            archive.writestr(_dated(name), content)
    return target.getvalue()


def _dated(name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    made.compress_type = zipfile.ZIP_DEFLATED
    return made


@dataclass
class _Source:
    """One letter: its parts, their types, and its number in the bundle."""

    number: int
    parts: dict[str, bytes]
    types: dict[str, str]
    even: bool  # has heads and feet of its own for even pages

    @classmethod
    def read(cls, number: int, content: bytes) -> _Source:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        kinds = etree.fromstring(parts[TYPES])
        suffixes = {node.get("Extension", "").lower(): node.get("ContentType", "") for node in kinds if node.get("Extension")}
        named = {node.get("PartName", "").lstrip("/"): node.get("ContentType", "") for node in kinds if node.get("PartName")}
        types = {name: named.get(name) or suffixes.get(name.rpartition(".")[2].lower(), "") for name in parts}
        return cls(number, parts, types, b"<w:evenAndOddHeaders" in parts.get("word/settings.xml", b""))

    def links(self, part: str) -> dict[str, tuple[str, str, bool]]:
        """Relationships of a part by id: type, target (a part's name, or an address when it is outside), whether it is outside."""
        folder, name = posixpath.split(part)
        content = self.parts.get(f"{folder}/_rels/{name}.rels")
        found: dict[str, tuple[str, str, bool]] = {}
        for node in etree.fromstring(content) if content else ():
            outside, target = node.get("TargetMode") == "External", node.get("Target", "")
            path = target if outside else posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[node.get("Id", "")] = (node.get("Type", ""), path, outside)
        return found

    def of_type(self, kind: str) -> str:
        """The part that the body has of this relationship, or ""."""
        return next((target for type_, target, outside in self.links(BODY).values() if type_ == kind and not outside and target in self.parts), "")


@dataclass
class _Links:
    """The relationships of one part of the bundle, each once."""

    ids: dict[tuple[str, str, bool], str] = field(default_factory=dict[tuple[str, str, bool], str])

    def to(self, kind: str, target: str, outside: bool = False) -> str:
        return self.ids.setdefault((kind, target, outside), f"rId{len(self.ids) + 1}")

    def xml(self, folder: str) -> bytes:
        root = etree.Element(f"{{{PACKAGE_LINKS}}}Relationships", nsmap={None: PACKAGE_LINKS})
        for (kind, target, outside), name in self.ids.items():
            node = etree.SubElement(root, f"{{{PACKAGE_LINKS}}}Relationship", Id=name, Type=kind)
            node.set("Target", target if outside else posixpath.relpath("/" + target, "/" + folder))
            if outside:
                node.set("TargetMode", "External")
        return part_xml(root)


class _Bundle:
    """What is gathered while the letters pass by: shared parts, looks, notes, numbers that must be unique."""

    def __init__(self, by_reference: bool) -> None:
        self.by_reference = by_reference
        self.looks = Looks()
        self.parts: dict[str, tuple[bytes, str]] = {}  # name -> content, content type
        self.links: dict[str, _Links] = {BODY: _Links()}
        self.notes: dict[str, list[etree._Element]] = {kind: [] for kind in NOTES}
        self.adopted: dict[object, str] = {}
        self.even, self.ids = False, 0

    # ---------------------------------------------------------------------------------------------------------------- the body

    def body(self, letters: Iterable[bytes]) -> Iterator[bytes]:
        """The main part, piece by piece: one letter after the other is read, made the bundle's own, and forgotten."""
        opening = closing = b""
        spaces: dict[str | None, str] = {}
        for number, (content, more) in enumerate(_ahead(letters), start=1):
            source = _Source.read(number, content)
            root = etree.fromstring(source.parts[BODY])
            if not opening:
                self._begin(source)
                spaces = dict(root.nsmap)
                opening, closing = _frame(root)
                yield opening
            inside = self._letter(source, root, more)
            if dict(root.nsmap) == spaces:
                text = part_xml(root)
                start = text.index(b">", text.index(b"<w:body")) + 1
                yield text[start : text.rindex(b"</w:body>")]
            else:  # a template of another program: what it declares goes with every piece
                for child in inside:
                    child.set(*_ignored(root))
                    yield etree.tostring(child)
        if not opening:
            raise ValueError("a bundle of no letters")
        yield closing

    def _begin(self, source: _Source) -> None:
        for kind, name in BESIDE.items():
            if there := source.of_type(kind):
                self.parts[name] = (source.parts[there], source.types[there])
                self.links[BODY].to(kind, name)

    def _letter(self, source: _Source, root: etree._Element, more: bool) -> etree._Element:
        """Makes the body of a letter part of the bundle; all but the last end with their section."""
        inside = root.find(f"{W}body")
        assert inside is not None
        last = inside[-1] if len(inside) and inside[-1].tag == f"{W}sectPr" else etree.SubElement(inside, f"{W}sectPr")
        inside.remove(last)
        before = list(inside.iter(f"{W}sectPr"))
        if not len(inside) or inside[-1].tag != f"{W}p" or inside[-1].find(f"{W}pPr/{W}sectPr") is not None:
            inside.append(_line_of_nothing())
        end = inside[-1]
        inside.append(last)
        total = f"PAGEREF end_{source.number}" if self.by_reference or before else "SECTIONPAGES"
        self._own(root, source, BODY, total, self.links[BODY])
        if total != "SECTIONPAGES":
            end.append(etree.Element(f"{W}bookmarkStart", {f"{W}id": str(self._id()), f"{W}name": f"end_{source.number}"}))
            end.append(etree.Element(f"{W}bookmarkEnd", {f"{W}id": str(self.ids)}))
        self._section((before or [last])[0], source)
        if more:
            inside.remove(last)
            _close(end, last)
        return inside

    def _section(self, section: etree._Element, source: _Source) -> None:
        """A new page, numbered from 1; every head and foot is said, for one that is not said would be that of the letter before."""
        start = section.find(f"{W}type")
        if start is not None and start.get(f"{W}val") not in ("oddPage", "evenPage"):
            section.remove(start)
        numbers = section.find(f"{W}pgNumType")
        if numbers is None:
            numbers = etree.Element(f"{W}pgNumType")
            behind = [child for child in section if etree.QName(child).localname in AFTER_NUMBERS]
            section.insert(section.index(behind[0]) if behind else len(section), numbers)
        numbers.set(f"{W}start", numbers.get(f"{W}start", "1"))
        at = 0
        for what, kind, type_ in (("header", "hdr", CONTENT_TYPE.WML_HEADER), ("footer", "ftr", CONTENT_TYPE.WML_FOOTER)):
            there = {node.get(f"{W}type"): node for node in section.findall(f"{W}{what}Reference")}
            name = self._shared(f"word/{what}.xml", f'<w:{kind} xmlns:w="{nsmap["w"]}"><w:p/></w:{kind}>'.encode(), type_)
            relation = self.links[BODY].to(RELATIONSHIP_TYPE.HEADER if what == "header" else RELATIONSHIP_TYPE.FOOTER, name)
            for type_name in ("default", "even", "first"):
                there.setdefault(type_name, etree.Element(f"{W}{what}Reference", {f"{W}type": type_name, f"{R}id": relation}))
                if type_name == "even" and not source.even:
                    there["even"].set(f"{R}id", there["default"].get(f"{R}id", ""))
                section.insert(at, there[type_name])
                at += 1
        self.even |= source.even
        for kind in NOTES:  # the notes of each letter count from 1
            if f"word/{kind}s.xml" in source.parts and section.find(f"{W}{kind}Pr") is None:
                section.insert(at, etree.fromstring(f'<w:{kind}Pr xmlns:w="{nsmap["w"]}"><w:numRestart w:val="eachSect"/></w:{kind}Pr>'))
                at += 1

    # ---------------------------------------------------------------------------------------------------------------- parts

    def _own(self, root: etree._Element, source: _Source, part: str, total: str, links: _Links) -> None:
        """Takes a part of a letter over: looks, relationships, fields, and everything that must not be there twice."""
        self.looks.dress(root, source.parts, source.number, body=part == BODY)
        theirs = source.links(part)
        for value in LINKED(root):
            node, name = value.getparent(), value.attrname
            if value in theirs:
                kind, target, outside = theirs[value]
                node.set(name, links.to(kind, target if outside else self._adopt(source, target, total), outside))
        marks = {node.get(f"{W}name", ""): f"{node.get(f'{W}name', '')[: NAME - 8]}_{source.number}" for node in MARKS(root)}
        numbers: dict[str, str] = {}
        for node in MARKS(root):
            numbers[node.get(f"{W}id", "")] = str(self._id())
            node.set(f"{W}name", marks[node.get(f"{W}name", "")])
        for node in root.iter(f"{W}bookmarkStart", f"{W}bookmarkEnd") if marks else ():
            node.set(f"{W}id", numbers.get(node.get(f"{W}id", ""), "0"))
        for node in ANCHORED(root):
            node.set(f"{W}anchor", marks.get(node.get(f"{W}anchor", ""), node.get(f"{W}anchor", "")))
        for nodes in _codes(root):
            _recode(nodes, total, marks)
        for node in DRAWN(root):
            node.set("id", str(self._id()))
        for value in UNIQUE(root):
            del value.getparent().attrib[value.attrname]
        for node in [*REMARKS(root), *CONTROLS(root)]:
            node.getparent().remove(node)
        if part == BODY:
            for node in NOTED(root):
                self._note(etree.QName(node).localname.removesuffix("Reference"), node, source, total)

    def _id(self) -> int:
        self.ids += 1
        return self.ids

    def _adopt(self, source: _Source, part: str, total: str) -> str:
        """The name under which the bundle has a part of a letter; equal parts are there once."""
        content, type_ = source.parts[part], source.types[part]
        if type_ not in (CONTENT_TYPE.WML_HEADER, CONTENT_TYPE.WML_FOOTER):
            links = _Links()
            for kind, target, outside in source.links(part).values():
                links.to(kind, target if outside else self._adopt(source, target, total), outside)
            return self._shared(part, content, type_, links)
        pages = total if b"instrText" in content or b"fldSimple" in content else ""
        below = tuple(source.parts.get(target, b"") for _, target, outside in source.links(part).values() if not outside)
        key = hashlib.sha256(b"\0".join((content, source.parts.get(_rels(part), b""), *below))).digest(), self.looks.of(source.parts).number, pages
        if key not in self.adopted:
            root, links = etree.fromstring(content), _Links()
            self._own(root, source, part, total, links)
            self.adopted[key] = self._shared(part, part_xml(root), type_, links)
        return self.adopted[key]

    def _shared(self, like: str, content: bytes, type_: str, links: _Links | None = None) -> str:
        """Puts a part into the bundle, under a name like the one it had, unless the same is there."""
        key = hashlib.sha256(content).digest(), type_, tuple(links.ids.items()) if links else ()
        if key not in self.adopted:
            stem, dot, suffix = like.rpartition(".")
            name = f"{stem.rstrip('0123456789')}{len(self.parts) + 1}{dot}{suffix}"
            self.parts[name] = (content, type_)
            if links and links.ids:
                self.links[name] = links
            self.adopted[key] = name
        return self.adopted[key]

    def _note(self, kind: str, reference: etree._Element, source: _Source, total: str) -> None:
        """A footnote or endnote of a letter, under a number of its own."""
        part = f"word/{kind}s.xml"
        root = etree.fromstring(source.parts[part])
        if not self.notes[kind]:
            self.notes[kind] = [node for node in root if node.get(f"{W}type")]
            self.links[part] = _Links()
        wanted = next(node for node in root if node.get(f"{W}id") == reference.get(f"{W}id"))
        for node in [node for node in root if node is not wanted]:
            root.remove(node)
        self._own(root, source, part, total, self.links[part])
        number = str(max(int(node.get(f"{W}id", "0")) for node in [*self.notes[kind], wanted]) + 1)
        wanted.set(f"{W}id", number)
        reference.set(f"{W}id", number)
        self.notes[kind].append(wanted)

    def rest(self) -> Iterator[tuple[str, bytes]]:
        """All parts but the body, in the order of their names after the table of contents."""
        for name, content, kind, type_ in self.looks.parts():
            self.parts[name] = (content, type_)
            self.links[BODY].to(kind, name)
        for kind, (relation, type_) in NOTES.items():
            if notes := self.notes[kind]:
                root = etree.Element(f"{W}{kind}s", nsmap={"w": nsmap["w"]})
                root.extend(notes)
                self.parts[f"word/{kind}s.xml"] = (part_xml(root), type_)
                self.links[BODY].to(relation, f"word/{kind}s.xml")
        settings = BESIDE[RELATIONSHIP_TYPE.SETTINGS]
        if settings in self.parts:
            content, type_ = self.parts[settings]
            self.parts[settings] = (_settings(content, self.even, [kind for kind, notes in self.notes.items() if notes]), type_)
        root = etree.Element(f"{{{PACKAGE_TYPES}}}Types", nsmap={None: PACKAGE_TYPES})
        for suffix, type_ in (("rels", CONTENT_TYPE.OPC_RELATIONSHIPS), ("xml", "application/xml")):
            etree.SubElement(root, f"{{{PACKAGE_TYPES}}}Default", Extension=suffix, ContentType=type_)
        for name, type_ in [(BODY, DOCUMENT), *((name, type_) for name, (_, type_) in self.parts.items())]:
            etree.SubElement(root, f"{{{PACKAGE_TYPES}}}Override", PartName=f"/{name}", ContentType=type_)
        yield TYPES, part_xml(root)
        top = _Links()
        top.to(RELATIONSHIP_TYPE.OFFICE_DOCUMENT, BODY)
        top.to(RELATIONSHIP_TYPE.CORE_PROPERTIES, CORE)
        yield RELS, top.xml("")
        for name, links in self.links.items():
            if links.ids:
                yield _rels(name), links.xml(posixpath.dirname(name))
        for name, (content, _) in self.parts.items():
            yield name, content


# ---------------------------------------------------------------------------------------------------------------- pieces of XML


def _rels(part: str) -> str:
    folder, name = posixpath.split(part)
    return f"{folder}/_rels/{name}.rels"


def _ahead(letters: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each letter, and whether another follows."""
    waiting: bytes | None = None
    for content in letters:
        if waiting is not None:
            yield waiting, True
        waiting = content
    if waiting is not None:
        yield waiting, False


def _frame(root: etree._Element) -> tuple[bytes, bytes]:
    """What stands before and after the content of a body: the document with its namespaces."""
    bare = etree.Element(root.tag, dict(root.attrib), nsmap=root.nsmap)
    etree.SubElement(bare, f"{W}body").text = " "
    before, after = part_xml(bare).split(b"> </", 1)
    return before + b">", b"</" + after


def _ignored(root: etree._Element) -> tuple[str, str]:
    """The attribute that tells which extensions an older Word may pass over."""
    name = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Ignorable"
    return name, root.get(name, "")


def _line_of_nothing() -> etree._Element:
    """A paragraph that takes next to no room, to carry the end of a section after a table."""
    return etree.fromstring(
        f'<w:p xmlns:w="{nsmap["w"]}"><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/><w:rPr><w:sz w:val="2"/></w:rPr>'
        "</w:pPr></w:p>"
    )


def _close(paragraph: etree._Element, section: etree._Element) -> None:
    """Ends a section with this paragraph."""
    properties = paragraph.find(f"{W}pPr")
    if properties is None:
        properties = etree.Element(f"{W}pPr")
        paragraph.insert(0, properties)
    change = properties.find(f"{W}pPrChange")
    properties.insert(len(properties) if change is None else properties.index(change), section)


def _codes(root: etree._Element) -> Iterator[list[etree._Element]]:
    """The nodes that hold the code of one field, for each field: Word may cut a code into several."""
    within: list[tuple[list[etree._Element], list[bool]]] = []  # codes of the fields begun, and whether each is past its code
    for node in FIELDS(root):
        if node.tag == f"{W}fldSimple":
            yield [node]
        elif node.tag == f"{W}instrText":
            if within and not within[-1][1]:
                within[-1][0].append(node)
        elif node.get(f"{W}fldCharType") == "begin":
            within.append(([], []))
        elif within and node.get(f"{W}fldCharType") == "separate":
            within[-1][1].append(True)
        elif within:
            yield within.pop()[0]


def _recode(nodes: list[etree._Element], total: str, marks: dict[str, str]) -> None:
    """The field counts the pages of its letter, and refers to the marks of its letter."""
    simple = len(nodes) == 1 and nodes[0].tag == f"{W}fldSimple"
    code = nodes[0].get(f"{W}instr", "") if simple else "".join(node.text or "" for node in nodes)
    words = code.split()
    if not words:
        return
    if words[0].upper() == "NUMPAGES":
        changed = code.replace(words[0], total, 1)
    else:
        changed = " " + " ".join(marks.get(word.strip('"'), word) for word in words) + " "
        if changed.split() == words:
            return
    if simple:
        nodes[0].set(f"{W}instr", changed)
        return
    nodes[0].text = changed
    nodes[0].set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    for node in nodes[1:]:
        node.text = ""


def _settings(content: bytes, even: bool, notes: list[str]) -> bytes:
    """The settings of the first letter; heads and feet for even pages when a letter has them."""
    root = etree.fromstring(content)
    if even and root.find(f"{W}evenAndOddHeaders") is None:
        behind = [child for child in root if etree.QName(child).localname in AFTER_EVEN]
        root.insert(root.index(behind[0]) if behind else len(root), etree.Element(f"{W}evenAndOddHeaders"))
    for kind in set(NOTES) - set(notes):
        for node in root.findall(f"{W}{kind}Pr"):
            root.remove(node)
    return part_xml(root)
