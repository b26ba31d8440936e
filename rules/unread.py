"""Which lines of the ledger the rows of an export may be about that could not be read: no such line counts as paid.

A row that names its document holds the lines of that document. One that does not, holds the lines of its payer, or any line when the payer could not
be read either; of them those alone that agree in due date and amount, where there are any. A row whose columns have moved holds the line whose
number stands in any of its cells. Leading zeros, which a spreadsheet takes away, make no difference.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from rules.ruleset import Bools
from rules.standing import SEPARATOR, joined, payer_key
from rules.zeros import short

UNREAD = ("company", "payer", "document", "due_date", "open_minor", "cells")
_WITHIN = rf"[;,|\s{SEPARATOR}]+"  # what separates numbers where a line break or a quote joined several fields to one


def unread_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame as `held` takes it: company, payer, document ("" = not read), due_date, open_minor (missing = not read), cells ("" = in their columns).

    `cells`: what the row holds, when its columns have moved, joined by SEPARATOR.
    """
    whole = frame.reindex(columns=list(UNREAD)).reset_index(drop=True)
    texts = {name: whole[name].astype("object").fillna("").astype("str") for name in ("company", "payer", "document", "cells")}
    return whole.assign(**texts, due_date=whole["due_date"].astype("datetime64[s]"), open_minor=whole["open_minor"].astype("Int64"))


def held(unread: pd.DataFrame, lines: pd.DataFrame) -> Bools:
    """Which `lines` (rows of `AssessedItem` that the export does not have) the rows `unread` may be about."""
    rows, lines = (frame.assign(payer=short(frame["payer"]), document=short(frame["document"])) for frame in (unread_rows(unread), lines))
    moved, named = rows["cells"] != "", rows["document"] != ""
    found = _by_document(rows[named & ~moved], lines)
    for at in (_by_cells(rows[moved], lines), _by_evidence(rows[~named & ~moved], lines)):
        found[at] = True
    return found


def _by_document(rows: pd.DataFrame, lines: pd.DataFrame) -> Bools:
    """Lines whose company, payer and document a row names; a row without payer may be anybody's."""
    document, nobody = ["company", "payer", "document"], rows["payer"] == ""
    known = joined(lines, document).isin(joined(rows[~nobody], document))
    anybodys = joined(lines, ["company", "document"]).isin(joined(rows[nobody], ["company", "document"]))
    return (known | anybodys).to_numpy(dtype=bool, copy=True)


def _by_cells(rows: pd.DataFrame, lines: pd.DataFrame) -> np.ndarray:
    """Positions of the lines whose document stands in a cell of a row, of its payer if that stands there too; else of the lines of such a payer."""
    cells = pd.concat([rows["cells"].str.split(SEPARATOR), rows["cells"].str.split(_WITHIN, regex=True)]).explode().rename("text")
    said = cells.rename_axis("row").reset_index()
    said = said.assign(text=short(said["text"].astype("str"))).drop_duplicates()
    at = pd.DataFrame({"document": lines["document"].to_numpy(), "payer": lines["payer"].to_numpy(), "line": np.arange(len(lines))})
    by_payer = said.merge(at, left_on="text", right_on="payer")
    both = said.merge(at, left_on="text", right_on="document")
    both["sure"] = both.set_index(["row", "line"]).index.isin(by_payer.set_index(["row", "line"]).index)
    both = both[both["sure"] == both.groupby("row")["sure"].transform("max")]
    return pd.concat([both["line"], by_payer.loc[~by_payer["row"].isin(both["row"]), "line"]]).unique()


def _by_evidence(rows: pd.DataFrame, lines: pd.DataFrame) -> np.ndarray:
    """Positions of the lines that rows without a document may be about: those of equal due date and amount, else all of the payer, or of everybody.

    A row that has neither payer nor due date is more likely a sum: lines of its amount alone.
    """
    at = lines[["company", "due_date"]].assign(key=payer_key(lines), open_minor=lines["open_minor"].astype("Int64"), line=np.arange(len(lines)))
    known, summed = rows["payer"] != "", (rows["payer"] == "") & rows["due_date"].isna()
    rows = rows.assign(key=payer_key(rows), row=np.arange(len(rows)))
    found = [rows[summed].merge(at, on=["company", "open_minor"])["line"]]
    for some, whose in ((rows[known], "key"), (rows[~known & ~summed], "company")):
        alike = some.merge(at, on=[whose, "due_date", "open_minor"])
        rest = some[~some["row"].isin(alike["row"])]
        found += [alike["line"], at["line"][at[whose].isin(rest[whose])]]
    return pd.concat(found).unique()
