"""SAF-T: open items of Norway's postings, oldest first, and of Portugal's invoices and receipts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rules.errors import LedgerError
from rules.written import Amount
from tests.table import table
from workbook.ledgers import Answers, Export, read_export

NORWAY = """<?xml version="1.0" encoding="{encoding}"?>
<n1:AuditFile xmlns:n1="urn:StandardAuditFile-Taxation-Financial:NO"><n1:Header>
<n1:Company><n1:RegistrationNumber>888888888</n1:RegistrationNumber></n1:Company><n1:DefaultCurrencyCode>NOK</n1:DefaultCurrencyCode>
<n1:SelectionCriteria><n1:PeriodStart>01</n1:PeriodStart><n1:PeriodStartYear>2025</n1:PeriodStartYear></n1:SelectionCriteria></n1:Header>
<n1:MasterFiles><n1:Customers>
<n1:Customer><n1:Name>Nøtter AS</n1:Name><n1:Address><n1:StreetName>Gata</n1:StreetName><n1:Number>4</n1:Number><n1:City>Oslo</n1:City></n1:Address>
<n1:CustomerID>1000</n1:CustomerID><n1:AccountID>1500</n1:AccountID><n1:OpeningDebitBalance>100</n1:OpeningDebitBalance>
<n1:ClosingDebitBalance>{closing}</n1:ClosingDebitBalance>
<n1:PartyInfo><n1:PaymentTerms><n1:Days>10</n1:Days><n1:FreeBillingMonth>true</n1:FreeBillingMonth></n1:PaymentTerms></n1:PartyInfo></n1:Customer>
</n1:Customers></n1:MasterFiles><n1:GeneralLedgerEntries><n1:Journal><n1:JournalID>S</n1:JournalID>{transactions}</n1:Journal></n1:GeneralLedgerEntries>
</n1:AuditFile>"""
TRANSACTION = """<n1:Transaction><n1:TransactionID>{number}</n1:TransactionID><n1:TransactionDate>{day}</n1:TransactionDate>
<n1:Line><n1:AccountID>3000</n1:AccountID><n1:Description>x</n1:Description><n1:{other}Amount><n1:Amount>{amount}</n1:Amount></n1:{other}Amount></n1:Line>
<n1:Line><n1:AccountID>1500</n1:AccountID><n1:SourceDocumentID>{number}</n1:SourceDocumentID><n1:CustomerID>1000</n1:CustomerID>
<n1:Description>Salg</n1:Description><n1:{side}Amount><n1:Amount>{amount}</n1:Amount></n1:{side}Amount></n1:Line></n1:Transaction>"""
POSTINGS = (("11", "2025-01-15", "Debit", "250.50"), ("12", "2025-02-03", "Debit", "80"), ("90", "2025-02-20", "Credit", "300"))
PORTUGAL = """<?xml version="1.0" encoding="Windows-1252"?>
<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01"><Header><CompanyID>500000000</CompanyID><CurrencyCode>EUR</CurrencyCode></Header>
<MasterFiles><Customer><CustomerID>C1</CustomerID><AccountID>2111</AccountID><CompanyName>Conceição, Lda</CompanyName>
<BillingAddress><AddressDetail>Rua 1</AddressDetail><City>Porto</City><PostalCode>4000-001</PostalCode><Country>PT</Country></BillingAddress>
</Customer></MasterFiles>
<SourceDocuments><SalesInvoices>{invoices}</SalesInvoices><Payments>{payments}</Payments></SourceDocuments></AuditFile>"""
INVOICE = """<Invoice><InvoiceNo>{number}</InvoiceNo>
<DocumentStatus><InvoiceStatus>{status}</InvoiceStatus></DocumentStatus><InvoiceDate>2025-03-01</InvoiceDate>
<InvoiceType>{kind}</InvoiceType><CustomerID>C1</CustomerID><Line><LineNumber>1</LineNumber>{reference}<CreditAmount>1.00</CreditAmount></Line>
<DocumentTotals><TaxPayable>0</TaxPayable><GrossTotal>{total}</GrossTotal></DocumentTotals></Invoice>"""
PAYMENT = """<Payment><PaymentRefNo>RG 1</PaymentRefNo><TransactionDate>2025-04-01</TransactionDate><PaymentType>RG</PaymentType>
<DocumentStatus><PaymentStatus>N</PaymentStatus></DocumentStatus><CustomerID>C1</CustomerID>{lines}
<DocumentTotals><GrossTotal>0</GrossTotal></DocumentTotals></Payment>"""
RECEIPT = "<Line><SourceDocumentID><OriginatingON>{number}</OriginatingON></SourceDocumentID><CreditAmount>{amount}</CreditAmount></Line>"


def norway(folder: Path, closing: str = "130.50", encoding: str = "utf-8") -> Path:
    lines = "".join(
        TRANSACTION.format(number=number, day=day, side=side, other="Credit" if side == "Debit" else "Debit", amount=amount)
        for number, day, side, amount in POSTINGS
    )
    path = folder / "SAF-T_Financial_888888888.xml"
    path.write_bytes(NORWAY.format(transactions=lines, closing=closing, encoding=encoding).encode(encoding))
    return path


def portugal(folder: Path) -> Path:
    documents = table("""
        number | status | kind | total  | reference
        FT A/1 | N      | FT   | 100.00 | -
        FT A/2 | N      | FT   | 50.00  | -
        FT A/3 | A      | FT   | 70.00  | -
        FR A/4 | N      | FR   | 30.00  | -
        ND A/5 | N      | ND   | 5.00   | -
        NC A/6 | N      | NC   | 20.00  | <References><Reference>FT A/2</Reference></References>
    """)
    invoices = "".join(INVOICE.format(**{**vars(d), "reference": d.reference or ""}) for d in documents)
    receipts = "".join(RECEIPT.format(number=number, amount=amount) for number, amount in (("FT A/1", "60.00"), ("FT Z/9", "11.00")))
    path = folder / "saft_pt.xml"
    path.write_bytes(PORTUGAL.format(invoices=invoices, payments=PAYMENT.format(lines=receipts)).encode("cp1252"))
    return path


def read(*paths: Path, as_of: date = date(2025, 6, 30), **said: str) -> Export:
    return read_export(list(paths), as_of=as_of, company_currency="EUR", answers=Answers(**said))


def shown(export: Export) -> list[str]:
    return [f"{i.payer} {i.document} {i.kind} {i.open_minor / 100:.2f}" for i in export.items.itertuples()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_postings_of_a_customer_are_paid_off_oldest_first_and_told(encoding: str, tmp_path: Path) -> None:
    export = read(norway(tmp_path, encoding=encoding))

    assert shown(export) == ["1000 11 invoice 50.50", "1000 12 invoice 80.00"]
    assert export.payers[["name", "address", "city"]].to_numpy().tolist() == [["Nøtter AS", "Gata 4", "Oslo"]]
    assert set(export.items["currency"]) == {"NOK"}
    assert {"export_postings_allocated"} == {f.code for f in export.findings if f.severity == "warning"}


def test_due_dates_follow_the_terms_of_the_customer_in_the_file(tmp_path: Path) -> None:
    items = read(norway(tmp_path)).items

    assert [(str(i.due_date.date()), i.due_source) for i in items.itertuples()] == [("2025-02-10", "terms"), ("2025-03-10", "terms")]


def test_postings_stand_as_posted_when_so_said(tmp_path: Path) -> None:
    export = read(norway(tmp_path), allocation="none")

    assert shown(export) == ["1000 opening other 100.00", "1000 11 invoice 250.50", "1000 12 invoice 80.00", "1000 90 payment -300.00"]


def test_a_closing_balance_that_the_postings_do_not_make_is_told(tmp_path: Path) -> None:
    found = [f.values for f in read(norway(tmp_path, closing="131")).findings if f.code == "export_postings_closing"]

    assert found == [{"count": 1, "payer": "1000", "stated": Amount(13100, "NOK"), "sum": Amount(13050, "NOK")}]


def test_a_customer_may_have_balances_of_several_accounts(tmp_path: Path) -> None:
    """Norway's version 1.30 states them apart."""
    path = norway(tmp_path)
    one = NORWAY[NORWAY.index("<n1:AccountID>") : NORWAY.index("<n1:PartyInfo>")].format(closing="130.50").strip()
    two = one.replace(">1500<", ">1510<").replace(">100<", ">7<").replace(">130.50<", ">7.00<")
    balances = "".join(f"<n1:BalanceAccount>{account}</n1:BalanceAccount>" for account in (one, two))
    path.write_text(path.read_text(encoding="utf-8").replace(one, balances), encoding="utf-8")
    export = read(path)

    assert shown(export) == ["1000 opening other 7.00", "1000 11 invoice 50.50", "1000 12 invoice 80.00"]
    assert "export_postings_closing" not in {f.code for f in export.findings}


