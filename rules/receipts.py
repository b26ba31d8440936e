"""Which open lines the money on a bank statement pays: found exactly, proposed with the reason, or not found. Whole-column.

Exact is a document that is named and whose open amount is just what came, or all documents named when their sum, less the credits named, is, or
documents and amounts as the payer states them in structured remittance. Everything else is for a person: another amount, a name and an amount
without a number, money that went back, a second receipt for the same document. What was booked by the day of the ledger is in the export already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from rules.dates import Days, day, days
from rules.model import Match, Receipt, ReceiptState
from rules.plans import folded, of_plan
from rules.references import document_keys, found, pairs, payers_named, plain, structured
from rules.row import Language, typed
from rules.ruleset import Bools
from rules.standing import KEY, coded, document_key, item_key, payer_key, positions
from rules.words import text
from rules.written import Amount

RANKS = (Match.STRUCTURED, Match.END_TO_END, Match.NUMBER)
FOUND = ["at", "line", "amount_minor", "match", "code", "exact", "owed_minor"]  # owed: what all the documents named have open


@dataclass(frozen=True)
class Entries:
    """What bank statements say, one row per receipt.

    `lines`: receipt, date (value date), booked_on, currency, received_minor (negative: it went back), debtor, on_behalf_of, text, end_to_end,
    `returned` (a reversal or chargeback), `undivided` (a batch whose transactions do not add up), file. `references`: `at` (position in `lines`),
    number, remitted_minor (Int64; missing when no amount is stated).
    """

    lines: pd.DataFrame
    references: pd.DataFrame


def payable(ledger: pd.DataFrame) -> pd.DataFrame:
    """The lines of the ledger as receipts pay them: an instalment of a plan goes by the instalment of its invoice."""
    made, whole = of_plan(ledger), folded(ledger)
    lines = ledger[[*KEY, "payer_name", "currency", "open_minor", "due_date", "reference"]]
    if made.any():
        at = positions(document_key(lines[made]), document_key(whole))
        instalment = lines["instalment"].astype("object").to_numpy(copy=True)
        instalment[made] = np.where(at >= 0, whole["instalment"].to_numpy(dtype=object)[at], instalment[made])
        lines = lines.assign(instalment=instalment).astype({"instalment": "str"})
    return lines.reset_index(drop=True)


def quoted(lines: pd.DataFrame, letters: pd.DataFrame) -> pd.DataFrame:
    """What the letters asked payers to quote, "payer/run", for each line they list: `line`, `reference`. `letters`: entries of the history."""
    told = letters.assign(reference=letters["payer"].str.cat(letters["run"], sep="/"), key=item_key(letters))
    lines = pd.DataFrame({"key": item_key(lines), "line": np.arange(len(lines))})
    return told[["key", "reference"]].merge(lines, on="key")[["line", "reference"]]


def matched(
    entries: Entries,
    lines: pd.DataFrame,
    payers: pd.DataFrame,
    letters: pd.DataFrame,
    ledger_as_of: date,
    language: Language,
    exported_on: pd.Series | None = None,
) -> pd.DataFrame:
    """Rows of `Receipt`, those of a receipt together in the order of the entries; exact ones have the state "apply".

    A further column, `verdict`, is the key of the text `why`.

    `lines`: of `payable`. `letters`: of `quoted`. `ledger_as_of`: the export has what was booked by then; `exported_on`: the day of each
    line's export, where companies have exports of their own. `why` is in `language`.
    """
    money = entries.lines.reset_index(drop=True)
    said = pd.concat([money["text"], money["end_to_end"]], ignore_index=True)  # two texts of one receipt: no number goes from one to the other
    texts = money["text"].str.cat(money["end_to_end"], sep=" | ")
    people = pd.concat([money["debtor"], money["on_behalf_of"]]).rename("name").rename_axis("at").reset_index()
    known = payers_named(people, texts, lines, payers)
    named = _named(money, entries.references, said, lines, letters, known)
    told_on = np.append(days(exported_on) if exported_on is not None else np.full(len(lines), day(ledger_as_of)), day(ledger_as_of))
    numbered = _once(_by_number(money, named, lines), lines)
    rows = pd.concat([numbered, _by_name(money, known, named, _less_applied(lines, numbered, money, told_on), told_on)], ignore_index=True)
    return _told(money, rows, lines, payers, known, told_on, language)


# ---------------------------------------------------------------------------------------------------------------- by number


def _named(
    money: pd.DataFrame, references: pd.DataFrame, said: pd.Series[Any], lines: pd.DataFrame, letters: pd.DataFrame, known: pd.DataFrame
) -> pd.DataFrame:  # fmt: skip
    """The lines that receipts name, by the best of their references: at, line, rank, remitted, `clear`: the number names this document alone."""
    keys = document_keys(lines, letters)
    bodies = structured(references["number"]).rename(columns={"at": "reference"})
    bodies = bodies[bodies["key"].isin(keys["key"])]
    bodies = bodies[bodies["turn"] == bodies.groupby("reference")["turn"].transform("min")]
    of = references.iloc[bodies["reference"]]
    by_reference = bodies[["key"]].assign(at=of["at"].to_numpy(), remitted=of["remitted_minor"].to_numpy(), rank=0, weak=False)
    end_to_end = pd.DataFrame({"at": np.arange(len(money)), "key": plain(money["end_to_end"]), "rank": 1, "weak": False})
    in_text = found(said, keys["key"])
    in_text = in_text.assign(at=in_text["at"] % max(len(money), 1), rank=2)
    every = pd.concat([by_reference, end_to_end, in_text], ignore_index=True)
    every = every.merge(keys[positions(keys["key"], every["key"]) >= 0], on="key")
    every = every.astype({"at": "int64", "line": "int64", "remitted": "Int64", "weak": "bool"})
    by_payer = pairs(every["at"].to_numpy(), payer_key(lines).iloc[every["line"]].reset_index(drop=True))
    every["from_payer"] = by_payer.isin(set(pairs(known["at"].to_numpy(), known["payer"]))).to_numpy()
    every = every[~every["weak"] | every["from_payer"]]
    every = every[every["rank"] == every.groupby("at")["rank"].transform("min")]
    every["document"] = coded(document_key(lines))[every["line"]]
    every["clear"] = every["many"] | (every.groupby(["at", "key"])["document"].transform("nunique") == 1)
    same = every.groupby(["at", "line"], sort=False)
    every = same.agg({"rank": "min", "remitted": "max", "clear": "all", "from_payer": "max", "document": "first"}).reset_index()
    others = every.groupby("at")["from_payer"].transform("max") & ~every["clear"] & ~every["from_payer"]
    return every[~others].reset_index(drop=True)  # of several payers who have a document of this number, the one who paid


def _by_number(money: pd.DataFrame, named: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """What each receipt that names documents pays of them, as FOUND.

    Of a number that several companies or payers have, every document stays in the list, whatever it would get.
    """
    every = named.assign(
        open=lines["open_minor"].to_numpy()[named["line"]], due=lines["due_date"].to_numpy()[named["line"]],
        received=money["received_minor"].to_numpy()[named["at"]],
    )  # fmt: skip
    here = (lines["currency"].to_numpy(dtype=object)[every["line"]] == money["currency"].to_numpy(dtype=object)[every["at"]]).astype(bool)
    abroad = every[~here & ~every["at"].isin(every["at"][here])].drop_duplicates("at")
    every = every[here].sort_values(["at", "due", "line"], kind="stable").reset_index(drop=True)
    of, received = every.groupby("at"), every["received"]
    stated = every["remitted"].fillna(0).abs().astype("int64")  # remittance has no signs: that of the line is meant
    usable = every["remitted"].notna() & (stated > 0) & (stated <= every["open"].abs())
    signed = stated * np.sign(every["open"])
    remitted = usable.groupby(every["at"]).transform("all") & (signed.groupby(every["at"]).transform("sum") == received)
    whole = every.groupby(["at", "document"])["open"].transform("sum") == received
    fit = whole | (every["open"] == received)
    fits = every["document"].where(fit).groupby(every["at"]).transform("nunique")
    everything = (of["open"].transform("sum") == received) & (of["document"].transform("nunique") > 1) & of["clear"].transform("all")
    one, total = ~remitted & (fits == 1) & ~everything, ~remitted & (fits == 0) & everything
    oldest = ~every[fit & ~whole].duplicated(["at", "document"])
    exact = remitted | one | total
    kept = ~one | (fit & (whole | oldest.reindex(every.index, fill_value=False)))
    settled = (every["open"] == 0).groupby(every["at"]).transform("all")
    single, owed = of["document"].transform("nunique") == 1, of["open"].transform("sum")
    whose, part = ~single & ~of["clear"].transform("all"), single & (received > 0) & (received < owed)
    code = np.select(
        [remitted, total & of["open"].transform("min").lt(0), total, one, fits > 0, settled, whose, part],
        ["remitted", "fits_less", "fits_all", "fits", "several", "settled", "whose", "part"],
        default="other_amount",
    )
    every = every.assign(code=code, exact=exact, owed_minor=owed, stated=np.sign(every["open"]) * np.minimum(stated, every["open"].abs()))[kept]
    every = every.assign(amount_minor=every["stated"].where(every["stated"] != 0, _shares(every["at"], every["open"], every["received"])))
    amount = every["amount_minor"]
    first = ~every["at"].duplicated()
    every = every[(amount != 0) | (every["code"] == "whose") | (first & (amount == 0).groupby(every["at"]).transform("all"))]
    rest = abroad.assign(amount_minor=0, owed_minor=0, code="other_currency", exact=False)
    rows = pd.concat([every, rest], ignore_index=True)
    match = np.array([str(r) for r in RANKS], dtype=object)[rows["rank"].to_numpy(dtype="int64")]
    return rows.assign(match=match)[FOUND]


def _shares(at: pd.Series, open_minor: pd.Series, received: pd.Series) -> pd.Series[Any]:
    """What receipts (`at`) pay of their lines, in the order of these: as much as came and the credits add, and of the credits what that takes."""
    owed, credit, came = open_minor.clip(lower=0), (-open_minor).clip(lower=0), received.clip(lower=0)
    owing, credits = owed.groupby(at).transform("sum"), credit.groupby(at).transform("sum")
    used = ((came + credits).clip(upper=owing) - came).clip(lower=0)

    def shared(whole: pd.Series[Any], parts: pd.Series[Any]) -> Any:
        before = parts.groupby(at).cumsum() - parts
        return np.minimum((whole - before).clip(lower=0), parts)

    return (shared(came + used, owed) - shared(used, credit)).astype("int64")


# ---------------------------------------------------------------------------------------------------------------- by name


def _less_applied(lines: pd.DataFrame, rows: pd.DataFrame, money: pd.DataFrame, told_on: Days) -> pd.DataFrame:
    """The lines with what is left of them once the exact rows are applied."""
    at, line = rows["at"].to_numpy(dtype="int64"), rows["line"].to_numpy(dtype="int64")
    applied = rows["exact"].to_numpy(dtype=bool) & ~(money["returned"] | money["undivided"]).to_numpy(dtype=bool)[at]
    applied &= days(money["booked_on"])[at] > told_on[line]
    left = lines["open_minor"].to_numpy(copy=True)
    np.subtract.at(left, line[applied], rows["amount_minor"].to_numpy(dtype="int64")[applied])
    return lines.assign(open_minor=left)


def _by_name(money: pd.DataFrame, known: pd.DataFrame, named: pd.DataFrame, lines: pd.DataFrame, told_on: Days) -> pd.DataFrame:
    """What a receipt that names no document may pay, by payer and amount: the one document that fits, or all the payer has open.

    Of several receipts of one amount each goes to another document, the oldest first; but for those that the export has already.
    """
    some = known[~known["at"].isin(named["at"])]
    some = some[(money["received_minor"].to_numpy()[some["at"]] > 0)].reset_index(drop=True)
    wanted = pd.DataFrame({
        "at": some["at"], "payer": some["payer"], "currency": money["currency"].to_numpy()[some["at"]],
        "amount": money["received_minor"].to_numpy()[some["at"]], "early": days(money["booked_on"])[some["at"]] <= told_on[-1],
    })  # fmt: skip
    owed = pd.DataFrame({"payer": payer_key(lines), "currency": lines["currency"], "amount": lines["open_minor"], "due": lines["due_date"]})
    owed = owed.assign(line=np.arange(len(lines)))
    fit = ["payer", "currency", "amount"]
    due = owed[owed["amount"] > 0].sort_values(["due", "line"], kind="stable")
    due = due.assign(turn=due.groupby(fit).cumcount(), several=due.duplicated(fit, keep=False))
    one = wanted.assign(turn=wanted.groupby([*fit, "early"]).cumcount()).merge(due, on=[*fit, "turn"])
    one = one.sort_values(["at", "due", "line"], kind="stable")
    code = np.where(one["several"] | one["at"].duplicated(keep=False), "amount_twice", "amount")
    one = one.assign(code=code, amount_minor=one["amount"]).drop_duplicates("at")
    fitting = wanted.merge(due[fit].drop_duplicates(), on=fit)["at"]
    balance = owed.groupby(["payer", "currency"], as_index=False)["amount"].sum()
    whole = wanted[~wanted["at"].isin(fitting)].merge(balance, on=["payer", "currency", "amount"]).drop_duplicates("at")
    whole = whole.merge(owed.drop(columns="amount"), on=["payer", "currency"]).sort_values(["at", "due", "line"], kind="stable")
    left = pd.Series(lines["open_minor"].to_numpy()[whole["line"]], index=whole.index)
    whole = whole.assign(code="balance", amount_minor=_shares(whole["at"], left, whole["amount"]))
    rows = pd.concat([one, whole[whole["amount_minor"] != 0]], ignore_index=True)
    return rows.assign(match=str(Match.AMOUNT), exact=False, owed_minor=0)[FOUND]


# ---------------------------------------------------------------------------------------------------------------- what stands on the sheet


def _once(rows: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Exact rows pay, or use, no more of a line than is open, the earlier receipt first; one that would is proposed as a whole."""
    rows = rows.sort_values("at", kind="stable").reset_index(drop=True)
    exact = rows["exact"].to_numpy(dtype=bool)
    so_far = rows["amount_minor"].where(exact, 0).groupby(rows["line"]).cumsum()
    over = exact & (so_far.abs().to_numpy() > np.abs(lines["open_minor"].to_numpy()[rows["line"]]))
    taken = rows["at"].isin(rows["at"][over]).to_numpy()
    return rows.assign(exact=exact & ~taken, code=rows["code"].mask(taken, "taken"))


