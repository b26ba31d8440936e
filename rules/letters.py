"""Which lines make which letter, and whether it goes: gate, minimums, grouping, credits, and the tests of a letter as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from rules.assess import REASONS, Ladder
from rules.dates import day, days
from rules.model import REMINDED, Credits, Gate, Grouping, LineLevel, Reason
from rules.records import Records
from rules.ruleset import Bools, Ints, Ruleset
from rules.standing import coded, document_key, joined, last_contact_with, payer_key, positions

GROUP = ["company", "payer", "currency"]
OF = {why: np.int8(at) for at, why in enumerate(REASONS)}


@dataclass(frozen=True)
class Letters:
    """The letters that lines speak for, whether they go or not.

    `frame`: one row per letter, in order of company, payer, currency, part: these, `row` (ledger position of the line that speaks), `method_at`,
    `level`, `payer_at`, `overdue_minor`, `credits_minor`, `net_minor`, `lines`, `days_overdue`, `payer_last`, `payer_next`, `owes_minor`,
    `owes_known`, `reason` (DUE: it goes).
    `of_line`: position of its letter for each line of the ledger that stands on one, due or credit; -1 for the others.
    `code`, `level`, `group`: reason (position in `REASONS`) and next level of every line, after all that the letters decide, and the number of its
    company, payer and currency. `short_minor`: what the lines of a level came to, where that is below its minimum.
    """

    frame: pd.DataFrame
    of_line: Ints
    code: Ints
    level: Ints
    group: Ints
    short_minor: Ints


@dataclass
class Lines:
    """What is decided about the lines so far: reason and next level of each, and the payer and currency it belongs to."""

    code: Ints
    level: Ints
    group: Ints
    groups: int

    def due(self) -> Bools:
        """Lines that are due, or go with those that are."""
        return np.isin(self.code, [OF[why] for why in REMINDED])

    def sums(self, amount: Ints, where: Bools) -> Ints:
        """Exact sum of the amounts of each group."""
        return summed(self.group[where], amount[where], self.groups)


def summed(of: Ints, amount: Ints, count: int) -> Ints:
    """Exact sum of the amounts by number."""
    sums = np.zeros(count, dtype="int64")
    np.add.at(sums, of, amount)
    return sums


def letters(
    records: Records, found: pd.DataFrame, standing_open: pd.DataFrame, ruleset: Ruleset, as_of: date, selected: Bools | None = None
) -> Letters:
    """The letters of a run over what `rules.assess.assess` found.

    `standing_open`: proposals of other runs that are still open; their payers and currencies are locked. `selected`: the lines a selection lets
    through; credits are never filtered.
    """
    ledger = records.ledger
    group = coded(joined(ledger, GROUP))
    code, level = found["reason_code"].cat.codes.to_numpy().astype("int8"), found["next_level"].to_numpy().copy()
    lines = Lines(code, level, group, int(group.max(initial=-1)) + 1)
    chosen = np.ones(len(ledger), dtype=bool) if selected is None else selected
    lines.code[(lines.code == OF[Reason.DUE]) & ~chosen] = OF[Reason.NOT_SELECTED]
    lines.code[(lines.code == OF[Reason.DUE]) & (locked_by(ledger, standing_open) != "").to_numpy()] = OF[Reason.LOCKED]
    _gate(ledger, found, lines, ruleset, as_of, chosen)
    short = _level_minimums(ledger, found, lines, ruleset)
    letter = _letter_of(ledger, found, lines, ruleset)
    frame = _frame(ledger, found, lines, letter, ruleset)
    tests = _credited(ledger, found, lines, letter, frame, ruleset)
    _contacts(records, frame, ruleset)
    _owing(ledger, lines, frame, ruleset)
    tests += letter_tests(frame, ruleset, as_of)
    frame["reason"] = np.select([test for test, _ in tests], [OF[why] for _, why in tests], default=OF[Reason.DUE]).astype("int8")
    refused = lines.due() & (letter >= 0)
    refused[refused] = frame["reason"].to_numpy()[letter[refused]] != OF[Reason.DUE]
    lines.code[refused] = frame["reason"].to_numpy()[letter[refused]]
    _followed(ledger, found, lines, letter, frame, ruleset)
    return Letters(frame, letter, lines.code, lines.level, lines.group, short)


def locked_by(ledger: pd.DataFrame, standing_open: pd.DataFrame) -> pd.Series:
    """The run whose open proposal holds each line's payer and currency, or ""."""
    if not len(standing_open):
        return pd.Series("", index=ledger.index, dtype="str")
    at = positions(joined(ledger, GROUP), joined(standing_open, GROUP))
    return pd.Series(np.where(at >= 0, standing_open["run"].to_numpy()[at], ""), index=ledger.index, dtype="str")


