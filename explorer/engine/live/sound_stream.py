"""A microphone as a live input: of what comes in, each frame is the last stretch that the model takes."""

from __future__ import annotations

import threading

import numpy as np
from torch import Tensor

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.models import AnyPreprocess
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound, sound_from_array
from explorer.core.translation import tr
from explorer.engine.sound.sound_tensor import sound_tensor

_WAIT = 0.05  # seconds a taker waits before it lets other work run
_SECONDS = 1.0  # of a frame, where the model takes any length


class SoundStream:
    """Blocks of samples that somebody else brings; `push` never waits. A frame is there when something new has come."""

    def __init__(self, ref: InputRef, name: str) -> None:
        self._ref, self._name = ref, name
        self._condition = threading.Condition()
        self._blocks: list[Array] = []
        self._rate, self._seconds = 0, _SECONDS
        self._new = self._done = False

    def push(self, block: Array, rate: int) -> None:
        """(channels, n) float32, not changed afterwards. Any thread."""
        with self._condition:
            if self._blocks and (rate != self._rate or len(block) != len(self._blocks[0])):
                self._blocks = []
            self._blocks.append(block)
            self._rate, self._new = rate, True
            spare = sum(part.shape[1] for part in self._blocks) - self._needed()
            while spare >= self._blocks[0].shape[1]:
                spare -= self._blocks.pop(0).shape[1]
            self._condition.notify_all()

    def _needed(self) -> int:
        """Samples of a frame."""
        return max(1, round(self._seconds * self._rate))

    def take(self, preprocess: AnyPreprocess) -> tuple[Sound, Tensor] | None:
        """The newest stretch with its tensor, or None when nothing new came within a moment. Raises ExplorerError."""
        taken = self.take_for((preprocess,))
        return None if taken is None else (taken[0], taken[1][0])

    def take_for(self, wanted: tuple[AnyPreprocess, ...]) -> tuple[Sound, tuple[Tensor, ...]] | None:
        """As `take`, with a tensor for each of these preprocessings; a shorter one than the longest gets its end."""
        sounds = [each for each in wanted if isinstance(each, SoundPreprocess)]
        if len(sounds) < len(wanted):
            raise ExplorerError(tr("A microphone is for models that take sounds."), "", tr("Open a model of sounds."))
        with self._condition:
            self._seconds = max(map(_taken, sounds))
            if not self._new and not self._done:
                self._condition.wait(_WAIT)
            if not self._new:
                return None
            self._new = False
            blocks, needed, rate = tuple(self._blocks), self._needed(), self._rate
        heard = sound_from_array(np.concatenate(blocks, axis=1)[:, -needed:], rate, self._ref, self._name)
        return heard, tuple(sound_tensor(self._end(heard, each), each) for each in sounds)

    def _end(self, heard: Sound, pre: SoundPreprocess) -> Sound:
        """So much of its end as a model takes."""
        seconds = _taken(pre)
        return heard if heard.seconds <= seconds else heard.cut(heard.seconds - seconds, seconds)

    @property
    def ended(self) -> bool:
        """Whether no frame is left to be taken."""
        with self._condition:
            return self._done

    def close(self) -> None:
        """Nothing more is handed over."""
        with self._condition:
            self._done, self._new, self._blocks = True, False, []
            self._condition.notify_all()


def _taken(pre: SoundPreprocess) -> float:
    """Seconds of a frame."""
    return pre.taken / pre.hertz if pre.taken is not None else _SECONDS
