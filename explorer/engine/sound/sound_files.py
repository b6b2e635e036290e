"""Sound files, and the sound of videos: decoded once, exactly, whole or a window of them, with words for what is wrong."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.input_files import check_file
from explorer.core.inputs import InputRef
from explorer.core.sounds import Sound, sound_from_array
from explorer.core.translation import ntr, tr
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never
from explorer.engine.sound.counted_length import seconds_of
from explorer.engine.sound.sound_track import TODO, JumpedTooFar, SoundTrack
from explorer.engine.sound.wav_file import missing_bytes

MOST_SECONDS = 600.0  # opened at once
MOST_BYTES = 256 << 20  # of float32 samples: ten minutes of stereo at 48 kHz
_LEAST_BYTES_A_SECOND = 500  # of a file; with fewer, its header is not believed
_LONGEST_PACKET = 4096  # samples
_LATE = 0.05  # s: what is worth saying
_MISSING = 0.05  # s: an end that is worth saying


def open_sound(
    path: str | Path, start: float = 0.0, length: float | None = None, cancelled: Cancelled = never
) -> Sound:
    """Decode a sound file, or a video's first sound track: `length` seconds from `start` on, None: to the end.

    All channels at the file's own rate; whole numbers divided by their full scale, 8 to 64 bits alike. Packed sound is decoded from its
    beginning and cut afterwards, for jumps in it are inexact. `notes` says what is missing or was passed over. Raises ExplorerError,
    never FFmpeg's own errors, and CancelledError.
    """
    path = Path(path)
    check_file(path, "sound")
    if not (0 <= start < 1e7 and (length is None or 0 < length < 1e7)):
        raise ExplorerError(
            tr("This is no window of a sound."),
            tr("It begins at {start:g} s and lasts {length} s.", start=start, length=length),
            tr("Choose another one."),
        )
    try:
        try:
            samples, first, rate, total, notes = _read(path, start, length, cancelled, jump=True)
        except JumpedTooFar:
            samples, first, rate, total, notes = _read(path, start, length, cancelled, jump=False)
        ref = InputRef("sound", str(path), start=start, length=length or 0.0)
        sound = sound_from_array(samples, rate, ref, path.name, notes, first / rate)
        total = total or (seconds_of(path, cancelled) if length is not None else 0.0)
        return replace(sound, total=total)
    except (ExplorerError, CancelledError):
        raise
    except MemoryError as error:
        raise ExplorerError(
            tr("“{path}” does not fit into memory.", path=path.name), todo=tr("Open a shorter window of it.")
        ) from error
    except Exception as error:  # a decoder of damaged files raises anything
        why = tr(
            "The file is damaged, or of a kind that is not supported ({error}).", error=error or type(error).__name__
        )
        raise ExplorerError(tr("“{path}” cannot be decoded.", path=path.name), why, TODO) from error


def _read(
    path: Path, start: float, length: float | None, cancelled: Cancelled, *, jump: bool
) -> tuple[Array, int, int, float, tuple[str, ...]]:
    """(samples of the window, number of the first one in the file, rate, seconds of the file or 0, notes)."""
    with SoundTrack(path) as track:
        wanted = length if length is not None else max((track.promised or 0.0) - start, 0.0)
        if length is not None or path.stat().st_size > _LEAST_BYTES_A_SECOND * (track.promised or 0.0):
            _check_length(track, wanted)
        if jump:
            track.jump(start)
        samples, first = _window(track, start, length, path, cancelled)
        return samples, first, track.rate, track.promised or 0.0, _notes(track)


def _window(
    track: SoundTrack, start: float, length: float | None, path: Path, cancelled: Cancelled
) -> tuple[Array, int]:
    """(samples (channels, n) of the window, the number of the first one in the file)."""
    parts: list[Array] = []
    here = kept = begin = 0
    end: int | None = None
    for at, values in track.blocks(cancelled):
        begin = round(start * track.rate)
        if not parts and at > begin:
            raise JumpedTooFar
        end = None if length is None else begin + max(1, round(length * track.rate))
        count = values.shape[1]
        part = values[:, max(begin - at, 0) : count if end is None else max(min(end - at, count), 0)]
        here = at + count
        if part.shape[1]:
            parts.append(part)
            kept += part.shape[1]
            _check_length(track, kept / track.rate)
        if end is not None and end <= here <= _whole(track):
            break
    else:
        _say_missing(track, here, path)
    if not parts:
        raise _nothing(track, start, here)
    samples = np.concatenate(parts, axis=1)
    spare = here - _whole(track)  # of the last packet, behind the sound
    if 0 < spare <= _LONGEST_PACKET:
        samples = samples[:, : max(1, _whole(track) - begin)]
    return samples, begin


def _whole(track: SoundTrack) -> int:
    """Samples of a track whose last packet may be longer than the sound; where there is none such, more than there can be."""
    return round((track.promised or 0.0) * track.rate) if track.padded else sys.maxsize


def _check_length(track: SoundTrack, seconds: float) -> None:
    most = min(MOST_SECONDS, MOST_BYTES / (4 * track.channels * track.rate))
    if seconds <= most + 0.5 / track.rate:
        return
    long = max(seconds, track.promised or 0.0)
    raise ExplorerError(
        tr("“{track}” is too long to be opened at once: {long}.", track=track.name, long=_long(long)),
        tr(
            "At most {long} of {channels} × {rate:,} samples a second are held.",
            long=_long(most),
            channels=track.channels,
            rate=track.rate,
        ),
        tr("Open a window of it: where it begins, and how long it is."),
    )


def _long(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.3g} s"
    return (
        tr("{seconds:.3g} minutes", seconds=seconds / 60)
        if seconds < 7200
        else tr("{seconds:.3g} hours", seconds=seconds / 3600)
    )


def _say_missing(track: SoundTrack, count: int, path: Path) -> None:
    """After the last sample: whether the header speaks of more."""
    seconds = count / track.rate
    if track.ended:
        return
    if (track.promised or 0.0) - seconds > _MISSING:
        track.ended = tr(
            "the header promises {promised:.2f} s, the sound ends after {seconds:.2f} s",
            promised=track.promised,
            seconds=seconds,
        )
    elif lost := missing_bytes(path):  # FFmpeg corrects the length of such a file without a word
        track.ended = tr(
            "the header promises {lost:,} bytes more, the sound ends after {seconds:.2f} s", lost=lost, seconds=seconds
        )


def _notes(track: SoundTrack) -> tuple[str, ...]:
    notes = [tr("first of {tracks} sound tracks", tracks=track.tracks)] if track.tracks > 1 else []
    if track.late > _LATE:
        notes.append(tr("the sound begins {late:.2f} s after the pictures", late=track.late))
    if track.damaged:
        notes.append(
            ntr(
                "{damaged} damaged packet passed over",
                "{damaged} damaged packets passed over",
                track.damaged,
                damaged=track.damaged,
            )
        )
    if track.silent:
        notes.append(tr("{silent:.3g} s that are missing in it are silent", silent=track.silent / track.rate))
    if track.ended:
        notes.append(tr("the end is missing: {ended}", ended=track.ended))
    return tuple(notes)


def _nothing(track: SoundTrack, start: float, count: int) -> ExplorerError:
    if count:
        return ExplorerError(
            tr("“{track}” has nothing at {start:g} s.", track=track.name, start=start),
            tr("It ends after {count:.3f} s.", count=count / track.rate),
            tr("Choose a window inside it."),
        )
    why = (
        tr("Its packets are damaged.")
        if track.damaged
        else (track.ended or "It ends behind its header").rstrip(".") + "."
    )
    return ExplorerError(tr("“{track}” holds no sample that can be read.", track=track.name), why, TODO)
