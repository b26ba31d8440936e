"""Row trouble as data: a coded finding says which cell, what was found, what is expected, what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rules.model import Severity
from rules.row import Language
from rules.words import text


@dataclass(frozen=True)
class Finding:
    """One thing a person should look at. Its text is `finding.<code>` of the catalogue, filled with `values`.

    The place is either a row of one of our tables (`table`, `row` counted from 0, `column`) or, for an export, words such as
    "ledger.csv, row 12, Due date" in `place`.
    """

    code: str
    severity: Severity
    table: str = ""
    row: int | None = None
    column: str = ""
    place: str = ""
    values: dict[str, Any] = field(default_factory=dict[str, Any])

    def text(self, language: Language) -> str:
        """The sentence for the reader."""
        return text(language, "finding", self.code, **self.values)
