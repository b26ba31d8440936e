"""The sample company of `dunning demo`: three exports of one invented ledger, and the settings that go with them."""

from datetime import date
from pathlib import Path

FOLDER = Path(__file__).parent
DAYS = (date(2026, 3, 2), date(2026, 3, 16), date(2026, 4, 7))  # two weeks, then three: level 1, level 2, level 3
CONFIG = FOLDER / "config.toml"


def export(as_of: date) -> Path:
    """The export of the sample ledger on one of `DAYS`."""
    return FOLDER / f"ledger-{as_of}.csv"
