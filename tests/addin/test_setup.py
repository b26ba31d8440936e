"""The set-up: from answers to Config and to the calendar of letters; and what it never touches."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from addin import commands, setup
from addin.questions import QUESTIONS
from addin.setup import Draft
from rules import model
from rules.errors import ConfigError
from rules.model import Fee, Level, Method, Rate, Regime
from rules.row import LANGUAGES, to_rows
from rules.words import catalogue
from tests.addin.office import FIRST, Office
from tests.addin.test_cli import dunning

FRENCH = {"preset": "fr", "company_name": "Brunel SAS", "company_address": "12 rue des Tanneurs, 69009 Lyon", "contact_name": "Camille Perrin"}
IBAN = "FR7630006000011234567890189"


def set_up(office: Office, *, force: bool = False, **answers: Any) -> Draft:
    """Set the office up with these answers; gives what was written."""
    book = office.book()
    made = setup.told_by(book, FRENCH | answers)
    setup.write(book, made, FIRST, force=force)
    return made


def levels(office: Office, method: str = "standard") -> list[Level]:
    return [step for step in to_rows(office.book().read(Level), Level) if step.method == method]


def test_the_answers_stand_on_config(office: Office) -> None:
    """Settings, methods, levels, the fee and the law of the country."""
    set_up(
        office, tone="firm", grace_days=2, interval_days=9, minimum=Decimal("20.00"), fee=5, interest_from=2, phone_counts=False, last_level="repeat"
    )
    book = office.book()
    settings, standard = book.settings(), to_rows(book.read(Method), Method)[0]

    assert ("Brunel SAS", "Lyon", "FR", "fr", "Camille Perrin") == (
        settings.company_name, settings.company_city, settings.company_country, settings.letter_language, settings.signatory,
    )  # fmt: skip
    assert (2, 2000, False, "repeat") == (standard.grace_days, standard.minimum_minor, standard.phone_counts, standard.last_level)
    assert [("reminder", 0, "", ""), ("formal_notice", 9, "REMINDER", "FR"), ("final_notice", 9, "REMINDER", "FR")] == [
        (step.template, step.days, step.fee, step.regime) for step in levels(office)
    ]
    assert ["EU_40", "REMINDER"] == book.read(Fee)["fee"].tolist()


def test_consumers_pay_no_fee_and_no_interest_sooner_than_the_law_has_it(office: Office) -> None:
    set_up(office, fee=5, interest_from=1)

    assert [("", ""), ("", ""), ("", ""), ("", "FR")] == [(step.fee, step.regime) for step in levels(office, "consumer")]


def test_without_a_lump_sum_the_interest_is_a_regime_of_its_own(office: Office) -> None:
    """So renewing the law does not bring the lump sum back."""
    set_up(office, lump_sum=False)
    setup.law(office.book(), ["FR"])

    assert {"", "FR_INTEREST"} == {step.regime for step in levels(office)}
    assert {"FR": {"EU_40", ""}, "FR_INTEREST": {""}, "FR_CONTRACT": {"EU_40"}} == {
        str(name): set(rows["lump_sum"].astype("str")) for name, rows in office.book().read(Regime).groupby("regime")
    }


@pytest.mark.parametrize(
    ("preset", "country", "regimes"),
    [("eu", "AT", {"AT"}), ("eu", "PL", {"EU"}), ("uk", "GB", {"GB"}), ("plain", "DE", set[str]()), ("plain", "US", set[str]())],
)
def test_the_law_is_that_of_the_preset_or_of_the_company(office: Office, preset: str, country: str, regimes: set[str]) -> None:
    set_up(office, preset=preset, company_country=country)

    assert regimes == {step.regime for step in levels(office)} - {""}


def test_the_calendar_is_that_of_the_ledger(office: Office) -> None:
    """The longest overdue, one in the middle of another payer, one not yet due; interest of 12.15 percent up to the day of each letter."""
    commands.config_import(office.book(), '[[currencies]]\ncurrency = "GBP"\nrate = 1.15\n')
    office.import_()
    book = office.book()
    report = setup.write(book, setup.told_by(book, FRENCH), FIRST)
    letters = report.tables["calendar"]

    assert not report.facts["examples"]
    assert ["F1", "F4", "F5"] == list(dict.fromkeys(letters["document"]))
    assert [("2026-03-02", 29, 1, 0, 0, 120000), ("2026-03-16", 43, 2, 1718, 4000, 125718)] == [
        (str(r.date.date()), r.days_overdue, r.level, r.interest_minor, r.lump_sum_minor, r.total_minor) for r in letters.head(2).itertuples()
    ]
    assert ["2026-04-02", "F5"] == [str(letters[letters["document"] == "F5"]["date"].iloc[0])[:10], report.tables["then"]["document"].iloc[-1]]


def test_without_a_ledger_the_invoices_are_made_up_and_said_to_be(office: Office) -> None:
    book = office.book()
    report = setup.write(book, setup.told_by(book, FRENCH), FIRST)

    assert report.facts["examples"]
    assert "made-up" in report.sentence
    assert {"Example 1", "Example 2", "Example 3"} == set(report.tables["calendar"]["document"])


def test_where_a_rate_is_not_known_yet_interest_is_left_out_and_it_says_so(office: Office) -> None:
    book = office.book()
    report = setup.write(book, setup.told_by(book, FRENCH), date(2100, 1, 4))

    assert "not known yet" in report.sentence
    assert report.tables["calendar"]["interest_minor"].isna().any()


def test_the_same_answers_twice_change_nothing(office: Office) -> None:
    set_up(office, fee=5, lump_sum=False)
    before = office.files()
    set_up(office, fee=5, lump_sum=False)

    assert before == office.files()


def test_other_answers_replace_those_of_an_earlier_set_up_unasked_and_start_from_them(office: Office) -> None:
    """What the set-up itself wrote is nobody's typing; what is not answered again stays as it was answered."""
    set_up(office, grace_days=2, last_level="stop")
    made = set_up(office, minimum=50)

    assert ([], 2, "stop", Decimal(50)) == (made.lost, made.answers["grace_days"], made.answers["last_level"], made.answers["minimum"])


