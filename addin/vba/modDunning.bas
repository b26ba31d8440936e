Attribute VB_Name = "modDunning"
' The ribbon's side of dunning: asks what a command needs, hands it to Python, says when Python did not start.
' Answers travel as hidden names of the workbook (dunning.arg.*), never inside the command, which is one of a fixed list.
Option Explicit

Private Const ARG As String = "dunning.arg."
Private Const MARK As String = "dunning.schema"
Private DunningRibbon As Object

Public Sub DunningLoad(ribbon As Object)
    Set DunningRibbon = ribbon
End Sub

Public Sub DunningAction(control As Object)
    RunTag control.Tag
End Sub

Public Sub DunningEnabled(control As Object, ByRef enabled)
    enabled = IsDunningBook(ActiveWorkbook)
End Sub

Public Sub DunningRefresh()
    If Not DunningRibbon Is Nothing Then DunningRibbon.Invalidate
End Sub

Public Function IsDunningBook(book As Object) As Boolean
    Dim found As Object
    IsDunningBook = False
    If book Is Nothing Then Exit Function
    For Each found In book.Names
        If found.Name = MARK Then
            IsDunningBook = True
            Exit Function
        End If
    Next found
End Function

' tag: verb|kind:name,kind:name
Public Sub RunTag(tag As String)
    Dim parts() As String, asks() As String, ask() As String, answer As String, i As Long
    parts = Split(tag, "|")
    If Left(parts(0), 3) <> "new" And Not IsDunningBook(ActiveWorkbook) Then
        MsgBox UiText("no_workbook"), vbExclamation, UiText("tab")
        Exit Sub
    End If
    If Len(parts(1)) > 0 Then
        asks = Split(parts(1), ",")
        For i = 0 To UBound(asks)
            ask = Split(asks(i), ":")
            If Not Answered(ask(0), ask(1), answer) Then Exit Sub
            Remember ask(1), answer
        Next i
    End If
    RunVerb parts(0)
End Sub

Private Sub RunVerb(verb As String)
    Dim again As Boolean, problem As String
    On Error GoTo Failed
    Do
        Application.StatusBar = UiText("working")
        RunPython "import addin.ribbon; addin.ribbon.main('" & verb & "')"
        again = AnsweredBack(ActiveWorkbook)
    Loop While again
    DunningRefresh
    Exit Sub
Failed:
    problem = Err.Description
    Application.StatusBar = False
    MsgBox UiText("failed") & vbLf & problem, vbExclamation, UiText("tab")
End Sub

Private Function Answered(kind As String, name As String, ByRef answer As String) As Boolean
    answer = ""
    If kind = "payer" Or kind = "document" Then answer = SelectedCell(kind)
    If Len(answer) = 0 Then
        Select Case kind
            Case "open"
                answer = PickOpen(UiText("ask_" & name))
            Case "save"
                answer = PickSave(UiText("ask_" & name))
            Case "date"
                answer = InputBox(UiText("ask_" & name), UiText("tab"), Format(Date, "yyyy-mm-dd"))
            Case Else
                answer = InputBox(UiText("ask_" & name), UiText("tab"))
        End Select
    End If
    Answered = Len(answer) > 0
End Function

' The cell of the selected row under the heading that a hidden name binds to the field, on whatever sheet of ours it is.
Private Function SelectedCell(field As String) As String
    Dim found As Object, heading As Object, key As String
    SelectedCell = ""
    key = "." & field
    For Each found In ActiveWorkbook.Names
        If Left(found.Name, 12) = "dunning.col." And Right(found.Name, Len(key)) = key Then
            Set heading = found.RefersToRange
            If heading.Worksheet.Name = ActiveSheet.Name And ActiveCell.Row > heading.Row Then
                SelectedCell = CStr(ActiveSheet.Cells(ActiveCell.Row, heading.Column).Value)
                Exit Function
            End If
        End If
    Next found
End Function

' A question that Python left in the workbook: asked here, the answer remembered; True when the verb is to run once more.
Private Function AnsweredBack(book As Object) As Boolean
    Dim question As String, asked As String, answer As String, chosen As String, i As Long
    AnsweredBack = False
    If book Is Nothing Then Exit Function
    asked = NamedText(book, "dunning.question.asked")
    If Len(asked) = 0 Then Exit Function
    question = ""
    i = 0
    Do While Len(NamedText(book, "dunning.question.text." & i)) > 0
        question = question & NamedText(book, "dunning.question.text." & i)
        i = i + 1
    Loop
    answer = InputBox(Replace(question, " | ", vbLf), UiText("tab"))
    chosen = NamedText(book, "dunning.question.choice." & answer)
    If Len(chosen) > 0 Then answer = chosen
    Forget book, "dunning.question."
    If Len(answer) = 0 Then
        Forget book, ARG
        Exit Function
    End If
    Remember "answer." & asked, answer
    AnsweredBack = True
End Function

Private Function NamedText(book As Object, name As String) As String
    Dim found As Object, text As String
    NamedText = ""
    For Each found In book.Names
        If found.Name = name Then
            text = found.RefersTo
            NamedText = Mid(text, 3, Len(text) - 3)
            Exit Function
        End If
    Next found
End Function

Private Sub Forget(book As Object, prefix As String)
    Dim i As Long
    For i = book.Names.Count To 1 Step -1
        If Left(book.Names(i).Name, Len(prefix)) = prefix Then book.Names(i).Delete
    Next i
End Sub

Private Sub Remember(name As String, answer As String)
    Dim book As Object
    Set book = ActiveWorkbook
    If book Is Nothing Then Set book = ThisWorkbook
    book.Names.Add ARG & name, "=""" & Replace(answer, """", """""") & """", False
End Sub

' A text of the user's language, from the sheet that the build filled.
Public Function UiText(key As String) As String
    Dim row As Long
    UiText = key
    row = 1
    Do While Len(CStr(ThisWorkbook.Worksheets("ui").Cells(row, 1).Value)) > 0
        If ThisWorkbook.Worksheets("ui").Cells(row, 1).Value = key Then
            UiText = CStr(ThisWorkbook.Worksheets("ui").Cells(row, 2).Value)
            Exit Function
        End If
        row = row + 1
    Loop
End Function

' What the buttons on the sheet Home of Dunning.xlsm run.
Public Sub DunningImport()
    RunTag "import|open:export,date:as_of"
End Sub

Public Sub DunningPropose()
    RunTag "propose|date:as_of"
End Sub

Public Sub DunningIssue()
    RunTag "issue|"
End Sub
