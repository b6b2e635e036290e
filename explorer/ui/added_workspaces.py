"""A workspace that the catalogue brings, and what it may know of the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.errors import Failure
from explorer.core.figure.figure_parts import FigureDescription
from explorer.core.inputs import InputRef
from explorer.core.method import Measured
from explorer.core.models import ModelCard, ModelSpec
from explorer.core.session.comparison import Column
from explorer.core.session.session import Session
from explorer.ui.actions import Action
from explorer.ui.data_index.index_shelf import IndexShelf
from explorer.ui.jobs.client import JobClient
from explorer.ui.settings import Settings
from explorer.ui.state import Store


class WorkspaceHost(Protocol):
    """The engine, Explore's model, input and capture, the session, and what the window says. `captured` carries every Capture that
    Explore shows, `model_opened` every ModelCard."""

    client: JobClient
    settings: Settings
    state: Store
    captured: SignalInstance
    model_opened: SignalInstance

    @property
    def parent_widget(self) -> QWidget: ...

    @property
    def session(self) -> Session: ...

    @property
    def card(self) -> ModelCard | None: ...

    @property
    def picture(self) -> Input | None: ...

    @property
    def capture(self) -> Capture | None: ...

    @property
    def indexes(self) -> IndexShelf:
        """The indexes of data sets that are there."""

    def change(self, **fields: Any) -> None:
        """Another session: `Session`'s fields by name."""

    def go(self, **fields: Any) -> None:
        """As `change`, where a model or an input among the fields is still to be opened: one step of the history."""

    def say(self, words: str) -> None:
        """A short message."""

    def fail(self, failure: Failure) -> None:
        """Says what went wrong."""

    def save(self, path: str, make: Callable[[], bytes]) -> None:
        """Writes a file on the worker thread, whole or not at all; says that it was written, or why not."""

    def open_model(self, spec: ModelSpec) -> None:
        """Another model in Explore; the one that is open stays until it has come."""

    def open_input(self, ref: InputRef) -> None:
        """Another input in Explore."""

    def show_workspace(self, name: str) -> None:
        """Brings another workspace to the front."""

    def compare_columns(self, columns: Sequence[Column]) -> None:
        """These columns in Compare, which comes to the front."""


class WorkspaceView(QWidget):
    """A workspace's widget derives from it; it is made with a `WorkspaceHost` and asks the engine for what it shows by requests."""

    def __init__(self, host: WorkspaceHost, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.host = host

    def start(self) -> None:
        """It comes to the front."""

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return False

    def known(self) -> Mapping[str, Measured]:
        """What guides can ask of each method that has a whole result here."""
        return {}

    def compute(self, _method: str, _params: Mapping[str, Any]) -> bool:
        """For a guide: with parameters they are set, without any the method is computed unless it has a result. False: it is none of
        this workspace."""
        return False

    def figures(self) -> Sequence[tuple[QWidget, Callable[[], FigureDescription | None]]]:
        """The parts of which there are figures, the most important first, with what makes each; None: nothing is shown there."""
        return ()

    def own_actions(self) -> tuple[Action, ...]:
        """Its commands, whose context is its id."""
        return ()

    def take_paths(self, _paths: Sequence[str]) -> bool:
        """Files or folders that were let go over the window while it is in front; whether it has taken them."""
        return False

    def finish(self) -> None:
        """Stops what it has started; called once, when the window closes."""
