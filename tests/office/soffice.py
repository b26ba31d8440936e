"""A LibreOffice of its own for the tests, without a window, spoken to through UNO; and `uno`, which belongs to the distribution's Python."""

from __future__ import annotations

import builtins
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 60.0  # seconds until LibreOffice listens
PACKAGES = Path("/usr/lib/python3/dist-packages")  # where Debian puts uno.py


def absent() -> str:
    """Why there is no LibreOffice to speak to; "" when there is one."""
    office = shutil.which("soffice")
    if office is None:
        return "LibreOffice (the command soffice) is not installed; install libreoffice-calc"
    if not (PACKAGES / "uno.py").exists() or not (_program(office) / "pyuno.so").exists():
        return "uno, the way from Python to LibreOffice, is not installed; install python3-uno"
    asked = subprocess.run(["/usr/bin/python3", "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True, check=False)
    if asked.stdout.split() != [str(part) for part in sys.version_info[:2]]:
        return f"uno is made for Python {'.'.join(asked.stdout.split())}, and this is Python {'.'.join(map(str, sys.version_info[:2]))}"
    return ""


def require() -> None:
    """Skip the test without LibreOffice; under CI it fails."""
    if reason := absent():
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


def _program(office: str) -> Path:
    return Path(office).resolve().parent


def import_uno() -> Any:
    """The module `uno` by its path: the distribution's other packages stay out of sight. It replaces the import of Python, which is put back."""
    if "uno" not in sys.modules:
        ours = builtins.__import__
        for name, path in (("pyuno", _program(str(shutil.which("soffice"))) / "pyuno.so"), ("uno", PACKAGES / "uno.py")):
            spec = importlib.util.spec_from_file_location(name, path)
            assert spec is not None
            assert spec.loader is not None
            sys.modules[name] = module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        builtins.__import__ = ours
    return sys.modules["uno"]


@contextmanager
def desktop(folder: Path) -> Iterator[Any]:
    """The desktop of a fresh LibreOffice with a profile in `folder`; the program ends with the context, whatever happens."""
    uno, pipe = import_uno(), f"dunning{uuid.uuid4().hex}"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--norestore", "--nologo", "--nodefault", f"--accept=pipe,name={pipe};urp;"]
    program = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        yield _connected(uno, pipe, program)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()


def _connected(uno: Any, pipe: str, program: subprocess.Popen[bytes]) -> Any:
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    until = time.monotonic() + PATIENCE
    while True:
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except Exception:
            if time.monotonic() > until or program.poll() is not None:
                raise
            time.sleep(0.1)
