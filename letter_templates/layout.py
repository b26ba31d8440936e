"""What python-docx has no call for: text in a named style, grids of fixed widths, rules and air, rows that stay whole, page numbers."""

from __future__ import annotations

import io
from typing import Any

from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph


def paragraph(place: Any, text: str, style: str) -> Paragraph:
    """A new paragraph at the end of `place`."""
    return write(place.add_paragraph(), text, style)


def write(paragraph: Paragraph, text: str, style: str) -> Paragraph:
    """`text` in a named style; what stands between ** is bold."""
    paragraph.style = style
    for number, piece in enumerate(text.split("**")):
        if piece:
            paragraph.add_run(piece).bold = True if number % 2 else None
    return paragraph


def when(place: Any, condition: str, text: str, style: str, *, first: bool = False) -> None:
    """A paragraph that is there only if a condition holds: the last of `place`, or the `first` of a cell."""
    made = [paragraph(place, words, style) for words in (f"{{%p if {condition} %}}", text, "{%p endif %}")]
    top = place.paragraphs[0]._element
    for one in made if first else ():
        top.addprevious(one._element)


def repeat(place: Any, many: str, style: str) -> None:
    """A paragraph for each text of the list `many`."""
    for words in (f"{{%p for line in {many} %}}", "{{ line }}", "{%p endfor %}"):
        paragraph(place, words, style)


def picture(paragraph: Paragraph, png: bytes, side: float, name: str) -> None:
    """A square picture in the line, `side` mm wide, with `name` as its name and alternative text."""
    inline = paragraph.add_run().add_picture(io.BytesIO(png), width=Mm(side))._inline
    for side in "TBLR":
        inline.set(f"dist{side}", "0")
    for node in (inline.docPr, inline.graphic.graphicData.pic.nvPicPr.cNvPr):
        node.set("name", name)
        node.set("descr", name)


def grid(table: Table, widths: list[float]) -> Table:
    """`table` with columns of fixed widths in mm and no space between the left edge and the text, so that tables and text are in line."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    properties = table._element.tblPr
    margins = OxmlElement("w:tblCellMar")
    for side, space in (("left", 0), ("right", 0)):
        margins.append(_dxa(side, space))
    properties.append(_dxa("tblW", Mm(sum(widths)).twips))
    for old in properties.findall(qn("w:tblW"))[:-1]:
        properties.replace(old, properties[-1])
    properties.find(qn("w:tblLayout")).addnext(margins)
    return table


def _dxa(tag: str, twips: int) -> Any:
    node = OxmlElement(f"w:{tag}")
    node.set(qn("w:w"), str(twips))
    node.set(qn("w:type"), "dxa")
    return node


def merged(row: _Row, first: int, last: int) -> _Cell:
    """The cells `first` to `last` of the row as one."""
    return row.cells[first].merge(row.cells[last])


def height(row: _Row, height: float, *, exact: bool = False) -> None:
    """Give the row a height in mm: at least so much, or exactly."""
    row.height, row.height_rule = Length(Mm(height)), WD_ROW_HEIGHT_RULE.EXACTLY if exact else WD_ROW_HEIGHT_RULE.AT_LEAST


def head(row: _Row) -> None:
    """Let the row come again at the top of every page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def whole(row: _Row) -> None:
    """Keep the row on one page."""
    row._tr.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))


def _line(side: str, size: int) -> Any:
    line = OxmlElement(f"w:{side}")
    for key, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", "808080")):
        line.set(qn(f"w:{key}"), value)
    return line


def ruled(row: _Row, side: str, size: int) -> None:
    """A line above or below every cell of the row, `size` eighths of a point thick, and a little air around its text."""
    airy(row)
    for cell in row._tr.tc_lst:
        borders = OxmlElement("w:tcBorders")
        borders.append(_line(side, size))
        cell.tcPr.find(qn("w:tcMar")).addprevious(borders)


def airy(row: _Row) -> None:
    """A little air above and below the text of every cell of the row."""
    for cell in row._tr.tc_lst:
        properties = cell.get_or_add_tcPr()
        if properties.find(qn("w:tcMar")) is None:
            margins = OxmlElement("w:tcMar")
            margins.extend([_dxa("top", 24), _dxa("bottom", 24)])
            properties.append(margins)


def border(paragraph: Paragraph, side: str) -> None:
    """A thin line on one side of the paragraph."""
    borders = OxmlElement("w:pBdr")
    borders.append(_line(side, 4))
    properties = paragraph._element.get_or_add_pPr()
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc")


def field(paragraph: Paragraph, code: str) -> None:
    """A number that Word computes: PAGE, NUMPAGES."""
    for kind in ("begin", code, "separate", "1", "end"):
        run = paragraph.add_run()
        if kind == "1":
            run.text = kind
        elif kind == code:
            text = OxmlElement("w:instrText")
            text.text = f" {code} "
            run._element.append(text)
        else:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._element.append(mark)
