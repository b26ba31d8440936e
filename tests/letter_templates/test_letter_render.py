"""Rendering: equal to docxtpl, the same bytes twice, hostile names as text, hostile templates refused."""

import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2.exceptions import SecurityError

from letter_templates import package, render
from letter_templates.language import environment
from letter_templates.render import Template, copy_masters, masters, template_path
from letter_templates.wording import LETTERS
from rules.errors import TemplateError

ALL = [(language, letter) for language in ("en", "fr", "de") for letter in LETTERS]
HOSTILE = [
    "X</w:t></w:r></w:p><w:p><w:r><w:t>FREE TEXT", "{{7*7}}", "{_{7*7}_}", "{% raw %}", "Müller & Söhne", "<b>Bold</b> Ltd", "a\ab\x0cc\u202ed\u0000",
]  # fmt: skip


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module", params=ALL, ids=lambda p: "/".join(p))
def master(request):
    language, letter = request.param
    return language, letter, masters() / language / f"{letter}.docx"


@pytest.mark.parametrize(
    "wishes",
    [
        {"lines": 1},
        {"lines": 40, "interest": 7},
        {"lines": 3, "credits": 9, "fee": 500, "channel": "registered"},
        {"lump_sum": 4000, "held": 2, "not_due": 1},
    ],
    ids=str,
)
def test_a_letter_is_what_docxtpl_makes(master, letters, wishes):
    language, letter, path = master
    context = letters.context(language=language, template=letter, name="A & B <C>", **wishes)
    plain = DocxTemplate(path)
    plain.render(context, environment())
    saved = io.BytesIO()
    plain.save(saved)
    expected = parts(saved.getvalue()) | {"docProps/core.xml": b""}

    assert expected == parts(Template.load(path).render(context)) | {"docProps/core.xml": b""}


def test_tables_with_other_columns_than_their_grid_are_mended_as_docxtpl_does(tmp_path, letters):
    document = docx.Document()
    table = document.add_table(1, 4)
    for cell, text in zip(table.rows[0].cells, ("{%tc if has_fee %}", "{{ totals.fee }}", "{%tc endif %}", "{{ totals.total }}"), strict=True):
        cell.text = text
    path = tmp_path / "own.docx"
    document.save(str(path))
    context = letters.context(fee=100)
    plain = DocxTemplate(path)
    plain.render(context, environment())
    saved = io.BytesIO()
    plain.save(saved)

    assert parts(saved.getvalue())["word/document.xml"] == parts(Template.load(path).render(context))["word/document.xml"]


def test_the_same_letter_is_the_same_bytes(master, letters):
    language, letter, path = master
    context = letters.context(language=language, template=letter)

    assert Template.load(path).render(context, {"run": "R1"}) == Template.load(path).render(context, {"run": "R1"})


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text(letters, name):
    made = Template.load(masters() / "fr" / "reminder.docx").render(letters.context(template="reminder", name=name))
    plain = name.replace("\a", "").replace("\x0c", " ").replace("\u202e", "").replace("\0", "")
    quiet = Template.load(masters() / "fr" / "reminder.docx").render(letters.context(template="reminder", name="Plain"))

    assert letters.text(quiet).replace("Plain", plain) == letters.text(made)


def test_control_characters_of_a_foreign_context_make_no_pages(letters):
    context = letters.context(template="reminder")
    context["payer"]["address_lines"] = ["Acme\aThis letter is void.\x0cNext page"]

    assert "AcmeThis letter is void. Next page" in letters.text(Template.load(masters() / "fr" / "reminder.docx").render(context))


def test_properties_come_back_and_title_and_date_are_the_letters(letters):
    made = Template.load(masters() / "de" / "reminder.docx").render(
        letters.context(language="de", template="reminder"), {"run": "R1", "letter": "L1", "head": "ab=12"}
    )
    core = docx.Document(io.BytesIO(made)).core_properties

    assert "head=ab=12; letter=L1; run=R1" == core.keywords
    assert ("Zahlungserinnerung R20260302-4f1c_0000010017_EUR_L2", "2026-03-02") == (core.title, str(core.created)[:10])


