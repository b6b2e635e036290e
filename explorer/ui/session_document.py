"""The file of the session: its name, whether it is saved, and what is asked before a window closes that is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from explorer.core.session.bundle_manifest import SUFFIX
from explorer.core.session.session import Session
from explorer.ui.settings import Settings
from explorer.ui.state import Store
from explorer.ui.window import Window

SESSION_SUFFIX = ".fmx.json"
RECENT = "sessions"
_LAST = "session_file"  # of the settings: the file that the window stood in when nothing had changed since


class SessionDocument(QObject):
    """Without a file nothing is asked: the window itself is kept and opens again as it was."""

    def __init__(self, window: Window, store: Store, settings: Settings, save: Callable[[], object]) -> None:
        super().__init__(window)
        self._window, self._store, self._settings, self._save = window, store, settings, save
        self.path = ""
        self.leave: set[str] = set()  # what a bundle was saved without, by path
        self._closing = False
        self._noted = self._before = settings.text(_LAST)  # the second: of the last window
        window.may_close = self.may_close
        store.history_changed.connect(self._show)

    @property
    def name(self) -> str:
        """Of the file, without what says that it is a session; "" where there is none."""
        name = Path(self.path).name
        for suffix in (SESSION_SUFFIX, SUFFIX):
            if name.lower().endswith(suffix) and len(name) > len(suffix):
                return name[: -len(suffix)]
        return name

    @property
    def is_bundle(self) -> bool:
        """Whether its file is a bundle."""
        return self.path.lower().endswith(SUFFIX)

    @property
    def modified(self) -> bool:
        """Whether there is a file, and something has changed since it was written."""
        return bool(self.path) and self._store.history.modified

    def opened(self, path: str) -> None:
        """The present of the history lies in this file."""
        self.path, self.leave = path, set()
        self._settings.remember(RECENT, path)
        self._store.mark_saved(self._store.history.now)

    def resume(self) -> None:
        """The window has opened as it was at its end: so is its file, where nothing had changed and nobody has written it since."""
        changed, _, path = self._before.partition(" ")
        if path and changed == _written(path):
            self.opened(path)

    def saved(self, path: str, step: Session) -> None:
        """A step of the history was written to a file."""
        self.path = path
        self._settings.remember(RECENT, path)
        self._store.mark_saved(step)
        if self._closing:
            self._closing = False
            self._window.close()

    def failed(self) -> None:
        """It could not be written: the window stays open."""
        self._closing = False

    def _show(self) -> None:
        self._window.show_title(document=self.name, modified=self.modified)
        note = f"{_written(self.path)} {self.path}" if self.path and not self.modified else ""
        if note != self._noted:
            self._noted = note
            self._settings.put(_LAST, note)

    def may_close(self) -> bool:
        """Asks where there is something to lose; with "Save" the window closes once the file is written."""
        if not self.modified:
            return True
        from explorer.ui.dialogs.unsaved_dialog import UnsavedDialog

        dialog = UnsavedDialog(self.name, self._window)
        chosen, discarded = dialog.exec(), dialog.discarded
        dialog.deleteLater()
        if chosen and not discarded:
            self._closing = True
            self._save()
        return bool(chosen) and discarded


def _written(path: str) -> str:
    """When a file was written; "" where there is none."""
    try:
        return str(Path(path).stat().st_mtime_ns)
    except (OSError, ValueError):
        return ""
