"""What is heard in Explore: the open sound, what the selected channel keeps of it, or the rest; and where it is on the screen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QObject

from explorer import catalogue
from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.errors import Failure
from explorer.core.method import MethodRequest
from explorer.core.selection import Selection
from explorer.core.sounds import Sound
from explorer.core.translation import tr
from explorer.ui.actions import Action
from explorer.ui.graphics.image_panel import ImagePanel
from explorer.ui.graphics.time_panel import TimeView
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.notices import Notices
from explorer.ui.sound.play_bar import PlayBar
from explorer.ui.sound.player import Player

ORIGINAL, CHANNEL, REST = "original", "channel", "rest"


class Listening(QObject):
    """Plays when it is asked to, and in a loop follows the selected channel. Channel and rest come from the method "hear", while its
    page is open as that page says (evidence in the place of the channel); the three are played with one gain."""

    def __init__(
        self,
        bar: PlayBar,
        picture: ImagePanel,
        steps: TimeView,
        client: JobClient,
        place: Callable[[], Selection | None],
        shown_params: Callable[[str], Any],
        notices: Notices,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.bar, self._picture, self._steps, self._place, self._notices = bar, picture, steps, place, notices
        self._shown_params = shown_params
        self.player = Player(self)
        self.chosen, self._loop = ORIGINAL, False
        self._sound: Sound | None = None
        self._result: Any = None  # of `_request`
        self._request: MethodRequest[Any, Any] | None = None
        self._spec = catalogue.methods.get("hear")
        self._task: Task[Any] = Task(client, "listen", self._take, self._fail)
        self.bar.play.connect(self.toggle)
        self.bar.looped.connect(self.set_loop)
        self.bar.chosen.connect(self.hear)
        self.player.moved.connect(self._move)
        self.player.playing_changed.connect(self._playing)
        self.player.failed.connect(notices.tell)

    # --- what there is ---

    @property
    def has_sound(self) -> bool:
        """Whether the open input is one."""
        return self._sound is not None

    def set_given(self, given: Input | None) -> None:
        """Another input is open; what is heard of the last one ends."""
        sound = given if isinstance(given, Sound) else None
        if (sound.digest if sound else "") == (self._sound.digest if self._sound else ""):
            return
        self._stop()
        self._sound, self._result, self._request, self.chosen = sound, None, None, ORIGINAL
        self.bar.setVisible(sound is not None)
        self.bar.set_time(0.0, sound.seconds if sound is not None else 0.0)
        self._show_choices()

    def follow(self) -> None:
        """The selection may have changed: in a loop its channel is what is heard next."""
        if self._sound is None:
            return
        self._show_choices()
        if self.chosen != ORIGINAL and self.player.playing and self._loop and self._asked() != self._request:
            self._ask()

    def _why_not(self) -> str:
        """Why the selected channel cannot be heard."""
        selection = self._place()
        if self._sound is None:
            return tr("The input is no sound.")
        if selection is None or self._spec is None:
            return tr("No layer is shown yet.")
        return self._spec.unavailable(selection, self._params())

    def _params(self) -> Any:
        """Those of the page Hear while it is open, else the usual ones."""
        assert self._spec is not None
        shown = self._shown_params(self._spec.id)
        return self._spec.params() if shown is None else shown

    def _show_choices(self) -> None:
        names = () if self._why_not() else (ORIGINAL, CHANNEL, REST)
        if names:
            self.bar.set_kept(self._params().part)
        else:
            self.chosen = ORIGINAL
        self.bar.set_choices(names, self.chosen)

    # --- what is asked for ---

    def toggle(self) -> None:
        """Plays what is chosen, or stops."""
        if self.player.playing:
            self._stop()
        else:
            self._play()

    def set_loop(self, loop: bool) -> None:
        """Over and over, or once."""
        self._loop = loop
        self.player.set_loop(loop)

    def hear(self, which: str) -> None:
        """Plays "original", "channel" or "rest"."""
        self.chosen = which
        self._show_choices()
        self._play()

    def _hear_or_stop(self, which: str) -> None:
        if self.player.playing and self.chosen == which:
            self._stop()
        elif not (why := self._why_not()):
            self.hear(which)
        else:
            self._notices.tell(why)

    def hear_channel(self) -> None:
        """The selected channel; while it is heard, silence."""
        self._hear_or_stop(CHANNEL)

    def hear_rest(self) -> None:
        """The sound without the selected channel; while it is heard, silence."""
        self._hear_or_stop(REST)

    def own_actions(self) -> tuple[Action, ...]:
        """By key, menu and palette."""
        action = partial(Action, place="Input/Sound", context="explore", why_not=self._why_not)
        kept, left = (
            tr("What the selected channel keeps of the sound"),
            tr("The sound without what the selected channel keeps"),
        )
        return (
            action("sound.channel", tr("Hear the channel"), self.hear_channel, ("H",), about=kept),
            action("sound.rest", tr("Hear the rest"), self.hear_rest, ("Shift+H",), about=left),
        )

    def close(self) -> None:
        """Nothing is heard any more."""
        self._stop()

    def _stop(self) -> None:
        """What is still being computed is not played when it comes."""
        self.player.stop()
        self._task.drop()

    # --- playing ---

    def _asked(self) -> MethodRequest[Any, Any] | None:
        selection = self._place()
        if selection is None or self._spec is None or self._why_not():
            return None
        request: MethodRequest[Any, Any] = self._spec.request(selection, self._params())
        return request

    def _play(self) -> None:
        if self._sound is None:
            return
        if self.chosen == ORIGINAL:
            self._start(self._sound.samples, self._sound.rate)
        elif self._result is not None and self._asked() == self._request:
            self._start(self._result.channel if self.chosen == CHANNEL else self._result.rest, self._result.rate)
        else:
            self._ask()

    def _ask(self) -> None:
        request = self._asked()
        if request is not None:
            self._request, self._result = request, None
            self._task.ask(request)

    def _take(self, value: Any, done: bool) -> None:
        if value is None or not done:
            return
        self._result = value
        if self.chosen != ORIGINAL:
            self._play()

    def _fail(self, failure: Failure) -> None:
        self._request = None
        self._notices.fail(failure)

    def _start(self, samples: Array, rate: int) -> None:
        peak = self._sound.peak if self._sound is not None else 1.0
        gain = self._result.gain if self._result is not None else min(1.0, 1.0 / max(peak, 1e-9))
        self.player.play(np.asarray(samples * np.float32(gain)), rate, self._loop)

    def _playing(self, playing: bool) -> None:
        self.bar.set_playing(playing)
        if not playing:
            self._show_at(None)

    def _move(self, seconds: float) -> None:
        if self._sound is not None:
            self.bar.set_time(seconds, self._sound.seconds)
            self._show_at(seconds)

    def _show_at(self, seconds: float | None) -> None:
        """The cursor on the sound and in the layer; None: none."""
        self._picture.set_cursor(None if seconds is None else 1000 * seconds)
        first = self._sound.first if self._sound is not None else 0.0
        self._steps.set_cursor(None if seconds is None else first + seconds)
