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
DEPTH = 60  # records among which the headings are looked for
HEADINGS = {
    "booked_on": "date|booking date|booked on|posting date|transaction date|payment date|paid on|date paid|buchungstag|buchungsdatum|buchung|datum|"
    "zahlungsdatum|bezahlt am|date operation|date de l operation|date d operation|date comptable|date de paiement|date paiement|date reglement|"
    "date de reglement|paye le",
    "date": "value date|value|valuta|valutadatum|wertstellung|valuta datum|date de valeur|date valeur|valeur",
    "amount": "amount|payment amount|amount paid|paid|betrag|umsatz|zahlbetrag|montant|montant paye|paye|bezahlt",
    "money_in": "credit|credits|credit amount|money in|paid in|received|haben|gutschrift|montant credit|recu|encaissement|eingang",
    "money_out": "debit|debits|debit amount|money out|paid out|soll|lastschrift|belastung|montant debit|ausgang",
    "currency": "currency|currency code|ccy|devise|code devise|monnaie|wahrung|waehrung|whrg",
    "debtor": "from|debtor|debtor name|name|payer name|customer name|counterparty|counterparty name|auftraggeber|auftraggeber beguenstigter|"
    "auftraggeber begunstigter|beguenstigter zahlungspflichtiger|begunstigter zahlungspflichtiger|zahlungspflichtiger|zahlungspflichtige r|"
    "name zahlungsbeteiligter|donneur d ordre|contrepartie|tiers|emetteur|nom|nom client|partner|de|von",
    "text": "text|remittance|remittance information|description|details|payment details|narrative|memo|verwendungszweck|libelle|communication|motif|"
    "message|mitteilung",
    "end_to_end": "end to end id|end to end|endtoendid|end to end reference|kundenreferenz end to end|kundenreferenz|e2e",
    "reference": "reference|ref|structured reference|referenz|zahlungsreferenz|payment reference|reference paiement",
    "document": "document|document no|document number|invoice|invoice no|invoice number|facture|no facture|n facture|numero facture|"
    "numero de facture|piece|no piece|beleg|belegnr|belegnummer|rechnung|rechnungsnr|rechnungsnummer",
    "payer": "payer|payer no|payer number|customer|customer no|customer number|account no|client|code client|no client|payeur|compte client|kunde|"
    "kundennr|kundennummer|debitor|zahler",
    "bank_reference": "transaction id|id|bank reference|umsatz id|identifiant|reference banque",
}  # fmt: skip


@cache
def _fields() -> dict[str, str]:
    """Heading to field."""
    return {normal(heading): field for field, headings in HEADINGS.items() for heading in headings.split("|")}


@dataclass(frozen=True)
class Located:
    """A table of payments: field to column, and the record of its headings."""

    grid: Grid
    header: int
    columns: dict[str, int]

    def complete(self) -> bool:
        """Whether there is a day and an amount."""
        return bool({"date", "booked_on"} & set(self.columns)) and bool({"amount", "money_in"} & set(self.columns))


