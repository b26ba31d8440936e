"""The module that starts Python, as it is in the add-in, in an interpreter of VBA: what it runs, for whom, and what it says when that fails."""

import re
from pathlib import Path

import pytest
from pyopenvba.apps.excel import ExcelApplication

from addin import xlam

COMMAND = "import addin.ribbon; addin.ribbon.main('verify')"
PYTHON = "C:\\Tools\\dunning\\Scripts\\python.exe"
SEAMS = {  # of Excel, Windows and its files, and what of VBA the interpreter has not
    "Application.Caller": "Caller()", "Application.Hwnd": "4242", "Application.Path": '"C:\\Office"', 'CreateObject("WScript.Shell")': "New clsShell",
    "GetAttr(": "AttrOf(", "Environ(": "EnvironOf(", "Private Function GetConfigFromFile(": "Private Function NotUsed(",
    "GetConfigFromFile(": "FromFile(", "Content = \"\"": "ReadFile = Written()\r\n    Exit Function", "= FreeFile": "= 1",
    "Kill LOG_FILE": "Said = Said", ", False) = True": ', False) = "True"', " 'Adjust when using outside of Excel": "",
}  # fmt: skip
STUBS = f'''Attribute VB_Name = "stubs"
Public Said As String
Public Ran As String
Public Ended As Long
Public Lost As String
Public Who As String

Public Function Caller() As Variant
    Caller = CVErr(xlErrRef)
    If Who = "button" Then Caller = "Button 1"
    If Who = "formula" Then Set Caller = ActiveWorkbook.Worksheets(1).Range("A1")
End Function

Public Function AttrOf(path As String) As Long
    AttrOf = 32
    If Lost = "python" And Right(path, 4) = ".exe" Then Err.Raise 53
End Function

Public Function EnvironOf(name As String) As String
    EnvironOf = "C:\\Users\\me\\" & name
End Function

Public Function FromFile(path As String, key As String, ByRef found As String) As Boolean
    FromFile = (Lost <> "settings")
    Select Case key
        Case "INTERPRETER_WIN": found = "{PYTHON}"
        Case "ADD_WORKBOOK_TO_PYTHONPATH": found = "False"
        Case Else: FromFile = False
    End Select
End Function

Public Function Written() As String
    Written = "ModuleNotFoundError: No module named 'addin'"
End Function

Public Sub DunningFailed(key As String, told As String)
    Said = Said & key & ": " & told
End Sub

Public Function Start(by As String, exit_code As Long, missing As String) As String
    Who = by
    Ended = exit_code
    Lost = missing
    Said = ""
    Ran = ""
    DunningPython "{COMMAND}"
    Start = Said
End Function

Public Function Run_() As String
    Run_ = Ran
End Function
'''
SHELL = """Attribute VB_Name = "clsShell"
Public Function ExpandEnvironmentStrings(text As String) As String
    ExpandEnvironmentStrings = text
End Function

Public Function Run(command As String, style As Variant, wait As Variant) As Long
    Ran = command
    Run = Ended
End Function
"""


def excel(folder: Path, *, own_workbook: bool = False, mac: bool = False, name: str = "Book") -> ExcelApplication:
    """An Excel with the module. `mac`: at its way in, as on a Mac."""
    path = folder / f"{name}.xlsm"
    path.write_bytes(xlam.build_add_in("en"))
    app = ExcelApplication.open(path, with_vba=False)
    source = xlam.modules(own_workbook=own_workbook)["xlwings"]
    for excels, ours in SEAMS.items():
        assert excels in source
        source = source.replace(excels, ours)
    source = re.sub(r"^( *#[^'\r\n]*?) *'.*?(?=\r?$)", r"\1", source, flags=re.MULTILINE)
    before, way_in = source.split("Public Sub DunningPython")
    way_in = way_in.replace("#If Mac Then", "#If True Then") if mac else way_in
    app.add_module(f"{before}Public Sub DunningPython{way_in}", name="xlwings")
    app.add_module(STUBS, name="stubs")
    app.add_module(SHELL, name="clsShell", kind="class")
    return app


@pytest.mark.parametrize("own_workbook", [True, False])
@pytest.mark.parametrize("by", ["ribbon", "button"])
def test_a_click_starts_the_installed_python_with_the_command_and_nothing_of_beside_the_workbook(tmp_path: Path, own_workbook: bool, by: str) -> None:
    app = excel(tmp_path, own_workbook=own_workbook)
    said, ran = app.run("Start", by, 0, ""), str(app.run("Run_"))

    assert "" == said
    assert ran.startswith(f'cmd.exe /C C: & cd "C:\\Tools\\dunning\\Scripts" & "{PYTHON}" -B -c "import xlwings.utils;')
    assert f'prepare_sys_path(\\"False;{tmp_path}/Book.xlsm;' in ran
    assert f'; {COMMAND}"  --wb="Book.xlsm" --from_xl=1 ' in ran


@pytest.mark.parametrize(
    ("by", "exit_code", "missing", "said", "runs"),
    [
        pytest.param("ribbon", 1, "", "failed: ModuleNotFoundError: No module named 'addin'", True, id="Python ends with an error"),
        pytest.param("ribbon", 0, "python", f"no_interpreter: {PYTHON}", False, id="Python was moved or uninstalled"),
        pytest.param("ribbon", 0, "settings", "no_interpreter: ", False, id="no settings: never a python.exe that lies about"),
        pytest.param("formula", 0, "", "", False, id="a formula starts nothing"),
    ],
)
def test_what_cannot_run_is_said_and_no_box_of_xlwings_is_shown(tmp_path: Path, by: str, exit_code: int, missing: str, said: str, runs: bool) -> None:
    app = excel(tmp_path)

    assert said == app.run("Start", by, exit_code, missing)
    assert (runs, []) == (bool(app.run("Run_")), app.dialogs)


@pytest.mark.parametrize(("name", "said"), [("Book", ""), ("a $(touch x)", "bad_name: a $(touch x).xlsm"), ("a `x`", "bad_name: a `x`.xlsm")])
def test_on_a_mac_a_name_that_a_shell_would_run_is_refused(tmp_path: Path, name: str, said: str) -> None:
    """xlwings' script puts it between double quotes; a mailed workbook may be called anything."""
    app = excel(tmp_path, mac=True, name=name)

    assert (said, not said) == (app.run("Start", "ribbon", 0, ""), bool(app.run("Run_")))
