"""PDF files of letters: by whichever word processor there is, none left out in silence, nothing left running."""

import os
import stat
import subprocess
from pathlib import Path

import docx
import pytest

from letter_templates import pdf
from letter_templates.pdf import LibreOffice, Word, converter, pdfs
from rules.errors import TemplateError


@pytest.fixture
def letter(tmp_path: Path):
    """Makes a Word file with one line of text."""

    def make(name: str, text: str = "text") -> Path:
        document = docx.Document()
        document.add_paragraph(text)
        document.save(str(tmp_path / name))
        return tmp_path / name

    return make


class Fake:
    """A word processor that fails on what it is told to fail on, for good or the first time only."""

    name, by_reference = "Fake", False

    def __init__(self, never: tuple[str, ...] = (), not_at_first: tuple[str, ...] = ()) -> None:
        self.never, self.later = never, set(not_at_first)
        self.calls: list[list[str]] = []

    def convert(self, sources, folder, done) -> None:
        self.calls.append([source.stem for source in sources])
        for source in sources:
            if source.stem in self.never:
                continue
            if source.stem in self.later:
                self.later.remove(source.stem)
                (folder / f"{source.stem}.pdf").write_bytes(b"%PDF-1.6 cut off")
            else:
                (folder / f"{source.stem}.pdf").write_bytes(b"%PDF-1.6\n" + source.read_bytes()[:4] + b"\n%%EOF\n")


def test_letters_are_converted_in_batches_and_each_is_answered(letter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "BATCH", 2)
    fake, seen = Fake(), []
    made = dict(pdfs([letter(f"{n}.docx") for n in range(5)], fake, seen.append))

    assert [["0", "1"], ["2", "3"], ["4"]] == fake.calls
    assert 5 == len(made)
    assert [2, 4, 5] == seen


def test_a_letter_that_was_cut_off_is_tried_once_more_alone(letter) -> None:
    fake = Fake(not_at_first=("1",))
    made = [source.stem for source, _ in pdfs([letter(f"{n}.docx") for n in range(3)], fake)]

    assert ["0", "1", "2"] == made
    assert [["0", "1", "2"], ["1"]] == fake.calls


def test_a_letter_that_gives_no_pdf_is_named_and_what_was_made_before_was_answered(letter) -> None:
    made = []
    with pytest.raises(TemplateError, match=r"Fake makes no PDF of 1\.docx"):
        made += [source.stem for source, _ in pdfs([letter(f"{n}.docx") for n in range(3)], Fake(never=("1",))) if not made.append(source.stem)]

    assert ["0"] == made


def test_without_word_and_libreoffice_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "PLACES", ())
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    with pytest.raises(TemplateError, match="Word or LibreOffice is needed, and neither was found"):
        converter()


def test_word_comes_first_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "has_word", lambda: True)

    assert isinstance(converter(), Word)


# ---------------------------------------------------------------------------------------------------------------- Word


class Application:
    """Word as the program speaks to it: what it was asked, in order; it chokes on letters whose name begins with bad."""

    def __init__(self) -> None:
        object.__setattr__(self, "asked", [])
        object.__setattr__(self, "Documents", self)

    def __setattr__(self, name: str, value: object) -> None:
        self.asked.append((name, value))

    def Open(self, path: str, **how: object) -> "Application":  # noqa: N802 - Word's own names
        self.asked.append(("Open", Path(path).name, how))
        if Path(path).name.startswith("bad"):
            raise RuntimeError("com_error")
        return self

    def ExportAsFixedFormat(self, path: str, kind: int) -> None:  # noqa: N802
        self.asked.append(("Export", kind))
        Path(path).write_bytes(b"%PDF-1.7\n%%EOF")

    def Close(self, save: int) -> None:  # noqa: N802
        self.asked.append(("Close", save))

    def Quit(self, save: int) -> None:  # noqa: N802
        self.asked.append(("Quit", save))


def test_word_opens_letters_to_read_runs_no_macro_and_is_closed_at_the_end(letter) -> None:
    word = Application()
    made = list(pdfs([letter("1.docx")], Word(lambda: word)))

    assert [b"%PDF-1.7\n%%EOF"] == [content for _, content in made]
    assert word.asked == [
        ("Visible", False), ("DisplayAlerts", 0), ("AutomationSecurity", 3),
        ("Open", "1.docx", {"ConfirmConversions": False, "ReadOnly": True, "AddToRecentFiles": False}), ("Export", 17), ("Close", 0), ("Quit", 0),
    ]  # fmt: skip


def test_word_is_closed_and_the_letter_named_when_it_chokes(letter) -> None:
    word = Application()
    with pytest.raises(TemplateError, match=r"Word makes no PDF of bad\.docx"):
        list(pdfs([letter("bad.docx")], Word(lambda: word)))

    assert [("Quit", 0)] * 2 == [what for what in word.asked if what[0] == "Quit"]  # once for the batch, once for the letter alone


# ---------------------------------------------------------------------------------------------------------------- LibreOffice


def program(path: Path, script: str) -> str:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands in for LibreOffice")
def test_a_program_that_hangs_is_ended_with_all_that_it_started(letter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "SECONDS", 0.3)
    monkeypatch.setattr(pdf, "BYTES_A_SECOND", 1 << 30)
    office = LibreOffice(program(tmp_path / "office", f"sleep 600 & echo $! > {tmp_path}/child; wait"))
    with pytest.raises(TemplateError, match="LibreOffice makes no PDF"):
        list(pdfs([letter("1.docx")], office))
    state = subprocess.run(["ps", "-o", "stat=", "-p", (tmp_path / "child").read_text().strip()], capture_output=True, text=True, check=False).stdout

    assert state.strip()[:1] in ("", "Z")  # gone, or waiting to be buried by init


@pytest.mark.office
def test_libreoffice_makes_the_same_pdf_of_the_same_letter(letter) -> None:
    first, second = letter("1.docx", "Müller & Söhne"), letter("--outdir.docx")
    made = [dict(pdfs([first, second], converter())) for _ in range(2)]

    assert made[0] == made[1]
    assert all(content.startswith(b"%PDF") for content in made[0].values())
    assert b"19800101000000" in made[0][first]
