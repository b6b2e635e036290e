"""Maximised pictures on disk: found again at once, in another session too, within a byte budget.

A finished picture is KEY.npz, one that was interrupted KEY.part.npz. Both are written whole or not at all; what cannot be
read, or is not what its name says, is removed and counts as not there.
"""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.maximisation import (
    Maximised,
    MaximiseSettings,
    MaximiseState,
    Objective,
    key_of,
    objective_from_json,
    settings_from_json,
)
from explorer.core.system import paths
from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed
from explorer.engine import export
from explorer.engine.disk_budget import make_room, nbytes_of, remove

BUDGET = 256 << 20  # bytes
_DONE, _PART = ".npz", ".part.npz"
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error)
_STALE = 3600.0  # seconds after which a file that was being saved is somebody's crash
_Kind = TypeVar("_Kind")


class MaximisedStore:
    """`folder` None: in the application's cache. Not created before something is put there."""

    def __init__(self, folder: Path | None = None, budget: int = BUDGET) -> None:
        self.folder = paths.cache_dir() / "maximised" if folder is None else folder
        self.budget = budget

    def get(self, model: str, objective: Objective, settings: MaximiseSettings) -> Maximised | None:
        """The finished picture, None when it is not there."""
        found = self._read(key_of(model, objective, settings), _DONE, _picture)
        fits = found is not None and (found.model, found.objective, found.settings) == (model, objective, settings)
        return found if fits else None

    def has(self, model: str, objective: Objective, settings: MaximiseSettings) -> bool:
        """Whether there is a finished picture, without reading it."""
        return self._path(key_of(model, objective, settings), _DONE).is_file()

    def state(self, model: str, objective: Objective, settings: MaximiseSettings) -> MaximiseState | None:
        """Where an interrupted one has come to, None when it is not there."""
        return self._read(key_of(model, objective, settings), _PART, _state)

    def put(self, picture: Maximised) -> None:
        """Keeps a finished picture; its interrupted state goes. Raises ExplorerError when it cannot be written."""
        about = {name: getattr(picture, name) for name in ("model", "step", "value", "notes")}
        about |= {"objective": asdict(picture.objective), "settings": asdict(picture.settings)}
        self._write(picture.key, _DONE, about, {"pictures": picture.pictures, "curve": picture.curve})
        self.forget_state(picture.model, picture.objective, picture.settings)

    def put_state(self, model: str, objective: Objective, settings: MaximiseSettings, state: MaximiseState) -> None:
        """Keeps an interrupted one. Raises ExplorerError when it cannot be written."""
        arrays = {"parameters": state.parameters, "mean": state.mean, "square": state.square, "curve": state.curve}
        self._write(key_of(model, objective, settings), _PART, {"blocked": state.blocked}, arrays)

    def forget_state(self, model: str, objective: Objective, settings: MaximiseSettings) -> None:
        remove(self._path(key_of(model, objective, settings), _PART))

    @property
    def nbytes(self) -> int:
        """Bytes on the disk."""
        return sum(map(nbytes_of, self.folder.glob("*.npz")))

    def _path(self, key: str, kind: str) -> Path:
        return self.folder / f"{key}{kind}"

    def _read(self, key: str, kind: str, make: Callable[[dict[str, Any], dict[str, Array]], _Kind]) -> _Kind | None:
        path = self._path(key, kind)
        try:
            # from memory: numpy leaves a damaged file open, and an open one cannot be removed on Windows
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            made = make(parsed(str(arrays.pop("manifest"))), arrays)
            os.utime(path)  # the oldest use goes first
        except FileNotFoundError:
            return None
        except (*_UNREADABLE, ExplorerError):
            remove(path)
            return None
        return made

    def _write(self, key: str, kind: str, about: dict[str, Any], arrays: dict[str, Array]) -> None:
        buffer = io.BytesIO()
        held: dict[str, Any] = {"manifest": np.array(json.dumps(about)), **arrays}
        np.savez_compressed(buffer, **held)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExplorerError(
                tr("The generated image could not be stored."), f"{self.folder}: {error.strerror}."
            ) from None
        path = self._path(key, kind)
        export.write(path, buffer.getvalue())
        self._make_room(path)

    def _make_room(self, newest: Path) -> None:
        for left in self.folder.glob(".saving-*"):
            if time.time() - left.stat().st_mtime > _STALE:
                remove(left)
        make_room(self.folder.glob("*.npz"), newest, self.budget)


def _picture(about: dict[str, Any], arrays: dict[str, Array]) -> Maximised:
    objective = objective_from_json(json.dumps(about["objective"]))
    settings = settings_from_json(json.dumps(about["settings"]))
    pictures, curve = arrays["pictures"], arrays["curve"]
    whole = pictures.ndim == 4 and pictures.dtype == np.uint8 and len(pictures) == settings.batch
    if not whole or curve.shape != (about["step"],):
        raise ValueError(tr("the arrays do not fit the manifest"))
    pictures.flags.writeable = False
    value, notes = float(about["value"]), tuple(str(note) for note in about["notes"])
    return Maximised(about["model"], objective, settings, pictures, len(curve), curve, value, notes)


def _state(about: dict[str, Any], arrays: dict[str, Array]) -> MaximiseState:
    moved = [arrays[name] for name in ("parameters", "mean", "square")]
    if len({(a.shape, a.dtype.str) for a in moved}) != 1 or arrays["curve"].ndim != 1 or not len(arrays["curve"]):
        raise ValueError(tr("the arrays do not fit each other"))
    return MaximiseState(moved[0], moved[1], moved[2], arrays["curve"], bool(about["blocked"]))
