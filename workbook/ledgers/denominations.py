"""Which currency each line is in: it names it in a column of its own, or beside its amount (100,00 USD); else it is assumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from workbook.ledgers import preamble
from workbook.ledgers.answers import Asked
from workbook.ledgers.table import Table
from workbook.ledgers.unclear import Choice, Unclear
from workbook.ledgers.whole import by_distinct, extremes, holds
from workbook.ledgers.words import CURRENCIES, SYMBOLS

DOLLAR, DOLLARS = "$", ("USD", "CAD", "AUD", "NZD", "SGD", "HKD")  # the sign that several currencies share
LAST_FIGURE = ord("9")


def named(
    raw: Mapping[str, pd.Series], heading: Callable[[str], str], index: pd.Index, currency: str, *, local: bool
) -> tuple[pd.Series, pd.Series]:  # fmt: skip
    """The code of the currency that each line names, "" for none, as it stands where it is no currency; and which lines name two.

    `raw`: field -> texts; `heading` of a field; `currency`: of lines that name none. `local`: a system that writes $ for any currency of a company.
    Raises Unclear for documents in dollars when `currency` is none of the dollars.
    """
    nothing = pd.Series("", index=index, dtype="str")
    own, beside = by_distinct(raw["currency"], lambda texts: texts.str.upper()) if "currency" in raw else nothing, nothing
    fields = ("open_minor",) if "open_minor" in raw else ("debit", "credit") if "debit" in raw else ("original_minor",)
    for field in fields:
        beside = beside.where(beside != "", beside_amounts(raw[field])) if field in raw else beside
    if not (own == DOLLAR).any() and not (beside != "").any():
        return codes(own), pd.Series(False, index=index)
    beside = beside.replace(DOLLAR, "") if local else beside
    of_any = (beside == DOLLAR) & (own == "") & (raw["document"] != "")
    if currency not in DOLLARS and of_any.any():
        field = next(f for f in fields if f in raw)
        raise Unclear(
            f'"{heading(field)}" is in dollars, such as {raw[field][of_any].iloc[0]}, and the export does not say in which. Say so.',
            "currency", tuple(Choice(code, code) for code in DOLLARS),
        )  # fmt: skip
    dollar = (own == DOLLAR) | ((beside == DOLLAR) & own.isin(["", *DOLLARS]))
    beside = beside.where(~dollar, own.where(own != "", DOLLAR)).replace(SYMBOLS)
    own = own.replace(SYMBOLS)
    two = (own != "") & (beside != "") & (own != beside)
    found = own.where(own != "", beside)
    return found.replace(DOLLAR, currency) if currency in DOLLARS else found, two


def beside_amounts(texts: pd.Series) -> pd.Series:
    """What the cells of a column of amounts say besides figures, where it is a currency: its code or its sign; "" where it is none."""
    none = pd.Series("", index=texts.index, dtype="str")
    if extremes(texts)[1] <= LAST_FIGURE and not holds(texts, b"$"):
        return none
    return by_distinct(texts.str.replace("[^A-Za-z€$£¥]+", "", regex=True), lambda said: said.map(_said))


def _said(letters: str) -> str:
    """The currency among the letters beside an amount, or ""."""
    return next((c for c in (letters[:3].upper(), letters[-3:].upper(), *letters) if c in CURRENCIES or c in (*SYMBOLS, DOLLAR)), "")


def codes(texts: pd.Series) -> pd.Series:
    """The cells of a column of currencies as ISO codes."""
    return by_distinct(texts, lambda distinct: distinct.str.upper().replace(SYMBOLS))


def assumed(table: Table, ledger: pd.Series, asked: Asked) -> str:
    """The currency of the lines (`ledger` is "" for them) that name none.

    Raises Unclear where amounts are in the company's currency and all documents are in others: then the workbook's may not be the company's.
    """
    said = asked.answers.currency or preamble.stated_currency(table)
    if said or "document_currency" not in table.columns or "currency" in table.columns:
        return said or asked.currency
    there = sorted(set(codes(table.texts("document_currency")[ledger == ""])))
    if not there or "" in there or asked.currency in there:
        return asked.currency
    choices = [Choice(asked.currency, f"{asked.currency}, the company currency of Config"), *(Choice(code, code) for code in there)]
    raise Unclear(
        f'"{table.heading("open_minor")}" holds amounts in the currency of the company that exported them, and its documents are in '
        f"{', '.join(there)}; the company currency on Config is {asked.currency}. Say which currency the amounts are in.",
        "currency", tuple(choices),
    )  # fmt: skip
