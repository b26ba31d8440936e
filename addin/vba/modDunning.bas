Attribute VB_Name = "modDunning"
' The ribbon's side of dunning: asks what a command needs, hands it to Python, says when Python did not start.
' Answers travel as hidden names of the workbook (dunning.arg.*), never inside the command, which is one of a fixed list.
' No Function of this project but DUN_* is public: a formula of any open workbook could call it. A Sub it cannot.
Option Explicit

Private Const ARG As String = "dunning.arg"
Private Const QUESTION As String = "dunning.question."
Private Const MARK As String = "dunning.schema"
Private Const PIECE As Long = 200
Private TheRibbon As Object
Private Helped As Boolean
Private Failed As Boolean
Private Running As Object
Private Waiting As String

Public Sub DunningLoad(ribbon As Object)
    Set TheRibbon = ribbon
End Sub

Public Sub DunningAction(control As Object)
    RunTag control.Tag
End Sub

Public Sub DunningEnabled(control As Object, ByRef enabled)
    enabled = IsDunningBook(ActiveWorkbook)
End Sub

Public Sub DunningRefresh()
    If Not TheRibbon Is Nothing Then TheRibbon.Invalidate
End Sub

' What the buttons on the sheet Home of Dunning.xlsm run.
Public Sub DunningImport()
    RunTag UiText("tag_import")
End Sub

Public Sub DunningPropose()
    RunTag UiText("tag_propose")
End Sub

Public Sub DunningIssue()
    RunTag UiText("tag_issue")
End Sub

' Tells the Function Wizard what the functions are for: once, as soon as there is a workbook, without which Excel refuses.
Public Sub DunningHelp()
    If Helped Or ActiveWorkbook Is Nothing Then Exit Sub
    RegisterUdfHelp
    Helped = True
End Sub

' tag: verb|kind:name,kind:name|marks. All is asked before anything is written, so that Cancel leaves nothing.
Public Sub RunTag(tag As String)
    Dim parts() As String, asks() As String, answers() As String, book As Object, saved As Boolean, i As Long
    On Error GoTo Problem
    parts = Split(tag, "|")
    If Not IsDunningBook(ActiveWorkbook) And Not Marked(parts(2), "anywhere") Then
        MsgBox UiText("no_workbook"), vbExclamation, UiText("tab")
        Exit Sub
    End If
    If Len(parts(1)) > 0 Then
        asks = Split(parts(1), ",")
        ReDim answers(UBound(asks))
        For i = 0 To UBound(asks)
            answers(i) = Answer(asks(i))
            If Len(answers(i)) = 0 Then Exit Sub
        Next i
    End If
    If ActiveWorkbook Is Nothing Then Workbooks.Add
    Set book = ActiveWorkbook
    saved = book.Saved
    ForgetAll book
    If Len(parts(1)) > 0 Then
        For i = 0 To UBound(asks)
            Remember book, Split(asks(i), ":")(1), answers(i)
        Next i
    End If
    RunVerb book, parts(0)
    #If Mac Then
    #Else
        If Marked(parts(2), "reads") Then book.Saved = saved
    #End If
    Exit Sub
Problem:
    DunningFailed "failed", Err.Description
End Sub

' On Windows Python has ended when RunPython returns, on a Mac it has just begun: there it calls DunningAsk when it has a question.
Private Sub RunVerb(book As Object, verb As String)
    Dim again As Boolean
    Set Running = book
    Do
        Failed = False
        again = False
        Application.StatusBar = UiText("working")
        DunningPython "import addin.ribbon; addin.ribbon.main('" & verb & "')"
        #If Mac Then
        #Else
            Application.StatusBar = False
            If Not Failed Then again = AnsweredBack(book)
        #End If
    Loop While again
    DunningRefresh
End Sub

' Called by Python on a Mac. It asks a moment later, so that Python, which waits for this call, can end.
Public Sub DunningAsk(verb As String)
    Waiting = verb
    Application.OnTime Now, "'" & ThisWorkbook.Name & "'!DunningAskNow"
End Sub

Public Sub DunningAskNow()
    On Error GoTo Problem
    If Running Is Nothing Then Exit Sub
    Running.Activate
    If AnsweredBack(Running) Then RunVerb Running, Waiting
    Exit Sub
Problem:
    DunningFailed "failed", Err.Description
End Sub

