"""`feature-map-explorer`: the window without a sub-command, headless commands with one."""

from __future__ import annotations

import os
import sys

# numpy's BLAS threads spin for milliseconds after every product and take the core that paints from it; torch has its own
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main() -> int:
    """Entry point of the installed command; returns the exit code."""
    from explorer.core import translation
    from explorer.core.errors import ExplorerError

    asked, given = _language_in(sys.argv[1:])
    known = (*translation.languages(), translation.PSEUDO, translation.PSEUDO_RTL)
    if asked is not None and asked not in known:
        sys.stderr.write(f"feature-map-explorer: --language {asked}: known are {', '.join(known[:-2])}\n")
        return 1
    if asked:
        os.environ[translation.VARIABLE] = asked  # for the processes that are started, too
    try:
        translation.install(translation.chosen(_system_language))  # before the modules with texts are imported
    except ExplorerError as error:  # English it is
        sys.stderr.write(f"feature-map-explorer: {error}\n")
    from explorer.cli import run

    return run(given)


def _language_in(given: list[str]) -> tuple[str | None, list[str]]:
    """(NAME, the rest) of `--language NAME …`, before a command or the window's own options; None where it is not asked for."""
    first, equals, name = given[0].partition("=") if given else ("", "", "")
    if first != "--language":
        return None, given
    return (name, given[1:]) if equals else ("".join(given[1:2]), given[2:])


def _system_language() -> str:
    """That of the desktop, where the environment does not name it; "" where Qt is not there to ask."""
    if "linux" in sys.platform:
        return ""
    try:
        from PySide6.QtCore import QLocale
    except ImportError:
        return ""

    return next(iter(QLocale.system().uiLanguages()), "")


if __name__ == "__main__":
    sys.exit(main())
