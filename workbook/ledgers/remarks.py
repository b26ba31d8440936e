"""What a person is told about an export: what was assumed, which rows were refused and why, what to look at."""

from __future__ import annotations

from datetime import date

import pandas as pd

from rules.findings import Finding
from rules.model import Severity
from workbook.ledgers import preamble, rows
from workbook.ledgers.answers import Asked
from workbook.ledgers.table import Table
from workbook.ledgers.whole import among, picked

SHOWN = 50  # rejected rows that get a finding of their own; the others share one
NAMED = 5  # examples in a finding about many rows


def places(found: Table, at: pd.Index) -> str:
    """The row numbers of some records, as the user sees them; of many the first five."""
    numbers = [str(found.grid.numbers[row]) for row in at[:NAMED]]
    return ", ".join(numbers) + (" …" if len(at) > NAMED else "")


def assumptions(found: Table, typed: rows.Typed, judgement: pd.DataFrame, currency: str, asked: Asked) -> list[Finding]:
    """What the file does not say and was taken as given."""
    place, made = found.grid.file, list[Finding]()
    stated = preamble.stated_currency(found)
    assumed = int((typed.assumed_currency & picked(judgement["kind"] != "total", typed.lines.index)).sum())
    if assumed and not (found.profile.local and currency == asked.currency):
        code = "export_stated_currency" if currency == stated and currency != asked.answers.currency else "export_currency"
        made.append(Finding(code, Severity.NOTE, place=place, values={"count": assumed, "currency": currency}))
    day = preamble.stated_as_of(found, next(iter(typed.orders.values()), ""), asked.as_of)
    if day and day != asked.as_of:
        values = {"stated": day.isoformat(), "as_of": asked.as_of.isoformat()}
        made.append(Finding("export_as_of", Severity.WARNING, place=place, values=values))
    if found.columns["payer"] == found.columns.get("payer_name"):
        made.append(Finding("export_payer_by_name", Severity.NOTE, place=place, values={"heading": found.heading("payer")}))
    if not found.heading("payer"):
        payers = typed.lines["payer"]
        values = {"count": payers.nunique(), "payer": next(iter(payers[payers != ""]), "")}
        made.append(Finding("export_payer_by_section", Severity.NOTE, place=place, values=values))
    if typed.short_years and not asked.answers.date_order:
        first, last = typed.short_years
        made.append(Finding("export_short_years", Severity.NOTE, place=place, values={"first": first, "last": last}))
    if typed.credits_turned:
        made.append(Finding("export_credits_turned", Severity.WARNING, place=place, values={"count": typed.credits_turned}))
    if found.profile.documents_only:
        made.append(Finding("export_documents_only", Severity.NOTE, place=place, values={"system": found.profile.system}))
    if taken := [found.heading(name) for name in ("level", "last_reminder") if name in found.columns]:
        made.append(Finding("export_level_unused", Severity.NOTE, place=place, values={"headings": " / ".join(taken)}))
    return made


