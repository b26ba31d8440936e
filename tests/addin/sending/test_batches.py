"""What is made of letters to send them: only of those that were issued and still stand, the same twice, and the workbook stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from addin import undoing, verifying
from addin.cli import app
from addin.delivering import deliver
from addin.mailing import mail_drafts
from addin.merging import merge_table
from addin.printing import pdf_files, print_file
from rules.errors import HistoryError
from rules.model import Delivery
from tests.addin.office import FIRST, SECOND, Office
from tests.addin.sending.sent import Fake, folder, letters

COMMANDS = [print_file, pdf_files, mail_drafts, merge_table]


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

    assert [second, first] == [print_file(issued.book(), run).facts["run"] for run in ("", first)]


def test_only_letters_of_a_channel(issued: Office) -> None:
    report = print_file(issued.book(), channel="letter")

    assert (3, f"{folder(issued).name}_print_letter.docx") == (report.facts["letters"], Path(report.facts["files"][0]).name)
    with pytest.raises(HistoryError, match="has no letter with the channel registered to send: none goes by it"):
        print_file(issued.book(), channel="registered")


def test_only_letters_to_some_payers(issued: Office) -> None:
    report = print_file(issued.book(), payers=["00017"])

    assert (1, f"{folder(issued).name}_print_00017.docx") == (report.facts["letters"], Path(report.facts["files"][0]).name)
    assert report.sentence.startswith("1 letter to the payer 00017 of the run ")
    with pytest.raises(HistoryError, match=r"has no letter to the payer 'X'\. Take the number from the column Payer"):
        print_file(issued.book(), payers=["00017", "X"])


def test_drafts_for_some_payers_leave_the_others_alone(issued: Office, word: Fake) -> None:
    everybody = mail_drafts(issued.book()).facts["drafts"]
    mail_drafts(issued.book(), payers=["00017"])

    assert everybody == len(list((folder(issued) / "mail").iterdir()))


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
