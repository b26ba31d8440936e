"""Documents beside the letters of a run: previews, reprints, statements, confirmations, hand-over files."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import docx
import pytest
from typer.testing import CliRunner

from addin import commands, confirming, handing_over, issuing, printing, recording, reprinting, stating, verifying
from addin.cli import app
from addin.cli.options import FINDINGS
from addin.show import as_text
from rules import model
from rules.errors import ConfigError, HistoryError, WorkbookError
from rules.model import CollectionCase, CollectionDecision, Event, HistoryEntry, Payer, Promise, Reason, Statement
from rules.records import received
from rules.row import typed
from tests.addin.office import FIRST, LINES, Office
from tests.addin.test_gate import edit
from workbook.file import FileBook

LATER = date(2026, 4, 20)
ONE_LETTER = '[[methods]]\nmethod = "standard"\nmaximum_reminders = 1\n[[levels]]\nmethod = "standard"\nlevel = 1\ntemplate = "reminder"\n'


@pytest.fixture(scope="session")
def reminded(empty: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office with one letter sent about every overdue line, which is the last of its method; made once and never changed."""
    office = empty.moved(tmp_path_factory.mktemp("reminded") / "office")
    commands.config_import(office.book(), ONE_LETTER)
    office.proposed().issue()
    return office


@pytest.fixture
def issued(reminded: Office, tmp_path: Path) -> Office:
    """An office with the last letter sent about every overdue line."""
    return reminded.moved(tmp_path / "office")


