"""What can go wrong with a camera, in words."""

from __future__ import annotations

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.ui.qt_multimedia import EXTRA

_OTHERWISE = tr("Pictures and videos work without it.")
_BUSY = ("busy", "in use", "being used", "already used", "0x80070020", "0xc00d3704", "0xc00d3ea3")
_REFUSED = ("permission", "denied", "not authorized", "not authorised", "0x80070005")


def no_library() -> ExplorerError:
    """Qt Multimedia is not installed."""
    return ExplorerError(
        tr("The camera needs Qt Multimedia."),
        tr("The package PySide6-Addons is not installed."),
        f"{EXTRA}. {_OTHERWISE}",
    )


def no_system_library(said: str) -> ExplorerError:
    """Qt Multimedia is there and cannot be loaded: on Linux it needs libraries that no package of Python brings."""
    todo = tr("Install the system library it names; the command doctor names its package.")
    if "libpulse" in said:
        todo = tr("Install it: libpulse0 on Debian and Ubuntu, pulseaudio-libs on Fedora, libpulse on Arch.")
    return ExplorerError(
        tr("The camera needs Qt Multimedia, which cannot be loaded."), f"{said.rstrip('.')}.", f"{todo} {_OTHERWISE}"
    )


def refused(platform: str) -> ExplorerError:
    """The system, or the person asked by it, said no."""
    where = {
        "darwin": tr("System Settings, Privacy & Security, Camera"),
        "win32": tr("Settings, Privacy & security, Camera, Let desktop apps access your camera"),
    }
    place = (
        tr("in {where}", where=where[platform])
        if platform in where
        else tr("(on Linux: be a member of the group video)")
    )
    todo = tr("Allow it {place}, then start the camera again.", place=place)
    return ExplorerError(
        tr("Access to the camera is not allowed."), tr("The system does not allow this application to use it."), todo
    )


def wont_start(title: str, said: str, platform: str) -> ExplorerError:
    """The camera is connected and its driver gave up; `said` is the driver's own text."""
    low, why = said.lower(), f"{said.rstrip('.')}." if said else ""
    if any(word in low for word in _REFUSED):
        return refused(platform)
    if any(word in low for word in _BUSY):
        return ExplorerError(
            tr("The camera “{title}” is in use.", title=title),
            why,
            tr("Close the other program that uses it, then start it again."),
        )
    todo = tr("Close other programs that may use it, or unplug it and connect it again; then start it again.")
    return ExplorerError(tr("The camera “{title}” does not work.", title=title), why, todo)


def gone(title: str) -> ExplorerError:
    """It was unplugged."""
    return ExplorerError(
        tr("The camera “{title}” is disconnected.", title=title),
        tr("It was unplugged or switched off."),
        tr("Connect it again, then start it."),
    )


def silent(title: str) -> ExplorerError:
    """It is open, and no picture comes."""
    return ExplorerError(
        tr("The camera “{title}” sends no pictures.", title=title),
        tr("Another program may be using it, or its shutter is closed."),
        tr("Close other programs that may use it, and start it again."),
    )


def unreadable(title: str) -> ExplorerError:
    """Pictures come and cannot be converted."""
    return ExplorerError(
        tr("The pictures of the camera “{title}” cannot be read.", title=title),
        tr("Qt cannot convert their format."),
        tr("Choose another camera, or another format in the camera's own settings."),
    )
