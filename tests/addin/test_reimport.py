"""What the next export no longer has was paid, unless it cannot be known: numbers, dates and payers change, and rows cannot be read."""

from datetime import date

import pandas as pd
import pytest

from rules import model
from rules.model import AssessedItem, Payment, Promise
from rules.row import Row, to_frame
from tests.addin.office import FIRST, SECOND, Office

HEAD = "Customer;Name;Document;Document date;Due date;Currency;Open"
INVOICES = [f"00{n};Customer {n};00{900 + n};2026-01-05;2026-02-04;EUR;{n}00.00" for n in (1, 2, 3, 4, 5)]
PARTS = [f"1;Hall;F1;2026-01-05;{due};EUR;{amount}.00" for due, amount in (("2026-02-04", 500), ("2026-03-04", 400), ("2026-04-04", 300))]


def import_(office: Office, *lines: str, as_of: date = FIRST, **wishes: object) -> dict[str, int]:
    """The changes that an import tells, by their number."""
    from addin import importing

    report = importing.import_ledger(office.book(), office.export(*lines, head=HEAD), as_of, **wishes)
    return {change: count for change, count in report.facts["changes"].items() if count}


def reminded(office: Office) -> Office:
    """The office after its letters of level 1."""
    office.propose()
    office.send_all()
    office.issue()
    return office


def levels(office: Office) -> list[int]:
    return office.book().read(AssessedItem)["level"].tolist()


def paid(office: Office) -> list[int]:
    return office.book().read(Payment)["amount_minor"].tolist()


def found(office: Office, code: str) -> list[str]:
    told = office.book().read(model.FindingRow)
    return told["text"][told["code"] == code].tolist()


def put(office: Office, row_model: type[Row], *rows: Row) -> None:
    book = office.book()
    book.replace(row_model, to_frame(rows, row_model))
    book.save()


# ---------------------------------------------------------------------------------------------------------------- rows that cannot be read


@pytest.mark.parametrize(
    "row",
    [
        "002;Customer; 2;00902;2026-01-05;2026-02-04;EUR;200.00",
        "002;Customer 2;1,8E+09;2026-01-05;2026-02-04;EUR;200.00",
        "002;Customer 2;;2026-01-05;2026-02-04;EUR;200.00",
        ";;00902;2026-01-05;2026-02-04;EUR;200.00",
        ";;1,8E+09;2026-01-05;2026-02-04;EUR;200.00",
        "002;Customer 2;902;2026-01-05;2026-02-04;EUR;two",
    ],
    ids=["its columns have moved", "a shortened number", "no number", "no payer", "neither", "no zeros and no amount"],
)
def test_the_invoice_of_a_row_that_cannot_be_read_is_not_paid(office: Office, row: str) -> None:
    """It stays as it was, is named, and no payment is noted; what is gone beside it was paid."""
    import_(office, *INVOICES)
    told = import_(office, *INVOICES[2:4], row, as_of=SECOND)

    assert {"paid": 2, "unread": 1, "unchanged": 2} == told
    assert [10000, 50000] == paid(office)
    assert ["1 (00902 (002))"] == [text[text.index("1 (") : text.index(")") + 2] for text in found(office, "kept_unread")]


def test_a_row_that_names_nothing_keeps_whatever_it_may_be(office: Office) -> None:
    """Its amount is none of the ledger's: it may be a part payment of any of them."""
    import_(office, *INVOICES)

    assert {"unread": 3, "unchanged": 2} == import_(office, *INVOICES[2:4], ";;1,8E+09;2026-01-05;2026-02-04;EUR;7.00", as_of=SECOND)
    assert [] == paid(office)


# ---------------------------------------------------------------------------------------------------------------- numbers, dates, payers


@pytest.mark.parametrize("lost", ["payers", "documents", "both"])
def test_numbers_that_lost_their_zeros_keep_their_levels(office: Office, lost: str) -> None:
    """Nothing was paid, nobody begins again, no payer is added; and the next whole export changes nothing either."""
    import_(office, *INVOICES)
    reminded(office)
    short = [line.removeprefix("00") for line in INVOICES] if lost != "documents" else INVOICES
    told = import_(office, *(line.replace(";00", ";") if lost != "payers" else line for line in short), as_of=SECOND)

    assert {"unchanged": 5} == told == import_(office, *INVOICES, as_of=date(2026, 3, 21))
    assert [[1] * 5, []] == [levels(office), paid(office)]
    assert ["001", "002", "003", "004", "005"] == office.book().read(model.Payer)["payer"].tolist()


