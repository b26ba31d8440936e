"""Days: calendar days between dates, working days of a country and region, whole columns of midnights."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import holidays
import numpy as np
import numpy.typing as npt
import pandas as pd
from babel.dates import format_date

Days = npt.NDArray[np.datetime64]  # datetime64[D]; NaT where there is no date


@cache
def _calendar(country: str, region: str) -> holidays.HolidayBase:
    try:
        return holidays.country_holidays(country, subdiv=region or None)
    except NotImplementedError:  # a country or region the library does not know: weekends alone
        return holidays.country_holidays(country) if region and country in holidays.list_supported_countries() else holidays.HolidayBase()


def working_day(day: date, country: str, region: str = "") -> date:
    """`day`, or the next day that is neither a weekend nor a public holiday in the country and region."""
    calendar = _calendar(country, region)
    while day.weekday() >= 5 or day in calendar:
        day += timedelta(days=1)
    return day


def days(column: pd.Series) -> Days:
    """A date column as datetime64[D]."""
    return column.to_numpy(dtype="datetime64[D]")


def day(value: date) -> np.datetime64:
    """One date as datetime64[D]."""
    return np.datetime64(value, "D")


def midnights(found: Days) -> npt.NDArray[np.datetime64]:
    """Days as a frame holds them: datetime64[s]."""
    return found.astype("datetime64[s]")


@cache
def long_date(value: date, locale: str) -> str:
    """A date as a sentence carries it: 12 March 2026, 12 mars 2026, 12. März 2026; French says the 1st of a month "1er"."""
    written = format_date(value, format="long", locale=locale)
    return written.replace("1 ", "1er ", 1) if value.day == 1 and locale.startswith("fr") else written
