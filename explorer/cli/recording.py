"""So many seconds of a microphone, for commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.sounds import Sound, sound_from_array
from explorer.core.translation import tr

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from explorer.ui.sound.microphone import Microphone

LONGEST = 3600.0  # seconds
_MICROPHONE = "microphone:"


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """(channels, samples) float32 at `rate` Hz. title: of the microphone; overruns: how often samples may be missing."""

    samples: Array
    rate: int
    title: str
    overruns: int


def record(seconds: float, rate: int = 0, name: str = "") -> Recording:
    """Records at the microphone's own rate and channels, or at `rate` with one. Raises ExplorerError, before anything is recorded
    where that can be known."""
    if not 0 < seconds <= LONGEST:
        raise ExplorerError(
            tr("{seconds:g} s cannot be recorded.", seconds=seconds),
            tr("It must be more than 0 and at most {longest:g}.", longest=LONGEST),
        )

    from explorer.api.qt_start import qt_application
    from explorer.ui.sound.microphone import Microphone

    app = qt_application()
    microphone = Microphone()
    try:
        samples = _recorded(app, microphone, seconds, rate, name)
    finally:
        microphone.stop()
    return Recording(samples, microphone.rate, microphone.title, microphone.overruns)


def is_microphone(name: str) -> bool:
    """Whether a command line names a recording: `microphone:SECONDS`."""
    return name.startswith(_MICROPHONE)


def heard(name: str) -> Sound:
    """The sound of `microphone:SECONDS`, recorded now. Raises ExplorerError."""
    written = name.removeprefix(_MICROPHONE)
    try:
        seconds = float(written)
    except ValueError:
        raise ExplorerError(
            tr("{written!r} is no number of seconds.", written=written[:20]), "", tr("Write it as in microphone:2.")
        ) from None
    found = record(seconds)
    notes = (
        (tr("the computer was too busy {overruns} times: samples may be missing", overruns=found.overruns),)
        if found.overruns
        else ()
    )
    return sound_from_array(found.samples, found.rate, InputRef("microphone", found.title), found.title, notes)


def _recorded(app: QApplication, microphone: Microphone, seconds: float, rate: int, name: str) -> Array:
    """(channels, seconds * rate) float32. Raises ExplorerError where the microphone fails."""
    from PySide6.QtCore import QEventLoop

    parts: list[Array] = []
    failures: list[str] = []
    microphone.block.connect(parts.append)
    microphone.failed.connect(failures.append)
    microphone.start(rate, _id_of(microphone, name))
    flags = QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents
    wanted: int | None = None
    while not failures and (wanted is None or sum(part.shape[1] for part in parts) < wanted):
        app.processEvents(flags, 50)
        wanted = max(1, round(seconds * microphone.rate)) if microphone.rate else None
    if failures:
        raise ExplorerError(failures[0])
    whole: Array = np.concatenate(parts, axis=1)[:, :wanted]
    return whole


def _id_of(microphone: Microphone, name: str) -> str:
    """The device with this title or id; "" for the first choice. Raises ExplorerError with the titles that there are."""
    if not name:
        return ""
    listed = microphone.microphones()
    for found, title in listed:
        if name in (found, title):
            return found
    if not listed:
        return ""  # `start` says why there is none
    there = ", ".join(f"“{title}”" for _, title in listed)
    raise ExplorerError(
        tr("There is no microphone “{name}”.", name=name),
        tr("There are {there}.", there=there),
        tr("Give one of these names."),
    )
