"""Lines of a list that settle one another: lettering, and debits and credits of one document."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rules.errors import LedgerError
from rules.written import Amount
from workbook.ledgers import Answers, Export, read_export

LETTERED = "Compte;Intitulé;Date;N° pièce;Libellé;Débit;Crédit;Lettrage;Solde"
LINES = (
    "DUP;Dupont;15/01/2026;F1;Facture;1200,00;;A;1200,00",
    "DUP;Dupont;16/01/2026;V1;Virement;;1200,00;A;0,00",
    "DUP;Dupont;17/01/2026;F2;Facture;500,00;;b;500,00",
    "DUP;Dupont;18/01/2026;V2;Virement;;200,00;b;300,00",
    "DUP;Dupont;19/01/2026;F3;Facture;70,00;;;370,00",
    "MAR;Martin;19/01/2026;F4;Facture;70,00;;A;70,00",
)


def read(folder: Path, *lines: str, as_of: date = date(2026, 3, 1)) -> Export:
    path = folder / "ledger.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_export(path, as_of=as_of, company_currency="EUR", answers=Answers(fields={"due_date": "-"}))


def shown(export: Export) -> list[str]:
    return [f"{i.payer} {i.document} {i.open_minor / 100:.2f} of {i.original_minor / 100:.2f}" for i in export.items.itertuples()]


def test_what_is_lettered_settles_itself_and_of_a_part_the_rest_is_open(tmp_path: Path) -> None:
    export = read(tmp_path, LETTERED, *LINES)

    assert shown(export) == ["DUP F2 300.00 of 500.00", "DUP F3 70.00 of 70.00", "MAR F4 70.00 of 70.00"]
    assert [f.values for f in export.findings if f.code == "export_postings_partial"] == [{"count": 1, "sum": (Amount(30000, "EUR"),)}]
    assert export.totals[["open_minor", "file_minor"]].to_numpy().tolist() == [[44000, 44000]]


def test_lettering_of_a_later_day_than_the_as_of_date_does_not_settle(tmp_path: Path) -> None:
    lines = [f"{line};{'15/02/2026' if line.split(';')[7] == 'A' else ''}" for line in LINES]
    heads = f"{LETTERED};Date de lettrage"

    assert "DUP F1 1200.00 of 1200.00" in shown(read(tmp_path, heads, *lines, as_of=date(2026, 1, 31)))
    assert "DUP F1 1200.00 of 1200.00" not in shown(read(tmp_path, heads, *lines))


@pytest.mark.parametrize("codes", [("Oui", "Non"), ("", "")])
def test_a_column_of_switches_or_without_codes_is_no_lettering(tmp_path: Path, codes: tuple[str, str]) -> None:
    lines = (
        f"DUP;Dupont;15/01/2026;F1;Facture;1200,00;;{codes[0]};1200,00",
        f"DUP;Dupont;16/01/2026;V1;Virement;;200,00;{codes[1]};1000,00",
    )

    assert shown(read(tmp_path, LETTERED, *lines)) == ["DUP F1 1200.00 of 1200.00", "DUP V1 -200.00 of -200.00"]


def test_a_payment_under_the_number_of_its_invoice_is_taken_off_it(tmp_path: Path) -> None:
    """An account with a running balance, marked S or H."""
    export = read(
        tmp_path, "Konto;Name;Belegdatum;Belegnr.;Buchungstext;Soll;Haben;Saldo;S/H",
        "10000;Huber;15.01.2026;RE1;Rechnung;1.190,00;;1.190,00;S", "10000;Huber;16.01.2026;RE1;Zahlung;;1.190,00;0,00;S",
        "10000;Huber;17.01.2026;RE2;Rechnung;500,00;;500,00;S", "10000;Huber;18.01.2026;RE2;Zahlung;;100,00;400,00;S",
        "10000;Huber;19.01.2026;ZA;Zahlung;;600,00;200,00;H",
    )  # fmt: skip

    assert shown(export) == ["10000 RE2 400.00 of 500.00", "10000 ZA -600.00 of -600.00"]
    assert {"export_row_key", "export_postings_document"} & {f.code for f in export.findings} == {"export_postings_document"}


def test_a_journal_of_all_accounts_is_refused(tmp_path: Path) -> None:
    lines = (
        "2026-01-05;1100;C1;F1;120.00;", "2026-01-05;4000;;F1;;100.00", "2026-01-05;2200;;F1;;20.00",
        "2026-02-05;1200;;P1;120.00;", "2026-02-05;1100;C1;P1;;120.00", "2026-02-06;1100;C2;F2;55.00;",
    )  # fmt: skip

    with pytest.raises(LedgerError, match=r"journal of all accounts: the debits and credits of its documents balance \(first: F1\)"):
        read(tmp_path, "Date;Account;Customer;Document No;Debit;Credit", *lines)


def test_a_sum_moved_from_one_customer_to_another_is_no_journal(tmp_path: Path) -> None:
    moved = ("DUP;Dupont;20/01/2026;OD1;Transfert;;70,00;;0", "MAR;Martin;20/01/2026;OD1;Transfert;70,00;;;140,00")

    assert "MAR OD1 70.00 of 70.00" in shown(read(tmp_path, LETTERED, *LINES, *moved))
