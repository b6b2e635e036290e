"""`feature-map-explorer`: the window without a sub-command, headless commands with one."""

from __future__ import annotations

import os
import sys

# numpy's BLAS threads spin for milliseconds after every product and take the core that paints from it; torch has its own
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main() -> int:
    """Entry point of the installed command; returns the exit code."""
    from explorer.core import translation

    translation.install(translation.chosen(_system_language()))  # before the modules with texts are imported
    from explorer.cli import run

    return run(sys.argv[1:])


def _system_language() -> str:
    """That of the desktop, where the environment does not name it."""
    if "linux" in sys.platform:
        return ""
    from PySide6.QtCore import QLocale

    return next(iter(QLocale.system().uiLanguages()), "")


if __name__ == "__main__":
    sys.exit(main())
