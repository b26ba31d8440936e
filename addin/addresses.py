"""Payers: an address file fills the empty cells of the sheet Payers; it overwrites nothing, and adds nobody unless it is asked to."""

from __future__ import annotations

from datetime import date
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
from babel import Locale

from addin.report import Report, count
from addin.runs import ready
from addin.sheets import caps_of, rules_of, show_findings
from rules import model, words
from rules.findings import Finding
from rules.merge import merge_payers
from rules.model import AssessedItem, Payer, Rating, ReasonUse, Severity
from rules.money import decimals_of
from rules.row import LANGUAGES, Column, Kind, Language, column, columns, typed
from rules.standing import payer_key, positions
from rules.ways import Way
from rules.written import first_few
from workbook.book import Book
from workbook.cells import Flag
from workbook.ledgers import amounts
from workbook.ledgers.headings import normal
from workbook.ledgers.lists import Listed, read_list
from workbook.tables import table

SHOWN = [c.name for c in columns(Payer)]
KEY = ["company", "payer"]
LANGUAGE_WORDS = {
    "en": "en eng e english anglais englisch", "fr": "fr fra fre f french francais franzosisch", "de": "de deu ger d g german allemand deutsch",
}  # fmt: skip


def fill_payers(
    book: Book, path: Path, as_of: date, *, add: bool = False, fields: dict[str, str] | None = None, date_order: str = "", decimal_mark: str = ""
) -> Report:  # fmt: skip
    """Fills empty cells of the payers that the list names by number, in every company where it names none. `fields`: our column -> heading.

    Raises LedgerError when the list has no payers, Unclear for what must be asked.
    """
    ready(book)
    listed = read_list(path, SHOWN, needed=("payer",), said=fields or {}, date_order=date_order, as_of=as_of, caps=caps_of(book))
    rows, findings = _cleaned(book, listed, decimal_mark, path.name)
    rows, twice = _once(rows)
    sheet = book.read(Payer)
    known = pd.concat([sheet[KEY], book.read(AssessedItem)[KEY]]).drop_duplicates(ignore_index=True)
    rows, strange = _placed(rows, known)
    other = _other(sheet, rows, book.language)
    book.replace(Payer, merge_payers(sheet, _as_payers(pd.concat([rows, strange], ignore_index=True) if add else rows)))
    after = book.read(Payer)
    filled = _filled(sheet, after, book.language)
    findings = [*listed.findings, *findings, *_remarks(path.name, listed.unused, twice, other, strange.iloc[:0] if add else strange, known)]
    show_findings(book, "payers", findings, as_of)
    changed = book.save()
    said = f"{count(int(filled['cells'].sum()), 'empty cell')} of the sheet Payers filled, {count(len(after) - len(sheet), 'payer')} added."
    if len(other):
        said += f" {count(len(other), 'filled cell')} would be otherwise by the list and stay."
    if (filled["column"] == column(Payer, "terms").titles[book.language]).any():
        said += " Due dates by terms of payment are found at the next import."
    facts = {"rows": len(listed.rows), "filled": int(filled["cells"].sum()), "added": len(after) - len(sheet), "strange": len(strange)}
    facts |= {"layout": listed.layout, "unused": listed.unused}
    ways = () if add or strange.empty else (Way("add"),)
    return Report(said, facts, {"filled": filled, "otherwise": other}, findings, changed, ways=ways)


# ---------------------------------------------------------------------------------------------------------------- what the cells say


