"""The Config table `Settings`: one typed object on one side, rows of setting, meaning, value and help on the other."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

import pandas as pd
from pydantic import ValidationError

from rules.errors import WorkbookError
from rules.model import Setting, Settings
from rules.money import DIGITS, fits, from_minor, to_minor
from rules.row import Column, Kind, Row, columns, to_frame
from rules.words import help_text, shown, understood
from workbook.cells import Flag

Place = Callable[[type[Row], int, str], str]


def setting_rows(settings: Settings) -> pd.DataFrame:
    """The rows of the table, in the language of the settings; amounts as a person writes them."""
    rows = [
        Setting(
            setting=c.name.removesuffix("_minor"),
            title=c.titles[settings.language],
            value=_written(c, getattr(settings, c.name), settings),
            help=help_text(settings.language, c.help),
        )
        for c in columns(Settings)
    ]
    return to_frame(rows, Setting)


def _written(column: Column, value: Any, settings: Settings) -> str:
    if column.kind is Kind.FLAG:
        return shown(settings.language, Flag.YES if value else Flag.NO)
    return f"{from_minor(value, settings.company_currency):f}" if column.kind is Kind.MONEY else str(value)


def settings_of(rows: pd.DataFrame, place: Place) -> Settings:
    """The settings of the rows; a setting without a row has its default. Raises WorkbookError naming the cell that does not fit."""
    known = {c.name.removesuffix("_minor"): c for c in columns(Settings)}
    names = [str(n) for n in rows["setting"]]
    company = next((str(v) for n, v in zip(names, rows["value"], strict=True) if n == "company_currency"), "EUR")
    made: dict[str, Any] = {}
    for at, (name, value) in enumerate(zip(names, rows["value"], strict=True)):
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known settings: {', '.join(known)}."
            raise WorkbookError(f"{place(Setting, at, 'setting')}: {name!r} is not a setting. {hint}")
        made[known[name].name] = _read(known[name], str(value), company, place(Setting, at, "value"))
    try:
        return Settings.model_validate(made)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        field = str(first["loc"][0])
        where = place(Setting, names.index(field.removesuffix("_minor")), "value")
        raise WorkbookError(f"{where}: the setting {field} is {first['input']!r}: {first['msg']}. Correct the cell.") from None


def _read(column: Column, value: str, company: str, where: str) -> Any:
    if column.kind is Kind.INT:
        return value.removesuffix(".0")
    if column.kind is Kind.FLAG:
        return understood(Flag).get(value.casefold(), value)
    if column.kind is not Kind.MONEY:
        return value
    try:
        amount = Decimal(value or "0")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not value.isascii() or not fits(amount, company) or amount != from_minor(to_minor(amount, company), company):
        raise WorkbookError(
            f"{where}: found {value!r}; expected an amount in {company} with a decimal point, such as 2.50, of at most {DIGITS} digits."
            " Correct the cell."
        )
    return to_minor(amount, company)
