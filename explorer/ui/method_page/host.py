"""What surrounds a method page, as far as pages may know and change it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

from explorer.core.arrays import Array
from explorer.core.boxes import Box
from explorer.core.session.display import Display
from explorer.core.session.session import Session
from explorer.ui.data_index.index_shelf import IndexShelf
from explorer.ui.method_page.pointer import Pointer
from explorer.ui.model_pane.active_edits import Interventions
from explorer.ui.settings import Settings


class InputOverlay(Protocol):
    """The input as it is shown, which pages may draw over."""

    def set_heat(
        self,
        rgba: Array | None,
        box: Box | None = None,
        strength: float = 0.6,
        sharp: bool = False,
        within: Box | None = None,
    ) -> None:
        """A picture over the whole input or over a box of it; None: nothing."""

    def set_window(self, box: Box | None) -> None:
        """A frame, in pixels of the original picture."""

    def set_border(self, mask: Array | None) -> None:
        """A line round some cells (h, w) of what lies over the input, None: none."""


class Regions(Protocol):
    """A map on which a region can be marked by dragging: `banded` carries a Region, None for the whole map."""

    banded: SignalInstance

    def set_banding(self, on: bool) -> None:
        """Whether dragging marks a region; without, the one that is marked goes."""


class PageHost(Protocol):
    """The session, the input that overlays are drawn on, what is pointed at, the window that dialogs stand over, and files."""

    @property
    def parent_widget(self) -> QWidget: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def session(self) -> Session: ...

    @property
    def overlay(self) -> InputOverlay: ...

    @property
    def pointer(self) -> Pointer: ...

    @property
    def interventions(self) -> Interventions:
        """The edits of the model that is shown."""

    @property
    def regions(self) -> Regions:
        """The large map of the selected channel."""

    @property
    def playing(self) -> bool:
        """Whether the input moves."""

    @property
    def shown(self) -> Display | None:
        """The selected layer as it is drawn, None while nothing is."""

    @property
    def indexes(self) -> IndexShelf:
        """The indexes of data sets that are there."""

    def change(self, **fields: Any) -> None:
        """Another session: `Session`'s fields by name."""

    def go(self, **fields: Any) -> None:
        """As `change`, where a model or an input among the fields is still to be opened: one step of the history."""

    def show_workspace(self, name: str) -> None:
        """Brings a workspace to the front."""

    def note_params(self) -> None:
        """Parameters were changed by hand, and are remembered in the settings."""

    def say(self, words: str) -> None:
        """A message over the window."""

    def open_pixels(self, pixels: Array, name: str) -> None:
        """Shows a picture that is in no file, (H, W, C) uint8, to the model."""

    def save(self, path: str, make: Callable[[], bytes]) -> None:
        """Writes a file on the worker thread, whole or not at all; says that it was written, or why not."""
