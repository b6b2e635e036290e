"""Settings come back as they were chosen; About tells what is there."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QLabel

from explorer import __version__
from explorer.core.system import paths
from explorer.engine.capture.cache import default_budget
from explorer.engine.worker import Ready
from explorer.ui.dialogs import about
from explorer.ui.dialogs.about import AboutDialog, libraries
from explorer.ui.dialogs.settings_dialog import SettingsDialog, SettingsValues

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

READY = Ready((("cpu", "CPU"), ("cuda:0", "Some GPU")), "cpu", 7, 8)
Opened = Callable[..., Any]


@pytest.mark.parametrize(
    ("device", "threads", "budget", "theme"),
    [("cpu", 7, 0, "dark"), ("cuda:0", 1, 3 << 30, "light"), ("cuda:0", 8, 123_456_789_012, "dark")],
)
def test_what_was_set_comes_back(opened: Opened, device: str, threads: int, budget: int, theme: str) -> None:
    dialog = opened(SettingsDialog(READY, device, threads, budget, theme))
    assert dialog.values == SettingsValues(device, threads, budget, theme)


def test_what_was_never_set_is_what_is_in_use(opened: Opened) -> None:
    assert opened(SettingsDialog(READY, "", 0, 0, "")).values == SettingsValues("cpu", 7, 0, "dark")


def test_a_device_that_is_gone_is_not_offered(opened: Opened) -> None:
    assert opened(SettingsDialog(READY, "mps", 2, 0, "dark")).values.device == "cpu"


def test_choices_are_taken(opened: Opened) -> None:
    dialog = opened(SettingsDialog(READY, "cpu", 7, 0, "dark"))
    assert dialog.budget.value() == pytest.approx(default_budget() / 2**30, abs=1e-3)
    assert not dialog.budget.isEnabled()
    dialog.device.setCurrentIndex(1)
    dialog.threads.setValue(99)
    dialog.automatic.click()
    dialog.budget.setValue(1.5)
    dialog.theme.setCurrentIndex(1)
    assert dialog.values == SettingsValues("cuda:0", 8, 3 << 29, "light")
    dialog.automatic.click()
    assert dialog.values.budget == 0


def test_each_setting_is_explained(opened: Opened) -> None:
    said = " ".join(label.text() for label in opened(SettingsDialog(READY, "", 0, 0, "dark")).findChildren(QLabel))
    assert "Usually 7: one core is kept for the interface" in said
    assert "continues on the CPU" in said
    assert "computed again" in said
    one = Ready((("cpu", "CPU"),), "cpu", 1, 1)
    said = " ".join(label.text() for label in opened(SettingsDialog(one, "", 0, 0, "dark")).findChildren(QLabel))
    assert "one core, shared" in said


def test_about_names_versions_and_terms(opened: Opened) -> None:
    dialog = opened(AboutDialog())
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert f"Version {__version__}" in texts
    assert any("Apache License 2.0" in text for text in texts)
    assert any("GNU Lesser General Public License" in text for text in texts)
    found = dict(libraries())
    assert found["PyTorch"] == version("torch")
    assert found["Pillow"] == version("pillow")
    assert found["PyTorch"] in [label.toolTip() for label in dialog.findChildren(QLabel)]
    assert dialog.height() <= 740


def test_a_folder_is_made_when_a_person_opens_it(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    urls: list[QUrl] = []
    monkeypatch.setattr(about.QDesktopServices, "openUrl", lambda url: urls.append(url) or True)
    dialog = opened(AboutDialog())
    folder = paths.config_dir()
    assert not folder.exists()
    assert dialog.open_buttons["Settings"].text() == "Create and open"
    dialog.open_buttons["Settings"].click()
    assert folder.is_dir()
    assert [Path(url.toLocalFile()) for url in urls] == [folder]
    assert dialog.problem.text() == ""


def test_a_folder_that_cannot_be_opened_is_said(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(about.QDesktopServices, "openUrl", lambda url: False)
    dialog = opened(AboutDialog())
    dialog.open_buttons["Samples"].click()
    assert str(paths.resources()) in dialog.problem.text()


def test_a_folder_that_cannot_be_made_is_said(opened: Opened) -> None:
    blocked = paths.cache_dir()
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("a file stands where the folder would be")
    dialog = opened(AboutDialog())
    dialog.open_buttons["Cache"].click()
    assert "cannot be created" in dialog.problem.text()


def test_the_licences_of_a_package_can_be_read(opened: Opened, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    urls: list[QUrl] = []
    monkeypatch.setattr(about.QDesktopServices, "openUrl", lambda url: urls.append(url) or True)
    file = tmp_path / "NOTICES.txt"
    monkeypatch.setattr(about, "notices", lambda: file)
    assert not hasattr(opened(AboutDialog()), "licences")
    file.write_text("everything inside", encoding="utf-8")
    opened(AboutDialog()).licences.click()
    assert [Path(url.toLocalFile()) for url in urls] == [file]


def test_the_folders_of_weights_are_told_in_their_order(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FME_WEIGHTS", "/lab/weights")
    tips = [label.toolTip() for label in opened(AboutDialog()).findChildren(QLabel) if label.text() == "Weights"]
    lines = tips[0].splitlines()
    assert [Path(line.partition(". ")[2]) for line in lines[1:]] == list(about.locate.places())
    assert lines[1] == f"1. {Path('/lab/weights').resolve()}"
