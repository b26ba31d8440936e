"""What a click pays before its work begins: a new Python imports xlwings, then the ribbon, then what the command needs.

Measured by `python -X importtime`, the least of three runs after one that compiles. The command is called with a workbook that ends it at the first
touch, so work is not part of it. Heaviest: the packages that cost most, milliseconds of their own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter

RUNS = 3
HEAVIEST = 3
MARK = "== "
CODE = """
import contextlib, sys
def mark(name): print("== " + name, file=sys.stderr, flush=True)
mark("xlwings")
import xlwings
mark("ribbon")
import addin.ribbon
mark("command")
class Touched(BaseException):
    pass
class Book:
    def __getattr__(self, name):
        raise Touched
given = dict(as_of="2026-03-31", file="x.csv", export="x.csv", statement="x.xml", book="x", rules="x", payer="1", document="1", letter="1",
             letters="1", state="sent", reason="x", countries="FR", language="en")
if len(sys.argv) > 1:
    with contextlib.suppress(Touched, Exception):
        addin.ribbon.VERBS[sys.argv[1]](Book(), given)
mark("end")
"""
LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")


def phases(*verb: str) -> dict[str, Counter[str]]:
    """Phase to the microseconds that each package took there."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:  # a new workbook is really made: the command needs no other for that
        command = [sys.executable, "-X", "importtime", "-c", CODE, *verb]
        run = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=folder)
    found: dict[str, Counter[str]] = {"": Counter()}
    now = found[""]
    for line in run.stderr.splitlines():
        if line.startswith(MARK):
            now = found.setdefault(line.removeprefix(MARK), Counter())
        elif told := LINE.match(line):
            now[told[2].partition(".")[0]] += int(told[1])
    return found


def least(*verb: str) -> dict[str, Counter[str]]:
    """The quickest of several runs."""
    phases(*verb)
    return min((phases(*verb) for _ in range(RUNS)), key=lambda run: sum(sum(phase.values()) for phase in run.values()))


def main() -> None:
    """Print a table: a line for what every click pays, then one for each command."""
    from addin.controls import CONTROLS

    print("| what | ms | heaviest |\n|---|---|---|")
    basis = least()
    for name, phase in (("`import xlwings`", "xlwings"), ("`import addin.ribbon` on top", "ribbon")):
        print(_line(name, basis[phase]))
    for verb in [control.verb for control in CONTROLS]:
        print(_line(f"{verb}, on top", least(verb)["command"]), flush=True)


def _line(name: str, took: Counter[str]) -> str:
    heaviest = ", ".join(f"{package} {microseconds // 1000}" for package, microseconds in took.most_common(HEAVIEST) if microseconds >= 1000)
    return f"| {name} | {sum(took.values()) / 1000:,.0f} | {heaviest} |"


if __name__ == "__main__":
    main()
