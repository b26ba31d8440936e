from __future__ import annotations

from pathlib import Path

import pytest

from tests.addin.office import Office
from tests.addin.sending.sent import Fake, with_addresses


@pytest.fixture
def word(monkeypatch: pytest.MonkeyPatch) -> Fake:
    fake = Fake()
    monkeypatch.setattr("addin.printing.converter", lambda: fake)
    return fake


@pytest.fixture(scope="module")
def whole(ready: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose three letters are issued, to payers with e-mail addresses."""
    office = ready.moved(tmp_path_factory.mktemp("issued") / "office")
    office.issue()
    with_addresses(office, {"00017": "compta@lefevre.example; direction@lefevre.example", "00018": "buchhaltung@mueller.example"})
    return office


@pytest.fixture
def issued(whole: Office, tmp_path: Path) -> Office:
    return whole.moved(tmp_path / "office")
