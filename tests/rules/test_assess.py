from datetime import date

import pandas as pd
import pytest

from rules.model import Method
from rules.ruleset import Ruleset
from tests.rules.world import item, reminded, rules, run
from tests.table import Case, table

PLAIN = rules()


def with_method(**settings: object) -> Ruleset:
    """The plain rules with these settings on the method "standard"."""
    method = Method.model_validate(PLAIN.methods[0].model_dump() | settings)
    return Ruleset(PLAIN.settings, (method, *PLAIN.methods[1:]), PLAIN.levels, PLAIN.currencies, PLAIN.reasons)


@pytest.mark.parametrize("case", table("""
    case                              | grace | test           | due        | then | reason
    due tomorrow                      | 0     | strictly_after | 2026-04-01 | 1    | not_due
    due today is never overdue        | 0     | strictly_after | 2026-03-31 | 1    | not_due
    a day late                        | 0     | strictly_after | 2026-03-30 | 1    | due
    last day of grace                 | 5     | strictly_after | 2026-03-26 | 1    | in_grace
    day after grace                   | 5     | strictly_after | 2026-03-25 | 1    | due
    on or after: due tomorrow         | 0     | on_or_after    | 2026-04-01 | 1    | not_due
    on or after: due today            | 0     | on_or_after    | 2026-03-31 | 1    | due
    on or after: day before grace end | 5     | on_or_after    | 2026-03-27 | 1    | in_grace
    on or after: grace ends           | 5     | on_or_after    | 2026-03-26 | 1    | due
    one step at a time                | 5     | strictly_after | 2024-01-01 | 1    | due
    no due date                       | 5     | strictly_after | -          | 1    | no_due_date
"""), ids=str)  # fmt: skip
def test_overdue(case: Case) -> None:
    """An item is overdue when the as-of date lies after due date + grace (PRODUCT 3.1)."""
    found = run([item(due_date=case.due)], rules=with_method(grace_days=case.grace, overdue_test=case.test)).ledger.iloc[0]

    assert (case.then, case.reason) == (found["next_level"], found["reason_code"])


@pytest.mark.parametrize("case", table("""
    case                                     | clock         | last       | deadline   | next       | reason
    interval is inclusive, the day before    | last_reminder | 2026-03-18 | -          | 2026-04-01 | waiting
    interval is inclusive, the day           | last_reminder | 2026-03-17 | -          | 2026-03-31 | due
    deadline not looked at                   | last_reminder | 2026-03-17 | 2026-04-20 | 2026-03-31 | due
    later of both: the interval              | later_of_both | 2026-03-18 | 2026-03-28 | 2026-04-01 | waiting
    later of both: the deadline              | later_of_both | 2026-03-10 | 2026-04-01 | 2026-04-01 | waiting
    later of both: not before the deadline   | later_of_both | 2026-03-10 | 2026-03-31 | 2026-03-31 | due
    later of both: no deadline known         | later_of_both | 2026-03-17 | -          | 2026-03-31 | due
    last deadline and the level's days       | last_deadline | 2026-03-01 | 2026-03-17 | 2026-04-01 | waiting
    last deadline, the day after             | last_deadline | 2026-03-01 | 2026-03-16 | 2026-03-31 | due
    due date: long past                      | due_date      | 2026-03-30 | 2026-04-20 | 2026-03-31 | due
    due date: never twice a day              | due_date      | 2026-03-31 | 2026-04-20 | 2026-04-01 | waiting
"""), ids=str)  # fmt: skip
def test_clock_of_level_2(case: Case) -> None:
    """The second reminder waits for the method's clock; level 2 has 14 days (PRODUCT 3.2, 3.3)."""
    found = run([item()], rules=with_method(clock=case.clock), history=[reminded(1, case.last, case.deadline)]).ledger.iloc[0]

    assert (2, case.next, case.reason) == (found["next_level"], found["next_date"].date(), found["reason_code"])


LADDER = """
[[levels]]
method = "standard"
level = 1
days = 5
mode = "days_after_due"
template = "reminder"

[[levels]]
method = "standard"
level = 2
days = 10
mode = "end_of_month_after_due"
template = "firm_reminder"

[[levels]]
method = "standard"
level = 3
days = 20
mode = "days_after_last_reminder"
template = "formal_notice"
"""


