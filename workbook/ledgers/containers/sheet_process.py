"""A process that reads the sheets of one workbook onto its standard output, as Arrow; run by path, so that it loads nothing but the reader.

Arguments: the file, the bytes of memory it may take, and the only sheet to read (empty: all). Each sheet is a stream whose schema says its name,
whether it is hidden, the cells with an error value, and the columns in which what looks like thousands is a number. It ends with 1 and a sentence
when the file cannot be read.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
from pathlib import Path

import fastexcel
import pyarrow as pa

DOUBTFUL = re.compile(r"^-?[0-9]{1,3}\.[0-9]{3}$")


def main(path: str, memory: int, wanted: str) -> int:
    """Read the workbook; 0 when all went well."""
    _limit(memory)
    try:
        reader = fastexcel.read_excel(Path(path).read_bytes())  # by path the reader would believe the ending of the name
        for name in [wanted] if wanted in reader.sheet_names else reader.sheet_names:
            sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            if not (sheet.height and sheet.width):
                continue
            hidden = sheet.visible != "visible" and name != wanted
            batch, errors = sheet.to_arrow_with_errors()
            wrong = [(*error.position, error.detail) for error in errors.errors] if errors else []
            about = {"name": name, "hidden": hidden, "wrong": wrong, "numeric": [] if hidden else _numeric(reader, name, batch)}
            batch = batch.rename_columns([str(at) for at in range(batch.num_columns)]).replace_schema_metadata({"sheet": json.dumps(about)})
            with pa.ipc.new_stream(pa.PythonFile(sys.stdout.buffer), batch.schema) as out:
                if not hidden:
                    out.write_batch(batch)
    except fastexcel.FastExcelError as unreadable:
        sys.stderr.write(str(unreadable).splitlines()[0])
        return 1
    return 0


def _limit(memory: int) -> None:
    with contextlib.suppress(ImportError):  # Windows has none: there the system ends the process when memory runs out
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _numeric(reader: fastexcel.ExcelReader, sheet: str, batch: pa.RecordBatch) -> list[int]:
    found: list[int] = []
    for column, texts in enumerate(batch.columns):
        first = next((at for at, text in enumerate(texts.to_pylist()) if text and DOUBTFUL.match(text)), None)
        if first is not None:
            rest = reader.load_sheet(sheet, header_row=None, skip_rows=first, use_columns=[column], schema_sample_rows=None)
            if rest.to_arrow().schema.types[0] in (pa.float64(), pa.int64()):
                found.append(column)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
