"""Dispatch: what is made of the letters of an issued run to send them: one file to print, PDF, e-mail drafts, a table for Word's own mail merge.

All of it lies in the folder of the run and can be made again from what lies there; nothing of it counts or changes the workbook. A letter that was
taken back, or did not arrive, is left out.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from addin.documents import copies_of
from addin.issuing import frozen
from addin.report import Report, count
from addin.runs import letter_folder, ready
from letter_templates.bundle import bundled
from letter_templates.copies import Copies
from letter_templates.mail import Attachment, addresses, draft, filled, text_for
from letter_templates.merge import as_csv, merge_rows
from letter_templates.pdf import converter, pdfs
from rules.errors import HistoryError
from rules.findings import Finding
from rules.model import AssessedItem, Channel, HistoryEntry, MailAttachment, MailText, Payer, Severity
from rules.presets import mail_texts
from rules.row import to_rows
from rules.standing import in_force, item_key
from workbook.book import Book
from workbook.journal import ISSUED, Journal
from workbook.plain import plain_workbook
from workbook.writing import removed, renewed

LARGEST = 20 << 20  # bytes of attachments that go with one e-mail
PDF, MAIL = "pdf", "mail"  # folders in that of the run


@dataclass(frozen=True)
class Issued:
    """A letter of a run, as it was issued."""

    number: str
    file: str  # in the letter folder
    path: Path
    sha256: str
    channel: str
    context: dict[str, Any]
    entries: list[dict[str, Any]]  # what the history says of its lines

    @property
    def payer(self) -> tuple[str, str]:
        """Company and number."""
        return str(self.entries[0]["company"]), str(self.entries[0]["payer"])

    def content(self) -> bytes:
        """The letter's file. Raises HistoryError when it is not the one that was issued."""
        content = self.path.read_bytes() if self.path.exists() else None
        if content is None or hashlib.sha256(content).hexdigest() != self.sha256:
            what, first = "is missing", "Write"
            if content is not None:
                what, first = "was changed since it was issued", "Move the changed file to another folder, write"
            raise HistoryError(
                f"The letter {self.path} {what}; only what was issued is sent. {first} the letter again (reprint {self.number}), "
                "then run the command again."
            )
        return content


@dataclass(frozen=True)
class Batch:
    """The letters of a run that are to be sent."""

    run: str
    folder: Path
    as_of: date
    letters: list[Issued]
    taken_back: list[Issued]
    channel: str

    def some(self) -> Batch:
        """Itself. Raises HistoryError when there is nothing to send."""
        if not self.letters:
            among = f" with the channel {self.channel}" if self.channel else ""
            why = "all were taken back or did not arrive" if self.taken_back else "none goes by it"
            raise HistoryError(f"The run {self.run} has no letter{among} to send: {why}.")
        return self

    def told(self, made: str) -> str:
        """The sentence of the answer."""
        which = f" with the channel {self.channel}" if self.channel else ""
        left = f" Left out, because taken back or not delivered: {count(len(self.taken_back), 'letter')}." if self.taken_back else ""
        registered = sum(letter.channel == Channel.REGISTERED for letter in self.letters)
        apart = f" To go registered: {count(registered, 'letter')}." if registered and not self.channel else ""
        return f"{count(len(self.letters), 'letter')}{which} of the run {self.run}: {made}{apart}{left}"

    def facts(self, **more: Any) -> dict[str, Any]:
        """The figures of the answer."""
        return {"run": self.run, "letters": len(self.letters), "left_out": len(self.taken_back), **more}


def batch(book: Book, run: str = "", channel: str = "") -> Batch:
    """The letters of a run, the last one without `run`, checked against journal and disk. Raises HistoryError when one is missing or was changed."""
    journal = ready(book)
    number = _run(journal, run)
    folder = letter_folder(book)
    plan = frozen(folder, journal, number)
    hashes = {str(r.facts["letter"]): str(r.facts["sha256"]) for r in journal.of_run(number, ISSUED)}
    letters = [
        Issued(x["letter"], x["file"], folder / x["file"], hashes[x["letter"]], x["history"][0]["channel"], x["context"], x["history"])
        for x in plan["letters"]
    ]
    standing = in_force(book.read(HistoryEntry))
    valid = set(standing.loc[standing["level"] > 0, "letter"])
    chosen = [letter for letter in letters if not channel or letter.channel == channel]
    sent = [letter for letter in chosen if letter.file in valid]
    for at, letter in enumerate(sent, start=1):
        letter.content()
        book.progress("check", at, len(sent))
    return Batch(number, folder / number, date.fromisoformat(plan["as_of"]), sent, [x for x in chosen if x.file not in valid], channel)


def _run(journal: Journal, run: str) -> str:
    known = [number for number in journal.planned() if number in journal.committed()]
    if not known:
        raise HistoryError("No run was issued yet. Issue first.")
    if run and run not in known:
        raise HistoryError(f"There is no issued run {run!r}. The last ones are: {', '.join(known[-5:])}.")
    return run or known[-1]


