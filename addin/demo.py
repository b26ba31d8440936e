"""The demo: the sample company's ledger through the whole path, for three dates, in a folder of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from addin import commands, importing, issuing, verifying
from addin.sample import CONFIG, DAYS, export
from rules.errors import WorkbookError
from rules.model import Decision, Proposal
from workbook.file import FileBook


def demo(folder: Path) -> Iterator[str]:
    """Runs new, import, propose, review, issue three times and verify; yields what each step says. The folder must be new or empty; the exports are
    in it, for whoever wants to import them by hand.
    """
    if folder.exists() and any(folder.iterdir()):
        raise WorkbookError(f"The folder {folder} is not empty, and the demo overwrites nothing. Delete it, or give another: `dunning demo FOLDER`.")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "Dunning.xlsx"
    yield commands.new(path, "en", CONFIG.read_text(encoding="utf-8")).sentence
    exports = folder / "exports"
    exports.mkdir()
    for as_of in DAYS:
        yield f"--- {as_of}"
        given = Path(shutil.copy(export(as_of), exports))
        yield importing.import_ledger(FileBook.open(path), given, as_of, source="sample").sentence
        yield commands.propose(FileBook.open(path), as_of, replace=True).sentence
        yield commands.review(FileBook.open(path), Decision.SEND, everything=True).sentence
        yield _one_on_hold(path)
        yield issuing.issue(FileBook.open(path)).sentence
    yield "--- and in the end"
    yield verifying.verify(FileBook.open(path)).sentence
    yield f"Open {path.resolve()}; the letters are in {(folder / 'letters').resolve()}."


def _one_on_hold(path: Path) -> str:
    """The reviewer holds the largest letter from which credits are deducted: it stays on the sheet Proposal."""
    book = FileBook.open(path)
    proposals = book.read(Proposal)
    doubtful = proposals[(proposals["credits_minor"] < 0) & (proposals["decision"] == Decision.SEND)].sort_values("total_minor")
    if doubtful.empty:
        return "No letter has credits to look at."
    payer = str(doubtful["payer"].iloc[-1])
    return commands.review(book, Decision.HOLD, payers=[payer], note="Ask the payer which invoices the credits are for.").sentence
