"""What a row and a column are: the one declaration from which sheets, frames, checks and documents derive.

A row model is a frozen pydantic model whose fields are made by `col`. `columns(Model)` answers everything else:
the pandas dtype, the titles in three languages, the help, the unit, the bounds, the allowed words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

R = TypeVar("R", bound="Row")
Language = Literal["en", "fr", "de"]
LANGUAGES: tuple[Language, ...] = ("en", "fr", "de")
COMPANY = "company currency"  # the unit of an amount that has no currency column of its own


class Kind(StrEnum):
    """How a column behaves in a frame and in a cell."""

    ID = "id"  # text that looks like a number: never converted, leading zeros stay
    TEXT = "text"
    CODE = "code"  # one of few words, or the id of a row elsewhere: a pandas category
    MONEY = "money"  # int64 minor units of the row's currency (or of the company's, see `Column.unit`)
    DAY = "day"  # datetime64[s] at midnight
    INT = "int"
    DECIMAL = "decimal"  # rates, percentages, exchange rates: exact, few of them
    FLAG = "flag"


DTYPES = {
    Kind.ID: "str", Kind.TEXT: "str", Kind.CODE: "category", Kind.MONEY: "int64", Kind.DAY: "datetime64[s]",
    Kind.INT: "int64", Kind.DECIMAL: "object", Kind.FLAG: "bool",
}  # fmt: skip

Id = Annotated[str, Kind.ID]
Text = Annotated[str, Kind.TEXT]
Code = Annotated[str, Kind.CODE]
Minor = Annotated[int, Kind.MONEY]
Percent = Annotated[Decimal, Kind.DECIMAL]
Day = Annotated[date, Kind.DAY]


class Word(StrEnum):
    """A closed list whose members are shown in the reader's language (`rules/words`); others are shown as they are."""


class Row(BaseModel):
    """One row of one table; frozen, no unknown fields, blank text instead of a missing one."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    leading: ClassVar[tuple[str, ...]] = ()  # the columns that stand first on the sheet, when not in the order of the fields


def col(titles: str, help: str, default: Any = ..., *, unit: str = "", refers: str = "", **bounds: Any) -> Any:
    """A column: titles as `"English | Français | Deutsch"`, help for the cell, default, unit, bounds.

    `refers` names the table whose key the cell must hold (`"Method"`); it becomes the dropdown of the cell.
    """
    extra: dict[str, Any] = {"titles": dict(zip(LANGUAGES, (t.strip() for t in titles.split("|")), strict=True)), "unit": unit, "refers": refers}
    return Field(default, title=titles.split("|")[0].strip(), description=help, json_schema_extra=extra, **bounds)


@dataclass(frozen=True)
class Column:
    """Everything the other packages may ask about one field of a row model."""

    name: str
    kind: Kind
    titles: dict[Language, str]
    help: str
    unit: str  # days, percent, company currency, the name of the currency column, …
    refers: str  # name of the row model whose key this cell holds, or ""
    choices: tuple[str, ...]
    word: type[Word] | None  # the closed list, when its members are translated
    optional: bool  # may be empty: None in the model, NaT or NA in a frame
    required: bool  # has no default: an empty cell is an error
    default: Any
    minimum: int | None
    maximum: int | None

    @property
    def dtype(self) -> str:
        """The pandas dtype of the column in a frame."""
        return "Int64" if self.optional and self.kind in (Kind.INT, Kind.MONEY) else DTYPES[self.kind]


def _kind(annotation: Any) -> tuple[Kind, tuple[str, ...], type[Word] | None]:
    if get_origin(annotation) is Annotated:
        return next(m for m in get_args(annotation)[1:] if isinstance(m, Kind)), (), None
    if get_origin(annotation) is Literal:
        return Kind.CODE, tuple(str(a) for a in get_args(annotation)), None
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        word = annotation if issubclass(annotation, Word) else None
        return Kind.CODE, tuple(str(m) for m in annotation), word
    simple = {int: Kind.INT, bool: Kind.FLAG, str: Kind.TEXT, date: Kind.DAY, Decimal: Kind.DECIMAL}
    return simple[annotation], (), None


def _bound(info: FieldInfo, *names: str) -> int | None:
    found = [getattr(m, n) for m in info.metadata for n in names if hasattr(m, n)]
    return int(found[0]) if found else None


@cache
def columns(model: type[Row]) -> tuple[Column, ...]:
    """The columns of a row model, in the order in which they stand on the sheet."""
    hints = get_type_hints(model, include_extras=True)
    found: list[Column] = []
    for name in dict.fromkeys([*model.leading, *model.model_fields]):
        info = model.model_fields[name]
        annotation, extra = hints[name], cast("dict[str, Any]", info.json_schema_extra or {})
        optional = get_origin(annotation) in (Union, UnionType) and NoneType in get_args(annotation)
        if optional:
            annotation = next(a for a in get_args(annotation) if a is not NoneType)
        kind, choices, word = _kind(annotation)
        default = None if info.is_required() else info.default
        titles, unit, refers, bounds = extra["titles"], extra["unit"], extra["refers"], (_bound(info, "ge"), _bound(info, "le"))
        made = Column(name, kind, titles, info.description or "", unit, refers, choices, word, optional, info.is_required(), default, *bounds)
        found.append(made)
    return tuple(found)


def column(model: type[Row], name: str) -> Column:
    """The column `name` of `model`; KeyError when it has none."""
    return {c.name: c for c in columns(model)}[name]


def empty(model: type[Row]) -> pd.DataFrame:
    """A frame of `model` with no rows and the right dtypes."""
    return pd.DataFrame({c.name: pd.Series(dtype=c.dtype) for c in columns(model)})


def typed(frame: pd.DataFrame, model: type[Row]) -> pd.DataFrame:
    """`frame` with exactly the model's columns, in order, in their dtypes; absent columns get the default of the model."""
    if frame.columns.tolist() == [c.name for c in columns(model)] and [str(dtype) for dtype in frame.dtypes] == [c.dtype for c in columns(model)]:
        return frame.copy(deep=False)  # as most frames are: a column that is asked to change costs, whether it does or not
    made: dict[str, pd.Series[Any]] = {}
    for c in columns(model):
        if c.name in frame:
            made[c.name] = frame[c.name].astype(cast(Any, c.dtype))
        else:
            blank = c.default if not c.required else ("" if c.kind in (Kind.ID, Kind.TEXT, Kind.CODE) else 0)
            made[c.name] = pd.Series(blank, index=frame.index, dtype=cast(Any, c.dtype))
    return pd.DataFrame(made, index=frame.index, copy=False)


def to_frame(rows: list[Any], model: type[Row]) -> pd.DataFrame:
    """The frame of a list of row models."""
    return typed(pd.DataFrame([r.model_dump() for r in rows], columns=[c.name for c in columns(model)]), model)


def to_rows(frame: pd.DataFrame, model: type[R]) -> list[R]:
    """The row models of a frame: for tables of which there are few rows. Raises pydantic.ValidationError."""
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    for record in records:
        for key, value in record.items():
            if isinstance(value, pd.Timestamp):
                record[key] = value.date()
    return [model.model_validate(record) for record in records]
