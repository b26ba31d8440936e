"""Ledgers of postings in several files: in the order of their years, each posting once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations

import numpy as np
import pandas as pd

from rules.errors import LedgerError
from workbook.ledgers import dates
from workbook.ledgers.posted import Book
from workbook.ledgers.postings import OPENING

YEAR = np.timedelta64(366, "D")
SAID = ("company", "posting_date", "account", "payer", "document", "debit", "credit", "amount", "side", "reference")


def by_year(books: Sequence[Book], *, letters_begin_again: bool = False) -> list[Book]:
    """The books in the order of their days, numbered by year; a part of a year without opening entries goes on with the year before.

    `letters_begin_again`: a later year has letters of its own even where its opening entries are missing. Raises LedgerError when two files hold the
    same postings, or the same days of one company.
    """
    refuse_repeated(books)
    spans = sorted(((_company(book), *_span(book), book) for book in books), key=lambda span: span[:3])
    made: list[Book] = []
    year, begins, before = 0, spans[0][1], ""
    for at, (company, first, last, book) in enumerate(spans):
        if at and company == before and spans[at - 1][1:3] == (first, last):
            names = f"{spans[at - 1][3].table.grid.file} and {book.table.grid.file}"
            raise LedgerError(f"{names} hold postings of the same days, {first:%Y-%m-%d} to {last:%Y-%m-%d}. Give each year once.")
        opens = (book.made["nature"] == OPENING).any()
        if company != before:
            year, begins, before = 0, first, company
        elif opens or (letters_begin_again and last - begins >= YEAR):
            year, begins = year + 1, first
        made.append(replace(book, year=year))
    return sorted(made, key=lambda book: book.year)


def refuse_repeated(books: Sequence[Book]) -> None:
    """Raise LedgerError when two files hold the same postings: of the days that both cover, most of those of one stand in the other as well."""
    if len(books) == 1:
        return
    known = [(book, pd.util.hash_pandas_object(said, index=False), said["posting_date"]) for book in books if len(said := _said(book))]
    for (one, left, days), (other, right, others) in combinations(known, 2):
        left, right = left[days.isin(others)], right[others.isin(days)]
        same = int(left.isin(right).sum())
        if same * 2 > min(len(left), len(right)):
            raise LedgerError(
                f"{one.table.grid.file} and {other.table.grid.file} hold the same postings: {same}. Give each file once, and files of periods"
                " that do not overlap."
            )


def _said(book: Book) -> pd.DataFrame:
    """What makes a posting the same as another one."""
    return pd.DataFrame({name: texts for name in SAID if (texts := book.texts(name)) is not None})


def _company(book: Book) -> str:
    """Whose ledger it is; "" when the file does not say."""
    said = book.texts("company")
    return "" if said is None or not len(said) else str(said.iloc[0])


def distinct_days(texts: pd.Series, *, order: str, sheet: bool) -> pd.Series:
    """The day of each different text; the index is the text."""
    distinct = pd.Series(texts.unique(), dtype="str")
    read = dates.read({"day": distinct}, {"day": ""}, said=order, as_of=date(2099, 12, 31), sheet=sheet)["day"].days
    return read.set_axis(distinct).dropna()


def _span(book: Book) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last day of the postings."""
    read = distinct_days(_said(book)["posting_date"], order=book.order, sheet=bool(book.table.grid.sheet))
    return (read.min(), read.max()) if len(read) else (pd.Timestamp(0), pd.Timestamp(0))
