"""An undo takes back the last reminder and nothing else, once, and the history tells of both."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from addin import undoing, verifying
from addin.report import Report
from rules import model
from rules.errors import ConfigError, HistoryError
from rules.row import to_frame, typed
from rules.standing import standing
from rules.undo import levels_back, taken_back, undo_entries
from tests.addin.office import FIRST, SECOND, Office
from tests.addin.test_crash import Killed, deadly
from tests.rules.world import item, rows
from tests.table import Case, cases
from workbook.file import FileBook

CASES = cases(Path(__file__).parents[1] / "cases" / "undo.md")["Undo"]
A, B, G, LATER = date(2026, 2, 1), date(2026, 3, 1), date(2026, 3, 5), date(2026, 3, 10)


def entry(number: int, on: date, document: str, level: int, letter: str, event: str = "letter", **fields: Any) -> model.HistoryEntry:
    told = {"entry": number, "event": event, "date": on, "run": letter or f"E{number}", "payer": "1", "document": document, "currency": "EUR"}
    return model.HistoryEntry(**(told | {"level": level, "reminders": level, "letter": letter} | fields))


def told(came: str | None) -> pd.DataFrame:
    """The history of the table."""
    entries = [
        entry(1, A, "F1", 1, "A"), entry(2, A, "F2", 1, "A"), entry(3, B, "F1", 2, "B"), entry(4, B, "F2", 2, "B"), entry(5, B, "C", 0, "B"),
        entry(6, G, "F4", 1, "G", currency="GBP"),
    ]  # fmt: skip
    if came:
        what, document = came.split()
        more: dict[str, dict[str, Any]] = {
            "call": {"event": "call", "level": 3}, "call0": {"event": "call", "level": 0}, "hand_over": {"event": "hand_over", "level": 2},
            "undo3": {"event": "undo", "level": 1, "undoes": 3},
        }  # fmt: skip
        entries.append(entry(7, LATER, document, letter="", **more[what]))
    return to_frame(entries, model.HistoryEntry)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_an_undo_takes_back(case: Case) -> None:
    history = told(case.then_came)
    chosen = {"document": case.document or "", "currency": case.currency or "", "again": case.again == "yes"}
    if case.refused:
        with pytest.raises(HistoryError, match=case.refused):
            taken_back(history, "1", case.as_of, **chosen)
        return
    taken = taken_back(history, "1", case.as_of, **chosen)
    entries = undo_entries(history, taken, "why", case.as_of).assign(entry=lambda frame: 8 + frame.index)
    after = standing(rows(model.AssessedItem, item()), pd.concat([history, entries], ignore_index=True)).iloc[0]

    assert case.takes_back == (" ".join(str(n) for n in taken["entry"]) if len(taken) > 1 else taken["entry"].iloc[0])
    assert list(taken["entry"]) == list(entries["undoes"])
    assert case.F1 == f"{after['level']} / {after['reminders']}"


def test_a_payer_of_two_companies_needs_the_company() -> None:
    history = to_frame([entry(n, A, "F1", 1, c, company=c) for n, c in enumerate("AB", start=1)], model.HistoryEntry)
    with pytest.raises(ConfigError, match=r"in the history of 2 companies: A, B\. Say which\."):
        taken_back(history, "1", LATER)

    assert [2] == list(taken_back(history, "1", LATER, company="B")["entry"])
    with pytest.raises(HistoryError, match="nothing about the payer '1' of the company 'C'"):
        taken_back(history, "1", LATER, company="C")


def test_a_level_set_by_hand_comes_back_with_its_letter_unless_another_was_typed() -> None:
    history = to_frame([entry(n, A, f"F{n}", 3, "A", manual_level=level) for n, level in ((1, 3), (2, 3), (3, None))], model.HistoryEntry)
    undone = undo_entries(history, taken_back(history, "1", LATER), "returned", LATER)
    lines = [item(document=d, manual_level=level, manual_reason=why) for d, level, why in (("F1", None, ""), ("F2", 2, "decision"), ("F3", None, ""))]
    ledger = levels_back(rows(model.AssessedItem, *lines), history, undone)
    told = [(level if pd.notna(level) else 0, why) for level, why in zip(ledger["manual_level"], ledger["manual_reason"], strict=True)]

    assert [(3, "returned"), (2, "decision"), (0, "")] == told


# ---------------------------------------------------------------------------------------------------------------- in a workbook


def undo(office: Office, payer: str = "00017", as_of: date = SECOND, **chosen: Any) -> Report:
    return undoing.undo(office.book(), payer, "sent by mistake", as_of, **chosen)


def levels(office: Office) -> dict[str, tuple[int, int]]:
    ledger = office.book().read(model.AssessedItem)
    return {d: (level, n) for d, level, n in zip(ledger["document"], ledger["level"], ledger["reminders"], strict=True)}


def test_an_undone_letter_can_be_proposed_again_at_its_level_and_everything_still_agrees(issued: Office) -> None:
    assert {"F1": (1, 1), "F2": (1, 1)} == {d: levels(issued)[d] for d in ("F1", "F2")}
    report = undo(issued)

    assert 2 == report.facts["lines"]
    assert {"F1": (0, 0), "F2": (0, 0), "F3": (1, 1)} == {d: levels(issued)[d] for d in ("F1", "F2", "F3")}
    assert not verifying.verify(issued.book()).failed
    issued.propose(SECOND)
    fresh = issued.book().read(model.Proposal)
    assert [("00017", 1)] == list(fresh.loc[fresh["payer"] == "00017", ["payer", "level"]].itertuples(index=False, name=None))
    issued.send_all()
    issued.issue()
    assert not verifying.verify(issued.book()).failed


def test_the_same_undo_twice_is_refused_and_says_what_it_would_take(issued: Office) -> None:
    undo(issued)
    before = issued.files()
    with pytest.raises(HistoryError, match="no letter and no counted call"):
        undo(issued)

    assert before == issued.files()


def test_with_an_earlier_letter_the_second_undo_has_to_say_again(issued: Office) -> None:
    issued.propose(SECOND)
    issued.send_all()
    issued.issue()
    undo(issued, document="F1")
    with pytest.raises(HistoryError, match=r"already taken back on 2026-03-20.*level 1; that can be taken back as well"):
        undo(issued, document="F1")
    undo(issued, document="F1", again=True)

    assert (0, 0) == levels(issued)["F1"]
    assert not verifying.verify(issued.book()).failed


def test_a_dry_run_writes_nothing(issued: Office) -> None:
    before = issued.files()
    report = undoing.undo(FileBook.open(issued.path, dry_run=True), "00017", "why", SECOND, dry_run=True)

    assert 2 == report.facts["lines"]
    assert before == issued.files()


@pytest.mark.parametrize(("reason", "said"), [("mistake", None), ("oops", "Known reasons: mistake"), ("", "Known reasons: mistake")])
def test_the_reason_is_a_code_when_config_has_some(issued: Office, reason: str, said: str | None) -> None:
    book = issued.book()
    code = to_frame([model.ReasonCode(code="mistake", use=model.ReasonUse.UNDO)], model.ReasonCode)
    book.replace(model.ReasonCode, pd.concat([book.read(model.ReasonCode).astype({"use": "str"}), code.astype({"use": "str"})], ignore_index=True))
    book.save()
    with pytest.raises(HistoryError, match=said) if said else contextlib.nullcontext():
        undoing.undo(issued.book(), "00017", reason, SECOND)


def test_an_undo_needs_a_reason(issued: Office) -> None:
    with pytest.raises(HistoryError, match="An undo needs a reason"):
        undoing.undo(issued.book(), "00017", " ", SECOND)


STEPS = 2  # the record, the workbook


@pytest.mark.parametrize(("at", "after"), [(at, after) for at in range(STEPS) for after in (False, True)])
def test_an_undo_cut_off_anywhere_is_finished_by_undoing_again_and_takes_back_nothing_more(
    issued: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, after: bool
) -> None:
    smooth = issued.moved(tmp_path / "smooth")
    undo(smooth)
    with monkeypatch.context() as patch:
        deadly(patch, at, after=after)
        with contextlib.suppress(Killed):
            undo(issued)
    if (at, after) == (1, True):  # it was whole
        with pytest.raises(HistoryError, match="no letter and no counted call"):
            undo(issued)
    else:
        undo(issued)
    expected, actual = (o.book().read(model.HistoryEntry) for o in (smooth, issued))

    assert expected.to_dict("records") == actual.to_dict("records")
    assert levels(smooth) == levels(issued)
    assert not verifying.verify(issued.book()).failed


def test_the_steps_of_an_undo_are_all_tried(issued: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    deadly(monkeypatch, STEPS, after=False)

    assert 2 == undo(issued).facts["lines"]


def test_an_older_copy_of_the_workbook_learns_of_the_undo(issued: Office) -> None:
    """Nothing else may change it before: an undo is not forgotten by putting back a backup."""
    older = issued.path.read_bytes()
    undo(issued)
    expected = issued.book().read(model.HistoryEntry)
    issued.path.write_bytes(older)
    with pytest.raises(HistoryError, match="is not in this workbook"):
        issued.propose(SECOND)
    assert "run_unfinished" in {f.code for f in verifying.verify(issued.book()).findings}
    undo(issued)

    assert expected.to_dict("records") == issued.book().read(model.HistoryEntry).to_dict("records")
    assert not verifying.verify(issued.book()).failed


@pytest.mark.parametrize("change", [{"note": "another"}, {"level": 3}, {"undoes": 2}])
def test_verify_finds_an_undo_that_was_changed(issued: Office, change: dict[str, Any]) -> None:
    undo(issued)
    book = issued.book()
    history = book.read(model.HistoryEntry)
    for name, value in change.items():
        history.loc[history.index[-1], name] = value
    book.replace(model.HistoryEntry, history)
    book.save()

    assert "entry_differs" in {f.code for f in verifying.verify(issued.book()).findings}


def test_an_undo_typed_by_hand_or_deleted_is_a_contradiction(issued: Office) -> None:
    undo(issued)
    book = issued.book()
    history = book.read(model.HistoryEntry)
    book.replace(model.HistoryEntry, pd.concat([history, history.iloc[[-1]].assign(entry=99, undoes=1)], ignore_index=True))
    book.save()

    assert "history_differs" in {f.code for f in verifying.verify(issued.book()).findings}
    with pytest.raises(HistoryError, match="the journal of the letter folder 3"):
        undo(issued)


def test_an_unpaid_fee_of_an_undone_letter_leaves_and_a_touched_one_stays(issued: Office) -> None:
    book = issued.book()
    history, first = book.read(model.HistoryEntry), issued.book().read(model.Proposal)["run"].iloc[0]
    fees = [
        model.AssessedItem(
            payer=p, document=d, kind=model.DocumentKind.FEE, currency="EUR", original_minor=500, open_minor=n, source=f"fee of letter {d}"
        )
        for p, d, n in (("00017", f"{first}-0001", 500), ("00018", f"{first}-0002", 400))
    ]
    assert 5 == len(history)
    ledger = book.read(model.AssessedItem)
    codes = {c: "str" for c in ledger if isinstance(ledger[c].dtype, pd.CategoricalDtype)}
    book.replace(model.AssessedItem, pd.concat([ledger.astype(codes), to_frame(fees, model.AssessedItem).astype(codes)], ignore_index=True))
    book.save()
    undo(issued)
    undo(issued, "00018", currency="EUR")

    assert [f"{first}-0002"] == [d for d in issued.book().read(model.AssessedItem)["document"] if d.startswith("R")]


def test_an_import_and_an_issue_go_on_after_an_undo(issued: Office) -> None:
    undo(issued)
    issued.import_(as_of=SECOND)
    issued.propose(SECOND)
    issued.send_all()
    report = issued.issue()

    assert report.facts["letters"] > 0
    assert not verifying.verify(issued.book()).failed
    assert (1, 1) == levels(issued)["F1"]


def test_finish_leaves_letters_to_issue(ready: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of letters that was cut off is not for record or undo to finish."""
    office = ready.moved(tmp_path / "office")
    with monkeypatch.context() as patch:
        deadly(patch, 6, after=True)
        with pytest.raises(Killed):
            office.issue()
    with pytest.raises(HistoryError, match="is not in this workbook: it was cut off"):
        undo(office, as_of=FIRST)


