"""Every message of a reader has a smallest file that gives it, and says today what the catalogue of findings shows."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from addin import addresses, importing, paying, taking_over
from docs.findings import CASES, FILES, GROUPS, REFUSALS, TARGET, Case, File, cases, group_of, page, severities, written
from rules.errors import LedgerError
from rules.findings import Finding
from rules.words import catalogue
from tests.addin.office import Office
from tests.workbook.ledgers.containers import ods, ods_row
from workbook.bank import read_statements
from workbook.guard import Caps
from workbook.ledgers import Answers, read_export

AS_OF = date(2026, 3, 31)
HEAD = ["Payer", "Name", "Document", "Document date", "Due date", "Currency", "Open"]
LINES = [["1001", "Hall Ltd", "F1", "2026-01-10", "2026-02-09", "EUR", 100], ["1002", "Meyer AG", "F2", "2026-01-10", "2026-02-09", "EUR", 80]]
CSV = "\n".join(";".join(map(str, row)) for row in (HEAD, *LINES)) + "\n"
COMMANDS: dict[str, Callable[..., Any]] = {  # how the name of a file begins: what reads it
    "ledger": importing.import_ledger, "bank": lambda book, path, day: paying.take_payments(book, [path], day),
    "payers": addresses.fill_payers, "list": taking_over.take_over,
}  # fmt: skip
CODES = catalogue("en")["finding"]
OWN = ("export_", "bank_", "receipts_")  # what only a file can give
GIVEN = {path: cases(path) for path in FILES}
REFUSED = cases(REFUSALS)


# ---------------------------------------------------------------------------------------------------------------- files that are no text


def sheet(path: Path, rows: Sequence[Sequence[Any]] = (HEAD, *LINES), then: Callable[[Any, Any], object] = lambda book, made: None) -> Path:
    with xlsxwriter.Workbook(path, {"constant_memory": len(rows) > 1000}) as book:
        made = book.add_worksheet("Open items")
        for at, row in enumerate(rows):
            made.write_row(at, 0, row)
        then(book, made)
    return path


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


def document(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def full(folder: Path) -> Path:
    rows = [HEAD, *([f"{at}", "Hall Ltd", f"F{at}", "2026-01-10", "2026-02-09", "EUR", 10 * at] for at in range(1, 65_536))]
    return sheet(folder / "ledger.xlsx", rows)


def ole(folder: Path, name: str, stream: str) -> Path:
    """A compound file of the old Office programs with one entry in its directory."""
    return document(folder / name, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + f"{stream}\0".encode("utf-16-le").ljust(128, b"\0"))


BUILT: dict[str, Callable[[Path], Path]] = {
    "export_hidden_sheets": lambda f: sheet(f / "ledger.xlsx", then=hidden),
    "export_hidden_rows": lambda f: sheet(f / "ledger.xlsx", then=lambda _, made: made.set_row(2, None, None, {"hidden": True})),
    "export_formulas": lambda f: sheet(f / "ledger.xlsx", then=lambda _, made: made.write_formula("G2", "=50*2", None, 100)),
    "export_full": full,
    "export_masks": lambda f: ods(
        f / "ledger.ods", '<number:number number:min-integer-digits="6"/>' + "".join(ods_row(*map(str, row)) for row in (HEAD, *LINES))),
    "export_member_refused": lambda f: archive(f / "ledger.zip", {"ledger.csv": CSV.encode(), "shelf.jpg": b"\xff\xd8\xff\xe0"}),
    "export_rows_more": lambda f: document(f / "ledger.csv", CSV + "".join(f";Hall Ltd;G{at};2026-01-10;2026-02-09;EUR;5.00\n" for at in range(52))),
    "A workbook with a password": lambda f: ole(f, "ledger.xlsx", "EncryptedPackage"),
    "An .ods with a password": lambda f: ods(f / "ledger.ods", "", "<encryption-data/>"),
    "A zip with a password": lambda f: locked(f / "ledger.zip"),
    "A workbook of which the end is missing": lambda f: cut(sheet(f / "ledger.xlsx")),
    "A workbook that would unpack to far more than it holds": lambda f: archive(
        f / "ledger.xlsx", {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": bytes(1 << 23)}),
    "A sheet with one cell far away": lambda f: sheet(f / "ledger.xlsx", then=lambda _, made: made.write(1_000_000, 16_000, "x")),
    "An empty file": lambda f: document(f / "ledger.csv", b""),
    "A file of blanks": lambda f: document(f / "ledger.csv", b"\n  \n\n"),
    "A file that is not there": lambda f: f / "ledger.csv",
    "A PDF": lambda f: document(f / "ledger.pdf", b"%PDF-1.7\n"),
    "A picture": lambda f: document(f / "ledger.csv", b"\x89PNG\r\n\x1a\n"),
    "A Word document": lambda f: archive(f / "ledger.docx", {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"}),
    "An old Word document": lambda f: ole(f, "ledger.doc", "WordDocument"),
    "A gzip": lambda f: document(f / "ledger.csv.gz", b"\x1f\x8b\x08\0"),
    "A program": lambda f: document(f / "ledger.csv", bytes(range(1, 32)) * 64),
    "A zip in a zip": lambda f: archive(f / "ledger.zip", {"inner.zip": archive(f / "inner.zip", {"ledger.csv": CSV.encode()}).read_bytes()}),
    "A zip whose file would land outside its folder": lambda f: archive(f / "ledger.zip", {"../ledger.csv": CSV.encode()}),
    "A workbook with two sheets of open items": lambda f: sheet(f / "ledger.xlsx", then=second),
    "A mark that Excel leaves beside an open file": lambda f: document(f / "~$ledger.xlsx", b"x"),
}  # fmt: skip


def hidden(book: Any, _: Any) -> None:
    old = book.add_worksheet("Old")
    old.hide()
    old.write(0, 0, "F0")


def second(book: Any, _: Any) -> None:
    other = book.add_worksheet("February")
    for at, row in enumerate([HEAD, *LINES]):
        other.write_row(at, 0, row)


def cut(path: Path) -> Path:
    return document(path, path.read_bytes()[:-200])


def locked(path: Path) -> Path:
    """A zip that says its file is encrypted."""
    raw = bytearray(archive(path, {"ledger.csv": CSV.encode()}).read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + at] |= 1
    return document(path, bytes(raw))


# ---------------------------------------------------------------------------------------------------------------- given and said


def placed(case: Case, folder: Path) -> list[tuple[File, Path]]:
    """The files of a case."""
    if not case.files:
        path = BUILT[case.key](folder)
        return [(File(path.name, "", ""), path)]
    return [(file, document(folder / file.name, file.content())) for file in case.files]


def found(case: Case, folder: Path, empty: Office) -> list[Finding]:
    """What reading the files of a case finds: by the readers, or by the commands on a workbook where it takes a ledger."""
    files = placed(case, folder)
    paths = [path for _, path in files]
    if case.key.startswith("bank_"):
        return read_statements(paths, caps=Caps(), as_of=AS_OF, company_currency="EUR").findings
    if case.key in GIVEN[FILES[0]]:
        return read_export(paths, as_of=AS_OF, company_currency="EUR", answers=Answers(**dict([case.option]) if case.option[0] else {})).findings
    office = empty.moved(folder / "office")
    findings: list[Finding] = []
    for file, path in files:
        day = date.fromisoformat(file.said[-10:]) if file.said else AS_OF
        findings = COMMANDS[re.match("[a-z]+", path.name)[0]](office.book(), path, day).findings
    return findings


def refusal(case: Case, folder: Path) -> str:
    """What is said of a file that is refused."""
    paths = [path for _, path in placed(case, folder)]
    reader = partial(read_statements, caps=Caps()) if paths[0].name.startswith("bank") else read_export
    with pytest.raises(LedgerError) as refused:
        reader(paths, as_of=AS_OF, company_currency="EUR")
    return str(refused.value).replace(str(folder), "the folder")


def shown(finding: Finding) -> str:
    return f"**{finding.severity}**{f' {finding.place}' if finding.place else ''}: {finding.text('en')}"


def kept(path: Path, case: Case, said: str) -> str:
    """What the file of cases shows; with RENEW_GOLDENS=1 what is said now is written into it first."""
    if os.environ.get("RENEW_GOLDENS") == "1":
        now = cases(path)
        now[case.key] = Case(case.key, case.about, case.files, case.option, said)
        path.write_text(written(now), encoding="utf-8")
    return cases(path)[case.key].said


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office.new(tmp_path_factory.mktemp("empty"))


@pytest.mark.parametrize(
    ("path", "key"), [(path, key) for path, given in GIVEN.items() for key in given], ids=lambda part: getattr(part, "stem", part)
)
def test_the_smallest_file_gives_its_message(path: Path, key: str, tmp_path: Path, empty: Office) -> None:
    case = GIVEN[path][key]

    findings = {finding.code: shown(finding) for finding in found(case, tmp_path, empty)}

    assert key in findings, f"it gives {', '.join(findings) or 'nothing'}"
    assert findings[key] == kept(path, case, findings[key])


@pytest.mark.parametrize("key", REFUSED)
def test_a_file_is_refused_with_the_sentence_of_the_catalogue(key: str, tmp_path: Path) -> None:
    said = refusal(REFUSED[key], tmp_path)

    assert said == kept(REFUSALS, REFUSED[key], said)


def test_every_message_of_a_file_has_its_smallest_file_and_every_file_its_message() -> None:
    given = [key for of in GIVEN.values() for key in of]

    assert [] == [code for code in CODES if code.startswith(OWN) and code not in given]
    assert [] == [key for key in given if key not in CODES]
    assert len(given) == len(set(given))


def test_every_message_belongs_to_one_command_and_is_more_or_less_severe() -> None:
    for code in CODES:
        with suppress(KeyError):
            assert [group_of(code)] == [name for name, beginnings in GROUPS.items() if code.startswith(beginnings)]
    assert [] == [code for code in CODES if not any(code.startswith(beginnings) for beginnings in GROUPS.values())]
    assert [] == [code for code, severity in severities().items() if not severity]


def test_the_cases_are_written_as_they_are_read() -> None:
    """So that renewing changes what is said and nothing else."""
    for path in sorted(CASES.glob("*.md")):
        assert written(cases(path)) == path.read_text(encoding="utf-8")


@pytest.mark.generated
def test_the_catalogue_of_findings_is_current() -> None:
    assert page() == TARGET.read_text(encoding="utf-8"), "run python -m docs.findings"
