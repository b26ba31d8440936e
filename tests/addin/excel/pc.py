"""A PC that is not this one: Windows with a registry, or a Mac, its folders below a folder of the test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from addin import install
from addin.machine import Machine, Registry, System


def pc(folder: Path, system: System = "windows", registry: Mapping[str, Mapping[str, Any]] | None = None, **changed: Any) -> Machine:
    """A PC of a user who has an interpreter and nothing of ours. `registry`: key to its values."""
    keys = {"HKLM\\SOFTWARE\\Microsoft\\Office\\ClickToRun\\Configuration": {"Platform": "x64"}} | dict(registry or {})
    interpreter = folder / "Python" / "Scripts" / "python.exe"
    interpreter.parent.mkdir(parents=True, exist_ok=True)
    interpreter.with_name("dunning-live.exe").touch()
    windows = {"USERPROFILE": str(folder / "home"), "APPDATA": str(folder / "home" / "AppData" / "Roaming")}
    environment = windows if system == "windows" else {}

    def values(key: str) -> dict[str, Any]:
        return dict(keys.get(key, {}))

    def subkeys(key: str) -> list[str]:
        return [name.removeprefix(f"{key}\\") for name in keys if name.startswith(f"{key}\\")]

    made = {
        "system": system, "name": {"windows": "Windows", "mac": "Darwin"}.get(system, "Linux"), "home": folder / "home", "interpreter": interpreter,
        "base": folder / "Python",
        "environment": environment, "registry": Registry(values, subkeys), "encoding": "cp1252" if system == "windows" else "utf-8",
    }  # fmt: skip
    return Machine(**(made | changed))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A click that loads one module only, so that nothing of this environment is compiled."""
    source = tmp_path / "packages" / "loaded.py"
    source.parent.mkdir()
    source.write_text("ANSWER = 1\n", encoding="utf-8")
    monkeypatch.setattr(install, "click_loads", lambda machine: [source])
    return source
