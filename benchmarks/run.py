"""10,000 letters issued from a real proposal, the journal on: what each command takes, and what is left after a kill at any moment.

`python -m benchmarks.run` prints two tables. Each command is a process of its own: starting Python, reading the workbook and saving it are in the
figures; memory is the kernel's peak of the largest of its processes. Then `issue` begins several times from the same proposal, is killed with all it
started at a moment drawn at random, and called again. Duplicates are letters in the history more often than once for a line and a level; missing are
letters of the first run without a file or without their lines in the history; other: files that are not byte for byte those of the run that nobody
killed. `verify` must agree each time. Needs Linux.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

from benchmarks.scale import AS_OF, Cost, cost

LINES, PAYERS = 67_200, 11_200  # nine in ten are reminded
KILLS, SEED = 5, 20260302
DUNNING = str(Path(sys.executable).with_name("dunning"))
CHECK = """
import json, sys
from pathlib import Path
from rules.model import HistoryEntry
from workbook.file import FileBook
history = FileBook.open(Path(sys.argv[1])).read(HistoryEntry)
key = ["company", "payer", "document", "instalment", "level"]
told = history[history["event"] == "letter"]
print(json.dumps({"letters": sorted(set(told["letter"])), "lines": len(told), "twice": int(told.duplicated(key).sum())}))
"""


@dataclass(frozen=True)
class Left:
    """What a run left behind: the bytes of its letters by name, and what the history says."""

    files: dict[str, bytes]
    letters: list[str]
    lines: int
    twice: int

    @classmethod
    def of(cls, book: Path) -> Left:
        """Reads it; `verify` has to agree."""
        cost(DUNNING, "verify", str(book))
        told = json.loads(subprocess.run([sys.executable, "-c", CHECK, str(book)], check=True, stdout=subprocess.PIPE, text=True).stdout)
        return cls({str(path.relative_to(book.parent / "letters")): path.read_bytes() for path in _letters(book)}, **told)


def _letters(book: Path) -> list[Path]:
    return sorted((book.parent / "letters").glob("R*/*.docx"))


def prepared(folder: Path) -> tuple[Path, dict[str, Cost]]:
    """A workbook with a proposal of which every letter is to be sent, and what the commands up to there took."""
    export, book = folder / "ledger.csv", folder / "ledger.xlsx"
    subprocess.run([sys.executable, "-m", "benchmarks.ledgers", str(LINES), str(PAYERS), "1", str(export)], check=True)
    cost(DUNNING, "new", str(book), "--language", "en")
    return book, {
        "import": cost(DUNNING, "import", str(book), str(export), "--as-of", AS_OF, "--currency", "EUR"),
        "propose": cost(DUNNING, "propose", str(book), "--as-of", AS_OF, "--json"),
        "review": cost(DUNNING, "review", str(book), "--send", "all", "--json"),
    }


def killed(book: Path, after: float) -> int:
    """Begins `issue`, ends it and what it started after so many seconds; answers how many letters lay there then."""
    begun = subprocess.Popen([DUNNING, "issue", str(book)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    sleep(after)
    os.killpg(begun.pid, signal.SIGKILL)
    begun.wait()
    return len(_letters(book))


def trial(before: Path, after: float, whole: Left) -> str:
    """One row: a kill, the rerun, and what differs from the run that nobody killed."""
    with tempfile.TemporaryDirectory(dir=before.parent) as name:
        book = Path(name) / before.name
        shutil.copyfile(before, book)
        there = killed(book, after)
        started = perf_counter()
        cost(DUNNING, "issue", str(book))
        took, left = perf_counter() - started, Left.of(book)
    missing = {*whole.files} - {*left.files} | {*whole.letters} - {*left.letters}
    other = [file for file, content in left.files.items() if whole.files.get(file) != content]
    if left.lines != whole.lines:
        raise SystemExit(f"the history has {left.lines} lines of letters, it should have {whole.lines}")
    return f"| {after:.1f} s | {there:,} | {took:.1f} s | {len(left.files):,} | {left.twice} | {len(missing)} | {len(other)} |"


def main() -> None:
    """Both tables."""
    with tempfile.TemporaryDirectory() as name:
        before, costs = prepared(Path(name))
        (issued := Path(name) / "whole").mkdir()
        book = issued / before.name
        shutil.copyfile(before, book)
        costs["issue"] = cost(DUNNING, "issue", str(book))
        whole = Left.of(book)
        costs["verify"] = cost(DUNNING, "verify", str(book))
        print(f"{LINES:,} open items of {PAYERS:,} payers; {len(whole.files):,} letters with {whole.lines:,} lines.\n")
        print("| command | seconds | peak MB |\n|---|---:|---:|")
        for command, one in costs.items():
            print(f"| {command} | {one.seconds:.1f} | {one.peak_mb:,.0f} |")
        print(f"\nLetters per second of `issue`: {len(whole.files) / costs['issue'].seconds:,.0f}.\n")
        print("| killed after | letters there | the rerun took | letters | duplicates | missing | other |\n" + "|---:" * 7 + "|", flush=True)
        chance = random.Random(SEED)
        for _ in range(KILLS):
            print(trial(before, chance.uniform(0.1, 0.98) * costs["issue"].seconds, whole), flush=True)


if __name__ == "__main__":
    main()
