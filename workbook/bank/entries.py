"""Money on a bank statement as its readers give it, and the number of each receipt: the same whenever and in whatever file it is read again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from rules.findings import Finding
from rules.receipts import Entries
from rules.standing import text_key

NOT_PROVIDED = frozenset(("", "NOTPROVIDED", "NOTAVAILABLE", "NONREF", "NA"))  # what stands where the payer gave no end-to-end id
LONGEST = 1_000  # characters of a text on the sheet
# what makes two receipts the same
TOLD = ("account", "booked_on", "date", "currency", "received_minor", "debtor", "text", "end_to_end", "bank_reference")


@dataclass(frozen=True)
class Money:
    """One receipt of a statement; what went back is negative. `references`: structured ones, with the amount remitted for each or None."""

    booked_on: date
    date: date
    currency: str
    received_minor: int
    debtor: str
    text: str
    account: str = ""
    on_behalf_of: str = ""
    end_to_end: str = ""
    bank_reference: str = ""
    returned: bool = False
    undivided: bool = False
    references: tuple[tuple[str, int | None], ...] = ()


@dataclass
class Read:
    """What one file says: its money, its first day where it states one, its last day for each account, how many entries were left out and why."""

    money: list[Money] = field(default_factory=list[Money])
    first: date | None = None
    last: dict[str, date] = field(default_factory=dict[str, date])
    money_out: int = 0
    not_booked: int = 0
    rounded: int = 0
    findings: list[Finding] = field(default_factory=list[Finding])

    def cover(self, account: str, day: date) -> None:
        """The file reaches to this day for the account."""
        self.last[account] = max(self.last.get(account, day), day)


def entries(money: Sequence[Money], file: str) -> Entries:
    """The receipts of one file, numbered: by what they say, and those that say the same by their order."""
    names = [name for name in Money.__dataclass_fields__ if name != "references"]
    lines = pd.DataFrame([[getattr(m, name) for name in names] for m in money], columns=names)
    lines = lines.astype({name: "str" for name in names if name not in ("booked_on", "date", "received_minor", "returned", "undivided")})
    lines = lines.astype({"booked_on": "datetime64[s]", "date": "datetime64[s]", "received_minor": "int64", "returned": "bool", "undivided": "bool"})
    told = text_key(lines, TOLD)
    told = told.str.cat(told.groupby(told).cumcount().astype("str"), sep=" ")
    number = [hashlib.sha256(text.encode()).hexdigest()[:10] for text in told]
    lines["receipt"] = lines["booked_on"].dt.strftime("%Y%m%d").astype("str").str.cat(pd.Series(number, index=lines.index, dtype="str"), sep="-")
    references = [(at, number, amount) for at, m in enumerate(money) for number, amount in m.references]
    lines["text"] = [" ".join(dict.fromkeys([*(number for number, _ in m.references if number not in m.text), m.text])).strip() for m in money]
    lines["text"] = lines["text"].astype("str").str.slice(0, LONGEST)
    said = pd.DataFrame(references, columns=["at", "number", "remitted_minor"])
    return Entries(lines.assign(file=file), said.astype({"at": "int64", "number": "str", "remitted_minor": "Int64"}))
