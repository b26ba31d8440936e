"""How the workbook looks: palette, cell formats and column widths; quiet, readable, and no state told by colour alone.

Pale yellow with a border is for people to fill, light grey is written by the program, white is for reading, navy is for headings and links.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from rules.row import Column, Kind, Language
from rules.words import shown

NAVY, INK, GREY, RULE, WHITE = "#1F3864", "#222B36", "#5F6B7A", "#DDE2E9", "#FFFFFF"
INPUT, INPUT_EDGE, CALCULATED, CARD = "#FFFBE5", "#D8C88A", "#F4F5F7", "#EDF1F7"
AMBER, AMBER_INK, RED, RED_INK, GREEN, GREEN_INK = "#FDF1D8", "#7A4F00", "#FBE6E4", "#9B1C1C", "#E5F1E6", "#1F5B2A"

NUMBERS: dict[Kind, str | int] = {
    Kind.ID: "@", Kind.TEXT: "@", Kind.CODE: "@", Kind.FLAG: "@", Kind.MONEY: "#,##0.00", Kind.DAY: 14, Kind.INT: "0", Kind.DECIMAL: "0.00####",
}  # fmt: skip
LEFT, CENTRE, RIGHT = {"align": "left", "indent": 1}, {"align": "center"}, {"align": "right", "indent": 1}
ALIGNED: dict[Kind, dict[str, Any]] = {
    Kind.ID: LEFT, Kind.TEXT: LEFT, Kind.CODE: LEFT, Kind.FLAG: CENTRE, Kind.MONEY: RIGHT, Kind.DAY: CENTRE, Kind.INT: CENTRE, Kind.DECIMAL: RIGHT,
}  # fmt: skip
MONEY_BY_DECIMALS = {0: "#,##0", 3: "#,##0.000", 4: "#,##0.0000"}

WIDTHS = {Kind.ID: 15, Kind.TEXT: 26, Kind.CODE: 14, Kind.MONEY: 15, Kind.DAY: 12, Kind.INT: 9, Kind.DECIMAL: 11, Kind.FLAG: 9}
WIDTHS_OF = {
    "run": 18, "company": 10, "currency": 9, "country": 8, "language": 10, "region": 9, "instalment": 9, "postal_code": 10, "terms": 11, "reason": 80,
    "sha256": 68, "text": 100, "warning": 60, "help": 78, "entry": 7, "place": 30, "address": 34, "setting": 24, "value": 34,
}  # fmt: skip
BUTTON = 3  # characters that the button of a filter or a dropdown takes


def width(column: Column, language: Language) -> float:
    """Characters of the column: enough for its kind, each word of its list, the longest word of its heading, and the heading in two lines."""
    title = column.titles[language]
    listed = [shown(language, member) for member in column.word] if column.word else column.choices
    longest = max(map(len, listed), default=0) + BUTTON
    return max(WIDTHS_OF.get(column.name, WIDTHS[column.kind]), longest, max(map(len, title.split())) + BUTTON, len(title) / 2 + BUTTON)


@dataclass
class Look:
    """The formats of one workbook being built; the same wish gives the same format."""

    book: Workbook
    made: dict[str, Format] = field(default_factory=dict[str, Format])

    def format(self, **wish: Any) -> Format:
        """The format with exactly these properties of XlsxWriter."""
        key = repr(sorted(wish.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format(wish)
        return self.made[key]

    def cell(self, column: Column, typed: bool) -> Format:
        """A cell of a table."""
        wish: dict[str, Any] = {"num_format": NUMBERS[column.kind], "font_color": INK}
        if typed:
            wish |= {"bg_color": INPUT, "border": 1, "border_color": INPUT_EDGE, "locked": False}
        else:
            wish |= {"bg_color": CALCULATED, "bottom": 1, "bottom_color": RULE}
        return self.format(**wish, **ALIGNED[column.kind])

    def below(self, column: Column) -> Format:
        """The rest of the column, where rows are still to come: the number format alone."""
        return self.format(num_format=NUMBERS[column.kind])

    def header(self, column: Column, typed: bool) -> Format:
        """The heading of a column; a yellow edge beneath says that people fill it."""
        edge = {"bottom": 5, "bottom_color": INPUT_EDGE} if typed else {"bottom": 5, "bottom_color": NAVY}
        return self.format(bold=True, font_color=WHITE, bg_color=NAVY, text_wrap=True, valign="vcenter", **edge, **ALIGNED[column.kind])

    def words(self, size: float = 11, **wish: Any) -> Format:
        """Running text outside the tables."""
        return self.format(**({"font_size": size, "font_color": INK, "valign": "vcenter"} | wish))

    def heading(self) -> Format:
        """A heading on Home, Config and About."""
        return self.words(13, bold=True, font_color=NAVY)

    def link(self) -> Format:
        """A link to another place of the workbook."""
        return self.words(font_color=NAVY, underline=1)

    def command(self) -> Format:
        """A line to type in a terminal."""
        return self.words(10, font_name="Consolas", bg_color=CALCULATED, indent=1)
