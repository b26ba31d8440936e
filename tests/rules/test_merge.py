"""The next import keeps what people typed and names every difference."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.merge import COMPUTED, PERSONS, change_rows, merge, merge_payers, older, renumbered
from rules.model import AssessedItem, OpenItem, Payer, Payment
from rules.row import column, to_frame
from rules.standing import KEY, SEPARATOR
from rules.unread import unread_rows
from tests.table import table

DUE, WEEK = date(2026, 1, 31), timedelta(days=7)


def item(document="A", **values):
    return {
        "payer": "1",
        "document": document,
        "due_date": DUE,
        "document_date": date(2026, 1, 1),
        "currency": "EUR",
        "open_minor": 100,
        "original_minor": 100,
    } | values


def ledger(*rows):
    return to_frame([AssessedItem(**row) for row in rows], AssessedItem)


def export(*rows):
    return to_frame([OpenItem(**row) for row in rows], OpenItem)


def changes(result):
    return list(result.changes["change"])


def test_every_column_is_either_the_exports_or_kept():
    assert set(OpenItem.model_fields) | set(COMPUTED) == set(AssessedItem.model_fields)
    assert set(PERSONS) < set(OpenItem.model_fields)


TYPED = item(
    method="key",
    law="FR",
    level_cap=3,
    agreed_due_date=date(2026, 2, 5),
    block="A",
    block_until=date(2026, 5, 1),
    dispute="dispute",
    dispute_review=date(2026, 4, 1),
    manual_level=2,
    manual_reason="court",
    note="call first",
    level=1,
    reminders=1,
    last_reminder=date(2026, 2, 10),
    last_deadline=date(2026, 2, 20),
    days_overdue=3,
    bucket="1-30",
    next_level=2,
    next_date=date(2026, 2, 20),
    reason_code="waiting",
    reason="waits",
)


def test_what_people_typed_and_what_was_sent_stays():
    old = ledger(TYPED)
    kept = merge(old, export(item(open_minor=40, payer_name="New name", source="b.csv row 2"))).ledger

    pd.testing.assert_frame_equal(old[[*PERSONS, *COMPUTED]], kept[[*PERSONS, *COMPUTED]])
    assert (40, "New name", "b.csv row 2") == (kept["open_minor"][0], kept["payer_name"][0], kept["source"][0])


@pytest.mark.parametrize(("typed_block", "brought", "expected"), [("A", "B", "A"), ("", "B", "B"), ("A", "", "A"), ("", "", "")])
def test_a_block_of_the_export_fills_an_empty_cell_only(typed_block, brought, expected):
    for name in ("block", "dispute"):
        assert [expected] == list(merge(ledger(item(**{name: typed_block})), export(item(**{name: brought}))).ledger[name])


@pytest.mark.parametrize(
    "case",
    table("""
