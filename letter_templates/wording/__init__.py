"""The words of the packaged letters, one TOML file per language: `masters.py` makes the Word templates of them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LETTERS = ("reminder", "firm_reminder", "formal_notice", "final_notice")


@cache
def wording(language: str) -> dict[str, Any]:
    """All words of one language: `label` for all letters, `letter.<template>` for one."""
    return tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text(encoding="utf-8"))


def level_name(language: str, template: str, level: int) -> str:
    """What a letter calls its level: the name of the packaged template it is made with, else the level's number."""
    words = wording(language)
    return str(words["letter"][template]["name"]) if template in LETTERS else str(words["label"]["level_name"]).format(level)
