"""In which encoding a text came, decided on its bytes; out come UTF-8 bytes without characters that cannot be typed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from rules.findings import Finding
from rules.model import Severity
from rules.written import first_few

SAMPLE = 1 << 18  # bytes on which the code page is decided
OLD = ("cp850", "mac-roman")  # of DOS, and of the csv that Excel saves on a Mac
FIRST_HIGH, BREAK = 0x80, 0x0A  # the first byte beyond ASCII; a line break
PAGE = b"\x0c"  # between the pages of a print: no damage
CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
NO_CHARACTERS = tuple(c.encode() for c in "\ufffe\uffff\ufeff\u200b\u2060")  # the last three have no width: files put together, pages of the web
BREAKS = tuple(c.encode() for c in "\x85\u2028\u2029")  # between the lines of a text that has no other line end
LETTERS = frozenset("àâäáãåæçéèêëíîïìñóôöòõøœßúûüùýÿÀÂÄÁÃÅÆÇÉÈÊËÍÎÏÌÑÓÔÖÒÕØŒÚÛÜÙÝŸŠšŽž")
FRENCH_OR_GERMAN = frozenset("àâäçéèêëîïôöœßùûüÿÀÂÄÇÉÈÊËÎÏÔÖŒÙÛÜŸ")
OPENING = frozenset("‚„")
MARKS = frozenset("–—‘’“”…€•™‹›†‰")
_LETTER = np.zeros(256, dtype=np.int64)
_LETTER[ord("a") : ord("z") + 1], _LETTER[ord("A") : ord("Z") + 1] = 1, 2
MARKS_OF_ORDER = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32-le"), (b"\0\0\xfe\xff", "utf-32-be"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"),
)  # fmt: skip
SURROGATE = re.compile("[\ud800-\udfff]")
HALF = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")  # a lone surrogate, or half a character beyond the first 65,536, as some databases write it


def decoded(raw: bytes, name: str) -> tuple[bytes, str, list[Finding]]:
    """The text as UTF-8 bytes with line ends \\n, the encoding it came in, and what was noticed.

    The byte-order mark decides first, then the pattern of NULs, then whether it is UTF-8, then which letters a code page makes.
    """
    encoding = next((encoding for mark, encoding in MARKS_OF_ORDER if raw.startswith(mark)), "")
    if encoding:
        raw = raw[len(next(mark for mark, e in MARKS_OF_ORDER if e == encoding)) :]
    else:
        head = np.frombuffer(raw[:SAMPLE], dtype=np.uint8)
        for first, wide in ((1, "utf-16-le"), (0, "utf-16-be")):
            if len(head) > 3 and (head[first::2] == 0).mean() > 0.5 and (head[1 - first :: 2] == 0).mean() < 0.05:
                encoding = wide
    removed, findings = 0, list[Finding]()
    if encoding.startswith(("utf-16", "utf-32")):
        text = raw.decode(encoding, "surrogatepass" if encoding.startswith("utf-16") and len(raw) % 2 == 0 else "replace")
        text, removed = SURROGATE.subn("", text)
        raw = text.encode("utf-8")
    else:
        raw, was, removed, findings = _narrow(raw, name)
        encoding = encoding if encoding and was == "utf-8" else was
    for line_end in (b"\r\r\n", b"\r\n", b"\r") if b"\r" in raw else ():
        raw = raw.replace(line_end, b"\n") if line_end in raw else raw
    first = raw.find(b"\n")
    if first < 0 or not (raw[first : first + SAMPLE].strip(b"\n") or raw[first:].strip(b"\n")):
        for line_end in BREAKS:
            raw = raw.replace(line_end, b"\n")
    raw = raw.replace(PAGE, b"") if PAGE in raw else raw
    clean = raw.translate(None, CONTROLS) if _has_controls(raw) else raw
    removed += len(raw) - len(clean)
    for odd in NO_CHARACTERS if not clean.isascii() else ():
        if odd[:1] in clean and (count := clean.count(odd)):
            removed, clean = removed + count, clean.replace(odd, b"")
    if removed:
        findings.append(Finding("export_controls", Severity.WARNING, place=name, values={"count": removed}))
    return clean, encoding, findings


def _has_controls(raw: bytes) -> bool:
    """Whether there is a byte of `CONTROLS`: one below the blank that is neither line end nor tab, or the last of ASCII."""
    low = sum(int(np.count_nonzero(some < 32)) for some in _parts(raw))
    return low != sum(counted(raw, mark) for mark in (b"\n", b"\t", b"\r")) or b"\x7f" in raw


def counted(raw: bytes, byte: bytes) -> int:
    """How often one byte stands in a text in which it is frequent, or not at all."""
    return sum(int(np.count_nonzero(some == byte[0])) for some in _parts(raw)) if byte in raw else 0


def _parts(raw: bytes) -> Iterator[np.ndarray]:
    """A text in parts that fit the cache of a processor."""
    text = np.frombuffer(raw, dtype=np.uint8)
    return (text[at : at + SAMPLE] for at in range(0, len(text), SAMPLE))


def _narrow(raw: bytes, name: str) -> tuple[bytes, str, int, list[Finding]]:
    """UTF-8 bytes of a text in UTF-8 or a code page of one byte, the encoding, how many half characters were removed, and what was noticed."""
    try:
        if not raw.isascii():
            raw.decode("utf-8")
        return raw, "utf-8", 0, []
    except UnicodeDecodeError:
        pass
    if b"\n" not in raw and b"\r" not in raw:
        raw = raw.replace(b"\x85", b"\n")  # the line end of a mainframe
    high = _high(raw)
    whole = HALF.sub(b"", high)
    halves = (len(high) - len(whole)) // 3
    wrong = len(SURROGATE.findall(whole.decode("utf-8", "surrogateescape")))
    if not wrong:
        return HALF.sub(b"", raw), "utf-8", halves, []
    letters = int(np.count_nonzero(np.frombuffer(whole, np.uint8) >= FIRST_HIGH)) - wrong  # bytes of letters that are sound UTF-8
    if letters >= 2 * wrong:
        sound, found = _mixed(HALF.sub(b"", raw).decode("utf-8", "surrogateescape"), name)
        return sound.encode("utf-8"), "utf-8", halves, [found]
    encoding = _code_page(raw)
    text = raw.decode(encoding, errors="replace")
    findings: list[Finding] = []
    if encoding in OLD or "\ufffd" in text:
        findings.append(Finding("export_encoding", Severity.WARNING, place=name, values={"encoding": encoding, "sample": _word(text[: 4 * SAMPLE])}))
    return text.encode("utf-8"), encoding, 0, findings


def _high(raw: bytes) -> bytes:
    """The bytes beyond ASCII with a line break after each run of them: all that tells whether they are sound UTF-8."""
    text = np.frombuffer(raw, dtype=np.uint8)
    at = np.flatnonzero(text >= FIRST_HIGH)
    return np.insert(text[at], np.flatnonzero(np.diff(at) > 1) + 1, BREAK).tobytes()


def _mixed(text: str, name: str) -> tuple[str, Finding]:
    """A UTF-8 text in which some lines came in a code page: their odd bytes stand in it as lone surrogates, and are decoded apart."""
    lines = re.split("\r\r\n|\r\n|\r|\n", text)
    odd = [at for at, line in enumerate(lines, 1) if SURROGATE.search(line)]
    plain = "\n".join("".join(c if c < "\x80" or SURROGATE.match(c) else "?" for c in lines[at - 1]) for at in odd)
    encoding = _code_page(plain.encode("ascii", "surrogateescape"))
    sound = SURROGATE.sub(lambda byte: byte[0].encode("ascii", "surrogateescape").decode(encoding, "replace"), text)
    sample = _word(SURROGATE.sub(lambda byte: byte[0].encode("ascii", "surrogateescape").decode(encoding, "replace"), lines[odd[0] - 1]))
    values = {"count": len(odd), "rows": first_few(odd), "encoding": encoding, "sample": sample}
    return sound, Finding("export_mixed_encoding", Severity.WARNING, place=name, values=values)


def _word(text: str) -> str:
    """The longest word with a letter beyond ASCII."""
    return max(re.findall(r"\w*[^\x00-\x7f]\w*", text), key=len, default="")


def _code_page(raw: bytes) -> str:
    """Of the single-byte encodings of Western Europe, the one that makes letters within words of the high bytes, and marks between words."""
    text = np.frombuffer(b"\n" + raw + b"\n", dtype=np.uint8)
    at = np.flatnonzero(text >= FIRST_HIGH)
    seen = np.bincount(text[at] * np.int64(9) + _LETTER[text[at - 1]] * 3 + _LETTER[text[at + 1]])

    def score(encoding: str) -> float:
        made = {code: bytes([code // 9]).decode(encoding, errors="replace") for code in np.flatnonzero(seen).tolist()}
        return sum(int(seen[code]) * _worth(character, code // 3 % 3, code % 3) for code, character in made.items())

    return max(("cp1252", "iso8859-15", *OLD), key=score)  # the first of equals


def _worth(character: str, before: int, after: int) -> float:
    """How likely a character is between two others: 0 no letter, 1 a small one, 2 a capital. A – of cp1252 is an û of cp850: the place decides."""
    if character == "\ufffd" or "\x80" <= character <= "\x9f":
        return -5
    inside = bool(before and after)
    if character in LETTERS:
        jumps = before == 1 and (character.isupper() or after == 2)  # a capital within a word: maŒtre, LyonûParis
        return -1 if jumps else (1 if character in FRENCH_OR_GERMAN else 0.5) if before or after else 0
    if character in OPENING:
        return -1 if before else 1
    if character in MARKS:
        return 1 if not inside or character == "’" or (character in "–—" and after == 2) else 0 if character in "–—" else -1
    return 0 if character in "\xa0°º«»" else -1
