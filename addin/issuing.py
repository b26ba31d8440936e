"""Issue: the plan of a run is frozen to disk, its letters are written, and only then the workbook and its history follow.

The folder of a run holds all it needs: `plan.json` (what each letter says, what the history will say) and the templates it was made with. So a
run that was cut off at any moment is finished by issuing again: the same letters, none twice; a workbook put back from a backup learns of the
runs it does not know in the same way; and any letter can be made again later.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from addin.entering import tell_again
from addin.report import Report, count
from addin.runs import earliest, journal_of, letter_folder, missing, ready, refuse_contradictions, refuse_earlier
from addin.sheets import (
    day_of,
    fact,
    folder_of,
    inputs_of,
    note_facts,
    records_of,
    refuse_doubles,
    refuse_wrong_rows,
    rules_of,
    run_of,
    show_figures,
    show_run,
)
from letter_templates.context import InterestPeriod, letter_context
from letter_templates.names import letter_name
from letter_templates.render import Template, check_template, template_path
from rules.assess import assess
from rules.charges import interest_periods
from rules.errors import HistoryError, TemplateError
from rules.fingerprint import run_id
from rules.merge import CLAIMED, stacked
from rules.model import (
    AssessedItem,
    Decision,
    Delivery,
    DocumentKind,
    Event,
    HistoryEntry,
    OpenItem,
    Payer,
    Proposal,
    ProposalLine,
    ProposalState,
    Severity,
)
from rules.review import LETTER, is_open, letter_key, relevelled, to_send
from rules.row import to_rows, typed
from rules.ruleset import Ruleset
from rules.standing import KEY, in_force, item_key, positions
from workbook.book import Book
from workbook.journal import COMMITTED, ENTERED, ISSUED, PLANNED, Journal, durable

PLAN = "plan.json"


def issue(book: Book) -> Report:
    """Writes the letters decided upon and enters them in the history; or finishes the runs that this workbook does not hold yet."""
    refuse_contradictions(book, journal_of(book))  # before anything is made, and again with nobody beside us
    with journal_of(book).alone() as journal:
        refuse_contradictions(book, journal)
        if late := missing(book, journal):
            reports = [_told_again(book, journal, run) for run in late]
            return reports[-1]
        plan = _plan(book, journal)
        if plan is None:
            return _close_dropped(book)
        book.check_writable()
        _freeze(book, journal, plan)
        return _finish(book, journal, plan.run, resumed=False)


def _told_again(book: Book, journal: Journal, run: str) -> Report:
    """What the journal knows and the workbook does not: a run of letters, or what was recorded or undone."""
    return tell_again(book, journal, run) if journal.of_run(run, ENTERED) else _finish(book, journal, run, resumed=True)


def pending(book: Book) -> Report:
    """What `issue` would write: letters and money per level and currency; refused where it would be refused."""
    plan = _plan(book, ready(book))
    chosen = to_send(book.read(Proposal)) if plan else book.read(Proposal).iloc[:0]
    sums = chosen.groupby(["level", "currency"], observed=True)["total_minor"].agg(letters="size", total_minor="sum").reset_index()
    return Report(f"{count(len(chosen), 'letter')} would be written.", {"letters": len(chosen)}, {"letters": sums[sums["letters"] > 0]})


def _close_dropped(book: Book) -> Report:
    """Nothing to send: dropped proposals are closed all the same, so that they lock nothing."""
    proposals = book.read(Proposal)
    dropped = is_open(proposals) & (proposals["decision"] == Decision.DROP)
    book.replace(Proposal, _in_state(proposals, dropped, ProposalState.CLOSED))
    show_figures(book)
    changed = book.save()
    closed = f"{count(int(dropped.sum()), 'dropped proposal')} closed." if changed else "Nothing changed."
    return Report(f"There is nothing to issue: no proposal is set to send. {closed}", {"letters": 0}, changed=changed)


def _in_state(proposals: pd.DataFrame, which: pd.Series, state: ProposalState) -> pd.DataFrame:
    return typed(proposals.assign(state=proposals["state"].astype(object).mask(which, str(state))), Proposal)


# ---------------------------------------------------------------------------------------------------------------- plan


@dataclass(frozen=True)
class Plan:
    """What a run will write, before anything is written."""

    run: str
    as_of: date
    letters: list[dict[str, Any]]  # letter, file, template, context, properties, sha256, history: the entries of its lines
    templates: dict[str, Path]  # name in the run folder -> where the template lies now


def _plan(book: Book, journal: Journal) -> Plan | None:
    """The letters set to send, checked as a whole and each rendered once; None when there is none. Raises before anything is written."""
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
            f"Run `dunning propose --replace --as-of {earliest(book, journal, dates[0])}`: it proposes again; then review what changed, and issue."
        )
    refuse_earlier(journal, dates[0])
    late = chosen[chosen["deadline"] < chosen["as_of"]]
    if len(late):
        row = late.iloc[0]
        raise HistoryError(
            f"The proposal for {row['payer_name'] or row['payer']} has the deadline {row['deadline'].date()}, before the letter's own date "
            f"{row['as_of'].date()}. Correct the column Deadline on the sheet Proposal."
        )
    templates = _templates(book, chosen)
    part = sum(r == run or r.startswith(f"{run}.") for r in journal.planned()) + 1
    number = run if part == 1 else f"{run}.{part}"
    letters = _letters(book, chosen, lines, journal, number, rules)
    _rendered(letters, {name: Template.load(path) for name, path in templates.items()}, book)
    return Plan(number, dates[0], letters, templates)


def _refuse_mixed(book: Book, chosen: pd.DataFrame, run: str) -> None:
    """HistoryError for proposals of two runs at once, and for one whose letter this run has already issued."""
    other = chosen[chosen["run"] != run]
    if len(other):
        raise HistoryError(
            f"Proposals of two runs are set to send: {run} and {other['run'].iloc[0]}. Hold those of one run and issue the other, "
            "or propose with --replace."
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


def _templates(book: Book, chosen: pd.DataFrame) -> dict[str, Path]:
    """The templates the letters need, each checked. Raises TemplateError with every fault."""
    folder = folder_of(book, "template_folder")
    found: dict[str, Path] = {}
    for language, name in chosen[["language", "template"]].astype(str).drop_duplicates().itertuples(index=False):
        found[f"{language}-{name}.docx"] = template_path(folder, language, name)
    faults = [f.text("en") for path in found.values() for f in check_template(path) if f.severity is Severity.ERROR]
    if faults:
        raise TemplateError("\n".join(faults))
    return found


def _letters(book: Book, chosen: pd.DataFrame, lines: pd.DataFrame, journal: Journal, run: str, rules: Ruleset) -> list[dict[str, Any]]:
    """What each letter says and what the history will say of it; `run` is the run's number, with the part when it is issued in parts."""
    settings, until = book.settings(), day_of(fact(book, "ledger_as_of"))
    payers = {(p.company, p.payer): p for p in to_rows(_known(book.read(Payer), chosen), Payer)}
    previous = _previous(book, lines)
    mine = lines[letter_key(lines).isin(set(letter_key(chosen)))]
    of_letter: dict[str, list[ProposalLine]] = defaultdict(list)
    for key, line in zip(letter_key(mine), to_rows(mine, ProposalLine), strict=True):
        of_letter[key].append(line)
    of_letter = {key: _as_decided(p, of_letter[key]) for key, p in zip(letter_key(chosen), to_rows(chosen, Proposal), strict=True)}
    periods, by_hand = _periods(book, mine, rules, chosen["as_of"].iloc[0].date()), _by_hand(book)
    planned: list[dict[str, Any]] = []
    for number, (key, proposal) in enumerate(zip(letter_key(chosen), to_rows(chosen, Proposal), strict=True), start=1):
        payer = payers.get((proposal.company, proposal.payer)) or Payer(company=proposal.company, payer=proposal.payer, name=proposal.payer_name)
        name = payer.name or proposal.payer_name
        file = letter_name(run, proposal.payer, proposal.level, proposal.currency, name, company=proposal.company, part=proposal.part)
        file = f"{run}/{file}"
        letter = f"{run}-{number:04}"
        context = letter_context(
            proposal, of_letter[key], payer, settings, previous=previous.get(key), letter_id=letter, payments_until=until or proposal.as_of,
            periods=periods.get(key, ()),
        )  # fmt: skip
        planned.append(
            {
                "letter": letter,
                "file": file,
                "of": {name: str(getattr(proposal, name)) for name in LETTER},
                "template": f"{proposal.language}-{proposal.template}.docx",
                "properties": {"run": run, "letter": letter, "journal": f"{len(journal.records)}:{journal.head}"},
                "context": context,
                "history": [_entry(proposal, line, run, file, by_hand.get(_item(line))) for line in of_letter[key]],
                "fee": _claimed(proposal, letter, rules),
            }
        )
        book.progress("plan", number, len(chosen))
    if len({str(x["file"]).casefold() for x in planned}) < len(planned):
        raise HistoryError("Two letters of this run would have the same file name: two payers' numbers differ in signs alone. Correct one of them.")
    return planned


