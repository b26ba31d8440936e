"""DATEV EXTF, the exchange format of bookkeeping in Germany: a batch of postings (Buchungsstapel), from which the debtors' open items are made.

The number of the document in Belegfeld 1 is the key of an open item; Belegfeld 2 often holds the due date. The names of the debtors come from the
master data (Debitoren/Kreditoren) when that file is given along.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from rules.errors import LedgerError
from rules.findings import Finding
from rules.model import Severity
from workbook.ledgers.answers import Asked
from workbook.ledgers.grid import Grid
from workbook.ledgers.headings import normal
from workbook.ledgers.posted import Book, Posted, posted
from workbook.ledgers.postings import MONEY, OPENING, OTHER, SALES
from workbook.ledgers.profiles.profile import Profile
from workbook.ledgers.table import Table
from workbook.ledgers.years import refuse_repeated

POSTINGS, MASTERS = "21", "16"  # categories of the third field of the first line
AMOUNT, SIDE, CURRENCY, ACCOUNT, CONTRA, DAY = "umsatz", "sollhaben", "wkzumsatz", "konto", "gegenkonto", "belegdatum"
DOCUMENT, SECOND, TEXT, DUE_DAY = "belegfeld1", "belegfeld2", "buchungstext", "falligkeit"
DISCOUNT = "skonto"  # taken by a payment, and posted by the program beside its amount
BASE, BASE_CURRENCY = "basisumsatz", "wkzbasisumsatz"  # the amount in the currency of the company
REVERSED, KEY = "generalumkehr", "buschlussel"  # the posting takes back one of the same side
COLUMNS = (
    AMOUNT, SIDE, CURRENCY, CONTRA, DAY, DOCUMENT, SECOND, TEXT, DUE_DAY, DISCOUNT, BASE, BASE_CURRENCY, REVERSED, KEY,
)  # fmt: skip
NEEDED = {
    AMOUNT: "Umsatz", SIDE: "Soll/Haben", ACCOUNT: "Konto", CONTRA: "Gegenkonto", DAY: "Belegdatum", DOCUMENT: "Belegfeld 1",
}  # fmt: skip
REVERSING = r"^[23678][0-9]$"  # keys of correction that do so, each before the key of the tax
DUE = r"^(?:0?[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])[0-9]{2}$"
PERSONAL = {"name": ("name adressatentyp unternehmen", "name adressattyp unternehmen"),
            "last": ("name adressatentyp naturl person", "name adressattyp naturl person"),
            "first": ("vorname adressatentyp naturl person", "vorname adressattyp naturl person"),
            "other": ("name adressatentyp keine angabe", "name adressattyp keine angabe", "kurzbezeichnung")}  # fmt: skip
ADDRESS = {"address": "strasse", "postal_code": "postleitzahl", "city": "ort", "country": "land", "phone": "telefon", "email": "e mail"}


@dataclass(frozen=True)
class Preamble:
    """What the first line says: category, Mandant, begin of the business year, length of general ledger accounts, last day of the batch, currency."""

    category: str
    company: str
    begins: date
    digits: int
    until: date | None
    currency: str


def finds(grid: Grid) -> int | None:
    """The headings of a batch of postings or of master data stand in the second line, under the one that begins with EXTF or DTVF."""
    if len(grid.cells) < 2 or str(grid.cells.iloc[0, 0]).strip('"') not in ("EXTF", "DTVF") or grid.cells.shape[1] < 3:
        return None
    return 1


def preamble(grid: Grid) -> Preamble:
    """The first line, read. Raises LedgerError when it does not say what it must."""
    cells = [str(cell).strip('"').strip() for cell in grid.cells.iloc[0]] + [""] * 31
    try:
        begins = _day(cells[12])
        digits = int(cells[13])
    except ValueError as unreadable:
        raise LedgerError(
            f"{grid.file}: the first line must name the begin of the business year (field 13, YYYYMMDD) and the length of the accounts (field 14),"
            f" but reads {cells[12]!r} and {cells[13]!r}. Export the batch from DATEV again."
        ) from unreadable
    return Preamble(cells[2], cells[11], begins, digits, _day(cells[15]) if cells[15] else None, cells[21] or "EUR")


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def postings(tables: Sequence[Table], asked: Asked) -> Posted:
    """The open items of the debtors' accounts. Raises LedgerError when none of the files is a batch of postings."""
    read = [(table, preamble(table.grid)) for table in tables]
    batches = sorted(((t, p) for t, p in read if p.category == POSTINGS), key=lambda tp: tp[1].until or tp[1].begins)
    if not batches:
        raise LedgerError(f"{tables[0].grid.file} holds no postings. Give the Buchungsstapel (category 21); master data may be given along with it.")
    names = _names([table for table, p in read if p.category == MASTERS])
    books: list[Book] = []
    for (table, said), (_, before) in zip(batches, [batches[0], *batches], strict=False):
        book = _book(table, said, names)
        new_year = bool(books) and said.begins != before.begins and (book.made["nature"] == OPENING).any()
        books.append(replace(book, year=(books[-1].year if books else 0) + new_year))
    refuse_repeated(books)
    return posted(_one_currency(books), asked, lettered=False)


