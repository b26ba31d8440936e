"""Which column of an export is which field: what the user said goes first, then a profile's headings, then synonyms, then what contains one.

Of two columns with different content that could equally be one field none is taken: the user is asked, and the answer is remembered for the source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pandas as pd

from rules.errors import LedgerError
from workbook.ledgers.contents import damage, fits, telling
from workbook.ledgers.headings import (
    AMOUNTS,
    BALANCES,
    DATES,
    contained,
    field_named,
    known,
    letter,
    local,
    money,
    normal,
    of_document,
    of_lines,
    ranks,
)  # fmt: skip
from workbook.ledgers.profiles.profile import COMPUTED, Profile
from workbook.ledgers.synonyms import SYNONYMS
from workbook.ledgers.unclear import NO_COLUMN, Choice, Unclear
from workbook.ledgers.words import AGES, CURRENCIES

ASKED = frozenset({"company", "payer", "document", "document_date", "due_date", "currency", "open_minor", "original_minor", "settled_on"})
CONTAINED = frozenset({"payer", "payer_name", "document", "document_date", "due_date", "currency", "open_minor", "original_minor"})
OPTIONAL = frozenset({"reference", "terms", "instalment", "kind", "contact", "company"})  # a column taken for these may be what is asked for
LOCAL_CURRENCY, NAME_AS_PAYER, WHOLE_AMOUNT = 1, 4, 3  # ranks with a meaning of their own
LEDGER = frozenset({"account", "compte", "konto"})  # in a heading: the payer's, or the general ledger's
SHARES = frozenset("%")  # in a heading: no amount
NO_AMOUNTS = frozenset(  # words of headings that contain one of an amount and mean another thing: days outstanding, outstanding invoices
    "days day jours jour tage tag age aging date datum no nr number count nombre anzahl invoices factures rechnungen tax vat tva mwst ust "
    "discount escompte skonto limit limite paid now overdue past echu echue uberfallig litige disputed debit credit soll haben".split()
)
NO_NUMBERS = frozenset(  # the same of a document: document value, document company
    "value amount total betrag wert montant valeur type typ art status statut company currency devise wahrung".split()
)
IN_THOUSANDS = re.compile(r"(?i)\b(?:in|en) (?:thousands?|tausend|milliers)\b|['’]000\b")
THOUSANDS = re.compile(rf"\b(?:T|[kK] ?)(?:EUR|USD|CHF|GBP|€|£|\$)|{IN_THOUSANDS.pattern.replace('(?i)', '(?i:')})")
LOOSE = 10  # rank of a heading that contains a synonym
OWN = 100  # how far the headings of a profile stand before the general ones
SPOKEN = {
    "company": "the company", "payer": "the payer's account", "document": "the document number", "document_date": "the document date",
    "due_date": "the due date", "currency": "the currency", "open_minor": "the open amount", "original_minor": "the original amount",
    "settled_on": "the settlement date",
}  # fmt: skip


def mapped(headings: list[str], cells: pd.DataFrame, said: Mapping[str, str], profile: Profile, *, sheet: bool) -> dict[str, int]:
    """Field -> position of its column, for the fields that have one. `cells` are the records under the headings.

    Raises Unclear when two columns could equally be one field.
    """
    answered = {field_named(name): heading for name, heading in said.items()}
    finder = _Finder(headings, cells, profile, sheet, absent(said, profile))
    return finder.found({name: _position(heading, headings) for name, heading in answered.items() if heading.strip() != NO_COLUMN})


def absent(said: Mapping[str, str], profile: Profile) -> set[str]:
    """The fields that the export does not have, as the user or the profile says."""
    return {field_named(n) for n, h in said.items() if h.strip() == NO_COLUMN} | {n for n, h in profile.fields.items() if h == NO_COLUMN}


Candidate = tuple[bool, int, bool, int]  # whether its column is empty, rank, whether it is in the company's currency, position


class _Finder:
    """The search for the columns of one export."""

    def __init__(self, headings: list[str], cells: pd.DataFrame, profile: Profile, sheet: bool, absent: set[str]) -> None:
        self.headings, self.cells, self.profile, self.sheet = headings, cells, profile, sheet
        self.absent = absent | ({"instalment"} if of_lines(headings) else set())
        self.values = {at: telling(cells[at]) for at in range(len(headings))}
        self.chosen: dict[str, int] = {}
        self.claimed = {word for words in profile.ranks.values() for word in words} | set(profile.ignored.split("|"))
        self.foreign, self.local = self._scopes()

    def found(self, answered: Mapping[str, int]) -> dict[str, int]:
        """The fields beside the `answered` ones in order: switches and pairs first, the currency last because it depends on which amount is read."""
        self.chosen |= answered
        first = ("is_open", "debit", "credit", "sign")
        order = [f for f in (*first, *(f for f in SYNONYMS if f not in (*first, "currency")), "currency") if f not in self.absent]
        for name in order:
            if name == "original_minor" and not {"open_minor"} & (self.chosen.keys() | self.absent):
                continue
            self._choose(name, self._strong(name) or self._aged(name) or self._exact(name))
        for name in (f for f in order if f in CONTAINED):
            self._choose(name, self._allowed(name, self._candidates(name, lambda h, f=name: self._loosely(f, h))))
        if "open_minor" not in answered:
            self._whole()
        self._paid()
        self._codes()
        if self._of_ledger():
            del self.chosen["payer"]
        elif "payer" not in self.absent:
            self._choose("payer", self._candidates("payer", lambda h: self._rank("payer", h)))
        if not {"payer"} & (self.chosen.keys() | self.absent) and "payer_name" in self.chosen:
            self.chosen["payer"] = self.chosen["payer_name"]  # QuickBooks, Xero and Odoo know their customers by name
        return self.chosen

    def _of_ledger(self) -> bool:
        """Whether the column of accounts is that of the general ledger (411000 for everybody), beside one of names."""
        at, name = (self.chosen.get(field) for field in ("payer", "payer_name"))
        if at is None or name is None or normal(self.headings[at]) in self.claimed or not LEDGER & set(normal(self.headings[at]).split()):
            return False
        accounts, names = (self.values[column].nunique() for column in (at, name))
        return 0 < 2 * accounts <= names

    def _exact(self, name: str) -> list[Candidate]:
        return self._allowed(name, self._candidates(name, lambda h: self._rank(name, h)))

    def _strong(self, name: str) -> list[Candidate]:
        """Columns that say in more words that they are what is open ("Total amount due (EUR)"): before one that says only Total."""
        if name != "open_minor" or any(c[1] <= 0 or normal(self.headings[c[-1]]) in BALANCES for c in self._exact(name)):
            return []
        return self._allowed(name, self._candidates(name, lambda h: None if known(h) else self._loosely(name, h)))

    def _aged(self, name: str) -> list[Candidate]:
        """The column of what stands by age (`ages.opened`): before one that says only Amount or Total, unless documents are in several currencies."""
        at = next((at for at, h in enumerate(self.headings) if h.startswith(COMPUTED)), None)
        if name != "open_minor" or at is None or "open_minor" in self.profile.fields:
            return []
        vague = self._exact(name)
        if any(c[1] <= 0 or normal(self.headings[c[-1]]) in BALANCES for c in vague):
            return []
        coded = [c for c, h in enumerate(self.headings) if normal(h) in ranks()["currency"] and self.values[c].nunique() > 1]
        return [] if vague and coded else [(False, 0, False, at)]

    def _allowed(self, name: str, found: list[Candidate]) -> list[Candidate]:
        """The candidates that go with what was chosen before."""
        if name == "payer":
            return [c for c in found if c[1] != NAME_AS_PAYER]
        if name == "currency" and self._in_local("open_minor", "original_minor"):
            own = [c for c in found if ranks()[name].get(normal(self.headings[c[-1]])) == LOCAL_CURRENCY]
            self._choose("document_currency", [c for c in found if c not in own and c[1] < LOOSE])
            return own
        if name == "open_minor" and any(c[1] > 0 for c in found) and self._candidates("paid_minor", lambda h: self._rank("paid_minor", h)):
            found = [c for c in found if c[1] <= 0 or normal(self.headings[c[-1]]) in BALANCES] or found  # beside what was paid, Amount is the whole
        if name in ("open_minor", "original_minor") and {"debit", "credit"} <= set(self.chosen):  # the pair goes before a vague word
            signed = name == "open_minor" and "sign" in self.chosen
            found = [c for c in found if c[1] <= 0 or (c[1] == 1 and (signed or normal(self.headings[c[-1]]) in BALANCES))]
        other = {"original_minor": self._in_local("open_minor"), "paid_minor": self._in_local("open_minor", "original_minor")}.get(name)
        return found if other is None else [c for c in found if c[2] == other]

    def _rank(self, name: str, heading: str) -> int | None:
        word = normal(heading)
        if (own := self.profile.ranks.get(name, {}).get(word)) is not None:
            return own - OWN
        if word in self.claimed or (name in AMOUNTS and SHARES & set(heading)):
            return None
        rank = ranks()[name].get(word)
        if name not in AMOUNTS:
            return rank
        plain = money(heading)[0]
        found = [rank, ranks()[name].get(of_document(plain) if heading in self.foreign else plain)]
        return min((r for r in found if r is not None), default=None)

    def _loosely(self, name: str, heading: str) -> int | None:
        word = normal(heading)
        other = NO_AMOUNTS if name in AMOUNTS else NO_NUMBERS if name == "document" else frozenset[str]()
        if word in self.claimed or other & set(word.split()) or (name in AMOUNTS and SHARES & set(heading)):
            return None
        spare = contained(name, heading)
        return None if spare is None else LOOSE + spare

    def _scopes(self) -> tuple[set[str], set[int]]:
        """Headings of amounts in the currency of the document, and columns in the company's currency.

        Where one heading says that it is the document's (Balance (foreign currency)), the same without these words is the company's; where such a
        column is not filled on every line, it is left alone. A heading that names a currency (Open EUR) is the company's beside one that does not, or
        beside a column of other currencies.
        """
        plain = {normal(h): at for at, h in enumerate(self.headings) if h}
        foreign, local_at = set[str](), {at for at, h in enumerate(self.headings) if local(h, self.profile) or self._in_one(h, plain)}
        for at, heading in enumerate(self.headings):
            word = normal(heading)
            if heading and at not in local_at and of_document(word) != word:
                twin = plain.get(of_document(word))
                if twin is not None:
                    local_at.add(twin)
                if twin is None or not ((self.cells[twin] != "") & (self.cells[at] == "")).any():
                    foreign.add(heading)
        return foreign, local_at

    def _in_one(self, heading: str, plain: Mapping[str, int]) -> bool:
        """Whether a heading names the currency of its amounts, and the documents may be in others."""
        word, code = money(heading)
        others = {of_document(h) for h in plain} if code else set[str]()
        known = ranks()["currency"].keys() | self.profile.ranks.get("currency", {}).keys()
        return word in others or any((self.values[at].str.upper() != code).any() for h, at in plain.items() if code and h in known)

    def _candidates(self, name: str, how: Callable[[str], int | None]) -> list[Candidate]:
        free = [at for at, heading in enumerate(self.headings) if heading and at not in self.chosen.values()]
        found = [(how(self.headings[at]), at) for at in free]
        ranked = [(not len(self.values[at]), rank, at in self.local, at) for rank, at in found if rank is not None]
        return sorted(c for c in ranked if c[0] or fits(name, self.values[c[-1]], self.sheet))

    def _choose(self, name: str, found: list[Candidate]) -> None:
        if name in self.chosen:
            return
        best = [c[-1] for c in found if c[:-1] == found[0][:-1]]
        if len(best) > 1 and name in ASKED and any(not self.cells[best[0]].equals(self.cells[at].rename(best[0])) for at in best[1:]):
            raise _which(name, self.headings, best, self.values)
        if best:
            self.chosen[name] = best[0]

    def _in_local(self, *names: str) -> bool | None:
        """Whether the first of these amounts that has a column is in the company's currency; None when none has one."""
        at = next((self.chosen[name] for name in names if name in self.chosen), None)
        return None if at is None else at in self.local

    def _codes(self) -> None:
        """A column of nothing but currencies is that of the amounts, whatever its heading, where no heading says so and there is one alone."""
        if {"currency", "document_currency"} & set(self.chosen) or "currency" in self.absent:
            return
        free = [at for at, h in enumerate(self.headings) if h and at not in self.chosen.values() and normal(h) not in self.claimed]
        found = [at for at in free if len(self.values[at]) and self.values[at].isin(CURRENCIES).all()]
        if len(found) == 1:
            self.chosen["document_currency" if self._in_local("open_minor", "original_minor") else "currency"] = found[0]

    def _whole(self) -> None:
        """The amount of the invoice is not what is open where another column says that it is, and holds errors or words: that one is asked about."""
        at = self.chosen.get("open_minor")
        if at is None or (self._rank("open_minor", self.headings[at]) or 0) < WHOLE_AMOUNT:
            return
        ranked = [(self._rank("open_minor", heading), other) for other, heading in enumerate(self.headings) if heading and other != at]
        if any(rank is not None and rank < WHOLE_AMOUNT and (self.cells[other] != "").any() for rank, other in ranked):
            del self.chosen["open_minor"]

    def _paid(self) -> None:
        """Beside what was paid, the amount of the invoice is not what is open."""
        at = self.chosen.get("open_minor")
        if at is not None and "paid_minor" in self.chosen and normal(self.headings[at]) not in self.claimed:
            word = normal(self.headings[at])
            word = of_document(word) if self.headings[at] in self.foreign else word
            if ranks()["open_minor"].get(word) == WHOLE_AMOUNT or (word in ranks()["original_minor"] and "original_minor" not in self.chosen):
                self.chosen["original_minor"] = self.chosen.pop("open_minor")


