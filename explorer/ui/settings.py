"""What is remembered between starts, apart from the document: theme, device, recent files, window geometry, last session."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings

from explorer.core.system.paths import config_dir

_RECENT = 12


class Settings:
    """A plain file in the settings folder. Unreadable values fall back to their defaults. `lasting` False: neither reads nor
    writes it; every person gets the same window."""

    def __init__(self, lasting: bool = True) -> None:
        self._file = QSettings(str(config_dir() / "settings.ini"), QSettings.Format.IniFormat) if lasting else None
        self._fleeting: dict[str, object] = {}
        self.lasting = lasting

    def _get(self, name: str, default: object = None) -> object:
        return self._file.value(name, default) if self._file is not None else self._fleeting.get(name, default)

    def _set(self, name: str, value: object) -> None:
        if self._file is not None:
            self._file.setValue(name, value)
        else:
            self._fleeting[name] = value

    def text(self, name: str, default: str = "") -> str:
        value = self._get(name, default)
        return value if isinstance(value, str) else default

    def number(self, name: str, default: int = 0) -> int:
        try:
            return int(self.text(name, str(default)))
        except ValueError:
            return default

    def put(self, name: str, value: str | int | QByteArray) -> None:
        self._set(name, value if isinstance(value, QByteArray) else str(value))

    def geometry(self, name: str) -> QByteArray:
        value = self._get(name)
        return value if isinstance(value, QByteArray) else QByteArray()

    def recent(self, kind: str) -> list[str]:
        """The newest first."""
        value = self._get(f"recent/{kind}")
        entries = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        return [entry for entry in entries if isinstance(entry, str) and entry]

    def remember(self, kind: str, entry: str) -> None:
        """Puts an entry on top of a list of recent ones."""
        entries = [entry, *(e for e in self.recent(kind) if e != entry)][:_RECENT]
        self._set(f"recent/{kind}", entries)

    def sync(self) -> None:
        if self._file is not None:
            self._file.sync()
