"""The log: a user is shown a sentence, and the traceback goes where somebody who helps can read it."""

from __future__ import annotations

import traceback
from contextlib import suppress
from datetime import datetime
from pathlib import Path


def log_file() -> Path:
    """Where tracebacks go, of the command line, the ribbon and the worksheet functions alike."""
    return Path.home() / ".dunning" / "dunning.log"


def logged(what: str) -> Path:
    """Write down the error that is being handled, and what was asked for; answers the file."""
    log = log_file()
    with suppress(OSError):  # a log that cannot be written must not hide the sentence
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {what}\n{traceback.format_exc()}\n")
    return log
