"""Whatever people do, in whatever order: sheets, journal, letters and history tell one story, and nobody is reminded twice at one level."""

from __future__ import annotations

import atexit
import contextlib
import shutil
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from addin import commands, delivering, handing_over, importing, issuing, recording, undoing, verifying
from addin.report import Report
from addin.sheets import fact
from rules.errors import DunningError
from rules.model import (
    AssessedItem,
    CollectionCase,
    CollectionDecision,
    Decision,
    Delivery,
    DocumentKind,
    Event,
    HistoryEntry,
    Proposal,
    ProposalState,
)
from rules.row import Row, typed
from rules.standing import in_force, item_key, standing
from tests.addin.office import HEAD, Office
from tests.addin.test_crash import Killed, deadly
from workbook.memory import MemoryBook
from workbook.tables import TABLES

START = date(2026, 3, 2)
PAYERS = {"00017": "Lefèvre;3 rue A;75011;Paris;FR;fr", "00018": "Müller;Weg 1;80331;München;DE;de"}
DOCUMENTS = {"F1": "00017", "F2": "00017", "F3": "00018", "F4": "00018", "F5": "00017", "F6": "00018"}
SOME = st.sampled_from(sorted(DOCUMENTS))
PAID = st.integers(1, 99)
TOLD = st.sampled_from([d for d in Delivery if d is not Delivery.WRITTEN])
TWO_LETTERS = '[[methods]]\nmethod = "standard"\ngrace_days = 5\nmaximum_reminders = 2\n'  # then collection, near enough to be reached


