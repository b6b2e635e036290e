"""The layers of a model in a strip: where each stands, and its thumbnail."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from explorer.core.activations import Capture, Tap
from explorer.core.layer_graph import LayerGraph, layer_graph
from explorer.core.session.display import thumbnail
from explorer.core.session.resolve import strip_taps
from explorer.core.session.session import Session
from explorer.ui import theme
from explorer.ui.graphics.layer_strip import LayerStrip
from explorer.ui.model_pane.present import strip_items

_HELD = 250  # ms without another request until thumbnails that were held go on
_AFTER = 40  # ms from another capture of the same layers to its thumbnails: its maps are painted first
_TURN = 2  # ms of thumbnails between two turns of the event loop; at least one is drawn


class PaneLayers(QObject):
    """`taps` are those of the strip. Thumbnails are drawn a few at a time, those next to the current layer first."""

    def __init__(self, strip: LayerStrip) -> None:
        super().__init__(strip)
        self.strip = strip
        self.taps: tuple[Tap, ...] = ()
        self.graph = LayerGraph()  # which of them feed which
        self._places: dict[str, int] = {}
        self._of: tuple[object, ...] = ()
        self._pictured: Capture | None = None  # the last one with all layers
        self._session = Session()
        self._wanted: set[int] = set()
        self._drawer = QTimer(self)
        self._drawer.setInterval(0)
        self._drawer.timeout.connect(self._draw_some)
        self._held_back = QTimer(self)
        self._held_back.setSingleShot(True)
        self._held_back.timeout.connect(self._drawer.start)

    @property
    def busy(self) -> bool:
        """Whether thumbnails are still to follow."""
        return self._drawer.isActive() or self._held_back.isActive()

    def stop(self) -> None:
        """No more thumbnails: the pane or the window goes."""
        self._drawer.stop()
        self._held_back.stop()

    def hold(self) -> None:
        """Another capture was asked for: thumbnails of this one wait, for that one's are wanted instead."""
        if self.busy:
            self._drawer.stop()
            self._held_back.start(_HELD)

    # --- what there is ---

    def set_capture(self, capture: Capture, session: Session, whole: bool = True) -> bool:
        """The layers of a capture, blocks and colours as the session says; not `whole`: it is a live frame
        in between. Returns whether the layers are others than before."""
        of = capture.model, capture.taps, session.blocks
        others = of != self._of
        if others:
            self._of, self._pictured, self._wanted = of, None, set()
            self.taps = strip_taps(capture.taps, session.blocks)
            own = {tap.name: at for at, tap in enumerate(self.taps)}
            self._places = {tap.name: own[tap.alias] for tap in capture.taps if tap.alias in own} | own
            self.strip.set_items(strip_items(self.taps), 0)
            self.graph = layer_graph(capture.taps, self.taps)
            self.strip.set_graph(self.graph)
        # of a live frame in between only the layer on the screen is there
        if whole and (len(self.taps) == 1 or len(self._held(capture)) > 1):
            first, self._pictured = self._pictured is None, capture
            self._session, self._wanted = session, self._held(capture)
            if first:
                self._draw_soon()
            else:
                self._drawer.stop()
                self._held_back.start(_AFTER)
        return others

    def forget(self) -> None:
        """There is no capture."""
        self.stop()
        self.taps, self._places, self._of, self._pictured, self._wanted = (), {}, (), None, set()
        self.graph = LayerGraph()
        self.strip.set_items((), 0)

    def redraw(self, session: Session) -> None:
        """All thumbnails again, in the colours of the session and the theme."""
        self._session = session
        if self._pictured is not None:
            self._wanted = self._held(self._pictured)
            self._draw_soon()

    def _draw_soon(self) -> None:
        self._held_back.stop()
        self._drawer.start()

    def _held(self, capture: Capture) -> set[int]:
        return {at for at, tap in enumerate(self.taps) if tap.name in capture.values}

    def _draw_some(self) -> None:
        turn, dark = QElapsedTimer(), theme.current().dark
        turn.start()
        while self._wanted and self._pictured is not None and not turn.hasExpired(_TURN):
            here = self.strip.current
            at = min(self._wanted, key=lambda place: abs(place - here))
            self._wanted.remove(at)
            tap = self.taps[at]
            self.strip.update_image(at, thumbnail(tap, self._pictured.values[tap.name], self._session, dark))
        if not self._wanted:
            self._drawer.stop()

    # --- places ---

    def index(self, tap: str) -> int:
        """Where a layer is, a container at the child whose values it shares; 0 for one that is not there."""
        return self._places.get(tap, 0)

    def holds(self, tap: str) -> bool:
        """Whether it is there, or a child whose values it shares."""
        return tap in self._places

    def name(self, index: int) -> str:
        """The layer at a place; "" beyond the ends."""
        return self.taps[index].name if 0 <= index < len(self.taps) else ""

    def beside(self, steps: int) -> str:
        """The layer so many places after the current one, at most the first or the last."""
        return self.name(min(max(self.strip.current + steps, 0), len(self.taps) - 1))

    def go_to(self, tap: str) -> None:
        """Marks the current layer."""
        self.strip.set_current(self.index(tap))
