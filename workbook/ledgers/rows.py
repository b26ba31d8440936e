"""What each line of an export is: an open item, settled, zero, a duplicate, or rejected with its reason; nobody's money is dropped in silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from rules.money import decimals_of
from workbook.ledgers import amounts, dates
from workbook.ledgers.headings import AMOUNTS, DATES
from workbook.ledgers.sniff import holds_numbers
from workbook.ledgers.table import Table
from workbook.ledgers.words import KINDS, NO, SIGNS

EXPONENT = r"^[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+$"
STARRED = r"^(?:\*+|saldo|solde|balance)$"  # how lists mark the rows of their sums, where no word says total
FLOAT_ID = r"^[0-9]+\.0$"
SYMBOLS = {"€": "EUR", "EURO": "EUR", "£": "GBP", "¥": "JPY"}


@dataclass(frozen=True)
class Typed:
    """The lines of the ledger with typed columns, indexed by their position in the grid; and what was noticed while typing.

    `lines` has the item columns that the export carries, `open_minor` and `original_minor`, and `settled_on` when there is one; `unreadable` has a
    column of flags for every date and amount.
    """

    lines: pd.DataFrame
    unreadable: pd.DataFrame
    orders: dict[str, str]
    mark: str
    short_years: tuple[int, int] | None
    assumed_currency: pd.Series
    credits_turned: int
    rounded: pd.Series


def typed(table: Table, ledger: pd.Series, *, as_of: date, currency: str, date_order: str, decimal_mark: str) -> Typed:
    """Type the columns of the lines (`ledger` is "" for them), each as a whole. Raises LedgerError when day order or decimal mark must be asked."""
    at = ledger.index[ledger == ""]
    have = table.columns
    raw = {field: table.texts(field).loc[at] for field in have}
    sheet = bool(table.grid.sheet)
    lines = pd.DataFrame(index=at)
    for field in ("company", "payer", "document", "instalment", "terms"):
        lines[field] = _ids(raw[field]) if field in raw else ""
    for field in ("payer_name", "reference"):
        lines[field] = _one_line(raw[field]) if field in raw else ""

    found = dates.read(
        {f: raw[f] for f in DATES if f in raw}, {f: table.heading(f) for f in DATES if f in raw}, said=date_order, as_of=as_of, sheet=sheet
    )
    for field in DATES:
        lines[field] = found[field].days if field in found else pd.Series(np.datetime64("NaT", "s"), index=at)

    codes = raw["currency"].str.upper().replace(SYMBOLS) if "currency" in raw else pd.Series("", index=at, dtype="str")
    assumed = codes == ""
    lines["currency"] = codes.where(~assumed, currency)
    places = decimals_of(lines["currency"])
    texts = {f: raw[f].where(~(raw[f].isin(["-", "–"])) | (f in ("open_minor", "original_minor")), "") for f in AMOUNTS if f in raw}
    numbers = {f: _numbers(table, f, texts[f], sheet) for f in texts}
    money, mark = amounts.read(texts, {f: table.heading(f) for f in texts}, places, said=decimal_mark, numbers=numbers)
    pair = {"debit", "credit"} <= set(money)
    if pair:
        both = amounts.Amounts(
            money["debit"].minor - money["credit"].minor, money["debit"].blank & money["credit"].blank,
            money["debit"].unreadable | money["credit"].unreadable, money["debit"].rounded | money["credit"].rounded,
        )  # fmt: skip
        money.setdefault("open_minor", both)
        money.setdefault("original_minor", both)
    money.setdefault("original_minor", money["open_minor"])
    opened, original = money["open_minor"].minor, money["original_minor"].minor
    if "sign" in raw and "open_minor" in texts:
        sign = raw["sign"].str.casefold().map(SIGNS).fillna(1).astype("int64")
        opened = opened * sign if not (opened < 0).any() else opened
        if "original_minor" in texts or not pair:
            original = original * sign if not (original < 0).any() else original
    lines["kind"] = _kinds(raw.get("kind"), opened, original)
    credit = lines["kind"].isin(["credit", "payment"])
    turned = credit & (opened > 0)
    if not turned.any() or (opened < 0).any() or not (~credit & (opened > 0)).any():
        turned &= False
    lines["open_minor"], lines["original_minor"] = opened.where(~turned, -opened), original.where(~turned, -original.abs())
    lines["dispute"] = np.where(~raw["dispute"].str.casefold().isin(NO | {""}), "dispute", "") if "dispute" in raw else ""
    lines["block"] = raw["block"].where(~raw["block"].str.casefold().isin(NO - {"-"} | {"-"}), "") if "block" in raw else ""
    lines["closed"] = raw["is_open"].str.casefold().isin(NO) if "is_open" in raw else False
    if "cleared_by" in raw:
        lines["closed"] |= ~raw["cleared_by"].isin(["", "0"])
    unreadable = pd.DataFrame({f: found[f].unreadable for f in found} | {"open_minor": money["open_minor"].unreadable}, index=at)
    unreadable["original_minor"] = money["original_minor"].unreadable
    lines["amount_blank"] = money["open_minor"].blank
    rounded = money["open_minor"].rounded | money["original_minor"].rounded
    years = next((d.short_years for d in found.values() if d.short_years), None)
    return Typed(lines, unreadable, {f: d.order for f, d in found.items() if d.order}, mark, years, assumed, int(turned.sum()), rounded)


def _one_line(texts: pd.Series) -> pd.Series:
    uneven = texts.str.contains(r"\s\s|[\t\n\r\x{a0}]")
    if uneven.any():
        texts = texts.where(~uneven, texts[uneven].str.replace(r"\s+", " ", regex=True))
    return texts


def _ids(texts: pd.Series) -> pd.Series:
    filled = texts[texts != ""]
    if len(filled) and filled.str.contains(FLOAT_ID).all():
        return texts.str.removesuffix(".0")
    return texts


def _numbers(table: Table, field: str, texts: pd.Series, sheet: bool) -> pd.Series:
    """Which cells of a sheet's column are numbers. Text such as 1.234 looks like one, so a column that has such cells is looked at twice."""
    plain = texts.str.contains(amounts.PLAIN) if sheet else pd.Series(False, index=texts.index)
    doubtful = plain & texts.str.contains(r"^-?[0-9]{1,3}\.[0-9]{3}$")
    if doubtful.any() and not holds_numbers(table.grid, table.columns[field], table.header + 1):
        plain &= ~doubtful
    return plain


