"""Payments as a table, csv or sheet: what a bank's own download or a cash book holds, one payment a row, found by its headings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from rules.errors import LedgerError
from rules.findings import Finding
from rules.model import Severity
from rules.money import decimals_of
from rules.ways import Way
from workbook.bank.entries import NOT_PROVIDED, Money, Read
from workbook.guard import Caps
from workbook.ledgers import amounts, dates
from workbook.ledgers.containers import opened
from workbook.ledgers.denominations import DOLLAR, DOLLARS, SYMBOLS, beside_amounts, codes
from workbook.ledgers.grid import Grid
from workbook.ledgers.headings import normal, ranks
from workbook.ledgers.preamble import currency_in
from workbook.ledgers.words import CURRENCIES

MONEY = ("amount", "money_in", "money_out")
DAYS = ("booked_on", "date")
SIDES = {
    **dict.fromkeys(("h", "c", "cr", "crdt", "credit", "crédit", "haben", "+"), 1),
    **dict.fromkeys(("s", "d", "dr", "dbit", "debit", "débit", "soll", "-"), -1),
}  # as the bank sees it: credit is money in
EUROS = frozenset({"euro", "euros"})
NOT_BOOKED = (
    r"(?i)vorgemerkt|ausstehend|abgelehnt|storniert|pending|declined|failed|revert|reject|cancel|en attente|en cours|à venir|a venir|refus|annul"
)
TEXTS = ("debtor", "text", "end_to_end", "reference", "document", "payer", "bank_reference")
DEPTH = 60  # records among which the headings are looked for
HEADINGS = {
    "booked_on": "date|booking date|booked on|posting date|transaction date|payment date|paid on|date paid|buchungstag|buchungsdatum|buchung|datum|"
    "zahlungsdatum|bezahlt am|date operation|date de l operation|date d operation|date comptable|date de paiement|date paiement|date reglement|"
    "date de reglement|paye le|date completed utc|date completed|completed date|date de l operation utc|created utc",
    "date": "value date|value|valuta|valutadatum|wertstellung|valuta datum|date de valeur|date valeur|valeur",
    "amount": "amount|payment amount|amount paid|paid|betrag|umsatz|zahlbetrag|montant|montant paye|paye|bezahlt|montant operation|"
    "montant de l operation|montant total ttc|gross|brutto",
    "money_in": "credit|credits|credit amount|money in|paid in|received|haben|gutschrift|montant credit|recu|encaissement|eingang",
    "money_out": "debit|debits|debit amount|money out|paid out|soll|lastschrift|belastung|montant debit|ausgang",
    "side": "s h|soll haben|soll haben kennzeichen|soll haben kz|h s|haben soll|sens|d c|c d|dr cr|cr dr|debit credit|credit debit|debit or credit|"
    "credit or debit|debit credit indicator|credit debit indicator|credit debit code",
    "currency": "currency|currency code|payment currency|ccy|devise|code devise|monnaie|wahrung|waehrung|whrg",
    "debtor": "from|debtor|debtor name|name|payer name|customer name|counterparty|counterparty name|auftraggeber|auftraggeber beguenstigter|"
    "auftraggeber begunstigter|beguenstigter zahlungspflichtiger|begunstigter zahlungspflichtiger|zahlungspflichtiger|zahlungspflichtige r|"
    "name zahlungsbeteiligter|donneur d ordre|contrepartie|tiers|emetteur|nom|nom client|partner|de|von|partner name|"
    "nom de la contrepartie|auftraggeber empfanger|begunstigter auftraggeber",
    "text": "text|remittance|remittance information|description|details|payment details|narrative|memo|verwendungszweck|libelle|libelle operation|"
    "libelle de l operation|detail de l ecriture|communication|motif|message|mitteilung|note|buchungstext|avisierungstext|beschreibung|beschreibung1|"
    "beschreibung2|beschreibung3",
    "end_to_end": "end to end id|end to end|endtoendid|end to end reference|kundenreferenz end to end|kundenreferenz|e2e",
    "reference": "reference|ref|structured reference|creditor reference|referenz|zahlungsreferenz|referenznummer|qr referenz|payment reference|"
    "reference paiement|reference structuree|communication structuree|kid|ocr|ocr kid|viite|viitenumero",
    "document": "document|document no|document number|invoice|invoice no|invoice number|facture|no facture|n facture|numero facture|"
    "numero de facture|piece|no piece|beleg|belegnr|belegnummer|rechnung|rechnungsnr|rechnungsnummer",
    "payer": "payer|payer no|payer number|customer|customer no|customer number|account no|client|code client|no client|payeur|compte client|kunde|"
    "kundennr|kundennummer|debitor|zahler",
    "bank_reference": "transaction id|id|bank reference|umsatz id|identifiant|reference banque",
    "status": "status|state|statut|etat|buchungsstatus|transaction status|info",
}  # fmt: skip


@cache
def _fields() -> dict[str, tuple[str, int]]:
    """Heading to field, and how well it names it: 0 is best."""
    return {normal(heading): (field, at) for field, headings in HEADINGS.items() for at, heading in enumerate(headings.split("|"))}


@dataclass(frozen=True)
class Located:
    """A table of payments: field to column, and the record of its headings."""

    grid: Grid
    header: int
    columns: dict[str, int]

    def complete(self) -> bool:
        """Whether there is a day and an amount."""
        return bool(self.days) and bool({"amount", "money_in"} & set(self.columns))

    @property
    def money(self) -> list[str]:
        """The fields of amounts that there are."""
        return [name for name in MONEY if name in self.columns]

    @property
    def days(self) -> list[str]:
        """The fields of days that there are."""
        return [name for name in DAYS if name in self.columns]

    def headings(self) -> dict[str, str]:
        """Field to heading."""
        return {field: str(self.grid.cells.iloc[self.header][column]) for field, column in self.columns.items()}

    def rows(self) -> pd.DataFrame:
        """The records below the headings that have an amount and a day, a column for each field; all texts of a record in one."""
        cells = self.grid.cells.iloc[self.header + 1 :]
        rows = cells[list(self.columns.values())].set_axis(list(self.columns), axis=1)
        texts = [at for at, heading in enumerate(self.grid.cells.iloc[self.header]) if _headed(str(heading))[0] == "text"]
        for at in [at for at in texts if at != self.columns["text"]]:
            rows["text"] = rows["text"].str.cat(cells[at], sep=" ").str.strip()
        filled = np.logical_or.reduce([rows[name] != "" for name in self.money])
        dated = np.logical_or.reduce([rows[name].str.contains(r"\d") for name in self.days])
        return rows[filled & dated]

    def said(self, row: int) -> str:
        """What the record at position `row` says of day, amount and currency."""
        cells = (self.grid.cells.at[row, self.columns[name]] for name in (*DAYS, *MONEY, "side", "currency") if name in self.columns)
        return " ".join(str(cell) for cell in cells if cell)


def read_table(path: Path, caps: Caps, as_of: date, company_currency: str, date_order: str, decimal_mark: str) -> Read:
    """The money of a table of payments. Raises LedgerError when no table is found, or with the question what it leaves open."""
    table = _table(path, caps)
    rows, read = table.rows(), Read(findings=list(table.grid.findings))
    if "status" in rows:
        waiting = rows["status"].str.contains(NOT_BOOKED)
        rows, read.not_booked = rows[~waiting], int(waiting.sum())
    if rows.empty:
        return read
    currency = _currencies(table, rows, company_currency)
    if (assumed := currency == "").any():
        values = {"count": int(assumed.sum()), "currency": company_currency}
        read.findings.append(Finding("bank_currency", Severity.NOTE, place=table.grid.file, values=values))
    currency = currency.where(~assumed, company_currency)
    sums, headings = _sums(table, rows, currency, decimal_mark), table.headings()
    on = dates.read({n: rows[n] for n in table.days}, headings, said=date_order, as_of=as_of, sheet=bool(table.grid.sheet))
    booked = on["booked_on" if "booked_on" in on else "date"].days
    valued = on["date"].days.fillna(booked) if "date" in on else booked
    minor = sum((-abs(s.minor) if n == "money_out" else s.minor for n, s in sums.items()), pd.Series(0, index=rows.index))
    if "amount" in sums:  # beside columns of money in and money out it says the same
        minor = sums["amount"].minor.where(~sums["amount"].blank, minor - sums["amount"].minor)
    side = pd.Series(1, index=rows.index) if (minor < 0).any() or "amount" not in sums else _sides(table, rows)
    wrong = booked.isna() | side.isna() | ~currency.str.fullmatch("[A-Z]{3}") | np.logical_or.reduce([s.unreadable for s in sums.values()])
    read.rounded = sum(int(s.rounded.sum()) for s in sums.values())
    read.findings += [
        Finding("bank_entry", Severity.ERROR, place=table.grid.place(row), values={"found": table.said(row)}) for row in rows.index[wrong]
    ]
    whole = rows.assign(booked_on=booked, date=valued, currency=currency, minor=minor * side.fillna(1).astype("int64"))[~wrong]
    read.money = _money(whole[whole["minor"] > 0])
    read.money_out = int((whole["minor"] < 0).sum())
    if len(whole):
        read.cover("", whole["booked_on"].max().date())
    return read


def _table(path: Path, caps: Caps) -> Located:
    """The table of payments of a file; refused with what was expected where there is none."""
    best = max((_located(grid) for grid in opened(path, caps)), key=lambda f: (f.complete(), len(f.columns)), default=None)
    if best is None or not best.complete():
        raise LedgerError(
            f"{path.name} is neither a bank statement nor a table of payments: a row of headings with a date and an amount was not found."
            " Expected: camt.053 from your bank, or csv or xlsx with headings such as Date, Amount, Currency, Name, Text."
        )
    if any(normal(str(cell)) in ranks()["due_date"] for cell in best.grid.cells.iloc[best.header]):
        raise LedgerError(f"{path.name} has due dates: it is a list of open items, not of payments. Import it.", Way("", of="import"))
    return best


def _sums(table: Located, rows: pd.DataFrame, currency: pd.Series, decimal_mark: str) -> dict[str, amounts.Amounts]:
    """The amounts of each column of money."""
    plain = {name: rows[name].str.contains(amounts.PLAIN) & bool(table.grid.sheet) for name in table.money}
    return amounts.read({n: rows[n] for n in table.money}, table.headings(), decimals_of(currency), said=decimal_mark, numbers=plain)[0]


def _money(rows: pd.DataFrame) -> list[Money]:
    """The receipts of rows that are money that came in: `minor` of it, days and currency as they were read, and the texts of the table."""
    said = rows.reindex(columns=[*rows, *(name for name in TEXTS if name not in rows)], fill_value="")
    said["end_to_end"] = said["end_to_end"].where(~said["end_to_end"].str.upper().isin(NOT_PROVIDED), "")
    return [
        Money(
            booked_on=row.booked_on.date(), date=row.date.date(), currency=row.currency, received_minor=int(row.minor),
            debtor=row.debtor, text=" ".join(w for w in (row.text, row.payer) if w), end_to_end=row.end_to_end, bank_reference=row.bank_reference,
            references=tuple((n, None) for n in dict.fromkeys(n for n in (row.document, row.reference) if n)),
        )
        for row in said.itertuples(index=False)
    ]  # fmt: skip


def _sides(table: Located, rows: pd.DataFrame) -> pd.Series:
    """Which way the money of amounts without signs went, 1 or -1, where a column marks it; missing where the mark is not known.

    Such a column is known by its heading, or by marks of both sides and nothing else in it.
    """
    if "side" in rows:
        return rows["side"].str.casefold().map(SIDES)
    cells = table.grid.cells.loc[rows.index]
    for column in [c for c in cells if c not in table.columns.values()]:
        marked = cells[column].str.casefold().map(SIDES)
        if marked.nunique() > 1 and marked.notna().all():
            return marked
    return pd.Series(1, index=rows.index)


def _currencies(table: Located, rows: pd.DataFrame, company_currency: str) -> pd.Series:
    """The currency of each payment: in its column, beside its amount, in the heading of the amounts, or above the headings; "" where none is named.

    A payment that names two is given both, which is no currency. Raises LedgerError for dollars of no country.
    """
    own = codes(rows["currency"]) if "currency" in rows else pd.Series("", index=rows.index, dtype="str")
    for name in table.money:
        beside = beside_amounts(rows[name]).replace(SYMBOLS)
        own = own.mask((own != "") & (beside != "") & (own != beside), own + " " + beside).where(own != "", beside)
        own = own.where((own != "") | (rows[name] == ""), _headed(table.headings()[name])[2])
    own = own.where(own != "", currency_in(table.grid.lines_above(table.header)))
    if (own == DOLLAR).any() and company_currency not in DOLLARS:
        row = own.index[own == DOLLAR][0]
        raise LedgerError(
            f"{table.grid.place(row)} is in dollars ({' '.join(rows[name][row] for name in table.money).strip()}), and the table does not say in"
            " which. Add a column Currency with their code, such as USD."
        )
    return own.replace(DOLLAR, company_currency)


def _headed(heading: str) -> tuple[str, int, str]:
    """The field that a heading names, how well, and the currency of its amounts: Amount (USD), Betrag €, Gutschrift in CHF, Crédit euros."""
    word, code = normal(heading), next((code for sign, code in SYMBOLS.items() if sign in heading), "")
    if word in _fields():
        field, rank = _fields()[word]
        return field, rank, code if field in MONEY else ""
    first, _, last = word.rpartition(" ")
    field, rank = _fields().get(first) or _fields().get(first.removesuffix(" in").removesuffix(" en"), ("", 0))
    named = "EUR" if last in EUROS else last.upper()
    return (field, rank, named) if field in MONEY and named in CURRENCIES else ("", 0, "")


def _located(grid: Grid) -> Located:
    """The record that names most fields; of two columns for one field the one that names it better, then the first."""
    best = Located(grid, 0, {})
    for row, cells in enumerate(grid.cells.head(DEPTH).itertuples(index=False)):
        found: dict[str, tuple[int, int]] = {}
        for at, cell in enumerate(cells):
            field, rank, _ = _headed(str(cell))
            if field and (rank, at) < found.get(field, (rank, at + 1)):
                found[field] = rank, at
        if len(found) > len(best.columns):
            best = Located(grid, row, {field: at for field, (_, at) in found.items()})
    columns = best.columns
    if "booked_on" in columns and "date" in columns and not columns.keys() & set(MONEY):  # Value: a day, or an amount
        values = grid.cells[columns["date"]].iloc[best.header + 1 :]
        if not dates.looks_like_a_date(values[values != ""], bool(grid.sheet)).any():
            columns["amount"] = columns.pop("date")
    return best
