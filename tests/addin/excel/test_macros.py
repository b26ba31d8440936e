"""What a click does before Python starts: asks, remembers, refuses foreign workbooks, and says when Python did not start."""

from pathlib import Path

import pytest

from addin import commands, xlam
from addin.controls import BY_VERB, CONTROLS, Control
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

    assert [] == clicks.click("assess|date:as_of|", "")
    assert [] == clicks.click("payments|open:statement,date:as_of|", "")
    assert {} == clicks.names(), "an answer given before would go to the next button"
    assert clicks.app.run("Saved"), "nothing was written, so there is nothing to save"


def test_what_an_earlier_click_left_does_not_go_with_the_next(tmp_path: Path, workbook: Path) -> None:
    clicks = Clicks(tmp_path, workbook=workbook)
    for name in ("arg.statement", "arg2.reason", "arg.answer.date_order", "question.asked"):
        clicks.app.run("Leave", clicks.book, f"dunning.{name}", "left")
    clicks.click("payments apply|date:as_of|", "2026-03-31")

    assert {"dunning.arg.as_of": '="2026-03-31"'} == clicks.names()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_foreign_workbook_is_refused_in_the_users_language(tmp_path: Path, language: str) -> None:
    clicks = Clicks(tmp_path, language)

    assert [] == clicks.click("propose|date:as_of|")
    assert [catalogue(language)["ribbon"]["no_workbook"]] == [prompt for _, prompt, _, _ in clicks.app.dialogs]


def test_buttons_are_enabled_in_a_dunning_workbook_alone(tmp_path: Path, workbook: Path) -> None:
    clicks = Clicks(tmp_path, workbook=workbook)

    assert clicks.app.run("Enabled")
    clicks.app.activate_workbook(clicks.app.add_workbook())
    assert not clicks.app.run("Enabled")


def test_when_python_does_not_start_one_box_says_what_to_do(tmp_path: Path, workbook: Path) -> None:
    clicks = Clicks(tmp_path, workbook=workbook)
    clicks.app.run("FailWith", "python is not recognized")

    clicks.click("verify||")

    (box,) = clicks.app.dialogs
    assert ("MsgBox", True, True) == (box[0], "dunning excel doctor" in box[1], "python is not recognized" in box[1])


def test_of_a_report_of_a_program_its_last_line_is_shown_and_nothing_is_left(tmp_path: Path, workbook: Path) -> None:
    """xlwings' module tells of an error of Python by its result, after a box of its own: that box is ours."""
    clicks = Clicks(tmp_path, workbook=workbook)
    clicks.app.run(
        "ReportWith", 'Traceback (most recent call last):\r\n  File "<string>", line 1\r\nModuleNotFoundError: No module named addin\r\n\r\n'
    )
    clicks.click("assess|date:as_of|", "2026-03-31")
    box = clicks.app.dialogs[-1]

    assert ("MsgBox", "ModuleNotFoundError: No module named addin") == (box[0], box[1].splitlines()[-1])
    assert "Traceback" not in box[1]
    assert {} == clicks.names()


def test_a_new_workbook_can_be_made_when_none_is_open_and_with_or_without_macros(tmp_path: Path) -> None:
    """Excel has just been started: the macros open an empty one, through which Python finds Excel, and which nobody is asked to save."""
    clicks = Clicks(tmp_path, "fr")
    clicks.app.run("CloseAll")
    commands_run = clicks.click(BY_VERB["new"].tag)

    assert ["import addin.ribbon; addin.ribbon.main('new')"] == commands_run
    assert catalogue("fr")["ribbon"]["kinds_book"] == clicks.app.run("Kinds")
    assert 1 == clicks.app.run("Kinds").count(",*.xlsm")
    assert clicks.app.run("Saved")


