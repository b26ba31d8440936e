"""The exceptions page: a run that cannot go on says which cell, what was found, what is expected, what to do."""

from __future__ import annotations

from rules.ways import Way


class DunningError(Exception):
    """Base of all: the text is one or more sentences for an accountant; nothing was changed. `ways`: how the command goes on all the same."""

    def __init__(self, sentence: str = "", *ways: Way) -> None:
        super().__init__(sentence)
        self.ways = ways


class ConfigError(DunningError):
    """The Config sheet (or its TOML) contradicts itself or names something that is not there."""


class RateMissing(ConfigError):  # noqa: N818 - the field says it so
    """Interest is due for a day on which no rate is known: the table of rates ends too early, begins too late or has a gap."""


class LedgerError(DunningError):
    """An export cannot be read as open items."""


class WorkbookError(DunningError):
    """The workbook is missing, damaged, open elsewhere, changed meanwhile, or not one of ours."""


class TemplateError(DunningError):
    """A letter template is missing, unsafe, or uses a field that does not exist."""


class HistoryError(DunningError):
    """History, journal and letters disagree, or a step would contradict them."""
