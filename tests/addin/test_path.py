from decimal import Decimal

import pytest

from addin import commands, importing, simulating, verifying
from rules import model
from rules.errors import ConfigError, HistoryError, LedgerError
from rules.model import Decision
from tests.addin.office import FIRST, LINES, SECOND, Office


def test_the_whole_path(office: Office) -> None:
    """Import, propose, review, issue; later again: letters, levels and history follow each other."""
    first = office.import_()
    office.propose()
    office.send_all()
    issued = office.issue()
    office.import_(*LINES[1:], as_of=SECOND)
    later = office.propose(SECOND)
    book = office.book()
    proposals = book.read(model.Proposal)

    assert {"item": 6, "header": 1} == first.facts["rows"]
    assert 3 == issued.facts["letters"]
    assert 3 == later.facts["letters"]
    assert [("00017", "EUR", 2, 20000), ("00018", "EUR", 2, 99000), ("00018", "GBP", 2, 8000)] == list(
        proposals[["payer", "currency", "level", "total_minor"]].itertuples(index=False, name=None)
    )
    assert 5 == len(book.read(model.HistoryEntry))
    assert not verifying.verify(office.book()).failed


def test_every_step_twice_changes_nothing(office: Office) -> None:
    """Running a step again leaves every file byte for byte as it was."""
    steps = [office.import_, office.propose, office.import_, office.send_all, office.issue, office.import_, office.propose]
    for step in steps:
        step()
        before = office.files()
        step()

        assert before == office.files(), step.__name__


def test_importing_the_same_export_after_issue_changes_nothing(issued: Office) -> None:
    """Findings of other commands stay where they are."""
    before = issued.files()
    issued.import_()

    assert before == issued.files()


def test_letters_are_in_the_payers_language(issued: Office) -> None:
    """One Word file per proposal, in a folder of the run, rendered from the template of its language."""
    plan = sorted(p.name.split("_", 1)[1] for p in (issued.folder / "letters").rglob("*.docx") if p.parent.name.startswith("R"))

    assert ["00017_EUR_L1_Lefevre-Fils.docx", "00018_EUR_L1_Muller-GmbH.docx", "00018_GBP_L1_Muller-GmbH.docx"] == plan


def test_decisions_are_honoured(imported: Office) -> None:
    """Only what is set to send is sent; held ones stay open, dropped ones are closed."""
    imported.propose()
    commands.review(imported.book(), Decision.HOLD, payers=["00017"], note="waits for the credit note")
    commands.review(imported.book(), Decision.DROP, currency="GBP")
    commands.review(imported.book(), Decision.SEND, currency="EUR", at_most=Decimal("990"), level=1)
    commands.review(imported.book(), Decision.HOLD, payers=["00017"])
    imported.issue()
    states = imported.book().read(model.Proposal)[["payer", "currency", "state"]]

    assert [("00017", "EUR", "open"), ("00018", "EUR", "issued"), ("00018", "GBP", "closed")] == list(states.itertuples(index=False, name=None))
    assert ["F3"] == list(imported.book().read(model.HistoryEntry)["document"])


def test_a_level_is_changed_with_a_reason_only(imported: Office) -> None:
    """The reviewer may change the level of a letter; text and channel follow, and a reason is asked for."""
    imported.propose()
    with pytest.raises(ConfigError, match="without a reason"):
        commands.review(imported.book(), Decision.SEND, payers=["00017"], new_level=3)
    commands.review(imported.book(), Decision.SEND, payers=["00017"], new_level=3, note="insolvency feared")
    imported.issue()
    entries = imported.book().read(model.HistoryEntry)
    ledger = imported.book().read(model.AssessedItem).set_index("document")

    assert {"F1": 3, "F2": 3, "C1": 0} == dict(zip(entries["document"], entries["level"], strict=True))
    assert {"insolvency feared"} == set(entries["note"])
    assert (3, 4) == (ledger.loc["F1", "level"], ledger.loc["F1", "next_level"])


def test_a_proposal_made_before_a_change_is_not_issued(office: Office) -> None:
    """When the ledger changed since, issue refuses; proposing again keeps the decision on letters that are still the same."""
    office.proposed()
    office.import_(*LINES[1:])
    with pytest.raises(HistoryError, match="in place of what is open"):
        office.issue()
    office.propose(replace=True)
    decisions = office.book().read(model.Proposal)[["payer", "currency", "decision"]]
    office.issue()

    assert [("00017", "EUR", "open"), ("00018", "EUR", "send"), ("00018", "GBP", "send")] == list(decisions.itertuples(index=False, name=None))
    assert ["F3", "F4"] == list(office.book().read(model.HistoryEntry)["document"])


def test_an_earlier_date_is_for_looking_only(office: Office) -> None:
    """After a run nothing is proposed for an earlier date; a simulation may look at it and writes nothing."""
    office.proposed().issue()
    before = office.files()
    with pytest.raises(HistoryError, match="before the last issued run of 2026-03-02"):
        office.propose(FIRST.replace(day=1))
    simulating.simulate(office.book(), [FIRST.replace(day=1), SECOND])

    assert before == office.files()


