"""The section of one letter among those of others: a new page, numbers of its own, its own heads and feet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from docx.oxml.ns import nsmap
from lxml import etree

from letter_templates.package import W

R = f"{{{nsmap['r']}}}"
AFTER_NUMBERS = "cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid printerSettings sectPrChange".split()


def apart(section: etree._Element, blank: Mapping[str, str], even: bool, notes: Sequence[str]) -> None:
    """A new page, numbered from 1; every head and foot is said, for one that is not said would be that of the letter before.

    `blank` has the relationships of the empty "header" and "footer"; `even`: the letter has heads and feet of its own for even pages; `notes`: its
    kinds of notes, each counted from 1.
    """
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
    for what, relation in blank.items():
        there = {node.get(f"{W}type"): node for node in section.findall(f"{W}{what}Reference")}
        for type_name in ("default", "even", "first"):
            there.setdefault(type_name, etree.Element(f"{W}{what}Reference", {f"{W}type": type_name, f"{R}id": relation}))
            if type_name == "even" and not even:
                there["even"].set(f"{R}id", there["default"].get(f"{R}id", ""))
            section.insert(at, there[type_name])
            at += 1
    for kind in notes:
        if section.find(f"{W}{kind}Pr") is None:
            section.insert(at, etree.fromstring(f'<w:{kind}Pr xmlns:w="{nsmap["w"]}"><w:numRestart w:val="eachSect"/></w:{kind}Pr>'))
            at += 1


def close(paragraph: etree._Element, section: etree._Element) -> None:
    """Ends a section with this paragraph."""
    properties = paragraph.find(f"{W}pPr")
    if properties is None:
        properties = etree.Element(f"{W}pPr")
        paragraph.insert(0, properties)
    change = properties.find(f"{W}pPrChange")
    properties.insert(len(properties) if change is None else properties.index(change), section)


def line_of_nothing() -> etree._Element:
    """A paragraph that takes next to no room, to carry the end of a section after a table."""
    return etree.fromstring(
        f'<w:p xmlns:w="{nsmap["w"]}"><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/><w:rPr><w:sz w:val="2"/></w:rPr>'
        "</w:pPr></w:p>"
    )
