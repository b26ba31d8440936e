"""Days: calendar days between dates, working days of a country and region, dates in words."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import holidays
import numpy as np
import numpy.typing as npt
import pandas as pd
from babel.dates import format_date

from rules.model import Unit

Days = npt.NDArray[np.datetime64]  # datetime64[D]; NaT where there is no date
UNITS = tuple(Unit)


REGIONS = {"GB": "ENG"}  # where no region is given: what all of the United Kingdom has in common leaves Easter Monday a working day


@cache
def _calendar(country: str, region: str) -> holidays.HolidayBase:
    usual = REGIONS.get(country)
    try:
        return holidays.country_holidays(country, subdiv=region or usual)
    except NotImplementedError:  # a country or region the library does not know: weekends alone
        known = region and country in holidays.list_supported_countries()
        return holidays.country_holidays(country, subdiv=usual) if known else holidays.HolidayBase()


def working_day(day: date, country: str, region: str = "") -> date:
    """`day`, or the next day on which the country and region work: its own weekend and public holidays are skipped (Friday and Saturday in Egypt)."""
    calendar = _calendar(country, region)
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    return day


def after(start: Days, count: npt.NDArray[np.int64], unit: npt.NDArray[np.int64]) -> Days:
    """`start` + so many days, weeks or calendar months (`unit`: position in `Unit`); the 31st becomes the last day of a shorter month."""
    counted = start + np.where(unit == UNITS.index(Unit.WEEKS), 7 * count, count)
    monthly = unit == UNITS.index(Unit.MONTHS)
    if not monthly.any():
        return counted
    month = start.astype("datetime64[M]")
    first = (month + count).astype("datetime64[D]")
    return np.where(monthly, np.minimum(first + (start - month.astype("datetime64[D]")), month_end(first)), counted)


def month_end(of: Days) -> Days:
    """The last day of the month of each day."""
    return (of.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1


def days(column: pd.Series) -> Days:
    """A date column as datetime64[D]."""
    return column.to_numpy(dtype="datetime64[D]")


def day(value: date) -> np.datetime64:
    """One date as datetime64[D]."""
    return np.datetime64(value, "D")


@cache
def long_date(value: date, locale: str) -> str:
    """A date as a sentence carries it: 12 March 2026, 12 mars 2026, 12. März 2026; French says the 1st of a month "1er"."""
    written = format_date(value, format="long", locale=locale)
    return written.replace("1 ", "1er ", 1) if value.day == 1 and locale.startswith("fr") else written
