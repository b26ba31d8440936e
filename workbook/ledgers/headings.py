"""What a heading says: the fields by their synonyms in English, French and German, ranked.

Headings are compared without case, accents and punctuation. Exact beats contained.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from rules import model
from rules.errors import LedgerError
from rules.row import column
from workbook.ledgers.profiles.profile import Profile
from workbook.ledgers.synonyms import CODE, FOREIGN, LINES, LOCAL, SYNONYMS
from workbook.ledgers.words import CURRENCIES, SYMBOLS

ITEM_FIELDS = (
    "company", "payer", "payer_name", "document", "instalment", "kind", "document_date", "due_date", "currency", "original_minor", "open_minor",
    "reference", "terms", "block", "dispute",
)  # fmt: skip
PAYER_FIELDS = ("address", "postal_code", "city", "region", "country", "language", "contact", "email", "phone")
HELPERS = (
    "paid_minor", "debit", "credit", "sign", "settled_on", "cleared_by", "is_open", "is_paid", "status", "special", "block_until", "level",
    "last_reminder", "document_currency", "lettering",
)  # fmt: skip
AMOUNTS = ("open_minor", "original_minor", "paid_minor", "debit", "credit")
DATES = ("document_date", "due_date", "settled_on", "last_reminder", "block_until")
BALANCES = frozenset({"solde", "saldo", "balance"})  # what is open, or a running balance: the figures tell

_PARTED = re.compile(r"(?<=[^\W\d_])-\s*\n\s*(?=[^\W\d_])")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z]|[A-Z]{2}$)")


@cache
def normal(heading: str) -> str:
    """A heading without case, accents, punctuation and camel humps: "N° pièce" is "no piece", "InvoiceDate" is "invoice date"; a word that was
    parted at the end of a line is one.
    """
    text = unicodedata.normalize("NFKC", _CAMEL.sub(" ", _PARTED.sub("", heading.strip()))).replace("°", "o ").casefold()
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^0-9a-z]+", " ", text).split())


@cache
def ranks() -> dict[str, dict[str, int]]:
    """For every field its synonyms with their rank, 0 the best; our own sheet titles are among them."""
    found: dict[str, dict[str, int]] = {}
    for name, groups in SYNONYMS.items():
        own = model.OpenItem if name in ITEM_FIELDS else model.AssessedItem if name in ("level", "last_reminder") else model.Payer
        titles = column(own, name).titles.values() if name in own.model_fields else ()
        found[name] = {normal(title): 0 for title in (*titles, name, name.removesuffix("_minor")) if name != "is_open"}
        for rank, group in enumerate(groups):
            for synonym in group.split("|"):
                found[name].setdefault(synonym, rank)
    return found


def understood(cells: Sequence[str]) -> int:
    """How many different fields the cells of a record name exactly: the record of headings names most."""
    words = {word for cell in cells if cell for word in (normal(cell), money(cell)[0])}
    return sum(any(word in synonyms for word in words) for synonyms in ranks().values())


def known(heading: str) -> bool:
    """Whether a heading names a field exactly."""
    return any(normal(heading) in synonyms for synonyms in ranks().values())


def contained(field: str, heading: str) -> int | None:
    """How loosely a heading contains a synonym of `field` ("Open amount (EUR)"): words that are too many; None when it does not."""
    words = normal(heading)
    spare = [
        len(words.split()) - len(synonym.split())
        for synonym, rank in ranks()[field].items()
        if rank < 2 and (" " in synonym or len(synonym) > 7) and f" {synonym} " in f" {words} "
    ]
    return min(spare, default=None)


def of_document(word: str) -> str:
    """A heading of `normal` without what says that its amounts are in the currency of the document: balance of "balance foreign currency"."""
    return " ".join(FOREIGN.sub(" ", word).split())


@cache
def money(heading: str) -> tuple[str, str]:
    """A heading of amounts as `normal` writes it, without the currency that it names or says to be the company's; and the one that it names: open
    and EUR of "Open (EUR)".
    """
    codes = [SYMBOLS.get(word, word) for word in CODE.findall(heading)]
    codes = [word for word in codes if word in CURRENCIES]
    if len(codes) == 1:
        heading = CODE.sub(lambda found: " " if SYMBOLS.get(found[0], found[0]) in codes else found[0], heading)
    word = re.sub(rf"(?:\b(?:in|en) )?{LOCAL.pattern}", " ", normal(heading))
    return " ".join(word.split()), codes[0] if len(codes) == 1 else ""


def of_lines(headings: Sequence[str]) -> bool:
    """Whether an export has a row for every line of an invoice (quantity, unit price)."""
    return any(normal(heading) in LINES for heading in headings if heading)


def local(heading: str, profile: Profile) -> bool:
    """Whether a heading means amounts in the company's currency, whatever the currency of the document."""
    word = normal(heading)
    return word in profile.company_amounts.split("|") or bool(LOCAL.search(word))


def letter(position: int) -> str:
    """The letters of a column as Excel shows them: 0 is A, 27 is AB."""
    name = ""
    position += 1
    while position:
        position, digit = divmod(position - 1, 26)
        name = chr(65 + digit) + name
    return name


def field_named(name: str) -> str:
    """The field a user names: `open` and `open_minor` are the same, `due` and `due_date` as well. Raises LedgerError listing the fields."""
    known = (*ITEM_FIELDS, *PAYER_FIELDS, *HELPERS)
    plain = name.strip().casefold().replace(" ", "_")
    for candidate in (plain, f"{plain}_minor", f"{plain}_date"):
        if candidate in known:
            return candidate
    raise LedgerError(f"There is no field {name!r}. The fields are: {', '.join(k.removesuffix('_minor') for k in known)}.")
