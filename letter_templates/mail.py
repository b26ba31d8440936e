"""E-mail drafts (.eml) that carry letters: whom they go to, what they say, what is attached; and what is wrong with a text for them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined
from jinja2 import TemplateError as JinjaError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from letter_templates.contract import Letter
from letter_templates.formats import clean
from letter_templates.language import Reading
from letter_templates.names import safe_name
from rules.errors import ConfigError
from rules.findings import Finding
from rules.model import MailText, Severity

LONGEST_SUBJECT, LONGEST_BODY = 200, 100_000  # characters
ADDRESS = re.compile(r"[^@\s<>()\[\]\\,;:\"]+@[^@\s<>()\[\]\\,;:\"]+\.[^@\s<>()\[\]\\,;:\".]{2,}")
KINDS = {
    "pdf": "application/pdf", "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "png": "image/png",
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "tif": "image/tiff", "tiff": "image/tiff",
}  # fmt: skip
PARTS = re.compile(r'(?:"[^"]*"|[^;,])+')
NAMED = re.compile(r'(?:"[^"@]*"\s*|[^"<>@]*)<([^<>]*)>')  # a name, then its address, as Outlook copies them


@dataclass(frozen=True)
class Attachment:
    """A file that goes with an e-mail."""

    name: str
    content: bytes


def addresses(text: str) -> list[str]:
    """The e-mail addresses in a cell, several between commas or semicolons, names before them left out. Raises ValueError with what is no address,
    also for a line break.
    """
    found = [part for part in (part.strip(" \u00a0") for part in PARTS.findall(text)) if part]
    made: list[str] = []
    for part in found:
        try:
            named = NAMED.fullmatch(part)
            address = named[1].strip() if named else part
            name, _, domain = address.rpartition("@")
            written = f"{name}@{domain.encode('idna').decode('ascii')}"
            if not (ADDRESS.fullmatch(address) and written.isascii() and part.replace("\u00a0", " ").isprintable()):
                raise ValueError(part)
            made.append(Address(addr_spec=written).addr_spec)
        except (ValueError, HeaderParseError):
            raise ValueError(part) from None
    return list(dict.fromkeys(made))


def draft(to: Sequence[str], reply_to: Sequence[str], subject: str, body: str, attached: Sequence[Attachment]) -> bytes:
    """An e-mail that its program opens to be read, changed and sent by a person: without sender and date, marked as not yet sent.

    The same e-mail has the same bytes. Nothing in it can add a header: line breaks end as spaces, names of attachments are made safe.
    """
    message = EmailMessage(policy=SMTP)
    message["X-Unsent"] = "1"
    message["To"] = ", ".join(to)
    if reply_to:
        message["Reply-To"] = ", ".join(reply_to)
    message["Subject"] = clean(subject)[:LONGEST_SUBJECT]
    message.set_content(body, subtype="plain", charset="utf-8")
    for file in attached:
        stem, dot, suffix = clean(file.name).rpartition(".")
        name = safe_name(stem, dot + suffix) if dot else safe_name(suffix, "")
        kind, _, subkind = KINDS.get(suffix.lower(), "application/octet-stream").partition("/")
        message.add_attachment(file.content, maintype=kind, subtype=subkind, filename=name)
    if attached:
        seal = hashlib.sha256(b"\0".join([body.encode(), *(file.content for file in attached)])).hexdigest()
        message.set_boundary(f"=_{seal[:40]}")
    return message.as_bytes()


# ---------------------------------------------------------------------------------------------------------------- texts


@cache
def _environment() -> Environment:
    """The sandbox of the letters, for plain text: nothing is escaped, for there is nothing that could be taken for a tag."""
    return ImmutableSandboxedEnvironment(autoescape=False, undefined=StrictUndefined)


def text_for(texts: Sequence[MailText], packaged: Sequence[MailText], language: str, level: int) -> MailText:
    """The text of a language and level: its own row, else the one for all levels; of Config, else packaged."""
    for rows in (texts, packaged):
        for wanted in (level, 0):
            for row in rows:
                if (row.language, row.level) == (language, wanted):
                    return row
    raise ConfigError(f"There is no e-mail text in the language {language!r}. Add a row with the level 0 to the table of e-mail texts on Config.")


def faults(text: MailText, place: Callable[[str], str]) -> Iterator[Finding]:
    """What is wrong with the tags of a text; `place` answers where a column of it stands."""
    for column in ("subject", "body"):
        for trouble in Reading(getattr(text, column), Letter).troubles:
            code = "mail_text_field" if trouble.code == "template_unknown_field" else "mail_text_tag"
            yield Finding(code, Severity.ERROR, place(column), {"what": trouble.what, "near": trouble.near})


def filled(text: MailText, context: dict[str, Any], place: Callable[[str], str]) -> tuple[str, str]:
    """Subject and body for the letter of `context`, with the fields of its template. Raises ConfigError with the place of the column."""
    for fault in faults(text, place):
        raise ConfigError(f"{fault.place}: {fault.text('en')}")
    subject, body = (_rendered(getattr(text, column), context, place(column)) for column in ("subject", "body"))
    return re.sub(r"\s+", " ", subject)[:LONGEST_SUBJECT], body + "\n"


def _rendered(source: str, context: dict[str, Any], place: str) -> str:
    pieces: list[str] = []
    length = 0
    try:
        for piece in _environment().from_string(source).generate(context):
            pieces.append(piece)
            length += len(piece)
            if length > LONGEST_BODY:
                raise ConfigError(f"{place}: the e-mail text grows beyond {LONGEST_BODY:,} characters. Look at its loops.")
    except (JinjaError, TypeError) as trouble:
        raise ConfigError(f"{place}: the e-mail text cannot be filled ({trouble}). Correct it.") from trouble
    return "\n".join(clean(line) for line in "".join(pieces).splitlines()).strip("\n")
