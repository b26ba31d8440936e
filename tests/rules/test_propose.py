from datetime import date

import pytest

from rules.model import Method, Reason
from rules.ruleset import Ruleset
from tests.rules.world import AS_OF, item, reminded, rules, run
from tests.table import Case, table

RATES = '[[currencies]]\ncurrency = "GBP"\nrate = 1.25\n'
PLAIN = rules(RATES)


def with_method(**settings: object) -> Ruleset:
    """The plain rules with these settings on the method "standard"."""
    method = Method.model_validate(PLAIN.methods[0].model_dump() | settings)
    return Ruleset(PLAIN.settings, (method, *PLAIN.methods[1:]), PLAIN.levels, PLAIN.currencies, PLAIN.reasons)


def test_one_proposal_per_payer_and_currency() -> None:
    """Lines of one payer in two currencies, and of two companies, are on letters of their own."""
    items = [
        item(document="A"),
        item(document="B"),
        item(document="C", currency="GBP"),
        item(document="D", payer="2"),
        item(document="E", company="X"),
    ]
    found = run(items, rules=PLAIN).proposals

    expected = [("", "1", "EUR", 2), ("", "1", "GBP", 1), ("", "2", "EUR", 1), ("X", "1", "EUR", 1)]
    assert expected == list(found[["company", "payer", "currency", "lines"]].itertuples(index=False, name=None))


def test_letter_speaks_with_the_highest_level() -> None:
    """Lines keep their own level; text, deadline and channel come from the highest (PRODUCT 3.5)."""
    history = [reminded(2, "2026-03-01", "2026-03-10", document="B")]
    found = run([item(document="A"), item(document="B")], rules=PLAIN, history=history)
    letter = found.proposals.iloc[0]

    assert (3, "formal_notice", "registered", date(2026, 4, 8)) == (letter["level"], letter["template"], letter["channel"], letter["deadline"].date())
    assert {"A": 1, "B": 3} == dict(zip(found.lines["document"], found.lines["level"], strict=True))


def test_only_due_lines_are_on_the_letter() -> None:
    """A payer is proposed for the lines that are due for a level; a line that waits or is held stays off (PRODUCT 3.6, 3.15)."""
    items = [item(document="A"), item(document="B", dispute="dispute"), item(document="C", due_date="2026-03-30"), item(document="D")]
    found = run(items, rules=PLAIN, history=[reminded(1, "2026-03-25", "2026-04-05", document="D")])

    assert ["A"] == list(found.lines["document"])
    assert ["due", "disputed", "in_grace", "waiting"] == list(found.ledger["reason_code"])


@pytest.mark.parametrize("case", table("""
    case                             | credit | credit due | reason         | total
    no credit                        | 0      | 2026-01-01 | due            | 10000
    an overdue credit is deducted    | -4000  | 2026-01-01 | due            | 6000
    a credit not yet due is deducted | -4000  | 2027-01-01 | due            | 6000
    one cent remains                 | -9999  | 2026-01-01 | due            | 1
    nothing remains                  | -10000 | 2026-01-01 | credit_balance | -
    the payer is owed                | -10001 | 2026-01-01 | credit_balance | -
"""), ids=str)  # fmt: skip
def test_credits_are_netted(case: Case) -> None:
    """All open credits of payer and currency are deducted, whatever their date; net <= 0 is no letter (PRODUCT 3.7)."""
    found = run([item(), item(document="C", open_minor=case.credit, due_date=case.credit_due)], rules=PLAIN)
    totals = list(found.proposals["total_minor"])

    assert case.reason == found.ledger["reason_code"].iloc[0]
    assert ([] if case.total is None else [case.total]) == totals


def test_credit_of_another_currency_is_not_deducted() -> None:
    """A credit in pounds does not reduce a letter in euros."""
    found = run([item(), item(document="C", open_minor=-10000, currency="GBP")], rules=PLAIN)

    assert [10000] == list(found.proposals["total_minor"])


@pytest.mark.parametrize("case", table("""
    case                                 | open  | currency | minimum | reason
    at the minimum                       | 2500  | EUR      | 2500    | due
    below the minimum                    | 2499  | EUR      | 2500    | below_minimum
    at the minimum, converted            | 2000  | GBP      | 2500    | due
    below the minimum, converted         | 1999  | GBP      | 2500    | below_minimum
    no rate, and a minimum to test       | 99999 | SEK      | 2500    | no_rate
    no rate, and no minimum              | 99999 | SEK      | 0       | due
"""), ids=str)  # fmt: skip
def test_minimum_of_the_letter(case: Case) -> None:
    """The net total, in company currency, must reach the minimum of the method (PRODUCT 3.8)."""
    found = run([item(open_minor=case.open, currency=case.currency)], rules=with_method(minimum_minor=case.minimum))

    assert case.reason == found.ledger["reason_code"].iloc[0]


