"""Issue: the plan of a run is frozen to disk, its letters are written, and only then the workbook and its history follow.

The folder of a run holds all it needs: `plan.json` (what each letter says, what the history will say) and the templates it was made with. So a
run that was cut off at any moment is finished by issuing again: the same letters, none twice; a workbook put back from a backup learns of the
runs it does not know in the same way; and any letter can be made again later.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from addin.entering import tell_again
from addin.planning import PINNED, Plan, planned
from addin.report import Report, count
from addin.runs import PLAN, TEMPLATES, altered, earliest, journal_of, letter_folder, missing, ready, refuse_contradictions
from addin.sheets import fact, note_facts, rules_of, run_of, show_figures, show_run
from letter_templates.render import Template
from letter_templates.several import Job, Letters
from rules.errors import HistoryError
from rules.merge import stacked
from rules.model import AssessedItem, Decision, HistoryEntry, Proposal, ProposalState
from rules.review import is_open, letter_key, to_send
from rules.row import typed
from rules.standing import item_key, positions
from workbook.book import Book
from workbook.journal import COMMITTED, ENTERED, ISSUED, PLANNED, Journal
from workbook.writing import durable, durable_all


def issue(book: Book, *, accept_templates: bool = False) -> Report:
    """Writes the letters decided upon and enters them in the history; or finishes the runs that this workbook does not hold yet.

    `accept_templates`: a template that was changed since letters were last made with it is taken.
    """
    refuse_contradictions(book, journal_of(book))  # before anything is made, and again with nobody beside us
    with journal_of(book).alone() as journal:
        refuse_contradictions(book, journal)
        if late := missing(book, journal):
            reports = [_told_again(book, journal, run) for run in late]
            return reports[-1]
        plan = planned(book, journal, accept_templates=accept_templates)
        if plan is None:
            return _close_dropped(book)
        book.check_writable()
        return _finish(book, journal, _freeze(book, journal, plan), resumed=False)


def _told_again(book: Book, journal: Journal, run: str) -> Report:
    """What the journal knows and the workbook does not: a run of letters, or what was recorded or undone."""
    if journal.of_run(run, ENTERED):
        return tell_again(book, journal, run)
    return _finish(book, journal, frozen(letter_folder(book), journal, run), resumed=True)


def pending(book: Book, *, accept_templates: bool = False) -> Report:
    """What `issue` would write: letters and money per level and currency; refused where it would be refused."""
    plan = planned(book, ready(book), accept_templates=accept_templates)
    chosen = to_send(book.read(Proposal)) if plan else book.read(Proposal).iloc[:0]
    sums = chosen.groupby(["level", "currency"], observed=True)["total_minor"].agg(letters="size", total_minor="sum").reset_index()
    return Report(f"{count(len(chosen), 'letter')} would be written.", {"letters": len(chosen)}, {"letters": sums[sums["letters"] > 0]})


def _close_dropped(book: Book) -> Report:
    """Nothing to send: dropped proposals are closed all the same, so that they lock nothing."""
    proposals = book.read(Proposal)
    dropped = is_open(proposals) & (proposals["decision"] == Decision.DROP)
    book.replace(Proposal, _in_state(proposals, dropped, ProposalState.CLOSED))
    show_figures(book)
    changed = book.save()
    closed = f"{count(int(dropped.sum()), 'dropped proposal')} closed." if changed else "Nothing changed."
    return Report(f"There is nothing to issue: no proposal is set to send. {closed}", {"letters": 0}, changed=changed)


def _in_state(proposals: pd.DataFrame, which: pd.Series, state: ProposalState) -> pd.DataFrame:
    return typed(proposals.assign(state=proposals["state"].astype(object).mask(which, str(state))), Proposal)


def _freeze(book: Book, journal: Journal, plan: Plan) -> dict[str, Any]:
    """Puts the plan and its templates into the run folder; the record `planned` makes it binding. Answers it as `frozen` does."""
    folder = letter_folder(book) / plan.run
    durable_all([(folder / TEMPLATES / name, content) for name, content in plan.files.items()])
    head = {"run": plan.run, "as_of": plan.as_of.isoformat()}
    letters = b",\n".join(
        json.dumps(letter, ensure_ascii=False).encode() for letter in plan.letters
    )  # one on a line: to be read, and small in memory
    frozen = b"".join((json.dumps(head).removesuffix("}").encode(), b', "letters": [\n', letters, b"\n]}\n"))
    durable(folder / PLAN, frozen)
    journal.append(
        PLANNED, plan.run, workbook=fact(book, "workbook"), as_of=plan.as_of.isoformat(), letters=len(plan.letters),
        lines=sum(len(x["history"]) for x in plan.letters), plan=hashlib.sha256(frozen).hexdigest(),
        templates={name: hashlib.sha256(content).hexdigest() for name, content in plan.files.items()},
    )  # fmt: skip
    return head | {"letters": plan.letters}


# ---------------------------------------------------------------------------------------------------------------- letters and commit


def frozen(folder: Path, journal: Journal, run: str) -> dict[str, Any]:
    """The plan of the run. Raises HistoryError when it, or a template it was made with, is not as the journal knows it."""
    for path in altered(folder, journal, run)[:1]:
        raise HistoryError(
            f"{path} {'was changed' if path.exists() else 'is missing'}, and without it no letter of the run {run} can be written, sent or printed. "
            "Put it back from a backup of the letter folder, then run the command again."
        )
    return json.loads((folder / run / PLAN).read_text(encoding="utf-8"))


def _finish(book: Book, journal: Journal, plan: dict[str, Any], *, resumed: bool) -> Report:
    """Writes the letters of a frozen plan that are not there yet, then commits the run."""
    book.check_writable()
    folder, run = letter_folder(book), plan["run"]
    fresh = _write(book, folder, journal, plan)
    changed = _commit(book, journal, plan)
    journal.append(COMMITTED, run, letters=len(plan["letters"]))
    sentence = f"{count(len(plan['letters']), 'letter')} of the run {run} written to {folder / run} and entered in the history."
    if resumed:
        sentence = f"The run {run} was not yet in this workbook and is now ({count(fresh, 'letter')} had been missing). " + sentence
    totals = pd.DataFrame([{"level": x["context"]["level"], "currency": x["context"]["currency"], "letters": 1} for x in plan["letters"]])
    counts = totals.groupby(["level", "currency"])["letters"].sum().reset_index()
    facts = {"run": run, "letters": len(plan["letters"]), "written_now": fresh, "resumed": resumed, "folder": str(folder / run)}
    return Report(sentence, facts, {"letters": counts}, changed=changed)


def _write(book: Book, folder: Path, journal: Journal, plan: dict[str, Any]) -> int:
    """Writes what is missing, some letters at a time, each batch noted in the journal once it is on the disk; answers how many were written."""
    issued = {str(r.facts["letter"]) for r in journal.of_run(plan["run"], ISSUED)}
    waiting = [x for x in plan["letters"] if x["letter"] not in issued or not (folder / x["file"]).exists()]
    templates = {name: Template.load(folder / plan["run"] / TEMPLATES / name) for name in {x["template"] for x in waiting}}
    jobs = [Job(x["template"], x["context"], x["properties"], (folder / x["file"], x["sha256"])) for x in waiting]
    fresh, before = 0, len(plan["letters"]) - len(waiting)
    for batch in Letters(templates, _put).answers(jobs):
        made = [x for x in waiting[fresh : fresh + len(batch)] if x["letter"] not in issued]
        journal.append_all(
            ISSUED, plan["run"], [{"letter": x["letter"], "file": x["file"], "sha256": x["sha256"], "lines": len(x["history"])} for x in made]
        )
        fresh += len(batch)
        book.progress("letters", before + fresh, len(plan["letters"]))
    return fresh


def _put(letters: list[tuple[bytes, tuple[Path, str]]]) -> list[None]:
    """Writes letters to their paths; each must have the hash it was planned with."""
    for content, (path, sha256) in letters:
        if hashlib.sha256(content).hexdigest() != sha256:
            raise HistoryError(
                f"{path} would not be the letter that was planned: this program renders it otherwise. Issue with the version that planned it."
            )
    durable_all([(path, content) for content, (path, _) in letters])
    return [None] * len(letters)


def _commit(book: Book, journal: Journal, plan: dict[str, Any]) -> bool:
    """History, counters, states and the head of the journal into the workbook, in one save."""
    run, as_of = plan["run"], date.fromisoformat(plan["as_of"])
    history = book.read(HistoryEntry)
    if not (history["run"] == run).any():
        entries = pd.DataFrame([entry | {"sha256": x["sha256"]} for x in plan["letters"] for entry in x["history"]])
        entries["entry"] = np.arange(len(entries)) + 1 + (int(history["entry"].max()) if len(history) else 0)
        for column in ("date", "deadline"):
            entries[column] = pd.to_datetime(entries[column])
        book.append(HistoryEntry, typed(entries, HistoryEntry))
        _use_up(book, typed(entries, HistoryEntry))
        _claim(book, [x["fee"] for x in plan["letters"] if x.get("fee")])
    proposals = book.read(Proposal)
    key = letter_key(proposals)
    sent = key.isin(set(letter_key(pd.DataFrame([x["of"] for x in plan["letters"]]))))
    dropped = is_open(proposals) & (proposals["run"] == plan["letters"][0]["of"]["run"]) & (proposals["decision"] == Decision.DROP) & ~sent
    book.replace(Proposal, _in_state(_in_state(proposals, sent, ProposalState.ISSUED), dropped, ProposalState.CLOSED))
    shown = earliest(book, journal, as_of)
    show_run(book, run_of(book, rules_of(book), shown), shown)
    folder = str(book.settings().letter_folder)
    about = {"journal_records": str(len(journal.records)), "journal_head": journal.head, "last_run": run, "letter_folder": folder}
    pins = {PINNED + name: sha256 for name, sha256 in journal.of_run(run, PLANNED)[0].facts["templates"].items()}
    note_facts(book, about | pins)
    book.show("last_run", f"{run}: {len(plan['letters'])}")
    show_figures(book)
    return book.save()


def _use_up(book: Book, entries: pd.DataFrame) -> None:
    """Levels set by hand were for these letters: they leave the ledger, the history keeps them."""
    ledger, used = book.read(AssessedItem), entries[entries["manual_level"].notna()]
    spent = positions(item_key(ledger), item_key(used)) >= 0
    reason = ledger["manual_reason"].astype("str").mask(spent, "")
    book.replace(AssessedItem, typed(ledger.assign(manual_level=ledger["manual_level"].mask(spent), manual_reason=reason), AssessedItem))


def _claim(book: Book, fees: list[dict[str, Any]]) -> None:
    """The fees of letters as lines of the ledger, after all others."""
    if fees:
        lines = typed(pd.DataFrame(fees).assign(**{c: pd.to_datetime([f[c] for f in fees]) for c in ("document_date", "due_date")}), AssessedItem)
        book.replace(AssessedItem, stacked([book.read(AssessedItem), lines], AssessedItem))
