"""The French FEC: one small ledger in every dress that programs give it, and the twelve steps from postings to open items."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from rules.errors import LedgerError
from tests.table import Case, table
from workbook.ledgers import Answers, Export, Unclear, read_export

SAMPLES = Path(__file__).parent / "samples"
AS_OF = date(2025, 12, 31)
HEAD = "JournalCode JournalLib EcritureNum EcritureDate CompteNum CompteLib CompAuxNum CompAuxLib PieceRef PieceDate EcritureLib Debit Credit EcritureLet DateLet ValidDate Montantdevise Idevise"  # noqa: E501
NAMES = {"VE": "Ventes", "BQ": "Banque", "AN": "A nouveaux", "OD": "Opérations diverses", "CA": "Caisse", "HA": "Achats"}
CONTRA = {"VE": "707000", "BQ": "512000", "AN": "101000", "OD": "658000", "CA": "530000", "HA": "401000"}
BOOK = """
    journal | date       | account | aux  | piece | amount    | letter | lettered
    AN      | 2025-01-01 | 411000  | CDUP | RAN   | 500.00    | -      | -
    AN      | 2025-01-01 | 411000  | CÉTÉ | RAN   | 75.5      | -      | -
    VE      | 2025-02-03 | 411000  | CDUP | F1    | 1200.00   | A      | 2025-03-31
    BQ      | 2025-03-15 | 411000  | CDUP | V1    | -1200.00  | A      | 2025-03-31
    VE      | 2025-04-03 | 411000  | CÉTÉ | F2    | 1000.00   | a      | -
    VE      | 2025-04-09 | 411000  | CÉTÉ | F3    | 600.10    | a      | -
    BQ      | 2025-05-01 | 411000  | CÉTÉ | V2    | -1100.05  | a      | -
    BQ      | 2025-05-02 | 411000  | CDUP | V3    | -400.00   | B      | 2025-05-02
    VE      | 2025-06-01 | 411000  | CDUP | A1    | -20.00    | -      | -
    BQ      | 2025-06-02 | 411000  | CDUP | V4    | -30.00    | -      | -
    VE      | 2025-06-03 | 411000  | CDUP | F4    | 1234567.89 | -     | -
    VE      | 2025-06-03 | 411000  | CDUP | F5    | 10.00     | -      | -
    VE      | 2025-06-03 | 411000  | CDUP | F5    | 10.00     | -      | -
    HA      | 2025-06-04 | 401000  | FXYZ | H1    | -99.00    | -      | -
    """
OPEN = ["CDUP RAN other 100.00", "CDUP A1 credit -20.00", "CDUP V4 payment -30.00", "CDUP F4 invoice 1234567.89", "CDUP F5 1 instalment 10.00",
        "CDUP F5 2 instalment 10.00", "CÉTÉ RAN other 75.50", "CÉTÉ F3 invoice 500.05"]  # fmt: skip


def number(amount: float | str, form: str = "{:.2f}") -> str:
    """An amount as a FEC writes it."""
    return form.format(float(amount)).replace(".", ",")


def records(text: str) -> list[dict[str, str]]:
    """The records of a FEC, a contra line under each posting."""
    made: list[dict[str, str]] = []
    for entry, row in enumerate(table(text), 1):
        amount, day = float(row.amount), row.date.strftime("%Y%m%d")
        piece = "" if getattr(row, "piece", None) is None else str(row.piece)
        own = {
            "JournalCode": row.journal, "JournalLib": NAMES.get(row.journal, row.journal), "EcritureNum": str(entry), "EcritureDate": day,
            "CompteNum": str(row.account), "CompteLib": "Clients", "CompAuxNum": row.aux or "", "CompAuxLib": f"Société {row.aux or row.account}",
            "PieceRef": piece, "PieceDate": (getattr(row, "piecedate", None) or row.date).strftime("%Y%m%d"), "EcritureLib": f'Pièce "{piece}"',
            "Debit": number(max(amount, 0)), "Credit": number(max(-amount, 0)), "EcritureLet": getattr(row, "letter", None) or "",
            "DateLet": row.lettered.strftime("%Y%m%d") if getattr(row, "lettered", None) else "", "ValidDate": day, "Montantdevise": "",
        }  # fmt: skip
        contra = {
            "CompteNum": CONTRA.get(row.journal, "707000"),
            "CompAuxNum": "",
            "CompAuxLib": "",
            "EcritureLet": "",
            "DateLet": "",
            "Debit": own["Credit"],
            "Credit": own["Debit"],
        }
        made += [own, own | contra]
    return made


def written(
    folder: Path,
    rows: list[dict[str, str]],
    *,
    separator: str = "\t",
    encoding: str = "iso8859-15",
    end: str = "\r\n",
    name: str = "FEC.txt",
    head: str = HEAD,
) -> Path:
    """A FEC file."""
    columns = head.split()
    lines = [separator.join(columns), *(separator.join(row.get(column, "") for column in columns) for row in rows)]
    path = folder / name
    path.write_bytes((end.join(lines) + end).encode(encoding, errors="strict"))
    return path


def read(*paths: Path, as_of: date = AS_OF, **said: str) -> Export:
    return read_export(list(paths), as_of=as_of, company_currency="EUR", answers=Answers(**said))


def shown(export: Export) -> list[str]:
    """Items by payer as "payer document instalment kind open"."""
    items = export.items.sort_values("payer", kind="stable")
    return [" ".join(f"{i.payer} {i.document} {i.instalment} {i.kind} {i.open_minor / 100:.2f}".split()) for i in items.itertuples()]


def codes(export: Export) -> set[str]:
    return {finding.code for finding in export.findings}


def balances(rows: list[dict[str, str]], *roots: str) -> dict[str, int]:
    """Debit less credit of each payer, counted in plain Python."""
    made: dict[str, int] = {}
    for row in rows:
        if row["CompteNum"].startswith(roots):
            cents = int(row["Debit"].replace(",", "")) - int(row["Credit"].replace(",", ""))
            payer = row["CompAuxNum"] or row["CompteNum"]
            made[payer] = made.get(payer, 0) + cents
    return {payer: cents for payer, cents in made.items() if cents}


# ---------------------------------------------------------------------------------------------------------------- dresses

Change = Callable[[dict[str, str]], dict[str, str]]


def sided(debit: str, credit: str) -> Change:
    def change(row: dict[str, str]) -> dict[str, str]:
        is_debit = row["Credit"] == "0,00"
        return row | {"Montant": row["Debit"] if is_debit else row["Credit"], "Sens": debit if is_debit else credit}

    return change


def amounts(form: Callable[[str], str]) -> Change:
    return lambda row: row | {name: form(row[name]) for name in ("Debit", "Credit")}


def negative_debits(row: dict[str, str]) -> dict[str, str]:
    """Credits as negative debits, the sign after the figures."""
    return row | {"Debit": row["Debit"] if row["Credit"] == "0,00" else row["Credit"] + "-", "Credit": "0,00"}


def days(row: dict[str, str]) -> dict[str, str]:
    return row | {name: f"{row[name][6:]}/{row[name][4:6]}/{row[name][:4]}" for name in ("EcritureDate", "PieceDate", "DateLet") if row[name]}


def quoted(row: dict[str, str]) -> dict[str, str]:
    """Fields with commas and quotes as a spreadsheet writes them between commas."""
    return {name: '"' + text.replace('"', '""') + '"' if {",", '"'} & set(text) else text for name, text in row.items()}


SIDES = HEAD.replace("Debit Credit", "Montant Sens")
DRESSES: dict[str, tuple[Change, dict[str, str]]] = {
    "tab, iso 8859-15": (dict, {}),
    "bar": (dict, {"separator": "|"}),
    "semicolon": (dict, {"separator": ";"}),
    "commas, as a spreadsheet saves them": (quoted, {"separator": ","}),
    "utf-8": (dict, {"encoding": "utf-8"}),
    "utf-8 with a byte-order mark": (dict, {"encoding": "utf-8-sig"}),
    "cp850": (dict, {"encoding": "cp850"}),
    "line feed": (dict, {"end": "\n"}),
    "carriage return": (dict, {"end": "\r"}),
    "two carriage returns": (dict, {"end": "\r\r\n"}),
    "Montant and Sens D, C": (sided("D", "C"), {"head": SIDES}),
    "Montant and Sens +1, -1": (sided("+1", "-1"), {"head": SIDES}),
    "Montant and Sens 1, -1": (sided("1", "-1"), {"head": SIDES}),
    "credits as negative debits, sign last": (negative_debits, {}),
    "fixed length, zeros on the left": (amounts(lambda a: a.zfill(21)), {}),
    "no zeros for nothing": (amounts(lambda a: "" if a == "0,00" else a), {}),
    "decimal points": (amounts(lambda a: a.replace(",", ".")), {}),
    "exponents": (amounts(lambda a: f"{float(a.replace(',', '.')):.8E}".replace(".", ",")), {}),
    "no-break spaces": (amounts(lambda a: f"{a}\xa0"), {}),
    "dates with slashes": (days, {}),
    "no date is 99/99/9999": (lambda row: days(row) | ({} if row["DateLet"] else {"DateLet": "99/99/9999"}), {}),
    "no date is zeros": (lambda row: row if row["DateLet"] else row | {"DateLet": "00000000"}, {}),
    "21 columns": (lambda row: row | {"DateRglt": row["EcritureDate"], "ModeRglt": "VIR", "NatOp": "1"}, {"head": f"{HEAD} DateRglt ModeRglt NatOp"}),
    "22 columns": (lambda row: row | {"IdClient": "C"}, {"head": f"{HEAD} DateRglt ModeRglt NatOp IdClient"}),
    "capital headings": (lambda row: {key.upper(): value for key, value in row.items()}, {"head": HEAD.upper()}),
    "auxiliary on every line": (lambda row: row | {"CompAuxNum": row["CompAuxNum"] or "CDUP"}, {}),
}  # fmt: skip


@pytest.mark.parametrize("dress", DRESSES)
def test_a_ledger_in_any_dress_has_the_same_open_items(dress: str, tmp_path: Path) -> None:
    change, form = DRESSES[dress]
    export = read(written(tmp_path, [change(row) for row in records(BOOK)], **form))

    assert export.profile == "fec"
    assert shown(export) == OPEN
    assert set(export.payers["name"]) == {"Société CDUP", "Société CÉTÉ"}


WORDS = {
    "JournalCode": "Code journal", "JournalLib": "Libellé journal", "EcritureNum": "N° écriture", "EcritureDate": "Date écriture",
    "CompteNum": "N° de compte", "CompteLib": "Libellé compte", "CompAuxNum": "Compte auxiliaire", "CompAuxLib": "Libellé auxiliaire",
    "PieceRef": "Référence pièce", "PieceDate": "Date pièce", "EcritureLib": "Libellé écriture", "Debit": "Débit", "Credit": "Crédit",
    "EcritureLet": "Lettrage", "DateLet": "Date lettrage",
}  # fmt: skip


def test_a_list_of_entries_of_all_accounts_is_read_whatever_its_headings_are_called(tmp_path: Path) -> None:
    path = tmp_path / "journal.csv"
    lines = [";".join(WORDS.values()), *(";".join(row[name] for name in WORDS) for row in records(BOOK))]
    path.write_text("\n".join(lines), encoding="utf-8")
    export = read(path)

    assert export.profile == "fec"
    assert shown(export) == OPEN
    assert set(export.payers["name"]) == {"Société CDUP", "Société CÉTÉ"}


def test_a_list_of_open_items_with_reminder_levels_is_no_ledger_of_entries(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text(
        "Compte général;Compte tiers;Intitulé;Journal;Date;N° pièce;Échéance;Débit;Crédit;Niv. rappel\n"
        "411000;CDUP;Dupont;VE;13/10/2025;F1;31/12/2025;100,00;;2\n",
        encoding="utf-8",
    )
    export = read(path)

    assert (export.profile, export.taken["level"].tolist()) == ("sage100_print", [2])


def test_open_amounts_are_the_balance_of_every_payer(tmp_path: Path) -> None:
    rows = records(BOOK)
    export = read(written(tmp_path, rows))

    assert export.items.groupby("payer")["open_minor"].sum().to_dict() == balances(rows, "411")
    assert export.totals[["open_minor", "file_minor"]].to_numpy().tolist() == [[sum(balances(rows, "411").values())] * 2]
    assert export.rows["kind"].value_counts().to_dict() == {"elsewhere": 15, "item": 8, "settled": 5, "header": 1}


# ---------------------------------------------------------------------------------------------------------------- the accounts

ACCOUNTS = """
    journal | date       | account | aux  | piece | amount
    VE      | 2025-02-03 | 411000  | P    | F1    | 100
    VE      | 2025-02-03 | 413000  | P    | E1    | 200
    OD      | 2025-02-03 | 416000  | P    | D1    | 400
    OD      | 2025-02-03 | 418100  | P    | N1    | 800
    BQ      | 2025-02-03 | 419100  | P    | C1    | -50
    OD      | 2025-02-03 | 419800  | P    | R1    | -70
    VE      | 2025-02-03 | 411DUPONT | -  | F2    | 10
    """


def test_customers_bills_doubtful_ones_and_advances_are_kept_and_what_is_not_invoiced_is_not(tmp_path: Path) -> None:
    export = read(written(tmp_path, records(ACCOUNTS)))

    assert shown(export) == ["411DUPONT F2 invoice 10.00", "P F1 invoice 100.00", "P E1 invoice 200.00", "P D1 invoice 400.00", "P C1 payment -50.00"]
    assert export.payers.set_index("payer")["name"]["411DUPONT"] == "Société 411DUPONT"
    assert "export_postings_payers" in codes(export)


def test_the_accounts_of_customers_can_be_said(tmp_path: Path) -> None:
    export = read(written(tmp_path, records(ACCOUNTS)), receivables="416, 413")

    assert shown(export) == ["P E1 invoice 200.00", "P D1 invoice 400.00"]


def test_accounts_of_another_chart_are_asked_for(tmp_path: Path) -> None:
    rows = [row | {"CompteNum": row["CompteNum"].replace("411", "467")} for row in records(BOOK)]

    with pytest.raises(Unclear, match="Which accounts are those of the customers") as asked:
        read(written(tmp_path, rows))

    assert (asked.value.asked, asked.value.choices[0].value) == ("receivables", "467")


# ---------------------------------------------------------------------------------------------------------------- numbers, dates, names


@pytest.mark.parametrize("piece", ["", "-", "/"])
def test_a_line_without_number_is_named_after_its_entry(tmp_path: Path, piece: str) -> None:
    export = read(written(tmp_path, [row | {"PieceRef": piece} for row in records(BOOK)]))

    assert export.items["document"].tolist()[-3:] == ["VE 11", "VE 12", "VE 13"]
    assert "export_postings_numbers" in codes(export)


def test_the_siren_in_the_name_is_the_company_and_its_closing_date_is_compared(tmp_path: Path) -> None:
    export = read(written(tmp_path, records(BOOK), name="123456789FEC20250930.txt"))

    assert set(export.items["company"]) == {"123456789"}
    assert [f.values for f in export.findings if f.code == "export_fec_closing"] == [{"closing": date(2025, 9, 30), "as_of": date(2025, 12, 31)}]


def test_in_a_zip_the_name_of_the_file_inside_counts(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.write(written(tmp_path, records(BOOK)), "2025/123456789FEC20251231.txt")

    assert set(read(path).items["company"]) == {"123456789"}


def test_years_in_one_zip_are_read_together_and_one_of_them_alone_when_so_said(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.write(written(tmp_path, [row for row in records(BEFORE) if row["PieceRef"] in ("E1", "E2")], name="2024.txt"), "2024.txt")
        package.write(written(tmp_path, records(BOOK), name="2025.txt"), "2025.txt")

    assert "CDUP E2 invoice 80.00" in shown(read(path))
    assert shown(read(path, member="2025.txt")) == OPEN


def test_a_ledger_of_another_kind_beside_it_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "list.csv"
    other.write_text("Payer;Name;Document No;Due date;Open amount\n1;Hall;F1;2025-12-31;5.00\n", encoding="utf-8")

    with pytest.raises(LedgerError, match=r"list.csv cannot be read together with FEC.txt: only postings of one system"):
        read(written(tmp_path, records(BOOK)), other)


def test_a_file_of_headings_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="headings but no posting"):
        read(written(tmp_path, []))


def test_a_column_of_due_dates_is_read_where_there_is_one(tmp_path: Path) -> None:
    rows = [row | {"Echeance": "20250703" if row["PieceRef"] == "F4" else ""} for row in records(BOOK)]
    items = read(written(tmp_path, rows, head=f"{HEAD} Echeance")).items.set_index("document")

    assert (items.loc["F4", "due_date"], items.loc["F4", "due_source"]) == (pd.Timestamp("2025-07-03"), "export")
    assert (items.loc["A1", "due_date"] is pd.NaT, items.loc["A1", "due_source"]) == (True, "none")


def test_postings_after_the_as_of_date_are_left_out_and_told(tmp_path: Path) -> None:
    export = read(written(tmp_path, records(BOOK)), as_of=date(2025, 4, 5))

    assert shown(export) == ["CDUP RAN other 500.00", "CÉTÉ RAN other 75.50", "CÉTÉ F2 invoice 1000.00"]
    assert "export_postings_later" in codes(export)


def test_a_group_lettered_after_the_as_of_date_is_still_open(tmp_path: Path) -> None:
    export = read(written(tmp_path, records(BOOK)), as_of=date(2025, 3, 30))

    assert shown(export)[:3] == ["CDUP RAN other 500.00", "CDUP F1 invoice 1200.00", "CDUP V1 payment -1200.00"]


@pytest.mark.parametrize("case", table("""
    code  | label               | contra | amount | kind
    VE    | Ventes              | 401000 | -10    | credit
    V1    | Facturation         | 401000 | -10    | credit
    70    | -                   | 707100 | -10    | credit
    BQ1   | -                   | 512000 | -10    | payment
    CRC   | CREDIT AGRICOLE     | 512100 | -10    | payment
    53    | -                   | 530000 | -10    | payment
    OD    | Opérations diverses | 658000 | -10    | payment
    ACH   | Achats              | 607000 | -10    | other
    VE    | Ventes              | 707000 | 10     | invoice
    XX    | -                   | 401000 | 10     | invoice
    AN    | -                   | 101000 | 10     | other
    RAN   | -                   | 101000 | 10     | other
    01    | Reports à nouveau   | 101000 | 10     | other
