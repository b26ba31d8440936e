"""Take-over: levels of another tool enter the history once, survive a crash, and can be corrected and taken back."""

from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest

from addin import importing, reprinting, taking_over, undoing, verifying
from addin.report import Report
from rules.errors import HistoryError, LedgerError
from rules.model import AssessedItem, HistoryEntry
from tests.addin.office import FIRST, HEAD, LINES, SECOND, Office
from workbook.file import FileBook
from workbook.journal import Journal
from workbook.ledgers.unclear import Unclear

OLD = "Customer number;Invoice;Level;Last reminder"
ROWS = ("00017;F1;2;2026-02-20", "00017;F2;1;2026-02-27", "00018;F3;0;", "00018;F99;3;2026-01-02", "00018;F4;;")


class Killed(BaseException):
    """The process ends here."""


def listed(office: Office, *rows: str, head: str = OLD) -> Path:
    path = office.folder / "old list.csv"
    path.write_text("\n".join([head, *(rows or ROWS)]) + "\n", encoding="utf-8")
    return path


def take_over(office: Office, *rows: str, head: str = OLD, **given: Any) -> Report:
    return taking_over.take_over(office.book(), listed(office, *rows, head=head), FIRST, **given)


def stands(office: Office) -> dict[str, tuple[int, int, str]]:
    ledger = office.book().read(AssessedItem)
    told = ledger[ledger["level"] > 0]
    return {row.document: (row.level, row.reminders, str(row.last_reminder)[:10]) for row in told.itertuples()}


def levelled(*levels: str) -> tuple[str, ...]:
    return tuple(f"{line};{level}" for line, level in zip(LINES, levels, strict=False))


def import_levels(office: Office, *levels: str, as_of: date = FIRST, head: str = ";Level;Last reminder", **wishes: Any) -> Report:
    return importing.import_ledger(office.book(), office.export(*levelled(*levels), head=HEAD + head), as_of, take_over=True, **wishes)


def test_the_next_letter_follows_what_the_old_tool_sent(imported: Office) -> None:
    """Levels, counts and dates are those of the list; the first run goes on from there."""
    done = take_over(imported)
    imported.propose(SECOND)
    levels = imported.book().read(AssessedItem).set_index("document")["next_level"]

    assert {"F1": (2, 2, "2026-02-20"), "F2": (1, 1, "2026-02-27")} == stands(imported)
    assert (3, 2, 1) == (levels["F1"], levels["F2"], levels["F3"])
    assert {"taken": 2, "level_0": 2, "absent": 1} == done.facts["fates"]
    assert not verifying.verify(imported.book()).failed


def test_the_same_list_twice_changes_nothing(imported: Office) -> None:
    take_over(imported)
    before = imported.files()
    again = take_over(imported)

    assert before == imported.files()
    assert "No level was taken over. Other rows of the list: already taken over 2" in again.sentence


def test_a_corrected_list_corrects(imported: Office) -> None:
    """The history keeps both rows; the later one counts."""
    take_over(imported)
    take_over(imported, "00017;F1;1;2026-02-21")

    assert {"F1": (1, 1, "2026-02-21"), "F2": (1, 1, "2026-02-27")} == stands(imported)
    assert 3 == len(imported.book().read(HistoryEntry))
    assert not verifying.verify(imported.book()).failed


def test_what_this_workbook_sent_counts_more(issued: Office) -> None:
    done = take_over(issued, "00017;F1;4;2026-03-01", "00019;F5;2;2026-03-01")

    assert (1, 1, "2026-03-02") == stands(issued)["F1"]
    assert (2, 2, "2026-03-01") == stands(issued)["F5"]
    assert {"taken": 1, "reminded": 1} == done.facts["fates"]
    assert not verifying.verify(issued.book()).failed


def test_levels_come_with_the_export(office: Office) -> None:
    """Import and take-over in one step; the same export again changes nothing."""
    import_levels(office, "2;2026-02-20", "0;", "", "3;2026-02-25")
    before = office.files()
    import_levels(office, "2;2026-02-20", "0;", "", "3;2026-02-25")

    assert {"F1": (2, 2, "2026-02-20"), "F3": (3, 3, "2026-02-25")} == stands(office)
    assert before == office.files()
    assert not verifying.verify(office.book()).failed


def test_levels_of_an_export_that_cannot_be_read_are_named_and_left_out(office: Office) -> None:
    """Not taken for level 0, from which the series would begin again, nor for a reminder of the as-of date."""
    done = import_levels(office, "two;2026-02-20", "1;2026-02-27", ";", "3;2026-02-31", "none;", "2.0;2026-02-27")

    assert {"F2": (1, 1, "2026-02-27"), "F5": (2, 2, "2026-02-27")} == stands(office)
    assert ["2, 5"] == [str(f.values["rows"]) for f in done.findings if f.code == "export_level_unreadable"]


