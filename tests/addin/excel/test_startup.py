"""What starts with a click: the ribbon alone, until a command is known; and of xlwings the freely licensed parts alone."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from addin import install
from addin.controls import CONTROLS
from benchmarks.startup import phases

KNOWN = ("addin.controls", "addin.log", "addin.ribbon", "addin.ways", "rules.errors", "rules.ways")
ROOT = Path(__file__).parents[3]
OURS = ("xlwings." + "pro", "XLWINGS_LICENSE" + "_KEY")  # written so that this file does not name them
SOURCES = ("addin", "workbook", "letter_templates", "rules", "benchmarks", "docs", "tests", ".ci", ".github")


def loaded(code: str, **environment: str) -> set[str]:
    """The modules that a new Python has loaded after this code."""
    run = [sys.executable, "-c", code + "\nimport sys\nprint(*sys.modules, sep='\\n')"]
    return set(subprocess.run(run, capture_output=True, text=True, check=True, cwd=ROOT, env=os.environ | environment).stdout.splitlines())


def test_the_ribbon_loads_its_table_and_nothing_that_xlwings_has_not_loaded() -> None:
    more = loaded("import xlwings, addin.ribbon") - loaded("import xlwings")
    packages = {name.partition(".")[0] for name in more} - set(sys.stdlib_module_names)

    assert {"addin", "rules"} == packages
    assert [] == [name for name in more if name.startswith(("addin.", "rules.")) and name not in KNOWN]


def test_a_command_that_writes_no_letter_loads_no_word() -> None:
    without = {"verify", "history", "calls"}
    heavy = {verb: {"docx", "docxtpl", "xlsxwriter"} & set(phases(verb)["command"]) for verb in sorted(without)}

    assert {verb: set() for verb in heavy} == heavy


def test_the_measurement_sees_every_command_begin() -> None:
    """A command whose imports were not reached would be measured as free."""
    assert [] == [verb for verb in ("propose", "issue", "import", "new") if not phases(verb)["command"]["addin"]]
    assert {c.verb for c in CONTROLS} > {"propose", "issue", "import", "new"}


def test_xlwings_works_for_us_with_its_paid_parts_absent(tmp_path: Path) -> None:
    """A copy of the package without that folder is what Python finds; everything of ours that uses xlwings is loaded, and the add-in is built."""
    shutil.copytree(install.package_folder("xlwings"), tmp_path / "xlwings", ignore=shutil.ignore_patterns("pro", "__pycache__"))
    code = "import xlwings, addin.ribbon, addin.live, addin.udfs, workbook.live\nfrom addin import xlam\nxlam.build_add_in('en')\n"
    names = loaded(code + f"assert xlwings.__file__.startswith({str(tmp_path)!r}), xlwings.__file__", PYTHONPATH=str(tmp_path))

    assert not (tmp_path / "xlwings" / "pro").exists()
    assert {"xlwings.main", "addin.live", "workbook.live"} <= names
    assert [] == [name for name in names if name.startswith(OURS[0])]


def test_with_the_whole_package_installed_we_do_not_use_them_either() -> None:
    told = re.compile("|".join(map(re.escape, OURS)))
    files = [p for folder in SOURCES for p in (ROOT / folder).rglob("*") if p.suffix in {".py", ".md", ".bas", ".cls", ".yml", ".xml", ".toml"}]

    assert [] == [str(p.relative_to(ROOT)) for p in files if told.search(p.read_text(encoding="utf-8", errors="replace"))]
