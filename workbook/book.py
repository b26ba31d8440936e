"""The port `Book`: rows of our tables in and out of a workbook, whatever holds it; and what every adapter shares.

Adapters: `file.FileBook` (a closed .xlsx), `memory.MemoryBook` (tests and simulations); the open workbook follows. A command reads frames,
replaces frames, and calls `save` once at its end; before `save` nothing outside the process has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pandas as pd

from rules.model import Settings
from rules.row import Language, Row

Progress = Callable[[str, int, int], None]  # what, done, of how many


def silent(what: str, done: int, total: int) -> None:
    """The progress that nobody watches."""


class Book(Protocol):
    """The workbook as commands see it. Frames have the columns and dtypes of `rules.row.columns(model)`."""

    language: Language
    folder: Path  # where relative folders of the settings lie: the workbook's own folder
    name: str  # for messages
    progress: Progress

    def read(self, model: type[Row]) -> pd.DataFrame:
        """All rows of the table, blank rows left out, with what was replaced since. Raises WorkbookError naming the cells that do not fit."""
        ...

    def replace(self, model: type[Row], frame: pd.DataFrame) -> None:
        """The table shall hold exactly these rows. Equal content is no change."""
        ...

    def append(self, model: type[Row], frame: pd.DataFrame) -> None:
        """The table shall hold these rows after those it has."""
        ...

    def show(self, name: str, value: str | int | float) -> None:
        """Put a value into the cell with the defined name `dunning.home.<name>`; a formula there keeps and shows it as its value."""
        ...

    def settings(self) -> Settings:
        """The settings of the Config sheet. Raises WorkbookError naming the cell that does not fit."""
        ...

    def place(self, model: type[Row], row: int, column: str) -> str:
        """Where row `row` (0 = first) of a table stands, for a message: `Config!D7`."""
        ...

    def check_writable(self) -> None:
        """Raises WorkbookError when `save` could not write now: open elsewhere, changed since it was read, read-only."""
        ...

    def save(self) -> bool:
        """Make the changes lasting, all or none; False when there was nothing to change."""
        ...