def test_without_being_asked_levels_of_an_export_are_not_taken_over(office: Office) -> None:
    path = office.export(*levelled("2;2026-02-20"), head=HEAD + ";Level;Last reminder")
    done = importing.import_ledger(office.book(), path, FIRST)

    assert {} == stands(office)
    assert any("can be taken over" in f.text("en") for f in done.findings)


@pytest.mark.parametrize("step", ["journal", "workbook"])
@pytest.mark.parametrize("way", ["list", "export"])
def test_a_take_over_that_was_cut_off_is_finished(imported: Office, monkeypatch: pytest.MonkeyPatch, step: str, way: str) -> None:
    """Killed before or after the journal knows of it, and told again: every level is there once."""
    act = take_over if way == "list" else (lambda o: import_levels(o, "2;2026-02-20", "1;2026-02-27"))
    with monkeypatch.context() as patch:
        place, name = (Journal, "append") if step == "journal" else (FileBook, "save")

        def dies(*_: Any, **__: Any) -> None:
            raise Killed

        patch.setattr(place, name, dies)
        with pytest.raises(Killed):
            act(imported)
    if step == "workbook":
        with pytest.raises(HistoryError, match="not in this workbook"):
            imported.propose()
    act(imported)

    assert {"F1": (2, 2, "2026-02-20"), "F2": (1, 1, "2026-02-27")} == stands(imported)
    assert 2 == len(imported.book().read(HistoryEntry))
    assert not verifying.verify(imported.book()).failed


def test_undo_takes_it_back_payer_by_payer(imported: Office) -> None:
    """With the lines of all dates of the list; the list may then be given again."""
    take_over(imported, *ROWS[:2], "00018;F3;1;2026-02-20")
    done = undoing.undo(imported.book(), "00017", "wrong list", FIRST)

    assert {"F3": (1, 1, "2026-02-20")} == stands(imported)
    assert "take-over" in done.sentence
    take_over(imported, "00017;F1;1;2026-02-02")
    assert {"F1": (1, 1, "2026-02-02"), "F3": (1, 1, "2026-02-20")} == stands(imported)
    assert not verifying.verify(imported.book()).failed


def test_a_dry_run_writes_nothing(imported: Office) -> None:
    path = listed(imported)
    before = imported.files()
    shown = taking_over.take_over(FileBook.open(imported.path, dry_run=True), path, FIRST, dry_run=True)

    assert before == imported.files()
    assert ["F1", "F2"] == list(shown.tables["taken over"]["document"])


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (["00017;F1;2;2026-03-03"], "take_over_later"),
        (["00017;F1;9;2026-02-02"], "take_over_lowered"),
        (["00017;F1;2;"], "take_over_undated"),
        (["00017;F1;often;2026-02-02"], "list_unreadable"),
        (["00017;F1;2;2026-02-31"], "list_unreadable"),
        ([";;2;2026-02-02", "00017;F1;1;2026-02-02"], "list_no_key"),
    ],
)
def test_what_is_doubtful_in_a_list_is_said(imported: Office, rows: list[str], code: str) -> None:
    assert code in [f.code for f in take_over(imported, *rows).findings]


def test_a_row_that_cannot_be_read_is_not_taken_over(imported: Office) -> None:
    """A wrong date is not the as-of date, and a wrong level is not none."""
    take_over(imported, "00017;F1;2;2026-02-31", "00017;F2;often;2026-02-02", "00018;F3;1;2026-02-02")

    assert ["F3"] == list(stands(imported))


def test_a_list_in_french_with_words_for_levels(imported: Office) -> None:
    take_over(imported, "F1;Relance 2;20/02/2026", head="N° facture;Niveau de relance;Dernière relance")

    assert {"F1": (2, 2, "2026-02-20")} == stands(imported)


def test_a_list_without_levels_asks_which_column_it_is(imported: Office) -> None:
    with pytest.raises(Unclear, match="no column was recognised as the level"):
        take_over(imported, "00017;F1;2", head="Customer number;Invoice;Step")

    assert 1 == len(take_over(imported, "00017;F1;2", head="Customer number;Invoice;Step", fields={"level": "Step"}).tables["taken over"])


def test_without_a_ledger_there_is_nothing_to_take_over(office: Office) -> None:
    with pytest.raises(LedgerError, match="import the export of the open items first"):
        take_over(office)


@pytest.mark.parametrize(("dated", "named"), [("2026-02-20", True), ("", False)])
def test_the_first_letter_names_the_reminder_of_the_old_tool_when_its_day_is_known(imported: Office, dated: str, named: bool) -> None:
    take_over(imported, f"00018;F3;1;{dated}")
    imported.propose(SECOND)
    (file,) = reprinting.preview(imported.book(), "00018", currency="EUR").facts["files"]
    text = "\n".join(p.text for p in docx.Document(file).paragraphs)

    assert named == ("am 20. Februar 2026 haben wir Ihnen geschrieben" in text.replace("\xa0", " "))
    assert named == ("haben wir Ihnen geschrieben" in text)
