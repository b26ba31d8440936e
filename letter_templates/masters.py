"""The packaged Word templates, made from their words: `python -m letter_templates.masters` writes fr/, en/, de/ and the README's fields anew."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docx.document import Document
from docx.shared import Mm

from letter_templates import layout, pictures, tables
from letter_templates.contract import CONTRACTS, Letter, field_reference
from letter_templates.package import packed, read_parts, zipped
from letter_templates.paper import WIDTH, sheet
from letter_templates.properties import core_properties
from letter_templates.wording import DOCUMENTS, LETTERS, wording
from rules.row import LANGUAGES

README, MARKS = Path(__file__).parent / "README.md", ("<!-- fields: begin -->", "<!-- fields: end -->")
Paragraph = dict[str, Any]  # `text` with `if`, `else_if`, `else`; or `sentences`
CODE = 24  # mm: side of the QR code
COLUMNS = {"courtesy": tables.LISTED, "reminder": tables.BARE}  # of the letters that do not show every column


def master(language: str, template: str) -> bytes:
    """One packaged template as a .docx file: the same bytes for the same words."""
    words = wording(language)
    label, text = words["label"], words["letter" if template in LETTERS else "document"][template]
    document = sheet(words, language, to=label["agency"] if template == "hand_over" else "", letter=template in LETTERS)
    layout.paragraph(document, "{{ place_and_date }}", "Letter Date").paragraph_format.left_indent = Mm(85) if language == "fr" else None
    layout.paragraph(document, text["subject"], "Letter Subject")
    layout.paragraph(document, label["salutation"], "Letter Text")
    _text(document, text["before"])
    _BODIES.get(template, _letter)(document, label, text["after"], template)
    return _packed(document, {"language": language, "level_name": text["name"]})


def _letter(document: Document, label: dict[str, str], after: list[Paragraph], template: str) -> None:
    tables.lines(document, label, COLUMNS.get(template, tables.LINES), "listed" if template == "courtesy" else "overdue")
    layout.paragraph(document, label["as_of"], "Letter Small")
    tables.interest(document, label)
    _after(document, after)
    _ending(document, label)
    for listed in ("held", "not_due"):
        tables.listed(document, label, listed)


def _statement(document: Document, label: dict[str, str], after: list[Paragraph], template: str) -> None:
    layout.paragraph(document, "{%p if has_lines %}", "Letter Text")
    tables.account(document, label)
    layout.paragraph(document, label["as_of"], "Letter Small")
    tables.ageing(document, label)
    _after(document, after)
    layout.paragraph(document, "{%p endif %}", "Letter Text")
    _ending(document, label, "has_lines and not is_in_credit")


def _confirmation(document: Document, label: dict[str, str], after: list[Paragraph], template: str) -> None:
    (tables.plan if template == "plan_confirmation" else tables.promised)(document, label)
    layout.paragraph(document, label["as_of"], "Letter Small")
    _after(document, after)
    _ending(document, label)


def _hand_over(document: Document, label: dict[str, str], after: list[Paragraph], template: str) -> None:
    tables.parties(document, label)
    tables.claim(document, label)
    layout.paragraph(document, label["as_of"], "Letter Small")
    tables.interest(document, label)
    layout.when(document, "oldest_due_date", label["limitation"], "Letter Text")
    tables.history(document, label)
    layout.paragraph(document, "{%p if has_enclosures %}", "Letter Text")
    layout.paragraph(document, label["enclosures"], "Letter Table Title")
    layout.repeat(document, "enclosures", "Letter Table")
    layout.paragraph(document, "", "Letter Space")
    layout.paragraph(document, "{%p endif %}", "Letter Text")
    layout.paragraph(document, label["to_add"], "Letter Last")
    _text(document, after, "Letter Last")
    _greeting(document, label)


_BODIES: dict[str, Callable[[Document, dict[str, str], list[Paragraph], str], None]] = {
    "statement": _statement, "promise_confirmation": _confirmation, "plan_confirmation": _confirmation, "hand_over": _hand_over,
}  # fmt: skip


def _ending(document: Document, label: dict[str, str], asks: str = "") -> None:
    """Whom to ask; where to pay and what to quote, the QR code beside it, greeting and name: one row of a table, so that no page parts them.

    `asks` is the condition under which the document speaks of a payment; without an account it says only what to quote.
    """
    _text(document, [{"if": "has_contact", "text": label["dispute"], "else": label["dispute_reply"]}], "Letter Last")
    row = layout.grid(document.add_table(1, 2), [WIDTH - CODE, CODE]).rows[0]
    layout.whole(row)
    account, code = row.cells
    payable, without = (" and ".join(filter(None, (asks, condition))) for condition in ("has_bank", "not has_bank"))
    lines = [("sender.name", label["beneficiary"]), ("bank.name", label["bank"]), ("bank.iban", "IBAN"), ("bank.bic", "BIC")]
    known = "".join(f"{{% if {field} %}}{title}\t{{{{ {field} }}}}\n{{% endif %}}" for field, title in lines)
    layout.write(account.paragraphs[0], f"{{%p if {payable} %}}", "Letter Bank")
    layout.paragraph(account, f"{known}{label['reference']}\t{{{{ payment_reference }}}}", "Letter Bank")
    layout.when(account, "has_payment_qr", label["qr"], "Letter Code")
    layout.paragraph(account, f"{{%p elif {without} %}}", "Letter Last")
    layout.paragraph(account, label["reference_alone"], "Letter Last")
    layout.paragraph(account, "{%p endif %}", "Letter Last")
    _greeting(account, label)
    drawn = layout.write(code.paragraphs[0], "{% if has_payment_qr %}", "Letter Picture")
    layout.picture(drawn, pictures.qr_code(pictures.FIELD), CODE, pictures.FIELD)
    drawn.add_run("{% endif %}")
    layout.paragraph(document, "", "Letter Gap")  # Word wants a paragraph after a table


def _greeting(place: Any, label: dict[str, str]) -> None:
    layout.paragraph(place, label["closing"], "Letter Closing")
    layout.paragraph(place, "{{ signatory }}", "Letter Signatory")


def _after(document: Document, paragraphs: list[Paragraph]) -> None:
    """What follows the tables; from the last paragraph that is always there on, it goes to the next page with the ending."""
    last = max((at for at, paragraph in enumerate(paragraphs) if not paragraph.keys() & {"if", "sentences"}), default=0)
    _text(document, paragraphs[:last])
    _text(document, paragraphs[last:], "Letter Last")


def _text(document: Document, paragraphs: list[Paragraph], style: str = "Letter Text") -> None:
    for paragraph in paragraphs:
        if "sentences" in paragraph:
            layout.when(document, *_joined(paragraph["sentences"]), style)
            continue
        if "if" in paragraph:
            layout.paragraph(document, f"{{%p if {paragraph['if']} %}}", style)
        layout.paragraph(document, paragraph["text"], style)
        if "else" in paragraph:
            layout.paragraph(document, f"{{%p elif {paragraph['else_if']} %}}" if "else_if" in paragraph else "{%p else %}", style)
            layout.paragraph(document, paragraph["else"], style)
        if "if" in paragraph:
            layout.paragraph(document, "{%p endif %}", style)


def _joined(sentences: list[dict[str, str]]) -> tuple[str, str]:
    """When any of the sentences is there, and those that are, with spaces between them."""
    conditions = [sentence["if"] for sentence in sentences]
    text = ""
    for at, sentence in enumerate(sentences):
        space = f"{{% if {' or '.join(conditions[:at])} %}} {{% endif %}}" if at else ""
        text += f"{{% if {sentence['if']} %}}{space}{sentence['text']}{{% endif %}}"
    return " or ".join(conditions), text


def _packed(document: Document, context: dict[str, Any]) -> bytes:
    saved = io.BytesIO()
    document.save(saved)
    parts = read_parts(saved.getvalue(), "master")
    parts["docProps/core.xml"] = core_properties(context, {})
    return zipped([packed(name, content) for name, content in parts.items()])


def readme() -> str:
    """`letter_templates/README.md` with the fields as the contracts have them now."""
    head, tail = README.read_text(encoding="utf-8").split(MARKS[0])
    made = [f"### Letters: {', '.join(f'`{name}`' for name in LETTERS)}, and every template of your own\n\n{field_reference(Letter)}\n"]
    made += [f"### `{name}`\n\n{field_reference(CONTRACTS[name], but_for=Letter)}\n" for name in DOCUMENTS]
    return "".join([head, MARKS[0], "\n", "\n".join(made), MARKS[1], tail.split(MARKS[1])[1]])


def main() -> None:
    """Write all packaged templates beside this module, and the fields into the README."""
    README.write_text(readme(), encoding="utf-8", newline="\n")
    for language in LANGUAGES:
        for template in (*LETTERS, *DOCUMENTS):
            path = Path(__file__).parent / language / f"{template}.docx"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(master(language, template))


if __name__ == "__main__":
    main()
