"""A working day by the ribbon leaves the workbook that the command line leaves, in every cell of every table."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.model import HistoryEntry, Proposal
from tests.addin.office import LINES, Office
from tests.office.desk import Desk, differences, dunning, frames

pytestmark = pytest.mark.office

FIRST, LATER = "2026-03-02", "2026-03-04"
HOSTILE = (
    "00123;'t Hooft BV;=1+1;01000;TRUE;FR;fr;1-2;Invoice;2026-01-05;2026-02-01;EUR;10.00;10.00;@SUM(A1)",
    "00124;-5 % & more;1e5;00042;#N/A;GB;en;00000815;Invoice;2026-01-05;2026-02-01;GBP;1234.56;1234.56;+33 1",
    "00125;;;;;FR;fr;2026-03-02;Invoice;2026-01-05;2026-02-01;EUR;0.01;0.01;3/4",
)
RECORD = """
[[payments]]
document = "F1"
payer = "00017"
amount = 200.00
currency = "EUR"
date = 2026-03-03
[[calls]]
payer = "00018"
date = 2026-03-03
by = "AB"
note = "=will look into it"
[[promises]]
payer = "00018"
document = "F3"
date = 2026-03-03
amount = 990.00
currency = "EUR"
until = 2026-03-10
"""


BANK = "date,amount,currency,name,text\n2026-03-03,1000.00,EUR,Lefevre,F1\n2026-03-03,80.00,GBP,Muller,F4\n2026-03-03,7.00,EUR,=x,who knows\n"
OLD = "document;payer;level;date\nF3;00018;1;2026-02-15\n"
RULES = """
[settings]
contact_name = "=Anna"
payer_tolerance = 2.50
"""
ADDRESSES = "payer;name;email\n00125;@home;0042@example.org\n"


FILES = {"day.toml": RECORD, "bank.csv": BANK, "old.csv": OLD, "addresses.csv": ADDRESSES, "rules.toml": RULES}


@pytest.fixture
def other(office: Office, tmp_path: Path) -> Office:
    """The same office again, for the command line."""
    for name, text in FILES.items():
        (office.folder / name).write_text(text, encoding="utf-8")
    office.export(*LINES, *HOSTILE)
    return office.moved(tmp_path / "other")


class Twice:
    """Each step by a button and on the command line; both say the same."""

    def __init__(self, desk: Desk, other: Office) -> None:
        self.desk, self.other = desk, other

    def __call__(self, verb: str, *words: object, answers: tuple[str, ...] = (), command: str = "", **asked: object) -> str:
        """`words` for the command line; those that are the name of a file are in the folder of each office. Answers the sentence."""
        here, there = self.desk.office.folder, self.other.folder
        given = {name: here / value if (here / str(value)).is_file() else value for name, value in asked.items()}
        said = self.desk.click(verb, *answers, **given).split("\n\nTo look at:")[0]
        told = dunning(self.other, command or verb, *(there / str(w) if (there / str(w)).is_file() else w for w in words))

        assert said.replace(str(here), str(there)) in told
        return said

    def same(self) -> None:
        """The workbooks hold the same in every cell of every table, and nothing would have become something else in Excel."""
        assert [] == differences(frames(self.other), frames(self.desk.saved()))
        assert [] == self.desk.app.hazards


def test_a_day_by_the_ribbon_is_a_day_by_the_command_line(other: Office, desk: Desk) -> None:
    both = Twice(desk, other)
    both("import", "ledger.csv", "--as-of", FIRST, export="ledger.csv", as_of=FIRST)
    both("payers", "addresses.csv", "--as-of", FIRST, file="addresses.csv", as_of=FIRST)
    both("take-over", "old.csv", "--as-of", FIRST, file="old.csv", as_of=FIRST)
    both("assess", "--as-of", FIRST, as_of=FIRST)
    both("propose", "--as-of", FIRST, as_of=FIRST)
    both.same()

    held = list(desk.live().read(Proposal)["payer"]).index("00018")
    desk.type(Proposal, held, "decision", "hold")
    desk.type(Proposal, held, "decision_note", "=calls back")
    dunning(other, "review", "--hold", "00018", "--note", "=calls back")
    both("review", "--send", "all")
    both("preview", "00017", payer="00017")
    both("issue", answers=("yes",))
    both("payments", "bank.csv", "--as-of", LATER, statement="bank.csv", as_of=LATER)
    both("record", "day.toml", "--as-of", LATER, file="day.toml", as_of=LATER)
    both.same()

    letter = str(desk.live().read(HistoryEntry)["letter"].iloc[-1])
    both("confirm", "--as-of", LATER, as_of=LATER)
    both("statements", "--as-of", LATER, answers=("no",), as_of=LATER)
    both("calls", "--as-of", LATER, as_of=LATER)
    both("delivered", "--printed", "--letter", letter, "--as-of", LATER, letters=letter, state="1", as_of=LATER)
    both("undo", "--payer", "00017", "--reason", "paid by card", "--as-of", LATER, payer="00017", reason="paid by card", as_of=LATER)
    both("config import", "rules.toml", file="rules.toml")
    both("config law", "FR", "DE", countries="FR DE")
    both("payments apply", "--apply", "--as-of", LATER, command="payments", as_of=LATER)
    both("verify")
    both.same()
