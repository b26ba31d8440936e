"""What each line of an export is: an open item, settled, zero, a duplicate, or rejected with its reason; nobody's money is dropped in silence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from rules.money import decimals_of
from workbook.ledgers import amounts, dates, denominations
from workbook.ledgers.answers import Answers, Asked
from workbook.ledgers.grid import UNCLOSED
from workbook.ledgers.headings import AMOUNTS, BALANCES, DATES, normal, of_lines
from workbook.ledgers.profiles.profile import Profile
from workbook.ledgers.table import KINDS as RECORDS
from workbook.ledgers.table import Table, shifted
from workbook.ledgers.whole import among, by_distinct, holds, longest, one_line, picked, spelled, worded
from workbook.ledgers.words import CLOSED, CURRENCIES, ERRORS, KINDS, NO, PAYMENT_TEXT, SIGNS, UNDISPUTED, YES

OF_DOCUMENT = ("company", "payer", "document", "document_date", "due_date", "currency", "open_minor", "original_minor")  # the same on all its lines
EXPONENT = r"^[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+$"
STARRED = r"^(?:\*+|saldo|solde|balance|(?:compte|konto|account|customer|client|debitor|kunde) \S*[0-9]\S*)$"  # sums without the word total
CREDITED = ("credit", "payment")
FLOAT_ID = r"^[0-9]+\.0$"
NOT_REMINDED = frozenset({"", "-", "none", "aucun", "keine", "non", "no", "nein"})
KEPT = 15  # figures of a number that a sheet keeps


@dataclass(frozen=True)
class Typed:
    """The lines of the ledger with typed columns, indexed by their position in the grid; and what was noticed while typing.

    `lines` has the item columns that the export carries, `open_minor` and `original_minor`, `settled_on`, `level` (-1 = says nothing) and
    `last_reminder`; `unreadable` has a column of flags for every date and amount. `unnumbered`: lines named after their type and date. `running`: the
    column that looked like the open amount is a running balance. `repeat`: a document number stands on several lines at all; in most ledgers
    none does, and nothing dearer need be asked. `signless`: lines whose sign is not known. `counted`: lines with a date that was a number of days.
    """

    lines: pd.DataFrame
    unreadable: pd.DataFrame
    orders: dict[str, str]
    mark: str
    short_years: tuple[int, int] | None
    assumed_currency: pd.Series
    credits_turned: int
    signless: pd.Series
    rounded: pd.Series
    unnumbered: pd.Series
    running: bool
    repeat: bool
    counted: pd.Series


class _Money(NamedTuple):
    """The amounts of the lines by field and their decimal mark; the currency of each, which are assumed, and which lines name `two`; `running` as in
    `Typed`.
    """

    amounts: dict[str, amounts.Amounts]
    mark: str
    currencies: pd.Series
    assumed: pd.Series
    two: pd.Series
    running: bool


def typed(table: Table, ledger: pd.Series, asked: Asked, currency: str) -> Typed:
    """Type the columns of the lines (`ledger` is "" for them), each as a whole; `currency`: of those that name none.

    Raises Unclear when day order or decimal mark must be asked.
    """
    answers = asked.answers
    at = among(ledger.index, ledger == "")
    have, profile = table.columns, table.profile
    raw = {field: picked(table.texts(field), at) for field in have}
    with ThreadPoolExecutor(1) as beside:  # texts and days on one core, currencies and amounts on another
        valued = beside.submit(_money, table, raw, at, answers, currency)
        lines, instead, found = _dated(table, raw, at, asked)
        repeat = not lines["document"].is_unique
        money = valued.result()
    lines["currency"], lines["two_currencies"] = money.currencies, money.two
    opened, original = money.amounts["open_minor"].minor, money.amounts["original_minor"].minor
    signless = pd.Series(False, index=at)
    if "sign" in raw:
        signs = raw["sign"].str.casefold().str.removesuffix(".0")
        signless = (signs != "") & ~signs.isin(list(SIGNS))
        sign = signs.map(SIGNS).fillna(1).astype("int64")
        whole = original if "open_minor" not in have else opened
        opened = opened * sign if not (whole < 0).any() and not money.running and ("open_minor" in have or "debit" not in have) else opened
        if "original_minor" in have or "debit" not in have:
            original = original * sign if not (original < 0).any() else original
    lines["kind"] = _kinds(raw.get("kind"), opened, original, profile)
    if "kind" not in raw and "reference" in raw:  # VIR LEFEVRE, Zahlung vom 3.
        paid = (lines["kind"] == "credit") & lines["reference"].str.contains(PAYMENT_TEXT)
        lines["kind"] = lines["kind"].mask(paid, "payment")
    turned = _without_sign(lines["kind"], opened) & (not profile.signed)
    lines["open_minor"], lines["original_minor"] = opened.where(~turned, -opened), original.where(~turned, -original.abs())
    lines["kind"] = lines["kind"].where(~((lines["kind"] == "invoice") & (lines["open_minor"].where(opened != 0, original) < 0)), "credit")
    lines["kind"] = lines["kind"].mask(instead & (lines["kind"] == "credit"), "payment")  # a credit note has a number of its own
    lines["due_date"] = lines["due_date"].mask((lines["kind"] == "payment") & (lines["due_date"] == lines["document_date"]))  # printed, but not due
    lines["dispute"] = np.where(~raw["dispute"].str.casefold().isin(NO | UNDISPUTED | {""}), "dispute", "") if "dispute" in raw else ""
    lines["block"] = raw["block"].where(~raw["block"].str.casefold().isin(NO), "") if "block" in raw else ""
    lines["block"] = lines["block"].mask(lines["block_until"].notna() & (lines["block"] == ""), "temporary")
    if "special" in raw:  # a down payment or a bill in the general ledger is not reminded as an invoice
        lines["block"] = lines["block"].mask((lines["block"] == "") & (raw["special"] != ""), "G/L " + raw["special"])
        lines["kind"] = lines["kind"].mask(raw["special"] != "", "other")
    lines["level"] = levels(raw["level"]) if "level" in raw else -1
    lines["closed"] = _closed(table, raw, at)
    if "lettering" in raw:
        lines["lettering"] = raw["lettering"].where(~raw["lettering"].str.casefold().isin(NO), "")
    unnumbered = _unnumbered(lines, raw, profile)
    unread = {f: found[f].unreadable for f in found} | {f: money.amounts[f].unreadable for f in ("open_minor", "original_minor")}
    reminded = [found[f].unreadable for f in found if f == "last_reminder" or f not in DATES]
    unread["level"] = np.logical_or.reduce([~names_level(raw["level"], lines["level"]) if "level" in raw else np.zeros(len(at), bool), *reminded])
    unreadable = pd.DataFrame(unread, index=at)
    if unreadable["level"].any():  # half of what a line says of its reminders would be another level, or another day
        lines["level"], lines["last_reminder"] = lines["level"].mask(unreadable["level"], -1), lines["last_reminder"].mask(unreadable["level"])
    lines["amount_blank"] = money.amounts["open_minor"].blank
    rounded = money.amounts["open_minor"].rounded | money.amounts["original_minor"].rounded
    counted = pd.Series(np.logical_or.reduce([np.zeros(len(at), bool), *(d.counted.to_numpy() for d in found.values())]), index=at)
    years = next((d.short_years for d in found.values() if d.short_years), None)
    orders = {f: d.order for f, d in found.items() if d.order and f in have}
    return Typed(
        lines, unreadable, orders, money.mark, years, money.assumed, int(turned.sum()), signless, rounded, unnumbered, money.running, repeat, counted
    )


def _dated(table: Table, raw: Mapping[str, pd.Series], at: pd.Index, asked: Asked) -> tuple[pd.DataFrame, pd.Series, dict[str, dates.Dates]]:
    """The lines `at` with numbers, names and days; which of them are numbered by what the profile takes instead; and the days by field or heading."""
    profile, lines = table.profile, pd.DataFrame(index=at)
    for field in ("company", "payer", "document", "instalment", "terms"):
        lines[field] = _ids(raw[field]) if field in raw else ""
    for field in ("payer_name", "reference"):
        lines[field] = one_line(raw[field]).mask(errors(raw[field]), "") if field in raw else ""
    if profile.sections == "payer":
        lines["payer"] = lines["payer"].where(lines["payer"] != "", lines["payer_name"])
    instead = pd.Series(False, index=at)
    for field, heading in profile.instead.items():
        other = next((texts for h in heading.split("|") if (texts := table.column(h)) is not None), None)
        if other is not None:
            other = picked(other, at)
            instead |= (lines[field] == "") & (other != "")
            lines[field] = lines[field].where(lines[field] != "", _ids(other))
    days = {f: raw[f] for f in DATES if f in raw} | _reminded(table, at)
    names = {f: table.heading(f) if f in table.columns else f for f in days}
    sheet, proofs = bool(table.grid.sheet), table.preamble
    found = dates.read(days, names, said=asked.answers.date_order, as_of=asked.as_of, sheet=sheet, proofs=proofs)
    for field in DATES:
        lines[field] = found[field].days if field in found else pd.Series(np.datetime64("NaT", "s"), index=at)
    for field in days.keys() - set(DATES):
        lines["last_reminder"] = np.fmax(lines["last_reminder"].to_numpy(), found[field].days.to_numpy())  # fmax: no date loses to any
    return lines, instead, found


def _money(table: Table, raw: Mapping[str, pd.Series], at: pd.Index, answers: Answers, currency: str) -> _Money:
    """What is open comes from its own column, from debit and credit, or from original and paid."""
    codes, two = denominations.named(raw, table.heading, at, currency, local=table.profile.local)
    assumed = codes == ""
    currencies = codes.where(~assumed, currency) if assumed.any() else codes
    sheet, running = bool(table.grid.sheet), False
    texts = {f: raw[f] if f in ("open_minor", "original_minor") else raw[f].mask(raw[f].isin(["-", "–"]), "") for f in AMOUNTS if f in raw}
    numbers = {f: _numbers(table, f, texts[f], sheet) for f in texts}
    money, mark = amounts.read(texts, {f: table.heading(f) for f in texts}, decimals_of(currencies), said=answers.decimal_mark, numbers=numbers)
    if {"debit", "credit"} <= set(money):
        both = amounts.difference(money["debit"], money["credit"])
        doubtful = "open_minor" in money and not {"open", "open_minor"} & set(answers.fields)
        if doubtful and normal(table.heading("open_minor")) in BALANCES:
            own = money.pop("open_minor")
            running = bool((own.minor.abs() > both.minor.abs()).any() or own.blank.any())
            if not running:
                money["open_minor"] = replace(own, minor=own.minor.abs() * np.sign(both.minor))
        money.setdefault("open_minor", both)
        money.setdefault("original_minor", both)
    if "open_minor" not in money and {"original_minor", "paid_minor"} <= set(money):
        whole, paid = money["original_minor"], money["paid_minor"]
        money["open_minor"] = replace(amounts.difference(whole, paid), blank=whole.blank)
    money.setdefault("original_minor", money["open_minor"])
    return _Money(money, mark, currencies, assumed, two, running)


def _without_sign(kinds: pd.Series, opened: pd.Series) -> pd.Series:
    """Credits and payments whose amounts are written without a sign, as debts are: those of a kind of which none is negative."""
    found = pd.Series(False, index=kinds.index)
    if (~kinds.isin(CREDITED) & (opened > 0)).any():
        for kind in CREDITED:
            found |= (kinds == kind) & (opened > 0) & (not ((kinds == kind) & (opened < 0)).any())
    return found


def _reminded(table: Table, at: pd.Index) -> dict[str, pd.Series]:
    """The further columns of reminder dates that the profile names: the latest counts."""
    found = {heading: table.column(heading) for heading in table.profile.reminded}
    own = table.columns.get("last_reminder")
    return {h: picked(texts, at) for h, texts in found.items() if texts is not None and (own is None or not texts.equals(table.grid.cells[own]))}


def levels(texts: pd.Series) -> pd.Series:
    """The level that a cell names, "2", "Mahnstufe 2" or "2. Mahnung"; -1 where it names none."""
    figures = texts.str.extract(r"^(?:[^0-9-][^0-9]{0,19}?)?([0-9])(?:[.,]0+)?[^0-9]{0,20}$")[0]
    return figures.fillna("-1").astype("int64")


def names_level(texts: pd.Series, level: pd.Series) -> pd.Series:
    """Whether a cell says a level, of those that `levels` found, or that there is none."""
    return (level >= 0) | texts.str.casefold().isin(NOT_REMINDED)


def _closed(table: Table, raw: Mapping[str, pd.Series], at: pd.Index) -> pd.Series:
    """Which lines the export calls settled, cancelled or drafts."""
    closed = raw["is_open"].str.casefold().isin(NO) if "is_open" in raw else pd.Series(False, index=at)
    if "is_paid" in raw:
        closed |= raw["is_paid"].str.casefold().isin(YES)
    if "status" in raw:
        closed |= raw["status"].str.casefold().isin(CLOSED)
    if "cleared_by" in raw:
        closed |= ~raw["cleared_by"].isin(["", "0"])
    for heading, values in table.profile.settled.items():
        for texts in (table.column(h) for h in heading.split("|")):
            closed |= texts.loc[at].str.casefold().str.removesuffix(".0").isin(values.split("|")) if texts is not None else False
    return closed


def _unnumbered(lines: pd.DataFrame, raw: Mapping[str, pd.Series], profile: Profile) -> pd.Series:
    """Lines without document number, which are given one of their type and date: credits of any system, all lines of some."""
    lacking = (lines["document"] == "") & (lines["payer"] != "") & lines["document_date"].notna()
    lacking &= True if profile.numberless else lines["open_minor"] < 0
    if lacking.any():
        word = one_line(raw["kind"][lacking]).where(lambda t: t != "", lines.loc[lacking, "kind"]) if "kind" in raw else lines.loc[lacking, "kind"]
        lines.loc[lacking, "document"] = word + " " + lines.loc[lacking, "document_date"].dt.strftime("%Y-%m-%d")
        alike = lines[lacking].groupby(["company", "payer", "document", "currency"])
        several = alike["open_minor"].transform("size") > 1
        order = lines.loc[lacking].sort_values("open_minor", kind="stable").groupby(["company", "payer", "document", "currency"]).cumcount() + 1
        numbered = several.index[several]
        lines.loc[numbered, "instalment"] = order[numbered].astype("str")
    return lacking


def errors(texts: pd.Series) -> pd.Series:
    """Which cells hold an error such as #N/A."""
    return texts.str.contains(ERRORS) if holds(texts, b"#") else pd.Series(False, index=texts.index)


