"""Levels of another tool are taken over once, for lines this workbook never reminded; a corrected list corrects."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from rules.model import AssessedItem, Event, HistoryEntry, Payer
from rules.presets import preset as rules_of
from rules.row import empty, to_frame
from rules.ruleset import ruleset
from rules.standing import noticed, standing
from rules.take_over import FATES, taken_over
from tests.table import table

AS_OF, BEFORE = date(2026, 3, 31), date(2026, 2, 10)
RULES = ruleset(*rules_of("plain"))
LISTED = {"company": "", "payer": "1", "document": "A", "instalment": "", "level": 2, "last_reminder": BEFORE}


def lines(*given):
    return to_frame([AssessedItem(**{"payer": "1", "document": "A", "currency": "EUR", "open_minor": 100} | row) for row in given], AssessedItem)


def listed(*given):
    frame = pd.DataFrame([LISTED | row for row in given], columns=list(LISTED))
    return frame.astype({"level": "Int64", "last_reminder": "datetime64[s]"})


def history(*given):
    rows = [
        {"entry": at, "event": Event.LETTER, "date": BEFORE, "payer": "1", "document": "A", "level": 1, "reminders": 1} | row
        for at, row in enumerate(given, start=1)
    ]
    return to_frame([HistoryEntry(**row) for row in rows], HistoryEntry)


def taken(rows, ledger, told=None):
    return taken_over(rows, ledger, empty(Payer), history() if told is None else told, RULES, AS_OF)


def test_a_line_stands_where_the_list_says():
    ledger = lines({}, {"document": "B"})
    made = taken(listed({}), ledger)
    stands = standing(ledger, made.entries.assign(entry=np.arange(1, 2)))

    assert ["taken"] == list(made.fates)
    assert [(2, 2, BEFORE), (0, 0, None)] == [
        (level, count, None if pd.isna(last) else last.date())
        for level, count, last in stands[["level", "reminders", "last_reminder"]].itertuples(index=False)
    ]


@pytest.mark.parametrize(
    "case",
    table("""
    case                                            | document | payer | level | last       | told                   | fate
    a letter of this workbook counts more           | A        | 1     | 3     | 2026-03-01 | letter 1               | reminded
    a letter that was taken back does not           | A        | 1     | 3     | 2026-03-01 | undone 1               | taken
    a call that did not count does not              | A        | 1     | 3     | 2026-03-01 | call 0                 | taken
    handed over stays so                            | A        | 1     | 3     | 2026-03-01 | hand_over 0            | reminded
    as it was taken over before                     | A        | 1     | 2     | 2026-02-10 | take_over 2            | known
    as before, the list has no date                 | A        | 1     | 2     | -          | take_over 2            | known
    a corrected level replaces                      | A        | 1     | 3     | 2026-02-10 | take_over 2            | taken
    a corrected date replaces                       | A        | 1     | 2     | 2026-02-11 | take_over 2            | taken
    never reminded                                  | A        | 1     | 0     | -          | -                      | level_0
    without a level                                 | A        | 1     | -     | 2026-02-10 | -                      | level_0
    paid since                                      | Z        | 1     | 2     | 2026-02-10 | -                      | absent
    of another payer                                | A        | 2     | 2     | 2026-02-10 | -                      | absent
    no payer named, one has it                      | B        | -     | 2     | 2026-02-10 | -                      | taken
    no payer named, two have it                     | C        | -     | 2     | 2026-02-10 | -                      | ambiguous
    reminded in the future                          | A        | 1     | 2     | 2026-04-01 | -                      | later
    reminded today                                  | A        | 1     | 2     | 2026-03-31 | -                      | taken
    a credit has no level                           | D        | 1     | 2     | 2026-02-10 | -                      | absent
    """),
    ids=str,
)  # fmt: skip
def test_what_becomes_of_a_row(case):
    ledger = lines({}, {"document": "B", "payer": "2"}, {"document": "C"}, {"document": "C", "payer": "2"}, {"document": "D", "open_minor": -5})
    told = []
    if case.told:
        event, level = str(case.told).split()
        told = [{"event": Event.LETTER if event == "undone" else Event(event), "level": int(level)}]
        told += [{"event": Event.UNDO, "undoes": 1, "level": 0}] if event == "undone" else []
    row = {"document": case.document, "payer": str(case.payer or ""), "level": case.level, "last_reminder": case.last}
    made = taken(listed(row), ledger, history(*told))

    assert [case.fate] == list(made.fates)
    assert (case.fate == "taken") == (len(made.entries) == 1)
    assert case.fate in FATES


def test_a_replaced_take_over_no_longer_counts():
    ledger, told = lines({}), history({"event": Event.TAKE_OVER, "level": 2, "reminders": 2})
    made = taken(listed({"level": 1}), ledger, told).entries
    stands = standing(ledger, pd.concat([told, made.assign(entry=2)], ignore_index=True))

    assert [1] == list(made["undoes"])
    assert [(1, 1)] == list(stands[["level", "reminders"]].itertuples(index=False, name=None))


def test_of_a_list_of_all_letters_the_last_one_counts():
    rows = listed(
        {"level": 1, "last_reminder": date(2026, 1, 2)}, {"level": 2, "last_reminder": date(2026, 2, 2)}, {"level": 2, "last_reminder": None}
    )
    made = taken(rows, lines({}))

    assert [(2, date(2026, 2, 2))] == [(level, when.date()) for level, when in made.entries[["level", "date"]].itertuples(index=False)]
    assert ["known", "taken", "known"] == list(made.fates)


def test_a_row_without_instalment_speaks_of_all():
    ledger = lines({"instalment": "1"}, {"instalment": "2"})

    assert ["1", "2"] == list(taken(listed({}), ledger).entries["instalment"])
    assert ["2"] == list(taken(listed({"instalment": "2"}), ledger).entries["instalment"])


def test_a_level_above_the_highest_is_the_highest():
    made = taken(listed({"level": 9, "last_reminder": None}), lines({}))

    assert ([4], 1, 1, [AS_OF]) == (list(made.entries["level"]), made.lowered, made.undated, [when.date() for when in made.entries["date"]])


def test_nothing_listed_and_nothing_open_are_no_trouble():
    assert 0 == len(taken(listed(), lines({})).entries)
    assert ["absent"] == list(taken(listed({}), lines()).fates)


@pytest.mark.parametrize(("level", "started"), [(2, False), (3, True), (4, True)])
def test_interest_that_begins_with_a_notice_begins_with_that_of_the_other_tool(level, started):
    told = history({"event": Event.TAKE_OVER, "level": level, "reminders": level})

    assert [started] == [not np.isnat(day) for day in noticed(lines({}), told, 3)]


@pytest.mark.parametrize(
    "case",
    table("""
    case                                              | document      | payer | fates
    zeros before the number                           | INV-2026-0007 | 1     | taken
    zeros before the payer                            | INV-2026-0007 | 0001  | taken
    blanks for marks                                  | inv 2026 0007 | 1     | taken
    spelled as a line is, others are alike            | INV-1         | 1     | taken
    spelled as none is, and several are alike         | INV/1         | 1     | ambiguous
    another number                                    | INV-2026-0070 | 1     | absent
    """),
    ids=str,
)
def test_a_list_may_spell_numbers_in_another_way(case):
    ledger = lines({"document": "INV-2026-0007"}, {"document": "INV-1"}, {"document": "INV1"})
    made = taken(listed({"document": case.document, "payer": str(case.payer)}), ledger)

    assert [case.fates] == list(made.fates)
    assert len(made.entries) == (case.fates == "taken")
