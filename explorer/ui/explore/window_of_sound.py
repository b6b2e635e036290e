"""The window of a long sound that is open, and how it is moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from explorer.core.errors import Failure
from explorer.core.inputs import InputRef
from explorer.core.models import takes
from explorer.core.sound_overview import ReadOverview, SoundOverview
from explorer.core.sound_preprocess import window_for
from explorer.core.sounds import Sound
from explorer.ui.explore.opener import Opener
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.jobs.result_cache import ResultCache
from explorer.ui.sound.window_bar import WindowBar

_KEPT = 4  # overviews, of some 10 kB each


class SoundWindows:
    """Binds the bar to the reference of the open sound: a window is a part of the session, and going back goes back to it."""

    def __init__(
        self,
        bar: WindowBar,
        opener: Opener,
        open_input: Callable[[InputRef], None],
        returning: Callable[[], bool],
        client: JobClient,
    ) -> None:
        """`returning`: whether a step of the history is on its way, which brings its own window."""
        self._bar, self._opener, self._open, self._returning = bar, opener, open_input, returning
        self._failed = False  # the overview of the file that is open
        self._asked: InputRef | None = None  # where the last step leads; the sound may still be on its way
        self._overview: Task[SoundOverview] = Task(client, "overview of a sound", self._take, self._fail)
        self._read: ResultCache[SoundOverview] = ResultCache(_KEPT)
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
            self._overview.drop()
            self._bar.hide()
            return
        self._look_over(sound)
        self._asked = sound.ref
        self._bar.show_window(sound.ref.start, sound.ref.length, sound.total)
        if self._misfit and not self._returning():
            self.go_to(sound.ref.start)

    # --- the overview

    def _look_over(self, sound: Sound) -> None:
        """The whole file, from what has been read; it is read unless that has been done or goes on."""
        try:
            about = Path(sound.ref.path).stat()
        except OSError:
            return  # it is gone: what was read of it stays
        request = ReadOverview(sound.ref.path, about.st_size, about.st_mtime_ns)
        if self._overview.request == request and (self._overview.waiting or self._failed):
            return
        self._failed = False
        self._bar.show_overview(self._read.get(request))
        if self._read.get(request) is None:
            self._overview.ask(request)
        else:
            self._overview.drop()

    def _take(self, found: SoundOverview, done: bool) -> None:
        if done and self._overview.request is not None:
            self._read.put(self._overview.request, found)
        self._bar.show_overview(found)

    def _fail(self, failure: Failure) -> None:
        self._failed = True
        self._bar.show_overview(None, failure.what)

    # --- the window

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
