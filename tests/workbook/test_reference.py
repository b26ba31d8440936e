"""The page about the sheets says what the sheets are."""

from __future__ import annotations

import pytest

from workbook.reference import README, current


@pytest.mark.generated
def test_the_generated_half_of_the_page_is_current() -> None:
    assert current() == README.read_text(encoding="utf-8"), "run python -m workbook.reference"
