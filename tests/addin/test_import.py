"""Import, month after month: what is asked is asked once, what changed is said, and nothing that people or letters did is lost."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from addin import importing, verifying
from addin.cli import ledger as cli
from addin.report import Report
from addin.sheets import fact
from rules import model
from rules.errors import ConfigError, LedgerError
from rules.model import AssessedItem, LedgerChange, Payment
from rules.row import to_frame
from tests.addin.office import FIRST, LINES, SECOND, Office
from workbook.ledgers import Answers
from workbook.ledgers.unclear import Unclear

GERMAN = "Kunde;Beleg;Belegdatum;Fällig;Betrag"
LINE = "1;F1;02.01.2026;01.02.2026;20,00"
FRENCH = "Payeur;Pièce;Date de pièce;Conditions;Solde"


def import_(office: Office, *lines: str, head: str, as_of: date = FIRST, name: str = "export.csv", **wishes: object) -> Report:
    return importing.import_ledger(office.book(), office.export(*lines, name=name, head=head), as_of, **wishes)


def remembered(office: Office, source: str) -> dict[str, str]:
    told = office.book().read(model.Profile)
    mine = told[told["source"] == source]
    return dict(zip(mine["field"].astype(str), mine["heading"], strict=True))


def item(office: Office, document: str) -> pd.Series:
    return office.book().read(AssessedItem).set_index("document").loc[document]


# ---------------------------------------------------------------------------------------------------------------- questions and layouts


def test_a_question_is_asked_once_and_the_answer_remembered(office: Office) -> None:
    """Which of two columns is the amount cannot be known; next month nobody asks."""
    head, line = "Kunde;Beleg;Fällig;Betrag A;Betrag B", "1;F1;{};10.00;20.00"
    with pytest.raises(Unclear):
        import_(office, line.format("2026-02-01"), head=head)
    import_(office, line.format("2026-02-01"), head=head, answers=Answers({"open": "Betrag B"}))
    import_(office, line.format("2026-02-02"), head=head, as_of=SECOND, name="export 2026-03.csv")

    assert (2000, date(2026, 2, 2)) == (item(office, "F1")["open_minor"], item(office, "F1")["due_date"].date())
    assert ("Betrag B", "open_minor") == (remembered(office, "export")["open_minor"], remembered(office, "export")["said"])


def test_answers_beside_the_columns_are_remembered(office: Office) -> None:
    """Currency and order of day and month hold for the source, not for another one."""
    line = "1;F1;02/01/2026;03/02/2026;20.00"
    import_(office, line, head=GERMAN, source="old", answers=Answers(currency="CHF", date_order="mdy"))
    import_(office, line, head=GERMAN, source="old", as_of=SECOND)

    assert ("CHF", date(2026, 3, 2)) == (item(office, "F1")["currency"], item(office, "F1")["due_date"].date())
    with pytest.raises(Unclear, match="Say which"):
        import_(office, line, head=GERMAN, source="new", as_of=SECOND, confirmed=True)


def test_columns_may_be_added_and_moved(office: Office) -> None:
    """What a heading means does not depend on its place."""
    import_(office, LINE, head=GERMAN)
    import_(office, "20,00;EUR;01.02.2026;02.01.2026;F1;1", head="Betrag;Währung;Fällig;Belegdatum;Beleg;Kunde", as_of=SECOND)

    assert "Währung" == remembered(office, "export")["currency"]


def test_a_heading_that_is_gone_stops_the_import(office: Office) -> None:
    """The sentence names the column, what would be read now, and how to go on; the option takes the new layout and remembers it."""
    import_(office, LINE, head=GERMAN)
    before = office.files()
    new = GERMAN.replace("Betrag", "Offener Betrag")
    with pytest.raises(LedgerError, match=r'the open amount, read from "Betrag" before, would now be read from "Offener Betrag".*accept the layout'):
        import_(office, LINE, head=new, as_of=SECOND)
    (office.folder / "export.csv").write_bytes(before["export.csv"])

    assert before == office.files()
    import_(office, LINE, head=new, as_of=SECOND, accept_layout=True)
    import_(office, LINE, head=new, as_of=date(2026, 3, 21))
    assert "Offener Betrag" == remembered(office, "export")["open_minor"]


def test_a_new_column_that_would_take_a_fields_place_stops_the_import(office: Office) -> None:
    """The old column is still there, but a better name has come beside it: what is meant is for a person to say."""
    import_(office, LINE, head=GERMAN)
    with pytest.raises(LedgerError, match='would now be read from "Offener Betrag"'):
        import_(office, LINE + ";15,00", head=GERMAN + ";Offener Betrag", as_of=SECOND)
    import_(office, LINE + ";15,00", head=GERMAN + ";Offener Betrag", as_of=SECOND, answers=Answers({"open": "Betrag"}))

    assert 2000 == item(office, "F1")["open_minor"]


def test_a_named_column_that_is_gone_stops_the_import(office: Office) -> None:
    """Also where a person had to name it."""
    head = "Kunde;Beleg;Fällig;Betrag A;Betrag B"
    import_(office, "1;F1;2026-02-01;10.00;20.00", head=head, answers=Answers({"open": "Betrag B"}))
    with pytest.raises(LedgerError, match=r'not the one of the last import\. There is no column "Betrag B".*accept the layout'):
        import_(office, "1;F1;2026-02-01;10.00", head=head.replace(";Betrag B", ""), as_of=SECOND)
    import_(office, "1;F1;2026-02-01;10.00", head=head.replace("Betrag A;Betrag B", "Betrag"), as_of=SECOND, accept_layout=True)

    assert 1000 == item(office, "F1")["open_minor"]


def test_what_is_corrected_on_config_holds(office: Office) -> None:
    """The rows of the table of profiles are for people to correct."""
    head, line = "Kunde;Beleg;Fällig;Rechnungsbetrag;Betrag", "1;F1;2026-02-01;10.00;20.00"
    import_(office, line, head=head)
    book = office.book()
    told = book.read(model.Profile).astype({"field": "str"})
    told.loc[told["field"] == "open_minor", "heading"] = "Rechnungsbetrag"
    book.replace(model.Profile, told[told["field"] != "original_minor"])
    book.save()
    import_(office, line, head=head, as_of=SECOND)

    assert 1000 == item(office, "F1")["open_minor"]


@pytest.mark.parametrize("file", ["ledger_2026-03.csv", "ledger (2).csv", "ledger20260331.csv", "Mars 2026 ledger.csv"])
def test_a_source_without_a_name_is_called_as_its_file_without_digits_and_months(office: Office, file: str) -> None:
    import_(office, LINE, head=GERMAN, name=file)

    assert "Betrag" == remembered(office, "ledger")["open_minor"]


def test_on_a_terminal_the_question_is_put_and_the_import_goes_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Numbered choices, a wrong number is asked again, each answer goes where it belongs."""
    given: list[Answers] = []

    def act(answers: Answers) -> None:
        given.append(answers)
        if "open_minor" not in answers.fields:
            raise Unclear("Two columns could be the open amount.", "open_minor", cli_choices("A", "B"))
        if not answers.date_order:
            raise Unclear("Day or month first?", "date_order", cli_choices("dmy", "mdy"))
        if not answers.sheet:
            raise Unclear("Which sheet?", "sheet")

    typed = iter([3, 2, 1, "May"])
    monkeypatch.setattr("typer.prompt", lambda *_, **__: next(typed))
    for stream in ("stdin", "stderr"):
        monkeypatch.setattr(getattr(sys, stream), "isatty", lambda: True)
    cli._asking(act, Answers(), json=False)

    assert Answers({"open_minor": "B"}, date_order="dmy", sheet="May") == given[-1]
    assert "  2  B" in capsys.readouterr().err


