"""Reading exports of open items: guard, container, profile and table, each column typed as a whole, every row judged, items made, reconciled.

Each stage is a module with pure functions over the stage before; none leaves a row out, so that every row of the file ends with one kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from rules.errors import LedgerError
from rules.findings import Finding
from workbook.guard import Caps
from workbook.ledgers import denominations, items, matched, recognise, reconcile, remarks, repeats, rows
from workbook.ledgers.answers import Answers, Asked
from workbook.ledgers.containers import CAPS, opened
from workbook.ledgers.layout import Layout
from workbook.ledgers.posted import Posted
from workbook.ledgers.profiles.profile import COMPUTED
from workbook.ledgers.table import Table, classified
from workbook.ledgers.unclear import Choice, Unclear


@dataclass(frozen=True)
class Export:
    """An export that was read.

    `items`: columns and dtypes of `OpenItem`, file order. `payers`: of `Payer`. `rows`: one per record of the file: number as the user sees it, kind
    (item, settled, zero, total, group, header, furniture, blank, duplicate, rejected; of postings also elsewhere, later, carried), reason code.
    `totals`: see `items.totals`. `unread`: see `items.unread`. `profile`: its name. `headings`: as in the file. `taken`: the levels and reminder
    dates that the export carries, see `items.taken`. `companies`: those of all its lines, open or not. `answers`: by which it was read.
    `repeats`: see `repeats.open_question`.
    """

    items: pd.DataFrame
    payers: pd.DataFrame
    rows: pd.DataFrame
    findings: list[Finding]
    layout: Layout
    totals: pd.DataFrame
    unread: pd.DataFrame
    profile: str
    headings: list[str]
    taken: pd.DataFrame
    companies: frozenset[str]
    answers: Answers
    repeats: tuple[int, ...]


def read_export(
    paths: Path | Sequence[Path], *, as_of: date, company_currency: str, answers: Answers | None = None, caps: Caps = CAPS
) -> Export:  # fmt: skip
    """The open items of an export on the as-of date, its payers, and what became of every row.

    Several files, or files of one zip, are read together where they are postings (years, or names given along); any other export is one file.
    Raises LedgerError with what to do, Unclear with what to answer.
    """
    answers = answers or Answers()
    files = [paths] if isinstance(paths, Path) else list(paths)
    opened_files = [opened(path, caps, sheet=answers.sheet, member=answers.member) for path in files]
    tables = [table for grids in opened_files for table in recognise.located(grids, answers)]
    asked = Asked(as_of, answers.currency or company_currency, answers)
    first, *others = tables
    for other in others:
        if not first.profile.postings or other.profile.name != first.profile.name:
            together = f"{other.grid.file} cannot be read together with {first.grid.file}"
            raise LedgerError(f"{together}: only postings of one system come in several files. Import one.")
    return _posted(first.profile.postings(tables, asked), answers) if first.profile.postings else _listed(first, asked)


def _posted(posted: Posted, answers: Answers) -> Export:
    """Open items made from postings."""
    found, judgement, lines = posted.table, posted.judgement, posted.lines
    open_items, (payers, variants) = items.items(found, judgement, lines), items.payers(found, judgement, lines)
    findings = [*posted.findings, *remarks.names(found, payers, variants)]
    return _exported(found, judgement, lines, open_items, payers, findings, posted.totals, {}, "", answers, ())


def _listed(found: Table, asked: Asked) -> Export:
    """A list of open items: typed, judged, keyed, reconciled."""
    answers = asked.answers
    ledger = classified(found)
    currency = denominations.assumed(found, ledger, asked)
    typed = rows.typed(found, ledger, asked, currency)
    if typed.running:
        found = replace(found, columns={name: at for name, at in found.columns.items() if name != "open_minor"})
    if answers.company:
        typed.lines["company"] = typed.lines["company"].where(typed.lines["company"] != "", answers.company)
    if typed.repeat and (refused := recognise.whole_journal(found, typed.lines)):
        raise refused
    judgement, typed, together = matched.settled_together(found, rows.judged(found, ledger, typed, as_of=asked.as_of), typed, asked.as_of)
    judgement, lines, first = rows.keyed(found, judgement, typed)
    judgement, lines, kept = repeats.kept(found, judgement, lines, answers.repeats)
    with ThreadPoolExecutor(1) as beside:  # the payers on another core
        known = beside.submit(items.payers, found, judgement, lines)
        if refused := recognise.second_table(found, judgement) or recognise.split_amounts(found, judgement):
            raise refused
        totals = items.totals(judgement, lines, ~(typed.unreadable["open_minor"] | lines["amount_blank"]))
        open_items = items.items(found, judgement, lines)
        payers, variants = known.result()
    printed = reconcile.printed(found, judgement, lines, totals, currency, typed.mark)
    findings = [
        *found.grid.findings,
        *remarks.assumptions(found, typed, judgement, currency, asked),
        *together,
        *remarks.converted(found, judgement, currency),
        *remarks.rejected(found, judgement, first, typed.mark),
        *remarks.remarks(found, typed, judgement, lines, asked.as_of),
        *remarks.repeats_kept(found, kept),
        *remarks.names(found, payers, variants),
        *printed,
    ]
    orders = {found.heading(name): order for name, order in typed.orders.items()}
    asking = repeats.open_question(judgement, lines, printed)
    return _exported(found, judgement, lines, open_items, payers, findings, totals, orders, typed.mark, answers, asking)


def _exported(
    found: Table, judgement: pd.DataFrame, lines: pd.DataFrame, open_items: pd.DataFrame, payers: pd.DataFrame, findings: list[Finding],
    totals: pd.DataFrame, orders: dict[str, str], mark: str, answers: Answers, open_repeats: tuple[int, ...],
) -> Export:  # fmt: skip
    grid = found.grid
    layout = Layout(
        grid.file, grid.container, grid.encoding, grid.separator, grid.sheet, int(grid.numbers[found.header]),
        {name: found.headings[at].removeprefix(COMPUTED).strip() for name, at in found.columns.items()}, orders, mark, found.profile.system,
    )  # fmt: skip
    companies = lines["company"][judgement.loc[lines.index, "kind"] != "total"]
    return Export(
        open_items, payers, judgement.reset_index(drop=True), findings, layout, totals,
        items.unread(found, judgement, lines), found.profile.name, [h for h in found.headings if h and not h.startswith(COMPUTED)],
        items.taken(judgement, lines), frozenset(map(str, companies.unique())), answers, open_repeats,
    )  # fmt: skip


__all__ = ["Answers", "Choice", "Export", "Layout", "Unclear", "read_export"]
