"""Simulate: what runs of other dates, under another method or other rules would contain, week after week; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from functools import partial

import pandas as pd

from addin.commands import today
from addin.report import Report, count
from addin.sheets import reasons, records_of, refuse_wrong_rows, rules_of
from rules.config_text import TABLES, from_toml
from rules.errors import ConfigError
from rules.records import Records
from rules.ruleset import ruleset
from rules.simulate import Comparison, Simulated, calendar, compared, letters_of, settled, simulated, under
from workbook.book import Book

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def simulate(book: Book, dates: Sequence[date], method: str = "") -> Report:
    """What runs at these dates would contain, each from the workbook as it is; `method`: with every line under that one, beside what it is now.

    A date in the past is looked at with what was known on it.
    """
    rules, records = rules_of(book), _records(book)
    if method and method not in rules.position:
        near = get_close_matches(method, rules.position, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Methods there: {', '.join(rules.position)}."
        raise ConfigError(f"There is no method {method!r} in the table Methods on Config. {hint}")
    letters: list[pd.DataFrame] = []
    tables: dict[str, pd.DataFrame] = {}
    notes: list[str] = []
    for at, as_of in enumerate(dates):
        book.progress("simulate", at, len(dates))
        mine = _known(records, as_of)
        told = simulated(under(mine, method) if method else mine, rules, as_of)
        letters.append(letters_of(told).assign(as_of=as_of))
        tables[f"reasons {as_of}"] = reasons(told.run)
        if method:
            difference = compared(simulated(mine, rules, as_of).run, told.run)
            tables |= {f"changes {as_of}": difference.reasons, f"difference {as_of}": difference.letters}
        notes += _notes(told, records, as_of)
    whole = pd.concat(letters, ignore_index=True)
    number = int(whole["letters"].sum())
    sentence = f"{count(len(dates), 'run')} simulated, {count(number, 'letter')} in all; nothing was written."
    if method:
        sentence = f"Every line under the method {method!r}: {sentence}"
    shown = whole[["as_of", *whole.columns.drop("as_of")]]
    return Report("\n".join([sentence, *notes]), {"letters": number}, {"letters": shown, **tables})


def upcoming(book: Book, start: date, weeks: int, weekday: str) -> Report:
    """The runs of the next so many weeks, each after the former, as if nobody paid and every letter were sent."""
    first = start + timedelta(days=(WEEKDAYS.index(weekday) - start.weekday()) % 7)
    dates = [first + timedelta(weeks=n) for n in range(weeks)]
    told = calendar(_known(_records(book), first), rules_of(book), dates, partial(book.progress, "calendar"))
    letters, lines = int(told.letters["letters"].sum()), int(told.collection["lines"].sum())
    sentence = (
        f"{count(weeks, 'run')} from {first} to {dates[-1]}, as if nobody paid and every letter were sent: {count(letters, 'letter')}, "
        f"{count(lines, 'line')} to collection. Proposals that are open now are left aside; nothing was written."
    )
    if told.lacks:
        sentence += f"\nFrom {told.lacks[0]} on interest and lump sums are not known and left out. {told.lacks[1]}"
    return Report(sentence, {"letters": letters, "collection": lines}, {"letters": told.letters, "collection": told.collection})


def compare(book: Book, text: str, as_of: date) -> Report:
    """The ledger under the workbook's rules and under those of a TOML: the tables and settings it names; the rest is as on Config."""
    before = book.settings()
    settings, frames = from_toml(text, before)
    other = ruleset(settings.model_copy(update={"language": before.language}), {m: frames.get(m, book.read(m)) for m in TABLES.values()})
    records = settled(_records(book), as_of)
    now, then = simulated(records, rules_of(book), as_of), simulated(records, other, as_of)
    told = compared(now.run, then.run)
    sentence = f"{_moved(told)} of {len(records.ledger):,} as of {as_of}; nothing was written."
    rulesets = ("the rules of the workbook", now), ("those of the file", then)
    notes = [f"Under {whose} interest and lump sums are not known and left out. {run.lacks}" for whose, run in rulesets if run.lacks]
    tables = {"reasons": told.reasons, "letters": told.letters, "money": told.money, "lines": told.lines}
    facts = {"lines": len(told.lines), "letters_before": len(now.run.proposals), "letters_after": len(then.run.proposals)}
    return Report("\n".join([sentence, *notes]), facts, tables)


def _moved(told: Comparison) -> str:
    """How many lines differ."""
    if told.lines.empty:
        return "No line changes its reason, next level or next date"
    return f"{count(len(told.lines), 'line')} with another reason, next level or next date"


def _records(book: Book) -> Records:
    """What the sheets tell, once no row stands there twice."""
    refuse_wrong_rows(book, rules_of(book))
    return records_of(book)


def _known(records: Records, as_of: date) -> Records:
    """What is known on a date, for one in the past: what was known then; promises and plans as they stand on it."""
    return settled(records.on(as_of) if as_of < today() else records, as_of)


def _notes(told: Simulated, records: Records, as_of: date) -> list[str]:
    """What a reader of the figures of a date must know."""
    notes = [f"{as_of}: interest and lump sums are not known and left out. {told.lacks}"] if told.lacks else []
    gone = len(records.gone(as_of)) if as_of < today() else 0
    if gone:
        notes.append(f"{as_of}: {count(gone, 'payment')} since then cleared lines that have left the ledger; they are not in these figures.")
    return notes