@pytest.mark.parametrize("case", table("""
    case                         | due        | level | last       | next
    days after the due date      | 2026-03-31 | 0     | -          | 2026-04-06
    end of month after due date  | 2026-03-05 | 1     | 2026-03-11 | 2026-03-31
    end of month, next month     | 2026-03-25 | 1     | 2026-03-31 | 2026-04-30
    days after the last reminder | 2026-02-01 | 2     | 2026-03-11 | 2026-03-31
"""), ids=str)  # fmt: skip
def test_clock_of_each_level(case: Case) -> None:
    """With the clock `level` every level names its own mode."""
    each = rules(LADDER)
    method = Method.model_validate(each.methods[0].model_dump() | {"clock": "level"})
    ruleset = Ruleset(each.settings, (method,), each.levels)
    history = [reminded(case.level, case.last)] if case.level else []
    found = run([item(due_date=case.due)], rules=ruleset, history=history).ledger.iloc[0]

    assert case.next == found["next_date"].date()


@pytest.mark.parametrize("case", table("""
    case                                   | after   | level | deadline   | allowed | next | reason
    the last deadline runs until today     | collect | 4     | 2026-03-31 | yes     | 0    | waiting
    the last deadline is over              | collect | 4     | 2026-03-30 | yes     | 0    | collect
    the payer may not be handed over       | collect | 4     | 2026-03-30 | no      | 0    | collect_not_allowed
    one level before the last              | collect | 3     | 2026-03-30 | yes     | 4    | due
    the last letter again                  | repeat  | 4     | 2026-03-30 | yes     | 4    | due
    nothing more                           | stop    | 4     | 2026-03-30 | yes     | 0    | stopped
"""), ids=str)  # fmt: skip
def test_after_the_last_level(case: Case) -> None:
    """After N letters and the Nth deadline the line goes to collection, repeats or stops (PRODUCT 3.12)."""
    payers = [{"payer": "1", "collection_allowed": case.allowed == "yes"}]
    history = [reminded(case.level, "2026-03-01", case.deadline)]
    found = run([item()], rules=with_method(last_level=case.after), history=history, payers=payers).ledger.iloc[0]

    assert (case.next, case.reason) == (found["next_level"], found["reason_code"])


@pytest.mark.parametrize("case", table("""
    case                                | fields                                                     | reason
    a credit                            | open_minor=-1                                              | credit
    nothing open                        | open_minor=0                                               | settled
    a method that does not remind       | method='none'                                              | no_method
    a block without an end              | block='agreed'                                             | blocked
    the last day of a block             | block='agreed', block_until='2026-03-31'                   | blocked
    the day after a block               | block='agreed', block_until='2026-03-30'                   | due
    a dispute                           | dispute='dispute'                                          | disputed
    a block before a dispute            | block='agreed', dispute='dispute'                          | blocked
    a dispute before not due            | dispute='dispute', due_date='2026-04-30'                   | disputed
    an agreed due date replaces the due | agreed_due_date='2026-04-30'                               | not_due
    an agreed date where none was       | due_date=None, agreed_due_date='2026-03-01'                | due
    up to the tolerance                 | open_minor=200                                             | tolerance
    above the tolerance                 | open_minor=201                                             | due
    below the tolerance in yen          | open_minor=399, currency='JPY'                             | tolerance
    above the tolerance in yen          | open_minor=401, currency='JPY'                             | due
    no rate, no tolerance               | open_minor=200, currency='SEK'                             | due
"""), ids=str)  # fmt: skip
def test_ladder_of_reasons(case: Case) -> None:
    """The first test of the ladder that holds gives the reason."""
    ruleset = rules('[[currencies]]\ncurrency = "JPY"\nrate = 0.005', line_tolerance_minor=200)
    fields = eval(f"dict({case.fields})")
    found = run([item(**fields)], rules=ruleset).ledger.iloc[0]

    assert case.reason == found["reason_code"]


@pytest.mark.parametrize("case", table("""
    case                     | until      | reason
    until removed            | -          | payer_blocked
    the last day of a block  | 2026-03-31 | payer_blocked
    the day after a block    | 2026-03-30 | due
"""), ids=str)  # fmt: skip
def test_blocked_payer(case: Case) -> None:
    """A payer's block holds all of its lines until its last day."""
    found = run([item()], rules=PLAIN, payers=[{"payer": "1", "block": "insolvency", "block_until": case.until}]).ledger.iloc[0]

    assert case.reason == found["reason_code"]


@pytest.mark.parametrize("case", table("""
    case                                  | fields                                     | next
    due                                   | due_date='2026-03-01'                      | 2026-03-07
    blocked until a day after it          | block='agreed', block_until='2026-04-15'   | 2026-04-16
    blocked without an end                | block='agreed'                             | -
    disputed                              | dispute='dispute'                          | -
    tolerated                             | open_minor=1                               | -
    a credit                              | open_minor=-1                              | -
"""), ids=str)  # fmt: skip
def test_next_reminder_possible(case: Case) -> None:
    """The next date is shown where it is known, and only there."""
    found = run([item(**eval(f"dict({case.fields})"))], rules=rules(line_tolerance_minor=200)).ledger.iloc[0]["next_date"]

    assert case.next == (None if pd.isna(found) else found.date())


