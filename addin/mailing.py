"""E-mail drafts of the letters of a run: to whom, with which words, and what goes with them.

They lie in the folder of the run and can be made again; nothing counts or changes the workbook.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from addin.batches import Batch, Issued, batch
from addin.documents import copies_of
from addin.enclosing import due_dates, enclosed
from addin.printing import as_pdf_files, pdf_of
from addin.report import Report, count
from letter_templates.mail import Attachment, addresses, draft, filled, text_for
from rules.findings import Finding
from rules.model import MailAttachment, MailText, Payer, Severity
from rules.presets import mail_texts
from rules.row import to_rows
from workbook.book import Book
from workbook.writing import removed, renewed

MAIL = "mail"  # the folder in that of the run


def mail_drafts(book: Book, run: str = "", *, channel: str = "", payers: Sequence[str] = ()) -> Report:
    """One draft (.eml) per letter of a run whose payer has an e-mail address, with the letter and copies of its invoices, in the folder `mail`.

    Findings tell which payers have no address or a wrong one, and of which documents no copy is certain. Raises ConfigError for a text on Config
    that cannot be filled, before a draft is written.
    """
    made = batch(book, run, channel, payers)
    settings = book.settings()
    recipients, findings = recipients_of(book, made.letters)
    told = [letter for letter in made.letters if letter.number in recipients]
    _withdraw(made, told)
    made.some()
    texts = _texts(book, told)
    copies = copies_of(book)
    by_pdf = settings.mail_attachment is MailAttachment.PDF
    if by_pdf and told:
        as_pdf_files(book, replace(made, letters=told))
    dates = due_dates(book, told) if copies else {}
    try:
        reply_to = addresses(settings.contact_email)
    except ValueError:
        reply_to = []
    fresh = attached = 0
    for number, letter in enumerate(told, start=1):
        path = pdf_of(made, letter) if by_pdf else letter.path
        files = [Attachment(path.name, path.read_bytes() if by_pdf else letter.content())]
        if copies:
            found, doubts = enclosed(copies, letter, dates)
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


def recipients_of(book: Book, letters: Sequence[Issued]) -> tuple[dict[str, list[str]], list[Finding]]:
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
