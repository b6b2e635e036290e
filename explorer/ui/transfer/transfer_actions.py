"""The commands of the Transfer workspace, which are there before its view is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from explorer.core.ready_sets import READY
from explorer.core.translation import tr
from explorer.ui.actions import Action
from explorer.ui.workspace_views import LateView

if TYPE_CHECKING:
    from explorer.ui.transfer.classes_presenter import ClassesPresenter
    from explorer.ui.transfer.probe_presenter import ProbePresenter
    from explorer.ui.transfer.training_presenter import TrainingPresenter

_NAME = "transfer"


def transfer_actions(view: LateView) -> tuple[Action, ...]:
    """In the order of the menus."""

    def part(name: str) -> Any:
        return getattr(view(), name)

    def no_copy() -> str:
        if view.there is None:
            return tr("Nothing has been learnt yet in the workspace Transfer.")
        return str(part("training").copy.why_not())

    return (
        *classes_actions(partial(part, "classes")),
        *probe_actions(partial(part, "probe")),
        *training_actions(partial(part, "training"), no_copy),
    )


def classes_actions(classes: Callable[[], ClassesPresenter]) -> tuple[Action, ...]:
    """Opening, making and reading again."""
    make = partial(Action, place="Transfer/Data", context=_NAME)
    folders = tr("A folder whose folders are the classes; pictures stay where they are")

    def none_open() -> str:
        return classes().why_none_open()

    def open_ready(data: str) -> None:
        classes().open(data)

    return (
        make("transfer.open", tr("Open data set …"), lambda: classes().choose(), about=folders),
        *(
            make(
                f"transfer.{e.name}",
                tr("Ready data set: {title}", title=e.title),
                partial(open_ready, e.data),
                about=e.about,
            )
            for e in READY
        ),
        make(
            "transfer.new",
            tr("New data set …"),
            lambda: classes().maker.new_set(),
            about=tr("A folder for classes of your own"),
        ),
        make(
            "transfer.class",
            tr("New class …"),
            lambda: classes().maker.ask_class(),
            about=tr("A class of the open data set"),
        ),
        make("transfer.reread", tr("Read the folder again"), lambda: classes().reread(), ("F5",), why_not=none_open),
        make("transfer.close", tr("Close data set"), lambda: classes().close_set(), why_not=none_open),
    )


def probe_actions(probe: Callable[[], ProbePresenter]) -> tuple[Action, ...]:
    """The commands of the probe."""
    about = tr("Accuracy of a classifier on the features of each layer")
    title = tr("Probe all layers")
    return (Action("transfer.probe", title, lambda: probe().run(), ("R",), "Transfer/Probe", _NAME, about),)


def training_actions(training: Callable[[], TrainingPresenter], no_copy: Callable[[], str]) -> tuple[Action, ...]:
    """Those of the training, and of the line in the strip. `no_copy`: why there is no learnt copy."""
    line = partial(
        Action,
        place="Go/Layers",
        context=_NAME,
        family=tr("freeze up to another layer"),
        why_not=lambda: training().freezing.why_not(),
    )
    return (
        Action(
            "transfer.train",
            tr("Train, pause or resume"),
            lambda: training().toggle(),
            place="Analyse/Pages",
            context=_NAME,
            about=tr("Starts, pauses or resumes the training of a copy"),
            why_not=lambda: training().why_not_toggle(),
        ),
        Action(
            "transfer.compare",
            tr("Compare before and after"),
            lambda: training().copy.compare(),
            place="Compare/Columns",
            about=tr("The selected layer of the model before and after its training, and their difference"),
            why_not=no_copy,
        ),
        line("transfer.freeze_less", tr("Freeze one layer less"), lambda: training().freezing.less(), ("[",)),
        line("transfer.freeze_more", tr("Freeze one layer more"), lambda: training().freezing.more(), ("]",)),
    )