def _kinds(words: pd.Series | None, opened: pd.Series, original: pd.Series) -> pd.Series:
    amount = opened.where(opened != 0, original)
    by_sign = pd.Series(np.where(amount < 0, "credit", "invoice"), index=opened.index, dtype="str")
    if words is None:
        return by_sign
    known = words.str.casefold().map(KINDS)
    return known.where(known.notna(), by_sign)


def judged(table: Table, ledger: pd.Series, t: Typed, *, as_of: date) -> pd.DataFrame:
    """One row per record of the grid: number, kind, reason; for rejected lines also what was found and the row it collides with."""
    lines, bad = t.lines, t.unreadable
    header_fields = table.grid.fields[table.header]
    fields = pd.Series(table.grid.fields, index=ledger.index).loc[lines.index]
    surplus = table.grid.cells.loc[lines.index, [c for c in table.grid.cells if c >= len(_trimmed(table.headings))]]
    broken = (surplus != "").any(axis=1) if surplus.shape[1] else pd.Series(False, index=lines.index)
    broken |= fields < min(header_fields, len(_trimmed(table.headings)))
    settled = (lines["settled_on"] <= pd.Timestamp(as_of)) | (lines["settled_on"].isna() & lines["closed"].astype(bool))
    duplicate = pd.Series(False, index=lines.index)
    alike = lines.index[lines.duplicated(["payer", "document"], keep=False)]
    duplicate[alike] = table.grid.cells.loc[alike].duplicated()
    tests = {
        "fields": broken,
        "payer": lines["payer"] == "",
        "document": lines["document"] == "",
        "exponent": lines["payer"].str.contains(EXPONENT) | lines["document"].str.contains(EXPONENT),
        "currency": ~lines["currency"].str.contains(r"^[A-Z]{3}$"),
        "amount": bad["open_minor"] | lines["amount_blank"],
        "settled_on": bad.get("settled_on", pd.Series(False, index=lines.index)),
        "due_date": bad.get("due_date", pd.Series(False, index=lines.index)) & ~settled,
    }
    summed = _sums(table, lines, bad, broken)
    reason = np.select([test.to_numpy(dtype=bool) for test in tests.values()], list(tests), default="")
    reason = np.where(summed, "", reason)
    rejected = pd.Series(reason != "", index=lines.index)
    zero = lines["open_minor"] == 0
    kind = pd.Series(
        np.select([summed, rejected, settled, duplicate, zero], ["total", "rejected", "settled", "duplicate", "zero"], default="item"),
        index=lines.index, dtype="str",
    )  # fmt: skip
    made = pd.DataFrame({"number": table.grid.numbers, "kind": ledger, "reason": ""}, index=ledger.index)
    made.loc[lines.index, "kind"] = kind
    made.loc[lines.index, "reason"] = reason
    return made


