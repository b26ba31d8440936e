"""What a terminal shows: cells as they are, dates and ids on one line."""

import pandas as pd
import pytest

from addin.report import Report
from addin.show import LONGEST, as_text
from rules.findings import Finding
from rules.model import Severity


def shown(frame, *, name="history"):
    return as_text(Report("Done.", tables={name: pd.DataFrame(frame)}), "en")


@pytest.mark.parametrize("text", ["F3[/x]", "[link=https://example.com]F3[/link]", "[bold]F3", "A:100:B", "[F3]"])
def test_cells_headings_titles_and_sentences_are_shown_as_they_are(text):
    """A document number in brackets is neither an error nor a style, and none becomes a picture."""
    finding = Finding("export_level_unused", Severity.NOTE, place=text, values={"headings": text})
    whole = as_text(Report(text, tables={text: pd.DataFrame({text: [text]})}, findings=[finding]), "en")

    assert 6 == whole.count(text)


def test_dates_and_ids_stay_on_one_line_beside_a_long_text():
    """A long text is folded, so that the columns beside it need not be."""
    row = {f"date_{n}": "2026-03-02" for n in range(9)} | {"document": "900001-2026/000123-00042", "letter": "x" * 100}
    lines = shown([row]).splitlines()
    first = next(line for line in lines if "2026-03-02" in line)

    assert (9, 1) == (first.count("2026-03-02"), first.count("900001-2026/000123-00042"))
    assert 100 == sum(line.count("x") for line in lines)
    assert max(map(len, lines)) <= 160


def test_nothing_is_cut_from_a_table_that_does_not_fit():
    """A table with too many columns folds them all and keeps every character."""
    found = shown([{letter: letter.upper() * 10 for letter in "abcdefghijklmnopqrst"}]).removeprefix("Done.")

    assert dict.fromkeys("ABCDEFGHIJKLMNOPQRST", 10) == {letter: found.count(letter) for letter in "ABCDEFGHIJKLMNOPQRST"}


def test_amounts_stand_to_the_right_with_the_decimals_of_their_currency():
    """Amounts have the decimals of their currency and end under each other; empty columns are left out."""
    found = shown({"currency": ["EUR", "JPY"], "open_minor": [123456, 5], "note": ["", None]})

    assert ["currency", "open", "EUR", "1234.56", "JPY", "5"] == found.replace("─", "").split()[2:]
    assert 1 == len({len(line.rstrip()) for line in found.splitlines()[-2:]})


@pytest.mark.parametrize(("changed", "where"), [(True, "see the sheet Findings, or --json."), (False, "--json lists them all.")])
def test_findings_beyond_the_longest_list_are_told_where_they_stand(changed: bool, where: str) -> None:
    """A command that wrote nothing left the sheet Findings as it was, and does not send the reader there."""
    findings = [Finding("export_level_unused", Severity.NOTE, place=str(number), values={"headings": "x"}) for number in range(LONGEST + 3)]
    last = as_text(Report("Done.", findings=findings, changed=changed), "en").splitlines()[-1]

    assert f"… and 3 more findings: {where}" == last
