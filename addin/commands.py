"""The commands: what a user can do, as plain functions from a Book to a Report; front ends call these and decide nothing.

Nothing outside the process changes before a command's last step, `book.save()`; a refused command has changed nothing. What makes workbooks and reads
Word templates is imported by the commands that do: a click on another one should not wait for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pandas as pd

from addin.report import Report, count
from addin.runs import ready, refuse_earlier
from addin.sheets import (
    day_of,
    fact,
    folder_of,
    reasons,
    records_of,
    refuse_doubles,
    rules_of,
    run_number,
    run_of,
    settle,
    show_figures,
    show_findings,
    show_run,
)
from rules import model, words
from rules.check import check
from rules.config_text import TABLES, from_toml, to_toml
from rules.contacts import call_list
from rules.errors import ConfigError, WorkbookError
from rules.findings import Finding
from rules.merge import stacked
from rules.model import Decision, Proposal, ProposalLine, Severity
from rules.presets import preset
from rules.propose import Run
from rules.review import PART, carried, is_open, letter_key, relevelled, within
from rules.row import LANGUAGES, Language, to_rows, typed
from rules.ruleset import Ruleset, ruleset
from rules.select import canonical, conditions_of, named
from rules.standing import KEY, item_key, positions
from rules.ways import Way
from workbook.book import Book
from workbook.settings import setting_rows

if TYPE_CHECKING:
    from workbook.shell import Macros

OTHER_FORMATS = (".dotx", ".docm", ".dotm", ".doc", ".dot", ".odt", ".rtf")  # in which Word may save a template
ESSENTIAL = ("company_name", "company_address", "bank_iban", "contact_name", "signatory")  # a letter without them looks like none


def today() -> date:
    """The day the clock shows; asked here and nowhere else."""
    return date.today()  # noqa: DTZ011 - an accountant's day is the local one


def new(path: Path, language: Language, config: str = "", rules: str = "plain", macros: Macros | None = None) -> Report:
    """A new workbook at `path` with the rules of a preset (and `config`, TOML, over them), and the letter templates beside it.

    With `macros` it carries its own ribbon, macros and buttons, and its name ends in .xlsm.
    """
    from letter_templates.render import copy_masters
    from workbook.build import build

    if path.suffix.casefold() != (".xlsm" if macros else ".xlsx"):
        raise WorkbookError(
            f"{path.name} is no name of a workbook of dunning; expected a name that ends in .xlsx, such as {path.stem}.xlsx, or in .xlsm"
            " for a workbook with its own ribbon and macros."
        )
    settings, frames = preset(rules, language)
    if config:
        settings, given = from_toml(config, settings)
        frames |= given
    about = pd.DataFrame({"key": ["workbook", "letter_folder"], "value": [uuid4().hex, settings.letter_folder]})
    build(path, language, frames | {model.Setting: setting_rows(settings), model.About: typed(about, model.About)}, macros)
    copy_masters(path.parent / settings.template_folder)
    return Report(f"{path.name} is ready; the letter templates are in {settings.template_folder}.", {"workbook": str(path)}, changed=True)


def assess(book: Book, as_of: date) -> Report:
    """Level, next reminder date and reason on every line of the sheet Ledger, as of a date."""
    refuse_earlier(ready(book), as_of)
    rules = rules_of(book)
    findings = settle(book, as_of, ahead=True)
    run = run_of(book, rules, as_of)
    show_run(book, run, as_of)
    show_findings(book, "assess", findings, as_of)
    show_figures(book)
    changed = book.save()
    due = int(run.ledger["reason_code"].isin([str(why) for why in model.REMINDED]).sum())
    sentence = f"{count(len(run.ledger), 'line')} assessed as of {as_of}; due for a reminder: {due:,}."
    return Report(sentence, {"lines": len(run.ledger), "due": due}, {"reasons": reasons(run), "totals": run.totals}, findings, changed=changed)


def propose(book: Book, as_of: date, *, replace: bool = False, selection: str = "", where: Sequence[str] = ()) -> Report:
    """One proposal per payer and currency on the sheet Proposal. `replace` takes back open proposals of other runs, keeping what still fits.

    `selection`: name of saved conditions on Config, `where`: further ones (`level>=2`); only lines for which all of them hold are proposed.
    """
    refuse_earlier(ready(book), as_of)
    rules = rules_of(book)
    chosen = (*(named(selection, rules) if selection else ()), *conditions_of(where))
    doubtful = doubts(book, rules, as_of)
    _refuse_errors(doubtful)
    agreed = settle(book, as_of)
    standing = book.read(Proposal)
    before = standing[is_open(standing)]
    run = run_of(book, rules, as_of, alone=replace, selection=chosen)
    number = run_number(book, as_of, chosen)
    mine, others = standing[standing["run"] == number], before[before["run"] != number]
    fresh = carried(run.proposals, run.lines, others, _lines_of(book, others)) if replace else run.proposals
    others = others.iloc[:0] if replace else others
    new_ones = ~letter_key(fresh).isin(set(letter_key(mine)))  # what the reviewer did to the same proposal stands
    fresh = pd.concat([mine, fresh[new_ones]], ignore_index=True).sort_values(PART, kind="stable")
    lines = run.lines[letter_key(run.lines).isin(set(letter_key(fresh))) & ~letter_key(run.lines).isin(set(letter_key(mine)))]
    if len(fresh) or len(before):  # else what was issued last stays to be seen
        book.replace(Proposal, typed(pd.concat([others, fresh], ignore_index=True), Proposal))
        kept = [_lines_of(book, others), _lines_of(book, mine), lines]
        book.replace(ProposalLine, typed(pd.concat(kept, ignore_index=True), ProposalLine))
    book.replace(model.CollectionCase, _cases(book, run))
    findings = [*_at_propose(book, rules, run, as_of), *doubtful, *agreed]
    show_findings(book, "propose", findings, as_of)
    show_run(book, run, as_of)
    show_figures(book)
    changed = book.save()
    letters = int(is_open(fresh).sum())
    sentence = f"{count(letters, 'letter')} proposed as of {as_of}, {count(len(run.collection), 'line')} for collection."
    if chosen:
        sentence += f" Only lines with {canonical(chosen)}; left out by it: {int((run.ledger['reason_code'] == model.Reason.NOT_SELECTED).sum()):,}."
    if len(others):
        sentence += f" Still open, and locking its lines: {count(len(others), 'proposal')} of {others['run'].iloc[0]}."
        sentence += " Issue them, or propose again in their place."
    if not changed:
        sentence += " Nothing changed."
    facts = {"run": number, "letters": letters, "collection": len(run.collection), "lines": len(_lines_of(book, fresh))}
    ways = (Way("replace"),) if len(others) else ()
    return Report(sentence, facts, {"reasons": reasons(run), "totals": run.totals}, findings, changed=changed, ways=ways)


def doubts(book: Book, rules: Ruleset, as_of: date, owed: Mapping[str, int] | None = None) -> list[Finding]:
    """What is doubtful on Config on that day, cell by cell; see `rules.check`, and for `owed`."""
    from letter_templates.render import masters

    folders = (folder_of(book, "template_folder"), masters())
    return check(rules, book.place, as_of, lambda name, language: any((folder / language / f"{name}.docx").is_file() for folder in folders), owed)


def _refuse_errors(doubtful: Sequence[Finding]) -> None:
    if errors := [f"{f.place}: {f.text('en')}" for f in doubtful if f.severity is Severity.ERROR]:
        raise ConfigError("\n".join(errors))


def _at_propose(book: Book, rules: Ruleset, run: Run, as_of: date) -> list[Finding]:
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
        from addin.window import beyond_window

        found += beyond_window(book, run.proposals)
    for rate in run.rates:
        if rate.confidence is not model.Confidence.HIGH:
            place = book.place(model.Rate, rules.rates.index(rate), "rate")
            told = {"series": rate.series, "valid_from": rate.valid_from, "rate": rate.rate, "source": rate.source or "–"}
            confidence = words.shown(book.language, rate.confidence)
            found.append(Finding("rate_confidence", Severity.NOTE, place=place, values=told | {"confidence": confidence}))
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
    """The collection cases of the run, with the decisions already made on them; then those handed over, as long as their lines are open."""
    standing = book.read(model.CollectionCase)
    handed = standing[standing["handed_over_on"].notna() & (positions(item_key(standing), item_key(run.ledger)) >= 0)]
    before = standing[[*KEY, "run", "decision", "decision_note"]]
    joined = run.collection.merge(before, on=list(KEY), how="left", suffixes=("", "_before"))
    for column in ("run", "decision", "decision_note"):
        known = joined[f"{column}_before"].astype(object)
        joined[column] = known.where(known.notna(), joined[column].astype(object))
    return stacked([typed(joined, model.CollectionCase), handed], model.CollectionCase)


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
        return Report("There is no open proposal. Propose first.", {"decided": 0})
    if payers:
        unknown = sorted(set(payers) - set(proposals.loc[chosen, "payer"]))
        if unknown:
            raise ConfigError(f"There is no open proposal for the payer {unknown[0]!r}. Take the number from the column Payer of the sheet Proposal.")
        chosen &= proposals["payer"].isin(list(payers))
    conditions = [bool(payers), everything, level is not None, bool(currency), at_least is not None, at_most is not None]
    if not any(conditions):
        raise ConfigError("Say which proposals: all, some payers, or a filter (level, currency, amount).")
    chosen &= within(proposals, "total_minor", level, currency, at_least, at_most)
    settled = chosen & proposals["decision"].isin([Decision.HOLD, Decision.DROP])
    if decision is Decision.SEND and not payers:  # what was held or dropped is sent by name only
        chosen &= ~settled
    proposals["decision"] = proposals["decision"].astype(object).mask(chosen, str(decision))
    if note:
        proposals["decision_note"] = proposals["decision_note"].mask(chosen, note)
    if new_level is not None:
        proposals["level"] = proposals["level"].mask(chosen, new_level)
    proposals, lines = relevelled(typed(proposals, Proposal), lines, records_of(book), rules)
    book.replace(Proposal, proposals)
    book.replace(ProposalLine, lines)
    show_figures(book)
    changed = book.save()
    decided = int(chosen.sum())
    left = int((settled & ~chosen).sum())
    sentence = f"{count(decided, 'proposal')} set to {decision}."
    if left:
        sentence += f" Held or dropped before, and left so: {count(left, 'proposal')}; name the payer to send it."
    return Report(sentence + ("" if changed else " Nothing changed."), {"decided": decided, "left": left}, changed=changed)


def calls(book: Book, as_of: date) -> Report:
    """Who is to be called on a date, the largest overdue amount first; nothing is written."""
    rules = rules_of(book)
    settle(book, as_of)
    run = run_of(book, rules, as_of, alone=True)
    told = (book.read(m) for m in (model.Payer, model.HistoryEntry, model.Call, model.FollowUp))
    listed = call_list(run.ledger, *told, rules, as_of)
    return Report(f"{count(len(listed), 'payer')} to call as of {as_of}.", {"payers": len(listed)}, {"calls": listed})


def history(book: Book, *, payer: str = "", document: str = "") -> Report:
    """What happened to a payer or a document, or to all of them."""
    entries = book.read(model.HistoryEntry)
    if payer:
        entries = entries[entries["payer"] == payer]
    if document:
        entries = entries[entries["document"] == document]
    letters = entries.loc[entries["event"] == model.Event.LETTER, "letter"].nunique()
    told = ["entry", "date", "event", "delivery", *KEY, "currency", "open_minor", "level", "reminders", "deadline", "note", "letter"]
    sentence = f"{count(len(entries), 'history line')} of {count(letters, 'letter')}."
    return Report(sentence, {"entries": len(entries), "letters": letters}, {"history": entries[told]})


def config_export(book: Book) -> str:
    """The rules on the Config sheet as TOML."""
    return to_toml(book.settings(), {m: book.read(m) for m in TABLES.values()})


def config_import(book: Book, text: str) -> Report:
    """Puts the settings and tables a TOML names onto the Config sheet; what it does not name stays. Checked as a whole before anything changes.

    Refused is also what `propose` would refuse: folders that lead elsewhere, and errors of `rules.check`, which for these asks for no date.
    """
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
    for folder in ("template_folder", "letter_folder"):
        folder_of(book, folder)
    _refuse_errors(doubts(book, rules_of(book), today()))
    changed = book.save()
    names = ", ".join(["settings"] * (settings != before) + [name for name, m in TABLES.items() if m in frames]) or "settings"
    return Report(f"Config taken over ({names})." + ("" if changed else " Nothing changed."), {"tables": names}, changed=changed)


def config_check(book: Book, as_of: date) -> Report:
    """What is doubtful about the rules as of a date; failed when a run would be wrong. Writes nothing. Raises ConfigError for contradictions."""
    ledger = book.read(model.AssessedItem)
    owed = ledger.loc[ledger["open_minor"] > 0, "currency"].astype("str").value_counts()
    findings = doubts(book, rules_of(book), as_of, {str(currency): int(lines) for currency, lines in owed.items()})
    errors = sum(f.severity is Severity.ERROR for f in findings)
    answer = f"{count(len(findings), 'finding')}, {count(errors, 'error')}" if findings else "nothing to point out"
    return Report(f"Config checked as of {as_of}: {answer}.", {"errors": errors}, findings=findings, failed=errors > 0)


def _of_other_format(folder: Path) -> list[Finding]:
    """What was saved in Word beside the templates in a format that is not read, so that a packaged template speaks in its place."""
    files = [path for language in LANGUAGES for path in sorted((folder / language).glob("*")) if path.suffix.lower() in OTHER_FORMATS]
    alone = [f"{path.parent.name}/{path.name}" for path in files if not path.name.startswith("~$") and not path.with_suffix(".docx").exists()]
    return [Finding("template_other_format", Severity.ERROR, place=name, values={"template": name}) for name in alone]


def templates_check(book: Book) -> Report:
    """Checks the templates the levels name, all packaged ones and what else lies in the template folder, each against its contract."""
    from letter_templates.inserted import CONDITIONS, FILES
    from letter_templates.mail import faults
    from letter_templates.render import check_template, template_path
    from letter_templates.wording import DOCUMENTS, LETTERS

    rules = rules_of(book)
    folder = folder_of(book, "template_folder")
    names = sorted({step.template for step in rules.levels} | {*LETTERS, *DOCUMENTS})
    asked = [template_path(folder, language, name) for language in LANGUAGES for name in names]
    own = [path for language in LANGUAGES for path in sorted((folder / language).glob("*.docx")) if not path.name.startswith("~$")]
    paths = list(dict.fromkeys([*asked, *(path for path in own if path.name != FILES[CONDITIONS])]))
    findings = [*_of_other_format(folder), *(finding for path in paths for finding in check_template(path))]
    for at, text in enumerate(to_rows(book.read(model.MailText), model.MailText)):
        findings += faults(text, lambda column, at=at: book.place(model.MailText, at, column))
    errors = sum(f.severity is Severity.ERROR for f in findings)
    sentence = f"{count(len(paths), 'template')} checked: " + (f"{count(errors, 'error')}." if errors else "no errors.")
    return Report(sentence, {"templates": len(paths), "errors": errors}, findings=findings, failed=errors > 0)