def cli_choices(*values: str) -> tuple[object, ...]:
    from workbook.ledgers.unclear import Choice

    return tuple(Choice(value, value) for value in values)


def test_without_a_terminal_the_question_is_the_error(office: Office) -> None:
    """A scheduler never waits: the sentence names the option, and the exit code is 1."""
    path = office.export("1;F1;02/01/2026;03/02/2026;20.00", head=GERMAN)
    command = [sys.executable, "-m", "addin.cli", "import", str(office.path), str(path), "--as-of", "2026-03-02"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False, stdin=subprocess.DEVNULL)

    assert (1, True) == (ended.returncode, "--date-order" in ended.stderr)


# ---------------------------------------------------------------------------------------------------------------- due dates from terms


def with_terms(office: Office, *terms: model.Term, default: str = "") -> Office:
    book = office.book()
    book.replace(model.Term, to_frame(list(terms), model.Term))
    settings = book.read(model.Setting)
    book.replace(model.Setting, settings.assign(value=settings["value"].mask(settings["setting"] == "default_terms", default)))
    book.save()
    return office


def test_terms_give_the_due_date_the_export_lacks(office: Office) -> None:
    """By the code of the line; the ledger says where the date is from, and a code nobody knows is named."""
    with_terms(office, model.Term(terms="N30", days=30))
    done = import_(office, "1;F1;2026-01-02;N30;20.00", "1;F2;2026-01-02;Z9;20.00", head=FRENCH)
    ledger = office.book().read(AssessedItem)

    assert [("F1", "2026-02-01", "terms"), ("F2", "NaT", "none")] == [
        (row.document, str(row.due_date)[:10], row.due_source) for row in ledger.itertuples()
    ]
    assert {"due_by_terms", "terms_unknown", "export_no_due_date"} <= {f.code for f in done.findings}
    assert 1 == len([f for f in done.findings if f.code == "export_no_due_date"])


