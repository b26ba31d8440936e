"""Reading exports of open items: guard, sniff, locate the table, type each column as a whole, judge every row, make items, reconcile.

Each stage is a module with pure functions over the stage before; none leaves a row out, so that every row of the file ends with one kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from rules.findings import Finding
from rules.model import Severity
from rules.money import decimals_of, from_minor
from workbook.ledgers import amounts, items, rows, sniff, table
from workbook.ledgers.layout import Layout

SHOWN = 50  # rejected rows that get a finding of their own; the others share one
NAMED = 5  # examples in a finding about many rows


@dataclass(frozen=True)
class Answers:
    """What the user said, or what is remembered for the source; empty = find out. `fields`: our field -> heading in the file."""

    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    currency: str = ""
    company: str = ""
    date_order: str = ""  # dmy, mdy, ymd
    decimal_mark: str = ""  # . or ,


@dataclass(frozen=True)
class Export:
    """An export that was read.

    `items`: columns and dtypes of `OpenItem`, file order. `payers`: of `Payer`. `rows`: one per record of the file: number as the user sees it, kind
    (item, settled, zero, total, header, furniture, blank, duplicate, rejected), reason code. `totals`: see `items.totals`. `unread`: see
    `items.unread`.
    """

    items: pd.DataFrame
    payers: pd.DataFrame
    rows: pd.DataFrame
    findings: list[Finding]
    layout: Layout
    totals: pd.DataFrame
    unread: pd.DataFrame


def read_export(path: Path, *, as_of: date, company_currency: str, answers: Answers | None = None) -> Export:
    """The open items of an export on the as-of date, its payers, and what became of every row. Raises LedgerError with what to do."""
    answers = answers or Answers()
    found = table.located(sniff.sniff(path), answers.fields)
    ledger = table.classified(found)
    currency = answers.currency or company_currency
    typed = rows.typed(found, ledger, as_of=as_of, currency=currency, date_order=answers.date_order, decimal_mark=answers.decimal_mark)
    if answers.company:
        typed.lines["company"] = typed.lines["company"].where(typed.lines["company"] != "", answers.company)
    judgement, lines, first = rows.keyed(found, rows.judged(found, ledger, typed, as_of=as_of), typed.lines)
    readable = ~(typed.unreadable["open_minor"] | lines["amount_blank"])
    totals = items.totals(judgement, lines, readable)
    payers, variants = items.payers(found, judgement, lines)
    findings = [
        *found.grid.findings,
        *_assumptions(found, typed, judgement, currency, answers),
        *_rejected(found, judgement, first),
        *_remarks(found, typed, judgement, lines, variants, as_of),
        *_stated_total(found, judgement, totals, currency, typed.mark),
    ]
    layout = Layout(
        found.grid.file, found.grid.container, found.grid.encoding, found.grid.separator, found.grid.sheet, int(found.grid.numbers[found.header]),
        {name: found.headings[at] for name, at in found.columns.items()},
        {found.heading(name): order for name, order in typed.orders.items()}, typed.mark,
    )  # fmt: skip
    unread = items.unread(judgement, lines)
    return Export(items.items(found, judgement, lines), payers, judgement.reset_index(drop=True), findings, layout, totals, unread)


def _places(found: table.Table, at: pd.Index) -> str:
    numbers = [str(found.grid.numbers[row]) for row in at[:NAMED]]
    return ", ".join(numbers) + (" …" if len(at) > NAMED else "")


def _assumptions(found: table.Table, typed: rows.Typed, judgement: pd.DataFrame, currency: str, answers: Answers) -> list[Finding]:
    place, made = found.grid.file, list[Finding]()
    if assumed := int((typed.assumed_currency & (judgement["kind"] != "total")).sum()):
        made.append(Finding("export_currency", Severity.NOTE, place=place, values={"count": assumed, "currency": currency}))
    if found.columns["payer"] == found.columns.get("payer_name"):
        made.append(Finding("export_payer_by_name", Severity.NOTE, place=place, values={"heading": found.heading("payer")}))
    if typed.short_years and not answers.date_order:
        first, last = typed.short_years
        made.append(Finding("export_short_years", Severity.NOTE, place=place, values={"first": first, "last": last}))
    if typed.credits_turned:
        made.append(Finding("export_credits_turned", Severity.WARNING, place=place, values={"count": typed.credits_turned}))
    made += [
        Finding("export_level_unused", Severity.NOTE, place=place, values={"heading": found.heading(name)})
        for name in ("level", "last_reminder") if name in found.columns
    ]  # fmt: skip
    return made


def _rejected(found: table.Table, judgement: pd.DataFrame, first: pd.Series) -> list[Finding]:
    """An error for each rejected row that says what was found there; beyond the first fifty one for all the others."""
    rejected = judgement[judgement["kind"] == "rejected"]
    made: list[Finding] = []
    for at, reason in rejected["reason"].head(SHOWN).items():
        column = {"amount": "open_minor", "exponent": "document"}.get(reason, reason)
        if reason == "exponent" and not pd.Series([found.texts("document")[at]]).str.contains(rows.EXPONENT)[0]:
            column = "payer"
        heading = found.heading(column) if column in found.columns else ""
        cell = str(found.texts(column)[at]) if column in found.columns else ""
        values = {"found": cell, "heading": heading}
        if reason == "fields":
            values = {"found": int(found.grid.fields[at]), "expected": len([h for h in found.headings if h])}
        if reason == "key":
            values = {"found": str(found.texts("document")[at]), "first": int(found.grid.numbers[first[at]])}
        if reason == "amount" and not heading:
            values["heading"] = f"{found.heading('debit')} / {found.heading('credit')}"
        code = "export_row_amount_missing" if reason == "amount" and not cell else f"export_row_{reason}"
        made.append(Finding(code, Severity.ERROR, place=found.grid.place(at) + (f", {heading}" if heading else ""), values=values))
    if len(rejected) > SHOWN:
        values = {"count": len(rejected) - SHOWN, "rows": _places(found, rejected.index[SHOWN:])}
        made.append(Finding("export_rows_more", Severity.ERROR, place=found.grid.file, values=values))
    return made


def _remarks(
    found: table.Table, typed: rows.Typed, judgement: pd.DataFrame, lines: pd.DataFrame, variants: pd.DataFrame, as_of: date
) -> list[Finding]:
    place, made = found.grid.file, list[Finding]()
    kind = judgement["kind"]
    used = kind[kind.isin(["item", "zero"])].index

    def remark(code: str, at: pd.Index) -> None:
        if len(at):
            made.append(Finding(code, Severity.WARNING, place=place, values={"count": len(at), "rows": _places(found, at)}))

    remark("export_duplicates", kind.index[kind == "duplicate"])
    items_at = kind.index[kind == "item"]
    if "document_date" in typed.unreadable:
        remark("export_document_date", items_at[typed.unreadable.loc[items_at, "document_date"].to_numpy(dtype=bool)])
    remark("export_decimals", used[typed.rounded.loc[used].to_numpy(dtype=bool)])
    if len(variants):
        example = variants.iloc[0]
        values = {"count": len(variants), "payer": example["payer"], "names": int(example["names"]), "name": example["name"]}
        made.append(Finding("export_names", Severity.WARNING, place=place, values=values))
    undated = items_at[(lines.loc[items_at, "due_date"].isna() & (lines.loc[items_at, "open_minor"] > 0)).to_numpy(dtype=bool)]
    remark("export_no_due_date", undated)
    made += _later(found, lines.loc[items_at], as_of)
    if not len(items_at):
        made.append(Finding("export_no_items", Severity.WARNING, place=place, values={"rows": len(kind)}))
    return made


def _later(found: table.Table, lines: pd.DataFrame, as_of: date) -> list[Finding]:
    """A note when items are dated after the as-of date: perhaps the export is of another day."""
    later = lines[lines["document_date"] > pd.Timestamp(as_of)]
    if not len(later):
        return []
    first = later["document_date"].idxmin()
    values = {
        "as_of": as_of.isoformat(), "count": len(later), "document": later["document"][first],
        "date": later["document_date"][first].date().isoformat(), "row": int(found.grid.numbers[first]),
    }  # fmt: skip
    return [Finding("export_later", Severity.NOTE, place=found.grid.file, values=values)]


def _stated_total(found: table.Table, judgement: pd.DataFrame, totals: pd.DataFrame, currency: str, mark: str) -> list[Finding]:
    """Whether the totals printed in the file agree with the sum of its lines; the last one of a currency counts, unless an earlier one agrees."""
    at = judgement.index[judgement["kind"] == "total"]
    if not len(at) or "open_minor" not in found.columns:
        return []
    texts = found.texts("open_minor").loc[at]
    codes = found.texts("currency").loc[at].str.upper() if "currency" in found.columns else pd.Series("", index=at, dtype="str")
    if (codes == "").all() and len(totals) > 1:
        return []  # a sum over several currencies is no sum
    codes = codes.where(codes != "", totals["currency"].iloc[0] if len(totals) == 1 else currency)
    plain = texts.str.contains(amounts.PLAIN) & bool(found.grid.sheet)
    stated = amounts.read({"total": texts}, {"total": ""}, decimals_of(codes), said=mark or ".", numbers={"total": plain})[0]["total"]
    usable = ~stated.blank & ~stated.unreadable
    made: list[Finding] = []
    sums = dict(zip(totals["currency"], totals["file_minor"], strict=True))
    for name, printed in stated.minor[usable].groupby(codes[usable]):
        total = int(sums.get(name, 0))
        agrees = bool(np.isin(total, printed.to_numpy()))
        shown = printed.iloc[-1] if not agrees else total
        row = int(found.grid.numbers[printed.index[-1] if not agrees else printed.index[printed == total][-1]])
        values = {"currency": name, "stated": f"{from_minor(int(shown), str(name)):f}", "sum": f"{from_minor(total, str(name)):f}", "row": row}
        code, severity = ("export_total_agrees", Severity.NOTE) if agrees else ("export_total_differs", Severity.WARNING)
        made.append(Finding(code, severity, place=found.grid.file, values=values))
    return made


__all__ = ["Answers", "Export", "Layout", "read_export"]
