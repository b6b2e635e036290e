"""Session + capture -> the Explore workspace. Knows the panels and nothing of the engine."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from explorer.core import render
from explorer.core.activations import Capture, Kernel, Tap
from explorer.core.geometry.cells import Cell, extent, step_cell
from explorer.core.long_lines import is_long_line
from explorer.core.models import ModelCard
from explorer.core.session.display import Display
from explorer.core.session.resolve import View, resolve
from explorer.core.session.session import Session
from explorer.core.translation import tr
from explorer.ui.explore.workspace import ExploreWorkspace
from explorer.ui.live import SLOW
from explorer.ui.model_pane import present
from explorer.ui.model_pane.line_reader import LineReader
from explorer.ui.model_pane.model_pane import ModelPane, PaneWidgets
from explorer.ui.model_pane.output_overlay import OutputOverlay
from explorer.ui.model_pane.step_meanings import place_of, steps_of

_SOON = 20  # ms from a step to the details of the channel: less than from one repeat of a key to the next
_HELD = 250  # ms: the same while the capture is replaced
_SETTLE = 60  # ms of rest after which the slower numbers follow


class ExploreView(QObject):
    """Shows what `resolve` says. The maps follow at once; numbers, weights and thumbnails when the hand rests."""

    def __init__(self, workspace: ExploreWorkspace) -> None:
        super().__init__(workspace)
        self.workspace = workspace
        given, maps, strip = workspace.input, workspace.maps, workspace.strip.strip
        drawn = given.picture, given.prediction, maps.head.set_texts, maps.stack, workspace.channel.map, strip
        overlay = OutputOverlay(given.picture, given.prediction, given.drawn)
        self.pane = ModelPane(PaneWidgets(*drawn, text=given.text, overlay=overlay))
        self.layers = self.pane.layers
        self.session = Session()
        self.kernels: Mapping[str, Kernel] = {}
        # of the model that is open but has shown nothing yet: its names and weights are not those of the maps
        self._coming: tuple[ModelCard, Mapping[str, Kernel]] | None = None
        self._slow = QElapsedTimer()
        self._here = 0  # place of the layer that was shown last
        self._weights: tuple[str, str, int] | None = None  # whose are shown: digest of the model, layer, channel
        self.whole = True  # whether everything followed the last capture, or only what moves
        self._soon, self._settle = (QTimer(self, singleShot=True) for _ in range(2))
        self._soon.timeout.connect(self.details)
        self._settle.timeout.connect(self.follow)

    @property
    def busy(self) -> bool:
        """Whether details, numbers or thumbnails are still to follow."""
        return self._soon.isActive() or self._settle.isActive() or self.layers.busy

    @property
    def card(self) -> ModelCard | None:
        """The model that is shown."""
        return self.pane.card

    @property
    def capture(self) -> Capture | None:
        """What is shown."""
        return self.pane.capture

    @property
    def shown(self) -> Display | None:
        """What is drawn of the layer."""
        return self.pane.shown

    def hold(self) -> None:
        """Another capture was asked for: what is still to follow of this one waits, for that one's is wanted instead."""
        self.layers.hold()
        for timer in (self._soon, self._settle):
            if timer.isActive():
                timer.start(_HELD)

    # --- what there is ---

    def set_model(self, card: ModelCard, kernels: Mapping[str, Kernel]) -> None:
        """Another model: what is shown of the last one stays until a capture of the new one comes."""
        self._coming = card, kernels

    def set_lines(self, lines: LineReader) -> None:
        """What makes long lines ready."""
        self.pane.lines = lines
        lines.counted.connect(self.follow)

    def set_capture(self, capture: Capture, session: Session, live: bool = False) -> View:
        """A new capture of the model that was set last.

        Of a live input the picture and the maps follow every frame; the rest often enough for the eye, since painting
        takes its time from the forwards.
        """
        # what was edited is told at once
        told = self.capture is not None and self.capture.edits == capture.edits
        self.whole = not (
            live and told and self.shown is not None and self._slow.isValid() and self._slow.elapsed() < SLOW
        )
        if not self.whole:
            return self._show_frame(capture, session)
        self._slow.start()
        card, self.kernels = self._coming or (self.card, self.kernels)
        assert card is not None  # a capture is of a model that was set
        self._coming = None
        if self.pane.set_capture(card, capture, session):
            self.workspace.input.tree.set_taps(capture.taps)
        self.workspace.input.note.set_text(present.seen_line(card, capture))
        self.workspace.input.show_assumed(card.assumed)
        self.workspace.input.show_further(card.given)
        self.workspace.strip.set_depths(*card.preprocess.DEPTHS)
        self.workspace.input.reading.set_scores(capture.scores, card.spec.output)
        return self.show(session)

    def _show_frame(self, capture: Capture, session: Session) -> View:
        """Only what moves: the picture, the maps, the selected map."""
        self.session = session
        self.pane.set_frame(capture)
        view = resolve(session, capture)
        shown = self.pane.display(view.tap, session)
        if shown is None:
            return view  # a frame without the layer that has just been chosen: the next one has it
        if self.shown is None or self.shown.tap is not shown.tap or shown.vector is not None:
            return self.show(session)
        self.pane.show_frame(shown, session.channel, session.cell)
        return view

    # --- showing ---

    def show(self, session: Session) -> View:
        """Everything that depends on the selected tap and channel; returns what was resolved."""
        self.session = session
        if self.pane.left_over:
            self.workspace.input.note.set_text(tr("maps are still of {left_over}", left_over=self.pane.left_over))
        view = resolve(session, self.capture)
        self.workspace.maps.show_session(session)
        self.workspace.strip.show_choices(session.blocks, session.single)
        if view.tap is None or self.capture is None:
            if view.reason:
                self.pane.show_message("", "", view.reason, "")
                self._clear_channel()
            return view
        self.workspace.strip.where.set_text(present.depth_line(self.capture, view.tap.name))
        self.layers.go_to(view.tap.name)
        shown = self.pane.display(view.tap, session)
        if shown is not None and shown.plain.size:
            self._draw(shown, view.tap)
            self._mark(shown)
            self._soon.start(_SOON)
        else:
            self._show_missing(view.tap, view.missing, view.reason)
        self._settle.start(_SETTLE)
        self._read_ahead(view.tap)
        return view

    def _read_ahead(self, tap: Tap) -> None:
        """The layers beside this one are made ready, that of the direction of travel first."""
        here = self.layers.index(tap.name)
        way, self._here = -1 if here < self._here else 1, here
        if self.pane.lines is not None and self.capture is not None:
            beside = (here + step for step in (way, 2 * way, 3 * way, -way, 0))
            taps = [self.layers.taps[at] for at in beside if 0 <= at < len(self.layers.taps)]
            self.pane.lines.read(self.capture, taps, self.workspace.maps.stack.line_columns)

    def _draw(self, shown: Display, tap: Tap) -> None:
        bad = shown.limits.bad_total if shown.limits is not None else 0
        warning = tr("  ·  {bad:,} values not finite (magenta)", bad=bad) if bad else ""
        self.pane.show(shown, tap.name, self._subtitle(tap) + warning, self.pane.labels)
        self.workspace.maps.show_controls(shown)

    def _show_missing(self, tap: Tap, missing: bool, reason: str) -> None:
        """Why there is nothing of a layer: it is on its way, it cannot be seen, or it returned nothing."""
        empty = "" if missing or reason else tr("This layer returned no values for this input: one of its sizes is 0.")
        said = reason or empty or tr("Computing this layer …")
        beside = tr("No feature map to show.") if reason or empty else ""
        self.pane.show_message(tap.name, present.headline(tap), said[:1].upper() + said[1:], beside)
        self._clear_channel()

    def _subtitle(self, tap: Tap) -> str:
        parts, card, capture = [present.headline(tap), present.when(tap)], self.card, self.capture
        if card is not None and self._coming is not None and self._coming[0].digest != card.digest:
            parts.insert(0, tr("showing {card}, loading {name}", card=card.name, name=self._coming[0].name))
        if self.pane.left_over:
            parts.insert(0, tr("still of {left_over}", left_over=self.pane.left_over))
        if capture is not None and capture.edits:
            parts.append(tr("edited"))
        if card is not None and not card.weights.trained:
            parts.append(card.weights.label)
        if capture is not None and capture.repeat is not None and not capture.repeat.same:
            parts.append(present.ANOTHER)
        return "  ·  ".join(part for part in parts if part)

    def _clear_channel(self) -> None:
        self._weights = None
        self.workspace.channel.clear()

    def show_channel(self, session: Session) -> None:
        """The selected channel and cell: marked, and in detail."""
        self.session = session
        if self.shown is not None:
            self._mark(self.shown)
            self.details()

    def _mark(self, shown: Display) -> None:
        channel, cell = _selected(shown, self.session)
        self.workspace.maps.show_channel(channel, len(shown.plain))
        self.pane.mark(channel, cell)

    def details(self) -> None:
        """The large map of the selected channel, its reading, its values and its weights: now, where they were to follow."""
        self._soon.stop()
        shown, panel = self.shown, self.workspace.channel
        if shown is not None:
            channel, cell = _selected(shown, self.session)
            self.pane.show_map(channel, cell)
            steps = steps_of(self.card, self.capture, shown)
            place, name = place_of(self.card, self.capture, shown.tap, cell), self.pane.class_of(channel)
            panel.show_channel(shown, channel, cell, steps, place, name)
            weights = self.card.digest if self.card is not None else "", shown.tap.name, channel
            if self._weights != weights:  # those of a live input are the same at every frame
                self._weights = weights
                panel.show_kernel(shown.tap, self.kernels.get(shown.tap.path), channel)

    def restyle(self) -> None:
        """The theme has changed: pictures are drawn again."""
        self._weights = None
        self.layers.redraw(self.session)
        if self.capture is not None:
            self.show(self.session)

    # --- what follows when the hand rests ---

    def follow(self) -> None:
        """The numbers of the layer and its place in the tree."""
        tap = resolve(self.session, self.capture).tap
        if tap is None:
            return
        self.workspace.input.numbers.set_rows(
            present.layer_rows(tap, self._numbers(tap), self.card.preprocess.UNIT if self.card is not None else "px")
        )
        self.workspace.input.tree.set_current(tap.name)

    def _numbers(self, tap: Tap) -> render.LayerNumbers | None:
        """Of the layer that is drawn; None where there are none yet."""
        if self.shown is None:
            return None
        values = self.pane.values(tap)
        if self.pane.lines is not None and values is not None and is_long_line(tap):
            numbers = self.pane.lines.numbers(tap.name, values)
            if numbers is None and self.capture is not None:
                self.pane.lines.count(self.capture, tap)
            return numbers
        return render.layer_numbers(self.shown.plain)

    def set_blocks(self, session: Session) -> None:
        """The layers with or without what containers return."""
        if self.capture is not None:
            self.layers.set_capture(self.capture, session)
            self.show(session)

    # --- pointing ---

    def point_at(self, y: int, x: int) -> None:
        """A cell of the current tap is pointed at: its receptive field on the picture, the same cell in the large map."""
        self.pane.point(self.pane.at_cell((y, x)))

    def point_at_step(self, step: int) -> None:
        """A step of a sequence is pointed at: its receptive field on the picture."""
        if self.shown is not None:
            self.point_at(*step_cell(self.shown.tap, step))

    def point_at_input(self, y: float, x: float) -> None:
        """A pixel of the original is pointed at: the cell that stands there is framed in the large map."""
        self.pane.point(self.pane.at_pixel(y, x))

    def point_away(self) -> None:
        """Nothing is pointed at."""
        self.pane.point(None)


def _selected(shown: Display, session: Session) -> tuple[int, Cell | None]:
    """The selected channel and cell, as far as the layer has them."""
    return min(session.channel, max(len(shown.plain) - 1, 0)), _cell_of(shown, session.cell)


def _cell_of(shown: Display, cell: Cell | None) -> Cell | None:
    """The selected cell; (-1, n) is the n-th token before the grid."""
    if cell is None:
        return None
    if cell[0] == -1:
        return cell if cell[1] < (len(shown.prefix) if shown.prefix is not None else 0) else None
    if shown.maps is not None:
        rows, columns = shown.maps.shape[1:]
    else:
        rows, columns = extent(shown.tap) if shown.sequence is not None else (0, 0)  # a vector has none
    return cell if 0 <= cell[0] < rows and 0 <= cell[1] < columns else None