def _ids(texts: pd.Series) -> pd.Series:
    filled = ((texts != "") & ~_shortened(texts)).to_numpy(dtype=bool)
    if filled.any() and re.match(FLOAT_ID, texts.iloc[int(filled.argmax())]) and texts[filled].str.contains(FLOAT_ID).all():
        return texts.str.removesuffix(".0")
    return texts


def _numbers(table: Table, field: str, texts: pd.Series, sheet: bool) -> pd.Series:
    """Which cells of a sheet's column are numbers. Text such as 1.234 looks like one, so a column that has such cells is looked at twice."""
    plain = texts.str.contains(amounts.PLAIN) if sheet else pd.Series(False, index=texts.index)
    doubtful = plain & texts.str.contains(r"^-?[0-9]{1,3}\.[0-9]{3}$")
    if doubtful.any() and table.columns[field] not in table.grid.numeric:
        plain &= ~doubtful
    return plain


def _kinds(words: pd.Series | None, opened: pd.Series, original: pd.Series, profile: Profile) -> pd.Series:
    amount = opened.where(opened != 0, original)
    by_sign = spelled(worded(("credit", "invoice"), [("credit", amount < 0)], default="invoice", index=opened.index))
    if words is None:
        return by_sign
    meant = KINDS | profile.kinds

    def told(words: pd.Series) -> pd.Series:
        texts = words.str.casefold()
        return texts.map(meant).fillna(texts.str.split(n=1).str[0].map(meant))  # "Rechnung 4711"

    kinds = by_distinct(words, told)
    return kinds.where(kinds.notna(), by_sign)


