"""One file to print from: every letter in it is what it was alone, and counts its own pages."""

import io
import re
import struct
import subprocess
import zipfile
import zlib
from datetime import date
from pathlib import Path

import docx
import pytest
from docx.enum.section import WD_SECTION
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt

from letter_templates.bundle import bundled
from letter_templates.pdf import converter, pdfs
from letter_templates.render import Template, masters
from tests.workbook.sdk import verdict

DAY = date(2026, 3, 2)
FOOTNOTES = f"""<w:footnotes {nsdecls("w")}>
<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>
<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>
<w:footnote w:id="1"><w:p><w:r><w:t>WORDS</w:t></w:r></w:p></w:footnote></w:footnotes>"""


def png(red: int) -> io.BytesIO:
    """A picture of one point."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes([0, red, 0, 0]))) + chunk(b"IEND", b""))


def field(paragraph, *codes: str) -> None:
    """A Word field whose code may be cut into several pieces."""
    pieces = [f'<w:r><w:instrText xml:space="preserve">{code}</w:instrText></w:r>' for code in codes]
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    whole = marks[0] + "".join(pieces) + marks[1] + "<w:r><w:t>1</w:t></w:r>" + marks[2]
    for run in parse_xml(f"<w:p {nsdecls('w')}>{whole}</w:p>"):
        paragraph._p.append(run)


def letter(*texts: str, font: str = "Arial", head: str = "", change=lambda document: None, footnote: str = "") -> bytes:
    """A letter made by hand, without the packaged templates."""
    document = docx.Document()
    document.styles["Normal"].font.name, document.styles["Normal"].font.size = font, Pt(11)
    for text in texts:
        document.add_paragraph(text)
    if head:
        document.sections[0].header.paragraphs[0].text = head
    change(document)
    if footnote:
        document.paragraphs[-1]._p.append(parse_xml(f'<w:r {nsdecls("w")}><w:footnoteReference w:id="1"/></w:r>'))
    saved = io.BytesIO()
    document.save(saved)
    return with_footnote(saved.getvalue(), footnote) if footnote else saved.getvalue()


def with_footnote(content: bytes, words: str) -> bytes:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    changed = {
        "[Content_Types].xml": ("</Types>", f'<Override PartName="/word/footnotes.xml" ContentType="{kind}"/></Types>'),
        "word/_rels/document.xml.rels": ("</Relationships>", f'<Relationship Id="rId99" Type="{link}" Target="footnotes.xml"/></Relationships>'),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, text.decode().replace(*changed[name]) if name in changed else text)
        new.writestr("word/footnotes.xml", FOOTNOTES.replace("WORDS", words))
    return made.getvalue()


def opened(*letters: bytes, **how):
    """The bundle of these letters, as python-docx reads it."""
    return docx.Document(io.BytesIO(bundled(letters, "R1", DAY, **how)))


def sections(document) -> list[list[str]]:
    """The texts of the paragraphs of each section."""
    found: list[list[str]] = [[]]
    for node in document.element.body.iterchildren():
        if node.tag == qn("w:p"):
            found[-1].append("".join(piece.text or "" for piece in node.iter(qn("w:t"))))
            if node.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None:
                found.append([])
    return found


def fields(element) -> list[str]:
    return [text for node in element.iter(qn("w:instrText"), qn("w:fldSimple")) if (text := (node.text or node.get(qn("w:instr"), "")).strip())]


def test_each_letter_is_a_section_that_begins_on_a_new_page_with_number_one() -> None:
    document = opened(letter("A1", "A2"), letter("B1"), letter("C1", "C2", "C3"))

    assert [["A1", "A2"], ["B1"], ["C1", "C2", "C3"]] == sections(document)
    assert [WD_SECTION.NEW_PAGE] * 3 == [section.start_type for section in document.sections]
    assert ["1", "1", "1"] == [section._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) for section in document.sections]


def test_a_bundle_of_one_letter_is_that_letter() -> None:
    document = opened(letter("A1"))

    assert [["A1"]] == sections(document)
    assert 1 == len(document.sections)


def test_the_same_letters_give_the_same_bytes_whatever_is_in_them() -> None:
    letters = [letter("A", head="A"), letter("B", font="Courier New", footnote="note")]

    assert bundled(letters, "R1", DAY) == bundled(iter(letters), "R1", DAY)


@pytest.mark.parametrize(
    ("codes", "by_reference", "counts"),
    [
        ([" NUMPAGES "], False, "SECTIONPAGES"),
        ([" NUMPAGES \\* MERGEFORMAT "], False, "SECTIONPAGES \\* MERGEFORMAT"),
        ([" NUM", "PAGES "], False, "SECTIONPAGES"),  # as Word cuts a code when its spelling was looked at
        ([" numpages "], True, "PAGEREF end_2"),
        ([" PAGE "], True, "PAGE"),
    ],
)
def test_the_number_of_pages_is_that_of_the_letter(codes: list[str], by_reference: bool, counts: str) -> None:
    foot = letter("B", change=lambda d: field(d.sections[0].footer.paragraphs[0], *codes))
    document = opened(letter("A"), foot, by_reference=by_reference)

    assert [counts] == fields(document.sections[1].footer._element)
    assert ["end_1", "end_2"] * by_reference == [mark.get(qn("w:name")) for mark in document.element.body.iter(qn("w:bookmarkStart"))]


def test_a_letter_of_several_sections_counts_all_its_pages() -> None:
    """SECTIONPAGES would count its first section alone; only the first begins with page 1."""

    def two(document) -> None:
        field(document.sections[0].footer.paragraphs[0], " NUMPAGES ")
        document.add_section(WD_SECTION.CONTINUOUS)
        document.add_paragraph("terms")

    document = opened(letter("A"), letter("B", change=two), letter("C"))

    assert ["PAGEREF end_2"] == fields(document.sections[1].footer._element)
    assert [WD_SECTION.NEW_PAGE, WD_SECTION.NEW_PAGE, WD_SECTION.CONTINUOUS, WD_SECTION.NEW_PAGE] == [s.start_type for s in document.sections]
    assert [True, True, False, True] == [section._sectPr.find(qn("w:pgNumType")) is not None for section in document.sections]


def test_a_letter_has_its_own_head_and_never_that_of_the_letter_before() -> None:
    document = opened(letter("A", head="Head of A"), letter("B"), letter("C", head="Head of C"))

    assert ["Head of A", "", "Head of C"] == [section.header.paragraphs[0].text for section in document.sections]
    assert ["", "", ""] == [section.footer.paragraphs[0].text for section in document.sections]


def test_heads_of_even_pages_stay_with_the_letters_that_have_them() -> None:
    def even(document) -> None:
        document.settings.odd_and_even_pages_header_footer = True
        document.sections[0].even_page_header.paragraphs[0].text = "even B"

    document = opened(letter("A", head="A"), letter("B", head="odd B", change=even))

    assert document.settings.odd_and_even_pages_header_footer
    assert [("A", "A"), ("odd B", "even B")] == [(s.header.paragraphs[0].text, s.even_page_header.paragraphs[0].text) for s in document.sections]


def test_styles_of_one_name_and_different_looks_stay_apart() -> None:
    document = opened(letter("A", font="Arial"), letter("B", font="Courier New"), letter("C", font="Arial"))
    fonts = {paragraph.text: paragraph.style.font.name for paragraph in document.paragraphs}
    names = [style.name for style in document.styles]

    assert {"A": "Arial", "B": "Courier New", "C": "Arial"} == fonts
    assert len(set(names)) == len(names)


def test_what_a_template_took_from_the_defaults_of_its_document_stays() -> None:
    """The second letter's paragraphs are 20 points by the defaults of its document, the first one's are not."""

    def large(document) -> None:
        document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:sz')}").set(qn("w:val"), "40")
        size = document.styles["Normal"].element.find(f"{qn('w:rPr')}/{qn('w:sz')}")
        size.getparent().remove(size)

    document = opened(letter("A"), letter("B", change=large))

    assert [Pt(11), Pt(20)] == [paragraph.style.font.size for paragraph in document.paragraphs]


def test_the_lists_of_each_letter_begin_with_one() -> None:
    def numbered(document) -> None:
        for text in ("first", "second"):
            document.add_paragraph(text, style="List Number")

    document = opened(*[letter("A", change=numbered) for _ in range(3)])
    lists = [int(node.get(qn("w:val"))) for node in document.element.body.iter(qn("w:numId"))]
    nums = {int(num.get(qn("w:numId"))): num for num in document.part.numbering_part.element.iter(qn("w:num"))}

    assert 3 == len(set(lists))
    assert [lists[0], lists[0], lists[2], lists[2], lists[4], lists[4]] == lists
    assert all(nums[number].find(f"{qn('w:lvlOverride')}/{qn('w:startOverride')}") is not None for number in lists)


def test_pictures_stay_and_equal_ones_are_there_once() -> None:
    def picture(red: int):
        return lambda document: document.add_picture(png(red))

    content = bundled([letter("A", change=picture(1)), letter("B", change=picture(2)), letter("C", change=picture(1))], "R1", DAY)
    document = docx.Document(io.BytesIO(content))
    shown = [document.part.related_parts[shape._inline.graphic.graphicData.pic.blipFill.blip.embed].blob for shape in document.inline_shapes]
    numbers = [node.get("id") for node in document.element.body.iter(qn("wp:docPr"))]

    assert [png(red).getvalue() for red in (1, 2, 1)] == shown
    assert 2 == sum(name.startswith("word/media/") for name in zipfile.ZipFile(io.BytesIO(content)).namelist())
    assert len(set(numbers)) == len(numbers)


def test_footnotes_marks_and_comments_of_letters_do_not_meet() -> None:
    def marked(document) -> None:
        paragraph = document.paragraphs[0]._p
        paragraph.insert(0, parse_xml(f'<w:bookmarkStart {nsdecls("w")} w:id="0" w:name="here"/>'))
        paragraph.append(parse_xml(f'<w:bookmarkEnd {nsdecls("w")} w:id="0"/>'))
        field(document.add_paragraph("see "), " REF here \\h ")
        document.add_comment(document.paragraphs[0].runs, text="for us alone", author="x", initials="x")

    content = bundled([letter("A", change=marked, footnote="note A"), letter("B", change=marked, footnote="note B")], "R1", DAY)
    document = docx.Document(io.BytesIO(content))
    names = [node.get(qn("w:name")) for node in document.element.body.iter(qn("w:bookmarkStart"))]
    notes = parse_xml(zipfile.ZipFile(io.BytesIO(content)).read("word/footnotes.xml"))
    said = {node.get(qn("w:id")): "".join(t.text for t in node.iter(qn("w:t"))) for node in notes}

    assert ["here_1", "here_2"] == names
    assert ["REF here_1 \\h", "REF here_2 \\h"] == fields(document.element.body)
    assert ["note A", "note B"] == [said[node.get(qn("w:id"))] for node in document.element.body.iter(qn("w:footnoteReference"))]
    assert b"for us alone" not in content
    assert not list(document.element.body.iter(qn("w:commentReference")))


def test_a_letter_that_ends_with_a_table_ends_its_section_after_it() -> None:
    document = opened(letter(change=lambda d: d.add_table(1, 1)), letter("B"))

    assert 2 == len(document.sections)
    assert [
        [
            "",
        ],
        ["B"],
    ] == sections(document)


def test_a_payers_name_is_text_in_the_bundle_too(letters) -> None:
    name = '</w:t></w:p> & "{{ 7*7 }}" NUMPAGES'
    made = Template.load(masters() / "fr" / "reminder.docx").render(letters.context(name=name, template="reminder"))
    document = opened(made, made)

    assert 2 == sum(name in "".join(t.text or "" for t in cell.iter(qn("w:t"))) for cell in document.element.body.iter(qn("w:tc")))


def test_parts_that_letters_share_do_not_grow_with_their_number(letters) -> None:
    template = Template.load(masters() / "de" / "reminder.docx")
    made = [template.render(letters.context(language="de", template="reminder", lines=n % 5 + 1)) for n in range(40)]
    parts = [len(zipfile.ZipFile(io.BytesIO(bundled(made[:n], "R1", DAY))).namelist()) for n in (5, 40)]

    assert parts[0] == parts[1]


def test_no_letters_are_no_bundle() -> None:
    with pytest.raises(ValueError, match="no letters"):
        bundled([], "R1", DAY)


def mixed(letters) -> list[bytes]:
    """Letters of three languages and levels, short and long."""
    return [
        Template.load(masters() / language / f"{template}.docx").render(letters.context(language=language, template=template, lines=lines))
        for language, template, lines in (("fr", "reminder", 1), ("de", "final_notice", 40), ("en", "formal_notice", 30), ("fr", "firm_reminder", 60))
    ]


def test_word_finds_nothing_wrong_with_a_bundle(letters, tmp_path: Path) -> None:
    path = tmp_path / "bundle.docx"

    def all_at_once(document) -> None:
        document.add_paragraph("one", style="List Number")
        document.add_picture(png(3))
        document.add_table(1, 2)

    path.write_bytes(bundled([*mixed(letters), letter("A", change=all_at_once, footnote="note"), letter("B", font="Courier New")], "R1", DAY))

    assert [] == verdict(path)


def words(pdf: Path) -> list[str]:
    """The text of each page."""
    return subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout.split("\f")[:-1]


@pytest.mark.office
def test_the_pages_of_the_bundle_are_those_of_the_letters(letters, tmp_path: Path) -> None:
    """LibreOffice lays out each letter in the bundle as it does alone, page by page, with “page x of y” of the letter itself."""
    made = mixed(letters)
    for number, content in enumerate(made):
        (tmp_path / f"{number}.docx").write_bytes(content)
    (tmp_path / "all.docx").write_bytes(bundled(made, "R1", DAY, by_reference=True))
    for source, pdf in pdfs(sorted(tmp_path.glob("*.docx")), converter()):
        source.with_suffix(".pdf").write_bytes(pdf)
    alone = [page for number in range(len(made)) for page in words(tmp_path / f"{number}.pdf")]

    assert alone == words(tmp_path / "all.pdf")
    assert re.search(r"Seite 2 von 2", alone[2])