def test_terms_of_the_payer_hold_from_the_next_import_on(office: Office) -> None:
    """A due date that appears is a change, and the same file again changes nothing."""
    with_terms(office, model.Term(terms="N30", days=30))
    import_(office, "1;F1;2026-01-02;;20.00", head=FRENCH)
    book = office.book()
    book.replace(model.Payer, book.read(model.Payer).assign(terms="N30"))
    book.save()
    import_(office, "1;F1;2026-01-02;;20.00", head=FRENCH)
    changes, before = office.book().read(LedgerChange), office.files()
    import_(office, "1;F1;2026-01-02;;20.00", head=FRENCH)

    assert [("due_date_changed", date(2026, 2, 1))] == [(row.change, row.new_due_date.date()) for row in changes.itertuples()]
    assert before == office.files()


def test_default_terms_that_are_not_there_stop_the_import(office: Office) -> None:
    with pytest.raises(ConfigError, match="default_terms names the terms 'N60'"):
        import_(with_terms(office, default="N60"), LINE, head=GERMAN)


# ---------------------------------------------------------------------------------------------------------------- what changed


def changes_of(office: Office) -> dict[str, str]:
    told = office.book().read(LedgerChange)
    return dict(zip(told["document"], told["change"].astype(str), strict=True))


def test_every_difference_stands_on_the_sheet_changes(imported: Office) -> None:
    """New, paid, part-paid, more open, another due date; what stayed is not listed, and the first ledger is no change."""
    first = changes_of(imported)
    lines = [
        LINES[1].replace("250.50", "100.00"),
        LINES[2],
        LINES[3].replace("2026-02-04", "2026-02-14"),
        LINES[4].replace("80.00;80.00", "80.00;81.00"),
        LINES[5].replace("00019", "00020"),
        "00019;Hall Ltd;;;;GB;en;F9;Invoice;2026-03-01;2026-03-27;GBP;75.00;75.00;",
    ]
    imported.import_(*lines, as_of=SECOND)
    told = imported.book().read(LedgerChange).set_index("document")

    assert {} == first
    assert {
        "F1": "paid", "F2": "part_paid", "F3": "due_date_changed", "F4": "increased", "F5": "payer_changed", "F9": "new",
    } == changes_of(imported)  # fmt: skip
    assert (120000, True) == (told.loc["F1", "old_open_minor"], bool(pd.isna(told.loc["F1", "new_open_minor"])))
    assert (25050, 10000) == (told.loc["F2", "old_open_minor"], told.loc["F2", "new_open_minor"])
    assert ("00019", "00020") == (told.loc["F5", "old_payer"], told.loc["F5", "payer"])
    assert ("", True) == (told.loc["F9", "old_payer"], bool(pd.isna(told.loc["F9", "old_open_minor"])))


def test_the_next_import_writes_the_sheet_anew_and_the_same_file_leaves_it(imported: Office) -> None:
    imported.import_(*LINES[1:], as_of=SECOND)
    before = imported.files()
    imported.import_(*LINES[1:], as_of=SECOND)

    assert before == imported.files()
    imported.import_(*LINES[1:], as_of=date(2026, 3, 21))
    assert {"F1": "paid"} == changes_of(imported)
    imported.import_(*LINES[2:], as_of=date(2026, 3, 22))
    assert {"F2": "paid"} == changes_of(imported)


def test_a_preview_shows_how_the_export_is_read_and_writes_nothing(imported: Office) -> None:
    """First lines, rows by kind, payers, and what would change."""
    path = imported.export(*LINES[1:])
    before = imported.files()
    from workbook.file import FileBook

    shown = importing.import_ledger(FileBook.open(imported.path, dry_run=True), path, SECOND, dry_run=True)

    assert before == imported.files()
    assert {"first lines", "rows of the file", "payers who owe most", "totals", "what would change"} <= set(shown.tables)
    assert ["F1"] == list(shown.tables["what would change"]["document"])


