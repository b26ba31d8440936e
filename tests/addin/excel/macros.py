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

Public Sub RunPython(command As String)
    Calls = Calls & command & vbLf
    If Len(Failure) > 0 Then Err.Raise 1001, "xlwings", Failure
    If Len(Report) > 0 Then DunningFailed Report
    Dim left_() As String, i As Long
    If Len(Question) > 0 Then
        left_ = Split(Question, "^")
        For i = 0 To UBound(left_)
            Leave ActiveWorkbook, "dunning.question." & Split(left_(i), "~")(0), Split(left_(i), "~")(1)
        Next i
        Question = ""
    End If
End Sub

Public Sub PickOpen(title As String, ByRef answer As String)
    answer = "C:\Exports\open items.csv"
End Sub

Public Sub PickSave(title As String, kinds As String, ByRef answer As String)
    answer = "C:\Exports\rules.toml"
    Offered = kinds
End Sub

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


class Clicks:
    """An Excel with the add-in, and with a workbook that is active when there is one."""

    def __init__(self, folder: Path, language: Language = "en", workbook: Path | None = None) -> None:
        add_in = folder / f"Dunning-{language}.xlsm"  # as an add-in its sheet of texts would not be loaded
        add_in.write_bytes(xlam.build_add_in(language))
        self.app = ExcelApplication.open(add_in, with_vba=False)
        with ExcelFile(add_in) as file:
            self.app.add_module(file.vba_modules()["modDunning"], name="modDunning")
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
