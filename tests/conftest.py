"""How the tests run: reproducibly, and with LibreOffice where a test is marked `office`."""

from __future__ import annotations

import gc
import os
import shutil

import pytest
from hypothesis import settings

CI = os.environ.get("CI") == "true"

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("local", deadline=None)
settings.load_profile("ci" if CI else "local")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("office") and shutil.which("soffice") is None:
        reason = "LibreOffice (the command soffice) is not installed; install libreoffice-calc and libreoffice-writer"
        if CI:
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


def pytest_collection_finish() -> None:
    """Modules, tests and parameters stay to the end: the collector of garbage need not look at them again and again."""
    gc.collect()
    gc.freeze()