def _position(heading: str, headings: list[str]) -> int:
    for same in (lambda h: h == heading.strip(), lambda h: normal(h) == normal(heading)):
        if found := [at for at, h in enumerate(headings) if same(h)]:
            return found[0]
    if found := [at for at in range(len(headings)) if _lettered(at) == heading.strip()]:
        return found[0]
    raise LedgerError(f'There is no column "{heading}" in the export. Its headings are: {_listed(headings)}.')


def _answer(headings: list[str], at: int) -> str:
    """What names a column: its heading, or its letter where others are called the same."""
    return headings[at] if headings.count(headings[at]) == 1 else _lettered(at)


def _lettered(at: int) -> str:
    return f"column {letter(at)}"


def _listed(headings: list[str]) -> str:
    return ", ".join(f'"{h}"' for h in headings if h and not h.startswith(COMPUTED))


def _shown(heading: str, at: int, values: pd.Series) -> str:
    return f'"{heading}" (column {letter(at)}{f", e.g. {values.iloc[0]}" if len(values) else ""})'


def _which(name: str, headings: list[str], best: list[int], values: Mapping[int, pd.Series]) -> Unclear:
    shown = [_shown(headings[at], at, values[at]) for at in best]
    sentence = f"Two columns could be {SPOKEN[name]}: {shown[0]} and {shown[1]}. Say which."
    return Unclear(sentence, name, tuple(Choice(_answer(headings, at), s) for at, s in zip(best, shown, strict=True)))


def in_full(chosen: Mapping[str, int], headings: list[str], above: list[str]) -> None:
    """Raise LedgerError for amounts in thousands, as a heading or a line `above` the headings says: what each document owes is not in them."""
    amounts = [headings[at] for field, at in chosen.items() if field in AMOUNTS] if "open_minor" in chosen else headings
    said = next((h for h in amounts if THOUSANDS.search(h)), None) or next((line for line in above if IN_THOUSANDS.search(line)), None)
    if said:
        raise LedgerError(
            f"The amounts are in thousands (“{said}”), so that what each document owes is not known. Export them in full, with their cents."
        )


def complete(
    chosen: Mapping[str, int], headings: list[str], cells: pd.DataFrame, said: Mapping[str, str], profile: Profile, *, sheet: bool
) -> None:  # fmt: skip
    """Raise Unclear for the first field that an open item cannot do without and that has no column; `cells` as in `mapped`."""
    missing = [f for f in ("payer", "document") if f not in chosen]
    if "open_minor" not in chosen and not {"debit", "credit"} <= set(chosen) and not {"original_minor", "paid_minor"} <= set(chosen):
        missing.append("open_minor")
    if not {"due_date", "terms"} & set(chosen) and not profile.undated and "due_date" not in absent(said, profile):
        missing.append("due_date")
    if not missing:
        return
    name = missing[0]
    if name in profile.hints:
        raise LedgerError(profile.hints[name])
    ages = [h for h in headings if re.fullmatch(AGES, normal(h))]
    if name == "document" and len(ages) > 1 and not {"document_date", "due_date"} & set(chosen):
        raise LedgerError(
            f"The list has one line for each customer, with sums by age ({_listed(ages)}): it says neither documents nor due dates."
            " Export the detailed list of open items, with document number and due date."
        )
    if name == "open_minor" and len(ages) > 1:
        raise LedgerError(
            f"The list says what is open by age alone ({_listed(ages)}). Export it with a column of the whole, or add one with their sum."
        )
    taken = {at for field, at in chosen.items() if field not in OPTIONAL}
    free = [at for at, heading in enumerate(headings) if heading and not heading.startswith(COMPUTED) and at not in taken]
    values = {at: telling(cells[at]) for at in free}
    shown = [(at, _shown(headings[at], at, values[at])) for at in free if len(values[at]) and fits(name, values[at], sheet)]
    synonyms = ranks()[name].keys() | profile.ranks.get(name, {}).keys()
    named = [at for at in free if normal(headings[at]) in synonyms and (cells[at] != "").any()]
    for at in named if name == "due_date" else ():
        if len(values[at]) and (damaged := damage(values[at])):
            raise LedgerError(
                f'"{headings[at]}" holds {damaged} such as {values[at].iloc[0]} instead of dates: Excel has damaged the column when the'
                " export was opened. Export it again and import that file without opening it in Excel."
            )
    unfit = next((at for at in named if not len(values[at]) or not fits(name, values[at], sheet)), None)
    choices = tuple(Choice(_answer(headings, at), s) for at, s in shown)
    without = ""
    if name == "due_date":
        choices += (Choice(NO_COLUMN, "there is none: due dates follow from terms of payment"),)
        without = " If there is none, the due dates follow from the terms of payment."
    if unfit is not None:
        kind = "amounts" if name in AMOUNTS else "dates" if name in DATES else "numbers"
        filled = values[unfit] if len(values[unfit]) else cells[unfit][cells[unfit] != ""]
        example = next((cell for cell in filled if not fits(name, pd.Series([cell], dtype="str"), sheet)), filled.iloc[0])
        raise Unclear(
            f'"{headings[unfit]}" is no column of {kind}: most of its cells are such as “{example}”. Correct it in the export, or say'
            f" which column is {SPOKEN[name]}.{without}",
            name, choices,
        )  # fmt: skip
    raise Unclear(
        f"No column of the export was recognised as {SPOKEN[name]}. Its headings are: {_listed(headings)}."
        f" Say which one it is.{without}",
        name, choices,
    )  # fmt: skip
