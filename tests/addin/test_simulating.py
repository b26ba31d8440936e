"""`dunning simulate`, `calendar` and `config compare`: what would happen; nothing is written."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from addin import simulating
from addin.sheets import records_of, rules_of
from rules import model
from rules.errors import ConfigError
from rules.row import typed
from rules.simulate import issued, simulated
from tests.addin.office import FIRST, SECOND, Office
from tests.addin.test_cli import dunning

QUICK = """
[[methods]]
method = "standard"
name = "Standard"
grace_days = 60
[[methods]]
method = "quick"
name = "Quick"
last_level = "stop"
[[levels]]
method = "standard"
level = 1
template = "reminder"
[[levels]]
method = "quick"
level = 1
template = "reminder"
"""


@pytest.fixture
def quick(tmp_path: Path) -> Path:
    """A TOML with a slower standard method and a quick one."""
    path = tmp_path / "quick.toml"
    path.write_text(QUICK)
    return path


def asked(capsys: pytest.CaptureFixture[str], office: Office, *arguments: object) -> dict[str, Any]:
    """The JSON answer of a command that must write nothing."""
    before = office.files()
    code, out, err = dunning(capsys, *arguments, "--json")

    assert (0, before) == (code, office.files()), err
    return json.loads(out)


def test_a_past_date_knows_what_was_known_then(issued: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """The letters of 2 March are not there on the 1st, and there on the 20th."""
    answer = asked(capsys, issued, "simulate", issued.path, "--as-of", "2026-03-01", "--as-of", "2026-03-20")

    assert [("2026-03-01", "EUR", 1, 2), ("2026-03-01", "GBP", 1, 1), ("2026-03-20", "EUR", 2, 2), ("2026-03-20", "GBP", 2, 1)] == [
        (row["as_of"], row["currency"], row["level"], row["letters"]) for row in answer["tables"]["letters"]
    ]


def test_every_line_under_another_method(imported: Office, quick: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Lines by reason and letters before and after."""
    dunning(capsys, "config", "import", imported.path, quick)
    answer = asked(capsys, imported, "simulate", imported.path, "--as-of", "2026-03-02", "--method", "quick")

    assert answer["sentence"].startswith("Every line under the method 'quick': 1 run simulated, 3 letters in all; nothing was written.")
    assert [{"before": "in_grace", "after": "due", "lines": 4}] == answer["tables"]["changes 2026-03-02"]
    assert [("EUR", 0, 2, "0.00", "2390.00"), ("GBP", 0, 1, "0.00", "80.00")] == [
        (row["currency"], row["letters_before"], row["letters_after"], row["total_before"], row["difference"])
        for row in answer["tables"]["difference 2026-03-02"]
    ]


def test_a_method_that_is_not_there_is_named(imported: Office) -> None:
    with pytest.raises(ConfigError, match=r"There is no method 'standart' in the table Methods on Config\. Did you mean 'standard'\?"):
        simulating.simulate(imported.book(), [FIRST], "standart")


def test_the_calendar_takes_the_weekday_on_or_after_the_day(imported: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """Four Tuesdays from Monday 2 March: the first letters on the 3rd, the second on the 17th."""
    answer = asked(capsys, imported, "calendar", imported.path, "--from", "2026-03-02", "--weeks", "4", "--weekday", "Tuesday")

    assert (
        "4 runs from 2026-03-03 to 2026-03-24, as if nobody paid and every letter were sent: 6 letters, 0 lines to collection." in answer["sentence"]
    )
    assert [("2026-03-03", 1, 2), ("2026-03-03", 1, 1), ("2026-03-17", 2, 2), ("2026-03-17", 2, 1)] == [
        (row["as_of"], row["level"], row["letters"]) for row in answer["tables"]["letters"]
    ]


def test_a_weekday_that_is_none_is_refused(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = dunning(capsys, "calendar", office.path, "--weekday", "someday")

    assert (2, True) == (code, "expected monday" in err)


def test_what_is_simulated_is_what_is_issued(office: Office) -> None:
    """The history that the calendar goes on from is the one that issuing writes, but for run, file and its hash."""
    office.proposed()
    book = office.book()
    rules, records = rules_of(book), records_of(book)
    expected = issued(records, simulated(records, rules, FIRST).run, rules, FIRST).history
    office.issue()
    written = office.book().read(model.HistoryEntry)
    own = ["entry", "run", "letter", "sha256"]
    order = ["payer", "currency", "document"]
    both = [typed(frame.sort_values(order, ignore_index=True), model.HistoryEntry).drop(columns=own).astype(str) for frame in (expected, written)]

    pd.testing.assert_frame_equal(*both)


def test_other_rules_side_by_side(imported: Office, quick: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each line that moves, counted by reason, and the money with its difference; what the TOML does not name stays."""
    answer = asked(capsys, imported, "config", "compare", imported.path, quick, "--as-of", "2026-03-02")
    lines = {row["document"]: (row["reason_before"], row["reason_after"], row["next_date_after"]) for row in answer["tables"]["lines"]}

    assert "5 lines with another reason, next level or next date of 6 as of 2026-03-02; nothing was written." == answer["sentence"]
    assert [{"before": "due", "after": "in_grace", "lines": 4}] == answer["tables"]["reasons"]
    assert ("due", "in_grace", "2026-04-03") == lines["F1"]
    assert {"F1", "F2", "F3", "F4", "F5"} == set(lines)
    assert [("EUR", 2, 0, "-2390.00"), ("GBP", 1, 0, "-80.00")] == [
        (row["currency"], row["letters_before"], row["letters_after"], row["difference"]) for row in answer["tables"]["money"]
    ]


def test_the_same_rules_change_nothing(imported: Office, capsys: pytest.CaptureFixture[str]) -> None:
    path = imported.folder / "same.toml"
    dunning(capsys, "config", "export", imported.path, path)
    answer = asked(capsys, imported, "config", "compare", imported.path, path, "--as-of", "2026-03-02")

    assert answer["sentence"].startswith("No line changes its reason, next level or next date of 6")
    assert ["0.00", "0.00"] == [row["difference"] for row in answer["tables"]["money"]]


def test_simulating_does_not_touch_the_book(office: Office) -> None:
    """Not even what is read again from it."""
    office.proposed()
    book = office.book()
    before = {m: book.read(m) for m in (model.AssessedItem, model.Proposal, model.HistoryEntry)}
    simulating.simulate(book, [FIRST, SECOND])
    simulating.upcoming(book, date(2026, 3, 2), 3, "monday")

    assert [] == [m for m, frame in before.items() if not frame.equals(book.read(m))]
    assert not book.save()
