"""Letters as PDF by LibreOffice: many in one call, as the commands do it, beside one call for each letter.

`python -m benchmarks.pdf` prints one table. The letters are those of the benchmark of letters: French, second level, eight lines, one page each. One
call per letter is `soffice --convert-to pdf` with a profile that is there already, so that a start is all it pays. The print file is one Word
file of all letters, made into one PDF, as `dunning print --pdf` does it. The PDF files must have as many pages as the letters. Needs LibreOffice.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter

from benchmarks.letters import TEMPLATE, contexts
from letter_templates.bundle import bundled
from letter_templates.pdf import LibreOffice, converter, pdfs
from letter_templates.render import Template

LETTERS, SINGLY = 200, 10
PAGES = re.compile(rb"/Type\s*/Page[^s]")


def batched(program: LibreOffice, sources: list[Path], out: Path) -> int:
    """As `dunning pdf`."""
    return sum(_pages(content) for _, content in pdfs(sources, program))


def bundle(program: LibreOffice, sources: list[Path], out: Path) -> int:
    """As `dunning print --pdf`."""
    source = out / "print.docx"
    source.write_bytes(bundled((path.read_bytes() for path in sources), "R1", date(2026, 3, 2), by_reference=program.by_reference))
    return sum(_pages(content) for _, content in pdfs([source], program))


def singly(program: LibreOffice, sources: list[Path], out: Path) -> int:
    """A call for each letter."""
    command = [program.program, f"-env:UserInstallation={(out / 'profile').as_uri()}", "--headless", "--convert-to", "pdf", "--outdir", str(out)]
    pages = 0
    for source in sources:
        subprocess.run([*command, str(source)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        pages += _pages((out / f"{source.stem}.pdf").read_bytes())
    return pages


WAYS: dict[str, tuple[int, Callable[[LibreOffice, list[Path], Path], int]]] = {
    "a PDF per letter, fifty to a call": (LETTERS, batched),
    "one PDF of the print file": (LETTERS, bundle),
    "a call of soffice for each letter": (SINGLY, singly),
}


def _pages(pdf: bytes) -> int:
    return len(PAGES.findall(pdf))


def measured(way: Callable[[LibreOffice, list[Path], Path], int], program: LibreOffice, sources: list[Path]) -> float:
    """Seconds per letter, the better of two runs after one letter that readies what the way needs."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place)
        way(program, sources[:1], out)
        found: list[float] = []
        for _ in range(2):
            started = perf_counter()
            pages = way(program, sources, out)
            found.append(perf_counter() - started)
            if pages != len(sources):
                raise SystemExit(f"{len(sources)} letters of one page became {pages} pages")
    return min(found) / len(sources)


def main() -> None:
    """All ways, one table."""
    program = converter()
    if not isinstance(program, LibreOffice):
        raise SystemExit("this benchmark is of LibreOffice")
    template = Template.load(TEMPLATE)
    with tempfile.TemporaryDirectory() as place:
        sources = [Path(place) / f"{at}.docx" for at in range(LETTERS)]
        for path, context in zip(sources, contexts(LETTERS), strict=True):
            path.write_bytes(template.render(context, {"run": "R1"}))
        found = {name: measured(way, program, sources[:count]) for name, (count, way) in WAYS.items()}
    first = next(iter(found.values()))
    print("| way | letters | ms per letter | letters/s | times as long |\n|---|---:|---:|---:|---:|")
    for name, each in found.items():
        print(f"| {name} | {WAYS[name][0]} | {each * 1000:.0f} | {1 / each:.1f} | {each / first:.2f} |")


if __name__ == "__main__":
    main()