# ---------------------------------------------------------------------------------------------------------------- to print


def print_file(book: Book, run: str = "", *, channel: str = "", as_pdf: bool = False) -> Report:
    """One Word file with all letters of a run, in the order of the run, each with pages of its own; `as_pdf`: the same as PDF beside it."""
    made = batch(book, run, channel).some()
    program = converter() if as_pdf else None
    name = "_".join(filter(None, (made.run, "print", channel)))
    files = [made.folder / f"{name}.docx"]
    if renewed(files[0], bundled(_read(book, made.letters), made.run, made.as_of)):
        removed(files[0].with_suffix(".pdf"))  # it was made of other letters
    if program is not None:
        with tempfile.TemporaryDirectory(prefix="dunning-") as place:
            source = Path(place) / f"{name}.docx"
            source.write_bytes(bundled(_read(book, made.letters), made.run, made.as_of, by_reference=program.by_reference))
            for _, content in pdfs([source], program):
                files.append(made.folder / f"{name}.pdf")
                renewed(files[1], content)
    said = f"to print, {' and '.join(str(file) for file in files)}."
    return Report(made.told(said), made.facts(files=[str(file) for file in files]))


def _read(book: Book, letters: Sequence[Issued]) -> Iterator[bytes]:
    for number, letter in enumerate(letters, start=1):
        yield letter.content()
        book.progress("print", number, len(letters))


# ---------------------------------------------------------------------------------------------------------------- PDF


def pdf_files(book: Book, run: str = "", *, channel: str = "") -> Report:
    """One PDF per letter of a run, in the folder `pdf` of the run; those that are there stay, so that a cut-off call goes on where it was."""
    made = batch(book, run, channel).some()
    fresh = _as_pdf(book, made)
    there = len(made.letters) - fresh
    said = f"{count(fresh, 'PDF')} written to {made.folder / PDF}" + (f"; {there:,} were there already." if there else ".")
    return Report(made.told(said), made.facts(written_now=fresh, folder=str(made.folder / PDF)))


def _pdf(made: Batch, letter: Issued) -> Path:
    return made.folder / PDF / f"{letter.path.stem}.pdf"


def _as_pdf(book: Book, made: Batch) -> int:
    """Makes the PDF files that are not there; answers how many."""
    left = {letter.path: letter for letter in made.letters if not _pdf(made, letter).exists()}
    if not left:
        return 0
    there, total = len(made.letters) - len(left), len(made.letters)
    for path, content in pdfs(list(left), converter(), lambda done: book.progress("pdf", there + done, total)):
        renewed(_pdf(made, left[path]), content)
    return len(left)


# ---------------------------------------------------------------------------------------------------------------- e-mail


def mail_drafts(book: Book, run: str = "", *, channel: str = "") -> Report:
    """One draft (.eml) per letter of a run whose payer has an e-mail address, with the letter and copies of its invoices, in the folder `mail`.

    Findings tell which payers have no address or a wrong one, and of which documents no copy is certain. Raises ConfigError for a text on Config
    that cannot be filled, before a draft is written.
    """
    made = batch(book, run, channel)
    settings = book.settings()
    recipients, findings = _recipients(book, made.letters)
    told = [letter for letter in made.letters if letter.number in recipients]
    _withdraw(made, told)
    made.some()
    texts = _texts(book, told)
    copies = copies_of(book)
    by_pdf = settings.mail_attachment is MailAttachment.PDF
    if by_pdf and told:
        _as_pdf(book, replace(made, letters=told))
    dates = _dates(book, told) if copies else {}
    try:
        reply_to = addresses(settings.contact_email)
    except ValueError:
        reply_to = []
    fresh = attached = 0
    for number, letter in enumerate(told, start=1):
        path = _pdf(made, letter) if by_pdf else letter.path
        files = [Attachment(path.name, path.read_bytes() if by_pdf else letter.content())]
        if copies:
            found, doubts = _copies(copies, letter, dates)
            files += found
            findings += doubts
            attached += len(found)
        content = draft(recipients[letter.number], reply_to, *texts[letter.number], files)
        fresh += renewed(made.folder / MAIL / f"{letter.path.stem}.eml", content)
        book.progress("mail", number, len(told))
    without = len(made.letters) - len(told)
    said = f"{count(len(told), 'draft')} in {made.folder / MAIL}, {fresh:,} of them new or changed; copies of invoices attached: {attached:,}."
    said += "" if reply_to else " The setting E-mail on Config is not a valid address: answers will go to whoever sends."
    said += f" No draft, for want of an address: {count(without, 'letter')}." if without else ""
    facts = made.facts(drafts=len(told), written_now=fresh, copies=attached, without_address=without, folder=str(made.folder / MAIL))
    return Report(made.told(said), facts, findings=findings)


def _withdraw(made: Batch, told: Sequence[Issued]) -> None:
    """Drafts of letters that are not to be sent any more, or not by e-mail, are taken away: nobody shall send them."""
    for letter in (*made.taken_back, *(letter for letter in made.letters if letter not in told)):
        removed(made.folder / MAIL / f"{letter.path.stem}.eml")


