"""What a letter claims beside its lines: default interest, lump sums, fees of lines and of the letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from rules.fees import charges
from rules.interest import interest, lump_sums, periods, terms_of, used_rates
from rules.model import DocumentKind, Level, Regime
from rules.records import Records, received
from rules.ruleset import Bools, Ints, Ruleset
from rules.standing import KEY, charged, coded, compensated, document_key, item_key, noticed, positions

COLUMNS = ["interest_minor", "fee_minor", "lump_sum_minor"]
SAID = {"converted": "warn_fee_converted", "no_rate": "warn_fee_no_rate"}  # what a reviewer is told of fees and lump sums


def named_by_level(ruleset: Ruleset, name: Callable[[Level], str], method: Ints, level: Ints) -> pd.Series:
    """The fee or regime that the level of each line names, "" when none: as a category, because few names serve many lines."""
    names = ["", *sorted({name(step) for step in ruleset.levels} - {""})]
    of = ruleset.of_levels(lambda step: names.index(name(step)))
    return pd.Series(pd.Categorical.from_codes(of[method, level], categories=pd.Index(names, dtype="str")))


def claims_of(records: Records, found: pd.DataFrame, level: Ints, ruleset: Ruleset) -> pd.DataFrame:
    """The lines as `rules.interest` wants them: with the regime that governs each, and the notice that may start it. Lines of fees bear none."""
    ledger, at = records.ledger, found["payer_at"].to_numpy()
    payers = records.payer_rows
    by_level = named_by_level(ruleset, lambda step: step.regime, found["method_at"].to_numpy(), level)
    bearing = (by_level != "").to_numpy() & (ledger["kind"] != DocumentKind.FEE).to_numpy() & (level > 0)
    columns = [column.astype("category").cat for column in (ledger["law"], payers["law"], by_level)]
    names = pd.Index(["", *sorted({str(name) for of in columns for name in of.categories} - {""})])
    own, payers_law, levels = (np.append(names.get_indexer(of.categories), 0)[of.codes.to_numpy()] for of in columns)
    governing = np.where(own > 0, own, np.where(payers_law[at] > 0, payers_law[at], levels))
    country = payers["country"].where(payers["country"] != "", ruleset.settings.company_country)
    made = pd.DataFrame(
        {
            "document": ledger["document"].to_numpy(), "open_minor": ledger["open_minor"].to_numpy(),
            "currency": ledger["currency"].to_numpy(), "due": found["due"].to_numpy(),
            "regime": pd.Categorical.from_codes(np.where(bearing, governing, 0), categories=names),
            **{c: pd.Categorical.from_codes(v.cat.codes.to_numpy()[at], categories=v.cat.categories)
               for c, v in (("country", country.astype("category")), *((n, payers[n].astype("category")) for n in ("region", "customer_type")))},
        }
    )  # fmt: skip
    made["notice"] = np.datetime64("NaT", "s")
    for notice in sorted({r.notice_level for r in ruleset.regimes if r.start == "after_notice"}):
        regimes = [r.regime for r in ruleset.regimes if r.start == "after_notice" and r.notice_level == notice]
        here = made["regime"].isin(regimes).to_numpy()
        made.loc[here, "notice"] = noticed(ledger[here], records.history, notice)
    return made


def interest_periods(records: Records, found: pd.DataFrame, level: Ints, ruleset: Ruleset, as_of: date) -> pd.DataFrame:
    """How the interest of lines at these levels comes about: `rules.interest.periods`, where `at` is the position in the ledger of `records`."""
    return periods(claims_of(records, found, level, ruleset), payments_of(records), ruleset, as_of)


def interest_terms(records: Records, found: pd.DataFrame, level: Ints, ruleset: Ruleset, as_of: date) -> dict[int, Regime]:
    """The row of the interest regime that rules each of these lines, by its position in the ledger of `records`; lines without interest have none."""
    return terms_of(claims_of(records, found, level, ruleset), payments_of(records), ruleset, as_of)


def payments_of(records: Records) -> pd.DataFrame:
    """The payments on the lines of the ledger as `rules.interest` wants them: at (position of the line), date, amount_minor.

    What is open and what was paid never come to more than the document: of payments that an export does not show yet, or that stand there twice, the
    latest count as far as there is room. A document of unknown amount has no such bound.
    """
    paid = received(records.payments)
    at = positions(item_key(paid), item_key(records.ledger)) if len(paid) else np.zeros(0, dtype="int64")
    paid = paid[["date", "amount_minor"]].assign(at=at)[at >= 0].sort_values("date", ascending=False, kind="stable")
    whole, still = (records.ledger[c].to_numpy()[paid["at"]] for c in ("original_minor", "open_minor"))
    before = paid.groupby("at")["amount_minor"].cumsum().to_numpy() - paid["amount_minor"].to_numpy()
    room = np.where(whole > 0, np.maximum(whole - still - before, 0), paid["amount_minor"])
    paid["amount_minor"] = np.minimum(paid["amount_minor"], room)
    return paid[paid["amount_minor"] > 0]


def line_charges(records: Records, found: pd.DataFrame, level: Ints, ruleset: Ruleset, as_of: date) -> tuple[pd.DataFrame, list[int]]:
    """Interest, fee, lump sum (minor units), regime, and the flags of `SAID`, of lines that stand on a letter at these levels; index of the ledger.

    Answers also the positions in `ruleset.rates` of the rates the interest comes from. `records.ledger` and `found` hold just these lines. A lump sum
    is due once per document: the first of its lines that bear interest, by due date and instalment, carries it. Raises RateMissing for interest on
    a day without a rate.
    """
    ledger = records.ledger
    claims = claims_of(records, found, level, ruleset)
    made = pd.DataFrame({name: np.zeros(len(ledger), dtype="int64") for name in COLUMNS})
    made["regime"] = claims["regime"]
    made[list(SAID)] = False
    rates: list[int] = []
    if (claims["regime"] != "").any():
        paid = payments_of(records)
        made["interest_minor"] = interest(claims, paid, ruleset, as_of).to_numpy()
        rates = used_rates(claims, paid, ruleset, as_of)
        sums = lump_sums(claims, paid, ruleset, as_of)
        bears = (sums != "").to_numpy() & ~compensated(ledger, records.history)
        sums = sums.where(_first_of_document(ledger, found, bears), "")
        base = ledger["original_minor"].where(ledger["original_minor"] > 0, ledger["open_minor"])
        _charge(made, "lump_sum_minor", charges(sums, base.set_axis(made.index), claims["currency"], ruleset))
    fee = named_by_level(ruleset, lambda step: step.line_fee, found["method_at"].to_numpy(), level)
    if (fee != "").any():
        bears = (fee != "").to_numpy() & (ledger["kind"] != DocumentKind.FEE).to_numpy()
        bears &= ~charged(ledger[list(KEY)].assign(level=level), records.history)
        fee = fee.astype("str").where(bears, "")
        _charge(made, "fee_minor", charges(fee, ledger["open_minor"].set_axis(made.index), claims["currency"], ruleset))
        made["fee_minor"] = made["fee_minor"].where(_first_of_document(ledger, found, (made["fee_minor"] > 0).to_numpy(), level), 0)
    return made.set_axis(ledger.index), rates


def _charge(made: pd.DataFrame, column: str, charged_now: pd.DataFrame) -> None:
    made[column] = charged_now["fee_minor"]
    for said in SAID:
        made[said] |= charged_now[said]


def _first_of_document(ledger: pd.DataFrame, found: pd.DataFrame, bearing: Bools, level: Ints | int = 0) -> Bools:
    """The bearing line of each document (and level) that comes first by due date and instalment."""
    document = pd.factorize(coded(document_key(ledger)) * 10 + level)[0]
    if document.max(initial=-1) + 1 == len(ledger):
        return bearing
    order = ledger[["instalment"]].assign(due=found["due"].to_numpy(), document=document, at=np.arange(len(ledger)))[bearing]
    order = order.sort_values(["document", "due", "instalment"], kind="stable")
    first = np.zeros(len(ledger), dtype=bool)
    first[order.drop_duplicates("document")["at"]] = True
    return first


def letter_fees(letters: pd.DataFrame, method: Ints, level: Ints, fee_lines_minor: Ints, ruleset: Ruleset) -> pd.DataFrame:
    """The fee of each letter as `rules.fees.charges` answers it.

    `letters` have currency, overdue_minor and credits_minor; the lines of earlier fees on them (`fee_lines_minor`) bear none.
    """
    net = letters["overdue_minor"].to_numpy() + letters["credits_minor"].to_numpy()
    fee = named_by_level(ruleset, lambda step: step.fee, method, level).astype("str")
    least = ruleset.of_methods("fee_minimum_minor")[method]
    worth, known = ruleset.worth(net, letters["currency"])
    fee = fee.where((least == 0) | (known & (worth >= least)), "")
    return charges(fee, pd.Series(net - fee_lines_minor), letters["currency"].reset_index(drop=True), ruleset)
