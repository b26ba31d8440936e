"""The add-in `Dunning.xlam`, built from text: ribbon, macros, worksheet functions, user's language; two builds are the same bytes.

Nothing compiled is in it: VBA is written as source, xlwings' own modules come from the installed package, so that add-in and package never differ.
"""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from lxml import etree
from lxml.builder import ElementMaker
from pyopenvba import ExcelFile, VBAModuleKind
from pyopenvba.cfb import CFB

from addin.controls import BY_VERB, CONTROLS, GROUPS
from addin.xlwings_module import PROJECT, package_source, xlwings_module
from rules.errors import WorkbookError
from rules.row import Language
from rules.words import catalogue, text
from workbook.shell import MACROS, TEXTS, Macros, empty_shell, workbook_of_texts

RIBBON = "http://schemas.microsoft.com/office/2009/07/customui"
RIBBON_PART = "customUI/customUI14.xml"
RIBBON_LINK = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
ADD_IN = b"application/vnd.ms-excel.addin.macroEnabled.main+xml"
SOURCELESS = bytes.fromhex("cc61ffff000100")  # [MS-OVBA] 2.3.4.1: the whole of _VBA_PROJECT where nothing is compiled
OURS = ("modDunning", "modPick", "clsDunningEvents")
BUTTONS = {"DunningImport": "import", "DunningPropose": "propose", "DunningIssue": "issue"}  # macro to command, on Home of a workbook with macros


def build_add_in(language: Language) -> bytes:
    """The add-in with its ribbon in `language`: a sheet of texts, the macros, the ribbon."""
    return with_ribbon(workbook_of_texts(texts(language), macros([TEXTS], own_workbook=False, language=language)), language, add_in=True)


def own_macros(language: Language) -> Macros:
    """What `dunning new Dunning.xlsm` puts into the workbook: the same ribbon and macros, about this workbook alone, and buttons on Home."""
    captions = {macro: text(language, "ribbon", f"label_{verb}") for macro, verb in BUTTONS.items()}
    return Macros(
        partial(macros, own_workbook=True, language=language), texts(language), captions, partial(with_ribbon, language=language, add_in=False)
    )


def texts(language: Language) -> dict[str, str]:
    """What the macros show and need to know, by key; the words of the ribbon itself stand in the ribbon."""
    shown = {key: value for key, value in catalogue(language)["ribbon"].items() if not key.startswith(("label_", "tip_", "note_", "group_"))}
    return {**shown, "language": language} | {f"tag_{verb}": BY_VERB[verb].tag for verb in BUTTONS.values()}


