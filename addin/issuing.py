"""Issue: the plan of a run is frozen to disk, its letters are written, and only then the workbook and its history follow; and `verify`.

The folder of a run holds all it needs: `plan.json` (what each letter says, what the history will say) and the templates it was made with. So a
run that was cut off at any moment is finished by issuing again: the same letters, none twice; and any letter can be made again later.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from addin.report import Report, count
from addin.sheets import day_of, fact, inputs_of, journal_of, letter_folder, note_facts, refuse_earlier, rules_of, run_of, show_figures, show_run
from letter_templates.context import letter_context
from letter_templates.names import letter_name
from letter_templates.render import Template, check_template, template_path
from rules import model
from rules.errors import HistoryError, TemplateError
from rules.findings import Finding
from rules.fingerprint import run_id
from rules.model import Decision, Delivery, Event, HistoryEntry, Payer, Proposal, ProposalLine, ProposalState, Severity
from rules.review import is_open, letter_key, relevelled, to_send
from rules.row import to_rows, typed
from rules.standing import KEY, item_key, standing
from workbook.book import Book
from workbook.journal import COMMITTED, ISSUED, PLANNED, START, Journal, durable

PLAN = "plan.json"


def issue(book: Book) -> Report:
    """Writes the letters decided upon and enters them in the history; or finishes the run that was cut off."""
    journal = journal_of(book)
    if unfinished := journal.unfinished():
        return _finish(book, journal, unfinished, resumed=True)
    plan = _plan(book, journal)
    if plan is None:
        return Report("There is nothing to issue: no proposal is set to send. Nothing changed.", {"letters": 0})
    book.check_writable()
    _freeze(book, journal, plan)
    return _finish(book, journal, plan.run, resumed=False)


def pending(book: Book) -> Report:
    """What `issue` would write: letters and money per level and currency; for the question before it."""
    chosen = to_send(book.read(Proposal))
    sums = chosen.groupby(["level", "currency"], observed=True)["total_minor"].agg(letters="size", total_minor="sum").reset_index()
    return Report(f"{count(len(chosen), 'letter')} would be written.", {"letters": len(chosen)}, {"letters": sums[sums["letters"] > 0]})


# ---------------------------------------------------------------------------------------------------------------- plan


@dataclass(frozen=True)
class Plan:
    """What a run will write, before anything is written."""

    run: str
    as_of: date
    letters: list[dict[str, Any]]  # letter, file, template, context, history: the entries of its lines
    templates: dict[str, Path]  # name in the run folder -> where the template lies now


def _plan(book: Book, journal: Journal) -> Plan | None:
    """The letters set to send, checked as a whole; None when there is none. Raises before anything is written."""
    rules = rules_of(book)
    proposals, lines = relevelled(book.read(Proposal), book.read(ProposalLine), rules)
    chosen = to_send(proposals)
    if chosen.empty:
        return None
    book.replace(Proposal, proposals)
    book.replace(ProposalLine, lines)
    run, as_of = str(chosen["run"].iloc[0]), chosen["as_of"].iloc[0].date()
    expected = run_id(as_of, inputs_of(book))
    stale = chosen[chosen["run"] != expected]
    if len(stale):
        raise HistoryError(
            f"The proposal {stale['run'].iloc[0]} was made before the ledger, the payers' methods or the rules changed. "
            f"Run `dunning propose --replace --as-of {as_of}`: it proposes again and keeps your decisions; then issue."
        )
    refuse_earlier(journal, as_of)
    late = chosen[chosen["deadline"] < chosen["as_of"]]
    if len(late):
        row = late.iloc[0]
        raise HistoryError(
            f"The proposal for {row['payer_name'] or row['payer']} has the deadline {row['deadline'].date()}, before the letter's own date {as_of}. "
            "Correct the column Deadline on the sheet Proposal."
        )
    templates = _templates(book, chosen)
    return Plan(run, as_of, _letters(book, chosen, lines, as_of), templates)


def _templates(book: Book, chosen: pd.DataFrame) -> dict[str, Path]:
    """The templates the letters need, each checked. Raises TemplateError with every fault."""
    folder = book.folder / book.settings().template_folder
    found: dict[str, Path] = {}
    for language, name in chosen[["language", "template"]].astype(str).drop_duplicates().itertuples(index=False):
        found[f"{language}-{name}.docx"] = template_path(folder, language, name)
    faults = [f.text("en") for path in found.values() for f in check_template(path) if f.severity is Severity.ERROR]
    if faults:
        raise TemplateError("\n".join(faults))
    return found


def _letters(book: Book, chosen: pd.DataFrame, lines: pd.DataFrame, as_of: date) -> list[dict[str, Any]]:
    settings, until = book.settings(), day_of(fact(book, "ledger_as_of")) or as_of
    payers = {(p.company, p.payer): p for p in to_rows(_known(book.read(Payer), chosen), Payer)}
    previous = _previous(book, chosen, lines)
    mine = lines[letter_key(lines).isin(set(letter_key(chosen)))]
    of_letter: dict[str, list[ProposalLine]] = defaultdict(list)
    for key, line in zip(letter_key(mine), to_rows(mine, ProposalLine), strict=True):
        of_letter[key].append(line)
    planned: list[dict[str, Any]] = []
    for number, (key, proposal) in enumerate(zip(letter_key(chosen), to_rows(chosen, Proposal), strict=True), start=1):
        who = (proposal.company, proposal.payer)
        payer = payers.get(who) or Payer(company=proposal.company, payer=proposal.payer, name=proposal.payer_name)
        file = letter_name(
            proposal.run, proposal.payer, proposal.level, proposal.currency, payer.name or proposal.payer_name, company=proposal.company
        )
        letter = f"{proposal.run}-{number:04}"
        context = letter_context(proposal, of_letter[key], payer, settings, previous=previous.get(key), letter_id=letter, payments_until=until)
        planned.append(
            {
                "letter": letter,
                "file": f"{proposal.run}/{file}",
                "template": f"{proposal.language}-{proposal.template}.docx",
                "context": context,
                "history": [_entry(proposal, line, f"{proposal.run}/{file}") for line in of_letter[key]],
            }
        )
        book.progress("plan", number, len(chosen))
    return planned


def _known(payers: pd.DataFrame, chosen: pd.DataFrame) -> pd.DataFrame:
    wanted = pd.MultiIndex.from_frame(chosen[["company", "payer"]])
    return payers[pd.MultiIndex.from_frame(payers[["company", "payer"]]).isin(wanted)]


def _previous(book: Book, chosen: pd.DataFrame, lines: pd.DataFrame) -> dict[str, date]:
    """Date of the last letter about the lines of each proposal."""
    reminded = standing(lines, book.read(HistoryEntry))["last_reminder"]
    latest = reminded.groupby(letter_key(lines)).max().dropna()
    return {str(k): v.date() for k, v in latest.items()}


def _entry(proposal: Proposal, line: ProposalLine, file: str) -> dict[str, Any]:
    """The history entry of one line of a letter, but for its number and the letter's hash. A credit on a letter was not reminded."""
    reminded = line.level > 0
    entry = HistoryEntry(
        entry=1, event=Event.LETTER, date=proposal.as_of, run=proposal.run, company=line.company, payer=line.payer, document=line.document,
        instalment=line.instalment, currency=line.currency, open_minor=line.open_minor, method=proposal.method, level_before=line.level_before,
        level=line.level, reminders=line.reminders + reminded, deadline=proposal.deadline if reminded else None, channel=proposal.channel,
        delivery=Delivery.WRITTEN, letter=file, note=proposal.decision_note,
    )  # fmt: skip
    return entry.model_dump(mode="json", exclude={"entry", "sha256"})


