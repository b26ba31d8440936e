"""The parts of a finished letter, and how one part refers to another."""

from __future__ import annotations

import io
import posixpath
import zipfile
from dataclasses import dataclass, field

from lxml import etree

from letter_templates.package import part_xml

BODY, TYPES = "word/document.xml", "[Content_Types].xml"
PACKAGE_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"


@dataclass
class Source:
    """One letter: its parts, their types, and its number in the bundle."""

    number: int
    parts: dict[str, bytes]
    types: dict[str, str]
    even: bool  # has heads and feet of its own for even pages

    @classmethod
    def read(cls, number: int, content: bytes) -> Source:
        """The letter of this number, of its file."""
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        kinds = etree.fromstring(parts[TYPES])
        suffixes = {node.get("Extension", "").lower(): node.get("ContentType", "") for node in kinds if node.get("Extension")}
        named = {node.get("PartName", "").lstrip("/"): node.get("ContentType", "") for node in kinds if node.get("PartName")}
        types = {name: named.get(name) or suffixes.get(name.rpartition(".")[2].lower(), "") for name in parts}
        return cls(number, parts, types, b"<w:evenAndOddHeaders" in parts.get("word/settings.xml", b""))

    def links(self, part: str) -> dict[str, tuple[str, str, bool]]:
        """Relationships of a part by id: type, target (a part's name, or an address when it is outside), whether it is outside."""
        folder, content = posixpath.dirname(part), self.parts.get(rels_of(part))
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
class Links:
    """The relationships of one part of the bundle, each once."""

    ids: dict[tuple[str, str, bool], str] = field(default_factory=dict[tuple[str, str, bool], str])

    def to(self, kind: str, target: str, outside: bool = False) -> str:
        """The id of the relationship to a part by its name, or to an address outside."""
        return self.ids.setdefault((kind, target, outside), f"rId{len(self.ids) + 1}")

    def xml(self, folder: str) -> bytes:
        """The part that holds the relationships of a part in this folder."""
        root = etree.Element(f"{{{PACKAGE_LINKS}}}Relationships", nsmap={None: PACKAGE_LINKS})
        for (kind, target, outside), name in self.ids.items():
            node = etree.SubElement(root, f"{{{PACKAGE_LINKS}}}Relationship", Id=name, Type=kind)
            node.set("Target", target if outside else posixpath.relpath("/" + target, "/" + folder))
            if outside:
                node.set("TargetMode", "External")
        return part_xml(root)


def rels_of(part: str) -> str:
    """The name of the part that holds the relationships of this part."""
    folder, name = posixpath.split(part)
    return f"{folder}/_rels/{name}.rels"