def test_rows_typed_by_hand_are_named_and_replaced_only_when_forced(office: Office) -> None:
    typed = '[[methods]]\nmethod = "standard"\ngrace_days = 11\n[[methods]]\nmethod = "vip"\ngrace_days = 30\n'
    typed += '[[methods]]\nmethod = "none"\nfollow_up = false\n'
    text = commands.config_export(office.book())
    steps = text[text.index("[[levels]]") : text.index("[[reasons]]")] + '[[levels]]\nmethod = "vip"\nlevel = 1\ntemplate = "reminder"\n'
    commands.config_import(office.book(), f"{typed}\n{steps}")
    before = office.files()
    with pytest.raises(ConfigError) as refused:
        set_up(office)

    assert before == office.files()
    assert "standard" in str(refused.value)
    assert "vip" not in str(refused.value)

    set_up(office, force=True)

    assert {"standard": 5, "vip": 30} == {
        m.method: m.grace_days for m in to_rows(office.book().read(Method), Method) if m.method in ("standard", "vip")
    }
    assert [1] == [step.level for step in levels(office, "vip")]


def test_payers_reasons_and_rates_of_ones_own_stay(imported: Office) -> None:
    commands.config_import(
        imported.book(),
        '[[reasons]]\ncode = "dispute"\nuse = "dispute"\nname = "Mine"\n[[rates]]\nseries = "MINE"\nvalid_from = 2026-01-01\nrate = 3\n'
        '[[currencies]]\ncurrency = "GBP"\nrate = 1.15\n',
    )
    kept = {m: to_rows(imported.book().read(m), m) for m in (model.Payer, model.Currency)}
    set_up(imported)
    book = imported.book()

    assert kept == {m: to_rows(book.read(m), m) for m in kept}
    assert ["Mine", "Agreement with the payer"] == book.read(model.ReasonCode)["name"].tolist()[:2]
    assert "MINE" in set(book.read(Rate)["series"])


