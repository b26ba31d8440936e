"""Writes the generated half of `workbook/README.md`: one table per sheet with every column. Run `python -m workbook.reference`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rules.row import LANGUAGES, Column, columns
from rules.words import shown, text
from workbook.tables import SCHEMA, TABLES, Table

README = Path(__file__).parent / "README.md"
MARK = "<!-- From here on `python -m workbook.reference` writes; change the row models in rules/model.py instead. -->"


def reference() -> str:
    """The generated half: the sheets in their order, each with its tables."""
    lines = [f"## Every sheet and column (schema {SCHEMA})", "", "| Sheet | " + " | ".join(LANGUAGES) + " |", "|---|---|---|---|"]
    for key in dict.fromkeys(t.sheet for t in TABLES):
        lines.append(f"| `{key}` | " + " | ".join(text(language, "sheet", key) for language in LANGUAGES) + " |")
    for placed in TABLES:
        lines += ["", *_section(placed)]
    return "\n".join(lines) + "\n"


def _section(placed: Table) -> Iterator[str]:
    title = text("en", "sheet", placed.sheet)
    yield f"### {title}: {text('en', 'config', placed.key)}" if placed.sheet == "config" else f"### {title}"
    yield ""
    hidden = " Hidden: nothing reads or fills it in this version." if placed.dormant else ""
    yield f"{text('en', 'table', placed.key)} Excel table `{placed.excel_name}`, rows of `rules.model.{placed.model.__name__}`.{hidden}"
    yield ""
    yield "| Field | Title | What it says | Unit | Accepts | Filled by |"
    yield "|---|---|---|---|---|---|"
    for c in columns(placed.model):
        who = "you" if c.name in placed.typed else "program"
        yield f"| `{c.name}` | {c.titles['en']} | {c.help} | {c.unit} | {_accepts(c)} | {who} |"


def _accepts(column: Column) -> str:
    kind = str(column.kind)
    if column.word:
        kind = ", ".join(shown("en", member) for member in column.word)
    elif column.choices:
        kind = ", ".join(f"`{choice}`" for choice in column.choices)
    elif column.refers:
        kind = f"a row of `{column.refers}`"
    if column.minimum is not None:
        kind += f", {column.minimum} to {column.maximum}" if column.maximum is not None else f", {column.minimum} or more"
    return kind + (", required" if column.required else "")


def current() -> str:
    """The whole page as it should be: what people wrote, then what is generated."""
    written = README.read_text(encoding="utf-8").partition(MARK)[0]
    return f"{written}{MARK}\n\n{reference()}"


if __name__ == "__main__":
    README.write_text(current(), encoding="utf-8")
