"""torch's large library is loaded by a thread of its own, without Python's lock, while the window is being made."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
import threading
from pathlib import Path

from explorer.engine.jobs import devices

# In the order and with the flags of torch/__init__.py; neither knows Python, so that they may be loaded without its lock.
_LIBRARIES = (("libtorch_global_deps.so", "RTLD_GLOBAL"), ("libtorch_cpu.so", "RTLD_LOCAL"))


def load_ahead() -> threading.Thread | None:
    """Begins to load them where another core can do it (Linux only); `import torch` finds them loaded, or waits for the rest.
    None: nothing was begun."""
    if sys.platform != "linux" or devices.cores() < 2 or "torch" in sys.modules:
        return None
    thread = threading.Thread(target=_load, name="torch-libraries", daemon=True)
    thread.start()
    return thread


def _load() -> None:
    try:
        found = importlib.util.find_spec("torch")
        places = found.submodule_search_locations if found is not None else None
        folder = Path(places[0]) / "lib" if places else None
        # not ctypes.CDLL(path), which keeps Python's lock while it loads
        dlopen = ctypes.CDLL(None).dlopen
    except (ImportError, ValueError, OSError, AttributeError):
        return
    dlopen.restype, dlopen.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
    for name, scope in _LIBRARIES:
        if folder is None or not dlopen(os.fsencode(folder / name), os.RTLD_NOW | getattr(os, scope)):
            return  # an installation of another kind: `import torch` does it all
