"""File names of letters: safe on every disk, the same for the same letter, and never two letters under one name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence

from letter_templates.formats import clean

LONGEST = 240  # bytes are 255 on Linux; the parts below make at most 230 characters, all ASCII
PART = 30  # of an id or of the payer's name
RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)
UNSAFE = re.compile(r"[^\w-]+")  # also dots, which make suffixes, and all that Windows, OneDrive or a shell reads as something else


def letter_name(run: str, payer: str, level: int, currency: str, payer_name: str, *, company: str = "", part: str = "") -> str:
    """The file name of a letter: `R20260302-4f1c_0000010017_EUR_L2_Etablissements-Lefevre.docx`.

    What distinguishes the letter comes first; the payer's name is only there to be read. Names differ also where upper and lower case are
    one: an id that a file name cannot show as it is gets a mark of its own, six hexadecimal digits of its hash. `company` tells apart equal
    payer numbers of several companies, `part` the letters of one payer, currency and level: that of the proposal, if it has one.
    """
    return document_name(run, payer, payer_name, company=company, parts=(currency, f"L{level}", part))


def document_name(first: str, payer: str, payer_name: str, *, company: str = "", parts: Sequence[str] = ()) -> str:
    """The file name of a document to a payer: `first` (a run, a date, a kind), company, payer, `parts` that tell it from others, name to be read."""
    ids = [*([_id(company)] if company else []), _id(payer), *(_id(text) for text in parts if text)]  # an empty payer has a mark of its own
    return safe_name("_".join(filter(None, [_id(first, lower=True), *ids, _folded(payer_name)[:PART].strip("-")])))


def safe_name(stem: str, suffix: str = ".docx") -> str:
    """`stem` with `suffix` as a file name every system takes; a name that is safe already stays as it is."""
    bare = stem.removesuffix(suffix)
    word = UNSAFE.sub("-", unicodedata.normalize("NFC", clean(bare)))[: LONGEST - len(suffix)]
    word = unicodedata.normalize("NFC", word).strip("-") or "_"
    return f"_{word}{suffix}" if RESERVED.fullmatch(word) else f"{word}{suffix}"


def _id(text: str, *, lower: bool = False) -> str:
    """An id as part of a file name: as it is when it has only capitals, digits and single hyphens (`lower`: small letters too), else marked."""
    shown = _folded(text)[:PART]
    return shown if shown and shown == text and (lower or shown == shown.upper()) else f"{shown}-{_mark(text)}".lstrip("-")


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", clean(text).replace("ß", "ss"))
    return re.sub(r"[^A-Za-z0-9]+", "-", "".join(c for c in decomposed if not unicodedata.combining(c))).strip("-")
