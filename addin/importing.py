"""Import: an export becomes the ledger of the workbook, merged by key, reconciled, and assessed; what it shows paid is noted as payments."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

from addin.report import Report, count
from addin.runs import ready
from addin.sheets import day_of, fact, note_facts, reasons, rules_of, run_of, settle, show_figures, show_findings, show_run
from rules import model
from rules.contacts import current
from rules.errors import LedgerError
from rules.findings import Finding
from rules.merge import FOUND, PERSONS, Merge, merge, merge_payers, renamed
from rules.model import Severity
from rules.money import from_minor, to_minor
from rules.plans import folded
from rules.row import columns, typed
from rules.standing import KEY, item_key, positions
from workbook.book import Book
from workbook.ledgers import Answers, read_export

SMALL = 20  # lines of a ledger of which no share says anything


def import_ledger(
    book: Book, path: Path, as_of: date, *, answers: Answers | None = None, source: str = "", control: dict[str, Decimal] | None = None,
    confirmed: bool = False,
) -> Report:  # fmt: skip
    """Reads an export into the sheet Ledger, merges it by key with what is there, and assesses it on `as_of`.

    `control`: totals per currency the export must have; a difference refuses the import. `source`: name under which the answers given are
    remembered on Config, and those remembered are used. `confirmed`: most of the ledger may be gone in the export.
    """
    ready(book)
    rules = rules_of(book)
    last = day_of(fact(book, "ledger_as_of"))
    if last and as_of < last:
        raise LedgerError(f"{path.name} is of {as_of}, but the ledger in the workbook is of {last}. Import a later export, or correct --as-of.")
    book.progress("read", 0, 1)
    answers = _remembered(book, source, answers or Answers({}))
    export = read_export(path, as_of=as_of, company_currency=rules.settings.company_currency, answers=answers)
    book.progress("read", 1, 1)
    _check_control(path, export.totals, control or {})
    standing, payers = book.read(model.AssessedItem), book.read(model.Payer)
    before = folded(standing)
    merged = merge(before, export.items, export.unread)
    if not confirmed:
        _refuse_collapse(path, merged, len(before), len(export.items))
    findings = [*export.findings, *_renamed(path, payers, export.payers), *_moved(path, merged.changes), *_lost(path, merged.lost)]
    book.replace(model.Payer, merge_payers(payers, export.payers))
    payments = book.read(model.Payment)
    book.append(model.Payment, paid(merged, before, payments, as_of))
    agreed = (book.read(m) for m in (model.Promise, model.Plan, model.Instalment, model.FollowUp, model.Payment))
    book.replace(model.AssessedItem, typed(current(merged.ledger, *agreed, as_of, before=standing).ledger, model.AssessedItem))
    findings += settle(book, as_of)
    run = run_of(book, rules, as_of)
    show_run(book, run, as_of)
    show_findings(book, "import", findings, as_of)
    note_facts(book, {"ledger_as_of": as_of.isoformat(), "ledger_file": path.name, "ledger_sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
    book.show("last_import", f"{path.name}, {as_of}")
    show_figures(book)
    changed = book.save()
    kinds = {str(k): int(n) for k, n in export.rows["kind"].value_counts().items()}
    changes = {str(k): int(n) for k, n in merged.changes["change"].value_counts().items()}
    sentence = f"{count(len(export.items), 'open item')} of {count(len(export.payers), 'payer')} read. {export.layout.sentence()}"
    if not changed:
        sentence += " Nothing changed: the workbook holds them already."
    facts = {"items": len(export.items), "payers": len(export.payers), "rows": kinds, "changes": changes}
    since = merged.summary if len(standing) else merged.summary.iloc[:0]
    tables = {"totals": export.totals, "since the last import": since, "reasons": reasons(run)}
    return Report(sentence, facts, tables, findings, changed)


def paid(merged: Merge, before: pd.DataFrame, payments: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Payments for what the export shows less open than the ledger did, dated as of the import: rows of `Payment`.

    Payments recorded since the last import are off the ledger already. No more than the original amount leaves, when it is known: what was recorded
    and the last export did not have yet is not counted again. A document that went on in another currency was not paid.
    """
    changes = merged.changes[merged.changes["change"].isin(["part_paid", "paid"])]
    changes = changes[~((changes["change"] == "paid") & item_key(changes).isin(item_key(merged.ledger)))]
    was, now = changes["old_open_minor"].astype("int64").to_numpy(), changes["new_open_minor"].astype("int64").to_numpy().clip(min=0)
    original = np.append(before["original_minor"].to_numpy(), 0)[positions(item_key(changes), item_key(before))]
    known = payments.groupby(item_key(payments).to_numpy())["amount_minor"].sum().reindex(item_key(changes)).fillna(0).to_numpy(dtype="int64")
    amount = np.minimum(was - now, np.where(original > 0, original - now - known, was - now))
    found = changes[[*KEY, "currency"]].assign(date=pd.Timestamp(as_of), amount_minor=amount, source=FOUND)
    return typed(found[(amount > 0) & (was > 0)], model.Payment)


