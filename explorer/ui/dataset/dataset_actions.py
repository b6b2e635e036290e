"""The commands of the Dataset workspace, which are there before its view is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from explorer.core.data_index import GALLERY
from explorer.core.ready_sets import DRAWN, GALLERY_TITLE
from explorer.core.translation import tr, uncapitalised
from explorer.ui.actions import Action
from explorer.ui.workspace_views import LateView

if TYPE_CHECKING:
    from explorer.ui.dataset.chosen_presenter import ChosenPresenter
    from explorer.ui.dataset.making_presenter import MakingPresenter

_NAME = "dataset"

_OFFERED = (
    (uncapitalised(GALLERY_TITLE), GALLERY),
    *((uncapitalised(each.title), each.data) for each in DRAWN),
)


def dataset_actions(view: LateView) -> tuple[Action, ...]:
    """In the order of the menus."""

    def part(name: str) -> Any:
        return getattr(view(), name)

    return (*making_actions(partial(part, "making")), *chosen_actions(partial(part, "chosen")))


def making_actions(making: Callable[[], MakingPresenter]) -> tuple[Action, ...]:
    """Those that make indexes."""

    def begin(data: str) -> None:
        making().begin_ready(data)

    def not_ready(data: str) -> str:
        return making().why_not_ready(data)

    def why_not() -> str:
        return "" if making().waiting else making().why_not()

    return (
        Action(
            "dataset.folder",
            tr("Index a folder …"),
            lambda: making().ask_folder(),
            ("Ctrl+Shift+I",),
            "Dataset/Index",
            _NAME,
            about=tr("A folder of pictures, videos or sounds for an index of the open model"),
        ),
        Action(
            "dataset.text",
            tr("Index a text file …"),
            lambda: making().ask_file(),
            (),
            "Dataset/Index",
            _NAME,
            about=tr("A sentence a line"),
        ),
        *(
            Action(
                f"dataset.ready.{number}",
                tr("Index the {title}", title=title),
                partial(begin, data),
                (),
                "Dataset/Ready data sets",
                _NAME,
                about=tr("Comes with this program: nothing has to be chosen"),
                why_not=partial(not_ready, data),
            )
            for number, (title, data) in enumerate(_OFFERED)
        ),
        Action(
            "dataset.make",
            tr("Start, pause or resume the index"),
            lambda: making().toggle(),
            ("Ctrl+Return",),
            "Dataset/Index",
            _NAME,
            about=tr("Makes the index of what is chosen; pausing keeps what is there"),
            why_not=why_not,
        ),
        Action(
            "dataset.moved",
            tr("The data set has moved …"),
            lambda: making().ask_moved(),
            (),
            "Dataset/Index",
            _NAME,
            about=tr("Says where the pictures of the shown index lie now"),
            why_not=lambda: making().why_not_moved(),
        ),
    )


def chosen_actions(chosen: Callable[[], ChosenPresenter]) -> tuple[Action, ...]:
    """Those of the chosen picture."""
    return (
        Action(
            "dataset.open_picture",
            tr("Open the picture in Explore"),
            lambda: chosen().jump(),
            ("O",),
            "Dataset/Pictures",
            _NAME,
            about=tr("The chosen picture in Explore, with the model of the index"),
            why_not=lambda: "" if chosen().picture is not None else tr("No picture is chosen."),
        ),
    )
