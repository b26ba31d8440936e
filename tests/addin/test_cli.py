"""The command line: verbs, options, exit codes, what is printed where."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from addin import cli
from tests.addin.office import Office


def dunning(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a call."""
    before, sys.argv = sys.argv, ["dunning", *map(str, arguments)]
    try:
        cli.main()
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.argv = before
    out, err = capsys.readouterr()
    return code, out, err


BEGINNINGS = [
    "6 open items of 3 payers read.",
    "3 letters proposed as of 2026-03-02,",
    "3 proposals set to send.",
    "3 letters of the run",
    "3 history lines of 1 letter.",
    "5 journal records, 3 letters and 5 history lines checked: they agree.",
    "27 templates checked: no errors.",
]


def test_a_working_day_by_command_line(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """Import, propose, review, issue, history and verify end with 0 and say what they did."""
    export = office.export()
    answers = [
        dunning(capsys, "import", office.path, export, "--as-of", "2026-03-02", "--control", "EUR=2390.00"),
        dunning(capsys, "propose", office.path, "--as-of", "2026-03-02"),
        dunning(capsys, "review", office.path, "--send", "all"),
        dunning(capsys, "issue", office.path),
        dunning(capsys, "history", office.path, "--payer", "00017"),
        dunning(capsys, "verify", office.path),
        dunning(capsys, "templates", "check", office.path),
    ]

    assert [0] * 7 == [code for code, _, _ in answers]
    assert [True] * 7 == [out.startswith(begin) for (_, out, _), begin in zip(answers, BEGINNINGS, strict=True)]


def test_json_is_the_whole_answer(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """Amounts are exact text, dates are ISO, nothing else is on standard output."""
    code, out, _ = dunning(capsys, "import", office.path, office.export(), "--as-of", "2026-03-02", "--json")
    answer = json.loads(out)

    assert (0, 6, True) == (code, answer["items"], answer["changed"])
    assert {"EUR": "2390.00", "GBP": "155.00"} == {row["currency"]: row["open"] for row in answer["tables"]["totals"]}


@pytest.mark.parametrize("command", [["import", "EXPORT"], ["assess"], ["propose"], ["review", "--send", "all"], ["issue"]])
def test_a_dry_run_writes_nothing(office: Office, capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    """Every command that writes can be tried first."""
    office.proposed()
    export = office.export("00018;Müller GmbH;;;;DE;de;F9;Invoice;2026-01-05;2026-02-04;EUR;1.00;1.00;", name="next.csv")
    before = office.files()
    verb, *rest = [str(export) if part == "EXPORT" else part for part in command]
    dated = ["--as-of", "2026-03-20"] if verb in ("import", "assess", "propose") else []
    more = ["--confirm-paid"] if verb == "import" else []
    code, out, err = dunning(capsys, verb, office.path, *rest, *dated, *more, "--dry-run")

    assert (0, "Dry run, nothing was written. ") == (code, out[:30]), err
    assert before == office.files()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["propose", "NOWHERE.xlsx", "--as-of", "2026-03-02"], 1, "NOWHERE.xlsx was not found"),
        (["import", "BOOK", "NOWHERE.csv", "--as-of", "2026-03-02"], 1, "NOWHERE.csv was not found"),
        (["propose", "BOOK", "--as-of", "31.03.2026"], 2, "'31.03.2026' is not a date"),
        (["propose", "BOOK", "--as-of", "2026-02-30"], 2, "'2026-02-30' is not a date"),
        (["review", "BOOK"], 2, "give exactly one of --send, --hold, --drop and --hand-over"),
        (["review", "BOOK", "--send", "all", "--at-least", "12,50"], 2, "'12,50' is not an amount"),
        (["import", "BOOK", "x.csv", "--map", "open"], 2, "'open': expected"),
        (["new", "BOOK", "--language", "es"], 2, "'es': expected en, fr or de"),
        (["new", "BOOK"], 1, "exists"),
        (["new", "OTHER.xlsx", "--config", "NOWHERE.toml"], 1, "NOWHERE.toml is not there"),
        (["demo", "FOLDER"], 1, "is not empty"),
    ],
)
def test_what_is_refused_says_why(
    office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, said: str
) -> None:
    """1 for what the rules refuse, 2 for a call that is off; a sentence on standard error, nothing on standard output, no traceback."""
    monkeypatch.chdir(office.folder)
    monkeypatch.setenv("COLUMNS", "300")
    words = {"BOOK": str(office.path), "FOLDER": str(office.folder)}
    before = office.files()
    found, out, err = dunning(capsys, *[words.get(a, a) for a in arguments])

    assert (code, "") == (found, out)
    assert said in err
    assert "Traceback" not in err
    assert before == office.files()


def test_a_date_to_come_is_pointed_out(imported: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """A run dated ahead shuts out every date before it: said before anything is issued."""
    code, _, err = dunning(capsys, "propose", imported.path, "--as-of", "2199-01-01")

    assert code == 0
    assert "which is still to come" in err


def test_a_fault_of_the_program_is_a_sentence_and_a_log(
    office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Never a traceback to a user; always one in the log."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr("addin.commands.assess", lambda book, when: 1 / 0)
    code, _, err = dunning(capsys, "assess", office.path, "--as-of", "2026-03-02")

    assert code == 70
    assert err.startswith("This is a fault of the program")
    assert "ZeroDivisionError" in (tmp_path / ".dunning" / "dunning.log").read_text()


def test_config_as_text(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """Config goes to standard output or a file, and comes in from a file."""
    _, text, _ = dunning(capsys, "config", "export", office.path)
    path = office.folder / "rules.toml"
    dunning(capsys, "config", "export", office.path, path)
    code, out, _ = dunning(capsys, "config", "import", office.path, path)

    assert text == path.read_text(encoding="utf-8")
    assert (0, True) == (code, out.rstrip().endswith("Nothing changed."))


def test_simulate_looks_at_several_dates(imported: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """One line per date, level and currency; nothing is written."""
    before = imported.files()
    code, out, _ = dunning(capsys, "simulate", imported.path, "--as-of", "2026-03-02", "--as-of", "2026-04-06", "--json")
    letters = json.loads(out)["tables"]["letters"]

    assert (0, before) == (code, imported.files())
    assert [("2026-03-02", 1, "EUR", 2), ("2026-03-02", 1, "GBP", 1), ("2026-04-06", 1, "EUR", 2), ("2026-04-06", 1, "GBP", 2)] == [
        (row["as_of"], row["level"], row["currency"], row["letters"]) for row in letters
    ]


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """--help of each command and option is a sentence."""
    for command in ("new", "import", "assess", "propose", "review", "issue", "history", "verify", "simulate", "demo"):
        code, out, _ = dunning(capsys, command, "--help")

        assert code == 0
        assert "Usage: dunning" in out
