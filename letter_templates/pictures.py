"""The QR code of a transfer in place of the picture that stands for it: an ordinary picture in Word, with the alternative text `payment_qr`."""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator, Mapping

import segno
from docx.oxml.ns import nsmap

from letter_templates.package import parsed
from rules.errors import TemplateError

FIELD = "payment_qr"  # the field, and the alternative text of the picture
MOST = 331  # bytes of version 13 with correction M
DRAWN = ".//wp:docPr[@descr=$field]/..//a:blip/@r:embed"


def places(parts: Mapping[str, bytes], name: str) -> tuple[str, ...]:
    """The parts of a template with the picture of the QR code. Raises TemplateError for one that is no PNG picture."""
    holders = [part for part, inside in parts.items() if part.startswith("word/") and part.endswith(".xml") and FIELD.encode() in inside]
    found = sorted({place for part in holders for place in _drawn(parts, part, name)})
    if strange := [place for place in found if not parts.get(place, b"").startswith(b"\x89PNG")]:
        raise TemplateError(
            f"{name}: the picture with the alternative text {FIELD} is not a PNG picture in the document ({strange[0]}). Take the picture of the "
            "packaged templates, which becomes the QR code of each letter."
        )
    return tuple(found)


def _drawn(parts: Mapping[str, bytes], part: str, name: str) -> Iterator[str]:
    folder, _, file = part.rpartition("/")
    spaces = {prefix: nsmap[prefix] for prefix in ("wp", "a", "r")}
    links = parsed(parts.get(f"{folder}/_rels/{file}.rels", b"<none/>"), name, part)
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for key in parsed(parts[part], name, part).xpath(DRAWN, namespaces=spaces, field=FIELD):
        yield posixpath.normpath(posixpath.join(folder, targets.get(key, ""))).lstrip("/")


def qr_code(payload: str) -> bytes:
    """The QR code that says `payload` in UTF-8, as a PNG picture: error correction M and at most version 13, as EPC069-12 asks for.

    The same bytes for the same payload. Raises TemplateError for more than such a code can say.
    """
    if len(payload.encode()) > MOST:
        raise TemplateError("The QR code for the transfer has too much to say. Shorten your company's name on Config, or switch the code off there.")
    made = io.BytesIO()
    segno.make_qr(payload, error="m", boost_error=False, encoding="utf-8").save(made, kind="png", scale=8, border=4)
    return made.getvalue()
