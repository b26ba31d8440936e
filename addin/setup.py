"""The set-up: Config out of the answers to a dozen questions, and the calendar of letters it means for three invoices of the user's own ledger."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from addin.questions import Asked, Given, dialogue, law_of, taken, written
from addin.report import Report, count
from addin.runs import ready
from addin.sheets import fact, note_facts, records_of
from rules import words
from rules.assess import assess
from rules.check import check
from rules.config_text import TABLES, Frames
from rules.errors import ConfigError
from rules.model import AssessedItem, Currency, DocumentKind, Fee, LastLevel, Level, Method, Rate, ReasonCode, Regime, Setting, Settings, Severity
from rules.money import to_minor
from rules.presets import PRESETS, STANDARD, Tone, preset, renewed, toned
from rules.rates import statutory
from rules.records import Records
from rules.row import Language, Row, to_frame, to_rows, typed
from rules.ruleset import Ruleset, ruleset
from rules.simulate import schedule
from workbook.book import Book
from workbook.settings import setting_rows

ANSWERS = "setup"  # the fact on the sheet About that keeps the answers
FEE = "REMINDER"  # the row of the table Fees that the set-up writes
WITHOUT_LUMP_SUM = "_INTEREST"  # after the name of a regime: the same without its lump sum
COMPANY = (
    "company_name", "company_address", "company_city", "company_country", "company_currency", "letter_language",
    "bank_iban", "bank_bic", "contact_name", "contact_phone", "contact_email", "signatory",
)  # fmt: skip
LETTERS = (
    "payer", "document", "due_date", "currency", "open_minor", "date", "days_overdue", "level", "letter", "deadline", "fee_minor", "interest_minor",
    "lump_sum_minor", "total_minor",
)  # fmt: skip
THEN = ("payer", "document", "date", "reason")
EXAMPLES = 3  # invoices in the calendar


@dataclass(frozen=True)
class Draft:
    """What the set-up would write, and which rows of Config that a person typed it would take away."""

    answers: Given
    settings: Settings
    frames: Frames
    lost: list[str]


# ---------------------------------------------------------------------------------------------------------------- from answers to Config


def asking(book: Book) -> Asked:
    """What the questions need to know of the workbook. Raises HistoryError when it may not be changed."""
    ready(book)
    known = fact(book, ANSWERS)
    return Asked(book.settings(), book.language, json.loads(known) if known else {}, {})


def asked_for(book: Book, ask: Callable[[str, str], str], say: Callable[[str], None]) -> Draft:
    """The draft of what is answered to one question after the other."""
    return draft(book, dialogue(asking(book), ask, say))


def told_by(book: Book, told: Given) -> Draft:
    """The draft of answers that were given beforehand. Raises ConfigError naming the answer that does not fit."""
    return draft(book, taken(asking(book), told))


def draft(book: Book, answers: Given) -> Draft:
    """Config as these answers make it, laid over Config as it stands. Raises ConfigError where the two contradict each other."""
    standing = {m: book.read(m) for m in TABLES.values()}
    frames = standing | _over(standing, own_tables(answers, book.language))
    before = book.settings()
    settings = Settings.model_validate(before.model_dump() | {name: answers[name] for name in COMPANY} | {"default_method": STANDARD})
    ruleset(settings, frames)
    return Draft(answers, settings, frames, _lost(book, before, settings, standing, frames))


def own_tables(answers: Given, language: Language) -> Frames:
    """The tables of the preset, as the answers change them."""
    _, frames = preset(answers["preset"], language)
    methods, levels = to_rows(frames[Method], Method), toned(to_rows(frames[Level], Level), Tone(answers["tone"]))
    currency, law = answers["company_currency"], law_of(answers) if answers.get("interest_from") else ""
    regime = law if answers.get("lump_sum") or not law else law + WITHOUT_LUMP_SUM
    standard = next(m for m in methods if m.method == STANDARD)
    grace = answers["grace_days"] - standard.grace_days
    wait = answers["interval_days"] - next(s.days for s in levels if (s.method, s.level) == (STANDARD, 2))
    made: Frames = {ReasonCode: frames[ReasonCode]}
    made[Method] = to_frame([_method(m, grace, answers) if m.follow_up else m for m in methods], Method)
    made[Level] = to_frame([_level(step, wait, regime, answers) for step in levels], Level)
    made |= statutory(law) if law else {}
    if regime != law:
        own = made[Regime][made[Regime]["regime"] == law].assign(regime=regime, lump_sum="")
        made[Regime] = typed(pd.concat([made[Regime], own], ignore_index=True), Regime)
    if answers["fee"]:
        fee = to_frame([Fee(fee=FEE, currency=currency, amount_minor=to_minor(answers["fee"], currency))], Fee)
        made[Fee] = typed(pd.concat([made[Fee], fee], ignore_index=True), Fee) if Fee in made else fee
    return made


def _method(method: Method, grace: int, answers: Given) -> Method:
    return method.model_copy(
        update={
            "grace_days": min(365, max(0, method.grace_days + grace)),
            "minimum_minor": to_minor(answers["minimum"], answers["company_currency"]),
            "phone_counts": answers["phone_counts"],
            "last_level": LastLevel(answers["last_level"]),
        }
    )


def _level(step: Level, wait: int, regime: str, answers: Given) -> Level:
    """A level with the days, the fee and the interest that were asked for. Consumers pay no fee, and interest no sooner than the preset says."""
    business = step.method == STANDARD
    claims = step.level >= answers.get("interest_from", 0) and (business or bool(step.regime))
    return step.model_copy(
        update={
            "days": min(999, max(1, step.days + wait)) if step.level > 1 else step.days,
            "fee": FEE if business and step.level > 1 and answers["fee"] else "",
            "regime": regime if claims else "",
        }
    )


def _over(standing: Frames, own: Frames) -> Frames:
    """The standing tables with the set-up's own rows in place of those of the same key; methods with all their levels."""
    methods = {str(name) for name in own[Method]["method"]}
    made: Frames = {}
    for model in (Method, Level):
        others = standing[model][~standing[model]["method"].astype("str").isin(methods)]
        made[model] = typed(pd.concat([own[model].astype(object), others.astype(object)], ignore_index=True), model)
    missing = own[ReasonCode][~own[ReasonCode]["code"].isin(set(standing[ReasonCode]["code"]))]
    made[ReasonCode] = typed(pd.concat([standing[ReasonCode].astype(object), missing.astype(object)], ignore_index=True), ReasonCode)
    return made | {model: renewed(standing[model], own[model], model) for model in (Fee, Regime, Rate) if model in own}


