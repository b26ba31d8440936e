"""Statements of account: what a payer's account shows on a day, one document per payer and currency, tied to the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from addin.documents import Writer, payer_of, payers_by_key
from addin.report import Report, count
from addin.runs import ready
from addin.sheets import day_of, fact, payments_until, records_of, refuse_wrong_rows, rules_of
from addin.window import beyond_window
from letter_templates.statement import statement_context
from rules.errors import ConfigError
from rules.findings import Finding
from rules.model import AssessedItem, Payer, Severity, Statement
from rules.records import Records
from rules.row import to_rows, typed
from rules.simulate import settled
from rules.standing import payer_key, positions
from rules.statements import ACCOUNT, account_key, accounts, balances, due_for, of_payers, open_on
from rules.ways import Way
from workbook.book import Book

FOLDER = "statements"


def state(book: Book, as_of: date, *, payers: Sequence[str] = (), everybody: bool = False, dry_run: bool = False) -> Report:
    """Writes the statements that are due on `as_of` by the payers' interval, or those of `payers`, or everybody's; each is listed on its sheet.

    A day before the ledger's is told as it was then: later documents are not on it, what was paid since is open again. A payer of whom a line has
    left the ledger since then gets none, for nobody can tell what it was; a finding names the payer.
    """
    ready(book)
    refuse_wrong_rows(book, rules_of(book))
    records, findings = _on(book, as_of)
    found = accounts(open_on(records, as_of))
    if unknown := sorted(set(payers) - set(book.read(Payer)["payer"]) - set(found["payer"])):
        raise ConfigError(f"There is no payer {unknown[0]!r} in this workbook. Take the number from the column Payer of the sheet Payers.")
    chosen = np.ones(len(found), dtype=bool) if everybody else due_for(found, records.payers, book.read(Statement), as_of)
    wanted = found[of_payers(found, payers) if payers else chosen].reset_index(drop=True)
    made = _written(book, records, wanted, as_of, dry_run=dry_run)
    findings += beyond_window(book, made)
    _note(book, made)
    changed = book.save()
    fresh = sum(bool(f) for f in made.pop("fresh"))
    sentence = f"{count(len(made), 'statement')} of account as of {as_of}: {fresh} written now."
    ways = () if len(made) or payers or everybody else (Way("everybody"), Way("payers", text=True))
    if ways:
        sentence += " By their interval (column Statement every of the sheet Payers) none is due; everybody or a payer can have one all the same."
    tables = {"statements": made.drop(columns="sha256"), "tie": _tie(records_of(book), as_of, made)}
    return Report(sentence, {"statements": len(made), "written_now": fresh}, tables, findings, changed, ways=ways)


def _on(book: Book, as_of: date) -> tuple[Records, list[Finding]]:
    """What is known of the day, without the payers of whom it is not known any more."""
    records, ledger_of = records_of(book), day_of(fact(book, "ledger_as_of"))
    if ledger_of is None or as_of >= ledger_of:
        return settled(records, as_of), []
    gone = records.gone(as_of)
    lost = sorted(set(gone["payer"].astype("str")))
    then = settled(records.on(as_of), as_of)
    if not lost:
        return then, []
    told = {"count": len(lost), "payers": ", ".join(lost[:9]) + (" …" if len(lost) > 9 else ""), "as_of": as_of, "ledger": ledger_of}
    return then.only(positions(payer_key(then.ledger), payer_key(gone)) < 0), [Finding("statement_unknown", Severity.WARNING, book.name, told)]


def _written(book: Book, records: Records, wanted: pd.DataFrame, as_of: date, *, dry_run: bool) -> pd.DataFrame:
    """One row of `Statement` per account, its document written, and `fresh`."""
    lines = open_on(records, as_of)
    at = positions(account_key(lines), account_key(wanted))
    of_account = lines.assign(account=at)[at >= 0].groupby("account")
    mine = records.payers[positions(payer_key(records.payers), payer_key(wanted)) >= 0]
    payers, settings, until = payers_by_key(to_rows(mine, Payer)), book.settings(), payments_until(book)
    writer, rows = Writer(book, f"{FOLDER}/{as_of}", dry_run=dry_run), list[dict[str, object]]()
    for number, account in enumerate(wanted.to_dict("records")):
        payer = payer_of(payers, account["company"], account["payer"], account["payer_name"])
        items = to_rows(typed(of_account.get_group(number), AssessedItem), AssessedItem)
        context = statement_context(
            payer, items, settings, as_of=as_of, currency=account["currency"], payments_until=min(until or as_of, as_of),
            statement_id=f"S{as_of:%Y%m%d}-{account['payer']}-{account['currency']}",
        )  # fmt: skip
        made = writer.write("statement", context, payer, f"S{as_of:%Y%m%d}", account["currency"])
        told = {name: account[name] for name in (*ACCOUNT, "payer_name", "open_minor", "overdue_minor")}
        rows.append(told | {"date": pd.Timestamp(as_of), "file": made.file, "sha256": made.sha256, "fresh": made.fresh})
        book.progress("statements", number + 1, len(wanted))
    frame = pd.DataFrame(rows, columns=[*typed(pd.DataFrame(), Statement).columns, "fresh"])
    return typed(frame, Statement).assign(fresh=frame["fresh"])


def _note(book: Book, made: pd.DataFrame) -> None:
    """The statements onto their sheet; one that stands there already is not repeated."""
    known = book.read(Statement)
    new = made[positions(made["file"].astype("str"), known["file"]) < 0] if len(known) else made
    book.append(Statement, typed(new, Statement))


def _tie(records: Records, as_of: date, made: pd.DataFrame) -> pd.DataFrame:
    """Per currency: the balance of the whole ledger on that day, what the statements say of it, and what no statement was written for."""
    tie = balances(records, as_of).rename("ledger_minor").to_frame()
    tie["statements_minor"] = made.groupby("currency", observed=True)["open_minor"].sum().reindex(tie.index).fillna(0).astype("int64")
    tie["without_minor"] = tie["ledger_minor"] - tie["statements_minor"]
    return tie.rename_axis("currency").reset_index()
