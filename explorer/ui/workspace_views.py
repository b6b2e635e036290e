"""The workspaces that the catalogue brings: where each stands in the window, and its view, which may be made when it is first wanted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.core.errors import Failure
from explorer.core.registry import Problem, load
from explorer.core.translation import tr
from explorer.core.workspace import WorkspaceSpec
from explorer.ui.actions import Action
from explorer.ui.added_workspaces import WorkspaceHost, WorkspaceView
from explorer.ui.window import Window

log = logging.getLogger("explorer")


class WorkspacePlace(QWidget):
    """Stands in the window for a view that is made when it is first wanted."""

    def __init__(self, make: Callable[[], WorkspaceView | None]) -> None:
        super().__init__()
        self._make = make
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def hold(self, view: WorkspaceView) -> None:
        """From now on the view stands here."""
        self._column.addWidget(view)

    @property
    def spots(self) -> Mapping[str, QWidget]:
        """The parts that the view names for guides."""
        return getattr(self._make(), "spots", {})


class WorkspaceViews(QObject):
    """A workspace whose spec says its actions has its view made when it is first wanted, any other when it is added. `made` carries the
    id of one whose view was made since. What cannot be made is a line in `broken`, and its button goes."""

    made = Signal(str)

    def __init__(self, host: WorkspaceHost, window: Window, broken: list[Problem]) -> None:
        super().__init__(window)
        self._host, self._window, self._broken = host, window, broken
        self._views: dict[str, WorkspaceView] = {}
        self._late: dict[str, tuple[WorkspaceSpec, WorkspacePlace]] = {}

    def add(self, spec: WorkspaceSpec) -> None:
        """One more workspace of the window."""
        if spec.actions:
            place = WorkspacePlace(lambda: self.get(spec.id))
            self._late[spec.id] = spec, place
            self._window.add_workspace(spec.id, place)
            return
        view = self._try(spec)
        if view is not None:
            self._views[spec.id] = view
            self._window.add_workspace(spec.id, view)

    def _try(self, spec: WorkspaceSpec) -> WorkspaceView | None:
        try:
            view = load(spec.view)(self._host)
            assert isinstance(view, WorkspaceView)
            return view
        except Exception as error:
            self._window.toolbar.remove_workspace(spec.id)
            name = type(error).__name__
            self._broken.append(
                Problem(spec.id, "", tr("it cannot be made: {name}: {error}", name=name, error=error)),
            )
            log.warning("workspace %s", spec.id, exc_info=error)
            return None

    def __contains__(self, name: str) -> bool:
        return name in self._views or name in self._late

    def get(self, name: str) -> WorkspaceView | None:
        """The view, made now where it has not been; None: there is none, or it cannot be made."""
        if name in self._late:
            spec, place = self._late.pop(name)
            view = self._try(spec)
            if view is None:
                self._host.fail(Failure(tr("{title} cannot be opened.", title=spec.title), self._broken[-1].reason))
                return None
            self._views[name] = view
            place.hold(view)
            self.made.emit(name)
        return self._views.get(name)

    def __getitem__(self, name: str) -> WorkspaceView:
        view = self.get(name)
        if view is None:
            raise KeyError(name)
        return view

    @property
    def there(self) -> Mapping[str, WorkspaceView]:
        """Those that have been made."""
        return self._views

    def actions(self) -> Mapping[str, Callable[[], tuple[Action, ...]]]:
        """What gives the commands of each workspace."""
        late = {name: _late_actions(self, spec) for name, (spec, _) in self._late.items()}
        return {**late, **{name: view.own_actions for name, view in self._views.items()}}


class LateView:
    """A view for commands that are there before it is."""

    def __init__(self, views: WorkspaceViews, name: str) -> None:
        self._views, self._name = views, name

    def __call__(self) -> WorkspaceView:
        """The view, which is made now where it has not been."""
        return self._views[self._name]

    @property
    def there(self) -> WorkspaceView | None:
        """The view where it has been made."""
        return self._views.there.get(self._name)


def _late_actions(views: WorkspaceViews, spec: WorkspaceSpec) -> Callable[[], tuple[Action, ...]]:
    return lambda: tuple(load(spec.actions)(LateView(views, spec.id)))
