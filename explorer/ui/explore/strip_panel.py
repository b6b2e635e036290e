"""Bottom: the strip of layers."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.graphics.layer_strip import LayerStrip
from explorer.ui.widgets.frames import Caption, Elided, Frame
from explorer.ui.widgets.hints import mark_hint
from explorer.ui.widgets.nesting import nest

_PLAY = tr("▶ Play layers")
_NARROW = 720  # px up to which the button is a sign
_WHERE, _GAP = 190, 16  # px of where one is; between the parts of the line
_SIGN = 30  # px of it then
_ANY = 16_777_215


class StripPanel(Frame):
    """`film` asks to play or stop the walk through the layers; `blocks` whether containers are shown too,
    `one_map` whether a layer is one map instead of four."""

    film = Signal(bool)
    blocks = Signal(bool)
    one_map = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.strip = LayerStrip(arcs=True)
        self.strip.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.where = Elided()
        self.play = QToolButton()
        self.play.setText(_PLAY)
        self.play.setAccessibleName(tr("Play layers"))
        self.play.setCheckable(True)
        self.play.setToolTip(tr("Play through all layers"))
        self.with_blocks = QCheckBox(tr("show block outputs"))
        self.with_blocks.setToolTip(
            tr("Also show the outputs of whole blocks, even where they equal the output of the last layer inside")
        )
        self.single = QCheckBox(tr("one map a layer"))
        self.single.setToolTip(tr("The map with the largest spread, instead of the four largest"))
        self.links = QToolButton()
        self.links.setText(tr("Connections"))
        self.links.setToolTip(tr("What feeds this layer, and what it feeds"))
        line = QHBoxLayout()
        line.setSpacing(_GAP)
        caption = Caption(tr("Layers"))
        line.addWidget(caption)
        self._fixed = (caption, self.single, self.with_blocks, self.links, self.play)
        self.shallow, self.deep = _dim(""), _dim("")
        line.addWidget(self.shallow)
        line.addWidget(self.where, 1)
        line.addWidget(self.deep)
        for widget in (self.single, self.with_blocks, self.links, self.play):
            line.addWidget(widget)
        self.set_depths(tr("edges, colours"), tr("parts, objects"))
        mark_hint(self.shallow, self.deep)
        self.strip.setToolTip(tr("Scrub with wheel, arrows or drag"))
        nest(self.body, line)
        self.body.addWidget(self.strip, 1)
        text_size.hold(self.strip, "setMinimumHeight", 80)
        self.play.toggled.connect(self.film)
        self.with_blocks.toggled.connect(self.blocks)
        self.single.toggled.connect(self.one_map)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Without the words that give way."""
        least = super().minimumSizeHint()
        spare = sum(min(label.sizeHint().width(), label.maximumWidth()) for label in (self.shallow, self.deep))
        spare += max(self.play.sizeHint().width() - text_size.px(_SIGN), 0)  # it becomes a sign
        return QSize(max(least.width() - spare, 0), least.height())

    def _fit(self) -> None:
        """Words about keys and depth only where they leave room for where one is."""
        inside = self.contentsRect().width() - 2 * theme.current().inset
        words = _PLAY if inside >= text_size.px(_NARROW) else "▶"
        if self.play.text() != words:
            self.play.setText(words)
        room = inside - text_size.px(_WHERE) - sum(part.sizeHint().width() + _GAP for part in self._fixed)
        for label in (self.shallow, self.deep):
            room -= label.sizeHint().width() + _GAP
            label.setMaximumWidth(_ANY if room > 0 else 0)

    def set_depths(self, early: str, late: str) -> None:
        """What the first and the last layers see."""
        self.shallow.setText(tr("← shallow: {early}", early=early))
        self.deep.setText(tr("deep: {late} →", late=late))
        self._fit()

    def show_choices(self, blocks: bool, single: bool) -> None:
        """The controls as the session says; emits nothing."""
        for box, on in ((self.with_blocks, blocks), (self.single, single)):
            box.blockSignals(True)
            box.setChecked(on)
            box.blockSignals(False)


def _dim(words: str) -> QLabel:
    label = QLabel(words)
    label.setObjectName("dim")
    return label