@pytest.mark.parametrize("case", table("""
    case                      | days | last       | reason
    no such rule              | 0    | 2026-03-30 | due
    the day before            | 10   | 2026-03-22 | payer_interval
    the day                   | 10   | 2026-03-21 | due
"""), ids=str)  # fmt: skip
def test_payer_interval(case: Case) -> None:
    """No second letter to a payer within n days, whichever line it was about."""
    found = run([item()], rules=with_method(payer_interval_days=case.days), history=[reminded(1, case.last, document="OTHER")])

    assert case.reason == found.ledger["reason_code"].iloc[0]


@pytest.mark.parametrize("case", table("""
    case                           | as of      | country | region | deadline
    ten days later, a Friday       | 2026-03-31 | GB      | -      | 2026-04-10
    Saturday to Monday             | 2026-03-04 | GB      | -      | 2026-03-16
    Easter Monday in France        | 2026-03-27 | FR      | -      | 2026-04-07
    no Easter Monday in Scotland   | 2026-03-27 | GB      | SCT    | 2026-04-06
    Easter Monday in England       | 2026-03-27 | GB      | ENG    | 2026-04-07
    England, where nothing is said | 2026-03-27 | GB      | -      | 2026-04-07
    England, for an unknown region | 2026-03-27 | GB      | Kent   | 2026-04-07
    Easter Sunday to Tuesday       | 2026-03-26 | FR      | -      | 2026-04-07
    All Saints' Day in Bavaria     | 2027-10-22 | DE      | BY     | 2027-11-02
    All Saints' Day not in Berlin  | 2027-10-22 | DE      | BE     | 2027-11-01
    Friday to Sunday in Egypt      | 2026-04-28 | EG      | -      | 2026-05-10
    Sunday is worked in Egypt      | 2026-04-30 | EG      | -      | 2026-05-10
    Sunday to Monday in France     | 2026-04-30 | FR      | -      | 2026-05-11
    unknown country: weekends only | 2026-03-26 | XX      | -      | 2026-04-06
"""), ids=str)  # fmt: skip
def test_deadline_is_a_working_day(case: Case) -> None:
    """Letter date + the level's days, moved to the next working day of the payer's country and region (PRODUCT 3.11)."""
    payers = [{"payer": "1", "country": case.country, "region": case.region or ""}]
    found = run([item(due_date="2026-01-01")], rules=PLAIN, as_of=case.as_of, payers=payers)

    assert case.deadline == found.proposals["deadline"].iloc[0].date()


def test_open_proposal_locks_its_payer_and_currency() -> None:
    """A line of a payer and currency that stand in an open proposal of another run is in no second one (PRODUCT C3)."""
    standing = {"run": "R1", "as_of": "2026-03-30", "payer": "1", "currency": "EUR", "level": 1, "deadline": "2026-04-10"}
    items = [item(), item(document="B", currency="GBP"), item(document="C", payer="2")]
    found = run(items, rules=PLAIN, proposals=[standing])

    assert [("1", "GBP"), ("2", "EUR")] == list(found.proposals[["payer", "currency"]].itertuples(index=False, name=None))
    assert "Stands in the open proposal R1: decide there first." == found.ledger["reason"].iloc[0]


def test_lines_for_collection_are_cases() -> None:
    """A line after its last letter is in the collection proposal and on no letter."""
    found = run([item(), item(document="B")], rules=PLAIN, history=[reminded(4, "2026-03-01", "2026-03-10")])

    assert (["F1"], ["B"]) == (list(found.collection["document"]), list(found.lines["document"]))


def test_warnings_name_what_to_look_at() -> None:
    """A missing address and deducted credits are said on the proposal."""
    found = run([item(), item(document="C", open_minor=-1)], rules=PLAIN).proposals["warning"].iloc[0]

    expected = "The address is not complete. Credits or unapplied payments are deducted: check whether they settle other invoices."
    assert expected == found


def test_totals_tie_per_currency() -> None:
    """open = not due + overdue + credits, and the lines due are the lines of the letters."""
    items = [item(document=f"D{n}", open_minor=n * 100 - 300, due_date=f"2026-03-{n + 10}", currency=["EUR", "GBP"][n % 2]) for n in range(20)]
    found = run(items, rules=PLAIN)
    totals = found.totals.set_index("currency")

    assert {c: sum(i["open_minor"] for i in items if i["currency"] == c) for c in ("EUR", "GBP")} == totals["open_minor"].to_dict()
    assert (totals["open_minor"] == totals["not_due_minor"] + totals["overdue_minor"] + totals["credits_minor"]).all()


def test_empty_ledger_is_an_empty_run() -> None:
    """No lines, no proposals, no error."""
    found = run([], rules=PLAIN, as_of=AS_OF)

    assert (0, 0, 0) == (len(found.ledger), len(found.proposals), len(found.totals))


def test_every_reason_has_a_text_in_every_language() -> None:
    """No reason is without its sentence."""
    from rules.words import catalogue

    for language in ("en", "fr", "de"):
        assert set(map(str, Reason)) <= set(catalogue(language)["reason"])
