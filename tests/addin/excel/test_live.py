"""`dunning live`: the prompt asks what a macro would ask, and runs the ribbon's commands; Excel is one of the test's own making."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from addin import live
from addin.cli import app
from addin.controls import CONTROLS, Control
from addin.live import Prompt, attach, perform, talk
from addin.report import Report
from rules.errors import WorkbookError
from rules.model import HistoryEntry
from rules.row import LANGUAGES
from tests.addin.office import FIRST, Office
from workbook.file import FileBook
from workbook.ledgers.unclear import Choice, Unclear


class Keyboard:
    """A person who types these answers, then nothing; and what was asked and said."""

    def __init__(self, *answers: str) -> None:
        self.answers: Iterator[str] = iter(answers)
        self.asked: list[tuple[str, str]] = []
        self.said: list[str] = []

    @property
    def prompt(self) -> Prompt:
        return Prompt(self._ask, self.said.append, lambda: FIRST)

    def _ask(self, question: str, default: str) -> str:
        self.asked.append((question, default))
        return next(self.answers, "") or default


def excel(path: Path) -> Any:
    """A workbook that is open in Excel."""
    return SimpleNamespace(name=path.name, fullname=str(path), app=SimpleNamespace(status_bar="Working", screen_updating=True), names=[])


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office whose workbook is open; what the commands see of it is the file."""
    made = Office.new(tmp_path)

    def closed(outward: Any, folder: Path) -> FileBook:
        book = FileBook.open(folder / outward.name)
        vars(book)["book"] = outward
        return book

    monkeypatch.setattr(live, "LiveBook", closed)
    return made


def test_a_working_day_is_typed_at_the_prompt(office: Office) -> None:
    """Dates are offered, files are asked for, and letters are issued only after a yes."""
    export, book = office.export(), excel(office.path)
    keyboard = Keyboard("import", f'"{export}"', "", "propose", "", "review", "issue", "yes", "", "never asked for")
    talk(book, keyboard.prompt)

    assert len(office.book().read(HistoryEntry)) > 0
    assert ["Attached to Dunning.xlsx.", "6 open "] == [keyboard.said[0][:25], keyboard.said[1][:7]]
    assert "proposed as of 2026-03-02" in keyboard.said[2]
    assert str(FIRST) in [default for _, default in keyboard.asked]
    assert book.app.status_bar is False, "for nothing else does Excel take the bar back"
    assert "never asked for" == next(keyboard.answers)


def test_a_fault_of_ours_is_a_sentence_and_the_prompt_goes_on(office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setitem(live.VERBS, "verify", lambda book, given: 1 / 0)
    keyboard = Keyboard("verify", "history", "00017")
    talk(excel(office.path), keyboard.prompt)

    assert ["This is a fault of the program", "0 history lines"] == [keyboard.said[1][:30], keyboard.said[2][:15]]
    assert "ZeroDivisionError" in (tmp_path / ".dunning" / "dunning.log").read_text(encoding="utf-8")


def test_a_no_issues_nothing(office: Office) -> None:
    office.import_()
    office.propose()
    office.send_all()
    keyboard = Keyboard("no")

    assert "Nothing was done." == perform(excel(office.path), "issue", keyboard.prompt)
    assert ("(yes, no)" in keyboard.asked[0][0], 0) == (True, len(office.book().read(HistoryEntry)))


def test_what_is_refused_is_said_and_the_next_command_asked_for(office: Office) -> None:
    keyboard = Keyboard("import", "missing.csv", "2026-03-02", "propose", "tomorrow", "frobnicate", "help", "")
    talk(excel(office.path), keyboard.prompt)

    _, missing, day, unknown, listed = keyboard.said
    assert "missing.csv" in missing
    assert "not a date" in day
    assert "'frobnicate' is no command. `help` lists them." == unknown
    assert [] == [c.verb for c in CONTROLS if f"  {c.verb} " not in listed]


@pytest.mark.parametrize("control", [c for c in CONTROLS if c.asks], ids=lambda c: c.verb)
def test_an_empty_answer_runs_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, control: Control) -> None:
    ran: list[str] = []
    monkeypatch.setitem(live.VERBS, control.verb, lambda book, given: ran.append(control.verb))

    assert "Nothing was done." == perform(excel(tmp_path / "Dunning.xlsx"), control.verb, Prompt(lambda *_: "", print, lambda: FIRST))
    assert [] == ran


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_of_every_command_has_its_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str) -> None:
    monkeypatch.setattr(live, "LiveBook", lambda book, folder: SimpleNamespace())
    for control in CONTROLS:
        given: list[dict[str, str]] = []
        monkeypatch.setitem(live.VERBS, control.verb, lambda book, answers, given=given: given.append(answers))
        perform(excel(tmp_path / "D.xlsx"), control.verb, Keyboard(*"12345").prompt, language)  # type: ignore[arg-type]

        assert [name.partition(":")[2] for name in control.asks] == list(given[0])


def test_a_readers_question_is_asked_until_it_is_clear(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of a choice stands for it; the answers so far stay."""
    seen: list[dict[str, str]] = []

    def verify(book: Any, given: dict[str, str]) -> Report:
        seen.append(dict(given))
        if "answer.open_minor" not in given:
            raise Unclear("Which column is the open amount?", "open_minor", (Choice("A", "Balance"), Choice("B", "Open")))
        return Report("Done.")

    monkeypatch.setitem(live.VERBS, "verify", verify)
    keyboard = Keyboard("2")

    assert "Done." == perform(excel(office.path), "verify", keyboard.prompt)
    assert [{}, {"answer.open_minor": "B"}] == seen
    assert "2: Open" in keyboard.asked[0][0]
    assert "Nothing was done." == perform(excel(office.path), "verify", Keyboard().prompt)


def test_the_open_workbook_is_found_by_name_or_path_and_else_said_to_be_missing(tmp_path: Path) -> None:
    first, second = excel(tmp_path / "Dunning.xlsx"), excel(tmp_path / "Other.xlsx")

    class Cloud(SimpleNamespace):
        @property
        def fullname(self) -> str:
            raise OSError("no local folder for https://example.sharepoint.com/Cloud.xlsx")

    books = [first, Cloud(name="Cloud.xlsx"), second]
    wanted = {"": first, "other.XLSX": second, str(tmp_path / "Other.xlsx"): second, "C:\\elsewhere\\Other.xlsx": second}

    assert list(wanted.values()) == [attach(name, books) for name in wanted]
    with pytest.raises(WorkbookError, match=r"Open are: Dunning\.xlsx, Cloud\.xlsx, Other\.xlsx"):
        attach("Third.xlsx", books)
    with pytest.raises(WorkbookError, match="no workbook open"):
        attach("", [])


def test_the_active_workbook_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Books(list[Any]):
        active = SimpleNamespace(name="B.xlsx")

    books = Books([excel(tmp_path / "A.xlsx"), excel(tmp_path / "B.xlsx")])
    monkeypatch.setattr(live.xw, "apps", [SimpleNamespace(books=books)])

    assert ["B.xlsx", "A.xlsx"] == [b.name for b in live.open_books()]


def test_without_an_excel_to_reach_the_command_says_so() -> None:
    told = CliRunner().invoke(app, ["live"])

    assert "reaches Excel on Windows and on the Mac" in str(told.exception)
