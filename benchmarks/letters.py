"""5,000 letters of eight lines, made and written to files: ours beside docxtpl used plainly, docxtemplater, docx-mailmerge2 and the bare zip.

`python -m benchmarks.letters` prints one table: milliseconds per letter of wall clock, on one core unless it says two, and the peak memory of the
process, medians; each way in a process of its own, which starts its clock once it has loaded what it needs; the ways take turns, so that whatever
else the machine does falls on all of them. All fill the packaged French letter of the second level: docxtpl the template itself, docxtemplater and
docx-mailmerge2 one in their own language that is made of a letter of ours, so that they have no conditions to decide; the words of the letters are
compared. The bare way only zips the parts of finished letters and writes them. Needs Linux and, for docxtemplater, npm, which puts it into a folder
of the cache.
"""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import BytesIO
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from xml.sax.saxutils import escape

LETTERS, LINES = 5_000, 8
ROUNDS = 3
SLOW = 500  # letters of the ways that take milliseconds for each
TEMPLATE = Path(__file__).parents[1] / "letter_templates" / "fr" / "firm_reminder.docx"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "dunning-benchmarks"
PACKAGES = ("docxtemplater@3.71.0", "pizzip@3.3.0")
NODE = """
const fs = require("fs"), PizZip = require("pizzip"), Docxtemplater = require("docxtemplater");
const [template, values, folder] = process.argv.slice(2);
const letters = JSON.parse(fs.readFileSync(values)), content = fs.readFileSync(template);
const started = process.hrtime.bigint();
letters.forEach((letter, at) => {
  const doc = new Docxtemplater(new PizZip(content), { delimiters: { start: "{{", end: "}}" } });
  doc.render(letter);
  fs.writeFileSync(`${folder}/${at}.docx`, doc.getZip().generate({ type: "nodebuffer", compression: "DEFLATE" }));
});
const seconds = Number(process.hrtime.bigint() - started) / 1e9;
console.log(JSON.stringify([seconds, process.resourceUsage().maxRSS / 1024]));
"""


def contexts(count: int) -> Iterator[dict[str, Any]]:
    """What each letter says: other payers, documents and amounts; the same conditions."""
    from letter_templates.context import letter_context
    from rules.model import Payer, Proposal, ProposalLine, Settings

    settings = Settings(
        company_name="Lefort Distribution SAS", company_address="12 rue des Docks, 69009 Lyon", company_country="FR", company_city="Lyon",
        bank_name="Banque du Rhône", bank_iban="FR7630004000031234567890143", bank_bic="BNPAFRPP", contact_name="Claire Morel",
        contact_phone="+33 4 72 00 00 00", contact_email="compta@lefort.example", signatory="Claire Morel",
    )  # fmt: skip
    as_of = date(2026, 3, 2)
    for number in range(count):
        key = {"run": "R20260302-4f1c", "payer": f"{number + 10_000:010}", "currency": "EUR"}
        lines = [
            ProposalLine(
                document=f"FA-{number:05}-{n}", document_date=as_of - timedelta(90 - n), due_date=as_of - timedelta(60 - n), days_overdue=60 - n,
                original_minor=200_000 + number, open_minor=123_450 + 7 * number + n, level=2, **key)
            for n in range(LINES)
        ]  # fmt: skip
        total = sum(line.open_minor for line in lines)
        proposal = Proposal(
            as_of=as_of, level=2, template="firm_reminder", language="fr", deadline=date(2026, 3, 12), overdue_minor=total, total_minor=total, **key
        )
        payer = Payer(
            payer=key["payer"], name=f"Établissements n° {number} & Fils", address=f"{number % 90 + 1} quai de Bacalan", postal_code="33300",
            city="Bordeaux", country="FR",
        )  # fmt: skip
        yield letter_context(proposal, lines, payer, settings, previous=date(2026, 2, 1), letter_id=f"R20260302-4f1c-{number:04}")