@cache
def new_office() -> tuple[dict[type[Row], pd.DataFrame], Path]:
    """The tables and the folder of a new workbook."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    office = Office.new(folder)
    commands.config_import(office.book(), TWO_LETTERS)
    book = office.book()
    return {t.model: book.read(t.model) for t in TABLES}, office.folder


class TwoPayers(RuleBasedStateMachine):
    """Two payers, their invoices as the accounting system knows them, and the workbook."""

    @initialize()
    def open(self) -> None:
        frames, folder = new_office()
        self.folder = Path(tempfile.mkdtemp()) / "office"
        shutil.copytree(folder, self.folder)
        self.saved, self.today = dict(frames), START
        self.owed = dict.fromkeys(("F1", "F2", "F3", "F4"), 10000)
        self.counts: dict[str, int] = {}
        self.undone = False
        self.handed: dict[str, int] = {}
        self.import_(None, 0, None)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder.parent)

    def book(self) -> MemoryBook:
        """The workbook as last saved."""
        book = MemoryBook(folder=self.folder)
        book.saved = dict(self.saved)
        return book

    def do(self, command: Callable[[MemoryBook], Report]) -> bool:
        """Whether the command was carried out; one that is refused changes nothing."""
        book = self.book()
        try:
            command(book)
        except DunningError:
            assert all(frame.equals(self.saved[row_model]) for row_model, frame in book.saved.items())
            return False
        self.saved = book.saved
        return True

    def record(self, text: str) -> bool:
        """Record these events."""
        path = self.folder / "day.toml"
        path.write_text(text, encoding="utf-8")
        return self.do(lambda book: recording.record(book, path, self.today))

    # ------------------------------------------------------------------------------------------------ what people do

    @rule(days=st.sampled_from([1, 3, 10, 15, 30]))
    def time_goes_by(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(paid=st.none() | SOME, percent=PAID, added=st.none() | SOME)
    def import_(self, paid: str | None, percent: int, added: str | None) -> None:
        """A new export: one invoice paid in part or whole since the last, one more written."""
        owed = dict(self.owed)
        if paid in owed:
            owed[paid] = owed[paid] * (99 - percent) // 100
        if added is not None and added not in owed:
            owed[added] = 10_000
        lines = [
            f"{DOCUMENTS[d]};{PAYERS[DOCUMENTS[d]]};{d};Invoice;2026-01-02;2026-02-01;EUR;100.00;{minor / 100:.2f};"
            for d, minor in sorted(owed.items()) if minor
        ]  # fmt: skip
        path = self.folder / "ledger.csv"
        path.write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
        if lines and self.do(lambda book: importing.import_ledger(book, path, self.today, confirmed=True)):
            self.owed = owed

    @rule(document=SOME, percent=PAID)
    def pay(self, document: str, percent: int) -> None:
        """Money that came in after the export."""
        amount = self.owed.get(document, 0) * percent // 100
        if amount and str(self.today) > fact(self.book(), "ledger_as_of"):
            text = f'[[payments]]\npayer = "{DOCUMENTS[document]}"\ndocument = "{document}"\ndate = {self.today}\ncurrency = "EUR"\n'
            if self.record(text + f'amount = {amount / 100:.2f}\nreference = "{self.today} {self.owed[document]}"\n'):
                self.owed[document] -= amount

    @rule(document=SOME, days=st.integers(0, 20))
    def promise(self, document: str, days: int) -> None:
        until = self.today + timedelta(days=days)
        self.record(f'[[promises]]\npayer = "{DOCUMENTS[document]}"\ndocument = "{document}"\ndate = {self.today}\nuntil = {until}\n')

    @rule(document=SOME, reason=st.sampled_from(["dispute", ""]))
    def dispute(self, document: str, reason: str) -> None:
        self.record(f'[[disputes]]\npayer = "{DOCUMENTS[document]}"\ndocument = "{document}"\nreason = "{reason}"\n')

    @rule(payer=st.sampled_from(sorted(PAYERS)))
    def call(self, payer: str) -> None:
        self.record(f'[[calls]]\npayer = "{payer}"\ndate = {self.today}\nby = "AB"\n')

    @rule()
    def propose(self) -> None:
        self.do(lambda book: commands.propose(book, self.today, replace=True))

    @rule(decision=st.sampled_from([Decision.SEND, Decision.SEND, Decision.HOLD]))
    @precondition(lambda self: self.waiting())
    def review(self, decision: Decision) -> None:
        self.do(lambda book: commands.review(book, decision, everything=True))

    @rule()
    @precondition(lambda self: self.waiting())
    def issue(self) -> None:
        self.do(issuing.issue)

    @rule(at=st.integers(0, 11), after=st.booleans())
    def everything_goes_out_and_is_cut_off_once(self, at: int, after: bool) -> None:
        """Proposed, set to send, killed at some step of the issue; issued again."""
        self.do(lambda book: commands.propose(book, self.today, replace=True))
        self.do(lambda book: commands.review(book, Decision.SEND, everything=True))
        book = self.book()
        with pytest.MonkeyPatch.context() as patch:
            deadly(patch, at, after=after)
            with contextlib.suppress(Killed, DunningError):
                issuing.issue(book)
        self.saved = book.saved
        self.do(issuing.issue)

    @rule(payer=st.sampled_from(sorted(PAYERS)), again=st.booleans())
    def undo(self, payer: str, again: bool) -> None:
        self.undone = self.do(lambda book: undoing.undo(book, payer, "sent by mistake", self.today, again=again))

    @rule(state=TOLD, which=st.integers(0, 9))
    def tell_of_a_delivery(self, state: Delivery, which: int) -> None:
        """Of one of the last letters; one that failed or came back gives back level, date and count."""
        letters = self.letters()
        if letters:
            told = self.do(lambda book: delivering.deliver(book, state, self.today, letters=[letters[-1 - which % len(letters)]]))
            self.undone = told and state in (Delivery.FAILED, Delivery.RETURNED)

    @rule(decision=st.sampled_from([CollectionDecision.HAND_OVER, CollectionDecision.HAND_OVER, CollectionDecision.HOLD]))
    def hand_over(self, decision: CollectionDecision) -> None:
        """What is on the sheet Collection is decided, as a person does in its cells."""
        cases = self.saved[CollectionCase]
        if (cases["handed_over_on"].isna()).any():
            self.saved[CollectionCase] = typed(cases.assign(decision=str(decision)), CollectionCase)
            self.do(lambda book: handing_over.hand_over(book, self.today))

    @rule()
    def everything_takes_its_course_to_collection(self) -> None:
        """Two letters, a month apart, and the day after: what is still due goes to collection."""
        for _ in range(3):
            self.do(lambda book: commands.propose(book, self.today, replace=True))
            self.do(lambda book: commands.review(book, Decision.SEND, everything=True))
            self.do(issuing.issue)
            self.today += timedelta(days=30)
        self.hand_over(CollectionDecision.HAND_OVER)

    # ------------------------------------------------------------------------------------------------ what always holds

    def letters(self) -> list[str]:
        """The files of all letters, in their order."""
        history = self.saved[HistoryEntry]
        return list(dict.fromkeys(history.loc[history["event"] == Event.LETTER, "letter"]))

    def waiting(self) -> bool:
        """Whether a proposal is open."""
        return hasattr(self, "saved") and (self.saved[Proposal]["state"] == ProposalState.OPEN).any()

    @invariant()
    def verify_finds_nothing(self) -> None:
        if hasattr(self, "saved"):
            assert [] == [(f.code, f.place) for f in verifying.verify(self.book()).findings]

    @invariant()
    def the_ledger_shows_what_the_history_says(self) -> None:
        if hasattr(self, "saved"):
            ledger, history = self.saved[AssessedItem], self.saved[HistoryEntry]
            stands = standing(ledger, history)

            assert stands["level"].tolist() == ledger["level"].tolist()
            assert stands["reminders"].tolist() == ledger["reminders"].tolist()
            assert stands["last_reminder"].astype(str).tolist() == ledger["last_reminder"].astype(str).tolist()

    @invariant()
    def the_ledger_is_what_the_accounting_system_says(self) -> None:
        if hasattr(self, "saved"):
            ledger = self.saved[AssessedItem]
            bills = ledger[(ledger["kind"] == DocumentKind.INVOICE) & (ledger["open_minor"] != 0)]

            assert {d: minor for d, minor in self.owed.items() if minor} == dict(zip(bills["document"], bills["open_minor"], strict=True))

    @invariant()
    def no_item_is_reminded_twice_at_one_level(self) -> None:
        if hasattr(self, "saved"):
            entries = in_force(self.saved[HistoryEntry])
            counted = entries[(entries["level"] > 0) & (entries["event"] != Event.HAND_OVER)].assign(item=item_key)
            letters = counted[counted["event"] == Event.LETTER]
            apart = letters.groupby("item")["date"].diff().dropna()

            assert not counted.duplicated(["item", "level"]).any()
            assert (apart.dt.days >= 10).all()

    @invariant()
    def a_count_falls_by_an_undo_alone(self) -> None:
        if hasattr(self, "saved"):
            ledger = self.saved[AssessedItem]
            counts = dict(zip(item_key(ledger), ledger["reminders"].tolist(), strict=True))
            fallen = {key for key, n in counts.items() if n < self.counts.get(key, 0)}

            assert self.undone or not fallen
            self.counts, self.undone = counts, False

    @invariant()
    def what_is_handed_over_gets_no_letter_any_more(self) -> None:
        if hasattr(self, "saved"):
            history = self.saved[HistoryEntry].assign(item=item_key)
            letters = history[history["event"] == Event.LETTER].groupby("item").size()
            over = history.loc[history["event"] == Event.HAND_OVER, "item"]

            assert not over.duplicated().any()
            assert [] == [item for item, count in self.handed.items() if letters.get(item, 0) != count]
            self.handed = {item: int(letters.get(item, 0)) for item in over}


TestTwoPayers = TwoPayers.TestCase
TestTwoPayers.settings = settings(max_examples=5, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck))
