"""The window of `dunning live`: what is chosen is run on the open workbook, and what a macro would ask is asked in boxes; its toolkit is a fake."""

from __future__ import annotations

import builtins
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from addin import live, live_window, ribbon
from addin.cli import app
from addin.controls import CONTROLS, GROUPS
from addin.live_window import Window, toolkit
from addin.report import Report
from rules.errors import WorkbookError
from rules.row import LANGUAGES
from rules.ways import Way
from rules.words import catalogue
from tests.addin.office import FIRST


class Widget:
    """Any widget: it remembers what it was made of, and takes whatever it is told."""

    def __init__(self, *parents: Any, **options: Any) -> None:
        self.master, self.options, self.rows, self.events, self.words = parents[0] if parents else None, options, {}, {}, ""
        self.picked: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None

    def configure(self, **options: Any) -> None:
        self.options |= options

    def insert(self, parent: str, at: str, iid: str = "", text: str = "", **_: Any) -> str:
        if iid:
            self.rows[iid] = text
        else:
            self.words = at
        return iid

    def bind(self, event: str, act: Any) -> None:
        self.events[event] = act

    def selection(self) -> tuple[str, ...]:
        return self.picked

    def winfo_children(self) -> list[Any]:
        return []

    def title(self, words: str) -> None:
        self.words = words


class Screen:
    """A window with fake widgets, on these workbooks one after the other; what was asked, and what is answered."""

    def __init__(self, *books: Any, answers: tuple[Any, ...] = ()) -> None:
        self.asked: list[str] = []
        self.answers, self.books, self.root = list(answers), list(books), Widget()
        ttk = SimpleNamespace(**dict.fromkeys(("Frame", "Button", "PanedWindow", "Treeview", "Scrollbar"), Widget))
        tk = SimpleNamespace(
            ttk=ttk, Text=Widget, lines=SimpleNamespace(askstring=self._answer),
            files=SimpleNamespace(asksaveasfilename=self._answer, askopenfilename=self._answer), box=SimpleNamespace(askyesno=self._answer),
        )  # fmt: skip
        self.window = Window(tk, self.root, self._find, lambda: FIRST)

    def _find(self) -> Any:
        found = self.books.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    def _answer(self, *words: str, title: str = "", initialvalue: str = "", **_: Any) -> Any:
        self.asked.append(title or words[-1])
        return self.answers.pop(0) if self.answers else initialvalue

    def choose(self, verb: str) -> str:
        """Choose a command; what is shown then."""
        self.window.commands.picked = (verb,)
        self.window.commands.events["<<TreeviewSelect>>"](None)
        return self.window.told.words

    def press(self, key: str = "run") -> str:
        """Press a button; what is shown then."""
        button = next(b for b in self.window.buttons if b.options["text"] == catalogue(self.window.language)["live"][key])
        button.options["command"]()
        return self.window.told.words


def book(language: str = "en") -> Any:
    return SimpleNamespace(name="Dunning.xlsx", fullname="/x/Dunning.xlsx", language=language, app=SimpleNamespace(status_bar="Working"), names=[])


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """The workbook is open in Excel; what the commands see of it does not matter here."""
    monkeypatch.setattr(live, "LiveBook", lambda outward, folder: SimpleNamespace(book=outward))
    monkeypatch.setattr(live_window, "language_of", lambda found: found.language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_of_the_ribbon_is_there_in_its_group_with_what_it_does(language: str) -> None:
    screen, words = Screen(book(language)), catalogue(language)["ribbon"]

    wanted = {f"group {group}": words[f"group_{group}"] for group in GROUPS} | {c.verb: words[f"label_{c.key}"] for c in CONTROLS}
    assert wanted == screen.window.commands.rows
    assert f"{words['tip_verify']}\n{words['note_verify']}" == screen.choose("verify")
    assert "Dunning.xlsx" in screen.root.words


def test_the_chosen_command_asks_in_boxes_and_shows_what_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[dict[str, str]] = []
    monkeypatch.setitem(ribbon.VERBS, "import", lambda target, answers: given.append(dict(answers)) or Report("6 open items."))
    screen = Screen(book(), answers=("/exports/items.csv",))
    screen.choose("import")

    assert "6 open items." == screen.press()
    assert [{"export": "/exports/items.csv", "as_of": str(FIRST)}] == given
    assert [catalogue("en")["ribbon"][f"ask_{name}"] for name in ("export", "as_of")] == screen.asked
    assert {"normal"} == {b.options["state"] for b in screen.window.buttons}


def test_a_box_that_is_closed_runs_nothing_and_a_refusal_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(target: Any, answers: Any) -> Report:
        raise WorkbookError("The sheet Ledger is protected.")

    monkeypatch.setitem(ribbon.VERBS, "verify", refuse)
    screen = Screen(book(), answers=(None, None))
    screen.choose("import")
    nothing = screen.press()
    screen.choose("verify")

    assert ("Nothing was done.", "The sheet Ledger is protected.") == (nothing, screen.press())


def test_a_way_on_and_a_decision_are_asked_with_yes_and_no(monkeypatch: pytest.MonkeyPatch) -> None:
    def propose(target: Any, answers: dict[str, str]) -> Report:
        return Report("Proposed anew.") if "answer.replace" in answers else Report("Still open: 3 proposals.", ways=(Way("replace"),))

    monkeypatch.setitem(ribbon.VERBS, "propose", propose)
    yes, no = (Screen(book(), answers=("2026-03-02", answer)) for answer in (True, False))
    for screen in (yes, no):
        screen.choose("propose")

    assert ("Proposed anew.", "Still open: 3 proposals.") == (yes.press(), no.press())
    assert f"Still open: 3 proposals.\n\n{catalogue('en')['ways']['replace']}" == yes.asked[-1]


def test_without_an_open_workbook_it_says_what_to_do_and_looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(WorkbookError("Excel has no workbook open."), book("fr"))
    waiting = screen.window.told.words

    assert f"Excel has no workbook open.\n{catalogue('en')['live']['none_open']}" == waiting
    assert catalogue("fr")["live"]["choose"] == screen.press("again")


def test_a_fault_is_a_sentence_with_its_traceback_in_the_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path)
    screen = Screen(book())
    try:
        raise ZeroDivisionError
    except ZeroDivisionError as fault:
        screen.root.report_callback_exception(type(fault), fault, fault.__traceback__)

    assert "fault of the program" in screen.window.told.words
    assert "ZeroDivisionError" in (tmp_path / ".dunning" / "dunning.log").read_text(encoding="utf-8")


def test_a_group_is_no_command() -> None:
    screen = Screen(book())
    before = screen.window.told.words

    assert before == screen.choose("group letters") == screen.press()


def test_a_python_without_the_toolkit_or_without_a_screen_names_the_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "tkinter":
            raise ImportError(name)
        return real(name, *rest, **more)

    with monkeypatch.context() as patched:
        patched.setattr(builtins, "__import__", without)
        with pytest.raises(WorkbookError, match=r"no tkinter.*`dunning live`"):
            toolkit()
    told = CliRunner().invoke(app, ["live", "--window"])

    assert "`dunning live`" in str(told.exception)
