"""Every button's verb is the command of that name: what its control asks is what the command takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from addin import ribbon
from addin.controls import BY_VERB, CONTROLS
from tests.addin.office import FIRST, Office

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
    "config export": ({"target": "rules.toml"}, "rules.toml"),
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
    paths = {name: str(office.folder / value) if name in ("file", "target") else value for name, value in given.items()}
    asked = {ask.split(":")[1] for ask in BY_VERB[verb].asks}

    report = ribbon.VERBS[verb](office.book(), paths)

    assert asked == set(given)
    assert said in report.sentence


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
