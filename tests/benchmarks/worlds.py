"""Random worlds: payers, lines, histories and rules drawn by seed, with dates near the thresholds and every setting in reach."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pandas as pd

from rules import model
from rules.config_text import TABLES
from rules.records import Records
from rules.row import Kind, Row, columns, empty, to_frame, typed
from rules.ruleset import Ruleset, ruleset

DAYS = (date(2026, 3, 31), date(2026, 2, 28), date(2024, 2, 29), date(2025, 5, 1), date(2026, 1, 2))
CURRENCIES = ("EUR", "EUR", "EUR", "USD", "JPY", "CHF")  # no rate for CHF
KEY = ("company", "payer", "document", "instalment")
Record = dict[str, Any]


@dataclass(frozen=True)
class World:
    """Everything a run is given."""

    records: Records
    rules: Ruleset
    as_of: date
    standing_open: pd.DataFrame
    selection: tuple[model.Selection, ...]

    @property
    def selected(self) -> set[tuple[str, str, str, str]] | None:
        """Keys of the lines that the conditions (any of these currencies) leave; None without conditions."""
        if not self.selection:
            return None
        ledger, wanted = self.records.ledger, self.selection[0].value.split(";")
        return {key for *key, currency in zip(*(ledger[c] for c in (*KEY, "currency")), strict=True) for key in [tuple(key)] if currency in wanted}  # type: ignore[misc]

    def only(self, **keep: str) -> World:
        """The same world with the rows that have these values, where a table has such a column: what a failing test is narrowed down to."""

        def kept(frame: pd.DataFrame) -> pd.DataFrame:
            return frame[[all(row.get(name) in (None, value) for name, value in keep.items()) for row in frame.to_dict("records")]]

        records = Records(*(kept(getattr(self.records, f.name)) for f in fields(Records)))
        return replace(self, records=records, standing_open=kept(self.standing_open))


def made(seed: int, payers: int = 30) -> World:
    """The world of a seed."""
    chance = Random(seed)
    as_of, rules = chance.choice(DAYS), drawn_rules(chance)
    told: dict[str, list[Record]] = {name: [] for name in ("items", "history", "payers", "payments", "promises", "plans")}
    proposals: list[Record] = []
    for number in range(payers):
        who = {"company": chance.choice(["", "", "10"]), "payer": f"{number:03d}"}
        payer = drawn_payer(chance, rules, as_of)
        if chance.random() < 0.9:
            told["payers"].append(who | payer)
        for document in range(chance.randint(1, 6)):
            draw_document(chance, told, who, f"D{document}", rules, as_of)
        if chance.random() < 0.15:
            told["promises"].append(who | drawn_promise(chance, as_of))
        if chance.random() < 0.05:
            open_proposal = {"run": "R1", "as_of": as_of, "currency": "EUR", "level": 1, "deadline": as_of}
            proposals.append(who | open_proposal)
    told["history"].sort(key=lambda entry: (entry["date"], entry.get("undoes") is not None))
    numbered(told["history"])
    tables = (model.AssessedItem, "items"), (model.Payer, "payers"), (model.HistoryEntry, "history"), (model.Payment, "payments")
    frames = [framed(row_model, told[name]) for row_model, name in (*tables, (model.Promise, "promises"), (model.Plan, "plans"))]
    return World(Records(*frames), rules, as_of, framed(model.Proposal, proposals), drawn_selection(chance))


def framed(row_model: type[Row], records: list[Record]) -> pd.DataFrame:
    """The frame of these records; what a record does not say is the default of the model."""
    made = {c.name: [r.get(c.name, "" if c.required else c.default) for r in records] for c in columns(row_model)}
    days = {c.name: pd.to_datetime(pd.Series(made[c.name])) for c in columns(row_model) if c.kind is Kind.DAY}
    return typed(pd.DataFrame(made | days), row_model) if records else empty(row_model)


def some(chance: Random, share: float, value: Any, other: Any = None) -> Any:
    return value if chance.random() < share else other


# ------------------------------------------------------------------------------------------------------------------------ rules


def drawn_rules(chance: Random) -> Ruleset:
    standing = model.Settings(
        default_method="M0", line_tolerance_minor=chance.choice([0, 0, 500, 2000]), payer_tolerance_minor=chance.choice([0, 0, 3000])
    )
    lumps, capless = chance.random() < 0.5, chance.random() < 0.5
    methods = [drawn_method(chance, f"M{n}", capless=capless) for n in range(5)] + [model.Method(method="none", follow_up=False)]
    levels = [drawn_level(chance, m.method, n) for m in methods[:-1] for n in range(1, chance.randint(1, 4) + 1)]
    known = [("USD", "0.91"), ("JPY", "0.0061"), *([("CHF", "1.07")] if standing.payer_tolerance_minor else [])]
    given: dict[type[Any], list[Any]] = {
        model.Method: methods,
        model.Level: levels,
        model.Currency: [model.Currency(currency=c, rate=Decimal(rate)) for c, rate in known],
        model.Fee: drawn_fees(chance),
        model.Regime: [row for n in range(4) for row in drawn_regime(chance, f"R{n}", lumps=lumps)],
        model.Rate: drawn_rates(chance),
    }
    return ruleset(standing, {m: to_frame(given[m], m) if m in given else empty(m) for m in TABLES.values()})


def drawn_method(chance: Random, name: str, *, capless: bool) -> model.Method:
    plain = chance.random() < 0.4
    grouping = model.Grouping.PAYER_CURRENCY if plain else chance.choice(list(model.Grouping))
    gate = model.Gate.OLDEST_ITEM if grouping is model.Grouping.PAYER_CURRENCY and chance.random() < 0.5 else model.Gate.LINE
    last = chance.choice(list(model.LastLevel))
    return model.Method(
        method=name,
        grace_days=chance.choice([0, 0, 3, 5]),
        overdue_test=some(chance, 0.3, model.OverdueTest.ON_OR_AFTER, model.OverdueTest.STRICTLY_AFTER),
        clock=model.Clock.LATER_OF_BOTH if plain else chance.choice(list(model.Clock)),
        grouping=grouping,
        line_level=some(chance, 0.5, model.LineLevel.LETTER, model.LineLevel.OWN) if capless else model.LineLevel.OWN,
        gate=gate,
        gate_days=chance.choice([0, 0, 5, 20]),
        credits=model.Credits.NET if plain else chance.choice(list(model.Credits)),
        minimum_minor=chance.choice([0, 0, 1000, 20000]),
        fall_back=chance.random() < 0.6,
        maximum_reminders=chance.choice([0, 0, 2, 5]) if last is model.LastLevel.REPEAT else chance.choice([0, 0, 0, 1]),
        last_level=last,
        payer_interval_days=chance.choice([0, 0, 0, 7]),
        include_on_hold=chance.random() < 0.4,
        include_not_due=chance.random() < 0.4,
        fee_minimum_minor=chance.choice([0, 0, 15000]),
    )


def drawn_level(chance: Random, method: str, level: int) -> model.Level:
    unit = chance.choice([model.Unit.DAYS, model.Unit.DAYS, model.Unit.WEEKS, model.Unit.MONTHS])
    return model.Level(
        method=method,
        level=level,
        days=chance.choice([0, 7, 10, 14]) if unit is model.Unit.DAYS else chance.choice([0, 1]),
        unit=unit,
        mode=chance.choice(list(model.Mode)),
        deadline_days=chance.choice([7, 8, 10]),
        template="reminder",
        channel=chance.choice(list(model.Channel)),
        minimum_minor=chance.choice([0, 0, 0, 10000]),
        minimum_percent=Decimal(chance.choice(["0", "0", "0", "33.3"])),
        fee=chance.choice(["", "flat", "bands", "sums"]),
        line_fee=chance.choice(["", "", "flat", "bands", "sums"]),
        regime=chance.choice(["", "R0", "R1", "R2", "R3"]),
    )


def drawn_fees(chance: Random) -> list[model.Fee]:
    found = [model.Fee(fee="flat", currency="EUR", amount_minor=1000), model.Fee(fee="lump", currency="EUR", amount_minor=4000)]
    for fee in ("bands", "sums"):
        for currency in ["EUR", *some(chance, 0.5, ["USD"], []), *some(chance, 0.3, ["JPY"], [])]:
            for start in (chance.choice([0, 5000]), 10000, 100000):
                percent, least = Decimal(chance.choice(["0", "1", "2.5", "15"])), some(chance, 0.3, 800)
                most = some(chance, 0.3, 2500)
                fixed = chance.choice([0, 500])
                found.append(
                    model.Fee(fee=fee, currency=currency, from_minor=start, amount_minor=fixed, percent=percent, least_minor=least,
                              most_minor=most, accumulated=fee == "sums")
                )  # fmt: skip
    return found


def drawn_regime(chance: Random, name: str, *, lumps: bool) -> list[model.Regime]:
    reading = chance.choice(list(model.Reading))
    one = model.Regime(
        regime=name,
        valid_from=date(2000, 1, 1),
        applies_to=chance.choice(list(model.AppliesTo)),
        series=chance.choice(["", "A", "B"]),
        margin=Decimal(chance.choice(["8", "9.2", "10", "12.5"])),
        reading=reading,
        round_up_to=Decimal(chance.choice(["0", "0", "0.5"])),
        floor_series=chance.choice(["", "", "B"]),
        floor_factor=Decimal(chance.choice(["1", "3"])),
        start=chance.choice(list(model.Start)),
        start_days=chance.choice([0, 0, 30]),
        notice_level=chance.choice([1, 2]),
        day_count=chance.choice(list(model.DayCount)),
        compounds=reading is not model.Reading.RATE_ON_PAYMENT_DATE and chance.random() < 0.4,
        rounding=chance.choice(list(model.Rounding)),
        lump_sum=chance.choice(["", "lump", "bands"]) if lumps else "",
    )
    later = one.model_copy(update={"valid_from": date(2025, 7, 15), "margin": one.margin + 1})
    others = one.model_copy(update={"applies_to": model.AppliesTo.ALL, "margin": one.margin - 3})
    return [one, *some(chance, 0.3, [later], []), *([others] if one.applies_to is not model.AppliesTo.ALL and chance.random() < 0.5 else [])]


def drawn_rates(chance: Random) -> list[model.Rate]:
    found = [model.Rate(series="B", valid_from=date(1999, 1, 1), rate=Decimal("2.76"))]
    for year in range(1999, 2027):
        for month in (1, 7):
            known = date(year, 12, 31) if month == 7 else date(year, 6, 30)
            rate = Decimal(chance.choice(["-0.88", "0", "1.27", "2.15", "4.5"]))
            found.append(model.Rate(series="A", valid_from=date(year, month, 1), rate=rate, verified_until=some(chance, 0.5, known)))
    return found


def drawn_selection(chance: Random) -> tuple[model.Selection, ...]:
    if chance.random() < 0.7:
        return ()
    return (model.Selection(selection="mine", field="currency", test=model.Test.EQUALS, value=chance.choice(["EUR", "USD;JPY"])),)


# --------------------------------------------------------------------------------------------------------------- payers and lines


def drawn_payer(chance: Random, rules: Ruleset, as_of: date) -> Record:
    return {
        "name": "Payer",
        "country": chance.choice(["", "FR", "DE", "GB", "EG"]),
        "region": "",
        "method": chance.choice(["", *(m.method for m in rules.methods[:-1])]) if chance.random() < 0.95 else "none",
        "block": some(chance, 0.05, "agreed", ""),
        "block_until": some(chance, 0.5, as_of + timedelta(chance.choice([-1, 0, 1]))),
        "collection_allowed": chance.random() < 0.7,
        "law": some(chance, 0.1, "R3", ""),
        "customer_type": str(chance.choice(list(model.CustomerType))),
        "language": chance.choice(["", "fr"]),
    }


def draw_document(chance: Random, told: dict[str, list[Record]], who: Record, document: str, rules: Ruleset, as_of: date) -> None:
    currency, amount = chance.choice(CURRENCIES), chance.choice([300, 1500, 4999, 10000, 33333, 250000, 1000001])
    method = some(chance, 0.15, chance.choice([m.method for m in rules.methods]), "")
    usual = {(p["company"], p["payer"]): p["method"] for p in told["payers"]}.get((who["company"], who["payer"]))
    issued = as_of - timedelta(chance.choice([5, 40, 70, 100, 200, 800]))
    base = {**who, "document": document, "currency": currency, "document_date": issued, "method": method}
    draw = chance.random()
    if draw < 0.15:
        kind, due = chance.choice(["credit", "payment"]), some(chance, 0.5, as_of + timedelta(chance.choice([-30, -5, 0, 5])))
        reference = some(chance, 0.5, f"D{chance.randint(0, 5)}", "")
        told["items"].append(base | {"kind": kind, "open_minor": -amount // chance.choice([1, 2, 20]), "due_date": due, "reference": reference})
        return
    if draw < 0.2:
        draw_plan(chance, told, base, amount, as_of)
        return
    dates = [issued + timedelta(30 * n) for n in range(1, chance.choice([2, 2, 2, 2 if any(r.lump_sum for r in rules.regimes) else 4]))]
    for number, due in enumerate(dates):
        near = as_of - timedelta(chance.choice([-3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 14, 15, 30, 31, 60, 400]))
        line = base | {"instalment": str(number) if len(dates) > 1 else "", "kind": chance.choice(["invoice", "invoice", "invoice", "fee", "other"])}
        line |= {"due_date": some(chance, 0.97, some(chance, 0.6, near, due)), "open_minor": amount if chance.random() < 0.97 else 0}
        draw_marks(chance, line, as_of, capped=all(m.line_level is model.LineLevel.OWN for m in rules.methods))
        told["items"].append(line)
        if chance.random() < 0.65:
            then = some(chance, 0.05, "M1", method or usual or rules.settings.default_method)
            draw_history(chance, told["history"], line | {"method": then}, as_of)
        if chance.random() < 0.3:
            draw_payments(chance, told["payments"], line, as_of)


def draw_plan(chance: Random, told: dict[str, list[Record]], base: Record, amount: int, as_of: date) -> None:
    """A running plan: the invoice shows what lies beyond it, the instalments are lines."""
    plan = f"P-{base['payer']}-{base['document']}"
    agreed = as_of - timedelta(60)
    told["plans"].append({name: base[name] for name in ("company", "payer", "document")} | {"plan": plan, "agreed_on": agreed, "state": "running"})
    told["items"].append(base | {"due_date": as_of - timedelta(90), "open_minor": chance.choice([0, 0, 700]), "original_minor": 3 * amount})
    for number in (1, 2):
        part = {"kind": "instalment", "instalment": f"{plan}/{number}", "due_date": as_of + timedelta(20 * number - 38), "open_minor": amount}
        told["items"].append(base | part)


def draw_marks(chance: Random, line: Record, as_of: date, *, capped: bool) -> None:
    """What a person may have typed on a line."""
    line |= {
        "original_minor": chance.choice([0, line["open_minor"], 2 * line["open_minor"]]),
        "agreed_due_date": some(chance, 0.05, as_of - timedelta(chance.choice([-2, 6, 20]))),
        "block": some(chance, 0.05, "agreed", ""),
        "block_until": some(chance, 0.3, as_of + timedelta(chance.choice([-1, 0, 1]))),
        "dispute": some(chance, 0.05, "dispute", ""),
        "manual_level": some(chance, 0.08, chance.randint(1, 4)),
        "manual_reason": "decided",
        "level_cap": some(chance, 0.1, chance.randint(1, 3)) if capped else None,
        "law": some(chance, 0.05, "R2", ""),
    }


def draw_history(chance: Random, history: list[Record], line: Record, as_of: date) -> None:
    """Letters, calls, take-overs, an undo, a hand-over: as they follow each other on one line."""
    about = {name: line[name] for name in ("company", "payer", "document", "instalment", "currency", "method")}
    count, level, entries = chance.choice([1, 1, 1, 2, 2, 3, 4]), 0, []
    ends = as_of - timedelta(chance.choice([0, 1, 5, 6, 7, 8, 9, 10, 11, 14, 15, 29, 31, 35]))
    for number in range(count):
        day = ends - timedelta(12 * (count - 1 - number))
        event = chance.choices(["letter", "call", "take_over"], [8, 2, number == 0])[0]
        counts = event != "call" or chance.random() < 0.6
        before, level = level, min(level + counts, 4)
        entry = {"event": event, "date": day, "level_before": before, "level": level if counts else 0, "reminders": level if counts else 0}
        entry |= {"deadline": day + timedelta(chance.choice([7, 8, 10])) if event == "letter" or (event == "take_over" and day.day % 2) else None}
        entry |= {"fee_minor": chance.choice([0, 0, 1000]) if counts else 0, "delivery": some(chance, 0.0, "returned", "written")}
        entries.append(about | entry)
    history += entries
    if chance.random() < 0.08:
        history.append(about | {"event": "undo", "date": min(ends + timedelta(1), as_of), "undoes": entries[-1]})
    elif entries[-1]["level"] and chance.random() < 0.06:
        history.append(entries[-1] | {"event": "hand_over", "level": level, "reminders": level})


def numbered(history: list[Record]) -> None:
    """Running numbers in order; an undo names the entry it takes back by its number."""
    for number, entry in enumerate(history, start=1):
        entry["entry"] = number
    for entry in history:
        if "undoes" in entry:
            entry["undoes"] = entry["undoes"]["entry"]


def draw_payments(chance: Random, payments: list[Record], line: Record, as_of: date) -> None:
    about = {name: line[name] for name in ("company", "payer", "document", "instalment", "currency")}
    for _ in range(chance.choice([1, 1, 2, 3])):
        payments.append(about | {"date": as_of - timedelta(chance.choice([0, 1, 3, 10, 45, 300])), "amount_minor": chance.choice([100, 777, 50000])})


def drawn_promise(chance: Random, as_of: date) -> Record:
    given = as_of - timedelta(chance.choice([0, 5, 20, 60]))
    return {
        "document": some(chance, 0.5, f"D{chance.randint(0, 3)}", ""),
        "date": given,
        "until": as_of + timedelta(chance.choice([-4, -3, -2, 0, 5])),
        "amount_minor": some(chance, 0.4, chance.choice([500, 40000])),
        "currency": some(chance, 0.3, "EUR", ""),
        "state": chance.choice(["open", "open", "open", "open", "kept", "broken"]),
    }
