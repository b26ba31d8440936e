"""Why the tab Dunning is not there, or a click does nothing: one check for each known cause; what was found, what is expected, what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any

from pyopenvba import ExcelFile

from addin import install
from addin.log import log_file
from addin.machine import Machine
from addin.report import Report, count

OFFICE = r"SOFTWARE\Microsoft\Office\16.0"
POLICY = r"SOFTWARE\Policies\Microsoft\Office\16.0"
DEFENDER = r"SOFTWARE\Policies\Microsoft\Windows Defender"
LOCAL_DEFENDER = r"SOFTWARE\Microsoft\Windows Defender"
CHILD_PROCESSES = "D4F940AB-401B-4EFC-AADC-AD5F3C50688A"  # the rule "block all Office applications from creating child processes"
AGAIN = "Run `dunning excel install`."
LIVE = "Work with `dunning live`, or with the commands on the closed workbook: neither needs it."


class State(StrEnum):
    """What a check came to. `warning`: it may be the cause."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Check:
    """One check. `expected` and `remedy` are said when it is not ok."""

    name: str
    state: State
    found: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        if self.state is State.OK:
            return f"ok: {self.name}: {self.found}."
        return f"{self.state}: {self.name}: {self.found}. Expected: {self.expected}. {self.remedy}"


def examine(machine: Machine) -> list[Check]:
    """All checks that this system can have, in the order in which causes are worth looking at."""
    both: list[Callable[[Machine], Check]] = [python, add_in, same_version, settings, bytecode, names]
    windows: list[Callable[[Machine], Check]] = [bitness, library, macros, trusted, disabled, child_processes, mark_of_the_web, one_drive]
    if machine.system == "windows":
        return [check(machine) for check in (*both, *windows)]
    if machine.system == "mac":
        return [check(machine) for check in (*both, script)]
    here = Check("system", State.WRONG, machine.name, "Windows or macOS, on which Excel runs", "Install dunning on the PC with Excel.")
    return [here, names(machine)]


def report(machine: Machine) -> Report:
    """All checks as an answer: how many there are and how many are wrong, each as a row. Failed when one is wrong."""
    import pandas as pd

    checks = examine(machine)
    wrong = sum(c.state is State.WRONG for c in checks)
    rows = [{"check": c.name, "state": str(c.state), "found": c.found, "expected": c.expected, "remedy": c.remedy} for c in checks]
    sentence = f"{count(len(checks), 'check')}, {wrong} wrong. Errors of the program are written to {log_file()}."
    return Report(sentence, {"checks": [vars(c) for c in checks]}, {"checks": pd.DataFrame(rows)}, failed=wrong > 0)


def _check(name: str, good: bool, found: str, expected: str, remedy: str, bad: State = State.WRONG) -> Check:
    return Check(name, State.OK if good else bad, found, expected, remedy)


# ---------------------------------------------------------------------------------------------------------------- every system


def python(machine: Machine) -> Check:
    """Excel can rely on this Python, and sees what it writes."""
    why, expected = install.unfit(machine), "a Python that stays, and not of the Microsoft Store"
    return _check("Python", not why, why.rstrip(".") or f"{machine.interpreter}", expected, install.ELSEWHERE)


def add_in(machine: Machine) -> Check:
    """The add-in lies where Excel opens it, as it was written."""
    there = machine.add_in.exists()
    same = there and install.hash_of(machine.add_in) in install.installed(machine).get(str(machine.add_in), [])
    found = f"{machine.add_in} is " + ("there" if same else "there, but not as dunning wrote it" if there else "missing")
    remedy = AGAIN if not there else f"Close Excel and move the file away. {AGAIN}"
    return _check("add-in", same, found, f"the add-in in {machine.startup}", remedy)


