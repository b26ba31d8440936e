"""Documents to payers beside the letters of a run: made of a template, written once, the same file for the same content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from addin.runs import letter_folder
from addin.sheets import folder_of
from letter_templates.contract import CONTRACTS, Letter
from letter_templates.copies import Copies
from letter_templates.names import document_name
from letter_templates.render import Template, check_template, template_path
from rules.errors import TemplateError, WorkbookError
from rules.model import Payer, Severity
from workbook.book import Book
from workbook.writing import durable


@dataclass(frozen=True)
class Document:
    """A file in the letter folder: its path there, its hash, and whether this command wrote it."""

    file: str
    sha256: str
    fresh: bool


@dataclass
class Writer:
    """Writes documents into one folder of the letter folder; each template is checked and made ready once."""

    book: Book
    where: str
    dry_run: bool = False
    templates: dict[tuple[str, str], Template] = field(default_factory=dict[tuple[str, str], Template])

    def template(self, language: str, name: str) -> Template:
        """The template, of the user's folder or packaged. Raises TemplateError with every fault."""
        if (language, name) not in self.templates:
            path = template_path(folder_of(self.book, "template_folder"), language, name)
            contract = CONTRACTS.get(name, Letter)
            if faults := [f.text("en") for f in check_template(path, contract) if f.severity is Severity.ERROR]:
                raise TemplateError("\n".join(faults))
            self.templates[language, name] = Template.load(path, contract)
        return self.templates[language, name]

    def write(
        self, template: str, context: dict[str, Any], payer: Payer, first: str, *parts: str, properties: Mapping[str, str] | None = None
    ) -> Document:
        """One document; a file of its name with other content stays, name and reference of the new one get a number. A dry run writes nothing."""
        made, folder, number = self.template(context["language"], template), letter_folder(self.book) / self.where, 1
        while True:
            again = (str(number),) if number > 1 else ()
            content = made.render(context | {"letter": "-".join((context["letter"], *again))}, dict(properties or {}))
            sha256 = hashlib.sha256(content).hexdigest()
            path = folder / document_name(first, payer.payer, payer.name, company=payer.company, parts=(*parts, *again))
            if not path.exists():
                if not self.dry_run:
                    durable(path, content)
                return Document(self._file(path), sha256, fresh=True)
            if hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
                return Document(self._file(path), sha256, fresh=False)
            number += 1

    def _file(self, path: Path) -> str:
        return path.relative_to(letter_folder(self.book)).as_posix()


def copies_of(book: Book) -> Copies | None:
    """The copies of invoices in the invoice folder; None without the setting. Raises WorkbookError when the folder is not there."""
    if not book.settings().invoice_folder.strip():
        return None
    folder = folder_of(book, "invoice_folder")
    if not folder.is_dir():
        raise WorkbookError(f"The invoice folder {folder} is not there. Create it, or clear the setting Invoice folder on Config.")
    return Copies(folder)


def payer_of(payers: Mapping[tuple[str, str], Payer], company: str, number: str, name: str) -> Payer:
    """The payer of the sheet Payers, or one with the number alone; `name`, that of the ledger, is taken where the sheet has none."""
    found = payers.get((company, number)) or Payer(company=company, payer=number)
    return found if found.name else found.model_copy(update={"name": name or number})


def payers_by_key(payers: list[Payer]) -> dict[tuple[str, str], Payer]:
    """The payers by company and number."""
    return {(p.company, p.payer): p for p in payers}
