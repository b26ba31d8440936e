"""Opening a csv of 1,000,000 lines and a workbook of 200,000: our whole way from the file to open items beside readers that hand over cells.

`python -m benchmarks.reading` prints one table: seconds of wall clock and the peak memory of the whole process, each way in a process of its own
that starts its clock once it has loaded what it needs, medians; the ways of one file take turns, so that whatever else the machine does falls on all
of them, to and fro, so that none always takes the memory that the same other one has just given back (needs Linux). Ours guards the file, finds its
kind and its columns, types them, judges every row, and makes items and payers; the others answer what stands in the cells, and every way must find
as many lines and the same sum of open amounts. fastexcel answers Arrow, the plainest way through the standard library the text of the cells.
"""

from __future__ import annotations

import csv
import json
import re
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from importlib import import_module
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any
from xml.etree import ElementTree

from benchmarks.ledgers import AS_OF, ledger, write

CSV_LINES, SHEET_LINES, RUNS = 1_000_000, 200_000, 6
OPEN = "Open amount"
AT = 14  # its column, from 0
NUMBERS, DAYS = {"Original amount", OPEN}, {"Invoice date", "Due date"}
CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def workbook(path: Path) -> None:
    """The export as a sheet: text for what identifies, numbers for amounts, dates for days."""
    import xlsxwriter

    frame = ledger(SHEET_LINES, SHEET_LINES // 10, 1)
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet, day = book.add_worksheet("Open items"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, list(frame))
        columns = [frame[n].astype(float) if n in NUMBERS else frame[n].astype("datetime64[s]") if n in DAYS else frame[n] for n in frame]
        styles = [day if name in DAYS else None for name in frame]
        for number, row in enumerate(zip(*columns, strict=True), 1):
            for column, value in enumerate(row):
                sheet.write(number, column, value, styles[column])


def export(path: Path) -> Any:
    from workbook.ledgers import read_export

    return read_export(path, as_of=AS_OF.date(), company_currency="EUR")


def by_pandas(path: Path) -> Any:
    import pandas as pd

    return pd.read_csv(path, dtype=str)


def by_pyarrow(path: Path) -> Any:
    import pyarrow.csv

    return pyarrow.csv.read_csv(path)


def by_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def by_fastexcel(path: Path) -> Any:
    import fastexcel

    return fastexcel.read_excel(path).load_sheet(0).to_arrow()


def by_openpyxl(path: Path) -> list[tuple[Any, ...]]:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    return list(book.worksheets[0].iter_rows(values_only=True))


def by_zip(path: Path) -> list[list[str]]:
    rows: list[list[str]] = []
    with zipfile.ZipFile(path) as parts, parts.open("xl/worksheets/sheet1.xml") as sheet:
        for _, element in ElementTree.iterparse(sheet):  # noqa: S314 - our own file
            if element.tag == f"{CELL}row":
                rows.append(["".join(cell.itertext()) for cell in element])
                element.clear()
    return rows


def items(read: Any) -> Iterable[Any]:
    return read.items["open_minor"] / 100


def column(read: Any) -> Iterable[Any]:
    return read[OPEN] if hasattr(read, "loc") else read.column(OPEN).to_pylist()


def rows(read: list[Any]) -> Iterable[Any]:
    return [row[AT] for row in islice(read, 1, None)]


WAYS: dict[str, dict[str, tuple[str, str, Callable[[Path], Any], Callable[[Any], Iterable[Any]]]]] = {  # file: way: title, library, reader, amounts
    "ledger.csv": {
        "ours_csv": ("read_export, the whole way", "workbook.ledgers", export, items),
        "pandas": ("pandas.read_csv(dtype=str)", "pandas", by_pandas, column),
        "pyarrow": ("pyarrow.csv.read_csv", "pyarrow.csv", by_pyarrow, column),
        "csv": ("csv.reader", "csv", by_csv, rows),
    },
    "ledger.xlsx": {
        "ours_xlsx": ("read_export, the whole way", "workbook.ledgers", export, items),
        "fastexcel": ("fastexcel to Arrow", "fastexcel", by_fastexcel, column),
        "openpyxl": ("openpyxl read_only", "openpyxl", by_openpyxl, rows),
        "zip": ("zipfile and xml.etree, no types", "zipfile", by_zip, rows),
    },
}
BASE = {"ledger.csv": "pandas", "ledger.xlsx": "fastexcel"}


def one(way: str, folder: Path) -> None:
    """One run in this process: seconds, megabytes, lines and the sum of what is open as JSON."""
    file, (_, library, reader, amounts) = next((f, ways[way]) for f, ways in WAYS.items() if way in ways)
    import_module(library)
    started = perf_counter()
    read = reader(folder / file)
    seconds = perf_counter() - started
    peak = int(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))[0]) / 1024
    cents = [round(float(amount) * 100) for amount in amounts(read)]
    print(json.dumps([seconds, peak, len(cents), sum(cents)]))


def measured(file: str, folder: Path) -> dict[str, tuple[float, float]]:
    """Median seconds and megabytes of every way of a file; the ways take turns, to and fro. Ways that find other lines end the benchmark."""
    runs: dict[str, list[list[float]]] = {way: [] for way in WAYS[file]}
    for turn in range(RUNS):
        for way in list(runs)[:: -1 if turn % 2 else 1]:
            command = [sys.executable, "-m", __spec__.name, way, str(folder)]
            runs[way].append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))
    found = {way: made[0][2:] for way, made in runs.items()}
    if len(set(map(tuple, found.values()))) > 1:
        raise SystemExit(f"The ways do not find the same lines and open amounts in {file}: {found}")
    return {way: (statistics.median(r[0] for r in made), statistics.median(r[1] for r in made)) for way, made in runs.items()}


def main() -> None:
    """Both files, one table."""
    print("| file | way | seconds | times the bare reader | peak MB |\n|---|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(CSV_LINES, CSV_LINES // 10, 1, folder / "ledger.csv")
        workbook(folder / "ledger.xlsx")
        for file, ways in WAYS.items():
            found = measured(file, folder)
            for way, (seconds, memory) in found.items():
                print(f"| {file} | {ways[way][0]} | {seconds:.2f} | {seconds / found[BASE[file]][0]:.2f} | {memory:.0f} |")


if __name__ == "__main__":
    if sys.argv[1:]:
        one(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