def _freeze(book: Book, journal: Journal, plan: Plan) -> None:
    """Puts the plan and its templates into the run folder; the record `planned` makes it binding."""
    folder = letter_folder(book) / plan.run
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    for name, path in plan.templates.items():
        durable(folder / "templates" / name, path.read_bytes())
    text = json.dumps({"run": plan.run, "as_of": plan.as_of.isoformat(), "letters": plan.letters}, ensure_ascii=False, indent=1)
    durable(folder / PLAN, text.encode())
    templates = {name: _sha256(folder / "templates" / name) for name in plan.templates}
    journal.append(
        PLANNED, plan.run, as_of=plan.as_of.isoformat(), letters=len(plan.letters), lines=sum(len(x["history"]) for x in plan.letters),
        plan=_sha256(folder / PLAN), templates=templates,
    )  # fmt: skip


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# ---------------------------------------------------------------------------------------------------------------- letters and commit


def _frozen(folder: Path, journal: Journal, run: str) -> dict[str, Any]:
    """The plan of the run, checked against the journal."""
    planned = journal.of_run(run, PLANNED)[0]
    path = folder / run / PLAN
    if not path.exists() or _sha256(path) != planned.facts["plan"]:
        raise HistoryError(f"{path} is missing or was changed since the run was planned. Put it back from a backup, then issue again.")
    for name, expected in planned.facts["templates"].items():
        template = folder / run / "templates" / name
        if not template.exists() or _sha256(template) != expected:
            raise HistoryError(f"{template} is missing or was changed since the run was planned. Put it back from a backup, then issue again.")
    return json.loads(path.read_text(encoding="utf-8"))