def test_an_older_export_is_refused(office: Office) -> None:
    """An export older than the ledger would turn the clock back."""
    office.import_(as_of=SECOND)
    with pytest.raises(LedgerError, match="the ledger in the workbook is of 2026-03-20"):
        office.import_(as_of=FIRST)


def test_a_control_total_that_differs_refuses_the_import(office: Office) -> None:
    """The total the accountant types must be that of the export, to the cent."""
    before = office.files()
    export = office.export()
    with pytest.raises(LedgerError, match=r"2390\.00 EUR open, you said 2390\.01 EUR \(difference -0\.01\)"):
        importing.import_ledger(office.book(), export, FIRST, control={"EUR": Decimal("2390.01")})
    export.unlink()

    assert before == office.files()
    importing.import_ledger(office.book(), office.export(), FIRST, control={"EUR": Decimal("2390.00"), "GBP": Decimal("155")})


def test_import_keeps_what_people_typed(issued: Office) -> None:
    """Blocks, disputes, notes and agreed dates stay over an import; levels come from the history."""
    book = issued.book()
    ledger = book.read(model.AssessedItem)
    ledger.loc[ledger["document"] == "F1", "note"] = "called, will pay"
    ledger["block"] = ledger["block"].astype("str").mask(ledger["document"] == "F3", "agreed")
    book.replace(model.AssessedItem, ledger)
    book.save()
    issued.import_(as_of=SECOND)
    after = issued.book().read(model.AssessedItem).set_index("document")

    assert ("called, will pay", 1) == (after.loc["F1", "note"], after.loc["F1", "level"])
    assert ("agreed", "blocked") == (after.loc["F3", "block"], after.loc["F3", "reason_code"])


def test_import_says_what_changed_since_the_last_one(office: Office) -> None:
    """Paid, part-paid and new items are counted with their amounts, and a payer called otherwise is named."""
    first = office.import_()
    changed = [line.replace("990.00;990.00", "990.00;90.00").replace("Müller GmbH", "Müller AG") for line in LINES[1:]]
    second = office.import_(*changed, "00020;New Ltd;;;;GB;en;F6;Invoice;2026-03-01;2026-03-31;GBP;1.00;1.00;", as_of=SECOND)
    found = second.tables["since the last import"]

    assert first.tables["since the last import"].empty
    assert {("new", "GBP"): 1, ("paid", "EUR"): 1, ("part_paid", "EUR"): 1, ("unchanged", "EUR"): 2, ("unchanged", "GBP"): 2} == {
        (str(change), currency): number for change, currency, number in found[["change", "currency", "count"]].itertuples(index=False, name=None)
    }
    assert ["payer_renamed"] == [f.code for f in second.findings]
    assert "Müller GmbH" == office.book().read(model.Payer).set_index("payer").loc["00018", "name"]


def test_answers_are_remembered_for_a_source(office: Office) -> None:
    """What the user answered once for a kind of export is kept on Config and used the next time."""
    head = "Kunde;Beleg;Fällig;Betrag A;Betrag B"
    export = office.export("1;F1;2026-02-01;10.00;20.00", head=head)
    from workbook.ledgers import Answers

    given = Answers({"open": "Betrag B", "payer": "Kunde", "document": "Beleg", "due_date": "Fällig"}, currency="CHF")
    importing.import_ledger(office.book(), export, FIRST, answers=given, source="old system")
    importing.import_ledger(office.book(), export, SECOND, source="old system")
    item = office.book().read(model.AssessedItem).iloc[0]

    assert (2000, "CHF") == (item["open_minor"], item["currency"])


def test_config_goes_out_and_comes_in(office: Office) -> None:
    """The text of Config, imported again, changes nothing; a changed rule is taken over; a wrong one is refused as a whole."""
    before = office.files()
    text = commands.config_export(office.book())
    commands.config_import(office.book(), text)

    assert before == office.files()
    with pytest.raises(ConfigError, match="level 5 of the method 'standard' comes without level 4"):
        commands.config_import(office.book(), text.replace("level = 4", "level = 5"))
    assert before == office.files()
    commands.config_import(office.book(), text.replace("grace_days = 5", "grace_days = 7"))
    assert 7 == office.book().read(model.Method)["grace_days"].iloc[0]


def test_new_overwrites_nothing(office: Office) -> None:
    """A workbook that is there is not replaced."""
    with pytest.raises(Exception, match="exists"):
        commands.new(office.path, "en")


def test_history_tells_of_payer_and_document(issued: Office) -> None:
    """The history of one payer, or of one document."""

    assert 3 == commands.history(issued.book(), payer="00017").facts["entries"]
    assert 1 == commands.history(issued.book(), document="F3").facts["entries"]
