"""The template check: each mistake a person makes in Word is named with the words around it."""

import docx
import pytest

from letter_templates.pictures import qr_code
from letter_templates.render import check_template, masters
from rules.model import Severity

FULL = (
    "{%p for line in payer.address_lines %}", "{{ line }}", "{%p endfor %}",
    "{{ sender.name }} {{ date }} {{ as_of }} {{ deadline }}",
    "{{ bank.iban }} {{ payment_reference }}", "{% for l in lines %}{{ l.document }} {{ l.due_date }} {{ l.open }}{% endfor %}",
    "{% for c in credits %}{{ c.open }}{% endfor %}{{ totals.total }}",
)  # fmt: skip


def test_a_complete_template_has_no_findings(template_of):
    assert [] == check_template(template_of(*FULL))


@pytest.mark.parametrize("path", sorted(masters().glob("*/*.docx")), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_the_packaged_templates_have_no_findings(path):
    assert [] == check_template(path)


@pytest.mark.parametrize(
    ("paragraph", "code", "said"),
    [
        ("Pay {{ amount_deu }} now", "template_unknown_field", ("amount_deu", "amount_due", "Pay {{ amount_deu }} now")),
        ("{% for l in lines %}{{ l.opn }}{% endfor %}", "template_unknown_field", ("l.opn", "open")),
        ("{% for l in lines %}{{ loop.indx }}{% endfor %}", "template_unknown_field", ("loop.indx", "index")),
        ("{{ sender.nam }}", "template_unknown_field", ("sender.nam", "name")),
        ("{{ deadline.year }}", "template_unknown_field", ("deadline.year",)),
        ("{{ amount_deu|default('') }}", "template_unknown_field", ("amount_deu",)),
        ("{% for l in sender %}{% endfor %}", "template_no_list", ("sender",)),
        ("{{ lines }}", "template_not_text", ("lines",)),
        ("{% for l in lines %}{{ l }}{% endfor %}", "template_not_text", ("l",)),
        ("{{ sender.name.upper() }}", "template_unsafe_tag", ("sender.name.upper(…)",)),
        ("{{ sender.__class__ }}", "template_unsafe_tag", ("sender.__class__",)),
        ("{{ 'a' * 1000000000 }}", "template_unsafe_tag", ("*",)),
        ("{{ sender.name|center(1000000000) }}", "template_unsafe_tag", ("|center",)),
        ("{{ sender.name is wobbly }}", "template_unsafe_tag", ("is wobbly",)),
        ("{% set x = 1 %}", "template_unsafe_tag", ("set",)),
        ("{% include 'x' %}", "template_unsafe_tag", ("include",)),
        ("{% for a in lines %}{% for b in lines %}{% for c in lines %}{% endfor %}{% endfor %}{% endfor %}", "template_unsafe_tag", ("for",)),
        ("{% if is_single %}never closed", "template_unclosed", ("{% if … %}", "{% endif %}", "never closed")),
        ("{% for l in lines %}{{ l.open }}", "template_unclosed", ("{% for … %}", "{% endfor %}")),
        ("closed twice{% endif %}", "template_unopened", ("{% endif %}", "closed twice")),
        ("{% if is_single %}{% endfor %}", "template_unopened", ("{% endfor %}",)),
        ("{{ sender.name } lost", "template_syntax", ("lost",)),
        ("{{ '' .__class__ }}", "template_unsafe_tag", ("''.__class__",)),
        ("Pay { amount_due } now", "template_plain_field", ("{ amount_due }", "{{ amount_due }}", "now")),
        ("Pay «amount_due» now", "template_plain_field", ("«amount_due»", "{{ amount_due }}")),
        ("Dear [[payer.name]]", "template_plain_field", ("[[payer.name]]", "{{ payer.name }}")),
        ("{{ sender.name", "template_syntax", ("sender.name",)),
        ("lost {%p if is_single %}", "template_lost_text", ("lost {%p if is_single %}",)),
        ("{{r sender.name }}", "template_rich", ("{{r sender.name }}",)),
    ],
)
def test_a_mistake_is_named_where_it_stands(template_of, paragraph, code, said):
    more = ("{%p endif %}",) if "{%p if" in paragraph else ()
    found = [finding for finding in check_template(template_of(*FULL, paragraph, *more)) if finding.code == code]

    assert found
    for language in ("en", "fr", "de"):
        assert all(word in found[0].text(language) for word in ("fr/own.docx", *said))


@pytest.mark.parametrize("paragraph", ["La « date » convenue", "{ nothing }", "[[note]] «société_x»", "{_{ date }_}"])
def test_words_in_brackets_are_words(template_of, paragraph):
    assert [] == check_template(template_of(*FULL, paragraph))


@pytest.mark.parametrize(
    ("left_out", "expected"),
    [
        ("{{ totals.total }}", [("totals.total", Severity.ERROR)]),
        ("{{ deadline }}", [("deadline", Severity.ERROR)]),
        ("{{ l.open }}", [("line.open", Severity.ERROR)]),
        ("{{ as_of }}", [("as_of", Severity.WARNING)]),
        ("{{ date }}", [("place_and_date", Severity.WARNING)]),
        ("{{ bank.iban }}", [("bank.iban", Severity.WARNING)]),
    ],
)
def test_a_missing_essential_is_named(template_of, left_out, expected):
    found = check_template(template_of(*(paragraph.replace(left_out, "") for paragraph in FULL)))

    assert expected == [(finding.values["field"], finding.severity) for finding in found]


def test_the_sum_of_the_text_serves_for_the_sum_of_the_table_and_place_and_date_for_the_date(template_of):
    swapped = [paragraph.replace("{{ totals.total }}", "{{ amount_due }}").replace("{{ date }}", "{{ place_and_date }}") for paragraph in FULL]

    assert [] == check_template(template_of(*swapped))


def test_a_row_tag_beside_text_would_lose_the_row(tmp_path):
    document = docx.Document()
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "{%tr for line in lines %}", "{{ line.open }} kept?"
    document.add_paragraph("{%p endfor %}")
    document.save(str(tmp_path / "own.docx"))

    assert "template_lost_text" in [finding.code for finding in check_template(tmp_path / "own.docx")]


def test_a_field_in_a_comment_is_named(tmp_path):
    document = docx.Document()
    for paragraph in FULL:
        document.add_paragraph(paragraph)
    document.add_comment(document.paragraphs[0].runs, text="{{ sender.name }}", author="A")
    document.save(str(tmp_path / "own.docx"))

    assert ["template_unfilled"] == [finding.code for finding in check_template(tmp_path / "own.docx")]


def test_a_file_that_is_no_template_is_a_finding(tmp_path):
    (tmp_path / "own.docx").write_bytes(b"x")

    assert ["template_refused"] == [finding.code for finding in check_template(tmp_path / "own.docx")]


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("{{p conditions }}", []),
        ("{{ conditions }}", ["template_inserted"]),
        ("See {{p conditions }}", ["template_inserted"]),
        ("{{ signature_image }}", []),
        ("{{p signature_image }}", ["template_rich"]),
    ],
)
def test_what_a_template_inserts_stands_where_it_can(template_of, paragraph, expected):
    path = template_of(*FULL, paragraph)
    docx.Document().save(str(path.parent / "conditions.docx"))
    (path.parents[1] / "signature.png").write_bytes(qr_code("x"))

    assert expected == [finding.code for finding in check_template(path)]


def test_a_file_to_insert_that_is_missing_is_a_finding(template_of):
    found = check_template(template_of(*FULL, "{{ signature_image }}"))

    assert ["template_refused"] == [finding.code for finding in found]
    assert "signature.png" in found[0].text("en")
