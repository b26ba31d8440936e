"""What the set-up asks: each question with what it accepts, its default, and when it is asked at all; where the answers come from is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import cache
from typing import Any

from babel.core import Locale
from babel.numbers import list_currencies

from rules import words
from rules.errors import ConfigError
from rules.model import LastLevel, Level, Method, Settings
from rules.money import decimals, fits, from_minor
from rules.presets import PRESETS, SHIFTS, STANDARD, Tone, preset, toned
from rules.rates import COUNTRIES
from rules.row import LANGUAGES, Language, to_rows

Given = Mapping[str, Any]  # answers by the name of their question
CLEAR = "-"  # what is typed to have nothing where a default is offered
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
AFTER_TOWN = re.compile(r"^([A-Z]{1,2}-)?\d[\d ]*")  # a postal code before the name of a town
YES, NO = frozenset({"yes", "y", "true", "oui", "o", "ja", "j"}), frozenset({"no", "n", "false", "non", "nein"})


@dataclass(frozen=True)
class Asked:
    """What is known while questions are asked: the workbook's settings and language, the answers of an earlier set-up, and those of this one."""

    settings: Settings
    language: Language
    earlier: Given
    given: dict[str, Any]


class AnswerError(ValueError):
    """An answer that does not fit: the key of what is expected, in the section `setup` of the words, and what the sentence names."""

    def __init__(self, key: str, **values: object) -> None:
        """`key` without its beginning `expected_`."""
        super().__init__(key)
        self.values = values


@dataclass(frozen=True)
class Question:
    """One question: `read` makes the answer out of a text or raises AnswerError, `default` says what an empty answer means."""

    name: str
    read: Callable[[str, Asked], Any]
    default: Callable[[Asked], Any]
    options: tuple[str, ...] = ()
    asked: Callable[[Asked], bool] = lambda _: True
    remembered: bool = False  # an earlier set-up's answer is the default: for what stands in no setting


# ---------------------------------------------------------------------------------------------------------------- what fits


def one_of(options: tuple[str, ...]) -> Callable[[str, Asked], str]:
    """One of these words."""

    def read(text: str, asked: Asked) -> str:
        if text.casefold() not in options:
            raise AnswerError("choice", options=", ".join(options))
        return text.casefold()

    return read


def any_text(text: str, asked: Asked) -> str:
    """Any text."""
    return text


def country(text: str, asked: Asked) -> str:
    """A country by its code of two letters."""
    if not re.fullmatch("[A-Z]{2}", text.upper()) or text.upper() not in Locale("en").territories:
        raise AnswerError("country")
    return text.upper()


def currency(text: str, asked: Asked) -> str:
    """A currency by its code of three letters."""
    if text.upper() not in list_currencies():
        raise AnswerError("currency")
    return text.upper()


def whole(least: int, most: Callable[[Asked], int]) -> Callable[[str, Asked], int]:
    """A whole number between two others."""

    def read(text: str, asked: Asked) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most(asked)):
            raise AnswerError("whole", least=least, most=most(asked))
        return int(text)

    return read


def amount(text: str, asked: Asked) -> Decimal:
    """An amount in company currency, with no more decimals than it has."""
    money = str(asked.given["company_currency"])
    example = f"{Decimal(25).quantize(Decimal(1).scaleb(-decimals(money)))}"
    try:
        found = Decimal(text) if text.isascii() else Decimal("NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if not fits(found, money) or found < 0 or found != round(found, decimals(money)):
        raise AnswerError("amount", currency=money, example=example)
    return round(found, decimals(money))


def yes_no(text: str, asked: Asked) -> bool:
    """Yes or no, in any of the three languages."""
    if text.casefold() not in YES | NO:
        raise AnswerError("yes_no")
    return text.casefold() in YES


def iban(text: str, asked: Asked) -> str:
    """An IBAN whose check digits are right (ISO 13616, remainder 1 of division by 97), or nothing."""
    plain = re.sub(r"\s", "", text).upper()
    number = "".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4]) if IBAN.fullmatch(plain) else "0"
    if plain and int(number) % 97 != 1:
        raise AnswerError("iban")
    return plain


