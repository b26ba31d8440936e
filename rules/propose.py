"""From assessment to proposals: one per company, payer and currency, its lines, and the last word on the reason of every item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from rules.dates import day, days, working_day
from rules.model import AssessedItem, CollectionCase, Proposal, ProposalLine, ProposalState, Reason, Total
from rules.reasons import reason_texts
from rules.row import Language, typed
from rules.ruleset import Ruleset
from rules.standing import last_letter_to, payer_key
from rules.words import text

GROUP = ["company", "payer", "currency"]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Run:
    """What one run at one as-of date says: the assessed ledger, the proposals with their lines, the collection cases, totals per currency."""

    ledger: pd.DataFrame  # AssessedItem
    proposals: pd.DataFrame  # Proposal
    lines: pd.DataFrame  # ProposalLine
    collection: pd.DataFrame  # CollectionCase
    totals: pd.DataFrame  # Total


def propose(
    ledger: pd.DataFrame, found: pd.DataFrame, history: pd.DataFrame, standing_open: pd.DataFrame, ruleset: Ruleset, as_of: date, run: str
) -> Run:
    """Proposals for what `rules.assess.assess` found due.

    `standing_open` are the proposals (rows of `Proposal`) of other runs that are still open: their payers and currencies are locked. Order of
    proposals: company, payer, currency; of lines: due date, document. A letter nets all credits of its payer and currency, whatever their date.
    """
    found = found.copy()
    groups = ledger.groupby(GROUP, sort=True, observed=True)
    group = groups.ngroup().to_numpy().astype(np.int64)
    head = ledger[GROUP].drop_duplicates().sort_values(GROUP, kind="stable").reset_index(drop=True)
    found["run"] = _lock(found, ledger, standing_open)
    letters = _letters(ledger, found, group, head, history, ruleset, as_of)
    _decide(found, group, letters, ruleset)
    assessed = _assessed(ledger, found, ruleset)
    proposed = letters[letters["reason"] == Reason.DUE]
    on_letter = np.isin(group, proposed.index) & found["reason_code"].isin([Reason.DUE, Reason.CREDIT]).to_numpy()
    return Run(
        assessed,
        _proposals(ledger, found, group, proposed, ruleset, as_of, run),
        _lines(assessed[on_letter], run),
        typed(assessed[(assessed["reason_code"] == Reason.COLLECT).to_numpy()].assign(run=run), CollectionCase).reset_index(drop=True),
        totals(assessed),
    )


def _lock(found: pd.DataFrame, ledger: pd.DataFrame, standing_open: pd.DataFrame) -> pd.Series:
    """Items whose payer and currency stand in an open proposal of another run become LOCKED; answers that run, or ""."""
    held_by = standing_open.drop_duplicates(GROUP).set_index(GROUP)["run"] if len(standing_open) else pd.Series(dtype="str")
    if not len(held_by):
        return pd.Series("", index=ledger.index, dtype="str")
    of = pd.Series(held_by.reindex(pd.MultiIndex.from_frame(ledger[GROUP])).to_numpy(), index=ledger.index, dtype="str").fillna("")
    locked = (of != "") & (found["reason_code"] == Reason.DUE)
    found.loc[locked, "reason_code"] = str(Reason.LOCKED)
    return of


def _sums(group: Ints, amount: Ints, where: Bools, n: int) -> Ints:
    """Exact sum of the amounts of each group."""
    sums = np.zeros(n, dtype="int64")
    np.add.at(sums, group[where], amount[where])
    return sums


def _letters(
    ledger: pd.DataFrame, found: pd.DataFrame, group: Ints, head: pd.DataFrame, history: pd.DataFrame, ruleset: Ruleset, as_of: date
) -> pd.DataFrame:
    """One row per group that has a due line: sums, the level that speaks, and the reason for or against a letter. Index: group number."""
    n, amount = len(head), ledger["open_minor"].to_numpy()
    due, credit = (found["reason_code"] == Reason.DUE).to_numpy(), (found["reason_code"] == Reason.CREDIT).to_numpy()
    letters = head.assign(
        overdue_minor=_sums(group, amount, due, n), credits_minor=_sums(group, amount, credit, n), lines=np.bincount(group[due | credit], minlength=n)
    )
    speaker = _speaker(found, group, due, n)
    letters = letters[speaker >= 0].copy()
    rows = speaker[speaker >= 0]
    letters["row"] = rows
    for column in ("method_at", "next_level", *(f"payer_{c}" for c in ("country", "region", "language", "name", "address", "city"))):
        letters[column] = found[column].to_numpy()[rows]
    letters["net_minor"] = letters["overdue_minor"] + letters["credits_minor"]
    letters["payer_last"] = last_letter_to(payer_key(letters), history)
    wait = ruleset.of_methods("payer_interval_days")[letters["method_at"]]
    letters["payer_next"] = (days(letters["payer_last"]) + wait).astype("datetime64[s]")
    net, minimum = _in_company_currency(letters, ruleset)
    letters["reason"] = np.select(
        [
            letters["net_minor"] <= 0,
            (minimum > 0) & np.isnan(net),
            (minimum > 0) & (net < minimum),
            (wait > 0) & (day(as_of) < days(letters["payer_next"])),
        ],
        [str(Reason.CREDIT_BALANCE), str(Reason.NO_RATE), str(Reason.BELOW_MINIMUM), str(Reason.PAYER_INTERVAL)],
        default=str(Reason.DUE),
    )
    return letters


def _speaker(found: pd.DataFrame, group: Ints, due: Bools, n: int) -> Ints:
    """Row of the line whose level speaks for each group: the highest level, the oldest of those; -1 where nothing is due."""
    order = np.lexsort((-found["days_overdue"].to_numpy(), -found["next_level"].to_numpy(), group))
    order = order[due[order]]
    first = np.concatenate([[True], np.diff(group[order]) != 0]) if len(order) else np.zeros(0, dtype=bool)
    speaker = np.full(n, -1)
    speaker[group[order[first]]] = order[first]
    return speaker


def _in_company_currency(letters: pd.DataFrame, ruleset: Ruleset) -> tuple[npt.NDArray[np.float64], Ints]:
    """Net of each letter in minor units of the company currency (whole numbers; NaN without a rate), and its method's minimum."""
    minimum = ruleset.of_methods("minimum_minor")[letters["method_at"]]
    net = np.full(len(letters), np.nan)
    asked = np.flatnonzero(minimum > 0)
    for at in asked:  # letters under a minimum only: exact, one by one
        row = letters.iloc[at]
        worth = ruleset.in_company_currency(int(row["net_minor"]), str(row["currency"]))
        net[at] = np.nan if worth is None else worth
    return net, minimum


