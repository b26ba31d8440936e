"""Import: an export becomes the ledger of the workbook, merged by key, reconciled, and assessed; what it shows paid is noted as payments."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from addin.entering import Entered, alone, commit
from addin.remarks import Met, remarks
from addin.report import Report, count
from addin.runs import ready
from addin.scope import elsewhere
from addin.scope import remark as scope_remark
from addin.sheets import (
    OF_COMPANY,
    caps_of,
    day_of,
    export_days,
    exported_on,
    fact,
    note_facts,
    reasons,
    rules_of,
    run_of,
    settle,
    show_figures,
    show_findings,
    show_run,
)
from addin.sources import read_source
from addin.taking_over import fates, findings_of, taken_onto
from addin.taking_over import sentence as taken_sentence
from rules import model
from rules.contacts import current
from rules.errors import LedgerError
from rules.findings import Finding
from rules.merge import Merge, change_rows, followed, less_paid_later, merge, merge_payers, moves, older, stacked
from rules.money import from_minor, to_minor
from rules.noted import noted
from rules.plans import folded
from rules.propose import Run
from rules.row import typed
from rules.ruleset import Ruleset
from rules.take_over import Taken
from rules.terms import dated
from rules.ways import Way
from rules.written import first_few
from rules.zeros import Respelt, respelt
from workbook.book import Book
from workbook.journal import Journal
from workbook.ledgers import Answers, Choice, Export, Unclear, read_export
from workbook.ledgers.repeats import KEEP, LEAVE

IMPORT = "import"  # the command, on the sheet of the findings
OF_FILE = "ledger_sha256:"  # before a company: the digest of its last export
SMALL = 20  # lines of a ledger of which no share says anything
SHOWN = 10  # lines and payers that a preview shows
ONCE = ("payer_changed", "renumbered", "paid_open_again", "left_with_note", "left_with_notes")  # of what an import changed: the next cannot find it
LEVELS = "export_level_unused"  # the finding that the export has levels


@dataclass(frozen=True)
class Wish:
    """How an export is to be taken. `answers`: what a person says of it, over what is remembered for the `source`.

    `control`: totals per currency the export must have. `confirmed`: most of the ledger may be gone in it. `older`: it may be of a day before the
    ledger's. `accept_layout`: its layout may be another than remembered. `take_over`: levels and reminder dates in its columns enter the history.
    """

    answers: Answers = field(default_factory=Answers)
    source: str = ""
    control: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    confirmed: bool = False
    older: bool = False
    accept_layout: bool = False
    take_over: bool = False


@dataclass(frozen=True)
class Imported:
    """What an import made of the workbook, before it is saved."""

    export: Export
    items: pd.DataFrame  # of the export, with due dates from terms
    merged: Merge
    elsewhere: int  # lines of companies that the export does not speak of
    changes: pd.DataFrame  # LedgerChange
    run: Run
    findings: list[Finding]
    first: bool
    back: bool  # an export of a day before the ledger's
    taken: Taken | None = None
    entered: Entered | None = None


def import_ledger(book: Book, paths: Path | Sequence[Path], as_of: date, *, dry_run: bool = False, **wishes: Any) -> Report:
    """Reads an export (of postings: one or several files) into the sheet Ledger, merges it by key with what is there, and assesses it on `as_of`.

    `wishes`: the fields of `Wish`. Raises Unclear for a question the export leaves open, LedgerError for one that is refused; nothing has changed
    then. `dry_run`: the book does not save, and the answer previews the export.
    """
    files, wish = [paths] if isinstance(paths, Path) else list(paths), Wish(**wishes)
    if not wish.take_over:
        ready(book)
        done = _imported(book, files, as_of, wish, None)
        return _report(done, changed=book.save(), dry_run=dry_run)
    with alone(book, dry_run=dry_run) as journal:
        done = _imported(book, files, as_of, wish, journal)
        return _report(done, changed=book.save() if dry_run else commit(book, journal, done.entered), dry_run=dry_run)


def _imported(book: Book, paths: list[Path], as_of: date, wish: Wish, journal: Journal | None) -> Imported:
    """The export on the sheets, assessed; with a journal its levels in the history."""
    rules = rules_of(book)
    export = _read(book, paths, as_of, wish, str(rules.settings.company_currency))
    met = _met(book, export, _names(paths), as_of, wish, rules)
    _enter(book, met, as_of)
    findings, taken, entered = [*remarks(met, book.language, answered=_answered(wish)), *scope_remark(met.name, met.others)], None, None
    if journal is not None:
        entered, taken = taken_onto(book, journal, met.export.taken, as_of)
        findings += findings_of(taken, met.export.taken, met.name)
    agreed = settle(book, as_of)
    run = run_of(book, rules, as_of)
    show_run(book, run, as_of)
    changes = _told(book, met, _digest(paths), findings, agreed, as_of)
    findings += agreed
    return Imported(met.export, met.due.items, met.merged, len(met.others), changes, run, findings, met.first, met.back, taken, entered)


def _read(book: Book, paths: list[Path], as_of: date, wish: Wish, currency: str) -> Export:
    """The export, with no question open."""
    book.progress("read", 0, 1)
    caps = caps_of(book)

    def read(answers: Answers) -> Export:
        return read_export(paths, as_of=as_of, company_currency=currency, answers=answers, caps=caps)

    export = read_source(book, paths, wish.answers, wish.source, read, accept=wish.accept_layout)
    book.progress("read", 1, 1)
    if export.repeats and not export.answers.repeats:
        raise _repeated(_names(paths), export.repeats)
    return export


def _met(book: Book, export: Export, name: str, as_of: date, wish: Wish, rules: Ruleset) -> Met:
    """What the export makes of the ledger; nothing is written yet. Raises Unclear or LedgerError when a person must say so first."""
    last = exported_on(book, pd.Series(sorted(export.companies) or [""], dtype="str")).max()
    back = bool(pd.Timestamp(as_of) < last)
    if back and not wish.older:
        raise _refused(name, as_of, last.date())
    _check_control(name, export.totals, wish.control)
    standing, payers, payments = (book.read(row) for row in (model.AssessedItem, model.Payer, model.Payment))
    zeros = respelt(export.items, standing, payers)
    export = _spelt(export, zeros)
    known = merge_payers(payers, export.payers)
    due = dated(export.items, known, rules.terms, str(rules.settings.default_terms))
    before, unread = folded(standing), export.unread
    others = elsewhere(name, export, standing if not back else standing.iloc[:0])
    if back:
        items, stay = older(before, due.items, payments, as_of)
        unread = pd.concat([unread, stay], ignore_index=True)
    else:
        items = less_paid_later(due.items, payments, as_of)
    merged = merge(before, items, unread, set(before["company"]) - set(others["company"]) | export.companies if len(others) else None)
    if not (wish.confirmed or back):
        _refuse_collapse(name, merged, len(before), len(items))
    since = payments[(payments["date"] > exported_on(book, payments["company"])).to_numpy(dtype=bool)]
    return Met(name, export, back, standing, before, payers, known, payments, since, zeros, due, items, others, merged)


def _enter(book: Book, met: Met, as_of: date) -> None:
    """Puts the ledger, the payers, the payments that the export tells, and what moved to another payer onto the sheets."""
    book.replace(model.Payer, met.known)
    if not met.back:
        book.append(model.Payment, noted(met.merged, met.before, met.payments, met.since, as_of))
    moved = moves(met.merged.changes, met.merged.ledger)
    if len(moved):
        for m in (model.Promise, model.Plan, model.FollowUp, model.Payment):
            book.replace(m, followed(book.read(m), moved))
    agreed = (book.read(m) for m in (model.Promise, model.Plan, model.Instalment, model.FollowUp, model.Payment))
    ledger = current(met.merged.ledger, *agreed, as_of, before=followed(met.standing, moved)).ledger
    book.replace(model.AssessedItem, typed(ledger, model.AssessedItem))


def _told(book: Book, met: Met, digest: str, findings: list[Finding], agreed: list[Finding], as_of: date) -> pd.DataFrame:
    """What the workbook shows and remembers of the import: findings, changes (the answer), file, days. The same file again leaves what it told.

    `agreed`: the findings about what was agreed. What was told of exports of the other companies stays.
    """
    changes, beside = _changes(met, as_of), met.standing if met.back else met.others
    others = set(beside["company"].astype("str")) - met.export.companies
    digests = {f"{OF_FILE}{company}": digest for company in met.export.companies or {""}}
    again = not len(changes) and all(fact(book, key) == digest for key in digests)
    by = {_command(met.export.companies): findings}
    by[IMPORT] = by.get(IMPORT, []) + agreed
    before = book.read(model.FindingRow)["command"].astype("str").unique()
    ended = [c for c in before if c.startswith(f"{IMPORT} ") and c not in by and not others & set(c.removeprefix(f"{IMPORT} ").split(", "))]
    for command, told in by.items():
        show_findings(book, command, told, as_of, stay=ONCE if again else (), instead=ended)
    if not again:
        standing = book.read(model.LedgerChange)
        book.replace(model.LedgerChange, stacked([standing[standing["company"].isin(others)], changes], model.LedgerChange))
    later = met.back and not met.items.equals(met.due.items)  # the ledger knows more than the export: its day was no slip, and stays
    days = {} if later else {"ledger_as_of": as_of.isoformat()} | _days(book, as_of, met.others, met.merged.ledger)
    note_facts(book, {"ledger_file": met.name} | digests | days)
    book.show("last_import", f"{met.name}, {as_of}")
    show_figures(book)
    return changes


def _command(companies: Collection[str]) -> str:
    """Under which name the findings of an export of these companies stand, so that an export of others leaves them."""
    named = ", ".join(sorted(filter(None, companies)))
    return f"{IMPORT} {named}" if named else IMPORT


def _refused(name: str, as_of: date, last: date) -> LedgerError:
    """The refusal of an export of a day before the ledger's."""
    return LedgerError(
        f"{name} is of {as_of}, but the ledger in the workbook is of {last}. Import a later export, or correct the as-of date. If "
        "the date of the last import was wrong, or the older export has lines you need, it can be taken: it takes nothing away and opens "
        "nothing again.",
        Way("older"),
    )


