"""xlwings' own VBA, as the add-in carries it: what starts Python and serves the worksheet functions, and no door for a workbook that is only open.

A formula of any open workbook, a mailed one without macros included, can call each public Function and Declare of each loaded project. So
every procedure of the module is private here, what nothing needs is left out, and the two ways in are Subs, which no formula can call. Settings come
from the user's own file alone: a sheet, or a `dunning.conf` beside a workbook, could name any program. Without settings no Python is started: a mere
`python` could be one that lies beside a workbook.
"""

from __future__ import annotations

import re
from importlib import resources

from rules.errors import WorkbookError

PROJECT = "dunning"  # xlwings' name for what is ours: its settings file is ~/.dunning/dunning.conf
NO_SCRIPT = """MsgBox "To enable RunPython, please run 'xlwings runpython install' in a terminal once and try again.", vbCritical"""
PATCHES = {  # what stands in the module -> what we make of it
    'If Right$(sht.Name, 3) = ".py" Then': "If False Then ' sheets of other people's workbooks run no code",
    'If source = "" Or source = "sheet" Then': "If False Then ' no settings from a sheet",
    'If source = "" Or source = "directory" Then': "If False Then ' no settings from beside a workbook",
    'interpreter = GetConfig("INTERPRETER", "python")': 'DunningFailed "no_interpreter", "": Exit Function',
    'PYTHON_WIN = GetConfig("INTERPRETER", "pythonw")': 'Err.Raise 1000, Description:="dunning excel install"',
    'MsgBox "Could not find Interpreter!", vbCritical': 'DunningFailed "no_interpreter", PYTHON_WIN',
    NO_SCRIPT: 'DunningFailed "no_script", ""',
}
ROOTS = ("RunPython", "XLPy", "CleanUp")  # CleanUp: Python calls it by its name when it ends on a Mac
SHOW_ERROR = """Private Sub ShowError(FileName As String, Optional Message As String = "")
    If Message = "" Then Message = ReadFile(FileName)
    DunningFailed "failed", Message
End Sub
"""
WAYS_IN = """
Public Sub DunningPython(command As String)
    If TypeName(Application.Caller) = "Range" Then Exit Sub ' a formula starts nothing
    #If Mac Then
        If ActiveWorkbook.FullName Like "*[$`""|]*" Then ' it goes through a shell, between double quotes
            DunningFailed "bad_name", ActiveWorkbook.Name
            Exit Sub
        End If
    #End If
    RunPython command
End Sub

Public Sub DunningServer(ByRef server As Object)
    Set server = XLPy()
End Sub
"""
PROCEDURE = re.compile(
    r"^(?:#If App[^\n]*\n)?(?:Public |Private )?(?:Function|Sub) (?P<name>\w+)\(.*?^End (?:Function|Sub)\n(?:#End If\n)?", re.DOTALL | re.MULTILINE
)
DECLARED = re.compile(r"^( *)(?:Private )?(Declare (?:PtrSafe )?Function (\w+).*\n)", re.MULTILINE)


def xlwings_module(*, own_workbook: bool) -> str:
    """The module of the installed xlwings under our project's name. `own_workbook`: it is about the workbook it is in, else about the active one.

    Raises WorkbookError when the module is not as known.
    """
    source = package_source("xlwings.bas" if own_workbook else "xlwings_custom_addin.bas").replace("\r\n", "\n")
    named = 'PROJECT_NAME As String = "xlwings"' if own_workbook else 'PROJECT_NAME As String = "myaddin"'
    for known, ours in {named: f'PROJECT_NAME As String = "{PROJECT}"', **PATCHES}.items():
        if known not in source:
            raise _another(known)
        source = source.replace(known, ours)
    head, procedures = source[: next(PROCEDURE.finditer(source)).start()], {found["name"]: found[0] for found in PROCEDURE.finditer(source)}
    if missing := [name for name in (*ROOTS, "ShowError") if name not in procedures]:
        raise _another(missing[0])
    procedures["ShowError"] = SHOW_ERROR
    body = "\n".join(procedures[name] for name in _needed(procedures))
    body = re.sub(r"^(?:Public |Private )?(?=(?:Function|Sub) )", "Private ", body, flags=re.MULTILINE)
    head = DECLARED.sub(lambda found: f"{found[1]}Private {found[2]}" if found[3] in body else "", head)
    return "\r\n".join(f"{head}{body}{WAYS_IN}".splitlines()) + "\r\n"


def package_source(name: str) -> str:
    """A VBA source of the installed xlwings, with the line ends that VBA wants."""
    content = (resources.files("xlwings") / name).read_text(encoding="utf-8")
    return "\r\n".join(content.splitlines()) + "\r\n"


def _needed(procedures: dict[str, str]) -> list[str]:
    """What the roots call, and what these call, in the order of the module."""
    kept, ahead = set[str](), list[str](ROOTS)
    while ahead:
        name = ahead.pop()
        if name not in kept:
            kept.add(name)
            ahead += procedures.keys() & set(re.findall(r"\w+", procedures[name]))
    return [name for name in procedures if name in kept]


def _another(known: str) -> WorkbookError:
    return WorkbookError(f"The installed xlwings is another one than this version was made for: {known!r} is not in its module. Reinstall dunning.")
