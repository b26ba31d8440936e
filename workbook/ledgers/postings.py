"""What is still open in a ledger of postings: lettered lines netted, part payments allocated, opening balances carried; by whole columns.

A posting is a debit (+) or credit (-) on the account of a payer. Whatever is netted here, the open amounts of a payer's account add up to its
postings up to the as-of date: nothing is lost and nothing is invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from rules.model import DocumentKind
from rules.standing import coded, joined

OPEN, SETTLED, LATER, CARRIED = "open", "settled", "later", "carried"
SALES, MONEY, OPENING, ADVANCE, OTHER = "sales", "money", "opening", "advance", "other"
ACCOUNT = ("company", "account", "payer", "currency")
BALANCE_WORDS = r"(?i)^(?:ran|ano|anx|an|rpt|ouverture|ouv|report|solde|eb|saldovortrag|opening|[aà][ -]?nouveaux?|report [aà] nouveau|[\W\d])*$"
NONE_DIFFERING = pd.DataFrame({"before_minor": [], "opening_minor": []}, dtype="int64")
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Netted:
    """What became of each posting: `lines` has the index of the postings and the columns below.

    `state`: open, settled, later (posted after the as-of date) or carried (the same money stands on another line: an opening balance whose documents
    are known from the year before, or the other way round). `open_minor`: 0 unless open. `kind`: of `DocumentKind`. `instalment`: tells lines of one
    document number apart. `how`: "" taken as it stands, "partial" (what its lettering leaves), "opening" (settled with, or part of, the opening
    balance), "allocated" (by us, oldest first). `brought`: a balance brought forward without its documents.

    `differing`: company, account, payer, currency, before_minor, opening_minor of the accounts whose opening balance is not what the year before
    left.
    """

    lines: pd.DataFrame
    differing: pd.DataFrame


def netted(postings: pd.DataFrame, *, as_of: date, oldest_first: bool = False) -> Netted:
    """Net the postings of one or several years.

    `postings` has a unique index and the columns company, account, payer, currency, document (texts), posting_date, document_date, group_date
    (datetime64[s], NaT = none), group (the lettering code, "" = not lettered), amount_minor (debit +, credit -), nature (sales, money, opening,
    advance, other) and year (whole number: the file it comes from; letters belong to one file). `oldest_first`: allocate the credits of payers who
    have no
    lettering at all to their oldest debits.

    Groups are those of account, payer and code; a code that was used twice is told apart by the date of lettering. A group that balances is settled
    once it was lettered: on the latest date of its lines, else with its last posting. Of a group that does not balance, the oldest lines are settled
    first. Credits whose invoices are not in the file pay off the opening lines of the payer that carry no letter.
    """
    account_key, code = coded(joined(postings, ACCOUNT)), coded(postings["group"])
    lines = postings.assign(
        brought=brought(postings), opening=postings["nature"] == OPENING, original_minor=postings["amount_minor"], state="", how="", open_minor=0,
        account_key=account_key, group_key=account_key * (code.max(initial=0) + 1) + code,
    )  # fmt: skip
    made = lines.iloc[:0]
    parts: list[pd.DataFrame] = []
    differing: list[pd.DataFrame] = []
    for year in np.sort(lines["year"].unique()):
        fresh = lines[lines["year"] == year]
        if len(made):
            before, fresh, gone, apart = _years_joined(made, fresh, as_of)
            parts += gone
            differing.append(apart)
            fresh = pd.concat([before, fresh])
        made = _year_netted(fresh, as_of)
        parts.append(made[made["state"] != OPEN])
        made = made[made["state"] == OPEN]
    if oldest_first:
        made = _allocated(made, lines)
        parts.append(made[made["state"] != OPEN])
        made = made[made["state"] == OPEN]
    found = pd.concat([part for part in (made, *parts) if len(part)] or [lines]).reindex(postings.index)
    found["kind"] = _kinds(found)
    found["instalment"] = _instalments(found)
    columns = ["state", "open_minor", "kind", "instalment", "how", "brought"]
    accounts = lines.drop_duplicates("account_key").set_index("account_key")[list(ACCOUNT)]
    apart = pd.concat(differing) if differing else NONE_DIFFERING
    return Netted(found[columns], accounts.loc[apart.index].join(apart).reset_index(drop=True))


def paid_off(group: Sequence[int] | Whole, amount: Whole, order: Sequence[Whole]) -> Whole:
    """What is left of each amount when, within its group, the debits (+) and credits (-) of lowest `order` settle one another first."""
    codes = np.asarray(group)
    by = np.lexsort((*reversed(order), codes))
    sorted_amount, starts = amount[by], np.flatnonzero(np.diff(codes[by], prepend=codes[by][:1] - 1))
    lengths = np.diff(np.append(starts, len(by)))
    sides = [np.maximum(sorted_amount * sign, 0) for sign in (1, -1)]
    settled = np.minimum(*(np.add.reduceat(side, starts) if len(starts) else side for side in sides))
    left = np.zeros(len(by), dtype="int64")
    for side, sign in zip(sides, (1, -1), strict=True):
        running = np.cumsum(side)
        running -= np.repeat(running[starts] - side[starts], lengths)
        left += sign * np.clip(running - np.repeat(settled, lengths), 0, side)
    made = np.empty_like(left)
    made[by] = left
    return made


def brought(postings: pd.DataFrame) -> pd.Series:
    """Which opening lines are the one balance of a payer, not a document of the year before.

    Such a line has no date of its own before the posting, and no number of its own: none, one that says "opening", or the one of other payers' lines.
    """
    found = (postings["nature"] == OPENING) & ~(postings["document_date"] < postings["posting_date"])
    at = found.index[found]
    if len(at):
        numbers = postings.loc[at, "document"]
        payers = postings.loc[at].groupby([postings.loc[at, "year"], numbers])["payer"].transform("nunique")
        found[at] = ((payers > 1) | numbers.str.contains(BALANCE_WORDS, regex=True)).to_numpy(dtype=bool)
    return found


# ---------------------------------------------------------------------------------------------------------------- one year


def _year_netted(lines: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """`lines` with state, how and open_minor after lettering and opening lines."""
    today = np.datetime64(as_of, "s")
    later = (lines["posting_date"] > today).to_numpy(dtype=bool)
    group, lettered = _groups(lines, today)
    live = ~later
    amount = lines["amount_minor"].to_numpy(dtype="int64")
    order = _order(lines)
    left = amount.copy()
    in_group = lettered & live
    left[in_group] = paid_off(group[in_group], amount[in_group], [o[in_group] for o in order])
    how = np.where(in_group & (left != 0) & (_count_of(group, in_group) > 1), "partial", lines["how"])

    opening = lines["opening"].to_numpy(dtype=bool)
    pool = live & ((in_group & (left < 0)) | (~lettered & opening & (left > 0)))
    after = left.copy()
    key = lines["account_key"].to_numpy()
    after[pool] = paid_off(key[pool], left[pool], [o[pool] for o in order])
    how = np.where(after != left, "opening", how)
    state = np.select([later, (after == 0) & (lettered | (how == "opening"))], [LATER, SETTLED], default=OPEN)
    return lines.assign(state=state, how=how, open_minor=np.where(state == OPEN, after, 0), amount_minor=np.where(state == OPEN, after, amount))


def _groups(lines: pd.DataFrame, today: np.datetime64) -> tuple[Whole, Flags]:
    """The number of each line's lettering group, and which lines were lettered by `today`."""
    code = lines["group"]
    coded_lines = (code != "").to_numpy(dtype=bool).copy()
    number = np.full(len(lines), -1, dtype="int64")
    if not coded_lines.any():
        return number, coded_lines
    some = lines[coded_lines]
    plain = pd.factorize(some["group_key"])[0].astype("int64")
    day, days = pd.factorize(some["group_date"].to_numpy("datetime64[s]"), use_na_sentinel=False)
    dated = some["group_date"].notna().to_numpy(dtype=bool)
    amount = some["amount_minor"].to_numpy(dtype="int64")
    # a code used twice: where the lines of one date balance while the whole does not, they are a group of their own
    on_day = plain * len(days) + day
    own = dated & (_sum_of(on_day, amount) == 0) & (_sum_of(plain, amount) != 0) & (_count_of(on_day) > 1)
    group = pd.factorize(np.where(own, on_day + len(some), plain))[0].astype("int64")
    frame = pd.DataFrame({"day": some["group_date"].to_numpy("datetime64[s]"), "posted": some["posting_date"].to_numpy("datetime64[s]")})
    latest = frame.groupby(group).transform("max")
    since = latest["day"].where(latest["day"].notna(), latest["posted"])
    balanced = _sum_of(group, amount) == 0
    # without a date, a group that does not balance is what had been paid by then
    pending = (since > today).to_numpy(dtype=bool) & (balanced | latest["day"].notna().to_numpy(dtype=bool))
    number[coded_lines] = group
    coded_lines[coded_lines] = ~pending
    return number, coded_lines


