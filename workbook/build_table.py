"""One table on its sheet: headings with their comments and names, cells, dropdowns and bounds, marks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import quote_sheetname, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from rules import model
from rules.row import Column, Kind, Language, Row, columns
from rules.words import help_text, shown, text
from workbook.cells import Cells, Flag, written
from workbook.look import Look, width
from workbook.marks import marks
from workbook.tables import CONFIG, NAMES, Table, table

PROMPT, TITLE, ERROR = 255, 32, 225  # characters that Excel allows in an input message, its title, an error message
ANY_NUMBER = 10**13
LAST_ROW = 1048576


@dataclass(frozen=True)
class Site:
    """The workbook being built, as every part of the builder needs it."""

    book: Workbook
    look: Look
    language: Language
    frames: dict[type[Row], pd.DataFrame]
    company_currency: str

    def word(self, section: str, key: str, **values: object) -> str:
        """A text of the catalogue."""
        return text(self.language, section, key, **values)

    def name(self, name: str, sheet: Worksheet, row: int, col: int) -> None:
        """A hidden defined name for one cell."""
        self.define(name, f"{quote_sheetname(sheet.get_name())}!{xl_rowcol_to_cell(row, col, row_abs=True, col_abs=True)}")

    def define(self, name: str, formula: str) -> None:
        """A hidden defined name."""
        self.book.define_name(name, f"={formula}")
        self.book.defined_names[-1][3] = True  # XlsxWriter has the attribute, but no parameter for it


def in_formula(row: type[Row], column: str, language: Language) -> str:
    """The column as a formula names it: `tblLedger[Due date]`."""
    title = next(c.titles[language] for c in columns(row) if c.name == column)
    return f"{table(row).excel_name}[{''.join(chr(39) + ch if ch in '[]#' + chr(39) else ch for ch in title)}]"


def list_name(refers: str) -> str:
    """The hidden defined name behind a dropdown: `dunning.list.methods`."""
    return f"dunning.list.{NAMES[getattr(model, refers)]}"


def write_table(site: Site, sheet: Worksheet, placed: Table, row: int = 0, first: int = 0, *, filters: bool = True) -> int:
    """Writes the table with its headings at `row`, from column `first` on; answers the column after it. An empty table has one blank row."""
    cells, frame = columns(placed.model), site.frames[placed.model]
    content = written(frame, placed.model, site.language, site.company_currency)
    last_row, last = row + max(len(frame), 1), first + len(cells) - 1
    titles = [{"header": c.titles[site.language], "header_format": site.look.header(c, c.name in placed.typed)} for c in cells]
    sheet.add_table(row, first, last_row, last, {"name": placed.excel_name, "columns": titles, "style": None, "autofilter": filters})
    for at, c in enumerate(cells, first):
        typed = c.name in placed.typed
        site.name(placed.cell_name(c), sheet, row, at)
        note = explained(site, c, typed)
        sheet.write_comment(row, at, note, {"author": "dunning", "x_scale": 2.0, "y_scale": max(1.0, len(note) / 110), "font_size": 9})
        hidden = placed.dormant and placed in CONFIG
        sheet.set_column(at, at, width(c, site.language), site.look.below(c), {"hidden": hidden})
        _write_cells(sheet, row + 1, at, content[c.name], site.look.cell(c, typed))
        if typed and placed.model is not model.Setting:
            sheet.data_validation(row + 1, at, last_row, at, validation(site, c))
    place = {c.name: (at, c) for at, c in enumerate(cells, first)}
    for mark in marks(placed, site.language):
        at, seen = place[mark.column][0], xl_rowcol_to_cell(row + 1, place[mark.seen][0], col_abs=True)
        rule = {"type": "formula", "criteria": "=" + mark.test.format(cell=seen), "format": site.look.format(**mark.style)}
        sheet.conditional_format(row + 1, at, last_row, at, rule)
    return last + 1


def _write_cells(sheet: Worksheet, row: int, col: int, cells: Cells, style: Format) -> None:
    for at, value in enumerate(cells.text.to_pylist() or [None], row):
        if value is None:
            sheet.write_blank(at, col, None, style)
        elif cells.number:
            sheet.write_number(at, col, float(value), style)
        else:
            sheet.write_string(at, col, value, style)


def texts_stored(placed: Table, row: int = 0, first: int = 0) -> str:
    """The ranges in which a number stored as text is meant: ids keep their zeros."""
    stored = [at for at, c in enumerate(columns(placed.model), first) if c.kind in (Kind.ID, Kind.TEXT, Kind.CODE)]
    return " ".join(f"{xl_rowcol_to_cell(row + 1, at)}:{xl_rowcol_to_cell(LAST_ROW - 1, at)}" for at in stored)


def bounds(site: Site, column: Column) -> str:
    """The bounds of a number in words; "" when there are none."""
    if column.minimum is None:
        return ""
    if column.maximum is None:
        return site.word("cell", "at_least", least=column.minimum)
    return site.word("cell", "between", least=column.minimum, most=column.maximum)


def facts(site: Site, column: Column) -> list[str]:
    """What there is to know about a column, the most needed first: help, bounds, unit, whether it must be filled."""
    found = [help_text(site.language, column.help), bounds(site, column)]
    if column.unit:
        found.append(site.word("cell", "unit", unit=site.word("cell", "unit_" + column.unit.replace(" ", "_"))))
    if column.required and column.kind in (Kind.ID, Kind.TEXT, Kind.CODE):
        found.append(site.word("cell", "required"))
    return [f for f in found if f]


def explained(site: Site, column: Column, typed: bool) -> str:
    """The comment on a heading."""
    return "\n".join([*facts(site, column), site.word("cell", "person" if typed else "program")])


def prompt(site: Site, column: Column) -> dict[str, Any]:
    """The message that Excel shows beside a selected cell."""
    message = ""
    for fact in facts(site, column):
        if len(message) + len(fact) < PROMPT:
            message = f"{message} {fact}".strip()
    return {"input_title": column.titles[site.language][:TITLE], "input_message": message}


def validation(site: Site, column: Column) -> dict[str, Any]:
    """What a cell of the column accepts, with its dropdown, its message and its error."""
    rule, wrong = _accepted(site, column)
    return rule | prompt(site, column) | {"error_title": column.titles[site.language][:TITLE], "error_message": wrong[:ERROR]}


def _accepted(site: Site, column: Column) -> tuple[dict[str, Any], str]:
    if column.refers:
        where = site.word("config", NAMES[getattr(model, column.refers)]) if column.refers != "Plan" else site.word("sheet", "plans")
        return {"validate": "list", "source": "=" + list_name(column.refers)}, site.word("cell", "wrong_reference", table=where)
    listed, word = list(column.choices), Flag if column.kind is Kind.FLAG else column.word
    if word:
        listed = [shown(site.language, m) for m in word]
    if listed:
        return {"validate": "list", "source": listed}, site.word("cell", "wrong_pick")
    if column.kind is Kind.DAY:
        span = {"minimum": date(1990, 1, 1), "maximum": date(2199, 12, 31)}
        return {"validate": "date", "criteria": "between"} | span, site.word("cell", "wrong_day")
    if column.kind in (Kind.INT, Kind.MONEY, Kind.DECIMAL):
        least = -ANY_NUMBER if column.minimum is None else column.minimum
        most = ANY_NUMBER if column.maximum is None else column.maximum
        kind = "integer" if column.kind is Kind.INT else "decimal"
        wrong = site.word("cell", "wrong_number", bounds=bounds(site, column)).strip()
        return {"validate": kind, "criteria": "between", "minimum": least, "maximum": most}, wrong
    return {"validate": "any"}, ""


def setting_rules(site: Site, sheet: Worksheet, row: int, col: int) -> None:
    """Message and dropdown of each value in the table of settings, whose rows are all known."""
    known = {c.name.removesuffix("_minor"): c for c in columns(model.Settings)}
    for at, name in enumerate(site.frames[model.Setting]["setting"], row):
        c = known[name.removesuffix("_minor")]
        listed = bool(c.refers or c.choices)
        sheet.data_validation(at, col, at, col, validation(site, c) if listed else {"validate": "any"} | prompt(site, c))
