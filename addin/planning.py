"""The plan of a run: which letters go out, what each says, and what the history will say of it; checked as a whole before anything is written."""

from __future__ import annotations

import hashlib
import posixpath
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from addin.runs import earliest, refuse_earlier
from addin.sheets import fact, folder_of, inputs_of, payments_until, records_of, refuse_doubles, refuse_wrong_rows, rules_of
from letter_templates.context import InterestPeriod, letter_context
from letter_templates.inserted import FILES
from letter_templates.names import letter_name
from letter_templates.render import Template, check_template, template_path
from letter_templates.several import Job, Letters, hashes
from rules.assess import assess
from rules.charges import interest_periods, interest_terms, letter_fees
from rules.errors import HistoryError, TemplateError
from rules.fingerprint import run_id
from rules.merge import CLAIMED
from rules.model import (
    AssessedItem,
    Delivery,
    DocumentKind,
    Event,
    HistoryEntry,
    OpenItem,
    Payer,
    Proposal,
    ProposalLine,
    Severity,
)
from rules.review import LETTER, letter_key, relevelled, to_send
from rules.row import to_rows
from rules.ruleset import Ruleset
from rules.standing import KEY, LETTERS, in_force, item_key, positions
from rules.ways import Way
from workbook.book import Book
from workbook.journal import Journal

REPLACE = Way("replace", of="propose")
PINNED = "template:"  # facts on About: the hash of each file that letters were made with


@dataclass(frozen=True)
class Plan:
    """What a run will write, before anything is written."""

    run: str
    as_of: date
    letters: list[dict[str, Any]]  # letter, file, template, context, properties, sha256, history: the entries of its lines
    files: dict[str, bytes]  # the templates and what they insert, as they lie in the template folder


def planned(book: Book, journal: Journal, *, accept_templates: bool = False) -> Plan | None:
    """The letters set to send, checked as a whole and each rendered once; None when there is none. Raises before anything is written.

    `accept_templates`: a template that was changed since letters were last made with it is taken.
    """
    rules = rules_of(book)
    refuse_wrong_rows(book, rules)
    before = book.read(Proposal)
    refuse_doubles(book, Proposal, before, letter_key(before))
    proposals, lines = relevelled(before, book.read(ProposalLine), records_of(book), rules)
    chosen = to_send(proposals)
    if chosen.empty:
        return None
    book.replace(Proposal, proposals)
    book.replace(ProposalLine, lines)
    run, dates, narrowed = str(chosen["run"].iloc[0]), [d.date() for d in chosen["as_of"]], [str(s) for s in chosen["selection"]]
    _refuse_mixed(book, chosen, run)
    inputs = inputs_of(book, but_for=run, narrowed=bool(narrowed[0]))  # a run may be issued in parts
    stale = [r for r, as_of, selection in zip(chosen["run"], dates, narrowed, strict=True) if r != run_id(as_of, inputs, selection)]
    if stale:
        raise HistoryError(
            f"The proposal {stale[0]} was made before the ledger, the payers' methods or the rules changed, or its date was changed. "
            f"Propose again as of {earliest(book, journal, dates[0])}, in place of what is open; then review what changed, and issue.",
            REPLACE,
        )
    refuse_earlier(journal, dates[0])
    late = chosen[chosen["deadline"] < chosen["as_of"]]
    if len(late):
        row = late.iloc[0]
        raise HistoryError(
            f"The proposal for {row['payer_name'] or row['payer']} has the deadline {row['deadline'].date()}, before the letter's own date "
            f"{row['as_of'].date()}. Correct the column Deadline on the sheet Proposal."
        )
    templates = {name: Template.load(path) for name, path in templates_of(book, chosen).items()}
    files = _files(templates)
    if not accept_templates:
        _refuse_changed(book, files)
    part = sum(r == run or r.startswith(f"{run}.") for r in journal.planned()) + 1
    number = run if part == 1 else f"{run}.{part}"
    letters = letters_of(book, chosen, lines, journal, number, rules)
    _note_hashes(letters, templates, book)
    return Plan(number, dates[0], letters, files)


