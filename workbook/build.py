"""Makes a new workbook from the registry of tables: the same input gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.metadata import version
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.utility import quote_sheetname, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from rules import model
from rules.errors import WorkbookError
from rules.row import Language, Row, columns, empty
from rules.words import text
from workbook.build_home import about, about_rows, home
from workbook.build_table import Site, in_formula, list_name, setting_rules, texts_stored, write_table
from workbook.cells import fitted
from workbook.look import NAVY, Look, width
from workbook.settings import setting_rows
from workbook.shell import Macros, add_texts
from workbook.tables import CONFIG, SCHEMA, TABLES, Table

CREATED = datetime(2026, 1, 1)  # fixed, so that two builds are equal
TABS = {"home": NAVY, "ledger": "#2E75B6", "payers": "#2E75B6", "proposal": "#548235", "proposal_lines": "#548235", "collection": "#548235",
        "history": "#7F7F7F", "findings": "#BF8F00", "config": "#C9B458", "about": "#7F7F7F"}  # fmt: skip
KEYS = frozenset({"company", "payer", "payer_name", "name", "document", "plan"})  # columns that stay in sight
READABLE = 240  # characters across a printed page; a wider table goes over several, with its keys repeated
CONFIG_HEADINGS = 3  # row of the headings on Config, counted from 0


def build(path: Path, language: Language, frames: dict[type[Row], pd.DataFrame], macros: Macros | None = None) -> None:
    """Writes the workbook at `path` with the given rows, and with `macros` (then as .xlsm).

    Raises WorkbookError when there is a file already, no folder, or no right to write there.
    """
    try:
        if path.exists():
            raise WorkbookError(f"{path} exists already and is not overwritten. Choose another name, or move the file away.")
        if not path.parent.is_dir():
            raise WorkbookError(f"The folder {path.parent} does not exist. Make it first, or choose another place for {path.name}.")
        with TemporaryDirectory(prefix=".dunning-", dir=path.parent) as unfinished:
            made = Path(unfinished) / path.name
            _write(made, language, frames, macros)
            if macros:
                made.write_bytes(macros.finished(made.read_bytes()))
            made.replace(path)
    except (FileCreateError, OSError) as refused:
        raise WorkbookError(f"{path} could not be written ({refused}). Choose a folder in which you may write, or a shorter name.") from None


def _write(path: Path, language: Language, given: dict[type[Row], pd.DataFrame], macros: Macros | None) -> None:
    facts = {"schema": SCHEMA, "program": version("dunning"), "language": language}
    given = {model.Setting: setting_rows(model.Settings(language=language))} | given
    given = given | {model.About: about_rows(given.get(model.About, empty(model.About)), facts)}
    frames = {t.model: _fitted(given.get(t.model, empty(t.model)), t, language) for t in TABLES}
    settings = frames[model.Setting].set_index("setting")["value"]
    with Workbook(str(path), {"in_memory": True}) as book:
        book.set_properties({"title": "Dunning", "author": str(settings.get("company_name", "")), "created": CREATED})
        book.set_size(2400, 1500)
        site = Site(book, Look(book), language, frames, str(settings.get("company_currency", "EUR")))
        for key, tables in _by_sheet().items():
            _sheet(site, key, tables, path.name, macros.buttons if macros else {})
        for placed in TABLES:
            if name := _listed(placed):
                site.define(name, in_formula(placed.model, columns(placed.model)[0].name, language))
        site.define("dunning.schema", f'"{SCHEMA}"')
        if macros:
            _carry(book, macros)


def _carry(book: Workbook, macros: Macros) -> None:
    """The macros, their texts on a sheet that only VBA can show, and the code names by which VBA knows the sheets."""
    names = ["sh" + key.title().replace("_", "") for key in _by_sheet()]
    for sheet, name in zip(book.worksheets(), names, strict=True):
        sheet.set_vba_name(name)
    shown = add_texts(book, macros.texts)
    shown.very_hidden()
    book.set_vba_name("ThisWorkbook")
    book.add_vba_project(io.BytesIO(macros.project([*names, shown.get_name()])), is_stream=True)


def _fitted(frame: pd.DataFrame, placed: Table, language: Language) -> pd.DataFrame:
    """The rows as the workbook holds them; WorkbookError when they would not be read again."""

    def where(row: int, name: str) -> str:
        return f"{text(language, 'sheet', placed.sheet)}, {placed.excel_name}, row {row + 1}, {name}"

    return fitted(frame, placed.model, where, language)


def _by_sheet() -> dict[str, list[Table]]:
    found: dict[str, list[Table]] = {}
    for t in TABLES:
        found.setdefault(t.sheet, []).append(t)
    return found


def _listed(placed: Table) -> str:
    """The name of the list of the table's keys, when a column of another table refers to it."""
    refers = {c.refers for t in (*(t.model for t in TABLES), model.Settings) for c in columns(t)}
    return list_name(placed.model.__name__) if placed.model.__name__ in refers else ""


