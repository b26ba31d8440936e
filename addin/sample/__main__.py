"""The generator of the sample exports: invents documents and payments of the sample's payers, and writes what was open on each day.

`python -m addin.sample` renews the files; equal code gives equal bytes.
"""

from __future__ import annotations

import calendar
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from addin.sample import DAYS, export
from addin.sample.payers import Payer, payers
from rules.money import decimals

FIRST, LAST = date(2025, 11, 3), date(2026, 4, 6)
LATE = {"prompt": (-4, 4), "slow": (10, 26), "late": (38, 60), "part": (3, 9)}  # days after the due date, first and last
NEVER = date.max
RENAMED = {"000140": (date(2026, 4, 7), "Transports Delaunay et Cie")}  # a payer whose name changes in the third export


@dataclass
class Document:
    """One line of the ledger over its life: what it was for, and which amounts settled it when. Amounts in minor units."""

    payer: Payer
    kind: str
    on: date
    due: date | None
    minor: int
    settled: list[tuple[date, int]] = field(default_factory=list)
    instalment: str = ""
    block: str = ""
    dispute: str = ""
    number: str = ""
    listed_at_zero: bool = False  # some systems go on listing a document for a while after it is settled

    def open_minor(self, as_of: date) -> int:
        """What is still open at the end of `as_of`."""
        return self.minor - sum(amount for day, amount in self.settled if day <= as_of)


def due_date(on: date, terms: str) -> date:
    """The due date under the company's terms: 30J and 60J are days, 45FM is 45 days, then the end of that month."""
    later = on + timedelta(days=int(terms[:2]))
    return later.replace(day=calendar.monthrange(later.year, later.month)[1]) if terms.endswith("FM") else later


def usual(payer: Payer, chance: random.Random) -> Iterator[Document]:
    """The invoices a payer gets month after month, settled as is its habit."""
    unit = 10 ** decimals(payer.currency)
    on = FIRST + timedelta(days=int(chance.random() * 20))
    while on <= LAST:
        workday = on + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[on.weekday()])
        minor = int(payer.typical * unit * (0.5 + chance.random()))
        invoice = Document(payer, "Facture", workday, due_date(workday, payer.terms), minor - minor % (5 if unit == 100 else 10))
        invoice.settled = settlement(invoice, chance)
        yield invoice
        on += timedelta(days=int((0.6 + 0.8 * chance.random()) * 30 / payer.invoices_per_month) + 1)


def settlement(invoice: Document, chance: random.Random) -> list[tuple[date, int]]:
    """When which part of an invoice is paid. What fell due before the holidays is paid by all: the company had telephoned."""
    habit, due, half = invoice.payer.habit, invoice.due or invoice.on, invoice.minor // 2
    first, last = LATE.get(habit, (60, 60))
    paid_on = due + timedelta(days=first + int(chance.random() * (last - first + 1)))
    if due < date(2025, 12, 20):
        return [(min(paid_on, date(2026, 2, 20)), invoice.minor)]
    if habit == "silent":
        return []
    if habit == "part":
        return [(paid_on, half)]
    if habit == "late" and chance.random() < 0.4:
        return [(due + timedelta(days=20), half), (paid_on, invoice.minor - half)]
    return [(paid_on, invoice.minor)]


