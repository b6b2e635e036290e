"""record: so many seconds of the microphone as a WAV file."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.sounds import Sound, sound_from_array

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication

    from explorer.ui.sound.microphone import Microphone

_LONGEST = 3600.0  # seconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How long, how fast, from where and where to."""
    parser.add_argument("--seconds", type=float, required=True, metavar="S", help="of the recording")
    parser.add_argument("--out", required=True, metavar="FILE.wav")
    parser.add_argument(
        "--rate", type=int, default=0, metavar="HZ", help="recorded with one channel; the microphone's own if not given"
    )
    parser.add_argument("--microphone", default="", metavar="NAME", help="the first choice of the system if not given")
    parser.add_argument("--json", action="store_true", help="print JSON only")


def run(args: argparse.Namespace) -> int:
    """Records 32-bit floats. Raises ExplorerError, before anything is recorded where that can be known."""
    _check_length(args.seconds)
    if not args.out.lower().endswith(".wav"):
        raise ExplorerError(f"{args.out} does not end in .wav.", "", "Name the file FILE.wav.")
    if args.rate < 0:
        raise ExplorerError(f"{args.rate} is no rate.", "", "Give it in Hz, as in --rate 16000.")
    from PySide6.QtCore import QCoreApplication

    from explorer.engine.wav_export import write_wav
    from explorer.ui.sound.microphone import Microphone

    app = QCoreApplication.instance() or QCoreApplication([])
    microphone = Microphone()
    try:
        samples = _recorded(app, microphone, args.seconds, args.rate, args.microphone)
    finally:
        microphone.stop()
    rate, title, missing = microphone.rate, microphone.title, microphone.overruns
    written = write_wav(args.out, samples, rate)
    seconds = samples.shape[1] / rate
    if args.json:
        facts = {"out": args.out, "microphone": title, "rate": rate, "channels": samples.shape[0], "seconds": seconds}
        print(json.dumps({**facts, "overruns": missing}, indent=1))
        return 0
    channels = f"{samples.shape[0]} channel{'s' * (samples.shape[0] > 1)}"
    print(f"{args.out}: {seconds:.3f} s of “{title}”, {channels} at {rate:,} Hz, {written.told}")
    if missing:
        print(f"The computer was too busy {missing} times: samples may be missing there.")
    return 0


def recorded_input(text: str) -> Sound:
    """What the system's microphone hears for so many seconds, which are written as `text`. Raises ExplorerError."""
    from PySide6.QtCore import QCoreApplication

    from explorer.ui.sound.microphone import Microphone

    try:
        seconds = float(text)
    except ValueError:
        raise ExplorerError(f"{text!r} is no number of seconds.", "", "Write microphone:2 for two seconds.") from None
    _check_length(seconds)
    app = QCoreApplication.instance() or QCoreApplication([])
    microphone = Microphone()
    try:
        samples = _recorded(app, microphone, seconds)
    finally:
        microphone.stop()
    return sound_from_array(samples, microphone.rate, InputRef("microphone"), microphone.title)


def _check_length(seconds: float) -> None:
    if not 0 < seconds <= _LONGEST:
        raise ExplorerError(f"{seconds:g} s cannot be recorded.", f"It must be more than 0 and at most {_LONGEST:g}.")


def _recorded(app: QCoreApplication, microphone: Microphone, seconds: float, rate: int = 0, name: str = "") -> Array:
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
    raise ExplorerError(f"There is no microphone “{name}”.", f"There are {there}.", "Give one of these names.")
