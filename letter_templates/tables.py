"""The tables of the packaged letters: lines and sums, the calculation of the interest, items that are listed only, where to pay."""

from __future__ import annotations

from docx.document import Document
from docx.table import Table, _Row

from letter_templates import layout

Widths = dict[str, float]  # mm by column, in their order; the letter is 165 mm wide
LINES: Widths = {"document": 37, "document_date": 22, "due_date": 22, "days_overdue": 18, "level": 14, "original": 26, "open": 26}
BARE: Widths = {"document": 44, "document_date": 24, "due_date": 24, "days_overdue": 19, "original": 27, "open": 27}  # all have the first level
PERIODS: Widths = {"document": 37, "date_from": 23, "date_to": 23, "days": 12, "base": 26, "rate": 20, "interest": 24}
LISTED: Widths = {"document": 63, "document_date": 24, "due_date": 24, "original": 27, "open": 27}
AMOUNTS = ("days_overdue", "level", "original", "open", "base", "rate", "days", "interest")


def lines(document: Document, label: dict[str, str], *, with_level: bool) -> None:
    """The table of the letter: lines, credits as deductions, sums."""
    widths = LINES if with_level else BARE
    table = _headed(document, label, widths)
    _each(table, widths, "line", "lines")
    _tag_row(table, "{%tr for credit in credits %}")
    row = table.add_row()
    credit = f"{{% if credit.is_payment %}}{label['payment']}{{% else %}}{label['credit']}{{% endif %}}"
    layout.write(row.cells[0].paragraphs[0], "{{ credit.document }}", "Letter Table")
    layout.write(row.cells[1].paragraphs[0], "{{ credit.document_date }}", "Letter Table")
    layout.write(layout.merged(row, 2, len(widths) - 2).paragraphs[0], credit, "Letter Table")
    layout.write(row.cells[-1].paragraphs[0], "{{ credit.open }}", "Letter Table Amount")
    layout.ruled(row, "bottom", 2)
    _tag_row(table, "{%tr endfor %}")
    charges = {"fee": "has_fee", "interest": "has_interest", "lump_sum": "has_lump_sum"}
    sums = {"overdue": " or ".join(["has_credits", *charges.values()]), "credits": "has_credits", **charges}
    for name, condition in sums.items():
        _tag_row(table, f"{{%tr if {condition} %}}")
        _sum(table, label[f"{name}_total"], f"{{{{ totals.{name} }}}}", "Letter Sum")
        _tag_row(table, "{%tr endif %}")
    layout.ruled(_sum(table, f"{label['total']} {{{{ currency }}}}", "{{ totals.total }}", "Letter Total"), "top", 8)
    _whole(table)


def interest(document: Document, label: dict[str, str]) -> None:
    """The calculation of the interest, period by period, when it is known."""
    layout.paragraph(document, "{%p if has_interest_table %}", "Letter Text")
    table = _headed(document, {**label, "document": label["interest_line"]}, PERIODS)
    _each(table, PERIODS, "period", "interest_periods")
    layout.ruled(_sum(table, label["interest_total"], "{{ totals.interest }}", "Letter Sum"), "top", 4)
    _whole(table)
    layout.paragraph(document, "", "Letter Space")
    layout.paragraph(document, "{%p endif %}", "Letter Text")


def listed(document: Document, label: dict[str, str], items: str) -> None:
    """The items of the list `items`, which the letter does not ask for, under a title of their own, when there are any."""
    layout.paragraph(document, f"{{%p if has_{items} %}}", "Letter Text")
    layout.paragraph(document, label[items], "Letter Table Title")
    table = _headed(document, label, LISTED)
    _each(table, LISTED, "item", items)
    _whole(table)
    layout.paragraph(document, "", "Letter Space")
    layout.paragraph(document, "{%p endif %}", "Letter Text")


def bank(document: Document, label: dict[str, str]) -> None:
    """Where to pay and what to quote; without an account only what to quote."""
    layout.paragraph(document, "{%p if has_bank %}", "Letter Text")
    table = layout.grid(document.add_table(0, 2), [40, 125])
    for title, field, may_be_blank in (
        (label["beneficiary"], "{{ sender.name }}", "sender.name"), (label["bank"], "{{ bank.name }}", "bank.name"), ("IBAN", "{{ bank.iban }}", ""),
        ("BIC", "{{ bank.bic }}", "bank.bic"), (label["reference"], "{{ payment_reference }}", ""),
    ):  # fmt: skip
        if may_be_blank:
            _tag_row(table, f"{{%tr if {may_be_blank} %}}")
        cells = table.add_row().cells
        layout.write(cells[0].paragraphs[0], title, "Letter Bank")
        layout.write(cells[1].paragraphs[0], field, "Letter Bank")
        if may_be_blank:
            _tag_row(table, "{%tr endif %}")
    _whole(table)
    layout.paragraph(document, "", "Letter Space")
    layout.paragraph(document, "{%p else %}", "Letter Text")
    layout.paragraph(document, label["reference_alone"], "Letter Text")
    layout.paragraph(document, "{%p endif %}", "Letter Text")


def _headed(document: Document, label: dict[str, str], widths: Widths) -> Table:
    """A table with the headings of its columns, which come again on every page."""
    table = layout.grid(document.add_table(1, len(widths)), list(widths.values()))
    for cell, column in zip(table.rows[0].cells, widths, strict=True):
        layout.write(cell.paragraphs[0], label[column], "Letter Table Head Amount" if column in AMOUNTS else "Letter Table Head")
    layout.ruled(table.rows[0], "bottom", 8)
    layout.head(table.rows[0])
    return table


def _each(table: Table, widths: Widths, one: str, many: str) -> None:
    """A row for each `one` of the list `many`: its fields under the columns of their names."""
    _tag_row(table, f"{{%tr for {one} in {many} %}}")
    row = table.add_row()
    for cell, column in zip(row.cells, widths, strict=True):
        layout.write(cell.paragraphs[0], f"{{{{ {one}.{column} }}}}", "Letter Table Amount" if column in AMOUNTS else "Letter Table")
    layout.ruled(row, "bottom", 2)
    _tag_row(table, "{%tr endfor %}")


def _sum(table: Table, label: str, amount: str, style: str) -> _Row:
    row = table.add_row()
    layout.write(layout.merged(row, 0, len(row.cells) - 2).paragraphs[0], label, style)
    layout.write(row.cells[-1].paragraphs[0], amount, style)
    layout.airy(row)
    return row


def _tag_row(table: Table, tag: str) -> None:
    row = table.add_row()
    layout.write(layout.merged(row, 0, len(row.cells) - 1).paragraphs[0], tag, "Letter Table")


def _whole(table: Table) -> None:
    """No row is parted between two pages."""
    for row in table.rows:
        layout.whole(row)
