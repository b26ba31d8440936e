"""Explain: why one line is on a letter or not, test by test, with the cells that decide; nothing is written."""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches
from typing import Any

import pandas as pd

from addin.report import Report, count
from addin.sheets import records_of, refuse_wrong_rows, rules_of, run_number
from rules import words
from rules.errors import ConfigError
from rules.explain import Asked, Cell, Explanation, explain
from rules.model import AssessedItem, Proposal, Setting, Settings
from rules.money import from_minor
from rules.review import is_open
from rules.row import Language
from rules.simulate import settled
from rules.standing import item_key
from rules.ways import one_of
from rules.written import amount_text, day_text
from workbook.book import Book

MOST = 10  # lines or documents that a refusal names


def explain_item(
    book: Book, document: str, as_of: date, *, payer: str | None = None, instalment: str | None = None, company: str | None = None
) -> Report:
    """The whole ladder for the one line of a document: every test, what it looked at, the cell that decides, and the answer."""
    rules, on_sheet = rules_of(book), item_key(book.read(AssessedItem))
    refuse_wrong_rows(book, rules)
    records = settled(records_of(book), as_of)
    row = _row(records.ledger, document, {"payer": payer, "instalment": instalment, "company": company})
    proposals = book.read(Proposal)
    others = proposals[is_open(proposals) & (proposals["run"] != run_number(book, as_of))]
    told = explain(records, row, others, rules, as_of)
    key, settings = item_key(records.ledger.iloc[[row]]).iloc[0], [str(name) for name in book.read(Setting)["setting"]]

    def where(cell: Cell) -> str:
        """The place of a cell; of a line that is not on the sheet yet, nothing."""
        row_model, at, column = cell
        if row_model is Settings:
            name = column.removesuffix("_minor")
            return book.place(Setting, settings.index(name), "value") if name in settings else ""
        if row_model is AssessedItem:
            here = (on_sheet == key).to_numpy().nonzero()[0]
            return book.place(row_model, int(here[0]), column) if len(here) else ""
        return book.place(row_model, at, column)

    language = book.language
    tables = {"tests": pd.DataFrame([_test(asked, where, language) for asked in told.asked])}
    if told.on_letter is not None and told.letter is not None:
        tables["letter"] = _letter(told)
    if told.periods:
        tables["interest"] = pd.DataFrame([_period(period, where, str(told.line["currency"])) for period in told.periods])
    return Report(_said(told, as_of), _facts(told), tables)


def _row(ledger: pd.DataFrame, document: str, narrowed: dict[str, str | None]) -> int:
    """Position of the line that is meant. Raises ConfigError that names the lines or documents to choose from."""
    its = ledger[ledger["document"] == document]
    if its.empty:
        near = get_close_matches(document, list(dict.fromkeys(ledger["document"])), n=MOST, cutoff=0.5)
        hint = f"Near to it: {', '.join(near)}." if near else "Take the number from the column Document of the sheet Ledger."
        raise ConfigError(f"There is no document {document!r} in the ledger. {hint}")
    fits = pd.Series(True, index=its.index)
    for name, value in narrowed.items():
        fits &= (its[name] == value) if value is not None else True
    if fits.sum() == 1:
        return int(ledger.index.get_loc(its.index[fits][0]))
    shown = its if not fits.any() else its[fits]
    differing = [name for name in ("company", "payer", "instalment") if shown[name].nunique() > 1] or ["payer"]
    lines = [", ".join(f"{name} {row[name] or '(empty)'}" for name in differing) for row in shown.head(MOST).to_dict("records")]
    more = f" and {len(shown) - MOST} more" if len(shown) > MOST else ""
    asked = "No line of the document {0!r} is that one; it has" if not fits.any() else "The document {0!r} has {1} lines"
    ways = [one_of(name, list(dict.fromkeys(shown[name]))) for name in differing]
    raise ConfigError(f"{asked.format(document, len(shown))}: {'; '.join(lines)}{more}. Say which.", *ways)


