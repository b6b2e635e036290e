"""Where the application's files are: what ships with it, what it may write, where weights are looked for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

APP = "feature-map-explorer"
HOME_VARIABLE = "FME_HOME"
WEIGHTS_VARIABLE = "FME_WEIGHTS"


def resources() -> Path:
    """Read-only files shipped with the application: frozen, installed as a wheel, or in a source tree."""
    if _frozen():
        return Path(getattr(sys, "_MEIPASS", _executable_dir())) / "resources"
    package = Path(__file__).resolve().parents[2]
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent / "resources"


def documentation() -> tuple[Path | None, bool]:
    """(the first page of the documentation, whether it is a built site): in a package or wheel beside the resources, in a source
    tree what packaging/docs.py has built, else its Markdown. None where there is neither."""
    root = resources().parent
    for page in (resources() / "docs" / "index.html", root / "build" / "docs" / "index.html"):
        if page.is_file():
            return page, True
    page = root / "docs" / "index.md"
    return (page, False) if page.is_file() else (None, False)


def data_dir() -> Path:
    """What the application keeps for the person: weights. Not created here."""
    return _user_dir("data")


def cache_dir() -> Path:
    """What can be made again. Not created here."""
    return _user_dir("cache")


def config_dir() -> Path:
    """Settings and remembered consents. Not created here."""
    return _user_dir("config")


def weight_dirs() -> tuple[Path, ...]:
    """Folders that are searched for weights, first hit wins. They need not exist."""
    from platformdirs import site_data_dir

    site = site_data_dir(APP, appauthor=False, multipath=True).split(os.pathsep)
    folders = [
        *_given_weight_dirs(),
        *([_beside_executable() / "weights"] if _frozen() else []),
        data_dir() / "weights",
        *(Path(folder) / "weights" for folder in site),
        resources() / "weights",
    ]
    return tuple(dict.fromkeys(folders))


def download_dir() -> Path | None:
    """The first weights folder that can be written to, None when there is none. Not created here."""
    # A folder beside the executable is used only where somebody made one (a portable copy), and never silently created.
    beside = _beside_executable() / "weights" if _frozen() else None
    for folder in weight_dirs():
        if (folder != beside or folder.is_dir()) and can_write(folder):
            return folder
    return None


def can_write(folder: Path) -> bool:
    """Whether files can be made in this folder, or the folder itself where it does not exist yet."""
    for place in (folder, *folder.parents):
        if place.exists():
            return place.is_dir() and os.access(place, os.W_OK | os.X_OK)
    return False


def _user_dir(kind: str) -> Path:
    home = os.environ.get(HOME_VARIABLE)
    if home:
        return Path(home).expanduser().resolve() / kind
    import platformdirs

    return Path(getattr(platformdirs, f"user_{kind}_dir")(APP, appauthor=False))


def _given_weight_dirs() -> list[Path]:
    # Several folders may be given, as in PATH.
    given = os.environ.get(WEIGHTS_VARIABLE, "")
    return [Path(part).expanduser().resolve() for part in given.split(os.pathsep) if part.strip()]


def _frozen() -> bool:
    return bool(getattr(sys, "frozen", False))


def _executable_dir() -> Path:
    return Path(sys.executable).resolve().parent


def _beside_executable() -> Path:
    """The folder a person sees the application in: on macOS beside the .app, for writing inside it breaks its signature."""
    for place in (_executable_dir(), *_executable_dir().parents):
        if place.suffix == ".app":
            return place.parent
    return _executable_dir()
