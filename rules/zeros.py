"""Numbers that an export and the ledger write with and without leading zeros: the same payer or document where more than the number says so.

A spreadsheet takes the zeros away, and nothing says how many there were; so none is ever added. A number of the export that the ledger does not know
is taken for one that it does know, alike but for leading zeros, when no other is: a payer when the name is the same too, or a document of both; a
document of one payer when a date or the original amount is the same too. The ledger keeps its own spelling, by which letters and levels go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rules.references import names
from rules.standing import document_key, joined, payer_key, positions

FIGURES = "[0-9]+"
EVIDENCE = ("document_date", "due_date", "original_minor")


@dataclass(frozen=True)
class Respelt:
    """The numbers of an export that the ledger spells otherwise: `payers` company, payer, known; `documents` company, payer, document, known.

    The payer of `documents` is as the ledger spells it. `twins`: as `payers`, for those that are alike but for zeros, and nothing more says so.
    """

    payers: pd.DataFrame
    documents: pd.DataFrame
    twins: pd.DataFrame

    def of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame with company and payer, perhaps document, as the ledger spells them."""
        for told, key, name in ((self.payers, ["company", "payer"], "payer"), (self.documents, ["company", "payer", "document"], "document")):
            if len(told) and name in frame:
                at = positions(joined(frame, key), joined(told, key))
                known = np.append(told["known"].to_numpy(dtype=object), "")[at]
                frame = frame.assign(**{name: pd.Series(np.where(at >= 0, known, frame[name]), index=frame.index, dtype="str")})
        return frame


def respelt(items: pd.DataFrame, ledger: pd.DataFrame, payers: pd.DataFrame) -> Respelt:
    """Which numbers of `items` (rows of `OpenItem`) the ledger (of `AssessedItem`) and the sheet of the payers (of `Payer`) spell otherwise."""
    by_payer, twins = _payers(items, ledger, payers)
    made = Respelt(by_payer, pd.DataFrame({c: pd.Series(dtype="str") for c in ("company", "payer", "document", "known")}), twins)
    return Respelt(by_payer, _documents(made.of(items), ledger), twins)


def short(numbers: pd.Series) -> pd.Series:
    """Numbers without leading zeros; what is no number stays."""
    figures, bare = numbers.str.fullmatch(FIGURES), numbers.str.lstrip("0")
    return numbers.where(~figures, bare.where(bare != "", "0"))


def _payers(items: pd.DataFrame, ledger: pd.DataFrame, payers: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    columns = ["company", "payer", "name"]
    said = items.rename(columns={"payer_name": "name"})[columns].drop_duplicates(["company", "payer"])
    known = pd.concat([payers[columns], ledger.rename(columns={"payer_name": "name"})[columns]]).drop_duplicates(["company", "payer"])
    both = _alike(said, known, ["company"], "payer")
    if both.empty:
        return both[["company", "payer", "known"]], both[["company", "payer", "known"]]
    there = positions(joined(both, ["company", "known"]), payer_key(said)) >= 0
    called = (names(both["name"]) == names(both["name_known"])) & (names(both["name"]) != "") & (short(both["name"]) != short(both["payer"]))
    mine, theirs = (_short_documents(frame, both, name) for frame, name in ((items, "payer"), (ledger, "known")))
    common = both["at"].isin(mine.merge(theirs)["at"])
    proven = common | (called & ~there)
    return both.loc[proven, ["company", "payer", "known"]], both.loc[~proven & ~there, ["company", "payer", "known"]]


def _short_documents(frame: pd.DataFrame, both: pd.DataFrame, name: str) -> pd.DataFrame:
    """at (of the pair of payers), document without zeros, currency, document_date of the lines of the payers in the column `name`."""
    of = both[["at", "company", name]].rename(columns={name: "payer"})
    lines = frame[["company", "payer", "document", "currency", "document_date"]].astype({"currency": "str"}).merge(of, on=["company", "payer"])
    return lines.assign(document=short(lines["document"]))[["at", "document", "currency", "document_date"]].drop_duplicates()


def _documents(items: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    columns = ["company", "payer", "document"]
    here = positions(document_key(ledger), document_key(items)) >= 0  # the export writes it as the ledger does
    both = _alike(items[columns].drop_duplicates(), ledger.loc[~here, columns].drop_duplicates(), ["company", "payer"], "document")
    if both.empty:
        return both[[*columns, "known"]]
    said = items.merge(both, on=columns)[["at", "currency", *EVIDENCE]].astype({"currency": "str"})
    old = ledger.rename(columns={"document": "known"}).merge(both, on=["company", "payer", "known"])[["at", "currency", *EVIDENCE]]
    pairs = said.merge(old.astype({"currency": "str"}), on=["at", "currency"], suffixes=("", "_old"))
    equal = np.logical_or.reduce([(pairs[name] == pairs[f"{name}_old"]).to_numpy(dtype=bool) for name in EVIDENCE])
    return both.loc[both["at"].isin(pairs["at"][equal]), [*columns, "known"]]


def _alike(said: pd.DataFrame, known: pd.DataFrame, within: Sequence[str], name: str) -> pd.DataFrame:
    """Numbers `said` that are not `known`, each with the one that is, alike but for zeros: as `said`, with known and at; its own as …_known."""
    new = said[positions(joined(said, [*within, name]), joined(known, [*within, name])) < 0]
    key = [*within, "short"]
    new, old = (frame[frame[name].str.fullmatch(FIGURES)].assign(short=lambda f: short(f[name])) for frame in (new, known))
    new, old = (frame[~frame.duplicated(key, keep=False)] for frame in (new, old))
    both = new.merge(old.assign(known=old[name]), on=key, suffixes=("", "_known"))
    return both.assign(at=np.arange(len(both)))
