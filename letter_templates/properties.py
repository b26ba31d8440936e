"""What a letter says of itself: title, author, date, and the keywords that tie it to its run and journal."""

from __future__ import annotations

from typing import Any

from lxml import etree

from letter_templates.formats import clean

CORE = "docProps/core.xml"
NAMESPACES = {
    "cp": "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}


def core_properties(context: dict[str, Any], properties: dict[str, str]) -> bytes:
    """The part of a document that names its title, author, date and keywords."""
    root = etree.Element(f"{{{NAMESPACES['cp']}}}coreProperties", nsmap=NAMESPACES)
    sender, level, letter = context.get("sender", {}).get("name", ""), context.get("level_name", ""), context.get("letter", "")
    texts = {
        "dc:title": f"{level} {letter}".strip(), "dc:creator": sender, "cp:lastModifiedBy": sender, "dc:language": context.get("language", ""),
        "cp:keywords": "; ".join(f"{key}={clean(value)}" for key, value in sorted(properties.items())),
    }  # fmt: skip
    for tag, text in texts.items():
        prefix, _, local = tag.partition(":")
        etree.SubElement(root, f"{{{NAMESPACES[prefix]}}}{local}").text = text
    for local in ("created", "modified"):
        node = etree.SubElement(root, f"{{{NAMESPACES['dcterms']}}}{local}", {f"{{{NAMESPACES['xsi']}}}type": "dcterms:W3CDTF"})
        node.text = f"{context.get('iso_date', '1980-01-01')}T00:00:00Z"
    return etree.tostring(root, encoding="UTF-8", standalone=True)
