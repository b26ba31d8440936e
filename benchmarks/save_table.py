"""Putting 100,000 rows of 15 columns into a table of a workbook that has other things in it: ours beside openpyxl and XlsxWriter.

`python -m benchmarks.save_table` prints one table: seconds from the frame to the file on disk, and the peak memory of the whole process, each
way in a process of its own, medians (needs Linux). openpyxl and our patch change an existing workbook; XlsxWriter cannot: it writes a new one.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd

from rules.row import Code, Day, Id, Minor, Row, Text, col, typed

ROWS = 100_000
RUNS = 3


class Line(Row):
    payer: Id = col("Payer | P | P", "")
    payer_name: Text = col("Name | N | N", "")
    document: Id = col("Document | D | D", "")
    instalment: Id = col("Instalment | I | I", "")
    kind: Code = col("Kind | K | K", "")
    document_date: Day = col("Document date | DD | DD", "")
    due_date: Day = col("Due date | DU | DU", "")
    currency: Id = col("Currency | C | C", "")
    original_minor: Minor = col("Original | O | O", "", unit="currency")
    open_minor: Minor = col("Open | OP | OP", "", unit="currency")
    reference: Text = col("Reference | R | R", "")
    level: int = col("Level | L | L", "")
    days_overdue: int = col("Days overdue | DO | DO", "")
    bucket: Code = col("Age | A | A", "")
    note: Text = col("Note | NO | NO", "")


def lines(rows: int) -> pd.DataFrame:
    """A ledger that looks like one: 5,000 payers, three currencies, a note on every twentieth line."""
    random, n = np.random.default_rng(1), np.arange(rows)
    payer = random.integers(0, 5000, rows)
    due = np.datetime64("2025-01-01") + random.integers(0, 400, rows)
    amount = random.integers(-50_000, 5_000_000, rows)
    overdue = (np.datetime64("2026-01-31") - due).astype(int)
    made = {
        "payer": [f"{p:08d}" for p in payer], "payer_name": [f"Müller & Söhne {p} GmbH" for p in payer], "document": [f"INV{k:08d}" for k in n],
        "instalment": np.where(n % 7 == 0, "1", ""), "kind": np.where(amount < 0, "credit", "invoice"),
        "document_date": due - 30, "due_date": due, "currency": np.array(["EUR", "USD", "JPY"])[payer % 3],
        "original_minor": amount, "open_minor": amount, "reference": [f"PO-{k * 7}" for k in n], "level": random.integers(0, 4, rows),
        "days_overdue": overdue, "bucket": np.where(overdue > 90, "90+", "not due"), "note": np.where(n % 20 == 0, "called, will pay next week", ""),
    }  # fmt: skip
    return typed(pd.DataFrame(made), Line)


def cells(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    """The same rows as Python values, as the other two take them."""
    scale = np.where(frame["currency"] == "JPY", 1, 100)
    shown = frame.assign(original_minor=frame["original_minor"] / scale, open_minor=frame["open_minor"] / scale)
    return list(zip(*(shown[name].tolist() for name in shown), strict=True))


def workbook(path: Path, frame: pd.DataFrame, *, rich: bool = True) -> None:
    """The rows written by XlsxWriter in its frugal way; `rich`: as a table, with a user's own sheet, formulas, a chart, formats and validations."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": not rich, "strings_to_formulas": False}) as book:
        day, money = book.add_format({"num_format": 14}), book.add_format({"num_format": "#,##0.00"})
        sheet = book.add_worksheet("Ledger")
        styles = [day if name.endswith("_date") else money if name.endswith("_minor") else None for name in frame]
        for column, name in enumerate(frame):
            sheet.write_string(0, column, name)
        for number, row in enumerate(cells(frame), 1):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif isinstance(value, datetime):
                    sheet.write_datetime(number, column, value, day)
                else:
                    sheet.write_number(number, column, value, styles[column])
        last = len(frame)
        if rich:
            sheet.add_table(0, 0, last, len(frame.columns) - 1, {"name": "tblLedger", "columns": [{"header": n} for n in frame]})
            sheet.conditional_format(1, 12, last, 12, {"type": "cell", "criteria": ">", "value": 90, "format": book.add_format({"bold": True})})
            sheet.data_validation(1, 4, last, 4, {"validate": "list", "source": ["invoice", "credit"]})
            own = book.add_worksheet("Mine")
            for k in range(2000):
                own.write_row(k, 0, [k, f"remark {k}", k * 1.5])
                own.write_formula(k, 3, f"=C{k + 1}*2", None, k * 3)
            chart = book.add_chart({"type": "line"})
            chart.add_series({"values": "=Mine!$C$1:$C$2000"})
            own.insert_chart("F2", chart)


