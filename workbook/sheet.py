"""One sheet part taken apart and put together again with other rows in its tables and other values in single cells.

Everything that is not a cell of a replaced table stays as it is: cells beside a table stay in their sheet row; formats, and cells of a
column that a user put into a table, follow the row of the table they stood in.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape, unescape

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from rules.errors import WorkbookError
from workbook.cell_xml import FORMULA, Line, Marks, of_cells, translated, with_value
from workbook.cells import Cells
from workbook.package import Deflated, ExcelTable, Package, Place, area, letters

ROWS = 1_048_576  # of a sheet
CHUNK = 20_000  # rows built at a time, fewer when their texts are long
CHUNK_BYTES = 32_000_000

_SPANS = re.compile(rb'\sspans="[^"]*"')
_HIDDEN = re.compile(r'\shidden="[^"]*"')
_SQREF = re.compile(rb'(\ssqref="|<xm:sqref>)([^"<]+)')
_SAVE = "Open it in Excel, save it once and try again."


@dataclass(frozen=True)
class Fill:
    """What shall stand in one table: the cells of some of its columns (by column number), in `rows` rows.

    `follow` answers from which old row (0 = first, -1 = none) each row comes, and so its formats and the cells of all other columns; it is
    asked only when there is something to bring along. None = they stay in their place.
    """

    table: ExcelTable
    columns: Mapping[int, Cells]
    rows: int
    follow: Callable[[], npt.NDArray[np.int64]] | None = None

    @property
    def last(self) -> int:
        """The last row with data afterwards: an emptied table keeps one blank row."""
        return self.table.header + max(self.rows, 1)

    @cached_property
    def come(self) -> npt.NDArray[np.int64]:
        """The old row of each row of the table, -1 = none."""
        if self.follow is not None:
            return self.follow()
        return np.where((rows := np.arange(max(self.rows, 1))) <= self.table.last - self.table.first, rows, -1)


class Sheet:
    """The rewriting of one sheet part: read when made, then written once. Raises WorkbookError where a change would destroy something."""

    def __init__(self, package: Package, title: str, fills: list[Fill], values: Mapping[Place, str | int | float]) -> None:
        self.package, self.title = package, title
        self.fills = sorted(fills, key=lambda fill: fill.table.first_column)
        self.values = {(place.row, place.column): value for place, value in values.items()}
        self.low = min((f.table.first for f in fills), default=ROWS + 1)
        self.high = max((max(f.last, f.table.last) for f in fills), default=0)
        self.head, self.tail = b"", b""
        self.before, self.after = dict[int, bytes](), dict[int, bytes]()  # rows outside the tables, unread
        self.attributes: dict[int, str] = {}  # of the rows that are written again
        self.kept: dict[int, dict[int, str]] = {}  # their cells that no table replaces, from behind the row number in their reference on
        self.last_read = 0  # row
        self.old: dict[int, dict[int, dict[int, str]]] = {f.table.first_column: {} for f in fills}  # table, column, old row: cells that follow
        self.styles = {f.table.first_column: _nothing(f.table) for f in fills}  # table to the style ids of its old cells
        self.shared: dict[str, tuple[str, str]] = {}  # number of a shared formula to its text and first cell
        self.unshare = False
        self.waiting = deque[int]()  # rows of which something is kept and not yet written
        self._refuse_impossible()
        self._read()
        self._set_values()
        if self.unshare:
            self._write_out_shared()

    # ------------------------------------------------------------------------------------------------------------ what is refused

    def _place(self, row: int, column: int) -> Place:
        return Place(self.title, row, column)

    def _refuse_impossible(self) -> None:
        for fill in self.fills:
            table = fill.table
            if fill.last > ROWS:
                raise WorkbookError(
                    f"{self.package.name}: table {table.name} would need {fill.rows:,} rows, and a sheet has {ROWS:,}. "
                    "Keep one workbook per company or per year."
                )
            if table.totals and fill.last != table.last:
                raise WorkbookError(
                    f"{self._place(table.last + 1, table.first_column)}: the totals row of table {table.name} is in the way: the table would then "
                    f"end in row {fill.last}. Switch it off (Table Design > Total Row) and try again."
                )

    def _unreadable(self, row: int) -> WorkbookError:
        where = f"{self.title}, row {row}" if row else self.title
        return WorkbookError(f"{self.package.name}: {where} is written in a form that cannot be changed safely. {_SAVE}")

    # ------------------------------------------------------------------------------------------------------------ reading the old part

    def _read(self) -> None:
        valued = {row for row, _ in self.values}
        for block in self._blocks():
            marks = Marks(block)
            if not marks.sound or (len(marks.numbers) and (marks.numbers[0] <= self.last_read or (np.diff(marks.numbers) <= 0).any())):
                raise self._unreadable(0)
            if not len(marks.numbers):
                continue
            self.last_read = int(marks.numbers[-1])
            touched = (marks.numbers >= self.low) & (marks.numbers <= self.high) | np.isin(marks.numbers, list(valued))
            if b't="shared"' in block:
                touched[:] = True
            for at in np.flatnonzero(~touched).tolist():
                row = int(marks.numbers[at])
                (self.before if row < self.low else self.after)[row] = block[marks.rows[at] : marks.row_ends[at]]
            self._read_attributes(block, marks, touched)
            self._read_cells(block, marks, touched)

    def _blocks(self) -> Iterator[bytes]:
        """Whole rows of the part, as many as come together; head and tail are set on the way."""
        rest, begun, ended = b"", False, False
        for block in self.package.blocks(self.package.sheets[self.title]):
            rest += block
            if ended:
                continue
            if not begun:
                opening = re.search(rb"<sheetData\s*>", rest)
                if opening is None:
                    continue
                self.head, rest, begun = rest[: opening.end()], rest[opening.end() :], True
            closing = rest.find(b"</sheetData>")
            cut = closing if closing >= 0 else rest.rfind(b"<row ")
            ended = closing >= 0
            if cut > 0:
                yield rest[:cut]
                rest = rest[cut:]
        self.tail = rest
        encoding = re.match(rb"""[^<]*<\?xml[^>]*encoding=["']([^"']+)""", self.head)
        if not ended or b"<!" in self.tail or b"<worksheet" not in self.head or (encoding and encoding[1].lower() != b"utf-8"):
            raise self._unreadable(0)

    def _read_attributes(self, block: bytes, marks: Marks, touched: npt.NDArray[np.bool_]) -> None:
        """What the touched rows say of themselves: height, outline, style."""
        cleaned: dict[bytes, str] = {}  # what is left of the attributes of a row, by what was found
        for at in np.flatnonzero(touched).tolist():
            start = marks.rows[at] + 5
            found = block[start : block.index(b">", start)]
            rest = found[found.index(b'"', 3) + 1 :]
            attributes = cleaned.get(rest)
            if attributes is None:
                attributes = cleaned[rest] = _SPANS.sub(b"", rest.rstrip(b"/")).decode()
            if attributes:
                row = int(marks.numbers[at])
                if " hidden" in attributes and any(f.table.filtered and f.table.first <= row <= f.table.last for f in self.fills):
                    attributes = _HIDDEN.sub("", attributes)
                self.attributes[row] = attributes

    def _read_cells(self, block: bytes, marks: Marks, touched: npt.NDArray[np.bool_]) -> None:
        """The cells of the touched rows, but for those that are replaced and of which nothing need be known."""
        rows, wanted = marks.numbers[marks.row_of_cell], touched[marks.row_of_cell]
        for t in (fill.table for fill in self.fills):
            inside = (rows >= t.first) & (rows <= t.last) & (marks.columns >= t.first_column) & (marks.columns <= t.last_column)
            if inside.any():
                self.styles[t.first_column][marks.columns[inside] - t.first_column, rows[inside] - t.first] = marks.styles(inside)
        if b't="shared"' not in block:
            for fill in self.fills:
                replaced = np.isin(marks.columns, [*fill.columns, *fill.table.formulas])
                wanted &= ~(replaced & (rows > fill.table.first) & (rows <= fill.table.last))
        for at in np.flatnonzero(wanted).tolist():
            self._read_cell(int(rows[at]), int(marks.columns[at]), block[marks.cells[at] : marks.cell_ends[at]].decode().strip())

    def _read_cell(self, row: int, column: int, whole: str) -> None:
        if not whole.endswith(("/>", "</c>")):
            raise self._unreadable(row)
        cell = whole[whole.index('"', 6) :]  # from behind the row number on
        shared = 't="shared"' in whole
        if shared:
            self._remember_shared(whole, f"{letters(column)}{row}")
        fill = next((f for f in self.fills if f.table.first_column <= column <= f.table.last_column), None)
        if fill is not None and fill.table.first <= row <= fill.table.last:
            self.unshare |= shared
            if column not in fill.columns:
                self.old[fill.table.first_column].setdefault(column, {})[row - fill.table.first] = cell
        elif fill is not None and fill.table.last < row <= fill.last:
            if re.search(r"<(v|f|is)\b", cell):
                raise WorkbookError(
                    f"{self._place(row, column)}: a cell with content stands below table {fill.table.name}, which has to grow to "
                    f"row {fill.last}. Move what stands below the table to another place and try again."
                )
        else:
            self.kept.setdefault(row, {})[column] = cell

    # ------------------------------------------------------------------------------------------------------------ formulas

    def _remember_shared(self, cell: str, place: str) -> None:
        formula = FORMULA.search(cell)
        numbered = re.search(r'\bsi="(\d+)"', formula[1]) if formula else None
        if formula and numbered and formula[2]:
            self.shared[numbered[1]] = (unescape(formula[2]), place)

    def _moved(self, cell: str, column: int, old: int, new: int) -> str:
        """The cell as it stands in another row: its relative references move along; a shared formula is written out."""
        formula = FORMULA.search(cell)
        if formula is None:
            return cell
        source, target = f"{letters(column)}{old}", f"{letters(column)}{new}"
        text, attributes = unescape(formula[2] or ""), formula[1]
        if 't="shared"' in attributes:
            numbered = re.search(r'\bsi="(\d+)"', attributes)
            if numbered is None or numbered[1] not in self.shared:
                raise self._unreadable(old)
            text, source = self.shared[numbered[1]]
            attributes = re.sub(r'\s(?:t|si|ref)="[^"]*"', "", attributes)
        attributes = re.sub(r'\sref="[^"]*"', f' ref="{target}"', attributes)
        return f"{cell[: formula.start()]}<f{attributes}>{escape(translated(text, source, target))}</f>{cell[formula.end() :]}"

    def _write_out_shared(self) -> None:
        for row, cells in self.kept.items():
            self.kept[row] = {c: self._moved(cell, c, row, row) if 't="shared"' in cell else cell for c, cell in cells.items()}

    # ------------------------------------------------------------------------------------------------------------ single values

    def _set_values(self) -> None:
        for (row, column), value in self.values.items():
            for f in self.fills:
                if f.table.first_column <= column <= f.table.last_column and f.table.first <= row <= f.last:
                    raise WorkbookError(f"{self._place(row, column)}: a named cell lies inside table {f.table.name}. Move it out of the table.")
            cells = self.kept.setdefault(row, {})
            cells[column] = with_value(cells.get(column, '"/>'), value)

    # ------------------------------------------------------------------------------------------------------------ writing the new part

    def write(self, out: Deflated, progress: Callable[[int], None]) -> None:
        """The whole part; `progress` is told the sheet rows written so far."""
        self._bring_attributes()
        out.write(self._grown_head())
        self.waiting = deque(sorted({*self.kept, *self.attributes}))
        for row, piece in self.before.items():
            self._kept_until(row, out)
            out.write(piece)
        self._kept_until(self.low, out)
        edges = sorted({self.low, self.high + 1} | {f.table.first for f in self.fills} | {f.last + 1 for f in self.fills}) if self.fills else []
        for start, stop in pairwise(edges):
            active = [f for f in self.fills if f.table.first <= start <= f.last]
            if active:
                self._tables(active, start, stop, out, progress)
            self._kept_until(stop, out)
        for row, piece in self.after.items():
            self._kept_until(row, out)
            out.write(piece)
        self._kept_until(ROWS + 1, out)
        out.write(self._grown_tail())

    def _kept_until(self, stop: int, out: Deflated) -> None:
        """The rows above `stop` of which something is kept and that no table covers any more, in order."""
        while self.waiting and self.waiting[0] < stop:
            row = self.waiting.popleft()
            cells, attributes = self.kept.pop(row, {}), self.attributes.pop(row, "")
            if cells or attributes:
                shown = "".join(f'<c r="{letters(column)}{row}{cell}' for column, cell in sorted(cells.items()))
                out.write(f'<row r="{row}"{attributes}>{shown}</row>'.encode())

    def _tables(self, active: list[Fill], start: int, stop: int, out: Deflated, progress: Callable[[int], None]) -> None:
        """The rows from `start` up to `stop` with the cells of the tables in them, chunk by chunk."""
        columns = [(f, c, self._column(f, c)) for f in active for c in range(f.table.first_column, f.table.last_column + 1)]
        weight = sum(f.columns[c].text.nbytes / max(len(f.columns[c].text), 1) + 60 for f, c, _ in columns if c in f.columns)
        size = max(1, min(CHUNK, int(CHUNK_BYTES / max(weight, 1))))
        for low in range(start, stop, size):
            high = min(low + size, stop)
            rows = pc.cast(pa.array(np.arange(low, high)), pa.large_string())
            line = Line()
            line.add('<row r="', rows, '"', self._attributes(low, high), ">")
            for position, (fill, column, cells) in enumerate(columns):
                if position == 0 or fill is not columns[position - 1][0]:
                    line.add(self._beside(active, fill, low, high))
                line.add(f'<c r="{letters(column)}', rows, *cells(low - fill.table.first, high - fill.table.first))
            line.add(self._beside(active, None, low, high), "</row>")
            out.write(line.joined())
            for row in range(low, high) if self.kept or self.attributes else ():
                self.kept.pop(row, None)
                self.attributes.pop(row, None)
            progress(high - 1)

    def _attributes(self, low: int, high: int) -> Any:
        found = [self.attributes.get(row, "") for row in range(low, high)] if self.attributes else []
        return pa.array(found, pa.large_string()) if any(found) else ""

    def _beside(self, active: list[Fill], right: Fill | None, low: int, high: int) -> Any:
        """The kept cells left of the table `right` (None: right of all) and right of the table before it."""
        position = active.index(right) if right is not None else len(active)
        left = active[position - 1].table.last_column if position else 0
        limit = right.table.first_column if right is not None else 1 << 20
        found: dict[int, str] = {}
        for row in range(low, high) if self.kept else ():
            between = [(c, cell) for c, cell in sorted(self.kept.get(row, {}).items()) if left < c < limit]
            if between:
                found[row] = "".join(f'<c r="{letters(c)}{row}{cell}' for c, cell in between)
        return pa.array([found.get(r, "") for r in range(low, high)], pa.large_string()) if found else ""

    def _bring_attributes(self) -> None:
        """Heights and hidden rows go with the rows of a table that has its sheet rows to itself; a new row is like most, but never hidden."""
        if len(self.fills) != 1 or self.fills[0].follow is None:
            return
        fill, table = self.fills[0], self.fills[0].table
        others = [t for t in self.package.tables if t.sheet == self.title and t.part != table.part]
        shared = any(t.header <= max(fill.last, table.last) and t.last + t.totals >= table.first for t in others)
        old = [self.attributes.get(row, "") for row in range(table.first, table.last + 1)]
        if shared or not any(old) or any(table.first <= row <= max(table.last, fill.last) for row in self.kept):
            return
        counted = Counter(old)
        usual = _HIDDEN.sub("", max(counted, key=lambda attributes: (counted[attributes], -len(attributes))))
        brought = {*old} == {usual}
        come = [] if brought else fill.come.tolist()
        for row in range(table.first, max(table.last, fill.last) + 1):
            self.attributes.pop(row, None)
        for row, k in enumerate(come or [-1] * (fill.last - table.header), table.first):
            if attributes := old[k] if k >= 0 else usual:
                self.attributes[row] = attributes

    def _usual_style(self, fill: Fill, column: int) -> int:
        """The style id of new cells of a column: the most frequent of its old cells (of equally frequent ones the older style), else the column's."""
        old = self.styles[fill.table.first_column][column - fill.table.first_column]
        if (old >= 0).any():
            return int(np.bincount(old[old >= 0]).argmax())
        style = 0
        for declared in re.findall(rb"<col\b[^>]*>", self.head):
            found = {k.decode(): int(v) for k, v in re.findall(rb'\b(min|max|style)="(\d+)"', declared)}
            if found.get("min", 0) <= column <= found.get("max", 0):
                style = found.get("style", 0)
        return style

    def _styled(self, fill: Fill, column: int) -> Callable[[int, int], Any]:
        """What stands between the row number and the content of the cells of a column: each old row keeps its style."""
        usual, old = self._usual_style(fill, column), self.styles[fill.table.first_column][column - fill.table.first_column]
        if not fill.rows or ((old < 0) | (old == usual)).all():
            return lambda low, high: _style(usual)
        brought = np.append(old, -1)[fill.come]
        ids, codes = np.unique(np.where(brought >= 0, brought, usual), return_inverse=True)
        words, order = pa.array([_style(style) for style in ids.tolist()], pa.large_string()), pa.array(codes)
        return lambda low, high: words.take(order[low:high])

    def _column(self, fill: Fill, column: int) -> Callable[[int, int], list[Any]]:
        """What stands behind the row number in the reference of the cells of a column, for rows from … up to … of the table."""
        if column not in fill.columns and column not in fill.table.formulas:
            return self._of_old_cells(fill, column)
        style = self._styled(fill, column)
        if column not in fill.columns:
            cells = self._of_formula(fill, column)
        elif fill.rows:
            cells = of_cells(fill.columns[column])
        else:
            return lambda low, high: [style(low, high), "/>"]
        return lambda low, high: [style(low, high), *cells(low, high)]

    def _of_formula(self, fill: Fill, column: int) -> Callable[[int, int], list[Any]]:
        """A calculated column: its formula is filled down, its values are left for Excel to compute."""
        first = fill.table.first
        origin, text = f"{letters(column)}{first}", fill.table.formulas[column]
        formula = FORMULA.search(self.old[fill.table.first_column].get(column, {}).get(0, ""))
        if formula and formula[2]:
            text = unescape(formula[2])

        def cell(row: int) -> str:
            target = f"{letters(column)}{row}"
            kind = f' t="array" ref="{target}"' if column in fill.table.arrays else ""
            return f"><f{kind}>{escape(translated(text, origin, target))}</f></c>"

        if column not in fill.table.arrays and translated(text, origin, f"{letters(column)}{first + 1}") == text:
            return lambda low, high: [cell(first)]
        return lambda low, high: [pa.array([cell(first + k) for k in range(low, high)], pa.large_string())]

    def _of_old_cells(self, fill: Fill, column: int) -> Callable[[int, int], list[Any]]:
        """A user's own column: each cell goes where its row goes."""
        cells, first = self.old[fill.table.first_column].get(column, {}), fill.table.first
        blank = f"{_style(self._usual_style(fill, column))}/>"

        def cell(old: int, new: int) -> str:
            found = cells.get(old, blank)
            return self._moved(found, column, first + old, first + new) if "<f" in found and (old != new or 't="shared"' in found) else found

        def of(low: int, high: int) -> list[Any]:
            come = fill.come[low:high].tolist()
            return [pa.array([cell(k, low + n) for n, k in enumerate(come)] + [blank] * (high - low - len(come)), pa.large_string())]

        return of if cells else lambda low, high: [blank]

    # ------------------------------------------------------------------------------------------------------------ around the rows

    def _grown_head(self) -> bytes:
        """The head with the used range of the sheet."""

        def grown(found: re.Match[bytes]) -> bytes:
            top, left, _, right = area(found[2].decode())
            rows = [max(part) for part in (self.before, self.after, self.kept, self.attributes) if part] + [f.last for f in self.fills]
            right = max([right] + [f.table.last_column for f in self.fills] + [c for _, c in self.values])
            return found[1] + f"{letters(left)}{top}:{letters(right)}{max([top, *rows])}".encode()

        return re.sub(rb'(<dimension\s+ref=")([^"]+)', grown, self.head, count=1)

    def _grown_tail(self) -> bytes:
        """The tail with conditional formats, validations and whatever else covers the column of a table down to its end, grown or shrunk with it."""
        for merged in re.findall(rb'<mergeCell ref="([^"]+)"', self.tail):
            top, left, bottom, right = area(merged.decode())
            for f in self.fills:
                if top <= f.last and bottom > f.table.last and left <= f.table.last_column and right >= f.table.first_column:
                    raise WorkbookError(
                        f"{self._place(top, left)}: merged cells stand below table {f.table.name}, which has to grow to row {f.last}. "
                        "Unmerge them and try again."
                    )
        return _SQREF.sub(lambda found: found[1] + b" ".join(self._grown(r) for r in found[2].split()), self.tail)

    def _grown(self, reference: bytes) -> bytes:
        top, left, bottom, right = area(reference.decode())
        for f in self.fills:
            table = f.table
            covers = top in (table.header, table.first) or table.first < top < table.last
            if covers and bottom == table.last and table.first_column <= left and right <= table.last_column:
                top = min(top, f.last)
                corner = f"{letters(left)}{top}"
                return (corner if (top, left) == (f.last, right) else f"{corner}:{letters(right)}{f.last}").encode()
        return reference


def _nothing(table: ExcelTable) -> npt.NDArray[np.int32]:
    """-1 = no cell, for each column and row of a table."""
    return np.full((table.last_column - table.first_column + 1, table.last - table.first + 1), -1, np.int32)


def _style(style: int) -> str:
    """The end of the reference of a cell, and its style attribute."""
    return f'" s="{style}"' if style else '"'
