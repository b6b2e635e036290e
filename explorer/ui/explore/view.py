"""Session + capture -> the Explore workspace. Knows the panels and nothing of the engine."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from explorer.core import render
from explorer.core.activations import Capture, Kernel, Tap
from explorer.core.geometry import affine as geometry
from explorer.core.geometry import picture_points
from explorer.core.geometry.cells import extent, step_cell
from explorer.core.inputs import Picture
from explorer.core.models import ModelCard
from explorer.core.session.display import Display, display, thumbnail
from explorer.core.session.resolve import View, resolve, strip_taps
from explorer.core.session.session import Session
from explorer.ui import theme
from explorer.ui.explore import present
from explorer.ui.explore.workspace import ExploreWorkspace
from explorer.ui.live import SLOW

_TURN = 2  # ms of thumbnails between two turns of the event loop; at least one is drawn
_SETTLE = 60  # ms of rest after which the slower numbers follow


class ExploreView(QObject):
    """Shows what `resolve` says. The maps follow at once; numbers, weights and the film's pictures when the hand rests."""

    def __init__(self, workspace: ExploreWorkspace) -> None:
        super().__init__(workspace)
        self.workspace = workspace
        self.shown: Display | None = None
        self.session = Session()
        self.capture: Capture | None = None
        self.card: ModelCard | None = None
        self.kernels: Mapping[str, Kernel] = {}
        # of the model that is open but has shown nothing yet: its names and weights are not those of the maps
        self._coming: tuple[ModelCard, Mapping[str, Kernel]] | None = None
        self._film: tuple[Tap, ...] = ()
        self._film_of: tuple[object, ...] = ()
        self._wanted_pictures: list[int] = []
        self._drawer = QTimer(self)
        self._drawer.setInterval(0)
        self._drawer.timeout.connect(self._draw_some)
        self._slow = QElapsedTimer()
        self.whole = True  # whether everything followed the last capture, or only what moves
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE)
        self._settle.timeout.connect(self._follow)

    @property
    def busy(self) -> bool:
        """Whether numbers or pictures of the film are still to follow."""
        return self._settle.isActive() or self._drawer.isActive()

    # --- what there is ---

    def set_model(self, card: ModelCard, kernels: Mapping[str, Kernel]) -> None:
        """Another model: what is shown of the last one stays until a capture of the new one comes."""
        self._coming = card, kernels

    def set_picture(self, picture: Picture) -> None:
        self.workspace.input.picture.set_picture(picture.shown, picture.name, picture.size)
        if self.card is not None:
            self.workspace.input.picture.set_crop(geometry.crop_box(picture.size, self.card.preprocess))

    def set_capture(self, capture: Capture, session: Session, live: bool = False) -> View:
        """A new capture; its strip is kept when the model and its taps are the same.

        Of a live input the picture and the maps follow every frame; the rest often enough for the eye, since painting
        takes its time from the forwards.
        """
        # what was edited is told at once
        told = self.capture is not None and self.capture.edits == capture.edits
        self.capture = capture
        self.whole = not (
            live and told and self.shown is not None and self._slow.isValid() and self._slow.elapsed() < SLOW
        )
        if not self.whole:
            return self._show_frame(capture, session)
        self._slow.start()
        if self._coming is not None:
            (self.card, self.kernels), self._coming = self._coming, None
        if self.workspace.input.isVisible() or self.card is not None:
            self.set_picture(capture.picture)
        if self.card is not None:
            self.workspace.input.note.set_text(present.seen_line(self.card, capture))
            labelled = bool(self.card.labels)
            notes = present.prediction_notes(capture)
            self.workspace.input.prediction.set_guesses(capture.prediction, self.card.by_chance, labelled, notes)
            self.workspace.input.reading.set_scores(capture.scores, self.card.spec.output)
        self._rebuild_film(session)
        return self.show(session)

    def _show_frame(self, capture: Capture, session: Session) -> View:
        """Only what moves: the picture, the maps, the selected map."""
        self.session = session
        view = resolve(session, capture)
        self.workspace.input.picture.set_picture(capture.picture.shown, capture.picture.name, capture.picture.size)
        if view.tap is None or view.values is None:
            return view  # a frame without the layer that has just been chosen: the next one has it
        shown = display(view.tap, view.values, session, theme.current().dark)
        if self.shown is None or self.shown.tap is not shown.tap or shown.maps is None or shown.limits is None:
            return self.show(session)
        self.shown = shown
        self.workspace.maps.mosaic.set_maps(shown.maps, limits=shown.limits, colormap=shown.colormap, order=shown.order)
        channel = min(session.channel, len(shown.maps) - 1)
        self.workspace.channel.show_frame(shown, channel, session.cell)
        return view

    # --- showing ---

    def show(self, session: Session) -> View:
        """Everything that depends on the selected tap and channel; returns what was resolved."""
        self.session = session
        view = resolve(session, self.capture)
        self.workspace.maps.show_session(session)
        self.workspace.strip.with_blocks.blockSignals(True)
        self.workspace.strip.with_blocks.setChecked(session.blocks)
        self.workspace.strip.with_blocks.blockSignals(False)
        if view.tap is None or self.capture is None:
            if view.reason:
                self.workspace.maps.show_message("", "", view.reason)
            return view
        self.workspace.strip.where.set_text(present.depth_line(self.capture, view.tap.name))
        self._place_in_film(view.tap, session)
        if view.values is None:
            self._show_missing(view)
        else:
            self._show_values(view, session)
        self._settle.start()
        return view

    def _show_values(self, view: View, session: Session) -> None:
        assert view.tap is not None
        assert view.values is not None
        self.shown = display(view.tap, view.values, session, theme.current().dark)
        if not self.shown.plain.size:
            self._show_empty(view.tap)
            return
        labels = self.card.labels if self.card is not None else ()
        bad = self.shown.limits.bad_total if self.shown.limits is not None else 0
        warning = f"  ·  {bad:,} values not finite (magenta)" if bad else ""
        self.workspace.maps.show_display(self.shown, view.tap.name, self._subtitle(view.tap) + warning, labels)
        self.show_channel(session)

    def _show_empty(self, tap: Tap) -> None:
        self.shown = None
        words = "This layer returned no values for this input: one of its sizes is 0."
        self.workspace.maps.show_message(tap.name, present.headline(tap), words)
        self.workspace.channel.clear("No feature map to show.")

    def _show_missing(self, view: View) -> None:
        assert view.tap is not None
        self.shown = None
        reason = view.reason or "Computing this layer …"
        self.workspace.maps.show_message(view.tap.name, present.headline(view.tap), reason[:1].upper() + reason[1:])
        self.workspace.channel.clear(view.reason and "No feature map to show.")

    def _subtitle(self, tap: Tap) -> str:
        parts = [present.headline(tap), present.when(tap)]
        if self.card is not None and self._coming is not None and self._coming[0].digest != self.card.digest:
            parts.insert(0, f"showing {self.card.name}, loading {self._coming[0].name}")
        if self.capture is not None and self.capture.edits:
            parts.append("edited")
        if self.card is not None and not self.card.weights.trained:
            parts.append(self.card.weights.label)
        if self.capture is not None and self.capture.repeat is not None and not self.capture.repeat.same:
            parts.append(present.ANOTHER)
        return "  ·  ".join(part for part in parts if part)

    def show_channel(self, session: Session) -> None:
        """The selected channel and cell of the display."""
        self.session = session
        if self.shown is None:
            return
        count = len(self.shown.plain)
        channel = min(session.channel, max(count - 1, 0))
        cell = session.cell
        before = len(self.shown.prefix) if self.shown.prefix is not None else 0
        known = cell is not None and cell[0] == -1 and cell[1] < before
        if cell is not None and not known and not _inside(cell, _cells(self.shown)):
            cell = None
        self.workspace.maps.show_channel(channel, count, cell)
        self.workspace.channel.show_channel(self.shown, channel, cell)
        self.workspace.channel.show_kernel(self.shown.tap, self.kernels.get(self.shown.tap.path), channel)

    def restyle(self) -> None:
        """The theme has changed: pictures are drawn again."""
        self._film_of = ()
        if self.capture is not None:
            self._rebuild_film(self.session)
            self.show(self.session)

    # --- what follows when the hand rests ---

    def _follow(self) -> None:
        tap = resolve(self.session, self.capture).tap
        if tap is None:
            return
        numbers = render.layer_numbers(self.shown.plain) if self.shown is not None else None
        self.workspace.input.numbers.set_rows(present.layer_rows(tap, numbers))
        self.workspace.input.tree.set_current(tap.name)

    def _rebuild_film(self, session: Session) -> None:
        assert self.capture is not None
        film = strip_taps(self.capture.taps, session.blocks)
        identity = (self.capture.model, film, session.blocks)
        if identity != self._film_of:
            self._film, self._film_of = film, identity
            self.workspace.strip.strip.set_items(present.strip_items(self.capture, session), 0)
            self.workspace.input.tree.set_taps(self.capture.taps)
        held = [i for i, tap in enumerate(film) if tap.name in self.capture.values]
        if len(held) > 1 or len(film) == 1:  # a live frame in between holds one tap only
            here = present.strip_index(self.capture, session, session.tap)
            self._wanted_pictures = sorted(held, key=lambda i: -abs(i - here))
            self._drawer.start()

    def set_blocks(self, session: Session) -> None:
        """The film with or without what containers return."""
        if self.capture is not None:
            self._rebuild_film(session)
            self.show(session)

    def recolour_film(self) -> None:
        """Another colour map: the film's pictures again."""
        if self.capture is not None:
            self._rebuild_film(self.session)

    def _draw_some(self) -> None:
        """A few of the film's pictures, those next to the current one first."""
        turn = QElapsedTimer()
        turn.start()
        while not turn.hasExpired(_TURN):
            if not self._wanted_pictures or self.capture is None:
                self._drawer.stop()
                return
            index = self._wanted_pictures.pop()
            tap = self._film[index]
            values = self.capture.values.get(tap.name)
            if values is not None:
                picture = thumbnail(tap, values, self.session, theme.current().dark)
                self.workspace.strip.strip.update_image(index, picture)

    def _place_in_film(self, tap: Tap, session: Session) -> None:
        assert self.capture is not None
        self.workspace.strip.strip.set_current(present.strip_index(self.capture, session, tap.name))

    def film_tap(self, index: int) -> str:
        """The tap at a place of the film."""
        return self._film[index].name if 0 <= index < len(self._film) else ""

    def film_step(self, steps: int) -> str:
        """The tap so many places on."""
        here = self.workspace.strip.strip.current
        return self.film_tap(min(max(here + steps, 0), len(self._film) - 1))

    @property
    def film_length(self) -> int:
        return len(self._film)

    # --- pointing ---

    def point_at(self, y: int, x: int) -> None:
        """A cell of the current tap is pointed at: its receptive field on the picture, the same cell in the large map."""
        self.workspace.channel.map.set_hover((y, x))
        tap = self.shown.tap if self.shown is not None else None
        if tap is None or tap.receptive is None or self.card is None or self.capture is None:
            return
        affine = geometry.input_affine(self.capture.picture.size, self.card.preprocess)
        box = geometry.to_original(affine, tap.receptive.box(y, x))
        self.workspace.input.picture.set_field(box, exact=tap.receptive.exact and not tap.receptive.whole)

    def point_at_step(self, step: int) -> None:
        """A step of a sequence is pointed at: its receptive field on the picture."""
        if self.shown is not None:
            self.point_at(*step_cell(self.shown.tap, step))

    def point_at_input(self, y: float, x: float) -> None:
        """A pixel of the original is pointed at: the cell that stands there is framed in the large map."""
        tap = self.shown.tap if self.shown is not None else None
        if tap is None or tap.receptive is None or tap.grid is None or self.card is None or self.capture is None:
            return
        found = picture_points.point_at(tap, self.capture.picture.size, self.card.preprocess, (y, x))
        self.workspace.channel.map.set_hover(found.cell)
        if found.field is not None:
            self.workspace.input.picture.set_field(found.field, exact=found.exact)

    def point_away(self) -> None:
        self.workspace.channel.map.set_hover(None)
        self.workspace.input.picture.set_field(None)


def _cells(shown: Display) -> tuple[int, ...]:
    """(rows, columns) of the cells that can be selected; a vector has none."""
    if shown.maps is not None:
        return shown.maps.shape[1:]
    return extent(shown.tap) if shown.sequence is not None else (0, 0)


def _inside(cell: tuple[int, int], grid: tuple[int, ...]) -> bool:
    return 0 <= cell[0] < grid[0] and 0 <= cell[1] < grid[1]
