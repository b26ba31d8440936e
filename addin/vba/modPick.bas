Attribute VB_Name = "modPick"
' The two dialogs that only a real Excel can show; "" when the user cancels.
Option Explicit

Public Function PickOpen(title As String) As String
    Dim given As Variant
    given = Application.GetOpenFilename(, , title)
    PickOpen = ""
    If VarType(given) <> vbBoolean Then PickOpen = CStr(given)
End Function

Public Function PickSave(title As String) As String
    Dim given As Variant
    given = Application.GetSaveAsFilename(, , , title)
    PickSave = ""
    If VarType(given) <> vbBoolean Then PickSave = CStr(given)
End Function
