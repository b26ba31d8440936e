"""Ways on: what a refused command would still do when a person says yes. On the command line that is an option; ribbon and prompt ask.

A way is offered where the sentence names its option: the use case decides, a front end only asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rules.errors import DunningError

if TYPE_CHECKING:
    from addin.report import Report
    from rules.row import Language

WAYS: Mapping[str, Mapping[str, str]] = {  # command -> option -> argument of the use case
    "import": {"confirm-paid": "confirmed", "older": "older", "accept-layout": "accept_layout"},
    "payers": {"add": "add"},
    "propose": {"replace": "replace"},
    "issue": {"accept-templates": "accept_templates"},
    "statements": {"all": "everybody"},
    "undo": {"again": "again"},
}
YES = "yes."
Given = Mapping[str, str]


def chosen(given: Given) -> dict[str, bool]:
    """The arguments of the ways a person said yes to."""
    return {name.removeprefix(YES): True for name in given if name.startswith(YES)}


def with_ways(verb: str, run: Callable[[Given], Report | None], given: Given, language: Language, agreed: Callable[[str], bool]) -> Report | None:
    """Runs the command; when its answer or refusal names a way on, asks with `agreed`, and runs it once more that way. Raises what it refuses."""
    from rules.words import text

    while True:
        report: Report | None = None
        refused: DunningError | None = None
        try:
            report = run(given)
        except DunningError as error:
            refused = error
        said = str(refused) if refused else " ".join([report.sentence, *(f.text("en") for f in report.findings)]) if report else ""
        ways = WAYS.get(verb, {})
        way = next((option for option in ways if re.search(rf"--{option}\b", said) and YES + ways[option] not in given), "")
        if way and agreed(f"{without_options(said if refused or report is None else report.sentence)}\n\n{text(language, 'ways', way)}"):
            given = {**given, YES + ways[way]: "yes"}
        elif refused:
            raise refused
        else:
            return report


def without_options(said: str) -> str:
    """The sentences that name no option of the command line; all of them when each does."""
    kept = [sentence for sentence in re.split(r"(?<=[.:;]) ", said) if "--" not in sentence]
    return re.sub(r"[:;]$", ".", " ".join(kept)) or said
