"""How far a person has come in each lesson, kept beside the settings so that a lesson goes on where it was left."""

from __future__ import annotations

import hashlib
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.lessons.lesson_record import LessonRecord, record_from, record_json
from explorer.core.session.session import Session, from_json, to_json
from explorer.core.system.paths import data_dir
from explorer.core.translation import tr
from explorer.engine import whole_files

_MOST_BYTES = 4 << 20


class KeptRecords:
    """`folder` None: nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @classmethod
    def of_person(cls) -> KeptRecords:
        """Those of the person at this machine."""
        return cls(data_dir() / "lessons")

    def put(self, record: LessonRecord, session: Session | None) -> None:
        """Raises ExplorerError where it cannot be kept."""
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            whole_files.write(self._file(record, ".json"), record_json(record).encode("utf-8"), False)
            if session is not None:
                whole_files.write(self._file(record, ".fmx.json"), to_json(session).encode("utf-8"), False)
        except OSError as error:
            raise ExplorerError(
                tr("How far this lesson has come cannot be kept."), f"{self._folder}: {error.strerror or error}."
            ) from None

    def get(self, lesson: str, digest: str) -> tuple[LessonRecord, Session | None] | None:
        """What was kept of this very lesson; None for nothing, or for what cannot be read."""
        if self._folder is None:
            return None
        wanted = LessonRecord(lesson, digest=digest)
        try:
            record = record_from(_read(self._file(wanted, ".json")))
        except (OSError, ExplorerError):
            return None
        try:
            return record, from_json(_read(self._file(wanted, ".fmx.json")).decode("utf-8"))
        except (OSError, ExplorerError, UnicodeDecodeError):
            return record, None

    def drop(self, record: LessonRecord) -> None:
        """Forgets it."""
        if self._folder is not None:
            for suffix in (".json", ".fmx.json"):
                try:
                    self._file(record, suffix).unlink(missing_ok=True)
                except OSError:
                    pass

    def _file(self, record: LessonRecord, suffix: str) -> Path:
        assert self._folder is not None
        name = hashlib.sha256(f"{record.lesson} {record.digest}".encode()).hexdigest()[:16]
        return self._folder / f"{record.lesson[:40]}-{name}{suffix}"


def _read(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(_MOST_BYTES)