def _told(
    money: pd.DataFrame, rows: pd.DataFrame, lines: pd.DataFrame, payers: pd.DataFrame, known: pd.DataFrame, told_on: Days, language: Language
) -> pd.DataFrame:
    """The rows as they stand on the sheet: what may not be applied is not, receipts without a row get one, every row says why.

    `told_on`: the day of the export of each line, at the end of those without a line.
    """
    alone = np.setdiff1d(np.arange(len(money)), rows["at"])
    blank = pd.DataFrame({"at": alone, "line": -1, "match": str(Match.NONE), "code": "nothing", "exact": False, "amount_minor": 0, "owed_minor": 0})
    rows = pd.concat([rows, blank]).sort_values("at", kind="stable").reset_index(drop=True)
    at, line = rows["at"].to_numpy(dtype="int64"), rows["line"].to_numpy(dtype="int64")
    received, returned = money["received_minor"].to_numpy()[at], money["returned"].to_numpy(dtype=bool)[at]
    exported = told_on[line]
    undivided, early = money["undivided"].to_numpy(dtype=bool)[at], days(money["booked_on"])[at] <= exported
    exact = rows["exact"].to_numpy(dtype=bool) & ~returned & ~undivided
    company, payer = _payers_of(at, line, lines, payers, known)
    told = (line < 0) & (payer != "")
    code = np.select(
        [early & exact, early, received < 0, returned, undivided, told],
        ["unposted", "before_ledger", "went_back", "came_back", "undivided", "payer"], default=rows["code"].to_numpy(dtype=object),
    )  # fmt: skip
    blank_line = lines[["document", "instalment"]].astype("object").to_numpy()
    document, instalment = (np.where(line >= 0, np.append(blank_line[:, i], "")[line], "") for i in (0, 1))
    currency = np.where(line >= 0, np.append(lines["currency"].to_numpy(dtype=object), "")[line], "")
    state = np.select([exact & ~early, early], [str(ReceiptState.APPLY), str(ReceiptState.DISMISSED)], default=str(ReceiptState.OPEN))
    values = [
        text(language, "receipt", key, open=Amount(int(owed), unit), received=Amount(int(came), unit), currency=unit, ledger=told.item())
        for key, owed, came, unit, told in zip(code, rows["owed_minor"], received, currency, exported, strict=True)
    ]
    after = ~early & (days(money["date"])[at] <= exported)
    sheet = money[["receipt", "date", "currency", "received_minor", "debtor", "text", "file"]].iloc[at].reset_index(drop=True)
    sheet["date"] = sheet["date"].mask(after, money["booked_on"].iloc[at].reset_index(drop=True))  # the export does not have it: it counts as later
    behalf = money["on_behalf_of"].iloc[at].reset_index(drop=True)
    sheet["debtor"] = sheet["debtor"].where(behalf == "", sheet["debtor"] + " / " + behalf)
    return typed(
        sheet.assign(
            match=rows["match"].to_numpy(), company=company, payer=payer, document=document, instalment=instalment, state=state, why=values,
            amount_minor=rows["amount_minor"].where(received > 0, 0).to_numpy(),
        ), Receipt,
    ).assign(verdict=code)  # fmt: skip