def _sums(table: Table, lines: pd.DataFrame, bad: pd.DataFrame, broken: pd.Series) -> pd.Series:
    """Which lines are sums of lines before them: without document and dates, and marked as such or equal to what they would add up.

    That is what stands above since the last such line, what stands above for the same payer, or all that stands above, in the same currency.
    """
    readable = ~(bad["open_minor"] | lines["amount_blank"])
    dated = lines[list(DATES)].notna().any(axis=1) | bad[[f for f in DATES if f in bad]].any(axis=1)
    suspect = (lines["document"] == "") & ~dated & readable & ~broken
    if not suspect.any():
        return suspect
    counted = ~suspect & readable
    amount, currency = lines["open_minor"].where(counted, 0), lines["currency"]
    block = suspect.groupby(currency).cumsum() - suspect.astype("int64")  # a suspect closes the block above it
    found = pd.Series(False, index=lines.index)
    for keys in ([currency, block], [currency, lines["payer"]], [currency]):
        above = counted.groupby(keys).cumsum() > 0
        found |= above & (amount.groupby(keys).cumsum() == lines["open_minor"])
    cells = table.grid.cells.loc[suspect.index[suspect]]
    marked = np.logical_or.reduce([cells[at].str.contains(rf"(?i){STARRED}").to_numpy() for at in cells])
    found[cells.index] |= marked
    return suspect & found


def _trimmed(headings: list[str]) -> list[str]:
    """The headings without the nameless ones at the end."""
    last = max((at for at, heading in enumerate(headings) if heading), default=-1)
    return headings[: last + 1]


def keyed(table: Table, judgement: pd.DataFrame, lines: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Judgement and lines once every item has its own key: due dates become instalments, and a key with two amounts on one due date is rejected.

    Third: for every rejected position the position of the first line with its key.
    """
    at = judgement.index[judgement["kind"] == "item"]
    key = ["company", "payer", "document", "instalment"]
    items = lines.loc[at]
    several = items.duplicated(key, keep=False)
    if several.any() and "instalment" not in table.columns:
        split = items[several].groupby(key)["due_date"].transform("nunique") > 1
        dated = split.index[split & items.loc[split.index, "due_date"].notna()]
        lines = lines.copy()
        lines.loc[dated, "instalment"] = items.loc[dated, "due_date"].dt.strftime("%Y-%m-%d").astype("str")
        one_document = items.loc[dated].duplicated([*key, "currency", "document_date"], keep=False)
        lines.loc[dated[(one_document & (items.loc[dated, "kind"] == "invoice")).to_numpy()], "kind"] = "instalment"
        items = lines.loc[at]
    clash = items.duplicated(key)
    first = pd.Series(items.index, index=items.index).groupby([items[k] for k in key]).transform("first")[clash]
    judgement = judgement.copy()
    judgement.loc[first.index, "kind"] = "rejected"
    judgement.loc[first.index, "reason"] = "key"
    return judgement, lines, first
