"""Config as one TOML text: every rule table out and in, so that rules can be reviewed, compared and versioned."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

import pandas as pd
import tomlkit
from pydantic import ValidationError
from tomlkit.items import AoT, Table

from rules import model
from rules.errors import ConfigError
from rules.model import Settings
from rules.money import DIGITS, decimals, fits, from_minor, to_minor
from rules.row import COMPANY, Column, Kind, Row, columns, to_frame

TABLES: dict[str, type[Row]] = {
    "methods": model.Method, "levels": model.Level, "fees": model.Fee, "regimes": model.Regime, "rates": model.Rate, "ratings": model.Rating,
    "currencies": model.Currency, "terms": model.Term, "reasons": model.ReasonCode, "profiles": model.Profile, "selections": model.Selection,
    "mail_texts": model.MailText,
}  # fmt: skip
LONGEST = 60  # characters of what was found, in a message
BOUNDS = {"greater_than": "above", "greater_than_equal": "of at least", "less_than": "below", "less_than_equal": "of at most"}
PATTERNS = {
    "^[A-Z]{3}$": "an ISO code of three capital letters, such as EUR", "^[A-Z]{2}$": "an ISO code of two capital letters, such as FR",
}  # fmt: skip
Frames = dict[type[Row], pd.DataFrame]


def preset(name: str) -> str:
    """The TOML of a packaged set of rules, such as "plain"."""
    return (Path(__file__).parent / "presets" / f"{name}.toml").read_text(encoding="utf-8")


def _key(column: Column) -> str:
    return column.name.removesuffix("_minor")


def _currency(column: Column, row: dict[str, Any], company: str) -> str:
    return company if column.unit == COMPANY else str(row.get(column.unit, company))


def _given(where: str, found: dict[str, Any], row_model: type[Row], company: str) -> dict[str, Any]:
    """The fields of one TOML table as the row model wants them: amounts in minor units, known names only."""
    known = {_key(c): c for c in columns(row_model)}
    made: dict[str, Any] = {}
    for key, value in found.items():
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known names: {', '.join(known)}."
            raise ConfigError(f"{where}: {key!r} is not a name of this table. {hint}")
        column = known[key]
        if column.kind is Kind.MONEY:
            currency = _currency(column, found, company)
            if not isinstance(value, int | Decimal) or isinstance(value, bool):
                raise ConfigError(f"{where}: {key} is {_shown(value)}; expected an amount such as 25.00.")
            amount = Decimal(value)
            if not fits(amount, currency):
                raise ConfigError(f"{where}: {key} is {_shown(value)}; expected an amount such as 25.00, of at most {DIGITS} digits.")
            if amount != amount.quantize(Decimal(1).scaleb(-decimals(currency))):
                raise ConfigError(f"{where}: {key} is {value}, but {currency} has {decimals(currency)} decimals. Write it with no more than these.")
            value = to_minor(amount, currency)
        if column.kind is Kind.DECIMAL and not _exact(value):
            raise ConfigError(f"{where}: {key} is {_shown(value)}; expected a number such as 1.25, of at most {DIGITS} digits.")
        made[column.name] = value
    return made


def _exact(value: Any) -> bool:
    """Whether a number can stand in a cell as it is; what is no number at all is for the row model to refuse."""
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        return True
    number = Decimal(value)
    return number.is_finite() and abs(number.adjusted()) < DIGITS and len(number.normalize().as_tuple().digits) <= DIGITS


def _shown(value: Any) -> str:
    """What was found, short enough for a message."""
    text = str(value) if isinstance(value, Decimal | date) else {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def row_of(where: str, found: Any, row_model: type[Row], company: str) -> Row:
    """The row that one TOML table says; `where` names it in messages, `company` is the company currency. Raises ConfigError naming the field."""
    if not isinstance(found, dict):
        raise ConfigError(f"{where}: found {_shown(found)}; expected names with their values, such as {_key(columns(row_model)[0])} = …")
    try:
        return row_model.model_validate(_given(where, found, row_model, company))
    except ValidationError as wrong:
        said = [f"{where}: {_fault(cast('dict[str, Any]', error), found, row_model, company)}." for error in wrong.errors()]
        raise ConfigError("\n".join(said) + " Correct the file and give it again.") from None


def _fault(error: dict[str, Any], found: dict[str, Any], row_model: type[Row], company: str) -> str:
    """What is wrong with one field, as an accountant would say it; `error` is one of pydantic's."""
    column = {c.name: c for c in columns(row_model)}[str(error["loc"][0])]
    key, what, value, limits = _key(column), str(error["type"]), error["input"], cast("dict[str, Any]", error.get("ctx", {}))
    if what == "missing":
        return f"{key} is missing; expected: {column.help.rstrip('.')}"
    if value == "":
        return f"{key} is empty; expected: {column.help.rstrip('.')}"
    if what in BOUNDS:
        bound = next(iter(limits.values()))
        if column.kind is not Kind.MONEY:
            return f"{key} is {_shown(value)}; expected a number {BOUNDS[what]} {bound}"
        currency = _currency(column, found, company)
        return f"{key} is {from_minor(int(value), currency)}; expected an amount {BOUNDS[what]} {from_minor(int(bound), currency) if bound else 0}"
    return f"{key} is {_shown(value)}; expected {_expected(column, what, value, limits)}"