def _repeated(name: str, rows: Sequence[int]) -> Unclear:
    """The question of whether rows that repeat an earlier one cell by cell are lines of their own."""
    shown = first_few(rows)
    which = f"row {shown}, which repeats" if len(rows) == 1 else f"{len(rows):,} rows ({shown}) that repeat"
    return Unclear(
        f"{name} has {which} an earlier one cell by cell, and no printed total says whether such rows count. Are they lines of their own, to be"
        " kept, or printed twice, to be left out?",
        "repeats",
        (Choice(KEEP, "lines of their own: kept, each with a number"), Choice(LEAVE, "printed twice: left out")),
    )  # fmt: skip


def _days(book: Book, as_of: date, others: pd.DataFrame, ledger: pd.DataFrame) -> dict[str, str]:
    """Facts on the day of each company's export, once the ledger comes from several: that of the `others` stays, the latest is the ledger's."""
    known, before = export_days(book), day_of(fact(book, "ledger_as_of")) or as_of
    if not known and not len(others):
        return {}
    theirs = {str(company): known.get(str(company), before) for company in others["company"].unique()}
    days = dict.fromkeys(ledger["company"].astype("str").unique(), as_of) | theirs
    return {f"{OF_COMPANY}{company}": day.isoformat() for company, day in days.items()} | {"ledger_as_of": max(days.values()).isoformat()}


