"""The page of the worksheet functions, `docs/functions.md`: what each answers and takes, from the words that the Function Wizard shows.

`python -m docs.functions` writes it.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import get_type_hints

from addin.udfs import FUNCTIONS

TARGET = Path(__file__).with_suffix(".md")
HEAD = """# Worksheet functions

Written by `python -m docs.functions`. They come with the add-in (`dunning excel install`), on Windows; Excel for the Mac has no such functions.

`=DUN_LEVEL(A2)` answers for one document, `=DUN_LEVEL(A2:A50)` and `=DUN_LEVEL(A:A)` for each of a range: the answers spill, and the heading of a
whole column stays blank. Inside an Excel table, where nothing may spill, give one cell: `=DUN_LEVEL([@Document])`. Excel translates the separator of
arguments, not the names: in a French or German Excel it is `;`.

- **Every answer is the one of the commands**, of the workbook the formula stands in and the as-of date on its sheet Home. Tables given as ranges,
  with their headings in the first row, take the place of the sheets, for what-ifs and in workbooks of other people.
- **#N/A**: there is no such document or payer. **#VALUE!**: the question is not clear or the input is wrong. `=DUN_WHY()` says why. A blank cell
  has a blank answer, and an error stays that error: SUM never skips one in silence.
- **When they are computed anew.** After every command of the ribbon that changed something, and when their own cells change. A cell typed into
  Ledger, Payers or Config is no cell of theirs: press Ctrl+Alt+F9. With calculation set to manual, Excel waits for F9 as always.

"""


def page() -> str:
    """The page as it should be."""
    return HEAD + "\n".join(_section(name) for name in FUNCTIONS)


def _section(name: str) -> str:
    function = inspect.unwrap(FUNCTIONS[name])
    hints = get_type_hints(function, include_extras=True)
    told = inspect.signature(function).parameters
    arguments = ", ".join(n if p.default is p.empty else f"[{n}]" for n, p in told.items())
    rows = "\n".join(f"| {n} | {hints[n].__metadata__[0]['doc']} |" for n in told)
    return f"## {name}\n\n`={name}({arguments})`\n\n{function.__doc__}\n\n| argument | what it is |\n|---|---|\n{rows}\n"


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8", newline="\n")