def particular(by_number: dict[str, Payer]) -> Iterator[Document]:
    """The lines that make a ledger a ledger: credits, payments nobody applied, instalments, disputes, and what else goes wrong."""
    theatre, claims, silent = by_number["000156"], by_number["000916"], by_number["000124"]
    # credit balance: an overdue invoice, and a larger credit note for a cancelled order
    yield Document(theatre, "Facture", date(2026, 1, 8), date(2026, 2, 7), 184_050)
    yield Document(theatre, "Avoir", date(2026, 2, 12), date(2026, 2, 12), -612_000, [(date(2026, 4, 2), -612_000)])
    # credit notes: deducted from a letter; one is set against an invoice before the second export
    yield Document(by_number["000104"], "Avoir", date(2026, 2, 16), date(2026, 2, 16), -24_000, [(date(2026, 3, 10), -24_000)])
    yield Document(by_number["000208"], "Avoir", date(2026, 2, 20), date(2026, 2, 20), -38_500)
    yield Document(by_number["000320"], "Avoir", date(2026, 3, 9), date(2026, 3, 9), -41_200)
    yield Document(by_number["000604"], "Avoir", date(2026, 1, 26), date(2026, 1, 26), -120_000)
    yield Document(by_number["000516"], "Avoir", date(2026, 3, 27), date(2026, 3, 27), -6_450)
    # payments that nobody has applied yet
    yield Document(by_number["000232"], "Règlement", date(2026, 2, 26), None, -95_000)
    yield Document(by_number["000304"], "Règlement", date(2026, 2, 27), None, -150_000, [(date(2026, 3, 12), -150_000)])
    yield Document(by_number["000504"], "Règlement", date(2026, 3, 13), None, -210_000)
    yield Document(by_number["000184"], "Règlement", date(2026, 3, 31), None, -300_000)
    # three instalments of one document; the first was paid
    for n, (due, paid) in enumerate(((date(2026, 1, 31), date(2026, 2, 3)), (date(2026, 2, 20), NEVER), (date(2026, 4, 30), NEVER)), 1):
        yield Document(by_number["000144"], "Facture", date(2025, 12, 29), due, 500_000, [(paid, 500_000)], str(n))
    for n, (due, paid) in enumerate(((date(2026, 2, 13), date(2026, 3, 6)), (date(2026, 3, 13), NEVER)), 1):
        yield Document(by_number["000328"], "Facture", date(2026, 1, 14), due, 325_000, [(paid, 325_000)], str(n))
    # disputes and blocks that the accounting system already knows
    yield Document(claims, "Facture", date(2025, 12, 18), date(2026, 1, 17), 421_890, dispute="oui")
    yield Document(claims, "Facture", date(2026, 1, 6), date(2026, 2, 5), 138_000, block="ACCORD")
    yield Document(by_number["000216"], "Facture", date(2026, 1, 2), date(2026, 2, 1), 96_400, dispute="oui")
    yield Document(by_number["000612"], "Facture", date(2025, 12, 22), date(2026, 1, 21), 187_560, block="ACCORD")
    # no due date, a remainder of a few cents, and a document that is settled and still listed
    yield Document(silent, "Facture", date(2026, 2, 4), None, 74_300)
    yield Document(by_number["000116"], "Facture", date(2025, 12, 5), date(2026, 1, 31), 298_440, [(date(2026, 1, 29), 298_405)])
    yield Document(by_number["000220"], "Facture", date(2025, 12, 3), date(2026, 2, 1), 845_000, [(date(2026, 2, 2), 845_000)], listed_at_zero=True)
    # within the grace on each of the three days
    for on in DAYS:
        due = on - timedelta(days=3)
        yield Document(by_number["000312"], "Facture", due - timedelta(days=30), due, 152_000, [(on + timedelta(days=1), 152_000)])


def documents() -> list[Document]:
    """All documents of the winter, numbered by kind in the order of their dates; the instalments of a document share its number."""
    chance = random.Random(20260302)
    everyone = payers()
    found = [d for payer in everyone for d in usual(payer, chance)] + list(particular({p.number: p for p in everyone}))
    found.sort(key=lambda d: (d.on, d.payer.number, d.instalment))
    counts = {"Facture": 41200, "Avoir": 880, "Règlement": 7300}
    for document in found:
        if document.instalment in ("", "1"):
            counts[document.kind] += 1
        document.number = f"{document.kind[0]}{document.on:%y}{counts[document.kind]:06}"
    return found


def written(minor: int, currency: str) -> str:
    """An amount as the accounting system writes it: decimal comma, no thousands separator, minus in front."""
    places = decimals(currency)
    digits = f"{abs(minor):0{places + 1}}"
    return "-" * (minor < 0) + (f"{digits[:-places]},{digits[-places:]}" if places else digits)


def ledger(as_of: date) -> pd.DataFrame:
    """The lines open on `as_of`, payer by payer, with the headings and the spelling of the export: all text."""
    rows = []
    for d in sorted(documents(), key=lambda d: (d.payer.number, d.on, d.number, d.instalment)):
        still = d.open_minor(as_of)
        if d.on > as_of or (still == 0 and not (d.listed_at_zero and as_of == DAYS[0])):
            continue
        payer = d.payer
        renamed_on, name = RENAMED.get(payer.number, (NEVER, ""))
        rows.append({
            "Société": "AB01", "Code client": payer.number, "Raison sociale": name if as_of >= renamed_on else payer.name, "Adresse": payer.address,
            "Code postal": payer.postal, "Ville": payer.city, "Pays": payer.country, "Langue": payer.language, "E-mail": payer.email,
            "N° pièce": d.number, "Échéance n°": d.instalment, "Type": d.kind, "Date pièce": f"{d.on:%d/%m/%Y}",
            "Échéance": f"{d.due:%d/%m/%Y}" if d.due else "", "Devise": payer.currency, "Montant initial": written(d.minor, payer.currency),
            "Solde": written(still, payer.currency), "Référence": f"CDE {d.on:%y%m}-{payer.number[3:]}" if d.kind == "Facture" else "",
            "Conditions": payer.terms if d.kind == "Facture" and d.due else "", "Blocage": d.block, "Litige": d.dispute,
        })  # fmt: skip
    return pd.DataFrame(rows)


def write(frame: pd.DataFrame, path: Path) -> None:
    """`frame` as accounting systems write it for a French Excel: semicolons, UTF-8 with its mark, lines that end CR LF."""
    frame.to_csv(path, sep=";", index=False, encoding="utf-8-sig", lineterminator="\r\n")


def main() -> None:
    """Renew the three exports."""
    for as_of in DAYS:
        write(ledger(as_of), export(as_of))


if __name__ == "__main__":
    main()
