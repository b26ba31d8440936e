"""The project as a whole: its names, its commands, its locked packages, its texts."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from importlib.metadata import packages_distributions
from pathlib import Path

import pandas as pd
import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from addin.sample import CONFIG, DAYS, export
from addin.sample.__main__ import ledger, write
from rules.config_text import from_toml
from rules.model import Currency

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
FOLDERS = (*PACKAGES, "tests", "benchmarks", "docs", ".ci", ".github")
TEXTS = {".py", ".md", ".toml", ".lock", ".yml", ".bas", ".cls", ""}  # "": Makefile, LICENSE, run; exports are written as their systems write them


def texts() -> Iterator[Path]:
    """Every text of the project that a person wrote or a command generated."""
    files = [*ROOT.iterdir(), *(f for folder in FOLDERS for f in (ROOT / folder).rglob("*"))]
    return (f for f in files if f.is_file() and f.suffix in TEXTS and "__pycache__" not in f.parts)


def source(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def make_commands(document: str) -> set[str]:
    """The targets of make that a document names in its code."""
    code = " ".join(re.findall(r"```.*?```|`[^`\n]+`", source(document), re.DOTALL))
    return set(re.findall(r"\bmake ([a-z]+)\b", code))


def of(pattern: str) -> list[str]:
    """Places where a text of the project matches `pattern`."""
    found = re.compile(pattern, re.IGNORECASE)
    return [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for file in texts()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if found.search(line)
    ]


@pytest.mark.parametrize("name", PACKAGES)
def test_a_top_level_name_belongs_to_this_distribution_alone(name: str) -> None:
    spec = importlib.util.find_spec(name)

    assert spec is not None
    assert str(ROOT / name / "__init__.py") == spec.origin
    assert {"dunning"} >= set(packages_distributions().get(name, []))


def test_the_make_commands_of_the_documents_exist() -> None:
    """README and CONTRIBUTING name no target that the Makefile lacks, and the README names the two that everybody needs."""
    targets = set(re.findall(r"^([a-z]+):", source("Makefile"), re.MULTILINE))
    readme, contributing = make_commands("README.md"), make_commands(".github/CONTRIBUTING.md")

    assert targets >= readme | contributing
    assert readme >= {"demo", "test"}


def test_the_makefile_describes_every_target_it_declares() -> None:
    declared = set(re.findall(r"^\.PHONY: (.+)$", source("Makefile"), re.MULTILINE)[0].split())

    assert declared == set(re.findall(r"^([a-z]+):.*  ## \S", source("Makefile"), re.MULTILINE))


def test_the_lock_pins_every_declared_package_at_a_version_that_was_asked_for() -> None:
    locked: dict[str, list[Version]] = {}
    for name, version in re.findall(r"^([a-z0-9-]+)==([^\s;]+)", source("requirements.lock"), re.MULTILINE):
        locked.setdefault(name, []).append(Version(version))
    declared = [*PYPROJECT["project"]["dependencies"], *PYPROJECT["dependency-groups"]["dev"], *PYPROJECT["build-system"]["requires"]]
    missing = [str(r) for r in map(Requirement, declared) if not locked.get(r.name) or not all(r.specifier.contains(v) for v in locked[r.name])]

    assert [] == missing


def test_everything_in_the_lock_carries_a_hash() -> None:
    entries = re.split(r"^(?=[a-z0-9])", source("requirements.lock"), flags=re.MULTILINE)[1:]

    assert [] == [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"(?<![\w.])/(work|tmp|root|home)/", id="a folder of somebody's machine"),
        pytest.param(r"(pypi|pythonhosted|npmjs)\.(org|com)", id="a package registry's host"),
        pytest.param(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b", id="unfinished work"),
    ],
)
def test_no_text_of_the_project_names(pattern: str) -> None:
    assert [] == of(pattern)


def test_every_text_ends_with_one_newline_and_has_no_carriage_return() -> None:
    read = {str(f.relative_to(ROOT)): f.read_bytes() for f in texts()}
    wrong = [name for name, raw in read.items() if raw and (not raw.endswith(b"\n") or raw.endswith(b"\n\n") or b"\r" in raw)]

    assert [] == wrong


@pytest.mark.generated
@pytest.mark.parametrize("as_of", DAYS, ids=str)
def test_the_sample_exports_are_what_their_generator_writes(as_of: date, tmp_path: Path) -> None:
    write(ledger(as_of), tmp_path / "written.csv")

    assert export(as_of).read_bytes() == (tmp_path / "written.csv").read_bytes()


def test_the_sample_has_every_kind_of_line_on_every_day() -> None:
    """A demonstration shows nothing that its ledger does not hold."""
    for as_of in DAYS:
        lines = pd.read_csv(export(as_of), sep=";", dtype=str, keep_default_na=False, encoding="utf-8-sig")
        overdue = (pd.Timestamp(as_of) - pd.to_datetime(lines["Échéance"], format="%d/%m/%Y", errors="coerce")).dt.days

        assert len(lines) >= 300
        assert lines["Code client"].nunique() >= 55
        assert {"Facture", "Avoir", "Règlement"} == set(lines["Type"])
        assert {"EUR", "GBP", "CHF", "USD", "JPY", "SEK"} == set(lines["Devise"])
        assert {"FR", "EN", "DE"} == set(lines.loc[overdue > 5, "Langue"])
        assert not lines.duplicated(["Code client", "N° pièce", "Échéance n°"]).any()
        for wanted in (
            overdue > 5, overdue.between(1, 5), overdue <= 0, overdue.isna() & (lines["Type"] == "Facture"), lines["Échéance n°"] != "",
            lines["Litige"] != "", lines["Blocage"] != "", lines["Solde"] != lines["Montant initial"], lines["Adresse"] == "",
        ):  # fmt: skip
            assert wanted.any()


def test_the_sample_has_lines_for_three_levels() -> None:
    """Some payers pay after the first letter, some after the second, some not at all."""
    open_and_late = []
    for as_of in DAYS:
        lines = pd.read_csv(export(as_of), sep=";", dtype=str, encoding="utf-8-sig")
        late = pd.to_datetime(lines["Échéance"], format="%d/%m/%Y", errors="coerce") < pd.Timestamp(as_of) - pd.Timedelta(days=5)
        open_and_late.append(set(lines.loc[late, "N° pièce"]))
    first, second, third = open_and_late

    assert len(first - second) >= 20
    assert len((first & second) - third) >= 10
    assert len(first & second & third) >= 30


def test_the_settings_of_the_sample_are_valid_and_price_every_currency_but_one() -> None:
    settings, frames = from_toml(CONFIG.read_text(encoding="utf-8"))

    assert settings.company_name == "Atelier Brunel-Tavernay SAS"
    assert {"EUR", "GBP", "CHF", "USD", "JPY"} == set(frames[Currency]["currency"])
