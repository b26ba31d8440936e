"""The sheets Home and About: where things stand, what to do next, where to look, how to verify."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from xlsxwriter.utility import quote_sheetname
from xlsxwriter.worksheet import Worksheet

from rules import model
from rules.model import AssessedItem, Decision, Event, Proposal, ProposalState, Setting
from rules.words import shown
from workbook.build_table import Site, in_formula, write_table
from workbook.look import AMBER, AMBER_INK, CARD, GREY, NAVY, WHITE
from workbook.tables import TABLES, table

LAST = 8  # last column of the page; the links stand to its right
FACTS = {"as_of": 1, "last_import": 3, "last_run": 6}
STEPS = {
    "import": "dunning import {book} {export}",
    "propose": "dunning propose {book}",
    "review": "dunning review {book} --send all",
    "issue": "dunning issue {book}",
}


def figures(site: Site) -> dict[str, str]:
    """The counts on Home and their formulas; "" where counting different things would make Excel slow, so that the commands fill it."""

    def held(decision: Decision) -> str:
        return (
            f'COUNTIFS({at(Proposal, "decision")},"{shown(site.language, decision)}",'
            f'{at(Proposal, "state")},"{shown(site.language, ProposalState.OPEN)}")'
        )

    def at(row: type[model.Row], column: str) -> str:
        return in_formula(row, column, site.language)

    return {
        "open_lines": f'COUNTIF({at(AssessedItem, "document")},"?*")',
        "overdue_lines": f'COUNTIFS({at(AssessedItem, "days_overdue")},">0",{at(AssessedItem, "open_minor")},">0")',
        "overdue_payers": "",
        "due_lines": "+".join(f'COUNTIF({at(AssessedItem, "reason_code")},"{why}")' for why in model.REMINDED),
        "to_review": held(Decision.OPEN),
        "to_send": held(Decision.SEND),
        "held": held(Decision.HOLD),
        "letters": "",
    }


def counted(site: Site) -> dict[str, int]:
    """What the figures are for the rows the workbook is built with."""
    ledger, proposals, history = (site.frames[m] for m in (AssessedItem, Proposal, model.HistoryEntry))
    overdue = ledger[(ledger["days_overdue"] > 0) & (ledger["open_minor"] > 0)]
    decided = proposals.loc[proposals["state"].astype(str) == ProposalState.OPEN, "decision"].astype(str)
    letters = history[history["event"].astype(str) == Event.LETTER]
    return {
        "open_lines": int((ledger["document"] != "").sum()),
        "overdue_lines": len(overdue),
        "overdue_payers": len(overdue.drop_duplicates(["company", "payer"])),
        "due_lines": int(ledger["reason_code"].astype(str).isin([str(why) for why in model.REMINDED]).sum()),
        "to_review": int((decided == Decision.OPEN).sum()),
        "to_send": int((decided == Decision.SEND).sum()),
        "held": int((decided == Decision.HOLD).sum()),
        "letters": int(letters["letter"].nunique()),
    }


def home(site: Site, sheet: Worksheet, book_name: str, buttons: Mapping[str, str]) -> None:
    """Fills the sheet Home, with a button for each macro; the table of totals is the last thing on it, so that it can grow."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 4)
    bottom = _steps(site, sheet, 12, book_name)
    sheet.write_string(bottom + 1, 1, site.word("home", "totals"), site.look.heading())
    write_table(site, sheet, table(model.Total), bottom + 2, 1, filters=False)
    sheet.set_column(1, LAST, 15)
    sheet.set_row(bottom + 2, 34)
    _head(site, sheet)
    _figures(site, sheet, 8)
    _links(site, sheet, 11, LAST + 2)
    _buttons(sheet, 11, buttons)


def _head(site: Site, sheet: Worksheet) -> None:
    look, language = site.look, site.language
    found = site.frames[Setting].set_index("setting")["value"].get("company_name", "")
    hint = site.word("home", "company")
    name = f'INDEX({in_formula(Setting, "value", language)},MATCH("company_name",{in_formula(Setting, "setting", language)},0))'
    sheet.set_row(1, 34)
    sheet.write_formula(1, 1, f'=IF({name}="","{hint}",{name})', look.words(20, bold=True, font_color=NAVY), found or hint)
    for col in range(1, LAST + 1):
        sheet.write_blank(2, col, None, look.words(bottom=2, bottom_color=NAVY))
    sheet.write_string(2, 1, site.word("home", "tagline"), look.words(11, font_color=GREY, bottom=2, bottom_color=NAVY))
    sheet.set_row(3, 8)
    for fact, col in FACTS.items():
        sheet.write_string(4, col, site.word("home", fact), look.words(9, font_color=GREY))
        sheet.write_string(5, col, "–", look.words(12, bold=True))  # a command puts its text here
        site.name(f"dunning.home.{fact}", sheet, 5, col)
    note = look.words(11, bold=True, font_color=AMBER_INK)
    sheet.write_blank(6, 1, None, note)
    site.name("dunning.home.journal_note", sheet, 6, 1)
    shade = {"type": "formula", "criteria": "=LEN($B$7)>0", "format": look.format(bg_color=AMBER)}
    sheet.conditional_format(6, 1, 6, LAST, shade)