def _finish(book: Book, journal: Journal, run: str, *, resumed: bool) -> Report:
    """Writes the letters of a planned run that are not there yet, then commits the run."""
    folder = letter_folder(book)
    plan = _frozen(folder, journal, run)
    written = {str(r.facts["letter"]): str(r.facts["sha256"]) for r in journal.of_run(run, ISSUED)}
    fresh = _write(book, folder, journal, plan, written)
    changed = _commit(book, journal, plan, written)
    journal.append(COMMITTED, run, letters=len(written))
    sentence = f"{count(len(written), 'letter')} of the run {run} written to {folder / run} and entered in the history."
    if resumed:
        sentence = f"The run {run} was cut off and is finished now ({count(fresh, 'letter')} had been missing). " + sentence
    totals = pd.DataFrame([{"level": x["context"]["level"], "currency": x["context"]["currency"], "letters": 1} for x in plan["letters"]])
    counts = totals.groupby(["level", "currency"])["letters"].sum().reset_index()
    facts = {"run": run, "letters": len(written), "written_now": fresh, "resumed": resumed, "folder": str(folder / run)}
    return Report(sentence, facts, {"letters": counts}, changed=changed)


def _write(book: Book, folder: Path, journal: Journal, plan: dict[str, Any], written: dict[str, str]) -> int:
    """Writes what is missing, one letter after the other; `written` grows with the hash of each. Answers how many were written now."""
    templates: dict[str, Template] = {}
    fresh = 0
    for number, letter in enumerate(plan["letters"], start=1):
        path = folder / letter["file"]
        expected = written.get(letter["letter"])
        if expected is None or not path.exists():
            name = letter["template"]
            if name not in templates:
                templates[name] = Template.load(folder / plan["run"] / "templates" / name)
            content = templates[name].render(letter["context"], {"run": plan["run"], "letter": letter["letter"]})
            sha256 = hashlib.sha256(content).hexdigest()
            if expected not in (None, sha256):
                raise HistoryError(f"{path} was written before and is gone; made again it would differ. Put it back from a backup, then issue again.")
            durable(path, content)
            if expected is None:
                journal.append(ISSUED, plan["run"], letter=letter["letter"], file=letter["file"], sha256=sha256, lines=len(letter["history"]))
            written[letter["letter"]] = sha256
            fresh += 1
        book.progress("letters", number, len(plan["letters"]))
    return fresh


def _commit(book: Book, journal: Journal, plan: dict[str, Any], written: dict[str, str]) -> bool:
    """History, counters, states and the head of the journal into the workbook, in one save."""
    run, as_of = plan["run"], date.fromisoformat(plan["as_of"])
    history = book.read(HistoryEntry)
    if not (history["run"] == run).any():
        entries = pd.DataFrame([entry | {"sha256": written[x["letter"]]} for x in plan["letters"] for entry in x["history"]])
        entries["entry"] = range(len(history) + 1, len(history) + len(entries) + 1)
        for column in ("date", "deadline"):
            entries[column] = pd.to_datetime(entries[column])
        book.append(HistoryEntry, typed(entries, HistoryEntry))
    proposals = book.read(Proposal)
    sent = proposals["run"] == run
    sent &= proposals["decision"] == Decision.SEND
    dropped = is_open(proposals) & (proposals["run"] == run) & (proposals["decision"] == Decision.DROP)
    state = proposals["state"].astype(object)
    state = state.mask(sent, str(ProposalState.ISSUED)).mask(dropped, str(ProposalState.CLOSED))
    book.replace(Proposal, typed(proposals.assign(state=state), Proposal))
    show_run(book, run_of(book, rules_of(book), as_of), as_of)
    note_facts(book, {"journal_records": str(len(journal.records)), "journal_head": journal.head, "last_run": run})
    book.show("last_run", f"{run}: {len(written)} letters")
    show_figures(book)
    return book.save()


