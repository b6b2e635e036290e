"""The sound, the channel and the rest under one scale, and what to listen to."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from explorer.core.arrays import Array
from explorer.core.render.waveform import waveform_of
from explorer.core.translation import tr
from explorer.methods.hear.spec import HeardSound
from explorer.ui.graphics.image_panel import ImagePanel
from explorer.ui.method_page.result_page import ResultPage as Base
from explorer.ui.widgets.frames import Caption
from explorer.ui.widgets.page_frame import column_of, paragraph

_HIGH = 72  # px of a waveform


class ResultPage(Base[HeardSound]):
    """Three waveforms, as loud as they are against each other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.said = paragraph()
        self.panels = tuple(ImagePanel() for _ in range(3))
        self.heard = Caption(tr("Channel"))
        titled = [self.heard, Caption(tr("Rest")), Caption(tr("Sound"))]
        parts: list[QWidget] = [self.said]
        for title, panel in zip(titled, self.panels, strict=True):
            panel.setFixedHeight(_HIGH)
            panel.setAcceptDrops(False)
            parts += [title, panel]
        column_of(self, *parts)

    def show_result(self, result: HeardSound) -> None:
        self.said.setText(result.told)
        self.heard.setText(result.title.upper())
        self.heard.setAccessibleName(result.title)
        loudest = max(float(abs(part).max()) for part in (result.sound, result.channel, result.rest))
        for panel, samples in zip(self.panels, (result.channel, result.rest, result.sound), strict=True):
            self._draw(panel, samples, result.rate, loudest)

    def _draw(self, panel: ImagePanel, samples: Array, rate: int, loudest: float) -> None:
        long = max(round(1000 * samples.shape[1] / rate), 1)
        panel.set_picture(waveform_of(samples, loudest), "", (1, long), True, "milliseconds")