@pytest.mark.parametrize("tag", ["{{ cycler.__init__.__globals__ }}", "{{ ''.__class__.__mro__ }}", "{{ lines.append(1) }}", "{{ range(10) }}"])
def test_a_tag_that_reaches_out_is_refused(template_of, tag):
    with pytest.raises(TemplateError, match=r"own\.docx"):
        Template.load(template_of(tag))


def test_the_sandbox_stops_what_reaches_out_even_unread():
    with pytest.raises(SecurityError):
        environment().from_string("{{ cycler.__init__.__globals__ }}").render()


def test_a_field_missing_from_a_stored_letter_is_named_with_its_paragraph(template_of, letters):
    template = Template.load(template_of("before", "Pay {{ amount_due }} to us", "after"))
    context = letters.context()
    del context["amount_due"]

    with pytest.raises(TemplateError, match=r"fr/own\.docx.*amount_due.*“Pay {{ amount_due }} to us”"):
        template.render(context)


def test_a_comparison_of_unlike_things_is_named_with_its_paragraph(template_of, letters):
    template = Template.load(template_of("{% if lines > 3 %}many{% endif %}"))

    with pytest.raises(TemplateError, match="many"):
        template.render(letters.context())


def test_a_letter_that_grows_too_long_is_stopped(template_of, letters, monkeypatch):
    monkeypatch.setattr(render, "LETTER_LIMIT", 50_000)
    template = Template.load(template_of("{% for a in lines %}{% for b in lines %}" + "x" * 50 + "{% endfor %}{% endfor %}"))

    with pytest.raises(TemplateError, match="0000010017"):
        template.render(letters.context(lines=100))


def test_line_breaks_and_braces_of_the_template_itself_are_kept(template_of, letters):
    path = template_of("one {_{ two }_}")
    document = docx.Document(str(path))
    document.paragraphs[0].runs[0]._element.t_lst[0].text = "a\tb {_{ c }_}"
    document.save(str(path))

    assert "a\tb {{ c }}" in letters.text(Template.load(path).render(letters.context()))


def test_footnotes_are_filled(letters, tmp_path):
    note = "<w:footnotes {}><w:footnote w:id='1'><w:p><w:r><w:t>{{{{ amount_due }}}}</w:t></w:r></w:p></w:footnote></w:footnotes>"
    made = Template.load(with_part(tmp_path, "word/footnotes.xml", "footnotes", note)).render(letters.context())

    assert ">2\u202f469,01\u00a0€</w:t>" in parts(made)["word/footnotes.xml"].decode()


# ---- files nobody should use as a template


def with_part(folder: Path, name: str, kind: str, xml: str) -> Path:
    """A Word document with one more part, related to its text."""
    saved = io.BytesIO()
    docx.Document().save(saved)
    found = parts(saved.getvalue())
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    found[name] = xml.format('xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"').encode()
    found["[Content_Types].xml"] = found["[Content_Types].xml"].replace(
        b"</Types>", f'<Override PartName="/{name}" ContentType="{main}.{kind}+xml"/></Types>'.encode()
    )
    found["word/_rels/document.xml.rels"] = found["word/_rels/document.xml.rels"].replace(
        b"</Relationships>", f'<Relationship Id="x1" Type="{REL}/{kind}" Target="{name.removeprefix("word/")}"/></Relationships>'.encode()
    )
    path = folder / "own.docx"
    path.write_bytes(package.zipped([package.packed(part, content) for part, content in found.items()]))
    return path


REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def related(kind, target):
    def change(document):
        document.part.relate_to(target, kind, is_external=True)

    return change


