"""The registry: which table of the workbook holds which row model, on which sheet, with which columns for people to fill.

Builder, readers, writers, dropdowns, documents and the schema version derive from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from rules import model
from rules.merge import PERSONS
from rules.row import Column, Row, columns

SCHEMA = "3"  # raised when a table or a column is added, removed or changes its meaning


@dataclass(frozen=True)
class Table:
    """Placement of one row model. `typed`: columns that people fill (coloured as input); the rest is written by commands.

    `dormant`: nothing reads or fills the table in this version: its sheet (on Config its columns) is hidden.
    """

    model: type[Row]
    sheet: str  # key of the sheet's title in the words; several tables may share a sheet, side by side
    typed: frozenset[str] = frozenset()
    dormant: bool = False

    @property
    def key(self) -> str:
        """Stable ASCII name: `AssessedItem` -> `ledger` is given by the sheet where a sheet has one table, else by the model."""
        return NAMES[self.model]

    @property
    def excel_name(self) -> str:
        """Name of the Excel table: `tblLedger`; never translated."""
        return "tbl" + "".join(part.capitalize() for part in self.key.split("_"))

    def cell_name(self, column: Column) -> str:
        """Hidden defined name on the header cell that binds the column: `dunning.col.ledger.due_date`."""
        return f"dunning.col.{self.key}.{column.name}"


NAMES: dict[type[Row], str] = {
    model.Setting: "settings", model.Method: "methods", model.Level: "levels", model.Fee: "fees", model.Regime: "regimes", model.Rate: "rates",
    model.Rating: "ratings", model.Currency: "currencies", model.Term: "terms", model.ReasonCode: "reasons", model.Profile: "profiles",
    model.Selection: "selections", model.MailText: "mail_texts", model.LedgerChange: "changes",
    model.Receipt: "receipts", model.Payer: "payers", model.AssessedItem: "ledger", model.Proposal: "proposal",
    model.ProposalLine: "proposal_lines", model.HistoryEntry: "history", model.CollectionCase: "collection", model.Payment: "payments",
    model.Call: "calls", model.FollowUp: "follow_ups", model.Promise: "promises", model.Plan: "plans", model.Instalment: "instalments",
    model.AgendaEntry: "agenda", model.CreditDecision: "credit", model.Statement: "statements", model.Ageing: "ageing", model.Movement: "movement",
    model.Provision: "provision", model.KeyFigure: "key_figures", model.FindingRow: "findings", model.About: "about", model.Total: "totals",
}  # fmt: skip


def _all(row: type[Row]) -> frozenset[str]:
    return frozenset(c.name for c in columns(row))


PERSONS_ON_LEDGER = frozenset(PERSONS)
PERSONS_ON_PROPOSAL = frozenset({"decision", "decision_note", "level", "template", "channel", "deadline", "fee_minor", "interest_minor"})

TABLES: tuple[Table, ...] = (
    Table(model.Total, "home"),
    Table(model.AssessedItem, "ledger", PERSONS_ON_LEDGER),
    Table(model.Payer, "payers", _all(model.Payer) - {"company", "payer"}),
    Table(model.Proposal, "proposal", PERSONS_ON_PROPOSAL),
    Table(model.ProposalLine, "proposal_lines"),
    Table(model.HistoryEntry, "history"),
    Table(model.CollectionCase, "collection", frozenset({"decision", "decision_note"})),
    Table(model.FindingRow, "findings"),
    Table(model.LedgerChange, "changes"),
    Table(model.Receipt, "receipts", frozenset({"company", "payer", "document", "instalment", "amount_minor", "state"})),
    Table(model.Payment, "payments", _all(model.Payment)),
    Table(model.Call, "calls", _all(model.Call)),
    Table(model.FollowUp, "follow_ups", _all(model.FollowUp)),
    Table(model.Promise, "promises", _all(model.Promise) - {"confirmation"}),
    Table(model.Plan, "plans", _all(model.Plan) - {"confirmation"}),
    Table(model.Instalment, "instalments", _all(model.Instalment)),
    Table(model.AgendaEntry, "agenda", dormant=True),
    Table(model.CreditDecision, "credit", dormant=True),
    Table(model.Statement, "statements"),
    Table(model.Ageing, "ageing", dormant=True),
    Table(model.Movement, "movement", dormant=True),
    Table(model.Provision, "provision", frozenset({"percent", "note"}), dormant=True),
    Table(model.KeyFigure, "key_figures", dormant=True),
    Table(model.Setting, "config", frozenset({"value"})),
    Table(model.Method, "config", _all(model.Method)),
    Table(model.Level, "config", _all(model.Level)),
    Table(model.Currency, "config", _all(model.Currency)),
    Table(model.Term, "config", _all(model.Term)),
    Table(model.ReasonCode, "config", _all(model.ReasonCode)),
    Table(model.Profile, "config", _all(model.Profile)),
    Table(model.Fee, "config", _all(model.Fee)),
    Table(model.Regime, "config", _all(model.Regime)),
    Table(model.Rate, "config", _all(model.Rate)),
    Table(model.Rating, "config", _all(model.Rating), dormant=True),
    Table(model.Selection, "config", _all(model.Selection)),
    Table(model.MailText, "config", _all(model.MailText)),
    Table(model.About, "about"),
)
CONFIG: tuple[Table, ...] = tuple(t for t in TABLES if t.sheet == "config")


def table(row: type[Row]) -> Table:
    """The table that holds `row`; KeyError when the workbook has none."""
    return {t.model: t for t in TABLES}[row]
