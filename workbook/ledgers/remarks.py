"""What a person is told about an export: what was assumed, which rows were refused and why, what to look at."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

from rules.findings import Finding
from rules.model import Severity
from rules.written import Some, first_few
from workbook.ledgers import denominations, preamble, rows
from workbook.ledgers.answers import Asked
from workbook.ledgers.table import OUTSIDE, REJECTED, Table, short
from workbook.ledgers.whole import among, holds, picked

DATED = r"^(?:[0-9]{4}-[0-9]{2}-[0-9]{2} 00:00:00|[A-Z][a-z]{2}-[0-9]{2})$"  # a document number that Excel has taken for a date


def places(found: Table, at: pd.Index) -> Some:
    """The row numbers of some records, as the user sees them; of many the first."""
    return first_few(at, lambda row: found.grid.numbers[row])


def assumptions(found: Table, typed: rows.Typed, judgement: pd.DataFrame, currency: str, asked: Asked) -> list[Finding]:
    """What the file does not say and was taken as given."""
    place, made = found.grid.file, list[Finding]()
    stated = preamble.stated_currency(found)
    assumed = int((typed.assumed_currency & picked(~judgement["kind"].isin(["total", "rejected"]), typed.lines.index)).sum())
    if assumed and "document_currency" not in found.columns and not (found.profile.local and currency == asked.currency):
        code = "export_stated_currency" if currency == stated and currency != asked.answers.currency else "export_currency"
        made.append(Finding(code, Severity.NOTE, place=place, values={"count": assumed, "currency": currency}))
    day = preamble.stated_as_of(found, next(iter(typed.orders.values()), ""), asked.as_of)
    if day and day != asked.as_of:
        values = {"stated": day, "as_of": asked.as_of}
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
    items = among(judgement.index, judgement["kind"] == "item")
    if len(ended := items[short(found.grid, found.header, found.headings, items)]):
        values = {"count": len(ended), "rows": places(found, ended)}
        made.append(Finding("export_short_rows", Severity.NOTE, place=place, values=values))
    if found.profile.documents_only:
        made.append(Finding("export_documents_only", Severity.NOTE, place=place, values={"system": found.profile.system}))
    if taken := [found.heading(name) for name in ("level", "last_reminder") if name in found.columns]:
        made.append(Finding("export_level_unused", Severity.NOTE, place=place, values={"headings": " / ".join(taken)}))
    return made


def converted(found: Table, judgement: pd.DataFrame, currency: str) -> list[Finding]:
    """A warning when items of documents in other currencies have their amounts in the company's."""
    if "document_currency" not in found.columns:
        return []
    items = judgement.index[judgement["kind"] == "item"]
    theirs = denominations.codes(found.texts("document_currency").loc[items])
    ours = denominations.codes(found.texts("currency").loc[items]) if "currency" in found.columns else pd.Series("", index=items, dtype="str")
    other = theirs.index[(theirs != "") & (theirs != ours.where(ours != "", currency))]
    if not len(other):
        return []
    values = {
        "count": len(other), "rows": places(found, other), "heading": found.heading("open_minor"),
        "currencies": ", ".join(sorted(set(theirs[other]))), "currency": ", ".join(sorted(set(ours[other].where(ours[other] != "", currency)))),
    }  # fmt: skip
    return [Finding("export_company_currency", Severity.WARNING, place=found.grid.file, values=values)]


