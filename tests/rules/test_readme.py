"""The README of the rules does what it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

README = Path(__file__).parents[2] / "rules" / "README.md"


def test_a_ledger_is_assessed_and_proposed_in_a_few_lines(capsys: pytest.CaptureFixture[str]) -> None:
    code = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[0]
    scope: dict[str, Any] = {}
    exec(code, scope)
    proposed = scope["run"].proposals

    assert [("1001", 1, 120_000, -15_000, 105_000)] == [
        tuple(row) for row in proposed[["payer", "level", "overdue_minor", "credits_minor", "total_minor"]].itertuples(index=False)
    ]
    assert "2026" in capsys.readouterr().out


def test_every_module_of_the_rules_is_in_the_table() -> None:
    told = set(re.findall(r"`(\w+\.py)`", README.read_text(encoding="utf-8")))

    assert {path.name for path in README.parent.glob("*.py")} - {"__init__.py"} == told
