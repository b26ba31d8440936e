"""The rules ready made: complete, without contradiction, and the letters they mean on the days they mean them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rules.assess import assess
from rules.check import check
from rules.config_text import TABLES, from_toml, to_toml
from rules.model import REMINDED, Fee, Level, Proposal, Rate, Reason, Regime
from rules.money import from_minor
from rules.presets import PRESETS, STANDARD, Tone, preset, renewed, toned
from rules.propose import propose
from rules.rates import statutory
from rules.row import LANGUAGES, Language, empty, to_rows
from rules.ruleset import Ruleset, by_name, ruleset
from tests.rules.world import item, reminded, rows, world
from tests.table import Case, table

DUE = date(2026, 1, 31)  # a Saturday

# about 1,000.00: when, and what is asked besides; ECB rate 2.15, German base rate 1.27, Bank Rate 3.75, French legal rate 2.62 percent
LETTERS = table("""
preset | payer    | method   | letter | date       | deadline   | channel    | interest | lump
plain  | business | -        | 1      | 2026-02-06 | 2026-02-16 | letter     | 0.00     | 0.00
plain  | business | -        | 2      | 2026-02-20 | 2026-03-02 | letter     | 0.00     | 0.00
plain  | business | -        | 3      | 2026-03-06 | 2026-03-16 | registered | 0.00     | 0.00
plain  | business | -        | 4      | 2026-03-16 | 2026-03-24 | registered | 0.00     | 0.00
fr     | business | -        | 1      | 2026-02-06 | 2026-02-16 | letter     | 0.00     | 0.00
fr     | business | -        | 2      | 2026-02-20 | 2026-03-02 | letter     | 6.66     | 40.00
fr     | business | -        | 3      | 2026-03-06 | 2026-03-16 | registered | 11.32    | 40.00
fr     | business | -        | 4      | 2026-03-20 | 2026-03-30 | registered | 15.98    | 40.00
fr     | consumer | -        | 2      | 2026-02-20 | 2026-03-02 | letter     | 0.00     | 0.00
fr     | consumer | consumer | 1      | 2026-02-06 | 2026-02-20 | letter     | 0.00     | 0.00
fr     | consumer | consumer | 3      | 2026-03-20 | 2026-04-03 | registered | 0.00     | 0.00
fr     | consumer | consumer | 4      | 2026-04-10 | 2026-04-24 | registered | 1.51     | 0.00
de     | business | -        | 1      | 2026-02-07 | 2026-02-17 | letter     | 0.00     | 0.00
de     | business | -        | 2      | 2026-02-21 | 2026-03-03 | letter     | 5.35     | 40.00
de     | business | -        | 3      | 2026-03-07 | 2026-03-17 | letter     | 9.29     | 40.00
de     | business | -        | 4      | 2026-03-21 | 2026-03-31 | registered | 13.22    | 40.00
de     | consumer | consumer | 1      | 2026-02-07 | 2026-02-23 | letter     | 0.00     | 0.00
de     | consumer | consumer | 2      | 2026-02-28 | 2026-03-16 | letter     | 0.00     | 0.00
de     | consumer | consumer | 3      | 2026-03-21 | 2026-04-07 | letter     | 3.61     | 0.00
uk     | business | -        | 2      | 2026-02-21 | 2026-03-02 | letter     | 0.00     | 0.00
uk     | business | -        | 3      | 2026-03-07 | 2026-03-17 | letter     | 11.27    | 70.00
uk     | business | -        | 4      | 2026-03-21 | 2026-04-07 | letter     | 15.77    | 70.00
uk     | consumer | consumer | 3      | 2026-03-21 | 2026-04-20 | letter     | 0.00     | 0.00
uk     | consumer | consumer | 4      | 2026-04-25 | 2026-05-11 | letter     | 0.00     | 0.00
eu     | business | -        | 2      | 2026-02-20 | 2026-03-02 | letter     | 0.00     | 0.00
eu     | business | -        | 3      | 2026-03-06 | 2026-03-16 | registered | 9.45     | 40.00
eu     | business | -        | 4      | 2026-03-20 | 2026-03-30 | registered | 13.35    | 40.00
eu     | consumer | consumer | 4      | 2026-04-10 | 2026-04-27 | registered | 0.00     | 0.00
""")
COLLECTED = {"plain": 53, "fr": 59, "de": 60, "uk": 67, "eu": 59}  # days after the due date: the day after the last deadline


def rules_of(name: str, language: Language = "en") -> Ruleset:
    settings, frames = preset(name, language)
    return ruleset(settings, {m: frames.get(m, empty(m)) for m in TABLES.values()})


Calendar = dict[int | str, tuple[str, ...]]


def letters(name: str) -> dict[tuple[str, str], Calendar]:
    """Every letter by its level, and the day of the collection proposal, to each kind of payer and method, when each goes on the first day it may.

    All payers stand in one ledger. On each of 120 days its lines are assessed; letters are made where a line is due for one or for collection.
    """
    rules, told = rules_of(name), []
    currency = rules.settings.company_currency
    kinds = dict.fromkeys([*((case.payer, case.method or "") for case in LETTERS if case.preset == name), ("business", "none")])
    numbered = {str(number): kind for number, kind in enumerate(kinds, start=1)}
    lines = [
        item(payer=number, document=f"F{number}", due_date=DUE, open_minor=100000, original_minor=100000, currency=currency, method=method)
        for number, (_, method) in numbered.items()
    ]
    payers = [{"payer": number, "customer_type": kind} for number, (kind, _) in numbered.items()]
    made: dict[tuple[str, str], Calendar] = {kind: {} for kind in kinds}
    for as_of in (DUE + timedelta(days) for days in range(120)):
        records = world(lines, history=told, payers=payers)
        found = assess(records, rules, as_of)
        collected = records.ledger["payer"].isin([number for number, kind in numbered.items() if "collect" in made[kind]])
        if not (found["reason_code"].isin(REMINDED) | ((found["reason_code"] == Reason.COLLECT) & ~collected)).any():
            continue
        run = propose(records, found, rows(Proposal), rules, as_of, "R2")
        for letter in run.proposals.itertuples():
            sums = [str(from_minor(minor, currency)) for minor in (letter.fee_minor, letter.interest_minor, letter.lump_sum_minor)]
            made[numbered[letter.payer]][letter.level] = (str(as_of), str(letter.deadline.date()), letter.channel, *sums)
            about = {"payer": letter.payer, "document": f"F{letter.payer}", "currency": currency}
            told.append(reminded(letter.level, as_of, letter.deadline, **about))
        for payer in run.collection["payer"]:
            made[numbered[payer]].setdefault("collect", (str((as_of - DUE).days),))
    return made


@pytest.fixture(scope="session")
def calendars() -> dict[str, dict[tuple[str, str], Calendar]]:
    """The calendars of every preset."""
    return {name: letters(name) for name in PRESETS}


@pytest.mark.parametrize("case", LETTERS, ids=lambda c: f"{c.preset} {c.payer} {c.method or 'standard'} {c.letter}")
def test_an_invoice_gets_the_letters_of_the_preset_and_no_fee(case: Case, calendars: dict[str, dict[tuple[str, str], Calendar]]) -> None:
    found = calendars[case.preset][case.payer, case.method or ""]

    assert (str(case.date), str(case.deadline), case.channel, "0.00", case.interest, case.lump) == found[case.letter]


def test_after_the_fourth_letter_and_its_deadline_comes_collection(calendars: dict[str, dict[tuple[str, str], Calendar]]) -> None:
    found = {name: calendars[name]["business", ""] for name in PRESETS}

    assert {name: [1, 2, 3, 4, "collect"] for name in PRESETS} == {name: list(made) for name, made in found.items()}
    assert {name: (str(days),) for name, days in COLLECTED.items()} == {name: made["collect"] for name, made in found.items()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_whole_config_without_anything_doubtful(name: str, language: Language) -> None:
    """And it goes out to TOML and comes in again as it was."""
    settings, frames = preset(name, language)
    again = from_toml(to_toml(settings, frames))

    assert [] == check(rules_of(name, language), by_name, date(2026, 3, 31))
    assert settings == again[0]
    assert {m: to_rows(frame, m) for m, frame in frames.items()} == {m: to_rows(again[1][m], m) for m in frames}


@pytest.mark.parametrize("name", PRESETS)
def test_under_the_method_none_nothing_is_reminded(name: str, calendars: dict[str, dict[tuple[str, str], Calendar]]) -> None:
    assert {} == calendars[name]["business", "none"]


def test_names_are_in_the_language_of_the_sheets_and_letters_in_that_of_the_country() -> None:
    settings, frames = preset("fr", "de")

    assert ("de", "fr") == (settings.language, settings.letter_language)
    assert ["Zahlungserinnerung", "Mahnung"] == frames[Level]["name"].tolist()[:2]


def test_a_firm_tone_leaves_the_second_letter_to_businesses_out_and_numbers_the_rest() -> None:
    levels = to_rows(preset("fr")[1][Level], Level)
    firm = [(step.level, step.template) for step in toned(levels, Tone.FIRM) if step.method == STANDARD]
    friendly = [step.deadline_days for step in toned(levels, Tone.FRIENDLY) if step.method == STANDARD]

    assert [(1, "reminder"), (2, "formal_notice"), (3, "final_notice")] == firm
    assert [14, 14, 12, 12] == friendly
    assert levels == toned(levels, Tone.STANDARD)


RENEWED = table("""
case                              | standing           | fresh           | expected
nothing there                     | -                  | A1=1 A2=2       | A1=1 A2=2
the same key is replaced in place | A1=9 B1=5          | A1=1            | A1=1 B1=5
a new row follows its name        | A1=1 B1=5          | A2=2            | A1=1 A2=2 B1=5
a new name comes last             | B1=5               | A1=1            | B1=5 A1=1
the user's own rows stay          | MINE1=7 A1=9 A3=3  | A1=1 A2=2       | MINE1=7 A1=1 A3=3 A2=2
""")


@pytest.mark.parametrize("case", RENEWED, ids=str)
def test_renewing_replaces_rows_of_the_same_key_and_no_other(case: Case) -> None:
    def rates(text: str | None) -> list[dict[str, object]]:
        return [{"series": one[:-3], "valid_from": f"2026-01-0{one[-3]}", "rate": int(one[-1])} for one in (text or "").split()]

    made = renewed(rows(Rate, *rates(case.standing)), rows(Rate, *rates(case.fresh)), Rate)

    assert rates(case.expected) == [{"series": row.series, "valid_from": str(row.valid_from), "rate": int(row.rate)} for row in to_rows(made, Rate)]


def test_the_bands_of_a_lump_sum_are_replaced_together_and_in_their_currency_only() -> None:
    """A threshold that moved leaves no old band behind; what a person added in another currency stays."""
    law = statutory("GB")[Fee]
    old = rows(Fee, *({"fee": "GB_FIXED_SUM", "currency": c, "from_minor": n, "amount_minor": 1} for c, n in (("GBP", 0), ("GBP", 777), ("EUR", 0))))
    made = renewed(old, law, Fee)

    assert [("GBP", 0), ("GBP", 100000), ("GBP", 1000000), ("EUR", 0)] == list(zip(made["currency"], made["from_minor"], strict=True))


def test_renewing_law_with_itself_changes_nothing() -> None:
    law = statutory("FR", "DE", "GB")

    assert {m: to_rows(law[m], m) for m in (Fee, Regime, Rate)} == {m: to_rows(renewed(law[m], law[m], m), m) for m in (Fee, Regime, Rate)}
