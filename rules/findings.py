"""Row trouble as data: a coded finding says which cell, what was found, what is expected, what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rules.model import Severity
from rules.row import Language
from rules.words import text


@dataclass(frozen=True)
class Finding:
    """One thing a person should look at, at a place such as `Ledger!D7` or "ledger.csv row 12, Due date".

    Its text is `finding.<code>` of the catalogue, filled with `values`.
    """

    code: str
    severity: Severity
    place: str = ""
    values: dict[str, Any] = field(default_factory=dict[str, Any])

    def text(self, language: Language) -> str:
        """The sentence for the reader."""
        return text(language, "finding", self.code, **self.values)
