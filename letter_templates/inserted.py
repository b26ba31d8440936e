"""What only docxtpl itself can do: another Word document inside a letter, and a picture from a file.

`{{p conditions }}` inserts `conditions.docx` of the folder of the language, `{{ signature_image }}` the picture `signature.png` of the template
folder.
"""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.image.image import Image
from docx.oxml.ns import nsmap
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from markupsafe import Markup, escape

from letter_templates.language import CONDITIONS, SIGNATURE, environment
from letter_templates.package import read_parts
from letter_templates.properties import NAMESPACES
from rules.errors import TemplateError

FILES = {CONDITIONS: "conditions.docx", SIGNATURE: "../signature.png"}  # from the folder of the template
PICTURE_LIMIT = 2 << 20
WIDEST = Mm(60)
nsmap["cp"] = NAMESPACES["cp"]  # docxcompose, imported by docxtpl, takes this prefix for itself; python-docx reads properties by it


def inserted(fields: set[str], template: Path, name: str) -> dict[str, bytes]:
    """The files that the fields of a template insert, by field. Raises TemplateError for one that is missing or that no letter should hold."""
    found: dict[str, bytes] = {}
    for field, file in FILES.items():
        if field not in fields:
            continue
        path = (template.parent / file).resolve()
        try:
            with path.open("rb") as stream:
                found[field] = stream.read(10 * PICTURE_LIMIT)
        except OSError as trouble:
            raise TemplateError(
                f"{name}: the template inserts {path.name}, which cannot be read in {path.parent} ({trouble.strerror}). Put it there, or take the "
                f"field {field} out of the template.") from trouble  # fmt: skip
        if field == CONDITIONS:
            read_parts(found[field], f"{path.parent.name}/{path.name}")
        else:
            _width(found[field], path.name)
    return found


def _width(picture: bytes, name: str) -> Mm | None:
    """None for a picture that may stand as it is, the width it gets for one that is too wide."""
    try:
        image = Image.from_blob(picture)
    except (UnrecognizedImageError, InvalidImageStreamError, UnexpectedEndOfFileError, ValueError, KeyError, struct.error) as trouble:
        raise TemplateError(f"{name}: this is not a picture. Save it again as PNG.") from trouble
    if image.ext != "png" or len(picture) > PICTURE_LIMIT:
        raise TemplateError(f"{name}: expected is a PNG of at most {PICTURE_LIMIT >> 20} MB. Save it again as PNG, in fewer points.")
    return WIDEST if image.width > WIDEST else None


def by_docxtpl(content: bytes, files: Mapping[str, bytes], values: dict[str, Any], name: str) -> dict[str, bytes]:
    """The parts of a letter as docxtpl makes them from the template file."""
    word = DocxTemplate(io.BytesIO(content))
    word.init_docx()
    word.core_properties.title = ""
    more: dict[str, Any] = {}
    if CONDITIONS in files:
        more[CONDITIONS] = _document(word, files[CONDITIONS])
    if SIGNATURE in files:
        more[SIGNATURE] = InlineImage(word, io.BytesIO(files[SIGNATURE]), width=_width(files[SIGNATURE], name))
    word.render(_literal(values) | more, environment())
    saved = io.BytesIO()
    word.save(saved)
    return read_parts(saved.getvalue(), name)


def _document(word: DocxTemplate, content: bytes) -> Any:
    """The document to insert; docxcompose, which does it for docxtpl, numbers lists by chance: here by the same chance every time."""
    chance = random.getstate()
    random.seed(1)
    try:
        return word.new_subdoc(io.BytesIO(content))
    finally:
        random.setstate(chance)


def _literal(value: Any) -> Any:
    """Braces with a line in them, which docxtpl takes for its own `{_{`, so that they stay what they are."""
    if isinstance(value, str):
        return Markup(str(escape(value)).replace("_", "&#95;")) if any(sign in value for sign in ("{_", "_}", "%_")) else value
    if isinstance(value, dict):
        return {key: _literal(inner) for key, inner in value.items()}
    return [_literal(inner) for inner in value] if isinstance(value, list) else value