def _gate(ledger: pd.DataFrame, found: pd.DataFrame, lines: Lines, ruleset: Ruleset, as_of: date, chosen: Bools) -> None:
    """Under the gate `oldest_item` the oldest overdue line of payer and currency decides for all (OCA's overdue reminder, SAP's minimum days)."""
    method = found["method_at"].to_numpy()
    gated = ruleset.having("gate", Gate.OLDEST_ITEM)[method]
    if not gated.any():
        return
    running = np.isin(lines.code, [OF[Reason.DUE], OF[Reason.WAITING], OF[Reason.IN_GRACE]]) & ~found["ended"].to_numpy()
    able = gated & running & ((found["days_overdue"] > 0).to_numpy() | (lines.code == OF[Reason.DUE]))
    due = days(found["due"]).astype("int64")
    oldest = np.full(lines.groups, np.iinfo("int64").max)
    np.minimum.at(oldest, lines.group[able], due[able])
    late = day(as_of).astype("int64") - due - ruleset.of_methods("grace_days")[method]
    opens = able & (due == oldest[lines.group]) & (lines.code == OF[Reason.DUE]) & (late >= ruleset.of_methods("gate_days")[method])
    opened = np.zeros(lines.groups, dtype=bool)
    opened[lines.group[opens]] = True
    here = opened[lines.group]
    lines.code[gated & (lines.code == OF[Reason.DUE]) & ~here] = OF[Reason.GATE]
    again = ~(days(found["last_reminder"]) >= day(as_of))  # never twice on a day
    lines.code[able & (lines.code != OF[Reason.DUE]) & chosen & here & again] = OF[Reason.JOINED]


def _level_minimums(ledger: pd.DataFrame, found: pd.DataFrame, lines: Lines, ruleset: Ruleset) -> Ints:
    """From the highest level down: lines of a level that does not come to its minimum fall to the level below, or are left out (SAP F150).

    Answers what the level of the lines left out came to, 0 for all others.
    """
    left_out = np.zeros(len(ledger), dtype="int64")
    minimum, percent = ruleset.of_levels(lambda s: s.minimum_minor), ruleset.of_levels(lambda s: int(s.minimum_percent.scaleb(6)))
    if not (minimum.any() or percent.any()):
        return left_out
    amount, method, sent = ledger["open_minor"].to_numpy(), found["method_at"].to_numpy(), found["level"].to_numpy()
    currency = pd.Series("", index=range(lines.groups), dtype="str")
    currency.iloc[lines.group] = ledger["currency"].to_numpy()
    everything = lines.sums(amount, amount > 0).astype(object)
    by_hand, falls = found["by_hand"].to_numpy(), ruleset.of_methods("fall_back")[method] > 0
    for level in range(int(ruleset.highest.max()), 0, -1):
        here = lines.due() & (lines.level == level)
        total = lines.sums(amount, here)
        worth, known = ruleset.worth(total, currency)
        enough = worth[lines.group] >= minimum[method, level]
        share = (total.astype(object) * 10**8)[lines.group] >= percent[method, level] * everything[lines.group]
        untested = here & ~by_hand & (minimum[method, level] > 0) & ~known[lines.group]
        short = here & ~by_hand & ~untested & ~(enough & share.astype(bool))
        falling = short & falls & (level - 1 >= np.maximum(sent, 1))
        lines.level[falling] = level - 1
        lines.code[short & ~falling] = OF[Reason.BELOW_LEVEL_MINIMUM]
        left_out[short & ~falling] = total[lines.group[short & ~falling]]
        lines.code[untested] = OF[Reason.NO_RATE]
    return left_out


def _letter_of(ledger: pd.DataFrame, found: pd.DataFrame, lines: Lines, ruleset: Ruleset) -> Ints:
    """Number of the letter of each due line, by the grouping of its method; -1 for the others."""
    due, method = lines.due(), found["method_at"].to_numpy()
    within = np.zeros(len(ledger), dtype="int64")
    by_level, by_document = (ruleset.having("grouping", g)[method] & due for g in (Grouping.PAYER_LEVEL_CURRENCY, Grouping.INVOICE))
    within[by_level] = lines.level[by_level]
    if by_document.any():
        within[by_document] = 10 + coded(document_key(ledger[by_document]))
    letter = np.full(len(ledger), -1)
    letter[due] = pd.factorize(lines.group[due] * (within.max(initial=0) + 1) + within[due])[0]
    return letter