def _names(paths: list[Path]) -> str:
    return ", ".join(path.name for path in paths)


def _digest(paths: list[Path]) -> str:
    """SHA-256 of the file; of the hashes of several."""
    found: list[str] = []
    for path in paths:
        with path.open("rb") as file:
            found.append(hashlib.file_digest(file, "sha256").hexdigest())
    return found[0] if len(found) == 1 else hashlib.sha256("".join(sorted(found)).encode()).hexdigest()


def _changes(met: Met, as_of: date) -> pd.DataFrame:
    """The rows of the sheet Changes: none for the first ledger, and no line that an older export merely does not have."""
    changes = met.merged.changes
    changes = changes[changes["change"] != "unread"] if met.back else changes
    return change_rows(changes.iloc[:0] if met.first else changes, as_of)


def _spelt(export: Export, zeros: Respelt) -> Export:
    """The export with the numbers of payers and documents as the ledger spells them."""
    if zeros.payers.empty and zeros.documents.empty:
        return export
    spelt = {f: zeros.of(getattr(export, f)) for f in ("items", "payers", "taken")}
    return replace(export, **spelt)


def _answered(wish: Wish) -> set[str]:
    """Findings of the reader that the import itself answers, or that are of levels which it does not take over."""
    return {"export_no_due_date", LEVELS if wish.take_over else "export_level_unreadable"}


