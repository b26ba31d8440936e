"""New rows in the tables of an .xlsx package, and new values in single cells; every part that does not have to change stays byte for byte."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import BinaryIO

from lxml import etree

from rules.errors import WorkbookError
from workbook.package import MAIN, WORKBOOK, Deflated, Package, Place, letters, parsed, rewrite
from workbook.sheet import Fill, Sheet

CHAIN = "xl/calcChain.xml"
TYPES = "[Content_Types].xml"
RELATIONS = "xl/_rels/workbook.xml.rels"


def patch(
    package: Package,
    out: BinaryIO,
    fills: list[Fill],
    values: Mapping[Place, str | int | float],
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> None:
    """Write the package to `out` with the tables filled and the cells set; `progress` is told sheet, rows written, rows in all.

    A cell with a formula keeps it and shows the new value until Excel computes again. Excel computes everything when it opens the file.
    Raises WorkbookError, before the file is complete, where something of the user's would be overwritten.
    """
    made: dict[str, Deflated] = {}
    for title in dict.fromkeys([f.table.sheet for f in fills] + [place.sheet for place in values]):
        of_sheet = [f for f in fills if f.table.sheet == title]
        total = max((f.last for f in of_sheet), default=0)
        part = made[package.sheets[title]] = Deflated()
        sheet = Sheet(package, title, of_sheet, {place: value for place, value in values.items() if place.sheet == title})
        sheet.write(part, lambda row, title=title, total=total: progress(title, row, total))
        for fill in of_sheet:
            made[fill.table.part] = Deflated(_table(package, fill))
    made[WORKBOOK] = Deflated(_computing(package.part(WORKBOOK), package.name))
    dropped = {CHAIN} & set(package.zip.namelist())
    if dropped:  # the order in which Excel last computed: it would name cells that hold no formula any more
        made[TYPES] = Deflated(re.sub(rb'<Override\b[^>]*PartName="/xl/calcChain\.xml"[^>]*/>', b"", package.part(TYPES)))
        made[RELATIONS] = Deflated(re.sub(rb'<Relationship\b[^>]*Target="[^"]*calcChain\.xml"[^>]*/>', b"", package.part(RELATIONS)))
    rewrite(package, out, made, dropped)


def _table(package: Package, fill: Fill) -> bytes:
    """The table part with its new extent. Its filter shows everything again, and its sort order is forgotten: both spoke of other rows."""
    root = parsed(package.part(fill.table.part))
    first, last = letters(fill.table.first_column), letters(fill.table.last_column)
    root.set("ref", f"{first}{fill.table.header}:{last}{fill.last + fill.table.totals}")
    for name in ("insertRow", "insertRowShift"):  # how Excel marks a table without rows
        root.attrib.pop(name, None)
    for sorting in root.findall(f"{MAIN}sortState"):
        root.remove(sorting)
    for shown in root.findall(f"{MAIN}autoFilter"):
        shown.set("ref", f"{first}{fill.table.header}:{last}{fill.last}")
        for child in list(shown):
            if child.tag != f"{MAIN}filterColumn" or len(child):  # one without a condition says only that a column has no button
                shown.remove(child)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _computing(book: bytes, name: str) -> bytes:
    """The workbook part that makes Excel compute everything when it opens the file."""
    found = re.search(rb"<calcPr\b[^>]*>", book)
    if found:
        setting = re.sub(rb'\sfullCalcOnLoad="[^"]*"', b"", found[0])
        closing = b"/>" if setting.endswith(b"/>") else b">"
        return book[: found.start()] + setting.removesuffix(closing) + b' fullCalcOnLoad="1"' + closing + book[found.end() :]
    if b"</definedNames>" not in book:
        raise WorkbookError(f"{name} is written in a form that cannot be changed safely. Open it in Excel, save it once and try again.")
    return book.replace(b"</definedNames>", b'</definedNames><calcPr fullCalcOnLoad="1"/>', 1)
