"""What stays out of the frozen application is not asked for by what goes in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

WITHOUT = """
import importlib, pkgutil, sys
sys.path.insert(0, "packaging/pyinstaller")
import contents

class Missing:
    def find_spec(self, name, path=None, target=None):
        if any(name == out or name.startswith(out + ".") for out in contents.EXCLUDED if out not in contents.STAND_INS):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
import explorer.ui
for module in pkgutil.walk_packages(explorer.ui.__path__, "explorer.ui."):
    importlib.import_module(module.name)
from explorer import catalogue
"""


def test_the_window_opens_without_what_is_left_out() -> None:
    """Every module of the user interface, and pyqtgraph with it."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