def _sum_of(group: Whole, amount: Whole, among: Flags | None = None) -> Whole:
    """For each line the sum of its group, over the lines `among`."""
    counted = amount if among is None else np.where(among, amount, 0)
    return pd.Series(counted).groupby(group).transform("sum").to_numpy(dtype="int64") if len(amount) else amount


def _count_of(group: Whole, among: Flags | None = None) -> Whole:
    return _sum_of(group, np.ones(len(group), dtype="int64"), among)


def _order(lines: pd.DataFrame) -> list[Whole]:
    """Oldest first: by date of the document, else of the posting; then as they stand in the file."""
    day = lines["document_date"].where(lines["document_date"].notna(), lines["posting_date"])
    return [day.to_numpy("datetime64[s]").astype("int64"), np.arange(len(lines), dtype="int64")]


def _allocated(made: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """The open lines of accounts without any lettering, oldest settled first."""
    key = made["account_key"]
    alone = ~key.isin(lines.loc[lines["group"] != "", "account_key"].unique()).to_numpy(dtype=bool)
    left = made["amount_minor"].to_numpy(dtype="int64").copy()
    left[alone] = paid_off(key.to_numpy()[alone], left[alone], [o[alone] for o in _order(made)])
    touched = left != made["amount_minor"].to_numpy()
    return made.assign(
        open_minor=left, how=made["how"].where(~touched, "allocated"), state=made["state"].where(~(touched & (left == 0)), SETTLED)
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------- several years


def _years_joined(before: pd.DataFrame, fresh: pd.DataFrame, as_of: date) -> tuple[pd.DataFrame, pd.DataFrame, list[pd.DataFrame], pd.DataFrame]:
    """What the years before leave open and the postings of the next year, each sum of money once.

    A balance brought forward gives way to the documents it consists of when they add up to it. Otherwise the newest opening counts: it is what the
    newest ledger says. A year whose opening entries are not yet booked goes on from the year before. Third: the lines that give way. Fourth: the
    accounts whose opening differs.
    """
    today = np.datetime64(as_of, "s")
    opening = (fresh["nature"] == OPENING) & (fresh["posting_date"] <= today)
    if not opening.any():
        return _as_opening(before, fresh), fresh, [], NONE_DIFFERING
    sums = pd.DataFrame({
        "before_minor": before.groupby("account_key")["open_minor"].sum(),
        "opening_minor": fresh[opening].groupby("account_key")["amount_minor"].sum(),
        "documents": (~fresh.loc[opening, "brought"]).groupby(fresh.loc[opening, "account_key"]).any(),
    })  # fmt: skip
    sums["documents"] = sums["documents"].eq(True)
    sums = sums.fillna({"before_minor": 0, "opening_minor": 0}).astype({"before_minor": "int64", "opening_minor": "int64"})
    same = sums["before_minor"] == sums["opening_minor"]
    kept = sums.index[same & ~sums["documents"]]  # the documents of the year before are kept for these accounts
    older = before["account_key"].isin(kept)
    replaced = opening & fresh["account_key"].isin(kept)
    gone = [
        side.assign(state=CARRIED, how="", open_minor=0) for side in (before[~older], fresh[replaced]) if len(side)
    ]  # fmt: skip
    return _as_opening(before[older], fresh), fresh[~replaced], gone, sums.loc[~same, ["before_minor", "opening_minor"]]


def _as_opening(before: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    """Open lines of the years before as opening lines of the next; a code lives on only where it balances over both years."""
    theirs = fresh.groupby("group_key")["amount_minor"].sum()
    balance = before.groupby("group_key")["amount_minor"].transform("sum") + before["group_key"].map(theirs)
    lives = (before["group"] != "") & balance.eq(0)
    return before.assign(group=before["group"].where(lives, ""), group_date=np.datetime64("NaT", "s"), opening=True)


# ---------------------------------------------------------------------------------------------------------------- kinds and keys


def _kinds(lines: pd.DataFrame) -> pd.Series:
    """Debits are invoices, or instalments where one document has several on one day; credits are named by the journal they were posted in.

    A debit that uses up an advance is no invoice.
    """
    debit = lines["original_minor"] > 0
    document = joined(lines, ("company", "payer", "document"))
    several = debit & (lines["document"] != "") & ~lines["brought"] & (lines["state"] != CARRIED)
    day = lines["document_date"].where(lines["document_date"].notna(), lines["posting_date"])
    counts = several.groupby([document, day]).transform("sum")
    nature = lines["nature"]
    made = np.select(
        [
            lines["brought"] | (debit & (nature == ADVANCE)),
            several & (counts > 1),
            debit,
            nature == SALES,
            nature.isin([MONEY, ADVANCE]),
            lines["group"] != "",
        ],
        [DocumentKind.OTHER, DocumentKind.INSTALMENT, DocumentKind.INVOICE, DocumentKind.CREDIT, DocumentKind.PAYMENT, DocumentKind.PAYMENT],
        default=DocumentKind.OTHER,
    )
    return pd.Series(made, index=lines.index, dtype="str")


def _instalments(lines: pd.DataFrame) -> pd.Series:
    """ "" for the first line of a document number, its date for a later one; 1, 2, 3 for the instalments of one day. Settled lines count too, so that
    the key of a line does not change when another one is paid.
    """
    made = pd.Series("", index=lines.index, dtype="str")
    some = lines[~lines["state"].isin([CARRIED])]
    day = some["document_date"].where(some["document_date"].notna(), some["posting_date"])
    number = pd.Series(coded(joined(some, ("company", "payer", "document"))), index=some.index)
    again = number.duplicated(keep=False).to_numpy(dtype=bool)
    if not again.any():
        return made
    some, number, day = some[again], number[again], day[again]
    rank = some["kind"].map({"invoice": 0, "instalment": 0, "credit": 1}).fillna(2)
    by = np.lexsort((np.arange(len(some)), day.to_numpy("datetime64[s]").astype("int64"), rank.to_numpy(), number.to_numpy()))
    some, number, day = some.iloc[by], number.iloc[by], day.iloc[by]
    first_day = day.groupby(number).transform("first")
    parts = (some["kind"] == DocumentKind.INSTALMENT) & (day == first_day)
    first = ~number.duplicated() & ~parts
    nth = number.groupby([number, day, parts]).cumcount() + 1
    stamp = day.dt.strftime("%Y-%m-%d").fillna("0").astype("str")
    ordinal = nth.astype("str")
    named = stamp.where(nth == 1, stamp + "/" + ordinal)
    made[some.index] = named.where(~parts, ordinal).where(~first, "").to_numpy()
    return made