case                 | was  | now  | due        | then
same                 | 100  | 100  | 2026-01-31 | unchanged
part paid            | 100  | 40   | 2026-01-31 | part_paid
one cent paid        | 100  | 99   | 2026-01-31 | part_paid
more than before     | 100  | 101  | 2026-01-31 | increased
a credit used up     | -100 | -40  | 2026-01-31 | credit_used
a credit grown       | -100 | -140 | 2026-01-31 | increased
turned into a credit | 100  | -100 | 2026-01-31 | increased
another due date     | 100  | 100  | 2026-02-01 | due_date_changed
no due date any more | 100  | 100  | -          | due_date_changed
both                 | 100  | 40   | 2026-02-01 | part_paid and due_date_changed
"""),
    ids=str,
)
def test_changes(case):
    result = merge(ledger(item(open_minor=case.was)), export(item(open_minor=case.now, due_date=case.due)))

    assert case.then == " and ".join(changes(result))
    assert (case.was, case.now) == (result.changes["old_open_minor"][0], result.changes["new_open_minor"][0])


def test_two_missing_due_dates_are_no_change():
    assert ["unchanged"] == changes(merge(ledger(item(due_date=None)), export(item(due_date=None))))


def test_items_that_are_gone_leave_the_ledger_as_paid_and_new_ones_come_in_file_order():
    result = merge(ledger(item("A", note="x"), item("B")), export(item("C"), item("B")))

    assert ["C", "B"] == list(result.ledger["document"])
    assert [("C", "new"), ("B", "unchanged"), ("A", "paid")] == list(zip(result.changes["document"], result.changes["change"], strict=True))
    assert [("new", 1, 0, 100), ("paid", 1, 100, 0), ("unchanged", 1, 100, 100)] == [
        (row.change, row["count"], row.old_open_minor, row.new_open_minor) for _, row in result.summary.iterrows()
    ]


def test_the_first_import_is_all_new_and_an_empty_one_all_paid():
    assert ["new", "new"] == changes(merge(ledger(), export(item("A"), item("B"))))
    assert ["paid", "paid"] == changes(merge(ledger(item("A"), item("B")), export()))
    assert [] == changes(merge(ledger(), export()))


def test_the_same_number_of_another_payer_company_or_instalment_is_another_item():
    old = ledger(item(note="mine"))
    for other in ({"company": "9"}, {"instalment": "2"}, {"payer": "2", "original_minor": 999}):
        result = merge(old, export(item(**other)))

        assert [""] == list(result.ledger["note"])
        assert ["new", "paid"] == changes(result)


def test_a_document_that_moved_to_another_payer_keeps_its_level():
    result = merge(ledger(item(level=2, note="n")), export(item(payer="2")))

    assert ["payer_changed"] == changes(result)
    assert ("1", "2", 2, "n") == (result.changes["old_payer"][0], result.changes["payer"][0], result.ledger["level"][0], result.ledger["note"][0])


UNREAD = {"company": "", "payer": "1", "document": "A"}


def unread(*rows):
    return unread_rows(pd.DataFrame([UNREAD | row for row in rows]))


def test_an_item_whose_row_could_not_be_read_stays_as_it_was():
    old = ledger(TYPED, item("B"))
    result = merge(old, export(item("C")), unread({}))

    assert ["C", "A"] == list(result.ledger["document"])
    pd.testing.assert_frame_equal(old.iloc[[0]], result.ledger.iloc[[1]].reset_index(drop=True))
    assert [("C", "new"), ("A", "unread"), ("B", "paid")] == list(zip(result.changes["document"], result.changes["change"], strict=True))
    assert [("new", 0, 100), ("paid", 100, 0), ("unread", 100, 100)] == [
        (row.change, row.old_open_minor, row.new_open_minor) for _, row in result.summary.iterrows()
    ]
    assert result.changes["new_due_date"].tolist()[1] == pd.Timestamp(DUE)


def test_a_ledger_of_which_nothing_could_be_read_stays_whole():
    old = ledger(TYPED, item("B"))
    result = merge(old, export(), unread({}, {"document": "B"}))

    pd.testing.assert_frame_equal(old, result.ledger)
    assert ["unread", "unread"] == changes(result)


@pytest.mark.parametrize(
    "case",
    table("""