def test_invoices_receipts_and_credit_notes_meet_by_number(tmp_path: Path) -> None:
    export = read(portugal(tmp_path))

    assert shown(export) == ["C1 FT A/1 invoice 40.00", "C1 FT A/2 invoice 30.00", "C1 ND A/5 invoice 5.00"]
    assert export.payers["name"].tolist() == ["Conceição, Lda"]
    assert {f.code: f.values["count"] for f in export.findings if f.code in ("export_postings_cancelled", "export_postings_absent")} == {
        "export_postings_cancelled": 2, "export_postings_absent": 1,
    }  # fmt: skip


def test_the_opening_balance_of_a_year_gives_way_to_the_documents_of_the_year_before(tmp_path: Path) -> None:
    after = tmp_path / "SAF-T_2026.xml"
    receipt = TRANSACTION.format(number="91", day="2026-02-01", side="Credit", other="Debit", amount="50.50")
    text = NORWAY.format(transactions=receipt, closing="80", encoding="utf-8").replace("Year>2025<", "Year>2026<")
    after.write_text(text.replace("Balance>100<", "Balance>130.50<"), encoding="utf-8")
    export = read(after, norway(tmp_path), as_of=date(2026, 3, 31))

    assert shown(export) == ["1000 12 invoice 80.00"]
    assert not [f for f in export.findings if f.code == "export_postings_closing"]


