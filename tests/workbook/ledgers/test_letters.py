"""The encoding of a text, decided on its bytes beyond ASCII alone."""

from hypothesis import given
from hypothesis import strategies as st

from workbook.ledgers.containers.letters import decoded

PIECES = [
    "a",
    "Z",
    ";",
    "\n",
    "é".encode(),
    "ß".encode(),
    "€".encode(),
    "é".encode("cp1252"),
    "ü".encode("cp1252"),
    "é".encode("cp850"),
    b"\xc3",
    b"\xe2\x82",
]


@given(st.lists(st.sampled_from([p.encode() if isinstance(p, str) else p for p in PIECES]), max_size=60))
def test_a_text_is_utf_8_where_twice_as_many_of_its_bytes_are_as_are_not(pieces: list[bytes]) -> None:
    raw = b"Payer;Name\n" + b"".join(pieces)
    whole = raw.decode("utf-8", "surrogateescape")
    wrong = sum("\ud800" <= c <= "\udfff" for c in whole)
    sound = sum(byte > 0x7F for byte in raw) - wrong

    text, encoding, findings = decoded(raw, "ledger.csv")

    assert (encoding == "utf-8") == (not wrong or sound >= 2 * wrong)
    assert ("export_mixed_encoding" in {f.code for f in findings}) == (0 < 2 * wrong <= sound)
    assert text.decode("utf-8").count("\n") == raw.count(b"\n")
    if not wrong:
        assert text == raw
