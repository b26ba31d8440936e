"""The pictures of the buttons: names that Office knows; an unknown one would leave a button bare, and no validator says so."""

from addin.controls import CONTROLS

# looked up one by one in a published list of the icons of Office, united from Microsoft's icon galleries and [MS-CUSTOMUI]; in Excel from 2013 on
KNOWN = {
    "AcceptInvitation", "AcceptTask", "AccountingFormat", "AddressBook", "AutoDial", "CalculateNow", "CalendarInsert", "Copy", "ExportTextFile",
    "FileCheckIn", "FileDocumentInspect", "FileNew", "FilePrint", "FilePrintPreview", "FileSendAsAttachment", "FunctionsLogicalInsertGallery",
    "GetExternalDataFromText", "Help",
    "ImportMoreMenu", "ImportSavedImports", "ImportTextFile", "MailMergeFinishAndMergeMenu", "MailMergeRecipientsEditList", "MarkAsRead",
    "NewMailMessage", "PublishToPdfOrEdoc", "RecordsAddFromOutlook", "ReviewAcceptChange", "ReviewCompareMenu", "ReviewNewComment",
    "ReviewShowMarkupMenu", "ReviewTrackChanges", "Spelling", "TraceDependents", "Undo", "WhatIfAnalysisMenu",
}  # fmt: skip


def test_every_button_has_a_picture_that_office_knows() -> None:
    assert [] == [f"{c.verb}: {c.image}" for c in CONTROLS if c.image not in KNOWN]


def test_no_two_buttons_of_a_group_look_the_same() -> None:
    seen = [(c.group, c.image) for c in CONTROLS]

    assert [] == [pair for pair in seen if seen.count(pair) > 1]
