"""The worksheet functions as VBA, run in an interpreter: errors are real ones, what a formula leaves out stays left out, and each has its help."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pyopenvba.apps.excel import ExcelApplication
from pyopenvba.interpreter import VBAErrorValue

from addin import udfs, wrappers, xlam
from addin.udfs import FUNCTIONS
from addin.xlwings_module import PROJECT
from docs import functions
from rules.row import Language
from rules.words import catalogue
from tests.addin.excel.com import excel

CONTINUED = 24  # lines that VBA takes for one
PYTHON = """Attribute VB_Name = "python"
Public Found As Variant

Public Function Caller() As Variant
    Set Caller = ActiveWorkbook.Worksheets(1).Range("A1")
End Function

Public Sub Answers(given As Variant)
    Found = given
End Sub

Public Sub DunningServer(ByRef server As Object)
    Set server = New clsPython
End Sub
"""
CLASS = """Attribute VB_Name = "clsPython"
Public Function CallUDF(module As String, name As String, args As Variant, book As Variant, who As Variant) As Variant
    Dim i As Long, column(0 To 2, 0 To 0) As Variant
    Select Case CStr(Found)
        Case "break": Err.Raise 1001, "xlwings", "Could not load the library"
        Case "column"
            column(0, 0) = 3
            column(1, 0) = "#VALUE!"
            column(2, 0) = "#3 of the list"
            CallUDF = column
        Case "echo"
            CallUDF = module & " " & name & " " & book.Name & " " & UBound(args)
            For i = 0 To UBound(args)
                If Not IsMissing(args(i)) Then CallUDF = CallUDF & " " & i & "=" & args(i)
            Next i
        Case Else: CallUDF = Found
    End Select
