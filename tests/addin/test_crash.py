"""The promise: no line is reminded twice at one level, nothing is lost, at whatever moment a run is cut off."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from addin import verifying
from letter_templates import several
from rules import model
from rules.errors import DunningError, HistoryError
from tests.addin.office import Office
from workbook import writing
from workbook.file import FileBook
from workbook.journal import Journal


class Killed(BaseException):
    """The process ends here."""


def deadly(monkeypatch: pytest.MonkeyPatch, at: int, *, after: bool) -> None:
    """Every step that leaves a trace on the disk is counted; the process dies before, or just after, step `at`."""
    steps = itertools.count()

    def mortal(step: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*args: Any, **kwargs: Any) -> Any:
            now = next(steps)
            if now == at and not after:
                raise Killed
            answer = step(*args, **kwargs)
            if now == at:
                raise Killed
            return answer

        return stepped

    monkeypatch.setattr(several, "BATCH", 2)
    monkeypatch.setattr(writing, "_put", mortal(writing._put))
    monkeypatch.setattr(Journal, "append_all", mortal(Journal.append_all))
    monkeypatch.setattr(FileBook, "save", mortal(FileBook.save))


def letters(office: Office) -> dict[str, bytes]:
    """The letters on the disk."""
    return {name: content for name, content in office.files().items() if name.endswith(".docx") and "/templates/" not in name and "letters" in name}


STEPS = 12  # two templates, plan, planned, two letters and issued, one letter and issued, the workbook, committed; and one more than there are


Finished = tuple[dict[str, bytes], list[dict[Any, Any]], bool, int]


def finished(office: Office) -> Finished:
    """What a run has come to: its letters, its history, whether anything contradicts, and how many letters issuing once more writes."""
    history = office.book().read(model.HistoryEntry).to_dict("records")
    return letters(office), history, verifying.verify(office.book()).failed, office.issue().facts["letters"]


@pytest.fixture(scope="session")
def uncut(whole: Office, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """What the run comes to that nothing cuts off."""
    return finished(whole.moved(tmp_path_factory.mktemp("uncut") / "office"))


@pytest.fixture(scope="session")
def ends() -> dict[str, Finished]:
    """What became of each state of the disk: the end of one step and the beginning of the next leave the same files, which are gone on from once."""
    return {}


@pytest.mark.parametrize(("at", "after"), [(at, after) for at in range(STEPS) for after in (False, True)])
def test_a_run_cut_off_anywhere_is_finished_by_issuing_again(
    ready: Office, uncut: Finished, ends: dict[str, Finished], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, after: bool
) -> None:
    """Killed at every operation, then issued again: the same letters byte for byte, each history entry once, counters right."""
    cut = ready.moved(tmp_path / "cut")
    with monkeypatch.context() as patch:
        deadly(patch, at, after=after)
        with contextlib.suppress(Killed):
            cut.issue()
    left = hashlib.sha256(repr(cut.files()).encode()).hexdigest()
    if left not in ends:
        cut.issue()
        ends[left] = finished(cut)

    assert (False, 0) == uncut[2:]
    assert uncut == ends[left]


def test_the_steps_of_a_run_are_all_tried(ready: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no step after the last one that is cut off above."""
    deadly(monkeypatch, STEPS - 1, after=False)

    assert 3 == ready.moved(tmp_path / "office").issue().facts["letters"]


def test_while_a_run_is_unfinished_nothing_else_may_change_the_workbook(ready: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Import, propose and review say so and change nothing."""
    office = ready.moved(tmp_path / "office")
    with monkeypatch.context() as patch:
        deadly(patch, 6, after=True)
        with pytest.raises(Killed):
            office.issue()
    for command in (office.import_, office.propose, office.send_all):
        with pytest.raises(HistoryError, match="is not in this workbook: it was cut off"):
            command()


def test_a_workbook_open_in_excel_is_refused_before_a_letter_is_written(ready: Office, tmp_path: Path) -> None:
    """Excel's owner file beside the workbook: nothing is written at all."""
    office = ready.moved(tmp_path / "office")
    (office.folder / "~$Dunning.xlsx").write_bytes(b"x")
    before = office.files()
    with pytest.raises(DunningError, match=r"Dunning\.xlsx"):
        office.issue()

    assert before == office.files()


@pytest.mark.parametrize("wait", [0, 1, 2])
def test_killed_for_real(ready: Office, tmp_path: Path, wait: int) -> None:
    """SIGKILL when `wait` letters are on the disk; the second call finishes the run."""
    office = ready.moved(tmp_path / "office")
    command = [sys.executable, "-m", "addin.cli", "issue", str(office.path)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[2])
    while running.poll() is None and len(list(office.folder.glob("letters/R*/*.docx"))) < wait:
        time.sleep(0.001)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    office.issue()

    assert 3 == len(letters(office))
    assert 5 == len(office.book().read(model.HistoryEntry))
    assert not verifying.verify(office.book()).failed


def test_a_record_cut_short_in_the_middle_of_a_batch_is_written_again(ready: Office, whole: Office, tmp_path: Path) -> None:
    """The disk holds a part of the records of a batch: those that are whole count, the rest is told again."""
    cut = whole.moved(tmp_path / "cut")
    path = cut.folder / "letters" / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]) + lines[2][:40])
    shutil.copyfile(ready.path, cut.path)
    cut.issue()

    assert letters(whole) == letters(cut)
    assert len(lines) == len(path.read_bytes().splitlines())
    assert not verifying.verify(cut.book()).failed


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lambda office: next((office.folder / "letters").glob("R*/*.docx")).unlink(), "letter_missing"),
        (lambda office: next((office.folder / "letters").glob("R*/*.docx")).write_bytes(b"x"), "letter_changed"),
        (lambda office: cut_journal(office), "journal_cut"),
        (lambda office: change(office, model.AssessedItem, "level", 9), "counter_differs"),
        (lambda office: change(office, model.HistoryEntry, "sha256", "0"), "letter_not_in_history"),
    ],
)
def test_verify_finds_what_was_tampered_with(issued: Office, harm: Callable[[Office], None], code: str) -> None:
    """A missing or changed letter, a cut journal, a counter or history typed over: each is found."""
    harm(issued)
    report = verifying.verify(issued.book())

    assert report.failed
    assert code in {f.code for f in report.findings}


def cut_journal(office: Office) -> None:
    """Takes the last two records off the journal."""
    path = office.folder / "letters" / "journal.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2]))


def change(office: Office, row_model: type[Any], column: str, value: object) -> None:
    """Types over a cell."""
    book = office.book()
    frame = book.read(row_model)
    frame.loc[frame.index[0], column] = value
    book.replace(row_model, frame)
    book.save()
