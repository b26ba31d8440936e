"""The buttons of the ribbon: which command each one runs, where it stands, what it asks first. Ribbon, macros and tests are made of this table."""

from __future__ import annotations

from dataclasses import dataclass

GROUPS = ("ledger", "dunning", "letters", "contacts", "credit", "close", "help")

# commands of the command line that have no button, and why
ELSEWHERE = {
    "setup": "asks a dozen questions one after the other; inside Excel the sheet Config is the form",
    "demo": "makes a sample company in a folder",
    "excel": "builds and installs this add-in; its doctor has a button",
    "live": "is the ribbon of PCs on which Office may start no programs",
}


@dataclass(frozen=True)
class Control:
    """One button. `verb`: the command, words parted by a blank, as on the command line.

    `asks`: what VBA asks before Python starts, as kind:name, in order; the answer of each goes to Python under its name. Kinds: open and save (a
    file), date (as-of date), text, row (that of the selected row is offered), ui (a text of the add-in, not asked). Without an answer nothing runs.
    `anywhere`: works without a dunning workbook. `reads`: leaves the workbook as it was. `image`: a name of Office's own icons (imageMso).
    """

    verb: str
    group: str
    image: str
    keytip: str
    asks: tuple[str, ...] = ()
    large: bool = False
    anywhere: bool = False
    reads: bool = False

    @property
    def key(self) -> str:
        """The verb as part of a name: `config export` is config_export."""
        return self.verb.replace(" ", "_").replace("-", "_")

    @property
    def tag(self) -> str:
        """What the macro gets to know: verb, questions, and in what the button differs from most."""
        marks = [mark for mark, is_so in {"anywhere": self.anywhere, "reads": self.reads}.items() if is_so]
        return f"{self.verb}|{','.join(self.asks)}|{','.join(marks)}"


CONTROLS = (
    Control("import", "ledger", "ImportTextFile", "I", ("open:export", "date:as_of"), large=True),
    Control("import with", "ledger", "GetExternalDataFromText", "W", ("open:export", "date:as_of")),
    Control("assess", "ledger", "CalculateNow", "A", ("date:as_of",)),
    Control("payments", "ledger", "AccountingFormat", "BS", ("open:statement", "date:as_of")),
    Control("payments apply", "ledger", "AcceptInvitation", "BA", ("date:as_of",)),
    Control("payers", "ledger", "AddressBook", "PA", ("open:file", "date:as_of")),
    Control("take-over", "ledger", "ImportMoreMenu", "T", ("open:file", "date:as_of")),
    Control("propose", "dunning", "ReviewNewComment", "PP", ("date:as_of",), large=True),
    Control("review", "dunning", "AcceptTask", "RA"),
    Control("explain", "dunning", "TraceDependents", "X", ("row:document", "date:as_of"), reads=True),
    Control("simulate", "dunning", "WhatIfAnalysisMenu", "SI", ("date:as_of",), reads=True),
    Control("calendar", "dunning", "CalendarInsert", "CA", ("date:as_of",), reads=True),
    Control("issue", "letters", "MailMergeFinishAndMergeMenu", "LL", large=True),
    Control("preview", "letters", "FilePrintPreview", "V", ("row:payer",), reads=True),
    Control("print", "letters", "FilePrint", "LP", reads=True),
    Control("pdf", "letters", "PublishToPdfOrEdoc", "LF", reads=True),
    Control("mail", "letters", "NewMailMessage", "LM", reads=True),
    Control("merge-table", "letters", "MailMergeRecipientsEditList", "LT", reads=True),
    Control("delivered", "letters", "MarkAsRead", "LD", ("text:letters", "text:state", "date:as_of")),
    Control("undo", "letters", "Undo", "U", ("row:payer", "text:reason", "date:as_of")),
    Control("reprint", "letters", "Copy", "LR", ("row:letter",), reads=True),
    Control("statements", "letters", "ReviewShowMarkupMenu", "LS", ("date:as_of",)),
    Control("calls", "contacts", "AutoDial", "CL", ("date:as_of",), large=True, reads=True),
    Control("record", "contacts", "RecordsAddFromOutlook", "CR", ("open:file", "date:as_of")),
    Control("confirm", "contacts", "ReviewAcceptChange", "CC", ("date:as_of",)),
    Control("history", "contacts", "ReviewTrackChanges", "H", ("row:payer",), reads=True),
    Control("hand-over", "credit", "FileSendAsAttachment", "O", ("date:as_of",), large=True),
    Control("verify", "close", "FileCheckIn", "Y", large=True, reads=True),
    Control("new", "help", "FileNew", "N", ("save:book", "ui:language"), anywhere=True, reads=True),
    Control("config check", "help", "Spelling", "KC", ("date:as_of",), reads=True),
    Control("templates check", "help", "FileDocumentInspect", "KT", reads=True),
    Control("config export", "help", "ExportTextFile", "KX", ("save:rules",), reads=True),
    Control("config import", "help", "ImportSavedImports", "KI", ("open:file",)),
    Control("config compare", "help", "ReviewCompareMenu", "KV", ("open:file", "date:as_of"), reads=True),
    Control("config law", "help", "FunctionsLogicalInsertGallery", "KL", ("text:countries",)),
    Control("excel doctor", "help", "Help", "KD", anywhere=True, reads=True),
)
BY_VERB = {control.verb: control for control in CONTROLS}
