"""The journal of runs: an append-only file beside the letters, each record hashed with its predecessor; and what is unfinished in it.

A run leaves `planned`, one `issued` per letter after its file is written, and `committed` once the workbook holds the history. Calls and undone
letters leave one record, `entered`, that holds their history entries; the workbook follows in one save. The chain shows edits and removals in the
middle; a cut tail shows against the head and count that the workbook keeps on its sheet About.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from rules.errors import HistoryError
from rules.ways import Way
from workbook.writing import patiently, settle, told

PLANNED, ISSUED, COMMITTED, ENTERED = "planned", "issued", "committed", "entered"
START = "0" * 64


@dataclass(frozen=True)
class Record:
    """One line of the journal."""

    number: int
    kind: str
    run: str
    facts: dict[str, Any]
    previous: str
    hash: str

    @staticmethod
    def digest(number: int, kind: str, run: str, facts: dict[str, Any], previous: str) -> str:
        """SHA-256 over the record and its predecessor's hash."""
        body = json.dumps([number, kind, run, facts, previous], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(body.encode()).hexdigest()


class Journal:
    """The journal at `path`; it is read and checked once, then grows with `append`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records: list[Record] = []
        self.torn = 0  # bytes of a record that a crash cut short
        self._size = 0  # of the file, as this object knows it
        self._read()

    @property
    def head(self) -> str:
        """Hash of the last record."""
        return self.records[-1].hash if self.records else START

    def _read(self) -> None:
        """Reads and checks the chain. A last line without its end is a record that a crash cut short: it never counted and is dropped."""
        if not self.path.exists():
            return
        content = self.path.read_bytes()
        whole, _, cut = content.rpartition(b"\n")
        for line, text in enumerate(whole.split(b"\n") if whole else [], start=1):
            try:
                record = Record(**json.loads(text))
            except (ValueError, TypeError):
                raise HistoryError(f"{self.path.name}, line {line}: this is not a journal record. {_ASIDE}", _VERIFY) from None
            expected = Record.digest(line, record.kind, record.run, record.facts, self.head)
            if record.number != line or record.previous != self.head or record.hash != expected:
                raise HistoryError(
                    f"{self.path.name}, line {line}: the record does not follow from the one before; the journal was changed by hand. {_ASIDE}",
                    _VERIFY,
                )
            self.records.append(record)
        self.torn, self._size = len(cut), len(content)

    @contextmanager
    def alone(self) -> Iterator[Journal]:
        """The journal read afresh, with no other run beside this one. Raises HistoryError when another program is issuing."""
        lock = FileLock(self.path.with_name(".lock"), timeout=0)
        with told(self.path.parent):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire()
            except Timeout:
                raise HistoryError(
                    f"Another program is issuing letters into {self.path.parent} at this moment. Wait until it has finished, then try again."
                ) from None
        try:
            yield Journal(self.path)
        finally:
            lock.release()

    def append(self, kind: str, run: str, **facts: Any) -> Record:
        """Add a record and return only when it is on the disk."""
        self.append_all(kind, run, [facts])
        return self.records[-1]

    def append_all(self, kind: str, run: str, facts: Sequence[dict[str, Any]]) -> None:
        """Add records of one kind, one for each of `facts`, and return only when they are on the disk; a crash leaves the first of them, or none."""
        made: list[Record] = []
        for one in facts:
            number, previous = len(self.records) + len(made) + 1, made[-1].hash if made else self.head
            made.append(Record(number, kind, run, one, previous, Record.digest(number, kind, run, one, previous)))
        lines = b"".join(json.dumps(record.__dict__, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for record in made)
        fresh = not self.path.exists()
        if (0 if fresh else self.path.stat().st_size) != self._size:
            raise HistoryError(f"{self.path} was changed by another program while this one worked. Nothing more was written: try again.")
        with told(self.path), patiently(lambda: self.path.open("r+b" if not fresh else "xb")) as file:
            if not fresh:
                file.seek(0, os.SEEK_END)
                if self.torn:
                    file.seek(-self.torn, os.SEEK_END)
                    file.truncate()
                    self.torn = 0
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
            self._size = file.tell()
        if fresh:
            settle(self.path.parent)
        self.records += made

    def of_run(self, run: str, kind: str) -> list[Record]:
        """The records of one kind of one run."""
        return [r for r in self.records if r.run == run and r.kind == kind]

    def planned(self) -> list[str]:
        """All runs that were begun, in their order."""
        return [r.run for r in self.records if r.kind == PLANNED]

    def begun(self) -> list[str]:
        """All runs, and all that was entered beside them, in their order: so they follow each other in the history."""
        return [r.run for r in self.records if r.kind in (PLANNED, ENTERED)]

    def committed(self) -> set[str]:
        """The runs whose history some copy of the workbook holds."""
        return {r.run for r in self.records if r.kind == COMMITTED}

    def last_as_of(self) -> str:
        """The as-of date (ISO) of the last planned run, or ""."""
        return max((str(r.facts["as_of"]) for r in self.records if r.kind == PLANNED), default="")


_ASIDE = "Put back the journal from a backup of the letter folder, then verify it."
_VERIFY = Way("", of="verify")
