"""Which open lines money on a bank statement pays: exact, proposed, or not found, and why."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rules import model
from rules.receipts import Entries, matched, payable, quoted, undecided
from rules.references import document_keys, found, names, plain, structured
from rules.row import empty
from tests.rules.world import item, rows
from tests.table import Case, cases

LEDGER = date(2026, 3, 2)


def line(**fields: Any) -> dict[str, Any]:
    """An open item with every text filled, as a workbook has it."""
    return item(**{"payer_name": "", "instalment": "", "reference": "", "kind": "invoice", "source": ""} | fields)


ITEMS = (
    line(payer="17", payer_name="Lefèvre & Fils", document="FA-2026-0101", open_minor=120000, due_date="2026-02-01", reference="PO 4711-A"),
    line(payer="17", payer_name="Lefèvre & Fils", document="FA-2026-0102", open_minor=25050, due_date="2026-02-20"),
    line(payer="17", payer_name="Lefèvre & Fils", document="AV-2026-0103", open_minor=-5050, due_date="2026-02-10"),
    line(payer="18", payer_name="Müller GmbH", document="0001930571", open_minor=99000),
    line(payer="18", payer_name="Müller GmbH", document="0001930572", instalment="1", open_minor=5000, due_date="2026-02-01"),
    line(payer="18", payer_name="Müller GmbH", document="0001930572", instalment="2", open_minor=5000, due_date="2026-03-01"),
    line(payer="19", payer_name="Hall Ltd", document="42", open_minor=7500, currency="GBP"),
    line(payer="20", payer_name="Nord AS", document="0001930571", open_minor=33300),
    line(payer="20", payer_name="Nord AS", document="N-9", open_minor=33300),
    line(payer="20", payer_name="Nord AS", document="N-77", open_minor=0),
)


def entries(*receipts: dict[str, Any]) -> Entries:
    """Receipts of 4 March in EUR, unless said otherwise; `refs`: structured references with their amounts."""
    plain_ = {"date": "2026-03-04", "booked_on": None, "currency": "EUR", "received_minor": 10000, "debtor": "", "on_behalf_of": "", "text": ""}
    made = [plain_ | {"end_to_end": "", "returned": False, "undivided": False, "file": "bank.xml", "refs": ()} | r for r in receipts]
    lines = pd.DataFrame(made).drop(columns="refs").assign(receipt=[f"R{at}" for at in range(len(made))])
    lines["booked_on"] = lines["booked_on"].where(lines["booked_on"].notna(), lines["date"])
    texts = dict.fromkeys(("currency", "debtor", "on_behalf_of", "text", "end_to_end", "file", "receipt"), "str")
    lines = lines.astype({"date": "datetime64[s]", "booked_on": "datetime64[s]", **texts})
    said = pd.DataFrame([(at, *ref) for at, r in enumerate(made) for ref in r["refs"]], columns=["at", "number", "remitted_minor"])
    return Entries(lines, said.astype({"at": "int64", "number": "str", "remitted_minor": "Int64"}))


def told(*receipts: dict[str, Any], items: tuple[dict[str, Any], ...] = ITEMS, history: pd.DataFrame | None = None) -> pd.DataFrame:
    lines = payable(rows(model.AssessedItem, *items))
    letters = quoted(lines, empty(model.HistoryEntry) if history is None else history)
    return matched(entries(*receipts), lines, empty(model.Payer), letters, LEDGER, "en")


def short(frame: pd.DataFrame) -> list[str]:
    """Each row as match, document, amount and state."""
    return [
        f"{r.match} {r.document}{'/' if r.instalment else ''}{r.instalment} {r.amount_minor / 100:.2f} {r.state}".replace("  ", " ")
        for r in frame.itertuples()
    ]


CASES = cases(Path(__file__).parents[1] / "cases" / "receipts.md")


@pytest.mark.parametrize("case", CASES["What a receipt pays"], ids=str)
def test_a_receipt_pays_what_it_names_exactly_and_everything_else_is_proposed(case: Case) -> None:
    receipt = {"debtor": case.__dict__["from"] or "", "text": case.text or "", "end_to_end": case.end_to_end or "", "received_minor": case.amount}

    assert case.then.split("; ") == short(told(receipt))


BOTH = [("FA-2026-0101", 120000), ("FA-2026-0102", 10000)]


def test_a_short_number_counts_only_with_the_payers_name() -> None:
    receipt = {"text": "invoice 42 of 2026", "received_minor": 7500, "currency": "GBP"}

    assert ["none 0.00 open"] == short(told(receipt))
    assert ["number 42 75.00 apply"] == short(told(receipt | {"debtor": "HALL LIMITED"}))


def test_the_payer_may_pay_for_another() -> None:
    (row,) = told({"debtor": "Group Treasury", "on_behalf_of": "Müller GmbH", "received_minor": 99000}).to_dict("records")

    assert ("amount", "18", "Group Treasury / Müller GmbH") == (row["match"], row["payer"], row["debtor"])


def test_the_number_of_the_payer_tells_who_paid() -> None:
    items = (line(payer="0010017", document="X1"),)

    assert ["10017"] == [p.lstrip("0") for p in told({"text": "client 10017, acompte", "received_minor": 1}, items=items)["payer"]]


@pytest.mark.parametrize(
    ("refs", "amount", "then"),
    [
        (BOTH, 130000, ["structured FA-2026-0101 1200.00 apply", "structured FA-2026-0102 100.00 apply"]),
        (BOTH, 140000, ["structured FA-2026-0101 1200.00 open", "structured FA-2026-0102 100.00 open"]),
        ([("FA-2026-0102", 99999)], 99999, ["structured FA-2026-0102 250.50 open"]),
        ([("FA-2026-0102", None)], 25050, ["structured FA-2026-0102 250.50 apply"]),
        ([("RF79 2026 0101", None)], 120000, ["none 0.00 open"]),  # not a creditor reference: its check digits are wrong
        ([("RF47 2026 0101", None)], 120000, ["structured FA-2026-0101 1200.00 apply"]),
        ([("00 00000 00190 00000 02026 01014", None)], 120000, ["structured FA-2026-0101 1200.00 apply"]),
        ([("00 00000 00190 00000 02026 01010", None)], 120000, ["none 0.00 open"]),  # nor is this a QR reference
        ([("0012300202601013", None)], 120000, ["structured FA-2026-0101 1200.00 apply"]),
        ([("0012300202601011", None)], 120000, ["none 0.00 open"]),  # a customer and a document, but no check digit of theirs
        ([("unknown", None)], 120000, ["none 0.00 open"]),
    ],
)  # fmt: skip
def test_structured_references_name_documents_and_their_amounts(refs: list[tuple[str, int | None]], amount: int, then: list[str]) -> None:
    assert then == short(told({"refs": refs, "received_minor": amount}))


@pytest.mark.parametrize(
    ("reference", "key"),
    [
        ("RF18 5390 0754 7034", "539007547034"),  # the example of ISO 11649
        ("21 00000 00003 13947 14300 09017", "21000000000313947143000901"),  # the example of the Swiss QR bill: its body
        ("090/9337/55493", "909337554"),  # the example of the Belgian structured communication
        ("1234567897", "123456789"),  # modulo 10: OCR, KID, FI
        ("1234567892", "123456789"),  # modulo 11: KID
        ("1234561", "123456"),  # the example of the Finnish banks
        ("1234563", "1234563"),
        ("no-reference 7", "noreference7"),
        ("RF19 5390 0754 7034", "rf19539007547034"),
    ],
)
def test_check_digits_come_off(reference: str, key: str) -> None:
    bodies = structured(pd.Series([reference], dtype="str")).set_index("turn")["key"]

    assert key == bodies[min(1, bodies.index.max())]


def test_the_reference_a_letter_asked_for_means_all_its_documents() -> None:
    entry = {"event": "letter", "entry": 1, "date": "2026-03-02", "run": "R20260302-4f1c", "payer": "17", "currency": "EUR", "level": 1}
    history = rows(model.HistoryEntry, entry | {"document": "FA-2026-0101"}, entry | {"entry": 2, "document": "FA-2026-0102"})
    receipt = {"text": "17/R20260302-4f1c", "received_minor": 145050}

    assert ["number FA-2026-0101 1200.00 apply", "number FA-2026-0102 250.50 apply"] == short(told(receipt, history=history))


def test_a_document_is_paid_once_by_the_earlier_receipt() -> None:
    receipt = {"text": "FA-2026-0101", "received_minor": 120000}
    both = told(receipt, receipt)

    assert ["number FA-2026-0101 1200.00 apply", "number FA-2026-0101 1200.00 open"] == short(both)
    assert "paid twice" in both["why"].iloc[1]


def test_another_currency_is_named_and_not_paid() -> None:
    (row,) = told({"text": "FA-2026-0101", "received_minor": 120000, "currency": "CHF"}).to_dict("records")

    assert ("FA-2026-0101", 0, "open", "The document named is in EUR, the receipt is not.") == (
        row["document"], row["amount_minor"], row["state"], row["why"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("receipt", "why"),
    [
        ({"received_minor": -120000, "returned": True}, "Money that went back"),
        ({"returned": True}, "payment of your own"),
        ({"undivided": True}, "batch"),
    ],
)
def test_money_that_went_back_and_batches_that_do_not_add_up_are_never_applied(receipt: dict[str, Any], why: str) -> None:
    rows_ = told({"text": "FA-2026-0101", "received_minor": 120000} | receipt)

    assert ["open"] == list(rows_["state"])
    assert why in rows_["why"].iloc[0]


def test_what_was_booked_by_the_day_of_the_ledger_is_in_the_export() -> None:
    receipt = {"text": "FA-2026-0101", "booked_on": "2026-03-02"}
    told_ = told(receipt | {"received_minor": 120000}, receipt | {"received_minor": 5}, receipt | {"text": "Dubois"})

    assert ["dismissed"] * 3 == list(told_["state"])
    assert [True, False, False] == ["post it" in why for why in told_["why"]]


def test_money_valued_before_the_ledger_but_booked_after_it_counts_from_its_booking() -> None:
    rows_ = told({"text": "FA-2026-0101", "received_minor": 120000, "date": "2026-02-27", "booked_on": "2026-03-03"})

    assert (["apply"], ["2026-03-03"]) == (list(rows_["state"]), [str(d.date()) for d in rows_["date"]])


def test_an_instalment_of_a_plan_is_paid_on_its_invoice() -> None:
    made = "instalment of plan M"
    plan = (
        line(document="FA-9001", open_minor=0),
        line(document="FA-9001", instalment="M/1", kind="instalment", source=made, open_minor=5000, due_date="2026-03-10"),
        line(document="FA-9001", instalment="M/2", kind="instalment", source=made, open_minor=5000, due_date="2026-04-10"),
    )

    assert ["number FA-9001 50.00 apply"] == short(told({"text": "FA-9001", "received_minor": 5000}, items=plan))


def test_only_rows_that_nobody_has_touched_are_looked_up_again() -> None:
    sheet = told({"text": "nothing"}, {"text": "FA-2026-0101"})
    typed_in = sheet.assign(document=["X", "FA-2026-0101"])

    assert ([True, False], [False, False]) == (list(undecided(sheet)), list(undecided(typed_in)))


def test_of_two_numbers_the_longer_counts() -> None:
    keys = plain(pd.Series(["2026", "0101", "FA-2026-0101"]))

    assert ["fa20260101"] == found(pd.Series(["FA-2026-0101"]), keys)["key"].tolist()


def test_a_document_without_figures_is_never_found_in_a_text() -> None:
    lines = pd.DataFrame({"document": ["ABC", "A-1234"], "reference": ["", "order"]})

    assert {"a1234", "1234"} == set(
        document_keys(lines, pd.DataFrame({"line": [], "reference": []}).astype({"line": "int64", "reference": "str"}))["key"]
    )


def test_names_are_compared_without_what_banks_change() -> None:
    written = ["Müller & Söhne GmbH", "MUELLER UND SOEHNE", "Soehne, Mueller", "Muller Sohne"]

    assert 1 == names(pd.Series(written)).nunique()


@pytest.mark.parametrize(("language", "written"), [("en", "€1,200.00"), ("fr", "1\u202f200,00\xa0€"), ("de", "1.200,00\xa0€")])
def test_why_is_said_in_the_language_of_the_workbook(language: Any, written: str) -> None:
    lines = payable(rows(model.AssessedItem, *ITEMS))
    letters = quoted(lines, empty(model.HistoryEntry))
    why = matched(entries({"text": "FA-2026-0101"}), lines, empty(model.Payer), letters, LEDGER, language)["why"].iloc[0]

    assert written in why


def test_remittance_with_amounts_uses_the_credit_it_names() -> None:
    refs = [("FA-2026-0102", 25050), ("AV-2026-0103", 5050)]
    told_ = told({"refs": refs, "received_minor": 20000})

    assert ["structured AV-2026-0103 -50.50 apply", "structured FA-2026-0102 250.50 apply"] == short(told_)


def test_several_documents_less_several_credits_are_settled_by_what_came() -> None:
    owed = [line(payer="9", document=f"INV-{n}", open_minor=amount) for n, amount in ((101, 40000), (102, 30000), (201, -5000), (202, -2500))]
    receipt = {"text": "INV-101 INV-102 less INV-201 and INV-202"}

    whole, less = (told(receipt | {"received_minor": came}, items=tuple(owed)) for came in (62500, 62499))
    assert [40000, 30000, -5000, -2500] == list(whole["amount_minor"])
    assert ({"apply"}, {"The amount is that of all documents named, less the credits among them."}) == (set(whole["state"]), set(whole["why"]))
    assert ({"open"}, 62499) == (set(less["state"]), less["amount_minor"].sum())


def test_a_credit_is_used_once() -> None:
    """The second receipt would need the credit that the first has used."""
    items = (*ITEMS, line(payer="17", document="FA-2026-0109", open_minor=25050))
    first, second = ({"text": f"{document} AV-2026-0103", "received_minor": 20000} for document in ("FA-2026-0102", "FA-2026-0109"))

    assert ["apply", "apply", "open", "open"] == list(told(first, second, items=items)["state"])


def test_what_an_exact_receipt_pays_is_not_proposed_to_another() -> None:
    """Money without a number goes to what is left, each receipt to a document of its own."""
    sure = {"text": "N-9", "debtor": "Nord AS", "received_minor": 33300}
    alike = {"debtor": "Nord AS", "received_minor": 33300}

    assert ["number N-9 333.00 apply", "amount 0001930571 333.00 open", "none 0.00 open"] == short(told(sure, alike, alike))
    assert ["amount 0001930571 333.00 open", "amount N-9 333.00 open"] == short(told(alike, alike))


def test_a_part_payment_is_called_one() -> None:
    part = told({"text": "FA-2026-0101", "received_minor": 100000})

    assert ["A part payment: €1,000.00 of €1,200.00. Set the state to apply, or correct the amount."] == list(part["why"])


def test_a_number_of_several_companies_is_told_with_what_is_open_in_all() -> None:
    """Whose it is, a person says; nothing is applied, and each row can be chosen."""
    items = tuple(
        line(company=company, payer="17", payer_name="Hall", document="4711", open_minor=amount) for company, amount in (("A", 83000), ("B", 4000))
    )
    rows_ = told({"text": "4711", "debtor": "Hall", "received_minor": 50000}, items=items)

    assert [("A", 50000, "open"), ("B", 0, "open")] == list(zip(rows_["company"], rows_["amount_minor"], rows_["state"], strict=True))
    assert {
        "Several companies or payers have a document of this number, with €870.00 open in all: apply the row that is meant, dismiss the others."
    } == set(rows_["why"])


def test_all_documents_named_are_counted_as_open_also_those_that_get_nothing() -> None:
    rows_ = told({"text": "FA-2026-0101, FA-2026-0102", "received_minor": 100000})

    assert [("FA-2026-0101", "Named, but €1,450.50 are open: correct the amounts and apply them, or dismiss them.")] == list(
        zip(rows_["document"], rows_["why"], strict=True)
    )
