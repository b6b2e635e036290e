"""Bottom of the Transfer workspace: the layers of the model, and up to which one they keep their values."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from explorer.core.activations import Capture
from explorer.core.session.session import Session
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.graphics.layer_strip import LayerStrip
from explorer.ui.graphics.strip_divider import StripDivider
from explorer.ui.model_pane.pane_layers import PaneLayers
from explorer.ui.widgets.frames import Caption, Elided, Frame
from explorer.ui.widgets.nesting import nest

_HIGH = 96  # px, as the strip in Explore


class FreezeStrip(Frame):
    """`chosen` carries the layer that a person goes to; `frozen` up to which layer is to be frozen ("": nothing is) and whether the
    hand has let go."""

    chosen = Signal(str)
    frozen = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.strip, self.caption = LayerStrip(), Elided()
        self.layers, self.divider = PaneLayers(self.strip), StripDivider(self.strip)
        self.strip.view.set_empty(tr("Open a model and an input in Explore: its layers appear here."))
        self.hint = QLabel(tr("drag the line  or  [ ]   ← frozen | learns →"))
        self.hint.setObjectName("dim")
        self.hint.setToolTip(
            tr("What is left of the line keeps its values while a copy learns; everything right of it learns")
        )
        line = QHBoxLayout()
        line.setSpacing(16)
        line.addWidget(Caption(tr("Layers")))
        line.addWidget(self.caption, 1)
        line.addWidget(self.hint)
        nest(self.body, line)
        self.body.addWidget(self.strip)
        text_size.hold(self.strip, "setFixedHeight", _HIGH)
        self._of: tuple[object, ...] = ()  # what the thumbnails show
        self._session = Session()
        self._points: tuple[str, ...] = ()
        self._freeze = ""
        self._stops: dict[int, str] = {}  # a place of the line and the layer before it
        self.strip.scrubbed.connect(self._scrubbed)
        self.divider.moved.connect(self._moved)
        self._place()

    # --- setters

    def set_capture(self, capture: Capture, session: Session) -> None:
        """The layers of another model, their maps of another input, or the same ones in other colours."""
        of = capture, session.blocks, session.colormap, session.scale, theme.current().name
        if of != self._of:
            self._of, self._session = of, session
            self.layers.set_capture(capture, session)
            self._place()
        self.layers.go_to(session.tap)

    def set_tap(self, tap: str) -> None:
        """Frames the selected layer; emits nothing."""
        self.layers.go_to(tap)

    def set_points(self, points: Sequence[str]) -> None:
        """Up to which layers can be frozen, in execution order; none: the line is not there."""
        self._points = tuple(points)
        self._place()

    def set_freeze(self, tap: str) -> None:
        """Up to which layer is frozen; emits nothing."""
        self._freeze = tap
        self._place()

    def set_caption(self, words: str) -> None:
        """What is frozen, in words."""
        self.caption.set_text(words)

    def set_locked(self, on: bool) -> None:
        """Whether the line can be moved."""
        self.divider.set_locked(on)

    def stop(self) -> None:
        """No more pictures: the window goes."""
        self.layers.stop()

    def changeEvent(self, event: QEvent) -> None:
        """Qt's name: another theme."""
        super().changeEvent(event)
        drawn, look = getattr(self, "_of", ()), theme.current().name
        if event.type() == QEvent.Type.PaletteChange and drawn and drawn[-1] != look:
            self._of = (*drawn[:-1], look)
            self.layers.redraw(self._session)

    # --- places

    def _place(self) -> None:
        """Where the line can stand: behind each layer of the row that can be the last frozen one."""
        self._stops = {0: ""}
        for tap in self._points:
            if self._names_its_place(tap):
                self._stops[self.layers.index(tap) + 1] = tap
        if len(self._stops) == 1:
            self._stops = {}
        self.divider.set_stops(tuple(self._stops))
        self.divider.set_place(self._index(self._freeze))
        self.hint.setVisible(bool(self._stops))

    def _names_its_place(self, tap: str) -> bool:
        """A layer of the row, or a container that ends with one: its name, which comes later, is told. What only hands on the values
        of an earlier layer runs later than that."""
        here = self.layers.name(self.layers.index(tap))
        return self.layers.holds(tap) and (here == tap or here.startswith(f"{tap}."))

    def _index(self, tap: str) -> int:
        """The place of the line for a layer: behind the last one of the row that is not later."""
        if tap not in self._points:
            return 0
        if self._names_its_place(tap):
            return self.layers.index(tap) + 1
        order = {name: at for at, name in enumerate(self._points)}
        return max((place for place, name in self._stops.items() if order.get(name, -1) <= order[tap]), default=0)

    def beside(self, steps: int) -> str:
        """Where the line would stand so many stops to the right (negative: to the left), at most at an end."""
        places = sorted(self._stops)
        if not places:
            return self._freeze
        here = self._index(self._freeze)
        at = min(range(len(places)), key=lambda number: abs(places[number] - here))
        return self._stops[places[min(max(at + steps, 0), len(places) - 1)]]

    def _scrubbed(self, index: int) -> None:
        self.chosen.emit(self.layers.name(index))

    def _moved(self, place: int, over: bool) -> None:
        self.divider.set_place(place)
        self.frozen.emit(self._stops.get(place, ""), over)