def by_patch(source: Path, target: Path, frame: pd.DataFrame) -> None:
    from workbook.cells import written
    from workbook.package import Package
    from workbook.patch import patch
    from workbook.sheet import Fill

    package = Package(source.read_bytes())
    columns = written(frame, Line, "en", "EUR")
    fill = Fill(package.tables[0], dict(enumerate(columns.values(), 1)), len(frame))
    with target.open("wb") as out:
        patch(package, out, [fill], {})


def by_openpyxl(source: Path, target: Path, frame: pd.DataFrame) -> None:
    import openpyxl

    book = openpyxl.load_workbook(source)
    sheet = book["Ledger"]
    for number, row in enumerate(cells(frame), 2):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column, value)
    sheet.tables["tblLedger"].ref = f"A1:O{len(frame) + 1}"
    book.save(target)


def by_xlsxwriter(source: Path, target: Path, frame: pd.DataFrame) -> None:
    workbook(target, frame, rich=False)


WAYS = {"patch": by_patch, "openpyxl": by_openpyxl, "xlsxwriter": by_xlsxwriter}


def one(way: str, source: Path) -> None:
    """One run in this process: seconds and megabytes as JSON."""
    frame, target = lines(ROWS), source.with_name("out.xlsx")
    import_module({"patch": "workbook.patch"}.get(way, way))
    started = time.perf_counter()
    WAYS[way](source, target, frame)
    seconds = time.perf_counter() - started
    print(json.dumps([seconds, int(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))[0]) / 1024]))


def agree(target: Path) -> None:
    """Refuse to compare what is not the same: the file must hold the rows."""
    import fastexcel

    read = fastexcel.read_excel(target).load_sheet("Ledger").to_pandas()
    found, expected = (len(read), round(read.iloc[:, 9].sum(), 2)), (ROWS, round(sum(r[9] for r in cells(lines(ROWS))), 2))
    if found != expected:
        raise SystemExit(f"{target} holds {found}, expected {expected}")


def measured(way: str, source: Path) -> tuple[float, float]:
    """Median seconds and megabytes of a few runs."""
    runs = [
        json.loads(subprocess.run([sys.executable, "-m", __spec__.name, way, str(source)], check=True, capture_output=True, text=True).stdout)
        for _ in range(RUNS)
    ]
    agree(source.with_name("out.xlsx"))
    return statistics.median(r[0] for r in runs), statistics.median(r[1] for r in runs)


def main() -> None:
    """All ways, one table."""
    with tempfile.TemporaryDirectory() as folder:
        small, full = Path(folder) / "small.xlsx", Path(folder) / "full.xlsx"
        workbook(small, lines(2))
        workbook(full, lines(ROWS))
        patched = {"a table of 2 rows": small, "a table of as many rows": full}
        print("| way | seconds | times as long | peak MB |\n|---|---:|---:|---:|")
        base = {}
        for what, source in patched.items():
            seconds, memory = base[what] = measured("patch", source)
            print(f"| patch, into {what} | {seconds:.2f} | 1 | {memory:.0f} |")
        for what, source in patched.items():
            seconds, memory = measured("openpyxl", source)
            print(f"| openpyxl load + save, into {what} | {seconds:.2f} | {seconds / base[what][0]:.0f} | {memory:.0f} |")
        seconds, memory = measured("xlsxwriter", small)
        against = " / ".join(f"{seconds / own[0]:.0f}" for own in base.values())
        print(f"| XlsxWriter constant_memory, a new file | {seconds:.2f} | {against} | {memory:.0f} |")


if __name__ == "__main__":
    if sys.argv[1:]:
        one(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
