"""The letters of a run on paper: one file to print, a PDF each."""

from __future__ import annotations

import time
from pathlib import Path

import docx
import pytest

from addin.delivering import deliver
from addin.mailing import mail_drafts
from addin.printing import pdf_files, print_file
from addin.report import Report
from rules.errors import TemplateError, WorkbookError
from rules.model import Delivery
from tests.addin.office import SECOND, Office
from tests.addin.sending.sent import Fake, folder, letters


def test_the_print_file_holds_every_letter_in_the_order_of_the_run(issued: Office) -> None:
    report = print_file(issued.book())
    made = docx.Document(report.facts["files"][0])
    text = "\n".join(node.text for node in made.element.body.iter() if node.tag.endswith("}t") and node.text)
    numbers = [text.find(f"{folder(issued).name}-{n:04}") for n in (1, 2, 3)]

    assert 3 == len(made.sections)
    assert numbers == sorted(numbers)
    assert -1 not in numbers


def test_the_print_file_as_pdf_lies_beside_it(issued: Office, word: Fake) -> None:
    report = print_file(issued.book(), as_pdf=True)

    assert [".docx", ".pdf"] == [Path(file).suffix for file in report.facts["files"]]
    assert all(Path(file).exists() for file in report.facts["files"])


def test_a_pdf_that_holds_a_letter_taken_back_does_not_stay_beside_the_new_print_file(issued: Office, word: Fake) -> None:
    _, pdf = map(Path, print_file(issued.book(), as_pdf=True).facts["files"])
    print_file(issued.book())
    assert pdf.exists()
    deliver(issued.book(), Delivery.FAILED, SECOND, letters=[letters(issued)[0].name])
    print_file(issued.book())

    assert not pdf.exists()


def test_every_letter_has_a_pdf_and_a_cut_off_call_goes_on_where_it_was(issued: Office, word: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("letter_templates.pdf.BATCH", 1)
    word.dies = 2
    with pytest.raises(KeyboardInterrupt):
        pdf_files(issued.book())
    assert 2 == len(list((folder(issued) / "pdf").glob("*.pdf")))
    word.dies = -1
    report = pdf_files(issued.book())

    assert [path.stem for path in letters(issued)] == sorted(word.made)
    assert [path.stem for path in letters(issued)] == sorted(path.stem for path in (folder(issued) / "pdf").glob("*.pdf"))
    assert (1, 3) == (report.facts["written_now"], report.facts["letters"])


def test_without_a_word_processor_nothing_is_written_and_the_sentence_says_what_helps(issued: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise TemplateError("Word or LibreOffice is needed")

    monkeypatch.setattr("addin.printing.converter", none)
    before = issued.files()
    for command in (pdf_files, mail_drafts, lambda book: print_file(book, as_pdf=True)):
        with pytest.raises(TemplateError, match="is needed"):
            command(issued.book())

    assert before == issued.files()


def test_a_file_that_is_open_elsewhere_is_a_sentence(issued: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def held(fresh: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", held)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with pytest.raises(WorkbookError, match=r"_print\.docx cannot be written: it is open in another program.*Close it"):
        print_file(issued.book())


def test_a_dispatch_names_the_run_and_the_files(issued: Office) -> None:
    report: Report = print_file(issued.book())

    assert report.sentence == f"3 letters of the run {folder(issued).name}: to print, {folder(issued) / folder(issued).name}_print.docx."
