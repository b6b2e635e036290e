"""Every channel of a layer: how many have a picture, and all of them small."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.graphics.channel_thumbs import ThumbsArea
from explorer.ui.widgets.frames import Caption
from explorer.ui.widgets.page_frame import Page, paragraph

_TIP = tr(
    "One image per channel, from noise, with the settings above. Finished images are stored: the rest continues after a pause or restart"
)


class LayerSection(Page):
    """`toggled` starts or pauses; `chosen` carries the channel of a small picture."""

    toggled = Signal()
    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run = QPushButton()
        self.run.setToolTip(_TIP)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.words = paragraph(True)
        self.area = ThumbsArea()
        self.thumbs = self.area.thumbs
        self.running = False
        self._count = 0
        line = QHBoxLayout()
        line.addWidget(self.run)
        line.addWidget(self.progress, 1)
        self.add(line, self.words, self.area)
        self.outer.setContentsMargins(0, theme.current().tight, 0, 0)
        self.outer.insertWidget(0, Caption(tr("All channels")))
        self.run.clicked.connect(self.toggled)
        self.thumbs.chosen.connect(self.chosen)
        self.say(tr("Nothing is shown yet."))

    def set_count(self, count: int) -> None:
        """A layer of so many channels, none of which has a picture yet."""
        self._count = count
        self.area.set_count(count)
        self.set_running(None)

    def set_running(self, fraction: float | None, words: str = "") -> None:
        """How far it is, None: nothing runs. `words` stand beneath; without any, how many are kept."""
        self.running = fraction is not None
        made = len(self.thumbs.made)
        idle = (
            tr("Generate all {count}", count=self._count)
            if not made
            else tr("Generate remaining {count}", count=self._count - made)
        )
        whole = bool(self._count) and made >= self._count
        self.run.setText(tr("Pause") if self.running else tr("All generated") if whole else idle)
        self.run.setEnabled(self.running or not whole)
        self.progress.setVisible(self.running)
        self.progress.setRange(0, 1000)
        self.progress.setValue(round(1000 * (fraction or 0)))
        self.words.setText(words or tr("{made} of {count} stored.", made=made, count=self._count))