def given(folder: Path, count: int) -> Iterator[dict[str, Any]]:
    """The first `count` of them, read one after the other."""
    with (folder / "contexts.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, islice(lines, count))


# ---------------------------------------------------------------------------------------------------------------- the ways


def by_ours(folder: Path, out: Path, count: int) -> Callable[[], None]:
    from letter_templates.render import Template

    template = Template.load(TEMPLATE)

    def run() -> None:
        for at, context in enumerate(given(folder, count)):
            (out / f"{at}.docx").write_bytes(template.render(context, {"run": "R1"}))

    return run


def written(letters: list[tuple[bytes, Path]]) -> list[int]:
    """The work of each process: write the letters."""
    return [path.write_bytes(content) for content, path in letters]


def by_ours_on(cores: int) -> Callable[[Path, Path, int], Callable[[], None]]:
    def way(folder: Path, out: Path, count: int) -> Callable[[], None]:
        from letter_templates import several
        from letter_templates.render import Template

        several.PAYS = 0.0
        letters = several.Letters({"": Template.load(TEMPLATE)}, written, cores)
        told = list(given(folder, count))
        jobs = [several.Job("", context, {"run": "R1"}, out / f"{at}.docx") for at, context in enumerate(told)]
        stream = letters.answers([*jobs, *jobs])
        made = 0
        while made < count:  # the first time through, all processes begin
            made += len(next(stream))

        def run() -> None:
            for _ in stream:
                pass

        return run

    return way


def by_docxtpl(folder: Path, out: Path, count: int) -> Callable[[], None]:
    from docxtpl import DocxTemplate

    def run() -> None:
        for at, context in enumerate(given(folder, count)):
            word = DocxTemplate(TEMPLATE)
            word.render(context, autoescape=True)
            word.save(out / f"{at}.docx")

    return run


def by_mailmerge(folder: Path, out: Path, count: int) -> Callable[[], None]:
    from mailmerge import MailMerge

    def run() -> None:
        for at, letter in enumerate(map(flat, given(folder, count))):
            letter["line.document"] = [{f"line.{name}": text for name, text in line.items()} for line in letter.pop("lines")]
            with MailMerge(folder / "mailmerge.docx") as word:
                word.merge(**letter)
                word.write(out / f"{at}.docx")

    return run


def by_zip(folder: Path, out: Path, count: int) -> Callable[[], None]:
    letters = []
    for at in range(50):
        with zipfile.ZipFile(folder / "ours" / f"{at}.docx") as archive:
            letters.append([(name, archive.read(name)) for name in archive.namelist()])

    def run() -> None:
        for at in range(count):
            with zipfile.ZipFile(out / f"{at}.docx", "w", zipfile.ZIP_DEFLATED) as archive:
                for name, content in letters[at % len(letters)]:
                    archive.writestr(name, content)

    return run


# ---------------------------------------------------------------------------------------------------------------- templates of the others


def flat(context: dict[str, Any]) -> dict[str, Any]:
    """The texts of a letter in one level, `payer.name`; addresses line by line, `payer.address_lines.0`; the lines as they are."""
    found: dict[str, Any] = {"lines": [{name: text for name, text in line.items() if isinstance(text, str)} for line in context["lines"]]}

    def walk(value: Any, name: str) -> None:
        if isinstance(value, str):
            found[name] = value
        elif isinstance(value, dict):
            for key, inner in value.items():
                walk(inner, f"{name}.{key}" if name else key)
        elif isinstance(value, list) and name != "lines":
            for number, inner in enumerate(value):
                walk(inner, f"{name}.{number}")

    walk({key: value for key, value in context.items() if key != "lines"}, "")
    return found


def marked(context: dict[str, Any]) -> dict[str, Any]:
    """The same letter with one line, that says ⟦payer.name⟧ where the name of the payer would stand."""

    def walk(value: Any, name: str) -> Any:
        if isinstance(value, str):
            return f"⟦{name}⟧" if value else ""
        if isinstance(value, dict):
            return {key: walk(inner, f"{name}.{key}" if name else key) for key, inner in value.items()}
        return [walk(inner, f"{name}.{number}") for number, inner in enumerate(value)] if isinstance(value, list) else value

    made = walk({key: value for key, value in context.items() if key != "lines"}, "")
    return made | {"lines": [walk(context["lines"][0], "line")]}


def others(folder: Path, context: dict[str, Any]) -> None:
    """Puts the templates of docxtemplater and docx-mailmerge2 into `folder`."""
    from letter_templates.render import Template

    made = BytesIO(Template.load(TEMPLATE).render(marked(copy.deepcopy(context))))
    row = re.compile(r"<w:tr[ >](?:(?!<w:tr[ >]).)*?⟦line\..*?</w:tr>", re.DOTALL)
    field = '</w:t></w:r><w:fldSimple w:instr=" MERGEFIELD {0} "><w:r><w:t>«{0}»</w:t></w:r></w:fldSimple><w:r><w:t xml:space="preserve">'
    targets = [zipfile.ZipFile(folder / f"{way}.docx", "w", zipfile.ZIP_DEFLATED) for way in ("docxtemplater", "mailmerge")]
    with zipfile.ZipFile(made) as archive, targets[0] as tagged, targets[1] as merged:
        for name in archive.namelist():
            text = archive.read(name)
            if not name.startswith("word/") or not name.endswith(".xml"):
                tagged.writestr(name, text)
                merged.writestr(name, text)
                continue
            xml = text.decode()
            merged.writestr(name, re.sub("⟦(.*?)⟧", lambda m: field.format(m[1]), xml))
            looped = row.sub(lambda m: looping(m[0]), xml)
            tagged.writestr(name, re.sub("⟦(.*?)⟧", lambda m: "{{" + m[1].removeprefix("line.") + "}}", looped))


def looping(row: str) -> str:
    """A table row with docxtemplater's tags of a loop at its two ends."""
    first, last = row.index("⟦"), row.rindex("⟧") + 1
    return row[:first] + "{{#lines}}" + row[first:last] + "{{/lines}}" + row[last:]


def node(folder: Path, out: Path, count: int) -> tuple[float, float]:
    """docxtemplater, in node: seconds and megabytes."""
    script = CACHE / "letters.js"
    CACHE.mkdir(parents=True, exist_ok=True)
    script.write_text(NODE, encoding="utf-8")
    subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(CACHE), *PACKAGES], check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    values = folder / "values.json"
    values.write_text(json.dumps([flat(context) for context in given(folder, count)]), encoding="utf-8")
    command = ["node", str(script), str(folder / "docxtemplater.docx"), str(values), str(out)]
    seconds, memory = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return seconds, memory


