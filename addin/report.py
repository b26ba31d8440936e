"""What a command answers: one sentence, its figures, its tables, its findings; front ends only show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from rules.findings import Finding
from rules.ways import Way


@dataclass(frozen=True)
class Report:
    """The answer of a command. `changed` is False when the workbook was left as it was; `failed` asks for an exit code other than 0.

    `ways`: what more the command does when a person says so.
    """

    sentence: str
    facts: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    changed: bool = False
    failed: bool = False
    ways: tuple[Way, ...] = ()


def count(number: int, noun: str) -> str:
    """A number with its noun: 1 letter, 1,200 letters."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
