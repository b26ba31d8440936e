"""The closed workbook is found by its names, read whole, saved whole or not at all."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from filelock import FileLock
from openpyxl.styles import PatternFill

from rules.errors import WorkbookError
from rules.model import About, AssessedItem, Currency, HistoryEntry, Payer, Setting, Settings, Total
from rules.row import LANGUAGES, Language, to_frame
from tests.workbook.books import ITEMS, LEDGER, REMARK, ROUGH, SETTINGS, Spot, edited, make, spots
from tests.workbook.repair import faults
from workbook import file, writing
from workbook.build import build
from workbook.cells import equal
from workbook.file import FileBook
from workbook.memory import MemoryBook


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make(tmp_path / "Dunning.xlsx")


def item(document: str, payer: str = "0001", **values: object) -> AssessedItem:
    return AssessedItem(payer=payer, document=document, currency="EUR", open_minor=100, **values)  # pyright: ignore[reportArgumentType]


def ledger(*items: AssessedItem) -> pd.DataFrame:
    return to_frame(list(items), AssessedItem)


def backups(path: Path) -> list[str]:
    return sorted(p.name for p in (path.parent / "backups").iterdir())


# ---------------------------------------------------------------------------------------------------------------- reading


def test_rows_are_read_whatever_the_order_the_titles_and_the_sheet_of_the_columns(path: Path) -> None:
    found = FileBook.open(path).read(AssessedItem)

    assert ["0001", "0001", "0002"] == list(found["payer"])
    assert [10050, -2000, 5000] == list(found["open_minor"])
    assert [date(2026, 1, 31), date(2026, 2, 28), None] == [None if pd.isna(d) else d.date() for d in found["due_date"]]
    assert ["", "", "legal"] == list(found["block"].astype(str))


def test_rows_of_a_workbook_with_the_old_mac_dates_are_the_same(tmp_path: Path, path: Path) -> None:
    mac = FileBook.open(make(tmp_path / "mac.xlsx", date1904=True))
    mac.replace(AssessedItem, mac.read(AssessedItem).assign(note="x"))
    mac.save()

    assert equal(FileBook.open(path).read(AssessedItem).assign(note="x"), FileBook.open(mac.path).read(AssessedItem))


def test_blank_rows_are_left_out_and_places_still_say_where_rows_stand(tmp_path: Path) -> None:
    gaps = Spot(AssessedItem, "My ledger", [{}, ITEMS[0], {REMARK: "alone"}, ITEMS[1]], own={2: REMARK, 9: ROUGH})
    book = FileBook.open(make(tmp_path / "gaps.xlsx", spots(gaps)))

    assert ["D1", "D2"] == list(book.read(AssessedItem)["document"])
    assert [f"'My ledger'!{gaps.cell('document', row)}" for row in (3, 5)] == [book.place(AssessedItem, row, "document") for row in (0, 1)]


def test_an_empty_table_has_no_rows(path: Path) -> None:
    assert 0 == len(FileBook.open(path).read(Total))


def test_words_are_read_in_any_language_and_amounts_in_company_currency(path: Path) -> None:
    payer = FileBook.open(path).read(Payer).iloc[0]

    assert (True, 100_000) == (payer["collection_allowed"], payer["limit_minor"])


def test_settings_are_read_and_the_language_is_theirs(path: Path) -> None:
    book = FileBook.open(path)

    assert Settings(company_currency="EUR", language="en", backups=2) == book.settings()
    book.replace(Setting, book.read(Setting).replace({"value": {"en": "de"}}))
    assert "de" == book.language


def test_a_setting_that_does_not_fit_is_named_by_its_cell(tmp_path: Path) -> None:
    wrong = [SETTINGS[0], {"setting": "backups", "value": "many"}]
    book = FileBook.open(make(tmp_path / "wrong.xlsx", [Spot(Setting, "Config", wrong, row=3)]))

    assert "en" == book.language
    with pytest.raises(WorkbookError, match="Config!C6"):
        book.settings()


def test_a_cell_that_does_not_fit_is_named_by_its_place(tmp_path: Path) -> None:
    wrong = Spot(AssessedItem, "My ledger", [ITEMS[0], ITEMS[1] | {"open_minor": "a lot"}], own=LEDGER.own)
    said = rf"'My ledger'!{wrong.cell('open_minor', 3)} \(Open\): found «a lot»; expected an amount with at most 2 decimals \(EUR\)"
    with pytest.raises(WorkbookError, match=said):
        FileBook.open(make(tmp_path / "wrong.xlsx", spots(wrong))).read(AssessedItem)


def test_a_cell_that_shows_an_error_is_named_and_not_taken_for_empty(tmp_path: Path) -> None:
    wrong = Spot(AssessedItem, "My ledger", [ITEMS[0] | {"block": "#N/A"}, ITEMS[1] | {REMARK: "#N/A"}], own=LEDGER.own)
    with pytest.raises(WorkbookError, match=rf"error instead of a value: 'My ledger'!{wrong.cell('block', 2)} \(#N/A\)\. Correct"):
        FileBook.open(make(tmp_path / "wrong.xlsx", spots(wrong))).read(AssessedItem)


# ---------------------------------------------------------------------------------------------------------------- what is no dunning workbook


def missing(folder: Path) -> Path:
    return folder / "none.xlsx"


def text_file(folder: Path) -> Path:
    (folder / "text.xlsx").write_text("payer;document\n")
    return folder / "text.xlsx"


def half(folder: Path) -> Path:
    whole = make(folder / "whole.xlsx").read_bytes()
    (folder / "half.xlsx").write_bytes(whole[: len(whole) // 2])
    return folder / "half.xlsx"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (missing, "none.xlsx was not found"),
        (lambda folder: folder, "is a folder"),
        (text_file, "text.xlsx is not an Excel workbook"),
        (half, "half.xlsx is damaged"),
        (lambda folder: make(folder / "x.xlsx", schema=None), "is not a dunning workbook"),
        (lambda folder: make(folder / "x.xlsx", schema="0"), "another version of dunning .*version 0, expected is 3"),
        (lambda folder: edited(make(folder / "x.xlsx"), "xl/workbook.xml", "<sheets>", "<sheets"), "cannot be read as an Excel workbook"),
        (lambda folder: edited(make(folder / "x.xlsx"), "xl/worksheets/sheet4.xml", "<sheetData>", "<sheetData"), "sheet Config cannot be read"),
    ],
)
def test_what_is_no_dunning_workbook_is_refused_with_the_reason(tmp_path: Path, wrong: Callable[[Path], Path], said: str) -> None:
    with pytest.raises(WorkbookError, match=said):
        FileBook.open(wrong(tmp_path))


def test_a_deleted_column_is_named(tmp_path: Path) -> None:
    book = FileBook.open(make(tmp_path / "x.xlsx", leave_out="dunning.col.ledger.due_date"))
    with pytest.raises(WorkbookError, match=r"«Due date» of the table tblLedger is missing.*Undo"):
        book.read(AssessedItem)


def test_a_deleted_sheet_is_named(path: Path) -> None:
    with pytest.raises(WorkbookError, match="table tblHistory is missing"):
        FileBook.open(path).read(HistoryEntry)


def test_a_table_turned_into_a_range_is_named(path: Path) -> None:
    edited(path, "xl/worksheets/_rels/sheet3.xml.rels", "relationships/table", "relationships/other")
    with pytest.raises(WorkbookError, match="Payers!A1 is no longer the heading of an Excel table"):
        FileBook.open(path).read(Payer)


def test_a_column_moved_out_of_its_table_is_named(path: Path) -> None:
    edited(path, "xl/workbook.xml", "Payers!$C$1<", "Payers!$ZZ$1<")
    with pytest.raises(WorkbookError, match="Payers!ZZ1 was moved out of the table tblPayers"):
        FileBook.open(path).read(Payer)


def test_a_deleted_home_cell_is_named(path: Path) -> None:
    with pytest.raises(WorkbookError, match=r"dunning\.home\.nothing is missing"):
        FileBook.open(path).show("nothing", 1)


# ---------------------------------------------------------------------------------------------------------------- changing and saving


def test_nothing_changes_before_save_and_everything_after(path: Path) -> None:
    before, book = path.read_bytes(), FileBook.open(path)
    new = ledger(item("D9", note="=1+1"), item("D1"))
    book.replace(AssessedItem, new)
    book.append(Currency, to_frame([Currency(currency="SEK", rate="0.09")], Currency))  # pyright: ignore[reportArgumentType]
    book.show("as_of", "2026-03-02")
    book.show("open_lines", 2)

    assert equal(new, book.read(AssessedItem))
    assert before == path.read_bytes()
    assert book.save()
    again, home = FileBook.open(path), openpyxl.load_workbook(path, data_only=True)["Home"]
    assert equal(new, again.read(AssessedItem))
    assert ["USD", "SEK"] == list(again.read(Currency)["currency"])
    assert ("2026-03-02", 2) == (home["B1"].value, home["B2"].value)


def test_saving_what_is_there_already_touches_nothing(path: Path) -> None:
    book = FileBook.open(path)
    book.show("as_of", "now")
    book.save()
    before = path.read_bytes(), path.stat().st_mtime_ns, sorted(path.parent.iterdir())
    again = FileBook.open(path)
    again.replace(AssessedItem, again.read(AssessedItem))
    again.replace(Payer, to_frame([], Payer))
    again.replace(Payer, FileBook.open(path).read(Payer))
    again.show("as_of", "now")
    again.show("open_lines", 0)

    assert not again.save()
    assert before == (path.read_bytes(), path.stat().st_mtime_ns, sorted(path.parent.iterdir()))


def test_a_dry_run_says_whether_it_would_change_and_changes_nothing(path: Path) -> None:
    before, book = path.read_bytes(), FileBook.open(path, dry_run=True)

    assert not book.save()
    book.replace(AssessedItem, ledger(item("D9")))
    assert book.save()
    assert (before, [path]) == (path.read_bytes(), list(path.parent.iterdir()))


def test_one_book_can_be_saved_again_and_again(path: Path) -> None:
    book = FileBook.open(path)
    for documents in (["A", "B", "C", "D"], ["E"], ["E", "F"]):
        book.replace(AssessedItem, ledger(*map(item, documents)))
        assert book.save()

        assert not book.save()
        assert documents == list(FileBook.open(path).read(AssessedItem)["document"])
        assert documents == list(book.read(AssessedItem)["document"])


def test_a_users_own_column_follows_the_keys_of_the_rows(path: Path) -> None:
    book = FileBook.open(path)
    old = book.read(AssessedItem)
    book.replace(AssessedItem, pd.concat([ledger(item("D0")), old.iloc[[2, 1]]]))
    book.save()
    sheet, remark, rough = openpyxl.load_workbook(path)["My ledger"], LEDGER.column(REMARK) + 1, LEDGER.column(ROUGH) + 1

    assert [(None, None), (None, "=H3*2+$A$1"), (7, "=H4*2")] == [(sheet.cell(r, remark).value, sheet.cell(r, rough).value) for r in (2, 3, 4)]


def test_a_colour_of_the_user_survives_an_import_that_reorders_drops_and_adds_rows(path: Path) -> None:
    at, styled = LEDGER.column("document") + 1, openpyxl.load_workbook(path)
    for row, colour in ((2, "00FFFF00"), (4, "00FF0000")):
        styled["My ledger"].cell(row, at).fill = PatternFill("solid", fgColor=colour)
    styled.save(path)
    book = FileBook.open(path)
    old = book.read(AssessedItem)
    book.replace(AssessedItem, pd.concat([ledger(item("D0")), old.iloc[[2]], ledger(item("D8")), old.iloc[[0]], ledger(item("D9"))]))
    book.save()
    sheet = openpyxl.load_workbook(path)["My ledger"]

    assert [("D0", None), ("D3", "00FF0000"), ("D8", None), ("D1", "00FFFF00"), ("D9", None)] == [
        (cell.value, cell.fill.fgColor.rgb if cell.fill.fill_type else None) for cell in (sheet.cell(row, at) for row in range(2, 7))
    ]


def test_of_rows_with_the_same_key_the_second_follows_the_second(tmp_path: Path) -> None:
    twice = Spot(AssessedItem, "My ledger", [ITEMS[0], ITEMS[0] | {REMARK: "second"}], own={2: REMARK, 9: ROUGH})
    book = FileBook.open(make(tmp_path / "x.xlsx", spots(twice)))
    book.replace(AssessedItem, pd.concat([ledger(item("D0")), book.read(AssessedItem)]))
    book.save()
    sheet = openpyxl.load_workbook(book.path)["My ledger"]

    assert [None, "call Ann", "second"] == [sheet.cell(row, 3).value for row in (2, 3, 4)]


def test_a_table_whose_cells_cannot_be_read_can_be_replaced(tmp_path: Path) -> None:
    book = FileBook.open(make(tmp_path / "x.xlsx", [*spots()[3:], Spot(Payer, "Payers", [{"payer": "1", "limit_minor": "a lot"}])]))
    book.replace(Payer, to_frame([Payer(payer="2")], Payer))
    book.save()

    assert ["2"] == list(FileBook.open(book.path).read(Payer)["payer"])


def test_what_cannot_be_written_is_refused_before_anything_changes(path: Path) -> None:
    book = FileBook.open(path)
    with pytest.raises(WorkbookError, match=rf"'My ledger'!{LEDGER.cell('document', 3)} \(Document\): the cell is empty"):
        book.replace(AssessedItem, ledger(item("D1"), item("D2")).assign(document=["D1", ""]))

    assert not book.save()


def test_frames_that_were_read_can_be_changed_without_changing_the_book(path: Path) -> None:
    book = FileBook.open(path)
    mine = book.read(AssessedItem)
    mine["note"] = "mine"
    mine.loc[0, "document"] = "other"

    assert ("", "D1") == tuple(book.read(AssessedItem)[["note", "document"]].iloc[0])


def test_earlier_versions_are_kept_as_many_as_the_setting_says(path: Path) -> None:
    contents = []
    for n in range(4):
        contents.append(path.read_bytes())
        book = FileBook.open(path)
        book.show("as_of", n)
        book.save()

    assert ["Dunning 0003.xlsx", "Dunning 0004.xlsx"] == backups(path)
    assert contents[-1] == (path.parent / "backups" / "Dunning 0004.xlsx").read_bytes()
    assert [] == [p.name for p in path.parent.iterdir() if p.name.endswith(".new")]


def test_a_backup_that_is_cut_off_is_none(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """The process ends here."""

    def half(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:100])
        raise Killed

    book = FileBook.open(path)
    book.show("as_of", 1)
    monkeypatch.setattr(shutil, "copy2", half)
    with pytest.raises(Killed):
        book.save()

    assert [] == list((path.parent / "backups").glob("*.xlsx"))


def changed_later(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def changed_with_the_same_size_and_time(path: Path) -> None:
    then, content = path.stat(), path.read_bytes()
    path.write_bytes(content[:-1] + b"!")
    os.utime(path, ns=(then.st_atime_ns, then.st_mtime_ns))


@pytest.mark.parametrize(
    ("meanwhile", "said"),
    [
        (lambda path: (path.parent / "~$Dunning.xlsx").touch(), r"open in Excel\. Close it there .* delete the file ~\$Dunning\.xlsx"),
        (lambda path: (path.parent / ".~lock.Dunning.xlsx#").touch(), "open in LibreOffice"),
        (lambda path: path.chmod(0o444), "read-only"),
        (lambda path: path.unlink(), "moved or deleted"),
        (changed_later, "changed by someone else"),
        (changed_with_the_same_size_and_time, "changed by someone else"),
    ],
)
def test_a_file_that_is_not_ours_to_write_is_not_written(path: Path, meanwhile: Callable[[Path], object], said: str) -> None:
    book = FileBook.open(path)
    book.show("as_of", "now")
    meanwhile(path)
    before = path.read_bytes() if path.exists() else None
    for refused in (book.check_writable, book.save):
        with pytest.raises(WorkbookError, match=said):
            refused()

    assert before == (path.read_bytes() if path.exists() else None)
    assert not (path.parent / "backups").exists()


def test_a_file_open_in_excel_can_be_read(path: Path) -> None:
    (path.parent / "~$Dunning.xlsx").touch()

    assert 3 == len(FileBook.open(path).read(AssessedItem))


def test_of_two_commands_the_later_does_not_overwrite_the_earlier(path: Path) -> None:
    first, second = FileBook.open(path), FileBook.open(path)
    first.show("as_of", "first")
    second.show("as_of", "second")
    first.save()
    with pytest.raises(WorkbookError, match="changed by someone else"):
        second.save()


def test_a_command_waits_for_another_one_that_is_saving_but_not_for_ever(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "WAIT", 0)
    book = FileBook.open(path)
    book.show("as_of", "now")
    with FileLock(path.parent / ".Dunning.xlsx.lock"), pytest.raises(WorkbookError, match="being saved by another dunning command"):
        book.save()


@pytest.mark.parametrize("tries", [3, writing.PATIENCE + 1])
def test_a_virus_scanner_that_holds_the_file_is_waited_for_a_while(path: Path, monkeypatch: pytest.MonkeyPatch, tries: int) -> None:
    held, put = [0], Path.replace

    def replace(fresh: Path, target: Path) -> Path:
        held[0] += 1
        if held[0] < tries:
            raise PermissionError
        return put(fresh, target)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    book = FileBook.open(path)
    book.show("as_of", "now")
    if tries <= writing.PATIENCE:
        assert book.save()
    else:
        with pytest.raises(WorkbookError, match="held by another program"):
            book.save()

    assert [] == [p.name for p in path.parent.iterdir() if p.name.endswith(".new")]


def test_a_full_disk_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    before, book = path.read_bytes(), FileBook.open(path)
    book.show("as_of", "now")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WorkbookError, match=r"could not be saved \(No space left on device\)"):
        book.save()

    assert before == path.read_bytes()
    assert [] == [p.name for p in path.parent.iterdir() if p.name.endswith(".new")]


def test_a_patch_that_is_refused_leaves_the_file_as_it_was(path: Path) -> None:
    edited(path, "xl/worksheets/sheet2.xml", "</sheetData>", '<row r="9"><c r="D9"><v>1</v></c></row></sheetData>')
    before, book = path.read_bytes(), FileBook.open(path)
    book.replace(AssessedItem, ledger(*(item(f"D{n}") for n in range(20))))
    with pytest.raises(WorkbookError, match=r"'My ledger'!D9: a cell with content stands below"):
        book.save()

    assert before == path.read_bytes()


def test_a_link_to_the_workbook_stays_a_link(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.xlsx"
    link.symlink_to(path)
    book = FileBook.open(link)
    book.show("as_of", "now")
    book.save()

    assert link.is_symlink()
    assert "now" == openpyxl.load_workbook(path)["Home"]["B1"].value


def test_the_progress_of_a_save_is_told(path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    book = FileBook.open(path)
    book.progress = lambda *step: told.append(step)
    book.replace(AssessedItem, ledger(*(item(f"D{n}") for n in range(20))))
    book.save()

    assert [("My ledger", 21, 21)] == told


# ---------------------------------------------------------------------------------------------------------------- the built one, the one in memory


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_as_built_takes_rows_into_all_its_tables(tmp_path: Path, language: Language) -> None:
    path = tmp_path / "Dunning.xlsx"
    build(path, language, {})
    rows = {
        AssessedItem: ledger(*(item(f"D{n}", due_date=date(2026, 1, 31), block="legal") for n in range(300))),
        Payer: to_frame([Payer(payer="0001", collection_allowed=False), Payer(payer="0002", limit_minor=5)], Payer),
        Total: to_frame([Total(currency=c, open_minor=30_000) for c in ("EUR", "JPY", "KWD")], Total),
        Currency: to_frame([Currency(currency=c, rate="1.1") for c in ("USD", "SEK", "JPY")], Currency),  # pyright: ignore[reportArgumentType]
        About: to_frame([About(key="last", value="=x")], About),
    }
    book = FileBook.open(path)
    for model, frame in rows.items():
        book.replace(model, frame)
    book.show("as_of", "2026-03-02")
    book.save()
    again = FileBook.open(path)

    assert language == again.language
    assert [True] * len(rows) == [equal(frame, again.read(model)) for model, frame in rows.items()]
    assert [] == faults(path)


def test_a_book_in_memory_behaves_like_one_in_a_file(path: Path) -> None:
    in_file = FileBook.open(path)
    in_memory = MemoryBook({model: in_file.read(model) for model in (AssessedItem, Payer, Setting, Total)})
    for book in (in_file, in_memory):
        book.replace(Payer, book.read(Payer))

        assert not book.save()
        book.append(AssessedItem, ledger(item("D9")))
        book.show("as_of", "now")
        book.check_writable()
        assert (4, 2) == (len(book.read(AssessedItem)), book.settings().backups)
        with pytest.raises(WorkbookError, match="Document"):
            book.append(AssessedItem, ledger(item("D9")).assign(document=""))
        assert (True, False) == (book.save(), book.save())

    assert equal(in_file.read(AssessedItem), in_memory.read(AssessedItem))
    assert "Ledger!A3" == in_memory.place(AssessedItem, 1, "company")
