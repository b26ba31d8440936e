"""Rows that repeat an earlier row of the export cell by cell: they are left out, or kept as lines of their own when a person says so."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rules.errors import LedgerError
from rules.findings import Finding
from rules.standing import KEY, joined
from workbook.ledgers.reconcile import PROOFS
from workbook.ledgers.table import Table

KEEP, LEAVE = "keep", "leave"


def kept(table: Table, judgement: pd.DataFrame, lines: pd.DataFrame, said: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.Index]:
    """Judgement and lines with the repeats as items, where that was said: the second of equal rows is instalment 2 of what the first is.

    Third: their positions. A repeat of a row that was rejected, or whose number another line has, stays left out. Raises LedgerError for any other
    answer.
    """
    if said not in ("", KEEP, LEAVE):
        raise LedgerError(f"The answer {said!r} is unknown. Expected: {KEEP} (repeated rows are lines of their own) or {LEAVE} (they are left out).")
    repeated = judgement.index[(judgement["kind"] == "duplicate") & (judgement["reason"] == "")]
    if said != KEEP or not len(repeated):
        return judgement, lines, repeated[:0]
    alike = lines.index[lines["document"].isin(lines.loc[repeated, "document"])]
    cells = table.grid.cells.loc[alike].astype("str")
    rows = lines.loc[alike, list(KEY)].assign(text=joined(cells, list(cells.columns)), kind=judgement.loc[alike, "kind"])
    same = rows.groupby("text")
    number = (same.cumcount() + 1).astype("str")
    first = same["instalment"].transform("first").astype("str")
    rows["instalment"] = rows["instalment"].where(rows["kind"] != "duplicate", (first + "/" + number).str.removeprefix("/"))
    good = (rows["kind"] == "duplicate") & (same["kind"].transform("first") == "item") & ~rows.duplicated(list(KEY), keep=False)
    at = rows.index[good]
    lines, judgement = lines.copy(), judgement.copy()
    lines.loc[at, "instalment"] = rows.loc[at, "instalment"]
    judgement.loc[at, "kind"] = "item"
    return judgement, lines, at


def open_question(judgement: pd.DataFrame, lines: pd.DataFrame, findings: Sequence[Finding]) -> tuple[int, ...]:
    """The numbers of the rows left out that change what is owed and of which no printed total says whether it counts them."""
    proven = [f.values["stated"].currency for f in findings if f.code in PROOFS]
    repeated = lines.loc[judgement.index[(judgement["kind"] == "duplicate") & (judgement["reason"] == "")]]
    open_ = repeated.index[(repeated["open_minor"] != 0) & ~repeated["currency"].isin(proven)]
    return tuple(map(int, judgement.loc[open_, "number"]))
