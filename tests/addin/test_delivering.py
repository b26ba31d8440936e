"""A letter that did not arrive never raises a level; what became of letters is told once, is journaled, and survives every cut-off."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from addin import delivering, issuing, recording, undoing, verifying
from addin.report import Report
from rules import model
from rules.errors import HistoryError
from rules.model import Delivery
from tests.addin.office import SECOND, Office
from tests.addin.test_charges import FEE, with_rules
from tests.addin.test_crash import Killed, deadly
from workbook.file import FileBook
from workbook.journal import Journal


def deliver(office: Office, state: Delivery, *letters: str, run: str = "", **how) -> Report:
    return delivering.deliver(office.book(), state, SECOND, letters=letters, run=run, **how)


def letters(office: Office) -> list[str]:
    """Numbers of the letters: to 00017 in EUR, to 00018 in EUR and in GBP."""
    return [r.facts["letter"] for r in Journal(office.folder / "letters" / "journal.jsonl").records if r.kind == "issued"]


def levels(office: Office) -> dict[str, int]:
    ledger = office.book().read(model.AssessedItem)
    return dict(zip(ledger["document"], ledger["level"], strict=True))


def history(office: Office):
    return office.book().read(model.HistoryEntry)


@pytest.mark.parametrize("state", [Delivery.PRINTED, Delivery.SENT])
def test_what_was_printed_or_sent_is_told_for_the_last_run_and_changes_nothing_else(issued: Office, state: Delivery) -> None:
    before, lines = levels(issued), len(history(issued))
    report = deliver(issued, state)

    assert (3, True) == (report.facts["letters"], report.changed)
    assert before == levels(issued)
    assert lines + 3 == len(history(issued))
    assert not verifying.verify(issued.book()).failed


def test_the_same_told_twice_changes_nothing(issued: Office) -> None:
    deliver(issued, Delivery.PRINTED)
    before = issued.files()
    report = deliver(issued, Delivery.PRINTED)

    assert (0, 3, False) == (report.facts["letters"], report.facts["left"], report.changed)
    assert before == issued.files()


def test_what_was_printed_does_not_make_a_proposal_old(issued: Office) -> None:
    """Between proposal and issue somebody tells that the letters before were printed: the proposal is still issued."""
    issued.propose(SECOND)
    issued.send_all()
    deliver(issued, Delivery.PRINTED)

    assert 3 == issued.issue().facts["letters"]
    assert not verifying.verify(issued.book()).failed


@pytest.mark.parametrize("state", [Delivery.FAILED, Delivery.RETURNED])
def test_a_letter_that_did_not_arrive_is_proposed_again_at_the_same_level(issued: Office, state: Delivery) -> None:
    report = deliver(issued, state, letters(issued)[0], note="unknown there")

    assert {"F1": 0, "F2": 0, "C1": 0, "F3": 1, "F4": 1, "F5": 0} == levels(issued)
    assert (1, 3, True) == (report.facts["letters"], report.facts["entries"], report.changed)
    assert not verifying.verify(issued.book()).failed
    issued.propose(SECOND)
    fresh = issued.book().read(model.Proposal)
    assert 1 == int(fresh.loc[(fresh["payer"] == "00017") & (fresh["state"] == "open"), "level"].iloc[0])
    issued.send_all()
    issued.issue()
    assert not verifying.verify(issued.book()).failed


def test_a_whole_run_that_failed_goes_back_when_it_is_named(issued: Office) -> None:
    with pytest.raises(HistoryError, match="Say which letter is failed, or which whole run"):
        deliver(issued, Delivery.FAILED)
    deliver(issued, Delivery.FAILED, run=letters(issued)[0].rsplit("-", 1)[0])

    assert {0} == set(levels(issued).values())
    assert not verifying.verify(issued.book()).failed


def test_the_fee_that_a_lost_letter_claimed_is_claimed_no_more(office: Office) -> None:
    with_rules(office, FEE).proposed().issue()
    fees = int((office.book().read(model.AssessedItem)["kind"] == "fee").sum())
    report = deliver(office, Delivery.FAILED, letters(office)[0])

    assert "No longer claimed: 1 fee." in report.sentence
    assert fees - 1 == int((office.book().read(model.AssessedItem)["kind"] == "fee").sum())
    assert not verifying.verify(office.book()).failed


def test_a_letter_is_named_by_its_number_its_file_or_its_path(issued: Office) -> None:
    number = letters(issued)[0]
    file = next(r.facts["file"] for r in Journal(issued.folder / "letters" / "journal.jsonl").records if r.facts.get("letter") == number)

    assert [1, 0, 0] == [deliver(issued, Delivery.SENT, name).facts["letters"] for name in (number, file, Path(file).name)]


@pytest.mark.parametrize("name", ["", "R1", "../journal.jsonl"])
def test_an_unknown_letter_or_run_is_refused(issued: Office, name: str) -> None:
    before = issued.files()
    with pytest.raises(HistoryError, match="There is no issued letter"):
        deliver(issued, Delivery.SENT, name)
    with pytest.raises(HistoryError, match="There is no issued run 'R1'"):
        deliver(issued, Delivery.SENT, run="R1")

    assert before == issued.files()


def test_before_any_letter_there_is_nothing_to_tell(office: Office) -> None:
    with pytest.raises(HistoryError, match="No letter was issued yet"):
        deliver(office, Delivery.PRINTED)


def test_a_letter_that_was_undone_cannot_fail_as_well(issued: Office) -> None:
    undoing.undo(issued.book(), "00017", "mistake", SECOND)
    for state in (Delivery.FAILED, Delivery.PRINTED):
        with pytest.raises(HistoryError, match="was taken back on 2026-03-20 and no longer counts"):
            deliver(issued, state, letters(issued)[0])


def test_a_letter_that_failed_cannot_be_undone_or_sent_as_well(issued: Office) -> None:
    deliver(issued, Delivery.FAILED, letters(issued)[0])
    with pytest.raises(HistoryError, match="no letter and no counted call"):
        undoing.undo(issued.book(), "00017", "mistake", SECOND)
    with pytest.raises(HistoryError, match="was marked as failed on 2026-03-20 and no longer counts"):
        deliver(issued, Delivery.SENT, letters(issued)[0])


def test_of_a_run_with_letters_taken_back_the_others_are_told(issued: Office) -> None:
    deliver(issued, Delivery.FAILED, letters(issued)[0])
    report = deliver(issued, Delivery.PRINTED)

    assert (2, 1) == (report.facts["letters"], report.facts["left"])


def test_the_letter_before_the_last_cannot_come_back_alone(issued: Office) -> None:
    issued.propose(SECOND)
    issued.send_all()
    issued.issue()
    before = issued.files()
    with pytest.raises(HistoryError, match="has a later reminder of 2026-03-20"):
        deliver(issued, Delivery.RETURNED, letters(issued)[0])

    assert before == issued.files()


def test_a_dry_run_writes_nothing(issued: Office) -> None:
    before = issued.files()
    report = delivering.deliver(FileBook.open(issued.path, dry_run=True), Delivery.FAILED, SECOND, letters=letters(issued)[:1], dry_run=True)

    assert 1 == report.facts["letters"]
    assert before == issued.files()


STEPS = 2  # the record, the workbook


@pytest.mark.parametrize("state", [Delivery.FAILED, Delivery.PRINTED])
@pytest.mark.parametrize(("at", "after"), [(at, after) for at in range(STEPS) for after in (False, True)])
def test_what_was_cut_off_anywhere_is_told_once(
    issued: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, after: bool, state: Delivery
) -> None:
    smooth, letter = issued.moved(tmp_path / "smooth"), letters(issued)[0]
    deliver(smooth, state, letter)
    with monkeypatch.context() as patch:
        deadly(patch, at, after=after)
        with contextlib.suppress(Killed):
            deliver(issued, state, letter)
    deliver(issued, state, letter)
    expected, actual = history(smooth), history(issued)

    assert expected.to_dict("records") == actual.to_dict("records")
    assert levels(smooth) == levels(issued)
    assert not verifying.verify(issued.book()).failed


def test_the_steps_of_a_delivery_are_all_tried(issued: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    deadly(monkeypatch, STEPS, after=False)

    assert deliver(issued, Delivery.FAILED, letters(issued)[0]).changed


def test_verify_knows_what_became_of_letters(issued: Office) -> None:
    """An entry typed over, and one that no journal knows."""
    deliver(issued, Delivery.PRINTED)
    book = issued.book()
    told = history(issued)
    told["note"] = told["note"].mask(told["event"] == "delivery", "by hand")
    book.replace(model.HistoryEntry, told)
    book.save()

    assert {"entry_differs"} == {f.code for f in verifying.verify(issued.book()).findings}


def test_a_workbook_put_back_from_a_backup_learns_what_became_of_its_letters(issued: Office, tmp_path: Path) -> None:
    old = issued.path.read_bytes()
    deliver(issued, Delivery.FAILED, letters(issued)[0])
    issued.path.write_bytes(old)
    issuing.issue(issued.book())

    assert 0 == levels(issued)["F1"]
    assert not verifying.verify(issued.book()).failed


def test_events_recorded_after_a_delivery_follow_it(issued: Office) -> None:
    deliver(issued, Delivery.PRINTED)
    events = issued.folder / "events.toml"
    events.write_text('[[calls]]\npayer = "00018"\ndate = 2026-03-20\ncounts = true\n', encoding="utf-8")
    recording.record(issued.book(), events, SECOND)

    assert not verifying.verify(issued.book()).failed