def _one_currency(books: Sequence[Book]) -> list[Book]:
    """The books with the company's amounts where the postings of a document are in several currencies: an invoice in dollars that euros paid."""
    every = pd.concat(
        [pd.DataFrame({name: book.made[name] for name in ("company", "payer", "group", "currency")}) for book in books], ignore_index=True
    )
    several = every.groupby(["company", "payer", "group"])["currency"].transform("nunique").gt(1) & (every["group"] != "")
    made: list[Book] = []
    for book in books:
        mine, several = several.iloc[: len(book.made["payer"])], several.iloc[len(book.made["payer"]) :]
        base, currency = book.made["base"], book.made["base_currency"]
        swapped = (base != "") & (currency != "") & mine.to_numpy(dtype=bool)
        changed = {"amount": book.made["amount"].where(~swapped, base), "currency": book.made["currency"].where(~swapped, currency)}
        made.append(replace(book, made={**book.made, **changed}))
    return made


def _book(table: Table, said: Preamble, names: pd.DataFrame) -> Book:
    at = _columns(table)
    grid = _doubled(table.grid, at, said, table.header)
    cells = grid.cells
    account, contra = _padded(cells[at[ACCOUNT]], said), _padded(cells[at[CONTRA]], said)
    copy = np.arange(len(cells)) >= len(table.grid.cells)
    own = _debtor(account, said) & ~copy
    other = _debtor(contra, said) & ~own
    kinds = pd.Series("elsewhere", index=cells.index, dtype="str").mask(cells[at[ACCOUNT]] == "", "blank")
    kinds.iloc[: table.header + 1] = ["furniture"] * table.header + ["header"]
    kinds[(own | other) & (kinds == "elsewhere")] = ""
    rows = kinds.index[kinds == ""]
    mine = own[rows]
    payer, against = account[rows].where(mine, contra[rows]), contra[rows].where(mine, account[rows])

    def texts(word: str) -> pd.Series:
        return cells.loc[rows, at[word]] if word in at else pd.Series("", index=rows, dtype="str")

    debit = texts(SIDE).str.casefold().ne("h")
    second, document, text = texts(SECOND), texts(DOCUMENT), texts(TEXT)
    due = second.where(second.str.contains(DUE), "")
    due = due.where(due == "", due.str.zfill(6).str.replace(r"(..)(..)(..)", r"\1.\2.20\3", regex=True))
    taken_back = texts(REVERSED).str.casefold().isin(["g", "1"]) | texts(KEY).str.contains(REVERSING)
    nature = _natures(against, said)
    made = {
        "payer": payer, "account": pd.Series("", index=rows, dtype="str"), "company": pd.Series(said.company, index=rows, dtype="str"),
        "group": document.where(document != "0", ""), "document": document.where(document != "", text.where(text != "", second)),
        "posting_date": _days(texts(DAY), said), "nature": nature, "side": ((debit == mine) != taken_back).map({True: 1, False: -1}),
        "due_date": _dotted(texts(DUE_DAY)).where(texts(DUE_DAY) != "", due), "debit": texts(DISCOUNT).where(nature == MONEY, ""),
    }  # fmt: skip
    made |= {
        "amount": texts(AMOUNT), "currency": texts(CURRENCY).replace("", said.currency), "base": texts(BASE), "base_currency": texts(BASE_CURRENCY),
    }  # fmt: skip
    made["document"] = made["document"].where(made["document"] != "", made["posting_date"])
    known = names.reindex(payer)
    made["payer_name"] = known["name"].fillna("").set_axis(rows).astype("str")
    made |= {field: known[field].fillna("").set_axis(rows).astype("str") for field in names if field != "name"}
    findings = (
        [Finding("export_postings_numbers", Severity.NOTE, place=grid.file, values={"count": int((document == "").sum())})]
        if (document == "").any()
        else []
    )
    columns = {"amount": at[AMOUNT], "reference": at.get(TEXT, at[DOCUMENT])} | ({"debit": at[DISCOUNT]} if DISCOUNT in at else {})
    shown = {
        "payer": at[ACCOUNT],
        "document": at[DOCUMENT],
        "document_date": at[DAY],
        "due_date": at.get(DUE_DAY, at.get(SECOND)),
        "original_minor": at[AMOUNT],
        "sign": at[SIDE],
    }
    found = replace(table, grid=grid, columns={field: position for field, position in shown.items() if position is not None})
    return Book(found, kinds, columns, made, ",", findings=findings)


