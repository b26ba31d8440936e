"""The add-in's macros in an interpreter of VBA: what a click does, with Python and the file dialogs replaced by notes of what they were given."""

from __future__ import annotations

from pathlib import Path

from pyopenvba import ExcelFile
from pyopenvba.apps.excel import ExcelApplication

from addin import xlam
from rules.row import Language

STUBS = r'''Attribute VB_Name = "stubs"
Public Calls As String
Public Failure As String
Public Report As String
Public Offered As String
Public Question As String
Public Later_ As String
Public Closed As Boolean

Public Function Active() As Object
    Set Active = Nothing
    If Not Closed Then Set Active = ActiveWorkbook
End Function

Public Sub CloseAll()
    Closed = True
End Sub

Public Sub AddBook()
    Closed = False
    Workbooks.Add
    ActiveWorkbook.Saved = True
End Sub

Public Sub Later(macro As String)
    Later_ = macro
End Sub

Public Function Planned() As String
    Planned = Later_
End Function

Public Sub DunningPython(command As String)
    Dim left_() As String, i As Long
    Calls = Calls & command & vbLf
    If Len(Failure) > 0 Then Err.Raise 1001, "xlwings", Failure
    If Len(Report) > 0 Then DunningFailed "failed", Report
    If Len(Question) > 0 Then
        left_ = Split(Question, "^")
        For i = 0 To UBound(left_)
            Leave ActiveWorkbook, "dunning.question." & Split(left_(i), "~")(0), Split(left_(i), "~")(1)
        Next i
        Question = ""
    End If
End Sub

Public Sub PickOpen(title As String, ByRef chosen As String)
    chosen = "C:\Exports\open items.csv"
End Sub

Public Sub PickSave(title As String, kinds As String, ByRef chosen As String)
    chosen = "C:\Exports\rules.toml"
    Offered = kinds
End Sub

Public Function Saved() As Boolean
    Saved = ActiveWorkbook.Saved
End Function

Public Function Enabled() As Boolean
    Dim answer As Variant
    DunningEnabled Nothing, answer
    Enabled = answer
End Function

Public Function Kinds() As String
    Kinds = Offered
End Function

Public Function Told() As String
    Told = Calls
End Function

Public Sub FailWith(text As String)
    Failure = text
End Sub

Public Sub ReportWith(text As String)
    Report = text
End Sub

Public Sub AskBack(packed As String)
    Question = packed
End Sub

Public Sub Leave(book As Object, name As String, text As String)
    book.Names.Add name, "=""" & Replace(text, """", """""") & """", False
End Sub
'''

SEAMS = {"ActiveWorkbook": "Active()", "Workbooks.Add": "AddBook", "Application.OnTime Now, ": "Later "}  # which the interpreter has not, or not so


class Clicks:
    """An Excel with the add-in, and with a workbook that is active when there is one."""

    def __init__(self, folder: Path, language: Language = "en", workbook: Path | None = None) -> None:
        add_in = folder / f"Dunning-{language}.xlsm"  # as an add-in its sheet of texts would not be loaded
        add_in.write_bytes(xlam.build_add_in(language))
        self.app = ExcelApplication.open(add_in, with_vba=False)
        with ExcelFile(add_in) as file:
            source = file.vba_modules()["modDunning"]
        for excels, ours in SEAMS.items():
            source = source.replace(excels, ours)
        self.app.add_module(source, name="modDunning")
        self.app.add_module(STUBS, name="stubs")
        self.book = self.app.open_workbook(workbook) if workbook else None
        if self.book:
            self.app.activate_workbook(self.book)

    def click(self, tag: str, *answers: object) -> list[str]:
        """The commands that Python was given after a click with these answers to its dialogs."""
        self.app.answer_dialogs(*answers)
        self.app.run("RunTag", tag)
        return str(self.app.run("Told")).splitlines()

    def names(self) -> dict[str, str]:
        """The hidden names a click has left in the workbook."""
        return {n.name: n.refers_to for n in self.book.names_.entries if n.name.startswith(("dunning.arg", "dunning.question."))}
