"""Copies of invoices in a folder, found by their document number: the one file that is certainly it, or none."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

SUFFIXES = frozenset([".pdf", ".tif", ".tiff", ".png", ".jpg", ".jpeg"])
MANY = 500_000  # files that are looked at
DATES = ("%Y-%m-%d", "%d-%m-%Y", "%Y%m%d", "%d%m%Y", "%y%m%d")


@dataclass(frozen=True)
class Found:
    """The copy of a document, or why there is none: several files, or files whose names say more than this number (`near`)."""

    file: Path | None = None
    several: tuple[Path, ...] = ()
    near: tuple[Path, ...] = ()


@dataclass
class Copies:
    """The files of a folder and its subfolders by the words of their names."""

    folder: Path
    _files: dict[str, list[tuple[str, Path]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        inside = self.folder.resolve()
        for count, path in enumerate(sorted(self.folder.rglob("*"))):
            if count > MANY:
                break
            if path.suffix.lower() in SUFFIXES and not path.name.startswith((".", "~$")) and path.resolve().is_relative_to(inside) and path.is_file():
                name = _words(path.stem)
                for word in dict.fromkeys(name.split("-")):
                    self._files[word].append((name, path))

    def of(self, document: str, beside: Iterable[str] = (), dates: Iterable[date | None] = ()) -> Found:
        """The copy of `document`: a file named by the number alone, or by it with words, its dates, and the ids in `beside` (payer, company).

        Figures in a name that are none of these make it a near miss: they may be those of another document, and its copy is nobody else's business.
        """
        number = _words(document)
        if not number:
            return Found()
        known = [word for word in (*map(_words, beside), *(day.strftime(form) for day in dates if day for form in DATES)) if word]
        exact, said, near = [], [], []
        for name, path in self._files.get(number.split("-")[0], ()):
            if name == number:
                exact.append(path)
            elif f"-{number}-" in f"-{name}-":
                rest = f"-{name}-".replace(f"-{number}-", "-", 1)
                for word in known:
                    rest = rest.replace(f"-{word}-", "-")
                (near if any(character.isdigit() for character in rest) else said).append(path)
        certain = exact or said
        if len(certain) == 1:
            return Found(certain[0])
        return Found(several=tuple(certain), near=() if certain else tuple(near))


def _words(text: str) -> str:
    """Letters and figures in small letters, what lies between them as one hyphen."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "-".join(re.findall(r"[^\W_]+", folded))
