"""Which line of the ledger a line of an export is: by its key, by its due date, by what else stayed the same, or under another payer.

An instalment that its due date alone tells is recognised by that date when its brothers came or went, and by its amount when the date itself was
changed; of several equal ones the earliest were paid. What then is left alone on both sides of a document is one line. A document that moved to
another payer is recognised by its date and amount.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from rules.standing import KEY, Positions, text_key

SAME_DOCUMENT = ("company", "payer", "document", "document_date", "currency")
BY_DATE = r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2})?"  # an instalment that the importer named after its due date, or did not name


def matched(old: pd.DataFrame, new: pd.DataFrame) -> tuple[Positions, npt.NDArray[np.bool_]]:
    """For each row of `new` the position of its row of `old`, or -1; and whether it was found under another payer."""
    match = np.full(len(new), -1, dtype="int64")
    moved = np.zeros(len(new), dtype=bool)
    if not len(old) or not len(new):
        return match, moved

    def left(old_may: npt.NDArray[np.bool_], new_may: npt.NDArray[np.bool_]) -> tuple[Positions, Positions]:
        free = np.ones(len(old), dtype=bool)
        free[match[match >= 0]] = False
        return np.flatnonzero(free & old_may), np.flatnonzero((match < 0) & new_may)

    def pair(names: Sequence[str], old_may: npt.NDArray[np.bool_], new_may: npt.NDArray[np.bool_], *, once: bool) -> Positions:
        olds, news = left(old_may, new_may)
        if not len(olds) or not len(news):
            return news[:0]
        old_key, new_key = text_key(old.iloc[olds], names), text_key(new.iloc[news], names)
        single = ~old_key.duplicated(keep=False if once else "first").to_numpy()
        here = pd.Index(old_key[single]).get_indexer(pd.Index(new_key))
        found = here >= 0
        if once:
            found &= ~new_key.duplicated(keep=False).to_numpy()
        match[news[found]] = olds[single][here[found]]
        return news[found]

    def in_turn(names: Sequence[str], old_may: npt.NDArray[np.bool_], new_may: npt.NDArray[np.bool_]) -> None:
        """Pairs equal lines in the order of their due dates; of more old ones than new ones the first were paid."""
        olds, news = left(old_may, new_may)
        if not len(olds) or not len(news):
            return
        theirs, ours = (
            frame.iloc[at][["due_date"]].assign(key=text_key(frame.iloc[at], names), at=at).sort_values(["due_date", "at"])
            for frame, at in ((old, olds), (new, news))
        )
        paid = (theirs["key"].map(theirs["key"].value_counts()) - theirs["key"].map(ours["key"].value_counts()).fillna(0)).clip(lower=0)
        theirs["turn"], ours["turn"] = theirs.groupby("key").cumcount() - paid, ours.groupby("key").cumcount()
        both = ours.merge(theirs, on=["key", "turn"], suffixes=("", "_old"))
        match[both["at"]] = both["at_old"]

    everywhere = np.ones(len(old), dtype=bool), np.ones(len(new), dtype=bool)
    pair(KEY, *everywhere, once=False)
    dated = [_told_by_date(frame) for frame in (old, new)]
    pair(["company", "payer", "document", "due_date"], *dated, once=True)
    for amount in ("open_minor", "original_minor"):
        in_turn([*SAME_DOCUMENT, amount], *dated)
    pair(SAME_DOCUMENT, *dated, once=True)
    moved[pair(["company", "document", "instalment", "document_date", "currency", "original_minor"], *everywhere, once=True)] = True
    return match, moved


def _told_by_date(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Rows without an instalment, or whose instalment is a due date: the importer names them so when one document has several."""
    return (frame["instalment"].str.fullmatch(BY_DATE) & frame["due_date"].notna()).to_numpy(dtype=bool)