# ---------------------------------------------------------------------------------------------------------------- an older export


def test_an_older_export_takes_nothing_away_and_opens_nothing_again(office: Office) -> None:
    """Newer lines stay, what was paid since stays paid, part-paid stays part-paid; a line nobody knew is added; no payment is invented."""
    office.import_(*LINES, as_of=FIRST)
    now = [LINES[1].replace("250.50", "100.00"), *LINES[2:], "00019;Hall Ltd;;;;GB;en;F9;Invoice;2026-03-19;2026-04-27;GBP;5.00;5.00;"]
    office.import_(*now, as_of=SECOND)
    payments = office.book().read(Payment)
    with pytest.raises(LedgerError, match="it can be taken"):
        office.import_(*LINES, as_of=date(2026, 3, 10))
    old = "00019;Hall Ltd;;;;GB;en;F8;Invoice;2026-01-19;2026-02-27;GBP;7.00;7.00;"
    done = importing.import_ledger(office.book(), office.export(*LINES[:-1], old), date(2026, 3, 10), older=True)
    book = office.book()
    ledger = book.read(AssessedItem).set_index("document")

    assert {"F2": 10000, "C1": -5050, "F3": 99000, "F4": 8000, "F5": 7500, "F8": 700, "F9": 500} == ledger["open_minor"].to_dict()
    assert {"F8": "new"} == changes_of(office)
    pd.testing.assert_frame_equal(payments, book.read(Payment))
    assert "what it does not have stays (2 lines)" in done.sentence
    assert 0 == done.facts["changes"]["unread"]


def test_a_file_that_is_no_export_is_refused_for_that_whatever_its_date(imported: Office) -> None:
    picture = imported.folder / "home.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")

    with pytest.raises(LedgerError, match=r"home\.png is a picture\. Export the list as"):
        importing.import_ledger(imported.book(), picture, date(2026, 3, 1))


def test_an_older_export_corrects_a_date_that_was_wrong(office: Office) -> None:
    """The last import was dated a year ahead: taken all the same the ledger is of the right day again, and the next export needs no option."""
    office.import_(as_of=date(2027, 3, 2))
    importing.import_ledger(office.book(), office.export(*LINES), FIRST, older=True)
    office.import_(*LINES[1:], as_of=SECOND)

    assert {"F1": "paid"} == changes_of(office)
    assert not verifying.verify(office.book()).failed


def test_an_older_export_does_not_make_a_later_ledger_older(office: Office) -> None:
    """The ledger shows what was paid, and a due date put off: both hold, and so does its day, by which payments go."""
    put_off = LINES[1].replace("250.50", "100.00").replace("2026-02-20", "2026-04-30")
    office.import_(put_off, *LINES[2:], as_of=SECOND)
    importing.import_ledger(office.book(), office.export(*LINES[1:]), FIRST, older=True)
    line = item(office, "F2")

    assert (10000, pd.Timestamp("2026-04-30")) == (line["open_minor"], line["due_date"])
    assert SECOND.isoformat() == fact(office.book(), "ledger_as_of")


def test_what_the_ledger_lost_is_not_lost_by_an_older_export(issued: Office) -> None:
    """Notes and levels of lines that the older export does not have stay."""
    book = issued.book()
    ledger = book.read(AssessedItem)
    book.replace(AssessedItem, ledger.assign(note=ledger["note"].mask(ledger["document"] == "F1", "ask again")))
    book.save()
    importing.import_ledger(issued.book(), issued.export(*LINES[1:]), date(2026, 2, 20), older=True)

    assert ("ask again", 1) == (item(issued, "F1")["note"], item(issued, "F1")["level"])


# ---------------------------------------------------------------------------------------------------------------- caps


def test_the_caps_are_settings(office: Office) -> None:
    """A larger file is refused before it is read."""
    book = office.book()
    settings = book.read(model.Setting)
    book.replace(model.Setting, settings.assign(value=settings["value"].mask(settings["setting"] == "import_file_mb", "1")))
    book.save()
    path = office.export(*LINES)
    path.write_bytes(path.read_bytes() + b"\n" * (1 << 20))
    with pytest.raises(LedgerError, match="setting Largest export"):
        importing.import_ledger(office.book(), path, FIRST)
