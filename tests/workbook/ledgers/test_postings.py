"""What is open in a ledger of postings: lettering, part payments, opening balances, as-of dates and years, by hand and by chance."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.table import Case, table
from workbook.ledgers.postings import ACCOUNT, netted, paid_off

AS_OF = date(2026, 3, 31)
JOURNALS = {"VE": "sales", "BQ": "money", "AN": "opening", "AC": "advance", "OD": "money", "XX": "other"}


def postings(text: str) -> pd.DataFrame:
    """Postings out of a table: payer, document, journal, date, amount, and where given letter, lettered, piece (its date), account, year."""
    rows = table(text)

    def column(name: str, blank: Any) -> list[Any]:
        return [blank if getattr(row, name, None) is None else getattr(row, name) for row in rows]

    def days(name: str) -> pd.Series:
        return pd.Series(pd.to_datetime(pd.Series(column(name, None), dtype="object")).to_numpy("datetime64[s]"))

    texts = {
        "account": column("account", "411"), "payer": column("payer", ""), "document": column("document", ""), "group": column("letter", ""),
    }  # fmt: skip
    frame = pd.DataFrame({name: pd.Series([str(v) for v in values], dtype="str") for name, values in texts.items()})
    return frame.assign(
        company="", currency="EUR", posting_date=days("date"), document_date=days("piece").fillna(days("date")), group_date=days("lettered"),
        amount_minor=pd.Series(column("amount", 0), dtype="int64"), nature=[JOURNALS[row.journal] for row in rows], year=column("year", 1),
    )  # fmt: skip


def shown(lines: pd.DataFrame, **said: Any) -> list[str]:
    """Open lines as "document instalment kind amount"."""
    made = lines.join(netted(lines, as_of=said.pop("as_of", AS_OF), **said).lines)
    kept = made[made["state"] == "open"]
    return [" ".join(f"{r.document} {r.instalment} {r.kind} {r.open_minor}".split()) for r in kept.itertuples()]


BOOKS = {
    "a group that balances is settled": ("""
        payer | document | journal | date       | amount | letter
        P     | F1       | VE      | 2026-01-05 | 1000   | AA
        P     | V1       | BQ      | 2026-02-05 | -1000  | AA
        P     | F2       | VE      | 2026-02-10 | 500    | -
        """, ["F2 invoice 500"]),
    "one code of two payers is two groups": ("""
        payer | document | journal | date       | amount | letter
        P     | F1       | VE      | 2026-01-05 | 1000   | A
        Q     | F2       | VE      | 2026-01-05 | 700    | A
        P     | V1       | BQ      | 2026-02-05 | -1000  | A
        """, ["F2 invoice 700"]),
    "codes differ by case": ("""
        payer | document | journal | date       | amount | letter
        P     | F1       | VE      | 2026-01-05 | 1000   | AA
        P     | F2       | VE      | 2026-01-06 | 700    | aa
        P     | V1       | BQ      | 2026-02-05 | -1000  | AA
        """, ["F2 invoice 700"]),
    "a code used twice is told apart by its date": ("""
        payer | document | journal | date       | amount | letter | lettered
        P     | F1       | VE      | 2026-01-05 | 1000   | A      | 2026-01-31
        P     | V1       | BQ      | 2026-01-31 | -1000  | A      | 2026-01-31
        P     | F2       | VE      | 2026-02-05 | 300    | A      | 2026-02-28
        P     | F3       | VE      | 2026-02-06 | 600    | A      | 2026-02-28
        P     | V2       | BQ      | 2026-02-28 | -400   | A      | 2026-02-28
        """, ["F3 invoice 500"]),
    "a part payment settles the oldest first": ("""
        payer | document | journal | date       | amount | letter
        P     | F2       | VE      | 2026-01-20 | 700    | aa
        P     | F1       | VE      | 2026-01-05 | 1000   | aa
        P     | V1       | BQ      | 2026-02-05 | -1200  | aa
        """, ["F2 invoice 500"]),
    "what is left of a payment is a payment": ("""
        payer | document | journal | date       | amount | letter
        P     | F1       | VE      | 2026-01-05 | 1000   | AA
        P     | V1       | BQ      | 2026-02-05 | -1200  | AA
        """, ["V1 payment -200"]),
    "credits whose invoices are of last year pay off the opening lines": ("""
        payer | document | journal | date       | amount | letter
        P     | RAN      | AN      | 2026-01-01 | 2500   | -
        Q     | RAN      | AN      | 2026-01-01 | 100    | -
        P     | V1       | BQ      | 2026-02-05 | -1200  | AA
        P     | V2       | BQ      | 2026-02-09 | -300   | AB
        P     | V3       | BQ      | 2026-03-09 | -50    | -
        """, ["RAN other 1000", "RAN other 100", "V3 payment -50"]),
    "more credits than the opening holds leave a credit": ("""
        payer | document | journal | date       | amount | letter
        P     | RAN      | AN      | 2026-01-01 | 1000   | -
        P     | V1       | BQ      | 2026-02-05 | -1200  | AA
        """, ["V1 payment -200"]),
    "opening lines with letters are no pool": ("""
        payer | document | journal | date       | amount | letter
        P     | RAN      | AN      | 2026-01-01 | 1000   | AZ
        P     | V1       | BQ      | 2026-02-05 | -600   | AA
        """, ["RAN other 1000", "V1 payment -600"]),
    "lines without letters stay as they are": ("""
        payer | document | journal | date       | amount
        P     | F1       | VE      | 2026-01-05 | 1000
        P     | A1       | VE      | 2026-01-06 | -100
        P     | V1       | BQ      | 2026-01-07 | -200
        P     | O1       | XX      | 2026-01-08 | -300
        P     | C1       | AC      | 2026-01-09 | -400
        """, ["F1 invoice 1000", "A1 credit -100", "V1 payment -200", "O1 other -300", "C1 payment -400"]),
    "several debits of one document on one day are instalments": ("""
        payer | document | journal | date       | amount
        P     | F1       | VE      | 2026-01-05 | 500
        P     | F1       | VE      | 2026-01-05 | 500
        P     | F2       | VE      | 2026-01-05 | 500
        Q     | F2       | VE      | 2026-01-05 | 500
        """, ["F1 1 instalment 500", "F1 2 instalment 500", "F2 invoice 500", "F2 invoice 500"]),
    "a number used again is told apart by its date": ("""
        payer | document | journal | date       | amount
        P     | VIR      | BQ      | 2026-01-05 | -500
        P     | VIR      | BQ      | 2026-01-06 | -500
        P     | VIR      | BQ      | 2026-01-06 | -700
        P     | VIR      | BQ      | 2026-01-05 | -100
        """, ["VIR payment -500", "VIR 2026-01-06 payment -500", "VIR 2026-01-06/2 payment -700", "VIR 2026-01-05/2 payment -100"]),
    "an opening in detail is documents": ("""
        payer | document | journal | date       | amount | piece
        P     | F1       | AN      | 2026-01-01 | 500    | 2025-10-05
        P     | F2       | AN      | 2026-01-01 | 600    | -
        P     | A1       | AN      | 2026-01-01 | -100   | 2025-11-05
        """, ["F1 invoice 500", "F2 invoice 600", "A1 other -100"]),
    "lines after the as-of date are not there yet": ("""
        payer | document | journal | date       | amount
        P     | F1       | VE      | 2026-03-31 | 1000
        P     | F2       | VE      | 2026-04-01 | 1000
        """, ["F1 invoice 1000"]),
    "a group lettered after the as-of date is open": ("""
        payer | document | journal | date       | amount | letter | lettered
        P     | F1       | VE      | 2026-01-05 | 1000   | AA     | 2026-04-10
        P     | V1       | BQ      | 2026-03-20 | -1000  | AA     | 2026-04-10
        """, ["F1 invoice 1000", "V1 payment -1000"]),
    "a group without date is lettered with its last line": ("""
        payer | document | journal | date       | amount | letter
        P     | F1       | VE      | 2026-01-05 | 1000   | AA
        P     | V1       | BQ      | 2026-03-20 | -400   | AA
        P     | V2       | BQ      | 2026-04-20 | -600   | AA
        """, ["F1 invoice 1000", "V1 payment -400"]),
    "payments of an account settle nothing on another": ("""
        payer | document | journal | date       | amount | letter | account
        P     | F1       | VE      | 2026-01-05 | 1000   | AA     | 411
        P     | F1       | OD      | 2026-03-20 | -1000  | AA     | 416
        """, ["F1 invoice 1000", "F1 2026-03-20 payment -1000"]),
}  # fmt: skip


@pytest.mark.parametrize("name", BOOKS)
def test_open_lines_of_a_year(name: str) -> None:
    text, expected = BOOKS[name]

    assert shown(postings(text)) == expected


UNLETTERED = """
    payer | document | journal | date       | amount | letter
    P     | F1       | VE      | 2026-01-05 | 1000   | -
    P     | F2       | VE      | 2026-01-15 | 1000   | -
    P     | V1       | BQ      | 2026-02-05 | -1300  | -
    Q     | F3       | VE      | 2026-01-05 | 1000   | AA
    Q     | V3       | BQ      | 2026-02-05 | -1000  | AA
    Q     | F4       | VE      | 2026-02-07 | 800    | -
    Q     | V4       | BQ      | 2026-02-08 | -800   | -
    """


def test_payments_without_letters_are_allocated_only_when_asked_and_only_for_payers_without_letters() -> None:
    lines = postings(UNLETTERED)
    asked = netted(lines, as_of=AS_OF, oldest_first=True).lines

    assert shown(lines) == ["F1 invoice 1000", "F2 invoice 1000", "V1 payment -1300", "F4 invoice 800", "V4 payment -800"]
    assert shown(lines, oldest_first=True) == ["F2 invoice 700", "F4 invoice 800", "V4 payment -800"]
    assert asked["how"].tolist() == ["allocated", "allocated", "allocated", "", "", "", ""]


YEARS = {
    "a balance brought forward gives way to the documents of the year before": ("""
        payer | document | journal | date       | amount | letter | year
        P     | F1       | VE      | 2025-05-05 | 1000   | -      | 1
        P     | F2       | VE      | 2025-06-05 | 700    | -      | 1
        P     | RAN      | AN      | 2026-01-01 | 1700   | -      | 2
        P     | V1       | BQ      | 2026-02-01 | -1000  | AA     | 2
        Q     | RAN      | AN      | 2026-01-01 | 1      | -      | 2
        """, ["F2 invoice 700", "RAN other 1"], [("Q", 0, 1)]),
    "an opening in detail replaces the year before": ("""
        payer | document | journal | date       | amount | letter | year | piece
        P     | F1       | VE      | 2025-05-05 | 1000   | -      | 1    | -
        P     | F2       | VE      | 2025-06-05 | 700    | -      | 1    | -
        P     | F1       | AN      | 2026-01-01 | 1000   | -      | 2    | 2025-05-05
        P     | F2       | AN      | 2026-01-01 | 700    | AB     | 2    | 2025-06-05
        P     | V1       | BQ      | 2026-02-01 | -700   | AB     | 2    | -
        """, ["F1 invoice 1000"], []),
    "of two balances the newest counts": ("""
        payer | document | journal | date       | amount | letter | year
        P     | F1       | VE      | 2025-05-05 | 1000   | -      | 1
        P     | RAN      | AN      | 2026-01-01 | 900    | -      | 2
        Q     | F2       | VE      | 2025-06-05 | 300    | -      | 1
        """, ["RAN other 900"], [("P", 1000, 900), ("Q", 300, 0)]),
    "a year without opening entries goes on from the year before": ("""
        payer | document | journal | date       | amount | letter | year
        P     | F1       | VE      | 2025-05-05 | 1000   | -      | 1
        P     | V1       | BQ      | 2026-02-01 | -400   | AA     | 2
        """, ["F1 invoice 600"], []),
    "a code of the year before lives on where it balances over both": ("""
        payer | document | journal | date       | amount | letter | year
        P     | F0       | VE      | 2025-04-05 | 1000   | -      | 1
        P     | F1       | VE      | 2025-05-05 | 1000   | AA     | 1
        P     | F2       | VE      | 2025-05-09 | 100    | AB     | 1
        P     | RAN      | AN      | 2026-01-01 | 2100   | -      | 2
        P     | V1       | BQ      | 2026-02-01 | -1000  | AA     | 2
        P     | F3       | VE      | 2026-02-01 | 50     | AB     | 2
        """, ["F0 invoice 1000", "F2 invoice 100", "F3 invoice 50"], []),
}  # fmt: skip


@pytest.mark.parametrize("name", YEARS)
def test_open_lines_of_several_years(name: str) -> None:
    text, expected, apart = YEARS[name]
    lines = postings(text)
    differing = netted(lines, as_of=AS_OF).differing

    assert shown(lines) == expected
    assert [(r.payer, r.before_minor, r.opening_minor) for r in differing.itertuples()] == apart


@pytest.mark.parametrize("case", table("""
    amounts             | left
    100 -30             | 70 0
    -30 100 20          | 0 70 20
    100 100 -150        | 0 50 0
    -100 -100 150       | 0 -50 0
    100 -100            | 0 0
    5                   | 5