def _columns(table: Table) -> dict[str, int]:
    """The columns by the words their headings begin with: long and short headings are in use."""
    names = [normal(heading).replace(" ", "") for heading in table.headings]
    found = {word: at for word in COLUMNS for at, name in reversed(list(enumerate(names))) if name.startswith(word)}
    if own := [at for at, name in enumerate(names) if name in ("konto", "kontonummer")]:
        found[ACCOUNT] = own[0]
    if missing := [name for word, name in NEEDED.items() if word not in found]:
        raise LedgerError(
            f"{table.grid.file}: a batch of postings needs the columns {', '.join(NEEDED.values())}; missing: {', '.join(missing)}."
            " Export the batch from DATEV again."
        )
    return found


def _padded(accounts: pd.Series, said: Preamble) -> pd.Series:
    """Accounts with the zeros that were lost on the left of general ledger accounts; debtors have one digit more."""
    return accounts.where(accounts.str.len() > said.digits, accounts.str.zfill(said.digits)).where(accounts != "", "")


def _debtor(accounts: pd.Series, said: Preamble) -> pd.Series:
    """Personal accounts have one digit more than general ledger accounts; those of debtors begin with 1 to 6."""
    return accounts.str.contains(rf"^[1-6][0-9]{{{said.digits}}}$")


def _doubled(grid: Grid, at: Mapping[str, int], said: Preamble, header: int) -> Grid:
    """The grid with a second record for each posting between two debtors: it belongs to both."""
    cells = grid.cells
    both = _debtor(cells[at[ACCOUNT]], said) & _debtor(cells[at[CONTRA]], said) & (np.arange(len(cells)) > header)
    if not both.any():
        return grid
    picked = np.flatnonzero(both)
    whole = pd.concat([cells, cells[both]], ignore_index=True)
    return replace(grid, cells=whole, fields=np.append(grid.fields, grid.fields[picked]), numbers=np.append(grid.numbers, grid.numbers[picked]))


def _days(texts: pd.Series, said: Preamble) -> pd.Series:
    """DDMM (DMM where the zero was lost) with the year in which that day lies in the business year; a full date is left as it is."""
    short = texts.str.contains(r"^[0-9]{3,4}$")
    figures = texts.where(short, "0101").str.zfill(4)
    day, month = figures.str[:2].astype("int64"), figures.str[2:].astype("int64")
    first = said.begins.month * 100 + said.begins.day
    year = pd.Series(np.where(month * 100 + day >= first, said.begins.year, said.begins.year + 1), index=texts.index).astype("str")
    return _dotted(texts).where(~short, figures.str[:2] + "." + figures.str[2:] + "." + year)


def _dotted(texts: pd.Series) -> pd.Series:
    """DDMMYYYY (DMMYYYY where the zero was lost) with points; other texts as they are."""
    full = texts.str.contains(r"^[0-9]{7,8}$")
    return texts.where(~full, texts.str.zfill(8).str.replace(r"^(..)(..)(....)$", r"\1.\2.\3", regex=True))


def _natures(against: pd.Series, said: Preamble) -> pd.Series:
    """What a posting is by the other account: money (1000 to 1399 in SKR 03, 1600 to 1899 in SKR 04), turnover (8000s, 4000s), opening (9000s)."""
    scale = 10 ** (said.digits - 4)
    number = pd.to_numeric(against, errors="coerce").fillna(0).astype("int64") // scale
    general = against.str.len() <= said.digits
    money = general & (number.between(1000, 1399) | number.between(1600, 1899))
    sales = general & (number.between(4000, 4999) | number.between(8000, 8999))
    return pd.Series(
        np.select([general & number.between(9000, 9099), money, sales], [OPENING, MONEY, SALES], default=OTHER), index=against.index, dtype="str"
    )


def _names(tables: Sequence[Table]) -> pd.DataFrame:
    """Name and address of each account of the master data; the index is the account."""
    made: list[pd.DataFrame] = []
    for table in tables:
        names = [normal(heading) for heading in table.headings]
        body = table.grid.cells.iloc[table.header + 1 :]

        def texts(*headings: str, names: list[str] = names, body: pd.DataFrame = body) -> pd.Series:
            found = [names.index(h) for h in headings if h in names]
            blank = pd.Series("", index=body.index, dtype="str")
            for position in found:
                blank = blank.where(blank != "", body[position])
            return blank

        person = (texts(*PERSONAL["first"]) + " " + texts(*PERSONAL["last"])).str.strip()
        name = texts(*PERSONAL["name"])
        name = name.where(name != "", person.where(person != "", texts(*PERSONAL["other"])))
        made.append(
            pd.DataFrame({"account": body[names.index("konto")], "name": name} | {field: texts(heading) for field, heading in ADDRESS.items()})
        )
    known = pd.concat(made) if made else pd.DataFrame({"account": [], "name": []}, dtype="str")
    return known[known["account"] != ""].drop_duplicates("account", keep="last").set_index("account")


DATEV_EXTF = Profile(name="datev_extf", system="DATEV EXTF", finds=finds, signed=True, undated=True, postings=postings)
