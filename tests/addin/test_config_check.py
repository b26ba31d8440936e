"""`dunning config check`: what is doubtful about the rules, with the cell, before a run."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from addin import commands
from rules import model
from rules.config_text import from_toml
from rules.errors import ConfigError, DunningError
from tests.addin.office import FIRST, Office
from tests.addin.test_cli import dunning

LAW = """
[[levels]]
method = "standard"
level = 1
template = "reminder"
regime = "contract"

[[regimes]]
regime = "contract"
valid_from = 2020-01-01
series = "S"

[[rates]]
series = "S"
valid_from = 2026-01-01
rate = 2.5
verified_until = {until}
"""


def configured(office: Office, toml: str) -> Office:
    """The office with these rules over its own, typed on the sheet: `config import` refuses errors."""
    book = office.book()
    for row_model, frame in from_toml(toml, book.settings())[1].items():
        book.replace(row_model, frame)
    book.save()
    return office


def test_the_rules_of_a_new_workbook_are_beyond_doubt(office: Office) -> None:
    report = commands.config_check(office.book(), FIRST)

    assert ([], False, False) == (report.findings, report.failed, report.changed)
    assert "Config checked as of 2026-03-02: nothing to point out." == report.sentence


def test_a_finding_names_its_cell_in_the_workbook(office: Office) -> None:
    """The cell is where the table stands on the sheet."""
    book = configured(office, LAW.format(until="2026-03-01")).book()
    (finding,) = commands.config_check(book, FIRST).findings

    assert ("config_rates_expired", book.place(model.Rate, 0, "verified_until")) == (finding.code, finding.place)
    assert finding.place.startswith("Config!")


def test_a_rate_that_the_ledger_needs_is_missed(tmp_path: Path) -> None:
    """An export in EUR under the rules of the United Kingdom: the next rows of Currencies are to be filled."""
    office = Office(tmp_path)
    commands.new(office.path, "en", rules="uk")
    office.import_()
    (finding,) = (f for f in commands.config_check(office.book(), FIRST).findings if f.code == "config_currency_missing")

    assert ("EUR", 3) == (finding.values["currencies"], finding.values["count"])
    assert finding.place.startswith("Config!")


@pytest.mark.parametrize(
    ("toml", "code", "said"),
    [
        (LAW.format(until="2026-12-31"), 0, "nothing to point out."),
        (LAW.format(until="2026-03-20"), 0, "1 finding, 0 errors."),
        (LAW.format(until="2025-12-31"), 1, "2 findings, 1 error."),
        ('[[levels]]\nmethod = "standard"\nlevel = 1\ntemplate = "rappel"\n', 1, "1 finding, 1 error."),
    ],
)
def test_only_an_error_ends_with_1(office: Office, capsys: pytest.CaptureFixture[str], toml: str, code: int, said: str) -> None:
    """A warning is for a person to read; nothing is written either way."""
    configured(office, toml)
    before = office.files()
    found, out, _ = dunning(capsys, "config", "check", office.path, "--as-of", "2026-03-02")

    assert (code, True) == (found, out.splitlines()[0].endswith(said)), out
    assert before == office.files()


def test_a_template_of_ones_own_is_found_in_its_folder(office: Office) -> None:
    """In the languages in which it is there."""
    configured(office, '[[levels]]\nmethod = "standard"\nlevel = 1\ntemplate = "rappel"\n')
    for language in ("en", "fr"):
        folder = office.folder / "templates" / language
        (folder / "rappel.docx").write_bytes((folder / "reminder.docx").read_bytes())
    (finding,) = commands.config_check(office.book(), FIRST).findings

    assert ("note", {"template": "rappel", "languages": "de"}) == (str(finding.severity), finding.values)


def test_as_json_every_finding_has_code_place_and_text(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    configured(office, LAW.format(until="2025-12-31"))
    _, out, _ = dunning(capsys, "config", "check", office.path, "--as-of", "2026-03-02", "--json")
    answer = json.loads(out)

    assert (1, True) == (answer["errors"], answer["failed"])
    assert [("error", "config_verified_before"), ("warning", "config_rates_expired")] == [(f["severity"], f["code"]) for f in answer["findings"]]
    assert all(f["place"] and f["text"] for f in answer["findings"])


def test_a_contradiction_is_refused_as_everywhere(office: Office) -> None:
    """What no run could follow is not a finding."""
    book = office.book()
    book.replace(model.Level, book.read(model.Level).assign(level=2))
    with pytest.raises(ConfigError, match="comes without level 1"):
        commands.config_check(book, date(2026, 3, 2))


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('[settings]\nletter_folder = "../elsewhere"', "The setting letter_folder on Config is '../elsewhere'"),
        ('[settings]\ntemplate_folder = "/elsewhere"', "The setting template_folder on Config is '/elsewhere'"),
        ('[[levels]]\nmethod = "standard"\nlevel = 1\ntemplate = "nowhere"', "nowhere"),
        ("[[rates]]\n" + 'series = "S"\nvalid_from = 2026-01-01\nrate = 1\n[[rates]]\nseries = "S"\nvalid_from = 2026-01-01\nrate = 2', "S"),
    ],
)
def test_config_import_refuses_what_the_next_command_would_refuse(office: Office, toml: str, said: str) -> None:
    before = office.files()
    with pytest.raises(DunningError, match=said):
        commands.config_import(office.book(), toml)

    assert before == office.files()


def test_a_new_workbook_has_the_suffix_of_one(tmp_path: Path) -> None:
    with pytest.raises(DunningError, match=r"Dunning\.xls is no name .* expected a name that ends in \.xlsx.* or in \.xlsm"):
        commands.new(tmp_path / "Dunning.xls", "en")

    assert [] == list(tmp_path.iterdir())
