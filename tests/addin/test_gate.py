"""Workbook, journal and sheets that cannot all be right are refused before anything is written."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from docx import Document

from addin import commands, importing, issuing, verifying
from addin.sheets import fact, note_facts
from rules import model
from rules.errors import ConfigError, DunningError, HistoryError, LedgerError, TemplateError, WorkbookError
from rules.model import Decision
from rules.row import Row
from tests.addin.office import FIRST, LINES, SECOND, Office
from workbook.journal import Journal


def edit(office: Office, row_model: type[Row], change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """What a person types into a sheet."""
    book = office.book()
    book.replace(row_model, change(book.read(row_model)))
    book.save()


def typed_in(column: str, value: object, **where: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """One value into a column, in the rows where other columns have these values."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        rows = pd.Series(True, index=frame.index)
        for name, wanted in where.items():
            rows &= frame[name] == wanted
        dtype = "object" if isinstance(frame[column].dtype, pd.CategoricalDtype) else frame[column].dtype
        return frame.assign(**{column: frame[column].astype(dtype).mask(rows, value)})

    return change


def first_again(frame: pd.DataFrame) -> pd.DataFrame:
    """The first row a second time, at the end."""
    return pd.concat([frame, frame.iloc[:1]], ignore_index=True)


def setting(office: Office, name: str, value: str) -> None:
    """A value typed on Config."""
    edit(office, model.Setting, typed_in("value", value, setting=name))


def documents(office: Office) -> list[str]:
    """What the history tells of, in order."""
    return list(office.book().read(model.HistoryEntry)["document"])


def letters(office: Office) -> int:
    """Letters on the disk."""
    return len(list((office.folder / "letters").glob("R*/*.docx")))


def test_a_workbook_put_back_from_a_backup_learns_of_the_run_and_sends_nothing_twice(ready: Office, tmp_path: Path) -> None:
    """The older copy is refused by every command that writes; issue enters what it does not know."""
    office = ready.moved(tmp_path / "office")
    shutil.copy(office.path, tmp_path / "backup.xlsx")
    office.issue()
    before = documents(office)
    shutil.copy(tmp_path / "backup.xlsx", office.path)
    for command in (office.import_, lambda: office.propose(SECOND, replace=True), office.send_all):
        with pytest.raises(HistoryError, match="this is an older copy of the workbook"):
            command()
    healed = office.issue()

    assert (3, before, 0) == (letters(office), documents(office), healed.facts["written_now"])
    assert not verifying.verify(office.book()).failed
    assert 0 == office.propose().facts["letters"]


def test_another_letter_folder_after_a_run_is_refused(issued: Office) -> None:
    """The journal stayed where it was: the setting must go back, or the folder must move."""
    setting(issued, "letter_folder", "letters 2026")
    with pytest.raises(HistoryError, match="letters and journal are in the folder letters"):
        issued.propose(SECOND)
    (issued.folder / "letters").rename(issued.folder / "letters 2026")

    assert 3 == issued.propose(SECOND).facts["letters"]


def test_a_workbook_without_its_letters_is_refused(issued: Office) -> None:
    """History without a journal: nothing may be proposed on top of it."""
    shutil.rmtree(issued.folder / "letters")
    with pytest.raises(HistoryError, match="The journal of the letters is gone"):
        issued.propose(SECOND)


def test_two_workbooks_cannot_share_a_letter_folder(issued: Office) -> None:
    """The second one is told to take a folder of its own."""
    other = Office(issued.folder)
    other.path = issued.folder / "Other.xlsx"
    commands.new(other.path, "en")
    with pytest.raises(HistoryError, match="give this one a letter_folder of its own"):
        other.import_()


def test_a_deleted_history_row_is_found_before_anything_is_proposed(issued: Office) -> None:
    """A line whose history is gone would be reminded at level 1 again."""
    edit(issued, model.HistoryEntry, lambda frame: frame[frame["document"] != "F3"])
    with pytest.raises(HistoryError, match="has 4 lines under this number, the journal of the letter folder 5"):
        issued.propose(SECOND)


def test_two_programs_cannot_issue_at_once(ready: Office, tmp_path: Path) -> None:
    """The second one is refused while the first one works; the journal stays whole."""
    office = ready.moved(tmp_path / "office")
    journal = Journal(office.folder / "letters" / "journal.jsonl")
    refused: list[str] = []

    def second() -> None:
        try:
            issuing.issue(office.book())
        except HistoryError as error:
            refused.append(str(error))

    with journal.alone():
        other = threading.Thread(target=second)
        other.start()
        other.join()

    assert ["Another program is issuing letters"] == [text[:34] for text in refused]
    assert 3 == office.issue().facts["letters"]