@pytest.fixture(scope="session")
def collecting(reminded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The same office seven weeks later, with what is for collection on its sheet; made once and never changed."""
    office = reminded.moved(tmp_path_factory.mktemp("collecting") / "office")
    office.propose(LATER)
    return office


@pytest.fixture
def late(collecting: Office, tmp_path: Path) -> Office:
    """An office with cases for collection."""
    return collecting.moved(tmp_path / "office")


def words(path: Path) -> str:
    """All text of the body of a document."""
    document = docx.Document(str(path))
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def decided(office: Office, decision: CollectionDecision) -> Office:
    """Every case on the sheet Collection with this decision."""
    book = office.book()
    cases = book.read(CollectionCase)
    book.replace(CollectionCase, typed(cases.assign(decision=str(decision)), CollectionCase))
    book.save()
    return office


# ---------------------------------------------------------------------------------------------------------------- preview, reprint


def test_a_preview_writes_the_letter_and_changes_nothing(imported: Office) -> None:
    imported.propose()
    before = imported.path.read_bytes()
    report = reprinting.preview(imported.book(), "00017")
    (file,) = report.facts["files"]

    assert (before, 0) == (imported.path.read_bytes(), len(imported.book().read(HistoryEntry)))
    assert "F1" in words(Path(file))


def test_a_preview_of_a_payer_without_proposal_names_those_that_have_one(imported: Office) -> None:
    imported.propose()

    with pytest.raises(ConfigError, match=r"no open proposal for the payer '1'\. Payers with one: 00017, 00018"):
        reprinting.preview(imported.book(), "1")


def test_a_lost_letter_is_written_again_byte_for_byte(issued: Office) -> None:
    entry = issued.book().read(HistoryEntry).iloc[0]
    path = issued.folder / "letters" / entry["letter"]
    before = path.read_bytes()
    path.unlink()
    reprinting.reprint(issued.book(), path.name)

    assert before == path.read_bytes()
    assert not verifying.verify(issued.book()).failed


def test_a_changed_letter_is_not_overwritten_and_the_original_goes_elsewhere(issued: Office, tmp_path: Path) -> None:
    path = issued.folder / "letters" / issued.book().read(HistoryEntry)["letter"].iloc[0]
    before = path.read_bytes()
    path.write_bytes(b"changed")
    with pytest.raises(HistoryError, match="was changed"):
        reprinting.reprint(issued.book(), path.name)
    reprinting.reprint(issued.book(), path.name, tmp_path / "again")

    assert (b"changed", before) == (path.read_bytes(), (tmp_path / "again" / path.name).read_bytes())


def test_an_unknown_letter_is_refused(issued: Office) -> None:
    with pytest.raises(HistoryError, match="no issued letter 'R1'"):
        reprinting.reprint(issued.book(), "R1")


def test_a_changed_letter_is_moved_away_and_written_again_as_every_message_says(issued: Office, tmp_path: Path) -> None:
    path = issued.folder / "letters" / issued.book().read(HistoryEntry)["letter"].iloc[0]
    before = path.read_bytes()
    path.write_bytes(b"changed")
    report = verifying.verify(issued.book())
    (found,) = report.findings
    with pytest.raises(HistoryError, match="Move the changed file to another folder") as refused:
        printing.print_file(issued.book())
    number = str(found.values["letter"])

    assert f"(reprint {number})" in str(refused.value)
    assert "Move the file to another folder, then reprint the letter (button Reprint)" in found.text("en")
    assert f"The letter {number} was changed" in found.text("en")
    assert (False, True) == ("dunning reprint" in found.text("en"), "(dunning reprint)" in as_text(report, "en", options=FINDINGS))
    shutil.move(path, tmp_path)
    reprinting.reprint(issued.book(), number)
    assert before == path.read_bytes()


@pytest.mark.parametrize(("what", "act", "code"), [
    ("plan.json", lambda path: path.write_bytes(path.read_bytes().replace(b"F1", b"F7")), "letter_source_changed"),
    ("plan.json", lambda path: path.unlink(), "letter_source_missing"),
    ("templates/de/reminder.docx", lambda path: path.unlink(), "letter_source_missing"),
])  # fmt: skip
def test_verify_finds_a_run_whose_letters_cannot_be_made_again(issued: Office, what: str, act: Callable[[Path], None], code: str) -> None:
    """Else nobody would notice until the letters are to be printed; the same sentence then says so, whatever the command."""
    run = issued.book().read(HistoryEntry)["run"].iloc[0]
    act(issued.folder / "letters" / run / what)
    report = verifying.verify(issued.book())

    assert [(code, f"{run}/{what}")] == [(f.code, f.place) for f in report.findings]
    for command in (printing.print_file, lambda book: reprinting.reprint(book, f"{run}-0001")):
        with pytest.raises(HistoryError, match="Put it back from a backup of the letter folder, then run the command again"):
            command(issued.book())


def test_a_lost_letter_folder_is_said_in_one_sentence_by_every_command(issued: Office) -> None:
    shutil.rmtree(issued.folder / "letters")
    report = verifying.verify(issued.book())

    assert ["journal_missing"] == [f.code for f in report.findings]
    for command in (issuing.issue, printing.print_file, lambda book: reprinting.reprint(book, "R1"), lambda book: stating.state(book, FIRST)):
        with pytest.raises(HistoryError, match=r"journal\.jsonl: The journal of the letters is gone.*Put the letter folder back from its backup"):
            command(issued.book())


# ---------------------------------------------------------------------------------------------------------------- statements


def test_statements_tie_to_the_ledger_and_stand_on_their_sheet(imported: Office) -> None:
    report = stating.state(imported.book(), FIRST, everybody=True)
    written = imported.book().read(Statement)
    ledger = imported.book().read(model.AssessedItem)

    assert dict(ledger.groupby("currency")["open_minor"].sum()) == dict(written.groupby("currency")["open_minor"].sum())
    assert [0, 0] == list(report.tables["tie"]["without_minor"])
    assert all((imported.folder / "letters" / f).is_file() for f in written["file"])


def test_a_statement_is_due_by_the_payers_interval_and_once_a_day(imported: Office) -> None:
    book = imported.book()
    payers = book.read(Payer)
    book.replace(Payer, payers.assign(statement_days=payers["statement_days"].mask(payers["payer"] == "00019", 30)))
    book.save()

    assert [1, 0, 0, 1] == [stating.state(imported.book(), day).facts["statements"] for day in (FIRST, FIRST, date(2026, 3, 31), date(2026, 4, 1))]


def test_a_statement_asked_for_twice_is_one_and_a_changed_ledger_makes_a_second_beside_it(imported: Office) -> None:
    for _ in range(2):
        stating.state(imported.book(), FIRST, payers=["00019"])
    imported.import_("00019;Hall Ltd;1 High St;BS1;Bristol;GB;en;F5;Invoice;2026-02-25;2026-03-27;GBP;75.00;50.00;")
    stating.state(imported.book(), FIRST, payers=["00019"])
    rows = imported.book().read(Statement)

    assert [7500, 5000] == list(rows["open_minor"])
    assert 2 == rows["file"].nunique()
    texts, references = [words(imported.folder / "letters" / file) for file in rows["file"]], ("S20260302-00019-GBP", "S20260302-00019-GBP-2")

    assert [True, True] == [reference in text for reference, text in zip(references, texts, strict=True)]


def test_a_dry_run_writes_no_statement(imported: Office) -> None:
    before = imported.files()
    stating.state(FileBook.open(imported.path, dry_run=True), FIRST, everybody=True, dry_run=True)

    assert before == imported.files()


def test_an_unknown_payer_gets_no_statement_but_a_sentence(imported: Office) -> None:
    with pytest.raises(ConfigError, match="no payer 'X'"):
        stating.state(imported.book(), FIRST, payers=["X"])


def test_statements_say_whose_address_is_longer_than_the_window(imported: Office) -> None:
    edit(imported, model.Payer, lambda payers: payers.assign(address=["a, b, c, d, e, f" if p == "00017" else "" for p in payers["payer"]]))
    found = [f for f in stating.state(imported.book(), FIRST, payers=["00017"]).findings if f.code == "address_long"]
    none = stating.state(imported.book(), FIRST, payers=["00018"]).findings

    assert [("00017", 1)] == [(f.values["payer"], f.values["count"]) for f in found]
    assert [] == none


def test_a_past_day_is_refused_for_payers_whose_paid_lines_have_left(imported: Office) -> None:
    """Nobody can tell any more what stood there; the others are told as it was."""
    imported.import_(*[line for line in LINES if ";F3;" not in line], as_of=date(2026, 3, 20))
    report = stating.state(imported.book(), FIRST, everybody=True)

    assert ["statement_unknown"] == [f.code for f in report.findings]
    assert {"00017", "00019"} == set(imported.book().read(Statement)["payer"])


USED = tuple(line.replace("-50.50;-50.50", "-50.50;-20.00") for line in LINES)
REOPENED = tuple(line.replace("300.00;250.50", "300.00;300.00") for line in USED)

GONE = tuple(line for line in LINES if ";F2;" not in line and ";C1;" not in line)


@pytest.mark.parametrize(
    "since",
    [(USED,), (USED, REOPENED), (REOPENED, USED, LINES), (GONE, LINES), (USED, GONE, REOPENED)],
    ids=["used", "used, then reopened", "there and back", "gone and back", "gone and back with other amounts"],
)
def test_a_past_day_shows_credits_and_invoices_as_they_stood_however_many_imports_later(imported: Office, since: tuple[tuple[str, ...], ...]) -> None:
    for day, lines in enumerate(since, start=10):
        imported.import_(*lines, as_of=date(2026, 3, day))
    report = stating.state(imported.book(), date(2026, 3, 9), everybody=True)
    (file,) = report.tables["statements"].loc[lambda s: s["payer"] == "00017", "file"]

    assert [1200_00 + 250_50 - 50_50] == list(report.tables["statements"].loc[lambda s: s["payer"] == "00017", "open_minor"])
    assert "50,50" in words(imported.folder / "letters" / file)
    assert [0, 0] == list(report.tables["tie"]["without_minor"])


def test_a_past_day_is_refused_for_payers_whose_credit_was_used_up_and_the_tie_names_what_is_missing(imported: Office) -> None:
    imported.import_(*[line for line in LINES if ";C1;" not in line], as_of=date(2026, 3, 20))
    report = stating.state(imported.book(), FIRST, everybody=True)

    assert ["statement_unknown"] == [f.code for f in report.findings]
    assert {"00018", "00019"} == set(imported.book().read(Statement)["payer"])
    assert {"EUR": 1200_00 + 250_50 - 50_50, "GBP": 0} == dict(zip(*(report.tables["tie"][c] for c in ("currency", "without_minor")), strict=True))


def test_a_credit_that_was_used_is_no_money_that_came_in(imported: Office) -> None:
    """The promise of 50.50 EUR is not kept by what was set off against it, and not undone by it either."""
    imported.import_(*USED, as_of=date(2026, 3, 10))
    told = imported.book().read(model.Payment)

    assert [("C1", -3050)] == list(told[["document", "amount_minor"]].itertuples(index=False, name=None))
    assert received(told).empty


# ---------------------------------------------------------------------------------------------------------------- confirmations


def test_a_promise_is_confirmed_once(imported: Office) -> None:
    told = imported.folder / "said.toml"
    told.write_text('[[promises]]\npayer = "00018"\ndate = 2026-03-02\nuntil = 2026-03-20\ncurrency = "EUR"\n')
    recording.record(imported.book(), told, FIRST)
    first, second = (confirming.confirm(imported.book(), FIRST) for _ in range(2))
    (file,) = imported.book().read(Promise)["confirmation"]

    assert (1, 0) == (first.facts["confirmations"], second.facts["confirmations"])
    assert "990,00" in words(imported.folder / "letters" / file)
    assert not recording.record(imported.book(), told, FIRST).changed  # the same promise is still known


def test_confirmations_of_one_day_have_references_of_their_own(imported: Office) -> None:
    told = imported.folder / "said.toml"
    promise = '[[promises]]\npayer = "{}"\ndate = 2026-03-02\nuntil = 2026-03-20\ndocument = "{}"\n'
    told.write_text("".join(promise.format(*of) for of in (("00017", "F1"), ("00017", "F2"), ("00018", "F3"))))
    recording.record(imported.book(), told, FIRST)
    confirming.confirm(imported.book(), FIRST)
    texts = [words(imported.folder / "letters" / file) for file in imported.book().read(Promise)["confirmation"]]
    said = [f"C20260302-{of}-20260320" for of in ("00017-F1", "00017-F2", "00018-F3")]

    assert [True, True, True] == [reference in text for reference, text in zip(said, texts, strict=True)]


# ---------------------------------------------------------------------------------------------------------------- hand-over


def test_what_is_handed_over_has_a_file_a_history_and_no_more_letters(late: Office) -> None:
    decided(late, CollectionDecision.HAND_OVER)
    report = handing_over.hand_over(late.book(), LATER)
    entries = late.book().read(HistoryEntry)
    over = entries[entries["event"] == Event.HAND_OVER]
    cases = late.book().read(CollectionCase)
    ledger = late.book().read(model.AssessedItem)
    folder = (late.folder / "letters" / over["letter"].iloc[0]).parent

    assert {"F1", "F2", "C1", "F3", "F4"} == set(over["document"])  # the credit is deducted and leaves with the claim
    assert 3 == report.facts["files"]  # one payer has two currencies
    assert cases["handed_over_on"].notna().all()
    assert {str(Reason.HANDED_OVER)} == set(ledger.loc[ledger["document"].isin(over["document"]), "reason_code"])
    assert sorted({Path(f).name for f in entries.loc[(entries["event"] == Event.LETTER) & (entries["payer"] == "00017"), "letter"]}) == sorted(
        p.name for p in folder.iterdir() if p.name.startswith("R")
    )
    assert "F1" in words(late.folder / "letters" / over["letter"].iloc[0])
    assert not verifying.verify(late.book()).failed


def test_handing_over_twice_changes_nothing_and_the_cases_stay_to_be_seen(late: Office) -> None:
    decided(late, CollectionDecision.HAND_OVER)
    handing_over.hand_over(late.book(), LATER)
    before = late.files()

    assert 0 == handing_over.hand_over(late.book(), LATER).facts["lines"]
    assert before == late.files()
    late.propose(LATER)
    assert 4 == len(late.book().read(CollectionCase))


@pytest.mark.parametrize("decision", [CollectionDecision.OPEN, CollectionDecision.HOLD, CollectionDecision.DROP])
def test_only_what_is_decided_goes(late: Office, decision: CollectionDecision) -> None:
    decided(late, decision)

    assert 0 == handing_over.hand_over(late.book(), LATER).facts["lines"]


def test_a_case_disputed_since_stays_and_is_named(late: Office) -> None:
    decided(late, CollectionDecision.HAND_OVER)
    book = late.book()
    ledger = book.read(model.AssessedItem)
    reason = book.read(model.ReasonCode).query("use == 'dispute'")["code"].iloc[0]
    said = ledger["dispute"].astype("str").mask(ledger["document"] == "F1", reason)
    book.replace(model.AssessedItem, typed(ledger.assign(dispute=said), model.AssessedItem))
    book.save()
    report = handing_over.hand_over(late.book(), LATER)

    assert {"F2", "C1", "F3", "F4"} == set(report.tables["handed over"]["document"])
    assert ["F1"] == [f.values["document"] for f in report.findings if f.code == "case_over"]


def test_a_workbook_from_a_backup_is_told_of_what_was_handed_over(late: Office) -> None:
    """The journal knows it; the workbook follows, and nothing is handed over twice."""
    decided(late, CollectionDecision.HAND_OVER)
    shutil.copy(late.path, late.folder / "before.bak")
    handing_over.hand_over(late.book(), LATER)
    told = late.book().read(HistoryEntry)
    shutil.copy(late.folder / "before.bak", late.path)
    handing_over.hand_over(late.book(), LATER)

    assert list(told["sha256"]) == list(late.book().read(HistoryEntry)["sha256"])
    assert late.book().read(CollectionCase)["handed_over_on"].notna().all()


def test_a_dry_run_says_what_would_be_handed_over(late: Office) -> None:
    decided(late, CollectionDecision.HAND_OVER)
    before = late.files()
    planned = handing_over.hand_over(FileBook.open(late.path, dry_run=True), LATER, dry_run=True)
    unchanged = late.files() == before
    done = handing_over.hand_over(late.book(), LATER)

    assert unchanged
    assert planned.facts == done.facts
    assert planned.sentence.startswith("To be handed over: ")
    assert " handed over, " in done.sentence


def test_a_copy_or_letter_that_is_missing_from_a_hand_over_file_is_told_once_for_each_file(issued: Office) -> None:
    (issued.folder / "copies").mkdir()
    (issued.folder / "copies" / "F1.pdf").write_bytes(b"%PDF")
    book = issued.book()
    settings = book.read(model.Setting)
    book.replace(model.Setting, settings.assign(value=settings["value"].mask(settings["setting"] == "invoice_folder", "copies")))
    book.save()
    issued.propose(LATER)
    decided(issued, CollectionDecision.HAND_OVER)
    next((issued.folder / "letters").glob("R*/*00017*.docx")).write_bytes(b"changed")
    findings = [f for f in handing_over.hand_over(issued.book(), LATER).findings if f.code == "enclosure_missing"]
    told = {(f.values["payer"], f.values["count"]) for f in findings}

    assert {("00017", 2), ("00018", 1)} == told
    assert "F2" in next(f.text("en") for f in findings if f.values["payer"] == "00017")


@pytest.mark.parametrize(("credit", "covered"), [("-50.50", False), ("-1450.49", False), ("-1450.50", True), ("-9000.00", True)])
def test_credits_are_deducted_from_a_claim_and_leave_with_it_or_the_payer_stays(issued: Office, credit: str, covered: bool) -> None:
    """F1 and F2 come to 1,450.50 EUR; the credit is of the same payer and currency."""
    handed = {"F3", "F4"} if covered else {"F1", "F2", "C1", "F3", "F4"}
    issued.import_(*[line.replace("-50.50;-50.50", f"{credit};{credit}") for line in LINES], as_of=LATER)
    issued.propose(LATER)
    decided(issued, CollectionDecision.HAND_OVER)
    report = handing_over.hand_over(issued.book(), LATER)
    ledger = issued.book().read(model.AssessedItem).set_index("document")
    over = report.tables["handed over"]

    assert handed == set(over["document"])
    assert ["00017"] * covered == [f.values["payer"] for f in report.findings if f.code == "case_covered"]
    assert {str(Reason.HANDED_OVER)} == set(ledger.loc[list(handed), "reason_code"])
    if not covered:
        file = over.loc[over["document"] == "C1", "file"].iloc[0]

        assert credit[1:] in words(issued.folder / "letters" / file).replace(",", "")
    assert not verifying.verify(issued.book()).failed


def test_a_credit_that_left_with_a_claim_is_on_no_letter_any_more(late: Office) -> None:
    decided(late, CollectionDecision.HAND_OVER)
    handing_over.hand_over(late.book(), LATER)
    later = date(2026, 6, 1)
    late.import_(*LINES, LINES[0].replace(";F1;", ";F9;").replace("2026-02-01", "2026-04-20"), as_of=later)
    late.propose(later)
    lines = late.book().read(model.ProposalLine)

    assert {"F5", "F9"} == set(lines["document"])


def test_an_invoice_folder_that_is_not_there_stops_the_hand_over(late: Office) -> None:
    decided(late, CollectionDecision.HAND_OVER)
    book = late.book()
    settings = book.read(model.Setting)
    book.replace(model.Setting, settings.assign(value=settings["value"].mask(settings["setting"] == "invoice_folder", "copies")))
    book.save()
    before = late.files()
    with pytest.raises(WorkbookError, match=r"The invoice folder .*copies is not there"):
        handing_over.hand_over(late.book(), LATER)

    assert before == late.files()


@pytest.mark.parametrize(("said", "decisions"), [
    (["--hand-over", "all"], {"F1": "hand_over", "F2": "hand_over", "F3": "hand_over", "F4": "hand_over"}),
    (["--hand-over", "00018", "--currency", "gbp"], {"F1": "open", "F2": "open", "F3": "open", "F4": "hand_over"}),
    (["--hand-over", "00017", "--at-least", "250.51"], {"F1": "hand_over", "F2": "open", "F3": "open", "F4": "open"}),
    (["--collection", "--hold", "00017", "--note", "speaks to us"], {"F1": "hold", "F2": "hold", "F3": "open", "F4": "open"}),
    (["--collection", "--drop", "all", "--level", "1"], {"F1": "drop", "F2": "drop", "F3": "drop", "F4": "drop"}),
])  # fmt: skip
def test_cases_are_decided_on_the_command_line(late: Office, said: list[str], decisions: dict[str, str]) -> None:
    answer = CliRunner().invoke(app, ["review", str(late.path), *said])
    cases = late.book().read(CollectionCase)

    assert 0 == answer.exit_code
    assert decisions == dict(zip(cases["document"], cases["decision"].astype(str), strict=True))
    assert {"speaks to us"} & set(said) == set(cases["decision_note"]) - {""}


def test_a_case_that_is_not_there_cannot_be_decided(late: Office) -> None:
    with pytest.raises(ConfigError, match="no case of the payer '00019' to decide"):
        handing_over.decide(late.book(), CollectionDecision.HAND_OVER, payers=["00019"])
