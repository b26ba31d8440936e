"""Old and open spreadsheets (.xls, .xlsb, .ods), read in a process of its own: a sheet that would end the process ends that one.

What such a sheet says of its size cannot be looked at beforehand, and the reader allocates whatever it says.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from rules.errors import LedgerError
from rules.findings import Finding
from rules.model import Severity
from workbook import guard
from workbook.guard import Caps
from workbook.ledgers.containers import xlsx
from workbook.ledgers.containers.sheet_xml import Seen, is_mask
from workbook.ledgers.grid import Grid

READER = Path(__file__).with_name("sheet_process.py")
SECONDS = 600  # a million lines take about one minute
BASE = 1 << 30  # bytes of address space the reader takes before it reads
PLACE = 64  # bytes a cell takes there: its value and, once more, its text
STYLES = 1 << 20  # bytes of a part in which formats are looked for
XLS_FORMAT = re.compile(rb"\x1e\x04..(?:[\xa4-\xff]\x00|.[\x01-\xff])(.)\x00\x00([ -~]+)", re.DOTALL)  # a record FORMAT of BIFF8: length and text
XLSB_FORMAT = re.compile(rb"(.)\0\0\0((?:[ -~]\0)+)", re.DOTALL)
ODS_FORMAT = re.compile(rb'number:min-integer-digits="(?:[2-9]|[1-9][0-9])"')


def read(path: Path, container: str, caps: Caps, sheet: str = "") -> list[Grid]:
    """The visible sheets that are not empty, or the one named `sheet`, hidden or not. The guard must have passed the file. Raises LedgerError."""
    if container == "ods":
        _check_odf(path)
    command = [sys.executable, "-I", str(READER), str(path.resolve()), str(_memory(caps)), sheet]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as slow:
        raise LedgerError(
            f"{path.name} was not read within {SECONDS // 60} minutes. Open it in Excel and save it as .xlsx, or export a csv."
        ) from slow
    if done.returncode == 1:
        why = subprocess.SubprocessError(done.stderr.decode("utf-8", "replace"))
        if "assword" in str(why):
            raise LedgerError(guard.PROTECTED.format(name=path.name)) from why
        raise LedgerError(f"{path.name} cannot be read as a workbook: it is damaged. Open it in Excel and save it as .xlsx.") from why
    if done.returncode:
        raise LedgerError(
            f"{path.name} would take more memory than a workbook of its size needs, or is damaged. Open it in Excel, delete the empty rows below and"
            " the empty columns beside the table, and save it as .xlsx."
        )
    grids: list[Grid] = []
    hidden: list[str] = []
    source = pa.BufferReader(done.stdout)
    while source.tell() < len(done.stdout):
        with pa.ipc.open_stream(source) as stream:
            batches, about = list(stream), json.loads(stream.schema.metadata[b"sheet"])
        if about["hidden"]:
            hidden.append(about["name"])
            continue
        batch = batches[0]
        if container == "ods":
            batch = _spaced_times(batch)
        grids.append(xlsx.sheet_grid(path, container, about["name"], batch, about["wrong"], frozenset(about["numeric"]), Seen()))
    grids = xlsx.visible(path, grids, hidden, sheet)
    if _has_masks(path, container):
        grids[0].findings.append(Finding("export_masks", Severity.WARNING, place=path.name, values={"container": container}))
    return grids


def _has_masks(path: Path, container: str) -> bool:
    """Whether a number format shows zeros in front of numbers, which the reader does not tell."""
    if container == "xls":
        return any(is_mask(text[: length[0]].decode("ascii").split(";")[0]) for length, text in XLS_FORMAT.findall(path.read_bytes()))
    with zipfile.ZipFile(path) as package:
        wanted = ("xl/styles.bin",) if container == "xlsb" else ("styles.xml", "content.xml")
        parts = [part for part in package.namelist() if part.casefold() in wanted]
        styles = b"".join(package.open(part).read(STYLES) for part in parts)
    if container == "ods":
        return bool(ODS_FORMAT.search(styles))
    return any(is_mask(text[: 2 * length[0]].decode("utf-16-le").split(";")[0]) for length, text in XLSB_FORMAT.findall(styles))


def _memory(caps: Caps) -> int:
    """Bytes the reader may take: what the largest sheet needs, at most three quarters of the machine."""
    wanted = BASE + caps.cells * PLACE
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return min(wanted, max(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 3 // 4, 2 * BASE))
    return wanted


def _check_odf(path: Path) -> None:
    """Raise LedgerError unless an open document is a spreadsheet without password."""
    with zipfile.ZipFile(path) as package:
        names = set(package.namelist())
        kind = package.read("mimetype")[:200].decode("ascii", "replace")
        manifest = package.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    if "encrypted-package" in names or b"encryption-data" in manifest:
        raise LedgerError(f"{path.name} is protected by a password. Save a copy without password and use that copy.")
    if "opendocument.spreadsheet" not in kind:
        raise LedgerError(f"{path.name} is an open document, but not a spreadsheet. Export the open items as .ods, .xlsx or .csv.")


def _spaced_times(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Dates with a time as the other sheets have them: a blank instead of the T."""
    moment = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9:.]+)$"
    columns = [pc.replace_substring_regex(column, moment, r"\1 \2") for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)
