"""E-mail drafts: what they carry, what a hostile name cannot do, and texts that say what is wrong with them."""

import email
import re
from email.policy import default

import pytest

from letter_templates.mail import Attachment, addresses, draft, filled, text_for
from rules.errors import ConfigError
from rules.model import MailText
from rules.presets import mail_texts
from rules.row import LANGUAGES, to_rows

PDF = Attachment("letter.pdf", b"%PDF")


def read(content: bytes):
    return email.message_from_bytes(content, policy=default)


def text(subject: str = "About {{ payer.number }}", body: str = "Pay {{ amount_due }}.") -> MailText:
    return MailText(language="en", level=1, subject=subject, body=body)


def place(column: str) -> str:
    return f"Config!{column}"


def test_a_draft_is_marked_as_not_yet_sent_and_has_no_sender_and_no_date() -> None:
    message = read(draft(["a@b.example", "c@d.example"], ["us@firm.example"], "Rappel – 12 €", "Texte\n", [PDF]))

    assert "1" == message["X-Unsent"]
    assert ["a@b.example", "c@d.example"] == [a.addr_spec for a in message["To"].addresses]
    assert "us@firm.example" == message["Reply-To"]
    assert "Rappel – 12 €" == message["Subject"]
    assert [None, None, None] == [message["From"], message["Date"], message["Message-ID"]]
    assert "Texte\r\n" == message.get_body().get_content()


def test_the_same_draft_has_the_same_bytes() -> None:
    assert draft(["a@b.example"], [], "s", "b", [PDF, PDF]) == draft(["a@b.example"], [], "s", "b", [PDF, PDF])


def test_attachments_arrive_as_they_are() -> None:
    files = [
        Attachment("R1.pdf", b"%PDF\r\n\x00"),
        Attachment("R1.docx", b"PK\x03"),
        Attachment("Fäctüre 1.pdf", b"x"),
        Attachment("scan", b"y"),
    ]
    message = read(draft(["a@b.example"], [], "s", "b", files))
    found = [(part.get_filename(), part.get_content_type(), part.get_content()) for part in message.iter_attachments()]

    assert found == [
        ("R1.pdf", "application/pdf", b"%PDF\r\n\x00"),
        ("R1.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK\x03"),
        ("Fäctüre-1.pdf", "application/pdf", b"x"),
        ("scan", "application/octet-stream", b"y"),
    ]


@pytest.mark.parametrize("hostile", ["Acme\r\nBcc: thief@evil.example", "Acme\nX-Unsent: 0", "Acme\x00\x0b\u2028Bcc: x@y.zz", "a\u202egpj.exe"])
def test_no_text_adds_a_header_or_hides_what_a_file_is(hostile: str) -> None:
    message = read(draft(["a@b.example"], [], hostile, f"{hostile}\n", [Attachment(f"{hostile}.pdf", b"x")]))
    names = [part.get_filename() for part in message.iter_attachments()]

    assert ["X-Unsent", "To", "Subject", "MIME-Version", "Content-Type"] == message.keys()
    assert "1" == message["X-Unsent"]
    assert not set("\r\n\x00\u202e\u2028/\\:") & set("".join(names))


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("", []),
        ("a@b.example", ["a@b.example"]),
        (" a@b.example ; c@d.example, a@b.example;", ["a@b.example", "c@d.example"]),
        ("compta.fr+x@münchen.example", ["compta.fr+x@xn--mnchen-3ya.example"]),
        ("Accounts Payable <a@b.example>", ["a@b.example"]),
        ('"Roux, Anne" <roux@b.example>; <c@d.example>, e@f.example', ["roux@b.example", "c@d.example", "e@f.example"]),
    ],
)
def test_a_cell_may_hold_several_addresses(cell: str, found: list[str]) -> None:
    assert found == addresses(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "nobody",
        "a@b",
        "a@b.example\nBcc: c@d.example",
        "Name <a@b.example",
        '"a@b.example',
        "Name <nobody>",
        "Name <a@b.example> and more",
        "a@b.example <c@d.example>",
        "Roux, Anne <a@b.example>",
        'Name "of <a@b.example>',
        "Name\nBcc: <a@b.example>",
        "a b@c.example",
        "a@b@c.example",
        "a@b.example;x",
        "(a)@b.example",
        "a@b..example",
    ],
)
def test_what_is_no_address_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        addresses(cell)


