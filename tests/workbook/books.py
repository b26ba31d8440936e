"""Workbooks for the tests of patch and file: ours in their tables and names, and full of things of the user's own."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import quote_sheetname, xl_rowcol_to_cell

from rules.model import AssessedItem, Currency, Payer, Setting, Total
from rules.row import Row, columns
from workbook.tables import SCHEMA, table

REMARK, TWICE, ROUGH = "My remark", "Twice", "Rough"  # a user's columns in the ledger: values, a calculated column, single formulas
UNKNOWN = {  # parts that no library here knows
    "xl/pivotCache/pivotCacheDefinition1.xml": b'<?xml version="1.0"?><pivotCacheDefinition xmlns="urn:x" refreshOnLoad="1"/>',
    "customXml/item1.xml": b"<anything><at>all</at></anything>",
}
CHAIN = b'<?xml version="1.0"?><calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="D1" i="5"/></calcChain>'
SETTINGS = [{"setting": "company_currency", "value": "EUR"}, {"setting": "language", "value": "en"}, {"setting": "backups", "value": 2}]
ITEMS = [
    {"payer": "0001", "document": "D1", "currency": "EUR", "open_minor": 100.5, "due_date": date(2026, 1, 31), REMARK: "call Ann", ROUGH: "=H2*2"},
    {"payer": "0001", "document": "D2", "currency": "EUR", "open_minor": -20, "due_date": date(2026, 2, 28), REMARK: 7, ROUGH: "=H3*2"},
    {"payer": "0002", "document": "D3", "currency": "JPY", "open_minor": 5000, "block": "legal", ROUGH: "=H4*2+$A$1"},
]


@dataclass
class Spot:
    """Where a table stands and what its cells hold: rows of raw values by field, or by the title of a user's own column."""

    model: type[Row]
    sheet: str
    rows: Sequence[Mapping[str, Any]] = ()
    row: int = 0
    col: int = 0
    own: Mapping[int, str] = field(default_factory=dict[int, str])  # place among the columns to title of a user's own column
    titles: Mapping[str, str] = field(default_factory=dict[str, str])
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def order(self) -> list[str]:
        """The fields and own columns from left to right."""
        found = [c.name for c in columns(self.model)]
        for at, title in sorted(self.own.items()):
            found.insert(at, title)
        return found

    def column(self, name: str) -> int:
        """The column of a field, counted from 0."""
        return self.col + self.order.index(name)

    def cell(self, name: str, row: int) -> str:
        """The reference of the cell of a field in a row of the sheet, counted from 1."""
        return xl_rowcol_to_cell(row - 1, self.column(name))


LEDGER = Spot(AssessedItem, "My ledger", ITEMS, own={2: REMARK, 8: TWICE, 12: ROUGH}, titles={"due_date": "Pay until"})


def spots(ledger: Spot = LEDGER) -> list[Spot]:
    """The tables that a small workbook has."""
    return [
        Spot(Total, "Home", [], row=5, col=1),
        ledger,
        Spot(Payer, "Payers", [{"payer": "0001", "name": "Ann", "collection_allowed": "Ja", "limit_minor": 1000}]),
        Spot(Setting, "Config", SETTINGS, row=3, col=0),
        Spot(Currency, "Config", [{"currency": "USD", "rate": 0.92}], row=3, col=6),
    ]


def make(path: Path, placed: list[Spot] | None = None, *, schema: str | None = SCHEMA, leave_out: str = "", date1904: bool = False) -> Path:
    """A workbook with these tables, their names, and a user's own things on every sheet."""
    with xlsxwriter.Workbook(path, {"date_1904": date1904}) as book:
        formats = {"day": book.add_format({"num_format": 14}), "money": book.add_format({"num_format": "#,##0.00", "bg_color": "#FFFFCC"})}
        bold = book.add_format({"bold": True})
        for spot in placed or spots():
            sheet = book.get_worksheet_by_name(spot.sheet) or book.add_worksheet(spot.sheet)
            _table(book, sheet, spot, formats, leave_out)
        home = book.get_worksheet_by_name("Home")
        if home:
            home.write_string(0, 1, "–", bold)
            book.define_name("dunning.home.as_of", "=Home!$B$1")
            home.write_formula(1, 1, "=COUNTA(Home!Z1:Z9)", bold, 0)
            book.define_name("dunning.home.open_lines", "=Home!$B$2")
            book.define_name("dunning.home.new_cell", "=Home!$B$3")
            home.write_string(6, 12, "beside the table")
            home.insert_textbox(20, 14, "a user's text box")
        ledger = next((s for s in placed or spots() if s.model is AssessedItem), None)
        if ledger:
            _own_things(book, ledger, bold)
        own = book.add_worksheet("Mine")
        own.write_column(0, 0, range(1, 10))
        own.write_formula(0, 3, "=SUM(A1:A9)", None, 45)
        own.conditional_format("A1:A9", {"type": "data_bar"})
        own.write_comment("A1", "mine")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=Mine!$A$1:$A$9"})
        own.insert_chart("F2", chart)
        if schema is not None:
            book.define_name("dunning.schema", f'="{schema}"')
    _add_parts(path)
    return path