End Function
"""


class Sheet:
    """A workbook with the wrappers of the add-in, whose Python answers as it is told."""

    def __init__(self, folder: Path) -> None:
        path = folder / "Book.xlsm"
        path.write_bytes(xlam.build_add_in("en"))
        self.app = ExcelApplication.open(path, with_vba=False)
        source = wrappers.wrappers(PROJECT).replace("Application.Caller", "Caller()")  # which no interpreter has
        for name, text in ((wrappers.MODULE, source), ("python", PYTHON)):
            self.app.add_module(text, name=name)
        self.app.add_module(CLASS, name="clsPython", kind="class")

    def __call__(self, found: object, name: str = "DUN_LEVEL", *arguments: object) -> Any:
        """What a cell shows when Python answers `found`; an error of Excel by its number."""
        self.app.run("Answers", found)
        answer = self.app.run(name, *(arguments or (() if name == "DUN_WHY" else ("F1",))))
        return [[_shown(v) for v in row] for row in answer] if isinstance(answer, list) else _shown(answer)


def _shown(value: object) -> object:
    return str(value) if isinstance(value, VBAErrorValue) else value


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Sheet:
    return Sheet(tmp_path_factory.mktemp("wrappers"))


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        ("#N/A", "Error 2042"), ("#VALUE!", "Error 2015"), ("#DIV/0!", "Error 2007"), ("#NAME?", "Error 2029"), ("#NULL!", "Error 2000"),
        ("#NUM!", "Error 2036"), ("#REF!", "Error 2023"), (47, 47), (12.5, 12.5), ("31-60 days", "31-60 days"), ("#3 of the list", "#3 of the list"),
        ("", ""),
    ],
)  # fmt: skip
def test_an_error_is_an_error_of_excel_and_nothing_else_is(sheet: Sheet, found: object, shown: object) -> None:
    """A text in place of an error would be skipped by SUM."""
    assert shown == sheet(found)


def test_errors_within_a_range_are_errors_too(sheet: Sheet) -> None:
    assert [[3], ["Error 2015"], ["#3 of the list"]] == sheet("column")


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "DUN_WHY"])
def test_when_python_cannot_be_reached_the_answer_is_value_and_dun_why_says_what_happened(sheet: Sheet, name: str) -> None:
    assert ("Error 2015", "Could not load the library") == (sheet("break", name), sheet("break", "DUN_WHY"))


def test_arguments_come_in_their_order_and_what_is_left_out_stays_left_out(sheet: Sheet) -> None:
    assert "addin.udfs DUN_LEVEL Book.xlsm 12 0=F1 1=00017" == sheet("echo", "DUN_LEVEL", "F1", "00017")
    assert "addin.udfs DUN_LAST_LETTER Book.xlsm 6 0=F1" == sheet("echo", "DUN_LAST_LETTER", "F1")


def test_every_function_is_a_function_of_vba_with_the_arguments_of_python() -> None:
    source = wrappers.wrappers(PROJECT)
    declared = dict(re.findall(r"^Function (DUN_\w+)\((.*)\)", source, re.MULTILINE))

    assert set(FUNCTIONS) == set(declared)
    assert "Err.Description" == re.findall(r"= (Err\.Description)", source)[0]
    assert 1 == source.count("Err.Description"), "only DUN_WHY answers with words"
    assert source == wrappers.wrappers(PROJECT)


def test_the_wizard_has_a_help_for_every_function_and_every_argument() -> None:
    with excel() as called:
        told = {name: getattr(udfs, name).__xlfunc__ for name in FUNCTIONS}
        assert called.udfs
    helped = wrappers.help_sub()
    shown = dict(re.findall(r"'!(\w+)\", _\r\n +Description:=\"(.*)\", _\r\n +Category:=\"Dunning\"", helped))
    texts = [f["ret"]["doc"] for f in told.values()] + [arg["doc"] for f in told.values() for arg in f["args"]]

    assert {name: f["ret"]["doc"] for name, f in told.items()} == shown
    assert [] == [text for text in texts if not 10 <= len(text) <= wrappers.WIZARD or "Positional argument" in text]
    assert [text.replace('"', '""') for f in told.values() for text in (arg["doc"] for arg in f["args"])] == re.findall(
        r"(?:Array\(|^ {12})\"(.*?)\"(?:, _|\))\r$", helped, re.MULTILINE
    )


@pytest.mark.parametrize("language", ["fr", "de"])
def test_the_help_is_told_in_the_users_language(language: Language) -> None:
    with excel():
        told = [getattr(udfs, name).__xlfunc__ for name in FUNCTIONS]
    english = {text for f in told for text in (f["ret"]["doc"], *(arg["doc"] for arg in f["args"]))}
    said = catalogue(language)["functions"]
    helped = re.sub(r'" & ChrW\((\d+)\) & "', lambda m: chr(int(m[1])), wrappers.help_sub(language))

    assert english == set(said)
    assert [] == [text for text in said.values() if len(text) > wrappers.WIZARD or f'"{text}"' not in helped]
    assert (True, True) == (wrappers.help_sub(language).isascii(), all(len(line) <= wrappers.LINE for line in helped.splitlines()))


@pytest.mark.generated
def test_the_page_of_the_functions_is_current() -> None:
    assert functions.page() == functions.TARGET.read_text(encoding="utf-8")


@pytest.mark.parametrize("source", [wrappers.help_sub(), wrappers.wrappers(PROJECT)], ids=["help", "wrappers"])
def test_vba_can_hold_the_source(source: str) -> None:
    longest = max((len(run.splitlines()) for run in re.findall(r"(?:.* _\r\n)+", source)), default=0)

    assert (True, True) == (source.isascii(), longest <= CONTINUED)
    assert [] == [line for line in source.splitlines() if len(line) > wrappers.LINE]


@pytest.mark.parametrize("words", ["Überfällig", "x" * 1_000])
def test_a_help_that_vba_cannot_hold_is_not_built(words: str) -> None:
    with pytest.raises(ValueError, match="beyond ASCII, or too long"):
        wrappers._vba(f"' {words}")