def test_a_template_that_cannot_be_rendered_is_refused_before_the_run_begins(ready: Office, tmp_path: Path) -> None:
    """The last letter fails on its data: nothing is written, and a corrected template is all it takes."""
    office = ready.moved(tmp_path / "office")
    path = office.folder / "templates" / "de" / "reminder.docx"
    good = path.read_bytes()
    document = Document(str(path))
    document.add_paragraph("{% for line in lines %}{{ line.document.missing }}{% endfor %}")
    document.save(str(path))
    before = office.files()
    with pytest.raises(DunningError):
        office.issue()

    assert before == office.files()
    path.write_bytes(good)
    assert 3 == office.issue().facts["letters"]


@pytest.mark.parametrize(
    ("row_model", "said"),
    [
        (model.AssessedItem, r"Ledger!A8: this row stands for the same as the row at Ledger!A2 \(00017 F1\)"),
        (model.Payer, r"Payers!A5: this row stands for the same as the row at Payers!A2"),
    ],
)
def test_a_row_that_is_there_twice_is_named(ready: Office, tmp_path: Path, row_model: type[Row], said: str) -> None:
    """A copied ledger row would be claimed twice, a copied payer row would hide a block."""
    office = ready.moved(tmp_path / "office")
    edit(office, row_model, first_again)
    with pytest.raises(LedgerError, match=said):
        office.issue()


def test_a_copied_proposal_is_named(ready: Office, tmp_path: Path) -> None:
    """The same letter twice would be two letters of one name."""
    office = ready.moved(tmp_path / "office")
    edit(office, model.Proposal, first_again)
    with pytest.raises(LedgerError, match=r"Proposal!A5: this row stands for the same"):
        office.issue()


@pytest.mark.parametrize(
    ("column", "value"), [("as_of", pd.Timestamp("2025-01-01")), ("as_of", pd.Timestamp("2027-01-01")), ("run", "R20260302-000000")]
)
def test_a_proposal_whose_date_or_run_was_typed_over_is_refused(ready: Office, tmp_path: Path, column: str, value: object) -> None:
    """Every letter of a run has the run's date."""
    office = ready.moved(tmp_path / "office")
    edit(office, model.Proposal, typed_in(column, value, payer="00017"))
    with pytest.raises((HistoryError, ConfigError)):
        office.issue()

    assert 0 == letters(office)


def test_a_proposal_whose_currency_was_typed_over_has_no_lines(ready: Office, tmp_path: Path) -> None:
    """The sentence names the payer and what to do."""
    office = ready.moved(tmp_path / "office")
    edit(office, model.Proposal, typed_in("currency", "USD", payer="00017"))
    with pytest.raises(ConfigError, match=r"The proposal for Lefèvre & Fils \(USD\) has no lines"):
        office.issue()


def test_a_fee_and_a_deadline_typed_on_the_sheet_are_on_the_letter(ready: Office, tmp_path: Path) -> None:
    """What the reviewer typed is what the payer reads."""
    office = ready.moved(tmp_path / "office")
    edit(office, model.Proposal, typed_in("fee_minor", 1234, payer="00017"))
    edit(office, model.Proposal, typed_in("deadline", pd.Timestamp("2026-03-31"), payer="00017"))
    office.issue()
    path = next(p for p in (office.folder / "letters").glob("R*/*.docx") if "_00017_" in p.name)
    text = "\n".join(p.text for p in Document(str(path)).paragraphs)

    assert "31\xa0mars\xa02026" in text
    assert "1\u202f412,34" in text


def test_a_changed_level_moves_the_deadline_as_well(ready: Office, tmp_path: Path) -> None:
    """Text, channel and deadline follow the level, unless they were typed."""
    office = ready.moved(tmp_path / "office")
    commands.review(office.book(), Decision.SEND, payers=["00017"], new_level=3, note="insolvency feared")
    row = office.book().read(model.Proposal).set_index("payer").loc["00017"]

    assert ("formal_notice", "registered", "2026-03-10") == (row["template"], row["channel"], str(row["deadline"].date()))


