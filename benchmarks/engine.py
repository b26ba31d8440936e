"""Assessing and proposing 1,000,000 lines of 100,000 payers, with interest, fees, lump sums and reasons in words: ours beside others.

`python -m benchmarks.engine` prints one table: seconds from the frames to the run, and the peak memory of the whole process with its input, each
way in a process of its own, medians (needs Linux). The oracle is the same rules line by line in plain Python: it runs on the lines of some payers,
must agree there with the engine, and its seconds are scaled to all lines. polars and DuckDB do the bare part only: days overdue, age, last level
by joining the history on its key, next level, and whether its days have passed; no letter, no charge, no text.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

LINES, PAYERS, HISTORY, SAMPLE, RUNS = 1_000_000, 100_000, 400_000, 20_000, 3
AS_OF = date(2026, 3, 31)
RUN = "R1"
DAYS = (10, 14, 10)  # of the levels
KEY = ["company", "payer", "document", "instalment"]


def ledger(lines: int, payers: int) -> dict[str, pd.DataFrame]:
    """Plain frames of ledger, payers and history: about 55 in 100 lines overdue, 6 in 100 credits, three currencies."""
    chance, today = np.random.default_rng(7), np.datetime64(AS_OF)
    who = np.sort(chance.integers(0, payers, lines))
    credit = chance.random(lines) < 0.06
    late = np.where(chance.random(lines) < 0.55, chance.integers(1, 400, lines), -chance.integers(0, 60, lines))
    due, amount = today - late, np.round(np.exp(chance.normal(6.5, 1.1, lines)) * 100).astype("int64") + 100
    number = pd.Series(who + 100_000).astype("str")
    items = pd.DataFrame({
        "company": "10", "payer": number, "document": pd.Series(np.arange(lines) + 4_000_000).astype("str"), "instalment": "",
        "kind": np.where(credit, "credit", "invoice"), "document_date": due - 30, "due_date": due,
        "currency": np.array(["EUR", "EUR", "EUR", "USD", "GBP"])[who % 5], "original_minor": np.where(credit, -amount, amount),
        "open_minor": np.where(credit, -amount, amount),
    })  # fmt: skip
    country = np.array(["FR", "DE", "GB", "BE"])
    accounts = pd.DataFrame(
        {"company": "10", "payer": pd.Series(np.arange(payers) + 100_000).astype("str"), "country": country[np.arange(payers) % 4]}
    )
    accounts["name"] = "Payer " + accounts["payer"]
    told = items[(late > 15) & ~credit].sample(frac=1, random_state=7).iloc[: HISTORY * lines // LINES * 2 // 3]
    first = told.assign(level=1, date=told["due_date"] + pd.Timedelta(days=12))
    second = told[(today - told["due_date"]).dt.days > 45].iloc[: len(told) // 2]
    second = second.assign(level=2, date=second["due_date"] + pd.Timedelta(days=30))
    past = pd.concat([first, second]).sort_values(["date", "payer", "document", "level"], ignore_index=True)
    past = past[[*KEY, "currency", "open_minor", "level", "date"]].assign(event="letter", method="standard", run="R0")
    past = past.assign(entry=np.arange(len(past)) + 1, reminders=past["level"], deadline=past["date"] + pd.Timedelta(days=10))
    return {"ledger": items, "payers": accounts, "history": past}


def rules() -> Any:
    """Three levels, a fee, a lump sum and half-yearly rates as French business law has them."""
    from rules import model
    from rules.config_text import TABLES
    from rules.row import empty, to_frame
    from rules.ruleset import ruleset

    mro = ("0", "0", "2.50", "4.00", "4.50", "4.25", "3.15", "2.15", "2.15")
    days = [date(2022 + n // 2, 1 + n % 2 * 6, 1) for n in range(len(mro))]
    given: dict[type[Any], list[Any]] = {
        model.Method: [model.Method(method="standard", grace_days=5, minimum_minor=1000)],
        model.Level: [
            model.Level(method="standard", level=n, days=d, template="reminder", fee="letter" if n > 1 else "", regime="FR")
            for n, d in enumerate(DAYS, 1)
        ],
        model.Fee: [model.Fee(fee="letter", currency="EUR", amount_minor=1000),
            model.Fee(fee="lump", currency="EUR", amount_minor=4000)],
        model.Regime: [model.Regime(regime="FR", valid_from=date(2013, 1, 1), series="MRO", margin=Decimal(10), lump_sum="lump")],
        model.Rate: [model.Rate(series="MRO", valid_from=day, rate=Decimal(rate)) for day, rate in zip(days, mro, strict=True)],
        model.Currency: [model.Currency(currency="USD", rate=Decimal("0.92")), model.Currency(currency="GBP", rate=Decimal("1.17"))],
    }  # fmt: skip
    return ruleset(model.Settings(line_tolerance_minor=200), {m: to_frame(given[m], m) if m in given else empty(m) for m in TABLES.values()})


def records(folder: Path, lines: int = LINES) -> Any:
    """The frames as the rules want them, cut to the payers of the first `lines` lines."""
    from rules.model import AssessedItem, HistoryEntry, Payer
    from rules.records import Records
    from rules.row import typed

    found = {name: pd.read_parquet(folder / f"{name}.parquet") for name in ("ledger", "payers", "history")}
    if lines < len(found["ledger"]):
        last = found["ledger"]["payer"].iloc[lines]
        found = {name: frame[frame["payer"] < last].reset_index(drop=True) for name, frame in found.items()}
    return Records(typed(found["ledger"], AssessedItem), typed(found["payers"], Payer), typed(found["history"], HistoryEntry))


def by_engine(folder: Path) -> Callable[[], Any]:
    from rules.assess import assess
    from rules.model import Proposal
    from rules.propose import propose
    from rules.row import empty

    told, config, standing = records(folder), rules(), empty(Proposal)
    return lambda: int(propose(told, assess(told, config, AS_OF), standing, config, AS_OF, RUN).ledger["level"].pow(2).sum())


def by_oracle(folder: Path) -> Callable[[], Any]:
    from benchmarks import oracle
    from rules.assess import assess
    from rules.model import Proposal
    from rules.propose import propose
    from rules.row import empty

    told, config, standing = records(folder, SAMPLE), rules(), empty(Proposal)

    def timed() -> Any:
        started = perf_counter()
        answer = oracle.run(told, config, AS_OF, standing, RUN)
        seconds = perf_counter() - started
        run = propose(told, assess(told, config, AS_OF), standing, config, AS_OF, RUN)
        for name, ours, columns in (
            ("ledger", run.ledger, ["level", "reason_code", "next_level"]),
            ("proposals", run.proposals, ["payer", "currency", "level", "fee_minor", "interest_minor", "lump_sum_minor", "total_minor"]),
        ):
            expected = sorted(tuple(str(row[c]) for c in [*KEY[:2], *columns]) for row in getattr(answer, name))
            found = sorted(tuple(str(row[c]) for c in [*KEY[:2], *columns]) for row in oracle.plain(ours))
            if expected != found:
                different = next(pair for pair in zip(expected, found, strict=False) if pair[0] != pair[1])
                raise SystemExit(f"The oracle and the engine differ in {name}: {different[0]} and {different[1]}.")
        return seconds * LINES / len(told.ledger)

    return timed


def by_polars(folder: Path) -> Callable[[], Any]:
    pl = needed("polars")
    items, past = pl.read_parquet(folder / "ledger.parquet"), pl.read_parquet(folder / "history.parquet")

    def bare() -> Any:
        last = past.sort("entry").group_by(KEY).agg(pl.col("level").last().alias("last"))
        late = (pl.lit(AS_OF) - pl.col("due_date").cast(pl.Date)).dt.total_days()
        days, aged = pl.col("days"), pl.lit("90+")
        for end, name in ((90, "61-90"), (60, "31-60"), (30, "1-30"), (0, "not due")):
            aged = pl.when(days <= end).then(pl.lit(name)).otherwise(aged)
        found = items.join(last, on=KEY, how="left").with_columns(pl.col("last").fill_null(0), late.alias("days"))
        found = found.with_columns(
            pl.min_horizontal(pl.col("last") + 1, pl.lit(len(DAYS))).alias("next"),
            aged.alias("bucket"),
        )
        asked = pl.when(pl.col("next") == 1).then(DAYS[0]).when(pl.col("next") == 2).then(DAYS[1]).otherwise(DAYS[2])
        return int((found.with_columns((days >= asked).alias("due"))["last"] ** 2).sum())

    return bare


def by_duckdb(folder: Path) -> Callable[[], Any]:
    base = needed("duckdb").connect()
    for name in ("ledger", "history"):
        base.execute(f"create table {name} as select * from read_parquet('{folder / name}.parquet')")
    when = " ".join(f"when {n} then {d}" for n, d in enumerate(DAYS, 1))

    def bare() -> Any:
        base.execute(f"""create or replace table found as
            with past as (select {", ".join(KEY)}, arg_max(level, entry) as last from history group by all),
            joined as (select l.*, coalesce(p.last, 0) as last, date_diff('day', l.due_date::date, date '{AS_OF}') as days
                       from ledger l left join past p using ({", ".join(KEY)})),
            stepped as (select *, least(last + 1, {len(DAYS)}) as next from joined)
            select *, days >= case next {when} end as due, case when days <= 0 then 'not due' when days <= 30 then '1-30' when days <= 60 then '31-60'
                   when days <= 90 then '61-90' else '90+' end as bucket from stepped""")
        return int(base.execute("select sum(last * last) from found").fetchone()[0])

    return bare


def needed(library: str) -> Any:
    """The library, or the end of the benchmark: nothing is left out in silence."""
    try:
        return import_module(library)
    except ModuleNotFoundError:
        raise SystemExit(
            f"The benchmark compares with {library}, which is not installed: install the locked dependencies (make), then run again."
        ) from None


WAYS = {"engine": by_engine, "oracle": by_oracle, "polars": by_polars, "duckdb": by_duckdb}
TITLES = {
    "engine": "assess + propose", "oracle": "the same, line by line in Python (scaled)",
    "polars": "polars, the bare part", "duckdb": "DuckDB, the bare part",
}  # fmt: skip


def one(way: str, folder: Path) -> None:
    """One run in this process: seconds, megabytes and a sum to compare, as JSON."""
    run = WAYS[way](folder)
    started = perf_counter()
    answer = run()
    seconds = perf_counter() - started
    peak = int(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))[0]) / 1024
    print(json.dumps([answer if way == "oracle" else seconds, peak, None if way == "oracle" else answer]))


def measured(way: str, folder: Path) -> tuple[float, float, int | None]:
    """Median seconds and megabytes of a few runs, and the sum of the squares of all last levels."""
    command = [sys.executable, "-m", __spec__.name, way, str(folder)]
    runs = [json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout) for _ in range(RUNS)]
    return statistics.median(r[0] for r in runs), statistics.median(r[1] for r in runs), runs[0][2]


def main() -> None:
    """All ways, one table; ways that find other last levels than the engine end the benchmark."""
    for library in ("polars", "duckdb"):
        needed(library)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for table, frame in ledger(LINES, PAYERS).items():
            frame.to_parquet(folder / f"{table}.parquet")
        found = {way: measured(way, folder) for way in WAYS}
    if len({levels for _, _, levels in found.values() if levels is not None}) > 1:
        raise SystemExit(f"The ways do not find the same last levels: {found}")
    print("| way | seconds | times as long | peak MB |\n|---|---:|---:|---:|")
    for way, (seconds, memory, _) in found.items():
        print(f"| {TITLES[way]} | {seconds:.2f} | {seconds / found['engine'][0]:.2f} | {memory:.0f} |")


if __name__ == "__main__":
    if sys.argv[1:]:
        one(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