def _rendered(letters: list[dict[str, Any]], templates: dict[str, Template], book: Book) -> None:
    """Renders every letter once and notes its hash: what cannot be rendered is refused before the run begins."""
    for number, letter in enumerate(letters, start=1):
        letter["sha256"] = hashlib.sha256(templates[letter["template"]].render(letter["context"], letter["properties"])).hexdigest()
        book.progress("check", number, len(letters))


def _known(payers: pd.DataFrame, chosen: pd.DataFrame) -> pd.DataFrame:
    wanted = pd.MultiIndex.from_frame(chosen[["company", "payer"]])
    return payers[pd.MultiIndex.from_frame(payers[["company", "payer"]]).isin(wanted)]


def _previous(book: Book, lines: pd.DataFrame) -> dict[str, date]:
    """Date of the last letter about the lines of each proposal."""
    history = in_force(book.read(HistoryEntry))
    letters = history[(history["event"] == Event.LETTER) & (history["level"] > 0)]
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


def _periods(book: Book, lines: pd.DataFrame, rules: Ruleset, as_of: date) -> dict[str, list[InterestPeriod]]:
    """How the interest of the lines to pay comes about, by letter."""
    bearing = lines[lines["interest_minor"] > 0]
    made: dict[str, list[InterestPeriod]] = defaultdict(list)
    if bearing.empty:
        return made
    records = records_of(book)
    mine = records.only(positions(item_key(bearing), item_key(records.ledger)))
    shown = interest_periods(mine, assess(mine, rules, as_of), bearing["level"].to_numpy(), rules, as_of)
    keys = letter_key(bearing).to_numpy()
    for row in shown.to_dict("records"):
        line = bearing.iloc[row["at"]]
        period = InterestPeriod(
            document=line["document"], instalment=line["instalment"], base_minor=int(row["base_minor"]), rate=row["rate"],
            date_from=row["date_from"].date(), date_to=row["date_to"].date(), days=int(row["days"]), interest_minor=int(row["interest_minor"]),
        )  # fmt: skip
        made[keys[row["at"]]].append(period)
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


