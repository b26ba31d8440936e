"""Which companies an export speaks of: where the ledger has lines of others, it is asked once whether they were paid."""

from __future__ import annotations

import pandas as pd

from addin.report import count
from addin.sources import which_company
from rules.errors import LedgerError
from rules.findings import Finding
from rules.model import Severity
from workbook.ledgers import Choice, Export, Unclear

OWN, WHOLE = "own", "whole"


def elsewhere(name: str, export: Export, standing: pd.DataFrame) -> pd.DataFrame:
    """The lines of the ledger that the export `name` says nothing about: those of companies that it does not have, when it covers its own alone.

    Raises Unclear where nobody said so yet, and where an export without company meets lines of companies.
    """
    said, companies = export.answers.scope, sorted(set(standing["company"].astype(str)))
    if said not in ("", OWN, WHOLE):
        raise LedgerError(f"The scope {said!r} is unknown. Expected: {OWN} (the export covers the companies it has) or {WHOLE} (the whole ledger).")
    if not export.companies or not len(standing):
        return standing.iloc[:0]
    if export.companies <= {""} and "" not in companies:
        raise which_company(name, "the ledger has lines of companies", companies)
    others = standing[~standing["company"].isin(list(export.companies))]
    if said == OWN or not len(others):
        return others
    if not said:
        raise _question(name, export, others)
    return others.iloc[:0]


def _question(name: str, export: Export, others: pd.DataFrame) -> Unclear:
    ours, theirs = (_named(companies) for companies in (export.companies, set(others["company"].astype(str))))
    lines = count(len(others), "line")
    return Unclear(
        f"{name} has lines of {ours} only, and the ledger has {lines} of {theirs}. Does the export cover its own companies, so that the other "
        f"lines stay as they are, or the whole ledger, so that they were paid?",
        "scope",
        (Choice(OWN, f"its own companies: {lines} of {theirs} stay as they are"), Choice(WHOLE, f"the whole ledger: {lines} of {theirs} were paid")),
    )  # fmt: skip


def _named(companies: set[str] | frozenset[str]) -> str:
    return ", ".join(company or "no company" for company in sorted(companies))


def remark(name: str, others: pd.DataFrame) -> list[Finding]:
    """A note that lines of other companies stayed as they were."""
    if not len(others):
        return []
    values = {"count": len(others), "companies": _named(set(others["company"].astype(str)))}
    return [Finding("other_companies", Severity.NOTE, place=name, values=values)]
