"""From assessment to proposals: one per company, payer and currency (or level, or document), its lines, and the last word on every item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from rules.charges import COLUMNS, SAID, letter_fees, line_charges
from rules.dates import working_day
from rules.letters import OF, Letters, letters, locked_by, summed
from rules.model import (
    REMINDED,
    AssessedItem,
    CollectionCase,
    DocumentKind,
    LineSection,
    Proposal,
    ProposalLine,
    ProposalState,
    Rate,
    Reason,
    Selection,
    Total,
)
from rules.reasons import reason_texts
from rules.records import Records
from rules.row import Language, typed
from rules.ruleset import Bools, Ints, Ruleset
from rules.select import canonical, selected
from rules.words import text

ON_HOLD = (Reason.BLOCKED, Reason.DISPUTED, Reason.PROMISED)
NOT_DUE = (Reason.NOT_DUE, Reason.IN_GRACE)
SECTIONS = tuple(LineSection)


@dataclass(frozen=True)
class Run:
    """What one run at one as-of date says: the assessed ledger, the proposals with their lines, the collection cases, totals per currency."""

    ledger: pd.DataFrame  # AssessedItem
    proposals: pd.DataFrame  # Proposal
    lines: pd.DataFrame  # ProposalLine
    collection: pd.DataFrame  # CollectionCase
    totals: pd.DataFrame  # Total
    rates: tuple[Rate, ...]  # what the interest comes from


def propose(
    records: Records, found: pd.DataFrame, standing_open: pd.DataFrame, ruleset: Ruleset, as_of: date, run: str = "",
    selection: Sequence[Selection] = (),
) -> Run:  # fmt: skip
    """Proposals for what `rules.assess.assess` found due.

    `standing_open` are the proposals (rows of `Proposal`) of other runs that are still open: their payers and currencies are locked. Order of
    proposals: company, payer, currency, part; of lines: the same, then section, due date, document. Raises RateMissing when interest is due for a
    day without a rate.
    """
    mask = selected(selection, records.ledger, found, records.payers, ruleset.settings) if selection else None
    made = letters(records, found, standing_open, ruleset, as_of, mask)
    found = _decided(records, found, standing_open, made, ruleset, canonical(selection))
    assessed = _assessed(records, found, ruleset)
    lines, rates = _lines(records, found, assessed, made, ruleset, as_of, run)
    return Run(
        assessed,
        _proposals(records, made, lines, ruleset, as_of, run, canonical(selection)),
        typed(lines.drop(columns="letter"), ProposalLine),
        typed(assessed[(assessed["reason_code"] == Reason.COLLECT).to_numpy()].assign(run=run), CollectionCase).reset_index(drop=True),
        totals(assessed),
        tuple(ruleset.rates[at] for at in rates),
    )


def _decided(
    records: Records, found: pd.DataFrame, standing_open: pd.DataFrame, made: Letters, ruleset: Ruleset, selection: str
) -> pd.DataFrame:  # fmt: skip
    """`found` with the last word on every line, and the facts of its letter that explain it."""
    found = found.copy()
    found["reason_code"] = pd.Categorical.from_codes(made.code, categories=found["reason_code"].cat.categories)
    waiting = made.of_line >= 0
    at = np.where(waiting, made.of_line, 0)
    found["next_level"] = np.where(np.isin(made.code, [OF[Reason.CREDIT]]), 0, made.level)
    found["run"], found["selection"] = locked_by(records.ledger, standing_open), selection
    n = len(made.frame)
    found["net_minor"] = np.where(waiting, made.frame["net_minor"].to_numpy()[at], made.short_minor) if n else made.short_minor
    found["payer_last"] = np.where(waiting, made.frame["payer_last"].to_numpy()[at], np.datetime64("NaT", "s")) if n else np.datetime64("NaT", "s")
    speaks = found["method_at"].to_numpy().copy()
    speaks[waiting] = made.frame["method_at"].to_numpy()[made.of_line[waiting]]
    found["letter_method_at"] = speaks
    late = made.code == OF[Reason.PAYER_INTERVAL]
    if late.any():
        again = np.where(late, made.frame["payer_next"].to_numpy()[at], np.datetime64("NaT", "s"))
        found["next_date"] = np.fmax(again, found["next_date"].to_numpy()).astype("datetime64[s]")
    return found


def _assessed(records: Records, found: pd.DataFrame, ruleset: Ruleset) -> pd.DataFrame:
    answers = found[["level", "reminders", "last_reminder", "last_deadline", "days_overdue", "bucket", "next_level", "next_date", "reason_code"]]
    kept = records.ledger.drop(columns=[c for c in answers.columns if c in records.ledger] + ["reason"], errors="ignore")
    language = ruleset.settings.language
    buckets = answers["bucket"].cat.rename_categories(lambda b: text(language, "bucket", str(b)))
    reason = reason_texts(records, found, ruleset, language)
    return typed(pd.concat([kept, answers.assign(bucket=buckets, reason=reason)], axis=1), AssessedItem)


def deadline(as_of: date, wait: int, country: str, region: str, ruleset: Ruleset) -> date:
    """Letter date + the level's days, moved to a working day of the payer's country (the company's, if blank) and region."""
    return working_day(as_of + timedelta(days=wait), country or ruleset.settings.company_country, region)


def _sections(made: Letters, found: pd.DataFrame, ruleset: Ruleset) -> tuple[Ints, npt.NDArray[np.int8]]:
    """For every line of the ledger the letter it is shown on (-1: none) and its section there (position in `SECTIONS`).

    Held and not yet due lines stand on the highest letter of their payer and currency, when its method lists them.
    """
    goes = np.append((made.frame["reason"] == OF[Reason.DUE]).to_numpy(), False)
    letter = np.where(goes[made.of_line], made.of_line, -1)
    section = np.where(made.code == OF[Reason.CREDIT], SECTIONS.index(LineSection.CREDIT), SECTIONS.index(LineSection.DUE)).astype("int8")
    highest = made.frame[goes[:-1]].sort_values(["level", "days_overdue"], ascending=False, kind="stable").drop_duplicates("group")
    for setting, reasons, into in (("include_on_hold", ON_HOLD, LineSection.ON_HOLD), ("include_not_due", NOT_DUE, LineSection.NOT_DUE)):
        listing = highest[ruleset.of_methods(setting)[highest["method_at"]] > 0]
        if len(listing):
            first = pd.Series(listing.index, index=listing["group"].to_numpy())
            told = np.isin(made.code, [OF[why] for why in reasons])
            there = first.reindex(made.group).fillna(-1).to_numpy(dtype="int64")
            letter, section = np.where(told, there, letter), np.where(told, SECTIONS.index(into), section)
    return letter, section


def _lines(
    records: Records, found: pd.DataFrame, assessed: pd.DataFrame, made: Letters, ruleset: Ruleset, as_of: date, run: str
) -> tuple[pd.DataFrame, list[int]]:  # fmt: skip
    """The lines of the letters that go, in order: due ones with their new level and charges, credits and listed ones at level 0.

    Columns of `ProposalLine`, and `letter`: the number of the letter, counted over those that go. Then the positions of the rates that were used.
    """
    letter, section = _sections(made, found, ruleset)
    on_it = np.flatnonzero(letter >= 0)
    number = np.cumsum((made.frame["reason"] == OF[Reason.DUE]).to_numpy()) - 1
    due = section[on_it] == SECTIONS.index(LineSection.DUE)
    lines = assessed.iloc[on_it].assign(
        run=run,
        level_before=found["level"].to_numpy()[on_it],
        level=np.where(due, made.level[on_it], 0),
        due_date=found["due"].to_numpy()[on_it],
        part=made.frame["part"].to_numpy()[letter[on_it]],
        section=pd.Categorical.from_codes(section[on_it], categories=pd.Index([str(s) for s in SECTIONS])),
        letter=number[letter[on_it]],
    )
    lines["proposed_level"] = lines["level"]
    lines["method"] = pd.Categorical.from_codes(found["method_at"].to_numpy()[on_it], categories=pd.Index([m.method for m in ruleset.methods]))
    charged, rates = line_charges(records.only(on_it[due]), found.iloc[on_it[due]], lines["level"].to_numpy()[due], ruleset, as_of)
    for column in [*COLUMNS, *SAID]:
        values = np.zeros(len(lines), dtype=charged[column].to_numpy().dtype)
        values[due] = charged[column].to_numpy()
        lines[column] = values
    regime = pd.Series("", index=lines.index, dtype=object)
    regime[due] = charged["regime"].astype(object).to_numpy()
    lines["regime"] = regime.astype("category")
    return lines.sort_values(["letter", "section", "due_date", "document", "instalment"], kind="stable", ignore_index=True), rates


def _proposals(
    records: Records, made: Letters, lines: pd.DataFrame, ruleset: Ruleset, as_of: date, run: str, selection: str
) -> pd.DataFrame:  # fmt: skip
    settings, payers = ruleset.settings, records.payer_rows
    going = made.frame[(made.frame["reason"] == OF[Reason.DUE]).to_numpy()].reset_index(drop=True)
    of, n = lines["letter"].to_numpy(), len(going)
    method, level, payer = going["method_at"].to_numpy(), going["level"].to_numpy(), payers.iloc[going["payer_at"]].reset_index(drop=True)
    steps = [ruleset.steps[ruleset.methods[m].method, at] for m, at in zip(method, level, strict=True)]
    earlier = ((lines["kind"] == DocumentKind.FEE) & (lines["section"] == LineSection.DUE)).to_numpy()
    fees = letter_fees(going, method, level, summed(of[earlier], lines["open_minor"].to_numpy()[earlier], n), ruleset)
    sums = {column: summed(of, lines[column].to_numpy(), n) for column in COLUMNS}
    for said in SAID:
        fees[said] |= summed(of, lines[said].to_numpy().astype("int64"), n) > 0
    sums["fee_minor"] = sums["fee_minor"] + fees["fee_minor"].to_numpy()
    proposed = going.assign(
        run=run,
        as_of=pd.Timestamp(as_of),
        payer_name=payer["name"].where(payer["name"] != "", records.ledger["payer_name"].to_numpy()[going["row"]]),
        method=[step.method for step in steps],
        template=[step.template for step in steps],
        channel=[str(step.channel) for step in steps],
        language=payer["language"].where(payer["language"] != "", settings.letter_language),
        deadline=pd.to_datetime(_deadlines(ruleset, method, level, payer, as_of)),
        **sums,
        total_minor=going["net_minor"] + sum(sums.values()),
        warning=_warnings(going, payer, fees, settings.language, settings.company_currency),
        selection=selection,
        decision="open",
        state=str(ProposalState.OPEN),
    )
    return typed(proposed, Proposal)


def _deadlines(ruleset: Ruleset, method: Ints, level: Ints, payer: pd.DataFrame, as_of: date) -> list[date]:
    """The deadline of each letter: one look-up per distinct combination of days, country and region."""
    wait = ruleset.of_levels(lambda step: step.deadline_days)[method, level]
    codes, distinct = pd.factorize(pd.MultiIndex.from_arrays([wait, payer["country"], payer["region"]]))
    found = [deadline(as_of, int(n), str(c), str(r), ruleset) for n, c, r in distinct]
    return [found[code] for code in codes]


def _warnings(going: pd.DataFrame, payer: pd.DataFrame, fees: pd.DataFrame, language: Language, company: str) -> pd.Series:
    """What a reviewer should look at before sending, in the reader's language."""
    tests: dict[str, Bools] = {
        "warn_address": ((payer["address"] == "") | ((payer["city"] == "") & ~payer["address"].str.contains(","))).to_numpy(),
        "warn_credits": (going["credits_minor"] < 0).to_numpy(),
        **{key: fees[said].to_numpy(dtype=bool) for said, key in SAID.items()},
    }
    warning = pd.Series("", index=going.index, dtype="str")
    for key, holds in tests.items():
        here = going.loc[holds, "currency"]
        said = {currency: text(language, "reason", key, currency=currency, company_currency=company) for currency in here.unique()}
        warning[holds] = (warning[holds] + " " + here.map(said)).str.strip()
    return warning


def totals(assessed: pd.DataFrame) -> pd.DataFrame:
    """Per currency: lines, open, not due, overdue, credits, due for a reminder; open = not due + overdue + credits, to the minor unit."""
    amount, credit = assessed["open_minor"], assessed["open_minor"] < 0
    due = assessed["reason_code"].isin([str(why) for why in REMINDED])
    overdue = (assessed["days_overdue"] > 0) & ~credit
    parts = pd.DataFrame(
        {
            "currency": assessed["currency"], "lines": 1, "open_minor": amount, "not_due_minor": amount.where(~overdue & ~credit, 0),
            "overdue_minor": amount.where(overdue, 0), "credits_minor": amount.where(credit, 0), "due_minor": amount.where(due, 0),
        }
    )  # fmt: skip
    return typed(parts.groupby("currency", sort=True, observed=True).sum().reset_index(), Total)
