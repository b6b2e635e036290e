"""What is remembered between starts, apart from the document: theme, device, recent files, window geometry, last session."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings

from explorer.core.paths import config_dir

_RECENT = 12


class Settings:
    """A plain file in the settings folder. Unreadable values fall back to their defaults."""

    def __init__(self) -> None:
        folder = config_dir()
        self._store = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)

    def text(self, name: str, default: str = "") -> str:
        value = self._store.value(name, default)
        return value if isinstance(value, str) else default

    def number(self, name: str, default: int = 0) -> int:
        try:
            return int(self.text(name, str(default)))
        except ValueError:
            return default

    def put(self, name: str, value: str | int | QByteArray) -> None:
        self._store.setValue(name, value if isinstance(value, QByteArray) else str(value))

    def geometry(self, name: str) -> QByteArray:
        value = self._store.value(name)
        return value if isinstance(value, QByteArray) else QByteArray()

    def recent(self, kind: str) -> list[str]:
        """The newest first."""
        value = self._store.value(f"recent/{kind}", [])
        return [v for v in ([value] if isinstance(value, str) else value or []) if isinstance(v, str) and v]

    def remember(self, kind: str, entry: str) -> None:
        """Puts an entry on top of a list of recent ones."""
        entries = [entry, *(e for e in self.recent(kind) if e != entry)][:_RECENT]
        self._store.setValue(f"recent/{kind}", entries)

    def sync(self) -> None:
        self._store.sync()
