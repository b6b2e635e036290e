"""Dialogs, guides, and what lies over the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from explorer.core.guides.guide_file import built_in
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from tests.pictures.compare_states import compare
from tests.pictures.picture_state import BARE, CNN, State, explore, health


def _matched(app: Any, path: Path) -> None:
    """The dialog once it knows what a dropped file fits."""
    from explorer.engine.models import catalogue, more
    from explorer.engine.models.matching.match import match_file
    from explorer.ui.dialogs.model_dialog import ModelDialog

    dialog = ModelDialog(catalogue(), CNN, app.main_window, more)
    dialog.take_files([str(path)])
    dialog.show_match(match_file(path))
    dialog.exec()
    dialog.deleteLater()


def _squeezenet(folder: Path) -> Path:
    """A file that does not say what it is of."""
    import torch

    from explorer.engine.models.torchvision_models import build

    path = folder / "checkpoint_best.pth"
    state = {f"module.{name}": value for name, value in build("squeezenet1_1").state_dict().items()}
    torch.save({"epoch": 12, "state_dict": state}, path)
    return path


def _whole_model(app: Any, path: Path) -> None:
    """The dialog when a file holds a model as Python objects."""
    import torch

    from explorer.core.errors import ExplorerError
    from explorer.engine.models import catalogue, more
    from explorer.engine.models.matching.match import match_file
    from explorer.engine.models.torchvision_models import build
    from explorer.ui.dialogs.model_dialog import ModelDialog

    torch.save({"model": build("squeezenet1_1"), "epoch": 3}, path)
    dialog = ModelDialog(catalogue(), CNN, app.main_window, more)
    dialog.take_files([str(path)])
    try:
        match_file(path)
    except ExplorerError as error:
        dialog.show_matching(str(error), True)
    dialog.exec()
    dialog.deleteLater()


def _program(folder: Path) -> Path:
    """The first demo model as torch.export saves it."""
    import torch

    from explorer.engine.models import open_model
    from tests.support.program_files import exported

    net = open_model(CNN).module
    return exported(net, torch.zeros(1, 3, 96, 96), folder / "my-network.pt2")


def _onnx(folder: Path) -> Path:
    """The same as an ONNX model."""
    import torch

    from explorer.engine.models import open_model
    from tests.support.onnx_files import exported

    return exported(open_model(CNN).module, torch.zeros(1, 3, 96, 96), folder / "my-network.onnx")


def _program_opened(app: Any, path: Path, page: str = "") -> None:
    """What letting the file go over the window comes to."""
    app.commands.open_paths([str(path)])
    app.until(lambda: app.session.model.id.startswith(("pt2:", "onnx:")))
    app.rest()
    if page:
        app.open_page(page)
        app.rest()


def _palette(app: Any) -> None:
    app.commands.show_commands("co")


def _no_file(app: Any) -> None:
    app.failure(lambda: app.open_input(InputRef("picture", "holiday.png")))


def _guided(name: str, at: int, shown: bool = True) -> Callable[[Any], None]:
    """A guide at a step, which is shown or still to be done."""

    def act(app: Any) -> None:
        guide = app.guide
        guide.begin(built_in(name))
        app.until(lambda: guide.begun)
        app.rest()
        for _ in range(at):
            guide.card.next_button.click()
        if shown:
            guide.card.show_button.click()
            app.until(lambda: not guide.showing)
        app.rest()
        guide.look()

    return act


def _star_page(app: Any) -> None:
    """The third step in the middle of being done by hand."""
    _guided("first-steps", 2, False)(app)
    app.change(tap="stage3.1.relu1")
    app.open_page("health")
    health(app)
    app.rest()
    app.guide.look()


def _told(app: Any) -> None:
    app.explore.channel.help.click()


def _missing(app: Any) -> None:
    """A session whose files were moved, one of which has been found again."""
    from explorer.core.session.named_files import FileRole, NamedFile
    from explorer.ui.dialogs.locate_dialog import LocateDialog

    files = (
        NamedFile(FileRole.CODE, "D:/course/networks/small_network_with_a_long_name.py"),
        NamedFile(FileRole.WEIGHTS, "D:/course/networks/weights/checkpoint_best_of_forty_epochs.pth"),
        NamedFile(FileRole.INPUT, "D:/course/pictures/holiday.png", "picture"),
    )
    dialog = LocateDialog("lesson 3.fmx.json", files, lambda _path: False, app.main_window)
    dialog.take(files[2], "/pictures/holiday.png")
    dialog.exec()
    dialog.deleteLater()


def _bundle(app: Any) -> None:
    """What a session with own weights and a video would bring."""
    from explorer.core.session.bundle_manifest import LeftOut
    from explorer.core.session.bundle_requests import BundleContents, BundleGroup, BundleItem
    from explorer.core.session.named_files import FileRole
    from explorer.ui.dialogs.bundle_dialog import BundleDialog

    rows = (
        (FileRole.CODE, "small_network.py", 3_400, "with 2 files beside it"),
        (FileRole.WEIGHTS, "checkpoint_best_of_forty_epochs.pth", 45_300_000, ""),
        (FileRole.WEIGHTS, "resnet18-f37072fd.pth", 46_800_000, ""),
        (FileRole.INPUT, "holiday.png", 1_340_000, ""),
        (FileRole.INPUT, "clip.mp4, frame 17", 220_000, "frame of a video"),
    )
    groups = tuple(
        BundleGroup(role, title, title, f"files/{title}", (BundleItem(f"files/{title}", size),), note)
        for role, title, size, note in rows
    )
    left = (LeftOut("index birds.fmindex", "data sets and indexes are not in a bundle"),)
    dialog = BundleDialog(app.main_window, ("resnet18-f37072fd.pth",))
    dialog.show_contents(BundleContents(app.session, groups, left))
    dialog.exec()
    dialog.deleteLater()


def _unsaved(app: Any) -> None:
    from explorer.ui.dialogs.unsaved_dialog import UnsavedDialog

    dialog = UnsavedDialog("lesson 3", app.main_window)
    dialog.exec()
    dialog.deleteLater()


def window_states(folder: Path) -> Mapping[str, State]:
    """`folder`: where a file of weights is written."""
    early = explore("stem.2")
    return {
        "dialog-models": State(early, dialog=lambda app: app.commands.choose_model()),
        "dialog-weights": State(
            early, dialog=lambda app: app.commands.choose_model(now=ModelSpec("torchvision:resnet18"))
        ),
        "dialog-whole-model": State(early, dialog=lambda app: _whole_model(app, folder / "yolo_best.pt")),
        "program": State(early, lambda app: _program_opened(app, _program(folder))),
        "onnx": State(early, lambda app: _program_opened(app, _onnx(folder))),
        "onnx-attribution": State(early, lambda app: _program_opened(app, _onnx(folder), "attribution")),
        "onnx-maximise": State(early, lambda app: _program_opened(app, _onnx(folder), "maximise")),
        "dialog-match": State(early, dialog=lambda app: _matched(app, _squeezenet(folder))),
        "dialog-preprocessing": State(early, dialog=lambda app: app.commands.choose_preprocess()),
        "dialog-settings": State(early, dialog=lambda app: app.commands.choose_settings()),
        "dialog-locate": State(early, dialog=_missing),
        "dialog-bundle": State(early, dialog=_bundle),
        "dialog-unsaved": State(early, dialog=_unsaved),
        "dialog-figure": State(early, dialog=lambda app: app.commands.figures.export()),
        "palette": State(early, _palette),
        "keys": State(early, lambda app: app.commands.show_keys()),
        "error": State(early, _no_file),
        "guide-start": State(early, _guided("first-steps", 0, False)),
        "guide-depth": State(early, _guided("first-steps", 1)),
        "guide-star": State(early, _star_page),
        "guide-number": State(early, _guided("first-steps", 3)),
        "guide-without": State(early, _guided("first-steps", 4)),
        "guide-pixels": State(early, _guided("first-steps", 5)),
        "guide-proof": State(early, _guided("shortcut", 4)),
        "page-help": State(explore("stage2.0", "attribution"), _told),
        "page-help-compare": State(compare(CNN, BARE), lambda app: app.compare.alike.help.click()),
        "glossary": State(early, lambda app: app.guide.define("receptive field")),
        "first-start": State(early, lambda app: app.guide.offer_line.show()),
    }