def _figures(site: Site, sheet: Worksheet, row: int) -> None:
    look, now = site.look, counted(site)
    sheet.write_string(row - 1, 1, site.word("home", "figures"), look.heading())
    edge = {"bg_color": CARD, "right": 5, "right_color": WHITE, "indent": 1, "align": "left"}
    sheet.set_row(row, 30)
    sheet.set_row(row + 1, 30)
    for col, (name, formula) in enumerate(figures(site).items(), 1):
        sheet.write_string(row, col, site.word("home", name), look.words(9, font_color=GREY, text_wrap=True, **edge))
        style = look.words(18, bold=True, font_color=NAVY, num_format="#,##0", **edge)
        if formula:
            sheet.write_formula(row + 1, col, "=" + formula, style, now[name])
        else:
            sheet.write_number(row + 1, col, now[name], style)
        site.name(f"dunning.home.{name}", sheet, row + 1, col)


def _steps(site: Site, sheet: Worksheet, row: int, book_name: str) -> int:
    look = site.look
    sheet.write_string(row - 1, 1, site.word("home", "steps"), look.heading())
    named = f'"{book_name}"' if " " in book_name else book_name
    for number, (step, command) in enumerate(STEPS.items(), 1):
        sheet.write_number(row, 0, number, look.words(11, bold=True, font_color=WHITE, bg_color=NAVY, align="center"))
        sheet.write_string(row, 1, site.word("home", f"step_{step}"), look.words(indent=1))
        sheet.write_string(row + 1, 1, command.format(book=named, export=site.word("home", "export")), look.command())
        for col in range(2, LAST + 1):
            sheet.write_blank(row + 1, col, None, look.command())
        sheet.set_row(row, 20)
        sheet.set_row(row + 1, 20)
        row += 2
    return row


def _buttons(sheet: Worksheet, row: int, buttons: Mapping[str, str]) -> None:
    """Beside the heading of the steps, two columns each; their macros ask before anything is written."""
    if buttons:
        sheet.set_row(row, 30)
    for at, (macro, caption) in enumerate(buttons.items()):
        place = {"width": 200, "height": 32, "x_offset": 4, "y_offset": 3}
        sheet.insert_button(row, 3 + 2 * at, {"macro": macro, "caption": caption, "description": caption} | place)


def _links(site: Site, sheet: Worksheet, row: int, col: int) -> None:
    sheet.set_column(col - 1, col - 1, 3)
    sheet.set_column(col, col, 26)
    sheet.write_string(row, col, site.word("home", "sheets"), site.look.heading())
    shown_at: dict[str, str] = {}
    for t in TABLES:
        if not t.dormant and t.sheet != "home":
            shown_at.setdefault(t.sheet, t.key)
    for at, (key, explained) in enumerate(shown_at.items(), row + 1):
        title = site.word("sheet", key)
        sheet.write_url(at, col, f"internal:{quote_sheetname(title)}!A1", site.look.link(), title, site.word("table", explained))


def about(site: Site, sheet: Worksheet, book_name: str) -> None:
    """Fills the sheet About: the table of facts, and beside it how to verify them."""
    sheet.hide_gridlines(2)
    after = write_table(site, sheet, table(model.About), filters=False)
    look, named = site.look, f'"{book_name}"' if " " in book_name else book_name
    sheet.set_column(after - 1, after - 1, 70)
    sheet.set_column(after, after, 3)
    sheet.set_column(after + 1, after + 1, 96)
    sheet.write_string(0, after + 1, site.word("home", "verify"), look.heading())
    sheet.write_string(1, after + 1, site.word("home", "verify_1"), look.words())
    sheet.write_string(2, after + 1, f"dunning verify {named}", look.command())
    for row in (3, 4, 5):
        sheet.write_string(row, after + 1, site.word("home", f"verify_{row - 1}"), look.words())


def about_rows(given: pd.DataFrame, facts: dict[str, str]) -> pd.DataFrame:
    """The rows of the table About: `facts`, then what was given beside them."""
    known = facts | {str(k): str(v) for k, v in zip(given["key"], given["value"], strict=True) if k not in facts}
    return pd.DataFrame({"key": list(known), "value": list(known.values())})
