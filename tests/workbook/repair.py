"""What makes Excel offer to repair a workbook: faults of the package, of names, of tables and of cells, as sentences."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from posixpath import dirname, join, normpath

from lxml import etree
from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
REL_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
LEGAL_NAME = re.compile(r"[^\W\d][\w.]*|\\[\w.]*")
LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}\d+|[RrCc]|[Rr]\d+[Cc]\d+")
QUOTED_OR_PLAIN_SHEET = re.compile(r"'((?:[^']|'')+)'!|(?<![\w'\]])([^\W\d][\w.]*)!")
RESERVED = {"history", "historique", "verlauf"}
LIMITS = {"promptTitle": 32, "errorTitle": 32, "prompt": 255, "error": 255}
DISPLAY_FORM = re.compile(r"\[@|(?:^|[^\w\]\[])\[\[?#|\[#[A-Z][a-z ]+[A-Za-z]*\],\s*[^\[\s]")


@dataclass(frozen=True)
class Excel:
    """An opened package."""

    zip: zipfile.ZipFile

    def xml(self, part: str) -> etree._Element:
        return etree.fromstring(self.zip.read(part))

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Id to kind and target part, those outside the package left out."""
        folder, _, name = part.rpartition("/")
        rels = join(folder, "_rels", name + ".rels")
        if rels not in self.zip.namelist():
            return {}
        found = {}
        for r in self.xml(rels):
            if r.get("TargetMode") != "External":
                target = normpath(join("/", dirname(part), r.get("Target")))
                found[r.get("Id")] = (r.get("Type").rpartition("/")[2], target.lstrip("/"))
        return found

    def sheets(self) -> dict[str, str]:
        """Title to part."""
        targets = self.relations("xl/workbook.xml")
        return {s.get("name"): targets[s.get(REL_ID)][1] for s in self.xml("xl/workbook.xml").iterfind("m:sheets/m:sheet", NS)}

    def texts(self) -> list[str]:
        """The shared strings."""
        if "xl/sharedStrings.xml" not in self.zip.namelist():
            return []
        return ["".join(si.itertext("{*}t")) for si in self.xml("xl/sharedStrings.xml")]


def faults(path: Path) -> list[str]:
    """Every fault found; [] for a workbook that Excel opens without a word."""
    with zipfile.ZipFile(path) as opened:
        excel = Excel(opened)
        found = [*_package(excel)]
        return found or [*_names(excel), *_sheets(excel), *_tables(excel)]


def twice(names: Iterable[str]) -> list[str]:
    """Those that occur more than once, whatever their case."""
    return [name for name, n in Counter(n.casefold() for n in names).items() if n > 1]


def _package(excel: Excel) -> Iterator[str]:
    parts = excel.zip.namelist()
    yield from (f"part twice: {p}" for p in twice(parts))
    types = excel.xml("[Content_Types].xml")
    named = {t.get("PartName", "").lstrip("/") for t in types} - {""}
    endings = {t.get("Extension") for t in types}
    yield from (f"content type for a part that is not there: {p}" for p in named - set(parts))
    yield from (f"no content type: {p}" for p in parts if p not in named and p.rpartition(".")[2] not in endings)
    for rels in (p for p in parts if p.endswith(".rels")):
        owner = rels.replace("_rels/", "").removesuffix(".rels")
        yield from (f"{rels}: {i} leads to no part" for i, (_, target) in excel.relations(owner).items() if target not in parts)


def balanced(formula: str) -> bool:
    """Whether brackets and quotes close."""
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", formula)
    if '"' in bare:
        return False
    depth = 0
    for ch in bare:
        depth += (ch == "(") - (ch == ")")
        if depth < 0:
            return False
    return depth == 0


def _formula(where: str, formula: str) -> Iterator[str]:
    if not balanced(formula):
        yield f"{where}: brackets or quotes do not close: {formula}"
    if DISPLAY_FORM.search(formula):
        yield f"{where}: a table is named as Excel shows it, not as a file holds it: {formula}"


def _names(excel: Excel) -> Iterator[str]:
    book = excel.xml("xl/workbook.xml")
    titles = [s.get("name") for s in book.iterfind("m:sheets/m:sheet", NS)]
    yield from (f"sheet title twice: {t}" for t in twice(titles))
    for title in titles:
        if len(title) > 31 or re.search(r"[\[\]:*?/\\]", title) or title.strip("'") != title or title.casefold() in RESERVED:
            yield f"sheet title not allowed: {title}"
    names = book.findall("m:definedNames/m:definedName", NS)
    yield from (f"defined name twice: {n}" for n in twice(f"{n.get('name')} {n.get('localSheetId', '')}" for n in names))
    for n in names:
        name, formula = n.get("name"), n.text or ""
        if not name.startswith("_xlnm.") and (not LEGAL_NAME.fullmatch(name) or LIKE_A_CELL.fullmatch(name)):
            yield f"defined name not allowed: {name}"
        for quoted, plain in QUOTED_OR_PLAIN_SHEET.findall(formula):
            if (quoted.replace("''", "'") or plain) not in titles:
                yield f"defined name {name}: no such sheet: {formula}"
        yield from _formula(f"defined name {name}", formula)


