"""What can go wrong with sound out and in, in words."""

from __future__ import annotations

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.ui.qt_multimedia import EXTRA

_OTHERWISE = tr("Everything else works without it.")


def no_sound_library() -> ExplorerError:
    """Qt Multimedia is not installed."""
    return ExplorerError(
        tr("Sound needs Qt Multimedia."), tr("The package PySide6-Addons is not installed."), f"{EXTRA}. {_OTHERWISE}"
    )


def no_sound_system_library(said: str) -> ExplorerError:
    """Qt Multimedia is there and cannot be loaded; `said` is the loader's own text."""
    todo = tr("Install the system library it names; the command doctor names its package.")
    return ExplorerError(
        tr("Sound needs Qt Multimedia, which cannot be loaded."), f"{said.rstrip('.')}.", f"{todo} {_OTHERWISE}"
    )


def no_output(platform: str) -> ExplorerError:
    """The system lists no output. On Linux a missing sound server looks the same."""
    server = tr(" and start PulseAudio or PipeWire") if platform.startswith("linux") else ""
    return ExplorerError(
        tr("There is no sound output."),
        tr("The system lists none."),
        tr("Connect one{server}, then play again. {otherwise}", server=server, otherwise=_OTHERWISE),
    )


def output_refused(title: str) -> ExplorerError:
    """The output is listed and does not open."""
    todo = tr("Close the program that holds it or choose another output in the system's settings, then play again.")
    return ExplorerError(tr("The output “{title}” cannot be opened.", title=title), tr("The system refuses it."), todo)


def output_lost(title: str) -> ExplorerError:
    """It took sound and takes no more."""
    return ExplorerError(
        tr("The output “{title}” takes no more sound.", title=title),
        tr("It was disconnected or the sound server ended."),
        tr("Connect it or choose another output in the system's settings, then play again."),
    )


def no_microphone(platform: str) -> ExplorerError:
    """The system lists no input. On Linux a missing sound server looks the same."""
    server = tr(" and start PulseAudio or PipeWire") if platform.startswith("linux") else ""
    return ExplorerError(
        tr("There is no microphone."),
        tr("The system lists none."),
        tr("Connect one{server}, then record again. {otherwise}", server=server, otherwise=_OTHERWISE),
    )


def microphone_not_there() -> ExplorerError:
    """One was asked for by its name, and the system does not list it."""
    return ExplorerError(
        tr("This microphone is not connected."),
        tr("The system does not list it."),
        tr("Connect it again, or choose another microphone."),
    )


def microphone_forbidden(platform: str) -> ExplorerError:
    """The system, or the person asked by it, said no."""
    where = {
        "darwin": tr(" in System Settings, Privacy & Security, Microphone"),
        "win32": tr(" in Settings, Privacy & security, Microphone, Let desktop apps access your microphone"),
    }
    return ExplorerError(
        tr("Access to the microphone is not allowed."),
        tr("The system does not allow this application to use it."),
        tr("Allow it{where}, then record again.", where=where.get(platform, "")),
    )


def microphone_refused(title: str) -> ExplorerError:
    """The microphone is listed and does not open."""
    todo = tr("Close the program that holds it or choose another input in the system's settings, then record again.")
    return ExplorerError(
        tr("The microphone “{title}” cannot be opened.", title=title), tr("The system refuses it."), todo
    )


def microphone_gone(title: str) -> ExplorerError:
    """It was unplugged while it recorded."""
    return ExplorerError(
        tr("The microphone “{title}” sends no more samples.", title=title),
        tr("It was disconnected or the sound server ended."),
        tr("Connect it again, then record again."),
    )


def microphone_silent(title: str) -> ExplorerError:
    """It is open and listed, and no samples come."""
    return ExplorerError(
        tr("The microphone “{title}” sends no samples.", title=title),
        tr("It may be held by another program or switched off."),
        tr("Check it in the system's settings, then record again."),
    )