# ---------------------------------------------------------------------------------------------------------------- verify


def verify(book: Book) -> Report:
    """Checks that journal, letters, history and counters tell the same story; a finding for every place where they do not."""
    journal = journal_of(book)
    findings = [*_about_agrees(book, journal), *_letters_agree(book, journal), *_counters_agree(book)]
    if unfinished := journal.unfinished():
        findings.append(Finding("run_unfinished", Severity.WARNING, place=unfinished, values={"run": unfinished}))
    letters = sum(r.kind == ISSUED for r in journal.records)
    errors = sum(f.severity is Severity.ERROR for f in findings)
    sentence = f"{len(journal.records):,} journal records, {letters:,} letters and {len(book.read(HistoryEntry)):,} history entries checked: "
    sentence += f"{errors} contradictions." if errors else "they agree."
    return Report(sentence, {"records": len(journal.records), "letters": letters, "errors": errors}, findings=findings, failed=errors > 0)


def _error(code: str, place: str, **values: Any) -> Finding:
    return Finding(code, Severity.ERROR, place=place, values=values)


def _about_agrees(book: Book, journal: Journal) -> list[Finding]:
    """The head the workbook remembers must stand in the journal, followed by nothing but the record of that commit."""
    count, head = int(fact(book, "journal_records") or 0), fact(book, "journal_head") or START
    known = START if count == 0 else journal.records[count - 1].hash if count <= len(journal.records) else ""
    if known != head:
        return [_error("journal_cut", journal.path.name, found=len(journal.records), expected=count)]
    later = {r.run for r in journal.records[count:] if r.kind == COMMITTED} - {fact(book, "last_run")}
    return [_error("workbook_older", book.name, run=run) for run in sorted(later)]


def _letters_agree(book: Book, journal: Journal) -> list[Finding]:
    """Every issued letter is on the disk as it was written and in the history; every history entry has its letter."""
    folder, history = letter_folder(book), book.read(HistoryEntry)
    letters = history[history["event"] == Event.LETTER]
    told = {str(f): (str(h), int(n)) for f, h, n in letters.groupby(["letter", "sha256"]).size().reset_index().itertuples(index=False)}
    committed = {r.run for r in journal.records if r.kind == COMMITTED}
    found: list[Finding] = []
    for record in (r for r in journal.records if r.kind == ISSUED):
        file, sha256 = str(record.facts["file"]), str(record.facts["sha256"])
        path = folder / file
        if not path.exists():
            found.append(_error("letter_missing", file))
        elif _sha256(path) != sha256:
            found.append(_error("letter_changed", file))
        if record.run in committed and told.get(file) != (sha256, int(record.facts["lines"])):
            found.append(_error("letter_not_in_history", file))
        told.pop(file, None)
    return found + [_error("history_without_letter", file) for file in sorted(told)]


def _counters_agree(book: Book) -> list[Finding]:
    """Level and count on the sheet Ledger are what the history says."""
    ledger = book.read(model.AssessedItem)
    stands = standing(ledger, book.read(HistoryEntry))
    wrong = ledger[(ledger["level"] != stands["level"]) | (ledger["reminders"] != stands["reminders"])]
    found: list[Finding] = []
    for row, item in zip(wrong.index, wrong[list(KEY)].to_dict("records"), strict=True):
        place = book.place(model.AssessedItem, int(ledger.index.get_loc(row)), "level")
        found.append(_error("counter_differs", place, document=item["document"], found=int(ledger["level"][row]), expected=int(stands["level"][row])))
    doubles = ledger[item_key(ledger).duplicated()]
    return found + [_error("item_twice", str(d), document=d) for d in doubles["document"]]