def _lost(book: Book, before: Settings, settings: Settings, standing: Frames, frames: Frames) -> list[str]:
    """What a person typed on Config and would not find there again, or not mean the same: each in one line."""
    shipped = [preset(name, book.language)[1] for name in PRESETS]
    known = fact(book, ANSWERS)
    if known:
        asked = Asked(before, book.language, {}, {})
        with suppress(ConfigError):  # answers to questions that are asked no more: then everything that differs counts as typed
            shipped.append(own_tables(taken(asked, json.loads(known)), book.language))
    lost: list[str] = []
    for model in (Method, Level, Fee, Regime):
        ours = {row for tables in shipped if model in tables for row in to_rows(tables[model], model)} | set(to_rows(frames[model], model))
        for at, row in enumerate(to_rows(standing[model], model)):
            if row not in ours:
                first, second = list(type(row).model_fields)[:2]
                lost.append(f"{book.place(model, at, first)}: {getattr(row, first)} {getattr(row, second)}")
    text = words.text
    if before.default_method != STANDARD:
        lost.append(text(book.language, "setup", "lost_method", method=before.default_method))
    if before.company_currency != settings.company_currency and len(standing[Currency]):
        lost.append(text(book.language, "setup", "lost_currency", before=before.company_currency, after=settings.company_currency))
    return lost


def warnings(answers: Given, language: Language) -> list[str]:
    """What the answers do that a law does not like, in words."""
    if not answers["fee"]:
        return []
    german = answers["preset"] == "de" or answers["company_country"] == "DE"
    return [words.text(language, "setup", key) for key in (["fee_germany"] if german else []) + ["fee_consumers"]]


# ---------------------------------------------------------------------------------------------------------------- writing and showing


def write(book: Book, made: Draft, as_of: date, *, force: bool = False) -> Report:
    """Puts the draft on Config, and shows the calendar of letters. Raises ConfigError when rows that a person typed would be lost, unless forced."""
    if made.lost and not force:
        raise ConfigError(words.text(book.language, "setup", "refused", rows="\n  ".join(made.lost)))
    for model, frame in made.frames.items():
        book.replace(model, frame)
    book.replace(Setting, setting_rows(made.settings))
    answers = {name: written(value) for name, value in made.answers.items()}
    note_facts(book, {ANSWERS: json.dumps(answers, ensure_ascii=False)})
    rules = ruleset(made.settings, made.frames, book.place)
    tables, examples = calendar(book, rules, as_of)
    changed = book.save()
    doubts = [finding for finding in check(rules, book.place, as_of) if finding.severity is not Severity.NOTE]
    sentence = words.text(book.language, "setup", "done" if changed else "unchanged", name=book.name)
    sentence += " " + words.text(book.language, "setup", "calendar_examples" if examples else "calendar", as_of=as_of)
    if tables["calendar"]["interest_minor"].isna().any():
        sentence += " " + words.text(book.language, "setup", "rate_missing")
    return Report(sentence, {"answers": answers, "examples": examples}, tables, doubts, changed=changed)