def _refuse_collapse(path: Path, merged: Merge, standing: int, read: int) -> None:
    """LedgerError when an export would empty the ledger, or take more than three quarters of it: it may be cut, filtered, or another one.

    Fees that letters claimed, and lines whose row could not be read, stay whatever the export is: they say nothing of it.
    """
    gone, told = int((merged.changes["change"] == "paid").sum()), standing - (len(merged.ledger) - read)
    if gone and (gone == told or (told >= SMALL and gone > 3 * told / 4)):
        raise LedgerError(
            f"{path.name} no longer has {gone:,} of the {told:,} lines of the ledger: they would count as paid. Check that the export is "
            "whole and of the right company; if it is right, import it with --confirm-paid."
        )


def _moved(path: Path, changes: pd.DataFrame) -> list[Finding]:
    """One warning when documents stand under another payer number than before: their series of reminders begins again there."""
    moved = changes[changes["change"] == "payer_changed"]
    if moved.empty:
        return []
    first = moved.iloc[0]
    values = {"count": len(moved), "document": first["document"], "old": first["old_payer"], "new": first["payer"]}
    return [Finding("payer_changed", Severity.WARNING, place=path.name, values=values)]


def _lost(path: Path, lost: pd.DataFrame) -> list[Finding]:
    """One note per line that left the ledger with something a person had typed on it: said once, for it is gone with the line."""
    found: list[Finding] = []
    for line in lost.astype(object).where(lost.notna(), "").to_dict("records"):
        said = ", ".join(f"{c.titles['en']}: {line[c.name]}" for c in columns(model.OpenItem) if c.name in PERSONS and str(line[c.name]))
        values = {"document": line["document"], "payer": line["payer"], "said": said}
        found.append(Finding("left_with_note", Severity.NOTE, place=path.name, values=values))
    return found


def _renamed(path: Path, before: pd.DataFrame, fresh: pd.DataFrame) -> list[Finding]:
    """One warning when the export calls payers otherwise than the sheet Payers, which keeps its names."""
    other = renamed(before, fresh)
    if other.empty:
        return []
    first = other.iloc[0]
    values = {"count": len(other), "payer": first["payer"], "old": first["old_name"], "new": first["new_name"]}
    return [Finding("payer_renamed", Severity.WARNING, place=path.name, values=values)]


def _check_control(path: Path, found: pd.DataFrame, control: dict[str, Decimal]) -> None:
    sums = dict(zip(found["currency"].astype(str), found["open_minor"], strict=True))
    for currency, expected in control.items():
        if to_minor(expected, currency) != sums.get(currency, 0):
            is_ = from_minor(int(sums.get(currency, 0)), currency)
            raise LedgerError(
                f"Control total: {path.name} has {is_} {currency} open, you said {expected} {currency} (difference {is_ - expected}). "
                f"Check the export, or the control total."
            )


def _remembered(book: Book, source: str, given: Answers) -> Answers:
    """The answers given, over those remembered for the source; both are remembered."""
    if not source:
        return given
    profiles = book.read(model.Profile)
    mine = profiles[profiles["source"] == source]
    known: dict[str, str] = dict(zip(mine["field"].astype(str), mine["heading"], strict=True))
    apart = ("currency", "company", "date_order", "decimal_mark")
    known |= given.fields | {a: str(getattr(given, a)) for a in apart if getattr(given, a)}
    rows = pd.DataFrame({"source": source, "field": list(known), "heading": list(known.values())}, dtype="str")
    book.replace(model.Profile, typed(pd.concat([profiles[profiles["source"] != source], rows], ignore_index=True), model.Profile))
    return Answers({k: v for k, v in known.items() if k not in apart}, **{a: known.get(a, "") for a in apart})