def rejected(found: Table, judgement: pd.DataFrame, first: pd.Series) -> list[Finding]:
    """An error for each rejected row that says what was found there; beyond the first fifty one for all the others."""
    rejected = judgement[judgement["kind"] == "rejected"]
    made: list[Finding] = []
    for at, reason in rejected["reason"].head(SHOWN).items():
        column = {"amount": "open_minor", "exponent": "document", "digits": "document", "currencies": "open_minor"}.get(reason, reason)
        damage = rows.EXPONENT if reason == "exponent" else "^[0-9]{16,}$"
        if reason in ("exponent", "digits") and not pd.Series([found.texts("document")[at]]).str.contains(damage)[0]:
            column = "payer"
        heading = found.heading(column) if column in found.columns else ""
        cell = str(found.texts(column)[at]) if column in found.columns else ""
        values = {"found": cell, "heading": heading}
        if reason == "fields":
            values = {"found": int(found.grid.fields[at]), "expected": len([h for h in found.headings if h])}
        if reason == "key":
            values = {"found": str(found.texts("document")[at]), "first": int(found.grid.numbers[first[at]])}
        if reason == "currencies":
            values["currency"] = str(found.texts("currency")[at])
        if reason in ("amount", "currencies") and not heading:
            pair = [f for f in ("debit", "credit", "original_minor", "paid_minor") if f in found.columns]
            cell = " / ".join(str(found.texts(f)[at]) for f in pair).strip(" /")
            values |= {"found": cell, "heading": " / ".join(found.heading(f) for f in pair)}
        code = "export_row_amount_missing" if reason == "amount" and not cell else f"export_row_{reason}"
        made.append(Finding(code, Severity.ERROR, place=found.grid.place(at) + (f", {heading}" if heading else ""), values=values))
    if len(rejected) > SHOWN:
        values = {"count": len(rejected) - SHOWN, "rows": places(found, rejected.index[SHOWN:])}
        made.append(Finding("export_rows_more", Severity.ERROR, place=found.grid.file, values=values))
    return made


def names(found: Table, payers: pd.DataFrame, variants: pd.DataFrame) -> list[Finding]:
    """Payers with several names, and payers that are perhaps one: their numbers differ by leading zeros alone."""
    place, made = found.grid.file, list[Finding]()
    if len(variants):
        example = variants.iloc[0]
        values = {"count": len(variants), "payer": example["payer"], "names": int(example["names"]), "name": example["name"]}
        made.append(Finding("export_names", Severity.WARNING, place=place, values=values))
    known = payers[["company", "payer"]].assign(short=payers["payer"].str.lstrip("0"))
    twins = known[known.duplicated(["company", "short"], keep=False) & (known["short"] != "")]
    if len(twins):
        first = twins[twins["short"] == twins["short"].iloc[0]]["payer"].tolist()
        values = {"count": twins["short"].nunique(), "payer": first[0], "other": first[1]}
        made.append(Finding("export_twins", Severity.WARNING, place=place, values=values))
    return made


def remarks(found: Table, typed: rows.Typed, judgement: pd.DataFrame, lines: pd.DataFrame, as_of: date) -> list[Finding]:
    """What a person should look at although the lines were read."""
    place, made = found.grid.file, list[Finding]()
    kind = judgement["kind"]
    used = among(kind.index, kind.isin(["item", "zero"]))

    def remark(code: str, at: pd.Index) -> None:
        if len(at):
            made.append(Finding(code, Severity.WARNING, place=place, values={"count": len(at), "rows": places(found, at)}))

    remark("export_duplicates", kind.index[kind == "duplicate"])
    items_at = among(kind.index, kind == "item")
    if "document_date" in typed.unreadable:
        remark("export_document_date", items_at[picked(typed.unreadable["document_date"], items_at).to_numpy(dtype=bool)])
    remark("export_unnumbered", items_at[picked(typed.unnumbered, items_at).to_numpy(dtype=bool)])
    remark("export_decimals", used[picked(typed.rounded, used).to_numpy(dtype=bool)])
    made += _later(found, lines, items_at, as_of)
    if not len(items_at):
        made.append(Finding("export_no_items", Severity.WARNING, place=place, values={"rows": len(kind)}))
    return made


def _later(found: Table, lines: pd.DataFrame, items_at: pd.Index, as_of: date) -> list[Finding]:
    """A note when items are dated after the as-of date: perhaps the export is of another day."""
    after = picked(lines["document_date"], items_at) > pd.Timestamp(as_of)
    later = lines.loc[after.index[after], ["document", "document_date"]]
    if not len(later):
        return []
    first = later["document_date"].idxmin()
    values = {
        "as_of": as_of.isoformat(), "count": len(later), "document": later["document"][first],
        "date": later["document_date"][first].date().isoformat(), "row": int(found.grid.numbers[first]),
    }  # fmt: skip
    return [Finding("export_later", Severity.NOTE, place=found.grid.file, values=values)]