def read_table(path: Path, caps: Caps, as_of: date, company_currency: str, date_order: str, decimal_mark: str) -> Read:
    """The money of a table of payments. Raises LedgerError when no table is found, or with the question what it leaves open."""
    found = [_located(grid) for grid in opened(path, caps)]
    best = max(found, key=lambda f: (f.complete(), len(f.columns)), default=None)
    if best is None or not best.complete():
        raise LedgerError(
            f"{path.name} is neither a bank statement nor a table of payments: a row of headings with a date and an amount was not found."
            " Expected: camt.053 from your bank, or csv or xlsx with headings such as Date, Amount, Currency, Name, Text."
        )
    names = [normal(str(cell)) for cell in best.grid.cells.iloc[best.header]]
    if any(name in ranks()["due_date"] for name in names):
        raise LedgerError(f"{path.name} has due dates: it is a list of open items, not of payments. Import it.", Way("", of="import"))
    read = Read(findings=list(best.grid.findings))
    cells = best.grid.cells.iloc[best.header + 1 :]
    texts = {field: cells[at] for field, at in best.columns.items()}
    sheet, file = bool(best.grid.sheet), best.grid.file
    money = [name for name in MONEY if name in texts]
    filled = pd.Series(np.logical_or.reduce([texts[name] != "" for name in money]), index=cells.index)
    days = [name for name in ("booked_on", "date") if name in texts]
    dated = pd.Series(np.logical_or.reduce([texts[name].str.contains(r"\d") for name in days]), index=cells.index)
    texts = {field: column[filled & dated] for field, column in texts.items()}
    at = texts[money[0]].index
    if not len(at):
        return read
    headings = {field: str(best.grid.cells.iloc[best.header][column]) for field, column in best.columns.items()}
    blank = pd.Series("", index=at, dtype="str")
    currency = _currencies(best, texts, money, company_currency)
    if (assumed := currency == "").any():
        read.findings.append(Finding("bank_currency", Severity.NOTE, place=file, values={"count": int(assumed.sum()), "currency": company_currency}))
    currency = currency.where(~assumed, company_currency)
    plain = {name: texts[name].str.contains(amounts.PLAIN) & sheet for name in money}
    sums, _ = amounts.read({n: texts[n] for n in money}, headings, decimals_of(currency), said=decimal_mark, numbers=plain)
    minor = sum((abs(sums[n].minor) * sign for n, sign in (("money_in", 1), ("money_out", -1)) if n in sums), pd.Series(0, index=at))
    minor = minor + sums["amount"].minor if "amount" in sums else minor
    on = dates.read({n: texts[n] for n in days}, headings, said=date_order, as_of=as_of, sheet=sheet)
    booked = on["booked_on"].days if "booked_on" in on else on["date"].days
    valued = on["date"].days.fillna(booked) if "date" in on else booked
    wrong = np.logical_or.reduce([sums[n].unreadable for n in money]) | booked.isna().to_numpy() | ~currency.str.fullmatch("[A-Z]{3}").to_numpy()
    read.rounded = int(sum(int(sums[n].rounded.sum()) for n in money))
    for row in at[wrong]:
        said = " ".join(texts[n][row] for n in (*days, *money, "currency") if n in texts and texts[n][row])
        read.findings.append(Finding("bank_entry", Severity.ERROR, place=best.grid.place(row), values={"found": said}))
    said = {name: texts.get(name, blank) for name in ("debtor", "text", "end_to_end", "reference", "document", "payer", "bank_reference")}
    said["end_to_end"] = said["end_to_end"].where(~said["end_to_end"].str.upper().isin(NOT_PROVIDED), "")
    for row in at[~wrong & (minor > 0).to_numpy()]:
        numbers = tuple(dict.fromkeys(n for n in (said["document"][row], said["reference"][row]) if n))
        words = (said["text"][row], said["payer"][row])
        read.money.append(
            Money(
                booked_on=booked[row].date(), date=valued[row].date(), currency=currency[row], received_minor=int(minor[row]),
                debtor=said["debtor"][row], text=" ".join(w for w in words if w), end_to_end=said["end_to_end"][row],
                bank_reference=said["bank_reference"][row], references=tuple((n, None) for n in numbers),
            )
        )  # fmt: skip
    read.money_out = int((minor[~wrong] < 0).sum())
    if (~wrong).any():
        read.cover("", booked[~wrong].max().date())
    return read


def _currencies(found: Located, texts: dict[str, pd.Series], money: list[str], company_currency: str) -> pd.Series:
    """The currency of each payment: in its column, beside its amount, in the heading of the amounts, or above the headings; "" where none is named.

    A payment that names two is given both, which is no currency. Raises LedgerError for dollars of no country.
    """
    at = texts[money[0]].index
    own = codes(texts["currency"]) if "currency" in texts else pd.Series("", index=at, dtype="str")
    for name in money:
        beside = beside_amounts(texts[name]).replace(SYMBOLS)
        own = own.mask((own != "") & (beside != "") & (own != beside), own + " " + beside).where(own != "", beside)
        headed = _headed(str(found.grid.cells.iloc[found.header][found.columns[name]]))[1]
        own = own.where((own != "") | (texts[name] == ""), headed)
    above = [" ".join(str(cell) for cell in row if cell) for row in found.grid.cells.iloc[: found.header].itertuples(index=False)]
    own = own.where(own != "", currency_in(above))
    if (own == DOLLAR).any() and company_currency not in DOLLARS:
        row = own.index[own == DOLLAR][0]
        raise LedgerError(
            f"{found.grid.place(row)} is in dollars ({' '.join(texts[name][row] for name in money).strip()}), and the table does not say in which."
            " Add a column Currency with their code, such as USD."
        )
    return own.replace(DOLLAR, company_currency)


def _headed(heading: str) -> tuple[str, str]:
    """The field that a heading names, and the currency of its amounts: Amount (USD), Betrag €."""
    word, code = normal(heading), next((code for sign, code in SYMBOLS.items() if sign in heading), "")
    if field := _fields().get(word):
        return field, code if field in MONEY else ""
    first, _, last = word.rpartition(" ")
    field = _fields().get(first, "")
    return (field, last.upper()) if field in MONEY and last.upper() in CURRENCIES else ("", "")


def _located(grid: Grid) -> Located:
    """The record that names most fields; of two columns for one field the first."""
    best = Located(grid, 0, {})
    for row, cells in enumerate(grid.cells.head(DEPTH).itertuples(index=False)):
        columns: dict[str, int] = {}
        for at, cell in enumerate(cells):
            if field := _headed(str(cell))[0]:
                columns.setdefault(field, at)
        if len(columns) > len(best.columns):
            best = Located(grid, row, columns)
    return best
