"""Bank statements as banks send them in XML: camt.053 in any version, read as a stream, each batch divided into its payments.

Elements are found by their local names, for the namespace changes with every version. Only booked entries count. Money that went out is left out,
unless it is money of a payer that went back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from lxml import etree

from rules.errors import LedgerError
from rules.findings import Finding
from rules.model import Severity
from rules.money import decimals, fits, to_minor
from rules.written import Amount
from workbook import guard
from workbook.bank.entries import NOT_PROVIDED, Money, Read

STATEMENT = "BkToCstmrStmt"
OTHERS = {
    "BkToCstmrAcctRpt": "an account report (camt.052), whose entries may still change",
    "BkToCstmrDbtCdtNtfctn": "a notification of single bookings (camt.054), which stand on the statement as well",
}
FIRST_ELEMENTS = 200  # among which the kind of message is looked for: some banks put it into an envelope
AMOUNT = re.compile(r"\+?\d{1,15}(\.\d{1,10})?|\+?\.\d{1,10}")
WENT_BACK = frozenset(("UPDD", "UPCT", "UPCQ", "RRTN", "RPCR", "PRDD"))  # sub-families of ISO 20022: unpaid, returned, cancelled
TEXTS = ("RmtInf/Ustrd", "RmtInf/Strd/AddtlRmtInf")


def read_camt(path: Path, name: str) -> Read:
    """The booked money of a camt.053; `name`: what the user calls the file. Raises LedgerError when it is damaged or another message."""
    guard.check_markup(path, LedgerError)
    _refuse_others(path, name)
    read, statement = Read(), Statement(name)
    for event, element in _parsed(path, name, events=("start", "end"), tag=[f"{{*}}{t}" for t in ("Stmt", "Acct", "FrToDt", "Bal", "Ntry")]):
        kind = _local(element)
        if event == "start":
            if kind == "Stmt":
                statement = Statement(name, statement.number + 1)
        elif kind == "Acct" and _local(element.getparent()) == "Stmt":
            statement.account = _text(element, "Id/IBAN") or _text(element, "Id/Othr/Id")
        elif kind == "FrToDt":
            first, last = (_day(element, f"{end}DtTm") or _day(element, f"{end}Dt") for end in ("Fr", "To"))
            read.first = min(read.first or first, first) if first else read.first
            statement.cover(last)
        elif kind == "Bal":
            _note_balance(element, statement)
        elif kind == "Ntry":
            statement.entries += 1
            _entry(element, statement, read)
            _forget(element)
        elif kind == "Stmt":
            _check_balance(statement, read)
            if statement.last:
                read.cover(statement.account, statement.last)
            _forget(element)
    return read


def _refuse_others(path: Path, name: str) -> None:
    """LedgerError unless the message is a statement of account: others look alike."""
    kinds = (_local(element) for _, element in islice(_parsed(path, name, events=("start",)), FIRST_ELEMENTS))
    kind = next((kind for kind in kinds if kind == STATEMENT or kind in OTHERS), "")
    if kind in OTHERS:
        raise LedgerError(f"{name} is {OTHERS[kind]}. Give the statement of the account (camt.053) instead.")
    if not kind:
        raise LedgerError(f"{name} is XML, but not a bank statement. Expected: camt.053 from your bank, or a table of payments as csv or xlsx.")


# ---------------------------------------------------------------------------------------------------------------- XML


def _parsed(path: Path, name: str, **how: Any) -> Iterator[tuple[str, Any]]:
    """Elements as they come; nothing outside the file is looked up, no entity is replaced."""
    safe = {"resolve_entities": False, "load_dtd": False, "no_network": True, "huge_tree": False, "remove_comments": True}
    try:
        with path.open("rb") as stream:
            yield from etree.iterparse(stream, **safe, **how)
    except (etree.XMLSyntaxError, LookupError) as damaged:
        why = getattr(damaged, "msg", damaged)
        raise LedgerError(f"{name} is damaged or incomplete ({why}). Fetch the statement from the bank again.") from damaged


def _local(element: Any) -> str:
    return "" if element is None or not isinstance(element.tag, str) else element.tag.rpartition("}")[2]


def _forget(element: Any) -> None:
    """Gives back the memory of an element that is done, and of those before it."""
    element.clear()
    while element.getprevious() is not None and _local(element.getprevious()) == _local(element):
        del element.getparent()[0]


def _path(path: str) -> str:
    return "/".join(f"{{*}}{step}" for step in path.split("/"))


def _texts(element: Any, path: str) -> list[str]:
    """The texts at a path, blanks made single, empty ones left out."""
    found = (" ".join((at.text or "").split()) for at in element.findall(_path(path)))
    return [text for text in found if text]


def _text(element: Any, *paths: str) -> str:
    """The first text at one of the paths, or ""."""
    return next((found[0] for path in paths if (found := _texts(element, path))), "")


def _day(element: Any, path: str) -> date | None:
    """The day at a path, with or without a time: as it is written, in the time zone of the bank."""
    try:
        return date.fromisoformat(_text(element, path)[:10])
    except ValueError:
        return None


def _amount(element: Any) -> Decimal | None:
    text = (element.text or "").strip() if element is not None else ""
    return Decimal(text) if AMOUNT.fullmatch(text) else None


# ---------------------------------------------------------------------------------------------------------------- statement


@dataclass
class Statement:
    """One statement of a file while it is read: its account, its last day, its balances, and what its entries come to by currency."""

    file: str
    number: int = 0
    account: str = ""
    entries: int = 0
    last: date | None = None
    balances: dict[str, tuple[str, Decimal]] = field(default_factory=dict[str, tuple[str, Decimal]])
    moved: Counter[Any] = field(default_factory=Counter[Any])

    @property
    def place(self) -> str:
        """Where the user finds it."""
        return f"{self.file}, statement {self.number}"

    def cover(self, day: date | None) -> None:
        """The statement reaches to this day."""
        self.last = max(self.last or day, day) if day else self.last


def _note_balance(element: Any, statement: Statement) -> None:
    """The opening and closing balance of the statement: booked, not of a page."""
    code, of = _text(element, "Tp/CdOrPrtry/Cd"), element.find(_path("Amt"))
    amount = _amount(of)
    if amount is None or _text(element, "Tp/SubTp/Cd") or code not in ("OPBD", "PRCD", "CLBD"):
        return
    signed = amount if _text(element, "CdtDbtInd") != "DBIT" else -amount
    statement.balances.setdefault("CLBD" if code == "CLBD" else "OPBD", (of.get("Ccy", ""), signed))
    if code == "CLBD":
        statement.cover(_day(element, "Dt/Dt") or _day(element, "Dt/DtTm"))


def _check_balance(statement: Statement, read: Read) -> None:
    """A warning when opening balance and entries do not come to the closing balance: an entry is missing."""
    if len(statement.balances) < 2 or statement.balances["OPBD"][0] != statement.balances["CLBD"][0]:
        return
    currency, closing = statement.balances["CLBD"]
    reached = statement.balances["OPBD"][1] + statement.moved[currency]
    if reached != closing:
        values = {"reached": Amount(to_minor(reached, currency), currency), "closing": Amount(to_minor(closing, currency), currency)}
        read.findings.append(Finding("bank_balance", Severity.WARNING, place=statement.place, values=values))


# ---------------------------------------------------------------------------------------------------------------- entry


@dataclass(frozen=True)
class Entry:
    """One booked entry; `amount` is negative when money went out."""

    element: Any
    account: str
    booked_on: date
    valued_on: date
    currency: str
    amount: Decimal
    place: str


def _entry(element: Any, statement: Statement, read: Read) -> None:
    """Takes the money of one entry."""
    place = f"{statement.place}, entry {statement.entries}"
    if (_text(element, "Sts/Cd", "Sts") or "BOOK") != "BOOK":
        read.not_booked += 1
        return
    of, way = element.find(_path("Amt")), _text(element, "CdtDbtInd")
    amount, currency = _amount(of), of.get("Ccy", "").upper() if of is not None else ""
    booked, valued = (_day(element, f"{day}/Dt") or _day(element, f"{day}/DtTm") for day in ("BookgDt", "ValDt"))
    day = booked or valued
    if amount is None or day is None or not fits(amount, currency) or not re.fullmatch("[A-Z]{3}", currency) or way not in ("CRDT", "DBIT"):
        said = (_text(element, path) for path in ("Amt", "CdtDbtInd", "BookgDt/Dt", "BookgDt/DtTm"))
        read.findings.append(Finding("bank_entry", Severity.ERROR, place=place, values={"found": " ".join(t for t in (*said, currency) if t)}))
        return
    statement.cover(day)
    entry = Entry(element, statement.account, day, valued or day, currency, amount if way == "CRDT" else -amount, place)
    statement.moved[currency] += entry.amount
    _take(entry, read)


def _take(entry: Entry, read: Read) -> None:
    """The receipts of an entry: one for each transaction of a batch, or one when the transactions do not add up to it."""
    details = entry.element.findall(_path("NtryDtls/TxDtls"))
    parts = _divided(details, entry) if len(details) > 1 else [(details or [entry.element], entry.amount)]
    undivided = len(details) > 1 and len(parts) == 1
    if undivided:
        read.findings.append(Finding("bank_batch", Severity.WARNING, place=entry.place, values={"count": len(details)}))
    for transactions, amount in parts:
        returned = any(_went_back(one) for one in (entry.element, *transactions)) or amount < 0 < entry.amount
        if amount < 0 and not returned:
            read.money_out += 1
        elif amount:
            read.rounded += int(amount != round(amount, decimals(entry.currency)))
            read.money.append(_money(entry, transactions, amount, returned=returned, undivided=undivided))


def _went_back(element: Any) -> bool:
    """Whether an entry or a transaction takes another one back: a reversal, a return, a chargeback."""
    return (
        _text(element, "RvslInd") in ("true", "1")
        or element.find(_path("RtrInf")) is not None
        or _text(element, "BkTxCd/Domn/Fmly/SubFmlyCd") in WENT_BACK
    )


def _divided(details: list[Any], entry: Entry) -> list[tuple[list[Any], Decimal]]:
    """The transactions of a batch with their amounts; the batch as a whole when they do not add up to it."""
    parts: list[tuple[list[Any], Decimal]] = []
    for one in details:
        said = (one.find(_path(p)) for p in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt", "AmtDtls/CntrValAmt/Amt"))
        here = (_amount(at) for at in said if at is not None and at.get("Ccy", "").upper() == entry.currency)
        amount = next((a for a in here if a is not None), None)
        if amount is None:
            return [(details, entry.amount)]
        way = _text(one, "CdtDbtInd") or ("CRDT" if entry.amount > 0 else "DBIT")
        parts.append(([one], amount if way == "CRDT" else -amount))
    return parts if sum(amount for _, amount in parts) == entry.amount else [(details, entry.amount)]


def _money(entry: Entry, transactions: list[Any], amount: Decimal, *, returned: bool, undivided: bool) -> Money:
    """One receipt: what its transaction says, or all transactions of a batch that is not divided; else what the entry says."""
    texts = [text for one in transactions for path in TEXTS for text in _texts(one, path)]
    if not texts:
        texts = [*(text for one in transactions for text in _texts(one, "AddtlTxInf")), *_texts(entry.element, "AddtlNtryInf")]
    ids = [i for one in transactions for i in _texts(one, "Refs/EndToEndId") if re.sub(r"\W", "", i).upper() not in NOT_PROVIDED]
    debtor, behalf, creditor = (next((name for one in transactions if (name := _party(one, role))), "") for role in ("Dbtr", "UltmtDbtr", "Cdtr"))
    return Money(
        account=entry.account, booked_on=entry.booked_on, date=entry.valued_on, currency=entry.currency,
        received_minor=to_minor(amount, entry.currency), debtor=debtor or behalf or (creditor if returned else ""),
        on_behalf_of=behalf if debtor and behalf != debtor else "", text=" ".join(texts), end_to_end=" ".join(dict.fromkeys(ids)),
        bank_reference=_text(transactions[0], "Refs/AcctSvcrRef") or _text(entry.element, "AcctSvcrRef"), returned=returned, undivided=undivided,
        references=tuple(r for one in transactions for r in _references(one, entry.currency)),
    )  # fmt: skip


def _party(transaction: Any, role: str) -> str:
    return _text(transaction, f"RltdPties/{role}/Nm", f"RltdPties/{role}/Pty/Nm")


def _references(transaction: Any, currency: str) -> Iterator[tuple[str, int | None]]:
    """Structured references: documents with the amount remitted for each where one is stated, and creditor references (RF…, QR)."""
    for part in transaction.findall(_path("RmtInf/Strd")):
        documents = _texts(part, "RfrdDocInf/Nb")
        said = next((at for name in ("RmtdAmt", "CdtNoteAmt") if (at := part.find(_path(f"RfrdDocAmt/{name}"))) is not None), None)
        amount = _amount(said) if said is not None and said.get("Ccy", "").upper() == currency and len(documents) == 1 else None
        for number in documents:
            yield number, None if amount is None or not fits(amount, currency) else to_minor(amount, currency)
        for number in _texts(part, "CdtrRefInf/Ref"):
            yield number, None
