"""Whether the sums printed in an export agree with its lines: the grand total, and the sum of each payer or section."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from rules.findings import Finding
from rules.model import Severity
from rules.money import decimals_of
from rules.written import Amount
from workbook.ledgers import amounts
from workbook.ledgers.remarks import places
from workbook.ledgers.table import Table

PROOFS = ("export_repeats_counted", "export_total_unrepeated")  # what says whether a printed total counts repeated rows


def printed(table: Table, judgement: pd.DataFrame, lines: pd.DataFrame, totals: pd.DataFrame, currency: str, mark: str) -> list[Finding]:
    """A note or a warning for the total of each currency, and one warning for all sums within the list that differ.

    The last total of a currency counts, unless an earlier one agrees. A sum within the list agrees when it is that of its section, of its payer, or
    of all lines above it.
    """
    at = judgement.index[judgement["kind"] == "total"]
    at = at[at > table.header]
    if not len(at) or not ({"open_minor"} <= set(table.columns) or {"debit", "credit"} <= set(table.columns)):
        return []
    codes = table.texts("currency").loc[at].str.upper() if "currency" in table.columns else pd.Series("", index=at, dtype="str")
    codes = codes.where(codes.str.fullmatch("[A-Z]{3}"), "")
    if (codes == "").all() and len(totals) > 1:
        return []  # a sum over several currencies is no sum
    codes = codes.where(codes != "", totals["currency"].iloc[0] if len(totals) == 1 else currency)
    stated = _stated(table, at, codes, mark)
    usable = ~stated.blank & ~stated.unreadable
    sums = _sums(table, judgement, lines, stated.minor[usable], codes[usable])
    found: list[Finding] = []
    files, repeats = (dict(zip(totals["currency"], totals[name], strict=True)) for name in ("file_minor", "duplicate_minor"))
    ends = lines.index[judgement.loc[lines.index, "kind"] != "total"].max() if len(lines) else -1
    for name, rows in sums.groupby("currency"):
        total, repeated = int(files.get(name, 0)), int(repeats.get(name, 0))
        whole, single = rows[rows["stated"] == total], rows[(rows["stated"] == total - repeated) & (repeated != 0)]
        last = rows[(rows.index > ends) & ~rows["agrees"]]
        if len(whole) and repeated:
            found.append(_told("export_repeats_counted", Severity.WARNING, table, name, total, total, whole.index[-1]))
        elif len(single):
            found.append(_told("export_total_unrepeated", Severity.NOTE, table, name, total - repeated, total, single.index[-1]))
        elif len(whole):
            found.append(_told("export_total_agrees", Severity.NOTE, table, name, total, total, whole.index[-1]))
        elif len(last):
            found.append(_told("export_total_differs", Severity.WARNING, table, name, int(last["stated"].iloc[-1]), total, last.index[-1]))
        differing = rows[~rows["agrees"] & ~rows["stated"].isin([total, total - repeated]) & ~rows.index.isin(last.index[-1:])]
        if len(differing):
            first = differing.iloc[0]
            values = {
                "count": len(differing), "rows": places(table, differing.index), "row": int(table.grid.numbers[differing.index[0]]),
                "stated": Amount(int(first["stated"]), str(name)), "sum": Amount(int(first["section"]), str(name)),
            }  # fmt: skip
            found.append(Finding("export_subtotals_differ", Severity.WARNING, place=table.grid.file, values=values))
    return found


def _told(code: str, severity: Severity, table: Table, currency: object, stated: int, total: int, row: int) -> Finding:
    shown = {"stated": Amount(stated, str(currency)), "sum": Amount(total, str(currency))}
    return Finding(code, severity, place=table.grid.file, values={"row": int(table.grid.numbers[row]), **shown})


def _stated(table: Table, at: pd.Index, codes: pd.Series, mark: str) -> amounts.Amounts:
    """The amounts that the rows of totals state, debit less credit where there is such a pair."""
    names = ("open_minor",) if "open_minor" in table.columns else ("debit", "credit")
    texts = {name: table.texts(name).loc[at] for name in names}
    plain = {name: t.str.contains(amounts.PLAIN) & bool(table.grid.sheet) for name, t in texts.items()}
    read = amounts.read(texts, dict.fromkeys(names, ""), decimals_of(codes), said=mark or ".", numbers=plain)[0]
    if "open_minor" not in read:
        return amounts.difference(read["debit"], read["credit"])
    stated = read["open_minor"]
    if "sign" in table.columns:
        signs = table.texts("sign").loc[at].str.casefold()
        stated = replace(stated, minor=stated.minor.where(~signs.isin(["h", "c", "cr", "haben"]), -stated.minor))
    return stated


def _sums(table: Table, judgement: pd.DataFrame, lines: pd.DataFrame, stated: pd.Series, codes: pd.Series) -> pd.DataFrame:
    """For each row of a total: currency, stated, section (the sum of the lines since the last total, of all lines where there are none), agrees."""
    counted = lines[judgement.loc[lines.index, "kind"] != "total"]
    payer = table.texts("payer")
    payer = payer.where(payer.isin(counted["payer"].unique())).loc[counted.index.union(stated.index)]
    every = pd.DataFrame({
        "currency": pd.concat([counted["currency"], codes]), "amount": pd.concat([counted["open_minor"], stated * 0]),
        "total": pd.concat([pd.Series(False, index=counted.index), pd.Series(True, index=stated.index)]), "payer": payer,
    }).dropna(subset=["currency"]).sort_index()  # fmt: skip
    by = every["currency"]
    block = every["total"].groupby(by).cumsum() - every["total"]
    every["section"] = every["amount"].groupby([by, block]).cumsum()
    every["above"] = every["amount"].groupby(by).cumsum()
    lined = (~every["total"]).groupby([by, block]).cumsum() > 0
    every["section"] = every["section"].where(lined, every["above"])  # two sums in a row: the second is of everything above
    every["payer"] = every["payer"].ffill().fillna("")
    every["own"] = every["amount"].groupby([by, every["payer"]]).cumsum()
    rows = every.loc[stated.index].assign(stated=stated)
    rows["agrees"] = (rows["stated"] == rows["section"]) | (rows["stated"] == rows["above"]) | (rows["stated"] == rows["own"])
    return rows
