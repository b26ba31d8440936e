"""One Word file to print a run from: each letter a section of its own, its pages counted by themselves, its head, foot and pictures kept."""

from __future__ import annotations

import hashlib
import io
import posixpath
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.oxml.ns import nsmap
from lxml import etree

from letter_templates.fields import codes, recode
from letter_templates.looks import Looks
from letter_templates.package import DOCUMENT, W, part_xml
from letter_templates.properties import CORE, core_properties
from letter_templates.relations import BODY, TYPES, Links, Source, rels_of
from letter_templates.sections import apart, close, line_of_nothing

W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
RELS = "_rels/.rels"
PACKAGE_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
SPACES = {"w": nsmap["w"], "r": nsmap["r"], "wp": nsmap["wp"], "w14": W14}
LINKED, MARKS, DRAWN, UNIQUE, REMARKS, CONTROLS, NOTED, ANCHORED = (
    etree.XPath(path, namespaces=SPACES)
    for path in (
        ".//@r:*", ".//w:bookmarkStart", ".//wp:docPr", ".//@w14:paraId | .//@w14:textId",
        ".//w:commentRangeStart | .//w:commentRangeEnd | .//w:r[w:commentReference]", ".//w:sdtPr/w:id",
        ".//w:footnoteReference | .//w:endnoteReference", ".//w:hyperlink[@w:anchor]")
)  # fmt: skip
BESIDE = {  # parts of the first letter that all share
    RELATIONSHIP_TYPE.SETTINGS: "word/settings.xml", RELATIONSHIP_TYPE.THEME: "word/theme/theme1.xml",
    RELATIONSHIP_TYPE.FONT_TABLE: "word/fontTable.xml",
}  # fmt: skip
NOTES = {"footnote": (RELATIONSHIP_TYPE.FOOTNOTES, CONTENT_TYPE.WML_FOOTNOTES), "endnote": (RELATIONSHIP_TYPE.ENDNOTES, CONTENT_TYPE.WML_ENDNOTES)}
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


class _Bundle:
    """What is gathered while the letters pass by: shared parts, looks, notes, numbers that must be unique."""

    def __init__(self, by_reference: bool) -> None:
        self.by_reference = by_reference
        self.looks = Looks()
        self.parts: dict[str, tuple[bytes, str]] = {}  # name -> content, content type
        self.links: dict[str, Links] = {BODY: Links()}
        self.notes: dict[str, list[etree._Element]] = {kind: [] for kind in NOTES}
        self.adopted: dict[object, str] = {}
        self.even, self.ids = False, 0

    # ---------------------------------------------------------------------------------------------------------------- the body

    def body(self, letters: Iterable[bytes]) -> Iterator[bytes]:
        """The main part, piece by piece: one letter after the other is read, made the bundle's own, and forgotten."""
        opening = closing = b""
        spaces: dict[str | None, str] = {}
        for number, (content, more) in enumerate(_ahead(letters), start=1):
            source = Source.read(number, content)
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

    def _begin(self, source: Source) -> None:
        for kind, name in BESIDE.items():
            if there := source.of_type(kind):
                self.parts[name] = (source.parts[there], source.types[there])
                self.links[BODY].to(kind, name)

    def _letter(self, source: Source, root: etree._Element, more: bool) -> etree._Element:
        """Makes the body of a letter part of the bundle; all but the last end with their section."""
        inside = root.find(f"{W}body")
        assert inside is not None
        last = inside[-1] if len(inside) and inside[-1].tag == f"{W}sectPr" else etree.SubElement(inside, f"{W}sectPr")
        inside.remove(last)
        before = list(inside.iter(f"{W}sectPr"))
        if not len(inside) or inside[-1].tag != f"{W}p" or inside[-1].find(f"{W}pPr/{W}sectPr") is not None:
            inside.append(line_of_nothing())
        end = inside[-1]
        inside.append(last)
        total = f"PAGEREF end_{source.number}" if self.by_reference or before else "SECTIONPAGES"
        self._own(root, source, BODY, total, self.links[BODY])
        if total != "SECTIONPAGES":
            end.append(etree.Element(f"{W}bookmarkStart", {f"{W}id": str(self._id()), f"{W}name": f"end_{source.number}"}))
            end.append(etree.Element(f"{W}bookmarkEnd", {f"{W}id": str(self.ids)}))
        notes = [kind for kind in NOTES if f"word/{kind}s.xml" in source.parts]
        apart((before or [last])[0], self._blank(), source.even, notes)
        self.even |= source.even
        if more:
            inside.remove(last)
            close(end, last)
        return inside

    def _blank(self) -> dict[str, str]:
        """The relationships of an empty head and an empty foot."""
        made: dict[str, str] = {}
        for what, kind, type_ in (("header", "hdr", CONTENT_TYPE.WML_HEADER), ("footer", "ftr", CONTENT_TYPE.WML_FOOTER)):
            name = self._shared(f"word/{what}.xml", f'<w:{kind} xmlns:w="{nsmap["w"]}"><w:p/></w:{kind}>'.encode(), type_)
            made[what] = self.links[BODY].to(RELATIONSHIP_TYPE.HEADER if what == "header" else RELATIONSHIP_TYPE.FOOTER, name)
        return made

    # ---------------------------------------------------------------------------------------------------------------- parts

    def _own(self, root: etree._Element, source: Source, part: str, total: str, links: Links) -> None:
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
        for nodes in codes(root):
            recode(nodes, total, marks)
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

    def _adopt(self, source: Source, part: str, total: str) -> str:
        """The name under which the bundle has a part of a letter; equal parts are there once."""
        content, type_ = source.parts[part], source.types[part]
        if type_ not in (CONTENT_TYPE.WML_HEADER, CONTENT_TYPE.WML_FOOTER):
            links = Links()
            for kind, target, outside in source.links(part).values():
                links.to(kind, target if outside else self._adopt(source, target, total), outside)
            return self._shared(part, content, type_, links)
        pages = total if b"instrText" in content or b"fldSimple" in content else ""
        below = tuple(source.parts.get(target, b"") for _, target, outside in source.links(part).values() if not outside)
        key = hashlib.sha256(b"\0".join((content, source.parts.get(rels_of(part), b""), *below))).digest(), self.looks.of(source.parts).number, pages
        if key not in self.adopted:
            root, links = etree.fromstring(content), Links()
            self._own(root, source, part, total, links)
            self.adopted[key] = self._shared(part, part_xml(root), type_, links)
        return self.adopted[key]

    def _shared(self, like: str, content: bytes, type_: str, links: Links | None = None) -> str:
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

    def _note(self, kind: str, reference: etree._Element, source: Source, total: str) -> None:
        """A footnote or endnote of a letter, under a number of its own."""
        part = f"word/{kind}s.xml"
        root = etree.fromstring(source.parts[part])
        if not self.notes[kind]:
            self.notes[kind] = [node for node in root if node.get(f"{W}type")]
            self.links[part] = Links()
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
        top = Links()
        top.to(RELATIONSHIP_TYPE.OFFICE_DOCUMENT, BODY)
        top.to(RELATIONSHIP_TYPE.CORE_PROPERTIES, CORE)
        yield RELS, top.xml("")
        for name, links in self.links.items():
            if links.ids:
                yield rels_of(name), links.xml(posixpath.dirname(name))
        for name, (content, _) in self.parts.items():
            yield name, content


# ---------------------------------------------------------------------------------------------------------------- pieces of XML


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