def _files(templates: dict[str, Template]) -> dict[str, bytes]:
    """The templates and the files they insert, by their names below the template folder."""
    inserted = {
        posixpath.normpath(posixpath.join(posixpath.dirname(name), FILES[field])): content
        for name, template in templates.items()
        for field, content in template.files.items()
    }
    return {name: template.content for name, template in templates.items()} | inserted


def _refuse_changed(book: Book, files: dict[str, bytes]) -> None:
    """TemplateError for files that are not those that letters were last made with."""
    pins = {name: fact(book, PINNED + name) for name in files}
    changed = [name for name, content in files.items() if pins[name] not in ("", hashlib.sha256(content).hexdigest())]
    if changed:
        raise TemplateError(
            f"Changed since letters were last made with it: {', '.join(changed)}. Look at a letter by a preview, then issue with what "
            "was changed; or put the former file back.",
            Way("accept_templates"),
        )


def _refuse_mixed(book: Book, chosen: pd.DataFrame, run: str) -> None:
    """HistoryError for proposals of two runs at once, and for one whose letter this run has already issued."""
    other = chosen[chosen["run"] != run]
    if len(other):
        raise HistoryError(
            f"Proposals of two runs are set to send: {run} and {other['run'].iloc[0]}. Hold those of one run and issue the other, "
            "or propose again in place of both.",
            REPLACE,
        )
    history = book.read(HistoryEntry)
    mine = history[(history["event"] == Event.LETTER) & ((history["run"] == run) | history["run"].str.startswith(f"{run}."))]
    again = chosen[letter_key(chosen).isin(set(_letters_about(book, mine, run)))]
    if len(again):
        row = again.iloc[0]
        raise HistoryError(
            f"The letter to {row['payer_name'] or row['payer']} ({row['currency']}) of the run {run} was issued before: its row on the sheet "
            "Proposal was set back to open. Set its state to issued again."
        )


def _letters_about(book: Book, entries: pd.DataFrame, run: str) -> pd.Series:
    """Keys of the proposals of a run that have a line with a history entry of it."""
    lines = book.read(ProposalLine)
    return letter_key(lines[(lines["run"] == run) & item_key(lines).isin(set(item_key(entries)))])


def templates_of(book: Book, chosen: pd.DataFrame) -> dict[str, Path]:
    """The templates the letters need, each checked. Raises TemplateError with every fault."""
    folder = folder_of(book, "template_folder")
    found: dict[str, Path] = {}
    for language, name in chosen[["language", "template"]].astype(str).drop_duplicates().itertuples(index=False):
        found[f"{language}/{name}.docx"] = template_path(folder, language, name)
    faults = [f.text("en") for path in found.values() for f in check_template(path) if f.severity is Severity.ERROR]
    if faults:
        raise TemplateError("\n".join(faults))
    return found