def test_a_changed_due_date_of_an_instalment_is_no_payment(office: Office) -> None:
    """The line keeps its level; so does the last one that is left."""
    import_(office, *PARTS)
    reminded(office)
    told = import_(office, PARTS[0].replace("2026-02-04", "2026-02-20"), *PARTS[1:], as_of=SECOND)

    assert {"due_date_changed": 1, "unchanged": 2} == told
    assert [1, 0, 0] == levels(office)
    import_(office, PARTS[0].replace("2026-02-04", "2026-02-25"), as_of=date(2026, 3, 21))
    assert [[1], [40000, 30000]] == [levels(office), sorted(paid(office), reverse=True)]


def test_a_document_that_is_divided_anew_was_not_paid(office: Office) -> None:
    """What one line has less another has more."""
    import_(office, "1;Hall;F1;2026-01-05;2026-02-04;EUR;900.00")
    import_(office, *(f"1;Hall;F1;2026-01-05;{due};EUR;{amount}.00" for due, amount in (("2026-02-04", 400), ("2026-03-04", 450))), as_of=SECOND)

    assert [5000] == paid(office)


def test_what_was_agreed_goes_with_a_document_that_moves(office: Office) -> None:
    """A promise is not kept because the document has another payer."""
    lines = "1;Hall;F1;2026-01-05;2026-02-04;EUR;500.00", "1;Hall;F2;2026-01-05;2026-02-04;EUR;70.00", "2;Meyer;F3;2026-01-05;2026-02-04;EUR;80.00"
    import_(office, *lines)
    put(
        office, Promise, Promise(payer="1", document="F1", date=FIRST, until=date(2026, 4, 1)), Promise(payer="1", date=FIRST, until=date(2026, 4, 1))
    )
    put(office, Payment, Payment(payer="1", document="F1", date=FIRST, currency="EUR", amount_minor=100))
    import_(office, lines[0].replace("1;Hall", "2;Meyer", 1), *lines[1:], as_of=SECOND)
    promises, payments = office.book().read(Promise), office.book().read(Payment)

    assert [("2", "F1", "open"), ("1", "", "open")] == list(
        zip(promises["payer"], promises["document"], promises["state"].astype("str"), strict=True)
    )
    assert ["2"] == payments["payer"].tolist()
    assert "promised" == office.book().read(AssessedItem).set_index("document")["reason_code"]["F1"]
    import_(office, *(line.replace("1;Hall", "2;Meyer", 1) for line in lines), as_of=date(2026, 3, 21))
    assert ["2", "2"] == office.book().read(Promise)["payer"].tolist()


# ---------------------------------------------------------------------------------------------------------------- what is told


def test_the_same_file_twice_leaves_what_the_first_time_found(office: Office) -> None:
    """The note that was lost and the payer that changed are told once, and stay on the sheet until something else is imported."""
    lines = "1;Hall;F1;2026-01-05;2026-02-04;EUR;500.00", "1;Hall;F2;2026-01-05;2026-02-04;EUR;70.00", "2;Meyer;F3;2026-01-05;;EUR;80.00"
    import_(office, *lines)
    noted(office)
    later = lines[0].replace("1;Hall", "2;Meyer", 1), lines[2]
    import_(office, *later, as_of=SECOND)
    before = office.files()
    import_(office, *later, as_of=SECOND)

    assert before == office.files()
    assert [1, 1] == [len(found(office, code)) for code in ("payer_changed", "left_with_note")]
    import_(office, *later, as_of=date(2026, 3, 21), source="again")
    import_(office, later[0], as_of=date(2026, 3, 22))
    assert [0, 1] == [len(found(office, code)) for code in ("payer_changed", "left_with_note")]


def test_of_many_notes_that_are_lost_the_first_are_named(office: Office) -> None:
    lines = [f"1;Hall;F{n};2026-01-05;2026-02-04;EUR;500.00" for n in range(30)]
    import_(office, *lines)
    noted(office)
    import_(office, *lines[20:], as_of=SECOND)

    assert [5, ["More lines that left the ledger with something typed on them: 15."]] == [
        len(found(office, "left_with_note")), [text.partition(". ")[0] + "." for text in found(office, "left_with_notes")],
    ]  # fmt: skip


def noted(office: Office) -> None:
    """Writes a note on every line."""
    book = office.book()
    ledger = book.read(AssessedItem)
    book.replace(AssessedItem, ledger.assign(note=pd.Series(["called"] * len(ledger), dtype="str")))
    book.save()


@pytest.mark.parametrize(("dated", "noted"), [("2026-01-05", [10000, -8000]), ("2026-03-21", [10000])], ids=["back", "another of its number"])
def test_a_line_that_is_back_takes_back_what_its_leaving_had_told_paid(office: Office, dated: str, noted: list[int]) -> None:
    """A document of a later day is another one: its number begins again every year."""
    import_(office, *INVOICES)
    import_(office, *INVOICES[1:], as_of=SECOND)
    import_(office, INVOICES[0].replace("2026-01-05", dated).replace("100.00", "80.00"), *INVOICES[1:], as_of=date(2026, 3, 21))

    assert noted == paid(office)
