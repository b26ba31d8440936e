"""Web pages that programs call .xls: each table of a page is a grid, cells as they are printed there."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from lxml import etree

from rules.errors import LedgerError
from rules.findings import Finding
from rules.model import Severity
from workbook.extent import sensible
from workbook.guard import Caps
from workbook.ledgers.containers.letters import decoded
from workbook.ledgers.containers.merged import spread
from workbook.ledgers.grid import Grid, cleaned, trimmed

LARGEST = 1 << 27  # bytes of a page: a parsed one takes ten times as much
DECLARED = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
WIDEST, TALLEST = 1_000, 65_534  # what browsers take of colspan and rowspan
OPENED, CLOSED, ENDED = (re.compile(tag, re.IGNORECASE) for tag in (r"<table\b", r"</table\b", r"</html\b"))
SPACE = re.compile(r"[ \t\r\n\f]+")
NO_TEXT = {"table", "script", "style", "template"}


def html(path: Path, caps: Caps) -> list[Grid]:
    """The tables of a web page. Raises LedgerError."""
    _check_size(path)
    return _joined(path, _tables(path, path.read_bytes(), "html", caps))


def mhtml(path: Path, caps: Caps) -> list[Grid]:
    """The tables of all pages in a web archive. Raises LedgerError."""
    _check_size(path)
    message = email.message_from_bytes(path.read_bytes().lstrip(b"\xef\xbb\xbf \r\n"), policy=email.policy.compat32)
    grids: list[Grid] = []
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            page = part.get_payload(decode=True)
            if isinstance(page, bytes):
                grids += _tables(path, page, "mhtml", caps, str(part.get_content_charset() or ""))
    return _joined(path, grids)


def _check_size(path: Path) -> None:
    if (size := path.stat().st_size) > LARGEST:
        raise LedgerError(
            f"{path.name} is a web page of {size:,} bytes; at most {LARGEST:,} are read. Export a csv, or open it in Excel and save it as .xlsx."
        )


def _tables(path: Path, page: bytes, container: str, caps: Caps, charset: str = "") -> list[Grid]:
    text, encoding, findings = _text(page, charset, path.name)
    if len(OPENED.findall(text)) > len(CLOSED.findall(text)) and not ENDED.search(text):
        raise LedgerError(f"{path.name} ends in the middle of a table: it is incomplete. Export it again; nothing was changed.")
    tree = etree.fromstring(text.encode("utf-8", "replace") or b"<p>", etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False))
    grids: list[Grid] = []
    for table in [] if tree is None else tree.iter("table"):
        cells, fields, hidden = _cells(table, path.name, caps)
        if cells.empty or not (cells != "").any(axis=None):
            continue
        cells, found = cleaned(trimmed(cells), path.name)
        if hidden:
            found.append(Finding("export_hidden_rows", Severity.NOTE, place=path.name, values={"count": hidden}))
        grids.append(Grid(path, container, cells, fields, np.arange(1, len(cells) + 1), encoding, findings=[*findings, *found]))
        findings = []
    return grids


def _text(page: bytes, charset: str, name: str) -> tuple[str, str, list[Finding]]:
    """The page decoded as it declares, if its bytes allow that, and as its bytes suggest otherwise."""
    declared = DECLARED.search(page[:8192].replace(b"\0", b""))
    for encoding in (charset, declared[1].decode("ascii") if declared else ""):
        encoding = {"iso-8859-1": "cp1252", "latin1": "cp1252"}.get(encoding.lower(), encoding)
        if encoding and not encoding.lower().startswith("utf-16") and not page.startswith((b"\xff\xfe", b"\xfe\xff")):
            try:
                return page.decode(encoding).replace("\0", ""), encoding.lower(), []
            except (UnicodeDecodeError, LookupError):
                continue
    raw, encoding, findings = decoded(page, name)
    return raw.decode("utf-8"), encoding, findings


def _cells(table: etree._Element, name: str, caps: Caps) -> tuple[pd.DataFrame, np.ndarray, int]:
    """The cells of one table without those of tables within it, how many fields each row has, and how many rows are hidden."""
    rows: list[dict[int, str]] = []
    taken: dict[int, int] = {}  # column -> rows still covered by a cell above
    merged: list[tuple[int, int, int, int]] = []
    width = filled = hidden = 0
    for at, row in enumerate(_rows(table)):
        cells: dict[int, str] = {}
        column = 0
        covered, taken = taken, {c: left - 1 for c, left in taken.items() if left > 1}
        for cell in row.iterchildren("td", "th"):
            while covered.get(column, 0):
                column += 1
            across, down = _span(cell, "colspan", WIDEST), _span(cell, "rowspan", TALLEST)
            cells[column] = _said(cell)
            if across > 1 or down > 1:
                merged.append((at, column, at + down - 1, column + across - 1))
                taken |= dict.fromkeys(range(column, column + across), down - 1) if down > 1 else {}
            column += across
        width = max(width, column, max(covered, default=-1) + 1)
        filled += len(cells)
        if not sensible(width * (at + 1), filled, caps.cells):
            raise LedgerError(f"{name} has a table of {width:,} columns and more than {at:,} rows, with hardly a cell in it. Export a csv.")
        hidden += "display:none" in row.get("style", "").replace(" ", "").lower()
        rows.append(cells)
    frame = pd.DataFrame([[cells.get(c, "") for c in range(width)] for cells in rows], columns=range(width), dtype="str")
    return spread(frame, merged), np.full(len(rows), width), hidden


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for child in table.iterchildren("tr", "thead", "tbody", "tfoot"):
        if child.tag == "tr":
            yield child
        else:
            yield from child.iterchildren("tr")


def _span(cell: etree._Element, name: str, most: int) -> int:
    figures = (cell.get(name) or "").strip()
    return min(max(int(figures), 1), most) if re.fullmatch("[0-9]{1,6}", figures) else 1


def _said(cell: etree._Element) -> str:
    """The text of a cell on one line, as a browser shows it; without what a table inside says."""
    pieces: list[str] = []

    def add(element: etree._Element) -> None:
        pieces.append(element.text or "")
        for child in element:
            if isinstance(child.tag, str) and child.tag not in NO_TEXT:
                pieces.append(" " if child.tag in ("br", "p", "div", "li") else "")
                add(child)
            pieces.append(child.tail or "")

    add(cell)
    return SPACE.sub(" ", "".join(pieces)).strip()


def _joined(path: Path, grids: list[Grid]) -> list[Grid]:
    """The grids, those printed as one table per page or payer with the same first row put together. Raises LedgerError when there is none."""
    if not grids:
        raise LedgerError(f"{path.name} is a web page without a table, whatever its name says. Export the list as .xlsx or .csv.")
    made: list[Grid] = []
    for grid in grids:
        before = made[-1] if made else None
        if before is not None and before.cells.shape[1] == grid.cells.shape[1] and (before.cells.iloc[0] == grid.cells.iloc[0]).all():
            cells = pd.concat([before.cells, grid.cells], ignore_index=True)
            made[-1] = Grid(
                path, grid.container, cells, np.append(before.fields, grid.fields), np.arange(1, len(cells) + 1), grid.encoding,
                findings=[*before.findings, *grid.findings],
            )  # fmt: skip
        else:
            made.append(grid)
    return made
