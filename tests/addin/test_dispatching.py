"""What is made of letters to send them: only of those that were issued and still stand, the same twice, and the workbook stays as it is."""

from __future__ import annotations

import csv
import email
import io
import time
from email.policy import default
from pathlib import Path

import docx
import pytest
from typer.testing import CliRunner

from addin import commands, dispatching, undoing, verifying
from addin.cli import app
from addin.delivering import deliver
from addin.report import Report
from rules import model
from rules.errors import ConfigError, HistoryError, TemplateError, WorkbookError
from rules.model import Delivery
from rules.row import typed
from tests.addin.office import FIRST, SECOND, Office


class Fake:
    """A word processor; it dies at the letter number `dies`."""

    name, by_reference = "Fake", True
    dies = -1

    def __init__(self) -> None:
        self.made: list[str] = []

    def convert(self, sources, folder, done) -> None:
        for source in sources:
            if len(self.made) == self.dies:
                raise KeyboardInterrupt
            self.made.append(source.stem)
            (folder / f"{source.stem}.pdf").write_bytes(b"%PDF-1.6\n%%EOF\n" + source.stem.encode())


@pytest.fixture
def word(monkeypatch: pytest.MonkeyPatch) -> Fake:
    fake = Fake()
    monkeypatch.setattr(dispatching, "converter", lambda: fake)
    return fake


@pytest.fixture(scope="module")
def whole(ready: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose three letters are issued, to payers with e-mail addresses."""
    office = ready.moved(tmp_path_factory.mktemp("issued") / "office")
    office.issue()
    with_addresses(office, {"00017": "compta@lefevre.example; direction@lefevre.example", "00018": "buchhaltung@mueller.example"})
    return office


@pytest.fixture
def issued(whole: Office, tmp_path: Path) -> Office:
    return whole.moved(tmp_path / "office")


def with_addresses(office: Office, emails: dict[str, str]) -> None:
    book = office.book()
    payers = book.read(model.Payer)
    book.replace(model.Payer, typed(payers.assign(email=[emails.get(payer, "") for payer in payers["payer"]]), model.Payer))
    book.save()


def with_settings(office: Office, text: str) -> None:
    commands.config_import(office.book(), f"[settings]\n{text}\n")


def folder(office: Office) -> Path:
    return next((office.folder / "letters").glob("R*"))


def letters(office: Office) -> list[Path]:
    """The letters of the run: to 00017 in EUR, to 00018 in EUR and in GBP."""
    return sorted(path for path in folder(office).glob("*.docx") if "_print" not in path.name)


def drafts(office: Office) -> dict[str, email.message.EmailMessage]:
    """The drafts by the beginning of their receivers' addresses and the currency."""
    found = {}
    for path in sorted((folder(office) / "mail").glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=default)
        found[f"{message['To'].split('@')[0]} {path.stem.split('_')[2]}"] = message
    return found


def attached(message: email.message.EmailMessage) -> list[str]:
    return [part.get_filename() for part in message.iter_attachments()]


COMMANDS = [dispatching.print_file, dispatching.pdf_files, dispatching.mail_drafts, dispatching.merge_table]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_same_command_twice_leaves_the_same_files_and_the_workbook_as_it_was(issued: Office, word: Fake, command) -> None:
    book = issued.path.read_bytes()
    command(issued.book())
    once = issued.files()
    report = command(issued.book())

    assert once == issued.files()
    assert book == issued.path.read_bytes()
    assert (3, False) == (report.facts["letters"], report.changed)
    assert not verifying.verify(issued.book()).failed


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("harm", "said"), [(lambda path: path.unlink(), "is missing"), (lambda path: path.write_bytes(b"PK"), "was changed since it was issued")]
)
def test_a_letter_that_is_missing_or_was_changed_stops_everything(issued: Office, word: Fake, command, harm, said: str) -> None:
    harm(letters(issued)[-1])
    before = issued.files()
    with pytest.raises(HistoryError, match=f"{said}; only what was issued is sent"):
        command(issued.book())

    assert before == issued.files()
    assert [] == word.made


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_run_that_was_issued_there_is_nothing_to_send(ready: Office, issued: Office, command) -> None:
    with pytest.raises(HistoryError, match="No run was issued yet"):
        command(ready.book())
    with pytest.raises(HistoryError, match=r"There is no issued run 'R1'\. The last ones are: R20260302"):
        command(issued.book(), "R1")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("how", ["undone", "failed"])
