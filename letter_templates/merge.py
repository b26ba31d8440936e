"""The letters of a run as a table, for people who keep their own Word document for mail merge: a row per letter, a column per field."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from letter_templates.formats import clean

PLACES = 8  # columns for a list of texts, such as the lines of an address
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
FIGURES = re.compile(r"[-+]?[\d\s\u00a0\u202f.,’'()/-]*\d[\d\s\u00a0\u202f.,’'()/-]*%?")
Rows = list[dict[str, str]]


def merge_rows(contexts: Iterable[dict[str, Any]], beside: Iterable[dict[str, str]]) -> tuple[list[str], Rows]:
    """Headings and rows of the table: `beside` (file, e-mail …) first, then the single fields of each letter, `payer.name` as `payer_name`.

    A yes/no is `yes` or `no`; a list of texts takes eight columns; of the lines of a letter the table has their documents, separated by commas.
    """
    rows = [extra | dict(_flat(context, "")) for extra, context in zip(beside, contexts, strict=True)]
    return list(dict.fromkeys(name for row in rows for name in row)), rows


def _flat(context: dict[str, Any], before: str) -> Iterable[tuple[str, str]]:
    for name, value in context.items():
        if isinstance(value, bool):
            yield before + name, "yes" if value else "no"
        elif isinstance(value, str):
            yield before + name, clean(value)
        elif isinstance(value, dict):
            yield from _flat(value, f"{before}{name}_")
        elif name == "lines":
            yield "documents", ", ".join(clean(line["document"]) for line in value)
        elif before and all(isinstance(one, str) for one in value):
            shown = [*value[: PLACES - 1], ", ".join(value[PLACES - 1 :])]
            for number in range(PLACES):
                yield f"{before}{name.removesuffix('s')}_{number + 1}", clean(shown[number]) if number < len(shown) else ""


def as_csv(headings: Sequence[str], rows: Rows, separator: str) -> bytes:
    """The table as text for Excel and Word: UTF-8 with its mark, every value quoted, none that a spreadsheet would take for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([harmless(row.get(name, "")) for name in headings] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """`text` as it is, or after an apostrophe where a spreadsheet would compute it; amounts and phone numbers stay."""
    return f"'{text}" if text.startswith(RISKY) and not FIGURES.fullmatch(text) else text
