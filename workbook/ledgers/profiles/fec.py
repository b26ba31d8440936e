"""The French FEC (art. A47 A-1 LPF) and what calls itself so: a year of postings, from which the open items of the customers' accounts are made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from rules.errors import LedgerError
from rules.findings import Finding
from rules.model import Severity
from rules.standing import coded
from workbook.ledgers.answers import Asked
from workbook.ledgers.grid import Grid
from workbook.ledgers.headings import normal, ranks
from workbook.ledgers.posted import Book, Posted, decimal_mark, posted
from workbook.ledgers.postings import ADVANCE, MONEY, OPENING, OTHER, SALES
from workbook.ledgers.profiles.profile import Profile
from workbook.ledgers.table import Table
from workbook.ledgers.unclear import Choice, Unclear
from workbook.ledgers.words import SIGNS
from workbook.ledgers.years import by_year, distinct_days

NAMES = {  # those of the law first, then what programs call them in lists of entries
    "account": "comptenum|numerodecompte|numerocompte|ndecompte|nodecompte|ncompte|nocompte|comptegeneral|nocomptegeneral|ncomptegeneral|compte",
    "payer": "compauxnum|compteauxiliaire|numeroauxiliaire|nocompteauxiliaire|ncompteauxiliaire|auxiliaire|comptetiers|ncomptetiers|codetiers|tiers",
    "payer_name": "compauxlib|libelleauxiliaire|libellecompteauxiliaire|intituleauxiliaire|libelletiers|intituletiers|nomtiers|nomdutiers",
    "document": "pieceref|referencepiece|refpiece|npiece|nopiece|numeropiece|numerodepiece|piece|nfacture|nofacture",
    "document_date": "piecedate|datepiece|datedepiece",
    "posting_date": "ecrituredate|dateecriture|datedecriture|datecomptable|date", "reference": "ecriturelib|libelleecriture|libelle",
    "group": "ecriturelet|lettrage|codelettrage|lettre|let", "group_date": "datelet|datelettrage|datedelettrage",
    "debit": "debit|montantdebit", "credit": "credit|montantcredit", "amount": "montant", "side": "sens",
    "journal": "journalcode|codejournal|journal|jnl|jal", "journal_name": "journallib|libellejournal|intitulejournal",
    "entry": "ecriturenum|numeroecriture|necriture|noecriture|nomouvement|nmouvement", "account_name": "comptelib|libellecompte|intitulecompte",
    "client": "idclient",
}  # fmt: skip
ROOTS = ("411", "413", "416", "4191")  # customers, their bills, the doubtful ones, advances; not 418: what is not yet invoiced
FILE_NAME = re.compile(r"^(\d{9})FEC(\d{8})", re.IGNORECASE)
CLOSING_DAY = re.compile(r"FEC(\d{8})", re.IGNORECASE)
DEPTH = 20

OPENING_CODE, OPENING_NAME = r"^(?:R?AN\d?|ANO\w*|ANX|A[ _-]N\w*|OUV\w*|RPT)$", r"\b[aà][ -]?nouv|\bouverture"
OPENING_TEXT = r"(?:^|\b)[aà][ -]?nouveaux?\b|^\W*RAN\b|\bsolde d.ouverture|\breport\b.*\bsolde"
EQUITY = r"^(?:10[1-79]|1[12]|89)"  # capital, reserves, result, opening balance; not 108, through which an owner is paid
NOT_LETTERED = r"^[-0]+$"  # what some programs write where there is no letter
SALES_CODE, SALES_NAME = r"^V(?:T|E|TE|EN|ENT\w*|TS|L|D)?\d*$|^FA?C\w*$", r"\bventes?\b|\bfacturation|factures? clients?"
MONEY_CODE = r"^(?:B(?:Q|NQ|QE|N|K|P)|CA(?:I\w*)?|CS|RG\w*|ENC\w*|CHQ?|TR)\d*$"
MONEY_NAME = r"\bbanque|\bbank|\bcaisse|\br[eè]glements?\b|\bencaissements?\b|\bch[eè]ques?\b|\btr[eé]sorerie|\bcarte"
VARIOUS_CODE, VARIOUS_NAME = r"^O\.?D\w*$", r"\bop[eé]rations? diverses?\b|^divers|\bO\.?D\b"


def finds(grid: Grid) -> int | None:
    """The position of the record of headings of a FEC, or of a list of entries with general and auxiliary accounts; None when there is none.

    A list with reminder levels is one of open items.
    """
    for at, cells in enumerate(grid.cells.head(DEPTH).itertuples(index=False)):
        names = [str(cell) for cell in cells]
        found = _positions(names)
        if not {"account", "posting_date"} <= found.keys() or not ({"debit", "credit"} <= found.keys() or {"amount", "side"} <= found.keys()):
            continue
        if {"comptenum", "ecrituredate"} <= {squeezed(name) for name in names}:
            return at
        if {"payer", "journal"} <= found.keys() and not any(normal(name) in ranks()["level"] for name in names):
            return at if grid.cells[found["account"]].iloc[at + 1 :].str.startswith("4").any() else None
    return None


def _positions(headings: Sequence[str]) -> dict[str, int]:
    """Field to column, by the best of its names that is there."""
    names = [squeezed(heading) for heading in headings]
    known = ((field, next((name for name in said.split("|") if name in names), "")) for field, said in NAMES.items())
    return {field: names.index(name) for field, name in known if name}


def squeezed(heading: str) -> str:
    """A heading without case, accents, blanks and underlines."""
    return normal(heading).replace(" ", "")


def postings(tables: Sequence[Table], asked: Asked) -> Posted:
    """The open items of the customers' accounts of one or several years. Raises Unclear when no account is a customer's."""
    books = [_book(table, asked) for table in tables]
    return posted(by_year(books, letters_begin_again=True), asked)


def _book(table: Table, asked: Asked) -> Book:
    table, joined_rows = _rejoined(table)
    grid = table.grid
    at = _positions(table.headings)
    at |= _due_date(table)
    if "debit" in at and "credit" in at:
        at = {field: position for field, position in at.items() if field not in ("amount", "side")}
    account = grid.cells[at["account"]]
    kinds = pd.Series("elsewhere", index=grid.cells.index, dtype="str")
    kinds[(account == "") & (grid.cells[at["posting_date"]] == "")] = "blank"
    kinds.iloc[: table.header] = "furniture"
    kinds.iloc[table.header] = "header"
    kinds[(account == table.headings[at["account"]]).to_numpy(dtype=bool)] = "header"
    line = (kinds == "elsewhere").to_numpy(dtype=bool)
    roots = tuple(root.strip() for root in asked.answers.receivables.split(",") if root.strip()) or ROOTS
    kept = line & account.str.startswith(roots).to_numpy(dtype=bool)
    if not (kept & ~account.str.startswith("419").to_numpy(dtype=bool)).any():
        raise _no_accounts(table, account[line], grid.cells[at["payer"]][line] if "payer" in at else None, roots)
    kinds[kept] = ""
    rows = kinds.index[kept]
    made, findings = _made(table, at, rows, asked)
    if joined_rows:
        findings.append(Finding("export_postings_rejoined", Severity.WARNING, place=grid.file, values={"count": joined_rows}))
    closing = _closing_day(_name(grid))
    if closing and closing != asked.as_of:
        values = {"closing": closing, "as_of": asked.as_of}
        findings.append(Finding("export_fec_closing", Severity.WARNING, place=grid.file, values=values))
    amounts = [grid.cells.loc[rows, at[name]] for name in ("debit", "credit", "amount") if name in at]
    shown = {field: position for field, position in at.items() if field not in ("journal", "journal_name", "entry", "account_name", "client")}
    shown |= {"sign": shown.pop("side")} if "side" in shown else {}
    return Book(replace(table, columns=_columns(shown)), kinds, shown, made, decimal_mark(*amounts), findings=findings)


def _name(grid: Grid) -> str:
    """The name of the file, or of the file inside a zip."""
    return PurePosixPath(grid.member or grid.file).name


def _columns(at: Mapping[str, int]) -> dict[str, int]:
    """The columns that a person is shown: those of our own fields."""
    named = ("payer", "payer_name", "document", "document_date", "due_date", "debit", "credit", "reference")
    return {field: at[field] for field in named if field in at} | ({"original_minor": at["amount"]} if "amount" in at else {})


def _due_date(table: Table) -> dict[str, int]:
    """A column of due dates beyond those that the law names."""
    known = ranks()["due_date"]
    found = [at for at, heading in enumerate(table.headings) if normal(heading) in known]
    return {"due_date": found[0]} if found else {}


def _no_accounts(table: Table, account: pd.Series, payer: pd.Series | None, roots: tuple[str, ...]) -> LedgerError:
    """The question which accounts are those of customers: of the roots with payers of their own, else of the fourth class."""
    some = account[payer != ""] if payer is not None and (payer != "").any() else account[account.str.startswith("4")]
    counts = some.str[:3].value_counts().head(12)
    if not len(account):
        return LedgerError(f"{table.grid.file} holds headings but no posting. Export it again; nothing was changed.")
    if not len(counts):
        return LedgerError(f"{table.grid.file} has no posting on an account of customers ({', '.join(roots)}). Export the FEC with all accounts.")
    return Unclear(
        f"{table.grid.file}: no account begins with {', '.join(roots)}. Which accounts are those of the customers?",
        "receivables", tuple(Choice(str(root), f"{root}… ({count} postings)") for root, count in counts.items()),
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------- the lines


def _closing_day(name: str) -> date | None:
    """The day that the name of the file says it closes on."""
    said = CLOSING_DAY.search(name)
    try:
        return date.fromisoformat(said[1]) if said else None
    except ValueError:
        return None


def _made(table: Table, at: Mapping[str, int], rows: pd.Index, asked: Asked) -> tuple[dict[str, pd.Series], list[Finding]]:
    """What takes more than one column to know: payer, document, side, nature."""
    cells, place = table.grid.cells, table.grid.file

    def texts(name: str) -> pd.Series:
        return cells.loc[rows, at[name]] if name in at else pd.Series("", index=rows, dtype="str")

    findings: list[Finding] = []
    account, payer, document, entry = texts("account"), texts("payer"), texts("document"), texts("entry")
    payer = payer.where(payer != "", texts("client"))
    by_account = payer == ""
    name = texts("payer_name").where(~by_account | (texts("payer_name") != ""), texts("account_name"))
    made = {"payer": payer.where(~by_account, account), "payer_name": name}
    if by_account.any():
        values = {"count": int(by_account.sum()), "accounts": int(account[by_account].nunique())}
        findings.append(Finding("export_postings_payers", Severity.NOTE, place=place, values=values))
    nameless = ~document.str.contains("[0-9A-Za-z]")  # Odoo writes - where there is none
    if nameless.any():
        number = (texts("journal") + " " + entry).str.strip()
        made["document"] = document.where(~nameless, number.where(number != "", texts("posting_date")))
        findings.append(Finding("export_postings_numbers", Severity.NOTE, place=place, values={"count": int(nameless.sum())}))
    if "group" in at:
        made["group"] = texts("group").where(~texts("group").str.contains(NOT_LETTERED), "")
    if "side" in at:
        made["side"] = texts("side").str.casefold().map(SIGNS)
    made["currency"] = pd.Series(asked.answers.currency or "EUR", index=rows, dtype="str")
    company = FILE_NAME.match(_name(table.grid))
    made["company"] = pd.Series(company[1] if company else "", index=rows, dtype="str")
    made["nature"] = _natures(table, at, rows)
    return made, findings


def _natures(table: Table, at: Mapping[str, int], rows: pd.Index) -> pd.Series:
    """What each posting is by its journal: opening and sales journals say so; others by the accounts they post to; then again by their names."""
    cells = table.grid.cells
    account = cells[at["account"]]
    journal = cells[at["journal"]] if "journal" in at else pd.Series("", index=cells.index, dtype="str")
    label = cells[at["journal_name"]] if "journal_name" in at else pd.Series("", index=cells.index, dtype="str")
    code = coded(journal)
    first = ~pd.Series(code).duplicated().to_numpy()
    names = pd.DataFrame({"code": journal[first].to_numpy(), "label": label[first].to_numpy()}, dtype="str")
    is_sale, is_money = account.str.startswith("70").to_numpy(dtype=bool), account.str.startswith(("51", "53", "54", "58")).to_numpy(dtype=bool)
    sold, paid = (np.bincount(code, weights=flags, minlength=len(names)) for flags in (is_sale, is_money))

    def called(codes: str, labels: str) -> np.ndarray:
        return (names["code"].str.contains(f"(?i){codes}") | names["label"].str.contains(f"(?i){labels}")).to_numpy(dtype=bool)

    buying = names["label"].str.contains(r"(?i)\bachats?\b|fournisseur").to_numpy(dtype=bool)
    nature = np.select(
        [called(OPENING_CODE, OPENING_NAME), called(SALES_CODE, SALES_NAME) & ~buying, (paid > sold) & ~buying, sold > 0,
         called(MONEY_CODE, MONEY_NAME), called(VARIOUS_CODE, VARIOUS_NAME)],
        [OPENING, SALES, MONEY, SALES, MONEY, MONEY], default=OTHER,
    )  # fmt: skip
    mine = pd.Series(nature[code], index=cells.index)[rows]
    mine = mine.mask(_opens(table, at, rows, code) & ~mine.isin([SALES]), OPENING)
    return mine.mask(account[rows].str.startswith("419"), ADVANCE).astype("str")


def _opens(table: Table, at: Mapping[str, int], rows: pd.Index, journal: np.ndarray) -> pd.Series:
    """Opening entries in a journal of another name: entries of the first day that say so, or that post equity beside customers."""
    cells = table.grid.cells
    days = distinct_days(cells.loc[rows, at["posting_date"]], order="dmy", sheet=bool(table.grid.sheet))
    first = cells.index[cells[at["posting_date"]].isin(days.index[days == days.min()]).to_numpy(dtype=bool)]
    mine = rows.intersection(first)
    said = cells.loc[mine, at["reference"]].str.contains(f"(?i){OPENING_TEXT}") if "reference" in at else pd.Series(False, index=mine)
    entry = pd.Series(journal, index=cells.index)[first].astype("str") + " " + (cells.loc[first, at["entry"]] if "entry" in at else "")
    equity = entry[cells.loc[first, at["account"]].str.contains(EQUITY).to_numpy(dtype=bool)]
    return (said | entry[mine].isin(equity)).reindex(rows, fill_value=False)


def _rejoined(table: Table) -> tuple[Table, int]:
    """The table with the lines put together that a line break inside a text has torn in two, and how many those are."""
    fields, width = table.grid.fields, max(at for at, heading in enumerate(table.headings) if heading) + 1
    two = fields[:-1] + fields[1:] - 1
    torn = np.flatnonzero(
        (fields[:-1] > 1) & (fields[:-1] < width) & (fields[1:] < width) & (two == width) & (np.arange(1, len(fields)) > table.header + 1)
    )
    nth = np.arange(len(torn))
    first = np.maximum.accumulate(np.where(np.diff(torn, prepend=-2) > 1, nth, 0))
    torn = torn[(nth - first) % 2 == 0]  # of lines torn in halves of one length, the second half looks like a first one
    if not len(torn):
        return table, 0
    heads, tails = (table.grid.cells.iloc[at].to_numpy(dtype=object) for at in (torn, torn + 1))
    place = np.arange(heads.shape[1]) - (fields[torn] - 1)[:, None]  # of each cell behind the one that was torn
    whole = np.where(place < 0, heads, np.take_along_axis(tails, np.clip(place, 0, heads.shape[1] - 1), axis=1))
    whole[place == 0] = heads[place == 0] + " " + tails[:, 0]
    whole[:, width:] = ""
    cells = table.grid.cells.copy(deep=False)
    for at, column in zip(cells, whole.T, strict=True):
        texts = cells[at].copy()
        texts.iloc[torn], texts.iloc[torn + 1] = pd.Series(column, dtype="str").str.strip().to_numpy(), ""
        cells[at] = texts
    return replace(table, grid=replace(table.grid, cells=cells)), len(torn)


FEC = Profile(name="fec", system="FEC", finds=finds, undated=True, signed=True, postings=postings)
