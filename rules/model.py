"""All nouns of dunning on one page: what one row of each table of the workbook means.

How they nest::

    Config     Settings   Method ─< Level ─> Fee, Regime ─> Rate, Fee      Rating   Currency   Term   ReasonCode   Profile   MailText   Selection
    Payer ─< OpenItem = one line of the ledger; AssessedItem adds what the rules answer on the as-of date
               │
               ├─< ProposalLine >─ Proposal          one per payer and currency; a human decides            (run)
               ├─< HistoryEntry                      one per line of a letter, call or undo; append-only    (run, letter)
               ├─< LedgerChange                      what an import changed
               ├─< Payment                           what came in: the daily balance that bears interest;   Receipt: what a bank statement says
               ├─< Call, FollowUp, Promise           what was said;   Plan ─< Instalment: what was agreed
               └─< CollectionCase                    after the last level
    Payer ─< AgendaEntry, CreditDecision, Statement
    Close      Ageing, Movement, Provision, KeyFigure
    Trouble    FindingRow                            The workbook itself: About

Titles are `English | Français | Deutsch`; helps are English, their translations lie in `words/`. Amounts are integers of minor units of the
currency that `unit` names. A missing date is None; a missing text is "". Words of a closed list are stored by code and shown translated.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from rules.row import COMPANY, Code, Day, Id, Language, Minor, Percent, Row, Text, Word, col

ROW = "currency"  # the unit of an amount whose row carries its own currency

# ---------------------------------------------------------------------------------------------------------------- closed lists


class DocumentKind(Word):
    INVOICE = "invoice"
    INSTALMENT = "instalment"
    CREDIT = "credit"
    PAYMENT = "payment"
    FEE = "fee"
    OTHER = "other"


class Decision(Word):
    OPEN = "open"
    SEND = "send"
    HOLD = "hold"
    DROP = "drop"


class CollectionDecision(Word):
    OPEN = "open"
    HAND_OVER = "hand_over"
    HOLD = "hold"
    DROP = "drop"


class ProposalState(Word):
    OPEN = "open"
    ISSUED = "issued"
    CLOSED = "closed"


class Channel(Word):
    LETTER = "letter"
    REGISTERED = "registered"
    EMAIL = "email"


class Event(Word):
    LETTER = "letter"
    CALL = "call"
    TAKE_OVER = "take_over"
    UNDO = "undo"
    HAND_OVER = "hand_over"
    DELIVERY = "delivery"


class Delivery(Word):
    WRITTEN = "written"
    PRINTED = "printed"
    SENT = "sent"
    FAILED = "failed"
    RETURNED = "returned"


class Severity(Word):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class CustomerType(Word):
    BUSINESS = "business"
    CONSUMER = "consumer"
    PUBLIC = "public"


class ReasonUse(Word):
    BLOCK = "block"
    DISPUTE = "dispute"
    LEVEL = "level"
    UNDO = "undo"


class LineSection(Word):
    DUE = "due"
    CREDIT = "credit"
    ON_HOLD = "on_hold"
    NOT_DUE = "not_due"


class AppliesTo(Word):
    ALL = "all"
    BUSINESS = "business"
    CONSUMER = "consumer"
    PUBLIC = "public"


class Confidence(Word):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class DueSource(Word):
    EXPORT = "export"
    TERMS = "terms"
    NONE = "none"


class EndOfMonth(StrEnum):
    NONE = "none"
    BEFORE = "before"
    AFTER = "after"


class Change(Word):
    NEW = "new"
    PAID = "paid"
    PART_PAID = "part_paid"
    CREDIT_USED = "credit_used"
    INCREASED = "increased"
    DUE_DATE_CHANGED = "due_date_changed"
    PAYER_CHANGED = "payer_changed"
    SETTLED = "settled"
    UNREAD = "unread"


class Match(Word):
    STRUCTURED = "structured"
    END_TO_END = "end_to_end"
    NUMBER = "number"
    AMOUNT = "amount"
    NONE = "none"


class ReceiptState(Word):
    OPEN = "open"
    APPLY = "apply"
    APPLIED = "applied"
    DISMISSED = "dismissed"


class MailAttachment(StrEnum):
    PDF = "pdf"
    DOCX = "docx"


class Outcome(Word):
    REACHED = "reached"
    NOT_REACHED = "not_reached"
    PROMISED = "promised"
    DISPUTED = "disputed"


class PromiseState(Word):
    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"


class PlanState(Word):
    RUNNING = "running"
    KEPT = "kept"
    BROKEN = "broken"


class CreditAction(Word):
    NEVER_HOLD = "never_hold"
    WARN = "warn"
    CHECK = "check"
    HOLD = "hold"
    HOLD_OVERDUE = "hold_overdue"


class AgendaKind(Word):
    REMINDER = "reminder"
    DEADLINE = "deadline"
    PROMISE = "promise"
    INSTALMENT = "instalment"
    FOLLOW_UP = "follow_up"
    REVIEW = "review"
    STATEMENT = "statement"


class OverdueTest(StrEnum):
    STRICTLY_AFTER = "strictly_after"
    ON_OR_AFTER = "on_or_after"


class Clock(StrEnum):
    LATER_OF_BOTH = "later_of_both"
    LAST_REMINDER = "last_reminder"
    LAST_DEADLINE = "last_deadline"
    DUE_DATE = "due_date"
    LEVEL = "level"


class Mode(StrEnum):
    DAYS_AFTER_DUE = "days_after_due"
    END_OF_MONTH_AFTER_DUE = "end_of_month_after_due"
    DAYS_AFTER_LAST_REMINDER = "days_after_last_reminder"


class LastLevel(StrEnum):
    COLLECT = "collect"
    REPEAT = "repeat"
    STOP = "stop"


class Unit(StrEnum):
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


class Grouping(StrEnum):
    PAYER_CURRENCY = "payer_currency"
    PAYER_LEVEL_CURRENCY = "payer_level_currency"
    INVOICE = "invoice"


class LineLevel(StrEnum):
    OWN = "own"
    LETTER = "letter"


class Gate(StrEnum):
    LINE = "line"
    OLDEST_ITEM = "oldest_item"


class Credits(StrEnum):
    NET = "net"
    NET_OVERDUE = "net_overdue"
    FOLLOW_INVOICE = "follow_invoice"
    IGNORE = "ignore"


class Reading(StrEnum):
    FLOATING = "floating"
    FIXED_AT_DEFAULT = "fixed_at_default"
    RATE_ON_PAYMENT_DATE = "rate_on_payment_date"


class Start(StrEnum):
    AFTER_DUE = "after_due"
    AFTER_WORKING_DAY = "after_working_day"
    AFTER_NOTICE = "after_notice"


class Rounding(StrEnum):
    ONCE = "once"
    PER_PERIOD = "per_period"
    PER_DAY = "per_day"


class DayCount(StrEnum):
    ACT_365 = "act/365"
    ACT_ACT = "act/act"
    ACT_360 = "act/360"
    THIRTY_360 = "30E/360"


class Test(StrEnum):
    EQUALS = "="
    DIFFERS = "<>"
    AT_LEAST = ">="
    AT_MOST = "<="
    MORE = ">"
    LESS = "<"
    CONTAINS = "contains"


class Reason(StrEnum):
    """Why a line is on a letter or not: exactly one per line, in the order in which the rules ask."""

    CREDIT = "credit"
    CREDIT_NOT_DUE = "credit_not_due"
    CREDIT_FOLLOWS = "credit_follows"
    CREDIT_IGNORED = "credit_ignored"
    PLANNED = "planned"
    SETTLED = "settled"
    NO_METHOD = "no_method"
    NO_DUE_DATE = "no_due_date"
    HANDED_OVER = "handed_over"
    PAYER_BLOCKED = "payer_blocked"
    BLOCKED = "blocked"
    DISPUTED = "disputed"
    PROMISED = "promised"
    NOT_DUE = "not_due"
    IN_GRACE = "in_grace"
    TOLERANCE = "tolerance"
    METHOD_CHANGED = "method_changed"
    COLLECT = "collect"
    COLLECT_NOT_ALLOWED = "collect_not_allowed"
    STOPPED = "stopped"
    WAITING = "waiting"
    NOT_SELECTED = "not_selected"
    LOCKED = "locked"
    GATE = "gate"
    BELOW_LEVEL_MINIMUM = "below_level_minimum"
    CREDIT_BALANCE = "credit_balance"
    NO_RATE = "no_rate"
    PAYER_TOLERANCE = "payer_tolerance"
    BELOW_MINIMUM = "below_minimum"
    PAYER_INTERVAL = "payer_interval"
    JOINED = "joined"
    DUE = "due"


REMINDED = (Reason.DUE, Reason.JOINED)  # the reasons of lines that are on a letter


# ---------------------------------------------------------------------------------------------------------------- Config


class Settings(Row):
    """The company and the workbook: one value each; shown as the rows of the Config table `Settings`."""

    company_name: Text = col("Company | Société | Firma", "Your company's name, as it stands at the head of a letter.", "")
    company_address: Text = col("Company address | Adresse de la société | Firmenanschrift", "Street, postal code and city, separated by commas.", "")
    company_country: Id = col(
        "Company country | Pays de la société | Land der Firma", "ISO code of two letters, such as FR.", "FR", pattern="^[A-Z]{2}$"
    )
    company_city: Text = col("Place of letters | Lieu des lettres | Briefort", "The place printed before the date of a letter.", "")
    company_currency: Id = col(
        "Company currency | Devise de la société | Hauswährung", "ISO code of three letters; minimums are in this currency.", "EUR", pattern="^[A-Z]{3}$")  # fmt: skip
    language: Language = col("Language | Langue | Sprache", "Language of the sheets and of the reasons: en, fr or de.", "en")
    letter_language: Language = col(
        "Letter language | Langue des lettres | Briefsprache", "Used for payers that have no language of their own.", "en"
    )
    default_method: Code = col("Method | Méthode | Mahnverfahren", "Used for payers and lines that name no method.", "standard", refers="Method")
    line_tolerance_minor: Minor = col(
        "Line tolerance | Tolérance par ligne | Bagatellgrenze je Posten", "A line up to this open amount is never dunned.", 0, unit=COMPANY, ge=0)  # fmt: skip
    payer_tolerance_minor: Minor = col(
        "Payer tolerance | Tolérance par payeur | Bagatellgrenze je Zahler", "No letter when the lines that are due, less credits, come to no more than this over all currencies of the payer.", 0, unit=COMPANY, ge=0)  # fmt: skip
    bank_name: Text = col("Bank | Banque | Bank", "Printed on letters.", "")
    bank_iban: Id = col("IBAN | IBAN | IBAN", "Account that payers transfer to; printed on letters.", "")
    bank_bic: Id = col("BIC | BIC | BIC", "Printed on letters when filled.", "")
    contact_name: Text = col("Contact | Interlocuteur | Ansprechpartner", "Whom a payer may call or write to about a dispute.", "")
    contact_phone: Id = col("Phone | Téléphone | Telefon", "Printed on letters.", "")
    contact_email: Text = col("E-mail | E-mail | E-Mail", "Printed on letters.", "")
    signatory: Text = col("Signatory | Signataire | Unterzeichner", "Name under the letters.", "")
    default_terms: Code = col(
        "Terms | Conditions | Zahlungsbedingung",
        "Row of the table Terms of payment that gives a due date when neither the export nor the payer's terms do; empty = none.",
        "",
        refers="Term",
    )
    payment_qr: bool = col(
        "QR code | Code QR | QR-Code", "Yes: letters in EUR carry a QR code for the transfer (EPC, GiroCode) when the IBAN is filled.", False
    )
    mail_attachment: MailAttachment = col(
        "Attached letter | Lettre jointe | Angehängter Brief", "The letter in an e-mail draft: as PDF, or as the Word file.", MailAttachment.PDF
    )
    invoice_folder: Text = col(
        "Invoice folder | Dossier des factures | Rechnungsordner",
        "Copies of invoices, found by document number and attached to e-mail drafts: a folder beside this workbook; empty = none.",
        "",
    )
    import_file_mb: int = col(
        "Largest export | Export maximal | Größter Export", "A larger file is refused before it is read.", 1024, unit="MB", ge=1, le=4096
    )
    import_unpacked_mb: int = col(
        "Largest unpacked | Décompressé maximal | Entpackt höchstens",
        "A packed file that unpacks to more is refused.",
        6144,
        unit="MB",
        ge=1,
        le=65536,
    )
    import_cells_million: int = col(
        "Largest sheet | Feuille maximale | Größtes Blatt",
        "A sheet with more places between its first and last cell is refused.",
        100,
        unit="million cells",
        ge=1,
        le=1000,
    )
    template_folder: Text = col(
        "Template folder | Dossier des modèles | Vorlagenordner", "Word templates: a folder beside this workbook.", "templates"
    )
    letter_folder: Text = col(
        "Letter folder | Dossier des lettres | Briefordner", "Written letters and the journal: a folder beside this workbook.", "letters"
    )
    backups: int = col("Backups | Sauvegardes | Sicherungen", "How many earlier versions of this workbook are kept.", 5, ge=1, le=99)


class Setting(Row):
    """One line of the Config table that shows `Settings`."""

    setting: Id = col("Setting | Paramètre | Einstellung", "Name of the setting; do not change it.")
    title: Text = col("Meaning | Signification | Bedeutung", "What the setting is.", "")
    value: Text = col("Value | Valeur | Wert", "Your choice.", "")
    help: Text = col("Help | Aide | Hilfe", "What the setting does.", "")


class Method(Row):
    """An ordered series of levels a payer falls under, and when a reminder is due."""

    method: Id = col("Method | Méthode | Mahnverfahren", "Short name, used on Payers and Ledger.", min_length=1)
    name: Text = col("Name | Libellé | Bezeichnung", "What the method is for.", "")
    follow_up: bool = col("Reminds | Relance | Mahnt", "No: payers and lines under this method are never reminded.", True)
    grace_days: int = col("Grace | Marge | Karenztage", "Days after the due date before a line counts as overdue.", 0, unit="days", ge=0, le=365)
    overdue_test: OverdueTest = col(
        "Overdue | Retard | Überfällig", "strictly_after: late from the day after due date + grace. on_or_after: late on that day.", OverdueTest.STRICTLY_AFTER)  # fmt: skip
    clock: Clock = col(
        "Clock | Horloge | Fristlauf",
        "From when the next level's days count: later_of_both (last reminder + days, not before the deadline of the last letter), last_reminder, "
        "last_deadline, due_date, or level (each level's own mode).",
        Clock.LATER_OF_BOTH)  # fmt: skip
    grouping: Grouping = col(
        "Letters | Lettres | Briefe", "payer_currency: one letter. payer_level_currency: one for each level. invoice: one for each document.", Grouping.PAYER_CURRENCY)  # fmt: skip
    line_level: LineLevel = col(
        "Level of lines | Niveau des lignes | Stufe der Posten",
        "own: each line has its own level. letter: all take that of the letter.",
        LineLevel.OWN,
    )
    gate: Gate = col(
        "Gate | Déclencheur | Auslöser",
        "line: lines that are due are reminded. oldest_item: the oldest decides, then all overdue lines are.",
        Gate.LINE,
    )
    gate_days: int = col(
        "Gate days | Jours du déclencheur | Auslöser Tage",
        "Days the oldest line must be overdue beyond its grace; read with the gate oldest_item.",
        0,
        unit="days",
        ge=0,
        le=365,
    )
    credits: Credits = col(
        "Credits | Avoirs | Gutschriften",
        "net: all are deducted. net_overdue: those that are due, and payments. follow_invoice: with the invoice they refer to. ignore: none.",
        Credits.NET)  # fmt: skip
    minimum_minor: Minor = col("Minimum | Minimum | Mindestbetrag", "No letter below this net total, fee not counted.", 0, unit=COMPANY, ge=0)
    fall_back: bool = col(
        "Falls back | Repli | Rückfall", "A level below its own minimum: yes, its lines fall to the level below; no, they are on no letter.", True
    )
    maximum_reminders: int = col(
        "Most reminders | Relances au plus | Höchstens Mahnungen", "After so many the series ends; 0 = as many as there are levels.", 0, ge=0, le=99
    )
    last_level: LastLevel = col(
        "After the last level | Après le dernier niveau | Nach der letzten Stufe",
        "collect: proposed for collection after the last deadline. repeat: the last letter again. stop: nothing more.", LastLevel.COLLECT)  # fmt: skip
    payer_interval_days: int = col(
        "Payer interval | Intervalle payeur | Abstand je Zahler", "No second letter to a payer within so many days; 0 = no such rule.", 0, unit="days", ge=0, le=365)  # fmt: skip
    phone_counts: bool = col(
        "Calls count | Appels comptés | Anrufe zählen", "Yes: a call that reached the payer is a reminder. No: it only moves the date.", True
    )
    include_on_hold: bool = col(
        "Lists held | Suspendus listés | Listet gesperrte",
        "Held, disputed, promised lines stand apart on the letter, without fee, interest and level.",
        False,
    )
    include_not_due: bool = col("Lists not due | Non échus listés | Listet nicht fällige", "Lines not yet overdue stand apart on the letter.", False)
    fee_minimum_minor: Minor = col("Fee from | Frais dès | Gebühr ab", "No fee on a letter below this net total.", 0, unit=COMPANY, ge=0)
    claim_fees: bool = col(
        "Claims fees | Réclame les frais | Fordert Gebühren",
        "Yes: the fee of an issued letter becomes a line of the ledger. No: it is printed only.",
        False,
    )


class Level(Row):
    """One step of a dunning method: one letter, when it is due, until when it asks for payment."""

    method: Code = col("Method | Méthode | Mahnverfahren", "The method this step belongs to.", refers="Method")
    level: int = col("Level | Niveau | Stufe", "1, 2, 3 … without a gap.", ge=1, le=9)
    name: Text = col("Name | Libellé | Bezeichnung", "How you call this step.", "")
    days: int = col(
        "Days | Jours | Tage", "After the due date (level 1) or after the last letter; see the method's clock.", 0, unit="days", ge=0, le=999
    )
    unit: Unit = col("Unit | Unité | Einheit", "Of the days before: days, weeks or calendar months.", Unit.DAYS)
    mode: Mode = col("Mode | Mode | Modus", "What the days count from; read only when the method's clock is level.", Mode.DAYS_AFTER_DUE)
    deadline_days: int = col(
        "Deadline | Délai | Frist", "Days from the letter's date to the deadline printed on it, moved to a working day of the payer.", 10, unit="days", ge=0, le=365)  # fmt: skip
    template: Id = col("Template | Modèle | Vorlage", "Name of the Word template, without language and .docx.", min_length=1)
    channel: Channel = col("Channel | Canal | Versandweg", "How the letter goes out.", Channel.LETTER)
    minimum_minor: Minor = col("Minimum | Minimum | Mindestbetrag", "What the lines of this level must come to.", 0, unit=COMPANY, ge=0)
    minimum_percent: Percent = col(
        "Minimum percent | Minimum en % | Mindestens Prozent",
        "Share of all the payer's open items that the lines of this level must come to.",
        Decimal(0),
        unit="percent",
        ge=0,
        le=100,
    )
    fee: Code = col("Fee | Frais | Gebühr", "Row of the table Fees, charged once per letter; empty = none.", "", refers="Fee")
    line_fee: Code = col(
        "Fee per line | Frais par ligne | Gebühr je Posten",
        "Row of the table Fees, charged for each line, once per document and level.",
        "",
        refers="Fee",
    )
    regime: Code = col("Interest | Intérêts | Zinsen", "Row of the table Interest regimes; empty = no interest at this level.", "", refers="Regime")


class Fee(Row):
    """One band of a fee or of a lump sum: what it is from an amount on, in one currency. A fee is all rows of its name."""

    fee: Id = col("Fee | Frais | Gebühr", "Short name, used on Levels and Interest regimes.", min_length=1)
    currency: Id = col(
        "Currency | Devise | Währung", "ISO code of the letters this row is for; others are converted from company currency.", pattern="^[A-Z]{3}$"
    )
    from_minor: Minor = col(
        "From | À partir de | Ab", "Amount from which the band applies; below the first band nothing is charged.", 0, unit=ROW, ge=0
    )
    amount_minor: Minor = col("Amount | Montant | Betrag", "Fixed part.", 0, unit=ROW, ge=0)
    percent: Percent = col(
        "Percent | Pourcentage | Prozent", "Of the amount; of the part within the band when accumulated.", Decimal(0), unit="percent", ge=0, le=100
    )
    least_minor: Minor | None = col("At least | Au moins | Mindestens", "Lower bound of what the band charges.", None, unit=ROW, ge=0)
    most_minor: Minor | None = col("At most | Au plus | Höchstens", "Upper bound of what the band charges.", None, unit=ROW, ge=0)
    accumulated: bool = col("Accumulated | Cumulé | Kumuliert", "Yes: all bands up to the amount are added. No: the band the amount lies in.", False)


class Regime(Row):
    """Default interest: the dated parameters of a law or of a contract clause, for one kind of payer. A regime is all rows of its name."""

    regime: Id = col("Regime | Régime | Zinsregelung", "Short name, used on Levels, Payers and Ledger.", min_length=1)
    valid_from: Day = col("Valid from | Applicable dès | Gültig ab", "Interest days from this one on follow the row.")
    applies_to: AppliesTo = col(
        "Applies to | Concerne | Gilt für", "Kind of payer; business holds for public bodies that have no row.", AppliesTo.ALL
    )
    series: Code = col("Reference rate | Taux de référence | Referenzzins", "Series of the table Rates; empty = margin alone.", "", refers="Rate")
    margin: Percent = col(
        "Margin | Majoration | Aufschlag",
        "Points added to the reference rate; the whole rate without one.",
        Decimal(0),
        unit="percent per year",
        ge=0,
        le=100,
    )
    reading: Reading = col(
        "Reading | Lecture | Lesart", "floating: each day its rate. fixed_at_default: the rate of the first interest day. rate_on_payment_date: that of the last.", Reading.FLOATING)  # fmt: skip
    round_up_to: Percent = col(
        "Rounded up to | Arrondi à | Aufgerundet auf",
        "The rate is rounded up to a multiple of this; 0 = not rounded.",
        Decimal(0),
        unit="percent per year",
        ge=0,
        le=1,
    )
    floor_series: Code = col("Floor | Plancher | Untergrenze", "Series of the table Rates below which the rate does not fall.", "", refers="Rate")
    floor_factor: Percent = col("Floor times | Plancher fois | Untergrenze mal", "The floor is the series times this.", Decimal(1), ge=0, le=10)
    start: Start = col(
        "Starts | Début | Beginn",
        "after_due: the day after the due date. after_working_day: the same, the due date moved to a working day. after_notice: after the first letter of the notice level.",
        Start.AFTER_DUE)  # fmt: skip
    start_days: int = col("Starts later | Début différé | Beginn später", "Days added to the start.", 0, unit="days", ge=0, le=365)
    notice_level: int = col(
        "Notice level | Niveau de mise en demeure | Verzugsstufe", "Level of the letter that starts interest; read with after_notice.", 1, ge=1, le=9
    )
    day_count: DayCount = col("Day count | Base de calcul | Zinstage", "Days of interest over days of the year.", DayCount.ACT_365)
    compounds: bool = col("Compounds | Capitalise | Zinseszins", "Interest of each full year bears interest from its anniversary on.", False)
    rounding: Rounding = col(
        "Rounding | Arrondi | Rundung", "once: the sum of a line. per_period: each period of one rate. per_day: each day.", Rounding.ONCE
    )
    lump_sum: Code = col("Lump sum | Indemnité | Pauschale", "Row of the table Fees: fixed compensation, once per document.", "", refers="Fee")
    source: Text = col("Source | Source | Quelle", "Law, article, or contract clause.", "")


class Rate(Row):
    """One reference rate from one date on."""

    series: Id = col("Series | Série | Reihe", "Such as EU_MRO.", min_length=1)
    valid_from: Day = col("Valid from | Applicable dès | Gültig ab", "First day of the rate.")
    rate: Percent = col("Rate | Taux | Satz", "Percent per year.", unit="percent per year", ge=-10, le=100)
    verified_until: Day | None = col("Verified until | Vérifié jusqu'au | Geprüft bis", "No interest is computed past this day.", None)
    confidence: Confidence = col(
        "Confidence | Fiabilité | Verlässlichkeit", "How sure the source is; what is not high is pointed out when it is used.", Confidence.HIGH
    )
    source: Text = col("Source | Source | Quelle", "Where the rate was read.", "")


class Rating(Row):
    """A credit rating and what it means for orders."""

    rating: Id = col("Rating | Notation | Bonität", "Short name, used on Payers.", min_length=1)
    name: Text = col("Name | Libellé | Bezeichnung", "What the rating means.", "")
    at_order: CreditAction = col("At order | À la commande | Bei Auftrag", "When an order is entered.", CreditAction.CHECK)
    at_release: CreditAction = col("At release | Au lancement | Bei Freigabe", "When an order is released.", CreditAction.CHECK)
    at_delivery: CreditAction = col("At delivery | À la livraison | Bei Lieferung", "When goods leave.", CreditAction.CHECK)
    review_days: int = col(
        "Review every | Révision tous les | Prüfung alle", "Days between credit reviews; 0 = never.", 0, unit="days", ge=0, le=3660
    )
    late_review_holds: bool = col("Late review holds | Retard bloquant | Verzug sperrt", "Orders are held when the review is late.", False)


class Currency(Row):
    """A currency and what one unit of it is worth in company currency."""

    currency: Id = col("Currency | Devise | Währung", "ISO code.", pattern="^[A-Z]{3}$")
    rate: Percent = col("Rate | Cours | Kurs", "Company currency for one unit of this currency.", unit=COMPANY, gt=0)
    valid_on: Day | None = col("Rate of | Cours du | Kurs vom", "Day of the rate.", None)


class Term(Row):
    """Terms of payment: how a due date is found when the export carries none."""

    terms: Id = col("Terms | Conditions | Zahlungsbedingung", "Code in the export.", min_length=1)
    days: int = col("Days | Jours | Tage", "After the document date.", 30, unit="days", ge=0, le=999)
    end_of_month: EndOfMonth = col(
        "End of month | Fin de mois | Monatsende", "none, before (month end, then days) or after (days, then month end).", EndOfMonth.NONE
    )
    name: Text = col("Name | Libellé | Bezeichnung", "What the terms say.", "")


class ReasonCode(Row):
    """A reason people may give for a block, a dispute, a changed level or an undo."""

    code: Id = col("Reason | Motif | Grund", "Short name, used on Ledger and Payers.", min_length=1)
    use: ReasonUse = col("For | Pour | Für", "Where the reason may be given.", ReasonUse.BLOCK)
    name: Text = col("Name | Libellé | Bezeichnung", "What it means.", "")


class Profile(Row):
    """What was taught about one source of exports: which heading means which field, how dates and numbers are written."""

    source: Id = col("Source | Source | Quelle", "Name of the export.", min_length=1)
    field: Code = col(
        "Field | Champ | Feld",
        "Column of the ledger, or an answer: date_order, decimal_mark, assumed_currency, assumed_company, sheet, member, profile, repeats, scope.",
    )
    heading: Text = col("Heading | En-tête | Überschrift", "Heading in the export, or the answer given.")


class MailText(Row):
    """Subject and body of the e-mail that carries a letter, by language and level."""

    language: Language = col("Language | Langue | Sprache", "Language of the letter.")
    level: int = col("Level | Niveau | Stufe", "Level of the letter; 0 = all levels that have no row of their own.", 0, ge=0, le=9)
    subject: Text = col("Subject | Objet | Betreff", "May name fields of the letter, such as {{ sender.name }}.", "")
    body: Text = col("Text | Texte | Text", "Plain text; may name fields of the letter, such as {{ amount_due }} and {{ deadline }}.", "")


class Selection(Row):
    """One condition of a saved selection; all conditions of a name must hold."""

    selection: Id = col("Selection | Sélection | Auswahl", "Name of the selection.", min_length=1)
    field: Code = col("Column | Colonne | Spalte", "Column of Ledger, or of Payers (payer.country, payer.method); by its name or its heading.")
    test: Test = col("Test | Test | Test", "How the column is compared.", Test.EQUALS)
    value: Text = col("Value | Valeur | Wert", "With what it is compared; several values between semicolons: any of them.", "")


# ---------------------------------------------------------------------------------------------------------------- payers and ledger


class Payer(Row):
    """Who pays and gets the letter."""

    company: Id = col("Company | Société | Buchungskreis", "Company code of the creditor, if there are several.", "")
    payer: Id = col("Payer | Payeur | Zahler", "Account number of the payer.", min_length=1)
    name: Text = col("Name | Nom | Name", "Name in the address.", "")
    address: Text = col("Address | Adresse | Anschrift", "Street and number; several lines separated by commas.", "")
    postal_code: Id = col("Postal code | Code postal | PLZ", "Postal code.", "")
    city: Text = col("City | Ville | Ort", "City.", "")
    region: Id = col("Region | Région | Region", "State, canton or land, for its holidays (ISO 3166-2 without the country).", "")
    country: Id = col("Country | Pays | Land", "ISO code of two letters; empty = your own country.", "", pattern="^([A-Z]{2})?$")
    language: Code = col("Language | Langue | Sprache", "Language of the letters: en, fr or de; empty = the setting.", "", pattern="^(en|fr|de)?$")
    contact: Text = col("Contact | Interlocuteur | Ansprechpartner", "Person in accounts payable.", "")
    email: Text = col("E-mail | E-mail | E-Mail", "Address for reminders.", "")
    phone: Id = col("Phone | Téléphone | Telefon", "Number to call.", "")
    terms: Code = col(
        "Terms | Conditions | Zahlungsbedingung",
        "Gives the due date when neither the export nor terms on the line do; empty = the setting.",
        "",
        refers="Term",
    )
    method: Code = col("Method | Méthode | Mahnverfahren", "Method of this payer; empty = the setting.", "", refers="Method")
    block: Code = col("Block | Blocage | Mahnsperre", "Reason why this payer gets no letter.", "", refers="ReasonCode")
    block_until: Day | None = col("Blocked until | Bloqué jusqu'au | Gesperrt bis", "Last day of the block; empty = until removed.", None)
    collection_allowed: bool = col("Collection | Recouvrement | Inkasso", "May be handed over to collection.", True)
    law: Code = col(
        "Governing law | Droit applicable | Anwendbares Recht", "Interest regime of the contract; empty = that of the level.", "", refers="Regime"
    )
    customer_type: CustomerType = col("Type | Type | Typ", "Business, consumer or public body.", CustomerType.BUSINESS)
    analyst: Code = col("Analyst | Analyste | Bearbeiter", "Who looks after the payer.", "")
    rating: Code = col("Rating | Notation | Bonität", "Credit rating.", "", refers="Rating")
    limit_minor: Minor | None = col("Credit limit | Plafond de crédit | Kreditlimit", "Empty = no limit set.", None, unit=COMPANY, ge=0)
    insurer: Text = col("Insurer | Assureur | Versicherer", "Credit insurer.", "")
    insured_minor: Minor | None = col("Insured | Assuré | Versichert", "Insured amount.", None, unit=COMPANY, ge=0)
    due_tolerance_minor: Minor = col(
        "Due tolerance | Tolérance échu | Toleranz fällig", "Overdue amount that does not hold orders.", 0, unit=COMPANY, ge=0
    )
    last_review: Day | None = col("Last review | Dernière révision | Letzte Prüfung", "Day of the last credit review.", None)
    statement_days: int = col(
        "Statement every | Relevé tous les | Auszug alle", "Days between statements of account; 0 = none.", 0, unit="days", ge=0, le=366
    )
    note: Text = col("Note | Note | Notiz", "Yours; never changed by an import.", "")


class OpenItem(Row):
    """One line of the ledger: what a payer owes (+) or is owed (-) for one document or instalment. Key: company, payer, document, instalment."""

    company: Id = col("Company | Société | Buchungskreis", "Company code of the creditor, if there are several.", "")
    payer: Id = col("Payer | Payeur | Zahler", "Account number of the payer.", min_length=1)
    payer_name: Text = col("Name | Nom | Name", "Name in the export.", "")
    document: Id = col("Document | Pièce | Beleg", "Number of the document as printed.", min_length=1)
    instalment: Id = col("Instalment | Échéance n° | Rate", "Line of the document when it has several due dates.", "")
    kind: DocumentKind = col("Kind | Type | Art", "Invoice, credit, payment …", DocumentKind.INVOICE)
    document_date: Day | None = col("Document date | Date de pièce | Belegdatum", "Date of the document.", None)
    due_date: Day | None = col("Due date | Échéance | Fälligkeit", "Last day to pay.", None)
    currency: Id = col("Currency | Devise | Währung", "ISO code.", pattern="^[A-Z]{3}$")
    original_minor: Minor = col("Original | Montant initial | Ursprungsbetrag", "Amount of the document; credits are negative.", 0, unit=ROW)
    open_minor: Minor = col("Open | Solde | Offen", "Still open; credits and payments are negative.", unit=ROW)
    reference: Text = col("Reference | Référence | Referenz", "Order or external number.", "")
    terms: Id = col("Terms | Conditions | Zahlungsbedingung", "Terms of payment.", "")
    due_source: DueSource = col("Due date from | Échéance selon | Fälligkeit aus", "The export, terms of payment, or nowhere.", DueSource.EXPORT)
    method: Code = col("Method | Méthode | Mahnverfahren", "Method of this line; empty = the payer's.", "", refers="Method")
    law: Code = col("Governing law | Droit applicable | Anwendbares Recht", "Interest regime of this line; empty = the payer's.", "", refers="Regime")
    agreed_due_date: Day | None = col(
        "Agreed due date | Échéance convenue | Vereinbarte Fälligkeit", "Typed by you, used instead of the due date.", None
    )
    block: Code = col("Block | Blocage | Mahnsperre", "Reason why this line is on no letter.", "", refers="ReasonCode")
    block_until: Day | None = col("Blocked until | Bloqué jusqu'au | Gesperrt bis", "Last day of the block; empty = until removed.", None)
    dispute: Code = col("Dispute | Litige | Strittig", "Reason of the dispute; the line keeps its level.", "", refers="ReasonCode")
    dispute_review: Day | None = col("Dispute review | Revue du litige | Wiedervorlage", "When to look at the dispute again.", None)
    manual_level: int | None = col("Manual level | Niveau manuel | Stufe manuell", "Next level set by you; needs a reason.", None, ge=1, le=9)
    level_cap: int | None = col("Level cap | Niveau plafond | Höchststufe", "This line is never reminded above this level.", None, ge=1, le=9)
    manual_reason: Code = col("Level reason | Motif du niveau | Stufengrund", "Why the level was set by hand.", "", refers="ReasonCode")
    note: Text = col("Note | Note | Notiz", "Yours; never changed by an import.", "")
    source: Text = col("Source | Source | Quelle", "Export file and row this line came from.", "")


class AssessedItem(OpenItem):
    """An open item with what history and rules say of it on the as-of date: one row of the sheet Ledger."""

    leading = (
        "company", "payer", "payer_name", "document", "instalment", "due_date", "days_overdue", "currency", "open_minor", "level", "next_level",
        "next_date", "reason", "agreed_due_date", "method", "block", "block_until", "dispute", "dispute_review", "manual_level", "manual_reason", "level_cap", "law", "note",
    )  # fmt: skip

    level: int = col("Level | Niveau | Stufe", "Last level sent; 0 = none.", 0, ge=0, le=9)
    reminders: int = col("Reminders | Relances | Mahnungen", "How many reminders were issued.", 0, ge=0)
    last_reminder: Day | None = col("Last reminder | Dernière relance | Letzte Mahnung", "Date of the last reminder.", None)
    last_deadline: Day | None = col("Last deadline | Dernier délai | Letzte Frist", "Deadline printed on the last letter.", None)
    days_overdue: int = col("Days overdue | Jours de retard | Tage überfällig", "As-of date minus due date; negative = not yet due.", 0, unit="days")
    bucket: Code = col("Age | Âge | Alter", "Ageing bucket on the as-of date.", "")
    next_level: int = col("Next level | Niveau suivant | Nächste Stufe", "Level of the next reminder; 0 = none.", 0, ge=0, le=9)
    next_date: Day | None = col(
        "Next reminder possible | Relance possible dès | Mahnung möglich ab", "First day on which the next reminder may go.", None
    )
    reason_code: Code = col("Reason code | Code motif | Grundcode", "Code of the rule that decided.", "")
    reason: Text = col("Reason | Motif | Grund", "Why this line is, or is not, on a letter.", "")


# ---------------------------------------------------------------------------------------------------------------- runs


class Proposal(Row):
    """What would be sent to one payer in one currency, and what a human decided about it."""

    leading = (
        "run", "as_of", "company", "payer", "payer_name", "currency", "total_minor", "days_overdue", "level", "decision", "decision_note", "warning",
    )  # fmt: skip

    run: Id = col("Run | Passage | Lauf", "Id of the dunning run.")
    as_of: Day = col("As of | À la date du | Stichtag", "Date of the run and of the letter.")
    company: Id = col("Company | Société | Buchungskreis", "Company code of the creditor.", "")
    payer: Id = col("Payer | Payeur | Zahler", "Who gets the letter.")
    payer_name: Text = col("Name | Nom | Name", "Name of the payer.", "")
    currency: Id = col("Currency | Devise | Währung", "Currency of the letter.")
    part: Id = col("Part | Partie | Teil", "Level or document, when the method writes several letters to a payer.", "")
    decision: Decision = col(
        "Decision | Décision | Entscheidung", "Send, hold (stays here), drop (not this time); open = not yet reviewed.", Decision.OPEN
    )
    decision_note: Text = col("Why | Pourquoi | Warum", "Your note; needed when the level is changed.", "")
    level: int = col("Level | Niveau | Stufe", "Level of the letter: text, deadline and fee follow it. Change it with a note.", ge=1, le=9)
    method: Code = col("Method | Méthode | Mahnverfahren", "Method the level belongs to.", "", refers="Method")
    template: Id = col("Template | Modèle | Vorlage", "Word template.", "")
    language: Code = col("Language | Langue | Sprache", "Language of the letter.", "")
    channel: Channel = col("Channel | Canal | Versandweg", "How the letter goes out.", Channel.LETTER)
    deadline: Day = col("Deadline | Délai | Frist", "Date printed on the letter, a working day of the payer.")
    lines: int = col("Lines | Lignes | Posten", "Lines on the letter.", 0, ge=0)
    overdue_minor: Minor = col("Overdue | Échu | Überfällig", "Sum of the lines to pay.", 0, unit=ROW)
    credits_minor: Minor = col("Credits | Avoirs et paiements | Gutschriften", "Credits and unapplied payments, negative.", 0, unit=ROW)
    fee_minor: Minor = col("Fee | Frais | Gebühr", "Of the letter and of its lines; printed, not posted.", 0, unit=ROW, ge=0)
    interest_minor: Minor = col("Interest | Intérêts | Zinsen", "Printed, not posted.", 0, unit=ROW, ge=0)
    lump_sum_minor: Minor = col("Lump sum | Indemnité | Pauschale", "Fixed compensation, once per document; printed, not posted.", 0, unit=ROW, ge=0)
    total_minor: Minor = col("To pay | À payer | Zu zahlen", "Overdue, less credits, plus fee, interest and lump sum.", 0, unit=ROW)
    days_overdue: int = col("Oldest | Plus ancien | Ältester", "Days overdue of the oldest line.", 0, unit="days")
    warning: Text = col("Warning | Alerte | Warnung", "What to look at before sending.", "")
    selection: Text = col("Selection | Sélection | Auswahl", "Conditions the run was narrowed to.", "")
    state: ProposalState = col("State | État | Status", "Open, issued, or closed without a letter.", ProposalState.OPEN)


class ProposalLine(Row):
    """One line of a proposal: an overdue item, a credit that is deducted, or an item that is listed only."""

    run: Id = col("Run | Passage | Lauf", "Id of the dunning run.")
    company: Id = col("Company | Société | Buchungskreis", "Company code of the creditor.", "")
    payer: Id = col("Payer | Payeur | Zahler", "Who gets the letter.")
    currency: Id = col("Currency | Devise | Währung", "Currency of the letter.")
    part: Id = col("Part | Partie | Teil", "Level or document, when the method writes several letters to a payer.", "")
    section: LineSection = col(
        "Section | Rubrique | Abschnitt", "To pay, deducted, held, or not yet due: the last two are listed only.", LineSection.DUE
    )
    document: Id = col("Document | Pièce | Beleg", "Number of the document.")
    instalment: Id = col("Instalment | Échéance n° | Rate", "Line of the document when it has several due dates.", "")
    kind: DocumentKind = col("Kind | Type | Art", "Invoice, credit, payment …", DocumentKind.INVOICE)
    document_date: Day | None = col("Document date | Date de pièce | Belegdatum", "Date of the document.", None)
    due_date: Day | None = col("Due date | Échéance | Fälligkeit", "Last day to pay.", None)
    days_overdue: int = col("Days overdue | Jours de retard | Tage überfällig", "On the as-of date.", 0, unit="days")
    original_minor: Minor = col("Original | Montant initial | Ursprungsbetrag", "Amount of the document.", 0, unit=ROW)
    open_minor: Minor = col("Open | Solde | Offen", "Open on the as-of date.", unit=ROW)
    interest_minor: Minor = col("Interest | Intérêts | Zinsen", "Default interest of the line.", 0, unit=ROW, ge=0)
    fee_minor: Minor = col("Fee | Frais | Gebühr", "Fee of the line.", 0, unit=ROW, ge=0)
    lump_sum_minor: Minor = col("Lump sum | Indemnité | Pauschale", "Fixed compensation for the document.", 0, unit=ROW, ge=0)
    regime: Code = col("Interest by | Intérêts selon | Zinsen nach", "Interest regime of the line.", "", refers="Regime")
    method: Code = col("Method | Méthode | Mahnverfahren", "Method of the line.", "", refers="Method")
    reminders: int = col("Reminders so far | Relances précédentes | Bisherige Mahnungen", "Reminders issued before this one.", 0, ge=0)
    level_before: int = col("Level before | Niveau avant | Stufe vorher", "Last level sent.", 0, ge=0, le=9)
    level: int = col("Level | Niveau | Stufe", "Level of the line on this letter; 0 for a credit.", 0, ge=0, le=9)
    proposed_level: int = col("Proposed | Proposé | Vorgeschlagen", "Level before a reviewer changed that of the letter.", 0, ge=0, le=9)
    reason: Text = col("Reason | Motif | Grund", "Why the line is on the letter.", "")


class HistoryEntry(Row):
    """One thing that happened to one line; never changed, never deleted."""

    entry: int = col("Entry | N° | Nr.", "Running number.", ge=1)
    event: Event = col("Event | Événement | Ereignis", "Letter, call, undo …")
    date: Day = col("Date | Date | Datum", "As-of date of the run, or day of the event.")
    run: Id = col("Run | Passage | Lauf", "Id of the dunning run.", "")
    company: Id = col("Company | Société | Buchungskreis", "Company code of the creditor.", "")
    payer: Id = col("Payer | Payeur | Zahler", "Who got the letter.")
    document: Id = col("Document | Pièce | Beleg", "Number of the document.", "")
    instalment: Id = col("Instalment | Échéance n° | Rate", "Line of the document.", "")
    currency: Id = col("Currency | Devise | Währung", "Currency of the amounts.", "")
    open_minor: Minor = col("Open | Solde | Offen", "Open amount at that time.", 0, unit=ROW)
    interest_minor: Minor = col("Interest | Intérêts | Zinsen", "Interest printed for the line.", 0, unit=ROW, ge=0)
    fee_minor: Minor = col("Fee | Frais | Gebühr", "Fee printed for the line.", 0, unit=ROW, ge=0)
    lump_sum_minor: Minor = col("Lump sum | Indemnité | Pauschale", "Fixed compensation printed for the line.", 0, unit=ROW, ge=0)
    method: Code = col("Method | Méthode | Mahnverfahren", "Method then in force.", "")
    level_before: int = col("Level before | Niveau avant | Stufe vorher", "Level before the event.", 0, ge=0, le=9)
    level: int = col(
        "Level | Niveau | Stufe",
        "Level after the event; 0 when it did not count: a credit, a listed line, a call that does not count.",
        0,
        ge=0,
        le=9,
    )
    reminders: int = col("Reminders | Relances | Mahnungen", "Count after the event.", 0, ge=0)
    deadline: Day | None = col("Deadline | Délai | Frist", "Deadline printed on the letter.", None)
    channel: Channel = col("Channel | Canal | Versandweg", "How it went out.", Channel.LETTER)
    delivery: Delivery = col("Delivery | Envoi | Zustellung", "Written, printed, sent, failed, returned.", Delivery.WRITTEN)
    letter: Text = col("Letter | Lettre | Brief", "File of the letter, in the letter folder.", "")
    sha256: Id = col("Hash | Empreinte | Prüfsumme", "SHA-256 of the letter's file.", "")
    manual_level: int | None = col(
        "Manual level | Niveau manuel | Stufe manuell", "Level set by hand on the line that this letter used up.", None, ge=1, le=9
    )
    undoes: int | None = col("Undoes | Annule | Nimmt zurück", "Number of the entry this one takes back.", None, ge=1)
    note: Text = col("Note | Note | Notiz", "Reason of a manual level or of an undo.", "")


class LedgerChange(Row):
    """What one import changed on one line of the ledger."""

    imported_on: Day = col("As of | À la date du | Stichtag", "As-of date of the import.")
    change: Change = col("Change | Variation | Änderung", "New, paid, part-paid, other due date …")
    company: Id = col("Company | Société | Buchungskreis", "Company code of the creditor.", "")
    payer: Id = col("Payer | Payeur | Zahler", "Who owes.")
    payer_name: Text = col("Name | Nom | Name", "Name of the payer.", "")
    document: Id = col("Document | Pièce | Beleg", "Number of the document.")
    instalment: Id = col("Instalment | Échéance n° | Rate", "Line of the document.", "")
    currency: Id = col("Currency | Devise | Währung", "ISO code.")
    old_open_minor: Minor | None = col(
        "Open before | Solde avant | Offen vorher", "Open in the last import; empty when the line is new.", None, unit=ROW
    )
    new_open_minor: Minor | None = col("Open now | Solde actuel | Offen jetzt", "Open in this import; empty when the line has gone.", None, unit=ROW)
    old_due_date: Day | None = col("Due before | Échéance avant | Fällig vorher", "Due date in the last import.", None)
    new_due_date: Day | None = col("Due now | Échéance actuelle | Fällig jetzt", "Due date in this import.", None)
    old_payer: Id = col("Payer before | Payeur avant | Zahler vorher", "When the document moved to another payer.", "")


class CollectionCase(Row):
    """A line that has had its last letter and is proposed for collection."""

    run: Id = col("Run | Passage | Lauf", "Run in which the line was found.")
    company: Id = col("Company | Société | Buchungskreis", "Company code of the creditor.", "")
    payer: Id = col("Payer | Payeur | Zahler", "Who owes.")
    payer_name: Text = col("Name | Nom | Name", "Name of the payer.", "")
    document: Id = col("Document | Pièce | Beleg", "Number of the document.")
    instalment: Id = col("Instalment | Échéance n° | Rate", "Line of the document.", "")
    due_date: Day | None = col("Due date | Échéance | Fälligkeit", "Last day to pay.", None)
    currency: Id = col("Currency | Devise | Währung", "ISO code.")
    open_minor: Minor = col("Open | Solde | Offen", "Still open.", unit=ROW)
    level: int = col("Level | Niveau | Stufe", "Last level sent.", 0, ge=0, le=9)
    last_reminder: Day | None = col("Last reminder | Dernière relance | Letzte Mahnung", "Date of the last letter.", None)
    decision: CollectionDecision = col(
        "Decision | Décision | Entscheidung", "Hand over, hold, drop; open = not yet reviewed.", CollectionDecision.OPEN
    )
    decision_note: Text = col("Why | Pourquoi | Warum", "Your note.", "")
    handed_over_on: Day | None = col("Handed over on | Transmis le | Übergeben am", "Day on which the file was written; empty = not yet.", None)
    file: Text = col("File | Fichier | Datei", "Folder of the hand-over file, in the letter folder.", "")


# ---------------------------------------------------------------------------------------------------------------- contacts and plans


class Payment(Row):
    """Money that came in on one line: what the ledger no longer shows, but interest counts until that day.

    Negative: what an export showed used of a credit, or open again; no money came in, but a day in the past is told with it.
    """

    company: Id = col("Company | Société | Buchungskreis", "Company code of the creditor.", "")
    payer: Id = col("Payer | Payeur | Zahler", "Who paid.", min_length=1)
    document: Id = col("Document | Pièce | Beleg", "Number of the document paid.", min_length=1)
    instalment: Id = col("Instalment | Échéance n° | Rate", "Line of the document when it has several due dates.", "")
    date: Day = col("Paid on | Payé le | Bezahlt am", "Value date; interest is counted including this day.")
    currency: Id = col("Currency | Devise | Währung", "ISO code.", pattern="^[A-Z]{3}$")
    amount_minor: Minor = col("Amount | Montant | Betrag", "What was paid; negative: what was used of a credit, or a payment taken back.", unit=ROW)
    reference: Text = col("Reference | Référence | Referenz", "Bank reference or voucher.", "")
    source: Text = col("Source | Source | Quelle", "Typed, imported, or found when the export showed less open.", "")


class Receipt(Row):
    """Money on a bank statement, or part of it, and the document it pays: found exactly, or proposed for a person to confirm."""

    receipt: Id = col("Receipt | Encaissement | Eingang", "Number of the receipt: the same entry of a statement always has the same.")
    date: Day = col("Value date | Date de valeur | Valuta", "Day the money came.")
    currency: Id = col("Currency | Devise | Währung", "ISO code.")
    received_minor: Minor = col("Received | Reçu | Eingegangen", "Amount of the whole receipt; a chargeback is negative.", unit=ROW)
    debtor: Text = col("From | De | Von", "Name of the debtor on the statement.", "")
    text: Text = col("Remittance | Libellé | Verwendungszweck", "What the debtor wrote.", "")
    match: Match = col(
        "Found by | Trouvé par | Gefunden über", "Structured reference, end-to-end id, number in the text, amount; or not at all.", Match.NONE
    )
    company: Id = col("Company | Société | Buchungskreis", "Company code of the creditor.", "")
    payer: Id = col("Payer | Payeur | Zahler", "Who is proposed to have paid; yours to correct.", "")
    document: Id = col("Document | Pièce | Beleg", "Document that is proposed to be paid; yours to correct.", "")
    instalment: Id = col("Instalment | Échéance n° | Rate", "Line of the document.", "")
    amount_minor: Minor = col("Applied | Imputé | Zugeordnet", "Part of the receipt that pays this document.", 0, unit=ROW)
    state: ReceiptState = col(
        "State | État | Status",
        "open: decide. apply: to be applied. applied: it is on the sheet Payments. dismissed: not for the ledger.",
        ReceiptState.OPEN,
    )
    file: Text = col("File | Fichier | Datei", "Bank statement it stands on.", "")
    why: Text = col("Why | Pourquoi | Warum", "Why it is proposed, or why nothing was found.", "")


class Contact(Row):
    """What calls, follow-ups and promises have in common: about whom, about which document, by whom."""

    company: Id = col("Company | Société | Buchungskreis", "Company code of the creditor.", "")
    payer: Id = col("Payer | Payeur | Zahler", "Whom it is about.", min_length=1)
    document: Id = col("Document | Pièce | Beleg", "Empty = all open lines of the payer.", "")
    date: Day = col("Date | Date | Datum", "Day of the contact.")
    by: Text = col("By | Par | Von", "Who spoke or wrote.", "")
    note: Text = col("Note | Note | Notiz", "What was said.", "")


class Call(Contact):
    """A call to a payer; it may count as a reminder."""

    outcome: Outcome = col("Outcome | Résultat | Ergebnis", "Reached, not reached, promised, disputed.", Outcome.REACHED)
    counts: bool = col("Counts as a reminder | Compte comme relance | Zählt als Mahnung", "Raises the count of the lines.", True)


class FollowUp(Contact):
    """A note with an action date: the payer is off the call list until then."""

    action_date: Day = col("Action date | Date d'action | Wiedervorlage", "When to act.")
    done: bool = col("Done | Fait | Erledigt", "Closed by you or by payment.", False)


class Promise(Contact):
    """A promise to pay: no letter until the promised date plus tolerance."""

    until: Day = col("Promised for | Promis pour le | Zugesagt zum", "Day of the promised payment.")
    amount_minor: Minor | None = col("Amount | Montant | Betrag", "Empty = everything open.", None, unit=ROW, ge=0)
    currency: Id = col("Currency | Devise | Währung", "ISO code.", "")
    tolerance_days: int = col("Tolerance | Tolérance | Toleranz", "Days after the promised day.", 3, unit="days", ge=0, le=60)
    state: PromiseState = col("State | État | Status", "Open, kept, broken.", PromiseState.OPEN)
    confirmation: Text = col("Confirmation | Confirmation | Bestätigung", "File of the confirmation, in the letter folder.", "")


class Plan(Row):
    """A payment plan agreed with a payer."""

    plan: Id = col("Plan | Échéancier | Ratenplan", "Short name of the plan.", min_length=1)
    company: Id = col("Company | Société | Buchungskreis", "Company code of the creditor.", "")
    payer: Id = col("Payer | Payeur | Zahler", "Who pays by instalments.")
    document: Id = col("Document | Pièce | Beleg", "Invoice the plan replaces.")
    agreed_on: Day = col("Agreed on | Convenu le | Vereinbart am", "Day of the agreement.")
    tolerance_days: int = col("Tolerance | Tolérance | Toleranz", "Days after an instalment before the plan is broken.", 3, unit="days", ge=0, le=60)
    state: PlanState = col("State | État | Status", "Running, kept, broken.", PlanState.RUNNING)
    confirmation: Text = col("Confirmation | Confirmation | Bestätigung", "File of the confirmation, in the letter folder.", "")


class Instalment(Row):
    """One instalment of a plan, with its own due date."""

    plan: Code = col("Plan | Échéancier | Ratenplan", "The plan it belongs to.", refers="Plan")
    instalment: Id = col("Instalment | Échéance n° | Rate", "1, 2, 3 …")
    due_date: Day = col("Due date | Échéance | Fälligkeit", "Last day to pay.")
    currency: Id = col("Currency | Devise | Währung", "ISO code.")
    amount_minor: Minor = col("Amount | Montant | Betrag", "To pay on that day.", unit=ROW, gt=0)
    paid_minor: Minor = col("Paid | Payé | Bezahlt", "Paid so far.", 0, unit=ROW, ge=0)


# ---------------------------------------------------------------------------------------------------------------- agenda, credit, statements


class AgendaEntry(Row):
    """Something with a date."""

    date: Day = col("Date | Date | Datum", "When.")
    kind: AgendaKind = col("What | Quoi | Was", "Reminder, deadline, promise, instalment, follow-up, review, statement.")
    company: Id = col("Company | Société | Buchungskreis", "Company code of the creditor.", "")
    payer: Id = col("Payer | Payeur | Zahler", "About whom.")
    payer_name: Text = col("Name | Nom | Name", "Name of the payer.", "")
    document: Id = col("Document | Pièce | Beleg", "About what.", "")
    analyst: Code = col("Analyst | Analyste | Bearbeiter", "Whose task.", "")
    text: Text = col("Text | Texte | Text", "What is to be done.", "")


class CreditDecision(Row):
    """May this payer order, and why."""

    company: Id = col("Company | Société | Buchungskreis", "Company code of the creditor.", "")
    payer: Id = col("Payer | Payeur | Zahler", "Who orders.")
    payer_name: Text = col("Name | Nom | Name", "Name of the payer.", "")
    rating: Code = col("Rating | Notation | Bonität", "Credit rating.", "", refers="Rating")
    open_minor: Minor = col("Open items | Encours | Offene Posten", "Open items in company currency.", 0, unit=COMPANY)
    orders_minor: Minor = col("Open orders | Commandes | Aufträge", "Orders not yet invoiced.", 0, unit=COMPANY)
    limit_minor: Minor | None = col("Limit | Plafond | Limit", "Credit limit.", None, unit=COMPANY)
    insured_minor: Minor | None = col("Insured | Assuré | Versichert", "Insured amount.", None, unit=COMPANY)
    overdue_minor: Minor = col("Overdue | Échu | Überfällig", "Overdue in company currency.", 0, unit=COMPANY)
    level: int = col("Level | Niveau | Stufe", "Highest level of its lines.", 0, ge=0, le=9)
    action: CreditAction = col("Action | Action | Aktion", "What the order desk does.")
    reason: Text = col("Reason | Motif | Grund", "The rule that decided.", "")


class Statement(Row):
    """A statement of account that was written."""

    date: Day = col("Date | Date | Datum", "As-of date of the statement.")
    company: Id = col("Company | Société | Buchungskreis", "Company code of the creditor.", "")
    payer: Id = col("Payer | Payeur | Zahler", "Who gets it.")
    payer_name: Text = col("Name | Nom | Name", "Name of the payer.", "")
    currency: Id = col("Currency | Devise | Währung", "ISO code.")
    open_minor: Minor = col("Balance | Solde | Saldo", "Balance on that day.", unit=ROW)
    overdue_minor: Minor = col("Overdue | Échu | Überfällig", "Overdue on that day.", 0, unit=ROW)
    file: Text = col("File | Fichier | Datei", "File of the statement.", "")
    sha256: Id = col("Hash | Empreinte | Prüfsumme", "SHA-256 of the statement's file.", "")


# ---------------------------------------------------------------------------------------------------------------- close review


class Ageing(Row):
    """Open amounts of one payer and currency by age at the close."""

    close: Day = col("Close | Clôture | Abschluss", "Day of the close.")
    company: Id = col("Company | Société | Buchungskreis", "Company code of the creditor.", "")
    payer: Id = col("Payer | Payeur | Zahler", "Who owes.")
    payer_name: Text = col("Name | Nom | Name", "Name of the payer.", "")
    currency: Id = col("Currency | Devise | Währung", "ISO code.")
    not_due_minor: Minor = col("Not due | Non échu | Nicht fällig", "Due after the close.", 0, unit=ROW)
    days_30_minor: Minor = col("1-30 | 1-30 | 1-30", "1 to 30 days overdue.", 0, unit=ROW)
    days_60_minor: Minor = col("31-60 | 31-60 | 31-60", "31 to 60 days overdue.", 0, unit=ROW)
    days_90_minor: Minor = col("61-90 | 61-90 | 61-90", "61 to 90 days overdue.", 0, unit=ROW)
    older_minor: Minor = col("Over 90 | Plus de 90 | Über 90", "More than 90 days overdue.", 0, unit=ROW)
    total_minor: Minor = col("Total | Total | Summe", "All of it; ties to the ledger.", 0, unit=ROW)


class Movement(Row):
    """From one close to the next, for one payer and currency; the difference must be 0."""

    close: Day = col("Close | Clôture | Abschluss", "Day of the close.")
    company: Id = col("Company | Société | Buchungskreis", "Company code of the creditor.", "")
    payer: Id = col("Payer | Payeur | Zahler", "Who owes.")
    currency: Id = col("Currency | Devise | Währung", "ISO code.")
    opening_minor: Minor = col("Opening | Solde initial | Anfangssaldo", "Open at the last close.", 0, unit=ROW)
    new_minor: Minor = col("New | Nouveau | Neu", "Documents since.", 0, unit=ROW)
    paid_minor: Minor = col("Paid | Payé | Bezahlt", "Payments since.", 0, unit=ROW)
    credited_minor: Minor = col("Credited | Crédité | Gutgeschrieben", "Credits since.", 0, unit=ROW)
    other_minor: Minor = col("Other | Autre | Sonstiges", "Everything else.", 0, unit=ROW)
    closing_minor: Minor = col("Closing | Solde final | Endsaldo", "Open at this close.", 0, unit=ROW)


class Provision(Row):
    """What may be lost on one line, proposed at the close."""

    close: Day = col("Close | Clôture | Abschluss", "Day of the close.")
    company: Id = col("Company | Société | Buchungskreis", "Company code of the creditor.", "")
    payer: Id = col("Payer | Payeur | Zahler", "Who owes.")
    document: Id = col("Document | Pièce | Beleg", "Number of the document.")
    instalment: Id = col("Instalment | Échéance n° | Rate", "Line of the document.", "")
    currency: Id = col("Currency | Devise | Währung", "ISO code.")
    open_minor: Minor = col("Open | Solde | Offen", "Still open.", unit=ROW)
    bucket: Code = col("Age | Âge | Alter", "Ageing bucket.", "")
    percent: Percent = col("Percent | Pourcentage | Prozent", "Share that may be lost.", Decimal(0), unit="percent", ge=0, le=100)
    provision_minor: Minor = col("Provision | Provision | Wertberichtigung", "Proposed amount.", 0, unit=ROW)
    note: Text = col("Note | Note | Notiz", "Disputes, promises, plans; your remark.", "")


class KeyFigure(Row):
    """One figure of the close: days sales outstanding, collection effectiveness …"""

    close: Day = col("Close | Clôture | Abschluss", "Day of the close.")
    figure: Code = col("Figure | Indicateur | Kennzahl", "Which figure.")
    currency: Id = col("Currency | Devise | Währung", "ISO code, when the figure has one.", "")
    value: Text = col("Value | Valeur | Wert", "The figure.")
    note: Text = col("Note | Note | Notiz", "How it was computed.", "")


# ---------------------------------------------------------------------------------------------------------------- trouble and the workbook itself


class FindingRow(Row):
    """Something a person should look at: which cell, what was found, what is expected, what to do."""

    severity: Severity = col("Severity | Gravité | Schwere", "Error, warning or note.")
    code: Id = col("Code | Code | Code", "Code of the finding, explained in the documentation.")
    place: Text = col("Place | Endroit | Stelle", "Sheet and cell, or file and row.", "")
    text: Text = col("Finding | Constat | Befund", "What was found, what is expected, what to do.")
    found_on: Day = col("As of | À la date du | Stichtag", "As-of date of the command that found it.")
    command: Code = col("Command | Commande | Befehl", "Command that found it.", "")


class About(Row):
    """A fact about the workbook: schema version, last import, head of the journal."""

    key: Id = col("Key | Clé | Schlüssel", "Name of the fact.")
    value: Text = col("Value | Valeur | Wert", "The fact.", "")


class Total(Row):
    """One currency of the ledger on the as-of date: the key figures of the sheet Home."""

    currency: Id = col("Currency | Devise | Währung", "ISO code.")
    lines: int = col("Lines | Lignes | Posten", "Open lines.", 0)
    open_minor: Minor = col("Open | Solde | Offen", "Sum of all open lines.", 0, unit=ROW)
    not_due_minor: Minor = col("Not due | Non échu | Nicht fällig", "Due on the as-of date or later, or without a due date.", 0, unit=ROW)
    overdue_minor: Minor = col("Overdue | Échu | Überfällig", "Due before the as-of date.", 0, unit=ROW)
    credits_minor: Minor = col("Credits | Avoirs et paiements | Gutschriften", "Credits and unapplied payments, negative.", 0, unit=ROW)
    due_minor: Minor = col("To remind | À relancer | Zu mahnen", "Lines that are due for a reminder.", 0, unit=ROW)
