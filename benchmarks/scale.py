"""Seconds and peak memory of the real commands on a usual month-end ledger and on one twenty times as long.

Each command is a process of its own: starting Python, reading the workbook and saving it are in the figures. Medians of three months, each with
a new workbook. Memory is the kernel's own peak of the process (needs Linux).
"""

# The kernel counts what the parent held when it started the command, so this module stays small: it imports no pandas, and the ledgers are
# written by processes of their own.

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

LEDGERS = ((9_700, 1_400), (200_000, 20_000))  # lines, payers
AS_OF = "2026-03-02"
RUNS = 3


@dataclass(frozen=True)
class Cost:
    """What one command took."""

    seconds: float
    peak_mb: float


def cost(*command: str) -> Cost:
    """Run a command to its end; a failing one ends the benchmark with the command's own words."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        start = perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{said.read()}")
    return Cost(seconds, usage.ru_maxrss / 1024)


def costs(export: Path, book: Path) -> dict[str, Cost]:
    """The month of one export in a new workbook: the import, the assessment and proposal, the same import again."""
    dunning = str(Path(sys.executable).with_name("dunning"))
    read = (dunning, "import", str(book), str(export), "--as-of", AS_OF, "--currency", "EUR")
    cost(dunning, "new", str(book), "--language", "en")
    return {
        "import": cost(*read),
        "assess and propose": cost(dunning, "propose", str(book), "--as-of", AS_OF, "--json"),
        "import again": cost(*read),
    }


def medians(runs: list[dict[str, Cost]]) -> dict[str, Cost]:
    """The median of seconds and of memory, command by command."""
    return {
        command: Cost(statistics.median(r[command].seconds for r in runs), statistics.median(r[command].peak_mb for r in runs)) for command in runs[0]
    }


def table(found: dict[int, dict[str, Cost]]) -> str:
    """The markdown table: one row per command, one pair of columns per ledger, and how many times longer the long one takes."""
    small, large = found
    lines = [
        f"| command | {small:,} lines | peak | {large:,} lines | peak | {large / small:.1f} times the lines take |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for command, low in found[small].items():
        high = found[large][command]
        lines.append(
            f"| {command} | {low.seconds:.1f} s | {low.peak_mb:,.0f} MB | {high.seconds:.1f} s | {high.peak_mb:,.0f} MB "
            f"| {high.seconds / low.seconds:.1f} times as long |"
        )
    return "\n".join(lines)


def main() -> str:
    """The markdown of this benchmark."""
    found: dict[int, dict[str, Cost]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for lines, payers in LEDGERS:
            export = folder / f"ledger-{lines}.csv"
            subprocess.run([sys.executable, "-m", "benchmarks.ledgers", str(lines), str(payers), "1", str(export)], check=True)
            found[lines] = medians([costs(export, folder / f"{lines}-{run}.xlsx") for run in range(RUNS)])
    return table(found)


if __name__ == "__main__":
    print(main())