"""), ids=str)  # fmt: skip
def test_oldest_amounts_settle_one_another(case: Case) -> None:
    amounts = np.array([int(v) for v in str(case.amounts).split()])

    assert paid_off(np.zeros(len(amounts), dtype="int64"), amounts, [np.arange(len(amounts))]).tolist() == [int(v) for v in str(case.left).split()]


MOMENTS = [pd.NaT, *pd.date_range("2025-11-01", "2026-06-30", freq="17D")]


@st.composite
def ledgers(draw: st.DrawFn) -> pd.DataFrame:
    """Postings of up to three years on few accounts, with letters that mean anything."""
    rows = draw(st.lists(st.tuples(
        st.sampled_from("PQ"), st.sampled_from(["411", "416"]), st.sampled_from(["", "F1", "F2", "RAN"]), st.sampled_from(MOMENTS[1:]),
        st.sampled_from(MOMENTS), st.sampled_from(["", "", "A", "a", "B"]), st.sampled_from(MOMENTS), st.integers(-5, 5).map(lambda n: n * 100),
        st.sampled_from(sorted(JOURNALS.values())), st.sampled_from([1, 1, 2, 3]),
    ), min_size=1, max_size=30))  # fmt: skip
    names = ["payer", "account", "document", "posting_date", "document_date", "group", "group_date", "amount_minor", "nature", "year"]
    frame = pd.DataFrame(rows, columns=names).assign(company="", currency="EUR")
    days = {name: pd.to_datetime(frame[name]).astype("datetime64[s]") for name in ("posting_date", "document_date", "group_date")}
    return frame.assign(**days).astype(dict.fromkeys(("payer", "account", "document", "group"), "str"))


@settings(max_examples=150, deadline=None)
@given(ledgers(), st.sampled_from(MOMENTS[1:]), st.booleans())
def test_open_amounts_of_an_account_are_always_its_balance(lines: pd.DataFrame, day: pd.Timestamp, oldest_first: bool) -> None:
    lines = lines.assign(year=1)
    made = lines.join(netted(lines, as_of=day.date(), oldest_first=oldest_first).lines)
    counted = made[made["state"] != "later"]
    opened = made[made["state"] == "open"]

    assert counted.groupby(list(ACCOUNT))["open_minor"].sum().equals(counted.groupby(list(ACCOUNT))["amount_minor"].sum())
    assert (made["open_minor"] * made["amount_minor"] >= 0).all()
    assert (made["open_minor"].abs() <= made["amount_minor"].abs()).all()
    assert not opened.duplicated(["payer", "document", "instalment"]).any()
    assert (made.loc[made["state"] == "later", "posting_date"] > day).all()


@settings(max_examples=100, deadline=None)
@given(ledgers(), st.sampled_from(MOMENTS[1:]))
def test_the_newest_opening_and_what_follows_are_the_balance_of_several_years(lines: pd.DataFrame, day: pd.Timestamp) -> None:
    made = lines.join(netted(lines, as_of=day.date()).lines)
    there = lines[lines["posting_date"] <= day]
    opened = there.loc[there["nature"] == "opening", "year"].max()
    newest = there[there["year"] >= opened] if opened == opened else there
    expected = newest.groupby(list(ACCOUNT))["amount_minor"].sum()
    found = made[made["state"] == "open"].groupby(list(ACCOUNT))["open_minor"].sum().reindex(expected.index, fill_value=0)

    assert found.equals(expected)
