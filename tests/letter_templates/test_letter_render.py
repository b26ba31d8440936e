"""Rendering: equal to docxtpl, the same bytes twice, hostile names as text, hostile templates refused."""

import hashlib
import io
import os
import zipfile
from pathlib import Path

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2.exceptions import SecurityError

from letter_templates import filling, package, several
from letter_templates.inserted import by_docxtpl
from letter_templates.language import environment
from letter_templates.pictures import qr_code
from letter_templates.render import Template, copy_masters, masters, template_path
from letter_templates.straight import straight
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
    monkeypatch.setattr(filling, "LETTER_LIMIT", 50_000)
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


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "this is not a Word document"),
        (b"PK\x03\x04 not a zip", "this is not a Word document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 99, "password"),
    ],
)
def test_what_is_no_docx_is_refused(tmp_path, content, said):
    path = tmp_path / "own.docx"
    path.write_bytes(content)

    with pytest.raises(TemplateError, match=rf"own\.docx: .*{said}"):
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
    with pytest.raises(TemplateError, match=r"courtesy, final_notice, firm_reminder, formal_notice, hand_over, .* reminder, statement"):
        template_path(tmp_path, "fr", name)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(TemplateError, match=r"own\.docx: the template cannot be read"):
        Template.load(tmp_path / "own.docx")


def test_copying_the_masters_never_overwrites(tmp_path):
    own = tmp_path / "fr" / "reminder.docx"
    own.parent.mkdir()
    own.write_bytes(b"mine")
    first, second = copy_masters(tmp_path), copy_masters(tmp_path)

    assert (26, 0, b"mine") == (len(first), len(second), own.read_bytes())


# ---- the straight way, and what must not take it


def test_the_packaged_templates_need_no_second_look(master):
    _, _, path = master

    assert all(filler.empty is not None for filler in Template.load(path).fillers)


@pytest.mark.parametrize(
    "paragraphs",
    [
        ("{% if is_single %}one</w:t></w:r>",),  # escaped by Word: text
        ("{%p if is_single %}", "A", "{%p else %}", "B {{ payer.name }}", "{%p endif %}"),
        ("{%p for line in lines %}", "{{ line.document }}{% if not loop.last %},{% endif %}", "{%p endfor %}"),
        ("{{ payer.name|upper }} {{ 'x y' }} {{ payer.address_lines|join(' & ') }}",),
        ("{{ lines|length }} {{ is_single }} {% if lines|length > 1 %}many{% else %}{{ lines[0].document }}{% endif %}", "{{ sender.city or '–' }}"),
    ],
)
@pytest.mark.parametrize("wishes", [{"lines": 1}, {"lines": 3}], ids=str)
def test_every_kind_of_tag_gives_what_docxtpl_gives(template_of, letters, paragraphs, wishes):
    whole = (*paragraphs, "{% endif %}") if paragraphs[0].startswith("{% if is_single %}one") else paragraphs
    path = template_of(*whole)
    context = letters.context(name="A & B <C> \"D\" 'E'", **wishes)

    assert document_by_docxtpl(path, context) == parts(Template.load(path).render(context))["word/document.xml"]


def document_by_docxtpl(path, context) -> bytes:
    plain = DocxTemplate(path)
    plain.render(context, environment())
    saved = io.BytesIO()
    plain.save(saved)
    return parts(saved.getvalue())["word/document.xml"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a>x{{ y }}</a>", ()),
        ("<a>{{ y }}</a>", ("<a></a>",)),
        ('<a b="c">{% if y %}<d/>{% endif %}</a>', ('<a b="c"></a>',)),
        ("<r><a>{% if y %}1</a><a>2{% endif %}</a></r>", ("<a></a>",)),
        ("<a>{% if y %}</a>{% endif %}</a>", None),
        ("<a>{% if y %}<d>{% endif %}</d></a>", None),
        ('<a b="{{ y }}"/>', None),
        ("<a>{{ y }}</a><a/>", None),
        ("<a><!-- {{ y }} --></a>", None),
        ("<a b='c'>{{ y }}</a>", None),
    ],
)
def test_only_text_that_is_right_whichever_way_its_tags_go_is_not_parsed_again(text, expected):
    assert expected == straight(environment().parse(text), tables=False)


def test_a_table_whose_columns_depend_on_a_condition_is_looked_at_in_every_letter(tmp_path):
    document = docx.Document()
    table = document.add_table(1, 3)
    for cell, text in zip(table.rows[0].cells, ("{%tc if has_fee %}", "{{ totals.fee }}", "{%tc endif %}"), strict=True):
        cell.text = text
    path = tmp_path / "own.docx"
    document.save(str(path))

    assert [None] == [filler.empty for filler in Template.load(path).fillers if filler.source.part == "word/document.xml"]


def test_loops_that_go_round_without_end_and_print_nothing_are_stopped(template_of, letters, monkeypatch):
    monkeypatch.setattr(filling, "STEP_LIMIT", 5_000)
    template = Template.load(template_of("{% for a in lines %}{% for b in lines %}{% endfor %}{% endfor %}"))

    with pytest.raises(TemplateError, match=r"fr/own\.docx: the letter to 0000010017 grows.*5,000 times"):
        template.render(letters.context(lines=100))


def test_a_template_of_more_tags_than_a_letter_needs_is_refused(template_of):
    with pytest.raises(TemplateError, match=r"own\.docx: word/document\.xml has .* 2500 tags"):
        Template.load(template_of(*["{{ sender.name }}" * 50] * 50))