# ---------------------------------------------------------------------------------------------------------------- measuring

WAYS: dict[str, tuple[str, int, Callable[[Path, Path, int], Callable[[], None]] | None]] = {
    "ours": ("ours", LETTERS, by_ours),
    "half": ("ours, half as many", LETTERS // 2, by_ours),
    "two": ("ours, two processes", LETTERS, by_ours_on(2)),
    "zip": ("the bare zip-and-write of the same parts", LETTERS, by_zip),
    "docxtpl": ("docxtpl, used plainly", SLOW, by_docxtpl),
    "docxtemplater": ("docxtemplater, npm", SLOW, None),
    "mailmerge": ("docx-mailmerge2", SLOW, by_mailmerge),
}


def one(way: str, folder: Path) -> None:
    """One run in this process: seconds and megabytes as JSON."""
    _, count, begin = WAYS[way]
    out = folder / way
    if begin is None:
        print(json.dumps(node(folder, out, count)))
        return
    run = begin(folder, out, count)
    started = perf_counter()
    run()
    seconds = perf_counter() - started
    peak = int(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))[0]) / 1024
    print(json.dumps([seconds, peak]))


def words(path: Path) -> str:
    """The text of a letter."""
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("word/document.xml").decode()
    return re.sub(r"<[^>]*>", "", re.sub(r"</w:p>", "\n", xml))


def timed(way: str, folder: Path) -> tuple[float, float]:
    """Seconds and megabytes of one run in a process of its own."""
    out = subprocess.run([sys.executable, "-m", __spec__.name, way, str(folder)], check=True, stdout=subprocess.PIPE, text=True).stdout
    seconds, memory = json.loads(out)
    return seconds, memory


def checked(way: str, folder: Path) -> None:
    """The letters must say what ours say."""
    for at in range(0, SLOW, 50):
        expected, actual = (re.sub(r"\s+", " ", words(folder / name / f"{at % 50 if way == 'zip' else at}.docx")) for name in ("ours", way))
        if expected != actual and escape(expected) != actual:
            raise SystemExit(f"Letter {at} by {way} says something else than ours:\n{expected}\n{actual}")


def main() -> None:
    """All ways, one table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        letters = list(contexts(LETTERS))
        (folder / "contexts.jsonl").write_text("".join(json.dumps(letter) + "\n" for letter in letters), encoding="utf-8")
        others(folder, letters[0])
        for way in WAYS:
            (folder / way).mkdir()
        runs = [{way: timed(way, folder) for way in WAYS} for _ in range(ROUNDS)]
        for way in WAYS:
            checked(way, folder)
    found = {way: (median(run[way][0] for run in runs) / WAYS[way][1] * 1000, median(run[way][1] for run in runs)) for way in WAYS}
    print("| way | ms per letter | letters/s | times as long | peak MB |\n|---|---:|---:|---:|---:|")
    for way, (each, memory) in found.items():
        print(f"| {WAYS[way][0]} | {each:.2f} | {1000 / each:,.0f} | {each / found['ours'][0]:.2f} | {memory:.0f} |")


if __name__ == "__main__":
    if sys.argv[1:]:
        one(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
