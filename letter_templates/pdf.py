"""Letters as PDF, many in one go: by Word where it is installed, else by LibreOffice without a window."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from rules.errors import TemplateError

BATCH = 50  # letters per start of LibreOffice: a start takes as long as some twenty letters
SECONDS, BYTES_A_SECOND = 120, 4096  # how long a batch may take: so much, and more for large files
LOOK = 0.2  # seconds between looks at what is done
PLACES = (
    "C:/Program Files/LibreOffice/program/soffice.com", "C:/Program Files (x86)/LibreOffice/program/soffice.com",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
)  # fmt: skip
REFUSED = (  # what LibreOffice shall not do with a letter: node, property, value of its configuration
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"), ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Writer/Content/Update", "Link", "0"),
)  # fmt: skip
PROFILE = '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry">\n{}</oor:items>\n'
ITEM = '<item oor:path="/org.openoffice.Office.{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>\n'
MISSING = (
    "To make PDF files, Word or LibreOffice is needed, and neither was found. Install LibreOffice (its program is called soffice), or run this where "
    "Word is installed; the Word files can be sent and printed without."
)
STAMPS = re.compile(rb"/CreationDate\s*\(D:(\d{14})|/ID\s*\[\s*<([0-9A-F]{32})>\s*<([0-9A-F]{32})>|/DocChecksum\s*/([0-9A-F]{32})")
Done = Callable[[int], None]


class Converter(Protocol):
    """A word processor that makes PDF files."""

    name: str
    by_reference: bool  # counts the pages of a letter in a bundle by a reference to its last page, not by its section

    def convert(self, sources: Sequence[Path], folder: Path, done: Done) -> None:
        """Writes `NAME.pdf` into `folder` for each file; one that cannot be converted is left out. `done`: how many are there."""
        ...


def pdfs(sources: Sequence[Path], converter: Converter, done: Done = lambda number: None) -> Iterator[tuple[Path, bytes]]:
    """Each .docx and its PDF, as they become ready. Raises TemplateError naming a file that gives none.

    The names of the files must differ. What a batch fails on is tried once more alone, so that one bad letter does not stop the others.
    """
    for first in range(0, len(sources), BATCH):
        batch = sources[first : first + BATCH]
        with tempfile.TemporaryDirectory(prefix="dunning-", ignore_cleanup_errors=True) as place:
            folder = Path(place)
            converter.convert(batch, folder, lambda number, first=first: done(first + number))
            for source in batch:
                made = folder / f"{source.stem}.pdf"
                if not _whole(made):
                    converter.convert([source], folder, lambda number: None)
                if not _whole(made):
                    raise TemplateError(
                        f"{converter.name} makes no PDF of {source.name}: it stopped or took too long. Open the letter to see what is wrong, close "
                        "other windows of the program, then try again; what was made before stays."
                    )
                yield source, made.read_bytes()
        done(first + len(batch))


def converter() -> Converter:
    """Word if it is installed, else LibreOffice. Raises TemplateError when there is neither."""
    if has_word():
        return Word()
    found = shutil.which("soffice") or shutil.which("libreoffice") or next((place for place in PLACES if Path(place).is_file()), None)
    if not found:
        raise TemplateError(MISSING)
    return LibreOffice(found)


def _whole(path: Path) -> bool:
    """A PDF with its beginning and its end."""
    if not path.is_file():
        return False
    content = path.read_bytes()
    return content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]


# ---------------------------------------------------------------------------------------------------------------- LibreOffice


class LibreOffice:
    """LibreOffice in a process and with a profile of its own: it neither meets nor disturbs the one a person works with."""

    name, by_reference = "LibreOffice", True

    def __init__(self, program: str) -> None:
        self.program = program

    def convert(self, sources: Sequence[Path], folder: Path, done: Done) -> None:
        """One start for all files. Files that are equal give equal bytes."""
        profile = folder / "profile"
        (profile / "user").mkdir(parents=True, exist_ok=True)
        (profile / "user" / "registrymodifications.xcu").write_text(PROFILE.format("".join(ITEM.format(*one) for one in REFUSED)), encoding="utf-8")
        names = [str(source.resolve()) for source in sources]
        command = [
            self.program, f"-env:UserInstallation={profile.resolve().as_uri()}", "--headless", "--norestore", "--nologo", "--nodefault",
            "--nolockcheck", "--convert-to", "pdf", "--outdir", str(folder), *names,
        ]  # fmt: skip
        until = time.monotonic() + SECONDS + sum(source.stat().st_size for source in sources) / BYTES_A_SECOND
        running = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, start_new_session=True
        )
        try:
            while running.poll() is None and time.monotonic() < until:
                done(max(0, sum(1 for _ in folder.glob("*.pdf")) - 1))
                with contextlib.suppress(subprocess.TimeoutExpired):
                    running.wait(LOOK)
        finally:
            _end(running)
        for source in sources:
            made = folder / f"{source.stem}.pdf"
            if _whole(made):
                made.write_bytes(_settled(made.read_bytes(), source.read_bytes()))


def _end(running: subprocess.Popen[bytes]) -> None:
    """The program and what it started are gone after this."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(running.pid, signal.SIGKILL)
    elif running.poll() is None:
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(running.pid)], capture_output=True, check=False)
    running.wait()


def _settled(pdf: bytes, source: bytes) -> bytes:
    """The PDF without the moment of its making: its stamps follow from the letter, at the same length, so that nothing moves."""
    seal = hashlib.sha256(source).hexdigest()[:32].upper().encode()

    def stamp(found: re.Match[bytes]) -> bytes:
        text = found.group()
        for old in filter(None, found.groups()):
            text = text.replace(old, b"19800101000000" if len(old) == 14 else seal)
        return text

    return STAMPS.sub(stamp, pdf)


# ---------------------------------------------------------------------------------------------------------------- Word


def has_word() -> bool:
    """Whether Word is installed here and can be spoken to."""
    if sys.platform != "win32" or importlib.util.find_spec("win32com") is None:
        return False
    import winreg

    with contextlib.suppress(OSError):
        winreg.CloseKey(winreg.OpenKey(winreg.HKEY_CLASSES_ROOT, "Word.Application"))
        return True
    return False


def _started() -> Any:
    client = importlib.import_module("win32com.client")
    return client.DispatchEx("Word.Application")  # a Word of its own, beside the one a person works with


class Word:
    """Word, spoken to over COM; `start` answers its Application object."""

    name, by_reference = "Word", False
    PDF, NO_ALERTS, NO_MACROS, UNSAVED = 17, 0, 3, 0

    def __init__(self, start: Callable[[], Any] = _started) -> None:
        self.start = start

    def convert(self, sources: Sequence[Path], folder: Path, done: Done) -> None:
        """One Word for all files, closed at the end whatever happens."""
        word = self.start()
        try:
            word.Visible, word.DisplayAlerts, word.AutomationSecurity = False, self.NO_ALERTS, self.NO_MACROS
            for number, source in enumerate(sources, start=1):
                with contextlib.suppress(Exception):  # COM's own errors: the file that is missing afterwards tells
                    document = word.Documents.Open(str(source.resolve()), ConfirmConversions=False, ReadOnly=True, AddToRecentFiles=False)
                    try:
                        document.ExportAsFixedFormat(str(folder / f"{source.stem}.pdf"), self.PDF)
                    finally:
                        document.Close(self.UNSAVED)
                done(number)
        finally:
            word.Quit(self.UNSAVED)
