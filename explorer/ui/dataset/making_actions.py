"""The commands that make indexes."""

from __future__ import annotations

from functools import partial

from explorer.core.data_index import GALLERY
from explorer.core.ready_sets import DRAWN, GALLERY_TITLE
from explorer.core.translation import tr, uncapitalised
from explorer.ui.actions import Action
from explorer.ui.dataset.index_lab import NAME
from explorer.ui.dataset.making_presenter import MakingPresenter

_OFFERED = (
    (uncapitalised(GALLERY_TITLE), GALLERY),
    *((uncapitalised(each.title), each.data) for each in DRAWN),
)


def making_actions(making: MakingPresenter) -> tuple[Action, ...]:
    """For the menu and the command palette."""
    return (
        Action(
            "dataset.folder",
            tr("Index a folder …"),
            making.ask_folder,
            ("Ctrl+Shift+I",),
            "Dataset/Index",
            NAME,
            about=tr("A folder of pictures, videos or sounds for an index of the open model"),
        ),
        Action(
            "dataset.text",
            tr("Index a text file …"),
            making.ask_file,
            (),
            "Dataset/Index",
            NAME,
            about=tr("A sentence a line"),
        ),
        *(
            Action(
                f"dataset.ready.{number}",
                tr("Index the {title}", title=title),
                partial(making.begin_ready, data),
                (),
                "Dataset/Ready data sets",
                NAME,
                about=tr("Comes with this program: nothing has to be chosen"),
                why_not=partial(making.why_not_ready, data),
            )
            for number, (title, data) in enumerate(_OFFERED)
        ),
        Action(
            "dataset.make",
            tr("Start, pause or resume the index"),
            making.toggle,
            ("Ctrl+Return",),
            "Dataset/Index",
            NAME,
            about=tr("Makes the index of what is chosen; pausing keeps what is there"),
            why_not=lambda: "" if making.waiting else making.why_not(),
        ),
        Action(
            "dataset.moved",
            tr("The data set has moved …"),
            making.ask_moved,
            (),
            "Dataset/Index",
            NAME,
            about=tr("Says where the pictures of the shown index lie now"),
            why_not=making.why_not_moved,
        ),
    )
