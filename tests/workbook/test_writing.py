"""Our files on the disk: whole or not at all, and a sentence when they cannot be written."""

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rules.errors import WorkbookError
from workbook.journal import Journal
from workbook.writing import PATIENCE, durable, durable_all, removed, renewed


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits in a test."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


def refusing(real: Callable[..., object], times: int, number: int = errno.EACCES) -> Callable[..., object]:
    """`real`, refused by the system so many times before."""
    left = [times]

    def act(*given: object, **more: object) -> object:
        left[0] -= 1
        if left[0] >= 0:
            raise OSError(number, os.strerror(number))
        return real(*given, **more)

    return act


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    durable(tmp_path / "a" / "b" / "letter.docx", b"x")

    assert b"x" == (tmp_path / "a" / "b" / "letter.docx").read_bytes()


def test_the_same_again_is_not_written(tmp_path: Path) -> None:
    assert [True, False, True] == [renewed(tmp_path / "x", content) for content in (b"1", b"1", b"2")]


@pytest.mark.parametrize("what", ["replace", "unlink", "open"])
def test_a_file_held_for_a_while_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """As a virus scanner or a synchroniser holds it on Windows."""
    path, journal = tmp_path / "x", Journal(tmp_path / "journal.jsonl")
    durable(path, b"old")
    monkeypatch.setattr(Path, what, refusing(getattr(Path, what), PATIENCE - 1))
    if what == "replace":
        durable(path, b"new")
    elif what == "unlink":
        removed(path)
    else:
        journal.append("planned", "R1")

    assert {"replace": [b"new"], "unlink": [], "open": [b"old"]}[what] == [path.read_bytes() for path in [path] if path.exists()]
    assert (what == "open") == journal.path.exists()


@pytest.mark.parametrize(("what", "number", "said"), [
    ("replace", errno.EACCES, "it is open in another program, or you may not write there"),
    ("mkdir", errno.EACCES, "it is open in another program, or you may not write there"),
    ("open", errno.ENOSPC, r"\(No space left on device\)\. Put that right"),
])  # fmt: skip
def test_what_stays_refused_is_a_sentence_and_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, number: int, said: str
) -> None:
    path = tmp_path / "new" / "x" if what == "mkdir" else tmp_path / "x"
    if what != "mkdir":
        durable(path, b"old")
    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr(Path, what, refusing(getattr(Path, what), 10**6, number))
    with pytest.raises(WorkbookError, match=f"cannot be written:? {said}"):
        durable_all([(path, b"new")])

    assert before == sorted(tmp_path.iterdir())


def test_a_journal_in_a_folder_one_may_not_write_into_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "mkdir", refusing(Path.mkdir, 10**6))
    with pytest.raises(WorkbookError, match="cannot be written"), Journal(tmp_path / "letters" / "journal.jsonl").alone():
        pass


def test_the_journal_is_free_again_after_a_run_that_failed(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    with pytest.raises(ZeroDivisionError), journal.alone():
        raise ZeroDivisionError
    with journal.alone() as again:
        again.append("planned", "R1")

    assert 1 == len(Journal(journal.path).records)
