"""The pictures of the README, made by the program itself: the demo's workbook and one of its letters, through LibreOffice and poppler."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from addin.demo import demo

HERE = Path(__file__).parent
SHEETS = ("Home", "Ledger", "Proposal")


def main() -> None:
    """Runs the demo in a temporary folder and writes one picture per sheet, and one of a formal notice."""
    with TemporaryDirectory() as folder:
        base = Path(folder) / "demo"
        list(demo(base))
        book = as_pdf(base / "Dunning.xlsx")
        for sheet in SHEETS:
            picture(book, page_of(book, sheet), HERE / f"{sheet.lower()}.png", resolution=110)
        letter = next(path for path in sorted((base / "letters").glob("R*/*_L3_*.docx")) if "_EUR_" in path.name)
        picture(as_pdf(letter), 1, HERE / "letter.png", resolution=80)


def run(*command: str | Path) -> str:
    """What a command prints."""
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def as_pdf(path: Path) -> Path:
    """The document as LibreOffice prints it."""
    run("soffice", f"-env:UserInstallation=file://{path.parent}/profile", "--headless", "--convert-to", "pdf", "--outdir", path.parent, path)
    return path.with_suffix(".pdf")


def page_of(book: Path, sheet: str) -> int:
    """The first page whose footer names the sheet."""
    pages: Sequence[str] = run("pdftotext", "-layout", book, "-").split("\f")
    return next(number for number, text in enumerate(pages, start=1) if re.search(rf"Dunning\.xlsx +· +{sheet}\b", text))


def picture(book: Path, page: int, to: Path, *, resolution: int) -> None:
    """One page as PNG."""
    run("pdftoppm", "-png", "-singlefile", "-r", str(resolution), "-f", str(page), "-l", str(page), book, to.with_suffix(""))


if __name__ == "__main__":
    main()