def _sheet(site: Site, key: str, tables: list[Table], book_name: str, buttons: Mapping[str, str]) -> None:
    sheet = site.book.add_worksheet(site.word("sheet", key))
    if key in TABS:
        sheet.set_tab_color(TABS[key])
    if all(t.dormant for t in tables):
        sheet.hide()
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&L&8&F  ·  &A&R&8" + site.word("cell", "page", page="&P", pages="&N"))
    if key == "config":
        _config(site, sheet)
        return
    sheet.fit_to_pages(1, 0)
    if key == "home":
        home(site, sheet, book_name, buttons)
        sheet.activate()
        return
    if key == "about":
        about(site, sheet, book_name)
    else:
        write_table(site, sheet, tables[0])
        frozen, wide = _frozen(tables[0]), sum(width(c, site.language) for c in columns(tables[0].model))
        sheet.freeze_panes(1, frozen)
        if wide > READABLE:
            sheet.fit_to_pages(ceil(wide / READABLE), 0)
            sheet.repeat_columns(0, frozen - 1)
    sheet.set_row(0, 34)
    sheet.repeat_rows(0)
    sheet.ignore_errors({"number_stored_as_text": texts_stored(tables[0])})


def _frozen(placed: Table) -> int:
    """How many columns stay in sight: those up to the last of the keys that stand at the left."""
    names = [c.name for c in columns(placed.model)[:7]]
    return max((at for at, name in enumerate(names, 1) if name in KEYS), default=1)


def _config(site: Site, sheet: Worksheet) -> None:
    """The rule tables side by side: title and links, titles, explanations, headings, rows."""
    look, here = site.look, quote_sheetname(sheet.get_name())
    sheet.set_row(0, 26)
    sheet.set_row(2, 42)
    sheet.set_row(CONFIG_HEADINGS, 34)
    starts = dict(_starts())
    stored: list[str] = []
    for placed, first in starts.items():
        after = write_table(site, sheet, placed, CONFIG_HEADINGS, first, filters=False)
        sheet.write_string(1, first, site.word("config", placed.key), look.heading())
        explanation = look.words(10, text_wrap=True, valign="top")
        sheet.merge_range(2, first, 2, after - 1, site.word("table", placed.key), explanation)
        sheet.set_column(after, after, 3, None, {"hidden": placed.dormant})
        stored.append(texts_stored(placed, CONFIG_HEADINGS, first))
        if placed.model is model.Setting:
            setting_rules(site, sheet, CONFIG_HEADINGS + 1, first + [c.name for c in columns(placed.model)].index("value"))
    sheet.ignore_errors({"number_stored_as_text": " ".join(stored)})
    sheet.write_string(0, 0, site.word("sheet", "config"), look.words(16, bold=True, font_color=NAVY))
    shown = [t for t in CONFIG if not t.dormant]
    for at, placed in enumerate(shown[1:]):
        col = [1, 2, 3][at] if at < 3 else starts[shown[1]] + at - 3
        sheet.write_url(0, col, f"internal:{here}!{xl_rowcol_to_cell(1, starts[placed])}", look.link(), site.word("config", placed.key))
    sheet.freeze_panes(CONFIG_HEADINGS + 1, 0)
    sheet.set_print_scale(60)
    sheet.set_v_pagebreaks([starts[t] for t in shown[1:]])
    sheet.repeat_rows(0, CONFIG_HEADINGS)


def _starts() -> Iterator[tuple[Table, int]]:
    """First column of each table on Config, a narrow empty column between them."""
    first = 0
    for placed in CONFIG:
        yield placed, first
        first += len(columns(placed.model)) + 1