def calendar(book: Book, rules: Ruleset, as_of: date) -> tuple[dict[str, pd.DataFrame], bool]:
    """The letters to come about three invoices, and how each series ends; and whether the invoices are made up, for want of a ledger."""
    records, rows = records_of(book), []
    ledger = records.ledger
    if len(ledger):
        rows = _invoices(ledger, rules, as_of)
    examples = not rows
    if examples:
        records = _made_up(rules.settings, as_of, book.language)
        ledger, rows = records.ledger, list(range(len(records.ledger)))
    letters = schedule(records, rules, rows, as_of)
    method = {row: rules.methods[at].method for row, at in zip(rows, assess(records.only(np.array(rows)), rules, as_of)["method_at"], strict=True)}
    keys = ["company", "payer", "document", "instalment"]
    its = ledger.iloc[rows].assign(method=list(method.values()))[[*keys, "due_date", "agreed_due_date", "method", "open_minor"]]
    told = letters.merge(its, on=keys, how="left")
    told["due_date"] = told["agreed_due_date"].fillna(told["due_date"])
    told["date"] = pd.to_datetime(told["date"])
    told["days_overdue"] = (told["date"] - told["due_date"]).dt.days.astype("Int64")
    names = {key: step.name for key, step in rules.steps.items()}
    told["letter"] = [names.get((m, n), "") for m, n in zip(told["method"], told["level"], strict=True)]
    sent = told["level"] > 0
    return {"calendar": told.reindex(columns=list(LETTERS))[sent], "then": told[list(THEN)][~sent]}, examples


def _invoices(ledger: pd.DataFrame, rules: Ruleset, as_of: date) -> list[int]:
    """Positions of three invoices: the longest overdue, one in the middle, one not yet due; large enough, of different payers, if there are."""
    due = ledger["agreed_due_date"].fillna(ledger["due_date"])
    fit = (ledger["open_minor"] > 0) & due.notna() & (ledger["kind"].astype("str") == DocumentKind.INVOICE)
    worth, known = rules.worth(ledger["open_minor"].to_numpy(), ledger["currency"])
    large = known & (worth >= max(method.minimum_minor for method in rules.methods))
    order = due.reset_index(drop=True)[fit.to_numpy()].sort_values(kind="stable")
    enough = order[large[order.index]]
    late, early = enough[enough < pd.Timestamp(as_of)].index, enough[enough >= pd.Timestamp(as_of)].index
    chosen: list[int] = []
    for among in (late, late[len(late) // 2 :], early, order.index):
        left = [row for row in among if row not in chosen]
        payers = set(ledger["payer"].iloc[chosen])
        chosen += ([row for row in left if ledger["payer"].iloc[row] not in payers] or left)[:1]
    return chosen[:EXAMPLES]


def _made_up(settings: Settings, as_of: date, language: Language) -> Records:
    """Three invoices of 1,000 for a workbook without a ledger: long overdue, due last week, due next week."""
    rows: list[Row] = []
    for at, days in enumerate((-30, -7, 7), start=1):
        name, due = words.text(language, "setup", "example", number=at), as_of + timedelta(days=days)
        amount, currency = to_minor(Decimal(1000), settings.company_currency), settings.company_currency
        rows.append(AssessedItem(payer=str(at), document=name, due_date=due, currency=currency, original_minor=amount, open_minor=amount))
    return Records(to_frame(rows, AssessedItem))


# ---------------------------------------------------------------------------------------------------------------- law


def law(book: Book, countries: list[str]) -> Report:
    """Adds the statutory regimes, rates and lump sums of countries to Config, or renews them; a person's own rows stay."""
    ready(book)
    fresh = statutory(*(name.upper() for name in countries))
    standing = {m: book.read(m) for m in TABLES.values()}
    frames = standing | {model: renewed(standing[model], frame, model) for model, frame in fresh.items()}
    ruleset(book.settings(), frames, book.place)
    told: dict[str, int] = {}
    for model, name in ((Regime, "regime row"), (Rate, "rate"), (Fee, "lump sum row")):
        before, after = set(to_rows(standing[model], model)), set(to_rows(frames[model], model))
        new = len(frames[model]) - len(standing[model])
        told |= {f"{name} added": new, f"{name} renewed": len(after - before) - new}
        if after != before:
            book.replace(model, frames[model])
    changed = book.save()
    done = ", ".join(count(n, what.rsplit(" ", 1)[0]) + " " + what.rsplit(" ", 1)[1] for what, n in told.items() if n)
    names = ", ".join(dict.fromkeys(str(regime) for regime in fresh[Regime]["regime"]))
    sentence = f"Law of {', '.join(c.upper() for c in countries)} on Config: {done or 'nothing changed'}."
    sentence += f" Regimes: {names}; name them on Levels, Payers or Ledger."
    return Report(sentence, {"regimes": names, **{key.replace(" ", "_"): n for key, n in told.items()}}, changed=changed)
