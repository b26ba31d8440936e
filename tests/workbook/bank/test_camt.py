"""Bank statements in XML: every version, batches divided, what went back told, other messages and damaged files refused with a sentence."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rules.errors import LedgerError
from workbook.bank import Statements, camt, read_statements
from workbook.guard import Caps

SAMPLES = Path(__file__).parent / "samples"
AS_OF = date(2026, 3, 31)
WRAP = (
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Acct><Id><IBAN>FR1</IBAN></Id></Acct>{}</Stmt>'
    "</BkToCstmrStmt></Document>"
)


def read(*paths: Path, **how: Any) -> Statements:
    return read_statements(paths, caps=how.pop("caps", Caps()), as_of=AS_OF, company_currency="EUR", **how)


def written(folder: Path, text: str, name: str = "bank.xml", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def entry(amount: str = "10.00", *, way: str = "CRDT", status: str = "<Sts>BOOK</Sts>", day: str = "<Dt>2026-03-04</Dt>", more: str = "") -> str:
    return f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>{status}<BookgDt>{day}</BookgDt>{more}</Ntry>'


def shown(read_: Statements, *names: str) -> list[Any]:
    lines = read_.entries.lines.assign(date=lambda f: f["date"].dt.strftime("%m-%d"), booked_on=lambda f: f["booked_on"].dt.strftime("%m-%d"))
    return list(lines[list(names)].itertuples(index=False, name=None))


def test_a_batch_is_divided_and_what_is_not_a_receipt_is_left_out() -> None:
    found = read(SAMPLES / "v2_batch.xml")

    assert [
        ("03-03", "03-04", 120000, "LEFEVRE ET FILS SARL", "Reglement facture FA 2026/0101", ""),
        ("03-03", "03-04", 8950, "Jeanne Dubois", "merci", ""),
        ("03-04", "03-04", 99000, "MUELLER GMBH", "SVWZ+Unsere Zahlung zu Ihrer Rechnung FA-202 6-0201 vom 5. Januar", ""),
    ] == shown(found, "booked_on", "date", "received_minor", "debtor", "text", "end_to_end")
    assert (date(2026, 3, 3), date(2026, 3, 4), 1, 1) == (found.first, found.last, found.money_out, found.not_booked)
    assert ["bank_not_booked"] == [f.code for f in found.findings]


def test_several_statements_structured_remittance_reversals_and_times() -> None:
    found = read(SAMPLES / "v4_two_statements.xml")

    assert [
        ("0123456789", "EUR", 130000, "03-05", "Lefèvre Groupe", "Lefèvre & Fils", "FA-2026-0101 FA-2026-0102 acompte sur 0102", "", False, False),
        ("0123456789", "EUR", 30000, "03-04", "", "", "premier second", "", False, True),
        ("0123456789", "EUR", -99000, "03-05", "Müller GmbH", "", "FA-2026-0201", "", True, False),
        ("GB00TEST00000000000001", "GBP", 7500, "03-04", "Hall", "", "", "FA20260301", False, False),
        ("GB00TEST00000000000001", "GBP", 1000, "03-04", "", "", "FPI STANDING ORDER", "", False, False),
        ("GB00TEST00000000000001", "GBP", 1000, "03-04", "", "", "FPI STANDING ORDER", "", False, False),
    ] == shown(found, "account", "currency", "received_minor", "date", "debtor", "on_behalf_of", "text", "end_to_end", "returned", "undivided")
    assert [(0, "FA-2026-0101", 120000), (0, "FA-2026-0102", 10000)] == list(found.entries.references.itertuples(index=False, name=None))
    assert 6 == found.entries.lines["receipt"].nunique()
    assert [("bank_batch", "v4_two_statements.xml, statement 1, entry 2")] == [(f.code, f.place) for f in found.findings]


def test_the_newest_version_its_references_and_what_is_odd_in_it() -> None:
    found = read(SAMPLES / "v8_references.xml")

    assert [
        ("Müller GmbH", "", 99000, "EUR", False), ("Factoring plc", "Hall Ltd", 7500, "GBP", False), ("Lefèvre & Fils", "", -25050, "EUR", True),
        ("", "", 1235, "EUR", False), ("", "", 2700, "JPY", False),
    ] == shown(found, "debtor", "on_behalf_of", "received_minor", "currency", "returned")  # fmt: skip
    assert ["000000000190000000202602011", "RF79 2026 0301"] == found.entries.references["number"].tolist()
    assert ["bank_entry", "bank_balance", "bank_decimals"] == [f.code for f in found.findings]
    assert "1,00 CRDT 2026-02-30 EUR" in found.findings[0].text("en")


def test_a_receipt_has_the_same_number_in_every_file_it_is_in(tmp_path: Path) -> None:
    again = tmp_path / "downloaded again.xml"
    again.write_bytes((SAMPLES / "v4_two_statements.xml").read_bytes())
    once, twice = read(SAMPLES / "v4_two_statements.xml"), read(SAMPLES / "v4_two_statements.xml", again)

    assert once.entries.lines["receipt"].tolist() == twice.entries.lines["receipt"].tolist()
    assert once.entries.references["at"].tolist() == twice.entries.references["at"].tolist()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_any_encoding_of_xml_and_an_envelope_around_it(tmp_path: Path, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?><Envelope><Header><Id>1</Id></Header>{WRAP.format(entry())}</Envelope>'

    assert [(1000,)] == shown(read(written(tmp_path, text, encoding=encoding)), "received_minor")


@pytest.mark.parametrize(
    ("text", "booked"),
    [
        (entry(status="<Sts><Cd>BOOK</Cd></Sts>"), 1), (entry(status=""), 1), (entry(status="<Sts>PDNG</Sts>"), 0),
        (entry(status="<Sts><Cd>INFO</Cd></Sts>"), 0), (entry(way="DBIT"), 0), (entry("0.00"), 0), (entry("NaN"), 0), (entry("1E9"), 0),
        (entry("12345678901234567.00"), 0), (entry(way="BOTH"), 0), (entry(day="<DtTm>2026-03-04T23:59:59Z</DtTm>"), 1), (entry(day=""), 0),
        (entry(way="DBIT", more="<BkTxCd><Domn><Fmly><SubFmlyCd>UPDD</SubFmlyCd></Fmly></Domn></BkTxCd>"), 1),
        (entry(way="DBIT", more="<RvslInd>true</RvslInd>"), 1), (entry(way="DBIT", more="<RvslInd>false</RvslInd>"), 0),
    ],
)  # fmt: skip
def test_only_booked_entries_that_can_be_read_count(tmp_path: Path, text: str, booked: int) -> None:
    assert booked == len(read(written(tmp_path, WRAP.format(text))).entries.lines)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('<Document xmlns="urn:x:camt.052.001.02"><BkToCstmrAcctRpt/></Document>', "camt.052"),
        ('<Document xmlns="urn:x:camt.054.001.08"><BkToCstmrDbtCdtNtfctn/></Document>', "camt.054"),
        ('<Document xmlns="urn:x:camt.053.001.08"><Other/></Document>', "not a bank statement"),
        (WRAP.format(entry())[:-30], "damaged or incomplete"),
        ('<!DOCTYPE x [<!ENTITY a "b">]>' + WRAP.format("&a;"), "entities"),
        (":20:1\n:25:DE1/2\n:28C:1\n:60F:C260303EUR1,00\n:61:2603040304C10,00NMSC\n:62F:C260304EUR11,00\n", "MT940"),
        ("name;city\nA;B\n", "neither a bank statement nor a table of payments"),
    ],
)
def test_other_files_are_refused_with_what_to_do(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        read(written(tmp_path, text, "bank.txt" if text.startswith(":") else "bank.csv" if ";" in text and "<" not in text else "bank.xml"))


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="not found"):
        read(tmp_path / "none.xml")
    with pytest.raises(LedgerError, match="at most 100 "):
        read(written(tmp_path, WRAP.format(entry())), caps=Caps(file=100))


def test_a_zip_of_statements_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "march.zip"
    with zipfile.ZipFile(path, "w") as package:
        for sample in ("v2_batch.xml", "v8_references.xml"):
            package.write(SAMPLES / sample, f"statements/{sample}")
        package.writestr("__MACOSX/._v2_batch.xml", "x")
        package.writestr("readme.txt", "for your information")
    found = read(path)

    assert 8 == len(found.entries.lines)
    assert {"march.zip/statements/v2_batch.xml", "march.zip/statements/v8_references.xml"} == set(found.entries.lines["file"])


def test_a_long_statement_is_read_in_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries that are done are given back: of 1,000 of them the tree never holds more than the reader has read ahead."""
    parsed, held = camt._parsed, list[int]()

    def watched(*what: Any, **how: Any) -> Iterator[tuple[str, Any]]:
        for event, element in parsed(*what, **how):
            yield event, element
            held.append(sum(1 for _ in element.getroottree().iter()))

    monkeypatch.setattr(camt, "_parsed", watched)
    found = read(written(tmp_path, WRAP.format(entry(more="<AddtlNtryInf>x</AddtlNtryInf>") * 1000)))

    assert 1000 == len(found.entries.lines)
    assert max(held) < 2000, "the statement has 6,000 elements"


def test_a_credit_note_that_remittance_deducts_has_its_amount(tmp_path: Path) -> None:
    said = (("INV-4", "RmtdAmt", "400.00"), ("CN-1", "CdtNoteAmt", "50.00"))
    strd = "".join(
        f'<Strd><RfrdDocInf><Nb>{n}</Nb></RfrdDocInf><RfrdDocAmt><{tag} Ccy="EUR">{amount}</{tag}></RfrdDocAmt></Strd>' for n, tag, amount in said
    )
    more = f"<NtryDtls><TxDtls><RmtInf>{strd}</RmtInf></TxDtls></NtryDtls>"
    references = read(written(tmp_path, WRAP.format(entry("350.00", more=more)))).entries.references

    assert [("INV-4", 40000), ("CN-1", 5000)] == list(references[["number", "remitted_minor"]].itertuples(index=False, name=None))
