"""Each known cause of a missing tab or a dead button is found, on a PC made for it, with what to do."""

import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from addin import doctor, install
from addin.cli import app
from addin.doctor import Check, State, examine
from addin.machine import Machine
from tests.addin.excel.pc import pc, quick  # noqa: F401

OFFICE, POLICY = r"HKCU\SOFTWARE\Microsoft\Office\16.0", r"HKCU\SOFTWARE\Policies\Microsoft\Office\16.0"
DEFENDER = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender"
LOCAL = r"HKLM\SOFTWARE\Microsoft\Windows Defender"
RULE = "d4f940ab-401b-4efc-aadc-ad5f3c50688a"
DISABLED = {"12AB": b"\x01\x00\x00\x00" + "c:\\xlstart\\dunning.xlam\0".encode("utf-16-le")}


@pytest.fixture(autouse=True)
def compiled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As after an installation, whatever this environment is."""
    monkeypatch.setattr(install, "is_compiled", lambda source: True)


def healthy(folder: Path, system: str = "windows", **changed: Any) -> Machine:
    """A PC on which all is well."""
    machine = pc(folder, system, **changed)
    install.install(machine, "en")
    (machine.interpreter.parent.parent / f"xlwings64-{version('xlwings')}.dll").touch()
    return machine


def of(machine: Machine, name: str) -> Check:
    """The check of this name."""
    return next(c for c in examine(machine) if c.name == name)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("system", ["windows", "mac"])
def test_after_an_installation_nothing_is_wrong(tmp_path: Path, system: str) -> None:
    assert [] == [str(c) for c in examine(healthy(tmp_path, system)) if c.state is not State.OK]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("name", "state", "registry"),
    [
        pytest.param("Excel", State.WRONG, {r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration": {}}, id="no Excel"),
        pytest.param("Excel", State.OK, {r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration": {},
                                         r"HKLM\SOFTWARE\Microsoft\Office\16.0\Outlook": {"Bitness": "x64"}}, id="not streamed"),
        pytest.param("library", State.WARNING, {r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration": {"Platform": "x86"}}, id="32 bits"),
        pytest.param("macros", State.WRONG, {rf"{POLICY}\Common": {"vbaoff": 1}}, id="no Visual Basic"),
        pytest.param("macros", State.WARNING, {rf"{POLICY}\Excel\Security": {"VBAWarnings": 4}}, id="macros off by policy"),
        pytest.param("macros", State.WARNING, {rf"{OFFICE}\Excel\Security": {"VBAWarnings": 3}}, id="signed macros only"),
        pytest.param("macros", State.OK, {rf"{OFFICE}\Excel\Security": {"VBAWarnings": 1}}, id="all macros"),
        pytest.param("macros", State.WARNING, {rf"{POLICY}\Excel\Security": {"vbawarnings": 4}}, id="as a policy spells it"),
        pytest.param("trusted folder", State.WRONG, {rf"{POLICY}\Excel\Security\Trusted Locations": {"alllocationsdisabled": 1}}, id="spelt so"),
        pytest.param("Defender", State.WRONG, {rf"{LOCAL}\Windows Defender Exploit Guard\ASR\Rules": {RULE: "1"}}, id="blocked on this PC"),
        pytest.param("trusted folder", State.WRONG, {rf"{OFFICE}\Excel\Security\Trusted Locations": {"AllLocationsDisabled": 1}}, id="no trust"),
        pytest.param("trusted folder", State.WRONG, {rf"{POLICY}\Excel\Security\Trusted Locations": {"AllLocationsDisabled": 1}}, id="by policy"),
        pytest.param("trusted folder", State.WRONG, {rf"{OFFICE}\Excel\Security\Trusted Locations\Location0": {"Path": "C:\\Other\\"}}, id="others"),
        pytest.param("trusted folder", State.OK, {rf"{OFFICE}\Excel\Security\Trusted Locations\Location0":
                                                  {"Path": r"%APPDATA%\Microsoft\Excel\XLSTART" + "\\"}}, id="listed"),
        pytest.param("trusted folder", State.OK, {rf"{OFFICE}\Excel\Security\Trusted Locations\Location0":
                                                  {"path": r"%APPDATA%\Microsoft", "allowsubfolders": 1}}, id="below one with its folders"),
        pytest.param("trusted folder", State.WRONG, {rf"{OFFICE}\Excel\Security\Trusted Locations\Location0":
                                                     {"Path": r"%APPDATA%\Microsoft"}}, id="below one without"),
        pytest.param("trusted folder", State.WRONG, {rf"{OFFICE}\Excel\Security\Trusted Locations\Location0":
                                                     {"Path": r"%APPDATA%\Microsoft\Excel\XL", "AllowSubFolders": 1}}, id="beside one"),
        pytest.param("trusted folder", State.OK, {rf"{OFFICE}\Excel\Security\Trusted Locations\Location0": {"Path": "C:\\Other"},
                                                  rf"{POLICY}\Excel\Security\Trusted Locations\Location1":
                                                  {"path": r"%APPDATA%\Microsoft\Excel\XLSTART"}}, id="listed by policy"),
        pytest.param("trusted folder", State.WRONG, {rf"{OFFICE}\Excel\Security\Trusted Locations\Location0":
                                                     {"Path": r"%APPDATA%\Microsoft\Excel\XLSTART"},
                                                     rf"{POLICY}\Common\Security\Trusted Locations": {"allow user locations": 0}}, id="policy alone"),
        pytest.param("disabled items", State.WRONG, {rf"{OFFICE}\Excel\Resiliency\DisabledItems": DISABLED}, id="switched off after a crash"),
        pytest.param("Defender", State.WRONG, {rf"{DEFENDER}\Windows Defender Exploit Guard\ASR\Rules": {RULE: "1"}}, id="blocked by group policy"),
        pytest.param("Defender", State.WRONG, {rf"{DEFENDER}\Policy Manager": {"ASRRules": f"x=2|{RULE}=1"}}, id="blocked by device management"),
        pytest.param("Defender", State.OK, {rf"{DEFENDER}\Windows Defender Exploit Guard\ASR\Rules": {RULE: "2"}}, id="logged"),
        pytest.param("Defender", State.WARNING, {rf"{DEFENDER}\Windows Defender Exploit Guard\ASR\Rules": {RULE: "6"}}, id="warned"),
    ],
)  # fmt: skip
def test_what_the_registry_says_is_understood(tmp_path: Path, name: str, state: State, registry: dict[str, dict[str, Any]]) -> None:
    found = of(healthy(tmp_path, registry=registry), name)

    assert state == found.state
    assert (state is State.OK) == ("Expected:" not in str(found))


def old_module(machine: Machine) -> None:
    content = machine.add_in.read_bytes()
    machine.add_in.write_bytes(content[: len(content) // 2])


CAUSES: list[tuple[str, Callable[[Machine], Any], State, str]] = [
    ("add-in", lambda m: m.add_in.unlink(), State.WRONG, "is missing"),
    ("version of xlwings", lambda m: m.add_in.unlink(), State.WRONG, "no macros of it"),
    ("add-in", old_module, State.WRONG, "not as dunning wrote it"),
    ("version of xlwings", old_module, State.WRONG, "unreadable"),
    ("settings", lambda m: m.settings.unlink(), State.WRONG, "is missing"),
    ("settings", lambda m: m.settings.write_text('"INTERPRETER_WIN","C:\\old\\python.exe"\n'), State.WRONG, "C:\\old"),
    ("settings", lambda m: m.settings.write_text(f'"INTERPRETER_WIN","{m.interpreter}"\n'), State.WRONG, "beside a workbook"),
    ("library", lambda m: [p.unlink() for p in m.interpreter.parent.parent.glob("*.dll")], State.WARNING, "neither in"),
    ("download mark", lambda m: Path(f"{m.add_in}:Zone.Identifier").touch(), State.WRONG, "marked as downloaded"),
]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("name", "spoil", "state", "said"), CAUSES, ids=[f"{name}: {said}" for name, _, _, said in CAUSES])
def test_what_happened_to_the_files_is_found(tmp_path: Path, name: str, spoil: Callable[[Machine], Any], state: State, said: str) -> None:
    machine = healthy(tmp_path)
    spoil(machine)
    found = of(machine, name)

    assert (state, True) == (found.state, said in found.found)
    assert "dunning excel install" in found.remedy or name == "library"


def test_a_python_of_the_store_is_found(tmp_path: Path) -> None:
    found = of(pc(tmp_path, base=tmp_path / "WindowsApps" / "Python"), "Python")

    assert (State.WRONG, True) == (found.state, "python.org" in found.remedy)


@pytest.mark.usefixtures("quick")
def test_a_library_that_went_elsewhere_is_no_virus_scanners_doing(tmp_path: Path) -> None:
    """`pip install --user` puts it below AppData, where Excel does not look and installing again does not help."""
    machine = healthy(tmp_path)
    library = next(machine.interpreter.parent.parent.glob("*.dll"))
    machine.user_base.mkdir(parents=True)
    library.rename(machine.user_base / library.name)
    found = of(machine, "library")

    assert (State.WARNING, True, False) == (found.state, "pip install --user" in found.remedy, "virus" in found.remedy)
    assert tmp_path / "home" / "AppData" / "Roaming" / "Python" == machine.user_base


@pytest.mark.usefixtures("quick")
def test_an_add_in_of_another_xlwings_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = healthy(tmp_path)
    monkeypatch.setattr(doctor, "version", lambda name: "0.99.0")

    assert State.WRONG == of(machine, "version of xlwings").state


@pytest.mark.usefixtures("quick")
def test_a_mac_without_its_script_and_a_python_in_the_cloud_are_found(tmp_path: Path) -> None:
    mac, cloud = healthy(tmp_path / "mac", "mac"), pc(tmp_path / "pc")
    next(mac.scripts.iterdir()).unlink()
    cloud = healthy(tmp_path / "pc", environment={**cloud.environment, "OneDrive": str(tmp_path / "pc")})

    assert (State.WRONG, State.WARNING) == (of(mac, "script").state, of(cloud, "OneDrive").state)


def test_names_that_belong_to_another_distribution_too_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "packages_distributions", lambda: {"rules": ["dunning", "business-rules"]})

    found = of(pc(tmp_path, "other"), "package names")

    assert (State.WRONG, "rules also belongs to business-rules") == (found.state, found.found)


def test_modules_that_are_not_compiled_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "is_compiled", lambda source: False)

    assert State.WARNING == of(pc(tmp_path), "bytecode").state


def test_the_command_shows_a_line_for_each_check_and_fails_when_one_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = pc(tmp_path, "other")
    monkeypatch.setattr(Machine, "here", lambda: machine)
    told = CliRunner().invoke(app, ["excel", "doctor"])
    facts = json.loads(CliRunner().invoke(app, ["excel", "doctor", "--json"]).stdout)

    assert (1, True) == (told.exit_code, told.stdout.startswith("wrong: system: Linux. Expected: Windows or macOS"))
    assert ["system", "package names"] == [c["name"] for c in facts["checks"]]
