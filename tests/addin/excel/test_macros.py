"""What a click does before Python starts: asks, remembers, refuses foreign workbooks, and says when Python did not start."""

from pathlib import Path

import pytest

from addin import commands
from addin.controls import CONTROLS, Control
from rules.row import LANGUAGES
from rules.words import catalogue
from tests.addin.excel.macros import Clicks

ANSWERS = {"date": "2026-03-31", "text": "an answer", "payer": "00017", "document": "F1"}


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "Dunning.xlsx"
    commands.new(path, "en")
    return path


@pytest.mark.parametrize("control", CONTROLS, ids=lambda c: c.verb)
def test_every_button_reaches_python_with_its_verb_and_its_answers(tmp_path: Path, workbook: Path, control: Control) -> None:
    clicks = Clicks(tmp_path, workbook=workbook)
    asked = [ask.split(":") for ask in control.asks]
    answers = [ANSWERS[kind] for kind, _ in asked if kind in ANSWERS]
    given = {"open": "C:\\Exports\\open items.csv", "save": "C:\\Exports\\rules.toml"} | ANSWERS

    commands_run = clicks.click(control.tag, *answers)

    assert [f"import addin.ribbon; addin.ribbon.main('{control.verb}')"] == commands_run
    assert {f"dunning.arg.{name}": f'="{given[kind]}"' for kind, name in asked} == clicks.names()
    compile(commands_run[0], "<command>", "exec")


def test_a_dialog_that_is_cancelled_runs_nothing(tmp_path: Path, workbook: Path) -> None:
    clicks = Clicks(tmp_path, workbook=workbook)

    assert [] == clicks.click("assess|date:as_of", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_foreign_workbook_is_refused_in_the_users_language(tmp_path: Path, language: str) -> None:
    clicks = Clicks(tmp_path, language)

    assert [] == clicks.click("propose|date:as_of")
    assert [catalogue(language)["ribbon"]["no_workbook"]] == [prompt for _, prompt, _, _ in clicks.app.dialogs]


def test_buttons_are_enabled_in_a_dunning_workbook_alone(tmp_path: Path, workbook: Path) -> None:
    clicks = Clicks(tmp_path, workbook=workbook)

    assert clicks.app.run("IsDunningBook", clicks.book)
    clicks.app.activate_workbook(clicks.app.add_workbook())
    assert not clicks.app.run("IsDunningBook", clicks.app.application.vba_get("ActiveWorkbook"))


def test_when_python_does_not_start_one_box_says_what_to_do(tmp_path: Path, workbook: Path) -> None:
    clicks = Clicks(tmp_path, workbook=workbook)
    clicks.app.run("FailWith", "python is not recognized")

    clicks.click("verify|")

    (box,) = clicks.app.dialogs
    assert ("MsgBox", True, True) == (box[0], "dunning excel doctor" in box[1], "python is not recognized" in box[1])


def test_a_readers_question_is_asked_and_the_button_runs_once_more(tmp_path: Path, workbook: Path) -> None:
    """Python leaves the question and its choices in hidden names; the number of a choice stands for it."""
    clicks = Clicks(tmp_path, workbook=workbook)
    left = {"asked": "open_minor", "text.0": "Two columns could be ", "text.1": "the open amount | 1: A | 2: B", "choice.1": "A", "choice.2": "B"}
    for name, text in left.items():
        clicks.app.run("Leave", clicks.book, f"dunning.question.{name}", text)

    assert 2 == len(clicks.click("verify|", "2"))
    assert {"dunning.arg.answer.open_minor": '="B"'} == clicks.names()
    assert "Two columns could be the open amount\n1: A\n2: B" == clicks.app.dialogs[-1][1]


def test_a_quote_in_an_answer_stays_an_answer(tmp_path: Path, workbook: Path) -> None:
    """It ends no text early, so it can be no formula."""
    clicks = Clicks(tmp_path, workbook=workbook)
    clicks.click("reprint|text:letter", 'a"&B1&"')

    assert {"dunning.arg.letter": '="a""&B1&"""'} == clicks.names()
