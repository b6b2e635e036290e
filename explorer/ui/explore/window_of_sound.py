"""The window of a long sound that is open, and how it is moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from explorer.core.inputs import InputRef
from explorer.core.models import takes
from explorer.core.sound_preprocess import window_for
from explorer.core.sounds import Sound
from explorer.ui.explore.opener import Opener
from explorer.ui.sound.window_bar import WindowBar


class SoundWindows:
    """Binds the bar to the reference of the open sound: a window is a part of the session, and going back goes back to it."""

    def __init__(
        self, bar: WindowBar, opener: Opener, open_input: Callable[[InputRef], None], returning: Callable[[], bool]
    ) -> None:
        """`returning`: whether a step of the history is on its way, which brings its own window."""
        self._bar, self._opener, self._open, self._returning = bar, opener, open_input, returning
        self._asked: InputRef | None = None  # where the last step leads; the sound may still be on its way
        bar.moved.connect(self.go_to)
        bar.stepped.connect(self.step)

    @property
    def _sound(self) -> Sound | None:
        given = self._opener.picture
        return given if isinstance(given, Sound) and given.ref.length and given.total > given.ref.length else None

    @property
    def there(self) -> bool:
        """Whether a window of a longer sound is open."""
        return self._sound is not None

    def follow(self, *_: object) -> None:
        """Another input or model is open: a window becomes as long as the model takes."""
        sound = self._sound
        if sound is None:
            self._bar.hide()
            return
        self._asked = sound.ref
        self._bar.show_window(sound.ref.start, sound.ref.length, sound.total)
        if self._misfit and not self._returning():
            self.go_to(sound.ref.start)

    @property
    def _misfit(self) -> bool:
        """Whether the window is not the one that the open model takes."""
        sound, card = self._sound, self._opener.card
        return (
            sound is not None
            and card is not None
            and takes(card.preprocess, sound)
            and self._length != sound.ref.length
        )

    @property
    def _length(self) -> float:
        sound, card = self._sound, self._opener.card
        assert sound is not None
        return min(window_for(card.preprocess), sound.total) if card is not None else sound.ref.length

    def step(self, windows: int) -> None:
        """So many windows on; steps that come quickly add up."""
        if self._asked is not None:
            self.go_to(self._asked.start + windows * self._asked.length)

    def go_to(self, start: float) -> None:
        """The window that begins at so many seconds, as long as the open model takes; within the sound."""
        sound = self._sound
        if sound is None:
            return
        length = self._length
        ref = replace(sound.ref, start=round(min(max(start, 0.0), sound.total - length), 6), length=length)
        if ref != self._asked:
            self._asked = ref
            self._bar.show_window(ref.start, ref.length, sound.total)
            self._open(ref)
