"""The book without a file: the same port over frames in memory, for tests and simulations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from rules import words
from rules.model import Setting, Settings
from rules.row import Language, Row, columns, empty
from workbook.book import Progress, silent
from workbook.cells import equal, fitted
from workbook.package import Place
from workbook.settings import settings_of
from workbook.tables import table


class MemoryBook:
    """A workbook that holds only these frames; what a real one would refuse to hold, it refuses as well. `saved` are the frames as last saved."""

    def __init__(self, frames: Mapping[type[Row], pd.DataFrame] | None = None, folder: Path = Path(), language: Language = "en") -> None:
        self.folder, self.name, self.language = folder, "memory", language
        self.progress: Progress = silent
        self.shown: dict[str, str | int | float] = {}
        self._staged: dict[type[Row], pd.DataFrame] = {}
        self.saved = {model: self._fitted(model, frame) for model, frame in (frames or {}).items()}
        self._saved_shown = dict(self.shown)

    def _fitted(self, model: type[Row], frame: pd.DataFrame) -> pd.DataFrame:
        return fitted(frame, model, lambda row, column: self.place(model, row, column), self.language)

    def read(self, model: type[Row]) -> pd.DataFrame:
        """All rows of the table, with what was replaced since."""
        return self._staged.get(model, self.saved.get(model, empty(model))).copy(deep=False)

    def replace(self, model: type[Row], frame: pd.DataFrame) -> None:
        """The table shall hold exactly these rows. Equal content is no change."""
        frame = self._fitted(model, frame)
        self._staged.pop(model, None)
        if not equal(self.read(model), frame):
            self._staged[model] = frame

    def append(self, model: type[Row], frame: pd.DataFrame) -> None:
        """The table shall hold these rows after those it has."""
        old = self.read(model)
        fresh = self._fitted(model, frame)
        self.replace(model, pd.concat([old, fresh], ignore_index=True) if len(old) else fresh)

    def show(self, name: str, value: str | int | float) -> None:
        """Remember what the cell `dunning.home.<name>` shows."""
        self.shown[name] = value

    def settings(self) -> Settings:
        """The settings that the rows of the table say."""
        return settings_of(self.read(Setting), self.place)

    def place(self, model: type[Row], row: int, column: str) -> str:
        """Where the row would stand on a sheet of its own."""
        number = [c.name for c in columns(model)].index(column) + 1
        return str(Place(words.text(self.language, "sheet", table(model).sheet), row + 2, number))

    def check_writable(self) -> None:
        """Memory can always be written."""

    def save(self) -> bool:
        """Make the changes lasting; False when there was nothing to change."""
        changed = bool(self._staged) or self.shown != self._saved_shown
        self.saved, self._staged, self._saved_shown = {**self.saved, **self._staged}, {}, dict(self.shown)
        return changed