def fielded(*pieces):
    def change(document):
        for number, piece in enumerate(("begin", *pieces, "end")):
            run = document.add_paragraph().add_run() if number == 0 else document.paragraphs[-1].add_run()
            mark = OxmlElement("w:fldChar" if piece in ("begin", "end") else "w:instrText")
            if piece in ("begin", "end"):
                mark.set(qn("w:fldCharType"), piece)
            else:
                mark.text = piece
            run._element.append(mark)

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (related(f"{REL}/attachedTemplate", "http://evil.example/t.dotm"), "attached"),
        (related(RELATIONSHIP_TYPE.IMAGE, "http://evil.example/i.png"), "outside itself"),
        (related(RELATIONSHIP_TYPE.HYPERLINK, "file:///c:/x.exe"), "outside itself"),
        (related(RELATIONSHIP_TYPE.A_F_CHUNK, "x.html"), "another document"),
        (fielded(" INCLUDETEXT c:/secret.txt"), "INCLUDETEXT"),
        (fielded(" DD", "EAUTO cmd /c calc"), "DDEAUTO"),
        (fielded(" DATE "), "DATE"),
    ],
)
def test_a_template_that_reaches_outside_is_refused(tmp_path, change, said):
    document = docx.Document()
    change(document)
    path = tmp_path / "own.docx"
    document.save(str(path))

    with pytest.raises(TemplateError, match=said):
        Template.load(path)


def test_a_template_with_page_numbers_and_a_link_is_taken(tmp_path, letters):
    document = docx.Document()
    fielded(" PAGE ")(document)
    related(RELATIONSHIP_TYPE.HYPERLINK, "https://pay.example")(document)
    document.add_paragraph("{{ amount_due }}")
    path = tmp_path / "own.docx"
    document.save(str(path))

    assert "2\u202f469,01\u00a0€" in letters.text(Template.load(path).render(letters.context()))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"a.txt": b"x"}, "not a Word document"),
        ({"word/vbaProject.bin": b"x"}, "program"),
        ({"word/embeddings/oleObject1.bin": b"x"}, "program"),
        ({"../evil.xml": b"<x/>"}, "outside the document"),
        ({"word/styles.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}, "entities"),
        ({"word/styles.xml": "<x/>".encode("utf-16")}, "encoding"),
        ({"word/styles.xml": b"<x>"}, "damaged"),
        ({"word/media/big.bin": bytes(package.PART_LIMIT + 1)}, "unpacks to more"),
    ],
)
def test_a_damaged_or_hostile_file_is_refused(tmp_path, made, said):
    saved = io.BytesIO()
    docx.Document().save(saved)
    found = made if "a.txt" in made else parts(saved.getvalue()) | made
    path = tmp_path / "own.docx"
    path.write_bytes(package.zipped([package.packed(name, content) for name, content in found.items()]))

    with pytest.raises(TemplateError, match=said):
        Template.load(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"\xd0\xcf\x11\xe0" * 200])
def test_what_is_no_docx_is_refused(tmp_path, content):
    path = tmp_path / "own.docx"
    path.write_bytes(content)

    with pytest.raises(TemplateError, match=r"own\.docx: this is not a Word document"):
        Template.load(path)


def test_a_file_too_large_is_refused_before_it_is_opened(tmp_path):
    path = tmp_path / "own.docx"
    path.write_bytes(bytes(package.FILE_LIMIT + 1))

    with pytest.raises(TemplateError, match="MB"):
        Template.load(path)


# ---- where templates lie


def test_the_users_template_comes_before_the_packaged_one(tmp_path):
    own = tmp_path / "fr" / "reminder.docx"
    own.parent.mkdir()
    own.write_bytes(b"x")

    assert (own, masters() / "fr" / "final_notice.docx") == (template_path(tmp_path, "fr", "reminder"), template_path(tmp_path, "fr", "final_notice"))


@pytest.mark.parametrize("name", ["remnder", "../fr/reminder", "", ".hidden"])
def test_a_missing_template_names_those_there_are(tmp_path, name):
    with pytest.raises(TemplateError, match="final_notice, firm_reminder, formal_notice, reminder"):
        template_path(tmp_path, "fr", name)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(TemplateError, match=r"own\.docx: the template cannot be read"):
        Template.load(tmp_path / "own.docx")


def test_copying_the_masters_never_overwrites(tmp_path):
    own = tmp_path / "fr" / "reminder.docx"
    own.parent.mkdir()
    own.write_bytes(b"mine")
    first, second = copy_masters(tmp_path), copy_masters(tmp_path)

    assert (11, 0, b"mine") == (len(first), len(second), own.read_bytes())