def test_a_receipt_may_settle_an_invoice_of_another_file(tmp_path: Path) -> None:
    after = tmp_path / "saft_pt_2026.xml"
    receipt = PAYMENT.format(lines=RECEIPT.format(number="FT A/1", amount="40.00")).replace("2025-04-01", "2026-04-01")
    after.write_bytes(PORTUGAL.format(invoices="", payments=receipt).encode("cp1252"))
    export = read(portugal(tmp_path), after, as_of=date(2026, 6, 30))

    assert shown(export) == ["C1 FT A/2 invoice 30.00", "C1 ND A/5 invoice 5.00"]


def test_an_audit_file_given_twice_is_refused(tmp_path: Path) -> None:
    path = norway(tmp_path)

    with pytest.raises(LedgerError, match="hold the same postings"):
        read(path, path)


@pytest.mark.parametrize("attack", ['<!DOCTYPE a [<!ENTITY b "c">]>', '<!DOCTYPE a SYSTEM "file:///etc/passwd">'])
def test_entities_are_refused(attack: str, tmp_path: Path) -> None:
    path = norway(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("?>", f"?>{attack}", 1), encoding="utf-8")

    with pytest.raises(LedgerError, match="declares"):
        read(path)


def test_a_file_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    path = norway(tmp_path)
    path.write_bytes(path.read_bytes()[:-200])

    with pytest.raises(LedgerError, match="damaged"):
        read(path)