def _report(done: Imported, *, changed: bool, dry_run: bool) -> Report:
    export = done.export
    kinds = {str(k): int(n) for k, n in export.rows["kind"].value_counts().items() if n}
    told = done.merged.summary if not done.back else done.merged.summary[done.merged.summary["change"] != "unread"]  # it merely does not have them
    changes = {str(change): int(n) for change, n in told.groupby("change", observed=False)["count"].sum().items()}
    sentence = f"{count(len(export.items), 'open item')} of {count(len(export.payers), 'payer')} read. {export.layout.sentence()}"
    if done.back:
        kept = int((done.merged.changes["change"] == "unread").sum())
        sentence += (
            f" The export is of a day before the ledger's: what it does not have stays ({count(kept, 'line')}), what was paid since stays paid, "
            "of two open amounts the smaller one holds, and of two due dates the ledger's."
        )
    facts = {"items": len(export.items), "payers": len(export.payers), "rows": kinds, "changes": changes, "profile": export.profile}
    if done.elsewhere:
        sentence += f" Left as they are, because the export does not have their companies: {count(done.elsewhere, 'line')}."
        facts["elsewhere"] = done.elsewhere
    if done.taken is not None:
        sentence += " " + taken_sentence(done.taken, changed=True)
        facts |= {"taken_over": fates(done.taken)}
    if not changed:
        sentence += " Nothing changed: the workbook holds them already."
    elif len(done.changes):
        sentence += " The sheet Changes names every difference."
    since = told.iloc[:0] if done.first else told
    tables = {"totals": export.totals, "since the last import": since, "reasons": reasons(done.run)}
    ways = (Way("take_over"),) if done.first and any(f.code == LEVELS for f in done.findings) else ()
    if dry_run:
        tables = _preview(done) | tables | {"what would change": done.changes.drop(columns="imported_on")}
    return Report(sentence, facts, tables, done.findings, changed, ways=ways)


def _preview(done: Imported) -> dict[str, pd.DataFrame]:
    """The first lines as they would stand on the ledger, what became of the rows of the file, and the payers who owe most."""
    items, rows = done.items, done.export.rows
    names = ["company", "payer", "payer_name", "document", "instalment", "kind", "document_date", "due_date", "due_source", "currency", "open_minor"]
    said = rows.assign(reason=rows["reason"].astype("str")).groupby(["kind", "reason"], observed=True).size().reset_index(name="count")
    owed = (
        items.groupby(["company", "payer", "payer_name", "currency"], observed=True)["open_minor"].agg(lines="size", open_minor="sum").reset_index()
    )
    owed = owed.sort_values("open_minor", ascending=False, kind="stable").head(SHOWN)
    return {"first lines": items[names].head(SHOWN), "rows of the file": said, "payers who owe most": owed}


def _refuse_collapse(name: str, merged: Merge, standing: int, read: int) -> None:
    """LedgerError when an export would empty the ledger, or take more than three quarters of it: it may be cut, filtered, or another one.

    Fees that letters claimed, and lines whose row could not be read, stay whatever the export is: they say nothing of it.
    """
    gone, told = int(merged.changes["new_open_minor"].eq(0).fillna(False).sum()), standing - (len(merged.ledger) - read)
    if gone and (gone == told or (told >= SMALL and gone > 3 * told / 4)):
        raise LedgerError(
            f"{name} no longer has {gone:,} of the {told:,} lines of the ledger: they would count as paid. Check that the export is "
            "whole and of the right company; if it is right, it can be taken all the same.",
            Way("confirmed"),
        )


def _check_control(name: str, found: pd.DataFrame, control: dict[str, Decimal]) -> None:
    sums = dict(zip(found["currency"].astype(str), found["open_minor"], strict=True))
    for currency, expected in control.items():
        if to_minor(expected, currency) != sums.get(currency, 0):
            is_ = from_minor(int(sums.get(currency, 0)), currency)
            raise LedgerError(
                f"Control total: {name} has {is_} {currency} open, you said {expected} {currency} (difference {is_ - expected}). "
                f"Check the export, or the control total."
            )
