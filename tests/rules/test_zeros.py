"""Numbers that differ by leading zeros alone are the same where more than the number says so."""

from datetime import date

import pandas as pd
import pytest

from rules.model import AssessedItem, OpenItem, Payer
from rules.row import to_frame
from rules.zeros import respelt

DAY, DUE, OTHER = date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 28)


def items(*rows, model=OpenItem):
    """Rows of payer, name, document and perhaps a document date."""
    return to_frame(
        [
            model(payer=payer, payer_name=name, document=document, document_date=(on or [DAY])[0], due_date=DUE, currency="EUR", open_minor=100)
            for payer, name, document, *on in rows
        ],
        model,
    )


def spelt(export, ledger, payers=()):
    """The payers and documents of the export as the ledger spells them."""
    found = items(*export)
    there = respelt(found, items(*ledger, model=AssessedItem), to_frame([Payer(payer=p, name=n) for p, n in payers], Payer))
    made = there.of(found)
    return " ".join(f"{row.payer}:{row.document}" for row in made.itertuples()), len(there.twins)


@pytest.mark.parametrize(
    ("export", "ledger", "expected"),
    [
        ([("10", "Hall", "A")], [("0010", "Hall", "A")], ("0010:A", 0)),
        ([("0010", "Hall", "A")], [("10", "Hall", "A")], ("10:A", 0)),
        ([("10", "Hall", "B")], [("0010", "Hall Ltd", "A")], ("0010:B", 0)),
        ([("10", "10", "B")], [("0010", "0010", "A")], ("10:B", 1)),
        ([("10", "Meyer", "B")], [("0010", "Hall", "A")], ("10:B", 1)),
        ([("10", "Hall", "7")], [("0010", "Hall", "007")], ("0010:007", 0)),
        ([("10", "10", "7")], [("0010", "0010", "007")], ("0010:007", 0)),
        ([("10", "Hall", "A"), ("0010", "Hall", "B")], [("0010", "Hall", "A"), ("0010", "Hall", "B")], ("0010:A 0010:B", 0)),
        ([("10", "Hall", "C"), ("0010", "Hall", "B")], [("0010", "Hall", "B")], ("10:C 0010:B", 0)),
        ([("10", "Hall", "A")], [("0010", "Hall", "A"), ("010", "Hall", "A")], ("10:A", 0)),
        ([("A10", "Hall", "A")], [("0A10", "Hall", "A")], ("A10:A", 0)),
        ([("1", "Hall", "90")], [("1", "Hall", "0090")], ("1:0090", 0)),
        ([("1", "Hall", "90", None)], [("1", "Hall", "0090", OTHER)], ("1:0090", 0)),
        ([("1", "Hall", "90"), ("1", "Hall", "0090")], [("1", "Hall", "0090")], ("1:90 1:0090", 0)),
        ([("2", "Hall", "90")], [("1", "Meyer", "0090")], ("2:90", 0)),
        ([("1", "Hall", "0")], [("1", "Hall", "000")], ("1:000", 0)),
    ],
    ids=[
        "a payer lost zeros", "a payer has them again", "a new document, the same name", "no name, another document", "another name",
        "payer and document", "document and no name", "some rows lost zeros", "two payers of one export", "two payers of the ledger",
        "no figures alone", "a document", "a document without date", "two documents of the export", "another payer's document", "nothing but zeros",
    ],
)  # fmt: skip
def test_numbers_are_spelt_as_the_ledger_does(export, ledger, expected):
    assert expected == spelt(export, ledger)


def test_a_payer_of_the_sheet_who_has_nothing_open_is_known_too():
    assert ("0010:B", 0) == spelt([("10", "Hall", "B")], [], [("0010", "Hall")])


def test_a_document_of_which_nothing_else_is_the_same_is_another():
    export = items(("1", "Hall", "90", OTHER)).assign(due_date=pd.Timestamp(OTHER), original_minor=7)
    there = respelt(export, items(("1", "Hall", "0090"), model=AssessedItem), to_frame([], Payer))

    assert ["90"] == list(there.of(export)["document"])
