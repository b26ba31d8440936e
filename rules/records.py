"""What is told, besides the rules: the ledger, its payers, its history, what was paid, promised and agreed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rules.dates import day, days
from rules.model import HistoryEntry, Instalment, Payer, Payment, Plan, PlanState, Promise, PromiseState
from rules.row import empty, typed
from rules.standing import document_key, item_key, payer_key, positions


def received(payments: pd.DataFrame) -> pd.DataFrame:
    """The payments (rows of `Payment`) that are money: without what was used of a credit, and without what was taken back."""
    return payments[(payments["amount_minor"] > 0).to_numpy()]


@dataclass(frozen=True)
class Records:
    """Typed frames of the row models; all but the ledger may be left out.

    The ledger (rows of `OpenItem` or `AssessedItem`) is the one that is assessed: a plan that runs has its instalments in it as lines of their own
    (`rules.contacts.unfolded`).
    """

    ledger: pd.DataFrame
    payers: pd.DataFrame = field(default_factory=lambda: empty(Payer))
    history: pd.DataFrame = field(default_factory=lambda: empty(HistoryEntry))
    payments: pd.DataFrame = field(default_factory=lambda: empty(Payment))
    promises: pd.DataFrame = field(default_factory=lambda: empty(Promise))
    plans: pd.DataFrame = field(default_factory=lambda: empty(Plan))
    instalments: pd.DataFrame = field(default_factory=lambda: empty(Instalment))

    @cached_property
    def payer_rows(self) -> pd.DataFrame:
        """The payers, each once, and at the end the defaults for those without a row: position -1 finds them. Codes are text."""
        known = self.payers.drop_duplicates(["company", "payer"])
        codes = dict.fromkeys([c for c in known if isinstance(known[c].dtype, pd.CategoricalDtype)], "str")
        default = typed(pd.DataFrame(index=[0]), Payer).astype(codes)
        return pd.concat([known.astype(codes), default], ignore_index=True)

    def only(self, rows: npt.NDArray[Any]) -> Records:
        """The same with these rows of the ledger alone, by position or as a mask."""
        return replace(self, ledger=self.ledger.iloc[rows])

    def about(self, rows: npt.NDArray[Any]) -> Records:
        """The same with these rows of the ledger alone, and what happened to their payers alone: few lines are answered quickly."""
        mine = self.only(rows)
        return replace(mine, history=self.history[payer_key(self.history).isin(payer_key(mine.ledger))])

    def on(self, as_of: date) -> Records:
        """What was known at the end of a past day: no later document, reminder, call, undo, payment, promise or plan.

        What was paid later is open again on its line, what was used of a credit later is on it again. What was paid or used in full has left the
        ledger since and does not come back: `gone` counts it. A document that stands under another payer or in another currency since stands there.
        Promises that had not run out and plans are open again, for `rules.contacts.current` to find their state. What people typed on a line or a
        payer carries no date and stays.
        """
        today, paid_later = day(as_of), days(self.payments["date"]) > day(as_of)
        ledger, late = self.ledger, self.payments[paid_later]
        opened, at = ledger["open_minor"].to_numpy(copy=True), self._lines_of(late)
        np.add.at(opened, at[at >= 0], late["amount_minor"].to_numpy()[at >= 0])
        promises = self.promises[days(self.promises["date"]) <= today]
        running = days(promises["until"]) + promises["tolerance_days"].to_numpy(dtype="int64") >= today
        plans = self.plans[days(self.plans["agreed_on"]) <= today]
        instalments = self.instalments[positions(self.instalments["plan"].astype("str"), plans["plan"]) >= 0]
        anew = plans["plan"][positions(document_key(plans), document_key(late)) >= 0]
        counted = instalments["paid_minor"].mask(instalments["plan"].isin(anew), 0)  # what came in until the day is among the payments
        return replace(
            self,
            ledger=ledger.assign(open_minor=opened)[~(days(ledger["document_date"]) > today)].reset_index(drop=True),
            history=self.history[days(self.history["date"]) <= today],
            payments=self.payments[~paid_later].reset_index(drop=True),
            promises=typed(promises.assign(state=promises["state"].astype("str").mask(running, str(PromiseState.OPEN))), Promise),
            plans=typed(plans.assign(state=str(PlanState.RUNNING)), Plan),
            instalments=instalments.assign(paid_minor=counted),
        )

    def gone(self, as_of: date) -> pd.DataFrame:
        """The payments after a day on lines, invoices and credits, that have left the ledger: what they cleared cannot be told any more."""
        late = self.payments[days(self.payments["date"]) > day(as_of)]
        return late[self._lines_of(late) < 0]

    def _lines_of(self, payments: pd.DataFrame) -> npt.NDArray[np.int64]:
        """Position of the line that each payment is on, the invoice for an instalment of a plan that is no longer there; -1 where both have left."""
        keys = item_key(self.ledger)
        at = positions(item_key(payments), keys)
        return np.where(at >= 0, at, positions(item_key(payments.assign(instalment="")), keys))
