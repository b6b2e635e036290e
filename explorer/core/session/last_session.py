"""The session of the last window on disk, whole or as it was before, whatever ends the process."""

from __future__ import annotations

import os
import time
from pathlib import Path

NAME = "last.fmx.json"
_TRYING = "opened_models"  # there while the last session is being opened
_ASIDE = "not-opened.fmx.json"
_OLD = 60  # seconds


class Last:
    """The file in a folder, which is made when it is needed. `write`, `begin` and `opened` raise OSError."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / NAME
        self._trying = folder / _TRYING

    def read(self) -> str:
        """What was kept; "" for nothing that can be read."""
        try:
            return self.file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    def write(self, text: str) -> None:
        """Whole or not at all, and on the disk once this returns."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        part = self.file.with_name(f"{NAME}.{os.getpid()}.part")
        try:
            with open(part, "w", encoding="utf-8") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            os.replace(part, self.file)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def begin(self) -> None:
        """It is being opened now; `opened` says that this ended well."""
        self._trying.write_text("", encoding="utf-8")

    def opened(self) -> None:
        self._trying.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Takes away what writers that were killed have left; one that is at work is younger."""
        for part in self.file.parent.glob(f"{NAME}.*.part"):
            try:
                if time.time() - part.stat().st_mtime > _OLD:
                    part.unlink()
            except OSError:
                pass

    def aside(self) -> Path | None:
        """Where a session lies that ended the window while it was being opened: it would do so at every start. None: all is
        well."""
        if not self._trying.exists():
            return None
        put = self.file.with_name(_ASIDE)
        try:
            os.replace(self.file, put)
            self._trying.unlink(missing_ok=True)
        except OSError:
            return None
        return put
