"""Rows that hold what the lines around them have in common: the payer, a currency, or an ageing bucket that says nothing of a payer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from babel import Locale

from rules.findings import Finding
from rules.model import Severity
from rules.written import first_few
from workbook.ledgers import dates
from workbook.ledgers.grid import Grid
from workbook.ledgers.words import BUCKETS, CURRENCIES, FURNITURE, LABELS, TOTALS

NUMBER_AND_NAME = r"^(?P<payer>[0-9]{3,})\s+(?P<payer_name>\D.*)$"  # of all sections, or it is a name that begins with a number
LEAST_UNNAMED, UNNAMED = 2, 0.2  # lines without payer, and their share, that make a list of payers on their first line
CODE_AND_NAME = r"^\[?(?P<payer>[\w./]*[0-9][\w./]*)\]?(?:\s+[-–:·|]\s+|\s*:\s+|\]\s*)(?P<payer_name>\S.*)$"
CODE = "[A-Z0-9]{1,6}"
MOST_SUMMED = 4  # cells of a row that has the account's sum as well: label, amount, currency
MOST_CELLS = 2  # of a row without label: a code and a name
PAYERS = "|".join(re.escape(label) for label in LABELS["payer"].split("|"))
LABELLED = rf"(?i)(?:{PAYERS})\.?\s*:"
CODED = rf"(?i)(?:{PAYERS})\s+\S*[0-9]\S*$"  # a label with the account alone, "Compte 4110001", as SAP has it on the row of the sum


def section_rows(grid: Grid, top: int, header: int, lined: pd.Series, again: pd.Series) -> pd.DataFrame:
    """The rows that head a section: one per row, index = position, columns of `LABELS` ("" = does not say).

    `top` and `header` as in `Table`; `lined`: which records have an amount or a date, `again`: a repeated heading, so that they head nothing. Buckets
    are among the rows, with nothing said. Above the headings only rows with labels head a section, and the row right above them where such a row
    stands right above most of those that are repeated.
    """
    cells, lined = grid.cells, lined | again
    filled = (cells != "").sum(axis=1)
    coded = cells[0].str.match(CODED) & (filled <= MOST_SUMMED)
    told = cells[0].str.match(LABELLED) | ((cells[0] == "") & cells.get(1, cells[0]).str.match(LABELLED)) | coded
    bare = (filled > 0) & (~lined | told) & (np.arange(len(cells)) != header)
    some = cells[bare]
    if not len(some):
        return pd.DataFrame(columns=[*LABELS], index=pd.Index([], dtype="int64"), dtype="str")
    text = some[0].astype("str").where(~coded[bare], some[0].str.replace(r"\s+", ": ", n=1, regex=True))
    for at in list(some)[1:]:
        text = text.str.cat(some[at], sep="\t")
    text = text.str.replace(r"\t{2,}", "\t", regex=True).str.strip("\t")
    plain = text.str.replace("\t", " ", regex=False).str.replace(r"\s+", " ", regex=True).str.strip()
    heads = _right_above(filled, top, again)
    few = some.index[filled[bare] <= MOST_CELLS]
    titles = plain.reindex([at for at in heads if at in few])
    above = np.asarray(some.index < (heads[0] if heads[0] in few and 2 * (len(titles) - 1) > len(heads) - 1 > 0 else top))
    rest = plain.str.replace(rf"(?i)^\s*{TOTALS}(?: for| pour| für)?[\s:]*", "", regex=True)
    summed = (rest != plain) & ((rest == "") | rest.isin(plain))  # Total Gaz is a name, unless Gaz is one
    furniture = summed | plain.str.match(rf"(?i)\s*{FURNITURE}") | dates.printed(plain)
    if titles.nunique() == 1 < len(titles) and len(few.difference(titles.index)):  # every page has the same one
        furniture |= np.asarray(some.index.isin(titles.index))
    bucket = plain.str.contains(rf"(?i){BUCKETS}")
    said = _labelled(text)
    labelled = (said != "").any(axis=1)
    below = filled[bare].le(MOST_CELLS) & ~above & ~bucket & ~furniture
    if not labelled[~above].any() and below.any():  # what is labelled above the headings is a filter of the report, not the first section
        said[above] = ""
        labelled &= ~above
    named = labelled | ((filled[bare] <= MOST_CELLS) & ~above)
    alone = named & ~labelled & ~bucket & ~furniture
    if (said["payer"] != "").any():  # where labels say who pays, a text alone is the title of a page
        named &= ~alone
        alone &= False
    money = alone & plain.map(_is_currency)
    said.loc[money, "currency"] = plain[money].str[:3]
    alone &= ~money
    if alone.any():
        pairs = text[alone].str.split("\t", expand=True)
        split = plain[alone].str.extract(CODE_AND_NAME)
        if not split["payer"].notna().all() and alone.sum() > 1:
            split = plain[alone].str.extract(NUMBER_AND_NAME)
        if pairs.shape[1] == 2 and pairs.notna().all(axis=None):
            split = pairs.set_axis(["payer", "payer_name"], axis=1)
            if split["payer_name"].str.contains(r"^\S*[0-9]\S*$").all() and not split["payer"].str.contains("[0-9]").all():
                split = pairs.set_axis(["payer_name", "payer"], axis=1)  # the name first
        both = bool(split["payer"].notna().all())
        said.loc[alone, "payer"] = split["payer"] if both else plain[alone]
        said.loc[alone, "payer_name"] = split["payer_name"] if both else plain[alone]
    return said[named & ~furniture]


def _right_above(filled: pd.Series, top: int, again: pd.Series) -> list[int]:
    """The positions of the filled records right above the headings, -1 for none, and above each that repeats them."""
    there = filled.index[filled > 0]
    before = pd.Series(there, index=there).shift(fill_value=-1)
    return [int(at) for at in before[[top, *again.index[again]]]]


def _is_currency(text: str) -> bool:
    """Whether a row reads EUR, or "USD US Dollar": a payer may be called CAD Systems."""
    code, _, name = text.partition(" ")
    return code in CURRENCIES and (not name or name.strip(" -–()").casefold() == Locale("en").currencies[code].casefold())


def _labelled(text: pd.Series) -> pd.DataFrame:
    """What rows such as `A/C: BUS001 Name: Business Ltd` say, whether they stand in one cell or in several (tabs between)."""
    every = "|".join(re.escape(label) for labels in LABELS.values() for label in sorted(labels.split("|"), key=len, reverse=True))
    made = pd.DataFrame("", index=text.index, columns=[*LABELS], dtype="str")
    for name, labels in LABELS.items():
        either = "|".join(re.escape(label) for label in sorted(labels.split("|"), key=len, reverse=True))
        before, after = rf"(?:^|\t|\s)(?:{either})\.?(?:\s*:[\s\t]*|\t|\s{{2,}})", rf"(?=\s*(?:\t|$)|\s+(?:{every})\.?\s*:)"
        found = text.str.extract(rf"(?i){before}(?P<value>\S.*?){after}")["value"]
        made[name] = found.fillna("").where(~found.fillna("").str.contains(rf"(?i)^(?:{every})\.?\s*:?$"), "")
    begins = text.str.contains(rf"(?i)^(?:{every})\.?\s*(?::|\t|\s{{2,}})")
    short = made["payer"].str.extract(r"^(?P<payer>[\w./-]*[0-9][\w./-]*)(?:\s*[-–:]\s*|\s+)(?P<payer_name>\S.*)$")
    both = short["payer"].notna() & (made["payer_name"] == "")
    made.loc[both, ["payer", "payer_name"]] = short[both]
    payers = "|".join(re.escape(label) for label in sorted(LABELS["payer"].split("|"), key=len, reverse=True))
    beside = text.str.extract(rf"(?i)^(?:{payers})\.?(?:\s*:[\s\t]*|\t)[^\t]+\t(?P<name>[^\t:]+)$")["name"]
    nameless = beside.notna() & (made["payer"] != "") & (made["payer_name"] == "")
    made.loc[nameless, "payer_name"] = beside[nameless]
    made["company"] = made["company"].where(made["company"].str.fullmatch(CODE), "")  # a name is that of whoever made the report
    return made.where(begins, "")


def first_lines(grid: Grid, lines: pd.Series, columns: Mapping[str, int]) -> tuple[Grid, pd.Index]:
    """The grid with the payer on every line where it stands on the first line of each payer alone, and the positions that were empty.

    That is so where no payer stands twice and at least a fifth of the lines, and two, name nobody. `lines`: which records are lines.
    """
    payers = grid.cells[columns["payer"]][lines]
    named, unnamed = payers.index[payers != ""], payers.index[payers == ""]
    names = columns.get("payer_name", columns["payer"])
    if len(unnamed) < LEAST_UNNAMED or len(unnamed) < UNNAMED * len(payers) or payers.index[0] in unnamed or payers[named].duplicated().any():
        return grid, unnamed[:0]
    if (grid.cells[names][unnamed] != "").any():
        return grid, unnamed[:0]
    cells = grid.cells.copy(deep=False)
    for at in {columns["payer"], names}:
        own = cells[at].copy()
        own[unnamed] = own[payers.index].where(payers != "").ffill()[unnamed]
        cells[at] = own.astype("str")
    finding = Finding(
        "export_payers_carried", Severity.WARNING, place=grid.file,
        values={"count": len(unnamed), "rows": first_few(grid.numbers[unnamed])},
    )  # fmt: skip
    return replace(grid, cells=cells, findings=[*grid.findings, finding]), unnamed


def carried(grid: Grid, said: pd.DataFrame, missing: tuple[str, ...], lines: pd.Index) -> tuple[Grid, dict[str, int]]:
    """The grid with a column for each field of `missing` that section rows say, carried to their lines; and where these columns stand.

    The word of a section holds until the next one; where the first of the `lines` stands before the first payer and the last before the last one,
    payers stand below their lines.
    """
    cells, columns = grid.cells.copy(deep=False), dict[str, int]()
    payers = said.index[said["payer"] != ""]
    below = bool(len(payers) and len(lines)) and lines[0] < payers[0] and lines[-1] < payers[-1]
    for name in missing:
        rows = said[said[name] != ""]
        if not len(rows):
            continue
        column = pd.Series(np.nan, index=cells.index, dtype="object")
        column[rows.index] = rows[name]
        if name in ("payer_name", "contact", "phone"):  # of another payer they say nothing
            column[said.index[(said["payer"] != "") & (said[name] == "")]] = ""
        column = column.bfill() if below else column.ffill()
        columns[name] = max(cells) + 1
        cells[columns[name]] = column.fillna("").astype("str")
    return replace(grid, cells=cells), columns
