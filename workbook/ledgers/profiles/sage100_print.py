"""Sage 100 (France): prints of the aged balance, the due dates or a payer's account, saved as .xls (HTML) or text; debit and credit apart."""

from __future__ import annotations

from workbook.ledgers.grid import Grid
from workbook.ledgers.profiles.columns import added, under
from workbook.ledgers.profiles.profile import Profile

LETTER = "lettrage|lettre|let|l|code lettrage"


def lettered(grid: Grid, header: int) -> Grid:
    """Letters in capitals mark what is settled; small ones and stars a part."""
    letter = under(grid, header, LETTER)
    return grid if letter is None else added(grid, header, {"dunning settled": letter.where(letter.str.fullmatch("[A-Z]+"), "")})


SAGE100_PRINT = Profile(
    "sage100_print",
    "Sage 100",
    marks=(
        ("no compte|n compte|compte|compte tiers|no compte tiers|no tiers|code tiers|tiers|compte client", "no piece|n piece|piece|no de piece|"
            "no facture",
         "debit", "credit", "echeance|date echeance|date d echeance|niv rappel|niveau rappel|rappel"),
        ("date", "no piece|n piece|piece|no de piece", "libelle|reference|libelle ecriture", "debit", "credit", "echeance|date echeance|"
            "date d echeance"),
    ),
    fields={
        "payer": "compte tiers|no compte tiers|no tiers|code tiers|tiers|compte client|no compte|n compte|compte",
        "payer_name": "intitule|intitule du tiers|intitule tiers|intitule du compte|nom|nom du tiers|raison sociale",
        "document": "no piece|n piece|no de piece|piece|no facture|n facture",
        "document_date": "date|date piece|date ecriture|jour",
        "due_date": "echeance|date echeance|date d echeance",
        "reference": "reference|ref|reference piece|libelle|libelle ecriture",
        "level": "niv rappel|niveau rappel|rappel|niveau de rappel|nb rappels",
        "last_reminder": "date rappel|date relance|dernier rappel",
        "cleared_by": "dunning settled",
        "kind": "type|nature",
        "terms": "mode de reglement|condition de reglement",
        "open_minor": "-",
        "currency": "devise",
    },
    ignored=f"{LETTER}|solde cumule|solde progressif|journal|code journal|c j|cumul",
    sections="payer",
    local=True,
    prepared=lettered,
)  # fmt: skip
