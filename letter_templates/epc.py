"""What the QR code of a transfer says (EPC069-12, "GiroCode"): banking programs read payee, account, amount and reference from it.

Source: European Payments Council, EPC069-12 version 2.1, chapter 3: lines in this order, UTF-8, at most 331 bytes.
"""

from __future__ import annotations

import re

from letter_templates.formats import clean
from rules.model import Settings
from rules.money import from_minor

IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
MOST = 999_999_999_99  # cents of one transfer
NAME, TEXT = 70, 140  # characters


def payload(settings: Settings, currency: str, amount_minor: int, reference: str) -> str:
    """The lines of the code for a transfer of `amount_minor` cents with `reference` as its text; "" when none is wished for or possible.

    Possible are euros, an amount a transfer can have, a payee with a name and an IBAN whose check digits are right.
    """
    name, iban = clean(settings.company_name)[:NAME].strip(), re.sub(r"\s", "", clean(settings.bank_iban)).upper()
    bic, text = re.sub(r"\s", "", clean(settings.bank_bic)).upper(), clean(reference)[:TEXT].strip()
    if not (settings.payment_qr and currency == "EUR" and 0 < amount_minor <= MOST and name and _right(iban)):
        return ""
    amount = f"EUR{from_minor(amount_minor, currency)}"
    return "\n".join(["BCD", "002", "1", "SCT", bic if BIC.fullmatch(bic) else "", name, iban, amount, "", "", text]).rstrip("\n")


def _right(iban: str) -> bool:
    """Whether the check digits are right: ISO 13616, remainder 1 of division by 97."""
    return bool(IBAN.fullmatch(iban)) and int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1
