"""Rules ready made: what a packaged preset puts on Config, in the reader's language, with the law of its country; and how law is renewed."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import cast

import numpy as np
import pandas as pd
import tomlkit

from rules.config_text import Frames, from_toml
from rules.config_text import preset as text_of
from rules.model import Fee, Level, MailText, Rate, Regime, Settings
from rules.rates import statutory
from rules.row import Language, Row, typed
from rules.words import text

PRESETS = ("plain", "fr", "de", "uk", "eu")
STANDARD, CONSUMER = "standard", "consumer"  # methods of a preset, for businesses and for consumers
KEYS: dict[type[Row], list[str]] = {Fee: ["fee", "currency"], Regime: ["regime", "valid_from", "applies_to"], Rate: ["series", "valid_from"]}


class Tone(StrEnum):
    """How soon and how firmly: FRIENDLY waits longer and claims later, FIRM waits less and leaves the second letter out."""

    FRIENDLY = "friendly"
    STANDARD = "standard"
    FIRM = "firm"


SHIFTS = {Tone.FRIENDLY: (3, 7, 4), Tone.STANDARD: (0, 0, 0), Tone.FIRM: (-2, -4, 0)}  # days of grace, between letters, of the deadlines


def preset(name: str, language: Language = "en") -> tuple[Settings, Frames]:
    """Settings and tables of a preset, its names in `language`: the whole of Config.

    A preset's text names its countries as `law`; their regimes, rates and lump sums come from `rules.rates.statutory`. Letters are in the preset's
    own language, else in `language`.
    """
    source = tomlkit.parse(text_of(name))
    law = cast("list[str]", source.pop("law", []))
    settings, frames = from_toml(tomlkit.dumps(source), Settings(language=language, letter_language=language))
    for frame in frames.values():
        frame["name"] = frame["name"].map(lambda english: text(language, "preset", str(english)))
    return settings, frames | {MailText: mail_texts()} | (statutory(*law) if law else {})


def mail_texts() -> pd.DataFrame:
    """The packaged texts of the e-mails that carry letters: rows of `MailText`, for every language and level."""
    return from_toml(text_of("mail_texts"))[1][MailText]


def toned(levels: Sequence[Level], tone: Tone) -> list[Level]:
    """The levels under a tone: a firm one leaves the firm reminder to businesses out, a friendly one gives longer deadlines."""
    left = [step for step in levels if not (tone is Tone.FIRM and step.method == STANDARD and step.template == "firm_reminder")]
    counted = dict.fromkeys((step.method for step in left), 0)
    made: list[Level] = []
    for step in sorted(left, key=lambda step: (list(counted).index(step.method), step.level)):
        counted[step.method] += 1
        made.append(step.model_copy(update={"level": counted[step.method], "deadline_days": step.deadline_days + SHIFTS[tone][2]}))
    return made


def renewed(standing: pd.DataFrame, fresh: pd.DataFrame, model: type[Row]) -> pd.DataFrame:
    """A table of fees, regimes or rates with the rows of `fresh` in place of those of the same key; all others stay.

    The bands of a fee in one currency belong together and are replaced as a whole. A new row comes after the last row of its name, else at the end.
    """
    before, after = _keys(standing, model), _keys(fresh, model)
    first = {key: at for at, key in reversed(list(enumerate(before)))}
    last = {key[0]: at + 0.5 for at, key in enumerate(before)}
    kept = [at for at, key in enumerate(before) if key not in set(after)]
    places = [*map(float, kept), *(first.get(key, last.get(key[0], len(before))) for key in after)]
    rows = pd.concat([standing.iloc[kept].astype(object), fresh.astype(object)], ignore_index=True)
    return typed(rows.iloc[np.argsort(places, kind="stable")].reset_index(drop=True), model)


def _keys(frame: pd.DataFrame, model: type[Row]) -> list[tuple[object, ...]]:
    return list(frame[KEYS[model]].astype(object).itertuples(index=False, name=None))
