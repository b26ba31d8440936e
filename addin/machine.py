"""What this PC is, as the installer, the doctor and `dunning live` ask it: system, folders, registry, environment. Tests put another in its place."""

from __future__ import annotations

import locale
import os
import platform
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rules.errors import WorkbookError

System = Literal["windows", "mac", "other"]
SYSTEMS: dict[str, System] = {"Windows": "windows", "Darwin": "mac"}
ADD_IN = "Dunning.xlam"
CACHED = re.compile(r"(?:archive|builds|environments)-v\d+")  # uv's own names of what it keeps for a while


@dataclass(frozen=True)
class Registry:
    """The registry of Windows, read only. Keys are written as reg.exe writes them: `HKCU\\SOFTWARE\\…`; one that is not there is empty."""

    values: Callable[[str], dict[str, Any]] = lambda key: {}
    subkeys: Callable[[str], list[str]] = lambda key: []


@dataclass(frozen=True)
class Machine:
    """A PC and its user. `base`: where Python itself is installed. `encoding`: in which the macros of Excel read a text file."""

    system: System
    name: str
    home: Path
    interpreter: Path
    base: Path
    environment: Mapping[str, str]
    registry: Registry
    encoding: str

    @classmethod
    def here(cls) -> Machine:
        """This one."""
        system = SYSTEMS.get(platform.system(), "other")
        registry = Registry(windows_values, windows_subkeys) if system == "windows" else Registry()
        encoding = locale.getencoding() if system == "windows" else "utf-8"  # of Windows, whatever Python's UTF-8 mode says
        return cls(system, platform.system(), Path.home(), Path(sys.executable), Path(sys.base_prefix), os.environ, registry, encoding)

    @property
    def ours(self) -> Path:
        """The folder of our settings, log and list of what was installed."""
        return (self._folder("USERPROFILE") if self.system == "windows" else self.home) / ".dunning"

    @property
    def startup(self) -> Path:
        """The folder from which Excel opens add-ins when it starts; trusted unless a policy says otherwise."""
        if self.system == "windows":
            return self._folder("APPDATA") / "Microsoft" / "Excel" / "XLSTART"
        return self.home / "Library" / "Group Containers" / "UBF8T346G9.Office" / "User Content.localized" / "Startup.localized" / "Excel"

    @property
    def add_in(self) -> Path:
        """Where the add-in lies."""
        return self.startup / ADD_IN

    @property
    def settings(self) -> Path:
        """The file in which the macros find the interpreter."""
        if self.system == "windows":
            return self.ours / "dunning.conf"
        return self.home / "Library" / "Containers" / "com.microsoft.Excel" / "Data" / "dunning.conf"

    @property
    def from_store(self) -> bool:
        """Whether Python is the one of the Microsoft Store: what it writes below AppData, Windows keeps in a copy that no other program sees."""
        return self.system == "windows" and "windowsapps" in (part.casefold() for part in self.base.parts)

    @property
    def in_cache(self) -> bool:
        """Whether Python is there for one run only: of `uvx`, `uv run --with` or `pipx run`, in a cache that is emptied."""
        parts = [part.casefold() for part in self.interpreter.parts]
        return any(CACHED.fullmatch(part) for part in parts) or ("pipx" in parts and ".cache" in parts)

    @property
    def user_base(self) -> Path:
        """Where `pip install --user` puts what lies beside Python otherwise."""
        return Path(self.environment["PYTHONUSERBASE"]) if self.environment.get("PYTHONUSERBASE") else self._folder("APPDATA") / "Python"

    def _folder(self, name: str) -> Path:
        """A folder of this user, as Windows tells it."""
        if not self.environment.get(name):
            raise WorkbookError(f"Windows does not say where your files are: the variable {name} is missing. Run it in a terminal of your own.")
        return Path(self.environment[name])

    @property
    def launcher(self) -> Path:
        """The program that opens the window of `dunning live`, beside Python since dunning was installed."""
        return self.interpreter.with_name("dunning-live.exe")

    @property
    def link(self) -> Path:
        """The link to it in the Start menu of Windows."""
        return self._folder("APPDATA") / "Microsoft" / "Windows" / "Start Menu" / "Programs" / "Dunning live.url"

    @property
    def scripts(self) -> Path:
        """On a Mac: the folder of the scripts that Excel may run."""
        return self.home / "Library" / "Application Scripts" / "com.microsoft.Excel"


# ---------------------------------------------------------------------------------------------------------------- Windows


def windows_values(key: str) -> dict[str, Any]:
    """Name to value of a key of the registry."""
    return dict(_listed(key, "EnumValue"))


def windows_subkeys(key: str) -> list[str]:
    """The names of the keys below a key of the registry."""
    return [name for name, *_ in _listed(key, "EnumKey")]


def _listed(key: str, function: str) -> Iterator[tuple[Any, ...]]:
    import winreg  # Windows alone has it

    api: Any = winreg
    root, _, path = key.partition("\\")
    hive = {"HKCU": api.HKEY_CURRENT_USER, "HKLM": api.HKEY_LOCAL_MACHINE}[root]
    with suppress(OSError), api.OpenKey(hive, path, 0, api.KEY_READ | api.KEY_WOW64_64KEY) as opened:
        for at in range(10_000):  # ends with the OSError after the last one
            found = getattr(api, function)(opened, at)
            yield found[:2] if isinstance(found, tuple) else (found,)
