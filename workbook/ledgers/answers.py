"""What a person said about an export, or what is remembered of its source: the answers to every question the reader can ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Answers:
    """Empty = find out. `fields`: our field -> heading in the file, or "-" where the file has no such column."""

    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    currency: str = ""  # of the rows that name none
    company: str = ""  # of the rows that name none
    date_order: str = ""  # dmy, mdy, ymd
    decimal_mark: str = ""  # . or ,
    profile: str = ""  # name of a profile, such as sap_fbl5n
    sheet: str = ""
    member: str = ""  # file inside a zip
    allocation: str = ""  # of payments in a ledger without lettering: oldest (first) or none
    receivables: str = ""  # roots of the customers' accounts in a ledger of postings: 411,413
    repeats: str = ""  # rows equal to an earlier one: keep (as lines of their own) or leave (out)
    scope: str = ""  # what the export speaks of: own (the companies it has) or whole (the ledger)


@dataclass(frozen=True)
class Asked:
    """What the reader is to answer: the open items on `as_of`, in `currency` where the file names none."""

    as_of: date
    currency: str
    answers: Answers
