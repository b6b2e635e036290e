"""System libraries and fonts that Qt needs on Linux: what is missing, and the command that installs it.

Standard library only: the set-up scripts load this file by its path before anything is installed, `doctor` imports it.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple


class Library(NamedTuple):
    """A shared library, what needs it, and the package that brings it on four families of systems."""

    name: str
    use: str  # "run": also without a screen; "window": X11; "wayland"; "camera"
    apt: str
    dnf: str
    pacman: str
    zypper: str


# What `ldd` names for the offscreen, xcb and Wayland platform plugins and for Qt Multimedia's ffmpeg plugin of PySide6
# 6.11.3, less what the wheels bring themselves, on a Debian 12 with nothing but Python.
LIBRARIES = (
    Library("libEGL.so.1", "run", "libegl1", "libglvnd-egl", "libglvnd", "Mesa-libEGL1"),
    Library("libGL.so.1", "run", "libgl1", "libglvnd-glx", "libglvnd", "Mesa-libGL1"),
    Library("libX11.so.6", "run", "libx11-6", "libX11", "libx11", "libX11-6"),
    Library("libdbus-1.so.3", "run", "libdbus-1-3", "dbus-libs", "dbus", "libdbus-1-3"),
    Library("libfontconfig.so.1", "run", "libfontconfig1", "fontconfig", "fontconfig", "fontconfig"),
    Library("libfreetype.so.6", "run", "libfreetype6", "freetype", "freetype2", "libfreetype6"),
    Library("libglib-2.0.so.0", "run", "libglib2.0-0", "glib2", "glib2", "libglib-2_0-0"),
    Library("libgthread-2.0.so.0", "run", "libglib2.0-0", "glib2", "glib2", "libgthread-2_0-0"),
    Library("libxkbcommon.so.0", "run", "libxkbcommon0", "libxkbcommon", "libxkbcommon", "libxkbcommon0"),
    Library("libX11-xcb.so.1", "window", "libx11-xcb1", "libX11-xcb", "libx11", "libX11-xcb1"),
    Library(
        "libxkbcommon-x11.so.0",
        "window",
        "libxkbcommon-x11-0",
        "libxkbcommon-x11",
        "libxkbcommon-x11",
        "libxkbcommon-x11-0",
    ),
    Library("libxcb.so.1", "window", "libxcb1", "libxcb", "libxcb", "libxcb1"),
    Library("libxcb-cursor.so.0", "window", "libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor", "libxcb-cursor0"),
    Library("libxcb-icccm.so.4", "window", "libxcb-icccm4", "xcb-util-wm", "xcb-util-wm", "libxcb-icccm4"),
    Library("libxcb-image.so.0", "window", "libxcb-image0", "xcb-util-image", "xcb-util-image", "libxcb-image0"),
    Library(
        "libxcb-keysyms.so.1", "window", "libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms", "libxcb-keysyms1"
    ),
    Library("libxcb-randr.so.0", "window", "libxcb-randr0", "libxcb", "libxcb", "libxcb-randr0"),
    Library(
        "libxcb-render-util.so.0",
        "window",
        "libxcb-render-util0",
        "xcb-util-renderutil",
        "xcb-util-renderutil",
        "libxcb-render-util0",
    ),
    Library("libxcb-render.so.0", "window", "libxcb-render0", "libxcb", "libxcb", "libxcb-render0"),
    Library("libxcb-shape.so.0", "window", "libxcb-shape0", "libxcb", "libxcb", "libxcb-shape0"),
    Library("libxcb-shm.so.0", "window", "libxcb-shm0", "libxcb", "libxcb", "libxcb-shm0"),
    Library("libxcb-sync.so.1", "window", "libxcb-sync1", "libxcb", "libxcb", "libxcb-sync1"),
    Library("libxcb-util.so.1", "window", "libxcb-util1", "xcb-util", "xcb-util", "libxcb-util1"),
    Library("libxcb-xfixes.so.0", "window", "libxcb-xfixes0", "libxcb", "libxcb", "libxcb-xfixes0"),
    Library("libxcb-xkb.so.1", "window", "libxcb-xkb1", "libxcb", "libxcb", "libxcb-xkb1"),
    Library(
        "libwayland-client.so.0", "wayland", "libwayland-client0", "libwayland-client", "wayland", "libwayland-client0"
    ),
    Library(
        "libwayland-cursor.so.0", "wayland", "libwayland-cursor0", "libwayland-cursor", "wayland", "libwayland-cursor0"
    ),
    Library("libpulse.so.0", "camera", "libpulse0", "pulseaudio-libs", "libpulse", "libpulse0"),
    Library("libXext.so.6", "camera", "libxext6", "libXext", "libxext", "libXext6"),
    Library("libXrandr.so.2", "camera", "libxrandr2", "libXrandr", "libxrandr", "libXrandr2"),
    Library("libdrm.so.2", "camera", "libdrm2", "libdrm", "libdrm", "libdrm2"),
)

FONTS = Library("a font", "run", "fonts-dejavu-core", "dejavu-sans-fonts", "ttf-dejavu", "dejavu-fonts")

_INSTALLERS = {
    "apt": ("apt-get", "install", "-y", "--no-install-recommends"),
    "dnf": ("dnf", "install", "-y"),
    "pacman": ("pacman", "-S", "--needed"),
    "zypper": ("zypper", "install"),
}


def loads(name: str) -> bool:
    """Whether the dynamic linker finds this library and everything that it needs."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def font_folders() -> tuple[Path, ...]:
    """Where fontconfig looks on an ordinary Linux."""
    home = Path.home()
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share")
    return Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".fonts", data / "fonts"


def has_fonts(folders: Sequence[Path] | None = None) -> bool:
    """Whether there is any scalable font; without one Qt draws boxes instead of letters."""
    endings = {".ttf", ".otf", ".ttc", ".pfb"}
    for folder in font_folders() if folders is None else folders:
        if any(Path(name).suffix.lower() in endings for _, _, names in os.walk(folder) for name in names):
            return True
    return False


def missing(uses: Collection[str]) -> tuple[Library, ...]:
    """Libraries for these uses that are not there; always empty away from Linux, where the wheels bring all."""
    if not sys.platform.startswith("linux"):
        return ()
    found = tuple(library for library in LIBRARIES if library.use in uses and not loads(library.name))
    return found if has_fonts() or "run" not in uses else (*found, FONTS)


def package_manager() -> str:
    """ "apt", "dnf", "pacman", "zypper", or "" when none of them is there."""
    return next((name for name, command in _INSTALLERS.items() if shutil.which(command[0])), "")


def packages(libraries: Collection[Library], manager: str) -> list[str]:
    """Names of the packages that bring these libraries."""
    return sorted({str(getattr(library, manager)) for library in libraries})


def install_command(libraries: Collection[Library], manager: str) -> list[str]:
    """The command (to be run as root) that installs these libraries; [] for an unknown package manager."""
    if manager not in _INSTALLERS or not libraries:
        return []
    return [*_INSTALLERS[manager], *packages(libraries, manager)]