def _recipients(book: Book, letters: Sequence[Issued]) -> tuple[dict[str, list[str]], list[Finding]]:
    """Addresses by letter, of the sheet Payers as it stands now; and whose are missing or wrong."""
    payers = book.read(Payer)
    known = {(str(c), str(p)): (at, str(email)) for at, (c, p, email) in enumerate(payers[["company", "payer", "email"]].itertuples(index=False))}
    found: dict[str, list[str]] = {}
    findings: list[Finding] = []
    for letter in letters:
        at, email = known.get(letter.payer, (-1, ""))
        place = book.place(Payer, at, "email") if at >= 0 else letter.file
        values = {"payer": letter.payer[1], "name": letter.context["payer"]["name"], "letter": letter.number}
        try:
            if mine := addresses(email):
                found[letter.number] = mine
            else:
                findings.append(Finding("mail_address_missing", Severity.WARNING, place, values))
        except ValueError as wrong:
            findings.append(Finding("mail_address_wrong", Severity.WARNING, place, values | {"address": str(wrong)}))
    return found, findings


def _texts(book: Book, letters: Sequence[Issued]) -> dict[str, tuple[str, str]]:
    """Subject and body by letter."""
    own, packaged = (to_rows(frame, MailText) for frame in (book.read(MailText), mail_texts()))
    made: dict[str, tuple[str, str]] = {}
    for letter in letters:
        language, level = str(letter.context["language"]), int(letter.context["level"])
        text = text_for(own, packaged, language, level)
        made[letter.number] = filled(text, letter.context, _placed(book, own, text))
    return made


def _placed(book: Book, own: list[MailText], text: MailText) -> Callable[[str], str]:
    """Where the columns of a text stand."""
    return lambda column: book.place(MailText, own.index(text), column) if text in own else f"the packaged e-mail text {text.language} {text.level}"


def _dates(book: Book, letters: Sequence[Issued]) -> dict[str, list[date]]:
    """Document date and due date of the lines of the letters, by the key of the line, as far as they are on the ledger."""
    asked = pd.DataFrame([entry for letter in letters for entry in letter.entries])
    ledger = book.read(AssessedItem)
    mine = ledger[item_key(ledger).isin(set(item_key(asked)))] if len(asked) else ledger.iloc[:0]
    days = mine[["document_date", "due_date"]].itertuples(index=False, name=None)
    return {key: [day.date() for day in pair if pd.notna(day)] for key, pair in zip(item_key(mine), days, strict=True)}


def _copies(copies: Copies, letter: Issued, dates: dict[str, list[date]]) -> tuple[list[Attachment], list[Finding]]:
    """Copies of the documents of a letter, and those that are missing, unclear or too large."""
    reminded = pd.DataFrame([entry for entry in letter.entries if entry["level"] > 0])
    days: dict[str, list[date]] = defaultdict(list)
    for document, key in zip(reminded["document"], item_key(reminded), strict=True):
        days[str(document)] += dates.get(key, [])
    files: list[Attachment] = []
    doubts: dict[str, list[str]] = defaultdict(list)
    size = 0
    for document, known in days.items():
        found = copies.of(document, letter.payer, known)
        if found.file is not None and size + found.file.stat().st_size <= LARGEST:
            files.append(Attachment(found.file.name, found.file.read_bytes()))
            size += len(files[-1].content)
        elif found.file is not None:
            doubts["copy_too_large"].append(document)
        elif found.several or found.near:
            doubts["copy_unclear"].append(f"{document}: {', '.join(file.name for file in (found.several or found.near)[:3])}")
        else:
            doubts["copy_missing"].append(document)
    values = {"letter": letter.number, "payer": letter.payer[1], "folder": copies.folder.name}
    found_wanting = [Finding(code, Severity.WARNING, letter.file, values | {"documents": "; ".join(what)}) for code, what in doubts.items()]
    return files, found_wanting


# ---------------------------------------------------------------------------------------------------------------- mail merge


def merge_table(book: Book, run: str = "", *, channel: str = "") -> Report:
    """The letters of a run as a table for Word's own mail merge: a workbook of texts, and the same as CSV."""
    made = batch(book, run, channel).some()
    recipients, _ = _recipients(book, made.letters)
    beside = [{"file": letter.file, "channel": letter.channel, "email": "; ".join(recipients.get(letter.number, []))} for letter in made.letters]
    headings, rows = merge_rows([letter.context for letter in made.letters], beside)
    name = "_".join(filter(None, (made.run, "merge", channel)))
    files = [made.folder / f"{name}.xlsx", made.folder / f"{name}.csv"]
    renewed(files[0], plain_workbook("merge", headings, ([row.get(name, "") for name in headings] for row in rows)))
    renewed(files[1], as_csv(headings, rows, "," if book.language == "en" else ";"))
    said = f"a row each in {files[0]}, and the same in {files[1].name}."
    return Report(made.told(said), made.facts(columns=len(headings), files=[str(file) for file in files]))