def _decide(found: pd.DataFrame, group: Ints, letters: pd.DataFrame, ruleset: Ruleset) -> None:
    """Carries the reason of each letter, and the facts that explain it, to its due lines."""
    at = pd.Index(letters.index).get_indexer(pd.Index(group))
    of_letter = at >= 0
    position = np.where(of_letter, at, 0)
    if not len(letters):
        found[["net_minor", "minimum_minor"]] = 0
        found["payer_last"] = np.datetime64("NaT", "s")
        return
    due = (found["reason_code"] == Reason.DUE).to_numpy() & of_letter
    item, letter = found["reason_code"].cat, pd.Series(letters["reason"]).astype(found["reason_code"].dtype).cat.codes.to_numpy()
    found["reason_code"] = pd.Categorical.from_codes(np.where(due, letter[position], item.codes), categories=item.categories)
    found["net_minor"] = np.where(of_letter, letters["net_minor"].to_numpy()[position], 0)
    found["minimum_minor"] = ruleset.of_methods("minimum_minor")[letters["method_at"].to_numpy()[position]]
    found["payer_last"] = letters["payer_last"].to_numpy()[position]
    waiting = (found["reason_code"] == Reason.PAYER_INTERVAL).to_numpy()
    found["next_date"] = np.where(waiting, letters["payer_next"].to_numpy()[position], found["next_date"].to_numpy()).astype("datetime64[s]")


def _assessed(ledger: pd.DataFrame, found: pd.DataFrame, ruleset: Ruleset) -> pd.DataFrame:
    answers = found[["level", "reminders", "last_reminder", "last_deadline", "days_overdue", "bucket", "next_level", "next_date", "reason_code"]]
    kept = ledger.drop(columns=[c for c in answers.columns if c in ledger] + ["reason"], errors="ignore")
    language = ruleset.settings.language
    buckets = answers["bucket"].cat.rename_categories(lambda b: text(language, "bucket", str(b)))
    reason = reason_texts(ledger, found, ruleset, language)
    return typed(pd.concat([kept, answers.assign(bucket=buckets, reason=reason)], axis=1), AssessedItem)


