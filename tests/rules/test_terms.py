"""A due date the export does not carry comes from terms of payment, and says so."""

from datetime import date

import pandas as pd
import pytest

from rules.errors import ConfigError
from rules.model import EndOfMonth, OpenItem, Payer, Term
from rules.row import to_frame
from rules.terms import dated
from tests.table import table

TERMS = (
    Term(terms="N30", days=30),
    Term(terms="45FDM", days=45, end_of_month=EndOfMonth.AFTER),
    Term(terms="FDM45", days=45, end_of_month=EndOfMonth.BEFORE),
    Term(terms="cash", days=0),
)


def item(**values):
    return OpenItem(**{"payer": "1", "document": "A", "currency": "EUR", "open_minor": 100, "document_date": date(2026, 1, 10)} | values)


def dates(items, payers=(), default=""):
    made = dated(to_frame(items, OpenItem), to_frame(list(payers), Payer), TERMS, default)
    return [(None if pd.isna(due) else due.date(), source) for due, source in zip(made.items["due_date"], made.items["due_source"], strict=True)]


@pytest.mark.parametrize(
    "case",
    table("""
    case                                     | document   | due        | line  | payer | default | then       | source
    the export says it                       | 2026-01-10 | 2026-02-01 | N30   | cash  | cash    | 2026-02-01 | export
    by the code of the line                  | 2026-01-10 | -          | N30   | cash  | cash    | 2026-02-09 | terms
    case and blanks do not matter            | 2026-01-10 | -          | n30_  | -     | -       | 2026-02-09 | terms
    by the terms of the payer                | 2026-01-10 | -          | -     | N30   | cash    | 2026-02-09 | terms
    by the setting                           | 2026-01-10 | -          | -     | -     | cash    | 2026-01-10 | terms
    no terms anywhere                        | 2026-01-10 | -          | -     | -     | -       | -          | none
    45 days, then the end of the month       | 2026-01-10 | -          | 45FDM | -     | -       | 2026-02-28 | terms
    the end of the month, then 45 days       | 2026-01-10 | -          | FDM45 | -     | -       | 2026-03-17 | terms
    a code nobody knows is no default        | 2026-01-10 | -          | Z9    | -     | cash    | -          | none
    a code nobody knows, but the payer's     | 2026-01-10 | -          | Z9    | N30   | cash    | 2026-02-09 | terms
    without a document date there is nothing | -          | -          | N30   | -     | -       | -          | none
    """),
    ids=str,
)  # fmt: skip
def test_where_a_due_date_comes_from(case):
    line = item(document_date=case.document, due_date=case.due, terms=(case.line or "").replace("_", " "))
    found = dates([line], [Payer(payer="1", terms=case.payer or "")], case.default or "")

    assert [(case.then, case.source)] == found


def test_only_what_is_owed_falls_due_by_terms():
    kinds = ["invoice", "instalment", "fee", "credit", "payment", "other"]

    assert ["terms"] * 3 + ["none"] * 3 == [source for _, source in dates([item(kind=kind, terms="N30") for kind in kinds])]


def test_the_payer_of_another_company_lends_no_terms():
    payers = [Payer(company="A", payer="1", terms="N30"), Payer(company="B", payer="1", terms="cash")]

    assert [date(2026, 2, 9), date(2026, 1, 10), None] == [due for due, _ in dates([item(company=c) for c in "ABC"], payers)]


def test_codes_that_are_not_in_the_table_are_counted():
    made = dated(to_frame([item(terms="Z9"), item(terms="Z9 "), item(terms="N30"), item()], OpenItem), to_frame([], Payer), TERMS)

    assert ({"Z9": 2}, 1) == (made.unknown, made.by_terms)


def test_a_setting_that_names_no_terms_stops():
    with pytest.raises(ConfigError, match=r"default_terms names the terms 'N60'.*has: N30, 45FDM"):
        dates([item()], default="N60")


def test_an_empty_ledger_and_an_empty_table_are_no_trouble():
    empty = to_frame([], OpenItem)

    assert 0 == len(dated(empty, to_frame([], Payer), TERMS, "N30").items)
    assert 1 == len(dated(to_frame([item(terms="N30")], OpenItem), to_frame([], Payer), ()).items)
