"""Sage 100, F_ECRITUREC: open items with due dates and reminder levels from the table of postings."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from workbook.ledgers import Export, read_export

HEAD = "JO_Num;JM_Date;EC_Jour;EC_Date;EC_Piece;EC_RefPiece;CG_Num;CT_Num;EC_Intitule;"
HEAD += "EC_Echeance;EC_Sens;EC_Montant;EC_Lettre;EC_Lettrage;EC_Rappel;EC_DateRelance;EC_ANType"
LINES = """
VTE;01/03/2025;5;{};F1;;411000;CDUP;Facture F1;30/04/2025;0;1200,00;0;;2;15/06/2025;0
VTE;01/03/2025;5;{};F1;;707000;;Facture F1;;1;1200,00;0;;0;;0
BQE;01/03/2025;17;{};V1;;411000;CDUP;Virement;;1;200,00;0;;0;;0
VTE;01/03/2025;9;{};F2;;411000;CDUP;Facture F2;;0;300,00;1;A;0;;0
BQE;01/03/2025;28;{};V2;;411000;CDUP;Virement;;1;300,00;1;A;0;;0
VTE;01/03/2025;10;{};;REF9;411000;CLEM;Avoir;;1;50,00;0;;0;;0
RAN;01/01/2025;1;{};RAN;;411000;CLEM;A nouveau;;0;80,00;0;;0;;1
ACH;01/03/2025;10;{};H1;;401000;FXYZ;Achat;;1;70,00;0;;0;;0
"""


def ledger(folder: Path, *, dated: bool) -> Path:
    """The table, with the date in one column or with day and month apart."""
    lines = [line.format(f"{int(line.split(';')[2]):02d}/{line.split(';')[1][3:]}" if dated else "") for line in LINES.split("\n")[1:-1]]
    path = folder / "F_ECRITUREC.csv"
    path.write_bytes("\r\n".join([HEAD, *lines, ""]).encode("cp1252"))
    return path


def shown(export: Export) -> list[str]:
    return [f"{i.payer} {i.document} {i.kind} {i.document_date.date()} {i.open_minor / 100:.2f}" for i in export.items.itertuples()]


def test_lettered_lines_are_settled_and_day_and_month_may_stand_apart(tmp_path: Path) -> None:
    for dated in (True, False):
        export = read_export(ledger(tmp_path, dated=dated), as_of=date(2025, 12, 31), company_currency="EUR")

        assert export.profile == "sage100_ledger"
        assert shown(export) == [
            "CDUP F1 invoice 2025-03-05 1200.00", "CDUP V1 payment 2025-03-17 -200.00", "CLEM REF9 credit 2025-03-10 -50.00",
            "CLEM RAN other 2025-01-01 80.00",
        ]  # fmt: skip


def test_due_dates_and_reminder_levels_are_those_of_the_table(tmp_path: Path) -> None:
    export = read_export(ledger(tmp_path, dated=True), as_of=date(2025, 12, 31), company_currency="EUR")
    taken = export.taken[export.taken["document"] == "F1"]

    assert str(export.items["due_date"].iloc[0].date()) == "2025-04-30"
    assert [(t.level, str(t.last_reminder.date())) for t in taken.itertuples()] == [(2, "2025-06-15")]


def test_what_the_next_year_brings_forward_counts_once(tmp_path: Path) -> None:
    after = tmp_path / "F_ECRITUREC_2026.csv"
    lines = [
        "RAN;01/01/2026;1;01/01/2026;F1;F1;411000;CDUP;Facture F1;30/04/2025;0;1000,00;0;;2;;1",
        "RAN;01/01/2026;1;01/01/2026;RAN;;411000;CLEM;A nouveau;;0;30,00;0;;0;;1",
    ]
    after.write_bytes("\r\n".join([HEAD, *lines, ""]).encode("cp1252"))
    export = read_export([ledger(tmp_path, dated=True), after], as_of=date(2026, 1, 31), company_currency="EUR")

    assert export.items.groupby("payer")["open_minor"].sum().to_dict() == {"CDUP": 100000, "CLEM": 3000}