def judged(table: Table, ledger: pd.Series, t: Typed, *, as_of: date) -> pd.DataFrame:
    """One row per record of the grid: number, kind, reason; for rejected lines also what was found and the row it collides with."""
    lines, bad = t.lines, t.unreadable
    fields = picked(pd.Series(table.grid.fields, index=ledger.index), lines.index)
    broken = shifted(table.grid, table.header, table.headings, lines.index, table.columns.values())
    settled = (lines["settled_on"] <= pd.Timestamp(as_of)) | (lines["settled_on"].isna() & lines["closed"].astype(bool))
    joined = lines["lettering"] != "" if "lettering" in lines else pd.Series(False, index=lines.index)  # what is left of them is found together
    settled &= ~joined
    duplicate, again = pd.Series(False, index=lines.index), pd.Series(False, index=lines.index)
    if t.repeat:
        alike = lines.index[lines["document"].duplicated(keep=False) & ~t.unnumbered]
        alike = alike[lines.loc[alike].duplicated(["payer", "document"], keep=False)]
        duplicate[alike] = table.grid.cells.loc[alike].duplicated() & ~joined[alike]
        if of_lines(table.headings):
            again[alike] = lines.loc[alike, list(OF_DOCUMENT)].duplicated() & ~duplicate[alike]
    tests = {
        "quote": fields == UNCLOSED,
        "fields": broken,
        "payer": lines["payer"] == "",
        "document": lines["document"] == "",
        "exponent": _shortened(lines["payer"]) | _shortened(lines["document"]),
        "digits": cut(table, "payer", lines["payer"]) | cut(table, "document", lines["document"]),
        "error": errors(lines["company"]) | errors(lines["payer"]) | errors(lines["document"]),
        "currency": ~lines["currency"].isin(CURRENCIES),
        "currencies": lines["two_currencies"],
        "sign": t.signless,
        "amount": bad["open_minor"] | (lines["amount_blank"] & (not table.profile.empty_is_zero)),
        "settled_on": bad.get("settled_on", pd.Series(False, index=lines.index)),
        "due_date": bad.get("due_date", pd.Series(False, index=lines.index)) & ~settled,
    }
    summed = _sums(table, lines, bad, broken)
    reason = worded(("", *tests, "key", "lines"), [("", summed), *tests.items()], default="", index=lines.index)
    kind = worded(RECORDS, [
        ("total", summed), ("rejected", reason != ""), ("settled", settled), ("duplicate", duplicate | again), ("zero", lines["open_minor"] == 0),
    ], default="item", index=lines.index)  # fmt: skip
    reason = reason.mask(again & (kind == "duplicate"), "lines")
    every = ledger.index
    kind = ledger.where(ledger != "", kind.reindex(every, fill_value=""))
    return pd.DataFrame({"number": table.grid.numbers, "kind": kind, "reason": reason.reindex(every, fill_value="")}, index=every)


