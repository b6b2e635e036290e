"""Workspaces whose view is made when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.workspace import WorkspaceSpec
from explorer.ui.actions import Action
from explorer.ui.added_workspaces import WorkspaceView
from explorer.ui.workspace_views import LateView, WorkspaceViews

made: list[str] = []


class Ready(WorkspaceView):
    """Can be made."""

    def __init__(self, host: Any) -> None:
        super().__init__(host)
        made.append("ready")
        self.spots = {"page": self}

    def rename(self) -> None:
        """What its command does."""
        made.append("renamed")


def Failing(_host: Any) -> WorkspaceView:
    """Cannot be made."""
    raise RuntimeError("no drawing today")


def ready_actions(view: LateView) -> tuple[Action, ...]:
    """A command of each view."""
    return (
        Action(
            "ready.rename",
            "Rename",
            lambda: view().rename(),
            place="View/Window",
            why_not=lambda: "" if view.there else "not made",
        ),
    )


class Places(QWidget):
    """What a window keeps of its workspaces."""

    def __init__(self) -> None:
        super().__init__()
        self.workspaces: dict[str, QWidget] = {}
        self.toolbar, self.removed = self, list[str]()

    def add_workspace(self, name: str, widget: QWidget) -> None:
        widget.setParent(self)
        self.workspaces[name] = widget

    def remove_workspace(self, name: str) -> None:
        self.removed.append(name)


class Host:
    """Hears what fails."""

    def __init__(self) -> None:
        self.failures: list[Any] = []

    def fail(self, failure: Any) -> None:
        self.failures.append(failure)


def _spec(name: str) -> WorkspaceSpec:
    return WorkspaceSpec(name, name.title(), "", f"{__name__}:{name.title()}", actions=f"{__name__}:ready_actions")


@pytest.fixture
def views(qtbot: Any) -> WorkspaceViews:
    made.clear()
    window: Any = Places()
    qtbot.addWidget(window)
    host, broken = Host(), []  # type: tuple[Any, list[Problem]]
    out = WorkspaceViews(host, window, broken)
    out.window, out.host, out.broken = window, host, broken
    return out


def test_a_view_is_made_when_it_is_first_wanted(views: Any) -> None:
    told: list[str] = []
    views.made.connect(told.append)
    views.add(_spec("ready"))
    (action,) = views.actions()["ready"]()
    assert "ready" in views
    assert action.why_not() == "not made"
    assert (made, dict(views.there), told) == ([], {}, [])
    place = views.window.workspaces["ready"]
    view = views["ready"]
    assert place.isAncestorOf(view)
    assert views.get("ready") is view
    assert (made, told) == (["ready"], ["ready"])
    assert action.why_not() == ""
    assert views.actions()["ready"]() == ()
    assert place.spots == {"page": view}


def test_a_command_makes_the_view(views: Any) -> None:
    views.add(_spec("ready"))
    (action,) = views.actions()["ready"]()
    action.callback()
    assert made == ["ready", "renamed"]


def test_one_that_cannot_be_made_says_so_when_it_is_wanted(views: Any) -> None:
    views.add(_spec("failing"))
    assert views.broken == []
    assert views.get("failing") is None
    assert "failing" not in views
    (problem,) = views.broken
    assert problem.reason == "it cannot be made: RuntimeError: no drawing today"
    assert views.host.failures[0].why == problem.reason
    assert views.get("failing") is None
    assert len(views.broken) == 1
    assert views.window.removed == ["failing"]


def test_transfer_and_dataset_are_made_late_and_know_what_came_before(window: Callable[..., Any]) -> None:
    app = window()
    controller, commands = app._controller, app.application.commands
    assert not controller.views.there
    ids = {action.id for action in commands.actions.registered}
    assert {"transfer.open", "transfer.train", "transfer.compare", "dataset.make", "dataset.open_picture"} <= ids
    app.start(ModelSpec("demo:shapes-cnn"), InputRef("sample", "cat"))
    app.wait_capture()
    assert "Nothing has been learnt" in commands.actions.why_not(commands.actions["transfer.compare"])
    assert commands.figures.here() is not None
    assert not controller.views.there
    app.turn_to("transfer")
    app.rest()
    assert list(controller.views.there) == ["transfer"]
    view = app.view("transfer")
    assert view.isVisible()
    assert view.lab.card is app.card
    assert view.view.training.isVisibleTo(view) or view.view.layers.isVisibleTo(view)
    app.turn_to("dataset")
    app.rest()
    assert app.view("dataset").isVisible()
    assert app.view("dataset").lab.front