def _freeze(book: Book, journal: Journal, plan: Plan) -> None:
    """Puts the plan and its templates into the run folder; the record `planned` makes it binding."""
    folder = letter_folder(book) / plan.run
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    for name, path in plan.templates.items():
        durable(folder / "templates" / name, path.read_bytes())
    text = json.dumps({"run": plan.run, "as_of": plan.as_of.isoformat(), "letters": plan.letters}, ensure_ascii=False, indent=1)
    durable(folder / PLAN, text.encode())
    templates = {name: _sha256(folder / "templates" / name) for name in plan.templates}
    journal.append(
        PLANNED, plan.run, workbook=fact(book, "workbook"), as_of=plan.as_of.isoformat(), letters=len(plan.letters),
        lines=sum(len(x["history"]) for x in plan.letters), plan=_sha256(folder / PLAN), templates=templates,
    )  # fmt: skip


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# ---------------------------------------------------------------------------------------------------------------- letters and commit


def _frozen(folder: Path, journal: Journal, run: str) -> dict[str, Any]:
    """The plan of the run, checked against the journal."""
    planned = journal.of_run(run, PLANNED)[0]
    path = folder / run / PLAN
    if not path.exists() or _sha256(path) != planned.facts["plan"]:
        raise HistoryError(f"{path} is missing or was changed since the run was planned. Put it back from a backup, then issue again.")
    for name, expected in planned.facts["templates"].items():
        template = folder / run / "templates" / name
        if not template.exists() or _sha256(template) != expected:
            raise HistoryError(f"{template} is missing or was changed since the run was planned. Put it back from a backup, then issue again.")
    return json.loads(path.read_text(encoding="utf-8"))