def _test(asked: Asked, where: Any, language: Language) -> dict[str, Any]:
    answer = "not_asked" if asked.answer is None else "joins" if asked.answer and not asked.decides else "yes" if asked.answer else "no"
    return {
        "reason": str(asked.reason),
        "question": asked.question,
        "inputs": "; ".join(f"{title}: {value}" for title, value in asked.inputs),
        "cell": "" if asked.cell is None else where(asked.cell),
        "setting": f"{asked.setting}: {asked.value}" if asked.cell else "",
        "answer": words.text(language, "ladder", answer),
        "decides": "<==" if asked.decides else "",
    }


def _letter(told: Explanation) -> pd.DataFrame:
    """What the letter claims for the line, and as a whole."""
    line, letter = told.on_letter, told.letter
    assert line is not None
    assert letter is not None
    claimed = ["open_minor", "fee_minor", "interest_minor", "lump_sum_minor"]
    mine = {"what": "line", "level": int(line["level"]), **{name: int(line[name]) for name in claimed}, "regime": str(line["regime"])}
    whole = {"what": "letter", "level": int(letter["level"]), "open_minor": int(letter["overdue_minor"] + letter["credits_minor"]), "regime": ""}
    whole |= {name: int(letter[name]) for name in claimed[1:]} | {"total_minor": int(letter["total_minor"]), "deadline": letter["deadline"]}
    mine |= {"total_minor": sum(mine[name] for name in claimed), "deadline": pd.NaT}
    shown = pd.DataFrame([mine, whole]).assign(currency=str(letter["currency"]))
    shown["section"] = [str(line["section"]), ""]
    if told.lacks:
        shown[["interest_minor", "lump_sum_minor"]] = None
    return shown[["what", "section", "level", "currency", "open_minor", *claimed[1:], "total_minor", "regime", "deadline"]]


def _period(period: Any, where: Any, currency: str) -> dict[str, Any]:
    return {
        "from": period.date_from, "to": period.date_to, "days": period.days, "currency": currency, "base_minor": period.base_minor,
        "rate": f"{period.rate:f} %", "interest_minor": period.interest_minor, "cells": ", ".join(where(cell) for cell in period.cells),
    }  # fmt: skip


def _said(told: Explanation, as_of: date) -> str:
    """What the line is and what comes next, in English; then, on a line of its own, the reason in the words and the language of the sheet Ledger."""
    line = told.line
    who = f"{line['payer']} {line['payer_name']}".strip()
    what = f"{line['document']}" + (f", instalment {line['instalment']}" if line["instalment"] else "")
    amount = amount_text(int(line["open_minor"]), str(line["currency"]), "en")
    due = "" if pd.isna(line["due_date"]) else f", due on {day_text(line['due_date'].date(), 'en')}"
    stands = f"level {line['level']}, {count(int(line['reminders']), 'reminder')} so far"
    said = f"{what} of {who}: {amount} open{due}. As of {day_text(as_of, 'en')}: {stands}"
    if line["next_level"]:
        said += f"; next level {line['next_level']}"
        said += "" if pd.isna(line["next_date"]) else f", possible from {day_text(line['next_date'].date(), 'en')}"
    reason = f"\nReason on the sheet Ledger: {line['reason']}"
    return said + "." + reason + (f"\nInterest and lump sum are not known: {told.lacks}" if told.lacks else "")


def _facts(told: Explanation) -> dict[str, Any]:
    line = told.line
    names = ["company", "payer", "document", "instalment", "level", "reminders", "next_level", "reason_code", "reason"]
    facts: dict[str, Any] = {name: int(line[name]) if name in ("level", "reminders", "next_level") else str(line[name]) for name in names}
    facts["open"] = str(from_minor(int(line["open_minor"]), str(line["currency"])))
    facts["currency"] = str(line["currency"])
    return facts | {"next_date": None if pd.isna(line["next_date"]) else line["next_date"].date().isoformat()}
