"""Lines of a list that settle one another: those that a lettering code joins, and the debits and credits of one document."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from rules.findings import Finding
from rules.model import Severity
from rules.standing import joined
from rules.written import Amount
from workbook.ledgers.postings import OTHER, netted
from workbook.ledgers.rows import Typed
from workbook.ledgers.table import Table
from workbook.ledgers.whole import among, picked

KEY = ("company", "payer", "document", "instalment", "currency")


def settled_together(table: Table, judgement: pd.DataFrame, t: Typed, as_of: date) -> tuple[pd.DataFrame, Typed, list[Finding]]:
    """Judgement and lines with what is left of each, the oldest first; a code or document with a line that was rejected stands as it is."""
    lines, at = t.lines, among(judgement.index, judgement["kind"] == "item")
    code = picked(lines["lettering"], at) if "lettering" in lines else pd.Series("", index=at, dtype="str")
    if t.repeat:
        code = code.where(code != "", _of_both_signs(picked(lines, at), t.unnumbered))
    at = code.index[code != ""]
    if not len(at):
        return judgement, t, []
    today, day = np.datetime64(as_of, "s"), lines.loc[at, "document_date"]
    postings = lines.loc[at, ["company", "payer", "currency", "document", "document_date"]].assign(
        account="", posting_date=day.where(~(day > today), today), group=code[at], group_date=lines.loc[at, "settled_on"],
        amount_minor=lines.loc[at, "open_minor"], nature=OTHER, year=0,
    )  # fmt: skip
    found = netted(postings, as_of=as_of).lines
    gone = found.index[found["open_minor"] == 0]
    lines, judgement = lines.copy(), judgement.copy()
    lines.loc[at, "open_minor"] = found["open_minor"]
    judgement.loc[gone, "kind"] = "settled"
    partly = found.index[(found["how"] == "partial") & (found["open_minor"] != 0)]
    return judgement, replace(t, lines=lines), _told(table, lines.loc[partly], code[partly])


def _of_both_signs(items: pd.DataFrame, unnumbered: pd.Series) -> pd.Series:
    """The key of each line whose document has debits and credits, "" for the others: no code of lettering is as long."""
    again = items.index[items.duplicated(list(KEY), keep=False) & ~unnumbered[items.index]]
    some = items.loc[again]
    both = (some["open_minor"] > 0).groupby([some[name] for name in KEY]).transform("nunique") > 1
    some = some[both.to_numpy(dtype=bool)]
    return ("document " + joined(some, ("document", "instalment"))).reindex(items.index, fill_value="").astype("str")


def _told(table: Table, partly: pd.DataFrame, code: pd.Series) -> list[Finding]:
    """What was left open, by lettering and by document."""
    made: list[Finding] = []
    of_document = code.str.startswith("document ")
    for name, some in (("export_postings_partial", partly[~of_document]), ("export_postings_document", partly[of_document])):
        sums = some.groupby("currency")["open_minor"].sum()
        if len(some):
            values = {"count": len(some), "sum": tuple(Amount(int(total), str(currency)) for currency, total in sums.items())}
            made.append(Finding(name, Severity.NOTE, place=table.grid.file, values=values))
    return made
