"""How long a sound is whose file does not say it (MP3, AAC, AMR, MPEG): counted over its packets, of which none is decoded."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never
from explorer.engine.jobs.pace import Pace
from explorer.engine.sound.sound_track import GAPS, SoundTrack

MOST_BYTES = 1 << 29  # of a file that is read for it
_PACE = 0.1  # s between two looks at how far it is
_KEPT = 64  # files

Progress = Callable[[float], None]  # takes the share that has been read

_known: dict[
    tuple[str, int, int], float
] = {}  # seconds by (path, bytes, time of the last change in ns), the oldest first


def _unseen(_: float) -> None:
    """Nobody looks at how far it is."""


def seconds_of(path: str | Path, cancelled: Cancelled = never, progress: Progress = _unseen) -> float:
    """How long a sound file is by its header, else by its packets; 0.0 where neither says it, or the file is too large to be read for it.
    Counted once for a file that stays as it is. Raises ExplorerError where it is none, and CancelledError."""
    path = Path(path)
    with SoundTrack(path) as track:
        if track.promised:
            return track.promised
    try:
        about = path.stat()
    except OSError as error:
        raise ExplorerError(tr("“{path}” cannot be read.", path=path.name), f"{error.strerror}.") from None
    if about.st_size > MOST_BYTES:
        return 0.0
    file = str(path), about.st_size, about.st_mtime_ns
    found = _known.get(file)
    if found is None:
        found = _known[file] = _counted(path, about.st_size, cancelled, progress)
        for oldest in list(_known)[:-_KEPT]:
            _known.pop(oldest, None)
    return found


def _counted(path: Path, size: int, cancelled: Cancelled, progress: Progress) -> float:
    pace, here = Pace(_PACE), Fraction(0)
    base: Fraction | None = None
    with SoundTrack(path) as track:
        for start, seconds, byte in track.packets():
            if cancelled():
                raise CancelledError
            if start is not None:
                base = start - here if base is None else base
                gap = start - base - here
                here += gap if GAPS[0] < gap <= GAPS[1] else 0
            here += seconds
            if byte is not None and pace.due():
                progress(min(byte / size, 1.0))
        return max(float(here - track.skipped), 0.0)
