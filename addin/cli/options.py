"""How the command line says a way on: the option that gives it, after the sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from rules.errors import DunningError
from rules.ways import EMPTY, Way

if TYPE_CHECKING:
    from addin.report import Report

OPTIONS = {"confirmed": "confirm-paid", "everybody": "all", "letters": "letter", "payers": "payer"}  # where it is not the argument's own name
FINDINGS = {  # findings whose cure is an option, or another command
    "export_currency": "--currency", "export_level_unused": "--take-over", "export_postings_unlettered": "--allocation oldest",
    "export_repeats_counted": "--repeats keep",
    "payers_strange": "--add", "payers_unused": "--map", "other_companies": "--scope whole",
    "letter_missing": "dunning reprint", "letter_changed": "dunning reprint", "run_unfinished": "dunning issue",
    "counter_differs": "dunning assess", "export_postings_absent": "dunning record", "bank_entry": "dunning record",
}  # fmt: skip
SHOWN = 3  # answers that are named


def refusal(refused: DunningError) -> str:
    """The sentence of an error, and the options that go on from there."""
    from workbook.ledgers import Answers
    from workbook.ledgers.unclear import Unclear

    headings = isinstance(refused, Unclear) and refused.asked not in {f.name for f in fields(Answers)}
    return _with(str(refused), refused.ways, headings=headings)


def spoken(report: Report) -> Report:
    """The report, and after its sentence the questions and the options that go on from there."""
    from rules.words import text

    asked = (text("en", "ways", way.name) for way in report.ways if not way.of)
    return replace(report, sentence=_with(" ".join([report.sentence, *asked]), report.ways))


def _with(sentence: str, ways: Sequence[Way], *, headings: bool = False) -> str:
    options = [option for way in ways for option in _options(way, heading=headings)]
    if not options:
        return sentence
    label = "Command" if ways[0].of else "Option" if len(options) == 1 else "Options"
    return f"{sentence} {label}: {', or '.join(options)}."


def _options(way: Way, *, heading: bool) -> list[str]:
    """What to type for a way: one option, or one for each of its answers."""
    if way.of and not way.name:
        return [f"`dunning {way.of}`"]
    name = f"--map {way.name.removesuffix('_minor')}=" if heading else f"--{OPTIONS.get(way.name, way.name).replace('_', '-')}"
    before = f"`dunning {way.of} {name}`" if way.of else name
    if not way.text:
        return [before]
    glue = "" if heading else " "
    if not way.choices:
        return [f'{name}"…"' if heading else f"{name} …"]
    values = ["" if c.value == EMPTY and not heading else c.value for c in way.choices]
    plain = all(v.isalnum() for v in values)
    return [f"{name}{glue}{v}" if plain else f'{name}{glue}"{v}"' for v in values[:SHOWN]]