def matching(pattern: re.Pattern[str], key: str, *, upper: bool = False) -> Callable[[str, Asked], str]:
    """A text of this shape, or nothing."""

    def read(text: str, asked: Asked) -> str:
        found = text.upper() if upper else text
        if found and not pattern.fullmatch(found):
            raise AnswerError(key)
        return found

    return read


# ---------------------------------------------------------------------------------------------------------------- defaults


@cache
def ready_made(name: str) -> tuple[Settings, tuple[Method, ...], tuple[Level, ...]]:
    """Settings, methods and levels of a preset."""
    settings, frames = preset(name)
    return settings, tuple(to_rows(frames[Method], Method)), tuple(to_rows(frames[Level], Level))


def ladder(asked: Asked) -> list[Level]:
    """The levels for businesses, as the answers so far make them."""
    return [step for step in toned(ready_made(asked.given["preset"])[2], Tone(asked.given["tone"])) if step.method == STANDARD]


def law_of(given: Given) -> str:
    """The interest regime the answers stand for: that of the preset; for `eu` and `plain` the company's country, if its law is known; "" for none."""
    of_country = given["company_country"] if given["company_country"] in COUNTRIES else ""
    return {"fr": "FR", "de": "DE", "uk": "GB", "eu": of_country or "EU"}.get(given["preset"], of_country)


def _rules(asked: Asked) -> str:
    """The preset for the company's country, once somebody has named the company; before that, what the language suggests."""
    if not asked.settings.company_name:
        return asked.language if asked.language in PRESETS else "plain"
    known = {"FR": "fr", "DE": "de", "GB": "uk"}
    return known.get(asked.settings.company_country, "eu" if asked.settings.company_country in COUNTRIES else "plain")


def _company(name: str) -> Callable[[Asked], str]:
    """A setting as it stands, once somebody has named the company; before that, what the preset has."""
    return lambda asked: str(getattr(asked.settings if asked.settings.company_name else ready_made(asked.given["preset"])[0], name))


def _letter_language(asked: Asked) -> str:
    own = {"fr": "fr", "de": "de", "uk": "en"}.get(asked.given["preset"], asked.language)
    return asked.settings.letter_language if asked.settings.company_name else own


def _setting(name: str) -> Callable[[Asked], str]:
    return lambda asked: str(getattr(asked.settings, name))


def _city(asked: Asked) -> str:
    return asked.settings.company_city or AFTER_TOWN.sub("", asked.given["company_address"].split(",")[-1].strip()).strip()


def _grace(asked: Asked) -> int:
    standard = next(m for m in ready_made(asked.given["preset"])[1] if m.method == STANDARD)
    return max(0, standard.grace_days + SHIFTS[Tone(asked.given["tone"])][0])


def _interval(asked: Asked) -> int:
    return max(1, ladder(asked)[1].days + SHIFTS[Tone(asked.given["tone"])][1])


def _minimum(asked: Asked) -> Decimal:
    settings, methods, _ = ready_made(asked.given["preset"])
    return from_minor(methods[0].minimum_minor, settings.company_currency).normalize()


def _interest_from(asked: Asked) -> int:
    steps = ladder(asked)
    first = min((step.level for step in steps if step.regime), default=0)
    return min(first + 1, len(steps)) if first and asked.given["tone"] == Tone.FRIENDLY else first


def _has_law(asked: Asked) -> bool:
    return bool(law_of(asked.given))


def _claims(asked: Asked) -> bool:
    return asked.given.get("interest_from", 0) > 0