def same_version(machine: Machine) -> Check:
    """The macros of the add-in and the installed xlwings are of one version."""
    package, module = version("xlwings"), ""
    if machine.add_in.exists():
        try:
            with ExcelFile(machine.add_in) as file:
                told = re.search(r'XLWINGS_VERSION As String = "([^"]+)"', file.vba_modules()["xlwings"])
                module = told[1] if told else ""
        except Exception:  # whatever a damaged file makes the reader say
            module = "unreadable"
    found = f"the add-in has {module or 'no macros of it'}, Python has {package}"
    return _check("version of xlwings", module == package, found, "the same version in both", f"Close Excel. {AGAIN}")


def settings(machine: Machine) -> Check:
    """The settings name this Python, keep code beside workbooks out, and hold no licence key."""
    name, path = "settings", machine.settings
    if not path.exists():
        return Check(name, State.WRONG, f"{path} is missing", "a file that names the Python to start", AGAIN)
    lines = dict(re.findall(r'^"([^"]*)","([^"]*)"', path.read_bytes().decode(machine.encoding, errors="replace"), re.MULTILINE))
    told = lines.get("INTERPRETER_MAC" if machine.system == "mac" else "INTERPRETER_WIN", "")
    if told != str(machine.interpreter):
        return Check(name, State.WRONG, f"{path} names the Python {told or 'of nobody'}", f"{machine.interpreter}", AGAIN)
    if lines.get("ADD_WORKBOOK_TO_PYTHONPATH", "").lower() != "false":
        expected = 'the line "ADD_WORKBOOK_TO_PYTHONPATH","False"'
        found = f"{path} lets Python run code that lies beside a workbook"
        return Check(name, State.WRONG, found, expected, f"Delete the file. {AGAIN}")
    return Check(name, State.OK, f"{path} names {told}", "", "")


def bytecode(machine: Machine) -> Check:
    """What a click loads is compiled; Excel starts Python so that it never compiles."""
    missing = [str(source) for source in install.pressed() if not install.is_compiled(source)]
    found = f"not compiled as they are: {', '.join(missing)}" if missing else "compiled"
    return _check("bytecode", not missing, found, "compiled files; without them each click takes seconds", AGAIN, State.WARNING)


def names(machine: Machine) -> Check:
    """The packages' plain names belong to dunning alone, and are found where dunning is."""
    home, owners = Path(__file__).resolve().parents[1], packages_distributions()
    strangers = {name: sorted(set(owners.get(name, [])) - {"dunning"}) for name in install.PACKAGES}
    strangers = {name: others for name, others in strangers.items() if others}
    astray = [name for name in install.PACKAGES if install.package_folder(name).resolve().parent != home]
    told = [f"{name} also belongs to {', '.join(others)}" for name, others in strangers.items()]
    told += [f"{name} is found outside {home}" for name in astray]
    found = "; ".join(told) or f"{', '.join(install.PACKAGES)} are dunning's own"
    remedy = "Install dunning into an environment of its own, for instance with `uv tool install dunning`, and run `dunning excel install` there."
    return _check("package names", not told, found, "packages of these names from dunning alone", remedy)


def script(machine: Machine) -> Check:
    """On a Mac: the script by which Excel may start Python."""
    path = machine.scripts / f"xlwings-{version('xlwings')}.applescript"
    return _check("script", path.exists(), f"{path} is {'there' if path.exists() else 'missing'}", "the script that starts Python", AGAIN)


# ---------------------------------------------------------------------------------------------------------------- Windows


def _value(machine: Machine, key: str, name: str) -> Any:
    """A value of the registry, whose names know no small and capital letters; None when it is not there."""
    return next((value for found, value in machine.registry.values(key).items() if found.casefold() == name.casefold()), None)


def bitness(machine: Machine) -> Check:
    """Excel is installed, with 32 or 64 bits."""
    bits = _bits(machine)
    found = f"{bits} bits" if bits else "the registry names no Excel"
    remedy = "Install Excel for the desktop; the version in the browser runs no macros."
    return _check("Excel", bool(bits), found, "Excel 2016 or later, or Microsoft 365", remedy)


