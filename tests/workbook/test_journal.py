import json
from pathlib import Path

import pytest

from rules.errors import HistoryError
from workbook.journal import COMMITTED, ISSUED, PLANNED, START, Journal


def filled(path: Path) -> Journal:
    """A journal with one finished run."""
    journal = Journal(path)
    journal.append(PLANNED, "R1", as_of="2026-03-02", letters=1)
    journal.append(ISSUED, "R1", letter="L1", sha256="x")
    journal.append(COMMITTED, "R1", letters=1)
    return journal


def test_records_are_read_back_as_written(tmp_path: Path) -> None:
    """The file holds what was appended, each record hashed with its predecessor."""
    written = filled(tmp_path / "journal.jsonl")
    read = Journal(tmp_path / "journal.jsonl")

    assert written.records == read.records
    assert [START, *(r.hash for r in read.records[:-1])] == [r.previous for r in read.records]


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_changed_record_is_found(tmp_path: Path, line: int) -> None:
    """Whoever edits a record by hand breaks the chain at that line."""
    path = tmp_path / "journal.jsonl"
    filled(path)
    lines = path.read_text().splitlines()
    record = json.loads(lines[line])
    record["facts"]["letters"] = 99
    path.write_text("\n".join([*lines[:line], json.dumps(record), *lines[line + 1 :]]) + "\n")

    with pytest.raises(HistoryError, match=f"line {line + 1}: the record does not follow"):
        Journal(path)


def test_a_removed_record_is_found(tmp_path: Path) -> None:
    """A record taken out of the middle breaks the chain."""
    path = tmp_path / "journal.jsonl"
    filled(path)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[2]]) + "\n")

    with pytest.raises(HistoryError, match="line 2"):
        Journal(path)


def test_a_line_that_is_no_record_is_found(tmp_path: Path) -> None:
    """Foreign text in the journal is named with its line."""
    path = tmp_path / "journal.jsonl"
    path.write_text("hello\n")

    with pytest.raises(HistoryError, match="line 1: this is not a journal record"):
        Journal(path)


def test_a_record_cut_short_by_a_crash_never_counted(tmp_path: Path) -> None:
    """A last line without its end is dropped, and the next record takes its place."""
    path = tmp_path / "journal.jsonl"
    filled(path)
    with path.open("ab") as file:
        file.write(b'{"number": 4, "kind": "pla')
    journal = Journal(path)
    journal.append(PLANNED, "R2", as_of="2026-03-16")

    assert ["R1", "R1", "R1", "R2"] == [r.run for r in Journal(path).records]


def test_runs_that_were_begun_and_runs_that_were_finished(tmp_path: Path) -> None:
    """A run that was planned and not committed is known, with its date."""
    journal = filled(tmp_path / "journal.jsonl")
    journal.append(PLANNED, "R2", as_of="2026-03-16")

    assert (["R1", "R2"], {"R1"}, "2026-03-16") == (journal.planned(), journal.committed(), journal.last_as_of())


def test_two_writers_never_share_a_journal(tmp_path: Path) -> None:
    """A journal that grew under another hand is not written to, and stays whole."""
    path = tmp_path / "journal.jsonl"
    one, other = filled(path), Journal(path)
    one.append(PLANNED, "R2", as_of="2026-03-16")
    with pytest.raises(HistoryError, match="was changed by another program"):
        other.append(PLANNED, "R3", as_of="2026-03-16")

    assert one.records == Journal(path).records
