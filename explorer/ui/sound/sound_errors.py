"""What can go wrong with sound out and in, in words."""

from __future__ import annotations

from explorer.core.errors import ExplorerError
from explorer.ui.qt_multimedia import EXTRA

_OTHERWISE = "Everything else works without it."


def no_sound_library() -> ExplorerError:
    """Qt Multimedia is not installed."""
    return ExplorerError(
        "Sound needs Qt Multimedia.", "The package PySide6-Addons is not installed.", f"{EXTRA}. {_OTHERWISE}"
    )


def no_sound_system_library(said: str) -> ExplorerError:
    """Qt Multimedia is there and cannot be loaded; `said` is the loader's own text."""
    todo = "Install the system library it names; the command doctor names its package."
    return ExplorerError(
        "Sound needs Qt Multimedia, which cannot be loaded.", f"{said.rstrip('.')}.", f"{todo} {_OTHERWISE}"
    )


def no_output(platform: str) -> ExplorerError:
    """The system lists no output. On Linux a missing sound server looks the same."""
    server = " and start PulseAudio or PipeWire" if platform.startswith("linux") else ""
    return ExplorerError(
        "There is no sound output.", "The system lists none.", f"Connect one{server}, then play again. {_OTHERWISE}"
    )


def output_refused(title: str) -> ExplorerError:
    """The output is listed and does not open."""
    todo = "Close the program that holds it or choose another output in the system's settings, then play again."
    return ExplorerError(f"The output “{title}” cannot be opened.", "The system refuses it.", todo)


def output_lost(title: str) -> ExplorerError:
    """It took sound and takes no more."""
    return ExplorerError(
        f"The output “{title}” takes no more sound.",
        "It was disconnected or the sound server ended.",
        "Connect it or choose another output in the system's settings, then play again.",
    )


def no_microphone(platform: str) -> ExplorerError:
    """The system lists no input. On Linux a missing sound server looks the same."""
    server = " and start PulseAudio or PipeWire" if platform.startswith("linux") else ""
    return ExplorerError(
        "There is no microphone.", "The system lists none.", f"Connect one{server}, then record again. {_OTHERWISE}"
    )


def microphone_not_there() -> ExplorerError:
    """One was asked for by its name, and the system does not list it."""
    return ExplorerError(
        "This microphone is not connected.",
        "The system does not list it.",
        "Connect it again, or choose another microphone.",
    )


def microphone_forbidden(platform: str) -> ExplorerError:
    """The system, or the person asked by it, said no."""
    where = {
        "darwin": " in System Settings, Privacy & Security, Microphone",
        "win32": " in Settings, Privacy & security, Microphone, Let desktop apps access your microphone",
    }
    return ExplorerError(
        "Access to the microphone is not allowed.",
        "The system does not allow this application to use it.",
        f"Allow it{where.get(platform, '')}, then record again.",
    )


def microphone_refused(title: str) -> ExplorerError:
    """The microphone is listed and does not open."""
    todo = "Close the program that holds it or choose another input in the system's settings, then record again."
    return ExplorerError(f"The microphone “{title}” cannot be opened.", "The system refuses it.", todo)


def microphone_gone(title: str) -> ExplorerError:
    """It was unplugged while it recorded."""
    return ExplorerError(
        f"The microphone “{title}” sends no more samples.",
        "It was disconnected or the sound server ended.",
        "Connect it again, then record again.",
    )


def microphone_silent(title: str) -> ExplorerError:
    """It is open and listed, and no samples come."""
    return ExplorerError(
        f"The microphone “{title}” sends no samples.",
        "It may be held by another program or switched off.",
        "Check it in the system's settings, then record again.",
    )
