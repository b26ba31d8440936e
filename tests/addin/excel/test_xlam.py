"""The add-in as a file: sound for Microsoft's validator, nothing compiled in it, the same bytes each time, our modules and no door left open."""

import hashlib
import io
import os
import re
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from lxml import etree
from pyopenvba import ExcelFile, VBAModuleKind
from pyopenvba.cfb import CFB

from addin import commands, wrappers, xlam, xlwings_module
from addin.controls import CONTROLS, GROUPS
from addin.udfs import FUNCTIONS
from rules.errors import WorkbookError
from rules.row import LANGUAGES
from tests.workbook.sdk import verdict

MODULES = {"ThisWorkbook", "ui", "modDunning", "modPick", "clsDunningEvents", "xlwings", "Dictionary", "xlwings_udfs", "modFunctionHelp"}
NS = {"r": xlam.RIBBON}


@pytest.fixture(scope="module")
def add_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("xlam") / "Dunning.xlam"
    path.write_bytes(xlam.build_add_in("fr"))
    return path


@pytest.mark.parametrize("language", LANGUAGES)
def test_microsofts_validator_finds_nothing(tmp_path: Path, language: str) -> None:
    path = tmp_path / "Dunning.xlam"
    path.write_bytes(xlam.build_add_in(language))

    assert [] == verdict(path)


def test_two_builds_are_the_same_bytes(tmp_path: Path) -> None:
    """Whatever the time zone and the order of sets."""
    code = "import sys; from addin import xlam; sys.stdout.buffer.write(xlam.build_add_in('de'))"
    made = {
        hashlib.sha256(subprocess.run([sys.executable, "-c", code], env=os.environ | seed, capture_output=True, check=True).stdout).hexdigest()
        for seed in ({"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"}, {"PYTHONHASHSEED": "2", "TZ": "America/Lima"})
    }

    assert 1 == len(made)


