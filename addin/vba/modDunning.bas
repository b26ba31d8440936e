Attribute VB_Name = "modDunning"
' The ribbon's side of dunning: asks what a command needs, hands it to Python, says when Python did not start.
' Answers travel as hidden names of the workbook (dunning.arg.*), never inside the command, which is one of a fixed list.
Option Explicit

Private Const ARG As String = "dunning.arg"
Private Const MARK As String = "dunning.schema"
Private Const ASKED_BACK As String = "dunning.question."
Private Const PIECE As Long = 200
Private DunningRibbon As Object
Private Helped As Boolean
Private Problem As String

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

' Tells the Function Wizard what the functions are for: once, as soon as there is a workbook, without which Excel refuses.
Public Sub DunningHelp()
    If Helped Or ActiveWorkbook Is Nothing Then Exit Sub
    RegisterUdfHelp
    Helped = True
End Sub

Private Function IsDunningBook(book As Object) As Boolean
    Dim found As Object
    IsDunningBook = False
    If book Is Nothing Then Exit Function
    On Error Resume Next
    Set found = book.Names(MARK)
    IsDunningBook = Not found Is Nothing
End Function

' tag: verb|kind:name,kind:name
Public Sub RunTag(tag As String)
    Dim parts() As String, asks() As String, ask() As String, answer As String, i As Long
    On Error GoTo Failed
    parts = Split(tag, "|")
    If parts(0) = "new" Then
        If ActiveWorkbook Is Nothing Then Workbooks.Add
    ElseIf Not IsDunningBook(ActiveWorkbook) Then
        MsgBox UiText("no_workbook"), vbExclamation, UiText("tab")
        Exit Sub
    End If
    ForgetAll
    If Len(parts(1)) > 0 Then
        asks = Split(parts(1), ",")
        For i = 0 To UBound(asks)
            ask = Split(asks(i), ":")
            If Not Answered(ask(0), ask(1), answer) Then
                ForgetAll
                Exit Sub
            End If
            Remember ask(1), answer
        Next i
    End If
    RunVerb parts(0)
    Exit Sub
Failed:
    Failure Err.Description
End Sub

Private Sub RunVerb(verb As String)
    Dim again As Boolean
    On Error GoTo Failed
    Do
        Problem = ""
        Application.StatusBar = UiText("working")
        RunPython "import addin.ribbon; addin.ribbon.main('" & verb & "')"
        If Len(Problem) > 0 Then Err.Raise 1001, "dunning", Problem
        #If Mac Then
            again = False
        #Else
            Application.StatusBar = False
            again = AnsweredBack(ActiveWorkbook)
        #End If
    Loop While again
    DunningRefresh
    Exit Sub
Failed:
    Failure Err.Description
End Sub

' On a Mac Python works on while VBA has long returned: it calls this when it has left a question.
Public Sub DunningAsk(verb As String)
    If AnsweredBack(ActiveWorkbook) Then RunVerb verb
End Sub

' What xlwings' module says when Python could not be started, or ended with an error: of a report of many lines the last one.
' On a Mac, where Python tells it when the click has long returned, it is shown at once.
Public Sub DunningFailed(told As String)
    Dim lines() As String, i As Long
    lines = Split(Replace(told, vbCr, ""), vbLf)
    For i = 0 To UBound(lines)
        If Len(Trim(lines(i))) > 0 Then Problem = Trim(lines(i))
    Next i
    If Len(Problem) = 0 Then Problem = "?"
    #If Mac Then
        Failure Problem
        Problem = ""
    #End If
End Sub

Private Sub Failure(told As String)
    On Error Resume Next
    Application.StatusBar = False
    ForgetAll
    MsgBox UiText("failed") & vbLf & told, vbExclamation, UiText("tab")
End Sub

Private Function Answered(kind As String, name As String, ByRef answer As String) As Boolean
    Select Case kind
        Case "open"
            PickOpen UiText("ask_" & name), answer
        Case "save"
            PickSave UiText("ask_" & name), UiText("kinds_" & name), answer
        Case "ui"
            answer = UiText(name)
        Case "date"
            answer = InputBox(UiText("ask_" & name), UiText("tab"), Format(Date, "yyyy-mm-dd"))
        Case "row"
            answer = InputBox(UiText("ask_" & name), UiText("tab"), SelectedCell(name))
        Case Else
            answer = InputBox(UiText("ask_" & name), UiText("tab"), Suggested(name))
    End Select
    Answered = Len(answer) > 0
End Function

Private Function Suggested(name As String) As String
    Suggested = UiText("default_" & name)
    If Suggested = "default_" & name Then Suggested = ""
End Function

' The cell of the selected row under the heading that a hidden name binds to the field, on whatever sheet of ours it is.
Private Function SelectedCell(field As String) As String
    Dim found As Object, heading As Object, key As String
    SelectedCell = ""
    On Error GoTo Done
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
Done:
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
    Forget book, ASKED_BACK
    If Len(answer) = 0 Then
        ForgetAll
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
            NamedText = Replace(Mid(text, 3, Len(text) - 3), """""", """")
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

Private Sub ForgetAll()
    If ActiveWorkbook Is Nothing Then Exit Sub
    Forget ActiveWorkbook, ARG
    Forget ActiveWorkbook, ASKED_BACK
End Sub

' A name holds a short text: a longer one goes on in dunning.arg2.name, dunning.arg3.name
Private Sub Remember(name As String, answer As String)
    Dim i As Long, key As String, part As String
    For i = 0 To (Len(answer) - 1) \ PIECE
        key = ARG
        If i > 0 Then key = ARG & (i + 1)
        part = Mid(answer, i * PIECE + 1, PIECE)
        ActiveWorkbook.Names.Add key & "." & name, "=""" & Replace(part, """", """""") & """", False
    Next i
End Sub

' A text of the user's language, from the sheet that the build filled.
Private Function UiText(key As String) As String
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
