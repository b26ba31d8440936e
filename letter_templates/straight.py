"""Which parts of a template need not be parsed again once they are filled: their XML is right whichever way their tags go.

docxtpl parses every letter, mends its tables and writes it anew. Where the template itself proves that nothing would be mended and nothing written
otherwise, the filled text is the part already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from jinja2 import nodes
from lxml import etree

from letter_templates.package import W

TOKEN = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z_][\w:.-]*)[^<>]*?(?P<alone>/?)>|(?P<text>[^<>]+)")
PICTURE = re.compile(r'(<wp:docPr(?:\s[^<>]*?)?\sid=")[^"]*(?=")')
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
ROW, CELL, TABLE = f"{W}tr", f"{W}tc", f"{W}tbl"
WITHIN = {CELL, f"{W}tcPr", f"{W}gridSpan"}
GRID = {f"{W}tblGrid", f"{W}gridCol"}
IN, OUT = "<?in?>", "<?out?>"  # around what a tag may leave out or repeat


@dataclass(frozen=True)
class _Open:
    """An element that is open; `fresh`: perhaps nothing stands in it yet."""

    name: str
    tag: str
    fresh: bool = True


class _Unsure(Exception):  # noqa: N818 - not an error: the part takes the longer way
    """The proof does not succeed."""


@dataclass
class _Walk:
    """One walk over the tags of a part: every text once, whatever the conditions say."""

    stack: list[_Open] = field(default_factory=list)
    empty: set[str] = field(default_factory=set)
    pieces: list[str] = field(default_factory=list)

    def statements(self, body: Iterable[nodes.Node]) -> None:
        for node in body:
            if isinstance(node, nodes.Output):
                for shown in node.nodes:
                    if isinstance(shown, nodes.TemplateData):
                        self.pieces.append(shown.data)
                        self._data(shown.data)
            elif isinstance(node, nodes.If):
                self._branches([node.body, *(other.body for other in node.elif_)], node.else_)
            elif isinstance(node, nodes.For):
                self._branches([node.body], node.else_)
            else:
                raise _Unsure

    def _branches(self, bodies: Sequence[Sequence[nodes.Node]], otherwise: Sequence[nodes.Node]) -> None:
        """Each body begins where the tag stands and must end with the same elements open."""
        before, ends = self.stack, list[list[_Open]]()
        for body in (*bodies, otherwise):
            self.stack = list(before)
            self.pieces.append(IN)
            self.statements(body)
            self.pieces.append(OUT)
            ends.append(self.stack)
        if len({len(end) for end in ends}) > 1:
            raise _Unsure
        self.stack = [_either(alternatives) for alternatives in zip(*ends, strict=True)]

    def _data(self, data: str) -> None:
        at = 0
        while at < len(data):
            found = TOKEN.match(data, at)
            if not found:
                raise _Unsure
            at = found.end()
            if found["end"]:
                if not self.stack or self.stack[-1].name != found["name"]:
                    raise _Unsure
                opened = self.stack.pop()
                if opened.fresh:
                    self.empty.add(opened.tag + found[0])
                continue
            if self.stack and self.stack[-1].fresh:
                self.stack[-1] = replace(self.stack[-1], fresh=False)
            if found["name"] and not found["alone"]:
                self.stack.append(_Open(found["name"], found[0]))


def _either(alternatives: Sequence[_Open]) -> _Open:
    first, fresh = alternatives[0], any(one.fresh for one in alternatives)
    if any(one.name != first.name or (fresh and one.tag != first.tag) for one in alternatives):
        raise _Unsure
    return replace(first, fresh=fresh)


def straight(tree: nodes.Template, *, tables: bool) -> tuple[str, ...] | None:
    """What to shorten in the filled text of a part so that it is the part as a parser would write it; None when it must be parsed.

    Answers the elements that may come out empty, as `<w:t></w:t>`: XML writes them `<w:t/>`. `tables`: the tables of this part would be mended.
    """
    walk = _Walk()
    try:
        walk.statements(tree.body)
    except _Unsure:
        return None
    xml = "".join(walk.pieces)
    plain = shortened(xml.replace(IN, "").replace(OUT, ""), empty := tuple(sorted(walk.empty)))
    try:
        same = etree.tostring(etree.fromstring(plain, _parser()), encoding="unicode") == plain
        root = etree.fromstring(xml, _parser())
    except etree.XMLSyntaxError:
        return None
    numbered = len(PICTURE.findall(plain)) == sum(1 for _ in root.iter(DRAWING))
    return empty if not walk.stack and same and numbered and (not tables or _even(root)) else None


def shortened(xml: str, empty: Sequence[str]) -> str:
    """The text with its empty elements written as one tag."""
    for one in empty:
        xml = xml.replace(one, one[: one.index(">")] + "/>")
    return xml


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True)


@dataclass
class _Table:
    """A table on the way: how deep in conditions it stands, the columns of its grid, and whether a row that is always there fills them."""

    depth: int
    columns: int
    full: bool = False


@dataclass
class _Row:
    """A row on the way: how deep in conditions it stands, its cells, and the columns they take."""

    depth: int
    cells: int = 0
    columns: int = 0


def _even(root: etree._Element) -> bool:
    """Whether each table has the columns of its grid whatever is left out or repeated: then docxtpl has nothing to mend in it."""
    depth, tables, rows = 0, list[_Table](), list[_Row]()
    for event, node in etree.iterwalk(root, events=("start", "end", "pi")):
        if event == "pi":
            depth += 1 if node.target == "in" else -1
        elif event == "start":
            if node.tag == TABLE:
                grid = node.find(f"{W}tblGrid")
                tables.append(_Table(depth, 0 if grid is None else len(grid.findall(f"{W}gridCol"))))
            elif node.tag == ROW:
                rows.append(_Row(depth))
            elif (node.tag in WITHIN and (not rows or rows[-1].depth != depth)) or (node.tag in GRID and (not tables or tables[-1].depth != depth)):
                return False
            elif node.tag == CELL:
                span = node.find(f"{W}tcPr/{W}gridSpan")
                rows[-1].cells += 1
                rows[-1].columns += 1 if span is None else int(span.get(f"{W}val", "1"))
        elif node.tag == ROW:
            row = rows.pop()
            for table in tables:
                if max(row.cells, row.columns) > table.columns:
                    return False
                table.full |= row.columns == table.columns and row.depth == table.depth
        elif node.tag == TABLE and not tables.pop().full:
            return False
    return True