def rejected(found: Table, judgement: pd.DataFrame, first: pd.Series, mark: str) -> list[Finding]:
    """An error for each rejected row that says what was found there; beyond the first fifty one for all the others. `mark`: before the decimals."""
    rejected = judgement[judgement["kind"] == "rejected"]
    made: list[Finding] = []
    for at, reason in rejected["reason"].head(REJECTED).items():
        column = {"amount": "open_minor", "exponent": "document", "digits": "document", "currencies": "open_minor"}.get(reason, reason)
        damage = rows.EXPONENT if reason == "exponent" else "^[0-9]{16,}$"
        if reason in ("exponent", "digits") and not pd.Series([found.texts("document")[at]]).str.contains(damage)[0]:
            column = "payer"
        if reason == "error":
            column = next((f for f in ("company", "payer", "document") if f in found.columns and rows.errors(found.texts(f)[[at]]).any()), "document")
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
        if reason == "amount" and mark and re.fullmatch(rf"[-+]?[0-9]+[{'.' if mark == ',' else ','}][0-9]+", cell):
            code, values = "export_row_amount_mark", {"found": cell, "heading": heading, "mark": mark}
        made.append(Finding(code, Severity.ERROR, place=found.grid.place(at) + (f", {heading}" if heading else ""), values=values))
    if len(rejected) > REJECTED:
        values = {"count": len(rejected) - REJECTED, "rows": places(found, rejected.index[REJECTED:])}
        made.append(Finding("export_rows_more", Severity.ERROR, place=found.grid.file, values=values))
    return made


def _dated(texts: pd.Series) -> pd.Series:
    return texts.str.contains(DATED) if holds(texts, b"00:00:00", b"-2") else pd.Series(False, index=texts.index)


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

    remark("export_duplicates", kind.index[(kind == "duplicate") & (judgement["reason"] == "")])
    remark("export_document_lines", kind.index[judgement["reason"] == "lines"])
    items_at = among(kind.index, kind == "item")
    if "document_date" in typed.unreadable:
        remark("export_document_date", items_at[picked(typed.unreadable["document_date"], items_at).to_numpy(dtype=bool)])
    remark("export_level_unreadable", items_at[picked(typed.unreadable["level"], items_at).to_numpy(dtype=bool)])
    remark("export_days_counted", items_at[picked(typed.counted, items_at).to_numpy(dtype=bool)])
    credited = picked(lines["kind"].isin(rows.CREDITED) & (lines["open_minor"] > 0), items_at)
    remark("export_credits_owed", items_at[credited.to_numpy(dtype=bool)])
    remark("export_dates_as_numbers", items_at[picked(_dated(found.texts("document")), items_at).to_numpy(dtype=bool)])
    for name in ("payer_name", "reference"):
        if name in found.columns:
            remark("export_error_cells", items_at[picked(rows.errors(found.texts(name)), items_at).to_numpy(dtype=bool)])
    remark("export_unnumbered", items_at[picked(typed.unnumbered, items_at).to_numpy(dtype=bool)])
    remark("export_decimals", used[picked(typed.rounded, used).to_numpy(dtype=bool)])
    made += _later(found, lines, items_at, as_of)
    if not len(items_at):
        made.append(Finding("export_no_items", Severity.WARNING, place=place, values={"rows": int((~kind.isin(OUTSIDE)).sum())}))
    return made


def repeats_kept(found: Table, at: pd.Index) -> list[Finding]:
    """A note on repeated rows that are lines of their own because a person said so."""
    values = {"count": len(at), "rows": places(found, at)}
    return [Finding("export_repeats_kept", Severity.NOTE, place=found.grid.file, values=values)] if len(at) else []


def _later(found: Table, lines: pd.DataFrame, items_at: pd.Index, as_of: date) -> list[Finding]:
    """A note when items are dated after the as-of date: perhaps the export is of another day."""
    after = picked(lines["document_date"], items_at) > pd.Timestamp(as_of)
    later = lines.loc[after.index[after], ["document", "document_date"]]
    if not len(later):
        return []
    first = later["document_date"].idxmin()
    values = {
        "as_of": as_of, "count": len(later), "document": later["document"][first],
        "date": later["document_date"][first].date(), "row": int(found.grid.numbers[first]),
    }  # fmt: skip
    return [Finding("export_later", Severity.NOTE, place=found.grid.file, values=values)]