def letters_of(book: Book, chosen: pd.DataFrame, lines: pd.DataFrame, journal: Journal, run: str, rules: Ruleset) -> list[dict[str, Any]]:
    """What each letter says and what the history will say of it; `run` is the run's number, with the part when it is issued in parts."""
    settings, until = book.settings(), payments_until(book)
    payers = {(p.company, p.payer): p for p in to_rows(_known(book.read(Payer), chosen), Payer)}
    previous = _previous(book, lines)
    mine = lines[letter_key(lines).isin(set(letter_key(chosen)))]
    of_letter: dict[str, list[ProposalLine]] = defaultdict(list)
    for key, line in zip(letter_key(mine), to_rows(mine, ProposalLine), strict=True):
        of_letter[key].append(line)
    of_letter = {key: _as_decided(p, of_letter[key]) for key, p in zip(letter_key(chosen), to_rows(chosen, Proposal), strict=True)}
    periods, by_hand = periods_of(book, mine, rules, chosen["as_of"].iloc[0].date()), _by_hand(book)
    made: list[dict[str, Any]] = []
    told = zip(letter_key(chosen), to_rows(chosen, Proposal), _later_costs(chosen, rules), strict=True)
    for number, (key, proposal, later) in enumerate(told, start=1):
        payer = payers.get((proposal.company, proposal.payer)) or Payer(company=proposal.company, payer=proposal.payer, name=proposal.payer_name)
        name = payer.name or proposal.payer_name
        file = letter_name(run, proposal.payer, proposal.level, proposal.currency, name, company=proposal.company, part=proposal.part)
        file = f"{run}/{file}"
        letter = f"{run}-{number:04}"
        context = letter_context(
            proposal, of_letter[key], payer, settings, previous=previous.get(key), letter_id=letter, payments_until=until or proposal.as_of,
            periods=periods.get(key, ()), later_costs_minor=later,
        )  # fmt: skip
        made.append(
            {
                "letter": letter,
                "file": file,
                "of": {name: str(getattr(proposal, name)) for name in LETTER},
                "template": f"{proposal.language}/{proposal.template}.docx",
                "properties": {"run": run, "letter": letter, "journal": f"{len(journal.records)}:{journal.head}"},
                "context": context,
                "history": [_entry(proposal, line, run, file, by_hand.get(_item(line))) for line in of_letter[key]],
                "fee": _claimed(proposal, letter, rules),
            }
        )
        book.progress("plan", number, len(chosen))
    if len({str(x["file"]).casefold() for x in made}) < len(made):
        raise HistoryError("Two letters of this run would have the same file name: two payers' numbers differ in signs alone. Correct one of them.")
    return made


def _note_hashes(letters: list[dict[str, Any]], templates: dict[str, Template], book: Book) -> None:
    """Renders every letter once and notes its hash: what cannot be rendered is refused before the run begins."""
    jobs, number = [Job(x["template"], x["context"], x["properties"]) for x in letters], 0
    for batch in Letters(templates, hashes).answers(jobs):
        for sha256 in batch:
            letters[number]["sha256"] = sha256
            number += 1
        book.progress("check", number, len(letters))


def _later_costs(chosen: pd.DataFrame, rules: Ruleset) -> list[int]:
    """The fee that a letter one level higher would charge, per proposal; 0 at the highest level."""
    method, level = chosen["method"].map(rules.position).to_numpy(), chosen["level"].to_numpy() + 1
    highest = rules.highest[method]
    fees = letter_fees(chosen.reset_index(drop=True), method, np.minimum(level, highest), np.zeros(len(chosen), dtype="int64"), rules)["fee_minor"]
    return np.where(level > highest, 0, fees.to_numpy()).tolist()


def _known(payers: pd.DataFrame, chosen: pd.DataFrame) -> pd.DataFrame:
    wanted = pd.MultiIndex.from_frame(chosen[["company", "payer"]])
    return payers[pd.MultiIndex.from_frame(payers[["company", "payer"]]).isin(wanted)]


def _previous(book: Book, lines: pd.DataFrame) -> dict[str, date]:
    """Date of the last letter about the lines of each proposal, of ours or of the tool whose levels were taken over with their dates."""
    history = in_force(book.read(HistoryEntry))
    letters = history[history["event"].isin(LETTERS) & (history["level"] > 0)]
    undated = (letters["event"] == Event.TAKE_OVER) & (letters["run"].str[1:9] == letters["date"].dt.strftime("%Y%m%d"))  # the day of the take-over
    letters = letters[~undated]
    dates = letters.groupby(item_key(letters).to_numpy())["date"].max() if len(letters) else pd.Series(dtype="datetime64[s]")
    latest = dates.reindex(item_key(lines)).set_axis(lines.index).groupby(letter_key(lines)).max().dropna()
    return {str(k): v.date() for k, v in latest.items()}


