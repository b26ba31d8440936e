from __future__ import annotations

import pytest

from tests.addin.office import Office
from tests.addin.sending.sent import Fake, with_addresses


@pytest.fixture
def word(monkeypatch: pytest.MonkeyPatch) -> Fake:
    fake = Fake()
    monkeypatch.setattr("addin.printing.converter", lambda: fake)
    return fake


@pytest.fixture(scope="session")
def whole(whole: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose three letters are issued, to payers with e-mail addresses."""
    office = whole.moved(tmp_path_factory.mktemp("issued") / "office")
    with_addresses(office, {"00017": "compta@lefevre.example; direction@lefevre.example", "00018": "buchhaltung@mueller.example"})
    return office