QUESTIONS = (
    Question("preset", one_of(PRESETS), _rules, PRESETS, remembered=True),
    Question("company_name", any_text, _setting("company_name")),
    Question("company_address", any_text, _setting("company_address")),
    Question("company_city", any_text, _city),
    Question("company_country", country, _company("company_country")),
    Question("company_currency", currency, _company("company_currency")),
    Question("letter_language", one_of(LANGUAGES), _letter_language, LANGUAGES),
    Question("tone", one_of(tuple(Tone)), lambda _: Tone.STANDARD, tuple(Tone), remembered=True),
    Question("grace_days", whole(0, lambda _: 365), _grace, remembered=True),
    Question("interval_days", whole(1, lambda _: 365), _interval, remembered=True),
    Question("minimum", amount, _minimum, remembered=True),
    Question("fee", amount, lambda _: 0, remembered=True),
    Question("interest_from", whole(0, lambda asked: len(ladder(asked))), _interest_from, asked=_has_law, remembered=True),
    Question("lump_sum", yes_no, lambda _: True, ("yes", "no"), asked=_claims, remembered=True),
    Question("bank_iban", iban, _setting("bank_iban")),
    Question("bank_bic", matching(BIC, "bic", upper=True), _setting("bank_bic")),
    Question("contact_name", any_text, _setting("contact_name")),
    Question("contact_phone", any_text, _setting("contact_phone")),
    Question("contact_email", matching(EMAIL, "email"), _setting("contact_email")),
    Question("signatory", any_text, lambda asked: asked.settings.signatory or asked.given["contact_name"]),
    Question("phone_counts", yes_no, lambda _: True, ("yes", "no"), remembered=True),
    Question("last_level", one_of(tuple(LastLevel)), lambda _: LastLevel.COLLECT, tuple(LastLevel), remembered=True),
)  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------- asking


def written(value: Any) -> str:
    """An answer as a person types it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def default(question: Question, asked: Asked) -> str:
    """What an empty answer means: for rules, what an earlier set-up said, if it was about the same preset and tone."""
    same = all(asked.earlier.get(name, asked.given.get(name)) == asked.given.get(name) for name in ("preset", "tone") if name in asked.given)
    if question.remembered and same and question.name in asked.earlier:
        return str(asked.earlier[question.name])
    return written(question.default(asked))


def answered(question: Question, text: str, asked: Asked) -> Any:
    """The answer of a text; raises AnswerError."""
    text = text.strip() or default(question, asked)
    return question.read("" if text == CLEAR else text, asked)


def refused(wrong: AnswerError, language: Language) -> str:
    """What is expected, in words."""
    return words.text(language, "setup", f"expected_{wrong}", **wrong.values)


def dialogue(asked: Asked, ask: Callable[[str, str], str], say: Callable[[str], None]) -> Given:
    """All answers, by asking one question after the other, and again when an answer does not fit.

    `ask` gets the question and the default, and gives what was typed; `say` tells the reason for a question, and what an answer should be.
    """
    say(words.text(asked.language, "setup", "opening"))
    for question in QUESTIONS:
        if not question.asked(asked):
            continue
        say("")
        say(words.text(asked.language, "setup", f"{question.name}_why"))
        title = words.text(asked.language, "setup", question.name)
        options = f" ({', '.join(question.options)})" if question.options else ""
        while question.name not in asked.given:
            text = ask(title + options, default(question, asked))
            try:
                asked.given[question.name] = answered(question, text, asked)
            except AnswerError as wrong:
                say(refused(wrong, asked.language))
    return asked.given


def taken(asked: Asked, told: Given) -> Given:
    """All answers out of a table of them; what it does not name has its default. Raises ConfigError naming the answer that does not fit."""
    names = [question.name for question in QUESTIONS]
    for name in told:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known answers: {', '.join(names)}."
            raise ConfigError(f"{name!r} is no answer of the set-up. {hint}")
    for question in QUESTIONS:
        value = told.get(question.name, "")
        if not question.asked(asked):
            if question.name in told and value not in (0, False):
                raise ConfigError(words.text(asked.language, "setup", "not_asked", name=question.name, found=written(value)))
            continue
        try:
            if isinstance(value, list | dict | date):
                raise AnswerError("text")
            asked.given[question.name] = answered(question, written(value), asked)
        except AnswerError as wrong:
            found = repr(written(value))[:60]
            said = words.text(asked.language, "setup", "wrong", name=question.name, found=found, expected=refused(wrong, asked.language))
            raise ConfigError(said) from None
    return asked.given