def test_a_text_is_filled_with_the_fields_of_the_letter_and_nothing_is_escaped(letters) -> None:
    context = letters.context(language="en", name="Smith & <Sons>", template="reminder")
    subject, body = filled(text("To {{ payer.name }}\nX: y", "Dear {{ payer.name }},\n\n{{ amount_due }}\n"), context, place)

    assert "To Smith & <Sons> X: y" == subject
    assert f"Dear Smith & <Sons>,\n\n{context['amount_due']}\n" == body


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (text(body="{{ amount_du }}"), r"Config!body: The e-mail text names the field “amount_du”.*amount_due"),
        (text(subject="{{ amount_due"), r"Config!subject: The tag .* not written correctly"),
        (text(body="{{ payer.__class__.__mro__ }}"), r"is not allowed"),
        (text(body="{{ cycler.__init__.__globals__.os.popen('id') }}"), r"Config!body: .*names the field “cycler”|is not allowed"),
        (text(body="{% for a in lines %}{% for b in lines %}{% for c in lines %}x{% endfor %}{% endfor %}{% endfor %}"), r"is not allowed"),
        (text(body="{{ 'a' * 1000000000 }}"), r"is not allowed"),
        (text(body="{% for a in lines %}{% for b in lines %}" + "x" * 900 + "{% endfor %}{% endfor %}"), r"grows beyond"),
        (text(body="{{ amount_due < 3 }}"), r"cannot be filled"),
    ],
)
def test_a_text_that_cannot_be_filled_says_so(letters, wrong: MailText, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        filled(wrong, letters.context(language="en", template="reminder", lines=12), place)


def test_a_level_without_a_text_of_its_own_takes_the_one_for_all_and_then_the_packaged() -> None:
    own, packaged = [text(), text().model_copy(update={"level": 0})], to_rows(mail_texts(), MailText)

    assert own[0] == text_for(own, packaged, "en", 1)
    assert own[1] == text_for(own, packaged, "en", 4)
    assert ("fr", 2) == ((found := text_for(own, packaged, "fr", 2)).language, found.level)
    assert ("de", 0) == ((found := text_for(own, packaged, "de", 7)).language, found.level)
    with pytest.raises(ConfigError, match="no e-mail text in the language 'it'"):
        text_for(own, packaged, "it", 1)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", ["reminder", "firm_reminder", "final_notice"])
def test_the_packaged_texts_can_be_filled_in_every_language(letters, language: str, template: str) -> None:
    context = letters.context(language=language, template=template)
    subject, body = filled(text_for([], to_rows(mail_texts(), MailText), language, int(context["level"])), context, place)
    bare = letters.context(
        language=language, template=template, previous=None, company={"contact_name": "", "contact_phone": "", "contact_email": ""}
    )
    _, short = filled(text_for([], to_rows(mail_texts(), MailText), language, int(context["level"])), bare, place)

    assert context["amount_due"] in subject + body
    assert context["payer"]["number"] in subject
    assert context["contact"]["line"] in body
    assert "\n\n\n" not in body + short
    assert "{" not in subject + body
    assert body.endswith(f"{context['signatory']}\n{context['sender']['name']}\n")


def test_french_texts_have_a_no_break_space_before_high_signs() -> None:
    texts = [row.subject + row.body for row in to_rows(mail_texts(), MailText) if row.language == "fr"]

    assert 3 == len(texts)
    assert not any(re.search(r"[^\u00a0][;:?!]", re.sub(r"{[{%].*?[%}]}", "", text)) for text in texts)
