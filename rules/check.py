"""What is doubtful about the rules or will bite later, cell by cell; what contradicts itself is refused by `rules.ruleset`."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from rules.errors import ConfigError
from rules.findings import Finding
from rules.model import (
    AppliesTo,
    Clock,
    Confidence,
    Currency,
    Fee,
    Gate,
    LastLevel,
    Level,
    Method,
    Mode,
    Rate,
    Regime,
    Selection,
    Severity,
    Start,
    Unit,
)
from rules.row import LANGUAGES, Language
from rules.ruleset import Place, Ruleset
from rules.select import canonical
from rules.written import Amount

OLD = timedelta(days=92)  # an exchange rate of more than a quarter ago
SOON = timedelta(days=31)  # time enough to look up the next reference rate
BY_DUE_DATE = (Mode.DAYS_AFTER_DUE, Mode.END_OF_MONTH_AFTER_DUE)
SPANS = {Unit.DAYS: (1, 1), Unit.WEEKS: (7, 7), Unit.MONTHS: (28, 31)}  # days of a unit, at least and at most
Steps = list[tuple[int, Level]]  # the levels of a method in order, each with its row


def check(
    ruleset: Ruleset, place: Place, as_of: date, template_exists: Callable[[str, Language], bool] | None = None, owed: Mapping[str, int] | None = None
) -> list[Finding]:  # fmt: skip
    """What an accountant should look at on Config, table by table; nothing for rules that mean what they say.

    ERROR: a run would charge or write something wrong, or could not write its letters. WARNING: something never happens, or stops a run. NOTE: a cell
    that is not read, or should be looked at again. `place` names the cell of a row and column. How sure and how recent reference rates are is asked
    when a level that reminds names their regime; for templates, when `template_exists` is given. `owed`: lines to be paid, by currency.
    """
    found = [*_methods(ruleset, place), *_fees(ruleset, place), *_laws(ruleset, place, as_of), *_rates(ruleset, place, as_of)]
    found += [*_currencies(ruleset, place, as_of), *_lacking(ruleset, place, owed or {}), *_selections(ruleset, place)]
    return found + (list(_templates(ruleset, place, template_exists)) if template_exists else [])


def _steps(ruleset: Ruleset, method: Method) -> Steps:
    """The levels that a method sends; none, when it does not remind."""
    of = [(row, step) for row, step in enumerate(ruleset.levels) if step.method == method.method and method.follow_up]
    return sorted(of, key=lambda placed: placed[1].level)


def _regimes(ruleset: Ruleset) -> dict[str, list[Method]]:
    """The regimes that a level names, with the methods it belongs to."""
    used: dict[str, list[Method]] = {}
    for method in ruleset.methods:
        for regime in dict.fromkeys(step.regime for _, step in _steps(ruleset, method) if step.regime):
            used.setdefault(regime, []).append(method)
    return used


def _twice(keys: Iterable[Hashable]) -> Iterator[int]:
    """Rows whose key stands in an earlier row."""
    seen: set[Hashable] = set()
    for row, key in enumerate(keys):
        if key in seen:
            yield row
        seen.add(key)


# ---------------------------------------------------------------------------------------------------------------- methods and levels


def _methods(ruleset: Ruleset, place: Place) -> Iterator[Finding]:
    for row, method in enumerate(ruleset.methods):
        steps = _steps(ruleset, method)
        if not steps:
            continue
        highest, most = steps[-1][1].level, method.maximum_reminders
        unread: list[tuple[bool, str, str, dict[str, Any]]] = [
            (most > highest and method.last_level is not LastLevel.REPEAT, "config_maximum_unused", "maximum_reminders", {"most": most}),
            (method.gate is Gate.LINE and method.gate_days > 0, "config_gate_days_unread", "gate_days", {}),
            (not method.fall_back and not any(s.minimum_minor or s.minimum_percent for _, s in steps), "config_fall_back_unread", "fall_back", {}),
            (method.claim_fees and not any(s.fee or s.line_fee for _, s in steps), "config_no_fee", "claim_fees", {}),
            (method.fee_minimum_minor > 0 and not any(s.fee for _, s in steps), "config_no_fee", "fee_minimum_minor", {}),
        ]
        if 0 < most < highest:
            values = {"method": method.method, "most": most, "level": most + 1}
            yield Finding("config_levels_unreached", Severity.WARNING, place(Method, row, "maximum_reminders"), values)
        for doubtful, code, column, values in unread:
            if doubtful:
                yield Finding(code, Severity.NOTE, place(Method, row, column), {"method": method.method} | values)
        yield from _waits(method, row, steps, place)


def _waits(method: Method, row: int, steps: Steps, place: Place) -> Iterator[Finding]:
    """Days that never decide when a letter goes, or let two go at once."""
    if method.clock is not Clock.LEVEL:
        for at, step in steps:
            if step.mode is not Mode.DAYS_AFTER_DUE:
                values = {"method": method.method, "level": step.level, "clock": method.clock}
                yield Finding("config_mode_unread", Severity.NOTE, place(Level, at, "mode"), values)
    overruled: list[int] = []
    for (_, before), (at, step) in pairwise(steps):
        values = {"method": method.method, "level": step.level, "before": before.level}
        least, wait = before.days * SPANS[before.unit][0], step.days * SPANS[step.unit][1]
        by_due = method.clock is Clock.DUE_DATE or (method.clock is Clock.LEVEL and step.mode is before.mode and step.mode in BY_DUE_DATE)
        if by_due and wait <= least:
            yield Finding("config_due_backwards", Severity.WARNING, place(Level, at, "days"), values)
        if method.clock is Clock.LATER_OF_BOTH:
            if 0 < wait < before.deadline_days:
                yield Finding("config_days_unread", Severity.NOTE, place(Level, at, "days"), values | {"deadline": before.deadline_days})
            wait = max(wait, before.deadline_days)
        if method.clock in (Clock.LAST_REMINDER, Clock.LATER_OF_BOTH) and wait < method.payer_interval_days:
            overruled.append(step.level)
    if overruled:
        values = {"method": method.method, "days": method.payer_interval_days, "levels": ", ".join(map(str, overruled))}
        yield Finding("config_interval_wins", Severity.NOTE, place(Method, row, "payer_interval_days"), values)


def _templates(ruleset: Ruleset, place: Place, exists: Callable[[str, Language], bool]) -> Iterator[Finding]:
    """Templates that a letter will ask for: an error in the language of payers that have none of their own."""
    first: dict[str, int] = {}
    for method in ruleset.methods:
        for at, step in _steps(ruleset, method):
            first.setdefault(step.template, at)
    for template, at in first.items():
        missing = [language for language in LANGUAGES if not exists(template, language)]
        if missing:
            severity = Severity.ERROR if ruleset.settings.letter_language in missing else Severity.NOTE
            yield Finding("config_template_missing", severity, place(Level, at, "template"), {"template": template, "languages": ", ".join(missing)})


# ---------------------------------------------------------------------------------------------------------------- fees


def _fees(ruleset: Ruleset, place: Place) -> Iterator[Finding]:
    for row in _twice((f.fee, f.currency, f.from_minor) for f in ruleset.fees):
        fee = ruleset.fees[row]
        values = {"fee": fee.fee, "amount": Amount(fee.from_minor, fee.currency)}
        yield Finding("config_band_twice", Severity.ERROR, place(Fee, row, "from_minor"), values)
    kinds: dict[tuple[str, str], bool] = {}
    mixed: set[tuple[str, str]] = set()
    for row, fee in enumerate(ruleset.fees):
        key = fee.fee, fee.currency
        if kinds.setdefault(key, fee.accumulated) != fee.accumulated and key not in mixed:
            mixed.add(key)
            yield Finding("config_bands_mixed", Severity.WARNING, place(Fee, row, "accumulated"), {"fee": fee.fee, "currency": fee.currency})
        if fee.least_minor is not None and fee.most_minor is not None and fee.least_minor > fee.most_minor:
            least, most = (Amount(minor, fee.currency) for minor in (fee.least_minor, fee.most_minor))
            values = {"fee": fee.fee, "least": least, "most": most}
            yield Finding("config_least_above_most", Severity.ERROR, place(Fee, row, "least_minor"), values)
    yield from _unconverted(ruleset, place)


def _unconverted(ruleset: Ruleset, place: Place) -> Iterator[Finding]:
    """Fees that some letters do not bear because there is no row in company currency to convert: a warning, but for the lump sum of a law."""
    company = ruleset.settings.company_currency
    by_level = {name for method in ruleset.methods for _, step in _steps(ruleset, method) for name in (step.fee, step.line_fee)}
    lump_sums = {regime.lump_sum for regime in ruleset.regimes if regime.regime in _regimes(ruleset)}
    for name in dict.fromkeys(f.fee for f in ruleset.fees if f.fee in by_level | lump_sums):
        rows = [row for row, f in enumerate(ruleset.fees) if f.fee == name]
        own = {ruleset.fees[row].currency for row in rows}
        asked = ([company] if name in by_level else []) + [c.currency for c in ruleset.currencies if c.currency != company]
        lacking = [c for c in asked if c not in own]
        if company not in own and lacking:
            severity = Severity.WARNING if name in by_level else Severity.NOTE
            values = {"fee": name, "company": company, "currencies": ", ".join(lacking)}
            yield Finding("config_fee_currency", severity, place(Fee, rows[0], "currency"), values)


# ---------------------------------------------------------------------------------------------------------------- interest


def _laws(ruleset: Ruleset, place: Place, as_of: date) -> Iterator[Finding]:
    """Regimes: rows for the same day, those that have not begun, and a notice that is never sent."""
    for row in _twice((r.regime, r.valid_from, r.applies_to) for r in ruleset.regimes):
        regime = ruleset.regimes[row]
        yield Finding("config_regime_twice", Severity.ERROR, place(Regime, row, "valid_from"), {"regime": regime.regime, "date": regime.valid_from})
    used = _regimes(ruleset)
    for name in used:
        rows = [row for row, r in enumerate(ruleset.regimes) if r.regime == name]
        first = min(rows, key=lambda row: ruleset.regimes[row].valid_from)
        if ruleset.regimes[first].valid_from > as_of:
            values = {"regime": name, "date": ruleset.regimes[first].valid_from, "as_of": as_of}
            yield Finding("config_regime_future", Severity.WARNING, place(Regime, first, "valid_from"), values)
    for row, regime in enumerate(ruleset.regimes):
        short = [m.method for m in used.get(regime.regime, []) if _steps(ruleset, m)[-1][1].level < regime.notice_level]
        if regime.start is Start.AFTER_NOTICE and short:
            values = {"regime": regime.regime, "level": regime.notice_level, "methods": ", ".join(short)}
            yield Finding("config_notice_level", Severity.WARNING, place(Regime, row, "notice_level"), values)


def _rates(ruleset: Ruleset, place: Place, as_of: date) -> Iterator[Finding]:
    for row in _twice((r.series, r.valid_from) for r in ruleset.rates):
        rate = ruleset.rates[row]
        yield Finding("config_rate_twice", Severity.ERROR, place(Rate, row, "valid_from"), {"series": rate.series, "date": rate.valid_from})
    in_use = _series_in_force(ruleset, as_of)
    for series in dict.fromkeys(rate.series for rate in ruleset.rates):
        rows = sorted((r for r, rate in enumerate(ruleset.rates) if rate.series == series), key=lambda r: ruleset.rates[r].valid_from)
        yield from _spans(ruleset.rates, rows, place)
        if series in in_use:
            yield from _on(as_of, ruleset.rates, rows, place)


def _series_in_force(ruleset: Ruleset, as_of: date) -> set[str]:
    """The series that the regimes of the levels read on a day."""
    used, series = _regimes(ruleset), set[str]()
    for regime in used:
        for kind in AppliesTo:
            begun = [r for r in ruleset.regimes if (r.regime, r.applies_to) == (regime, kind) and r.valid_from <= as_of]
            if begun:
                row = max(begun, key=lambda r: r.valid_from)
                series |= {row.series, row.floor_series}
    return series


def _spans(rates: Sequence[Rate], rows: Sequence[int], place: Place) -> Iterator[Finding]:
    """Dates of one series, in order, that do not follow each other."""
    for row in rows:
        rate = rates[row]
        if rate.verified_until and rate.verified_until < rate.valid_from:
            values = {"series": rate.series, "date": rate.valid_from, "until": rate.verified_until}
            yield Finding("config_verified_before", Severity.ERROR, place(Rate, row, "verified_until"), values)
    for row, following in pairwise(rows):
        until, begins = rates[row].verified_until, rates[following].valid_from
        if until is None or until < rates[row].valid_from or begins == rates[row].valid_from:
            continue
        day = until + timedelta(days=1)
        if day > begins:
            values = {"series": rates[row].series, "until": until, "next": begins}
            yield Finding("config_rates_overlap", Severity.WARNING, place(Rate, row, "verified_until"), values)
        elif day < begins:
            values = {"series": rates[row].series, "first": day, "last": begins - timedelta(days=1)}
            yield Finding("config_rates_gap", Severity.WARNING, place(Rate, row, "verified_until"), values)


def _on(as_of: date, rates: Sequence[Rate], rows: Sequence[int], place: Place) -> Iterator[Finding]:
    """How sure the rate of a day is, and how long it still holds."""
    series, last = rates[rows[0]].series, rows[-1]
    until = rates[last].verified_until
    begun = [row for row in rows if rates[row].valid_from <= as_of]
    if not begun:
        values = {"series": series, "date": rates[rows[0]].valid_from, "as_of": as_of}
        yield Finding("config_rates_begin", Severity.WARNING, place(Rate, rows[0], "valid_from"), values)
    elif until and until < as_of:
        values = {"series": series, "until": until, "as_of": as_of}
        yield Finding("config_rates_expired", Severity.WARNING, place(Rate, last, "verified_until"), values)
    elif until and until < as_of + SOON:
        yield Finding("config_rates_end", Severity.NOTE, place(Rate, last, "verified_until"), {"series": series, "until": until})
    if begun and (rate := rates[begun[-1]]).confidence is not Confidence.HIGH:
        severity = Severity.WARNING if rate.confidence is Confidence.LOW else Severity.NOTE
        yield Finding("config_rate_doubtful", severity, place(Rate, begun[-1], "confidence"), {"series": series, "date": rate.valid_from})


# ---------------------------------------------------------------------------------------------------------------- currencies and selections


def _currencies(ruleset: Ruleset, place: Place, as_of: date) -> Iterator[Finding]:
    foreign = [(row, c) for row, c in enumerate(ruleset.currencies) if c.currency != ruleset.settings.company_currency]
    groups = {
        "config_currency_undated": [(row, c) for row, c in foreign if c.valid_on is None],
        "config_currency_old": [(row, c) for row, c in foreign if c.valid_on and c.valid_on < as_of - OLD],
    }
    for code, group in groups.items():
        if group:
            values = {"currencies": ", ".join(c.currency for _, c in group), "days": OLD.days}
            yield Finding(code, Severity.NOTE, place(Currency, group[0][0], "valid_on"), values)


def _lacking(ruleset: Ruleset, place: Place, owed: Mapping[str, int]) -> Iterator[Finding]:
    """Currencies of the ledger without a rate, when a minimum or a tolerance is tested in company currency: that stops letters."""
    lacking = {currency: lines for currency, lines in sorted(owed.items()) if ruleset.rate(currency) is None}
    reminding = [(m, [step for _, step in steps]) for m in ruleset.methods if (steps := _steps(ruleset, m))]
    minimums = [m.method for m, steps in reminding if m.minimum_minor or any(step.minimum_minor for step in steps)]
    if not lacking or not minimums:
        return
    values = {
        "count": sum(lacking.values()), "currencies": ", ".join(lacking), "company": ruleset.settings.company_currency,
        "methods": ", ".join(minimums),
    }  # fmt: skip
    yield Finding("config_currency_missing", Severity.WARNING, place(Currency, len(ruleset.currencies), "currency"), values)


def _selections(ruleset: Ruleset, place: Place) -> Iterator[Finding]:
    """Saved conditions that would be refused when they are used."""
    for row, selection in enumerate(ruleset.selections):
        try:
            canonical([selection])
        except ConfigError as refused:
            values = {"selection": selection.selection, "problem": str(refused)}
            yield Finding("config_selection", Severity.WARNING, place(Selection, row, "field"), values)
