"""What became of a letter: printed and sent count for nothing, failed and returned give back level, count and date."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from rules.delivery import delivered, states, telling
from rules.errors import HistoryError
from rules.model import AssessedItem, Delivery, HistoryEntry
from rules.row import to_frame
from rules.standing import standing
from rules.undo import taken_back, undo_entries
from tests.rules.world import item, rows

A, B, LATER = date(2026, 2, 1), date(2026, 3, 1), date(2026, 3, 10)


def entry(number: int, on: date, document: str, level: int, letter: str, event: str = "letter", **fields: Any) -> HistoryEntry:
    told = {"entry": number, "event": event, "date": on, "run": letter or "E", "payer": "1", "document": document, "currency": "EUR", "method": "m"}
    return HistoryEntry(**(told | {"level": level, "reminders": level, "letter": letter} | fields))


def told(*more: HistoryEntry) -> pd.DataFrame:
    """Letter A about F1 and F2; letter B about F1 and the credit C."""
    entries = [entry(1, A, "F1", 1, "A"), entry(2, A, "F2", 1, "A"), entry(3, B, "F1", 2, "B", level_before=1), entry(4, B, "C", 0, "B")]
    return to_frame([*entries, *more], HistoryEntry)


def after(history: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    """The history with the entries of a delivery."""
    numbered = fresh.assign(entry=int(history["entry"].max()) + 1 + fresh.reset_index(drop=True).index)
    return pd.concat([history, numbered], ignore_index=True)


def level(history: pd.DataFrame, document: str = "F1") -> str:
    """Level, count and date at which a line stands."""
    found = standing(rows(AssessedItem, item(document=document)), history).iloc[0]
    return f"{found['level']} / {found['reminders']}" + (f" / {found['last_reminder'].date()}" if pd.notna(found["last_reminder"]) else "")


@pytest.mark.parametrize("state", [Delivery.PRINTED, Delivery.SENT])
def test_printed_and_sent_are_told_once_per_letter_and_count_for_nothing(state: Delivery) -> None:
    fresh = delivered(told(), ["A", "B"], state, LATER)
    history = after(told(), fresh)

    assert [("delivery", "A", state, 0), ("delivery", "B", state, 0)] == list(
        fresh[["event", "letter", "delivery", "level"]].itertuples(index=False, name=None)
    )
    assert fresh["undoes"].isna().all()
    assert level(told()) == level(history)
    assert [5, 6] == list(history.loc[telling(history), "entry"])
    assert {"A": state, "B": state} == states(history)
    assert delivered(history, ["A", "B"], state, LATER).empty


@pytest.mark.parametrize("state", [Delivery.FAILED, Delivery.RETURNED])
def test_failed_and_returned_take_every_line_of_the_letter_back(state: Delivery) -> None:
    fresh = delivered(told(), ["B"], state, LATER, "moved away")
    history = after(told(), fresh)

    assert [(3, "F1", 1, "moved away"), (4, "C", 0, "moved away")] == list(
        fresh[["undoes", "document", "level", "note"]].itertuples(index=False, name=None)
    )
    assert ["2 / 2 / 2026-03-01", "1 / 1 / 2026-02-01"] == [level(told()), level(history)]
    assert delivered(history, ["B"], state, LATER).empty


def test_the_letter_before_can_then_come_back_too() -> None:
    history = after(told(), delivered(told(), ["B"], Delivery.RETURNED, LATER))
    history = after(history, delivered(history, ["A"], Delivery.RETURNED, LATER))

    assert ["0 / 0", "0 / 0"] == [level(history), level(history, "F2")]


def test_a_later_letter_stays_the_last_and_the_one_before_it_cannot_fail() -> None:
    with pytest.raises(
        HistoryError, match=r"The letter A cannot be taken back as failed: its document 'F1' is past it, .* later reminder of 2026-03-01"
    ):
        delivered(told(), ["A"], Delivery.FAILED, LATER)


def test_both_letters_of_a_line_can_fail_at_once() -> None:
    """Not as one: the later one first."""
    with pytest.raises(HistoryError, match="past it"):
        delivered(told(), ["A", "B"], Delivery.FAILED, LATER)


@pytest.mark.parametrize(("event", "said"), [("hand_over", "handed over to collection"), ("call", "a later reminder of 2026-03-10")])
def test_after_a_hand_over_or_a_counted_call_nothing_is_taken_back(event: str, said: str) -> None:
    history = told(entry(5, LATER, "F1", 3, "", event))
    with pytest.raises(HistoryError, match=said):
        delivered(history, ["B"], Delivery.RETURNED, LATER)


def test_a_letter_after_a_failed_one_counts_on_from_before_it() -> None:
    history = after(told(), delivered(told(), ["B"], Delivery.FAILED, LATER))
    history = after(history, to_frame([entry(1, LATER, "F1", 2, "D", level_before=1)], HistoryEntry))

    assert "2 / 2 / 2026-03-10" == level(history)


def test_a_letter_that_was_undone_has_nothing_left_to_tell() -> None:
    undone = after(told(), undo_entries(told(), taken_back(told(), "1", LATER), "mistake", LATER))

    assert ([], []) == tuple(list(delivered(undone, ["B"], state, LATER)["entry"]) for state in (Delivery.FAILED, Delivery.PRINTED))


def test_after_a_failed_letter_an_undo_of_the_one_before_has_to_be_asked_for_twice() -> None:
    history = after(told(), delivered(told(), ["B"], Delivery.FAILED, LATER))
    with pytest.raises(HistoryError, match=r"already taken back on 2026-03-10. The one before it is of 2026-02-01"):
        taken_back(history, "1", LATER)

    assert [1, 2] == list(taken_back(history, "1", LATER, again=True)["entry"])


def test_what_was_printed_does_not_stand_in_the_way_of_an_undo_nor_open_one() -> None:
    printed = after(told(), delivered(told(), ["B"], Delivery.PRINTED, LATER))
    undone = after(printed, undo_entries(printed, taken_back(printed, "1", LATER), "mistake", LATER))
    again = after(undone, delivered(undone, ["A"], Delivery.SENT, LATER))

    assert [3, 4] == list(taken_back(printed, "1", LATER)["entry"])
    with pytest.raises(HistoryError, match="already taken back"):
        taken_back(again, "1", LATER)


def test_nothing_is_told_of_a_day_before_the_letter() -> None:
    with pytest.raises(HistoryError, match=r"The letter B is of 2026-03-01; it was not printed on 2026-02-28"):
        delivered(told(), ["B"], Delivery.PRINTED, date(2026, 2, 28))
