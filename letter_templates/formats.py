"""How amounts, dates, numbers and addresses are written for one payer: in the payer's language, as the payer's country writes that language."""

from __future__ import annotations

import copy
import re
import unicodedata
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.languages import get_official_languages
from babel.numbers import NumberPattern, format_decimal, get_currency_symbol

from rules import dates
from rules.money import decimals, from_minor

HOME = {"en": "GB", "fr": "FR", "de": "DE"}  # whose habits a language follows for a country that does not speak it: English for Japan or France
BREAKS = re.compile("[\t-\r\x1c-\x1f\x85\u2028\u2029]")  # what Word or Python would take for the end of a line, a page or a field
UNSEEN = frozenset({"Cc", "Cf", "Cs"})  # control characters, direction overrides and other formats, halves of a pair
LATE_POSTCODE = frozenset({"GB", "IE", "GG", "JE", "IM"})  # town first, postal code on its own line
POSTCODE_LAST = frozenset({"US", "CA", "AU"})  # "Springfield IL 62704" on one line


def clean(text: str) -> str:
    """`text` as one printable line: no control characters, no direction overrides, no invisible or unassigned characters; composed (NFC).

    Line breaks and tabs become one space, because Word would make paragraphs and pages of them. Non-breaking spaces stay.
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(c for c in BREAKS.sub(" ", text) if c.isprintable() or _seen(c))
        text = unicodedata.normalize("NFC", text)
    return re.sub(" {2,}", " ", text).strip()


def _seen(character: str) -> bool:
    code = ord(character)
    return unicodedata.category(character) not in UNSEEN and code & 0xFFFE != 0xFFFE and not 0xFDD0 <= code <= 0xFDEF


@cache
def locale_of(language: str, country: str) -> Locale:
    """The habits of `language` in `country` where it is spoken there: fr and CH is fr_CH; English for France or Japan is written as in Britain."""
    spoken = language in get_official_languages(country, de_facto=True)
    try:
        return Locale(language, country if spoken else HOME[language])
    except UnknownLocaleError:
        return Locale(language, HOME[language])


@cache
def _pattern(locale: Locale, places: int, signed: bool) -> NumberPattern:
    pattern = copy.copy(locale.currency_formats["standard"] if signed else locale.decimal_formats[None])
    pattern.frac_prec = (places, places)
    return pattern


@cache
def _marks(locale: Locale) -> dict[int, str]:
    """The marks of numbers that are others in amounts of money: French-speaking Swiss write `12,15` percent and `12.15` francs."""
    marks = locale.number_symbols["latn"]
    return {ord(marks[usual]): marks[money] for usual, money in (("decimal", "currencyDecimal"), ("group", "currencyGroup")) if money in marks}


@lru_cache(1 << 14)  # most amounts of a run are zero
def amount(minor: int, currency: str, locale: Locale) -> str:
    """`minor` as a number with the decimals of its currency and without its sign: `1 234,50`; exact, nothing is rounded."""
    return _pattern(locale, decimals(currency), False).apply(from_minor(minor, currency), locale).translate(_marks(locale))


def money(minor: int, currency: str, locale: Locale) -> str:
    """`minor` with the sign of its currency where the country puts it, a code of letters apart: `1 234,50 €`, `£1,234.50`, `KWD 1,234.500`.

    The code stands also where a sign would have letters of a country with it (£GB, JP¥), as the headings of the tables do.
    """
    text = _pattern(locale, decimals(currency), True).apply(from_minor(minor, currency), locale, currency=currency, currency_digits=False)
    text, sign = text.translate(_marks(locale)), get_currency_symbol(currency, locale)
    if any(character.isalpha() for character in sign):
        text = text.replace(sign, currency)
    return re.sub(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", "\u00a0", text)


def percent(rate: Decimal, locale: Locale) -> str:
    """`rate` as a number without its sign, in two decimals or as many as it has: `12,15`, `8,00`, `9,125`."""
    return format_decimal(rate, "#,##0.00######", locale=locale)


def points(rate: Decimal, locale: Locale) -> str:
    """`rate` as a number without its sign, in as many decimals as it has: `10`, `9,2`."""
    return format_decimal(rate, "#,##0.########", locale=locale)


@lru_cache(1 << 14)
def long_date(day: date, locale: Locale) -> str:
    """The date as a sentence has it, never parted: `2 mars 2026`; the first of a month is `1er` in French."""
    return dates.long_date(day, str(locale)).replace(" ", "\u00a0")


@lru_cache(1 << 14)
def short_date(day: date | None, locale: Locale) -> str:
    """The date as a narrow column has it, never to be mistaken for another: `02/03/2026`, `02.03.2026`, `2 Mar 2026`; blank for no date."""
    if day is None:
        return ""
    return format_skeleton("yMd", day, locale=locale) if locale.language == "fr" else format_date(day, "medium", locale=locale)


def place_and_date(place: str, day: date, locale: Locale) -> str:
    """The line above the letter: `Lyon, le 2 mars 2026`, `Köln, 2. März 2026`, `London, 2 March 2026`."""
    written = long_date(day, locale)
    if locale.language == "fr":
        return f"{place}, le {written}" if place else f"Le {written}"
    return f"{place}, {written}" if place else written


def grouped_iban(iban: str) -> str:
    """The account number in groups of four that do not part at the end of a line."""
    bare = re.sub(r"\s", "", iban).upper()
    return "\u00a0".join(bare[i : i + 4] for i in range(0, len(bare), 4))


def country_line(country: str, sender_country: str) -> str:
    """The last line of an address abroad, in the language of the country that posts the letter; blank at home and for an unknown country."""
    if not country or country == sender_country:
        return ""
    spoken = [language for language in get_official_languages(sender_country) if language in HOME]
    return str(Locale(spoken[0] if spoken else "en").territories.get(country, "")).upper()


def town_lines(postal_code: str, city: str, region: str, country: str) -> list[str]:
    """Town and postal code in the order of the payer's country; one or two lines, blank ones left out."""
    if country in LATE_POSTCODE:
        lines = [city, postal_code]
    elif country in POSTCODE_LAST:
        lines = [" ".join(filter(None, (city, region, postal_code)))]
    else:
        lines = [" ".join(filter(None, (postal_code, city)))]
    return [line for line in lines if line]
