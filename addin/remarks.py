"""An export and the ledger that it meets, and what of their meeting a person should look at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from rules import model
from rules.findings import Finding
from rules.merge import PERSONS, Merge, readdressed, renamed, renumbered
from rules.model import Severity
from rules.row import Language, column, columns
from rules.standing import item_key
from rules.terms import Dated
from rules.written import NAMED, Some, first_few
from rules.zeros import Respelt
from workbook.ledgers import Export


@dataclass(frozen=True)
class Met:
    """An export and the ledger that it meets, and what they make together.

    `standing`: the ledger as it is, `before`: without what plans made of it. `payers`: the sheet as it is, `known`: with those of the export.
    `payments`: all that are known, `since`: those noted after the last export. `due`: the items of the export with due dates from terms, `items`:
    as they meet the ledger. `others`: lines of companies that the export does not speak of. `back`: it is of a day before the ledger's.
    """

    name: str
    export: Export
    back: bool
    standing: pd.DataFrame
    before: pd.DataFrame
    payers: pd.DataFrame
    known: pd.DataFrame
    payments: pd.DataFrame
    since: pd.DataFrame
    zeros: Respelt
    due: Dated
    items: pd.DataFrame
    others: pd.DataFrame
    merged: Merge

    @property
    def first(self) -> bool:
        """Whether the ledger was empty."""
        return not len(self.standing)


def remarks(met: Met, language: Language, *, answered: Collection[str]) -> list[Finding]:
    """The findings of the reader but for those `answered`, and what the meeting of export and ledger shows."""
    name, changes = met.name, met.merged.changes
    found = [f for f in met.export.findings if f.code not in answered]
    found += [*_undated(name, met.due), *_zeros(name, met.zeros), *_renamed(name, met.payers, met.export.payers), *_moved(name, changes)]
    found += _readdressed(name, readdressed(met.payers, met.export.payers), language)
    found += _lost(name, met.merged.lost)
    if met.back:
        return found
    return [*found, *_renumbered(name, renumbered(met.before, met.merged)), *_kept(name, changes), *_open_again(name, changes, met.since)]


def _lines(changes: pd.DataFrame) -> Some:
    """The first few lines, each by its document and payer."""
    return first_few(changes.index, lambda at: f"{changes['document'][at]} ({changes['payer'][at]})")


def _undated(name: str, due: Dated) -> list[Finding]:
    """What terms of payment did, and what has no due date in spite of them."""
    made: list[Finding] = []
    if due.by_terms:
        made.append(Finding("due_by_terms", Severity.NOTE, place=name, values={"count": due.by_terms}))
    if due.unknown:
        values = {"count": sum(due.unknown.values()), "terms": first_few(list(due.unknown))}
        made.append(Finding("terms_unknown", Severity.WARNING, place=name, values=values))
    bare = due.items[due.items["due_date"].isna() & (due.items["open_minor"] > 0)]
    if len(bare):
        rows = first_few(bare["source"], lambda source: source.replace(f"{name} row ", ""))
        made.append(Finding("export_no_due_date", Severity.WARNING, place=name, values={"count": len(bare), "rows": rows}))
    return made


def _moved(name: str, changes: pd.DataFrame) -> list[Finding]:
    """One warning when documents stand under another payer number than before: their series of reminders begins again there."""
    moved = changes[changes["change"] == "payer_changed"]
    if moved.empty:
        return []
    first = moved.iloc[0]
    values = {"count": len(moved), "document": first["document"], "old": first["old_payer"], "new": first["payer"]}
    return [Finding("payer_changed", Severity.WARNING, place=name, values=values)]


def _renumbered(name: str, found: pd.DataFrame) -> list[Finding]:
    """A warning when documents came back under another number: the old one counts as paid, and its series of reminders ends with it."""
    if found.empty:
        return []
    first = found.iloc[0]
    values = {"count": len(found), "payer": first["payer"], "old": first["document"], "new": first["to"]}
    return [Finding("renumbered", Severity.WARNING, place=name, values=values)]


def _open_again(name: str, changes: pd.DataFrame, since: pd.DataFrame) -> list[Finding]:
    """A warning when the export has more open on lines for which payments were noted `since` the last import: it may not have them yet."""
    more = (changes["new_open_minor"] > changes["old_open_minor"].fillna(0)).fillna(False).to_numpy(dtype=bool)
    again = changes[more & item_key(changes).isin(item_key(since[since["amount_minor"] > 0])).to_numpy()]
    if again.empty:
        return []
    return [Finding("paid_open_again", Severity.WARNING, place=name, values={"count": len(again), "lines": _lines(again)})]


def _lost(name: str, lost: pd.DataFrame) -> list[Finding]:
    """A note for each line that left the ledger with something a person had typed on it, said once, for it is gone with it; of many the first."""
    found: list[Finding] = []
    shown = lost.head(NAMED) if len(lost) > NAMED + 1 else lost
    for line in shown.astype(object).where(shown.notna(), "").to_dict("records"):
        said = ", ".join(f"{c.titles['en']}: {line[c.name]}" for c in columns(model.OpenItem) if c.name in PERSONS and str(line[c.name]))
        values = {"document": line["document"], "payer": line["payer"], "said": said}
        found.append(Finding("left_with_note", Severity.NOTE, place=name, values=values))
    if rest := len(lost) - len(shown):
        found.append(Finding("left_with_notes", Severity.NOTE, place=name, values={"count": rest}))
    return found


def _kept(name: str, changes: pd.DataFrame) -> list[Finding]:
    """A warning when lines stay that the export does not have, because rows that could not be read may be theirs."""
    kept = changes[changes["change"] == "unread"]
    if kept.empty:
        return []
    return [Finding("kept_unread", Severity.WARNING, place=name, values={"count": len(kept), "lines": _lines(kept)})]


def _zeros(name: str, zeros: Respelt) -> list[Finding]:
    """A warning when the export writes numbers with other leading zeros than the ledger; another when only a person can say whether it does."""
    found: list[Finding] = []
    if len(zeros.payers) or len(zeros.documents):
        first = zeros.payers.iloc[0] if len(zeros.payers) else zeros.documents.iloc[0]
        said = first["payer"] if len(zeros.payers) else first["document"]
        values = {"payers": len(zeros.payers), "documents": len(zeros.documents), "said": said, "known": first["known"]}
        found.append(Finding("other_zeros", Severity.WARNING, place=name, values=values))
    if len(zeros.twins):
        values = {"count": len(zeros.twins), "payer": zeros.twins["known"].iloc[0], "other": zeros.twins["payer"].iloc[0]}
        found.append(Finding("export_twins", Severity.WARNING, place=name, values=values))
    return found


def _renamed(name: str, before: pd.DataFrame, fresh: pd.DataFrame) -> list[Finding]:
    """One warning when the export calls payers otherwise than the sheet Payers, which keeps its names."""
    other = renamed(before, fresh)
    if other.empty:
        return []
    first = other.iloc[0]
    values = {"count": len(other), "payer": first["payer"], "old": first["old_name"], "new": first["new_name"]}
    return [Finding("payer_renamed", Severity.WARNING, place=name, values=values)]


def _readdressed(name: str, found: pd.DataFrame, language: Language) -> list[Finding]:
    """One note when the export has other addresses than the sheet Payers, which keeps its own."""
    if found.empty:
        return []
    first = found.iloc[0]
    values = {"count": found["payer"].nunique(), "payer": first["payer"], "column": column(model.Payer, first["column"]).titles[language]}
    return [Finding("payer_readdressed", Severity.NOTE, place=name, values={**values, "old": first["old"], "new": first["new"]})]