def _shortened(ids: pd.Series) -> pd.Series:
    """Which numbers Excel has shortened to 1,93E+09."""
    return ids.str.contains(EXPONENT) if holds(ids, b"e", b"E") else pd.Series(False, index=ids.index)


def cut(table: Table, field: str, ids: pd.Series) -> pd.Series:
    """Which numbers have lost their last figures: a number of a sheet keeps fifteen. A text may end in zero by chance, not all of a column."""
    if longest(ids) <= KEPT:
        return pd.Series(False, index=ids.index)
    long = ids.str.contains(r"^[0-9]{16,}$")
    if not long.any():
        return long
    ends = ids[long].str[15:].str.strip("0") == ""
    return long & (ids.index.isin(list(table.grid.long.get(table.columns.get(field, -1), ()))) | bool(ends.all() and len(ends) > 2))


def _sums(table: Table, lines: pd.DataFrame, bad: pd.DataFrame, broken: pd.Series) -> pd.Series:
    """Which lines are sums of lines before them: without document and dates, and marked as such or equal to what they would add up.

    That is what stands above since the last such line, what stands above for the same payer, or all that stands above, in the same currency.
    """
    readable = ~(bad["open_minor"] | lines["amount_blank"])
    dated = lines[list(DATES)].notna().any(axis=1) | bad[[f for f in DATES if f in bad]].any(axis=1)
    suspect = ((lines["document"] == "") | _starred(lines["payer"])) & ~dated & readable & ~broken
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


def _starred(payers: pd.Series) -> pd.Series:
    return payers.str.fullmatch(r"\*+") if holds(payers, b"*") else pd.Series(False, index=payers.index)


def keyed(table: Table, judgement: pd.DataFrame, t: Typed) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Judgement and lines once every item has its own key: due dates become instalments, and a key with two amounts on one due date is rejected.

    Third: for every rejected position the position of the first line with its key.
    """
    if not t.repeat:
        return judgement, t.lines, pd.Series(dtype="int64")
    lines, at = t.lines, among(judgement.index, judgement["kind"] == "item")
    key = ["company", "payer", "document", "instalment"]
    items = picked(lines, at)
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
