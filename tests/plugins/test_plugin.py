"""A package outside the program adds methods, inputs, a layer view and a workspace by entry points; what does not work is a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer import catalogue
from explorer.cli import run
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.engine.inputs import named_input, open_input

FOLDER = Path(__file__).parents[1] / "support" / "plugin"


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package as if it were installed, and gone again."""
    registries = (catalogue.methods, catalogue.inputs, catalogue.layer_views, catalogue.workspaces)
    monkeypatch.syspath_prepend(FOLDER)
    for registry in registries:
        registry.again()
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "fme_example"]:
        del sys.modules[name]
    monkeypatch.undo()
    for registry in registries:
        registry.again()


def about_lines(app: Any) -> set[str]:
    """What the dialog About of a window says."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication, QLabel

    lines: set[str] = set()

    def read() -> None:
        dialog = QApplication.activeModalWidget()
        lines.update(label.text() for label in dialog.findChildren(QLabel))
        dialog.reject()

    QTimer.singleShot(0, read)
    app.commands.show_about()
    return {line.replace("\u200b", "") for line in lines}


@pytest.mark.usefixtures("plugin")
def test_what_works_is_there_and_what_does_not_is_a_line() -> None:
    assert catalogue.methods.get("peak") is not None
    assert catalogue.inputs.get("example.pattern") is not None
    assert catalogue.workspaces.get("depth") is not None
    assert catalogue.layer_views.get("example.energy") in catalogue.views_of("compare")
    lines = [problem.text for problem in catalogue.problems()]
    assert any("broken of fme-example" in line and "a_package_that_is_not_there" in line for line in lines)
    assert any("old of fme-example" in line and "version 0" in line for line in lines)
    assert len(lines) == 2


@pytest.mark.usefixtures("plugin")
def test_doctor_and_about_list_them(qapp: Any) -> None:
    from PySide6.QtWidgets import QLabel

    from explorer.cli.doctor_checks import plug_ins
    from explorer.ui.dialogs.about import AboutDialog

    lines = {line.name: line for line in plug_ins()}
    assert lines["added methods"].value.startswith("peak of fme-example")
    assert lines["added layer views"].value == "example.energy of fme-example"
    assert lines["old of fme-example"].state == "warning"
    dialog = AboutDialog()
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    dialog.deleteLater()
    assert "a_package_that_is_not_there" in words


@pytest.mark.usefixtures("plugin")
def test_its_kind_of_input_opens_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert named_input("example.pattern:4") == InputRef("example.pattern", "4")
    picture = open_input(InputRef("example.pattern", "4"))
    assert picture.pixels.shape == (32, 32, 3)
    assert picture.pixels[0, 0, 0] == 0
    assert picture.pixels[0, 8, 0] == 255
    assert run(["predict", "demo:seeded", "--input", "example.pattern:4", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["input"] == picture.digest
    assert run(["predict", "demo:seeded", "--input", "example.pattern:x"]) == 1
    assert "no number of cells" in capsys.readouterr().err


def test_without_the_package_its_inputs_are_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    from explorer.core.errors import ExplorerError

    with pytest.raises(ExplorerError, match=r"example\.pattern"):
        open_input(InputRef("example.pattern", "4"))


@pytest.mark.usefixtures("plugin")
def test_its_method_has_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["peak", "demo:seeded", "--input", "sample:cat", "--tap", "stem", "--channel", "1", "--json"]
    assert run(asked) == 0
    found = json.loads(capsys.readouterr().out)
    assert run([*asked, "--lowest"]) == 0
    assert json.loads(capsys.readouterr().out)["value"] <= found["value"]


@pytest.mark.usefixtures("plugin")
@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_in_the_window_it_has_a_page_and_a_workspace(window: Callable[..., Any]) -> None:
    app = window()
    app.start(ModelSpec("demo:seeded"), InputRef("example.pattern", "4"))
    app.wait_capture()
    app.change(tap="stem", channel=1)
    app.rest()
    app.open_page("peak")
    page = app.page("peak")
    page.toggle()
    app.rest()
    assert page.found.value == pytest.approx(float(app.capture.values["stem"][1].max()))
    app.turn_to("depth")
    assert app.workspace == "depth"
    view = app.view("depth")
    assert view.isVisible()
    assert view.means == pytest.approx([float(np.abs(v).mean()) for v in app.capture.values.values()])
    assert "raising" not in app.toolbar.workspaces
    assert [problem.name for problem in app.broken] == ["pageless", "raising"]
    assert app.broken[1].reason == "it cannot be made: RuntimeError: no drawing today"
    assert "its page cannot be made" in app.broken[0].reason
    assert {problem.text for problem in app.broken} <= about_lines(app)
    assert "pageless" not in app.explore.channel.names
    app.turn_to("explore")
    session = app.whole_session()
    app.turn_to("depth")
    assert app.whole_session().workspace == "depth"
    assert session.workspace == "explore"


@pytest.mark.usefixtures("plugin")
def test_a_page_that_raises_while_it_draws_says_so_in_place(window: Callable[..., Any]) -> None:
    app = window()
    app.start(ModelSpec("demo:seeded"), InputRef("sample", "cat"))
    app.wait_capture()
    app.change(tap="stem", channel=1)
    app.rest()
    app.open_page("smudge")
    page = app.page("smudge")
    page.toggle()
    app.rest()
    assert "no ink" in page.message.text()
    app.open_page("health")
    app.rest()
    assert app.banner.kind != "error"


@pytest.mark.usefixtures("plugin")
def test_its_method_over_two_models_has_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sizes", "demo:seeded", "demo:seeded", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ratio"], found["models"]) == (1.0, ["demo:seeded", "demo:seeded"])


@pytest.mark.usefixtures("plugin")
def test_its_layer_view_is_in_both_menus_and_its_method_over_two_models_in_compare(window: Callable[..., Any]) -> None:
    app = window()
    app.start(ModelSpec("demo:seeded"), InputRef("sample", "cat"))
    app.wait_capture()
    app.change(tap="stem", shows="example.energy")
    app.rest()
    drawn = app.explore.features.places
    length = np.linalg.norm(app.capture.values["stem"].astype(float), axis=0)
    assert app.explore.maps.shows.currentText() == "Energy"
    np.testing.assert_array_equal(drawn.rgb[..., 0], (255 * length / length.max()).astype(np.uint8))
    app.turn_to("compare")
    app.rest()
    app.compare.view_all("example.energy")
    app.rest()
    for column in app.compare.columns:
        assert column.features.places.rgb is not None
    part = app.compare.pair("sizes")
    part.toggle()
    app.rest()
    assert part.view.page.line.text() == "A : B = 1.000"


@pytest.mark.usefixtures("plugin")
def test_without_the_package_its_layer_view_is_said_to_be_missing(window: Callable[..., Any]) -> None:
    app = window()
    app.start(ModelSpec("demo:seeded"), InputRef("sample", "cat"))
    app.wait_capture()
    app.change(tap="stem", shows="example.gone")
    app.rest()
    assert "not installed" in app.explore.features.places.view.message.text()
