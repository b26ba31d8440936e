"""The commands: what a user can do, as plain functions from a Book to a Report; front ends call these and decide nothing.

Nothing outside the process changes before a command's last step, `book.save()`; a refused command has changed nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd

from addin.report import Report, count
from addin.runs import ready, refuse_earlier
from addin.sheets import (
    day_of,
    fact,
    folder_of,
    note_facts,
    refuse_doubles,
    rules_of,
    run_number,
    run_of,
    show_figures,
    show_run,
)
from letter_templates.render import check_template, copy_masters, template_path
from rules import model, words
from rules.config_text import TABLES, from_toml, preset, to_toml
from rules.errors import ConfigError, LedgerError
from rules.findings import Finding
from rules.merge import PERSONS, merge, merge_payers, renamed
from rules.model import Decision, Proposal, ProposalLine, Severity
from rules.money import from_minor, to_minor
from rules.propose import GROUP, Run
from rules.review import carried, is_open, letter_key, relevelled
from rules.row import LANGUAGES, Language, columns, to_frame, typed
from rules.ruleset import Ruleset, ruleset
from rules.standing import KEY
from workbook.book import Book
from workbook.build import build
from workbook.ledgers import Answers, read_export
from workbook.settings import setting_rows

ESSENTIAL = ("company_name", "company_address", "bank_iban", "contact_name", "signatory")  # a letter without them looks like none
SMALL = 20  # lines of a ledger of which no share says anything


def today() -> date:
    """The day the clock shows; asked here and nowhere else."""
    return date.today()  # noqa: DTZ011 - an accountant's day is the local one


def new(path: Path, language: Language, config: str = "") -> Report:
    """A new workbook at `path` with the plain rules (and `config`, TOML, over them), and the letter templates beside it."""
    settings, frames = from_toml(preset("plain"))
    for frame in frames.values():
        frame["name"] = frame["name"].map(lambda name: words.text(language, "preset", name))
    settings = settings.model_copy(update={"language": language, "letter_language": language})
    if config:
        settings, given = from_toml(config, settings)
        frames |= given
    about = pd.DataFrame({"key": ["workbook", "letter_folder"], "value": [uuid4().hex, settings.letter_folder]})
    build(path, language, frames | {model.Setting: setting_rows(settings), model.About: typed(about, model.About)})
    copy_masters(path.parent / settings.template_folder)
    return Report(f"{path.name} is ready; the letter templates are in {settings.template_folder}.", {"workbook": str(path)}, changed=True)


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
    merged = merge(standing, export.items, export.unread)
    if not confirmed:
        _refuse_collapse(path, len(standing), merged.changes)
    findings = [*export.findings, *_renamed(path, payers, export.payers), *_lost(path, merged.lost)]
    book.replace(model.AssessedItem, merged.ledger)
    book.replace(model.Payer, merge_payers(payers, export.payers))
    run = run_of(book, rules, as_of)
    show_run(book, run, as_of)
    _show_findings(book, "import", findings, as_of)
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
    tables = {"totals": export.totals, "since the last import": since, "reasons": reasons(run, rules)}
    return Report(sentence, facts, tables, findings, changed)


def _refuse_collapse(path: Path, standing: int, changes: pd.DataFrame) -> None:
    """LedgerError when an export would empty the ledger, or take more than three quarters of it: it may be cut, filtered, or another one."""
    gone = int((changes["change"] == "paid").sum())
    if standing and (gone == standing or (standing >= SMALL and gone > 3 * standing / 4)):
        raise LedgerError(
            f"{path.name} no longer has {gone:,} of the {standing:,} lines of the ledger: they would count as paid. Check that the export is "
            "whole and of the right company; if it is right, import it with --confirm-paid."
        )


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


def _show_findings(book: Book, command: str, findings: Sequence[Finding], as_of: date) -> None:
    """The findings of a command in place of its earlier ones."""
    standing = book.read(model.FindingRow)
    rows = [
        model.FindingRow(
            severity=f.severity,
            code=f.code,
            place=f.place or (book.place(_model(f.table), f.row or 0, f.column) if f.table else ""),
            text=f.text(book.language),
            found_on=as_of,
            command=command,
        )
        for f in findings
    ]
    fresh = to_frame(rows, model.FindingRow)
    book.replace(model.FindingRow, typed(pd.concat([standing[standing["command"] != command], fresh], ignore_index=True), model.FindingRow))


def _model(name: str) -> Any:
    return getattr(model, name)


def reasons(run: Run, rules: Ruleset) -> pd.DataFrame:
    """How many lines, and how much per currency, each reason explains: every open item is in one row of it."""
    counted = run.ledger.groupby(["reason_code", "currency"], observed=True)["open_minor"].agg(lines="size", open_minor="sum").reset_index()
    return counted[counted["lines"] > 0].rename(columns={"reason_code": "reason"}).sort_values(["currency", "reason"]).reset_index(drop=True)


def assess(book: Book, as_of: date) -> Report:
    """Level, next reminder date and reason on every line of the sheet Ledger, as of a date."""
    ready(book)
    rules = rules_of(book)
    run = run_of(book, rules, as_of)
    show_run(book, run, as_of)
    show_figures(book)
    changed = book.save()
    due = int((run.ledger["reason_code"] == model.Reason.DUE).sum())
    sentence = f"{count(len(run.ledger), 'line')} assessed as of {as_of}; due for a reminder: {due:,}."
    return Report(sentence, {"lines": len(run.ledger), "due": due}, {"reasons": reasons(run, rules), "totals": run.totals}, changed=changed)


def propose(book: Book, as_of: date, *, replace: bool = False) -> Report:
    """One proposal per payer and currency on the sheet Proposal. `replace` takes back open proposals of other runs, keeping what still fits."""
    refuse_earlier(ready(book), as_of)
    rules = rules_of(book)
    standing = book.read(Proposal)
    before = standing[is_open(standing)]
    run = run_of(book, rules, as_of, alone=replace)
    number = run_number(book, as_of)
    mine, others = standing[standing["run"] == number], before[before["run"] != number]
    fresh = carried(run.proposals, others) if replace else run.proposals
    others = others.iloc[:0] if replace else others
    new_ones = ~letter_key(fresh).isin(set(letter_key(mine)))  # what the reviewer did to the same proposal stands
    fresh = pd.concat([mine, fresh[new_ones]], ignore_index=True).sort_values(GROUP, kind="stable")
    lines = run.lines[letter_key(run.lines).isin(set(letter_key(fresh))) & ~letter_key(run.lines).isin(set(letter_key(mine)))]
    if len(fresh) or len(before):  # else what was issued last stays to be seen
        book.replace(Proposal, typed(pd.concat([others, fresh], ignore_index=True), Proposal))
        kept = [_lines_of(book, others), _lines_of(book, mine), lines]
        book.replace(ProposalLine, typed(pd.concat(kept, ignore_index=True), ProposalLine))
    book.replace(model.CollectionCase, _cases(book, run))
    findings = _at_propose(book, run, as_of)
    _show_findings(book, "propose", findings, as_of)
    show_run(book, run, as_of)
    show_figures(book)
    changed = book.save()
    letters = int(is_open(fresh).sum())
    sentence = f"{count(letters, 'letter')} proposed as of {as_of}, {count(len(run.collection), 'line')} for collection."
    if len(others):
        sentence += f" Still open, and locking its lines: {count(len(others), 'proposal')} of {others['run'].iloc[0]}."
        sentence += " Issue, or propose with --replace."
    if not changed:
        sentence += " Nothing changed."
    facts = {"run": number, "letters": letters, "collection": len(run.collection), "lines": len(_lines_of(book, fresh))}
    return Report(sentence, facts, {"reasons": reasons(run, rules), "totals": run.totals}, findings, changed=changed)


def _at_propose(book: Book, run: Run, as_of: date) -> list[Finding]:
    """What a person should know before reviewing."""
    found: list[Finding] = []
    told = day_of(fact(book, "ledger_as_of"))
    if told and as_of < told:
        found.append(Finding("before_ledger", Severity.WARNING, place=book.name, values={"as_of": as_of, "ledger": told}))
    if len(run.proposals):
        empty = [name for name in ESSENTIAL if not getattr(book.settings(), name)]
        if empty:
            found.append(Finding("settings_empty", Severity.WARNING, place=book.name, values={"settings": ", ".join(empty)}))
        homeless = int(run.proposals["warning"].str.contains(words.text(book.language, "reason", "warn_address"), regex=False).sum())
        if homeless:
            found.append(Finding("address_missing", Severity.WARNING, place=book.name, values={"count": homeless, "letters": len(run.proposals)}))
    no_rate = run.ledger[run.ledger["reason_code"] == model.Reason.NO_RATE]
    if len(no_rate):
        values = {"count": len(no_rate), "currencies": ", ".join(sorted(set(no_rate["currency"])))}
        found.append(Finding("no_rate", Severity.WARNING, place=book.name, values=values))
    waiting = run.ledger[run.ledger["reason_code"] == model.Reason.COLLECT_NOT_ALLOWED]
    if len(waiting):
        first = waiting.iloc[0]
        values = {"count": len(waiting), "payer": first["payer_name"] or first["payer"], "document": first["document"]}
        found.append(Finding("collect_not_allowed", Severity.WARNING, place=book.name, values=values))
    changed = run.ledger[run.ledger["reason_code"] == model.Reason.METHOD_CHANGED]
    if len(changed):
        values = {"count": len(changed), "document": changed["document"].iloc[0]}
        found.append(Finding("method_changed", Severity.WARNING, place=book.name, values=values))
    return found


def _lines_of(book: Book, proposals: pd.DataFrame) -> pd.DataFrame:
    lines = book.read(ProposalLine)
    return lines[letter_key(lines).isin(set(letter_key(proposals)))]


def _cases(book: Book, run: Run) -> pd.DataFrame:
    """The collection cases of the run, with the decisions already made on them."""
    before = book.read(model.CollectionCase)[[*KEY, "run", "decision", "decision_note"]]
    joined = run.collection.merge(before, on=list(KEY), how="left", suffixes=("", "_before"))
    for column in ("run", "decision", "decision_note"):
        known = joined[f"{column}_before"].astype(object)
        joined[column] = known.where(known.notna(), joined[column].astype(object))
    return typed(joined, model.CollectionCase)


def review(
    book: Book, decision: Decision, *, payers: Sequence[str] = (), everything: bool = False, level: int | None = None, currency: str = "",
    at_least: Decimal | None = None, at_most: Decimal | None = None, note: str = "", new_level: int | None = None,
) -> Report:  # fmt: skip
    """Sets the decision of open proposals, by payer or by filter (all conditions given must hold), optionally the level of the letter."""
    ready(book)
    rules = rules_of(book)
    proposals, lines = book.read(Proposal), book.read(ProposalLine)
    refuse_doubles(book, Proposal, proposals, letter_key(proposals))
    chosen = is_open(proposals)
    if not chosen.any():
        return Report("There is no open proposal. Run `dunning propose` first.", {"decided": 0})
    if payers:
        unknown = sorted(set(payers) - set(proposals.loc[chosen, "payer"]))
        if unknown:
            raise ConfigError(f"There is no open proposal for the payer {unknown[0]!r}. Take the number from the column Payer of the sheet Proposal.")
        chosen &= proposals["payer"].isin(list(payers))
    conditions = [bool(payers), everything, level is not None, bool(currency), at_least is not None, at_most is not None]
    if not any(conditions):
        raise ConfigError("Say which proposals: all, some payers, or a filter (level, currency, amount).")
    if level is not None:
        chosen &= proposals["level"] == level
    if currency:
        chosen &= proposals["currency"] == currency
    for bound, test in ((at_least, "ge"), (at_most, "le")):
        if bound is not None:
            limits = proposals["currency"].map(lambda c, bound=bound: to_minor(bound, str(c)))
            chosen &= getattr(proposals["total_minor"], test)(limits)
    settled = chosen & proposals["decision"].isin([Decision.HOLD, Decision.DROP])
    if decision is Decision.SEND and not payers:  # what was held or dropped is sent by name only
        chosen &= ~settled
    proposals["decision"] = proposals["decision"].astype(object).mask(chosen, str(decision))
    if note:
        proposals["decision_note"] = proposals["decision_note"].mask(chosen, note)
    if new_level is not None:
        proposals["level"] = proposals["level"].mask(chosen, new_level)
    proposals, lines = relevelled(typed(proposals, Proposal), lines, book.read(model.Payer), rules)
    book.replace(Proposal, proposals)
    book.replace(ProposalLine, lines)
    show_figures(book)
    changed = book.save()
    decided = int(chosen.sum())
    return Report(
        f"{count(decided, 'proposal')} set to {decision}." + ("" if changed else " Nothing changed."), {"decided": decided}, changed=changed
    )


def simulate(book: Book, dates: Sequence[date]) -> Report:
    """What runs at these dates would contain, each from the workbook as it is; nothing is written."""
    rules = rules_of(book)
    rows: list[dict[str, Any]] = []
    tables: dict[str, pd.DataFrame] = {}
    for as_of in dates:
        run = run_of(book, rules, as_of, alone=True)
        for (level, currency), part in run.proposals.groupby(["level", "currency"], observed=True):
            rows.append({"as_of": as_of, "level": level, "currency": currency, "letters": len(part), "total_minor": int(part["total_minor"].sum())})
        tables[f"reasons {as_of}"] = reasons(run, rules)
    letters = pd.DataFrame(rows, columns=["as_of", "level", "currency", "letters", "total_minor"])
    sentence = f"{count(len(dates), 'run')} simulated, {count(int(letters['letters'].sum()), 'letter')} in all; nothing was written."
    return Report(sentence, {"letters": int(letters["letters"].sum())}, {"letters": letters, **tables})


def history(book: Book, *, payer: str = "", document: str = "") -> Report:
    """What happened to a payer or a document, or to all of them."""
    entries = book.read(model.HistoryEntry)
    if payer:
        entries = entries[entries["payer"] == payer]
    if document:
        entries = entries[entries["document"] == document]
    letters = len(entries.drop_duplicates(["run", *GROUP]))
    told = ["entry", "date", "event", *KEY, "currency", "open_minor", "level", "reminders", "deadline", "note", "letter"]
    sentence = f"{count(len(entries), 'history line')} of {count(letters, 'letter')}."
    return Report(sentence, {"entries": len(entries), "letters": letters}, {"history": entries[told]})


def config_export(book: Book) -> tuple[str, Report]:
    """The rules on the Config sheet as TOML."""
    text = to_toml(book.settings(), {m: book.read(m) for m in TABLES.values()})
    return text, Report("Config as text.", {"characters": len(text)})


def config_import(book: Book, text: str) -> Report:
    """Puts the settings and tables a TOML names onto the Config sheet; what it does not name stays. Checked as a whole before anything changes."""
    ready(book)
    before = book.settings()
    settings, frames = from_toml(text, before)
    if settings.language != before.language:
        raise ConfigError(
            f"The setting language is {before.language!r} in this workbook and {settings.language!r} in the text. "
            "The language of a workbook is chosen by `dunning new`: correct the text."
        )
    ruleset(settings, {m: frames.get(m, book.read(m)) for m in TABLES.values()})
    for row_model, frame in frames.items():
        book.replace(row_model, frame)
    book.replace(model.Setting, setting_rows(settings))
    changed = book.save()
    names = ", ".join(name for name, m in TABLES.items() if m in frames) or "settings"
    return Report(f"Config taken over ({names})." + ("" if changed else " Nothing changed."), {"tables": names}, changed=changed)


def templates_check(book: Book) -> Report:
    """Checks every template the levels name, in each language it may be asked in; a finding for every fault."""
    rules = rules_of(book)
    folder = folder_of(book, "template_folder")
    names = sorted({step.template for step in rules.levels})
    paths = [template_path(folder, language, name) for language in LANGUAGES for name in names]
    findings = [finding for path in paths for finding in check_template(path)]
    errors = sum(f.severity is Severity.ERROR for f in findings)
    sentence = f"{count(len(paths), 'template')} checked: " + (f"{errors} errors." if errors else "no errors.")
    return Report(sentence, {"templates": len(paths), "errors": errors}, findings=findings, failed=errors > 0)
