"""The workbook that carries its own ribbon and macros: sound, the same each time, and kept whole by the commands that work on the closed file."""

import hashlib
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from lxml import etree
from pyopenvba import ExcelFile
from pyopenvba.apps.excel import ExcelApplication
from typer.testing import CliRunner

from addin import commands, xlam
from addin.cli import app
from addin.controls import BY_VERB, CONTROLS
from rules import model
from rules.row import LANGUAGES, Language
from rules.words import text
from tests.addin.excel.macros import STUBS
from tests.addin.office import Office
from tests.workbook.repair import faults
from tests.workbook.sdk import verdict
from workbook.file import FileBook

KEPT = ("xl/vbaProject.bin", xlam.RIBBON_PART, "_rels/.rels", "xl/drawings/vmlDrawing1.vml", "[Content_Types].xml")


def new(path: Path, language: Language) -> None:
    """A workbook with macros, as the command line makes it."""
    told = CliRunner().invoke(app, ["new", str(path), "--language", language])

    assert 0 == told.exit_code, told.output


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office whose workbook has macros."""
    made = Office(tmp_path)
    made.path = tmp_path / "Dunning.xlsm"
    new(made.path, "en")
    return made


def parts(path: Path, *names: str) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in names or package.namelist()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_microsofts_validator_and_our_own_find_nothing(tmp_path: Path, language: str) -> None:
    path = tmp_path / "Dunning.xlsm"
    new(path, language)

    assert ([], []) == (faults(path), verdict(path))
    assert {c.tag for c in CONTROLS} == {b.get("tag") for b in etree.fromstring(parts(path)[xlam.RIBBON_PART]).iter("{*}button")}


def test_every_sheet_has_a_code_name_that_the_macros_know_and_the_texts_are_out_of_reach(office: Office) -> None:
    book = etree.fromstring(parts(office.path)["xl/workbook.xml"])
    titles = {s.get("name"): s.get("state", "visible") for s in book.iter("{*}sheet")}
    names = {m[1] for part, content in parts(office.path).items() if part.startswith("xl/worksheets/sheet")
             and (m := re.search(rb'<sheetPr[^>]*codeName="(\w+)"', content))}  # fmt: skip
    with ExcelFile(office.path) as file:
        modules = set(file.vba_modules())

    assert ("veryHidden", "visible") == (titles["ui"], titles["Home"])
    assert len(titles) == len(names)
    assert {n.decode() for n in names} | {"ThisWorkbook"} == modules - set(xlam.modules(own_workbook=True))


def test_the_buttons_on_home_run_macros_that_are_there(office: Office) -> None:
    drawing = parts(office.path)["xl/drawings/vmlDrawing1.vml"].decode()
    macros = re.findall(r"<x:FmlaMacro>\[0\]!(\w+)</x:FmlaMacro>", drawing)
    source = xlam.source_of("modDunning.bas")

    assert [] == [v for v in xlam.BUTTONS.values() if f'RunTag UiText("tag_{v}")' not in source]
    assert {v: BY_VERB[v].tag for v in xlam.BUTTONS.values()} == {v: xlam.texts("en")[f"tag_{v}"] for v in xlam.BUTTONS.values()}
    assert list(xlam.BUTTONS) == macros == [m for m in macros if f"Public Sub {m}()" in source]
    assert [] == [v for v in xlam.BUTTONS.values() if text("en", "ribbon", f"label_{v}") not in drawing]


def test_a_button_on_home_asks_and_reaches_python(office: Office) -> None:
    opened = ExcelApplication.open(office.path, with_vba=False)
    with ExcelFile(office.path) as file:
        opened.add_module(file.vba_modules()["modDunning"], name="modDunning")
    opened.add_module(STUBS, name="stubs")
    opened.answer_dialogs("2026-03-31")
    opened.run("DunningPropose")

    assert ["import addin.ribbon; addin.ribbon.main('propose')"] == str(opened.run("Told")).splitlines()


def test_the_closed_file_is_worked_on_and_macros_ribbon_and_buttons_stay_byte_for_byte(office: Office) -> None:
    """The whole path by command: import, propose, review, issue."""
    before = parts(office.path, *KEPT)
    office.import_()
    office.propose()
    office.send_all()
    office.issue()

    assert before == parts(office.path, *KEPT)
    assert len(office.book().read(model.HistoryEntry)) > 0
    assert ([], []) == (faults(office.path), verdict(office.path))
    assert ["Dunning 0001.xlsm"] == sorted(p.name for p in (office.folder / "backups").iterdir())[:1]


def test_it_differs_from_the_workbook_without_macros_by_what_it_carries_alone(tmp_path: Path, office: Office) -> None:
    plain = tmp_path / "Plain.xlsx"
    commands.new(plain, "en")
    with_macros, without = FileBook.open(office.path), FileBook.open(plain)

    assert with_macros.settings() == without.settings()
    assert {"xl/vbaProject.bin", xlam.RIBBON_PART} <= set(parts(office.path))
    assert [] == [name for name, content in parts(plain).items() if b"macro" in content.lower() or "vba" in name or "customUI" in name]


def test_two_builds_are_the_same_bytes(tmp_path: Path) -> None:
    """But for the workbook's own number."""
    code = (
        "import sys, uuid; from pathlib import Path; from addin import commands, xlam; commands.uuid4 = lambda: uuid.UUID(int=1);"
        "path = Path(sys.argv[1]) / 'Dunning.xlsm'; commands.new(path, 'fr', macros=xlam.own_macros('fr'))"
    )
    made = set()
    for number, seed in enumerate(({"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"}, {"PYTHONHASHSEED": "2", "TZ": "America/Lima"})):
        folder = tmp_path / str(number)
        folder.mkdir()
        subprocess.run([sys.executable, "-c", code, str(folder)], env=os.environ | seed, check=True)
        made.add(hashlib.sha256((folder / "Dunning.xlsm").read_bytes()).hexdigest())

    assert 1 == len(made)
