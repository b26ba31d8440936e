"""Bank statements and tables of payments: the money that came in, whatever file the bank gave."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from rules.errors import LedgerError
from rules.findings import Finding
from rules.model import Severity
from rules.receipts import Entries
from workbook import guard
from workbook.bank.camt import read_camt
from workbook.bank.entries import Read, entries
from workbook.bank.files import read_table
from workbook.guard import Caps
from workbook.ledgers.containers import archive

CAMT = re.compile(rb"BkToCstmr(Stmt|AcctRpt|DbtCdtNtfctn)|camt\.05[234]")
MT940 = re.compile(rb"^:20:.*^:25:.*^:60[FM]:", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Statements:
    """What several files say. `first`: where they begin, when they state it. `last`: until when they cover all their accounts.

    The counts are of entries left out: money out, and not booked yet.
    """

    entries: Entries
    first: date | None
    last: date | None
    money_out: int
    not_booked: int
    findings: list[Finding]


def read_statements(
    paths: Sequence[Path], *, caps: Caps, as_of: date, company_currency: str, date_order: str = "", decimal_mark: str = ""
) -> Statements:
    """The receipts of all files, each once whatever file it is in again. Raises LedgerError naming the file that cannot be read."""
    reads: list[tuple[str, Read]] = []
    for path in paths:
        reads += _read(path, caps, as_of, company_currency, date_order, decimal_mark)
    every = [entries(read.money, name) for name, read in reads]
    sizes = [len(e.lines) for e in every]
    lines = pd.concat([e.lines for e in every], ignore_index=True)
    references = pd.concat([e.references.assign(at=e.references["at"] + sum(sizes[:i])) for i, e in enumerate(every)], ignore_index=True)
    findings = [f for name, read in reads for f in (*read.findings, *_counted(name, read))]
    return Statements(
        only(Entries(lines, references), ~lines["receipt"].duplicated()),
        min((read.first for _, read in reads if read.first), default=None), _last([read for _, read in reads]),
        sum(read.money_out for _, read in reads), sum(read.not_booked for _, read in reads), findings,
    )  # fmt: skip


def _last(reads: Sequence[Read]) -> date | None:
    """The day until which every account is known: the earliest of the accounts' last days."""
    accounts = Read()
    for read in reads:
        for account, day in read.last.items():
            accounts.cover(account, day)
    return min(accounts.last.values(), default=None)


def only(every: Entries, chosen: pd.Series) -> Entries:
    """Some of the receipts, with their references."""
    kept = chosen.to_numpy(dtype=bool)
    now = kept.cumsum() - 1
    references = every.references[kept[every.references["at"]]]
    return Entries(every.lines[kept].reset_index(drop=True), references.assign(at=now[references["at"]]).reset_index(drop=True))


def _read(path: Path, caps: Caps, as_of: date, company_currency: str, date_order: str, decimal_mark: str) -> list[tuple[str, Read]]:
    """What a file says, or every statement in a zip of them."""
    head = guard.head(path, LedgerError, caps)
    packed = head.startswith(guard.ZIP)
    if packed and guard.check_archive(path, LedgerError, caps) == "zip":
        with archive.members(path, caps) as files:
            if found := [(f"{path.name}/{name}", file) for name, file in files if _is_statement(guard.head(file, LedgerError, caps))]:
                return [(name, read_camt(file, name)) for name, file in found]
    if not packed and _is_statement(head):
        return [(path.name, read_camt(path, path.name))]
    if MT940.search(head):
        raise LedgerError(f"{path.name} is a statement in the old format MT940. Ask the bank for camt.053, or for a table as csv or xlsx.")
    return [(path.name, read_table(path, caps, as_of, company_currency, date_order, decimal_mark))]


def _is_statement(head: bytes) -> bool:
    return CAMT.search(head.replace(b"\0", b"")) is not None


def _counted(name: str, read: Read) -> list[Finding]:
    """What was left out or changed in a file, each as one finding."""
    made = [("bank_not_booked", Severity.NOTE, read.not_booked), ("bank_decimals", Severity.WARNING, read.rounded)]
    return [Finding(code, severity, place=name, values={"count": count}) for code, severity, count in made if count]


__all__ = ["Statements", "only", "read_statements"]