def test_a_workbook_that_lacks_every_run_and_what_came_after_is_no_contradiction(ready: Office, tmp_path: Path) -> None:
    """Put back from before the first letter: what is missing is named in its order, for `issue` to finish."""
    office = ready.moved(tmp_path / "office")
    older = office.path.read_bytes()
    run = str(office.issue().facts["run"])
    undone = str(undo(office).facts["run"])
    office.path.write_bytes(older)
    report = verifying.verify(office.book())

    assert [("run_unfinished", run), ("run_unfinished", undone)] == [(f.code, f.place) for f in report.findings]


def test_a_level_set_by_hand_is_on_the_ledger_again_after_an_undo(imported: Office) -> None:
    book = imported.book()
    ledger = book.read(model.AssessedItem)
    first = ledger["document"] == "F1"
    reason = ledger["manual_reason"].astype("str").mask(first, "decision")
    book.replace(
        model.AssessedItem, typed(ledger.assign(manual_level=ledger["manual_level"].mask(first, 3), manual_reason=reason), model.AssessedItem)
    )
    book.save()
    imported.propose()
    imported.send_all()
    imported.issue()
    undo(imported, company="")
    imported.propose(SECOND)
    proposals = imported.book().read(model.Proposal)

    assert [3] == list(imported.book().read(model.AssessedItem)["manual_level"].dropna())
    assert [3] == list(proposals.loc[proposals["payer"] == "00017", "level"])
    assert not verifying.verify(imported.book()).failed
