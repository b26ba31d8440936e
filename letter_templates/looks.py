"""The looks of letters that share one file: styles, list numbers and theme of each template stay what they are, under names of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.oxml.ns import nsmap
from lxml import etree

from letter_templates.package import W, part_xml

STYLES, NUMBERING, THEME = "word/styles.xml", "word/numbering.xml", "word/theme/theme1.xml"
A = f"{{{nsmap['a']}}}"
FONTS = {"ascii": "latin", "hAnsi": "latin", "eastAsia": "ea", "cs": "cs"}
THEMED = {f"{W}{name}" for name in ("themeColor", "themeTint", "themeShade", "themeFill", "themeFillTint", "themeFillShade")}
NAMED, COLOURED, LISTS = (
    etree.XPath(path, namespaces={"w": nsmap["w"]})
    for path in (".//w:pStyle | .//w:rStyle | .//w:tblStyle", ".//*[@w:themeColor or @w:themeFill]", ".//w:numPr/w:numId")
)
BLANK = (  # what Word takes where a document has no defaults of its own
    f'<w:docDefaults xmlns:w="{nsmap["w"]}">'
    '<w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman"/>'
    '<w:sz w:val="20"/><w:szCs w:val="20"/></w:rPr></w:rPrDefault>'
    '<w:pPrDefault><w:pPr><w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>'
)
SEQUENCE = {  # of what the defaults of a document may say, as Word asks for it
    "rPr": "rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid vanish webHidden color spacing w kern "
    "position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em lang eastAsianLayout specVanish oMath",
    "pPr": "keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs suppressAutoHyphens kinsoku "
    "wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents "
    "suppressOverlap jc textDirection textAlignment textboxTightWrap outlineLvl divId cnfStyle rPr",
}
ORDER = {  # where a paragraph's list number stands: after these
    f"{W}{name}" for name in ("pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl")
}  # fmt: skip


@dataclass
class Look:
    """Styles, numbering and theme of one template within the bundle."""

    number: int
    styles: etree._Element
    theme: bytes
    renamed: bool = False  # not the first: its styles have other names
    paragraph: str = ""  # the style of paragraphs that name none, when it has to be named
    table: str = ""
    lists: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])  # paragraph style -> list number, level
    nums: dict[str, etree._Element] = field(default_factory=dict[str, etree._Element])  # list number -> its definition
    starts: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])  # abstract list -> level -> first number

    def style(self, name: str) -> str:
        """The name in the bundle of a style of the template."""
        return f"{name}_{self.number}" if self.renamed else name


class Looks:
    """All looks of a bundle, each once; the first keeps its names."""

    def __init__(self) -> None:
        self._looks: dict[bytes, Look] = {}
        self._abstract: list[etree._Element] = []
        self._nums: list[etree._Element] = []

    def of(self, parts: dict[str, bytes]) -> Look:
        """The look of a letter with these parts."""
        key = hashlib.sha256(b"\0".join(parts.get(name, b"") for name in (STYLES, NUMBERING, THEME))).digest()
        if key not in self._looks:
            self._looks[key] = self._new(parts)
        return self._looks[key]

    def dress(self, root: etree._Element, parts: dict[str, bytes], letter: int, *, body: bool) -> None:
        """Makes a part of a letter look in the bundle as it does in the letter; the lists of each letter begin anew."""
        look = self.of(parts)
        if look.nums:
            self._number(root, look, body=body)
        if look.renamed:
            _name(root, look)
            if look.theme != self._first.theme:
                _literal(root, look.theme)

    @property
    def _first(self) -> Look:
        return next(iter(self._looks.values()))

    def parts(self) -> Iterator[tuple[str, bytes, str, str]]:
        """Styles and numbering of the bundle: name, content, type of relationship, type of content."""
        if not self._looks:
            return
        styles = self._first.styles
        for look in list(self._looks.values())[1:]:
            for style in look.styles.findall(f"{W}style"):
                styles.append(style)
        yield STYLES, part_xml(styles), RELATIONSHIP_TYPE.STYLES, CONTENT_TYPE.WML_STYLES
        if self._nums:
            root = etree.Element(f"{W}numbering", nsmap={"w": nsmap["w"]})
            root.extend([*self._abstract, *self._nums])
            yield NUMBERING, part_xml(root), RELATIONSHIP_TYPE.NUMBERING, CONTENT_TYPE.WML_NUMBERING

    # ---------------------------------------------------------------------------------------------------------------- a new look

    def _new(self, parts: dict[str, bytes]) -> Look:
        blank = f'<w:styles xmlns:w="{nsmap["w"]}"/>'.encode()
        look = Look(len(self._looks) + 1, etree.fromstring(parts.get(STYLES) or blank), parts.get(THEME, b""), renamed=bool(self._looks))
        if NUMBERING in parts:
            self._take_lists(look, etree.fromstring(parts[NUMBERING]))
        if look.renamed:
            self._rename(look)
        return look

    def _rename(self, look: Look) -> None:
        """Other names for the styles, and what they took from the document written into them."""
        own, first = (styles.find(f"{W}docDefaults") for styles in (look.styles, self._first.styles))
        if look.theme != self._first.theme:
            _literal(look.styles, look.theme)
        fold = look.theme != self._first.theme or _text(own) != _text(first)
        for style in look.styles.findall(f"{W}style"):
            kind, name = style.get(f"{W}type"), style.get(f"{W}styleId", "")
            if style.attrib.pop(f"{W}default", "") == "1":
                if kind == "paragraph":
                    look.paragraph = name
                elif kind == "table":
                    look.table = name
            title = style.find(f"{W}name")
            if title is not None:
                title.set(f"{W}val", f"{title.get(f'{W}val')} ({look.number})")
            if (aliases := style.find(f"{W}aliases")) is not None:
                style.remove(aliases)
            if fold and kind == "paragraph" and style.find(f"{W}basedOn") is None:
                for defaults in (own, etree.fromstring(BLANK)):
                    _under(style, defaults)
            style.set(f"{W}styleId", look.style(name))
            style.set(f"{W}customStyle", "1")
            for node in style.iter(f"{W}basedOn", f"{W}next", f"{W}link"):
                node.set(f"{W}val", look.style(node.get(f"{W}val", "")))

    # ---------------------------------------------------------------------------------------------------------------- lists

    def _take_lists(self, look: Look, numbering: etree._Element) -> None:
        """The template's lists under numbers of the bundle, and the paragraph styles that have one."""
        abstract: dict[str, str] = {}
        for node in numbering.findall(f"{W}abstractNum"):
            number = abstract[node.get(f"{W}abstractNumId", "")] = str(len(self._abstract))
            node.set(f"{W}abstractNumId", number)
            for child in [child for name in ("nsid", "tmpl") for child in node.findall(f"{W}{name}")] + list(node.iter(f"{W}lvlPicBulletId")):
                child.getparent().remove(child)
            for child in node.iter(f"{W}pStyle", f"{W}styleLink", f"{W}numStyleLink"):
                child.set(f"{W}val", look.style(child.get(f"{W}val", "")))
            look.starts[number] = {
                level.get(f"{W}ilvl", "0"): start.get(f"{W}val", "1")
                for level in node.iter(f"{W}lvl")
                if (start := level.find(f"{W}start")) is not None
            }
            self._abstract.append(node)
        known: dict[str, str] = {}
        for node in numbering.findall(f"{W}num"):
            kind = node.find(f"{W}abstractNumId")
            if kind is not None and kind.get(f"{W}val") in abstract:
                kind.set(f"{W}val", abstract[kind.get(f"{W}val", "")])
                look.nums[node.get(f"{W}numId", "")] = node
                known[node.get(f"{W}numId", "")] = self._add(deepcopy(node))
        based: dict[str, str] = {}
        for style in look.styles.findall(f"{W}style"):
            number, level, base = style.find(f"{W}pPr/{W}numPr/{W}numId"), style.find(f"{W}pPr/{W}numPr/{W}ilvl"), style.find(f"{W}basedOn")
            name = style.get(f"{W}styleId", "")
            if number is not None:
                look.lists[name] = (number.get(f"{W}val", ""), "0" if level is None else level.get(f"{W}val", "0"))
                number.set(f"{W}val", known.get(number.get(f"{W}val", ""), "0"))
            elif base is not None:
                based[name] = base.get(f"{W}val", "")
        for name in based:
            ancestor = name
            for _ in range(len(based)):
                ancestor = based.get(ancestor, ancestor)
            if ancestor in look.lists:
                look.lists[name] = look.lists[ancestor]

    def _add(self, num: etree._Element) -> str:
        number = str(len(self._nums) + 1)
        num.set(f"{W}numId", number)
        self._nums.append(num)
        return number

    def _number(self, root: etree._Element, look: Look, *, body: bool) -> None:
        """The lists of this letter: the same as in its template, each beginning with its first number."""
        fresh: dict[str, str] = {}
        for paragraph in root.iter(f"{W}p") if look.lists else ():
            properties = paragraph.find(f"{W}pPr")
            style = None if properties is None else properties.find(f"{W}pStyle")
            name = look.paragraph if style is None else style.get(f"{W}val", "")
            if name in look.lists and (properties is None or properties.find(f"{W}numPr") is None):
                if properties is None:
                    properties = etree.Element(f"{W}pPr")
                    paragraph.insert(0, properties)
                number, level = look.lists[name]
                made = etree.Element(f"{W}numPr")
                etree.SubElement(made, f"{W}ilvl", {f"{W}val": level})
                etree.SubElement(made, f"{W}numId", {f"{W}val": number})
                properties.insert(sum(child.tag in ORDER for child in properties), made)
        for node in LISTS(root):
            number = node.get(f"{W}val", "")
            if number in look.nums:
                if number not in fresh:
                    fresh[number] = self._add(_restarted(look.nums[number], look.starts))
                node.set(f"{W}val", fresh[number])