' Says that a click came to nothing, and what of it is known: of a report of many lines the last one. xlwings' module calls it as well.
Public Sub DunningFailed(key As String, told As String)
    Dim lines() As String, last As String, i As Long
    Failed = True
    lines = Split(Replace(told, vbCr, ""), vbLf)
    For i = 0 To UBound(lines)
        If Len(Trim(lines(i))) > 0 Then last = vbLf & Trim(lines(i))
    Next i
    On Error Resume Next
    Application.StatusBar = False
    ForgetAll ActiveWorkbook
    On Error GoTo 0
    MsgBox UiText(key) & last, vbExclamation, UiText("tab")
End Sub

Private Function IsDunningBook(book As Object) As Boolean
    Dim found As Object
    IsDunningBook = False
    If book Is Nothing Then Exit Function
    On Error Resume Next
    Set found = book.Names(MARK)
    IsDunningBook = Not found Is Nothing
End Function

Private Function Marked(marks As String, wanted As String) As Boolean
    Marked = InStr("," & marks & ",", "," & wanted & ",") > 0
End Function

' The answer to kind:name; "" when the user cancels.
Private Function Answer(ask As String) As String
    Dim kind As String, name As String, given As String
    kind = Split(ask, ":")(0)
    name = Split(ask, ":")(1)
    Select Case kind
        Case "open"
            PickOpen UiText("ask_" & name), given
        Case "save"
            PickSave UiText("ask_" & name), UiText("kinds_" & name), given
        Case "ui"
            given = UiText(name)
        Case "date"
            given = InputBox(UiText("ask_" & name), UiText("tab"), Format(Date, "yyyy-mm-dd"))
        Case "row"
            given = InputBox(UiText("ask_" & name), UiText("tab"), SelectedCell(name))
        Case Else
            given = InputBox(UiText("ask_" & name), UiText("tab"), Suggested(name))
    End Select
    Answer = given
End Function

Private Function Suggested(name As String) As String
    Suggested = UiText("default_" & name)
    If Suggested = "default_" & name Then Suggested = ""
End Function

' The cell of the selected row under the heading that a hidden name binds to the field, on whatever sheet of ours it is.
' "" where there is none: a heading that was deleted, a sheet of a chart, an error in the cell.
Private Function SelectedCell(field As String) As String
    Dim found As Object, heading As Object, key As String
    SelectedCell = ""
    key = "." & field
    For Each found In ActiveWorkbook.Names
        If Left(found.Name, 12) = "dunning.col." And Right(found.Name, Len(key)) = key Then
            Set heading = Nothing
            On Error Resume Next
            Set heading = found.RefersToRange
            If Not heading Is Nothing Then
                If heading.Worksheet.Name = ActiveSheet.Name Then
                    If ActiveCell.Row > heading.Row Then SelectedCell = CStr(ActiveSheet.Cells(ActiveCell.Row, heading.Column).Value)
                End If
            End If
            On Error GoTo 0
            If Len(SelectedCell) > 0 Then Exit Function
        End If
    Next found
End Function

' A question that Python left in the workbook: asked here, the answer remembered; True when the verb is to run once more.
Private Function AnsweredBack(book As Object) As Boolean
    Dim words As String, asked As String, given As String, chosen As String, i As Long
    AnsweredBack = False
    If book Is Nothing Then Exit Function
    asked = NamedText(book, QUESTION & "asked")
    If Len(asked) = 0 Then Exit Function
    words = ""
    i = 0
    Do While Len(NamedText(book, QUESTION & "text." & i)) > 0
        words = words & NamedText(book, QUESTION & "text." & i)
        i = i + 1
    Loop
    given = InputBox(Replace(words, " | ", vbLf), UiText("tab"))
    chosen = NamedText(book, QUESTION & "choice." & given)
    If Len(chosen) > 0 Then given = chosen
    Forget book, QUESTION
    If Len(given) = 0 Then
        ForgetAll book
        Exit Function
    End If
    Remember book, "answer." & asked, given
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

Private Sub ForgetAll(book As Object)
    If book Is Nothing Then Exit Sub
    Forget book, ARG
    Forget book, QUESTION
End Sub

Private Sub Forget(book As Object, prefix As String)
    Dim i As Long
    For i = book.Names.Count To 1 Step -1
        If Left(book.Names(i).Name, Len(prefix)) = prefix Then book.Names(i).Delete
    Next i
End Sub

' A name holds a short text: a longer one goes on in dunning.arg2.name, dunning.arg3.name
Private Sub Remember(book As Object, name As String, given As String)
    Dim i As Long, key As String, part As String
    For i = 0 To (Len(given) - 1) \ PIECE
        key = ARG
        If i > 0 Then key = ARG & (i + 1)
        part = Mid(given, i * PIECE + 1, PIECE)
        book.Names.Add key & "." & name, "=""" & Replace(part, """", """""") & """", False
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
