import pytest

from rules.config_text import TABLES, from_toml, preset, to_toml
from rules.errors import ConfigError
from rules.row import empty
from tests.rules.world import rules

LEVEL = '[[levels]]\nmethod = "standard"\nlevel = {}\ntemplate = "reminder"\n'


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (LEVEL.format(1) + LEVEL.format(3), "Level, row 2, level: level 3 of the method 'standard' comes without level 2."),
        (LEVEL.format(2), "Level, row 1, level: level 2 of the method 'standard' comes without level 1."),
        (LEVEL.format(1) + LEVEL.format(1), "Level, row 2, level: level 1 of the method 'standard' is there twice."),
        (LEVEL.format(1) + LEVEL.format(1).replace("standard", "vip"), "the level belongs to the method 'vip', which is not in the table Methods."),
        ('[settings]\ndefault_method = "vip"', "The setting default_method names the method 'vip'; the table Methods on Config has: none, standard."),
        ('[[methods]]\nmethod = "standard"\n[[methods]]\nmethod = "vip"', "the method 'vip' reminds but has no level."),
        ('[[currencies]]\ncurrency = "GBP"\nrate = 1\n' * 2, "Currency, row 2, currency: 'GBP' is already in row 1 of the table."),
    ],
)
def test_contradictions_are_named_with_their_cell(toml: str, said: str) -> None:
    """A Config that contradicts itself is refused: which cell, what was found, what to do."""
    with pytest.raises(ConfigError) as refused:
        rules(toml)

    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("methods = [", "The text is not TOML"),
        ("[[method]]\n", "'method' is not a table of Config. Known tables: settings, methods, levels"),
        ('[[levels]]\nmethod = "standard"\nlevell = 1', "levels, row 1: 'levell' is not a name of this table. Did you mean 'level'?"),
        ('[[levels]]\nmethod = "standard"\nlevel = 0\ntemplate = "x"', "levels, row 1: level is 0; expected a number of at least 1."),
        ('[[methods]]\nmethod = "standard"\nminimum = 25.001', "methods, row 1: minimum is 25.001, but EUR has 2 decimals."),
        ('[[methods]]\nmethod = "standard"\nminimum = "25"', "methods, row 1: minimum is '25'; expected an amount such as 25.00."),
        ('[settings]\ncompany_currency = "euro"', "settings: company_currency is 'euro'"),
        ("[settings]\nline_tolerance = inf", "settings: line_tolerance is Infinity; expected an amount such as 25.00, of at most 15 digits."),
        ("[settings]\nline_tolerance = nan", "settings: line_tolerance is NaN; expected an amount"),
        ("[settings]\nline_tolerance = 1e99", "settings: line_tolerance is 1E+99; expected an amount"),
        ("[settings]\nline_tolerance = 1e9999999", "settings: line_tolerance is 1E+9999999; expected an amount"),
        ("[settings]\nline_tolerance = 10000000000000.00", "settings: line_tolerance is 10000000000000.00; expected an amount"),
        (f"[settings]\nline_tolerance = {'9' * 4000}", f"settings: line_tolerance is {'9' * 60}…; expected an amount"),
        ("[settings]\nline_tolerance = 1e99999999999999999999", "a number that is too large"),
        (f"[settings]\nline_tolerance = {'9' * 9000}", "The text is not TOML"),
        ("settings = 3", "settings is 3; expected one table under the line [settings]."),
        ("[[settings]]", "settings is [{}]; expected one table under the line [settings]."),
        ("methods = 3", "methods is 3; expected rows, each under a line [[methods]] with two brackets."),
        ('[methods]\nmethod = "x"', "methods is {'method': 'x'}; expected rows, each under a line [[methods]] with two brackets."),
        ("methods = [3]", "methods, row 1: found 3; expected names with their values, such as method = …"),
        ('[[currencies]]\ncurrency = "GBP"\nrate = inf', "currencies, row 1: rate is Infinity; expected a number such as 1.25, of at most 15"),
        ('[[currencies]]\ncurrency = "GBP"\nrate = 1e99', "currencies, row 1: rate is 1E+99; expected a number"),
        ('[[currencies]]\ncurrency = "GBP"\nrate = 1.2345678901234567', "currencies, row 1: rate is 1.2345678901234567; expected a number"),
    ],
)
def test_wrong_toml_is_refused(toml: str, said: str) -> None:
    """TOML that does not fit names table, row and field."""
    with pytest.raises(ConfigError) as refused:
        from_toml(toml)

    assert said in str(refused.value)


def test_the_largest_amount_is_taken() -> None:
    """Fifteen digits are what a cell keeps."""
    settings, _ = from_toml("[settings]\nline_tolerance = 9999999999999.99")

    assert 999999999999999 == settings.line_tolerance_minor


def test_config_survives_its_text() -> None:
    """Out to TOML and in again gives the same settings and tables."""
    settings, frames = from_toml(
        preset("plain") + '\n[settings]\ncompany_currency = "JPY"\nline_tolerance = 200\n[[currencies]]\ncurrency = "KWD"\nrate = 3.05\n'
    )
    again, others = from_toml(to_toml(settings, frames))

    assert settings == again
    assert {m: f.to_dict("records") for m, f in frames.items()} == {m: f.to_dict("records") for m, f in others.items()}


def test_every_config_table_has_a_toml_name() -> None:
    """An empty Config of all tables goes out and comes back."""
    settings, _ = from_toml("")
    text = to_toml(settings, {m: empty(m) for m in TABLES.values()})

    assert (settings, {}) == from_toml(text)