def test_a_long_answer_goes_in_pieces(tmp_path: Path, workbook: Path) -> None:
    """A defined name holds a short text."""
    clicks = Clicks(tmp_path, workbook=workbook)
    clicks.click("config law|text:countries|", "x" * 200 + '"' + "y" * 250)

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

    assert 2 == len(clicks.click("verify||", "2"))
    assert {"dunning.arg.answer.open_minor": '="B ""net"""'} == clicks.names()
    assert "Two columns could be the open amount\n1: A\n2: B" == clicks.app.dialogs[-1][1]


def test_on_a_mac_python_calls_back_with_its_question(tmp_path: Path, workbook: Path) -> None:
    """There a click has long returned when Python knows what to ask; and Python must not wait for a person, so the question comes a moment later."""
    clicks = Clicks(tmp_path, workbook=workbook)
    clicks.click("import||")
    for name, text in {"asked": "date_order", "text.0": "Which?", "choice.1": "dmy"}.items():
        clicks.app.run("Leave", clicks.book, f"dunning.question.{name}", text)
    clicks.app.answer_dialogs("1")
    clicks.app.run("DunningAsk", "import")
    before = str(clicks.app.run("Told")).splitlines()
    clicks.app.run("DunningAskNow")

    assert "'Dunning-en.xlsm'!DunningAskNow" == clicks.app.run("Planned")
    assert (1, 2) == (len(before), len(str(clicks.app.run("Told")).splitlines()))
    assert {"dunning.arg.answer.date_order": '="dmy"'} == clicks.names()


def test_a_quote_in_an_answer_stays_an_answer(tmp_path: Path, workbook: Path) -> None:
    """It ends no text early, so it can be no formula."""
    clicks = Clicks(tmp_path, workbook=workbook)
    clicks.click("reprint|text:letter|", 'a"&B1&"')

    assert {"dunning.arg.letter": '="a""&B1&"""'} == clicks.names()


@pytest.mark.parametrize("control", CONTROLS, ids=lambda c: c.verb)
def test_a_button_that_only_reads_leaves_nothing_to_save(tmp_path: Path, workbook: Path, control: Control) -> None:
    """The names that carry the answers come and go; that alone is no reason to ask whether the workbook is to be saved."""
    clicks = Clicks(tmp_path, workbook=workbook)
    kinds = [ask.partition(":")[0] for ask in control.asks]
    clicks.click(control.tag, *(ANSWERS[kind] for kind in kinds if kind in ANSWERS))

    assert (control.reads or not control.asks) == clicks.app.run("Saved")


def test_whatever_happens_before_python_starts_is_one_sentence(tmp_path: Path, workbook: Path) -> None:
    """A box of Visual Basic with the button End would switch the tab off until Excel is started again."""
    clicks = Clicks(tmp_path, workbook=workbook)
    clicks.app.run("RunTag", "verify")
    (box,) = clicks.app.dialogs

    assert ("MsgBox", True) == (box[0], box[1].startswith(catalogue("en")["ribbon"]["failed"]))


@pytest.mark.parametrize("spoilt", ["=#REF!", "=Ledger!$A$1:$B$2+1", "=1"])
def test_a_heading_whose_cell_was_deleted_offers_nothing_and_is_asked_for(tmp_path: Path, workbook: Path, spoilt: str) -> None:
    clicks = Clicks(tmp_path, workbook=workbook)
    for name in clicks.book.names_.entries:
        if name.name.endswith(".payer"):
            name.refers_to = spoilt
    clicks.click(BY_VERB["history"].tag, "00017")

    assert {"dunning.arg.payer": '="00017"'} == clicks.names()


def test_the_buttons_on_home_ask_what_those_of_the_tab_ask(tmp_path: Path, workbook: Path) -> None:
    clicks = Clicks(tmp_path, workbook=workbook)
    clicks.app.answer_dialogs("2026-03-31", "2026-04-30")
    for macro in xlam.BUTTONS:
        clicks.app.run(macro)

    assert [f"import addin.ribbon; addin.ribbon.main('{verb}')" for verb in xlam.BUTTONS.values()] == str(clicks.app.run("Told")).splitlines()