def _frame(ledger: pd.DataFrame, found: pd.DataFrame, lines: Lines, letter: Ints, ruleset: Ruleset) -> pd.DataFrame:
    """One row per letter: who, at which level, how much; the highest level speaks, the oldest line of it. Renumbers `letter` in their order."""
    due = np.flatnonzero(letter >= 0)
    age, method = found["days_overdue"].to_numpy(), found["method_at"].to_numpy()
    order = due[np.lexsort((method[due], -age[due], -lines.level[due], letter[due]))]
    first = np.concatenate([[True], np.diff(letter[order]) != 0]) if len(order) else np.zeros(0, dtype=bool)
    row = order[first]
    part = np.full(len(row), "", dtype=object)
    grouping = [ruleset.methods[m].grouping for m in method[row]]
    for at, (group, level, document) in enumerate(zip(grouping, lines.level[row], ledger["document"].to_numpy()[row], strict=True)):
        if group is not Grouping.PAYER_CURRENCY:
            part[at] = f"L{level}" if group is Grouping.PAYER_LEVEL_CURRENCY else document
    frame = ledger[GROUP].iloc[row].reset_index(drop=True).assign(part=pd.Series(part, dtype="str"), row=row, number=letter[row])
    frame = frame.sort_values([*GROUP, "part"], kind="stable", ignore_index=True)
    place = np.zeros(len(frame), dtype="int64")
    place[frame.pop("number").to_numpy()] = np.arange(len(frame))
    letter[due] = place[letter[due]]
    row, n = frame["row"].to_numpy(), len(frame)
    frame["group"], frame["method_at"], frame["level"] = lines.group[row], method[row], lines.level[row]
    frame["payer_at"] = found["payer_at"].to_numpy()[row]
    frame["overdue_minor"] = summed(letter[due], ledger["open_minor"].to_numpy()[due], n)
    frame["lines"] = np.bincount(letter[due], minlength=n)
    oldest = np.full(n, np.iinfo("int64").min)
    np.maximum.at(oldest, letter[due], age[due])
    frame["days_overdue"] = oldest
    takes = due[ruleset.having("line_level", LineLevel.LETTER)[method[due]]]
    if len(takes):  # never above what the line's own method and cap allow
        most = np.minimum(ledger["level_cap"].fillna(9).to_numpy(dtype="int64")[takes], ruleset.highest[method[takes]])
        lines.level[takes] = np.maximum(lines.level[takes], np.minimum(frame["level"].to_numpy()[letter[takes]], most))
    return frame


def _follows(ledger: pd.DataFrame, found: pd.DataFrame, lines: Lines, ruleset: Ruleset) -> tuple[Ints, Ints]:
    """Credits that go with their invoice: their positions, and that of the line they refer to (one that is due, if there is one)."""
    mine = (lines.code == OF[Reason.CREDIT]) & ruleset.having("credits", Credits.FOLLOW_INVOICE)[found["method_at"].to_numpy()]
    mine &= (ledger["reference"] != "").to_numpy()
    credit, debt = np.flatnonzero(mine), np.flatnonzero((ledger["open_minor"] > 0).to_numpy())
    if not len(credit) or not len(debt):
        return credit[:0], credit[:0]
    debt = debt[np.argsort(~lines.due()[debt], kind="stable")]
    columns = ["company", "payer", "currency", "document"]
    refers = ledger.iloc[credit].assign(document=ledger["reference"].iloc[credit])
    at = positions(joined(refers, columns), joined(ledger.iloc[debt], columns))
    return credit[at >= 0], debt[at[at >= 0]]