def _cleaned(book: Book, listed: Listed, decimal_mark: str, name: str) -> tuple[pd.DataFrame, list[Finding]]:
    """The rows with values as the columns of `Payer` hold them, None where a cell says nothing or does not fit; and what did not fit."""
    rules, made, found = rules_of(book), pd.DataFrame(index=listed.rows.index), list[Finding]()
    known = {
        "Method": [m.method for m in rules.methods], "Regime": [r.regime for r in rules.regimes], "Term": [t.terms for t in rules.terms],
        "ReasonCode": [r.code for r in rules.reasons if r.use is ReasonUse.BLOCK], "Rating": list(book.read(Rating)["rating"]),
    }  # fmt: skip
    for c in columns(Payer):
        cells, code, values = listed.rows[c.name], "payers_refused", {"column": c.titles[book.language]}
        if c.name not in listed.layout or c.kind is Kind.DAY:
            said = cells.astype(object).where(cells.notna() & (cells.astype("str") != ""), None)
            wrong = pd.Series(False, index=cells.index)
        elif c.kind is Kind.MONEY:
            said, wrong = _money(c, cells, listed.layout[c.name], str(rules.settings.company_currency), decimal_mark)
        else:
            known_words, code = _words(c, known.get(c.refers, []))
            said = cells.map(partial(_read, known_words)) if known_words is not None else cells.where(cells != "", None).astype(object)
            if c.name == "email":
                said = said.where(cells.map(_reaches), None)
            wrong = (cells != "") & said.isna()
            values |= {"table": words.text(book.language, "config", table(getattr(model, c.refers)).key)} if code == "payers_reference" else {}
        made[c.name] = said
        if wrong.any():
            at = wrong.index[wrong][0]
            values |= {"count": int(wrong.sum()), "heading": listed.layout[c.name], "found": str(cells[at]), "row": int(listed.numbers[at])}
            found.append(Finding(code, Severity.WARNING, place=name, values=values))
    return made, found


def _read(known: dict[str, object], cell: str) -> object:
    return known.get(normal(cell), known.get(cell.strip().casefold()))


def _reaches(cell: str) -> bool:
    """Whether e-mail addresses stand in a cell, and nothing else."""
    from letter_templates.mail import addresses

    try:
        return bool(addresses(cell))
    except ValueError:
        return False


def _words(c: Column, rows: list[str]) -> tuple[dict[str, object] | None, str]:
    """What the cells of a column may say, by its normal text; None: anything. And the code of the finding about those that say something else."""
    if c.name == "country":
        return _countries(), "payers_country"
    if c.name == "language":
        return {word: code for code, said in LANGUAGE_WORDS.items() for word in said.split()}, "payers_language"
    if c.refers:
        return {text: row for row in rows for text in (row.casefold(), normal(row))}, "payers_reference"
    if c.word or c.kind is Kind.FLAG:
        said = words.understood(c.word or Flag)
        known = {text: value for word, value in said.items() for text in (word, normal(word))}
        return {text: value == Flag.YES if c.kind is Kind.FLAG else value for text, value in known.items()}, "payers_refused"
    if c.kind is Kind.INT:
        return {str(n): n for n in range(c.minimum or 0, (c.maximum or 9999) + 1)}, "payers_refused"
    return None, "payers_refused"


@cache
def _countries() -> dict[str, object]:
    """The ISO code of a country by its code, its longer code, and its names in English, French and German."""
    codes = [code for code in Locale("en").territories if len(code) == 2 and code.isalpha()]
    named = {normal(Locale(language).territories[code]): code for language in LANGUAGES for code in codes if code in Locale(language).territories}
    return named | {code.casefold(): code for code in codes} | {"uk": "GB", "usa": "US", "fra": "FR", "deu": "DE", "gbr": "GB", "d": "DE", "f": "FR"}


def _money(c: Column, cells: pd.Series, heading: str, currency: str, mark: str) -> tuple[pd.Series, pd.Series]:
    """Amounts in minor units of the company currency, and which cells are none."""
    found, _ = amounts.read(
        {c.name: cells}, {c.name: heading}, decimals_of(pd.Series(currency, index=cells.index)), said=mark,
        numbers={c.name: pd.Series(False, index=cells.index)},
    )  # fmt: skip
    read = found[c.name]
    wrong = read.unreadable | (read.minor < (0 if c.minimum is None else c.minimum))
    return read.minor.astype(object).where(~(read.blank | wrong), None), wrong


# ---------------------------------------------------------------------------------------------------------------- what becomes of them


