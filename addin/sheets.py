"""The workbook as the commands need it: rules from Config, the run of a date, the facts on About, the figures on Home."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from rules import model
from rules.assess import assess
from rules.config_text import TABLES
from rules.contacts import contact_findings, current
from rules.delivery import telling
from rules.errors import ConfigError, LedgerError, WorkbookError
from rules.findings import Finding
from rules.fingerprint import fingerprint, run_id
from rules.merge import CLAIMED
from rules.model import Decision, Payer, Proposal
from rules.propose import Run, propose
from rules.records import Records
from rules.review import is_open
from rules.row import Row, columns, to_frame, typed
from rules.ruleset import Ruleset, ruleset
from rules.select import canonical
from rules.standing import SEPARATOR, item_key, payer_key, positions
from workbook.book import Book
from workbook.guard import Caps

DECIDING = (model.Method, model.Level, model.Currency, model.Fee, model.Regime, model.Rate)
OF_COMPANY = "ledger_as_of:"  # before a company: the day of its own last export
TOLD = (model.Payment, model.Promise, model.Plan, model.Instalment)  # beside ledger, payers and history
AGREED = (model.Promise, model.Plan, model.Instalment, model.FollowUp)


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


def export_days(book: Book) -> dict[str, date]:
    """The day of the last export of each company, where companies have exports of their own; empty where one export is the whole ledger."""
    about = book.read(model.About)
    told = about[about["key"].str.startswith(OF_COMPANY)]
    return {str(k).removeprefix(OF_COMPANY): date.fromisoformat(str(v)) for k, v in zip(told["key"], told["value"], strict=True)}


def exported_on(book: Book, companies: pd.Series) -> pd.Series:
    """The day of the last export of each of these companies: datetime64[s], NaT before the first import."""
    told = companies.astype("str").map(export_days(book)).astype("datetime64[s]")
    return told.fillna(pd.Timestamp(fact(book, "ledger_as_of") or "NaT"))


def payments_until(book: Book) -> date | None:
    """Until when payments are in the ledger: the day of the last export, of several companies' the oldest, or of the last bank statement after it.

    None before the first import.
    """
    ledger = min(export_days(book).values(), default=day_of(fact(book, "ledger_as_of")))
    return max((day for day in (ledger, day_of(fact(book, "payments_until"))) if day), default=None)


def folder_of(book: Book, setting: str) -> Path:
    """The folder a setting names, beside the workbook. Raises WorkbookError for a path that leads elsewhere."""
    name = str(getattr(book.settings(), setting))
    folder = (book.folder / name).resolve()
    if not folder.is_relative_to(book.folder.resolve()) or folder == book.folder.resolve():
        raise WorkbookError(f"The setting {setting} on Config is {name!r}; expected is the name of a folder beside the workbook, such as letters.")
    return folder


def caps_of(book: Book) -> Caps:
    """How much a file that is imported may hold, by the settings."""
    settings = book.settings()
    return Caps(settings.import_file_mb << 20, settings.import_unpacked_mb << 20, settings.import_cells_million * 1_000_000)


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


def inputs_of(book: Book, but_for: str = "", *, narrowed: bool = False) -> str:
    """Fingerprint of everything that decides a run but its date; `but_for`: without what the history tells of this run itself."""
    ledger, history = book.read(model.AssessedItem)[[c.name for c in columns(model.OpenItem)]], book.read(model.HistoryEntry)
    history = history[~telling(history)]
    if but_for:
        mine = history["run"].str.startswith(but_for)
        ledger = ledger[~ledger["source"].str.startswith(CLAIMED + but_for)]
        used = history[mine & history["manual_level"].notna()]  # what its letters used up
        at = positions(item_key(ledger), item_key(used))
        ledger["manual_level"] = ledger["manual_level"].where(at < 0, used["manual_level"].iloc[at].set_axis(ledger.index) if len(used) else pd.NA)
        history = history[~mine]
    frames = {model.OpenItem: ledger, Payer: book.read(Payer), model.HistoryEntry: history}
    told = frames | {m: book.read(m) for m in (*DECIDING, *TOLD)} | {model.Setting: _deciding_settings(book)}
    return fingerprint(told, narrowed=narrowed)


def run_number(book: Book, as_of: date, selection: Sequence[model.Selection] = ()) -> str:
    """Id of the run of `as_of` over the workbook as it is, narrowed to a selection."""
    return run_id(as_of, inputs_of(book, narrowed=bool(selection)), canonical(selection))


def _deciding_settings(book: Book) -> pd.DataFrame:
    settings = book.read(model.Setting)
    names = ["default_method", "line_tolerance", "payer_tolerance", "company_currency", "company_country"]
    return settings[settings["setting"].isin(names)].assign(title="", help="")


def settle(book: Book, as_of: date, *, ahead: bool = False) -> list[Finding]:
    """Brings what was agreed up to the date: states of promises and plans, instalments in the ledger.

    Answers what a person should look at: broken promises and plans, reviews and follow-ups whose day has passed. `ahead`: only a look, the states
    stay on their sheets as they are, so that looking at a later day ends no promise and no plan.
    """
    ledger, promises, plans, instalments, follow_ups, payments = (book.read(m) for m in (model.AssessedItem, *AGREED, model.Payment))
    told = current(ledger, promises, plans, instalments, follow_ups, payments, as_of)
    book.replace(model.AssessedItem, typed(told.ledger, model.AssessedItem))
    if not ahead:
        for row_model, frame in zip(AGREED, (told.promises, told.plans, told.instalments, told.follow_ups), strict=True):
            book.replace(row_model, typed(frame, row_model))
    return contact_findings(told, as_of, book.place)


def records_of(book: Book) -> Records:
    """What the sheets tell, as the rules want it."""
    told = (model.AssessedItem, Payer, model.HistoryEntry, model.Payment, model.Promise, model.Plan, model.Instalment)
    return Records(*(book.read(row_model) for row_model in told))


def run_of(book: Book, rules: Ruleset, as_of: date, *, alone: bool = False, selection: Sequence[model.Selection] = ()) -> Run:
    """The run of `as_of` over the workbook as it is. `alone`: open proposals of other runs do not lock their items."""
    records = records_of(book)
    refuse_wrong_rows(book, rules)
    book.progress("assess", 0, len(records.ledger))
    run = run_number(book, as_of, selection)
    found = assess(records, rules, as_of)
    book.progress("assess", len(records.ledger), len(records.ledger))
    proposals = book.read(Proposal)
    others = proposals[is_open(proposals) & (proposals["run"] != run)]
    return propose(records, found, others.iloc[:0] if alone else others, rules, as_of, run, selection)


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
        "due_lines": int(ledger["reason_code"].isin([str(why) for why in model.REMINDED]).sum()),
        "to_review": int((waiting["decision"] == Decision.OPEN).sum()),
        "to_send": int((waiting["decision"] == Decision.SEND).sum()),
        "held": int((waiting["decision"] == Decision.HOLD).sum()),
        "letters": int(history.loc[history["event"] == model.Event.LETTER, "letter"].nunique()),
    }
    for name, value in figures.items():
        book.show(name, value)


def show_findings(
    book: Book, command: str, findings: Sequence[Finding], as_of: date, stay: Sequence[str] = (), instead: Sequence[str] = ()
) -> None:  # fmt: skip
    """The findings of a command in place of its earlier ones, and of those of the commands `instead`; those of the codes `stay` stay."""
    standing = book.read(model.FindingRow)
    mine = standing["command"].isin([command, *instead])
    staying = mine & standing["code"].isin(list(stay))
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
    told = to_frame(rows, model.FindingRow)
    if staying.any() and told.astype("str").equals(standing[mine & ~staying].reset_index(drop=True).astype("str")):
        return
    all_of_them = pd.concat([standing[~mine | staying], told], ignore_index=True)
    ordered = all_of_them.sort_values("command", key=lambda commands: commands.astype("str"), kind="stable", ignore_index=True)
    book.replace(model.FindingRow, typed(ordered, model.FindingRow))


def reasons(run: Run) -> pd.DataFrame:
    """How many lines, and how much per currency, each reason explains: every open item is in one row of it."""
    counted = run.ledger.groupby(["reason_code", "currency"], observed=True)["open_minor"].agg(lines="size", open_minor="sum").reset_index()
    return counted[counted["lines"] > 0].rename(columns={"reason_code": "reason"}).sort_values(["currency", "reason"]).reset_index(drop=True)
