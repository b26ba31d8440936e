"""The letters of an issued run that are to be sent: as they were issued, without those taken back or not delivered."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from addin.issuing import frozen
from addin.report import count
from addin.runs import letter_folder, ready
from letter_templates.names import safe_name
from rules.errors import HistoryError
from rules.model import Channel, HistoryEntry
from rules.standing import in_force
from workbook.book import Book
from workbook.journal import ISSUED, Journal


@dataclass(frozen=True)
class Issued:
    """A letter of a run, as it was issued."""

    number: str
    file: str  # in the letter folder
    path: Path
    sha256: str
    channel: str
    context: dict[str, Any]
    entries: list[dict[str, Any]]  # what the history says of its lines

    @property
    def payer(self) -> tuple[str, str]:
        """Company and number."""
        return str(self.entries[0]["company"]), str(self.entries[0]["payer"])

    def content(self) -> bytes:
        """The letter's file. Raises HistoryError when it is not the one that was issued."""
        content = self.path.read_bytes() if self.path.exists() else None
        if content is None or hashlib.sha256(content).hexdigest() != self.sha256:
            what, first = "is missing", "Write"
            if content is not None:
                what, first = "was changed since it was issued", "Move the changed file to another folder, write"
            raise HistoryError(
                f"The letter {self.path} {what}; only what was issued is sent. {first} the letter again (reprint {self.number}), "
                "then run the command again."
            )
        return content


@dataclass(frozen=True)
class Batch:
    """The letters of a run that are to be sent."""

    run: str
    folder: Path
    as_of: date
    letters: list[Issued]
    taken_back: list[Issued]
    channel: str = ""  # only letters that go by it
    payers: tuple[str, ...] = ()  # only letters to these

    def some(self) -> Batch:
        """Itself. Raises HistoryError when there is nothing to send."""
        if not self.letters:
            why = "all were taken back or did not arrive" if self.taken_back else "none goes by it"
            raise HistoryError(f"The run {self.run} has no letter{self._among()} to send: {why}.")
        return self

    def file(self, kind: str, suffix: str) -> Path:
        """Where a file about all of them lies: named by the run, what it is, and what narrowed it."""
        return self.folder / safe_name("_".join(filter(None, (self.run, kind, self.channel, *self.payers))), suffix)

    def _among(self) -> str:
        to = f" to the payer{'s' * (len(self.payers) > 1)} {', '.join(self.payers)}" if self.payers else ""
        return to + (f" with the channel {self.channel}" if self.channel else "")

    def told(self, made: str) -> str:
        """The sentence of the answer."""
        left = f" Left out, because taken back or not delivered: {count(len(self.taken_back), 'letter')}." if self.taken_back else ""
        registered = sum(letter.channel == Channel.REGISTERED for letter in self.letters)
        apart = f" To go registered: {count(registered, 'letter')}." if registered and not self.channel else ""
        return f"{count(len(self.letters), 'letter')}{self._among()} of the run {self.run}: {made}{apart}{left}"

    def facts(self, **more: Any) -> dict[str, Any]:
        """The figures of the answer."""
        return {"run": self.run, "letters": len(self.letters), "left_out": len(self.taken_back), **more}


def batch(book: Book, run: str = "", channel: str = "", payers: Sequence[str] = ()) -> Batch:
    """The letters of a run, the last one without `run`, checked against journal and disk; only those that go by `channel` or to `payers`, when given.

    Raises HistoryError when one is missing or was changed, and for a payer to whom the run has no letter.
    """
    journal = ready(book)
    number = _run(journal, run)
    folder = letter_folder(book)
    plan = frozen(folder, journal, number)
    hashes = {str(r.facts["letter"]): str(r.facts["sha256"]) for r in journal.of_run(number, ISSUED)}
    letters = [
        Issued(x["letter"], x["file"], folder / x["file"], hashes[x["letter"]], x["history"][0]["channel"], x["context"], x["history"])
        for x in plan["letters"]
    ]
    standing = in_force(book.read(HistoryEntry))
    valid = set(standing.loc[standing["level"] > 0, "letter"])
    if unknown := sorted(set(payers) - {letter.payer[1] for letter in letters}):
        raise HistoryError(
            f"The run {number} has no letter to the payer {unknown[0]!r}. Take the number from the column Payer of the sheet Reminder history, or "
            "name another run."
        )
    chosen = [x for x in letters if (not channel or x.channel == channel) and (not payers or x.payer[1] in payers)]
    sent = [letter for letter in chosen if letter.file in valid]
    for at, letter in enumerate(sent, start=1):
        letter.content()
        book.progress("check", at, len(sent))
    return Batch(number, folder / number, date.fromisoformat(plan["as_of"]), sent, [x for x in chosen if x.file not in valid], channel, tuple(payers))


def _run(journal: Journal, run: str) -> str:
    known = [number for number in journal.planned() if number in journal.committed()]
    if not known:
        raise HistoryError("No run was issued yet. Issue first.")
    if run and run not in known:
        raise HistoryError(f"There is no issued run {run!r}. The last ones are: {', '.join(known[-5:])}.")
    return run or known[-1]
