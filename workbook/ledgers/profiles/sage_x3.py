"""Sage X3: open items table GACCDUDATE by its field codes, or its columns in words. Open = sign x (amount - paid); provisional payments stay open."""

from __future__ import annotations

from workbook.ledgers.profiles.profile import Profile

SAGE_X3 = Profile(
    "sage_x3",
    "Sage X3",
    marks=(
        ("bpr 0|bpr", "num 0|num|accnum 0", "duddat 0|duddat", "amtcur 0|amtcur|amtloc 0|amtloc"),
        ("tiers payeur|tiers|bp|pay by bp|business partner", "no piece|n piece|document no|document number", "date echeance|"
            "due date", "montant devise|amount in currency|montant",
         "montant regle|regle devise|montant regle devise|paid amount|paid in currency|amount paid", "sens|sign|sns"),
    ),
    fields={
        "company": "cpy 0|cpy|societe|company",
        "payer": "bpr 0|bpr|tiers payeur|pay by bp|tiers|bp|business partner",
        "payer_name": "bprnam 0|bprnam|raison sociale|intitule|nom|company name|name",
        "document": "num 0|num|no piece|n piece|document no|document number|accnum 0|accnum",
        "instalment": "dudlig 0|dudlig|ligne echeance|no echeance|open item line|due date no",
        "kind": "typ 0|typ|type piece|type de piece|document type|entry type",
        "document_date": "accdat 0|accdat|bpcinvdat 0|date piece|date comptable|invoice date|accounting date",
        "due_date": "duddat 0|duddat|date echeance|due date",
        "currency": "cur 0|cur|devise|currency",
        "original_minor": "amtcur 0|amtcur|montant devise|amount in currency|montant|amtloc 0|amtloc",
        "paid_minor": "paycur 0|paycur|montant regle devise|montant regle|regle devise|paid amount|paid in currency|amount paid|payloc 0|payloc",
        "open_minor": "-",
        "sign": "sns 0|sns|sens|sign",
        "level": "levfup 0|levfup|niveau relance|reminder level",
        "last_reminder": "datfup 0|datfup|date relance|date derniere relance|reminder date|last reminder",
        "terms": "pte 0|pte|condition de paiement|payment term",
        "dispute": "dspcod 0|litige|code litige|dispute code",
    },
    ignored="fcy 0|fcy|site|sac 0|sac|collectif|pam 0|pam|tmpcur 0|tmpcur|tmploc 0|amtloc 0|payloc 0",
    kinds={"facli": "invoice", "avcli": "credit", "bpcinv": "invoice", "rec": "payment", "rcpt": "payment", "regcl": "payment"},
    settled={"flgcle 0|flgcle|code soldee|soldee|settled|closed": "2|oui|yes"},
)  # fmt: skip
