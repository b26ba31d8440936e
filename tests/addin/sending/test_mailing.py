"""E-mail drafts: to the right address, in the payer's language, with the letter and what belongs to it."""

from __future__ import annotations

import pytest

from addin import commands
from addin.delivering import deliver
from addin.mailing import mail_drafts
from rules import model
from rules.errors import ConfigError, WorkbookError
from rules.model import Delivery
from tests.addin.office import SECOND, Office
from tests.addin.sending.sent import Fake, attached, drafts, letters, with_addresses, with_settings


def test_each_payer_with_an_address_gets_a_draft_in_its_language_with_the_letter(issued: Office, word: Fake) -> None:
    report = mail_drafts(issued.book())
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
    mail_drafts(issued.book())
    part = next(drafts(issued)["compta EUR"].iter_attachments())

    assert (letters(issued)[0].name, letters(issued)[0].read_bytes()) == (part.get_filename(), part.get_content())
    assert "claire@firm.example" == drafts(issued)["compta EUR"]["Reply-To"]
    assert [] == word.made


def test_an_address_of_the_settings_that_is_none_is_told_and_left_out(issued: Office, word: Fake) -> None:
    with_settings(issued, 'contact_email = "see our site"')
    report = mail_drafts(issued.book())

    assert "E-mail on Config is not a valid address: answers will go to whoever sends" in report.sentence
    assert drafts(issued)["compta EUR"]["Reply-To"] is None


def test_payers_without_a_right_address_are_told_and_an_older_draft_is_taken_away(issued: Office, word: Fake) -> None:
    mail_drafts(issued.book())
    with_addresses(issued, {"00017": "compta@lefevre"})
    report = mail_drafts(issued.book())
    assert (0, 3) == (report.facts["drafts"], report.facts["without_address"])
    assert {} == drafts(issued)
    with_addresses(issued, {"00017": "compta@lefevre", "00018": "a@b.example"})
    report = mail_drafts(issued.book())

    assert ["a EUR", "a GBP"] == sorted(drafts(issued))
    assert [("mail_address_wrong", "Payers!")] == [(f.code, f.place[:7]) for f in report.findings]
    assert "compta@lefevre" in report.findings[0].text("en")


def test_the_draft_of_a_letter_that_failed_is_taken_away(issued: Office, word: Fake) -> None:
    mail_drafts(issued.book())
    deliver(issued.book(), Delivery.FAILED, SECOND, letters=[letters(issued)[0].name])
    mail_drafts(issued.book())

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
    mail_drafts(issued.book())
    mine = drafts(issued)["compta EUR"]

    assert mine["Subject"].startswith("Lefèvre & Fils & 1 400,00")
    assert mine.get_body().get_content().startswith("Bonjour\r\n")
    assert "Sehr geehrte" in drafts(issued)["buchhaltung EUR"].get_body().get_content()  # the packaged one, where Config has none


def test_the_check_names_what_was_saved_beside_the_templates_in_a_format_that_is_not_read(issued: Office) -> None:
    folder = issued.folder / "templates" / "fr"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("own.dotx", "own.txt", "~$ner.dotx", "Courtesy.DOCM"):
        (folder / name).write_bytes(b"x")
    found = commands.templates_check(issued.book())

    assert (True, ["fr/Courtesy.DOCM", "fr/own.dotx"]) == (found.failed, [f.place for f in found.findings])


def test_a_text_that_cannot_be_filled_names_its_cell_and_writes_nothing(issued: Office, word: Fake) -> None:
    commands.config_import(issued.book(), '[[mail_texts]]\nlanguage = "fr"\nlevel = 0\nsubject = "{{ payr.name }}"\nbody = "x"')
    checked = commands.templates_check(issued.book())
    assert (True, {"mail_text_field"}) == (checked.failed, {f.code for f in checked.findings})
    before = issued.files()
    with pytest.raises(ConfigError, match=r"Config!\w+\d+: The e-mail text names the field “payr”.*Nearest known: payer"):
        mail_drafts(issued.book())

    assert before == issued.files()


def test_copies_of_the_reminded_invoices_are_attached_and_the_rest_is_told(issued: Office, word: Fake) -> None:
    with_settings(issued, 'mail_attachment = "docx"\ninvoice_folder = "invoices"')
    (issued.folder / "invoices").mkdir()
    for name in ("F1.pdf", "C1.pdf", "Müller F3.pdf", "F4 a.pdf", "F4 b.pdf"):
        (issued.folder / "invoices" / name).write_bytes(name.encode())
    report = mail_drafts(issued.book())
    found = drafts(issued)
    told = {f.code: f.text("en") for f in report.findings}

    assert ["F1.pdf"] == attached(found["compta EUR"])[1:]  # not the credit, and F2 is missing
    assert ["Müller-F3.pdf"] == attached(found["buchhaltung EUR"])[1:]
    assert [] == attached(found["buchhaltung GBP"])[1:]
    assert {"copy_missing", "copy_unclear"} == set(told)
    assert "the folder invoices has no copy of F2" in told["copy_missing"]
    assert "F4: F4 a.pdf, F4 b.pdf" in told["copy_unclear"]


def test_an_e_mail_does_not_grow_without_end(issued: Office, word: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("addin.enclosing.LARGEST", 5)
    with_settings(issued, 'mail_attachment = "docx"\ninvoice_folder = "invoices"')
    (issued.folder / "invoices").mkdir()
    for name in ("F1", "F2", "F3", "F4"):
        (issued.folder / "invoices" / f"{name}.pdf").write_bytes(b"12345" if name == "F1" else b"1")
    report = mail_drafts(issued.book())

    assert ["F1.pdf"] == attached(drafts(issued)["compta EUR"])[1:]
    assert ["copy_too_large"] == [f.code for f in report.findings]


def test_invoices_are_taken_from_beside_the_workbook_only(issued: Office, word: Fake) -> None:
    with_settings(issued, 'mail_attachment = "docx"\ninvoice_folder = "../.."')
    with pytest.raises(WorkbookError, match="invoice_folder"):
        mail_drafts(issued.book())


def test_an_invoice_folder_that_is_not_there_is_told_before_a_draft_is_written(issued: Office, word: Fake) -> None:
    with_settings(issued, 'invoice_folder = "invoices"')
    before = issued.files()
    with pytest.raises(WorkbookError, match=r"The invoice folder .*invoices is not there"):
        mail_drafts(issued.book())

    assert before == issued.files()