def test_what_was_taken_back_is_not_sent(issued: Office, word: Fake, command, how: str) -> None:
    if how == "undone":
        undoing.undo(issued.book(), "00017", "mistake", SECOND)
    else:
        deliver(issued.book(), Delivery.FAILED, SECOND, letters=[letters(issued)[0].name])
    report = command(issued.book())

    assert (2, 1) == (report.facts["letters"], report.facts["left_out"])
    assert "Left out, because taken back or not delivered: 1 letter." in report.sentence


def test_the_last_run_is_meant_unless_another_is_named(issued: Office) -> None:
    first = folder(issued).name
    issued.propose(SECOND)
    issued.send_all()
    second = issued.issue().facts["run"]

    assert [second, first] == [dispatching.print_file(issued.book(), run).facts["run"] for run in ("", first)]


def test_only_letters_of_a_channel(issued: Office) -> None:
    report = dispatching.print_file(issued.book(), channel="letter")

    assert (3, f"{folder(issued).name}_print_letter.docx") == (report.facts["letters"], Path(report.facts["files"][0]).name)
    with pytest.raises(HistoryError, match="has no letter with the channel registered to send: none goes by it"):
        dispatching.print_file(issued.book(), channel="registered")


# ---------------------------------------------------------------------------------------------------------------- print, PDF


def test_the_print_file_holds_every_letter_in_the_order_of_the_run(issued: Office) -> None:
    report = dispatching.print_file(issued.book())
    made = docx.Document(report.facts["files"][0])
    text = "\n".join(node.text for node in made.element.body.iter() if node.tag.endswith("}t") and node.text)
    numbers = [text.find(f"{folder(issued).name}-{n:04}") for n in (1, 2, 3)]

    assert 3 == len(made.sections)
    assert numbers == sorted(numbers)
    assert -1 not in numbers


def test_the_print_file_as_pdf_lies_beside_it(issued: Office, word: Fake) -> None:
    report = dispatching.print_file(issued.book(), as_pdf=True)

    assert [".docx", ".pdf"] == [Path(file).suffix for file in report.facts["files"]]
    assert all(Path(file).exists() for file in report.facts["files"])


def test_a_pdf_that_holds_a_letter_taken_back_does_not_stay_beside_the_new_print_file(issued: Office, word: Fake) -> None:
    _, pdf = map(Path, dispatching.print_file(issued.book(), as_pdf=True).facts["files"])
    dispatching.print_file(issued.book())
    assert pdf.exists()
    deliver(issued.book(), Delivery.FAILED, SECOND, letters=[letters(issued)[0].name])
    dispatching.print_file(issued.book())

    assert not pdf.exists()


