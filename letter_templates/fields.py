"""The fields that Word computes in a letter: which page counts, to which mark one refers."""

from __future__ import annotations

from collections.abc import Iterator

from docx.oxml.ns import nsmap
from lxml import etree

from letter_templates.package import W

FIELDS = etree.XPath(".//w:fldChar | .//w:instrText | .//w:fldSimple", namespaces={"w": nsmap["w"]})


def codes(root: etree._Element) -> Iterator[list[etree._Element]]:
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


def recode(nodes: list[etree._Element], total: str, marks: dict[str, str]) -> None:
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