def _payers_of(at: Any, line: Any, lines: pd.DataFrame, payers: pd.DataFrame, known: pd.DataFrame) -> tuple[Any, Any]:
    """Company and payer of each row: of its line, else the one payer that the name or number tells."""
    alone = known[~known["at"].duplicated(keep=False)]
    people = pd.concat([payers[["company", "payer"]], lines[["company", "payer"]]], ignore_index=True)
    there = positions(pd.Series(at.astype(str), dtype="str"), pd.Series(alone["at"].astype(str), dtype="str"))
    person = np.append(positions(alone["payer"], payer_key(people)), -1)[there]
    made: list[Any] = []
    for name in ("company", "payer"):
        of_line, of_person = (np.append(frame[name].to_numpy(dtype=object), "") for frame in (lines, people))
        made.append(np.where(line >= 0, of_line[line], of_person[person]))
    return made[0], made[1]


def undecided(receipts: pd.DataFrame) -> Bools:
    """Rows of the sheet on which nothing was found and nobody has written: they may be looked up again."""
    blank = (receipts["document"] == "") & (receipts["amount_minor"] == 0) & (receipts["match"].astype("str") == Match.NONE)
    whole = blank & (receipts["state"].astype("str") == ReceiptState.OPEN)
    return whole.groupby(receipts["receipt"].to_numpy()).transform("all").to_numpy(dtype=bool)
