from pathlib import Path

import pytest

from tests.addin.office import Office


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with an empty workbook, made once and never changed."""
    return Office.new(tmp_path_factory.mktemp("empty"))


@pytest.fixture
def office(empty: Office, tmp_path: Path) -> Office:
    """An office with an empty workbook."""
    return empty.moved(tmp_path / "office")


@pytest.fixture(scope="session")
def read(empty: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office whose export was imported, made once and never changed."""
    office = empty.moved(tmp_path_factory.mktemp("read") / "office")
    office.import_()
    return office


@pytest.fixture
def imported(read: Office, tmp_path: Path) -> Office:
    """An office whose export was imported."""
    return read.moved(tmp_path / "office")


@pytest.fixture(scope="session")
def ready(empty: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office with three letters set to send, made once and never changed."""
    return empty.moved(tmp_path_factory.mktemp("ready") / "office").proposed()


@pytest.fixture
def proposed(ready: Office, tmp_path: Path) -> Office:
    """An office with three letters set to send."""
    return ready.moved(tmp_path / "office")


@pytest.fixture(scope="session")
def whole(ready: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office whose three letters were issued, made once and never changed."""
    office = ready.moved(tmp_path_factory.mktemp("whole") / "office")
    office.issue()
    return office


@pytest.fixture
def issued(whole: Office, tmp_path: Path) -> Office:
    """An office whose three letters were issued."""
    return whole.moved(tmp_path / "office")