def test_pictures_are_numbered_as_docxtpl_does(tmp_path, letters):
    document = docx.Document()
    for tag in ("{%p if is_single %}", None, "{%p endif %}", None):
        if tag:
            document.add_paragraph(tag)
        else:
            document.add_picture(io.BytesIO(qr_code("x")))
    path = tmp_path / "own.docx"
    document.save(str(path))
    template = Template.load(path)

    assert template.fillers[0].empty is not None
    for lines in (1, 2):
        context = letters.context(lines=lines)
        assert document_by_docxtpl(path, context) == parts(template.render(context))["word/document.xml"]


# ---- pictures and documents from files


def with_code(folder: Path) -> Path:
    document = docx.Document()
    document.add_paragraph("{%p if has_payment_qr %}")
    document.add_picture(io.BytesIO(qr_code("placeholder")))
    document.paragraphs[-1]._element.xpath(".//wp:docPr")[0].set("descr", "payment_qr")
    document.add_paragraph("{%p endif %}")
    path = folder / "own.docx"
    document.save(str(path))
    return path


def test_the_picture_of_a_qr_code_says_the_transfer_of_this_letter(tmp_path, letters):
    template = Template.load(with_code(tmp_path))
    context = letters.context() | {"has_payment_qr": True, "payment_qr": "BCD\n002\n1\nSCT\n\nLefort & Söhne\nFR76\nEUR12.30\n\n\nFA-1"}
    made = template.render(context)

    assert qr_code(context["payment_qr"]) == parts(made)["word/media/image1.png"]
    assert made == template.render(context)
    assert qr_code("placeholder") == parts(template.render(letters.context() | {"payment_qr": ""}))["word/media/image1.png"]


def test_a_qr_code_with_too_much_to_say_is_refused(tmp_path, letters):
    with pytest.raises(TemplateError, match="too much to say"):
        Template.load(with_code(tmp_path)).render(letters.context() | {"payment_qr": "x" * 400})


def conditions(path: Path, text: str = "Our conditions") -> None:
    document = docx.Document()
    document.add_paragraph(text, style="Intense Quote")
    document.add_paragraph("first", style="List Number")
    table = document.add_table(1, 2)
    table.cell(0, 0).text = "in a table"
    document.save(str(path))


def test_a_document_and_a_signature_are_inserted_by_docxtpl_itself(template_of, letters, tmp_path):
    path = template_of("Dear {{ payer.name }}", "{{p conditions }}", "{{ signature_image }}", "{{ amount_due }}")
    conditions(path.parent / "conditions.docx", "Our {{ conditions }} stay as they are")
    (tmp_path / "signature.png").write_bytes(qr_code("signature"))
    template = Template.load(path)
    context = letters.context(name="A & B {_{ x }_}")
    made = template.render(context, {"run": "R1"})

    said = "Dear A & B {_{ x }_}\nOur {{ conditions }} stay as they are\nfirst\nin a table | \n2\u202f469,01\u00a0€\n"

    assert said == letters.text(made)
    assert qr_code("signature") in parts(made).values()
    assert made == Template.load(path).render(context, {"run": "R1"})


def test_docxtpl_itself_and_the_prepared_way_give_the_same_document(master, letters):
    language, letter, path = master
    context = letters.context(language=language, template=letter, lines=3, name="A & B <C>", fee=500)
    straight_way = parts(Template.load(path).render(context))

    assert straight_way | {"docProps/core.xml": b""} == by_docxtpl(path.read_bytes(), {}, context, "own") | {"docProps/core.xml": b""}


@pytest.mark.parametrize(
    ("field", "file", "content", "said"),
    [
        ("{{p conditions }}", "fr/conditions.docx", None, r"conditions\.docx, which cannot be read"),
        ("{{p conditions }}", "fr/conditions.docx", b"x", r"conditions\.docx: this is not a Word document"),
        ("{{ signature_image }}", "signature.png", None, r"signature\.png, which cannot be read"),
        ("{{ signature_image }}", "signature.png", b"GIF89a", r"signature\.png: this is not a picture"),
    ],
)
def test_a_file_to_insert_that_is_missing_or_wrong_is_named(template_of, tmp_path, field, file, content, said):
    path = template_of(field)
    if content is not None:
        (tmp_path / file).write_bytes(content)

    with pytest.raises(TemplateError, match=said):
        Template.load(path)


# ---- many letters


def test_letters_come_out_in_their_order_wherever_they_are_made(letters, monkeypatch):
    template = Template.load(masters() / "fr" / "reminder.docx")
    contexts = [letters.context(template="reminder", name=f"Payer {n}") for n in range(12)]
    jobs = [several.Job("t", context, {"letter": str(n)}) for n, context in enumerate(contexts)]
    monkeypatch.setattr(several, "BATCH", 2)
    monkeypatch.setattr(several, "PAYS", 0.0)
    expected = [hashlib.sha256(template.render(job.context, job.properties)).hexdigest() for job in jobs]

    for cores in (1, 2):
        assert expected == [one for batch in several.Letters({"t": template}, several.hashes, cores).answers(jobs) for one in batch]


def test_when_another_process_ends_this_one_makes_its_letters(letters, monkeypatch):
    template = Template.load(masters() / "fr" / "reminder.docx")
    jobs = [several.Job("t", letters.context(template="reminder"), {"letter": str(n)}, os.getpid()) for n in range(12)]
    monkeypatch.setattr(several, "BATCH", 2)
    monkeypatch.setattr(several, "PAYS", 0.0)

    assert [os.getpid()] * 12 == [one for batch in several.Letters({"t": template}, dying, 2).answers(jobs) for one in batch]


def dying(made):
    """Ends any process but the one that asked."""
    if os.getpid() != made[0][1]:
        os._exit(1)
    return [os.getpid()] * len(made)