def test_another_company_currency_is_asked_about_when_there_are_exchange_rates(office: Office) -> None:
    commands.config_import(office.book(), '[[currencies]]\ncurrency = "GBP"\nrate = 1.15\n')

    assert ["exchange rates and amounts are in EUR, and would be read as CHF"] == setup.told_by(
        office.book(), FRENCH | {"company_currency": "CHF"}
    ).lost


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"presett": "fr"}, "'presett' is no answer of the set-up. Did you mean 'preset'?"),
        ({"preset": "es"}, "The answer preset is 'es'; expected is one of plain, fr, de, uk, eu."),
        ({"company_country": "XX"}, "The answer company_country is 'XX'; expected is the code of a country"),
        ({"company_currency": "EURO"}, "The answer company_currency is 'EURO'; expected is the code of a currency"),
        ({"grace_days": -1}, "The answer grace_days is '-1'; expected is a whole number from 0 to 365."),
        ({"grace_days": 366}, "whole number from 0 to 365"),
        ({"interval_days": 0}, "whole number from 1 to 365"),
        ({"minimum": Decimal("1.005")}, "The answer minimum is '1.005'; expected is an amount in EUR with a decimal point, such as 25.00."),
        ({"fee": "12,50"}, "The answer fee is '12,50'; expected is an amount"),
        ({"fee": "nan"}, "expected is an amount"),
        ({"company_currency": "JPY", "fee": Decimal("1.5")}, "an amount in JPY with a decimal point, such as 25."),
        ({"interest_from": 5}, "whole number from 0 to 4"),
        ({"interest_from": 4, "tone": "firm"}, "whole number from 0 to 3"),
        ({"preset": "plain", "company_country": "US", "interest_from": 2}, "nothing to claim"),
        ({"interest_from": 0, "lump_sum": True}, "nothing to claim"),
        ({"lump_sum": "maybe"}, "expected is yes or no"),
        ({"bank_iban": "FR7630006000011234567890188"}, "expected is an IBAN with its right check digits"),
        ({"bank_iban": "FR76"}, "expected is an IBAN"),
        ({"bank_bic": "BNP"}, "expected is a BIC"),
        ({"contact_email": "camille"}, "expected is an e-mail address"),
        ({"company_name": ["a"]}, "expected is a text or a number"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_by_its_name(office: Office, answer: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        setup.told_by(office.book(), FRENCH | answer)

    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "read"), [("FR76 3000 6000 0112 3456 7890 189", IBAN), ("de89370400440532013000", "DE89370400440532013000"), ("-", "")]
)
def test_an_iban_may_be_typed_with_blanks_or_left_out(office: Office, typed: str, read: str) -> None:
    assert read == setup.told_by(office.book(), FRENCH | {"bank_iban": typed}).settings.bank_iban


def test_a_fee_is_warned_about_where_the_law_is_against_it() -> None:
    german, none = {"preset": "de", "company_country": "DE", "fee": 5}, {"preset": "de", "company_country": "DE", "fee": 0}
    told = [setup.warnings(answers, "en") for answers in (german, german | {"preset": "fr", "company_country": "FR"}, none)]

    assert [2, 1, 0] == [len(said) for said in told]
    assert told[0][0].startswith("Germany: courts allow no flat reminder fee")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_has_its_words_and_its_reason(language: str) -> None:
    words = catalogue(language)["setup"]  # type: ignore[arg-type]

    assert [] == [q.name for q in QUESTIONS if q.name not in words or f"{q.name}_why" not in words]


# ---------------------------------------------------------------------------------------------------------------- on the terminal


def typing(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    """What a person types, one line per question; the rest is Enter."""
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(answers) + "\n" * 40))


def test_the_terminal_asks_again_until_an_answer_fits(office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch, "xx", "FR", "Brunel SAS")
    code, out, _ = dunning(capsys, "setup", office.path, "--as-of", "2026-03-02")

    assert 0 == code
    assert out.count("Rules to begin with (plain, fr, de, uk, eu)") == 2
    assert "expected is one of plain, fr, de, uk, eu" in out
    assert "Formal notice" in out
    assert "Brunel SAS" == office.book().settings().company_name


