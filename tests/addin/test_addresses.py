"""An address file fills empty cells of the sheet Payers, and overwrites nothing."""

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from addin import addresses
from addin.report import Report
from rules import model
from rules.errors import LedgerError
from rules.row import Language, to_frame
from tests.addin.office import FIRST, Office
from workbook.ledgers.unclear import Unclear

HEAD = "Payer;Document;Due date;Open"
LINES = ("00017;F1;2026-02-01;10.00", "00018;F2;2026-02-01;10.00")


@pytest.fixture
def bare(office: Office) -> Office:
    """An office whose payers have numbers alone; one has a city."""
    from addin import importing

    importing.import_ledger(office.book(), office.export(*LINES, head=HEAD, name="open.csv"), FIRST)
    book = office.book()
    payers = book.read(model.Payer)
    book.replace(model.Payer, payers.assign(city=payers["city"].mask(payers["payer"] == "00017", "Paris")))
    book.replace(model.Term, to_frame([model.Term(terms="N30")], model.Term))
    book.save()
    return office


def fill(office: Office, *rows: str, head: str, **given: Any) -> Report:
    path = office.folder / "addresses.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return addresses.fill_payers(office.book(), path, FIRST, **given)


def payers(office: Office) -> pd.DataFrame:
    return office.book().read(model.Payer).set_index("payer")


def test_empty_cells_are_filled_and_filled_ones_stay(bare: Office) -> None:
    """What the file says otherwise is shown; the same file again changes nothing."""
    head = "Kundennummer;Name;Straße;PLZ;Ort;Land;Sprache;E-Mail;Zahlungsbedingung"
    rows = ("00017;Lefèvre & Fils;3 rue A;75011;Lyon;France;French;a@b.fr;n30", "00018;Müller;Weg 1;01067;Dresden;de;DE;;")
    done = fill(bare, *rows, head=head)
    found, before = payers(bare), bare.files()
    again = fill(bare, *rows, head=head)

    assert ("Paris", "FR", "fr", "a@b.fr", "N30") == tuple(found.loc["00017", ["city", "country", "language", "email", "terms"]])
    assert ("01067", "Dresden", "DE", "de") == tuple(found.loc["00018", ["postal_code", "city", "country", "language"]])
    assert ["Lyon"] == list(done.tables["otherwise"].query("column == 'City' and sheet == 'Paris'")["list"])
    assert not again.changed
    assert before == bare.files()


def test_nobody_is_added_unless_asked(bare: Office) -> None:
    head = "Customer number;Name;City"
    left = fill(bare, "00099;New Ltd;Bristol", head=head)

    assert 2 == len(payers(bare))
    assert ["payers_strange"] == [f.code for f in left.findings]
    fill(bare, "00099;New Ltd;Bristol", head=head, add=True)
    assert ("New Ltd", "Bristol", True) == tuple(payers(bare).loc["00099", ["name", "city", "collection_allowed"]])


def test_a_number_that_lost_its_zeros_is_pointed_out(bare: Office) -> None:
    """Zeros are never added: two payers could differ in them alone."""
    done = fill(bare, "17;Lefèvre;Nice", head="Customer number;Name;City")

    assert ["payers_zeros"] == [f.code for f in done.findings]
    assert "17 for 00017" in done.findings[0].text("en")


@pytest.mark.parametrize(
    ("head", "cell", "column", "code"),
    [
        ("Country", "Atlantis", "country", "payers_country"),
        ("Language", "Latin", "language", "payers_language"),
        ("Terms", "N99", "terms", "payers_reference"),
        ("Method", "harsh", "method", "payers_reference"),
        ("Credit limit", "much", "limit_minor", "payers_refused"),
        ("Credit limit", "-5.00", "limit_minor", "payers_refused"),
        ("Statement every", "often", "statement_days", "payers_refused"),
        ("Last review", "2026-02-30", "last_review", "list_unreadable"),
        ("E-mail", "not-an-email", "email", "payers_refused"),
    ],
)
def test_a_cell_that_does_not_fit_is_left_out_and_named(bare: Office, head: str, cell: str, column: str, code: str) -> None:
    """The rest of the row is taken."""
    done = fill(bare, f"00018;{cell};Dresden", head=f"Customer number;{head};City")

    found = payers(bare).loc["00018"]

    assert [code] == [f.code for f in done.findings]
    assert cell in done.findings[0].text("en")
    assert "Dresden" == found["city"]
    assert bool(pd.isna(found[column])) or found[column] in ("", 0)


def test_limits_and_dates_are_read_as_in_an_export(bare: Office) -> None:
    fill(bare, "00018;1.250,00;31.01.2026", head="Kundennummer;Kreditlimit;Letzte Prüfung")

    assert (125000, "2026-01-31") == (payers(bare).loc["00018", "limit_minor"], str(payers(bare).loc["00018", "last_review"])[:10])


def test_of_several_rows_of_a_payer_the_first_filled_cell_counts(bare: Office) -> None:
    done = fill(bare, "00018;;a@b.de", "00018;Dresden;c@d.de", head="Customer number;City;E-mail")

    assert ("Dresden", "a@b.de") == tuple(payers(bare).loc["00018", ["city", "email"]])
    assert ["payers_twice"] == [f.code for f in done.findings]


def test_a_list_without_companies_speaks_of_all(office: Office) -> None:
    """The same payer in two companies has one address; a list that names the company speaks of that one."""
    from addin import importing

    importing.import_ledger(office.book(), office.export("A;1;F1;2026-02-01;9.00", "B;1;F2;2026-02-01;9.00", head="Company;" + HEAD), FIRST)
    fill(office, "1;Nice", head="Customer number;City")
    fill(office, "B;1;x@y.fr", head="Company;Customer number;E-mail")
    found = office.book().read(model.Payer)

    assert [("A", "Nice", ""), ("B", "Nice", "x@y.fr")] == list(found[["company", "city", "email"]].itertuples(index=False, name=None))


def test_any_container_will_do(bare: Office) -> None:
    """An Excel sheet with a title above its headings."""
    path: Path = bare.folder / "addresses.xlsx"
    made = openpyxl.Workbook()
    for row in (["Addresses of 2026"], [], ["Debitor", "Ort"], ["00018", "Dresden"]):
        made.active.append(row)
    made.save(path)
    addresses.fill_payers(bare.book(), path, FIRST)

    assert "Dresden" == payers(bare).loc["00018", "city"]


def test_a_file_that_is_no_address_list_is_refused(bare: Office) -> None:
    before = payers(bare)
    with pytest.raises(LedgerError, match="no row of headings was found"):
        fill(bare, "1;2", head="Foo;Bar")
    with pytest.raises(Unclear, match="no column was recognised as the payer's number"):
        fill(bare, "Nice;x@y.fr", head="City;E-mail")

    pd.testing.assert_frame_equal(before, payers(bare))


@pytest.mark.parametrize(("language", "column"), [("en", "Terms"), ("fr", "Conditions"), ("de", "Zahlungsbedingung")])
def test_what_was_filled_is_named_as_the_sheet_names_it(tmp_path: Path, language: Language, column: str) -> None:
    from addin import commands, importing

    office = Office(tmp_path)
    commands.new(office.path, language)
    importing.import_ledger(office.book(), office.export(*LINES, head=HEAD, name="open.csv"), FIRST)
    book = office.book()
    book.replace(model.Term, to_frame([model.Term(terms="N30")], model.Term))
    book.save()
    done = fill(office, "00018;N30", head="Customer number;Terms")

    assert [(column, 1)] == list(done.tables["filled"].itertuples(index=False, name=None))
    assert "at the next import" in done.sentence
