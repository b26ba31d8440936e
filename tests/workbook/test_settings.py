"""The table Settings on Config: rows of text on one side, one typed object on the other."""

import pytest

from rules.errors import WorkbookError
from rules.model import Settings
from workbook.settings import setting_rows, settings_of


def place(_model, row, column):
    return f"Config!{column}{row}"


def read(**typed):
    """The settings of a table of defaults into whose cells this was typed."""
    rows = setting_rows(Settings())
    for name, value in typed.items():
        rows.loc[rows["setting"] == name, "value"] = value
    return settings_of(rows, place)


def test_settings_survive_their_rows():
    """What was shown on Config is read back, amounts with the decimals of the company currency."""
    settings = Settings(company_name="A", company_currency="KWD", line_tolerance_minor=1234, backups=7, language="de")

    assert settings == settings_of(setting_rows(settings), place)


@pytest.mark.parametrize(("typed", "expected"), [("2.5", 250), ("", 0), ("3", 300), ("2.50000", 250), ("9999999999999.99", 999999999999999)])
def test_an_amount_is_read(typed, expected):
    """An amount may be written with fewer or more zeros; an empty cell is none."""
    assert expected == read(line_tolerance=typed).line_tolerance_minor


@pytest.mark.parametrize(
    "typed", ["Infinity", "-inf", "NaN", "sNaN", "1E+99", "1e9999999", "1e-99", "10000000000000.00", "2.505", "2,50", "two", "٣"]
)
def test_what_is_no_amount_names_its_cell(typed):
    """The cell, what was found and what is expected are said."""
    with pytest.raises(WorkbookError) as refused:
        read(line_tolerance=typed)

    assert str(refused.value).startswith(f"Config!value8: found {typed!r}; expected an amount in EUR with a decimal point, such as 2.50")


@pytest.mark.parametrize("typed", ["many", "0", "100", "Infinity", "1E+99", "2.5"])
def test_what_is_no_count_names_its_cell(typed):
    """A whole number out of its bounds is refused like a word."""
    with pytest.raises(WorkbookError, match=r"Config!value\d+: the setting backups is "):
        read(backups=typed)


def test_an_unknown_setting_is_refused_with_the_nearest_name():
    """A misspelt name is not a setting."""
    rows = setting_rows(Settings())
    rows.loc[rows["setting"] == "line_tolerance", "setting"] = "line_tolerence"

    with pytest.raises(WorkbookError, match=r"'line_tolerence' is not a setting\. Did you mean line_tolerance\?"):
        settings_of(rows, place)