def _table(book: Any, sheet: Any, spot: Spot, formats: dict[str, Any], leave_out: str) -> None:
    """One table with its cells, and the names of its header cells."""
    ours, last = table(spot.model), spot.row + max(len(spot.rows), 1)
    headers = [{"header": spot.titles.get(name, name)} for name in spot.order]
    if TWICE in spot.order:
        headers[spot.order.index(TWICE)]["formula"] = f"={ours.excel_name}[[#This Row],[level]]*2"
    sheet.add_table(spot.row, spot.col, last, spot.col + len(spot.order) - 1, {"name": ours.excel_name, "columns": headers, **spot.options})
    for number, row in enumerate(spot.rows, spot.row + 1):
        for name, value in row.items():
            at = spot.column(name)
            if isinstance(value, date):
                sheet.write_datetime(number, at, datetime(value.year, value.month, value.day), formats["day"])
            elif isinstance(value, str) and value.startswith("=") and name not in {c.name for c in columns(spot.model)}:
                sheet.write_formula(number, at, value, None, 0)
            elif isinstance(value, str) and value.startswith("#"):
                sheet.write_formula(number, at, "=NA()", None, value)
            elif isinstance(value, str):
                sheet.write_string(number, at, value)
            else:
                sheet.write(number, at, value, formats["money"] if name.endswith("_minor") else None)
    for c in columns(spot.model):
        if ours.cell_name(c) != leave_out:
            cell = xl_rowcol_to_cell(spot.row, spot.column(c.name), row_abs=True, col_abs=True)
            book.define_name(ours.cell_name(c), f"={quote_sheetname(spot.sheet)}!{cell}")


def _own_things(book: Any, ledger: Spot, bold: Any) -> None:
    """On the sheet of the ledger: formats and validations over the table, a row height, cells beside the table, a comment."""
    sheet, last = book.get_worksheet_by_name(ledger.sheet), ledger.row + max(len(ledger.rows), 1)
    money, level = ledger.column("open_minor"), ledger.column("level")
    beside = ledger.col + len(ledger.order) + 1
    sheet.conditional_format(ledger.row + 1, money, last, money, {"type": "cell", "criteria": "<", "value": 0, "format": bold})
    sheet.data_validation(ledger.row + 1, level, last, level, {"validate": "integer", "criteria": ">=", "value": 0})
    sheet.set_row(ledger.row + 1, 33)
    sheet.write_string(ledger.row + 2, beside, "stays in its row")
    sheet.write_formula(ledger.row + 2, beside + 1, "=1+1", None, 2)
    sheet.write_comment(ledger.row, money, "a comment")


def _add_parts(path: Path) -> None:
    """Parts that XlsxWriter does not write: unknown ones, and the order in which Excel last computed."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    override = b'<Override PartName="/xl/calcChain.xml" ContentType="' + kind + b'"/></Types>'
    purpose = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    relation = b'<Relationship Id="rId999" Type="' + purpose + b'" Target="calcChain.xml"/></Relationships>'
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", override)
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(b"</Relationships>", relation)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in (parts | UNKNOWN | {"xl/calcChain.xml": CHAIN}).items():
            new.writestr(name, content)


def edited(path: Path, part: str, old: str, new: str) -> Path:
    """The workbook with a text of one part replaced; for what XlsxWriter cannot write."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    assert old.encode() in parts[part], old
    parts[part] = parts[part].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path
