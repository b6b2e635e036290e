"""Films from the window: of all layers at once, or of the layer on the screen while the input moves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import QTimer

from explorer.core.arrays import Array
from explorer.core.progress import Progress
from explorer.core.session.resolve import strip_taps
from explorer.ui import theme
from explorer.ui.actions import Action
from explorer.ui.controller import Controller
from explorer.ui.figures.explore_figures import ExploreFigures
from explorer.ui.figures.film_frames import film_style, frame_of, frames_of_layers, paper_of
from explorer.ui.save_as import ask_path, plain_name

_WIDE = 960  # px
_A_SECOND = 3.0  # layers
_MOST = 600  # frames of a live input
_KINDS = "MP4 (*.mp4);;WebM (*.webm);;GIF (*.gif)"
_NOT_YET = "Nothing is shown yet."


class FilmRecorder:
    """Frames of a live input are drawn as they come, in at most half of the time, until it is stopped or there are many."""

    def __init__(self, controller: Controller, figures: ExploreFigures) -> None:
        self._c, self._figures = controller, figures
        self._frames: list[Array] | None = None  # of the film that is being taken
        self._began = self._next = 0.0  # seconds: when it began, before when no frame is drawn
        self._layers: Iterator[Array] | None = None  # still to be drawn, of the film of all layers
        self._drawn: list[Array] = []
        self._of, self._path = 1, ""  # how many there are, and where they go
        self._drawer = QTimer(controller, interval=0)
        self._drawer.timeout.connect(self._draw_one)
        controller.window.banner.cancelled.connect(self._give_up)
        controller.captured.connect(self._captured)

    def own_actions(self) -> tuple[Action, ...]:
        """Both films."""
        act = partial(Action, place="File/Save", context="explore")
        layers = "All layers of this input one after the other, as MP4, WebM or GIF"
        live = "The layer on the screen while the input moves; a second time stops it and saves the film"
        return (
            act("film.layers", "Film of the layers …", self.save_layers, about=layers, why_not=self._why_no_layers),
            act("film.live", "Record a film of this layer", self.toggle, about=live, why_not=self._why_not_live),
        )

    @property
    def recording(self) -> bool:
        """Whether frames are collected."""
        return self._frames is not None

    def _why_no_layers(self) -> str:
        return "" if self._c.view.capture is not None else _NOT_YET

    def _why_not_live(self) -> str:
        return (
            "" if self.recording or self._c.live.playing else "The input stands still: play a video or a camera first."
        )

    def save_layers(self) -> None:
        """Asks where to, draws a frame for each layer, and writes them."""
        view = self._c.view
        if view.card is None or view.capture is None:
            return
        path = self._ask(f"{plain_name(view.card.name)}-layers.mp4")
        if path:
            session = self._c.session
            taps = strip_taps(view.capture.taps, session.blocks)
            style = film_style(_WIDE, theme.current().dark)
            self._layers = frames_of_layers(view.card, view.capture, taps, session, style)
            self._drawn, self._of, self._path = [], max(len(taps), 1), path
            self._drawer.start()

    def _draw_one(self) -> None:
        """A frame a turn of the loop: the window stays alive meanwhile."""
        frame = next(self._layers, None) if self._layers is not None else None
        if frame is None:
            frames, path = self._drawn, self._path
            self._give_up()
            self._write(path, frames, _A_SECOND)
            return
        self._drawn.append(frame)
        self._c.notices.progress(Progress("Drawing the film", len(self._drawn) / self._of), cancellable=True)

    def _give_up(self) -> None:
        """Nothing more is drawn."""
        if self._layers is not None:
            self._drawer.stop()
            self._layers, self._drawn = None, []
            self._c.notices.progress_over()

    def toggle(self) -> None:
        """Begins to collect frames, or stops and saves them."""
        if self._frames is None:
            self._frames, self._began, self._next = [], time.monotonic(), 0.0
            self._c.say("Recording a film of this layer; choose the command again to stop.")
        else:
            self._stop()

    def _captured(self, _capture: object) -> None:
        if self._frames is None:
            return
        began = time.monotonic()
        figure = self._figures.maps() if self._c.live.playing and began >= self._next else None
        if figure is not None:
            self._frames.append(frame_of(figure, film_style(_WIDE, theme.current().dark)))
            ended = time.monotonic()
            self._next = ended + (ended - began)  # half of the time is left to the window
        if not self._c.live.playing or len(self._frames) >= _MOST:
            self._stop()

    def _stop(self) -> None:
        frames, self._frames = self._frames or [], None
        seconds = max(time.monotonic() - self._began, 0.1)
        if not frames:
            self._c.say("No frame came while the film was recorded.")
            return
        path = self._ask("film.mp4")
        if path:
            self._write(path, frames, min(max(len(frames) / seconds, 1.0), 60.0))

    def _ask(self, name: str) -> str:
        return ask_path(self._c.window, self._c.settings, "Save film", name, _KINDS)

    def _write(self, path: str, frames: list[Array], fps: float) -> None:
        from explorer.engine import film_file

        paper = paper_of(film_style(_WIDE, theme.current().dark))

        def made() -> bytes:
            return film_file.film_bytes(frames, fps, film_file.suffix_of_film(path), paper)

        self._c.save(path, made)
