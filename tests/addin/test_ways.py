"""Ways on: a refusal or a report that offers some is asked about, and the command runs again with the answer; the command line names options."""

from __future__ import annotations

import pytest

from addin.cli.options import refusal, spoken
from addin.report import Report
from addin.ribbon import VERBS
from addin.ways import Given, Question, arguments_of, told, with_ways
from rules.errors import ConfigError, DunningError, LedgerError
from rules.ways import YES, Choice, Way, one_of
from workbook.ledgers.unclear import Unclear

BOTH = (Way("everybody"), Way("payers", text=True))
CHOICES = (Choice("Balance", "column A"), Choice("Due", "column B"))


class Person:
    """Answers questions in turn, with the number of a choice or a text, then with nothing."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.asked = list(answers), list[Question]()

    def __call__(self, question: Question) -> str:
        self.asked.append(question)
        return question.answer(self.answers.pop(0)) if self.answers else ""


def refusing(error: DunningError, *needed: str) -> tuple[list[dict[str, str]], object]:
    """A command that refuses until `needed` are told; and what it was told each time."""
    seen: list[dict[str, str]] = []

    def run(given: Given) -> Report:
        seen.append(told(given))
        if not set(needed) <= set(told(given)):
            raise error
        return Report("Done.")

    return seen, run


def test_a_way_that_needs_a_yes_is_asked_with_the_sentence_and_in_the_language_of_the_workbook() -> None:
    seen, run = refusing(LedgerError("It is of a day before.", Way("older")), "older")
    person = Person(YES)

    assert Report("Done.") == with_ways(run, {"as_of": "2026-03-02"}, "de", person)  # type: ignore[arg-type]
    assert [{}, {"older": YES}] == seen
    assert person.asked[0].words.startswith("It is of a day before.\n\nDen älteren Export trotzdem importieren?")
    assert person.asked[0].yes


def test_after_a_no_nothing_is_left_to_say_of_a_refusal_and_a_report_stands() -> None:
    done = Report("3 letters.", ways=(Way("replace"),))
    _, run = refusing(LedgerError("No.", Way("older")), "older")

    assert with_ways(run, {}, "en", Person()) is None  # type: ignore[arg-type]
    assert done is with_ways(lambda given: done, {}, "en", Person())


@pytest.mark.parametrize(
    ("answers", "seen"),
    [
        (["1"], {"everybody": YES}),
        (["2", "00017"], {"payers": "00017"}),
        (["who?", "1"], {"everybody": YES}),
    ],
    ids=["the one that needs a yes", "the one that needs a text", "an answer that is none is asked again"],
)
def test_of_several_ways_a_person_chooses_one(answers: list[str], seen: dict[str, str]) -> None:
    """A text that the way needs is asked for next."""
    ran: list[dict[str, str]] = []

    def run(given: Given) -> Report:
        ran.append(told(given))
        return Report("None is due.", ways=() if told(given) else BOTH)

    with_ways(run, {}, "en", Person(*answers))

    assert seen == ran[-1]


def test_a_text_with_choices_is_chosen_by_its_number_or_typed() -> None:
    for typed in ("2", "Due"):
        seen, run = refusing(Unclear("Which column?", "open_minor", CHOICES), "open_minor")
        person = Person(typed)
        with_ways(run, {}, "en", person)  # type: ignore[arg-type]

        assert {"open_minor": "Due"} == seen[-1]
        assert "Which column?\n1: column A\n2: column B" == person.asked[0].lines()


def test_what_has_no_way_on_is_refused_and_so_is_what_was_said_already_and_a_way_of_another_command() -> None:
    for error, given in (
        (LedgerError("No."), {}), (LedgerError("No.", Way("older")), {"answer.older": YES}), (LedgerError("No.", Way("replace", of="propose")), {}),
    ):  # fmt: skip
        _, run = refusing(error, "nothing will do")
        with pytest.raises(LedgerError, match=r"No\."):
            with_ways(run, given, "en", Person(YES))  # type: ignore[arg-type]


def test_answers_become_arguments_by_what_the_use_case_takes() -> None:
    """Yes, a list, a folder, an empty cell; what is no argument is a heading of the list."""

    def act(book: object, *, add: bool = False, payers: tuple[str, ...] = (), to: object = None, company: str | None = None,
            fields: object = None) -> None: ...  # fmt: skip

    given = {f"answer.{n}": v for n, v in {"add": YES, "payers": "1", "to": "x", "company": "-", "name": "Kunde", "future": YES}.items()}
    made = arguments_of(act, given)

    assert {"add": True, "payers": ["1"], "company": "", "fields": {"name": "Kunde"}} == {k: v for k, v in made.items() if k != "to"}
    assert "x" == str(made["to"])


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (LedgerError("No.", Way("confirmed")), "No. Option: --confirm-paid."),
        (LedgerError("No.", Way("accept_layout"), Way("source", text=True)), "No. Options: --accept-layout, or --source …."),
        (ConfigError("Which?", one_of("company", ["", "A"])), 'Which? Options: --company "", or --company "A".'),
        (ConfigError("Stale.", Way("replace", of="propose")), "Stale. Command: `dunning propose --replace`."),
        (Unclear("Which column?", "open_minor", CHOICES), "Which column? Options: --map open=Balance, or --map open=Due."),
        (Unclear("Which order?", "date_order", (Choice("dmy", "day first"), Choice("mdy", "month first"))),
         "Which order? Options: --date-order dmy, or --date-order mdy."),
        (LedgerError("No."), "No."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_the_command_line_names_the_options(error: DunningError, said: str) -> None:
    assert said == refusal(error)


def test_the_command_line_names_the_options_of_a_report() -> None:
    assert (
        "None is due. Write statements for every payer, whatever their interval? Write those of one payer? Options: --all, or --payer …."
    ) == spoken(Report("None is due.", ways=BOTH)).sentence


@pytest.mark.parametrize("said", ["1.234,56", "EUR", "EUR 1,234.56", "2390.00 EUR", ""])
def test_a_control_total_that_is_none_is_refused_with_an_example(said: str) -> None:
    with pytest.raises(ConfigError, match=r"such as EUR 2390\.00 GBP 80\.00"):
        VERBS["import"](None, {"export": "x.csv", "as_of": "2026-03-02", "answer.control": said or "?"})


@pytest.mark.parametrize(("day", "said"), [("0001-01-01", "too long ago"), ("2999-03-02", "still to come")])
def test_a_day_that_can_hardly_be_meant_is_refused_or_asked_about(day: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as refused:
        VERBS["assess"](None, {"as_of": day})

    assert (("future",) if "come" in said else ()) == tuple(way.name for way in refused.value.ways)