def _finish(book: Book, journal: Journal, run: str, *, resumed: bool) -> Report:
    """Writes the letters of a planned run that are not there yet, then commits the run."""
    book.check_writable()
    folder = letter_folder(book)
    plan = _frozen(folder, journal, run)
    fresh = _write(book, folder, journal, plan)
    changed = _commit(book, journal, plan)
    journal.append(COMMITTED, run, letters=len(plan["letters"]))
    sentence = f"{count(len(plan['letters']), 'letter')} of the run {run} written to {folder / run} and entered in the history."
    if resumed:
        sentence = f"The run {run} was not yet in this workbook and is now ({count(fresh, 'letter')} had been missing). " + sentence
    totals = pd.DataFrame([{"level": x["context"]["level"], "currency": x["context"]["currency"], "letters": 1} for x in plan["letters"]])
    counts = totals.groupby(["level", "currency"])["letters"].sum().reset_index()
    facts = {"run": run, "letters": len(plan["letters"]), "written_now": fresh, "resumed": resumed, "folder": str(folder / run)}
    return Report(sentence, facts, {"letters": counts}, changed=changed)


def _write(book: Book, folder: Path, journal: Journal, plan: dict[str, Any]) -> int:
    """Writes what is missing, one letter after the other; answers how many were written now."""
    issued = {str(r.facts["letter"]) for r in journal.of_run(plan["run"], ISSUED)}
    templates: dict[str, Template] = {}
    fresh = 0
    for number, letter in enumerate(plan["letters"], start=1):
        path, name = folder / letter["file"], letter["template"]
        if letter["letter"] not in issued or not path.exists():
            if name not in templates:
                templates[name] = Template.load(folder / plan["run"] / "templates" / name)
            content = templates[name].render(letter["context"], letter["properties"])
            if hashlib.sha256(content).hexdigest() != letter["sha256"]:
                raise HistoryError(
                    f"{path} would not be the letter that was planned: this program renders it otherwise. Issue with the version that planned it."
                )
            durable(path, content)
            fresh += 1
        if letter["letter"] not in issued:
            facts = {"letter": letter["letter"], "file": letter["file"], "sha256": letter["sha256"], "lines": len(letter["history"])}
            journal.append(ISSUED, plan["run"], **facts)
        book.progress("letters", number, len(plan["letters"]))
    return fresh


def _commit(book: Book, journal: Journal, plan: dict[str, Any]) -> bool:
    """History, counters, states and the head of the journal into the workbook, in one save."""
    run, as_of = plan["run"], date.fromisoformat(plan["as_of"])
    history = book.read(HistoryEntry)
    if not (history["run"] == run).any():
        entries = pd.DataFrame([entry | {"sha256": x["sha256"]} for x in plan["letters"] for entry in x["history"]])
        entries["entry"] = np.arange(len(entries)) + 1 + (int(history["entry"].max()) if len(history) else 0)
        for column in ("date", "deadline"):
            entries[column] = pd.to_datetime(entries[column])
        book.append(HistoryEntry, typed(entries, HistoryEntry))
        _use_up(book, typed(entries, HistoryEntry))
        _claim(book, [x["fee"] for x in plan["letters"] if x.get("fee")])
    proposals = book.read(Proposal)
    key = letter_key(proposals)
    sent = key.isin(set(letter_key(pd.DataFrame([x["of"] for x in plan["letters"]]))))
    dropped = is_open(proposals) & (proposals["run"] == plan["letters"][0]["of"]["run"]) & (proposals["decision"] == Decision.DROP) & ~sent
    book.replace(Proposal, _in_state(_in_state(proposals, sent, ProposalState.ISSUED), dropped, ProposalState.CLOSED))
    shown = earliest(book, journal, as_of)
    show_run(book, run_of(book, rules_of(book), shown), shown)
    folder = str(book.settings().letter_folder)
    note_facts(book, {"journal_records": str(len(journal.records)), "journal_head": journal.head, "last_run": run, "letter_folder": folder})
    book.show("last_run", f"{run}: {len(plan['letters'])}")
    show_figures(book)
    return book.save()


def _use_up(book: Book, entries: pd.DataFrame) -> None:
    """Levels set by hand were for these letters: they leave the ledger, the history keeps them."""
    ledger, used = book.read(AssessedItem), entries[entries["manual_level"].notna()]
    spent = positions(item_key(ledger), item_key(used)) >= 0
    reason = ledger["manual_reason"].astype("str").mask(spent, "")
    book.replace(AssessedItem, typed(ledger.assign(manual_level=ledger["manual_level"].mask(spent), manual_reason=reason), AssessedItem))


def _claim(book: Book, fees: list[dict[str, Any]]) -> None:
    """The fees of letters as lines of the ledger, after all others."""
    if fees:
        lines = typed(pd.DataFrame(fees).assign(**{c: pd.to_datetime([f[c] for f in fees]) for c in ("document_date", "due_date")}), AssessedItem)
        book.replace(AssessedItem, stacked([book.read(AssessedItem), lines], AssessedItem))
