from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import xlwings as xw

from tests.addin.conftest import empty, office, ready
from tests.addin.office import Office
from tests.office.desk import Desk
from tests.office.engine import Engine
from tests.office.soffice import desktop, require

__all__ = ["empty", "office", "ready"]


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The engine over a LibreOffice that runs as long as the tests."""
    require()
    with desktop(tmp_path_factory.mktemp("libreoffice")) as found:
        made = Engine(found)
        xw.engines.add(xw.Engine(impl=made))
        xw.engines["libreoffice"].activate()
        yield made
        xw.engines.active = None


@pytest.fixture
def desk(engine: Engine, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An office with an empty workbook, which is open in the spreadsheet."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    engine.apps.app.forget()
    made = Desk(engine.apps.app, office)
    yield made
    del xw.Book._mock_caller
    for book in list(engine.apps.app.opened):
        book.close()
