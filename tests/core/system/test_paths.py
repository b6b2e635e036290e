from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from explorer.core.system import paths


def test_home_variable_puts_all_three_folders_beneath_one(app_home: Path) -> None:
    home = app_home.resolve()
    assert (paths.data_dir(), paths.cache_dir(), paths.config_dir()) == (home / "data", home / "cache", home / "config")


def test_without_it_platformdirs_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    platformdirs = pytest.importorskip("platformdirs")
    monkeypatch.delenv("FME_HOME")
    assert paths.data_dir() == Path(platformdirs.user_data_dir("feature-map-explorer", appauthor=False))
    assert paths.config_dir() == Path(platformdirs.user_config_dir("feature-map-explorer", appauthor=False))
    assert paths.cache_dir() == Path(platformdirs.user_cache_dir("feature-map-explorer", appauthor=False))


def test_search_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, app_home: Path) -> None:
    monkeypatch.setenv("FME_WEIGHTS", os.pathsep.join([str(tmp_path / "a"), str(tmp_path / "b")]))
    folders = paths.weight_dirs()
    assert folders[:3] == (tmp_path.resolve() / "a", tmp_path.resolve() / "b", app_home.resolve() / "data" / "weights")
    assert folders[-1] == paths.resources() / "weights"
    assert len(set(folders)) == len(folders) >= 5


def test_resources_in_a_source_tree_and_in_a_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module = tmp_path / "site" / "explorer" / "core" / "system" / "paths.py"
    module.parent.mkdir(parents=True)
    monkeypatch.setattr(paths, "__file__", str(module))
    assert paths.resources() == tmp_path.resolve() / "site" / "resources"
    (tmp_path / "site" / "explorer" / "resources").mkdir()
    assert paths.resources() == tmp_path.resolve() / "site" / "explorer" / "resources"


def test_documentation_is_the_built_site_else_its_markdown_else_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    module = tmp_path / "explorer" / "core" / "system" / "paths.py"
    module.parent.mkdir(parents=True)
    monkeypatch.setattr(paths, "__file__", str(module))
    root = tmp_path.resolve()
    assert paths.documentation() == (None, False)
    for place, built in (
        ("docs/index.md", False),
        ("build/docs/index.html", True),
        ("resources/docs/index.html", True),
    ):
        page = root / place
        page.parent.mkdir(parents=True)
        page.write_text("", encoding="utf-8")
        assert paths.documentation() == (page, built)


def test_frozen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path / "inner"), raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "app" / "fme"))
    assert paths.resources() == tmp_path / "inner" / "resources"
    assert paths.weight_dirs()[0] == tmp_path.resolve() / "app" / "weights"


def test_frozen_on_macos_looks_beside_the_bundle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "Explorer.app" / "Contents" / "MacOS" / "fme"))
    assert paths.weight_dirs()[0] == tmp_path.resolve() / "weights"


def test_a_folder_beside_the_executable_is_a_target_only_when_it_exists(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, app_home: Path
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "fme"))
    assert paths.download_dir() == app_home.resolve() / "data" / "weights"
    (tmp_path / "weights").mkdir()
    assert paths.download_dir() == tmp_path.resolve() / "weights"


def test_the_first_writable_folder_is_the_target(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, app_home: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("FME_WEIGHTS", str(blocked))
    assert not paths.can_write(blocked)
    assert not paths.can_write(blocked / "inside")
    assert paths.download_dir() == app_home.resolve() / "data" / "weights"
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert paths.download_dir() is None


def test_looking_makes_no_folder(app_home: Path) -> None:
    paths.weight_dirs(), paths.download_dir(), paths.config_dir()
    assert list(app_home.iterdir()) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only on Linux do packages share such a folder")
def test_a_package_of_weights_is_found_after_the_persons_own_and_before_the_applications(
    monkeypatch: pytest.MonkeyPatch, app_home: Path
) -> None:
    pytest.importorskip("platformdirs")
    monkeypatch.setenv("XDG_DATA_DIRS", "/usr/local/share:/usr/share")
    folders = paths.weight_dirs()
    package = folders.index(Path("/usr/share/feature-map-explorer/weights"))
    assert (
        folders.index(app_home.resolve() / "data" / "weights") < package < folders.index(paths.resources() / "weights")
    )
