"""What the window says to a person: failures until they are read, progress, short messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from explorer.core.errors import ExplorerError, Failure
from explorer.core.progress import Progress
from explorer.core.translation import tr
from explorer.ui.widgets.banner import Banner


class Notices(QObject):
    """`failed` carries every Failure that is shown."""

    failed = Signal(object)

    def __init__(self, banner: Banner, place: Callable[[], None], parent: QObject) -> None:
        """`place` puts the banner where it belongs after its words have changed."""
        super().__init__(parent)
        self._banner, self._place = banner, place
        self._unread: Failure | None = None

    def fail(self, failure: Failure) -> None:
        """Says what happened; what was shown stays. One that has not been read yet is said along."""
        before, self._unread = self._unread if self._banner.kind == "error" else None, failure
        both = before is not None and before.what != failure.what
        shown = (
            replace(failure, todo=tr("{todo} Before that: {before_text}", todo=failure.todo, before_text=before.text))
            if both and before
            else failure
        )
        self._banner.show_failure(shown)
        self._place()
        self.failed.emit(failure)

    def fail_with(self, error: ExplorerError) -> None:
        """As `fail`, for an error."""
        self.fail(failure_of(error))

    def asked_anew(self) -> None:
        """Whoever asks for something else has read the last error."""
        if self._banner.kind == "error":
            self._banner.dismiss()

    def outdated(self) -> None:
        """After a step back or forward a message may be about what is no more."""
        if self._banner.kind == "info":
            self._banner.dismiss()

    def tell(self, message: str) -> None:
        """A short message."""
        self._banner.show_message(message)
        self._place()

    @property
    def kind(self) -> str:
        """What is shown: "error", "info", "progress" or "" for nothing."""
        return self._banner.kind

    def progress(self, progress: Progress, cancellable: bool = False, over: bool = False) -> None:
        """How far long work is; an error stays until it is read or something else is asked for, unless this goes `over` it."""
        if self.kind != "error" or over:
            self._banner.show_progress(progress, cancellable=cancellable)
            self._place()

    def progress_over(self) -> None:
        """Nothing long runs any more."""
        if self._banner.kind == "progress":
            self._banner.dismiss()


def failure_of(error: ExplorerError) -> Failure:
    """An error as text."""
    return Failure(error.what, error.why, error.todo, type=type(error).__name__)