def test_another_reader_of_vba_sees_our_modules_and_no_others(add_in: Path) -> None:
    command = [Path(sys.executable).with_name("olevba"), "--code", "--loglevel", "critical", str(add_in)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    seen = set(re.findall(r"^VBA MACRO (\w+)\.(?:bas|cls)", told, re.MULTILINE))

    assert seen == MODULES


def test_nothing_compiled_is_left_and_the_tree_is_black(add_in: Path) -> None:
    project = zipfile.ZipFile(add_in).read("xl/vbaProject.bin")
    container = CFB.from_bytes(project)
    colours = {project[at + 67] for at in xlam.entries(project) if project[at + 66]}

    assert {1} == colours
    assert bytes.fromhex("cc61ffff000100") == container.get_stream_at(("VBA",), "_VBA_PROJECT")
    assert [] == [s for s in container.list_streams_in_storage("VBA") if s.startswith("__SRP_")]
    with ExcelFile(add_in) as file:
        assert {0} == {m.text_offset for m in file.vba_project().modules}


def test_it_says_that_it_is_an_add_in(add_in: Path) -> None:
    types = zipfile.ZipFile(add_in).read("[Content_Types].xml").decode()

    assert ("addin.macroEnabled.main" in types, "sheet.macroEnabled.main" in types) == (True, False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_button_has_its_words_its_keytip_and_its_callbacks(language: str) -> None:
    root = etree.fromstring(xlam.ribbon(language))
    buttons = root.findall(".//r:button", NS)

    assert [c.tag for group in GROUPS for c in CONTROLS if c.group == group] == [b.get("tag") for b in buttons]
    assert {"DunningAction"} == {b.get("onAction") for b in buttons}
    assert [] == [b.get("id") for b in buttons if not (b.get("label") and b.get("screentip") and b.get("supertip"))]
    assert [] == [b.get("label") for b in buttons if len(b.get("label")) > 24]
    keytips = [b.get("keytip") for b in buttons]
    assert (len(set(keytips)), []) == (len(keytips), [k for k in keytips if not re.fullmatch("[A-Z]{1,3}", k)])
    assert [] == [(k, other) for k in keytips for other in keytips if k != other and other.startswith(k)], "Office takes the first that is complete"


def test_every_callback_of_the_ribbon_is_a_macro(add_in: Path) -> None:
    root = etree.fromstring(xlam.ribbon("en"))
    called = {v for node in root.iter() for k, v in node.attrib.items() if k in ("onAction", "onLoad", "getEnabled")}
    source = xlam.source_of("modDunning.bas")

    assert called == {name for name in called if re.search(rf"^Public Sub {name}\(", source, re.MULTILINE)}


@pytest.mark.parametrize("name", ["modDunning.bas", "modPick.bas", "clsDunningEvents.cls"])
def test_no_name_in_a_procedure_hides_one_of_its_module(name: str) -> None:
    """VBA knows no small and capital letters: a local `question` would stand for a constant QUESTION."""
    head, *procedures = re.split(r"^(?=(?:Public |Private )?(?:Sub|Function) )", xlam.source_of(name), flags=re.MULTILINE)
    ours = {n.lower() for n in re.findall(r"^(?:Private|Public) (?:Const |WithEvents )?(\w+) As", head, re.MULTILINE)}
    ours |= {p.split("(")[0].split()[-1].lower() for p in procedures}
    local = {n.lower() for p in procedures for line in re.findall(r"^ +Dim (.*)", p, re.MULTILINE) for n in re.findall(r"(\w+)(?:\(\))? As ", line)}
    local |= {n.lower() for p in procedures for n in re.findall(r"(\w+) As ", p.split("(", 1)[1].split(")")[0])}

    assert set() == ours & local


def test_macros_are_ascii(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """VBA would make question marks of anything else."""
    (tmp_path / "vba").mkdir()
    (tmp_path / "vba" / "modDunning.bas").write_text("' é", encoding="utf-8")
    monkeypatch.setattr(xlam, "__file__", str(tmp_path / "xlam.py"))

    with pytest.raises(WorkbookError, match="beyond ASCII"):
        xlam.source_of("modDunning.bas")


@pytest.mark.parametrize("own_workbook", [True, False])
def test_no_settings_and_no_code_come_from_a_workbook_or_from_beside_it(own_workbook: bool) -> None:
    """A sheet or a file named dunning.conf in a shared folder could name any program; only the user's own file is read."""
    source = xlam.modules(own_workbook=own_workbook)["xlwings"]

    assert 'PROJECT_NAME As String = "dunning"' in source
    assert 0 == sum(source.count(door) for door in xlwings_module.PATCHES)
    assert 'If source = "" Or source = "user" Then' in source


PUBLIC = re.compile(
    r"^ *(?!Private )(?:(?:Public|Global|Friend|Static) )*(Declare|Function|Sub|Property) (?:PtrSafe |Function |Sub |[GLS]et )*(\w+)", re.M
)
SUBS = {  # every public procedure that is no worksheet function, and who calls it
    "modDunning": {
        "DunningLoad": "ribbon", "DunningAction": "ribbon", "DunningEnabled": "ribbon", "DunningRefresh": "events", "DunningHelp": "events",
        "DunningImport": "Home", "DunningPropose": "Home", "DunningIssue": "Home", "RunTag": "the macros of ribbon and Home",
        "DunningAsk": "Python on a Mac", "DunningAskNow": "DunningAsk, a moment later", "DunningFailed": "xlwings' module",
    },
    "modPick": {"PickOpen": "modDunning", "PickSave": "modDunning"},
    "modFunctionHelp": {"RegisterUdfHelp": "modDunning"},
    "xlwings": {"DunningPython": "modDunning", "DunningServer": "the worksheet functions"},
}  # fmt: skip


@pytest.mark.parametrize("own_workbook", [True, False])
def test_a_formula_can_call_the_worksheet_functions_and_nothing_else(tmp_path: Path, own_workbook: bool) -> None:
    """A formula of any workbook that is open, a mailed one without macros too, can call the public Functions of a loaded project, not its Subs.

    Those of a class it cannot reach.
    """
    path = tmp_path / ("Dunning.xlsm" if own_workbook else "Dunning.xlam")
    if own_workbook:
        commands.new(path, "en", macros=xlam.own_macros("en"))
    else:
        path.write_bytes(xlam.build_add_in("en"))
    with ExcelFile(path) as file:
        modules = {m.name: file.get_module(m.name) for m in file.vba_project().modules if m.kind is VBAModuleKind.standard}
    public = {name: set(PUBLIC.findall(source)) for name, source in modules.items()}
    functions = public.pop(wrappers.MODULE)

    assert {("Function", name) for name in FUNCTIONS} == functions
    assert {name: {("Sub", sub) for sub in subs} for name, subs in SUBS.items()} == public
    assert [] == [name for name in FUNCTIONS if not name.startswith("DUN_")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_macros_say_is_there_in_every_language(language: str) -> None:
    said = {key for source in xlam.modules(own_workbook=False).values() for key in re.findall(r'(?:DunningFailed|UiText\()"? ?"(\w+)"', source)}

    assert {"failed", "no_interpreter", "no_script", "bad_name", "no_workbook", "working", "tab"} <= said
    assert [] == [key for key in said - {"ask_", "kinds_", "default_"} if key not in xlam.texts(language)]


def test_what_nothing_needs_of_xlwings_module_is_not_there() -> None:
    """Programs run from a path, settings written, code imported, queries."""
    source = xlam.modules(own_workbook=True)["xlwings"]

    assert [] == [name for name in ("RunFrozenPython", "SaveConfigToFile", "VBComponents", "KillPy", "libc", "Function sql(") if name in source]
    assert "Copyright (C) 2014-present, Zoomer Analytics LLC." in source


def test_another_xlwings_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlwings_module, "package_source", lambda name: "Option Explicit")

    with pytest.raises(WorkbookError, match="another one than this version was made for"):
        xlam.modules(own_workbook=False)


def test_the_directory_is_found_in_a_project_of_any_size() -> None:
    project = xlam.macros([f"shPage{n}" for n in range(40)], own_workbook=True)
    names = {
        project[at : at + struct.unpack_from("<H", project, at + 64)[0] - 2].decode("utf-16-le") for at in xlam.entries(project) if project[at + 66]
    }

    assert {f"shPage{n}" for n in range(40)} <= names
    assert zipfile.is_zipfile(io.BytesIO(xlam.build_add_in("en")))
