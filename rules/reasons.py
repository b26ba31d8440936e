"""The reason of every line in the reader's language: one text per distinct set of facts, never one per line."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from string import Formatter
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from rules.letters import GROUP
from rules.model import Reason
from rules.records import Records
from rules.row import Language
from rules.ruleset import Ruleset
from rules.standing import coded, joined
from rules.words import text
from rules.written import amount_text, day_text

Values = npt.NDArray[Any]


class Facts:
    """What the sentences may speak of: each fact as one value per line, asked for by the rows that need it, and how it is written."""

    def __init__(self, records: Records, found: pd.DataFrame, ruleset: Ruleset, language: Language) -> None:
        self.records, self.found, self.ruleset = records, found, ruleset
        self.language: Language = language
        self.payers = records.payer_rows
        self.causes = {r.code: r.name for r in ruleset.reasons if r.name}
        self.step = {"minimum": ruleset.of_levels(lambda s: s.minimum_minor), "percent": ruleset.of_levels(lambda s: int(s.minimum_percent * 100))}

    def of(self, name: str, rows: npt.NDArray[np.int64]) -> Values:
        """The values of the fact `name` for these rows."""
        method = self.found["method_at"].to_numpy()[rows]
        if name in self._ledger:
            return self.records.ledger[name].to_numpy()[rows]
        if name in ("payer_block", "payer_block_until"):
            return self.payers[name.removeprefix("payer_")].to_numpy()[self.found["payer_at"].to_numpy()[rows]]
        if name in self._method:
            return self._method[name][self.found["letter_method_at"].to_numpy()[rows] if name == "minimum" else method]
        if name == "days_left":
            return self._method["grace"][method] - self.found["days_overdue"].to_numpy()[rows]
        if name in ("level_minimum", "percent"):
            return self.step[name.removeprefix("level_")][method, self.found["next_level"].to_numpy()[rows]]
        if name in ("oldest", "oldest_days"):
            return self._oldest[name][rows]
        return self.found[self._found.get(name, name)].to_numpy()[rows]

    _ledger = frozenset({"block", "block_until", "dispute", "dispute_review", "currency", "reference", "level_cap"})
    _found: dict[str, str] = {"days": "days_overdue", "deadline": "last_deadline", "net": "net_minor"}  # noqa: RUF012

    @cached_property
    def _method(self) -> dict[str, Values]:
        rules, most = self.ruleset, self.ruleset.of_methods("maximum_reminders")
        return {
            "method": np.array([m.name or m.method for m in rules.methods], dtype=object), "grace": rules.of_methods("grace_days"),
            "highest": rules.highest, "most": np.where(most > 0, most, rules.highest),
            "minimum": rules.of_methods("minimum_minor"), "gate_days": rules.of_methods("gate_days"),
        }  # fmt: skip

    @cached_property
    def _oldest(self) -> dict[str, Values]:
        """The oldest overdue line of each payer and currency: its document and its days."""
        ledger, days = self.records.ledger, self.found["days_overdue"].where(self.records.ledger["open_minor"] > 0, -1).to_numpy()
        group = coded(joined(ledger, GROUP))
        first = np.lexsort((coded(ledger["document"]), -days, group))
        first = first[np.concatenate([[True], np.diff(group[first]) != 0])]
        row = np.zeros(len(first), dtype="int64")
        row[group[first]] = first
        return {"oldest": ledger["document"].to_numpy()[row[group]], "oldest_days": days[row[group]]}

    def written(self, name: str, value: Any, currency: str) -> str | int:
        """A fact as the sentence carries it; a number, which may choose a word, as it is."""
        if name == "net":
            return amount_text(int(value), currency, self.language)
        if name in ("minimum", "level_minimum"):
            return amount_text(int(value), self.ruleset.settings.company_currency, self.language)
        if name == "percent":
            return f"{value / 100:g}"
        if name in ("block", "payer_block", "dispute"):
            return self.causes.get(value, str(value))
        if name in ("block_until", "payer_block_until"):
            return self._dated(value, "until_date", "until_removed")
        if name == "dispute_review":
            return self._dated(value, "review_date", "review_none")
        if isinstance(value, pd.Timestamp):
            return self._day(value)
        return int(value) if isinstance(value, int | np.integer) else str(value)

    def _day(self, value: Any) -> str:
        return day_text(value.date(), self.language)

    def _dated(self, value: Any, known: str, unknown: str) -> str:
        return text(self.language, "reason", unknown) if pd.isna(value) else text(self.language, "reason", known, date=self._day(value))


def _variants(found: pd.DataFrame) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Key of the text of each line, and the keys: its reason, or the variant of it that fits."""
    code = found["reason_code"].cat.codes.to_numpy().astype("int64")
    keys = [str(c) for c in found["reason_code"].cat.categories]
    waiting, undated = code == keys.index(Reason.WAITING), found["last_deadline"].isna().to_numpy()  # taken over from another tool
    reminded = waiting & (found["level"] > 0).to_numpy()
    variants = {
        "waiting_first": waiting & ~reminded,
        "waiting_called": reminded & (found["last_contact"] > found["last_reminder"]).to_numpy(),
        "waiting_capped": reminded & (found["level"] == found["next_level"]).to_numpy(),
        "waiting_last": waiting & (found["next_level"] == 0).to_numpy(),
        **{f"{reason}_undated": (code == keys.index(reason)) & undated for reason in (Reason.COLLECT, Reason.COLLECT_NOT_ALLOWED)},
    }
    for at, holds in enumerate(variants.values(), start=len(keys)):
        code = np.where(holds, at, code)
    return code, [*keys, *variants]


def reason_texts(records: Records, found: pd.DataFrame, ruleset: Ruleset, language: Language) -> pd.Series:
    """One sentence per line, naming the rule and its numbers. The placeholders of each text say which facts it needs."""
    facts = Facts(records, found, ruleset, language)
    company = ruleset.settings.company_currency
    fixed = {
        "tolerance": amount_text(ruleset.settings.line_tolerance_minor, company, language),
        "payer_tolerance": amount_text(ruleset.settings.payer_tolerance_minor, company, language),
    }
    variant, keys = _variants(found)
    sentences: list[str] = []
    number = np.zeros(len(found), dtype="int64")
    for at in np.unique(variant):
        rows = np.flatnonzero(variant == at)
        needed = [str(name) for _, name, _, _ in Formatter().parse(text(language, "reason", keys[at])) if name and name not in fixed]
        asked = [*needed, "currency"] if "net" in needed and "currency" not in needed else needed
        columns = {name: facts.of(name, rows) for name in asked}
        which, first = _distinct(list(columns.values()), len(rows))
        number[rows] = which + len(sentences)
        told = pd.DataFrame({name: values[first] for name, values in columns.items()}, index=range(len(first)))
        for row in told.to_dict("records"):
            values = {name: facts.written(name, row[name], str(row.get("currency", ""))) for name in needed}
            sentences.append(text(language, "reason", keys[at], **fixed, **values))
    return pd.Series(pa.array(sentences, type=pa.large_string()).take(pa.array(number)), index=found.index, dtype="str")


def _distinct(columns: Sequence[Values], rows: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The number of each row's combination of values, counted in the order in which they come, and the first row of each."""
    combined = np.zeros(rows, dtype="int64")
    for values in columns:
        codes, distinct = pd.factorize(values, use_na_sentinel=False)
        combined = pd.factorize(combined * (len(distinct) + 1) + codes)[0]
    first = np.full(int(combined.max(initial=-1)) + 1, rows)
    np.minimum.at(first, combined, np.arange(rows))
    return combined, first