def test_every_letter_has_a_pdf_and_a_cut_off_call_goes_on_where_it_was(issued: Office, word: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("letter_templates.pdf.BATCH", 1)
    word.dies = 2
    with pytest.raises(KeyboardInterrupt):
        dispatching.pdf_files(issued.book())
    assert 2 == len(list((folder(issued) / "pdf").glob("*.pdf")))
    word.dies = -1
    report = dispatching.pdf_files(issued.book())

    assert [path.stem for path in letters(issued)] == sorted(word.made)
    assert [path.stem for path in letters(issued)] == sorted(path.stem for path in (folder(issued) / "pdf").glob("*.pdf"))
    assert (1, 3) == (report.facts["written_now"], report.facts["letters"])


def test_without_a_word_processor_nothing_is_written_and_the_sentence_says_what_helps(issued: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise TemplateError("Word or LibreOffice is needed")

    monkeypatch.setattr(dispatching, "converter", none)
    before = issued.files()
    for command in (dispatching.pdf_files, dispatching.mail_drafts, lambda book: dispatching.print_file(book, as_pdf=True)):
        with pytest.raises(TemplateError, match="is needed"):
            command(issued.book())

    assert before == issued.files()


def test_a_file_that_is_open_elsewhere_is_a_sentence(issued: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def held(fresh: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", held)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with pytest.raises(WorkbookError, match=r"_print\.docx cannot be written: it is open in another program.*Close it"):
        dispatching.print_file(issued.book())


# ---------------------------------------------------------------------------------------------------------------- e-mail


def test_each_payer_with_an_address_gets_a_draft_in_its_language_with_the_letter(issued: Office, word: Fake) -> None:
    report = dispatching.mail_drafts(issued.book())
    found = drafts(issued)

    assert ["buchhaltung EUR", "buchhaltung GBP", "compta EUR"] == sorted(found)
    assert "compta@lefevre.example, direction@lefevre.example" == found["compta EUR"]["To"]
    assert "1" == found["compta EUR"]["X-Unsent"]
    assert "Lefèvre" not in found["buchhaltung GBP"].as_string()
    assert "00017" in found["compta EUR"]["Subject"]
    assert "Madame, Monsieur" in found["compta EUR"].get_body().get_content()
    assert "Sehr geehrte Damen und Herren" in found["buchhaltung EUR"].get_body().get_content()
    assert [letters(issued)[0].with_suffix(".pdf").name] == attached(found["compta EUR"])
    assert (3, 3, 0) == tuple(report.facts[name] for name in ("drafts", "written_now", "without_address"))


def test_the_letter_goes_as_a_word_file_where_config_says_so(issued: Office, word: Fake) -> None:
    with_settings(issued, 'mail_attachment = "docx"\ncontact_email = "claire@firm.example"')
    dispatching.mail_drafts(issued.book())
    part = next(drafts(issued)["compta EUR"].iter_attachments())

    assert (letters(issued)[0].name, letters(issued)[0].read_bytes()) == (part.get_filename(), part.get_content())
    assert "claire@firm.example" == drafts(issued)["compta EUR"]["Reply-To"]
    assert [] == word.made


def test_an_address_of_the_settings_that_is_none_is_told_and_left_out(issued: Office, word: Fake) -> None:
    with_settings(issued, 'contact_email = "see our site"')
    report = dispatching.mail_drafts(issued.book())

    assert "E-mail on Config is not a valid address: answers will go to whoever sends" in report.sentence
    assert drafts(issued)["compta EUR"]["Reply-To"] is None


def test_payers_without_a_right_address_are_told_and_an_older_draft_is_taken_away(issued: Office, word: Fake) -> None:
    dispatching.mail_drafts(issued.book())
    with_addresses(issued, {"00017": "compta@lefevre"})
    report = dispatching.mail_drafts(issued.book())
    assert (0, 3) == (report.facts["drafts"], report.facts["without_address"])
    assert {} == drafts(issued)
    with_addresses(issued, {"00017": "compta@lefevre", "00018": "a@b.example"})
    report = dispatching.mail_drafts(issued.book())

    assert ["a EUR", "a GBP"] == sorted(drafts(issued))
    assert [("mail_address_wrong", "Payers!")] == [(f.code, f.place[:7]) for f in report.findings]
    assert "compta@lefevre" in report.findings[0].text("en")


def test_the_draft_of_a_letter_that_failed_is_taken_away(issued: Office, word: Fake) -> None:
    dispatching.mail_drafts(issued.book())
    deliver(issued.book(), Delivery.FAILED, SECOND, letters=[letters(issued)[0].name])
    dispatching.mail_drafts(issued.book())

    assert ["buchhaltung EUR", "buchhaltung GBP"] == sorted(drafts(issued))


def test_the_texts_of_a_new_workbook_are_on_config_and_may_be_changed(issued: Office, word: Fake) -> None:
    texts = issued.book().read(model.MailText)
    assert {("en", 0), ("en", 1), ("en", 2), ("fr", 0), ("fr", 1), ("fr", 2), ("de", 0), ("de", 1), ("de", 2)} == set(
        texts[["language", "level"]].itertuples(index=False, name=None)
    )
    commands.config_import(
        issued.book(),
        '[[mail_texts]]\nlanguage = "fr"\nlevel = 1\nsubject = "{{ payer.name }} & {{ amount_due }}"\nbody = "Bonjour\\n{{ deadline }}"',
    )
    dispatching.mail_drafts(issued.book())
    mine = drafts(issued)["compta EUR"]

    assert mine["Subject"].startswith("Lefèvre & Fils & 1 400,00")
    assert mine.get_body().get_content().startswith("Bonjour\r\n")
    assert "Sehr geehrte" in drafts(issued)["buchhaltung EUR"].get_body().get_content()  # the packaged one, where Config has none


def test_a_text_that_cannot_be_filled_names_its_cell_and_writes_nothing(issued: Office, word: Fake) -> None:
    commands.config_import(issued.book(), '[[mail_texts]]\nlanguage = "fr"\nlevel = 0\nsubject = "{{ payr.name }}"\nbody = "x"')
    checked = commands.templates_check(issued.book())
    assert (True, {"mail_text_field"}) == (checked.failed, {f.code for f in checked.findings})
    before = issued.files()
    with pytest.raises(ConfigError, match=r"Config!\w+\d+: The e-mail text names the field “payr”.*Nearest known: payer"):
        dispatching.mail_drafts(issued.book())

    assert before == issued.files()


def test_copies_of_the_reminded_invoices_are_attached_and_the_rest_is_told(issued: Office, word: Fake) -> None:
    with_settings(issued, 'mail_attachment = "docx"\ninvoice_folder = "invoices"')
    (issued.folder / "invoices").mkdir()
    for name in ("F1.pdf", "C1.pdf", "Müller F3.pdf", "F4 a.pdf", "F4 b.pdf"):
        (issued.folder / "invoices" / name).write_bytes(name.encode())
    report = dispatching.mail_drafts(issued.book())
    found = drafts(issued)
    told = {f.code: f.text("en") for f in report.findings}

    assert ["F1.pdf"] == attached(found["compta EUR"])[1:]  # not the credit, and F2 is missing
    assert ["Müller-F3.pdf"] == attached(found["buchhaltung EUR"])[1:]
    assert [] == attached(found["buchhaltung GBP"])[1:]
    assert {"copy_missing", "copy_unclear"} == set(told)
    assert "the folder invoices has no copy of F2" in told["copy_missing"]
    assert "F4: F4 a.pdf, F4 b.pdf" in told["copy_unclear"]


def test_an_e_mail_does_not_grow_without_end(issued: Office, word: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatching, "LARGEST", 5)
    with_settings(issued, 'mail_attachment = "docx"\ninvoice_folder = "invoices"')
    (issued.folder / "invoices").mkdir()
    for name in ("F1", "F2", "F3", "F4"):
        (issued.folder / "invoices" / f"{name}.pdf").write_bytes(b"12345" if name == "F1" else b"1")
    report = dispatching.mail_drafts(issued.book())

    assert ["F1.pdf"] == attached(drafts(issued)["compta EUR"])[1:]
    assert ["copy_too_large"] == [f.code for f in report.findings]


def test_invoices_are_taken_from_beside_the_workbook_only(issued: Office, word: Fake) -> None:
    with_settings(issued, 'mail_attachment = "docx"\ninvoice_folder = "../.."')
    with pytest.raises(WorkbookError, match="invoice_folder"):
        dispatching.mail_drafts(issued.book())


def test_an_invoice_folder_that_is_not_there_is_told_before_a_draft_is_written(issued: Office, word: Fake) -> None:
    with_settings(issued, 'invoice_folder = "invoices"')
    before = issued.files()
    with pytest.raises(WorkbookError, match=r"The invoice folder .*invoices is not there"):
        dispatching.mail_drafts(issued.book())

    assert before == issued.files()


# ---------------------------------------------------------------------------------------------------------------- merge table, command line


def test_the_merge_table_has_a_row_per_letter(issued: Office) -> None:
    report = dispatching.merge_table(issued.book())
    sheet, text = map(Path, report.facts["files"])
    rows = list(csv.DictReader(io.StringIO(text.read_bytes().decode("utf-8-sig"))))

    assert ["00017", "00018", "00018"] == [row["payer_number"] for row in rows]
    assert ["Lefèvre & Fils", "Müller GmbH", "Müller GmbH"] == [row["payer_name"] for row in rows]
    assert "compta@lefevre.example; direction@lefevre.example" == rows[0]["email"]
    assert [path.name for path in letters(issued)] == [Path(row["file"]).name for row in rows]
    assert b"PK" == sheet.read_bytes()[:2]


def cli(*words: object) -> tuple[int, str]:
    answer = CliRunner().invoke(app, [str(word) for word in words])
    return answer.exit_code, answer.output


def test_the_commands_are_on_the_command_line(issued: Office, word: Fake) -> None:
    book = issued.path
    answers = [cli(name, book) for name in ("print", "pdf", "mail", "merge-table")]
    told = cli("delivered", book, "--printed", "--as-of", FIRST.isoformat())

    assert [0] * 4 == [code for code, _ in answers]
    assert ["3 letters of the run"] * 4 == [" ".join(said.split()[:5]) for _, said in answers]
    assert (0, True) == (told[0], "3 letters marked as printed." in told[1])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["delivered", "--as-of", "2026-03-20"], "exactly one of --printed, --sent, --failed and --returned"),
        (["delivered", "--sent", "--failed"], "exactly one of"),
        (["delivered", "--sent", "--run", "R1", "--letter", "x"], "give --run or --letter, not both"),
        (["print", "--channel", "fax"], "'fax' is no channel; known are letter, registered, email"),
    ],
)
def test_wrong_options_are_refused_with_a_sentence(issued: Office, words: list[str], said: str) -> None:
    code, output = cli(words[0], issued.path, *words[1:])

    assert 2 == code
    assert said in " ".join(output.replace("│", " ").split())


def test_a_dispatch_names_the_run_and_the_files(issued: Office) -> None:
    report: Report = dispatching.print_file(issued.book())

    assert report.sentence == f"3 letters of the run {folder(issued).name}: to print, {folder(issued) / folder(issued).name}_print.docx."