def _restarted(num: etree._Element, starts: dict[str, dict[str, str]]) -> etree._Element:
    made = deepcopy(num)
    kind = made.find(f"{W}abstractNumId")
    levels = starts.get("" if kind is None else kind.get(f"{W}val", ""), {})
    there = {node.get(f"{W}ilvl"): node for node in made.findall(f"{W}lvlOverride")}
    for level, start in sorted(levels.items()):
        override = there.get(level)
        if override is None:
            override = etree.SubElement(made, f"{W}lvlOverride", {f"{W}ilvl": level})
        if override.find(f"{W}startOverride") is None:
            override.insert(0, etree.Element(f"{W}startOverride", {f"{W}val": start}))
    return made


# ---------------------------------------------------------------------------------------------------------------- names, defaults, theme


def _name(root: etree._Element, look: Look) -> None:
    """The styles of a part under their names in the bundle; paragraphs and tables that named none name the template's own default."""
    for node in NAMED(root):
        node.set(f"{W}val", look.style(node.get(f"{W}val", "")))
    for tag, holder, kind, default in (("p", "pPr", "pStyle", look.paragraph), ("tbl", "tblPr", "tblStyle", look.table)):
        for node in root.iter(f"{W}{tag}") if default else ():
            properties = node.find(f"{W}{holder}")
            if properties is None:
                properties = etree.Element(f"{W}{holder}")
                node.insert(0, properties)
            if properties.find(f"{W}{kind}") is None:
                properties.insert(0, etree.Element(f"{W}{kind}", {f"{W}val": look.style(default)}))


