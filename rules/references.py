"""Which documents and payers the references, the text and the name on a bank statement mean.

Numbers are compared without case, blanks, separators and leading zeros: "INV-2026/0012" is found in "we pay inv 2026 0012". Of two numbers, one
within the other, the longer counts. A short number, or one that reads as a year, is weak: any text may have it.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rules.standing import payer_key, positions

FINE, WORDS = re.compile(r"[^\W\d_]+|\d+"), re.compile(r"[^\W_]+")  # letters and figures apart, or together
JOINED = {FINE: 5, WORDS: 4}  # so many in a row are tried as one number
STRONG = 4  # characters of a number that is hardly there by chance
YEAR = r"(?:19|20)\d\d"
LEGAL = frozenset(
    "ab ag aps as asa bv bvba cie co company corp corporation eg ek eurl ev gbr ges gmbh gmbhco inc kg kgaa kk limited llc llp lp ltd mbh nv ohg "
    "oy oyj plc pte pty sa sarl sas sasu sca sci scop scs se sl snc sp spa srl srls sro ug und and et the "
    "m mr mrs ms mme mlle monsieur madame herr frau herrn firma fa ste societe".split()
)


def plain(numbers: pd.Series) -> pd.Series:
    """Numbers as they are compared: letters and figures alone, one case, no leading zeros."""
    folded = numbers.astype("str").str.normalize("NFKC").str.casefold()
    return folded.str.replace(r"[\W_]+", "", regex=True).str.lstrip("0")


def document_keys(lines: pd.DataFrame, letters: pd.DataFrame) -> pd.DataFrame:
    """What names a line: its document, the figures of a document with letters, its own reference, the reference that its letters ask for.

    `lines`: document and reference. `letters`: `line` (position in `lines`) and `reference`. Answers key, line, `many`: the reference is that of a
    letter and means all its documents.
    """
    at, document = np.arange(len(lines)), plain(lines["document"])
    lettered = document.str.contains(r"[^\d]") & document.str.contains(r"\d")
    figures = lines["document"].astype("str").where(lettered, "")
    aliases = [figures.str.replace(r"\D+", "", regex=True), figures.str.extract(r"(\d+)\D*$")[0].fillna("")]
    parts = [pd.DataFrame({"key": document.to_numpy(), "line": at})]
    parts += [pd.DataFrame({"key": a.str.lstrip("0").where(a.str.len() >= STRONG, "").to_numpy(), "line": at}) for a in aliases]
    parts += [pd.DataFrame({"key": plain(lines["reference"]).to_numpy(), "line": at})]
    own = pd.concat(parts, ignore_index=True).assign(many=False)
    asked = pd.DataFrame({"key": plain(letters["reference"]).to_numpy(), "line": letters["line"].to_numpy(), "many": True})
    every = pd.concat([own, asked], ignore_index=True)
    return every[every["key"].str.contains(r"\d")].drop_duplicates(["key", "line"]).reset_index(drop=True)


def found(texts: pd.Series, among: pd.Series) -> pd.DataFrame:
    """The numbers of `among` (as of `plain`) that stand in the texts: `at` (position of the text), key, weak."""
    folded = texts.astype("str").str.normalize("NFKC").str.casefold().tolist()
    known, parts = pd.Series(among.unique(), dtype="str"), list[pd.DataFrame]()
    for shape, most in JOINED.items():
        tokens = [(at, m.start(), m.end(), m[0]) for at, text in enumerate(folded) for m in shape.finditer(text)]
        frame = pd.DataFrame(tokens, columns=["at", "start", "end", "token"]).astype(
            {"at": "int64", "start": "int64", "end": "int64", "token": "str"}
        )
        raw, last = frame["token"], frame
        for count in range(1, most + 1):
            if count > 1:
                last = frame.shift(1 - count)
                raw = raw.str.cat(last["token"].fillna(""))
            key = raw.str.lstrip("0")
            there = (last["at"] == frame["at"]).to_numpy() & (positions(key, known) >= 0)
            parts.append(pd.DataFrame({"at": frame["at"], "start": frame["start"], "end": last["end"], "key": key, "raw": raw})[there])
    every = pd.concat(parts, ignore_index=True).drop_duplicates(["at", "start", "end"])
    every = every.sort_values(["at", "start", "end"], ascending=[True, True, False])
    reached = every.groupby("at")["end"].cummax().groupby(every["at"]).shift().fillna(-1)
    every = every[every["end"] > reached]
    weak = (every["raw"].str.len() < STRONG) | every["raw"].str.fullmatch(YEAR)
    return every.assign(weak=weak)[["at", "key", "weak"]].reset_index(drop=True)


def structured(numbers: pd.Series) -> pd.DataFrame:
    """What a structured reference may stand for: `at`, key, `turn` (the lower, the better).

    As it is; without the check digits of a creditor reference (ISO 11649, RF…), of a Swiss QR reference (27 figures, recursive modulo 10), of a
    Belgian one (12 figures, modulo 97), of a Norwegian KID, a Swedish OCR or a Danish FI number (modulo 10 or 11), of a Finnish one (weights 7, 3,
    1); and what follows zeros within those of figures, which hold a customer and a document.
    """
    whole = numbers.astype("str").str.replace(r"[\W_]+", "", regex=True).str.casefold()
    rows = [(at, turn, key.lstrip("0")) for at, number in enumerate(whole.tolist()) for turn, key in enumerate(_bodies(number))]
    made = pd.DataFrame(rows, columns=["at", "turn", "key"]).astype({"key": "str"})
    return made[made["key"] != ""].drop_duplicates(["at", "key"]).reset_index(drop=True)


def _bodies(number: str) -> list[str]:
    if re.fullmatch(r"rf\d\d[0-9a-z]{1,21}", number) and _rest_97(number[4:] + number[:4]) == 1:
        return [number, number[4:]]
    if re.fullmatch(r"\d{27}", number) and _check_digit(number[:-1]) == int(number[-1]):
        body = number[:-1]
    elif re.fullmatch(r"\d{12}", number) and (int(number[:-2]) % 97 or 97) == int(number[-2:]):
        body = number[:-2]
    elif re.fullmatch(r"\d{5,25}", number) and _checked(number[:-1], int(number[-1])):
        body = number[:-1]
    else:
        return [number]
    return [number, body, *(part for part in (body[m.end() :] for m in re.finditer("0+", body)) if len(part) >= STRONG)]


def _rest_97(text: str) -> int:
    return int("".join(str(int(character, 36)) for character in text)) % 97


def _check_digit(figures: str) -> int:
    """Recursive modulo 10, of Swiss QR references."""
    carry = 0
    for figure in figures:
        carry = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)[(carry + int(figure)) % 10]
    return (10 - carry) % 10


def _checked(figures: str, check: int) -> bool:
    """Whether the check digit is that of modulo 10 (Luhn), of modulo 11 with weights 2 to 7, or of weights 7, 3, 1."""
    weighed = [int(figure) for figure in reversed(figures)]
    luhn = sum(sum(divmod(figure * (2 - at % 2), 10)) for at, figure in enumerate(weighed))
    eleven = sum(figure * (2 + at % 6) for at, figure in enumerate(weighed))
    finnish = sum(figure * (7, 3, 1)[at % 3] for at, figure in enumerate(weighed))
    return check in (-luhn % 10, -eleven % 11, -finnish % 10)


def names(texts: pd.Series) -> pd.Series:
    """Names as they are compared: words in any order, without accents, legal form and title; "Müller" is "Mueller" and "MULLER"."""
    distinct = pd.Series(texts.astype("str").unique(), dtype="str")
    bare = distinct.str.replace("ß", "ss").str.normalize("NFKD").str.replace(r"[\u0300-\u036f]", "", regex=True).str.casefold()
    bare = bare.str.replace(r"([aou])e", r"\1", regex=True).str.replace(r"(?<=\b\w)\.(?=\w\b)", "", regex=True)
    made = [" ".join(sorted(w for w in re.findall(r"[^\W_]+", text) if w not in LEGAL)) for text in bare.tolist()]
    return texts.astype("str").map(dict(zip(distinct, made, strict=True))).astype("str")


def payers_named(people: pd.DataFrame, texts: pd.Series, lines: pd.DataFrame, payers: pd.DataFrame) -> pd.DataFrame:
    """The payers that a receipt is from, by name or by number: `at`, `payer` (as of `payer_key`).

    `people`: `at` and name, as many as a receipt has. `lines`: KEY and payer_name; `payers`: company, payer, name.
    """
    known = pd.concat([
        pd.DataFrame({"payer": payer_key(payers), "number": payers["payer"], "name": payers["name"]}),
        pd.DataFrame({"payer": payer_key(lines), "number": lines["payer"], "name": lines["payer_name"]}).drop_duplicates(),
    ])  # fmt: skip
    called = known.assign(name=names(known["name"]))[["payer", "name"]].drop_duplicates()
    by_name = people.assign(name=names(people["name"])).merge(called[called["name"] != ""], on="name")
    numbered = known.assign(key=plain(known["number"]))[["payer", "key"]].drop_duplicates()
    numbered = numbered[numbered["key"].str.contains(r"\d")]
    said = found(texts, numbered["key"])
    by_number = said[~said["weak"].astype("bool")].merge(numbered, on="key")
    return pd.concat([by_name[["at", "payer"]], by_number[["at", "payer"]]]).drop_duplicates().reset_index(drop=True)


def pairs(at: npt.NDArray[np.int64], key: pd.Series[Any]) -> pd.Series[Any]:
    """Position and key as one text, to look pairs up."""
    return pd.Series(at.astype(str), index=key.index, dtype="str").str.cat(key, sep=" ")