def _once(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """One row per payer with the first cell that says something in each column; and the payers that stand in the list several times."""
    company = rows["company"].fillna("")
    twice = rows["payer"][rows.assign(company=company).duplicated(KEY)].drop_duplicates()
    return rows.assign(company=company).groupby(KEY, sort=False, as_index=False).first()[SHOWN], twice


def _placed(rows: pd.DataFrame, known: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of known payers, for every company where they name none; and the rows of strangers."""
    named, unnamed = rows[rows["company"] != ""], rows[rows["company"] == ""]
    everywhere = known.merge(unnamed.drop(columns="company"), on="payer")
    there = payer_key(named).isin(payer_key(known)) if len(named) else pd.Series(dtype=bool)
    strangers = pd.concat([named[~there] if len(named) else named, unnamed[~unnamed["payer"].isin(known["payer"])]])
    return pd.concat([everywhere[SHOWN], named[there] if len(named) else named], ignore_index=True), strangers.reset_index(drop=True)


def _as_payers(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `Payer`: what a row does not say has its default."""
    made = rows.astype(object)
    for c in columns(Payer):
        blank = c.default if not c.required else ""
        made[c.name] = made[c.name].where(made[c.name].notna(), blank)
    return typed(made, Payer)


def _other(sheet: pd.DataFrame, rows: pd.DataFrame, language: Language) -> pd.DataFrame:
    """The cells of the sheet that say something else than the list: company, payer, column, sheet, list."""
    at = positions(payer_key(rows), payer_key(sheet)) if len(rows) else np.array([], dtype="int64")
    found, made = rows[at >= 0].reset_index(drop=True), list[pd.DataFrame]()
    stands = sheet.iloc[at[at >= 0]].reset_index(drop=True)
    for c in columns(Payer):
        if c.name in KEY or not len(found):
            continue
        old, new = _text(c, stands[c.name], language), _text(c, found[c.name], language)
        differ = (new != "") & (old != "") & (old != new)
        cells = stands.loc[differ, KEY].assign(column=c.titles[language], sheet=old[differ], list=new[differ])
        made.append(cells)
    return pd.concat(made, ignore_index=True) if made else pd.DataFrame(columns=[*KEY, "column", "sheet", "list"])


def _text(c: Column, cells: pd.Series, language: Language) -> pd.Series:
    """The cells of a column as a person reads them; "" where there is nothing."""
    said = cells.astype(object).where(cells.notna(), None)
    if c.kind is Kind.FLAG or c.word:
        shown: dict[object, str] = {str(member): words.shown(language, member) for member in c.word or ()}
        shown |= {True: words.shown(language, Flag.YES), False: words.shown(language, Flag.NO)} if c.kind is Kind.FLAG else {}
        return said.map(lambda cell: shown.get(cell, "")).astype("str")
    return said.map(lambda cell: "" if cell is None else str(cell).removesuffix(" 00:00:00")).astype("str")


def _filled(before: pd.DataFrame, after: pd.DataFrame, language: Language) -> pd.DataFrame:
    """How many cells of each column of the payers that were there are filled now and were empty: column, cells."""
    was, now = before.astype("str").fillna(""), after.head(len(before)).astype("str").fillna("")
    counted = {c.titles[language]: int((was[c.name] != now[c.name]).sum()) for c in columns(Payer)}
    return pd.DataFrame({"column": list(counted), "cells": list(counted.values())}).query("cells > 0").reset_index(drop=True)


def _remarks(
    name: str, unused: list[str], twice: pd.Series, other: pd.DataFrame, strange: pd.DataFrame, known: pd.DataFrame
) -> list[Finding]:  # fmt: skip
    made: list[Finding] = []
    if unused:
        made.append(Finding("payers_unused", Severity.NOTE, place=name, values={"count": len(unused), "headings": first_few(unused)}))
    if len(twice):
        made.append(Finding("payers_twice", Severity.NOTE, place=name, values={"count": len(twice), "payer": twice.iloc[0]}))
    if len(other):
        first = other.iloc[0]
        values = {"count": len(other), "payer": first["payer"], "column": first["column"], "new": first["list"], "old": first["sheet"]}
        made.append(Finding("payers_other", Severity.NOTE, place=name, values=values))
    bare = pd.Series(known["payer"].to_numpy(), index=known["payer"].str.lstrip("0")).groupby(level=0).first()
    twin = strange["payer"].astype("str").str.lstrip("0").map(bare)
    for code, which in (("payers_zeros", twin.notna()), ("payers_strange", twin.isna())):
        if which.any():
            values = {"count": int(which.sum()), "payer": strange["payer"][which].iloc[0]}
            values |= {"known": twin[which].iloc[0]} if code == "payers_zeros" else {}
            made.append(Finding(code, Severity.WARNING, place=name, values=values))
    return made