def _expected(column: Column, what: str, value: Any, limits: dict[str, Any]) -> str:
    """What a field takes, when what it got is of another kind."""
    if column.choices:
        return f"one of {', '.join(column.choices)}"
    if column.kind is Kind.DAY:
        return "a date written 2025-09-10 (without quotes)"
    if what == "string_pattern_mismatch":
        return PATTERNS.get(limits["pattern"]) or column.help.rstrip(".")
    if column.kind in (Kind.ID, Kind.TEXT, Kind.CODE):
        return f'text in quotes: "{_shown(value)}"' if isinstance(value, int | Decimal | date) else "text in quotes"
    return {Kind.FLAG: "true or false", Kind.INT: "a whole number, without quotes"}.get(column.kind, "a number such as 1.25, without quotes")


def parsed(source: str) -> dict[str, Any]:
    """What a TOML text says, its numbers exact. Raises ConfigError naming the place."""
    try:
        return tomllib.loads(source, parse_float=Decimal)
    except InvalidOperation:
        raise ConfigError("The text has a number that is too large. Correct it and give it again.") from None
    except ValueError as wrong:  # TOMLDecodeError, and a whole number of thousands of digits
        raise ConfigError(f"The text is not TOML: {wrong}. Correct that place and give it again.") from None


def listed(name: str, found: Any) -> list[Any]:
    """The rows under a name of the text. Raises ConfigError when they are none."""
    if not isinstance(found, list):
        raise ConfigError(
            f"{name} is {_shown(found)}; expected rows, each under a line [[{name}]] with two brackets. Correct the file and give it again."
        )
    return cast("list[Any]", found)


def from_toml(source: str, standing: Settings | None = None) -> tuple[Settings, Frames]:
    """Settings and the tables the text names; a setting it does not name keeps the value of `standing`. Raises ConfigError naming table and row."""
    found = parsed(source)
    unknown = [name for name in found if name not in TABLES and name != "settings"]
    if unknown:
        raise ConfigError(f"{unknown[0]!r} is not a table of Config. Known tables: settings, {', '.join(TABLES)}.")
    given = found.get("settings", {})
    if not isinstance(given, dict):
        raise ConfigError(f"settings is {_shown(given)}; expected one table under the line [settings]. Correct the file and import it again.")
    given = cast("dict[str, Any]", given)
    before = standing or Settings()
    company = str(given.get("company_currency", before.company_currency))
    settings = cast(Settings, row_of("settings", _all(before) | given, Settings, company))
    frames: Frames = {}
    for name, row_model in TABLES.items():
        if name in found:
            rows = [row_of(f"{name}, row {i}", row, row_model, company) for i, row in enumerate(listed(name, found[name]), start=1)]
            frames[row_model] = to_frame(rows, row_model)
    return settings, frames


def _all(settings: Settings) -> dict[str, Any]:
    """Standing settings under their TOML names."""
    return {_key(c): _out(c, getattr(settings, c.name), {}, settings.company_currency) for c in columns(Settings)}


def _out(column: Column, value: Any, row: dict[str, Any], company: str) -> Any:
    if column.kind is Kind.MONEY:
        return from_minor(int(value), _currency(column, row, company))
    if column.kind is Kind.DAY:
        return value.date() if isinstance(value, pd.Timestamp) else value
    return str(value) if column.kind in (Kind.CODE, Kind.ID, Kind.TEXT) else value


def _item(value: Any) -> Any:
    """A TOML item: decimals as numbers with their own digits, dates as dates."""
    if isinstance(value, Decimal):
        return tomlkit.value(f"{value:f}")
    return value if isinstance(value, date | bool | str) else int(value)


def to_toml(settings: Settings, frames: Frames) -> str:
    """The text of settings and tables; `from_toml` of it gives the same. Fields at their default are left out of the tables."""
    text = tomlkit.document()
    text.add(tomlkit.comment("Rules of dunning. Amounts are in the currency of their row, else in company currency."))
    own = tomlkit.table()
    for column in columns(Settings):
        value = tomlkit.item(_item(_out(column, getattr(settings, column.name), {}, settings.company_currency)))
        own.add(_key(column), value.comment(column.help))
    text.add("settings", own)
    for name, row_model in TABLES.items():
        rows: AoT = tomlkit.aot()
        for record in frames[row_model].to_dict("records") if row_model in frames else []:
            rows.append(_table(cast("dict[str, Any]", record), row_model, settings.company_currency))
        if len(rows):
            text.add(name, rows)
    return tomlkit.dumps(text)


def _table(record: dict[str, Any], row_model: type[Row], company: str) -> Table:
    made = tomlkit.table()
    for column in columns(row_model):
        value = record[column.name]
        if value is None or value is pd.NaT or value is pd.NA or (not column.required and value == column.default):
            continue
        made.add(_key(column), _item(_out(column, value, record, company)))
    return made