case                             | company | payer | document | then
the same document                | -       | 1     | A        | unread
a payer that could not be read   | -       | -     | A        | unread
another payer's                  | -       | 2     | A        | paid
another company's                | X       | 1     | A        | paid
another company's, no payer      | X       | -     | A        | paid
another document                 | -       | 1     | B        | paid
no document                      | -       | 1     | -        | unread
another payer's, no document     | -       | 2     | -        | paid
"""),
    ids=str,
)
def test_rows_that_could_not_be_read_are_known_by_company_payer_and_document(case):
    row = {name: str(getattr(case, name) or "") for name in UNREAD}

    assert [case.then] == changes(merge(ledger(item()), export(), unread(row)))


OTHERS = item("B", open_minor=200), item("C", payer="2", open_minor=300)


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        ({"document": ""}, "AB"),
        ({"document": "", "due_date": DUE, "open_minor": 200}, "B"),
        ({"document": "", "due_date": DUE, "open_minor": 999}, "AB"),
        ({"document": "", "payer": "", "due_date": DUE, "open_minor": 300}, "C"),
        ({"document": "", "payer": "", "due_date": DUE}, "ABC"),
        ({"document": "", "payer": "", "open_minor": 300}, "C"),
        ({"document": "", "payer": "", "open_minor": 600}, ""),
        ({"document": "", "payer": "9"}, ""),
        ({"document": "Weg 1", "cells": ["", "1", "Weg", " 1", "B", "2026-01-31"]}, "B"),
        ({"document": "", "cells": ["", "1", "Weg", " 1", "lost", "2026-01-31"]}, "AB"),
        ({"document": "", "cells": ["2", "Hall,A,2026-01-31\n,2,Weg,C,2026-02-28"]}, "C"),
        ({"document": "", "cells": ["end of the list", "page 7"]}, ""),
    ],
)
def test_a_row_without_document_holds_what_it_may_be_about(row, kept):
    """The lines of its payer, or all; of them those of the same due date and amount, where there are any. A sum of nobody holds nothing."""
    result = merge(ledger(item(), *OTHERS), export(), unread(row | {"cells": SEPARATOR.join(row.get("cells", []))}))

    assert kept == "".join(result.ledger["document"])
    assert len(kept) == changes(result).count("unread")


def test_of_a_document_read_once_and_unreadable_once_there_is_no_second_item():
    result = merge(ledger(item()), export(item(open_minor=40)), unread({}))

    assert ["part_paid"] == changes(result)
    assert [40] == list(result.ledger["open_minor"])


def test_a_changed_currency_leaves_nothing_behind_when_another_row_of_the_document_is_unreadable():
    result = merge(ledger(item()), export(item(currency="USD")), unread({}))

    assert ["USD"] == list(result.ledger["currency"])
    assert ["new", "paid"] == changes(result)


FEE = item("R1-0001", kind="fee", source="fee of letter R1-0001", note="mine")


def test_a_fee_that_a_letter_claimed_stays_until_it_is_paid_or_the_export_carries_it():
    old = ledger(
        FEE, FEE | {"document": "R1-0002", "open_minor": 0}, FEE | {"document": "R1-0003"}, FEE | {"document": "theirs", "source": "old.csv row 2"}
    )
    result = merge(old, export(item("C"), item("R1-0003", kind="fee", source="new.csv row 3", open_minor=60)))

    assert [("C", ""), ("R1-0003", "mine"), ("R1-0001", "mine")] == list(zip(result.ledger["document"], result.ledger["note"], strict=True))
    assert [("C", "new"), ("R1-0003", "part_paid"), ("R1-0001", "unchanged"), ("R1-0002", "settled"), ("theirs", "paid")] == list(
        zip(result.changes["document"], result.changes["change"], strict=True)
    )
    assert "new.csv row 3" == result.ledger["source"][1]


@pytest.mark.parametrize("name", PERSONS)
def test_what_people_typed_on_an_item_that_is_gone_is_named(name):
    old = ledger(item("B"), item("C", note="stays"), item("A", **{name: TYPED[name]}))
    result = merge(old, export(item("C")))

    pd.testing.assert_frame_equal(old.loc[[2], [*KEY, *PERSONS]].reset_index(drop=True), result.lost)


def test_nothing_is_lost_with_an_item_that_stays_or_goes_on_under_another_currency():
    result = merge(ledger(TYPED, TYPED | {"document": "B"}), export(item(currency="USD")), unread({"document": "B"}))

    assert [] == list(result.lost["document"])


def test_the_last_instalment_told_by_its_date_is_recognised():
    old = ledger(item(instalment="2026-01-31", level=1), item(instalment="2026-02-28", due_date=date(2026, 2, 28), level=2))
    result = merge(old, export(item(due_date=date(2026, 2, 28))))

    assert [("2026-02-28", 2)] == list(zip(result.ledger["instalment"], result.ledger["level"], strict=True))
    assert ["unchanged", "paid"] == changes(result)


def due(month, day=11):
    return date(2026, month, day)


def parts(*lines):
    """Instalments of one invoice, which the importer tells by their due dates."""
    return [item("F", instalment=str(on) if len(lines) > 1 else "", due_date=on, open_minor=amount, original_minor=amount) for on, amount in lines]


@pytest.mark.parametrize(
    ("was", "now", "then"),
    [
        ([(due(1), 500), (due(2), 400), (due(3), 300)], [(due(1, 20), 500), (due(2), 400), (due(3), 300)], "1: 1 2 3"),
        ([(due(1), 500), (due(2), 400)], [(due(1, 20), 500), (due(2, 20), 400)], "2: 1 2"),
        ([(due(1), 500), (due(2), 400), (due(3), 300)], [(due(1, 20), 450), (due(2, 20), 400), (due(3), 300)], "2: 1 2 3"),
        ([(due(1), 500), (due(2), 400)], [(due(2, 20), 400)], "1: 2"),
        ([(due(1), 500), (due(2), 500), (due(3), 500)], [(due(2, 20), 500), (due(3, 20), 500)], "2: 2 3"),
        ([(due(1), 500), (due(2), 500)], [(due(1, 20), 500), (due(2, 20), 500), (due(3, 20), 500)], "2: 1 2 0"),
    ],
    ids=["one of three", "both", "one of them part paid", "the last one left", "the first of equal ones paid", "one more of equal ones"],
)
def test_an_instalment_whose_due_date_changed_is_recognised(was, now, then):
    """Each old line has its place as its level: a level that goes astray shows."""
    old = ledger(*(row | {"level": at} for at, row in enumerate(parts(*was), start=1)))
    result = merge(old, export(*parts(*now)))

    assert then == f"{changes(result).count('due_date_changed')}: {' '.join(map(str, result.ledger['level']))}"


def test_a_due_date_that_changes_twice_is_recognised_twice():
    one, two, three = (export(*parts((due(1, day), 500), (due(2), 400))) for day in (11, 20, 25))
    result = merge(merge(merge(ledger(), one).ledger, two).ledger, three)

    assert ["due_date_changed", "unchanged"] == changes(result)
    assert ["2026-01-11", "2026-02-11"] == list(result.ledger["instalment"])


def test_a_line_of_the_next_month_is_no_instalment_that_moved():
    """The rent of each month under one number has a date of its own."""

    def rent(*months):
        return [item("R", instalment=str(due(m)), due_date=due(m), document_date=due(m, 1)) for m in months]

    assert ["unchanged", "new", "paid"] == changes(merge(ledger(*rent(1, 2)), export(*rent(2, 3))))


def test_a_document_that_moved_and_was_paid_in_part_is_told_as_both():
    """The amounts stand once, so that the table of changes adds up to the ledger."""
    result = merge(ledger(item()), export(item(payer="2", open_minor=40, due_date=due(3))))

    assert ["part_paid", "payer_changed", "due_date_changed"] == changes(result)
    assert 40 == result.summary["new_open_minor"].sum()


def test_credits_that_were_used_up_are_no_payments():
    result = merge(ledger(item(), item("K", open_minor=-30), item("S", open_minor=0)), export())

    assert {"A": "paid", "K": "credit_used", "S": "settled"} == dict(zip(result.changes["document"], result.changes["change"], strict=True))


def test_a_document_that_became_instalments_keeps_its_level_on_its_date():
    result = merge(ledger(item(level=1)), export(item(instalment="2026-01-31"), item(instalment="2026-02-28", due_date=date(2026, 2, 28))))

    assert [("", 1), ("2026-02-28", 0)] == list(zip(result.ledger["instalment"], result.ledger["level"], strict=True))


def test_a_changed_currency_is_paid_in_one_and_new_in_the_other():
    result = merge(ledger(item(note="n")), export(item(currency="USD")))

    assert [("USD", "new"), ("EUR", "paid")] == list(zip(result.changes["currency"], result.changes["change"], strict=True))
    assert ["n"] == list(result.ledger["note"])


ROW = st.tuples(st.sampled_from("12"), st.sampled_from("ABCDEFGH"), st.integers(-200, 200).filter(bool), st.sampled_from(["EUR", "USD"]))
ROWS = st.lists(ROW, max_size=12, unique_by=lambda row: row[:2])


@settings(max_examples=20, deadline=None)
@given(ROWS, ROWS)
def test_nothing_is_lost_and_the_same_file_twice_changes_nothing(first, second):
    def made(rows):
        return export(*(item(d, payer=p, open_minor=amount, original_minor=amount, currency=currency) for p, d, amount, currency in rows))

    once = merge(merge(ledger(), made(first)).ledger, made(second))
    twice = merge(once.ledger, made(second))

    pd.testing.assert_frame_equal(once.ledger, twice.ledger)
    assert set(changes(twice)) <= {"unchanged"}
    assert sum(amount for *_, amount, _ in second) == once.ledger["open_minor"].sum() == once.summary["new_open_minor"].sum()
    assert sum(amount for *_, amount, _ in first) == once.summary["old_open_minor"].sum()


def payers(*rows):
    return to_frame([Payer(**row) for row in rows], Payer)


def test_payers_are_filled_where_empty_and_never_overwritten():
    old = payers({"payer": "1", "name": "Mine", "city": "", "language": "fr", "note": "n"}, {"payer": "2", "name": "Gone"})
    new = payers(
        {"payer": "3", "name": "Third", "language": "de"},
        {"payer": "1", "name": "Theirs", "city": "Lyon", "language": "de", "collection_allowed": False},
    )
    merged = merge_payers(old, new)

    assert ["1", "2", "3"] == list(merged["payer"])
    assert ["Mine", "Gone", "Third"] == list(merged["name"])
    assert ["Lyon", "", ""] == list(merged["city"])
    assert ["fr", "", "de"] == list(merged["language"])
    assert column(Payer, "collection_allowed").dtype == merged["collection_allowed"].dtype.name


def test_a_payer_is_one_per_company():
    merged = merge_payers(payers({"company": "A", "payer": "1", "name": "One"}), payers({"company": "B", "payer": "1", "name": "Two"}))

    assert [("A", "One"), ("B", "Two")] == list(zip(merged["company"], merged["name"], strict=True))


def test_the_same_payers_twice_change_nothing():
    some = payers({"payer": "1", "name": "One", "limit_minor": 5}, {"payer": "2", "name": "Two", "last_review": DUE})

    pd.testing.assert_frame_equal(some, merge_payers(some, some))


def test_changes_are_rows_of_the_sheet_without_what_stayed():
    old = ledger(item("A"), item("B"), item("C", payer_name="Name"))
    told = change_rows(merge(old, export(item("A"), item("B", open_minor=40), item("D"))).changes, date(2026, 3, 2))

    assert [("new", "D", None, 100), ("paid", "C", 100, None), ("part_paid", "B", 100, 40)] == [
        (row.change, row.document, *(None if pd.isna(v) else v for v in (row.old_open_minor, row.new_open_minor))) for row in told.itertuples()
    ]
    assert ("Name", [""] * 3) == (told["payer_name"][1], list(told["old_payer"]))


def payment(**values):
    return Payment(**{"payer": "1", "document": "A", "date": date(2026, 3, 10), "currency": "EUR", "amount_minor": 60} | values)


@pytest.mark.parametrize(
    "case",
    table("""
    case                                        | ledger | export | paid | on         | open
    part-paid since stays part-paid             | 40     | 100    | 60   | 2026-03-10 | 40
    the export knows less open                  | 100    | 40     | -    | 2026-03-10 | 40
    a credit used since stays used              | -40    | -100   | -    | 2026-03-10 | -40
    settled on the ledger                       | 0      | 100    | -    | 2026-03-10 | 0
    not on the ledger                           | -      | 100    | -    | 2026-03-10 | 100
    not on the ledger, paid since               | -      | 100    | 100  | 2026-03-10 | -
    not on the ledger, part-paid since          | -      | 100    | 60   | 2026-03-10 | 40
    what came in by the day is in the export    | -      | 100    | 60   | 2026-03-02 | 100
    paid off by the day, and gone since         | -      | 100    | 100  | 2026-03-02 | -
    a credit used by the day, and gone since    | -      | -100   | -100 | 2026-03-02 | -
    """),
    ids=str,
)  # fmt: skip
def test_an_older_export_opens_nothing_again(case):
    there = ledger() if case.ledger is None else ledger(item(open_minor=case.ledger))
    came = to_frame([] if case.paid is None else [payment(amount_minor=case.paid, date=case.on)], Payment)
    rest, stays = older(there, export(item(open_minor=case.export)), came, date(2026, 3, 2))

    assert ([] if case.open is None else [case.open]) == list(rest["open_minor"])
    assert stays.empty


def test_lines_an_older_export_does_not_have_are_named():
    _, stays = older(ledger(item("A"), item("B")), export(item("A")), to_frame([], Payment), date(2026, 3, 2))

    assert ["B"] == list(stays["document"])


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ([item("A")], [item("B")], ["A B"]),
        ([item("A"), item("C")], [item("B"), item("C")], ["A B"]),
        ([item("A", document_date=None)], [item("B", document_date=None)], ["A B"]),
        ([item("A"), item("A", instalment="2", due_date=DUE + WEEK)], [item("B"), item("B", instalment="2", due_date=DUE + WEEK)], ["A B"]),
        ([item("A")], [item("B", open_minor=99)], []),
        ([item("A")], [item("B", original_minor=200)], []),
        ([item("A")], [item("B", due_date=date(2026, 2, 1))], []),
        ([item("A")], [item("B", currency="CHF")], []),
        ([item("A")], [item("B", payer="2", original_minor=0)], []),
        ([item("A", document_date=None, due_date=None)], [item("B", document_date=None, due_date=None)], []),
        ([item("A"), item("C")], [item("B")], []),
        ([item("A")], [item("B"), item("C")], []),
        ([item("A")], [item("A")], []),
        ([], [item("B")], []),
    ],
)  # fmt: skip
def test_a_document_that_came_back_under_another_number_is_found_when_only_one_can_be_it(old, new, found):
    before = ledger(*old)

    assert found == [f"{r.document} {r.to}" for r in renumbered(before, merge(before, export(*new))).itertuples()]
