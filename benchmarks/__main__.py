"""Runs every benchmark in a process of its own and writes docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import psutil

BENCHMARKS = {  # module: heading; each prints a table
    "engine": "The rules on a million lines",
    "scale": "The commands on ledgers of two sizes",
    "reading": "Opening an export",
    "save_table": "Saving one table",
    "letters": "5,000 letters",
    "pdf": "Letters as PDF",
    "run": "A run of 10,000 letters",
    "startup": "What a click pays before its work begins",
}
TARGET = Path(__file__).parents[1] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench`. Seconds are what a clock on the wall shows, so they and their ratios are only worth something from an idle machine:
the load before the run is part of the next line.

{machine}.
"""


def machine() -> str:
    """What was measured on: processor, cores, memory, system, versions, and how many processes were already at work."""
    described = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in described if line.startswith("model name")]
    processor = models[0] if models else platform.machine()
    memory = round(psutil.virtual_memory().total / 2**30)
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, pandas {version('pandas')}"
    busy = f"load {os.getloadavg()[0]:.1f} before the run"
    return f"{processor}, {os.cpu_count()} cores, {memory} GB, {system}, {busy}"


def main() -> None:
    """Write the page; a benchmark that fails ends the run and leaves the page as it was."""
    parts = [HEAD.format(machine=machine())]
    for name, heading in BENCHMARKS.items():
        print(f"benchmarks.{name} …", file=sys.stderr, flush=True)
        run = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], stdout=subprocess.PIPE, text=True, check=True)
        about = (import_module(f"benchmarks.{name}").__doc__ or "").strip()
        parts.append(f"## {heading}\n\n{about}\n\n{run.stdout.strip()}\n")
    TARGET.write_text("\n".join(parts), encoding="utf-8")
    print(TARGET.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
