"""Ledgers of postings as open items: typed by whole columns, netted, every row accounted for; what all profiles of such ledgers share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pandas as pd

from rules.findings import Finding
from rules.model import DueSource, Severity
from rules.money import decimals_of
from rules.written import Amount, first_few
from workbook.ledgers import amounts, dates
from workbook.ledgers.answers import Asked
from workbook.ledgers.headings import PAYER_FIELDS
from workbook.ledgers.postings import CARRIED, LATER, OPEN, OPENING, SETTLED, Netted, netted
from workbook.ledgers.table import OUTSIDE, REJECTED, Table
from workbook.ledgers.whole import one_line

TEXTS = ("company", "account", "payer", "payer_name", "document", "reference", "terms", "group", "currency", "level")
DAYS = ("posting_date", "document_date", "due_date", "group_date", "last_reminder")
MONEY = ("amount", "debit", "credit")
KINDS = {OPEN: "item", SETTLED: "settled", LATER: "later", CARRIED: "carried"}
OLDEST = "oldest"
ZEROS = r"^(?P<sign>[-+]?)0+(?P<figure>[0-9])"
LEVEL = r"^[0-9](?:\.0+)?$"
EXPONENT = r"^[-+]?[0-9]+(?:[.,][0-9]+)?[eE][-+]?[0-9]{1,2}$"


@dataclass(frozen=True)
class Posted:
    """Open items made from the postings of one or several files.

    `table`: of the newest file, its `columns` those of our fields. `lines`: columns as in `OpenItem`, with `source`, `level` (-1 = not said),
    `last_reminder` and what is known of the payer; the index is the position of the record over all files. `judgement`: one row per record: file,
    number, kind (item, settled,
    zero, later, carried, rejected; elsewhere for other accounts; header, furniture, blank), reason. `totals`: as `items.totals` makes them.
    """

    table: Table
    lines: pd.DataFrame
    judgement: pd.DataFrame
    findings: list[Finding]
    totals: pd.DataFrame


@dataclass(frozen=True)
class Book:
    """The postings of one file. `kinds`: of every record of the grid, "" for a posting of a customer's account.

    `columns`: field -> position (of `TEXTS`, `DAYS`, `MONEY`, `PAYER_FIELDS`); `made`: fields computed from several columns, with the index of the
    postings (`nature` is needed, `side` of +1 and -1 is multiplied on the amounts). `mark`: what stands before the decimals. `order`: of the
    figures of a date.
    """

    table: Table
    kinds: pd.Series
    columns: Mapping[str, int]
    made: Mapping[str, pd.Series]
    mark: str
    order: str = "dmy"
    year: int = 0
    due_source: DueSource = DueSource.EXPORT
    findings: list[Finding] = field(default_factory=list[Finding])

    def texts(self, name: str) -> pd.Series | None:
        """A field of the postings; None when the file has no such column."""
        if name in self.made:
            return self.made[name]
        return self.table.grid.cells.loc[self.kinds.index[self.kinds == ""], self.columns[name]] if name in self.columns else None

    def heading(self, name: str) -> str:
        """The heading under which a field stands."""
        return self.table.headings[self.columns[name]] if name in self.columns else ""


def posted(books: Sequence[Book], asked: Asked, *, lettered: bool = True, unlettered: bool = True, oldest_first: bool = False) -> Posted:
    """The open items of the books, oldest year first.

    `lettered`: groups are those of lettering, else of documents. `unlettered`: say so when payers have no lettering; `oldest_first`: allocate theirs
    without being asked.
    """
    typed = [_typed(book, asked) for book in books]
    starts = np.cumsum([0, *(len(book.kinds) for book in books)])
    lines = pd.concat([lines.set_index(lines.index + start) for lines, start in zip(typed, starts, strict=False)])
    grids = [book.table.grid for book in books]
    judgement = pd.DataFrame({
        "file": np.repeat([grid.member or grid.file for grid in grids], [len(book.kinds) for book in books]),
        "number": np.concatenate([grid.numbers for grid in grids]),
        "kind": np.concatenate([book.kinds.to_numpy(dtype=object) for book in books]), "reason": "",
    })  # fmt: skip
    rejected = lines["reason"] != ""
    allocate = oldest_first or asked.answers.allocation == OLDEST
    net = netted(lines[~rejected], as_of=asked.as_of, oldest_first=allocate)
    lines = lines.join(net.lines)
    lines["original_minor"] = lines["amount_minor"]
    found = lines["state"].map(KINDS).where(lines["open_minor"].ne(0) | (lines["state"] != OPEN), "zero")
    judgement.loc[lines.index, "kind"] = found.where(~rejected, "rejected")
    judgement.loc[lines.index, "reason"] = lines["reason"].where(rejected, lines["how"])
    lines = lines.fillna({"open_minor": 0, "kind": "other", "instalment": "", "how": "", "brought": False, "state": ""}).astype(
        {"open_minor": "int64"}
    )
    lines["due_date"] = lines["due_date"].where(~lines["brought"].astype("bool"))
    lines["due_source"] = lines["due_source"].where(lines["due_date"].notna(), str(DueSource.NONE))
    lines["source"] = lines["source"].where(lines["how"] != "allocated", lines["source"] + ", allocated")
    told = [
        *(finding for book in books for finding in (*book.table.grid.findings, *book.findings)),
        *_rejected(books, lines[rejected], starts),
        *_told(books[-1], lines[~rejected], net, asked, lettered=lettered, allocate=allocate, unlettered=unlettered),
    ]
    return Posted(books[-1].table, lines.drop(columns=["state", "how"]), judgement, told, _totals(lines, rejected))


# ---------------------------------------------------------------------------------------------------------------- typing


def _typed(book: Book, asked: Asked) -> pd.DataFrame:
    """The postings of a book with typed columns; `reason` says what makes a row unusable."""
    at = book.kinds.index[book.kinds == ""]
    lines = pd.DataFrame(index=at)
    for name in (*TEXTS, *PAYER_FIELDS):
        texts = book.texts(name)
        if texts is not None or name in TEXTS:
            texts = pd.Series("", index=at, dtype="str") if texts is None else texts
            lines[name] = one_line(texts) if name in ("payer_name", "reference", *PAYER_FIELDS) else texts
    if asked.answers.company:
        lines["company"] = lines["company"].where(lines["company"] != "", asked.answers.company)
    lines["level"] = pd.to_numeric(lines["level"].where(lines["level"].str.contains(LEVEL), "-1")).astype("int64")
    lines["currency"] = lines["currency"].str.upper().where(lines["currency"] != "", asked.answers.currency or asked.currency)
    lines["payer_name"] = lines["payer_name"].where(lines["payer_name"] != "", lines["payer"])
    columns = {name: texts for name in DAYS if (texts := book.texts(name)) is not None}
    sheet = bool(book.table.grid.sheet)
    days = dates.read(
        columns, {name: book.heading(name) for name in columns}, said=asked.answers.date_order or book.order, as_of=asked.as_of, sheet=sheet
    )
    for name in DAYS:
        lines[name] = days[name].days if name in days else pd.Series(np.datetime64("NaT", "s"), index=at)
    own_day = lines["posting_date"].notna()
    lines["posting_date"] = lines["posting_date"].where(own_day, lines["document_date"])
    lines["document_date"] = lines["document_date"].where(lines["document_date"].notna(), lines["posting_date"])
    money = _money(book, lines["currency"], asked.answers.decimal_mark or book.mark)
    lines["amount_minor"] = sum((part.minor * (-1 if name == "credit" else 1) for name, part in money.items()), pd.Series(0, index=at))
    side = book.made["side"] if "side" in book.made else pd.Series(1, index=at)
    lines["amount_minor"] *= side.fillna(1).astype("int64").to_numpy()
    unreadable = pd.concat([part.unreadable for part in money.values()], axis=1).any(axis=1)
    missing = pd.concat([part.blank for part in money.values()], axis=1).all(axis=1)
    undated = days["posting_date"].unreadable if "posting_date" in days else pd.Series(False, index=at)
    undated |= lines["posting_date"].isna()
    lines["reason"] = np.select(
        [unreadable | missing, side.isna(), undated, lines["payer"] == ""], ["amount", "sign", "posting_date", "payer"], default=""
    )
    lines["nature"], lines["year"], lines["due_source"] = book.made["nature"], book.year, str(book.due_source)
    grid = book.table.grid
    lines["source"] = grid.origin + pd.Series(grid.numbers[at], index=at).astype("str")
    return lines


def _money(book: Book, currency: pd.Series, mark: str) -> dict[str, amounts.Amounts]:
    """The amount columns; fixed lengths are filled with zeros at the left, and a few programs write exponents."""
    columns = {name: texts for name in MONEY if (texts := book.texts(name)) is not None}
    for name, texts in columns.items():
        whole = texts.str.replace(ZEROS, r"\g<sign>\g<figure>", regex=True) if texts.str.contains(r"^[-+]?0[0-9]").any() else texts
        short = whole.str.contains(EXPONENT)
        columns[name] = whole.where(~short, whole[short].map(_spelt).str.replace(".", mark, regex=False)) if short.any() else whole
    if mark == "," and not any(texts.str.contains(".", regex=False).any() for texts in columns.values()):  # the form that needs no taking apart
        mark, columns = ".", {name: texts.str.replace(",", ".", regex=False) for name, texts in columns.items()}
    sheet = bool(book.table.grid.sheet)
    plain = {name: texts.str.contains(amounts.PLAIN) if sheet else pd.Series(False, index=texts.index) for name, texts in columns.items()}
    return amounts.read(columns, {name: book.heading(name) for name in columns}, decimals_of(currency), said=mark, numbers=plain)[0]


def _spelt(exponent: str) -> str:
    """1,5E+03 is 1500."""
    return f"{Decimal(exponent.replace(',', '.')):f}"


def decimal_mark(*columns: pd.Series) -> str:
    """The decimal mark of amounts that are written without thousands: the comma, unless only points are found."""
    texts = pd.concat([c[c.str.contains(r"[.,]")] for c in columns])
    return "." if len(texts) and not texts.str.contains(",", regex=False).any() else ","


# ---------------------------------------------------------------------------------------------------------------- what is told


def _newest(lines: pd.DataFrame) -> pd.Series:
    """The postings that make up the balance of the newest ledger: up to the as-of date, from the last year with opening entries on."""
    there = lines["state"] != LATER
    opened = lines["year"].where(there & (lines["nature"] == OPENING), -1).groupby(lines["company"]).transform("max")
    return there & (lines["year"] >= opened)


def _totals(lines: pd.DataFrame, rejected: pd.Series) -> pd.DataFrame:
    currency, counted = lines["currency"], _newest(lines)
    item = (lines["state"] == OPEN) & (lines["open_minor"] != 0)
    made = pd.DataFrame({
        "lines": item.groupby(currency).sum(), "open_minor": lines["open_minor"].where(item, 0).groupby(currency).sum(), "settled_minor": 0,
        "duplicate_minor": 0, "rejected_minor": lines["amount_minor"].where(rejected, 0).groupby(currency).sum(),
        "file_minor": lines["amount_minor"].where(counted, 0).groupby(currency).sum(),
        "unread": (lines["reason"] == "amount").groupby(currency).sum(),
    })  # fmt: skip
    made["settled_minor"] = made["file_minor"] - made["open_minor"] - made["rejected_minor"]
    return made.rename_axis("currency").astype("int64").reset_index()


def _rejected(books: Sequence[Book], lines: pd.DataFrame, starts: np.ndarray) -> list[Finding]:
    made: list[Finding] = []
    for at, row in lines.head(REJECTED).iterrows():
        book = books[int(np.searchsorted(starts, at, side="right")) - 1]
        names = [n for n in (MONEY if row["reason"] == "amount" else (row["reason"],)) if n in book.columns]
        heading = " / ".join(book.heading(name) for name in names)
        cell = " / ".join(str(book.table.grid.cells.loc[int(at) - starts[books.index(book)], book.columns[name]]) for name in names)
        code = "export_row_amount_missing" if row["reason"] == "amount" and not cell.strip(" /") else f"export_row_{row['reason']}"
        made.append(
            Finding(code, Severity.ERROR, place=row["source"] + (f", {heading}" if heading else ""), values={"found": cell, "heading": heading})
        )
    if len(lines) > REJECTED:
        file = books[-1].table.grid.file
        rest = lines["source"].iloc[REJECTED:].str.replace(f"{file} row ", "", regex=False)
        values = {"count": len(rest), "rows": first_few(rest)}
        made.append(Finding("export_rows_more", Severity.ERROR, place=file, values=values))
    return made


def _told(book: Book, lines: pd.DataFrame, net: Netted, asked: Asked, *, lettered: bool, allocate: bool, unlettered: bool) -> list[Finding]:
    """What was done, so that a person can follow it: in one sentence each, with numbers."""
    place, made = book.table.grid.file, list[Finding]()
    opened, item = lines[lines["state"] == OPEN], (lines["state"] == OPEN) & (lines["open_minor"] != 0)

    def tell(code: str, some: pd.DataFrame, severity: Severity = Severity.NOTE, amount: str = "open_minor", **values: object) -> None:
        if len(some):
            made.append(Finding(code, severity, place=place, values={"count": len(some), "sum": _sums(some, amount), **values}))

    counted = lines[_newest(lines)]
    accounts = ", ".join(sorted(counted["account"].str[:3].unique()))
    named = {"accounts": accounts} if accounts else {}
    tell("export_postings" if named else "export_postings_customers", counted, **named, open=int(item.sum()), amount="amount_minor")
    tell("export_postings_partial" if lettered else "export_postings_document", opened[opened["how"] == "partial"])
    tell("export_postings_opening", lines[(lines["how"] == "opening") & (lines["amount_minor"] < 0)], amount="amount_minor")
    tell("export_postings_brought", opened[opened["brought"].astype("bool") & opened["open_minor"].ne(0)], Severity.WARNING)
    tell("export_postings_later", lines[lines["state"] == LATER], Severity.WARNING, amount="amount_minor", as_of=asked.as_of)
    if allocate:
        tell("export_postings_allocated", lines[lines["how"] == "allocated"], Severity.WARNING)
    elif unlettered and asked.answers.allocation == "":
        bare = opened if not (lines["group"] != "").any() and (opened["open_minor"] < 0).any() else opened.iloc[:0]
        tell("export_postings_unlettered", bare, Severity.WARNING, payers=int(bare["payer"].nunique()))
    if len(net.differing):
        first = net.differing.iloc[0]
        amounts_shown = {name: Amount(int(first[f"{name}_minor"]), first["currency"]) for name in ("before", "opening")}
        values = {"count": len(net.differing), "payer": first["payer"], **amounts_shown}
        made.append(Finding("export_postings_differing", Severity.WARNING, place=place, values=values))
    if not item.any():
        made.append(Finding("export_no_items", Severity.WARNING, place=place, values={"rows": int((~book.kinds.isin(OUTSIDE)).sum())}))
    return made


def _sums(lines: pd.DataFrame, amount: str) -> tuple[Amount, ...]:
    """The sum in each currency."""
    sums = lines[amount].groupby(lines["currency"]).sum()
    return tuple(Amount(int(total), str(currency)) for currency, total in sums.items())
