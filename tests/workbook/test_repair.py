"""The check itself: each fault, put into a sound workbook, is named."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.workbook.repair import faults
from workbook.build import build

LEDGER, TABLE, BOOK = "xl/worksheets/sheet2.xml", "xl/tables/table2.xml", "xl/workbook.xml"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "Dunning.xlsx"
    build(path, "en", {})
    return path


def damaged(sound: Path, path: Path, part: str, old: str, new: str) -> Path:
    """A copy of the workbook with one text of one part replaced."""
    with zipfile.ZipFile(sound) as before, zipfile.ZipFile(path, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == part:
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode(), 1)
            after.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("part", "old", "new", "fault"),
    [
        pytest.param(TABLE, 'name="Payer"', 'name="Payor"', "are not the columns", id="a heading that is not the column"),
        pytest.param(TABLE, 'name="Payer"', 'name="Company"', "column twice: company", id="a column twice"),
        pytest.param(TABLE, 'displayName="tblLedger"', 'displayName="tblPayers"', "twice: tblpayers", id="a table name twice"),
        pytest.param(TABLE, 'id="2"', 'id="3"', "table id twice: 3", id="a table id twice"),
        pytest.param(TABLE, 'ref="A1:AJ2"', 'ref="A1:AI2"', "36 columns on 35", id="a table too narrow"),
        pytest.param(TABLE, 'ref="A1:AJ2"', 'ref="A1:AJ1"', "no row below the headings", id="a table without a row"),
        pytest.param(LEDGER, '<c r="B1"', '<c r="B3"', "stands in the wrong place", id="a cell in the wrong row"),
        pytest.param(LEDGER, '<row r="2"', '<row r="1"', "stands below row", id="a row twice"),
        pytest.param(LEDGER, '<c r="A2" s="', '<c r="A2" s="9', "style that is not there", id="a missing style"),
        pytest.param(LEDGER, 'dxfId="0"', 'dxfId="999"', "style that is not there", id="a missing mark"),
        pytest.param(LEDGER, 'prompt="', 'prompt="' + "x" * 255, "longer than 255", id="a message too long"),
        pytest.param(BOOK, 'name="Ledger"', 'name="History"', "sheet title not allowed: History", id="a reserved title"),
        pytest.param(BOOK, 'name="Payers"', 'name="Ledger"', "sheet title twice: ledger", id="a title twice"),
        pytest.param(BOOK, "tblMethods[Method]", "tblMethods[[#This Row],Method]", "as Excel shows it", id="a short reference"),
        pytest.param(BOOK, "dunning.schema", "dunning schema", "not allowed: dunning schema", id="a name with a space"),
        pytest.param("xl/_rels/workbook.xml.rels", "worksheets/sheet2.xml", "worksheets/sheet99.xml", "leads to no part", id="a broken relation"),
        pytest.param("[Content_Types].xml", "/xl/tables/table2.xml", "/xl/tables/table99.xml", "that is not there", id="a missing part"),
    ],
)  # fmt: skip
def test_a_fault_is_named(sound: Path, tmp_path: Path, part: str, old: str, new: str, fault: str) -> None:
    found = faults(damaged(sound, tmp_path / "damaged.xlsx", part, old, new))

    assert fault in "\n".join(found)


def test_a_sound_workbook_has_none(sound: Path) -> None:
    assert [] == faults(sound)