def test_decisions_changed_between_crash_and_resume_do_not_change_the_run(ready: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was planned is marked as issued, whatever the sheet says meanwhile."""
    from tests.addin.test_crash import Killed, deadly

    office = ready.moved(tmp_path / "office")
    with monkeypatch.context() as patch:
        deadly(patch, 6, after=True)
        with pytest.raises(Killed):
            office.issue()
    edit(office, model.Proposal, typed_in("decision", "hold", payer="00018"))
    office.issue()

    assert {"issued"} == set(office.book().read(model.Proposal)["state"].astype(str))


def test_a_proposal_row_that_was_deleted_is_proposed_again(ready: Office, tmp_path: Path) -> None:
    """Every line that is due is in a proposal; the other rows keep what was decided on them."""
    office = ready.moved(tmp_path / "office")
    edit(office, model.Proposal, lambda frame: frame[frame["payer"] != "00017"])
    office.propose()
    decisions = office.book().read(model.Proposal)[["payer", "decision"]]

    assert [("00017", "open"), ("00018", "send"), ("00018", "send")] == list(decisions.itertuples(index=False, name=None))


def test_dropped_proposals_lock_nothing(ready: Office, tmp_path: Path) -> None:
    """When all are dropped, issue closes them; the next date proposes afresh."""
    office = ready.moved(tmp_path / "office")
    commands.review(office.book(), Decision.DROP, everything=True)
    office.issue()
    after = office.propose(SECOND)
    decisions = set(office.book().read(model.Proposal)["decision"].astype(str))

    assert (3, {"open"}) == (after.facts["letters"], decisions)


def test_replace_keeps_a_hold_and_reopens_what_became_another_letter(ready: Office, tmp_path: Path) -> None:
    """A send is for the letter that was looked at."""
    office = ready.moved(tmp_path / "office")
    commands.review(office.book(), Decision.HOLD, payers=["00017"], note="wait for the credit note")
    lines = [line.replace("990.00;990.00", "99000.00;99000.00") for line in LINES]
    office.import_(*lines)
    office.propose(replace=True)
    found = office.book().read(model.Proposal)[["payer", "currency", "decision", "decision_note"]]

    assert [
        ("00017", "EUR", "hold", "wait for the credit note"),
        ("00018", "EUR", "open", ""),
        ("00018", "GBP", "send", ""),
    ] == list(found.itertuples(index=False, name=None))


@pytest.mark.parametrize("name", ["letter_folder", "template_folder"])
@pytest.mark.parametrize("value", ["../elsewhere", "/elsewhere", ".", "a/../.."])
def test_a_folder_setting_stays_beside_the_workbook(ready: Office, tmp_path: Path, name: str, value: str) -> None:
    """A workbook that came by mail does not choose where files are written or read."""
    office = ready.moved(tmp_path / "office")
    setting(office, name, value)
    with pytest.raises(WorkbookError, match=f"The setting {name} on Config is"):
        office.issue()

    assert 0 == letters(office)


@pytest.mark.parametrize(
    ("level", "reason", "said"),
    [(3, "", "the manual level 3 has no reason"), (9, "decision", "the manual level 9 is above the highest level, 4")],
)
def test_a_manual_level_needs_a_reason_and_a_step(ready: Office, tmp_path: Path, level: int, reason: str, said: str) -> None:
    """A level typed on the ledger is refused with its cell."""
    office = ready.moved(tmp_path / "office")
    edit(office, model.AssessedItem, typed_in("manual_level", level, document="F1"))
    edit(office, model.AssessedItem, typed_in("manual_reason", reason, document="F1"))
    with pytest.raises(ConfigError, match=rf"Ledger!\w+2: {said}"):
        office.propose(FIRST)


def test_a_run_may_be_issued_in_parts(ready: Office, tmp_path: Path) -> None:
    """What was held is sent later the same day, in a part of its own; nothing is proposed anew."""
    office = ready.moved(tmp_path / "office")
    commands.review(office.book(), Decision.HOLD, payers=["00017"])
    first = office.issue()
    still = commands.review(office.book(), Decision.SEND, everything=True)
    commands.review(office.book(), Decision.SEND, payers=["00017"])
    second = office.issue()

    assert {"decided": 0, "left": 1} == still.facts
    assert "Held or dropped before, and left so: 1 proposal; name the payer to send it." in still.sentence
    assert (2, 1, 0) == (first.facts["letters"], second.facts["letters"], still.facts["decided"])
    assert f"{first.facts['run']}.2" == second.facts["run"]
    assert ["F3", "F4", "F1", "F2", "C1"] == documents(office)
    assert not verifying.verify(office.book()).failed


def test_an_export_that_would_empty_the_ledger_asks_first(ready: Office, tmp_path: Path) -> None:
    """A cut or filtered export is not taken for a day on which everybody paid."""
    office = ready.moved(tmp_path / "office")
    before = office.files()
    nothing = office.folder / "nothing.csv"
    nothing.write_text("Payer;Document;Due date;Open amount\n", encoding="utf-8")
    with pytest.raises(LedgerError, match="no longer has 6 of the 6 lines"):
        importing.import_ledger(office.book(), nothing, SECOND)
    text = nothing.read_text(encoding="utf-8")
    nothing.unlink()

    assert before == office.files()
    nothing.write_text(text, encoding="utf-8")
    assert 0 == importing.import_ledger(office.book(), nothing, SECOND, confirmed=True).facts["items"]


def test_what_was_typed_on_a_line_that_leaves_is_said(ready: Office, tmp_path: Path) -> None:
    """A dispute that vanishes with its line is named, once."""
    office = ready.moved(tmp_path / "office")
    edit(office, model.AssessedItem, typed_in("dispute", "dispute", document="F3"))
    report = office.import_(*LINES[:3], *LINES[4:])

    assert ["left_with_note"] == [f.code for f in report.findings]
    assert "Dispute: dispute" in report.findings[0].text("en")


def test_propose_says_what_the_letters_would_lack(ready: Office, tmp_path: Path) -> None:
    """Empty settings of the sender are said before anything is sent."""
    office = ready.moved(tmp_path / "office")
    found = office.propose(replace=True).findings

    assert "settings_empty" in {f.code for f in found}
    assert "company_name, company_address, bank_iban" in next(f for f in found if f.code == "settings_empty").text("en")


@pytest.mark.parametrize(("language", "expected"), [("en", "Firm reminder"), ("fr", "Relance ferme"), ("de", "Mahnung")])
def test_a_new_workbook_names_its_levels_in_its_language(tmp_path: Path, language: str, expected: str) -> None:
    """The plain rules speak the language of the workbook."""
    from workbook.file import FileBook

    commands.new(tmp_path / "Dunning.xlsx", language)

    assert expected == FileBook.open(tmp_path / "Dunning.xlsx").read(model.Level)["name"].iloc[1]


def test_a_payer_number_that_lost_its_zeros_is_pointed_out(ready: Office, tmp_path: Path) -> None:
    """It is the same payer: the ledger keeps its number, and nothing is said to have changed."""
    office = ready.moved(tmp_path / "office")
    report = office.import_(*(line.removeprefix("000") for line in LINES))
    found = [f.text("en") for f in report.findings if f.code in ("other_zeros", "payer_changed")]

    assert ["payers 3, documents 0, such as 17 for 00017"] == [re.search("payers.*00017", text)[0] for text in found]
    assert {"unchanged": 6} == {change: count for change, count in report.facts["changes"].items() if count}


def test_a_letter_set_back_to_open_is_not_sent_again(issued: Office) -> None:
    """What this run has issued it does not issue twice, whatever the sheet says."""
    edit(issued, model.Proposal, typed_in("state", "open", payer="00017"))
    with pytest.raises(HistoryError, match=r"The letter to Lefèvre & Fils \(EUR\) of the run .* was issued before"):
        issued.issue()


def test_two_runs_are_not_issued_as_one(ready: Office, tmp_path: Path) -> None:
    """Proposals of different dates do not become letters of one run."""
    office = ready.moved(tmp_path / "office")
    later = FIRST.replace(month=4, day=20)
    office.propose(later)
    commands.review(office.book(), Decision.SEND, everything=True)
    with pytest.raises(HistoryError, match="Proposals of two runs are set to send"):
        office.issue()


@pytest.mark.parametrize(
    ("column", "value"), [("deadline", pd.Timestamp("2026-04-15")), ("channel", "registered"), ("language", "en"), ("template", "formal_notice")]
)
def test_replace_reopens_a_letter_whose_words_were_typed_over(ready: Office, tmp_path: Path, column: str, value: object) -> None:
    """What the reviewer typed is lost with the old proposal; so the letter is looked at again."""
    office = ready.moved(tmp_path / "office")
    edit(office, model.Proposal, typed_in(column, value, payer="00017"))
    office.import_(*LINES[:-1], LINES[-1].replace("75.00", "76.00"))
    office.propose(replace=True)
    found = office.book().read(model.Proposal)[["payer", "decision"]]

    assert [("00017", "open"), ("00018", "send"), ("00018", "send")] == list(found.itertuples(index=False, name=None))


def test_replace_reopens_a_letter_about_another_document(ready: Office, tmp_path: Path) -> None:
    """The same amount is not the same invoice."""
    office = ready.moved(tmp_path / "office")
    office.import_(*(line.replace(";F3;", ";F33;") for line in LINES))
    office.propose(replace=True)
    found = office.book().read(model.Proposal)[["currency", "payer", "decision"]]

    assert [("EUR", "00017", "send"), ("EUR", "00018", "open"), ("GBP", "00018", "send")] == list(found.itertuples(index=False, name=None))


def test_a_level_changed_and_changed_back_leaves_every_line_as_proposed(issued: Office) -> None:
    """There and back again: level, text, deadline and the levels of the lines are what was proposed."""
    issued.import_(LINES[0], LINES[1].replace("2026-02-20", "2026-03-01"), *LINES[3:], as_of=SECOND)
    issued.import_(*LINES[:2], "00017;Lefèvre & Fils;;;;FR;fr;F7;Invoice;2026-02-01;2026-03-01;EUR;5.00;5.00;", *LINES[3:], as_of=SECOND)
    issued.propose(SECOND)
    before = issued.book()
    for level in (1, 4, 2):
        commands.review(issued.book(), Decision.OPEN, payers=["00017"], new_level=level, note="looking")
    after = issued.book()
    columns = ["payer", "currency", "level", "template", "channel", "deadline", "total_minor"]

    assert {0, 1, 2} >= set(before.read(model.ProposalLine)["level"])
    pd.testing.assert_frame_equal(before.read(model.Proposal)[columns], after.read(model.Proposal)[columns])
    pd.testing.assert_frame_equal(before.read(model.ProposalLine), after.read(model.ProposalLine))


def test_a_run_deleted_from_the_history_is_not_taken_for_a_backup(ready: Office, tmp_path: Path) -> None:
    """A copy of the workbook lacks the last runs, never one in between."""
    office = ready.moved(tmp_path / "office")
    first = office.issue().facts["run"]
    office.propose(SECOND)
    office.send_all()
    office.issue()
    edit(office, model.HistoryEntry, lambda frame: frame[frame["run"] != first])
    for command in (office.issue, lambda: office.propose(SECOND.replace(month=4))):
        with pytest.raises(HistoryError, match="has 0 lines under this number, the journal of the letter folder 5"):
            command()


def test_a_template_changed_since_the_last_letters_is_taken_only_when_told_so(ready: Office, tmp_path: Path) -> None:
    """Letters pin their templates; a later run says which was changed, writes nothing until it is accepted, and pins it anew."""
    office = ready.moved(tmp_path / "office")
    commands.review(office.book(), Decision.HOLD, payers=["00018"])
    office.issue()
    book = office.book()
    first = {k: v for k, v in zip(*(book.read(model.About)[c] for c in ("key", "value")), strict=True) if k.startswith("template:")}
    note_facts(book, {"template:de/reminder.docx": "0" * 64})
    book.save()
    commands.review(office.book(), Decision.SEND, payers=["00018"])
    before = office.files()
    with pytest.raises(TemplateError, match=r"de/reminder\.docx.*issue with what was changed"):
        office.issue()
    with pytest.raises(TemplateError, match=r"de/reminder\.docx"):
        issuing.pending(office.book())

    assert ["template:fr/reminder.docx"] == list(first)
    assert before == office.files()
    assert 2 == issuing.issue(office.book(), accept_templates=True).facts["letters"]
    assert "0" * 64 != fact(office.book(), "template:de/reminder.docx")


@pytest.mark.parametrize(("address", "lines"), [("12 High Street", None), ("House, Yard, Lane, Road, Village, County", 7), ("x" * 400, 11)])
def test_propose_says_whose_address_is_longer_than_the_window(ready: Office, tmp_path: Path, address: str, lines: int | None) -> None:
    """The name is a line of its own, and a long piece is broken."""
    office = ready.moved(tmp_path / "office")
    edit(
        office,
        model.Payer,
        lambda payers: payers.assign(
            address=[address if p == "00017" else "" for p in payers["payer"]], city="", postal_code="", region="", country=""
        ),
    )
    found = [f for f in office.propose(replace=True).findings if f.code == "address_long"]
    expected = [] if lines is None else [("00017", 1, lines)]

    assert expected == [(f.values["payer"], f.values["count"], f.values["lines"]) for f in found]