def test_method_by_invoice_then_payer_then_company() -> None:
    """The line's method wins over the payer's, the payer's over the company's."""
    quick = PLAIN.methods[0].model_copy(update={"method": "quick"})
    levels = [level.model_copy(update={"method": "quick"}) for level in PLAIN.levels]
    ruleset = Ruleset(PLAIN.settings, (*PLAIN.methods, quick), (*PLAIN.levels, *levels))
    items = [item(document="A", method="quick"), item(document="B"), item(document="C", payer="2")]
    found = run(items, rules=ruleset, payers=[{"payer": "1", "method": "none"}]).ledger

    assert ["due", "no_method", "due"] == list(found["reason_code"])


@pytest.mark.parametrize("case", table("""
    case                              | before   | manual | reason
    the same method                   | standard | -      | due
    another method before             | vip      | -      | method_changed
    decided by hand                   | vip      | 2      | due
    taken over without a method       | -        | -      | due
"""), ids=str)  # fmt: skip
def test_method_changed_in_mid_series(case: Case) -> None:
    """A line whose last reminder was of another method waits for a decision by hand (PRODUCT 3.17)."""
    history = [reminded(1, "2026-03-01", "2026-03-10", method=case.before or "")]
    found = run([item(manual_level=case.manual, manual_reason="decision")], rules=PLAIN, history=history).ledger.iloc[0]

    assert case.reason == found["reason_code"]


def test_a_call_does_not_shorten_a_printed_deadline() -> None:
    """The deadline of the last letter holds, also after an entry that prints none."""
    history = [reminded(1, "2026-03-10", "2026-04-10"), reminded(2, "2026-03-12", event="call", run="")]
    found = run([item()], rules=PLAIN, history=history).ledger.iloc[0]

    assert (date(2026, 4, 10), "waiting") == (found["last_deadline"].date(), found["reason_code"])


def test_the_reason_names_the_minimum_that_was_tested() -> None:
    """With lines of two methods on a letter, the minimum is that of the method that speaks."""
    vip = PLAIN.methods[0].model_copy(update={"method": "vip", "minimum_minor": 50000})
    levels = [level.model_copy(update={"method": "vip"}) for level in PLAIN.levels]
    ruleset = Ruleset(PLAIN.settings, (*PLAIN.methods, vip), (*PLAIN.levels, *levels))
    items = [item(), item(document="F2", method="vip", due_date="2026-01-01")]
    history = [reminded(1, "2026-03-01", "2026-03-10", document="F2", method="vip")]
    found = run(items, rules=ruleset, history=history).ledger["reason"]

    assert {"The net total due of €200.00 is below the minimum of €500.00."} == set(found)


def test_manual_level_skips_once() -> None:
    """A manual level is the next level; after it, when the issue has cleared it, the series goes on from there and never back."""
    manual = item(manual_level=3, manual_reason="decision")
    first = run([manual], rules=PLAIN).ledger.iloc[0]
    later = run([item()], rules=PLAIN, history=[reminded(3, "2026-03-01", "2026-03-10", reminders=1)]).ledger.iloc[0]

    assert (3, 4) == (first["next_level"], later["next_level"])


def test_undo_restores_what_stood_before() -> None:
    """An undone letter does not count: level, date and count are those of the letter before."""
    history = [
        reminded(1, "2026-02-10", "2026-02-20", run="RA"),
        reminded(2, "2026-03-20", "2026-03-30", run="RB"),
        reminded(1, "2026-03-21", event="undo", undoes=2),
    ]
    found = run([item()], rules=PLAIN, history=history).ledger.iloc[0]

    assert (1, 1, date(2026, 2, 10), "due") == (found["level"], found["reminders"], found["last_reminder"].date(), found["reason_code"])


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Within the grace: 3 of 5 days left, reminder possible from 4 April 2026."),
        ("fr", "Dans la marge : 3 jours restants sur 5, relance possible dès le 4 avril 2026."),
        ("de", "In der Karenz: noch 3 von 5 Tagen, Mahnung möglich ab 4. April 2026."),
    ],
)
def test_reason_names_rule_and_numbers(language: str, expected: str) -> None:
    """The reason is a sentence in the reader's language."""
    found = run([item(due_date="2026-03-29")], rules=rules(language=language)).ledger.iloc[0]

    assert expected == found["reason"]
