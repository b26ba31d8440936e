"""What the lines above the headings say of the whole export: its currency and its as-of date."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

from workbook.ledgers import dates
from workbook.ledgers.headings import money
from workbook.ledgers.table import Table
from workbook.ledgers.words import CURRENCIES

CURRENCY = r"(?:\b(?i:currency|devise|monnaie|w[aä]hrung)\b[^A-Za-z]*|[-–,(]\s*|\b(?:in|en)\s+)([A-Z]{3})\)?\s*$"
AS_OF = (
    r"(?i)(?:as (?:of|at)|(?:arr[eê]t[eé]e?|situation|situ[eé])\s+(?:au|le)|stichtag|open (?:at|on) key date|zum)\s*:?\s*"
    r"(?P<day>\w+\.? [0-9]{1,2}, ?[0-9]{4}|[0-9]{1,2}\.? [^\W\d]+\.? [0-9]{4}|[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{2,4})"
)


def stated_currency(table: Table) -> str:
    """The currency that the heading of the amounts names, else the title or a line above the headings; "" when none or several do."""
    amount = next((table.heading(field) for field in ("open_minor", "debit", "credit", "original_minor") if field in table.columns), "")
    return money(amount)[1] or currency_in([table.grid.sheet, *table.grid.lines_above(table.top)])


def currency_in(lines: list[str]) -> str:
    """The currency that some lines of text name; "" when none or several do."""
    found = {m[1] for line in lines for m in [re.search(CURRENCY, line)] if m and m[1] in CURRENCIES}
    return found.pop() if len(found) == 1 else ""


def stated_as_of(table: Table, order: str, as_of: date) -> date | None:
    """The day of which a line above the headings says that the export is; None when none says so or the day can be read two ways."""
    for line in table.grid.lines_above(table.top):
        if match := re.search(AS_OF, line):
            text = pd.Series([match["day"]], dtype="str")
            proved = dates.proved(match["day"])
            parts = re.findall("[0-9]+", match["day"])
            if len(parts) == 3 and len(parts[0]) < 4 and not proved and not order and parts[0] != parts[1]:
                return None
            day = dates.read({"day": text}, {"day": ""}, said=proved[0] if proved else order or "dmy", as_of=as_of, sheet=False)["day"].days[0]
            return None if pd.isna(day) else day.date()
    return None