"""), ids=lambda c: f"{c.code} {c.amount}")  # fmt: skip
def test_kinds_by_journal(case: Case, tmp_path: Path) -> None:
    sides = {"Debit": number(max(case.amount, 0)), "Credit": number(max(-case.amount, 0))}
    row = (
        records(BOOK)[6]
        | {
            "JournalCode": str(case.code),
            "JournalLib": case.label or str(case.code),
            "PieceRef": "RAN" if case.kind == "other" else "X1",
            "EcritureLet": "",
        }
        | sides
    )
    contra = row | {"CompteNum": str(case.contra), "CompAuxNum": "", "Debit": row["Credit"], "Credit": row["Debit"]}

    assert read(written(tmp_path, [row, contra])).items["kind"].tolist() == [case.kind]


# ---------------------------------------------------------------------------------------------------------------- no lettering, several years


def test_without_lettering_lines_stand_as_posted_and_the_allocation_is_offered(tmp_path: Path) -> None:
    path = written(tmp_path, [row | {"EcritureLet": "", "DateLet": ""} for row in records(BOOK)])
    plain, oldest = read(path), read(path, allocation="oldest")

    assert len(plain.items) == 13
    assert "export_postings_unlettered" in codes(plain)
    assert shown(oldest) == [
        "CDUP F1 invoice 50.00",
        "CDUP F4 invoice 1234567.89",
        "CDUP F5 1 instalment 10.00",
        "CDUP F5 2 instalment 10.00",
        "CÉTÉ F3 invoice 575.55",
    ]
    assert "export_postings_allocated" in codes(oldest)
    assert oldest.items.groupby("payer")["open_minor"].sum().to_dict() == plain.items.groupby("payer")["open_minor"].sum().to_dict()


BEFORE = """
    journal | date       | account | aux  | piece | amount
    AN      | 2024-01-01 | 411000  | CDUP | RAN   | 90.00
    BQ      | 2024-02-01 | 411000  | CDUP | V0    | -90.00
    VE      | 2024-10-01 | 411000  | CDUP | E1    | 420.00
    VE      | 2024-11-01 | 411000  | CDUP | E2    | 80.00
    VE      | 2024-11-01 | 411000  | CÉTÉ | E3    | 70.00
    """


def test_the_year_before_names_the_documents_of_a_balance_brought_forward(tmp_path: Path) -> None:
    old = written(
        tmp_path, [row | {"EcritureLet": "Z" if row["PieceRef"] in ("RAN", "V0") else ""} for row in records(BEFORE)], name="123456789FEC20241231.txt"
    )
    new = written(tmp_path, records(BOOK), name="123456789FEC20251231.txt")
    export = read(new, old)

    assert [line for line in shown(export) if "E" in line.split()[1] or "RAN" in line] == [
        "CDUP E1 invoice 20.00",
        "CDUP E2 invoice 80.00",
        "CÉTÉ RAN other 75.50",
    ]
    assert [f.values["payer"] for f in export.findings if f.code == "export_postings_differing"] == ["CÉTÉ"]
    assert export.items.groupby("payer")["open_minor"].sum().to_dict() == balances(records(BOOK), "411")


@pytest.mark.parametrize("lines", [None, 14])
def test_one_year_given_twice_or_a_part_of_it_beside_it_is_refused(tmp_path: Path, lines: int | None) -> None:
    one, two = written(tmp_path, records(BOOK)[:lines], name="a.txt"), written(tmp_path, records(BOOK), name="b.txt")

    with pytest.raises(LedgerError, match=r"a.txt and b.txt hold the same postings: [0-9]+. Give each file once"):
        read(one, two)


def test_two_ledgers_of_the_same_days_are_refused(tmp_path: Path) -> None:
    other = [row | {"CompAuxNum": row["CompAuxNum"] and f"{row['CompAuxNum']}2"} for row in records(BOOK)]

    with pytest.raises(LedgerError, match="hold postings of the same days, 2025-01-01 to 2025-06-03"):
        read(written(tmp_path, records(BOOK), name="a.txt"), written(tmp_path, other, name="b.txt"))


OPENED = """
    journal | date       | account | aux  | piece | amount  | piecedate
    R9      | 2025-07-01 | 411000  | CDUP | E1    | 420.00  | 2025-03-10
    R9      | 2025-07-01 | 411000  | CETE | E3    | 70.00   | 2025-04-01
    VE      | 2026-01-01 | 411000  | CDUP | F1    | 10.00   | 2026-01-01
    """


def test_opening_entries_are_known_by_the_equity_they_post_whatever_their_journal_is_called(tmp_path: Path) -> None:
    """Their days are written with slashes, and the year begins in July: 01/01/2026 is not its first day."""
    before = [row | {"JournalCode": "VE", "EcritureDate": row["PieceDate"]} for row in records(OPENED)[:4]]
    after = [row | ({"CompteNum": "101000"} if row["CompteNum"] == "707000" and row["JournalCode"] == "R9" else {}) for row in records(OPENED)]
    for row in after:
        row["EcritureNum"] = "1" if row["JournalCode"] == "R9" else row["EcritureNum"]
    export = read(written(tmp_path, before, name="a.txt"), written(tmp_path, [days(row) for row in after], name="b.txt"), as_of=date(2026, 1, 31))

    assert shown(export) == ["CDUP E1 invoice 420.00", "CDUP F1 invoice 10.00", "CETE E3 invoice 70.00"]


def test_a_balance_without_number_gives_way_to_its_documents(tmp_path: Path) -> None:
    old = written(tmp_path, [row for row in records(BEFORE) if row["PieceRef"] in ("E1", "E2")], name="a.txt")
    opening = [row | {"JournalCode": "AN", "EcritureNum": "AN01", "PieceRef": "", "PieceDate": row["EcritureDate"]} for row in records(OPENED)[:2]]
    new = written(tmp_path, [row | ({"Debit": "500,00"} if row["CompAuxNum"] else {"Credit": "500,00"}) for row in opening], name="b.txt")

    assert shown(read(old, new)) == ["CDUP E1 invoice 420.00", "CDUP E2 invoice 80.00"]


@pytest.mark.parametrize("nothing", ["0", "-", "000"])
def test_what_stands_for_no_letter_is_none(tmp_path: Path, nothing: str) -> None:
    assert shown(read(written(tmp_path, [row | {"EcritureLet": row["EcritureLet"] or nothing} for row in records(BOOK)]))) == OPEN


# ---------------------------------------------------------------------------------------------------------------- damage


def test_a_separator_inside_the_text_is_put_back(tmp_path: Path) -> None:
    rows = [row | {"EcritureLib": "Facture | juin | solde"} if row["PieceRef"] in ("F4", "A1") else row for row in records(BOOK)]
    export = read(written(tmp_path, rows, separator="|"))

    assert shown(export) == OPEN
    assert set(export.items.loc[export.items["document"] == "F4", "reference"].str.replace(" ", "")) == {"Facture|juin|solde"}
    assert "export_rejoined" in codes(export)


@pytest.mark.parametrize("document", ["F4", ""])
def test_a_line_break_inside_the_text_is_put_back(document: str, tmp_path: Path) -> None:
    rows = [row | {"EcritureLib": "Facture\njuin"} if document in ("", row["PieceRef"]) else row for row in records(BOOK)]
    export = read(written(tmp_path, rows, end="\n"))

    assert shown(export) == OPEN
    assert "export_postings_rejoined" in codes(export)
    assert set(export.items.loc[export.items["document"] == "F4", "reference"]) == {"Facture juin"}


def test_an_amount_that_cannot_be_read_is_rejected_with_its_place(tmp_path: Path) -> None:
    rows = [row | {"Debit": "12a,00"} if row["PieceRef"] == "F4" and row["CompAuxNum"] else row for row in records(BOOK)]
    found = [f for f in read(written(tmp_path, rows)).findings if f.code == "export_row_amount"]

    assert [(f.place, f.values) for f in found] == [("FEC.txt row 22, Debit / Credit", {"found": "12a,00 / 0,00", "heading": "Debit / Credit"})]
