"""The findings catalogue, `docs/findings.md`: every message by command, and for files that are read the smallest one that gives it.

`python -m docs.findings` writes it from the catalogue of words, from the code (how severe a message is) and from the cases that the tests run,
`tests/cases/findings/*.md`.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rules.words import catalogue

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases" / "findings"
FILES = (CASES / "exports.md", CASES / "imports.md", CASES / "bank.md")
REFUSALS = CASES / "refusals.md"
TARGET = Path(__file__).with_suffix(".md")
SECTION = re.compile(r"^### ([^\n]+)\n\n(.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^`([^`\n]+)`:\n\n```text\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
OPTION = re.compile(r"^With `--([a-z-]+) (\S+)`\.$", re.MULTILINE)
GROUPS = {  # command: beginnings of the codes of its findings
    "Import": ("export_", "due_by_terms", "terms_unknown", "payer_", "left_with_note", "other_", "kept_unread", "paid_open_again", "renumbered"),
    "Take-over and payers": ("list_", "take_over_", "payers_"),
    "Payments": ("bank_", "receipts_"),
    "Propose": (
        "rate_confidence", "settings_empty", "address_missing", "address_long", "no_rate", "before_ledger", "method_changed",
        "collect_not_allowed", "item_twice",
    ),
    "Contacts": ("promise_", "plan_", "dispute_", "follow_up_"),
    "Statements": ("statement_",),
    "Hand-over": ("case_", "enclosure_"),
    "Templates": ("template_",),
    "Dispatch": ("mail_", "copy_"),
    "Config": ("config_",),
    "History, journal and letters": (
        "run_unfinished", "letters_elsewhere", "journal_", "history_", "letter_", "counter_differs", "entry_differs",
    ),
}  # fmt: skip
SEVERITIES = ("error", "warning", "note")
GIVEN = {  # where the code does not say it beside the message
    "error": ("template_", "mail_text_", "letters_elsewhere", "history_", "journal_", "letter_", "entry_", "counter_", "item_twice"),
    "warning": ("promise_", "plan_", "dispute_", "follow_up_", "copy_"),
    "note": ("config_currency_", "config_maximum_unused", "config_gate_days_unread", "config_fall_back_unread", "config_no_fee"),
    "note or warning": ("config_rate_doubtful", "config_fee_currency"), "error or note": ("config_template_missing",),
}  # fmt: skip
REFUSED = """A file that cannot be read, or that leaves something open, changes nothing. At a terminal a question comes with
its choices; the answer is remembered for the source.
"""
HEAD = """# Findings

Written by `python -m docs.findings`, from the words of the program and from the cases in `tests/cases/findings`, which the tests run: every message
below was given by the file above it. Words in braces are filled in. `\\x07` in a file stands for the byte of that number.

- **error**: something was left out or must be put right; **warning**: look at it before letters go; **note**: so that you know.
- The same sentences exist in French and German; the language is that of the workbook.
- All cases are read as of 2026-03-31 by a company that keeps its books in EUR, unless a case says another day.
"""


@dataclass(frozen=True)
class File:
    """A file of a case: its name, what is said of it (an encoding, "as of" a day) and its text, in which `\\xNN` is a byte."""

    name: str
    said: str
    text: str

    def content(self) -> bytes:
        """Its bytes."""
        encoding = "utf-8" if self.said.startswith("as of") or not self.said else self.said
        parts = re.split(r"\\x([0-9a-f]{2})", self.text + "\n")
        return b"".join(bytes.fromhex(part) if at % 2 else part.encode(encoding) for at, part in enumerate(parts))


@dataclass(frozen=True)
class Case:
    """What is given and what is said: `key` a code or a title, `files` empty when the test builds the file, `option` a command line's."""

    key: str
    about: str
    files: tuple[File, ...]
    option: tuple[str, str]
    said: str

    def body(self) -> str:
        """The case as the documents show it, without its heading."""
        given = [f"`{file.name}{', ' if file.said else ''}{file.said}`:\n\n```text\n{file.text}\n```" for file in self.files]
        option = f"With `--{self.option[0]} {self.option[1]}`." if self.option[0] else ""
        return "\n\n".join(part for part in (self.about, option, *given, f"> {self.said}") if part)