def _deadlines(ruleset: Ruleset, letters: pd.DataFrame, as_of: date) -> list[date]:
    """The deadline of each letter: one look-up per distinct combination of days, country and region."""
    wait = ruleset.of_levels(lambda step: step.deadline_days)[letters["method_at"], letters["next_level"]]
    codes, distinct = pd.factorize(pd.MultiIndex.from_arrays([wait, letters["payer_country"], letters["payer_region"]]))
    found = [deadline(as_of, int(n), str(c), str(r), ruleset) for n, c, r in distinct]
    return [found[code] for code in codes]


def deadline(as_of: date, wait: int, country: str, region: str, ruleset: Ruleset) -> date:
    """Letter date + the level's days, moved to a working day of the payer's country (the company's, if blank) and region."""
    return working_day(as_of + timedelta(days=wait), country or ruleset.settings.company_country, region)


def _proposals(
    ledger: pd.DataFrame, found: pd.DataFrame, group: Ints, letters: pd.DataFrame, ruleset: Ruleset, as_of: date, run: str
) -> pd.DataFrame:
    settings = ruleset.settings
    steps = [ruleset.steps[ruleset.methods[m].method, level] for m, level in zip(letters["method_at"], letters["next_level"], strict=True)]
    language = letters["payer_language"].astype(object).where(letters["payer_language"].astype(object) != "", settings.letter_language)
    names = letters["payer_name"].where(letters["payer_name"] != "", ledger["payer_name"].to_numpy()[letters["row"]])
    oldest = pd.Series(found["days_overdue"].to_numpy()).where((found["reason_code"] == Reason.DUE).to_numpy()).groupby(group).max()
    made = letters[[*GROUP, "lines", "overdue_minor", "credits_minor"]].assign(
        run=run,
        as_of=pd.Timestamp(as_of),
        payer_name=names,
        level=letters["next_level"],
        method=[step.method for step in steps],
        template=[step.template for step in steps],
        channel=[str(step.channel) for step in steps],
        language=language,
        deadline=pd.to_datetime(_deadlines(ruleset, letters, as_of)),
        total_minor=letters["net_minor"],
        days_overdue=oldest.reindex(letters.index).fillna(0),
        warning=_warnings(letters, settings.language),
        decision="open",
        state=str(ProposalState.OPEN),
    )
    return typed(made, Proposal).reset_index(drop=True)


def _warnings(letters: pd.DataFrame, language: Language) -> list[str]:
    """What a reviewer should look at before sending, in the reader's language."""
    said: list[list[str]] = [[] for _ in range(len(letters))]
    tests = {
        "warn_address": (letters["payer_address"] == "") | (letters["payer_city"] == ""),
        "warn_credits": letters["credits_minor"] < 0,
    }
    for key, test in tests.items():
        sentence = text(language, "reason", key)
        for at in np.flatnonzero(test.to_numpy()):
            said[at].append(sentence)
    return [" ".join(sentences) for sentences in said]


def _lines(assessed: pd.DataFrame, run: str) -> pd.DataFrame:
    """The lines of the letters: due ones with their own new level, credits at level 0."""
    due = (assessed["reason_code"] == Reason.DUE).to_numpy()
    lines = assessed.assign(run=run, level_before=assessed["level"], level=np.where(due, assessed["next_level"], 0))
    lines["proposed_level"] = lines["level"]
    lines["due_date"] = lines["agreed_due_date"].where(lines["agreed_due_date"].notna(), lines["due_date"])
    ordered = lines.assign(credit=~due).sort_values([*GROUP, "credit", "due_date", "document", "instalment"], kind="stable")
    return typed(ordered, ProposalLine).reset_index(drop=True)


def totals(assessed: pd.DataFrame) -> pd.DataFrame:
    """Per currency: lines, open, not due, overdue, credits, due for a reminder; open = not due + overdue + credits, to the minor unit."""
    amount, credit, due = assessed["open_minor"], assessed["open_minor"] < 0, assessed["reason_code"] == Reason.DUE
    overdue = (assessed["days_overdue"] > 0) & ~credit
    parts = pd.DataFrame(
        {
            "currency": assessed["currency"], "lines": 1, "open_minor": amount, "not_due_minor": amount.where(~overdue & ~credit, 0),
            "overdue_minor": amount.where(overdue, 0), "credits_minor": amount.where(credit, 0), "due_minor": amount.where(due, 0),
        }
    )  # fmt: skip
    return typed(parts.groupby("currency", sort=True, observed=True).sum().reset_index(), Total)
