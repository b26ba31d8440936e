Attribute VB_Name = "modPick"
' The two dialogs that only a real Excel can show; chosen is "" when the user cancels.
Option Explicit

Public Sub PickOpen(title As String, ByRef chosen As String)
    Dim given As Variant
    given = Application.GetOpenFilename(, , title)
    chosen = ""
    If VarType(given) <> vbBoolean Then chosen = CStr(given)
End Sub

' kinds: what the file may be, as Excel wants it: words,*.ending,words,*.ending; the Mac knows no such list.
Public Sub PickSave(title As String, kinds As String, ByRef chosen As String)
    Dim given As Variant
    #If Mac Then
        given = Application.GetSaveAsFilename(, , , title)
    #Else
        given = Application.GetSaveAsFilename(, kinds, 1, title)
    #End If
    chosen = ""
    If VarType(given) <> vbBoolean Then chosen = CStr(given)
End Sub
