"""The workbook as the commands need it: rules from Config, the run of a date, the facts on About, the figures on Home."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from rules import model
from rules.assess import assess
from rules.config_text import TABLES
from rules.errors import HistoryError
from rules.fingerprint import fingerprint, run_id
from rules.model import Decision, Payer, Proposal
from rules.propose import GROUP, Run, propose
from rules.review import is_open
from rules.row import columns, typed
from rules.ruleset import Ruleset, ruleset
from workbook.book import Book
from workbook.journal import Journal

DECIDING = (model.Method, model.Level, model.Currency)
JOURNAL = "journal.jsonl"


def rules_of(book: Book) -> Ruleset:
    """The checked rules on the Config sheet; ConfigError names the cells that contradict each other."""
    return ruleset(book.settings(), {m: book.read(m) for m in TABLES.values()}, book.place)


def fact(book: Book, key: str) -> str:
    """A fact on the sheet About, or ""."""
    about = book.read(model.About)
    found = about.loc[about["key"] == key, "value"]
    return str(found.iloc[0]) if len(found) else ""


def note_facts(book: Book, facts: dict[str, str]) -> None:
    """Puts facts on the sheet About, in place of what they were."""
    about = book.read(model.About)
    known = dict(zip(about["key"], about["value"], strict=True)) | facts
    book.replace(model.About, typed(pd.DataFrame({"key": list(known), "value": list(known.values())}), model.About))


def day_of(text: str) -> date | None:
    """A date written as ISO text, or None."""
    return date.fromisoformat(text) if text else None


def letter_folder(book: Book) -> Path:
    """Where runs and the journal lie."""
    return book.folder / book.settings().letter_folder


def journal_of(book: Book) -> Journal:
    """The journal of the workbook, read and checked."""
    return Journal(letter_folder(book) / JOURNAL)


def refuse_unfinished(journal: Journal) -> None:
    """HistoryError when a run was begun and not finished: nothing else may change the workbook before."""
    if run := journal.unfinished():
        raise HistoryError(f"The run {run} was begun and not finished. Run `dunning issue` again: it writes what is missing, nothing twice.")


def refuse_earlier(journal: Journal, as_of: date) -> None:
    """HistoryError when `as_of` lies before the last issued run."""
    last = journal.last_as_of()
    if last and as_of.isoformat() < last:
        raise HistoryError(
            f"The as-of date {as_of} lies before the last issued run of {last}. A run is never dated before the last one; "
            f"to look at that date without writing use `dunning simulate --as-of {as_of}`."
        )


def inputs_of(book: Book) -> str:
    """Fingerprint of everything that decides a run but its date."""
    ledger = book.read(model.AssessedItem)[[c.name for c in columns(model.OpenItem)]]
    frames = {model.OpenItem: ledger, Payer: book.read(Payer), model.HistoryEntry: book.read(model.HistoryEntry)}
    return fingerprint(frames | {m: book.read(m) for m in DECIDING} | {model.Setting: _deciding_settings(book)})


def _deciding_settings(book: Book) -> pd.DataFrame:
    settings = book.read(model.Setting)
    names = ["default_method", "line_tolerance", "company_currency", "company_country"]
    return settings[settings["setting"].isin(names)].assign(title="", help="")


def run_of(book: Book, rules: Ruleset, as_of: date, *, alone: bool = False) -> Run:
    """The run of `as_of` over the workbook as it is. `alone`: open proposals of other runs do not lock their items."""
    ledger, payers, history = book.read(model.AssessedItem), book.read(Payer), book.read(model.HistoryEntry)
    book.progress("assess", 0, len(ledger))
    run = run_id(as_of, inputs_of(book))
    found = assess(ledger, payers, history, rules, as_of)
    book.progress("assess", len(ledger), len(ledger))
    proposals = book.read(Proposal)
    others = proposals[is_open(proposals) & (proposals["run"] != run)]
    return propose(ledger, found, history, others.iloc[:0] if alone else others, rules, as_of, run)


def show_run(book: Book, run: Run, as_of: date) -> None:
    """The assessed ledger on its sheet, its totals and figures on Home."""
    book.replace(model.AssessedItem, run.ledger)
    book.replace(model.Total, run.totals)
    book.show("as_of", as_of.isoformat())


def show_figures(book: Book) -> None:
    """The counts on Home: what their formulas will say, for readers that do not compute."""
    ledger, proposals, history = book.read(model.AssessedItem), book.read(Proposal), book.read(model.HistoryEntry)
    overdue = ledger[(ledger["days_overdue"] > 0) & (ledger["open_minor"] > 0)]
    waiting = proposals[is_open(proposals)]
    figures = {
        "open_lines": len(ledger),
        "overdue_lines": len(overdue),
        "overdue_payers": len(overdue.drop_duplicates(["company", "payer"])),
        "due_lines": int((ledger["reason_code"] == model.Reason.DUE).sum()),
        "to_review": int((waiting["decision"] == Decision.OPEN).sum()),
        "to_send": int((waiting["decision"] == Decision.SEND).sum()),
        "held": int((waiting["decision"] == Decision.HOLD).sum()),
        "letters": len(history.drop_duplicates(["run", *GROUP])),
    }
    for name, value in figures.items():
        book.show(name, value)
