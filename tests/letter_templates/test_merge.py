"""The table for Word's own mail merge: a row per letter, and nothing in it that a spreadsheet would compute."""

import csv
import io

import pytest

from letter_templates.merge import as_csv, harmless, merge_rows


def test_a_row_has_every_single_field_of_its_letter(letters) -> None:
    context = letters.context(language="fr", template="firm_reminder", lines=2, credits=1)
    headings, rows = merge_rows([context], [{"file": "R1/a.docx"}])

    assert "file" == headings[0]
    assert (context["payer"]["name"], context["totals"]["total"], context["amount_due"]) == tuple(
        rows[0][name] for name in ("payer_name", "totals_total", "amount_due")
    )
    assert [*context["payer"]["address_lines"], *[""] * 6][:6] == [rows[0][f"payer_address_line_{n}"] for n in range(1, 7)]
    assert ("FA-1000, FA-1001", "yes", "no") == (rows[0]["documents"], rows[0]["has_credits"], rows[0]["has_fee"])
    assert all(len(name) <= 40 and name.isidentifier() for name in headings)  # what Word takes as the name of a merge field


def test_letters_with_other_fields_have_the_same_columns(letters) -> None:
    long = letters.context(language="en", template="final_notice", address="a, b, c, d, e, f, g, h")
    contexts = [letters.context(language="fr", template="reminder"), long]
    headings, rows = merge_rows(contexts, [{}, {}])
    content = list(csv.reader(io.StringIO(as_csv(headings, rows, ";").decode("utf-8-sig")), delimiter=";"))

    assert [len(headings)] * 3 == [len(row) for row in content]
    assert "e, f, g, h, MANCHESTER".casefold() in ", ".join(rows[1][f"payer_address_line_{n}"] for n in range(1, 9)).casefold()


@pytest.mark.parametrize("text", ["-150,00", "-1 234,50", "+33 4 72 00 00 00", "-12.5%", "12", "", "F1", "a=b", "00017"])
def test_amounts_and_phone_numbers_stay_as_they_are(text: str) -> None:
    assert text == harmless(text)


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("http://x")', "+A1", "-cmd|'/C calc'!A0", "@SUM(A1)", "\t=1", "+", "--"])
def test_what_a_spreadsheet_would_compute_is_made_text(text: str) -> None:
    assert f"'{text}" == harmless(text)


def test_a_payers_name_is_one_quoted_cell(letters) -> None:
    name = '=HYPERLINK("http://x");"\n"Acme'
    headings, rows = merge_rows([letters.context(name=name)], [{}])
    content = list(csv.DictReader(io.StringIO(as_csv(headings, rows, ";").decode("utf-8-sig")), delimiter=";"))

    assert '\'=HYPERLINK("http://x");" "Acme' == content[0]["payer_name"]
