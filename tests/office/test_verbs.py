"""Every button's verb is the command of that name: what its control asks is what the command takes."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from addin import ribbon
from addin.controls import BY_VERB, CONTROLS
from rules.errors import ConfigError, WorkbookError
from rules.words import catalogue
from tests.addin.office import FIRST, Office
from workbook.file import FileBook

ROOT = Path(__file__).parents[2]
DAY = FIRST.isoformat()
SAID = {
    "explain": ({"document": "F1", "as_of": DAY}, "00017"),
    "simulate": ({"as_of": "2026-04-20"}, "1 run simulated"),
    "calendar": ({"as_of": DAY}, "8 runs"),
    "preview": ({"payer": "00017"}, "1 preview written"),
    "calls": ({"as_of": DAY}, "to call as of 2026-03-02"),
    "history": ({"payer": "00017"}, "3 history lines"),
    "verify": ({}, "they agree"),
    "config check": ({"as_of": DAY}, "Config"),
    "templates check": ({}, "templates checked"),
    "config export": ({"rules": "out.toml"}, "out.toml"),
    "config compare": ({"file": "rules.toml", "as_of": DAY}, "changes its reason"),
    "print": ({}, "print"),
    "merge-table": ({}, "merge"),
    "mail": ({}, "draft"),
    "hand-over": ({"as_of": DAY}, ""),
}


@pytest.fixture(scope="module")
def issued(ready: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = ready.moved(tmp_path_factory.mktemp("issued") / "office")
    office.issue()
    (office.folder / "rules.toml").write_text("[settings]\npayer_tolerance = 5\n", encoding="utf-8")
    return office


def test_every_control_has_its_verb() -> None:
    assert [c.verb for c in CONTROLS] == [c.verb for c in CONTROLS if c.verb in ribbon.VERBS]
    assert set(BY_VERB) == set(ribbon.VERBS)


@pytest.mark.parametrize("verb", SAID)
def test_the_verb_runs_its_command_with_what_its_control_asks(issued: Office, ready: Office, tmp_path: Path, verb: str) -> None:
    given, said = SAID[verb]
    office = (ready if verb == "preview" else issued).moved(tmp_path / "office")
    paths = {name: str(office.folder / value) if name in ("file", "rules") else value for name, value in given.items()}
    asked = {ask.split(":")[1] for ask in BY_VERB[verb].asks}

    report = ribbon.VERBS[verb](office.book(), paths)

    assert asked == set(given)
    assert said in report.sentence


@pytest.mark.parametrize(
    ("typed", "made"), [("Another", "Another.xlsx"), ("Clients 2026.11", "Clients 2026.11.xlsx"), ("Own.XLSM", "Own.XLSM")], ids=str
)
def test_the_name_that_is_typed_decides_whether_a_new_workbook_has_macros(tmp_path: Path, typed: str, made: str) -> None:
    opened: list[str] = []
    excel = SimpleNamespace(app=SimpleNamespace(books=SimpleNamespace(open=opened.append)))
    report = ribbon.VERBS["new"](excel, {"book": str(tmp_path / typed), "language": "fr"})
    with zipfile.ZipFile(tmp_path / made) as package:
        parts = package.namelist()

    assert ([str(tmp_path / made)], "fr") == (opened, FileBook.open(tmp_path / made).language)
    assert made.endswith("XLSM") == ("xl/vbaProject.bin" in parts) == ("customUI/customUI14.xml" in parts)
    assert made in report.sentence
    with pytest.raises(WorkbookError, match="exists already and is not overwritten"):
        ribbon.VERBS["new"](excel, {"book": str(tmp_path / made), "language": "fr"})


def test_rules_are_written_into_no_other_file_than_the_one_that_was_named(issued: Office, tmp_path: Path) -> None:
    """An ending that is none stays part of the name; what is there, and a folder that is not, are refused in a sentence."""
    office = issued.moved(tmp_path / "office")
    ribbon.VERBS["config export"](office.book(), {"rules": str(tmp_path / "rules 2026.11")})

    assert ["rules 2026.11.toml"] == [p.name for p in tmp_path.iterdir() if p.is_file()]
    for wrong, said in {"rules 2026.11": "is not overwritten", "nowhere/rules": "There is no folder"}.items():
        with pytest.raises(WorkbookError, match=said):
            ribbon.VERBS["config export"](office.book(), {"rules": str(tmp_path / wrong)})


@pytest.mark.parametrize("said", ["1", "printed", "imprimée", "Gedruckt"])
def test_a_delivery_is_told_of_all_letters_of_the_last_run_in_the_clerks_own_words(issued: Office, tmp_path: Path, said: str) -> None:
    office = issued.moved(tmp_path / "office")

    told = ribbon.VERBS["delivered"](office.book(), {"letters": "Toutes", "state": said, "as_of": DAY})
    assert told.sentence.startswith("3 letters marked as printed.")
    with pytest.raises(ConfigError, match="1 printed, 2 sent, 3 failed or 4 returned"):
        ribbon.VERBS["delivered"](office.book(), {"letters": "all", "state": "lost", "as_of": DAY})


def test_every_step_that_the_status_bar_shows_has_its_word() -> None:
    sources = [p.read_text(encoding="utf-8") for folder in ("addin", "workbook") for p in (ROOT / folder).rglob("*.py")]
    steps = {step for source in sources for step in re.findall(r'\.progress\("([^"]+)"', source)}

    assert [] == sorted(steps - set(catalogue("en")["progress"]))
    assert "enregistrement" == ribbon.progress_text("save", "fr")


def test_receipts_are_applied_by_their_own_button_whatever_else_was_answered(issued: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[object, ...]] = []
    monkeypatch.setattr("addin.paying.take_payments", lambda book, paths, as_of, apply=False: seen.append((paths, apply)))
    for verb in ("payments", "payments apply"):
        ribbon.VERBS[verb](issued.book(), {"statement": "bank.xml", "as_of": DAY})

    assert [([Path("bank.xml")], False), ([], True)] == seen


def test_a_date_that_is_none_is_refused_with_what_is_expected(ready: Office) -> None:
    with pytest.raises(Exception, match=r"'31\.3\.2026' is not a date written as year-month-day, such as 2026-03-31"):
        ribbon.VERBS["assess"](ready.book(), {"as_of": "31.3.2026"})


def test_a_workbook_in_the_cloud_has_its_letters_in_the_documents_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Cloud:
        name = "Dunning.xlsx"

        @property
        def fullname(self) -> str:
            raise OSError("no local folder for https://example.sharepoint.com/Dunning.xlsx")

    monkeypatch.setattr(Path, "home", lambda: tmp_path)

    assert tmp_path / "Documents" / "Dunning" / "Dunning" == ribbon.folder_of(Cloud())  # type: ignore[arg-type]
    assert (tmp_path / "Documents" / "Dunning" / "Dunning").is_dir()
