"""`dunning explain`: the ladder of one line, its cells, and what it refuses."""

from __future__ import annotations

import json

import pytest

from addin import explaining
from addin.report import Report
from rules import model
from rules.errors import ConfigError
from rules.row import typed
from tests.addin.office import FIRST, LINES, SECOND, Office
from tests.addin.test_cli import dunning
from workbook.file import FileBook

TWICE = (*LINES, "00019;Hall Ltd;1 High St;BS1;Bristol;GB;en;F1;Invoice;2026-01-02;2026-02-01;EUR;10.00;10.00;")


def explained(office: Office, document: str, **narrowed: str) -> Report:
    return explaining.explain_item(office.book(), document, FIRST, **narrowed)


def decided(report: Report) -> dict[str, str]:
    """The test that decided."""
    tests = report.tables["tests"]
    return {str(name): str(value) for name, value in tests[tests["decides"] != ""].iloc[0].items()}


def test_explain_says_why_and_writes_nothing(imported: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """Sentence, test that decided, cell and value; every other test before it says no; not a byte changes."""
    before = imported.files()
    code, out, _ = dunning(capsys, "explain", imported.path, "F5", "--as-of", "2026-03-02", "--json")
    answer = json.loads(out)
    tests = answer["tables"]["tests"]
    at = next(n for n, row in enumerate(tests) if row["decides"])

    assert (0, before, False) == (code, imported.files(), answer["changed"])
    assert answer["sentence"].startswith("F5 of 00019 Hall Ltd: £75.00 open, due on 27 March 2026. As of 2 March 2026: level 0, 0 reminders so far")
    assert "\nReason on the sheet Ledger: Not overdue" in answer["sentence"]
    assert ("not_due", "2026-04-02", 1) == (answer["reason_code"], answer["next_date"], answer["next_level"])
    assert ("not_due", "Overdue: strictly_after", "yes") == (tests[at]["reason"], tests[at]["setting"], tests[at]["answer"])
    assert {"no"} == {row["answer"] for row in tests[:at]}
    assert {"not asked"} == {row["answer"] for row in tests[at + 1 :]}


def test_the_cell_named_holds_the_value(imported: Office) -> None:
    """What is typed into the cells that the explanation names is what the next explanation says."""
    book = imported.book()
    methods = book.read(model.Method)
    grace = next(row for row in explained(imported, "F1").tables["tests"].to_dict("records") if row["reason"] == "in_grace")
    book.replace(model.Method, methods.assign(grace_days=[40, *methods["grace_days"][1:]]))
    book.save()
    after = decided(explained(imported, "F1"))

    assert "Grace: 5" == grace["setting"]
    assert (grace["cell"], "Grace: 40", "in_grace") == (after["cell"], after["setting"], after["reason"])
    assert FileBook.open(imported.path).place(model.Method, 0, "grace_days") == grace["cell"]


def test_a_line_on_a_letter_shows_what_the_letter_claims(imported: Office) -> None:
    """The line and the whole letter: open, charges, total, deadline."""
    report = explained(imported, "F1")
    letter = report.tables["letter"].set_index("what")

    assert ("due", "<==") == (decided(report)["reason"], decided(report)["decides"])
    assert (120000, 140000, 140000) == (letter.loc["line", "open_minor"], letter.loc["letter", "open_minor"], letter.loc["letter", "total_minor"])


def test_interest_names_the_rows_it_comes_from(imported: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """F1 of 1,200.00 at 10 % for 29 days is 9.53; the cells are those of regime and rate."""
    law = imported.folder / "law.toml"
    law.write_text(
        '[[regimes]]\nregime = "law"\nvalid_from = 2020-01-01\nmargin = 8\nseries = "ECB"\n'
        '[[rates]]\nseries = "ECB"\nvalid_from = 2026-01-01\nrate = 2\nverified_until = 2026-03-15\n'
        '[[levels]]\nmethod = "standard"\nlevel = 1\ntemplate = "reminder"\nregime = "law"\n'
    )
    dunning(capsys, "config", "import", imported.path, law)
    period = explained(imported, "F1").tables["interest"].to_dict("records")
    book = imported.book()
    late = explaining.explain_item(imported.book(), "F1", SECOND)

    assert [(29, 120000, "10 %", 953)] == [(row["days"], row["base_minor"], row["rate"], row["interest_minor"]) for row in period]
    assert f"{book.place(model.Regime, 0, 'margin')}, {book.place(model.Rate, 0, 'rate')}" == period[0]["cells"]
    assert "interest" not in late.tables
    assert "Interest and lump sum are not known: The regime 'law' needs the reference rate 'ECB' for 2026-03-16" in late.sentence


def test_a_setting_and_a_payer_and_a_line_have_their_cells(imported: Office) -> None:
    """Each where a person would look for it."""
    tests = {row["reason"]: row["cell"] for row in explained(imported, "F3").tables["tests"].to_dict("records")}
    book = imported.book()
    payers, ledger, settings = book.read(model.Payer), book.read(model.AssessedItem), book.read(model.Setting)
    row = {"payer": int(payers["payer"].eq("00018").argmax()), "line": int(ledger["document"].eq("F3").argmax())}

    assert book.place(model.Payer, row["payer"], "block") == tests["payer_blocked"]
    assert book.place(model.AssessedItem, row["line"], "dispute") == tests["disputed"]
    assert book.place(model.Setting, int(settings["setting"].eq("line_tolerance").argmax()), "value") == tests["tolerance"]


def test_a_line_in_an_open_proposal_of_another_run_is_locked(office: Office) -> None:
    """Explained as the next run sees it; by its own run it is due."""
    office.proposed()
    own, later = (explaining.explain_item(office.book(), "F1", as_of) for as_of in (FIRST, SECOND))

    assert ("due", "locked") == (decided(own)["reason"], decided(later)["reason"])
    assert decided(later)["inputs"].startswith("Run: R2026")


def test_questions_and_facts_speak_the_language_of_the_workbook(imported: Office) -> None:
    """Questions, titles, dates, amounts and answers."""
    book = imported.book()
    settings = book.read(model.Setting)
    book.replace(model.Setting, typed(settings.assign(value=settings["value"].mask(settings["setting"] == "language", "fr")), model.Setting))
    tests = explaining.explain_item(book, "F5", FIRST).tables["tests"]
    row = tests[tests["reason"] == "not_due"].iloc[0]

    assert row["question"].endswith("\xa0?") or row["question"].endswith("\u202f?")
    assert "Échéance: 27 mars 2026; En retard dès: 2 avril 2026" == row["inputs"]
    assert "oui" == row["answer"]


@pytest.mark.parametrize(
    ("document", "narrowed", "said"),
    [
        ("F9", {}, "There is no document 'F9' in the ledger. Near to it: F5"),
        ("nothing", {}, "Take the number from the column Document of the sheet Ledger."),
        ("F1", {}, "The document 'F1' has 2 lines: payer 00017; payer 00019. Say which."),
        ("F1", {"payer": "00018"}, "No line of the document 'F1' is that one; it has: payer 00017; payer 00019. Say which."),
    ],
)
def test_a_number_that_is_not_one_line_is_refused_with_what_there_is(office: Office, document: str, narrowed: dict[str, str], said: str) -> None:
    office.import_(*TWICE)
    with pytest.raises(ConfigError) as refused:
        explained(office, document, **narrowed)

    assert said in str(refused.value)


def test_payer_and_instalment_choose(office: Office) -> None:
    office.import_(*TWICE)

    assert explained(office, "F1", payer="00019").sentence.startswith("F1 of 00019 Hall Ltd")
