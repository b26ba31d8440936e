"""The letters of a run as a table for Word's own mail merge."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from addin.merging import merge_table
from tests.addin.office import Office
from tests.addin.sending.sent import letters


def test_the_merge_table_has_a_row_per_letter(issued: Office) -> None:
    report = merge_table(issued.book())
    sheet, text = map(Path, report.facts["files"])
    rows = list(csv.DictReader(io.StringIO(text.read_bytes().decode("utf-8-sig"))))

    assert ["00017", "00018", "00018"] == [row["payer_number"] for row in rows]
    assert ["Lefèvre & Fils", "Müller GmbH", "Müller GmbH"] == [row["payer_name"] for row in rows]
    assert "compta@lefevre.example; direction@lefevre.example" == rows[0]["email"]
    assert [path.name for path in letters(issued)] == [Path(row["file"]).name for row in rows]
    assert b"PK" == sheet.read_bytes()[:2]
