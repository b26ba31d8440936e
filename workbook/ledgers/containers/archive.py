"""Zip archives of exports: their files are unpacked to a folder for a moment, within limits, and each is opened as if it lay there."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from rules.errors import LedgerError
from rules.findings import Finding
from rules.model import Severity
from workbook import guard
from workbook.guard import CAPS, Caps
from workbook.ledgers.grid import Grid

MEMBERS = 200  # files looked at; an export is one file, sometimes one per company


def plausible(name: str) -> bool:
    """Whether a file of an archive is one of the user's: not a folder, not hidden, not a shadow that macOS or Windows leaves."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    shadows = {"__macosx", "thumbs.db", "desktop.ini"}
    return bool(parts) and not name.endswith(("/", "\\")) and not any(p.startswith((".", "~$")) or p.casefold() in shadows for p in parts)


@contextmanager
def members(path: Path, caps: Caps = CAPS) -> Iterator[list[tuple[str, Path]]]:
    """The plausible files of a zip archive, unpacked: name in the archive, and where it lies until the block ends.

    Raises LedgerError for a bomb, a path trick, a password, an archive within the archive, and when there is no file.
    """
    guard.check_archive(path, LedgerError, caps)
    with tempfile.TemporaryDirectory(prefix="dunning-") as folder, path.open("rb") as stream:
        with zipfile.ZipFile(stream) as package:
            parts = [part for part in package.infolist() if plausible(part.filename)]
        if not parts:
            raise LedgerError(f"{path.name} is a zip archive with no file in it. Export it again.")
        if len(parts) > MEMBERS:
            raise LedgerError(f"{path.name} holds {len(parts):,} files; at most {MEMBERS} are looked at. Unpack it and choose the file you mean.")
        found: list[tuple[str, Path]] = []
        for at, part in enumerate(parts):
            inside = PurePosixPath(part.filename.replace("\\", "/"))
            target = Path(folder) / f"{at}{''.join(c for c in inside.suffix if c.isalnum() or c == '.')}"
            guard.unpack(path, stream, part, target, LedgerError)
            if target.stat().st_size and guard.head(target).startswith(guard.ZIP) and guard.check_archive(target, LedgerError, caps) == "zip":
                raise LedgerError(f"{path.name} holds another archive ({inside.name}). Unpack it and choose the file inside.")
            found.append((inside.as_posix(), target))
        yield found


def read(path: Path, opened: Callable[[Path], list[Grid]], caps: Caps, member: str = "") -> list[Grid]:
    """The grids of all files of the archive that can be read, or of `member` only; what cannot is told on the first.

    Raises the first refusal when none can.
    """
    grids: list[Grid] = []
    refused: list[tuple[str, LedgerError]] = []
    with members(path, caps) as files:
        for name, file in files:
            if member and name != member:
                continue
            try:
                grids += [replace(grid, path=path, member=name, findings=_renamed(grid.findings, file.name, name)) for grid in opened(file)]
            except LedgerError as refusal:
                refused.append((name, LedgerError(f"{path.name}: {str(refusal).replace(file.name, name)}")))
    if refused and not grids:
        raise refused[0][1]
    if not grids:
        raise LedgerError(f"{path.name} holds no file {member}. It holds: {', '.join(name for name, _ in files)}.")
    for name, refusal in refused:
        values = {"file": name, "why": str(refusal).removeprefix(f"{path.name}: ")}
        grids[0].findings.append(Finding("export_member_refused", Severity.WARNING, place=path.name, values=values))
    return grids


def _renamed(findings: list[Finding], was: str, name: str) -> list[Finding]:
    return [replace(finding, place=finding.place.replace(was, name)) for finding in findings]
