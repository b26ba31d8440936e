"""The workbook as the commands need it: rules from Config, the run of a date, the facts on About, the figures on Home."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from rules import model
from rules.assess import assess
from rules.config_text import TABLES
from rules.errors import ConfigError, LedgerError, WorkbookError
from rules.findings import Finding
from rules.fingerprint import fingerprint, run_id
from rules.model import Decision, Payer, Proposal
from rules.propose import GROUP, Run, propose
from rules.review import is_open
from rules.row import Row, columns, to_frame, typed
from rules.ruleset import Ruleset, ruleset
from rules.standing import SEPARATOR, item_key, payer_key
from workbook.book import Book

DECIDING = (model.Method, model.Level, model.Currency)


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


def folder_of(book: Book, setting: str) -> Path:
    """The folder a setting names, beside the workbook. Raises WorkbookError for a path that leads elsewhere."""
    name = str(getattr(book.settings(), setting))
    folder = (book.folder / name).resolve()
    if not folder.is_relative_to(book.folder.resolve()) or folder == book.folder.resolve():
        raise WorkbookError(f"The setting {setting} on Config is {name!r}; expected is the name of a folder beside the workbook, such as letters.")
    return folder


def refuse_doubles(book: Book, row_model: type[Row], frame: pd.DataFrame, key: pd.Series) -> None:
    """LedgerError naming two rows of a sheet that stand for the same thing."""
    second = key.duplicated()
    if second.any():
        at = int(second.to_numpy().argmax())
        first = int((key == key.iloc[at]).to_numpy().argmax())
        column = columns(row_model)[0].name
        raise LedgerError(
            f"{book.place(row_model, at, column)}: this row stands for the same as the row at {book.place(row_model, first, column)} "
            f"({key.iloc[at].replace(SEPARATOR, ' ').strip()}). Delete the one that is too much."
        )


def refuse_wrong_rows(book: Book, rules: Ruleset) -> None:
    """LedgerError for an item or a payer that is there twice; ConfigError for a manual level without its reason or above the highest level."""
    ledger, payers = book.read(model.AssessedItem), book.read(Payer)
    refuse_doubles(book, model.AssessedItem, ledger, item_key(ledger))
    refuse_doubles(book, Payer, payers, payer_key(payers))
    level, highest = ledger["manual_level"], int(rules.highest.max())
    no_reason = level.notna() & (ledger["manual_reason"].astype("str") == "")
    for wrong, said in (
        (no_reason, "has no reason: choose one in the column Level reason, or clear the level"),
        (level.fillna(0) > highest, f"is above the highest level, {highest}: correct it"),
    ):
        if wrong.any():
            at = int(wrong.to_numpy().argmax())
            raise ConfigError(f"{book.place(model.AssessedItem, at, 'manual_level')}: the manual level {level.iloc[at]} {said}.")


def inputs_of(book: Book, but_for: str = "") -> str:
    """Fingerprint of everything that decides a run but its date; `but_for`: without what the history tells of this run itself."""
    ledger, history = book.read(model.AssessedItem)[[c.name for c in columns(model.OpenItem)]], book.read(model.HistoryEntry)
    if but_for:
        history = history[~history["run"].str.startswith(but_for)]
    frames = {model.OpenItem: ledger, Payer: book.read(Payer), model.HistoryEntry: history}
    return fingerprint(frames | {m: book.read(m) for m in DECIDING} | {model.Setting: _deciding_settings(book)})


def run_number(book: Book, as_of: date) -> str:
    """Id of the run of `as_of` over the workbook as it is."""
    return run_id(as_of, inputs_of(book))


def _deciding_settings(book: Book) -> pd.DataFrame:
    settings = book.read(model.Setting)
    names = ["default_method", "line_tolerance", "company_currency", "company_country"]
    return settings[settings["setting"].isin(names)].assign(title="", help="")


def run_of(book: Book, rules: Ruleset, as_of: date, *, alone: bool = False) -> Run:
    """The run of `as_of` over the workbook as it is. `alone`: open proposals of other runs do not lock their items."""
    ledger, payers, history = book.read(model.AssessedItem), book.read(Payer), book.read(model.HistoryEntry)
    refuse_wrong_rows(book, rules)
    book.progress("assess", 0, len(ledger))
    run = run_number(book, as_of)
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


def show_findings(book: Book, command: str, findings: Sequence[Finding], as_of: date) -> None:
    """The findings of a command in place of its earlier ones."""
    standing = book.read(model.FindingRow)
    rows = [
        model.FindingRow(
            severity=f.severity,
            code=f.code,
            place=f.place,
            text=f.text(book.language),
            found_on=as_of,
            command=command,
        )
        for f in findings
    ]
    all_of_them = pd.concat([standing[standing["command"] != command], to_frame(rows, model.FindingRow)], ignore_index=True)
    ordered = all_of_them.sort_values("command", key=lambda commands: commands.astype("str"), kind="stable", ignore_index=True)
    book.replace(model.FindingRow, typed(ordered, model.FindingRow))


def reasons(run: Run) -> pd.DataFrame:
    """How many lines, and how much per currency, each reason explains: every open item is in one row of it."""
    counted = run.ledger.groupby(["reason_code", "currency"], observed=True)["open_minor"].agg(lines="size", open_minor="sum").reset_index()
    return counted[counted["lines"] > 0].rename(columns={"reason_code": "reason"}).sort_values(["currency", "reason"]).reset_index(drop=True)