def _as_decided(proposal: Proposal, lines: list[ProposalLine]) -> list[ProposalLine]:
    """The lines as the reviewer's word on fee and interest leaves them: what was waived or changed as a whole is no longer theirs."""
    waived = {"fee_minor": 0} if proposal.fee_minor < sum(line.fee_minor for line in lines) else {}
    if proposal.interest_minor != sum(line.interest_minor for line in lines):
        waived["interest_minor"] = 0
    return [line.model_copy(update=waived) for line in lines] if waived else lines


def _item(line: ProposalLine) -> tuple[str, ...]:
    return tuple(getattr(line, name) for name in KEY)


def _by_hand(book: Book) -> dict[tuple[str, ...], int]:
    """The levels a person set on the ledger, by item."""
    ledger = book.read(AssessedItem)
    typed_in = ledger[ledger["manual_level"].notna()]
    return dict(zip(typed_in[list(KEY)].itertuples(index=False, name=None), typed_in["manual_level"].astype(int), strict=True))


def periods_of(book: Book, lines: pd.DataFrame, rules: Ruleset, as_of: date) -> dict[str, list[InterestPeriod]]:
    """How the interest of lines comes about at their level, by letter; `lines` have the columns of ProposalLine that name letter and item."""
    bearing = lines[lines["interest_minor"] > 0]
    made: dict[str, list[InterestPeriod]] = defaultdict(list)
    if bearing.empty:
        return made
    records = records_of(book)
    mine = records.only(positions(item_key(bearing), item_key(records.ledger)))
    found, level = assess(mine, rules, as_of), bearing["level"].to_numpy()
    shown, ruling = interest_periods(mine, found, level, rules, as_of), interest_terms(mine, found, level, rules, as_of)
    lines_of = list(zip(letter_key(bearing), bearing["document"], bearing["instalment"], strict=True))
    for row in shown.to_dict("records"):
        key, document, instalment = lines_of[row["at"]]
        period = InterestPeriod(
            document=document, instalment=instalment, base_minor=int(row["base_minor"]), rate=row["rate"], date_from=row["date_from"].date(),
            date_to=row["date_to"].date(), days=int(row["days"]), interest_minor=int(row["interest_minor"]), terms=ruling[row["at"]],
        )  # fmt: skip
        made[key].append(period)
    return made


def _claimed(proposal: Proposal, letter: str, rules: Ruleset) -> dict[str, Any] | None:
    """The line of the ledger that the fee of the letter becomes, when the method claims fees."""
    method = rules.methods[rules.position[proposal.method]]
    if not method.claim_fees or not proposal.fee_minor:
        return None
    line = OpenItem(
        company=proposal.company, payer=proposal.payer, payer_name=proposal.payer_name, document=letter, kind=DocumentKind.FEE,
        document_date=proposal.as_of, due_date=proposal.deadline, currency=proposal.currency, original_minor=proposal.fee_minor,
        open_minor=proposal.fee_minor, source=CLAIMED + letter, method=proposal.method,
    )  # fmt: skip
    return line.model_dump(mode="json")


def _entry(proposal: Proposal, line: ProposalLine, run: str, file: str, by_hand: int | None) -> dict[str, Any]:
    """The history entry of one line of a letter, but for its number and the letter's hash. A credit on a letter was not reminded."""
    reminded = line.level > 0
    entry = HistoryEntry(
        entry=1, event=Event.LETTER, date=proposal.as_of, run=run, company=line.company, payer=line.payer, document=line.document,
        instalment=line.instalment, currency=line.currency, open_minor=line.open_minor, interest_minor=line.interest_minor, fee_minor=line.fee_minor,
        lump_sum_minor=line.lump_sum_minor, manual_level=by_hand if reminded else None, method=line.method or proposal.method,
        level_before=line.level_before,
        level=line.level, reminders=line.reminders + reminded, deadline=proposal.deadline if reminded else None, channel=proposal.channel,
        delivery=Delivery.WRITTEN, letter=file, note=proposal.decision_note,
    )  # fmt: skip
    return entry.model_dump(mode="json", exclude={"entry", "sha256"})
