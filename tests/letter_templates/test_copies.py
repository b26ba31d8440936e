"""Copies of invoices: the one file that is certainly it; another payer's invoice is never taken for it."""

from datetime import date
from pathlib import Path

import pytest

from letter_templates.copies import Copies, Found
from tests.table import Case, table

CASES = table("""
case                                  | document   | files                               | found
named by the number                   | F1         | F1.pdf                              | F1.pdf
in small letters, with another end    | FA-2026/07 | fa_2026-07.PDF                      | fa_2026-07.PDF
in a subfolder                        | F1         | 2026/F1.pdf                         | F1.pdf
with words                            | F26041583  | Facture F26041583 Les Tilleuls.pdf  | Facture F26041583 Les Tilleuls.pdf
with the payer and the date           | F1         | 00017_F1_2026-01-02.pdf             | 00017_F1_2026-01-02.pdf
the number alone beats one with words | F1         | F1.pdf, F1 copy.pdf                 | F1.pdf
not within another number             | 107        | 2026-107.pdf                        | near
not as part of a word                 | F1         | F12.pdf                             | -
not another payer's                   | F1         | 00099_F1.pdf                        | near
two that could be it                  | F1         | a/F1.pdf, b/F1.pdf                  | several
no file of a kind that is a copy      | F1         | F1.exe, F1.docx, F1.html            | -
hidden files are none                 | F1         | .F1.pdf, ~$F1.pdf                   | -
a number of signs alone               | --         | a.pdf                               | -
""")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_copy_of_a_document(case: Case, tmp_path: Path) -> None:
    for name in (case.files or "").split(", "):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = Copies(tmp_path).of(str(case.document or ""), ("AB01", "00017"), [date(2026, 1, 2), None])
    told = "several" if found.several else "near" if found.near else found.file.name if found.file else None

    assert case.found == told


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.pdf").write_bytes(b"x")
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies" / "F1.pdf").symlink_to(tmp_path / "secret.pdf")

    assert Found() == Copies(tmp_path / "copies").of("F1")


def test_a_folder_that_is_not_there_has_no_copies(tmp_path: Path) -> None:
    assert Found() == Copies(tmp_path / "nowhere").of("F1")