def _credited(ledger: pd.DataFrame, found: pd.DataFrame, lines: Lines, letter: Ints, frame: pd.DataFrame, ruleset: Ruleset) -> Ladder:
    """Puts the credits onto their letters, and answers the test of credits that no letter can bear.

    A credit that follows its invoice stands on that letter; the others of payer and currency on one letter: the highest, then oldest, that still
    asks for money with them.
    """
    amount, n = ledger["open_minor"].to_numpy(), len(frame)
    credit, invoice = _follows(ledger, found, lines, ruleset)
    letter[credit] = letter[invoice]
    free = (lines.code == OF[Reason.CREDIT]) & (letter < 0)
    free[credit] = False
    here = credit[letter[credit] >= 0]
    frame["credits_minor"] = summed(letter[here], amount[here], n)
    pool = lines.sums(amount, free)[frame["group"]] if n else np.zeros(0, dtype="int64")
    left = frame["overdue_minor"].to_numpy() + frame["credits_minor"].to_numpy() + pool
    by = ["group", "bears", "level", "days_overdue"]
    first = frame.assign(bears=left > 0).sort_values(by, ascending=[True, False, False, False], kind="stable").drop_duplicates("group")
    bearer = np.full(lines.groups, -1)
    bearer[first["group"]] = first.index
    free &= bearer[lines.group] >= 0
    letter[free] = bearer[lines.group[free]]
    frame["credits_minor"] += summed(letter[free], amount[free], n)
    on_it = (letter >= 0) & (amount < 0)
    frame["lines"] += np.bincount(letter[on_it], minlength=n)
    frame["net_minor"] = frame["overdue_minor"] + frame["credits_minor"]
    drowned = (pool < 0) & ~np.isin(frame["group"], first["group"][first["bears"]])
    return [((frame["net_minor"] <= 0).to_numpy() | drowned, Reason.CREDIT_BALANCE)]


def _contacts(records: Records, frame: pd.DataFrame, ruleset: Ruleset) -> None:
    """Adds the last contact with each payer, and the first day on which the payer interval lets another letter go."""
    frame["payer_last"] = last_contact_with(payer_key(frame), records.history)
    wait = ruleset.of_methods("payer_interval_days")[frame["method_at"]]
    frame["payer_next"] = (days(frame["payer_last"]) + wait).astype("datetime64[s]")


def _owing(ledger: pd.DataFrame, lines: Lines, frame: pd.DataFrame, ruleset: Ruleset) -> None:
    """Adds what each payer owes net over all currencies, in company currency; unknown when one of them has no rate, or nobody asks."""
    frame["owes_minor"], frame["owes_known"] = 0, False
    if not ruleset.settings.payer_tolerance_minor or not len(frame):
        return
    counts = lines.due() | (lines.code == OF[Reason.CREDIT])
    row = np.zeros(lines.groups, dtype="int64")
    row[lines.group] = np.arange(len(ledger))
    payer = coded(payer_key(ledger.iloc[row]))
    worth, known = ruleset.worth(lines.sums(ledger["open_minor"].to_numpy(), counts), ledger["currency"].iloc[row])
    told = np.ones(lines.groups, dtype=bool)
    told[payer[~known & (np.bincount(lines.group[counts], minlength=lines.groups) > 0)]] = False
    mine = payer[frame["group"]]
    frame["owes_minor"], frame["owes_known"] = summed(payer, worth, lines.groups)[mine], told[mine]


def letter_tests(frame: pd.DataFrame, ruleset: Ruleset, as_of: date) -> Ladder:
    """The tests of a letter after that of its balance, and the reason each gives against it."""
    method = frame["method_at"].to_numpy()
    minimum, tolerance = ruleset.of_methods("minimum_minor")[method], ruleset.settings.payer_tolerance_minor
    worth, known = ruleset.worth(frame["net_minor"].to_numpy(), frame["currency"])
    wait = ruleset.of_methods("payer_interval_days")[method]
    return [
        ((minimum > 0) & ~known, Reason.NO_RATE),
        ((frame["owes_known"] & (frame["owes_minor"] <= tolerance)).to_numpy(), Reason.PAYER_TOLERANCE),
        ((minimum > 0) & (worth < minimum), Reason.BELOW_MINIMUM),
        ((wait > 0) & (day(as_of) < days(frame["payer_next"])), Reason.PAYER_INTERVAL),
    ]


def _followed(ledger: pd.DataFrame, found: pd.DataFrame, lines: Lines, letter: Ints, frame: pd.DataFrame, ruleset: Ruleset) -> None:
    """Credits whose invoice is on no letter that goes wait for it."""
    credit, _ = _follows(ledger, found, lines, ruleset)
    goes = np.append((frame["reason"] == OF[Reason.DUE]).to_numpy(), False)
    lines.code[credit[~goes[letter[credit]]]] = OF[Reason.CREDIT_FOLLOWS]
