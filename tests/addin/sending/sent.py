"""What the tests of sending share: a word processor that is none, addresses and settings, the files of a run."""

from __future__ import annotations

import email
from email.policy import default
from pathlib import Path

from addin import commands
from rules import model
from rules.row import typed
from tests.addin.office import Office


class Fake:
    """A word processor; it dies at the letter number `dies`."""

    name, by_reference = "Fake", True
    dies = -1

    def __init__(self) -> None:
        self.made: list[str] = []

    def convert(self, sources, folder, done) -> None:
        for source in sources:
            if len(self.made) == self.dies:
                raise KeyboardInterrupt
            self.made.append(source.stem)
            (folder / f"{source.stem}.pdf").write_bytes(b"%PDF-1.6\n%%EOF\n" + source.stem.encode())


def with_addresses(office: Office, emails: dict[str, str]) -> None:
    book = office.book()
    payers = book.read(model.Payer)
    book.replace(model.Payer, typed(payers.assign(email=[emails.get(payer, "") for payer in payers["payer"]]), model.Payer))
    book.save()


def with_settings(office: Office, text: str) -> None:
    commands.config_import(office.book(), f"[settings]\n{text}\n")


def folder(office: Office) -> Path:
    return next((office.folder / "letters").glob("R*"))


def letters(office: Office) -> list[Path]:
    """The letters of the run: to 00017 in EUR, to 00018 in EUR and in GBP."""
    return sorted(path for path in folder(office).glob("*.docx") if "_print" not in path.name)


def drafts(office: Office) -> dict[str, email.message.EmailMessage]:
    """The drafts by the beginning of their receivers' addresses and the currency."""
    found = {}
    for path in sorted((folder(office) / "mail").glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=default)
        found[f"{message['To'].split('@')[0]} {path.stem.split('_')[2]}"] = message
    return found


def attached(message: email.message.EmailMessage) -> list[str]:
    return [part.get_filename() for part in message.iter_attachments()]
