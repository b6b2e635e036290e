"""Windows only: torch and Qt both bring Microsoft's C++ runtime, and the first one loaded serves both."""

from __future__ import annotations

import ctypes
import importlib.util
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_NAME = "msvcp140.dll"
Version = tuple[int, int, int, int]


def preload_newest(
    candidates: Iterable[Path] | None = None,
    version: Callable[[Path], Version] | None = None,
    load: Callable[[str], object] = ctypes.CDLL,
) -> Path | None:
    """Loads the newest msvcp140.dll there is, before Qt loads an older one behind which torch's DLLs fail (WinError 1114).

    Returns what was loaded; None on other systems and where there is none. Never raises: without it things may still work.
    """
    if candidates is None:
        if os.name != "nt":
            return None
        candidates = _places()
    found = [path for path in candidates if path.is_file()]
    if not found:
        return None
    newest = max(found, key=version or _file_version)
    try:
        load(str(newest))
    except OSError:
        return None
    return newest


def _places() -> list[Path]:
    folders = [Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32"]
    for package in ("PySide6", "shiboken6"):
        spec = importlib.util.find_spec(package)
        folders += [Path(folder) for folder in (spec.submodule_search_locations or [])] if spec else []
    return [folder / _NAME for folder in folders]


def _file_version(path: Path) -> Version:
    """The version in a DLL's resources; zeros where it cannot be read."""
    if os.name != "nt":
        return 0, 0, 0, 0
    api: Any = vars(ctypes)["windll"].version
    size = api.GetFileVersionInfoSizeW(str(path), None)
    data = ctypes.create_string_buffer(size)
    pointer, length = ctypes.c_void_p(), ctypes.c_uint()
    known = size and api.GetFileVersionInfoW(str(path), 0, size, data)
    if not known or not api.VerQueryValueW(data, "\\", ctypes.byref(pointer), ctypes.byref(length)):
        return 0, 0, 0, 0
    high, low = (ctypes.cast(pointer, ctypes.POINTER(ctypes.c_uint32))[i] for i in (2, 3))
    return high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF
