"""What is known of one accounting system's export, declared as data: how it is recognised, what its headings mean, how its rows are ordered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from workbook.ledgers.grid import Grid

if TYPE_CHECKING:
    from workbook.ledgers.answers import Asked
    from workbook.ledgers.posted import Posted
    from workbook.ledgers.table import Table

NONE: Mapping[str, str] = {}
COMPUTED = "dunning "  # before the headings of columns that the file does not have


@dataclass(frozen=True)
class Profile:
    """One system's export. Headings and words are written as `headings.normal` makes them: lower case, no accents, no punctuation.

    `marks`: alternatives; each is a set of headings, "a|b" for either, that one record must hold all of: that record is the header. `title`: pattern
    that one of the records above the header must match as well. `finds` decides instead of both: the position of the header in a grid, or None.
    `fields`: field -> headings that mean it in this system, best first, before the general synonyms; "-" where the system has no such column
    although general synonyms would find one.
    """

    name: str
    system: str
    marks: tuple[tuple[str, ...], ...] = ()
    title: str = ""
    finds: Callable[[Grid], int | None] | None = None
    fields: Mapping[str, str] = field(default_factory=lambda: NONE)
    ignored: str = ""
    """Headings, joined by "|", that general synonyms must not take for a field."""
    company_amounts: str = ""
    """Headings, joined by "|", of amounts in the company's currency whatever the line's, beside those that say so themselves."""
    instead: Mapping[str, str] = field(default_factory=lambda: NONE)
    """Field -> headings, joined by "|": the first column of them fills its empty cells."""
    sections: Literal["", "payer", "bucket"] = ""
    """What a row that holds a text alone says of the lines beside it: the payer, or nothing (an ageing bucket)."""
    kinds: Mapping[str, str] = field(default_factory=lambda: NONE)
    """Document types of this system -> `DocumentKind`, before the general words."""
    settled: Mapping[str, str] = field(default_factory=lambda: NONE)
    """Headings -> values, both joined by "|", that say a line is not open: settled, cancelled, a draft."""
    reminded: tuple[str, ...] = ()
    """Headings of further columns with reminder dates: the latest of a row counts."""
    undated: bool = False
    """The system prints no due date: terms give it, nobody is asked."""
    local: bool = False
    """No currency in a row means the company's own: nobody is told."""
    signed: bool = False
    """Amounts carry their sign whatever the type of document says: none is turned."""
    empty_is_zero: bool = False
    """A line without open amount is settled."""
    numberless: bool = False
    """Lines may lack a document number; they are named after their type and date."""
    documents_only: bool = False
    """Payments on account are not in the export: a payer may owe less."""
    hints: Mapping[str, str] = field(default_factory=lambda: NONE)
    """Field -> sentence for a person whose export lacks it."""
    prepared: Callable[[Grid, int], Grid] | None = None
    """A grid with further columns, for what this system leaves to be computed from others; header position unchanged."""
    postings: Callable[[Sequence[Table], Asked], Posted] | None = None
    """Open items are made from postings: takes the place of everything that follows the header."""

    @cached_property
    def ranks(self) -> dict[str, dict[str, int]]:
        """For every field of its own the headings with their rank, 0 the best."""
        return {name: {h: at for at, h in enumerate(said.split("|"))} for name, said in self.fields.items() if said != "-"}

    def fits(self, names: frozenset[str]) -> int:
        """How many marks a record with these headings holds, 0 when it lacks one of every alternative."""
        found = [len(marks) for marks in self.marks if all(any(h in names for h in mark.split("|")) for mark in marks)]
        return max(found, default=0)
