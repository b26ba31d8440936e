"""The reason of every line in the reader's language: one text per distinct set of facts, never one per line."""

from __future__ import annotations

from collections.abc import Callable
from string import Formatter
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from babel.numbers import format_currency

from rules.dates import long_date
from rules.model import Reason
from rules.money import from_minor
from rules.row import Language
from rules.ruleset import Ruleset
from rules.words import text

LOCALES = {"en": "en_GB", "fr": "fr_FR", "de": "de_DE"}


def amount_text(minor: int, currency: str, language: Language) -> str:
    """An amount with its currency as a sentence carries it."""
    return format_currency(from_minor(minor, currency), currency, locale=LOCALES[language])


def _until(value: Any, language: Language) -> str:
    if pd.isna(value):
        return text(language, "reason", "until_removed")
    return text(language, "reason", "until_date", date=long_date(value.date(), LOCALES[language]))


def _variant(found: pd.DataFrame) -> pd.Series:
    """Key of the text of each line: its reason, or the variant of WAITING that fits."""
    code = found["reason_code"].astype(object)
    waiting = code == Reason.WAITING
    never, last = found["last_reminder"].isna(), found["next_level"] == 0
    return code.mask(waiting & never, "waiting_first").mask(waiting & last, "waiting_last")


def reason_texts(ledger: pd.DataFrame, found: pd.DataFrame, ruleset: Ruleset, language: Language) -> pd.Series:
    """One sentence per line, naming the rule and its numbers. The placeholders of each text say which facts it needs."""
    company = ruleset.settings.company_currency
    method = found["method_at"].to_numpy()

    def of_method(values: npt.NDArray[Any]) -> pd.Series:
        return pd.Series(values[method], index=ledger.index)

    names = np.array([m.name or m.method for m in ruleset.methods], dtype=object)
    grace = of_method(ruleset.of_methods("grace_days"))
    facts: dict[str, pd.Series] = {
        "due": found["due"], "next_date": found["next_date"], "last_reminder": found["last_reminder"], "deadline": found["last_deadline"],
        "level": found["level"], "next_level": found["next_level"], "days": found["days_overdue"], "days_left": grace - found["days_overdue"],
        "grace": grace, "highest": of_method(ruleset.highest),
        "method": of_method(names), "last_method": found["last_method"], "block": ledger["block"], "block_until": ledger["block_until"],
        "payer_block": found["payer_block"], "payer_block_until": found["payer_block_until"], "dispute": ledger["dispute"], "run": found["run"],
        "currency": ledger["currency"], "net": found["net_minor"], "minimum": found["minimum_minor"], "payer_last": found["payer_last"],
    }  # fmt: skip
    causes: dict[Any, str] = {r.code: r.name for r in ruleset.reasons if r.name}

    def cause(code: Any, _: str) -> str:
        return causes.get(code, str(code))

    written: dict[str, Callable[[Any, str], str]] = {
        "net": lambda v, c: amount_text(int(v), c, language),
        "minimum": lambda v, _: amount_text(int(v), company, language),
        "block_until": lambda v, _: _until(v, language),
        "payer_block_until": lambda v, _: _until(v, language),
        "block": cause, "payer_block": cause, "dispute": cause,
    }  # fmt: skip
    tolerance = amount_text(ruleset.settings.line_tolerance_minor, company, language)
    answer = np.full(len(ledger), "", dtype=object)
    key = _variant(found)
    for variant in key.unique():
        needed: list[str] = [name for _, name, _, _ in Formatter().parse(text(language, "reason", variant)) if name and name != "tolerance"]
        where = np.flatnonzero((key == variant).to_numpy())
        if not needed:
            answer[where] = text(language, "reason", variant, tolerance=tolerance)
            continue
        wanted: list[str] = [*needed, "currency"] if "net" in needed and "currency" not in needed else needed
        columns = {n: facts[n].iloc[where] for n in wanted}
        rows = pd.DataFrame(columns)
        numbers = rows.groupby(list(rows.columns), sort=False, dropna=False, observed=True).ngroup().to_numpy()
        first = np.unique(numbers, return_index=True)[1]
        sentences = np.empty(len(first), dtype=object)
        for at, row in enumerate(rows.iloc[first].to_dict("records")):
            values = {n: written[n](row[n], str(row.get("currency", ""))) if n in written else _plain(row[n], language) for n in needed}
            sentences[at] = text(language, "reason", variant, tolerance=tolerance, **values)
        answer[where] = sentences[numbers]
    return pd.Series(answer, index=ledger.index, dtype="str")


def _plain(value: Any, language: Language) -> str:
    return long_date(value.date(), LOCALES[language]) if isinstance(value, pd.Timestamp) else str(value)
