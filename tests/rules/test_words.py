"""The catalogue: whatever is said in one language is said in all three."""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Any

import pytest

from rules import model
from rules.row import LANGUAGES, Language, Row, Word, columns
from rules.words import catalogue, help_text, shown, understood
from workbook.cells import Flag
from workbook.tables import CONFIG, NAMES, TABLES

MODELS: list[type[Row]] = [*NAMES, model.Settings]
CLOSED = [Flag, *(c for c in vars(model).values() if isinstance(c, type) and issubclass(c, Word) and c is not Word)]


BY_ENGLISH = ("help", "functions")  # sections whose keys are the English texts


def leaves(section: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Every text with its key, those of sub-tables as `Decision.open`."""
    for key, value in section.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", ["fr", "de"])
def test_every_help_is_translated_and_no_translation_is_left_over(language: Language) -> None:
    assert {c.help for row in MODELS for c in columns(row)} == set(catalogue(language)["help"])


@pytest.mark.parametrize("language", ["fr", "de"])
def test_every_section_has_the_same_keys_and_placeholders_as_in_english(language: Language) -> None:
    english = {name: section for name, section in catalogue("en").items() if name not in BY_ENGLISH}
    translated = {name: section for name, section in catalogue(language).items() if name not in BY_ENGLISH}

    assert {k: placeholders(v) for k, v in leaves(english)} == {k: placeholders(v) for k, v in leaves(translated)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_ends_in_a_blank(language: Language) -> None:
    assert [] == [key for key, text in leaves(catalogue(language)) if not text or text != text.strip()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_every_sheet_and_every_table_has_its_text(language: Language) -> None:
    words = catalogue(language)

    assert {c.__name__: {m.value for m in c} for c in CLOSED} == {name: set(members) for name, members in words["value"].items()}
    assert {t.sheet for t in TABLES} == set(words["sheet"])
    assert set(NAMES.values()) == set(words["table"])
    assert {t.key for t in CONFIG} == set(words["config"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_its_sentence_and_the_question_its_rule_asks(language: Language) -> None:
    """The questions are in the order in which the rules ask; the sentences have variants of a reason besides."""
    words = catalogue(language)

    assert [r.value for r in model.Reason] == list(words["explain"])
    assert [] == [r.value for r in model.Reason if r.value not in words["reason"]]
    assert [] == [key for key, question in words["explain"].items() if not question.endswith("?")]


@pytest.mark.parametrize("closed", CLOSED, ids=lambda c: c.__name__)
def test_a_word_is_understood_in_every_language_and_never_as_another(closed: type[Word]) -> None:
    for language in LANGUAGES:
        assert {m: str(m) for m in closed} == {m: understood(closed)[shown(language, m).casefold()] for m in closed}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_a_list_fit_the_dropdown_of_a_cell(language: Language) -> None:
    """Excel separates them by commas and allows 255 characters in all."""
    for closed in CLOSED:
        words = [shown(language, m) for m in closed]

        assert "," not in "".join(words)
        assert len(",".join(words)) <= 255


@pytest.mark.parametrize("language", LANGUAGES)
def test_sheet_titles_are_legal_and_different(language: Language) -> None:
    """At most 31 characters, none of []:*?/\\, and not the name that Excel keeps for itself."""
    titles = list(catalogue(language)["sheet"].values())

    assert [] == [t for t in titles if len(t) > 31 or set(t) & set("[]:*?/\\'") or t.casefold() in {"history", "historique"}]
    assert len(titles) == len({t.casefold() for t in titles})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("row", MODELS, ids=lambda r: r.__name__)
def test_the_headings_of_a_table_differ_and_its_helps_fit_a_message(row: type[Row], language: Language) -> None:
    titles = [c.titles[language].casefold() for c in columns(row)]

    assert len(titles) == len(set(titles))
    assert [] == [c.name for c in columns(row) if len(help_text(language, c.help)) > 255]


def test_french_has_a_fixed_space_before_its_double_signs() -> None:
    """Otherwise a line may begin with a colon."""
    mine = {name: catalogue("fr")[name] for name in ("help", "sheet", "config", "table", "home", "cell", "reason", "explain")}

    assert [] == [text for _, text in leaves(mine) if any(f" {sign}" in text for sign in ";:?!")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_call_the_sheets_what_they_are_called(language: Language) -> None:
    """No reason and no finding speaks of Config or Ledger where the sheet has another name."""
    titles = catalogue(language)["sheet"]
    said = " ".join(text for section in ("reason", "explain", "finding") for text in catalogue(language)[section].values())

    english = {"Config": "config", "Ledger": "ledger", "Findings": "findings"}

    assert [] == [name for name, key in english.items() if name in said and titles[key] != name]
