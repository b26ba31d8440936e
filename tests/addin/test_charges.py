"""Fees, interest and levels set by hand on their way through proposal, review, issue, the next import and undo."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from addin import commands, recording, undoing, verifying
from rules.errors import DunningError
from rules.model import AssessedItem, Decision, HistoryEntry, Proposal, ProposalLine
from rules.row import typed
from tests.addin.office import FIRST, LINES, SECOND, Office

FEE = """
[[fees]]
fee = "letter"
currency = "EUR"
amount = 12.50
[[levels]]
method = "standard"
level = 1
days = 0
template = "reminder"
fee = "letter"
[[levels]]
method = "standard"
level = 2
days = 14
template = "firm_reminder"
[[methods]]
method = "standard"
grace_days = 5
claim_fees = true
[[currencies]]
currency = "GBP"
rate = 1.25
"""


def with_rules(office: Office, toml: str) -> Office:
    commands.config_import(office.book(), toml)
    return office


def fees(office: Office) -> list[tuple[str, int, str]]:
    ledger = office.book().read(AssessedItem)
    lines = ledger[ledger["kind"] == "fee"]
    return list(zip(lines["payer"], lines["open_minor"], lines["method"].astype("str"), strict=True))


@pytest.fixture
def claiming(office: Office) -> Office:
    return with_rules(office, FEE)


def test_a_claimed_fee_becomes_a_line_that_imports_keep_and_that_bears_no_fee(claiming: Office) -> None:
    claiming.proposed().issue()
    first = fees(claiming)
    claiming.import_(as_of=SECOND)
    claiming.propose(SECOND)
    lines = claiming.book().read(ProposalLine)

    assert [("00017", 1250, "standard"), ("00018", 1250, "standard"), ("00018", 1000, "standard")] == first == fees(claiming)
    assert {0} == set(lines.loc[lines["kind"] == "fee", ["interest_minor", "fee_minor", "lump_sum_minor"]].to_numpy().ravel())
    assert not verifying.verify(claiming.book()).failed


def test_an_export_of_another_ledger_is_refused_whatever_fees_stay(claiming: Office) -> None:
    claiming.proposed().issue()
    before = claiming.files()

    with pytest.raises(DunningError, match="they would count as paid"):
        claiming.import_(LINES[0].replace("00017;Lef", "00099;Lef").replace("F1", "X1"), as_of=SECOND)

    assert before["Dunning.xlsx"] == claiming.files()["Dunning.xlsx"]


def test_undo_takes_the_fee_back_with_its_letter(claiming: Office) -> None:
    claiming.proposed().issue()
    undoing.undo(claiming.book(), "00017", "returned", FIRST)

    assert [("00018", 1250, "standard"), ("00018", 1000, "standard")] == fees(claiming)
    assert not verifying.verify(claiming.book()).failed


def test_a_run_with_claimed_fees_is_issued_in_parts(claiming: Office) -> None:
    claiming.import_()
    claiming.propose()
    for payer in ("00017", "00018"):
        commands.review(claiming.book(), Decision.SEND, payers=[payer])
        claiming.issue()

    assert 3 == len(fees(claiming))
    assert not verifying.verify(claiming.book()).failed


@pytest.mark.parametrize("preset", ["fr", "de", "uk", "eu"])
def test_fee_interest_and_lump_sum_follow_a_changed_level(tmp_path: Path, preset: str) -> None:
    """A level at which the law's interest is claimed brings it; going back takes it away."""
    office = Office(tmp_path)
    commands.new(office.path, "en", rules=preset)
    commands.config_import(office.book(), '[[currencies]]\ncurrency = "GBP"\nrate = 1.25\n[[currencies]]\ncurrency = "EUR"\nrate = 0.85\n')
    office.import_()
    office.propose()

    def charged(level: int) -> tuple[int, int, int]:
        commands.review(office.book(), Decision.SEND, payers=["00017"], new_level=level, note="test")
        row = office.book().read(Proposal).set_index("payer").loc["00017"]
        assert row["total_minor"] == row[["overdue_minor", "credits_minor", "fee_minor", "interest_minor", "lump_sum_minor"]].sum()
        return int(row["level"]), int(row["interest_minor"]), int(row["lump_sum_minor"])

    before, high, back = charged(1), charged(3), charged(1)

    assert (1, 0, 0) == before == back
    assert high[1] > 0
    assert high[2] > 0


def test_a_level_set_by_hand_leaves_the_ledger_with_its_letter_and_stays_in_the_history(imported: Office) -> None:
    book = imported.book()
    ledger = book.read(AssessedItem)
    chosen = ledger["document"] == "F1"
    ledger["manual_level"] = ledger["manual_level"].mask(chosen, 3)
    ledger["manual_reason"] = ledger["manual_reason"].astype("str").mask(chosen, "decision")
    book.replace(AssessedItem, typed(ledger, AssessedItem))
    book.save()
    imported.propose()
    for payer in ("00018", "00017"):
        commands.review(imported.book(), Decision.SEND, payers=[payer])
        imported.issue()
    told = imported.book().read(HistoryEntry).set_index("document")

    assert imported.book().read(AssessedItem)["manual_level"].isna().all()
    assert (3, 3) == tuple(told.loc["F1", ["level", "manual_level"]])
    assert pd.isna(told.loc["F2", "manual_level"])


def test_a_look_ahead_ends_no_promise(imported: Office) -> None:
    file = imported.folder / "day.toml"
    file.write_text('[[promises]]\npayer = "00018"\ndocument = "F3"\ndate = 2026-03-02\nuntil = 2026-04-10\ncurrency = "EUR"\n', encoding="utf-8")
    recording.record(imported.book(), file, FIRST)
    commands.assess(imported.book(), date(2026, 6, 30))
    imported.propose()
    ledger = imported.book().read(AssessedItem).set_index("document")

    assert "promised" == ledger.loc["F3", "reason_code"]