def _sheets(excel: Excel) -> Iterator[str]:
    texts, styles = excel.texts(), excel.xml("xl/styles.xml")
    formats, marks = len(styles.find("m:cellXfs", NS)), len(styles.findall("m:dxfs/m:dxf", NS))
    for title, part in excel.sheets().items():
        sheet, above = excel.xml(part), 0
        for row in sheet.iterfind("m:sheetData/m:row", NS):
            here, left = int(row.get("r")), 0
            if here <= above:
                yield f"{title}: row {here} stands below row {above}"
            above = here
            for cell in row:
                name = cell.get("r")
                at_row, at_column = coordinate_to_tuple(name)
                if at_row != here or at_column <= left:
                    yield f"{title}: cell {name} stands in the wrong place"
                left = at_column
                yield from (f"{title}!{name}: {fault}" for fault in _cell(cell, len(texts), formats))
        for rule in sheet.iterfind("m:conditionalFormatting/m:cfRule", NS):
            if int(rule.get("dxfId") or -1) >= marks:
                yield f"{title}: a conditional format names a style that is not there"
            yield from (f for formula in rule.iterfind("m:formula", NS) for f in _formula(title, formula.text or ""))
        yield from (f"{title}: {fault}" for v in sheet.iterfind("m:dataValidations/m:dataValidation", NS) for fault in _validation(v))
        if len(sheet.findall("m:tableParts/m:tablePart", NS)) != sum(kind == "table" for kind, _ in excel.relations(part).values()):
            yield f"{title}: tables of the sheet and related tables differ"


def _cell(cell: etree._Element, texts: int, formats: int) -> Iterator[str]:
    value, formula = cell.findtext("m:v", None, NS), cell.findtext("m:f", None, NS)
    if int(cell.get("s", 0)) >= formats:
        yield "names a style that is not there"
    if cell.get("t") == "s" and int(value or 0) >= texts:
        yield "names a text that is not there"
    if cell.get("t", "n") == "n" and value is not None and not NUMBER.fullmatch(value):
        yield f"is no number: {value}"
    if formula:
        yield from _formula("formula", formula)


def _validation(rule: etree._Element) -> Iterator[str]:
    formula = rule.findtext("m:formula1", "", NS)
    if formula.startswith('"') and len(formula) > 257:
        yield f"a list longer than 255 characters: {formula}"
    yield from _formula("validation", formula)
    yield from (f"{name} longer than {most}: {rule.get(name)}" for name, most in LIMITS.items() if len(rule.get(name, "")) > most)


def _tables(excel: Excel) -> Iterator[str]:
    texts, declared = excel.texts(), []
    for title, part in excel.sheets().items():
        sheet = excel.xml(part)
        merged = [range_boundaries(m.get("ref")) for m in sheet.iterfind("m:mergeCells/m:mergeCell", NS)]
        taken = list(merged)
        for kind, target in excel.relations(part).values():
            if kind != "table":
                continue
            table = excel.xml(target)
            declared.append(table)
            name, area = table.get("displayName"), range_boundaries(table.get("ref"))
            columns = [c.get("name") for c in table.iterfind("m:tableColumns/m:tableColumn", NS)]
            left, top, right, bottom = area
            if len(columns) != right - left + 1:
                yield f"{name}: {len(columns)} columns on {right - left + 1}"
            if bottom <= top:
                yield f"{name}: no row below the headings"
            yield from (f"{name}: column twice: {c}" for c in twice(columns))
            shown = {c.get("r"): _text(c, texts) for c in sheet.iterfind(f"m:sheetData/m:row[@r='{top}']/m:c", NS)}
            heads = [text for at, text in shown.items() if left <= coordinate_to_tuple(at)[1] <= right]
            if heads != columns:
                yield f"{name}: headings {heads} are not the columns {columns}"
            filtered = table.find("m:autoFilter", NS)
            if filtered is not None and range_boundaries(filtered.get("ref")) != area:
                yield f"{name}: the filter is not on the table"
            if any(not (b[2] < left or right < b[0] or b[3] < top or bottom < b[1]) for b in taken):
                yield f"{name}: overlaps another table or merged cells on {title}"
            taken.append(area)
    book = excel.xml("xl/workbook.xml")
    yield from (f"table or defined name twice: {n}" for n in twice([t.get("displayName") for t in declared] + _global_names(book)))
    yield from (f"table id twice: {i}" for i in twice(t.get("id") for t in declared))


def _global_names(book: etree._Element) -> list[str]:
    return [n.get("name") for n in book.iterfind("m:definedNames/m:definedName", NS) if n.get("localSheetId") is None]


def _text(cell: etree._Element, texts: list[str]) -> str:
    if cell.get("t") == "s":
        return texts[int(cell.findtext("m:v", "0", NS))]
    return "".join(cell.itertext("{*}t")) if cell.get("t") == "inlineStr" else ""
