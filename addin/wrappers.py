"""The worksheet functions as VBA: one wrapper for each of `addin.udfs`, made from text without Excel, and the help of the Function Wizard.

The wrappers are those of xlwings' own generator, changed where accounting needs it. An error is an error: xlwings gives its words as a text, which
SUM silently skips. The workbook of a function is the one its formula stands in, not the one that happens to be active. Errors within a range, which
Python sends as their texts, become real ones here. On a Mac, where xlwings has no functions, every answer is #N/A.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType, SimpleNamespace
from typing import Any

from rules.row import Language
from rules.words import catalogue

WIZARD = 255  # characters of a help that the Function Wizard shows
LINE = 1_000  # characters of a line of VBA
MODULE, HELP = "xlwings_udfs", "modFunctionHelp"
COM = ("pythoncom", "pywintypes", "win32com", "win32com.client")
CALL = re.compile(  # the body of a function as xlwings writes it
    r' *#If App = "Microsoft Excel" Then\n.*?\n *(?P<name>\w+) = (?P<call>XLPy\.CallUDF\(.*?)ActiveWorkbook(?P<rest>, Application\.Caller\))\n'
    r".*?#End If\nfailed:\n *\w+ = Err\.Description\n", re.DOTALL
)  # fmt: skip
OWN = r"""
Private Function DunBook() As Object
    If TypeName(Application.Caller) = "Range" Then
        Set DunBook = Application.Caller.Worksheet.Parent
    Else
        Set DunBook = ActiveWorkbook
    End If
End Function

Private Function DunPython() As Object
    Dim server As Object
    DunningServer server
    Set DunPython = server
End Function

Private Function DunAnswer(ByVal found As Variant) As Variant
    Dim r As Long, c As Long, wide As Boolean
    If Not IsArray(found) Then
        DunAnswer = DunError(found)
        Exit Function
    End If
    On Error Resume Next
    c = UBound(found, 2)
    wide = (Err.Number = 0)
    On Error GoTo 0
    If wide Then
        For r = LBound(found, 1) To UBound(found, 1)
            For c = LBound(found, 2) To UBound(found, 2)
                If VarType(found(r, c)) = vbString Then found(r, c) = DunError(found(r, c))
            Next c
        Next r
    Else
        For r = LBound(found) To UBound(found)
            If VarType(found(r)) = vbString Then found(r) = DunError(found(r))
        Next r
    End If
    DunAnswer = found
End Function

Private Function DunError(ByVal found As Variant) As Variant
    DunError = found
    If VarType(found) <> vbString Then Exit Function
    If Left$(found, 1) <> "#" Then Exit Function
    Select Case found
        Case "#N/A": DunError = CVErr(xlErrNA)
        Case "#VALUE!": DunError = CVErr(xlErrValue)
        Case "#DIV/0!": DunError = CVErr(xlErrDiv0)
        Case "#NAME?": DunError = CVErr(xlErrName)
        Case "#NULL!": DunError = CVErr(xlErrNull)
        Case "#NUM!": DunError = CVErr(xlErrNum)
        Case "#REF!": DunError = CVErr(xlErrRef)
    End Select
End Function
"""


def wrappers(project: str) -> str:
    """The module `xlwings_udfs` of a VBA project of xlwings with this name; always the same text."""
    written = io.StringIO()
    with _xlwings() as udfs:
        udfs.generate_vba_wrapper("addin.udfs", _declared(udfs.xlfunc), written, SimpleNamespace(Name=f"{project}.xlam"))
    made = CALL.sub(_safe, written.getvalue())
    head = [f'Attribute VB_Name = "{MODULE}"', "Option Explicit"]
    return _vba("\n".join(head) + "\n" + OWN + "\n" + made)


def _safe(body: re.Match[str]) -> str:
    """The body of a function as we want it; of DUN_WHY, the words of what failed are the answer."""
    name = body["name"]
    failed = "Err.Description" if name == "DUN_WHY" else "CVErr(xlErrValue)"
    lines = (
        "    #If Mac Then", f"        {name} = CVErr(xlErrNA)", "        Exit Function", "    #Else", "        On Error GoTo failed",
        f"        {name} = DunAnswer({body['call'].replace('XLPy.', 'DunPython().')}DunBook(){body['rest']})", "        Exit Function",
        "    #End If", "failed:", f"    {name} = {failed}",
    )  # fmt: skip
    return "".join(f"{line}\n" for line in lines)


def help_sub(language: Language = "en") -> str:
    """The module `modFunctionHelp`: what each function and each of its arguments is for, told to the Function Wizard in the user's language."""
    said = catalogue(language).get("functions", {})  # English itself stands with the functions
    lines = [f'Attribute VB_Name = "{HELP}"', "Option Explicit", "", "Public Sub RegisterUdfHelp()", "    On Error Resume Next"]
    with _xlwings() as udfs:
        for function in vars(_declared(udfs.xlfunc)).values():
            told = function.__xlfunc__
            helps = ", _\n            ".join(_quoted(said.get(arg["doc"], arg["doc"])) for arg in told["args"])
            lines += [
                f'    Application.MacroOptions Macro:="\'" & ThisWorkbook.Name & "\'!{told["name"]}", _',
                f"        Description:={_quoted(said.get(told['ret']['doc'], told['ret']['doc']))}, _",
                f"        Category:={_quoted(told['category'])}, _",
                f"        ArgumentDescriptions:=Array({helps})",
            ]
    return _vba("\n".join([*lines, "End Sub", ""]))


def _declared(declare: Callable[..., Any]) -> SimpleNamespace:
    """The functions, declared by xlwings' own decorator."""
    from addin.udfs import FUNCTIONS, declared

    declared(declare)
    return SimpleNamespace(**FUNCTIONS)


def _quoted(words: str) -> str:
    """A text of VBA; what is beyond ASCII, by its number."""
    plain = words[:WIZARD].replace('"', '""')
    return '"' + "".join(c if c.isascii() else f'" & ChrW({ord(c)}) & "' for c in plain) + '"'


def _vba(source: str) -> str:
    """The source with VBA's line ends. Raises ValueError for what VBA cannot hold: we write these texts, so it is a fault of ours."""
    lines = source.splitlines()
    if not source.isascii() or any(len(line) > LINE for line in lines):
        raise ValueError("a worksheet function has a name, an argument or a help that VBA cannot hold: beyond ASCII, or too long")
    return "\r\n".join(lines) + "\r\n"


@contextmanager
def _xlwings() -> Iterator[Any]:
    """xlwings' module of worksheet functions; where there is no Windows, with empty modules in place of those it only needs to run."""
    if find_spec("pythoncom"):
        yield import_module("xlwings.udfs")
        return
    before = {name: sys.modules.pop(name, None) for name in (*COM, "xlwings.udfs")}
    stubs = {name: ModuleType(name) for name in COM}
    stubs["pythoncom"].CoInitialize = stubs["win32com.client"].Dispatch = stubs["pywintypes"].com_error = Exception  # type: ignore[attr-defined]
    sys.modules.update(stubs)
    try:
        yield import_module("xlwings.udfs")
    finally:
        for name, module in before.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module