def cases(path: Path) -> dict[str, Case]:
    """The cases of a file, by their headings."""
    return {case.key: case for case in map(_case, *zip(*SECTION.findall(path.read_text(encoding="utf-8")), strict=True))}


def _case(key: str, body: str) -> Case:
    files = tuple(File(name, said, text) for head, text in FILE.findall(body) for name, _, said in [head.partition(", ")])
    rest = FILE.sub("", body)
    option = OPTION.search(rest)
    said = " ".join(line.removeprefix("> ") for line in rest.splitlines() if line.startswith("> "))
    about = " ".join(line for line in OPTION.sub("", rest).splitlines() if line and not line.startswith("> "))
    return Case(key, about, files, (option[1], option[2]) if option else ("", ""), said)


def written(found: dict[str, Case]) -> str:
    """The text of a file of cases."""
    return "\n\n".join(f"### {key}\n\n{case.body()}" for key, case in found.items()) + "\n"


@cache
def severities() -> dict[str, str]:
    """How severe each message is: as its case shows, else as the code says beside it, else as `GIVEN` says; where it depends, all it may be."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for package in ("rules", "workbook", "letter_templates", "addin"):
        for file in (ROOT / package).rglob("*.py"):
            for code, weights in _beside(ast.parse(file.read_text(encoding="utf-8"))):
                found[code] |= weights
    told = {code: " or ".join(s for s in SEVERITIES if s in found[code]) for code in catalogue("en")["finding"]}
    given = {code: severity for severity, beginnings in GIVEN.items() for code in told if code.startswith(beginnings)}
    return told | given | {key: case.said.partition(" ")[0].strip("*") for path in FILES for key, case in cases(path).items()}


def _beside(tree: ast.Module) -> Iterator[tuple[str, set[str]]]:
    """Every text that stands in a call or a tuple together with severities."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call | ast.Tuple):
            parts = node.elts if isinstance(node, ast.Tuple) else node.args
            weights = {part.attr.lower() for part in parts if isinstance(part, ast.Attribute) and ast.unparse(part.value) == "Severity"}
            yield from ((str(part.value), weights) for part in parts if weights and isinstance(part, ast.Constant))


def group_of(code: str) -> str:
    """The command whose finding it is. KeyError when none is."""
    for name, beginnings in GROUPS.items():
        if code.startswith(beginnings):
            return name
    raise KeyError(code)


def page() -> str:
    """The whole document."""
    words, weights = catalogue("en")["finding"], severities()
    shown = {key: case for path in FILES for key, case in cases(path).items()}
    parts = [HEAD]
    for group in GROUPS:
        codes = [code for code in words if group_of(code) == group]
        rows = [f"| {f'[`{code}`](#{code})' if code in shown else f'`{code}`'} | {weights[code]} | {_cell(words[code])} |" for code in codes]
        parts.append("\n".join([f"## {group}\n", "| Code | Severity | What it says |", "|---|---|---|", *rows, ""]))
        parts += [f"### {code}\n\n{shown[code].body()}\n" for code in codes if code in shown]
    refused = cases(REFUSALS).values()
    rows = [f"| {_cell(case.key)} | {_cell(case.said)} |" for case in refused]
    parts.append("\n".join(["## What is refused, and what is asked\n", REFUSED, "| Given | Said |", "|---|---|", *rows, ""]))
    return "\n".join(parts)


def _cell(text: str) -> str:
    """Text that may stand in a cell of a table: nothing in it ends the cell or is taken for HTML; of the words of a number that of several."""
    return re.sub(r"\{\w+:[^{}|]*\|([^{}|]*)\}", r"\1", text).replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
