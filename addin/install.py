"""Puts the add-in where Excel opens it, and takes it away again: files of this user alone, each written down with its hash.

No administrator, no registry, no trust in Visual Basic projects. What was changed since it was written is never overwritten and never deleted.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import py_compile
import struct
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path

from addin.machine import Machine
from addin.report import Report, count
from addin.xlam import build_add_in
from rules.errors import WorkbookError
from rules.row import Language

MANIFEST = "installed.json"
PACKAGES = ("addin", "workbook", "letter_templates", "rules")
NAMED = 10  # files of an answer
ELSEWHERE = "Install dunning to stay, with `uv tool install dunning` or into a Python from python.org, and run `dunning excel install` there."
LOADED = f"""
import contextlib, importlib, pkgutil, sys
for package in ("xlwings", *{PACKAGES!r}):
    opened = importlib.import_module(package)
    for found in pkgutil.walk_packages(opened.__path__, package + ".") if package != "xlwings" else ():
        if not found.name.endswith("__main__"):
            with contextlib.suppress(Exception):
                importlib.import_module(found.name)
print("\\n".join(sorted({{m.__file__ for m in list(sys.modules.values()) if str(getattr(m, "__file__", "")).endswith(".py")}})))
"""


def build_to(path: Path, language: Language) -> Report:
    """Write the add-in as a file, to look at or to carry to another PC; an existing file that is another one is refused."""
    target = path / "Dunning.xlam" if path.is_dir() else path
    if target.suffix.casefold() != ".xlam":
        raise WorkbookError(f"{target.name} is no name of an add-in; expected a folder that exists, or a name that ends in .xlam.")
    content = build_add_in(language)
    changed = not target.exists() or target.read_bytes() != content
    if changed and target.exists():
        raise WorkbookError(f"{target} exists already and is not overwritten. Choose another name, or move the file away.")
    try:
        target.write_bytes(content)
    except OSError as refused:
        raise WorkbookError(f"{target} could not be written ({refused.strerror}). Choose a folder in which you may write.") from None
    return Report(f"{target} is ready: {len(content):,} bytes.", {"file": str(target), "sha256": _hash(content)}, changed=changed)


def install(machine: Machine, language: Language) -> Report:
    """Add-in, settings and, on a Mac, the script that starts Python; and compiled bytecode of all that a click loads.

    Refused before anything is written: another system than Windows and Mac, a file of these names that is not ours, an add-in that Excel holds.
    """
    if machine.system == "other":
        raise WorkbookError(
            f"Excel runs on Windows and on the Mac; this is {machine.name}. `dunning excel build` makes the add-in here too; "
            "run `dunning excel install` on the PC with Excel."
        )
    if why := unfit(machine):
        raise WorkbookError(f"{why} {ELSEWHERE} Nothing was changed.")
    known = installed(machine)
    wanted = planned(machine, language)
    for path, content in wanted.items():
        if path.exists() and hash_of(path) not in (_hash(content), *known.get(str(path), ())):
            raise WorkbookError(f"{path} is not as dunning wrote it, and is not overwritten. Move it away and run again. Nothing was changed.")
    fresh = {path: content for path, content in wanted.items() if not path.exists() or path.read_bytes() != content}
    _refuse_held(machine, fresh)
    ours = {str(path): [_hash(content)] for path, content in wanted.items() if path in fresh or path.parent != machine.scripts or str(path) in known}
    _note(machine, known | {path: [*known.get(path, []), *now] for path, now in ours.items()})  # cut off from here on, both are ours
    for path, content in fresh.items():
        _put(path, content)
    compiled = compile_missing(machine)
    _note(machine, known | ours | compiled)
    done = f"The add-in is in {machine.add_in}. Start Excel: the tab Dunning stands after Data." if fresh else f"{machine.add_in} is as it should be."
    if machine.system == "windows" and machine.link in fresh:
        done += " The Start menu has Dunning live, for PCs on which Office may start no programs."
    facts = {"files": [str(path) for path in wanted], "compiled": len(compiled), "manifest": str(machine.ours / MANIFEST)}
    if all(map(is_compiled, pressed())):
        done += f" Compiled for a quicker start: {count(len(compiled), 'file')}."
    else:
        done += " What a click loads could not be compiled, so each click takes seconds: run `dunning excel doctor`."
    return Report(done, facts, changed=bool(fresh or compiled))


def uninstall(machine: Machine) -> Report:
    """Delete what the manifest lists and nothing else; what was changed since stays and is named."""
    known = installed(machine)
    if not known:
        return Report(f"Nothing is installed: {machine.ours / MANIFEST} lists no file.", {"removed": 0, "left": []})
    _refuse_held(machine, [Path(name) for name in known])
    removed, left = 0, list[str]()
    for name, noted in known.items():
        path = Path(name)
        if not path.exists():
            continue
        if hash_of(path) not in noted:
            left.append(name)
            continue
        try:
            path.unlink()
        except OSError as held:
            raise WorkbookError(f"{path} could not be deleted ({held.strerror}). Close Excel and run again.") from None
        removed += 1
    (machine.ours / MANIFEST).unlink()
    sentence = f"Removed: {count(removed, 'file')}."
    if left:
        named = ", ".join(left[:NAMED]) + (f" and {len(left) - NAMED} more" if len(left) > NAMED else "")
        sentence += f" Changed since they were written, and left: {named}."
    return Report(sentence, {"removed": removed, "left": left}, changed=removed > 0)


def unfit(machine: Machine) -> str:
    """Why Excel cannot rely on this Python; "" when it can."""
    if machine.from_store:
        return "This Python is the one of the Microsoft Store: what it writes for Excel, Windows hides from Excel."
    if machine.in_cache:
        return f"This Python, {machine.interpreter}, is in a cache of uv or pipx and goes when that is emptied; every button would stop then."
    return ""


def planned(machine: Machine, language: Language) -> dict[Path, bytes]:
    """What is to stand where."""
    files = {machine.settings: settings(machine), machine.add_in: build_add_in(language)}
    if machine.system == "mac":
        script = f"xlwings-{version('xlwings')}.applescript"
        files[machine.scripts / script] = (package_folder("xlwings") / script).read_bytes()
    elif machine.launcher.exists():
        files[machine.link] = link(machine)
    return files


def link(machine: Machine) -> bytes:
    """The link in the Start menu that opens the window of `dunning live`."""
    program = machine.launcher
    return f"[InternetShortcut]\r\nURL=file:///{program.as_posix().lstrip('/')}\r\nIconFile={program}\r\nIconIndex=0\r\n".encode(machine.encoding)


def settings(machine: Machine) -> bytes:
    """The lines that the macros read: which Python, and that code beside a workbook never runs. Raises WorkbookError for a path they cannot hold."""
    key = "INTERPRETER_MAC" if machine.system == "mac" else "INTERPRETER_WIN"
    lines = {key: str(machine.interpreter), "ADD_WORKBOOK_TO_PYTHONPATH": "False"}
    try:
        return "".join(f'"{name}","{value}"\r\n' for name, value in lines.items()).encode(machine.encoding)
    except UnicodeEncodeError:
        raise WorkbookError(
            f"Excel's macros cannot read the path of this Python, {machine.interpreter}: it has characters beyond {machine.encoding}. "
            "Install dunning into a folder with plain letters, such as C:\\Dunning."
        ) from None


def installed(machine: Machine) -> dict[str, list[str]]:
    """Path to the hashes of every file that was written. Raises WorkbookError when the list is damaged."""
    manifest = machine.ours / MANIFEST
    if not manifest.exists():
        return {}
    try:
        return dict(json.loads(manifest.read_text(encoding="utf-8"))["files"])
    except (ValueError, KeyError, TypeError) as damaged:
        raise WorkbookError(f"{manifest} is damaged ({damaged}). Delete it and the files {machine.add_in} and {machine.settings} by hand.") from None


def compile_missing(machine: Machine) -> dict[str, list[str]]:
    """Compile what a click loads and is not compiled as it is: Excel starts Python so that it never does that. Path to hash of what was made."""
    made: dict[str, list[str]] = {}
    for source in click_loads(machine):
        target = Path(cache_from_source(str(source)))
        if is_compiled(source):
            continue
        try:
            py_compile.compile(str(source), cfile=str(target), doraise=True, quiet=1)
        except (OSError, py_compile.PyCompileError):  # a folder in which the user may not write: a click is slower there, no more
            continue
        made[str(target)] = [hash_of(target)]
    return made


def pressed() -> list[Path]:
    """What each click begins with; where it is compiled, the rest is."""
    return [package_folder("xlwings") / "main.py", package_folder("addin") / "ribbon.py"]


def is_compiled(source: Path) -> bool:
    """Whether Python takes the bytecode of a source: made by this Python, of the source as it is now (the header of PEP 552)."""
    try:
        with Path(cache_from_source(str(source))).open("rb") as file:
            magic, flags, made_of = file.read(4), file.read(4), file.read(8)
        now = source.stat()
    except OSError:
        return False
    stamp = struct.pack("<II", int(now.st_mtime) & 0xFFFFFFFF, now.st_size & 0xFFFFFFFF)
    return magic == MAGIC_NUMBER and (flags != bytes(4) or made_of == stamp)


def click_loads(machine: Machine) -> list[Path]:
    """The sources of every module that some click loads: ours, xlwings, and what these import."""
    listed = subprocess.run([str(machine.interpreter), "-B", "-c", LOADED], capture_output=True, text=True, check=False)
    return [Path(line) for line in listed.stdout.splitlines()]  # of a Python that fails at it nothing is compiled: a click is slower, no more


def package_folder(name: str) -> Path:
    """Where a package is installed, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise WorkbookError(f"The package {name} is not installed beside dunning. Install dunning again.")
    return Path(spec.origin).parent


def _refuse_held(machine: Machine, touched: Mapping[Path, bytes] | list[Path]) -> None:
    """Raise WorkbookError when Excel has the add-in open and it is to be replaced or deleted."""
    path = machine.add_in
    if path not in touched or not path.exists():
        return
    try:
        with path.open("r+b"):
            pass
    except PermissionError:
        raise WorkbookError(f"Excel is running and holds {path}. Close Excel and run again. Nothing was changed.") from None


def _put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError as refused:
        raise WorkbookError(f"{path} could not be written ({refused.strerror}). Close Excel and run again.") from None
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


def _note(machine: Machine, files: Mapping[str, list[str]]) -> None:
    _put(machine.ours / MANIFEST, (json.dumps({"files": dict(files)}, indent=1, ensure_ascii=False) + "\n").encode())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def hash_of(path: Path) -> str:
    """The hash of a file as it is."""
    return _hash(path.read_bytes())