def _text(node: etree._Element | None) -> bytes:
    return b"" if node is None else etree.tostring(node, method="c14n", exclusive=True)


def _under(style: etree._Element, defaults: etree._Element | None) -> None:
    """Gives a style what the defaults of its document say and it does not."""
    for holder in ("pPr", "rPr"):
        given = None if defaults is None else defaults.find(f"{W}{holder}Default/{W}{holder}")
        if given is None:
            continue
        own = style.find(f"{W}{holder}")
        if own is None:
            own = etree.Element(f"{W}{holder}")
            before = style.find(f"{W}rPr") if holder == "pPr" else style.find(f"{W}tblPr")
            style.insert(len(style) if before is None else style.index(before), own)
        for node in given:
            there = own.find(node.tag)
            if there is None:
                own.append(deepcopy(node))
            elif node.tag == f"{W}spacing":
                there.attrib.update({name: value for name, value in node.attrib.items() if name not in there.attrib})
        places = {f"{W}{name}": at for at, name in enumerate(SEQUENCE[holder].split())}
        own[:] = sorted(own, key=lambda node: places.get(node.tag, len(places)))


def _literal(root: etree._Element, theme: bytes) -> None:
    """Fonts and colours by name instead of by the theme, which the bundle has from another template."""
    fonts = {}
    if theme:
        scheme = etree.fromstring(theme)
        for which in ("major", "minor"):
            for kind in ("latin", "ea", "cs"):
                node = scheme.find(f".//{A}{which}Font/{A}{kind}")
                fonts[which, kind] = "" if node is None else node.get("typeface", "")
    for node in root.iter(f"{W}rFonts"):
        for name, kind in FONTS.items():
            attribute = f"{W}cstheme" if name == "cs" else f"{W}{name}Theme"
            themed = node.attrib.pop(attribute, None)
            if themed and (face := fonts.get(("major" if themed.startswith("major") else "minor", kind))):
                node.set(f"{W}{name}", face)
    for node in COLOURED(root):
        for attribute in THEMED & set(node.attrib):
            del node.attrib[attribute]
