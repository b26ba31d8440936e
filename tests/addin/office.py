"""A small company in a folder: its exports, its workbook, and the commands in one line each."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from addin import commands, importing, issuing
from addin.report import Report
from rules.model import Decision
from workbook.file import FileBook

FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 20)
HEAD = "Payer;Name;Address;Postal code;City;Country;Language;Document;Kind;Document date;Due date;Currency;Original;Open;Reference"
LINES = (
    "00017;Lefèvre & Fils;3 rue A;75011;Paris;FR;fr;F1;Invoice;2026-01-02;2026-02-01;EUR;1200.00;1200.00;PO 1",
    "00017;Lefèvre & Fils;3 rue A;75011;Paris;FR;fr;F2;Invoice;2026-01-20;2026-02-20;EUR;300.00;250.50;=1+1",
    "00017;Lefèvre & Fils;3 rue A;75011;Paris;FR;fr;C1;Credit;2026-02-10;2026-02-10;EUR;-50.50;-50.50;",
    "00018;Müller GmbH;Weg 1;80331;München;DE;de;F3;Invoice;2026-01-05;2026-02-04;EUR;990.00;990.00;",
    "00018;Müller GmbH;Weg 1;80331;München;DE;de;F4;Invoice;2026-01-05;2026-02-04;GBP;80.00;80.00;",
    "00019;Hall Ltd;1 High St;BS1;Bristol;GB;en;F5;Invoice;2026-02-25;2026-03-27;GBP;75.00;75.00;",
)


class Office:
    """A folder with a workbook, run by its commands."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "Dunning.xlsx"

    @classmethod
    def new(cls, folder: Path) -> Office:
        """An office with an empty workbook."""
        office = cls(folder)
        commands.new(office.path, "en")
        return office

    def moved(self, to: Path) -> Office:
        """A copy of the office in another folder."""
        shutil.copytree(self.folder, to)
        return Office(to)

    def book(self) -> FileBook:
        """The workbook, freshly opened."""
        return FileBook.open(self.path)

    def export(self, *lines: str, name: str = "ledger.csv", head: str = HEAD) -> Path:
        """A ledger export of these lines."""
        path = self.folder / name
        path.write_text("\n".join([head, *(lines or LINES)]) + "\n", encoding="utf-8")
        return path

    def import_(self, *lines: str, as_of: date = FIRST) -> Report:
        """Import these lines."""
        return importing.import_ledger(self.book(), self.export(*lines), as_of)

    def propose(self, as_of: date = FIRST, *, replace: bool = False) -> Report:
        """Propose."""
        return commands.propose(self.book(), as_of, replace=replace)

    def send_all(self) -> Report:
        """Decide to send every open proposal."""
        return commands.review(self.book(), Decision.SEND, everything=True)

    def issue(self) -> Report:
        """Issue."""
        return issuing.issue(self.book())

    def proposed(self) -> Office:
        """The office with everything imported, proposed and set to send."""
        self.import_()
        self.propose()
        self.send_all()
        return self

    def files(self) -> dict[str, bytes]:
        """Every file of the folder but the backups and the lock, with its content."""
        return {
            str(p.relative_to(self.folder)): p.read_bytes()
            for p in sorted(self.folder.rglob("*"))
            if p.is_file() and "backups" not in p.parts and not p.name.endswith(".lock")
        }
