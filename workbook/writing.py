"""Our files on the disk: after a crash whole or as before; what another program holds is tried again for a while, then said in a sentence."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from rules.errors import WorkbookError

PATIENCE = 25  # tries, when a virus scanner, a synchroniser or a preview holds a file on Windows
PAUSE = 0.1  # seconds between them
T = TypeVar("T")


def durable(path: Path, content: bytes) -> None:
    """Write a file so that after a crash there is either the whole of it or what was there before; its folder is made.

    Raises WorkbookError when it cannot be written.
    """
    durable_all([(path, content)])


def durable_all(files: Sequence[tuple[Path, bytes]]) -> None:
    """Write several files, each as `durable` does: the disk is waited for once for all of them, not for one after the other."""
    folders = {path.parent for path, _ in files}
    for folder in folders:
        with told(folder):
            folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(min(8, len(files)) or 1) as threads:
        list(threads.map(lambda file: _put(*file), files))
    for folder in folders:
        settle(folder)


def renewed(path: Path, content: bytes) -> bool:
    """Write a file as `durable` does unless it says the same already; answers whether it was written."""
    with told(path):
        if path.is_file() and path.read_bytes() == content:
            return False
    durable(path, content)
    return True


def removed(path: Path) -> None:
    """Take a file away, if it is there. Raises WorkbookError when it cannot be."""
    with told(path):
        patiently(lambda: path.unlink(missing_ok=True))


def patiently(act: Callable[[], T]) -> T:
    """What `act` answers; as long as another program holds the file it is tried again, for some seconds. Raises PermissionError after that."""
    for _ in range(PATIENCE - 1):
        try:
            return act()
        except PermissionError:
            time.sleep(PAUSE)
    return act()


@contextmanager
def told(path: Path) -> Iterator[None]:
    """What the system refuses about a file or folder becomes WorkbookError: what, why, and what to do."""
    try:
        yield
    except PermissionError as refused:
        raise WorkbookError(
            f"{path} cannot be written: it is open in another program, or you may not write there ({refused.strerror or refused}). Close it where it "
            "is open, or ask for the right to write into its folder; then run the command again."
        ) from refused
    except OSError as refused:
        raise WorkbookError(f"{path} cannot be written ({refused.strerror or refused}). Put that right, then run the command again.") from refused


def settle(folder: Path) -> None:
    """Make a rename in `folder` lasting, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _put(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    with told(path):
        try:
            with fresh.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            patiently(lambda: fresh.replace(path))
        except OSError:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise
