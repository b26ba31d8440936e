"""Every word a user reads, in English, French and German: one TOML file per language, looked up by section and key.

`[help]` holds the translations of the helps of `rules/model.py`, keyed by the English text; every other section exists in all three files
with the same keys and the same `{placeholders}`, and a test keeps it so. Amounts, days and numbers are written by `rules.written`; a placeholder such
as `{count:row|rows}` is the word that goes with the number, without the number itself.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from rules.row import LANGUAGES, Language, Word
from rules.written import Written


@cache
def catalogue(language: Language) -> dict[str, dict[str, Any]]:
    """The whole catalogue of one language."""
    return tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text(encoding="utf-8"))


def text(language: Language, section: str, key: str, /, **values: object) -> str:
    """The text `section.key` with its placeholders filled; KeyError when there is none."""
    found: str = catalogue(language)[section][key]
    if not values:
        return found
    counted = "|" in found  # there, a number that is kept as text chooses a word as well
    return found.format(**{n: v if isinstance(v, str) and not counted else Written(v, language) for n, v in values.items()})


def help_text(language: Language, english: str) -> str:
    """The help of a column in `language`."""
    return english if language == "en" else str(catalogue(language)["help"][english])


def shown(language: Language, member: Word) -> str:
    """How a member of a closed list is written in a cell: `Decision.SEND` is "envoyer" in French."""
    return str(catalogue(language)["value"][type(member).__name__][member.value])


@cache
def understood(closed: type[Word]) -> dict[str, str]:
    """Cell text to code, for all three languages and the codes themselves; keys are casefolded."""
    found = {str(m).casefold(): str(m) for m in closed}
    for language in LANGUAGES:
        found |= {shown(language, m).casefold(): str(m) for m in closed}
    return found
