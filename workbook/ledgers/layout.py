"""What was found about the form of an export, so that a person can confirm it in one sentence and a source can be remembered."""

from __future__ import annotations

from dataclasses import dataclass, field

from rules.row import Language
from rules.words import text
from workbook.ledgers.synonyms import SYNONYMS

UNUSED = ("level", "last_reminder")  # found but not read: findings say so


@dataclass(frozen=True)
class Layout:
    """`header_row` as the user sees it; `fields`: our field -> heading in the file; `date_orders`: heading -> dmy, mdy or ymd where it mattered;
    `system`: what wrote it, "" where no profile knows it. A field without heading stands in rows of its own.
    """

    file: str
    container: str
    encoding: str
    separator: str
    sheet: str
    header_row: int
    fields: dict[str, str] = field(default_factory=dict[str, str])
    date_orders: dict[str, str] = field(default_factory=dict[str, str])
    decimal_mark: str = ""
    system: str = ""

    def sentence(self, language: Language = "en") -> str:
        """The form of the export in a sentence or two: where the table stands, which heading is which field, how dates and amounts are read."""
        if self.sheet:
            said = [text(language, "layout", "sheet", file=self.file, sheet=self.sheet, row=self.header_row)]
        else:
            form = "text" if self.separator else "page" if "html" in self.container else "printed" if self.container == "list" else "xml"
            separator = text(language, "layout", "tab") if self.separator == "\t" else self.separator
            said = [text(language, "layout", form, file=self.file, encoding=self.encoding, separator=separator, row=self.header_row)]
        if self.system:
            said[0] = f"{self.system}. {said[0]}"
        shown = [(name, self.fields[name] or text(language, "layout", "section")) for name in SYNONYMS if name in self.fields and name not in UNUSED]
        said.append(text(language, "layout", "fields", fields=", ".join(f"{text(language, 'layout', name)} = {heading}" for name, heading in shown)))
        if self.date_orders:
            said.append(text(language, "layout", "dates", order=text(language, "layout", next(iter(self.date_orders.values())))))
        if self.decimal_mark:
            said.append(text(language, "layout", "comma" if self.decimal_mark == "," else "point"))
        return " ".join(said)