def _bits(machine: Machine) -> str:
    told = str(_value(machine, r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration", "Platform") or "")
    told = told or str(_value(machine, rf"HKLM\{OFFICE}\Outlook", "Bitness") or "")
    return {"x64": "64", "x86": "32"}.get(told.casefold(), "")


def library(machine: Machine) -> Check:
    """The library that worksheet functions need lies beside this Python."""
    name = f"xlwings{_bits(machine) or '64'}-{version('xlwings')}.dll"
    folders = [machine.interpreter.parent, machine.interpreter.parent.parent]
    there = [folder for folder in folders if (folder / name).exists()]
    found = f"{name} is in {there[0]}" if there else f"{name} is neither in {folders[0]} nor in {folders[1]}"
    remedy = "A virus scanner may have taken it away: allow it, and install xlwings again."
    if not there and (machine.user_base / name).exists():
        found = f"{name} is in {machine.user_base}, where Excel does not look"
        remedy = f"dunning was installed with `pip install --user`. {install.ELSEWHERE}"
    remedy += " Buttons work without it, worksheet functions do not."
    return _check("library", bool(there), found, "the library of Excel's bitness and of this version", remedy, State.WARNING)


def macros(machine: Machine) -> Check:
    """Macros may run."""
    off = _value(machine, rf"HKCU\{POLICY}\Common", "vbaoff")
    if off == 1:
        found = "a policy has switched Visual Basic off in all of Office"
        return Check("macros", State.WRONG, found, "Visual Basic switched on", f"Ask your administrator. {LIVE}")
    by_policy = _value(machine, rf"HKCU\{POLICY}\Excel\Security", "VBAWarnings")
    level = by_policy or _value(machine, rf"HKCU\{OFFICE}\Excel\Security", "VBAWarnings") or 2
    told = {1: "all macros run", 2: "macros ask first", 3: "only signed macros run", 4: "macros are switched off"}.get(level, f"level {level}")
    found = told + (" (by policy)" if by_policy else "")
    remedy = "The folder of the add-in is trusted all the same, unless the next check says otherwise."
    return _check("macros", level in (1, 2), found, "macros that run or ask", remedy, State.WARNING)


def trusted(machine: Machine) -> Check:
    """Excel trusts the folder of the add-in."""
    name, expected = "trusted folder", f"{machine.startup} among the trusted locations"
    for at in (rf"HKCU\{POLICY}", rf"HKCU\{OFFICE}"):
        if _value(machine, rf"{at}\Excel\Security\Trusted Locations", "AllLocationsDisabled") == 1:
            remedy = f"Switch it on: File, Options, Trust Center, Trusted Locations; or ask your administrator. {LIVE}"
            return Check(name, State.WRONG, "trusted locations are switched off", expected, remedy)
    own = list(_locations(machine, rf"HKCU\{OFFICE}\Excel\Security\Trusted Locations"))
    given = [place for at in ("Excel", "Common") for place in _locations(machine, rf"HKCU\{POLICY}\{at}\Security\Trusted Locations")]
    if _value(machine, rf"HKCU\{POLICY}\Common\Security\Trusted Locations", "allow user locations") == 0:
        there, remedy = _among(machine.startup, given), f"A policy lets nobody add one: ask your administrator for this folder. {LIVE}"
    else:  # an Excel that was never started lists none, and makes its own list with the folder of the add-ins in it
        there, remedy = not own or _among(machine.startup, own + given), f"Add it: File, Options, Trust Center, Trusted Locations. {LIVE}"
    return _check(name, there, f"{machine.startup} is {'trusted' if there else 'not trusted'}", expected, remedy)


def _among(folder: Path, places: Sequence[tuple[str, bool]]) -> bool:
    """Whether a folder is one of the places, or below one that is trusted with all that is in it."""
    wanted = _plain(str(folder))
    return any(wanted == place or (below and wanted.startswith(f"{place}\\")) for place, below in places)


def _locations(machine: Machine, key: str) -> Iterator[tuple[str, bool]]:
    """The trusted folders that a key of the registry lists, and whether what is below them is trusted too."""
    for place in machine.registry.subkeys(key):
        path = str(_value(machine, rf"{key}\{place}", "Path") or "")
        if path:
            whole = re.sub(r"%(\w+)%", lambda m: machine.environment.get(m[1].upper(), m[0]), path)
            yield _plain(whole), _value(machine, rf"{key}\{place}", "AllowSubFolders") == 1


def _plain(path: str) -> str:
    return path.replace("/", "\\").rstrip("\\").casefold()


def disabled(machine: Machine) -> Check:
    """Excel has not switched the add-in off after a crash."""
    items = machine.registry.values(rf"HKCU\{OFFICE}\Excel\Resiliency\DisabledItems").values()
    named = [item.decode("utf-16-le", errors="ignore").casefold() for item in items if isinstance(item, bytes)]
    off = any(machine.add_in.name.casefold() in item for item in named)
    found = "Excel has switched the add-in off" if off else "the add-in is not among them"
    remedy = "In Excel: File, Options, Add-ins, Manage: Disabled Items, Go, choose it, Enable; then start Excel again."
    return _check("disabled items", not off, found, "the add-in switched on", remedy)


def child_processes(machine: Machine) -> Check:
    """Defender lets Office start Python."""
    rules = {name.strip("{}").upper(): str(value) for name, value in _asr(machine)}
    told = rules.get(CHILD_PROCESSES, "0")
    found = {"0": "Office may start programs", "1": "Office may not start programs", "2": "Office may start programs, and it is logged",
             "5": "Office may start programs", "6": "Office may start programs after a warning"}.get(told, f"the rule says {told}")  # fmt: skip
    state = State.OK if told in ("0", "2", "5") else State.WARNING if told == "6" else State.WRONG
    return Check("Defender", state, found, f"the attack surface rule {CHILD_PROCESSES} off", f"Buttons and worksheet functions cannot work. {LIVE}")


def _asr(machine: Machine) -> Iterator[tuple[str, object]]:
    """The rules against attacks on Office: set on this PC, then of a group policy, then of a device management."""
    yield from machine.registry.values(rf"HKLM\{LOCAL_DEFENDER}\Windows Defender Exploit Guard\ASR\Rules").items()
    yield from machine.registry.values(rf"HKLM\{DEFENDER}\Windows Defender Exploit Guard\ASR\Rules").items()
    managed = str(_value(machine, rf"HKLM\{DEFENDER}\Policy Manager", "ASRRules") or "")
    yield from ((rule.partition("=")[0].strip(), rule.partition("=")[2].strip()) for rule in managed.split("|") if "=" in rule)


def mark_of_the_web(machine: Machine) -> Check:
    """The add-in does not pass for a download, whose macros Excel blocks."""
    marked = Path(f"{machine.add_in}:Zone.Identifier").exists()
    found = "the add-in is marked as downloaded" if marked else "no mark of a download"
    return _check("download mark", not marked, found, "an add-in that was built on this PC", f"Close Excel, delete {machine.add_in}, then: {AGAIN}")


def one_drive(machine: Machine) -> Check:
    """Nothing of the add-in lies in a folder that OneDrive may empty."""
    clouds = {machine.environment[name] for name in ("OneDrive", "OneDriveCommercial", "OneDriveConsumer") if machine.environment.get(name)}
    inside = [p for p in (machine.interpreter, machine.add_in, machine.settings) if any(p.is_relative_to(cloud) for cloud in clouds)]
    found = f"in OneDrive: {', '.join(map(str, inside))}" if inside else "nothing of the add-in is in OneDrive"
    remedy = "Install dunning outside OneDrive: files that are only in the cloud make each click wait, or fail."
    return _check("OneDrive", not inside, found, "Python, add-in and settings on this PC", remedy, State.WARNING)
