"""File names of letters: readable, safe everywhere, never two letters under one name, never outside the folder."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letter_templates.names import letter_name, safe_name

nasty = st.text(st.one_of(st.characters(), st.sampled_from('/\\:*?"<>|.~$%# \u202e\u200b\x00')), max_size=150) | st.sampled_from(
    ["CON", "nul.txt", "COM¹", "..", "../../x", "C:\\x", "a" * 500, "CONIN$", "~$x", "\ud800", "ﬁ", "İ"]
)


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        (("R20260302-4f1c", "0000010017", 2, "EUR", "Établissements Lefèvre"), "R20260302-4f1c_0000010017_EUR_L2_Etablissements-Lefevre.docx"),
        (("R1", "K-1", 1, "EUR", "Straße & Co. KG"), "R1_K-1_EUR_L1_Strasse-Co-KG.docx"),
        (("R1", "10017", 1, "EUR", ""), "R1_10017_EUR_L1.docx"),
        (("R1", "10017", 1, "EUR", "Ωμέγα"), "R1_10017_EUR_L1.docx"),
    ],
)
def test_a_name_can_be_read(wishes, expected):
    assert expected == letter_name(*wishes)


@given(nasty, nasty, nasty, nasty, nasty)
def test_no_name_leaves_its_folder_or_offends_a_disk(run, payer, payer_name, company, part):
    name = letter_name(run, payer, 2, "EUR", payer_name, company=company, part=part)
    folder = Path("/letters")

    assert folder == Path(re.sub(r"[\\/]", "/", str(folder / name))).parent
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*\.docx", name)
    assert len(name) <= 240


@given(nasty)
def test_a_safe_name_stays_as_it_is(stem):
    once = safe_name(stem)

    assert once == safe_name(once)
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f\u202a-\u202e\u200b]', once)
    assert once.split(".")[0].lower() not in {"con", "prn", "aux", "nul", "com1", "lpt¹", "conin$", ""}


@given(st.lists(st.tuples(nasty, nasty), min_size=2, max_size=6, unique=True))
def test_two_payers_never_share_a_name_even_without_regard_to_case(payers):
    names = {letter_name("R1", payer, 1, "EUR", "Same", company=company).casefold() for company, payer in payers}

    assert len(payers) == len(names)


@given(st.lists(nasty, min_size=2, max_size=6, unique=True), st.integers(1, 9))
def test_the_parts_of_a_payers_letters_never_share_a_name(parts, level):
    names = {letter_name("R1", "K-1", level, "EUR", "Same", part=part).casefold() for part in [*parts, f"L{level}"]}

    assert len({*parts, f"L{level}"}) == len(names)


def test_the_part_of_a_letter_stands_after_its_level():
    assert "R1_K-1_EUR_L2_FA-0107_Same.docx" == letter_name("R1", "K-1", 2, "EUR", "Same", part="FA-0107")
