"""What a click does before Python starts: asks, remembers, refuses foreign workbooks, and says when Python did not start."""

from pathlib import Path

import pytest

from addin import commands
from addin.controls import CONTROLS, Control
from rules.row import LANGUAGES
from rules.words import catalogue
from tests.addin.excel.macros import Clicks

ANSWERS = {"date": "2026-03-31", "text": "an answer", "row": "00017"}


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
    given = {"open": "C:\\Exports\\open items.csv", "save": "C:\\Exports\\rules.toml", "ui": "en"} | ANSWERS

    commands_run = clicks.click(control.tag, *answers)

    assert [f"import addin.ribbon; addin.ribbon.main('{control.verb}')"] == commands_run
    assert {f"dunning.arg.{name}": f'="{given[kind]}"' for kind, name in asked} == clicks.names()
    compile(commands_run[0], "<command>", "exec")


def test_a_dialog_that_is_cancelled_runs_nothing(tmp_path: Path, workbook: Path) -> None:
    clicks = Clicks(tmp_path, workbook=workbook)

    assert [] == clicks.click("assess|date:as_of", "")
    assert [] == clicks.click("payments|open:statement,date:as_of", "")
    assert {} == clicks.names(), "an answer given before would go to the next button"


def test_what_an_earlier_click_left_does_not_go_with_the_next(tmp_path: Path, workbook: Path) -> None:
    clicks = Clicks(tmp_path, workbook=workbook)
    for name in ("arg.statement", "arg2.reason", "arg.answer.date_order", "question.asked"):
        clicks.app.run("Leave", clicks.book, f"dunning.{name}", "left")
    clicks.click("payments apply|date:as_of", "2026-03-31")

    assert {"dunning.arg.as_of": '="2026-03-31"'} == clicks.names()


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


def test_of_a_report_of_a_program_its_last_line_is_shown_and_nothing_is_left(tmp_path: Path, workbook: Path) -> None:
    """xlwings' module tells of an error of Python by its result, after a box of its own: that box is ours."""
    clicks = Clicks(tmp_path, workbook=workbook)
    clicks.app.run(
        "ReportWith", 'Traceback (most recent call last):\r\n  File "<string>", line 1\r\nModuleNotFoundError: No module named addin\r\n\r\n'
    )
    clicks.click("assess|date:as_of", "2026-03-31")
    box = clicks.app.dialogs[-1]

    assert ("MsgBox", "ModuleNotFoundError: No module named addin") == (box[0], box[1].splitlines()[-1])
    assert "Traceback" not in box[1]
    assert {} == clicks.names()


def test_a_new_workbook_can_be_made_when_none_is_open_and_with_or_without_macros(tmp_path: Path) -> None:
    clicks = Clicks(tmp_path, "fr")
    commands_run = clicks.click("new|save:book,ui:language")

    assert ["import addin.ribbon; addin.ribbon.main('new')"] == commands_run
    assert catalogue("fr")["ribbon"]["kinds_book"] == clicks.app.run("Kinds")
    assert 1 == clicks.app.run("Kinds").count(",*.xlsm")


def test_a_long_answer_goes_in_pieces(tmp_path: Path, workbook: Path) -> None:
    """A defined name holds a short text."""
    clicks = Clicks(tmp_path, workbook=workbook)
    clicks.click("config law|text:countries", "x" * 200 + '"' + "y" * 250)

    assert {
        "dunning.arg.countries": f'="{"x" * 200}"',
        "dunning.arg2.countries": f'="""{"y" * 199}"',
        "dunning.arg3.countries": f'="{"y" * 51}"',
    } == clicks.names()


def test_a_readers_question_is_asked_and_the_button_runs_once_more(tmp_path: Path, workbook: Path) -> None:
    """Python leaves the question and its choices in hidden names; the number of a choice stands for it."""
    clicks = Clicks(tmp_path, workbook=workbook)
    left = {
        "asked": "open_minor",
        "text.0": "Two columns could be ",
        "text.1": "the open amount | 1: A | 2: B",
        "choice.1": "A",
        "choice.2": 'B "net"',
    }
    clicks.app.run("AskBack", "^".join(f"{name}~{text}" for name, text in left.items()))

    assert 2 == len(clicks.click("verify|", "2"))
    assert {"dunning.arg.answer.open_minor": '="B ""net"""'} == clicks.names()
    assert "Two columns could be the open amount\n1: A\n2: B" == clicks.app.dialogs[-1][1]


def test_on_a_mac_python_calls_back_with_its_question(tmp_path: Path, workbook: Path) -> None:
    """There a click has long returned when Python knows what to ask."""
    clicks = Clicks(tmp_path, workbook=workbook)
    for name, text in {"asked": "date_order", "text.0": "Which?", "choice.1": "dmy"}.items():
        clicks.app.run("Leave", clicks.book, f"dunning.question.{name}", text)
    clicks.app.answer_dialogs("1")
    clicks.app.run("DunningAsk", "import")

    assert "import addin.ribbon; addin.ribbon.main('import')" == str(clicks.app.run("Told")).strip()
    assert {"dunning.arg.answer.date_order": '="dmy"'} == clicks.names()


def test_a_quote_in_an_answer_stays_an_answer(tmp_path: Path, workbook: Path) -> None:
    """It ends no text early, so it can be no formula."""
    clicks = Clicks(tmp_path, workbook=workbook)
    clicks.click("reprint|text:letter", 'a"&B1&"')

    assert {"dunning.arg.letter": '="a""&B1&"""'} == clicks.names()
