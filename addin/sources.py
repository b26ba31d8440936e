"""What was learned about a source of exports: the answers a person gave once, the layout that was read, and what changed in it since.

A source is a name on the Config table of profiles: the one given, else the system the export was recognised as, else the name of the file without
digits and months. Its rows: for every field of the ledger the heading it is read from; the answers given (currency, date_order, sheet …); `said`,
which fields a person named; `headings`, all headings of the last export.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import pandas as pd

from rules import words
from rules.errors import LedgerError
from rules.model import Profile
from rules.row import typed
from rules.ways import Way
from workbook.book import Book
from workbook.ledgers import Answers, Export
from workbook.ledgers.headings import field_named, normal
from workbook.ledgers.unclear import NO_COLUMN, Choice, Unclear
from workbook.ledgers.words import MONTHS

APART = tuple(f.name for f in fields(Answers) if f.name != "fields")
CELLS = {a: f"assumed_{a}" if a in ("currency", "company") else a for a in APART}  # a field of the ledger has the same name
BETWEEN = " | "
ADVICE = (
    "Look at the export. If this is how it is from now on, accept the layout; if it is another kind of export, give it as a source a name of its own."
)
WAYS = (Way("accept_layout"), Way("source", text=True))
Read = Callable[[Answers], Export]


@dataclass(frozen=True)
class Source:
    """A source as remembered. `said`: the answers of a person. `layout`: field -> heading as last read. `profile`: what it was recognised as."""

    name: str
    said: Answers
    layout: dict[str, str]
    headings: tuple[str, ...]
    profile: str
    companies: tuple[str, ...]  # of exports without a column of companies

    @property
    def company(self) -> str:
        """The company of its exports, when there was never but one."""
        return self.companies[0] if len(self.companies) == 1 else ""


def read_source(book: Book, paths: Sequence[Path], given: Answers, name: str, read: Read, *, accept: bool) -> Export:
    """The export, read with the answers given and those remembered; both are remembered with its layout.

    Raises Unclear for a question that is open, LedgerError when the layout is not the one remembered, unless `accept`.
    """
    given = replace(given, fields={field_named(name): heading for name, heading in given.fields.items()})
    told, read = book.read(Profile), _once(read)
    stem = _stem(paths[0])
    known = _remembered(told, name or stem)
    if not name and known is None:
        known = _recognised(told, given, read)
    if known is None:
        export = read(given)
        return _learned(book, name or export.layout.system or stem, given, export)
    export = _as_before(known, given, read, accept=accept)
    if known.company and not given.company and not (export.items["company"] != "").any():
        export = _as_before(known, replace(given, company=known.company), read, accept=accept)
    if len(known.companies) > 1 and not given.company and export.companies <= {""}:
        raise which_company(paths[0].name, f"exports of the source {known.name!r} were of several", known.companies)
    return _learned(book, known.name, _over(known.said, given), export, known.companies)


def which_company(file: str, why: str, companies: Sequence[str]) -> Unclear:
    """The question of which company an export without a column of companies is."""
    choices = tuple(Choice(company, company) for company in companies)
    said = f"{file} does not say of which company it is, and {why}: {', '.join(companies)}. Say it."
    return Unclear(said, "company", choices)


def _once(read: Read) -> Read:
    """The same, but the export is not read twice with the same answers."""
    known: list[tuple[Answers, Export]] = []

    def reading(answers: Answers) -> Export:
        found = next((export for said, export in known if said == answers), None)
        if found is None:
            found = read(answers)
            known.append((answers, found))
        return found

    return reading


def _stem(path: Path) -> str:
    """The name of a file without digits and months: ledger_2026-03.csv and ledger_april.csv are of the source ledger."""
    letters = "".join(" " if c.isdigit() or c in "_-.()" else c for c in path.stem)
    return " ".join(word for word in letters.split() if word.casefold() not in MONTHS) or "export"


def _remembered(told: pd.DataFrame, name: str) -> Source | None:
    mine = told[told["source"] == name]
    if mine.empty:
        return None
    cells: dict[str, str] = dict(zip(mine["field"].astype(str), mine["heading"].astype(str), strict=True))
    said = {part for part in cells.pop("said", "").split(BETWEEN) if part}
    headings = tuple(cells.pop("headings", "").split(BETWEEN))
    apart = {a: cells.pop(CELLS[a], "") for a in APART}
    companies = tuple(company for company in apart["company"].split(BETWEEN) if company)
    apart["company"] = companies[0] if len(companies) == 1 else ""
    answers = Answers(
        {f: h for f, h in cells.items() if f in said}, **{a: v for a, v in apart.items() if CELLS[a] in said or a not in ("profile", "company")}
    )
    return Source(name, answers, cells, headings, apart["profile"], companies)


def _recognised(told: pd.DataFrame, given: Answers, read: Read) -> Source | None:
    """The remembered source of the system the export is of; None when it is none of them, and for the first export of its kind."""
    try:
        return _remembered(told, read(given).layout.system)
    except Unclear:
        for name in dict.fromkeys(told["source"]):
            known = _remembered(told, str(name))
            try:
                if known and read(_over(known.said, given)).layout.system == name:
                    return known
            except LedgerError:
                continue
    return None


def _over(said: Answers, given: Answers) -> Answers:
    """The answers given over those said before."""
    apart = {a: getattr(given, a) or getattr(said, a) for a in APART}
    return Answers({**said.fields, **given.fields}, **apart)


def _as_before(known: Source, given: Answers, read: Read, *, accept: bool) -> Export:
    """The export by what a person said; by all that is remembered where that is not enough, or a person corrected it on Config."""
    answers = _over(known.said, given)
    try:
        export = read(answers)
    except LedgerError as wrong:
        try:
            export = read(_over(replace(known.said, fields=known.layout), given))
        except LedgerError:
            return _anew(known, given, read, wrong, accept=accept)
    lost = _changed(known, given, export)
    if not lost or accept:
        return export
    there, before = {normal(h) for h in export.headings}, {normal(h) for h in known.headings}
    if export.profile != known.profile or any(normal(known.layout[f]) not in there or normal(now) not in before for f, now in lost.items()):
        raise LedgerError(_sentence(known, lost, export), *WAYS)
    return read(_over(replace(known.said, fields=known.layout), given))


def _anew(known: Source, given: Answers, read: Read, wrong: LedgerError, *, accept: bool) -> Export:
    """The export without the columns remembered. Raises LedgerError saying what is gone, or `wrong` when it cannot be read at all."""
    try:
        export = read(_over(replace(known.said, fields={}, profile=""), given))
    except Unclear:
        if accept:
            raise
        if isinstance(wrong, Unclear):
            raise wrong from None
        raise LedgerError(f"The layout of the source {known.name!r} is not the one of the last import. {wrong} {ADVICE}", *WAYS) from None
    except LedgerError:
        raise wrong from None
    lost = _changed(known, given, export)
    if accept:
        return export
    raise LedgerError(_sentence(known, lost, export), *WAYS) if lost else wrong


def _changed(known: Source, given: Answers, export: Export) -> dict[str, str]:
    """The fields that are no longer read from the column remembered, with the heading of the one they would be read from; "" for none."""
    there, lost = {normal(h) for h in export.headings}, dict[str, str]()
    for name, heading in known.layout.items():
        now = export.layout.fields.get(name, "")
        if heading == NO_COLUMN or name in given.fields:
            continue
        if normal(heading) not in there or (now and normal(now) != normal(heading)):
            lost[name] = now
    return lost


def _sentence(known: Source, lost: dict[str, str], export: Export) -> str:
    said: list[str] = []
    for name, now in lost.items():
        field = words.catalogue("en")["layout"].get(name, name.replace("_", " "))
        quoted = f'"{now}"' if now else "no column"
        said.append(f'the {field}, read from "{known.layout[name]}" before, would now be read from {quoted}')
    if export.profile != known.profile:
        said.append(f"the export, recognised as {known.profile} before, is now recognised as {export.profile}")
    return f"The layout of the source {known.name!r} is not the one of the last import: {'; '.join(said)}. {ADVICE}"


def _learned(book: Book, name: str, said: Answers, export: Export, companies: Sequence[str] = ()) -> Export:
    """Puts what is known of the source on Config, in place of what was; `companies`: those of its exports so far."""
    there = {normal(h) for h in export.headings}
    cells = {f: h for f, h in export.layout.fields.items() if normal(h) in there} | dict(said.fields)
    apart = {a: str(getattr(said, a)) for a in APART if getattr(said, a)}
    named = [*said.fields, *(CELLS[a] for a in apart)]
    of_export = export.items["company"].unique()
    if "company" not in cells and len(of_export) == 1 and of_export[0]:
        apart["company"] = BETWEEN.join(dict.fromkeys([*companies, str(of_export[0])]))
    cells |= {"profile": export.profile} | {CELLS[a]: value for a, value in apart.items()}
    cells |= {"said": BETWEEN.join(named)} if named else {}
    cells |= {"headings": BETWEEN.join(h for h in export.headings if h)}
    rows = pd.DataFrame({"source": name, "field": list(cells), "heading": list(cells.values())}, dtype="str")
    told = book.read(Profile)
    book.replace(Profile, typed(pd.concat([told[told["source"] != name].astype({"field": "str"}), rows], ignore_index=True), Profile))
    return export