def test_input_that_ends_changes_nothing(office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """As Ctrl-C does."""
    before = office.files()
    monkeypatch.setattr("sys.stdin", io.StringIO("fr\nBrunel SAS\n"))
    code, _, err = dunning(capsys, "setup", office.path, "--as-of", "2026-03-02")

    assert (130, True) == (code, err.strip().endswith("Nothing was changed."))
    assert before == office.files()


@pytest.mark.parametrize(("answer", "code", "grace"), [("y", 0, 5), ("n", 130, 11)])
def test_rows_typed_by_hand_are_asked_about(
    office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, answer: str, code: int, grace: int
) -> None:
    commands.config_import(office.book(), '[[methods]]\nmethod = "standard"\ngrace_days = 11\n[[methods]]\nmethod = "none"\nfollow_up = false')
    typing(monkeypatch, "fr", *[""] * (len(QUESTIONS) - 1), answer)
    found, out, _ = dunning(capsys, "setup", office.path, "--as-of", "2026-03-02")

    assert (code, grace) == (found, to_rows(office.book().read(Method), Method)[0].grace_days)
    assert "typed by hand" in out


def test_answers_come_from_a_file_and_a_dry_run_writes_nothing(imported: Office, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    file.write_text('preset = "uk"\nfee = 2.50\n', encoding="utf-8")
    before = imported.files()
    code, out, err = dunning(capsys, "setup", imported.path, "--answers", file, "--as-of", "2026-03-02", "--dry-run", "--json")
    answer = json.loads(out)

    assert (0, "uk", "2.50", "GBP") == (code, answer["answers"]["preset"], answer["answers"]["fee"], answer["answers"]["company_currency"])
    assert "Consumers:" in err
    assert before == imported.files()


@pytest.mark.parametrize(
    ("text", "said"),
    [("preset = ", "The answers are not TOML"), ("grace = 5", "Did you mean 'grace_days'?"), ("fee = 1e99", "expected is an amount")],
)
def test_a_file_of_answers_that_does_not_fit_is_refused(
    office: Office, capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "answers.toml"
    file.write_text(text, encoding="utf-8")
    code, _, err = dunning(capsys, "setup", office.path, "--answers", file, "--as-of", "2026-03-02")

    assert (1, True) == (code, said in err), err


@pytest.mark.parametrize("preset", ["plain", "fr", "de", "uk", "eu"])
def test_a_workbook_begins_with_a_preset(capsys: pytest.CaptureFixture[str], tmp_path: Path, preset: str) -> None:
    """And setting it up afterwards asks about no row: nobody typed one."""
    code, _, err = dunning(capsys, "new", tmp_path / "Book.xlsx", "--preset", preset, "--language", "fr")
    office = Office(tmp_path)
    office.path = tmp_path / "Book.xlsx"

    assert 0 == code, err
    assert [] == setup.told_by(office.book(), FRENCH | {"company_currency": office.book().settings().company_currency}).lost


def test_law_is_added_once_and_ones_own_rows_stay(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    commands.config_import(office.book(), '[[regimes]]\nregime = "MINE"\nvalid_from = 2026-01-01\nmargin = 9\n')
    first = dunning(capsys, "config", "law", office.path, "de", "be")
    before = office.files()
    second = dunning(capsys, "config", "law", office.path, "de", "be")
    unknown = dunning(capsys, "config", "law", office.path, "XX")

    assert "Law of DE, BE on Config: 3 regime rows added, 36 rates added, 1 lump sum row added." in first[1]
    assert "nothing changed" in second[1]
    assert (1, True) == (unknown[0], "No statutory rules are there for 'XX'" in unknown[2])
    assert before == office.files()
    assert "MINE" in set(office.book().read(Regime)["regime"])


def test_law_that_was_changed_is_renewed(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    setup.law(office.book(), ["DE"])
    text = commands.config_export(office.book())
    commands.config_import(office.book(), text[text.index("[[fees]]") :].replace("margin = 9", "margin = 8"))
    answer = dunning(capsys, "config", "law", office.path, "DE")[1]

    assert "Law of DE on Config: 1 regime row renewed." in answer
