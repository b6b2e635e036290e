"""What surrounds a method page, as far as pages may know and change it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtWidgets import QWidget

from explorer.core.session import Session
from explorer.ui.settings import Settings


class PageHost(Protocol):
    """The session, the window that dialogs stand over, and files."""

    @property
    def parent_widget(self) -> QWidget: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def session(self) -> Session: ...

    def change(self, **fields: Any) -> None:
        """Another session: `Session`'s fields by name."""

    def save(self, path: str, make: Callable[[], bytes]) -> None:
        """Writes a file on the worker thread, whole or not at all; says that it was written, or why not."""
