"""The tables of the packaged templates: lines and sums, interest, ages, instalments, history, items that are listed only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docx.document import Document
from docx.table import Table, _Row

from letter_templates import layout

Label = Mapping[str, str]
Widths = dict[str, float]  # mm by column, in their order; the letter is 165 mm wide
LINES: Widths = {"document": 26, "document_date": 21, "due_date": 21, "days_overdue": 15, "level": 11, "original": 25, "paid": 21, "open": 25}
BARE: Widths = {"document": 35, "document_date": 22, "due_date": 22, "days_overdue": 15, "original": 25, "paid": 22, "open": 25}  # all at level 1
PERIODS: Widths = {"document": 37, "date_from": 23, "date_to": 23, "days": 12, "base": 26, "rate": 20, "interest": 24}
LISTED: Widths = {"document": 63, "document_date": 24, "due_date": 24, "original": 27, "open": 27}
ACCOUNT: Widths = {"document": 46, "document_date": 23, "due_date": 23, "days_overdue": 19, "original": 27, "open": 27}
PLAN: Widths = {"number": 33, "due_date": 36, "amount": 32, "paid": 32, "open": 32}
HISTORY: Widths = {"date": 21, "event": 49, "document": 33, "deadline": 25, "delivery": 37}
AGES = ("not_due", "days_30", "days_60", "days_90", "older", "credits", "balance")
AMOUNTS = ("days_overdue", "level", "original", "paid", "open", "base", "rate", "days", "interest", "amount", *AGES)
CHARGES = {"fee": "has_fee", "interest": "has_interest", "lump_sum": "has_lump_sum"}


def lines(document: Document, label: Label, columns: Widths, called: str) -> None:
    """The table of a letter: lines, credits as deductions, sums; the sum of the lines is `called` overdue, or listed where nothing is yet."""
    table = _headed(document, label, columns)
    _each(table, columns, "line", "lines")
    _credits(table, label, columns)
    label = {**label, "overdue_total": label[f"{called}_total"]}
    _sums(table, label, {"overdue": " or ".join(["has_credits", *CHARGES.values()]), "credits": "has_credits", **CHARGES})
    _total(table, f"{label['total']} {{{{ currency }}}}", "{{ totals.total }}")


def claim(document: Document, label: Label) -> None:
    """The table of a hand-over: claims, credits as deductions, sums."""
    table = _headed(document, label, LINES)
    _each(table, LINES, "line", "lines")
    _credits(table, label, LINES)
    _sums(table, label, {"principal": "", "credits": "has_credits", **CHARGES})
    _total(table, f"{label['claim_total']} {{{{ currency }}}}", "{{ totals.total }}")


def account(document: Document, label: Label) -> None:
    """The table of a statement: everything open, the balance."""
    table = _headed(document, label, ACCOUNT)
    kind = f"{{% if line.is_credit %}}, {label['is_credit']}{{% elif line.is_payment %}}, {label['is_payment']}{{% endif %}}"
    _each(table, ACCOUNT, "line", "lines", {"document": "{{ line.document }}" + kind})
    _total(table, f"{label['balance_total']} {{{{ currency }}}}", "{{ ageing.balance }}")


def ageing(document: Document, label: Label) -> None:
    """The balance by age: a row of amounts under their ages."""
    layout.paragraph(document, label["ageing"], "Letter Table Title")
    columns = dict.fromkeys(AGES, 165 / len(AGES))
    table = _headed(document, {**label, "not_due": label["not_due_age"], "credits": label["credits_age"]}, columns)
    row = table.add_row()
    for cell, age in zip(row.cells, AGES, strict=True):
        layout.write(cell.paragraphs[0], f"{{{{ ageing.{age} }}}}", "Letter Table Amount")
    layout.ruled(row, "bottom", 2)
    _whole(table)
    layout.paragraph(document, "", "Letter Space")


def promised(document: Document, label: Label) -> None:
    """The items a promise is about, and their sum."""
    table = _headed(document, label, LISTED)
    _each(table, LISTED, "item", "lines")
    _total(table, f"{label['promised_total']} {{{{ currency }}}}", "{{ open_total }}")


def plan(document: Document, label: Label) -> None:
    """The instalments of a plan, and what is still to be paid."""
    table = _headed(document, {**label, "number": label["instalment"], "open": label["still"]}, PLAN)
    _each(table, PLAN, "part", "instalments")
    _total(table, f"{label['total']} {{{{ currency }}}}", "{{ open_total }}")


def history(document: Document, label: Label) -> None:
    """What was done about a claim, when anything was."""
    with_note = {"event": "{{ step.event }}{% if step.note %} ({{ step.note }}){% endif %}"}
    layout.paragraph(document, "{%p if has_history %}", "Letter Text")
    layout.paragraph(document, label["history"], "Letter Table Title")
    table = _headed(document, {**label, "date": label["document_date"]}, HISTORY)
    _each(table, HISTORY, "step", "history", with_note)
    _whole(table)
    layout.paragraph(document, "", "Letter Space")
    layout.paragraph(document, "{%p endif %}", "Letter Text")


def interest(document: Document, label: Label) -> None:
    """The calculation of the interest, period by period, when it is known, and how it is made."""
    layout.paragraph(document, "{%p if has_interest_table %}", "Letter Text")
    table = _headed(document, {**label, "document": label["interest_line"]}, PERIODS)
    _each(table, PERIODS, "period", "interest_periods")
    _whole(table)
    layout.when(document, "interest_notes", "{{ interest_notes|join(' ') }}", "Letter Small")
    layout.when(document, "not interest_notes", "", "Letter Space")
    layout.paragraph(document, "{%p endif %}", "Letter Text")


def listed(document: Document, label: Label, items: str) -> None:
    """The items of the list `items`, which the letter does not ask for, under a title of their own, when there are any."""
    layout.paragraph(document, f"{{%p if has_{items} %}}", "Letter Text")
    layout.paragraph(document, label[items], "Letter Annex Title")
    table = _headed(document, label, LISTED)
    _each(table, LISTED, "item", items)
    _whole(table)
    layout.paragraph(document, "", "Letter Gap")
    layout.paragraph(document, "{%p endif %}", "Letter Text")


def parties(document: Document, label: Label) -> None:
    """Creditor and debtor beside each other."""
    table = layout.grid(document.add_table(1, 2), [82.5, 82.5])
    creditor, debtor = table.rows[0].cells
    layout.write(creditor.paragraphs[0], label["creditor"], "Letter Table Head")
    layout.paragraph(creditor, "{{ sender.name }}", "Letter Table")
    layout.repeat(creditor, "sender.address_lines", "Letter Table")
    for field in ("contact.name", "contact.phone", "contact.email"):
        layout.when(creditor, field, f"{{{{ {field} }}}}", "Letter Table")
    layout.paragraph(creditor, "", "Letter Gap")
    layout.write(debtor.paragraphs[0], label["debtor"], "Letter Table Head")
    layout.repeat(debtor, "payer.address_lines", "Letter Table")
    layout.paragraph(debtor, label["account"], "Letter Table")
    for field in ("payer_phone", "payer_email"):
        layout.when(debtor, field, f"{{{{ {field} }}}}", "Letter Table")
    layout.paragraph(debtor, "", "Letter Gap")
    layout.paragraph(document, "", "Letter Space")


# ---------------------------------------------------------------------------------------------------------------- what tables are made of


def _headed(document: Document, label: Label, columns: Widths) -> Table:
    """A table with the headings of its columns, which come again on every page."""
    table = layout.grid(document.add_table(1, len(columns)), list(columns.values()))
    for cell, column in zip(table.rows[0].cells, columns, strict=True):
        layout.write(cell.paragraphs[0], label[column], "Letter Table Head Amount" if column in AMOUNTS else "Letter Table Head")
    layout.ruled(table.rows[0], "bottom", 8)
    layout.head(table.rows[0])
    return table


def _each(table: Table, columns: Widths, one: str, many: str, other: Mapping[str, Any] = {}) -> None:
    """A row for each `one` of the list `many`: its fields under the columns of their names, or the text that `other` has for a column."""
    _tag_row(table, f"{{%tr for {one} in {many} %}}")
    row = table.add_row()
    for cell, column in zip(row.cells, columns, strict=True):
        text = other.get(column, f"{{{{ {one}.{column} }}}}")
        layout.write(cell.paragraphs[0], text, "Letter Table Amount" if column in AMOUNTS else "Letter Table")
    layout.ruled(row, "bottom", 2)
    _tag_row(table, "{%tr endfor %}")


def _credits(table: Table, label: Label, columns: Widths) -> None:
    _tag_row(table, "{%tr for credit in credits %}")
    row = table.add_row()
    kind = f"{{% if credit.is_payment %}}{label['payment']}{{% else %}}{label['credit']}{{% endif %}}"
    layout.write(row.cells[0].paragraphs[0], "{{ credit.document }}", "Letter Table")
    layout.write(row.cells[1].paragraphs[0], "{{ credit.document_date }}", "Letter Table")
    layout.write(layout.merged(row, 2, len(columns) - 2).paragraphs[0], kind, "Letter Table")
    layout.write(row.cells[-1].paragraphs[0], "{{ credit.open }}", "Letter Table Amount")
    layout.ruled(row, "bottom", 2)
    _tag_row(table, "{%tr endfor %}")


def _sums(table: Table, label: Label, sums: Mapping[str, str]) -> None:
    """A row for each sum of `totals`, when its condition holds."""
    for name, condition in sums.items():
        if condition:
            _tag_row(table, f"{{%tr if {condition} %}}")
        _sum(table, label[f"{name}_total"], f"{{{{ totals.{name} }}}}", "Letter Sum")
        if condition:
            _tag_row(table, "{%tr endif %}")


def _total(table: Table, label: str, amount: str) -> None:
    layout.ruled(_sum(table, label, amount, "Letter Total"), "top", 8)
    _whole(table)


def _sum(table: Table, label: str, amount: str, style: str) -> _Row:
    row = table.add_row()
    last = len(row.cells) - 1
    layout.write(layout.merged(row, 0, last - 2).paragraphs[0], label, style)
    layout.write(layout.merged(row, last - 1, last).paragraphs[0], amount, style)  # room for sums larger than any line
    layout.airy(row)
    return row


def _tag_row(table: Table, tag: str) -> None:
    row = table.add_row()
    layout.write(layout.merged(row, 0, len(row.cells) - 1).paragraphs[0], tag, "Letter Table")


def _whole(table: Table) -> None:
    """No row is parted between two pages."""
    for row in table.rows:
        layout.whole(row)
