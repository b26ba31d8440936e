"""The words of the packaged documents, one TOML file per language: `masters.py` makes the Word templates of them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LETTERS = ("courtesy", "reminder", "firm_reminder", "formal_notice", "final_notice")
DOCUMENTS = ("statement", "promise_confirmation", "plan_confirmation", "hand_over")


@cache
def wording(language: str) -> dict[str, Any]:
    """All words of one language: `label` for all documents, `letter.<template>` for one letter, `document.<template>` for another document."""
    return tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text(encoding="utf-8"))


def level_name(language: str, template: str, level: int) -> str:
    """What a letter calls its level: the name of the packaged template it is made with, else the level's number."""
    words = wording(language)
    return str(words["letter"][template]["name"]) if template in LETTERS else str(words["label"]["level_name"]).format(level)


def document_name(language: str, template: str) -> str:
    """What a document that is no letter of a level calls itself."""
    return str(wording(language)["document"][template]["name"])
