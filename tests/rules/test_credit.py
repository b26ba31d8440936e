"""May a payer order: the rating decides over exposure, overdue, level and review, and says why."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from rules.credit import Stage, credit_decisions
from rules.model import CreditAction, Rating
from rules.row import LANGUAGES
from tests.rules.world import AS_OF, item, reminded, rules, run, world
from tests.table import Case, table


def decided(items: list[dict[str, Any]], payer: dict[str, Any], rating: dict[str, Any], stage: Stage = Stage.ORDER, **told: Any) -> pd.DataFrame:
    """The decision about payer 1, who has the rating B."""
    ruleset, payers = told.pop("ruleset", None) or rules(), [{"payer": "1", "rating": "B"} | payer]
    history, orders = told.get("history"), told.get("orders")
    assessed = run(items, rules=ruleset, payers=payers, history=history).ledger
    open_orders = None if orders is None else pd.Series({"\x1f1": orders})
    records = world(items, payers=payers, history=history)
    return credit_decisions(records, assessed, [Rating(rating="B", **rating)], ruleset, AS_OF, stage, open_orders)


@pytest.mark.parametrize("case", table("""
case                          | says         | limit | insured | tolerance | orders | action     | reason
under the limit               | check        | 20000 | -       | 10000     | 0      | never_hold | Nothing holds: exposure €100.00, limit €200.00, insured –, overdue €100.00.
exactly the limit             | check        | 10000 | -       | 10000     | 0      | never_hold | Nothing holds: exposure €100.00, limit €100.00, insured –, overdue €100.00.
over by an order              | check        | 10000 | -       | 10000     | 1      | hold       | Exposure €100.01 is above the limit of €100.00.
over the cover                | check        | -     | 9999    | 10000     | 0      | hold       | Exposure €100.00 is above the insured €99.99.
overdue beyond the tolerance  | check        | -     | -       | 9999      | 0      | hold       | Overdue €100.00 is above the tolerance of €99.99.
two at once                   | check        | 1     | -       | 9999      | 0      | hold       | Exposure €100.00 is above the limit of €0.01. Overdue €100.00 is above the tolerance of €99.99.
warned only                   | warn         | 1     | -       | 10000     | 0      | warn       | Exposure €100.00 is above the limit of €0.01.
nothing to warn of            | warn         | 20000 | -       | 10000     | 0      | never_hold | Nothing holds: exposure €100.00, limit €200.00, insured –, overdue €100.00.
limit does not hold overdue   | hold_overdue | 1     | -       | 10000     | 0      | warn       | Exposure €100.00 is above the limit of €0.01.
overdue holds overdue         | hold_overdue | -     | -       | 0         | 0      | hold       | Overdue €100.00 is above the tolerance of €0.00.
always                        | hold         | 20000 | -       | 10000     | 0      | hold       | The rating B always holds.
never, and what is found      | never_hold   | 1     | -       | 10000     | 0      | never_hold | The rating B never holds. Exposure €100.00 is above the limit of €0.01.
"""), ids=str)  # fmt: skip  # noqa: E501
def test_the_rating_decides(case: Case) -> None:
    payer = {"limit_minor": case.limit, "insured_minor": case.insured, "due_tolerance_minor": case.tolerance}

    told = decided([item()], payer, {"at_order": case.says}, orders=case.orders).iloc[0]

    assert (case.action, case.reason) == (told["action"], told["reason"])


@pytest.mark.parametrize("case", table("""
case                | every | last       | holds | action     | reason
no rhythm           | 0     | -          | 1     | never_hold | Nothing
on its day          | 30    | 2026-03-01 | 1     | never_hold | Nothing
a day late          | 30    | 2026-02-28 | 1     | hold       | The credit review was due on 30 March 2026.
late, only a word   | 30    | 2026-02-28 | 0     | warn       | The credit review was due on 30 March 2026.
never reviewed      | 30    | -          | 1     | hold       | The credit was never reviewed.
"""), ids=str)  # fmt: skip
def test_a_late_review_holds_when_the_rating_says_so(case: Case) -> None:
    payer = {"last_review": case.last, "due_tolerance_minor": 10000}

    told = decided([item()], payer, {"review_days": case.every, "late_review_holds": bool(case.holds)}).iloc[0]

    assert case.action == told["action"]
    assert told["reason"].startswith(case.reason)


def test_each_stage_of_an_order_has_its_own_answer() -> None:
    rating = {"at_order": "never_hold", "at_release": "warn", "at_delivery": "hold"}

    told = [decided([item()], {}, rating, stage)["action"].iloc[0] for stage in Stage]

    assert ["never_hold", "warn", "hold"] == told


def test_a_line_at_the_last_level_of_its_method_holds() -> None:
    told = decided([item()], {"due_tolerance_minor": 10000}, {}, history=[reminded(4, "2026-03-30", "2026-04-09")]).iloc[0]

    assert ("hold", 4, "A line stands at level 4, the last of its method.") == (told["action"], told["level"], told["reason"])


def test_credits_lower_the_exposure_and_not_what_is_overdue() -> None:
    told = decided([item(), item(document="C1", open_minor=-4000)], {}, {}).iloc[0]

    assert (6000, 10000) == (told["open_minor"], told["overdue_minor"])


def test_foreign_money_counts_at_its_rate_and_without_a_rate_a_person_checks() -> None:
    ruleset = rules('[[currencies]]\ncurrency = "GBP"\nrate = 1.15\n')
    payer = {"due_tolerance_minor": 99999}

    pounds = decided([item(currency="GBP")], payer, {}, ruleset=ruleset).iloc[0]
    crowns = decided([item(currency="SEK"), item(document="F2", currency="NOK")], payer, {}, ruleset=ruleset).iloc[0]

    assert (11500, "never_hold") == (pounds["open_minor"], pounds["action"])
    assert ("check", "No rate for NOK, SEK on Config: the exposure is not known.") == (crowns["action"], crowns["reason"])


def test_a_payer_of_the_ledger_alone_is_checked_and_one_that_owes_nothing_may_order() -> None:
    items, ruleset = [item(payer="9", payer_name="Hall Ltd")], rules()
    records = world(items, payers=[{"payer": "1"}])

    told = credit_decisions(records, run(items, rules=ruleset).ledger, [], ruleset, AS_OF)

    assert [("1", "never_hold", 0), ("9", "hold", 10000)] == list(told[["payer", "action", "open_minor"]].itertuples(index=False, name=None))
    assert "Hall Ltd" == told["payer_name"].iloc[1]


def test_an_empty_workbook_has_no_decisions() -> None:
    told = credit_decisions(world([]), run([], rules=rules()).ledger, [], rules(), AS_OF)

    assert [] == told["payer"].tolist()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("says", CreditAction)
def test_every_answer_is_said_in_every_language(says: CreditAction, language: str) -> None:
    told = decided([item()], {"limit_minor": 1}, {"at_order": says}, ruleset=rules(language=language)).iloc[0]

    assert told["reason"]
    assert "{" not in told["reason"]
