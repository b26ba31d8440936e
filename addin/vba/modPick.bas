Attribute VB_Name = "modPick"
' The two dialogs that only a real Excel can show; "" when the user cancels.
Option Explicit

Public Function PickOpen(title As String) As String
    Dim given As Variant
    given = Application.GetOpenFilename(, , title)
    PickOpen = ""
    If VarType(given) <> vbBoolean Then PickOpen = CStr(given)
End Function

' kinds: what the file may be, as Excel wants it: words,*.ending,words,*.ending; the Mac knows no such list.
Public Function PickSave(title As String, kinds As String) As String
    Dim given As Variant
    #If Mac Then
        given = Application.GetSaveAsFilename(, , , title)
    #Else
        given = Application.GetSaveAsFilename(, kinds, 1, title)
    #End If
    PickSave = ""
    If VarType(given) <> vbBoolean Then PickSave = CStr(given)
End Function
