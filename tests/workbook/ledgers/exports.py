"""Small exports for tests: written, read, and what was found in them."""

from datetime import date
from pathlib import Path

import xlsxwriter

from workbook.ledgers import Answers, read_export

AS_OF = date(2026, 3, 1)
HEAD = "Payer;Name;Document No;Doc date;Due date;Open amount"
TWO = f"{HEAD}\n0001;Société Génération;900001;12/01/2026;11/02/2026;1 234,56\n0002;Müller & Söhne;900002;13/01/2026;12/02/2026;99,00\n"


def read(folder: Path, text: str | bytes, name: str = "ledger.csv", **answers):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return read_export(path, as_of=AS_OF, company_currency="EUR", answers=Answers(**answers))


def sheet(folder: Path, rows: list[list[object]], name: str = "Sheet1", hidden: list[list[object]] | None = None) -> Path:
    path = folder / "ledger.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        made = book.add_worksheet(name)
        for at, row in enumerate(rows):
            made.write_row(at, 0, row)
        if hidden is not None:
            other = book.add_worksheet("old")
            other.hide()
            for at, row in enumerate(hidden):
                other.write_row(at, 0, row)
    return path


def kinds(export):
    return list(export.rows["kind"])


def codes(export):
    return {finding.code for finding in export.findings}


AGED = "Customer no;Invoice no;Invoice date;Due date;{};Current;1 - 30 days;31 and over\n"


def aged(*lines, heading="Amount", after=""):
    return AGED.format(heading) + "".join(f"C{n};F{n};12/01/2026;13/02/2026;{line}\n" for n, line in enumerate(lines)) + after
