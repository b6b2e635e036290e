"""Which model, with which weights: chosen, and never something that surprises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.models import ModelSpec, Preprocess
from explorer.core.weight_matches import ArchitectureFit, WeightMatch
from explorer.engine.models import CatalogueEntry, catalogue
from explorer.ui.dialogs import parts
from explorer.ui.dialogs.model_dialog import ModelDialog, named_like
from explorer.ui.dialogs.parts import WEIGHTS_FILTER
from explorer.ui.dialogs.weights_choice import Way

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

HERE = Path("weights") / "mobilenet_v2-7ebf99e0.pth"
ENTRIES = (
    CatalogueEntry("demo:seeded", "Seeded preview (untrained)", "Demo", None, True),
    CatalogueEntry("torchvision:resnet50", "resnet50", "ResNet"),
    CatalogueEntry("torchvision:vit_b_16", "vit_b_16", "Vision Transformer"),
    CatalogueEntry("torchvision:wide_resnet50_2", "wide_resnet50_2", "Wide ResNet"),
    CatalogueEntry("torchvision:mobilenet_v2", "mobilenet_v2", "MobileNet", HERE, True),
    CatalogueEntry("lab:tiny", "tiny", "Our lab"),
)
Opened = Callable[..., Any]


def dropped(dialog: ModelDialog, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    dialog.dropEvent(QDropEvent(QPointF(5, 5), copy, data, button, Qt.KeyboardModifier.NoModifier))


def file_in(folder: Path, name: str, text: str = "") -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_at_first_nothing_is_chosen(opened: Opened) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    assert dialog.models.current is None
    assert dialog.weights.way is None
    assert not dialog.ok.isEnabled()
    assert dialog.problem.text() == "Choose a model."


def test_found_weights_are_chosen_by_themselves(opened: Opened) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    dialog.models.select("torchvision:mobilenet_v2")
    assert dialog.weights.way is Way.FOUND
    assert dialog.weights._found.toolTip() == HERE.name
    assert dialog.ok.isEnabled()
    assert dialog.spec == ModelSpec("torchvision:mobilenet_v2")
    assert not dialog.allow_download


def test_without_weights_nothing_is_chosen_and_the_sentence_says_what_to_do(opened: Opened) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    dialog.models.select("torchvision:resnet50")
    assert dialog.weights.way is None
    assert not dialog.ok.isEnabled()
    assert dialog.problem.text() == (
        "There are no weights for resnet50 here: choose a file, the download, or untrained."
    )
    assert dialog.weights.possible() == (Way.FILE, Way.DOWNLOAD, Way.UNTRAINED)


def test_a_download_is_chosen_anew_for_every_model(opened: Opened) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    dialog.models.select("torchvision:resnet50")
    dialog.weights.choose(Way.DOWNLOAD)
    assert dialog.ok.isEnabled()
    assert dialog.allow_download
    assert dialog.spec == ModelSpec("torchvision:resnet50")
    said = dialog.weights._download.text()
    assert "resnet50-11ad3fa6.pth" in said
    assert "network" in said
    dialog.models.select("torchvision:vit_b_16")
    assert not dialog.allow_download
    assert not dialog.ok.isEnabled()


def test_untrained_stays_untrained_on_the_next_model_but_found_weights_win(opened: Opened) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    dialog.models.select("torchvision:resnet50")
    dialog.weights.seeds[Way.UNTRAINED].setValue(7)  # who types a seed wants it
    assert dialog.spec == ModelSpec("torchvision:resnet50", untrained=True, seed=7)
    dialog.models.select("torchvision:vit_b_16")
    assert dialog.spec == ModelSpec("torchvision:vit_b_16", untrained=True, seed=7)
    dialog.models.select("torchvision:mobilenet_v2")
    assert dialog.spec == ModelSpec("torchvision:mobilenet_v2")


def test_the_demo_takes_a_seed_and_nothing_else(opened: Opened) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    dialog.models.select("demo:seeded")
    assert dialog.weights.possible() == (Way.COMES,)
    dialog.weights.seeds[Way.COMES].setValue(3)
    assert dialog.spec == ModelSpec("demo:seeded", seed=3)


def test_a_weight_file_must_be_there_and_be_one(opened: Opened, tmp_path: Path) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    dialog.models.select("torchvision:resnet50")
    dialog.weights.choose(Way.FILE)
    assert dialog.problem.text() == "Choose the weight file."
    assert not dialog.problem.wrong
    for path, says in ((tmp_path / "none.pth", "There is no file"), (file_in(tmp_path, "a.txt"), ".safetensors")):
        dialog.weights.file.set_path(str(path))
        assert says in dialog.problem.text()
        assert dialog.problem.wrong
        assert not dialog.ok.isEnabled()
    good = file_in(tmp_path, "mine.SAFETENSORS")
    dialog.weights.file.set_path(f'"{good}"')  # as a file manager copies it
    assert dialog.ok.isEnabled()
    assert dialog.spec == ModelSpec("torchvision:resnet50", str(good))


def test_the_size_of_positions_goes_with_a_file_for_timm(opened: Opened, tmp_path: Path) -> None:
    entries = (*ENTRIES, CatalogueEntry("timm:vit_tiny_patch16_224", "vit_tiny_patch16_224", "timm"))
    dialog = opened(ModelDialog(entries))
    dialog.models.select("torchvision:resnet50")
    assert dialog.weights.input_size.isHidden()
    dialog.models.select("timm:vit_tiny_patch16_224")
    dialog.weights.set_file(str(file_in(tmp_path, "a.pth")))
    assert not dialog.weights.input_size.isHidden()
    assert dialog.spec.size is None
    dialog.weights.input_size.setText("128 × 288")
    assert dialog.spec.size == (128, 288)
    assert dialog.ok.isEnabled()
    dialog.weights.input_size.setText("128 by 288")
    assert "is not an input size" in dialog.problem.text()
    assert not dialog.ok.isEnabled()


@pytest.mark.parametrize("name", ["last.ckpt", "best.pth.tar", "pytorch_model.bin", "R-50.pkl"])
def test_weights_by_the_names_that_training_gives_them(opened: Opened, tmp_path: Path, name: str) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    dialog.models.select("torchvision:resnet50")
    good = file_in(tmp_path, name)
    dialog.weights.set_file(str(good))
    assert dialog.ok.isEnabled()
    assert dialog.spec == ModelSpec("torchvision:resnet50", str(good))
    assert f"*{Path(name).suffix}" in WEIGHTS_FILTER


def test_browsing_fills_the_field_and_cancelling_leaves_it(
    opened: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    dialog.models.select("torchvision:resnet50")
    answers = [str(file_in(tmp_path, "mine.pt")), ""]
    monkeypatch.setattr(parts, "choose_file", lambda *_: answers.pop(0))
    for _ in range(2):
        qtbot.mouseClick(dialog.weights.file.browse, Qt.MouseButton.LeftButton)
        assert dialog.spec.weights == str(tmp_path / "mine.pt")
    assert answers == []


@pytest.mark.parametrize(
    "spec",
    [
        ModelSpec("torchvision:mobilenet_v2", preprocess=Preprocess(height=96, width=96)),
        ModelSpec("torchvision:resnet50", untrained=True, seed=11),
        ModelSpec("demo:seeded", seed=4),
    ],
)
def test_it_starts_at_the_open_model_and_gives_it_back(opened: Opened, spec: ModelSpec) -> None:
    dialog = opened(ModelDialog(ENTRIES, spec))
    assert dialog.ok.isEnabled()
    assert dialog.spec == spec


def test_a_bare_name_is_torchvisions(opened: Opened, tmp_path: Path) -> None:
    weights = str(file_in(tmp_path, "w.pth"))
    dialog = opened(ModelDialog(ENTRIES, ModelSpec("resnet50", weights)))
    assert dialog.spec == ModelSpec("torchvision:resnet50", weights)


def test_a_changed_preprocessing_does_not_follow_to_other_weights(opened: Opened) -> None:
    spec = ModelSpec("torchvision:mobilenet_v2", preprocess=Preprocess(height=96, width=96))
    dialog = opened(ModelDialog(ENTRIES, spec))
    dialog.weights.choose(Way.UNTRAINED)
    assert dialog.spec == ModelSpec("torchvision:mobilenet_v2", untrained=True)


def test_an_unknown_open_model_leaves_the_choice_open(opened: Opened) -> None:
    assert opened(ModelDialog(ENTRIES, ModelSpec("gone:model"))).models.current is None
    assert opened(ModelDialog(ENTRIES, ModelSpec(""))).models.current is None


def test_a_long_path_does_not_widen_the_window(opened: Opened, qapp: QApplication) -> None:
    dialog = opened(ModelDialog(ENTRIES, ModelSpec("torchvision:resnet50")))
    width = dialog.width()
    path = "x" * 400 + ".pth"
    dialog.weights.file.set_path(path)
    qapp.processEvents()
    assert dialog.problem.accessibleName() == f"There is no file {path}."
    assert dialog.problem.text().replace("\u200b", "") == f"There is no file {path}."
    assert dialog.minimumSizeHint().width() <= width
    assert dialog.width() == width


# ---- list and keys


def shown(dialog: ModelDialog) -> list[str]:
    return [str(index.data()) for index in dialog.models._indices()]


def test_what_opens_now_comes_first_in_its_group(opened: Opened) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    assert shown(dialog) == [
        "Seeded preview (untrained)", "mobilenet_v2", "resnet50", "vit_b_16", "wide_resnet50_2", "tiny"
    ]  # fmt: skip
    proxy = dialog.models._proxy
    assert [proxy.index(row, 0).data() for row in range(proxy.rowCount())] == [
        "Demo models",
        "torchvision",
        "Extensions",
    ]
    third = [index.siblingAtColumn(2).data() for index in dialog.models._indices()]
    assert third[:3] == ["needs no file", HERE.name, "not here"]


def test_a_line_says_what_a_model_is_good_for(opened: Opened) -> None:
    """Beside its name, or the family; searched and in the tip too."""
    says = "Knows ten shapes: start here."
    first = CatalogueEntry("demo:shapes-cnn", "shapes-cnn", "Demo", HERE, True, says)
    dialog = opened(ModelDialog((first, *ENTRIES)))
    rows = dialog.models._indices()
    assert [rows[at].siblingAtColumn(1).data() for at in (0, 1, 2)] == [says, "Demo", "MobileNet"]
    tip = str(rows[0].siblingAtColumn(1).data(Qt.ItemDataRole.ToolTipRole))
    assert tip.splitlines() == ["demo:shapes-cnn", says, str(HERE)]
    dialog.models.search.setText("start here")
    assert shown(dialog) == ["shapes-cnn"]


def test_typing_goes_to_the_best_match_and_searches_families_too(opened: Opened, qtbot: QtBot) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    qtbot.keyClicks(dialog.models.search, "RESNET50")
    assert shown(dialog) == ["resnet50", "wide_resnet50_2"]
    assert dialog.models.current.title == "resnet50"
    dialog.models.search.setText("transformer")
    assert dialog.models.current.title == "vit_b_16"
    dialog.models.search.setText("nothing like it")
    assert shown(dialog) == []
    assert dialog.models.current is None
    assert not dialog.ok.isEnabled()


def test_arrows_walk_the_list_while_the_search_keeps_the_focus(opened: Opened, qtbot: QtBot) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    visited = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_PageDown):
        qtbot.keyClick(dialog.models.search, key)
        visited.append(dialog.models.current.title)
    first, second = "Seeded preview (untrained)", "mobilenet_v2"
    assert visited == [first, second, first, first, "tiny"]
    assert dialog.focusWidget() is dialog.models.search


def test_enter_opens_or_goes_to_what_is_missing(opened: Opened, qtbot: QtBot) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    qtbot.keyClicks(dialog.models.search, "vit")
    qtbot.keyClick(dialog.models.search, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.focusWidget() is dialog.weights.buttons[Way.FILE]
    dialog.models.search.setText("mobile")
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(dialog.models.search, Qt.Key.Key_Return)
    assert dialog.spec.id == "torchvision:mobilenet_v2"


def test_escape_clears_the_search_first_and_then_closes(opened: Opened, qtbot: QtBot) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    qtbot.keyClicks(dialog.models.search, "vit")
    qtbot.keyClick(dialog.models.search, Qt.Key.Key_Escape)
    assert dialog.models.search.text() == ""
    assert dialog.isVisible()
    with qtbot.waitSignal(dialog.rejected):
        qtbot.keyClick(dialog.models.search, Qt.Key.Key_Escape)


def test_a_double_click_opens_only_what_can_be_opened(opened: Opened, qtbot: QtBot) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    dialog.models.select("torchvision:resnet50")
    dialog.models.view.doubleClicked.emit(dialog.models.view.currentIndex())
    assert dialog.isVisible()
    dialog.models.select("torchvision:mobilenet_v2")
    with qtbot.waitSignal(dialog.accepted):
        dialog.models.view.doubleClicked.emit(dialog.models.view.currentIndex())


def test_tab_comes_to_the_buttons_last(opened: Opened) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    chain: list[QWidget] = []
    at = dialog.models.search
    while at not in chain:
        if at.focusPolicy() & Qt.FocusPolicy.TabFocus:
            chain.append(at)
        at = at.nextInFocusChain()
    places = [chain.index(w) for w in (dialog.models.search, dialog.models.view, dialog.weights.file.line, dialog.ok)]
    assert places == sorted(places)
    assert chain.index(dialog.cancel) == chain.index(dialog.ok) + 1


def test_no_button_but_open_answers_enter(opened: Opened) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    assert [b for b in dialog.findChildren(QPushButton) if b.autoDefault()] == [dialog.ok]


def test_the_real_catalogue_fits_in(opened: Opened) -> None:
    dialog = opened(ModelDialog(catalogue(), ModelSpec("demo:seeded")))
    assert len(shown(dialog)) == len(catalogue())
    assert dialog.spec == ModelSpec("demo:seeded")
    assert dialog.width() <= 1280
    assert dialog.height() <= 740


# ---- dropped files


def test_a_dropped_weight_file_names_its_model(opened: Opened, tmp_path: Path) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    file = file_in(tmp_path, "resnet50-11ad3fa6.pth")
    dropped(dialog, file)
    assert dialog.spec == ModelSpec("torchvision:resnet50", str(file))
    assert dialog.ok.isEnabled()


def test_a_dropped_weight_file_stays_while_its_model_is_looked_for(opened: Opened, tmp_path: Path) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    file = file_in(tmp_path, "cats.safetensors")
    dropped(dialog, file)
    assert dialog.problem.text() == "Choose the model that cats.safetensors belongs to."
    dialog.models.select("torchvision:mobilenet_v2")
    assert dialog.spec == ModelSpec("torchvision:mobilenet_v2", str(file))


def test_a_chosen_model_is_not_changed_by_a_dropped_file(opened: Opened, tmp_path: Path) -> None:
    dialog = opened(ModelDialog(ENTRIES, ModelSpec("torchvision:vit_b_16", untrained=True)))
    file = file_in(tmp_path, "resnet50.pth")
    dropped(dialog, file)
    assert dialog.spec == ModelSpec("torchvision:vit_b_16", str(file))


def test_a_dropped_python_file_opens_its_page_with_weights_beside_it(opened: Opened, tmp_path: Path) -> None:
    dialog = opened(ModelDialog(ENTRIES))
    net, weights = file_in(tmp_path, "net.py", "def make_model(): ..."), file_in(tmp_path, "net.pth")
    dropped(dialog, net, weights)
    assert dialog.spec == ModelSpec(f"file:{net}:make_model", str(weights))
    assert dialog.ok.isEnabled()


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("mobilenet_v2-7ebf99e0.pth", "torchvision:mobilenet_v2"),
        ("wide_resnet50_2_cats.pt", "torchvision:wide_resnet50_2"),
        ("RESNET50.safetensors", "torchvision:resnet50"),
        ("resnet5.pth", ""),
        ("resnet500.pth", ""),
    ],
)
def test_the_longest_name_a_file_begins_with_is_its_model(file: str, expected: str) -> None:
    assert named_like(file, ENTRIES) == expected


# ---- Python file


@pytest.fixture
def python(opened: Opened) -> ModelDialog:
    dialog: ModelDialog = opened(ModelDialog(ENTRIES))
    dialog.show_page(1)
    return dialog


def test_one_function_is_chosen_and_of_several_the_usual_one(python: ModelDialog, tmp_path: Path) -> None:
    page = python.python
    assert python.problem.text() == "Choose a Python file."
    page.file.set_path(str(file_in(tmp_path, "a.py", "def build(): ...")))
    assert python.spec.id.endswith("a.py:build")
    page.file.set_path(str(file_in(tmp_path, "b.py", "def a(): ...\ndef make_model(): ...")))
    assert python.spec.id.endswith("b.py:make_model")
    page.file.set_path(str(file_in(tmp_path, "c.py", "def a(): ...\ndef b(): ...")))
    assert python.problem.text() == "Name the function that creates the model."
    assert [page.factory.itemText(at) for at in range(page.factory.count())] == ["a", "b"]


def test_a_name_that_was_not_found_is_allowed_and_said(python: ModelDialog, tmp_path: Path) -> None:
    page = python.python
    page.file.set_path(str(file_in(tmp_path, "net.py", "def a(): ...")))
    page.factory.setCurrentText("imported")
    assert python.ok.isEnabled()
    assert "“imported” is not in the file" in page.found.text()
    page.factory.setCurrentText("two words")
    assert not python.ok.isEnabled()
    page.factory.setCurrentText("class")
    assert "cannot be the name" in python.problem.text()


def test_wrong_python_and_wrong_weights_are_said(python: ModelDialog, tmp_path: Path) -> None:
    page = python.python
    page.file.set_path(str(file_in(tmp_path, "bad.py", "def (")))
    assert "line 1" in python.problem.text()
    page.file.set_path(str(file_in(tmp_path, "net.txt", "def make_model(): ...")))
    assert python.problem.text() == "A Python file ends in .py."
    page.file.set_path(str(file_in(tmp_path, "net.py", "def make_model(): ...")))
    page.weights.set_path(str(tmp_path / "none.pth"))
    assert "There is no file" in python.problem.text()
    assert not python.ok.isEnabled()
    page.weights.set_path("")
    assert python.ok.isEnabled()
    assert not python.allow_download


def test_it_starts_at_an_open_file_model(opened: Opened, tmp_path: Path) -> None:
    net, weights = file_in(tmp_path, "net.py", "def a(): ...\ndef b(): ..."), file_in(tmp_path, "w.pth")
    spec = ModelSpec(f"file:{net}:b", str(weights), preprocess=Preprocess(height=32, width=32))
    dialog = opened(ModelDialog(ENTRIES, spec))
    assert dialog.pages.currentIndex() == 1
    assert dialog.spec == spec


# --- what need not be installed, and what the list leaves out


MORE = (
    CatalogueEntry("timm:resnet18.a1_in1k", "resnet18.a1_in1k", "resnet18"),
    CatalogueEntry("hf:some/net", "some/net", "some"),
)
OPTIONAL = (
    CatalogueEntry("timm:vit_tiny", "vit_tiny", "vit"),
    CatalogueEntry("hf:", "transformers is not installed", "hf", says="pip install x[hf]", lacks="pip install x[hf]"),
)


def more(text: str) -> tuple[CatalogueEntry, ...]:
    return tuple(entry for entry in MORE if text in entry.id)


def test_what_is_not_installed_says_how_it_comes_and_opens_nothing(opened: Opened) -> None:
    dialog = opened(ModelDialog((*ENTRIES, *OPTIONAL)))
    assert dialog.models.select("hf:")
    assert dialog.weights.possible() == ()
    assert dialog.problem.text() == "transformers is not installed: pip install x[hf]"
    assert not dialog.ok.isEnabled()


def test_the_search_brings_names_that_the_list_leaves_out(opened: Opened) -> None:
    dialog = opened(ModelDialog((*ENTRIES, *OPTIONAL), more=more))
    dialog.models.search.setText("resnet18")
    assert shown(dialog) == ["resnet18.a1_in1k"]
    assert dialog.models.current == MORE[0]
    dialog.weights.choose(Way.UNTRAINED)
    assert dialog.spec == ModelSpec("timm:resnet18.a1_in1k", untrained=True)
    dialog.models.search.setText("resnet")
    assert sorted(shown(dialog)) == ["resnet18.a1_in1k", "resnet50", "wide_resnet50_2"]
    dialog.models.search.clear()
    assert len(shown(dialog)) == len(ENTRIES) + len(OPTIONAL)  # nothing piles up


def test_the_dialog_starts_on_a_model_that_is_not_in_the_list(opened: Opened) -> None:
    spec = ModelSpec("timm:resnet18.a1_in1k", untrained=True, seed=3)
    dialog = opened(ModelDialog((*ENTRIES, *OPTIONAL), spec, more=more))
    assert dialog.models.current == MORE[0]
    assert dialog.spec == spec


@pytest.mark.parametrize(
    ("files", "ways"),
    [
        ((), (Way.DOWNLOAD,)),
        (("config.json",), (Way.DOWNLOAD, Way.UNTRAINED)),
        (("config.json", "model.safetensors"), (Way.FOUND, Way.UNTRAINED)),
    ],
)
def test_ways_of_a_repository_by_what_is_here(
    opened: Opened, app_home: Path, files: tuple[str, ...], ways: tuple[Way, ...]
) -> None:
    from explorer.engine.models import hf_names

    folder = app_home / "data" / "weights" / "hf" / "some" / "net"
    folder.mkdir(parents=True)
    for name in files:
        file_in(folder, name, "{}")
    dialog = opened(ModelDialog((hf_names.entry("some/net", hf_names.find("some/net")),)))
    dialog.models.select("hf:some/net")
    assert dialog.weights.possible() == ways


def test_a_download_that_is_forbidden_says_by_what(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = opened(ModelDialog(OPTIONAL))
    dialog.models.select("timm:vit_tiny")
    dialog.weights.choose(Way.DOWNLOAD)
    assert dialog.ok.isEnabled()
    assert "from the hub, huggingface.co" in dialog.weights._download.text()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    dialog.weights.changed.emit()
    assert "HF_HUB_OFFLINE is set" in dialog.problem.text()


def test_a_model_folder_is_chosen_or_dropped(opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from explorer.engine.models import extras, hf_names
    from explorer.ui.dialogs import model_dialog

    monkeypatch.setattr(extras, "find_spec", lambda name: object())  # as where transformers is installed
    file_in(tmp_path, "config.json", "{}")
    one = (*OPTIONAL[:1], hf_names.entry("other/net"))

    def find(text: str) -> tuple[CatalogueEntry, ...]:
        return (hf_names.entry(text[3:], hf_names.find(text[3:])),) if text.startswith("hf:") else ()

    monkeypatch.setattr(model_dialog, "choose_folder", lambda *_: str(tmp_path))
    dialog = opened(ModelDialog(one, more=find))
    assert dialog.folder.isEnabled()
    dialog.folder.click()
    assert dialog.models.current is not None
    assert (dialog.models.current.id, dialog.models.current.title) == (f"hf:{tmp_path}", tmp_path.name)
    assert dialog.weights.possible() == (Way.FILE, Way.UNTRAINED)
    assert "choose a file or untrained" in dialog.problem.text()
    again = opened(ModelDialog(one, more=find))
    dropped(again, tmp_path)
    assert again.models.current == dialog.models.current


def test_an_exported_program_is_chosen_or_dropped(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from explorer.engine.models import more
    from explorer.ui.dialogs import model_dialog

    path = file_in(tmp_path, "net.pt2", "")
    monkeypatch.setattr(model_dialog, "choose_file", lambda *_: str(path))
    dialog = opened(ModelDialog(OPTIONAL[:1], more=more))
    dialog.program.click()
    assert dialog.spec == ModelSpec(f"pt2:{path}")
    assert (dialog.weights.possible(), dialog.ok.isEnabled()) == ((Way.FOUND,), True)
    dialog.models.search.setText("pt2:nowhere.pt2")
    assert not dialog.ok.isEnabled()
    assert "There is no file" in dialog.problem.text()
    again = opened(ModelDialog(OPTIONAL[:1], more=more))
    dropped(again, path)
    assert again.spec == ModelSpec(f"pt2:{path}")
    again.models.search.clear()
    again.models.search.setText("zzz")
    again.models.search.clear()
    assert "Exported programs" not in again.models._heads  # a heading without rows is gone


def test_the_weights_of_a_whole_model_are_read_when_asked(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from explorer.ui.dialogs import model_dialog

    path, out = file_in(tmp_path, "yolo.pt", "x"), file_in(tmp_path, "yolo.safetensors", "x")
    dialog = opened(ModelDialog(OPTIONAL[:1]))
    asked: list[tuple[str, str]] = []
    dialog.extraction_asked.connect(lambda *files: asked.append(files))
    monkeypatch.setattr(model_dialog, "choose_new_file", lambda *_: str(out))
    dialog.take_files([str(path)])
    dialog.show_matching("yolo.pt is damaged")
    assert dialog.fits.take.isHidden()
    dialog.show_matching("yolo.pt holds a whole model", True)
    assert not dialog.fits.take.isHidden()
    dialog.fits.take.click()
    assert asked == [(str(path), str(out))]
    dialog.show_extracted(str(out))
    assert dialog.weights.file.path == str(out)


def test_without_transformers_the_folder_says_why_not(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from explorer.engine.models import extras

    monkeypatch.delitem(sys.modules, "transformers", raising=False)
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    dialog = opened(ModelDialog(ENTRIES))
    assert not dialog.folder.isEnabled()
    assert "transformers is not installed: pip install" in dialog.folder.toolTip()


# --- what a file of weights fits


def given_weights(opened: Opened, tmp_path: Path, current: str = "demo:seeded") -> tuple[Any, list[str], Path]:
    dialog = opened(ModelDialog(ENTRIES, ModelSpec(current)))
    asked: list[str] = []
    dialog.weights_given.connect(asked.append)
    path = file_in(tmp_path, "checkpoint.pth", "x")
    dropped(dialog, path)
    return dialog, asked, path


MATCH = WeightMatch(
    "checkpoint.pth",
    320,
    (
        ArchitectureFit("torchvision:resnet50", 320, 320),
        ArchitectureFit("lab:tiny", 320, 320),
        ArchitectureFit("torchvision:vit_b_16", 3, 152, "149 missing from the file: a, b, c, d, e, ….", "a\nb\nc"),
    ),
    ("torchvision",),
)


def test_a_dropped_file_is_matched_and_the_best_is_chosen(opened: Opened, tmp_path: Path) -> None:
    dialog, asked, path = given_weights(opened, tmp_path)
    assert asked == [str(path)]
    dialog.show_matching("Comparing …")
    assert dialog.fits.isVisible()
    dialog.show_match(MATCH)
    assert dialog.spec == ModelSpec("torchvision:resnet50", str(path))
    assert dialog.ok.isEnabled()
    assert "320 of 320 keys and shapes fit; 1 other opens with it too" in dialog.fits.said.text()
    assert [dialog.fits.list.item(at).text().split()[0] for at in range(3)] == [fit.id for fit in MATCH.fits]


def test_a_model_that_fits_stays_and_what_was_chosen_meanwhile_too(opened: Opened, tmp_path: Path) -> None:
    dialog, _, path = given_weights(opened, tmp_path, "lab:tiny")
    dialog.show_match(MATCH)
    assert dialog.spec == ModelSpec("lab:tiny", str(path))
    dialog, _, path = given_weights(opened, tmp_path)
    dialog.models.select("torchvision:mobilenet_v2")
    dialog.show_match(MATCH)
    assert dialog.models.current.id == "torchvision:mobilenet_v2"


def test_a_mismatch_is_said_before_it_is_opened(opened: Opened, tmp_path: Path) -> None:
    dialog, _, _ = given_weights(opened, tmp_path)
    dialog.show_match(MATCH)
    dialog._choose_fit("torchvision:vit_b_16")
    assert not dialog.ok.isEnabled()
    assert "does not fit vit_b_16. 149 missing from the file: a, b, c, d, e" in dialog.problem.text()
    assert dialog.fits.differences.isVisible()
    dialog.weights.choose(Way.UNTRAINED)
    assert dialog.ok.isEnabled()
