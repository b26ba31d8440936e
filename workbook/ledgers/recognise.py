"""Which system wrote an export, which of its tables holds the open items, and where its headings stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from rules.errors import LedgerError
from workbook.ledgers import ages, dates, headings, mapping, sections
from workbook.ledgers.answers import Answers
from workbook.ledgers.grid import Grid
from workbook.ledgers.headings import normal
from workbook.ledgers.profiles.profile import COMPUTED, Profile
from workbook.ledgers.profiles.registry import GENERIC, PROFILES
from workbook.ledgers.table import ENDS, Table, repeated, reprinted, shifted
from workbook.ledgers.unclear import Choice, Unclear
from workbook.ledgers.whole import all_over
from workbook.ledgers.words import CURRENCIES, FURNITURE, TOTALS

DEPTH = 60  # records among which the headings are looked for
SAMPLED = 20_000  # records of a long table that say what its columns hold
HEADED = ("rejected", "header", "furniture", "group", "total")  # what the headings of a second table are taken for
LEAST = 4  # headings of a table of which none is known
AMOUNT = r"^[-+(]?[0-9][0-9 .,'\u00a0\u202f]*[-)]?$"
NAMED = 100  # records looked at for a column that these leave empty
KNOWN = 100  # a header that a profile knows stands before any other
PLAUSIBLE = (("document",), ("open_minor", "debit", "original_minor", "due_date"))  # one of each names a table of open items


@dataclass(frozen=True)
class Candidate:
    """A table that a grid may hold: `header` and `top` as in `Table`, `names` the headings."""

    grid: Grid
    profile: Profile
    score: int
    header: int
    top: int
    names: list[str]

    @property
    def plausible(self) -> bool:
        """Whether its headings are those of open items and there is something under them."""
        body = self.grid.cells.iloc[self.header + 1 :]
        if not any((body[at] != "").any() for at in body):
            return False
        words, ranks = {normal(n) for n in self.names if n}, headings.ranks()
        return self.score >= KNOWN or all(any(words & ranks[f].keys() for f in fields) for fields in PLAUSIBLE)


def located(grids: Sequence[Grid], answers: Answers) -> list[Table]:
    """The table of the export with its columns mapped, or those of postings that several files of one zip hold.

    Raises LedgerError when no record looks like headings, Unclear when two tables do.
    """
    forced = profile_named(answers.profile) if answers.profile else None
    found = _pages([_candidate(grid, answers.fields, forced) for grid in _asked_for(grids, answers)])
    best = max(found, key=lambda c: (c.plausible, c.score))
    if best.score < 2:
        best = next((c for grid in _asked_for(grids, answers) if (c := _unknown(grid, forced or GENERIC))), best)
    if best.score < 2:
        raise _headless(best.grid, grids)
    rivals = [c for c in found if c.plausible and (c.score >= KNOWN) == (best.score >= KNOWN)]
    if _together(rivals):
        return [_table(c, answers) for c in rivals]
    if len(rivals) > 1:
        raise _which(rivals)
    return [_table(best, answers)]


def _together(rivals: Sequence[Candidate]) -> bool:
    """Whether tables are the years, or the batches and master data, of one ledger of postings: each in a file of its own inside a zip."""
    profiles, members = {c.profile.name for c in rivals}, {c.grid.member for c in rivals}
    return len(profiles) == 1 and len(members) == len(rivals) > 1 and rivals[0].profile.postings is not None


def profile_named(name: str) -> Profile:
    """The profile of that name or system. Raises LedgerError listing them."""
    for profile in (*PROFILES, GENERIC):
        if normal(name) in (normal(profile.name), normal(profile.system)):
            return profile
    raise LedgerError(f"There is no profile {name!r}. The profiles are: {', '.join(p.name for p in (*PROFILES, GENERIC))}.")


def _asked_for(grids: Sequence[Grid], answers: Answers) -> list[Grid]:
    found = [g for g in grids if answers.member in ("", g.member) and answers.sheet in ("", g.sheet)]
    if not found:
        name, wanted = ("member", answers.member) if answers.member and all(g.member != answers.member for g in grids) else ("sheet", answers.sheet)
        there = list(dict.fromkeys(getattr(g, name) for g in grids))
        what = "file" if name == "member" else "sheet"
        raise Unclear(
            f"{grids[0].file} has no {what} “{wanted}”. It has: {', '.join(t for t in there if t) or 'none'}.",
            name, tuple(Choice(t, t) for t in there if t),
        )  # fmt: skip
    return found


# ---------------------------------------------------------------------------------------------------------------- headings


def _candidate(grid: Grid, said: Mapping[str, str], forced: Profile | None) -> Candidate:
    """The best header of a grid: one that a profile knows, else the record that names most fields."""
    records = [[str(c) for c in row] for row in grid.cells.head(DEPTH).itertuples(index=False)]
    pairs = [(at, at) for at in range(len(records))] + [(at, at + 1) for at in range(len(records) - 1)]
    joined = {pair: records[pair[0]] if pair[0] == pair[1] else _joined(records[pair[0]], records[pair[1]]) for pair in pairs}
    joined = {pair: names for pair, names in joined.items() if names}
    found: list[Candidate] = []
    for profile in (forced,) if forced else PROFILES:
        if profile.finds:
            at = profile.finds(grid)
            if at is not None:
                found.append(Candidate(grid, profile, 2 * KNOWN, at, at, records[at] if at < len(records) else []))
            continue
        marks = {pair: profile.fits(frozenset(normal(n) for n in names if n)) for pair, names in joined.items()}
        wrapped = {p for p in marks if p[0] < p[1] and marks[p] == marks[p[0], p[0]]}  # a header and what else its headings say below
        pair = max(marks, key=lambda p: (marks[p], p in wrapped, p[0] == p[1], -p[0]), default=(0, 0))
        if marks.get(pair) and _titled(profile, grid, records[: pair[0]]):
            found.append(Candidate(grid, profile, KNOWN + marks[pair] + bool(profile.title), pair[1], pair[0], joined[pair]))
    return max(found, key=lambda c: c.score) if found else _generic(grid, forced or GENERIC, joined, said)


def _generic(grid: Grid, profile: Profile, joined: Mapping[tuple[int, int], list[str]], said: Mapping[str, str]) -> Candidate:
    """The record that names most fields, the first of equals; two records together only where they name more than either alone, or the upper one
    says whose the lower ones are (Customer over No) or tells apart what they call the same (No, No).
    """
    joined = {pair: _grouped(names, joined[pair[1], pair[1]]) if pair[0] < pair[1] else names for pair, names in joined.items()}
    wanted = {normal(heading) for heading in said.values()}

    def score(names: list[str]) -> int:
        own = sum(any(normal(n) in words for n in names if n) for words in profile.ranks.values())
        return max(own, headings.understood(names)) + sum(normal(n) in wanted for n in names if n)

    scores = {pair: score(names) for pair, names in joined.items()}
    alone = {pair: s for pair, s in scores.items() if pair[0] == pair[1]}
    best = max(scores, key=lambda p: (scores[p], p[0] == p[1], -p[0]), default=(0, 0))
    single = max(alone, key=lambda p: (alone[p], -p[0]), default=(0, 0))
    if best[0] != best[1] and scores[best] <= alone.get(single, 0) + 1:
        best = single
    group = (single[0] - 1, single[0])
    if group in scores and (scores[group], len(set(joined[group]))) > (scores[single], len(set(joined[single]))):
        best = group
    if best[0] == best[1] and not _dued(joined.get(best, [])):  # "Fällig" above "am" is a due date, "am" alone is nothing
        both = [pair for pair, s in scores.items() if pair[0] != pair[1] and best[0] in pair and s >= scores.get(best, 0) and _dued(joined[pair])]
        best = both[0] if both else best
    return Candidate(grid, profile, scores.get(best, 0), best[1], best[0], joined.get(best, []))


def _grouped(names: list[str], lower: list[str]) -> list[str]:
    """Headings of two records where the upper one may hold groups: Customer over No; where both together are not known, the lower one alone."""
    return [own if own and headings.known(own) and not headings.known(name) else name for name, own in zip(names, lower, strict=True)]


def _unknown(grid: Grid, profile: Profile) -> Candidate | None:
    """Headings of which none is known: the first record of distinct texts without figures that stands above a line with a date and an amount."""
    records = [[str(c) for c in row] for row in grid.cells.head(DEPTH).itertuples(index=False)]
    for at, (names, line) in enumerate(pairwise(records)):
        words, below = [n for n in names if n], pd.Series(line, dtype="str")
        if len(words) < LEAST or len(set(words)) < len(words) or any(c.isdigit() for n in words for c in n):
            continue
        dated = dates.looks_like_a_date(below, bool(grid.sheet)) & (below != "")
        if dated.any() and (below[~dated].str.contains(AMOUNT)).any():
            return Candidate(grid, profile, 2, at, at, names)
    return None


def _dued(names: list[str]) -> bool:
    return any(normal(name) in headings.ranks()["due_date"] for name in names if name)


def _joined(upper: list[str], lower: list[str]) -> list[str]:
    """Headings that stand in two records, "Net due" above "date"; none where the lower record holds figures or one of the two is blank."""
    if any(c.isdigit() for cell in lower for c in cell) or sum(map(bool, lower)) < 2 or sum(map(bool, upper)) < 2:
        return []
    return [f"{a} {b}".strip() if a != b else a for a, b in zip(upper, lower, strict=True)]


def _titled(profile: Profile, grid: Grid, above: list[list[str]]) -> bool:
    """Whether the name of the sheet or a record above the header is the title that the profile wants."""
    lines = [grid.sheet, *(" ".join(c for c in record if c) for record in above)]
    return not profile.title or any(re.search(rf"(?i){profile.title}", line) for line in lines)


def _pages(found: list[Candidate]) -> list[Candidate]:
    """Web pages print a table per page or payer: those with the same headings are one."""
    made: list[Candidate] = []
    for one in found:
        same = next((c for c in made if not one.grid.sheet and one.names and (c.names, c.grid.member) == (one.names, one.grid.member)), None)
        if same is None or same.grid.container == "csv":
            made.append(one)
            continue
        grid = replace(
            same.grid, cells=pd.concat([same.grid.cells, one.grid.cells], ignore_index=True).fillna(""),
            fields=np.append(same.grid.fields, one.grid.fields), numbers=np.append(same.grid.numbers, one.grid.numbers),
            findings=[*same.grid.findings, *one.grid.findings],
        )  # fmt: skip
        made[made.index(same)] = replace(same, grid=grid)
    return made


# ---------------------------------------------------------------------------------------------------------------- the table


def _table(found: Candidate, answers: Answers) -> Table:
    grid, profile = found.grid, found.profile
    names = [*found.names, *[""] * (grid.cells.shape[1] - len(found.names))]
    if profile.postings:
        return Table(grid, found.header, names, {}, profile, found.top)
    if profile.prepared:
        grid = profile.prepared(grid, found.header)
        names += [str(grid.cells[at].iloc[found.header]) for at in list(grid.cells)[len(names) :]]
    body, sheet = _bodied(grid, found.header, names), bool(grid.sheet)
    if "open_minor" not in profile.fields and (aged := ages.opened(grid, found.header, names, body.index)):
        grid = aged
        names.append(str(grid.cells[max(grid.cells)].iloc[found.header]))
        body = body.join(grid.cells[[max(grid.cells)]])
    columns = mapping.mapped(names, body, answers.fields, profile, sheet=sheet)
    groups = np.empty(0, np.int64)
    coded = "currency" not in columns and bool(grid.cells[0].iloc[found.header + 1 :].str[:3].isin(CURRENCIES).any())
    if coded or profile.sections or "payer" not in columns or (grid.cells[columns["payer"]] == "").any():
        lined, again = _lined(grid, columns, sheet), repeated(grid, found.header, sorted(set(columns.values())))
        below = np.arange(len(lined)) > found.header
        numbers = grid.cells[columns["document"]] if "document" in columns else None
        lines = lined & ~again & below & ((numbers != "") & ~numbers.str.contains(ENDS) if numbers is not None else True)
        columns = _of_lines(grid, columns, lines)
        apart = bool(profile.sections) or "payer" not in columns
        if apart or coded:
            said = sections.section_rows(grid, found.top, found.header, lined, again)
            if not apart:  # payers stand on the lines, rows of their own hold currencies
                said = said[(said["currency"] != "") & (said["payer"] == "")][["payer", "currency"]]
            grid, added = sections.carried(grid, said, tuple(f for f in said if f not in columns), lines.index[lines])
            columns, groups = columns | added, said.index.to_numpy()
            names += [""] * len(added)
        if not apart and "document" in columns:
            grid, _ = sections.first_lines(grid, lines, columns)
    table = Table(grid, found.header, names, columns, profile, found.top, groups)
    mapping.in_full(columns, names, table.preamble)
    mapping.complete(columns, names, body, answers.fields, profile, sheet=sheet)
    return table


def _of_lines(grid: Grid, columns: dict[str, int], lines: pd.Series) -> dict[str, int]:
    """The columns without those of the payer where no line names one: it stands above or below them, in rows of its own."""
    own = {f for f in ("payer", "payer_name") if f in columns and (grid.cells[columns[f]][lines] != "").any()}
    there = {f: at for f, at in columns.items() if f in own or f not in ("payer", "payer_name")}
    return there if "payer" not in own and lines.any() else columns


def _lined(grid: Grid, columns: Mapping[str, int], sheet: bool) -> pd.Series:
    """Which records are lines or sums: they have an amount or a date."""
    lined = pd.Series(False, index=grid.cells.index)
    for name in ("open_minor", "debit", "credit", "original_minor"):
        lined |= grid.cells[columns[name]] != "" if name in columns else False
    for name in ("document_date", "due_date"):
        lined |= dates.looks_like_a_date(grid.cells[columns[name]], sheet) & (grid.cells[columns[name]] != "") if name in columns else False
    return lined


def _bodied(grid: Grid, header: int, names: list[str]) -> pd.DataFrame:
    """Records from all over the table, without those that say nothing about what a column holds: headings again, sections, sums, footers,
    and rows whose columns moved, unless all have.

    Of a long table records from all over; a column that is empty in all of them is looked at whole.
    """
    body = grid.cells.iloc[header + 1 :]
    some = all_over(body, SAMPLED)
    late = [at for at in body if not (some[at] != "").any() and (body[at] != "").any()]
    if late:
        some = body.loc[some.index.union([i for at in late for i in body.index[body[at] != ""][:NAMED]])]
    titles = {at: heading for at, heading in grid.cells.iloc[header].items() if heading}
    again = sum((some[at] == heading).astype("int64") for at, heading in titles.items()) * 2 > len(titles)
    first = pd.Series("", index=some.index, dtype="str")
    for column in some:
        first = first.where(first != "", some[column])
    ends = first.str.contains(rf"(?i)^\s*(?:{TOTALS}|{FURNITURE})")
    filled = (some != "").sum(axis=1)
    sparse = filled <= min(sections.MOST_CELLS, max(sum(map(bool, grid.cells.iloc[header])) - 2, 0))
    few, foot = some[filled < filled.median()], pd.Series(False, index=some.index)  # a footer has fewer cells than a line
    if len(few):
        foot[few.index] = np.logical_or.reduce([few[at].str.contains(rf"(?i)^\s*{FURNITURE}").to_numpy(dtype=bool) for at in few])
    some = some[~(again | ends | sparse | foot | reprinted(grid.cells, header).loc[some.index])]
    moved = shifted(grid, header, names, some.index)
    return some if moved.all() else some[~moved]


# ---------------------------------------------------------------------------------------------------------------- questions


def second_table(found: Table, judgement: pd.DataFrame) -> LedgerError | None:
    """What to say where headings stand below the table that are not its own: the rows under them are those of another list."""
    cells, own = found.grid.cells, {found.columns[f] for f in ("payer", "document", "open_minor") if f in found.columns}
    own = [at for at in own if found.headings[at] and not found.headings[at].startswith(COMPUTED)]
    first = int((judgement["kind"] == "item").to_numpy().argmax())  # headings in a second language stand above it
    below = judgement.index[judgement["kind"].isin(HEADED) & (np.arange(len(cells)) > first)]
    some = cells.loc[below]
    other = np.logical_or.reduce([(some[at] != "") & (some[at] != cells[at].iloc[found.header]) for at in own]) if own else some[0] != ""
    figures = np.logical_or.reduce([some[at].str.contains("[0-9]") for at in some])
    some = some[other & ((some != "").sum(axis=1) >= LEAST) & ~figures]
    for at, row in some.iterrows():
        names = [str(c) for c in row if c]
        if headings.understood(names) >= LEAST:
            return LedgerError(
                f"{found.grid.place(int(str(at)))} has the headings of a second table ({', '.join(names[:4])} …), others than those of the first."
                " Keep the table of the open items alone, save the file and import that."
            )
    return None


def split_amounts(found: Table, judgement: pd.DataFrame) -> LedgerError | None:
    """What to say where every line has more fields than there are headings, because the commas of its amounts stand for separators as well."""
    lines = judgement[judgement["kind"].isin(["item", "rejected"])]
    at = min((found.columns[f] for f in headings.AMOUNTS if f in found.columns), default=-1)
    if found.grid.separator != "," or not len(lines) or (lines["reason"] != "fields").any() or at + 1 not in found.grid.cells:
        return None
    whole, decimals = (found.grid.cells[column][lines.index] for column in (at, at + 1))
    fields, expected = found.grid.fields[lines.index], int(found.grid.fields[found.header])
    if not ((fields > expected).all() and whole.str.fullmatch("[-+]?[0-9]+").all() and decimals.str.fullmatch("[0-9]{1,2}").all()):
        return None
    return LedgerError(
        f"{found.grid.place(lines.index[0])} has {fields[0]} fields under {expected} headings, and so has every line: the comma stands between fields"
        " and before the decimals. Export with semicolons or tabs between the fields, or with the amounts in quotes."
    )


def whole_journal(found: Table, lines: pd.DataFrame) -> LedgerError | None:
    """What to say where most lines are of documents that balance over several accounts: both sides of every posting."""
    again = lines[lines["document"].duplicated(keep=False) & (lines["document"] != "")]
    document = again.groupby(["company", "document", "currency"])
    balanced = (document["open_minor"].transform("sum") == 0) & (document["payer"].transform("nunique") > 1)
    if balanced.sum() * 2 <= len(lines):
        return None
    first = again.loc[balanced, "document"].iloc[0]
    return LedgerError(
        f"{found.grid.file} is a journal of all accounts: the debits and credits of its documents balance (first: {first})."
        " Export the accounts of the customers alone, or their open items."
    )


def _which(rivals: Sequence[Candidate]) -> Unclear:
    """Several tables could be the open items."""
    name = "member" if len({c.grid.member for c in rivals}) > 1 else "sheet"
    there = [str(getattr(c.grid, name)) for c in rivals]
    if len(set(there)) < len(there):  # several tables of one web page: nobody can name them
        best = max(rivals, key=lambda c: len(c.grid.cells))
        raise LedgerError(
            f"{best.grid.file} holds {len(rivals)} tables that could be the open items."
            " Save the one with the open items as .xlsx or .csv and import that."
        )
    what = "files" if name == "member" else "sheets"
    return Unclear(
        f"{rivals[0].grid.file} has several {what} that could be the open items: {', '.join(there)}. Say which.",
        name, tuple(Choice(t, f"{t} ({len(c.grid.cells):,} rows)") for t, c in zip(there, rivals, strict=True)),
    )  # fmt: skip


def _headless(grid: Grid, grids: Sequence[Grid]) -> LedgerError:
    """No record looks like headings; perhaps a hidden sheet holds them."""
    first = next((" | ".join(c for c in row if c) for row in grid.cells.head(DEPTH).itertuples(index=False) if any(row)), "")
    sentence = (
        f"{grid.file}: no row of headings was found in the first {DEPTH} rows (the first filled row reads: {first[:120]})."
        " Export with headings such as Customer, Document, Due date, Open amount."
    )
    hidden = next((str(f.values["sheets"]) for g in grids for f in g.findings if f.code == "export_hidden_sheets"), "")
    if not hidden:
        return LedgerError(sentence)
    choices = tuple(Choice(name, name) for name in hidden.split(", "))
    return Unclear(f"{sentence} Or the open items are on a hidden sheet ({hidden}).", "sheet", choices)
