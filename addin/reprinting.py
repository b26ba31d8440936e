"""Preview and reprint: a letter to look at before it is issued, and an issued one again, byte for byte; neither counts."""

from __future__ import annotations

import hashlib
from pathlib import Path

from addin.issuing import frozen
from addin.planning import letters_of, templates_of
from addin.report import Report, count
from addin.runs import TEMPLATES, journal_of, letter_folder, ready, refuse_contradictions
from addin.sheets import records_of, rules_of
from letter_templates.render import Template
from rules.errors import ConfigError, HistoryError
from rules.model import Proposal, ProposalLine
from rules.review import is_open, relevelled
from rules.ways import Choice, Way
from workbook.book import Book
from workbook.journal import ISSUED
from workbook.writing import durable

PREVIEW = "preview"  # the folder, and the number of a letter that is none
ORIGINALS = "originals"  # the folder offered for a letter whose own place holds another


def preview(book: Book, payer: str, *, currency: str = "") -> Report:
    """Writes the letters of the open proposals of a payer as they would be issued now, whatever the decision, into the folder of previews.

    Raises ConfigError when the payer has no open proposal, and whatever `issue` would raise about its templates. Nothing counts; the workbook stays.
    """
    rules, journal = rules_of(book), ready(book)
    proposals, lines = relevelled(book.read(Proposal), book.read(ProposalLine), records_of(book), rules)
    waiting = proposals[is_open(proposals)]
    chosen = waiting[(waiting["payer"] == payer) & ((waiting["currency"] == currency) if currency else True)]
    if chosen.empty:
        known = ", ".join(sorted(set(waiting["payer"].astype("str")))[:9]) or "none; propose first"
        asked = f"{payer!r} in {currency}" if currency else repr(payer)
        raise ConfigError(f"There is no open proposal for the payer {asked}. Payers with one: {known}.")
    templates = {name: Template.load(path) for name, path in templates_of(book, chosen).items()}
    folder, files = letter_folder(book) / PREVIEW, list[str]()
    for letter in letters_of(book, chosen, lines, journal, PREVIEW, rules):
        path = folder / Path(letter["file"]).name
        durable(path, templates[letter["template"]].render(letter["context"], {}))
        files.append(str(path))
    sentence = f"{count(len(files), 'preview')} written; nothing was counted, and the workbook is as it was: {', '.join(files)}."
    return Report(sentence, {"letters": len(files), "files": files})


def reprint(book: Book, letter: str, to: Path | None = None) -> Report:
    """Writes an issued letter again from the plan and the templates of its run, the same bytes; nothing counts.

    `letter`: its number or file name; `to`: a folder, else where it was. Raises HistoryError when there is no such letter, when the run's folder no
    longer holds what it needs, and when the file that stands there was changed: then `to` says where the original goes.
    """
    journal, folder = journal_of(book), letter_folder(book)
    issued = [r for r in journal.records if r.kind == ISSUED and letter in (r.facts["letter"], r.facts["file"], Path(r.facts["file"]).name)]
    if not issued:
        refuse_contradictions(book, journal)
        raise HistoryError(f"There is no issued letter {letter!r}. Take its number from the letter, or its file from the history, column Letter.")
    record = issued[-1]
    plan = frozen(folder, journal, record.run)
    told = next(x for x in plan["letters"] if x["letter"] == record.facts["letter"])
    content = Template.load(folder / record.run / TEMPLATES / told["template"]).render(told["context"], told["properties"])
    if hashlib.sha256(content).hexdigest() != record.facts["sha256"]:
        raise HistoryError(
            f"The letter {told['letter']} would not be the one that was issued: this program renders it otherwise. Use the version that issued it."
        )
    path = (to or folder / record.run) / Path(told["file"]).name
    if path.exists():
        if path.read_bytes() == content:
            return Report(f"The letter {told['letter']} is there as it was issued: {path}.", {"letter": told["letter"], "file": str(path)})
        other = str(path.parent / ORIGINALS)
        way = Way("to", (Choice(other, other),), text=True)
        raise HistoryError(
            f"{path} is not the letter that was issued: it was changed. Move it to another folder and try again; or say into which folder the "
            "original shall go.",
            way,
        )
    durable(path, content)
    return Report(f"The letter {told['letter']} is written again as it was issued, and counts no more than before: {path}.",
                  {"letter": told["letter"], "file": str(path)})  # fmt: skip
