"""The add-in is put where Excel opens it and taken away again; what is not ours, or was changed, is left alone."""

import importlib.util
import io
import json
import sys
import types
import zipfile
from importlib.metadata import version
from importlib.util import cache_from_source
from pathlib import Path

import pytest
from typer.testing import CliRunner

from addin import install, xlam
from addin.cli import app
from addin.machine import Machine, windows_subkeys, windows_values
from rules.errors import WorkbookError
from tests.addin.excel.pc import pc, quick  # noqa: F401


def everything(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.usefixtures("quick")
def test_on_windows_the_add_in_its_settings_and_a_list_of_both_are_written(tmp_path: Path) -> None:
    machine = pc(tmp_path)

    report = install.install(machine, "fr")

    assert xlam.build_add_in("fr") == (tmp_path / "home/AppData/Roaming/Microsoft/Excel/XLSTART/Dunning.xlam").read_bytes()
    lines = f'"INTERPRETER_WIN","{machine.interpreter}"\r\n"ADD_WORKBOOK_TO_PYTHONPATH","False"\r\n'
    assert lines == (tmp_path / "home/.dunning/dunning.conf").read_bytes().decode("cp1252")
    assert {str(machine.add_in), str(machine.settings)} < set(install.installed(machine))
    assert (True, 1) == (report.changed, report.facts["compiled"])


@pytest.mark.usefixtures("quick")
def test_the_start_menu_gets_a_link_to_the_window_where_its_program_is(tmp_path: Path) -> None:
    machine, bare = pc(tmp_path), pc(tmp_path / "bare")
    bare.launcher.unlink()
    reports = [install.install(m, "en").sentence for m in (machine, bare)]
    link = tmp_path / "home/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Dunning live.url"
    lines = link.read_bytes().decode("cp1252").split("\r\n")

    assert ["[InternetShortcut]", f"URL=file:///{machine.launcher.as_posix().lstrip('/')}"] == lines[:2]
    assert [True, False] == ["The Start menu has Dunning live" in said for said in reports]
    assert not bare.link.exists()
    install.uninstall(machine)
    assert not link.exists()


def test_a_python_of_the_store_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    """Windows keeps what it writes below AppData in a copy of its own: Excel would never see the add-in, and nobody would know why."""
    machine = pc(tmp_path, base=tmp_path / "WindowsApps" / "PythonSoftwareFoundation.Python.3.12")
    before = everything(tmp_path)

    with pytest.raises(WorkbookError, match=r"Microsoft Store.*Nothing was changed"):
        install.install(machine, "en")
    assert before == everything(tmp_path)


def test_the_macros_files_are_in_the_code_page_of_windows_whatever_mode_python_runs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Windows")
    monkeypatch.setattr("locale.getencoding", lambda: "cp1252")

    assert "cp1252" == Machine.here().encoding


CACHES = (
    "AppData/Local/uv/cache/archive-v0/Xq1/Scripts/python.exe", ".cache/uv/builds-v0/.tmpA/bin/python", ".cache/uv/environments-v2/x/bin/python",
    "pipx/.cache/9f/bin/python",
)  # fmt: skip


@pytest.mark.parametrize("place", CACHES)
def test_a_python_that_goes_when_a_cache_is_emptied_is_refused(tmp_path: Path, place: str) -> None:
    """`uvx dunning excel install` would work today, and leave dead buttons one day."""
    machine = pc(tmp_path, interpreter=tmp_path / place)
    before = everything(tmp_path)

    with pytest.raises(WorkbookError, match=r"in a cache of uv or pipx.*uv tool install dunning.*Nothing was changed"):
        install.install(machine, "en")
    assert before == everything(tmp_path)


@pytest.mark.parametrize("place", ["AppData/Roaming/uv/tools/dunning/Scripts/python.exe", "pipx/venvs/dunning/bin/python", "archive/python.exe"])
def test_a_python_that_stays_is_not(tmp_path: Path, place: str) -> None:
    assert "" == install.unfit(pc(tmp_path, interpreter=tmp_path / place))


@pytest.mark.parametrize("missing", ["APPDATA", "USERPROFILE"])
def test_a_windows_that_does_not_say_where_the_users_files_are_is_a_sentence(tmp_path: Path, missing: str) -> None:
    machine = pc(tmp_path)
    machine = pc(tmp_path, environment={name: value for name, value in machine.environment.items() if name != missing})

    with pytest.raises(WorkbookError, match=f"the variable {missing} is missing"):
        install.install(machine, "en")


@pytest.mark.usefixtures("quick")
def test_what_a_crash_of_excel_left_beside_the_add_in_is_in_nobodys_way(tmp_path: Path) -> None:
    machine = pc(tmp_path)
    install.install(machine, "en")
    machine.add_in.with_name("~$Dunning.xlam").touch()

    assert install.install(machine, "fr").changed
    assert install.uninstall(machine).changed


@pytest.mark.usefixtures("quick")
def test_on_a_mac_the_script_that_starts_python_comes_with_it(tmp_path: Path) -> None:
    machine = pc(tmp_path, "mac")

    install.install(machine, "en")

    library = tmp_path / "home" / "Library"
    startup = library / "Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel"
    script = library / "Application Scripts/com.microsoft.Excel" / f"xlwings-{version('xlwings')}.applescript"
    assert [True, True] == [(startup / "Dunning.xlam").exists(), script.exists()]
    assert (library / "Containers/com.microsoft.Excel/Data/dunning.conf").read_text(encoding="utf-8").startswith('"INTERPRETER_MAC"')


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("system", ["windows", "mac"])
def test_what_was_installed_is_removed_and_nothing_else(tmp_path: Path, system: str) -> None:
    machine = pc(tmp_path, system)
    machine.startup.mkdir(parents=True)
    (machine.startup / "Other.xlam").write_bytes(b"of somebody else")
    before = everything(tmp_path)
    install.install(machine, "en")

    report = install.uninstall(machine)

    assert before == everything(tmp_path)
    assert [] == report.facts["left"]
    assert install.uninstall(machine).sentence.startswith("Nothing is installed")


@pytest.mark.usefixtures("quick")
def test_running_it_again_changes_nothing(tmp_path: Path) -> None:
    machine = pc(tmp_path)
    install.install(machine, "en")
    before = everything(tmp_path)

    assert not install.install(machine, "en").changed
    assert before == everything(tmp_path)


@pytest.mark.usefixtures("quick")
def test_another_language_or_version_replaces_what_was_installed(tmp_path: Path) -> None:
    machine = pc(tmp_path)
    install.install(machine, "en")

    install.install(machine, "de")

    assert xlam.build_add_in("de") == machine.add_in.read_bytes()
    assert 4 == install.uninstall(machine).facts["removed"]


@pytest.mark.usefixtures("quick")
def test_a_changed_file_is_left_and_named(tmp_path: Path) -> None:
    machine = pc(tmp_path)
    install.install(machine, "en")
    machine.settings.write_text('"INTERPRETER_WIN","mine"\r\n', encoding="utf-8")

    with pytest.raises(WorkbookError, match=r"dunning\.conf is not as dunning wrote it"):
        install.install(machine, "en")
    assert [str(machine.settings)] == install.uninstall(machine).facts["left"]
    assert machine.settings.exists()


@pytest.mark.usefixtures("quick")
def test_an_add_in_of_that_name_that_is_not_ours_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    machine = pc(tmp_path)
    machine.startup.mkdir(parents=True)
    machine.add_in.write_bytes(b"of somebody else")
    before = everything(tmp_path)

    with pytest.raises(WorkbookError, match="not overwritten"):
        install.install(machine, "en")
    assert before == everything(tmp_path)


@pytest.mark.usefixtures("quick")
def test_a_script_of_the_users_own_xlwings_stays_when_dunning_goes(tmp_path: Path) -> None:
    machine = pc(tmp_path, "mac")
    script = machine.scripts / f"xlwings-{version('xlwings')}.applescript"
    script.parent.mkdir(parents=True)
    script.write_bytes((install.package_folder("xlwings") / script.name).read_bytes())
    install.install(machine, "en")
    install.uninstall(machine)

    assert script.exists()


@pytest.mark.usefixtures("quick")
def test_cut_off_after_any_file_it_is_finished_by_running_it_again_and_removed_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From one language to another: whatever stands there is known to be ours."""
    put = install._put
    for cut in range(3):  # before the list, after it, after the add-in
        machine = pc(tmp_path / str(cut))
        install.install(machine, "en")
        written: list[Path] = []

        def cutting(path: Path, content: bytes, cut: int = cut, written: list[Path] = written) -> None:
            if len(written) == cut:
                raise KeyboardInterrupt
            written.append(path)
            put(path, content)

        monkeypatch.setattr(install, "_put", cutting)
        with pytest.raises(KeyboardInterrupt):
            install.install(machine, "fr")
        monkeypatch.setattr(install, "_put", put)
        install.install(machine, "de")

        assert xlam.build_add_in("de") == machine.add_in.read_bytes()
        assert [] == install.uninstall(machine).facts["left"]


@pytest.mark.usefixtures("quick")
def test_while_excel_holds_the_add_in_it_is_neither_replaced_nor_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = pc(tmp_path)
    install.install(machine, "en")
    opened = Path.open

    def held(path: Path, mode: str = "r", *rest: object, **more: object) -> io.IOBase:
        if path == machine.add_in and "+" in mode:
            raise PermissionError(13, "used by another process")
        return opened(path, mode, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", held)

    for step in (lambda: install.install(machine, "fr"), lambda: install.uninstall(machine)):
        with pytest.raises(WorkbookError, match="Close Excel and run again"):
            step()
    assert not install.install(machine, "en").changed, "nothing is to be replaced, so nothing is in the way"


@pytest.mark.usefixtures("quick")
def test_a_folder_in_which_one_may_not_write_is_a_sentence(tmp_path: Path) -> None:
    machine = pc(tmp_path)
    machine.startup.parent.mkdir(parents=True)
    machine.startup.write_bytes(b"a file where a folder should be")

    with pytest.raises(WorkbookError, match="could not be written"):
        install.install(machine, "en")


def test_an_interpreter_whose_path_the_macros_cannot_read_is_refused(tmp_path: Path) -> None:
    machine = pc(tmp_path, interpreter=tmp_path / "Jérôme" / "python.exe")

    assert "Jérôme".encode("cp1252") in install.settings(machine)
    with pytest.raises(WorkbookError, match="plain letters"):
        install.settings(pc(tmp_path, interpreter=tmp_path / "Łukasz" / "python.exe"))


def test_a_damaged_list_is_a_sentence(tmp_path: Path) -> None:
    machine = pc(tmp_path)
    machine.ours.mkdir(parents=True)
    (machine.ours / install.MANIFEST).write_text(json.dumps(["x"]), encoding="utf-8")

    with pytest.raises(WorkbookError, match="is damaged"):
        install.uninstall(machine)


def test_compiled_is_what_is_not_compiled_yet(tmp_path: Path, quick: Path) -> None:  # noqa: F811
    made = install.compile_missing(pc(tmp_path))
    compiled = Path(cache_from_source(str(quick)))

    assert {str(compiled): [install.hash_of(compiled)]} == made
    assert {} == install.compile_missing(pc(tmp_path))


def test_what_was_compiled_of_an_older_source_is_compiled_again(tmp_path: Path, quick: Path) -> None:  # noqa: F811
    """Python, started so that it writes none, would compile it anew at every click."""
    install.compile_missing(pc(tmp_path))
    quick.write_text("ANSWER = 1_000\n", encoding="utf-8")

    assert not install.is_compiled(quick)
    assert 1 == len(install.compile_missing(pc(tmp_path)))
    assert install.is_compiled(quick)
    Path(cache_from_source(str(quick))).write_bytes(b"of another Python")
    assert not install.is_compiled(quick)


def test_a_module_that_breaks_costs_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of somebody's package that fails with more than a missing import: all others are listed, and compiled."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "__init__.py").touch()
    (tmp_path / "broken" / "bad.py").write_text("raise RuntimeError\n", encoding="utf-8")
    (tmp_path / "broken" / "good.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(install, "LOADED", install.LOADED.replace(f"*{install.PACKAGES!r}", "'broken'"))
    loaded = {p.name for p in install.click_loads(pc(tmp_path, interpreter=Path(sys.executable)))}

    assert {"good.py"} == {"good.py", "bad.py"} & loaded


@pytest.mark.usefixtures("quick")
def test_where_nothing_can_be_compiled_the_answer_says_what_it_costs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "is_compiled", lambda source: False)
    monkeypatch.setattr(install, "click_loads", lambda machine: [])

    assert install.install(pc(tmp_path), "en").sentence.endswith("so each click takes seconds: run `dunning excel doctor`.")


def test_what_cannot_be_compiled_is_left_as_it_is(tmp_path: Path, quick: Path) -> None:  # noqa: F811
    quick.write_text("not python at all", encoding="utf-8")

    assert {} == install.compile_missing(pc(tmp_path))


def test_a_click_loads_ours_xlwings_and_what_these_import(tmp_path: Path) -> None:
    loaded = {p.as_posix() for p in install.click_loads(pc(tmp_path, interpreter=Path(sys.executable)))}
    wanted = [install.package_folder(p) for p in ("xlwings", "pandas", "openpyxl", *install.PACKAGES)]

    assert [] == [folder for folder in wanted if (folder / "__init__.py").as_posix() not in loaded]
    assert (install.package_folder("addin") / "ribbon.py").as_posix() in loaded


def test_on_any_system_building_works_and_elsewhere_installing_says_where_it_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    built = CliRunner().invoke(app, ["excel", "build", "--language", "fr"])
    again = CliRunner().invoke(app, ["excel", "build", "--language", "fr", "--json"])
    other = CliRunner().invoke(app, ["excel", "build", "--language", "de"])
    kind = zipfile.ZipFile("Dunning.xlam").read("[Content_Types].xml")

    assert (0, 0, False) == (built.exit_code, again.exit_code, json.loads(again.stdout)["changed"])
    assert b"addin.macroEnabled.main" in kind
    assert "not overwritten" in str(other.exception)
    with pytest.raises(WorkbookError, match="Excel runs on Windows and on the Mac; this is Linux"):
        install.install(pc(Path(), "other"), "en")


@pytest.mark.parametrize(("to", "said"), [("x.xlsx", "no name of an add-in"), ("missing/x.xlam", "could not be written")])
def test_a_wrong_place_to_build_to_is_a_sentence(tmp_path: Path, to: str, said: str) -> None:
    with pytest.raises(WorkbookError, match=said):
        install.build_to(tmp_path / to, "en")


def test_this_machine_is_known() -> None:
    here = Machine.here()

    assert (Path(sys.executable), Path.home() / ".dunning") == (here.interpreter, here.ours)


def test_the_registry_is_read_through_winreg(monkeypatch: pytest.MonkeyPatch) -> None:
    """Value by value until it says that there are no more; a key that is not there is empty."""

    class Key:
        def __init__(self, values: dict[str, object]) -> None:
            self.values = list(values.items())

        def __enter__(self) -> "Key":
            return self

        def __exit__(self, *_: object) -> None:
            pass

    keys = {("HKCU", "A"): Key({"x": 1, "y": "z"})}

    def opened(hive: str, path: str, reserved: int, access: int) -> Key:
        assert 0x101 == access
        if (hive, path) not in keys:
            raise FileNotFoundError
        return keys[hive, path]

    def value(key: Key, at: int) -> tuple[str, object, int]:
        if at >= len(key.values):
            raise OSError
        return *key.values[at], 1

    def name(key: Key, at: int) -> str:
        return value(key, at)[0]

    fake = types.ModuleType("winreg")
    vars(fake).update(
        HKEY_CURRENT_USER="HKCU", HKEY_LOCAL_MACHINE="HKLM", KEY_READ=1, KEY_WOW64_64KEY=0x100, OpenKey=opened, EnumValue=value, EnumKey=name
    )
    monkeypatch.setitem(sys.modules, "winreg", fake)

    assert ({"x": 1, "y": "z"}, ["x", "y"]) == (windows_values("HKCU\\A"), windows_subkeys("HKCU\\A"))
    assert {} == windows_values("HKLM\\B\\C")


def test_a_package_that_is_missing_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(WorkbookError, match="not installed beside dunning"):
        install.package_folder("xlwings")
