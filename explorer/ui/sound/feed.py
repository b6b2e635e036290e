"""What a player gives its device, frame after frame, and which frame is heard. Pure."""

from __future__ import annotations

import numpy as np

from explorer.core.arrays import Array

# The device's buffer that Qt cannot see: PulseAudio holds 1024 frames less the part played since its last request, 640 of them in
# the middle. Measured at 8, 16 and 44.1 kHz against the monitor of a sink.
AHEAD = 640
TAIL = (
    0.3  # seconds of silence behind the sound, so that nothing of it is left in the device's buffer when that is closed
)


class Feed:
    """(channels, T) samples from frame `begin` on, once or over and over. Frames are counted from where it began."""

    def __init__(self, samples: Array, rate: int, begin: int, loop: bool) -> None:
        self._samples, self._rate, self._begin = samples, rate, begin
        self.given = 0  # frames handed out
        self.spilled = False  # whether more of the sound was handed out than is to be heard
        self._silent = False  # whether silence was handed out
        self.end: int | None = None if loop else self._length - begin  # frames after which silence follows

    @property
    def _length(self) -> int:
        return int(self._samples.shape[1])

    def take(self, frames: int) -> Array:
        """(channels, at most `frames`) float32, what comes next; `give` says how much of it was used."""
        last = self.given + frames if self.end is None else min(self.given + frames, self.end)
        parts, at = [self._samples[:, :0]], self.given
        while at < last:
            where = (self._begin + at) % self._length
            count = min(self._length - where, last - at)
            parts.append(self._samples[:, where : where + count])
            at += count
        if self.end is not None:
            behind = self.end + round(TAIL * self._rate)
            parts.append(np.zeros((self._samples.shape[0], max(0, min(self.given + frames, behind) - at)), np.float32))
        return np.concatenate(parts, axis=1)

    def give(self, frames: int) -> None:
        """So many of the frames that `take` showed were used."""
        self.given += frames
        self._silent = self._silent or (frames > 0 and self.end is not None and self.given > self.end)

    def set_loop(self, loop: bool, processed: int) -> None:
        """From now on; without it, the pass that is heard is the last one. No loop where silence was given already."""
        if loop:
            if not self._silent:
                self.end, self.spilled = None, False
        elif self.end is None:
            passes = (self._begin + self._heard(processed)) // self._length + 1
            self.end = passes * self._length - self._begin
            self.spilled = self.given > self.end

    def _heard(self, processed: int) -> int:
        """Frames heard, of those that the device took from Qt."""
        heard = max(0, processed - AHEAD)
        return heard if self.end is None else min(heard, self.end)

    def seconds(self, processed: int) -> float:
        """Where in the sound the frame stands that is heard; at the end, its length."""
        heard = self._heard(processed)
        if heard == self.end:
            return self._length / self._rate
        return (self._begin + heard) % self._length / self._rate

    def over(self, processed: int) -> bool:
        """Whether all was heard."""
        return self.end is not None and self._heard(processed) >= self.end

    def drained(self, processed: int) -> bool:
        """Whether the silence behind it was taken too."""
        return self.end is not None and processed >= self.end + round(TAIL * self._rate)
