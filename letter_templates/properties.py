"""What a letter says of itself: title, author, date, and the keywords that tie it to its run and journal."""

from __future__ import annotations

from typing import Any

from letter_templates.formats import clean
from letter_templates.language import as_xml

CORE = "docProps/core.xml"
NAMESPACES = {
    "cp": "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
DECLARATION = "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"  # as lxml writes it
HEAD = DECLARATION + "<cp:coreProperties " + " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMESPACES.items()) + ">"


def core_properties(context: dict[str, Any], properties: dict[str, str]) -> bytes:
    """The part of a document that names its title, author, date and keywords."""
    sender, level, letter = context.get("sender", {}).get("name", ""), context.get("level_name", ""), context.get("letter", "")
    texts = {
        "dc:title": f"{level} {letter}".strip(), "dc:creator": sender, "cp:lastModifiedBy": sender, "dc:language": context.get("language", ""),
        "cp:keywords": "; ".join(f"{key}={clean(value)}" for key, value in sorted(properties.items())),
    }  # fmt: skip
    day = as_xml(context.get("iso_date", "1980-01-01"))
    dates = "".join(f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{day}T00:00:00Z</dcterms:{name}>' for name in ("created", "modified"))
    return (HEAD + "".join(f"<{tag}>{as_xml(text)}</{tag}>" for tag, text in texts.items()) + dates + "</cp:coreProperties>").encode()
