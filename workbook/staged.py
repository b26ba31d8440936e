"""What the adapters of a real workbook share: where its columns stand, what was read, and what is to be written at the next save."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from rules import model as nouns
from rules.errors import WorkbookError
from rules.row import COMPANY, LANGUAGES, Language, Row, columns
from rules.standing import KEY
from workbook.book import Progress, silent
from workbook.cells import equal, fitted
from workbook.package import Place
from workbook.settings import settings_of

# what tells the rows of a table apart, so that formats and cells of a user's own column go where their row goes; other tables keep them in place
KEYS: dict[type[Row], tuple[str, ...]] = {
    nouns.AssessedItem: KEY, nouns.Payer: ("company", "payer"), nouns.Proposal: ("run", "company", "payer", "currency", "level"),
    nouns.ProposalLine: ("run", *KEY), nouns.CollectionCase: KEY, nouns.HistoryEntry: ("entry",), nouns.FindingRow: ("code", "place", "text"),
    nouns.Setting: ("setting",), nouns.Method: ("method",), nouns.Level: ("method", "level"), nouns.Currency: ("currency",),
    nouns.ReasonCode: ("code", "use"), nouns.Profile: ("source", "field"), nouns.Receipt: ("receipt", "document", "instalment"),
    nouns.LedgerChange: KEY, nouns.MailText: ("language", "level"), nouns.Term: ("terms",), nouns.About: ("key",), nouns.Total: ("currency",),
}  # fmt: skip


class Standing(Protocol):
    """A table on a sheet, whatever holds it: the sheet's title and the first row with data."""

    @property
    def sheet(self) -> str:
        """The title of its sheet."""
        ...

    @property
    def first(self) -> int:
        """The first row with data, counted from 1."""
        ...


T = TypeVar("T", bound=Standing)


@dataclass(frozen=True)
class Bound(Generic[T]):
    """Where a row model stands: its Excel table, and the column of each field."""

    table: T
    columns: dict[str, int]

    def place(self, row: int, column: str) -> Place:
        """The cell of a field in the n-th row of the table, counted from 0."""
        return Place(self.table.sheet, self.table.first + row, self.columns[column])


class Staged(ABC, Generic[T]):
    """A workbook of which tables were read and others wait to be written."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.language: Language = "en"
        self.progress: Progress = silent
        self._frames: dict[type[Row], pd.DataFrame] = {}  # as they stand in the workbook
        self._rows: dict[type[Row], npt.NDArray[np.int64]] = {}  # row of the table (from 0) of each row of a frame
        self._staged: dict[type[Row], pd.DataFrame] = {}

    @abstractmethod
    def _where(self, model: type[Row]) -> Bound[T]:
        """The table of a model, found by the names of its header cells. Raises WorkbookError when a column is missing."""

    @abstractmethod
    def _in_file(self, model: type[Row]) -> pd.DataFrame:
        """The rows as they stand in the workbook; read once."""

    def place(self, model: type[Row], row: int, column: str) -> str:
        """Where row `row` (0 = first) of a table stands: `Config!D7`."""
        rows = self._rows.get(model) if model not in self._staged else None
        return str(self._where(model).place(int(rows[row]) if rows is not None and row < len(rows) else row, column))

    def read(self, model: type[Row]) -> pd.DataFrame:
        """All rows of the table, blank rows left out; with what was replaced since."""
        if model in self._staged:
            return self._staged[model].copy(deep=False)
        return self._in_file(model).copy(deep=False)

    def settings(self) -> nouns.Settings:
        """The settings of the Config sheet."""
        return settings_of(self.read(nouns.Setting), self.place)

    def _company(self, model: type[Row]) -> str:
        """The company currency, asked for only where an amount is in it."""
        return self.settings().company_currency if any(c.unit == COMPANY for c in columns(model)) else ""

    def _language(self) -> Language:
        """The language of the workbook; English while the setting says none."""
        rows = self.read(nouns.Setting)
        said = rows.loc[rows["setting"] == "language", "value"].tolist()
        return cast("Language", said[0]) if said and said[0] in LANGUAGES else "en"

    def _spoken(self, model: type[Row]) -> Language:
        return "en" if model is nouns.Setting else self.language

    def replace(self, model: type[Row], frame: pd.DataFrame) -> None:
        """The table shall hold exactly these rows. Equal content is no change."""
        bound = self._where(model)
        frame = fitted(frame, model, lambda row, name: str(bound.place(row, name)), self.language)
        try:
            same = equal(self._in_file(model), frame)
        except WorkbookError:  # what stands there cannot be read, and shall be replaced
            same = False
        if same:
            self._staged.pop(model, None)
        else:
            self._staged[model] = frame
        if model is nouns.Setting:
            self.language = self._language()

    def append(self, model: type[Row], frame: pd.DataFrame) -> None:
        """The table shall hold these rows after those it has."""
        old = self.read(model)
        fresh = fitted(frame, model, lambda row, name: str(self._where(model).place(len(old) + row, name)), self.language)
        self.replace(model, pd.concat([old, fresh], ignore_index=True) if len(old) else fresh)


def followed(old: pd.DataFrame, new: pd.DataFrame, keys: list[str]) -> npt.NDArray[np.int64]:
    """The old row of each new row with the same key, -1 = none; the second of equal keys goes with the second."""
    before, after = old[keys].astype("str"), new[keys].astype("str")
    before = before.assign(nth=before.groupby(keys).cumcount(), came=np.arange(len(before)))
    after = after.assign(nth=after.groupby(keys).cumcount())
    return after.merge(before, how="left", on=[*keys, "nth"])["came"].fillna(-1).to_numpy("int64")
