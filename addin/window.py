"""The window of the envelope: whose address is longer than it."""

from __future__ import annotations

import pandas as pd

from letter_templates.document import WINDOW_LINES, lines_in_window
from rules.findings import Finding
from rules.model import Payer, Severity
from rules.row import to_rows
from rules.standing import payer_key, positions
from workbook.book import Book


def beyond_window(book: Book, addressed: pd.DataFrame) -> list[Finding]:
    """One finding about the payers of `addressed` (columns company, payer) whose address would push the text of their letters down."""
    payers, settings = book.read(Payer), book.settings()
    mine = payers[positions(payer_key(payers), payer_key(addressed)) >= 0]
    lines = {at: lines_in_window(payer, settings) for at, payer in zip(mine.index, to_rows(mine, Payer), strict=True)}
    long = [at for at, needed in lines.items() if needed > WINDOW_LINES]
    if not long:
        return []
    worst = max(long, key=lambda at: lines[at])
    values = {"count": len(long), "payer": payers["payer"][worst], "lines": lines[worst], "room": WINDOW_LINES}
    return [Finding("address_long", Severity.WARNING, place=book.place(Payer, int(worst), "address"), values=values)]
