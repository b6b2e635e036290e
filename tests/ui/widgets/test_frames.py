"""Tree, banner, key sheet, panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hands import pixels_of
from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot
from wrappers import at_risk

from explorer.core.activations import Kind, Layout, Tap
from explorer.core.errors import Failure
from explorer.core.progress import Progress
from explorer.ui import theme
from explorer.ui.widgets.banner import Banner
from explorer.ui.widgets.frames import Elided, Frame, Parts
from explorer.ui.widgets.keysheet import KeySheet
from explorer.ui.widgets.text_window import TextWindow
from explorer.ui.widgets.tree import ModuleTree

Show = Callable[..., Any]


def tap(path: str, kind: str = "Conv2d", name: str = "", **fields: Any) -> Tap:
    return Tap(name or path, path, 0, kind, Kind.OTHER, shape=(1, 8, 4, 4), layout=Layout.NCHW, **fields)


TAPS = [
    tap("features.0", "Conv2d"),
    tap("features.1.conv", "Conv2d"),
    tap("features.1.relu", "ReLU"),
    tap("features.1.relu", "ReLU", "features.1.relu_1"),
    tap("features.1", "Block"),
    tap("head.attn", "Fused", observable=False, reason="Its values never leave the kernel."),
    tap("", "Net", "output"),
]


@pytest.fixture
def tree(show: Show) -> ModuleTree:
    out = show(ModuleTree(), 400, 500)
    out.set_taps(TAPS)
    return out


def names(tree: ModuleTree, parent: QModelIndex | None = None) -> list[str]:
    """Indented labels of what the search leaves."""
    model, out = tree.view.model(), []
    parent = parent or QModelIndex()
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        out.append(index.data())
        out += ["  " + label for label in names(tree, index)]
    return out


def test_the_tree_is_that_of_the_modules(tree: ModuleTree) -> None:
    assert names(tree) == [
        "output",
        "  features",
        "    0",
        "    1",
        "      conv",
        "      relu",
        "      relu_1",
        "  head",
        "    attn",
    ]


def test_going_to_a_tap_tells_its_name(tree: ModuleTree, qtbot: QtBot) -> None:
    told: list[str] = []
    tree.chosen.connect(told.append)
    tree.view.expandAll()
    tree.set_current("output")
    for _ in range(5):
        qtbot.keyClick(tree.view, Qt.Key.Key_Down)
    assert told == ["features.0", "features.1", "features.1.conv", "features.1.relu"]  # "features" itself is no tap


def test_setting_the_current_tap_tells_nothing(tree: ModuleTree, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(tree.chosen):
        tree.set_current("features.1.relu_1")
        tree.set_current("there is none")
    assert tree.view.currentIndex().data() == "relu_1"


def test_search_by_name_and_by_type(tree: ModuleTree, qtbot: QtBot) -> None:
    qtbot.keyClicks(tree.search, "relu")
    assert names(tree) == ["output", "  features", "    1", "      relu", "      relu_1"]
    tree.search.setText("fused")
    assert names(tree) == ["output", "  head", "    attn"]
    tree.search.setText("nothing like it (")
    assert names(tree) == []
    qtbot.keyClick(tree.search, Qt.Key.Key_Escape)
    assert len(names(tree)) == 9


def test_return_goes_to_the_first_match(tree: ModuleTree, qtbot: QtBot) -> None:
    tree.search.setText("relu")
    with qtbot.waitSignal(tree.chosen) as told:
        qtbot.keyClick(tree.search, Qt.Key.Key_Return)
    assert told.args == ["features.1.relu"]


def test_what_cannot_be_observed_is_grey_and_says_why(tree: ModuleTree, qapp: QApplication) -> None:
    tree.set_current("head.attn")
    index = tree.view.currentIndex()
    assert "never leave" in index.data(Qt.ItemDataRole.ToolTipRole)
    for look in theme.THEMES.values():
        theme.apply(qapp, look)
        assert index.data(Qt.ItemDataRole.ForegroundRole).color().name() == look.off


def test_another_model_replaces_the_tree(tree: ModuleTree) -> None:
    tree.set_taps([tap(f"layer{at}.{n}") for at in range(10) for n in range(50)])
    assert len(names(tree)) == 510
    tree.set_taps([])
    assert names(tree) == []


@pytest.fixture
def banner(show: Show) -> Banner:
    out = show(Banner(), 700, 120)
    out.hide()
    return out


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_a_failure_says_what_happened_and_what_to_do_and_tells_the_rest_when_asked(
    banner: Banner, qtbot: QtBot
) -> None:
    assert banner.kind == ""
    banner.show_failure(Failure("No maps.", "Memory ran out.", "Choose a smaller picture.", "Traceback: x"))
    assert banner.kind == "error"
    assert banner.message.text() == "No maps.\nChoose a smaller picture."
    assert not banner.cancel.isVisible()
    told: list[str] = []

    def read() -> None:
        window = QApplication.activeModalWidget()
        assert isinstance(window, TextWindow)
        told.append(window.text.toPlainText())
        window.reject()

    QTimer.singleShot(0, read)
    banner.more.click()
    assert told == ["No maps.\nMemory ran out.\nChoose a smaller picture.\nTraceback: x"]
    banner.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert "Memory ran out." in copied
    assert "Traceback: x" in copied
    with qtbot.waitSignal(banner.closed):
        banner.close_button.click()
    assert banner.kind == ""


def test_progress_can_be_cancelled(banner: Banner, qtbot: QtBot) -> None:
    banner.show_progress(Progress("Loading", 0.25))
    assert banner.progress.value() == 250
    with qtbot.waitSignal(banner.cancelled):
        banner.cancel.click()
    with qtbot.waitSignal(banner.cancelled):
        qtbot.keyClick(banner, Qt.Key.Key_Escape)
    banner.show_progress(Progress("Loading"), cancellable=False)
    assert banner.progress.maximum() == 0
    assert not banner.cancel.isVisible()


def test_a_message_follows_a_failure_without_its_buttons(banner: Banner) -> None:
    banner.show_failure(Failure("No maps.", details="Traceback"))
    banner.show_message("<b>Saved</b> to maps.npz")
    assert banner.kind == "info"
    assert not banner.copy.isVisible()
    assert not banner.more.isVisible()
    assert banner.message.textFormat() == Qt.TextFormat.PlainText


def test_the_key_sheet_covers_its_window_and_goes_by_any_key(show: Show, qtbot: QtBot, looks: theme.Theme) -> None:
    page = show(QWidget(), 900, 600)
    sheet = KeySheet(page)
    sheet.set_groups([("Layers", [("← →", "next, previous")]), ("Files", [("Ctrl+O", "open")])])
    assert not sheet.isVisible()
    sheet.open()
    assert sheet.geometry() == page.rect()
    assert theme.current().accent in pixels_of(sheet)
    page.resize(700, 500)
    assert sheet.geometry() == page.rect()
    with qtbot.waitSignal(sheet.closed):
        qtbot.keyClick(sheet, Qt.Key.Key_A)
    assert not sheet.isVisible()
    sheet.open()
    with qtbot.waitSignal(sheet.closed):
        qtbot.mouseClick(sheet, Qt.MouseButton.LeftButton)


def test_a_panel_stacks_sections(show: Show) -> None:
    panel = show(Frame("Input"), 200, 200)
    panel.add(QLabel("picture"))
    caption = panel.section("This layer")
    assert caption.text() == "THIS LAYER"
    assert caption.accessibleName() == "This layer"
    panel.set_title("Picture")
    assert "PICTURE" in {label.text() for label in panel.findChildren(QLabel)}


def test_a_long_text_is_shortened_and_kept_as_tip(show: Show) -> None:
    label = show(Elided(), 120, 20)
    label.set_text("features.denseblock4.denselayer16.conv2")
    assert "…" in label.text()
    assert label.toolTip().endswith("denselayer16.conv2")
    label.resize(900, 20)
    assert label.text() == label.toolTip()


def test_the_tree_keeps_no_wrapper_of_what_qt_made(tree: ModuleTree) -> None:
    """Such a wrapper outlives the item that set_taps deletes, and comes back as an entry of a menu: a crash."""
    before = at_risk()
    for _ in range(3):
        tree.set_taps(TAPS)
        tree.search.setText("conv")
        tree.search.setText("")
    assert at_risk() - before == {}
    assert tree._model.columnCount() == 3
    assert tree._model.headerData(2, Qt.Orientation.Horizontal) == "shape"


def test_words_go_whole_and_the_first_one_last(show: Show) -> None:
    label = show(Parts(), 400, 20)
    label.set_text("max 3.80 at (6, 4)   min 0")
    assert label.text() == "max 3.80 at (6, 4)   min 0"
    label.resize(label.fontMetrics().horizontalAdvance("max 3.80 at (6, 4)   mi"), 20)
    assert label.text() == "max 3.80 at (6, 4)"
    assert label.toolTip() == "max 3.80 at (6, 4)   min 0"
    label.resize(60, 20)
    assert "…" in label.text()


def test_words_may_stand_between_signs_of_their_own(show: Show) -> None:
    label = show(Parts("  ·  "), 400, 20)
    label.set_parts(["BatchNorm2d", "32 × 48 × 48", "before ReLU"])
    assert label.text() == "BatchNorm2d  ·  32 × 48 × 48  ·  before ReLU"
    label.resize(label.fontMetrics().horizontalAdvance(label.text()) - 10, 20)
    assert label.text() == "BatchNorm2d  ·  32 × 48 × 48"
    assert label.toolTip() == "BatchNorm2d\n32 × 48 × 48\nbefore ReLU"
