"""What can go wrong with a camera, in words."""

from __future__ import annotations

from explorer.core.errors import ExplorerError
from explorer.ui.qt_multimedia import EXTRA

_OTHERWISE = "Pictures and videos work without it."
_BUSY = ("busy", "in use", "being used", "already used", "0x80070020", "0xc00d3704", "0xc00d3ea3")
_REFUSED = ("permission", "denied", "not authorized", "not authorised", "0x80070005")


def no_library() -> ExplorerError:
    """Qt Multimedia is not installed."""
    return ExplorerError(
        "The camera needs Qt Multimedia.", "The package PySide6-Addons is not installed.", f"{EXTRA}. {_OTHERWISE}"
    )


def no_system_library(said: str) -> ExplorerError:
    """Qt Multimedia is there and cannot be loaded: on Linux it needs libraries that no package of Python brings."""
    todo = "Install the system library it names; the command doctor names its package."
    if "libpulse" in said:
        todo = "Install it: libpulse0 on Debian and Ubuntu, pulseaudio-libs on Fedora, libpulse on Arch."
    return ExplorerError(
        "The camera needs Qt Multimedia, which cannot be loaded.", f"{said.rstrip('.')}.", f"{todo} {_OTHERWISE}"
    )


def refused(platform: str) -> ExplorerError:
    """The system, or the person asked by it, said no."""
    where = {
        "darwin": "System Settings, Privacy & Security, Camera",
        "win32": "Settings, Privacy & security, Camera, Let desktop apps access your camera",
    }
    place = f"in {where[platform]}" if platform in where else "(on Linux: be a member of the group video)"
    todo = f"Allow it {place}, then start the camera again."
    return ExplorerError(
        "Access to the camera is not allowed.", "The system does not allow this application to use it.", todo
    )


def wont_start(title: str, said: str, platform: str) -> ExplorerError:
    """The camera is connected and its driver gave up; `said` is the driver's own text."""
    low, why = said.lower(), f"{said.rstrip('.')}." if said else ""
    if any(word in low for word in _REFUSED):
        return refused(platform)
    if any(word in low for word in _BUSY):
        return ExplorerError(
            f"The camera “{title}” is in use.", why, "Close the other program that uses it, then start it again."
        )
    todo = "Close other programs that may use it, or unplug it and connect it again; then start it again."
    return ExplorerError(f"The camera “{title}” does not work.", why, todo)


def gone(title: str) -> ExplorerError:
    """It was unplugged."""
    return ExplorerError(
        f"The camera “{title}” is disconnected.",
        "It was unplugged or switched off.",
        "Connect it again, then start it.",
    )


def silent(title: str) -> ExplorerError:
    """It is open, and no picture comes."""
    return ExplorerError(
        f"The camera “{title}” sends no pictures.",
        "Another program may be using it, or its shutter is closed.",
        "Close other programs that may use it, and start it again.",
    )


def unreadable(title: str) -> ExplorerError:
    """Pictures come and cannot be converted."""
    return ExplorerError(
        f"The pictures of the camera “{title}” cannot be read.",
        "Qt cannot convert their format.",
        "Choose another camera, or another format in the camera's own settings.",
    )
