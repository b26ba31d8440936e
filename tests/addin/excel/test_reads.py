"""What the macros do not ask to save after: a button that is said to only read writes nothing into the workbook."""

from pathlib import Path

import pytest

from addin import commands, mailing, printing
from addin.controls import CONTROLS
from addin.ribbon import VERBS
from rules.model import HistoryEntry
from tests.addin.office import SECOND, Office
from workbook.file import FileBook


class ReadOnly(FileBook):
    """A workbook that refuses to be written: what a command has staged is written by `save`."""

    def save(self) -> bool:
        """Nobody who only reads asks for it."""
        raise AssertionError("it was written")


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office that has sent letters, and proposed the next ones."""
    office = Office.new(tmp_path_factory.mktemp("office")).proposed()
    office.issue()
    office.propose(SECOND)
    (office.folder / "rules.toml").write_text(commands.config_export(office.book()), encoding="utf-8")
    return office


@pytest.mark.parametrize("verb", [c.verb for c in CONTROLS if c.reads and not c.anywhere])
def test_a_button_that_reads_writes_nothing_into_the_workbook(issued: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    for module in (mailing, printing):  # Word or LibreOffice, which see letters alone
        monkeypatch.setattr(module, "as_pdf_files", lambda book, made: len(made.letters))
    letter = str(issued.book().read(HistoryEntry)["letter"].iloc[-1])
    asked = {"as_of": str(SECOND), "document": "F1", "payer": "00017", "letter": letter, "file": str(issued.folder / "rules.toml")}

    assert VERBS[verb](ReadOnly.open(issued.path), {**asked, "rules": str(tmp_path / "out.toml")}) is not None


def test_a_button_that_writes_is_caught(issued: Office) -> None:
    with pytest.raises(AssertionError, match="it was written"):
        VERBS["assess"](ReadOnly.open(issued.path), {"as_of": str(SECOND)})