def with_ribbon(package: bytes, language: Language, *, add_in: bool) -> bytes:
    """The package with the ribbon as a part of its own, and the content type of an add-in if it is one."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "[Content_Types].xml" and add_in:
                content = content.replace(MACROS, ADD_IN)
            if name == "_rels/.rels":
                content = _linked(content)
            after.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
        after.writestr(zipfile.ZipInfo(RIBBON_PART, (1980, 1, 1, 0, 0, 0)), ribbon(language), zipfile.ZIP_DEFLATED)
    return target.getvalue()


def ribbon(language: Language) -> bytes:
    """One tab after Data, a group for each part of the work, a button for each command."""
    make = ElementMaker(namespace=RIBBON, nsmap={None: RIBBON})
    said = catalogue(language)["ribbon"]
    groups = []
    for group in GROUPS:
        buttons = []
        for control in (c for c in CONTROLS if c.group == group):
            enabled = {} if control.anywhere else {"getEnabled": "DunningEnabled"}
            shown = {"label": "label", "screentip": "tip", "supertip": "note"}
            attributes = {
                "id": f"dun_{control.key}",
                "imageMso": control.image,
                "size": "large" if control.large else "normal",
                "keytip": control.keytip,
            }
            attributes |= {name: said[f"{part}_{control.key}"] for name, part in shown.items()} | enabled
            buttons.append(make.button(attributes | {"tag": control.tag, "onAction": "DunningAction"}))
        groups.append(make.group(*buttons, id=f"dunGroup_{group}", label=said[f"group_{group}"]))
    tab = make.tab(*groups, id="dunTab", label=text(language, "ribbon", "tab"), insertAfterMso="TabData", keytip="DU")
    root = make.customUI(make.ribbon(make.tabs(tab)), onLoad="DunningLoad")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True, pretty_print=True)


def _linked(links: bytes) -> bytes:
    root = etree.fromstring(links)
    etree.SubElement(root, f"{{{LINKS}}}Relationship", Id="dunRibbon", Type=RIBBON_LINK, Target=RIBBON_PART)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


# ---------------------------------------------------------------------------------------------------------------- macros


def macros(sheets: Sequence[str], *, own_workbook: bool, language: Language = "en") -> bytes:
    """vbaProject.bin for a workbook with these sheets (code names). `own_workbook`: the macros are about the workbook they are in."""
    with tempfile.TemporaryDirectory() as folder:
        shell = Path(folder) / "shell.xlsm"
        shell.write_bytes(empty_shell(sheets))
        file = ExcelFile(shell)
        project = file.add_vba_project()
        for name, source in modules(own_workbook=own_workbook, language=language).items():
            project.add_module(name, source, kind=VBAModuleKind.other if source.startswith("VERSION") else VBAModuleKind.standard)
        for name in ("ThisWorkbook", *sheets):  # written anew, so that nothing compiled is left of the shell's
            own = source_of("ThisWorkbook.cls") if name == "ThisWorkbook" else ""
            file.set_module(name, file.get_module(name).rstrip("\r\n") + "\r\n" + own)
        file.save()
        return hardened(file.vba_project_bytes())


def modules(*, own_workbook: bool, language: Language = "en") -> Mapping[str, str]:
    """Name -> source of every module beside those of the workbook and its sheets."""
    from addin.wrappers import help_sub, wrappers

    made = {name: source_of(f"{name}.cls" if name.startswith("cls") else f"{name}.bas") for name in OURS}
    made |= {"xlwings": xlwings_module(own_workbook=own_workbook), "Dictionary": package_source("addin/Dictionary.cls")}
    return made | {"xlwings_udfs": wrappers(PROJECT), "modFunctionHelp": help_sub(language)}


def source_of(name: str) -> str:
    """A VBA source of ours, with the line ends that VBA wants. Raises WorkbookError for a character that VBA cannot hold."""
    content = (Path(__file__).parent / "vba" / name).read_text(encoding="utf-8")
    if not content.isascii():
        raise WorkbookError(f"{name} has characters beyond ASCII; VBA would turn them into question marks. Texts belong into rules/words.")
    return "\r\n".join(content.splitlines()) + "\r\n"


def hardened(project: bytes) -> bytes:
    """The project without a trace of compiled code, its directory tree all black: [MS-OVBA] 2.3.4.1, [MS-CFB] 2.6.4."""
    container = CFB.from_bytes(project)
    container.write_stream_at(("VBA",), "_VBA_PROJECT", SOURCELESS)
    content = bytearray(container.to_bytes())
    for entry in entries(content):
        if content[entry + 66]:
            content[entry + 67] = 1
    return bytes(content)


def entries(content: bytes | bytearray) -> list[int]:
    """Where the entries of a compound file's directory stand."""
    size = 1 << struct.unpack_from("<H", content, 30)[0]
    first, *fat_sectors = struct.unpack_from("<I", content, 48) + struct.unpack_from("<109I", content, 76)
    fat = [entry for sector in fat_sectors if sector < 0xFFFFFFFA for entry in struct.unpack_from(f"<{size // 4}I", content, (sector + 1) * size)]
    found: list[int] = []
    while first < 0xFFFFFFFA:
        found += [(first + 1) * size + at for at in range(0, size, 128)]
        first = fat[first]
    return found
